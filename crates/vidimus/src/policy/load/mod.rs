//! Loading: a TOML file and the files that it names become a [`Policy`], or every error at once.
//!
//! First the shape is checked against the key tables in `spec`, then the values, then what they mean together. Later steps
//! run only when the earlier ones found nothing that would make them guess.

mod certification;
mod chain;
mod chain_check;
#[cfg(test)]
mod damage;
pub(in crate::policy) mod document;
mod equivalence;
pub(crate) mod errors;
pub(in crate::policy) mod exception;
pub(in crate::policy) mod files;
mod grammar;
mod grant;
mod identity;
mod knowledge;
mod layout;
mod names;
mod openpgp;
mod origin;
pub(crate) mod own_profile;
mod party;
mod reach;
mod rule;
mod sbom;
mod service;
pub(in crate::policy) mod settings;
mod signer;
pub(crate) mod spec;
pub(in crate::policy) mod structure;
#[cfg(test)]
pub(in crate::policy) mod tests;
mod x509;

use std::collections::BTreeMap;
use std::path::Path;

pub use errors::{LoadError, LoadErrors};

use self::document::Table;
use self::errors::{Errors, SYNTAX, TOO_LARGE, UNREADABLE};
use self::files::Folder;
use self::names::Names;
use super::Policy;
use crate::digest::Digest;

const POLICY_BYTES: u64 = 1024 * 1024;

/// Loads the policy at `path` and every file that it names.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(path: &Path) -> Result<Policy, LoadErrors> {
    load_with_files(path).map(|(policy, _)| policy)
}

/// The bytes that a policy was loaded from: its closure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFiles {
    /// The name of the policy file itself.
    pub main: String,
    /// It and every file that it names, by path relative to its folder.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl PolicyFiles {
    /// Loads the policy from these bytes alone, as [`load`] does from a folder. Files that it does not name are left alone.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn load(&self) -> Result<Policy, LoadErrors> {
        let mut errors = Errors::default();
        let bytes = self.files.get(&self.main).filter(|bytes| bytes.len() as u64 <= POLICY_BYTES);
        let Some(source) = bytes.and_then(|bytes| String::from_utf8(bytes.clone()).ok()) else {
            errors.add_without_place(&SYNTAX, "not TOML 1.0 in UTF-8, or not there");
            return Err(errors.finish(&self.main, ""));
        };
        read(&self.main, &self.main, &source, Folder::in_memory(self.files.clone()), errors).map(|(policy, _)| policy)
    }
}

/// The same, with the bytes that were read: for an evidence archive.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load_with_files(path: &Path) -> Result<(Policy, PolicyFiles), LoadErrors> {
    let shown = path.display().to_string();
    let mut errors = Errors::default();
    let Some(source) = source(path, &mut errors) else { return Err(errors.finish(&shown, "")) };
    let main = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (policy, files) = read(&shown, &main, &source, Folder::of(path), errors)?;
    Ok((policy, PolicyFiles { main, files }))
}

type Files = BTreeMap<String, Vec<u8>>;

fn read(
    shown: &str,
    main: &str,
    source: &str,
    mut folder: Folder,
    mut errors: Errors,
) -> Result<(Policy, Files), LoadErrors> {
    folder.add(main, source.as_bytes());
    match parse(source, &mut folder, &mut errors) {
        Some(policy) if errors.is_empty() => Ok((policy, folder.into_files())),
        _ => Err(errors.finish(shown, source)),
    }
}

fn source(path: &Path, errors: &mut Errors) -> Option<String> {
    match files::read_bounded(path, POLICY_BYTES) {
        Ok(Some(bytes)) => match String::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(_) => {
                errors.add_without_place(&SYNTAX, "not TOML 1.0: the file is not UTF-8");
                None
            }
        },
        Ok(None) => {
            errors.add_without_place(&TOO_LARGE, format!("the policy is larger than {POLICY_BYTES} bytes"));
            None
        }
        Err(e) => {
            errors.add_without_place(&UNREADABLE, format!("the policy {}", files::kind(&e)));
            None
        }
    }
}

fn parse(source: &str, folder: &mut Folder, errors: &mut Errors) -> Option<Policy> {
    let document = document::parse(source, errors)?;
    settings::check_version(&document, errors);
    if !errors.is_empty() {
        // Another version of the language has other keys; complaints about them would mislead.
        return None;
    }
    structure::check(&document, errors);
    let mut policy = build(&document, folder, errors);
    if !errors.is_empty() {
        return None;
    }
    reach::check(&policy, &document, errors);
    service::check(&policy, &document, errors);
    chain_check::check(&policy, &document, errors);
    equivalence::check(&policy, &document, errors);
    policy.closure = folder.closure();
    policy.sha256 = Digest::sha256(&closure_json(&policy.closure));
    Some(policy)
}

/// The bytes of `bundle.json`, and what the policy digest is of: the RFC 8785 bytes of `{"schema":"urn:vidimus:policy-closure:v1","files":[{"path":…,"sha256":…},…]}`: the policy
/// file under its own name and every file that it names, by path relative to the policy's folder, sorted by path bytes,
/// digests as 64 lower-case hex digits.
pub(in crate::policy) fn closure_json(closure: &[(String, Digest)]) -> Vec<u8> {
    let files: Vec<serde_json::Value> =
        closure.iter().map(|(path, digest)| serde_json::json!({ "path": path, "sha256": digest.hex() })).collect();
    let document = serde_json::json!({ "schema": "urn:vidimus:policy-closure:v1", "files": files });
    // Strings, lists and objects alone: there is nothing in it that could not be canonicalised.
    serde_json_canonicalizer::to_vec(&document).unwrap_or_default()
}

fn build(document: &Table, folder: &mut Folder, errors: &mut Errors) -> Policy {
    let party_names = Names::keys("party", document, "party", errors);
    let instance_names = Names::keys("instance", document, "instance", errors);
    let identity_names = Names::ids("identity", document, "identity", errors);
    let class_names = Names::ids("class", document, "class", errors);
    let rule_names = Names::ids("rule", document, "rule", errors);
    let list_names = Names::keys("status list", document, "status_list", errors);
    let quorum_names = Names::keys("quorum", document, "quorum", errors);
    let delegation_names = Names::ids("delegation", document, "delegation", errors);
    let log_names = Names::keys("log", document, "log", errors);
    let profile_names = Names::keys("SBOM profile", document, "sbom_profile", errors);

    let algorithms = settings::algorithms(document, errors);
    let predicates = settings::predicates(document, errors);
    let parties = party::parties(document, &party_names, errors);
    let instances = identity::instances(document, folder, errors);
    let known = identity::Known { parties: &party_names, instances: &instance_names, algorithms: &algorithms };
    let identities = identity::identities(document, &known, folder, errors);
    let known = service::Known {
        parties: &party_names,
        instances: &instance_names,
        roots: &instances,
        quorums: &quorum_names,
        identities: &identities,
    };
    let services = service::services(document, &known, folder, errors);
    let grants = grant::grants(document, &identity_names, &predicates, errors);
    let accredited = parties.values().filter(|party| party.accreditation.is_some());
    let accredited: Vec<&str> = accredited.map(|party| party.id.as_str()).collect();
    let party_kinds: Vec<&str> = parties.values().map(|party| party.kind.as_str()).collect();
    let mut builders: Vec<&str> = grants.iter().flat_map(|g| &g.builders).map(|b| b.id.as_str()).collect();
    builders.sort_unstable();
    builders.dedup();
    let candidates = services.quorums.iter().map(|(name, quorum)| (name.clone(), quorum.candidates.clone())).collect();
    let profiles = own_profile::profiles(document, errors);
    let known = rule::Known {
        candidates: &candidates,
        delegations: &delegation_names,
        parties: &party_names,
        party_kinds: &party_kinds,
        accredited: &accredited,
        classes: &class_names,
        quorums: &quorum_names,
        logs: &log_names,
        lists: &list_names,
        profile_names: &profile_names,
        profiles: &profiles,
        builders: &builders,
        aliases: &predicates,
    };
    let rules = rule::rules(document, &known, errors);
    own_profile::unused(document, &rules, errors);
    let waiver_rules = exception::waiver_rules(document, &rule_names, errors);
    let delegations = chain::delegations(document, &known, errors);
    let equivalences = equivalence::equivalences(document, &party_names, errors);
    Policy {
        id: document.string("id").unwrap_or_default(),
        version: document.int("version").and_then(|v| u64::try_from(v).ok()).unwrap_or(0),
        title: document.string("title"),
        window: settings::window(document, "not_before", "not_after", errors),
        closure: Vec::new(),
        sha256: Digest::sha256(b""),
        parties,
        instances,
        identities,
        authorities: services.authorities,
        witnesses: services.witnesses,
        logs: services.logs,
        quorums: services.quorums,
        classes: grant::classes(document, folder, errors),
        delegations,
        equivalences,
        rules,
        waivers: exception::waivers(document, &rule_names, &waiver_rules, errors),
        waiver_rules,
        denials: exception::denials(document, errors),
        status_lists: knowledge::lists(document, &identity_names, &grants, errors),
        limits: settings::limits(document, errors),
        algorithms,
        formats: settings::formats(document),
        grants,
        predicates,
    }
}
