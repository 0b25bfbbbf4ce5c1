//! Violations of a format that a policy may tolerate: those that make a document poorer, and never what it means by an identifier, a
//! digest, a reference to other bytes, or how it is parsed.

/// Codes that `formats.sbom_tolerate` may list, sorted.
pub(crate) const TOLERABLE: &[&str] = &[
    "sbom.dangling-reference",
    "sbom.excluded",
    "sbom.misplaced",
    "sbom.missing-member",
    "sbom.repeated",
    "sbom.together",
    "sbom.unknown-member",
    "sbom.wrong-count",
    "sbom.wrong-form",
    "sbom.wrong-type",
    "sbom.wrong-word",
    "spdx.actor",
    "spdx.dangling-reference",
    "spdx.data-license",
    "spdx.identifier",
    "spdx.license-expression",
    "spdx.license-undeclared",
    "spdx.license-unknown",
    "spdx.tag-unknown",
    "spdx.time",
];

#[cfg(test)]
mod tests {
    use super::super::findings::REFUSABLE;
    use super::*;

    #[test]
    fn each_is_a_reason_and_none_decides_what_is_bound() {
        assert!(TOLERABLE.is_sorted());
        for code in TOLERABLE {
            assert!(crate::reason::by_code(code).is_some(), "{code}");
        }
        for code in [
            "parse.duplicate-key",
            "parse.strict",
            "limit.components",
            "sbom.hash",
            "sbom.duplicate-reference",
            "spdx.checksum",
            "spdx.duplicate-identifier",
            "spdx.verification-code",
            "spdx.external-document",
            "spdx.context",
            "spdx.contradiction",
        ] {
            assert!(!TOLERABLE.contains(&code) && crate::reason::by_code(code).is_some(), "{code}");
        }
    }

    #[test]
    fn the_page_of_checks_names_reasons_that_there_are() {
        let page = include_str!("../../../../../docs/sbom-checks.md");
        let cells = page.lines().filter(|line| line.starts_with("| ")).filter_map(|line| line.split('|').nth(4));
        let codes = cells.flat_map(|cell| cell.split('`')).filter(|word| word.contains('.') && !word.contains(' '));
        let mut count = 0;
        for code in codes {
            assert!(crate::reason::by_code(code).is_some(), "{code}");
            count += 1;
        }
        assert!(count > 80, "{count}");
        let known = REFUSABLE.iter().chain(TOLERABLE);
        for code in
            known.filter(|code| !["spdx.actor", "spdx.data-license", "spdx.tag-unknown", "spdx.time"].contains(code))
        {
            assert!(page.contains(&format!("`{code}`")), "{code}");
        }
    }
}
