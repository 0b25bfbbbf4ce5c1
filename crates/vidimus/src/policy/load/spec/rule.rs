//! The keys of rules and of what each check asks: part of the tables above.

use super::{Key, Kind, Spec, TEXTS, Variants, chain, evidence, may, must, plain};
use crate::decode::REFUSABLE;

/// Accountable parties.
pub(crate) const ACCOUNTABLE: &[&str] =
    &["vendor", "supplier", "signer", "operator", "laboratory", "certification-body"];

pub(crate) static RULE: Spec = Spec {
    what: "a rule",
    keys: &[
        must("id", Kind::Text, "Its id."),
        must("check", Kind::Text, "What is asked."),
        may("classes", TEXTS, "The classes it applies to; without it every file."),
        may("accountable", Kind::Choice(ACCOUNTABLE), "Who must act when it is not met."),
        may("title", Kind::Text, "For people."),
        may("refs", TEXTS, "The standards it comes from."),
        may("mandated_by", Kind::Text, "Who requires it."),
        may("specified_by", TEXTS, "Who wrote it."),
    ],
    variants: Some(Variants {
        tag: "check",
        default: None,
        of: &[
            ("inventory", INVENTORY),
            ("release", RELEASE),
            ("provenance", PROVENANCE),
            ("sbom", SBOM),
            ("sbom-completeness", SBOM_COMPLETENESS),
            ("vsa", VSA),
            ("vulns", VULNS),
            ("trusted-time", TRUSTED_TIME),
            ("transparency", TRANSPARENCY),
            ("certification", evidence::CERTIFICATION),
            ("origin", evidence::ORIGIN),
            ("layout", evidence::LAYOUT),
            ("status", STATUS),
            ("no-rollback", NO_ROLLBACK),
            ("components", chain::COMPONENTS),
            ("component-identity", chain::COMPONENT_IDENTITY),
            ("source", chain::SOURCE),
            ("delegated", chain::DELEGATED),
            ("quorum", chain::QUORUM),
            ("any-of", ANY_OF),
        ],
    }),
    one_of: &[],
};

/// A branch of `any-of`. An inventory is about the whole delivery, so it is a rule of its own.
pub(crate) static BRANCH: Spec = Spec {
    what: "a branch",
    keys: &[must("check", Kind::Text, "What is asked.")],
    variants: Some(Variants {
        tag: "check",
        default: None,
        of: &[
            ("release", RELEASE),
            ("provenance", PROVENANCE),
            ("sbom", SBOM),
            ("sbom-completeness", SBOM_COMPLETENESS),
            ("vsa", VSA),
            ("vulns", VULNS),
            ("trusted-time", TRUSTED_TIME),
            ("transparency", TRANSPARENCY),
            ("certification", evidence::CERTIFICATION),
            ("origin", evidence::ORIGIN),
            ("layout", evidence::LAYOUT),
            ("component-identity", chain::COMPONENT_IDENTITY),
            ("source", chain::SOURCE),
            ("delegated", chain::DELEGATED),
            ("quorum", chain::QUORUM),
        ],
    }),
    one_of: &[],
};

pub(super) const BY: Key = may("by", TEXTS, "Whose, by party id or kind; without it each granted party.");

const INVENTORY: &[Key] = &[
    may("closed_world", Kind::Bool, "Every file must be accounted for; true if not stated."),
    may("require_statement", Kind::Bool, "An accepted delivery statement must exist; true in an open world."),
    may(
        "members",
        Kind::Choice(&["covered", "each"]),
        "Of archives: `each` member must be accounted for by itself; `covered`, if not stated, by its archive.",
    ),
    may(
        "opaque_containers",
        Kind::Choice(&["allow", "deny"]),
        "May an archive that cannot be seen through be there; `deny` with `members = \"each\"`, else `allow`.",
    ),
];

const RELEASE: &[Key] = &[
    BY,
    may("accept", TEXTS, "Which kinds of statement do: aliases, predicate type URIs, `file`; without it each."),
    may("algorithm_sets", Kind::List(&TEXTS), "One signature by an algorithm of each set, over the same payload."),
    may("require_recipient", Kind::Text, "It must be a delivery statement for this recipient."),
    may("require_sequence", Kind::Bool, "It must be a delivery statement with a sequence from 1."),
    may(
        "max_age_days",
        Kind::Int(1, 36_500),
        "It must be proven to be signed at most so many days before the verdict.",
    ),
];

const STATUS: &[Key] = &[must("lists", TEXTS, "The status lists that must be at hand and fresh, by name.")];

const NO_ROLLBACK: &[Key] = &[may("state", Kind::Text, "The `id` that the state must have.")];

const APPLIES_TO: Key =
    may("applies_to", TEXTS, "Which kinds of statement: aliases, predicate type URIs, `file`; without it each.");

const TRUSTED_TIME: &[Key] =
    &[must("quorum", Kind::Text, "The time quorum that must prove when it was signed."), APPLIES_TO];

const TRANSPARENCY: &[Key] = &[
    must("logs", TEXTS, "The logs that count, by name."),
    may("distinct_operators", Kind::Int(1, 1000), "So many of them by independent operators; 1 if not stated."),
    APPLIES_TO,
];

static PROVENANCE: &[Key] = &[
    must("min_level", Kind::Int(1, 4), "The SLSA build level that is asked for."),
    may("repository", Kind::TextOr(&REPOSITORY), "The source repository: a string is exact."),
    BY,
    may("parameters", Kind::List(&Kind::Table(&PARAMETERS)), "Expected external parameters."),
    may("unknown_parameters", Kind::Choice(&["fail", "ignore"]), "What a parameter does that no entry lists."),
];

const SBOM: &[Key] = &[
    BY,
    may(
        "refuse",
        Kind::List(&Kind::Choice(REFUSABLE)),
        "Findings that the SBOM must not have, by reason code; without it findings are listed alone.",
    ),
    may("profile", Kind::Choice(PROFILES), "A standard whose musts the SBOM meets; see the pages in `docs/profiles/`."),
    may("profiles", Kind::List(&Kind::Choice(PROFILES)), "Several standards; one SBOM must meet all of them."),
    may(
        "provisional_profiles",
        Kind::List(&Kind::Choice(PROFILES)),
        "Standards whose profile is provisional: its clauses were read second-hand.",
    ),
    may("own_profiles", TEXTS, "Profiles of the policy, by the name of their `sbom_profile`."),
    may(
        "shown_elsewhere",
        TEXTS,
        "Rules of these profiles that the operator sees met by other means, where no document can show them.",
    ),
];

/// Ids of profiles; a test holds the list against the data.
pub(crate) const PROFILES: &[&str] = &[
    "bsi-tr-03183-2-v2.0",
    "bsi-tr-03183-2-v2.1",
    "cert-in-2.0",
    "cisa-2026",
    "eu-cra",
    "fsct-3",
    "ntia-2021",
    "openchain-telco-1.1",
];

const SBOM_COMPLETENESS: &[Key] = &[
    BY,
    may(
        "claim",
        Kind::Choice(&["complete"]),
        "What the SBOM must state of the dependencies of each component; `complete` if not stated.",
    ),
    may(
        "allow_known_unknowns",
        Kind::List(&Kind::Choice(KNOWN_UNKNOWNS)),
        "Words by which an SBOM may state that a list is not complete.",
    ),
];

/// The words of CycloneDX `aggregate` and of SPDX 3 `completeness` that state a gap; `noAssertion` is also `NOASSERTION` of SPDX 2.
pub(crate) const KNOWN_UNKNOWNS: &[&str] = &[
    "incomplete",
    "incomplete_first_party_only",
    "incomplete_first_party_opensource_only",
    "incomplete_first_party_proprietary_only",
    "incomplete_third_party_only",
    "incomplete_third_party_opensource_only",
    "incomplete_third_party_proprietary_only",
    "noAssertion",
    "unknown",
];

const VSA: &[Key] = &[
    must("properties", TEXTS, "Levels and properties that must be verified; a higher level of a SLSA track does."),
    BY,
    may("accept", TEXTS, "Which kinds of summary do: `vsa`, `svr`, predicate type URIs; `vsa` if not stated."),
    may("resource", Kind::TextOr(&RESOURCE), "The expected `resourceUri`; without it the product of the file."),
    may("policies", TEXTS, "Accepted digests of the verifier's policy, `sha256:…`; without it each."),
    may("max_age_days", Kind::Int(1, 36_500), "At most so many days between verification and verdict."),
    may("input_evidence", Kind::Choice(&["present", "any"]), "Must everything that it cites be in the delivery?"),
    may(
        "on_conflict",
        Kind::Choice(&["fail", "ignore"]),
        "What another summary does that says FAILED; `fail` if not stated.",
    ),
];

const VULNS: &[Key] = &[
    may("by", TEXTS, "Whose scans count, by party id or kind; without it those of each granted party."),
    may("max_scan_age_days", Kind::Int(1, 36_500), "At most so many days between the end of a scan and the verdict."),
    may(
        "max_database_age_days",
        Kind::Int(1, 36_500),
        "At most so many days between the state of its knowledge and the scan.",
    ),
    may("triage_by", TEXTS, "Who may say that a vulnerability does no harm; without it each granted party."),
    may(
        "ignore_below",
        Kind::Choice(&["low", "medium", "high", "critical"]),
        "Vulnerabilities that every scanner calls less bad than that need no answer; without it each does.",
    ),
    may(
        "untriaged",
        Kind::Choice(&["indeterminate", "fail"]),
        "What a vulnerability does that nobody answers for; `indeterminate` if not stated.",
    ),
    may(
        "affected",
        Kind::Choice(&["fail", "with-action"]),
        "What a vulnerability does that harms; `with-action` accepts it where it is said what to do; `fail` if not stated.",
    ),
];

pub(crate) static RESOURCE: Spec = plain("`resource`", &[must("prefix", Kind::Text, "Starts so; ends at a `/`.")]);

static ANY_OF: &[Key] = &[must("of", Kind::List(&Kind::Table(&BRANCH)), "The branches, at least two.")];

pub(crate) static REPOSITORY: Spec = plain("`repository`", &[must("prefix", Kind::Text, "Starts so; ends at a `/`.")]);

pub(crate) static PARAMETERS: Spec = plain(
    "`parameters`",
    &[
        may("builder", Kind::Text, "For this `builder.id` alone."),
        must(
            "allow",
            Kind::Map(&Kind::Table(&EXPECT)),
            "JSON Pointer into `externalParameters` to what may stand there.",
        ),
    ],
);

pub(crate) static EXPECT: Spec = Spec {
    what: "an expected value",
    keys: &[
        may("eq", Kind::Scalar, "This value."),
        may("prefix", Kind::Text, "A string that starts so."),
        may("in", Kind::List(&Kind::Scalar), "One of these values."),
        may("any", Kind::Bool, "Anything, also nothing: `any = true`."),
    ],
    variants: None,
    one_of: &["eq", "prefix", "in", "any"],
};
