//! The graph of one document: cycles, what depends on itself, and what nothing leads to (CDX-07, CDX-08). Nothing here recurses.

use super::findings::Findings;
use super::model::{EdgeKind, Id, Sbom};
use crate::reason::Reason;

crate::reasons! {
    CYCLE = "sbom.dependency-cycle", Unproven, Vendor, ["count", "place"],
        says "{count} components depend on each other in a circle, such as the one at {place}",
        why "Formats allow circles and real software has them; whoever walks the graph must not walk it for ever (CycloneDX `dependencies`; CDX-08).",
        fix "Nothing, if the software is so; otherwise correct the dependency that goes the wrong way.";
    CONTAINMENT = "sbom.containment-cycle", Unproven, Vendor, ["count", "place"],
        says "{count} components contain each other in a circle, such as the one at {place}",
        why "Nothing can be inside of what is inside of it, so one of the statements stands where another was meant (CDX-08).",
        fix "Correct the relationship that goes the wrong way.";
    SELF = "sbom.self-dependency", Unproven, Vendor, ["place"],
        says "the component at {place} depends on itself",
        why "It says nothing, and stands where the real dependency was meant (CDX-08).",
        fix "Correct the reference, or remove the dependency.";
    UNREACHABLE = "sbom.unreachable", Unproven, Vendor, ["count", "place"],
        says "{count} components are reached from what the document is about by no dependency and no containment, such as the one at {place}",
        why "What nothing leads to is listed without a word on what it has to do with the product (CDX-07).",
        fix "State by which dependency, or inside of what, each component comes into the product.";
    NO_ROOT = "sbom.no-root", Unproven, Vendor, [],
        says "the document does not say what it is about",
        why "Without a subject nobody can tell of which artifact this is the SBOM, except by who signed it for which bytes (T3).",
        fix "State the component that the document is about: `metadata.component`, DESCRIBES, `rootElement`.";
}

/// Everything noteworthy about the graph.
pub(super) fn examine(sbom: &Sbom, findings: &mut Findings) {
    for (kind, info) in [(EdgeKind::DependsOn, &CYCLE), (EdgeKind::Contains, &CONTAINMENT)] {
        for group in circles(sbom, kind) {
            let first = group.iter().min().copied().unwrap_or_default();
            findings.add(Reason::new(info).int("count", group.len() as u64).evidence("place", place(sbom, first)));
        }
    }
    let mut last = None;
    for edge in sbom.edges.iter().filter(|edge| edge.from == edge.to) {
        if matches!(edge.kind, EdgeKind::DependsOn | EdgeKind::Contains) && last.replace(edge.from) != Some(edge.from) {
            findings.add(Reason::new(&SELF).evidence("place", place(sbom, edge.from)));
        }
    }
    unreachable(sbom, findings);
}

fn place(sbom: &Sbom, node: u32) -> &str {
    sbom.nodes.get(node as usize).map(|data| sbom.text(data.place)).unwrap_or_default()
}

fn unreachable(sbom: &Sbom, findings: &mut Findings) {
    if sbom.is_empty() {
        return;
    }
    let leads =
        |kind| matches!(kind, EdgeKind::Describes | EdgeKind::DependsOn | EdgeKind::Contains | EdgeKind::Provides);
    let mut seen = vec![false; sbom.nodes.len()];
    let mut open = vec![Id::DOCUMENT.0];
    while let Some(node) = open.pop() {
        let Some(flag) = seen.get_mut(node as usize).filter(|flag| !**flag) else { continue };
        *flag = true;
        open.extend(sbom.edges_of(node).iter().filter(|edge| leads(edge.kind)).map(|edge| edge.to));
    }
    if seen.iter().filter(|seen| **seen).count() == 1 {
        findings.add(Reason::new(&NO_ROOT));
        return;
    }
    let missed = || seen.iter().enumerate().filter(|(_, seen)| !**seen);
    if let Some((first, _)) = missed().next() {
        let place = place(sbom, u32::try_from(first).unwrap_or_default());
        findings.add(Reason::new(&UNREACHABLE).int("count", missed().count() as u64).evidence("place", place));
    }
}

/// A node that Tarjan's algorithm has met.
#[derive(Clone, Copy, Default)]
struct Met {
    /// From 1 in the order of meeting; 0 is not met.
    order: u32,
    /// The least order that it leads back to.
    low: u32,
    /// It is on the stack of the group that is not complete.
    stacked: bool,
}

/// Groups of more than one node that lead to each other by edges of that kind (Tarjan, without recursion).
fn circles(sbom: &Sbom, kind: EdgeKind) -> Vec<Vec<u32>> {
    let mut met = vec![Met::default(); sbom.nodes.len()];
    let (mut circles, mut stack, mut count) = (Vec::new(), Vec::new(), 0);
    let starts: Vec<u32> = sbom.edges.iter().filter(|edge| edge.kind == kind).map(|edge| edge.from).collect();
    for start in starts {
        if met.get(start as usize).is_some_and(|met| met.order > 0) {
            continue;
        }
        let mut open: Vec<(u32, usize)> = vec![(start, 0)];
        enter(&mut met, &mut stack, &mut count, start);
        while let Some((node, next)) = open.last_mut() {
            let node = *node;
            let Some(edge) = sbom.edges_of(node).get(*next) else {
                open.pop();
                let low = leave(&mut met, &mut stack, &mut circles, node);
                if let Some(parent) = open.last().and_then(|(parent, _)| met.get_mut(*parent as usize)) {
                    parent.low = parent.low.min(low);
                }
                continue;
            };
            *next += 1;
            if edge.kind != kind {
                continue;
            }
            match met.get(edge.to as usize).copied() {
                Some(Met { order: 0, .. }) => {
                    enter(&mut met, &mut stack, &mut count, edge.to);
                    open.push((edge.to, 0));
                }
                Some(Met { order, stacked: true, .. }) => {
                    if let Some(own) = met.get_mut(node as usize) {
                        own.low = own.low.min(order);
                    }
                }
                _ => {}
            }
        }
    }
    circles
}

fn enter(met: &mut [Met], stack: &mut Vec<u32>, count: &mut u32, node: u32) {
    *count += 1;
    if let Some(entry) = met.get_mut(node as usize) {
        *entry = Met { order: *count, low: *count, stacked: true };
        stack.push(node);
    }
}

/// Everything that a node leads to was looked at; if it leads back no further than to itself, its group is complete.
fn leave(met: &mut [Met], stack: &mut Vec<u32>, circles: &mut Vec<Vec<u32>>, node: u32) -> u32 {
    let Some(own) = met.get(node as usize).copied() else { return u32::MAX };
    if own.low == own.order {
        let mut group = Vec::new();
        while let Some(last) = stack.pop() {
            if let Some(entry) = met.get_mut(last as usize) {
                entry.stacked = false;
            }
            group.push(last);
            if last == node {
                break;
            }
        }
        if group.len() > 1 {
            circles.push(group);
        }
    }
    own.low
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use proptest::prelude::*;

    use super::super::build::Builder;
    use super::super::model::NodeKind;
    use super::*;
    use crate::limits::Limits;

    /// A document about `a` with these edges between single letters; `>` depends on, `(` contains.
    fn findings(edges: &str) -> Vec<String> {
        let mut builder = Builder::new("x".to_owned(), "", &Limits::MAX);
        for letter in 'a'..='f' {
            builder.node(NodeKind::Component, &letter.to_string(), &letter.to_string()).unwrap();
        }
        let find = |builder: &Builder, text: Option<char>| builder.find(&text.unwrap().to_string()).unwrap();
        for edge in edges.split_whitespace() {
            let mut chars = edge.chars();
            let (from, kind, to) = (chars.next(), chars.next(), chars.next());
            let kind = if kind == Some('(') { EdgeKind::Contains } else { EdgeKind::DependsOn };
            let (from, to) = if from == Some('.') {
                (Id::DOCUMENT, find(&builder, to))
            } else {
                (find(&builder, from), find(&builder, to))
            };
            let kind = if from == Id::DOCUMENT { EdgeKind::Describes } else { kind };
            builder.edge(from, kind, "", to);
        }
        let sbom = builder.finish().unwrap();
        let mut found = Findings::default();
        examine(&sbom, &mut found);
        let args = |reason: &Reason| reason.args().values().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        found.list().iter().map(|reason| format!("{} {}", reason.code(), args(reason)).trim_end().to_owned()).collect()
    }

    #[test]
    fn graphs() {
        for (edges, expected) in [
            (".>a a>b b>c c(d d>e e>f", &[][..]),
            ("a>b", &["sbom.no-root"]),
            (".>a a>b a>c", &["sbom.unreachable 3 d"]),
            (".>a a>b b>a b>c c>d d>e e>f", &["sbom.dependency-cycle 2 a"]),
            (".>a a>b b>c c>a a>d d>e e>f f>d", &["sbom.dependency-cycle 3 d", "sbom.dependency-cycle 3 a"]),
            (".>a a>b b>c c>d d>e e>f c>c c>c", &["sbom.self-dependency c"]),
            (".>a a(b b(c c(b a>d a>e a>f", &["sbom.containment-cycle 2 b"]),
            (".>a a>b b(a a>c a>d a>e a>f", &[]),
        ] {
            assert_eq!(findings(edges), expected, "{edges}");
        }
    }

    proptest! {
        #[test]
        fn every_graph_ends(edges in proptest::collection::vec("[a-f][>(][a-f]", 0..30)) {
            findings(&edges.join(" "));
        }
    }

    #[test]
    fn a_long_chain_and_a_long_circle_end() {
        for closed in [false, true] {
            let mut builder = Builder::new("x".to_owned(), "", &Limits::MAX);
            let nodes: Vec<Id> = (0..100_000)
                .map(|index| builder.node(NodeKind::Component, &index.to_string(), &index.to_string()).unwrap())
                .collect();
            builder.edge(Id::DOCUMENT, EdgeKind::Describes, "", nodes[0]);
            for pair in nodes.windows(2) {
                builder.edge(pair[0], EdgeKind::DependsOn, "", pair[1]);
            }
            if closed {
                builder.edge(nodes[99_999], EdgeKind::DependsOn, "", nodes[0]);
            }
            let sbom = builder.finish().unwrap();
            let mut found = Findings::default();
            examine(&sbom, &mut found);
            assert_eq!(found.list().len(), usize::from(closed));
        }
    }
}
