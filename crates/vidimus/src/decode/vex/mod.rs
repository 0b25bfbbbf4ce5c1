//! VEX: who says which vulnerabilities affect which products. OpenVEX, the VEX profile of CSAF 2.0, and what CycloneDX documents say
//! about vulnerabilities become one list of claims. Nothing here is believed yet.

pub(crate) mod csaf;
pub(crate) mod csaf_tests;
pub(crate) mod cyclonedx;
pub(crate) mod openvex;
mod scan;
mod severity;

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::digest::DigestSet;
use crate::reason::Reason;
use crate::time::Time;

pub use self::scan::Scan;
pub use self::severity::Severity;

pub(super) use self::openvex::TYPES as OPENVEX_TYPES;
pub(super) use self::scan::TYPES as SCAN_TYPES;

crate::reasons! {
    MISSING = "vex.missing", Unproven, Signer, ["format", "place"],
        says "{format}: {place} is missing",
        why "The specification requires it; a reader that fills the gap in decides what the document means (VEX-02, VEX-03).",
        fix "Produce the document again with a tool that follows the specification.";
    WRONG = "vex.wrong", Unproven, Signer, ["expected", "format", "place"],
        says "{format}: {place} is not {expected}",
        why "A value of another type, form or word than the specification has is understood differently by every reader (VEX-02, VEX-03).",
        fix "Produce the document again with a tool that follows the specification.";
    JUSTIFICATION = "vex.no-justification", Unproven, Signer, ["format", "place"],
        says "{format}: {place} says not affected and not why",
        why "Who says that a vulnerability does no harm must say why, by a justification or an impact statement (OpenVEX 0.2.0 `justification`; CSAF 2.0 test 6.1.27.9; VEX-02).",
        fix "State a justification, or an impact statement.";
    ACTION = "vex.no-action", Unproven, Signer, ["format", "place"],
        says "{format}: {place} says affected and not what to do",
        why "Who says that a product is affected must say what to do about it (OpenVEX 0.2.0 `action_statement`; CSAF 2.0 test 6.1.27.10; VEX-02).",
        fix "State the action: an update, a workaround, or that there is none yet.";
    UNKNOWN_MEMBER = "vex.unknown-member", Unproven, Signer, ["found", "place"],
        says "{place} has a member {found} that the specification does not define",
        why "It is not read; another reader may read it.",
        fix "Remove the member.";
}

/// What is said about a product and a vulnerability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It does harm, or may.
    Affected,
    /// Nobody knows yet.
    UnderInvestigation,
    /// It did, and does no more in what is named.
    Fixed,
    /// It does none.
    NotAffected,
}

impl Status {
    /// The word of OpenVEX.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::UnderInvestigation => "under_investigation",
            Self::Fixed => "fixed",
            Self::NotAffected => "not_affected",
        }
    }
}

/// Something that a claim is about: a product, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Package URLs, as written.
    pub purls: Vec<String>,
    /// Hashes, of one file.
    pub digests: DigestSet,
    /// References into SBOM documents: BOM-Links, or names of elements of the document itself.
    pub references: Vec<String>,
    /// Parts of the product that the vulnerability is in; empty says nothing about where it is.
    pub parts: Parts,
}

/// Parts of a product, which have no parts themselves. A document that names them once for many products has them once in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts(Arc<[Target]>);

impl Deref for Parts {
    type Target = [Target];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl FromIterator<Target> for Parts {
    fn from_iter<I: IntoIterator<Item = Target>>(parts: I) -> Self {
        Self(parts.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a Parts {
    type Item = &'a Target;
    type IntoIter = std::slice::Iter<'a, Target>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl Target {
    /// Can it be found by anything that identifies? What has a CPE or a name alone cannot.
    #[must_use]
    pub fn is_identified(&self) -> bool {
        !self.purls.is_empty() || !self.digests.is_empty() || !self.references.is_empty()
    }

    /// About the bytes that a copy takes; parts have no parts.
    fn cost(&self) -> usize {
        let own = |target: &Self| {
            let digests = target.digests.iter().fold(0, |sum, (name, value)| sum + name.len() + value.len());
            size_of::<Self>() + digests + cost(&target.purls) + cost(&target.references)
        };
        self.parts.iter().map(own).fold(own(self), usize::saturating_add)
    }

    /// The same without what it is made of.
    fn whole(&self) -> Self {
        Self {
            purls: self.purls.clone(),
            digests: self.digests.clone(),
            references: self.references.clone(),
            parts: Parts::default(),
        }
    }

    /// An identifier of a format that has one place for all of them.
    fn add(&mut self, identifier: &str) {
        if identifier.starts_with("pkg:") {
            self.purls.push(identifier.to_owned());
        } else if identifier.starts_with("urn:cdx:") {
            self.references.push(identifier.to_owned());
        }
    }
}

/// How much one document may have copied or looked through again for its claims, in about the bytes that it takes. What is named in
/// one place and meant in many grows with the square of the document.
#[derive(Debug)]
struct Budget(usize);

impl Budget {
    const MAX: Self = Self(64 * 1024 * 1024);

    /// Takes the cost of something before it is done; `None` if that is too much.
    fn spend(&mut self, cost: usize) -> Option<()> {
        self.0 = self.0.checked_sub(cost)?;
        Some(())
    }
}

/// About the bytes that a copy of texts takes.
fn cost<'a>(texts: impl IntoIterator<Item = &'a String>) -> usize {
    texts.into_iter().fold(0, |sum, text| sum.saturating_add(text.len()).saturating_add(size_of::<String>()))
}

/// One statement about one vulnerability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VexClaim {
    /// What the vulnerability is called: its name, then its aliases; at least one.
    pub names: Vec<String>,
    /// What is said; `None` where it is only named (CycloneDX without analysis).
    pub status: Option<Status>,
    /// It is said why it does no harm.
    pub justified: bool,
    /// It is said what to do.
    pub action: bool,
    /// When that was said.
    pub at: Option<Time>,
    /// How bad it is, as stated.
    pub severity: Option<Severity>,
    /// About what; empty where the document around it says so.
    pub targets: Vec<Target>,
    /// Where in the document this stands.
    pub place: String,
}

impl VexClaim {
    /// Does it say that the vulnerability does no harm, and why?
    #[must_use]
    pub const fn is_good(&self) -> bool {
        match self.status {
            Some(Status::Fixed) => true,
            Some(Status::NotAffected) => self.justified,
            Some(Status::Affected | Status::UnderInvestigation) | None => false,
        }
    }
}

/// A VEX document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vex {
    /// `openvex-0.2.0`, `csaf-2.0`, …
    pub format: String,
    /// What the document calls itself.
    pub id: String,
    /// Its revision; a higher one of the same document stands in place of a lower one. Parts of a version number are compared one
    /// after the other.
    pub version: Vec<u64>,
    /// Who says that, as stated; who signed it is what counts.
    pub author: String,
    /// When it was written, or last changed.
    pub at: Option<Time>,
    /// What it says.
    pub claims: Vec<VexClaim>,
    /// What is noteworthy and takes nothing away.
    pub notes: Vec<Reason>,
}

impl Vex {
    /// The latest time that the document claims for anything in it.
    #[must_use]
    pub fn latest(&self) -> Option<Time> {
        self.claims.iter().filter_map(|claim| claim.at).chain(self.at).max()
    }
}

/// Names of vulnerabilities are compared without regard to capitals.
#[must_use]
pub fn name_of_vulnerability(text: &str) -> String {
    text.trim().to_ascii_uppercase()
}

/// How a document is recognised.
pub(super) fn is_openvex(context: &str) -> bool {
    context.strip_prefix(openvex::CONTEXT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Reads an OpenVEX document, by itself or as predicate.
pub(super) fn read_openvex(value: &Json) -> Result<Vex, Reason> {
    openvex::read(value)
}

/// Reads a CSAF document; `None` if it is none.
pub(super) fn read_csaf(value: &Json) -> Option<Result<Vex, Reason>> {
    value.get("document")?.get("csaf_version")?;
    Some(csaf::read(value))
}

/// Reads the predicate of a vulnerability scan.
pub(super) fn read_scan(value: &Json) -> Result<Scan, Reason> {
    scan::read(value)
}

/// Reads members of one format, with the place of what is wrong (JSON Pointer).
#[derive(Clone, Copy)]
struct Reader(&'static str);

type Object = Map<String, Json>;

impl Reader {
    fn missing(self, place: &str) -> Reason {
        Reason::new(&MISSING).name("format", self.0).evidence("place", place)
    }

    fn wrong(self, place: &str, expected: &'static str) -> Reason {
        let place = if place.is_empty() { "/" } else { place };
        Reason::new(&WRONG).name("format", self.0).name("expected", expected).evidence("place", place)
    }

    fn too_much(self, place: &str) -> Reason {
        self.wrong(place, "in proportion to the document: its products, parts, groups and names multiply")
    }

    fn object<'a>(self, value: &'a Json, place: &str) -> Result<&'a Object, Reason> {
        value.as_object().ok_or_else(|| self.wrong(place, "an object"))
    }

    fn need<'a>(self, map: &'a Object, member: &str, place: &str) -> Result<&'a Json, Reason> {
        map.get(member).ok_or_else(|| self.missing(&format!("{place}/{member}")))
    }

    fn need_object<'a>(self, map: &'a Object, member: &str, place: &str) -> Result<&'a Object, Reason> {
        self.object(self.need(map, member, place)?, &format!("{place}/{member}"))
    }

    fn text<'a>(self, map: &'a Object, member: &str, place: &str) -> Result<Option<&'a str>, Reason> {
        let wrong = || self.wrong(&format!("{place}/{member}"), "text");
        map.get(member).map(|value| value.as_str().ok_or_else(wrong)).transpose()
    }

    /// Text that says something.
    fn need_text<'a>(self, map: &'a Object, member: &str, place: &str) -> Result<&'a str, Reason> {
        let text = self.text(map, member, place)?.ok_or_else(|| self.missing(&format!("{place}/{member}")))?;
        if text.trim().is_empty() {
            Err(self.wrong(&format!("{place}/{member}"), "text that says something"))
        } else {
            Ok(text)
        }
    }

    /// A list; empty if there is none.
    fn list<'a>(self, map: &'a Object, member: &str, place: &str) -> Result<&'a [Json], Reason> {
        match map.get(member) {
            None => Ok(&[]),
            Some(Json::Array(list)) => Ok(list),
            Some(_) => Err(self.wrong(&format!("{place}/{member}"), "a list")),
        }
    }

    fn texts<'a>(self, map: &'a Object, member: &str, place: &str) -> Result<Vec<&'a str>, Reason> {
        let list = self.list(map, member, place)?.iter().enumerate();
        let text = |(index, item): (usize, &'a Json)| {
            item.as_str().ok_or_else(|| self.wrong(&format!("{place}/{member}/{index}"), "text"))
        };
        list.map(text).collect()
    }

    fn time(self, map: &Object, member: &str, place: &str) -> Result<Option<Time>, Reason> {
        let Some(text) = self.text(map, member, place)? else { return Ok(None) };
        time(text).map(Some).ok_or_else(|| self.wrong(&format!("{place}/{member}"), "a time of RFC 3339"))
    }

    /// One of these words.
    fn word(self, map: &Object, member: &str, place: &str, words: &[&str]) -> Result<(), Reason> {
        match self.text(map, member, place)? {
            Some(text) if !words.contains(&text) => {
                Err(self.wrong(&format!("{place}/{member}"), "one of the words that the specification has"))
            }
            _ => Ok(()),
        }
    }
}

/// An RFC 3339 time, its fraction cut off.
fn time(text: &str) -> Option<Time> {
    Time::floor(text).ok()
}

/// Hashes by the names of a format; two values by one algorithm are the hash of no single file.
fn digests<'a>(hashes: impl Iterator<Item = (&'a str, &'a str)>) -> DigestSet {
    let mut set = DigestSet::default();
    for (name, value) in hashes {
        let name = name.to_ascii_lowercase();
        let name = match name.strip_prefix("sha-") {
            Some(bits) => format!("sha{bits}"),
            None => name.replace("sha3-", "sha3_"),
        };
        if set.insert(&name, &value.to_ascii_lowercase()).is_err() {
            return DigestSet::default();
        }
    }
    set
}

/// Members that are not among `known`.
fn unknown(map: &Object, known: &[&str], place: &str, seen: &mut BTreeSet<String>, notes: &mut Vec<Reason>) {
    for name in map.keys().filter(|name| !known.contains(&name.as_str())) {
        if seen.len() < 20 && seen.insert(name.clone()) {
            let place = if place.is_empty() { "/" } else { place };
            notes.push(Reason::new(&UNKNOWN_MEMBER).evidence("found", name).evidence("place", place));
        }
    }
}
