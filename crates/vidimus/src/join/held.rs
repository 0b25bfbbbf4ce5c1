//! What the SBOMs that count answer to what the policy asks of their content: once per SBOM and signer, however many files it is
//! about.

use std::collections::BTreeMap;

use super::sbom::BoundSbom;
use crate::decode::{Completeness, Element, NodeKind, Sbom, State};
use crate::digest::Digest;
use crate::policy::{Check, Policy};
use crate::profile::{Context, Outcome, Profile, Rule};

/// A must of a profile that an SBOM does not meet.
#[derive(Clone, Debug)]
pub(crate) struct Short {
    pub(crate) profile: &'static Profile,
    pub(crate) rule: &'static Rule,
    /// (how many lack it, how many were asked, place of the first); `None` if the SBOM cannot show it.
    pub(crate) lacking: Option<(usize, usize, String)>,
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
    short: BTreeMap<Key<'a>, Vec<Short>>,
    stated: BTreeMap<Digest, Stated>,
}

impl<'a> Held<'a> {
    pub(super) fn of(policy: &Policy, sboms: &[BoundSbom<'a>]) -> Self {
        let profiles = policy.profiles();
        let mut leaves = policy.rules.iter().flat_map(|rule| rule.check.leaves());
        let completeness = leaves.any(|check| matches!(check, Check::SbomCompleteness(_)));
        let mut held = Self::default();
        for bound in sboms {
            if !profiles.is_empty() {
                held.short.entry(key(bound)).or_insert_with(|| short(bound, &profiles));
            }
            if completeness {
                held.stated.entry(bound.id.clone()).or_insert_with(|| stated(bound.sbom));
            }
        }
        held
    }

    pub(super) fn short(&self, bound: &BoundSbom<'a>) -> &[Short] {
        self.short.get(&key(bound)).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn stated(&self, bound: &BoundSbom<'a>) -> Option<&Stated> {
        self.stated.get(&bound.id)
    }
}

fn key<'a>(bound: &BoundSbom<'a>) -> Key<'a> {
    (bound.id.clone(), bound.party.id.as_str())
}

fn short(bound: &BoundSbom<'_>, profiles: &[&'static Profile]) -> Vec<Short> {
    // It is bound, so it came with what it describes, and an accepted signature covers it.
    let context = Context { signed_by: Some(&bound.party.name), delivered: true };
    let mut all = Vec::new();
    for profile in profiles {
        for answer in profile.answers(bound.sbom, &context).into_iter().filter(|a| a.rule.obligation.fails()) {
            let lacking = match &answer.outcome {
                Outcome::Met { .. } | Outcome::NotApplicable => continue,
                Outcome::NotEvaluable(_) => None,
                Outcome::Unmet { lacking, asked, first } => {
                    let place = first.first().map(|node| node.place).filter(|place| !place.is_empty()).unwrap_or("/");
                    Some((*lacking, *asked, place.to_owned()))
                }
            };
            all.push(Short { profile, rule: answer.rule, lacking });
        }
    }
    all
}

fn stated(sbom: &Sbom) -> Stated {
    let mut stated = Stated::default();
    for node in sbom.components().filter(|node| node.kind() == NodeKind::Component) {
        stated.asked += 1;
        let none = node.state(Element::Dependencies) == State::None;
        let gaps: Vec<&str> = match node.dependencies() {
            Completeness::Complete => continue,
            Completeness::NotStated if none => continue,
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
