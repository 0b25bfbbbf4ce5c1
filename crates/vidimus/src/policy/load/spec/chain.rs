//! The keys of what is about components: part of the tables above.

use super::identity::VALID;
use super::{Key, Kind, Spec, TEXTS, may, must, plain};

/// Kinds of proof of a lenient class.
pub(crate) const PROOFS: &[&str] = &["ecosystem-release-attestation", "operator-digest-list", "independent-rebuild"];

/// Edges that a `components` rule can follow.
const EDGES: &[&str] = &["contains", "part", "depends", "input"];

pub(crate) static RAISE: Spec = plain(
    "`raise_if`",
    &[
        may("crypto_asset", Kind::Bool, "It is of the type `cryptographic-asset`."),
        may("types", TEXTS, "Its type or purpose is one of these, such as `firmware`, `device-driver`."),
        may("name_contains", TEXTS, "Its name contains one of these; upper and lower case are the same."),
    ],
);

pub(crate) static DELEGATION: Spec = plain(
    "a delegation",
    &[
        must("id", Kind::Text, "Its id."),
        must("to", Kind::Text, "The party whose word counts."),
        must("about_suppliers", TEXTS, "About the products of these parties."),
        must("classes", TEXTS, "About components of these classes."),
        may("accept", TEXTS, "Which kinds of summary: `vsa`, `svr`, predicate type URIs; `vsa` if not stated."),
        must(
            "map",
            Kind::Map(&Kind::Text),
            "What it may say, and which property of the operator that is; all else is dropped.",
        ),
        must("need_any", TEXTS, "One of these properties must result."),
        may("max_depth", Kind::Int(1, 8), "Through how many hands the word may come; 1 if not stated."),
        may("max_age_days", Kind::Int(1, 36_500), "At most so many days between verification and verdict."),
        may("input_evidence", Kind::Choice(&["present", "any"]), "Must everything that it cites be in the delivery?"),
        may("valid", Kind::Table(&VALID), "When its signatures count, by proven signing time."),
    ],
);

const EXCLUDE: Key =
    may("exclude_groups_of", TEXTS, "Whose groups do not count: `subject-vendor`, `subject-suppliers`, party ids.");
const JURISDICTIONS: Key = may(
    "tolerate_jurisdictions",
    Kind::Int(0, 2),
    "So many countries may compel everybody under their law; 1 if not stated.",
);
const REMAINING: Key = may("remaining", Kind::Int(1, 1000), "Groups that must be left then; 1 if not stated.");

pub(crate) const QUORUM_VERIFICATION: &[Key] = &[
    JURISDICTIONS,
    REMAINING,
    EXCLUDE,
    may(
        "forbid_sole_basis",
        Kind::Choice(&["vsa"]),
        "A summary must cite delivered evidence that is no summary; without it any summary counts.",
    ),
];

pub(crate) const QUORUM_REBUILD: &[Key] = &[JURISDICTIONS, REMAINING, EXCLUDE];

pub(crate) static BUDGET: Spec = plain(
    "`leaf_budget`",
    &[
        must("class", Kind::Text, "Components whose products are of this class."),
        must("max_count", Kind::Int(1, 200_000), "So many of them may be unproven, if an SBOM names them by digest."),
    ],
);

pub(crate) const COMPONENTS: &[Key] = &[
    may(
        "edges",
        Kind::List(&Kind::Choice(EDGES)),
        "What leads to components: `contains`, `part`, `depends`, `input`; the first three if not stated.",
    ),
    may("leaf_budget", Kind::Table(&BUDGET), "Components that are not in the delivery and may be unproven."),
];

pub(crate) const COMPONENT_IDENTITY: &[Key] =
    &[may("by", TEXTS, "Whose release counts, by party id or kind; without it each granted party.")];

pub(crate) const SOURCE: &[Key] = &[must("min_level", Kind::Int(1, 4), "The SLSA source level that is asked for.")];

pub(crate) const DELEGATED: &[Key] = &[must("delegation", Kind::Text, "The delegation, by id.")];

pub(crate) static NEED: Spec = plain(
    "`need`",
    &[
        must("predicate", Kind::Choice(&["vsa", "svr", "provenance"]), "What each of them must have signed."),
        may("properties", TEXTS, "Of summaries: levels and properties that must be verified."),
        may("max_age_days", Kind::Int(1, 36_500), "Of summaries: at most so many days before the verdict."),
        may("policies", TEXTS, "Of summaries: accepted digests of the verifier's policy, `sha256:…`; without it each."),
        may("min_level", Kind::Int(1, 4), "Of rebuilds: the SLSA build level of the rebuilder; 1 if not stated."),
        may(
            "normalisations",
            TEXTS,
            "Of rebuilds: methods after which another digest is the same build; without it only the same digest counts.",
        ),
    ],
);

pub(crate) const QUORUM: &[Key] = &[
    must("quorum", Kind::Text, "The quorum, by name: of the kind `verification` or `rebuild`."),
    must("need", Kind::Table(&NEED), "What each of them must have said."),
    may(
        "on_conflict",
        Kind::Choice(&["fail", "ignore"]),
        "What a summary of a candidate does that says FAILED; `fail` if not stated.",
    ),
];
