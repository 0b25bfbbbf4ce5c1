//! The delivery statement: which one this request is held against, and how the files compare with it.

use std::collections::BTreeMap;

use super::{DIGEST_MISMATCH, Request};
use crate::authenticate::{Claim, Fact};
use crate::decode::{Predicate, Statement};
use crate::digest::{Algorithm, DigestSet, Match};
use crate::policy::{Grant, Policy, Product};
use crate::read::{Delivery, Place};
use crate::reason::Reason;

crate::reasons! {
    ABSENT = "binding.absent", Refuted, Vendor, ["expected", "path"],
        says "{path} ({expected}) is listed in the delivery statement and was not delivered",
        why "The vendor signed that this file belongs to the delivery; without it something else would be installed than was released (T1).",
        fix "Deliver the file; or sign a delivery statement without it.";
    EQUIVOCATION = "release.equivocation", Refuted, Vendor, ["party", "sequence"],
        says "{party} signed two different delivery statements for this product with sequence {sequence}",
        why "One sequence number means one delivery. Two of them let a sender choose what a receiver sees (T4, T6).",
        fix "Have the vendor withdraw one and sign the delivery again with a new sequence number.";
}

/// The accepted delivery statement with the highest sequence for this request.
#[derive(Clone, Debug)]
pub struct DeliveryStatement<'a> {
    /// The fact.
    pub fact: &'a Fact<'a>,
    /// Grants that cover its product.
    pub grants: Vec<&'a Grant>,
    /// Its product.
    pub product: Product,
    /// Its sequence.
    pub sequence: u64,
    /// Is it for one recipient?
    pub recipient: Option<&'a str>,
    /// Its subjects by path.
    pub subjects: Vec<(&'a str, &'a DigestSet)>,
    /// Evidence that it lists.
    pub evidence: Vec<(&'a str, &'a DigestSet)>,
}

/// How the files compare with a statement.
#[derive(Default)]
pub(super) struct Held {
    /// By file index: the same bytes at the same path, or why not.
    pub(super) files: Vec<(usize, Result<(), Reason>)>,
    /// Listed and not delivered.
    pub(super) absent: Vec<Reason>,
}

/// The statement to hold the delivery against: accepted, for this product and recipient, highest sequence. Two that differ
/// at that sequence stand against the delivery.
pub(super) fn choose<'a>(
    negatives: &mut Vec<Reason>,
    policy: &'a Policy,
    request: &Request,
    facts: &'a [Fact<'a>],
) -> Option<DeliveryStatement<'a>> {
    let mut candidates: Vec<DeliveryStatement<'a>> = facts.iter().filter_map(|fact| candidate(fact, request)).collect();
    let highest = candidates.iter().map(|c| c.sequence).max()?;
    candidates.retain(|c| c.sequence == highest);
    let mut candidates = candidates.into_iter();
    let chosen = candidates.next()?;
    if candidates.any(|other| other.fact.id != chosen.fact.id && contents(&other) != contents(&chosen)) {
        let party = policy.parties.get(&chosen.fact.party.id).map_or("", |p| p.id.as_str());
        negatives.push(Reason::new(&EQUIVOCATION).name("party", party).int("sequence", highest));
    }
    Some(chosen)
}

/// Compares the files with the statement, by path and digest both (T1).
pub(super) fn hold(statement: &DeliveryStatement<'_>, delivery: &Delivery, accepted: &[Algorithm]) -> Held {
    let delivered = delivery.files.iter().enumerate().filter(|(_, file)| file.place == Place::Delivered);
    let by_path: BTreeMap<&str, usize> = delivered.map(|(index, file)| (file.path.as_str(), index)).collect();
    let mut held = Held::default();
    for (path, digests) in &statement.subjects {
        let at_path = by_path.get(path).and_then(|index| Some((*index, delivery.files.get(*index)?)));
        let Some((index, file)) = at_path else {
            held.absent.push(absent(path, digests));
            continue;
        };
        let party = &statement.fact.party.id;
        match digests.matches(&file.digests, accepted) {
            Match::Same => held.files.push((index, Ok(()))),
            Match::Conflict => {
                held.files.push((index, Err(Reason::new(&super::CONFLICT).name("party", party).refuted())));
            }
            Match::Weak | Match::Incomparable => {
                held.files.push((index, Err(Reason::new(&super::WEAK).name("party", party))));
            }
            Match::Other => {
                let expected = digests.strongest().map_or_else(String::new, |d| d.to_string());
                let reason = Reason::new(&DIGEST_MISMATCH)
                    .name("party", party)
                    .name("expected", expected)
                    .digest("found", file.digests.sha256())
                    .refuted();
                held.files.push((index, Err(reason)));
            }
        }
    }
    held
}

fn absent(path: &str, digests: &DigestSet) -> Reason {
    let reason = Reason::new(&ABSENT).evidence("path", path);
    match digests.strongest() {
        Some(digest) => reason.digest("expected", &digest),
        None => reason.name("expected", "no usable digest"),
    }
}

fn candidate<'a>(fact: &'a Fact<'a>, request: &Request) -> Option<DeliveryStatement<'a>> {
    let Claim::Statement(Statement { subjects, predicate: Predicate::Delivery(predicate), .. }) = &fact.claim else {
        return None;
    };
    let product = Product::parse_claim(&predicate.product)?;
    if request.product.as_ref().is_some_and(|wanted| !wanted.is_or_covers_version(&product)) {
        return None;
    }
    let recipient = predicate.recipient.as_deref();
    if let (Some(theirs), Some(ours)) = (recipient, request.recipient.as_deref())
        && theirs != ours
    {
        return None;
    }
    let grants: Vec<&Grant> = fact.covering(std::slice::from_ref(&product)).collect();
    if grants.is_empty() {
        return None;
    }
    Some(DeliveryStatement {
        fact,
        grants,
        product,
        sequence: predicate.sequence,
        recipient,
        subjects: subjects.iter().map(|s| (s.name.as_str(), &s.digest)).collect(),
        evidence: predicate.evidence.iter().map(|(path, digests)| (path.as_str(), digests)).collect(),
    })
}

type Pairs<'a> = Vec<(&'a str, &'a DigestSet)>;

/// What a statement commits to, for telling two of them apart.
fn contents<'a>(statement: &DeliveryStatement<'a>) -> (Pairs<'a>, Pairs<'a>) {
    let sorted = |pairs: &Pairs<'a>| {
        let mut pairs = pairs.clone();
        pairs.sort_unstable();
        pairs
    };
    (sorted(&statement.subjects), sorted(&statement.evidence))
}
