//! SPDX 3.0.1 as JSON-LD with the one known context, which is never fetched.

mod fill;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use self::table::{TABLE, is_blank};
use super::check::{
    CHECKSUM, CONTRADICTION, DANGLING, DUPLICATE, LICENSE, SELF, TIME, UNKNOWN_LICENSE, is_time, wrong,
};
use super::v2::{list, text};
use crate::decode::json::tree::{Json, Map, What};
use crate::decode::sbom::form::Place;
use crate::decode::sbom::license::{self, Operators};
use crate::decode::sbom::violations::{MISSING_MEMBER, UNKNOWN_MEMBER, Violations, WRONG_TYPE, escaped};
use crate::decode::sbom::{Invalid, Sbom, VERSION};
use crate::limits::Limits;
use crate::reason::Reason;

crate::reasons! {
    CONTEXT = "spdx.context", Unproven, Vendor, ["expected", "found"],
        says "the JSON-LD context is {found}, not {expected}",
        why "The context decides what every name in the document means. One is known here, and none is ever fetched (SP3-06).",
        fix "Write the document with the context of SPDX 3.0.1.";
    DOCUMENTS = "spdx.documents", Unproven, Vendor, ["count", "place"],
        says "{place}: {count} SpdxDocument elements, where there may be one",
        why "With several nobody knows which of them the file is (SPDX 3.0.1, SpdxDocument; SP3-01).",
        fix "Write one file for each document.";
    COLLECTION = "spdx.collection", Unproven, Vendor, ["found", "place"],
        says "{place}: the collection {found} has elements and no root, or holds an SpdxDocument",
        why "The root says what the collection is about, and a document is not part of one (SPDX 3.0.1, ElementCollection; SP3-02).",
        fix "State rootElement, and take documents out of element and rootElement.";
    NOT_IMPORTED = "spdx.not-imported", Unproven, Vendor, ["found", "place"],
        says "{place} refers to {found}, which is neither in the document nor imported",
        why "What is defined elsewhere must be listed among the imports, with what binds its bytes (SPDX 3.0.1, ExternalMap; SP3-05).",
        fix "Add the element, or an ExternalMap for it to the import of the document.";
}

/// The context that is known.
const KNOWN_CONTEXT: &str = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld";

/// Does a context call the document SPDX 3, of whatever version?
pub(in crate::decode) fn is_context(context: &str) -> bool {
    context.starts_with("https://spdx.org/rdf/") && context.ends_with("/spdx-context.jsonld")
}

/// One object of the graph.
struct Object<'a> {
    class: &'static str,
    map: Map<'a>,
    pointer: String,
}

impl Object<'_> {
    fn is(&self, class: &str) -> bool {
        TABLE.is(self.class, class)
    }
}

/// All objects, wherever they stand, in document order.
#[derive(Default)]
struct Graph<'a> {
    objects: Vec<Object<'a>>,
    by_id: BTreeMap<&'a str, usize>,
}

impl<'a> Graph<'a> {
    fn get(&self, id: &str) -> Option<&Object<'a>> {
        self.objects.get(*self.by_id.get(id)?)
    }

    /// The object that a value is, or refers to.
    fn of(&self, value: Json<'a>) -> Option<&Object<'a>> {
        self.get(id_of(value))
    }
}

/// The identifier that a value is, or has.
fn id_of<'a>(value: Json<'a>) -> &'a str {
    match value.what() {
        What::String(id) => id,
        What::Object(map) => id_in(map),
        _ => "",
    }
}

fn id_in<'a>(map: Map<'a>) -> &'a str {
    match text(map, "spdxId") {
        "" => text(map, "@id"),
        id => id,
    }
}

/// Reads a document.
pub(super) fn read(value: Json<'_>, limits: &Limits) -> Result<Sbom, Invalid> {
    let document = value.as_object().ok_or_else(|| super::SHAPE.wrong("@context"))?;
    let context = text(document, "@context");
    if context != KNOWN_CONTEXT {
        let found = if is_context(context) {
            Reason::new(&VERSION).evidence("found", context).name("required", "SPDX 2.2, 2.3 or 3.0.1")
        } else {
            Reason::new(&CONTEXT).evidence("found", context).name("expected", KNOWN_CONTEXT)
        };
        return Err(found.into());
    }
    let mut found = Violations::new("SPDX 3.0.1");
    let graph = graph(document, &mut found);
    let mut notes = Vec::new();
    check(&graph, &mut found, &mut notes);
    let mut sbom = fill::model(&graph, limits)?;
    sbom.notes.extend(notes);
    found.verdict(Some(sbom))
}

/// Holds the graph against the classes, and collects its objects.
fn graph<'a>(document: Map<'a>, found: &mut Violations) -> Graph<'a> {
    let mut graph = Graph::default();
    let mut open: Vec<(Json<'_>, String)> = Vec::new();
    match document.get("@graph").map(Json::what) {
        Some(What::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                let graph = Place::ROOT.member("@graph");
                match item.as_object() {
                    Some(map) => TABLE.hold(map, None, &graph.item(index), found),
                    None => found.add(&WRONG_TYPE, &graph.item(index).pointer(), |r| r.name("expected", "an object")),
                }
            }
            for name in document.keys().filter(|name| !["@context", "@graph"].contains(name)) {
                found.add(&UNKNOWN_MEMBER, "", |reason| reason.evidence("member", name));
            }
            let first = open.len();
            open.extend(items.iter().enumerate().map(|(index, item)| (item, format!("/@graph/{index}"))));
            open.get_mut(first..).unwrap_or_default().reverse();
        }
        Some(_) => found.add(&WRONG_TYPE, "/@graph", |reason| reason.name("expected", "a list")),
        // A document of one object is that object.
        None if document.contains_key("type") => TABLE.hold(document, None, &Place::ROOT, found),
        None => found.add(&MISSING_MEMBER, "", |reason| reason.name("member", "@graph")),
    }
    if !document.contains_key("@graph") {
        visit(document, String::new(), &mut open, &mut graph, found);
    }
    while let Some((value, pointer)) = open.pop() {
        match value.what() {
            What::Array(items) => {
                let first = open.len();
                open.extend(items.iter().enumerate().map(|(index, item)| (item, format!("{pointer}/{index}"))));
                open.get_mut(first..).unwrap_or_default().reverse();
            }
            What::Object(map) => visit(map, pointer, &mut open, &mut graph, found),
            _ => {}
        }
    }
    graph
}

/// Notes one object, and what is inside of it for later.
fn visit<'a>(
    map: Map<'a>,
    pointer: String,
    open: &mut Vec<(Json<'a>, String)>,
    graph: &mut Graph<'a>,
    found: &mut Violations,
) {
    let inside = map.iter().filter(|(_, value)| value.is_object() || value.is_array());
    // In the order of the names: in which order the members stand changes nothing.
    let mut inside: Vec<_> = inside.collect();
    inside.sort_unstable_by_key(|(name, _)| std::cmp::Reverse(*name));
    open.extend(inside.into_iter().map(|(name, value)| (value, format!("{pointer}/{}", escaped(name)))));
    let Some(class) = TABLE.class_of(map) else { return };
    let (id, index) = (id_in(map), graph.objects.len());
    if !id.is_empty() && graph.by_id.insert(id, index).is_some() {
        wrong(found, &DUPLICATE, &pointer, id);
    }
    graph.objects.push(Object { class, map, pointer });
}

/// What the schema cannot say (SP3-01 to SP3-05).
fn check(graph: &Graph<'_>, found: &mut Violations, notes: &mut Vec<Reason>) {
    let documents = graph.objects.iter().filter(|object| object.is("SpdxDocument")).count();
    if documents > 1 {
        found.add(&DOCUMENTS, "/@graph", |reason| reason.int("count", documents as u64));
    }
    let imports = graph.objects.iter().filter(|object| object.is("SpdxDocument"));
    let imported: BTreeSet<&str> = imports
        .flat_map(|document| list(document.map, "import"))
        .filter_map(|import| graph.of(import).map(|o| o.map).or_else(|| import.as_object()))
        .map(|map| text(map, "externalSpdxId"))
        .collect();
    for object in &graph.objects {
        references(object, graph, &imported, found);
        if object.is("ElementCollection") {
            collection(object, graph, found);
        }
        if object.is("Relationship") {
            relationship(object, found, notes);
        }
        if object.class == "Hash" {
            hash(object, found);
        }
        if object.class == "simplelicensing_LicenseExpression" {
            expression(object, found);
        }
        for name in ["created", "builtTime", "releaseTime", "validUntilTime", "startTime", "endTime"] {
            let stated = text(object.map, name);
            if object.map.contains_key(name) && !is_time(stated) {
                wrong(found, &TIME, &format!("{}/{name}", object.pointer), stated);
            }
        }
    }
}

/// Properties that refer to elements or nodes.
const REFERENCES: [&str; 16] = [
    "from",
    "to",
    "element",
    "rootElement",
    "creationInfo",
    "createdBy",
    "createdUsing",
    "suppliedBy",
    "originatedBy",
    "subject",
    "dataLicense",
    "software_snippetFromFile",
    "verifiedUsing",
    "security_assessedElement",
    "externalIdentifier",
    "expandedlicensing_member",
];

fn references(object: &Object<'_>, graph: &Graph<'_>, imported: &BTreeSet<&str>, found: &mut Violations) {
    for name in REFERENCES {
        let Some(value) = object.map.get(name) else { continue };
        let one = (!value.is_array()).then_some(value);
        for id in one.into_iter().chain(value.as_array().unwrap_or_default()).filter_map(Json::as_str) {
            // Without a colon it is one of the individuals; listed licences are known by their address.
            if graph.get(id).is_some() || !id.contains(':') || id.starts_with("https://spdx.org/") {
                continue;
            }
            let info = if is_blank(id) { &DANGLING } else { &NOT_IMPORTED };
            if is_blank(id) || !imported.contains(id) {
                wrong(found, info, &format!("{}/{name}", object.pointer), id);
            }
        }
    }
}

fn collection(object: &Object<'_>, graph: &Graph<'_>, found: &mut Violations) {
    let (elements, roots) = (list(object.map, "element"), list(object.map, "rootElement"));
    let holds_document = elements.iter().chain(roots.iter()).any(|e| graph.of(e).is_some_and(|o| o.is("SpdxDocument")));
    if !elements.is_empty() && roots.is_empty() || holds_document {
        wrong(found, &COLLECTION, &object.pointer, text(object.map, "spdxId"));
    }
}

fn relationship(object: &Object<'_>, found: &mut Violations, notes: &mut Vec<Reason>) {
    let (from, kind) = (object.map.get("from").map(id_of).unwrap_or_default(), text(object.map, "relationshipType"));
    let to: Vec<&str> = list(object.map, "to").iter().map(id_of).collect();
    if to.len() > 1 && to.iter().any(|to| fill::is_none(to)) {
        wrong(found, &CONTRADICTION, &format!("{}/to", object.pointer), from);
    }
    if matches!(kind, "contains" | "dependsOn" | "describes") && !from.is_empty() && to.contains(&from) {
        notes.push(Reason::new(&SELF).evidence("found", from).evidence("place", &object.pointer));
    }
}

fn hash(object: &Object<'_>, found: &mut Violations) {
    let (algorithm, value) = (text(object.map, "algorithm"), text(object.map, "hashValue"));
    let digits = match algorithm {
        "adler32" => 8,
        "md2" | "md4" | "md5" => 32,
        "sha1" => 40,
        "sha224" | "sha3_224" => 56,
        "sha256" | "sha3_256" | "blake2b256" => 64,
        "sha384" | "sha3_384" | "blake2b384" => 96,
        "sha512" | "sha3_512" | "blake2b512" => 128,
        _ => return,
    };
    if value.len() != digits || !value.bytes().all(|b| b.is_ascii_hexdigit()) {
        found.add(&CHECKSUM, &format!("{}/hashValue", object.pointer), |reason| {
            reason.evidence("algorithm", algorithm).evidence("found", value)
        });
    }
}

fn expression(object: &Object<'_>, found: &mut Violations) {
    let stated = text(object.map, "simplelicensing_licenseExpression");
    let place = format!("{}/simplelicensing_licenseExpression", object.pointer);
    if matches!(stated, "NONE" | "NOASSERTION") {
        return;
    }
    match license::parse(stated, Operators::Any) {
        Ok(license) => {
            for id in &license.unknown {
                found.add(&UNKNOWN_LICENSE, &place, |reason| {
                    reason.evidence("found", id).name("list", license::list_version())
                });
            }
        }
        Err(license::NoExpression) => wrong(found, &LICENSE, &place, stated),
    }
}

/// The objects of a list property, looked up where they are references.
fn held<'g, 'a>(graph: &'g Graph<'a>, map: Map<'a>, name: &str) -> impl Iterator<Item = Map<'a>> + use<'g, 'a> {
    list(map, name).iter().filter_map(|value| match value.as_object() {
        Some(map) => Some(map),
        None => graph.of(value).map(|object| object.map),
    })
}
