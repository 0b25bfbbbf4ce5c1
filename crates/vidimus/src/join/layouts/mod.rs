//! What accepted layouts of in-toto show (section 5.2): which files came out of the last step of a supply chain that went as its owner
//! says. Names never bind: a file is meant if the products of that step have its digest.

mod glob;
pub(crate) mod parameters;
pub(crate) mod rules;

use std::collections::{BTreeMap, BTreeSet};

use self::parameters::Parameters;
use self::rules::{Apply, InOut, MAX_WORK};
use super::Joined;
use crate::authenticate::supply::{Carried, Found, Supply, Word};
use crate::decode::in_toto::Step;
use crate::digest::{Algorithm, Digest, DigestSet, Digests, Match};
use crate::policy::{Check, Policy};
use crate::reason::{Reason, ReasonInfo, identifier};
use crate::time::Time;

crate::reasons! {
    EXPIRED = "layout.expired", Unproven, Signer, ["expires", "layout"],
        says "{layout} expired at {expires}",
        why "The owner of a layout says until when it is right. After that nobody answers for its keys and rules (section 4.3).",
        fix "Deliver a current layout.";
    EMPTY = "layout.empty", Unproven, Signer, ["layout"],
        says "{layout} has no steps",
        why "Without a step there is nothing that anybody carried out, and nothing that came out of it.",
        fix "Have the owner of the layout state the steps, and sign again.";
    THRESHOLD = "layout.threshold", Unproven, Vendor, ["found", "required", "step"],
        says "the step {step} was carried out by {found} of its functionaries; the layout asks for {required}",
        why "A step counts with the links of as many different keys as the layout asks for. One key under two ids is one.",
        fix "Deliver the links of the step, beside the layout; or repeat the step with the functionaries that are missing.";
    DISAGREE = "layout.disagree", Unproven, Vendor, ["step"],
        says "two links of the step {step} state different materials or products",
        why "Those who carry out one step must come to the same result, or one of them did something else (section 4.3.1).",
        fix "Find out which link is right; deliver the links of one run alone, in a folder with their layout.";
    STRUCK = "layout.withdrawn", Unproven, Signer, ["step"],
        says "a link of the step {step} does not count any more: the policy denies it or its key, or a status list names one of them",
        why "What was taken back supports nothing, whatever the layout says of its signer.",
        fix "Have the step carried out again by a functionary whose key counts.";
}

/// What a layout shows.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// Identity of the layout.
    pub id: &'a Digest,
    /// The links, and layouts in their place, that it rests on.
    pub evidence: BTreeSet<&'a Digest>,
    /// Names of commands that it asks whoever verifies to run.
    pub inspections: BTreeSet<&'a str>,
    /// The products of its last step, or why its steps show nothing.
    pub products: Result<Products<'a>, Vec<Reason>>,
}

/// Products by each digest that counts.
#[derive(Clone, Debug)]
pub struct Products<'a>(BTreeMap<&'a str, Vec<&'a DigestSet>>);

/// By parameters of rules, what each layout shows.
pub(super) type All<'a> = BTreeMap<&'a BTreeMap<String, String>, Vec<Shown<'a>>>;

impl Products<'_> {
    fn hold(&self, file: &Digests, accepted: &[Algorithm]) -> bool {
        let named = file.iter().filter_map(|digest| self.0.get(digest.hex())).flatten();
        named.into_iter().any(|set| set.matches(file, accepted) == Match::Same)
    }
}

impl<'a> Joined<'a> {
    /// What accepted layouts show with these parameters.
    pub fn layouts(&self, parameters: &BTreeMap<String, String>) -> &[Shown<'a>] {
        self.layouts.get(parameters).map_or(&[], Vec::as_slice)
    }

    /// Is the node among the products? At least one accepted digest is its own, and none is another's.
    #[must_use]
    pub fn is_among(&self, products: &Products<'_>, node: usize) -> bool {
        let digests = self.digests_of(node);
        let of = |algorithm| digests.by(algorithm);
        let sha256 = of(Algorithm::Sha256);
        let all = Algorithm::ALL.into_iter().filter(|algorithm| *algorithm != Algorithm::Sha256).filter_map(of);
        let known = sha256.and_then(|sha256| Digests::stated(sha256, all));
        known.is_some_and(|known| products.hold(&known, &self.policy.algorithms.digest_bind))
    }
}

/// What the layouts show, once for all rules with the same parameters.
pub(super) fn all<'a>(policy: &'a Policy, supplies: &'a [Supply<'a>], at: Time) -> All<'a> {
    let leaves = policy.rules.iter().flat_map(|rule| rule.check.leaves());
    let asked =
        leaves.filter_map(|check| if let Check::Layout(layout) = check { Some(&layout.parameters) } else { None });
    let mut all = All::new();
    for parameters in asked {
        all.entry(parameters).or_insert_with(|| {
            let mut work = Some(MAX_WORK);
            supplies.iter().map(|supply| shown(policy, supply, at, parameters, &mut work)).collect()
        });
    }
    all
}

/// Files that are evidence because they are links of one of the accepted layouts.
pub(super) fn evidence<'b>(
    supplies: &'b [Supply<'_>],
    accepted: &'b BTreeSet<&'b Digest>,
) -> impl Iterator<Item = usize> + 'b {
    let counting = supplies.iter().filter(|supply| accepted.contains(supply.id));
    counting.flat_map(Supply::evidence).map(|(_, file)| file)
}

fn shown<'a>(
    policy: &'a Policy,
    supply: &'a Supply<'a>,
    at: Time,
    parameters: &BTreeMap<String, String>,
    work: &mut Option<u64>,
) -> Shown<'a> {
    let inspections = supply.layouts.iter().flat_map(|found| &found.layout.inspections).map(String::as_str).collect();
    // Each layout comes after the one that it stands in, so they are looked at from the last to the first.
    let mut below: Vec<Option<Result<InOut<'a>, Vec<Reason>>>> = vec![None; supply.layouts.len()];
    for (number, found) in supply.layouts.iter().enumerate().rev() {
        let parameters = Parameters(Some(parameters).filter(|_| found.path.is_empty()));
        let result = layout(policy, found, at, &parameters, work, &below);
        if let Some(place) = below.get_mut(number) {
            *place = Some(result);
        }
    }
    let products = match below.into_iter().next().flatten() {
        Some(Ok(inout)) => Ok(by_digest(inout)),
        Some(Err(reasons)) => Err(reasons),
        None => Err(Vec::new()),
    };
    Shown { id: supply.id, evidence: supply.evidence().map(|(id, _)| id).collect(), inspections, products }
}

fn by_digest(inout: InOut<'_>) -> Products<'_> {
    let mut by_digest: BTreeMap<&str, Vec<&DigestSet>> = BTreeMap::new();
    for set in inout.products.values() {
        for (_, hex) in set.iter() {
            by_digest.entry(hex).or_default().push(set);
        }
    }
    Products(by_digest)
}

/// The materials of the first step and the products of the last (section 4.5.1), if every step went as the layout says.
fn layout<'a>(
    policy: &'a Policy,
    found: &'a Found<'a>,
    at: Time,
    parameters: &Parameters<'_>,
    work: &mut Option<u64>,
    below: &[Option<Result<InOut<'a>, Vec<Reason>>>],
) -> Result<InOut<'a>, Vec<Reason>> {
    let mut reasons = Vec::new();
    if at > found.layout.expires {
        reasons.push(of_layout(&EXPIRED, found).time("expires", found.layout.expires));
    }
    let mut steps: BTreeMap<&'a str, InOut<'a>> = BTreeMap::new();
    for (step, carried) in found.layout.steps.iter().zip(&found.steps) {
        match agreed(found, step, carried, below) {
            Ok(inout) => drop(steps.insert(&step.name, inout)),
            Err(against) => reasons.extend(against),
        }
    }
    if reasons.is_empty() {
        let mut apply = Apply { steps: &steps, accepted: &policy.algorithms.digest_bind, parameters, work };
        for step in &found.layout.steps {
            let Some(own) = apply.steps.get(step.name.as_str()).copied() else { continue };
            let name = path(found, &step.name);
            reasons.extend(apply.list(&step.materials, own, false, &name));
            reasons.extend(apply.list(&step.products, own, true, &name));
        }
    }
    let (first, last) = (found.layout.steps.first(), found.layout.steps.last());
    let ends = first
        .zip(last)
        .and_then(|(first, last)| Some((steps.get(first.name.as_str())?, steps.get(last.name.as_str())?)));
    match ends {
        Some((first, last)) if reasons.is_empty() => Ok(InOut { materials: first.materials, products: last.products }),
        None if reasons.is_empty() => Err(vec![of_layout(&EMPTY, found)]),
        _ => Err(reasons),
    }
}

/// What all who carried out the step say that went in and out, if there are enough of them.
fn agreed<'a>(
    found: &Found<'a>,
    step: &'a Step,
    carried: &'a Carried<'a>,
    below: &[Option<Result<InOut<'a>, Vec<Reason>>>],
) -> Result<InOut<'a>, Vec<Reason>> {
    let mut reasons: Vec<Reason> = Vec::new();
    let mut keys: BTreeSet<&Digest> = BTreeSet::new();
    // A layout in the place of a link that does not hold is no link that is missing: its steps did not go as its owner says.
    let mut failed: Vec<Reason> = Vec::new();
    let mut said: Option<InOut<'a>> = None;
    for signed in &carried.signed {
        let inout = match signed.what {
            Word::Link(link) => InOut { materials: &link.materials, products: &link.products },
            Word::Sublayout(number) => match number.and_then(|number| below.get(number)?.as_ref()) {
                Some(Ok(inout)) => *inout,
                Some(Err(why)) => {
                    failed.extend(why.iter().cloned());
                    continue;
                }
                None => {
                    failed.extend(carried.against.iter().cloned());
                    continue;
                }
            },
        };
        match signed.struck {
            true => reasons.push(named(&STRUCK, found, &step.name)),
            false => drop(keys.insert(&signed.key)),
        }
        if *said.get_or_insert(inout) != inout {
            return Err(vec![named(&DISAGREE, found, &step.name)]);
        }
    }
    match said {
        _ if !failed.is_empty() => Err(failed),
        Some(said) if keys.len() as u64 >= step.threshold => Ok(said),
        _ => {
            reasons.extend(carried.against.iter().cloned());
            let lacking = named(&THRESHOLD, found, &step.name).int("found", keys.len());
            reasons.push(lacking.int("required", step.threshold));
            Err(reasons)
        }
    }
}

/// The way to a step through the layouts that it is in.
fn path(found: &Found<'_>, step: &str) -> String {
    found.path.iter().copied().chain([step]).collect::<Vec<_>>().join("/")
}

fn named(info: &'static ReasonInfo, found: &Found<'_>, step: &str) -> Reason {
    Reason::new(info).evidence("step", &path(found, step))
}

fn of_layout(info: &'static ReasonInfo, found: &Found<'_>) -> Reason {
    match found.path.join("/").as_str() {
        "" => Reason::new(info).name("layout", "the layout"),
        path => Reason::new(info).name("layout", format_args!("the layout in the place of {}", identifier(path))),
    }
}
