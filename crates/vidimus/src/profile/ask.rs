//! The closed vocabulary of conditions, and how a document answers one.

use std::collections::{BTreeMap, BTreeSet};

use super::fields::{self, Format};
use super::form::Form;
use super::{Instead, Scope, scope, value};
use crate::decode::{Completeness, Component, Edge, EdgeKind, Element, Id, Said, Sbom, State};

/// A condition.
#[derive(Debug)]
pub enum Ask {
    /// One of these elements has a value.
    Present(&'static [Element]),
    /// One of these elements has a value, or it is stated that there is none.
    Stated(&'static [Element]),
    /// One of these elements has a value of that form.
    Matches(&'static [Element], Form),
    /// Of the first of these elements that has values, each licence is of that form; where allowed, or has an address on the web.
    Licenses(&'static [Element], Form, bool),
    /// The element has a value of one of these kinds.
    Kind(Element, &'static [&'static str]),
    /// These elements have hashes, by these algorithms if names are given, and each of them is hexadecimal digits of the right number.
    Hash(&'static [Element], &'static [&'static str]),
    /// The element has exactly one value, and that is one of these words.
    Once(Element, &'static [&'static str]),
    /// The element names exactly one, of one of these kinds.
    One(Element, &'static [&'static str]),
    /// No value of these elements is of that kind.
    No(&'static [Element], &'static str),
    /// No two hashes by one algorithm, and not more than one file name: it is one file.
    OneFile,
    /// Each of these.
    All(&'static [Self]),
    /// At least one of these.
    Any(&'static [Self]),
    /// The first; the second may stand in for it, which is worth knowing.
    Fallback(&'static Self, &'static Self, &'static str),
    /// At least one component answers so.
    Somewhere(&'static Self),
    /// The document is in one of these formats; an entry that ends in `-` or `.` is the beginning of one.
    Format(&'static [&'static str]),
    /// The document has a relationship of that kind; if words are given, with one of these.
    Relationship(EdgeKind, &'static [&'static str]),
    /// What depends on or consists of what is stated at least once, or that something depends on nothing.
    Graph,
    /// What it is about is named.
    Root,
    /// What it is about is named, and what that depends on or consists of, or that it is nothing or not known.
    RootDependencies,
    /// What it is about refers to another SBOM, which says what that depends on or consists of.
    RootElsewhere,
    /// It has an entry in the graph: what it depends on, or that it is nothing.
    Dependencies,
    /// What is referred to in other documents names a document that this one refers to.
    Resolves,
    /// It is stated how complete the list of its dependencies is, or that there are none, or that nobody knows.
    Completeness,
    /// It is stated that the list of its dependencies is complete, or that there are none.
    Complete,
    /// A signature that counts is over the document; where asked, by somebody whom the document names as its author.
    Signed {
        /// Is the signer the author?
        by_author: bool,
    },
    /// The document is part of the delivery that holds what it describes.
    Delivered,
    /// Nothing in a document can show it; why not.
    NotInDocument(&'static str),
}

/// What the caller knows beside the document. Nothing is assumed: what is not supplied is not evaluable.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// Name, in the policy, of the party whose accepted signature covers the document.
    pub signed_by: Option<&'a str>,
    /// The document is in a delivery, bound to what it describes.
    pub delivered: bool,
    /// Components that other SBOMs at hand describe, to which the document refers; sorted by `node`.
    pub elsewhere: &'a [Elsewhere<'a>],
}

/// A component of a document, and the same in another.
#[derive(Clone, Copy, Debug)]
pub struct Elsewhere<'a> {
    /// The component of the document.
    pub node: Id,
    /// The other document.
    pub sbom: &'a Sbom,
    /// The component there.
    pub component: Component<'a>,
}

impl<'a> Context<'a> {
    pub(super) fn elsewhere(&self, node: Id) -> Option<&'a Elsewhere<'a>> {
        let at = self.elsewhere.binary_search_by_key(&node, |elsewhere| elsewhere.node).ok()?;
        self.elsewhere.get(at)
    }
}

/// What is found about a condition; of several, the least or the most counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seen {
    /// Not met.
    Lacking,
    /// Cannot be told, because.
    Open(&'static str),
    /// Met by something that stands in for it.
    Instead(&'static str),
    /// Met.
    Met,
}

/// What stands in place of a value, as findings name it. Every other finding is a value that stands in for another.
pub(crate) const NOT_KNOWN: &str = "stated to be unknown";
pub(crate) const NOT_DISCLOSED: &str = "stated to be withheld";
/// Why what another SBOM describes is not evaluable.
pub(super) const REFERENCED: &str = "it refers to another SBOM, which is not at hand here";
const SIGNATURE: &str = "a signature stands outside the document; `verify` judges it under a policy";
const DELIVERY: &str = "how it was delivered is no part of it; `verify` sees the delivery";
const NO_COMPLETENESS: &str = "SPDX 2 has no words for a list of dependencies that is complete (clause 11.1)";

/// A question to a document.
pub(super) struct Asked<'a, 'c> {
    sbom: &'a Sbom,
    format: Format,
    instead: Instead,
    context: &'c Context<'c>,
    /// Does the document list what nothing leads to?
    strays: bool,
}

impl<'a, 'c> Asked<'a, 'c> {
    pub(super) fn new(sbom: &'a Sbom, instead: Instead, context: &'c Context<'c>) -> Self {
        Self { sbom, format: Format::of(&sbom.format), instead, context, strays: false }
    }

    /// … to whoever asks how much of what there is, is listed: looks whether there is something that nothing leads to.
    pub(super) fn with_strays(mut self, ask: &Ask) -> Self {
        self.strays = ask.is_about_completeness() && self.sbom.stray().is_some();
        self
    }

    /// Has the format a place for one of these? A rule about no element has nothing that could lack one.
    pub(super) fn has_place(&self, elements: &[Element]) -> bool {
        elements.is_empty() || elements.iter().any(|element| fields::has_place(*element, self.format))
    }

    /// How a node answers.
    pub(super) fn see(&self, ask: &Ask, node: Component<'a>) -> Seen {
        match ask {
            Ask::Present(elements) => self.best(node, elements, |_| true),
            Ask::Stated(elements) => match self.best(node, elements, |_| true) {
                seen if seen < Seen::Met && self.says_none(node, elements) => Seen::Met,
                seen => seen,
            },
            Ask::Matches(elements, form) => self.best(node, elements, |said| form.fits(said.text)),
            Ask::Licenses(elements, form, addresses) => self.licenses(node, elements, *form, *addresses),
            Ask::Kind(element, kinds) => self.best(node, &[*element], |said| kinds.contains(&said.kind)),
            Ask::Hash(elements, names) => self.hashes(node, elements, names),
            Ask::Once(element, words) => self.once(node, *element, words),
            Ask::One(element, kinds) => self.one(node, *element, kinds),
            Ask::No(elements, kind) => {
                let found = self.states(node, elements).any(|(_, said)| said.kind == *kind);
                yes(!found)
            }
            Ask::OneFile => yes(self.is_one_file(node)),
            Ask::All(asks) => asks.iter().map(|ask| self.see(ask, node)).min().unwrap_or(Seen::Lacking),
            Ask::Any(asks) => asks.iter().map(|ask| self.see(ask, node)).max().unwrap_or(Seen::Lacking),
            Ask::Fallback(first, second, finding) => match self.see(first, node) {
                Seen::Lacking => match self.see(second, node) {
                    Seen::Met => Seen::Instead(finding),
                    other => other,
                },
                other => other,
            },
            Ask::Somewhere(ask) => {
                let nodes = Scope::Component.nodes(self.sbom);
                nodes.map(|node| self.see(ask, node)).max().unwrap_or(Seen::Lacking)
            }
            Ask::Format(formats) => yes(is_format(formats, &self.sbom.format)),
            Ask::Relationship(kind, words) => yes(self
                .sbom
                .edges()
                .any(|edge| edge.kind == *kind && leads(edge) && (words.is_empty() || words.contains(&edge.label)))),
            Ask::Graph => self.graph(),
            Ask::Root => yes(!scope::primary(self.sbom).is_empty()),
            Ask::RootDependencies => {
                let roots = scope::primary(self.sbom).into_iter();
                roots.map(|root| self.root_lists(root)).min().unwrap_or(Seen::Lacking)
            }
            Ask::RootElsewhere => {
                let roots = scope::primary(self.sbom).into_iter();
                roots.map(|root| self.root_elsewhere(root)).min().unwrap_or(Seen::Lacking)
            }
            Ask::Dependencies => self.listed(node, false),
            Ask::Resolves => yes(self.resolves()),
            Ask::Completeness => self.completeness(node, true),
            Ask::Complete => self.completeness(node, false),
            Ask::Signed { by_author } => self.signed(*by_author),
            Ask::Delivered => {
                if self.context.delivered {
                    Seen::Met
                } else {
                    Seen::Open(DELIVERY)
                }
            }
            Ask::NotInDocument(why) => Seen::Open(why),
        }
    }

    /// All that is said about these elements, with what it really says. SPDX 3 says of the files in which a component is distributed
    /// what others say of it.
    fn states<'e>(
        &self,
        node: Component<'a>,
        elements: &'e [Element],
    ) -> impl Iterator<Item = (State, Said<'a>)> + use<'a, 'e> {
        let of_files = (self.format == Format::Spdx3).then(|| {
            let files = node.edges().filter(|edge| edge.label == "hasDistributionArtifact");
            files.flat_map(move |edge| {
                let of_file = elements.iter().filter_map(|element| match element {
                    Element::DeployHash => Some(Element::Hash),
                    Element::FileName | Element::Executable | Element::Archive | Element::Structured => Some(*element),
                    _ => None,
                });
                of_file.flat_map(move |element| edge.to.really_says(move |said| said == element, value::state))
            })
        });
        node.really_says(move |said| elements.contains(&said), value::state).chain(of_files.into_iter().flatten())
    }

    /// The most that is said about one of these elements.
    fn best(&self, node: Component<'a>, elements: &[Element], fits: impl Fn(&Said<'_>) -> bool) -> Seen {
        let seen = self.states(node, elements).map(|(state, said)| match state {
            State::Value => yes(fits(&said)),
            state => self.stated(state),
        });
        seen.max().unwrap_or(Seen::Lacking)
    }

    /// That there is none is an answer only where there can be none: [`Ask::Stated`] and the asks about dependencies see to that.
    fn stated(&self, state: State) -> Seen {
        match (state, self.instead) {
            (State::Unknown, Instead::Unknown | Instead::Withheld) => Seen::Instead(NOT_KNOWN),
            (State::Withheld, Instead::Withheld) => Seen::Instead(NOT_DISCLOSED),
            _ => Seen::Lacking,
        }
    }

    fn says_none(&self, node: Component<'a>, elements: &[Element]) -> bool {
        self.states(node, elements).any(|(state, _)| state == State::None)
    }

    /// A hash that is none takes away from those beside it: whoever wrote it did not look.
    fn hashes(&self, node: Component<'a>, elements: &[Element], names: &[&str]) -> Seen {
        let asked = |said: &Said<'_>| names.is_empty() || names.contains(&said.kind);
        let wrong =
            |(state, said): (State, Said<'_>)| state == State::Value && asked(&said) && !is_hash(said.kind, said.text);
        if self.states(node, elements).any(wrong) {
            return Seen::Lacking;
        }
        self.best(node, elements, asked)
    }

    /// Where several licences are stated, all of them hold, so each must be of the form. An address stands behind the licence that
    /// it belongs to.
    fn licenses(&self, node: Component<'a>, elements: &[Element], form: Form, addresses: bool) -> Seen {
        for element in elements {
            let stated = [*element];
            let values = self.states(node, &stated).filter(|(state, _)| *state == State::Value);
            let values: Vec<Said<'a>> = values.map(|(_, said)| said).collect();
            let (mut found, mut all) = (false, true);
            for (at, said) in values.iter().enumerate().filter(|(_, said)| said.kind != "url") {
                let next = values.get(at + 1).filter(|next| addresses && next.kind == "url");
                let fits = |said: &Said<'_>| form.fits(said.text) || addresses && Form::WebAddress.fits(said.text);
                found = true;
                all &= fits(said) || next.is_some_and(|next| Form::WebAddress.fits(next.text));
            }
            if found {
                return yes(all);
            }
        }
        self.best(node, elements, |said| addresses && Form::WebAddress.fits(said.text))
    }

    /// SPDX 3 lists what a file is besides: what is not listed, it is not. One of the list is always there, because each file is
    /// structured or not.
    fn once(&self, node: Component<'a>, element: Element, words: &[&str]) -> Seen {
        let elements = [element];
        let mut values = self.states(node, &elements).filter(|(state, _)| *state == State::Value);
        match (values.next(), values.next()) {
            (Some((_, said)), None) => yes(words.iter().any(|word| said.text.trim().eq_ignore_ascii_case(word))),
            (None, _) if self.format == Format::Spdx3 && element != Element::Structured => {
                yes(self.states(node, &[Element::Structured]).next().is_some())
            }
            (None, _) => self.best(node, &[element], |_| false),
            _ => Seen::Lacking,
        }
    }

    fn one(&self, node: Component<'a>, element: Element, kinds: &[&str]) -> Seen {
        let elements = [element];
        let mut values = self.states(node, &elements).filter(|(state, _)| *state == State::Value);
        let Some((_, first)) = values.next() else { return self.best(node, &elements, |_| false) };
        yes(kinds.contains(&first.kind) && values.all(|(_, said)| said.text == first.text))
    }

    fn is_one_file(&self, node: Component<'a>) -> bool {
        let mut hashes: BTreeMap<&str, &str> = BTreeMap::new();
        let all = [Element::Hash, Element::DeployHash].into_iter().flat_map(|element| node.says(element));
        let agree = all
            .filter(|said| said.state == State::Value)
            .all(|said| hashes.insert(said.kind, said.text).is_none_or(|other| other == said.text));
        let mut names = node.says(Element::FileName).map(|said| said.text);
        let first = names.next();
        agree && names.all(|name| Some(name) == first)
    }

    fn graph(&self) -> Seen {
        let counts = |kind| matches!(kind, EdgeKind::DependsOn | EdgeKind::Contains);
        if self.sbom.edges().any(|edge| counts(edge.kind) && leads(edge)) {
            return Seen::Met;
        }
        self.sbom.components().map(|node| self.listed(node, true)).max().unwrap_or(Seen::Lacking)
    }

    /// Is stated what it depends on, or, where asked, consists of? What lies in other documents counts; itself does not.
    fn listed(&self, node: Component<'a>, contents: bool) -> Seen {
        if self.has_edges(node, contents) {
            return Seen::Met;
        }
        let elements: &[Element] =
            if contents { &[Element::Dependencies, Element::Contents] } else { &[Element::Dependencies] };
        if self.says_none(node, elements) { Seen::Met } else { self.best(node, elements, |_| true) }
    }

    fn has_edges(&self, node: Component<'a>, contents: bool) -> bool {
        let counts = |kind| kind == EdgeKind::DependsOn || contents && kind == EdgeKind::Contains;
        node.edges().any(|edge| counts(edge.kind) && leads(edge))
            || self.sbom.leads_outside(node.id, EdgeKind::DependsOn)
            || contents && self.sbom.leads_outside(node.id, EdgeKind::Contains)
    }

    /// That the root needs nothing is believed where nothing is listed that it does not lead to.
    fn root_lists(&self, root: Component<'a>) -> Seen {
        if self.strays && !self.has_edges(root, true) {
            let elements = [Element::Dependencies, Element::Contents];
            return self.best(root, &elements, |_| true);
        }
        self.listed(root, true)
    }

    fn root_elsewhere(&self, root: Component<'a>) -> Seen {
        match self.context.elsewhere(root.id) {
            Some(other) => Asked::new(other.sbom, self.instead, self.context).listed(other.component, true),
            None if scope::refers(self.sbom, root) => Seen::Open(REFERENCED),
            None => Seen::Lacking,
        }
    }

    fn resolves(&self) -> bool {
        let linked = || self.sbom.linked.iter();
        let names: BTreeSet<&str> = linked().map(|linked| linked.name.as_str()).collect();
        let uris: BTreeSet<&str> = linked().map(|linked| linked.uri.as_str()).collect();
        self.sbom.outside.iter().all(|outside| {
            let reference = outside.reference.as_str();
            names.contains(reference.split_once(':').map_or(reference, |(name, _)| name)) || uris.contains(reference)
        })
    }

    fn completeness(&self, node: Component<'a>, incomplete_does: bool) -> Seen {
        match node.dependencies() {
            Completeness::Complete => Seen::Met,
            Completeness::Incomplete => yes(incomplete_does),
            Completeness::Unknown => self.stated(State::Unknown),
            // An explicit "none" says both what there is and that it is all, unless more is listed that nothing leads to.
            Completeness::NotStated if !self.strays && self.says_none(node, &[Element::Dependencies]) => Seen::Met,
            Completeness::NotStated => match self.best(node, &[Element::Dependencies], |_| true) {
                Seen::Lacking if self.format == Format::Spdx2 => Seen::Open(NO_COMPLETENESS),
                seen => seen,
            },
        }
    }

    fn signed(&self, by_author: bool) -> Seen {
        let Some(party) = self.context.signed_by else { return Seen::Open(SIGNATURE) };
        let document = self.sbom.document();
        let authors = [Element::AuthorOrganization, Element::AuthorPerson];
        let mut authors = authors.iter().flat_map(|element| document.says(*element));
        yes(!by_author || authors.any(|said| said.state == State::Value && said.text == party))
    }
}

/// Is the format one of these? An entry that ends in `-` or `.` is the beginning of one.
pub(super) fn is_format(known: &[&str], format: &str) -> bool {
    known.iter().any(|known| *known == format || known.ends_with(['-', '.']) && format.starts_with(known))
}

const fn yes(met: bool) -> Seen {
    if met { Seen::Met } else { Seen::Lacking }
}

/// What leads back to itself leads nowhere.
fn leads(edge: Edge<'_>) -> bool {
    edge.from.id != edge.to.id
}

/// Hexadecimal digits, as many as the algorithm has, where it is one that we know.
fn is_hash(algorithm: &str, hex: &str) -> bool {
    let digits = match algorithm {
        "md2" | "md4" | "md5" => Some(32),
        "sha1" => Some(40),
        "sha224" | "sha3_224" => Some(56),
        "sha256" | "sha3_256" => Some(64),
        "sha384" | "sha3_384" => Some(96),
        "sha512" | "sha3_512" => Some(128),
        _ => None,
    };
    !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()) && digits.is_none_or(|digits| hex.len() == digits)
}

impl Ask {
    /// Elements that it is about, in order, without repetition.
    pub(super) fn elements(&self, all: &mut Vec<Element>) {
        let mut add = |list: &[Element]| {
            for element in list {
                if !all.contains(element) {
                    all.push(*element);
                }
            }
        };
        match self {
            Self::Present(list)
            | Self::Stated(list)
            | Self::Matches(list, _)
            | Self::Licenses(list, ..)
            | Self::Hash(list, _)
            | Self::No(list, _) => add(list),
            // What no element covers has no place that could be named.
            Self::Kind(Element::Other, _) => {}
            Self::Kind(element, _) | Self::Once(element, _) | Self::One(element, _) => add(&[*element]),
            Self::OneFile => add(&[Element::FileName, Element::Hash, Element::DeployHash]),
            Self::All(asks) | Self::Any(asks) => asks.iter().for_each(|ask| ask.elements(all)),
            Self::Fallback(first, second, _) => [first, second].iter().for_each(|ask| ask.elements(all)),
            Self::Somewhere(ask) => ask.elements(all),
            Self::Format(_) => add(&[Element::Format]),
            Self::Root | Self::Relationship(EdgeKind::Describes, _) => add(&[Element::Primary]),
            Self::RootDependencies => add(&[Element::Primary, Element::Dependencies]),
            Self::RootElsewhere => add(&[Element::Primary, Element::BomReference]),
            Self::Graph | Self::Dependencies | Self::Relationship(..) => add(&[Element::Dependencies]),
            Self::Resolves => add(&[Element::BomReference]),
            Self::Completeness | Self::Complete => add(&[Element::Completeness]),
            Self::Signed { .. } | Self::Delivered | Self::NotInDocument(_) => {}
        }
    }

    /// Is something asked to which it matters whether more is listed than anything leads to?
    fn is_about_completeness(&self) -> bool {
        match self {
            Self::RootDependencies | Self::Completeness | Self::Complete => true,
            Self::All(asks) | Self::Any(asks) => asks.iter().any(Self::is_about_completeness),
            Self::Fallback(first, second, _) => first.is_about_completeness() || second.is_about_completeness(),
            Self::Somewhere(ask) => ask.is_about_completeness(),
            _ => false,
        }
    }

    /// Is it only forbidden? Then a document without components has nothing that could break it.
    pub(super) const fn is_prohibition(&self) -> bool {
        matches!(self, Self::No(..) | Self::OneFile)
    }
}
