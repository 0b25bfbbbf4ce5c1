//! M4 and M5: what a policy adds and what it excuses.

use std::collections::BTreeSet;

use vidimus::conclude::Basis;
use vidimus::digest::{Algorithm, Digest};
use vidimus::policy::Waiver;
use vidimus::time::Time;
use vidimus::value::Value;

use super::Setting;
use crate::case::Judged;
use crate::parties::chance;

/// M4: one of the rules once more, on whatever classes, changes no answer to the others, but that components which must meet it too can
/// lower what is made of them, and that one which falls short of it may be excused by a budget, and is then not asked the others. The
/// whole becomes the least of what it was and of what the rule adds. The model says this of plug-ins; rules are all that can be plugged
/// in here.
pub(super) fn another(setting: &mut Setting<'_>) {
    let mut policy = setting.case.policy.clone();
    let mut rule = policy.rules[setting.seed.below(policy.rules.len())].clone();
    rule.id = "added".to_owned();
    let classes = policy.classes.iter().map(|class| class.id.clone()).filter(|_| chance(&mut setting.seed, 60));
    rule.classes = Some(classes.collect());
    let is_of_parts = |id: &String| policy.component_rules().any(|(rule, _)| rule.id == *id);
    let of_parts: Vec<String> = policy.rules.iter().map(|rule| rule.id.clone()).filter(is_of_parts).collect();
    policy.rules.insert(setting.seed.below(policy.rules.len() + 1), rule.clone());
    let with = setting.case.judge_with(&setting.case.delivery(|_| true), &policy);
    let excused: BTreeSet<&String> = with.core().unverified.iter().map(|leaf| &leaf.node).collect();
    let is_same = |rule: &String, node: &String, before: Value| match with.answers.get(&(rule.clone(), node.clone())) {
        Some(now) => *now == before || of_parts.contains(rule) && *now < before,
        None => excused.contains(node),
    };
    let differs: Vec<String> = setting
        .base
        .answers
        .iter()
        .filter(|((rule, node), value)| !is_same(rule, node, **value))
        .map(|(key, value)| {
            format!("{} on {}: {value:?} without it, {:?} with it", key.0, key.1, with.answers.get(key))
        })
        .collect();
    let (before, after) = (setting.base.root(), with.root());
    // What the rule adds: its own answers, and what is made of components that must meet it.
    let is_lower = |key: &(String, String), now: &Value| {
        of_parts.contains(&key.0) && setting.base.answers.get(key).is_some_and(|before| now < before)
    };
    let adds = with.answers.iter().filter(|(key, now)| key.0 == "added" || is_lower(key, now));
    let added = adds.map(|(_, value)| *value).min();
    let budgeted = setting.base.answers.iter().any(|(key, _)| excused.contains(&key.1));
    setting.tally.met_if(budgeted, "M4", "a budget excuses from it");
    let expected = added.unwrap_or(Value::Proven).min(before);
    setting.tally.met_if(added.is_some(), "M4", "another rule");
    setting.tally.met_if(before == Value::Proven && after < before, "M4", "a pass fell");
    setting.tally.met_if(before == Value::Proven && after == before && added.is_some(), "M4", "a pass stayed");
    setting.claim("M4", differs.is_empty(), |_| {
        format!("a rule of {} on {:?} changes others: {}", rule.check.name(), rule.classes, differs.join(", "))
    });
    setting.claim("M4", after == expected, |_| {
        format!("a rule of {} on {:?} makes {before:?} {after:?}, not {expected:?}", rule.check.name(), rule.classes)
    });
}

/// M5: waivers lift exactly what they are for and what is not proven; nothing that is refuted, and nothing once they lapsed.
pub(super) fn waivers(setting: &mut Setting<'_>) {
    let at = setting.case.request.at;
    let lapsed = chance(&mut setting.seed, 15);
    let percent = [40, 100, 100][setting.seed.below(3)];
    let day = |days: i64| Time::from_second(at.second() + days * 86_400).unwrap_or(at);
    let mut waived = BTreeSet::new();
    let mut waivers = Vec::new();
    for unmet in &setting.base.core().unmet {
        let subject = unmet.node.strip_prefix("sha256:").and_then(|hex| Digest::parse(Algorithm::Sha256, hex));
        let Some(subject) = subject.filter(|_| chance(&mut setting.seed, percent)) else { continue };
        waived.insert((unmet.rule.clone(), unmet.node.clone()));
        waivers.push(Waiver {
            id: format!("W{}", waivers.len()),
            rule: unmet.rule.clone(),
            subject,
            owner: "x".to_owned(),
            approved_by: Vec::new(),
            reason: "x".to_owned(),
            compensating: None,
            from: day(-2),
            until: day(if lapsed { 0 } else { 1 }),
        });
    }
    if waivers.is_empty() {
        return;
    }
    let mut policy = setting.case.policy.clone();
    policy.waivers = waivers;
    let after = setting.case.judge_with(&setting.case.delivery(|_| true), &policy);
    setting.tally.met_if(lapsed, "M5", "lapsed");
    let (mut left, mut lifted, mut refuted) = (Vec::new(), 0, false);
    for unmet in &after.core().unmet {
        let is_for = waived.contains(&(unmet.rule.clone(), unmet.node.clone()));
        let should = is_for && !lapsed && unmet.result == Value::Unproven;
        refuted |= is_for && unmet.result == Value::Refuted;
        lifted += usize::from(should);
        setting.claim("M5", unmet.waiver.is_some() == should, |_| {
            format!("{} on {}, {:?}: {:?}", unmet.rule, unmet.node, unmet.result, unmet.waiver)
        });
        if !should {
            left.push(unmet.result);
        }
    }
    setting.tally.met_if(lifted > 0, "M5", "lifted");
    setting.tally.met_if(refuted, "M5", "refuted and waived");
    let expected = match (left.iter().min(), lifted) {
        (None, 0) => Basis::Proven,
        (None, _) => Basis::ProvenWithWaivers,
        (Some(Value::Refuted), _) => Basis::Refuted,
        (Some(_), _) => Basis::Unproven,
    };
    setting.tally.met_if(expected == Basis::ProvenWithWaivers, "M5", "passes with waivers");
    let found = after.core().basis;
    setting.claim("M5", found == expected, |_| format!("the basis is {found:?}, not {expected:?}"));
    let same = |judged: &Judged| judged.answers.clone();
    setting.claim("M5", same(&after) == same(&setting.base), |_| "a waiver changes an answer".to_owned());
}
