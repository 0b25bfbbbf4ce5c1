//! What counts for a component: what is said of it under a grant for a product that it is called, not for the product that was asked
//! for. A vendor that may speak about the whole would otherwise speak for every supplier of a part.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::{EdgeKind, Graph};
use crate::join::bind::wrong_product;
use crate::join::{Binding, Joined, Node};
use crate::policy::{Grant, Product};
use crate::read::Place;

impl<'a> Joined<'a> {
    /// The node as a component. A file of the delivery that is a component as well stands twice: as what was asked for, and as what
    /// SBOMs and releases call it.
    #[must_use]
    pub fn as_component(&self, node: usize) -> usize {
        self.both.binary_search(&node).map_or(node, |at| self.plain_nodes() + at)
    }

    /// The file that is meant where it stands as a component; any other node as it is.
    #[must_use]
    pub fn plain(&self, node: usize) -> usize {
        let at = node.checked_sub(self.plain_nodes());
        at.and_then(|at| self.both.get(at)).copied().unwrap_or(node)
    }

    /// Nodes are numbered to here; behind are files of the delivery once more, as components.
    pub(in crate::join) fn plain_nodes(&self) -> usize {
        self.nodes.len() - self.both.len()
    }

    /// Who signed for the bytes of a node, or an SBOM that lists them, and whether as somebody who made them.
    pub(crate) fn makers(&self, node: usize) -> BTreeSet<(&'a str, bool)> {
        let signed = self.bytes_of(node).into_iter().flat_map(|node| node.makers.iter().copied());
        let listing = self.describing(node).filter_map(|id| self.sbom_signers.get(id)).flatten();
        signed.chain(listing.map(|party| (*party, true))).collect()
    }

    /// Who signed for the bytes of a node as somebody who made them, or an SBOM of it, believed about what the bytes are called or not. That
    /// somebody lists them among others is no making.
    pub(crate) fn signers<'b>(&'b self, node: usize) -> impl Iterator<Item = &'a str> + use<'a, 'b> {
        let signed = self.bytes_of(node).into_iter().flat_map(|node| &node.makers);
        let signed = signed.filter(|(_, as_maker)| *as_maker).map(|(party, _)| *party);
        signed.chain(self.sboms_of(self.plain(node)).map(|(sbom, _)| sbom.party.id.as_str()))
    }

    /// May whoever said it speak for all that a component is called? Of a file of the delivery its product was asked.
    #[must_use]
    pub fn covers_all(&self, grants: &[&Grant], node: usize) -> bool {
        let covers = |product: &Product| grants.iter().any(|grant| grant.covers(product));
        self.is_artifact(node) || self.component_products(node).all(covers)
    }

    /// Leaves to each component what was said under grants for its own products. Runs when all are known, so that it does not
    /// depend on which was found first.
    pub(super) fn settle(&mut self, graph: &Graph) {
        let files = self.delivery.files.iter().enumerate();
        let delivered: BTreeSet<usize> =
            files.filter(|(_, file)| file.place == Place::Delivered).map(|(index, _)| self.first_of(index)).collect();
        let is_part = |kind: EdgeKind| kind != EdgeKind::Describes;
        let ends = graph.edges().iter().filter(|edge| is_part(edge.kind)).map(|edge| edge.to as usize);
        let both: BTreeSet<usize> = ends.filter(|node| delivered.contains(node)).collect();
        for (node, own) in self.nodes.iter_mut().enumerate() {
            if !delivered.contains(&node) {
                own.restrict();
            }
        }
        for node in &both {
            let mut own = self.nodes.get(*node).map(Node::of_bytes).unwrap_or_default();
            own.restrict();
            self.firsts.push(self.nodes.len());
            self.nodes.push(own);
        }
        self.both = both.into_iter().collect();
    }
}

/// Leaves to what is said of a node the grants that are about one of these products; each grant is held against them once, however much is said
/// under it.
pub(in crate::join) fn keep_covering(bindings: &mut [Binding<'_>], products: &[&Product]) {
    let mut known: BTreeMap<&str, bool> = BTreeMap::new();
    for binding in bindings {
        binding.grants.retain(|grant| {
            *known.entry(&grant.id).or_insert_with(|| products.iter().any(|product| grant.covers(product)))
        });
    }
}

impl<'a> Node<'a> {
    /// What is known about the bytes, without what is known about a path.
    fn of_bytes(&self) -> Self {
        Self {
            bindings: self.bindings.clone(),
            products: self.products.clone(),
            released: self.released.clone(),
            claimed: self.claimed.clone(),
            near: self.near.clone(),
            otherwise: self.otherwise.clone(),
            makers: self.makers.clone(),
            listed_by: self.listed_by.clone(),
            ..Self::default()
        }
    }

    /// What nothing calls anything is a part of what was asked for; all else is what it is called.
    fn restrict(&mut self) {
        let own: Vec<&Product> = self.released.iter().chain(self.claimed.iter()).collect();
        if own.is_empty() {
            return;
        }
        keep_covering(&mut self.bindings, &own);
        self.products = self.released.clone();
        let (mut kept, mut near) = (Vec::new(), Vec::new());
        for binding in std::mem::take(&mut self.bindings) {
            if binding.grants.is_empty() {
                near.push(wrong_product(binding.fact));
            } else {
                kept.push(binding);
            }
        }
        self.bindings = kept;
        self.near.extend(near);
        self.near.sort();
        self.near.dedup();
    }
}
