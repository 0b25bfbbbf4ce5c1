//! The form of SPDX 2.2 and 2.3 in JSON, as facts: read off the published schemas of 2.2.1, 2.2.2, 2.3 and 2.3.1.
//!
//! A document says `SPDX-2.2` or `SPDX-2.3` and not which maintenance release it follows. So words of all releases of the version
//! are accepted, and what any of them requires is required, because the specification's text requires it in all of them
//! (`creators` 6.8, `documentNamespace` 6.5, file checksums 8.4).

use crate::decode::sbom::form::{Form, Member, Versions};

/// SPDX 2.2 and its maintenance releases.
pub(super) const V22: Versions = 1;
/// SPDX 2.3 and its maintenance release.
pub(super) const V23: Versions = 2;
const BOTH: Versions = V22 | V23;
const NONE: Versions = 0;

/// A whole document.
pub(super) static DOCUMENT: Form = Form::Object(DOCUMENT_MEMBERS);

const fn may(name: &'static str, form: Form) -> Member {
    Member { name, form, known: BOTH, needed: 0 }
}

const fn must(name: &'static str, form: Form) -> Member {
    Member { name, form, known: BOTH, needed: BOTH }
}

const fn must_in(needed: Versions, name: &'static str, form: Form) -> Member {
    Member { name, form, known: BOTH, needed }
}

/// Since 2.3.
const fn new(name: &'static str, form: Form) -> Member {
    Member { name, form, known: V23, needed: 0 }
}

const ALGORITHM: &[(&str, Versions)] = &[
    ("ADLER32", V23),
    ("BLAKE2b-256", V23),
    ("BLAKE2b-384", V23),
    ("BLAKE2b-512", V23),
    ("BLAKE3", V23),
    ("MD2", BOTH),
    ("MD4", BOTH),
    ("MD5", BOTH),
    ("MD6", BOTH),
    ("SHA1", BOTH),
    ("SHA224", BOTH),
    ("SHA256", BOTH),
    ("SHA3-256", V23),
    ("SHA3-384", V23),
    ("SHA3-512", V23),
    ("SHA384", BOTH),
    ("SHA512", BOTH),
];

const ANNOTATION_TYPE: &[(&str, Versions)] = &[("OTHER", BOTH), ("REVIEW", BOTH)];

const FILE_TYPES: &[(&str, Versions)] = &[
    ("APPLICATION", BOTH),
    ("ARCHIVE", BOTH),
    ("AUDIO", BOTH),
    ("BINARY", BOTH),
    ("DOCUMENTATION", BOTH),
    ("IMAGE", BOTH),
    ("OTHER", BOTH),
    ("SOURCE", BOTH),
    ("SPDX", BOTH),
    ("TEXT", BOTH),
    ("VIDEO", BOTH),
];

const PRIMARY_PACKAGE_PURPOSE: &[(&str, Versions)] = &[
    ("APPLICATION", V23),
    ("ARCHIVE", V23),
    ("CONTAINER", V23),
    ("DEVICE", V23),
    ("FILE", V23),
    ("FIRMWARE", V23),
    ("FRAMEWORK", V23),
    ("INSTALL", V23),
    ("LIBRARY", V23),
    ("OPERATING-SYSTEM", V23),
    ("OPERATING_SYSTEM", V23),
    ("OTHER", V23),
    ("SOURCE", V23),
];

const REFERENCE_CATEGORY: &[(&str, Versions)] = &[
    ("OTHER", BOTH),
    ("PACKAGE-MANAGER", BOTH),
    ("PACKAGE_MANAGER", BOTH),
    ("PERSISTENT-ID", BOTH),
    ("PERSISTENT_ID", BOTH),
    ("SECURITY", BOTH),
];

const RELATIONSHIP_TYPE: &[(&str, Versions)] = &[
    ("AMENDS", BOTH),
    ("ANCESTOR_OF", BOTH),
    ("BUILD_DEPENDENCY_OF", BOTH),
    ("BUILD_TOOL_OF", BOTH),
    ("CONTAINED_BY", BOTH),
    ("CONTAINS", BOTH),
    ("COPY_OF", BOTH),
    ("DATA_FILE_OF", BOTH),
    ("DEPENDENCY_MANIFEST_OF", BOTH),
    ("DEPENDENCY_OF", BOTH),
    ("DEPENDS_ON", BOTH),
    ("DESCENDANT_OF", BOTH),
    ("DESCRIBED_BY", BOTH),
    ("DESCRIBES", BOTH),
    ("DEV_DEPENDENCY_OF", BOTH),
    ("DEV_TOOL_OF", BOTH),
    ("DISTRIBUTION_ARTIFACT", BOTH),
    ("DOCUMENTATION_OF", BOTH),
    ("DYNAMIC_LINK", BOTH),
    ("EXAMPLE_OF", BOTH),
    ("EXPANDED_FROM_ARCHIVE", BOTH),
    ("FILE_ADDED", BOTH),
    ("FILE_DELETED", BOTH),
    ("FILE_MODIFIED", BOTH),
    ("GENERATED_FROM", BOTH),
    ("GENERATES", BOTH),
    ("HAS_PREREQUISITE", BOTH),
    ("METAFILE_OF", BOTH),
    ("OPTIONAL_COMPONENT_OF", BOTH),
    ("OPTIONAL_DEPENDENCY_OF", BOTH),
    ("OTHER", BOTH),
    ("PACKAGE_OF", BOTH),
    ("PATCH_APPLIED", BOTH),
    ("PATCH_FOR", BOTH),
    ("PREREQUISITE_FOR", BOTH),
    ("PROVIDED_DEPENDENCY_OF", BOTH),
    ("REQUIREMENT_DESCRIPTION_FOR", V23),
    ("RUNTIME_DEPENDENCY_OF", BOTH),
    ("SPECIFICATION_FOR", V23),
    ("STATIC_LINK", BOTH),
    ("TEST_CASE_OF", BOTH),
    ("TEST_DEPENDENCY_OF", BOTH),
    ("TEST_OF", BOTH),
    ("TEST_TOOL_OF", BOTH),
    ("VARIANT_OF", BOTH),
];

const ANNOTATIONS: &[Member] = &[
    must("annotationDate", Form::Text),
    must("annotationType", Form::Word(ANNOTATION_TYPE)),
    must("annotator", Form::Text),
    must("comment", Form::Text),
];

const CREATION_INFO: &[Member] = &[
    may("comment", Form::Text),
    must("created", Form::Text),
    must("creators", Form::List(&Form::Text, BOTH)),
    may("licenseListVersion", Form::Text),
];

const CHECKSUM: &[Member] = &[must("algorithm", Form::Word(ALGORITHM)), must("checksumValue", Form::Text)];

const EXTERNAL_DOCUMENT_REFS: &[Member] = &[
    must("checksum", Form::Object(CHECKSUM)),
    must("externalDocumentId", Form::Text),
    must("spdxDocument", Form::Text),
];

const FILES: &[Member] = &[
    must("SPDXID", Form::Text),
    may("annotations", Form::List(&Form::Object(ANNOTATIONS), NONE)),
    may("artifactOfs", Form::List(&Form::AnyObject, NONE)),
    may("attributionTexts", Form::List(&Form::Text, NONE)),
    must("checksums", Form::List(&Form::Object(CHECKSUM), BOTH)),
    may("comment", Form::Text),
    must_in(V22, "copyrightText", Form::Text),
    may("fileContributors", Form::List(&Form::Text, NONE)),
    may("fileDependencies", Form::List(&Form::Text, NONE)),
    must("fileName", Form::Text),
    may("fileTypes", Form::List(&Form::Word(FILE_TYPES), NONE)),
    may("licenseComments", Form::Text),
    must_in(V22, "licenseConcluded", Form::Text),
    must_in(V22, "licenseInfoInFiles", Form::List(&Form::Text, V22)),
    may("noticeText", Form::Text),
];

const CROSS_REFS: &[Member] = &[
    may("isLive", Form::Truth),
    may("isValid", Form::Truth),
    may("isWayBackLink", Form::Truth),
    may("match", Form::Text),
    may("order", Form::Whole),
    may("timestamp", Form::Text),
    must("url", Form::Text),
];

const HAS_EXTRACTED_LICENSING_INFOS: &[Member] = &[
    may("comment", Form::Text),
    may("crossRefs", Form::List(&Form::Object(CROSS_REFS), NONE)),
    must("extractedText", Form::Text),
    must("licenseId", Form::Text),
    may("name", Form::Text),
    may("seeAlsos", Form::List(&Form::Text, NONE)),
];

const EXTERNAL_REFS: &[Member] = &[
    may("comment", Form::Text),
    must("referenceCategory", Form::Word(REFERENCE_CATEGORY)),
    must("referenceLocator", Form::Text),
    must("referenceType", Form::Text),
];

const PACKAGE_VERIFICATION_CODE: &[Member] = &[
    may("packageVerificationCodeExcludedFiles", Form::List(&Form::Text, NONE)),
    must("packageVerificationCodeValue", Form::Text),
];

const PACKAGES: &[Member] = &[
    must("SPDXID", Form::Text),
    may("annotations", Form::List(&Form::Object(ANNOTATIONS), NONE)),
    may("attributionTexts", Form::List(&Form::Text, NONE)),
    new("builtDate", Form::Text),
    may("checksums", Form::List(&Form::Object(CHECKSUM), NONE)),
    may("comment", Form::Text),
    must_in(V22, "copyrightText", Form::Text),
    may("description", Form::Text),
    must("downloadLocation", Form::Text),
    may("externalRefs", Form::List(&Form::Object(EXTERNAL_REFS), NONE)),
    may("filesAnalyzed", Form::Truth),
    may("hasFiles", Form::List(&Form::Text, NONE)),
    may("homepage", Form::Text),
    may("licenseComments", Form::Text),
    must_in(V22, "licenseConcluded", Form::Text),
    must_in(V22, "licenseDeclared", Form::Text),
    may("licenseInfoFromFiles", Form::List(&Form::Text, NONE)),
    must("name", Form::Text),
    may("originator", Form::Text),
    may("packageFileName", Form::Text),
    may("packageVerificationCode", Form::Object(PACKAGE_VERIFICATION_CODE)),
    new("primaryPackagePurpose", Form::Word(PRIMARY_PACKAGE_PURPOSE)),
    new("releaseDate", Form::Text),
    may("sourceInfo", Form::Text),
    may("summary", Form::Text),
    may("supplier", Form::Text),
    new("validUntilDate", Form::Text),
    may("versionInfo", Form::Text),
];

const RELATIONSHIPS: &[Member] = &[
    may("comment", Form::Text),
    must("relatedSpdxElement", Form::Text),
    must("relationshipType", Form::Word(RELATIONSHIP_TYPE)),
    must("spdxElementId", Form::Text),
];

const REVIEWEDS: &[Member] = &[may("comment", Form::Text), must("reviewDate", Form::Text), may("reviewer", Form::Text)];

const END_POINTER: &[Member] =
    &[may("lineNumber", Form::Whole), may("offset", Form::Whole), must("reference", Form::Text)];

const RANGES: &[Member] =
    &[must("endPointer", Form::Object(END_POINTER)), must("startPointer", Form::Object(END_POINTER))];

const SNIPPETS: &[Member] = &[
    must("SPDXID", Form::Text),
    may("annotations", Form::List(&Form::Object(ANNOTATIONS), NONE)),
    may("attributionTexts", Form::List(&Form::Text, NONE)),
    may("comment", Form::Text),
    must_in(V22, "copyrightText", Form::Text),
    may("licenseComments", Form::Text),
    must_in(V22, "licenseConcluded", Form::Text),
    may("licenseInfoInSnippets", Form::List(&Form::Text, NONE)),
    must("name", Form::Text),
    must("ranges", Form::List(&Form::Object(RANGES), BOTH)),
    must("snippetFromFile", Form::Text),
];

const DOCUMENT_MEMBERS: &[Member] = &[
    new("$schema", Form::Text),
    must("SPDXID", Form::Text),
    may("annotations", Form::List(&Form::Object(ANNOTATIONS), NONE)),
    may("comment", Form::Text),
    must("creationInfo", Form::Object(CREATION_INFO)),
    must("dataLicense", Form::Text),
    may("documentDescribes", Form::List(&Form::Text, NONE)),
    must("documentNamespace", Form::Text),
    may("externalDocumentRefs", Form::List(&Form::Object(EXTERNAL_DOCUMENT_REFS), NONE)),
    may("files", Form::List(&Form::Object(FILES), NONE)),
    may("hasExtractedLicensingInfos", Form::List(&Form::Object(HAS_EXTRACTED_LICENSING_INFOS), NONE)),
    must("name", Form::Text),
    may("packages", Form::List(&Form::Object(PACKAGES), NONE)),
    may("relationships", Form::List(&Form::Object(RELATIONSHIPS), NONE)),
    may("revieweds", Form::List(&Form::Object(REVIEWEDS), NONE)),
    may("snippets", Form::List(&Form::Object(SNIPPETS), NONE)),
    must("spdxVersion", Form::Text),
];
