//! Where two statements of origin contradict one another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::country::{self, Level};
use crate::decode::{Place, Stage};

/// What a place is stated of: a stage of the files, or of a part by its digest.
pub(super) type Of = (Option<String>, Stage);

/// By what they are stated of, the places.
pub(super) type Stated = BTreeMap<Of, Arc<Places>>;

/// So many places are shown.
const SHOWN: usize = 16;

/// Two statements that cannot both be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contradiction {
    /// Their positions among those that were compared.
    pub(crate) between: [usize; 2],
    /// Places that one of them names and that the other has no room for, some of them.
    pub(crate) countries: BTreeSet<String>,
}

/// Codes in one country, by level: `None` is the country itself.
type Levels = BTreeMap<Option<Option<Level>>, BTreeSet<Arc<str>>>;

/// Codes of places, by country. A territory has its own code, whichever way it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    by_country: BTreeMap<Arc<str>, Levels>,
    codes: BTreeSet<Arc<str>>,
}

/// Do any of them contradict one another? Only what both speak of is compared: who says nothing of a stage contradicts nobody about it. Two do
/// where one of them names a place of which the other has none that could be the same. What a third says settles nothing between them.
pub(super) fn contradiction(all: &[&Stated], agreed: &mut Agreed) -> Option<Contradiction> {
    let mut by_stage: BTreeMap<&Of, Vec<(usize, &Arc<Places>)>> = BTreeMap::new();
    for (at, stated) in all.iter().enumerate() {
        for (of, places) in *stated {
            by_stage.entry(of).or_default().push((at, places));
        }
    }
    by_stage.values().find_map(|stated| between(stated, agreed))
}

/// The same for one thing.
pub(super) fn contradiction_of(of: &Of, all: &[&Stated], agreed: &mut Agreed) -> Option<Contradiction> {
    let stated = all.iter().enumerate().filter_map(|(at, stated)| Some((at, stated.get(of)?)));
    between(&stated.collect::<Vec<_>>(), agreed)
}

/// The first thing of which two cannot both be right.
pub(super) fn disputed(one: &Stated, other: &Stated, agreed: &mut Agreed) -> Option<Of> {
    let (less, more) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let mut both = less.iter().filter_map(|(of, places)| Some((of, [(0, places), (1, more.get(of)?)])));
    both.find(|(_, both)| agreed.or_apart(both).is_some()).map(|(of, _)| of.clone())
}

fn between(stated: &[(usize, &Arc<Places>)], agreed: &mut Agreed) -> Option<Contradiction> {
    let [(a, one), (b, other)] = agreed.or_apart(stated)?;
    let countries = one.beyond(other).chain(other.beyond(one)).take(SHOWN).map(ToString::to_string).collect();
    Some(Contradiction { between: [a, b], countries })
}

/// Sets of places, each by where it is kept, that were found to agree: other statements, and other things, are stated the same places.
#[derive(Debug, Default)]
pub(super) struct Agreed(BTreeSet<Vec<usize>>);

impl Agreed {
    /// Two that do not agree, with where they stand.
    fn or_apart<'s>(&mut self, stated: &[(usize, &'s Arc<Places>)]) -> Option<[(usize, &'s Arc<Places>); 2]> {
        let mut others = stated.windows(2).filter_map(|pair| <&[_; 2]>::try_from(pair).ok());
        if others.all(|[(_, one), (_, other)]| Arc::ptr_eq(one, other)) {
            return None;
        }
        let kept: BTreeSet<usize> = stated.iter().map(|(_, places)| Arc::as_ptr(places).addr()).collect();
        let kept: Vec<usize> = kept.into_iter().collect();
        if self.0.contains(&kept) {
            return None;
        }
        let apart = apart(stated);
        if apart.is_none() {
            self.0.insert(kept);
        }
        apart
    }
}

/// Two that do not agree, with where they stand.
fn apart<'s>(stated: &[(usize, &'s Arc<Places>)]) -> Option<[(usize, &'s Arc<Places>); 2]> {
    let mut next = stated.windows(2).filter_map(|pair| <[_; 2]>::try_from(pair).ok());
    let differ = |[(_, one), (_, other)]: &[(usize, &'s Arc<Places>); 2]| {
        !(Arc::ptr_eq(one, other) || one.has(other) && other.has(one))
    };
    if let Some(pair) = next.find(differ) {
        return Some(pair);
    }
    // Every two agree exactly where each has all places of all.
    let mut every = Places::default();
    for pair in stated.chunk_by(|(_, one), (_, other)| Arc::ptr_eq(one, other)) {
        pair.first().into_iter().for_each(|(_, places)| every.add(places));
    }
    let one = stated.iter().find(|(_, places)| !places.has(&every))?;
    let other = stated.iter().find(|(_, places)| !one.1.has(places))?;
    Some([*one, *other])
}

impl Places {
    pub(super) fn of<'p>(places: impl IntoIterator<Item = &'p Place>) -> Self {
        let mut all = Self::default();
        for place in places {
            let level = place.subdivision.as_deref().map(country::level);
            let code = place.own_code().or(place.subdivision.as_deref()).unwrap_or(&place.country);
            let code: Arc<str> = Arc::from(code);
            all.codes.insert(Arc::clone(&code));
            let levels = all.by_country.entry(Arc::from(place.country.as_str())).or_default();
            levels.entry(level).or_default().insert(code);
        }
        all
    }

    fn add(&mut self, other: &Self) {
        self.codes.extend(other.codes.iter().cloned());
        for (country, levels) in &other.by_country {
            let own = self.by_country.entry(Arc::clone(country)).or_default();
            for (level, codes) in levels {
                own.entry(*level).or_default().extend(codes.iter().cloned());
            }
        }
    }

    /// Is each of `every` one of these, or could it be? Parts of a country are told apart where they are on one level; a country and a part of it
    /// are not.
    fn has(&self, every: &Self) -> bool {
        self.beyond(every).next().is_none()
    }

    /// The codes of `every` that are none of these, and could be none of them.
    fn beyond<'p>(&'p self, every: &'p Self) -> impl Iterator<Item = &'p str> {
        let compared = every.by_country.iter().flat_map(|(country, levels)| {
            let own = self.by_country.get(country);
            let is_open = own.is_some_and(|own| own.len() > 1 || own.contains_key(&None));
            let told_apart = move |level: &Option<Option<Level>>| own.is_none_or(|own| own.contains_key(level));
            levels.iter().filter(move |(level, _)| !is_open && told_apart(level))
        });
        compared.flat_map(|(_, codes)| codes).filter(|code| !self.codes.contains(*code)).map(|code| &**code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(claims: &[(Option<&str>, Stage, &str)]) -> Stated {
        let places = |codes: &str| {
            let place = |code: &str| Place {
                country: code.chars().take(2).collect(),
                subdivision: code.contains('-').then(|| code.to_owned()),
            };
            Arc::new(Places::of(&codes.split_whitespace().map(place).collect::<Vec<_>>()))
        };
        claims.iter().map(|(part, stage, codes)| ((part.map(str::to_owned), *stage), places(codes))).collect()
    }

    #[test]
    fn only_what_two_speak_of_is_compared() {
        use Stage::{Built, Developed, Tested};
        let part = Some("sha256:11");
        let base = stated(&[(None, Developed, "SE"), (None, Built, "FI"), (part, Built, "NO")]);
        for (claims, differing) in [
            (&[(None, Developed, "SE"), (None, Built, "FI"), (None, Tested, "DE")][..], None),
            (&[(None, Developed, "SE"), (part, Developed, "DE")], None),
            (&[(None, Built, "FI-02")], None),
            (&[(None, Built, "AX FI")], Some("AX")),
            (&[(None, Developed, "FI"), (None, Built, "SE")], Some("FI SE")),
            (&[(part, Built, "NO SE")], Some("SE")),
        ] {
            let other = stated(claims);
            let found = contradiction(&[&base, &other], &mut Agreed::default())
                .map(|found| found.countries.into_iter().collect::<Vec<_>>().join(" "));
            assert_eq!(found.as_deref(), differing, "{claims:?}");
        }
    }

    #[test]
    fn what_a_third_one_says_settles_nothing() {
        let [one, whole, other] = ["US-CA", "US", "US-NY"].map(|codes| stated(&[(None, Stage::Built, codes)]));
        let contradiction = |all: &[&Stated]| contradiction(all, &mut Agreed::default());
        assert_eq!(contradiction(&[&one, &whole]), None);
        for order in [[&one, &whole, &other], [&whole, &one, &other], [&one, &other, &whole]] {
            assert!(contradiction(&order).is_some(), "{order:?}");
        }
        let many: Vec<&Stated> = std::iter::repeat_n(&whole, 5000).collect();
        assert_eq!(contradiction(&many), None);
    }

    /// What agreed once agrees with others, and what does not is found in any order.
    #[test]
    fn what_agreed_is_not_asked_again() {
        let all = ["US", "US-CA", "US US-CA", "US-NY"].map(|codes| stated(&[(None, Stage::Built, codes)]));
        let mut agreed = Agreed::default();
        for (of, differing) in [
            (&[0, 1][..], false),
            (&[0, 1, 2], false),
            (&[0, 1], false),
            (&[0, 1, 3], true),
            (&[1, 3], true),
            (&[3, 1], true),
        ] {
            let chosen: Vec<&Stated> = of.iter().filter_map(|at: &usize| all.get(*at)).collect();
            let found = contradiction(&chosen, &mut agreed);
            assert_eq!(found.is_some(), differing, "{of:?}");
            if let [one, other] = chosen.as_slice() {
                let of = disputed(one, other, &mut agreed);
                assert_eq!(of.and_then(|of| contradiction_of(&of, &chosen, &mut agreed)), found, "{chosen:?}");
            }
        }
    }
}
