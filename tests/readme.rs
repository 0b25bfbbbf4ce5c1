//! What README shows is what the program prints. Run with `UPDATE_README=1` to write it anew.

use std::fs;

use crate::real::{npm_of_another_repository, wheel_intake};
use crate::support::{copy, root, run, vidimus};

const PRODUCT: &str = "pkg:generic/aurora/5gc@8.2.1";

const SBOM: &str = "examples/telecom/delivery/evidence/5gc.cdx.json";

/// The instant at which the shown runs were made.
const SHOWN_AT: &str = "2026-11-24T06:00:00Z";

/// The text that stands under a marker; `None` where the corpus is missing.
fn shown(marker: &str) -> Option<String> {
    let telecom = root().join("examples/telecom");
    let policy = telecom.join("policy/policy.toml");
    let verify = |delivery: &std::path::Path, policy: &std::path::Path, more: &[&str]| {
        let args = ["verify".as_ref(), delivery.as_os_str(), "--policy".as_ref(), policy.as_os_str()];
        let at = ["--at", SHOWN_AT].map(AsRef::as_ref);
        let run = run(args.into_iter().chain(at).chain(more.iter().map(AsRef::as_ref)));
        assert!(run.stderr.is_empty(), "{}", run.stderr);
        run.stdout
    };
    match marker {
        "output: pass" => Some(verify(&telecom.join("delivery"), &policy, &["--product", PRODUCT])),
        "output: fail" => {
            let changed = tempfile::tempdir().unwrap();
            copy(&telecom.join("delivery"), changed.path());
            let radio = changed.path().join("radio/gnb-du.bin");
            fs::write(&radio, [fs::read(&radio).unwrap(), b"x".to_vec()].concat()).unwrap();
            Some(verify(changed.path(), &policy, &["--product", PRODUCT]))
        }
        "output: sbom" => {
            let run = vidimus().current_dir(root()).args(["sbom", "check", SBOM, "--profile", "ntia-2021"]).output();
            Some(String::from_utf8(run.unwrap().stdout).unwrap())
        }
        "output: wheel" => {
            let intake = wheel_intake()?;
            Some(verify(&intake.at("delivery"), &intake.at("policy/policy.toml"), &[]))
        }
        "output: npm" => {
            let intake = npm_of_another_repository()?;
            let product = ["--product", "pkg:npm/sigstore@2.3.1"];
            Some(verify(&intake.at("delivery"), &intake.at("policy/policy.toml"), &product))
        }
        file => Some(fs::read_to_string(root().join(file.strip_prefix("file: ").expect("a known marker"))).unwrap()),
    }
}

#[test]
fn readme_shows_what_is_printed() {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let mut written = String::new();
    let mut rest = readme.as_str();
    let mut blocks = 0;
    while let Some((before, after)) = rest.split_once("<!-- ") {
        let (marker, after) = after.split_once(" -->\n").unwrap();
        let (fence, after) = after.split_once('\n').unwrap();
        let (now, after) =
            if let Some(after) = after.strip_prefix("```") { ("", after) } else { after.split_once("\n```").unwrap() };
        let text = shown(marker).map_or_else(|| now.to_owned(), |text| text.trim_end().to_owned());
        written.push_str(&format!("{before}<!-- {marker} -->\n{fence}\n{text}\n```"));
        rest = after;
        blocks += 1;
    }
    written.push_str(rest);
    assert!(blocks >= 5, "the markers are there");
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(path, written).unwrap();
        return;
    }
    assert!(
        written == readme,
        "README shows something else; run the tests with UPDATE_README=1 and read the difference"
    );
}
