//! The laws of judging, on every committed fixture: what must not change a verdict, and in which direction a change may go.

use std::fs;
use std::path::PathBuf;

use vidimus::conclude::Basis;
use vidimus::decode::{self, Content};
use vidimus::digest::{Algorithm, Digest, Digests};
use vidimus::knowledge::{Knowledge, State};
use vidimus::policy::{Check, Denied, Deny, InventoryCheck, Policy, Product, ReleaseCheck, Rule, Waiver};
use vidimus::read::{Delivery, File, Options, Place, Silent};
use vidimus::{Request, Verdict, judge_knowing};
use vidimus_testkit::{Key, Seed, Statement, fixtures};

use crate::support::{AT, root};

/// A fixture as the library sees it.
struct Case {
    name: String,
    delivery: Delivery,
    policy: Policy,
    request: Request,
    status: Option<Delivery>,
    state: Option<State>,
}

impl Case {
    fn judge(&self) -> Verdict {
        self.judged(&self.delivery, &self.policy)
    }

    /// With another delivery or policy and the same knowledge.
    fn judged(&self, delivery: &Delivery, policy: &Policy) -> Verdict {
        let knowledge = Knowledge { status: self.status.as_ref(), state: self.state.as_ref() };
        judge_knowing(delivery, policy, knowledge, &self.request).verdict
    }
}

/// Every fixture that needs nothing but what is committed.
fn cases() -> Vec<Case> {
    let fixtures = fixtures::all().into_iter().filter(|fixture| fixture.make.is_empty());
    fixtures
        .map(|fixture| {
            let folder = root().join("fixtures").join(&fixture.name);
            let policy = vidimus::policy::load(&folder.join("policy/policy.toml")).unwrap_or_else(|e| panic!("{e}"));
            let evidence: Vec<PathBuf> =
                fixture.evidence.keys().map(|name| folder.join("evidence").join(name)).collect();
            let options = |evidence| Options {
                as_delivery: false,
                evidence,
                limits: policy.limits,
                policy_files: vec![],
                outputs: vec![],
                progress: &Silent,
            };
            let read = |part: &str, evidence| {
                vidimus::read::delivery(&[folder.join(part)], &options(evidence)).unwrap().delivery
            };
            let delivery = read("delivery", evidence);
            let status = (!fixture.status.is_empty()).then(|| read("status", vec![]));
            let state = fixture.state.as_deref().map(|bytes| State::parse(bytes).unwrap());
            let at = fixture.at.as_deref().unwrap_or(AT).parse().unwrap();
            let product = fixture.product.as_deref().map(|purl| Product::parse_request(purl).unwrap());
            let request = Request { at, product, recipient: fixture.recipient };
            Case { name: fixture.name, delivery, policy, request, status, state }
        })
        .collect()
}

fn file(path: &str, place: Place, bytes: Vec<u8>) -> File {
    let content = decode::document(&bytes, &vidimus::limits::Limits::MAX);
    assert!(!matches!(content, Content::Ordinary), "{path} is evidence");
    let digests = Digests::of(&bytes, &Algorithm::ALL);
    File { path: path.to_owned(), size: bytes.len() as u64, digests, place, content, bytes: Some(bytes.into()) }
}

fn shuffle<T>(seed: &mut Seed, items: &mut [T]) {
    for i in (1..items.len()).rev() {
        items.swap(i, seed.below(i + 1));
    }
}

#[test]
fn the_library_and_the_fixtures_agree() {
    for case in cases() {
        let folder = root().join("fixtures").join(&case.name);
        let passes = fs::read_to_string(folder.join("case.toml")).unwrap().contains("outcome = \"pass\"");
        assert_eq!(case.judge().passes(), passes, "{}", case.name);
    }
}

/// In which order identities, grants and rules stand, and evidence is found, changes nothing.
#[test]
fn order_changes_nothing() {
    let mut seed = Seed::new("order");
    for mut case in cases() {
        let before = case.judge();
        for _ in 0..4 {
            shuffle(&mut seed, &mut case.policy.identities);
            shuffle(&mut seed, &mut case.policy.grants);
            shuffle(&mut seed, &mut case.policy.rules);
            // Evidence beside the delivery is found in the order in which it was named.
            for file in &mut case.delivery.files {
                if let Content::Signed(items) = &mut file.content {
                    shuffle(&mut seed, items);
                }
            }
            assert_eq!(case.judge().core_json(), before.core_json(), "{}", case.name);
        }
    }
}

/// How evidence beside the delivery is named, and how often it is named, changes nothing.
#[test]
fn names_of_evidence_change_nothing() {
    // What is in containers refers to them by position, which moving files would break.
    for case in cases().into_iter().filter(|case| case.delivery.opened.is_empty()) {
        let (evidence, delivered): (Vec<File>, Vec<File>) =
            case.delivery.files.iter().cloned().partition(|file| matches!(file.content, Content::Signed(_)));
        let judged = |evidence: &mut dyn Iterator<Item = &File>| {
            let mut delivery = Delivery { files: delivered.clone(), ..case.delivery.clone() };
            for (i, file) in evidence.enumerate() {
                let path = format!("{i:03}.sigstore.json");
                delivery.files.push(File { path, place: Place::Evidence, ..file.clone() });
            }
            case.judged(&delivery, &case.policy).core_json().to_vec()
        };
        let before = judged(&mut evidence.iter());
        assert!(judged(&mut evidence.iter().rev()) == before, "{}: in another order", case.name);
        assert!(judged(&mut evidence.iter().chain(&evidence)) == before, "{}: twice", case.name);
    }
}

/// Whatever somebody says whom the policy does not know changes nothing but the list of rejected evidence.
#[test]
fn strangers_change_nothing() {
    let stranger = Key::ed25519("a stranger");
    for mut case in cases() {
        let before = case.judge();
        for (i, target) in case.delivery.files.clone().iter().enumerate() {
            let bytes = target.digests.sha256().hex();
            let subject = serde_json::json!({ "sha256": bytes });
            for statement in [
                Statement::release("pkg:generic/acme/router@4.2.0"),
                Statement::new(
                    "urn:vidimus:attestation:delivery:v0.1",
                    serde_json::json!({"product": "pkg:generic/acme/router@4.2.0", "sequence": 99}),
                ),
            ] {
                let envelope = statement.subject_digest(&target.path, subject.clone()).envelope_bytes(&[&stranger]);
                case.delivery.files.push(file(&format!("stranger-{i}.json"), Place::Evidence, envelope));
            }
        }
        let after = case.judge();
        assert_eq!(after.decision_sha256(), before.decision_sha256(), "{}", case.name);
        assert_eq!(after.core().unmet, before.core().unmet, "{}", case.name);
        assert!(after.core().rejected.len() > before.core().rejected.len(), "{}", case.name);
    }
}

/// A verdict that lacks proof does not get it by trusting fewer. (A verdict that is *refuted* by what somebody said can change
/// when that somebody is not believed any more. So does what a status list takes away that no rule asks for: a rule would miss it.)
#[test]
fn less_trust_never_passes_what_was_not_proven() {
    for case in cases() {
        let before = case.judge();
        if before.core().basis != Basis::Unproven {
            continue;
        }
        let without = |change: &dyn Fn(&mut Policy)| {
            let mut policy = case.policy.clone();
            change(&mut policy);
            case.judged(&case.delivery, &policy)
        };
        let asks = case.policy.rules.iter().any(|rule| matches!(rule.check, Check::Status(_)));
        let lists = case.policy.status_lists.values();
        let publishers: Vec<&String> = lists.filter(|_| !asks).map(|list| &list.by).collect();
        for (i, grant) in case.policy.grants.iter().enumerate() {
            if publishers.iter().any(|by| grant.identities.contains(*by)) {
                continue;
            }
            assert!(!without(&|p| drop(p.grants.remove(i))).passes(), "{} without grant {i}", case.name);
        }
        for (i, identity) in case.policy.identities.iter().enumerate() {
            if publishers.contains(&&identity.id) {
                continue;
            }
            assert!(!without(&|p| drop(p.identities.remove(i))).passes(), "{} without identity {i}", case.name);
        }
        assert!(!without(&|p| p.instances.clear()).passes(), "{} without instances", case.name);
        assert!(!without(&|p| p.authorities.clear()).passes(), "{} without authorities", case.name);
        assert!(!without(&|p| p.witnesses.clear()).passes(), "{} without witnesses", case.name);
        assert!(!without(&|p| p.logs.clear()).passes(), "{} without logs", case.name);
        assert!(!without(&|p| p.algorithms.digest_bind.clear()).passes(), "{} without digests", case.name);
        assert!(!without(&|p| p.algorithms.signature.clear()).passes(), "{} without signatures", case.name);
    }
}

/// Nothing passes under a policy that trusts nobody.
#[test]
fn without_trust_nothing_passes() {
    for mut case in cases() {
        case.policy.grants.clear();
        assert!(!case.judge().passes(), "{}", case.name);
    }
}

/// One more requirement cannot help.
#[test]
fn another_rule_never_turns_fail_into_pass() {
    let rule = |id: &str, check: Check| Rule {
        id: id.to_owned(),
        classes: None,
        accountable: None,
        title: None,
        refs: vec![],
        mandated_by: None,
        specified_by: vec![],
        check,
    };
    let release = || ReleaseCheck {
        accept: vec![],
        predicate_types: Default::default(),
        file: true,
        algorithm_sets: vec![],
        by: vec![],
        recipient: None,
        sequence: false,
        max_age_days: None,
    };
    let inventory =
        || InventoryCheck { closed_world: true, require_statement: false, each_member: false, deny_opaque: false };
    for mut case in cases() {
        let before = case.judge().passes();
        for added in
            [rule("more-release", Check::Release(release())), rule("more-inventory", Check::Inventory(inventory()))]
        {
            case.policy.rules.push(added);
            assert!(before || !case.judge().passes(), "{}", case.name);
        }
    }
}

/// The delivery without one file, as it would have been read: files are named by their numbers.
fn without_file(delivery: &Delivery, gone: usize) -> Delivery {
    let mut delivery = delivery.clone();
    drop(delivery.files.remove(gone));
    delivery.opened.retain(|opened| opened.file != gone);
    for opened in &mut delivery.opened {
        opened.members.retain(|member| member.file != Some(gone));
        let members = opened.members.iter_mut().filter_map(|member| member.file.as_mut());
        for number in members.chain([&mut opened.file]).filter(|number| **number > gone) {
            *number -= 1;
        }
    }
    delivery
}

/// Taking any one evidence file away, or all, never turns "not proven" into a pass.
#[test]
fn less_evidence_never_proves_more() {
    for case in cases() {
        let before = case.judge();
        // An SBOM asks for what it lists; a thinner one asks for less (`verification.md` 3.6). And a policy may `refuse` what two
        // documents say against each other, although either alone would do.
        let asked_by_document = |unmet: &vidimus::conclude::Unmet| {
            let reasons = unmet.reasons.iter();
            reasons
                .into_iter()
                .any(|reason| ["status.component", "sbom.serial-conflict"].contains(&reason.code.as_str()))
        };
        if before.core().basis != Basis::Unproven || before.core().unmet.iter().any(asked_by_document) {
            continue;
        }
        for (i, taken) in case.delivery.files.iter().enumerate() {
            // Without an artifact there is less to ask; only evidence is taken. What is in an archive cannot be taken out of it.
            if taken.place == Place::Member || before.core().subjects.iter().any(|subject| subject.path == taken.path) {
                continue;
            }
            let delivery = without_file(&case.delivery, i);
            assert!(!case.judged(&delivery, &case.policy).passes(), "{} without {}", case.name, taken.path);
        }
    }
}

/// Letting a waiver lapse, or taking it away, never turns fail into pass; nor does a waiver lift what is refuted.
#[test]
fn fewer_waivers_never_pass_more() {
    for mut case in cases() {
        let before = case.judge();
        for unmet in before.core().unmet.iter().filter(|unmet| unmet.waiver.is_some()) {
            assert_eq!(unmet.result, vidimus::value::Value::Unproven, "{}", case.name);
        }
        let waivers = std::mem::take(&mut case.policy.waivers);
        for kept in 0..1_usize << waivers.len().min(6) {
            let some = waivers.iter().enumerate().filter(|(i, _)| kept >> i & 1 == 1);
            case.policy.waivers = some.map(|(_, waiver)| waiver.clone()).collect();
            let after = case.judge();
            assert!(before.passes() || !after.passes(), "{} with waivers {kept:b}", case.name);
            assert!(!case.policy.waivers.is_empty() || after.core().basis != Basis::ProvenWithWaivers, "{}", case.name);
        }
    }
}

/// A waiver for everything that is unmet lifts what is not proven, and never what is refuted.
#[test]
fn waivers_never_lift_what_is_refuted() {
    for mut case in cases() {
        let before = case.judge();
        let (at, day) = (case.request.at, 86_400);
        let waivers = before.core().unmet.iter().enumerate().filter_map(|(i, unmet)| {
            let subject = Digest::parse(Algorithm::Sha256, unmet.node.strip_prefix("sha256:")?)?;
            Some(Waiver {
                id: format!("W{i}"),
                rule: unmet.rule.clone(),
                subject,
                owner: "x".to_owned(),
                approved_by: vec![],
                reason: "x".to_owned(),
                compensating: None,
                from: at,
                until: vidimus::time::Time::from_second(at.second() + day).unwrap(),
            })
        });
        case.policy.waivers = waivers.collect();
        let after = case.judge();
        let open = |unmet: &&vidimus::conclude::Unmet| unmet.waiver.is_none();
        for unmet in after.core().unmet.iter().filter(open) {
            // A waiver is bound to a digest: what has none (the delivery as a whole, an anonymous component) is not waived.
            let liftable = unmet.result == vidimus::value::Value::Unproven && unmet.node.starts_with("sha256:");
            assert!(!liftable, "{}: {} on {}", case.name, unmet.rule, unmet.node);
        }
        assert!(before.core().basis != Basis::Refuted || !after.passes(), "{}", case.name);
        let lapsed = vidimus::time::Time::from_second(at.second() + day).unwrap();
        case.request.at = lapsed;
        assert!(case.judge().core().unmet.iter().all(|unmet| unmet.waiver.is_none()), "{}", case.name);
    }
}

/// Denying a file of the delivery refutes it; denying anything never proves what was not proven.
#[test]
fn denials_only_lower() {
    for mut case in cases() {
        let own = case.policy.denials.clone();
        let before = case.judge();
        let files: Vec<Digest> = case.delivery.files.iter().map(|file| file.digests.sha256().clone()).collect();
        let evidence: Vec<Digest> = before
            .details()
            .evidence
            .iter()
            .filter_map(|item| Digest::parse(Algorithm::Sha256, item.id.strip_prefix("sha256:")?))
            .collect();
        let keys: Vec<Digest> =
            case.policy.identities.iter().flat_map(|id| id.kind.public_keys()).map(|key| key.spki_sha256()).collect();
        // A few of each are enough: every fixture takes its turn.
        let denied = files.into_iter().take(3).map(Denied::File);
        let denied = denied
            .chain(evidence.into_iter().take(3).map(Denied::Attestation))
            .chain(keys.into_iter().take(3).map(Denied::Key));
        for what in denied {
            case.policy.denials = own.clone();
            case.policy.denials.push(Deny { what: what.clone(), reason: "x".to_owned(), since: None });
            let after = case.judge();
            // Who denies a report of vulnerabilities takes its bad news away with it; the decision is the operator's alone.
            let unproven = before.core().basis == Basis::Unproven && !case.name.starts_with("vulns/");
            assert!(!(unproven && after.passes()), "{} denying {what:?}", case.name);
            let held =
                case.delivery.files.iter().any(|f| f.digests.sha256() == what.digest() && f.place != Place::Evidence);
            if matches!(what, Denied::File(_)) && held {
                assert_eq!(after.core().basis, Basis::Refuted, "{} denying {what:?}", case.name);
            }
        }
    }
}
