//! Sigstore bundles v0.1, v0.2 and v0.3 (`sigstore/protobuf-specs`, `sigstore_bundle.proto`): structure only.
//!
//! What the structure must be is decided here, so that a change of the Sigstore library cannot change it; what it proves is
//! decided in `authenticate::sigstore`. Only canonical proto3 JSON is read: no snake_case names, no unpadded base64.

use serde_json::{Map, Value as Json, json};

use super::base64::{either, standard};
use super::dsse::{self, Dsse};
use super::shape::{Shape, UNSUPPORTED, VERSION};
use crate::digest::{Algorithm, Digest};
use crate::limits::Limits;
use crate::reason::Reason;

crate::reasons! {
    CERTIFICATES = "limit.certificates", Unproven, Signer, ["found", "limit"],
        says "a chain of {found} certificates; at most {limit} are read",
        why "Each certificate costs work to verify; counters bound what one document can cost (T36).",
        fix "Deliver the signing certificate alone, or with the few that lead to the trusted root.";
    INCLUSION_PATH = "limit.inclusion-path", Unproven, Signer, ["found", "limit"],
        says "an inclusion proof of {found} hashes; at most {limit} are read",
        why "A tree of 2^63 entries needs 63 hashes; a longer proof is not one (RFC 9162 section 2.1.3).",
        fix "Fetch the inclusion proof again.";
    COSIGNATURES = "limit.cosignatures", Unproven, Signer, ["found", "limit"],
        says "a checkpoint with {found} signatures; at most {limit} are read",
        why "Each signature costs work to verify; counters bound what one document can cost (T36).",
        fix "Deliver the checkpoint with fewer cosignatures.";
}

const SHAPE: Shape = Shape("Sigstore bundle");

/// Media types and the minor version each stands for. The last form came with v0.3.
const MEDIA_TYPES: [(&str, u8); 4] = [
    ("application/vnd.dev.sigstore.bundle+json;version=0.1", 1),
    ("application/vnd.dev.sigstore.bundle+json;version=0.2", 2),
    ("application/vnd.dev.sigstore.bundle+json;version=0.3", 3),
    (V03, 3),
];
const V03: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// A Sigstore bundle, structurally checked. Cryptography happens in `authenticate::sigstore`.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// Minor version of `0.N`.
    pub version: u8,
    /// The bundle as JSON text for the verifier (rebuilt for PEP 740 objects).
    pub json: String,
    /// What it carries for verification.
    pub material: Material,
    /// The certificates behind the signer's, DER; they lead to an anchor, or nowhere.
    pub chain: Vec<Vec<u8>>,
    /// What is signed.
    pub content: BundleContent,
}

/// Verification material of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Material {
    /// A certificate, DER.
    Certificate(Vec<u8>),
    /// A managed key; the hint decides nothing.
    PublicKey,
}

/// What a bundle signs.
#[derive(Clone, Debug)]
pub enum BundleContent {
    /// A DSSE envelope with exactly one signature.
    Dsse(Dsse),
    /// A signature over a file. The digest is a claim until the signature is verified against it.
    Message {
        /// `messageDigest`.
        digest: Digest,
        /// The signature.
        signature: Vec<u8>,
    },
}

/// Reads a bundle. `text` is its JSON as it was delivered, if it was a document of its own.
pub(super) fn read(value: &Json, text: Option<&str>, limits: &Limits) -> Result<Bundle, Reason> {
    let bundle = SHAPE.object(value, "mediaType")?;
    let media_type = SHAPE.need_text(bundle, "mediaType")?;
    let version = MEDIA_TYPES.iter().find(|(name, _)| *name == media_type).map(|(_, version)| *version);
    let version = version.ok_or_else(|| {
        Reason::new(&VERSION).evidence("found", media_type).name("required", "Sigstore bundle 0.1, 0.2 or 0.3")
    })?;
    let verification = SHAPE.need_map(bundle, "verificationMaterial")?;
    log_entries(verification, limits)?;
    if let Some(data) = SHAPE.map(verification, "timestampVerificationData")? {
        dsse::at_most(SHAPE.list(data, "rfc3161Timestamps")?.len(), limits)?;
    }
    let (material, chain) = material(verification, version, limits)?;
    Ok(Bundle {
        version,
        json: text.map_or_else(|| value.to_string(), ToOwned::to_owned),
        material,
        chain,
        content: content(bundle, limits)?,
    })
}

/// A PEP 740 attestation object as the v0.3 bundle that it was made from.
pub(super) fn from_pep740(value: &Json) -> Result<Json, Reason> {
    const SHAPE: Shape = Shape("PEP 740 attestation");
    let attestation = SHAPE.object(value, "version")?;
    if attestation.get("version").and_then(Json::as_u64) != Some(1) {
        return Err(SHAPE.wrong("version"));
    }
    let material = SHAPE.need_map(attestation, "verification_material")?;
    let envelope = SHAPE.need_map(attestation, "envelope")?;
    Ok(json!({
        "mediaType": V03,
        "verificationMaterial": {
            "certificate": { "rawBytes": SHAPE.need_text(material, "certificate")? },
            "tlogEntries": SHAPE.list(material, "transparency_entries")?,
        },
        "dsseEnvelope": {
            "payload": SHAPE.need_text(envelope, "statement")?,
            "payloadType": dsse::STATEMENT,
            "signatures": [{ "sig": SHAPE.need_text(envelope, "signature")? }],
        },
    }))
}

/// Exactly one of the three forms. The first certificate of a chain is the signer's; the others lead nowhere by themselves.
///
/// `certificate` came with v0.3. The specification forbids the chain form in v0.3 only for the public-good instance, and
/// private instances use it, so it is read there too.
fn material(
    verification: &Map<String, Json>,
    version: u8,
    limits: &Limits,
) -> Result<(Material, Vec<Vec<u8>>), Reason> {
    let certificate = SHAPE.map(verification, "certificate")?;
    let chain = SHAPE.map(verification, "x509CertificateChain")?;
    let key = SHAPE.map(verification, "publicKey")?;
    let der = |entry: &Map<String, Json>| {
        standard(SHAPE.need_text(entry, "rawBytes")?).ok_or_else(|| SHAPE.wrong("rawBytes"))
    };
    match (certificate, chain, key) {
        (Some(certificate), None, None) if version >= 3 => Ok((Material::Certificate(der(certificate)?), Vec::new())),
        (None, Some(chain), None) => {
            let chain = SHAPE.list(chain, "certificates")?;
            if chain.len() > limits.certificates {
                let reason = Reason::new(&CERTIFICATES).int("found", chain.len());
                return Err(reason.int("limit", limits.certificates));
            }
            let one = |one| der(SHAPE.object(one, "certificates")?);
            let (leaf, others) = chain.split_first().ok_or_else(|| SHAPE.wrong("certificates"))?;
            let others = others.iter().map(one).collect::<Result<_, _>>()?;
            Ok((Material::Certificate(one(leaf)?), others))
        }
        (None, None, Some(_)) => Ok((Material::PublicKey, Vec::new())),
        _ => Err(SHAPE.wrong("verificationMaterial")),
    }
}

fn log_entries(verification: &Map<String, Json>, limits: &Limits) -> Result<(), Reason> {
    let entries = SHAPE.list(verification, "tlogEntries")?;
    dsse::at_most(entries.len(), limits)?;
    for entry in entries {
        let entry = SHAPE.object(entry, "tlogEntries")?;
        let Some(proof) = SHAPE.map(entry, "inclusionProof")? else { continue };
        let path = SHAPE.list(proof, "hashes")?.len();
        if path > limits.inclusion_path {
            return Err(Reason::new(&INCLUSION_PATH).int("found", path).int("limit", limits.inclusion_path));
        }
        if let Some(checkpoint) = SHAPE.map(proof, "checkpoint")? {
            let note = SHAPE.text(checkpoint, "envelope")?.unwrap_or_default();
            let signatures = note.lines().filter(|line| line.starts_with('\u{2014}')).count();
            if signatures > limits.cosignatures {
                let reason = Reason::new(&COSIGNATURES).int("found", signatures);
                return Err(reason.int("limit", limits.cosignatures));
            }
        }
    }
    Ok(())
}

fn content(bundle: &Map<String, Json>, limits: &Limits) -> Result<BundleContent, Reason> {
    match (Shape::get(bundle, "dsseEnvelope"), SHAPE.map(bundle, "messageSignature")?) {
        (Some(envelope), None) => {
            let dsse = dsse::read(envelope, limits)?;
            match dsse.signatures.len() {
                1 => Ok(BundleContent::Dsse(dsse)),
                found => Err(dsse::count(found, "exactly 1")),
            }
        }
        (None, Some(message)) => {
            let signature = either(SHAPE.need_text(message, "signature")?).ok_or_else(|| SHAPE.wrong("signature"))?;
            let digest = SHAPE.need_map(message, "messageDigest")?;
            let algorithm = match SHAPE.need_text(digest, "algorithm")? {
                "SHA2_256" => Algorithm::Sha256,
                "SHA2_384" => Algorithm::Sha384,
                "SHA2_512" => Algorithm::Sha512,
                _ => return Err(Reason::new(&UNSUPPORTED)),
            };
            let bytes = standard(SHAPE.need_text(digest, "digest")?).ok_or_else(|| SHAPE.wrong("digest"))?;
            let digest = Digest::parse(algorithm, &hex::encode(bytes)).ok_or_else(|| SHAPE.wrong("digest"))?;
            Ok(BundleContent::Message { digest, signature })
        }
        _ => Err(SHAPE.wrong("dsseEnvelope or messageSignature")),
    }
}
