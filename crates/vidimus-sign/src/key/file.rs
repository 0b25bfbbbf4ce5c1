//! PKCS#8 files (RFC 5958): PEM, plain or encrypted.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use der::pem::{LineEnding, PemLabel as _};
use pkcs8::{ObjectIdentifier, PrivateKeyInfo, SecretDocument};
use zeroize::Zeroizing;

use super::{KeyPair, KeyProblem, Secret, locked};
use crate::error::Error;

const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// A private key has hundreds of bytes.
const MAX_BYTES: u64 = 64 * 1024;

const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// A private key file as it was read.
pub struct KeyFile {
    path: PathBuf,
    document: SecretDocument,
    encrypted: bool,
}

impl KeyFile {
    /// Reads a PEM file.
    ///
    /// # Errors
    /// It cannot be read, or holds no PKCS#8 private key.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let wrong = |problem| Error::Key { path: path.to_path_buf(), problem };
        let file = File::open(path).map_err(Error::io(path))?;
        let mut text = Zeroizing::new(Vec::new());
        file.take(MAX_BYTES + 1).read_to_end(&mut text).map_err(Error::io(path))?;
        if text.len() as u64 > MAX_BYTES {
            return Err(wrong(KeyProblem::TooLarge));
        }
        let text = std::str::from_utf8(&text).map_err(|_| wrong(KeyProblem::NotAKey))?;
        if text.contains("-----BEGIN PUBLIC KEY-----") || text.contains("-----BEGIN CERTIFICATE-----") {
            return Err(wrong(KeyProblem::Public));
        }
        let (label, document) = SecretDocument::from_pem(text).map_err(|_| {
            let other = text.contains("PRIVATE KEY-----") && !text.contains("BEGIN PRIVATE KEY-----");
            wrong(if other && !text.contains("BEGIN ENCRYPTED PRIVATE KEY-----") {
                KeyProblem::Format
            } else {
                KeyProblem::NotAKey
            })
        })?;
        let encrypted = match label {
            _ if label == PrivateKeyInfo::PEM_LABEL => false,
            _ if label == ENCRYPTED => true,
            _ if label.ends_with("PRIVATE KEY") => return Err(wrong(KeyProblem::Format)),
            _ => return Err(wrong(KeyProblem::NotAKey)),
        };
        Ok(Self { path: path.to_path_buf(), document, encrypted })
    }

    /// Is a passphrase needed?
    #[must_use]
    pub const fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// The key pair; `passphrase` opens an encrypted file, and is not looked at otherwise.
    ///
    /// # Errors
    /// It does not open, or is a key of another algorithm.
    pub fn open(&self, passphrase: Option<&[u8]>) -> Result<KeyPair, Error> {
        let wrong = |problem| Error::Key { path: self.path.clone(), problem };
        if !self.encrypted {
            return pair(self.document.as_bytes()).map_err(wrong);
        }
        let passphrase = passphrase.ok_or_else(|| wrong(KeyProblem::Locked))?;
        let opened = locked::open(self.document.as_bytes(), passphrase).map_err(wrong)?;
        pair(&opened).map_err(wrong)
    }
}

fn pair(der: &[u8]) -> Result<KeyPair, KeyProblem> {
    let info = PrivateKeyInfo::try_from(der).map_err(|_| KeyProblem::Damaged)?;
    let curve = || info.algorithm.parameters_oid().map_err(|_| KeyProblem::Damaged);
    let secret = match info.algorithm.oid {
        // RFC 8410 section 7: an octet string in the octet string.
        ED25519 => match info.private_key {
            [0x04, 0x20, seed @ ..] => {
                Secret::Ed25519(Zeroizing::new(seed.try_into().map_err(|_| KeyProblem::Damaged)?))
            }
            _ => return Err(KeyProblem::Damaged),
        },
        EC => match curve()? {
            P256 => {
                let key = p256::SecretKey::try_from(info).map_err(|_| KeyProblem::Damaged)?;
                Secret::P256(key.into())
            }
            P384 => {
                let key = p384::SecretKey::try_from(info).map_err(|_| KeyProblem::Damaged)?;
                Secret::P384(key.into())
            }
            _ => return Err(KeyProblem::Algorithm),
        },
        _ => return Err(KeyProblem::Algorithm),
    };
    KeyPair::of(secret).ok_or(KeyProblem::Damaged)
}

pub(super) fn ed25519_pkcs8(seed: &[u8; 32]) -> Option<SecretDocument> {
    let mut inner = Zeroizing::new([0_u8; 34]);
    let (head, body) = inner.split_at_mut(2);
    head.copy_from_slice(&[0x04, 0x20]);
    body.copy_from_slice(seed);
    let algorithm = spki::AlgorithmIdentifierRef { oid: ED25519, parameters: None };
    PrivateKeyInfo::new(algorithm, inner.as_slice()).try_into().ok()
}

/// The key pair as an encrypted PEM file.
///
/// # Errors
/// The passphrase is empty, or the operating system gives no random bytes.
pub fn encrypted(pair: &KeyPair, passphrase: &[u8]) -> Result<Zeroizing<String>, Error> {
    if passphrase.is_empty() {
        return Err(Error::input("the passphrase is empty"));
    }
    let document = pair.pkcs8().ok_or(Error::Fault)?;
    let locked = locked::lock(document.as_bytes(), passphrase)?;
    locked.to_pem(ENCRYPTED, LineEnding::LF).map_err(|_| Error::Fault)
}

/// The key pair as a PEM file that whoever reads it can use.
///
/// # Errors
/// Never, for a key pair of this crate.
pub fn plain(pair: &KeyPair) -> Result<Zeroizing<String>, Error> {
    let document = pair.pkcs8().ok_or(Error::Fault)?;
    document.to_pem(PrivateKeyInfo::PEM_LABEL, LineEnding::LF).map_err(|_| Error::Fault)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
    use super::super::Scheme;
    use super::*;
    use crate::Signer as _;

    fn problem(result: Result<KeyPair, Error>) -> Option<KeyProblem> {
        match result {
            Err(Error::Key { problem, .. }) => Some(problem),
            _ => None,
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k");
        for scheme in Scheme::ALL {
            let made = KeyPair::generate(scheme).unwrap();
            std::fs::write(&path, plain(&made).unwrap()).unwrap();
            let file = KeyFile::read(&path).unwrap();
            assert!(!file.is_encrypted());
            assert_eq!(file.open(None).unwrap().public_key().spki(), made.public_key().spki());

            std::fs::write(&path, encrypted(&made, b"open sesame").unwrap()).unwrap();
            let file = KeyFile::read(&path).unwrap();
            assert!(file.is_encrypted());
            assert_eq!(file.open(Some(b"open sesame")).unwrap().public_key().spki(), made.public_key().spki());
            assert_eq!(problem(file.open(None)), Some(KeyProblem::Locked));
            assert_eq!(problem(file.open(Some(b"open barley"))), Some(KeyProblem::Passphrase));
        }
        assert!(encrypted(&KeyPair::generate(Scheme::P256).unwrap(), b"").is_err());
    }

    #[test]
    fn what_is_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k");
        let made = KeyPair::generate(Scheme::Ed25519).unwrap();
        let good = plain(&made).unwrap().to_string();
        let body: String = good.lines().filter(|line| !line.starts_with('-')).collect();
        let labelled = |label: &str| format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        for (text, expected) in [
            (String::new(), KeyProblem::NotAKey),
            ("hello".to_owned(), KeyProblem::NotAKey),
            (made.public_pem(), KeyProblem::Public),
            (labelled("EC PRIVATE KEY"), KeyProblem::Format),
            (labelled("OPENSSH PRIVATE KEY"), KeyProblem::Format),
            (labelled("ENCRYPTED SIGSTORE PRIVATE KEY"), KeyProblem::Format),
            (labelled("SOMETHING"), KeyProblem::NotAKey),
            (good.replace("MC4", "MC5"), KeyProblem::Damaged),
            ("x".repeat(70_000), KeyProblem::TooLarge),
        ] {
            std::fs::write(&path, &text).unwrap();
            let found = KeyFile::read(&path).and_then(|file| file.open(None));
            let message = found.as_ref().err().map(ToString::to_string).unwrap_or_default();
            assert!(!message.contains(&body[20..]), "{message}");
            assert_eq!(problem(found), Some(expected), "{text}");
        }
        assert!(matches!(KeyFile::read(&folder.path().join("none")), Err(Error::Io { .. })));
    }
}
