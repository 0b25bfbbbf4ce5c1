//! Regulation (EU) 2024/2847, the Cyber Resilience Act.

use super::ANY_FORMAT;
use crate::decode::Element;
use crate::profile::{Ask, Form, Profile, Status};

const FILE: &str = "what the technical documentation holds, only its keeper can show";

pub(super) static PROFILE: Profile = Profile {
    id: "eu-cra",
    edition: "Regulation (EU) 2024/2847 (Cyber Resilience Act)",
    status: Status::Current(
        "reporting duties since 11 September 2026, everything else from 11 December 2027 (Article 71)",
    ),
    readings: &[
        "The regulation asks for a common machine-readable format and the top-level dependencies, and for nothing more inside of an SBOM. Everything else here is *advice* and never fails.",
        "The Commission may fix format and elements by an implementing act (Article 13(24)). None is known; the standards that are being written are not published.",
        "Annex VII has items 1 to 8; the SBOM is in 2(b) and 8. There is no 8(a) to (c).",
        "This is engineering, not legal advice.",
    ],
    rules: rules! {
        "CRA-01" Must Document Unknown, "common format that machines read", Ask::Format(ANY_FORMAT), "Annex I, part II (1)";
        "CRA-02" Must Document Unknown, "top-level dependencies", Ask::RootDependencies, "Annex I, part II (1)";
        "CRA-03" Must Document Unknown, "part of the technical documentation", Ask::NotInDocument(FILE), "Article 13(22), Article 31, Annex VII 2(b) and 8";
        "CRA-04" IfExists Document Unknown, "users are told where it is, if they get it", Ask::NotInDocument("what users are told is no part of it"), "Annex II (9)";
        "CRA-05" Advice Primary Unknown, "where to report vulnerabilities", Ask::Matches(&[Element::SecurityTxt], Form::WebAddress), "Annex II (2), Annex I, part II (6)";
        "CRA-06" Advice Primary Unknown, "end of the support period", Ask::Present(&[Element::EndOfLife]), "Article 13(8) and (19), Annex II (7)";
        "CRA-07" Advice Component Unknown, "hash of the component", Ask::Hash(&[Element::Hash, Element::DeployHash], &[]), "Annex I, part I (2)(f)";
    },
};
