//! What a policy says of components, quorums of judges and delegations is refused when it is loaded, if it could not hold.

use crate::policy_quorum::checked;

const FIXTURE: &str = "chain/5gc";

/// (edits, the code, words of the message)
type Row = (&'static [(&'static str, &'static str)], &'static str, &'static str);

#[test]
fn what_cannot_hold_is_refused() {
    let rows: &[Row] = &[
        (&[], "", ""),
        // Two of one owner, or all under one law.
        (
            &[("candidates = [\"reb-delta\", \"reb-paulista\"]", "candidates = [\"reb-delta\"]")],
            "policy.weak-quorum",
            "2 groups are asked for, and the 1 candidates are 1",
        ),
        (
            &[("jurisdictions = [\"BR\"]", "jurisdictions = [\"NL\"]")],
            "policy.weak-quorum",
            "1 groups are to remain when 1 country can compel the others, and at most 0 do",
        ),
        (
            &[("jurisdictions = [\"BR\"]", "jurisdictions = [\"BR\"]\nhosted_by = [\"reb-delta\"]")],
            "policy.weak-quorum",
            "at most 0 do",
        ),
        (
            &[("min_groups = 2\nexclude_groups_of", "min_groups = 0\nexclude_groups_of")],
            "policy.vacuous",
            "a quorum of nobody is always met",
        ),
        // The vendor's own laboratory, and nobody keeps it out.
        (
            &[("exclude_groups_of = [\"subject-vendor\", \"subject-suppliers\"]\nforbid", "forbid")],
            "policy.weak-quorum",
            "`lab-malmo` is of one group with the vendor `aurora` and could judge its own; exclude `subject-vendor`",
        ),
        // One builder in the name of two.
        (&[("{ identity = \"reb-delta\", id", "{ id")], "policy.weak-quorum", "may both speak for"),
        (
            &[
                ("{ identity = \"reb-delta\", id = \"https://delta", "{ id = \"https://delta"),
                (
                    "{ identity = \"reb-paulista\", id = \"https://paulista.example/rebuilder/v1\", max_level = 2 }",
                    "{ id = \"https://paulista.example/rebuilder/v1\", max_level = 2 }",
                ),
            ],
            "policy.weak-quorum",
            "may both speak for",
        ),
        (
            &[("quorum = \"rebuilds\"\nneed", "quorum = \"labs\"\nneed")],
            "policy.bad-value",
            "`labs` is a quorum of kind `verification`, not `rebuild`",
        ),
        (
            &[("need = { predicate = \"provenance\" }", "need = { predicate = \"provenance\", min_level = 3 }")],
            "policy.unsatisfiable",
            "of `rebuilds`, 0 independent groups may say it, and 2 are asked for",
        ),
        (
            &[("need = { predicate = \"provenance\" }", "need = { predicate = \"provenance\", properties = [\"X\"] }")],
            "policy.bad-value",
            "`properties` says nothing of `provenance`",
        ),
        (
            &[("properties = [\"NESAS_SCAS_2026\"], max", "max")],
            "policy.vacuous",
            "`need` of summaries states `properties`",
        ),
        // Delegations.
        (
            &[("to = \"aurora\"", "to = \"everos\"")],
            "policy.unsatisfiable",
            "no grant with `verifiers` lets `everos` say vsa",
        ),
        (
            &[("about_suppliers = [\"everos\"]", "about_suppliers = [\"dunite\"]")],
            "policy.unsatisfiable",
            "`dunite` has no `products`",
        ),
        (
            &[
                ("about_suppliers = [\"everos\"]", "about_suppliers = [\"aurora\"]"),
                ("kind = \"vendor\"\n", "kind = \"vendor\"\nproducts = [\"pkg:generic/aurora/\"]\n"),
            ],
            "policy.delegation-loop",
            "`aurora` would be vouched for by itself",
        ),
        (
            &[("need_any = [\"supplier-reviewed\"]", "need_any = [\"reviewed\"]")],
            "policy.unknown-reference",
            "nothing in `map` becomes `reviewed`",
        ),
        (
            &[("delegation = \"aurora-for-suppliers\"\n\n[[rule]]", "delegation = \"aurora\"\n\n[[rule]]")],
            "policy.unknown-reference",
            "there is no delegation `aurora`",
        ),
        (
            &[("classes = [\"os-base\"]\nmap", "classes = [\"core\"]\nmap")],
            "policy.unsatisfiable",
            "`core` holds files of the delivery",
        ),
        (
            &[("products = [\"pkg:generic/everos/\"]\nverifiers", "products = [\"pkg:generic/aurora/\"]\nverifiers")],
            "policy.unsatisfiable",
            "no grant lets `aurora` verify a product of `everos`",
        ),
        // An owner of a judge that makes nothing that is known.
        (
            &[
                ("jurisdictions = [\"NL\"]", "jurisdictions = [\"NL\"]\ncontrolled_by = [\"dunite\"]"),
                ("identities = [\"dunite-release\"]", "identities = [\"debian-archive\"]"),
            ],
            "policy.weak-quorum",
            "`reb-delta` is of one group with the supplier `dunite`, and no product is known to be its own",
        ),
        // One that may sign nothing that makers sign tells nothing of it either.
        (
            &[
                ("jurisdictions = [\"NL\"]", "jurisdictions = [\"NL\"]\ncontrolled_by = [\"dunite\"]"),
                (
                    "[\"dunite-release\"]\nmay = [\"release\", \"sbom\"]",
                    "[\"dunite-release\"]\nmay = [\"vex\", \"origin\"]",
                ),
            ],
            "policy.weak-quorum",
            "`reb-delta` is of one group with the supplier `dunite`, and no product is known to be its own",
        ),
        // Edges.
        (
            &[("check = \"components\"", "check = \"components\"\nedges = [\"contains\", \"depends\"]")],
            "policy.vacuous",
            "`depends` without `part`",
        ),
        // Classes.
        (
            &[(
                "proof_any = [\"ecosystem-release-attestation\", \"operator-digest-list\"]\ndigest_list = \"lists/open-source.sha256\"\n",
                "",
            )],
            "policy.vacuous",
            "a lenient class needs `proof_any`",
        ),
        (&[("digest_list = \"lists/open-source.sha256\"\n", "")], "policy.bad-value", "belong together"),
        (&[("lenient = true\n", "")], "policy.bad-value", "belongs to a class with `lenient = true`"),
        (&[("lists/open-source.sha256", "keys/dunite.pub")], "policy.syntax", "not a list of digests"),
        (
            &[("\"operator-digest-list\"]\ndigest_list = \"lists/open-source.sha256\"", "\"independent-rebuild\"]")],
            "",
            "",
        ),
        (
            &[("classes = [\"os-base\"]\ncheck = \"delegated\"", "classes = [\"crypto\"]\ncheck = \"delegated\"")],
            "policy.vacuous",
            "no rule that can be asked of components names `os-base`",
        ),
        (
            &[("leaf_budget = { class = \"open-source\"", "leaf_budget = { class = \"other\"")],
            "policy.vacuous",
            "is no class that products of components lead to",
        ),
        (
            &[(
                "repositories = [\"https://git.aurora.example/\"]",
                "repositories = [\"git+https://git.aurora.example/\"]",
            )],
            "policy.bad-value",
            "is no repository URI",
        ),
        (
            &[
                ("max_level = { slsa-source = 2 }", "max_level = { slsa-source = 1 }"),
                ("id = \"labs-verify\"", "max_level = { slsa-source = 0 }\nid = \"labs-verify\""),
                ("id = \"aurora-vouches\"", "max_level = { slsa-source = 0 }\nid = \"aurora-vouches\""),
            ],
            "policy.unsatisfiable",
            "no verifier is trusted that far on the source track",
        ),
    ];
    let mut wrong = Vec::new();
    for (edits, code, says) in rows {
        let (exit, shown) = checked(FIXTURE, edits);
        let found = shown.matches("error[").count();
        let fits = if code.is_empty() {
            exit == 0
        } else {
            exit == 2 && shown.contains(&format!("error[{code}]")) && shown.contains(says)
        };
        if !fits {
            wrong.push(format!("{edits:?}\n  expected {code} {says}, found {found} errors:\n{shown}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn doubtful_delegations_are_linted() {
    let owned = ("name = \"EverOS Inc\"", "name = \"EverOS Inc\"\ncontrolled_by = [\"aurora\"]");
    for (edits, says) in [
        (vec![owned], "aurora-for-suppliers lets a party vouch for everos, with which it shares an owner"),
        (
            vec![
                (
                    "check = \"delegated\"\ndelegation = \"aurora-for-suppliers\"",
                    "check = \"provenance\"\nmin_level = 2",
                ),
                ("    { check = \"delegated\", delegation = \"aurora-for-suppliers\" },", "    { check = \"sbom\" },"),
            ],
            "no rule asks for aurora-for-suppliers",
        ),
    ] {
        let (exit, shown) = checked(FIXTURE, &edits);
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(exit == 0 && shown.contains(says), "{exit} {shown}");
    }
}
