//! CISA and partners, 2026 Minimum Elements for an SBOM.

use super::{ANY_FORMAT, AUTHORS, CONTEXTS, LICENSES, PRODUCER};
use crate::decode::Element;
use crate::profile::{Ask, Form, Profile, Status};

pub(super) static PROFILE: Profile = Profile {
    id: "cisa-2026",
    edition: "CISA and partners, 2026 Minimum Elements for an SBOM, v2.1, 29 July 2026",
    status: Status::Current("final, and of its own words no requirement"),
    readings: &[
        "The text has no clause numbers; rules name the element and the page. It uses no \"must\": that a missing element fails is our decision (*baseline*).",
        "What is missing has to be stated, as unknown or as withheld, and the two differ (p. 14). No format has a word for \"withheld\", and CycloneDX has none for \"unknown\": the property `urn:vidimus:withheld` or `urn:vidimus:unknown` with the element's name as value does (in SPDX an annotation, name and value with a blank between).",
        "The producer is one organisation. A person, a publisher, or several producers, is met and reported. A supplier is no producer.",
        "Dependencies that another SBOM lists are asked of that SBOM, if what this one is about refers to it; where it is not at hand, C02 is not evaluable.",
        "Where several licences are stated, each of them needs an SPDX expression or an address.",
        "A signature counts when it verifies under the policy and its party has, letter by letter, the name of an author of the document.",
        "Names of algorithms are those of IANA's registry of hash function textual names, which has no SHA-3.",
        "CycloneDX from 1.5 reads a left out `version` as 1; that is met and reported.",
        "Which versions of formats their maintainers have given up is not part of this data, so P03 is not evaluable.",
    ],
    rules: rules! {
        "CISA26-M01" Baseline Document Withheld, "author of the SBOM, no tool", Ask::Present(AUTHORS), "SBOM Author, p. 8";
        "CISA26-M02" Baseline Document Withheld, "signature of the author", Ask::Signed { by_author: true }, "SBOM Author Signature, p. 8";
        "CISA26-M03" Baseline Document Nothing, "name of the format", Ask::Format(ANY_FORMAT), "SBOM Data Format Name, p. 9";
        "CISA26-M04" Baseline Document Nothing, "version of the format", Ask::Format(&["cyclonedx-1.", "spdx-2.", "spdx-3."]), "SBOM Data Format Version, p. 9";
        "CISA26-M05" Baseline Document Withheld, "context in which it was made",
            Ask::Matches(&[Element::GenerationContext], Form::Word(CONTEXTS)), "SBOM Generation Context, p. 9";
        "CISA26-M06" Baseline Document Nothing, "time of its last change", Ask::Matches(&[Element::Timestamp], Form::Time), "SBOM Timestamp, p. 9";
        "CISA26-M07" Baseline Document Withheld, "name of the tool", Ask::Present(&[Element::Tool]), "SBOM Tool Name, p. 9";
        "CISA26-M08" Baseline Document Withheld, "version of the tool",
            Ask::Any(&[Ask::Present(&[Element::ToolVersion]), Ask::Matches(&[Element::Tool], Form::NamedVersion)]), "SBOM Tool Version, p. 10";
        "CISA26-M09" Baseline Document Withheld, "revision of the SBOM",
            Ask::Fallback(
                &Ask::Present(&[Element::Revision]),
                &Ask::Format(&["cyclonedx-1.5+json", "cyclonedx-1.5+xml", "cyclonedx-1.6+json", "cyclonedx-1.6+xml", "cyclonedx-1.7+json", "cyclonedx-1.7+xml"]),
                "left out, which the format reads as 1",
            ), "SBOM Version, p. 10";
        "CISA26-C01" Baseline Component Withheld, "producer of the component",
            Ask::Fallback(&Ask::One(Element::Producer, &["Organization", ""]), &PRODUCER, "a person, a publisher, or more than one producer"),
            "Component Producer, p. 10";
        "CISA26-C02" Baseline Document Withheld, "dependencies of the primary component, here or in another SBOM",
            Ask::Any(&[Ask::All(&[Ask::RootDependencies, Ask::Resolves]), Ask::RootElsewhere]),
            "Component Dependency Relationship, p. 11";
        "CISA26-C03" Baseline Component Withheld, "hash of the component", Ask::Hash(&[Element::Hash, Element::DeployHash], &[]), "Component Hash Value, p. 11";
        "CISA26-C04" Baseline Component Withheld, "algorithm of the hash, by a name of IANA",
            Ask::Hash(&[Element::Hash, Element::DeployHash], &["md2", "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "shake128", "shake256"]),
            "Component Hash Algorithm, p. 11";
        "CISA26-C05" Baseline Component Withheld, "identifiers of the component", Ask::Present(&[Element::Identifier]), "Component Identifiers, p. 12";
        "CISA26-C06" Baseline Component Withheld, "licence of the component",
            Ask::Licenses(LICENSES, Form::License, true), "Component License, p. 12";
        "CISA26-C07" Baseline Component Nothing, "name of the component", Ask::Present(&[Element::Name]), "Component Name, p. 12";
        "CISA26-C08" Baseline Component Withheld, "version of the component", Ask::Present(&[Element::Version]), "Component Version, p. 13";
        "CISA26-P01" Should Component Withheld, "coverage: all components, indirect ones too", Ask::Complete, "Coverage, p. 13";
        "CISA26-P02" Should Component Withheld, "what is unknown is stated",
            Ask::All(&[
                PRODUCER, Ask::Hash(&[Element::Hash, Element::DeployHash], &[]), Ask::Present(&[Element::Identifier]),
                Ask::Present(LICENSES), Ask::Present(&[Element::Version]), Ask::Completeness,
            ]), "Explicitly Identifying Unknown Information, p. 14";
        "CISA26-P03" Should Document Nothing, "a version of the format that is maintained",
            Ask::NotInDocument("which versions are given up is no part of this data"), "Machine-Processable Data, p. 14";
        "CISA26-P04" Should Document Nothing, "one SBOM for exactly this build", Ask::Delivered, "Frequency, p. 14";
        "CISA26-P05" Should Document Nothing, "the recipient can get it", Ask::Delivered, "Distribution and Delivery, p. 13";
        "CISA26-P06" Should Document Nothing, "the latest revision is used",
            Ask::NotInDocument("whether there is a later one, none can say of itself"), "Accommodation of Updates, p. 13";
    },
};
