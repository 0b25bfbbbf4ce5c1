//! Status lists: which issue of each list counts, and what it takes away. Negative knowledge is relied on only through lists that
//! are signed, numbered and fresh; one that is missing or old leaves its rules unproven, and what it lists still counts.

use std::collections::{BTreeMap, BTreeSet};

use super::State;
use super::folder::{Counting, Folder};
use super::strike::{self, strike as strike_facts};
use crate::authenticate::{Authenticated, Claim, Fact, supply};
use crate::decode::{EntryState, Predicate, Statement, StatusEntry, StatusList, StatusTarget};
use crate::digest::{Algorithm, Digest};
use crate::join::BoundSbom;
use crate::policy::{Policy, StatusListPolicy};
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    MISSING = "status.list-missing", Unproven, Operator, ["by", "list", "rejected"],
        says "no issue of the status list {list}, signed by {by}, is at hand (files there that could not be used: {rejected})",
        why "What was taken back is known from such lists alone. Without one nothing is known, and that is no good news (T30).",
        fix "Get the newest issue from its publisher and name its folder with `--status`.";
    STALE = "status.list-stale", Unproven, Operator, ["limit", "list", "this_update"],
        says "the newest issue of the status list {list} is of {this_update}, older than {limit}",
        why "What was taken back since then is not in it; whoever withholds newer issues must not gain by it (T30).",
        fix "Get the newest issue from its publisher.";
    NUMBER = "status.list-number", Unproven, Operator, ["found", "least", "list"],
        says "the newest issue of the status list {list} has the number {found}; at least {least} was seen or is asked for",
        why "An older issue does not know what a newer one took back (T30).",
        fix "Get the newest issue from its publisher.";
    CHAIN = "status.list-chain", Unproven, Operator, ["list", "number"],
        says "issue {number} of the status list {list} does not follow the issue before that is known",
        why "Each issue names the one before. Two that do not fit together mean that its publisher shows different lists to different people.",
        fix "Ask the publisher over another channel which issue is true.";
    EQUIVOCATION = "status.list-equivocation", Unproven, Operator, ["list", "number"],
        says "there are two different issues {number} of the status list {list}",
        why "One number is one issue. Two of them mean that its publisher shows different lists to different people.",
        fix "Ask the publisher over another channel which issue is true.";
    ORDER = "status.list-order", Unproven, Operator, ["list", "number", "this_update"],
        says "issue {number} of the status list {list} is of {this_update}, before an issue with a lower number",
        why "What counts is the highest number. One that is of an earlier time need not know what was taken back since (T30).",
        fix "Ask the publisher over another channel which issue is true.";
    FUTURE = "status.list-from-future", Unproven, Operator, ["list", "this_update"],
        says "the only issue of the status list {list} is of {this_update}, after the instant of the verdict",
        why "What was not known then is not used for a verdict as of then (T12).",
        fix "Name the folder with the issues of that time, or judge for a later time.";
    SCOPE = "status.list-scope", Unproven, Operator, ["lacking", "list"],
        says "the status list {list} does not say that it lists all of: {lacking}",
        why "A list that is silent about a kind of thing says nothing about it.",
        fix "Have the publisher list what the policy asks of it, or correct the policy.";
    KEY = "status.key", Unproven, Signer, ["effective", "identity", "list", "state"],
        says "the status list {list} says that the key of {identity} is {state} since {effective}; nothing proves that this was signed before",
        why "Whoever holds a stolen key can sign anything. Only signatures proven strictly older count (T8, T30).",
        fix "Sign again with a key that is not on the list.";
    ATTESTATION = "status.attestation", Unproven, Signer, ["identity", "list", "state"],
        says "the status list {list} says that this statement of {identity} is {state}",
        why "Whoever made a statement can find out that it is wrong, and then nobody should rest on it (T30).",
        fix "Deliver the statement that took its place.";
    REVOKED = "status.withdrawn", Refuted, Vendor, ["digest", "effective", "list", "state"],
        says "the status list {list} says that these bytes ({digest}) are {state} since {effective}",
        why "The file was taken back: a known hole, a stolen build, a recall. No other evidence stands against that (T4, T30).",
        fix "Deliver a version that is not on the list.";
    SUSPENDED = "status.suspended", Unproven, Vendor, ["digest", "effective", "list"],
        says "the status list {list} says that these bytes ({digest}) are suspended since {effective}",
        why "Something about the file is being looked into; until that ends it does not count.",
        fix "Wait for the next issue of the list, or deliver another version.";
    COMPONENT = "status.component", Unproven, Vendor, ["components", "list"],
        says "a bound SBOM names parts of the file that the status list {list} lists: {components}",
        why "What was taken back as a file is no better as a part. Whoever writes the SBOM can leave a part out, so this helps against honest errors.",
        fix "Deliver a version that is built without these parts.";
}

/// How far a publisher's clock may run ahead, in seconds.
const SKEW: i64 = 300;

/// What is known of one status list of the policy.
#[derive(Clone, Debug)]
pub struct List<'a> {
    /// The list in the policy.
    pub policy: &'a StatusListPolicy,
    /// The issues that count, by evidence id: that of the highest number, and all of them if there are several.
    pub issues: Vec<(&'a Fact<'a>, &'a StatusList)>,
    /// Why it does not show that nothing else was taken back; empty if it does.
    pub reasons: Vec<Reason>,
    /// Newer issues came with the delivery: what they list counts, and they prove nothing.
    pub delivered: bool,
    /// Everything that does not count at the instant of the verdict, by what it is.
    entries: BTreeMap<StatusTarget, BTreeSet<StatusEntry>>,
    /// The listed parts that bound SBOMs name, by the first file with the bytes that the SBOM is about.
    parts: BTreeMap<usize, BTreeSet<Digest>>,
}

impl<'a> List<'a> {
    const fn new(policy: &'a StatusListPolicy) -> Self {
        Self {
            policy,
            issues: Vec::new(),
            reasons: Vec::new(),
            delivered: false,
            entries: BTreeMap::new(),
            parts: BTreeMap::new(),
        }
    }

    /// What it says about one thing.
    fn of(&self, target: &StatusTarget) -> impl Iterator<Item = &StatusEntry> {
        self.entries.get(target).into_iter().flatten()
    }

    /// What it says about a certificate of a scheme, `SCHEME:NUMBER`.
    pub(crate) fn certificate(&self, name: &str) -> impl Iterator<Item = &StatusEntry> {
        let target = StatusTarget::Certificate(name.to_owned());
        self.entries.get(&target).into_iter().flatten()
    }

    /// What it says about a file: about its bytes, and about parts that SBOMs name; `first` is the first file with these bytes.
    pub(crate) fn about(&self, sha256: &Digest, first: usize) -> Vec<Reason> {
        let name = &self.policy.name;
        let target = StatusTarget::Digest(sha256.clone());
        let bytes = self.of(&target).map(|entry| {
            let info = if entry.state == EntryState::Suspended { &SUSPENDED } else { &REVOKED };
            let reason = Reason::new(info).name("list", name).digest("digest", sha256);
            let reason = reason.time("effective", entry.effective());
            if entry.state == EntryState::Suspended { reason } else { reason.name("state", entry.state.name()) }
        });
        let part = self.parts.get(&first).map(|parts| {
            let reason = Reason::new(&COMPONENT).name("list", name);
            reason.list("components", parts)
        });
        bytes.chain(part).collect()
    }

    /// Does it name any file?
    pub(crate) fn names_files(&self) -> bool {
        // Files come first among the targets.
        matches!(self.entries.first_key_value(), Some((StatusTarget::Digest(_), _)))
    }

    pub(super) fn look_at_parts(&mut self, sboms: &[BoundSbom<'_>]) {
        if !self.names_files() {
            return;
        }
        for bound in sboms {
            let named = bound.sbom.others().filter_map(|part| part.digests().by(Algorithm::Sha256));
            let listed = named.filter(|digest| self.entries.contains_key(&StatusTarget::Digest(digest.clone())));
            let listed: BTreeSet<Digest> = listed.collect();
            if !listed.is_empty() {
                for file in bound.files.keys() {
                    self.parts.entry(*file).or_default().extend(listed.iter().cloned());
                }
            }
        }
    }
}

fn list<'a>(fact: &'a Fact<'_>) -> Option<&'a StatusList> {
    match &fact.claim {
        Claim::Statement(Statement { predicate: Predicate::Status(list), .. }) => Some(list),
        _ => None,
    }
}

/// What is known of every list of the policy.
pub(super) fn choose<'a>(
    policy: &'a Policy,
    at: Time,
    (folder, state): (&Folder<'_>, Option<&State>),
    status: &'a Authenticated<'a>,
    delivered: &Authenticated<'_>,
) -> BTreeMap<&'a str, List<'a>> {
    let mut lists = BTreeMap::new();
    for (name, wanted) in &policy.status_lists {
        let mut found = of_publisher(wanted, status, at, (folder, state));
        let least = found.issues.first().map_or(0, |(_, issue)| issue.number);
        let newer = delivered.said().iter().filter(|fact| fact.identity.id == wanted.by).filter_map(list);
        let newer = newer.filter(|issue| issue.list == wanted.list && issue.number > least && issue.this_update <= at);
        let newer: Vec<&StatusEntry> = newer.flat_map(|issue| &issue.entries).collect();
        found.delivered = !newer.is_empty();
        let own = found.issues.iter().flat_map(|(_, issue)| &issue.entries);
        for entry in own.chain(newer).filter(|entry| entry.since <= at) {
            found.entries.entry(entry.target.clone()).or_default().insert(entry.clone());
        }
        lists.insert(name.as_str(), found);
    }
    doubt_publishers(policy, at, &mut lists);
    lists
}

/// What is denied, or on one of the lists, shows of no list that nothing else was taken back; what such a list names still counts.
fn doubt_publishers(policy: &Policy, at: Time, lists: &mut BTreeMap<&str, List<'_>>) {
    let denials = strike::Denials::of(policy, at);
    let against = |fact: &Fact<'_>| denials.against(fact).or_else(|| against(lists, fact));
    let reasons: Vec<Vec<Reason>> =
        lists.values().map(|list| list.issues.iter().filter_map(|(fact, _)| against(fact)).collect()).collect();
    for (list, reasons) in lists.values_mut().zip(reasons) {
        list.reasons.extend(reasons);
    }
}

fn of_publisher<'a>(
    wanted: &'a StatusListPolicy,
    status: &'a Authenticated<'a>,
    at: Time,
    (folder, state): (&Folder<'_>, Option<&State>),
) -> List<'a> {
    let theirs = || status.facts.iter().filter(|fact| fact.identity.id == wanted.by);
    let all = theirs().filter_map(|fact| Some((fact, list(fact)?))).filter(|(_, list)| list.list == wanted.list);
    let until = Time::from_second(at.second().saturating_add(SKEW)).unwrap_or(at);
    let (past, future): (Vec<_>, Vec<_>) = all.partition(|(_, list)| list.this_update <= until);
    // By number, then id: which file an issue stands in must not choose.
    let issues: BTreeMap<(u64, &Digest), (&Fact<'_>, &StatusList)> =
        past.into_iter().map(|(fact, list)| ((list.number, &fact.id), (fact, list))).collect();
    let highest = issues.last_key_value().map(|((number, _), _)| *number);
    let mut found = List::new(wanted);
    let named = |info| Reason::new(info).name("list", &wanted.name);
    let counting = Counting { wanted, number: highest, until };
    found.reasons.extend(folder.unread(theirs(), counting));
    if highest.is_none() {
        found.reasons.push(match future.iter().map(|(_, list)| list.this_update).min() {
            Some(first) => named(&FUTURE).time("this_update", first),
            None => named(&MISSING).name("by", &wanted.by).list("rejected", rejected(status)),
        });
        return found;
    }
    found.reasons.extend(folder.doubt(counting));
    // Nobody but its publisher knows which of several issues of one number is true, so each of them counts.
    found.issues = issues.values().filter(|(_, list)| Some(list.number) == highest).copied().collect();
    let known: Vec<(u64, &Digest, Option<Digest>)> = issues
        .iter()
        .map(|((number, id), (_, list))| {
            (*number, *id, list.previous.as_ref().and_then(|previous| previous.by(Algorithm::Sha256)))
        })
        .collect();
    let seen = state.and_then(|state| state.status(&wanted.list));
    found.reasons.extend(
        links(&known, seen.map(|mark| (mark.number, &mark.sha256)))
            .map(|(info, number)| named(info).int("number", number)),
    );
    let times = issues.values().map(|(_, list)| (list.number, list.this_update));
    let back = back_dated(times).into_iter();
    found.reasons.extend(back.map(|(number, time)| named(&ORDER).int("number", number).time("this_update", time)));
    for (_, issue) in &found.issues {
        found.reasons.extend(freshness(wanted, issue, at, seen.map_or(0, |mark| mark.number)));
    }
    found
}

/// Issues, in the order of their numbers, that are of an earlier time than one with a lower number.
fn back_dated(issues: impl Iterator<Item = (u64, Time)>) -> Vec<(u64, Time)> {
    // The latest time of all lower numbers; the number at hand, and the latest time of its issues.
    let (mut lower, mut same): (Option<Time>, Option<(u64, Time)>) = (None, None);
    let mut found = Vec::new();
    for (number, time) in issues {
        same = Some(match same {
            Some((before, latest)) if before == number => (number, latest.max(time)),
            before => {
                lower = lower.max(before.map(|(_, latest)| latest));
                (number, time)
            }
        });
        if lower.is_some_and(|lower| time < lower) {
            found.push((number, time));
        }
    }
    found
}

/// What is wrong with issues, by number, id and the id of the one before; `seen` is the last one that was accepted.
fn links<'a>(
    issues: &'a [(u64, &'a Digest, Option<Digest>)],
    seen: Option<(u64, &'a Digest)>,
) -> impl Iterator<Item = (&'static crate::reason::ReasonInfo, u64)> + 'a {
    let pair = |before: (u64, &Digest), number: u64, id: &Digest, previous: &Option<Digest>| {
        if number == before.0 && id != before.1 {
            return Some((&EQUIVOCATION, number));
        }
        (number.checked_sub(1) == Some(before.0) && previous.as_ref() != Some(before.1)).then_some((&CHAIN, number))
    };
    let beside = issues.windows(2).filter_map(move |two| match two {
        [(first, id, _), (number, other, previous)] => pair((*first, id), *number, other, previous),
        _ => None,
    });
    let known = issues.iter().filter_map(move |(number, id, previous)| pair(seen?, *number, id, previous));
    beside.chain(known)
}

fn freshness(wanted: &StatusListPolicy, issue: &StatusList, at: Time, seen: u64) -> Vec<Reason> {
    let named = |info| Reason::new(info).name("list", &wanted.name);
    let mut reasons = Vec::new();
    let least = wanted.min_number.max(seen);
    if issue.number < least {
        reasons.push(named(&NUMBER).int("found", issue.number).int("least", least));
    }
    let hours = i64::from(wanted.max_age_hours);
    let age = at.second().saturating_sub(issue.this_update.second());
    if age > hours.saturating_mul(3600) {
        let limit = format!("{hours} hours");
        reasons.push(named(&STALE).time("this_update", issue.this_update).name("limit", limit));
    } else if at > issue.next_update {
        let limit = format!("its own end at {}", issue.next_update);
        reasons.push(named(&STALE).time("this_update", issue.this_update).name("limit", limit));
    }
    let lacking: Vec<&str> = wanted.scope.difference(&issue.scope).map(|kind| kind.name()).collect();
    if !lacking.is_empty() {
        reasons.push(named(&SCOPE).list("lacking", lacking));
    }
    reasons
}

/// Why files beside the list were not used: codes, each once.
fn rejected(status: &Authenticated<'_>) -> Vec<String> {
    let codes: BTreeSet<&str> = status.rejected.iter().map(|(_, reason)| reason.code()).collect();
    let codes: Vec<String> = codes.into_iter().map(ToOwned::to_owned).collect();
    if codes.is_empty() { vec!["none".to_owned()] } else { codes }
}

/// Takes away what keys and statements say that are on a list, whatever kinds of things the policy asks it to list.
pub(super) fn strike(lists: &BTreeMap<&str, List<'_>>, delivered: &mut Authenticated<'_>) {
    if lists.values().any(|list| !list.entries.is_empty()) {
        strike_facts(delivered, |fact| against(lists, fact));
        // Nothing proves when a link was signed, so an entry with an instant takes it, too.
        let names = |target: StatusTarget| lists.values().any(|list| list.of(&target).next().is_some());
        for supply in &mut delivered.supplies {
            supply.strike(|key, id| {
                names(StatusTarget::Key(key.clone())) || names(StatusTarget::Attestation(id.clone()))
            });
        }
        supply::tell(delivered);
    }
}

/// What the lists say against a fact.
fn against(lists: &BTreeMap<&str, List<'_>>, fact: &Fact<'_>) -> Option<Reason> {
    let by_key = || {
        let keys: Vec<StatusTarget> = fact.keys.iter().cloned().map(StatusTarget::Key).collect();
        let proven = |entry: &StatusEntry| fact.not_later_than.is_some_and(|time| time < entry.effective());
        let entries = |list| keys.iter().flat_map(move |key| List::of(list, key)).map(move |entry| (list, entry));
        let (list, entry) = lists.values().flat_map(entries).find(|(_, entry)| !proven(entry))?;
        let reason = Reason::new(&KEY).name("list", &list.policy.name).name("identity", &fact.identity.id);
        Some(reason.name("state", entry.state.name()).time("effective", entry.effective()))
    };
    let by_id = || {
        let id = StatusTarget::Attestation(fact.id.clone());
        let (list, entry) = lists.values().find_map(|list| Some((list, list.of(&id).next()?)))?;
        let reason = Reason::new(&ATTESTATION).name("list", &list.policy.name);
        Some(reason.name("identity", &fact.identity.id).name("state", entry.state.name()))
    };
    by_key().or_else(by_id)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn issues_follow_one_another() {
        let id = |n: u8| Digest::sha256(&[n]);
        let (a, b, c) = (id(1), id(2), id(3));
        type Issue<'a> = (u64, &'a Digest, Option<Digest>);
        let follows = |issues: &[Issue<'_>], seen: Option<(u64, &Digest)>| -> Vec<String> {
            links(issues, seen).map(|(info, number)| format!("{} {number}", info.code)).collect()
        };
        for (issues, seen, expected) in [
            (vec![(7, &a, None)], None, vec![]),
            (vec![(7, &a, None), (8, &b, Some(a.clone()))], None, vec![]),
            (vec![(7, &a, None), (8, &b, Some(c.clone()))], None, vec!["status.list-chain 8"]),
            (vec![(7, &a, None), (8, &b, None)], None, vec!["status.list-chain 8"]),
            (vec![(7, &a, None), (9, &b, Some(c.clone()))], None, vec![]),
            (vec![(7, &a, None), (7, &b, None)], None, vec!["status.list-equivocation 7"]),
            (vec![(8, &b, Some(a.clone()))], Some((7, &a)), vec![]),
            (vec![(8, &b, Some(c.clone()))], Some((7, &a)), vec!["status.list-chain 8"]),
            (vec![(7, &b, None)], Some((7, &a)), vec!["status.list-equivocation 7"]),
            (vec![(7, &a, None)], Some((7, &a)), vec![]),
        ] {
            assert_eq!(follows(&issues, seen), expected, "{issues:?} after {seen:?}");
        }
    }

    #[test]
    fn later_numbers_are_of_later_times() {
        let at = |second: i64| Time::from_second(second).unwrap();
        for (issues, expected) in [
            (&[(7, 10)][..], &[][..]),
            (&[(7, 10), (8, 10)], &[]),
            (&[(7, 10), (8, 9)], &[8]),
            (&[(7, 10), (9, 9)], &[9]),
            (&[(7, 10), (8, 12), (9, 11)], &[9]),
            (&[(7, 10), (8, 9), (9, 9)], &[8, 9]),
            (&[(7, 12), (7, 10), (8, 11)], &[8]),
            (&[(7, 10), (8, 12), (8, 9)], &[8]),
            (&[(7, 10), (8, 12), (8, 11)], &[]),
        ] {
            let found = back_dated(issues.iter().map(|(number, second)| (*number, at(*second))));
            let found: Vec<u64> = found.into_iter().map(|(number, _)| number).collect();
            assert_eq!(found, expected, "{issues:?}");
        }
    }
}
