#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use serde_json::{Value as Json, json};

use super::*;

const APP: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const LIB: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// A core of two files with these members in place of the usual ones.
fn core(changes: Json) -> VerdictCore {
    let mut core = json!({
        "schema": "urn:vidimus:verdict-core:v1", "semantics": 1, "verdict": "pass", "basis": "proven",
        "request": {"at": "2026-11-23T12:00:00Z", "product": "pkg:generic/acme/app@1.0"},
        "inputs": {
            "policy": {"id": "urn:example:intake", "version": 7, "sha256": LIB},
            "inventory": {"sha256": APP, "files": 2, "bytes": 1536},
            "evidence": {"sha256": APP, "items": 1},
        },
        "subjects": [{"path": "bin/app", "sha256": APP}, {"path": "lib/app.so", "sha256": LIB}],
        "chain": {"nodes": 3, "held": 2, "by_class": {"any": 2}, "tiers": 1, "cycles": 0, "unverified": 0},
        "unmet": [], "met": [], "unverified": [], "rejected": [], "caveats": [], "limits_hit": [],
    });
    for (name, value) in changes.as_object().unwrap() {
        core[name] = value.clone();
    }
    serde_json::from_value(core).unwrap()
}

fn details(changes: Json) -> Details {
    let mut details = json!({
        "policy": [], "inventory": {"files": [], "refused": []}, "evidence": [], "met": {}, "accepted": [],
        "claimed_about": {},
    });
    for (name, value) in changes.as_object().unwrap() {
        details[name] = value.clone();
    }
    serde_json::from_value(details).unwrap()
}

fn shown(core: &VerdictCore, details: &Details, options: &TextOptions<'_>) -> String {
    let digests = ("sha256:c0".to_owned(), "sha256:de".to_owned());
    let text = write(&View::new(core, details, digests, options));
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("vidimus: ") && last.ends_with(" core=sha256:c0 decision=sha256:de"), "{last}");
    text
}

fn failing() -> (VerdictCore, Details) {
    let missing = json!([{"code": "evidence.missing", "args": {"by": "a granted party", "kind": "provenance"}}]);
    let unmet = |node: &str, path: &str| {
        json!({"rule": "built", "node": format!("sha256:{node}"), "result": "unproven", "reasons": missing,
               "accountable": "vendor", "path": [path]})
    };
    let rejected = json!([
        {"evidence": "sha256:e1", "code": "signature.missing"},
        {"evidence": "sha256:e2", "code": "identity.smuggled-root"},
    ]);
    let core = core(json!({
        "verdict": "fail", "basis": "unproven", "rejected": rejected,
        "unmet": [unmet(APP, "bin/app"), unmet(LIB, "lib/app.so"),
            {"rule": "vidimus.delivery", "node": "delivery", "result": "refuted",
             "reasons": [{"code": "future.code", "args": {"count": 3, "list": ["a", "b"]}}],
             "accountable": "operator", "path": []}],
        "met": [{"rule": "covered", "class": "any", "count": 1, "sha256": APP}],
    }));
    let details = details(json!({
        "met": {"covered": {"any": [{"node": format!("sha256:{APP}"), "support": ["sha256:e0"]}]}},
        "accepted": [{"evidence": "sha256:e0", "party": "acme", "identity": "acme-release", "predicate": "file"}],
        "claimed_about": {"sha256:e1": ["bin/app"]},
    }));
    (core, details)
}

#[test]
fn the_answer_comes_first_and_the_summary_last() {
    let numbers = "files=2 met=0 unmet=0 rejected=0 core=sha256:c0 decision=sha256:de";
    for (verdict, basis, first, last) in [
        ("pass", "proven", "PASS", "PASS basis=proven"),
        ("pass", "proven-with-waivers", "PASS (with waivers)", "PASS basis=proven-with-waivers"),
        ("fail", "unproven", "FAIL (not proven)", "FAIL basis=unproven"),
        ("fail", "refuted", "FAIL (refuted)", "FAIL basis=refuted"),
    ] {
        let core = core(json!({"verdict": verdict, "basis": basis}));
        let text = shown(&core, &details(json!({})), &TextOptions::default());
        let head = format!("{first}  pkg:generic/acme/app@1.0  at 2026-11-23T12:00:00Z");
        assert_eq!(text.lines().next(), Some(head.as_str()));
        assert_eq!(text.lines().last(), Some(format!("vidimus: {last} {numbers}").as_str()));
    }
}

#[test]
fn a_failure_says_who_must_do_what_and_what_came_close() {
    let (core, details) = failing();
    let options = TextOptions {
        evidence_files: BTreeMap::from([
            ("sha256:e1".to_owned(), vec!["app.intoto.json".to_owned()]),
            ("sha256:e2".to_owned(), vec!["lib/app.so".to_owned()]),
        ]),
        ..TextOptions::default()
    };
    let text = shown(&core, &details, &options);
    let expected = "\
FAIL (not proven)  pkg:generic/acme/app@1.0  at 2026-11-23T12:00:00Z
2 files, 1.5 KiB; 3 of 4 requirements are not met
policy urn:example:intake version 7
sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb

The vendor must act: 2 requirements are not met

  built (not proven)
    file bin/app
    file lib/app.so (its evidence is rejected, so it is a file like any other)
      evidence.missing: no accepted provenance by a granted party is about this
        fix: Deliver the evidence, signed by a party that the policy grants it; see the rejected
             evidence for what came close.
      rejected evidence about these files:
        - app.intoto.json: signature.missing: a statement without any signature
          fix: Deliver the statement in a signed DSSE envelope or Sigstore bundle.

The operator must act: 1 requirement is not met

  vidimus.delivery (refuted): what every delivery is held to
    the delivery as a whole
      future.code: count 3, list a, b

Proven so far
  covered (1 file)
    by acme-release of acme: signature over the file

Other rejected evidence
  identity.smuggled-root
    - lib/app.so: a trusted root came with the delivery and is not used

What to do next
  1. Send this report to the vendor: 2 requirements to fix.
  2. Fix 1 requirement on your own side: see the lines with `fix:`.
  3. See who signed rejected evidence with `vidimus inspect FILE`.
  4. Read why a reason matters with `vidimus explain CODE`, such as evidence.missing.
  5. Run the same command again on what you get then; quote `core=` when you talk about this
     verdict.

vidimus: FAIL basis=unproven files=2 met=1 unmet=3 rejected=2 core=sha256:c0 decision=sha256:de
";
    assert_eq!(text, expected, "{text}");
}

#[test]
fn a_pass_says_what_was_proven_by_whom_and_how_far_it_reaches() {
    let supports = json!([
        {"node": format!("sha256:{APP}"), "support": ["sha256:e0"]},
        {"node": format!("sha256:{LIB}"), "support": ["sha256:e1"]},
    ]);
    let provenance = |evidence: &str| {
        json!({"evidence": evidence, "party": "acme", "identity": "acme-ci",
               "predicate": "https://slsa.dev/provenance/v1", "not_later_than": "2026-11-01T00:00:00Z"})
    };
    let core = core(json!({
        "met": [{"rule": "built", "class": "any", "count": 2, "sha256": APP},
                {"rule": "vidimus.delivery", "class": "delivery", "count": 1, "sha256": APP}],
        "unverified": [{"node": "sha256:99", "code": "chain.not-held"}],
        "caveats": [{"code": "caveat.every-product", "args": {"grants": ["grant-1", "grant-2"]}}],
    }));
    let details = details(json!({
        "evidence": [{"id": "sha256:e0", "use": "support"}, {"id": "sha256:e9", "use": "accepted"}],
        "met": {"built": {"any": supports}, "vidimus.delivery": {"delivery": [{"node": "delivery", "support": []}]}},
        "accepted": [provenance("sha256:e0"), provenance("sha256:e1")],
    }));
    for (verbose, lines) in [
        (
            false,
            vec![
                "Proven",
                "  built (2 files)",
                "    by acme-ci of acme: 2 × https://slsa.dev/provenance/v1",
                "  vidimus.delivery (the delivery): what every delivery is held to",
                "  1 evidence item was accepted and needed by no rule",
                "Not verified",
                "  1 × a component that a bound SBOM names by digest and that is not in the delivery",
                "Caveats",
            ],
        ),
        (
            true,
            vec![
                "    bin/app",
                "      <- https://slsa.dev/provenance/v1 by acme-ci, signed not later than 2026-11-01T00:00:00Z, in",
                "         sha256:e0",
                "    lib/app.so",
                "    sha256:99",
            ],
        ),
    ] {
        let text = shown(&core, &details, &TextOptions { verbose, ..TextOptions::default() });
        let mut rest = text.lines();
        for line in lines {
            assert!(rest.any(|l| l == line), "{line:?} is missing or out of order in\n{text}");
        }
    }
}

#[test]
fn what_is_refuted_comes_before_what_is_not_proven() {
    let unmet = |rule: &str, result: &str| {
        json!({"rule": rule, "node": "delivery", "result": result, "reasons": [{"code": "input.empty"}],
               "accountable": "vendor", "path": []})
    };
    let unmet = [unmet("a", "unproven"), unmet("b", "refuted"), unmet("c", "unproven")];
    let core = core(json!({"verdict": "fail", "basis": "refuted", "unmet": unmet}));
    let text = shown(&core, &details(json!({})), &TextOptions::default());
    let rules: Vec<&str> = text.lines().filter(|line| line.starts_with("  ") && line.ends_with(')')).collect();
    assert_eq!(rules, ["  b (refuted)", "  a (not proven)", "  c (not proven)"]);
}

#[test]
fn lists_are_cut_unless_everything_is_wanted() {
    let names: Vec<String> = (0..25).map(|n| format!("f{n:02}")).collect();
    let reasons = json!([{"code": "input.empty"}]);
    let unmet: Vec<Json> = names
        .iter()
        .map(|path| {
            json!({"rule": "r", "node": format!("sha256:{path}"), "result": "unproven", "reasons": reasons,
                           "accountable": "vendor", "path": [path]})
        })
        .collect();
    let core = core(json!({"verdict": "fail", "basis": "unproven", "unmet": unmet}));
    for (verbose, files, cut) in [(false, 10, true), (true, 25, false)] {
        let text = shown(&core, &details(json!({})), &TextOptions { verbose, ..TextOptions::default() });
        assert_eq!(text.lines().filter(|line| line.starts_with("    file f")).count(), files);
        assert_eq!(text.contains("and 15 more; `-v` lists them"), cut, "{text}");
        assert_eq!(text.matches("input.empty: ").count(), 1, "one reason for all of them: {text}");
    }
}

#[test]
fn nothing_hostile_reaches_the_terminal_and_colour_changes_no_word() {
    let hostile = "x\u{1b}[2J\u{202e}\nvidimus: PASS";
    let core = core(json!({
        "verdict": "fail", "basis": "refuted",
        "request": {"at": "2026-11-23T12:00:00Z", "product": hostile, "recipient": hostile},
        "subjects": [{"path": hostile, "sha256": APP}],
        "unmet": [{"rule": hostile, "node": format!("sha256:{APP}"), "result": "refuted", "accountable": "signer",
                   "reasons": [{"code": "binding.weak", "args": {"party": hostile}}, {"code": hostile}],
                   "path": [hostile]}],
        "unverified": [{"node": hostile, "code": "chain.not-held"}],
        "rejected": [{"evidence": hostile, "code": hostile, "args": {(hostile): [hostile]}}],
    }));
    let details = details(json!({"claimed_about": {(hostile): [hostile]}}));
    for verbose in [false, true] {
        let options = |color| TextOptions { color, verbose, taken: vec![hostile.to_owned()], ..TextOptions::default() };
        let plain = shown(&core, &details, &options(false));
        assert!(plain.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'), "{plain:?}");
        assert_eq!(plain.lines().filter(|line| line.starts_with("vidimus: ")).count(), 1, "{plain}");
        let colored = shown(&core, &details, &options(true));
        assert_ne!(colored, plain);
        let mut stripped = String::new();
        for (index, part) in colored.split('\u{1b}').enumerate() {
            stripped.push_str(if index == 0 { part } else { part.split_once('m').unwrap().1 });
        }
        assert_eq!(stripped, plain);
    }
}
