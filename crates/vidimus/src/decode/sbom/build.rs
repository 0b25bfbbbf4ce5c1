//! How readers fill the model: nodes first, then what is said about them and how they hang together, in any order.

use std::collections::{BTreeMap, BTreeSet};

use super::element::Element;
use super::memo::Memo;
use super::model::{
    Completeness, EdgeData, EdgeKind, Entry, Id, Linked, NodeData, NodeKind, Outside, Sayer, Sbom, Span, State,
};
use crate::limits::Limits;
use crate::reason::Reason;

crate::reasons! {
    MODEL = "limit.words", Unproven, Vendor, ["limit"],
        says "an SBOM with more than {limit} different kinds of identifiers, hashes and relationships",
        why "Input is bounded by counters, so that no document can exhaust the machine, on any machine (T36).",
        fix "Use the words that the format defines.";
    DISPUTED = "sbom.completeness-conflict", Unproven, Vendor, ["place"],
        says "two statements differ on how complete what is listed of {place} is",
        why "The weaker of two statements counts, so the stronger one says nothing (CycloneDX `compositions`, SPDX 3.0.1 RelationshipCompleteness; CDX-09, SP3-04).",
        fix "State once how complete the list is.";
}

/// How names of our own begin.
const OWN: &str = "urn:vidimus:";

/// Elements that no format has a field for.
const OWN_ELEMENTS: [Element; 4] =
    [Element::OriginClass, Element::Criticality, Element::PatchStatus, Element::UsageRestrictions];

/// How many different words one document may use.
const WORDS: u32 = 65_535;

/// An SBOM in the making.
pub(super) struct Builder {
    sbom: Sbom,
    references: BTreeMap<Box<str>, Id>,
    words: BTreeMap<String, u16>,
    limit: u64,
    /// Nodes of which two statements differ on how complete what is listed of them is.
    disputed: BTreeSet<u32>,
    /// More text or more different words than the model can point to.
    overflow: bool,
}

/// Author 0 is the document's.
const DOCUMENT_AUTHOR: u16 = u16::MAX;

impl Builder {
    /// An empty document of that format; `reference` names it where elements can refer to it.
    pub(super) fn new(format: String, reference: &str, limits: &Limits) -> Self {
        let sbom = Sbom {
            format,
            linked: Vec::new(),
            outside: Vec::new(),
            notes: Vec::new(),
            vulnerabilities: Vec::new(),
            nodes: Vec::new(),
            entries: Vec::new(),
            edges: Vec::new(),
            sayers: Vec::new(),
            words: vec![String::new()],
            text: String::new(),
            memo: Memo::default(),
        };
        let mut builder = Self {
            sbom,
            references: BTreeMap::new(),
            words: BTreeMap::new(),
            limit: limits.components,
            disputed: BTreeSet::new(),
            overflow: false,
        };
        builder.push(NodeKind::Document, reference, "");
        builder
    }

    /// Adds a node. An empty reference, and one that is there already, cannot be referred to.
    pub(super) fn node(&mut self, kind: NodeKind, reference: &str, place: &str) -> Result<Id, Reason> {
        super::within(self.sbom.nodes.len(), self.limit)?;
        Ok(self.push(kind, reference, place))
    }

    fn push(&mut self, kind: NodeKind, reference: &str, place: &str) -> Id {
        let id = Id(u32::try_from(self.sbom.nodes.len()).unwrap_or(u32::MAX));
        let data = NodeData {
            kind,
            reference: self.text(reference),
            place: self.text(place),
            by: DOCUMENT_AUTHOR,
            dependencies: Completeness::NotStated,
            contents: Completeness::NotStated,
            entries: 0,
            edges: 0,
        };
        self.sbom.nodes.push(data);
        if !reference.is_empty() {
            self.references.entry(reference.into()).or_insert(id);
        }
        id
    }

    /// Where a node stands.
    pub(super) fn place(&self, node: Id) -> &str {
        self.sbom.nodes.get(node.index()).map(|data| self.sbom.text(data.place)).unwrap_or_default()
    }

    /// The node of that reference.
    pub(super) fn find(&self, reference: &str) -> Option<Id> {
        self.references.get(reference).copied()
    }

    /// Something is stated.
    pub(super) fn say(&mut self, node: Id, element: Element, state: State, kind: &str, text: &str) {
        let entry = Entry { node: node.0, element, state, kind: self.word(kind), text: self.text(text) };
        self.sbom.entries.push(entry);
    }

    /// A value is stated; an empty one says nothing.
    pub(super) fn value(&mut self, node: Id, element: Element, text: &str) {
        self.value_of(node, element, "", text);
    }

    /// A value of a kind is stated; an empty one says nothing.
    pub(super) fn value_of(&mut self, node: Id, element: Element, kind: &str, text: &str) {
        if !text.is_empty() {
            self.say(node, element, State::Value, kind, text);
        }
    }

    /// A hash, by the name that the format gives the algorithm.
    pub(super) fn hash(&mut self, node: Id, element: Element, algorithm: &str, hex: &str) {
        self.value_of(node, element, &super::digest_name(algorithm), &hex.to_ascii_lowercase());
    }

    /// A statement in our own words, where formats have none (`docs/profiles/README.md`): that an element, by the name that profiles
    /// give it, is withheld or unknown, or the element itself. `false` if it is none.
    pub(super) fn own_words(&mut self, node: Id, name: &str, value: &str) -> bool {
        let Some(name) = name.strip_prefix(OWN) else { return false };
        let (state, element, text) = match name {
            "withheld" => (State::Withheld, Element::by_id(value), ""),
            "unknown" => (State::Unknown, Element::by_id(value), ""),
            _ => (State::Value, Element::by_id(name).filter(|element| OWN_ELEMENTS.contains(element)), value),
        };
        let Some(element) = element.filter(|_| state != State::Value || !value.is_empty()) else { return false };
        self.say(node, element, state, "", text);
        true
    }

    /// Two nodes have to do with each other.
    pub(super) fn edge(&mut self, from: Id, kind: EdgeKind, label: &str, to: Id) {
        let edge = EdgeData { from: from.0, to: to.0, kind, label: self.word(label), by: DOCUMENT_AUTHOR };
        self.sbom.edges.push(edge);
    }

    /// … and somebody else than the document's author says so.
    pub(super) fn edge_by(&mut self, from: Id, kind: EdgeKind, label: &str, to: Id, by: Option<u16>) {
        self.edge(from, kind, label, to);
        if let (Some(by), Some(edge)) = (by, self.sbom.edges.last_mut()) {
            edge.by = by;
        }
    }

    /// A node has to do with something in another document.
    pub(super) fn outside(&mut self, from: Id, kind: EdgeKind, reference: &str) {
        self.sbom.outside.push(Outside { from, kind, reference: reference.to_owned() });
    }

    /// Another document is referred to.
    pub(super) fn link(&mut self, linked: Linked) {
        self.sbom.linked.push(linked);
    }

    /// What is noteworthy and takes nothing away.
    pub(super) fn note(&mut self, note: Reason) {
        self.sbom.notes.push(note);
    }

    /// Somebody who states something, to be named in [`Builder::said_by`].
    pub(super) fn sayer(&mut self, sayer: Sayer) -> Option<u16> {
        if let Some(known) = self.sbom.sayers.iter().position(|other| *other == sayer) {
            return u16::try_from(known).ok();
        }
        let index = u16::try_from(self.sbom.sayers.len()).ok().filter(|index| *index < DOCUMENT_AUTHOR)?;
        self.sbom.sayers.push(sayer);
        Some(index)
    }

    /// Who describes a node.
    pub(super) fn said_by(&mut self, node: Id, by: Option<u16>) {
        if let (Some(by), Some(data)) = (by, self.sbom.nodes.get_mut(node.index())) {
            data.by = by;
        }
    }

    /// How complete the list of a node's dependencies is; the weakest statement counts.
    pub(super) fn dependencies(&mut self, node: Id, stated: Completeness) {
        if let Some(data) = self.sbom.nodes.get_mut(node.index()) {
            if data.dependencies.contradicts(stated) {
                self.disputed.insert(node.0);
            }
            data.dependencies = data.dependencies.and(stated);
        }
    }

    /// How complete the list of a node's parts is; the weakest statement counts.
    pub(super) fn contents(&mut self, node: Id, stated: Completeness) {
        if let Some(data) = self.sbom.nodes.get_mut(node.index()) {
            if data.contents.contradicts(stated) {
                self.disputed.insert(node.0);
            }
            data.contents = data.contents.and(stated);
        }
    }

    /// The model.
    pub(super) fn finish(self) -> Result<Sbom, Reason> {
        if self.overflow {
            return Err(Reason::new(&MODEL).int("limit", WORDS));
        }
        let disputed = self.disputed.iter().map(|node| self.place(Id(*node)));
        let disputed: Vec<Reason> = disputed.map(|place| Reason::new(&DISPUTED).evidence("place", place)).collect();
        let mut sbom = self.sbom;
        sbom.notes.extend(disputed);
        sbom.entries.sort_by_key(|entry| entry.node);
        sbom.edges.sort_by_key(|edge| edge.from);
        index(&mut sbom);
        sbom.text.shrink_to_fit();
        sbom.nodes.shrink_to_fit();
        sbom.entries.shrink_to_fit();
        sbom.edges.shrink_to_fit();
        Ok(sbom)
    }

    fn text(&mut self, text: &str) -> Span {
        let start = u32::try_from(self.sbom.text.len());
        let length = u32::try_from(text.len());
        let (Ok(start), Ok(length)) = (start, length) else {
            self.overflow = true;
            return Span::default();
        };
        self.sbom.text.push_str(text);
        Span { start, length }
    }

    /// The index of a word; words are few.
    fn word(&mut self, word: &str) -> u16 {
        if word.is_empty() {
            return 0;
        }
        if let Some(index) = self.words.get(word) {
            return *index;
        }
        let Ok(index) = u16::try_from(self.sbom.words.len()) else {
            self.overflow = true;
            return 0;
        };
        self.sbom.words.push(word.to_owned());
        self.words.insert(word.to_owned(), index);
        index
    }
}

/// Notes of each node where what is stated about it and where its edges begin: large documents have millions, and profiles ask for them
/// many times. Both are in the order of the nodes.
fn index(sbom: &mut Sbom) {
    let (mut entry, mut edge) = (0, 0);
    for (node, data) in (0..).zip(&mut sbom.nodes) {
        while sbom.entries.get(entry).is_some_and(|entry| entry.node < node) {
            entry += 1;
        }
        while sbom.edges.get(edge).is_some_and(|edge| edge.from < node) {
            edge += 1;
        }
        (data.entries, data.edges) = (entry, edge);
    }
}
