//! What components are called and known by: package URLs, hashes, licences (CDX-10, CDX-11, CDX-15, CDX-16).

use std::collections::BTreeMap;
use std::str::FromStr as _;

use packageurl::PackageUrl;

use super::element::Element;
use super::findings::Findings;
use super::license::{self, License, NoExpression, Operators};
use super::model::{Component, NodeKind, Sbom, State};
use super::violations::Violations;
use crate::reason::{Reason, ReasonInfo};

crate::reasons! {
    HASH = "sbom.hash", Unproven, Vendor, ["algorithm", "found", "place"],
        says "{place}: {found} is not a {algorithm} value",
        why "A value of another length matches no file, so what it stands for is bound to nothing; the formats' patterns allow any length for any algorithm (CDX-10).",
        fix "State the hash as hexadecimal digits of the algorithm's length.";
    WEAK_HASH = "sbom.weak-hash", Unproven, Vendor, ["count", "place"],
        says "{count} components are known by no hash stronger than SHA-1, such as the one at {place}",
        why "Other bytes with the same weak hash can be made, so nothing is ever bound by it (CDX-11, T35).",
        fix "State SHA-256 or stronger beside it.";
    PURL = "sbom.purl", Unproven, Vendor, ["count", "found", "place"],
        says "{count} components have an identifier that is no package URL, such as {found} at {place}",
        why "Scanners and VEX find components by package URL; what none of them can read finds nothing (ECMA-427; CDX-16).",
        fix "Write package URLs as ECMA-427 and the definition of their type have it.";
    PURL_MISMATCH = "sbom.purl-mismatch", Unproven, Vendor, ["count", "found", "place"],
        says "{count} components have another name or version in their package URL than beside it, such as {found} at {place}",
        why "Who looks by package URL and who looks by name find different things (CDX-16).",
        fix "Correct the package URL, or the name and version.";
    PURL_CHECKSUM = "sbom.purl-checksum", Unproven, Vendor, ["place"],
        says "the component at {place} has one hash in its package URL and another by the same algorithm beside it",
        why "One of the two names other bytes than the component is (CDX-16).",
        fix "Correct the hash that is wrong.";
    EXPRESSION = "sbom.license-expression", Unproven, Vendor, ["count", "place"],
        says "{count} components state a licence expression that is none, such as the one at {place}",
        why "Only an expression of the grammar is understood in one way (SPDX 2.3 annex D; CDX-15).",
        fix "Write an expression of SPDX licence identifiers, or state the licence by name.";
    UNKNOWN_LICENSE = "sbom.license-unknown", Unproven, Vendor, ["found", "list"],
        says "the licence identifier {found} is not on the SPDX licence list {list}",
        why "An identifier that is on no list means nothing (SPDX 2.3 annex D; CDX-15).",
        fix "Use an identifier of the list, or LicenseRef- with the text of the licence.";
    DEPRECATED_LICENSE = "sbom.license-deprecated", Unproven, Vendor, ["found"],
        says "the licence identifier {found} is deprecated",
        why "It is still understood; its successor says more exactly what was meant (CDX-15).",
        fix "Use the identifier that the licence list names instead.";
    NAMED_LICENSE = "sbom.license-name", Unproven, Vendor, ["found"],
        says "the licence {found} is stated by name, and is an identifier of the SPDX licence list",
        why "Tools that compare identifiers do not see it (CycloneDX `license.name`; CDX-15).",
        fix "State it as `id`.";
}

/// How many components something holds of, and the first of them.
#[derive(Default)]
struct Count {
    count: u64,
    first: Option<(String, String)>,
}

impl Count {
    fn add(&mut self, component: Component<'_>, found: &str) {
        self.count += 1;
        self.first.get_or_insert_with(|| (component.place().to_owned(), found.to_owned()));
    }

    fn note(self, info: &'static ReasonInfo, findings: &mut Findings) {
        let Some((place, found)) = self.first else { return };
        let reason = Reason::new(info).int("count", self.count).evidence("place", &place);
        let named = info.args.contains(&"found");
        findings.add(if named { reason.evidence("found", &found) } else { reason });
    }
}

/// Everything noteworthy about what components are known by.
pub(super) fn examine(sbom: &Sbom, findings: &mut Findings) {
    let (mut weak, mut unread, mut other) = (Count::default(), Count::default(), Count::default());
    for component in sbom.components() {
        let mut kinds = component.says(Element::Hash).filter(|said| said.state == State::Value).peekable();
        if kinds.peek().is_some() && kinds.all(|said| is_weak(said.kind)) && component.kind() != NodeKind::Snippet {
            weak.add(component, "");
        }
        for said in component.says(Element::Identifier).filter(|said| said.kind == "purl") {
            match PackageUrl::from_str(said.text) {
                Err(_) => unread.add(component, said.text),
                Ok(url) => {
                    if !agrees(component, &url) {
                        other.add(component, said.text);
                    }
                    if is_contradicted(component, &url) {
                        findings.add(Reason::new(&PURL_CHECKSUM).evidence("place", component.place()));
                    }
                }
            }
        }
    }
    weak.note(&WEAK_HASH, findings);
    unread.note(&PURL, findings);
    other.note(&PURL_MISMATCH, findings);
    licenses(sbom, findings);
}

fn is_weak(algorithm: &str) -> bool {
    matches!(algorithm, "adler32" | "md2" | "md4" | "md5" | "md6" | "sha1")
}

/// Is the name part of the other's, in capitals or not, and the version likewise? Types write names with their namespace, with
/// other separators or with an epoch, so only what has nothing in common differs.
fn agrees(component: Component<'_>, url: &PackageUrl<'_>) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| !matches!(c, '-' | '_' | '.' | ' ')).flat_map(char::to_lowercase).collect()
    };
    let meet = |a: &str, b: &str| {
        // Nearly always they are the same.
        a == b || {
            let (a, b) = (plain(a), plain(b));
            a.contains(&b) || b.contains(&a)
        }
    };
    let same_version = match (component.version(), url.version()) {
        (Some(own), Some(stated)) => meet(own, stated),
        _ => true,
    };
    same_version && (component.name().is_empty() || meet(component.name(), url.name()))
}

/// `checksum=sha1:…,sha256:…` beside hashes by the same algorithm and with another value.
fn is_contradicted(component: Component<'_>, url: &PackageUrl<'_>) -> bool {
    let Some(list) = url.qualifiers().get("checksum") else { return false };
    let stated = list.split(',').filter_map(|one| one.split_once(':'));
    stated.into_iter().any(|(algorithm, value)| {
        let name = super::digest_name(algorithm);
        let mut same = component.says(Element::Hash).filter(|said| said.kind == name).peekable();
        same.peek().is_some() && !same.any(|said| said.text.eq_ignore_ascii_case(value))
    })
}

/// Licences of CycloneDX, whose schema leaves expressions open; each different text is looked at once. Those of SPDX are held
/// against the grammar when the document is read.
fn licenses(sbom: &Sbom, findings: &mut Findings) {
    if !sbom.format.starts_with("cyclonedx") {
        return;
    }
    let mut seen: BTreeMap<(&str, &str), Result<License, NoExpression>> = BTreeMap::new();
    let mut wrong = Count::default();
    const STATED: [Element; 3] = [Element::License, Element::LicenseDeclared, Element::LicenseConcluded];
    for component in sbom.components() {
        for said in STATED.into_iter().flat_map(|element| component.says(element)) {
            match said.kind {
                "expression" | "id" => {
                    let parse = || license::parse(said.text, Operators::Upper);
                    if seen.entry((said.kind, said.text)).or_insert_with(parse).is_err() && said.kind == "expression" {
                        wrong.add(component, "");
                    }
                }
                "name" if license::is_listed(said.text) => {
                    seen.entry((said.kind, said.text)).or_insert(Err(NoExpression));
                }
                _ => {}
            }
        }
    }
    wrong.note(&EXPRESSION, findings);
    for ((kind, text), license) in seen {
        if kind == "name" {
            findings.add(Reason::new(&NAMED_LICENSE).evidence("found", text));
        }
        let Ok(license) = license else { continue };
        for id in license.unknown.iter().filter(|_| kind == "expression") {
            findings.add(Reason::new(&UNKNOWN_LICENSE).evidence("found", id).name("list", license::list_version()));
        }
        for id in &license.deprecated {
            findings.add(Reason::new(&DEPRECATED_LICENSE).evidence("found", id));
        }
    }
}

/// Hexadecimal digits of the algorithm's length, of every component of a CycloneDX document.
pub(super) fn hashes(sbom: &Sbom, found: &mut Violations) {
    for component in sbom.components() {
        for (element, list) in [(Element::Hash, "hashes"), (Element::DeployHash, "externalReferences")] {
            // What has a length of no algorithm breaks the format's pattern, which is said where it stands.
            let fits_the_pattern = |text: &str| matches!(text.len(), 32 | 40 | 64 | 96 | 128);
            let wrong = |kind: &str, text: &str| digits(kind).is_some_and(|n| n != text.len());
            for said in component.says(element).filter(|s| wrong(s.kind, s.text) && fits_the_pattern(s.text)) {
                found.add(&HASH, &format!("{}/{list}", component.place()), |reason| {
                    reason.evidence("algorithm", said.kind).evidence("found", said.text)
                });
            }
        }
    }
}

/// How many hexadecimal digits a value has, by the name of the algorithm in the model; `None` where any number is right.
pub(super) fn digits(algorithm: &str) -> Option<usize> {
    Some(match algorithm {
        "adler32" => 8,
        "md2" | "md4" | "md5" => 32,
        "sha1" => 40,
        "sha224" | "sha3_224" => 56,
        "sha256" | "sha3_256" | "blake2b-256" | "blake2b256" | "blake3" | "streebog-256" => 64,
        "sha384" | "sha3_384" | "blake2b-384" | "blake2b384" => 96,
        "sha512" | "sha3_512" | "blake2b-512" | "blake2b512" | "streebog-512" => 128,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use serde_json::{Value as Json, json};

    use crate::decode::sbom::Family;
    use crate::limits::Limits;

    /// Codes of violations and findings of a document with one library like that.
    fn codes(library: Json) -> Vec<String> {
        let mut library = library;
        let defaults = json!({"type": "library", "bom-ref": "b", "name": "lib", "version": "1.0"});
        for (member, value) in defaults.as_object().unwrap() {
            library.as_object_mut().unwrap().entry(member).or_insert(value.clone());
        }
        let bom = json!({
            "bomFormat": "CycloneDX", "specVersion": "1.6",
            "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "version": 1,
            "metadata": {"component": {"type": "application", "bom-ref": "a", "name": "app"}},
            "components": [library], "dependencies": [{"ref": "a", "dependsOn": ["b"]}, {"ref": "b"}],
        });
        let reasons = match Family::CycloneDx.read(crate::decode::json::Tree::of(&bom).root(), &Limits::MAX) {
            Ok(sbom) => sbom.notes,
            Err(invalid) => invalid.reasons,
        };
        reasons.iter().map(|reason| reason.code().to_owned()).collect()
    }

    #[test]
    fn what_a_component_is_known_by() {
        let hash = |alg: &str, digits: usize| json!({"hashes": [{"alg": alg, "content": "a".repeat(digits)}]});
        for (library, expected) in [
            (json!({}), &[][..]),
            (hash("SHA-256", 64), &[]),
            (hash("SHA-256", 40), &["sbom.hash"]),
            (hash("SHA-1", 40), &["sbom.weak-hash"]),
            (hash("MD5", 40), &["sbom.hash"]),
            (hash("BLAKE3", 64), &[]),
            (hash("SHA3-512", 128), &[]),
            (hash("Streebog-256", 64), &["sbom.wrong-word"]),
            (json!({"purl": "pkg:npm/lib@1.0"}), &[]),
            (json!({"purl": "pkg:npm/%40acme/lib@1.0", "group": "@acme"}), &[]),
            (json!({"purl": "pkg:golang/example.com/x/lib@v1.0"}), &[]),
            (json!({"name": "Big_Lib", "purl": "pkg:pypi/big-lib@1.0"}), &[]),
            (json!({"purl": "lib@1.0"}), &["sbom.purl"]),
            (json!({"purl": "pkg:npm/lib@2.5"}), &["sbom.purl-mismatch"]),
            (json!({"purl": "pkg:npm/other@1.0"}), &["sbom.purl-mismatch"]),
            (
                json!({
                    "purl": format!("pkg:generic/lib@1.0?checksum=sha256:{}", "b".repeat(64)),
                    "hashes": [{"alg": "SHA-256", "content": "a".repeat(64)}],
                }),
                &["sbom.purl-checksum"],
            ),
            (json!({"licenses": [{"expression": "MIT OR Apache-2.0"}]}), &[]),
            (json!({"licenses": [{"expression": "MIT or Apache-2.0"}]}), &["sbom.license-expression"]),
            (json!({"licenses": [{"expression": "Own-1.0"}]}), &["sbom.license-unknown"]),
            (json!({"licenses": [{"license": {"id": "GPL-2.0"}}]}), &["sbom.license-deprecated"]),
            (json!({"licenses": [{"license": {"name": "MIT"}}]}), &["sbom.license-name"]),
            (json!({"licenses": [{"license": {"name": "Our own"}}]}), &[]),
        ] {
            assert_eq!(codes(library.clone()), expected, "{library}");
        }
    }
}
