//! M2 and M3: what takes away.

use vidimus::authenticate::keys::PublicKey;
use vidimus::digest::{Algorithm, Digest};
use vidimus::policy::{Denied, Deny};
use vidimus::value::Value;

use super::Setting;
use crate::case::{self, Case, Judged};
use crate::parties::{self, BUILDER, LABS, chance};
use crate::world::{Item, Kind, PRODUCT};

/// Whatever was not met stays so, and is not less refuted; the whole does not rise.
fn raised(before: &Judged, after: &Judged) -> Vec<String> {
    let mut raised = Vec::new();
    for (key, value) in before.answers.iter().filter(|(_, value)| **value < Value::Proven) {
        let now = after.answers.get(key).copied();
        if now.is_none_or(|now| now > *value) {
            raised.push(format!("{} on {} was {value:?} and is {now:?}", key.0, key.1));
        }
    }
    if after.root() > before.root() {
        raised.push(format!("the whole was {:?} and is {:?}", before.root(), after.root()));
    }
    raised
}

fn fell(before: &Judged, after: &Judged) -> bool {
    after.root() < before.root()
        || before.answers.iter().any(|(key, v)| after.answers.get(key).is_some_and(|now| now < v))
}

/// Something that can be taken back: (kind, digest).
fn target(setting: &mut Setting<'_>) -> Option<(&'static str, Digest)> {
    let seed = &mut setting.seed;
    match seed.below(3) {
        0 => {
            let files: Vec<&Digest> = setting.case.base.files.iter().map(|file| file.digests.sha256()).collect();
            let parts: Vec<Digest> = setting.world.parts.iter().map(|part| Digest::sha256(&part.bytes())).collect();
            let all: Vec<Digest> = files.into_iter().cloned().chain(parts).collect();
            Some(("digest", all[seed.below(all.len())].clone()))
        }
        1 => {
            let who = [0, 1, 2, 3, 4, 5, 6, 9, 10, 11, BUILDER][seed.below(11)];
            let key = PublicKey::from_pem(parties::public(who), None).ok()?;
            Some(("key", key.spki_sha256()))
        }
        _ if setting.world.items.is_empty() => None,
        _ => {
            let at = seed.below(setting.world.items.len());
            Some(("attestation", Digest::parse(Algorithm::Sha256, &setting.world.items[at].id())?))
        }
    }
}

/// M2: a denial of the policy lowers answers or leaves them, whatever else is denied.
pub(super) fn denials(setting: &mut Setting<'_>) {
    let mut policy = setting.case.policy.clone();
    let mut before = None;
    for _ in 0..=usize::from(chance(&mut setting.seed, 30)) {
        let Some((kind, digest)) = target(setting) else { return };
        let what = match kind {
            "digest" => Denied::File(digest),
            "key" => Denied::Key(digest),
            _ => Denied::Attestation(digest),
        };
        policy.denials.push(Deny { what: what.clone(), reason: "x".to_owned(), since: None });
        let after = setting.case.judge_with(&setting.case.delivery(|_| true), &policy);
        let raised = raised(before.as_ref().unwrap_or(&setting.base), &after);
        setting.tally.met("M2", "a denial");
        setting.tally.met_if(fell(before.as_ref().unwrap_or(&setting.base), &after), "M2", "an answer fell");
        setting.claim("M2", raised.is_empty(), |_| format!("denying {what:?}: {}", raised.join(", ")));
        before = Some(after);
    }
}

/// M2: what a status list names lowers or leaves; without the list, with an old one or one of a low number nothing passes.
pub(super) fn lists(setting: &mut Setting<'_>) {
    if !setting.world.terms.status || setting.case.status.is_none() {
        return;
    }
    if let Some((kind, digest)) = target(setting) {
        let named = match kind {
            "key" => format!("spki-sha256:{}", digest.hex()),
            _ => digest.to_string(),
        };
        let issue = case::issue(7, -1, &[(kind, named.clone())]);
        let case = Case { status: Some(case::lists(vec![issue])), ..setting.case.clone() };
        let after = case.judge();
        let raised = raised(&setting.base, &after);
        setting.tally.met("M2", "an entry");
        setting.claim("M2", raised.is_empty(), |_| format!("listing {kind} {named}: {}", raised.join(", ")));
    }
    let is_asked = setting.base.answers.keys().any(|(rule, _)| rule == "not-withdrawn");
    let (situation, status) = match setting.seed.below(3) {
        0 => ("a list is withheld", None),
        1 => ("a stale list", Some(case::lists(vec![case::issue(7, -100, &[])]))),
        _ => ("a low number", Some(case::lists(vec![case::issue(4, -1, &[])]))),
    };
    let after = Case { status, ..setting.case.clone() }.judge();
    setting.tally.met_if(is_asked && setting.base.root() == Value::Proven, "M2", situation);
    let passes = after.root() == Value::Proven
        || after.answers.iter().any(|((rule, _), value)| rule == "not-withdrawn" && *value == Value::Proven);
    setting.claim("M2", !passes, |_| format!("{situation}, and it passes"));
    let raised = raised(&setting.base, &after);
    setting.claim("M2", raised.is_empty(), |_| format!("{situation}: {}", raised.join(", ")));
}

/// M3: a summary that says FAILED can be left out. Where it decides, every verdict without it says that its rule can be escaped; where
/// the policy ignores such words, they change nothing.
pub(super) fn bad_news(setting: &mut Setting<'_>) {
    let lab = LABS[setting.seed.below(LABS.len())];
    let statement = setting.world.word(lab, PRODUCT, &[]);
    let statement = setting.world.tops().iter().fold(statement, |s, (name, bytes)| s.subject(name, bytes));
    let statement =
        statement.with("/verificationResult", "FAILED").with("/verifiedLevels", serde_json::json!(["FAILED"]));
    let item = Item { kind: Kind::Failed, part: None, by: lab, statement, good: false, logged: None };
    let mut case = setting.case.clone();
    case.evidence.push(case::evidence(&item));
    let with = case.judge();
    let rules = ["reviewed", "audited", "either"];
    let changed: Vec<&(String, String)> = with
        .answers
        .iter()
        .filter(|(key, value)| setting.base.answers.get(*key).is_some_and(|before| before != *value))
        .map(|(key, _)| key)
        .collect();
    let escapes = setting.base.suppressible();
    if setting.world.terms.conflict {
        let lowers = changed.iter().all(|key| with.answers[*key] < setting.base.answers[*key]);
        setting.tally.met_if(
            with.root() == Value::Refuted && setting.base.root() > Value::Refuted,
            "M3",
            "bad news refutes",
        );
        setting.tally.met_if(
            with.root() < Value::Proven && setting.base.root() == Value::Proven,
            "M3",
            "leaving it out passes",
        );
        let unmarked: Vec<&&(String, String)> = changed.iter().filter(|(rule, _)| !escapes.contains(rule)).collect();
        let broken = format!("{unmarked:?}");
        setting.claim("M3", unmarked.is_empty() && lowers, |_| format!("a FAILED by lab {lab} changes {broken}"));
    } else {
        let asked = setting.base.answers.keys().any(|(rule, _)| rules.contains(&rule.as_str()));
        setting.tally.met_if(asked, "M3", "ignored by policy");
        let broken = format!("{changed:?}");
        setting.claim("M3", changed.is_empty(), |_| format!("an ignored FAILED by lab {lab} changes {broken}"));
    }
}
