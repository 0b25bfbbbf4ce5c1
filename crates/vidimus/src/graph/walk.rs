//! Walks over the graph: what is reached, on which shortest path, through how many suppliers, and where it turns in circles.

use std::collections::VecDeque;

use super::{Edge, Graph, Kinds};

/// What can be reached from some nodes.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Reached nodes, the starts first, in the order of their distance.
    pub order: Vec<u32>,
    /// By node, is it reached?
    reached: Vec<bool>,
    /// By node, the edge over which it was first reached; none for a start.
    by: Vec<Option<Edge>>,
    /// By node, the start of that path and how many edges it has.
    from: Vec<(u32, u32)>,
}

impl Reach {
    /// Is `node` reached?
    #[must_use]
    pub fn has(&self, node: usize) -> bool {
        self.reached.get(node).copied().unwrap_or(false)
    }

    /// Where a shortest path to `node` starts.
    #[must_use]
    pub fn start(&self, node: usize) -> usize {
        self.from.get(node).map_or(node, |(start, _)| *start as usize)
    }

    /// A shortest path to `node`: how many of its edges are left out, and the last of them, at most `most`. Whoever asks for every
    /// node of a long path would get a list as long as the square of it.
    #[must_use]
    pub fn path(&self, node: usize, most: usize) -> (usize, Vec<Edge>) {
        let (mut at, mut edges) = (node, Vec::new());
        while let Some(Some(edge)) = self.by.get(at).filter(|_| edges.len() < most) {
            edges.push(*edge);
            at = edge.from as usize;
        }
        edges.reverse();
        let length = self.from.get(node).map_or(0, |(_, length)| *length as usize);
        (length.saturating_sub(edges.len()), edges)
    }
}

impl Graph {
    /// What is reached from `starts` over edges of these kinds. Of several shortest paths the first in the order of the starts and
    /// of the ranks is kept.
    #[must_use]
    pub fn reach(&self, starts: impl IntoIterator<Item = usize>, kinds: Kinds) -> Reach {
        let own = (0_u32..).take(self.len()).map(|node| (node, 0)).collect();
        let (reached, by) = (vec![false; self.len()], vec![None; self.len()]);
        let mut reach = Reach { order: Vec::new(), reached, by, from: own };
        for start in starts {
            if let Some(seen) = reach.reached.get_mut(start).filter(|seen| !**seen) {
                *seen = true;
                reach.order.push(u32::try_from(start).unwrap_or(u32::MAX));
            }
        }
        let mut next = 0;
        while let Some(node) = reach.order.get(next).copied() {
            next += 1;
            for edge in self.of(node as usize).iter().filter(|edge| kinds.has(edge.kind)) {
                let to = edge.to as usize;
                if let Some(seen) = reach.reached.get_mut(to).filter(|seen| !**seen) {
                    *seen = true;
                    reach.order.push(edge.to);
                    if let Some(by) = reach.by.get_mut(to) {
                        *by = Some(*edge);
                    }
                    let (start, length) = reach.from.get(node as usize).copied().unwrap_or((node, 0));
                    if let Some(from) = reach.from.get_mut(to) {
                        *from = (start, length + 1);
                    }
                }
            }
        }
        reach
    }

    /// By node: can one of `targets` be reached from it over edges of these kinds, itself left out of account unless it lies on a
    /// circle?
    #[must_use]
    pub fn reaching(&self, targets: &[bool], kinds: Kinds) -> Vec<bool> {
        // Counting sort of the edges by their end.
        let mut starts = vec![0_u32; self.len() + 1];
        let wanted = || self.edges.iter().filter(|edge| kinds.has(edge.kind));
        for edge in wanted() {
            if let Some(count) = starts.get_mut(edge.to as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut froms = vec![0_u32; sum as usize];
        let mut fill = starts.clone();
        for edge in wanted() {
            if let Some(at) = fill.get_mut(edge.to as usize) {
                if let Some(from) = froms.get_mut(*at as usize) {
                    *from = edge.from;
                }
                *at += 1;
            }
        }
        let mut reaching = vec![false; self.len()];
        let mut open: Vec<usize> =
            (0..self.len()).filter(|node| targets.get(*node).copied().unwrap_or(false)).collect();
        while let Some(node) = open.pop() {
            let (Some(start), Some(end)) = (starts.get(node), starts.get(node + 1)) else { continue };
            for from in froms.get(*start as usize..*end as usize).unwrap_or_default() {
                if let Some(seen) = reaching.get_mut(*from as usize).filter(|seen| !**seen) {
                    *seen = true;
                    open.push(*from as usize);
                }
            }
        }
        reaching
    }

    /// By node, the fewest changes of supplier on a path from `starts`, each of which is 1; 0 for what is not reached. `owners`
    /// says by node who supplies it, 0 where nobody knows; a step to or from an unknown one is no change.
    #[must_use]
    pub fn tiers(&self, starts: impl IntoIterator<Item = usize>, kinds: Kinds, owners: &[u32]) -> Vec<u32> {
        let owner = |node: u32| owners.get(node as usize).copied().unwrap_or(0);
        let mut tiers = vec![0_u32; self.len()];
        let mut open: VecDeque<(u32, u32)> = VecDeque::new();
        for start in starts {
            if let Some(tier) = tiers.get_mut(start) {
                *tier = 1;
                open.push_back((1, u32::try_from(start).unwrap_or(u32::MAX)));
            }
        }
        while let Some((tier, node)) = open.pop_front() {
            if tiers.get(node as usize).is_none_or(|best| *best != tier) {
                continue;
            }
            for edge in self.of(node as usize).iter().filter(|edge| kinds.has(edge.kind)) {
                let changes = owner(edge.from) != owner(edge.to) && owner(edge.from) != 0 && owner(edge.to) != 0;
                let next = tier + u32::from(changes);
                if let Some(best) = tiers.get_mut(edge.to as usize).filter(|best| **best == 0 || **best > next) {
                    *best = next;
                    if changes { open.push_back((next, edge.to)) } else { open.push_front((next, edge.to)) }
                }
            }
        }
        tiers
    }

    /// Circles: sets of nodes each of which reaches every other over edges of these kinds, and nodes with an edge to themselves.
    #[must_use]
    pub fn cycles(&self, kinds: Kinds) -> u64 {
        let mut walk = Components::new(self.len());
        for start in 0..self.len() {
            walk.from(self, kinds, start);
        }
        walk.cycles
    }
}

const NEW: u32 = u32::MAX;

/// Strongly connected components (Tarjan), with a stack of its own instead of recursion.
struct Components {
    index: Vec<u32>,
    low: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<u32>,
    next: u32,
    cycles: u64,
}

impl Components {
    fn new(nodes: usize) -> Self {
        let (index, low) = (vec![NEW; nodes], vec![NEW; nodes]);
        Self { index, low, on_stack: vec![false; nodes], stack: Vec::new(), next: 0, cycles: 0 }
    }

    fn enter(&mut self, node: usize) {
        for list in [&mut self.index, &mut self.low] {
            if let Some(entry) = list.get_mut(node) {
                *entry = self.next;
            }
        }
        if let Some(on) = self.on_stack.get_mut(node) {
            *on = true;
        }
        self.stack.push(u32::try_from(node).unwrap_or(u32::MAX));
        self.next += 1;
    }

    fn lower(&mut self, node: usize, to: u32) {
        if let Some(low) = self.low.get_mut(node) {
            *low = (*low).min(to);
        }
    }

    fn leave(&mut self, graph: &Graph, kinds: Kinds, node: usize) {
        if self.low.get(node) != self.index.get(node) {
            return;
        }
        let mut members = 0_u64;
        while let Some(member) = self.stack.pop() {
            members += 1;
            if let Some(on) = self.on_stack.get_mut(member as usize) {
                *on = false;
            }
            if member as usize == node {
                break;
            }
        }
        let to_itself = || graph.of(node).iter().any(|edge| kinds.has(edge.kind) && edge.to as usize == node);
        self.cycles += u64::from(members > 1 || to_itself());
    }

    fn from(&mut self, graph: &Graph, kinds: Kinds, start: usize) {
        if self.index.get(start).is_none_or(|index| *index != NEW) {
            return;
        }
        self.enter(start);
        // (node, its next edge)
        let mut open: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some((node, at)) = open.last_mut() {
            let (node, edge) = (*node, graph.of(*node).get(*at));
            *at += 1;
            let Some(edge) = edge else {
                open.pop();
                self.leave(graph, kinds, node);
                if let (Some((above, _)), Some(low)) = (open.last(), self.low.get(node).copied()) {
                    self.lower(*above, low);
                }
                continue;
            };
            let to = edge.to as usize;
            if !kinds.has(edge.kind) {
                continue;
            }
            match self.index.get(to).copied() {
                Some(NEW) => {
                    self.enter(to);
                    open.push((to, 0));
                }
                Some(index) if self.on_stack.get(to).copied().unwrap_or(false) => self.lower(node, index),
                _ => {}
            }
        }
    }
}
