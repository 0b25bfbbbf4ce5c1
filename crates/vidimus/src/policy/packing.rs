//! The most things that share nothing: how many of some parties are independent, when each has owners.

use std::collections::{BTreeMap, BTreeSet};

/// So many that are entangled with each other are looked at beyond the first found ones.
const MOST: usize = u128::BITS as usize;

/// So many ways are tried with what is entangled; beyond, the number is a lower bound. Sixteen never need more, whatever they share, and
/// few that are owned as companies are do, however many they are.
const WAYS: u32 = 1 << 13;

/// Who needs some things for itself, and one of others besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Needs<'a> {
    pub(crate) owners: BTreeSet<&'a str>,
    /// Empty where none is needed.
    pub(crate) one_of: BTreeSet<&'a str>,
}

/// The most of `all` of which no two share an owner, and each has one of what it needs that no other has.
#[must_use]
pub(crate) fn packing_with(all: &[Needs<'_>]) -> usize {
    let distinct: BTreeSet<&Needs<'_>> = all.iter().collect();
    // Whoever needs more than another needs is never the better choice.
    let least = |item: &&Needs<'_>| {
        let is_less = |other: &Needs<'_>| other.one_of.is_empty() && other.owners.is_subset(&item.owners);
        !distinct.iter().any(|other| *other != *item && is_less(other))
    };
    let (alone, with): (Vec<&Needs<'_>>, Vec<&Needs<'_>>) =
        distinct.iter().copied().filter(least).partition(|item| item.one_of.is_empty());
    // Those that need nothing else are counted by themselves, unless they share an owner with one that does.
    let shares = |one: &&Needs<'_>| with.iter().any(|other| !other.owners.is_disjoint(&one.owners));
    if with.is_empty() || !alone.iter().any(shares) {
        let owners: Vec<BTreeSet<&str>> = alone.iter().map(|item| item.owners.clone()).collect();
        return packing(&owners) + with_others(&with);
    }
    with_others(&[alone, with].concat())
}

/// The same, where some need something else.
fn with_others(all: &[&Needs<'_>]) -> usize {
    let Some(clash) = clashes(&all.iter().map(|item| &item.owners).collect::<Vec<_>>()) else {
        return packing(&all.iter().map(|item| &item.owners | &item.one_of).collect::<Vec<_>>());
    };
    let of =
        |chosen: u128| (0..u128::BITS).zip(all).filter(move |(at, _)| chosen & 1 << at != 0).map(|(_, item)| *item);
    let mut most = 0;
    let mut open = vec![all_of(all.len())];
    let mut ways = 0;
    while let Some(mut free) = open.pop() {
        ways += 1;
        if ways > WAYS / 8 {
            break;
        }
        // The most entangled is taken, or else left out, until none is.
        while free.count_ones() as usize > most {
            let degree = |at: &u32| (clash_of(&clash, *at) & free).count_ones();
            let next = (0..u128::BITS).filter(|at| free & 1 << at != 0).max_by_key(degree);
            let Some(at) = next.filter(|at| degree(at) > 1) else {
                let plain = of(free).filter(|item| item.one_of.is_empty()).count();
                most = most.max(plain + matched(&of(free).map(|item| &item.one_of).collect::<Vec<_>>()));
                break;
            };
            open.push(free & !(1 << at));
            free &= !clash_of(&clash, at) | 1 << at;
        }
    }
    most
}

/// The most of these that can have one each that no other has.
fn matched(wanting: &[&BTreeSet<&str>]) -> usize {
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    for start in 0..wanting.len() {
        // From whoever has none, over what others have and would leave for something else, to what is free.
        let (mut reached, mut open): (BTreeMap<&str, usize>, Vec<usize>) = (BTreeMap::new(), vec![start]);
        let mut free = None;
        while let Some(at) = open.pop().filter(|_| free.is_none()) {
            for one in wanting.get(at).into_iter().copied().flatten() {
                if reached.contains_key(one) {
                    continue;
                }
                reached.insert(one, at);
                match taken.get(one) {
                    Some(holder) => open.push(*holder),
                    None => free = Some(*one),
                }
            }
        }
        while let Some(one) = free {
            let Some(at) = reached.get(one).copied() else { break };
            free = taken.iter().find(|(_, holder)| **holder == at).map(|(left, _)| *left);
            taken.insert(one, at);
            if let Some(left) = free {
                taken.remove(left);
            }
        }
    }
    taken.len()
}

/// The most of `items` of which no two share an element. One more item never lowers it, as long as it is exact.
#[must_use]
pub(crate) fn packing(items: &[BTreeSet<&str>]) -> usize {
    let distinct: BTreeSet<&BTreeSet<&str>> = items.iter().collect();
    // Whoever needs more than another needs is never the better choice.
    let least = |item: &&BTreeSet<&str>| !distinct.iter().any(|other| *other != *item && other.is_subset(item));
    let mut items: Vec<&BTreeSet<&str>> = distinct.iter().copied().filter(least).collect();
    items.sort_by_key(|item| (item.len(), *item));
    let mut most = 0;
    while let Some(first) = items.pop() {
        // Everything that is entangled with it, directly or through others.
        let mut tangle = vec![first];
        let mut next = 0;
        while let Some(item) = tangle.get(next).copied() {
            let (joined, apart): (Vec<_>, Vec<_>) = items.into_iter().partition(|other| !other.is_disjoint(item));
            tangle.extend(joined);
            items = apart;
            next += 1;
        }
        most += of_tangle(&mut tangle);
    }
    most
}

fn of_tangle(tangle: &mut [&BTreeSet<&str>]) -> usize {
    tangle.sort_by_key(|item| (item.len(), *item));
    let Some(clash) = clashes(tangle) else { return one_by_one(tangle) };
    let mut most = one_by_one(tangle);
    let mut open = vec![(all_of(tangle.len()), 0)];
    let mut ways = 0;
    while let Some((mut free, mut taken)) = open.pop() {
        ways += 1;
        if ways > WAYS {
            break;
        }
        // What is entangled with one other at most is taken. Of the rest the most entangled is taken, or else left out.
        while free != 0 && taken + free.count_ones() as usize > most {
            let degree = |at: &u32| (clash_of(&clash, *at) & free).count_ones();
            let each = || (0..u128::BITS).filter(|at| free & 1 << at != 0);
            let alone = each().find(|at| degree(at) <= 2);
            let Some(at) = alone.or_else(|| each().max_by_key(degree)) else { break };
            if alone.is_none() {
                open.push((free & !(1 << at), taken));
            }
            free &= !clash_of(&clash, at);
            taken += 1;
        }
        if free == 0 {
            most = most.max(taken);
        }
    }
    most
}

/// Those that share nothing with any before.
fn one_by_one(tangle: &[&BTreeSet<&str>]) -> usize {
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    let free = tangle.iter().filter(|item| {
        let free = item.is_disjoint(&taken);
        if free {
            taken.extend(item.iter());
        }
        free
    });
    free.count()
}

/// What each shares something with, itself included; `None` of too many.
fn clashes(sets: &[&BTreeSet<&str>]) -> Option<Vec<u128>> {
    let clash = |set: &&BTreeSet<&str>| {
        let others = (0_u32..).zip(sets).filter(|(_, other)| !other.is_disjoint(set));
        others.fold(0, |all, (at, _)| all | 1 << at)
    };
    (sets.len() <= MOST).then(|| sets.iter().map(clash).collect())
}

/// What one shares something with, itself included.
fn clash_of(clash: &[u128], at: u32) -> u128 {
    clash.get(at as usize).copied().unwrap_or(0)
}

/// The first so many.
fn all_of(count: usize) -> u128 {
    (0..count).fold(0, |all, at| all | 1 << at)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

    #[test]
    fn what_shares_nothing() {
        for (items, most) in [
            (&[][..], 0),
            (&["a"], 1),
            (&["a", "a"], 1),
            (&["a", "b"], 2),
            (&["ab", "a", "b"], 2),
            (&["ab", "bc", "cd"], 2),
            (&["ab", "bc", "ca"], 1),
            (&["ab", "cd", "bc", "e"], 3),
        ] {
            let split = |item: &&'static str| -> BTreeSet<&str> { item.split("").filter(|c| !c.is_empty()).collect() };
            let items: Vec<BTreeSet<&str>> = items.iter().map(split).collect();
            assert_eq!(packing(&items), most, "{items:?}");
        }
    }

    /// By trying every choice.
    fn plainly(items: &[BTreeSet<&str>]) -> usize {
        let fits = |choice: &u32| {
            let chosen = || items.iter().zip(0_u32..).filter(|(_, at)| choice & 1 << at != 0).map(|(item, _)| item);
            let all: BTreeSet<&str> = chosen().flatten().copied().collect();
            all.len() == chosen().map(BTreeSet::len).sum::<usize>()
        };
        (0_u32..1 << items.len()).filter(fits).map(|choice| choice.count_ones() as usize).max().unwrap_or(0)
    }

    /// Ten rebuilders, of whom each but the last signed for any of nine builds: every number of votes more leaves as many or more.
    #[test]
    fn builds_are_shared_out() {
        let builds: Vec<String> = (0..12).map(|at| at.to_string()).collect();
        let of = |who: usize| Needs {
            owners: BTreeSet::from([NAMES[who]]),
            one_of: (0..9).filter(|at| (who * 7 + at * 5) % 3 != 1).map(|at| builds[at].as_str()).collect(),
        };
        let all: Vec<Needs<'_>> = (0..10).map(of).collect();
        assert_eq!(packing_with(&all), 9);
        let one = Needs { owners: BTreeSet::from(["x"]), one_of: BTreeSet::from(["1"]) };
        let other = Needs { owners: BTreeSet::from(["y"]), ..one.clone() };
        assert_eq!(packing_with(&[one.clone(), other.clone()]), 1);
        let free = Needs { owners: BTreeSet::from(["y", "z"]), one_of: BTreeSet::new() };
        assert_eq!(packing_with(&[one, other, free]), 2);
    }

    /// As many parties as rings of owners have, each owned by two: what one by one takes depends on where it begins.
    #[test]
    fn many_that_are_entangled_are_counted_exactly() {
        let names: Vec<String> = (0..120).map(|at| format!("{:03}", at * 37 % 120)).collect();
        let of = |at: usize| BTreeSet::from([names[at].as_str(), names[(at + 1) % 120].as_str()]);
        let ring: Vec<BTreeSet<&str>> = (0..120).map(of).collect();
        assert_eq!(packing(&ring), 60);
        assert_eq!(packing(&ring[..119]), 60);
        assert_eq!(packing(&ring[..118]), 59);
    }

    proptest! {
        #[test]
        fn more_never_lowers(sets in prop::collection::vec(prop::sample::subsequence(NAMES.to_vec(), 2..4), 1..40)) {
            let items: Vec<BTreeSet<&str>> = sets.iter().map(|set| set.iter().copied().collect()).collect();
            for fewer in 0..items.len() {
                prop_assert!(packing(&items[..fewer]) <= packing(&items[..=fewer]));
            }
        }

        #[test]
        fn it_is_exact_with_others(
            all in prop::collection::vec((
                prop::sample::subsequence(NAMES[..6].to_vec(), 1..3),
                prop::sample::subsequence(NAMES[6..].to_vec(), 0..4),
            ), 1..7),
        ) {
            let all: Vec<Needs<'_>> = all
                .into_iter()
                .map(|(owners, one_of)| Needs {
                    owners: owners.into_iter().collect(),
                    one_of: one_of.into_iter().collect(),
                })
                .collect();
            // Each way to choose for each what it needs.
            let mut ways: Vec<Vec<BTreeSet<&str>>> = vec![Vec::new()];
            for needs in &all {
                let each: Vec<BTreeSet<&str>> = match needs.one_of.is_empty() {
                    true => vec![needs.owners.clone()],
                    false => needs.one_of.iter().map(|one| &needs.owners | &BTreeSet::from([*one])).collect(),
                };
                ways = ways.iter().flat_map(|way| each.iter().map(|one| [way.as_slice(), std::slice::from_ref(one)].concat())).collect();
            }
            prop_assert_eq!(packing_with(&all), ways.iter().map(|way| plainly(way)).max().unwrap_or(0));
            for fewer in 0..all.len() {
                prop_assert!(packing_with(&all[..fewer]) <= packing_with(&all[..=fewer]));
            }
        }

        #[test]
        fn it_is_exact(sets in prop::collection::vec(prop::sample::subsequence(NAMES.to_vec(), 1..4), 1..12)) {
            let items: Vec<BTreeSet<&str>> = sets.iter().map(|set| set.iter().copied().collect()).collect();
            prop_assert_eq!(packing(&items), plainly(&items));
        }
    }
}
