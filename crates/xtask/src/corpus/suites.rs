//! Which suites and which kinds of cases this stage decides. Data, so that nothing is left out in silence.

/// How the cases of one kind are decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Judged: a delivery of the artifact and the object, under a policy made from the case.
    Judge,
    /// A policy that pins the trusted root is loaded.
    TrustRoot,
    /// A policy that names the key is loaded.
    PublicKey,
    /// A delivery of an unsigned statement: read, and believed by nobody.
    Statement,
    /// A layout of in-toto with its links, about the final product.
    Layout,
    /// A link of in-toto, by a functionary's key.
    Link,
    /// A product of a policy or request.
    Purl,
    /// An OpenVEX document: read, or refused.
    OpenVex,
    /// A CSAF document of the VEX profile: read, or refused.
    Csaf,
    /// A signature by a key, as policies name keys.
    Wycheproof,
    /// A proof in a Merkle tree.
    Proof,
    /// A checkpoint of a log.
    Checkpoint,
    /// A timestamp token.
    Token,
    /// A certificate or revocation list.
    Certificate,
    /// An SBOM document: read, or refused.
    Sbom,
    /// An SBOM document with or without what a standard asks for: as far as reading tells.
    SbomMinimum,
    /// Not decided by this stage, because.
    NotRun(&'static str),
}

const GIT: &str = "a commit is an object of git, not a file that is delivered";
const ANSWER: &str =
    "answers of a log's API are no evidence that anybody delivers; its entries are judged inside bundles";
const NOTARY: &str =
    "Notary envelopes are JWS and COSE over descriptors of a registry, not signatures over delivered files";

/// Every kind of case that decided suites hold.
const KINDS: &[(&str, How)] = &[
    ("sigstore-bundle", How::Judge),
    ("pep740-attestation", How::Judge),
    ("pep740-provenance", How::Judge),
    ("npm-attestations", How::Judge),
    ("slsa-provenance", How::Judge),
    ("slsa-provenance-gcb", How::Judge),
    ("slsa-vsa", How::Judge),
    ("dsse", How::Judge),
    ("trust-root", How::TrustRoot),
    ("public-key", How::PublicKey),
    ("in-toto-statement", How::Statement),
    ("slsa-statement", How::Statement),
    ("purl", How::Purl),
    ("wycheproof", How::Wycheproof),
    ("x509", How::Certificate),
    ("merkle", How::Proof),
    ("checkpoint", How::Checkpoint),
    ("rekor-entry", How::NotRun(ANSWER)),
    ("rfc3161", How::Token),
    ("detached-signature", How::Judge),
    ("minisign", How::Judge),
    ("pgp", How::Judge),
    ("model-signature", How::Judge),
    ("cose", How::NotRun("COSE is not read")),
    ("notation", How::NotRun(NOTARY)),
    ("git-signature", How::NotRun(GIT)),
    ("git-attestation", How::NotRun(GIT)),
    ("in-toto-layout", How::Layout),
    ("in-toto-link", How::Link),
    ("in-toto-fragment", How::NotRun("a part of a statement is not a document")),
    ("witness-policy", How::NotRun("another tool's policy")),
    ("vuln-report", How::NotRun("vulnerability reports are not judged by this stage")),
    ("tuf", How::NotRun("TUF repositories are not judged by this stage")),
    ("cyclonedx", How::Sbom),
    ("cyclonedx-vex", How::Sbom),
    ("json", How::Sbom),
    ("spdx", How::Sbom),
    ("sbom-robustness", How::Sbom),
    ("sbom-minimum", How::SbomMinimum),
    ("vex", How::OpenVex),
    ("csaf", How::Csaf),
];

/// Suites that are decided.
pub(crate) const DECIDED: &[&str] = &[
    "trust-roots",
    "sigstore-conformance",
    "sigstore-python",
    "sigstore-go",
    "sigstore-js",
    "sigstore-java",
    "sigstore-rust",
    "pypi-attestations",
    "slsa-verifier",
    "dsse",
    "gitsign",
    "merkle",
    "notary",
    "in-toto-attestation-spec",
    "in-toto-golang",
    "in-toto-python",
    "in-toto-rs",
    "rekor-formats",
    "witness",
    "cosign",
    "ampel",
    "conforma",
    "model-signing",
    "purl",
    "openvex",
    "wycheproof",
    "cyclonedx-spec",
    "cyclonedx-bom-examples",
    "sbom-utility",
    "spdx-examples",
    "spdx-tools-python",
    "bom-shelter",
    "guac",
    "guac-data",
    "ntia-conformance",
];

const SBOM: &str = "SBOM documents are not judged on their own by this stage";

/// Suites that are not, and why.
pub(crate) const LATER: &[(&str, &str)] = &[
    ("go-witness", SBOM),
    ("jcs", "canonical JSON is an inner part; its crate is tested on its own"),
    ("slsa-github-generator", "its one case is a part of a statement"),
    ("tuf", "TUF repositories are not judged by this stage"),
];

/// How a kind is decided; `None` for one that the table does not know.
pub(crate) fn how(kind: &str) -> Option<How> {
    KINDS.iter().find(|(known, _)| *known == kind).map(|(_, how)| *how)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn no_suite_and_no_kind_stands_twice() {
        let mut names: Vec<&str> = DECIDED.iter().copied().chain(LATER.iter().map(|(name, _)| *name)).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        let mut kinds: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
        kinds.sort_unstable();
        assert!(kinds.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
