//! Of what a rule asks.

use std::collections::BTreeSet;

use super::value;
use crate::decode::{Component, EdgeKind, Element, Id, NodeKind, Sbom, State};

/// Of what a rule asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Of the document.
    Document,
    /// Of each component. What CycloneDX calls a file is a component; files of SPDX, parts of files and services are none.
    Component,
    /// Of each component that is a file, and not only the sum of its parts.
    File,
    /// Of what the document is about.
    Primary,
    /// Of each component, wherever it is described: full and identified components of BSI.
    Described,
    /// Of each full component of BSI: one in the scope of delivery, wherever it is described.
    Full,
    /// … that is a file, and not only the sum of its parts.
    FullFile,
    /// Of each component that refers to another SBOM.
    Referenced,
}

impl Scope {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Document => "the document",
            Self::Component => "each component, files of CycloneDX included",
            Self::File => "each component that is a file",
            Self::Primary => "what the document is about",
            Self::Described => "each component, where it is described",
            Self::Full => "each component in the scope of delivery, where it is described",
            Self::FullFile => "… and that is a file",
            Self::Referenced => "each component that refers to another SBOM",
        }
    }

    /// The nodes, in document order.
    pub(super) fn nodes<'a>(self, sbom: &'a Sbom) -> Box<dyn Iterator<Item = Component<'a>> + 'a> {
        let files = sbom.format.starts_with("cyclonedx-");
        let listed = move |node: &Component<'_>| match node.kind() {
            NodeKind::Component => true,
            NodeKind::File => files,
            _ => false,
        };
        let parts = sbom.components().filter(listed);
        match self {
            Self::Document => Box::new(std::iter::once(sbom.document())),
            Self::Component | Self::File | Self::Described => Box::new(parts),
            Self::Primary => Box::new(primary(sbom).into_iter()),
            Self::Full | Self::FullFile => {
                let roots = roots(sbom);
                // Where nothing is named that they could be outside of, they are inside.
                let inside = move |node: Id| roots.is_empty() || roots.contains(&node);
                Box::new(parts.filter(move |node| inside(node.id) || !is_outside_delivery(*node)))
            }
            Self::Referenced => {
                let roots = roots(sbom);
                Box::new(parts.filter(move |node| !roots.contains(&node.id) && refers(sbom, *node)))
            }
        }
    }

    /// May there be none of these in a document that lists components? Then the rule asks nothing.
    pub(crate) const fn may_be_empty(self) -> bool {
        matches!(self, Self::Described | Self::Full | Self::FullFile | Self::Referenced)
    }

    /// Is what the document itself does not say asked of the SBOM that it refers to?
    pub(crate) const fn looks_elsewhere(self) -> bool {
        matches!(self, Self::Described | Self::Full | Self::FullFile)
    }

    /// May a component say nothing of a file because it is none?
    pub(crate) const fn is_of_files(self) -> bool {
        matches!(self, Self::File | Self::FullFile)
    }

    /// Why it cannot be told whether the node is one of these.
    pub(super) fn open(self, node: Component<'_>) -> Option<&'static str> {
        (self.is_of_files() && may_be_logical(node)).then_some(LOGICAL)
    }
}

const LOGICAL: &str =
    "a component that consists of others and says nothing of a file: whether it is one, no format can say";

/// What the document is about: every component that it describes; SPDX documents describe files as well, which count only where
/// there is no component.
pub(super) fn primary(sbom: &Sbom) -> Vec<Component<'_>> {
    let described = sbom.document().edges().filter(|edge| edge.kind == EdgeKind::Describes).map(|edge| edge.to);
    let described: Vec<Component<'_>> = described.collect();
    let components = described.iter().copied().filter(|node| node.kind() == NodeKind::Component);
    let components: Vec<Component<'_>> = components.collect();
    if components.is_empty() { described } else { components }
}

/// … by number. What a document is about it describes itself, whatever it refers to.
pub(super) fn roots(sbom: &Sbom) -> BTreeSet<Id> {
    primary(sbom).into_iter().map(|node| node.id).collect()
}

/// Does it refer to another SBOM?
pub(super) fn refers(sbom: &Sbom, node: Component<'_>) -> bool {
    let mut said = node.really_says(|element| element == Element::BomReference, value::state);
    said.any(|(state, said)| state == State::Value && sbom.leads_out(said.text))
}

/// CycloneDX 1.7 marks what the assembly needs and does not bring.
fn is_outside_delivery(node: Component<'_>) -> bool {
    node.says(Element::Other).any(|said| said.kind == "isExternal")
}

/// What consists of others may be no file at all, and says nothing of one then.
fn may_be_logical(node: Component<'_>) -> bool {
    const OF_A_FILE: [Element; 7] = [
        Element::FileName,
        Element::Hash,
        Element::DeployHash,
        Element::DeployUri,
        Element::Executable,
        Element::Archive,
        Element::Structured,
    ];
    let parts = node.edges().any(|edge| edge.kind == EdgeKind::Contains && edge.to.id != node.id);
    parts && !OF_A_FILE.iter().any(|element| node.says(*element).next().is_some())
}
