//! `origin`: where work on the file was done, who did it, or who controls them; one of the three at a time (`verification.md` 3.4).
//! What is not known never passes, neither a list of what is allowed nor one of what is denied.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Asked, is_by, missing, quorum};
use crate::authenticate::{Claim, Fact};
use crate::decode::{Origin, Place, Predicate, Stage, Statement};
use crate::join::bind::wrong_product;
use crate::join::said::{Said, origin_of};
use crate::join::{Binding, Joined};
use crate::policy::{Axis, Exclude, OriginCheck, Party, QuorumKind, Strength};
use crate::reason::{Reason, ReasonInfo};
use crate::time::Time;

crate::reasons! {
    DENIED = "origin.denied", Unproven, Vendor, ["axis", "countries", "party", "source", "stages"],
        says "{axis} ({stages}) by {source} of {party}: {countries}, which the rule denies",
        why "A country that the policy denies was stated. It is final where the statement is the word of the vendor's own group, or follows from the policy itself; no rebuild takes it away.",
        fix "Deliver what was made where the policy allows it, or have the operator review the rule.";
    NOT_ALLOWED = "origin.not-allowed", Unproven, Vendor, ["axis", "countries", "party", "source", "stages"],
        says "{axis} ({stages}) by {source} of {party}: {countries}, which are not among those that the rule allows",
        why "The rule lists what it allows, and this is something else. It is final where the statement is the word of the vendor's own group, or follows from the policy itself, unless the rule takes an independent rebuild instead (`or_strength`): that is one of the same bytes, by whomever the operator lists, wherever they are, as long as no country of theirs is denied.",
        fix "Deliver what was made where the policy allows it, or have the operator review the rule.";
    UNKNOWN = "origin.unknown", Unproven, Vendor, ["axis", "lacking", "party", "source", "stages"],
        says "{axis} ({stages}) by {source} of {party} is not all known: {lacking}",
        why "What is partly known, unknown or withheld could be anything; absence of a country is no proof that it has no part in it.",
        fix "Have the statement completed: every place, every performer, every owner, each with its country, and nothing under `unknown` or `withheld`.";
    STRENGTH = "origin.strength", Unproven, Vendor, ["found", "party", "required"],
        says "{party} is the source, which is {found}; the rule asks for {required}",
        why "A vendor's own word is the weakest. `attested` is the word of a laboratory or certification body outside its group; `implied` follows from who signed, by the policy's party table alone.",
        fix "Have an independent laboratory or certification body state it.";
    EXPIRED = "origin.expired", Unproven, Vendor, ["party"],
        says "the origin statement of {party} is not valid at the time of the verdict, or says that it was made later than it can have been",
        why "Owners and places change; a statement is about its time, and what it says of its time is only its own word (T12).",
        fix "Have the statement renewed.";
    STALE = "origin.stale", Unproven, Vendor, ["as_of", "limit", "party"],
        says "what {party} states about owners is of {as_of}; at most {limit} days are accepted",
        why "Companies are bought. What was true about their owners says little about today.",
        fix "Have the statement renewed with current dates.";
    CONFLICT = "origin.conflict", Unproven, Vendor, ["axis", "countries", "parties"],
        says "{parties} contradict one another for {axis}: {countries}",
        why "Two complete statements that differ cannot both be true.",
        fix "Have the parties settle which is true.";
    ADDRESS = "origin.declared-address", Unproven, Vendor, ["countries"],
        says "the SBOM gives addresses of organisations in {countries}; an address is where somebody gets post, and proves no origin",
        why "`address.country` of CycloneDX says where an organisation is registered or writes from, by the word of whoever wrote the SBOM. It is shown for people and decides nothing.",
        fix "Deliver a signed origin statement.";
    NOT_REBUILT = "origin.not-rebuilt", Unproven, Supplier, [],
        says "no rebuild quorum of the policy shows that independent parties, none of them in a country that the rule denies, built the same bytes",
        why "Where it was first built, and by which party, no longer matters once others have built the same elsewhere (`verification.md` 3.4).",
        fix "Deliver the provenance of independent rebuilds.";
    NO_SIGNER = "origin.no-maker", Unproven, Vendor, [],
        says "no vendor or supplier of the policy signed anything about this file",
        why "What follows from the party table follows from who signed (strength `implied`).",
        fix "Deliver statements that the makers signed with keys that the policy lists.";
}

/// How far an author's clock may run, in seconds.
const SKEW: i64 = 300;

const STATEMENT: &str = "the statement";
const PARTY_TABLE: &str = "the policy's entry";

/// What all sources together come to.
#[derive(Default)]
struct Tally<'b> {
    met: Vec<&'b Fact<'b>>,
    reasons: Vec<Reason>,
    /// Countries that somebody states and that the rule does not take.
    against: Vec<Reason>,
    /// Complete and valid statements.
    complete: Vec<&'b Fact<'b>>,
    candidates: usize,
}

pub(super) fn file(joined: &Joined<'_>, check: &OriginCheck, asked: Asked<'_>) -> Answer {
    let file = asked.node;
    let mut tally = Tally::default();
    if check.axis_is_implied() {
        implied(joined, check, asked, &mut tally);
    }
    tally.against.extend(said_against(joined, check, asked));
    let group = group(joined, file);
    for binding in joined.bindings(file) {
        if let (Some(origin), Some(said)) = (origin_of(binding.fact), joined.said(check, binding.fact)) {
            let speaks = asked.covered(&binding.grants);
            stated(joined, check, (binding, speaks), (origin, said), &group, &mut tally);
        }
    }
    let otherwise = || missing("origin", &check.by);
    let denied = tally.against.iter().any(|reason| reason.code() == DENIED.code);
    if check.or_rebuilt && !denied {
        let mut quorums = joined.policy.quorums.values();
        let elsewhere = |party: &str| is_elsewhere(joined, check, party);
        if let Some(facts) = quorums.find_map(|quorum| quorum::rebuilt(joined, asked, quorum, elsewhere)) {
            return Answer::met(facts);
        }
        tally.reasons.push(Reason::new(&NOT_REBUILT));
    }
    if !tally.against.is_empty() {
        tally.against.extend(tally.reasons.into_iter().filter(|reason| reason.code() == NOT_REBUILT.code));
        return Answer::not_met(tally.against, otherwise());
    }
    if let Some(reason) = conflict(joined, check, tally.complete) {
        return Answer::not_met(vec![reason], otherwise());
    }
    if !tally.met.is_empty() {
        return Answer::met(tally.met);
    }
    if tally.candidates == 0 && check.min_strength < Strength::Implied {
        tally.reasons.extend(joined.near(file).cloned());
        tally.reasons.push(otherwise());
        let addresses = joined.addresses(file);
        tally.reasons.extend((!addresses.is_empty()).then(|| Reason::new(&ADDRESS).list("countries", addresses)));
    }
    Answer::not_met(tally.reasons, otherwise())
}

/// What statements say against the file, whoever makes them: whose word is enough for the rule decides what speaks for it. What was struck
/// since, by denials and status lists, supports nothing, and what it says stays.
fn said_against(joined: &Joined<'_>, check: &OriginCheck, asked: Asked<'_>) -> Vec<Reason> {
    let (joined, file) = joined.as_said(asked.node);
    let group = group(joined, file);
    let stated = joined.bindings(file).filter_map(|binding| Some((binding, joined.said(check, binding.fact)?)));
    stated
        .flat_map(|(binding, said)| {
            let own = asked.is_heard(&binding.grants) && is_own(joined, binding.fact, &group);
            let against = against(check, STATEMENT, &binding.fact.party.id, said);
            against.into_iter().map(move |reason| if own { reason.refuted() } else { reason })
        })
        .collect()
}

/// Is it the word of the makers' own group? Who makes nothing of it and is a vendor or supplier is taken for one of them: nobody is
/// independent by its own word.
fn is_own(joined: &Joined<'_>, fact: &Fact<'_>, group: &BTreeSet<&str>) -> bool {
    is_maker(&fact.party.kind) || !joined.policy.roots(&fact.party.id).is_disjoint(group)
}

/// One statement. Who is not among those whose word the rule takes, or may not speak for all that a component is called, can only contradict
/// it.
fn stated<'b>(
    joined: &Joined<'_>,
    check: &OriginCheck,
    (binding, speaks): (&Binding<'b>, bool),
    (origin, said): (&Origin, &'b Said),
    group: &BTreeSet<&str>,
    tally: &mut Tally<'b>,
) {
    let fact = binding.fact;
    let counts = is_by(&check.by, fact);
    tally.candidates += usize::from(counts);
    // What is denied counts from every source, valid or not, strong or not: it is told already.
    if !said.denied.is_empty() || !said.not_allowed.is_empty() {
        return;
    }
    if let Some(reason) = lacking(joined, check, fact, origin, said) {
        tally.reasons.extend(counts.then_some(reason));
        return;
    }
    tally.complete.push(fact);
    if !counts {
        return;
    }
    if !speaks {
        tally.reasons.push(wrong_product(fact));
        return;
    }
    let strength = match is_own(joined, fact, group) || !is_independent(fact) {
        true => Strength::Declared,
        false => Strength::Attested,
    };
    if strength >= check.min_strength {
        tally.met.push(fact);
    } else {
        let reason = Reason::new(&STRENGTH).name("party", &fact.party.id).name("found", strength.name());
        tally.reasons.push(reason.name("required", check.min_strength.name()));
    }
}

/// Why a statement that says nothing against the file says nothing for it either.
fn lacking(joined: &Joined<'_>, check: &OriginCheck, fact: &Fact<'_>, origin: &Origin, said: &Said) -> Option<Reason> {
    let party = |info| Reason::new(info).name("party", &fact.party.id);
    let at = joined.request.at;
    // It was made before it was signed, and before anybody reads it (T12).
    let latest = fact.not_later_than.map_or(at, |proven| proven.min(at));
    let is_later = |time: Time| time.second() > latest.second().saturating_add(SKEW);
    let is_over = origin.valid_from.is_some_and(|from| at < from) || origin.valid_until.is_some_and(|until| until < at);
    if is_over || is_later(origin.asserted_on) {
        return Some(party(&EXPIRED));
    }
    if !said.lacking.is_empty() {
        return Some(unknown(check, STATEMENT, &fact.party.id, &said.lacking));
    }
    // Nothing that is said about owners is of a later day than the statement; what has no date is as old as it.
    let limit = check.max_age_days.map(i64::from)?;
    let stated = latest.min(origin.asserted_on);
    let (oldest, newest) = origin.owners_as_of.unwrap_or((stated, stated));
    let old = stated.min(oldest);
    if is_later(newest) {
        return Some(party(&STALE).time("as_of", newest).int("limit", limit));
    }
    let is_stale = at.second().saturating_sub(old.second()) > limit.saturating_mul(86_400);
    is_stale.then(|| party(&STALE).time("as_of", old).int("limit", limit))
}

fn unknown(check: &OriginCheck, source: &str, party: &str, lacking: &[String]) -> Reason {
    about(check, &UNKNOWN, source, party).list("lacking", lacking)
}

fn about(check: &OriginCheck, info: &'static ReasonInfo, source: &str, party: &str) -> Reason {
    let reason = Reason::new(info).name("axis", check.axis.name()).list("stages", check.stage_names());
    reason.name("source", source).name("party", party)
}

/// What speaks against the countries that a source has about `party`, if anything does.
fn against(check: &OriginCheck, source: &str, party: &str, said: &Said) -> Vec<Reason> {
    let found = [(&DENIED, &said.denied), (&NOT_ALLOWED, &said.not_allowed)];
    let found = found.into_iter().filter(|(_, countries)| !countries.is_empty());
    found.map(|(info, countries)| about(check, info, source, party).list("countries", countries)).collect()
}

/// Do complete statements contradict one another?
fn conflict(joined: &Joined<'_>, check: &OriginCheck, mut complete: Vec<&Fact<'_>>) -> Option<Reason> {
    // What is told does not depend on which was found first.
    complete.sort_by_key(|fact| (&fact.party.id, &fact.id));
    let found = joined.contradiction(check, &complete)?;
    let parties = found.between.iter().filter_map(|at| complete.get(*at)).map(|fact| &fact.party.id);
    let reason = Reason::new(&CONFLICT).name("axis", check.axis.name());
    Some(reason.list("countries", &found.countries).list("parties", parties))
}

/// What makers said of the file: vendors and suppliers who release, deliver, build or list it.
fn makers<'b, 'a>(joined: &'b Joined<'a>, file: usize) -> impl Iterator<Item = &'b Binding<'a>> {
    let makes = |fact: &Fact<'_>| is_maker(&fact.party.kind) && fact.claim.vouches() && origin_of(fact).is_none();
    joined.bindings(file).filter(move |binding| makes(binding.fact))
}

fn is_maker(kind: &str) -> bool {
    matches!(kind, "vendor" | "supplier")
}

/// Whoever signed that it built the file, of whatever kind it is, unless its builds are there to compare with. Who builds for others makes the
/// bytes as well.
fn builders<'b, 'a>(joined: &'b Joined<'a>, file: usize) -> impl Iterator<Item = &'b Binding<'a>> {
    let rebuilds = |party: &String| {
        joined.policy.quorums.values().any(|quorum| {
            matches!(quorum.kind, QuorumKind::Judges { rebuild: true, .. }) && quorum.candidates.contains(party)
        })
    };
    let is_provenance = |fact: &Fact<'_>| {
        matches!(&fact.claim, Claim::Statement(Statement { predicate: Predicate::Provenance(_), .. }))
    };
    let builds = move |fact: &Fact<'_>| is_provenance(fact) && !rebuilds(&fact.party.id);
    joined.bindings(file).filter(move |binding| builds(binding.fact))
}

/// Owners of whoever makes it, by what they signed and by what the policy says that they make: leaving a statement out makes nobody
/// independent.
fn group<'a>(joined: &'a Joined<'_>, file: usize) -> BTreeSet<&'a str> {
    let exclude = [Exclude::SubjectVendor, Exclude::SubjectSuppliers];
    let mut group = quorum::owners_of_judged(joined, &exclude, &[], file);
    group.extend(makers(joined, file).flat_map(|maker| joined.policy.roots(&maker.fact.party.id)));
    group
}

fn is_independent(fact: &Fact<'_>) -> bool {
    matches!(fact.party.kind.as_str(), "laboratory" | "certification-body")
}

/// What follows from the party table: who made it, under which law they and their owners are. Who makes it is told by who signed it, and by
/// whose product it is; that of the second kind is known without any evidence. What it does not take is final where somebody is believed who
/// made it, or the policy says so: nobody can take that back.
fn implied<'b>(joined: &'b Joined<'b>, check: &OriginCheck, asked: Asked<'_>, tally: &mut Tally<'b>) {
    let mut vague = false;
    for (party, is_known) in making(joined, check, asked) {
        let said = Said::of(check, places(joined, check, party));
        let against = against(check, PARTY_TABLE, party, &said).into_iter();
        tally.against.extend(against.map(|reason| if is_known { reason.refuted() } else { reason }));
        if !said.lacking.is_empty() {
            vague = true;
            tally.reasons.push(unknown(check, PARTY_TABLE, party, &said.lacking));
        }
    }
    // Whoever may speak for one name of a component alone is heard against it, not for it.
    let (own, others): (Vec<_>, Vec<_>) =
        makers(joined, asked.node).partition(|binding| asked.covered(&binding.grants));
    if own.is_empty() && check.min_strength == Strength::Implied {
        tally.reasons.extend(others.iter().map(|binding| wrong_product(binding.fact)));
        tally.reasons.push(Reason::new(&NO_SIGNER));
    }
    if !vague && check.min_strength <= Strength::Implied {
        tally.met.extend(own.iter().map(|binding| binding.fact));
    }
}

/// Whoever has a part in making it, by anything that was said: by what they signed about these bytes, believed about what the bytes are called or
/// not, by whose product it is, and by whom an SBOM names as supplier. With whether it is known: by the policy, or by the word of somebody
/// who is believed about it. Whoever signs the bytes as something else, and whoever writes a name into an SBOM, makes nothing final.
fn making<'b>(joined: &'b Joined<'b>, check: &OriginCheck, asked: Asked<'_>) -> BTreeMap<&'b str, bool> {
    let (said, at) = joined.as_said(asked.node);
    let is_built = check.stages.is_empty() || check.stages.contains(&Stage::Built);
    let parties = &joined.policy.parties;
    let owners =
        parties.values().filter(|party| party.owns(joined.resources(asked.node))).map(|party| party.id.as_str());
    let bound = makers(said, at).chain(builders(said, at).filter(|_| is_built));
    let bound = bound.map(|binding| (binding.fact.party.id.as_str(), asked.is_heard(&binding.grants)));
    let signed = said.signers(at).filter(|party| parties.get(*party).is_some_and(|party| is_maker(&party.kind)));
    let supplies: BTreeSet<&str> = said.described(at).filter_map(|component| component.supplier()).collect();
    let supplied = |party: &&Party| is_maker(&party.kind) && supplies.iter().any(|name| party.is_called(name));
    let named = parties.values().filter(supplied).map(|party| party.id.as_str());
    let mut making: BTreeMap<&str, bool> = BTreeMap::new();
    for (party, is_known) in
        owners.map(|party| (party, true)).chain(bound).chain(signed.chain(named).map(|party| (party, false)))
    {
        *making.entry(party).or_default() |= is_known;
    }
    making
}

/// Countries whose law can compel the party, by the party table; on `control`, its owners and whoever holds its keys, too.
fn places(joined: &Joined<'_>, check: &OriginCheck, party: &str) -> BTreeSet<Place> {
    let own = || joined.policy.parties.get(party).into_iter().flat_map(|party| &party.jurisdictions);
    let countries: BTreeSet<&str> = match check.axis {
        Axis::Control => joined.policy.jurisdictions(party),
        Axis::Where | Axis::Who => own().map(String::as_str).collect(),
    };
    countries.into_iter().map(|country| Place { country: country.to_owned(), subdivision: None }).collect()
}

/// Is somebody who built it again nowhere that the rule denies? That it is not among what is allowed says nothing: then it is the operator who
/// takes such rebuilds for it.
fn is_elsewhere(joined: &Joined<'_>, check: &OriginCheck, party: &str) -> bool {
    let places = places(joined, check, party);
    !places.is_empty() && places.iter().all(|place| !check.denies(place) && !check.may_be_denied(place))
}

impl OriginCheck {
    /// Without a stage the rule is about all of them, or about makers.
    fn stage_names(&self) -> Vec<&'static str> {
        match self.stages.is_empty() {
            true if self.min_strength >= Strength::Implied => vec!["made"],
            true => vec!["all"],
            false => self.stages.iter().map(|stage| stage.name()).collect(),
        }
    }
}
