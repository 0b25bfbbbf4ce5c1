//! `docs/vendor-guide.md` is a transcript: every command is run in an empty folder, and what it prints must be what the page shows. Run
//! with `UPDATE_README=1` to write it anew.

use std::fs;

use crate::support::{root, run, unmet, verify};
use crate::vendor::{PRODUCT, Shop};

/// Digests in the text, each as the same word: keys are new every time.
fn without_digests(text: &str) -> String {
    let mut out = String::new();
    let mut hex = String::new();
    let flush = |hex: &mut String, out: &mut String| {
        out.push_str(if hex.len() == 64 { "DIGEST" } else { hex });
        hex.clear();
    };
    for c in text.chars() {
        if matches!(c, '0'..='9' | 'a'..='f') {
            hex.push(c);
        } else {
            flush(&mut hex, &mut out);
            out.push(c);
        }
    }
    flush(&mut hex, &mut out);
    out
}

/// Runs the page in an empty folder, and returns it as it should be.
fn played(page: &str, shop: &Shop) -> String {
    let mut out = String::new();
    let mut rest = page;
    while let Some((before, block)) = rest.split_once("```") {
        let (language, block) = block.split_once('\n').unwrap();
        let (body, after) = block.split_once("```").unwrap();
        out.push_str(before);
        let file = before.trim_end().rsplit_once("<!-- file: ").and_then(|(_, marker)| marker.strip_suffix(" -->"));
        let body = if let Some(file) = file {
            shop.write(file, body);
            body.to_owned()
        } else if language == "console" {
            let commands = body.lines().filter(|line| line.starts_with("$ "));
            let shown = commands.map(|line| {
                let run = shop.shell(&line[2..]);
                assert!(matches!(run.code, 0 | 1) && run.stderr.is_empty(), "{line}: {}{}", run.stdout, run.stderr);
                format!("{line}\n{}", run.stdout)
            });
            shown.collect()
        } else {
            body.to_owned()
        };
        out.push_str(&format!("```{language}\n{body}```"));
        rest = after;
    }
    out + rest
}

/// A shop with nothing in it.
fn empty() -> Shop {
    Shop { folder: tempfile::tempdir().unwrap() }
}

#[test]
fn the_guide_shows_what_is_printed() {
    let path = root().join("docs/vendor-guide.md");
    let page = fs::read_to_string(&path).unwrap();
    let now = played(&page, &empty());
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(path, now).unwrap();
        return;
    }
    assert!(now.contains("READY  urn:example:nordlys:intake version 1 passes pkg:generic/acme/app@1.0"));
    assert_eq!(
        without_digests(&now),
        without_digests(&page),
        "run the tests with UPDATE_README=1 and read the difference"
    );
    let four = ["keygen", "attest", "pack", "preflight"].map(|verb| page.contains(&format!("$ vidimus {verb} ")));
    assert_eq!(four, [true; 4]);
}

/// What ten operators say about the delivery of the guide.
#[test]
fn ten_operators_judge_the_delivery_of_the_guide() {
    let shop = empty();
    played(&fs::read_to_string(root().join("docs/vendor-guide.md")).unwrap(), &shop);
    let policy = String::from_utf8(shop.read("operator/policy.toml")).unwrap();
    let with = |more: &str| format!("{policy}\n{more}");
    let change = |from: &str, to: &str| {
        assert!(policy.contains(from), "{from}");
        policy.replace(from, to)
    };
    shop.shell("vidimus keygen other --unencrypted && cp other.pub operator/keys/");
    let rule = |text: &str| format!("[[rule]]\nid = \"more\"\n{text}\n");
    let rows: Vec<(&str, String, &[&str], &[&str])> = vec![
        ("as it is", policy.clone(), &[], &[]),
        ("the delivery alone", change("may        = [\"delivery\", \"sbom\"]", "may = [\"delivery\"]").replace("[[rule]]\nid    = \"described\"", "[[rule]]\nid = \"kept\"\ncheck = \"inventory\"\nclosed_world = true\n#").replace("title = \"An SBOM that the vendor signed describes each file\"\ncheck = \"sbom\"", ""), &[], &[]),
        ("released by the vendor", with(&rule("check = \"release\"\naccept = [\"delivery\"]")), &[], &[]),
        ("for its recipient", policy.clone(), &["--recipient", "urn:example:nordlys"], &[]),
        ("for somebody else", policy.clone(), &["--recipient", "urn:example:sonnenfunk"], &["evidence.missing"]),
        ("another key", change("keys/acme.pub", "keys/other.pub"), &[], &["evidence.missing"]),
        ("another product line", change("pkg:generic/acme/", "pkg:generic/acme/app-"), &[], &["evidence.missing"]),
        ("no grant for SBOMs", change("may        = [\"delivery\", \"sbom\"]", "may = [\"delivery\"]\n").replace("check = \"sbom\"", "check = \"release\"\naccept = [\"delivery\"]") + &rule("check = \"release\"\nby = [\"acme\"]"), &[], &[]),
        ("built from source", with(&rule("check = \"provenance\"\nmin_level = 1")).replace("may        = [\"delivery\", \"sbom\"]", "may = [\"delivery\", \"sbom\", \"provenance\"]\nbuilders = [{ id = \"https://ci.example\", max_level = 1 }]"), &[], &["evidence.missing"]),
        ("a signature over each file", with(&rule("check = \"release\"\naccept = [\"file\"]")).replace("may        = [\"delivery\", \"sbom\"]", "may = [\"delivery\", \"sbom\", \"file\"]"), &[], &["evidence.missing"]),
    ];
    assert_eq!(rows.len(), 10);
    for (who, policy, more, codes) in rows {
        shop.write("operator/policy.toml", &policy);
        let (delivery, policy) = (shop.path("delivery"), shop.path("operator/policy.toml"));
        let (delivery, policy) = (delivery.to_str().unwrap(), policy.to_str().unwrap());
        // Who packed said for whom; the operator says who it is.
        let more = if more.is_empty() { &["--recipient", "urn:example:nordlys"][..] } else { more };
        let args = [&["--policy", policy, "--product", PRODUCT, "--at", crate::support::AT][..], more].concat();
        let (judged, verdict) = verify([&[delivery][..], &args].concat());
        assert_eq!(judged.code, i32::from(!codes.is_empty()), "{who}: {}{}", judged.stderr, verdict);
        let found = unmet(&verdict);
        assert!(codes.iter().all(|code| found.iter().any(|found| found == code)), "{who}: {found:?}");
        // What the vendor is told before is what the operator says.
        let preflight = run([&["preflight", delivery][..], &args].concat());
        assert_eq!(preflight.code, judged.code, "{who}: {}", preflight.stderr);
        let core = verdict["core_sha256"].as_str().unwrap();
        assert!(preflight.stdout.contains(core), "{who}: the same core: {}", preflight.stdout);
    }
}

/// "Nothing of it is missing" is a question to the delivery statement: where that is gone, or is for somebody else, the SBOM, which
/// covers every file, answers nothing.
#[test]
fn the_policy_of_the_guide_asks_for_the_statement() {
    let shop = empty();
    played(&fs::read_to_string(root().join("docs/vendor-guide.md")).unwrap(), &shop);
    let judge = |recipient: &[&str]| {
        let args = ["delivery", "operator/policy.toml"].map(|name| shop.path(name).display().to_string());
        let args = [args[0].as_str(), "--policy", &args[1], "--product", PRODUCT, "--at", crate::support::AT];
        let (judged, verdict) = verify([&args[..], recipient].concat());
        (judged.code, unmet(&verdict))
    };
    let (nordlys, other) = (["--recipient", "urn:example:nordlys"], ["--recipient", "urn:example:sonnenfunk"]);
    assert_eq!(judge(&nordlys), (0, vec![]));
    let (code, found) = judge(&other);
    assert!(code == 1 && found.contains(&"evidence.missing".to_owned()), "another recipient: {found:?}");
    // Evidence is what the statement lists, or what is signed: without it the SBOM still describes both files.
    fs::remove_file(shop.path("delivery/evidence/delivery.sigstore.json")).unwrap();
    for recipient in [&[][..], &nordlys, &other] {
        let (code, found) = judge(recipient);
        assert!(code == 1 && found.contains(&"evidence.missing".to_owned()), "no statement, {recipient:?}: {found:?}");
    }
    // Nor is a file missed that is gone, unless somebody says that it was there.
    fs::remove_file(shop.path("delivery/files/README.txt")).unwrap();
    let (code, found) = judge(&[]);
    assert_eq!((code, found), (1, vec!["evidence.missing".to_owned()]));
}
