//! M7 and M8: witnesses and clocks.

use std::collections::BTreeSet;

use vidimus_testkit::Seed;

use crate::Tally;
use crate::parties::{LAWS, Parties, WITNESSES, chance};
use crate::witnesses::{NOON, Terms, TermsKind, holds, signed};

fn candidates(seed: &mut Seed) -> Vec<usize> {
    let mut candidates: Vec<usize> = WITNESSES.iter().copied().filter(|_| chance(seed, 80)).collect();
    if candidates.is_empty() {
        candidates.push(WITNESSES[0]);
    }
    candidates
}

/// The formula, counted out: with k of n groups asked for, of which b can be seen on both sides, 2k − n > b; and whoever is compelled,
/// enough groups are left.
fn is_safe(parties: &Parties, terms: &Terms) -> bool {
    let TermsKind::Views { countries, left } = terms.kind else { return false };
    let groups = parties.groups(&terms.candidates);
    let coalitions = parties.coalitions(&terms.candidates, countries);
    let is_free = |who: &usize, coalition: &BTreeSet<&str>| parties.laws(*who).is_disjoint(coalition);
    let both = |coalition: &BTreeSet<&str>| {
        groups.iter().filter(|group| group.len() > 1 || !group.iter().all(|who| is_free(who, coalition))).count()
    };
    let remain = |coalition: &BTreeSet<&str>| {
        let free: Vec<usize> = terms.candidates.iter().copied().filter(|who| is_free(who, coalition)).collect();
        parties.groups(&free).len()
    };
    let (k, n) = (terms.groups, groups.len());
    k <= n && coalitions.iter().all(|coalition| 2 * k > n + both(coalition) && remain(coalition) >= left)
}

/// M7: a log shows one tree to some witnesses and another to the rest. Each honest one signs what it sees; those under the laws of a
/// tolerated coalition sign both. Where the policy loads, not both views are accepted, whoever sees which, and one more witness
/// breaks no view.
pub(super) fn views(seed: &mut Seed, number: u64, tally: &mut Tally) {
    let parties = Parties::generate(seed);
    let candidates = candidates(seed);
    let countries = [0, 1, 1, 2][seed.below(4)];
    let groups = 1 + candidates.len() / 2 + seed.below(2);
    let terms = Terms {
        groups: groups.min(candidates.len()),
        kind: TermsKind::Views { countries, left: 1 + seed.below(2) },
        candidates,
    };
    let loaded = terms.load(&parties);
    let safe = is_safe(&parties, &terms);
    tally.claim("M7", number, loaded.is_ok() == safe, || {
        let loaded = loaded.as_ref().map(|_| "loaded");
        format!("{terms:?} is {loaded:?}, and by the formula it is safe: {safe}; of {parties:?}")
    });
    let Ok(policy) = loaded else {
        tally.met("M7", "refused");
        return;
    };
    tally.met("M7", "loaded");
    let start = seed.below(LAWS.len());
    let coalition: BTreeSet<&str> = (0..countries).map(|at| LAWS[(start + at) % LAWS.len()]).collect();
    let is_compelled = |who: &usize| !parties.laws(*who).is_disjoint(&coalition);
    let mut sides: [Vec<usize>; 2] = [Vec::new(), Vec::new()];
    for who in WITNESSES {
        if is_compelled(&who) {
            sides.iter_mut().for_each(|side| side.push(who));
        } else {
            sides[seed.below(2)].push(who);
        }
    }
    let of_one_group = parties.groups(&terms.candidates).iter().any(|group| {
        let honest = |side: &[usize]| side.iter().any(|who| group.contains(who) && !is_compelled(who));
        honest(&sides[0]) && honest(&sides[1])
    });
    let at = NOON;
    let view = |content: &[u8], side: &[usize]| {
        let side: Vec<(usize, i64)> = side.iter().map(|who| (*who, at)).collect();
        holds(&policy, &signed(content, &side), "published")
    };
    let accepted = [view(b"view a", &sides[0]), view(b"view b", &sides[1])];
    tally.met_if(accepted.contains(&true), "M7", "one view accepted");
    tally.met_if(of_one_group, "M7", "honest witnesses of one group");
    tally.claim("M7", number, accepted != [true, true], || {
        format!("{terms:?}: {sides:?} are both accepted, {coalition:?} compelled, of {parties:?}")
    });
    if accepted[0] {
        let mut more = sides[0].clone();
        more.extend(WITNESSES.iter().filter(|who| !sides[0].contains(who)).take(1 + seed.below(2)));
        tally.met_if(more.len() > sides[0].len(), "M7", "one more witness");
        tally.claim("M7", number, view(b"view a", &more), || {
            format!("{terms:?}: {:?} is accepted, and {more:?} is not, of {parties:?}", sides[0])
        });
    }
}

/// M8: the vendor's key was stolen at noon, and as many groups of clocks lie as the policy reckons with. A signature that was made after
/// noon never counts; one more clock takes nothing away from one that does.
pub(super) fn clocks(seed: &mut Seed, number: u64, tally: &mut Tally) {
    let parties = Parties::generate(seed);
    let candidates = candidates(seed);
    let groups = parties.groups(&candidates);
    let least = 1 + seed.below(groups.len());
    let liars = seed.below(least);
    let terms = Terms {
        candidates: candidates.clone(),
        groups: least,
        kind: TermsKind::Clocks { liars, key: "compromised_from = 2025-03-01T12:00:00Z".to_owned() },
    };
    let Ok(policy) = terms.load(&parties) else { return };
    // A true time within two hours of noon, stated a little later, or anything by a liar.
    let truth = NOON - 7_200 + seed.below(14_400) as i64;
    let lying: BTreeSet<usize> = groups.iter().take(liars).flatten().copied().collect();
    let mut stated: Vec<(usize, i64)> = Vec::new();
    for who in candidates {
        if chance(seed, 80) {
            let lies = lying.contains(&who) && chance(seed, 80);
            let at = if lies { NOON - 20_000 + seed.below(15_000) as i64 } else { truth + seed.below(300) as i64 };
            stated.push((who, at));
        }
    }
    let earliest = stated.iter().map(|(_, at)| *at).min().unwrap_or(truth);
    let accepted = |stated: &[(usize, i64)]| {
        let delivery = signed(b"signed", stated);
        (holds(&policy, &delivery, "released"), holds(&policy, &delivery, "when"))
    };
    let (released, when) = accepted(&stated);
    tally.met_if(!lying.is_empty(), "M8", "liars");
    tally.met_if(truth >= NOON && earliest < NOON, "M8", "too late, and the earliest clock lies");
    tally.met_if(truth < NOON && when, "M8", "in time");
    tally.claim("M8", number, truth < NOON || !(released || when), || {
        format!("{terms:?}: {stated:?} was signed at {truth}, and counts: release {released}, time {when}; {lying:?} lie, of {parties:?}")
    });
    // An honest clock more.
    let silent: Vec<usize> =
        terms.candidates.iter().copied().filter(|who| !stated.iter().any(|(other, _)| other == who)).collect();
    if let Some(who) = silent.first().filter(|_| truth + 300 < NOON) {
        stated.push((*who, truth));
        let now = accepted(&stated);
        tally.met_if(released || when, "M8", "one more clock");
        tally.claim("M8", number, now >= (released, when) && now.1 >= when, || {
            format!(
                "{terms:?}: with {who} as well, {stated:?} counts as {now:?} and was {released}, {when}, of {parties:?}"
            )
        });
    }
}
