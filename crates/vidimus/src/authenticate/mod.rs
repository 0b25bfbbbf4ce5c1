//! Authenticate: signature × identity × time × grant → facts.
//!
//! Every envelope of every document is tried against the identities of the policy. What fails is listed with one coarse
//! reason and otherwise changes nothing. Items are verified in parallel; results keep the order of the inventory.

pub mod certificate;
pub mod cms;
pub mod crl;
mod detached;
mod embedded;
pub(crate) mod envelope;
mod fact;
mod issuer;
pub mod keys;
pub mod merkle;
pub mod note;
#[cfg_attr(not(feature = "openpgp"), allow(dead_code, reason = "then nothing takes packets apart"))]
pub mod openpgp;
pub mod proof;
pub mod rfc3161;
pub mod sigstore;
pub mod x509;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::decode::{Checksums, Content, Envelope, SignedItem};
use crate::digest::Digest;
use crate::policy::{Formats, Policy};
use crate::read::{Delivery, File};
use crate::reason::Reason;
use crate::time::Time;

pub use fact::{Claim, Fact};
pub use proof::{Logged, Proof, ProvenTime, TimeSource};

crate::reasons! {
    UNSIGNED = "signature.missing", Unproven, Vendor, [],
        says "a statement without any signature",
        why "Anybody can write a statement. Without a signature it is a file like any other, whatever it claims.",
        fix "Deliver the statement in a signed DSSE envelope or Sigstore bundle.";
    SMUGGLED_ROOT = "identity.smuggled-root", Unproven, Operator, [],
        says "a trusted root came with the delivery and is not used",
        why "Trust comes from the policy alone; a root inside a delivery would let the sender choose who is believed (T33).",
        fix "If the root is wanted, get it over another channel, review it and pin it in the policy.";
}

/// All that the evidence of a delivery proves to this policy, before anything is bound to a file.
#[derive(Debug, Default)]
pub struct Authenticated<'a> {
    /// Accepted claims, by file, position in the file, identity.
    pub facts: Vec<Fact<'a>>,
    /// Evidence that yields no fact, with the reason; sorted, each once.
    pub rejected: Vec<(Digest, Reason)>,
    /// Every evidence item considered, sorted, each once.
    pub considered: Vec<Digest>,
    /// If any of these is after the machine's clock, the clock is wrong and there is no verdict (DESIGN ruling 4).
    pub clock_must_be_past: Vec<Time>,
    /// Words of libraries about rejected evidence, for the run part only.
    pub notes: Vec<String>,
}

/// Verifies all evidence of `delivery` under `policy` at `at`.
#[must_use]
pub fn authenticate<'a>(delivery: &'a Delivery, policy: &'a Policy, at: Time) -> Authenticated<'a> {
    let trust = Trust::of(policy, delivery);
    let work: Vec<(usize, &SignedItem)> = delivery
        .files
        .iter()
        .enumerate()
        .flat_map(|(index, file)| match &file.content {
            Content::Signed(items) => items.iter().map(move |item| (index, item)).collect(),
            _ => Vec::new(),
        })
        .collect();
    let outcomes: Vec<envelope::Outcome<'a>> =
        work.par_iter().map(|(file, item)| envelope::authenticate(&trust, at, *file, item)).collect();

    let mut all = Authenticated::default();
    for outcome in outcomes {
        all.considered.push(outcome.id.clone());
        all.clock_must_be_past.extend(outcome.clock_must_be_past);
        all.notes.extend(outcome.notes);
        if outcome.facts.is_empty() {
            let id = outcome.id;
            all.rejected.extend(outcome.reasons.into_iter().map(|reason| (id.clone(), reason)));
        }
        all.facts.extend(outcome.facts);
    }
    add_listings(delivery, &mut all.facts);
    for file in &delivery.files {
        let reason = match &file.content {
            Content::Refused(reason) => reason.clone(),
            Content::InvalidSbom(invalid) => {
                let id = file.digests.sha256();
                all.considered.push(id.clone());
                all.rejected.extend(invalid.reasons.iter().map(|reason| (id.clone(), reason.clone())));
                continue;
            }
            Content::UnsignedStatement(_) => Reason::new(&UNSIGNED),
            Content::TrustedRoot => Reason::new(&SMUGGLED_ROOT),
            Content::Sbom(_) => {
                all.considered.push(file.digests.sha256().clone());
                continue;
            }
            Content::Ordinary | Content::Signed(_) | Content::Checksums(_) | Content::RevocationList(_) => continue,
        };
        all.considered.push(file.digests.sha256().clone());
        all.rejected.push((file.digests.sha256().clone(), reason));
    }
    all.rejected.sort();
    all.rejected.dedup();
    all.considered.sort();
    all.considered.dedup();
    all.clock_must_be_past.sort_unstable();
    all.clock_must_be_past.dedup();
    all
}

/// A signature over a list of checksums is one over each file of the list.
fn add_listings<'a>(delivery: &'a Delivery, facts: &mut Vec<Fact<'a>>) {
    let mut lists: BTreeMap<&str, &Checksums> = BTreeMap::new();
    for file in &delivery.files {
        if let Content::Checksums(list) = &file.content {
            lists.extend(file.digests.iter().map(|digest| (digest.hex(), &**list)));
        }
    }
    let listings = facts.iter().filter_map(|fact| match &fact.claim {
        Claim::File(digest) => fact.listing(lists.get(digest.hex())?),
        _ => None,
    });
    let listings: Vec<Fact<'a>> = listings.collect();
    facts.extend(listings);
}

/// The policy's trust in the form that verification needs.
struct Trust<'a> {
    policy: &'a Policy,
    roots: BTreeMap<&'a str, sigstore::Root>,
    documents: BTreeMap<&'a str, &'a [u8]>,
    /// Files that detached signatures are tried against, by sha256.
    signed: BTreeMap<&'a Digest, Vec<&'a File>>,
    /// Revocation lists that were delivered.
    lists: Vec<&'a crl::Crl>,
}

impl<'a> Trust<'a> {
    fn of(policy: &'a Policy, delivery: &'a Delivery) -> Self {
        let roots = policy
            .instances
            .iter()
            .filter_map(|(name, instance)| Some((name.as_str(), sigstore::Root::parse(&instance.trusted_root).ok()?)))
            .collect();
        let documents = delivery
            .files
            .iter()
            .filter_map(|file| Some((file, file.bytes.as_deref()?)))
            .flat_map(|(file, bytes)| file.digests.iter().map(move |digest| (digest.hex(), bytes)))
            .collect();
        let lists = delivery.files.iter().filter_map(|file| match &file.content {
            Content::RevocationList(list) => Some(&**list),
            _ => None,
        });
        Self { policy, roots, documents, signed: signed(delivery), lists: lists.collect() }
    }

    /// The delivered files with that sha256, if a detached signature is tried against them.
    fn signed(&self, sha256: &Digest) -> &[&'a File] {
        self.signed.get(sha256).map_or(&[], Vec::as_slice)
    }

    /// The bytes with that digest, if they are a document in memory.
    fn blob(&self, digest: &Digest) -> Option<&'a [u8]> {
        self.documents.get(digest.hex()).copied()
    }

    const fn formats(&self) -> &'a Formats {
        &self.policy.formats
    }
}

fn signed(delivery: &Delivery) -> BTreeMap<&Digest, Vec<&File>> {
    let items = delivery.files.iter().flat_map(|file| match &file.content {
        Content::Signed(items) => items.as_slice(),
        _ => &[],
    });
    let tried = items.flat_map(|item| match &item.envelope {
        Ok(Envelope::Detached(signature)) => signature.tried.as_slice(),
        _ => &[],
    });
    let mut signed: BTreeMap<&Digest, Vec<&File>> = tried.map(|digest| (digest, Vec::new())).collect();
    if !signed.is_empty() {
        for file in &delivery.files {
            if let Some(files) = signed.get_mut(file.digests.sha256()) {
                files.push(file);
            }
        }
    }
    signed
}
