//! SPDX 3 as the format-neutral model.

use std::collections::BTreeSet;

use super::super::fill::{remark, tool};
use super::super::v2::{list, text, texts};
use super::{Graph, Object, held, id_of};
use crate::decode::json::tree::{Json, Map};
use crate::decode::sbom::build::Builder;
use crate::decode::sbom::model::{Completeness, EdgeKind, Id, Linked, NodeKind, Sayer, Sbom, State};
use crate::decode::sbom::{Element, digest_name};
use crate::digest::DigestSet;
use crate::limits::Limits;
use crate::reason::Reason;

/// The element that stands for nothing.
pub(super) fn is_none(id: &str) -> bool {
    matches!(id, "NoneElement" | "expandedlicensing_NoneLicense" | "https://spdx.org/rdf/3.0.1/terms/Core/NoneElement")
}

/// The element that stands for what nobody knows.
fn is_unknown(id: &str) -> bool {
    matches!(
        id,
        "NoAssertionElement"
            | "expandedlicensing_NoAssertionLicense"
            | "https://spdx.org/rdf/3.0.1/terms/Core/NoAssertionElement"
    )
}

/// The model of a graph.
pub(super) fn model(graph: &Graph<'_>, limits: &Limits) -> Result<Sbom, Reason> {
    let document = graph.objects.iter().find(|object| object.is("SpdxDocument"));
    let collection = document.or_else(|| graph.objects.iter().find(|object| object.is("Bom")));
    let reference = collection.map(|object| text(object.map, "spdxId")).unwrap_or_default();
    let mut builder = Builder::new("spdx-3.0.1+json".to_owned(), reference, limits);
    let own = collection.and_then(|object| object.map.get("creationInfo")).map(id_of).unwrap_or_default();
    if let Some(collection) = collection {
        header(&mut builder, graph, collection);
    }
    for object in &graph.objects {
        let kind = match object.class {
            "software_File" => NodeKind::File,
            "software_Snippet" => NodeKind::Snippet,
            _ if object.is("software_Package") => NodeKind::Component,
            _ => continue,
        };
        let id = builder.node(kind, text(object.map, "spdxId"), &object.pointer)?;
        component(&mut builder, graph, id, object);
        let creation = object.map.get("creationInfo").map(id_of).unwrap_or_default();
        if creation != own {
            let by = sayer(&mut builder, graph, creation);
            builder.said_by(id, by);
        }
    }
    describes(&mut builder, graph, collection);
    if let Some(object) = graph.objects.iter().find(|object| object.class.starts_with("security_")) {
        // One does: it is there to tell documents with vulnerabilities from those without.
        builder.value(Id::DOCUMENT, Element::Vulnerability, object.class);
    }
    for object in graph.objects.iter().filter(|object| object.is("Relationship")) {
        relationship(&mut builder, graph, object, own);
    }
    for object in graph.objects.iter().filter(|object| object.class == "Annotation") {
        annotation(&mut builder, object);
    }
    for import in graph.objects.iter().filter(|object| object.class == "ExternalMap") {
        link(&mut builder, graph, import);
    }
    builder.finish()
}

fn header(builder: &mut Builder, graph: &Graph<'_>, collection: &Object<'_>) {
    let id = Id::DOCUMENT;
    for (member, element) in [
        ("spdxId", Element::DocumentId),
        ("spdxId", Element::Namespace),
        ("spdxId", Element::Revision),
        ("name", Element::DocumentName),
        ("comment", Element::Comment),
    ] {
        builder.value(id, element, text(collection.map, member));
    }
    if let Some(license) = collection.map.get("dataLicense") {
        say_license(builder, graph, id, Element::DataLicense, id_of(license));
    }
    for object in graph.objects.iter().filter(|object| object.class == "software_Sbom") {
        texts(object.map, "software_sbomType")
            .for_each(|(_, kind)| builder.value(id, Element::GenerationContext, kind));
    }
    let Some(creation) = collection.map.get("creationInfo").and_then(|value| creation(graph, value)) else { return };
    builder.value(id, Element::Timestamp, text(creation, "created"));
    builder.value(id, Element::CreatorComment, text(creation, "comment"));
    for agent in list(creation, "createdBy") {
        let element = match graph.get(id_of(agent)).map(|agent| agent.class) {
            Some("Person") => Element::AuthorPerson,
            Some("SoftwareAgent") => Element::Tool,
            _ => Element::AuthorOrganization,
        };
        say_agent(builder, graph, id, element, Element::AuthorContact, id_of(agent));
    }
    for map in held(graph, creation, "createdUsing") {
        let (name, version) = tool(text(map, "name"));
        builder.value(id, Element::Tool, name);
        builder.value(id, Element::ToolVersion, version);
    }
}

fn creation<'a>(graph: &Graph<'a>, value: Json<'a>) -> Option<Map<'a>> {
    value.as_object().or_else(|| graph.of(value).map(|object| object.map))
}

fn sayer(builder: &mut Builder, graph: &Graph<'_>, creation: &str) -> Option<u16> {
    let map = graph.get(creation)?.map;
    let authors = list(map, "createdBy").iter().map(|agent| match graph.get(id_of(agent)) {
        Some(agent) if !text(agent.map, "name").is_empty() => text(agent.map, "name").to_owned(),
        _ => id_of(agent).to_owned(),
    });
    let created = Some(text(map, "created")).filter(|t| !t.is_empty()).map(ToOwned::to_owned);
    builder.sayer(Sayer { authors: authors.collect(), created })
}

/// Name and contact of an agent; of one that is defined elsewhere its identifier is all there is.
fn say_agent(builder: &mut Builder, graph: &Graph<'_>, id: Id, element: Element, contact: Element, agent: &str) {
    if is_none(agent) {
        return builder.say(id, element, State::None, "", "");
    }
    if is_unknown(agent) {
        return builder.say(id, element, State::Unknown, "", "");
    }
    let Some(object) = graph.get(agent) else { return builder.value(id, element, agent) };
    builder.value_of(id, element, object.class, text(object.map, "name"));
    for identifier in held(graph, object.map, "externalIdentifier") {
        if matches!(text(identifier, "externalIdentifierType"), "email" | "urlScheme" | "other") {
            builder.value(id, contact, text(identifier, "identifier"));
        }
    }
}

fn component(builder: &mut Builder, graph: &Graph<'_>, id: Id, object: &Object<'_>) {
    let map = object.map;
    for (member, element) in [
        ("name", Element::Name),
        ("software_packageVersion", Element::Version),
        ("software_primaryPurpose", Element::Purpose),
        ("software_copyrightText", Element::Copyright),
        ("software_downloadLocation", Element::DownloadLocation),
        ("software_sourceInfo", Element::SourceUri),
        ("description", Element::Description),
        ("summary", Element::Description),
        ("releaseTime", Element::ReleaseDate),
        ("builtTime", Element::BuildDate),
        ("validUntilTime", Element::EndOfLife),
        ("comment", Element::Comment),
    ] {
        let stated = text(map, member);
        match stated {
            "NOASSERTION" => builder.say(id, element, State::Unknown, "", ""),
            "NONE" => builder.say(id, element, State::None, "", ""),
            _ => builder.value(id, element, stated),
        }
    }
    if object.class == "software_File" {
        builder.value(id, Element::FileName, text(map, "name"));
    }
    builder.value_of(id, Element::Identifier, "purl", text(map, "software_packageUrl"));
    builder.value_of(id, Element::Other, "homepage", text(map, "software_homePage"));
    purposes(builder, id, map);
    for (_, level) in texts(map, "supportLevel") {
        builder.value_of(id, Element::EndOfLife, "support", level);
    }
    for (_, attribution) in texts(map, "software_attributionText") {
        builder.value(id, Element::UsageRestrictions, attribution);
    }
    if let Some(agent) = map.get("suppliedBy") {
        say_agent(builder, graph, id, Element::Supplier, Element::SupplierContact, id_of(agent));
    }
    for agent in list(map, "originatedBy") {
        say_agent(builder, graph, id, Element::Producer, Element::ProducerContact, id_of(agent));
    }
    integrity(builder, graph, id, map);
    for identifier in held(graph, map, "externalIdentifier") {
        let kind = match text(identifier, "externalIdentifierType") {
            "packageUrl" => "purl",
            kind => kind,
        };
        let element = match kind {
            "cve" => Element::Vulnerability,
            "email" | "other" | "securityOther" | "urlScheme" => Element::Other,
            _ => Element::Identifier,
        };
        builder.value_of(id, element, kind, text(identifier, "identifier"));
    }
    for identifier in held(graph, map, "software_contentIdentifier") {
        let kind = text(identifier, "software_contentIdentifierType");
        builder.value_of(id, Element::Identifier, kind, text(identifier, "software_contentIdentifierValue"));
    }
    for reference in held(graph, map, "externalRef") {
        let kind = text(reference, "externalRefType");
        let element = match kind {
            "binaryArtifact" | "altDownloadLocation" => Element::DeployUri,
            "sourceArtifact" | "vcs" => Element::SourceUri,
            "securityOther" => Element::SecurityTxt,
            "vulnerabilityDisclosureReport" | "vulnerabilityExploitabilityAssessment" | "securityAdvisory" => {
                Element::Vulnerability
            }
            _ => Element::Other,
        };
        for (_, locator) in texts(reference, "locator") {
            builder.value_of(id, element, kind, locator);
        }
    }
}

/// What it is besides its primary purpose: the three properties of BSI TR-03183-2.
fn purposes(builder: &mut Builder, id: Id, map: Map<'_>) {
    for (_, purpose) in texts(map, "software_additionalPurpose") {
        let element = match purpose {
            "executable" => Element::Executable,
            "archive" => Element::Archive,
            "container" | "firmware" => Element::Structured,
            _ => Element::Purpose,
        };
        builder.value(id, element, purpose);
    }
}

fn integrity(builder: &mut Builder, graph: &Graph<'_>, id: Id, map: Map<'_>) {
    for method in held(graph, map, "verifiedUsing") {
        let (algorithm, value) = (text(method, "algorithm"), text(method, "hashValue"));
        match text(method, "type") {
            "PackageVerificationCode" => builder.value_of(id, Element::VerificationCode, algorithm, value),
            _ => builder.hash(id, Element::Hash, algorithm, value),
        }
    }
}

/// What the document is about: its roots, or, where these are collections, theirs.
fn describes(builder: &mut Builder, graph: &Graph<'_>, collection: Option<&Object<'_>>) {
    let mut open: Vec<&str> = collection.map(|c| text(c.map, "spdxId")).into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        let Some(object) = graph.get(id).filter(|_| seen.insert(id)) else { continue };
        if let Some(component) = builder.find(id).filter(|node| *node != Id::DOCUMENT) {
            builder.edge(Id::DOCUMENT, EdgeKind::Describes, "rootElement", component);
        } else if object.is("ElementCollection") {
            open.extend(list(object.map, "rootElement").iter().collect::<Vec<_>>().into_iter().rev().map(id_of));
        }
    }
}

/// In which direction and as what a relationship is read.
fn direction(kind: &str) -> EdgeKind {
    match kind {
        "contains" => EdgeKind::Contains,
        "describes" => EdgeKind::Describes,
        "dependsOn"
        | "hasDynamicLink"
        | "hasStaticLink"
        | "hasPrerequisite"
        | "hasOptionalDependency"
        | "hasProvidedDependency" => EdgeKind::DependsOn,
        _ => EdgeKind::Other,
    }
}

fn relationship(builder: &mut Builder, graph: &Graph<'_>, object: &Object<'_>, own: &str) {
    let label = text(object.map, "relationshipType");
    let from = object.map.get("from").map(id_of).unwrap_or_default();
    let Some(node) = builder.find(from) else { return };
    let creation = object.map.get("creationInfo").map(id_of).unwrap_or_default();
    let by = if creation == own { None } else { sayer(builder, graph, creation) };
    let kind = direction(label);
    let license = match label {
        "hasConcludedLicense" => Some(Element::LicenseConcluded),
        "hasDeclaredLicense" => Some(Element::LicenseDeclared),
        "other" if text(object.map, "comment") == "hasEffectiveLicense" => Some(Element::LicenseEffective),
        _ => None,
    };
    let stated = match text(object.map, "completeness") {
        "complete" => Completeness::Complete,
        "incomplete" => Completeness::Incomplete,
        "noAssertion" => Completeness::Unknown,
        _ => Completeness::NotStated,
    };
    complete(builder, node, kind, stated);
    if kind == EdgeKind::DependsOn && stated != Completeness::NotStated {
        builder.say(node, Element::Completeness, State::Value, text(object.map, "completeness"), "");
    }
    for to in list(object.map, "to").iter().map(id_of) {
        if let Some(element) = license {
            say_license(builder, graph, node, element, to);
        } else if is_none(to) || is_unknown(to) {
            nothing(builder, node, kind, to);
        } else if let Some(to) = builder.find(to) {
            if kind != EdgeKind::Describes || node == Id::DOCUMENT && to != Id::DOCUMENT {
                builder.edge_by(node, kind, label, to, by);
            }
        } else if graph.get(to).is_none() {
            builder.outside(node, kind, to);
        }
    }
}

fn complete(builder: &mut Builder, node: Id, kind: EdgeKind, stated: Completeness) {
    match kind {
        EdgeKind::DependsOn => builder.dependencies(node, stated),
        EdgeKind::Contains => builder.contents(node, stated),
        _ => {}
    }
}

fn nothing(builder: &mut Builder, node: Id, kind: EdgeKind, to: &str) {
    let element = match kind {
        EdgeKind::DependsOn => Element::Dependencies,
        EdgeKind::Contains => Element::Contents,
        _ => return,
    };
    let none = is_none(to);
    builder.say(node, element, if none { State::None } else { State::Unknown }, "", "");
    complete(builder, node, kind, if none { Completeness::Complete } else { Completeness::Unknown });
}

/// A licence by its element: an expression, a listed licence, or a text of its own.
fn say_license(builder: &mut Builder, graph: &Graph<'_>, node: Id, element: Element, license: &str) {
    if is_none(license) {
        return builder.say(node, element, State::None, "", "");
    }
    if is_unknown(license) {
        return builder.say(node, element, State::Unknown, "", "");
    }
    let stated = graph.get(license).map(|object| match text(object.map, "simplelicensing_licenseExpression") {
        "" => text(object.map, "name"),
        expression => expression,
    });
    match stated.filter(|stated| !stated.is_empty()) {
        Some("NONE") => builder.say(node, element, State::None, "", ""),
        Some("NOASSERTION") => builder.say(node, element, State::Unknown, "", ""),
        Some(stated) => builder.value(node, element, stated),
        None => builder.value(node, element, license.strip_prefix("https://spdx.org/licenses/").unwrap_or(license)),
    }
}

fn annotation(builder: &mut Builder, object: &Object<'_>) {
    let subject = object.map.get("subject").map(id_of).unwrap_or_default();
    let Some(node) = builder.find(subject) else { return };
    remark(builder, node, text(object.map, "annotationType"), text(object.map, "statement"));
}

fn link(builder: &mut Builder, graph: &Graph<'_>, import: &Object<'_>) {
    let mut digests = DigestSet::default();
    let mut ambiguous = false;
    for method in held(graph, import.map, "verifiedUsing") {
        let name = digest_name(text(method, "algorithm"));
        ambiguous |= digests.insert(&name, &text(method, "hashValue").to_ascii_lowercase()).is_err();
    }
    let digests = if ambiguous { DigestSet::default() } else { digests };
    let uri = text(import.map, "externalSpdxId").to_owned();
    let place = import.pointer.clone();
    builder.link(Linked { name: String::new(), uri, digests, place, import: true });
}
