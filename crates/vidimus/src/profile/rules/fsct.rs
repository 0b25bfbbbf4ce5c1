//! CISA, Framing Software Component Transparency, third edition.

use super::{AUTHORS, CONTEXTS, LICENSES, SUPPLIER};
use crate::decode::Element;
use crate::profile::{Ask, Form, Profile, Status};

pub(super) static PROFILE: Profile = Profile {
    id: "fsct-3",
    edition: "CISA, Framing Software Component Transparency, third edition, 15 October 2024",
    status: Status::Provisional("its clauses were read second-hand"),
    readings: &[
        "Of its three tiers, the minimum is *baseline*, the others are *recommended*. That a missing element of the minimum fails is our decision.",
        "The minimum asks for the licence and copyright of the primary component alone.",
        "The author is whoever operates the tool; a tool alone is none.",
    ],
    rules: rules! {
        "FSCT-01" Baseline Document Unknown, "author of the SBOM, no tool", Ask::Present(AUTHORS), "2.2.1.1";
        "FSCT-02" Baseline Document Nothing, "time at which it was made", Ask::Matches(&[Element::Timestamp], Form::Time), "2.2.1.2";
        "FSCT-03" May Document Unknown, "type of the SBOM", Ask::Matches(&[Element::GenerationContext], Form::Word(CONTEXTS)), "2.2.1.3";
        "FSCT-04" Baseline Document Nothing, "primary component", Ask::Root, "2.2.1.4";
        "FSCT-05" Baseline Component Nothing, "name of the component", Ask::Present(&[Element::Name]), "2.2.2.1";
        "FSCT-06" Baseline Component Unknown, "version of the component",
            Ask::Fallback(&Ask::Present(&[Element::Version]), &Ask::Hash(&[Element::Hash], &[]), "a hash stands for the version"), "2.2.2.2";
        "FSCT-07" Baseline Component Unknown, "supplier",
            SUPPLIER, "2.2.2.3";
        "FSCT-08" Baseline Component Unknown, "unique identifier", Ask::Present(&[Element::Identifier]), "2.2.2.4";
        "FSCT-09" Baseline Component Unknown, "hash of the component", Ask::Hash(&[Element::Hash, Element::DeployHash], &[]), "2.2.2.5";
        "FSCT-10" Baseline Document Unknown, "primary component and what it depends on directly", Ask::RootDependencies, "2.2.2.6";
        "FSCT-11" Recommended Component Unknown, "how complete the dependencies are", Ask::Completeness, "2.2.2.6.4";
        "FSCT-12" Baseline Primary Unknown, "licence of the primary component", Ask::Present(LICENSES), "2.2.2.7";
        "FSCT-13" Baseline Primary Unknown, "copyright of the primary component", Ask::Stated(&[Element::Copyright]), "2.2.2.8";
        "FSCT-14" Should Component Unknown, "no dependencies and unknown ones are told apart", Ask::Dependencies, "2.3.1";
        "FSCT-15" Should Document Unknown, "what is left out is marked", Ask::NotInDocument("what is left out without a mark cannot be seen"), "2.3.2";
        "FSCT-16" Recommended Document Unknown, "signed", Ask::Signed { by_author: false }, "2.4";
    },
};
