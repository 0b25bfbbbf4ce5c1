//! Who signed a layout: how many that are, as far as it shows.

use std::collections::{BTreeMap, BTreeSet};

use crate::authenticate::Fact;
use crate::digest::Digest;

/// Who signed one layout, each identity with each key once, however often it was delivered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signers<'a> {
    facts: Vec<&'a Fact<'a>>,
    /// Of each, the numbers of its identity and of its key.
    marks: Vec<(usize, Option<usize>)>,
    /// How many numbers there are.
    size: usize,
}

impl<'a> Signers<'a> {
    pub(super) fn of(facts: impl IntoIterator<Item = &'a Fact<'a>>) -> Self {
        let (mut signers, mut seen) = (Self::default(), BTreeSet::new());
        let (mut identities, mut keys): (BTreeMap<&str, usize>, BTreeMap<&Digest, usize>) = Default::default();
        for fact in facts {
            if !seen.insert((&fact.identity.id, &fact.holder)) {
                continue;
            }
            let mut next = || {
                signers.size += 1;
                signers.size - 1
            };
            let identity = *identities.entry(&fact.identity.id).or_insert_with(&mut next);
            let key = fact.holder.as_ref().map(|key| *keys.entry(key).or_insert_with(&mut next));
            signers.marks.push((identity, key));
            signers.facts.push(fact);
        }
        signers
    }

    /// How many are among those that `counts` takes: identities that share a key are one, and so are keys that share an identity. Of a
    /// certificate it is the holder's key: an authority certifies many.
    pub(crate) fn owners(&self, mut counts: impl FnMut(&'a Fact<'a>) -> bool) -> u64 {
        let taken = self.facts.iter().zip(&self.marks).filter(|(fact, _)| counts(fact)).map(|(_, marks)| *marks);
        groups(self.size, &taken.collect::<Vec<_>>())
    }
}

/// How many groups these are, of which those with a number in common are one. Numbers are below `size`.
fn groups(size: usize, marks: &[(usize, Option<usize>)]) -> u64 {
    if let [] | [_] = marks {
        return marks.len() as u64;
    }
    let mut above: Vec<usize> = (0..size).collect();
    for (identity, key) in marks {
        let (identity, key) = (root(&mut above, *identity), root(&mut above, key.unwrap_or(*identity)));
        if let Some(place) = above.get_mut(key) {
            *place = identity;
        }
    }
    let roots: BTreeSet<usize> = marks.iter().map(|(identity, _)| root(&mut above, *identity)).collect();
    roots.len() as u64
}

/// The one that stands for all that hang together with `at`. The way there is half as long the next time.
fn root(above: &mut [usize], mut at: usize) -> usize {
    while let Some(next) = above.get(at).copied().filter(|next| *next != at) {
        let further = above.get(next).copied().unwrap_or(next);
        if let Some(place) = above.get_mut(at) {
            *place = further;
        }
        at = further;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_together_is_one() {
        for (marks, expected) in [
            (vec![], 0),
            (vec![(0, Some(1))], 1),
            (vec![(0, None), (1, None)], 2),
            (vec![(0, Some(1)), (0, Some(2))], 1),
            (vec![(0, Some(2)), (1, Some(2))], 1),
            (vec![(0, Some(2)), (1, Some(3))], 2),
            // Over a third.
            (vec![(0, Some(3)), (1, Some(4)), (1, Some(3))], 1),
            (vec![(0, Some(4)), (1, Some(5)), (2, Some(5)), (3, None)], 3),
        ] {
            assert_eq!(groups(6, &marks), expected, "{marks:?}");
            let backward: Vec<_> = marks.iter().rev().copied().collect();
            assert_eq!(groups(6, &backward), expected, "{marks:?}");
        }
    }

    /// An authority certifies as many keys of one holder as he likes. Quadratic time would be 10^11 steps.
    #[test]
    fn many_keys_of_one_identity_are_counted_in_one_pass() {
        let keys = 1..300_000;
        let one: Vec<(usize, Option<usize>)> = keys.clone().map(|key| (0, Some(key))).collect();
        assert_eq!(groups(300_000, &one), 1);
        let chain: Vec<(usize, Option<usize>)> = keys.map(|key| (key - 1, Some(key))).collect();
        assert_eq!(groups(300_000, &chain), 1);
    }
}
