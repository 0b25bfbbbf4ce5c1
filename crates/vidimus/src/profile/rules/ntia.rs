//! NTIA, The Minimum Elements For a Software Bill of Materials.

use super::{ANY_FORMAT, AUTHORS, CONTEXTS, LICENSES, SUPPLIER};
use crate::decode::{EdgeKind, Element};
use crate::profile::{Ask, Form, Profile, Status};

pub(super) static PROFILE: Profile = Profile {
    id: "ntia-2021",
    edition: "NTIA, The Minimum Elements For an SBOM, 12 July 2021",
    status: Status::Replaced("replaced by the minimum elements of 2026 (`cisa-2026`); kept for what still cites it"),
    readings: &[
        "The text lists minimum elements and uses no \"must\". That a missing one fails is our decision: such rules are *baseline*.",
        "The supplier may be the originator or the manufacturer (p. 9), so a producer does where no supplier is named, and failing that a publisher; both are reported.",
        "The author may be a tool (p. 10).",
        "A `bom-ref` or an `SPDXID` names something inside its document and is no identifier that anybody could look up.",
        "In SPDX 2 nothing can say that a list of dependencies is complete, so NTIA-10 is met by `NONE` and `NOASSERTION` alone, and not evaluable otherwise.",
    ],
    rules: rules! {
        "NTIA-01" Baseline Component Unknown, "supplier",
            SUPPLIER, "IV, Data Fields, p. 9";
        "NTIA-02" Baseline Component Unknown, "name of the component", Ask::Present(&[Element::Name]), "IV, Data Fields, p. 9";
        "NTIA-03" Baseline Component Unknown, "version of the component", Ask::Present(&[Element::Version]), "IV, Data Fields, p. 9";
        "NTIA-04" IfExists Component Unknown, "other unique identifiers",
            Ask::Kind(Element::Identifier, &["cpe22", "cpe23", "purl", "swid"]), "IV, Data Fields, p. 10";
        "NTIA-05" Baseline Document Unknown, "relationships, and what they lead to", Ask::All(&[Ask::Graph, Ask::Resolves]), "IV, Data Fields, p. 9";
        "NTIA-06" Baseline Document Unknown, "author of the SBOM",
            Ask::Fallback(&Ask::Present(AUTHORS), &Ask::Present(&[Element::Tool]), "a tool stands for the author"), "IV, Data Fields, p. 9";
        "NTIA-07" Baseline Document Nothing, "time at which it was made", Ask::Matches(&[Element::Timestamp], Form::Time), "IV, Data Fields, p. 9";
        "NTIA-08" Baseline Document Nothing, "format that machines read", Ask::Format(ANY_FORMAT), "IV, Automation Support, p. 11";
        "NTIA-09" Baseline Document Unknown, "depth: what the primary component depends on directly", Ask::RootDependencies, "IV, Depth, p. 12";
        "NTIA-10" Baseline Component Unknown, "known unknowns: how complete the dependencies are", Ask::Completeness, "IV, Known Unknowns, p. 12";
        "NTIA-R1" Recommended Component Unknown, "hash of the component", Ask::Hash(&[Element::Hash, Element::DeployHash], &[]), "V";
        "NTIA-R2" Recommended Document Unknown, "phase of the lifecycle", Ask::Matches(&[Element::GenerationContext], Form::Word(CONTEXTS)), "V";
        "NTIA-R3" Recommended Document Unknown, "derivation of components",
            Ask::Any(&[
                Ask::Relationship(EdgeKind::Other, &[
                    "ANCESTOR_OF", "DESCENDANT_OF", "VARIANT_OF", "COPY_OF", "PATCH_FOR", "PATCH_APPLIED",
                    "ancestorOf", "descendantOf", "hasVariant", "copiedTo", "modifiedBy", "patchedBy",
                ]),
                Ask::Somewhere(&Ask::Kind(Element::Other, &["pedigree"])),
            ]), "V";
        "NTIA-R4" Recommended Component Unknown, "licence", Ask::Present(LICENSES), "V";
    },
};
