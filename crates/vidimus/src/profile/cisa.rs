//! CISA and partners, 2026 Minimum Elements for an SBOM, v2.1, 29 July 2026. It lists data fields and creates no requirements: that
//! a missing one fails is our decision. It asks that what is missing is stated to be unknown or withheld.

use super::{Ask, Instead, Obligation, Profile, Rule, Scope};
use crate::decode::Element;

const fn rule(id: &'static str, title: &'static str, scope: Scope, ask: Ask, clause: &'static str) -> Rule {
    Rule { id, title, scope, obligation: Obligation::Baseline, instead: Instead::Withheld, ask, clause }
}

const SIGNED: &str = "the author's signature stands outside the document; `verify` judges it under a policy";

pub(super) static CISA_2026: Profile = Profile {
    id: "cisa-2026",
    edition: "CISA and partners, 2026 Minimum Elements for an SBOM, v2.1, 29 July 2026",
    rules: &[
        rule(
            "CISA26-M01",
            "author of the SBOM, no tool",
            Scope::Document,
            Ask::AnyOf(&[Element::AuthorOrganization, Element::AuthorPerson]),
            "SBOM Author, p. 8",
        ),
        rule(
            "CISA26-M02",
            "signature of the author",
            Scope::Document,
            Ask::NotInDocument(SIGNED),
            "SBOM Author Signature, p. 8",
        ),
        Rule {
            instead: Instead::Nothing,
            ..rule(
                "CISA26-M03",
                "name of the format",
                Scope::Document,
                Ask::Format(&["cyclonedx-", "spdx-"]),
                "SBOM Data Format Name, p. 9",
            )
        },
        Rule {
            instead: Instead::Nothing,
            ..rule(
                "CISA26-M04",
                "version of the format",
                Scope::Document,
                Ask::Format(&["cyclonedx-1.", "spdx-2.", "spdx-3."]),
                "SBOM Data Format Version, p. 9",
            )
        },
        rule(
            "CISA26-M05",
            "context in which it was made",
            Scope::Document,
            Ask::AnyOf(&[Element::GenerationContext]),
            "SBOM Generation Context, p. 9",
        ),
        Rule {
            instead: Instead::Nothing,
            ..rule(
                "CISA26-M06",
                "time of its last change",
                Scope::Document,
                Ask::Time(Element::Timestamp),
                "SBOM Timestamp, p. 9",
            )
        },
        rule("CISA26-M07", "name of the tool", Scope::Document, Ask::AnyOf(&[Element::Tool]), "SBOM Tool Name, p. 9"),
        rule(
            "CISA26-M08",
            "version of the tool",
            Scope::Document,
            Ask::AnyOf(&[Element::ToolVersion]),
            "SBOM Tool Version, p. 10",
        ),
        rule(
            "CISA26-M09",
            "revision of the SBOM",
            Scope::Document,
            Ask::AnyOf(&[Element::Revision, Element::Namespace]),
            "SBOM Version, p. 10",
        ),
        rule(
            "CISA26-C01",
            "producer of the component",
            Scope::Component,
            Ask::AnyOf(&[Element::Producer]),
            "Component Producer, p. 10",
        ),
        rule(
            "CISA26-C02",
            "dependencies of the primary component",
            Scope::Document,
            Ask::PrimaryDependencies,
            "Component Dependency Relationship, p. 11",
        ),
        rule("CISA26-C03", "hash of the component", Scope::Component, Ask::Hash(&[]), "Component Hash Value, p. 11"),
        rule(
            "CISA26-C04",
            "algorithm of the hash, by a name of IANA",
            Scope::Component,
            Ask::Hash(&[
                "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512",
            ]),
            "Component Hash Algorithm, p. 11",
        ),
        rule(
            "CISA26-C05",
            "identifiers of the component",
            Scope::Component,
            Ask::Identifier(&[]),
            "Component Identifiers, p. 12",
        ),
        rule(
            "CISA26-C06",
            "licence of the component",
            Scope::Component,
            Ask::AnyOf(&[Element::License, Element::LicenseDeclared, Element::LicenseConcluded]),
            "Component License, p. 12",
        ),
        Rule {
            instead: Instead::Nothing,
            ..rule(
                "CISA26-C07",
                "name of the component",
                Scope::Component,
                Ask::AnyOf(&[Element::Name]),
                "Component Name, p. 12",
            )
        },
        rule(
            "CISA26-C08",
            "version of the component",
            Scope::Component,
            Ask::AnyOf(&[Element::Version]),
            "Component Version, p. 13",
        ),
        Rule {
            obligation: Obligation::Should,
            ..rule(
                "CISA26-P02",
                "what is unknown is stated, of each component's dependencies",
                Scope::Component,
                Ask::Completeness,
                "Explicitly Identifying Unknown Information, p. 14",
            )
        },
        Rule {
            obligation: Obligation::Should,
            ..rule(
                "CISA26-P04",
                "one SBOM for exactly this build",
                Scope::Document,
                Ask::NotInDocument("`verify` binds an SBOM to the delivered files"),
                "Frequency, p. 14",
            )
        },
        Rule {
            obligation: Obligation::Should,
            ..rule(
                "CISA26-P05",
                "the recipient can get it",
                Scope::Document,
                Ask::NotInDocument("how it was delivered is no part of it"),
                "Distribution and Delivery, p. 13",
            )
        },
    ],
};
