//! The most things that share nothing: how many of some parties are independent, when each has owners.

use std::collections::BTreeSet;

/// So many that are entangled with each other are looked at beyond the first found ones.
const MOST: usize = u128::BITS as usize;

/// So many ways are tried with what is entangled; beyond, the number is a lower bound. Sixteen never need more, whatever they share, and
/// few that are owned as companies are do, however many they are.
const WAYS: u32 = 1 << 13;

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
    if tangle.len() > MOST {
        return one_by_one(tangle);
    }
    let clash: Vec<u128> = tangle
        .iter()
        .map(|item| {
            let others = (0_u32..).zip(tangle.iter()).filter(|(_, other)| !other.is_disjoint(item));
            others.fold(0, |all, (at, _)| all | 1 << at)
        })
        .collect();
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
        fn it_is_exact(sets in prop::collection::vec(prop::sample::subsequence(NAMES.to_vec(), 1..4), 1..12)) {
            let items: Vec<BTreeSet<&str>> = sets.iter().map(|set| set.iter().copied().collect()).collect();
            prop_assert_eq!(packing(&items), plainly(&items));
        }
    }
}
