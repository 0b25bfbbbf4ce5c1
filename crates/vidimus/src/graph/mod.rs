//! The component graph: nodes by number, edges in one flat list. What the nodes are, *join* says; here is what follows from the
//! edges alone. Nothing recurses, and nothing depends on the order in which edges were found.

pub mod vouch;
mod walk;

pub use walk::Reach;

/// What one node has to do with another (`verification.md` 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// A container holds a member.
    Contains,
    /// An SBOM is bound to what it describes.
    Describes,
    /// An SBOM places a component inside.
    Part,
    /// An SBOM names a dependency.
    Depends,
    /// Provenance names something that it was built from.
    Input,
}

impl EdgeKind {
    /// Every kind, in this order.
    pub const ALL: [Self; 5] = [Self::Contains, Self::Describes, Self::Part, Self::Depends, Self::Input];

    /// Its name in policies and verdicts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::Describes => "describes",
            Self::Part => "part",
            Self::Depends => "depends",
            Self::Input => "input",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// How edges of this kind are known: `observed`, because both ends were hashed, `bound` by a
    /// signature and a digest, or `claimed` by a signer.
    #[must_use]
    pub const fn known(self) -> &'static str {
        match self {
            Self::Contains => "observed",
            Self::Describes => "bound",
            Self::Part | Self::Depends | Self::Input => "claimed",
        }
    }
}

/// Which kinds of edges a question is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kinds(u8);

impl Kinds {
    const fn bit(kind: EdgeKind) -> u8 {
        1 << kind as u8
    }

    /// Is `kind` among them?
    #[must_use]
    pub const fn has(self, kind: EdgeKind) -> bool {
        self.0 & Self::bit(kind) != 0
    }

    /// With all of `other`.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// In the order of [`EdgeKind::ALL`].
    pub fn iter(self) -> impl Iterator<Item = EdgeKind> {
        EdgeKind::ALL.into_iter().filter(move |kind| self.has(*kind))
    }
}

impl FromIterator<EdgeKind> for Kinds {
    fn from_iter<I: IntoIterator<Item = EdgeKind>>(kinds: I) -> Self {
        Self(kinds.into_iter().fold(0, |bits, kind| bits | Self::bit(kind)))
    }
}

/// One edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// From this node.
    pub from: u32,
    /// To that one.
    pub to: u32,
    /// What they have to do with each other.
    pub kind: EdgeKind,
}

/// Nodes 0 to `nodes − 1` and the edges between them.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// By `from`, then by the rank of `to`.
    edges: Vec<Edge>,
    /// By node, where its edges start; one more at the end.
    starts: Vec<u32>,
}

impl Graph {
    /// A graph of so many nodes. Edges that stand twice count once; those to or from nodes that do not exist are dropped. `rank`
    /// orders the ends of one node's edges, and with them the paths that are found first: equal for equal graphs, however they
    /// were numbered.
    #[must_use]
    pub fn new(nodes: usize, mut edges: Vec<Edge>, rank: &[u32]) -> Self {
        edges.retain(|edge| (edge.from as usize) < nodes && (edge.to as usize) < nodes);
        let rank_of = |node: u32| rank.get(node as usize).copied().unwrap_or(node);
        edges.sort_unstable_by_key(|edge| (edge.from, rank_of(edge.to), edge.to, edge.kind));
        edges.dedup();
        let mut starts = Vec::with_capacity(nodes + 1);
        let mut at = 0_usize;
        for node in 0..nodes {
            starts.push(u32::try_from(at).unwrap_or(u32::MAX));
            while edges.get(at).is_some_and(|edge| edge.from as usize == node) {
                at += 1;
            }
        }
        starts.push(u32::try_from(at).unwrap_or(u32::MAX));
        edges.shrink_to_fit();
        Self { edges, starts }
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// No node at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All edges, by `from`.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The edges that leave `node`.
    #[must_use]
    pub fn of(&self, node: usize) -> &[Edge] {
        let bounds = (self.starts.get(node), node.checked_add(1).and_then(|next| self.starts.get(next)));
        let (Some(start), Some(end)) = bounds else { return &[] };
        self.edges.get(*start as usize..*end as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
