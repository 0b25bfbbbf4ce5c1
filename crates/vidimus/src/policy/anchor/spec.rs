//! The keys of an anchor, as data: the loader checks by these tables, and the JSON Schema is made from them.

use crate::policy::load::spec::{Key, Kind, SAFE, Spec, may, must, plain};

pub(in crate::policy) const SCHEMA: &str = "urn:vidimus:anchor:v1";

/// DESIGN section 7: only what lies within five minutes of the clock is live.
const MOST_SKEW: i64 = 300;

pub(in crate::policy) static ANCHOR: Spec = plain("an anchor", KEYS);

const KEYS: &[Key] = &[
    must("schema", Kind::Text, "Always urn:vidimus:anchor:v1."),
    must("semantics", Kind::List(&Kind::Int(1, SAFE)), "The evaluation semantics that are accepted."),
    must("policy", Kind::Table(&POLICY), "Which policy counts."),
    must("time", Kind::Table(&TIME), "For which instants verdicts are given."),
    may("verifier", Kind::Table(&VERIFIER), "Who verifies, in the statements that are signed about it."),
    may("state", Kind::Table(&STATE), "Where is kept what was accepted before."),
];

static POLICY: Spec = plain(
    "`policy` of an anchor",
    &[
        must("id", Kind::Text, "The `id` of the policy."),
        must("min_version", Kind::Int(1, SAFE), "The lowest version that counts."),
        may("digest", Kind::Text, "The one policy digest that counts: `sha256:` and 64 hexadecimal digits."),
        must("signatures", Kind::Table(&SIGNATURES), "Who must have signed it."),
    ],
);

static SIGNATURES: Spec = plain(
    "`signatures` of an anchor",
    &[
        must("threshold", Kind::Int(1, 64), "So many must have signed."),
        must("distinct", Kind::Choice(&["role"]), "What is counted: roles, each once."),
        must("signer", Kind::List(&Kind::Table(&SIGNER)), "Whose signatures count."),
    ],
);

static SIGNER: Spec = plain(
    "a signer of an anchor",
    &[
        must("role", Kind::Text, "For which role; small letters, digits and `-`."),
        must("spki_sha256", Kind::Text, "sha256 of the key's SubjectPublicKeyInfo, in hex."),
    ],
);

static TIME: Spec = plain(
    "`time` of an anchor",
    &[
        must(
            "live_skew_seconds",
            Kind::Int(0, MOST_SKEW),
            "A verdict is live if its instant is so many seconds from the clock at most.",
        ),
        must("as_of_allowed", Kind::Bool, "May there be verdicts as of another time?"),
    ],
);

static VERIFIER: Spec =
    plain("`verifier` of an anchor", &[must("id", Kind::Text, "The URI by which those who rely on it know it.")]);

static STATE: Spec =
    plain("`state` of an anchor", &[must("path", Kind::Text, "Path of the state file, relative to the anchor.")]);
