//! Causes: starting from the first archive, its inputs are exchanged for those of the second in a fixed order, and the delivery is
//! judged after each. The first exchange after which an answer is another one is its cause.

use super::{Answers, Change, Replaced, answers};
use crate::archive::reading::{ReadBytes, ReadFile, ReadOpened};
use crate::archive::{Archive, ArchiveError, Reading};
use crate::join::Request;
use crate::knowledge::Knowledge;
use crate::policy::{Policy, PolicyFiles};
use crate::read::Place;
use crate::render::{Mode, Run, VerdictFile};
use crate::replay;

/// In this order (`verification.md` 4.6).
const STEPS: [&str; 7] = ["inventory", "evidence", "status", "trust", "policy", "state", "request"];

/// Which archive each input is taken from.
#[derive(Clone, Copy)]
struct From<'a> {
    inventory: &'a Archive,
    evidence: &'a Archive,
    status: &'a Archive,
    state: &'a Archive,
    trust: &'a Archive,
    policy: &'a Archive,
    request: &'a Archive,
}

pub(super) fn attribute(
    a: &Archive,
    b: &Archive,
    before: &Answers,
    replaced: &Replaced,
    checks: &mut [Change],
) -> Result<(), ArchiveError> {
    let mut from = From { inventory: a, evidence: a, status: a, state: a, trust: a, policy: a, request: a };
    // Exchanges that are pending because nothing can be judged between them.
    let mut pending: Vec<&str> = Vec::new();
    for step in STEPS {
        let differs = match step {
            "inventory" => !inventory(a).eq(inventory(b)) || a.reading().opened != b.reading().opened,
            "evidence" => !evidence(a).eq(evidence(b)),
            "status" => a.status_reading() != b.status_reading(),
            "state" => a.state() != b.state(),
            "trust" => !trust(a).eq(trust(b)),
            "policy" => text(a) != text(b),
            _ => a.contents().request != b.contents().request,
        };
        match step {
            "inventory" => from.inventory = b,
            "evidence" => from.evidence = b,
            "status" => from.status = b,
            "state" => from.state = b,
            "trust" => from.trust = b,
            "policy" => from.policy = b,
            _ => from.request = b,
        }
        if !differs {
            continue;
        }
        pending.push(step);
        let Some(now) = judged(&from, replaced)? else { continue };
        let cause = std::mem::take(&mut pending).join(" and ");
        for change in checks.iter_mut().filter(|change| change.cause.is_none()) {
            let key = (change.rule.clone(), change.node.clone());
            let state = |answers: &Answers| answers.get(&key).map(|(state, _)| state.clone());
            if state(&now) != state(before) {
                change.cause = Some(cause.clone());
            }
        }
    }
    Ok(())
}

/// The answers under mixed inputs; nothing if the policy cannot be loaded with these trust files.
fn judged(from: &From<'_>, replaced: &Replaced) -> Result<Option<Answers>, ArchiveError> {
    let Some(policy) = policy(from) else { return Ok(None) };
    let reading = mixed(from);
    let delivery = reading
        .delivery(&policy.limits, |digest| from.evidence.blob(digest).or_else(|_| from.inventory.blob(digest)))?;
    let request: Request = replay::request(from.request)?;
    let status = from.status.status(&policy.limits)?;
    // Whose policy it is changes no answer.
    let knowledge = Knowledge { status: status.as_ref(), state: from.state.state(), anchor: None };
    let verdict = crate::judge_knowing(&delivery, &policy, knowledge, &request).verdict;
    let run = Run {
        tool: String::new(),
        version: String::new(),
        mode: Mode::Replay,
        started: String::new(),
        replay: None,
        taken: Vec::new(),
        evidence_files: Default::default(),
        evidence_beside: Default::default(),
        notes: Vec::new(),
    };
    Ok(Some(answers(&VerdictFile::of(&verdict, &run), replaced)))
}

const fn is_evidence(file: &ReadFile) -> bool {
    matches!(file.place(), Place::Evidence)
        || (matches!(file.place(), Place::Delivered) && !matches!(file.bytes, None | Some(ReadBytes::Kept)))
}

fn inventory(archive: &Archive) -> impl Iterator<Item = &ReadFile> {
    archive.reading().files.iter().filter(|file| !is_evidence(file))
}

fn evidence(archive: &Archive) -> impl Iterator<Item = &ReadFile> {
    archive.reading().files.iter().filter(|file| is_evidence(file))
}

fn text(archive: &Archive) -> Option<&Vec<u8>> {
    archive.policy_files().files.get(&archive.policy_files().main)
}

fn trust(archive: &Archive) -> impl Iterator<Item = (&String, &Vec<u8>)> {
    let files = archive.policy_files();
    files.files.iter().filter(|(path, _)| **path != files.main)
}

fn policy(from: &From<'_>) -> Option<Policy> {
    let main = from.policy.policy_files().main.clone();
    let mut files: std::collections::BTreeMap<String, Vec<u8>> =
        trust(from.policy).chain(trust(from.trust)).map(|(path, bytes)| (path.clone(), bytes.clone())).collect();
    files.insert(main.clone(), text(from.policy)?.clone());
    PolicyFiles { main, files }.load().ok()
}

/// Files and what is in them from one record, documents from the other.
fn mixed(from: &From<'_>) -> Reading {
    let base = from.inventory.reading();
    let own = base.files.iter().enumerate().filter(|(_, file)| !is_evidence(file)).map(|(at, file)| (Some(at), file));
    let mut files: Vec<(Option<usize>, &ReadFile)> =
        own.chain(evidence(from.evidence).map(|file| (None, file))).collect();
    // Stable, so members stay in the order of their containers.
    files.sort_by(|(_, a), (_, b)| match (a.place(), b.place()) {
        (Place::Member, Place::Member) => std::cmp::Ordering::Equal,
        (of, other) => (of, a.path.as_bytes(), a.sha256()).cmp(&(other, b.path.as_bytes(), b.sha256())),
    });
    let mut moved = vec![0_u64; base.files.len()];
    for (to, (at, _)) in files.iter().enumerate() {
        if let Some(place) = at.and_then(|at| moved.get_mut(at)) {
            *place = to as u64;
        }
    }
    let now = |at: u64| usize::try_from(at).ok().and_then(|at| moved.get(at).copied()).unwrap_or(0);
    let opened = base.opened.iter().map(|opened| {
        let mut opened: ReadOpened = opened.clone();
        opened.file = now(opened.file);
        for member in &mut opened.members {
            member.file = member.file.map(now);
        }
        opened
    });
    Reading {
        opened: opened.collect(),
        files: files.into_iter().map(|(_, file)| file.clone()).collect(),
        ..base.clone()
    }
}
