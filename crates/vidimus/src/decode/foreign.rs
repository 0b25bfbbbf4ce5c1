//! Members that a signed item's format does not define. Specifications say to ignore them, and so does everything that reads
//! an item's claim. But an envelope with members of another format is also a document of that other format: what a program
//! takes for its configuration can carry a genuine envelope to be taken for evidence. So such a file is judged like any other
//! (`docs/decisions/0004-what-is-evidence.md`).

use serde_json::Value as Json;

/// Every member name of DSSE envelopes (`envelope.md`), Sigstore bundles (`sigstore_bundle.proto`, `sigstore_rekor.proto`,
/// `sigstore_common.proto`) and PEP 740 attestation objects.
const KNOWN: [&str; 43] = [
    "algorithm",
    "canonicalizedBody",
    "cert",
    "certificate",
    "certificates",
    "checkpoint",
    "digest",
    "dsseEnvelope",
    "envelope",
    "hashes",
    "hint",
    "inclusionPromise",
    "inclusionProof",
    "integratedTime",
    "keyId",
    "keyid",
    "kind",
    "kindVersion",
    "logId",
    "logIndex",
    "mediaType",
    "messageDigest",
    "messageSignature",
    "payload",
    "payloadType",
    "publicKey",
    "rawBytes",
    "rfc3161Timestamps",
    "rootHash",
    "sig",
    "signature",
    "signatures",
    "signedEntryTimestamp",
    "signedTimestamp",
    "statement",
    "timestampVerificationData",
    "tlogEntries",
    "transparency_entries",
    "treeSize",
    "verificationMaterial",
    "verification_material",
    "version",
    "x509CertificateChain",
];

/// Does an item have a member, anywhere, that its format does not define?
pub(super) fn in_item(item: &Json) -> bool {
    let mut stack = vec![item];
    while let Some(value) = stack.pop() {
        match value {
            Json::Object(map) => {
                if map.keys().any(|name| !KNOWN.contains(&name.as_str())) {
                    return true;
                }
                stack.extend(map.values());
            }
            Json::Array(items) => stack.extend(items),
            _ => {}
        }
    }
    false
}

/// Does the object around several items have other members than `known`?
pub(super) fn around(wrapper: &Json, known: &[&str]) -> bool {
    wrapper.as_object().is_none_or(|map| map.keys().any(|name| !known.contains(&name.as_str())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members() {
        let envelope = json!({"payload": "", "payloadType": "t", "signatures": [{"sig": "", "keyid": ""}]});
        let with = |pointer: &str| {
            let mut value = envelope.clone();
            if let Some(object) = value.pointer_mut(pointer).and_then(Json::as_object_mut) {
                object.insert("update_url".to_owned(), json!("https://example.com"));
            }
            value
        };
        assert!(!in_item(&envelope));
        assert!(in_item(&with("")));
        assert!(in_item(&with("/signatures/0")));
        assert!(!around(&json!({"attestations": []}), &["attestations"]));
        assert!(around(&json!({"attestations": [], "update_url": ""}), &["attestations"]));
        assert!(around(&json!([]), &["attestations"]));
    }
}
