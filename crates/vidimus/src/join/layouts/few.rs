//! A few reasons of many. What speaks against layouts is told again for every file, and whoever delivers decides how many layouts there
//! are.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::reason::Reason;

/// So many reasons are told, the least ones, and beside them the least with each other code.
const MOST: usize = 8;

/// The reasons that are told, whatever the order in which they come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Few<'r> {
    least: BTreeSet<Cow<'r, Reason>>,
    by_code: BTreeMap<&'static str, Cow<'r, Reason>>,
}

impl<'r> Few<'r> {
    pub(crate) fn tell(&mut self, reason: Cow<'r, Reason>) {
        let known = self.by_code.get_mut(reason.code());
        let is_least = known.as_ref().is_none_or(|known| reason < **known);
        if is_least {
            match known {
                Some(known) => known.clone_from(&reason),
                None => drop(self.by_code.insert(reason.code(), reason.clone())),
            }
        }
        if self.least.len() < MOST || self.least.last().is_some_and(|last| reason < *last) {
            self.least.insert(reason);
            if self.least.len() > MOST {
                self.least.pop_last();
            }
        }
    }

    pub(crate) fn all(&mut self, reasons: impl IntoIterator<Item = &'r Reason>) {
        reasons.into_iter().for_each(|reason| self.tell(Cow::Borrowed(reason)));
    }
}

impl Extend<Reason> for Few<'_> {
    fn extend<I: IntoIterator<Item = Reason>>(&mut self, reasons: I) {
        reasons.into_iter().for_each(|reason| self.tell(Cow::Owned(reason)));
    }
}

impl IntoIterator for Few<'_> {
    type Item = Reason;
    type IntoIter = std::vec::IntoIter<Reason>;

    fn into_iter(self) -> Self::IntoIter {
        let all: BTreeSet<Cow<'_, Reason>> = self.least.into_iter().chain(self.by_code.into_values()).collect();
        all.into_iter().map(Cow::into_owned).collect::<Vec<_>>().into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DISAGREE, EMPTY, EXPIRED};
    use super::*;

    #[test]
    fn few_are_told_in_any_order_and_every_code_is() {
        let of_step = |n: u32| Reason::new(&DISAGREE).name("step", n);
        let others = [Reason::new(&EXPIRED).name("layout", "a"), Reason::new(&EMPTY).name("layout", "a")];
        let all: Vec<Reason> = (0..100).map(of_step).chain(others).collect();
        let told = |reasons: Vec<&Reason>| {
            let mut few = Few::default();
            few.all(reasons);
            few.into_iter().collect::<Vec<_>>()
        };
        let (forward, backward) = (told(all.iter().collect()), told(all.iter().rev().collect()));
        assert_eq!(forward, backward);
        let twice = told(all.iter().chain(&all).collect());
        assert_eq!(forward, twice);
        let mut sorted = all.clone();
        sorted.sort();
        assert!(sorted.iter().take(MOST).all(|least| forward.contains(least)));
        assert!(forward.len() <= MOST + 2, "{}", forward.len());
        for code in [DISAGREE.code, EXPIRED.code, EMPTY.code] {
            assert!(forward.iter().any(|reason| reason.code() == code), "{code}");
        }
        let one = told(all.iter().take(1).collect());
        assert_eq!(one.len(), 1);
    }
}
