//! What a policy asks about where software comes from.

use super::PartyRef;
use crate::country;
use crate::decode::{Place, Stage};

/// `check = "origin"`.
#[derive(Clone, Debug)]
pub struct OriginCheck {
    /// Where the work was done, who did it, or who controls them.
    pub axis: Axis,
    /// Of which stages; empty, on the other axes than `where`, means everybody who had a part in it.
    pub stages: Vec<Stage>,
    /// Only these; empty where the rule only denies.
    pub allow: Vec<Region>,
    /// None of these.
    pub deny: Vec<Region>,
    /// The weakest source that does.
    pub min_strength: Strength,
    /// An independent rebuild does as well: where it was first built, and by whom, no longer matters then.
    pub or_rebuilt: bool,
    /// Whose statements; empty takes every granted party.
    pub by: Vec<PartyRef>,
    /// What is said about owners may be so many days old.
    pub max_age_days: Option<u32>,
}

impl OriginCheck {
    /// Would an independent rebuild answer it? Of what is built alone: it tells nothing of who wrote it.
    #[must_use]
    pub fn is_answered_by_rebuild(&self) -> bool {
        self.is_about_makers()
    }

    /// Does it follow from the party table who is asked for? Who signed is known of what is built and supplied alone.
    #[must_use]
    pub fn axis_is_implied(&self) -> bool {
        self.axis != Axis::Where && self.is_about_makers()
    }

    /// Is it about what is built and supplied, and nothing else? Without a stage a rule is about everybody who had a part, unless it asks for
    /// a strength that only makers can have.
    fn is_about_makers(&self) -> bool {
        let by_maker = |stage: &Stage| matches!(stage, Stage::Built | Stage::Supplied);
        (!self.stages.is_empty() || self.min_strength >= Strength::Implied) && self.stages.iter().all(by_maker)
    }

    /// Is the place on the list of what is denied?
    #[must_use]
    pub fn denies(&self, place: &Place) -> bool {
        self.deny.iter().any(|region| region.names(place))
    }

    /// Is it on the list of what is allowed, if there is one?
    #[must_use]
    pub fn allows(&self, place: &Place) -> bool {
        self.allow.is_empty() || self.is_listed(place) || self.is_vague(place)
    }

    /// Does a rule tell parts of a country apart, and the statement does not tell which of them it is?
    #[must_use]
    pub fn is_vague(&self, place: &Place) -> bool {
        let whole = self.allow.iter().any(|region| region.subdivision.is_none() && region.country == place.country);
        self.may_be_denied(place) || (!whole && !self.is_listed(place) && leaves_open(&self.allow, place))
    }

    /// Could the place be one that is denied?
    #[must_use]
    pub fn may_be_denied(&self, place: &Place) -> bool {
        !self.denies(place) && leaves_open(&self.deny, place)
    }

    /// That a country is allowed says nothing of a part that has a code of its own.
    fn is_listed(&self, place: &Place) -> bool {
        let as_country =
            |region: &Region| region.subdivision.is_none() && place.own_code().is_some_and(|own| own != region.country);
        self.allow.iter().any(|region| region.names(place) && !as_country(region))
    }
}

/// Could the place be or lie in a part that is among `regions`, or hold it? One part is told from another where both are on the list of ISO 3166-2,
/// on one level: what lies in what is not on it.
fn leaves_open(regions: &[Region], place: &Place) -> bool {
    let level = place.subdivision.as_deref().map(country::level);
    let is_open = |region: &Region, part: &str| match level {
        None => region.country == place.country || country::own_code(part) == Some(&place.country),
        Some(level) => region.country == place.country && (level.is_none() || level != country::level(part)),
    };
    regions.iter().any(|region| region.subdivision.as_deref().is_some_and(|part| is_open(region, part)))
}

/// The three questions, which are never one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Where the work was done.
    Where,
    /// Under whose law those who did it exist, and where they have their seats.
    Who,
    /// The same of everybody who owns them.
    Control,
}

impl Axis {
    /// Its name in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Where => "where",
            Self::Who => "who",
            Self::Control => "control",
        }
    }
}

/// How much a source is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// The vendor's own word.
    Declared,
    /// The word of a laboratory or certification body outside its group.
    Attested,
    /// It follows from who signed, by the policy's party table.
    Implied,
    /// Independent parties built the same bytes elsewhere.
    Reproduced,
}

impl Strength {
    /// Its name in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Attested => "attested",
            Self::Implied => "implied",
            Self::Reproduced => "reproduced-elsewhere",
        }
    }
}

/// A country or a part of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Region {
    /// Two letters.
    pub country: String,
    /// ISO 3166-2.
    pub subdivision: Option<String>,
}

impl std::fmt::Display for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.subdivision.as_deref().unwrap_or(&self.country))
    }
}

impl Region {
    /// Is the place there? What is written as a part of a country and has a code of its own is in both.
    fn names(&self, place: &Place) -> bool {
        match (&self.subdivision, &place.subdivision) {
            (None, _) => self.country == place.country || place.own_code() == Some(&self.country),
            (Some(part), Some(other)) => part == other,
            (Some(part), None) => country::is_whole(part) && country::own_code(part) == Some(&place.country),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn region(code: &str) -> Region {
        let country = code.split('-').next().unwrap().to_owned();
        Region { country, subdivision: code.contains('-').then(|| code.to_owned()) }
    }

    /// Of a place whether a rule denies it, allows it, or cannot tell.
    fn judged(allow: &[&str], deny: &[&str], place: &str) -> &'static str {
        let regions = |codes: &[&str]| codes.iter().map(|code| region(code)).collect();
        let check = OriginCheck {
            axis: Axis::Where,
            stages: vec![Stage::Built],
            allow: regions(allow),
            deny: regions(deny),
            min_strength: Strength::Declared,
            or_rebuilt: false,
            by: Vec::new(),
            max_age_days: None,
        };
        let Region { country, subdivision } = region(place);
        let place = Place { country, subdivision };
        match (check.denies(&place), check.allows(&place), check.is_vague(&place)) {
            (true, ..) => "denied",
            (false, false, _) => "not allowed",
            (false, true, true) => "vague",
            (false, true, false) => "fine",
        }
    }

    #[test]
    fn parts_are_told_apart_only_where_they_are_known() {
        for (deny, place, expected) in [
            ("UA-43", "UA-43", "denied"),
            ("UA-43", "UA", "vague"),
            ("UA-43", "UA-99", "vague"),
            ("UA-43", "UA-30", "fine"),
            ("UA", "UA-99", "denied"),
            ("FR-IDF", "FR-75C", "vague"),
            ("FR-75C", "FR-IDF", "vague"),
            ("FR-IDF", "FR-BRE", "fine"),
            ("HK", "CN-HK", "denied"),
            ("CN", "CN-HK", "denied"),
            ("CN-HK", "HK", "denied"),
            ("CN-HK", "CN", "vague"),
            ("HK", "CN", "fine"),
            ("CN", "HK", "fine"),
            ("PR", "US-PR", "denied"),
            ("GF", "FR-GF", "denied"),
            ("GF", "FR-973", "denied"),
            ("FR-973", "FR-GF", "vague"),
            ("BQ", "NL-BQ1", "denied"),
            ("NL-BQ1", "NL-BQ2", "fine"),
            ("NL-BQ1", "BQ", "vague"),
        ] {
            assert_eq!(judged(&[], &[deny], place), expected, "deny {deny}, {place}");
        }
        for (allow, place, expected) in [
            ("CN", "CN-TW", "not allowed"),
            ("TW", "CN-TW", "fine"),
            ("CN-HK", "HK", "fine"),
            ("UA-30", "UA-43", "not allowed"),
            ("UA-30", "UA-99", "vague"),
            ("UA-30", "UA-30", "fine"),
            ("UA", "UA-99", "fine"),
            ("NL-BQ1", "NL-BQ2", "not allowed"),
            ("NL-BQ1", "BQ", "vague"),
            ("BQ", "NL-BQ1", "fine"),
            ("SE", "FI", "not allowed"),
        ] {
            assert_eq!(judged(&[allow], &[], place), expected, "allow {allow}, {place}");
        }
        assert_eq!(judged(&["UA", "FI"], &["UA-43"], "UA"), "vague");
        assert_eq!(judged(&["CN", "HK"], &[], "CN-HK"), "fine");
    }
}
