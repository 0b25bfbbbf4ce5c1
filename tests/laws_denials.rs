//! Denials beside one another: two never give more than either of them.

use vidimus::Verdict;
use vidimus::decode::Content;
use vidimus::digest::Digest;
use vidimus::policy::{Check, Denied, Deny};

use crate::laws::{Case, assert_lower, cases, suppressible};

/// Deliveries with certificates, origins and components that pass; of components one whole delivery, and those in which one SBOM more names one.
fn passing() -> impl Iterator<Item = Case> {
    let is_meant = |case: &Case| {
        let areas = ["certification/", "origin/", "chain-struck/"];
        areas.iter().any(|area| case.name.starts_with(area)) || case.name == "chain/5gc"
    };
    let meant = cases().into_iter().filter(is_meant).filter(|case| case.policy.denials.is_empty());
    meant.filter(|case| case.judge().passes())
}

/// Ids of the signed statements. Where one SBOM more names a component, of those about it and about the product alone: the rest is that of
/// the whole delivery.
fn statements(case: &Case) -> Vec<Digest> {
    let is_meant =
        |path: &str| !case.name.starts_with("chain-struck/") || path.contains("/lib") || path.contains("/5gc");
    let files = case.delivery.files.iter().filter(|file| is_meant(&file.path));
    let signed = files.filter_map(|file| match &file.content {
        Content::Signed(items) => Some(items),
        _ => None,
    });
    signed.flatten().map(|item| item.id.clone()).collect()
}

/// What lowers an answer beside nothing lowers it beside another denial, too.
#[test]
fn denying_two_statements_gives_no_more_than_denying_one() {
    let (mut pairs, mut lowered) = (0, 0);
    for case in passing() {
        let judged = |denied: &[&Digest]| {
            let mut policy = case.policy.clone();
            let deny =
                |id: &&Digest| Deny { what: Denied::Attestation((*id).clone()), reason: "x".to_owned(), since: None };
            policy.denials.extend(denied.iter().map(deny));
            case.judged(&case.delivery, &policy)
        };
        let all: Vec<(Digest, Verdict)> =
            statements(&case).into_iter().map(|id| (id.clone(), judged(&[&id]))).collect();
        for (at, (one, first)) in all.iter().enumerate() {
            for (other, second) in all.iter().skip(at + 1).filter(|(_, second)| !first.passes() || !second.passes()) {
                let both = judged(&[one, other]);
                for (what, alone) in [(one, first), (other, second)] {
                    assert_lower(
                        &format!("{}: {one} and {other} denied, beside {what} alone", case.name),
                        alone,
                        &both,
                    );
                }
                pairs += 1;
            }
            lowered += usize::from(!first.passes());
        }
    }
    assert!(pairs > 300 && lowered > 80, "{pairs} pairs, {lowered} denials that lower");
}

/// One more SBOM can give a component one more name, which must be shown as well, and can be left out: whatever else would show names.
#[test]
fn that_a_name_must_be_shown_can_be_escaped_and_is_told() {
    let mut case = cases().into_iter().find(|case| case.name == "chain/5gc").unwrap();
    case.policy.predicates.clear();
    for lenient in case.policy.classes.iter_mut().filter_map(|class| class.lenient.as_mut()) {
        lenient.named.clear();
    }
    let is_asked = |check: &&Check| matches!(check, Check::ComponentIdentity(_));
    let asking = case.policy.rules.iter().filter(|rule| rule.check.leaves().any(|check| is_asked(&check)));
    let asking: Vec<&String> = asking.map(|rule| &rule.id).collect();
    let told = suppressible(&case.judge());
    assert!(!asking.is_empty() && asking.iter().all(|rule| told.contains(*rule)), "{told:?}");
}
