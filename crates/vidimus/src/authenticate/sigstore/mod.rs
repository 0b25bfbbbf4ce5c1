//! Sigstore bundles: the only module (with its files) that names the Sigstore library.
//!
//! The library checks certificate chain, SCT, log entry, inclusion proof, checkpoint, SET and timestamps against one
//! trusted root. What it leaves out or cannot be asked is done here: trusted roots with entries it does not know are
//! filtered, small-order log keys refused, the subject alternative name read by ourselves (the library knows no
//! otherName), its wall clock kept from deciding anything, its errors turned into our coarse codes.

pub(crate) mod leaf;
mod longer;
mod material;
mod provider;
mod sct;

use sigstore_verify::crypto::{CertificateInfo, parse_certificate_info};
use sigstore_verify::trust_root::TrustedRoot;
use sigstore_verify::tsa::{TsaAuthority, verify_timestamp_for_authority};
use sigstore_verify::types::bundle::VerificationMaterialContent;
use sigstore_verify::types::{Artifact, ArtifactDigest, Bundle as LibraryBundle, HashAlgorithm, SignatureContent};
use sigstore_verify::types::{DerCertificate, DerPublicKey, SignatureBytes};
use sigstore_verify::{
    CertificateError, Error, PublicKeyVerificationPolicy, TimestampError, TransparencyLogError, VerificationPolicy,
    Verifier,
};

use crate::authenticate::certificate::{Certificate, Claims, begins};
use crate::authenticate::issuer::Issuer;
use crate::authenticate::keys::{KeyError, PublicKey, SignatureAlgorithm};
use crate::authenticate::x509::{self, Wanted};
use crate::decode::{Bundle, BundleContent, UNSUPPORTED as UNSUPPORTED_BUNDLE};
use crate::digest::{Algorithm, Digest};
use crate::reason::{Reason, ReasonInfo};
use crate::time::Time;

use material::{bounds, material_of};

pub use material::{LogEntry, Material};

crate::reasons! {
    SIGNATURE_INVALID = "signature.invalid", Unproven, Signer, [],
        says "the signature does not verify",
        why "The bytes that were signed are not these bytes, or another key signed them. Nothing that such a document says is believed.",
        fix "Deliver the document as it was signed; if it was changed on purpose, sign it again.";
    UNTRUSTED = "identity.untrusted", Unproven, Signer, [],
        says "the signing certificate does not come from an authority in the trusted roots of the policy",
        why "Anybody can run a certificate authority. Only roots that the policy pins count; a root that comes with the delivery does not (T33).",
        fix "Sign with an identity of an instance that the policy lists, or have the operator review and pin the other instance's trusted root.";
    OUTSIDE_CERTIFICATE = "time.outside-certificate", Unproven, Signer, [],
        says "the signature was made outside the validity of its certificate or of an authority behind it",
        why "Proven signing time must lie in the validity of every certificate and in the trusted root's `validFor` window (T8).",
        fix "Sign again while the certificate is valid, with a timestamp from that moment.";
    BAD_TIMESTAMP = "time.timestamp", Unproven, Signer, [],
        says "a timestamp in the bundle does not verify",
        why "An RFC 3161 token must be signed by an authority of the trusted root, be over this signature, and lie in the authority's validity (T11).",
        fix "Get a timestamp over the signature from an authority of the trusted root.";
    UNPROVEN = "time.unproven", Unproven, Signer, [],
        says "nothing proves when the signature was made",
        why "Short-lived certificates and key windows need a proven time: a timestamp token or a signed log entry time. A time that the document claims about itself proves nothing (DESIGN ruling 4).",
        fix "Attach an RFC 3161 timestamp, or the log's inclusion promise with its integrated time.";
    FROM_FUTURE = "time.from-future", Unproven, Signer, ["not_later_than"],
        says "the signature is proven for {not_later_than}, which is after the time of this verdict",
        why "A verdict at a moment must not rest on evidence that did not exist then (T12, T13).",
        fix "Judge at a later `--at`, or deliver evidence from before that time.";
    SCT = "log.sct", Unproven, Signer, [],
        says "the signing certificate has no valid signed certificate timestamp",
        why "Without it nobody could notice that the authority issued a certificate to somebody else (RFC 6962 section 3.2).",
        fix "Sign with a certificate whose issuance was logged in a certificate transparency log of the trusted root.";
    UNKNOWN_LOG = "log.unknown", Unproven, Signer, [],
        says "the log entry is from a log that the trusted root does not list",
        why "Only logs whose keys the operator pinned prove anything.",
        fix "Log the signature in a log of the trusted root.";
    NO_PROOF = "log.no-proof", Unproven, Signer, [],
        says "the log entry has no inclusion proof or promise that its bundle version needs",
        why "Without a proof nobody can tell that the entry is in the log.",
        fix "Fetch the entry's inclusion proof with its checkpoint and rebuild the bundle.";
    BAD_PROOF = "log.bad-proof", Unproven, Signer, [],
        says "the inclusion proof does not lead to the root that the checkpoint signs",
        why "The entry is not in the tree that the log published (RFC 9162 section 2.1.3).",
        fix "Fetch the proof for this entry again.";
    CHECKPOINT = "log.checkpoint", Unproven, Signer, [],
        says "the checkpoint is not signed by the log",
        why "Root hash and tree size count only from a checkpoint that the log's key signs (T9).",
        fix "Fetch the proof with a checkpoint of the log that the entry names.";
    PROMISE = "log.promise", Unproven, Signer, [],
        says "the log's signed entry timestamp does not verify",
        why "It is what authenticates the time of a Rekor v1 entry; without it the time is a claim.",
        fix "Fetch the entry from the log again.";
    ENTRY_MISMATCH = "log.entry-mismatch", Unproven, Signer, [],
        says "the log entry is about another signature, key or file",
        why "A genuine entry of something else must not vouch for this signature (T10, CVE-2026-22703).",
        fix "Attach the log entry that was made for this very signature.";
    BAD_BUNDLE = "parse.bundle", Unproven, Signer, [],
        says "the bundle is malformed",
        why "A bundle that breaks the rules of its own version is refused, because two readers could understand it differently.",
        fix "Produce the bundle again with a current client.";
}

/// id-kp-codeSigning, which every Fulcio certificate states.
const CODE_SIGNING: der::asn1::ObjectIdentifier = der::asn1::ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3");

/// How the media types of trusted roots begin; their version follows.
const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.trustedroot";

/// A trusted root, ready to verify with.
pub struct Root {
    verifier: Verifier,
    skipped: Vec<&'static str>,
    has_certificate_log: bool,
    has_log: bool,
    starts: Vec<Time>,
    authorities: Vec<TsaAuthority>,
    issuers: Vec<Issuer>,
    lists: longer::Lists,
    /// Id and host of each log.
    logs: Vec<(Vec<u8>, String)>,
}

impl Root {
    /// Reads a trusted root. Entries with key types that the library does not know are left out and counted in
    /// [`skipped`](Self::skipped): nothing verifies against them.
    ///
    /// # Errors
    /// See [`RootError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RootError> {
        provider::install();
        let text = std::str::from_utf8(bytes).map_err(|_| RootError::Malformed)?;
        let full = TrustedRoot::from_json(text).map_err(|_| RootError::Malformed)?;
        if !full.media_type.starts_with(MEDIA_TYPE) {
            return Err(RootError::Malformed);
        }
        for log in &full.tlogs {
            let key = PublicKey::from_spki(log.public_key.raw_bytes.as_bytes(), None);
            if key == Err(KeyError::Weak) {
                return Err(RootError::WeakLogKey);
            }
        }
        let (root, skipped) = filter(&full);
        if root.certificate_authorities.is_empty() && root.tlogs.is_empty() && root.timestamp_authorities.is_empty() {
            return Err(RootError::Empty);
        }
        let verifier = Verifier::new(&root).map_err(|_| RootError::Inconsistent)?;
        let mut starts: Vec<Time> = root
            .tlogs
            .iter()
            .filter_map(|log| log.public_key.valid_for)
            .filter_map(|window| Time::from_second(window.start.as_second()))
            .collect();
        starts.sort_unstable();
        Ok(Self {
            verifier,
            skipped,
            has_certificate_log: !root.ctlogs.is_empty(),
            has_log: !root.tlogs.is_empty(),
            starts,
            authorities: root.tsa_authorities(),
            issuers: root
                .certificate_authorities
                .iter()
                .flat_map(|authority| &authority.cert_chain.certificates)
                .filter_map(|certificate| Issuer::of(certificate.raw_bytes.as_bytes()))
                .collect(),
            lists: longer::Lists::of(&root),
            logs: root
                .tlogs
                .iter()
                .map(|log| (log.log_id.key_id.as_bytes().to_vec(), host(&log.base_url).to_owned()))
                .collect(),
        })
    }

    /// What was left out: one word per entry (`transparency-log`, `certificate-log`, `certificate-authority`,
    /// `timestamp-authority`).
    #[must_use]
    pub fn skipped(&self) -> &[&'static str] {
        &self.skipped
    }

    /// Does a certificate lead to an authority of the root, judged at the moment in which its own validity begins? That says who
    /// issued it, and nothing about when anything was signed.
    pub(in crate::authenticate) fn issued(&self, der: &[u8]) -> bool {
        let Some(at) = begins(der) else { return false };
        let wanted = Wanted { at, usage: &CODE_SIGNING, usage_alone: false };
        self.lists.authorities.iter().any(|authority| match authority.chain.split_last() {
            Some((anchor, others)) => x509::path(der, others, std::slice::from_ref(anchor), wanted).is_ok(),
            None => false,
        })
    }

    /// Is the log with that id the one whose checkpoints have that origin? A root with a single log leaves no doubt; otherwise the
    /// host of the log's address must be the origin, so that one log cannot speak in the name of another.
    pub(in crate::authenticate) fn is_log(&self, id: &[u8], origin: &str) -> bool {
        let alone = self.logs.len() == 1;
        self.logs.iter().any(|(log, host)| log == id && (alone || host == origin))
    }

    /// Does the root list a certificate transparency log? If not, certificates need no SCT.
    #[must_use]
    pub const fn has_certificate_log(&self) -> bool {
        self.has_certificate_log
    }

    /// Does the root list a transparency log? If not, signatures are proven by timestamps alone.
    #[must_use]
    pub const fn has_log(&self) -> bool {
        self.has_log
    }

    /// Verifies a bundle with a certificate. `blob` are the signed file's bytes where they are at hand; some key types
    /// need them. `ours` tells, of token and signature, whether an authority of the policy stamped it.
    ///
    /// # Errors
    /// Why it is not believed, and the instants that must be past on the machine's clock for that answer to be right.
    pub fn verify_certificate(
        &self,
        bundle: &Bundle,
        blob: Option<&[u8]>,
        ours: &dyn Fn(&[u8], &[u8]) -> bool,
    ) -> Result<Verified, Refusal> {
        let (parsed, material) = self.parsed(bundle, ours)?;
        if let Some(reason) = certificates(&parsed).first().and_then(|der| leaf::fault(der)) {
            return Err(Refusal { reason, clock_must_be_past: Vec::new(), detail: String::new() });
        }
        if longer::is_one(&parsed) {
            let Some(leaf) = certificates(&parsed).first().map(|der| der.to_vec()) else {
                return Err(Refusal::plain(&UNTRUSTED));
            };
            return longer::verified(self, bundle, &parsed, material, longer::By::Certificate(&leaf));
        }
        let mut policy = VerificationPolicy::any_identity();
        if !self.has_certificate_log {
            policy = policy.skip_sct();
        }
        if !self.has_log {
            policy = policy.skip_tlog_unsafe();
        }
        let artifact = artifact(&bundle.content, blob).ok_or_else(|| Refusal::plain(&UNSUPPORTED_BUNDLE))?;
        let result = self.verifier.verify(artifact, &parsed, &policy).map_err(|e| self.refusal(&e, &parsed))?;
        let info = result.certificate().ok_or_else(|| Refusal::plain(&UNTRUSTED))?;
        let certificate = certificate(&parsed, info)?;
        let times = bounds(&material_of(&parsed), result.verified_timestamps());
        Ok(Verified { certificate: Some(certificate), times, material })
    }

    /// Verifies a bundle with a managed key, its log entries and timestamps included.
    ///
    /// # Errors
    /// As [`verify_certificate`](Self::verify_certificate).
    pub fn verify_key(
        &self,
        bundle: &Bundle,
        key: &PublicKey,
        blob: Option<&[u8]>,
        ours: &dyn Fn(&[u8], &[u8]) -> bool,
    ) -> Result<Verified, Refusal> {
        let (parsed, material) = self.parsed(bundle, ours)?;
        if longer::is_one(&parsed) {
            return longer::verified(self, bundle, &parsed, material, longer::By::Key(key));
        }
        let mut policy = PublicKeyVerificationPolicy::new(DerPublicKey::new(key.spki().to_vec()));
        if !self.has_log {
            policy = policy.skip_tlog_unsafe();
        }
        let artifact = artifact(&bundle.content, blob).ok_or_else(|| Refusal::plain(&UNSUPPORTED_BUNDLE))?;
        let result = self.verifier.verify(artifact, &parsed, &policy).map_err(|e| self.refusal(&e, &parsed))?;
        let times = bounds(&material_of(&parsed), result.verified_timestamps());
        Ok(Verified { certificate: None, times, material })
    }

    /// The bundle for the library, without the tokens that `ours` says an authority of the policy made, given token and
    /// signature. The library refuses a bundle with a token that its root does not know; these are verified already, and a
    /// bundle with fewer tokens proves less to it, never more. Beside it, all that the bundle carries.
    fn parsed(
        &self,
        bundle: &Bundle,
        ours: &dyn Fn(&[u8], &[u8]) -> bool,
    ) -> Result<(LibraryBundle, Material), Refusal> {
        let mut parsed = parse(bundle)?;
        let material = material_of(&parsed);
        let signature = SignatureBytes::from_bytes(&material.signature);
        parsed.verification_material.timestamp_verification_data.rfc3161_timestamps.retain(|token| {
            let by = |authority| verify_timestamp_for_authority(&token.signed_timestamp, &signature, authority).is_ok();
            !ours(token.signed_timestamp.as_bytes(), signature.as_bytes()) || self.authorities.iter().any(by)
        });
        Ok((parsed, material))
    }

    fn refusal(&self, error: &Error, bundle: &LibraryBundle) -> Refusal {
        let mut clock_must_be_past = self.starts.clone();
        let entries = &bundle.verification_material.tlog_entries;
        let integrated = entries.iter().filter_map(|e| e.integrated_time);
        clock_must_be_past.extend(integrated.filter_map(|t| Time::from_second(t.as_second())));
        let first = code(error);
        // What is not there at all is the reason, whoever it would have been by.
        let absent = [NO_PROOF.code, UNPROVEN.code, BAD_BUNDLE.code, UNSUPPORTED_BUNDLE.code].contains(&first.code);
        let cause = if absent { None } else { self.cause(bundle) };
        let info = cause.unwrap_or_else(|| {
            // Of a chain the library says only that it is invalid at some time.
            let chain = matches!(error, Error::Certificate(CertificateError::ChainInvalid(_)));
            if chain && self.is_outside(bundle) { &OUTSIDE_CERTIFICATE } else { first }
        });
        Refusal { reason: Reason::new(info), clock_must_be_past, detail: error.to_string() }
    }

    /// What is behind the error that the library met first: a bundle of another instance fails at whatever is verified first,
    /// but the reader must learn that authority or log are not of this root.
    fn cause(&self, bundle: &LibraryBundle) -> Option<&'static ReasonInfo> {
        let material = &bundle.verification_material;
        let certificates = certificates(bundle);
        let known = |der: &&[u8]| self.issuers.iter().any(|issuer| issuer.is_named_by(der));
        if !certificates.is_empty() && !certificates.iter().any(known) {
            return Some(&UNTRUSTED);
        }
        let listed = |id: &[u8]| self.logs.iter().any(|(log, _)| log == id);
        let logged = !material.tlog_entries.is_empty() && self.has_log;
        let foreign = material.tlog_entries.iter().all(|entry| !listed(entry.log_id.key_id.as_bytes()));
        (logged && foreign).then_some(&UNKNOWN_LOG)
    }

    /// Does a time that the bundle carries lie outside its certificate's own validity?
    fn is_outside(&self, bundle: &LibraryBundle) -> bool {
        let info = bundle.signing_certificate().and_then(|certificate| parse_certificate_info(certificate).ok());
        let Some(info) = info else { return false };
        let signature = match &bundle.content {
            SignatureContent::DsseEnvelope(envelope) => &envelope.signature.sig,
            SignatureContent::MessageSignature(message) => &message.signature,
            _ => return false,
        };
        let material = &bundle.verification_material;
        // Rekor v2 entries say zero.
        let logged = material.tlog_entries.iter().filter_map(|e| e.integrated_time).filter(|t| t.as_second() > 0);
        let tokens = &material.timestamp_verification_data.rfc3161_timestamps;
        let stamped = tokens.iter().filter_map(|token| {
            let by = |authority| verify_timestamp_for_authority(&token.signed_timestamp, signature, authority).ok();
            self.authorities.iter().find_map(by)
        });
        logged.chain(stamped).any(|time| time < info.not_before || info.not_after < time)
    }
}

/// For callers without a policy: no authority of theirs stamped anything.
#[must_use]
pub const fn nobody(_token: &[u8], _signature: &[u8]) -> bool {
    false
}

/// What a verified bundle proves.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The signer's certificate, for a bundle with one.
    pub certificate: Option<Certificate>,
    /// The signature existed at each of these instants; the accuracy of a token is added.
    pub times: Vec<Time>,
    /// What the bundle brought for that.
    pub material: Material,
}

/// What a bundle brings, none of it verified.
///
/// # Errors
/// The bundle is malformed.
pub fn material(bundle: &Bundle) -> Result<Material, Refusal> {
    parse(bundle).map(|parsed| material_of(&parsed))
}

/// Why a bundle is not believed.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The reason, coarse and stable (DESIGN ruling 12).
    pub reason: Reason,
    /// If any of these is after the machine's clock, the library may have refused only because the clock is wrong.
    pub clock_must_be_past: Vec<Time>,
    /// The library's words, for the run part only.
    pub detail: String,
}

impl Refusal {
    fn plain(info: &'static ReasonInfo) -> Self {
        Self { reason: Reason::new(info), clock_must_be_past: Vec::new(), detail: String::new() }
    }
}

/// Why a trusted root cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RootError {
    /// Not a trusted root.
    #[error("not a Sigstore trusted root (JSON of media type application/vnd.dev.sigstore.trustedroot)")]
    Malformed,
    /// Nothing usable in it.
    #[error("the trusted root lists no authority and no log that can be used")]
    Empty,
    /// A log key under which one signature verifies every message.
    #[error("the trusted root lists a log with a small-order Ed25519 key")]
    WeakLogKey,
    /// A log id twice, or a window that ends before it starts.
    #[error("the trusted root lists a log twice, or a validity window that ends before it starts")]
    Inconsistent,
}

/// The host of an address.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or_default()
}

/// Keeps the entries that the library can use; it refuses a whole root for one unknown key.
fn filter(full: &TrustedRoot) -> (TrustedRoot, Vec<&'static str>) {
    let mut empty = full.clone();
    empty.tlogs.clear();
    empty.ctlogs.clear();
    empty.certificate_authorities.clear();
    empty.timestamp_authorities.clear();
    let mut kept = empty.clone();
    let mut skipped = Vec::new();
    macro_rules! keep {
        ($field:ident, $word:literal) => {
            for entry in &full.$field {
                let mut alone = empty.clone();
                alone.$field.push(entry.clone());
                if Verifier::new(&alone).is_ok() {
                    kept.$field.push(entry.clone());
                } else {
                    skipped.push($word);
                }
            }
        };
    }
    if Verifier::new(full).is_ok() {
        return (full.clone(), skipped);
    }
    keep!(tlogs, "transparency-log");
    keep!(ctlogs, "certificate-log");
    keep!(certificate_authorities, "certificate-authority");
    keep!(timestamp_authorities, "timestamp-authority");
    (kept, skipped)
}

/// The library's view of the bundle, which must sign the very bytes that we decoded.
fn parse(bundle: &Bundle) -> Result<LibraryBundle, Refusal> {
    let parsed = LibraryBundle::from_json(&bundle.json).map_err(|e| {
        let mut refusal = Refusal::plain(&BAD_BUNDLE);
        refusal.detail = e.to_string();
        refusal
    })?;
    let same = match (&bundle.content, &parsed.content) {
        (BundleContent::Dsse(ours), SignatureContent::DsseEnvelope(theirs)) => ours.pae() == theirs.pae(),
        (BundleContent::Message { signature, .. }, SignatureContent::MessageSignature(theirs)) => {
            theirs.signature.as_bytes() == signature.as_slice()
        }
        _ => false,
    };
    if same { Ok(parsed) } else { Err(Refusal::plain(&BAD_BUNDLE)) }
}

/// What the bundle claims to be about. Whether that is a file of the delivery is decided by *join*, not here.
fn artifact<'a>(content: &BundleContent, blob: Option<&'a [u8]>) -> Option<Artifact<'a>> {
    let typed = |digest: &Digest| {
        let algorithm = match digest.algorithm() {
            Algorithm::Sha256 => HashAlgorithm::Sha2256,
            Algorithm::Sha384 => HashAlgorithm::Sha2384,
            Algorithm::Sha512 => HashAlgorithm::Sha2512,
        };
        ArtifactDigest::new(algorithm, digest.bytes()).ok().map(Artifact::Digest)
    };
    match content {
        BundleContent::Message { digest, .. } => match blob {
            Some(bytes) => Some(Artifact::Blob(bytes)),
            None => typed(digest),
        },
        BundleContent::Dsse(dsse) => {
            let statement = dsse.statement.as_ref().ok()?;
            let mut digests = statement.subjects.iter().map(|s| &s.digest);
            digests
                .find_map(|d| Algorithm::ALL.into_iter().find_map(|algorithm| d.by(algorithm)))
                .and_then(|d| typed(&d))
        }
    }
}

/// The certificates of a bundle, the signer's first.
fn certificates(bundle: &LibraryBundle) -> Vec<&[u8]> {
    match &bundle.verification_material.content {
        VerificationMaterialContent::Certificate(one) => vec![one.raw_bytes.as_bytes()],
        VerificationMaterialContent::X509CertificateChain { certificates } => {
            certificates.iter().map(|one| one.raw_bytes.as_bytes()).collect()
        }
        _ => Vec::new(),
    }
}

fn certificate(bundle: &LibraryBundle, info: &CertificateInfo) -> Result<Certificate, Refusal> {
    let der = bundle.signing_certificate().ok_or_else(|| Refusal::plain(&UNTRUSTED))?;
    let claims = claims(info);
    // An RSA certificate key is named with its least length; which padding was used, the library has checked.
    let algorithm = PublicKey::from_spki(info.public_key.as_bytes(), None)
        .or_else(|_| {
            let rsa = SignatureAlgorithm::RsaPkcs1 { bits: 2048, hash: Algorithm::Sha256 };
            PublicKey::from_spki(info.public_key.as_bytes(), Some(rsa))
        })
        .map(|key| key.algorithm())
        .map_err(|_| Refusal::plain(&UNSUPPORTED_BUNDLE))?;
    Certificate::new(der.as_bytes(), info.issuer.clone(), claims, algorithm).ok_or_else(|| Refusal::plain(&UNTRUSTED))
}

fn claims(info: &CertificateInfo) -> Claims {
    let claims = &info.ci_claims;
    Claims {
        build_signer_uri: claims.build_signer_uri.clone(),
        runner_environment: claims.runner_environment.clone(),
        source_repository_uri: claims.source_repository_uri.clone(),
        source_repository_digest: claims.source_repository_digest.clone(),
        source_repository_ref: claims.source_repository_ref.clone(),
        build_trigger: claims.build_trigger.clone(),
    }
}

/// What a certificate claims about the build that it was issued to, verified or not: for reasons, never for a decision.
pub(in crate::authenticate) fn stated_claims(der: &[u8]) -> Claims {
    parse_certificate_info(&DerCertificate::new(der.to_vec())).as_ref().map(claims).unwrap_or_default()
}

/// The library's error as one of our codes. Its enums can grow, so each has a catch-all that believes nothing.
fn code(error: &Error) -> &'static ReasonInfo {
    use sigstore_verify::bundle::Error as Shape;
    match error {
        Error::SignatureInvalid(_) | Error::Crypto(_) => &SIGNATURE_INVALID,
        Error::Certificate(CertificateError::Sct(_)) => &SCT,
        Error::Certificate(
            CertificateError::NotYetValid { .. }
            | CertificateError::Expired { .. }
            | CertificateError::NoValidAuthority { .. },
        )
        | Error::TransparencyLog(TransparencyLogError::IntegratedTime(_)) => &OUTSIDE_CERTIFICATE,
        Error::Certificate(_) => &UNTRUSTED,
        Error::TransparencyLog(TransparencyLogError::UnknownLog { .. }) => &UNKNOWN_LOG,
        Error::TransparencyLog(TransparencyLogError::InclusionProof(_)) => &BAD_PROOF,
        Error::TransparencyLog(TransparencyLogError::Checkpoint(_)) => &CHECKPOINT,
        Error::TransparencyLog(TransparencyLogError::InclusionPromise(_)) => &PROMISE,
        Error::TransparencyLog(_) | Error::ArtifactMismatch(_) => &ENTRY_MISMATCH,
        Error::Timestamp(TimestampError::NoVerifiedTimestamp(_)) => &UNPROVEN,
        Error::Timestamp(_) => &BAD_TIMESTAMP,
        Error::Bundle(Shape::CheckpointRootMismatch | Shape::LogIndexOutOfRange { .. }) => &BAD_PROOF,
        Error::Bundle(
            Shape::MissingInclusionProof(_) | Shape::MissingInclusionPromise(_) | Shape::MissingCheckpoint,
        ) => &NO_PROOF,
        Error::Bundle(Shape::MissingSigningTimeEvidence | Shape::MissingTimestamp) => &UNPROVEN,
        Error::UnsupportedBundle(_) | Error::UnsupportedArtifact(_) => &UNSUPPORTED_BUNDLE,
        _ => &BAD_BUNDLE,
    }
}

/// Why a bundle was not believed because nothing proves its time, for callers that need the distinction.
#[must_use]
pub fn is_time_unproven(reason: &Reason) -> bool {
    reason.code() == UNPROVEN.code
}

/// The reason for evidence that is proven later than the verdict's time.
#[must_use]
pub fn from_future(not_later_than: Time) -> Reason {
    Reason::new(&FROM_FUTURE).time("not_later_than", not_later_than)
}

/// The reason for a signature that needs a proven time and has none.
#[must_use]
pub fn unproven() -> Reason {
    Reason::new(&UNPROVEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_trusted_root() {
        for (text, expected) in [
            ("", RootError::Malformed),
            ("{}", RootError::Malformed),
            (r#"{"mediaType": "application/json"}"#, RootError::Malformed),
            (
                r#"{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1", "tlogs": [], "ctlogs": [],
                    "certificateAuthorities": [], "timestampAuthorities": []}"#,
                RootError::Empty,
            ),
            (
                r#"{"mediaType": "application/vnd.dev.sigstore.bundle+json;version=0.1", "tlogs": [], "ctlogs": [],
                    "certificateAuthorities": [], "timestampAuthorities": []}"#,
                RootError::Malformed,
            ),
        ] {
            assert_eq!(Root::parse(text.as_bytes()).err(), Some(expected), "{text}");
        }
    }
}
