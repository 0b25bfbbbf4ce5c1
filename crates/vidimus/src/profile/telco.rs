//! OpenChain Telco SBOM Guide, version 1.1, approved on 20 March 2025 (CC-BY-4.0; worded by us). A document of version 1.0 conforms.

use super::{Ask, Instead, Obligation, Profile, Rule, Scope};
use crate::decode::{EdgeKind, Element};

const fn rule(
    id: &'static str,
    title: &'static str,
    scope: Scope,
    instead: Instead,
    ask: Ask,
    clause: &'static str,
) -> Rule {
    Rule { id, title, scope, obligation: Obligation::Must, instead, ask, clause }
}

const DELIVERED: &str = "how and when it was delivered is no part of it";

/// The types of SBOMs that CISA has words for.
const TYPES: &[&str] = &["design", "source", "build", "analyzed", "deployed", "runtime"];

pub(super) static OPENCHAIN_TELCO_1_1: Profile = Profile {
    id: "openchain-telco-1.1",
    edition: "OpenChain Telco SBOM Guide, version 1.1, 20 March 2025",
    rules: &[
        rule(
            "OCT11-01",
            "SPDX 2.2 or 2.3",
            Scope::Document,
            Instead::Nothing,
            Ask::Format(&["spdx-2.2", "spdx-2.3"]),
            "3.1",
        ),
        rule(
            "OCT11-02",
            "tag-value or JSON",
            Scope::Document,
            Instead::Nothing,
            Ask::Format(&["spdx-2.2+json", "spdx-2.2+tag-value", "spdx-2.3+json", "spdx-2.3+tag-value"]),
            "3.3, 3.4",
        ),
        rule(
            "OCT11-03",
            "licence of the document is CC0-1.0",
            Scope::Document,
            Instead::Nothing,
            Ask::Equals(Element::DataLicense, "CC0-1.0"),
            "3.2",
        ),
        rule(
            "OCT11-04",
            "identity, name and namespace of the document",
            Scope::Document,
            Instead::Nothing,
            Ask::AllOf(&[Element::DocumentId, Element::DocumentName, Element::Namespace]),
            "3.2",
        ),
        rule(
            "OCT11-05",
            "organisation that made it",
            Scope::Document,
            Instead::Nothing,
            Ask::AnyOf(&[Element::AuthorOrganization]),
            "3.5",
        ),
        rule(
            "OCT11-06",
            "tool that made it, with version",
            Scope::Document,
            Instead::Nothing,
            Ask::AllOf(&[Element::Tool, Element::ToolVersion]),
            "3.5",
        ),
        rule(
            "OCT11-07",
            "time at which it was made",
            Scope::Document,
            Instead::Nothing,
            Ask::Time(Element::Timestamp),
            "3.2, 3.5",
        ),
        rule(
            "OCT11-08",
            "type of the SBOM in the creator's comment",
            Scope::Document,
            Instead::Nothing,
            Ask::Word(Element::CreatorComment, TYPES),
            "3.2, 3.5",
        ),
        rule(
            "OCT11-09",
            "name of the package",
            Scope::Component,
            Instead::Nothing,
            Ask::AnyOf(&[Element::Name]),
            "3.2",
        ),
        rule(
            "OCT11-10",
            "version of the package",
            Scope::Component,
            Instead::Unknown,
            Ask::AnyOf(&[Element::Version]),
            "3.2",
        ),
        rule(
            "OCT11-11",
            "supplier of the package",
            Scope::Component,
            Instead::Unknown,
            Ask::AnyOf(&[Element::Supplier]),
            "3.2",
        ),
        rule(
            "OCT11-12",
            "where the package can be downloaded",
            Scope::Component,
            Instead::Unknown,
            Ask::AnyOf(&[Element::DownloadLocation]),
            "3.2",
        ),
        rule(
            "OCT11-13",
            "concluded licence",
            Scope::Component,
            Instead::Unknown,
            Ask::AnyOf(&[Element::LicenseConcluded]),
            "3.2",
        ),
        rule(
            "OCT11-14",
            "declared licence",
            Scope::Component,
            Instead::Unknown,
            Ask::AnyOf(&[Element::LicenseDeclared]),
            "3.2",
        ),
        rule(
            "OCT11-15",
            "copyright text",
            Scope::Component,
            Instead::Unknown,
            Ask::AnyOf(&[Element::Copyright]),
            "3.2",
        ),
        rule(
            "OCT11-16",
            "relationships DESCRIBES and CONTAINS",
            Scope::Document,
            Instead::Nothing,
            Ask::Relationships(&[EdgeKind::Describes, EdgeKind::Contains]),
            "3.2",
        ),
        Rule {
            obligation: Obligation::Recommended,
            ..rule(
                "OCT11-17",
                "checksum or verification code",
                Scope::Component,
                Instead::Unknown,
                Ask::AnyOf(&[Element::Hash, Element::VerificationCode]),
                "3.2",
            )
        },
        Rule {
            obligation: Obligation::Should,
            ..rule("OCT11-18", "package URL", Scope::Component, Instead::Unknown, Ask::Identifier(&["purl"]), "3.2")
        },
        rule(
            "OCT11-19",
            "delivered no later than the software",
            Scope::Document,
            Instead::Nothing,
            Ask::NotInDocument(DELIVERED),
            "3.6",
        ),
        rule(
            "OCT11-20",
            "delivered with the software, or on the web for 18 months",
            Scope::Document,
            Instead::Nothing,
            Ask::NotInDocument(DELIVERED),
            "3.7",
        ),
        rule(
            "OCT11-21",
            "all open-source components, indirect ones too",
            Scope::Document,
            Instead::Unknown,
            Ask::NotInDocument("what is not listed cannot be seen in the list"),
            "3.8",
        ),
        Rule {
            obligation: Obligation::Recommended,
            ..rule(
                "OCT11-23",
                "signed",
                Scope::Document,
                Instead::Nothing,
                Ask::NotInDocument("the signature stands outside the document; `verify` judges it under a policy"),
                "3.11",
            )
        },
        rule(
            "OCT11-24",
            "no secrecy that keeps it from being passed on",
            Scope::Document,
            Instead::Nothing,
            Ask::NotInDocument("terms of delivery are no part of it"),
            "3.13",
        ),
    ],
};
