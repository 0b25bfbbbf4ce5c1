//! Who is independent of whom (`verification.md` 2.8): groups of common control, countries whose law can compel, and the
//! arithmetic of quorums over both. All of it follows from the party table alone.

use std::collections::BTreeSet;

use super::Policy;

/// Countries that can act together are enumerated; more than two at a time are not asked for.
pub const MAX_COALITION: u8 = 2;

impl Policy {
    /// The owners at the end of the ownership chains of `party`; itself, if nobody owns it.
    #[must_use]
    pub fn roots<'a>(&'a self, party: &'a str) -> BTreeSet<&'a str> {
        let mut roots = BTreeSet::new();
        for id in self.reach(party, false) {
            if self.parties.get(id).is_none_or(|party| party.controlled_by.is_empty()) {
                roots.insert(id);
            }
        }
        roots
    }

    /// Countries whose law can compel `party`: its own, those of every owner, and those of whoever holds its keys.
    #[must_use]
    pub fn jurisdictions<'a>(&'a self, party: &'a str) -> BTreeSet<&'a str> {
        let reached = self.reach(party, true);
        let parties = reached.into_iter().filter_map(|id| self.parties.get(id));
        parties.flat_map(|party| &party.jurisdictions).map(String::as_str).collect()
    }

    /// How many groups the parties are: those that share an owner are one.
    #[must_use]
    pub fn groups<'a>(&'a self, parties: impl IntoIterator<Item = &'a str>) -> usize {
        self.grouped(parties).len()
    }

    /// The parties by group: those that share an owner, directly or through others among them, are together.
    #[must_use]
    pub fn grouped<'a>(&'a self, parties: impl IntoIterator<Item = &'a str>) -> Vec<BTreeSet<&'a str>> {
        let parties: BTreeSet<&str> = parties.into_iter().collect();
        let mut groups: Vec<(BTreeSet<&str>, BTreeSet<&str>)> = Vec::new();
        for party in parties {
            let mut roots = self.roots(party);
            let mut members = BTreeSet::from([party]);
            let (joined, apart): (Vec<_>, Vec<_>) =
                groups.into_iter().partition(|(owners, _)| !owners.is_disjoint(&roots));
            for (owners, others) in joined {
                roots.extend(owners);
                members.extend(others);
            }
            groups = apart;
            groups.push((roots, members));
        }
        let mut groups: Vec<BTreeSet<&str>> = groups.into_iter().map(|(_, members)| members).collect();
        groups.sort();
        groups
    }

    /// The most groups among `parties` that any `countries` together can compel.
    #[must_use]
    pub fn compellable<'a>(&'a self, parties: &[&'a str], countries: u8) -> usize {
        let hit = |coalition: &[&str]| {
            let compelled = |party: &&&str| self.jurisdictions(party).iter().any(|country| coalition.contains(country));
            self.groups(parties.iter().filter(compelled).copied())
        };
        self.coalitions(parties, countries).iter().map(|coalition| hit(coalition)).max().unwrap_or(0)
    }

    /// The fewest groups among `parties` that are left whichever `countries` compel everyone under their law.
    #[must_use]
    pub fn remaining<'a>(&'a self, parties: &[&'a str], countries: u8) -> usize {
        let left = |coalition: &[&str]| {
            let free = |party: &&&str| self.jurisdictions(party).iter().all(|country| !coalition.contains(country));
            self.groups(parties.iter().filter(free).copied())
        };
        let coalitions = self.coalitions(parties, countries);
        coalitions.iter().map(|coalition| left(coalition)).min().unwrap_or_else(|| self.groups(parties.iter().copied()))
    }

    /// Every set of `countries` among those that matter to `parties`; of fewer, where there are not so many.
    fn coalitions<'a>(&'a self, parties: &[&'a str], countries: u8) -> Vec<Vec<&'a str>> {
        let all: BTreeSet<&str> = parties.iter().flat_map(|party| self.jurisdictions(party)).collect();
        let all: Vec<&str> = all.into_iter().collect();
        let mut sets: Vec<Vec<&str>> = vec![Vec::new()];
        for _ in 0..countries.min(MAX_COALITION) {
            let longer: Vec<Vec<&str>> = sets
                .iter()
                .flat_map(|set| {
                    let after = set.last().copied();
                    let next = all.iter().copied().filter(move |country| after.is_none_or(|after| after < *country));
                    next.map(|country| [set.as_slice(), &[country]].concat())
                })
                .collect();
            if longer.is_empty() {
                break;
            }
            sets = longer;
        }
        sets
    }

    /// `party` and everybody above it: owners, and with `hosts` whoever holds keys. Cycles end.
    fn reach<'a>(&'a self, party: &'a str, hosts: bool) -> BTreeSet<&'a str> {
        let mut seen = BTreeSet::new();
        let mut open = vec![party];
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            if let Some(party) = self.parties.get(id) {
                open.extend(party.controlled_by.iter().map(String::as_str));
                if hosts {
                    open.extend(party.hosted_by.iter().map(String::as_str));
                }
            }
        }
        seen
    }
}
