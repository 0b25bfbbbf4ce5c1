//! Who is independent of whom (`verification.md` 2.8): groups of common control, countries whose law can compel, and the
//! arithmetic of quorums over both. All of it follows from the party table alone.

use std::collections::BTreeSet;

use super::packing::packing;
use super::{Exclude, Grant, Party, Policy, Quorum};

/// Countries that can act together are enumerated; more than two at a time are not asked for.
pub const MAX_COALITION: u8 = 2;

/// `1 country`, `2 countries`.
#[must_use]
pub(super) fn countries(n: u8) -> String {
    if n == 1 { "1 country".to_owned() } else { format!("{n} countries") }
}

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

    /// Judges of a quorum that keeps out the makers of what is judged, each with a maker of its group of whom nothing would ever tell what
    /// it makes: neither its products nor a grant for what makers sign. The loader refuses such policies.
    pub fn unknown_makers<'a>(&'a self, quorum: &'a Quorum) -> impl Iterator<Item = (&'a str, &'a Party)> {
        let keeps_out = quorum.exclude.contains(&Exclude::SubjectSuppliers);
        let is_excluded = |party: &str| quorum.exclude.iter().any(|e| matches!(e, Exclude::Party(id) if id == party));
        let speaks = |party: &Party| {
            let own = |id: &String| self.identities.iter().any(|i| i.id == *id && i.party == party.id);
            self.grants.iter().any(|grant| self.tells_makers(grant) && grant.identities.iter().any(own))
        };
        let makers = self.parties.values().filter(move |party| {
            keeps_out
                && matches!(party.kind.as_str(), "vendor" | "supplier")
                && party.products.is_empty()
                && !speaks(party)
                && !is_excluded(&party.id)
        });
        makers.filter_map(move |party| {
            let near = |judge: &&String| {
                !is_excluded(judge.as_str()) && !self.roots(judge).is_disjoint(&self.roots(&party.id))
            };
            Some((quorum.candidates.iter().find(near)?.as_str(), party))
        })
    }

    /// Does the grant let somebody sign what tells who made a thing: a release, a delivery, an SBOM, the file itself?
    fn tells_makers(&self, grant: &Grant) -> bool {
        let mut types = ["delivery", "release", "sbom"].iter().filter_map(|kind| self.predicates.get(*kind)).flatten();
        grant.file || grant.sbom || types.any(|predicate_type| grant.predicate_types.contains(predicate_type))
    }

    /// How many of the groups of `all` the parties are of. Who is of one group is read from all that could be there: a joint venture
    /// that is silent ties its owners together all the same, so one party more never makes fewer groups of the others (M6).
    #[must_use]
    pub fn groups_among<'a>(&'a self, all: impl IntoIterator<Item = &'a str>, parties: &[&'a str]) -> usize {
        let groups = self.grouped(all);
        groups.iter().filter(|group| parties.iter().any(|party| group.contains(party))).count()
    }

    /// The fewest groups of `all` that those of `parties` are of who are left whichever `countries` compel everyone under their law.
    #[must_use]
    pub fn remaining_among<'a>(&'a self, all: &[&'a str], parties: &[&'a str], countries: u8) -> usize {
        let left = |coalition: &Vec<&str>| {
            let is_free = |party: &&&str| self.jurisdictions(party).iter().all(|country| !coalition.contains(country));
            let free: Vec<&str> = parties.iter().filter(is_free).copied().collect();
            self.groups_among(all.iter().copied(), &free)
        };
        let coalitions = self.coalitions(parties, countries);
        coalitions.iter().map(left).min().unwrap_or_else(|| self.groups_among(all.iter().copied(), parties))
    }

    /// The most groups among `parties` that can be seen to vouch for two different things at once: those that any `countries` together
    /// can compel, and those with two members, each of whom may honestly have seen another one (M7).
    #[must_use]
    pub fn on_both_sides<'a>(&'a self, parties: &[&'a str], countries: u8) -> usize {
        let groups = self.grouped(parties.iter().copied());
        let both = |coalition: &Vec<&str>| {
            let compelled = |party: &&str| self.jurisdictions(party).iter().any(|country| coalition.contains(country));
            groups.iter().filter(|group| group.len() > 1 || group.iter().any(compelled)).count()
        };
        self.coalitions(parties, countries).iter().map(both).max().unwrap_or(0)
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

    /// The most of these parties of which no two have an owner in common. Unlike [`Policy::groups`], which asks how the parties
    /// hang together, one more party never lowers it: a joint venture of two others adds nothing and takes nothing away (M6).
    #[must_use]
    pub fn independent<'a>(&'a self, parties: impl IntoIterator<Item = &'a str>) -> usize {
        let roots: Vec<BTreeSet<&str>> = parties.into_iter().map(|party| self.roots(party)).collect();
        packing(&roots)
    }

    /// The fewest independent parties that are left whichever `countries` compel everyone under their law.
    #[must_use]
    pub fn independent_left<'a>(&'a self, parties: &[&'a str], countries: u8) -> usize {
        let of: Vec<(BTreeSet<&str>, BTreeSet<&str>)> =
            parties.iter().map(|party| (self.jurisdictions(party), self.roots(party))).collect();
        let left = |coalition: &Vec<&str>| {
            let free = of.iter().filter(|(law, _)| coalition.iter().all(|country| !law.contains(country)));
            packing(&free.map(|(_, roots)| roots.clone()).collect::<Vec<_>>())
        };
        let coalitions = self.coalitions(parties, countries);
        coalitions.iter().map(left).min().unwrap_or_else(|| self.independent(parties.iter().copied()))
    }

    /// Every set of `countries` among those that matter to `parties`; of fewer, where there are not so many.
    pub(crate) fn coalitions<'a>(&'a self, parties: &[&'a str], countries: u8) -> Vec<Vec<&'a str>> {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    use proptest::prelude::*;

    use super::*;
    use crate::policy::load::tests::{load_text, twin};

    /// (id, countries, owners, key hosts).
    type Row<'a> = (&'a str, &'a [&'a str], &'a [&'a str], &'a [&'a str]);

    /// A policy with these parties.
    fn policy(parties: &[Row<'_>]) -> Policy {
        let own = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let mut policy = load_text(&twin()).unwrap();
        policy.parties = parties
            .iter()
            .map(|(id, jurisdictions, controlled_by, hosted_by)| {
                let party = Party {
                    id: (*id).to_owned(),
                    name: (*id).to_owned(),
                    kind: "witness".to_owned(),
                    jurisdictions: own(jurisdictions),
                    controlled_by: own(controlled_by),
                    hosted_by: own(hosted_by),
                    products: Vec::new(),
                    accreditation: None,
                };
                ((*id).to_owned(), party)
            })
            .collect();
        policy
    }

    #[test]
    fn owners_make_groups_and_hosts_add_countries() {
        let policy = policy(&[
            ("holding", &["LU"], &[], &[]),
            ("cloud", &["US"], &["cloud-owner"], &[]),
            ("cloud-owner", &["IE"], &[], &[]),
            ("a", &["NO"], &["holding"], &[]),
            ("b", &["DE"], &["holding"], &[]),
            ("c", &["JP"], &[], &["cloud"]),
            ("d", &["BR"], &[], &["cloud"]),
            // Owned by two: it ties their groups together.
            ("e", &["ZA"], &["holding", "x"], &[]),
            ("f", &["FR"], &["x"], &[]),
            ("x", &["CH"], &[], &[]),
        ]);
        for (parties, groups) in [
            (&["a"][..], 1),
            (&["a", "b"], 1),
            (&["a", "holding"], 1),
            (&["a", "c"], 2),
            (&["c", "d"], 2),
            (&["a", "f"], 2),
            (&["a", "e", "f"], 1),
            (&["a", "a"], 1),
            (&[], 0),
        ] {
            assert_eq!(policy.groups(parties.iter().copied()), groups, "{parties:?}");
        }
        assert_eq!(policy.jurisdictions("a").into_iter().collect::<Vec<_>>(), ["LU", "NO"]);
        assert_eq!(policy.jurisdictions("c").into_iter().collect::<Vec<_>>(), ["IE", "JP", "US"]);
        for (parties, countries, compellable, remaining) in [
            (&["a", "c", "d"][..], 0, 0, 3),
            (&["a", "c", "d"], 1, 2, 1),
            (&["a", "c", "d"], 2, 3, 0),
            (&["a", "b", "c"], 1, 1, 1),
            (&["a", "f", "c"], 1, 1, 2),
        ] {
            let found = (policy.compellable(parties, countries), policy.remaining(parties, countries));
            assert_eq!(found, (compellable, remaining), "{parties:?} {countries}");
        }
    }

    /// A joint venture ties its owners together whether it says something or not: were it left out, they would count as two (M6, M8).
    #[test]
    fn a_silent_joint_venture_ties_its_owners() {
        let policy = policy(&[
            ("north", &["NO"], &[], &[]),
            ("south", &["BR"], &[], &[]),
            ("a", &["NO"], &["north"], &[]),
            ("b", &["BR"], &["south"], &[]),
            ("both", &["ZA"], &["north", "south"], &[]),
            ("c", &["JP"], &[], &[]),
        ]);
        let all = ["a", "b", "both", "c"];
        for (parties, groups, left) in [
            (&["a", "b"][..], 1, 1),
            (&["a", "b", "both"], 1, 1),
            (&["a", "c"], 2, 1),
            (&["a", "b", "c"], 2, 1),
            (&["a"], 1, 0),
            (&[], 0, 0),
        ] {
            let found = (policy.groups_among(all, parties), policy.remaining_among(&all, parties, 1));
            assert_eq!(found, (groups, left), "{parties:?}");
        }
        assert_eq!(policy.groups(["a", "b"]), 2, "alone they are two");
    }

    /// Of a group with two witnesses each can honestly see another view of a log; so it counts among those that sign both (M7).
    #[test]
    fn groups_of_several_witnesses_stand_on_both_sides() {
        let policy = policy(&[
            ("holding", &["LU"], &[], &[]),
            ("a", &["NO"], &["holding"], &[]),
            ("b", &["DE"], &["holding"], &[]),
            ("c", &["JP"], &[], &[]),
            ("d", &["BR"], &[], &[]),
        ]);
        for (parties, countries, both) in [
            (&["a", "b", "c", "d"][..], 0, 1),
            (&["a", "b", "c", "d"], 1, 2),
            (&["a", "c", "d"], 0, 0),
            (&["a", "c", "d"], 1, 1),
            (&["a", "c", "d"], 2, 2),
        ] {
            assert_eq!(policy.on_both_sides(parties, countries), both, "{parties:?} {countries}");
        }
    }

    /// Model M7: with 2k − n > b, two sets of k among n groups share one that no tolerated coalition compels; with less they need
    /// not. By exhaustion for small n.
    #[test]
    fn two_accepted_views_share_an_honest_witness() {
        for n in 1_u32..=8 {
            for k in 1..=n {
                for b in 0..=n {
                    let sets = || (0_u32..1 << n).filter(|set| set.count_ones() == k);
                    // The worst coalition compels the first b; by symmetry every other does the same.
                    let compelled = (1_u32 << b) - 1;
                    let shared = |(one, other): (u32, u32)| one & other & !compelled != 0;
                    let holds = sets().flat_map(|one| sets().map(move |other| (one, other))).all(shared);
                    assert_eq!(holds, 2 * k > n + b, "n={n} k={k} b={b}");
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Model M6: one more party never leaves fewer groups outside a coalition.
        #[test]
        fn more_parties_never_break_a_quorum(
            countries in prop::collection::vec(prop::sample::subsequence(vec!["BR", "DE", "JP", "NO", "ZA"], 1..3), 2..7),
            owners in prop::collection::vec(prop::option::of(0_usize..6), 2..7),
            tolerated in 0_u8..=2,
        ) {
            let names = ["p0", "p1", "p2", "p3", "p4", "p5"];
            let count = countries.len().min(owners.len());
            let owned: Vec<Vec<&str>> =
                owners.iter().enumerate().map(|(i, o)| o.filter(|o| *o < i).map(|o| names[o]).into_iter().collect()).collect();
            let rows: Vec<Row<'_>> =
                (0..count).map(|i| (names[i], countries[i].as_slice(), owned[i].as_slice(), &[][..])).collect();
            let policy = policy(&rows);
            let all = &names[..count];
            for fewer in 0..count {
                let some = &all[..fewer];
                let more = &all[..=fewer];
                prop_assert!(policy.remaining(some, tolerated) <= policy.remaining(more, tolerated) || shares_owner(&policy, more));
                prop_assert!(policy.compellable(all, tolerated) <= policy.groups(all.iter().copied()));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Model M6 for judges: one more never breaks a quorum, and neither one country nor one owner can make one. The reference
        /// counts as `model.py` does, in which everybody has one owner.
        #[test]
        fn no_country_and_no_owner_makes_a_quorum(
            countries in prop::collection::vec(prop::sample::subsequence(vec!["A", "B", "C"], 1..3), 5),
            owners in prop::collection::vec(0_usize..4, 5),
            law_of_owner in prop::collection::vec(prop::sample::subsequence(vec!["A", "B", "C"], 1..3), 4),
            size in 1_usize..=5,
            k in 1_usize..=3,
        ) {
            let (names, groups) = (["v0", "v1", "v2", "v3", "v4"], ["g0", "g1", "g2", "g3"]);
            let owned: Vec<[&str; 1]> = owners.iter().map(|owner| [groups[*owner]]).collect();
            let mut rows: Vec<Row<'_>> = (0..5).map(|i| (names[i], countries[i].as_slice(), &owned[i][..], &[][..])).collect();
            rows.extend((0..4).map(|g| (groups[g], law_of_owner[g].as_slice(), &[][..], &[][..])));
            let policy = policy(&rows);
            let met = |set: &[&str]| policy.independent(set.iter().copied()) >= k && policy.independent_left(set, 1) >= 1;
            let law = |v: usize| -> BTreeSet<&str> { countries[v].iter().chain(&law_of_owner[owners[v]]).copied().collect() };
            let count = |set: &[usize]| set.iter().map(|v| owners[*v]).collect::<BTreeSet<_>>().len();
            let set: Vec<usize> = (0..size).collect();
            let all: BTreeSet<&str> = set.iter().flat_map(|v| law(*v)).collect();
            let reference = count(&set) >= k && all.iter().all(|country| {
                let free: Vec<usize> = set.iter().copied().filter(|v| !law(*v).contains(country)).collect();
                count(&free) >= 1
            });
            prop_assert_eq!(met(&names[..size]), reference);
            if size < 5 && met(&names[..size]) {
                prop_assert!(met(&names[..=size]));
            }
            let one_country = ["A", "B", "C"].iter().any(|country| set.iter().all(|v| law(*v).contains(country)));
            prop_assert!(!(one_country && met(&names[..size])));
            prop_assert!(!(k > 1 && count(&set) == 1 && met(&names[..size])));
        }
    }

    /// A party that ties two groups together can lower the number of groups: it shows that they were one.
    fn shares_owner(policy: &Policy, parties: &[&str]) -> bool {
        let fewer = &parties[..parties.len() - 1];
        policy.groups(parties.iter().copied()) <= policy.groups(fewer.iter().copied())
    }
}
