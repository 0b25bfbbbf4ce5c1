//! One delivery from many countries under the whole intake policy of an operator: it passes, and each of more than thirty single
//! changes, an attack or a lapse, gives exactly the reasons and the parties that must act.

use std::path::Path;
use std::sync::Mutex;

use serde_json::json;
use vidimus::Request;
use vidimus::knowledge::{Knowledge, State};
use vidimus::policy::Product;
use vidimus::read::{self, Options, Silent};
use vidimus::{Verdict, judge_knowing};
use vidimus_testkit::encode::sha256_hex;
use vidimus_testkit::fixtures::Fixture;
use vidimus_testkit::intake::{COMPONENTS, FILES, Large, Plan, SIGNED};
use vidimus_testkit::sigstore::Tamper;
use vidimus_testkit::statement::V01;
use vidimus_testkit::{Component, Delivery};

use crate::support::AT;

/// (what, the change, "basis | codes of what is not met | who must act | codes of rejected evidence").
type Row = (&'static str, Change, &'static str);

/// One change.
enum Change {
    /// Of what is made.
    Made(Plan),
    /// Of what is signed, sent, known or asked.
    Then(fn(&mut Large)),
}

use Change::{Made, Then};

fn judged(fixture: &Fixture) -> Verdict {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let policy = vidimus::policy::load(&fixture.policy.write(&place("policy"))).unwrap_or_else(|e| panic!("{e}"));
    let read = |path: &Path| {
        let options = Options {
            as_delivery: false,
            evidence: vec![],
            limits: policy.limits,
            policy_files: vec![],
            outputs: vec![],
            progress: &Silent,
        };
        read::delivery(&[path.to_owned()], &options).unwrap().delivery
    };
    fixture.delivery.write(&place("delivery"));
    Delivery { files: fixture.status.clone(), ..Delivery::default() }.write(&place("status"));
    let (delivery, status) = (read(&place("delivery")), read(&place("status")));
    let state = fixture.state.as_ref().map(|bytes| State::parse(bytes).unwrap());
    let request = Request {
        at: AT.parse().unwrap(),
        product: fixture.product.as_deref().map(|purl| Product::parse_request(purl).unwrap()),
        recipient: fixture.recipient.clone(),
    };
    let knowledge = Knowledge { status: Some(&status), state: state.as_ref(), anchor: None };
    judge_knowing(&delivery, &policy, knowledge, &request).verdict
}

fn sorted(values: impl IntoIterator<Item = String>) -> Vec<String> {
    values.into_iter().collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// Basis, codes of what is not met, who must act, codes of rejected evidence.
fn told(verdict: &Verdict) -> [String; 4] {
    let core = serde_json::to_value(verdict.core()).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let list = |name: &str| core[name].as_array().unwrap().clone();
    let reasons = list("unmet").into_iter().flat_map(|unmet| unmet["reasons"].as_array().unwrap().clone());
    [
        text(&core["basis"]),
        sorted(reasons.map(|reason| text(&reason["code"]))).join(" "),
        sorted(list("unmet").iter().map(|unmet| text(&unmet["accountable"]))).join(" "),
        sorted(list("rejected").iter().map(|rejected| text(&rejected["code"]))).join(" "),
    ]
}

/// The delivery is what it is said to be, and passes.
fn passes(verdict: &Verdict) {
    assert_eq!(told(verdict), ["proven", "", "", ""], "{:#?}", verdict.core().unmet.first());
    let chain = &verdict.core().chain;
    let components = chain.by_class.values().sum::<u64>() - NETWORK_FUNCTIONS;
    assert_eq!((chain.held, components), (FILES as u64, COMPONENTS as u64), "{chain:?}");
}

const NETWORK_FUNCTIONS: u64 = 3;
/// A program that nobody released.
const STRAY: &[u8] = b"\x7fELF telemetry 0.1\n";
const LIBRARY: &str = "usr/lib/libtelemetry.so";
/// 2025-10-01T12:00:00Z: in the window of the key, and after it was stolen.
const STOLEN: i64 = 1_759_320_000;

/// It, in the root file system of the core.
fn stray(path: &str) -> Vec<(String, Vec<u8>)> {
    vec![(path.to_owned(), STRAY.to_vec())]
}

/// It, as a package of which nobody knows.
fn telemetry() -> Component {
    Component::new("telemetry", "0.1").purl("pkg:deb/debian/telemetry@0.1").supplier("Debian").hash_of(STRAY)
}

fn table() -> Vec<Row> {
    vec![
        (
            "a file is another one when it arrives",
            Then(|large| {
                let mut radio = large.files.bytes("radio/gnb-du.tar").to_vec();
                let at = radio.windows(10).position(|bytes| bytes == b"nf-du 12.4").unwrap();
                radio[at + 9] = b'5';
                large.on_the_way.insert("radio/gnb-du.tar".to_owned(), Some(radio));
            }),
            "refuted | binding.digest-mismatch binding.product binding.uncovered delegation.scope evidence.missing quorum.short | signer supplier vendor |",
        ),
        (
            "what a laboratory says got lost on the way",
            Then(|large| drop(large.on_the_way.insert("evidence/du.lab-kanto.sigstore.json".to_owned(), None))),
            "unproven | evidence.listed-absent quorum.short | laboratory vendor |",
        ),
        (
            "the SBOM is that of the version before",
            Then(|large| large.set("du.sbom", "/metadata/component/purl", "pkg:generic/borealis/gnb-du@12.3")),
            "refuted | sbom.root-mismatch | vendor |",
        ),
        (
            "a later delivery was accepted before",
            Then(|large| large.accepted(99_999_999)),
            "refuted | release.rollback | operator |",
        ),
        (
            "another branch was built",
            Then(|large| large.set("ru.build", "/buildDefinition/externalParameters/branch", "main")),
            "unproven | provenance.param | vendor |",
        ),
        (
            "Cathaya signs for Borealis",
            Then(|large| large.part("du.release").by = "cathaya-release".to_owned()),
            "unproven | binding.product binding.uncovered delegation.scope evidence.missing quorum.short vsa.level vsa.resource | supplier vendor |",
        ),
        (
            "a key that was stolen signs",
            Then(|large| {
                let release = large.part("core.release");
                (release.by, release.seal.at) = ("aurora-release-2024".to_owned(), STOLEN);
            }),
            "unproven | delegation.scope evidence.missing quorum.short vsa.level vsa.resource | supplier | time.after-compromise",
        ),
        (
            "two witnesses saw the log",
            Then(|large| {
                large.seal.witnesses = 2;
                ["ru.build", "ru.certificate"].into_iter().for_each(|name| large.part(name).seal.witnesses = 2);
            }),
            "unproven | log.no-quorum | vendor |",
        ),
        (
            "the log entry is of another signature",
            Then(|large| large.part("core.build").seal.tamper = Some(Tamper::OtherEntry)),
            "unproven | evidence.missing quorum.short quorum.sole-basis source.no-revision | laboratory vendor | certificate.subject log.entry-mismatch",
        ),
        (
            "one authority alone stamped a release",
            Then(|large| large.part("nf-smf.release").seal.stamps = 1),
            "unproven | component.unmet time.quorum | signer vendor |",
        ),
        (
            "stamped after the verdict",
            Then(|large| large.part("voice.build").seal.at = SIGNED + 30 * 86_400),
            "unproven | component.unmet delegation.scope evidence.missing quorum.short | signer supplier vendor | time.from-future",
        ),
        (
            "an older form of statement",
            Then(|large| large.part("nf-cu.release").statement.statement_type = V01.to_owned()),
            "unproven | component.not-published component.unmet delegation.scope evidence.missing quorum.short | signer supplier vendor | parse.version",
        ),
        (
            "a member twice in what was signed",
            Then(|large| {
                let id = "\"id\":\"https://helix.example/builder/v1\"";
                large.part("voice.build").rewritten = Some((id.to_owned(), format!("{id},{id}")));
            }),
            "unproven | component.unmet delegation.scope evidence.missing quorum.short | signer supplier vendor | parse.duplicate-key",
        ),
        (
            "a member of an archive in an archive climbs out",
            Made(Plan { hidden: stray("../../etc/cron.d/job"), ..Plan::default() }),
            "unproven | archive.path binding.uncovered component.unmet delegation.scope evidence.missing quorum.short | signer supplier vendor |",
        ),
        (
            "a program that no SBOM lists",
            Made(Plan { hidden: stray(LIBRARY), ..Plan::default() }),
            "unproven | binding.uncovered component.unmet delegation.scope evidence.missing quorum.short | signer supplier vendor |",
        ),
        (
            "a file that is listed and not there",
            Made(Plan { listed: vec![telemetry().kind("file")], ..Plan::default() }),
            "unproven | class.no-proof component.unmet delegation.scope evidence.missing quorum.short sbom.phantom | operator signer supplier vendor |",
        ),
        (
            "a program under the name of a package",
            Made(Plan { hidden: stray(LIBRARY), listed: vec![telemetry()], ..Plan::default() }),
            "unproven | class.no-proof component.unmet delegation.scope evidence.missing quorum.short | signer supplier vendor |",
        ),
        (
            "the second laboratory belongs to the first",
            Then(|large| {
                large.set("du.lab-kanto", "/verifier/id", "https://fjord.example/verifier/v1");
                large.part("du.lab-kanto").by = "lab-fjord-vsa".to_owned();
            }),
            "unproven | quorum.same-group quorum.short | laboratory |",
        ),
        (
            "both laboratories are under one law",
            Then(|large| {
                let at = |country: &str| {
                    format!("Laboratorio Iberia SL\", kind = \"laboratory\", jurisdictions = [\"{country}\"]")
                };
                large.amend(&at("ES"), &at("NO"));
            }),
            "unproven | quorum.compellable | laboratory |",
        ),
        (
            "the second laboratory looked at the word of the first",
            Then(|large| large.part("core.lab-iberia").cites = Some("core.lab-nord".to_owned())),
            "unproven | quorum.short quorum.sole-basis | laboratory |",
        ),
        (
            "Aurora vouches for the supplier of another vendor",
            Then(|large| large.part("phy.vouched").by = "aurora-release-2026".to_owned()),
            "unproven | binding.product component.unmet delegation.scope evidence.missing quorum.short | signer supplier vendor |",
        ),
        (
            "what stands for a laboratory says something else",
            Then(|large| large.set("ru.certificate", "/certificate/level", "SCAS-PARTIAL")),
            "unproven | certification.unmapped quorum.short | laboratory |",
        ),
        (
            "a laboratory says FAILED",
            Then(|large| {
                large.set("core.lab-iberia", "/verificationResult", "FAILED");
                large.set("core.lab-iberia", "/verifiedLevels", json!(["FAILED"]));
            }),
            "refuted | quorum.conflict | laboratory |",
        ),
        (
            "the certificate has ended",
            Then(|large| large.set("core.certificate", "/validity/until", "2026-11-22T00:00:00Z")),
            "unproven | certification.expired | certification-body |",
        ),
        (
            "the certificate was taken back",
            Then(|large| large.revoke_certificate("RHEIN-2026-0207")),
            "refuted | certification.revoked | certification-body |",
        ),
        (
            "the certificate of a signer was revoked",
            Then(|large| large.revoke_borealis(SIGNED - 3600)),
            "unproven | binding.product binding.uncovered delegation.scope evidence.missing quorum.short vsa.level vsa.resource | supplier vendor | certificate.names status.revoked",
        ),
        (
            "the operator takes the firmware back",
            Then(|large| large.withdraw(&sha256_hex(b"\x7fELF ferrum phy 7.3\n"))),
            "refuted | component.unmet status.component status.withdrawn | operator vendor |",
        ),
        (
            "the certificate is of the version before",
            Then(|large| large.set("du.certificate", "/scope/product", "pkg:generic/borealis/gnb-du@12.3")),
            "unproven | certification.baseline | certification-body |",
        ),
        (
            "a part is named by a weak digest alone",
            Then(|large| {
                let weak = json!({"sha1": "11ce656aa2bd812017b1345e3ca72bd6f6ec6969"});
                large.part("voice.build").statement.subjects[0]["digest"] = weak;
            }),
            "unproven | component.unmet delegation.scope evidence.missing quorum.short | signer supplier vendor |",
        ),
        (
            "archives in archives in archives",
            Made(Plan { deeper: 6, ..Plan::default() }),
            "unproven | binding.uncovered component.unmet delegation.scope evidence.missing limit.archive-depth quorum.short | signer supplier vendor |",
        ),
        (
            "one rebuild of the cryptography is missing",
            Then(|large| large.leave_out("libdunite.rebuild-paulista")),
            "unproven | component.unmet quorum.short | supplier vendor |",
        ),
        (
            "more unproven components than the budget",
            Made(Plan { leaves: 11, ..Plan::default() }),
            "unproven | class.no-proof component.over-budget component.unmet delegation.scope evidence.missing quorum.short | signer supplier vendor |",
        ),
    ]
}

#[test]
fn each_attack_and_lapse_has_its_reasons_and_its_party() {
    let base = Large::default().signed();
    passes(&judged(&base.fixture()));
    let next = Mutex::new(table().into_iter());
    let wrong = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some((what, change, expected)) = next.lock().unwrap().next() else { return };
            let large = match change {
                Made(plan) => Large::new(&plan),
                Then(change) => {
                    let mut large = base.clone();
                    change(&mut large);
                    large
                }
            };
            let verdict = judged(&large.fixture());
            let found = told(&verdict).join(" | ");
            if found.trim_end() != expected {
                let unmet = verdict.core().unmet.iter().take(4);
                let unmet = unmet.map(|unmet| format!("  {} {:?} {:?}", unmet.rule, unmet.path, unmet.reasons));
                let unmet: Vec<String> = unmet.collect();
                wrong.lock().unwrap().push(format!("{what}: {found}\n{}", unmet.join("\n")));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
