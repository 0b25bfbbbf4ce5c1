//! Decode: untrusted bytes become envelopes, statements and SBOMs, or stay ordinary files. Nothing here is believed yet.
//!
//! A file is recognised by content, never by name. Every reader is bounded and strict (`verification.md` 1.3).

mod attributes;
mod base64;
pub(crate) mod bundle;
mod certification;
pub(crate) mod checksums;
pub(crate) mod collection;
mod conformance;
mod cosign;
mod delivery;
mod describe;
pub(crate) mod dsse;
pub(crate) mod encoding;
mod foreign;
pub mod in_toto;
pub(crate) mod json;
mod model;
mod origin;
mod own;
mod provenance;
mod rebuild;
mod recognise;
mod release;
pub(crate) mod sbom;
pub(crate) mod shape;
pub(crate) mod statement;
mod status;
pub(crate) mod summary;
#[cfg(test)]
mod tests;
pub(crate) mod vex;

use std::collections::BTreeSet;

use crate::authenticate::crl::{self, Crl};
use crate::authenticate::keys::PublicKey;
use crate::authenticate::rfc3161;
use crate::digest::{Algorithm, Digest, DigestSet};
use crate::limits::Limits;
use crate::reason::Reason;
use crate::signature::{self, Detached};

use self::json::Root;
use self::recognise::Kind;
use self::sbom::Family;

pub use self::attributes::Attribute;
pub use self::bundle::{Bundle, BundleContent, Material};
pub use self::certification::{Certification, Scope, ScopeBinding};
pub use self::checksums::Checksums;
pub use self::conformance::{Conformance, conformance};
pub use self::delivery::DeliveryPredicate;
pub use self::describe::{Description, Problem, Signer, describe};
pub use self::dsse::{Dsse, pae};
pub use self::in_toto::{Artifacts, Document, Layout, Link, Metablock};
pub use self::json::typed::typed;
pub use self::origin::{Origin, OriginParty, Place, Stage, StageClaim};
pub use self::own::{check_predicate, predicate_schemas};
pub use self::provenance::{Provenance, Source};
pub use self::rebuild::{RebuildComparison, RebuildResult};
pub use self::release::ReleasePredicate;
pub(crate) use self::sbom::license;
pub use self::sbom::{
    BomLink, Completeness, Component, Edge, EdgeKind, Element, Held, Id, Invalid, Linked, NodeKind, Outside,
    SBOM_FORMATS, Said, Sayer, Sbom, State,
};
pub use self::statement::{Predicate, Statement, Subject};
pub use self::status::{EntryKind, EntryState, StatusEntry, StatusList, StatusTarget};
pub use self::summary::{Summary, slsa_level};
pub use self::vex::{Parts, Scan, Severity, Status, Target, Vex, VexClaim, name_of_vulnerability};

pub(crate) use self::delivery::TYPE as DELIVERY;
pub(crate) use self::sbom::findings::{BESIDE, Findings, LISTED, REFUSABLE};
pub(crate) use self::sbom::tolerable::TOLERABLE;
pub(crate) use self::shape::{MALFORMED, UNSUPPORTED, VERSION};
pub(crate) use self::status::TYPE as STATUS_LIST;

crate::reasons! {
    SIGNED_ENCODING = "signature.encoding", Unproven, Vendor, [],
        says "the file is itself the text that the signature of an envelope is over",
        why "The signature of a genuine envelope would verify over such a file as well; nobody who signed the envelope meant to deliver it (T16).",
        fix "Deliver the envelope, not the text that it signs.";
}

/// What a document turned out to be.
#[derive(Clone, Debug)]
pub enum Content {
    /// Not evidence: a file like any other.
    Ordinary,
    /// Looks like evidence and cannot be read; a file like any other, and a reason that is listed.
    Refused(Reason),
    /// One or more signed items: bundles or envelopes.
    Signed(Vec<SignedItem>),
    /// An SBOM document.
    Sbom(Box<Sbom>),
    /// An SBOM document that breaks the rules of its own format: a file like any other, and reasons that are listed.
    InvalidSbom(Box<Invalid>),
    /// A VEX document.
    Vex(Box<Vex>),
    /// A list of checksums: nothing unless it is signed.
    Checksums(Box<Checksums>),
    /// An in-toto statement without any signature: never evidence.
    UnsignedStatement(Box<Statement>),
    /// A Sigstore trusted root: never trust when it comes with a delivery.
    TrustedRoot,
    /// A certificate revocation list: looked at where a certificate of its issuer is; otherwise a file like any other.
    RevocationList(Box<Crl>),
    /// A timestamp token, or the response that holds one: looked at where a signature in a file with these bytes needs a proven
    /// time; otherwise a file like any other.
    Timestamp,
}

impl Content {
    /// The SBOM, if it is one: valid, or with no other violations than those that are tolerated.
    #[must_use]
    pub fn sbom(&self, tolerate: &BTreeSet<String>) -> Option<Held<'_>> {
        match self {
            Self::Sbom(sbom) => Some(Held { sbom, violations: &[] }),
            Self::InvalidSbom(invalid) => invalid.tolerated(tolerate),
            _ => None,
        }
    }
}

/// One bundle or envelope of a document.
#[derive(Clone, Debug)]
pub struct SignedItem {
    /// Position in the document, from 0 (line of a `.jsonl`, element of an array).
    pub index: usize,
    /// Its identity: for DSSE, bare or in a bundle, sha256(PAE), and for a metablock that of its canonical JSON, so that added or
    /// changed signatures make no new evidence;
    /// otherwise sha256 of the item as it stands (of its RFC 8785 form inside an array). It decides nothing.
    pub id: Digest,
    /// Has it, or the object around it, members that its format does not define? They change nothing of what it says, but
    /// the file may be another program's, too.
    pub foreign: bool,
    /// How it is signed, or why it cannot be read.
    pub envelope: Result<Envelope, Reason>,
}

/// How an item is signed.
#[derive(Clone, Debug)]
pub enum Envelope {
    /// A bare DSSE envelope, one or more signatures.
    Dsse(Dsse),
    /// A Sigstore bundle.
    Bundle(Bundle),
    /// A layout or link of in-toto with signatures over its canonical JSON.
    Metablock(Metablock),
    /// A signature over another file.
    Detached(Detached),
}

impl Envelope {
    /// The DSSE envelope, bare or in the bundle; `None` for a signature over a file.
    #[must_use]
    pub const fn dsse(&self) -> Option<&Dsse> {
        match self {
            Self::Dsse(dsse) | Self::Bundle(Bundle { content: BundleContent::Dsse(dsse), .. }) => Some(dsse),
            Self::Bundle(_) | Self::Metablock(_) | Self::Detached(_) => None,
        }
    }

    /// The layout or link of in-toto that it signs.
    #[must_use]
    pub fn in_toto(&self) -> Option<&Document> {
        match self {
            Self::Metablock(block) => Some(&block.document),
            _ => self.dsse()?.document.as_deref(),
        }
    }

    /// How many signatures over what it holds it has.
    #[must_use]
    pub fn signatures(&self) -> usize {
        match self {
            Self::Metablock(block) => block.signatures.len(),
            _ => self.dsse().map_or(0, |dsse| dsse.signatures.len()),
        }
    }

    /// How many bytes its signature is over, where it is not over a file.
    #[must_use]
    pub fn signed_bytes(&self) -> usize {
        match self {
            Self::Metablock(block) => block.signed.len(),
            _ => self.dsse().map_or(0, |dsse| dsse.payload.len()),
        }
    }

    /// Is one of its signatures over what it holds by `key`?
    #[must_use]
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        match self {
            Self::Metablock(block) => block.signatures.iter().any(|signature| key.verifies(&block.signed, signature)),
            _ => self.dsse().is_some_and(|dsse| {
                let pae = dsse.pae();
                dsse.signatures.iter().any(|signature| key.verifies(&pae, signature))
            }),
        }
    }
}

/// Recognises a document by content and decodes it.
#[must_use]
pub fn document(bytes: &[u8], limits: &Limits) -> Content {
    document_beside(bytes, false, limits)
}

/// The same for a file whose name is another file's with a suffix of a signature (`named`): it can also be a raw signature,
/// which has no marks.
#[must_use]
pub fn document_beside(bytes: &[u8], named: bool, limits: &Limits) -> Content {
    if begins_signed_encoding(bytes) {
        return signed_encoding();
    }
    if let Some(reason) = encoding::refused(bytes) {
        return Content::Refused(reason);
    }
    if sbom::spdx::tag_value::has_mark(bytes) {
        return tag_value(bytes, limits);
    }
    match of_json(bytes, limits) {
        Content::Ordinary => not_json(bytes, named, limits),
        content => content,
    }
}

fn not_json(bytes: &[u8], named: bool, limits: &Limits) -> Content {
    match sbom::xml(bytes, limits) {
        Some(read) => of_sbom_document(read),
        None => match checksums::read(bytes, limits) {
            Some(Ok(list)) => Content::Checksums(Box::new(list)),
            Some(Err(reason)) => Content::Refused(reason),
            None if crl::has_mark(bytes) => {
                Crl::read(bytes).map_or(Content::Ordinary, |list| Content::RevocationList(Box::new(list)))
            }
            None if rfc3161::imprint(bytes).is_some() => Content::Timestamp,
            None => detached(bytes, named).unwrap_or(Content::Ordinary),
        },
    }
}

/// SPDX tag-value.
fn tag_value(bytes: &[u8], limits: &Limits) -> Content {
    match encoding::plain(bytes) {
        Ok(text) => of_sbom_document(sbom::tag_value(text, limits)),
        Err(reason) => Content::Refused(reason),
    }
}

/// A list of checksums; `None` where the first line is no line of such a list.
pub(crate) fn checksums(bytes: &[u8], limits: &Limits) -> Option<Result<Checksums, Reason>> {
    checksums::read(bytes, limits)
}

/// JSON inside of signed bytes, read strictly; `None` if it is not.
pub(crate) fn strict_json(bytes: &[u8]) -> Option<serde_json::Value> {
    json::parse(bytes, &Limits::MAX).ok()
}

/// Strict JSON, as evidence must be: no duplicate keys, bounded depth and strings, numbers that are exact. For the inputs of those who
/// sign, so that nothing is signed that would not be read.
///
/// # Errors
/// What is wrong with it.
pub fn json(bytes: &[u8]) -> Result<serde_json::Value, Reason> {
    json::parse(bytes, &Limits::MAX)
}

/// A document that we wrote: no duplicate members and no excessive depth, but larger strings and lists than evidence may have.
pub(crate) fn strict_json_of_ours(bytes: &[u8]) -> Result<serde_json::Value, String> {
    let limits = Limits { string_bytes: 64 * 1024 * 1024, ..Limits::MAX };
    json::parse(bytes, &limits).map_err(|reason| reason.sentence())
}

/// How DSSE's pre-authentication encoding begins.
const PAE_MARK: &[u8] = b"DSSEv1 ";

/// Is the file itself what the signature of an envelope is over? Then a signature that was made for the envelope would verify
/// over the file, and must not count as one over the file.
pub(crate) fn is_signed_encoding(content: &Content) -> bool {
    matches!(content, Content::Refused(reason) if reason.code() == SIGNED_ENCODING.code)
}

/// A file that starts so, however large, is what the signature of an envelope is over.
pub(crate) fn begins_signed_encoding(prefix: &[u8]) -> bool {
    prefix.starts_with(PAE_MARK)
}

/// What such a file is.
pub(crate) fn signed_encoding() -> Content {
    Content::Refused(Reason::new(&SIGNED_ENCODING))
}

/// Can a file that starts so be a document of a format that is not JSON?
pub(crate) fn has_mark(prefix: &[u8]) -> bool {
    sbom::spdx::tag_value::may_have_mark(prefix)
        || encoding::has_mark(prefix)
        || signature::has_mark(prefix)
        || checksums::has_mark(prefix)
        || crl::has_mark(prefix)
        || begins_signed_encoding(prefix)
        || rfc3161::has_mark(prefix)
        || sbom::has_mark(prefix)
}

/// A file that is nothing but detached signatures.
fn detached(bytes: &[u8], named: bool) -> Option<Content> {
    let item = |(index, found): (usize, signature::Found)| {
        let envelope = found.scheme.map(|scheme| Envelope::Detached(Detached { scheme, tried: Vec::new() }));
        let id = found.part.unwrap_or_else(|| Digest::sha256(bytes));
        SignedItem { index, id, foreign: found.foreign, envelope }
    };
    let items: Vec<SignedItem> = signature::read(bytes, named).into_iter().enumerate().map(item).collect();
    (!items.is_empty()).then_some(Content::Signed(items))
}

fn of_json(bytes: &[u8], limits: &Limits) -> Content {
    let mut content = json_document(bytes, limits);
    // How it is laid out is nobody's format, and nobody signed it.
    if let Content::Signed(items) = &mut content
        && !foreign::is_laid_out(bytes)
    {
        items.iter_mut().for_each(|item| item.foreign = true);
    }
    content
}

fn json_document(bytes: &[u8], limits: &Limits) -> Content {
    if !matches!(first(bytes), Some(b'{' | b'[')) {
        return Content::Ordinary;
    }
    let mut outline = json::outline_and_document(bytes, is_sbom_by_its_beginning(bytes), limits);
    let tree = outline.tree.take();
    let kind = outline.objects.first().and_then(recognise::by_members);
    match (outline.root, kind, outline.problem) {
        (Root::Object, kind, Some(problem)) => match (collection::lines(bytes, limits), kind) {
            (Some(content), _) => content,
            // Of in-toto or another's. What cannot be read at all is nobody's.
            (None, Some(Kind::Metablock)) if json::value(bytes).is_ok_and(|value| in_toto::is_metablock(&value)) => {
                Content::Refused(problem)
            }
            (None, None | Some(Kind::Attestations | Kind::Csaf | Kind::Metablock)) => Content::Ordinary,
            (None, Some(_)) => Content::Refused(problem),
        },
        (Root::Object, Some(Kind::CycloneDx), None) => sbom(Family::CycloneDx, tree, bytes, limits),
        (Root::Object, Some(Kind::Spdx), None) => sbom(Family::Spdx, tree, bytes, limits),
        (Root::Object, Some(kind), None) => object(kind, bytes, limits),
        (Root::Array, _, problem) => {
            if !outline.objects.iter().filter_map(recognise::by_members).any(Kind::is_signed_item) {
                return Content::Ordinary;
            }
            match problem.map_or_else(|| json::value(bytes), Err) {
                Ok(value) => {
                    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
                    collection::array(list, limits).unwrap_or(Content::Ordinary)
                }
                Err(reason) => Content::Refused(reason),
            }
        }
        (Root::Object | Root::Other, _, _) => Content::Ordinary,
    }
}

/// Does it look like an SBOM in JSON at its beginning? Then the document is kept while it is looked at, and read once.
fn is_sbom_by_its_beginning(bytes: &[u8]) -> bool {
    const BEGINNING: usize = 4096;
    let beginning = bytes.get(..BEGINNING).unwrap_or(bytes);
    let has = |mark: &[u8]| beginning.windows(mark.len()).any(|window| window == mark);
    has(b"\"bomFormat\"") || has(b"\"spdxVersion\"") || has(b"spdx-context.jsonld")
}

/// An SBOM in JSON; one that did not look like it at its beginning is read again.
fn sbom(family: Family, tree: Option<json::Tree<'_>>, bytes: &[u8], limits: &Limits) -> Content {
    match tree.map_or_else(|| json::document(bytes, limits), Ok) {
        Ok(tree) => of_sbom_document(family.read(tree.root(), limits)),
        Err(reason) => Content::Refused(reason),
    }
}

/// Decodes one object of strict JSON, of a kind that its members show.
fn object(kind: Kind, bytes: &[u8], limits: &Limits) -> Content {
    if kind.is_signed_item() {
        return Content::Signed(vec![collection::of_text(0, bytes, true, limits)]);
    }
    let value = match json::value(bytes) {
        Ok(value) => value,
        Err(reason) => return Content::Refused(reason),
    };
    let read = match kind {
        Kind::Statement => statement::read(&value, limits).map(|s| Content::UnsignedStatement(Box::new(s))),
        Kind::OpenVex => vex::read_openvex(&value).map(|vex| Content::Vex(Box::new(vex))),
        Kind::Csaf => match vex::read_csaf(&value) {
            None => Ok(Content::Ordinary),
            Some(read) => read.map(|vex| Content::Vex(Box::new(vex))),
        },
        Kind::TrustedRoot => Ok(Content::TrustedRoot),
        Kind::Pep740Provenance => Ok(collection::pep740_provenance(&value, limits)),
        Kind::Attestations => Ok(collection::attestations(&value, limits).unwrap_or(Content::Ordinary)),
        Kind::Metablock if in_toto::is_metablock(&value) => {
            Ok(Content::Signed(vec![collection::of_text(0, bytes, true, limits)]))
        }
        Kind::Metablock => Ok(Content::Ordinary),
        Kind::Bundle | Kind::Dsse | Kind::Pep740 | Kind::Cosign | Kind::CycloneDx | Kind::Spdx => Ok(Content::Ordinary),
    };
    read.unwrap_or_else(Content::Refused)
}

/// An SBOM document as it was read. One that cannot be read at all is refused like any other document.
fn of_sbom_document(read: Result<Sbom, Invalid>) -> Content {
    match read {
        Ok(sbom) => Content::Sbom(Box::new(sbom)),
        Err(invalid) => Content::InvalidSbom(Box::new(invalid)),
    }
}

/// The first byte that is not JSON white space or a byte order mark: most files are told from JSON by it alone.
fn first(bytes: &[u8]) -> Option<u8> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.iter().copied().find(|b| !matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
}

/// Every algorithm that digests in `content` use and that we can compute: what files must be hashed with.
#[must_use]
pub fn algorithms(content: &Content) -> BTreeSet<Algorithm> {
    let mut found = BTreeSet::new();
    match content {
        Content::Ordinary
        | Content::Refused(_)
        | Content::TrustedRoot
        | Content::RevocationList(_)
        | Content::Timestamp => {}
        Content::Sbom(sbom) => of_sbom(sbom, &mut found),
        // A policy may tolerate what is wrong with it.
        Content::InvalidSbom(invalid) => invalid.sbom.iter().for_each(|sbom| of_sbom(sbom, &mut found)),
        Content::Vex(vex) => of_vex(&vex.claims, &mut found),
        Content::Checksums(list) => found.extend(list.files.values().flat_map(DigestSet::computable)),
        Content::UnsignedStatement(statement) => of_statement(statement, &mut found),
        Content::Signed(items) => {
            for envelope in items.iter().filter_map(|item| item.envelope.as_ref().ok()) {
                if let Envelope::Bundle(Bundle { content: BundleContent::Message { digest, .. }, .. }) = envelope {
                    found.insert(digest.algorithm());
                } else if let Some(Ok(statement)) = envelope.dsse().map(|dsse| &dsse.statement) {
                    of_statement(statement, &mut found);
                } else if let Some(document) = envelope.in_toto() {
                    found.extend(in_toto::algorithms(document));
                }
            }
        }
    }
    found
}

fn of_statement(statement: &Statement, found: &mut BTreeSet<Algorithm>) {
    found.extend(statement.meant().iter().flat_map(|subject| subject.digest.computable()));
    match &statement.predicate {
        Predicate::Sbom(sbom) => of_sbom(sbom, found),
        Predicate::InvalidSbom(invalid) => invalid.sbom.iter().for_each(|sbom| of_sbom(sbom, found)),
        Predicate::Delivery(delivery) => {
            found.extend(delivery.evidence.iter().flat_map(|(_, digests)| digests.computable()));
        }
        Predicate::Summary(summary) => {
            found.extend(summary.inputs.iter().flatten().flat_map(DigestSet::computable));
        }
        Predicate::Vex(vex) => of_vex(&vex.claims, found),
        Predicate::Certification(certification) => {
            found.extend(certification.reports.iter().flat_map(DigestSet::computable));
        }
        Predicate::Attributes(attributes) => {
            found.extend(attributes.iter().flat_map(|a| a.target.computable().chain(a.evidence.computable())));
        }
        Predicate::Origin(_)
        | Predicate::Provenance(_)
        | Predicate::Release(_)
        | Predicate::Scan(_)
        | Predicate::Model(_)
        | Predicate::Status(_)
        | Predicate::Rebuild(_)
        | Predicate::Opaque
        | Predicate::Refused(_) => {}
    }
}

fn of_vex(claims: &[VexClaim], found: &mut BTreeSet<Algorithm>) {
    found.extend(claims.iter().flat_map(|claim| &claim.targets).flat_map(|target| target.digests.computable()));
}

fn of_sbom(sbom: &Sbom, found: &mut BTreeSet<Algorithm>) {
    let hashes = sbom.components().flat_map(|component| component.says(Element::Hash));
    found.extend(hashes.filter_map(|hash| Algorithm::from_name(hash.kind)));
}

/// Digests of files whose signature can only be verified over the files' own bytes: message signatures by a managed key of
/// unknown kind or by an Ed25519 certificate.
#[must_use]
pub fn signed_blobs(content: &Content) -> Vec<Digest> {
    let Content::Signed(items) = content else { return Vec::new() };
    let blob = |item: &SignedItem| match &item.envelope {
        Ok(Envelope::Bundle(Bundle { material, content: BundleContent::Message { digest, .. }, .. })) => {
            let over_bytes = match material {
                Material::PublicKey => true,
                Material::Certificate(der) => crate::authenticate::certificate::is_ed25519(der),
            };
            over_bytes.then(|| digest.clone())
        }
        _ => None,
    };
    items.iter().filter_map(blob).collect()
}

/// SBOM components that a signed item carries, for the budget.
#[must_use]
pub fn components_of(item: &SignedItem) -> u64 {
    match item.envelope.as_ref().ok().and_then(Envelope::dsse).map(|dsse| dsse.statement.as_deref()) {
        Some(Ok(Statement { predicate: Predicate::Sbom(sbom), .. })) => sbom.len() as u64,
        Some(Ok(Statement { predicate: Predicate::InvalidSbom(invalid), .. })) => {
            invalid.sbom.as_ref().map_or(0, |sbom| sbom.len() as u64)
        }
        _ => 0,
    }
}
