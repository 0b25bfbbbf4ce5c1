//! Vouching is a least fixpoint: a word counts only if it rests, in the end, on something that is not itself a word about words
//! (`verification.md` 2.3, T25). A circle of vouchers rests on nothing.

/// By summary: through how many hands it comes, 1 if it rests on evidence directly; `None` if it rests on nothing outside of
/// summaries. `rests` says by summary whether it rests on more than other summaries, `cites` what it cites, and `holds` by what is
/// cited which summaries that is: a file may hold many, and very many may cite it.
#[must_use]
pub fn depths(rests: &[bool], cites: &[Vec<usize>], holds: &[Vec<usize>]) -> Vec<Option<u32>> {
    let mut depths: Vec<Option<u32>> = rests.iter().map(|rests| rests.then_some(1)).collect();
    let cited_by = inverse(cites, holds.len());
    let held_by = inverse(holds, rests.len());
    let mut reached = vec![false; holds.len()];
    let mut level: Vec<usize> =
        (0..rests.len()).filter(|summary| depths.get(*summary).is_some_and(Option::is_some)).collect();
    let mut depth = 1;
    while !level.is_empty() {
        depth += 1;
        let mut next = Vec::new();
        for held in level.iter().filter_map(|summary| held_by.get(*summary)).flatten() {
            // The nearest summary of a file tells how near the file is.
            if reached.get_mut(*held).is_none_or(|reached| std::mem::replace(reached, true)) {
                continue;
            }
            for summary in cited_by.get(*held).into_iter().flatten() {
                if let Some(found) = depths.get_mut(*summary).filter(|found| found.is_none()) {
                    *found = Some(depth);
                    next.push(*summary);
                }
            }
        }
        level = next;
    }
    depths
}

/// By each of `count`, which lists it is in.
fn inverse(lists: &[Vec<usize>], count: usize) -> Vec<Vec<usize>> {
    let mut inverse: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (from, to) in lists.iter().enumerate().flat_map(|(from, list)| list.iter().map(move |to| (from, *to))) {
        if let Some(list) = inverse.get_mut(to) {
            list.push(from);
        }
    }
    inverse
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn circles_rest_on_nothing() {
        for (rests, cites, expected) in [
            (vec![], vec![], vec![]),
            (vec![true], vec![vec![]], vec![Some(1)]),
            (vec![false], vec![vec![]], vec![None]),
            // M9: each vouches for the other.
            (vec![false, false], vec![vec![1], vec![0]], vec![None, None]),
            (vec![false], vec![vec![0]], vec![None]),
            // One of the circle also saw something itself.
            (vec![true, false], vec![vec![1], vec![0]], vec![Some(1), Some(2)]),
            (vec![true, false, false], vec![vec![], vec![0], vec![1]], vec![Some(1), Some(2), Some(3)]),
            // The shortest way counts.
            (vec![true, false, false], vec![vec![], vec![0], vec![1, 0]], vec![Some(1), Some(2), Some(2)]),
            (vec![false], vec![vec![7]], vec![None]),
        ] {
            assert_eq!(depths(&rests, &cites, &each(rests.len())), expected, "{rests:?} {cites:?}");
        }
    }

    /// Each summary is cited by itself.
    fn each(count: usize) -> Vec<Vec<usize>> {
        (0..count).map(|summary| vec![summary]).collect()
    }

    #[test]
    fn a_file_is_as_near_as_the_nearest_that_it_holds() {
        // A file holds summaries of depth 1 and 2, and two cite the file.
        let cites = [vec![], vec![0], vec![1], vec![1, 7]];
        let holds = [vec![0], vec![1, 0], vec![9]];
        let found = depths(&[true, false, false, false], &cites, &holds);
        assert_eq!(found, [Some(1), Some(2), Some(2), Some(2)]);
        assert_eq!(depths(&[false; 4], &cites, &holds), [None; 4]);
    }

    proptest! {
        /// More that is rested on never takes a depth away; nothing counts that nothing is under.
        #[test]
        fn least_and_monotone(
            rests in prop::collection::vec(any::<bool>(), 1..8),
            cites in prop::collection::vec(prop::collection::vec(0_usize..8, 0..4), 8),
            more in 0_usize..8,
        ) {
            let cites: Vec<Vec<usize>> = cites.into_iter().take(rests.len()).collect();
            let before = depths(&rests, &cites, &each(rests.len()));
            let mut added = rests.clone();
            if let Some(rest) = added.get_mut(more % rests.len()) {
                *rest = true;
            }
            for (fewer, more) in before.iter().zip(depths(&added, &cites, &each(rests.len()))) {
                prop_assert!(fewer.is_none() || more.is_some_and(|depth| Some(depth) <= *fewer));
            }
            if rests.iter().all(|rests| !rests) {
                prop_assert!(before.iter().all(Option::is_none));
            }
        }
    }
}
