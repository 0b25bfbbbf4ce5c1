//! Where an element stands in each format. Facts, in our notation; `component.` is `metadata.component` and every component.

use crate::decode::Element;

/// A format, as far as places differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// CycloneDX 1.N.
    CycloneDx(u8),
    /// SPDX 2.
    Spdx2,
    /// SPDX 3.
    Spdx3,
}

impl Format {
    /// `cyclonedx-1.6+json` is CycloneDX 1.6.
    pub(super) fn of(format: &str) -> Self {
        let name = format.split('+').next().unwrap_or_default();
        match name.strip_prefix("cyclonedx-1.") {
            Some(minor) => Self::CycloneDx(minor.parse().unwrap_or(u8::MAX)),
            None if name.starts_with("spdx-3") => Self::Spdx3,
            None => Self::Spdx2,
        }
    }
}

/// Where an element stands.
pub(super) struct Fields {
    pub(super) element: Element,
    /// (place, first minor version of CycloneDX 1 that has it).
    pub(super) cyclonedx: &'static [(&'static str, u8)],
    /// JSON members of SPDX 2.
    pub(super) spdx2: &'static [&'static str],
    /// Tags of SPDX 2.
    pub(super) tags: &'static str,
    /// Properties of SPDX 3.
    pub(super) spdx3: &'static [&'static str],
}

/// Has the format a place for the element?
pub(super) fn has_place(element: Element, format: Format) -> bool {
    let Some(fields) = of(element) else { return true };
    match format {
        Format::CycloneDx(minor) => fields.cyclonedx.iter().any(|(_, since)| *since <= minor),
        Format::Spdx2 => !fields.spdx2.is_empty(),
        Format::Spdx3 => !fields.spdx3.is_empty(),
    }
}

/// The places of an element.
pub(super) fn of(element: Element) -> Option<&'static Fields> {
    ALL.iter().find(|fields| fields.element == element)
}

macro_rules! fields {
    ($($element:ident: [$($cdx:literal $since:literal),*] [$($spdx2:literal),*] $tags:literal [$($spdx3:literal),*];)+) => {
        /// Every element that profiles ask for.
        pub(super) static ALL: &[Fields] = &[$(Fields {
            element: Element::$element,
            cyclonedx: &[$(($cdx, $since)),*],
            spdx2: &[$($spdx2),*],
            tags: $tags,
            spdx3: &[$($spdx3),*],
        }),+];
    };
}

fields! {
    Format: ["bomFormat" 2, "specVersion" 2] ["spdxVersion"] "SPDXVersion" ["CreationInfo.specVersion"];
    DocumentId: ["serialNumber" 2] ["SPDXID"] "SPDXID" ["SpdxDocument.spdxId"];
    Namespace: [] ["documentNamespace"] "DocumentNamespace" ["SpdxDocument.spdxId"];
    DocumentName: [] ["name"] "DocumentName" ["SpdxDocument.name"];
    DataLicense: ["metadata.licenses" 3] ["dataLicense"] "DataLicense" ["SpdxDocument.dataLicense"];
    Revision: ["version" 2] ["documentNamespace"] "DocumentNamespace" ["SpdxDocument.spdxId"];
    AuthorOrganization: ["metadata.manufacturer.name" 6] ["creationInfo.creators"] "Creator: Organization:" ["CreationInfo.createdBy (Organization)"];
    AuthorPerson: ["metadata.authors.name" 2] ["creationInfo.creators"] "Creator: Person:" ["CreationInfo.createdBy (Person)"];
    AuthorContact: ["metadata.manufacturer.contact.email" 6, "metadata.manufacturer.url" 6, "metadata.authors.email" 2] ["creationInfo.creators (in brackets)"] "Creator: … (address)" ["externalIdentifier of the agent"];
    Timestamp: ["metadata.timestamp" 2] ["creationInfo.created"] "Created" ["CreationInfo.created"];
    Tool: ["metadata.tools.name" 2, "metadata.tools.components.name" 5, "metadata.tools.services.name" 5] ["creationInfo.creators"] "Creator: Tool:" ["CreationInfo.createdUsing"];
    ToolVersion: ["metadata.tools.version" 2, "metadata.tools.components.version" 5] ["creationInfo.creators (after the last hyphen)"] "Creator: Tool: name-version" ["Tool.name (after the last hyphen)"];
    GenerationContext: ["metadata.lifecycles.phase" 5, "metadata.lifecycles.name" 5] ["creationInfo.comment (a word of it)"] "CreatorComment" ["software_Sbom.software_sbomType"];
    CreatorComment: [] ["creationInfo.comment"] "CreatorComment" ["CreationInfo.comment"];
    Primary: ["metadata.component" 2] ["documentDescribes", "relationships (DESCRIBES)"] "Relationship: SPDXRef-DOCUMENT DESCRIBES" ["ElementCollection.rootElement"];
    Name: ["component.name" 2] ["packages.name"] "PackageName" ["Element.name"];
    Version: ["component.version" 2] ["packages.versionInfo"] "PackageVersion" ["software_Package.software_packageVersion"];
    Supplier: ["component.supplier.name" 2] ["packages.supplier"] "PackageSupplier" ["Artifact.suppliedBy"];
    SupplierContact: ["component.supplier.contact.email" 2, "component.supplier.url" 2] ["packages.supplier (in brackets)"] "PackageSupplier: … (address)" ["externalIdentifier of the agent"];
    Producer: ["component.manufacturer.name" 6, "component.authors.name" 6, "component.author" 2] ["packages.originator"] "PackageOriginator" ["Artifact.originatedBy"];
    Publisher: ["component.publisher" 2] [] "" [];
    ProducerContact: ["component.manufacturer.contact.email" 6, "component.manufacturer.url" 6, "component.authors.email" 6] ["packages.originator (in brackets)"] "PackageOriginator: … (address)" ["externalIdentifier of the agent"];
    Identifier: ["component.purl" 2, "component.cpe" 2, "component.swid.tagId" 2, "component.omniborId" 6, "component.swhid" 6] ["packages.externalRefs"] "ExternalRef" ["software_packageUrl", "externalIdentifier", "software_contentIdentifier"];
    Hash: ["component.hashes" 2] ["packages.checksums"] "PackageChecksum" ["Element.verifiedUsing"];
    VerificationCode: [] ["packages.packageVerificationCode"] "PackageVerificationCode" ["verifiedUsing (PackageVerificationCode)"];
    DeployHash: ["component.externalReferences (distribution).hashes" 3, "component.hashes" 2] ["packages.checksums"] "PackageChecksum" ["verifiedUsing of the file that hasDistributionArtifact leads to"];
    License: ["component.licenses" 2] ["packages.licenseConcluded", "packages.licenseDeclared"] "PackageLicenseConcluded, PackageLicenseDeclared" ["hasConcludedLicense, hasDeclaredLicense"];
    LicenseConcluded: ["component.licenses (acknowledgement: concluded)" 6] ["packages.licenseConcluded"] "PackageLicenseConcluded" ["hasConcludedLicense"];
    LicenseDeclared: ["component.licenses (acknowledgement: declared)" 6] ["packages.licenseDeclared"] "PackageLicenseDeclared" ["hasDeclaredLicense"];
    LicenseEffective: ["property bsi:component:effectiveLicence" 3] [] "" ["other with the comment hasEffectiveLicense"];
    Copyright: ["component.copyright" 2] ["packages.copyrightText"] "PackageCopyrightText" ["software_copyrightText"];
    DownloadLocation: ["component.externalReferences (distribution).url" 2] ["packages.downloadLocation"] "PackageDownloadLocation" ["software_downloadLocation"];
    Dependencies: ["dependencies" 2, "component.components" 2] ["relationships"] "Relationship" ["dependsOn, contains, hasStaticLink, hasDynamicLink"];
    Completeness: ["compositions.aggregate" 3, "dependencies.dependsOn (empty)" 2] ["relationships (NONE, NOASSERTION)"] "Relationship: … NONE" ["Relationship.completeness"];
    FileName: ["property bsi:component:filename" 3] ["packages.packageFileName"] "PackageFileName" ["name of the file that hasDistributionArtifact leads to"];
    Executable: ["property bsi:component:executable" 3] [] "" ["software_additionalPurpose"];
    Archive: ["property bsi:component:archive" 3] [] "" ["software_additionalPurpose"];
    Structured: ["property bsi:component:structured" 3] [] "" ["software_additionalPurpose (container, firmware)"];
    SourceUri: ["component.externalReferences (source-distribution).url" 6, "component.externalReferences (vcs).url" 2] ["packages.sourceInfo"] "PackageSourceInfo" ["externalRef (sourceArtifact, vcs)", "software_sourceInfo"];
    SourceHash: ["component.externalReferences (source-distribution).hashes" 6] [] "" ["verifiedUsing of the source package"];
    DeployUri: ["component.externalReferences (distribution).url" 2] ["packages.downloadLocation"] "PackageDownloadLocation" ["software_downloadLocation", "externalRef (binaryArtifact)"];
    SecurityTxt: ["component.externalReferences (rfc-9116).url" 6] [] "" ["externalRef (securityOther)"];
    BomReference: ["component.externalReferences (bom).url" 2] ["externalDocumentRefs"] "ExternalDocumentRef" ["SpdxDocument.import"];
    Description: ["component.description" 2] ["packages.description", "packages.summary"] "PackageDescription, PackageSummary" ["Element.description, Element.summary"];
    ReleaseDate: ["component.releaseNotes.timestamp" 4] ["packages.releaseDate"] "ReleaseDate (2.3)" ["Artifact.releaseTime"];
    EndOfLife: ["property cdx:lifecycle:milestone:endOfLife, …:endOfSupport" 3] ["packages.validUntilDate"] "ValidUntilDate (2.3)" ["Artifact.validUntilTime, Artifact.supportLevel"];
    Vulnerability: ["vulnerabilities" 4, "component.externalReferences (advisories, exploitability-statement, vulnerability-assertion).url" 2] ["packages.externalRefs (advisory, fix)"] "ExternalRef: SECURITY" ["security_Vulnerability and its assessments"];
    PatchStatus: ["vulnerabilities.analysis.state" 4, "component.pedigree.patches" 2] ["annotations (urn:vidimus:comp.patchStatus …)"] "AnnotationComment" ["Annotation.statement"];
    Criticality: ["property urn:vidimus:comp.criticality" 3] ["annotations (urn:vidimus:comp.criticality …)"] "AnnotationComment" ["Annotation.statement"];
    UsageRestrictions: ["component.licenses.license.licensing" 5] ["packages.licenseComments", "packages.attributionTexts"] "PackageLicenseComments" ["software_attributionText"];
    Comment: ["annotations.text" 5] ["packages.comment", "annotations"] "PackageComment" ["Element.comment"];
    OriginClass: ["property urn:vidimus:comp.originClass" 3] ["annotations (urn:vidimus:comp.originClass …)"] "AnnotationComment" ["Annotation.statement"];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        for (name, format) in [
            ("cyclonedx-1.6+json", Format::CycloneDx(6)),
            ("cyclonedx-1.2+xml", Format::CycloneDx(2)),
            ("spdx-2.3+tag-value", Format::Spdx2),
            ("spdx-3.0.1+json", Format::Spdx3),
        ] {
            assert_eq!(Format::of(name), format);
        }
        assert!(has_place(Element::GenerationContext, Format::CycloneDx(5)));
        assert!(!has_place(Element::GenerationContext, Format::CycloneDx(4)));
        assert!(!has_place(Element::Executable, Format::Spdx2));
    }

    #[test]
    fn every_element_that_a_rule_asks_for_has_its_places_listed() {
        for rule in super::super::ALL.iter().flat_map(|profile| profile.rules) {
            for element in rule.elements() {
                assert!(of(element).is_some(), "{}: {}", rule.id, element.id());
            }
        }
    }
}
