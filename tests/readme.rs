//! What README and the page about the chain show is what the program prints. Run with `UPDATE_README=1` to write it anew.

use std::ffi::OsString;
use std::fs;

use serde_json::json;

use crate::real::{npm_of_another_repository, wheel_intake};
use crate::support::{AT, copy, items, root, run, verify, vidimus};

const PRODUCT: &str = "pkg:generic/aurora/5gc@8.2.1";

const SBOM: &str = "examples/telecom/delivery/evidence/5gc.cdx.json";

/// The instant at which the shown runs were made.
const SHOWN_AT: &str = "2026-11-24T06:00:00Z";

/// A delivery of which one component is rebuilt once and should be twice.
fn rebuilt_once() -> [OsString; 6] {
    let fixture = root().join("fixtures/chain/one-rebuild");
    let (delivery, policy) = (fixture.join("delivery"), fixture.join("policy/policy.toml"));
    [delivery.into(), "--policy".into(), policy.into(), format!("--product={PRODUCT}").into(), "--at".into(), AT.into()]
}

/// How the way to a component stands in the core of the verdict about it, and what the core says of the whole chain.
fn way() -> String {
    let core = verify(rebuilt_once()).1["core"].clone();
    let mut unmet =
        items(&core["unmet"]).filter(|unmet| unmet["rule"] == "crypto-rebuilt" && items(&unmet["via"]).count() > 3);
    let part = unmet.next().expect("the component");
    let part = json!({"node": part["node"], "rule": part["rule"], "via": part["via"]});
    format!("{part:#}\n{}", json!({"chain": core["chain"]}))
}

/// The text that stands under a marker; `None` where the corpus is missing.
fn shown(marker: &str) -> Option<String> {
    let telecom = root().join("examples/telecom");
    let policy = telecom.join("policy/policy.toml");
    let judged = |delivery: &std::path::Path, policy: &std::path::Path, more: &[&str]| {
        let args = ["verify".as_ref(), delivery.as_os_str(), "--policy".as_ref(), policy.as_os_str()];
        let at = ["--at", SHOWN_AT].map(AsRef::as_ref);
        let run = run(args.into_iter().chain(at).chain(more.iter().map(AsRef::as_ref)));
        assert!(run.stderr.is_empty(), "{}", run.stderr);
        run.stdout
    };
    match marker {
        "output: pass" => Some(judged(&telecom.join("delivery"), &policy, &["--product", PRODUCT])),
        "output: fail" => {
            let changed = tempfile::tempdir().unwrap();
            copy(&telecom.join("delivery"), changed.path());
            let radio = changed.path().join("radio/gnb-du.bin");
            fs::write(&radio, [fs::read(&radio).unwrap(), b"x".to_vec()].concat()).unwrap();
            Some(judged(changed.path(), &policy, &["--product", PRODUCT]))
        }
        "output: chain" => Some(run(["verify".into()].into_iter().chain(rebuilt_once())).stdout),
        "output: way" => Some(way()),
        "output: sbom" => {
            let run = vidimus().current_dir(root()).args(["sbom", "check", SBOM, "--profile", "ntia-2021"]).output();
            Some(String::from_utf8(run.unwrap().stdout).unwrap())
        }
        "output: wheel" => {
            let intake = wheel_intake()?;
            Some(judged(&intake.at("delivery"), &intake.at("policy/policy.toml"), &[]))
        }
        "output: npm" => {
            let intake = npm_of_another_repository()?;
            let product = ["--product", "pkg:npm/sigstore@2.3.1"];
            Some(judged(&intake.at("delivery"), &intake.at("policy/policy.toml"), &product))
        }
        file => Some(fs::read_to_string(root().join(file.strip_prefix("file: ").expect("a known marker"))).unwrap()),
    }
}

/// Does the page show it? `…` stands for what is left out.
fn agrees(shown: &str, printed: &str) -> bool {
    let mut rest = printed;
    for (number, piece) in shown.split('…').enumerate() {
        let found = if number == 0 { rest.starts_with(piece).then_some(0) } else { rest.find(piece) };
        let Some(at) = found else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.is_empty() || shown.ends_with('…')
}

/// The page with what is printed under each marker, and how many markers there are.
fn written(page: &str) -> (String, usize) {
    let mut written = String::new();
    let mut rest = page;
    let mut blocks = 0;
    while let Some((before, after)) = rest.split_once("<!-- ") {
        let (marker, after) = after.split_once(" -->\n").unwrap();
        let (fence, after) = after.split_once('\n').unwrap();
        let (now, after) =
            if let Some(after) = after.strip_prefix("```") { ("", after) } else { after.split_once("\n```").unwrap() };
        let text = match shown(marker) {
            Some(text) if !agrees(now, text.trim_end()) => text.trim_end().to_owned(),
            _ => now.to_owned(),
        };
        written.push_str(&format!("{before}<!-- {marker} -->\n{fence}\n{text}\n```"));
        rest = after;
        blocks += 1;
    }
    written.push_str(rest);
    (written, blocks)
}

#[test]
fn pages_show_what_is_printed() {
    for (name, least) in [("README.md", 5), ("docs/chain.md", 2)] {
        let path = root().join(name);
        let page = fs::read_to_string(&path).unwrap();
        let (written, blocks) = written(&page);
        assert!(blocks >= least, "{name}: the markers are there");
        if std::env::var_os("UPDATE_README").is_some() {
            fs::write(path, written).unwrap();
        } else {
            let what = "shows something else; run the tests with UPDATE_README=1 and read the difference";
            assert!(written == page, "{name} {what}");
        }
    }
}

#[test]
fn what_is_left_out_is_marked() {
    for (shown, printed, expected) in [
        ("a\nb", "a\nb", true),
        ("a\nb", "a\nb\nc", false),
        ("a\n…", "a\nb\nc", true),
        ("a\n…\nc", "a\nb\nc", true),
        ("b\n…", "a\nb\nc", false),
        ("a…\nd", "a\nb\nc", false),
        ("sha256:07…\"", "sha256:0711\"", true),
    ] {
        assert_eq!(agrees(shown, printed), expected, "{shown:?} {printed:?}");
    }
}
