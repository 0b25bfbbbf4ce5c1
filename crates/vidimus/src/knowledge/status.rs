//! Status lists: which issue of each list counts, and what it takes away. Negative knowledge is relied on only through lists that
//! are signed, numbered and fresh; one that is missing or old leaves its rules unproven, and what it lists still counts.

use std::collections::{BTreeMap, BTreeSet};

use super::State;
use super::strike::{denial, keys, strike as strike_facts};
use crate::authenticate::{Authenticated, Claim, Fact};
use crate::decode::{EntryKind, EntryState, Predicate, Statement, StatusEntry, StatusList, StatusTarget};
use crate::digest::{Algorithm, Digest, Digests};
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
    /// The issue that counts.
    pub issue: Option<&'a StatusList>,
    /// The fact that says it, if there is one.
    pub fact: Option<&'a Fact<'a>>,
    /// Why it does not show that nothing else was taken back; empty if it does.
    pub reasons: Vec<Reason>,
    /// Newer issues that came with the delivery: what they list counts, and they prove nothing.
    pub delivered: Vec<StatusEntry>,
}

impl List<'_> {
    /// Everything that the list takes away at `at`.
    pub fn entries(&self, at: Time) -> impl Iterator<Item = &StatusEntry> {
        let issue = self.issue.into_iter().flat_map(|issue| &issue.entries);
        issue.chain(&self.delivered).filter(move |entry| entry.since <= at)
    }

    /// What it says about a certificate, `SCHEME:NUMBER`.
    #[must_use]
    pub fn certificate(&self, at: Time, certificate: &str) -> Option<&StatusEntry> {
        self.entries(at).find(|entry| matches!(&entry.target, StatusTarget::Certificate(named) if named == certificate))
    }

    /// What it says about bytes.
    pub(crate) fn about(&self, at: Time, digests: &Digests) -> Vec<Reason> {
        let name = &self.policy.name;
        let same =
            |entry: &&StatusEntry| matches!(&entry.target, StatusTarget::Digest(digest) if digest == digests.sha256());
        self.entries(at)
            .filter(same)
            .map(|entry| {
                let info = if entry.state == EntryState::Suspended { &SUSPENDED } else { &REVOKED };
                let reason = Reason::new(info).name("list", name).digest("digest", digests.sha256());
                let reason = reason.time("effective", entry.effective());
                if entry.state == EntryState::Suspended { reason } else { reason.name("state", entry.state.name()) }
            })
            .collect()
    }

    /// The digests of files that it lists.
    pub(crate) fn digests(&self, at: Time) -> BTreeSet<&Digest> {
        self.entries(at)
            .filter_map(|entry| match &entry.target {
                StatusTarget::Digest(digest) => Some(digest),
                _ => None,
            })
            .collect()
    }

    /// The reason for parts that it lists.
    pub(crate) fn components(&self, parts: &BTreeSet<Digest>) -> Reason {
        Reason::new(&COMPONENT).name("list", &self.policy.name).list("components", parts)
    }
}

fn list<'a>(fact: &'a Fact<'_>) -> Option<&'a StatusList> {
    match &fact.claim {
        Claim::Statement(Statement { predicate: Predicate::Status(list), .. }) => Some(list),
        _ => None,
    }
}

/// The issue that counts of every list of the policy.
pub(super) fn choose<'a>(
    policy: &'a Policy,
    at: Time,
    state: Option<&State>,
    status: &'a Authenticated<'a>,
    delivered: &Authenticated<'_>,
) -> BTreeMap<&'a str, List<'a>> {
    let mut lists = BTreeMap::new();
    for (name, wanted) in &policy.status_lists {
        let mut found = of_publisher(wanted, status, at, state);
        let least = found.issue.map_or(0, |issue| issue.number);
        let newer = delivered.said().iter().filter(|fact| fact.identity.id == wanted.by).filter_map(list);
        let newer = newer.filter(|issue| issue.list == wanted.list && issue.number > least && issue.this_update <= at);
        found.delivered = newer.flat_map(|issue| issue.entries.iter().cloned()).collect();
        lists.insert(name.as_str(), found);
    }
    lists
}

fn of_publisher<'a>(
    wanted: &'a StatusListPolicy,
    status: &'a Authenticated<'a>,
    at: Time,
    state: Option<&State>,
) -> List<'a> {
    let all = status.facts.iter().filter(|fact| fact.identity.id == wanted.by);
    let all = all.filter_map(|fact| Some((fact, list(fact)?))).filter(|(_, list)| list.list == wanted.list);
    let (past, future): (Vec<_>, Vec<_>) =
        all.partition(|(_, list)| list.this_update.second() <= at.second().saturating_add(SKEW));
    // By number, then id: which file an issue stands in must not choose.
    let issues: BTreeMap<(u64, &Digest), (&Fact<'_>, &StatusList)> =
        past.into_iter().map(|(fact, list)| ((list.number, &fact.id), (fact, list))).collect();
    let mut found = List { policy: wanted, issue: None, fact: None, reasons: Vec::new(), delivered: Vec::new() };
    let named = |info| Reason::new(info).name("list", &wanted.name);
    let Some((_, &(fact, issue))) = issues.last_key_value() else {
        found.reasons.push(match future.iter().map(|(_, list)| list.this_update).min() {
            Some(first) => named(&FUTURE).time("this_update", first),
            None => named(&MISSING).name("by", &wanted.by).list("rejected", rejected(status)),
        });
        return found;
    };
    (found.issue, found.fact) = (Some(issue), Some(fact));
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
    found.reasons.extend(freshness(wanted, issue, at, seen.map_or(0, |mark| mark.number)));
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

/// Takes away what keys and statements say that are on a list.
pub(super) fn strike(lists: &BTreeMap<&str, List<'_>>, at: Time, delivered: &mut Authenticated<'_>) {
    let named = Named::on(lists, at);
    if !named.keys.is_empty() || !named.statements.is_empty() {
        strike_facts(delivered, |fact| named.against(fact));
    }
}

/// An issue that is denied, or whose key is, or that a list takes back, shows no more that nothing else was taken back. What it lists
/// counts, and no older issue stands in its place.
pub(super) fn question(lists: &mut BTreeMap<&str, List<'_>>, policy: &Policy, at: Time) {
    let named = Named::on(lists, at);
    let doubt = |list: &List<'_>| {
        let fact = list.fact?;
        denial(policy, at, fact).or_else(|| named.against(fact))
    };
    let doubts: Vec<Option<Reason>> = lists.values().map(doubt).collect();
    for (list, doubt) in lists.values_mut().zip(doubts) {
        list.reasons.extend(doubt);
    }
}

/// Keys and statements that are on a list.
struct Named {
    keys: Vec<(String, StatusEntry)>,
    statements: Vec<(String, StatusEntry)>,
}

impl Named {
    fn on(lists: &BTreeMap<&str, List<'_>>, at: Time) -> Self {
        let entries = |kind: EntryKind, is_meant: fn(&StatusTarget) -> bool| {
            let lists = lists.values().filter(|list| list.policy.scope.contains(&kind));
            let all = lists.flat_map(|list| list.entries(at).map(|entry| (list.policy.name.clone(), entry)));
            all.filter(|(_, entry)| is_meant(&entry.target)).map(|(list, entry)| (list, entry.clone())).collect()
        };
        Self {
            keys: entries(EntryKind::Key, |target| matches!(target, StatusTarget::Key(_))),
            statements: entries(EntryKind::Attestation, |target| matches!(target, StatusTarget::Attestation(_))),
        }
    }

    /// Why a fact is struck; `None` if it is not.
    fn against(&self, fact: &Fact<'_>) -> Option<Reason> {
        let by_key = || {
            let keys = keys(fact);
            let named = |entry: &StatusEntry| matches!(&entry.target, StatusTarget::Key(key) if keys.contains(key));
            let proven = |entry: &StatusEntry| fact.not_later_than.is_some_and(|time| time < entry.effective());
            let (list, entry) = self.keys.iter().find(|(_, entry)| named(entry) && !proven(entry))?;
            let reason = Reason::new(&KEY).name("list", list).name("identity", &fact.identity.id);
            Some(reason.name("state", entry.state.name()).time("effective", entry.effective()))
        };
        let by_id = || {
            let named = |entry: &StatusEntry| matches!(&entry.target, StatusTarget::Attestation(id) if *id == fact.id);
            let (list, entry) = self.statements.iter().find(|(_, entry)| named(entry))?;
            let reason = Reason::new(&ATTESTATION).name("list", list);
            Some(reason.name("identity", &fact.identity.id).name("state", entry.state.name()))
        };
        let by_key = if self.keys.is_empty() { None } else { by_key() };
        by_key.or_else(by_id)
    }
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
}
