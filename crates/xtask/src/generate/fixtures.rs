//! The committed deliveries: `fixtures/` and `examples/telecom/`.
//!
//! Each case pins the digest of its verdict's core: what the library says today must be what it said when the fixture was
//! written, on every machine. A change of a pinned digest without a change of the fixture is a change of the semantics.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value as Json, json};
use vidimus::knowledge::{Knowledge, State};
use vidimus::policy::Product;
use vidimus::policy::anchor::{self, Bundle};
use vidimus::read::{Options, Silent};
use vidimus::{Request, Verdict, judge_knowing};
use vidimus_testkit::fixtures::{self, Expect, Fixture};

use super::Generated;
use super::threats::{self, Shown};
use crate::Result;

/// When fixtures are judged that do not say when.
const AT: &str = "2026-11-23T12:00:00Z";

pub(super) fn generate(root: &Path) -> Result<Vec<Generated>> {
    let mut all = Vec::new();
    let mut wrong = Vec::new();
    let (mut cases, mut shown, mut threats) = (Vec::new(), BTreeSet::new(), Vec::new());
    for fixture in fixtures::all() {
        let folder = format!("fixtures/{}", fixture.name);
        let (verdict, checks) = verdict(&fixture).map_err(|error| format!("{}: {error}", fixture.name))?;
        let found = answer(verdict.core_json(), &fixture.expect)?;
        if found != fixture.expect {
            wrong.push(format!("{}: expected {:?}\n  found {found:?}", fixture.name, fixture.expect));
        }
        threats.push(threat(&fixture, &verdict, &checks));
        let core = verdict.core_sha256().hex().to_owned();
        let mut case = conformance(&fixture, &verdict);
        let area = fixture.name.split('/').next().unwrap_or_default().to_owned();
        // One pass and one fail of each area with all its bytes: enough to see where another implementation goes astray.
        if shown.insert((area, verdict.passes())) {
            let name = format!("{}.core.json", fixture.name.replace('/', "."));
            case.insert("core".to_owned(), json!(name));
            all.push(Generated::new(format!("fixtures/conformance/{name}"), verdict.core_json()));
        }
        cases.push(case);
        all.push(Generated::new(format!("{folder}/case.toml"), fixture.case(&core)));
        all.extend(fixture.files().into_iter().map(|(path, bytes)| Generated::new(format!("{folder}/{path}"), bytes)));
    }
    // What a fixture says of itself must be true before it is written.
    if !wrong.is_empty() {
        return Err(wrong.join("\n"));
    }
    all.push(threats::generate(root, &threats)?);
    let semantics = vidimus::conclude::SEMANTICS;
    let index = json!({ "schema": "urn:vidimus:conformance:v1", "semantics": semantics, "cases": cases });
    all.push(Generated::new("fixtures/conformance/index.json", super::json(&index)?));
    let example = fixtures::example().files();
    all.extend(example.into_iter().map(|(path, bytes)| Generated::new(format!("examples/telecom/{path}"), bytes)));
    Ok(all)
}

/// What the table of attacks says of the fixture.
fn threat(fixture: &Fixture, verdict: &Verdict, checks: &BTreeMap<String, &'static str>) -> Shown {
    let asked = verdict.core().unmet.iter().map(|unmet| match checks.get(&unmet.rule) {
        Some(check) => format!("`{check}`"),
        // What every delivery is held to.
        None => "always".to_owned(),
    });
    Shown {
        name: fixture.name.clone(),
        why: fixture.why.clone(),
        twin: fixture.twin.clone(),
        attacks: fixture.attacks.clone(),
        checks: asked.collect(),
        codes: fixture.expect.codes.clone(),
        rejected: fixture.expect.rejected.clone(),
        caveats: fixture.expect.caveats.clone(),
        passes: fixture.passing(),
    }
}

/// What a verdict answers, in the words of fixtures; of the caveats those that the fixture is about.
fn answer(core: &[u8], expected: &Expect) -> Result<Expect> {
    let core: Json = serde_json::from_slice(core).map_err(|error| error.to_string())?;
    let items = |value: Option<&Json>| value.and_then(Json::as_array).cloned().unwrap_or_default();
    let text = |value: &Json, name: &str| value.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let codes = |values: Vec<Json>| {
        let codes: BTreeSet<String> = values.iter().map(|value| text(value, "code")).collect();
        codes.into_iter().collect::<Vec<_>>()
    };
    let unmet = items(core.get("unmet")).iter().flat_map(|unmet| items(unmet.get("reasons"))).collect();
    let mut caveats = codes(items(core.get("caveats")));
    caveats.retain(|code| expected.caveats.contains(code));
    let rejected = codes(items(core.get("rejected")));
    Ok(Expect { basis: text(&core, "basis"), codes: codes(unmet), rejected, caveats })
}

/// The case as another implementation needs it (`docs/spec/conformance.md`).
fn conformance(fixture: &Fixture, verdict: &Verdict) -> serde_json::Map<String, Json> {
    let made = fixture.make.iter().map(|(path, make)| match make {
        fixtures::Make::Text(text) => json!({ "path": path, "text": text }),
        fixtures::Make::Link(target) => json!({ "path": path, "link": target }),
    });
    let mut case = serde_json::Map::new();
    for (name, value) in [
        ("name", json!(fixture.name)),
        ("at", json!(fixture.at.as_deref().unwrap_or(AT))),
        ("verdict", json!(verdict.core().verdict)),
        ("basis", json!(verdict.core().basis)),
        ("core_sha256", json!(verdict.core_sha256().hex())),
        ("decision_sha256", json!(verdict.decision_sha256().hex())),
        ("product", json!(fixture.product)),
        ("recipient", json!(fixture.recipient)),
        ("evidence", json!(fixture.evidence.keys().collect::<Vec<_>>())),
        ("make", made.collect()),
        ("status", json!((!fixture.status.is_empty()).then_some("status"))),
        ("state", json!(fixture.state.as_ref().map(|_| "state.json"))),
        ("anchor", json!(fixture.anchor.as_ref().map(|_| "anchor.toml"))),
    ] {
        if !(value.is_null() || value.as_array().is_some_and(Vec::is_empty)) {
            case.insert(name.to_owned(), value);
        }
    }
    case
}

/// Judges the fixture from a temporary folder; with it, the check of each rule.
fn verdict(fixture: &Fixture) -> Result<(Verdict, BTreeMap<String, &'static str>)> {
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
    let options = |evidence| Options {
        as_delivery: false,
        evidence,
        limits: policy.limits,
        policy_files: vec![],
        outputs: vec![],
        progress: &Silent,
    };
    let read = |folder: &Path, evidence| {
        vidimus::read::delivery(&[folder.to_path_buf()], &options(evidence)).map_err(|error| text(&error))
    };
    let delivered = read(&delivery, evidence)?;
    let status = match fixture.status.is_empty() {
        true => None,
        false => Some(read(&folder.path().join("status"), vec![])?.delivery),
    };
    let state = fixture.state.as_deref().map(State::parse).transpose().map_err(|error| text(&error))?;
    let anchored = match &fixture.anchor {
        None => None,
        Some(anchor) => {
            let anchor = anchor::read("anchor.toml", anchor.as_bytes()).map_err(|error| text(&error))?;
            let bundle = Bundle::beside(&folder.path().join("policy/policy.toml")).map_err(|error| text(&error))?;
            Some(anchor.check("policy.toml", &policy, &bundle).map_err(|error| text(&error))?)
        }
    };
    let knowledge = Knowledge { status: status.as_ref(), state: state.as_ref(), anchor: anchored.as_ref() };
    let product = match &fixture.product {
        Some(purl) => Some(Product::parse_request(purl).map_err(|error| text(&error))?),
        None => None,
    };
    let at = fixture.at.as_deref().unwrap_or(AT).parse().map_err(|error| text(&error))?;
    let request = Request { at, product, recipient: fixture.recipient.clone() };
    let checks = policy.rules.iter().map(|rule| (rule.id.clone(), rule.check.name())).collect();
    Ok((judge_knowing(&delivered.delivery, &policy, knowledge, &request).verdict, checks))
}
