//! CERT-In, Technical Guidelines on SBOM, QBOM & CBOM, AIBOM and HBOM, version 2.0.

use super::bsi21::{ARCHIVE, EXECUTABLE, STRUCTURED};
use super::{AUTHORS, LICENSES, SUPPLIER};
use crate::decode::Element;
use crate::profile::{Ask, Form, Profile, Status};

/// Classes of origin, with a hyphen or a blank.
const ORIGINS: &[&str] =
    &["proprietary", "open-source", "open source", "third-party", "third party", "third-party vendor"];

pub(super) static PROFILE: Profile = Profile {
    id: "cert-in-2.0",
    edition: "CERT-In, Technical Guidelines on SBOM, version 2.0, 9 July 2025",
    status: Status::Provisional("its clauses were read second-hand"),
    readings: &[
        "The guidelines list 21 fields and use no \"must\" for them; that a missing one fails is our decision (*baseline*).",
        "The origin of a component is proprietary, open source or third party, in one of these words. It is never a country.",
        "That there are no vulnerabilities, patches or restrictions of use is an answer; of other fields it is none.",
        "No format has a field for origin or criticality: the properties `urn:vidimus:comp.originClass` and `urn:vidimus:comp.criticality` do (in SPDX an annotation, name and value with a blank between).",
        "Vulnerabilities may be inside of the document or in another that the component refers to (section 6).",
    ],
    rules: rules! {
        "CERTIN-01" Baseline Component Unknown, "name", Ask::Present(&[Element::Name]), "4.1, table 5; 4.2";
        "CERTIN-02" Baseline Component Unknown, "version", Ask::Present(&[Element::Version]), "4.1, table 5; 4.2";
        "CERTIN-03" Baseline Component Unknown, "description", Ask::Present(&[Element::Description]), "4.1, table 5; 4.2";
        "CERTIN-04" Baseline Component Unknown, "supplier", SUPPLIER, "4.1, table 5; 4.2";
        "CERTIN-05" Baseline Component Unknown, "licence", Ask::Present(LICENSES), "4.1, table 5; 4.2";
        "CERTIN-06" Baseline Component Unknown, "origin: proprietary, open source or third party", Ask::Once(Element::OriginClass, ORIGINS), "4.1, table 5; 4.2";
        "CERTIN-07" Baseline Component Unknown, "dependencies", Ask::Dependencies, "4.1, table 5; 4.2";
        "CERTIN-08" Baseline Component Unknown, "vulnerabilities, or where they are listed", Ask::Stated(&[Element::Vulnerability]), "4.1, table 5; 4.2; 6";
        "CERTIN-09" Baseline Component Unknown, "patch status", Ask::Stated(&[Element::PatchStatus]), "4.1, table 5; 4.2";
        "CERTIN-10" Baseline Component Unknown, "release date", Ask::Present(&[Element::ReleaseDate]), "4.1, table 5; 4.2";
        "CERTIN-11" Baseline Component Unknown, "end of life", Ask::Present(&[Element::EndOfLife]), "4.1, table 5; 4.2";
        "CERTIN-12" Baseline Component Unknown, "criticality", Ask::Present(&[Element::Criticality]), "4.1, table 5; 4.2";
        "CERTIN-13" Baseline Component Unknown, "usage restrictions", Ask::Stated(&[Element::UsageRestrictions]), "4.1, table 5; 4.2";
        "CERTIN-14" Baseline Component Unknown, "hash", Ask::Hash(&[Element::Hash, Element::DeployHash], &[]), "4.1, table 5; 4.2";
        "CERTIN-15" Baseline Component Unknown, "comment", Ask::Present(&[Element::Comment]), "4.1, table 5; 4.2";
        "CERTIN-16" Baseline Document Unknown, "author of the SBOM", Ask::Present(AUTHORS), "4.1, table 5; 4.2";
        "CERTIN-17" Baseline Document Unknown, "time at which it was made", Ask::Matches(&[Element::Timestamp], Form::Time), "4.1, table 5; 4.2";
        "CERTIN-18" Baseline Component Unknown, "whether it can be executed", EXECUTABLE, "4.1, table 5; 4.2";
        "CERTIN-19" Baseline Component Unknown, "whether it is an archive", ARCHIVE, "4.1, table 5; 4.2";
        "CERTIN-20" Baseline Component Unknown, "whether it is structured", STRUCTURED, "4.1, table 5; 4.2";
        "CERTIN-21" Baseline Component Unknown, "unique identifier", Ask::Present(&[Element::Identifier]), "4.1, table 5; 4.2";
    },
};
