//! OpenChain Telco SBOM Guide.

use crate::decode::{EdgeKind, Element};
use crate::profile::{Ask, Form, Profile, Status};

/// The types of SBOMs that CISA has words for.
const TYPES: &[&str] = &["design", "source", "build", "analyzed", "deployed", "runtime"];

pub(super) static PROFILE: Profile = Profile {
    id: "openchain-telco-1.1",
    edition: "OpenChain Telco SBOM Guide, version 1.1, 20 March 2025",
    status: Status::Current("a document of version 1.0 conforms"),
    readings: &[
        "The guide is CC-BY-4.0; see NOTICE. The rules are worded by us.",
        "The guide admits SPDX 2.2 and 2.3 alone. A file of 2.2.1 or 2.2.2 says `SPDX-2.2` too.",
        "A tool has a name and a version; a hyphen between them is advice, so `scancode-toolkit 32.3.0` does.",
        "The guide names DESCRIBES and CONTAINS. The guide's own validator accepts any relationship; we do not. `CONTAINED_BY` and `PACKAGE_OF` are read as CONTAINS and reported.",
        "Hashes are recommended since 1.1, so a conforming document may bind to nothing: a policy that wants binding asks for digests as well.",
    ],
    rules: rules! {
        "OCT11-01" Must Document Nothing, "SPDX 2.2 or 2.3", Ask::Format(&["spdx-2."]), "3.1";
        "OCT11-02" Must Document Nothing, "tag-value or JSON",
            Ask::Format(&["spdx-2.2+json", "spdx-2.2+tag-value", "spdx-2.3+json", "spdx-2.3+tag-value"]), "3.3, 3.4";
        "OCT11-03" Must Document Nothing, "licence of the document is CC0-1.0", Ask::Matches(&[Element::DataLicense], Form::Exactly("CC0-1.0")), "3.2";
        "OCT11-04" Must Document Nothing, "identity, name and namespace of the document",
            Ask::All(&[
                Ask::Matches(&[Element::DocumentId], Form::Exactly("SPDXRef-DOCUMENT")),
                Ask::Present(&[Element::DocumentName]),
                Ask::Matches(&[Element::Namespace], Form::Uri),
            ]), "3.2";
        "OCT11-05" Must Document Nothing, "organisation that made it", Ask::Present(&[Element::AuthorOrganization]), "3.5";
        "OCT11-06" Must Document Nothing, "tool that made it, with version",
            Ask::Any(&[
                Ask::All(&[Ask::Present(&[Element::Tool]), Ask::Present(&[Element::ToolVersion])]),
                Ask::Matches(&[Element::Tool], Form::NamedVersion),
            ]), "3.5";
        "OCT11-07" Must Document Nothing, "time at which it was made", Ask::Matches(&[Element::Timestamp], Form::Time), "3.2, 3.5";
        "OCT11-08" Must Document Nothing, "type of the SBOM in the creator's comment", Ask::Matches(&[Element::CreatorComment], Form::Word(TYPES)), "3.2, 3.5";
        "OCT11-09" Must Component Nothing, "name of the package", Ask::Present(&[Element::Name]), "3.2";
        "OCT11-10" Must Component Unknown, "version of the package", Ask::Present(&[Element::Version]), "3.2";
        "OCT11-11" Must Component Unknown, "supplier of the package", Ask::Present(&[Element::Supplier]), "3.2";
        "OCT11-12" Must Component Unknown, "where the package can be downloaded", Ask::Stated(&[Element::DownloadLocation]), "3.2";
        "OCT11-13" Must Component Unknown, "concluded licence", Ask::Stated(&[Element::LicenseConcluded]), "3.2";
        "OCT11-14" Must Component Unknown, "declared licence", Ask::Stated(&[Element::LicenseDeclared]), "3.2";
        "OCT11-15" Must Component Unknown, "copyright text", Ask::Stated(&[Element::Copyright]), "3.2";
        "OCT11-16" Must Document Nothing, "relationships DESCRIBES and CONTAINS",
            Ask::All(&[
                Ask::Relationship(EdgeKind::Describes, &[]),
                Ask::Fallback(
                    &Ask::Relationship(EdgeKind::Contains, &["CONTAINS", "contains"]),
                    &Ask::Relationship(EdgeKind::Contains, &[]),
                    "CONTAINS is written the other way round",
                ),
            ]), "3.2";
        "OCT11-17" Recommended Component Unknown, "checksum or verification code", Ask::Any(&[Ask::Hash(&[Element::Hash], &[]), Ask::Present(&[Element::VerificationCode])]), "3.2";
        "OCT11-18" Should Component Unknown, "package URL", Ask::Kind(Element::Identifier, &["purl"]), "3.2";
        "OCT11-19" Must Document Nothing, "delivered no later than the software", Ask::Delivered, "3.6";
        "OCT11-20" Must Document Nothing, "delivered with the software, or on the web for 18 months", Ask::Delivered, "3.7";
        "OCT11-21" Must Document Unknown, "all open-source components, indirect ones too",
            Ask::NotInDocument("what is not listed cannot be seen in the list"), "3.8";
        "OCT11-22" Should Document Unknown, "commercial components", Ask::NotInDocument("what is not listed cannot be seen in the list"), "3.8";
        "OCT11-23" Recommended Document Nothing, "signed", Ask::Signed { by_author: false }, "3.11";
        "OCT11-24" Must Document Nothing, "no secrecy that keeps it from being passed on", Ask::NotInDocument("terms of delivery are no part of it"), "3.13";
    },
};
