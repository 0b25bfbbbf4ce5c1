//! Of what a rule asks.

use crate::decode::{Component, EdgeKind, Element, NodeKind, Sbom};

/// Of what a rule asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Of the document.
    Document,
    /// Of each component; files, parts of files and services are none.
    Component,
    /// Of what the document is about.
    Primary,
    /// Of each component, in CycloneDX files included: what BSI calls full, identified and referenced components.
    Listed,
    /// Of each that the document describes itself, wherever it is: full and identified components of BSI.
    Described,
    /// Of each full component of BSI: one in the scope of delivery that no other SBOM describes.
    Full,
    /// … that is a file, and not only the sum of its parts.
    FullFile,
    /// Of each component that another SBOM describes.
    Referenced,
}

impl Scope {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Document => "the document",
            Self::Component => "each component",
            Self::Primary => "what the document is about",
            Self::Listed => "each component, files included",
            Self::Described => "each component that no other SBOM describes",
            Self::Full => "each component in the scope of delivery that no other SBOM describes",
            Self::FullFile => "… and that is a file",
            Self::Referenced => "each component that another SBOM describes",
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
            Self::Component => Box::new(sbom.components().filter(|node| node.kind() == NodeKind::Component)),
            Self::Primary => Box::new(primary(sbom).into_iter()),
            Self::Listed => Box::new(parts),
            Self::Described => Box::new(parts.filter(|node| !is_referenced(*node))),
            Self::Full | Self::FullFile => {
                Box::new(parts.filter(|node| !is_referenced(*node) && !is_outside_delivery(*node)))
            }
            Self::Referenced => Box::new(parts.filter(|node| is_referenced(*node))),
        }
    }

    /// May there be none of these in a document that lists components? Then the rule asks nothing.
    pub(super) const fn may_be_empty(self) -> bool {
        matches!(self, Self::Described | Self::Full | Self::FullFile | Self::Referenced)
    }

    /// Why it cannot be told whether the node is one of these.
    pub(super) fn open(self, node: Component<'_>) -> Option<&'static str> {
        (self == Self::FullFile && may_be_logical(node)).then_some(LOGICAL)
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

fn is_referenced(node: Component<'_>) -> bool {
    node.says(Element::BomReference).next().is_some()
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
    let parts = node.edges().any(|edge| edge.kind == EdgeKind::Contains);
    parts && !OF_A_FILE.iter().any(|element| node.says(*element).next().is_some())
}
