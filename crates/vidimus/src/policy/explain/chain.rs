//! The sentences of `explain` about components.

use super::{and, or, vsa};
use crate::policy::independence::countries;
use crate::policy::{
    Class, ComponentsCheck, Delegation, Exclude, Need, Policy, Proof, Quorum, QuorumCheck, QuorumKind, SourceCheck,
};

/// What leads into a class besides its products.
pub(super) fn class(class: &Class) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(raise) = &class.raise_if {
        let mut what: Vec<String> = Vec::new();
        if raise.crypto_asset {
            what.push("is a cryptographic asset".to_owned());
        }
        if !raise.types.is_empty() {
            what.push(format!("is of the type {}", or(&raise.types)));
        }
        if !raise.name_contains.is_empty() {
            what.push(format!("has {} in its name", or(&raise.name_contains)));
        }
        sentences.push(format!("Its rules are added for a component that, by the word of an SBOM, {}.", or(&what)));
    }
    if let Some(lenient) = &class.lenient {
        let proofs = lenient.proof_any.iter().map(|proof| match proof {
            Proof::Release => "an accepted release or publish statement about the digest".to_owned(),
            Proof::DigestList => format!("the operator's list of {} digests", lenient.digests.len()),
            Proof::Rebuild => "an independent rebuild".to_owned(),
        });
        sentences.push(format!("Its rules are milder; nothing is in it without {}.", or(&proofs.collect::<Vec<_>>())));
    }
    sentences
}

/// A delegation: what it is, and its bounds.
pub(super) fn delegation(delegation: &Delegation) -> (String, Vec<String>) {
    let first = format!(
        "{}: {} may say {} about components of {}, in {}.",
        delegation.id,
        delegation.to,
        or(&delegation.accept),
        and(&delegation.about_suppliers),
        or(&delegation.classes)
    );
    let map: Vec<String> = delegation.map.iter().map(|(said, is)| format!("{said} counts as {is}")).collect();
    let mut rest = vec![format!("{}; all else is dropped. Needed is {}.", and(&map), or(&delegation.need_any))];
    rest.push(match delegation.max_depth {
        1 => "By its own verification alone.".to_owned(),
        depth => format!("Through at most {depth} hands."),
    });
    if let Some(days) = delegation.max_age_days {
        rest.push(format!("At most {days} days before the verdict."));
    }
    if delegation.inputs_present {
        rest.push("Everything that it cites must be in the delivery.".to_owned());
    }
    if let Some(valid) = delegation.valid {
        let from = valid.from.map(|from| format!("not before {from}"));
        let until = valid.until.map(|until| format!("not after {until}"));
        let bounds: Vec<String> = from.into_iter().chain(until).collect();
        rest.push(format!("Signed, by proven time, {}.", and(&bounds)));
    }
    (first, rest)
}

pub(super) fn components(check: &ComponentsCheck, files: &str) -> String {
    let edges: Vec<&str> = check.edges.iter().map(|edge| edge.name()).collect();
    let budget = check.leaf_budget.as_ref().map_or_else(String::new, |budget| {
        format!(
            "; at most {} of {} that are named by digest and not in the delivery may be unproven",
            budget.max_count, budget.class
        )
    });
    format!(
        "every component that leads from {files} over the edges {} meets the rules of its class{budget}",
        or(&edges)
    )
}

pub(super) fn identity(by: &str, files: &str) -> String {
    format!(
        "{by} released exactly the bytes of {files} under the package URL that SBOMs give them, or the operator lists the digest"
    )
}

pub(super) fn source(check: &SourceCheck, files: &str) -> String {
    format!(
        "a verifier of the repository gives the revision that {files} was built from SLSA source level {}",
        check.min_level
    )
}

pub(super) fn quorum(check: &QuorumCheck, files: &str) -> String {
    match &check.need {
        Need::Summary(need) => {
            // Whose, the quorum says.
            let mut need = need.as_ref().clone();
            need.by.clear();
            let said = vsa(&need, files);
            let said = said.split_once(' ').map_or(said.as_str(), |(_, rest)| rest);
            format!("the quorum {} is met: each {}", check.quorum, said.trim_start_matches("granted party "))
        }
        Need::Rebuild { provenance, normalisations } => {
            let same = if normalisations.is_empty() {
                "the same bytes".to_owned()
            } else {
                format!("the same bytes, or the same after {}", or(normalisations))
            };
            format!(
                "the quorum {} is met: each built {files} again on a builder of at least level {} and got {same}",
                check.quorum, provenance.min_level
            )
        }
    }
}

pub(super) fn judges(policy: &Policy, quorum: &Quorum) -> String {
    let QuorumKind::Judges { rebuild, tolerate_jurisdictions, remaining } = quorum.kind else { return String::new() };
    let mut text = format!(
        "{}; if {} can compel everybody under its law, {remaining} must be left",
        if rebuild { "rebuilders" } else { "verifiers" },
        countries(tolerate_jurisdictions)
    );
    if !quorum.exclude.is_empty() {
        let whose = quorum.exclude.iter().map(|exclude| match exclude {
            Exclude::SubjectVendor => "the vendor of the requested product".to_owned(),
            Exclude::SubjectSuppliers => "the supplier of what is judged".to_owned(),
            Exclude::Party(party) => policy.parties.get(party).map_or_else(String::new, |party| party.name.clone()),
        });
        text.push_str(&format!("; groups of {} do not count", and(&whose.collect::<Vec<_>>())));
    }
    if quorum.forbid_sole_basis {
        text.push_str("; a summary that cites nothing but summaries does not count");
    }
    text
}
