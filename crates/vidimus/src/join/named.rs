//! All components that were named before denials and status lists took something away, by the evidence that is left. What was struck makes nothing
//! go away there, and supports nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::bind::released_as;
use super::called::Called;
use super::chain::keep_covering;
use super::cited::Cited;
use super::reports::Reports;
use super::{Binding, Joined, Node, by_revision, certificates, chain, distinct};
use crate::authenticate::Fact;
use crate::digest::Digest;
use crate::policy::Product;
use crate::read::Place;

impl<'a> Joined<'a> {
    /// Keeps of all evidence only what is among `facts`, of which `left` is made, and every component that anything named. Whatever is made of
    /// facts is made of these alone: what was struck and spoke on in one place would be an answer that nobody gives any more.
    pub(super) fn keep(&mut self, facts: &'a [Fact<'a>], left: &Self) {
        // Of two certificates of one identity, the key of one may be denied.
        let ids: BTreeSet<_> = facts.iter().map(|fact| (&fact.id, &fact.identity.id, &fact.keys)).collect();
        let is_left =
            |binding: &Binding<'_>| ids.contains(&(&binding.fact.id, &binding.fact.identity.id, &binding.fact.keys));
        for node in &mut self.nodes {
            node.bindings.retain(is_left);
            node.otherwise.retain(is_left);
            node.held = node.held.take().filter(is_left);
        }
        self.strike_names(left);
        let parties: BTreeSet<(&Digest, &str)> = facts.iter().map(|fact| (&fact.id, fact.party.id.as_str())).collect();
        self.sboms.retain(|sbom| parties.contains(&(&sbom.vouched_by, sbom.party.id.as_str())));
        self.sboms_by_node.clear();
        self.index_sboms();
        self.links.clone_from(&left.links);
        self.facts = facts;
        self.certifications = certificates::by_line(&distinct(facts));
        self.by_revision = by_revision(facts);
        // Those of `left` are all that was said, as far as it is believed.
        self.advisories.clone_from(&left.advisories);
        self.reports = Reports::of(self);
        self.cited = Cited::of(self);
    }

    /// Is it a component of which only what was struck tells one of several names? Then nobody knows any more what it is, and evidence about the
    /// one must not stand for the other.
    #[must_use]
    pub(crate) fn is_unclear(&self, node: usize) -> bool {
        self.unclear.contains(&node)
    }

    /// What only struck releases call something is a claim like any other: it makes nothing milder. What only a struck delivery statement asked
    /// for is asked for no more.
    fn strike_names(&mut self, left: &Self) {
        let requested = left.requested().map(Arc::new);
        let is_delivered = |file: &super::File| file.place == Place::Delivered;
        let files = self.delivery.files.iter().enumerate().filter(|(_, file)| is_delivered(file));
        let delivered: BTreeSet<usize> = files.map(|(at, _)| self.first_of(at)).collect();
        let mut nodes = std::mem::take(&mut self.nodes);
        for (at, node) in nodes.iter_mut().enumerate() {
            let is_part = !delivered.contains(&at) && node.called().next().is_some();
            let mut released = Called::default();
            for product in node.bindings.iter().filter_map(|binding| self.release_of(binding.fact)) {
                released.insert(product);
            }
            let struck: Vec<Product> = node.released.difference(&released).cloned().collect();
            for product in struck {
                node.claimed.insert(product);
            }
            node.products = released.clone();
            node.released = released;
            if let Some(requested) = requested.as_ref().filter(|_| !is_part) {
                node.products.insert(Arc::clone(requested));
            }
            let own = node.products.iter().chain(node.claimed.iter());
            keep_covering(&mut node.bindings, &own.collect::<Vec<_>>());
            node.bindings.retain(|binding| !binding.grants.is_empty());
        }
        self.nodes = nodes;
        self.unclear = self.named_by_struck_alone(left);
    }

    /// Nodes with several names of which one at least is told by nothing that is left, unless `left` has names of its own for them.
    fn named_by_struck_alone(&self, left: &Self) -> BTreeSet<usize> {
        let numbers = chain::numbers(self, left);
        let is_named = |at: &usize| {
            let plain = self.plain(*at);
            let there = match self.is_held(plain) {
                true if plain == *at => Some(plain),
                true => Some(left.as_component(plain)).filter(|there| *there != plain),
                false => numbers.get(at).copied(),
            };
            there.is_some_and(|there| left.component_products(there).next().is_some())
        };
        let several = |at: &usize| self.component_products(*at).nth(1).is_some();
        let struck = |at: &usize| {
            self.nodes.get(*at).is_some_and(|node| node.claimed.difference(&node.released).next().is_some())
        };
        (0..self.nodes.len()).filter(|at| several(at) && struck(at) && !is_named(at)).collect()
    }

    /// What a fact makes its bytes, if it is a release that counts.
    fn release_of(&self, fact: &Fact<'_>) -> Option<Product> {
        released_as(fact).filter(|product| self.is_released(fact, product))
    }
}

impl Node<'_> {
    /// What releases and SBOMs call it.
    fn called(&self) -> impl Iterator<Item = &Product> {
        self.released.union(&self.claimed)
    }
}
