//! Authenticate: signature × identity × time × grant → facts.
pub mod certificate;
pub mod keys;
pub mod sigstore;
