//! What stands for `packets.rs` in a build without the cargo feature `openpgp`: everything is unsupported, and says so.

use super::armour::Block;
use super::{Flaw, Packet, Read};

pub(super) fn signatures(_: Block<'_>) -> Result<Vec<Read>, Flaw> {
    Err(none())
}

pub(super) fn certificate(_: Block<'_>) -> Result<Vec<Packet>, Flaw> {
    Err(none())
}

fn none() -> Flaw {
    Flaw::Unsupported("OpenPGP-in-this-build".to_owned())
}
