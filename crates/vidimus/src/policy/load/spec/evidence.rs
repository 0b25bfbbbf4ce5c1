//! The keys of what is about certificates and origin: part of the tables above.

use super::identity::VALID;
use super::rule::BY;
use super::{Key, Kind, Spec, TEXTS, may, must, plain};

pub(crate) static ACCREDITATION: Spec = plain(
    "`accreditation`",
    &[
        must("standard", Kind::Text, "Against which standard, such as `ISO/IEC 17025`."),
        must("number", Kind::Text, "Its number."),
        may("from", Kind::Time, "Not before."),
        may("until", Kind::Time, "Not after."),
    ],
);

pub(crate) static CERTIFICATION: &[Key] = &[
    must("any_of", Kind::List(&Kind::Table(&SCHEME)), "Accepted schemes."),
    may(
        "bind",
        Kind::Choice(&["digest", "version", "process"]),
        "How closely the certificate is bound to the file; `digest` if not stated.",
    ),
    may(
        "valid_at",
        Kind::List(&Kind::Choice(&["release", "verification"])),
        "When it must be valid; `verification` if not stated.",
    ),
    may(
        "status",
        Kind::Choice(&["required", "not-published"]),
        "Must its issuer's list show that it was not taken back? `required` if not stated.",
    ),
    may(
        "maintenance_gap",
        Kind::Choice(&["deny", "vendor-impact-analysis"]),
        "May the certificate be of an earlier build, if the vendor analysed what has changed? `deny` if not stated.",
    ),
    may("parts", Kind::Choice(&["allow", "deny"]), "Does a certificate of a part do? `deny` if not stated."),
    may("configuration", TEXTS, "The configuration that it must list."),
    may("reports", Kind::Choice(&["present", "any"]), "Must every report that it cites be in the delivery?"),
    may("conformance", Kind::Bool, "The CycloneDX declarations in its reports must conform in full."),
    may("third_party", Kind::Bool, "Those declarations must be by third parties."),
];

pub(crate) static SCHEME: Spec = plain(
    "a scheme",
    &[
        must("scheme", Kind::Text, "`scheme.id` of the certificate, exact."),
        BY,
        may("editions", TEXTS, "Accepted editions; without it each."),
        may("levels", TEXTS, "Accepted levels; without it each."),
        may("standards", TEXTS, "Standards that it must have been held against, all of them."),
        may("accreditation", Kind::Text, "The standard for which its issuer was accredited when it was issued."),
        may("laboratories", TEXTS, "Laboratories whose evaluation counts, by party id; without it each."),
    ],
);

const STAGE: Kind = Kind::Choice(&[
    "assembled",
    "built",
    "designed",
    "developed",
    "hosted",
    "maintained",
    "manufactured",
    "operated",
    "supplied",
    "tested",
    "trained",
]);

pub(crate) const ORIGIN: &[Key] = &[
    must("axis", Kind::Choice(&["where", "who", "control"]), "Where it was done, who did it, or who controls them."),
    may("stage", STAGE, "Of which stage of the work."),
    may("stages", Kind::List(&STAGE), "Of which stages; without one, on `who` and `control`, of all."),
    may("allow", TEXTS, "Only these: ISO 3166-1 alpha-2 or ISO 3166-2."),
    may("deny", TEXTS, "None of these."),
    may(
        "min_strength",
        Kind::Choice(&["declared", "attested", "implied", "reproduced-elsewhere"]),
        "The weakest source that does; `declared` if not stated.",
    ),
    may(
        "or_strength",
        Kind::Choice(&["reproduced-elsewhere"]),
        "Or this: independent parties built the same bytes, so that where it was first built does not matter.",
    ),
    BY,
    may("max_age_days", Kind::Int(1, 36_500), "What is said about owners may be so many days old."),
];

pub(crate) const LAYOUT: &[Key] = &[
    BY,
    may("layouts", TEXTS, "Only these: `sha256:…` of what is signed, as `vidimus inspect` shows it; without it any."),
    may("threshold", Kind::Int(1, 16), "So many different owners must have signed the layout; 1 if not stated."),
    may("parameters", Kind::Map(&Kind::Text), "What stands for the parameters of the layout, by name."),
    may(
        "inspections",
        Kind::Choice(&["deny", "not-run"]),
        "May the layout ask for commands to be run? They never are; `deny` if not stated.",
    ),
];

pub(crate) static EQUIVALENCE: Spec = plain(
    "an equivalence",
    &[
        must("from", Kind::Table(&FROM), "What is said, by whom."),
        must("to", Kind::Text, "The property that it is taken for, as rules ask for it of verification summaries."),
        must("basis", Kind::Text, "Why, for people."),
        must("valid", Kind::Table(&VALID), "When it counts, by the time of the verdict; it has an end."),
    ],
);

pub(crate) static FROM: Spec = plain(
    "`from`",
    &[
        must("party", Kind::Text, "The certification body, by party id."),
        must("scheme", Kind::Text, "`scheme.id` of its certificates, exact."),
        must("statement", Kind::Text, "`certificate.level`, exact."),
    ],
);
