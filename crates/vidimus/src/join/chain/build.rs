//! Finding the chain: from the files on, until nothing new is found. What is found only ever grows, so the end does not depend on the
//! way.

mod relate;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::{Chain, Claimed, Description, EDGES, NODES, compare, identity};
use crate::authenticate::{Claim, Fact};
use crate::decode::{Component, Element, Held, NodeKind, Predicate, Provenance, Sbom, Statement};
use crate::digest::{Algorithm, Digest, DigestSet, Match};
use crate::graph::{Edge, EdgeKind, Graph, Kinds, Reach};
use crate::join::bind::{about, released_as, wrong_product};
use crate::join::index::Index;
use crate::join::sbom::{self, BoundSbom, Route};
use crate::join::{Joined, Node};
use crate::policy::Product;
use crate::reason::Reason;

/// Makes the chain and binds facts to components. Files are bound already, but for what the chain calls them.
pub(in crate::join) fn build<'a>(joined: &mut Joined<'a>, index: &Index<'a>, facts: &[&'a Fact<'a>]) {
    let kinds = joined.policy.component_edges();
    let mut builder = Builder::new(joined, index, facts, kinds);
    builder.containers();
    builder.first_sboms();
    builder.grow();
    builder.finish();
}

/// An SBOM that somebody signed, and what it says it describes.
struct Offer<'a> {
    fact: &'a Fact<'a>,
    id: Digest,
    held: Held<'a>,
    about: DigestSet,
    route: Route,
}

struct Builder<'a, 'b> {
    joined: &'b mut Joined<'a>,
    index: &'b Index<'a>,
    facts: &'b [&'a Fact<'a>],
    kinds: Kinds,
    files: usize,
    /// What is asked for, which every component may be.
    requested: Option<Arc<Product>>,
    offers: Vec<Offer<'a>>,
    /// Offers by a digest of what they are about.
    offered: BTreeMap<String, Vec<usize>>,
    /// Facts by a digest of what they are about, with the digests of that very thing: one may be about very many.
    said: BTreeMap<String, Vec<Said>>,
    claimed: Vec<Claimed>,
    /// Claimed nodes by digest or anonymous id.
    known: BTreeMap<String, u32>,
    sboms: Vec<(Digest, &'a Sbom)>,
    /// Of each SBOM: its node, and the node of each of its elements.
    mapped: BTreeMap<Digest, (u32, Vec<u32>)>,
    descriptions: Vec<Description>,
    edges: Vec<Edge>,
    /// (node, offer)
    bound: BTreeSet<(u32, usize)>,
    /// Offers that say of themselves that they are about something else than their node. They name nothing, unless the node turns out
    /// to be called so after all.
    misfits: BTreeMap<(u32, Digest, Digest), BoundSbom<'a>>,
    /// Nodes that are new, or are called something new.
    open: BTreeSet<u32>,
    /// Claimed nodes whose facts must be bound again.
    unbound: BTreeSet<u32>,
    /// Documents that are bound to a node by somebody's word.
    documents: BTreeSet<(u32, Digest, Digest)>,
    /// Nodes whose provenance may lead further.
    unfollowed: BTreeSet<u32>,
    /// Nodes whose provenance was followed.
    followed: BTreeSet<(u32, Digest)>,
    /// What accepted provenance was built from, found once, however many things it is about.
    inputs: BTreeMap<Digest, Vec<u32>>,
    over: BTreeSet<&'static str>,
}

/// A fact is about something with these digests.
struct Said {
    fact: usize,
    digests: Rc<DigestSet>,
}

/// What stands for an element that is no component.
const NONE: u32 = u32::MAX;

impl<'a, 'b> Builder<'a, 'b> {
    fn new(joined: &'b mut Joined<'a>, index: &'b Index<'a>, facts: &'b [&'a Fact<'a>], kinds: Kinds) -> Self {
        let mut offers = Vec::new();
        let mut said: BTreeMap<String, Vec<Said>> = BTreeMap::new();
        for (at, fact) in facts.iter().enumerate() {
            match &fact.claim {
                Claim::Statement(Statement { subjects, predicate, .. }) => {
                    if let Some(held) = sbom::of(predicate, joined) {
                        let of = |about: &DigestSet| Offer {
                            fact,
                            id: fact.id.clone(),
                            held,
                            about: about.clone(),
                            route: Route::Statement,
                        };
                        offers.extend(subjects.iter().map(|subject| of(&subject.digest)));
                    }
                }
                Claim::File(digest) => {
                    let set = DigestSet::from_iter([digest.clone()]);
                    for (id, held) in sbom::documents(joined, index, &set) {
                        let about = held.sbom.root().map(|root| root.digests()).unwrap_or_default();
                        offers.push(Offer { fact, id, held, about, route: Route::RootHash });
                    }
                }
                Claim::Checksums(_) | Claim::Layout(_) => {}
            }
            if matches!(&fact.claim, Claim::Statement(s) if matches!(s.predicate, Predicate::Delivery(_))) {
                continue;
            }
            for (_, digests) in about(&fact.claim) {
                let digests = Rc::new(digests);
                for digest in digests.computable().filter_map(|algorithm| digests.by(algorithm)) {
                    let about = Said { fact: at, digests: Rc::clone(&digests) };
                    said.entry(digest.hex().to_owned()).or_default().push(about);
                }
            }
        }
        let mut offered: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, offer) in offers.iter().enumerate() {
            for digest in offer.about.computable().filter_map(|algorithm| offer.about.by(algorithm)) {
                offered.entry(digest.hex().to_owned()).or_default().push(at);
            }
        }
        Self {
            files: joined.delivery.files.len(),
            requested: joined.requested().map(Arc::new),
            joined,
            index,
            facts,
            kinds,
            offers,
            offered,
            said,
            claimed: Vec::new(),
            known: BTreeMap::new(),
            sboms: Vec::new(),
            mapped: BTreeMap::new(),
            descriptions: Vec::new(),
            edges: Vec::new(),
            bound: BTreeSet::new(),
            misfits: BTreeMap::new(),
            open: BTreeSet::new(),
            unbound: BTreeSet::new(),
            documents: BTreeSet::new(),
            unfollowed: BTreeSet::new(),
            followed: BTreeSet::new(),
            inputs: BTreeMap::new(),
            over: BTreeSet::new(),
        }
    }

    fn edge(&mut self, from: u32, to: u32, kind: EdgeKind) {
        if self.edges.len() as u64 >= self.joined.policy.limits.edges {
            self.over.insert(EDGES.code);
        } else if from != NONE && to != NONE {
            self.edges.push(Edge { from, to, kind });
        }
    }

    /// What was opened: edges that we observed.
    fn containers(&mut self) {
        let number = |file: usize| u32::try_from(file).unwrap_or(NONE);
        for opened in &self.joined.delivery.opened {
            let from = number(self.joined.first_of(opened.file));
            for member in opened.members.iter().filter_map(|member| member.file) {
                let to = number(self.joined.first_of(member));
                self.edge(from, to, EdgeKind::Contains);
            }
        }
    }

    /// SBOMs that are bound to files by the products that everybody may use.
    fn first_sboms(&mut self) {
        for at in 0..self.joined.sboms.len() {
            let Some(bound) = self.joined.sboms.get(at) else { continue };
            let (id, sbom) = (bound.id.clone(), bound.sbom);
            let files: Vec<usize> = bound.files.keys().copied().collect();
            let by = bound.vouched_by.clone();
            for file in files {
                let file = u32::try_from(file).unwrap_or(NONE);
                self.documents.insert((file, by.clone(), id.clone()));
                self.describe(file, &id, sbom);
            }
        }
        self.unfollowed.extend((0..self.files).filter_map(|file| u32::try_from(file).ok()));
        self.open.extend(
            (0..self.files).filter(|file| self.joined.first_of(*file) == *file).filter_map(|f| u32::try_from(f).ok()),
        );
    }

    /// Until nothing new is found.
    fn grow(&mut self) {
        loop {
            while let Some(node) = self.open.pop_first() {
                self.release(node);
                self.offer(node);
            }
            while let Some(node) = self.unbound.pop_first() {
                self.bind(node);
            }
            if self.kinds.has(EdgeKind::Input) {
                self.follow_provenance();
            }
            if self.open.is_empty() && self.unbound.is_empty() {
                return;
            }
        }
    }

    /// A node for something that only digests name: the file with these bytes, or one of its own.
    fn node_for(&mut self, digests: &DigestSet, anonymous: impl FnOnce() -> Digest) -> u32 {
        if let Some(file) = self.index.same(digests).next() {
            return u32::try_from(file).unwrap_or(NONE);
        }
        let Some(identity) = identity(digests, &self.joined.policy.algorithms.digest_bind) else {
            let digest = anonymous();
            return self.claim(format!("anon:{digest}"), Claimed::Anonymous(digest));
        };
        let key = identity.to_string();
        // Digests of which one means bytes that we hold and another does not mean no single thing.
        let is_torn = self.index.matches(digests).iter().any(|(_, how)| *how == Match::Conflict);
        if let Some(node) = self.known.get(&key).copied() {
            if let Some(Claimed::Digest { digests: all, torn, .. }) = self.claimed.get_mut(node as usize - self.files) {
                let before = all.clone();
                let was_torn = *torn;
                *torn |= is_torn;
                for (name, hex) in digests.iter() {
                    *torn |= all.insert(name, hex).is_err() && Algorithm::from_name(name).is_some();
                }
                if *all != before || *torn != was_torn {
                    self.open.insert(node);
                    self.unbound.insert(node);
                }
            }
            return node;
        }
        self.claim(key, Claimed::Digest { identity, digests: digests.clone(), torn: is_torn })
    }

    fn claim(&mut self, key: String, claimed: Claimed) -> u32 {
        if let Some(node) = self.known.get(&key) {
            return *node;
        }
        let is_component = !matches!(claimed, Claimed::Sbom(_));
        let components = (self.claimed.len() - self.sboms.len()) as u64;
        if is_component && components >= self.joined.policy.limits.components {
            self.over.insert(NODES.code);
            return NONE;
        }
        let node = u32::try_from(self.files + self.claimed.len()).unwrap_or(NONE);
        self.claimed.push(claimed);
        self.known.insert(key, node);
        let mut new = Node::default();
        if is_component {
            if let Some(product) = &self.requested {
                new.products.insert(Arc::clone(product));
            }
            self.open.insert(node);
            self.unbound.insert(node);
        }
        self.joined.nodes.push(new);
        self.joined.firsts.push(node as usize);
        node
    }

    /// `sbom` is about `node`.
    fn describe(&mut self, node: u32, id: &Digest, sbom: &'a Sbom) {
        let of_sbom = self.map(id, sbom);
        self.edge(node, of_sbom, EdgeKind::Describes);
        self.name_members(node, id, sbom);
    }

    /// The node of an SBOM, with everything that it lists.
    fn map(&mut self, id: &Digest, sbom: &'a Sbom) -> u32 {
        if let Some((node, _)) = self.mapped.get(id) {
            return *node;
        }
        let of_sbom = self.claim(format!("sbom:{id}"), Claimed::Sbom(id.clone()));
        let at = u32::try_from(self.sboms.len()).unwrap_or(NONE);
        self.sboms.push((id.clone(), sbom));
        let root = sbom.root().map(|root| root.id);
        let mut nodes = Vec::with_capacity(sbom.len() + 1);
        nodes.push(of_sbom);
        for component in sbom.components() {
            let node = if Some(component.id) == root { of_sbom } else { self.element(id, at, component) };
            nodes.push(node);
        }
        self.relate(sbom, of_sbom, &nodes);
        self.mapped.insert(id.clone(), (of_sbom, nodes));
        of_sbom
    }

    fn element(&mut self, sbom: &Digest, at: u32, component: Component<'a>) -> u32 {
        if matches!(component.kind(), NodeKind::Snippet | NodeKind::Service | NodeKind::Document) {
            return NONE;
        }
        // What the environment provides is not shipped, unless it is there (`verification.md` 2.4).
        let mut said = component.says(Element::Other);
        if said.any(|said| said.kind == "isExternal") && self.index.same(&component.digests()).next().is_none() {
            return NONE;
        }
        let named = || Digest::sha256(format!("{sbom}\n{}", component.reference()).as_bytes());
        let node = self.node_for(&component.digests(), named);
        if node != NONE {
            self.descriptions.push(Description { node, sbom: at, id: component.id });
            // What a file is called by whom, `Joined::grow_products` and `name_members` decide.
            if node as usize >= self.files {
                self.call(node, component.purl().and_then(Product::parse_claim));
            }
        }
        node
    }

    fn call(&mut self, node: u32, product: Option<Product>) {
        let (Some(product), Some(called)) = (product, self.joined.nodes.get_mut(node as usize)) else { return };
        if called.claimed.insert(product) {
            self.open.insert(node);
            self.unbound.insert(node);
        }
    }

    /// What an SBOM of a supplier calls the members of the very file that it is about. It cannot name other files, or a supplier
    /// could reach everything.
    fn name_members(&mut self, node: u32, id: &Digest, sbom: &'a Sbom) {
        if self.joined.opened(node as usize).is_none() {
            return;
        }
        let containers = self.joined.containers(node as usize);
        let members = containers.iter().flat_map(|container| &container.members).filter_map(|member| member.file);
        let members: BTreeSet<usize> = members.map(|member| self.joined.first_of(member)).collect();
        let nodes = self.mapped.get(id).map(|(_, nodes)| nodes.clone()).unwrap_or_default();
        for (component, node) in sbom.components().zip(nodes.iter().skip(1)) {
            if members.contains(&(*node as usize)) {
                self.call(*node, component.purl().and_then(Product::parse_claim));
            }
        }
    }

    /// Products that accepted release statements give to a claimed node.
    fn release(&mut self, node: u32) {
        if (node as usize) < self.files {
            return;
        }
        for (fact, how) in self.facts_about(node) {
            let Some(product) = released_as(fact) else { continue };
            if self.joined.is_released(fact, &product)
                && how == Match::Same
                && let Some(called) = self.joined.nodes.get_mut(node as usize)
            {
                let product = Arc::new(product);
                called.released.insert(Arc::clone(&product));
                called.products.insert(product);
            }
        }
    }

    /// Binds SBOMs that are offered about the node, by the products that it has by now.
    fn offer(&mut self, node: u32) {
        if self.is_torn(node) {
            return;
        }
        let digests = self.digests(node);
        let hexes = digests.computable().filter_map(|algorithm| digests.by(algorithm));
        let offers: BTreeSet<usize> =
            hexes.filter_map(|digest| self.offered.get(digest.hex())).flatten().copied().collect();
        for at in offers.into_iter().filter(|at| !self.bound.contains(&(node, *at))).collect::<Vec<_>>() {
            let Some(offer) = self.offers.get(at) else { continue };
            let names_it =
                self.identity_of(node).is_none_or(|own| offer.about.by(own.algorithm()).as_ref() == Some(own));
            if !names_it || compare(&digests, &offer.about, &self.joined.policy.algorithms.digest_bind) != Match::Same {
                continue;
            }
            let (fact, id, held, route) = (offer.fact, offer.id.clone(), offer.held, offer.route);
            let sbom = held.sbom;
            let document = (node, fact.id.clone(), id.clone());
            if self.documents.contains(&document) {
                self.bound.insert((node, at));
                continue;
            }
            let products: Vec<Product> = self.joined.products(node as usize).cloned().collect();
            if !fact.covering(&products).any(|grant| route == Route::Statement || grant.sbom) {
                continue;
            }
            let agrees = sbom::agrees(self.joined, sbom, node as usize, &digests, &products);
            let is_about_it = agrees.is_ok();
            let bound = BoundSbom {
                id: id.clone(),
                sbom,
                violations: held.violations,
                vouched_by: fact.id.clone(),
                fact,
                party: fact.party,
                not_later_than: fact.not_later_than,
                files: [(node as usize, (route, agrees))].into(),
            };
            if is_about_it {
                self.bound.insert((node, at));
                self.misfits.remove(&document);
                self.documents.insert(document);
                self.joined.sboms.push(bound);
                self.describe(node, &id, sbom);
            } else {
                self.misfits.insert(document, bound);
            }
        }
    }

    fn digests(&self, node: u32) -> DigestSet {
        match (self.joined.delivery.files.get(node as usize), (node as usize).checked_sub(self.files)) {
            (Some(file), _) => file.digests.iter().cloned().collect(),
            (None, Some(at)) => match self.claimed.get(at) {
                Some(Claimed::Digest { digests, .. }) => digests.clone(),
                _ => DigestSet::default(),
            },
            (None, None) => DigestSet::default(),
        }
    }

    /// The digest that stands for a component that is not in the delivery.
    fn identity_of(&self, node: u32) -> Option<&Digest> {
        match self.claimed.get((node as usize).checked_sub(self.files)?)? {
            Claimed::Digest { identity, .. } => Some(identity),
            Claimed::Anonymous(_) | Claimed::Sbom(_) => None,
        }
    }

    /// The facts about a node, and how it compares with what is nearest to it of what each is about. What shares no digest with the
    /// node is never near. Of a component that is not in the delivery a fact must name the digest that stands for it: that its other
    /// digests mean the same bytes is the word of whoever signed the SBOM.
    fn facts_about(&self, node: u32) -> Vec<(&'a Fact<'a>, Match)> {
        let digests = self.digests(node);
        let accepted = &self.joined.policy.algorithms.digest_bind;
        let torn = self.is_torn(node);
        let nearness = |how: Match| [Match::Weak, Match::Conflict, Match::Same].iter().position(|each| *each == how);
        let mut found: BTreeMap<usize, Match> = BTreeMap::new();
        let hexes = digests.computable().filter_map(|algorithm| digests.by(algorithm));
        let own = self.identity_of(node);
        let hexes = hexes.filter(|digest| own.is_none_or(|own| own == digest));
        for said in hexes.filter_map(|digest| self.said.get(digest.hex())).flatten() {
            let how = compare(&digests, &said.digests, accepted);
            let nearest = found.entry(said.fact).or_insert(Match::Other);
            if nearness(how) > nearness(*nearest) {
                *nearest = how;
            }
        }
        let known = |how| if torn && how == Match::Same { Match::Conflict } else { how };
        found.into_iter().filter_map(|(at, how)| Some((*self.facts.get(at)?, known(how)))).collect()
    }

    /// Do descriptions of the node contradict each other?
    fn is_torn(&self, node: u32) -> bool {
        let claimed = (node as usize).checked_sub(self.files).and_then(|at| self.claimed.get(at));
        matches!(claimed, Some(Claimed::Digest { torn: true, .. }))
    }

    /// Binds every fact about a node, by the products that it has by now. Of a file most are bound already.
    fn bind(&mut self, node: u32) {
        let is_file = (node as usize) < self.files;
        let Some(fresh) = self.joined.nodes.get_mut(node as usize) else { return };
        if !is_file {
            fresh.bindings.clear();
            fresh.near.clear();
            fresh.otherwise.clear();
        }
        self.unfollowed.insert(node);
        for (fact, how) in self.facts_about(node) {
            self.joined.made(fact, node as usize, how);
            if let Some(of_file) = self.joined.nodes.get_mut(node as usize).filter(|_| is_file) {
                if how != Match::Same || of_file.bindings.iter().any(|binding| std::ptr::eq(binding.fact, fact)) {
                    continue;
                }
                of_file.near.retain(|reason| *reason != wrong_product(fact));
                of_file.otherwise.retain(|binding| !std::ptr::eq(binding.fact, fact));
            }
            self.joined.bind_or_tell(fact, node as usize, how);
        }
        if let Some(bound) = self.joined.nodes.get_mut(node as usize) {
            bound.near.sort();
            bound.near.dedup();
        }
    }

    /// What accepted provenance names as built from. Source revisions have no bytes, and no node.
    fn follow_provenance(&mut self) {
        while let Some(number) = self.unfollowed.pop_first() {
            let of_node = self.joined.nodes.get(number as usize).map_or(&[][..], |node| node.bindings.as_slice());
            let provenance = of_node.iter().filter_map(|binding| match &binding.fact.claim {
                Claim::Statement(Statement { predicate: Predicate::Provenance(p), .. }) => Some((binding.fact, &**p)),
                _ => None,
            });
            let fresh: Vec<_> =
                provenance.filter(|(fact, _)| !self.followed.contains(&(number, fact.id.clone()))).collect();
            for (fact, provenance) in fresh {
                self.followed.insert((number, fact.id.clone()));
                for to in self.inputs_of(fact, provenance) {
                    if self.over.contains(EDGES.code) {
                        return;
                    }
                    self.edge(number, to, EdgeKind::Input);
                }
            }
        }
    }

    /// The nodes of what provenance names as built from.
    fn inputs_of(&mut self, fact: &Fact<'_>, provenance: &Provenance) -> Vec<u32> {
        if let Some(known) = self.inputs.get(&fact.id) {
            return known.clone();
        }
        let mut nodes = Vec::new();
        for (uri, digests) in provenance.inputs.iter().filter(|(_, digests)| digests.strongest().is_some()) {
            let to = self.node_for(digests, || fact.id.clone());
            if let Some(product) = Product::parse_claim(uri).filter(|_| to != NONE && to as usize >= self.files) {
                self.call(to, Some(product));
            }
            nodes.push(to);
        }
        self.inputs.insert(fact.id.clone(), nodes.clone());
        nodes
    }

    fn finish(mut self) {
        let limits = self.joined.policy.limits;
        for (info, limit) in [(&EDGES, limits.edges), (&NODES, limits.components)] {
            if self.over.contains(info.code) {
                self.joined.limits_hit.push(Reason::new(info).int("limit", limit));
            }
        }
        self.joined.sboms.extend(std::mem::take(&mut self.misfits).into_values());
        self.joined.sboms.sort_by(|a, b| {
            (&a.id, &a.vouched_by, a.files.keys().next()).cmp(&(&b.id, &b.vouched_by, b.files.keys().next()))
        });
        self.descriptions.sort_unstable();
        self.descriptions.dedup();
        let graph = {
            let mut names: Vec<(String, u32)> = (0_u32..)
                .zip(&self.claimed)
                .map(|(at, claimed)| {
                    let name = match claimed {
                        Claimed::Digest { identity, .. } => identity.to_string(),
                        Claimed::Anonymous(digest) => format!("anon:{digest}"),
                        Claimed::Sbom(id) => id.to_string(),
                    };
                    (name, at + u32::try_from(self.files).unwrap_or(0))
                })
                .collect();
            let files = (0_u32..).zip(&self.joined.delivery.files);
            names.extend(files.map(|(at, file)| (file.digests.sha256().to_string(), at)));
            names.sort_unstable();
            let mut rank = vec![0_u32; names.len()];
            for (position, (_, node)) in (0_u32..).zip(&names) {
                if let Some(rank) = rank.get_mut(*node as usize) {
                    *rank = position;
                }
            }
            Graph::new(names.len(), std::mem::take(&mut self.edges), &rank)
        };
        let kinds = self.kinds.and([EdgeKind::Describes].into_iter().collect());
        self.joined.settle(&graph);
        self.joined.chain = Some(Chain {
            claimed: self.claimed,
            descriptions: self.descriptions,
            sboms: self.sboms,
            graph,
            kinds,
            reach: Reach::default(),
            tiers: 1,
            cycles: 0,
            seen_through: BTreeSet::new(),
        });
    }
}
