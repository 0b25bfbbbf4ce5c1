//! Profiles that no document can meet together.

use super::{Ask, Obligation, Profile, Rule};
use crate::decode::{Element, SBOM_FORMATS};

/// Why no document can meet all of these profiles; empty if one could. Each entry names the rules.
///
/// Two things are looked at: formats that the musts admit, and what one must forbids and another demands. Conditions that merely
/// are hard to meet together are no conflict.
#[must_use]
pub fn conflicts(profiles: &[&Profile]) -> Vec<String> {
    let musts = || profiles.iter().flat_map(|profile| profile.rules.iter().map(move |rule| (*profile, rule)));
    let musts: Vec<(&Profile, &Rule)> = musts().filter(|(_, rule)| rule.obligation.fails()).collect();
    let mut found = Vec::new();
    let formats: Vec<&(&Profile, &Rule)> =
        musts.iter().filter(|(_, rule)| matches!(rule.ask, Ask::Format(_))).collect();
    for (at, (profile, rule)) in formats.iter().enumerate() {
        for (other, second) in formats.iter().skip(at + 1).filter(|(other, _)| other.id != profile.id) {
            if !SBOM_FORMATS.iter().any(|format| admits(rule, format) && admits(second, format)) {
                let (first, second) =
                    (format!("{} ({})", rule.title, rule.id), format!("{} ({})", second.title, second.id));
                found.push(format!("{} demands {first}, {} demands {second}: no format is both", profile.id, other.id));
            }
        }
    }
    for (profile, rule) in &musts {
        let Ask::No(elements, _) = rule.ask else { continue };
        for (other, demand) in musts.iter().filter(|(_, demand)| demands_inside(demand, elements)) {
            found.push(format!(
                "{} forbids what {} demands: {} ({}) and {} ({})",
                profile.id, other.id, rule.title, rule.id, demand.title, demand.id
            ));
        }
    }
    found
}

/// Formats that every must of these profiles admits.
#[must_use]
pub(crate) fn formats(profiles: &[&Profile]) -> Vec<&'static str> {
    let rules = profiles
        .iter()
        .flat_map(|profile| profile.rules)
        .filter(|rule| rule.obligation == Obligation::Must || rule.obligation == Obligation::Baseline);
    let rules: Vec<&Rule> = rules.filter(|rule| matches!(rule.ask, Ask::Format(_))).collect();
    SBOM_FORMATS.iter().copied().filter(|format| rules.iter().all(|rule| admits(rule, format))).collect()
}

fn admits(rule: &Rule, format: &str) -> bool {
    matches!(rule.ask, Ask::Format(known) if super::ask::is_format(known, format))
}

/// Does the rule demand a value of these elements that stands in the document itself? A reference to another document does for
/// [`Ask::Present`], so that is no conflict.
fn demands_inside(rule: &Rule, elements: &[Element]) -> bool {
    matches!(&rule.ask, Ask::Kind(element, kinds) if elements.contains(element) && kinds.contains(&""))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::profile::{ALL, by_id};

    #[test]
    fn what_no_document_can_meet_is_named() {
        let of = |ids: &[&str]| conflicts(&ids.iter().map(|id| by_id(id).unwrap()).collect::<Vec<_>>());
        let found = of(&["bsi-tr-03183-2-v2.1", "openchain-telco-1.1"]);
        assert!(found.iter().all(|why| why.contains("BSI21-01") && why.contains("OCT11-0")), "{found:?}");
        assert_eq!(found.len(), 2);
        for fine in [
            &["bsi-tr-03183-2-v2.1", "bsi-tr-03183-2-v2.0"][..],
            &["bsi-tr-03183-2-v2.0", "openchain-telco-1.1", "ntia-2021"],
            &["bsi-tr-03183-2-v2.1", "cert-in-2.0", "cisa-2026", "eu-cra"],
        ] {
            assert_eq!(of(fine), [""; 0]);
        }
        for profile in ALL {
            assert_eq!(conflicts(&[profile]), [""; 0], "{}", profile.id);
            assert!(!formats(&[profile]).is_empty(), "{}", profile.id);
        }
    }
}
