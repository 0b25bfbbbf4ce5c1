//! `[tsa]`, `[witness]`, `[log]`, `[quorum]`: who proves time and publication, and how many of them it takes. Everything that
//! can be refused by arithmetic is refused here, with the numbers.

use std::collections::BTreeMap;

use super::document::{Entry, Table, Text};
use super::errors::{BAD_VALUE, DUP_KEY, Errors, KEY, UNKNOWN_REFERENCE, VACUOUS, WEAK_KEY, WEAK_QUORUM};
use super::files::Folder;
use super::identity::KEY_BYTES;
use super::names::Names;
use crate::authenticate::keys::{KeyError, PublicKey};
use crate::authenticate::note::{NoteKey, VkeyError};
use crate::authenticate::sigstore::Root;
use crate::authenticate::x509;
use crate::digest::Digest;
use crate::policy::independence::countries;
use crate::policy::{Exclude, Identity, Instance, Log, LogKey, Policy, Quorum, QuorumKind, TimeAuthority};

/// What services refer to.
pub(super) struct Known<'a> {
    pub(super) parties: &'a Names,
    pub(super) instances: &'a Names,
    pub(super) roots: &'a BTreeMap<String, Instance>,
    pub(super) quorums: &'a Names,
    pub(super) identities: &'a [Identity],
}

/// What stands in the tables.
#[derive(Default)]
pub(super) struct Services {
    pub(super) authorities: BTreeMap<String, TimeAuthority>,
    pub(super) witnesses: BTreeMap<String, NoteKey>,
    pub(super) logs: BTreeMap<String, Log>,
    pub(super) quorums: BTreeMap<String, Quorum>,
}

fn entries<'d>(document: &'d Table, key: &str) -> impl Iterator<Item = (&'d Entry, &'d Table)> {
    let entries = document.table(key).into_iter().flat_map(|table| &table.entries);
    entries.filter_map(|entry| entry.node.table().map(|table| (entry, table)))
}

/// Reads all four tables.
pub(super) fn services(document: &Table, known: &Known<'_>, folder: &mut Folder, errors: &mut Errors) -> Services {
    let mut services = Services::default();
    // Which key is whose: a key that plays two parts would be counted twice.
    let mut keys: BTreeMap<Digest, String> = known
        .identities
        .iter()
        .flat_map(|identity| {
            let named = |key: PublicKey| (key.spki_sha256(), format!("identity `{}`", identity.id));
            identity.kind.public_keys().into_iter().map(named).collect::<Vec<_>>()
        })
        .collect();
    for (entry, table) in entries(document, "tsa") {
        party(entry, known, errors);
        if let Some(authority) = authority(&entry.key, table, folder, &mut keys, errors) {
            services.authorities.insert(entry.key.clone(), authority);
        }
    }
    for (entry, table) in entries(document, "witness") {
        party(entry, known, errors);
        let Some(stated) = table.text("vkey") else { continue };
        let Some(key) = vkey(stated, folder, errors) else { continue };
        if !key.is_cosigner() {
            let message = "a witness has a verifier key of signature type 0x04 (Ed25519 cosignature/v1)";
            errors.add(&KEY, stated.span, message);
            continue;
        }
        once(&mut keys, key.key().spki_sha256(), format!("witness `{}`", entry.key), stated, errors);
        services.witnesses.insert(entry.key.clone(), key);
    }
    for (entry, table) in entries(document, "log") {
        if let Some(log) = log(&entry.key, table, known, folder, &mut keys, errors) {
            services.logs.insert(entry.key.clone(), log);
        }
    }
    for (entry, table) in entries(document, "quorum") {
        for candidate in table.texts("candidates") {
            known.parties.check(candidate, errors);
        }
        let exclude = super::chain::exclude(table, known.parties, errors);
        if let Some(quorum) = quorum(&entry.key, table, exclude) {
            services.quorums.insert(entry.key.clone(), quorum);
        }
    }
    services
}

fn party(entry: &Entry, known: &Known<'_>, errors: &mut Errors) {
    known.parties.check(Text { text: &entry.key, span: &entry.key_span }, errors);
}

fn once(keys: &mut BTreeMap<Digest, String>, key: Digest, whose: String, place: Text<'_>, errors: &mut Errors) {
    if let Some(other) = keys.get(&key) {
        errors.add(&DUP_KEY, place.span, format!("{whose} and {other} are the same public key"));
        return;
    }
    keys.insert(key, whose);
}

fn authority(
    id: &str,
    table: &Table,
    folder: &mut Folder,
    keys: &mut BTreeMap<Digest, String>,
    errors: &mut Errors,
) -> Option<TimeAuthority> {
    let path = table.text("anchor")?;
    let bytes = folder.read(path, KEY_BYTES, errors)?;
    let Some(anchors) = x509::from_pem(&bytes) else {
        errors.add(&KEY, path.span, format!("`{}`: not a PEM file with certificates", path.text));
        return None;
    };
    for anchor in &anchors {
        once(keys, Digest::sha256(anchor), format!("tsa `{id}`"), path, errors);
    }
    let oid = table.text("policy_oid");
    if let Some(oid) = oid.filter(|oid| der::asn1::ObjectIdentifier::new(oid.text).is_err()) {
        errors.add(&BAD_VALUE, oid.span, "`policy_oid` is an object identifier such as `1.3.6.1.4.1.99999.1.1`");
    }
    let lists = super::x509::lists(table, folder, errors);
    let stated = table.text("revocation").map(|stated| stated.text == "required");
    if stated == Some(false) && !lists.is_empty() {
        errors.add(&BAD_VALUE, table.span_of("revocation"), "`crls` names lists, so revocation is asked for");
    }
    let revocation = stated.unwrap_or(!lists.is_empty());
    let policy_oid = oid.map(|oid| oid.text.to_owned());
    Some(TimeAuthority { party: id.to_owned(), anchors, policy_oid, revocation, lists })
}

/// A verifier key: the key itself, or the path of its file.
fn vkey(stated: Text<'_>, folder: &mut Folder, errors: &mut Errors) -> Option<NoteKey> {
    let written = if stated.text.contains('+') {
        stated.text.to_owned()
    } else {
        String::from_utf8(folder.read(stated, KEY_BYTES, errors)?).unwrap_or_default()
    };
    match NoteKey::from_vkey(written.trim_end()) {
        Ok(key) => Some(key),
        Err(why) => {
            let info = if why == VkeyError::Key(KeyError::Weak) { &WEAK_KEY } else { &KEY };
            errors.add(info, stated.span, why.to_string());
            None
        }
    }
}

fn log(
    name: &str,
    table: &Table,
    known: &Known<'_>,
    folder: &mut Folder,
    keys: &mut BTreeMap<Digest, String>,
    errors: &mut Errors,
) -> Option<Log> {
    let (operator, origin) = (table.text("operator")?, table.text("origin")?);
    known.parties.check(operator, errors);
    if let Some(quorum) = table.text("witnesses") {
        known.quorums.check(quorum, errors);
    }
    if origin.text.chars().any(char::is_control) || origin.text.is_empty() {
        errors.add(&BAD_VALUE, origin.span, "`origin` is the first line of the log's checkpoints");
    }
    let key = match (table.text("instance"), table.text("vkey")) {
        (Some(instance), _) => {
            known.instances.check(instance, errors);
            let root = known.roots.get(instance.text).and_then(|known| Root::parse(&known.trusted_root).ok());
            if root.is_some_and(|root| !root.has_log()) {
                let message = format!("the trusted root of `{}` lists no transparency log", instance.text);
                errors.add(&BAD_VALUE, instance.span, message);
            }
            LogKey::Instance(instance.text.to_owned())
        }
        (None, Some(stated)) => {
            let key = vkey(stated, folder, errors)?;
            if key.is_cosigner() {
                errors.add(&KEY, stated.span, "a log has a verifier key of signature type 0x01 (Ed25519)");
                return None;
            }
            once(keys, key.key().spki_sha256(), format!("log `{name}`"), stated, errors);
            LogKey::Key(Box::new(key))
        }
        (None, None) => return None,
    };
    let witnesses = table.string("witnesses");
    let (operator, origin) = (operator.text.to_owned(), origin.text.to_owned());
    Some(Log { name: name.to_owned(), operator, origin, key, witnesses })
}

fn quorum(name: &str, table: &Table, exclude: Vec<Exclude>) -> Option<Quorum> {
    let number = |key| table.int(key).and_then(|n| usize::try_from(n).ok());
    let countries = || table.int("tolerate_jurisdictions").and_then(|n| u8::try_from(n).ok()).unwrap_or(1);
    let remaining = || number("remaining").unwrap_or(1);
    let kind = match table.text("kind")?.text {
        "witness" => QuorumKind::Witness { tolerate_jurisdictions: countries(), remaining: remaining() },
        kind @ ("verification" | "rebuild") => QuorumKind::Judges {
            rebuild: kind == "rebuild",
            tolerate_jurisdictions: countries(),
            remaining: remaining(),
        },
        "time" => QuorumKind::Time {
            tolerate_liars: number("tolerate_liars").unwrap_or(0),
            max_accuracy_seconds: table.int("max_accuracy_seconds").and_then(|n| u64::try_from(n).ok()),
        },
        _ => return None,
    };
    let candidates = table.strings("candidates");
    let forbid_sole_basis = table.node("forbid_sole_basis").is_some();
    Some(Quorum {
        name: name.to_owned(),
        candidates,
        min_groups: number("min_groups")?,
        kind,
        exclude,
        forbid_sole_basis,
    })
}

/// What the quorums mean together with the party table. Runs on a policy that is otherwise without error.
pub(super) fn check(policy: &Policy, document: &Table, errors: &mut Errors) {
    for (entry, table) in entries(document, "quorum") {
        let Some(quorum) = policy.quorums.get(&entry.key) else { continue };
        check_candidates(policy, quorum, table, errors);
        let candidates: Vec<&str> = quorum.candidates.iter().map(String::as_str).collect();
        let n = match quorum.kind {
            QuorumKind::Judges { .. } => policy.independent(candidates.iter().copied()),
            QuorumKind::Witness { .. } | QuorumKind::Time { .. } => policy.groups(candidates.iter().copied()),
        };
        let k = quorum.min_groups;
        let place = table.span_of("min_groups");
        if k > n {
            let message = format!(
                "{k} groups are asked for, and the {} candidates are {n}{}",
                candidates.len(),
                owners(policy, &candidates)
            );
            errors.add(&WEAK_QUORUM, place, message);
            continue;
        }
        match quorum.kind {
            QuorumKind::Witness { tolerate_jurisdictions: f, remaining } => {
                let b = policy.on_both_sides(&candidates, f);
                if 2 * k <= n + b {
                    let least = (n + b) / 2 + 1;
                    let advice = if least > n {
                        "add witnesses in other countries and of other owners".to_owned()
                    } else {
                        format!("require at least {least}")
                    };
                    let compellable = policy.compellable(&candidates, f);
                    let both = if b == compellable {
                        format!("{} can compel {b}", countries(f))
                    } else {
                        format!(
                            "{} can compel {compellable}, and with those of several witnesses, of whom each can honestly see another view, these are {b}{}",
                            countries(f),
                            owners(policy, &candidates)
                        )
                    };
                    let message = format!(
                        "{n} witness groups, {k} required, {both}: 2 × {k} − {n} is not more than {b}, so a \
                         log could show two views and both be accepted; {advice}"
                    );
                    errors.add(&WEAK_QUORUM, place, message);
                } else if policy.remaining(&candidates, f) < remaining {
                    let left = policy.remaining(&candidates, f);
                    let message = format!(
                        "{remaining} groups are to remain when {} can compel the others, and at most {left} do",
                        countries(f)
                    );
                    errors.add(&WEAK_QUORUM, table.span_of("remaining"), message);
                }
            }
            QuorumKind::Time { tolerate_liars, .. } if tolerate_liars >= k => {
                let message = format!("{tolerate_liars} of {k} sources may lie: then no honest one need be among them");
                errors.add(&WEAK_QUORUM, table.span_of("tolerate_liars"), message);
            }
            QuorumKind::Time { .. } => {}
            QuorumKind::Judges { .. } => super::chain_check::judges(policy, quorum, table, errors),
        }
    }
    for (_, table) in entries(document, "log") {
        let Some(stated) = table.text("witnesses") else { continue };
        wrong_kind(policy, stated, "witness", errors);
    }
    for table in document.tables("rule") {
        if let Some(stated) = table.text("quorum").filter(|_| table.text("check").is_some_and(|c| c.text != "quorum")) {
            wrong_kind(policy, stated, "time", errors);
        }
    }
}

/// Reports a reference to a quorum of another kind.
pub(super) fn wrong_kind(policy: &Policy, stated: Text<'_>, wanted: &str, errors: &mut Errors) {
    if let Some(quorum) = policy.quorums.get(stated.text).filter(|quorum| quorum.kind.name() != wanted) {
        let message = format!("`{}` is a quorum of kind `{}`, not `{wanted}`", stated.text, quorum.kind.name());
        errors.add(&BAD_VALUE, stated.span, message);
    }
}

fn check_candidates(policy: &Policy, quorum: &Quorum, table: &Table, errors: &mut Errors) {
    let mut seen: Vec<&str> = Vec::new();
    for candidate in table.texts("candidates") {
        if seen.contains(&candidate.text) {
            errors.add(&DUP_KEY, candidate.span, format!("`{}` stands twice; it counts once", candidate.text));
        }
        seen.push(candidate.text);
        let (is_one, table) = match quorum.kind {
            QuorumKind::Witness { .. } => (policy.witnesses.contains_key(candidate.text), "[witness]"),
            QuorumKind::Judges { .. } => {
                let signs = policy.identities.iter().any(|identity| identity.party == candidate.text);
                (signs, "[[identity]]")
            }
            QuorumKind::Time { .. } => {
                let operates = policy.logs.values().any(|log| log.operator == candidate.text);
                let cosigns = policy.witnesses.contains_key(candidate.text);
                (policy.authorities.contains_key(candidate.text) || operates || cosigns, "[tsa], [witness] or [log]")
            }
        };
        if !is_one {
            let message = format!("`{}` has no key in {table}, so it can never count", candidate.text);
            errors.add(&UNKNOWN_REFERENCE, candidate.span, message);
        }
    }
    if quorum.min_groups == 0 {
        errors.add(&VACUOUS, table.span_of("min_groups"), "a quorum of nobody is always met");
    }
}

/// Which candidates are one group, where that is why there are too few.
fn owners(policy: &Policy, candidates: &[&str]) -> String {
    let groups = policy.grouped(candidates.iter().copied());
    let shared = groups.iter().filter(|group| group.len() > 1).map(|group| {
        let names: Vec<String> = group.iter().map(|party| format!("`{party}`")).collect();
        format!("{} have a common owner", names.join(" and "))
    });
    let shared: Vec<String> = shared.collect();
    if shared.is_empty() { String::new() } else { format!(": {}", shared.join("; ")) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use sigstore_verify::trust_root::SIGSTORE_GITHUB_TRUSTED_ROOT;

    use crate::digest::Digest;
    use crate::policy::load::tests::{load_text, twin};
    use vidimus_testkit::Key;
    use vidimus_testkit::sigstore::witness_vkey;

    /// Entries of an instance without logs are verified by nobody; a log in its name would be believed without proof.
    #[test]
    fn an_instance_without_logs_has_no_log() {
        let digest = Digest::sha256(SIGSTORE_GITHUB_TRUSTED_ROOT.as_bytes());
        let instance =
            format!("[instance.github]\ntrusted_root = \"trust/github.json\"\nsha256 = \"{}\"\n", digest.hex());
        let log = "[log.x]\noperator = \"acme\"\norigin = \"log.example\"\ninstance = \"github\"\n";
        assert!(load_text(&format!("{}\n{instance}", twin())).is_ok());
        let errors = load_text(&format!("{}\n{instance}\n{log}", twin())).unwrap_err();
        let found: Vec<(&str, &str)> = errors.errors().iter().map(|e| (e.info.code, e.message.as_str())).collect();
        assert_eq!(found, [("policy.bad-value", "the trusted root of `github` lists no transparency log")]);
    }

    /// Two honest witnesses of one owner can each see another view of a log, and their group then counts for both (M7).
    #[test]
    fn two_witnesses_of_one_owner_stand_on_both_sides() {
        let party = |id: &str, country: &str, more: &str| {
            format!("[party.{id}]\nname = \"{id}\"\nkind = \"witness\"\njurisdictions = [\"{country}\"]\n{more}\n")
        };
        let text = |owner: &str| {
            let mut text = twin() + "\n" + &party("hold", "LU", "");
            let countries = ["NO", "BR", "JP", "ZA", "IN", "AR"];
            for (id, country) in ["w0", "w1", "w2", "w3", "w4", "w5"].iter().zip(countries) {
                text += &party(id, country, if *id < "w2" { owner } else { "" });
            }
            text += "[witness]\n";
            for id in ["w0", "w1", "w2", "w3", "w4", "w5"] {
                let vkey = witness_vkey(&Key::ed25519(id));
                text += &format!("{id} = {{ vkey = \"{vkey}\" }}\n");
            }
            text += "[quorum.witnesses]\nkind = \"witness\"\ncandidates = [\"w0\", \"w1\", \"w2\", \"w3\", \"w4\"";
            let more = if owner.is_empty() { "" } else { ", \"w5\"" };
            text + more + "]\nmin_groups = 4\ntolerate_jurisdictions = 2\n"
        };
        // Five groups, of which two countries compel two.
        assert!(load_text(&text("")).is_ok());
        // Five groups again; the one with two witnesses comes on top.
        let errors = load_text(&text("controlled_by = [\"hold\"]")).unwrap_err();
        let found: Vec<(&str, &str)> = errors.errors().iter().map(|e| (e.info.code, e.message.as_str())).collect();
        let expected = "5 witness groups, 4 required, 2 countries can compel 2, and with those of several witnesses, of whom each can \
                        honestly see another view, these are 3: `w0` and `w1` have a common owner: 2 × 4 − 5 is not more than 3, so a log could \
                        show two views and both be accepted; require at least 5";
        assert_eq!(found, [("policy.weak-quorum", expected)]);
    }
}
