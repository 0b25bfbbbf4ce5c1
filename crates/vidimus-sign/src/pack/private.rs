//! What is never delivered: private keys. They lie beside what is built, and whoever has one signs in the vendor's name.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use der::asn1::AnyRef;
use der::{Decode as _, Tag, Tagged as _};
use pkcs8::PrivateKeyInfo;
use vidimus::digest::Digest;
use vidimus::read;

use crate::error::Error;
use crate::predicate;

/// How far into a file is looked: a key stands at the beginning, behind a few lines of names or certificates.
const HEAD: u64 = 64 * 1024;
/// A file that holds a key has hundreds of bytes.
const MAX_BYTES: u64 = 1024 * 1024;

const BEGIN: &[u8] = b"-----BEGIN ";
/// Private keys of other tools, by how their files begin: PuTTY's, and the second lines of minisign's and signify's (`Ed`, then `ScB2`
/// or `BK`, in base64).
const PUTTY: &[u8] = b"PuTTY-User-Key-File-";
const COMMENT: &[u8] = b"untrusted comment:";
const SIGNIFY: [&[u8]; 2] = [b"RWRTY0Iy", b"RWRCS"];
const LABELS: [&[u8]; 2] = [b"PRIVATE KEY-----", b"PRIVATE KEY BLOCK-----"];
/// The longest words before one of these labels: `ENCRYPTED SIGSTORE `, and some more.
const LONGEST: usize = 64;

/// Files that stay with the vendor, by the digest of their bytes: under which name or link they are found does not matter.
pub(super) struct Private(BTreeSet<Digest>);

impl Private {
    /// # Errors
    /// One of the files cannot be read.
    pub(super) fn read(paths: &[PathBuf]) -> Result<Self, Error> {
        let digest = |path: &PathBuf| Ok(Digest::sha256(&predicate::bounded(path, MAX_BYTES)?));
        paths.iter().map(digest).collect::<Result<_, Error>>().map(Self)
    }

    /// Refuses what was read at `root` if there is a private key in it. An archive is looked into for the files that stay, at any
    /// depth; other keys in it were put there on purpose, as part of the product.
    pub(super) fn refuse(&self, root: &Path, found: &read::Delivery) -> Result<(), Error> {
        let opened: BTreeSet<usize> = found.opened.iter().map(|opened| opened.file).collect();
        let is_folder = root.is_dir();
        for (number, file) in found.files.iter().enumerate() {
            let place = if is_folder { root.join(&file.path) } else { root.with_file_name(&file.path) };
            let shown = vidimus::render::escape(&place.display().to_string());
            if self.0.contains(file.digests.sha256()) {
                return Err(Error::input(format!("{shown}: this is the private key that signs; nothing was written"))
                    .with_hint("keep the key where nothing is packed from"));
            }
            let is_whole = file.place == read::Place::Delivered && !opened.contains(&number);
            if is_whole && is_key(&head(&place)?) {
                return Err(Error::input(format!("{shown}: a private key; nothing was written")).with_hint(
                    "take it out of what is packed; a key that belongs to the product is delivered in an archive",
                ));
            }
        }
        Ok(())
    }
}

fn head(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut bytes)).map_err(Error::io(path))?;
    Ok(bytes)
}

fn is_key(bytes: &[u8]) -> bool {
    let second_line = || bytes.split(|b| *b == b'\n').nth(1).unwrap_or_default();
    holds_key(bytes)
        || is_der(bytes).unwrap_or_default()
        || bytes.starts_with(PUTTY)
        || bytes.starts_with(COMMENT) && SIGNIFY.iter().any(|mark| second_line().starts_with(mark))
}

/// Is it nothing but a private key in DER: PKCS#8 (RFC 5958), plain or encrypted under PKCS#5 or PKCS#12, SEC 1 (RFC 5915) or
/// PKCS#1 (RFC 8017 A.1.2)? `None` where it is no sequence.
fn is_der(bytes: &[u8]) -> Option<bool> {
    let whole = AnyRef::from_der(bytes).ok().filter(|whole| whole.tag() == Tag::Sequence)?;
    let is_sec1 = matches!(whole.value(), [0x02, 0x01, 0x01, 0x04, 0x20 | 0x30 | 0x42, ..]);
    let is_pkcs1 = matches!(whole.value(), [0x02, 0x01, 0x00, 0x02, 0x81 | 0x82, ..]);
    let pair = whole.sequence(|reader| Ok((AnyRef::decode(reader)?, AnyRef::decode(reader)?)));
    let is_encrypted = pair.is_ok_and(|(scheme, sealed)| {
        let of_pkcs = |oid: &[u8]| matches!(oid, [0x06, _, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05 | 0x0c, ..]);
        scheme.tag() == Tag::Sequence && of_pkcs(scheme.value()) && sealed.tag() == Tag::OctetString
    });
    Some(is_sec1 || is_pkcs1 || is_encrypted || PrivateKeyInfo::try_from(bytes).is_ok())
}

/// Does a private key in PEM begin in these bytes: the line that says so, and something of the key behind it? Texts and programs
/// that only name the line hold no key.
fn holds_key(bytes: &[u8]) -> bool {
    bytes.windows(BEGIN.len()).enumerate().filter(|(_, window)| *window == BEGIN).any(|(at, _)| {
        let rest = bytes.get(at + BEGIN.len()..).unwrap_or_default();
        let words =
            rest.iter().take(LONGEST).take_while(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'-')).count();
        let line = rest.get(..words).unwrap_or_default();
        let body = LABELS.iter().find_map(|label| {
            let start = line.windows(label.len()).position(|window| window == *label)?;
            rest.get(start + label.len()..)
        });
        body.is_some_and(begins_body)
    })
}

/// Behind a line end, which in a string may be written `\n`: base64, or a header.
fn begins_body(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] | [b'\\', b'r' | b'n', rest @ ..] => rest,
            _ => break,
        };
    }
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    rest.len() < bytes.len() && rest.iter().take_while(|b| is_base64(b)).take(4).count() == 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_what_only_speaks_of_them() {
        let begin = |label: &str| format!("-----BEGIN {label}-----");
        for (text, expected) in [
            (begin("PRIVATE KEY") + "\nMIGH", true),
            (begin("PRIVATE KEY") + "\r\nMIGH", true),
            (begin("PRIVATE KEY") + "\rMIGH", true),
            (begin("PRIVATE KEY") + " \n\n  MIGH", true),
            (begin("PRIVATE KEY") + r"\nMIGH", true),
            (begin("ENCRYPTED PRIVATE KEY") + "\nMIGH", true),
            (begin("EC PRIVATE KEY") + "\nProc-Type: 4,ENCRYPTED", true),
            (begin("OPENSSH PRIVATE KEY") + "\nb3Bl", true),
            (begin("ENCRYPTED SIGSTORE PRIVATE KEY") + "\nb3Bl", true),
            (begin("PGP PRIVATE KEY BLOCK") + "\n\nlQOY", true),
            ("some text ".to_owned() + &begin("PRIVATE KEY") + "\nMIGH", true),
            (begin("PUBLIC KEY") + "\nMIGH\n" + &begin("PRIVATE KEY") + "\nMIGH", true),
            (begin("PRIVATE KEY") + "\n\"" + &begin("RSA PRIVATE KEY") + "\nMIGH", true),
            (begin("PRIVATE KEY"), false),
            (begin("PRIVATE KEY") + "MIGH", false),
            (begin("PRIVATE KEY") + "\nMIG", false),
            (begin("PRIVATE KEY") + "\n...\n", false),
            (begin("PRIVATE KEY") + "\0", false),
            (begin("PUBLIC KEY") + "\nMIGH", false),
            (begin("CERTIFICATE") + "\nMIGH", false),
            (begin("private key") + "\nMIGH", false),
            ("-----END PRIVATE KEY-----\nMIGH".to_owned(), false),
            (begin(&"A ".repeat(40)) + "PRIVATE KEY-----\nMIGH", false),
            (String::new(), false),
        ] {
            assert_eq!(holds_key(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn keys_without_armour() {
        for (name, bytes, expected) in [
            ("minisign", b"untrusted comment: minisign encrypted secret key\nRWRTY0IyAAAA\n".as_slice(), true),
            ("signify", b"untrusted comment: signify secret key\nRWRCSwAAAAA\n", true),
            ("a minisign public key", b"untrusted comment: minisign public key\nRWQf6LRCGA9i\n", false),
            ("PuTTY", b"PuTTY-User-Key-File-3: ssh-ed25519\n", true),
            ("SEC 1", &[&[0x30, 37, 2, 1, 1, 4, 32][..], &[7; 32]].concat(), true),
            ("cut off", &[&[0x30, 37, 2, 1, 1, 4, 32][..], &[7; 31]].concat(), false),
            ("a request for a timestamp", &[0x30, 10, 2, 1, 1, 0x30, 5, 0x30, 3, 6, 1, 42], false),
            ("nothing", b"", false),
        ] {
            assert_eq!(is_key(bytes), expected, "{name}");
        }
    }

    #[test]
    fn every_byte_before_and_behind() {
        let key = [BEGIN, b"PRIVATE KEY-----\nAAAA"].concat();
        for byte in 0..=255_u8 {
            for length in [1, 10, 11, 64, 65] {
                let other = vec![byte; length];
                assert!(holds_key(&[&other, key.as_slice(), &other].concat()), "{length} times {byte}");
                assert!(!holds_key(&[BEGIN, &other].concat()), "{length} times {byte}");
            }
        }
    }
}
