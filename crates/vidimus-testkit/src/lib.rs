//! Forges evidence from fixed seeds, for tests: keys, DSSE envelopes, statements, SBOMs, a Sigstore world, whole deliveries.
//!
//! Every forged byte is a function of labels and arguments: no clock, no randomness of the machine, only deterministic
//! signatures. The crate does not depend on `vidimus`, so it is a second opinion on every format that the two share.
//!
//! A vendor with a key delivers a file and an SBOM; somebody on the way changes the file:
//!
//! ```
//! use vidimus_testkit::{Component, Delivery, Key, PolicyFolder, Sbom};
//!
//! let acme = Key::ed25519("acme");
//! let widget = b"the widget";
//! let sbom = Sbom::new(Component::new("widget", "1.2.3").purl("pkg:generic/widget@1.2.3").hash_of(widget))
//!     .component(Component::new("zlib", "1.3.1").purl("pkg:generic/zlib@1.3.1"));
//! let delivery = Delivery::new()
//!     .file("widget", widget)
//!     .evidence("widget.cdx.json", sbom.cyclonedx_bytes())
//!     .signed("pkg:generic/widget@1.2.3", 1, &[&acme]);
//! let tampered = delivery.clone().edit("widget", |bytes| bytes[0] ^= 1);
//! let policy = PolicyFolder::new("# … key = \"keys/acme.pub\" …").key("acme", &acme);
//!
//! let folder = tempfile::tempdir().unwrap();
//! let policy = policy.write(&folder.path().join("policy"));
//! delivery.write(&folder.path().join("good"));
//! tampered.write(&folder.path().join("tampered"));
//! # assert!(policy.is_file());
//! ```
//!
//! A release workflow signs provenance; then every way in which the bundle can be wrong:
//!
//! ```
//! use vidimus_testkit::sigstore::Tamper;
//! use vidimus_testkit::{Delivery, Identity, PolicyFolder, Provenance, World};
//!
//! let world = World::new("public-good");
//! let build = Provenance::github("example/widget", "refs/tags/v1.2.3");
//! let statement = build.v1().subject("widget", b"the widget");
//! let signing = world.keyless(&Identity::github(&build)).v2();
//! let delivery = Delivery::new().file("widget", "the widget");
//! let good = delivery.clone().evidence("widget.sigstore.json", signing.statement(&statement).bytes());
//! for tamper in Tamper::ALL.into_iter().filter(|tamper| signing.can(*tamper)) {
//!     let bundle = signing.clone().tamper(tamper).statement(&statement);
//!     let bad = delivery.clone().evidence("widget.sigstore.json", bundle.bytes());
//!     # assert_ne!(bad.files, good.files);
//! }
//! let policy = PolicyFolder::new(r#"sha256 = "{sha256:trust/world.json}""#).trust("world", &world.trusted_root());
//! # assert!(!policy.policy().contains('{'));
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "test support: a wrong argument is a bug in a test and may end it"
)]

pub mod anchor;
pub mod archive;
pub mod asn1;
pub mod certificate;
pub mod delivery;
pub mod detached;
pub mod dsse;
pub mod encode;
pub mod fixtures;
pub mod in_toto;
pub mod intake;
pub mod key;
pub mod mutate;
pub mod openpgp;
pub mod pki;
pub mod profile;
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
