//! What the reports say that certificates cite: each is read once, however many certificates and files lead to it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{Joined, statement_of};
use crate::authenticate::Claim;
use crate::decode::{Conformance, Content, Dsse, Envelope, Predicate, conformance, strict_json};
use crate::digest::{Algorithm, Digest, DigestSet};
use crate::policy::{Check, Policy};
use crate::read::File;
use crate::time::Time;

/// What a report says to a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// It has CycloneDX declarations.
    Declares(Conformance),
    /// A document of a format for programs that cannot be read.
    Unreadable,
    /// Nothing: a document for people, or one without declarations.
    Silent,
}

/// All reports, by the first file with their bytes, and by the id of signed items.
#[derive(Default)]
pub(super) struct Reports {
    files: BTreeMap<usize, Report>,
    items: BTreeMap<Digest, Report>,
    /// By digest of a file, who signed it as it stands.
    signed: BTreeMap<String, BTreeSet<String>>,
}

impl Reports {
    pub(super) fn of(joined: &Joined<'_>) -> Self {
        let mut reports = Self { signed: signed(joined), ..Self::default() };
        if !asks(joined.policy) {
            return reports;
        }
        let at = joined.request.at;
        let mut items: BTreeMap<&Digest, &Dsse> = BTreeMap::new();
        for file in &joined.delivery.files {
            let Content::Signed(all) = &file.content else { continue };
            let signed =
                all.iter().filter_map(|item| Some((&item.id, item.envelope.as_ref().ok().and_then(Envelope::dsse)?)));
            items.extend(signed);
        }
        for fact in joined.certificates() {
            let Some(Predicate::Certification(found)) = statement_of(fact).map(|statement| &statement.predicate) else {
                continue;
            };
            for digests in &found.reports {
                for first in joined.evidence_at(digests) {
                    if let Some(file) = joined.delivery.files.get(first) {
                        reports.files.entry(first).or_insert_with(|| of_file(file, at));
                    }
                }
                if let Some((id, dsse)) = item_of(digests).and_then(|id| items.get_key_value(&id)) {
                    reports.items.entry((*id).clone()).or_insert_with(|| of_statement(dsse, at));
                }
            }
        }
        reports
    }
}

impl Joined<'_> {
    /// Did the party sign the file with this digest as it stands? Only where the policy takes certificates for summaries.
    pub(crate) fn has_signed(&self, party: &str, hex: &str) -> bool {
        self.reports.signed.get(hex).is_some_and(|by| by.contains(party))
    }

    /// What the report says; `None` where it is not in the delivery. Of a delivery whose policy asks nothing of reports, each is silent.
    pub(crate) fn report(&self, digests: &DigestSet) -> Option<&Report> {
        let file = self.evidence_at(digests).find_map(|first| self.reports.files.get(&first));
        file.or_else(|| self.reports.items.get(&item_of(digests)?))
    }
}

/// Who signed files as they stand, where certificates could rest on them.
fn signed(joined: &Joined<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let mut signed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for fact in joined.facts.iter().filter(|_| !joined.policy.equivalences.is_empty()) {
        let Claim::File(digest) = &fact.claim else { continue };
        let file = joined.file_of(digest).and_then(|file| joined.delivery.files.get(file));
        for digest in file.iter().flat_map(|file| file.digests.iter()) {
            signed.entry(digest.hex().to_owned()).or_default().insert(fact.party.id.clone());
        }
    }
    signed
}

/// Does any rule ask what reports say?
fn asks(policy: &Policy) -> bool {
    let mut leaves = policy.rules.iter().flat_map(|rule| rule.check.leaves());
    leaves.any(|check| matches!(check, Check::Certification(check) if check.conformance.is_some()))
}

/// The id of the item that is meant, if it is one.
fn item_of(digests: &DigestSet) -> Option<Digest> {
    digests.by(Algorithm::Sha256).filter(|_| digests.computable().count() == 1)
}

fn of_file(file: &File, at: Time) -> Report {
    match &file.content {
        // It looks like a format that is read, and cannot be.
        Content::Refused(_) => Report::Unreadable,
        Content::Signed(items) => {
            let statements = items.iter().filter_map(|item| item.envelope.as_ref().ok().and_then(Envelope::dsse));
            let mut said = statements.map(|dsse| of_statement(dsse, at)).filter(|said| *said != Report::Silent);
            match (said.next(), said.next()) {
                (None, _) => Report::Silent,
                (Some(one), None) => one,
                // Several reports under one digest: nobody could say which of them was meant.
                (Some(_), Some(_)) => Report::Unreadable,
            }
        }
        Content::Sbom(_) | Content::InvalidSbom(_) | Content::Vex(_) | Content::UnsignedStatement(_) => {
            let Some(bytes) = file.bytes.as_deref() else { return Report::Unreadable };
            match strict_json(bytes) {
                Some(document) => said(&document, at),
                None if is_other_text(bytes) => Report::Silent,
                None => Report::Unreadable,
            }
        }
        Content::Ordinary
        | Content::Checksums(_)
        | Content::TrustedRoot
        | Content::RevocationList(_)
        | Content::Timestamp => Report::Silent,
    }
}

/// Neither JSON nor XML, such as SPDX tag-value: no declarations are written so.
fn is_other_text(bytes: &[u8]) -> bool {
    !matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[' | b'<' | 0xEF))
}

fn of_statement(dsse: &Dsse, at: Time) -> Report {
    strict_json(&dsse.payload).map_or(Report::Unreadable, |document| said(&document, at))
}

/// The declarations of a document, or of the predicate of a statement.
fn said(document: &Json, at: Time) -> Report {
    let within = document.get("predicate").and_then(|predicate| conformance(predicate, at));
    conformance(document, at).or(within).map_or(Report::Silent, Report::Declares)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;

    use super::*;
    use crate::digest::{Digests, Hasher};
    use crate::limits::Limits;
    use crate::read::Place;

    #[test]
    fn what_cannot_be_read_is_not_silent() {
        let declares = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","declarations":{"attestations":[]}}"#;
        let twice = declares.replace("\"specVersion\"", "\"version\":1,\"version\":1,\"specVersion\"");
        let xml = "<?xml version=\"1.0\"?><bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\" version=\"1\"><declarations/></bom>";
        let statement = format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://cyclonedx.org/bom","subject":[{{"name":"a","digest":{{"sha256":"{}"}}}}],"predicate":{declares}}}"#,
            "00".repeat(32)
        );
        let at: Time = "2026-11-23T12:00:00Z".parse().unwrap();
        let nothing = Report::Declares(Conformance::default());
        for (text, expected) in [
            (declares, nothing.clone()),
            (&statement, nothing),
            (&twice, Report::Unreadable),
            (xml, Report::Unreadable),
            (r#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#, Report::Silent),
            ("SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\n", Report::Silent),
            ("%PDF-1.7\n", Report::Silent),
        ] {
            let bytes = text.as_bytes();
            let mut hasher = Hasher::new(&[]);
            hasher.update(bytes);
            let digests: Digests = hasher.finish();
            let content = crate::decode::document(bytes, &Limits::MAX);
            let file = File {
                path: "report".to_owned(),
                size: bytes.len() as u64,
                digests,
                place: Place::Delivered,
                content,
                bytes: Some(Arc::from(bytes)),
            };
            assert_eq!(of_file(&file, at), expected, "{text}");
        }
    }
}
