//! M9: what is asked of components.

use std::collections::BTreeSet;

use vidimus::digest::Digest;
use vidimus::value::Value;

use super::Setting;
use crate::case::{self, Case};
use crate::world::{Kind, World};

/// Parts that the main SBOM, the SBOMs of parts and the archive lead to, as the policy follows them.
fn reachable(world: &World) -> BTreeSet<usize> {
    let is_followed = |edge: &str| world.terms.edges.is_empty() || world.terms.edges.contains(&edge);
    let is_said = |kind: Kind, part: Option<usize>| {
        world.items.iter().any(|item| item.kind == kind && item.part == part && item.good)
    };
    let mut reached: BTreeSet<usize> = BTreeSet::new();
    if is_followed("contains") {
        reached.extend(world.parts.iter().filter(|part| part.held).map(|part| part.number));
    }
    let is_listed = is_followed("depends") && is_said(Kind::Sbom, None);
    if is_listed {
        reached.extend(world.parts.iter().filter(|part| part.within.is_none() && part.direct).map(|part| part.number));
    }
    loop {
        let mut more = reached.clone();
        for part in world.parts.iter().filter(|part| reached.contains(&part.number)) {
            let mains = world.parts.iter().filter(|other| other.within.is_none() && part.needs.contains(&other.number));
            if is_listed && part.within.is_none() {
                more.extend(mains.map(|other| other.number));
            }
            // A supplier is believed about what it makes: somebody must have said that this is of its products.
            let is_its_own = is_said(Kind::Sbom, None) || is_said(Kind::Release, Some(part.number));
            let is_known = (part.digest || part.held) && is_its_own;
            if is_followed("depends") && is_known && is_said(Kind::OwnSbom, Some(part.number)) {
                more.extend(
                    world.parts.iter().filter(|other| other.within == Some(part.number)).map(|other| other.number),
                );
            }
        }
        if more == reached {
            return reached;
        }
        reached = more;
    }
}

const RULES: [&str; 4] = ["rebuilt", "known", "vouched", "anything"];

/// M9: the `components` rule is met on the archive only if every component that is reached meets all of its rules or is excused by the
/// budget, and everything that is reached has answered: a requirement for all, over circles and shared parts.
pub(super) fn reached(setting: &mut Setting<'_>) {
    if !setting.world.terms.parts {
        return;
    }
    let world = &setting.world;
    let archive = Digest::sha256(&world.archive()).to_string();
    let Some(value) = setting.base.answers.get(&("parts".to_owned(), archive)).copied() else { return };
    let tops: BTreeSet<String> = world.tops().iter().map(|(_, bytes)| Digest::sha256(bytes).to_string()).collect();
    let is_component = |node: &String| node != "delivery" && !tops.contains(node);
    let answers =
        || setting.base.answers.iter().filter(|((rule, node), _)| RULES.contains(&rule.as_str()) && is_component(node));
    let least = answers().map(|(_, value)| *value).min();
    let answered: BTreeSet<&String> = answers().map(|((_, node), _)| node).collect();
    let excused: BTreeSet<&String> = setting.base.core().unverified.iter().map(|leaf| &leaf.node).collect();
    // Without a request, an SBOM counts only once something says what the whole is.
    let silent: Vec<usize> = reachable(world)
        .into_iter()
        .filter(|_| world.requested)
        .filter(|part| world.parts[*part].digest)
        .filter(|part| {
            let node = Digest::sha256(&world.parts[*part].bytes()).to_string();
            !answered.contains(&node) && !excused.contains(&node)
        })
        .collect();
    let refuted = least == Some(Value::Refuted);
    setting.tally.met_if(setting.base.core().chain.cycles > 0, "M9", "circles");
    setting.tally.met_if(value == Value::Proven && !answered.is_empty(), "M9", "all reached are proven");
    setting.tally.met_if(least.is_some_and(|least| least < Value::Proven), "M9", "a reached one is not");
    setting
        .claim("M9", silent.is_empty(), |s| format!("nothing was asked of the parts {silent:?}: {:?}", s.world.parts));
    let holds = value != Value::Proven || least.is_none_or(|least| least == Value::Proven);
    setting.claim("M9", holds, |_| format!("the components are met, and the least of them is {least:?}"));
    // And if nothing that is asked of any of them stands against it, it is met.
    let others = setting.base.answers.iter().filter(|((rule, node), _)| rule != "parts" && is_component(node));
    let is_whole =
        silent.is_empty() && others.map(|(_, value)| *value).min().is_none_or(|least| least == Value::Proven);
    setting.claim("M9", !is_whole || value == Value::Proven, |s| {
        let unmet: Vec<_> = s.base.core().unmet.iter().filter(|unmet| unmet.rule == "parts").collect();
        format!("every component is proven or excused, and the rule is {value:?}: {unmet:?}")
    });
    let lowers = !refuted || value == Value::Refuted;
    setting.claim("M9", lowers, |_| format!("a component is refuted, and the rule is {value:?}"));
}

/// M9: dependencies that only close circles among what is reached anyway change no answer.
pub(super) fn circles(setting: &mut Setting<'_>) {
    let world = &setting.world;
    let main = world.items.iter().position(|item| item.kind == Kind::Sbom && item.good);
    let (true, Some(main)) = (world.terms.parts, main) else { return };
    // What is said about the SBOM's own bytes would not be about the other's.
    let keep: Vec<usize> = (0..world.items.len()).filter(|at| world.items[*at].kind != Kind::Delivery).collect();
    let listed: BTreeSet<usize> = reachable_by_main(world);
    let mut other = world.clone();
    let mut added = false;
    for from in &listed {
        for to in &listed {
            added |= !other.parts[*from].needs.contains(to);
            other.parts[*from].needs.push(*to);
        }
    }
    if !added {
        return;
    }
    let judged = |evidence: &[vidimus::read::File]| {
        let case = Case { evidence: keep.iter().map(|at| evidence[*at].clone()).collect(), ..setting.case.clone() };
        case.judge()
    };
    let mut evidence = setting.case.evidence.clone();
    let before = judged(&evidence);
    let mut item = world.items[main].clone();
    item.statement = other.sbom(|_| true);
    evidence[main] = case::evidence(&item);
    let after = judged(&evidence);
    setting.tally.met_if(after.core().chain.cycles > before.core().chain.cycles, "M9", "circles");
    let keys: BTreeSet<&(String, String)> = before.answers.keys().chain(after.answers.keys()).collect();
    // What has no digest is known by that of the SBOM.
    let changed = keys
        .into_iter()
        .filter(|key| !key.1.starts_with("anon:") && before.answers.get(*key) != after.answers.get(*key));
    let changed: Vec<String> = changed
        .map(|key| format!("{} on {} from {:?} to {:?}", key.0, key.1, before.answers.get(key), after.answers.get(key)))
        .collect();
    setting.claim("M9", changed.is_empty(), |_| format!("circles change {}", changed.join(", ")));
}

/// Parts that the main SBOM alone leads to.
fn reachable_by_main(world: &World) -> BTreeSet<usize> {
    let mut reached: BTreeSet<usize> =
        world.parts.iter().filter(|part| part.within.is_none() && part.direct).map(|part| part.number).collect();
    loop {
        let needs = reached.iter().flat_map(|part| world.parts[*part].needs.iter().copied());
        let more: BTreeSet<usize> =
            needs.filter(|need| world.parts[*need].within.is_none()).chain(reached.iter().copied()).collect();
        if more == reached {
            return reached;
        }
        reached = more;
    }
}
