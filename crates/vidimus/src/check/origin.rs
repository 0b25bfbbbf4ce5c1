//! `origin`: where work on the file was done, who did it, or who controls them; one of the three at a time (`verification.md` 3.4).
//! What is not known never passes, neither a list of what is allowed nor one of what is denied.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, is_by, missing, quorum};
use crate::authenticate::{Claim, Fact};
use crate::decode::{Origin, OriginParty, Place, Predicate, Stage, StageClaim, Statement, strict_json};
use crate::join::Joined;
use crate::policy::{Axis, Exclude, OriginCheck, Region, Strength};
use crate::reason::Reason;

crate::reasons! {
    DENIED = "origin.denied", Unproven, Vendor, ["axis", "countries", "party", "stages"],
        says "{party} states for {axis} ({stages}): {countries}, which the rule denies",
        why "A country that the policy denies was stated. It is final where the statement is the word of the vendor's own group, or follows from the policy itself; no rebuild takes it away.",
        fix "Deliver what was made where the policy allows it, or have the operator review the rule.";
    NOT_ALLOWED = "origin.not-allowed", Unproven, Vendor, ["axis", "countries", "party", "stages"],
        says "{party} states for {axis} ({stages}): {countries}, which are not among those that the rule allows",
        why "The rule lists what it allows, and this is something else. It is final where the statement is the word of the vendor's own group, or follows from the policy itself.",
        fix "Deliver what was made where the policy allows it, or have the operator review the rule.";
    UNKNOWN = "origin.unknown", Unproven, Vendor, ["axis", "party", "stages"],
        says "{party} does not state everything for {axis} ({stages})",
        why "What is partly known, unknown or withheld could be anything; absence of a country is no proof that it has no part in it.",
        fix "Have the statement completed: every place, every performer, every owner, each with its country, and nothing under `unknown` or `withheld`.";
    STRENGTH = "origin.strength", Unproven, Vendor, ["found", "party", "required"],
        says "{party} is the source, which is {found}; the rule asks for {required}",
        why "A vendor's own word is the weakest. `attested` is the word of a laboratory or certification body outside its group; `implied` follows from who signed, by the policy's party table alone.",
        fix "Have an independent laboratory or certification body state it.";
    EXPIRED = "origin.expired", Unproven, Vendor, ["party"],
        says "the origin statement of {party} is not valid at the time of the verdict",
        why "Owners and places change; a statement is about its time.",
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
        says "no rebuild quorum of the policy shows that independent parties built the same bytes",
        why "Where it was first built no longer matters once others have built the same elsewhere (`verification.md` 3.4).",
        fix "Deliver the provenance of independent rebuilds.";
    NO_SIGNER = "origin.no-maker", Unproven, Vendor, [],
        says "no vendor or supplier of the policy signed anything about this file",
        why "What follows from the party table follows from who signed (strength `implied`).",
        fix "Deliver statements that the makers signed with keys that the policy lists.";
}

/// What one source says.
struct Said {
    countries: BTreeSet<Place>,
    complete: bool,
}

/// What all sources together come to.
#[derive(Default)]
struct Tally<'b> {
    met: Vec<&'b Fact<'b>>,
    reasons: Vec<Reason>,
    /// Countries that somebody states and that the rule does not take.
    against: Vec<Reason>,
    /// By what complete and valid statements say, who says it.
    complete: BTreeMap<BTreeSet<Place>, BTreeSet<&'b str>>,
    candidates: usize,
}

pub(super) fn file(joined: &Joined<'_>, check: &OriginCheck, file: usize) -> Answer {
    let makers = makers(joined, file);
    let mut tally = Tally::default();
    if check.axis_is_implied() {
        implied(joined, check, file, &makers, &mut tally);
    }
    tally.against.extend(said_against(joined, check, file));
    let group = group(joined, file, &makers);
    for fact in joined.bindings(file).map(|binding| binding.fact).filter(|fact| is_by(&check.by, fact)) {
        if let Some(origin) = origin(fact) {
            tally.candidates += 1;
            stated(joined, check, fact, origin, &group, &mut tally);
        }
    }
    let otherwise = || missing("origin", &check.by);
    let denied = tally.against.iter().any(|reason| reason.code() == DENIED.code);
    if check.or_rebuilt && !denied {
        let mut quorums = joined.policy.quorums.values();
        if let Some(facts) = quorums.find_map(|quorum| quorum::rebuilt(joined, file, quorum)) {
            return Answer::met(facts);
        }
        tally.reasons.push(Reason::new(&NOT_REBUILT));
    }
    if !tally.against.is_empty() {
        tally.against.extend(tally.reasons.into_iter().filter(|reason| reason.code() == NOT_REBUILT.code));
        return Answer::not_met(tally.against, otherwise());
    }
    if tally.complete.len() > 1 {
        let countries: BTreeSet<String> = tally.complete.keys().flatten().map(ToString::to_string).collect();
        let parties: BTreeSet<&str> = tally.complete.values().flatten().copied().collect();
        let reason = Reason::new(&CONFLICT).name("axis", check.axis.name());
        return Answer::not_met(vec![reason.list("countries", countries).list("parties", parties)], otherwise());
    }
    if !tally.met.is_empty() {
        return Answer::met(tally.met);
    }
    if tally.candidates == 0 && check.min_strength < Strength::Implied {
        tally.reasons.extend(joined.near(file).cloned());
        tally.reasons.push(otherwise());
        tally.reasons.extend(addresses(joined, file));
    }
    Answer::not_met(tally.reasons, otherwise())
}

/// What statements say against the file. What was struck since, by denials and status lists, supports nothing, and what it says stays.
fn said_against(joined: &Joined<'_>, check: &OriginCheck, file: usize) -> Vec<Reason> {
    let (joined, file) = joined.as_said(file);
    let group = group(joined, file, &makers(joined, file));
    let facts = joined.bindings(file).map(|binding| binding.fact).filter(|fact| is_by(&check.by, fact));
    let stated = facts.filter_map(|fact| Some((fact, origin(fact)?)));
    stated
        .flat_map(|(fact, origin)| {
            let own = is_own(joined, fact, &group);
            let against = against(check, &fact.party.id, &said(check, origin).countries);
            against.into_iter().map(move |reason| if own { reason.refuted() } else { reason })
        })
        .collect()
}

/// Is it the word of the makers' own group? Who makes nothing of it and is a vendor or supplier is taken for one of them: nobody is
/// independent by its own word.
fn is_own(joined: &Joined<'_>, fact: &Fact<'_>, group: &BTreeSet<&str>) -> bool {
    matches!(fact.party.kind.as_str(), "vendor" | "supplier") || !joined.policy.roots(&fact.party.id).is_disjoint(group)
}

/// One statement.
fn stated<'b>(
    joined: &Joined<'_>,
    check: &OriginCheck,
    fact: &'b Fact<'b>,
    origin: &Origin,
    group: &BTreeSet<&str>,
    tally: &mut Tally<'b>,
) {
    let party = |info| Reason::new(info).name("party", &fact.party.id);
    let said = said(check, origin);
    let own = is_own(joined, fact, group);
    // What is denied counts from every source, valid or not, strong or not: it is told already.
    if !against(check, &fact.party.id, &said.countries).is_empty() {
        return;
    }
    let at = joined.request.at;
    if origin.valid_from.is_some_and(|from| at < from) || origin.valid_until.is_some_and(|until| until < at) {
        tally.reasons.push(party(&EXPIRED));
        return;
    }
    if !said.complete || said.countries.iter().any(|place| check.is_vague(place)) {
        tally.reasons.push(party(&UNKNOWN).name("axis", check.axis.name()).list("stages", check.stage_names()));
        return;
    }
    let old = origin.parties.values().filter_map(|party| party.owners_as_of).min().unwrap_or(origin.asserted_on);
    if let Some(limit) = check.max_age_days.map(i64::from)
        && at.second().saturating_sub(old.second()) > limit.saturating_mul(86_400)
    {
        tally.reasons.push(party(&STALE).time("as_of", old).int("limit", limit));
        return;
    }
    tally.complete.entry(said.countries).or_default().insert(&fact.party.id);
    let strength = if own || !is_independent(fact) { Strength::Declared } else { Strength::Attested };
    if strength >= check.min_strength {
        tally.met.push(fact);
    } else {
        let reason = party(&STRENGTH).name("found", strength.name());
        tally.reasons.push(reason.name("required", check.min_strength.name()));
    }
}

/// What speaks against the countries that `party` states, if anything does.
fn against(check: &OriginCheck, party: &str, countries: &BTreeSet<Place>) -> Vec<Reason> {
    let about = |info, places: BTreeSet<String>| {
        let reason = Reason::new(info).name("party", party).name("axis", check.axis.name());
        (!places.is_empty()).then(|| reason.list("stages", check.stage_names()).list("countries", places))
    };
    let shown = |is: &dyn Fn(&Place) -> bool| {
        countries.iter().filter(|place| is(place)).map(ToString::to_string).collect::<BTreeSet<_>>()
    };
    let denied = shown(&|place| check.denies(place));
    let other = shown(&|place| !check.denies(place) && !check.allows(place));
    about(&DENIED, denied).into_iter().chain(about(&NOT_ALLOWED, other)).collect()
}

fn origin<'a>(fact: &'a Fact<'_>) -> Option<&'a Origin> {
    match &fact.claim {
        Claim::Statement(Statement { predicate: Predicate::Origin(origin), .. }) => Some(origin),
        _ => None,
    }
}

/// Facts about the file by its makers: vendors and suppliers who release, deliver, build or list it.
fn makers<'b>(joined: &Joined<'b>, file: usize) -> Vec<&'b Fact<'b>> {
    let makes = |fact: &&Fact<'_>| matches!(fact.party.kind.as_str(), "vendor" | "supplier") && origin(fact).is_none();
    joined.vouching(file).filter(makes).collect()
}

/// Owners of whoever makes it, by what they signed and by what the policy says that they make: leaving a statement out makes nobody
/// independent.
fn group<'a>(joined: &'a Joined<'_>, file: usize, makers: &[&'a Fact<'_>]) -> BTreeSet<&'a str> {
    let exclude = [Exclude::SubjectVendor, Exclude::SubjectSuppliers];
    let mut group = quorum::owners_of_judged(joined, &exclude, &[], file);
    group.extend(makers.iter().flat_map(|maker| joined.policy.roots(&maker.party.id)));
    group
}

fn is_independent(fact: &Fact<'_>) -> bool {
    matches!(fact.party.kind.as_str(), "laboratory" | "certification-body")
}

/// What follows from the party table: who made it, under which law they and their owners are. Who makes it is told by who signed it, and by
/// whose product it is; that of the second kind is known without any evidence. What it does not take is final: nobody can take it back.
fn implied<'b>(joined: &Joined<'_>, check: &OriginCheck, file: usize, makers: &[&'b Fact<'b>], tally: &mut Tally<'b>) {
    let owners = joined.policy.parties.values().filter(|party| party.owns(joined.resources(file)));
    let (before, at) = joined.as_said(file);
    let signed = self::makers(before, at).into_iter().map(|maker| maker.party.id.as_str());
    let parties: BTreeSet<&str> = signed.chain(owners.map(|party| party.id.as_str())).collect();
    let places = |party: &str| -> BTreeSet<Place> {
        let countries: Vec<&str> = match check.axis {
            Axis::Control => joined.policy.jurisdictions(party).into_iter().collect(),
            _ => joined
                .policy
                .parties
                .get(party)
                .into_iter()
                .flat_map(|p| &p.jurisdictions)
                .map(String::as_str)
                .collect(),
        };
        countries.into_iter().map(|country| Place { country: country.to_owned(), subdivision: None }).collect()
    };
    let mut vague = false;
    for party in &parties {
        let countries = places(party);
        tally.against.extend(against(check, party, &countries).into_iter().map(Reason::refuted));
        if countries.iter().any(|place| check.is_vague(place)) {
            vague = true;
            let reason = Reason::new(&UNKNOWN).name("party", party).name("axis", check.axis.name());
            tally.reasons.push(reason.list("stages", check.stage_names()));
        }
    }
    if makers.is_empty() && check.min_strength == Strength::Implied {
        tally.reasons.push(Reason::new(&NO_SIGNER));
    }
    if !vague && check.min_strength <= Strength::Implied {
        tally.met.extend(makers);
    }
}

/// The countries that a statement names on the axis, for the stages that are asked for.
fn said(check: &OriginCheck, origin: &Origin) -> Said {
    let mut said = Said { countries: BTreeSet::new(), complete: true };
    let mut performers: BTreeSet<&str> = BTreeSet::new();
    // Without a stage the rule is about everybody who had a part in it.
    let wanted: BTreeSet<Stage> = match check.stages.is_empty() {
        true => origin.stages.iter().map(|claim| claim.stage).collect(),
        false => check.stages.iter().copied().collect(),
    };
    for wanted in &wanted {
        let mut claims = origin.stages.iter().filter(|claim| claim.stage == *wanted).peekable();
        said.complete &= claims.peek().is_some();
        for claim in claims {
            said.complete &= claim.complete;
            take(check, claim, &mut said, &mut performers);
        }
    }
    // No place of a part is left out: a denied country in a part is one in the whole.
    for claim in origin.components.iter().flat_map(|(_, claims)| claims) {
        if wanted.contains(&claim.stage) {
            said.complete &= claim.complete;
            take(check, claim, &mut said, &mut performers);
        }
    }
    if check.axis == Axis::Control {
        performers = owners(origin, performers, &mut said.complete);
    }
    if check.axis != Axis::Where {
        said.complete &= !performers.is_empty();
        for party in performers.iter().filter_map(|id| origin.parties.get(*id)) {
            said.complete &= party.registered && !party.open;
            said.countries.extend(party.seats.iter().cloned());
        }
    }
    said
}

fn take<'o>(check: &OriginCheck, claim: &'o StageClaim, said: &mut Said, performers: &mut BTreeSet<&'o str>) {
    for (place, performer) in &claim.locations {
        if check.axis == Axis::Where {
            said.countries.insert(place.clone());
            continue;
        }
        match performer {
            Some(performer) => drop(performers.insert(performer)),
            None => said.complete = false,
        }
    }
}

/// The performers and everybody above them.
fn owners<'o>(origin: &'o Origin, performers: BTreeSet<&'o str>, complete: &mut bool) -> BTreeSet<&'o str> {
    let mut open: Vec<&str> = performers.into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let Some(OriginParty { owners, parent_stated, .. }) = origin.parties.get(id) else {
            *complete = false;
            continue;
        };
        *complete &= parent_stated;
        open.extend(owners.iter().map(String::as_str));
    }
    seen
}

/// Countries of addresses in CycloneDX documents that are bound to the file; free text there, so only codes are shown.
fn addresses(joined: &Joined<'_>, file: usize) -> Option<Reason> {
    let mut countries: BTreeSet<String> = BTreeSet::new();
    for (bound, _) in joined.sboms_of(file) {
        let mut files = joined.delivery.files.iter().filter(|file| *file.digests.sha256() == bound.id);
        let Some(document) = files.find_map(|file| strict_json(file.bytes.as_deref()?)) else { continue };
        let mut open = vec![&document];
        while let Some(value) = open.pop() {
            if let Some(country) = value.pointer("/address/country").and_then(serde_json::Value::as_str) {
                let code = country.trim().to_ascii_uppercase();
                countries.insert(if crate::country::is_known(&code) { code } else { "somewhere by name".to_owned() });
            }
            match value {
                serde_json::Value::Array(items) => open.extend(items),
                serde_json::Value::Object(members) => open.extend(members.values()),
                _ => {}
            }
        }
    }
    (!countries.is_empty()).then(|| Reason::new(&ADDRESS).list("countries", countries))
}

impl OriginCheck {
    /// Without a stage the rule is about all of them.
    fn stage_names(&self) -> Vec<&'static str> {
        if self.stages.is_empty() { vec!["all"] } else { self.stages.iter().map(|stage| stage.name()).collect() }
    }

    /// Is the place on the list of what is denied?
    fn denies(&self, place: &Place) -> bool {
        self.deny.iter().any(|region| region.names(place))
    }

    /// Is it on the list of what is allowed, if there is one?
    fn allows(&self, place: &Place) -> bool {
        self.allow.is_empty() || self.allow.iter().any(|region| region.names(place)) || self.is_vague(place)
    }

    /// Is only the country stated where a rule tells its parts apart? Then nobody knows which part it was.
    fn is_vague(&self, place: &Place) -> bool {
        let part = |region: &&Region| region.subdivision.is_some() && region.country == place.country;
        let whole = self.allow.iter().any(|region| region.subdivision.is_none() && region.country == place.country);
        place.subdivision.is_none()
            && (self.deny.iter().any(|region| part(&region))
                || (!whole && self.allow.iter().any(|region| part(&region))))
    }
}

impl Region {
    fn names(&self, place: &Place) -> bool {
        match &self.subdivision {
            None => self.country == place.country,
            Some(part) => place.subdivision.as_ref() == Some(part),
        }
    }
}
