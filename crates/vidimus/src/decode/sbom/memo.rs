//! What is worked out about a document once, when somebody first asks: each rule of a profile asks it of each component.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::bom_link::BomLink;
use super::element::Element;
use super::model::{Component, EdgeKind, Id, NodeKind, Said, Sbom, State};

/// The answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Memo {
    stray: OnceLock<Option<Id>>,
    outside: OnceLock<BTreeSet<(Id, EdgeKind)>>,
    /// By entry.
    states: OnceLock<Vec<State>>,
}

/// What a statement really says.
pub(crate) type Reading = fn(Component<'_>, Element, &Said<'_>) -> State;

impl Sbom {
    /// The first component that nothing leads to from what the document is about. Of relationships that are neither a dependency nor
    /// a containment either end leads to the other. What CycloneDX calls a file is a component.
    pub(crate) fn stray(&self) -> Option<Component<'_>> {
        self.memo.stray.get_or_init(|| self.find_stray()).map(|id| self.component(id))
    }

    /// Does a node have to do, in that way, with what is in another document?
    pub(crate) fn leads_outside(&self, from: Id, kind: EdgeKind) -> bool {
        let all = self.memo.outside.get_or_init(|| {
            let outside = self.outside.iter().filter(|outside| self.leads_out(&outside.reference));
            outside.map(|outside| (outside.from, outside.kind)).collect()
        });
        all.contains(&(from, kind))
    }

    /// Does a reference lead to another document? A fragment stands in this one, and its own serial number, of whatever version, is no
    /// other document.
    pub(crate) fn leads_out(&self, reference: &str) -> bool {
        let own = self.document().text(Element::DocumentId).and_then(|serial| serial.strip_prefix("urn:uuid:"));
        let same =
            BomLink::parse(reference).is_some_and(|link| own.is_some_and(|own| own.eq_ignore_ascii_case(link.serial)));
        !same && !reference.trim_start().starts_with('#')
    }

    /// What each entry really says. Whoever asks must always ask with the same reading.
    pub(super) fn states(&self, reading: Reading) -> &[State] {
        self.memo.states.get_or_init(|| {
            let entries = self.entries.iter();
            entries.map(|entry| reading(self.component(Id(entry.node)), entry.element, &self.said(entry))).collect()
        })
    }

    fn find_stray(&self) -> Option<Id> {
        let mut back: Vec<(u32, u32)> = Vec::new();
        back.extend(self.edges.iter().filter(|edge| edge.kind == EdgeKind::Other).map(|edge| (edge.to, edge.from)));
        back.sort_unstable();
        let mut seen = vec![false; self.nodes.len()];
        let mut open = vec![Id::DOCUMENT.0];
        while let Some(node) = open.pop() {
            let Some(flag) = seen.get_mut(node as usize).filter(|flag| !**flag) else { continue };
            *flag = true;
            open.extend(self.edges_of(node).iter().map(|edge| edge.to));
            let start = back.partition_point(|(to, _)| *to < node);
            let known = back.get(start..).unwrap_or_default().iter().take_while(|(to, _)| *to == node);
            open.extend(known.map(|(_, from)| *from));
        }
        let files = self.format.starts_with("cyclonedx-");
        let is_one = |kind| kind == NodeKind::Component || files && kind == NodeKind::File;
        let is_seen = |node: &Component<'_>| seen.get(node.id.index()).copied().unwrap_or_default();
        self.components().find(|node| is_one(node.kind()) && !is_seen(node)).map(|node| node.id)
    }
}
