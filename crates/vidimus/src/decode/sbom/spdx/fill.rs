//! SPDX 2 as the format-neutral model.

use std::collections::BTreeSet;

use super::check::{DOCUMENT, Index, NO_ASSERTION, NONE};
use super::v2::{objects, text, texts};
use crate::decode::json::tree::{Json, Map};
use crate::decode::sbom::build::Builder;
use crate::decode::sbom::model::{Completeness, EdgeKind, Id, Linked, NodeKind, Sbom, State};
use crate::decode::sbom::violations::Violations;
use crate::decode::sbom::{Element, digest_name};
use crate::digest::DigestSet;
use crate::limits::Limits;
use crate::reason::Reason;

/// The model of a document.
pub(super) fn model(
    format: String,
    document: Map<'_>,
    index: &Index<'_>,
    found: &Violations,
    limits: &Limits,
) -> Result<Sbom, Reason> {
    let mut builder = Builder::new(format, DOCUMENT, limits);
    header(&mut builder, document);
    for (member, kind) in
        [("packages", NodeKind::Component), ("files", NodeKind::File), ("snippets", NodeKind::Snippet)]
    {
        for (at, element) in objects(document, member) {
            let place = found.place(&format!("/{member}/{at}"));
            let id = builder.node(kind, text(element, "SPDXID"), &place)?;
            match kind {
                NodeKind::Component => package(&mut builder, id, element),
                NodeKind::File => file(&mut builder, id, element),
                _ => snippet(&mut builder, id, element),
            }
            common(&mut builder, id, element);
        }
    }
    // That it describes itself says nothing.
    let described: BTreeSet<&str> = index.described.iter().copied().filter(|id| *id != DOCUMENT).collect();
    for reference in described {
        join(&mut builder, Id::DOCUMENT, EdgeKind::Describes, "DESCRIBES", reference);
    }
    for (_, element) in objects(document, "packages") {
        contents(&mut builder, element, "hasFiles", EdgeKind::Contains, "CONTAINS");
    }
    for (_, element) in objects(document, "files") {
        contents(&mut builder, element, "fileDependencies", EdgeKind::DependsOn, "DEPENDS_ON");
    }
    for (_, entry) in objects(document, "relationships") {
        relationship(&mut builder, entry);
    }
    for (at, external) in objects(document, "externalDocumentRefs") {
        link(&mut builder, external, found.place(&format!("/externalDocumentRefs/{at}")));
    }
    builder.finish()
}

fn header(builder: &mut Builder, document: Map<'_>) {
    let id = Id::DOCUMENT;
    for (member, element) in [
        ("SPDXID", Element::DocumentId),
        ("documentNamespace", Element::Namespace),
        ("documentNamespace", Element::Revision),
        ("name", Element::DocumentName),
        ("dataLicense", Element::DataLicense),
        ("comment", Element::Comment),
    ] {
        builder.value(id, element, text(document, member));
    }
    common(builder, id, document);
    let Some(info) = document.get("creationInfo").and_then(Json::as_object) else { return };
    for (member, element) in [
        ("created", Element::Timestamp),
        ("comment", Element::CreatorComment),
        ("comment", Element::GenerationContext),
        ("licenseListVersion", Element::LicenseListVersion),
    ] {
        builder.value(id, element, text(info, member));
    }
    for (_, creator) in texts(info, "creators") {
        let actor = Actor::of(creator);
        match actor.kind {
            "Person" => builder.value(id, Element::AuthorPerson, actor.name),
            "Organization" => builder.value(id, Element::AuthorOrganization, actor.name),
            "Tool" => {
                // The name of a tool and its version are one text, with a hyphen between them (clause 6.8).
                let (name, version) = tool(actor.name);
                builder.value(id, Element::Tool, name);
                builder.value(id, Element::ToolVersion, version);
            }
            _ => {}
        }
        builder.value(id, Element::AuthorContact, actor.contact);
    }
}

/// `syft-0.80.0` is syft 0.80.0; `kubernetes-bom` is a name alone.
pub(super) fn tool(text: &str) -> (&str, &str) {
    match text.rsplit_once('-') {
        Some((name, version)) if version.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()) => {
            (name, version)
        }
        _ => (text, ""),
    }
}

/// A stated value, with `NONE` and `NOASSERTION` for what they mean (clause 4.3 of 2.3.1).
fn stated(builder: &mut Builder, id: Id, element: Element, kind: &str, text: &str) {
    match text {
        NONE => builder.say(id, element, State::None, kind, ""),
        NO_ASSERTION => builder.say(id, element, State::Unknown, kind, ""),
        _ => builder.value_of(id, element, kind, text),
    }
}

/// A comment, or a statement in our own words: name and value with a blank between.
pub(super) fn remark(builder: &mut Builder, id: Id, kind: &str, comment: &str) {
    let (name, value) = comment.split_once(' ').unwrap_or_default();
    if !builder.own_words(id, name, value.trim()) {
        builder.value_of(id, Element::Comment, kind, comment);
    }
}

/// What every element has.
fn common(builder: &mut Builder, id: Id, map: Map<'_>) {
    for (_, annotation) in objects(map, "annotations") {
        let comment = text(annotation, "comment");
        remark(builder, id, text(annotation, "annotationType"), comment);
    }
    for (_, attribution) in texts(map, "attributionTexts") {
        builder.value(id, Element::UsageRestrictions, attribution);
    }
}

fn package(builder: &mut Builder, id: Id, map: Map<'_>) {
    for (member, element) in [
        ("name", Element::Name),
        ("versionInfo", Element::Version),
        ("primaryPackagePurpose", Element::Purpose),
        ("licenseConcluded", Element::LicenseConcluded),
        ("licenseDeclared", Element::LicenseDeclared),
        ("copyrightText", Element::Copyright),
        ("downloadLocation", Element::DownloadLocation),
        ("packageFileName", Element::FileName),
        ("sourceInfo", Element::SourceUri),
        ("description", Element::Description),
        ("summary", Element::Description),
        ("releaseDate", Element::ReleaseDate),
        ("builtDate", Element::BuildDate),
        ("validUntilDate", Element::EndOfLife),
        ("licenseComments", Element::UsageRestrictions),
        ("comment", Element::Comment),
    ] {
        stated(builder, id, element, "", text(map, member));
    }
    stated(builder, id, Element::Other, "homepage", text(map, "homepage"));
    for (member, element, contact) in [
        ("supplier", Element::Supplier, Element::SupplierContact),
        ("originator", Element::Producer, Element::ProducerContact),
    ] {
        let said = text(map, member);
        let actor = Actor::of(said);
        stated(builder, id, element, actor.kind, actor.name);
        builder.value(id, contact, actor.contact);
    }
    licenses_found(builder, id, map, "licenseInfoFromFiles");
    checksums(builder, id, map);
    if let Some(code) = map.get("packageVerificationCode").and_then(Json::as_object) {
        builder.value_of(id, Element::VerificationCode, "sha1", text(code, "packageVerificationCodeValue"));
    }
    for (_, reference) in objects(map, "externalRefs") {
        external_reference(builder, id, reference);
    }
}

fn file(builder: &mut Builder, id: Id, map: Map<'_>) {
    for (member, element) in [
        ("fileName", Element::Name),
        ("fileName", Element::FileName),
        ("licenseConcluded", Element::LicenseConcluded),
        ("copyrightText", Element::Copyright),
        ("licenseComments", Element::UsageRestrictions),
        ("noticeText", Element::UsageRestrictions),
        ("comment", Element::Comment),
    ] {
        stated(builder, id, element, "", text(map, member));
    }
    for (_, kind) in texts(map, "fileTypes") {
        builder.value(id, Element::Purpose, kind);
        if kind == "ARCHIVE" {
            builder.value(id, Element::Archive, "archive");
        }
    }
    for (_, contributor) in texts(map, "fileContributors") {
        builder.value(id, Element::Producer, contributor);
    }
    licenses_found(builder, id, map, "licenseInfoInFiles");
    checksums(builder, id, map);
}

fn snippet(builder: &mut Builder, id: Id, map: Map<'_>) {
    for (member, element) in [
        ("name", Element::Name),
        ("licenseConcluded", Element::LicenseConcluded),
        ("copyrightText", Element::Copyright),
        ("licenseComments", Element::UsageRestrictions),
        ("comment", Element::Comment),
    ] {
        stated(builder, id, element, "", text(map, member));
    }
    licenses_found(builder, id, map, "licenseInfoInSnippets");
    if let Some(file) = builder.find(text(map, "snippetFromFile")) {
        builder.edge(file, EdgeKind::Contains, "snippetFromFile", id);
    }
}

fn licenses_found(builder: &mut Builder, id: Id, map: Map<'_>, member: &str) {
    for (_, license) in texts(map, member) {
        stated(builder, id, Element::LicenseInFiles, "", license);
    }
}

fn checksums(builder: &mut Builder, id: Id, map: Map<'_>) {
    for (_, sum) in objects(map, "checksums") {
        builder.hash(id, Element::Hash, text(sum, "algorithm"), text(sum, "checksumValue"));
    }
}

/// External references of known types are software identifiers or places; the others keep their type.
fn external_reference(builder: &mut Builder, id: Id, reference: Map<'_>) {
    let (kind, locator) = (text(reference, "referenceType"), text(reference, "referenceLocator"));
    let (element, kind) = match kind {
        "purl" => (Element::Identifier, "purl"),
        "cpe22Type" => (Element::Identifier, "cpe22"),
        "cpe23Type" => (Element::Identifier, "cpe23"),
        "swh" => (Element::Identifier, "swhid"),
        "gitoid" | "swid" => (Element::Identifier, kind),
        "advisory" | "fix" => (Element::Vulnerability, kind),
        _ => (Element::Other, kind.rsplit(['/', '#']).next().unwrap_or_default()),
    };
    builder.value_of(id, element, kind, locator);
}

fn contents(builder: &mut Builder, map: Map<'_>, member: &str, kind: EdgeKind, label: &str) {
    let Some(from) = builder.find(text(map, "SPDXID")) else { return };
    for (_, to) in texts(map, member) {
        join(builder, from, kind, label, to);
    }
}

fn join(builder: &mut Builder, from: Id, kind: EdgeKind, label: &str, to: &str) {
    match builder.find(to) {
        Some(to) => builder.edge(from, kind, label, to),
        None if to.contains(':') => builder.outside(from, kind, to),
        None => {}
    }
}

/// Which way round a relationship is read, and as what (clause 11.1).
fn direction(label: &str) -> (EdgeKind, bool) {
    match label {
        "CONTAINS" => (EdgeKind::Contains, true),
        "CONTAINED_BY" | "PACKAGE_OF" | "EXPANDED_FROM_ARCHIVE" => (EdgeKind::Contains, false),
        "DEPENDS_ON" | "HAS_PREREQUISITE" | "DYNAMIC_LINK" | "STATIC_LINK" => (EdgeKind::DependsOn, true),
        "PREREQUISITE_FOR" => (EdgeKind::DependsOn, false),
        label if label.ends_with("DEPENDENCY_OF") => (EdgeKind::DependsOn, false),
        _ => (EdgeKind::Other, true),
    }
}

fn relationship(builder: &mut Builder, entry: Map<'_>) {
    let label = text(entry, "relationshipType");
    let (from, to) = (text(entry, "spdxElementId"), text(entry, "relatedSpdxElement"));
    if label == "DESCRIBES" && from == DOCUMENT || label == "DESCRIBED_BY" && to == DOCUMENT {
        return;
    }
    let (kind, forward) = direction(label);
    if let (NONE | NO_ASSERTION, Some(id)) = (to, builder.find(from)) {
        return nothing(builder, id, kind, forward, to);
    }
    let (from, to) = if forward { (from, to) } else { (to, from) };
    if let Some(from) = builder.find(from) {
        join(builder, from, kind, label, to);
    } else if let (true, Some(to)) = (from.contains(':'), builder.find(to)) {
        builder.outside(to, EdgeKind::Other, from);
    }
}

/// `NONE`: it depends on nothing, and that is all there is. `NOASSERTION`: there may be more.
fn nothing(builder: &mut Builder, id: Id, kind: EdgeKind, forward: bool, to: &str) {
    if !forward {
        return;
    }
    let (state, completeness) = match to {
        NONE => (State::None, Completeness::Complete),
        _ => (State::Unknown, Completeness::Unknown),
    };
    match kind {
        EdgeKind::DependsOn => {
            builder.say(id, Element::Dependencies, state, "", "");
            builder.dependencies(id, completeness);
        }
        EdgeKind::Contains => {
            builder.say(id, Element::Contents, state, "", "");
            builder.contents(id, completeness);
        }
        _ => {}
    }
}

fn link(builder: &mut Builder, external: Map<'_>, place: String) {
    let mut digests = DigestSet::default();
    if let Some(sum) = external.get("checksum").and_then(Json::as_object) {
        let value = text(sum, "checksumValue").to_ascii_lowercase();
        // One value into an empty set cannot be the second of its name.
        let _ = digests.insert(&digest_name(text(sum, "algorithm")), &value);
    }
    let owned = |member| text(external, member).to_owned();
    builder.link(Linked {
        name: owned("externalDocumentId"),
        uri: owned("spdxDocument"),
        digests,
        place,
        import: false,
    });
}

/// `Organization: Acme (security@acme.example)` is the organisation Acme with a contact.
struct Actor<'a> {
    kind: &'a str,
    name: &'a str,
    contact: &'a str,
}

impl<'a> Actor<'a> {
    fn of(text: &'a str) -> Self {
        let kinds = ["Organization", "Person", "Tool"];
        let named = kinds.iter().find_map(|kind| Some((*kind, text.strip_prefix(kind)?.strip_prefix(':')?)));
        let (kind, rest) = named.unwrap_or(("", text));
        let (name, contact) = match rest.rsplit_once('(') {
            Some((name, contact)) if kind != "Tool" && contact.ends_with(')') => {
                (name, contact.trim_end_matches(')').trim())
            }
            _ => (rest, ""),
        };
        Self { kind, name: name.trim(), contact }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_and_tools() {
        for (text, expected) in [
            ("Organization: Acme (a@b.example)", ("Organization", "Acme", "a@b.example")),
            ("Organization: Acme ()", ("Organization", "Acme", "")),
            ("Person: Jane Doe", ("Person", "Jane Doe", "")),
            ("Person: Jane (née Roe) (j@d.example)", ("Person", "Jane (née Roe)", "j@d.example")),
            ("Organization: Acme (Europe) Ltd", ("Organization", "Acme (Europe) Ltd", "")),
            ("Tool: scan (beta)", ("Tool", "scan (beta)", "")),
            ("Acme", ("", "Acme", "")),
            ("NOASSERTION", ("", "NOASSERTION", "")),
        ] {
            let actor = Actor::of(text);
            assert_eq!((actor.kind, actor.name, actor.contact), expected, "{text}");
        }
        for (text, expected) in [
            ("syft-0.80.0", ("syft", "0.80.0")),
            ("syft-v0.80.0", ("syft", "v0.80.0")),
            ("kubernetes-bom", ("kubernetes-bom", "")),
            ("scancode", ("scancode", "")),
            ("LicenseFind-1.0", ("LicenseFind", "1.0")),
        ] {
            assert_eq!(tool(text), expected);
        }
    }

    #[test]
    fn relationships_are_read_in_one_direction() {
        for (label, expected) in [
            ("CONTAINED_BY", (EdgeKind::Contains, false)),
            ("DEPENDENCY_OF", (EdgeKind::DependsOn, false)),
            ("TEST_DEPENDENCY_OF", (EdgeKind::DependsOn, false)),
            ("STATIC_LINK", (EdgeKind::DependsOn, true)),
            ("PREREQUISITE_FOR", (EdgeKind::DependsOn, false)),
            ("TEST_TOOL_OF", (EdgeKind::Other, true)),
        ] {
            assert_eq!(direction(label), expected, "{label}");
        }
    }
}
