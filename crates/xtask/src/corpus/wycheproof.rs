//! Signatures by keys, as policies name keys and envelopes use them.

use serde_json::Value as Json;
use vidimus::authenticate::keys::{PublicKey, SignatureAlgorithm};

use super::case::Case;
use super::decide::Decision;
use crate::{Result, read};

/// Vectors by file, with the algorithm that policies call them by. What is not listed here, vidimus does not accept.
const FILES: &[(&str, &str)] = &[
    ("ecdsa_secp256r1_sha256_test.json", "ecdsa-p256-sha256"),
    ("ecdsa_secp384r1_sha384_test.json", "ecdsa-p384-sha384"),
    ("ed25519_test.json", "ed25519"),
    ("rsa_pss_2048_sha256_mgf1_32_test.json", "rsa-pss-2048-sha256"),
    ("rsa_pss_3072_sha256_mgf1_32_test.json", "rsa-pss-3072-sha256"),
    ("rsa_pss_4096_sha256_mgf1_32_test.json", "rsa-pss-4096-sha256"),
    ("rsa_pss_4096_sha384_mgf1_48_test.json", "rsa-pss-4096-sha384"),
    ("rsa_pss_4096_sha512_mgf1_64_test.json", "rsa-pss-4096-sha512"),
    ("rsa_signature_2048_sha256_test.json", "rsa-pkcs1-2048-sha256"),
    ("rsa_signature_2048_sha384_test.json", "rsa-pkcs1-2048-sha384"),
    ("rsa_signature_2048_sha512_test.json", "rsa-pkcs1-2048-sha512"),
    ("rsa_signature_3072_sha256_test.json", "rsa-pkcs1-3072-sha256"),
    ("rsa_signature_3072_sha384_test.json", "rsa-pkcs1-3072-sha384"),
    ("rsa_signature_3072_sha512_test.json", "rsa-pkcs1-3072-sha512"),
    ("rsa_signature_4096_sha256_test.json", "rsa-pkcs1-4096-sha256"),
    ("rsa_signature_4096_sha384_test.json", "rsa-pkcs1-4096-sha384"),
    ("rsa_signature_4096_sha512_test.json", "rsa-pkcs1-4096-sha512"),
];

pub(super) fn decide(case: &Case) -> Result<Decision> {
    let path = case.object()?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some((_, algorithm)) = FILES.iter().find(|(file, _)| *file == name) else {
        return Ok(Decision::NotRun("an algorithm or encoding that vidimus does not accept"));
    };
    let missing = || format!("{}: no such test", case.id);
    let document: Json = serde_json::from_str(&read(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
    let number = |name: &str| case.args.get(name).and_then(Json::as_u64).and_then(|n| usize::try_from(n).ok());
    let group = number("group").and_then(|index| document.get("testGroups")?.get(index)).ok_or_else(missing)?;
    let id = case.args.get("tcId");
    let tests = group.get("tests").and_then(Json::as_array);
    let test = tests.and_then(|tests| tests.iter().find(|test| test.get("tcId") == id)).ok_or_else(missing)?;
    let hex = |of: &Json, name: &str| unhex(of.get(name).and_then(Json::as_str).unwrap_or_default());
    let (Some(key), Some(message), Some(signature)) = (hex(group, "publicKeyDer"), hex(test, "msg"), hex(test, "sig"))
    else {
        return Err(missing());
    };
    let right = PublicKey::from_spki(&key, SignatureAlgorithm::from_name(algorithm))
        .is_ok_and(|key| key.verifies(&message, &signature));
    Ok(if right { Decision::Pass } else { Decision::Wrong })
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
    fn every_file_names_an_algorithm_that_exists() {
        for (file, name) in FILES {
            assert!(SignatureAlgorithm::from_name(name).is_some(), "{file}: {name}");
        }
    }
}
