//! What a rule asks about, and how far whoever answers must be believed. A component that SBOMs call many things could otherwise be
//! shown to be one of them by whoever may speak about another: the vendor gives a supplier's bytes a name of its own beside.

use std::collections::BTreeSet;

use super::{Answer, certification};
use crate::authenticate::Fact;
use crate::join::bind::wrong_product;
use crate::join::{Binding, Joined};
use crate::policy::{Grant, Product};
use crate::reason::Reason;

/// A node, and those of its names for each of which whoever speaks must be believed; none for a file of the delivery, of which its
/// product was asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'n> {
    pub(super) node: usize,
    pub(super) names: &'n [&'n Product],
}

impl<'n> Asked<'n> {
    /// About a file of the delivery.
    pub(super) const fn of(node: usize) -> Self {
        Self { node, names: &[] }
    }

    /// May whoever has these grants speak for every name?
    pub(super) fn covered(self, grants: &[&Grant]) -> bool {
        self.names.iter().all(|name| grants.iter().any(|grant| grant.covers(name)))
    }

    /// Everything that a statement lacks, as `judge` says: under all its grants together, and for each name under those that are about
    /// it. A level that is believed of one product is none of another.
    pub(super) fn lacks<'a>(self, binding: &Binding<'a>, judge: impl Fn(&Binding<'a>) -> Vec<Reason>) -> Vec<Reason> {
        let lacking = judge(binding);
        if !lacking.is_empty() || self.names.is_empty() {
            return lacking;
        }
        let about = |name: &&Product| -> Vec<usize> {
            let grants = binding.grants.iter().enumerate().filter(|(_, grant)| grant.covers(name));
            grants.map(|(at, _)| at).collect()
        };
        let views: BTreeSet<Vec<usize>> = self.names.iter().map(about).collect();
        if views.contains(&Vec::new()) {
            return vec![wrong_product(binding.fact)];
        }
        let partial = views.into_iter().filter(|view| view.len() < binding.grants.len());
        let judged = partial.flat_map(|view| {
            let grants = view.into_iter().filter_map(|at| binding.grants.get(at).copied()).collect();
            judge(&Binding { fact: binding.fact, grants })
        });
        judged.collect()
    }

    /// What is bound to the node and may speak for every name; what may not is told in `others`.
    pub(super) fn bindings<'b, 'a>(
        self,
        joined: &'b Joined<'a>,
        others: &'b mut Vec<Reason>,
    ) -> impl Iterator<Item = &'b Binding<'a>> + use<'b, 'a, 'n> {
        joined.bindings(self.node).filter(move |binding| {
            let covered = self.covered(&binding.grants);
            others.extend((!covered).then(|| wrong_product(binding.fact)));
            covered
        })
    }

    /// An answer by certificates, if one of them is of a product that the node is called, by somebody who may certify all that it is.
    pub(super) fn by_certificates(self, joined: &Joined<'_>, answer: Answer) -> Answer {
        let Answer::Met(ids) = &answer else { return answer };
        if self.names.is_empty() {
            return answer;
        }
        let certificates: Vec<&Fact<'_>> = joined.certificates().filter(|fact| ids.contains(&fact.id)).collect();
        let lacking: Vec<Reason> =
            certificates.iter().map_while(|fact| self.lacks_certificate(fact, &fact.grants)).collect();
        if lacking.len() < certificates.len() {
            return answer;
        }
        Answer::not_met(lacking, super::missing("certification", &[]))
    }

    /// What keeps a certificate from being one of what is asked about: whoever issued it must be believed about every name, and it must be of
    /// a product that is one of them. The same bytes under another name are certified as something else.
    fn lacks_certificate(self, fact: &Fact<'_>, grants: &[&Grant]) -> Option<Reason> {
        if !self.covered(grants) {
            return Some(wrong_product(fact));
        }
        certification::of_another(fact, self.names)
    }

    /// Everything that a certificate lacks that a rule takes for a summary, where `found` is what it lacks itself.
    pub(super) fn of_certificate(self, binding: &Binding<'_>, mut found: Vec<Reason>) -> Vec<Reason> {
        let more = self.lacks_certificate(binding.fact, &binding.grants);
        let more = more.filter(|more| found.iter().all(|reason| reason.code() != more.code()));
        found.extend(more);
        found
    }
}
