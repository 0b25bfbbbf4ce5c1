//! M1: evidence only helps.

use std::collections::BTreeSet;

use vidimus::digest::Digest;
use vidimus::value::Value;

use super::Setting;
use crate::parties::chance;
use crate::world::{Item, Kind, World};

/// M1: of any two sets of evidence, one within the other, the smaller one gives no requirement a greater value. What a sender can
/// leave out to escape a rule the verdict names; a set without SBOMs or delivery statements asks for less, and the verdict says that.
pub(super) fn fewer(setting: &mut Setting<'_>) {
    // Without a request, what is released decides what the whole is, and so what is asked of it.
    let requested = setting.world.requested;
    let is_of_graph = |item: &Item| item.is_graph() || !requested && item.kind == Kind::Release && item.part.is_none();
    let also_graph = chance(&mut setting.seed, 25);
    let percent = 10 + setting.seed.below(40);
    let seed = &mut setting.seed;
    let dropped: BTreeSet<usize> = setting
        .world
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| also_graph || !is_of_graph(item))
        .filter(|_| chance(seed, percent))
        .map(|(at, _)| at)
        .collect();
    if dropped.is_empty() {
        return;
    }
    let is_graph = dropped.iter().any(|at| is_of_graph(&setting.world.items[*at]));
    let after = setting.case.judge_some(|at| !dropped.contains(&at));
    let escapes = after.suppressible();
    setting.tally.met("M1", "fewer pieces of evidence");
    setting.tally.met_if(escapes.is_empty() && !is_graph, "M1", "nothing to escape by");
    let of_parts: BTreeSet<&str> = setting.case.policy.component_rules().map(|(rule, _)| rule.id.as_str()).collect();
    let claimed = is_graph && after.says("caveat.claimed-graph");
    let incomplete = after.says("caveat.completeness-unknown");
    let is_told = |rule: &String| {
        let is_delivery = incomplete && rule == "vidimus.delivery";
        escapes.contains(rule) || is_delivery || claimed && of_parts.contains(rule.as_str())
    };
    let excused: BTreeSet<&String> = after.core().unverified.iter().map(|leaf| &leaf.node).collect();
    // Where a release told the class, what is of no class any more falls short of another rule.
    let released = dropped.iter().map(|at| &setting.world.items[*at]).filter(|item| item.kind == Kind::Release);
    let released: BTreeSet<String> = released.flat_map(|item| told_by(&setting.world, item.part)).collect();
    let short = after.core().unmet.iter().map(|unmet| &unmet.node);
    let short: BTreeSet<&String> = short.filter(|node| released.contains(*node)).collect();
    let mut rose = Vec::new();
    let mut fell = false;
    for ((rule, node), value) in &setting.base.answers {
        let now = after.answers.get(&(rule.clone(), node.clone())).copied();
        fell |= now.is_some_and(|now| now < *value);
        // What is not asked any more would be met by silence. A budget may do that.
        let is_silent = || *value < Value::Proven && !excused.contains(node) && !short.contains(node);
        let is_higher = now.map_or_else(is_silent, |now| now > *value);
        if is_higher && !escapes.contains(rule) && !is_graph {
            rose.push(format!("{rule} on {node} from {value:?} to {now:?}"));
        }
    }
    setting.tally.met_if(fell, "M1", "an answer fell");
    setting.tally.met_if(setting.base.root() == Value::Proven && after.root() < Value::Proven, "M1", "a pass fell");
    let (before, now) = (setting.base.root(), after.root());
    // Of every rule that kept the whole down and does not any more the verdict must say so: another that can be escaped is no excuse.
    let still: BTreeSet<&String> = after.core().unmet.iter().map(|unmet| &unmet.rule).collect();
    let kept = setting.base.answers.iter().filter(|(_, value)| now > before && **value < now);
    let kept = kept.filter(|(key, _)| after.answers.contains_key(*key) || !short.contains(&key.1));
    let untold: BTreeSet<&String> =
        kept.map(|((rule, _), _)| rule).filter(|rule| !still.contains(rule) && !is_told(rule)).collect();
    setting.tally.met_if(now > before, "M1", "the whole rises, and the verdict says by which rules");
    if !untold.is_empty() {
        rose.push(format!("the whole from {before:?} to {now:?}, and nothing is said of {untold:?}"));
    }
    setting.claim("M1", rose.is_empty(), |s| {
        format!("without {}: {}", s.told(|at| dropped.contains(&at)), rose.join(", "))
    });
}

/// Of which files and components a release tells the class: of what it is about, and by that, who may say what is in it.
fn told_by(world: &World, part: Option<usize>) -> Vec<String> {
    let digest = |bytes: &[u8]| Digest::sha256(bytes).to_string();
    let Some(part) = part else { return world.tops().iter().map(|(_, bytes)| digest(bytes)).collect() };
    let parts = world.parts.iter().filter(|inner| inner.number == part || inner.within == Some(part));
    parts.map(|part| digest(&part.bytes())).collect()
}
