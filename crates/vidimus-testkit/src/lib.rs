//! Forges evidence from fixed seeds, for tests: keys, DSSE envelopes, statements, SBOMs, a Sigstore world, whole deliveries.
//!
//! Every forged byte is a function of labels and arguments: no clock, no randomness of the machine, only deterministic
//! signatures. The crate does not depend on `vidimus`, so it is a second opinion on every format that the two share.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "test support: a wrong argument is a bug in a test and may end it"
)]

pub mod asn1;
pub mod certificate;
pub mod delivery;
pub mod dsse;
pub mod encode;
pub mod fixtures;
pub mod key;
pub mod mutate;
pub mod rng;
pub mod sbom;
pub mod sigstore;
pub mod statement;
pub mod wrap;

pub use delivery::{Delivery, PolicyFolder};
pub use key::Key;
pub use rng::Seed;
pub use sbom::{Component, Sbom};
pub use sigstore::{Bundle, Identity, World};
pub use statement::{Provenance, Statement};
