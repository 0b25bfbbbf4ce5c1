//! By which reasons a delivery can show an attack, where no reason that it gives names the attack itself. A word in a fixture says which
//! attack it shows; without this, any word would do.

use super::Shown;
use super::attacks::Attack;

/// Attack, and codes; one that ends with `.` or `-` is the beginning of codes.
const KIN: [(&str, &[&str]); 33] = [
    // A text inside evidence makes it no evidence.
    ("T1", &["evidence.missing", "layout.disagree", "layout.disallowed", "layout.threshold"]),
    (
        "T2",
        &[
            "binding.absent",
            "binding.uncovered",
            "certification.report-absent",
            "certification.unresolved",
            "input.empty",
            "layout.empty",
            "layout.inspection",
            "layout.required",
            "layout.signatures",
            "layout.threshold",
            "origin.not-",
            "quorum.short",
            "sbom.unbound",
            "source.no-summary",
            "vulns.untriaged",
        ],
    ),
    ("T3", &["binding.digest-mismatch", "binding.product", "sbom."]),
    ("T4", &["binding.", "deny.", "release.", "sbom.root-mismatch", "status.", "vulns.stale-"]),
    (
        "T5",
        &[
            "binding.digest-mismatch",
            "component.not-published",
            "identity.unknown",
            "layout.other",
            "provenance.",
            "quorum.short",
            "source.",
            "vulns.untriaged",
        ],
    ),
    ("T6", &["binding."]),
    (
        "T7",
        &[
            "binding.product",
            "certificate.",
            "certification.",
            "component.not-published",
            "identity.",
            "key.",
            "layout.",
            "level.below-floor",
            "provenance.",
            "sbom.",
            "signature.invalid",
            "signature.unknown-key",
            "source.no-summary",
            "status.list-missing",
            "vulns.untriaged",
        ],
    ),
    ("T8", &["deny.key", "key.", "layout.expired", "signature.expired", "status.", "time."]),
    ("T9", &["log.", "parse.bundle"]),
    ("T10", &["log."]),
    ("T11", &["certificate.outside-validity", "time."]),
    ("T12", &["key.not-yet", "status.list-order"]),
    (
        "T14",
        &[
            "evidence.missing",
            "identity.no-grant",
            "layout.key",
            "layout.openpgp",
            "parse.malformed",
            "signature.algorithm-set",
            "signature.unsupported-algorithm",
            "vex.",
        ],
    ),
    ("T15", &["certificate.", "layout.pattern", "parse.", "sbom.", "spdx.", "vex.", "vulns.untriaged"]),
    ("T16", &["certificate.malformed", "parse.malformed", "signature."]),
    ("T18", &["archive.", "limit.archive-"]),
    ("T19", &["component.none", "component.not-published", "sbom.incomplete", "sbom.known-unknown"]),
    ("T20", &["class.no-proof", "component.", "status.no-digest"]),
    // A file that is in no milder class lacks what its own asks.
    ("T21", &["component.", "evidence.missing", "vsa.resource"]),
    ("T22", &["certification.own-word", "layout.signatures", "origin.strength"]),
    ("T23", &["origin.not-rebuilt"]),
    ("T26", &["binding.product"]),
    ("T27", &["certification.", "quorum.comparison", "vsa."]),
    ("T28", &["deny.attestation", "vex.", "vulns."]),
    ("T29", &["certification.", "time.unproven"]),
    ("T30", &["certification.suspended", "deny.", "status."]),
    ("T31", &["binding.digest-mismatch", "certification."]),
    ("T33", &["signature.unknown-key"]),
    ("T34", &["identity.unknown"]),
    ("T35", &["certificate.algorithm", "signature.unsupported-algorithm"]),
    ("T36", &["limit.", "time.unproven"]),
    ("T37", &["caveat.waiver-"]),
    ("T38", &["binding.digest-mismatch", "vsa.resource"]),
];

/// Does what this fixture fails by have to do with the attack? What passes shows what an attack does not do.
pub(super) fn is_shown_by(attack: &Attack, fixture: &Shown) -> bool {
    let mut codes = fixture.codes.iter().chain(&fixture.rejected).chain(&fixture.caveats);
    fixture.passes || codes.any(|code| names(code, attack.id) || is_kin(code, attack.id))
}

/// Does the reason name it, as in "(T4, T30)"?
fn names(code: &str, attack: &str) -> bool {
    let why = vidimus::reason::by_code(code).map_or("", |info| info.why);
    why.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == attack)
}

fn is_kin(code: &str, attack: &str) -> bool {
    let kin = KIN.iter().filter(|(id, _)| *id == attack).flat_map(|(_, kin)| *kin);
    kin.into_iter().any(|kin| if kin.ends_with(['.', '-']) { code.starts_with(kin) } else { code == *kin })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kin_are_reasons_that_do_not_name_the_attack() {
        for (attack, kin) in KIN {
            for kin in kin {
                let all = vidimus::reason::all();
                let meant = all.iter().filter(|info| is_kin(info.code, attack) && info.code.starts_with(kin));
                assert!(meant.filter(|info| !names(info.code, attack)).count() > 0, "{attack}: {kin}");
            }
        }
    }
}
