//! Public keys of cases, in the form that policies take.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use vidimus::authenticate::keys::{KeyError, PublicKey};

use super::case::Case;
use super::policy::Identity;
use crate::Result;

/// The identities that a case's key stands for: a PEM file, a folder of them, or a registry's `keys.json`.
pub(super) fn of(case: &Case) -> Result<Vec<Identity>> {
    let Some(key) = &case.key else { return Ok(Vec::new()) };
    match case.kind.as_str() {
        "minisign" => return Ok(vec![Identity::Minisign(case.bytes(key)?)]),
        "pgp" => return Ok(vec![Identity::OpenPgp(case.bytes(key)?)]),
        _ => {}
    }
    if key.ends_with(".json") {
        return registry(case, key);
    }
    let names: Vec<&String> =
        if key.ends_with('/') { case.files.iter().filter(|file| file.starts_with(key)).collect() } else { vec![key] };
    let mut identities = Vec::new();
    let mut seen = BTreeSet::new();
    for name in names {
        let pem = alone(case.bytes(name)?);
        let algorithm = algorithm(case, &pem);
        // A policy names a key once; origins keep copies of one.
        let key = std::str::from_utf8(&pem).ok().and_then(|text| PublicKey::from_pem(text, None).ok());
        if key.is_none_or(|key| seen.insert(key.spki().to_vec())) {
            identities.push(Identity::Key { pem, algorithm });
        }
    }
    Ok(identities)
}

/// Without the words that some tools write before the PEM (RFC 7468 section 2); a policy's key file has none.
fn alone(bytes: Vec<u8>) -> Vec<u8> {
    let text = std::str::from_utf8(&bytes).ok();
    let begin = text.and_then(|text| text.find("-----BEGIN PUBLIC KEY-----"));
    begin.and_then(|at| bytes.get(at..)).map_or_else(|| bytes.clone(), <[u8]>::to_vec)
}

/// npm's `keys.json`: base64 of DER keys. PEM is the same base64 between two lines.
fn registry(case: &Case, path: &str) -> Result<Vec<Identity>> {
    let document: Json =
        serde_json::from_slice(&case.bytes(path)?).map_err(|error| format!("{}: {path}: {error}", case.id))?;
    let keys = document.get("keys").and_then(Json::as_array).ok_or_else(|| format!("{}: {path}: no keys", case.id))?;
    let mut seen = BTreeSet::new();
    let raw = keys.iter().filter_map(|key| key.get("publicKey")?.get("rawBytes")?.as_str());
    Ok(raw
        .filter(|raw| seen.insert(*raw))
        .map(|raw| Identity::Key { pem: pem(raw).into_bytes(), algorithm: None })
        .collect())
}

fn pem(base64: &str) -> String {
    let mut out = String::from("-----BEGIN PUBLIC KEY-----\n");
    let mut rest = base64;
    while !rest.is_empty() {
        let (line, tail) = rest.split_at_checked(64).unwrap_or((rest, ""));
        out.push_str(line);
        out.push('\n');
        rest = tail;
    }
    out.push_str("-----END PUBLIC KEY-----\n");
    out
}

/// The algorithm that a policy must name for an RSA key; the others tell it themselves.
pub(super) fn algorithm(case: &Case, pem: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(pem).ok()?;
    if PublicKey::from_pem(text, None).err() != Some(KeyError::RsaAlgorithm) {
        return None;
    }
    let scheme = if case.arg("key_scheme").is_some_and(|scheme| scheme.contains("pss")) { "pss" } else { "pkcs1" };
    Some(format!("rsa-{scheme}-2048-sha256"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn base64_becomes_pem() {
        let raw = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1Olb3zMAFFxXKHiIkQO5cJ3Yhl5i6UPp+IhuteBJbuHcA5UogKo0EWtlWwW6KSaKoTNEYL7JlCQiVnkhBktUgg==";
        assert!(PublicKey::from_pem(&pem(raw), None).is_ok());
    }
}
