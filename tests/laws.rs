//! The laws of judging, on every committed fixture: what must not change a verdict, and in which direction a change may go.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use vidimus::authenticate::keys::PublicKey;
use vidimus::check::BUILT_IN_RULE;
use vidimus::conclude::{Argument, Basis, Unmet};
use vidimus::decode::{self, Content, EntryKind};
use vidimus::digest::{Algorithm, Digest, Digests};
use vidimus::knowledge::{Knowledge, State};
use vidimus::policy::{
    Check, Denied, Deny, Grant, Identity, IdentityKind, InventoryCheck, Party, Policy, Product, ReleaseCheck, Rule,
    StatusListPolicy, Waiver,
};
use vidimus::read::{Delivery, File, Member, Opened, Options, Place, Silent};
use vidimus::time::Time;
use vidimus::{Request, Verdict, judge_knowing};
use vidimus_testkit::{Key, Seed, Statement, fixtures};

use crate::support::{AT, root, said_against};

/// A fixture as the library sees it.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) delivery: Delivery,
    pub(crate) policy: Policy,
    request: Request,
    status: Option<Delivery>,
    state: Option<State>,
}

impl Case {
    pub(crate) fn judge(&self) -> Verdict {
        self.judged(&self.delivery, &self.policy)
    }

    /// With another delivery or policy and the same knowledge.
    pub(crate) fn judged(&self, delivery: &Delivery, policy: &Policy) -> Verdict {
        let knowledge = Knowledge { status: self.status.as_ref(), state: self.state.as_ref(), anchor: None };
        judge_knowing(delivery, policy, knowledge, &self.request).verdict
    }
}

/// Every fixture that needs nothing but what is committed; read once for all laws.
pub(crate) fn cases() -> Vec<Case> {
    static CASES: LazyLock<Vec<Case>> = LazyLock::new(read_cases);
    CASES.clone()
}

fn read_cases() -> Vec<Case> {
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

/// The delivery without one file, as it would have been read: what was in it is no member of anything any more.
fn without(delivery: &Delivery, gone: usize) -> Delivery {
    let mut rest = delivery.clone();
    drop(rest.files.remove(gone));
    rest.opened.retain(|opened| opened.file != gone);
    for opened in &mut rest.opened {
        opened.members.retain(|member| member.file != Some(gone));
    }
    let now = (0..delivery.files.len()).map(|number| (number, number - usize::from(number > gone))).collect();
    rest.opened = renumbered(&rest, &now);
    rest
}

/// What is in containers, where files have other numbers now.
fn renumbered(delivery: &Delivery, now: &BTreeMap<usize, usize>) -> Vec<Opened> {
    let member = |member: &Member| Member { file: member.file.map(|file| now[&file]), ..member.clone() };
    let opened = delivery.opened.iter().map(|opened| Opened {
        file: now[&opened.file],
        members: opened.members.iter().map(member).collect(),
        ..opened.clone()
    });
    opened.collect()
}

/// The delivery with its evidence moved beside it, in that order, under names that say nothing.
fn moved(delivery: &Delivery, evidence: &[usize]) -> Delivery {
    let is_evidence = |file: &File| matches!(file.content, Content::Signed(_));
    let (mut files, mut now) = (Vec::new(), BTreeMap::new());
    let mut place = |number: usize, file: File| {
        now.insert(number, files.len());
        files.push(file);
    };
    let all = || delivery.files.iter().enumerate();
    for (number, file) in all().filter(|(_, file)| file.place != Place::Member && !is_evidence(file)) {
        place(number, file.clone());
    }
    for (i, number) in evidence.iter().enumerate() {
        let path = format!("{i:03}.sigstore.json");
        place(*number, File { path, place: Place::Evidence, ..delivery.files[*number].clone() });
    }
    for (number, file) in all().filter(|(_, file)| file.place == Place::Member) {
        assert!(!is_evidence(file), "nothing inside a container is evidence");
        place(number, file.clone());
    }
    let opened = renumbered(delivery, &now);
    Delivery { files, opened, ..delivery.clone() }
}

/// How evidence beside the delivery is named, and how often it is named, changes nothing.
#[test]
fn names_of_evidence_change_nothing() {
    let mut opened = 0;
    for case in cases() {
        let evidence: Vec<usize> = (0..case.delivery.files.len())
            .filter(|number| matches!(case.delivery.files[*number].content, Content::Signed(_)))
            .collect();
        let judged = |evidence: &[usize]| case.judged(&moved(&case.delivery, evidence), &case.policy);
        let before = judged(&evidence);
        let backwards: Vec<usize> = evidence.iter().rev().copied().collect();
        for (how, after) in [("in another order", judged(&backwards)), ("twice", judged(&evidence.repeat(2)))] {
            assert!(after.core_json() == before.core_json(), "{}: {how}", case.name);
        }
        // What is in containers was moved with them: as many of the same members, and the same word about them.
        let inventory = |verdict: &Verdict| verdict.details().inventory.containers.clone();
        assert_eq!(inventory(&before), inventory(&case.judge()), "{}", case.name);
        opened += inventory(&before).len();
    }
    assert!(opened > 20, "containers are covered");
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
/// A policy under which nothing would ever tell what an owner of a judge makes is none: the loader refuses it.
#[test]
fn less_trust_never_passes_what_was_not_proven() {
    for case in cases() {
        let before = case.judge();
        if before.core().basis != Basis::Unproven {
            continue;
        }
        let passes = |change: &dyn Fn(&mut Policy)| {
            let mut policy = case.policy.clone();
            change(&mut policy);
            let is_policy = policy.quorums.values().all(|quorum| policy.unknown_makers(quorum).next().is_none());
            is_policy && case.judged(&case.delivery, &policy).passes()
        };
        let of = |code: &str| before.core().unmet.iter().any(|unmet| unmet.reasons.iter().any(|r| r.code == code));
        let asks = case.policy.rules.iter().any(|rule| matches!(rule.check, Check::Status(_)));
        let lists = case.policy.status_lists.values();
        let publishers: Vec<&String> = lists.filter(|_| !asks).map(|list| &list.by).collect();
        // Who is heard against a file without being believed about it can be left out, and the verdict says so.
        let against = said_against(&before);
        let is_against = |id: &String| case.policy.identities.iter().any(|i| i.id == *id && against.contains(&i.party));
        for (i, grant) in case.policy.grants.iter().enumerate() {
            if publishers.iter().any(|by| grant.identities.contains(*by)) || grant.identities.iter().all(is_against) {
                continue;
            }
            assert!(!passes(&|p| drop(p.grants.remove(i))), "{} without grant {i}", case.name);
        }
        // An identity with an end and without a grant is believed in nothing: it says until when others may believe its key, here the
        // owner of a layout. Taking it away is more trust, and not less.
        let is_granted = |identity: &Identity| case.policy.grants.iter().any(|g| g.identities.contains(&identity.id));
        let ends = |identity: &Identity| identity.valid.is_some() || identity.compromised_from.is_some();
        let restricts = |identity: &Identity| of("layout.withdrawn") && ends(identity) && !is_granted(identity);
        for (i, identity) in case.policy.identities.iter().enumerate() {
            if publishers.contains(&&identity.id) || restricts(identity) || is_against(&identity.id) {
                continue;
            }
            assert!(!passes(&|p| drop(p.identities.remove(i))), "{} without identity {i}", case.name);
        }
        assert!(!passes(&|p| p.instances.clear()), "{} without instances", case.name);
        assert!(!passes(&|p| p.authorities.clear()), "{} without authorities", case.name);
        assert!(!passes(&|p| p.witnesses.clear()), "{} without witnesses", case.name);
        assert!(!passes(&|p| p.logs.clear()), "{} without logs", case.name);
        assert!(!passes(&|p| p.algorithms.digest_bind.clear()), "{} without digests", case.name);
        assert!(!passes(&|p| p.algorithms.signature.clear()), "{} without signatures", case.name);
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

/// Rules of which the verdict warns that a sender can escape them by leaving a document out.
pub(crate) fn suppressible(verdict: &Verdict) -> BTreeSet<String> {
    let caveats = verdict.core().caveats.iter().filter(|caveat| caveat.code == "caveat.suppressible");
    let rules = caveats.filter_map(|caveat| match caveat.args.get("rules") {
        Some(Argument::List(rules)) => Some(rules.clone()),
        _ => None,
    });
    rules.flatten().collect()
}

/// Taking any one evidence file away proves nothing that was not proven, except under rules that a sender can escape by leaving a
/// document out; the verdict itself warns of these.
#[test]
fn less_evidence_never_proves_more() {
    let (mut taken_away, mut escaped) = (0, BTreeSet::new());
    for case in cases() {
        let before = case.judge();
        if before.core().basis != Basis::Unproven {
            continue;
        }
        for (i, taken) in case.delivery.files.iter().enumerate() {
            // Without an artifact there is less to ask; only evidence is taken.
            let is_artifact = before.core().subjects.iter().any(|subject| subject.path == taken.path);
            if is_artifact || taken.place == Place::Member {
                continue;
            }
            let after = case.judged(&without(&case.delivery, i), &case.policy);
            taken_away += 1;
            // Where the delivery statement itself was taken, what it asked for is gone, and its files answer instead.
            let open = |unmet: &&Unmet| {
                let mut same = after.core().unmet.iter().filter(|other| other.rule == unmet.rule);
                same.any(|other| other.node == unmet.node || unmet.node == "delivery")
            };
            let says = |code| after.core().caveats.iter().any(|caveat| caveat.code == code);
            let mut warned = suppressible(&after);
            if says("caveat.claimed-graph") {
                warned.extend(case.policy.component_rules().map(|(rule, _)| rule.id.clone()));
                // A budget that components used up is there again without them.
                warned.extend((!before.core().limits_hit.is_empty()).then(|| BUILT_IN_RULE.to_owned()));
            }
            let is_file = |unmet: &&Unmet| {
                let mut files = before.core().subjects.iter().map(|subject| format!("sha256:{}", subject.sha256));
                unmet.node == "delivery" || files.any(|file| file == unmet.node)
            };
            let (files, components): (Vec<&Unmet>, Vec<&Unmet>) =
                before.core().unmet.iter().filter(|unmet| !open(unmet)).partition(is_file);
            for unmet in files {
                assert!(warned.contains(&unmet.rule), "{} without {}: {}", case.name, taken.path, unmet.rule);
                escaped.insert(unmet.rule.clone());
            }
            // A component is one by the word of a signer; without the word nothing is asked of it, and the verdict says so.
            let is_marked = !after.passes() || says("caveat.claimed-graph") || says("caveat.suppressible");
            assert!(components.is_empty() || is_marked, "{} without {}", case.name, taken.path);
        }
    }
    assert!(taken_away > 400 && escaped.len() > 3, "{taken_away} {escaped:?}");
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
                until: Time::from_second(at.second() + day).unwrap(),
            })
        });
        case.policy.waivers = waivers.collect();
        let after = case.judge();
        let open = |unmet: &&Unmet| unmet.waiver.is_none();
        for unmet in after.core().unmet.iter().filter(open) {
            // A waiver is bound to a digest: what has none (the delivery as a whole, an anonymous component) is not waived.
            let liftable = unmet.result == vidimus::value::Value::Unproven && unmet.node.starts_with("sha256:");
            assert!(!liftable, "{}: {} on {}", case.name, unmet.rule, unmet.node);
        }
        assert!(before.core().basis != Basis::Refuted || !after.passes(), "{}", case.name);
        let lapsed = Time::from_second(at.second() + day).unwrap();
        case.request.at = lapsed;
        assert!(case.judge().core().unmet.iter().all(|unmet| unmet.waiver.is_none()), "{}", case.name);
    }
}

/// Every answer stays as it was or becomes lower: whatever is not met stays so, and nothing that was refuted is less than that. Where a
/// budget ran out, which components were still followed is no answer.
pub(crate) fn assert_lower(what: &str, before: &Verdict, after: &Verdict) {
    let files: BTreeSet<String> = before.core().subjects.iter().map(|s| format!("sha256:{}", s.sha256)).collect();
    let is_over = !before.core().limits_hit.is_empty() && !after.core().limits_hit.is_empty();
    for unmet in &before.core().unmet {
        let same = after.core().unmet.iter().find(|other| (&other.rule, &other.node) == (&unmet.rule, &unmet.node));
        let stays = same.is_some_and(|after| after.result <= unmet.result);
        let is_answer = !is_over || unmet.node == "delivery" || files.contains(&unmet.node);
        assert!(stays || !is_answer, "{what}: {} on {} was {:?}", unmet.rule, unmet.node, unmet.result);
    }
    assert!(before.passes() || !after.passes(), "{what}");
}

/// Ids of all evidence that a verdict considered.
fn evidence_of(verdict: &Verdict) -> Vec<Digest> {
    let all = verdict.details().evidence.iter();
    all.filter_map(|item| Digest::parse(Algorithm::Sha256, item.id.strip_prefix("sha256:")?)).collect()
}

/// Digests of the keys that a policy knows.
fn keys_of(policy: &Policy) -> Vec<Digest> {
    policy.identities.iter().flat_map(|id| id.kind.public_keys()).map(|key| key.spki_sha256()).collect()
}

/// Denying a file of the delivery refutes it; denying anything lowers every answer or leaves it, also where something else is denied.
#[test]
fn denials_only_lower() {
    for (index, case) in cases().into_iter().enumerate() {
        let first = case.judge();
        let files: Vec<Digest> = case.delivery.files.iter().map(|file| file.digests.sha256().clone()).collect();
        // A few files and keys are enough: every fixture takes its turn.
        let denied = files.into_iter().take(3).map(Denied::File);
        let denied = denied
            .chain(evidence_of(&first).into_iter().take(8).map(Denied::Attestation))
            .chain(keys_of(&case.policy).into_iter().take(3).map(Denied::Key));
        let denied: Vec<Denied> = denied.collect();
        let judged = |more: &[&Denied]| {
            let mut policy = case.policy.clone();
            let deny = |what: &&Denied| Deny { what: (*what).clone(), reason: "x".to_owned(), since: None };
            policy.denials.extend(more.iter().map(deny));
            case.judged(&case.delivery, &policy)
        };
        for (i, what) in denied.iter().enumerate() {
            let after = judged(&[what]);
            assert_lower(&format!("{} denying {what:?}", case.name), &first, &after);
            let held =
                case.delivery.files.iter().any(|f| f.digests.sha256() == what.digest() && f.place != Place::Evidence);
            if matches!(what, Denied::File(_)) && held {
                assert_eq!(after.core().basis, Basis::Refuted, "{} denying {what:?}", case.name);
            }
            // Two at a time: all of deliveries with components are in `laws_denials`, and here every fourth of all.
            if !matches!(what, Denied::Attestation(_)) || index % 4 > 0 {
                continue;
            }
            for another in denied.iter().skip(i + 1).take(3) {
                let both = judged(&[what, another]);
                assert_lower(&format!("{} denying {another:?} beside {what:?}", case.name), &after, &both);
            }
        }
    }
}

/// A status list of one more publisher, which no rule asks for, and what it lists.
struct Listing {
    policy: Policy,
    psirt: Key,
}

impl Listing {
    fn of(case: &Case) -> Self {
        let (psirt, mut policy) = (Key::ed25519("another psirt"), case.policy.clone());
        let id = "another-psirt".to_owned();
        let key = PublicKey::from_pem(&psirt.public_pem(), None).unwrap();
        policy.parties.insert(
            id.clone(),
            Party {
                id: id.clone(),
                name: id.clone(),
                kind: "operator".to_owned(),
                jurisdictions: vec!["NO".to_owned()],
                controlled_by: vec![],
                hosted_by: vec![],
                products: vec![],
                accreditation: None,
            },
        );
        policy.identities.push(Identity {
            id: id.clone(),
            party: id.clone(),
            valid: None,
            compromised_from: None,
            kind: IdentityKind::Key { key, instance: None },
        });
        policy.grants.push(Grant {
            id: id.clone(),
            identities: vec![id.clone()],
            may: vec!["status".to_owned()],
            predicate_types: BTreeSet::from([STATUS_LIST.to_owned()]),
            file: false,
            sbom: false,
            vex: false,
            layout: false,
            products: None,
            builders: vec![],
            build_types: vec![],
            verifiers: vec![],
            track_caps: vec![],
            repositories: vec![],
            schemes: Vec::new(),
        });
        let scope = BTreeSet::from([EntryKind::Digest, EntryKind::Key, EntryKind::Attestation]);
        let list = "urn:status:law".to_owned();
        let law = StatusListPolicy { name: "law".to_owned(), list, by: id, scope, max_age_hours: 72, min_number: 1 };
        policy.status_lists.insert(law.name.clone(), law);
        Self { policy, psirt }
    }

    /// The verdict where the list names these: (kind, target).
    fn judge(&self, case: &Case, entries: &[(&str, String)]) -> Verdict {
        let from = |hours: i64| Time::from_second(case.request.at.second() + hours * 3600).unwrap().to_string();
        let entry = |(kind, target): &(&str, String)| {
            let state = if *kind == "key" { "compromised" } else { "withdrawn" };
            serde_json::json!({"kind": kind, "since": "2020-01-01T00:00:00Z", "state": state, "target": target})
        };
        let predicate = serde_json::json!({
            "entries": entries.iter().map(entry).collect::<Vec<_>>(),
            "list": "urn:status:law",
            "nextUpdate": from(24),
            "number": 1,
            "scope": ["digest", "key", "attestation"],
            "thisUpdate": from(-1),
        });
        let issue = Statement::new(STATUS_LIST, predicate).subject("urn:status:law", b"urn:status:law");
        let mut status = case.status.clone().unwrap_or_default();
        status.files.push(file("law.json", Place::Delivered, issue.envelope_bytes(&[&self.psirt])));
        let knowledge = Knowledge { status: Some(&status), state: case.state.as_ref(), anchor: None };
        judge_knowing(&case.delivery, &self.policy, knowledge, &case.request).verdict
    }
}

const STATUS_LIST: &str = "urn:vidimus:attestation:status-list:v0.1";

/// Nothing that a status list names raises an answer.
#[test]
fn listings_only_lower() {
    let mut struck = 0;
    for case in cases() {
        let listing = Listing::of(&case);
        let before = listing.judge(&case, &[]);
        let named = evidence_of(&before).into_iter().take(4).map(|id| ("attestation", id.to_string()));
        let keys = keys_of(&case.policy).into_iter().take(2);
        let named = named.chain(keys.map(|key| ("key", format!("spki-sha256:{}", key.hex()))));
        let named: Vec<(&str, String)> = named.collect();
        for entry in &named {
            let after = listing.judge(&case, std::slice::from_ref(entry));
            assert_lower(&format!("{} listing {entry:?}", case.name), &before, &after);
            struck += usize::from(after.core().rejected != before.core().rejected);
        }
        let all = listing.judge(&case, &named);
        assert_lower(&format!("{} listing everything", case.name), &before, &all);
    }
    assert!(struck > 500, "lists were read and took facts away: {struck}");
}
