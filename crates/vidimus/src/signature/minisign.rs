//! minisign: Ed25519 over the file (legacy) or over its BLAKE2b-512 (the default), and a second signature over the first and
//! the trusted comment.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Attempt, Message, Needs, Signed, malformed, unsupported};
use crate::authenticate::keys::{KeyError, PublicKey};
use crate::authenticate::sigstore::SIGNATURE_INVALID;
use crate::policy::{Identity, IdentityKind};
use crate::reason::Reason;

crate::reasons! {
    TRUSTED_COMMENT = "signature.trusted-comment", Unproven, Signer, ["identity"],
        says "{identity} signed the file, and not this trusted comment",
        why "minisign signs the trusted comment together with the signature; one that was changed shows that somebody edited the signature file.",
        fix "Deliver the signature file as minisign wrote it.";
}

/// What a signature file starts with.
pub(super) const MARK: &[u8] = b"untrusted comment:";
const FORMAT: &str = "minisign signature";
/// minisign's own bounds on its comments are 1 KiB and 8 KiB.
const BYTES: usize = 16 * 1024;

/// The name of a key, by which people find it; it proves nothing.
pub type KeyId = [u8; 8];

/// A signature file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minisign {
    key_id: KeyId,
    prehashed: bool,
    signature: [u8; 64],
    trusted_comment: String,
    global_signature: [u8; 64],
}

impl Minisign {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Reason> {
        let wrong = |member| malformed(FORMAT, member);
        let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= BYTES).ok_or_else(|| wrong("text"))?;
        let mut lines = text.lines();
        let mut after = |prefix: &str| lines.next().and_then(|line| line.strip_prefix(prefix));
        after("untrusted comment:").ok_or_else(|| wrong("untrusted comment"))?;
        let signature = after("").and_then(|line| STANDARD.decode(line).ok()).ok_or_else(|| wrong("signature"))?;
        let (algorithm, rest) = signature.split_first_chunk::<2>().ok_or_else(|| wrong("signature"))?;
        let prehashed = match algorithm {
            b"Ed" => false,
            b"ED" => true,
            [a, b] => return Err(unsupported(FORMAT, format_args!("algorithm {a:02x}{b:02x}"))),
        };
        let (key_id, signature) = rest.split_first_chunk::<8>().ok_or_else(|| wrong("signature"))?;
        let signature: [u8; 64] = signature.try_into().map_err(|_| wrong("signature"))?;
        let trusted_comment = after("trusted comment: ").ok_or_else(|| wrong("trusted comment"))?.to_owned();
        let global = after("").and_then(|line| STANDARD.decode(line).ok()).ok_or_else(|| wrong("global signature"))?;
        let global_signature: [u8; 64] = global.try_into().map_err(|_| wrong("global signature"))?;
        if lines.next().is_some() {
            return Err(wrong("what stands after the global signature"));
        }
        Ok(Self { key_id: *key_id, prehashed, signature, trusted_comment, global_signature })
    }

    /// Nobody signs the untrusted comment. If it has more than words, a shell could make something of it.
    pub(super) fn is_foreign(bytes: &[u8]) -> bool {
        let comment = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
        // On its own a carriage return is a line break to some programs.
        let comment = comment.strip_suffix(b"\r").unwrap_or(comment);
        let plain = |b: &u8| b.is_ascii_alphanumeric() || b" .,:_+@/-".contains(b);
        !comment.iter().all(plain)
    }

    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let signs = if self.prehashed { "BLAKE2b-512 of the file" } else { "the file (legacy)" };
        vec![
            ("key id", shown(&self.key_id)),
            ("signs", signs.to_owned()),
            ("trusted comment", self.trusted_comment.clone()),
        ]
    }

    pub(super) fn needs(&self) -> Needs {
        Needs { blake2b: self.prehashed, bytes: !self.prehashed, ..Needs::default() }
    }

    pub(super) fn verify(&self, identity: &Identity, message: Message<'_>) -> Attempt {
        let IdentityKind::Minisign { key, key_id } = &identity.kind else { return Attempt::NotTheirs };
        let signed = if self.prehashed { message.blake2b() } else { message.bytes() };
        let Some(signed) = signed.filter(|_| self.key_id == *key_id) else { return Attempt::NotTheirs };
        if !key.verifies(signed, &self.signature) {
            return Attempt::Refused(Reason::new(&SIGNATURE_INVALID));
        }
        let with_comment = [&self.signature, self.trusted_comment.as_bytes()].concat();
        if !key.verifies(&with_comment, &self.global_signature) {
            return Attempt::Refused(Reason::new(&TRUSTED_COMMENT).name("identity", &identity.id));
        }
        Attempt::Signed(Signed::plainly(key.algorithm()))
    }
}

/// A key id as minisign prints it.
#[must_use]
pub fn shown(key_id: &KeyId) -> String {
    let mut bytes = *key_id;
    bytes.reverse();
    hex::encode_upper(bytes)
}

/// Reads a public key: the one line `RW…`, or the file that minisign writes.
///
/// # Errors
/// `None` if it is none; [`KeyError`] if the key cannot be used.
#[must_use]
pub fn public_key(text: &str) -> Option<Result<(PublicKey, KeyId), KeyError>> {
    let line = match text.lines().collect::<Vec<_>>().as_slice() {
        [line] => *line,
        [comment, line] if comment.starts_with("untrusted comment:") => *line,
        _ => return None,
    };
    let bytes = STANDARD.decode(line.trim_end()).ok()?;
    let (key_id, raw) = bytes.strip_prefix(b"Ed")?.split_first_chunk::<8>()?;
    (raw.len() == 32).then(|| Ok((PublicKey::from_ed25519(raw)?, *key_id)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn file(algorithm: &[u8], comment: &str) -> String {
        let signature = STANDARD.encode([algorithm, &[7; 8], &[1; 64]].concat());
        format!("untrusted comment: {comment}\n{signature}\ntrusted comment: t\n{}\n", STANDARD.encode([2; 64]))
    }

    #[test]
    fn signature_files() {
        let good = file(b"ED", "signature from minisign secret key");
        let without = |line: usize| {
            let kept = good.lines().enumerate().filter(|(i, _)| *i != line).map(|(_, l)| l);
            kept.collect::<Vec<_>>().join("\n")
        };
        for (text, expected) in [
            (good.clone(), "ok"),
            (good.trim_end().to_owned(), "ok"),
            (good.replace('\n', "\r\n"), "ok"),
            (file(b"Ed", ""), "ok"),
            (file(b"Xx", ""), "signature.unsupported-algorithm"),
            (without(0), "parse.malformed"),
            (without(1), "parse.malformed"),
            (without(2), "parse.malformed"),
            (without(3), "parse.malformed"),
            (format!("{good}\n"), "parse.malformed"),
            (format!("{good}rm -rf /\n"), "parse.malformed"),
            (good.replace("trusted comment: t", "trusted comment:t"), "parse.malformed"),
            (file(b"ED", &"x".repeat(BYTES)), "parse.malformed"),
            (String::new(), "parse.malformed"),
        ] {
            let read = Minisign::read(text.as_bytes());
            assert_eq!(read.as_ref().map_or_else(Reason::code, |_| "ok"), expected, "{text}");
        }
    }

    #[test]
    fn what_a_shell_could_run_is_not_only_a_signature() {
        for (comment, foreign) in [
            ("signature from minisign secret key", false),
            ("verify with openbsd-75-base.pub", false),
            ("x; rm -rf /", true),
            ("$(id)", true),
            ("a & b", true),
            ("é", true),
        ] {
            assert_eq!(Minisign::is_foreign(file(b"ED", comment).as_bytes()), foreign, "{comment}");
        }
    }

    #[test]
    fn public_keys() {
        // The key of RFC 8032 section 7.1, test 1.
        let raw = hex::decode("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a").unwrap();
        let line = |raw: &[u8]| STANDARD.encode([b"Ed", &[1, 2, 3, 4, 5, 6, 7, 8][..], raw].concat());
        let good = line(&raw);
        assert!(good.starts_with("RW"));
        for (text, expected) in [
            (good.clone(), "0807060504030201"),
            (format!("untrusted comment: minisign public key 0807060504030201\n{good}\n"), "0807060504030201"),
            (format!("{good}\n{good}"), "none"),
            (line(&[0; 31]), "none"),
            (line(&[0; 32]), "a small-order Ed25519 key, under which one signature verifies every message"),
            (String::new(), "none"),
        ] {
            let found = match public_key(&text) {
                None => "none".to_owned(),
                Some(Ok((_, id))) => shown(&id),
                Some(Err(error)) => error.to_string(),
            };
            assert_eq!(found, expected, "{text}");
        }
    }
}
