//! One envelope or bundle: which identities of the policy signed it, and what that lets them say.

use std::collections::BTreeSet;

use super::Trust;
use super::certificate::{self, Certificate};
use super::embedded;
use super::fact::{Claim, Fact, Parts};
use super::holder::Holder;
use super::keys::{PublicKey, SignatureAlgorithm};
use super::proof::{self, Proof, ProvenTime, TimeSource};
use super::sigstore::{self, Refusal, Verified};
use super::x509;
use crate::decode::{Bundle, BundleContent, Document, Dsse, Envelope, Material, SignedItem, VERSION};
use crate::digest::Digest;
use crate::policy::{Identity, IdentityKind, Policy, San, SanKind, SanMatch};
use crate::reason::{Reason, identifier};
use crate::time::Time;

crate::reasons! {
    UNKNOWN_IDENTITY = "identity.unknown", Unproven, Signer, ["expected", "found", "instance", "issuer"],
        says "signed by {found} with issuer {issuer} under the trusted root of {instance}; the policy expects {expected}",
        why "A valid certificate only shows who signed. Only the identities that the policy lists are believed, exact in issuer and name (DESIGN ruling 6).",
        fix "Sign with an identity that the policy lists; or, if this signer is right, have the operator add the identity after confirming it out of band.";
    UNKNOWN_KEY = "signature.unknown-key", Unproven, Signer, [],
        says "no key of the policy verifies the signature",
        why "Either another key signed, or what was signed was changed; from the outside the two look the same.",
        fix "Deliver the document as it was signed, with a key that the policy lists; or have the operator add the key after confirming it out of band.";
    ALGORITHM = "signature.algorithm", Unproven, Signer, ["algorithm", "identity"],
        says "{identity} signed with {algorithm}, which the policy does not accept",
        why "The policy lists the signature algorithms that count; RSA must be asked for by name.",
        fix "Sign with an accepted algorithm, or have the operator add it to `algorithms.signature`.";
    SUNSET = "signature.sunset", Unproven, Signer, ["algorithm", "identity", "not_later_than"],
        says "{identity} signed with {algorithm}, proven only for {not_later_than}, after the policy's last date for it",
        why "An algorithm that has weakened is accepted only for signatures proven to be older (`verification.md` 2.10).",
        fix "Sign again with a current algorithm.";
    OUTSIDE_KEY = "time.outside-key", Unproven, Signer, ["identity", "not_later_than"],
        says "{identity} signed by {not_later_than}, outside the window in which the policy accepts it",
        why "A key counts only in its window, compared with proven signing time and never with a date inside the document (T8).",
        fix "Sign with the key that is current, or have the operator correct the window.";
    AFTER_COMPROMISE = "time.after-compromise", Unproven, Signer, ["identity", "not_later_than"],
        says "{identity} is compromised, and the signature is proven only for {not_later_than}, which is not before that",
        why "Whoever holds a stolen key can sign anything; only signatures proven strictly older count (T8).",
        fix "Sign again with a key that is not compromised.";
    CLAIM_AFTER_PROOF = "time.claim-after-proof", Unproven, Signer, ["claimed", "identity", "not_later_than"],
        says "{identity} says {claimed}, and the signature is proven for {not_later_than} already",
        why "A statement cannot be older than the time that it claims for itself; one of the two is not true (T12).",
        fix "State the right time, or leave it out, and sign again.";
    NO_GRANT = "identity.no-grant", Unproven, Operator, ["identity", "predicate"],
        says "{identity} signed {predicate}, which no grant lets it say",
        why "A valid key of a known party is still only believed about what the policy grants it (T7).",
        fix "Have the party that is responsible for this claim sign it; or have the operator grant it.";
}

/// How far a signer's clock may run before the proof of its signing time, in seconds.
const SKEW: i64 = 300;

/// What came of one item.
pub(super) struct Outcome<'a> {
    pub(super) id: Digest,
    pub(super) facts: Vec<Fact<'a>>,
    /// Why there is no fact; one per way that was tried and failed, the coarse ones dropped where a finer one stands.
    pub(super) reasons: Vec<Reason>,
    pub(super) clock_must_be_past: Vec<Time>,
    pub(super) notes: Vec<String>,
}

/// A signer that was verified, before time, algorithm and grant are looked at.
pub(super) struct Signer<'a> {
    pub(super) identity: &'a Identity,
    pub(super) algorithm: SignatureAlgorithm,
    /// See [`Fact::holder`].
    pub(super) holder: Option<Digest>,
    pub(super) certificate: Option<Certificate>,
    /// Keys of certificates that the policy's anchors lead to, see [`Fact::keys`].
    pub(super) certified: BTreeSet<Digest>,
    pub(super) proof: Proof,
}

/// `beside` is what tokens over the whole file prove.
pub(super) fn authenticate<'a>(
    trust: &Trust<'a>,
    at: Time,
    file: usize,
    item: &'a SignedItem,
    beside: &Proof,
) -> Outcome<'a> {
    let mut outcome = Outcome {
        id: item.id.clone(),
        facts: Vec::new(),
        reasons: Vec::new(),
        clock_must_be_past: Vec::new(),
        notes: Vec::new(),
    };
    let envelope = match &item.envelope {
        Ok(envelope) => envelope,
        Err(reason) => {
            outcome.reasons.push(reason.clone());
            return outcome;
        }
    };
    if let Envelope::Detached(signature) = envelope {
        super::detached::authenticate(trust, at, file, (item, signature), beside, &mut outcome);
        return outcome;
    }
    let claim = match claim(trust, envelope) {
        Ok(claim) => claim,
        Err(reason) => {
            outcome.reasons.push(reason);
            return outcome;
        }
    };
    let signers = match envelope {
        Envelope::Dsse(dsse) => {
            let signers = keys(trust, &mut outcome, |key| dsse_verifies(key, dsse));
            if signers.is_empty() && !dsse.certificates.is_empty() {
                outcome.reasons = embedded::reasons(trust, dsse);
            }
            signers
        }
        Envelope::Metablock(_) => keys(trust, &mut outcome, |key| envelope.is_signed_by(key)),
        Envelope::Bundle(bundle) => match &bundle.material {
            Material::Certificate(leaf) => {
                let mut signers = holders(trust, at, &mut outcome, bundle, leaf, beside);
                signers.extend(certificate_signers(trust, &mut outcome, bundle, signers.is_empty()));
                signers
            }
            Material::PublicKey => key_signers(trust, &mut outcome, bundle),
        },
        Envelope::Detached(_) => Vec::new(),
    };
    for mut signer in signers {
        signer.proof = signer.proof.and(beside.clone());
        match accept(trust, at, file, item, &claim, signer) {
            Ok(fact) => outcome.facts.push(fact),
            Err(reason) => outcome.reasons.push(reason),
        }
    }
    outcome.reasons.sort();
    outcome.reasons.dedup();
    outcome
}

/// What the item says, if the policy reads its format at all.
fn claim<'a>(trust: &Trust<'a>, envelope: &'a Envelope) -> Result<Claim<'a>, Reason> {
    let in_toto = |document: &'a Document| match document {
        Document::Layout(layout) => Ok(Claim::Layout(layout)),
        Document::Link(_) => Err(Reason::new(&super::supply::UNUSED)),
    };
    let statement = |dsse: &'a Dsse| {
        if let Some(document) = &dsse.document {
            return in_toto(document);
        }
        let statement = dsse.statement.as_ref().map_err(Clone::clone)?;
        let accepted = &trust.formats().statement_types;
        if !accepted.is_empty() && !accepted.contains(&statement.statement_type) {
            let reason = Reason::new(&VERSION).evidence("found", &statement.statement_type);
            return Err(reason.name("required", accepted.join(" or ")));
        }
        Ok(Claim::Statement(statement))
    };
    match envelope {
        Envelope::Dsse(dsse) => statement(dsse),
        Envelope::Metablock(block) => in_toto(&block.document),
        Envelope::Bundle(bundle) => {
            if let Some(least) = trust.formats().sigstore_bundle_min.filter(|least| bundle.version < *least) {
                let reason = Reason::new(&VERSION).name("found", format_args!("0.{}", bundle.version));
                return Err(reason.name("required", format_args!("0.{least}")));
            }
            match &bundle.content {
                BundleContent::Dsse(dsse) => statement(dsse),
                BundleContent::Message { digest, .. } => Ok(Claim::File(digest.clone())),
            }
        }
        // Tried against files, not read: see `super::detached`.
        Envelope::Detached(_) => Err(Reason::new(&UNKNOWN_KEY)),
    }
}

/// Key identities without an instance whose key verifies; nothing proves their time.
fn keys<'a>(trust: &Trust<'a>, outcome: &mut Outcome<'_>, verifies: impl Fn(&PublicKey) -> bool) -> Vec<Signer<'a>> {
    let signers: Vec<Signer<'a>> = trust
        .policy
        .identities
        .iter()
        .filter_map(|identity| match &identity.kind {
            IdentityKind::Key { key, .. } if verifies(key) => Some(Signer {
                identity,
                algorithm: key.algorithm(),
                holder: Some(key.spki_sha256()),
                certificate: None,
                certified: BTreeSet::new(),
                proof: Proof::default(),
            }),
            _ => None,
        })
        .collect();
    if signers.is_empty() {
        outcome.reasons.push(Reason::new(&UNKNOWN_KEY));
    }
    signers
}

/// Does one of the signatures verify?
fn dsse_verifies(key: &PublicKey, dsse: &Dsse) -> bool {
    let pae = dsse.pae();
    dsse.signatures.iter().any(|signature| key.verifies(&pae, signature))
}

/// Does the signature of the bundle verify, over its statement or over the file that it names by digest?
fn is_signed_by(trust: &Trust<'_>, bundle: &Bundle, key: &PublicKey) -> bool {
    match &bundle.content {
        BundleContent::Dsse(dsse) => dsse_verifies(key, dsse),
        BundleContent::Message { digest, signature } => {
            let over_bytes = || blob(trust, bundle).is_some_and(|bytes| key.verifies(bytes, signature));
            key.verifies_digest(digest, signature) || over_bytes()
        }
    }
}

/// A managed-key bundle. With an instance, its log entries and timestamps must verify and prove the time; without one only those
/// of authorities and logs that the policy names by key are looked at.
fn key_signers<'a>(trust: &Trust<'a>, outcome: &mut Outcome<'_>, bundle: &Bundle) -> Vec<Signer<'a>> {
    let blob = blob(trust, bundle);
    let candidates = keys(trust, outcome, |key| is_signed_by(trust, bundle, key));
    let mut signers = Vec::new();
    for mut signer in candidates {
        let IdentityKind::Key { key, instance } = &signer.identity.kind else { continue };
        signer.proof = own_proof(trust, bundle, key);
        if let Some(name) = instance {
            // A policy whose root cannot be read is not loaded; if there were one, nothing could be proven by it.
            let Some(root) = trust.roots.get(name.as_str()) else {
                outcome.reasons.push(Reason::new(&sigstore::UNTRUSTED));
                continue;
            };
            match root.verify_key(bundle, key, blob, &|token, signature| is_stamped(trust, token, signature)) {
                Ok(verified) => signer.proof = proof_of(trust, name, &verified).and(std::mem::take(&mut signer.proof)),
                Err(refusal) => {
                    refused(outcome, vec![refusal]);
                    continue;
                }
            }
        }
        signers.push(signer);
    }
    signers
}

/// A bundle with certificates of an authority that the policy names for a holder: no trusted root, no log that must know it.
fn holders<'a>(
    trust: &Trust<'a>,
    at: Time,
    outcome: &mut Outcome<'_>,
    bundle: &Bundle,
    leaf: &[u8],
    beside: &Proof,
) -> Vec<Signer<'a>> {
    let mut signers = Vec::new();
    let mut refused = Vec::new();
    for identity in &trust.policy.identities {
        let IdentityKind::X509(wanted) = &identity.kind else { continue };
        let signer = Holder::of(&identity.id, wanted, leaf, &bundle.chain, at).and_then(|holder| {
            let key = certificate::public_key(leaf).filter(|key| is_signed_by(trust, bundle, key));
            let key = key.ok_or_else(|| Reason::new(&sigstore::SIGNATURE_INVALID))?;
            let proof = own_proof(trust, bundle, &key).and(beside.clone());
            let proven = proof::effective(trust.policy, &proof.times);
            let certified = holder.in_force(proven, &trust.stamping.lists)?;
            let holder = Some(key.spki_sha256());
            Ok(Signer { identity, algorithm: key.algorithm(), holder, certificate: None, certified, proof })
        });
        match signer {
            Ok(signer) => signers.push(signer),
            // Under a policy with instances it is a keyless bundle like any other.
            Err(reason) if reason.code() == x509::CHAIN.code && !trust.roots.is_empty() => {}
            Err(reason) => refused.push(reason),
        }
    }
    if signers.is_empty() {
        outcome.reasons.append(&mut refused);
    }
    signers
}

/// A keyless bundle, tried against each instance of the policy on its own. Why it is none is told only if it is `alone`: nothing else
/// verifies it.
fn certificate_signers<'a>(
    trust: &Trust<'a>,
    outcome: &mut Outcome<'_>,
    bundle: &Bundle,
    alone: bool,
) -> Vec<Signer<'a>> {
    let blob = blob(trust, bundle);
    let mut signers = Vec::new();
    let mut refusals = Vec::new();
    let mut verified_any = false;
    for (name, root) in &trust.roots {
        match root.verify_certificate(bundle, blob, &|token, signature| is_stamped(trust, token, signature)) {
            Ok(verified) => {
                verified_any = true;
                identities(trust, outcome, name, &verified, &mut signers);
            }
            Err(refusal) => refusals.push(refusal),
        }
    }
    if !verified_any && alone {
        if refusals.is_empty() && outcome.reasons.is_empty() {
            outcome.reasons.push(Reason::new(&sigstore::UNTRUSTED));
        }
        refused(outcome, refusals);
    }
    signers
}

/// What authorities and logs that the policy names by key prove about a bundle by `key`. What cannot be read proves nothing, and
/// takes nothing away either.
fn own_proof(trust: &Trust<'_>, bundle: &Bundle, key: &PublicKey) -> Proof {
    let policy = trust.policy;
    if policy.authorities.is_empty() && policy.logs.is_empty() {
        return Proof::default();
    }
    let Ok(material) = sigstore::material(bundle) else { return Proof::default() };
    let signed = match &bundle.content {
        BundleContent::Dsse(dsse) => Digest::sha256(&dsse.pae()),
        BundleContent::Message { digest, .. } => digest.clone(),
    };
    let stamped = trust.stamping.over(&material.signature, &material.tokens);
    proof::of_keyed_logs(policy, &material, key, &signed).and(stamped)
}

/// The same about a bundle that was verified against `instance`.
fn proof_of(trust: &Trust<'_>, instance: &str, verified: &Verified) -> Proof {
    let policy = trust.policy;
    let root = trust.roots.get(instance);
    let of = |root| proof::of_instance(policy, instance, root, &verified.material);
    let mut proof = root.map(of).unwrap_or_default();
    let own = |time: &Time| ProvenTime {
        source: TimeSource::Instance(instance.to_owned()),
        not_later_than: *time,
        accuracy_seconds: 0,
    };
    proof.times.extend(verified.times.iter().map(own));
    proof.and(trust.stamping.over(&verified.material.signature, &verified.material.tokens))
}

/// Did an authority of the policy stamp the signature?
fn is_stamped(trust: &Trust<'_>, token: &[u8], signature: &[u8]) -> bool {
    trust.policy.authorities.values().any(|authority| super::rfc3161::verify(token, signature, authority).is_ok())
}

fn identities<'a>(
    trust: &Trust<'a>,
    outcome: &mut Outcome<'_>,
    instance: &str,
    verified: &Verified,
    signers: &mut Vec<Signer<'a>>,
) {
    let Some(certificate) = &verified.certificate else { return };
    let (matching, others) = expected(trust, instance, certificate);
    if matching.is_empty() {
        outcome.reasons.push(unknown(certificate, instance, others));
    }
    signers.extend(matching.into_iter().map(|identity| Signer {
        identity,
        algorithm: certificate.algorithm(),
        holder: Some(certificate.key().clone()),
        certificate: Some(certificate.clone()),
        certified: BTreeSet::new(),
        proof: proof_of(trust, instance, verified),
    }));
}

/// Identities of the policy that the certificate is of, and those that the instance's certificates are expected of instead.
pub(super) fn expected<'a>(
    trust: &Trust<'a>,
    instance: &str,
    certificate: &Certificate,
) -> (Vec<&'a Identity>, Vec<String>) {
    let (mut matching, mut others) = (Vec::new(), Vec::new());
    for identity in &trust.policy.identities {
        let IdentityKind::Sigstore { instance: wanted, issuer, san } = &identity.kind else { continue };
        if wanted != instance {
            continue;
        }
        if certificate.issuer() == issuer.as_deref() && certificate.matches(san) {
            matching.push(identity);
        } else {
            others.push(format!("{} with issuer {}", shown(san), issuer.as_deref().unwrap_or("none")));
        }
    }
    others.sort();
    (matching, others)
}

/// The reason for a certificate that is of none of them.
pub(super) fn unknown(certificate: &Certificate, instance: &str, expected: Vec<String>) -> Reason {
    let expected = if expected.is_empty() { "no identity there".to_owned() } else { expected.join(" or ") };
    Reason::new(&UNKNOWN_IDENTITY)
        .evidence("found", certificate.san().1)
        .evidence("issuer", certificate.issuer().unwrap_or("none"))
        .name("instance", instance)
        .name("expected", expected)
}

/// An identity of the policy in words.
fn shown(san: &San) -> String {
    let kind = match san.kind {
        Some(SanKind::Uri) => "URI ",
        Some(SanKind::Email) => "e-mail ",
        Some(SanKind::Other) => "other name ",
        None => "",
    };
    match &san.value {
        SanMatch::Exact(value) => format!("{kind}{value}"),
        SanMatch::Prefix(value) => format!("{kind}{value}…"),
    }
}

/// Of several instances' refusals the one that came furthest speaks: "another root" says nothing when a root did match.
fn refused(outcome: &mut Outcome<'_>, refusals: Vec<Refusal>) {
    let coarse = |r: &Refusal| {
        matches!(r.reason.code(), "identity.untrusted" | "log.unknown" | "log.checkpoint" | "log.promise")
    };
    let fine: Vec<&Refusal> = refusals.iter().filter(|r| !coarse(r)).collect();
    let speaking = if fine.is_empty() { refusals.iter().collect() } else { fine };
    outcome.reasons.extend(speaking.iter().map(|r| r.reason.clone()));
    for refusal in &refusals {
        outcome.clock_must_be_past.extend(&refusal.clock_must_be_past);
        if !refusal.detail.is_empty() {
            outcome.notes.push(format!("{}: {}: {}", outcome.id, refusal.reason.code(), refusal.detail));
        }
    }
}

fn blob<'a>(trust: &Trust<'a>, bundle: &Bundle) -> Option<&'a [u8]> {
    match &bundle.content {
        BundleContent::Message { digest, .. } => trust.blob(digest),
        BundleContent::Dsse(_) => None,
    }
}

/// Algorithm, time and grant: the last steps from a verified signature to a fact.
pub(super) fn accept<'a>(
    trust: &Trust<'a>,
    at: Time,
    file: usize,
    item: &SignedItem,
    claim: &Claim<'a>,
    signer: Signer<'a>,
) -> Result<Fact<'a>, Reason> {
    let Signer { identity, algorithm, holder, certificate, certified, proof } = signer;
    let not_later_than = proof::effective(trust.policy, &proof.times);
    let algorithms = &trust.policy.algorithms;
    if !algorithms.signature.iter().any(|listed| admits(*listed, algorithm, certificate.is_some())) {
        return Err(Reason::new(&ALGORITHM).name("algorithm", algorithm).name("identity", &identity.id));
    }
    if let Some(time) = not_later_than.filter(|time| *time > at) {
        return Err(sigstore::from_future(time));
    }
    let sunset = sunset(trust.policy, algorithm, certificate.is_some());
    if identity.valid.is_some() || identity.compromised_from.is_some() || sunset.is_some() {
        let time = not_later_than.ok_or_else(sigstore::unproven)?;
        in_time(identity, algorithm, sunset, time)?;
    }
    if let (Some(claimed), Some(proven)) = (claim.claimed_time(), not_later_than)
        && claimed.second() > proven.second().saturating_add(SKEW)
    {
        let reason = Reason::new(&CLAIM_AFTER_PROOF).name("identity", &identity.id);
        return Err(reason.time("claimed", claimed).time("not_later_than", proven));
    }
    let id = item.id.clone();
    let claim = claim.clone();
    let parts = Parts { id, file, identity, claim, algorithm, holder, certificate, certified, not_later_than, proof };
    Fact::granted(trust.policy, parts).map_err(|parts| {
        let predicate = match &parts.claim {
            Claim::Statement(statement) => identifier(&statement.predicate_type),
            Claim::Layout(_) => "a layout".to_owned(),
            Claim::File(_) | Claim::Checksums(_) => "a file".to_owned(),
        };
        Reason::new(&NO_GRANT).name("identity", &identity.id).name("predicate", predicate)
    })
}

/// The last instant at which the policy accepts the algorithm.
pub(super) fn sunset(policy: &Policy, algorithm: SignatureAlgorithm, certificate: bool) -> Option<Time> {
    let dated = policy.algorithms.sunset.iter().filter(|(listed, _)| is_sunset(*listed, algorithm, certificate));
    dated.map(|(_, after)| *after).min()
}

/// Do the window of the identity and the date of the algorithm hold for a signature proven for `time`?
///
/// # Errors
/// Why not.
pub(crate) fn in_time_at(
    policy: &Policy,
    identity: &Identity,
    algorithm: SignatureAlgorithm,
    certificate: bool,
    time: Time,
) -> Result<(), Reason> {
    in_time(identity, algorithm, sunset(policy, algorithm, certificate), time)
}

fn in_time(identity: &Identity, algorithm: SignatureAlgorithm, sunset: Option<Time>, time: Time) -> Result<(), Reason> {
    let about = |reason: Reason| reason.name("identity", &identity.id).time("not_later_than", time);
    if identity.valid.is_some_and(|window| !window.contains(time)) {
        return Err(about(Reason::new(&OUTSIDE_KEY)));
    }
    if identity.compromised_from.is_some_and(|from| time >= from) {
        return Err(about(Reason::new(&AFTER_COMPROMISE)));
    }
    if sunset.is_some_and(|after| time > after) {
        return Err(about(Reason::new(&SUNSET).name("algorithm", algorithm)));
    }
    Ok(())
}

/// Is `used` the algorithm whose date is listed, or the same with a shorter key? A longer key outlives the date of a shorter.
fn is_sunset(listed: SignatureAlgorithm, used: SignatureAlgorithm, certificate: bool) -> bool {
    use SignatureAlgorithm::{RsaPkcs1, RsaPss};
    match (listed, used) {
        (RsaPss { bits: most, .. } | RsaPkcs1 { bits: most, .. }, RsaPss { bits, .. } | RsaPkcs1 { bits, .. })
            if certificate =>
        {
            bits <= most
        }
        (RsaPss { .. }, RsaPss { .. }) | (RsaPkcs1 { .. }, RsaPkcs1 { .. }) => used.admits(listed),
        _ => listed == used,
    }
}

/// For a certificate with an RSA key the padding and hash are the library's choice, so any listed RSA form of the length does.
fn admits(listed: SignatureAlgorithm, used: SignatureAlgorithm, certificate: bool) -> bool {
    use SignatureAlgorithm::{RsaPkcs1, RsaPss};
    match (listed, used) {
        (RsaPss { bits: least, .. } | RsaPkcs1 { bits: least, .. }, RsaPss { bits, .. } | RsaPkcs1 { bits, .. })
            if certificate =>
        {
            least <= bits
        }
        _ => listed.admits(used),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sunset_is_for_the_listed_algorithm_and_shorter_keys() {
        let named = |name: &str| SignatureAlgorithm::from_name(name);
        for (listed, used, certificate, expected) in [
            ("ed25519", "ed25519", false, true),
            ("ed25519", "ecdsa-p256-sha256", false, false),
            ("rsa-pss-2048-sha256", "rsa-pss-2048-sha256", false, true),
            ("rsa-pss-2048-sha256", "rsa-pss-4096-sha256", false, false),
            ("rsa-pss-3072-sha256", "rsa-pss-2048-sha256", false, true),
            ("rsa-pss-2048-sha256", "rsa-pss-2048-sha512", false, false),
            ("rsa-pss-2048-sha256", "rsa-pkcs1-2048-sha256", false, false),
            ("rsa-pss-2048-sha256", "rsa-pkcs1-2048-sha256", true, true),
            ("rsa-pss-2048-sha256", "rsa-pkcs1-3072-sha256", true, false),
        ] {
            let found = named(listed).zip(named(used)).map(|(listed, used)| is_sunset(listed, used, certificate));
            assert_eq!(found, Some(expected), "{listed} {used}");
        }
    }
}
