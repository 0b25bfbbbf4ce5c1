//! vidimus looks at delivered software and everything that vouches for it and says PASS or FAIL with reasons: offline, and
//! the same bytes on every machine.
//!
//! Data flows one way, and the modules are named after the stages:
//!
//! | stage | module | from → to |
//! |---|---|---|
//! | read | [`read`] | a folder or files → inventory and documents |
//! | read | [`container`] | archives → their members, hashed as they stream by |
//! | decode | [`decode`] | untrusted bytes → envelopes, statements, SBOMs |
//! | decode | [`signature`] | detached signatures: files that sign another file, one scheme a file |
//! | authenticate | [`authenticate`] | signature × identity × time × grant → facts |
//! | join | [`join`] | facts × files, by digest |
//! | join | [`graph`] | components, and how they are reached |
//! | check | [`check`] | rules × nodes → met, or not met for these reasons |
//! | conclude | [`conclude`] | the verdict core |
//! | render | [`render`] | text and JSON |
//! | – | [`knowledge`] | what the operator knows beside the policy: denials, status lists, what was accepted before |
//! | – | [`archive`], [`replay`] | a verdict with everything it rests on in one file, and the same bytes from it again |
//! | – | [`diff`] | how two verdicts differ, and why |
//! | – | [`quorum`] | do independent parties come to the same decision? |
//! | – | [`record`] | verdicts that were written, read back |
//! | – | [`profile`] | what a standard asks of an SBOM |
//!
//! Only `read`, the loader in [`policy`] and `render` touch the world. [`judge`] is a pure, total function between them.

pub mod archive;
pub mod authenticate;
pub mod bundle;
pub mod check;
pub mod conclude;
pub mod container;
pub mod country;
pub mod decode;
pub mod diff;
pub mod digest;
pub mod graph;
pub mod join;
pub mod knowledge;
pub mod limits;
pub mod policy;
pub mod profile;
pub mod quorum;
pub mod read;
pub mod reason;
pub mod record;
pub mod render;
pub mod replay;
pub mod signature;
pub mod time;
pub mod value;

pub use conclude::{Judgement, Verdict, judge, judge_knowing};
pub use join::Request;
