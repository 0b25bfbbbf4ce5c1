//! The vendor's side of vidimus: keys, statements, envelopes, timestamps, packing. Everything is done offline (the feature `http` aside), and the same
//! inputs give the same bytes: signatures are deterministic (RFC 6979, Ed25519), and no clock is read.
//!
//! | step | module | from → to |
//! |---|---|---|
//! | keys | [`key`] | random bytes → PKCS#8, encrypted; a file → a [`Signer`] |
//! | what it is about | [`subject`] | files, folders, OCI layouts → names and digests |
//! | what is said | [`predicate`] | TOML, JSON, flags, the variables of a CI system → a predicate, checked |
//! | statement | [`statement`] | subjects and predicate → canonical bytes that our own reader accepts |
//! | envelope | [`envelope`] | statement or file → DSSE, Sigstore bundle v0.3, detached signature |
//! | links and layouts | [`in_toto`] | a document of in-toto 1.0, checked → DSSE |
//! | time | [`timestamp`] | signature → request (RFC 3161); response, checked → bundle |
//! | delivery | [`pack`] | files and evidence → folder, tar or OCI image layout |
//! | negative knowledge | [`status`] | entries → numbered, chained status lists |
//! | policies | [`policy`] | a policy folder → `bundle.json` and signatures of roles |
//! | before shipping | [`preflight`] | a verdict → what is left to do, with commands |
//!
//! The verifier (`vidimus`) has no private-key code and does not depend on this crate.

pub mod envelope;
mod error;
pub mod in_toto;
pub mod key;
mod output;
pub mod pack;
pub mod policy;
pub mod predicate;
pub mod preflight;
mod signer;
pub mod statement;
pub mod status;
pub mod subject;
pub mod timestamp;

pub use error::Error;
pub use output::{Mode, NewFolder, write_new};
pub use signer::{Signer, message, signed};
