//! SSH signatures (`ssh-keygen -Y sign`, OpenSSH's PROTOCOL.sshsig): over a SHA-256 or SHA-512 of the file, within a
//! namespace. The signature carries the public key; it counts only if it is the policy's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Attempt, Message, Needs, Signed, malformed, unsupported};
use crate::authenticate::keys::{KeyError, PublicKey, SignatureAlgorithm, ecdsa_der};
use crate::authenticate::sigstore::SIGNATURE_INVALID;
use crate::digest::Algorithm;
use crate::policy::{Identity, IdentityKind};
use crate::reason::Reason;

crate::reasons! {
    NAMESPACE = "signature.namespace", Unproven, Signer, ["expected", "found", "identity"],
        says "{identity} signed for the namespace {found}; the policy accepts {expected}",
        why "The namespace says what a signature is meant for, so that one over a mail or a commit is not taken for one over a file (T16).",
        fix "Sign with `ssh-keygen -Y sign -n` and the namespace that the policy lists.";
}

/// What a signature file starts with.
pub(super) const MARK: &[u8] = b"-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
const FORMAT: &str = "SSH signature";
const MAGIC: &[u8] = b"SSHSIG";

/// A signature file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshSig {
    key: Vec<u8>,
    namespace: Vec<u8>,
    reserved: Vec<u8>,
    hash: Algorithm,
    /// Of the signature: the key's type, for RSA with the hash.
    algorithm: SignatureAlgorithm,
    /// As [`PublicKey::verifies`] takes it.
    signature: Vec<u8>,
}

impl SshSig {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Reason> {
        let wrong = |member| malformed(FORMAT, member);
        let blob = unarmored(bytes).ok_or_else(|| wrong("armour"))?;
        let mut fields = Fields(blob.strip_prefix(MAGIC).ok_or_else(|| wrong("preamble"))?);
        match fields.number() {
            Some(1) => {}
            Some(version) => return Err(unsupported(FORMAT, format_args!("version {version}"))),
            None => return Err(wrong("version")),
        }
        let key = fields.string().ok_or_else(|| wrong("public key"))?;
        let namespace = fields.string().filter(|n| !n.is_empty()).ok_or_else(|| wrong("namespace"))?;
        let reserved = fields.string().ok_or_else(|| wrong("reserved"))?;
        let hash = fields.string().ok_or_else(|| wrong("hash algorithm"))?;
        let hash = match hash {
            b"sha256" => Algorithm::Sha256,
            b"sha512" => Algorithm::Sha512,
            other => return Err(named(other)),
        };
        let mut signature = Fields(fields.string().ok_or_else(|| wrong("signature"))?);
        fields.end().ok_or_else(|| wrong("what stands after the signature"))?;
        let name = signature.string().ok_or_else(|| wrong("signature"))?;
        let value = signature.string().ok_or_else(|| wrong("signature"))?;
        signature.end().ok_or_else(|| wrong("signature"))?;
        let algorithm = match name {
            b"ssh-ed25519" => SignatureAlgorithm::Ed25519,
            b"ecdsa-sha2-nistp256" => SignatureAlgorithm::EcdsaP256Sha256,
            b"ecdsa-sha2-nistp384" => SignatureAlgorithm::EcdsaP384Sha384,
            b"rsa-sha2-256" => rsa(Algorithm::Sha256),
            b"rsa-sha2-512" => rsa(Algorithm::Sha512),
            other => return Err(named(other)),
        };
        let is_ecdsa = matches!(algorithm, SignatureAlgorithm::EcdsaP256Sha256 | SignatureAlgorithm::EcdsaP384Sha384);
        let value = if is_ecdsa { to_der(value).ok_or_else(|| wrong("signature"))? } else { value.to_vec() };
        let [key, namespace, reserved] = [key, namespace, reserved].map(<[u8]>::to_vec);
        Ok(Self { key, namespace, reserved, hash, algorithm, signature: value })
    }

    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let key_type = Fields(&self.key).string().unwrap_or_default();
        vec![
            ("key type", String::from_utf8_lossy(key_type).into_owned()),
            ("key fingerprint", fingerprint(&self.key)),
            ("namespace", String::from_utf8_lossy(&self.namespace).into_owned()),
            ("signs", format!("{} of the file", self.hash.name())),
        ]
    }

    pub(super) fn needs(&self) -> Needs {
        Needs { digests: [self.hash].into(), ..Needs::default() }
    }

    pub(super) fn verify(&self, identity: &Identity, message: Message<'_>) -> Attempt {
        let IdentityKind::Ssh { key, blob, namespace } = &identity.kind else { return Attempt::NotTheirs };
        if self.key != *blob {
            return Attempt::NotTheirs;
        }
        if self.namespace != namespace.as_bytes() {
            let found = String::from_utf8_lossy(&self.namespace);
            let reason = Reason::new(&NAMESPACE).name("identity", &identity.id).name("expected", namespace);
            return Attempt::Refused(reason.evidence("found", &found));
        }
        let invalid = || Attempt::Refused(Reason::new(&SIGNATURE_INVALID));
        // An RSA key is not bound to one hash; which one counts is the policy's list of algorithms.
        let Ok(key) = PublicKey::from_spki(key.spki(), Some(self.algorithm)) else { return invalid() };
        let Some(digest) = message.digest(self.hash) else { return invalid() };
        let mut signed = MAGIC.to_vec();
        for field in [&self.namespace, &self.reserved, self.hash.name().as_bytes(), &digest.bytes()] {
            put(&mut signed, field);
        }
        if !key.verifies(&signed, &self.signature) {
            return invalid();
        }
        Attempt::Signed(Signed::plainly(key.algorithm()))
    }
}

/// A public key in OpenSSH's one-line form: type, base64, comment. The key, and the blob that signatures carry.
///
/// # Errors
/// `None` if it is none; [`KeyError`] if the key cannot be used.
#[must_use]
pub fn public_key(text: &str) -> Option<Result<(PublicKey, Vec<u8>), KeyError>> {
    let line = text.trim_end();
    let mut words = line.split(' ');
    let (name, blob) = (words.next()?, STANDARD.decode(words.next()?).ok()?);
    let mut fields = Fields(&blob);
    if line.contains(['\n', '\r']) || fields.string()? != name.as_bytes() {
        return None;
    }
    let key = match name {
        "ssh-ed25519" => PublicKey::from_ed25519(fields.string()?),
        "ecdsa-sha2-nistp256" | "ecdsa-sha2-nistp384" => {
            let curve = fields.string()?;
            let point = fields.string()?;
            let (size, long) = if name.ends_with("256") { (65, b"nistp256") } else { (97, b"nistp384") };
            if curve != long || point.len() != size {
                return Some(Err(KeyError::Curve));
            }
            PublicKey::from_point(point)
        }
        "ssh-rsa" => {
            let exponent = fields.integer()?;
            let modulus = fields.integer()?;
            PublicKey::from_rsa(modulus, exponent, rsa(Algorithm::Sha512))
        }
        _ => return Some(Err(KeyError::Algorithm)),
    };
    fields.end()?;
    Some(key.map(|key| (key, blob)))
}

/// As `ssh-keygen -l` prints it.
#[must_use]
pub fn fingerprint(blob: &[u8]) -> String {
    let digest = crate::digest::Digest::sha256(blob).bytes();
    format!("SHA256:{}", STANDARD.encode(digest).trim_end_matches('='))
}

/// An RSA signature of SSH, with any key that is long enough.
pub(crate) const fn rsa(hash: Algorithm) -> SignatureAlgorithm {
    SignatureAlgorithm::RsaPkcs1 { bits: 2048, hash }
}

fn named(algorithm: &[u8]) -> Reason {
    unsupported(FORMAT, crate::reason::identifier(&String::from_utf8_lossy(algorithm)))
}

/// The armour's content: base64 in lines of any length, with nothing before or behind.
fn unarmored(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?.trim_end_matches(['\n', '\r']);
    let mut lines = text.lines();
    (lines.next()?.as_bytes() == MARK && lines.next_back()? == END).then_some(())?;
    STANDARD.decode(lines.collect::<String>()).ok()
}

/// Two integers as SSH writes them become a DER SEQUENCE.
fn to_der(value: &[u8]) -> Option<Vec<u8>> {
    let mut fields = Fields(value);
    let (r, s) = (fields.integer()?, fields.integer()?);
    fields.end()?;
    ecdsa_der(r, s)
}

fn put(out: &mut Vec<u8>, field: &[u8]) {
    out.extend(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend(field);
}

/// Reads the fields of RFC 4251 section 5.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (string, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }

    /// A positive integer without the zero byte that keeps it positive; in its shortest form only.
    fn integer(&mut self) -> Option<&'a [u8]> {
        match self.string()? {
            [0, rest @ ..] if rest.first().is_some_and(|high| *high >= 0x80) => Some(rest),
            all @ [high, ..] if (1..0x80).contains(high) => Some(all),
            _ => None,
        }
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn strings(fields: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        fields.iter().for_each(|field| put(&mut out, field));
        out
    }

    fn armored(blob: &[u8]) -> String {
        format!("-----BEGIN SSH SIGNATURE-----\n{}\n{END}\n", STANDARD.encode(blob))
    }

    fn blob(version: u8, hash: &str, algorithm: &str, value: &[u8], tail: &[u8]) -> Vec<u8> {
        let signature = strings(&[algorithm.as_bytes(), value]);
        let fields = strings(&[b"key", b"file", b"", hash.as_bytes(), &signature]);
        [MAGIC, &[0, 0, 0, version], &fields, tail].concat()
    }

    #[test]
    fn signature_files() {
        let of = |hash: &str, algorithm: &str| armored(&blob(1, hash, algorithm, &[1; 64], b""));
        let good = of("sha512", "ssh-ed25519");
        let integers = strings(&[&[1; 32], &[0, 0x80]]);
        let negative = strings(&[&[0x80; 32], &[1]]);
        for (text, expected) in [
            (good.clone(), "ok"),
            (good.trim_end().to_owned(), "ok"),
            (good.replace('\n', "\r\n"), "ok"),
            (of("sha256", "rsa-sha2-256"), "ok"),
            (armored(&blob(1, "sha256", "ecdsa-sha2-nistp256", &integers, b"")), "ok"),
            (armored(&blob(1, "sha256", "ecdsa-sha2-nistp256", &negative, b"")), "parse.malformed"),
            (of("sha384", "ssh-ed25519"), "signature.unsupported-algorithm"),
            (of("sha512", "ssh-rsa"), "signature.unsupported-algorithm"),
            (of("sha512", "ssh-dss"), "signature.unsupported-algorithm"),
            (of("sha512", "sk-ssh-ed25519@openssh.com"), "signature.unsupported-algorithm"),
            (of("sha512", "ecdsa-sha2-nistp521"), "signature.unsupported-algorithm"),
            (armored(&blob(2, "sha512", "ssh-ed25519", &[1; 64], b"")), "signature.unsupported-algorithm"),
            (armored(&blob(1, "sha512", "ssh-ed25519", &[1; 64], b"x")), "parse.malformed"),
            (armored(b"SSHSIG"), "parse.malformed"),
            (armored(b""), "parse.malformed"),
            (format!("{good}more"), "parse.malformed"),
            (good.replace(END, ""), "parse.malformed"),
        ] {
            let read = SshSig::read(text.as_bytes());
            assert_eq!(read.as_ref().map_or_else(Reason::code, |_| "ok"), expected, "{text}");
        }
    }

    #[test]
    fn every_shorter_file_is_refused() {
        let good = blob(1, "sha512", "ssh-ed25519", &[1; 64], b"");
        for length in 0..good.len() {
            let cut = good.get(..length).unwrap();
            assert!(SshSig::read(armored(cut).as_bytes()).is_err(), "{length}");
        }
    }

    #[test]
    fn public_keys() {
        let raw = hex::decode("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a").unwrap();
        let line = |name: &str, fields: &[&[u8]]| format!("{name} {} comment\n", STANDARD.encode(strings(fields)));
        let good = line("ssh-ed25519", &[b"ssh-ed25519", &raw]);
        for (text, expected) in [
            (good.clone(), "ed25519"),
            (good.trim_end_matches(" comment\n").to_owned(), "ed25519"),
            (format!("{good}{good}"), "none"),
            (format!("restrict {good}"), "none"),
            (line("ssh-rsa", &[b"ssh-ed25519", &raw]), "none"),
            (line("ssh-ed25519", &[b"ssh-ed25519", &raw, b""]), "none"),
            (line("ssh-ed25519", &[b"ssh-ed25519", &[0; 32]]), "weak"),
            (line("ssh-dss", &[b"ssh-dss", b""]), "algorithm"),
            (line("ecdsa-sha2-nistp256", &[b"ecdsa-sha2-nistp256", b"nistp384", &[4; 65]]), "curve"),
            (line("ssh-rsa", &[b"ssh-rsa", &[1, 0, 1], &[0x7f; 128]]), "length"),
            (String::new(), "none"),
        ] {
            let found = match public_key(&text) {
                None => "none".to_owned(),
                Some(Ok((key, _))) => key.algorithm().to_string(),
                Some(Err(KeyError::Weak)) => "weak".to_owned(),
                Some(Err(KeyError::Curve)) => "curve".to_owned(),
                Some(Err(KeyError::Algorithm)) => "algorithm".to_owned(),
                Some(Err(KeyError::RsaLength)) => "length".to_owned(),
                Some(Err(other)) => other.to_string(),
            };
            assert_eq!(found, expected, "{text}");
        }
    }
}
