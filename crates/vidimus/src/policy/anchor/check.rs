//! Is this the policy that the anchor speaks of? Its files as `bundle.json` lists them, that list signed by enough roles, the id, the
//! version, the pin (T32). What is not shown ends the run without a verdict.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;

use super::bundle::{Bundle, FILE, PAYLOAD_TYPE};
use super::{Anchor, Signer};
use crate::authenticate::keys::PublicKey;
use crate::decode::{pae, strict_json_of_ours, typed};
use crate::digest::Digest;
use crate::policy::{LoadErrors, Policy};
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    ID = "policy.other-id", Unproven, Operator, ["found", "wanted"],
        says "the policy is {found}, and the anchor is for {wanted}",
        why "A policy that the same roles signed for another purpose may ask for less (T32).",
        fix "Name the policy that the anchor is for, or the anchor that is for this policy.";
    ROLLBACK = "policy.rollback", Unproven, Operator, ["found", "least"],
        says "the policy is version {found}, and the anchor takes none below {least}",
        why "An older policy was signed as well as the newer one; it may trust keys that were taken back since (T32).",
        fix "Use the newest version of the policy.";
    PIN = "policy.other-digest", Unproven, Operator, ["found", "pinned"],
        says "the policy and its files have the digest {found}, and the anchor pins {pinned}",
        why "Whoever pins a digest takes this policy and no other, whoever signed it (T32).",
        fix "Use the policy that was pinned. If it was changed on purpose and reviewed, write its new digest into the anchor.";
    MISSING = "policy.bundle-missing", Unproven, Operator, [],
        says "there is no bundle.json beside the policy",
        why "Roles sign the list of the policy and of every file that it names, by digest. Without the list there is nothing that they signed.",
        fix "Get the policy with its bundle.json and signatures, or have its roles sign it: `vidimus policy sign`.";
    UNREAD = "policy.bundle-unreadable", Unproven, Operator, ["file", "problem"],
        says "what lies beside the policy cannot be looked at: {file} {problem}",
        why "Signatures of roles are looked for beside the policy. What is there is bounded, so that no folder can exhaust the machine.",
        fix "Keep the policy in a folder of its own, with its files, bundle.json and signatures alone.";
    COUNT = "policy.bundle-signatures", Unproven, Operator, ["found", "limit"],
        says "there are {found} signatures beside the policy; at most {limit} are looked at",
        why "Each costs work to verify; counters bound what one folder can cost (T36).",
        fix "Remove the signatures of roles that the anchor does not name.";
    FORM = "policy.bundle-form", Unproven, Operator, [],
        says "bundle.json is not in the one form that it has",
        why "Its bytes are what roles sign and what verdicts quote the digest of; one list must have one digest (RFC 8785).",
        fix "Take bundle.json as `vidimus policy sign` wrote it; do not edit or reformat it.";
    DIFFERS = "policy.bundle-differs", Unproven, Operator, ["files"],
        says "the policy is not the one that was signed: {files}",
        why "A file of the policy was changed, added or taken away after roles signed the list of its files (T32).",
        fix "Restore the files that were signed. If the change was made on purpose, raise the version, remove bundle.json and its signatures, and let every role sign again.";
    SIGNATURES = "policy.signatures", Unproven, Operator, ["counted", "least", "missing"],
        says "{least} roles must have signed the policy; so far did: {counted}; could sign, too: {missing}",
        why "No single person decides what is trusted: enough roles, each with a key that the anchor pins, sign the same bytes (T32).",
        fix "Let another role sign: `vidimus policy sign POLICY --role ROLE --key KEY`, and put its signature beside the policy.";
    IGNORED = "policy.signature-ignored", Unproven, Operator, ["file", "why"],
        says "{file} does not count: {why}",
        why "Only signatures by keys that the anchor pins count, over exactly the bytes of bundle.json, and each role once. Others are left aside and told.",
        fix "Nothing, if enough roles have signed. Otherwise have it signed again by the role's own key.";
    NOT_IN_FORCE = "policy.not-in-force", Unproven, Operator, ["at", "id", "version", "window"],
        says "the policy {id} version {version} is for use {window}; the verdict is asked for {at}",
        why "A policy has a time in which it may be used; outside it, keys and rules may have changed (T32).",
        fix "Use the version of the policy that is in force, or judge as of another time with `--at`";
    AS_OF = "policy.as-of", Unproven, Operator, ["at", "clock", "seconds"],
        says "the verdict is asked for {at}, the clock shows {clock}, and the anchor allows no verdict more than {seconds} seconds from it",
        why "A verdict as of another time can make an expired key or an old policy count again; a site may refuse such verdicts (T32).",
        fix "Leave `--at` out, set the clock if it is wrong, or set `as_of_allowed` in the anchor";
}

/// Signatures in one envelope that are looked at.
const MOST_SIGNATURES: usize = 16;

/// An envelope is so much larger, at most, than the base64 of what it carries.
const ENVELOPE: usize = 64 * 1024;

/// Files that are named where a bundle differs.
const MOST_FILES: usize = 20;

/// A policy that an anchor vouches for. The members are private: it is made by [`Anchor::check`] alone, so no verdict names an anchor that
/// was not held against its policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchored {
    anchor: Digest,
    policy: Digest,
    roles: Vec<String>,
    ignored: Vec<Reason>,
}

impl Anchored {
    /// sha256 of the anchor.
    #[must_use]
    pub const fn sha256(&self) -> &Digest {
        &self.anchor
    }

    /// Is it about this policy?
    #[must_use]
    pub fn is_about(&self, policy: &Policy) -> bool {
        self.policy == policy.sha256
    }

    /// The roles that have signed, sorted, each once.
    #[must_use]
    pub fn roles(&self) -> &[String] {
        &self.roles
    }

    /// Signatures that do not count, and why.
    #[must_use]
    pub fn ignored(&self) -> &[Reason] {
        &self.ignored
    }
}

/// May the policy be used then?
///
/// # Errors
/// No: the reason.
pub fn in_force(policy: &Policy, at: Time) -> Result<(), Reason> {
    if policy.window.contains(at) {
        return Ok(());
    }
    let window = match (policy.window.from, policy.window.until) {
        (Some(from), Some(until)) => format!("from {from} until {until}"),
        (Some(from), None) => format!("from {from}"),
        (None, Some(until)) => format!("until {until}"),
        (None, None) => "always".to_owned(),
    };
    let reason = Reason::new(&NOT_IN_FORCE).name("id", &policy.id).int("version", policy.version);
    Err(reason.name("window", window).time("at", at))
}

impl Anchor {
    /// Holds the policy and what lies beside it against the anchor. `shown` is what the policy is called in errors.
    ///
    /// # Errors
    /// Everything for which the policy does not count.
    pub fn check(&self, shown: &str, policy: &Policy, bundle: &Bundle) -> Result<Anchored, LoadErrors> {
        let mut wrong = Vec::new();
        if policy.id != self.id {
            wrong.push(Reason::new(&ID).name("found", &policy.id).name("wanted", &self.id));
        }
        if policy.version < self.min_version {
            wrong.push(Reason::new(&ROLLBACK).int("found", policy.version).int("least", self.min_version));
        }
        if let Some(pinned) = self.digest.as_ref().filter(|pinned| **pinned != policy.sha256) {
            wrong.push(Reason::new(&PIN).digest("found", &policy.sha256).digest("pinned", pinned));
        }
        let expected = policy.bundle();
        wrong.extend(compare(policy, &expected, bundle.json.as_deref()));
        // What the list says is told above; here, whether enough roles have signed the list that is there.
        let (roles, ignored) = self.count(bundle, bundle.json.as_deref().unwrap_or(&expected));
        if roles.len() < self.threshold {
            let missing = self.roles().into_iter().filter(|role| !roles.contains(*role));
            let or_none = |mut list: Vec<String>| {
                if list.is_empty() {
                    list.push("none".to_owned());
                }
                list
            };
            let reason = Reason::new(&SIGNATURES).int("least", self.threshold);
            let reason = reason.list("counted", or_none(roles.iter().cloned().collect()));
            wrong.push(reason.list("missing", or_none(missing.map(ToOwned::to_owned).collect())));
        }
        if wrong.is_empty() {
            let (anchor, policy) = (self.sha256.clone(), policy.sha256.clone());
            Ok(Anchored { anchor, policy, roles: roles.into_iter().collect(), ignored })
        } else {
            Err(LoadErrors::refused(shown, &wrong, &ignored))
        }
    }

    /// Is a verdict for `at` live at this clock?
    ///
    /// # Errors
    /// It is not, and the anchor allows no other.
    pub fn is_live(&self, at: Time, clock: Time) -> Result<bool, Reason> {
        let live = at.second().abs_diff(clock.second()) <= self.live_skew_seconds;
        if live || self.as_of_allowed {
            return Ok(live);
        }
        Err(Reason::new(&AS_OF).time("at", at).time("clock", clock).int("seconds", self.live_skew_seconds))
    }

    /// The roles that signed `list`, and what does not count.
    fn count(&self, bundle: &Bundle, list: &[u8]) -> (BTreeSet<String>, Vec<Reason>) {
        let (mut roles, mut left) = (BTreeSet::new(), bundle.unread.clone());
        for (file, bytes) in &bundle.signatures {
            let envelope = match Envelope::read(bytes, list) {
                Ok(envelope) => envelope,
                Err(why) => {
                    left.push(ignored(file, why));
                    continue;
                }
            };
            for signature in &envelope.signatures {
                match self.signer(signature, list) {
                    Ok(signer) if roles.insert(signer.role.clone()) => {}
                    Ok(signer) => left.push(ignored(file, &format!("the role {} counts once", signer.role))),
                    Err(why) => left.push(ignored(file, &why)),
                }
            }
        }
        left.sort();
        left.dedup();
        (roles, left)
    }

    /// Whose signature over `list` this is.
    fn signer(&self, signature: &Signature, list: &[u8]) -> Result<&Signer, String> {
        let spki = signature.spki.as_ref().ok_or("it does not carry the key that it was made with")?;
        let spki = BASE64.decode(spki).map_err(|_| "its key is not base64")?;
        let digest = Digest::sha256(&spki);
        let signer = self.signers.iter().find(|signer| signer.spki_sha256 == digest);
        let signer = signer.ok_or_else(|| format!("the anchor does not name its key, {digest}"))?;
        let key = PublicKey::from_spki(&spki, None).ok().filter(|key| key.spki_sha256() == digest);
        let key = key.ok_or("its key is neither Ed25519 nor ECDSA on P-256 or P-384, or not in DER")?;
        let bytes = BASE64.decode(&signature.sig).map_err(|_| "its signature is not base64")?;
        if key.verifies(&pae(PAYLOAD_TYPE, list), &bytes) {
            Ok(signer)
        } else {
            Err(format!("its signature does not verify under the key of the role {}", signer.role))
        }
    }
}

/// A signature that does not count.
pub(super) fn ignored(file: &str, why: &str) -> Reason {
    Reason::new(&IGNORED).name("file", file).name("why", why)
}

/// `bundle.json` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(rename = "schema")]
    _schema: String,
    files: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    path: String,
    sha256: String,
}

/// What is wrong with the list of digests.
fn compare(policy: &Policy, expected: &[u8], found: Option<&[u8]>) -> Option<Reason> {
    let Some(found) = found else { return Some(Reason::new(&MISSING)) };
    if found == expected {
        return None;
    }
    let list = strict_json_of_ours(found).ok().and_then(|value| typed::<List>(&value).ok());
    let Some(list) = list else { return Some(Reason::new(&FORM)) };
    let listed: BTreeMap<&str, &str> = list.files.iter().map(|e| (e.path.as_str(), e.sha256.as_str())).collect();
    let files: BTreeMap<&str, &str> =
        policy.closure.iter().map(|(path, digest)| (path.as_str(), digest.hex())).collect();
    let mut differ = Vec::new();
    for path in listed.keys().chain(files.keys()).collect::<BTreeSet<_>>() {
        differ.push(match (listed.get(path), files.get(path)) {
            (Some(was), Some(is)) if was == is => continue,
            (Some(_), Some(_)) => format!("{path} was changed"),
            (None, _) => format!("{path} is not listed in {FILE}"),
            (Some(_), None) => format!("{path} is listed in {FILE}, and the policy does not name it"),
        });
    }
    if differ.is_empty() {
        return Some(Reason::new(&FORM));
    }
    let more = differ.len().saturating_sub(MOST_FILES);
    differ.truncate(MOST_FILES);
    differ.extend((more > 0).then(|| format!("{more} more")));
    Some(Reason::new(&DIFFERS).list("files", differ))
}

/// A DSSE envelope over `bundle.json`. Members that DSSE does not have are ignored, as it asks; `spki` is ours.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<Signature>,
}

#[derive(Deserialize)]
struct Signature {
    sig: String,
    /// Base64 of the key's SubjectPublicKeyInfo, DER.
    spki: Option<String>,
}

impl Envelope {
    /// Reads an envelope over `list`.
    fn read(bytes: &[u8], list: &[u8]) -> Result<Self, &'static str> {
        // Whatever is longer is over something longer; it is not worth the work of reading it.
        if bytes.len() > list.len() / 3 * 4 + ENVELOPE {
            return Err("it is larger than a signature over this bundle.json");
        }
        let value = strict_json_of_ours(bytes).map_err(|_| "it is not strict JSON")?;
        let envelope: Self = typed(&value).map_err(|_| "it is no DSSE envelope")?;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err("its payload type is not that of policy bundles");
        }
        if BASE64.decode(&envelope.payload).ok().is_none_or(|payload| payload != list) {
            return Err("it is over something other than this bundle.json");
        }
        match envelope.signatures.len() {
            0 => Err("it has no signature"),
            1..=MOST_SIGNATURES => Ok(envelope),
            _ => Err("it has more than 16 signatures"),
        }
    }
}
