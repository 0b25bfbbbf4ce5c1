//! What CycloneDX JSON says about the document and about each component, beside what joining needs.

use super::SHAPE;
use crate::decode::json::tree::{Json, Map, What};
use crate::decode::sbom::build::Builder;
use crate::decode::sbom::model::{Completeness, Id, Linked, State};
use crate::decode::sbom::{Element, digest_name};
use crate::decode::shape::Shape;
use crate::digest::DigestSet;
use crate::reason::Reason;

/// The document itself. `root` is what it is about.
pub(super) fn document(builder: &mut Builder, document: Map<'_>, root: Option<Id>) -> Result<(), Reason> {
    let id = Id::DOCUMENT;
    builder.value(id, Element::DocumentId, SHAPE.text(document, "serialNumber")?.unwrap_or_default());
    if let Some(revision) = Shape::get(document, "version").and_then(Json::as_u64) {
        builder.value(id, Element::Revision, &revision.to_string());
    }
    if Shape::get(document, "signature").is_some() {
        builder.value(id, Element::EmbeddedSignature, "JSF");
    }
    for entry in SHAPE.list(document, "vulnerabilities")? {
        vulnerability(builder, SHAPE.object(entry, "vulnerabilities")?)?;
    }
    annotations(builder, document)?;
    let Some(metadata) = SHAPE.map(document, "metadata")? else { return Ok(()) };
    builder.value(id, Element::Timestamp, SHAPE.text(metadata, "timestamp")?.unwrap_or_default());
    for phase in SHAPE.list(metadata, "lifecycles")? {
        let phase = SHAPE.object(phase, "lifecycles")?;
        for kind in ["phase", "name"] {
            builder.value_of(id, Element::GenerationContext, kind, SHAPE.text(phase, kind)?.unwrap_or_default());
        }
    }
    for author in SHAPE.list(metadata, "authors")? {
        let author = SHAPE.object(author, "authors")?;
        stated(builder, id, Element::AuthorPerson, SHAPE.text(author, "name")?);
        builder.value(id, Element::AuthorContact, SHAPE.text(author, "email")?.unwrap_or_default());
    }
    // Until 1.5 `manufacture` is who made the component; `manufacturer` of 1.6 is who made the document.
    if let Some(maker) = SHAPE.map(metadata, "manufacturer")? {
        organization(builder, id, maker, Element::AuthorOrganization, Element::AuthorContact)?;
    }
    if let (Some(maker), Some(root)) = (SHAPE.map(metadata, "manufacture")?, root) {
        organization(builder, root, maker, Element::Producer, Element::ProducerContact)?;
    }
    licenses(builder, id, metadata, Some(Element::DataLicense))?;
    properties(builder, id, metadata)?;
    tools(builder, metadata)
}

/// What somebody remarks about components.
fn annotations(builder: &mut Builder, document: Map<'_>) -> Result<(), Reason> {
    for annotation in SHAPE.list(document, "annotations")? {
        let annotation = SHAPE.object(annotation, "annotations")?;
        let text = SHAPE.text(annotation, "text")?.unwrap_or_default();
        for subject in SHAPE.list(annotation, "subjects")?.iter().filter_map(Json::as_str) {
            if let Some(node) = builder.find(subject) {
                builder.value(node, Element::Comment, text);
            }
        }
    }
    Ok(())
}

/// Of the document, and of each component that it affects.
fn vulnerability(builder: &mut Builder, entry: Map<'_>) -> Result<(), Reason> {
    let name = SHAPE.text(entry, "id")?.filter(|name| !name.is_empty()).unwrap_or("unnamed");
    builder.value(Id::DOCUMENT, Element::Vulnerability, name);
    let state = match SHAPE.map(entry, "analysis")? {
        Some(analysis) => SHAPE.text(analysis, "state")?.unwrap_or_default(),
        None => "",
    };
    for affected in SHAPE.list(entry, "affects")? {
        let affected = SHAPE.object(affected, "affects")?;
        if let Some(node) = builder.find(SHAPE.text(affected, "ref")?.unwrap_or_default()) {
            builder.value(node, Element::Vulnerability, name);
            builder.value(node, Element::PatchStatus, state);
        }
    }
    Ok(())
}

/// A list until 1.4; since 1.5 also an object of components and services.
fn tools(builder: &mut Builder, metadata: Map<'_>) -> Result<(), Reason> {
    let listed: Vec<Json<'_>> = match Shape::get(metadata, "tools").map(Json::what) {
        Some(What::Array(list)) => list.iter().collect(),
        Some(What::Object(tools)) => {
            SHAPE.list(tools, "components")?.iter().chain(SHAPE.list(tools, "services")?).collect()
        }
        _ => Vec::new(),
    };
    for tool in listed {
        let tool = SHAPE.object(tool, "tools")?;
        stated(builder, Id::DOCUMENT, Element::Tool, SHAPE.text(tool, "name")?);
        stated(builder, Id::DOCUMENT, Element::ToolVersion, SHAPE.text(tool, "version")?);
    }
    Ok(())
}

/// One component.
pub(super) fn component(builder: &mut Builder, id: Id, map: Map<'_>) -> Result<(), Reason> {
    if let Some(supplier) = SHAPE.map(map, "supplier")? {
        contacts(builder, id, supplier, Element::SupplierContact)?;
    }
    if let Some(maker) = SHAPE.map(map, "manufacturer")? {
        organization(builder, id, maker, Element::Producer, Element::ProducerContact)?;
    }
    for author in SHAPE.list(map, "authors")? {
        let author = SHAPE.object(author, "authors")?;
        stated_as(builder, id, Element::Producer, "Person", SHAPE.text(author, "name")?);
        builder.value(id, Element::ProducerContact, SHAPE.text(author, "email")?.unwrap_or_default());
    }
    stated(builder, id, Element::Producer, SHAPE.text(map, "author")?);
    stated(builder, id, Element::Publisher, SHAPE.text(map, "publisher")?);
    stated(builder, id, Element::Copyright, SHAPE.text(map, "copyright")?);
    builder.value(id, Element::Description, SHAPE.text(map, "description")?.unwrap_or_default());
    identifiers(builder, id, map)?;
    licenses(builder, id, map, None)?;
    references(builder, id, map)?;
    if Shape::get(map, "isExternal").and_then(Json::as_bool) == Some(true) {
        builder.value_of(id, Element::Other, "isExternal", "true");
    }
    if let Some(pedigree) = SHAPE.map(map, "pedigree")? {
        builder.value_of(id, Element::Other, "pedigree", "pedigree");
        if !SHAPE.list(pedigree, "patches")?.is_empty() {
            builder.value(id, Element::PatchStatus, "patched");
        }
    }
    if let Some(notes) = SHAPE.map(map, "releaseNotes")? {
        builder.value(id, Element::ReleaseDate, SHAPE.text(notes, "timestamp")?.unwrap_or_default());
    }
    properties(builder, id, map)
}

/// Properties that a taxonomy gives a meaning; the others keep their name.
fn properties(builder: &mut Builder, id: Id, map: Map<'_>) -> Result<(), Reason> {
    for property in SHAPE.list(map, "properties")? {
        let property = SHAPE.object(property, "properties")?;
        let value = SHAPE.text(property, "value")?.unwrap_or_default();
        match SHAPE.text(property, "name")?.unwrap_or_default() {
            // The taxonomy of BSI TR-03183-2. It spells the licence with c, the text of the guideline with s.
            "bsi:component:filename" => builder.value(id, Element::FileName, value),
            "bsi:component:executable" => builder.value(id, Element::Executable, value),
            "bsi:component:archive" => builder.value(id, Element::Archive, value),
            "bsi:component:structured" => builder.value(id, Element::Structured, value),
            "bsi:component:effectiveLicence" | "bsi:component:effectiveLicense" => {
                builder.value(id, Element::LicenseEffective, value);
            }
            "bsi:component:associatedLicences" => builder.value(id, Element::License, value),
            "cdx:lifecycle:milestone:endOfLife" | "cdx:lifecycle:milestone:endOfSupport" => {
                builder.value(id, Element::EndOfLife, value);
            }
            name if builder.own_words(id, name, value) => {}
            name => builder.value_of(id, Element::Other, name, value),
        }
    }
    Ok(())
}

fn identifiers(builder: &mut Builder, id: Id, map: Map<'_>) -> Result<(), Reason> {
    let cpe = SHAPE.text(map, "cpe")?.unwrap_or_default();
    builder.value_of(id, Element::Identifier, if cpe.starts_with("cpe:2.3:") { "cpe23" } else { "cpe22" }, cpe);
    if let Some(tag) = SHAPE.map(map, "swid")? {
        builder.value_of(id, Element::Identifier, "swid", SHAPE.text(tag, "tagId")?.unwrap_or_default());
    }
    for (member, kind) in [("omniborId", "gitoid"), ("swhid", "swhid")] {
        for value in SHAPE.list(map, member)?.iter().filter_map(Json::as_str) {
            builder.value_of(id, Element::Identifier, kind, value);
        }
    }
    Ok(())
}

/// Under `element`, or by who says so: declared, concluded, or nobody.
fn licenses(builder: &mut Builder, id: Id, map: Map<'_>, element: Option<Element>) -> Result<(), Reason> {
    for choice in SHAPE.list(map, "licenses")? {
        let choice = SHAPE.object(choice, "licenses")?;
        let license = SHAPE.map(choice, "license")?.unwrap_or(choice);
        let by = SHAPE.text(license, "acknowledgement")?.or(SHAPE.text(choice, "acknowledgement")?);
        let element = element.unwrap_or(match by {
            Some("declared") => Element::LicenseDeclared,
            Some("concluded") => Element::LicenseConcluded,
            _ => Element::License,
        });
        // A name with a text and without an address is a licence of which there is only the text.
        let only_text = Shape::get(license, "text").is_some() && Shape::get(license, "url").is_none();
        let unlisted = if only_text { "text" } else { "name" };
        for (member, kind) in [("expression", "expression"), ("id", "id"), ("name", unlisted), ("url", "url")] {
            stated_as(builder, id, element, kind, SHAPE.text(license, member)?);
        }
        if Shape::get(license, "licensing").is_some() {
            builder.value(id, Element::UsageRestrictions, "licensing");
        }
    }
    Ok(())
}

fn references(builder: &mut Builder, id: Id, map: Map<'_>) -> Result<(), Reason> {
    for reference in SHAPE.list(map, "externalReferences")? {
        let reference = SHAPE.object(reference, "externalReferences")?;
        let url = SHAPE.text(reference, "url")?.unwrap_or_default();
        let kind = SHAPE.text(reference, "type")?.unwrap_or_default();
        let hashes = match kind {
            "distribution" => {
                builder.value(id, Element::DownloadLocation, url);
                builder.value(id, Element::DeployUri, url);
                Some(Element::DeployHash)
            }
            "source-distribution" | "vcs" => {
                builder.value_of(id, Element::SourceUri, kind, url);
                (kind == "source-distribution").then_some(Element::SourceHash)
            }
            "rfc-9116" => {
                builder.value(id, Element::SecurityTxt, url);
                None
            }
            "advisories" | "exploitability-statement" | "vulnerability-assertion" => {
                builder.value_of(id, Element::Vulnerability, kind, url);
                None
            }
            "bom" => {
                builder.value(id, Element::BomReference, url);
                link(builder, id, url, reference)?;
                None
            }
            other => {
                builder.value_of(id, Element::Other, other, url);
                None
            }
        };
        let Some(element) = hashes else { continue };
        for hash in SHAPE.list(reference, "hashes")? {
            let hash = SHAPE.object(hash, "hashes")?;
            builder.hash(id, element, SHAPE.need_text(hash, "alg")?, SHAPE.need_text(hash, "content")?);
        }
    }
    Ok(())
}

/// Another document about the same, with what is stated about its bytes.
fn link(builder: &mut Builder, id: Id, url: &str, reference: Map<'_>) -> Result<(), Reason> {
    let (mut digests, mut ambiguous) = (DigestSet::default(), false);
    for hash in SHAPE.list(reference, "hashes")? {
        let hash = SHAPE.object(hash, "hashes")?;
        let name = digest_name(SHAPE.need_text(hash, "alg")?);
        ambiguous |= digests.insert(&name, &SHAPE.need_text(hash, "content")?.to_ascii_lowercase()).is_err();
    }
    let digests = if ambiguous { DigestSet::default() } else { digests };
    let place = builder.place(id).to_owned();
    builder.link(Linked { name: String::new(), uri: url.to_owned(), digests, place, import: false });
    Ok(())
}

/// How complete lists are, as `compositions` say of what they name.
pub(super) fn compositions(builder: &mut Builder, document: Map<'_>) -> Result<(), Reason> {
    for composition in SHAPE.list(document, "compositions")? {
        let composition = SHAPE.object(composition, "compositions")?;
        let word = SHAPE.text(composition, "aggregate")?.unwrap_or_default();
        let stated = match word {
            "complete" => Completeness::Complete,
            "unknown" => Completeness::Unknown,
            aggregate if aggregate.starts_with("incomplete") => Completeness::Incomplete,
            _ => continue,
        };
        for reference in SHAPE.list(composition, "dependencies")?.iter().filter_map(Json::as_str) {
            if let Some(id) = builder.find(reference) {
                builder.dependencies(id, stated);
                builder.say(id, Element::Completeness, State::Value, word, "");
            }
        }
        for reference in SHAPE.list(composition, "assemblies")?.iter().filter_map(Json::as_str) {
            if let Some(id) = builder.find(reference) {
                builder.contents(id, stated);
            }
        }
    }
    Ok(())
}

fn organization(builder: &mut Builder, id: Id, map: Map<'_>, name: Element, contact: Element) -> Result<(), Reason> {
    stated_as(builder, id, name, "Organization", SHAPE.text(map, "name")?);
    contacts(builder, id, map, contact)
}

/// E-mail addresses first, then addresses on the web.
fn contacts(builder: &mut Builder, id: Id, map: Map<'_>, element: Element) -> Result<(), Reason> {
    for person in SHAPE.list(map, "contact")? {
        let person = SHAPE.object(person, "contact")?;
        builder.value(id, element, SHAPE.text(person, "email")?.unwrap_or_default());
    }
    for url in SHAPE.list(map, "url")?.iter().filter_map(Json::as_str) {
        builder.value(id, element, url);
    }
    Ok(())
}

/// A value, or one of the words of SPDX that generators write into CycloneDX as well.
fn stated(builder: &mut Builder, id: Id, element: Element, text: Option<&str>) {
    stated_as(builder, id, element, "", text);
}

/// … of a kind.
fn stated_as(builder: &mut Builder, id: Id, element: Element, kind: &str, text: Option<&str>) {
    match text {
        None | Some("") => {}
        Some("NOASSERTION") => builder.say(id, element, State::Unknown, kind, ""),
        Some("NONE") => builder.say(id, element, State::None, kind, ""),
        Some(text) => builder.value_of(id, element, kind, text),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::super::read;
    use super::*;
    use crate::decode::json::Tree;
    use crate::limits::Limits;

    #[test]
    fn everything_that_profiles_ask_for() {
        let bom = json!({
            "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 4,
            "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
            "metadata": {
                "timestamp": "2026-11-01T08:00:00Z", "lifecycles": [{"phase": "build"}, {"name": "intake"}],
                "tools": {"components": [{"type": "application", "name": "bomber", "version": "2"}]},
                "authors": [{"name": "Astrid", "email": "a@acme.example"}],
                "manufacturer": {"name": "ACME", "url": ["https://acme.example"], "contact": [{"email": "b@acme.example"}]},
                "component": {
                    "type": "application", "bom-ref": "app", "name": "app", "author": "NOASSERTION", "cpe": "cpe:2.3:a:acme:app:1:*:*:*:*:*:*:*",
                    "copyright": "NONE", "swhid": ["swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2"],
                    "licenses": [{"license": {"id": "MIT", "acknowledgement": "declared"}}, {"license": {"name": "Own"}}],
                    "externalReferences": [{"type": "distribution", "url": "https://acme.example/app.tgz", "hashes": [{"alg": "SHA-256", "content": "00".repeat(32)}]}],
                    "properties": [{"name": "bsi:component:filename", "value": "app.bin"}, {"name": "acme:x", "value": "y"}],
                },
            },
            "compositions": [{"aggregate": "incomplete_third_party_only", "dependencies": ["app"], "assemblies": ["app"]}],
        });
        let sbom = read(Tree::of(&bom).root(), &Limits::MAX).unwrap();
        let root = sbom.root().unwrap();
        let said = |node: crate::decode::Component<'_>, element: Element| {
            let said = node.says(element).map(|said| format!("{:?} {} {}", said.state, said.kind, said.text));
            said.collect::<Vec<_>>().join("; ")
        };
        let document = sbom.document();
        for (node, element, expected) in [
            (document, Element::Revision, "Value  4"),
            (document, Element::GenerationContext, "Value phase build; Value name intake"),
            (document, Element::Tool, "Value  bomber"),
            (document, Element::ToolVersion, "Value  2"),
            (document, Element::AuthorPerson, "Value  Astrid"),
            (document, Element::AuthorOrganization, "Value Organization ACME"),
            (
                document,
                Element::AuthorContact,
                "Value  a@acme.example; Value  b@acme.example; Value  https://acme.example",
            ),
            (root, Element::Producer, "Unknown  "),
            (root, Element::Copyright, "None  "),
            (root, Element::LicenseDeclared, "Value id MIT"),
            (root, Element::License, "Value name Own"),
            (root, Element::DeployUri, "Value  https://acme.example/app.tgz"),
            (root, Element::FileName, "Value  app.bin"),
            (root, Element::Other, "Value acme:x y"),
        ] {
            assert_eq!(said(node, element), expected, "{element:?}");
        }
        assert!(said(root, Element::Identifier).contains("cpe23") && said(root, Element::Identifier).contains("swhid"));
        assert!(said(root, Element::DeployHash).starts_with("Value sha256 00"));
        assert_eq!((root.dependencies(), root.contents()), (Completeness::Incomplete, Completeness::Incomplete));
    }
}
