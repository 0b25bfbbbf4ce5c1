//! Signatures in files of their own: minisign, SSH signatures, lists of checksums.

use std::fmt::Write as _;

use blake2::{Blake2b512, Digest as _};

use crate::encode::{base64, digest_hex};
use crate::key::{Hash, Key};

/// How minisign signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Minisign {
    /// The file itself.
    Legacy,
    /// Its BLAKE2b-512: the default of the tool.
    Prehashed,
}

/// The key id that this crate gives an Ed25519 key.
#[must_use]
pub fn minisign_id(key: &Key) -> [u8; 8] {
    crate::encode::sha256(&key.spki_der())[..8].try_into().unwrap()
}

/// The public key as one line, `RW…`.
#[must_use]
pub fn minisign_public(key: &Key) -> String {
    base64(&[b"Ed", &minisign_id(key)[..], key.raw_public()].concat())
}

/// A signature file.
#[must_use]
pub fn minisign(key: &Key, form: Minisign, message: &[u8], trusted_comment: &str) -> String {
    let (algorithm, signature) = match form {
        Minisign::Legacy => (b"Ed", key.sign(message)),
        Minisign::Prehashed => (b"ED", key.sign(&Blake2b512::digest(message))),
    };
    let global = key.sign(&[&signature, trusted_comment.as_bytes()].concat());
    let line = base64(&[algorithm, &minisign_id(key)[..], &signature].concat());
    format!(
        "untrusted comment: signature from minisign secret key\n{line}\ntrusted comment: {trusted_comment}\n{}\n",
        base64(&global)
    )
}

/// The public key as OpenSSH writes it, one line.
#[must_use]
pub fn ssh_public(key: &Key) -> String {
    format!("{} {} {}\n", ssh_type(key), base64(&ssh_blob(key)), key.label().replace(' ', "-"))
}

/// An SSH signature, over a SHA-512 of the message as `ssh-keygen` makes it unless told otherwise.
#[must_use]
pub fn sshsig(key: &Key, namespace: &str, hash: &str, message: &[u8]) -> String {
    let digest = hex::decode(digest_hex(hash, message)).unwrap();
    let fields = strings(&[namespace.as_bytes(), b"", hash.as_bytes()]);
    let signed = [b"SSHSIG".to_vec(), fields.clone(), strings(&[&digest])].concat();
    let (name, value) = match ssh_type(key) {
        "ssh-rsa" => ("rsa-sha2-512", key.clone().hash(Hash::Sha512).sign(&signed)),
        "ssh-ed25519" => ("ssh-ed25519", key.sign(&signed)),
        // DER writes their content as SSH does.
        ecdsa => (ecdsa, strings(&der_integers(&key.sign(&signed)))),
    };
    let signature = strings(&[name.as_bytes(), &value]);
    let blob = [&b"SSHSIG\0\0\0\x01"[..], &strings(&[&ssh_blob(key)]), &fields, &strings(&[&signature])].concat();
    ssh_armor(&blob)
}

/// Armour around a blob.
#[must_use]
pub fn ssh_armor(blob: &[u8]) -> String {
    let text = base64(blob);
    let lines: Vec<&str> = text.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"))
}

/// `sha256sum` and its relatives over (name, bytes).
#[must_use]
pub fn checksums(hash: &str, files: &[(&str, &[u8])]) -> String {
    files.iter().fold(String::new(), |mut out, (name, bytes)| {
        writeln!(out, "{}  {name}", digest_hex(hash, bytes)).unwrap();
        out
    })
}

fn ssh_type(key: &Key) -> &'static str {
    match (key.is_ed25519(), key.raw_public().len()) {
        (true, _) => "ssh-ed25519",
        (false, 65) => "ecdsa-sha2-nistp256",
        (false, 97) => "ecdsa-sha2-nistp384",
        _ => "ssh-rsa",
    }
}

fn ssh_blob(key: &Key) -> Vec<u8> {
    let name = ssh_type(key);
    match name {
        "ssh-rsa" => {
            let (modulus, exponent) = key.rsa_parts();
            strings(&[name.as_bytes(), &integer(&exponent), &integer(&modulus)])
        }
        "ssh-ed25519" => strings(&[name.as_bytes(), key.raw_public()]),
        _ => strings(&[name.as_bytes(), name.trim_start_matches("ecdsa-sha2-").as_bytes(), key.raw_public()]),
    }
}

/// Positive integers have a zero byte before a high bit.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|b| *b != 0).expect("not zero");
    let bytes = &bytes[start..];
    if bytes[0] >= 0x80 { [&[0], bytes].concat() } else { bytes.to_vec() }
}

/// The content of the two integers of a DER signature, positive.
pub(crate) fn der_integers(signature: &[u8]) -> Vec<&[u8]> {
    let mut rest = &signature[2..];
    let mut out = Vec::new();
    while let [2, length, tail @ ..] = rest {
        let (value, next) = tail.split_at(usize::from(*length));
        out.push(value);
        rest = next;
    }
    out
}

/// Fields with their lengths.
#[must_use]
pub fn strings(fields: &[&[u8]]) -> Vec<u8> {
    let field = |f: &&[u8]| [&u32::try_from(f.len()).unwrap().to_be_bytes()[..], f].concat();
    fields.iter().flat_map(field).collect()
}
