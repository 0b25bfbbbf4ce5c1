//! How often each claim was put to the test, and what broke it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What is claimed: (number, what it says, the situations that a long enough run must have met).
pub const CLAIMS: &[Claim] = &[
    Claim {
        id: "M0",
        says: "a requirement is proven (refuted) exactly if it is so however its open parts turn out; all is the least, any the greatest",
        situations: &["combined answers", "an any-of and its branches", "open branches", "the whole"],
    },
    Claim {
        id: "M1",
        says: "less evidence raises no answer, but where the verdict says that a sender can escape the rule",
        situations: &[
            "fewer pieces of evidence",
            "an answer fell",
            "a pass fell",
            "nothing to escape by",
            "the whole rises, and the verdict says by which rules",
        ],
    },
    Claim {
        id: "M2",
        says: "a denial or an entry of a status list only lowers; without the list, or with an old one, nothing passes",
        situations: &["a denial", "an entry", "an answer fell", "a list is withheld", "a stale list", "a low number"],
    },
    Claim {
        id: "M3",
        says: "bad news that is delivered can be left out, and every verdict that it can change says so",
        situations: &["bad news refutes", "leaving it out passes", "ignored by policy"],
    },
    Claim {
        id: "M4",
        says: "another rule changes no answer to the others: the whole becomes the lesser of both",
        situations: &["another rule", "a pass fell", "a pass stayed", "a budget excuses from it"],
    },
    Claim {
        id: "M5",
        says: "a waiver lifts what is not proven, and nothing that is refuted",
        situations: &["lifted", "refuted and waived", "passes with waivers", "lapsed"],
    },
    Claim {
        id: "M6",
        says: "a quorum counts the most judges of whom no two share an owner; one more never breaks it, and no country and no group makes it alone",
        situations: &["counted out", "met", "one more judge", "one country", "one group", "rebuilds counted out"],
    },
    Claim {
        id: "M7",
        says: "where a policy on witnesses loads, no log shows two views that are both accepted",
        situations: &["loaded", "refused", "one view accepted", "honest witnesses of one group", "one more witness"],
    },
    Claim {
        id: "M8",
        says: "with as many liars as are reckoned with, no signature counts that is later than it must be",
        situations: &["liars", "too late, and the earliest clock lies", "in time", "one more clock"],
    },
    Claim {
        id: "M9",
        says: "what is asked of components is asked of all that are reached, circles or not; a word counts only if it rests on more than words",
        situations: &[
            "circles",
            "all reached are proven",
            "a reached one is not",
            "words on words",
            "words on nothing",
            "circles of words",
            "delegations in a circle",
        ],
    },
    Claim {
        id: "M10",
        says: "leaving a shipped file out of an SBOM never helps; leaving linked-in code out can, and the verdict says so",
        situations: &["a thinner SBOM", "linked-in code left out passes", "shipped file left out", "both SBOMs"],
    },
];

/// A claim of `model.py`.
pub struct Claim {
    /// Its number.
    pub id: &'static str,
    /// What it says here.
    pub says: &'static str,
    /// What must have come up for it to be tested.
    pub situations: &'static [&'static str],
}

/// What broke a claim.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broken {
    /// The claim.
    pub claim: &'static str,
    /// The number of the case.
    pub case: u64,
    /// What was seen.
    pub seen: String,
}

/// So many breaks of one claim are kept.
const KEPT: usize = 5;

/// What came of some cases.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Cases.
    pub cases: u64,
    /// Policies that the loader refused, by what it says.
    pub refused: BTreeMap<String, u64>,
    /// (claim, situation) to how often.
    pub met: BTreeMap<(&'static str, &'static str), u64>,
    /// Breaks by claim.
    pub broken: BTreeMap<&'static str, u64>,
    /// The first of them.
    pub first: Vec<Broken>,
}

impl Tally {
    /// That came up.
    pub fn met(&mut self, claim: &'static str, situation: &'static str) {
        *self.met.entry((claim, situation)).or_default() += 1;
    }

    /// That came up, if `when`.
    pub fn met_if(&mut self, when: bool, claim: &'static str, situation: &'static str) {
        if when {
            self.met(claim, situation);
        }
    }

    /// The claim does not hold unless `holds`.
    pub fn claim(&mut self, claim: &'static str, case: u64, holds: bool, seen: impl FnOnce() -> String) {
        if !holds {
            *self.broken.entry(claim).or_default() += 1;
            if self.first.iter().filter(|broken| broken.claim == claim).count() < KEPT {
                self.first.push(Broken { claim, case, seen: seen() });
            }
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.cases += other.cases;
        for (why, count) in other.refused {
            *self.refused.entry(why).or_default() += count;
        }
        for (key, count) in other.met {
            *self.met.entry(key).or_default() += count;
        }
        for (claim, count) in other.broken {
            *self.broken.entry(claim).or_default() += count;
        }
        self.first.extend(other.first);
        self.first.sort();
        let mut kept: BTreeMap<&str, usize> = BTreeMap::new();
        self.first.retain(|broken| {
            let kept = kept.entry(broken.claim).or_default();
            *kept += 1;
            *kept <= KEPT
        });
        self
    }

    /// Situations of every claim, or of `only` that one, that never came up: a claim that was not put to the test holds of nothing.
    #[must_use]
    pub fn never(&self, only: Option<&str>) -> Vec<String> {
        let asked = CLAIMS.iter().filter(|claim| only.is_none_or(|only| claim.id == only));
        let all = asked.flat_map(|claim| claim.situations.iter().map(move |situation| (claim.id, *situation)));
        all.filter(|key| !self.met.contains_key(key))
            .map(|(claim, situation)| format!("{claim}: {situation}"))
            .collect()
    }

    /// Does everything hold, and was everything tested?
    #[must_use]
    pub fn holds(&self, only: Option<&str>) -> bool {
        self.broken.is_empty() && self.never(only).is_empty()
    }

    /// For the reader.
    #[must_use]
    pub fn report(&self, seed: u64, only: Option<&str>) -> String {
        let mut text = String::new();
        for claim in CLAIMS.iter().filter(|claim| only.is_none_or(|only| claim.id == only)) {
            let _ = writeln!(text, "{:<4} {}", claim.id, claim.says);
            for situation in claim.situations {
                let count = self.met.get(&(claim.id, *situation)).copied().unwrap_or(0);
                let _ = writeln!(text, "     {count:>9}  {situation}");
            }
            if let Some(count) = self.broken.get(claim.id) {
                let _ = writeln!(text, "     {count:>9}  BROKEN");
            }
        }
        for (why, count) in &self.refused {
            let _ = writeln!(text, "policies that were refused: {count:>9}  {why}");
        }
        for broken in &self.first {
            let _ = writeln!(
                text,
                "{} is broken: cargo xtask laws --seed {seed} --case {}\n    {}",
                broken.claim, broken.case, broken.seen
            );
        }
        for never in self.never(only) {
            let _ = writeln!(text, "never came up: {never}");
        }
        let _ = write!(
            text,
            "{} cases, seed {seed}: {}",
            self.cases,
            match (self.holds(only), only) {
                (false, _) => "FAILED".to_owned(),
                (true, None) => "every claim holds".to_owned(),
                (true, Some(only)) => format!("{only} holds"),
            }
        );
        text
    }
}
