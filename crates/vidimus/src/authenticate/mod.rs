//! Authenticate.
pub mod keys;
