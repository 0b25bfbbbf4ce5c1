//! What the SBOMs that count answer to what the policy asks of their content: once per SBOM and signer, however many files it is
//! about.

use std::collections::BTreeMap;

use super::elsewhere::Others;
use super::links::Document;
use super::sbom::BoundSbom;
use crate::decode::{Completeness, Element, NodeKind, Sbom, State};
use crate::digest::Digest;
use crate::policy::{Check, Policy};
use crate::profile::{Context, Outcome, OwnProfile, Profile};

/// How an SBOM answers a must of a profile, where that is not plainly met.
#[derive(Clone, Debug)]
pub(crate) struct Told<'a> {
    /// The id of a standard's profile, or the name of one of the policy.
    pub(crate) profile: &'a str,
    pub(crate) rule: &'static str,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// So many lack it, of so many, the first at that place.
    Lacking(usize, usize, String),
    /// It lists nothing that could be asked.
    Nothing,
    /// It cannot show it.
    Open,
    /// Met, by something that stands for the value, so many times.
    Instead(Vec<(&'static str, usize)>),
}

/// What an SBOM states about how complete it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stated {
    /// Components.
    pub(crate) asked: usize,
    /// Those of which nothing is stated, and the place of the first.
    pub(crate) unstated: Option<(usize, String)>,
    /// Stated gaps: by word of the format how many, and the place of the first.
    pub(crate) gaps: BTreeMap<String, (usize, String)>,
}

/// Evidence id of the SBOM, and the party that vouches for it.
type Key<'a> = (Digest, &'a str);

/// All answers.
#[derive(Default)]
pub(super) struct Held<'a> {
    told: BTreeMap<Key<'a>, Vec<Told<'a>>>,
    stated: BTreeMap<Digest, Stated>,
}

impl<'a> Held<'a> {
    pub(super) fn of(policy: &'a Policy, sboms: &[BoundSbom<'a>], documents: &[Document<'_>]) -> Self {
        let profiles = policy.profiles();
        let own = policy.own_profiles();
        let asks = !profiles.is_empty() || !own.is_empty();
        let others = Others::of(if asks { documents } else { &[] });
        let mut leaves = policy.rules.iter().flat_map(|rule| rule.check.leaves());
        let completeness = leaves.any(|check| matches!(check, Check::SbomCompleteness(_)));
        let mut held = Self::default();
        for bound in sboms {
            if asks {
                held.told.entry(key(bound)).or_insert_with(|| told(bound, &profiles, &own, &others));
            }
            if completeness {
                held.stated.entry(bound.id.clone()).or_insert_with(|| stated(bound.sbom));
            }
        }
        held
    }

    pub(super) fn told(&self, bound: &BoundSbom<'a>) -> &[Told<'a>] {
        self.told.get(&key(bound)).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn stated(&self, bound: &BoundSbom<'a>) -> Option<&Stated> {
        self.stated.get(&bound.id)
    }
}

fn key<'a>(bound: &BoundSbom<'a>) -> Key<'a> {
    (bound.id.clone(), bound.party.id.as_str())
}

fn told<'a>(
    bound: &BoundSbom<'a>,
    profiles: &[&'static Profile],
    own: &[&'a OwnProfile],
    others: &Others<'_>,
) -> Vec<Told<'a>> {
    // It is bound, so it came with what it describes, and an accepted signature covers it.
    let elsewhere = others.elsewhere(bound.sbom);
    let context = Context { signed_by: Some(&bound.party.name), delivered: true, elsewhere: &elsewhere };
    let standards = profiles.iter().flat_map(|profile| {
        let musts = profile.answers(bound.sbom, &context).into_iter().filter(|answer| answer.rule.obligation.fails());
        musts.filter_map(|answer| Some(Told { profile: profile.id, rule: answer.rule.id, what: what(answer.outcome)? }))
    });
    let own =
        own.iter().flat_map(|own| own.demands.iter().map(move |demand| (own, demand))).filter_map(|(own, demand)| {
            let what = what(demand.answer(bound.sbom, &context))?;
            Some(Told { profile: &own.name, rule: demand.rule.id, what })
        });
    standards.chain(own).collect()
}

/// What is to be told of an answer; `None` if it is plainly met.
fn what(outcome: Outcome<'_>) -> Option<What> {
    Some(match outcome {
        Outcome::Met { instead: 0, .. } | Outcome::NotApplicable => return None,
        Outcome::Met { findings, .. } => What::Instead(findings),
        Outcome::NotEvaluable(_) => What::Open,
        Outcome::Unmet { asked: 0, .. } => What::Nothing,
        Outcome::Unmet { lacking, asked, first } => {
            let place = first.first().map(|node| node.place).filter(|place| !place.is_empty()).unwrap_or("/");
            What::Lacking(lacking, asked, place.to_owned())
        }
    })
}

fn stated(sbom: &Sbom) -> Stated {
    let mut stated = Stated::default();
    let files = sbom.format.starts_with("cyclonedx-");
    let is_one = |kind| kind == NodeKind::Component || files && kind == NodeKind::File;
    // An empty list says that there is nothing, and is believed where nothing is listed that nothing leads to.
    let believed = sbom.stray().is_none();
    for node in sbom.components().filter(|node| is_one(node.kind())) {
        stated.asked += 1;
        let none = node.state(Element::Dependencies) == State::None;
        let gaps: Vec<&str> = match node.dependencies() {
            Completeness::Complete => continue,
            Completeness::NotStated if none && believed => continue,
            Completeness::NotStated => {
                let (count, _) = stated.unstated.get_or_insert_with(|| (0, node.place().to_owned()));
                *count += 1;
                continue;
            }
            Completeness::Unknown | Completeness::Incomplete => {
                node.says(Element::Completeness).map(|said| said.kind).filter(|word| *word != "complete").collect()
            }
        };
        // SPDX 2 has the one word.
        for word in if gaps.is_empty() { vec!["noAssertion"] } else { gaps } {
            let (count, _) = stated.gaps.entry(word.to_owned()).or_insert_with(|| (0, node.place().to_owned()));
            *count += 1;
        }
    }
    stated
}
