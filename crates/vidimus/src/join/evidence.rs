//! What is evidence, and what is to be judged (DESIGN ruling 1). A listing exempts one file at one path; bytes that are a part of the
//! product stay a part of it, whoever calls them evidence.

use std::collections::{BTreeMap, BTreeSet};

use super::Joined;
use super::index::Index;
use crate::authenticate::{Claim, Fact};
use crate::decode::{Content, SignedItem};
use crate::digest::{Digest, DigestSet, Match};
use crate::policy::Grant;
use crate::read::{File, Place};
use crate::reason::Reason;
use crate::signature;

impl Joined<'_> {
    /// Is evidence at hand, a file or one of the items of a collection, that `digests` means? An envelope in a collection is named
    /// by the digest of its pre-authentication encoding. What is to be judged is evidence of nothing.
    #[must_use]
    pub fn holds_evidence(&self, digests: &DigestSet) -> bool {
        self.evidence_at(digests).next().is_some() || self.index.as_ref().is_some_and(|index| index.holds_item(digests))
    }

    /// The files that `digests` means and that are evidence wherever they are, by the first with their bytes.
    pub(crate) fn evidence_at(&self, digests: &DigestSet) -> impl Iterator<Item = usize> {
        let files = self.index.iter().flat_map(move |index| index.same(digests));
        files.filter(|file| self.is_only_evidence(*file))
    }

    /// The same files themselves.
    pub(crate) fn evidence_files(&self, digests: &DigestSet) -> impl Iterator<Item = &File> {
        self.evidence_at(digests).filter_map(|file| self.delivery.files.get(file))
    }

    /// Are the bytes signed evidence wherever they are? That a delivery statement lists them as evidence makes them none.
    #[must_use]
    pub fn is_signed_evidence(&self, file: usize) -> bool {
        self.signed.contains(&self.first_of(file))
    }

    /// The first file with that digest.
    pub(crate) fn file_of(&self, digest: &Digest) -> Option<usize> {
        self.index.as_ref()?.same(&DigestSet::from_iter([digest.clone()])).next()
    }

    /// Are the bytes of the file evidence wherever they are?
    pub(crate) fn is_only_evidence(&self, file: usize) -> bool {
        !self.judged.contains(&self.first_of(file))
    }

    /// Marks what is evidence, once everything is bound.
    pub(super) fn mark_evidence(
        &mut self,
        index: &Index<'_>,
        facts: &[Fact<'_>],
        beside: &BTreeSet<usize>,
        left: Option<&Self>,
    ) {
        let mut evidence: BTreeSet<usize> = facts.iter().map(|fact| fact.file).collect();
        // Tokens over signatures that count, and links of layouts that do.
        evidence.extend(beside);
        evidence.retain(|file| {
            let file = self.delivery.files.get(*file);
            file.is_some_and(|file| is_evidence_alone(&file.content) && is_named_as_evidence(file))
        });
        let mut signed_alone = evidence.clone();
        // A listing exempts the file at its path alone: whoever signs it could exempt a part of the product by its digest.
        let files = self.delivery.files.iter().enumerate();
        let by_path: BTreeMap<&str, usize> = files
            .filter(|(_, file)| file.place == Place::Delivered)
            .map(|(index, file)| (file.path.as_str(), index))
            .collect();
        let accepted = &self.policy.algorithms.digest_bind;
        for (path, digests) in self.statement.iter().flat_map(|statement| &statement.evidence) {
            let is_it = |at: &usize| {
                let file = self.delivery.files.get(*at);
                file.is_some_and(|file| digests.matches(&file.digests, accepted) == Match::Same)
            };
            match by_path.get(*path).copied().filter(is_it) {
                Some(file) => drop(evidence.insert(file)),
                None if index.same(digests).next().is_none() => self.absent_evidence.push((path, digests)),
                None => {}
            }
        }
        for (index, file) in self.delivery.files.iter().enumerate() {
            let signed = |granted: fn(&Grant) -> bool| {
                let mut files = self.bindings(index).filter(|b| matches!(b.fact.claim, Claim::File(_)));
                files.any(|b| b.grants.iter().any(|grant| granted(grant)))
            };
            let is_signed_document = match file.content {
                Content::Checksums(_) => signed(|grant| grant.file),
                Content::Vex(_) => signed(|grant| grant.vex),
                _ => {
                    let is_vex = says_about_vulnerabilities(&file.content, self.tolerated());
                    self.is_sbom(file) && (signed(|grant| grant.sbom) || is_vex && signed(|grant| grant.vex))
                }
            };
            if is_signed_document && is_named_as_evidence(file) {
                evidence.insert(index);
                signed_alone.insert(index);
            }
        }
        evidence.retain(|file| left.is_none_or(|left| left.is_evidence(*file)));
        for (index, node) in self.nodes.iter_mut().enumerate() {
            node.evidence = evidence.contains(&index);
        }
        let files = self.delivery.files.iter().enumerate();
        let judged = files.filter(|(index, file)| file.place != Place::Evidence && !self.is_evidence(*index));
        self.judged = judged.filter_map(|(index, _)| self.firsts.get(index).copied()).collect();
        let signed = signed_alone.iter().filter_map(|file| self.firsts.get(*file).copied());
        self.signed = signed.filter(|first| !self.judged.contains(first)).collect();
    }
}

/// Has the file a name that somebody gives to evidence? Names prove nothing, and here none is believed: people and programs choose by its name
/// what they do with a file, and nobody runs or loads one that is called so. Where evidence lies beside the delivery, its name is of no matter.
fn is_named_as_evidence(file: &File) -> bool {
    let name = file.path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let is_known = |suffix: &str| {
        SUFFIXES.contains(&suffix) || signature::SUFFIXES.iter().any(|known| known.strip_prefix('.') == Some(suffix))
    };
    file.place != Place::Delivered
        || match name.rsplit_once('.') {
            Some((_, suffix)) => is_known(suffix),
            // `SHA256SUMS`, `sha512sum`.
            None => matches!(file.content, Content::Checksums(_)) && name.contains("sum"),
        }
}

/// How names of evidence end, beside those of detached signatures.
const SUFFIXES: [&str; 33] = [
    "att",
    "attestation",
    "attestations",
    "bom",
    "bundle",
    "cdx",
    "crl",
    "csaf",
    "dsse",
    "in-toto",
    "intoto",
    "json",
    "jsonl",
    "layout",
    "link",
    "openvex",
    "pem",
    "provenance",
    "sbom",
    "sha256",
    "sha384",
    "sha512",
    "sigstore",
    "slsa",
    "spdx",
    "sums",
    "svr",
    "tag",
    "tsr",
    "tst",
    "txt",
    "vex",
    "xml",
];

/// Is every part of the document a signed item and nothing else? A line that cannot be read, or a member of no signed format,
/// could be what another program runs or takes for its configuration; such a file is judged like any other.
pub(crate) fn is_evidence_alone(content: &Content) -> bool {
    let unreadable = |reason: &Reason| {
        let code = reason.code();
        code.starts_with("parse.") && !matches!(code, "parse.unsupported" | "parse.version")
    };
    let other = |item: &SignedItem| item.foreign || item.envelope.as_ref().is_err_and(unreadable);
    !matches!(content, Content::Signed(items) if items.iter().any(other))
}

/// Is it a document that says something about vulnerabilities?
pub(super) fn says_about_vulnerabilities(content: &Content, tolerate: &BTreeSet<String>) -> bool {
    let of_sbom = || content.sbom(tolerate).is_some_and(|held| !held.sbom.vulnerabilities.is_empty());
    matches!(content, Content::Vex(_)) || of_sbom()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{Algorithm, Digests};
    use crate::limits::Limits;

    #[test]
    fn names() {
        let list = format!("{}  app\n", "0".repeat(64));
        for (path, text, place, expected) in [
            ("a/delivery.dsse.json", "{}", Place::Delivered, true),
            ("app.SIG", "", Place::Delivered, true),
            ("app.intoto.jsonl", "", Place::Delivered, true),
            ("SHA256SUMS", list.as_str(), Place::Delivered, true),
            ("SHA256SUMS", "text", Place::Delivered, false),
            ("checksum-install.sh", list.as_str(), Place::Delivered, false),
            ("install.sh", "{}", Place::Delivered, false),
            ("install.sh", "{}", Place::Evidence, true),
            ("a.json/install", "{}", Place::Delivered, false),
            (".json.sh", "{}", Place::Delivered, false),
            ("Makefile", "{}", Place::Delivered, false),
        ] {
            let content = crate::decode::document(text.as_bytes(), &Limits::MAX);
            let digests = Digests::of(text.as_bytes(), &Algorithm::ALL);
            let file = File { path: path.to_owned(), size: text.len() as u64, digests, place, content, bytes: None };
            assert_eq!(is_named_as_evidence(&file), expected, "{path} {place:?}");
        }
    }
}
