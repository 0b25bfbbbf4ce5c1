//! Check: rules × nodes. A check returns *met by this evidence* or *not met for these reasons*; it cannot be silent.

mod any_of;
mod asked;
pub(crate) mod certification;
pub(crate) mod class;
pub(crate) mod component_identity;
pub mod components;
pub(crate) mod delegated;
pub(crate) mod denied;
pub(crate) mod inventory;
pub(crate) mod layout;
pub(crate) mod origin;
pub(crate) mod provenance;
pub(crate) mod quorum;
pub(crate) mod release;
pub(crate) mod rollback;
pub(crate) mod sbom;
pub(crate) mod sbom_completeness;
pub(crate) mod source;
pub(crate) mod status;
pub mod transparency;
pub mod trusted_time;
pub(crate) mod vsa;
pub(crate) mod vulns;

use std::collections::BTreeSet;

pub use crate::join::classes::class_of;

use asked::{Asked, Memo};

use crate::authenticate::Fact;
use crate::digest::Digest;
use crate::join::Joined;
use crate::join::classes::{self, applies, raised_to, through};
use crate::policy::{Check, Class, PartyRef, Product, Rule};
use crate::reason::{Accountable, Reason};
use crate::value::Value;

crate::reasons! {
    MISSING = "evidence.missing", Unproven, Vendor, ["by", "kind"],
        says "no accepted {kind} by {by} is about this",
        why "What is asked comes from the policy, never from what evidence happens to be there. Missing proof is not a pass (T2).",
        fix "Deliver the evidence, signed by a party that the policy grants it; see the rejected evidence for what came close.";
    EMPTY = "input.empty", Unproven, Vendor, [],
        says "the delivery has no file to judge",
        why "A verdict about nothing would say nothing.",
        fix "Deliver at least one file that is not evidence, or name the right folder.";
}

/// The rule that every delivery is held to, whatever the policy asks: it can be read whole, within the limits, holds at least
/// one file, and no accepted delivery statement contradicts it. Final negatives attach here, so that no `any-of` masks them
/// (`verification.md` 3.6).
pub const BUILT_IN_RULE: &str = "vidimus.delivery";

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// The delivery as a whole.
    Delivery,
    /// A file, delivered or a member of a container, or a component, by its number in the chain.
    File(usize),
}

/// How a requirement is answered. Neither side can be empty-handed: the constructor turns "no reason" into one.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Met by this evidence, sorted; empty only where the bytes themselves are the proof.
    Met(Vec<Digest>),
    /// Not met, for these reasons; at least one.
    NotMet(Value, Vec<Reason>),
}

impl Node {
    /// Its id, as verdicts write it.
    #[must_use]
    pub fn id(self, joined: &Joined<'_>) -> String {
        match self {
            Self::Delivery => "delivery".to_owned(),
            Self::File(index) => joined.node_id(index),
        }
    }
}

impl Answer {
    /// Met by the evidence of `facts`.
    fn met<'a, 'b: 'a>(facts: impl IntoIterator<Item = &'a Fact<'b>>) -> Self {
        let ids: BTreeSet<Digest> = facts.into_iter().map(|fact| fact.id.clone()).collect();
        Self::Met(ids.into_iter().collect())
    }

    /// Not met; the value is the lowest of the reasons'.
    fn not_met(mut reasons: Vec<Reason>, otherwise: Reason) -> Self {
        if reasons.is_empty() {
            reasons.push(otherwise);
        }
        reasons.sort();
        reasons.dedup();
        let value = Value::all(reasons.iter().map(Reason::value)).unwrap_or(Value::Unproven);
        Self::NotMet(value, reasons)
    }

    /// Its value.
    #[must_use]
    pub const fn value(&self) -> Value {
        match self {
            Self::Met(_) => Value::Proven,
            Self::NotMet(value, _) => *value,
        }
    }
}

/// One rule answered on one node.
#[derive(Clone, Debug)]
pub struct Outcome<'a> {
    /// The rule; `None` for the built-in one.
    pub rule: Option<&'a Rule>,
    /// What it is about.
    pub node: Node,
    /// The class through which the rule applies; `delivery` and `any` where classes do not matter.
    pub class: &'a str,
    /// Is it asked as a component? A file of the delivery that is one as well is asked twice.
    pub as_component: bool,
    /// The answer.
    pub answer: Answer,
}

impl Outcome<'_> {
    /// Id of the rule.
    #[must_use]
    pub fn rule_id(&self) -> &str {
        self.rule.map_or(BUILT_IN_RULE, |rule| &rule.id)
    }

    /// Who must act: what the rule says, else the default of the check.
    #[must_use]
    pub fn accountable(&self) -> Accountable {
        match (self.rule.and_then(|rule| rule.accountable), &self.answer) {
            (Some(stated), _) => stated,
            (None, Answer::NotMet(_, reasons)) => {
                reasons.iter().map(|r| r.info().accountable).min().unwrap_or(Accountable::Vendor)
            }
            (None, Answer::Met(_)) => Accountable::Vendor,
        }
    }
}

/// Everything that rules answer.
pub struct Answers<'j, 'a> {
    /// By what denials and status lists left.
    pub left: Vec<Outcome<'a>>,
    /// What is not met otherwise, where they took something: by all that was said before, and by all components that were named before.
    pub others: Vec<(&'j Joined<'a>, Vec<Outcome<'a>>)>,
    /// What was found about components.
    pub found: Option<components::Found<'a>>,
}

/// Answers every rule on every node that it applies to. Where denials or status lists took something away, each is answered twice, by
/// what they left and by all that was said, and the lower answer counts: so they can only lower, whatever a check makes of it.
#[must_use]
pub fn answer_knowing<'j, 'a>(joined: &'j Joined<'a>) -> Answers<'j, 'a> {
    let components = |joined: &Joined<'a>| {
        let mut found = components::find(joined);
        let outcomes: Vec<Outcome<'a>> =
            found.iter_mut().flat_map(|found| std::mem::take(&mut found.outcomes)).collect();
        (outcomes, found)
    };
    let (of_components, found) = components(joined);
    let mut left = answer_all(joined);
    left.extend(of_components);
    let before = joined.before().map(|before| (before, [answer_all(before), components(before).0].concat()));
    let named = joined.named().map(|named| (named, components(named).0));
    let mut others: Vec<(&Joined<'a>, Vec<Outcome<'a>>)> = before.into_iter().chain(named).collect();
    let key = |joined: &Joined<'a>, outcome: &Outcome<'a>| (outcome.rule_id().to_owned(), outcome.node.id(joined));
    let mut against = BTreeSet::new();
    for (other, outcomes) in &mut others {
        outcomes.retain(|outcome| outcome.answer.value() != Value::Proven);
        against.extend(outcomes.iter().map(|outcome| key(other, outcome)));
    }
    if !against.is_empty() {
        left.retain(|outcome| outcome.answer.value() != Value::Proven || !against.contains(&key(joined, outcome)));
    }
    Answers { left, others, found }
}

fn answer_all<'a>(joined: &Joined<'a>) -> Vec<Outcome<'a>> {
    let policy = joined.policy;
    // Of each file: its class, then those that add rules.
    let artifacts: Vec<(usize, &str, Vec<&Class>)> = joined
        .artifacts()
        .map(|(index, _)| {
            let own = class_of(policy, joined, index).map_or("any", |class| class.id.as_str());
            (index, own, raised_to(policy, joined, index))
        })
        .collect();
    let known_as: Vec<Vec<Product>> = artifacts.iter().map(|(file, ..)| classes::known_as(joined, *file)).collect();
    let mut outcomes = vec![built_in(joined)];
    outcomes.extend(artifacts.iter().filter_map(|(file, class, _)| contradicted(joined, *file, class)));
    outcomes.extend(denied::outcomes(joined));
    for rule in &policy.rules {
        if let Check::Inventory(check) = &rule.check
            && let Some(answer) = inventory::delivery(joined, check)
        {
            outcomes.push(Outcome {
                rule: Some(rule),
                node: Node::Delivery,
                class: "delivery",
                as_component: false,
                answer,
            });
        }
        if let Check::NoRollback(check) = &rule.check
            && is_about(rule, &artifacts)
        {
            let answer = rollback::delivery(joined, check);
            outcomes.push(Outcome {
                rule: Some(rule),
                node: Node::Delivery,
                class: "delivery",
                as_component: false,
                answer,
            });
        }
        for ((file, own, raised), known_as) in artifacts.iter().zip(&known_as) {
            let Some(class) = through(rule, own, raised) else { continue };
            let known_as = classes::known_as_in(joined, *file, known_as, rule, (*own, class));
            let members = match &rule.check {
                Check::Inventory(check) => inventory::members(joined, check, *file),
                Check::Status(check) => status::members(joined, check, *file),
                _ => Vec::new(),
            };
            for file in members.into_iter().chain([*file]) {
                let memo = Memo::default();
                if let Some(answer) = answer(joined, &rule.check, Asked::of_file(file, &known_as, &memo)) {
                    let node = Node::File(file);
                    outcomes.push(Outcome { rule: Some(rule), node, class, as_component: false, answer });
                }
            }
        }
    }
    outcomes
}

/// Does a rule about the whole delivery have a file of its classes in it?
fn is_about(rule: &Rule, artifacts: &[(usize, &str, Vec<&Class>)]) -> bool {
    let Some(classes) = &rule.classes else { return true };
    let within = |id: &str| classes.iter().any(|class| class == id);
    artifacts.iter().any(|(_, own, raised)| within(own) || raised.iter().any(|class| within(&class.id)))
}

/// Answers one check on one node; `None` only where it asks nothing of nodes.
fn answer(joined: &Joined<'_>, check: &Check, asked: Asked<'_>) -> Option<Answer> {
    let file = asked.node;
    Some(match check {
        Check::Inventory(check) => return inventory::file(joined, check, file),
        Check::Release(check) => release::file(joined, check, asked),
        Check::Provenance(check) => provenance::file(joined, check, asked),
        Check::Sbom(check) => sbom::file(joined, check, asked),
        Check::SbomCompleteness(check) => sbom_completeness::file(joined, check, asked),
        Check::Vsa(check) => vsa::file(joined, check, asked),
        Check::Vulns(check) => vulns::file(joined, check, asked),
        Check::TrustedTime(check) => trusted_time::file(joined, check, asked),
        Check::Transparency(check) => transparency::file(joined, check, asked),
        Check::Certification(check) => certification::file(joined, check, asked),
        Check::Origin(check) => origin::file(joined, check, asked),
        Check::Status(check) => status::file(joined, check, file),
        // About the delivery as a whole.
        Check::NoRollback(_) => return None,
        // Answered on all files at once, in `components::find`.
        Check::Components(_) => return None,
        Check::ComponentIdentity(by) => component_identity::file(joined, by, file),
        Check::Layout(check) => layout::file(joined, check, asked),
        Check::Source(check) => source::file(joined, check, asked),
        Check::Delegated(delegation) => delegated::file(joined, delegation, asked),
        Check::Quorum(check) => quorum::file(joined, check, asked),
        Check::AnyOf(branches) => any_of::file(joined, branches, asked),
    })
}

fn built_in<'a>(joined: &Joined<'a>) -> Outcome<'a> {
    let delivery = joined.delivery;
    let mut reasons: Vec<Reason> = delivery.refused.iter().map(|entry| entry.reason.clone()).collect();
    reasons.extend(delivery.limits_hit.iter().cloned());
    reasons.extend(joined.limits_hit.iter().cloned());
    reasons.extend(joined.negatives.iter().cloned());
    if joined.artifacts().next().is_none() {
        reasons.push(Reason::new(&EMPTY));
    }
    let answer =
        if reasons.is_empty() { Answer::Met(Vec::new()) } else { Answer::not_met(reasons, Reason::new(&EMPTY)) };
    Outcome { rule: None, node: Node::Delivery, class: "delivery", as_component: false, answer }
}

fn contradicted<'a>(joined: &Joined<'a>, file: usize, class: &'a str) -> Option<Outcome<'a>> {
    let reasons = joined.negatives(file).to_vec();
    let first = reasons.first().cloned()?;
    let answer = Answer::not_met(reasons, first);
    Some(Outcome { rule: None, node: Node::File(file), class, as_component: false, answer })
}

/// Is the party one of those that the rule names? An empty list names every party.
fn is_by(by: &[PartyRef], fact: &Fact<'_>) -> bool {
    by.is_empty() || by.iter().any(|party| party.is(fact.party))
}

/// So many names are told with each statement that is about none of them: whoever delivers decides how many there are of both.
const NAMES_TOLD: usize = 8;

/// The first of these names, and how many more there are.
fn some_names<'p>(products: impl Iterator<Item = &'p Product> + Clone) -> Vec<String> {
    some(products, ToString::to_string)
}

/// The first of these, and how many more there are.
fn some<T>(all: impl Iterator<Item = T> + Clone, told: impl Fn(T) -> String) -> Vec<String> {
    let more = all.clone().skip(NAMES_TOLD).count();
    let first = all.take(NAMES_TOLD).map(told);
    first.chain((more > 0).then(|| format!("…{more} more"))).collect()
}

fn missing(kind: &str, by: &[PartyRef]) -> Reason {
    let by = if by.is_empty() {
        "a granted party".to_owned()
    } else {
        by.iter().map(PartyRef::as_str).collect::<Vec<_>>().join(" or ")
    };
    Reason::new(&MISSING).name("kind", kind).name("by", by)
}

#[cfg(test)]
mod tests {
    use super::some;

    #[test]
    fn few_of_many_are_told() {
        let told = |last: u32| some(1..=last, |n| n.to_string()).join(" ");
        assert_eq!(told(0), "");
        assert_eq!(told(8), "1 2 3 4 5 6 7 8");
        assert_eq!(told(2000), "1 2 3 4 5 6 7 8 …1992 more");
    }
}
