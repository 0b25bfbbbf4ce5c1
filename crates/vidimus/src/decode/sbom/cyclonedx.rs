//! CycloneDX JSON 1.2 to 1.7 (ECMA-424 and the published schemas).

use serde_json::{Map, Value as Json};

use super::{Component, Sbom, digests, known, within};
use crate::decode::shape::Shape;
use crate::limits::Limits;
use crate::reason::Reason;

const SHAPE: Shape = Shape("CycloneDX document");
const VERSIONS: [&str; 6] = ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];

pub(super) fn read(value: &Json, limits: &Limits) -> Result<Sbom, Reason> {
    let document = SHAPE.object(value, "bomFormat")?;
    if SHAPE.text(document, "bomFormat")? != Some("CycloneDX") {
        return Err(SHAPE.wrong("bomFormat"));
    }
    let version = SHAPE.need_text(document, "specVersion")?;
    known(version, &VERSIONS, "CycloneDX 1.2 to 1.7")?;
    let mut found = Found { components: Vec::new(), relationships: Vec::new(), limits };
    let mut root = None;
    if let Some(metadata) = SHAPE.map(document, "metadata")?
        && let Some(main) = SHAPE.map(metadata, "component")?
    {
        let mut main_component = component(main)?;
        if main_component.supplier.is_none() {
            main_component.supplier = supplier(metadata)?;
        }
        let reference = main_component.reference.clone();
        root = Some(main_component);
        found.tree(&reference, SHAPE.list(main, "components")?)?;
    }
    found.tree("", SHAPE.list(document, "components")?)?;
    found.dependencies(SHAPE.list(document, "dependencies")?)?;
    Ok(Sbom {
        format: format!("cyclonedx-{version}+json"),
        root,
        components: found.components,
        relationships: found.relationships,
    })
}

struct Found<'a> {
    components: Vec<Component>,
    relationships: Vec<(String, String, String)>,
    limits: &'a Limits,
}

impl Found<'_> {
    /// A list of components with the components inside them, each before its own.
    fn tree(&mut self, parent: &str, list: &[Json]) -> Result<(), Reason> {
        let mut open = vec![(parent.to_owned(), list.iter())];
        while let Some((parent, rest)) = open.last_mut() {
            let Some(value) = rest.next() else {
                open.pop();
                continue;
            };
            let map = SHAPE.object(value, "components")?;
            let component = component(map)?;
            let reference = component.reference.clone();
            if !parent.is_empty() && !reference.is_empty() {
                self.relationships.push((parent.clone(), "contains".to_owned(), reference.clone()));
            }
            self.components.push(component);
            within(self.components.len(), self.limits)?;
            open.push((reference, SHAPE.list(map, "components")?.iter()));
        }
        Ok(())
    }

    fn dependencies(&mut self, list: &[Json]) -> Result<(), Reason> {
        for entry in list {
            let entry = SHAPE.object(entry, "dependencies")?;
            let from = SHAPE.need_text(entry, "ref")?;
            for (member, kind) in [("dependsOn", "depends-on"), ("provides", "provides")] {
                for to in SHAPE.list(entry, member)? {
                    let to = to.as_str().ok_or_else(|| SHAPE.wrong(member))?;
                    self.relationships.push((from.to_owned(), kind.to_owned(), to.to_owned()));
                }
            }
        }
        Ok(())
    }
}

fn component(map: &Map<String, Json>) -> Result<Component, Reason> {
    let text = |member| SHAPE.text(map, member).map(|text| text.filter(|t| !t.is_empty()).map(ToOwned::to_owned));
    Ok(Component {
        reference: text("bom-ref")?.unwrap_or_default(),
        name: text("name")?.unwrap_or_default(),
        version: text("version")?,
        purl: text("purl")?,
        supplier: supplier(map)?,
        digests: digests(SHAPE, SHAPE.list(map, "hashes")?, "alg", "content")?,
    })
}

fn supplier(map: &Map<String, Json>) -> Result<Option<String>, Reason> {
    let Some(supplier) = SHAPE.map(map, "supplier")? else { return Ok(None) };
    Ok(SHAPE.text(supplier, "name")?.filter(|name| !name.is_empty()).map(ToOwned::to_owned))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

    use serde_json::json;

    use super::*;

    fn bom(change: impl Fn(&mut Json)) -> Json {
        let mut bom = json!({
            "bomFormat": "CycloneDX", "specVersion": "1.6",
            "metadata": {
                "supplier": {"name": "Acme"},
                "component": {
                    "type": "application", "bom-ref": "root", "name": "app", "version": "1",
                    "purl": "pkg:generic/app@1", "hashes": [{"alg": "SHA-256", "content": "aa"}],
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
        let root = sbom.root.unwrap();
        assert_eq!(
            (root.name.as_str(), root.version.as_deref(), root.supplier.as_deref()),
            ("app", Some("1"), Some("Acme"))
        );
        assert_eq!(root.digests.iter().collect::<Vec<_>>(), [("sha256", "aa")]);
        let names: Vec<&str> = sbom.components.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["f", "a", "b", "c", "d"]);
        assert_eq!(sbom.components[1].supplier.as_deref(), Some("S"));
        assert_eq!(sbom.components[4].version, None);
        let edges: Vec<String> = sbom.relationships.iter().map(|(f, k, t)| format!("{f} {k} {t}")).collect();
        assert_eq!(
            edges,
            ["root contains in-root", "a contains b", "root depends-on a", "root depends-on d", "a provides b"]
        );
    }

    #[test]
    fn shapes() {
        type Change = fn(&mut Json);
        let rows: &[(Change, &str)] = &[
            (|b| b["specVersion"] = json!("1.2"), "ok"),
            (|b| b["specVersion"] = json!("1.7"), "ok"),
            (|b| b["specVersion"] = json!("1.1"), "parse.version"),
            (|b| b["specVersion"] = json!("1.8"), "parse.version"),
            (|b| b["specVersion"] = json!("2.0"), "parse.version"),
            (|b| b["specVersion"] = json!(1.6), "parse.malformed"),
            (|b| b["bomFormat"] = json!("cyclonedx"), "parse.malformed"),
            (|b| b["bomFormat"] = json!(null), "parse.malformed"),
            (|b| b["metadata"] = json!(null), "ok"),
            (|b| b["components"] = json!({}), "parse.malformed"),
            (|b| b["components"] = json!(["a"]), "parse.malformed"),
            (|b| b["components"][0]["name"] = json!(1), "parse.malformed"),
            (|b| b["components"][0]["hashes"] = json!([{"alg": "SHA-256"}]), "parse.malformed"),
            (|b| b["components"][0]["components"] = json!("x"), "parse.malformed"),
            (|b| b["dependencies"][0]["dependsOn"] = json!([1]), "parse.malformed"),
            (|b| b["dependencies"][0] = json!({}), "parse.malformed"),
        ];
        for (index, (change, expected)) in rows.iter().enumerate() {
            let found = read(&bom(change), &Limits::MAX);
            assert_eq!(found.as_ref().map_or_else(Reason::code, |_| "ok"), *expected, "row {index}");
        }
    }

    #[test]
    fn components_are_counted_wherever_they_are() {
        for (limit, expected) in [(5, "ok"), (4, "limit.components")] {
            let found = read(&bom(|_| ()), &Limits { components: limit, ..Limits::MAX });
            assert_eq!(found.as_ref().map_or_else(Reason::code, |_| "ok"), expected);
        }
    }
}
