//! `vulns`: somebody looked for vulnerabilities not long ago, and for each that is known somebody answers. That nothing is said about a
//! vulnerability never means that it does no harm (VEX-01 to VEX-04).
//!
//! What denials and status lists took away stands up for nothing, and what it found or warned of still needs an answer.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Asked, is_by, missing};
use crate::authenticate::{Claim, Fact};
use crate::decode::{Predicate, Scan, Severity, Statement, Status, VexClaim};
use crate::digest::Digest;
use crate::join::Joined;
use crate::join::advisories::{About, Applied, Scope};
use crate::policy::{Party, PartyRef, VulnsCheck};
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    AHEAD = "vulns.future-database", Unproven, Signer, ["found"],
        says "the scanner's database was of {found}, which is after the scan",
        why "A scan knows nothing that became known after it; one of the two times is wrong (T12).",
        fix "State the right times.";
    STALE = "vulns.stale-scan", Unproven, Vendor, ["found", "limit"],
        says "scanned at {found}; at most {limit} days before the verdict are accepted",
        why "New vulnerabilities become known every day; an old scan says nothing about them.",
        fix "Scan the file again, and deliver the signed result.";
    FUTURE = "vulns.future-scan", Unproven, Signer, ["found"],
        says "scanned at {found}, which is after the verdict's time",
        why "What is claimed for later than now is not true now (T12).",
        fix "State the right time, or judge at a later one.";
    DATABASE = "vulns.stale-database", Unproven, Vendor, ["found", "limit"],
        says "the scanner's database was of {found}; at most {limit} days before the scan are accepted",
        why "A fresh scan with old knowledge finds what was known then.",
        fix "Update the database, and scan again.";
    UNTRIAGED = "vulns.untriaged", Unproven, Vendor, ["component", "vulnerability"],
        says "{vulnerability} is known of {component}, and nobody who may says what it does there",
        why "That nothing is said about a vulnerability does not mean that it does no harm (VEX-01).",
        fix "Have the party that answers for the product sign a VEX statement about it, or deliver a fixed version.";
    INVESTIGATED = "vulns.under-investigation", Unproven, Vendor, ["component", "party", "vulnerability"],
        says "{party} is still looking into {vulnerability} of {component}",
        why "Until it is known what a vulnerability does, it may do harm.",
        fix "Finish the investigation, and sign the result.";
    AFFECTED = "vulns.affected", Refuted, Vendor, ["component", "party", "vulnerability"],
        says "{party} says that {component} is affected by {vulnerability}",
        why "Whom the policy trusts to say so says that it does harm; that wins over whoever says that it does none (VEX-02).",
        fix "Deliver a fixed version; or, if an action is enough, have the operator set `affected = \"with-action\"` in the rule.";
    UNJUSTIFIED = "vulns.unjustified", Unproven, Vendor, ["party", "vulnerability"],
        says "{party} says that {vulnerability} does no harm, and not why",
        why "A claim that something is not affected counts with its justification alone (VEX-02).",
        fix "State the justification, or an impact statement.";
}

pub(super) fn file(joined: &Joined<'_>, check: &VulnsCheck, asked: Asked<'_>) -> Answer {
    // Words about vulnerabilities are of the bytes, whatever they stand for.
    let file = joined.plain(asked.node);
    let scans = scans(joined, check, file, asked);
    let scope = Scope::of(joined, file, asked.names);
    let claims = scope.claims(joined.request.at);
    let mut support: BTreeSet<Digest> = scans.fresh.iter().map(|(fact, _)| fact.id.clone()).collect();
    // Without a scan that counts, bad news is bad news as well.
    let mut reasons = if support.is_empty() { scans.reasons.clone() } else { Vec::new() };
    for (name, found) in known(check, &scans, &claims) {
        let answers = claims.iter().filter(|applied| is_named(applied, &found) && may(check, applied.advisory.party));
        match judged(check, &name, &found, answers) {
            Ok(ids) => support.extend(ids),
            Err(lacking) => {
                let component = found.about.and_then(|about| scope.name(about)).unwrap_or("the product");
                reasons.extend(lacking.into_iter().map(|reason| about(reason, component)));
            }
        }
    }
    // What cannot be read may be bad news, and why nobody answers.
    let heard = |party: &Party| may(check, party) || check.by.is_empty() || check.by.iter().any(|by| by.is(party));
    reasons.extend(scope.refused().filter(|(party, _)| heard(party)).map(|(_, reason)| reason.clone()));
    if reasons.iter().any(|reason| reason.code() == UNTRIAGED.code) {
        reasons.extend(joined.near(file).filter(|reason| reason.code().starts_with("vex.")).cloned());
    }
    if reasons.is_empty() {
        return Answer::Met(support.into_iter().collect());
    }
    Answer::not_met(reasons, missing("vulnerability scan", &check.by))
}

/// Names the component, if the reason does.
fn about(reason: Reason, component: &str) -> Reason {
    if !reason.info().args.contains(&"component") {
        return reason;
    }
    // A name of ours has a blank, which identifiers out of evidence have not.
    if component == "the product" {
        reason.name("component", component)
    } else {
        reason.evidence("component", component)
    }
}

/// A scan with who says it.
type Said<'a> = (&'a Fact<'a>, &'a Scan);

/// What scans say about a file.
#[derive(Default)]
struct Scans<'a> {
    /// Those that count.
    fresh: Vec<Said<'a>>,
    /// Those that do not, and of which every finding needs an answer all the same.
    struck: Vec<&'a Scan>,
    /// If none counts, why not.
    reasons: Vec<Reason>,
}

/// Of one party and scanner the latest scan alone counts, and all that are as late.
fn scans<'a>(joined: &Joined<'a>, check: &VulnsCheck, file: usize, asked: Asked<'_>) -> Scans<'a> {
    let key = |fact: &Fact<'a>| (fact.id.clone(), fact.party.id.clone());
    let believed = joined.bindings(file).filter(|binding| asked.covered(&binding.grants));
    let believed: BTreeSet<(Digest, String)> = believed.map(|binding| key(binding.fact)).collect();
    let mut all: BTreeMap<(&str, &str), Vec<Said<'a>>> = BTreeMap::new();
    let mut scans = Scans::default();
    let (said, at) = joined.as_said(file);
    for binding in said.bindings(at).filter(|binding| is_by(&check.by, binding.fact)) {
        let fact: &'a Fact<'a> = binding.fact;
        let Claim::Statement(Statement { predicate: Predicate::Scan(scan), .. }) = &fact.claim else { continue };
        if scan.finished > joined.request.at {
            scans.reasons.push(Reason::new(&FUTURE).time("found", scan.finished));
            continue;
        }
        all.entry((&fact.party.id, &scan.scanner)).or_default().push((fact, scan));
    }
    for mut list in all.into_values() {
        list.sort_by_key(|(_, scan)| std::cmp::Reverse(scan.finished));
        scans.add(joined, check, &list, |fact| believed.contains(&key(fact)));
    }
    if scans.fresh.is_empty() && scans.reasons.is_empty() {
        scans.reasons.extend(joined.near(file).cloned());
        scans.reasons.push(missing("vulnerability scan", &check.by));
    }
    scans
}

impl<'a> Scans<'a> {
    /// Adds the scans of one party and scanner, the latest first. One that was struck does not count, and no older one stands in its
    /// place; it replaces none either, so what it found and what older ones found, down to one that is left, needs an answer.
    fn add(&mut self, joined: &Joined<'a>, check: &VulnsCheck, list: &[Said<'a>], is_left: impl Fn(&Fact<'a>) -> bool) {
        for (age, equal) in list.chunk_by(|(_, a), (_, b)| a.finished == b.finished).enumerate() {
            let lacking: Vec<Reason> =
                equal.iter().flat_map(|(_, scan)| stale(check, scan, joined.request.at)).collect();
            let is_fresh = lacking.is_empty();
            if age == 0 {
                self.reasons.extend(lacking);
            }
            for (fact, scan) in equal.iter().filter(|_| is_fresh) {
                match is_left(fact) {
                    true if age == 0 => self.fresh.push((fact, scan)),
                    left => {
                        self.struck.push(scan);
                        let why = joined.rejections(&fact.id).filter(|_| age == 0 && !left);
                        self.reasons.extend(why.cloned());
                    }
                }
            }
            if equal.iter().any(|(fact, _)| is_left(fact)) {
                break;
            }
        }
    }

    /// What was found, how bad it is, and whether by a scan that counts.
    fn found(&self) -> impl Iterator<Item = (&'a String, Option<Severity>, bool)> + '_ {
        let fresh = self.fresh.iter().map(|(_, scan)| (*scan, true));
        let all = fresh.chain(self.struck.iter().map(|scan| (*scan, false)));
        all.flat_map(|(scan, counts)| scan.found.iter().map(move |(name, severity)| (name, *severity, counts)))
    }
}

fn stale(check: &VulnsCheck, scan: &Scan, at: Time) -> Vec<Reason> {
    let days = |later: Time, earlier: Time| later.second() - earlier.second();
    let within = |limit: u32, age: i64| age <= i64::from(limit) * 86_400;
    let mut lacking = Vec::new();
    if let Some(limit) = check.max_scan_age_days.filter(|limit| !within(*limit, days(at, scan.finished))) {
        lacking.push(Reason::new(&STALE).int("limit", limit).time("found", scan.finished));
    }
    if let Some(limit) = check.max_database_age_days.filter(|limit| !within(*limit, days(scan.finished, scan.database)))
    {
        lacking.push(Reason::new(&DATABASE).int("limit", limit).time("found", scan.database));
    }
    if scan.database > scan.finished {
        lacking.push(Reason::new(&AHEAD).time("found", scan.database));
    }
    lacking
}

/// A vulnerability that somebody named: of what, and what else it is called.
#[derive(Default)]
struct Known {
    /// The component; `None` is the product, or nobody knows which part of it.
    about: Option<About>,
    /// Every name that claims give it.
    names: BTreeSet<String>,
    /// Those that believed claims of parties give it who may answer. What another party calls it never lets an answer count.
    own: BTreeSet<String>,
}

/// Everything that needs an answer, by its name: what scans found, what SBOMs name, and what somebody says does harm or may.
fn known(check: &VulnsCheck, scans: &Scans<'_>, claims: &[Applied<'_, '_>]) -> Vec<(String, Known)> {
    // By name and component, how bad it is: `None` where somebody does not say.
    let mut found: BTreeMap<(String, Option<About>), Option<Severity>> = BTreeMap::new();
    let mut add = |name: &str, about: Option<About>, severity: Option<Severity>| {
        let worst = found.entry((name.to_owned(), about)).or_insert(severity);
        *worst = match (*worst, severity) {
            (Some(a), Some(b)) => Some(a.max(b)),
            _ => None,
        };
    };
    scans.found().for_each(|(name, severity, _)| add(name, None, severity));
    for applied in claims {
        // Who may answer counts for bad news; that something is only named needs no permission.
        let counts = applied.claim.status.is_none() || may(check, applied.advisory.party);
        let Some(name) = applied.claim.names.first().filter(|_| !applied.claim.is_good() && counts) else { continue };
        let about = Some(applied.about).filter(|about| *about != About::Product);
        let stated = if applied.claim.status.is_none() { applied.claim.severity } else { None };
        let mut covered = false;
        // What a scan found of the whole needs no second answer for being named of it again; how bad it is counts.
        for (found, _, counts) in
            scans.found().filter(|(found, ..)| about.is_none() && applied.claim.names.contains(*found))
        {
            add(found, None, stated);
            covered |= counts && applied.believed;
        }
        if !covered {
            add(name, about, stated);
        }
    }
    let needed = |severity: &Option<Severity>| match (severity, check.ignore_below) {
        (Some(severity), Some(floor)) => *severity >= floor,
        _ => true,
    };
    let kept = found.into_iter().filter(|(_, severity)| needed(severity));
    kept.map(|((name, about), _)| {
        let mut names: BTreeSet<String> = BTreeSet::from([name.clone()]);
        let mut own = names.clone();
        for applied in claims.iter().filter(|applied| applied.claim.names.contains(&name)) {
            names.extend(applied.claim.names.iter().cloned());
            if applied.believed && may(check, applied.advisory.party) {
                own.extend(applied.claim.names.iter().cloned());
            }
        }
        (name, Known { about, names, own })
    })
    .collect()
}

/// Does a claim speak about this vulnerability, wherever? Good news that is believed no more does not.
fn is_named(applied: &Applied<'_, '_>, found: &Known) -> bool {
    let is_good = applied.claim.is_good();
    let names = if is_good { &found.own } else { &found.names };
    applied.claim.status.is_some()
        && (applied.believed || !is_good)
        && applied.claim.names.iter().any(|name| names.contains(name))
}

/// Is a claim about this component, or about the product as a whole?
fn is_meant(applied: &Applied<'_, '_>, found: &Known) -> bool {
    match found.about {
        // Of the product: what is said about a part leaves the rest open, unless it is bad.
        None => applied.about == About::Product || is_bad(applied.claim),
        Some(about) => applied.about == about || applied.about == About::Product,
    }
}

const fn is_bad(claim: &VexClaim) -> bool {
    matches!(claim.status, Some(Status::Affected | Status::UnderInvestigation))
}

fn may(check: &VulnsCheck, party: &Party) -> bool {
    check.triage_by.is_empty() || check.triage_by.iter().any(|reference: &PartyRef| reference.is(party))
}

/// Of each party the latest statement counts, of equally late ones the worst; of several parties the worst (VEX-02).
fn judged<'c>(
    check: &VulnsCheck,
    name: &str,
    found: &Known,
    answers: impl Iterator<Item = &'c Applied<'c, 'c>>,
) -> Result<Vec<Digest>, Vec<Reason>> {
    let mut latest: BTreeMap<(&str, About), &Applied<'_, '_>> = BTreeMap::new();
    for applied in answers {
        let key = (applied.advisory.party.id.as_str(), applied.about);
        let entry = latest.entry(key).or_insert(applied);
        let rank = |one: &Applied<'_, '_>| (one.claim.at, std::cmp::Reverse(one.claim.status));
        if rank(applied) > rank(entry) {
            *entry = applied;
        }
    }
    let says = |info| Reason::new(info).evidence("vulnerability", name);
    let (mut support, mut reasons) = (Vec::new(), Vec::new());
    // What was said later about the same part stands in place of what was said before, even where it answers for no more.
    for applied in latest.values().filter(|applied| is_meant(applied, found)) {
        let party = &applied.advisory.party.id;
        match applied.claim.status {
            // That an action is enough is good news.
            Some(Status::Affected) if check.affected_with_action && applied.claim.action && applied.believed => {}
            Some(Status::Affected) => reasons.push(says(&AFFECTED).name("party", party)),
            Some(Status::UnderInvestigation) => reasons.push(says(&INVESTIGATED).name("party", party)),
            Some(Status::NotAffected) if !applied.claim.justified => {
                reasons.push(says(&UNJUSTIFIED).name("party", party));
                continue;
            }
            Some(Status::Fixed | Status::NotAffected) | None => {}
        }
        support.push(applied.advisory.id.clone());
    }
    if !reasons.is_empty() {
        return Err(reasons);
    }
    if support.is_empty() {
        let reason = says(&UNTRIAGED);
        return Err(vec![if check.untriaged_fails { reason.refuted() } else { reason }]);
    }
    Ok(support)
}
