//! A verdict in every format: complete, valid, and nothing in it is anything but text.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use vidimus::record::Record;
use vidimus::render::{self, VerdictFile};

use crate::support::{AT, Run, root, run, vidimus};

const FORMATS: [&str; 6] = ["text", "json", "markdown", "junit", "sarif", "html"];

/// A passing and a failing delivery, in every format.
pub fn rendered(folder: &Path, fixture: &str, product: &str) -> i32 {
    let fixture = root().join(fixture);
    let mut command = vidimus();
    command.arg("verify").arg(fixture.join("delivery")).arg("--policy").arg(fixture.join("policy/policy.toml"));
    command.args(["-q", "--product", product, "--at", AT]);
    for format in FORMATS {
        command.arg("--output").arg(format!("{format}={}", folder.join(format).display()));
    }
    let run: Run = command.output().unwrap().into();
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    run.code
}

pub fn cases() -> [(&'static str, &'static str, i32); 4] {
    [
        ("examples/telecom", "pkg:generic/aurora/5gc@8.2.1", 0),
        ("fixtures/chain/another-builder", "pkg:generic/aurora/5gc@8.2.1", 1),
        ("fixtures/closed-world/files-swapped", "pkg:generic/acme/router@4.2.0", 1),
        ("fixtures/closed-world/no-signature", "pkg:generic/acme/router@4.2.0", 1),
    ]
}

#[test]
fn each_format_has_every_check() {
    for (fixture, product, code) in cases() {
        let made = tempfile::tempdir().unwrap();
        assert_eq!(rendered(made.path(), fixture, product), code, "{fixture}");
        let read = |format: &str| fs::read_to_string(made.path().join(format)).unwrap();
        let record = Record::read(read("json").as_bytes()).unwrap();
        let core = &record.file().core;
        let (unmet, met) = (core.unmet.len(), core.met.iter().map(|met| met.count).sum::<u64>() as usize);

        let sarif: Json = serde_json::from_str(&read("sarif")).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let kind = |kind: &str| results.iter().filter(|result| result["kind"] == kind).count();
        assert_eq!((kind("pass"), kind("fail") + kind("open")), (met, unmet), "{fixture}");
        for result in results {
            // Section 3.27.10: without kind fail, level is none or absent.
            assert_eq!(result["kind"] == "fail", result["level"] == "error", "{result}");
            let index = result["ruleIndex"].as_u64().unwrap() as usize;
            assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        }

        let junit = read("junit");
        assert_eq!(junit.matches("<testcase ").count(), met + unmet, "{fixture}");
        assert_eq!(junit.matches("<failure ").count(), unmet, "{fixture}");

        let (html, markdown) = (read("html"), read("markdown"));
        assert_eq!(html.matches("<tr data-result=").count(), met + unmet, "{fixture}");
        for page in [&html, &markdown] {
            assert!(
                page.contains(&record.file().core_sha256) && page.contains(&core.inputs.policy.sha256),
                "{fixture}"
            );
        }
        for reason in core.unmet.iter().flat_map(|unmet| &unmet.reasons) {
            for format in ["text", "markdown", "junit", "sarif", "html"] {
                assert!(read(format).contains(&reason.code), "{fixture}: {format} without {}", reason.code);
            }
        }
        // The page holds the verdict, and it is read back as it was.
        let embedded = Record::read(html.as_bytes()).unwrap();
        assert_eq!(embedded.file(), record.file());
        // It loads nothing.
        for loads in ["src=", "href=\"http", "url(", "@import", "<link", "<iframe", "fetch(", "XMLHttpRequest"] {
            assert!(!html.contains(loads), "{fixture}: {loads}");
        }
    }
}

#[test]
fn the_page_is_bound_to_its_verdict() {
    let made = tempfile::tempdir().unwrap();
    let (fixture, product, _) = cases()[0];
    rendered(made.path(), fixture, product);
    let archive = made.path().join("evidence.tar");
    let example = root().join(fixture);
    let (delivery, policy) = (example.join("delivery"), example.join("policy/policy.toml"));
    let again = run([
        "verify",
        delivery.to_str().unwrap(),
        "-q",
        "--policy",
        policy.to_str().unwrap(),
        "--product",
        product,
        "--at",
        AT,
        "--archive",
        archive.to_str().unwrap(),
    ]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    let page = made.path().join("html");
    let replayed = run(["replay", archive.to_str().unwrap(), "--expect", page.to_str().unwrap()]);
    assert_eq!(replayed.code, 0, "{}{}", replayed.stdout, replayed.stderr);
    // A page whose verdict was changed is none, and one with two verdicts neither.
    let text = fs::read_to_string(&page).unwrap();
    let mark = "<script type=\"application/json\" id=\"vidimus-verdict\">";
    for (changed, said) in [
        (text.replace("\"verdict\":\"pass\"", "\"verdict\":\"fail\""), "this verdict was changed: core"),
        (text.replace(mark, "<script>"), "neither JSON nor a page with a verdict in it"),
        (format!("{text}{mark}{{}}</script>"), "more than one verdict"),
        (text.replace("\"semantics\":1", "\"semantics\":2"), "semantics 2"),
        (text.replace("\"use\":\"support\"", "\"use\":\"rejected\""), "details.evidence is not what its digest says"),
    ] {
        fs::write(&page, changed).unwrap();
        let replayed = run(["replay", archive.to_str().unwrap(), "--expect", page.to_str().unwrap()]);
        assert_eq!((replayed.code, replayed.stderr.contains(said)), (2, true), "{said}: {}", replayed.stderr);
    }
}

const MARKUP: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>`|[x](javascript:alert(1))</svg></title>]]>&amp;\u{202e}\u{1b}[31m\u{0} www.evil.example https://evil.example/ @all #1";

/// A verdict with markup in every string and under every name, and a waiver.
pub fn poisoned(mut json: Json) -> VerdictFile {
    poison(&mut json);
    // Names of members that evidence or the policy chose.
    let maps = ["/details/met", "/details/components", "/details/claimed_about", "/run/evidence_files"];
    for pointer in maps {
        let Some(Json::Object(members)) = json.pointer_mut(pointer) else { continue };
        let renamed = std::mem::take(members).into_iter().map(|(name, value)| (name + MARKUP, value));
        *members = renamed.collect();
    }
    json["core"]["caveats"].as_array_mut().unwrap().push(json!({
        "code": "caveat.waived",
        "args": { "days": 3, "owner": MARKUP, "rule": MARKUP, "until": MARKUP, "waiver": MARKUP },
    }));
    serde_json::from_value(json).unwrap()
}

/// Puts markup into every string that is no word of ours.
fn poison(value: &mut Json) {
    match value {
        Json::String(text) => {
            let ours =
                ["pass", "fail", "proven", "proven-with-waivers", "unproven", "refuted", "live", "as-of", "replay"];
            let ours = ours.contains(&text.as_str())
                || ["vendor", "supplier", "signer", "operator", "laboratory", "certification-body"]
                    .contains(&text.as_str());
            if !ours {
                text.push_str(MARKUP);
            }
        }
        Json::Array(list) => list.iter_mut().for_each(poison),
        Json::Object(members) => members.values_mut().for_each(poison),
        _ => {}
    }
}

#[test]
fn markup_in_every_string_is_text() {
    for (fixture, product, _) in cases() {
        let made = tempfile::tempdir().unwrap();
        rendered(made.path(), fixture, product);
        let file = poisoned(serde_json::from_slice(&fs::read(made.path().join("json")).unwrap()).unwrap());

        let html = render::html(&file, None);
        let tags: BTreeSet<String> = html
            .split('<')
            .skip(1)
            .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "!/-".contains(*c)).collect())
            .collect();
        let known = "!doctype html head meta title style body a header div h1 span p dl dt dd main section h2 h3 ul li code details summary table thead tbody tr th td form label input select option button svg text path g rect footer script br";
        for tag in &tags {
            let name = tag.trim_start_matches('/');
            assert!(known.split(' ').any(|known| known == name), "{fixture}: <{tag}");
        }
        assert_eq!(html.matches("<script").count(), 2, "{fixture}");
        assert!(!html.contains("<img") && !html.contains("alert(1)</script>"), "{fixture}");
        // No attribute ends early: outside of tags and quotes nothing looks like a handler.
        assert!(!html.contains("\"'><") && !html.contains('\u{202e}') && !html.contains('\u{1b}'), "{fixture}");

        let junit = render::junit(&file);
        assert!(!junit.contains("<script") && !junit.contains("<img") && !junit.contains("]]>"), "{fixture}");
        assert!(!junit.contains('\u{1b}') && !junit.contains('\u{0}'), "{fixture}");
        let markdown = render::markdown(&file);
        // Outside of code spans every bracket is escaped; inside nothing is markup.
        for line in markdown.lines() {
            let bare: String = outside_of_code(line);
            assert!(!bare.contains("<script") && !bare.contains("](javascript"), "{fixture}: {line}");
        }
        let sarif: Json = serde_json::from_slice(&render::sarif(&file)).unwrap();
        assert_eq!(sarif["version"], "2.1.0");
    }
}

/// What of a line stands in no code span (CommonMark 6.1) and is not escaped.
fn outside_of_code(line: &str) -> String {
    let chars: Vec<char> = line.chars().collect();
    let (mut out, mut at) = (String::new(), 0);
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '`' => {
                let run = chars[at..].iter().take_while(|c| **c == '`').count();
                let mut end = at + run;
                let mut closed = None;
                while end < chars.len() {
                    let next = chars[end..].iter().take_while(|c| **c == '`').count();
                    if next == run {
                        closed = Some(end + run);
                        break;
                    }
                    end += next.max(1);
                }
                at = closed.unwrap_or(at + run);
            }
            c => {
                out.push(c);
                at += 1;
            }
        }
    }
    out
}

#[test]
fn a_verdict_is_explained_check_by_check() {
    let made = tempfile::tempdir().unwrap();
    let (fixture, product, _) = cases()[2];
    rendered(made.path(), fixture, product);
    let verdict = made.path().join("json");
    let verdict = verdict.to_str().unwrap();
    let file: Json = serde_json::from_slice(&fs::read(verdict).unwrap()).unwrap();
    let unmet = &file["core"]["unmet"][0];
    let (rule, node) = (unmet["rule"].as_str().unwrap(), unmet["node"].as_str().unwrap());
    // Nothing else is a verdict: the digests are of what its objects say, and a list is none.
    let mut listed = file.clone();
    let reasons = listed["core"]["unmet"][0]["reasons"].as_array_mut().unwrap();
    reasons[0] = serde_json::json!([reasons[0]["code"], reasons[0].get("args").unwrap_or(&serde_json::json!({}))]);
    let as_list = made.path().join("list");
    fs::write(&as_list, listed.to_string()).unwrap();
    let refused = run(["explain", as_list.to_str().unwrap()]);
    assert_eq!((refused.code, refused.stderr.contains("not a verdict")), (2, true), "{}", refused.stderr);
    let whole = run(["explain", verdict]);
    assert!(whole.code == 0 && whole.stdout.contains("vidimus: FAIL"), "{}{}", whole.stdout, whole.stderr);
    for (args, said) in [
        (vec!["--rule", rule], rule),
        (vec!["--node", node], node),
        (vec!["--rule", rule, "--node", node], "who must act:"),
    ] {
        let run = run([&["explain", verdict], args.as_slice()].concat());
        assert!(run.code == 0 && run.stdout.contains(said), "{args:?}: {}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("fix:"), "{args:?}: {}", run.stdout);
    }
    for (args, said) in [
        (vec!["explain", verdict, "--rule", "no-such-rule"], "no such check"),
        (vec!["explain", "evidence.missing", "--rule", "x"], "is a reason code, not a verdict"),
        (vec!["explain", file!()], "there is no reason with the code"),
    ] {
        let run = run(args.clone());
        assert_eq!((run.code, run.stderr.contains(said)), (2, true), "{args:?}: {}", run.stderr);
    }
}

/// What an operator signs is a live verdict, and says what it rests on.
#[test]
fn statements_about_a_verdict() {
    let made = tempfile::tempdir().unwrap();
    let example = root().join("examples/telecom");
    let ask = |more: &[&str]| {
        let mut command = vidimus();
        command.arg("verify").arg(example.join("delivery")).arg("--policy").arg(example.join("policy/policy.toml"));
        let run: Run = command.arg("-q").args(more).output().unwrap().into();
        run
    };
    let vsa = made.path().join("vsa.json");
    let output = format!("vsa={}", vsa.display());
    let product = ["--product", "pkg:generic/aurora/5gc@8.2.1"];
    let id = ["--verifier-id", "https://intake.nordlys.example/verifier/v1"];
    let run = ask(&[&product[..], &id, &["--output", &output]].concat());
    assert!(run.code < 2, "{}", run.stderr);
    let statement: Json = serde_json::from_slice(&fs::read(&vsa).unwrap()).unwrap();
    let predicate = &statement["predicate"];
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(statement["predicateType"], "https://slsa.dev/verification_summary/v1");
    assert_eq!(predicate["verifier"]["id"], id[1]);
    assert_eq!(predicate["resourceUri"], product[1]);
    let expected = if run.code == 0 { "PASSED" } else { "FAILED" };
    assert_eq!(predicate["verificationResult"], expected);
    assert_eq!(run.code == 0, !predicate["inputAttestations"].as_array().unwrap().is_empty());
    for (more, said) in [(vec!["--at", AT], "only a live verdict is signed"), (vec![], "give `--verifier-id`")] {
        let id: &[&str] = if more.is_empty() { &[] } else { &id };
        let run = ask(&[&product[..], id, &["--output", &output], &more].concat());
        assert_eq!((run.code, run.stderr.contains(said), vsa.exists()), (2, true, false), "{said}: {}", run.stderr);
    }
}

#[test]
fn differences_and_their_causes() {
    let made = tempfile::tempdir().unwrap();
    let ask = |fixture: &str, name: &str, more: &[&str]| {
        let fixture = root().join("fixtures").join(fixture);
        let archive = made.path().join(format!("{name}.tar"));
        let json = made.path().join(format!("{name}.json"));
        let mut command = vidimus();
        command.arg("verify").arg(fixture.join("delivery")).arg("--policy").arg(fixture.join("policy/policy.toml"));
        command.args(["-q", "--product", "pkg:generic/acme/router@4.2.0"]).args(more);
        command.arg("--archive").arg(&archive).arg("--output").arg(format!("json={}", json.display()));
        let run: Run = command.output().unwrap().into();
        assert!(run.code < 2, "{}", run.stderr);
        (archive.display().to_string(), json.display().to_string())
    };
    let good = ask("closed-world/signed", "good", &["--at", AT]);
    let cases = [
        ("closed-world/byte-changed", "byte", AT, "inventory"),
        ("closed-world/no-signature", "unsigned", AT, "evidence"),
        ("closed-world/other-key", "key", AT, "evidence"),
        ("closed-world/signed", "later", "2026-11-24T12:00:00Z", ""),
    ];
    for (fixture, name, at, cause) in cases {
        let other = ask(fixture, name, &["--at", at]);
        let run = run(["diff", &good.0, &other.0, "--output", "json"]);
        assert_eq!(run.code, 3, "{name}: {}", run.stderr);
        let report: Json = serde_json::from_str(&run.stdout).unwrap();
        let causes: BTreeSet<&str> =
            report["checks"].as_array().unwrap().iter().filter_map(|change| change["cause"].as_str()).collect();
        if cause.is_empty() {
            assert!(report["checks"].as_array().unwrap().is_empty(), "{name}: {report:#}");
            assert_eq!(report["inputs"][0]["name"], "request at", "{name}");
        } else {
            assert!(causes.contains(cause), "{name}: {report:#}");
        }
        for format in ["text", "markdown"] {
            let run = crate::support::run(["diff", &good.0, &other.0, "--output", format]);
            assert_eq!(run.code, 3);
            assert!(run.stdout.contains(cause), "{name}: {}", run.stdout);
        }
        // Without archives there are differences, and no causes.
        let run = crate::support::run(["diff", &good.1, &other.1]);
        assert_eq!(run.code, 3);
        assert!(cause.is_empty() || run.stdout.contains("compare the two evidence archives"), "{}", run.stdout);
    }
    assert_eq!(run(["diff", &good.0, &good.1]).code, 0);
    assert_eq!(run(["diff", &good.0, "/nonexistent"]).code, 2);
}
