//! What `cosign sign-blob --bundle` wrote before it wrote Sigstore bundles: signature, certificate and log entry in one object.
//! There is no specification; the members are those of cosign's `LocalSignedPayload` and `RekorBundle`. It holds what a bundle
//! v0.1 holds, and is read as one: the log's promise proves the time, and there is no inclusion proof.

use serde_json::{Map, Value as Json, json};

use super::base64::{encode, standard};
use super::shape::Shape;
use super::{dsse, json as strict};
use crate::limits::Limits;
use crate::reason::Reason;

const SHAPE: Shape = Shape("cosign bundle");

/// The members, for recognising it and for telling others.
pub(super) const MEMBERS: [&str; 3] = ["base64Signature", "cert", "rekorBundle"];

/// The bundle v0.1 with the same parts.
pub(super) fn as_bundle(value: &Json, limits: &Limits) -> Result<Json, Reason> {
    let cosign = SHAPE.object(value, "base64Signature")?;
    let signature = SHAPE.need_text(cosign, "base64Signature")?;
    let entry = SHAPE.need_map(cosign, "rekorBundle")?;
    let payload = SHAPE.need_map(entry, "Payload")?;
    let body = SHAPE.need_text(payload, "body")?;
    let read = standard(body).and_then(|bytes| strict::parse(&bytes, limits).ok());
    let read = read.ok_or_else(|| SHAPE.wrong("body"))?;
    let read = SHAPE.object(&read, "body")?;
    let log_id = hex::decode(SHAPE.need_text(payload, "logID")?).map_err(|_| SHAPE.wrong("logID"))?;
    let mut bundle = json!({
        "mediaType": "application/vnd.dev.sigstore.bundle+json;version=0.1",
        "verificationMaterial": {
            "tlogEntries": [{
                "logIndex": count(payload, "logIndex")?,
                "logId": { "keyId": encode(&log_id) },
                "kindVersion": {
                    "kind": SHAPE.need_text(read, "kind")?,
                    "version": SHAPE.need_text(read, "apiVersion")?,
                },
                "integratedTime": count(payload, "integratedTime")?,
                "inclusionPromise": { "signedEntryTimestamp": SHAPE.need_text(entry, "SignedEntryTimestamp")? },
                "canonicalizedBody": body,
            }],
        },
    });
    let (member, signer) = signer(cosign)?;
    let (content, signed) = content(signature, read, limits)?;
    if let Some(map) = bundle.as_object_mut() {
        map.insert(content.to_owned(), signed);
        if let Some(material) = map.get_mut("verificationMaterial").and_then(Json::as_object_mut) {
            material.insert(member.to_owned(), signer);
        }
    }
    Ok(bundle)
}

/// A number of the log, as text: so bundles have it.
fn count(payload: &Map<String, Json>, member: &'static str) -> Result<String, Reason> {
    let number = Shape::get(payload, member).and_then(Json::as_u64).ok_or_else(|| SHAPE.wrong(member))?;
    Ok(number.to_string())
}

/// `cert` is PEM, mostly in base64 once more: a certificate, or the public key of a managed one, or nothing with a managed key.
fn signer(cosign: &Map<String, Json>) -> Result<(&'static str, Json), Reason> {
    let managed = Ok(("publicKey", json!({ "hint": "" })));
    let text = SHAPE.text(cosign, "cert")?.unwrap_or_default();
    if text.is_empty() {
        return managed;
    }
    let pem = if text.starts_with("-----") { Some(text.as_bytes().to_vec()) } else { standard(text) };
    let pem = pem.and_then(|pem| String::from_utf8(pem).ok()).ok_or_else(|| SHAPE.wrong("cert"))?;
    match der::pem::decode_vec(pem.trim().as_bytes()) {
        Ok(("CERTIFICATE", der)) => {
            Ok(("x509CertificateChain", json!({ "certificates": [{ "rawBytes": encode(&der) }] })))
        }
        Ok(("PUBLIC KEY", _)) => managed,
        _ => Err(SHAPE.wrong("cert")),
    }
}

/// An envelope, if that is what stands for the signature; else a signature over the file whose digest the log entry has.
fn content(signature: &str, entry: &Map<String, Json>, limits: &Limits) -> Result<(&'static str, Json), Reason> {
    let bytes = standard(signature).ok_or_else(|| SHAPE.wrong("base64Signature"))?;
    if bytes.first() == Some(&b'{') {
        let envelope = strict::parse(&bytes, limits)?;
        dsse::read(&envelope, limits)?;
        return Ok(("dsseEnvelope", envelope));
    }
    let hash = entry.get("spec").and_then(|spec| spec.pointer("/data/hash")).and_then(Json::as_object);
    let hash = hash.ok_or_else(|| SHAPE.wrong("body"))?;
    let algorithm = match SHAPE.need_text(hash, "algorithm")? {
        "sha256" => "SHA2_256",
        "sha384" => "SHA2_384",
        "sha512" => "SHA2_512",
        _ => return Err(SHAPE.wrong("algorithm")),
    };
    let digest = hex::decode(SHAPE.need_text(hash, "value")?).map_err(|_| SHAPE.wrong("value"))?;
    let digest = json!({ "algorithm": algorithm, "digest": encode(&digest) });
    Ok(("messageSignature", json!({ "messageDigest": digest, "signature": signature })))
}
