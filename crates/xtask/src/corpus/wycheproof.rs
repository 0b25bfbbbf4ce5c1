//! Signatures by keys, as policies name keys and envelopes use them.

use serde_json::Value as Json;
use vidimus::authenticate::keys::{PublicKey, SignatureAlgorithm};

use super::case::{Case, Expected};
use super::decide::Decision;
use crate::{Result, read};

/// Groups of vectors by what they say of themselves, with how `authenticate` verifies such signatures. What is not listed here,
/// vidimus does not accept.
const GROUPS: &[(Group<'static>, How)] = &[
    (Group::Ecdsa("secp256r1", "SHA-256"), How::Named("ecdsa-p256-sha256")),
    (Group::Ecdsa("secp384r1", "SHA-384"), How::Named("ecdsa-p384-sha384")),
    (Group::Ecdsa("secp384r1", "SHA-256"), How::OfTokens),
    (Group::Eddsa("edwards25519"), How::Named("ed25519")),
    (Group::Pss("SHA-256", 32), How::Rsa("pss", "sha256")),
    (Group::Pss("SHA-384", 48), How::Rsa("pss", "sha384")),
    (Group::Pss("SHA-512", 64), How::Rsa("pss", "sha512")),
    (Group::Pkcs1("SHA-256"), How::Rsa("pkcs1", "sha256")),
    (Group::Pkcs1("SHA-384"), How::Rsa("pkcs1", "sha384")),
    (Group::Pkcs1("SHA-512"), How::Rsa("pkcs1", "sha512")),
];

/// What the vectors of one group have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group<'a> {
    /// ECDSA on a curve with a hash, DER.
    Ecdsa(&'a str, &'a str),
    /// EdDSA on a curve.
    Eddsa(&'a str),
    /// RSASSA-PSS with a hash, MGF1 with the same, and a salt of that length.
    Pss(&'a str, u64),
    /// RSASSA-PKCS1-v1_5 with a hash.
    Pkcs1(&'a str),
    /// Something else, and why it is not accepted.
    Other(&'static str),
}

/// How a signature is verified.
#[derive(Clone, Copy, Debug)]
enum How {
    /// As evidence, by the algorithm's name.
    Named(&'static str),
    /// The same for RSA: scheme and hash; the length is the key's.
    Rsa(&'static str, &'static str),
    /// As timestamp tokens alone are signed.
    OfTokens,
}

/// Every algorithm that evidence may be signed with.
const NAMES: [&str; 9] = [
    "ecdsa-p256-sha256",
    "ecdsa-p384-sha384",
    "ed25519",
    "rsa-pss-2048-sha256",
    "rsa-pss-2048-sha384",
    "rsa-pss-2048-sha512",
    "rsa-pkcs1-2048-sha256",
    "rsa-pkcs1-2048-sha384",
    "rsa-pkcs1-2048-sha512",
];

impl<'a> Group<'a> {
    fn of(group: &'a Json) -> Self {
        let text = |pointer: &str| group.pointer(pointer).and_then(Json::as_str).unwrap_or_default();
        let (hash, curve) = (text("/sha"), text("/publicKey/curve"));
        match text("/type") {
            "EcdsaVerify" => Self::Ecdsa(curve, hash),
            "EddsaVerify" => Self::Eddsa(curve),
            "RsassaPkcs1Verify" => Self::Pkcs1(hash),
            "RsassaPssVerify" if text("/mgfSha") == hash => {
                Self::Pss(hash, group.get("sLen").and_then(Json::as_u64).unwrap_or(u64::MAX))
            }
            "RsassaPssVerify" => Self::Other("RSA-PSS whose mask has another hash than the message"),
            "RsassaPssWithParametersVerify" => Self::Other("keys that are for RSA-PSS alone (RFC 4055)"),
            "EcdsaP1363Verify" => Self::Other("ECDSA signatures as r and s side by side"),
            _ => Self::Other("JSON Web keys and signatures"),
        }
    }

    /// Why such signatures are not accepted.
    const fn why_not(self) -> &'static str {
        match self {
            Self::Ecdsa(..) => "ECDSA on P-521, or with another hash than the curve's",
            Self::Eddsa(_) => "Ed448",
            Self::Pss(..) => "RSA-PSS with a salt of another length than the hash's, or with SHA-1 or SHA-224",
            Self::Pkcs1(_) => "RSA with SHA-1 or SHA-224",
            Self::Other(why) => why,
        }
    }
}

impl How {
    fn verifies(self, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        let by = |name: &str| {
            let key = PublicKey::from_spki(key, SignatureAlgorithm::from_name(name));
            key.is_ok_and(|key| key.verifies(message, signature))
        };
        match self {
            Self::Named(name) => by(name),
            Self::Rsa(scheme, hash) => by(&format!("rsa-{scheme}-2048-{hash}")),
            Self::OfTokens => {
                PublicKey::from_spki(key, None).is_ok_and(|key| key.verifies_with_sha256(message, signature))
            }
        }
    }
}

pub(super) fn decide(case: &Case) -> Result<Decision> {
    let path = case.object()?;
    let missing = || format!("{}: no such test", case.id);
    let document: Json = serde_json::from_str(&read(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
    let number = |name: &str| case.args.get(name).and_then(Json::as_u64).and_then(|n| usize::try_from(n).ok());
    let group = number("group").and_then(|index| document.get("testGroups")?.get(index)).ok_or_else(missing)?;
    let kind = Group::of(group);
    if matches!(kind, Group::Other("JSON Web keys and signatures")) {
        return Ok(Decision::NotRun(kind.why_not()));
    }
    let id = case.args.get("tcId");
    let tests = group.get("tests").and_then(Json::as_array);
    let test = tests.and_then(|tests| tests.iter().find(|test| test.get("tcId") == id)).ok_or_else(missing)?;
    let hex = |of: &Json, name: &str| unhex(of.get(name).and_then(Json::as_str).unwrap_or_default());
    let (Some(key), Some(message), Some(signature)) = (hex(group, "publicKeyDer"), hex(test, "msg"), hex(test, "sig"))
    else {
        return Err(missing());
    };
    Ok(match GROUPS.iter().find(|(known, _)| *known == kind) {
        Some((_, how)) if how.verifies(&key, &message, &signature) => Decision::Pass,
        Some(_) => Decision::Wrong,
        // Nothing of the table may take a signature that is right for one of its own. One that is wrong for its group, because its salt
        // has another length than the others', may be right here.
        None if case.expected == Some(Expected::Pass)
            && NAMES.iter().any(|name| How::Named(name).verifies(&key, &message, &signature)) =>
        {
            return Err(format!("{}: accepted, and {} should not be", case.id, kind.why_not()));
        }
        None => Decision::NotRun(kind.why_not()),
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| (*byte as char).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal() {
        for (text, bytes) in [("", Some(vec![])), ("00fF", Some(vec![0, 255])), ("0", None), ("zz", None)] {
            assert_eq!(unhex(text), bytes, "{text}");
        }
    }

    #[test]
    fn every_name_is_of_an_algorithm() {
        for name in NAMES {
            assert!(SignatureAlgorithm::from_name(name).is_some(), "{name}");
        }
    }
}
