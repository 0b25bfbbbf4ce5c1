//! The format-neutral SBOM: a flat arena of nodes with what is stated about each, and edges between them.
//!
//! All text of a document lies in one buffer, and what is stated about an element is sixteen bytes that point into it. Node 0 is the
//! document itself.

use std::fmt;

use super::element::Element;
use super::memo::{Memo, Reading};
use crate::decode::vex::VexClaim;
use crate::digest::DigestSet;
use crate::reason::Reason;

/// What a document says about one element (`standards.md` 1.1). What nothing is said about is `Absent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nothing is stated.
    Absent,
    /// It is stated that it is not disclosed.
    Withheld,
    /// It is stated that it is not known.
    Unknown,
    /// It is stated that there is none.
    None,
    /// A value.
    Value,
}

/// A node: the document, or something that it describes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id(pub(super) u32);

impl Id {
    /// The document itself.
    pub const DOCUMENT: Self = Self(0);

    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }

    /// Its number: 0 for the document, then in document order.
    #[must_use]
    pub const fn position(self) -> usize {
        self.index()
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeKind {
    /// The document.
    Document,
    /// Software, hardware, data: what the format calls a component or a package.
    Component,
    /// One file.
    File,
    /// A part of a file.
    Snippet,
    /// A service.
    Service,
}

/// What one node has to do with another, in the direction in which it is read: `from` depends on `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// The document is about the component.
    Describes,
    /// Needs it, in whatever way (linked, at build time, at run time, …).
    DependsOn,
    /// Is made of it.
    Contains,
    /// Implements what the other specifies.
    Provides,
    /// Any other relationship; [`Edge::label`] says which.
    Other,
}

/// How much of what there is, is listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Completeness {
    /// Nobody says.
    #[default]
    NotStated,
    /// It is stated that nobody knows.
    Unknown,
    /// More may exist, and it is stated so.
    Incomplete,
    /// All there is.
    Complete,
}

impl Completeness {
    /// Do two statements about the same differ?
    pub(super) fn contradicts(self, other: Self) -> bool {
        self != Self::NotStated && other != Self::NotStated && self != other
    }

    /// Of two statements about the same the weaker counts; saying nothing takes nothing away.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::NotStated, stated) | (stated, Self::NotStated) => stated,
            (a, b) => a.min(b),
        }
    }
}

/// A piece of the text buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) length: u32,
}

/// One statement about one element of one node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) node: u32,
    pub(super) element: Element,
    pub(super) state: State,
    /// Index into the words.
    pub(super) kind: u16,
    pub(super) text: Span,
}

/// A node's own data.
#[derive(Clone, Copy, Debug)]
pub(super) struct NodeData {
    pub(super) kind: NodeKind,
    pub(super) reference: Span,
    pub(super) place: Span,
    pub(super) by: u16,
    pub(super) dependencies: Completeness,
    pub(super) contents: Completeness,
    /// Where what is stated about it begins, among all entries.
    pub(super) entries: usize,
    /// Where its edges begin, among all edges.
    pub(super) edges: usize,
}

/// An edge as it is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct EdgeData {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) kind: EdgeKind,
    pub(super) label: u16,
    pub(super) by: u16,
}

/// Something in another document that a node has to do with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// The node.
    pub from: Id,
    /// In what way.
    pub kind: EdgeKind,
    /// The reference as the document writes it (`DocumentRef-x:SPDXRef-y`, BOM-Link, IRI).
    pub reference: String,
}

/// Another document that this one refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// By what name it is referred to here (`DocumentRef-x`), if by one.
    pub name: String,
    /// Its namespace, IRI or BOM-Link.
    pub uri: String,
    /// What is stated about its bytes.
    pub digests: DigestSet,
    /// Where in the document this stands.
    pub place: String,
    /// Is it an element of SPDX 3 that is said to be defined elsewhere?
    pub import: bool,
}

/// Who states something: the authors of the document, or those of a single element where the format lets them differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sayer {
    /// Names of the authors, as stated.
    pub authors: Vec<String>,
    /// When they said it, as stated.
    pub created: Option<String>,
}

/// An SBOM of any format.
#[derive(Clone, Debug)]
pub struct Sbom {
    /// `cyclonedx-1.6+json`, `spdx-2.3+json`, `spdx-2.3+tag-value`, …
    pub format: String,
    /// Other documents that this one refers to.
    pub linked: Vec<Linked>,
    /// Relationships with what is in other documents.
    pub outside: Vec<Outside>,
    /// What is noteworthy and takes nothing away.
    pub notes: Vec<Reason>,
    /// What it says about vulnerabilities (CycloneDX).
    pub vulnerabilities: Vec<VexClaim>,
    pub(super) nodes: Vec<NodeData>,
    /// By node; of one node in document order.
    pub(super) entries: Vec<Entry>,
    /// By `from`; of one node in document order.
    pub(super) edges: Vec<EdgeData>,
    pub(super) sayers: Vec<Sayer>,
    pub(super) words: Vec<String>,
    pub(super) text: String,
    pub(super) memo: Memo,
}

impl Sbom {
    /// The document.
    #[must_use]
    pub const fn document(&self) -> Component<'_> {
        Component { sbom: self, id: Id::DOCUMENT }
    }

    /// Everything that the document describes, in document order, what it is about included.
    pub fn components(&self) -> impl ExactSizeIterator<Item = Component<'_>> {
        (1..self.nodes.len()).map(|index| Component { sbom: self, id: Id(u32::try_from(index).unwrap_or(u32::MAX)) })
    }

    /// The element with that number.
    #[must_use]
    pub const fn component(&self, id: Id) -> Component<'_> {
        Component { sbom: self, id }
    }

    /// What the document is about; `None` if it does not say, or names several things.
    #[must_use]
    pub fn root(&self) -> Option<Component<'_>> {
        let mut roots = self.document().edges().filter(|edge| edge.kind == EdgeKind::Describes).map(|edge| edge.to);
        let root = roots.next()?;
        roots.all(|other| other.id == root.id).then_some(root)
    }

    /// Everything but [`Sbom::root`].
    pub fn others(&self) -> impl Iterator<Item = Component<'_>> {
        let root = self.root().map(|root| root.id);
        self.components().filter(move |component| Some(component.id) != root)
    }

    /// How many components there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len().saturating_sub(1)
    }

    /// No component at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All edges, by `from`.
    pub fn edges(&self) -> impl ExactSizeIterator<Item = Edge<'_>> {
        self.edges.iter().map(|edge| self.edge(edge))
    }

    /// What it says, whatever bytes it was read from: documents of which this is equal say the same.
    #[must_use]
    pub fn content(&self) -> (&str, usize, &str) {
        (&self.format, self.edges.len(), &self.text)
    }

    /// Bytes of memory that the model takes.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.text.capacity()
            + self.nodes.capacity() * size_of::<NodeData>()
            + self.entries.capacity() * size_of::<Entry>()
            + self.edges.capacity() * size_of::<EdgeData>()
    }

    /// What is stated about a node, and where among all entries it begins.
    fn entries_of(&self, node: u32) -> (usize, &[Entry]) {
        let start = self.nodes.get(node as usize).map_or(self.entries.len(), |data| data.entries);
        let end = self.nodes.get(node as usize + 1).map_or(self.entries.len(), |data| data.entries);
        (start, self.entries.get(start..end).unwrap_or_default())
    }

    pub(super) fn said(&self, entry: &Entry) -> Said<'_> {
        Said { state: entry.state, kind: self.word(entry.kind), text: self.text(entry.text) }
    }

    pub(super) fn edges_of(&self, node: u32) -> &[EdgeData] {
        let start = self.nodes.get(node as usize).map_or(self.edges.len(), |data| data.edges);
        let end = self.nodes.get(node as usize + 1).map_or(self.edges.len(), |data| data.edges);
        self.edges.get(start..end).unwrap_or_default()
    }

    fn edge(&self, edge: &EdgeData) -> Edge<'_> {
        Edge {
            from: Component { sbom: self, id: Id(edge.from) },
            to: Component { sbom: self, id: Id(edge.to) },
            kind: edge.kind,
            label: self.word(edge.label),
            said_by: self.sayers.get(usize::from(edge.by)),
        }
    }

    fn word(&self, index: u16) -> &str {
        self.words.get(usize::from(index)).map(String::as_str).unwrap_or_default()
    }

    pub(super) fn text(&self, span: Span) -> &str {
        let start = span.start as usize;
        self.text.get(start..start.saturating_add(span.length as usize)).unwrap_or_default()
    }
}

/// One relationship between two nodes.
#[derive(Clone, Copy, Debug)]
pub struct Edge<'a> {
    /// From this.
    pub from: Component<'a>,
    /// To that.
    pub to: Component<'a>,
    /// What they have to do with each other.
    pub kind: EdgeKind,
    /// The word of the format.
    pub label: &'a str,
    /// Who says so, where that is not the document's author.
    pub said_by: Option<&'a Sayer>,
}

/// What is stated about one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said<'a> {
    /// The state; never `Absent`.
    pub state: State,
    /// The kind, for elements that have kinds: algorithm, type of identifier.
    pub kind: &'a str,
    /// The value; empty unless the state is `Value`, or a text stands for one of the others.
    pub text: &'a str,
}

/// One node of an SBOM, seen through it.
#[derive(Clone, Copy)]
pub struct Component<'a> {
    sbom: &'a Sbom,
    /// Which.
    pub id: Id,
}

impl fmt::Debug for Component<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.reference(), self.text(Element::Name))
    }
}

impl<'a> Component<'a> {
    /// `bom-ref`, `SPDXID`, `spdxId`; empty if it has none.
    #[must_use]
    pub fn reference(self) -> &'a str {
        self.data().map(|data| self.sbom.text(data.reference)).unwrap_or_default()
    }

    /// Where it stands in the document: a JSON Pointer, or `line-12`.
    #[must_use]
    pub fn place(self) -> &'a str {
        self.data().map(|data| self.sbom.text(data.place)).unwrap_or_default()
    }

    /// What it stands for.
    #[must_use]
    pub fn kind(self) -> NodeKind {
        self.data().map_or(NodeKind::Component, |data| data.kind)
    }

    /// Who describes it, where that is not the document's author.
    #[must_use]
    pub fn said_by(self) -> Option<&'a Sayer> {
        self.sbom.sayers.get(usize::from(self.data()?.by))
    }

    /// How complete the list of its dependencies is.
    #[must_use]
    pub fn dependencies(self) -> Completeness {
        self.data().map(|data| data.dependencies).unwrap_or_default()
    }

    /// How complete the list of its parts is.
    #[must_use]
    pub fn contents(self) -> Completeness {
        self.data().map(|data| data.contents).unwrap_or_default()
    }

    /// All that is said about one element, in document order.
    pub fn says(self, element: Element) -> impl Iterator<Item = Said<'a>> {
        let sbom = self.sbom;
        let own = sbom.entries_of(self.id.0).1.iter();
        own.filter(move |entry| entry.element == element).map(move |entry| sbom.said(entry))
    }

    /// All that is said about the elements that are asked for, in document order, and by that reading what it really says.
    pub(crate) fn really_says(
        self,
        asks: impl Fn(Element) -> bool,
        reading: Reading,
    ) -> impl Iterator<Item = (State, Said<'a>)> {
        let sbom = self.sbom;
        let states = sbom.states(reading);
        let (start, entries) = sbom.entries_of(self.id.0);
        let own = entries.iter().zip(states.get(start..).unwrap_or_default());
        own.filter(move |(entry, _)| asks(entry.element)).map(move |(entry, state)| (*state, sbom.said(entry)))
    }

    /// The most that is said about one element.
    #[must_use]
    pub fn state(self, element: Element) -> State {
        self.says(element).map(|said| said.state).max().unwrap_or(State::Absent)
    }

    /// The first value of one element.
    #[must_use]
    pub fn text(self, element: Element) -> Option<&'a str> {
        self.says(element).find(|said| said.state == State::Value).map(|said| said.text)
    }

    /// Name; empty if there is none.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.text(Element::Name).unwrap_or_default()
    }

    /// Version, if stated.
    #[must_use]
    pub fn version(self) -> Option<&'a str> {
        self.text(Element::Version)
    }

    /// Supplier's name, if stated.
    #[must_use]
    pub fn supplier(self) -> Option<&'a str> {
        self.text(Element::Supplier)
    }

    /// Package URL, if stated.
    #[must_use]
    pub fn purl(self) -> Option<&'a str> {
        let mut identifiers = self.says(Element::Identifier);
        identifiers.find(|said| said.kind == "purl" && said.state == State::Value).map(|said| said.text)
    }

    /// Its own hashes. Real generators list the hashes of all files of a package side by side; two values by one algorithm mean
    /// no single file, so then there are no digests at all.
    #[must_use]
    pub fn digests(self) -> DigestSet {
        let mut set = DigestSet::default();
        for hash in self.says(Element::Hash).filter(|said| said.state == State::Value) {
            if set.insert(hash.kind, hash.text).is_err() {
                return DigestSet::default();
            }
        }
        set
    }

    /// What it has to do with others, in document order.
    pub fn edges(self) -> impl Iterator<Item = Edge<'a>> {
        let sbom = self.sbom;
        sbom.edges_of(self.id.0).iter().map(move |edge| sbom.edge(edge))
    }

    fn data(self) -> Option<&'a NodeData> {
        self.sbom.nodes.get(self.id.index())
    }
}
