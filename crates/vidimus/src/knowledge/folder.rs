//! The operator's folder of status lists: what in it is no issue that counts, so that none is passed over in silence.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::authenticate::{Authenticated, Claim, Fact};
use crate::decode::{Content, Envelope, Predicate, STATUS_LIST, SignedItem, Statement, strict_json};
use crate::digest::Digest;
use crate::policy::StatusListPolicy;
use crate::read::{Delivery, Place};
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    UNUSABLE = "caveat.status-unusable", Proven, Operator, ["codes", "files"],
        says "not usable in the folder of status lists: {files} ({codes})",
        why "A newer issue that was cut off or changed on its way looks like this (T30).",
        fix "Get these files from their publishers again, and keep nothing else in the folder.";
    DOUBT = "status.list-unusable", Unproven, Operator, ["files", "list"],
        says "files beside the status list {list} cannot be used, and one may be its newest issue: {files}",
        why "A newer issue that was cut off or changed on its way looks like this, and the one before does not stand in its place (T30).",
        fix "Get these files from their publishers again; what is no status list does not belong into the folder.";
    UNREADABLE = "status.list-unreadable", Unproven, Operator, ["found", "list"],
        says "the publisher of the status list {list} signed what is of no form that is read, and may be its newest issue: {found}",
        why "What it takes back is not known; the issue before does not stand in its place (T14, T30).",
        fix "Ask the publisher for an issue by the specification, or use a version of this program that reads it.";
}

/// The folder, and what of it is of no use: files that cannot be read, or that nobody signed whom the policy lets say anything.
#[derive(Debug, Default)]
pub(super) struct Folder<'a> {
    delivery: Option<&'a Delivery>,
    unused: Vec<Unused<'a>>,
}

/// One of them.
#[derive(Debug)]
struct Unused<'a> {
    /// As it is shown.
    file: String,
    /// What was refused: an item, or a file that is none.
    id: Option<&'a Digest>,
    /// Why, where that is known without asking who signed.
    reason: Option<&'a Reason>,
    says: Says,
}

/// What something of no use says about itself, which nobody vouches for.
#[derive(Debug)]
enum Says {
    /// It can be anything.
    Unknown,
    /// It is something else than a status list.
    Other,
    /// It calls itself a status list; this is its predicate.
    List(Value),
}

/// What decides whether an issue counts: the list, the number of the one at hand, and until when it must be of.
#[derive(Clone, Copy)]
pub(super) struct Counting<'a> {
    pub(super) wanted: &'a StatusListPolicy,
    pub(super) number: Option<u64>,
    pub(super) until: Time,
}

impl<'a> Folder<'a> {
    pub(super) fn new(delivery: Option<&'a Delivery>, status: &Authenticated<'_>) -> Self {
        let unused = delivery.map(|delivery| unused(delivery, status)).unwrap_or_default();
        Self { delivery, unused }
    }

    /// The caveat about all that is of no use.
    pub(super) fn caveat(&self, status: &Authenticated<'_>) -> Option<Reason> {
        if self.unused.is_empty() {
            return None;
        }
        let files: BTreeSet<&str> = self.unused.iter().map(|unused| unused.file.as_str()).collect();
        let ids: BTreeSet<&Digest> = self.unused.iter().filter_map(|unused| unused.id).collect();
        let rejected = status.rejected.iter().filter(|(id, _)| ids.contains(id)).map(|(_, reason)| reason);
        let unread = self.unused.iter().filter_map(|unused| unused.reason);
        let mut codes: BTreeSet<&str> = rejected.chain(unread).map(Reason::code).collect();
        if codes.is_empty() {
            codes.insert("no signature");
        }
        Some(Reason::new(&UNUSABLE).list("codes", codes).list("files", files))
    }

    /// The reason for what is of no use and may be an issue that counts.
    pub(super) fn doubt(&self, counting: Counting<'_>) -> Option<Reason> {
        let doubtful = self.unused.iter().filter(|unused| match &unused.says {
            Says::Unknown => true,
            Says::Other => false,
            Says::List(predicate) => counting.may_be(predicate),
        });
        let files: BTreeSet<&str> = doubtful.map(|unused| unused.file.as_str()).collect();
        let reason = || Reason::new(&DOUBT).name("list", &counting.wanted.name);
        (!files.is_empty()).then(|| reason().list("files", files))
    }

    /// The reason for what the publisher signed as a status list, nobody here can read, and may be an issue that counts.
    pub(super) fn unread<'f>(
        &self,
        theirs: impl Iterator<Item = &'f Fact<'f>>,
        counting: Counting<'_>,
    ) -> Option<Reason> {
        let refused = theirs.filter(|fact| {
            let Claim::Statement(Statement { predicate: Predicate::Refused(_), predicate_type, .. }) = &fact.claim
            else {
                return false;
            };
            predicate_type == STATUS_LIST
        });
        let counts = |fact: &&Fact<'_>| match self.item(fact).map(says) {
            Some(Says::List(predicate)) => counting.may_be(&predicate),
            _ => true,
        };
        let found: BTreeSet<&Digest> = refused.filter(counts).map(|fact| &fact.id).collect();
        let reason = || Reason::new(&UNREADABLE).name("list", &counting.wanted.name);
        (!found.is_empty()).then(|| reason().list("found", found))
    }

    fn item(&self, fact: &Fact<'_>) -> Option<&'a SignedItem> {
        match self.delivery.and_then(|folder| folder.files.get(fact.file)).map(|file| &file.content) {
            Some(Content::Signed(items)) => items.iter().find(|item| item.id == fact.id),
            _ => None,
        }
    }
}

impl Counting<'_> {
    /// Unless it says to be of another list, of a lower number than the one at hand, or of after the verdict.
    fn may_be(self, predicate: &Value) -> bool {
        let says = |member: &str| predicate.get(member);
        let other = says("list").and_then(Value::as_str).is_some_and(|list| list != self.wanted.list);
        let number = says("number").and_then(Value::as_u64).zip(self.number);
        let older = number.is_some_and(|(own, known)| own < known);
        let time = says("thisUpdate").and_then(Value::as_str).and_then(|text| text.parse::<Time>().ok());
        !other && !older && time.is_none_or(|time| time <= self.until)
    }
}

fn unused<'a>(folder: &'a Delivery, status: &Authenticated<'_>) -> Vec<Unused<'a>> {
    let accepted: BTreeSet<(usize, &Digest)> = status.facts.iter().map(|fact| (fact.file, &fact.id)).collect();
    let mut found = Vec::new();
    // What is in an archive is not looked at; the archive itself is of no use.
    for (index, file) in folder.files.iter().enumerate().filter(|(_, file)| file.place != Place::Member) {
        let mut add = |id, says| found.push(Unused { file: file.path.clone(), id: Some(id), reason: None, says });
        match &file.content {
            Content::Signed(items) => {
                let lost = items.iter().filter(|item| !accepted.contains(&(index, &item.id)));
                lost.for_each(|item| add(&item.id, says(item)));
            }
            // They prove something about other files.
            Content::Checksums(_) | Content::RevocationList(_) | Content::Timestamp => {}
            _ => add(file.digests.sha256(), Says::Unknown),
        }
    }
    let nobody = |file: String, reason| Unused { file, id: None, reason: Some(reason), says: Says::Unknown };
    found.extend(folder.refused.iter().map(|entry| nobody(entry.id().to_string(), &entry.reason)));
    found.extend(folder.limits_hit.iter().map(|reason| nobody("…".to_owned(), reason)));
    found
}

/// What the item says about itself.
fn says(item: &SignedItem) -> Says {
    let Ok(envelope) = &item.envelope else { return Says::Unknown };
    let Some(dsse) = Envelope::dsse(envelope) else { return Says::Other };
    let Some(statement) = strict_json(&dsse.payload) else { return Says::Unknown };
    match (statement.get("predicateType").and_then(Value::as_str), statement.get("predicate")) {
        (Some(STATUS_LIST), Some(predicate)) => Says::List(predicate.clone()),
        (Some(other), _) if other != STATUS_LIST => Says::Other,
        _ => Says::Unknown,
    }
}
