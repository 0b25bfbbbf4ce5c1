//! M1: evidence only helps.

use std::collections::BTreeSet;

use vidimus::value::Value;

use super::Setting;
use crate::parties::chance;
use crate::world::{Item, Kind};

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
    let mut rose = Vec::new();
    let mut fell = false;
    for (key, value) in &setting.base.answers {
        let Some(now) = after.answers.get(key) else { continue };
        fell |= now < value;
        if now > value && !escapes.contains(&key.0) && !is_graph {
            rose.push(format!("{} on {} from {value:?} to {now:?}", key.0, key.1));
        }
    }
    setting.tally.met_if(fell, "M1", "an answer fell");
    setting.tally.met_if(setting.base.root() == Value::Proven && after.root() < Value::Proven, "M1", "a pass fell");
    let (before, now) = (setting.base.root(), after.root());
    let marked = !escapes.is_empty() || is_graph && after.says("caveat.claimed-graph");
    if now > before && !marked {
        rose.push(format!("the whole from {before:?} to {now:?}"));
    }
    setting.claim("M1", rose.is_empty(), |s| {
        format!("without {}: {}", s.told(|at| dropped.contains(&at)), rose.join(", "))
    });
}
