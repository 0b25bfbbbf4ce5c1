//! What summaries cite: the edges *vouch*. A word counts through as many hands as it comes, and a circle of words rests on nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::Joined;
use crate::authenticate::{Claim, Fact};
use crate::decode::{Content, Envelope, Predicate, SignedItem, Statement, Summary};
use crate::digest::{Digest, DigestSet};
use crate::graph::vouch;
use crate::read::{Delivery, File};

/// What summaries rest on.
#[derive(Debug, Default)]
pub struct Cited {
    /// By evidence id of a summary: through how many hands it comes; `None` for a circle, and for one that cites nothing that is
    /// there.
    depths: BTreeMap<Digest, Option<u32>>,
    /// Summaries that cite evidence which is believed, is no summary, and is not by those whose summaries they cite as well.
    grounded: BTreeSet<Digest>,
}

/// What is known by one digest.
#[derive(Default)]
struct There<'a> {
    /// Which summaries.
    summaries: BTreeSet<usize>,
    /// Is there other evidence, believed or not?
    other: bool,
    /// Who signed other evidence that is believed.
    by: BTreeSet<&'a str>,
}

impl Cited {
    pub(super) fn of(joined: &Joined<'_>) -> Self {
        let delivery = joined.delivery;
        let mut summaries: Vec<(&Digest, &Summary)> =
            items(delivery).filter_map(|(_, item)| Some((&item.id, summary(item)?))).collect();
        summaries.sort_by_key(|(id, _)| *id);
        summaries.dedup_by_key(|(id, _)| *id);
        if summaries.is_empty() {
            return Self::default();
        }
        let number: BTreeMap<&str, usize> = summaries.iter().enumerate().map(|(at, (id, _))| (id.hex(), at)).collect();
        let there = there(joined, &number);
        // Who signed each summary.
        let mut signers: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); summaries.len()];
        for fact in joined.facts.iter().filter(|fact| is_summary(fact)) {
            if let Some(signers) = number.get(fact.id.hex()).and_then(|at| signers.get_mut(*at)) {
                signers.extend(joined.policy.roots(&fact.party.id));
            }
        }
        let (mut rests, mut cites, mut grounded) = (Vec::new(), Vec::new(), BTreeSet::new());
        for ((id, summary), own) in summaries.iter().zip(&signers) {
            let inputs = summary.inputs.as_deref().unwrap_or_default();
            let found: Vec<&There<'_>> = inputs.iter().filter_map(|set| lookup(set, &there)).collect();
            let cited: BTreeSet<usize> = found.iter().flat_map(|there| there.summaries.iter().copied()).collect();
            // What another laboratory looked at is that one's basis.
            let others: BTreeSet<&str> = cited
                .iter()
                .filter_map(|at| signers.get(*at))
                .flatten()
                .filter(|root| !own.contains(*root))
                .copied()
                .collect();
            let is_ground = |party: &&str| joined.policy.roots(party).is_disjoint(&others);
            if found.iter().any(|there| there.by.iter().any(&is_ground)) {
                grounded.insert((*id).clone());
            }
            // What is cited and not there may be a word of somebody else; to leave it out must not bring the summary nearer.
            rests.push(inputs.is_empty() || found.iter().any(|there| there.other));
            cites.push(cited.into_iter().collect());
        }
        let depths = vouch::depths(&rests, &cites);
        Self { depths: summaries.iter().map(|(id, _)| (*id).clone()).zip(depths).collect(), grounded }
    }

    /// Through how many hands a summary comes: 1 for a verifier's own; `None` if nothing shows that it rests on more than words.
    #[must_use]
    pub fn depth(&self, id: &Digest) -> Option<u32> {
        self.depths.get(id).copied().flatten()
    }

    /// Does it cite evidence that is believed, and that is not another's?
    #[must_use]
    pub fn is_grounded(&self, id: &Digest) -> bool {
        self.grounded.contains(id)
    }
}

/// By digest of an item or of the file that carries it, what is there. What is to be judged is evidence of nothing.
fn there<'a>(joined: &Joined<'a>, number: &BTreeMap<&str, usize>) -> BTreeMap<&'a str, There<'a>> {
    let delivery = joined.delivery;
    let mut there: BTreeMap<&str, There<'_>> = BTreeMap::new();
    for (file, item) in items(delivery) {
        let is = number.get(item.id.hex()).copied();
        for name in file.digests.iter().map(Digest::hex).chain([item.id.hex()]) {
            let entry = there.entry(name).or_default();
            entry.summaries.extend(is);
            entry.other |= is.is_none() && item.envelope.is_ok();
        }
    }
    let files = delivery.files.iter().enumerate();
    for (at, file) in files.filter(|(_, file)| matches!(file.content, Content::Sbom(_) | Content::Checksums(_))) {
        for digest in file.digests.iter().filter(|_| joined.is_only_evidence(at)) {
            there.entry(digest.hex()).or_default().other = true;
        }
    }
    for fact in joined.facts.iter().filter(|fact| !is_summary(fact)) {
        let carrier = delivery.files.get(fact.file).filter(|_| joined.is_only_evidence(fact.file));
        let names = carrier.into_iter().flat_map(|file| file.digests.iter()).chain([&fact.id]);
        for name in names.map(Digest::hex) {
            there.entry(name).or_default().by.insert(&fact.party.id);
        }
        // A signed document is evidence where it is no part of what is judged.
        if let Claim::File(digest) = &fact.claim
            && let Some(file) = joined.file_of(digest).filter(|file| joined.is_only_evidence(*file))
        {
            for name in delivery.files.get(file).into_iter().flat_map(|file| file.digests.iter()) {
                there.entry(name.hex()).or_default().by.insert(&fact.party.id);
            }
        }
    }
    there
}

fn items(delivery: &Delivery) -> impl Iterator<Item = (&File, &SignedItem)> {
    delivery.files.iter().flat_map(|file| {
        let items = match &file.content {
            Content::Signed(items) => items.as_slice(),
            _ => &[],
        };
        items.iter().map(move |item| (file, item))
    })
}

fn is_summary(fact: &Fact<'_>) -> bool {
    matches!(&fact.claim, Claim::Statement(Statement { predicate: Predicate::Summary(_), .. }))
}

fn lookup<'m, T>(set: &DigestSet, there: &'m BTreeMap<&str, T>) -> Option<&'m T> {
    set.computable().filter_map(|algorithm| set.by(algorithm)).find_map(|digest| there.get(digest.hex()))
}

fn summary(item: &SignedItem) -> Option<&Summary> {
    match item.envelope.as_ref().ok().and_then(Envelope::dsse)?.statement.as_ref() {
        Ok(statement) => match &statement.predicate {
            Predicate::Summary(summary) => Some(summary),
            _ => None,
        },
        Err(_) => None,
    }
}
