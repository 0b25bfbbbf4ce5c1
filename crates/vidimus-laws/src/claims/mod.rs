//! The claims, one file for those that belong together.

mod components;
mod evidence;
mod negatives;
mod quorums;
mod rules;
mod sboms;
mod values;
mod views;
mod words;

use vidimus_testkit::Seed;

use crate::case::{self, Case, Judged};
use crate::parties::chance;
use crate::world::World;
use crate::{Tally, Which};

/// A world with what the judge answered.
struct Setting<'t> {
    seed: Seed,
    number: u64,
    world: World,
    case: Case,
    base: Judged,
    tally: &'t mut Tally,
}

impl Setting<'_> {
    /// The claim does not hold unless `holds`.
    fn claim(&mut self, claim: &'static str, holds: bool, seen: impl FnOnce(&Self) -> String) {
        if !holds {
            let seen = seen(self);
            self.tally.claim(claim, self.number, false, || seen);
        }
    }

    /// Evidence in order, for whoever looks at a break.
    fn told(&self, keep: impl Fn(usize) -> bool) -> String {
        let items = self.world.items.iter().enumerate().filter(|(at, _)| keep(*at));
        let told: Vec<String> = items.map(|(_, item)| told(item)).collect();
        told.join("; ")
    }
}

fn told(item: &crate::world::Item) -> String {
    let whose = crate::parties::IDS.get(item.by).copied().unwrap_or("builder or stranger");
    let part = item.part.map(|part| format!(" of part {part}")).unwrap_or_default();
    let good = if item.good { "" } else { " (flawed)" };
    format!("{:?}{part} by {whose}{good}", item.kind)
}

/// A check that makes its own small world.
type Alone = fn(&mut Seed, u64, &mut Tally);
/// A check of a world and what was answered about it.
type OfWorld = fn(&mut Setting<'_>);

const ALONE: [(&str, Alone); 5] = [
    ("M0", values::combine),
    ("M7", views::views),
    ("M8", views::clocks),
    ("M9", words::circles),
    ("M9", words::delegations),
];

const OF_WORLD: [(&str, OfWorld); 16] = [
    ("M0", values::whole),
    ("M0", values::branches),
    ("M1", evidence::fewer),
    ("M2", negatives::denials),
    ("M2", negatives::lists),
    ("M3", negatives::bad_news),
    ("M4", rules::another),
    ("M5", rules::waivers),
    ("M6", quorums::reviewed),
    ("M6", quorums::rebuilt),
    ("M6", quorums::one_more),
    ("M6", quorums::forged),
    ("M9", components::reached),
    ("M9", components::circles),
    ("M9", words::vouched),
    ("M10", sboms::thinner),
];

/// Checks on one case those of `which`. Each has numbers of its own, so that it finds the same with others and alone.
pub(crate) fn check(stem: &str, number: u64, which: Which<'_>, tally: &mut Tally) {
    let seed = |part: &str| Seed::new(&format!("laws/{stem}/{number}/{part}"));
    let is_wanted = |claim: &str| which.claim().is_none_or(|only| only == claim);
    for (at, (claim, check)) in ALONE.iter().enumerate().filter(|(_, (claim, _))| is_wanted(claim)) {
        // Of the two that forge log entries one is enough.
        let is_next = !matches!((which, *claim), (Which::InTurn, "M7" | "M8")) || at as u64 % 2 == number % 2;
        if is_next {
            check(&mut seed(&format!("alone {at}")), number, tally);
        }
    }
    let turn = OF_WORLD.len() as u64;
    let is_next = |at: usize| !matches!(which, Which::InTurn) || at as u64 == number % turn;
    let wanted = OF_WORLD.iter().enumerate().filter(|(at, (claim, _))| is_wanted(claim) && is_next(*at));
    let wanted: Vec<(usize, OfWorld)> = wanted.map(|(at, (_, check))| (at, *check)).collect();
    let mut numbers = seed("world");
    let Some((world, mut case)) = world(&mut numbers, tally).filter(|_| !wanted.is_empty()) else { return };
    if world.terms.status {
        let is_at_hand = !chance(&mut numbers, world.flaws / 3);
        case.status = is_at_hand.then(|| case::lists(vec![case::issue(7, -1, &[])]));
    }
    let base = case.judge();
    let mut setting = Setting { seed: numbers, number, world, case, base, tally };
    for (at, check) in wanted {
        setting.seed = seed(&format!("world {at}"));
        check(&mut setting);
    }
}

/// A world whose policy loads.
fn world(seed: &mut Seed, tally: &mut Tally) -> Option<(World, Case)> {
    for _ in 0..4 {
        let mut world = World::generate(seed);
        for strict in [false, true] {
            if strict {
                // A judge of one group with a vendor needs that.
                world.terms.labs.excludes = (true, true);
                world.terms.rebuilders.excludes = (true, true);
            }
            match Case::of(&world) {
                Ok(case) => return Some((world, case)),
                Err(why) if strict => *tally.refused.entry(why).or_default() += 1,
                Err(_) => {}
            }
        }
    }
    None
}
