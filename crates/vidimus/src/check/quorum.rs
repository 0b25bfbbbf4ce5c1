//! `quorum`: enough parties say so, and no single company and no single country could have made them (`verification.md` 2.8). What
//! counts is how many of them are independent, not how many signatures there are.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Asked, certification, missing, provenance, vsa};
use crate::authenticate::{Claim, Fact};
use crate::decode::{Predicate, Provenance, RebuildComparison, RebuildResult, Statement};
use crate::digest::{DigestSet, Match};
use crate::join::bind::wrong_product;
use crate::join::{Binding, Joined};
use crate::policy::{
    Class, Exclude, Need, Needs, Party, Product, ProvenanceCheck, Quorum, QuorumCheck, QuorumKind, VsaCheck,
    packing_with,
};
use crate::reason::Reason;

crate::reasons! {
    SHORT = "quorum.short", Unproven, Laboratory, ["counted", "missing", "parties", "quorum", "required"],
        says "{quorum}: {counted} independent groups count ({parties}); {required} are required; nothing that counts is there from {missing}",
        why "One more signature of the same owner, or of a party that the policy does not list, adds nothing (T22).",
        fix "Get the statement of another listed party, and deliver it.";
    SAME_GROUP = "quorum.same-group", Unproven, Laboratory, ["parties", "quorum"],
        says "{quorum}: some of these have an owner in common, or signed for one and the same build, and count as one: {parties}",
        why "Two names of one company are one judgement (T22).",
        fix "Get the statement of a party with another owner.";
    EXCLUDED = "quorum.excluded", Unproven, Laboratory, ["parties", "quorum"],
        says "{quorum}: these belong to whoever is judged, and do not count: {parties}",
        why "Nobody is independent of itself (T22).",
        fix "Get the statement of a party that neither belongs to the vendor or supplier nor owns it.";
    COMPELLABLE = "quorum.compellable", Unproven, Laboratory, ["countries", "left", "quorum", "required"],
        says "{quorum}: if {countries} compelled everybody under its law, {left} groups would be left; {required} must be",
        why "A state can make every party under its law sign, silently. What one country could forge proves nothing to another (T23).",
        fix "Get the statement of a party under another law.";
    SOLE_BASIS = "quorum.sole-basis", Unproven, Laboratory, ["identity", "quorum"],
        says "{quorum}: the summary of {identity} cites no believed evidence about this but, at most, that of other judges",
        why "Who only signs what another laboratory found is not a second opinion (T24).",
        fix "Have the laboratory verify by itself, cite what it looked at, and deliver that.";
    EVALUATOR = "quorum.evaluator-unknown", Unproven, CertificationBody, ["identity", "quorum"],
        says "{quorum}: the certificate of {identity} does not count, for the policy knows no laboratory that was accredited, when it was issued, under the number that it names",
        why "A certification body judges by what a laboratory found. If nobody knows which, it may be another one's judgement again, or the vendor's own (T22).",
        fix "Have the certificate name its laboratory by accreditation, and have the operator record that, with its time, as `accreditation` of the party.";
    CERTIFICATE_BASIS = "quorum.certificate-basis", Unproven, CertificationBody, ["identity", "quorum"],
        says "{quorum}: the certificate of {identity} does not cite reports that are all in the delivery and among them one that its body or its laboratory signed, or a maker about these bytes",
        why "Who only certifies what another laboratory found is not a second opinion, and a report that nobody signed could be anything (T24).",
        fix "Have the laboratory sign its report or say what it found in a statement about the file, have the certificate cite that, and deliver it.";
    CONFLICT = "quorum.conflict", Refuted, Vendor, ["identity", "quorum"],
        says "{quorum}: {identity} verified it, and it FAILED",
        why "The operator trusts this party to judge, and it said no. Whoever delivers could have left it out, so it helps against honest errors, not against hiding (T28).",
        fix "Correct what was found, have it verified again, and deliver the new summary alone.";
    COMPARISON = "quorum.comparison", Unproven, Laboratory, ["identity", "quorum"],
        says "{quorum}: the rebuild comparison of {identity} does not count: it is of other bytes, its build is not the same or not shown by provenance of the same party, or its method is not accepted",
        why "A comparison shows a rebuild only together with the provenance of that rebuild, and only by a method that the operator looked at.",
        fix "Deliver the rebuilder's own provenance, and have the operator accept the method in `normalisations`.";
}

/// One statement that would count, if nothing stands against its party.
struct Vote<'a, 'b> {
    party: &'a Party,
    /// Who else the judgement is of: the laboratory that evaluated for a certification body.
    evaluators: Vec<&'a Party>,
    facts: Vec<&'b Fact<'a>>,
    /// Votes that share any of these are one.
    owners: BTreeSet<&'b str>,
    /// Votes of one build are one as well.
    invocation: Option<&'b str>,
}

impl<'a> Vote<'a, '_> {
    /// Everybody whose judgement it is.
    fn parties(&self) -> BTreeSet<&'a str> {
        std::iter::once(self.party).chain(self.evaluators.iter().copied()).map(|party| party.id.as_str()).collect()
    }
}

pub(super) fn file(joined: &Joined<'_>, check: &QuorumCheck, asked: Asked<'_>) -> Answer {
    let node = asked.node;
    let otherwise = || missing("quorum", &[]);
    let Some(quorum) = joined.policy.quorums.get(&check.quorum) else {
        return Answer::not_met(Vec::new(), otherwise());
    };
    let mut reasons = Vec::new();
    let votes = match &check.need {
        Need::Summary(need) => summaries(joined, quorum, need, asked, &mut reasons),
        Need::Rebuild { provenance, normalisations } => {
            rebuilds(joined, quorum, provenance, normalisations, asked, &mut reasons)
        }
    };
    if reasons.iter().any(|reason| reason.code() == CONFLICT.code) {
        reasons.retain(|reason| reason.code() == CONFLICT.code);
        return Answer::not_met(reasons, otherwise());
    }
    match holds(joined, quorum, node, &votes) {
        Ok(facts) => Answer::met(facts),
        Err(more) => {
            if let Need::Summary(need) = &check.need {
                reasons.extend(certification::unmapped(joined, need, of_candidates(joined, quorum, asked)));
            }
            reasons.extend(more);
            Answer::not_met(reasons, otherwise())
        }
    }
}

/// Is the node shown by a rebuild quorum, at whatever level, to be the same bytes, made from what the class lists? That bytes can be
/// made again says nothing about their name: the rebuilders must name the package among what they built from.
pub(super) fn is_rebuilt(joined: &Joined<'_>, node: usize, quorum: &Quorum, class: &Class) -> bool {
    let products: Vec<&Product> = joined.component_products(node).filter(|product| class.lists(product)).collect();
    let names_it = |fact: &&Fact<'_>| match &fact.claim {
        Claim::Statement(Statement { predicate: Predicate::Provenance(built), .. }) => {
            let mut from = built.inputs.iter().filter_map(|(uri, _)| Product::parse_claim(uri));
            from.any(|input| products.contains(&&input))
        }
        _ => false,
    };
    rebuilt_with(joined, Asked::of(node), quorum, |vote| vote.facts.iter().any(names_it)).is_some()
}

/// What shows by a rebuild quorum, at whatever level, that the node is the same bytes, if anything does; of rebuilders, by party, whom `counts`
/// takes.
pub(super) fn rebuilt<'a, 'b>(
    joined: &'b Joined<'a>,
    asked: Asked<'_>,
    quorum: &'b Quorum,
    counts: impl Fn(&str) -> bool,
) -> Option<Vec<&'b Fact<'a>>> {
    rebuilt_with(joined, asked, quorum, |vote| counts(&vote.party.id))
}

fn rebuilt_with<'a, 'b>(
    joined: &'b Joined<'a>,
    asked: Asked<'_>,
    quorum: &'b Quorum,
    counts: impl Fn(&Vote<'a, 'b>) -> bool,
) -> Option<Vec<&'b Fact<'a>>> {
    if !matches!(quorum.kind, QuorumKind::Judges { rebuild: true, .. }) {
        return None;
    }
    let check = ProvenanceCheck {
        min_level: 1,
        repository: None,
        by: Vec::new(),
        parameters: Vec::new(),
        unknown_parameters_fail: false,
    };
    let mut votes = rebuilds(joined, quorum, &check, &[], asked, &mut Vec::new());
    votes.retain(counts);
    holds(joined, quorum, asked.node, &votes).ok()
}

/// Bindings of candidates that may rebuild all that the node is called.
fn of_candidates<'a, 'b, 'n>(
    joined: &'b Joined<'a>,
    quorum: &'b Quorum,
    asked: Asked<'n>,
) -> impl Iterator<Item = &'b Binding<'a>> + use<'a, 'b, 'n> {
    // Whoever may rebuild the vendor's own parts is not heard about those of others.
    let of_it = move |binding: &&Binding<'_>| asked.covers_all(joined, &binding.grants);
    joined.bindings(asked.node).filter(|binding| quorum.candidates.contains(&binding.fact.party.id)).filter(of_it)
}

fn summaries<'a, 'b>(
    joined: &'b Joined<'a>,
    quorum: &'b Quorum,
    need: &VsaCheck,
    asked: Asked<'_>,
    reasons: &mut Vec<Reason>,
) -> Vec<Vote<'a, 'b>> {
    let node = asked.node;
    let mut votes = Vec::new();
    let ground = quorum.forbid_sole_basis.then(|| joined.ground(node, |grants| asked.is_heard(grants)));
    let mut grounds = certification::Grounds::default();
    for binding in joined.bindings(node).filter(|binding| quorum.candidates.contains(&binding.fact.party.id)) {
        // Whoever may speak about one of its names only is heard where the bytes failed.
        let is_heard = asked.covers_all(joined, &binding.grants);
        if let Some(found) = asked.as_properties(joined, need, binding) {
            match if found.is_empty() { certified(joined, quorum, asked, binding, &mut grounds) } else { Err(found) } {
                Ok(vote) if is_heard => votes.push(vote),
                Ok(_) => reasons.push(wrong_product(binding.fact)),
                Err(found) => reasons.extend(found),
            }
            continue;
        }
        let Claim::Statement(Statement { predicate: Predicate::Summary(summary), predicate_type, .. }) =
            &binding.fact.claim
        else {
            continue;
        };
        if !need.predicate_types.contains(predicate_type) {
            continue;
        }
        let identity =
            |info| Reason::new(info).name("quorum", &quorum.name).name("identity", &binding.fact.identity.id);
        let found = asked.lacks(binding, |binding| vsa::judge(joined, need, asked, binding, summary));
        if need.failed_wins && vsa::is_failed(&found) {
            reasons.push(identity(&CONFLICT));
        } else if !is_heard {
            reasons.push(wrong_product(binding.fact));
        } else if !found.is_empty() {
            reasons.extend(found);
        } else if ground.as_ref().is_some_and(|ground| {
            let cited = summary.inputs.as_deref().unwrap_or_default();
            !ground.is_under(&binding.fact.party.id, cited, &quorum.candidates)
        }) {
            reasons.push(identity(&SOLE_BASIS));
        } else {
            votes.push(vote(joined, vec![binding.fact], None));
        }
    }
    votes
}

/// The vote of a certificate that lacks nothing. Its body judges by what a laboratory found, so it is a judgement of both: it is no vote
/// beside that laboratory's own, and where one of them does not count, neither does it (T22).
fn certified<'a, 'b>(
    joined: &'b Joined<'a>,
    quorum: &Quorum,
    asked: Asked<'_>,
    binding: &'b Binding<'a>,
    grounds: &mut certification::Grounds<'a, 'b>,
) -> Result<Vote<'a, 'b>, Vec<Reason>> {
    let evaluators = certification::evaluators(joined, binding.fact);
    let lacks = |info| {
        let reason = Reason::new(info).name("quorum", &quorum.name);
        Err(vec![reason.name("identity", &binding.fact.identity.id)])
    };
    if evaluators.is_empty() {
        return lacks(&EVALUATOR);
    }
    if quorum.forbid_sole_basis && !grounds.hold(joined, asked, binding.fact, &evaluators) {
        return lacks(&CERTIFICATE_BASIS);
    }
    let mut vote = vote(joined, vec![binding.fact], None);
    vote.owners.extend(evaluators.iter().flat_map(|party| joined.policy.roots(&party.id)));
    Ok(Vote { evaluators, ..vote })
}

fn vote<'a, 'b>(joined: &'b Joined<'a>, facts: Vec<&'b Fact<'a>>, invocation: Option<&'b str>) -> Vote<'a, 'b> {
    let party = facts.first().map(|fact| fact.party);
    let owners: BTreeSet<&str> = party.map(|party| joined.policy.roots(&party.id)).unwrap_or_default();
    // There is always a fact; an empty vote would be nobody's.
    Vote { party: party.unwrap_or(&NOBODY), evaluators: Vec::new(), facts, owners, invocation }
}

static NOBODY: Party = Party {
    id: String::new(),
    name: String::new(),
    kind: String::new(),
    jurisdictions: Vec::new(),
    controlled_by: Vec::new(),
    hosted_by: Vec::new(),
    products: Vec::new(),
    accreditation: None,
};

fn rebuilds<'a, 'b>(
    joined: &'b Joined<'a>,
    quorum: &'b Quorum,
    check: &ProvenanceCheck,
    normalisations: &[String],
    asked: Asked<'_>,
    reasons: &mut Vec<Reason>,
) -> Vec<Vote<'a, 'b>> {
    let mut votes = Vec::new();
    for binding in of_candidates(joined, quorum, asked) {
        let Claim::Statement(statement) = &binding.fact.claim else { continue };
        match &statement.predicate {
            Predicate::Provenance(provenance) => {
                let found = asked.lacks(binding, |binding| provenance::judge(check, binding, provenance));
                if found.is_empty() {
                    votes.push(vote(joined, vec![binding.fact], provenance.invocation.as_deref()));
                }
                reasons.extend(found);
            }
            Predicate::Rebuild(comparison) => {
                match shown_by(joined, check, normalisations, asked, binding, comparison) {
                    _ if !asked.is_heard(&binding.grants) => reasons.push(wrong_product(binding.fact)),
                    Some((fact, provenance)) => {
                        votes.push(vote(joined, vec![binding.fact, fact], provenance.invocation.as_deref()));
                    }
                    None => {
                        let reason = Reason::new(&COMPARISON).name("quorum", &quorum.name);
                        reasons.push(reason.name("identity", &binding.fact.identity.id));
                    }
                }
            }
            _ => {}
        }
    }
    votes
}

/// The provenance that shows the rebuild of a comparison: of the same party, about what it says it built.
fn shown_by<'a, 'b>(
    joined: &'b Joined<'a>,
    check: &ProvenanceCheck,
    normalisations: &[String],
    asked: Asked<'_>,
    binding: &Binding<'a>,
    comparison: &RebuildComparison,
) -> Option<(&'b Fact<'a>, &'a Provenance)> {
    let node = asked.node;
    let accepted = &joined.policy.algorithms.digest_bind;
    let same = |one: &DigestSet, other: &DigestSet| crate::join::compare(one, other, accepted) == Match::Same;
    let is_accepted = match &comparison.result {
        RebuildResult::Identical => same(&comparison.original, &comparison.rebuilt),
        RebuildResult::AfterNormalisation { method, .. } => normalisations.contains(method),
        RebuildResult::Different => false,
    };
    if !is_accepted || !same(&joined.digests_of(node), &comparison.original) {
        return None;
    }
    let products: Vec<Product> = joined.products(node).cloned().collect();
    joined.facts.iter().find_map(|fact| {
        let Claim::Statement(statement) = &fact.claim else { return None };
        let Predicate::Provenance(provenance) = &statement.predicate else { return None };
        let is_cited = comparison.provenance.by(fact.id.algorithm()).as_ref() == Some(&fact.id)
            || joined
                .delivery
                .files
                .get(fact.file)
                .is_some_and(|file| comparison.provenance.matches(&file.digests, accepted) == Match::Same);
        let about_it = statement.subjects.iter().any(|subject| same(&subject.digest, &comparison.rebuilt));
        if fact.party.id != binding.fact.party.id || !is_cited || !about_it {
            return None;
        }
        let own = Binding { fact, grants: fact.covering(&products).collect() };
        let covered = !own.grants.is_empty() && asked.covers_all(joined, &own.grants);
        let judge = |binding: &Binding<'_>| provenance::judge(check, binding, provenance);
        (covered && asked.lacks(&own, judge).is_empty()).then_some((fact, &**provenance))
    })
}

/// Counts. The facts that count, or why they are too few.
fn holds<'a, 'b>(
    joined: &'b Joined<'a>,
    quorum: &Quorum,
    node: usize,
    votes: &[Vote<'a, 'b>],
) -> Result<Vec<&'b Fact<'a>>, Vec<Reason>> {
    let QuorumKind::Judges { tolerate_jurisdictions, remaining, .. } = quorum.kind else { return Err(Vec::new()) };
    let barred = owners_of_judged(joined, &quorum.exclude, &quorum.candidates, node);
    let is_barred = |party: &&str| !joined.policy.roots(party).is_disjoint(&barred);
    let mut ballots: BTreeMap<BTreeSet<&str>, Vec<&Vote<'a, 'b>>> = BTreeMap::new();
    for vote in votes {
        ballots.entry(vote.parties()).or_default().push(vote);
    }
    let (excluded, counted): (BTreeMap<_, _>, BTreeMap<_, _>) =
        ballots.into_iter().partition(|(parties, _)| parties.iter().any(is_barred));
    let ballots = ballots_of(&counted);
    // Under most coalitions the same are left.
    let mut known: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
    let mut packed = |left: Vec<usize>| {
        let count = |left: &Vec<usize>| {
            let left = left.iter().filter_map(|at| ballots.get(*at)).map(|(_, needs)| needs.clone());
            packing_with(&left.collect::<Vec<_>>())
        };
        *known.entry(left).or_insert_with_key(count)
    };
    let groups = packed((0..ballots.len()).collect());
    let parties: BTreeSet<&str> = counted.values().flatten().map(|vote| vote.party.id.as_str()).collect();
    let judging: BTreeSet<&str> = counted.keys().flatten().copied().collect();
    let list: Vec<&str> = judging.into_iter().collect();
    let coalitions = joined.policy.coalitions(&list, tolerate_jurisdictions);
    let left = coalitions.iter().map(|coalition| {
        let is_free =
            |party: &str| joined.policy.jurisdictions(party).iter().all(|country| !coalition.contains(country));
        let free = (0..).zip(&ballots).filter(|(_, (parties, _))| parties.iter().all(|party| is_free(party)));
        (packed(free.map(|(at, _)| at).collect()), coalition)
    });
    let worst = left.min();
    let is_left = worst.as_ref().is_none_or(|(left, _)| *left >= remaining);
    if groups >= quorum.min_groups && is_left && !counted.is_empty() {
        return Ok(counted.values().flatten().flat_map(|vote| vote.facts.iter().copied()).collect());
    }
    let named = |info| Reason::new(info).name("quorum", &quorum.name);
    let mut reasons = Vec::new();
    if !excluded.is_empty() {
        reasons.push(named(&EXCLUDED).list("parties", excluded.keys().flatten().copied().filter(is_barred)));
    }
    if groups < quorum.min_groups {
        let silent: Vec<&str> =
            quorum.candidates.iter().map(String::as_str).filter(|party| !parties.contains(party)).collect();
        let short = named(&SHORT).int("counted", groups as i64).int("required", quorum.min_groups as i64);
        let short = if parties.is_empty() { short.name("parties", "none") } else { short.list("parties", &parties) };
        reasons.push(if silent.is_empty() {
            short.name("missing", "nobody else")
        } else {
            short.list("missing", silent)
        });
        if parties.len() > groups {
            reasons.push(named(&SAME_GROUP).list("parties", &parties));
        }
    } else if let Some((left, countries)) = worst.filter(|_| !is_left) {
        let reason = named(&COMPELLABLE).int("left", left as i64).int("required", remaining as i64);
        reasons.push(reason.list("countries", countries));
    }
    Err(reasons)
}

/// By parties, what their votes need that no two may share: their owners, and a build. A build only matters that others could vote with, too: who
/// names one that nobody else does, or so many that one is always left, is never short of it.
fn ballots_of<'p, 'v>(
    votes: &'v BTreeMap<BTreeSet<&'p str>, Vec<&Vote<'_, '_>>>,
) -> Vec<(&'v BTreeSet<&'p str>, Needs<'v>)> {
    let mut named: BTreeMap<&str, BTreeSet<&BTreeSet<&str>>> = BTreeMap::new();
    for (parties, votes) in votes {
        for invocation in votes.iter().filter_map(|vote| vote.invocation) {
            named.entry(invocation).or_default().insert(parties);
        }
    }
    let is_shared = |invocation: &str| named.get(invocation).is_some_and(|by| by.len() > 1);
    let of = |(parties, of_them): (&'v BTreeSet<&'p str>, &'v Vec<&Vote<'_, '_>>)| {
        // Whoever they are, they have the same owners each time.
        let owners = of_them.first().map(|vote| vote.owners.clone()).unwrap_or_default();
        let shared = of_them.iter().map(|vote| vote.invocation.filter(|invocation| is_shared(invocation)));
        let builds: BTreeSet<Option<&str>> = shared.collect();
        let needs_none = builds.contains(&None) || builds.len() >= votes.len();
        let one_of = builds.into_iter().flatten().filter(|_| !needs_none).collect();
        (parties, Needs { owners, one_of })
    };
    votes.iter().map(of).collect()
}

/// Owners of whoever is judged: by policy, request and what the node is called, and whoever signed for the bytes or listed them. More
/// evidence only ever bars more, and what was struck bars as well. Of `judges`, who only judged made nothing.
pub(super) fn owners_of_judged<'a>(
    joined: &'a Joined<'_>,
    exclude: &[Exclude],
    judges: &[String],
    node: usize,
) -> BTreeSet<&'a str> {
    let policy = joined.policy;
    let requested: Vec<&Product> = joined.request.product.iter().collect();
    let (said, at) = joined.as_said(node);
    let products: Vec<&Product> = said.products(at).collect();
    let makers = said.makers(at);
    // A grant without products is about everything; so is a request without a product.
    let speaks = |party: &Party, of: &[&Product]| {
        policy.grants.iter().any(|grant| {
            let own = policy.identities.iter().any(|i| i.party == party.id && grant.identities.contains(&i.id));
            let covers = grant
                .products
                .as_ref()
                .is_none_or(|patterns| of.iter().any(|product| patterns.iter().any(|p| p.covers(product))));
            own && (covers || of.is_empty())
        })
    };
    let is_barred = |party: &&Party| {
        exclude.iter().any(|exclude| match exclude {
            Exclude::SubjectVendor => {
                party.kind == "vendor" && (speaks(party, &requested) || party.owns(requested.iter().copied()))
            }
            Exclude::SubjectSuppliers => {
                // A name is the word of whoever signs the SBOM; who signed anything about the bytes is not.
                let signed =
                    |(maker, as_maker): &(&str, bool)| *maker == party.id && (*as_maker || !judges.contains(&party.id));
                matches!(party.kind.as_str(), "vendor" | "supplier")
                    && (speaks(party, &products)
                        || party.owns(products.iter().copied())
                        || makers.iter().any(signed)
                        || said
                            .described(at)
                            .any(|component| component.supplier().is_some_and(|name| party.is_called(name))))
            }
            Exclude::Party(id) => party.id == *id,
        })
    };
    policy.parties.values().filter(is_barred).flat_map(|party| policy.roots(&party.id)).collect()
}
