//! The committed deliveries: `fixtures/` and `examples/telecom/`.
//!
//! Each case pins the digest of its verdict's core: what the library says today must be what it said when the fixture was
//! written, on every machine. A change of a pinned digest without a change of the fixture is a change of the semantics.

use std::path::Path;

use vidimus::policy::Product;
use vidimus::read::{Options, Silent};
use vidimus::{Request, judge};
use vidimus_testkit::fixtures::{self, Fixture};

use super::Generated;
use crate::Result;

/// When fixtures are judged that do not say when.
const AT: &str = "2026-11-23T12:00:00Z";

pub(super) fn generate() -> Result<Vec<Generated>> {
    let mut all = Vec::new();
    for fixture in fixtures::all() {
        let folder = format!("fixtures/{}", fixture.name);
        let core = core_sha256(&fixture).map_err(|error| format!("{}: {error}", fixture.name))?;
        all.push(Generated::new(format!("{folder}/case.toml"), fixture.case(&core)));
        all.extend(fixture.files().into_iter().map(|(path, bytes)| Generated::new(format!("{folder}/{path}"), bytes)));
    }
    let example = fixtures::example().files();
    all.extend(example.into_iter().map(|(path, bytes)| Generated::new(format!("examples/telecom/{path}"), bytes)));
    Ok(all)
}

/// Judges the fixture from a temporary folder.
fn core_sha256(fixture: &Fixture) -> Result<String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let folder = tempfile::tempdir().map_err(|error| text(&error))?;
    for (path, bytes) in fixture.files() {
        super::write(&folder.path().join(path), &bytes)?;
    }
    let delivery = folder.path().join("delivery");
    for (path, make) in &fixture.make {
        if !make.apply(&delivery, path) {
            return Err(format!("this file system cannot hold {path}"));
        }
    }
    let policy = vidimus::policy::load(&folder.path().join("policy/policy.toml")).map_err(|error| text(&error))?;
    let evidence = fixture.evidence.keys().map(|name| folder.path().join("evidence").join(name)).collect();
    let options = Options {
        as_delivery: false,
        evidence,
        limits: policy.limits,
        policy_files: vec![],
        outputs: vec![],
        progress: &Silent,
    };
    let read =
        vidimus::read::delivery(&[Path::new(&delivery).to_path_buf()], &options).map_err(|error| text(&error))?;
    let product = match &fixture.product {
        Some(purl) => Some(Product::parse_request(purl).map_err(|error| text(&error))?),
        None => None,
    };
    let at = fixture.at.as_deref().unwrap_or(AT).parse().map_err(|error| text(&error))?;
    let request = Request { at, product, recipient: fixture.recipient.clone() };
    Ok(judge(&read.delivery, &policy, &request).verdict.core_sha256().hex().to_owned())
}
