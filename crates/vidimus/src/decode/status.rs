//! `urn:vidimus:attestation:status-list:v0.1`: what does not count any more, as a numbered list that is complete in itself
//! (`docs/predicates/status-list.md`).

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::own::{self, Count, Digests, Id, Instant, Some1};
use super::shape::Shape;
use super::statement::Subject;
use crate::digest::{Algorithm, Digest, DigestSet};
use crate::reason::Reason;
use crate::time::Time;

/// Its predicate type.
pub(crate) const TYPE: &str = "urn:vidimus:attestation:status-list:v0.1";

const SHAPE: Shape = Shape("status-list predicate");

/// A status list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList {
    /// `list`: which list this is an issue of.
    pub list: String,
    /// `number`, from 1: grows with every issue.
    pub number: u64,
    /// `thisUpdate`: when it was true.
    pub this_update: Time,
    /// `nextUpdate`: by then there is another issue.
    pub next_update: Time,
    /// `previous`: the evidence id of the issue before.
    pub previous: Option<DigestSet>,
    /// `scope`: the kinds of things of which it lists all.
    pub scope: BTreeSet<EntryKind>,
    /// `entries`, each thing once.
    pub entries: Vec<StatusEntry>,
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// Files, by digest.
    Digest,
    /// Keys, by the sha256 of their SubjectPublicKeyInfo.
    Key,
    /// Statements, by evidence id.
    Attestation,
    /// Certificates of a scheme, by scheme and number: what `certification` asks.
    Certificate,
}

impl EntryKind {
    /// Every kind, with its name.
    pub const ALL: [(&'static str, Self); 4] = [
        ("attestation", Self::Attestation),
        ("certificate", Self::Certificate),
        ("digest", Self::Digest),
        ("key", Self::Key),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("digest", |(name, _)| name)
    }
}

/// What is the matter with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EntryState {
    /// Taken back for good.
    Revoked,
    /// Does not count for now.
    Suspended,
    /// Taken back by whoever made it.
    Withdrawn,
    /// In wrong hands.
    Compromised,
}

impl EntryState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Suspended => "suspended",
            Self::Withdrawn => "withdrawn",
            Self::Compromised => "compromised",
        }
    }
}

/// The thing that an entry is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatusTarget {
    /// A file: `sha256:…`.
    Digest(Digest),
    /// A key: `spki-sha256:…`.
    Key(Digest),
    /// A statement: `sha256:…`, its evidence id.
    Attestation(Digest),
    /// A certificate: `SCHEME:NUMBER`.
    Certificate(String),
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatusEntry {
    /// What it is about.
    pub target: StatusTarget,
    /// What is the matter.
    pub state: EntryState,
    /// Since when the list says so.
    pub since: Time,
    /// Since when it is so, where that is earlier.
    pub effective: Option<Time>,
}

impl StatusEntry {
    /// Since when it is so.
    #[must_use]
    pub fn effective(&self) -> Time {
        self.effective.unwrap_or(self.since)
    }
}

/// The predicate as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Wire {
    /// Which list this is an issue of, such as `urn:status:psirt-deny`.
    list: Id,
    /// Grows with every issue; from 1.
    number: Count<1>,
    /// When the list was true.
    this_update: Instant,
    /// By then there is another issue; after `thisUpdate`.
    next_update: Instant,
    /// The evidence id of the issue before: sha256 of its DSSE pre-authentication encoding. Absent in the first issue alone.
    previous: Option<Digests>,
    /// The kinds of things of which the list names all that do not count; each once.
    #[schemars(extend("uniqueItems" = true))]
    scope: Some1<EntryKind>,
    /// Everything that does not count; each thing once.
    entries: Vec<WireEntry>,
}

/// One entry as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct WireEntry {
    /// Of the kinds in `scope`.
    kind: EntryKind,
    /// `sha256:HEX` of a file or the id of a statement, `spki-sha256:HEX` of a key, `SCHEME:NUMBER` of a certificate.
    target: Id,
    /// What is the matter with it.
    state: EntryState,
    /// Since when the list says so.
    since: Instant,
    /// Since when it is so, where that is earlier: for a stolen key, the moment of the theft.
    effective: Option<Instant>,
    /// Why, for people.
    #[serde(default)]
    #[expect(dead_code, reason = "for people; no check reads it")]
    reason: Option<String>,
    /// Whose it is, for people.
    #[serde(default)]
    #[expect(dead_code, reason = "for people; no check reads it")]
    owner: Option<String>,
}

/// The JSON Schema of the predicate.
pub(super) fn schema() -> Json {
    own::schema::<Wire>(TYPE, "in-toto predicate: status list, version 0.1")
}

/// Reads the predicate of a statement with these subjects: the one subject is the list itself, by the digest of its name.
pub(super) fn read(value: &Json, subjects: &[Subject]) -> Result<StatusList, Reason> {
    let read = contents(value)?;
    let names_itself = |subject: &Subject| {
        let digest = Digest::sha256(read.list.as_bytes());
        subject.name == read.list && subject.digest.by(Algorithm::Sha256) == Some(digest)
    };
    if matches!(subjects, [only] if names_itself(only)) { Ok(read) } else { Err(SHAPE.wrong("subject")) }
}

/// Reads the predicate alone.
pub(super) fn contents(value: &Json) -> Result<StatusList, Reason> {
    let wire: Wire = own::read(SHAPE, value)?;
    let number = wire.number.0;
    let (Instant(this_update), Instant(next_update)) = (wire.this_update, wire.next_update);
    if next_update <= this_update {
        return Err(SHAPE.wrong("nextUpdate: not after thisUpdate"));
    }
    if wire.previous.is_some() != (number > 1) {
        return Err(SHAPE.wrong("previous: goes with every number but 1"));
    }
    let scope: BTreeSet<EntryKind> = wire.scope.0.iter().copied().collect();
    if scope.len() != wire.scope.0.len() {
        return Err(SHAPE.wrong("scope: one kind twice"));
    }
    let mut seen = BTreeSet::new();
    let mut entries = Vec::with_capacity(wire.entries.len());
    for entry in &wire.entries {
        let target = target(entry.kind, &entry.target.0).ok_or_else(|| SHAPE.wrong(form(entry.kind)))?;
        if !scope.contains(&entry.kind) {
            return Err(SHAPE.wrong("entries: of a kind that is not in the scope"));
        }
        if !seen.insert(target.clone()) {
            return Err(SHAPE.wrong("entries: two about one thing"));
        }
        let (since, effective) = (entry.since.0, entry.effective.map(|instant| instant.0));
        if effective.is_some_and(|effective| effective > since) {
            return Err(SHAPE.wrong("effective: after since"));
        }
        entries.push(StatusEntry { target, state: entry.state, since, effective });
    }
    let previous = wire.previous.map(|digests| digests.0);
    Ok(StatusList { list: wire.list.0, number, this_update, next_update, previous, scope, entries })
}

/// How the target of an entry is written.
const fn form(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Digest | EntryKind::Attestation => "target: sha256:HEX is its form",
        EntryKind::Key => "target: spki-sha256:HEX is its form",
        EntryKind::Certificate => "target: SCHEME:NUMBER is its form",
    }
}

fn target(kind: EntryKind, text: &str) -> Option<StatusTarget> {
    let lower = |hex: &&str| !hex.bytes().any(|byte| byte.is_ascii_uppercase());
    // Every file is hashed with sha256; by another digest an entry could be missed.
    let digest = |prefix: &str| Digest::parse(Algorithm::Sha256, text.strip_prefix(prefix).filter(lower)?);
    match kind {
        EntryKind::Digest => digest("sha256:").map(StatusTarget::Digest),
        EntryKind::Key => digest("spki-sha256:").map(StatusTarget::Key),
        EntryKind::Attestation => digest("sha256:").map(StatusTarget::Attestation),
        EntryKind::Certificate => {
            let (scheme, number) = text.split_once(':')?;
            (!scheme.is_empty() && !number.is_empty()).then(|| StatusTarget::Certificate(text.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

    use serde_json::json;

    use super::*;

    fn subject(name: &str) -> Vec<Subject> {
        vec![Subject { name: name.to_owned(), digest: DigestSet::from_iter([Digest::sha256(name.as_bytes())]) }]
    }

    #[test]
    fn status_lists() {
        let hex = "ab".repeat(32);
        let ok = json!({
            "list": "urn:status:deny", "number": 131,
            "thisUpdate": "2026-11-23T06:00:00Z", "nextUpdate": "2026-11-26T06:00:00Z",
            "previous": {"sha256": hex}, "scope": ["digest", "key"],
            "entries": [{
                "kind": "key", "target": format!("spki-sha256:{hex}"), "state": "compromised",
                "since": "2025-10-02T00:00:00Z", "effective": "2025-09-14T00:00:00Z", "owner": "aurora",
            }],
        });
        let with = |pointer: &str, value: Json| {
            let mut list = ok.clone();
            let (parent, member) = pointer.rsplit_once('/').unwrap();
            list.pointer_mut(parent).unwrap()[member] = value;
            list
        };
        for (list, accepted) in [
            (ok.clone(), true),
            (with("/entries", json!([])), true),
            (with("/number", json!(0)), false),
            (with("/number", json!(1)), false),
            (with("/number", json!(131.5)), false),
            (with("/number", json!("131")), false),
            (with("/number", json!(9_007_199_254_740_992_u64)), false),
            (with("/thisUpdate", json!("2026-11-23T07:00:00+01:00")), false),
            (with("/nextUpdate", json!("2026-11-23T06:00:00Z")), false),
            (with("/previous", Json::Null), false),
            (with("/previous", json!({})), false),
            (with("/scope", json!([])), false),
            (with("/scope", json!(["key", "key"])), false),
            (with("/scope", json!(["digest"])), false),
            (with("/scope", json!(["keys"])), false),
            (with("/scope", json!(["key", "certificate"])), true),
            (with("/list", json!("two words")), false),
            (with("/delta", json!(true)), false),
            (with("/entries/0/more", json!(1)), false),
            (with("/entries/0/target", json!(format!("sha256:{hex}"))), false),
            (with("/entries/0/target", json!(format!("spki-sha256:{}", hex.to_uppercase()))), false),
            (with("/entries/0/effective", json!("2025-10-03T00:00:00Z")), false),
            (with("/entries/0/state", json!("bad")), false),
            (with("/entries/0/kind", json!("certificate")), false),
            (with("/entries", json!([ok["entries"][0], ok["entries"][0]])), false),
        ] {
            assert_eq!(read(&list, &subject("urn:status:deny")).is_ok(), accepted, "{list}");
        }
        assert!(read(&ok, &subject("urn:status:other")).is_err());
        assert!(read(&ok, &[subject("urn:status:deny"), subject("urn:status:deny")].concat()).is_err());
        let read = read(&ok, &subject("urn:status:deny")).unwrap();
        assert_eq!(read.entries[0].effective().to_string(), "2025-09-14T00:00:00Z");
    }

    #[test]
    fn targets() {
        let hex = "ab".repeat(32);
        for (kind, text, expected) in [
            (EntryKind::Digest, format!("sha256:{hex}"), true),
            (EntryKind::Digest, format!("sha512:{hex}{hex}"), false),
            (EntryKind::Digest, format!("md5:{hex}"), false),
            (EntryKind::Key, format!("spki-sha256:{hex}"), true),
            (EntryKind::Attestation, format!("sha256:{hex}"), true),
            (EntryKind::Attestation, format!("spki-sha256:{hex}"), false),
            (EntryKind::Certificate, "nesas-ccs-gi:RHEIN-2026-0193".to_owned(), true),
            (EntryKind::Certificate, "RHEIN-2026-0193".to_owned(), false),
        ] {
            assert_eq!(target(kind, &text).is_some(), expected, "{text}");
        }
    }
}
