//! Every reason, by code. `cargo xtask generate` keeps the list of modules.

use super::ReasonInfo;

#[rustfmt::skip]
static MODULES: &[&[&ReasonInfo]] = &[
    crate::authenticate::REASONS,
    crate::authenticate::crl::REASONS,
    crate::authenticate::envelope::REASONS,
    crate::authenticate::holder::REASONS,
    crate::authenticate::proof::REASONS,
    crate::authenticate::sigstore::REASONS,
    crate::authenticate::sigstore::leaf::REASONS,
    crate::authenticate::supply::REASONS,
    crate::authenticate::x509::REASONS,
    crate::bundle::REASONS,
    crate::check::REASONS,
    crate::check::certification::REASONS,
    crate::check::class::REASONS,
    crate::check::component_identity::REASONS,
    crate::check::components::REASONS,
    crate::check::delegated::REASONS,
    crate::check::denied::REASONS,
    crate::check::inventory::REASONS,
    crate::check::layout::REASONS,
    crate::check::origin::REASONS,
    crate::check::provenance::REASONS,
    crate::check::provenance::certificate::REASONS,
    crate::check::provenance::parameters::REASONS,
    crate::check::quorum::REASONS,
    crate::check::release::REASONS,
    crate::check::rollback::REASONS,
    crate::check::sbom::REASONS,
    crate::check::sbom_completeness::REASONS,
    crate::check::source::REASONS,
    crate::check::status::REASONS,
    crate::check::transparency::REASONS,
    crate::check::trusted_time::REASONS,
    crate::check::vsa::REASONS,
    crate::check::vulns::REASONS,
    crate::conclude::caveats::REASONS,
    crate::conclude::chain::REASONS,
    crate::conclude::waive::REASONS,
    crate::container::fault::REASONS,
    crate::decode::REASONS,
    crate::decode::bundle::REASONS,
    crate::decode::checksums::REASONS,
    crate::decode::collection::REASONS,
    crate::decode::dsse::REASONS,
    crate::decode::encoding::REASONS,
    crate::decode::in_toto::REASONS,
    crate::decode::json::REASONS,
    crate::decode::sbom::REASONS,
    crate::decode::sbom::build::REASONS,
    crate::decode::sbom::cyclonedx::json::check::REASONS,
    crate::decode::sbom::cyclonedx::meaning::REASONS,
    crate::decode::sbom::cyclonedx::xml::check::REASONS,
    crate::decode::sbom::cyclonedx::xml::tree::REASONS,
    crate::decode::sbom::findings::REASONS,
    crate::decode::sbom::graph::REASONS,
    crate::decode::sbom::identity::REASONS,
    crate::decode::sbom::spdx::REASONS,
    crate::decode::sbom::spdx::check::REASONS,
    crate::decode::sbom::spdx::tag_value::REASONS,
    crate::decode::sbom::spdx::v3::REASONS,
    crate::decode::sbom::spdx::verification_code::REASONS,
    crate::decode::sbom::violations::REASONS,
    crate::decode::shape::REASONS,
    crate::decode::statement::REASONS,
    crate::decode::vex::REASONS,
    crate::decode::vex::csaf::REASONS,
    crate::decode::vex::csaf_tests::REASONS,
    crate::decode::vex::cyclonedx::REASONS,
    crate::decode::vex::openvex::REASONS,
    crate::join::bind::REASONS,
    crate::join::chain::REASONS,
    crate::join::delivery::REASONS,
    crate::join::layouts::REASONS,
    crate::join::layouts::glob::REASONS,
    crate::join::layouts::parameters::REASONS,
    crate::join::layouts::rules::REASONS,
    crate::join::links::REASONS,
    crate::join::sbom::REASONS,
    crate::knowledge::folder::REASONS,
    crate::knowledge::status::REASONS,
    crate::knowledge::strike::REASONS,
    crate::policy::anchor::check::REASONS,
    crate::policy::anchor::load::REASONS,
    crate::policy::lint::REASONS,
    crate::policy::load::errors::REASONS,
    crate::read::load::REASONS,
    crate::read::walk::REASONS,
    crate::signature::REASONS,
    crate::signature::cms::REASONS,
    crate::signature::minisign::REASONS,
    crate::signature::openpgp::REASONS,
    crate::signature::sshsig::REASONS,
];

/// Every reason, sorted by code.
#[must_use]
pub fn all() -> Vec<&'static ReasonInfo> {
    let mut all: Vec<&'static ReasonInfo> = MODULES.iter().flat_map(|m| m.iter().copied()).collect();
    all.sort_by_key(|r| r.code);
    all
}

/// The reason with that code.
#[must_use]
pub fn by_code(code: &str) -> Option<&'static ReasonInfo> {
    MODULES.iter().flat_map(|m| m.iter().copied()).find(|r| r.code == code)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    /// `^[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*$`
    fn is_code(code: &str) -> bool {
        let lower = |s: &str, digits: bool| {
            !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase() || digits && b.is_ascii_digit())
        };
        code.split_once('.').is_some_and(|(area, rest)| lower(area, false) && rest.split('-').all(|w| lower(w, true)))
    }

    /// The `{argument}` places of a sentence.
    fn places(says: &str) -> Vec<&str> {
        says.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0).collect()
    }

    #[test]
    fn the_grammar_of_codes() {
        for (code, expected) in [
            ("parse.duplicate-key", true),
            ("sbom.cyclonedx-1", true),
            ("parse", false),
            ("parse.", false),
            ("Parse.x", false),
            ("parse.x--y", false),
            ("parse.x-", false),
            ("parse.x.y", false),
            ("p4.x", false),
        ] {
            assert_eq!(is_code(code), expected, "{code}");
        }
    }

    #[test]
    fn every_reason_is_well_formed_and_unique() {
        let all = all();
        assert!(!all.is_empty());
        for pair in all.windows(2) {
            assert!(pair[0].code < pair[1].code, "{} is declared twice", pair[0].code);
        }
        for reason in all {
            assert!(is_code(reason.code), "{}", reason.code);
            for text in [reason.says, reason.why, reason.fix] {
                assert!(!text.is_empty() && text.trim() == text, "{}: {text:?}", reason.code);
            }
            assert!(reason.args.is_sorted(), "{}: arguments are not sorted", reason.code);
            for place in places(reason.says) {
                assert!(reason.args.contains(&place), "{} says {{{place}}} and does not declare it", reason.code);
            }
            assert!(by_code(reason.code).is_some_and(|found| std::ptr::eq(found, reason)));
        }
    }

    #[test]
    fn unknown_codes_are_not_found() {
        assert!(by_code("no.such-code").is_none());
    }
}
