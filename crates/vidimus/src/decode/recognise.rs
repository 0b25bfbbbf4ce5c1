//! What a document is, by the members of its outermost object and never by its file name.
//!
//! Only marks that no other format has count. A document without them is an ordinary file; a document with them that
//! cannot be read is a reason that is listed.

use serde_json::{Map, Value as Json};

use super::json::Members;
use super::sbom::spdx;
use super::vex;

/// What an object's members say it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bundle,
    Dsse,
    Pep740,
    Pep740Provenance,
    /// What cosign wrote before bundles.
    Cosign,
    /// The npm registry's or GitHub's answer, if its elements have bundles.
    Attestations,
    Statement,
    CycloneDx,
    Spdx,
    OpenVex,
    /// By its members; that it is one, its version says.
    Csaf,
    TrustedRoot,
    /// Of in-toto, if what is signed says so; of others, too.
    Metablock,
}

impl Kind {
    /// Does it hold one signed item?
    pub(super) const fn is_signed_item(self) -> bool {
        matches!(self, Self::Bundle | Self::Dsse | Self::Pep740 | Self::Cosign)
    }
}

/// By the members that one pass over the text found. Of a member that is there twice the first counts; such a document is
/// refused anyway.
pub(super) fn by_members(members: &Members<'_>) -> Option<Kind> {
    kind(|name| members.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_deref()))
}

/// By the members of an object.
pub(super) fn by_object(object: &Map<String, Json>) -> Option<Kind> {
    kind(|name| object.get(name).map(Json::as_str))
}

fn kind<'a>(member: impl Fn(&str) -> Option<Option<&'a str>>) -> Option<Kind> {
    let has = |name| member(name).is_some();
    let text = |name| member(name).flatten().unwrap_or_default();
    let media_type = text("mediaType");
    if media_type.starts_with("application/vnd.dev.sigstore.bundle")
        || has("verificationMaterial") && (has("dsseEnvelope") || has("messageSignature"))
    {
        Some(Kind::Bundle)
    } else if media_type.starts_with("application/vnd.dev.sigstore.trustedroot") {
        Some(Kind::TrustedRoot)
    } else if has("payloadType") && (has("payload") || has("signatures")) {
        Some(Kind::Dsse)
    } else if has("verification_material") && has("envelope") {
        Some(Kind::Pep740)
    } else if has("base64Signature") && (has("cert") || has("rekorBundle")) {
        Some(Kind::Cosign)
    } else if has("attestation_bundles") {
        Some(Kind::Pep740Provenance)
    } else if text("_type").starts_with("https://in-toto.io/Statement/") {
        Some(Kind::Statement)
    } else if text("bomFormat") == "CycloneDX" {
        Some(Kind::CycloneDx)
    } else if text("spdxVersion").starts_with("SPDX-") || spdx::v3::is_context(text("@context")) {
        Some(Kind::Spdx)
    } else if vex::is_openvex(text("@context")) {
        Some(Kind::OpenVex)
    } else if has("document") && (has("product_tree") || has("vulnerabilities")) {
        Some(Kind::Csaf)
    } else if has("signed") && has("signatures") {
        Some(Kind::Metablock)
    } else if has("attestations") {
        Some(Kind::Attestations)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

    use super::*;
    use crate::decode::json::outline;
    use crate::limits::Limits;

    #[test]
    fn marks() {
        for (text, expected) in [
            (r#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}"#, Some(Kind::Bundle)),
            (r#"{"mediaType":"application/vnd.dev.sigstore.bundle+json;version=9"}"#, Some(Kind::Bundle)),
            (r#"{"verificationMaterial":{},"dsseEnvelope":{}}"#, Some(Kind::Bundle)),
            (r#"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#, Some(Kind::TrustedRoot)),
            (r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[]}"#, None),
            (r#"{"payloadType":"t","payload":""}"#, Some(Kind::Dsse)),
            (r#"{"payload":"x","signatures":[],"protected":"y"}"#, None),
            (r#"{"version":1,"verification_material":{},"envelope":{}}"#, Some(Kind::Pep740)),
            (r#"{"base64Signature":"","cert":""}"#, Some(Kind::Cosign)),
            (r#"{"base64Signature":""}"#, None),
            (r#"{"version":1,"attestation_bundles":[]}"#, Some(Kind::Pep740Provenance)),
            (r#"{"_type":"https://in-toto.io/Statement/v7"}"#, Some(Kind::Statement)),
            (r#"{"_type":"link"}"#, None),
            (r#"{"signed":{"_type":"layout"},"signatures":[]}"#, Some(Kind::Metablock)),
            (r#"{"signed":{"_type":"layout"}}"#, None),
            (r#"{"bomFormat":"CycloneDX"}"#, Some(Kind::CycloneDx)),
            (r#"{"bomFormat":"Other"}"#, None),
            (r#"{"bomFormat":{"CycloneDX":1}}"#, None),
            (r#"{"spdxVersion":"SPDX-2.3"}"#, Some(Kind::Spdx)),
            (r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]}"#, Some(Kind::Spdx)),
            (r#"{"@context":"https://openvex.dev/ns/v0.2.0"}"#, Some(Kind::OpenVex)),
            (r#"{"@context":"https://openvex.dev/nsx"}"#, None),
            (r#"{"document":{"csaf_version":"2.0"},"product_tree":{}}"#, Some(Kind::Csaf)),
            (r#"{"document":{}}"#, None),
            (r#"{"attestations":[]}"#, Some(Kind::Attestations)),
            (r#"{"x":{"bomFormat":"CycloneDX"}}"#, None),
            (r#"{"\u0062omFormat":"Cyclone\u0044X"}"#, Some(Kind::CycloneDx)),
            ("{}", None),
        ] {
            let outline = outline(text.as_bytes(), &Limits::MAX);
            assert_eq!(by_members(&outline.objects[0]), expected, "{text}");
            let value: Json = serde_json::from_str(text).unwrap();
            assert_eq!(by_object(value.as_object().unwrap()), expected, "{text}");
        }
    }
}
