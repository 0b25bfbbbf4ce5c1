//! BSI TR-03183-2, version 2.1.0.

use crate::decode::Element;
use crate::profile::{Ask, Form, Profile, Status};

/// An e-mail address; an address on the web where there is none.
pub(super) const AUTHOR: Ask = Ask::Fallback(
    &Ask::Matches(&[Element::AuthorContact], Form::Mail),
    &Ask::Matches(&[Element::AuthorContact], Form::WebAddress),
    WEB,
);
pub(super) const CREATOR: Ask = Ask::Fallback(
    &Ask::Matches(&[Element::ProducerContact], Form::Mail),
    &Ask::Matches(&[Element::ProducerContact], Form::WebAddress),
    WEB,
);
pub(super) const WEB: &str = "an address on the web; an e-mail address goes first if there is one";

pub(super) const EXECUTABLE: Ask = Ask::Once(Element::Executable, &["executable", "non-executable"]);
pub(super) const ARCHIVE: Ask = Ask::Once(Element::Archive, &["archive", "no archive"]);
pub(super) const STRUCTURED: Ask =
    Ask::Once(Element::Structured, &["structured", "unstructured", "container", "firmware"]);
pub(super) const DEPLOYED: Ask = Ask::Hash(&[Element::DeployHash, Element::Hash], &["sha512"]);

pub(super) static PROFILE: Profile = Profile {
    id: "bsi-tr-03183-2-v2.1",
    edition: "BSI TR-03183-2, version 2.1.0, 20 August 2025",
    status: Status::Current("for SBOMs made since 20 February 2026 (section 7)"),
    readings: &[
        "A component is *identified* if CycloneDX 1.7 marks it with `isExternal`. Every other is taken as *full*, and what the document is about always is: before 1.7 no format can mark one that is only identified.",
        "A component is *referenced* if it has an external reference to another BOM. What this document lacks of it is asked of that BOM, which prevails (3.2.5), if an SBOM that counts is behind the reference: by BOM-Link or namespace, with the digest that the reference states, and about a component of that name and version. Otherwise it is not evaluable. What the document is about is never referenced, and the document itself is no other BOM.",
        "A component that consists of others and says nothing of a file may be a logical one (3.2.1). No format can say so, so what is asked of files is not evaluable then.",
        "SPDX 3 describes a file apart from its package: what `hasDistributionArtifact` leads to counts as said about the package. It lists only what a file is, so once it says whether a file is structured, the other two properties are stated as well.",
        "Table 12 and the official taxonomy spell the effective licence differently; `effectiveLicence` and `effectiveLicense` both count.",
        "Table 9 has the SHA-512 on the `distribution` reference. One on the component itself counts as well; `verify` compares it with the file.",
        "Table 11 has a property `binaryArtifact`, which SPDX 3 does not have; an `externalRef` of that type and `software_downloadLocation` count.",
        "CycloneDX 1.6 cannot hold two licence expressions (its schema allows one), so concluded and declared licences together are two single licences there, or need 1.7.",
        "The text is unclear about the date that stands in for a version; any RFC 3339 time is a version to us.",
        "Where several licences of a kind are stated, each of them is asked.",
        "Vulnerabilities inside of the document fail it; references to other documents about them do not.",
    ],
    rules: rules! {
        "BSI21-01" Must Document Nothing, "format, version and encoding",
            Ask::Format(&["cyclonedx-1.6+json", "cyclonedx-1.6+xml", "cyclonedx-1.7+json", "cyclonedx-1.7+xml", "spdx-3.0.1+json"]), "4";
        "BSI21-02" Must Document Nothing, "no vulnerabilities inside", Ask::No(&[Element::Vulnerability], ""), "3.1, 8.1.14";
        "BSI21-03" Must Document Nothing, "creator of the SBOM", AUTHOR, "5.2.1, table 8";
        "BSI21-04" Must Document Nothing, "time at which it was made", Ask::Matches(&[Element::Timestamp], Form::Time), "5.2.1";
        "BSI21-05" Must Component Nothing, "creator of the component", CREATOR, "5.2.2, table 9";
        "BSI21-06" Must Component Nothing, "name of the component", Ask::Present(&[Element::Name]), "5.2.2";
        "BSI21-07" Must Component Nothing, "version of the component", Ask::Present(&[Element::Version]), "5.2.2";
        "BSI21-08" Must FullFile Nothing, "file name", Ask::Matches(&[Element::FileName], Form::FileName), "5.2.2";
        "BSI21-09" Must Full Nothing, "dependencies of the component", Ask::Dependencies, "5.2.2, table 9";
        "BSI21-10" Must Full Unknown, "how complete the dependencies are", Ask::Completeness, "5.2.2";
        "BSI21-11" Must Full Nothing, "distribution licences", Ask::Licenses(&[Element::LicenseConcluded], Form::AttributedLicense, false), "5.2.2, 6.1";
        "BSI21-12" Must FullFile Nothing, "SHA-512 of what is deployed", DEPLOYED, "5.2.2";
        "BSI21-13" Must FullFile Nothing, "whether it can be executed", EXECUTABLE, "5.2.2, 8.1.4";
        "BSI21-14" Must FullFile Nothing, "whether it is an archive", ARCHIVE, "5.2.2, 8.1.5";
        "BSI21-15" Must FullFile Nothing, "whether it is structured", STRUCTURED, "5.2.2, 8.1.6";
        "BSI21-16" IfExists Document Nothing, "URI of the SBOM", Ask::Matches(&[Element::DocumentId], Form::Uri), "5.2.3";
        "BSI21-17" IfExists Full Nothing, "URI of the source", Ask::Kind(Element::SourceUri, &["source-distribution", "sourceArtifact"]), "5.2.4";
        "BSI21-18" IfExists Full Nothing, "URI of what is deployed", Ask::Matches(&[Element::DeployUri], Form::Uri), "5.2.4";
        "BSI21-19" IfExists Described Nothing, "other unique identifiers", Ask::Kind(Element::Identifier, &["cpe22", "cpe23", "purl", "swid"]), "5.2.4";
        "BSI21-20" IfExists Full Nothing, "original licences", Ask::Licenses(&[Element::LicenseDeclared], Form::AttributedLicense, false), "5.2.4";
        "BSI21-21" May Full Nothing, "effective licence", Ask::Licenses(&[Element::LicenseEffective], Form::AttributedLicense, false), "5.2.5";
        "BSI21-22" May Full Nothing, "hash of the source", Ask::Hash(&[Element::SourceHash], &[]), "5.2.5";
        "BSI21-23" May Full Nothing, "address of security.txt", Ask::Matches(&[Element::SecurityTxt], Form::WebAddress), "5.2.5";
        "BSI21-24" Must Document Nothing, "every component in the scope of delivery, and the first beyond it",
            Ask::NotInDocument("what the scope of delivery is, only the parties know"), "5.1, 8.1.11";
        "BSI21-25" Must Document Nothing, "instances that differ are listed apart",
            Ask::NotInDocument("two instances listed as one look like one"), "5.1";
        "BSI21-26" Must Referenced Nothing, "the other SBOM can be had and conforms",
            Ask::NotInDocument("the other SBOM is another document: check it as well"), "3.2.5, 5.1, 8.1.16";
        "BSI21-27" Must Component Nothing, "a component is one file, or none", Ask::OneFile, "3.2.1";
        "BSI21-28" Recommended Document Nothing, "signed", Ask::Signed { by_author: false }, "8.1.15";
        "BSI21-29" Must Full Nothing, "no licence is only a text",
            Ask::No(&[Element::License, Element::LicenseConcluded, Element::LicenseDeclared], "text"), "6.1";
    },
};
