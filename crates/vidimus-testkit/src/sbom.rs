//! SBOM documents: one description, written as CycloneDX JSON or SPDX 2 JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::encode::{digest_hex, json as text, set, sha256_hex};

/// A component.
#[derive(Clone, Debug, Default)]
pub struct Component {
    /// `bom-ref`; in SPDX after `SPDXRef-`.
    pub reference: String,
    /// Name.
    pub name: String,
    /// Version, left out when empty.
    pub version: String,
    /// `type` of CycloneDX, in lower case.
    pub kind: String,
    /// Package URL, left out when empty.
    pub purl: String,
    /// Supplier, left out when empty.
    pub supplier: String,
    /// SPDX licence expression, left out when empty.
    pub license: String,
    /// (DigestSet name, hex), in order; a name that is not a DigestSet name is written as it is.
    pub hashes: Vec<(String, String)>,
}

impl Component {
    /// A library of that name and version; the reference is made of both.
    #[must_use]
    pub fn new(name: &str, version: &str) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
        Self {
            reference: format!("{name}-{version}").chars().map(plain).collect(),
            name: name.to_owned(),
            version: version.to_owned(),
            kind: "library".to_owned(),
            ..Self::default()
        }
    }

    /// Sets the package URL.
    #[must_use]
    pub fn purl(mut self, purl: &str) -> Self {
        purl.clone_into(&mut self.purl);
        self
    }

    /// Sets the supplier.
    #[must_use]
    pub fn supplier(mut self, supplier: &str) -> Self {
        supplier.clone_into(&mut self.supplier);
        self
    }

    /// Sets the licence.
    #[must_use]
    pub fn license(mut self, license: &str) -> Self {
        license.clone_into(&mut self.license);
        self
    }

    /// Sets the CycloneDX type.
    #[must_use]
    pub fn kind(mut self, kind: &str) -> Self {
        kind.clone_into(&mut self.kind);
        self
    }

    /// Adds the SHA-256 of `bytes`.
    #[must_use]
    pub fn hash_of(self, bytes: &[u8]) -> Self {
        self.hash("sha256", &digest_hex("sha256", bytes))
    }

    /// Adds a hash.
    #[must_use]
    pub fn hash(mut self, algorithm: &str, hex: &str) -> Self {
        self.hashes.push((algorithm.to_owned(), hex.to_owned()));
        self
    }

    fn cyclonedx(&self) -> Value {
        let mut out = json!({"bom-ref": self.reference, "name": self.name, "type": self.kind});
        for (member, value) in [("/version", &self.version), ("/purl", &self.purl), ("/supplier/name", &self.supplier)]
        {
            if !value.is_empty() {
                set(&mut out, member, value.as_str().into());
            }
        }
        if !self.license.is_empty() {
            set(&mut out, "/licenses", json!([{"expression": self.license}]));
        }
        if !self.hashes.is_empty() {
            let hash = |(name, hex): &(String, String)| json!({"alg": algorithm(name, "SHA-"), "content": hex});
            set(&mut out, "/hashes", self.hashes.iter().map(hash).collect());
        }
        out
    }

    fn spdx_id(&self) -> String {
        format!("SPDXRef-{}", self.reference)
    }

    fn spdx(&self) -> Value {
        let license = if self.license.is_empty() { "NOASSERTION" } else { &self.license };
        let mut out = json!({
            "SPDXID": self.spdx_id(),
            "copyrightText": "NOASSERTION",
            "downloadLocation": "NOASSERTION",
            "filesAnalyzed": false,
            "licenseConcluded": license,
            "licenseDeclared": license,
            "name": self.name,
        });
        if !self.version.is_empty() {
            set(&mut out, "/versionInfo", self.version.as_str().into());
        }
        if !self.supplier.is_empty() {
            set(&mut out, "/supplier", format!("Organization: {}", self.supplier).into());
        }
        if !self.purl.is_empty() {
            let reference = json!({
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceLocator": self.purl,
                "referenceType": "purl",
            });
            set(&mut out, "/externalRefs", json!([reference]));
        }
        if !self.hashes.is_empty() {
            let hash =
                |(name, hex): &(String, String)| json!({"algorithm": algorithm(name, "SHA"), "checksumValue": hex});
            set(&mut out, "/checksums", self.hashes.iter().map(hash).collect());
        }
        out
    }
}

/// `sha256` as `SHA-256` or `SHA256`.
fn algorithm(name: &str, prefix: &str) -> String {
    match name.strip_prefix("sha") {
        Some(bits) if bits.bytes().all(|b| b.is_ascii_digit()) => format!("{prefix}{bits}"),
        _ => name.to_owned(),
    }
}

/// An SBOM.
#[derive(Clone, Debug)]
pub struct Sbom {
    /// What it is about; `None` leaves it out.
    pub root: Option<Component>,
    /// The other components, in order.
    pub components: Vec<Component>,
    /// (from, to) by reference.
    pub dependencies: Vec<(String, String)>,
    /// When it was written.
    pub timestamp: String,
    /// Who wrote it.
    pub author: String,
}

impl Sbom {
    /// About `root`.
    #[must_use]
    pub fn new(root: Component) -> Self {
        Self {
            root: Some(root),
            components: Vec::new(),
            dependencies: Vec::new(),
            timestamp: "2025-02-01T00:00:00Z".to_owned(),
            author: "Example Forge".to_owned(),
        }
    }

    /// Adds a component that the root depends on.
    #[must_use]
    pub fn component(mut self, component: Component) -> Self {
        if let Some(root) = &self.root {
            self.dependencies.push((root.reference.clone(), component.reference.clone()));
        }
        self.components.push(component);
        self
    }

    /// Adds a dependency between two references.
    #[must_use]
    pub fn depends(mut self, from: &str, to: &str) -> Self {
        self.dependencies.push((from.to_owned(), to.to_owned()));
        self
    }

    /// As CycloneDX JSON of that version, such as `1.6`.
    #[must_use]
    pub fn cyclonedx(&self, version: &str) -> Value {
        let mut out = json!({
            "bomFormat": "CycloneDX",
            "components": self.components.iter().map(Component::cyclonedx).collect::<Vec<_>>(),
            "dependencies": self.cyclonedx_dependencies(),
            "metadata": {"authors": [{"name": self.author}], "timestamp": self.timestamp},
            "specVersion": version,
            "version": 1,
        });
        if let Some(root) = &self.root {
            let mut component = root.cyclonedx();
            set(&mut component, "/type", "application".into());
            set(&mut out, "/metadata/component", component);
        }
        let serial = format!("urn:uuid:{}", uuid(&out));
        set(&mut out, "/serialNumber", serial.into());
        out
    }

    fn cyclonedx_dependencies(&self) -> Vec<Value> {
        let mut to: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (from, dependency) in &self.dependencies {
            to.entry(from).or_default().push(dependency);
        }
        let all = self.root.iter().chain(&self.components);
        all.map(|component| {
            let to = to.get(component.reference.as_str()).map_or(&[][..], Vec::as_slice);
            if to.is_empty() {
                json!({"ref": component.reference})
            } else {
                json!({"dependsOn": to, "ref": component.reference})
            }
        })
        .collect()
    }

    /// As SPDX 2.3 JSON.
    #[must_use]
    pub fn spdx(&self) -> Value {
        let relationship = |from: &str, kind: &str, to: &str| json!({"relatedSpdxElement": to, "relationshipType": kind, "spdxElementId": from});
        let mut relationships = Vec::new();
        if let Some(root) = &self.root {
            relationships.push(relationship("SPDXRef-DOCUMENT", "DESCRIBES", &root.spdx_id()));
        }
        for (from, to) in &self.dependencies {
            relationships.push(relationship(&format!("SPDXRef-{from}"), "DEPENDS_ON", &format!("SPDXRef-{to}")));
        }
        let all = self.root.iter().chain(&self.components);
        let mut out = json!({
            "SPDXID": "SPDXRef-DOCUMENT",
            "creationInfo": {"created": self.timestamp, "creators": [format!("Organization: {}", self.author)]},
            "dataLicense": "CC0-1.0",
            "name": self.root.as_ref().map_or("sbom", |root| &root.name),
            "packages": all.map(Component::spdx).collect::<Vec<_>>(),
            "relationships": relationships,
            "spdxVersion": "SPDX-2.3",
        });
        let namespace = format!("https://example.com/spdx/{}", uuid(&out));
        set(&mut out, "/documentNamespace", namespace.into());
        out
    }

    /// As SPDX 2.3 tag-value.
    #[must_use]
    pub fn spdx_tag_value(&self) -> Vec<u8> {
        let document = self.spdx();
        let text = |value: &Value, pointer: &str| {
            value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let list = |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut lines = Vec::new();
        for (tag, pointer) in [
            ("SPDXVersion", "/spdxVersion"),
            ("DataLicense", "/dataLicense"),
            ("SPDXID", "/SPDXID"),
            ("DocumentName", "/name"),
            ("DocumentNamespace", "/documentNamespace"),
            ("Creator", "/creationInfo/creators/0"),
            ("Created", "/creationInfo/created"),
        ] {
            lines.push(format!("{tag}: {}", text(&document, pointer)));
        }
        for relationship in list(&document, "relationships") {
            let [from, kind, to] =
                ["/spdxElementId", "/relationshipType", "/relatedSpdxElement"].map(|p| text(&relationship, p));
            lines.push(format!("Relationship: {from} {kind} {to}"));
        }
        for package in list(&document, "packages") {
            for (tag, pointer) in [
                ("PackageName", "/name"),
                ("SPDXID", "/SPDXID"),
                ("PackageVersion", "/versionInfo"),
                ("PackageSupplier", "/supplier"),
                ("PackageDownloadLocation", "/downloadLocation"),
            ] {
                let value = text(&package, pointer);
                lines.extend((!value.is_empty()).then(|| format!("{tag}: {value}")));
            }
            lines.push("FilesAnalyzed: false".to_owned());
            for sum in list(&package, "checksums") {
                lines.push(format!("PackageChecksum: {}: {}", text(&sum, "/algorithm"), text(&sum, "/checksumValue")));
            }
            for reference in list(&package, "externalRefs") {
                lines.push(format!("ExternalRef: PACKAGE-MANAGER purl {}", text(&reference, "/referenceLocator")));
            }
        }
        (lines.join("\n") + "\n").into_bytes()
    }

    /// CycloneDX 1.6 as a file.
    #[must_use]
    pub fn cyclonedx_bytes(&self) -> Vec<u8> {
        text(&self.cyclonedx("1.6")).into_bytes()
    }

    /// SPDX 2.3 as a file.
    #[must_use]
    pub fn spdx_bytes(&self) -> Vec<u8> {
        text(&self.spdx()).into_bytes()
    }

    /// Leaves out what the document is about.
    #[must_use]
    pub fn without_root(mut self) -> Self {
        self.root = None;
        self
    }
}

/// A version 4 UUID made of a document's content.
fn uuid(document: &Value) -> String {
    let mut hex: Vec<u8> = sha256_hex(text(document).as_bytes()).into_bytes();
    hex[12] = b'4';
    hex[16] = b'a';
    let part = |range: std::ops::Range<usize>| String::from_utf8(hex[range].to_vec()).unwrap();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_pinned() {
        let root =
            Component::new("widget", "1.2.3").purl("pkg:generic/widget@1.2.3").supplier("ACME").hash_of(b"widget");
        let zlib = Component::new("zlib", "1.3.1").license("Zlib").hash("sha1", &"0".repeat(40));
        let sbom = Sbom::new(root).component(zlib).depends("zlib-1.3.1", "widget-1.2.3");
        for (bytes, digest) in [
            (sbom.cyclonedx_bytes(), "569dca435b71a186b7a6ad193d875ab12063e6481c08f5d9ae08b24874e945fb"),
            (sbom.spdx_bytes(), "7e091c4016c11ad4f5fa61a627088e2f67013dc6c61054b9b78fc698fcfb5f58"),
            (
                sbom.clone().without_root().spdx_bytes(),
                "4d1bcbf2177ea8cf4d31a516fdbeb639d3d3ff22ae7e57e923f3ecdd31e04e41",
            ),
        ] {
            assert_eq!(sha256_hex(&bytes), digest, "{}", String::from_utf8_lossy(&bytes));
        }
    }
}
