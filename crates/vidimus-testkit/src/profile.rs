//! Documents that say everything that standards ask of SBOMs, one for each format: about a router made of two libraries.
//!
//! A test takes one thing away and sees which rule notices.

use serde_json::{Value, json};

use crate::encode::digest_hex;

/// Who makes all of it, and the document.
pub const VENDOR: &str = "ACME Networks AB";

/// The program that the documents are about.
pub const PROGRAM: &[u8] = b"\x7fELF routerd 4.2.0\n";

/// (name, version, its bytes).
const PARTS: [(&str, &str, &[u8]); 3] =
    [("router", "4.2.0", PROGRAM), ("tls", "3.0", b"tls 3.0"), ("zip", "1.3", b"zip 1.3")];

/// CycloneDX 1.6 JSON: `/metadata/component` is the router, `/components/0` and `/components/1` are the libraries.
#[must_use]
pub fn cyclonedx() -> Value {
    let component = |(name, version, bytes): (&str, &str, &[u8])| {
        let url = format!("https://acme.example/{name}");
        json!({
            "type": "library", "bom-ref": name, "name": name, "version": version, "description": format!("{name} of the router"),
            "purl": format!("pkg:generic/acme/{name}@{version}"), "copyright": "Copyright ACME Networks AB",
            "supplier": {"name": VENDOR}, "manufacturer": {"name": VENDOR, "contact": [{"email": "psirt@acme.example"}]},
            "hashes": [{"alg": "SHA-256", "content": digest_hex("sha256", bytes)}],
            "licenses": [
                {"license": {"id": "MIT", "acknowledgement": "concluded", "licensing": {"altIds": ["acme-1"]}}},
                {"license": {"id": "MIT", "acknowledgement": "declared"}},
            ],
            "externalReferences": [
                {"type": "distribution", "url": format!("{url}.bin"), "hashes": [{"alg": "SHA-512", "content": digest_hex("sha512", bytes)}]},
                {"type": "source-distribution", "url": format!("{url}.tgz"), "hashes": [{"alg": "SHA-256", "content": "00".repeat(32)}]},
                {"type": "rfc-9116", "url": "https://acme.example/.well-known/security.txt"},
                {"type": "exploitability-statement", "url": format!("{url}.vex.json")},
            ],
            "releaseNotes": {"type": "major", "timestamp": "2026-10-01T00:00:00Z"},
            "properties": [
                {"name": "bsi:component:filename", "value": format!("{name}.bin")},
                {"name": "bsi:component:executable", "value": "executable"},
                {"name": "bsi:component:archive", "value": "no archive"},
                {"name": "bsi:component:structured", "value": "structured"},
                {"name": "bsi:component:effectiveLicence", "value": "MIT"},
                {"name": "cdx:lifecycle:milestone:endOfSupport", "value": "2031-10-01T00:00:00Z"},
                {"name": "urn:vidimus:comp.originClass", "value": "proprietary"},
                {"name": "urn:vidimus:comp.criticality", "value": "high"},
                {"name": "urn:vidimus:comp.patchStatus", "value": "no patch is open"},
            ],
        })
    };
    let [router, tls, zip] = PARTS.map(component);
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 3,
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "metadata": {
            "timestamp": "2026-11-01T08:00:00Z", "lifecycles": [{"phase": "build"}],
            "tools": {"components": [{"type": "application", "name": "bomber", "version": "2.1"}]},
            "manufacturer": {"name": VENDOR, "contact": [{"email": "sbom@acme.example"}]},
            "component": router,
        },
        "components": [tls, zip],
        "dependencies": [{"ref": "router", "dependsOn": ["tls", "zip"]}, {"ref": "tls"}, {"ref": "zip"}],
        "compositions": [{"aggregate": "complete", "dependencies": ["router", "tls", "zip"]}],
        "annotations": [{
            "subjects": ["router", "tls", "zip"], "annotator": {"organization": {"name": VENDOR}},
            "timestamp": "2026-11-01T08:00:00Z", "text": "reviewed",
        }],
    })
}

/// SPDX 2.3 JSON: `/packages/0` is the router, `/packages/1` and `/packages/2` are the libraries.
#[must_use]
pub fn spdx() -> Value {
    let annotation = |comment: &str| {
        json!({
            "annotationDate": "2026-11-01T08:00:00Z", "annotationType": "OTHER", "annotator": "Organization: ACME Networks AB", "comment": comment,
        })
    };
    let package = |(name, version, bytes): (&str, &str, &[u8])| {
        let url = format!("https://acme.example/{name}");
        json!({
            "SPDXID": format!("SPDXRef-{name}"), "name": name, "versionInfo": version, "description": format!("{name} of the router"),
            "supplier": format!("Organization: {VENDOR} (sales@acme.example)"),
            "originator": format!("Organization: {VENDOR} (psirt@acme.example)"),
            "downloadLocation": format!("{url}.bin"), "filesAnalyzed": false, "packageFileName": format!("{name}.bin"),
            "licenseConcluded": "MIT", "licenseDeclared": "MIT", "licenseComments": "none beyond the licence", "comment": "reviewed",
            "copyrightText": "Copyright ACME Networks AB", "sourceInfo": format!("{url}.tgz"),
            "releaseDate": "2026-10-01T00:00:00Z", "validUntilDate": "2031-10-01T00:00:00Z",
            "checksums": [
                {"algorithm": "SHA256", "checksumValue": digest_hex("sha256", bytes)},
                {"algorithm": "SHA512", "checksumValue": digest_hex("sha512", bytes)},
            ],
            "externalRefs": [
                {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": format!("pkg:generic/acme/{name}@{version}")},
                {"referenceCategory": "SECURITY", "referenceType": "advisory", "referenceLocator": format!("{url}.vex.json")},
            ],
            "annotations": [
                annotation("urn:vidimus:comp.originClass proprietary"), annotation("urn:vidimus:comp.criticality high"),
                annotation("urn:vidimus:comp.patchStatus none open"),
            ],
        })
    };
    let relationship = |from: &str, kind: &str, to: &str| json!({"spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to});
    json!({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "router",
        "documentNamespace": "https://acme.example/sbom/router-1",
        "creationInfo": {
            "created": "2026-11-01T08:00:00Z", "comment": "SBOM Type: Build",
            "creators": [format!("Organization: {VENDOR} (sbom@acme.example)"), "Tool: bomber-2.1".to_owned()],
        },
        "packages": PARTS.map(package),
        "relationships": [
            relationship("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-router"),
            relationship("SPDXRef-router", "CONTAINS", "SPDXRef-tls"),
            relationship("SPDXRef-router", "DEPENDS_ON", "SPDXRef-zip"),
            relationship("SPDXRef-tls", "DEPENDS_ON", "NONE"),
            relationship("SPDXRef-zip", "DEPENDS_ON", "NONE"),
        ],
    })
}

/// SPDX 3.0.1 JSON-LD. Find what to change by `spdxId`: [`spdx3_element`].
#[must_use]
pub fn spdx3() -> Value {
    let element = |class: &str, id: &str, more: Value| {
        let mut map = json!({"type": class, "spdxId": at(id), "creationInfo": "_:c"});
        map.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        map
    };
    let mail = |address: &str| json!([{"type": "ExternalIdentifier", "externalIdentifierType": "email", "identifier": address}]);
    let mut graph = vec![
        json!({"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-11-01T08:00:00Z", "createdBy": [at("acme")], "createdUsing": [at("tool")]}),
        element("Organization", "acme", json!({"name": VENDOR, "externalIdentifier": mail("sbom@acme.example")})),
        element("Organization", "maker", json!({"name": VENDOR, "externalIdentifier": mail("psirt@acme.example")})),
        element("Tool", "tool", json!({"name": "bomber-2.1"})),
        element("SpdxDocument", "doc", json!({"name": "router", "rootElement": [at("sbom")]})),
        element("software_Sbom", "sbom", json!({"software_sbomType": ["build"], "rootElement": [at("router")]})),
        element("simplelicensing_LicenseExpression", "mit", json!({"simplelicensing_licenseExpression": "MIT"})),
    ];
    for (name, version, bytes) in PARTS {
        let hash = |algorithm: &str| json!({"type": "Hash", "algorithm": algorithm, "hashValue": digest_hex(algorithm, bytes)});
        graph.push(element("software_Package", name, json!({
            "name": name, "software_packageVersion": version, "suppliedBy": at("acme"), "originatedBy": [at("maker")],
            "software_packageUrl": format!("pkg:generic/acme/{name}@{version}"), "software_copyrightText": "Copyright ACME Networks AB",
            "software_downloadLocation": format!("https://acme.example/{name}.bin"), "verifiedUsing": [hash("sha256")],
        })));
        let file = format!("{name}-file");
        graph.push(element("software_File", &file, json!({
            "name": format!("{name}.bin"), "software_additionalPurpose": ["executable", "container"], "verifiedUsing": [hash("sha512")],
        })));
        let mut relate = |id: &str, kind: &str, to: &str, more: Value| {
            let mut relation = json!({"relationshipType": kind, "from": at(name), "to": [to]});
            relation.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            graph.push(element("Relationship", &format!("{name}-{id}"), relation));
        };
        relate("file-of", "hasDistributionArtifact", &at(&file), json!({}));
        relate("concluded", "hasConcludedLicense", &at("mit"), json!({}));
        relate("declared", "hasDeclaredLicense", &at("mit"), json!({}));
        let to = if name == "router" { at("tls") } else { "NoneElement".to_owned() };
        relate("needs", "dependsOn", &to, json!({"completeness": "complete"}));
    }
    graph.push(element(
        "Relationship",
        "router-zip",
        json!({
            "relationshipType": "dependsOn", "completeness": "complete", "from": at("router"), "to": [at("zip")],
        }),
    ));
    json!({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": graph})
}

fn at(id: &str) -> String {
    format!("https://acme.example/{id}")
}

/// The element of [`spdx3`] of that name.
///
/// # Panics
/// There is none.
pub fn spdx3_element<'a>(document: &'a mut Value, id: &str) -> &'a mut Value {
    let graph = document["@graph"].as_array_mut().unwrap();
    graph.iter_mut().find(|element| element["spdxId"] == at(id).as_str()).unwrap()
}

/// Takes the element of that name out of [`spdx3`].
pub fn spdx3_without(document: &mut Value, id: &str) {
    document["@graph"].as_array_mut().unwrap().retain(|element| element["spdxId"] != at(id).as_str());
}
