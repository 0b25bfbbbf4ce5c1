//! NTIA, The Minimum Elements For a Software Bill of Materials, 12 July 2021. Replaced by the edition of 2026; kept for verdicts
//! that cite it. It lists minimum elements and uses no "must": that a missing one fails is our decision.

use super::{Ask, Instead, Obligation, Profile, Rule, Scope};
use crate::decode::Element;

const fn rule(
    id: &'static str,
    title: &'static str,
    scope: Scope,
    obligation: Obligation,
    ask: Ask,
    clause: &'static str,
) -> Rule {
    Rule { id, title, scope, obligation, instead: Instead::Unknown, ask, clause }
}

pub(super) static NTIA_2021: Profile = Profile {
    id: "ntia-2021",
    edition: "NTIA, The Minimum Elements For an SBOM, 12 July 2021",
    rules: &[
        rule(
            "NTIA-01",
            "supplier",
            Scope::Component,
            Obligation::Baseline,
            Ask::AnyOf(&[Element::Supplier, Element::Producer]),
            "IV, Data Fields, p. 9",
        ),
        rule(
            "NTIA-02",
            "name of the component",
            Scope::Component,
            Obligation::Baseline,
            Ask::AnyOf(&[Element::Name]),
            "IV, Data Fields, p. 9",
        ),
        rule(
            "NTIA-03",
            "version of the component",
            Scope::Component,
            Obligation::Baseline,
            Ask::AnyOf(&[Element::Version]),
            "IV, Data Fields, p. 9",
        ),
        rule(
            "NTIA-04",
            "other unique identifiers",
            Scope::Component,
            Obligation::IfExists,
            Ask::Identifier(&["cpe22", "cpe23", "purl", "swid"]),
            "IV, Data Fields, p. 10",
        ),
        rule(
            "NTIA-05",
            "dependencies of the primary component",
            Scope::Document,
            Obligation::Baseline,
            Ask::PrimaryDependencies,
            "IV, Data Fields, p. 9",
        ),
        rule(
            "NTIA-06",
            "author of the SBOM",
            Scope::Document,
            Obligation::Baseline,
            Ask::AnyOf(&[Element::AuthorOrganization, Element::AuthorPerson, Element::Tool]),
            "IV, Data Fields, p. 9",
        ),
        Rule {
            instead: Instead::Nothing,
            ..rule(
                "NTIA-07",
                "time at which it was made",
                Scope::Document,
                Obligation::Baseline,
                Ask::Time(Element::Timestamp),
                "IV, Data Fields, p. 9",
            )
        },
        Rule {
            instead: Instead::Nothing,
            ..rule(
                "NTIA-08",
                "format that machines read",
                Scope::Document,
                Obligation::Baseline,
                Ask::Format(&["cyclonedx-", "spdx-"]),
                "IV, Automation Support, p. 11",
            )
        },
        rule(
            "NTIA-10",
            "known unknowns: how complete the dependencies are",
            Scope::Component,
            Obligation::Baseline,
            Ask::Completeness,
            "IV, Known Unknowns, p. 12",
        ),
        rule("NTIA-R1", "hash of the component", Scope::Component, Obligation::Recommended, Ask::Hash(&[]), "V"),
        rule(
            "NTIA-R2",
            "phase of the lifecycle",
            Scope::Document,
            Obligation::Recommended,
            Ask::AnyOf(&[Element::GenerationContext]),
            "V",
        ),
        rule(
            "NTIA-R4",
            "licence",
            Scope::Component,
            Obligation::Recommended,
            Ask::AnyOf(&[Element::License, Element::LicenseDeclared, Element::LicenseConcluded]),
            "V",
        ),
    ],
};
