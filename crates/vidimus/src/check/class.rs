//! Which rules a component is held to. What accepted release statements call it decides its class; what only an SBOM says may add
//! the rules of further classes and takes none away (T21).

use std::collections::BTreeMap;

use super::quorum;
use crate::decode::{Component, Element};
use crate::join::{Claimed, Joined};
use crate::policy::{Class, Product, Proof, Raise, Role};
use crate::reason::Reason;

pub(super) use crate::join::classes::names;

crate::reasons! {
    NO_PROOF = "class.no-proof", Unproven, Vendor, ["class"],
        says "an SBOM calls it a product of the class {class}, and nothing proves it; the rules of the default class apply",
        why "The rules of that class are milder. The word of an SBOM alone never makes rules milder: a hostile part could be listed under a harmless name (T21).",
        fix "Deliver what the class asks as proof: the publisher's signed release of these bytes, or have the operator list the digest.";
}

/// The classes of a component.
#[derive(Clone, Debug)]
pub(super) struct Classes<'a> {
    /// The one that it is in; `None` for a file of the delivery, which has its class as such.
    pub(super) own: Option<&'a Class>,
    /// Those whose rules are added.
    pub(super) raised: Vec<&'a Class>,
    /// The lenient class that it would be in if anything proved it.
    pub(super) without_proof: Option<&'a Class>,
}

impl<'a> Classes<'a> {
    pub(super) fn all(&self) -> impl Iterator<Item = &'a Class> + '_ {
        self.own.iter().chain(&self.raised).copied()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.all().map(|class| class.id.as_str())
    }

    /// Does its product lead to that class, whether its rules are asked or not?
    pub(super) fn leads_to(&self, class: &str) -> bool {
        self.ids().any(|id| id == class) || self.without_proof.is_some_and(|lenient| lenient.id == class)
    }

    /// Why it is not in a milder class.
    pub(super) fn reason(&self) -> Option<Reason> {
        Some(Reason::new(&NO_PROOF).name("class", &self.without_proof?.id))
    }
}

/// The classes of the node `node`.
pub(super) fn of<'a>(joined: &Joined<'a>, node: usize, is_artifact: bool) -> Classes<'a> {
    let policy = joined.policy;
    let candidates = || policy.classes.iter().filter(|class| !class.default && class.role != Role::TopLevel);
    let by_product = |product: &Product| candidates().find(|class| class.lists(product));
    let mut classes = Classes { own: None, raised: Vec::new(), without_proof: None };
    // By class, whether it is shown: many names lead to one.
    let mut shown: BTreeMap<&str, bool> = BTreeMap::new();
    let products = joined.released(node).map(|p| (p, true)).chain(joined.claimed_products(node).map(|p| (p, false)));
    for (product, released) in products {
        let Some(class) = by_product(product) else { continue };
        if class.lenient.is_some() {
            if *shown.entry(&class.id).or_insert_with(|| proven(joined, node, class)) {
                classes.own = classes.own.or(Some(class));
            } else {
                classes.without_proof = classes.without_proof.or(Some(class));
            }
        } else if released && classes.own.is_none_or(|own| own.lenient.is_some()) {
            classes.raised.extend(classes.own.take());
            classes.own = Some(class);
        } else {
            classes.raised.push(class);
        }
    }
    // What was struck makes nothing milder.
    let struck = joined.struck_products(node).filter_map(by_product);
    classes.raised.extend(struck.filter(|class| class.lenient.is_none()));
    for class in candidates() {
        if class.raise_if.as_ref().is_some_and(|raise| joined.described(node).any(|component| raises(raise, component)))
        {
            classes.raised.push(class);
        }
    }
    if is_artifact {
        classes.raised.extend(classes.own.take().filter(|class| class.lenient.is_none()));
        classes.without_proof = None;
    } else {
        // A milder class stands alone only where nothing leads elsewhere.
        let milder = classes
            .own
            .filter(|own| own.lenient.is_some() && (!classes.raised.is_empty() || classes.without_proof.is_some()));
        if milder.is_some() {
            classes.own = None;
        }
        let default = policy.classes.iter().find(|class| class.default);
        // What somebody released it as that no class lists is not undone by what somebody else did (T21).
        let is_unlisted = |product: &Product| policy.classes.iter().all(|class| class.default || !class.lists(product));
        classes.raised.extend(default.filter(|_| joined.released_as(node).any(|product| is_unlisted(&product))));
        classes.own = classes.own.or(default);
    }
    let own = classes.own.map(|class| class.id.as_str());
    classes.raised.retain(|class| Some(class.id.as_str()) != own);
    classes.raised.sort_by_key(|class| &class.id);
    classes.raised.dedup_by_key(|class| &class.id);
    classes
}

/// Is it shown that the node belongs to a lenient class?
fn proven(joined: &Joined<'_>, node: usize, class: &Class) -> bool {
    let Some(lenient) = &class.lenient else { return false };
    if matches!(joined.claimed(node), Some(Claimed::Anonymous(_))) {
        return false;
    }
    lenient.proof_any.iter().any(|proof| match proof {
        Proof::Release => {
            joined.released(node).any(|product| class.lists(product))
                || super::component_identity::published(joined, node, class)
        }
        Proof::DigestList => {
            let digests = joined.digests_of(node);
            let mut known = digests.computable().filter_map(|algorithm| digests.by(algorithm));
            known.any(|digest| {
                joined.policy.algorithms.digest_bind.contains(&digest.algorithm()) && lenient.digests.contains(&digest)
            })
        }
        Proof::Rebuild => joined.policy.quorums.values().any(|quorum| quorum::is_rebuilt(joined, node, quorum, class)),
    })
}

fn raises(raise: &Raise, component: Component<'_>) -> bool {
    let name = component.name().to_ascii_lowercase();
    let purpose = component.text(Element::Purpose).map(|purpose| purpose.to_ascii_lowercase().replace('_', "-"));
    let is = |kind: &str| purpose.as_deref() == Some(kind);
    raise.crypto_asset && is("cryptographic-asset")
        || raise.types.iter().any(|kind| is(kind))
        || raise.name_contains.iter().any(|part| name.contains(part.as_str()))
}
