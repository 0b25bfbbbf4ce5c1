//! What granted parties say about vulnerabilities, and whether it is about a file: by digest, by the product that was asked for, or by
//! a component of an SBOM that counts for the file (VEX-01, VEX-04).
//!
//! A name that fits loosely is enough for bad news and never for good news: that something does no harm counts for the exact version.
//! What denials and status lists took away is no good news any more, and the bad news in it stays.

mod scope;

use std::collections::{BTreeMap, BTreeSet};

use super::Joined;
use super::index::Index;
use super::sbom;
use crate::authenticate::{Claim, Fact};
use crate::decode::{Content, Element, Predicate, Sbom, Statement, VexClaim};
use crate::digest::Digest;
use crate::policy::{Grant, Party};
use crate::reason::Reason;
use crate::time::Time;

pub use scope::{About, Applied, Scope};

/// Everything that one document says.
#[derive(Clone)]
pub struct Advisory<'a> {
    /// Evidence id.
    pub id: Digest,
    /// Who signed it.
    pub party: &'a Party,
    /// Grants that let the signer say this; bad news counts under any of them.
    pub grants: Vec<&'a Grant>,
    /// Those of them under which good news counts.
    pub believed: Vec<&'a Grant>,
    /// The document as it calls itself, and its revision; of one document of a party the highest revision counts.
    pub revision: (String, Vec<u64>),
    /// What it says.
    pub claims: &'a [VexClaim],
    /// The document's own components, which its references mean.
    pub sbom: Option<&'a Sbom>,
    /// By the first file with the bytes: what the envelope is about, for claims that name no product.
    pub subjects: BTreeSet<usize>,
    /// The latest time that it claims for anything.
    pub latest: Option<Time>,
    /// Why it cannot be read; then nobody knows what it says.
    pub refused: Option<&'a Reason>,
}

/// Everything that is said, by evidence id.
pub(super) fn all<'a>(joined: &Joined<'a>, index: &Index<'_>, facts: &[&'a Fact<'a>]) -> Vec<Advisory<'a>> {
    let mut all: Vec<Advisory<'a>> = Vec::new();
    for fact in facts.iter().copied() {
        match &fact.claim {
            Claim::Statement(Statement { subjects, predicate, predicate_type, .. }) => {
                let subjects: BTreeSet<usize> = subjects.iter().flat_map(|s| index.same(&s.digest)).collect();
                match predicate {
                    Predicate::Vex(vex) => all.push(Advisory {
                        id: fact.id.clone(),
                        party: fact.party,
                        grants: fact.grants.clone(),
                        believed: Vec::new(),
                        revision: (vex.id.clone(), vex.version.clone()),
                        claims: &vex.claims,
                        sbom: None,
                        subjects,
                        latest: vex.latest(),
                        refused: None,
                    }),
                    Predicate::Refused(reason) if is_ours(reason) => {
                        // VEX names its products itself, so that it may be about any file; a scan is about its subjects.
                        let is_vex = predicate_type.starts_with("https://openvex.dev/");
                        if is_vex || !subjects.is_empty() {
                            let subjects = if is_vex { BTreeSet::new() } else { subjects };
                            all.push(refused(fact, fact.id.clone(), fact.grants.clone(), reason, subjects));
                        }
                    }
                    predicate => {
                        let held = sbom::of(predicate, joined);
                        all.extend(held.and_then(|held| of_sbom(joined, fact, fact.id.clone(), held.sbom, subjects)));
                    }
                }
            }
            Claim::File(digest) => {
                let set = [digest.clone()].into_iter().collect();
                all.extend(index.same(&set).flat_map(|file| document(joined, fact, file)));
            }
            Claim::Checksums(_) | Claim::Layout(_) => {}
        }
    }
    if let Some(statement) = &joined.statement {
        for (_, digests) in statement.evidence.iter().chain(&statement.subjects) {
            all.extend(index.same(digests).flat_map(|file| document(joined, statement.fact, file)));
        }
    }
    // Each piece of evidence counts once for a party, under all of its grants.
    all.sort_by(|a, b| a.key().cmp(&b.key()));
    all.dedup_by(|later, first| {
        let same = later.key() == first.key();
        if same {
            first.grants.append(&mut later.grants);
            first.subjects.append(&mut later.subjects);
        }
        same
    });
    for advisory in &mut all {
        advisory.believed.clone_from(&advisory.grants);
    }
    all
}

/// What counts of all that was `said`, where `left` is what denials and lists left: all bad news, and the good news that is left.
pub(super) fn lowered<'a>(left: &[Advisory<'a>], said: &[Advisory<'a>]) -> Vec<Advisory<'a>> {
    let left: BTreeMap<_, _> = left.iter().map(|advisory| (advisory.key(), &advisory.grants)).collect();
    let lowered = said.iter().map(|advisory| {
        let believed = left.get(&advisory.key()).map(|grants| (*grants).clone()).unwrap_or_default();
        Advisory { believed, ..advisory.clone() }
    });
    lowered.collect()
}

impl Advisory<'_> {
    /// Each piece of evidence counts once for a party.
    fn key(&self) -> (&Digest, &str) {
        (&self.id, &self.party.id)
    }
}

/// Is it something about vulnerabilities that cannot be read?
fn is_ours(reason: &Reason) -> bool {
    reason.code().starts_with("vex.")
}

/// What a granted party signed and nobody can read.
const fn refused<'a>(
    fact: &'a Fact<'a>,
    id: Digest,
    grants: Vec<&'a Grant>,
    reason: &'a Reason,
    subjects: BTreeSet<usize>,
) -> Advisory<'a> {
    Advisory {
        id,
        party: fact.party,
        grants,
        believed: Vec::new(),
        revision: (String::new(), Vec::new()),
        claims: &[],
        sbom: None,
        subjects,
        latest: None,
        refused: Some(reason),
    }
}

/// A VEX document, or an SBOM with something to say, that a fact is about.
fn document<'a>(joined: &Joined<'a>, fact: &'a Fact<'a>, file: usize) -> Option<Advisory<'a>> {
    let file = joined.delivery.files.get(file)?;
    let id = file.digests.sha256().clone();
    match &file.content {
        Content::Vex(vex) => {
            let grants = may(joined, fact);
            let revision = (vex.id.clone(), vex.version.clone());
            (!grants.is_empty()).then(|| Advisory {
                id,
                party: fact.party,
                grants,
                believed: Vec::new(),
                revision,
                claims: &vex.claims,
                sbom: None,
                subjects: BTreeSet::new(),
                latest: vex.latest(),
                refused: None,
            })
        }
        Content::Refused(reason) if is_ours(reason) => {
            let grants = may(joined, fact);
            (!grants.is_empty()).then(|| refused(fact, id, grants, reason, BTreeSet::new()))
        }
        content => {
            let held = content.sbom(joined.tolerated())?;
            of_sbom(joined, fact, id, held.sbom, BTreeSet::new())
        }
    }
}

fn of_sbom<'a>(
    joined: &Joined<'a>,
    fact: &'a Fact<'a>,
    id: Digest,
    sbom: &'a Sbom,
    subjects: BTreeSet<usize>,
) -> Option<Advisory<'a>> {
    let grants = may(joined, fact);
    let serial = sbom.document().text(Element::DocumentId).unwrap_or_default().to_owned();
    let version = sbom.document().text(Element::Revision).and_then(|text| text.parse().ok()).unwrap_or(1);
    (!sbom.vulnerabilities.is_empty() && !grants.is_empty()).then(|| Advisory {
        id,
        party: fact.party,
        grants,
        believed: Vec::new(),
        revision: (serial, vec![version]),
        claims: &sbom.vulnerabilities,
        sbom: Some(sbom),
        subjects,
        latest: sbom.vulnerabilities.iter().filter_map(|claim| claim.at).max(),
        refused: None,
    })
}

/// Grants that let the signer of a fact speak about vulnerabilities.
fn may<'a>(joined: &Joined<'a>, fact: &Fact<'_>) -> Vec<&'a Grant> {
    let own = joined.policy.grants.iter().filter(|grant| grant.identities.contains(&fact.identity.id));
    own.filter(|grant| grant.vex).collect()
}
