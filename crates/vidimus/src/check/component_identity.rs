//! `component-identity`: a component is what it is called. Its digest is the one that was published under its package URL.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, is_by, missing};
use crate::authenticate::Fact;
use crate::digest::Digest;
use crate::join::bind::releases;
use crate::join::{Claimed, Joined};
use crate::policy::{Class, Grant, Lenient, PartyRef, Product};
use crate::reason::Reason;

crate::reasons! {
    NO_IDENTITY = "component.no-identity", Unproven, Vendor, [],
        says "no bound SBOM gives it a package URL",
        why "Without a name in a package ecosystem nobody can tell which release it should be, or which vulnerabilities it has.",
        fix "State the package URL of the component in the SBOM.";
    NOT_PUBLISHED = "component.not-published", Unproven, Vendor, ["product"],
        says "nothing shows that these bytes were published as {product}",
        why "An SBOM can give any bytes the name of a harmless package; the publisher's own release statement cannot (T21).",
        fix "Deliver the publisher's release attestation of these bytes, or have the operator list the digest with its package URL in place of the file name.";
    OTHER_IDENTITY = "component.other-identity", Unproven, Vendor, ["found", "product"],
        says "an SBOM calls it {product}, and the publisher released these bytes as {found}",
        why "A component under another name or version hides which vulnerabilities it has (T21).",
        fix "Correct the SBOM, or ship the version that it names.";
}

/// Each name must be shown. A release of another version under the same name, by whoever may release that and listed by no SBOM beside, contradicts
/// it, whatever else shows it; one under another name does not, for one package can be published under many.
pub(super) fn file(joined: &Joined<'_>, by: &[PartyRef], node: usize) -> Answer {
    let otherwise = || missing("release", by);
    if matches!(joined.claimed(node), Some(Claimed::Anonymous(_))) {
        return Answer::not_met(vec![Reason::new(&super::components::NO_DIGEST)], otherwise());
    }
    let named: Vec<&Product> = joined.component_products(node).collect();
    if named.is_empty() {
        return Answer::not_met(vec![Reason::new(&NO_IDENTITY)], otherwise());
    }
    let own: Vec<(&Fact<'_>, Product)> = releases(joined.bindings(node)).collect();
    let others: Vec<Product> = releases(joined.released_otherwise(node)).map(|(_, product)| product).collect();
    let listed: BTreeSet<&Product> = joined.listed_products(node).collect();
    let unlisted = own.iter().map(|(_, product)| product).chain(&others).filter(|product| !listed.contains(product));
    let against = Versions::of(unlisted);
    let counting = || own.iter().filter(|(fact, _)| is_by(by, fact));
    let mut same: BTreeMap<&Product, Vec<&Fact<'_>>> = BTreeMap::new();
    for (fact, product) in counting() {
        same.entry(product).or_default().push(fact);
    }
    // What is told does not depend on which was found first.
    let of_lines = Versions::of(counting().map(|(_, product)| product));
    let any = counting().map(|(_, product)| product).min();
    let published = Published::of(joined, node, by);
    let (mut met, mut reasons) = (Vec::new(), Vec::new());
    for product in named {
        if let Some(other) = against.another(product) {
            reasons.push(other_identity(product, other));
        } else if let Some(same) = same.get(product) {
            met.extend(same);
        } else if let Some(other) = of_lines.least(product) {
            reasons.push(other_identity(product, other));
        } else if let Some(fact) = published.as_product(product) {
            met.push(fact);
        } else if !on_list(joined, node, product) {
            reasons.push(match any {
                Some(other) => other_identity(product, other),
                None => Reason::new(&NOT_PUBLISHED).evidence("product", &product.to_string()),
            });
        }
    }
    if reasons.is_empty() { Answer::met(met) } else { Answer::not_met(reasons, otherwise()) }
}

/// Products by their line: a component can have very many names, and very many releases.
struct Versions<'p>(BTreeMap<String, OfLine<'p>>);

/// Of one line.
struct OfLine<'p> {
    least: &'p Product,
    /// By version, the least; so many that any version has another one among them.
    versions: BTreeMap<&'p str, &'p Product>,
}

impl<'p> Versions<'p> {
    fn of(products: impl Iterator<Item = &'p Product>) -> Self {
        let mut lines: BTreeMap<String, OfLine<'p>> = BTreeMap::new();
        for product in products {
            let line = lines.entry(product.line());
            let line = line.or_insert_with(|| OfLine { least: product, versions: BTreeMap::new() });
            line.least = line.least.min(product);
            if let Some(version) = product.version() {
                let least = line.versions.entry(version).or_insert(product);
                *least = (*least).min(product);
                if line.versions.len() > 2 {
                    line.versions.pop_last();
                }
            }
        }
        Self(lines)
    }

    /// The least of the line of `product`.
    fn least(&self, product: &Product) -> Option<&'p Product> {
        self.0.get(&product.line()).map(|line| line.least)
    }

    /// One of another version. What states none is no other.
    fn another(&self, product: &Product) -> Option<&'p Product> {
        let version = product.version()?;
        let line = self.0.get(&product.line())?;
        line.versions.iter().find(|(other, _)| **other != version).map(|(_, product)| *product)
    }
}

fn other_identity(product: &Product, other: &Product) -> Reason {
    let reason = Reason::new(&OTHER_IDENTITY).evidence("product", &product.to_string());
    reason.evidence("found", &other.to_string())
}

/// Is the digest on a list of the operator as that very product, for a class that lists it? A file name there, or the name of another
/// product of the class, shows that the operator knows the bytes, not that they are what an SBOM calls them.
fn on_list(joined: &Joined<'_>, node: usize, product: &Product) -> bool {
    let digests = joined.digests_of(node);
    let digests: Vec<_> = digests.computable().filter_map(|algorithm| digests.by(algorithm)).collect();
    let classes = joined.policy.classes.iter().filter(|class| class.lists(product));
    let lists = classes.filter_map(|class| class.lenient.as_ref());
    let is_it = |lenient: &Lenient, digest: &Digest| lenient.named.contains(&(digest.clone(), product.clone()));
    let mut digests = lists.flat_map(|lenient| digests.iter().filter(move |digest| is_it(lenient, digest)));
    digests.any(|digest| joined.policy.algorithms.digest_bind.contains(&digest.algorithm()))
}

/// Publish statements of an ecosystem about a node.
struct Published<'b, 'a> {
    /// Each grant for products once, with the first who speaks under it.
    under: Vec<(&'a Grant, &'b Fact<'a>)>,
}

impl<'b, 'a> Published<'b, 'a> {
    /// Those by the parties that a rule names; of all, if it names none.
    fn of(joined: &'b Joined<'a>, node: usize, by: &[PartyRef]) -> Self {
        let types = joined.policy.predicates.get("publish").map_or(&[][..], Vec::as_slice);
        let mut under: BTreeMap<&str, (&'a Grant, &'b Fact<'a>)> = BTreeMap::new();
        let publishes = |fact: &Fact<'_>| fact.claim.predicate_type().is_some_and(|t| types.iter().any(|own| own == t));
        for binding in joined.bindings(node).filter(|binding| publishes(binding.fact) && is_by(by, binding.fact)) {
            for grant in binding.grants.iter().filter(|grant| grant.products.is_some()) {
                let first = under.entry(&grant.id).or_insert((grant, binding.fact));
                if binding.fact.id < first.1.id {
                    first.1 = binding.fact;
                }
            }
        }
        Self { under: under.into_values().collect() }
    }

    /// The statement under a grant for that product.
    fn as_product(&self, product: &Product) -> Option<&'b Fact<'a>> {
        self.under.iter().filter(|(grant, _)| grant.covers(product)).map(|(_, fact)| *fact).min_by_key(|fact| &fact.id)
    }
}

/// Is it published as a product of the class?
pub(super) fn published(joined: &Joined<'_>, node: usize, class: &Class) -> bool {
    let published = Published::of(joined, node, &[]);
    let mut claimed = joined.claimed_products(node).filter(|product| class.lists(product));
    !published.under.is_empty() && claimed.any(|product| published.as_product(product).is_some())
}
