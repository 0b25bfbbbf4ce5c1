//! What an XML document says, in the model of all formats.

use super::check::place;
use super::tree::Tree;
use crate::decode::sbom::build::Builder;
use crate::decode::sbom::model::{EdgeKind, Id, NodeKind, State};
use crate::decode::sbom::{Element, Sbom};
use crate::limits::Limits;
use crate::reason::Reason;

pub(super) fn read(tree: &Tree<'_>, version: &str, limits: &Limits) -> Result<Sbom, Reason> {
    let mut builder = Builder::new(format!("cyclonedx-{version}+xml"), "", limits);
    if let Some(metadata) = child(tree, 0, "metadata")
        && let Some(main) = child(tree, metadata, "component")
    {
        let root = component(tree, &mut builder, main)?;
        builder.edge(Id::DOCUMENT, EdgeKind::Describes, "component", root);
        if child(tree, main, "supplier").is_none() {
            supplier(tree, &mut builder, root, metadata);
        }
        components(tree, &mut builder, Some(root), main)?;
    }
    components(tree, &mut builder, None, 0)?;
    dependencies(tree, &mut builder);
    builder.finish()
}

fn child(tree: &Tree<'_>, parent: usize, name: &str) -> Option<usize> {
    tree.children(tree.element(parent)?, name).next()
}

fn list(tree: &Tree<'_>, parent: usize, group: &str, name: &str) -> Vec<usize> {
    let group = child(tree, parent, group).and_then(|group| tree.element(group));
    group.map(|group| tree.children(group, name).collect()).unwrap_or_default()
}

/// The components inside an element, with those inside them, each before its own.
fn components(tree: &Tree<'_>, builder: &mut Builder, parent: Option<Id>, inside: usize) -> Result<(), Reason> {
    let mut open = vec![(parent, list(tree, inside, "components", "component").into_iter())];
    while let Some((parent, rest)) = open.last_mut() {
        let Some(index) = rest.next() else {
            open.pop();
            continue;
        };
        let parent = *parent;
        let id = component(tree, builder, index)?;
        if let Some(parent) = parent {
            builder.edge(parent, EdgeKind::Contains, "components", id);
        }
        open.push((Some(id), list(tree, index, "components", "component").into_iter()));
    }
    Ok(())
}

fn component(tree: &Tree<'_>, builder: &mut Builder, index: usize) -> Result<Id, Reason> {
    let Some(element) = tree.element(index) else { return Ok(Id::DOCUMENT) };
    let kind = tree.attribute(element, "type");
    let node = if kind == "file" { NodeKind::File } else { NodeKind::Component };
    let id = builder.node(node, tree.attribute(element, "bom-ref"), &place(tree, index))?;
    builder.value(id, Element::Name, tree.text_of(element, "name"));
    builder.value(id, Element::Version, tree.text_of(element, "version"));
    builder.value(id, Element::Purpose, kind);
    builder.value_of(id, Element::Identifier, "purl", tree.text_of(element, "purl"));
    supplier(tree, builder, id, index);
    for hash in list(tree, index, "hashes", "hash").into_iter().filter_map(|hash| tree.element(hash)) {
        builder.hash(id, Element::Hash, tree.attribute(hash, "alg"), hash.text.trim());
    }
    Ok(id)
}

fn supplier(tree: &Tree<'_>, builder: &mut Builder, id: Id, of: usize) {
    if let Some(supplier) = child(tree, of, "supplier").and_then(|supplier| tree.element(supplier)) {
        builder.value(id, Element::Supplier, tree.text_of(supplier, "name"));
    }
}

fn dependencies(tree: &Tree<'_>, builder: &mut Builder) {
    for index in list(tree, 0, "dependencies", "dependency") {
        let Some(element) = tree.element(index) else { continue };
        let from = builder.find(tree.attribute(element, "ref"));
        for (name, kind) in [("dependency", EdgeKind::DependsOn), ("provides", EdgeKind::Provides)] {
            let listed: Vec<usize> = tree.children(element, name).collect();
            for to in listed.iter().filter_map(|to| tree.element(*to)) {
                let to = builder.find(tree.attribute(to, "ref"));
                if let (Some(from), Some(to)) = (from, to) {
                    builder.edge(from, kind, name, to);
                }
            }
            if let (Some(from), EdgeKind::DependsOn, true) = (from, kind, listed.is_empty()) {
                builder.say(from, Element::Dependencies, State::None, "", "");
            }
        }
    }
}
