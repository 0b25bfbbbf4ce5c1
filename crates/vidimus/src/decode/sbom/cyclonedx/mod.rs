//! CycloneDX 1.2 to 1.7 (ECMA-424 and the published schemas), JSON here and XML in [`xml`].
//!
//! A document is first held against the shape of the version that it declares ([`json`]); one that breaks a rule is refused
//! with every place. What can be read of it is read all the same, for those who ask what is in it.

mod fill;
pub(crate) mod json;
pub(crate) mod meaning;
mod notation;
mod text;
pub(crate) mod xml;

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::bom_link::BomLink;
use super::build::Builder;
use super::model::{EdgeKind, Id, NodeKind, State};
use super::{Element, Invalid, Sbom, identity, known};
use crate::decode::json::same;
use crate::decode::json::tree::{Json, List, Map};
use crate::decode::shape::Shape;
use crate::decode::vex;
use crate::limits::Limits;
use crate::reason::Reason;

const SHAPE: Shape = Shape("CycloneDX document");
const VERSIONS: [&str; 6] = ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];

pub(super) fn read(value: Json<'_>, limits: &Limits) -> Result<Sbom, Invalid> {
    let (version, document) = recognise(value)?;
    let (mut violations, problems) = json::violations(value, version);
    let mut notes = Vec::new();
    json::notes(document, &problems, &mut notes);
    let mut finder = Finder { root: value, lists: BTreeMap::new() };
    meaning::names(problems, |place| finder.said(place), same::equal, &mut violations, &mut notes);
    match model(document, version, "json", &Places::Pointers, limits) {
        Ok(mut sbom) => {
            identity::hashes(&sbom, &mut violations);
            if is_external(document) {
                violations.add(&meaning::EXTERNAL_ROOT, "/metadata/component/isExternal", |reason| reason);
            }
            sbom.vulnerabilities = vex::cyclonedx::claims(document, &mut notes);
            sbom.notes.extend(notes);
            violations.verdict(Some(sbom))
        }
        Err(reason) if violations.is_empty() => Err(reason.into()),
        Err(_) => violations.verdict(None),
    }
}

/// Finds values by their pointers, each list being walked once.
struct Finder<'t> {
    root: Json<'t>,
    lists: BTreeMap<usize, Vec<Json<'t>>>,
}

impl<'t> Finder<'t> {
    fn find(&mut self, pointer: &str) -> Option<Json<'t>> {
        let mut value = self.root;
        for step in pointer.split('/').skip(1) {
            value = match value.as_array() {
                None => value.get(step)?,
                Some(list) => {
                    let items = self.lists.entry(value.index()).or_insert_with(|| list.iter().collect());
                    *items.get(step.parse::<usize>().ok()?)?
                }
            };
        }
        Some(value)
    }

    /// What the component with a name at `place` says that tells it apart.
    fn said(&mut self, place: &str) -> Option<meaning::Own<Json<'t>>> {
        let component = self.find(place.strip_suffix("/bom-ref")?)?;
        Some(meaning::APART.map(|member| component.get(member)))
    }
}

/// Is what the document is about marked as external?
fn is_external(document: Map<'_>) -> bool {
    let about = document.get("metadata").and_then(|metadata| metadata.get("component"));
    about.and_then(|component| component.get("isExternal")?.as_bool()) == Some(true)
}

/// The declared version, by its place in [`VERSIONS`].
fn recognise(value: Json<'_>) -> Result<(usize, Map<'_>), Reason> {
    let document = SHAPE.object(value, "bomFormat")?;
    if SHAPE.text(document, "bomFormat")? != Some("CycloneDX") {
        return Err(SHAPE.wrong("bomFormat"));
    }
    let version = SHAPE.need_text(document, "specVersion")?;
    known(version, &VERSIONS, "CycloneDX 1.2 to 1.7")?;
    let version = VERSIONS.iter().position(|known| *known == version).unwrap_or_default();
    Ok((version, document))
}

/// Where things stand in the text that a document was read from.
enum Places {
    /// In JSON, where the pointer says.
    Pointers,
    /// In XML, where the elements stood that became its values.
    Paths(xml::Paths),
}

impl Places {
    /// The place of an object; `pointer` is its JSON Pointer.
    fn of<'p>(&self, map: Map<'_>, pointer: &'p str) -> Cow<'p, str> {
        match self {
            Self::Pointers => Cow::Borrowed(pointer),
            Self::Paths(paths) => Cow::Owned(paths.of(map.index())),
        }
    }
}

/// Fills the model from a document in the shape of JSON; `notation` is what it was written in.
fn model(document: Map<'_>, version: usize, notation: &str, places: &Places, limits: &Limits) -> Result<Sbom, Reason> {
    let version = VERSIONS.get(version).copied().unwrap_or_default();
    let mut builder = Builder::new(format!("cyclonedx-{version}+{notation}"), "", limits);
    let mut about = None;
    if let Some(metadata) = SHAPE.map(document, "metadata")?
        && let Some(main) = SHAPE.map(metadata, "component")?
    {
        let place = "/metadata/component";
        let root = component(&mut builder, main, &places.of(main, place))?;
        builder.edge(Id::DOCUMENT, EdgeKind::Describes, "component", root);
        about = Some(root);
        if SHAPE.map(main, "supplier")?.is_none() {
            supplier(&mut builder, root, metadata)?;
        }
        tree(&mut builder, Some(root), place, places, SHAPE.list(main, "components")?)?;
    }
    tree(&mut builder, None, "", places, SHAPE.list(document, "components")?)?;
    dependencies(&mut builder, SHAPE.list(document, "dependencies")?)?;
    fill::document(&mut builder, document, about)?;
    fill::compositions(&mut builder, document)?;
    builder.finish()
}

/// A list of components with the components inside them, each before its own.
fn tree(builder: &mut Builder, parent: Option<Id>, place: &str, places: &Places, list: List<'_>) -> Result<(), Reason> {
    let mut open = vec![(parent, place.to_owned(), list.iter().enumerate())];
    while let Some((parent, place, rest)) = open.last_mut() {
        let Some((index, value)) = rest.next() else {
            open.pop();
            continue;
        };
        let (parent, place) = (*parent, format!("{place}/components/{index}"));
        let map = SHAPE.object(value, "components")?;
        let id = component(builder, map, &places.of(map, &place))?;
        if let Some(parent) = parent {
            builder.edge(parent, EdgeKind::Contains, "components", id);
        }
        open.push((Some(id), place, SHAPE.list(map, "components")?.iter().enumerate()));
    }
    Ok(())
}

fn dependencies(builder: &mut Builder, list: List<'_>) -> Result<(), Reason> {
    for entry in list {
        let entry = SHAPE.object(entry, "dependencies")?;
        // Until 1.4 a reference may be empty; then it refers to nothing.
        let from = builder.find(SHAPE.text(entry, "ref")?.unwrap_or_default());
        for (member, kind) in [("dependsOn", EdgeKind::DependsOn), ("provides", EdgeKind::Provides)] {
            let listed = SHAPE.list(entry, member)?;
            for to in listed {
                let name = to.as_str().ok_or_else(|| SHAPE.wrong(member))?;
                match (from, builder.find(name)) {
                    (Some(from), Some(to)) => builder.edge(from, kind, member, to),
                    (Some(from), None) if name.starts_with(BomLink::SCHEME) => builder.outside(from, kind, name),
                    _ => {}
                }
            }
            if let (Some(from), EdgeKind::DependsOn, true) = (from, kind, listed.is_empty()) {
                builder.say(from, Element::Dependencies, State::None, "", "");
            }
        }
    }
    Ok(())
}

fn component(builder: &mut Builder, map: Map<'_>, place: &str) -> Result<Id, Reason> {
    let text = |member| SHAPE.text(map, member).map(Option::unwrap_or_default);
    let kind = if text("type")? == "file" { NodeKind::File } else { NodeKind::Component };
    let id = builder.node(kind, text("bom-ref")?, place)?;
    for (member, element) in [("name", Element::Name), ("version", Element::Version), ("type", Element::Purpose)] {
        builder.value(id, element, text(member)?);
    }
    builder.value_of(id, Element::Identifier, "purl", text("purl")?);
    supplier(builder, id, map)?;
    for hash in SHAPE.list(map, "hashes")? {
        let hash = SHAPE.object(hash, "hashes")?;
        builder.hash(id, Element::Hash, SHAPE.need_text(hash, "alg")?, SHAPE.need_text(hash, "content")?);
    }
    fill::component(builder, id, map)?;
    Ok(id)
}

fn supplier(builder: &mut Builder, id: Id, map: Map<'_>) -> Result<(), Reason> {
    if let Some(supplier) = SHAPE.map(map, "supplier")? {
        builder.value(id, Element::Supplier, SHAPE.text(supplier, "name")?.unwrap_or_default());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

    use serde_json::{Value as Json, json};

    use super::*;
    use crate::decode::json::Tree;

    fn read(value: &Json, limits: &Limits) -> Result<Sbom, Invalid> {
        super::read(Tree::of(value).root(), limits)
    }

    fn bom(change: impl Fn(&mut Json)) -> Json {
        let mut bom = json!({
            "bomFormat": "CycloneDX", "specVersion": "1.6",
            "metadata": {
                "supplier": {"name": "Acme"},
                "component": {
                    "type": "application", "bom-ref": "root", "name": "app", "version": "1",
                    "purl": "pkg:generic/app@1", "hashes": [{"alg": "SHA-256", "content": "aa".repeat(32)}],
                    "components": [{"type": "file", "bom-ref": "in-root", "name": "f"}],
                },
            },
            "components": [
                {"type": "library", "bom-ref": "a", "name": "a", "supplier": {"name": "S"}, "components": [
                    {"type": "library", "bom-ref": "b", "name": "b", "components": [{"type": "file", "name": "c"}]},
                ]},
                {"type": "library", "bom-ref": "d", "name": "d", "version": ""},
            ],
            "dependencies": [{"ref": "root", "dependsOn": ["a", "d"]}, {"ref": "a", "provides": ["b"]}, {"ref": "d"}],
        });
        change(&mut bom);
        bom
    }

    #[test]
    fn everything_that_joining_needs() {
        let sbom = read(&bom(|_| ()), &Limits::MAX).unwrap();
        assert_eq!(sbom.format, "cyclonedx-1.6+json");
        let root = sbom.root().unwrap();
        assert_eq!((root.name(), root.version(), root.supplier()), ("app", Some("1"), Some("Acme")));
        assert_eq!(root.digests().iter().collect::<Vec<_>>(), [("sha256", "aa".repeat(32).as_str())]);
        let others: Vec<_> = sbom.others().collect();
        let names: Vec<(&str, &str)> = others.iter().map(|c| (c.name(), c.place())).collect();
        assert_eq!(
            names,
            [
                ("f", "/metadata/component/components/0"),
                ("a", "/components/0"),
                ("b", "/components/0/components/0"),
                ("c", "/components/0/components/0/components/0"),
                ("d", "/components/1"),
            ]
        );
        assert_eq!(others[1].supplier(), Some("S"));
        assert_eq!(others[4].version(), None);
        assert_eq!(
            (others[4].state(Element::Dependencies), root.state(Element::Dependencies)),
            (State::None, State::Absent)
        );
        let edges: Vec<String> =
            sbom.edges().map(|e| format!("{} {} {}", e.from.name(), e.label, e.to.name())).collect();
        assert_eq!(
            edges,
            [
                " component app",
                "app components f",
                "app dependsOn a",
                "app dependsOn d",
                "a components b",
                "a provides b",
                "b components c",
            ]
        );
    }

    #[test]
    fn shapes() {
        type Change = fn(&mut Json);
        let rows: &[(Change, &str)] = &[
            (|_| (), "ok"),
            (|b| b["specVersion"] = json!("1.7"), "ok"),
            (|b| b["specVersion"] = json!("1.5"), "sbom.unknown-member"),
            (|b| b["specVersion"] = json!("1.1"), "parse.version"),
            (|b| b["specVersion"] = json!("1.8"), "parse.version"),
            (|b| b["specVersion"] = json!("2.0"), "parse.version"),
            (|b| b["specVersion"] = json!(1.6), "parse.malformed"),
            (|b| b["bomFormat"] = json!("cyclonedx"), "parse.malformed"),
            (|b| b["bomFormat"] = json!(null), "parse.malformed"),
            (|b| (b["metadata"], b["dependencies"]) = (json!(null), json!([])), "sbom.wrong-type"),
            (|b| b["components"][0]["type"] = json!("thing"), "sbom.wrong-word"),
            (|b| b["dependencies"][0]["ref"] = json!(""), "sbom.wrong-form"),
            (
                |b| {
                    (b["specVersion"], b["version"], b["dependencies"]) = (json!("1.4"), json!(1), json!([{"ref": ""}]))
                },
                "ok",
            ),
            (|b| b["components"][0]["components"] = json!("x"), "sbom.wrong-type"),
        ];
        for (index, (change, expected)) in rows.iter().enumerate() {
            let found = read(&bom(change), &Limits::MAX);
            // What is wrong with a document leaves references to nothing, too.
            let codes: Vec<&str> = match &found {
                Ok(_) => vec!["ok"],
                Err(invalid) => invalid.reasons.iter().map(Reason::code).collect(),
            };
            assert!(codes.contains(expected), "row {index}: {codes:?}");
        }
    }

    #[test]
    fn components_are_counted_wherever_they_are() {
        for (limit, expected) in [(6, "ok"), (5, "limit.components")] {
            let found = read(&bom(|_| ()), &Limits { components: limit, ..Limits::MAX });
            assert_eq!(found.as_ref().map_or_else(|invalid| invalid.reasons[0].code(), |_| "ok"), expected);
        }
    }
}
