//! Which supply chains count for a rule, about a node. What is evidence asks what the rule asks, of components rather more; what keeps a
//! program from being taken for a link is that its text must be plain (`decode/foreign.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Chain, Place, Shown};
use crate::authenticate::Fact;
use crate::join::{Joined, classes};
use crate::policy::{Check, Grant, LayoutCheck, Product, Rule};
use crate::read;
use crate::reason::Reason;

/// Whoever signed the layout must be believed about one of the products, and about every name.
pub(crate) fn may_sign(fact: &Fact<'_>, products: &[Product], names: &[&Product]) -> bool {
    let grants: Vec<&Grant> = fact.covering(products).filter(|grant| grant.layout).collect();
    !grants.is_empty() && names.iter().all(|name| grants.iter().any(|grant| grant.covers(name)))
}

/// What layouts show for a rule, whatever file it is asked of.
#[derive(Debug, Default)]
pub(crate) struct JudgedLayouts {
    /// Supply chains of layouts that whoever may signed.
    pub(crate) signed: BTreeSet<Place>,
    /// Those of them that meet the rule for the files that came out of them.
    pub(crate) counting: BTreeSet<Place>,
    /// What else speaks against layouts.
    pub(crate) told: Vec<Reason>,
}

/// By rule and whoever may sign for it, what layouts show: files are many, and so are layouts.
pub(super) type Judged = Mutex<BTreeMap<(usize, BTreeSet<Vec<usize>>), Arc<JudgedLayouts>>>;

/// Inspections that the rule asks for and nobody runs.
pub(crate) fn is_unrun(check: &LayoutCheck, inspections: &BTreeSet<&str>) -> bool {
    !check.inspections_not_run && !inspections.is_empty()
}

/// The checks of layouts in a rule.
pub(crate) fn checks(rule: &Rule) -> impl Iterator<Item = &LayoutCheck> {
    rule.check.leaves().filter_map(|check| if let Check::Layout(layout) = check { Some(layout) } else { None })
}

impl<'a> Joined<'a> {
    /// The supply chains that meet the check about a file of the delivery that `judged` takes, or about a component.
    pub(crate) fn meeting(&self, rule: &Rule, check: &LayoutCheck, judged: impl Fn(usize) -> bool) -> Vec<&Chain<'a>> {
        let layouts = self.layouts(&check.parameters);
        let mut meeting: BTreeMap<Place, &Chain<'a>> = BTreeMap::new();
        for node in 0..self.plain_nodes() {
            let Some(known) = self.known_digests(node) else { continue };
            let mut open = self.coming_to(&check.parameters, &known);
            open.retain(|place, chain| !meeting.contains_key(place) && !is_unrun(check, &chain.inspections));
            if open.is_empty() {
                continue;
            }
            for products in self.asked_as(rule, node, &judged) {
                let meets = |(layout, _): &Place| {
                    let shown = layouts.get(*layout).filter(|shown| check.takes(shown.signed));
                    shown.is_some_and(|shown| {
                        self.owners_of(check, shown, |fact| may_sign(fact, &products, &[])) >= check.threshold
                    })
                };
                meeting.extend(open.iter().filter(|(place, _)| meets(place)).map(|(place, chain)| (*place, *chain)));
            }
        }
        meeting.into_values().collect()
    }

    /// What layouts show for a rule, if `speaking` are the grants under which they may be signed.
    pub(crate) fn judged_layouts(
        &self,
        check: &LayoutCheck,
        speaking: BTreeSet<Vec<usize>>,
        judge: impl FnOnce() -> JudgedLayouts,
    ) -> Arc<JudgedLayouts> {
        // Rules are the policy's own, one and the same in memory; and whoever broke off while it judged left nothing half done.
        let key = (std::ptr::from_ref(check).addr(), speaking);
        let mut known = self.layouts.judged.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(key).or_insert_with(|| Arc::new(judge())))
    }

    /// How many of the parties of the check signed the layout, of those that `may`.
    fn owners_of(&self, check: &LayoutCheck, shown: &Shown<'_>, may: impl Fn(&Fact<'_>) -> bool) -> u64 {
        self.layout_signers(shown.id).map_or(0, |signers| signers.owners(|fact| check.is_by(fact.party) && may(fact)))
    }

    /// As what the rule may ask about a node, as a file of the delivery, as a component, or both: the products for one of which whoever
    /// answers must be believed. Of a component more than the rule asks is taken: which of its names lead to the rule and whether the rule
    /// reaches it is known later. What is exempt for it can do nothing ([`crate::decode`], text that is plain), and a caveat too many does no
    /// harm.
    fn asked_as(&self, rule: &Rule, node: usize, judged: &impl Fn(usize) -> bool) -> Vec<Vec<Product>> {
        let mut all = Vec::new();
        let place = self.delivery.files.get(node).map(|file| file.place);
        if place == Some(read::Place::Delivered) && judged(node) {
            let own = classes::class_of(self.policy, self, node).map_or("any", |class| class.id.as_str());
            let class = classes::through(rule, own, &classes::raised_to(self.policy, self, node));
            let known_as = || classes::known_as(self, node);
            all.extend(class.map(|class| classes::known_as_in(self, node, &known_as(), rule, (own, class))));
        }
        let own = self.as_component(node);
        let is_component =
            own != node || matches!(place, None | Some(read::Place::Member)) || self.described(node).next().is_some();
        if self.chain.is_some() && is_component && !classes::possible(self, rule, own).is_empty() {
            all.push(self.products(own).cloned().collect());
        }
        all
    }

    /// Files that are evidence because they are links of a supply chain that meets a rule about something else than evidence. Whoever
    /// signed a link of a layout that expired, lacks a step, asks for inspections, is about another product or shows nothing that was
    /// delivered, could exempt a program from the rules.
    pub(in crate::join) fn files_of_layouts(&self, evidence: &BTreeSet<usize>) -> BTreeSet<usize> {
        let all = self.layouts.shown.values().flatten().flat_map(|shown| &shown.chains);
        let links: BTreeSet<usize> = all.flat_map(|chain| chain.files.iter().copied()).collect();
        if links.is_empty() {
            return links;
        }
        let judged = |file: usize| !evidence.contains(&file) && !links.contains(&file);
        let asked = self.policy.rules.iter().flat_map(|rule| checks(rule).map(move |check| (rule, check)));
        let meeting = asked.flat_map(|(rule, check)| self.meeting(rule, check, judged));
        meeting.flat_map(|chain| chain.files.iter().copied()).collect()
    }
}
