//! The twin with rules about certificates and origin, and what is refused in them.

use super::{TWIN, load_text, refused_in, twin};

const MORE: &str = r#"
[party.cb]
name = "Certifier"
kind = "certification-body"
jurisdictions = ["DE"]
accreditation = { standard = "ISO/IEC 17065", number = "4711", until = 2028-01-01T00:00:00Z }

[[identity]]
id = "cb-key"
party = "cb"
key = "keys/c.pub"

[[grant]]
identities = ["cb-key"]
may = ["certification", "status"]
schemes = ["nesas"]

[status_list.cb]
by = "cb-key"
scope = ["certificate"]
max_age_hours = 168
min_number = 1

[[grant]]
identities = ["sub-key"]
may = ["origin"]

[[grant]]
identities = ["cb-key"]
may = ["layout"]

[quorum.rebuilds]
kind = "rebuild"
candidates = ["lab", "cb"]
min_groups = 2

[[equivalence]]
from = { party = "cb", scheme = "nesas", statement = "SCAS-PASS" }
to = "REVIEWED"
basis = "Reviewed by the board"
valid = { until = 2027-01-01T00:00:00Z }

[[rule]]
id = "equal"
check = "vsa"
properties = ["REVIEWED"]

[[rule]]
id = "certified"
check = "certification"
any_of = [ { scheme = "nesas", by = ["cb"], accreditation = "ISO/IEC 17065" } ]
conformance = true
third_party = true

[[rule]]
id = "origin"
check = "origin"
axis = "control"
stage = "built"
deny = ["RU", "UA-43"]
min_strength = "implied"
or_strength = "reproduced-elsewhere"

[[rule]]
id = "chain"
check = "layout"
by = ["cb"]
threshold = 1
layouts = ["sha256:0000000000000000000000000000000000000000000000000000000000000000"]
parameters = { VERSION = "1.0" }
inspections = "not-run"
"#;

#[test]
fn they_load() {
    let policy = load_text(&format!("{}{MORE}", twin())).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(policy.rules.len(), 11);
    let sentences = crate::policy::explain(&policy);
    let sentences = sentences.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "accredited for ISO/IEC 17065 as 4711",
        "May certify under nesas",
        "none is one of RU or UA-43",
        "or independent parties, by a rebuild quorum, built the same bytes",
        "counts as a summary that says REVIEWED",
        "a supply chain that went as a layout of cb says, which is sha256:0000000000000000000000000000000000000000000000000000000000000000, with VERSION `1.0` as its parameters",
    ] {
        assert!(sentences.contains(said), "{said}\n{sentences}");
    }
}

#[test]
fn one_change_one_error() {
    refused_in(
        &format!("{TWIN}{MORE}"),
        &[
            (
                "to = \"REVIEWED\"",
                "to = \"SLSA_BUILD_LEVEL_3\"",
                vec![("policy.bad-value", "to = \"SLSA_BUILD_LEVEL_3\"")],
            ),
            ("to = \"REVIEWED\"", "to = \"SEEN\"", vec![("policy.vacuous", "to = \"SEEN\"")]),
            (
                "properties = [\"REVIEWED\"]",
                "properties = [\"REVIEWED\"]\nby = [\"lab\"]",
                vec![("policy.vacuous", "to = \"REVIEWED\"")],
            ),
            (
                "valid = { until = 2027-01-01T00:00:00Z }",
                "valid = { from = 2027-01-01T00:00:00Z }",
                vec![("policy.window", "valid = { from = 2027-01-01T00:00:00Z }")],
            ),
            ("valid = { until = 2027-01-01T00:00:00Z }\n", "", vec![("policy.missing-key", "[[equivalence]]")]),
            ("basis = \"Reviewed by the board\"\n", "", vec![("policy.missing-key", "[[equivalence]]")]),
            ("{ party = \"cb\",", "{ party = \"cc\",", vec![("policy.unknown-reference", "{ party = \"cc\",")]),
            ("{ party = \"cb\",", "{ party = \"acme\",", vec![("policy.unsatisfiable", "{ party = \"acme\",")]),
            (
                "scheme = \"nesas\", statement",
                "scheme = \"eucc\", statement",
                vec![("policy.unsatisfiable", "scheme = \"eucc\", statement")],
            ),
            (
                "conformance = true",
                "maintenance_gap = \"vendor-impact-analysis\"\nconformance = true",
                vec![("policy.unsatisfiable", "maintenance_gap = \"vendor-impact-analysis\"")],
            ),
            (
                "accreditation = \"ISO/IEC 17065\" }",
                "accreditation = \"ISO/IEC 17025\" }",
                vec![("policy.unsatisfiable", "accreditation = \"ISO/IEC 17025\" }")],
            ),
            (
                "stage = \"built\"\n",
                "stage = \"built\"\nby = [\"nobody\"]\n",
                vec![("policy.unknown-reference", "by = [\"nobody\"]")],
            ),
            (
                "kind = \"rebuild\"",
                "kind = \"verification\"",
                vec![("policy.unsatisfiable", "or_strength = \"reproduced")],
            ),
            (
                "{ scheme = \"nesas\"",
                "{ scheme = \"common criteria\"",
                vec![("policy.bad-value", "{ scheme = \"common criteria\"")],
            ),
            ("{ scheme = \"nesas\"", "{ scheme = \"eucc\"", vec![("policy.unsatisfiable", "{ scheme = \"eucc\"")]),
            (
                "any_of = [ { scheme = \"nesas\", by = [\"cb\"], accreditation = \"ISO/IEC 17065\" } ]",
                "any_of = []",
                vec![("policy.vacuous", "any_of = []")],
            ),
            ("by = [\"cb\"], acc", "by = [\"acme\"], acc", vec![("policy.unsatisfiable", "by = [\"acme\"], acc")]),
            (
                "by = [\"cb\"], acc",
                "by = [\"cb\"], laboratories = [\"lab\"], acc",
                vec![("policy.unknown-reference", "by = [\"cb\"], laboratories = [\"lab\"], acc")],
            ),
            ("conformance = true", "conformance = false", vec![("policy.vacuous", "third_party")]),
            (
                "scope = [\"certificate\"]",
                "scope = [\"digest\"]",
                vec![
                    ("policy.unsatisfiable", "from = { party = \"cb\""),
                    ("policy.unsatisfiable", "any_of = [ { scheme"),
                ],
            ),
            ("by = \"cb-key\"\nscope", "by = \"lab-key\"\nscope", vec![("policy.unsatisfiable", "by = \"lab-key\"")]),
            ("axis = \"control\"", "axis = \"where\"", vec![("policy.unsatisfiable", "min_strength = \"implied\"")]),
            ("axis = \"control\"", "axis = \"country\"", vec![("policy.bad-value", "axis = \"country\"")]),
            (
                "stage = \"built\"",
                "stage = \"developed\"",
                vec![
                    ("policy.unsatisfiable", "min_strength = \"implied\""),
                    ("policy.unsatisfiable", "or_strength = \"reproduced"),
                ],
            ),
            (
                "min_strength = \"implied\"",
                "min_strength = \"reproduced-elsewhere\"",
                vec![("policy.bad-value", "or_strength = \"reproduced")],
            ),
            ("stage = \"built\"", "stage = \"built\"\nstages = [\"built\"]", vec![("policy.bad-value", "stages = [")]),
            ("deny = [\"RU\", \"UA-43\"]", "", vec![("policy.vacuous", "[[rule]]\nid = \"origin\"")]),
            (
                "deny = [\"RU\", \"UA-43\"]",
                "deny = [\"RU\"]\nallow = [\"RU\"]",
                vec![("policy.bad-value", "deny = [\"RU\"]")],
            ),
            ("deny = [\"RU\", \"UA-43\"]", "deny = [\"UK\"]", vec![("policy.country", "deny = [\"UK\"]")]),
            ("deny = [\"RU\", \"UA-43\"]", "deny = [\"ru\"]", vec![("policy.country", "deny = [\"ru\"]")]),
            ("deny = [\"RU\", \"UA-43\"]", "deny = [\"EU\"]", vec![("policy.country", "deny = [\"EU\"]")]),
            ("deny = [\"RU\", \"UA-43\"]", "deny = [\"UA-99\"]", vec![("policy.country", "deny = [\"UA-99\"]")]),
            // Without a stage it is about everybody, and neither who signed nor a rebuild answers that.
            (
                "stage = \"built\"\ndeny = [\"RU\", \"UA-43\"]\nmin_strength = \"implied\"",
                "deny = [\"RU\", \"UA-43\"]",
                vec![("policy.unsatisfiable", "or_strength = \"reproduced")],
            ),
            (
                "jurisdictions = [\"DE\"]\naccreditation",
                "jurisdictions = [\"EL\"]\naccreditation",
                vec![("policy.country", "jurisdictions = [\"EL\"]")],
            ),
            ("may = [\"layout\"]", "may = [\"test-result\"]", vec![("policy.unsatisfiable", "check = \"layout\"")]),
            ("may = [\"layout\"]", "may = [\"layouts\"]", vec![("policy.unknown-reference", "may = [\"layouts\"]")]),
            ("threshold = 1\n", "threshold = 2\n", vec![("policy.unsatisfiable", "threshold = 2\nlayouts")]),
            ("threshold = 1\n", "threshold = 0\n", vec![("policy.bad-value", "threshold = 0")]),
            ("layouts = [\"sha256:", "layouts = [\"", vec![("policy.bad-value", "layouts = [\"000")]),
            ("{ VERSION = ", "{ \"THE VERSION\" = ", vec![("policy.bad-value", "{ \"THE VERSION\" = ")]),
            ("inspections = \"not-run\"", "inspections = \"run\"", vec![("policy.bad-value", "inspections = \"run\"")]),
            (
                "properties = [\"REVIEWED\"]",
                "properties = [\"REVIEWED\"]\naccept = [\"vsa\", \"layout\"]",
                vec![("policy.bad-value", "accept = [\"vsa\", \"layout\"]")],
            ),
            (
                "until = 2028-01-01T00:00:00Z }",
                "from = 2029-01-01T00:00:00Z, until = 2028-01-01T00:00:00Z }",
                vec![("policy.window", "from = 2029-01-01T00:00:00Z, until = 2028-01-01T00:00:00Z }")],
            ),
        ],
    );
}
