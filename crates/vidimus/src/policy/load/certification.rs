//! `check = "certification"`, and the accreditation of parties.

use super::document::Table;
use super::errors::{BAD_VALUE, Errors, UNKNOWN_REFERENCE, VACUOUS};
use super::exception::named;
use super::rule::{Known, by};
use super::settings;
use super::structure::shown;
use crate::policy::{AcceptedScheme, Accreditation, CertificationBind, CertificationCheck, Window};

/// `accreditation` of a party.
pub(super) fn accreditation(table: &Table, errors: &mut Errors) -> Option<Accreditation> {
    let table = table.table("accreditation")?;
    let window: Window = settings::window(table, "from", "until", errors);
    let (standard, number) = (table.string("standard")?, table.string("number")?);
    Some(Accreditation { standard, number, window })
}

/// The check.
pub(super) fn check(table: &Table, known: &Known<'_>, errors: &mut Errors) -> CertificationCheck {
    let any_of = table.tables("any_of").filter_map(|scheme| accepted(scheme, known, errors)).collect();
    let instants = table.strings("valid_at");
    let at = |name: &str| instants.iter().any(|instant| instant == name);
    let third_party = table.bool("third_party");
    let conformance = table.bool("conformance").unwrap_or(false);
    if third_party.is_some() && !conformance {
        let message = "`third_party` means nothing without `conformance = true`";
        errors.add(&VACUOUS, table.span_of("third_party"), message);
    }
    let check = CertificationCheck {
        any_of,
        bind: match table.text("bind").map(|bind| bind.text) {
            Some("version") => CertificationBind::Version,
            Some("process") => CertificationBind::Process,
            _ => CertificationBind::Digest,
        },
        at_release: at("release"),
        at_verification: at("verification") || instants.is_empty(),
        status: table.text("status").is_none_or(|status| status.text == "required"),
        impact_analysis: table.text("maintenance_gap").is_some_and(|gap| gap.text == "vendor-impact-analysis"),
        parts: table.text("parts").is_some_and(|parts| parts.text == "allow"),
        configuration: table.texts("configuration").filter_map(|text| named(text, errors)).collect(),
        reports: table.text("reports").is_some_and(|reports| reports.text == "present"),
        conformance: conformance.then_some(third_party.unwrap_or(false)),
    };
    if check.impact_analysis && check.bind == CertificationBind::Process {
        let message = "a certificate of how the vendor works is of no build, so there is no change to analyse";
        errors.add(&VACUOUS, table.span_of("maintenance_gap"), message);
    }
    check
}

fn accepted(table: &Table, known: &Known<'_>, errors: &mut Errors) -> Option<AcceptedScheme> {
    let scheme = named(table.text("scheme")?, errors)?;
    for laboratory in table.texts("laboratories") {
        known.parties.check(laboratory, errors);
        if known.parties.has(laboratory.text) && !known.accredited.contains(&laboratory.text) {
            let message =
                format!("`{}` has no `accreditation`; no evaluation could be told to be its", shown(laboratory.text));
            errors.add(&UNKNOWN_REFERENCE, laboratory.span, message);
        }
    }
    if table.text("accreditation").is_some_and(|standard| standard.text.contains(',')) {
        errors.add(&BAD_VALUE, table.span_of("accreditation"), "`accreditation` is one standard");
    }
    Some(AcceptedScheme {
        scheme,
        editions: table.strings("editions"),
        levels: table.strings("levels"),
        standards: table.strings("standards"),
        by: by(table, known, errors),
        accreditation: table.string("accreditation"),
        laboratories: table.strings("laboratories"),
    })
}
