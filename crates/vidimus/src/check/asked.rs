//! What a rule asks about, and how far whoever answers must be believed. What SBOMs call it could otherwise give anybody a say: the vendor
//! gives a supplier's component a name of its own beside, or its own file a name of somebody else's.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::certification;
use crate::authenticate::Fact;
use crate::join::bind::wrong_product;
use crate::join::{Binding, Joined};
use crate::policy::{Grant, Product, VsaCheck};
use crate::reason::Reason;

/// A node, and as what whoever speaks of it must be believed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'n> {
    pub(super) node: usize,
    /// Of a component, the names for each of which they must be.
    pub(super) names: &'n [&'n Product],
    /// Of a file of the delivery, the products for one of which they must be: see [`known_as`](crate::join::classes::known_as).
    known_as: Option<&'n [Product]>,
    /// What was found of it; `None` where nothing is asked that would be found again.
    memo: Option<&'n Memo>,
}

/// What was found of grants about one node, by the grants: what is said about it can be very much, and is said under few.
#[derive(Debug, Default)]
pub(super) struct Memo {
    covered: RefCell<BTreeMap<Vec<usize>, bool>>,
    covers_all: RefCell<BTreeMap<Vec<usize>, bool>>,
    is_about: RefCell<BTreeMap<usize, bool>>,
    views: RefCell<BTreeMap<Vec<usize>, Views>>,
}

/// By name, which of some grants are about it.
type Views = Rc<BTreeSet<Vec<usize>>>;

/// Grants are the policy's own: one and the same in memory.
fn place(grant: &Grant) -> usize {
    std::ptr::from_ref(grant).addr()
}

fn places(grants: &[&Grant]) -> Vec<usize> {
    grants.iter().map(|grant| place(grant)).collect()
}

/// What `memo` has under `key`, or else what `find` finds.
fn known<K: Ord, V: Clone>(memo: &RefCell<BTreeMap<K, V>>, key: K, find: impl FnOnce() -> V) -> V {
    if let Some(known) = memo.borrow().get(&key) {
        return known.clone();
    }
    let found = find();
    memo.borrow_mut().insert(key, found.clone());
    found
}

impl<'n> Asked<'n> {
    /// As whatever it is looked at: for what speaks against it, under any grant.
    pub(super) const fn of(node: usize) -> Self {
        Self { node, names: &[], known_as: None, memo: None }
    }

    /// About a file of the delivery, by its products.
    pub(super) const fn of_file(node: usize, known_as: &'n [Product], memo: &'n Memo) -> Self {
        Self { node, names: &[], known_as: Some(known_as), memo: Some(memo) }
    }

    /// About a component, by its names.
    pub(super) const fn of_component(node: usize, names: &'n [&'n Product], memo: &'n Memo) -> Self {
        Self { node, names, known_as: None, memo: Some(memo) }
    }

    /// The products for one of which whoever speaks must be believed: of a component all, beside its names.
    pub(super) fn products(self, joined: &Joined<'_>) -> Vec<Product> {
        self.known_as.map_or_else(|| joined.products(self.node).cloned().collect(), <[Product]>::to_vec)
    }

    /// Products as which somebody may have verified or certified it, of a file those that count for the rule.
    pub(super) fn resources<'b>(self, joined: &'b Joined<'_>) -> Vec<&'b Product> {
        let counts = |product: &&Product| self.known_as.is_none_or(|known_as| known_as.contains(product));
        joined.resources(self.node).filter(counts).collect()
    }

    /// May whoever has these grants speak for every name, or for a product of the file?
    pub(super) fn covered(self, grants: &[&Grant]) -> bool {
        let covers = || self.names.iter().all(|name| grants.iter().any(|grant| grant.covers(name)));
        let covered = match self.memo {
            Some(memo) if self.names.len() > 1 => known(&memo.covered, places(grants), covers),
            _ => covers(),
        };
        covered && self.is_heard(grants)
    }

    /// May whoever has these grants speak for all that a component is called? Of a file of the delivery its product was asked.
    pub(super) fn covers_all(self, joined: &Joined<'_>, grants: &[&Grant]) -> bool {
        let covers = || joined.covers_all(grants, self.node);
        self.memo.map_or_else(covers, |memo| known(&memo.covers_all, places(grants), covers))
    }

    /// Of these grants, those that are about a product of the file; of a component, all.
    pub(super) fn narrowed<'a>(self, grants: &[&'a Grant]) -> Vec<&'a Grant> {
        let Some(known_as) = self.known_as else { return grants.to_vec() };
        let covers = |grant: &Grant| grant.products.is_none() || known_as.iter().any(|product| grant.covers(product));
        let is_about = |grant: &Grant| match self.memo {
            Some(memo) if known_as.len() > 1 => known(&memo.is_about, place(grant), || covers(grant)),
            _ => covers(grant),
        };
        grants.iter().copied().filter(|grant| is_about(grant)).collect()
    }

    /// Is any of these grants about a product of the file? Of a component, whoever asks looks for all its names.
    pub(super) fn is_heard(self, grants: &[&Grant]) -> bool {
        self.known_as.is_none() || !self.narrowed(grants).is_empty()
    }

    /// What is bound to the node by somebody who is heard about it.
    pub(super) fn heard<'b, 'a>(
        self,
        joined: &'b Joined<'a>,
    ) -> impl Iterator<Item = &'b Binding<'a>> + use<'b, 'a, 'n> {
        joined.bindings(self.node).filter(move |binding| self.is_heard(&binding.grants))
    }

    /// Everything that a statement lacks, as `judge` says: under all its grants together, and for each name, or all products, under those
    /// that are about it. A level that is believed of one product is none of another.
    pub(super) fn lacks<'a>(self, binding: &Binding<'a>, judge: impl Fn(&Binding<'a>) -> Vec<Reason>) -> Vec<Reason> {
        let lacking = judge(binding);
        if !lacking.is_empty() {
            return lacking;
        }
        let grants = self.narrowed(&binding.grants);
        match grants.len() {
            0 => return vec![wrong_product(binding.fact)],
            left if left < binding.grants.len() => return judge(&Binding { fact: binding.fact, grants }),
            _ => {}
        }
        let about = |name: &&Product| -> Vec<usize> {
            let grants = binding.grants.iter().enumerate().filter(|(_, grant)| grant.covers(name));
            grants.map(|(at, _)| at).collect()
        };
        let all = || Rc::new(self.names.iter().map(about).collect::<BTreeSet<Vec<usize>>>());
        let views = self.memo.map_or_else(all, |memo| known(&memo.views, places(&binding.grants), all));
        if views.contains(&Vec::new()) {
            return vec![wrong_product(binding.fact)];
        }
        let partial = views.iter().filter(|view| view.len() < binding.grants.len());
        let judged = partial.flat_map(|view| {
            let grants = view.iter().filter_map(|at| binding.grants.get(*at).copied()).collect();
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

    /// What keeps a certificate from being one of what is asked about: whoever issued it must be believed about every name, and it must be of
    /// a product that is one of them. The same bytes under another name are certified as something else.
    pub(super) fn lacks_certificate(self, fact: &Fact<'_>, grants: &[&Grant]) -> Option<Reason> {
        if self.names.is_empty() && self.known_as.is_none() {
            return None;
        }
        // Under one scheme for each name: a grant for another scheme is about other certificates.
        let of_scheme = certification::of_scheme(fact, grants);
        if !self.covered(if of_scheme.is_empty() { grants } else { &of_scheme }) {
            return Some(wrong_product(fact));
        }
        certification::of_another(fact, self.names)
    }

    /// Everything that a certificate lacks that a rule takes for a summary; `None` where it takes it for none.
    pub(super) fn as_properties(
        self,
        joined: &Joined<'_>,
        need: &VsaCheck,
        binding: &Binding<'_>,
    ) -> Option<Vec<Reason>> {
        let judge = |binding: &Binding<'_>| certification::as_properties(joined, need, self.node, binding);
        judge(binding)?;
        let mut found = self.lacks(binding, |binding| judge(binding).unwrap_or_default());
        let more = self.lacks_certificate(binding.fact, &binding.grants);
        let more = more.filter(|more| found.iter().all(|reason| reason.code() != more.code()));
        found.extend(more);
        Some(found)
    }
}
