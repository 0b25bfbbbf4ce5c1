//! The tags of SPDX 2, as facts: the section that each belongs to, the member that JSON has for it, and how its value is read.

/// A section: what its tags are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Document,
    Package,
    File,
    Snippet,
    License,
    Review,
    Annotation,
    Relationship,
}

/// How a value is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Text, once.
    One,
    /// Text, any number of times.
    Many,
    /// Text, once, and it begins the section.
    Begin,
    /// `true` or `false`.
    Truth,
    /// `SHA1: value`, any number of times.
    Checksum,
    /// `value`, or `value (excludes: a, b)`.
    VerificationCode,
    /// `CATEGORY type locator`.
    ExternalReference,
    /// What is said about the last external reference.
    ExternalComment,
    /// `DocumentRef-x URI SHA1: value`.
    ExternalDocument,
    /// `A KIND B`.
    Relationship,
    /// A range of bytes, `1:2`.
    Bytes,
    /// A range of lines.
    LineRange,
    /// Deprecated in all versions that are read, and without a counterpart that means the same: read over.
    Over,
    /// Of the creation information, text, once.
    Creation,
    /// Of the creation information, any number of times.
    Creations,
}

/// A tag.
pub(super) struct Tag {
    pub(super) name: &'static str,
    pub(super) section: Section,
    pub(super) member: &'static str,
    pub(super) how: How,
}

const fn tag(name: &'static str, section: Section, member: &'static str, how: How) -> Tag {
    Tag { name, section, member, how }
}

use How::{Begin, Creation, Creations, Many, One, Over, Truth};
use Section::{Annotation, Document, File, License, Package, Relationship, Review, Snippet};

/// Every tag but `SPDXID`, which names whatever is open.
pub(super) const TAGS: &[Tag] = &[
    tag("SPDXVersion", Document, "spdxVersion", One),
    tag("DataLicense", Document, "dataLicense", One),
    tag("DocumentName", Document, "name", One),
    tag("DocumentNamespace", Document, "documentNamespace", One),
    tag("DocumentComment", Document, "comment", One),
    tag("ExternalDocumentRef", Document, "externalDocumentRefs", How::ExternalDocument),
    tag("LicenseListVersion", Document, "licenseListVersion", Creation),
    tag("Creator", Document, "creators", Creations),
    tag("Created", Document, "created", Creation),
    tag("CreatorComment", Document, "comment", Creation),
    tag("PackageName", Package, "name", Begin),
    tag("PackageVersion", Package, "versionInfo", One),
    tag("PackageFileName", Package, "packageFileName", One),
    tag("PackageSupplier", Package, "supplier", One),
    tag("PackageOriginator", Package, "originator", One),
    tag("PackageDownloadLocation", Package, "downloadLocation", One),
    tag("FilesAnalyzed", Package, "filesAnalyzed", Truth),
    tag("PackageVerificationCode", Package, "packageVerificationCode", How::VerificationCode),
    tag("PackageChecksum", Package, "checksums", How::Checksum),
    tag("PackageHomePage", Package, "homepage", One),
    tag("PackageSourceInfo", Package, "sourceInfo", One),
    tag("PackageLicenseConcluded", Package, "licenseConcluded", One),
    tag("PackageLicenseInfoFromFiles", Package, "licenseInfoFromFiles", Many),
    tag("PackageLicenseDeclared", Package, "licenseDeclared", One),
    tag("PackageLicenseComments", Package, "licenseComments", One),
    tag("PackageCopyrightText", Package, "copyrightText", One),
    tag("PackageSummary", Package, "summary", One),
    tag("PackageDescription", Package, "description", One),
    tag("PackageComment", Package, "comment", One),
    tag("ExternalRef", Package, "externalRefs", How::ExternalReference),
    tag("ExternalRefComment", Package, "externalRefs", How::ExternalComment),
    tag("PackageAttributionText", Package, "attributionTexts", Many),
    tag("PrimaryPackagePurpose", Package, "primaryPackagePurpose", One),
    tag("ReleaseDate", Package, "releaseDate", One),
    tag("BuiltDate", Package, "builtDate", One),
    tag("ValidUntilDate", Package, "validUntilDate", One),
    tag("FileName", File, "fileName", Begin),
    tag("FileType", File, "fileTypes", Many),
    tag("FileChecksum", File, "checksums", How::Checksum),
    tag("LicenseConcluded", File, "licenseConcluded", One),
    tag("LicenseInfoInFile", File, "licenseInfoInFiles", Many),
    tag("LicenseComments", File, "licenseComments", One),
    tag("FileCopyrightText", File, "copyrightText", One),
    tag("ArtifactOfProjectName", File, "artifactOfs", Over),
    tag("ArtifactOfProjectHomePage", File, "artifactOfs", Over),
    tag("ArtifactOfProjectURI", File, "artifactOfs", Over),
    tag("FileComment", File, "comment", One),
    tag("FileNotice", File, "noticeText", One),
    tag("FileContributor", File, "fileContributors", Many),
    tag("FileAttributionText", File, "attributionTexts", Many),
    tag("FileDependency", File, "fileDependencies", Over),
    tag("SnippetSPDXID", Snippet, "SPDXID", Begin),
    tag("SnippetFromFileSPDXID", Snippet, "snippetFromFile", One),
    tag("SnippetByteRange", Snippet, "ranges", How::Bytes),
    tag("SnippetLineRange", Snippet, "ranges", How::LineRange),
    tag("SnippetLicenseConcluded", Snippet, "licenseConcluded", One),
    tag("LicenseInfoInSnippet", Snippet, "licenseInfoInSnippets", Many),
    tag("SnippetLicenseComments", Snippet, "licenseComments", One),
    tag("SnippetCopyrightText", Snippet, "copyrightText", One),
    tag("SnippetComment", Snippet, "comment", One),
    tag("SnippetName", Snippet, "name", One),
    tag("SnippetAttributionText", Snippet, "attributionTexts", Many),
    tag("LicenseID", License, "licenseId", Begin),
    tag("ExtractedText", License, "extractedText", One),
    tag("LicenseName", License, "name", One),
    tag("LicenseCrossReference", License, "seeAlsos", Many),
    tag("LicenseComment", License, "comment", One),
    tag("Relationship", Relationship, "relationships", How::Relationship),
    tag("RelationshipComment", Relationship, "comment", One),
    tag("Annotator", Annotation, "annotator", Begin),
    tag("AnnotationDate", Annotation, "annotationDate", One),
    tag("AnnotationType", Annotation, "annotationType", One),
    tag("SPDXREF", Annotation, "SPDXREF", One),
    tag("AnnotationComment", Annotation, "comment", One),
    tag("Reviewer", Review, "reviewer", Begin),
    tag("ReviewDate", Review, "reviewDate", One),
    tag("ReviewComment", Review, "comment", One),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tag_stands_twice() {
        let mut names: Vec<&str> = TAGS.iter().map(|tag| tag.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TAGS.len());
    }
}
