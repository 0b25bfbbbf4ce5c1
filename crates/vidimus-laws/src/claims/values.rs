//! M0: values combine exactly.

use vidimus::value::Value;
use vidimus_testkit::Seed;

use super::Setting;
use crate::Tally;
use crate::case::Case;

const ALL: [Value; 3] = [Value::Refuted, Value::Unproven, Value::Proven];

/// The one value over all ways in which open values can turn out, or open if there are several.
fn completed(values: &[Value], yes: &dyn Fn(&[bool]) -> bool) -> Value {
    let open = values.iter().filter(|value| **value == Value::Unproven).count();
    let answers: Vec<bool> = (0_u32..1 << open)
        .map(|way| {
            let mut at = 0;
            let settled: Vec<bool> = values
                .iter()
                .map(|value| match value {
                    Value::Proven => true,
                    Value::Refuted => false,
                    Value::Unproven => {
                        at += 1;
                        way >> (at - 1) & 1 == 1
                    }
                })
                .collect();
            yes(&settled)
        })
        .collect();
    match (answers.iter().all(|yes| *yes), answers.iter().any(|yes| *yes)) {
        (true, _) => Value::Proven,
        (_, false) => Value::Refuted,
        _ => Value::Unproven,
    }
}

fn at_least(k: usize) -> impl Fn(&[bool]) -> bool {
    move |settled| settled.iter().filter(|yes| **yes).count() >= k
}

/// M0: k of n, all and any are what a reader of two values would say under every completion.
pub(super) fn combine(seed: &mut Seed, number: u64, tally: &mut Tally) {
    let values: Vec<Value> = (0..=seed.below(6)).map(|_| ALL[seed.below(3)]).collect();
    let k = 1 + seed.below(values.len());
    tally.met("M0", "combined answers");
    for (found, k) in [
        (Value::threshold(k, values.clone()), k),
        (Value::all(values.clone()), values.len()),
        (Value::any(values.clone()), 1),
    ] {
        let expected = completed(&values, &at_least(k));
        tally.claim("M0", number, found == Some(expected), || {
            format!("{k} of {values:?} is {found:?}, not {expected:?}")
        });
    }
}

/// M0: the whole is proven (refuted) exactly if it is under every completion of all that is not proven.
pub(super) fn whole(setting: &mut Setting<'_>) {
    let values: Vec<Value> = setting.base.answers.values().copied().collect();
    let open = values.iter().filter(|value| **value == Value::Unproven).count();
    if values.is_empty() || open > 10 {
        return;
    }
    setting.tally.met("M0", "the whole");
    let expected = completed(&values, &at_least(values.len()));
    let root = setting.base.root();
    setting.claim("M0", root == expected, |s| format!("the whole is {root:?} of {:?}", s.base.answers));
}

/// M0: an `any-of` is on every file the greatest of what its branches are as rules of their own.
pub(super) fn branches(setting: &mut Setting<'_>) {
    if !setting.world.terms.either {
        return;
    }
    let mut world = setting.world.clone();
    world.terms.branches = true;
    let Ok(policy) = world.terms.load(&world.parties) else { return };
    let case = Case { policy, ..setting.case.clone() };
    let answers = case.judge().answers;
    for ((rule, node), value) in answers.iter().filter(|((rule, _), _)| rule == "either") {
        let branch = |at: usize| answers.get(&(format!("branch-{at}"), node.clone())).copied();
        let branches: Vec<Value> = (0..3).filter_map(branch).collect();
        setting.tally.met("M0", "an any-of and its branches");
        let differ = branches.iter().any(|value| *value != branches[0]);
        setting.tally.met_if(differ && branches.contains(&Value::Unproven), "M0", "open branches");
        let expected = completed(&branches, &at_least(1));
        setting.claim("M0", branches.len() == 3 && *value == expected, |_| {
            format!("{rule} on {node} is {value:?}, and its branches {branches:?}")
        });
    }
}
