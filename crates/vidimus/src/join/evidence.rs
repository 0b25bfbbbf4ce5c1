//! Which files are evidence and no artifact (DESIGN ruling 1).

use std::collections::BTreeSet;

use super::Joined;
use super::index::Index;
use crate::authenticate::{Claim, Fact};
use crate::decode::{Content, SignedItem};
use crate::policy::Grant;
use crate::reason::Reason;

impl<'a> Joined<'a> {
    pub(super) fn mark_evidence(&mut self, index: &Index<'_>, facts: &[Fact<'a>], stamps: &BTreeSet<usize>) {
        let mut evidence: BTreeSet<usize> = facts.iter().map(|fact| fact.file).collect();
        evidence.extend(stamps);
        evidence.retain(|file| self.delivery.files.get(*file).is_some_and(|file| is_evidence_alone(&file.content)));
        let mut listed: BTreeSet<usize> = BTreeSet::new();
        for (path, digests) in self.statement.iter().flat_map(|statement| &statement.evidence) {
            let held: BTreeSet<usize> = index.same(digests).collect();
            if held.is_empty() {
                self.absent_evidence.push((path, digests));
            }
            listed.extend(held);
        }
        let copies = self.firsts.iter().enumerate().filter(|(_, first)| listed.contains(first));
        evidence.extend(copies.map(|(file, _)| file));
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
            if is_signed_document {
                evidence.insert(index);
            }
        }
        for (index, node) in self.nodes.iter_mut().enumerate() {
            node.evidence = evidence.contains(&index);
        }
    }
}

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
