//! What accepted layouts of in-toto show (section 5.2): which files came out of the last step of a supply chain that went as its owner
//! says. Names never bind: a file is meant if the products of that step have its digest.

pub(crate) mod counts;
mod few;
pub(crate) mod glob;
mod owners;
pub(crate) mod parameters;
pub(crate) mod rules;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::few::Few;
use self::owners::Signers;
use self::parameters::Parameters;
use self::rules::{Apply, InOut, MAX_WORK};
use super::Joined;
use crate::authenticate::supply::{Carried, Found, STRUCK, Supply, Word};
use crate::authenticate::{Claim, Fact};
use crate::decode::Artifacts;
use crate::decode::in_toto::Step;
use crate::digest::{Algorithm, Digest, DigestSet, Digests, Match};
use crate::policy::Policy;
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
}

/// What a layout shows, wherever it lies.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// Identity of the layout.
    pub id: &'a Digest,
    /// sha256 of what is signed.
    pub signed: &'a Digest,
    /// Supply chains that went as it says, each different one once.
    pub chains: Vec<Chain<'a>>,
    /// Why others, with the links of other folders, show nothing.
    pub against: BTreeSet<Reason>,
    /// Names of commands that it asks whoever verifies to run, with those of every layout below it.
    pub inspections: BTreeSet<&'a str>,
}

/// A supply chain that went as its layout says.
#[derive(Clone, Debug)]
pub struct Chain<'a> {
    /// The products of its last step.
    pub products: Products<'a>,
    /// The links, and layouts in their place, that it rests on.
    pub evidence: BTreeSet<&'a Digest>,
    /// Names of commands that it asks whoever verifies to run.
    pub inspections: BTreeSet<&'a str>,
    /// The files that carry its links.
    files: BTreeSet<usize>,
}

/// Products by each digest that counts.
#[derive(Clone, Debug)]
pub struct Products<'a>(BTreeMap<&'a str, BTreeSet<&'a DigestSet>>);

/// What layouts show.
#[derive(Default)]
pub(super) struct All<'a> {
    /// By parameters of rules, what each layout shows.
    shown: BTreeMap<&'a BTreeMap<String, String>, Vec<Shown<'a>>>,
    /// By parameters of rules, and by digest of a product, the supply chains that have it.
    products: BTreeMap<&'a BTreeMap<String, String>, BTreeMap<&'a str, BTreeSet<Place>>>,
    /// By layout, who signed it.
    signers: BTreeMap<&'a Digest, Signers<'a>>,
    judged: counts::Judged,
}

/// A supply chain: the number of its layout, and its own there.
pub(crate) type Place = (usize, usize);

impl Products<'_> {
    /// Is the file among them? At least one accepted digest is its own, and none is another's.
    pub(crate) fn hold(&self, file: &Digests, accepted: &[Algorithm]) -> bool {
        let named = file.iter().filter_map(|digest| self.0.get(digest.hex())).flatten();
        named.into_iter().any(|set| set.matches(file, accepted) == Match::Same)
    }
}

impl<'a> Joined<'a> {
    /// What accepted layouts show with these parameters.
    pub fn layouts(&self, parameters: &BTreeMap<String, String>) -> &[Shown<'a>] {
        self.layouts.shown.get(parameters).map_or(&[], Vec::as_slice)
    }

    /// The supply chains of these whose last step made the bytes.
    pub(crate) fn coming_to<'b>(
        &'b self,
        parameters: &BTreeMap<String, String>,
        known: &Digests,
    ) -> BTreeMap<Place, &'b Chain<'a>> {
        let Some(products) = self.layouts.products.get(parameters) else { return BTreeMap::new() };
        let shown = self.layouts(parameters);
        let places = known.iter().filter_map(|digest| products.get(digest.hex())).flatten();
        let chains =
            places.filter_map(|(layout, chain)| Some(((*layout, *chain), shown.get(*layout)?.chains.get(*chain)?)));
        chains.filter(|(_, chain)| chain.products.hold(known, &self.policy.algorithms.digest_bind)).collect()
    }

    /// Who signed the layout.
    pub(crate) fn layout_signers(&self, id: &Digest) -> Option<&Signers<'a>> {
        self.layouts.signers.get(id)
    }

    /// Who signed layouts.
    pub(crate) fn layouts_signers(&self) -> impl Iterator<Item = (&'a Digest, &Signers<'a>)> {
        self.layouts.signers.iter().map(|(id, signers)| (*id, signers))
    }

    /// What is known of the bytes of a node, to be held against products.
    pub(crate) fn known_digests(&self, node: usize) -> Option<Digests> {
        let digests = self.digests_of(node);
        let of = |algorithm| digests.by(algorithm);
        let sha256 = of(Algorithm::Sha256);
        let all = Algorithm::ALL.into_iter().filter(|algorithm| *algorithm != Algorithm::Sha256).filter_map(of);
        sha256.and_then(|sha256| Digests::stated(sha256, all))
    }
}

/// What the layouts show, once for all rules with the same parameters.
pub(super) fn all<'a>(policy: &'a Policy, supplies: &'a [Supply<'a>], facts: &'a [Fact<'a>], at: Time) -> All<'a> {
    let asked = policy.rules.iter().flat_map(counts::checks).map(|check| &check.parameters);
    let mut all = All::default();
    for parameters in asked {
        all.shown.entry(parameters).or_insert_with(|| shown(policy, supplies, at, parameters));
    }
    for (parameters, shown) in &all.shown {
        let by_digest = all.products.entry(parameters).or_default();
        for (layout, of_layout) in shown.iter().enumerate() {
            for (chain, of_chain) in of_layout.chains.iter().enumerate() {
                for hex in of_chain.products.0.keys() {
                    by_digest.entry(hex).or_default().insert((layout, chain));
                }
            }
        }
    }
    let mut by_layout: BTreeMap<&'a Digest, Vec<&'a Fact<'a>>> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| matches!(fact.claim, Claim::Layout(_))) {
        by_layout.entry(&fact.id).or_default().push(fact);
    }
    all.signers = by_layout.into_iter().map(|(id, facts)| (id, Signers::of(facts))).collect();
    all
}

/// By layout. The same documents in another folder show the same, and are looked at once.
fn shown<'a>(
    policy: &'a Policy,
    supplies: &'a [Supply<'a>],
    at: Time,
    parameters: &BTreeMap<String, String>,
) -> Vec<Shown<'a>> {
    let mut work = Some(MAX_WORK);
    let mut copies: BTreeMap<(&'a Digest, Vec<&'a [Carried<'a>]>), Vec<&'a Supply<'a>>> = BTreeMap::new();
    for supply in supplies {
        let carried = supply.layouts.iter().map(|found| found.steps.as_slice()).collect();
        copies.entry((supply.id, carried)).or_default().push(supply);
    }
    let mut layouts: BTreeMap<&'a Digest, Gathered<'a>> = BTreeMap::new();
    for ((id, _), copies) in copies {
        let Some(supply) = copies.first() else { continue };
        let result = products(policy, supply, at, parameters, &mut work);
        if let Some(outermost) = supply.layouts.first() {
            let signed = &outermost.layout.sha256;
            layouts.entry(id).or_insert_with(|| Gathered::new(id, signed)).add(&copies, supply, result);
        }
    }
    layouts.into_values().map(Gathered::shown).collect()
}

/// What was found of one layout so far.
struct Gathered<'a> {
    shown: Shown<'a>,
    against: Few<'static>,
    /// The numbers of its chains.
    known: BTreeMap<Outcome<'a>, usize>,
}

impl<'a> Gathered<'a> {
    fn new(id: &'a Digest, signed: &'a Digest) -> Self {
        let against = BTreeSet::new();
        let inspections = BTreeSet::new();
        let shown = Shown { id, signed, chains: Vec::new(), against, inspections };
        Self { shown, against: Few::default(), known: BTreeMap::new() }
    }

    fn shown(self) -> Shown<'a> {
        Shown { against: self.against.into_iter().collect(), ..self.shown }
    }

    /// Adds what came of `supply` and of its copies.
    fn add(&mut self, copies: &[&'a Supply<'a>], supply: &'a Supply<'a>, result: Result<&'a Artifacts, Vec<Reason>>) {
        let inspections = supply.layouts.iter().flat_map(|found| &found.layout.inspections).map(String::as_str);
        let inspections: BTreeSet<&str> = inspections.collect();
        self.shown.inspections.extend(&inspections);
        let products = match result {
            Ok(products) => products,
            Err(reasons) => {
                self.against.extend(reasons);
                return;
            }
        };
        let chains = &mut self.shown.chains;
        let number = *self.known.entry((products, inspections.clone())).or_insert(chains.len());
        if number == chains.len() {
            let (evidence, files) = (BTreeSet::new(), BTreeSet::new());
            chains.push(Chain { products: by_digest(products), evidence, inspections, files });
        }
        if let Some(chain) = chains.get_mut(number) {
            chain.evidence.extend(supply.evidence().map(|(id, _)| id));
            chain.files.extend(copies.iter().flat_map(|copy| copy.evidence()).map(|(_, file)| file));
        }
    }
}

/// What tells one supply chain of a layout from another: the products of the last step, and what was not run.
type Outcome<'a> = (&'a Artifacts, BTreeSet<&'a str>);

/// The products of the last step, or why the steps show nothing.
fn products<'a>(
    policy: &'a Policy,
    supply: &'a Supply<'a>,
    at: Time,
    parameters: &BTreeMap<String, String>,
    work: &mut Option<u64>,
) -> Result<&'a Artifacts, Vec<Reason>> {
    // Each layout comes after the one that it stands in, so they are looked at from the last to the first.
    let mut below: Vec<Option<Result<InOut<'a>, Vec<Reason>>>> = vec![None; supply.layouts.len()];
    for (number, found) in supply.layouts.iter().enumerate().rev() {
        let parameters = Parameters(Some(parameters).filter(|_| found.path.is_empty()));
        let result = layout(policy, found, at, &parameters, work, &below);
        if let Some(place) = below.get_mut(number) {
            *place = Some(result);
        }
    }
    match below.into_iter().next().flatten() {
        Some(result) => result.map(|inout| inout.products),
        None => Err(Vec::new()),
    }
}

fn by_digest(products: &Artifacts) -> Products<'_> {
    let mut by_digest: BTreeMap<&str, BTreeSet<&DigestSet>> = BTreeMap::new();
    for set in products.values() {
        for (_, hex) in set.iter() {
            by_digest.entry(hex).or_default().insert(set);
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
            let name = found.step(&step.name);
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
    if let Some(reason) = &carried.incomplete {
        return Err(vec![reason.clone()]);
    }
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
            true => reasons.push(found.reason(&STRUCK, &step.name)),
            false => drop(keys.insert(&signed.key)),
        }
        if *said.get_or_insert(inout) != inout {
            return Err(vec![found.reason(&DISAGREE, &step.name)]);
        }
    }
    match said {
        _ if !failed.is_empty() => Err(failed),
        Some(said) if keys.len() as u64 >= step.threshold => Ok(said),
        _ => {
            reasons.extend(carried.against.iter().cloned());
            let lacking = found.reason(&THRESHOLD, &step.name).int("found", keys.len());
            reasons.push(lacking.int("required", step.threshold));
            Err(reasons)
        }
    }
}

fn of_layout(info: &'static ReasonInfo, found: &Found<'_>) -> Reason {
    match found.path.join("/").as_str() {
        "" => Reason::new(info).name("layout", "the layout"),
        path => Reason::new(info).name("layout", format_args!("the layout in the place of {}", identifier(path))),
    }
}
