//! `[[equivalence]]`: foreign certificates that are taken for a property of the operator's own.

use super::document::Table;
use super::errors::{BAD_VALUE, Errors, ID_TWICE, UNSATISFIABLE, VACUOUS, WINDOW};
use super::exception::named;
use super::names::Names;
use super::settings;
use super::structure::shown;
use crate::decode::slsa_level;
use crate::policy::{Check, Equivalence, Need, Policy, VsaCheck, Window, default_predicates};

/// Reads every equivalence.
pub(super) fn equivalences(document: &Table, parties: &Names, errors: &mut Errors) -> Vec<Equivalence> {
    let mut all: Vec<Equivalence> = Vec::new();
    for table in document.tables("equivalence") {
        let Some(from) = table.table("from") else { continue };
        let (Some(party), Some(scheme), Some(statement)) =
            (from.text("party"), from.text("scheme"), from.text("statement"))
        else {
            continue;
        };
        parties.check(party, errors);
        let valid = table.table("valid");
        let window: Window = valid.map(|valid| settings::window(valid, "from", "until", errors)).unwrap_or_default();
        if let Some(valid) = valid.filter(|valid| valid.node("until").is_none()) {
            let message = "schemes change; state `until`, so that somebody looks at it again";
            errors.add(&WINDOW, &valid.span, message);
        }
        let Some(to) = table.text("to") else { continue };
        if slsa_level(to.text).is_some() || to.text.starts_with("SLSA_") {
            let message = format!("`{}` is a level of SLSA; verifiers state those, and their grant caps them", to.text);
            errors.add(&BAD_VALUE, to.span, message);
        }
        let (Some(scheme), Some(statement), Some(property)) =
            (named(scheme, errors), named(statement, errors), named(to, errors))
        else {
            continue;
        };
        let equivalence = Equivalence {
            party: party.text.to_owned(),
            scheme,
            statement,
            to: property,
            basis: table.string("basis").unwrap_or_default(),
            valid: window,
        };
        let key = |e: &Equivalence| (e.party.clone(), e.scheme.clone(), e.statement.clone(), e.to.clone());
        if all.iter().any(|other| key(other) == key(&equivalence)) {
            let message = format!("`{}` stands twice for the same statement", shown(to.text));
            errors.add(&ID_TWICE, to.span, message);
        }
        all.push(equivalence);
    }
    all
}

/// An equivalence that nobody may say, or that no rule asks for. Runs on a policy that is otherwise without error.
pub(super) fn check(policy: &Policy, document: &Table, errors: &mut Errors) {
    let types = default_predicates().remove("certification").unwrap_or_default();
    for (equivalence, table) in policy.equivalences.iter().zip(document.tables("equivalence")) {
        let may = policy.grants.iter().any(|grant| {
            let parties = super::identity::of_party(&policy.identities, &grant.identities);
            parties.contains(&equivalence.party.as_str())
                && types.iter().any(|t| grant.predicate_types.contains(t))
                && (grant.schemes.is_empty() || grant.schemes.contains(&equivalence.scheme))
        });
        if !may {
            let message = format!(
                "no grant lets `{}` say `certification` under {}",
                equivalence.party,
                shown(&equivalence.scheme)
            );
            errors.add(&UNSATISFIABLE, table.span_of("from"), message);
        } else if !super::reach::lists(policy, &equivalence.party) {
            let message = format!(
                "`{}` has no `[status_list]` with the scope `certificate`; nothing would show that a certificate was not taken back",
                equivalence.party
            );
            errors.add(&UNSATISFIABLE, table.span_of("from"), message);
        }
        // Whose word a rule does not take at all, it does not take for a property either.
        let party = policy.parties.get(&equivalence.party);
        let takes = |vsa: &VsaCheck| {
            vsa.properties.contains(&equivalence.to)
                && party.is_some_and(|party| vsa.by.is_empty() || vsa.by.iter().any(|by| by.is(party)))
        };
        let asks = |check: &Check| match check {
            Check::Vsa(vsa) => takes(vsa),
            Check::Quorum(quorum) => match &quorum.need {
                Need::Summary(vsa) => takes(vsa),
                Need::Rebuild { .. } => false,
            },
            _ => false,
        };
        if !policy.rules.iter().any(|rule| rule.check.leaves().any(asks)) {
            let message = format!("no rule asks for the property `{}` of `{}`", equivalence.to, equivalence.party);
            errors.add(&VACUOUS, table.span_of("to"), message);
        }
    }
}
