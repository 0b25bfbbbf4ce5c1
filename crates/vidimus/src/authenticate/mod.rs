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
pub(crate) mod holder;
mod issuer;
pub mod keys;
mod memo;
pub mod merkle;
pub mod note;
#[cfg_attr(not(feature = "openpgp"), allow(dead_code, reason = "then nothing takes packets apart"))]
pub mod openpgp;
mod primitive;
pub mod proof;
pub mod rfc3161;
pub mod sigstore;
pub mod supply;
pub mod x509;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::decode::{Checksums, Content, Envelope, SignedItem};
use crate::digest::{Algorithm, Digest};
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
    /// The same before denials and status lists took any away; empty where they took none.
    pub before: Vec<Fact<'a>>,
    /// Evidence that yields no fact, with the reason; sorted, each once.
    pub rejected: Vec<(Digest, Reason)>,
    /// Every evidence item considered, sorted, each once.
    pub considered: Vec<Digest>,
    /// Files with timestamp tokens over the evidence of a fact, by authorities of the policy, with nothing in them that nobody
    /// signed: evidence as well.
    pub stamps: BTreeSet<usize>,
    /// The layouts of in-toto among the facts, with their links.
    pub supplies: Vec<supply::Supply<'a>>,
    /// If any of these is after the machine's clock, the clock is wrong and there is no verdict (DESIGN ruling 4).
    pub clock_must_be_past: Vec<Time>,
    /// Words of libraries about rejected evidence, for the run part only.
    pub notes: Vec<String>,
}

impl<'a> Authenticated<'a> {
    /// Everything that was said, what denials and status lists took away included.
    #[must_use]
    pub fn said(&self) -> &[Fact<'a>] {
        if self.before.is_empty() { &self.facts } else { &self.before }
    }
}

/// Verifies all evidence of `delivery` under `policy` at `at`.
#[must_use]
pub fn authenticate<'a>(delivery: &'a Delivery, policy: &'a Policy, at: Time) -> Authenticated<'a> {
    let trust = Trust::of(policy, delivery, at);
    let work: Vec<(usize, &SignedItem)> = delivery
        .files
        .iter()
        .enumerate()
        .flat_map(|(index, file)| match &file.content {
            Content::Signed(items) => items.iter().map(move |item| (index, item)).collect(),
            _ => Vec::new(),
        })
        .collect();
    let beside = trust.stamps(delivery);
    let none = Proof::default();
    let outcomes: Vec<envelope::Outcome<'a>> = work
        .par_iter()
        .map(|(file, item)| {
            trust.memo.during(|| envelope::authenticate(&trust, at, *file, item, beside.get(file).unwrap_or(&none)))
        })
        .collect();

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
    let stamped: BTreeSet<usize> = all.facts.iter().map(|fact| fact.file).collect();
    for file in stamped {
        if let Some(bytes) = delivery.files.get(file).and_then(|file| file.bytes.as_deref()) {
            all.stamps.extend(trust.memo.during(|| trust.evident_stamps(file, bytes)));
        }
    }
    add_listings(delivery, &mut all.facts);
    all.supplies = supply::all(&trust, delivery, &all.facts);
    supply::tell(&mut all);
    for file in &delivery.files {
        let reason = match &file.content {
            Content::Refused(reason) => reason.clone(),
            Content::InvalidSbom(invalid) if invalid.tolerated(&policy.formats.sbom_tolerate).is_some() => {
                all.considered.push(file.digests.sha256().clone());
                continue;
            }
            Content::InvalidSbom(invalid) => {
                let id = file.digests.sha256();
                all.considered.push(id.clone());
                all.rejected.extend(invalid.reasons.iter().map(|reason| (id.clone(), reason.clone())));
                continue;
            }
            Content::UnsignedStatement(_) => Reason::new(&UNSIGNED),
            Content::TrustedRoot => Reason::new(&SMUGGLED_ROOT),
            Content::Sbom(_) | Content::Vex(_) => {
                all.considered.push(file.digests.sha256().clone());
                continue;
            }
            Content::Ordinary
            | Content::Signed(_)
            | Content::Checksums(_)
            | Content::RevocationList(_)
            | Content::Timestamp => continue,
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

/// Tokens over one file that are looked at; a bundle has as many signatures at most (`verification.md` 1.4).
const MAX_TOKENS: usize = 16;

/// The policy's trust in the form that verification needs.
struct Trust<'a> {
    policy: &'a Policy,
    roots: BTreeMap<&'a str, sigstore::Root>,
    documents: BTreeMap<&'a str, &'a [u8]>,
    /// Files that detached signatures are tried against, by sha256.
    signed: BTreeMap<&'a Digest, Vec<&'a File>>,
    /// Time-stamping authorities, with the revocation lists that were delivered.
    stamping: proof::Stamping<'a>,
    /// Files with signatures over which timestamp tokens were delivered, by position, with the tokens.
    stamped: BTreeMap<usize, Vec<(usize, &'a [u8])>>,
    /// Signatures that were verified already.
    memo: memo::Memo,
}

impl<'a> Trust<'a> {
    fn of(policy: &'a Policy, delivery: &'a Delivery, at: Time) -> Self {
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
        let stamping = proof::Stamping { policy, lists: lists.collect(), at };
        let (signed, stamped) = (signed(delivery), stamped(delivery));
        Self { policy, roots, documents, signed, stamping, stamped, memo: memo::Memo::default() }
    }

    /// The delivered files with that sha256, if a detached signature is tried against them.
    fn signed(&self, sha256: &Digest) -> &[&'a File] {
        self.signed.get(sha256).map_or(&[], Vec::as_slice)
    }

    /// The bytes with that digest, if they are a document in memory.
    fn blob(&self, digest: &Digest) -> Option<&'a [u8]> {
        self.documents.get(digest.hex()).copied()
    }

    /// What tokens of the policy's authorities prove that are over the bytes of a whole file, by file: that every signature in it
    /// existed. Once for each file, however many signatures it has.
    fn stamps(&self, delivery: &Delivery) -> BTreeMap<usize, Proof> {
        let over = |(file, tokens): (&usize, &Vec<(usize, &[u8])>)| {
            let bytes = delivery.files.get(*file)?.bytes.as_deref()?;
            let tokens = tokens.iter().map(|(_, token)| token);
            Some((*file, self.memo.during(|| self.stamping.over(bytes, tokens)).not_after(self.stamping.at)))
        };
        self.stamped.par_iter().filter_map(over).collect()
    }

    /// The files with tokens that are evidence because a signature in `file` is.
    fn evident_stamps(&self, file: usize, bytes: &[u8]) -> Vec<usize> {
        let tokens = self.stamped.get(&file).into_iter().flatten();
        tokens.filter(|(_, token)| self.stamping.is_evident(token, bytes)).map(|(index, _)| *index).collect()
    }

    const fn formats(&self) -> &'a Formats {
        &self.policy.formats
    }
}

/// Tokens that were delivered in files of their own, by the file of signatures that each is over. What a token is over it says by
/// digest; its name decides nothing.
fn stamped(delivery: &Delivery) -> BTreeMap<usize, Vec<(usize, &[u8])>> {
    let tokens = delivery.files.iter().enumerate().filter(|(_, file)| matches!(file.content, Content::Timestamp));
    let mut by_imprint: BTreeMap<Digest, Vec<(usize, &[u8])>> = BTreeMap::new();
    for (index, bytes) in tokens.filter_map(|(index, file)| Some((index, file.bytes.as_deref()?))) {
        if let Some(imprint) = rfc3161::imprint(bytes) {
            by_imprint.entry(imprint).or_default().push((index, bytes));
        }
    }
    let algorithms: BTreeSet<Algorithm> = by_imprint.keys().map(Digest::algorithm).collect();
    let mut stamped = BTreeMap::new();
    for (index, file) in delivery.files.iter().enumerate() {
        let (Content::Signed(_), Some(bytes)) = (&file.content, file.bytes.as_deref()) else { continue };
        let over = algorithms.iter().filter_map(|algorithm| by_imprint.get(&algorithm.digest(bytes)));
        let tokens: Vec<(usize, &[u8])> = over.flatten().take(MAX_TOKENS).copied().collect();
        if !tokens.is_empty() {
            stamped.insert(index, tokens);
        }
    }
    stamped
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
