//! The twin with rules about certificates and origin, and what is refused in them.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::tests::{load_text, twin};

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
    let mut wrong = Vec::new();
    for (from, to, code) in [
        ("to = \"REVIEWED\"", "to = \"SLSA_BUILD_LEVEL_3\"", "policy.bad-value"),
        ("to = \"REVIEWED\"", "to = \"SEEN\"", "policy.vacuous"),
        ("properties = [\"REVIEWED\"]", "properties = [\"REVIEWED\"]\nby = [\"lab\"]", "policy.vacuous"),
        ("valid = { until = 2027-01-01T00:00:00Z }", "valid = { from = 2027-01-01T00:00:00Z }", "policy.window"),
        ("valid = { until = 2027-01-01T00:00:00Z }\n", "", "policy.missing-key"),
        ("basis = \"Reviewed by the board\"\n", "", "policy.missing-key"),
        ("{ party = \"cb\",", "{ party = \"cc\",", "policy.unknown-reference"),
        ("{ party = \"cb\",", "{ party = \"acme\",", "policy.unsatisfiable"),
        ("scheme = \"nesas\", statement", "scheme = \"eucc\", statement", "policy.unsatisfiable"),
        (
            "conformance = true",
            "maintenance_gap = \"vendor-impact-analysis\"\nconformance = true",
            "policy.unsatisfiable",
        ),
        ("accreditation = \"ISO/IEC 17065\" }", "accreditation = \"ISO/IEC 17025\" }", "policy.unsatisfiable"),
        ("stage = \"built\"\n", "stage = \"built\"\nby = [\"nobody\"]\n", "policy.unknown-reference"),
        ("kind = \"rebuild\"", "kind = \"verification\"", "policy.unsatisfiable"),
        ("{ scheme = \"nesas\"", "{ scheme = \"common criteria\"", "policy.bad-value"),
        ("{ scheme = \"nesas\"", "{ scheme = \"eucc\"", "policy.unsatisfiable"),
        (
            "any_of = [ { scheme = \"nesas\", by = [\"cb\"], accreditation = \"ISO/IEC 17065\" } ]",
            "any_of = []",
            "policy.vacuous",
        ),
        ("by = [\"cb\"], acc", "by = [\"acme\"], acc", "policy.unsatisfiable"),
        ("by = [\"cb\"], acc", "by = [\"cb\"], laboratories = [\"lab\"], acc", "policy.unknown-reference"),
        ("conformance = true", "conformance = false", "policy.vacuous"),
        ("scope = [\"certificate\"]", "scope = [\"digest\"]", "policy.unsatisfiable policy.unsatisfiable"),
        ("by = \"cb-key\"\nscope", "by = \"lab-key\"\nscope", "policy.unsatisfiable"),
        ("axis = \"control\"", "axis = \"where\"", "policy.unsatisfiable"),
        ("axis = \"control\"", "axis = \"country\"", "policy.bad-value"),
        ("stage = \"built\"", "stage = \"developed\"", "policy.unsatisfiable policy.unsatisfiable"),
        ("min_strength = \"implied\"", "min_strength = \"reproduced-elsewhere\"", "policy.bad-value"),
        ("stage = \"built\"", "stage = \"built\"\nstages = [\"built\"]", "policy.bad-value"),
        ("deny = [\"RU\", \"UA-43\"]", "", "policy.vacuous"),
        ("deny = [\"RU\", \"UA-43\"]", "deny = [\"RU\"]\nallow = [\"RU\"]", "policy.bad-value"),
        ("deny = [\"RU\", \"UA-43\"]", "deny = [\"UK\"]", "policy.country"),
        ("deny = [\"RU\", \"UA-43\"]", "deny = [\"ru\"]", "policy.country"),
        ("deny = [\"RU\", \"UA-43\"]", "deny = [\"EU\"]", "policy.country"),
        ("deny = [\"RU\", \"UA-43\"]", "deny = [\"UA-99\"]", "policy.country"),
        // Without a stage it is about everybody, and neither who signed nor a rebuild answers that.
        (
            "stage = \"built\"\ndeny = [\"RU\", \"UA-43\"]\nmin_strength = \"implied\"",
            "deny = [\"RU\", \"UA-43\"]",
            "policy.unsatisfiable",
        ),
        ("jurisdictions = [\"DE\"]\naccreditation", "jurisdictions = [\"EL\"]\naccreditation", "policy.country"),
        ("may = [\"layout\"]", "may = [\"test-result\"]", "policy.unsatisfiable"),
        ("may = [\"layout\"]", "may = [\"layouts\"]", "policy.unknown-reference"),
        ("threshold = 1\n", "threshold = 2\n", "policy.unsatisfiable"),
        ("threshold = 1\n", "threshold = 0\n", "policy.bad-value"),
        ("layouts = [\"sha256:", "layouts = [\"", "policy.bad-value"),
        ("{ VERSION = ", "{ \"THE VERSION\" = ", "policy.bad-value"),
        ("inspections = \"not-run\"", "inspections = \"run\"", "policy.bad-value"),
        (
            "properties = [\"REVIEWED\"]",
            "properties = [\"REVIEWED\"]\naccept = [\"vsa\", \"layout\"]",
            "policy.bad-value",
        ),
        (
            "until = 2028-01-01T00:00:00Z }",
            "from = 2029-01-01T00:00:00Z, until = 2028-01-01T00:00:00Z }",
            "policy.window",
        ),
    ] {
        assert_eq!(MORE.matches(from).count(), 1, "{from}");
        let found: Vec<&str> = match load_text(&format!("{}{}", twin(), MORE.replace(from, to))) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.errors().iter().map(|error| error.info.code).collect(),
        };
        if found != code.split(' ').collect::<Vec<_>>() {
            wrong.push(format!("`{from}` → `{to}`: expected {code}, found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
