//! Signed notes, checkpoints and cosignatures of transparency logs (C2SP signed-note, tlog-checkpoint, tlog-cosignature).
//!
//! A note is text that several keys sign. What the text says counts only once a key of the policy, or of a trusted root, is
//! found to have signed it: [`Note::signed_by`]. A known key whose signature does not verify makes the whole note suspect
//! (signed-note: "clients SHOULD reject the whole note"), so it is an error of its own and not a missing signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::keys::{KeyError, PublicKey, SignatureAlgorithm};
use super::merkle::Hash;
use crate::time::Time;

/// Signatures on one note (`verification.md` 1.4).
pub const MAX_SIGNATURES: usize = 32;

/// What stands before each signature: an em dash and a space.
const MARK: &str = "\u{2014} ";

/// A note as read; nothing of it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    text: &'a str,
    signatures: Vec<Line<'a>>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line<'a> {
    name: &'a str,
    id: [u8; 4],
    signature: Vec<u8>,
}

/// Why a note is none, or is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not the form of a signed note.
    #[error("not a signed note")]
    Malformed,
    /// More than [`MAX_SIGNATURES`].
    #[error("more signatures than are looked at")]
    TooMany,
    /// The text is not that of a checkpoint.
    #[error("not the text of a checkpoint")]
    Checkpoint,
}

impl<'a> Note<'a> {
    /// Takes a note apart (signed-note, "Format").
    ///
    /// # Errors
    /// [`NoteError::Malformed`] or [`NoteError::TooMany`].
    pub fn read(note: &'a str) -> Result<Self, NoteError> {
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return Err(NoteError::Malformed);
        }
        // The text ends before the last empty line.
        let gap = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
        let (text, rest) = note.split_at_checked(gap.saturating_add(1)).ok_or(NoteError::Malformed)?;
        let lines = rest.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n')).ok_or(NoteError::Malformed)?;
        if lines.split('\n').count() > MAX_SIGNATURES {
            return Err(NoteError::TooMany);
        }
        let signatures = lines.split('\n').map(Line::read).collect::<Option<Vec<_>>>().ok_or(NoteError::Malformed)?;
        Ok(Self { text, signatures })
    }

    /// The text, with its last line end. It means nothing before a known key is found to have signed it.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// Names of the keys that claim to have signed, as written.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.signatures.iter().map(|line| line.name)
    }

    /// Did `key` sign? Signatures with another name or key id are somebody else's and are passed over. Of a key that signs more
    /// than once, every signature must verify.
    #[must_use]
    pub fn signed_by(&self, key: &NoteKey) -> Signed {
        let mut found = Signed::No;
        for line in self.signatures.iter().filter(|line| line.name == key.name && line.id == key.id) {
            match (key.verifies(self.text, &line.signature), found) {
                (None, _) => return Signed::Badly,
                // Two cosignatures of one witness: the earlier one is the tighter bound, and both are its word.
                (Some(Some(time)), Signed::At(other)) => found = Signed::At(time.min(other)),
                (Some(Some(time)), _) => found = Signed::At(time),
                (Some(None), Signed::No) => found = Signed::Yes,
                (Some(None), _) => {}
            }
        }
        found
    }
}

impl<'a> Line<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix(MARK)?.split_once(' ')?;
        is_name(name).then_some(())?;
        let bytes = STANDARD.decode(encoded).ok()?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        (!signature.is_empty()).then(|| Self { name, id: *id, signature: signature.to_vec() })
    }
}

/// Key names are not empty and have neither spaces nor a plus sign.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+')
}

/// What one key has to do with a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// It did not sign.
    No,
    /// It signed.
    Yes,
    /// It signed, and says when: a cosignature.
    At(Time),
    /// A signature with its name and id does not verify.
    Badly,
}

/// A key for notes: name, id and public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteKey {
    name: String,
    id: [u8; 4],
    kind: Kind,
    key: PublicKey,
}

/// How a key signs notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The text itself.
    Text,
    /// A cosignature/v1: the text with a time before it.
    Cosignature,
}

/// Signature types of signed-note.
const ED25519: u8 = 0x01;
const COSIGNATURE: u8 = 0x04;

impl NoteKey {
    /// Reads a verifier key (`name+id+base64`) with signature type 0x01 (Ed25519) or 0x04 (Ed25519 cosignature).
    ///
    /// # Errors
    /// See [`VkeyError`].
    pub fn from_vkey(vkey: &str) -> Result<Self, VkeyError> {
        let mut parts = vkey.splitn(3, '+');
        let mut next = || parts.next().ok_or(VkeyError::Malformed);
        let (name, id, encoded) = (next()?, next()?, next()?);
        let id: [u8; 4] = hex::decode(id).ok().and_then(|id| id.try_into().ok()).ok_or(VkeyError::Malformed)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| VkeyError::Malformed)?;
        let (kind, raw) = match bytes.split_first() {
            Some((&ED25519, raw)) => (Kind::Text, raw),
            Some((&COSIGNATURE, raw)) => (Kind::Cosignature, raw),
            Some((other, _)) => return Err(VkeyError::Type(*other)),
            None => return Err(VkeyError::Malformed),
        };
        if !is_name(name) {
            return Err(VkeyError::Malformed);
        }
        let key = PublicKey::from_ed25519(raw).map_err(VkeyError::Key)?;
        if id != short(&[name.as_bytes(), b"\n", &bytes]) {
            return Err(VkeyError::Id);
        }
        Ok(Self { name: name.to_owned(), id, kind, key })
    }

    /// The key of a log whose trusted root lists it by public key: for Ed25519 with the id of signed-note, otherwise with the
    /// first bytes of the SubjectPublicKeyInfo's digest, which for Rekor is also how its log id starts.
    #[must_use]
    pub fn of_log(name: &str, key: &PublicKey) -> Self {
        let id = match (key.algorithm(), key.spki().last_chunk::<32>()) {
            (SignatureAlgorithm::Ed25519, Some(raw)) => short(&[name.as_bytes(), b"\n", &[ED25519], raw]),
            _ => short(&[key.spki()]),
        };
        Self { name: name.to_owned(), id, kind: Kind::Text, key: key.clone() }
    }

    /// Its name in notes.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public key.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Does it make cosignatures, with a time, instead of signing the text alone?
    #[must_use]
    pub fn is_cosigner(&self) -> bool {
        self.kind == Kind::Cosignature
    }

    /// `None` if the signature does not verify; else the time that it states, if it is of a kind that does.
    fn verifies(&self, text: &str, signature: &[u8]) -> Option<Option<Time>> {
        match self.kind {
            Kind::Text => self.key.verifies(text.as_bytes(), signature).then_some(None),
            Kind::Cosignature => {
                let (stamp, signature) = signature.split_first_chunk::<8>()?;
                // tlog-cosignature: "MUST NOT exceed 2^63 - 1".
                let second = i64::try_from(u64::from_be_bytes(*stamp)).ok()?;
                let signed = format!("cosignature/v1\ntime {second}\n{text}");
                self.key.verifies(signed.as_bytes(), signature).then_some(())?;
                Time::from_second(second).map(Some)
            }
        }
    }
}

/// Why a verifier key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VkeyError {
    /// Not `name+id+base64`.
    #[error("not a verifier key of the form NAME+ID+BASE64 (C2SP signed-note)")]
    Malformed,
    /// A signature type that is not supported.
    #[error(
        "the verifier key has signature type {0:#04x}; 0x01 (Ed25519) and 0x04 (Ed25519 cosignature/v1) are supported"
    )]
    Type(u8),
    /// The id is not that of name and key.
    #[error("the id of the verifier key is not that of its name and key")]
    Id,
    /// The key itself.
    #[error(transparent)]
    Key(KeyError),
}

/// The first four bytes of a SHA-256.
fn short(parts: &[&[u8]]) -> [u8; 4] {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    let digest: Hash = hasher.finalize().into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

/// The head of a log's tree, as a note's text has it. Take it from a note that the log signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint<'a> {
    /// Which log.
    pub origin: &'a str,
    /// Leaves in the tree.
    pub size: u64,
    /// The root of the tree.
    pub root: Hash,
    /// Lines behind the three that mean something; signed, and otherwise not looked at.
    pub extensions: Vec<&'a str>,
}

impl<'a> Checkpoint<'a> {
    /// Reads the text of a note (tlog-checkpoint, "Note text").
    ///
    /// # Errors
    /// [`NoteError::Checkpoint`].
    pub fn read(text: &'a str) -> Result<Self, NoteError> {
        let lines = || text.strip_suffix('\n').map(|text| text.split('\n'));
        let mut lines = lines().ok_or(NoteError::Checkpoint)?;
        let mut next = || lines.next().filter(|line| !line.is_empty()).ok_or(NoteError::Checkpoint);
        let (origin, size, root) = (next()?, next()?, next()?);
        let decimal = size == "0" || (size.bytes().all(|b| b.is_ascii_digit()) && !size.starts_with('0'));
        let size = decimal.then(|| size.parse().ok()).flatten().ok_or(NoteError::Checkpoint)?;
        let root = STANDARD.decode(root).ok().and_then(|root| root.try_into().ok()).ok_or(NoteError::Checkpoint)?;
        let extensions: Vec<&str> = lines.collect();
        if extensions.iter().any(|line| line.is_empty()) {
            return Err(NoteError::Checkpoint);
        }
        Ok(Self { origin, size, root, extensions })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The examples of C2SP signed-note and tlog-cosignature.
    const EXAMPLE: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        \u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

    struct Signer {
        key: ed25519_dalek::SigningKey,
        name: &'static str,
        kind: u8,
    }

    impl Signer {
        fn new(seed: u8, name: &'static str, kind: u8) -> Self {
            Self { key: ed25519_dalek::SigningKey::from_bytes(&[seed; 32]), name, kind }
        }

        fn vkey(&self) -> String {
            let bytes = [&[self.kind][..], self.key.verifying_key().as_bytes()].concat();
            let id = short(&[self.name.as_bytes(), b"\n", &bytes]);
            format!("{}+{}+{}", self.name, hex::encode(id), STANDARD.encode(bytes))
        }

        fn note_key(&self) -> NoteKey {
            NoteKey::from_vkey(&self.vkey()).unwrap()
        }

        fn line(&self, text: &str, second: u64) -> String {
            use ed25519_dalek::Signer as _;
            let bytes = if self.kind == COSIGNATURE {
                let signed = format!("cosignature/v1\ntime {second}\n{text}");
                [&second.to_be_bytes()[..], &self.key.sign(signed.as_bytes()).to_bytes()].concat()
            } else {
                self.key.sign(text.as_bytes()).to_bytes().to_vec()
            };
            format!("{MARK}{} {}\n", self.name, STANDARD.encode([&self.note_key().id[..], &bytes].concat()))
        }
    }

    const TEXT: &str = "log.example/1\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn the_example_of_the_specification() {
        let note = Note::read(EXAMPLE).unwrap();
        assert_eq!(note.names().collect::<Vec<_>>(), ["example.com/behind-the-sofa", "witness.example.com/w1"]);
        let checkpoint = Checkpoint::read(note.text()).unwrap();
        assert_eq!((checkpoint.origin, checkpoint.size), ("example.com/behind-the-sofa", 20_852_163));
        assert!(checkpoint.extensions.is_empty());
    }

    #[test]
    fn who_signed() {
        let log = Signer::new(1, "log.example/1", ED25519);
        let witness = Signer::new(2, "witness.example/w", COSIGNATURE);
        let time = |second| Time::from_second(second).unwrap();
        let (signed, at) = (log.line(TEXT, 0), |second| witness.line(TEXT, second));
        let forged = at(9).replace('A', "B");
        for (lines, by_log, by_witness) in [
            (signed.clone(), Signed::Yes, Signed::No),
            (format!("{signed}{}", at(1_700_000_000)), Signed::Yes, Signed::At(time(1_700_000_000))),
            (format!("{signed}{}{}", at(9), at(7)), Signed::Yes, Signed::At(time(7))),
            (format!("{signed}{}{forged}", at(9)), Signed::Yes, Signed::Badly),
            (format!("{signed}{signed}"), Signed::Yes, Signed::No),
            (log.line("other\n", 0), Signed::Badly, Signed::No),
            (witness.line("other\n", 9), Signed::No, Signed::Badly),
            (at(u64::MAX), Signed::No, Signed::Badly),
            // One name with two kinds of signature: two keys.
            (Signer::new(2, "witness.example/w", ED25519).line(TEXT, 0), Signed::No, Signed::No),
            // The same key under another name is another key.
            (Signer::new(2, "witness.example/x", COSIGNATURE).line(TEXT, 9), Signed::No, Signed::No),
        ] {
            let text = format!("{TEXT}\n{lines}");
            let note = Note::read(&text).unwrap();
            let found = (note.signed_by(&log.note_key()), note.signed_by(&witness.note_key()));
            assert_eq!(found, (by_log, by_witness), "{text}");
        }
    }

    #[test]
    fn what_is_no_note() {
        let line = Signer::new(1, "log.example/1", ED25519).line(TEXT, 0);
        let many = |n| format!("{TEXT}\n{}", line.repeat(n));
        for (text, expected) in [
            (format!("{TEXT}\n{line}"), Ok(())),
            (format!("with an\n\nempty line\n\n{line}"), Ok(())),
            (many(32), Ok(())),
            (many(33), Err(NoteError::TooMany)),
            (String::new(), Err(NoteError::Malformed)),
            (TEXT.to_owned(), Err(NoteError::Malformed)),
            (format!("{TEXT}\n"), Err(NoteError::Malformed)),
            (format!("{TEXT}{line}"), Err(NoteError::Malformed)),
            (format!("{TEXT}\n{}", line.trim_end()), Err(NoteError::Malformed)),
            (format!("{TEXT}\n{line}\n"), Err(NoteError::Malformed)),
            (format!("{TEXT}\n{}", line.replace('\u{2014}', "-")), Err(NoteError::Malformed)),
            (format!("{TEXT}\n{}", line.replace("log.", "l+g.")), Err(NoteError::Malformed)),
            (format!("{TEXT}\n{MARK}log.example/1 AAAA\n"), Err(NoteError::Malformed)),
            (format!("{TEXT}\n{MARK}log.example/1 AAAAAA==\n"), Err(NoteError::Malformed)),
            (format!("a\tb\n\n{line}"), Err(NoteError::Malformed)),
            (format!("a\r\n\r\n\n{line}"), Err(NoteError::Malformed)),
        ] {
            assert_eq!(Note::read(&text).map(|_| ()), expected, "{text}");
        }
    }

    #[test]
    fn checkpoints() {
        let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
        for (text, size) in [
            (format!("log\n0\n{root}\n"), Some(0)),
            (format!("log\n18446744073709551615\n{root}\n"), Some(u64::MAX)),
            (format!("log\n3\n{root}\nextension\nmore\n"), Some(3)),
            (format!("log\n3\n{root}"), None),
            (format!("log\n3\n{root}\n\n"), None),
            (format!("log\n3\n{root}\n\nmore\n"), None),
            (format!("log\n03\n{root}\n"), None),
            (format!("log\n+3\n{root}\n"), None),
            (format!("log\n-3\n{root}\n"), None),
            (format!("log\n\n{root}\n"), None),
            (format!("log\n18446744073709551616\n{root}\n"), None),
            (format!("\n3\n{root}\n"), None),
            ("log\n3\nAAAA\n".to_owned(), None),
            ("log\n3\n".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(Checkpoint::read(&text).ok().map(|checkpoint| checkpoint.size), size, "{text}");
        }
    }

    #[test]
    fn verifier_keys() {
        let good = Signer::new(1, "log.example/1", ED25519).vkey();
        let (name, rest) = good.split_once('+').unwrap();
        let (id, key) = rest.split_once('+').unwrap();
        let typed = |kind: u8, raw: &[u8]| {
            let bytes = [&[kind][..], raw].concat();
            let id = short(&[name.as_bytes(), b"\n", &bytes]);
            format!("{name}+{}+{}", hex::encode(id), STANDARD.encode(bytes))
        };
        let mut small_order = [0; 32];
        small_order[0] = 1;
        for (vkey, expected) in [
            (good.clone(), Ok(())),
            (Signer::new(1, "log.example/1", COSIGNATURE).vkey(), Ok(())),
            (format!("{name}+{id}"), Err(VkeyError::Malformed)),
            (format!("+{id}+{key}"), Err(VkeyError::Malformed)),
            (format!("a b+{id}+{key}"), Err(VkeyError::Malformed)),
            (format!("{name}+{id}00+{key}"), Err(VkeyError::Malformed)),
            (format!("{name}+{id}+"), Err(VkeyError::Malformed)),
            (format!("{name}+{id}+{key}="), Err(VkeyError::Malformed)),
            (format!("{name}+00000000+{key}"), Err(VkeyError::Id)),
            (format!("other+{id}+{key}"), Err(VkeyError::Id)),
            (typed(0x06, &[1; 1312]), Err(VkeyError::Type(6))),
            (typed(ED25519, &[1; 31]), Err(VkeyError::Key(KeyError::Spki))),
            (typed(ED25519, &small_order), Err(VkeyError::Key(KeyError::Weak))),
        ] {
            let found = NoteKey::from_vkey(&vkey).map(|_| ());
            match (&found, &expected) {
                // Which way a key is no point does not matter here.
                (Err(VkeyError::Key(a)), Err(VkeyError::Key(b))) if *b == KeyError::Spki => {
                    assert_ne!(*a, KeyError::Weak)
                }
                _ => assert_eq!(found, expected, "{vkey}"),
            }
        }
    }
}
