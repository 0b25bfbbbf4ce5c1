//! What a policy can demand beside the standards, by the names of its keys. The clause is the policy's own.

use super::{CONTEXTS, LICENSES};
use crate::decode::Element;
use crate::profile::{Ask, Form, Rule};

const DIGESTS_OF: &[Element] = &[Element::Hash, Element::DeployHash];

/// `component_fields`: each asks for a value of every component, and is called `OWN-` and the name.
pub(in crate::profile) static FIELDS: &[Rule] = rules! {
    "OWN-dependencies" Must Component Nothing, "dependencies of the component", Ask::Dependencies, "the policy";
    "OWN-digest" Must Component Nothing, "digest of the component", Ask::Hash(DIGESTS_OF, &["sha256", "sha384", "sha512"]), "the policy";
    "OWN-download-location" Must Component Nothing, "where the component can be downloaded", Ask::Present(&[Element::DownloadLocation]), "the policy";
    "OWN-license" Must Component Nothing, "licence of the component", Ask::Licenses(LICENSES, Form::License, false), "the policy";
    "OWN-name" Must Component Nothing, "name of the component", Ask::Present(&[Element::Name]), "the policy";
    "OWN-producer" Must Component Nothing, "producer of the component", Ask::Present(&[Element::Producer]), "the policy";
    "OWN-supplier" Must Component Nothing, "supplier of the component", Ask::Present(&[Element::Supplier]), "the policy";
    "OWN-unique-id" Must Component Nothing, "unique identifier of the component", Ask::Present(&[Element::Identifier]), "the policy";
    "OWN-version" Must Component Nothing, "version of the component", Ask::Present(&[Element::Version]), "the policy";
};

/// `digest_any_of`: the algorithm, last in the id, by which a component has a digest.
pub(in crate::profile) static DIGESTS: &[Rule] = rules! {
    "OWN-digest.sha256" Must Component Nothing, "SHA-256 of the component", Ask::Hash(DIGESTS_OF, &["sha256"]), "the policy";
    "OWN-digest.sha384" Must Component Nothing, "SHA-384 of the component", Ask::Hash(DIGESTS_OF, &["sha384"]), "the policy";
    "OWN-digest.sha512" Must Component Nothing, "SHA-512 of the component", Ask::Hash(DIGESTS_OF, &["sha512"]), "the policy";
};

/// `bind_root_by_digest`: a digest that is then held against the file.
pub(in crate::profile) static ROOT: &[Rule] = rules! {
    "OWN-root-digest" Must Primary Nothing, "digest of what the document is about", Ask::Hash(DIGESTS_OF, &["sha256", "sha384", "sha512"]), "the policy";
};

/// `sbom_types`, the first for all of them: the word, last in the id, that tells how the document was made.
pub(in crate::profile) static TYPES: &[Rule] = rules! {
    "OWN-sbom-type" Must Document Nothing, "type of the SBOM", Ask::Matches(&[Element::GenerationContext], Form::Word(CONTEXTS)), "the policy";
    "OWN-sbom-type.analyzed" Must Document Nothing, "made by analysis", Ask::Matches(&[Element::GenerationContext], Form::Word(&["analyzed"])), "the policy";
    "OWN-sbom-type.build" Must Document Nothing, "made at the build", Ask::Matches(&[Element::GenerationContext], Form::Word(&["build"])), "the policy";
    "OWN-sbom-type.deployed" Must Document Nothing, "made of what is deployed", Ask::Matches(&[Element::GenerationContext], Form::Word(&["deployed"])), "the policy";
    "OWN-sbom-type.design" Must Document Nothing, "made at the design", Ask::Matches(&[Element::GenerationContext], Form::Word(&["design"])), "the policy";
    "OWN-sbom-type.runtime" Must Document Nothing, "made of what runs", Ask::Matches(&[Element::GenerationContext], Form::Word(&["runtime"])), "the policy";
    "OWN-sbom-type.source" Must Document Nothing, "made of the source", Ask::Matches(&[Element::GenerationContext], Form::Word(&["source"])), "the policy";
};
