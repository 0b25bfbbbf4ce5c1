//! What is noteworthy about a valid document. A finding refuses nothing: the clause behind it allows what was found, or says only
//! what should be. A rule of the policy can still ask that there be none of a kind.

use std::collections::BTreeMap;

use crate::reason::Reason;

crate::reasons! {
    MORE = "sbom.more-findings", Unproven, Vendor, ["code", "count"],
        says "{count} more findings of the kind {code} are not listed",
        why "Lists are bounded, so that no document can exhaust the machine (T36).",
        fix "Look at those that are listed; `vidimus explain` says what the code means.";
}

/// Codes that a rule may refuse, sorted: what a document says about itself, and what it says beside other documents.
pub(crate) const REFUSABLE: &[&str] = &[
    "sbom.completeness-conflict",
    "sbom.containment-cycle",
    "sbom.dependency-cycle",
    "sbom.described-differently",
    "sbom.license-deprecated",
    "sbom.license-expression",
    "sbom.license-name",
    "sbom.license-unknown",
    "sbom.link-element",
    "sbom.link-mismatch",
    "sbom.link-unresolved",
    "sbom.link-weak",
    "sbom.no-root",
    "sbom.no-serial",
    "sbom.purl",
    "sbom.purl-checksum",
    "sbom.purl-mismatch",
    "sbom.reference-prefix",
    "sbom.repeated-dependency",
    "sbom.repeated-name",
    "sbom.self-dependency",
    "sbom.serial-conflict",
    "sbom.stale-revision",
    "sbom.unknown-name",
    "sbom.unreachable",
    "sbom.weak-hash",
    "spdx.license-deprecated",
    "spdx.more-relationships",
    "spdx.self-relationship",
    "spdx.verification-code-form",
];

/// Of these, what a document says only beside another one, and no more once that is left out.
pub(crate) const BESIDE: &[&str] = &[
    "sbom.described-differently",
    "sbom.link-element",
    "sbom.link-mismatch",
    "sbom.link-weak",
    "sbom.serial-conflict",
    "sbom.stale-revision",
];

/// How many of one kind are listed.
pub(crate) const LISTED: usize = 10;

/// Collects findings, of each kind only so many.
#[derive(Debug, Default)]
pub(crate) struct Findings(BTreeMap<&'static str, (Vec<Reason>, u64)>);

impl Findings {
    /// Notes one.
    pub(super) fn add(&mut self, reason: Reason) {
        let (list, more) = self.0.entry(reason.code()).or_default();
        if list.len() < LISTED {
            list.push(reason);
        } else {
            *more += 1;
        }
    }

    /// Counts more of a kind, which are not worked out.
    pub(crate) fn more(&mut self, code: &'static str, count: u64) {
        if count > 0 {
            self.0.entry(code).or_default().1 += count;
        }
    }

    /// By code, then in the order of finding.
    pub(crate) fn list(self) -> Vec<Reason> {
        let mut all = Vec::new();
        for (code, (list, more)) in self.0 {
            all.extend(list);
            if more > 0 {
                all.push(Reason::new(&MORE).name("code", code).int("count", more));
            }
        }
        all
    }
}

impl Extend<Reason> for Findings {
    fn extend<I: IntoIterator<Item = Reason>>(&mut self, reasons: I) {
        reasons.into_iter().for_each(|reason| self.add(reason));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_that_can_be_refused_is_a_reason() {
        assert!(REFUSABLE.is_sorted());
        for code in REFUSABLE {
            assert!(crate::reason::by_code(code).is_some(), "{code}");
        }
    }

    #[test]
    fn lists_are_bounded_by_kind() {
        let mut findings = Findings::default();
        findings.extend((0..25).map(|count| Reason::new(&MORE).name("code", "a.b").int("count", count)));
        findings.more(MORE.code, 5);
        let list = findings.list();
        assert_eq!(list.len(), LISTED + 1);
        let last = list.last().map(Reason::sentence);
        assert_eq!(last.as_deref(), Some("20 more findings of the kind sbom.more-findings are not listed"));
    }
}
