//! What one SBOM says that its elements have to do with each other.

use std::collections::BTreeMap;

use super::{Builder, NONE};
use crate::decode::{EdgeKind as SbomEdge, Id, Sbom};
use crate::graph::EdgeKind;

impl<'a> Builder<'a, '_> {
    /// Edges between the elements of one SBOM. Whatever is listed and not reached from what it is about is a part of that.
    pub(super) fn relate(&mut self, sbom: &'a Sbom, of_sbom: u32, nodes: &[u32]) {
        let node_of = |id: Id| nodes.get(id.position()).copied().unwrap_or(NONE);
        let mut inner = Vec::new();
        for edge in sbom.edges() {
            let kind = match edge.kind {
                SbomEdge::Contains => EdgeKind::Part,
                SbomEdge::DependsOn => EdgeKind::Depends,
                SbomEdge::Describes | SbomEdge::Provides | SbomEdge::Other => continue,
            };
            inner.push((edge.from.id, edge.to.id, kind));
        }
        let roots = sbom.document().edges().filter(|edge| edge.kind == SbomEdge::Describes).map(|edge| edge.to.id);
        // What is behind an element that is no component is not reached through it: an edge of ours needs two nodes.
        inner.retain(|(from, to, _)| node_of(*from) != NONE && node_of(*to) != NONE);
        let mut reached = vec![false; nodes.len()];
        let described: Vec<Id> = roots.filter(|id| node_of(*id) != NONE).collect();
        let mut open = described.clone();
        open.push(Id::DOCUMENT);
        let mut by_from: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        for (from, to, _) in &inner {
            by_from.entry(*from).or_default().push(*to);
        }
        let mut orphans = Vec::new();
        let mut rest = sbom.components();
        loop {
            while let Some(id) = open.pop() {
                if let Some(seen) = reached.get_mut(id.position()).filter(|seen| !**seen) {
                    *seen = true;
                    open.extend(by_from.get(&id).into_iter().flatten());
                }
            }
            let Some(next) = rest.find(|c| reached.get(c.id.position()).is_some_and(|seen| !seen)) else { break };
            orphans.push(next.id);
            open.push(next.id);
        }
        for (from, to, kind) in inner {
            self.edge(node_of(from), node_of(to), kind);
        }
        for id in described.into_iter().chain(orphans).filter(|id| node_of(*id) != of_sbom) {
            self.edge(of_sbom, node_of(id), EdgeKind::Part);
        }
    }
}
