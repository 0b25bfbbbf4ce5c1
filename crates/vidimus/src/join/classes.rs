//! Which classes of the policy hold a node, and so which rules are about it.

use std::collections::BTreeSet;

use super::Joined;
use crate::policy::{Class, Policy, Product, Role, Rule};

/// The first class that holds the file by its proven products; the default class otherwise. `None` when the policy has no
/// classes.
#[must_use]
pub fn class_of<'a>(policy: &'a Policy, joined: &Joined<'_>, file: usize) -> Option<&'a Class> {
    let products: Vec<&Product> = joined.proven_products(file).collect();
    holding(policy, &products).or_else(|| policy.classes.iter().find(|class| class.default))
}

/// Further classes that releases put the file into, or SBOMs alone. Their rules are added: neither what somebody claims about a file nor what
/// somebody else releases it as takes a rule away (T21). What is released as something that no class lists meets those of the default class.
pub(crate) fn raised_to<'a>(policy: &'a Policy, joined: &Joined<'_>, file: usize) -> Vec<&'a Class> {
    let claimed = joined.claimed_products(file).chain(joined.struck_products(file));
    let claimed = claimed.filter_map(|product| holding(policy, &[product]));
    let default = |product| policy.classes.iter().find(|class| class.default && listing(policy, product).is_none());
    let released = joined.released(file);
    let released = released.filter_map(|product| holding(policy, &[product]).or_else(|| default(product)));
    claimed.chain(released).collect()
}

/// The class through which a rule applies to a file of the delivery, if it does.
pub(crate) fn applies<'a>(joined: &Joined<'a>, rule: &Rule, file: usize) -> Option<&'a str> {
    let own = class_of(joined.policy, joined, file).map_or("any", |class| class.id.as_str());
    through(rule, own, &raised_to(joined.policy, joined, file))
}

pub(crate) fn through<'a>(rule: &Rule, own: &'a str, raised: &[&'a Class]) -> Option<&'a str> {
    let Some(classes) = &rule.classes else { return Some(own) };
    let mut all = std::iter::once(own).chain(raised.iter().map(|class| class.id.as_str()));
    all.find(|id| classes.iter().any(|class| class == id))
}

/// The products of a file of the delivery for which whoever speaks of it must be believed: the requested one, and what accepted releases
/// call it, those of a part that an SBOM lists included. What an SBOM alone calls it gives nobody a say (T5, T21).
pub(crate) fn known_as(joined: &Joined<'_>, file: usize) -> Vec<Product> {
    let all: BTreeSet<Product> = joined.proven_products(file).cloned().chain(joined.released_as(file)).collect();
    all.into_iter().collect()
}

/// The same for a rule that is only reached because of what SBOMs call the file: those names count for it as well. `raises`: is it one of
/// them?
pub(crate) fn known_as_raised(
    joined: &Joined<'_>,
    file: usize,
    known_as: &[Product],
    raises: impl Fn(&Product) -> bool,
) -> Vec<Product> {
    let names = joined.claimed_products(file).filter(|name| raises(name));
    known_as.iter().chain(names).cloned().collect()
}

/// The same for a rule that reaches the file through `class`, where `own` is the class that its products put it into. Names that only SBOMs give
/// count where they lead to any class of the rule and nothing else does.
pub(crate) fn known_as_in(
    joined: &Joined<'_>,
    file: usize,
    known_as: &[Product],
    rule: &Rule,
    (own, class): (&str, &str),
) -> Vec<Product> {
    let Some(classes) = &rule.classes else { return of_request(joined, file, known_as) };
    let is_of_rule = |class: &Class| classes.contains(&class.id);
    let is_led = |name: &Product| holding(joined.policy, &[name]).is_some_and(is_of_rule);
    let known_as = for_rule(joined, file, known_as, is_led);
    if class == own || known_as.iter().any(is_led) {
        return known_as;
    }
    known_as_raised(joined, file, &known_as, is_led)
}

/// Of what a file is known as, what counts for a rule to which it leads. Where releases lead to several classes, what leads to others alone does not,
/// for somebody else may have released it as that. What was asked for always counts.
pub(crate) fn for_rule(
    joined: &Joined<'_>,
    file: usize,
    known_as: &[Product],
    leads: impl Fn(&Product) -> bool,
) -> Vec<Product> {
    if !is_disputed(joined, file) {
        return known_as.to_vec();
    }
    let requested = joined.requested();
    let counts =
        |name: &&Product| leads(name) || listing(joined.policy, name).is_none() || requested.as_ref() == Some(*name);
    known_as.iter().filter(counts).cloned().collect()
}

/// The same for a rule about all files: where it was released as what was asked for, that leads to it.
fn of_request(joined: &Joined<'_>, file: usize, known_as: &[Product]) -> Vec<Product> {
    let is_requested =
        |name: &&Product| joined.requested().is_some_and(|requested| requested.is_or_covers_version(name));
    let Some(requested) = joined.released(file).find(is_requested) else { return known_as.to_vec() };
    let place = |name: &Product| listing(joined.policy, name).map(|class| &class.id);
    for_rule(joined, file, known_as, |name| place(name) == place(requested))
}

/// Do releases of the file lead to more than one class, none being one as well?
fn is_disputed(joined: &Joined<'_>, file: usize) -> bool {
    let places: BTreeSet<Option<&str>> =
        joined.released(file).map(|name| listing(joined.policy, name).map(|class| class.id.as_str())).collect();
    places.len() > 1
}

/// The first class that lists the product, whatever may be in it.
fn listing<'a>(policy: &'a Policy, product: &Product) -> Option<&'a Class> {
    policy.classes.iter().find(|class| !class.default && class.lists(product))
}

/// The names of a component for each of which somebody must be believed who answers the rules of `classes`: those that lead to the
/// classes. Where none leads to one of them, all.
pub(crate) fn names<'b>(
    joined: &'b Joined<'_>,
    node: usize,
    classes: impl Iterator<Item = &'b Class>,
) -> Vec<&'b Product> {
    let mut names: BTreeSet<&Product> = BTreeSet::new();
    for class in classes {
        let mut listed = joined.component_products(node).filter(|product| class.lists(product)).peekable();
        if listed.peek().is_none() {
            return joined.component_products(node).collect();
        }
        names.extend(listed);
    }
    names.into_iter().collect()
}

/// The classes of a rule that a component may be in: those that its names lead to, those that something else may, and the default.
pub(crate) fn possible<'a>(joined: &Joined<'a>, rule: &Rule, node: usize) -> Vec<&'a Class> {
    let leads = |class: &Class| {
        let mut names = joined.component_products(node).chain(joined.struck_products(node));
        class.default || class.raise_if.is_some() || names.any(|name| class.lists(name))
    };
    let of_rule = |class: &&Class| rule.classes.iter().flatten().any(|id| *id == class.id);
    let classes = joined.policy.classes.iter().filter(|class| class.role != Role::TopLevel);
    classes.filter(of_rule).filter(|class| leads(class)).collect()
}

fn holding<'a>(policy: &'a Policy, products: &[&Product]) -> Option<&'a Class> {
    policy.classes.iter().find(|class| {
        let listed = class.products.is_empty()
            || class.products.iter().any(|pattern| products.iter().any(|product| pattern.covers(product)));
        !class.default && matches!(class.role, Role::TopLevel | Role::Any) && listed
    })
}
