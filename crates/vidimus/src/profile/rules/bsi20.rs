//! BSI TR-03183-2, version 2.0.0.

use super::LICENSES;
use super::bsi21::{ARCHIVE, AUTHOR, CREATOR, DEPLOYED, EXECUTABLE, STRUCTURED};
use crate::decode::Element;
use crate::profile::{Ask, Form, Profile, Status};

pub(super) static PROFILE: Profile = Profile {
    id: "bsi-tr-03183-2-v2.0",
    edition: "BSI TR-03183-2, version 2.0.0, 20 September 2024",
    status: Status::Replaced("only for SBOMs delivered before 20 February 2026 (version 2.1, section 7)"),
    readings: &[
        "When a document was delivered it does not say. A policy that names this profile says that it was before 20 February 2026.",
        "A document that says `SPDX-2.2` may be of 2.2.0, which the text does not admit; nothing in it tells them apart.",
        "CycloneDX 1.5 has no place for the address of a component's maker; that of its supplier counts and is reported.",
        "Version 2.0 knows no components that are described elsewhere: each is asked everything, and a reference to another SBOM changes nothing.",
        "A component that consists of others and says nothing of a file may be none. No format can say so, so what is asked of files is not evaluable then.",
        "Where several licences are stated, each of them is an SPDX expression: the concluded ones, failing that those of which nobody says whose word they are, failing that the declared ones.",
        "What SPDX 2 has no place for (the three properties of BSI20-11) is not evaluable there.",
    ],
    rules: rules! {
        "BSI20-01" Must Document Nothing, "format, version and encoding",
            Ask::Format(&[
                "cyclonedx-1.5+json", "cyclonedx-1.5+xml", "cyclonedx-1.6+json", "cyclonedx-1.6+xml", "cyclonedx-1.7+json",
                "cyclonedx-1.7+xml", "spdx-2.2+json", "spdx-2.3+json", "spdx-3.0.1+json",
            ]), "4";
        "BSI20-02" Must Document Nothing, "creator of the SBOM", AUTHOR, "5.2.1";
        "BSI20-03" Must Document Nothing, "time at which it was made", Ask::Matches(&[Element::Timestamp], Form::Time), "5.2.1";
        "BSI20-04" Must Component Nothing, "creator of the component",
            Ask::Fallback(
                &CREATOR,
                &Ask::Any(&[Ask::Matches(&[Element::SupplierContact], Form::Mail), Ask::Matches(&[Element::SupplierContact], Form::WebAddress)]),
                "the supplier stands for the creator",
            ), "5.2.2";
        "BSI20-05" Must Component Nothing, "name of the component", Ask::Present(&[Element::Name]), "5.2.2";
        "BSI20-06" Must Component Nothing, "version of the component", Ask::Present(&[Element::Version]), "5.2.2";
        "BSI20-07" Must File Nothing, "file name", Ask::Matches(&[Element::FileName], Form::FileName), "5.2.2";
        "BSI20-08" Must Component Nothing, "dependencies of the component", Ask::Dependencies, "5.2.2";
        "BSI20-09" Must Component Nothing, "associated licences", Ask::Licenses(LICENSES, Form::License, false), "5.2.2";
        "BSI20-10" Must File Nothing, "SHA-512 of what is deployed", DEPLOYED, "5.2.2";
        "BSI20-11" Must File Nothing, "whether it can be executed, is an archive, is structured",
            Ask::All(&[EXECUTABLE, ARCHIVE, STRUCTURED]), "5.2.2";
        "BSI20-12" IfExists Document Nothing, "URI of the SBOM",
            Ask::Any(&[Ask::Matches(&[Element::DocumentId], Form::Uri), Ask::Matches(&[Element::Namespace], Form::Uri)]), "5.3";
        "BSI20-13" IfExists Component Nothing, "source, what is deployed, other identifiers, concluded licences",
            Ask::All(&[
                Ask::Present(&[Element::SourceUri]), Ask::Present(&[Element::DeployUri]), Ask::Present(&[Element::Identifier]),
                Ask::Present(&[Element::LicenseConcluded]),
            ]), "5.3";
        "BSI20-14" May Component Nothing, "declared licences, hash of the source",
            Ask::All(&[Ask::Present(&[Element::LicenseDeclared]), Ask::Present(&[Element::SourceHash])]), "5.4";
    },
};
