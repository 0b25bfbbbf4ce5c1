//! The integration tests: the real binary on real files. One binary, so that it links once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub
)]

mod anchor;
mod anchor_page;
mod archive;
mod archive_parts;
mod archive_resealed;
mod as_delivery;
mod auditor_guide;
mod cli;
mod cms_bytes;
mod determinism;
mod differential;
mod differential_cms;
mod differential_containers;
mod differential_layouts;
mod differential_minisign;
mod differential_pgp;
mod differential_python;
mod differential_raw;
mod differential_ssh;
mod differential_ts;
mod differential_x509;
mod fixtures;
mod hostile;
mod interop_links;
mod large;
mod laws;
mod laws_chain;
mod laws_denials;
mod laws_model;
mod layouts;
mod memo;
mod openpgp_bytes;
mod openpgp_policy;
mod oracle;
mod policy_chain;
mod policy_quorum;
mod profiles;
mod quorum;
mod readme;
mod real;
mod renderings;
mod renderings_browser;
mod renderings_oracles;
mod sbom_check;
mod sign_interop;
mod state;
mod status_folder;
mod support;
mod transcripts;
#[cfg(feature = "tsa-http")]
mod tsa_url;
mod vendor;
mod vendor_guide;
mod vendor_lists;
mod vendor_properties;
mod verify_bundle;
mod x509_paths;
