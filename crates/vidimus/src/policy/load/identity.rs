//! `[instance]` and `[[identity]]`: trusted roots, keys and certificate identities.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Table, Text};
use super::errors::{ALGORITHM, BAD_VALUE, DIGEST, DUP_KEY, Errors, KEY, SAN, TRUSTED_ROOT, VACUOUS, WEAK_KEY};
use super::files::Folder;
use super::names::Names;
use super::openpgp;
use super::settings;
use super::signer;
use super::structure::shown;
use super::x509;
use crate::authenticate::keys::{KeyError, PublicKey};
use crate::authenticate::sigstore::Root;
use crate::digest::{Algorithm, Digest};
use crate::policy::{Algorithms, Identity, IdentityKind, Instance, San, SanKind, SanMatch};

pub(super) const KEY_BYTES: u64 = 64 * 1024;
const ROOT_BYTES: u64 = 4 * 1024 * 1024;

/// Reads every instance with its trusted root.
pub(super) fn instances(document: &Table, folder: &mut Folder, errors: &mut Errors) -> BTreeMap<String, Instance> {
    let mut instances = BTreeMap::new();
    for entry in document.table("instance").into_iter().flat_map(|table| &table.entries) {
        let Some(table) = entry.node.table() else { continue };
        let pinned = table.text("sha256");
        let expected = pinned.and_then(|pin| Digest::parse(Algorithm::Sha256, pin.text));
        if let (Some(pin), None) = (pinned, &expected) {
            errors.add(&BAD_VALUE, pin.span, "`sha256` must be 64 hex digits");
        }
        let Some(path) = table.text("trusted_root") else { continue };
        let Some(bytes) = folder.read(path, ROOT_BYTES, errors) else { continue };
        let sha256 = Digest::sha256(&bytes);
        if let (Some(pin), Some(expected)) = (pinned, &expected)
            && sha256 != *expected
        {
            let message = format!("`{}` is not the pinned file: expected {expected}, found {sha256}", path.text);
            errors.add(&DIGEST, pin.span, message);
            continue;
        }
        if let Err(why) = Root::parse(&bytes) {
            errors.add(&TRUSTED_ROOT, path.span, format!("`{}`: {why}", path.text));
            continue;
        }
        let name = entry.key.clone();
        instances.insert(name.clone(), Instance { name, path: path.text.to_owned(), trusted_root: bytes, sha256 });
    }
    instances
}

/// What identities refer to.
pub(super) struct Known<'a> {
    pub(super) parties: &'a Names,
    pub(super) instances: &'a Names,
    pub(super) algorithms: &'a Algorithms,
}

/// Reads every identity. Those with errors are left out.
pub(super) fn identities(
    document: &Table,
    known: &Known<'_>,
    folder: &mut Folder,
    errors: &mut Errors,
) -> Vec<Identity> {
    let mut identities: Vec<Identity> = Vec::new();
    let mut recognised: BTreeMap<Vec<String>, String> = BTreeMap::new();
    for table in document.tables("identity") {
        let (Some(id), Some(party)) = (table.string("id"), table.text("party")) else { continue };
        known.parties.check(party, errors);
        if let Some(instance) = table.text("instance") {
            known.instances.check(instance, errors);
        }
        let valid = table.table("valid").map(|valid| {
            let window = settings::window(valid, "from", "until", errors);
            if window.from.is_none() && window.until.is_none() && valid.entries.is_empty() {
                errors.add(&VACUOUS, &valid.span, "`valid` has neither `from` nor `until`");
            }
            window
        });
        let kind = match table.text("type").map_or("key", |kind| kind.text) {
            "minisign" => signer::minisign(table, known.algorithms, folder, errors),
            "openpgp" => openpgp::identity(table, known.algorithms, folder, errors),
            "sigstore" => sigstore(table, errors),
            "ssh" => signer::ssh(table, known.algorithms, folder, errors),
            "x509" => x509::identity(table, folder, errors),
            _ => key(table, known.algorithms, folder, errors),
        };
        let Some(kind) = kind else { continue };
        let (fingerprints, what, place) = fingerprints(&kind);
        let known = fingerprints.into_iter().filter_map(|one| recognised.insert(one, id.clone()));
        if let Some(other) = known.last() {
            errors.add(&DUP_KEY, table.span_of(place), format!("`{id}` and `{other}` are {what}"));
        }
        let compromised_from = table.time("compromised_from");
        identities.push(Identity { id, party: party.text.to_owned(), valid, compromised_from, kind });
    }
    identities
}

/// What must not stand twice, in words, and the key at which it stands.
fn fingerprints(kind: &IdentityKind) -> (Vec<Vec<String>>, &'static str, &'static str) {
    match kind {
        IdentityKind::Key { .. }
        | IdentityKind::Minisign { .. }
        | IdentityKind::Ssh { .. }
        | IdentityKind::OpenPgp(_) => {
            let keys = kind.public_keys();
            let named = |key: &PublicKey| vec![key.spki_sha256().to_string()];
            (keys.iter().map(named).collect(), "the same public key", "key")
        }
        IdentityKind::X509(identity) => {
            let subject = identity.subject.iter().map(|(label, value)| format!("{label}={value}"));
            let anchors = identity.anchors.iter().map(|der| Digest::sha256(der).to_string());
            let parts = anchors.chain(subject).chain(identity.san.clone()).collect();
            (vec![parts], "the same holder of a certificate", "anchors")
        }
        IdentityKind::Sigstore { instance, issuer, san } => {
            let (form, value) = match &san.value {
                SanMatch::Exact(value) => ("exact", value),
                SanMatch::Prefix(value) => ("prefix", value),
            };
            let issuer = issuer.as_deref().unwrap_or("");
            let parts = [instance, issuer, form, value].map(str::to_owned).to_vec();
            (vec![parts], "the same certificate identity", "san")
        }
    }
}

fn key(table: &Table, algorithms: &Algorithms, folder: &mut Folder, errors: &mut Errors) -> Option<IdentityKind> {
    let stated = table.text("algorithm");
    let algorithm = stated.and_then(|name| settings::algorithm(name, errors));
    let path = table.text("key")?;
    let bytes = folder.read(path, KEY_BYTES, errors)?;
    if stated.is_some() && algorithm.is_none() {
        return None;
    }
    let named = |why: &dyn std::fmt::Display| format!("`{}`: {why}", path.text);
    let parsed =
        std::str::from_utf8(&bytes).map_err(|_| KeyError::Pem).and_then(|pem| PublicKey::from_pem(pem, algorithm));
    let key = match parsed {
        Ok(key) => key,
        Err(why @ (KeyError::Weak | KeyError::RsaLength)) => {
            errors.add(&WEAK_KEY, path.span, named(&why));
            return None;
        }
        Err(why @ (KeyError::RsaAlgorithm | KeyError::Disagrees { .. })) => {
            errors.add(&ALGORITHM, table.span_of(if stated.is_some() { "algorithm" } else { "key" }), named(&why));
            return None;
        }
        Err(why) => {
            errors.add(&KEY, path.span, named(&why));
            return None;
        }
    };
    if !algorithms.signature.iter().any(|accepted| accepted.admits(key.algorithm())) {
        let accepted: Vec<String> = algorithms.signature.iter().map(|a| format!("`{a}`")).collect();
        let message =
            format!("the key is used with `{}`, and the policy accepts only {}", key.algorithm(), accepted.join(", "));
        errors.add(&ALGORITHM, table.span_of(if stated.is_some() { "algorithm" } else { "key" }), message);
        return None;
    }
    Some(IdentityKind::Key { key, instance: table.string("instance") })
}

fn sigstore(table: &Table, errors: &mut Errors) -> Option<IdentityKind> {
    let issuer = issuer(table, errors)?;
    let san = match (table.text("san"), table.table("san")) {
        (Some(exact), _) => san(None, exact, false, errors)?,
        (None, Some(parts)) => {
            let kind = parts.text("kind").and_then(|kind| match kind.text {
                "uri" => Some(SanKind::Uri),
                "email" => Some(SanKind::Email),
                "other" => Some(SanKind::Other),
                _ => None,
            });
            match (parts.text("exact"), parts.text("prefix")) {
                (Some(exact), _) => san(kind, exact, false, errors)?,
                (None, Some(prefix)) => san(kind, prefix, true, errors)?,
                (None, None) => return None,
            }
        }
        (None, None) => return None,
    };
    Some(IdentityKind::Sigstore { instance: table.string("instance")?, issuer, san })
}

/// The issuer, or that there must be none. No policy says both by leaving it out.
#[allow(clippy::option_option)] // None: an error that is reported.
fn issuer(table: &Table, errors: &mut Errors) -> Option<Option<String>> {
    if let Some(parts) = table.table("issuer") {
        if parts.bool("absent") == Some(false) {
            errors.add(&BAD_VALUE, parts.span_of("absent"), "`absent` is only ever `true`");
        }
        return Some(None);
    }
    let issuer = table.text("issuer")?;
    let visible = issuer.text.bytes().all(|b| b.is_ascii_graphic());
    if !visible || looks_like_a_pattern(issuer.text) {
        let message = "`issuer` is compared exactly; write the whole issuer, as in the certificate";
        errors.add(&BAD_VALUE, issuer.span, message);
        return None;
    }
    Some(Some(issuer.text.to_owned()))
}

fn san(kind: Option<SanKind>, value: Text<'_>, prefix: bool, errors: &mut Errors) -> Option<San> {
    let refuse = |errors: &mut Errors, why: &str| {
        errors.add(&SAN, value.span, format!("`{}` {why}", shown(value.text)));
        None
    };
    if !value.text.bytes().all(|b| b.is_ascii_graphic()) {
        return refuse(errors, "has characters that no certificate carries here");
    }
    if looks_like_a_pattern(value.text) {
        return refuse(errors, "looks like a pattern; names are exact, or `{ prefix = \"…\" }`");
    }
    if !prefix {
        return Some(San { kind, value: SanMatch::Exact(value.text.to_owned()) });
    }
    if matches!(kind, Some(SanKind::Email | SanKind::Other)) {
        return refuse(errors, "is a prefix; only URIs have one");
    }
    if !is_narrow(value.text) {
        return refuse(errors, "is too wide: a prefix has scheme, host and owner, as `https://host/owner/…`");
    }
    Some(San { kind, value: SanMatch::Prefix(value.text.to_owned()) })
}

/// Characters and pairs that stand in regular expressions and globs, and not in names that Fulcio issues.
fn looks_like_a_pattern(text: &str) -> bool {
    text.contains(['*', '^', '$', '(', ')', '[', ']', '{', '}', '|', '\\'])
        || text.contains(".+")
        || text.contains(".?")
}

/// Scheme, host and one whole path segment that a stranger cannot extend.
fn is_narrow(prefix: &str) -> bool {
    let Some((scheme, rest)) = prefix.split_once("://") else { return false };
    let mut parts = rest.split('/');
    let host = parts.next().unwrap_or_default();
    let owner = parts.next().unwrap_or_default();
    !scheme.is_empty()
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        && !host.is_empty()
        && !host.contains('@')
        && !owner.is_empty()
        && !matches!(owner, "." | "..")
        && parts.next().is_some()
}

/// Ids of all identities whose kind is usable, for messages.
pub(super) fn of_party<'a>(identities: &'a [Identity], ids: &[String]) -> BTreeSet<&'a str> {
    identities.iter().filter(|identity| ids.contains(&identity.id)).map(|identity| identity.party.as_str()).collect()
}
