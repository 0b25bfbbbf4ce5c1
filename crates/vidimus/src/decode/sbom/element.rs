//! What SBOMs state about a document and about a component: the elements that profiles ask for, under one name in every format.

macro_rules! elements {
    ($($(#[$doc:meta])* $name:ident = $id:literal,)+) => {
        /// An element of a document or a component (`standards.md` 1.2). The name in profiles is [`Element::id`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Element {
            $($(#[$doc])* $name,)+
        }

        impl Element {
            /// Every element.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The name in profiles.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)+
                }
            }
        }
    };
}

elements! {
    /// Name and version of the format. The model itself says it; no reader states it.
    Format = "doc.format",
    /// What the document is about. The model itself says it, by its edges; no reader states it.
    Primary = "doc.primary",
    /// Identity of the document: serial number, `SPDXID`, `spdxId`.
    DocumentId = "doc.id",
    /// Namespace of the document.
    Namespace = "doc.namespace",
    /// Name of the document.
    DocumentName = "doc.name",
    /// Licence of the document itself.
    DataLicense = "doc.dataLicense",
    /// Revision of the document.
    Revision = "doc.version",
    /// Organisation that made the document.
    AuthorOrganization = "doc.author.org",
    /// Person who made the document.
    AuthorPerson = "doc.author.person",
    /// E-mail or URL of an author.
    AuthorContact = "doc.author.contact",
    /// When the document was made or last changed.
    Timestamp = "doc.timestamp",
    /// Tool that made the document.
    Tool = "doc.tool",
    /// Version of the tool.
    ToolVersion = "doc.tool.version",
    /// Phase of the lifecycle that the document was made in, or the text that may name it.
    GenerationContext = "doc.genContext",
    /// A signature inside the document; it never counts.
    EmbeddedSignature = "doc.signature",
    /// What the author says about the document.
    CreatorComment = "doc.creatorComment",
    /// Version of the SPDX licence list that the document used.
    LicenseListVersion = "doc.licenseListVersion",
    /// Name.
    Name = "comp.name",
    /// Version.
    Version = "comp.version",
    /// Type or purpose, in the words of the format.
    Purpose = "comp.purpose",
    /// Who supplies it.
    Supplier = "comp.supplier",
    /// E-mail or URL of the supplier.
    SupplierContact = "comp.supplier.contact",
    /// Who made it.
    Producer = "comp.producer",
    /// E-mail or URL of the producer.
    ProducerContact = "comp.producer.contact",
    /// Who published it; not who made it.
    Publisher = "comp.publisher",
    /// A software identifier; its kind is `purl`, `cpe22`, `cpe23`, `swid`, `swhid`, `gitoid`, …
    Identifier = "comp.ids",
    /// A hash; its kind is the DigestSet name of the algorithm.
    Hash = "comp.hash",
    /// SPDX package verification code.
    VerificationCode = "comp.verificationCode",
    /// A hash of the form that is deployed; its kind is the algorithm.
    DeployHash = "comp.hash.deploy",
    /// A licence of which nobody says whether it is declared or concluded.
    License = "comp.license.any",
    /// The licence that the document's author concluded.
    LicenseConcluded = "comp.license.concluded",
    /// The licence that the component's author declares.
    LicenseDeclared = "comp.license.declared",
    /// The licence under which it is used.
    LicenseEffective = "comp.license.effective",
    /// A licence found inside of a file.
    LicenseInFiles = "comp.license.files",
    /// Copyright text.
    Copyright = "comp.copyright",
    /// Where it can be downloaded.
    DownloadLocation = "comp.downloadLocation",
    /// What it depends on, where that is stated without naming anything: `none`, `unknown`, `withheld`.
    Dependencies = "comp.deps",
    /// How complete the list of what it depends on is; the kind is the word of the format.
    Completeness = "comp.deps.completeness",
    /// What it contains, stated in the same way as dependencies.
    Contents = "comp.contents",
    /// Name of the file.
    FileName = "comp.filename",
    /// Whether it can be executed.
    Executable = "comp.executable",
    /// Whether it is an archive.
    Archive = "comp.archive",
    /// Whether its parts can be told apart.
    Structured = "comp.structured",
    /// Where its source is.
    SourceUri = "comp.sourceUri",
    /// A hash of its source; its kind is the algorithm.
    SourceHash = "comp.sourceHash",
    /// Where the form that is deployed is.
    DeployUri = "comp.deployUri",
    /// Where its security contact is.
    SecurityTxt = "comp.securityTxt",
    /// Another SBOM about it.
    BomReference = "comp.bomRef",
    /// Description.
    Description = "comp.description",
    /// When it was released.
    ReleaseDate = "comp.releaseDate",
    /// When it was built.
    BuildDate = "comp.buildDate",
    /// When its support or life ends.
    EndOfLife = "comp.eol",
    /// A vulnerability that the document names, or where such are named.
    Vulnerability = "comp.vulns",
    /// Whether a vulnerability was fixed.
    PatchStatus = "comp.patchStatus",
    /// How critical it is.
    Criticality = "comp.criticality",
    /// What limits its use.
    UsageRestrictions = "comp.usageRestrictions",
    /// Comment.
    Comment = "comp.comment",
    /// Proprietary, open source or third party; never a country.
    OriginClass = "comp.originClass",
    /// A property or an external reference that no other element covers; its kind is the property's name or the
    /// reference's type.
    Other = "comp.other",
}

impl Element {
    /// The element of that name.
    #[must_use]
    pub fn by_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|element| element.id() == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        for element in Element::ALL {
            assert_eq!(Element::by_id(element.id()), Some(*element));
        }
        assert_eq!(Element::by_id("comp.nothing"), None);
    }
}
