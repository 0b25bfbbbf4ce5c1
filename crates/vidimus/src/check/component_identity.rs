//! `component-identity`: a component is what it is called. Its digest is the one that was published under its package URL.

use std::collections::BTreeSet;

use super::{Answer, is_by, missing};
use crate::authenticate::{Claim, Fact};
use crate::decode::{Predicate, Statement};
use crate::digest::Digest;
use crate::join::{Binding, Claimed, Joined};
use crate::policy::{Class, Lenient, PartyRef, Product};
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

/// Each name must be shown. A release of another version under the same name, which no SBOM lists beside, contradicts it, whatever else shows it;
/// one under another name does not, for one package can be published under many.
pub(super) fn file(joined: &Joined<'_>, by: &[PartyRef], node: usize) -> Answer {
    let otherwise = || missing("release", by);
    if matches!(joined.claimed(node), Some(Claimed::Anonymous(_))) {
        return Answer::not_met(vec![Reason::new(&super::components::NO_DIGEST)], otherwise());
    }
    let named: Vec<&Product> = joined.component_products(node).collect();
    if named.is_empty() {
        return Answer::not_met(vec![Reason::new(&NO_IDENTITY)], otherwise());
    }
    let releases: Vec<(&Fact<'_>, Product)> =
        joined.bindings(node).filter(|b| is_by(by, b.fact)).filter_map(|b| Some((b.fact, released_as(b)?))).collect();
    // What is told does not depend on which was found first.
    let other =
        |is_it: &dyn Fn(&Product) -> bool| releases.iter().map(|(_, released)| released).filter(|p| is_it(p)).min();
    let listed: BTreeSet<&Product> = joined.listed_products(node).collect();
    let is_listed = |released: &Product| listed.contains(released);
    let contradicts = |released: &Product, product: &Product| {
        released.same_line(product) && !released.same_package(product) && !is_listed(released)
    };
    let (mut met, mut reasons) = (Vec::new(), Vec::new());
    for product in named {
        let same: Vec<&Fact<'_>> =
            releases.iter().filter(|(_, released)| released == product).map(|(fact, _)| *fact).collect();
        if let Some(other) = other(&|released| contradicts(released, product)) {
            reasons.push(other_identity(product, other));
        } else if !same.is_empty() {
            met.extend(same);
        } else if let Some(other) = other(&|released| released.same_line(product)) {
            reasons.push(other_identity(product, other));
        } else if let Some(fact) = publish(joined, node, product).filter(|fact| is_by(by, fact)) {
            met.push(fact);
        } else if !on_list(joined, node, product) {
            reasons.push(match other(&|_| true) {
                Some(other) => other_identity(product, other),
                None => Reason::new(&NOT_PUBLISHED).evidence("product", &product.to_string()),
            });
        }
    }
    if reasons.is_empty() { Answer::met(met) } else { Answer::not_met(reasons, otherwise()) }
}

fn other_identity(product: &Product, other: &Product) -> Reason {
    let reason = Reason::new(&OTHER_IDENTITY).evidence("product", &product.to_string());
    reason.evidence("found", &other.to_string())
}

/// What a release statement makes it, if its signer may release that.
fn released_as(binding: &Binding<'_>) -> Option<Product> {
    match &binding.fact.claim {
        Claim::Statement(Statement { predicate: Predicate::Release(release), .. }) => {
            let product = Product::parse_claim(&release.purl)?;
            binding.grants.iter().any(|grant| grant.covers(&product)).then_some(product)
        }
        _ => None,
    }
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

/// An ecosystem's own publish statement, under a grant for that product.
fn publish<'a, 'b>(joined: &'b Joined<'a>, node: usize, product: &Product) -> Option<&'b Fact<'a>> {
    let types = joined.policy.predicates.get("publish")?;
    let covers = |grant: &&crate::policy::Grant| {
        grant.products.as_ref().is_some_and(|patterns| patterns.iter().any(|p| p.covers(product)))
    };
    let mut bindings = joined
        .bindings(node)
        .filter(|binding| binding.fact.claim.predicate_type().is_some_and(|t| types.iter().any(|own| own == t)));
    bindings.find(|binding| binding.grants.iter().any(&covers)).map(|binding| binding.fact)
}

/// Is it published as a product of the class?
pub(super) fn published(joined: &Joined<'_>, node: usize, class: &Class) -> bool {
    joined
        .claimed_products(node)
        .filter(|product| class.lists(product))
        .any(|product| publish(joined, node, product).is_some())
}
