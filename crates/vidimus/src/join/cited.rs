//! What summaries cite: the edges *vouch*. A word counts through as many hands as it comes, and a circle of words rests on nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::decode::{Content, Envelope, Predicate, SignedItem, Summary};
use crate::digest::{Digest, DigestSet};
use crate::graph::vouch;
use crate::read::Delivery;

/// What summaries rest on.
#[derive(Debug, Default)]
pub struct Cited {
    /// By evidence id of a summary: through how many hands it comes; `None` for a circle.
    depths: BTreeMap<Digest, Option<u32>>,
    /// Summaries that cite delivered evidence which is no summary.
    grounded: BTreeSet<Digest>,
}

impl Cited {
    pub(super) fn of(delivery: &Delivery) -> Self {
        let items = || {
            delivery.files.iter().flat_map(|file| match &file.content {
                Content::Signed(items) => items.iter().map(|item| (file, item)).collect::<Vec<_>>(),
                _ => Vec::new(),
            })
        };
        let mut summaries: Vec<(&Digest, &Summary)> =
            items().filter_map(|(_, item)| Some((&item.id, summary(item)?))).collect();
        summaries.sort_by_key(|(id, _)| *id);
        summaries.dedup_by_key(|(id, _)| *id);
        if summaries.is_empty() {
            return Self::default();
        }
        let number: BTreeMap<&str, usize> = summaries.iter().enumerate().map(|(at, (id, _))| (id.hex(), at)).collect();
        // By digest, which summaries are there, and whether there is other evidence.
        let mut there: BTreeMap<&str, (BTreeSet<usize>, bool)> = BTreeMap::new();
        for (file, item) in items() {
            let is = number.get(item.id.hex()).copied();
            let names = file.digests.iter().map(Digest::hex).chain([item.id.hex()]);
            for name in names {
                let entry = there.entry(name).or_default();
                entry.0.extend(is);
                entry.1 |= is.is_none() && item.envelope.is_ok();
            }
        }
        for file in
            delivery.files.iter().filter(|file| matches!(file.content, Content::Sbom(_) | Content::Checksums(_)))
        {
            for digest in file.digests.iter() {
                there.entry(digest.hex()).or_default().1 = true;
            }
        }
        let (mut rests, mut cites, mut grounded) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (id, summary) in &summaries {
            let inputs = summary.inputs.as_deref().unwrap_or_default();
            let found: Vec<Option<&(BTreeSet<usize>, bool)>> = inputs.iter().map(|set| lookup(set, &there)).collect();
            let has_other = found.iter().flatten().any(|(_, other)| *other);
            if has_other {
                grounded.insert((*id).clone());
            }
            // What is not there is what the rule about cited evidence asks for; here it is no word about a word.
            rests.push(inputs.is_empty() || has_other || found.iter().any(Option::is_none));
            cites.push(found.iter().flatten().flat_map(|(summaries, _)| summaries.iter().copied()).collect());
        }
        let depths = vouch::depths(&rests, &cites);
        Self { depths: summaries.iter().map(|(id, _)| (*id).clone()).zip(depths).collect(), grounded }
    }

    /// Through how many hands a summary comes: 1 for a verifier's own; `None` if it rests on nothing but words.
    #[must_use]
    pub fn depth(&self, id: &Digest) -> Option<u32> {
        self.depths.get(id).copied().flatten()
    }

    /// Does it cite delivered evidence that is no summary?
    #[must_use]
    pub fn is_grounded(&self, id: &Digest) -> bool {
        self.grounded.contains(id)
    }
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
