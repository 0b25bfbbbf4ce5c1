//! The operator's folder of status lists: what in it is no issue that counts, so that none is passed over in silence.

use std::collections::BTreeSet;

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
        why "A newer issue that was cut off or changed on its way looks like this, and the one before it stands in its place (T30).",
        fix "Get these files from their publishers again, and keep nothing else in the folder.";
}

/// What of the folder is of no use: files that cannot be read, or that nobody signed whom the policy lets say anything.
pub(super) fn unusable(folder: &Delivery, status: &Authenticated<'_>) -> Option<Reason> {
    let accepted: BTreeSet<(usize, &Digest)> = status.facts.iter().map(|fact| (fact.file, &fact.id)).collect();
    let mut files: BTreeSet<String> = BTreeSet::new();
    let mut lost: BTreeSet<&Digest> = BTreeSet::new();
    // What is in an archive is not looked at; the archive itself is of no use.
    let all = folder.files.iter().enumerate().filter(|(_, file)| file.place != Place::Member);
    for (index, file) in all {
        let before = lost.len();
        match &file.content {
            Content::Signed(items) => {
                lost.extend(items.iter().map(|item| &item.id).filter(|id| !accepted.contains(&(index, *id))));
            }
            // They prove something about other files.
            Content::Checksums(_) | Content::RevocationList(_) | Content::Timestamp => {}
            _ => lost.extend([file.digests.sha256()]),
        }
        if lost.len() > before {
            files.insert(file.path.clone());
        }
    }
    files.extend(folder.refused.iter().map(|entry| entry.id().to_string()));
    let rejected = status.rejected.iter().filter(|(id, _)| lost.contains(id)).map(|(_, reason)| reason);
    let unread = folder.refused.iter().map(|entry| &entry.reason).chain(&folder.limits_hit);
    let mut codes: BTreeSet<&str> = rejected.chain(unread).map(Reason::code).collect();
    if files.is_empty() && codes.is_empty() {
        return None;
    }
    if codes.is_empty() {
        codes.insert("no signature");
    }
    Some(Reason::new(&UNUSABLE).list("codes", codes).list("files", files))
}

/// Evidence ids of what the publisher signed as a status list and nobody here can read, where it may be an issue of `wanted` that
/// counts: not of another list, not of a lower number than the one at hand, and not of after `until`.
pub(super) fn unread<'a>(
    folder: &Delivery,
    theirs: impl Iterator<Item = &'a Fact<'a>>,
    wanted: &StatusListPolicy,
    number: Option<u64>,
    until: Time,
) -> BTreeSet<&'a Digest> {
    let refused = theirs.filter(|fact| {
        let Claim::Statement(Statement { predicate: Predicate::Refused(_), predicate_type, .. }) = &fact.claim else {
            return false;
        };
        predicate_type == STATUS_LIST
    });
    refused.filter(|fact| may_count(folder, fact, wanted, number, until)).map(|fact| &fact.id).collect()
}

fn may_count(folder: &Delivery, fact: &Fact<'_>, wanted: &StatusListPolicy, number: Option<u64>, until: Time) -> bool {
    let items = match folder.files.get(fact.file).map(|file| &file.content) {
        Some(Content::Signed(items)) => items.as_slice(),
        _ => &[],
    };
    let of_fact = |item: &&SignedItem| item.id == fact.id;
    let envelope = items.iter().find(of_fact).and_then(|item| item.envelope.as_ref().ok()).and_then(Envelope::dsse);
    let Some(statement) = envelope.and_then(|dsse| strict_json(&dsse.payload)) else { return true };
    let says = |member: &str| statement.get("predicate").and_then(|predicate| predicate.get(member));
    let other = says("list").and_then(|list| list.as_str()).is_some_and(|list| list != wanted.list);
    let older = says("number").and_then(|number| number.as_u64()).zip(number).is_some_and(|(own, known)| own < known);
    let time = says("thisUpdate").and_then(|time| time.as_str()).and_then(|text| text.parse::<Time>().ok());
    !other && !older && time.is_none_or(|time| time <= until)
}
