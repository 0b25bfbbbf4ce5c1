//! Who exists in a generated world, who owns whom, and under which law: and the arithmetic over it, counted out as `model.py` does,
//! without the shortcuts of the engine.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::LazyLock;

use vidimus_testkit::{Key, Seed};

/// Countries of generated worlds.
pub const LAWS: [&str; 7] = ["AR", "BR", "DE", "IN", "JP", "NO", "ZA"];

/// The vendor's number.
pub const VENDOR: usize = 0;
/// Suppliers.
pub const SUPPLIERS: [usize; 3] = [1, 2, 3];
/// Laboratories.
pub const LABS: [usize; 5] = [4, 5, 6, 7, 8];
/// Rebuilders.
pub const REBUILDERS: [usize; 3] = [9, 10, 11];
/// The operator's own security team.
pub const OPERATOR: usize = 12;
/// Companies that own others.
pub const HOLDINGS: [usize; 3] = [13, 14, 15];
/// Witnesses of a log.
pub const WITNESSES: [usize; 6] = [16, 17, 18, 19, 20, 21];
/// Whoever runs the log.
pub const LOGGER: usize = 22;
const COUNT: usize = 23;

/// Ids by number.
pub const IDS: [&str; COUNT] = [
    "maker", "s0", "s1", "s2", "lab0", "lab1", "lab2", "lab3", "lab4", "reb0", "reb1", "reb2", "psirt", "hold0",
    "hold1", "hold2", "wit0", "wit1", "wit2", "wit3", "wit4", "wit5", "logger",
];

/// The key of each party, and its public half as policies hold it. Making keys costs more than judging.
static KEYS: LazyLock<Vec<(Key, String)>> = LazyLock::new(|| {
    let key = |id: &&str| {
        let label = format!("laws-{id}");
        // Its log entries hold a hash, and Ed25519 signs no hashes.
        let key = if *id == "maker" { Key::p256(&label) } else { Key::ed25519(&label) };
        let pem = key.public_pem();
        (key, pem)
    };
    IDS.iter().chain(&["builder", "stranger"]).map(key).collect()
});

/// The vendor's builder has a key of its own.
pub const BUILDER: usize = COUNT;
/// Somebody whom no policy knows.
pub const STRANGER: usize = COUNT + 1;

/// The key of a party, the builder or the stranger.
#[must_use]
pub fn key(who: usize) -> &'static Key {
    &KEYS[who].0
}

/// Its public half, PEM.
#[must_use]
pub fn public(who: usize) -> &'static str {
    &KEYS[who].1
}

/// One party.
#[derive(Clone, Debug, Default)]
pub struct Party {
    /// Its own countries.
    pub laws: BTreeSet<&'static str>,
    /// Who owns it; owners have higher numbers, or are the vendor or a supplier.
    pub owners: BTreeSet<usize>,
    /// Who holds its keys.
    pub hosts: BTreeSet<usize>,
}

/// The party table.
#[derive(Clone, Debug)]
pub struct Parties(Vec<Party>);

impl Parties {
    /// Some of several countries, with owners, joint ventures and key hosts.
    pub fn generate(seed: &mut Seed) -> Self {
        let mut parties = vec![Party::default(); COUNT];
        for (who, party) in parties.iter_mut().enumerate() {
            party.laws.insert(LAWS[seed.below(LAWS.len())]);
            if chance(seed, 15) {
                party.laws.insert(LAWS[seed.below(LAWS.len())]);
            }
            let is_owned = match who {
                VENDOR => 10,
                1..=3 => 15,
                4..=11 | 16..=21 => 35,
                _ => 0,
            };
            if chance(seed, is_owned) {
                party.owners.insert(HOLDINGS[seed.below(3)]);
                // A joint venture.
                if chance(seed, 25) {
                    party.owners.insert(HOLDINGS[seed.below(3)]);
                }
            } else if matches!(who, 4..=11) && chance(seed, 8) {
                party.owners.insert(seed.below(4));
            }
            if chance(seed, 8) && !HOLDINGS.contains(&who) {
                party.hosts.insert(HOLDINGS[seed.below(3)]);
            }
        }
        if chance(seed, 15) {
            parties[HOLDINGS[0]].owners.insert(HOLDINGS[1]);
        }
        Self(parties)
    }

    /// One party.
    #[must_use]
    pub fn get(&self, who: usize) -> &Party {
        &self.0[who]
    }

    /// Everybody above a party and itself.
    fn above(&self, who: usize, hosts: bool) -> BTreeSet<usize> {
        let mut all = BTreeSet::from([who]);
        loop {
            let mut more = all.clone();
            for party in all.iter().map(|who| &self.0[*who]) {
                more.extend(&party.owners);
                more.extend(party.hosts.iter().filter(|_| hosts));
            }
            if more == all {
                return all;
            }
            all = more;
        }
    }

    /// Owners that nobody owns.
    #[must_use]
    pub fn roots(&self, who: usize) -> BTreeSet<usize> {
        self.above(who, false).into_iter().filter(|who| self.0[*who].owners.is_empty()).collect()
    }

    /// Countries that can compel it.
    #[must_use]
    pub fn laws(&self, who: usize) -> BTreeSet<&'static str> {
        self.above(who, true).into_iter().flat_map(|who| self.0[who].laws.iter().copied()).collect()
    }

    /// Groups of common control among all of `of`: whoever shares an owner, directly or through others of them, is together.
    #[must_use]
    pub fn groups(&self, of: &[usize]) -> Vec<BTreeSet<usize>> {
        let mut groups: Vec<BTreeSet<usize>> = of.iter().map(|who| BTreeSet::from([*who])).collect();
        let near = |one: &BTreeSet<usize>, other: &BTreeSet<usize>| {
            one.iter().any(|a| other.iter().any(|b| !self.roots(*a).is_disjoint(&self.roots(*b))))
        };
        loop {
            let pair = (0..groups.len())
                .flat_map(|a| (a + 1..groups.len()).map(move |b| (a, b)))
                .find(|(a, b)| near(&groups[*a], &groups[*b]));
            let Some((a, b)) = pair else { return groups };
            let other = groups.remove(b);
            groups[a].extend(other);
        }
    }

    /// The most of `of` of which no two share an owner, over every subset.
    #[must_use]
    pub fn independent(&self, of: &[usize]) -> usize {
        most_apart(
            &of.iter().map(|who| self.roots(*who).iter().map(|root| root.to_string()).collect()).collect::<Vec<_>>(),
        )
    }

    /// Every set of `countries` of those that can compel anybody of `of`, or of all where there are fewer.
    #[must_use]
    pub fn coalitions(&self, of: &[usize], countries: usize) -> Vec<BTreeSet<&'static str>> {
        let all: Vec<&str> = of.iter().flat_map(|who| self.laws(*who)).collect::<BTreeSet<_>>().into_iter().collect();
        let size = countries.min(all.len());
        let sets = (0_u32..1 << all.len()).filter(|set| set.count_ones() as usize == size);
        sets.map(|set| (0..all.len()).filter(|at| set >> at & 1 == 1).map(|at| all[at]).collect()).collect()
    }

    /// The `[party]` tables.
    #[must_use]
    pub fn toml(&self, who: &[usize]) -> String {
        let list = |items: Vec<&str>| items.iter().map(|item| format!("\"{item}\"")).collect::<Vec<_>>().join(", ");
        let ids = |of: &BTreeSet<usize>| list(of.iter().map(|who| IDS[*who]).collect());
        let mut text = String::new();
        for number in who {
            let party = &self.0[*number];
            let kind = match *number {
                VENDOR => "vendor",
                1..=3 => "supplier",
                4..=8 => "laboratory",
                9..=11 => "rebuilder",
                16..=21 => "witness",
                _ => "operator",
            };
            let laws = list(party.laws.iter().copied().collect());
            let _ = writeln!(
                text,
                "[party.{0}]\nname = \"{0}\"\nkind = \"{kind}\"\njurisdictions = [{laws}]",
                IDS[*number]
            );
            if !party.owners.is_empty() {
                let _ = writeln!(text, "controlled_by = [{}]", ids(&party.owners));
            }
            if !party.hosts.is_empty() {
                let _ = writeln!(text, "hosted_by = [{}]", ids(&party.hosts));
            }
            if SUPPLIERS.contains(number) {
                let _ = writeln!(text, "products = [\"pkg:generic/{}/\"]", IDS[*number]);
            }
        }
        text
    }
}

/// The most of some sets that are pairwise disjoint, over every choice.
#[must_use]
pub fn most_apart(sets: &[BTreeSet<String>]) -> usize {
    let fits = |choice: u32| {
        let chosen: Vec<&BTreeSet<String>> =
            (0..sets.len()).filter(|at| choice >> at & 1 == 1).map(|at| &sets[at]).collect();
        let apart = (0..chosen.len()).all(|a| (a + 1..chosen.len()).all(|b| chosen[a].is_disjoint(chosen[b])));
        apart.then_some(chosen.len())
    };
    (0_u32..1 << sets.len()).filter_map(fits).max().unwrap_or(0)
}

/// True `percent` times of a hundred.
pub fn chance(seed: &mut Seed, percent: usize) -> bool {
    seed.below(100) < percent
}
