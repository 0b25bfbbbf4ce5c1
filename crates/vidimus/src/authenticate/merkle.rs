//! Merkle tree proofs (RFC 6962 section 2.1, RFC 9162 section 2.1.3). The arithmetic is the library's; the bounds are ours.

use sigstore_merkle::{hash_leaf, verify_consistency_proof, verify_inclusion_proof};
use sigstore_verify::types::Sha256Hash;

/// Hashes in one proof. A tree of 2^63 leaves needs no more (`verification.md` 1.4).
pub const MAX_PATH: usize = 63;

/// A node of the tree.
pub type Hash = [u8; 32];

/// The hash of a leaf with this content: SHA-256 of a zero byte and the content.
#[must_use]
pub fn leaf(content: &[u8]) -> Hash {
    *hash_leaf(content).as_bytes()
}

/// Does `proof` show that the leaf with hash `leaf` stands at `index` in the tree of `size` leaves whose root is `root`?
#[must_use]
pub fn includes(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    // The library computes with the index before it compares.
    index < size
        && proof.len() <= MAX_PATH
        && verify_inclusion_proof(&node(leaf), index, size, &nodes(proof), &node(root)).is_ok()
}

/// Does `proof` show that the tree of `old` leaves with root `old_root` is a prefix of the one of `new` leaves with root
/// `new_root`?
///
/// Two empty trees, or two of one size, need no proof and may not carry one; nothing is shown of an empty old tree, so that is
/// refused.
#[must_use]
pub fn extends(old: u64, old_root: &Hash, new: u64, new_root: &Hash, proof: &[Hash]) -> bool {
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    0 < old
        && old < new
        && proof.len() <= MAX_PATH + 1
        && verify_consistency_proof(old, new, &nodes(proof), &node(old_root), &node(new_root)).is_ok()
}

const fn node(hash: &Hash) -> Sha256Hash {
    Sha256Hash::new(*hash)
}

fn nodes(hashes: &[Hash]) -> Vec<Sha256Hash> {
    hashes.iter().map(node).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    use super::*;

    /// RFC 6962 section 2.1, as it is written there.
    fn root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            more => {
                let (left, right) = more.split_at(split(more.len()));
                Sha256::digest([&[1][..], &root(left), &root(right)].concat()).into()
            }
        }
    }

    /// The largest power of two below `n`.
    fn split(n: usize) -> usize {
        1 << (n - 1).ilog2()
    }

    /// RFC 6962 section 2.1.1.
    fn path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
        if leaves.len() <= 1 {
            return Vec::new();
        }
        let k = split(leaves.len());
        let (left, right) = leaves.split_at(k);
        let (mut proof, other) = if m < k { (path(m, left), right) } else { (path(m - k, right), left) };
        proof.push(root(other));
        proof
    }

    /// RFC 6962 section 2.1.2.
    fn consistency(m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
        if m == leaves.len() {
            return if whole { Vec::new() } else { vec![root(leaves)] };
        }
        let k = split(leaves.len());
        let (left, right) = leaves.split_at(k);
        let (mut proof, other) =
            if m <= k { (consistency(m, left, whole), right) } else { (consistency(m - k, right, false), left) };
        proof.push(root(other));
        proof
    }

    fn leaves(n: usize) -> Vec<Hash> {
        (0..n).map(|i| leaf(&i.to_le_bytes())).collect()
    }

    #[test]
    fn every_leaf_of_every_small_tree_is_proven_and_no_other() {
        for size in 1..40 {
            let all = leaves(size);
            let top = root(&all);
            for index in 0..size {
                let proof = path(index, &all);
                for (claimed, leaf) in all.iter().enumerate() {
                    let is_it = includes(leaf, index as u64, size as u64, &proof, &top);
                    assert_eq!(is_it, claimed == index, "leaf {claimed} at {index} of {size}");
                }
                let longer = [&proof[..], &[top]].concat();
                assert!(!includes(&all[index], index as u64, size as u64, &longer, &top));
                if let Some((_, shorter)) = proof.split_last() {
                    assert!(!includes(&all[index], index as u64, size as u64, shorter, &top));
                }
            }
            assert!(!includes(&all[0], size as u64, size as u64, &path(0, &all), &top), "beyond the tree");
            assert!(!includes(&all[0], 0, 0, &[], &top), "an empty tree has no leaf");
        }
    }

    #[test]
    fn every_prefix_of_every_small_tree_is_consistent() {
        for size in 1..40 {
            let all = leaves(size);
            for old in 1..=size {
                let proof = consistency(old, &all, true);
                let (old_root, new_root) = (root(&all[..old]), root(&all));
                assert!(extends(old as u64, &old_root, size as u64, &new_root, &proof), "{old} of {size}");
                assert!(!extends(old as u64, &new_root, size as u64, &old_root, &proof) || old == size);
                assert!(!extends(old as u64, &old_root, size as u64, &new_root, &[&proof[..], &[old_root]].concat()));
            }
            assert!(!extends(0, &root(&[]), size as u64, &root(&all), &[]), "nothing is shown of an empty tree");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn one_changed_bit_proves_nothing(size in 2_usize..200, index: prop::sample::Index, bit in 0_usize..256, at: prop::sample::Index) {
            let all = leaves(size);
            let index = index.index(size);
            let mut proof = path(index, &all);
            let at = at.index(proof.len());
            proof[at][bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!includes(&all[index], index as u64, size as u64, &proof, &root(&all)));
        }

        #[test]
        fn anything_is_answered(index: u64, size: u64, old: u64, hashes in prop::collection::vec(any::<Hash>(), 0..70), root: Hash) {
            prop_assert!(!includes(&root, index, size, &hashes, &root) || (hashes.is_empty() && size == 1));
            prop_assert!(!extends(old, &root, size, &root, &hashes) || (old == size && hashes.is_empty()));
        }
    }
}
