//! The most things that share nothing: how many of some parties are independent, when each has owners.

use std::collections::BTreeSet;

/// Exact for so many that are entangled with each other; beyond, a lower bound.
const EXACT: usize = 16;

/// The most of `items` of which no two share an element. One more item never lowers it.
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

fn of_tangle(tangle: &mut Vec<&BTreeSet<&str>>) -> usize {
    tangle.sort_by_key(|item| (item.len(), *item));
    if tangle.len() > EXACT {
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        let free = tangle.iter().filter(|item| {
            let free = item.is_disjoint(&taken);
            if free {
                taken.extend(item.iter());
            }
            free
        });
        return free.count();
    }
    let clash: Vec<u32> = tangle
        .iter()
        .map(|item| {
            (0_u32..).zip(tangle.iter()).filter(|(_, other)| !other.is_disjoint(item)).map(|(at, _)| 1 << at).sum()
        })
        .collect();
    let fits = |set: u32| (0_u32..).zip(&clash).all(|(at, clash)| set & 1 << at == 0 || set & clash == 1 << at);
    (0_u32..1 << tangle.len()).filter(|set| fits(*set)).map(|set| set.count_ones() as usize).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use proptest::prelude::*;

    use super::*;

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

    proptest! {
        #[test]
        fn more_never_lowers(sets in prop::collection::vec(prop::sample::subsequence(vec!["a", "b", "c", "d", "e"], 1..4), 1..10)) {
            let items: Vec<BTreeSet<&str>> = sets.iter().map(|set| set.iter().copied().collect()).collect();
            for fewer in 0..items.len() {
                prop_assert!(packing(&items[..fewer]) <= packing(&items[..=fewer]));
            }
        }
    }
}
