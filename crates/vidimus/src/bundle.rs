//! The smallest judgement: did this signer sign this file in this Sigstore bundle? What `verify-bundle` answers.
//!
//! There is no policy file. The one that the question means is made in memory and goes through the same *authenticate*
//! stage as every other: one party, one identity, one trusted root. Whatever kind of statement the bundle carries may be
//! said, because the question is only who signed, and about which bytes.

use crate::authenticate::certificate::Claims;
use crate::authenticate::keys::{KeyError, PublicKey, SignatureAlgorithm};
use crate::authenticate::sigstore::{BAD_BUNDLE, Root, RootError};
use crate::authenticate::{Claim, Fact, authenticate};
use crate::decode::{Content, Envelope, SignedItem};
use crate::digest::{Algorithm, Digest, DigestSet, Match};
use crate::limits::Limits;
use crate::policy::{
    Algorithms, Check, Formats, Grant, Identity, IdentityKind, Instance, Party, Policy, ReleaseCheck, Rule, San,
    SanKind, SanMatch, Window,
};
use crate::read::{Delivery, File, Place};
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    OTHER_FILE = "binding.other-file", Unproven, Vendor, ["found", "sha256"],
        says "the bundle is about {found}, not about the file with sha256:{sha256}",
        why "A signature says something about the bytes that it names and about nothing else, whatever the files are called (T1).",
        fix "Name the file that was signed, or the bundle that was made for this file.";
}

/// Who must have signed.
#[derive(Clone, Debug)]
pub enum Signer {
    /// The holder of a certificate with this subject alternative name, issued for this OIDC issuer, both exact.
    Certificate {
        /// Subject alternative name.
        identity: String,
        /// OIDC issuer.
        issuer: String,
    },
    /// The holder of this key. An RSA key stands here once for each way to sign with it.
    Keys(Vec<PublicKey>),
}

impl Signer {
    /// The holder of a PEM public key, whatever of our algorithms it is used with.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn key(pem: &str) -> Result<Self, KeyError> {
        match PublicKey::from_pem(pem, None) {
            Ok(key) => Ok(Self::Keys(vec![key])),
            Err(KeyError::RsaAlgorithm) => {
                let keys =
                    ALGORITHMS.iter().filter_map(|name| SignatureAlgorithm::from_name(name)).filter_map(|used| {
                        let rsa =
                            matches!(used, SignatureAlgorithm::RsaPss { .. } | SignatureAlgorithm::RsaPkcs1 { .. });
                        rsa.then(|| PublicKey::from_pem(pem, Some(used)))
                    });
                keys.collect::<Result<_, _>>().map(Self::Keys)
            }
            Err(e) => Err(e),
        }
    }
}

/// Every algorithm that bundles are signed with. The question names the signer, so none needs to be asked for.
const ALGORITHMS: [&str; 9] = [
    "ecdsa-p256-sha256",
    "ecdsa-p384-sha384",
    "ed25519",
    "rsa-pkcs1-2048-sha256",
    "rsa-pkcs1-2048-sha384",
    "rsa-pkcs1-2048-sha512",
    "rsa-pss-2048-sha256",
    "rsa-pss-2048-sha384",
    "rsa-pss-2048-sha512",
];

/// A signature that verifies, by the signer that was asked for, over the file that was asked about.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The subject alternative name and its kind, where a certificate signed; else the key's sha256.
    pub by: Result<(SanKind, String), Digest>,
    /// The OIDC issuer of a certificate.
    pub issuer: Option<String>,
    /// What Fulcio claims about the build.
    pub claims: Claims,
    /// How it is signed.
    pub algorithm: SignatureAlgorithm,
    /// The signature existed at this time, if anything proves it.
    pub not_later_than: Option<Time>,
    /// What is said: a predicate type, or nothing but that the file was signed.
    pub predicate_type: Option<String>,
}

/// What came of one bundle.
#[derive(Debug)]
pub struct Answer {
    /// Who signed, or every reason why the question cannot be answered with yes; at least one.
    pub signed: Result<Signed, Vec<Reason>>,
    /// If any of these instants is after the machine's clock, the answer must not be used (DESIGN ruling 4).
    pub clock_must_be_past: Vec<Time>,
    /// Words of libraries about what was rejected.
    pub notes: Vec<String>,
}

/// Verifies the bundle among the evidence of `delivery` for the one file that was delivered. `root` are the bytes of a
/// trusted root.
///
/// # Errors
/// The trusted root cannot be used.
pub fn verify(delivery: &Delivery, root: &[u8], signer: &Signer, at: Time) -> Result<Answer, RootError> {
    Root::parse(root)?;
    let subject = delivery.files.iter().find(|file| file.place == Place::Delivered);
    let evidence = delivery.files.iter().enumerate().find(|(_, file)| file.place == Place::Evidence);
    let (Some(subject), Some((index, evidence))) = (subject, evidence) else { return Ok(refused(Vec::new())) };
    let item = match bundle(evidence) {
        Ok(item) => item,
        Err(reason) => return Ok(refused(vec![reason])),
    };
    let policy = policy(root, signer, item);
    let mut authenticated = authenticate(delivery, &policy, at);
    let mut reasons: Vec<Reason> = delivery.limits_hit.clone();
    let facts: Vec<&Fact<'_>> = authenticated.facts.iter().filter(|fact| fact.file == index).collect();
    let signed = facts.iter().find(|fact| is_about(fact, subject)).map(|fact| signed(fact));
    if facts.is_empty() {
        reasons.extend(authenticated.rejected.iter().filter(|(id, _)| *id == item.id).map(|(_, why)| why.clone()));
    } else if signed.is_none() {
        reasons.extend(facts.iter().map(|fact| other_file(fact, subject)));
    }
    let signed = signed.filter(|_| delivery.limits_hit.is_empty());
    Ok(Answer {
        clock_must_be_past: std::mem::take(&mut authenticated.clock_must_be_past),
        notes: std::mem::take(&mut authenticated.notes),
        ..signed.map_or_else(|| refused(reasons), |signed| Answer { signed: Ok(signed), ..refused(Vec::new()) })
    })
}

fn refused(mut reasons: Vec<Reason>) -> Answer {
    if reasons.is_empty() {
        reasons.push(Reason::new(&BAD_BUNDLE));
    }
    reasons.sort();
    reasons.dedup();
    Answer { signed: Err(reasons), clock_must_be_past: Vec::new(), notes: Vec::new() }
}

/// The one bundle that the evidence must be.
fn bundle(file: &File) -> Result<&SignedItem, Reason> {
    match &file.content {
        Content::Signed(items) => match items.as_slice() {
            [item] if matches!(item.envelope, Ok(Envelope::Bundle(_))) => Ok(item),
            [SignedItem { envelope: Err(reason), .. }] => Err(reason.clone()),
            _ => Err(Reason::new(&BAD_BUNDLE)),
        },
        Content::Refused(reason) => Err(reason.clone()),
        _ => Err(Reason::new(&BAD_BUNDLE)),
    }
}

fn about(fact: &Fact<'_>) -> Vec<DigestSet> {
    match &fact.claim {
        Claim::Statement(statement) => statement.meant().iter().map(|subject| subject.digest.clone()).collect(),
        Claim::File(digest) => vec![DigestSet::from_iter([digest.clone()])],
        // Lists of checksums are signed by detached signatures, never in a bundle; a layout names no file.
        Claim::Checksums(_) | Claim::Layout(_) => Vec::new(),
    }
}

fn is_about(fact: &Fact<'_>, file: &File) -> bool {
    about(fact).iter().any(|set| set.matches(&file.digests, &Algorithm::ALL) == Match::Same)
}

fn other_file(fact: &Fact<'_>, file: &File) -> Reason {
    let named: Vec<String> = about(fact).iter().filter_map(DigestSet::strongest).map(|d| d.to_string()).collect();
    let found = if named.is_empty() { vec!["nothing by a digest that counts".to_owned()] } else { named };
    Reason::new(&OTHER_FILE).list("found", found).name("sha256", file.digests.sha256().hex())
}

fn signed(fact: &Fact<'_>) -> Signed {
    let certificate = fact.certificate.as_ref();
    let by = match (&fact.identity.kind, certificate) {
        (IdentityKind::Key { key, .. }, _) => Err(key.spki_sha256()),
        (_, Some(certificate)) => Ok((certificate.san().0, certificate.san().1.to_owned())),
        (_, None) => Err(fact.id.clone()),
    };
    Signed {
        by,
        issuer: certificate.and_then(|c| c.issuer()).map(ToOwned::to_owned),
        claims: certificate.map(|c| c.claims().clone()).unwrap_or_default(),
        algorithm: fact.algorithm,
        not_later_than: fact.not_later_than,
        predicate_type: fact.claim.predicate_type().map(ToOwned::to_owned),
    }
}

const PARTY: &str = "signer";
const INSTANCE: &str = "trusted-root";

/// The policy that the question means.
fn policy(root: &[u8], signer: &Signer, item: &SignedItem) -> Policy {
    let identity = |number: usize, kind| Identity {
        id: format!("{PARTY}-{number}"),
        party: PARTY.to_owned(),
        valid: None,
        compromised_from: None,
        kind,
    };
    let identities: Vec<Identity> = match signer {
        Signer::Certificate { identity: value, issuer } => {
            let san = San { kind: None, value: SanMatch::Exact(value.clone()) };
            let kind = IdentityKind::Sigstore { instance: INSTANCE.to_owned(), issuer: Some(issuer.clone()), san };
            vec![identity(0, kind)]
        }
        Signer::Keys(keys) => {
            let kind = |key: &PublicKey| IdentityKind::Key { key: key.clone(), instance: Some(INSTANCE.to_owned()) };
            keys.iter().enumerate().map(|(number, key)| identity(number, kind(key))).collect()
        }
    };
    let statement = item.envelope.as_ref().ok().and_then(Envelope::dsse).and_then(|dsse| dsse.statement.as_ref().ok());
    let grant = Grant {
        id: "anything".to_owned(),
        identities: identities.iter().map(|identity| identity.id.clone()).collect(),
        may: vec!["file".to_owned()],
        predicate_types: statement.map(|statement| statement.predicate_type.clone()).into_iter().collect(),
        file: true,
        sbom: true,
        vex: true,
        layout: false,
        products: None,
        repositories: Vec::new(),
        builders: Vec::new(),
        build_types: Vec::new(),
        verifiers: Vec::new(),
        schemes: Vec::new(),
        track_caps: Vec::new(),
    };
    let rule = Rule {
        id: "signed".to_owned(),
        classes: None,
        accountable: None,
        title: None,
        refs: Vec::new(),
        mandated_by: None,
        specified_by: Vec::new(),
        check: Check::Release(ReleaseCheck {
            accept: Vec::new(),
            predicate_types: Default::default(),
            file: true,
            algorithm_sets: Vec::new(),
            by: Vec::new(),
            recipient: None,
            sequence: false,
            max_age_days: None,
        }),
    };
    let party = Party {
        id: PARTY.to_owned(),
        name: PARTY.to_owned(),
        kind: "vendor".to_owned(),
        jurisdictions: Vec::new(),
        controlled_by: Vec::new(),
        hosted_by: Vec::new(),
        products: Vec::new(),
        accreditation: None,
    };
    let instance = Instance {
        name: INSTANCE.to_owned(),
        path: INSTANCE.to_owned(),
        trusted_root: root.to_vec(),
        sha256: Digest::sha256(root),
    };
    let signature = ALGORITHMS.iter().filter_map(|name| SignatureAlgorithm::from_name(name)).collect();
    Policy {
        id: "urn:vidimus:verify-bundle".to_owned(),
        version: 1,
        title: None,
        window: Window::default(),
        closure: Vec::new(),
        sha256: Digest::sha256(b""),
        parties: [(PARTY.to_owned(), party)].into(),
        instances: [(INSTANCE.to_owned(), instance)].into(),
        identities,
        authorities: Default::default(),
        witnesses: Default::default(),
        logs: Default::default(),
        quorums: Default::default(),
        grants: vec![grant],
        classes: Vec::new(),
        delegations: Vec::new(),
        equivalences: Vec::new(),
        rules: vec![rule],
        waiver_rules: Default::default(),
        waivers: Vec::new(),
        denials: Vec::new(),
        status_lists: Default::default(),
        limits: Limits::MAX,
        algorithms: Algorithms { digest_bind: Algorithm::ALL.to_vec(), signature, sunset: Vec::new() },
        formats: Formats::default(),
        predicates: Default::default(),
    }
}
