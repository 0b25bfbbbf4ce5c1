//! What SPDX 2 asks beyond the form of the document: identifiers, references, licences, checksums, times (SPX-01 to SPX-08).

use std::collections::{BTreeMap, BTreeSet};

use super::v2::{list, objects, text, texts};
use super::verification_code;
use crate::decode::json::tree::{Json, Map};
use crate::decode::sbom::license::{self, License, NoExpression, Operators, is_idstring};
use crate::decode::sbom::violations::Violations;
use crate::reason::{Reason, ReasonInfo};
use crate::time::Time;

crate::reasons! {
    IDENTIFIER = "spdx.identifier", Unproven, Vendor, ["found", "place"],
        says "{place}: {found} is not written as SPDXRef- and letters, digits, dots and hyphens",
        why "Elements are referred to by identifiers of one form; another form cannot be told from a reference elsewhere (SPDX 2.3 clauses 6.3, 7.2, 8.2; SPX-01).",
        fix "Give the element an identifier of that form, and use it in every reference.";
    DOCUMENT_IDENTIFIER = "spdx.document-identifier", Unproven, Vendor, ["found", "place"],
        says "{place}: the document calls itself {found}, not SPDXRef-DOCUMENT",
        why "What describes what is said by relationships from SPDXRef-DOCUMENT (SPDX 2.3 clause 6.3; SPX-01).",
        fix "Name the document SPDXRef-DOCUMENT.";
    DUPLICATE = "spdx.duplicate-identifier", Unproven, Vendor, ["found", "place"],
        says "{place}: the identifier {found} is in use already",
        why "A reference to an identifier that two elements have means either; whoever signed the document did not say which (SPX-01).",
        fix "Give each element an identifier of its own.";
    NAMESPACE = "spdx.namespace", Unproven, Vendor, ["found", "place"],
        says "{place}: the document namespace {found} is not an absolute URI without fragment",
        why "Other documents refer to this one and to what is in it by the namespace and a fragment (SPDX 2.3 clause 6.5; SPX-02).",
        fix "Use an absolute URI without # that is unique to this revision of the document.";
    DANGLING = "spdx.dangling-reference", Unproven, Vendor, ["found", "place"],
        says "{place} refers to {found}, which is not in the document",
        why "A relationship with something that does not exist says nothing, and hides what should have been listed (SPDX 2.3 clause 11.1; SPX-03).",
        fix "Add the missing element, correct the identifier, or state NOASSERTION.";
    NO_DESCRIBES = "spdx.no-describes", Unproven, Vendor, ["count", "place"],
        says "the document describes {count} packages or sets of files and does not say which it is about",
        why "With more than one the subject of the document must be stated by DESCRIBES, or nobody knows which artifact it is the SBOM of (SPDX 2.3 table 68; SPX-03).",
        fix "Add a DESCRIBES relationship from SPDXRef-DOCUMENT to the package that the document is about.";
    CONTRADICTION = "spdx.contradiction", Unproven, Vendor, ["found", "place"],
        says "{place}: {found} is stated to have no such relationship, and to have one",
        why "NONE means that there is nothing; one of two readers would believe it (SPDX 2.3 clause 11.1; SPX-04).",
        fix "Remove the NONE, or the relationships that it denies.";
    SELF = "spdx.self-relationship", Unproven, Vendor, ["found", "place"],
        says "{place}: {found} depends on, contains or describes itself",
        why "Nothing is part of itself or needs itself, so it says nothing, and perhaps stands where the real relationship was meant. In our reading it is no violation: SPDX 2.3 clause 11.1 asks for two elements, and we found no clause that asks that they differ (SPX-03).",
        fix "Correct the identifier on one side.";
    EXTERNAL = "spdx.external-document", Unproven, Vendor, ["expected", "place"],
        says "{place}: a reference to another document needs {expected}",
        why "Another document is bound by the namespace and the checksum that are stated here, and by nothing else (SPDX 2.3 clause 6.6; SPX-05).",
        fix "State the other document's namespace, its checksum, and a name that begins with DocumentRef-.";
    CODE_FORBIDDEN = "spdx.verification-code-forbidden", Unproven, Vendor, ["place"],
        says "{place}: the package states that its files were not analysed, and has files or a verification code",
        why "One of the two statements is wrong (SPDX 2.3 clauses 7.8 and 7.9; SPX-06).",
        fix "Leave the code and the files out, or set filesAnalyzed to true.";
    CODE = "spdx.verification-code", Unproven, Vendor, ["expected", "found", "place"],
        says "{place}: the package verification code is {found}; of the files that are listed it is {expected}",
        why "The code is a digest of the package's files. If it differs, files were added, left out or changed after it was made (SPDX 2.3 clause 7.9; SPX-06).",
        fix "List all files of the package, and calculate the code from them again.";
    LICENSE = "spdx.license-expression", Unproven, Vendor, ["found", "place"],
        says "{place}: {found} is not a licence expression, NONE or NOASSERTION",
        why "Only an expression of the grammar is understood in one way (SPDX 2.3 annex D; SPX-07).",
        fix "Write an expression of SPDX licence identifiers, or put the text under a LicenseRef- of its own.";
    UNKNOWN_LICENSE = "spdx.license-unknown", Unproven, Vendor, ["found", "list", "place"],
        says "{place}: the licence {found} is not on the SPDX licence list {list}",
        why "An identifier that is on no list means nothing (SPDX 2.3 annex D; SPX-07).",
        fix "Use an identifier of the list, or LicenseRef- with the text of the licence.";
    UNDECLARED_LICENSE = "spdx.license-undeclared", Unproven, Vendor, ["found", "place"],
        says "{place}: {found} is declared nowhere in the document",
        why "A licence of the document's own is known by the text that the document gives for it (SPDX 2.3 clause 10.1; SPX-07).",
        fix "Add the licence and its text to the extracted licensing information, or declare the external document.";
    CHECKSUM = "spdx.checksum", Unproven, Vendor, ["algorithm", "found", "place"],
        says "{place}: {found} is not a {algorithm} value",
        why "A value of another length or alphabet matches no file, so the component is bound to nothing (SPDX 2.3 clauses 7.10 and 8.4; CDX-10).",
        fix "State the checksum as hexadecimal digits of the algorithm's length.";
    TIME = "spdx.time", Unproven, Vendor, ["found", "place"],
        says "{place}: {found} is not a time written as YYYY-MM-DDThh:mm:ssZ",
        why "Times in another form are read differently, or not at all (SPDX 2.3 clause 6.9).",
        fix "Write the time in UTC, to the second.";
    ACTOR = "spdx.actor", Unproven, Vendor, ["expected", "found", "place"],
        says "{place}: {found} does not begin with {expected}",
        why "Whether a person, an organisation or a tool said something is told by the word in front (SPDX 2.3 clauses 6.8, 7.5, 12.2).",
        fix "Write the kind before the name.";
    DATA_LICENSE = "spdx.data-license", Unproven, Vendor, ["found", "place"],
        says "{place}: the licence of the document is {found}, not CC0-1.0",
        why "SPDX documents may be passed on and compared because their own licence is fixed (SPDX 2.3 clause 6.2).",
        fix "State CC0-1.0.";
    MORE_EDGES = "spdx.more-relationships", Unproven, Vendor, ["found"],
        says "{found} has relationships, and the document says that there may be more of the kind",
        why "NOASSERTION beside others means that the list is not complete (SPDX 2.3 clause 11.1; SPX-04).",
        fix "Complete the list if it is known.";
    DEPRECATED_LICENSE = "spdx.license-deprecated", Unproven, Vendor, ["found"],
        says "the licence identifier {found} is deprecated",
        why "It is still understood; its successor says more exactly what was meant (SPDX 2.3 annex D; SPX-07).",
        fix "Use the identifier that the licence list names instead.";
}

/// What identifiers mean, for the model and for references.
#[derive(Default)]
pub(super) struct Index<'a> {
    /// Names of external documents (`DocumentRef-x`).
    pub(super) documents: BTreeSet<&'a str>,
    /// Identifiers of elements.
    pub(super) elements: BTreeSet<&'a str>,
    /// Indices of files by identifier.
    pub(super) files: BTreeMap<&'a str, usize>,
    /// What the document is about, also where it may leave that unsaid.
    pub(super) described: Vec<&'a str>,
    /// Indices of the files of each package.
    pub(super) contained: BTreeMap<&'a str, BTreeSet<usize>>,
}

impl<'a> Index<'a> {
    /// A package contains something; only files are of interest here.
    fn contain(&mut self, package: &'a str, element: &str) {
        if let Some(file) = self.files.get(element) {
            self.contained.entry(package).or_default().insert(*file);
        }
    }
}

/// The identifier of the document.
pub(super) const DOCUMENT: &str = "SPDXRef-DOCUMENT";
pub(super) const NONE: &str = "NONE";
pub(super) const NO_ASSERTION: &str = "NOASSERTION";

/// Checks a whole document.
pub(super) fn document<'a>(document: Map<'a>, found: &mut Violations, notes: &mut Vec<Reason>) -> Index<'a> {
    let mut index = Index::default();
    header(document, found);
    for (at, external) in objects(document, "externalDocumentRefs") {
        external_document(external, &format!("/externalDocumentRefs/{at}"), &mut index, found);
    }
    elements(document, &mut index, found);
    let mut licenses = Licenses::of(document, &index);
    for (member, single, several) in [
        ("packages", &["licenseConcluded", "licenseDeclared"][..], "licenseInfoFromFiles"),
        ("files", &["licenseConcluded"], "licenseInfoInFiles"),
        ("snippets", &["licenseConcluded"], "licenseInfoInSnippets"),
    ] {
        for (at, element) in objects(document, member) {
            let place = format!("/{member}/{at}");
            for name in single.iter().filter(|name| element.contains_key(name)) {
                licenses.check(text(element, name), || format!("{place}/{name}"), found);
            }
            for (item, license) in texts(element, several) {
                licenses.check(license, || format!("{place}/{several}/{item}"), found);
            }
        }
    }
    notes.extend(licenses.deprecated.iter().map(|id| Reason::new(&DEPRECATED_LICENSE).evidence("found", id)));
    references(document, &index, found);
    relationships(document, &mut index, found, notes);
    let files: Vec<Option<Map<'_>>> = list(document, "files").iter().map(Json::as_object).collect();
    for (at, package) in objects(document, "packages") {
        let contained = index.contained.get(text(package, "SPDXID"));
        verification_code::check(&files, package, at, contained, found, notes);
    }
    index
}

fn header(document: Map<'_>, found: &mut Violations) {
    let own = text(document, "SPDXID");
    if own != DOCUMENT {
        wrong(found, &DOCUMENT_IDENTIFIER, "/SPDXID", own);
    }
    let namespace = text(document, "documentNamespace");
    if document.contains_key("documentNamespace") && !is_absolute_uri(namespace) {
        wrong(found, &NAMESPACE, "/documentNamespace", namespace);
    }
    let license = text(document, "dataLicense");
    if document.contains_key("dataLicense") && license != "CC0-1.0" {
        wrong(found, &DATA_LICENSE, "/dataLicense", license);
    }
    if let Some(info) = document.get("creationInfo").and_then(Json::as_object) {
        time(info, "created", "/creationInfo", found);
        for (at, creator) in texts(info, "creators") {
            actor(creator, &["Person:", "Organization:", "Tool:"], || format!("/creationInfo/creators/{at}"), found);
        }
    }
    annotations(document, "", found);
    for (at, review) in objects(document, "revieweds") {
        time(review, "reviewDate", &format!("/revieweds/{at}"), found);
    }
}

fn annotations(element: Map<'_>, place: &str, found: &mut Violations) {
    for (at, annotation) in objects(element, "annotations") {
        let place = format!("{place}/annotations/{at}");
        time(annotation, "annotationDate", &place, found);
        let annotator = text(annotation, "annotator");
        actor(annotator, &["Person:", "Organization:", "Tool:"], || format!("{place}/annotator"), found);
    }
}

fn external_document<'a>(external: Map<'a>, place: &str, index: &mut Index<'a>, found: &mut Violations) {
    let mut wrong = |member: &str, expected: &str| {
        found.add(&EXTERNAL, &format!("{place}/{member}"), |reason| reason.name("expected", expected));
    };
    let name = text(external, "externalDocumentId");
    let own = name.strip_prefix("DocumentRef-").unwrap_or_default();
    if own.is_empty() || !own.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'+')) {
        wrong("externalDocumentId", "a name of DocumentRef- and letters, digits, dots, hyphens and plus signs");
    }
    if !is_absolute_uri(text(external, "spdxDocument")) {
        wrong("spdxDocument", "an absolute URI without fragment");
    }
    if let Some(sum) = external.get("checksum").and_then(Json::as_object) {
        checksum(sum, &format!("{place}/checksum"), found);
    }
    if !index.documents.insert(name) {
        self::wrong(found, &DUPLICATE, &format!("{place}/externalDocumentId"), name);
    }
}

/// Identifiers, and what of an element can be judged by itself.
fn elements<'a>(document: Map<'a>, index: &mut Index<'a>, found: &mut Violations) {
    index.elements.insert(DOCUMENT);
    for member in ["packages", "files", "snippets"] {
        for (at, element) in objects(document, member) {
            let place = format!("/{member}/{at}");
            let id = text(element, "SPDXID");
            if !id.strip_prefix("SPDXRef-").is_some_and(is_idstring) {
                wrong(found, &IDENTIFIER, &format!("{place}/SPDXID"), id);
            } else if !index.elements.insert(id) {
                wrong(found, &DUPLICATE, &format!("{place}/SPDXID"), id);
            }
            if member == "files" {
                index.files.entry(id).or_insert(at);
            }
            for name in ["releaseDate", "builtDate", "validUntilDate"] {
                time(element, name, &place, found);
            }
            for name in ["supplier", "originator"] {
                let stated = text(element, name);
                if element.contains_key(name) && stated != NO_ASSERTION {
                    actor(stated, &["Person:", "Organization:"], || format!("{place}/{name}"), found);
                }
            }
            for (item, sum) in objects(element, "checksums") {
                checksum(sum, &format!("{place}/checksums/{item}"), found);
            }
            annotations(element, &place, found);
        }
    }
}

/// References outside of relationships.
fn references(document: Map<'_>, index: &Index<'_>, found: &mut Violations) {
    let mut refer = |id: &str, place: String| {
        if !resolves(id, index) {
            wrong(found, &DANGLING, &place, id);
        }
    };
    for (at, id) in texts(document, "documentDescribes") {
        refer(id, format!("/documentDescribes/{at}"));
    }
    for (member, name) in [("packages", "hasFiles"), ("files", "fileDependencies")] {
        for (at, element) in objects(document, member) {
            for (item, id) in texts(element, name) {
                refer(id, format!("/{member}/{at}/{name}/{item}"));
            }
        }
    }
    for (at, snippet) in objects(document, "snippets") {
        if snippet.contains_key("snippetFromFile") {
            refer(text(snippet, "snippetFromFile"), format!("/snippets/{at}/snippetFromFile"));
        }
        for (item, range) in objects(snippet, "ranges") {
            for end in ["startPointer", "endPointer"] {
                if let Some(pointer) = range.get(end).and_then(Json::as_object) {
                    refer(text(pointer, "reference"), format!("/snippets/{at}/ranges/{item}/{end}/reference"));
                }
            }
        }
    }
}

/// An element of this document, or of one that it declares.
fn resolves(id: &str, index: &Index<'_>) -> bool {
    match id.split_once(':') {
        Some((document, element)) => {
            index.documents.contains(document) && element.strip_prefix("SPDXRef-").is_some_and(is_idstring)
        }
        None => index.elements.contains(id),
    }
}

/// Kinds of relationships that nothing can have with itself.
const STRICT: [&str; 6] = ["DESCRIBES", "DESCRIBED_BY", "CONTAINS", "CONTAINED_BY", "DEPENDS_ON", "DEPENDENCY_OF"];

fn relationships<'a>(document: Map<'a>, index: &mut Index<'a>, found: &mut Violations, notes: &mut Vec<Reason>) {
    let mut none: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut open: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut some: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut described: Vec<&str> = texts(document, "documentDescribes").map(|(_, id)| id).collect();
    for (_, package) in objects(document, "packages") {
        texts(package, "hasFiles").for_each(|(_, file)| index.contain(text(package, "SPDXID"), file));
    }
    for (at, entry) in objects(document, "relationships") {
        let (from, kind) = (text(entry, "spdxElementId"), text(entry, "relationshipType"));
        let to = text(entry, "relatedSpdxElement");
        let place = |member: &str| format!("/relationships/{at}/{member}");
        if entry.contains_key("spdxElementId") && !resolves(from, index) {
            wrong(found, &DANGLING, &place("spdxElementId"), from);
        }
        match to {
            NONE => {
                none.entry((from, kind)).or_insert(at);
            }
            NO_ASSERTION => {
                open.insert((from, kind));
            }
            _ => {
                some.insert((from, kind));
                if entry.contains_key("relatedSpdxElement") && !resolves(to, index) {
                    wrong(found, &DANGLING, &place("relatedSpdxElement"), to);
                } else if from == to && STRICT.contains(&kind) {
                    let place = found.place(&format!("/relationships/{at}"));
                    notes.push(Reason::new(&SELF).evidence("found", from).evidence("place", &place));
                }
            }
        }
        match kind {
            "DESCRIBES" if from == DOCUMENT => described.push(to),
            "DESCRIBED_BY" if to == DOCUMENT => described.push(from),
            "CONTAINS" => index.contain(from, to),
            "CONTAINED_BY" => index.contain(to, from),
            _ => {}
        }
    }
    for ((from, kind), at) in &none {
        if some.contains(&(*from, *kind)) {
            wrong(found, &CONTRADICTION, &format!("/relationships/{at}"), from);
        }
    }
    let open = open.iter().filter(|pair| some.contains(*pair)).map(|(from, _)| *from).collect::<BTreeSet<_>>();
    notes.extend(open.into_iter().map(|from| Reason::new(&MORE_EDGES).evidence("found", from)));
    describes(document, described, index, found);
}

/// What the document is about. One package, or one set of files, need not be named (table 68).
fn describes<'a>(document: Map<'a>, described: Vec<&'a str>, index: &mut Index<'a>, found: &mut Violations) {
    let packages = list(document, "packages").len();
    let tops = packages + usize::from(packages == 0 && !list(document, "files").is_empty());
    if described.is_empty() && tops > 1 {
        found.add(&NO_DESCRIBES, "", |reason| reason.int("count", tops as u64));
    }
    index.described = described;
    if let (true, 1, Some((_, package))) = (index.described.is_empty(), packages, objects(document, "packages").next())
    {
        index.described.push(text(package, "SPDXID"));
    }
}

/// Licence expressions: each different one is parsed once.
struct Licenses<'a> {
    declared: BTreeSet<&'a str>,
    documents: BTreeSet<&'a str>,
    seen: BTreeMap<&'a str, Result<License, NoExpression>>,
    deprecated: BTreeSet<String>,
}

impl<'a> Licenses<'a> {
    fn of(document: Map<'a>, index: &Index<'a>) -> Self {
        let declared = objects(document, "hasExtractedLicensingInfos").map(|(_, license)| text(license, "licenseId"));
        Self {
            declared: declared.collect(),
            documents: index.documents.clone(),
            seen: BTreeMap::new(),
            deprecated: BTreeSet::new(),
        }
    }

    fn check(&mut self, text: &'a str, place: impl Fn() -> String, found: &mut Violations) {
        if matches!(text, NONE | NO_ASSERTION) {
            return;
        }
        let license = match self.seen.entry(text).or_insert_with(|| license::parse(text, Operators::Upper)) {
            Ok(license) => license,
            Err(NoExpression) => return wrong(found, &LICENSE, &place(), text),
        };
        for id in &license.unknown {
            found.add(&UNKNOWN_LICENSE, &place(), |reason| {
                reason.evidence("found", id).name("list", license::list_version())
            });
        }
        self.deprecated.extend(license.deprecated.iter().cloned());
        for reference in &license.references {
            let known = match reference.split_once(':') {
                Some((document, _)) => self.documents.contains(document),
                None => self.declared.contains(reference.as_str()),
            };
            if !known {
                wrong(found, &UNDECLARED_LICENSE, &place(), reference);
            }
        }
    }
}

/// Hexadecimal digits of the algorithm's length.
fn checksum(sum: Map<'_>, place: &str, found: &mut Violations) {
    let (algorithm, value) = (text(sum, "algorithm"), text(sum, "checksumValue"));
    let digits = match algorithm {
        "ADLER32" => 8,
        "MD2" | "MD4" | "MD5" => 32,
        "SHA1" => 40,
        "SHA224" => 56,
        "SHA256" | "SHA3-256" | "BLAKE2b-256" => 64,
        "SHA384" | "SHA3-384" | "BLAKE2b-384" => 96,
        "SHA512" | "SHA3-512" | "BLAKE2b-512" => 128,
        // MD6 and BLAKE3 have no fixed length; another name is no algorithm.
        _ => value.len(),
    };
    let is_hex = !value.is_empty() && value.bytes().all(|b| b.is_ascii_hexdigit());
    if sum.contains_key("checksumValue") && (value.len() != digits || !is_hex) {
        found.add(&CHECKSUM, &format!("{place}/checksumValue"), |reason| {
            reason.evidence("algorithm", algorithm).evidence("found", value)
        });
    }
}

fn time(map: Map<'_>, member: &str, place: &str, found: &mut Violations) {
    let stated = text(map, member);
    if map.contains_key(member) && !is_time(stated) {
        wrong(found, &TIME, &format!("{place}/{member}"), stated);
    }
}

/// `YYYY-MM-DDThh:mm:ssZ`, and such a time exists.
pub(super) fn is_time(text: &str) -> bool {
    text.len() == 20 && text.ends_with('Z') && text.as_bytes().get(10) == Some(&b'T') && text.parse::<Time>().is_ok()
}

fn actor(stated: &str, kinds: &[&str], place: impl Fn() -> String, found: &mut Violations) {
    let named = kinds.iter().find_map(|kind| stated.strip_prefix(kind));
    if named.is_none_or(|name| name.trim().is_empty()) {
        let expected = kinds.join(" or ");
        found.add(&ACTOR, &place(), |reason| reason.evidence("found", stated).name("expected", expected));
    }
}

/// A scheme, something after it, and no fragment (RFC 3986).
pub(super) fn is_absolute_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        && !rest.is_empty()
        && !text.contains('#')
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

pub(super) fn wrong(found: &mut Violations, info: &'static ReasonInfo, place: &str, stated: &str) {
    found.add(info, place, |reason| reason.evidence("found", stated));
}
