#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation
)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn all() -> Kinds {
    EdgeKind::ALL.into_iter().collect()
}

fn graph(nodes: usize, edges: &[(u32, u32)]) -> Graph {
    let edges = edges.iter().map(|(from, to)| Edge { from: *from, to: *to, kind: EdgeKind::Part }).collect();
    Graph::new(nodes, edges, &[])
}

#[test]
fn cycles_are_counted_and_end() {
    for (nodes, edges, expected) in [
        (0, &[][..], 0),
        (3, &[(0, 1), (1, 2)], 0),
        (3, &[(0, 1), (1, 2), (2, 0)], 1),
        (3, &[(0, 1), (1, 1)], 1),
        (4, &[(0, 1), (1, 0), (2, 3), (3, 2)], 2),
        (4, &[(0, 1), (1, 2), (2, 1), (0, 3), (3, 2)], 1),
        (2, &[(0, 7), (7, 0)], 0),
    ] {
        assert_eq!(graph(nodes, edges).cycles(all()), expected, "{edges:?}");
    }
    // Deep enough to overflow a stack, were there recursion.
    let chain: Vec<(u32, u32)> = (0..200_000).map(|n| (n, (n + 1) % 200_000)).collect();
    let chain = graph(200_000, &chain);
    assert_eq!(chain.cycles(all()), 1);
    assert_eq!(chain.reach([0], all()).order.len(), 200_000);
}

#[test]
fn kinds_and_paths() {
    let edge = |from, to, kind| Edge { from, to, kind };
    let edges = vec![
        edge(0, 1, EdgeKind::Part),
        edge(1, 2, EdgeKind::Input),
        edge(0, 3, EdgeKind::Depends),
        edge(3, 2, EdgeKind::Part),
    ];
    // By rank 3 stands before 1.
    let graph = Graph::new(4, edges, &[0, 2, 3, 1]);
    let reach = graph.reach([0], all());
    assert_eq!(reach.order, [0, 3, 1, 2]);
    assert_eq!(reach.path(2, 9), (0, vec![edge(0, 3, EdgeKind::Depends), edge(3, 2, EdgeKind::Part)]));
    assert_eq!(reach.path(2, 1), (1, vec![edge(3, 2, EdgeKind::Part)]));
    assert_eq!((reach.start(2), reach.path(0, 9)), (0, (0, vec![])));
    let parts: Kinds = [EdgeKind::Part].into_iter().collect();
    assert_eq!(graph.reach([0], parts).order, [0, 1]);
    assert_eq!(graph.reach([3, 0], parts).order, [3, 0, 2, 1]);
    for kind in EdgeKind::ALL {
        assert_eq!(EdgeKind::from_name(kind.name()), Some(kind));
    }
}

#[test]
fn tiers_count_changes_of_supplier() {
    // vendor → vendor → a → b, and vendor → b directly; 5 is unknown.
    let graph = graph(6, &[(0, 1), (1, 2), (2, 3), (0, 5), (5, 4)]);
    assert_eq!(graph.tiers([0], all(), &[1, 1, 2, 3, 2, 0]), [1, 1, 2, 3, 1, 1]);
    assert_eq!(graph.tiers([2], all(), &[1, 1, 2, 3, 2, 0]), [0, 0, 1, 2, 0, 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Order and numbering of what is found change nothing; reaching forwards and backwards agree.
    #[test]
    fn order_changes_nothing(edges in prop::collection::vec((0_u32..9, 0_u32..9, 0_usize..5), 0..24), seed in any::<u64>()) {
        let made = |list: &[(u32, u32, usize)], rename: &[u32]| {
            let edges = list.iter().map(|(f, t, k)| Edge { from: rename[*f as usize], to: rename[*t as usize], kind: EdgeKind::ALL[*k] });
            // Names keep their rank under every numbering.
            let mut rank = vec![0; 9];
            (0..9).for_each(|name| rank[rename[name] as usize] = name as u32);
            Graph::new(9, edges.collect(), &rank)
        };
        let same: Vec<u32> = (0..9).collect();
        let mut renamed = same.clone();
        renamed.rotate_left((seed % 9) as usize);
        let mut shuffled = edges.clone();
        shuffled.reverse();
        shuffled.extend(edges.first().copied());
        let (one, other) = (made(&edges, &same), made(&shuffled, &renamed));
        let (a, b) = (one.reach([0], all()), other.reach([renamed[0] as usize], all()));
        let names = |reach: &Reach, rename: &[u32]| -> Vec<u32> {
            reach.order.iter().map(|n| rename.iter().position(|r| r == n).unwrap() as u32).collect()
        };
        prop_assert_eq!(names(&a, &same), names(&b, &renamed));
        prop_assert_eq!(one.cycles(all()), other.cycles(all()));
        for target in 0..9_usize {
            let targets: Vec<bool> = (0..9).map(|n| n == target).collect();
            let back = one.reaching(&targets, all());
            for (from, reaches) in back.iter().enumerate() {
                let next: BTreeSet<usize> = one.of(from).iter().map(|e| e.to as usize).collect();
                let forwards = next.iter().any(|n| one.reach([*n], all()).has(target));
                prop_assert_eq!(*reaches, forwards);
            }
        }
    }
}
