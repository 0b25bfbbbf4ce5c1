//! The language as data: which keys each table has, and what may stand there. The loader checks by these tables, and the JSON
//! Schema is made from them, so the two cannot drift.

pub(crate) mod chain;
pub(crate) mod evidence;
pub(crate) mod identity;
pub(crate) mod rule;

use self::identity::IDENTITY;
use self::rule::RULE;
use super::own_profile::SBOM_PROFILE;
use crate::decode::{SBOM_FORMATS, TOLERABLE};

/// What may stand at a key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// A string.
    Text,
    /// A string out of a fixed list.
    Choice(&'static [&'static str]),
    /// An integer in a range, both ends included.
    Int(i64, i64),
    /// `true` or `false`.
    Bool,
    /// An RFC 3339 time with offset, in whole seconds.
    Time,
    /// A string, integer or boolean.
    Scalar,
    /// A list, never empty.
    List(&'static Self),
    /// A table with known keys.
    Table(&'static Spec),
    /// A table whose keys are names of the operator's choice; never empty.
    Map(&'static Self),
    /// A string, or a table with known keys.
    TextOr(&'static Spec),
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) doc: &'static str,
}

/// One table.
#[derive(Debug)]
pub(crate) struct Spec {
    /// As in "`x` is not a key of WHAT".
    pub(crate) what: &'static str,
    pub(crate) keys: &'static [Key],
    /// Further keys that depend on the value of one.
    pub(crate) variants: Option<Variants>,
    /// How many of these keys there must be: exactly one.
    pub(crate) one_of: &'static [&'static str],
}

/// Keys that depend on the value of `tag`.
#[derive(Debug)]
pub(crate) struct Variants {
    pub(crate) tag: &'static str,
    /// The variant without a tag; `None` requires the tag.
    pub(crate) default: Option<&'static str>,
    pub(crate) of: &'static [(&'static str, &'static [Key])],
}

impl Spec {
    /// The keys of the variant `tag`; empty for an unknown one.
    pub(crate) fn variant(&self, tag: Option<&str>) -> &'static [Key] {
        let Some(variants) = &self.variants else { return &[] };
        let tag = tag.or(variants.default);
        variants.of.iter().find(|(name, _)| Some(*name) == tag).map_or(&[], |(_, keys)| keys)
    }
}

pub(in crate::policy) const SAFE: i64 = (1 << 53) - 1;

pub(in crate::policy) const fn must(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, required: true, doc }
}

pub(in crate::policy) const fn may(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, required: false, doc }
}

pub(in crate::policy) const fn plain(what: &'static str, keys: &'static [Key]) -> Spec {
    Spec { what, keys, variants: None, one_of: &[] }
}

pub(super) const TEXTS: Kind = Kind::List(&Kind::Text);
const PRODUCTS: Kind = Kind::List(&Kind::TextOr(&NAME_PREFIX));

pub(crate) const SCHEMA: &str = "urn:vidimus:policy:v1";

pub(crate) static POLICY: Spec = plain(
    "a policy",
    &[
        must("schema", Kind::Text, "Always urn:vidimus:policy:v1."),
        may("semantics", Kind::Int(1, SAFE), "The evaluation semantics that the policy is written for: 1."),
        must("id", Kind::Text, "A URN that names the policy."),
        must("version", Kind::Int(1, SAFE), "Grows with every change of the policy."),
        may("title", Kind::Text, "For people."),
        may("not_before", Kind::Time, "The policy may not be used for a verdict before this instant."),
        may("not_after", Kind::Time, "The policy may not be used for a verdict after this instant."),
        may("limits", Kind::Table(&LIMITS), "Budgets; they can only be lowered."),
        may("algorithms", Kind::Table(&ALGORITHMS), "Accepted algorithms."),
        may("formats", Kind::Table(&FORMATS), "Accepted formats."),
        may("predicates", Kind::Map(&TEXTS), "Alias to exact predicate type URIs."),
        must("party", Kind::Map(&Kind::Table(&PARTY)), "Who exists, by id."),
        may("instance", Kind::Map(&Kind::Table(&INSTANCE)), "Sigstore instances, by name."),
        must("identity", Kind::List(&Kind::Table(&IDENTITY)), "Keys and certificate identities."),
        may("tsa", Kind::Map(&Kind::Table(&TSA)), "Time-stamping authorities, by party."),
        may("witness", Kind::Map(&Kind::Table(&WITNESS)), "Witnesses of logs, by party."),
        may("log", Kind::Map(&Kind::Table(&LOG)), "Transparency logs, by name."),
        may("quorum", Kind::Map(&Kind::Table(&QUORUM)), "How many, and how independent, by name."),
        must("grant", Kind::List(&Kind::Table(&GRANT)), "What identities may say."),
        may("class", Kind::List(&Kind::Table(&CLASS)), "Classes of files; the first that matches wins."),
        may(
            "delegation",
            Kind::List(&Kind::Table(&chain::DELEGATION)),
            "Whose word about others counts, within bounds.",
        ),
        may("sbom_profile", Kind::Map(&Kind::Table(&SBOM_PROFILE)), "Standards with demands of your own, by name."),
        may(
            "equivalence",
            Kind::List(&Kind::Table(&evidence::EQUIVALENCE)),
            "What foreign certificates are taken for.",
        ),
        must("rule", Kind::List(&Kind::Table(&RULE)), "What must be shown."),
        may("waiver_rules", Kind::Table(&WAIVER_RULES), "How far waivers may go."),
        may("waiver", Kind::List(&Kind::Table(&WAIVER)), "What is not proven and is let pass for a while."),
        may("status_list", Kind::Map(&Kind::Table(&STATUS_LIST)), "Lists of what does not count any more, by name."),
        may("deny", Kind::List(&Kind::Table(&DENY)), "What counts for nothing, whoever vouches for it."),
    ],
);

pub(crate) static WAIVER_RULES: Spec = plain(
    "`waiver_rules`",
    &[
        may("max_days", Kind::Int(1, 366), "The longest window of a waiver; 90 if not stated."),
        may("approvals", Kind::Table(&APPROVALS), "Who must approve each waiver; any two if not stated."),
        may("never", TEXTS, "Rules that no waiver may be for."),
    ],
);

pub(crate) static APPROVALS: Spec = plain(
    "`approvals`",
    &[
        must("threshold", Kind::Int(1, 16), "So many approvals each waiver needs."),
        may("roles", TEXTS, "The roles whose approvals count; without it each."),
    ],
);

pub(crate) static WAIVER: Spec = plain(
    "a waiver",
    &[
        must("id", Kind::Text, "Its id."),
        must("rule", Kind::Text, "The one rule that it is for."),
        must("subject_sha256", Kind::Text, "sha256 of the one file that it is for, in hex."),
        must("owner", Kind::Text, "Who answers for it: an identifier."),
        must("approved_by", TEXTS, "Who approved it: identifiers, each once."),
        must("reason", Kind::Text, "Why, for people."),
        may("compensating", Kind::Text, "What is done instead, for people."),
        must("from", Kind::Time, "Its first instant."),
        must("until", Kind::Time, "The first instant at which it does nothing any more."),
    ],
);

pub(crate) static STATUS_LIST: Spec = plain(
    "a status list",
    &[
        must("by", Kind::Text, "The one identity whose signature counts."),
        must(
            "scope",
            Kind::List(&Kind::Choice(&["digest", "key", "attestation", "certificate"])),
            "The kinds of things that it must list all of.",
        ),
        must("max_age_hours", Kind::Int(1, 87_600), "An issue counts for so many hours."),
        may("min_number", Kind::Int(1, SAFE), "No issue with a lower number counts; 1 if not stated."),
        may("list", Kind::Text, "`list` of its issues; `urn:status:` and its name if not stated."),
    ],
);

pub(crate) static DENY: Spec = plain(
    "a denial",
    &[
        must("kind", Kind::Choice(&["digest", "key", "attestation"]), "What the digest is of."),
        must("sha256", Kind::Text, "Of a file, of a key's SubjectPublicKeyInfo, or the id of a statement, in hex."),
        must("reason", Kind::Text, "Why, for people."),
        may("since", Kind::Time, "Verdicts about earlier instants do not know of it."),
    ],
);

// Zero and values above the ceilings are refused by name, as `policy.limit`.
const LIMIT: Kind = Kind::Int(i64::MIN, i64::MAX);

pub(crate) static LIMITS: Spec = plain(
    "`limits`",
    &[
        may("max_delivery_bytes", LIMIT, "Bytes of all delivered files together."),
        may("max_files", LIMIT, "Files in a delivery."),
        may("max_evidence_item_bytes", LIMIT, "Bytes of one evidence document."),
        may("max_evidence_bytes", LIMIT, "Bytes of all evidence documents together."),
        may("max_evidence_items", LIMIT, "Evidence items."),
        may("max_components", LIMIT, "SBOM components over all documents."),
        may("max_edges", LIMIT, "Edges of the component graph."),
        may("max_depth_chain", LIMIT, "Changes of supplier on the way to a component."),
        may("max_signatures", LIMIT, "Signatures in one envelope."),
        may("max_json_depth", LIMIT, "Nesting depth of JSON."),
        may("max_string_bytes", LIMIT, "Bytes of one JSON string."),
        may("max_certificates", LIMIT, "Certificates in one chain."),
        may("max_inclusion_path", LIMIT, "Hashes in one inclusion proof."),
        may("max_cosignatures", LIMIT, "Signatures on one checkpoint."),
        may("max_path_segments", LIMIT, "Segments of a path."),
        may("max_archive_members", LIMIT, "Members of all archives together."),
        may("max_archive_bytes", LIMIT, "Bytes of all members of archives together, over all levels."),
        may("max_depth_archive", LIMIT, "Archives inside one another."),
        may("max_expansion_ratio", LIMIT, "How many times its size a file may grow to when it is opened."),
    ],
);

pub(crate) static ALGORITHMS: Spec = plain(
    "`algorithms`",
    &[
        may(
            "digest_bind",
            Kind::List(&Kind::Choice(&["sha256", "sha384", "sha512"])),
            "Digests that bind a statement to bytes.",
        ),
        may("signature", TEXTS, "Accepted signature algorithms. RSA must be listed to be accepted."),
        may("sunset", Kind::List(&Kind::Table(&SUNSET)), "Algorithms that end at an instant."),
    ],
);

pub(crate) static SUNSET: Spec = plain(
    "a sunset",
    &[
        must("alg", Kind::Text, "The signature algorithm."),
        must("after", Kind::Time, "Signatures proven later than this are not accepted."),
    ],
);

/// Statement types that are read.
pub(crate) const STATEMENT_TYPES: &[&str] = &["https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1"];

pub(crate) static FORMATS: Spec = plain(
    "`formats`",
    &[
        may("sigstore_bundle_min", Kind::Choice(&["0.1", "0.2", "0.3"]), "The lowest Sigstore bundle version."),
        may("statement_types", Kind::List(&Kind::Choice(STATEMENT_TYPES)), "Accepted in-toto statement types."),
        may("sbom", Kind::List(&Kind::Choice(SBOM_FORMATS)), "Accepted SBOM formats."),
        may(
            "sbom_tolerate",
            Kind::List(&Kind::Choice(TOLERABLE)),
            "Violations of an SBOM's own format that do not refuse it, by reason code; the verdict lists them.",
        ),
    ],
);

/// Kinds of parties.
pub(crate) const PARTY_KINDS: &[&str] =
    &["vendor", "supplier", "operator", "laboratory", "certification-body", "rebuilder", "witness", "tsa"];

pub(crate) static PARTY: Spec = plain(
    "a party",
    &[
        must("name", Kind::Text, "For people."),
        must("kind", Kind::Choice(PARTY_KINDS), "What it is to the operator."),
        must("jurisdictions", TEXTS, "ISO 3166-1 alpha-2 codes of the countries whose law can compel it."),
        may("controlled_by", TEXTS, "Its owners, by party id."),
        may("hosted_by", TEXTS, "Who holds its signing keys, by party id."),
        may("products", PRODUCTS, "Products that are its own: what delegations about it cover."),
        may("accreditation", Kind::Table(&evidence::ACCREDITATION), "What it is recognised to be able to do."),
    ],
);

pub(crate) static INSTANCE: Spec = plain(
    "an instance",
    &[
        must("trusted_root", Kind::Text, "Path of the trusted root, relative to the policy."),
        must("sha256", Kind::Text, "sha256 of that file, in hex."),
    ],
);

pub(crate) static TSA: Spec = plain(
    "a time-stamping authority",
    &[
        must("anchor", Kind::Text, "Path of the certificates that its tokens lead to, PEM, relative to the policy."),
        may("policy_oid", Kind::Text, "The only policy under which its tokens count; without it each."),
        may(
            "revocation",
            Kind::Choice(&["required", "not-asked"]),
            "Must it be shown that no certificate of its tokens is revoked? `not-asked` if not stated, unless there are `crls`.",
        ),
        may("crls", TEXTS, "Paths of its revocation lists, DER or PEM, relative to the policy."),
    ],
);

pub(crate) static WITNESS: Spec =
    plain("a witness", &[must("vkey", Kind::Text, "Its verifier key (C2SP), or the path of its file.")]);

pub(crate) static LOG: Spec = Spec {
    what: "a log",
    keys: &[
        must("operator", Kind::Text, "The party that runs it."),
        must(
            "origin",
            Kind::Text,
            "The origin of its checkpoints, exact; of Rekor v1 without ` - ` and the tree's number.",
        ),
        may("instance", Kind::Text, "The Sigstore instance whose trusted root has its key."),
        may("vkey", Kind::Text, "Its verifier key (C2SP), or the path of its file."),
        may("witnesses", Kind::Text, "The quorum of witnesses that its checkpoints need."),
    ],
    variants: None,
    one_of: &["instance", "vkey"],
};

const QUORUM_WITNESS: &[Key] = &[
    may(
        "tolerate_jurisdictions",
        Kind::Int(0, 2),
        "So many countries may compel everybody under their law; 1 if not stated.",
    ),
    may("remaining", Kind::Int(1, 1000), "Groups that must be left then; 1 if not stated."),
];

const QUORUM_TIME: &[Key] = &[
    may("tolerate_liars", Kind::Int(0, 1000), "So many sources may lie: the next later time counts; 0 if not stated."),
    may("max_accuracy_seconds", Kind::Int(0, 86_400), "How far a source's clock may be off at most."),
];

pub(crate) static QUORUM: Spec = Spec {
    what: "a quorum",
    keys: &[
        must("kind", Kind::Text, "Of what."),
        must("candidates", TEXTS, "Party ids, each once."),
        must("min_groups", Kind::Int(0, 1000), "Groups of common control that must count."),
    ],
    variants: Some(Variants {
        tag: "kind",
        default: None,
        of: &[
            ("witness", QUORUM_WITNESS),
            ("time", QUORUM_TIME),
            ("verification", chain::QUORUM_VERIFICATION),
            ("rebuild", chain::QUORUM_REBUILD),
        ],
    }),
    one_of: &[],
};

pub(crate) static GRANT: Spec = plain(
    "a grant",
    &[
        may("id", Kind::Text, "Its id; without one `grant-N` by position."),
        must("identities", TEXTS, "Whom it is given to."),
        must("may", TEXTS, "What they may say: predicate aliases, predicate type URIs, `file`, `layout`."),
        may("products", PRODUCTS, "About which products; without it about all."),
        may("repositories", TEXTS, "About revisions of which source repositories: URIs, `…/` for all below."),
        may("builders", Kind::List(&Kind::Table(&BUILDER)), "Builders that they may speak for."),
        may("build_types", TEXTS, "Accepted build types; without it each."),
        may("verifiers", Kind::List(&Kind::Table(&VERIFIER)), "Verifiers that they may speak for."),
        may("schemes", TEXTS, "Schemes under which they may certify; without it each."),
        may("max_level", Kind::Table(&TRACKS), "How far their summaries are believed on a SLSA track."),
    ],
);

pub(crate) static NAME_PREFIX: Spec =
    plain("a product pattern", &[must("name_prefix", Kind::Text, "A package URL that ends within the name.")]);

pub(crate) static BUILDER: Spec = plain(
    "a builder",
    &[
        must("id", Kind::Text, "`builder.id`, exact."),
        may("identity", Kind::Text, "The one identity that may; without it each of the grant."),
        must("max_level", Kind::Int(0, 4), "The highest SLSA build level that it is trusted to."),
    ],
);

pub(crate) static VERIFIER: Spec = plain(
    "a verifier",
    &[
        must("id", Kind::Text, "`verifier.id`, exact."),
        may("identity", Kind::Text, "The one identity that may; without it each of the grant."),
    ],
);

pub(crate) static TRACKS: Spec = plain(
    "`max_level`",
    &[
        may("slsa-build", Kind::Int(0, 4), "The highest level of the build track."),
        may("slsa-source", Kind::Int(0, 4), "The highest level of the source track."),
    ],
);

pub(crate) static CLASS: Spec = plain(
    "a class",
    &[
        must("id", Kind::Text, "Its id."),
        must("role", Kind::Choice(&["top-level", "component", "any"]), "Which nodes it can hold."),
        may("products", PRODUCTS, "Products it holds; without it all."),
        may("default", Kind::Bool, "The class of what matches no other."),
        may(
            "raise_if",
            Kind::Table(&chain::RAISE),
            "What an SBOM says of a component that adds the rules of this class.",
        ),
        may("lenient", Kind::Bool, "Its rules are milder than the default's: only proof leads into it."),
        may("proof_any", Kind::List(&Kind::Choice(chain::PROOFS)), "What proves it; one of these must be shown."),
        may(
            "digest_list",
            Kind::Text,
            "Path of the operator's list, as `sha256sum` writes it, relative to the policy.",
        ),
    ],
);
