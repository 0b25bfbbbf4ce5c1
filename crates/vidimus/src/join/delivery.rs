//! The delivery statement: which one this request is held against, and how the files compare with it.

use std::collections::{BTreeMap, BTreeSet};

use super::Request;
use super::bind::{CONFLICT, DIGEST_MISMATCH, WEAK};
use crate::authenticate::{Claim, Fact};
use crate::decode::{Predicate, Statement};
use crate::digest::{Algorithm, Digest, DigestSet, Match};
use crate::knowledge::ReleaseMark;
use crate::policy::{Grant, Product};
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
    OTHER_REQUEST = "binding.other-request", Unproven, Vendor, ["expected", "found", "party"],
        says "{party} signed a delivery statement for {found}; what is asked for is {expected}",
        why "A genuine delivery of another product, of another version or for somebody else is not the one that was asked for (T4, T5).",
        fix "Deliver what was asked for; or, if the request was wrong, name what was delivered with `--product` and `--recipient`.";
    NO_RECIPIENT = "binding.recipient-unproven", Unproven, Vendor, ["expected"],
        says "no accepted delivery statement says for whom this is; it is asked for {expected}",
        why "Who names a recipient asks whether the delivery is theirs. Files and SBOMs that are signed do not say it, and whoever sends them can leave a statement for somebody else out (T4).",
        fix "Deliver with a delivery statement; or run without `--recipient`.";
    AMBIGUOUS = "binding.ambiguous-request", Unproven, Operator, ["products"],
        says "there are delivery statements for several products: {products}",
        why "A delivery is held against exactly one statement; with several products the request must say which.",
        fix "Run with `--product`.";
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

impl DeliveryStatement<'_> {
    /// What a state remembers of it once it is accepted. The digest is over the RFC 8785 bytes of what it commits to, so that the
    /// same contents signed again are the same delivery.
    #[must_use]
    pub fn mark(&self) -> ReleaseMark {
        let listed = |pairs: &Pairs<'_>| -> Vec<serde_json::Value> {
            let pairs = pairs.iter().map(|(path, digests)| {
                serde_json::json!({ "path": path, "digest": digests.iter().collect::<BTreeMap<_, _>>() })
            });
            pairs.collect()
        };
        let (subjects, evidence) = contents(self);
        let contents = serde_json::json!({
            "product": self.product.to_string(),
            "subjects": listed(&subjects),
            "evidence": listed(&evidence),
        });
        ReleaseMark {
            vendor: self.fact.party.id.clone(),
            product: self.product.without_version().to_owned(),
            sequence: self.sequence,
            // Strings, lists and objects alone: there is nothing in it that could not be canonicalised.
            sha256: Digest::sha256(&serde_json_canonicalizer::to_vec(&contents).unwrap_or_default()),
        }
    }
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
/// at that sequence stand against the delivery. What denials and lists took from all that was `said` still stands in place of what
/// is older, so a statement is chosen only if it is the newest of all, or says the same.
pub(super) fn choose<'a>(
    negatives: &mut Vec<Reason>,
    request: &Request,
    facts: &'a [Fact<'a>],
    said: &'a [Fact<'a>],
) -> Option<DeliveryStatement<'a>> {
    let mut candidates = for_request(request, facts);
    if let Some(newest) = for_request(request, said).first() {
        let is_as_new = |first: &DeliveryStatement<'_>| {
            (first.sequence, first.recipient) == (newest.sequence, newest.recipient) && is_same(first, newest)
        };
        if !candidates.first().is_some_and(is_as_new) {
            candidates.clear();
        }
    }
    if let Some(expected) = request.recipient.as_deref().filter(|_| candidates.is_empty()) {
        let others: BTreeSet<Reason> =
            facts.iter().filter_map(statement).filter_map(|other| differs(&other, request)).collect();
        if others.is_empty() {
            negatives.push(Reason::new(&NO_RECIPIENT).evidence("expected", expected));
        }
        negatives.extend(others);
    }
    let products: BTreeSet<String> = candidates.iter().map(|c| c.product.to_string()).collect();
    if products.len() > 1 {
        negatives.push(Reason::new(&AMBIGUOUS).list("products", products));
    }
    let mut candidates = candidates.into_iter();
    let chosen = candidates.next()?;
    let contradicts = |other: &DeliveryStatement<'_>| {
        other.sequence == chosen.sequence
            && other.fact.id != chosen.fact.id
            && other.fact.party.id == chosen.fact.party.id
            && other.product == chosen.product
            && !is_same(other, &chosen)
    };
    if candidates.any(|other| contradicts(&other)) {
        negatives
            .push(Reason::new(&EQUIVOCATION).name("party", &chosen.fact.party.id).int("sequence", chosen.sequence));
    }
    Some(chosen)
}

/// The statements that are for this request, the newest first; equally new ones not in the order of files, because how evidence beside
/// the delivery is named must not choose.
fn for_request<'a>(request: &Request, facts: &'a [Fact<'a>]) -> Vec<DeliveryStatement<'a>> {
    let all = facts.iter().filter_map(statement);
    let mut all: Vec<DeliveryStatement<'a>> = all.filter(|s| differs(s, request).is_none()).collect();
    let key = |c: &DeliveryStatement<'a>| (c.product.clone(), &c.fact.party.id, &c.fact.id, &c.fact.identity.id);
    all.sort_by(|a, b| b.sequence.cmp(&a.sequence).then_with(|| key(a).cmp(&key(b))));
    all
}

/// Does the same party say the same of the same product?
fn is_same(one: &DeliveryStatement<'_>, other: &DeliveryStatement<'_>) -> bool {
    one.fact.party.id == other.fact.party.id && one.product == other.product && contents(one) == contents(other)
}

/// What accepted delivery statements that are not for this request say about files: (digests, why they do not count).
pub(super) fn others<'a>(request: &Request, facts: &[&'a Fact<'a>]) -> Vec<(&'a DigestSet, Reason)> {
    let mut all = Vec::new();
    for statement in facts.iter().copied().filter_map(statement) {
        if let Some(reason) = differs(&statement, request) {
            all.extend(statement.subjects.into_iter().map(|(_, digests)| (digests, reason.clone())));
        }
    }
    all
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
                held.files.push((index, Err(Reason::new(&CONFLICT).name("party", party).refuted())));
            }
            Match::Weak | Match::Incomparable => {
                held.files.push((index, Err(Reason::new(&WEAK).name("party", party))));
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

/// The delivery statement that a fact makes under a grant that covers its product.
fn statement<'a>(fact: &'a Fact<'a>) -> Option<DeliveryStatement<'a>> {
    let Claim::Statement(Statement { subjects, predicate: Predicate::Delivery(predicate), .. }) = &fact.claim else {
        return None;
    };
    let product = Product::parse_claim(&predicate.product)?;
    let grants: Vec<&Grant> = fact.covering(std::slice::from_ref(&product)).collect();
    if grants.is_empty() {
        return None;
    }
    Some(DeliveryStatement {
        fact,
        grants,
        product,
        sequence: predicate.sequence,
        recipient: predicate.recipient.as_deref(),
        subjects: subjects.iter().map(|s| (s.name.as_str(), &s.digest)).collect(),
        evidence: predicate.evidence.iter().map(|(path, digests)| (path.as_str(), digests)).collect(),
    })
}

/// Why the statement is not for this request; `None` if it is. A request without a version takes each version.
fn differs(statement: &DeliveryStatement<'_>, request: &Request) -> Option<Reason> {
    let reason = Reason::new(&OTHER_REQUEST).name("party", &statement.fact.party.id);
    if let Some(wanted) = request.product.as_ref().filter(|wanted| !wanted.is_or_covers_version(&statement.product)) {
        return Some(reason.name("expected", wanted).evidence("found", &statement.product.to_string()));
    }
    match (statement.recipient, request.recipient.as_deref()) {
        (Some(theirs), Some(ours)) if theirs != ours => {
            Some(reason.evidence("expected", ours).evidence("found", theirs))
        }
        _ => None,
    }
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
