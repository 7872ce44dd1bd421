//! Root hashes of the ledger's trees (XRP Ledger documentation, "Ledgers: Transaction and State Trees"): sixteen-way,
//! keyed by the nibbles of the index. Never stores a tree: it is computed from the sorted leaves.

use crate::Hash256;
use crate::hash::sha512_half;

/// Nibbles of a key.
const NIBBLES: usize = 64;
const INNER: &[u8; 4] = b"MIN\0";
const STATE_LEAF: &[u8; 4] = b"MLN\0";
const TRANSACTION_LEAF: &[u8; 4] = b"SND\0";

/// Root of a tree of leaves, given as sorted (key, leaf hash). Zero for no leaves.
pub fn root(leaves: &[(Hash256, Hash256)]) -> Hash256 {
    if leaves.is_empty() { Hash256::ZERO } else { inner(leaves, 0) }
}

/// Leaf hash of a state entry.
pub fn state_leaf(key: Hash256, entry: &[u8]) -> Hash256 {
    sha512_half(&[STATE_LEAF, entry, key.as_bytes()])
}

/// Leaf hash of a transaction with its metadata. Both carry their lengths as in the binary format.
pub fn transaction_leaf(key: Hash256, blob: &[u8], metadata: &[u8]) -> Hash256 {
    sha512_half(&[
        TRANSACTION_LEAF,
        &length(blob.len()),
        blob,
        &length(metadata.len()),
        metadata,
        key.as_bytes(),
    ])
}

/// The node at a depth that leads to these leaves: zero for none, a single leaf itself, else an inner node.
pub fn node(leaves: &[(Hash256, Hash256)], depth: usize) -> Hash256 {
    match leaves {
        [] => Hash256::ZERO,
        [(_, leaf)] => *leaf,
        // One key twice: no tree has that, and below its last nibble there is nothing to tell the leaves apart by.
        [(_, leaf), ..] if depth >= NIBBLES => *leaf,
        several => inner(several, depth),
    }
}

/// Hash of an inner node with these sixteen children.
pub fn branch<'h>(children: impl Iterator<Item = &'h Hash256>) -> Hash256 {
    let mut parts: Vec<&[u8]> = Vec::with_capacity(17);
    parts.push(INNER);
    parts.extend(children.map(|child| child.as_bytes().as_slice()));
    sha512_half(&parts)
}

fn inner(leaves: &[(Hash256, Hash256)], depth: usize) -> Hash256 {
    let mut children = [Hash256::ZERO; 16];
    let mut rest = leaves;
    while let Some((first, _)) = rest.first() {
        let nibble = nibble(first, depth);
        let split = rest.partition_point(|(key, _)| self::nibble(key, depth) <= nibble);
        let (same, after) = rest.split_at(split.max(1));
        if let Some(child) = children.get_mut(usize::from(nibble)) {
            *child = node(same, depth + 1);
        }
        rest = after;
    }
    branch(children.iter())
}

fn nibble(key: &Hash256, depth: usize) -> u8 {
    let byte = key.0.get(depth / 2).copied().unwrap_or(0);
    if depth.is_multiple_of(2) { byte >> 4 } else { byte & 0x0F }
}

/// Length prefix of the binary format (1 to 3 bytes).
fn length(len: usize) -> Vec<u8> {
    let bytes = |value: usize| value.to_be_bytes();
    match len {
        0..=192 => vec![bytes(len)[7]],
        193..=12_480 => {
            let rest = bytes(len - 193);
            vec![rest[6].saturating_add(193), rest[7]]
        }
        _ => {
            let rest = bytes(len.saturating_sub(12_481));
            vec![rest[5].saturating_add(241), rest[6], rest[7]]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_follows_from_every_leaf_and_a_key_twice_ends() {
        let leaf = |key: u8| (Hash256([key; 32]), state_leaf(Hash256([key; 32]), b"entry"));
        let all = [leaf(1), leaf(2), leaf(0x21)];
        assert_ne!(root(&all), root(&all[..2]));
        assert_eq!(root(&[]), Hash256::ZERO);
        let _ = root(&[leaf(7), leaf(7)]);
    }
}
