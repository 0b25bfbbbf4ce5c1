//! What proves when a signature was made and where it was published: timestamp tokens, log entries, cosignatures. Each proof
//! keeps its source, so that rules can count independent ones (`verification.md` 2.10, 5.6).

use serde_json::{Map, Value as Json};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::crl::Crl;
use super::keys::PublicKey;
use super::merkle;
use super::note::{Checkpoint, Note, Signed};
use super::rfc3161::{self, Stamp, TokenError};
use super::sigstore::{BAD_PROOF, BAD_TIMESTAMP, CHECKPOINT, ENTRY_MISMATCH, LogEntry, Material, NO_PROOF, Root};
use crate::decode::strict_json;
use crate::digest::Digest;
use crate::policy::{Log, LogKey, Policy, QuorumKind, TimeAuthority};
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    BAD_COSIGNATURE = "log.bad-cosig", Unproven, Signer, ["log", "witness"],
        says "the checkpoint of {log} has a signature in the name of {witness} that does not verify",
        why "A note on which a known key fails to verify is refused whole: somebody changed it (C2SP signed-note).",
        fix "Fetch the checkpoint with its cosignatures again.";
}

/// An instant before which a signature is proven to have existed, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProvenTime {
    /// Who says so.
    pub source: TimeSource,
    /// The signature existed then; the accuracy of the source's clock is added already.
    pub not_later_than: Time,
    /// How far the source's clock may be off, in seconds.
    pub accuracy_seconds: u64,
}

/// Who proves a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimeSource {
    /// A time-stamping authority of the policy, by party.
    Token(String),
    /// The operator of a log of the policy, by party: its promise with a time.
    Log(String),
    /// A witness of the policy, by party: its cosignature.
    Witness(String),
    /// An instance's own log or authority, which the policy assigns to nobody.
    Instance(String),
}

impl TimeSource {
    /// The party, if the policy knows one.
    #[must_use]
    pub fn party(&self) -> Option<&str> {
        match self {
            Self::Token(party) | Self::Log(party) | Self::Witness(party) => Some(party),
            Self::Instance(_) => None,
        }
    }

    /// The party, or the instance.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Token(name) | Self::Log(name) | Self::Witness(name) | Self::Instance(name) => name,
        }
    }
}

/// A verified entry in a log of the policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Logged {
    /// The log's name in the policy.
    pub log: String,
    /// Witnesses that cosigned the checkpoint which the entry is proven against, by party, sorted.
    pub witnesses: Vec<String>,
}

/// All that proves time and publication of one signature.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Proof {
    /// Proven times, sorted, each once.
    pub times: Vec<ProvenTime>,
    /// Entries in logs of the policy, sorted, each once.
    pub logged: Vec<Logged>,
    /// What came close, sorted, each once: for reasons alone.
    pub near: Vec<Reason>,
}

impl Proof {
    /// Both together.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.times.extend(other.times);
        self.logged.extend(other.logged);
        self.near.extend(other.near);
        self.sorted()
    }

    /// Without the times that are later than `at`: anybody can add a token to a public signature afterwards, and that must not take
    /// away what the signature is without it.
    pub(super) fn not_after(mut self, at: Time) -> Self {
        let later: Vec<Time> = self.times.iter().map(|time| time.not_later_than).filter(|time| *time > at).collect();
        self.times.retain(|time| time.not_later_than <= at);
        self.near.extend(later.into_iter().map(super::sigstore::from_future));
        self.sorted()
    }

    fn sorted(mut self) -> Self {
        self.times.sort();
        self.times.dedup();
        self.logged.sort();
        self.logged.dedup();
        self.near.sort();
        self.near.dedup();
        self
    }
}

/// The instant before which a signature is proven to have existed, reckoning with as many liars as the policy's time quorums do:
/// with t of them, the (t+1)-th smallest bound over distinct groups (`verification.md` 2.10, model M8). Sources that the policy
/// assigns to nobody count only where nobody is reckoned to lie: two of them could be one.
#[must_use]
pub fn effective(policy: &Policy, times: &[ProvenTime]) -> Option<Time> {
    match policy.liars() {
        0 => times.iter().map(|time| time.not_later_than).min(),
        liars => by_group(policy, sources(policy), times.iter()).get(liars).map(|(time, _)| *time),
    }
}

/// Every party of the policy that can prove a time.
fn sources(policy: &Policy) -> impl Iterator<Item = &str> {
    let operators = policy.logs.values().map(|log| log.operator.as_str());
    policy.authorities.keys().chain(policy.witnesses.keys()).map(String::as_str).chain(operators)
}

/// The smallest bound of each group of `all` that states one, sorted, with those who did. Who is of one group is read from all
/// sources, heard or not: else two that lie together through a third that is silent would count as one liar each.
#[must_use]
pub fn by_group<'a>(
    policy: &'a Policy,
    all: impl IntoIterator<Item = &'a str>,
    times: impl Iterator<Item = &'a ProvenTime> + Clone,
) -> Vec<(Time, std::collections::BTreeSet<String>)> {
    let smallest = |group: &std::collections::BTreeSet<&str>| {
        let of_group = times.clone().filter(|time| time.source.party().is_some_and(|party| group.contains(party)));
        let time = of_group.clone().map(|time| time.not_later_than).min()?;
        Some((time, of_group.filter_map(|time| time.source.party()).map(ToOwned::to_owned).collect()))
    };
    let mut bounds: Vec<_> = policy.grouped(all).iter().filter_map(smallest).collect();
    bounds.sort();
    bounds
}

/// The time-stamping authorities of the policy, and what decides about their certificates.
#[derive(Clone, Debug)]
pub(crate) struct Stamping<'a> {
    /// The policy, which has the authorities.
    pub(crate) policy: &'a Policy,
    /// Revocation lists that were delivered.
    pub(crate) lists: Vec<&'a Crl>,
    /// The instant of the verdict.
    pub(crate) at: Time,
}

impl Stamping<'_> {
    /// What timestamp tokens over `signed` prove. A token of an authority that does not verify proves nothing and is told; it must not
    /// take away what the signature is without it, or less trust could prove more.
    pub(crate) fn over<T: AsRef<[u8]>>(&self, signed: &[u8], tokens: impl IntoIterator<Item = T>) -> Proof {
        let mut proof = Proof::default();
        for token in tokens {
            for authority in self.policy.authorities.values() {
                match self.by(token.as_ref(), signed, authority) {
                    Ok(Ok(stamp)) => proof.times.push(ProvenTime {
                        source: TimeSource::Token(authority.party.clone()),
                        not_later_than: stamp.not_later_than,
                        accuracy_seconds: stamp.accuracy_seconds,
                    }),
                    Ok(Err(reason)) => proof.near.push(reason),
                    Err(TokenError::Malformed | TokenError::Foreign) => {}
                    Err(_) => proof.near.push(Reason::new(&BAD_TIMESTAMP)),
                }
            }
        }
        proof.sorted()
    }

    /// Is the token one that counts, with nothing in it that nobody signed?
    pub(crate) fn is_evident(&self, token: &[u8], signed: &[u8]) -> bool {
        let mut authorities = self.policy.authorities.values();
        authorities.any(|by| matches!(self.by(token, signed, by), Ok(Ok(Stamp { is_all_signed: true, .. }))))
    }

    fn by(&self, token: &[u8], signed: &[u8], authority: &TimeAuthority) -> Result<Result<Stamp, Reason>, TokenError> {
        rfc3161::in_force(token, signed, authority, &self.lists, self.at)
    }
}

/// What the log entries of a bundle prove whose signature, inclusion and promise were verified against `instance`. Under a root
/// that lists no log, entries are not verified at all, and prove nothing.
pub(super) fn of_instance(policy: &Policy, instance: &str, root: &Root, material: &Material) -> Proof {
    let mut proof = Proof::default();
    if !root.has_log() {
        return proof;
    }
    let logs = policy.logs.values();
    let logs: Vec<&Log> = logs.filter(|log| matches!(&log.key, LogKey::Instance(name) if name == instance)).collect();
    for entry in &material.entries {
        let note = entry.checkpoint.as_deref().and_then(|note| Note::read(note).ok());
        let checkpoint = note.as_ref().and_then(|note| Checkpoint::read(note.text()).ok());
        // Rekor v1 puts the number of the tree behind its name.
        let origin = checkpoint.map(|checkpoint| checkpoint.origin.split(" - ").next().unwrap_or_default());
        let named = |log: &&&Log| origin == Some(log.origin.as_str()) && root.is_log(&entry.log_id, &log.origin);
        let Some(log) = logs.iter().find(named) else { continue };
        if let Some(time) = entry.promised {
            let source = TimeSource::Log(log.operator.clone());
            proof.times.push(ProvenTime { source, not_later_than: time, accuracy_seconds: 0 });
        }
        if let Some(note) = &note {
            cosigned(policy, log, note, &mut proof);
        }
    }
    proof.sorted()
}

/// What the log entries of a bundle prove in logs that the policy names by key. Those of other logs are passed over.
pub(super) fn of_keyed_logs(policy: &Policy, material: &Material, key: &PublicKey, signed: &Digest) -> Proof {
    let mut proof = Proof::default();
    for entry in &material.entries {
        for log in policy.logs.values() {
            let LogKey::Key(log_key) = &log.key else { continue };
            let note = entry.checkpoint.as_deref().and_then(|note| Note::read(note).ok());
            let Some(note) = note else {
                proof.near.push(Reason::new(&NO_PROOF));
                continue;
            };
            match note.signed_by(log_key) {
                Signed::No => continue,
                Signed::Badly => {
                    proof.near.push(Reason::new(&CHECKPOINT));
                    continue;
                }
                Signed::Yes | Signed::At(_) => {}
            }
            match included(entry, log, &note).and_then(|()| records(entry, key, &material.signature, signed)) {
                Ok(()) => cosigned(policy, log, &note, &mut proof),
                Err(info) => proof.near.push(Reason::new(info)),
            }
        }
    }
    proof.sorted()
}

type Info = &'static crate::reason::ReasonInfo;

/// Is the entry in the tree of the verified checkpoint? Its copies of size and root beside the proof are not read.
fn included(entry: &LogEntry, log: &Log, note: &Note<'_>) -> Result<(), Info> {
    let checkpoint = Checkpoint::read(note.text()).map_err(|_| &CHECKPOINT)?;
    if checkpoint.origin != log.origin {
        return Err(&CHECKPOINT);
    }
    let leaf = merkle::leaf(&entry.body);
    let is_in = merkle::includes(&leaf, entry.index, checkpoint.size, &entry.hashes, &checkpoint.root);
    if is_in { Ok(()) } else { Err(&BAD_PROOF) }
}

/// Does the entry record this signature by this key over this digest (rekor-v2-spec section 6.1.4, CVE-2026-22703)?
fn records(entry: &LogEntry, key: &PublicKey, signature: &[u8], signed: &Digest) -> Result<(), Info> {
    let recorded = strict_json(&entry.body).and_then(|body| recorded(&body));
    let (digest, content, spki) = recorded.ok_or(&ENTRY_MISMATCH)?;
    let same = digest == signed.bytes() && content == signature && spki == key.spki();
    if same { Ok(()) } else { Err(&ENTRY_MISMATCH) }
}

/// (digest, signature, key) of a hashedrekord 0.0.2 entry: the one kind that is recorded in logs outside trusted roots.
fn recorded(body: &Json) -> Option<(Vec<u8>, Vec<u8>, Vec<u8>)> {
    let text = |object: &Map<String, Json>, name: &str| object.get(name)?.as_str().map(ToOwned::to_owned);
    let bytes = |object: &Map<String, Json>, name: &str| STANDARD.decode(text(object, name)?).ok();
    let inner = |object: &Map<String, Json>, name: &str| object.get(name)?.as_object().cloned();
    let body = body.as_object()?;
    let named = text(body, "kind")? == "hashedrekord" && text(body, "apiVersion")? == "0.0.2";
    let record = inner(&inner(body, "spec").filter(|_| named)?, "hashedRekordV002")?;
    let (data, signature) = (inner(&record, "data")?, inner(&record, "signature")?);
    let verifier = inner(&signature, "verifier")?;
    let sha256 = text(&data, "algorithm")? == "SHA2_256" && !verifier.contains_key("x509Certificate");
    let key = inner(&verifier, "publicKey").filter(|_| sha256)?;
    Some((bytes(&data, "digest")?, bytes(&signature, "content")?, bytes(&key, "rawBytes")?))
}

/// Adds the entry in `log` with the witnesses that cosigned the note, and their times; a note on which one of them fails counts
/// for nothing.
fn cosigned(policy: &Policy, log: &Log, note: &Note<'_>, proof: &mut Proof) {
    let candidates = log.witnesses.as_ref().and_then(|name| policy.quorums.get(name));
    let candidates = candidates.filter(|quorum| matches!(quorum.kind, QuorumKind::Witness { .. }));
    let mut witnesses = Vec::new();
    let mut times = Vec::new();
    for party in candidates.into_iter().flat_map(|quorum| &quorum.candidates) {
        let Some(key) = policy.witnesses.get(party) else { continue };
        match note.signed_by(key) {
            Signed::At(time) => {
                witnesses.push(party.clone());
                let source = TimeSource::Witness(party.clone());
                times.push(ProvenTime { source, not_later_than: time, accuracy_seconds: 0 });
            }
            Signed::Badly => {
                let reason = Reason::new(&BAD_COSIGNATURE).name("log", &log.name);
                proof.near.push(reason.name("witness", party));
                return;
            }
            Signed::No | Signed::Yes => {}
        }
    }
    witnesses.sort();
    proof.times.extend(times);
    proof.logged.push(Logged { log: log.name.clone(), witnesses });
}
