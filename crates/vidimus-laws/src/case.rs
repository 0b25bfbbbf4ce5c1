//! A world as the judge sees it, and what it answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use vidimus::conclude::{Argument, Basis, VerdictCore};
use vidimus::container::Format;
use vidimus::decode::{self, Content};
use vidimus::digest::{Algorithm, Digest, Digests};
use vidimus::knowledge::Knowledge;
use vidimus::limits::Limits;
use vidimus::policy::{Policy, Product};
use vidimus::read::{Delivery, File, Member, Opened, Place};
use vidimus::time::Time;
use vidimus::value::Value;
use vidimus::{Request, Verdict, judge_knowing};
use vidimus_testkit::Statement;

use crate::parties::{OPERATOR, key};
use crate::witnesses;
use crate::world::{Item, PRODUCT, World};

/// The instant of every verdict.
pub const AT: &str = "2026-11-23T12:00:00Z";

/// A world, ready to be judged.
#[derive(Clone)]
pub struct Case {
    /// The policy.
    pub policy: Policy,
    /// Files that are no evidence, with what is in them.
    pub base: Delivery,
    /// Evidence, by its number in the world.
    pub evidence: Vec<File>,
    /// The issue of the status list that is at hand.
    pub status: Option<Delivery>,
    /// The request.
    pub request: Request,
}

/// Every requirement that was asked, with its value.
pub type Answers = BTreeMap<(String, String), Value>;

/// What a judgement says.
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// Its answers.
    pub answers: Answers,
}

impl Judged {
    /// The core.
    #[must_use]
    pub const fn core(&self) -> &VerdictCore {
        self.verdict.core()
    }

    /// The value of the whole, without waivers.
    #[must_use]
    pub fn root(&self) -> Value {
        match self.core().basis {
            Basis::Proven => Value::Proven,
            Basis::ProvenWithWaivers | Basis::Unproven => Value::Unproven,
            Basis::Refuted => Value::Refuted,
        }
    }

    /// Rules of which the verdict says that a sender can escape them.
    #[must_use]
    pub fn suppressible(&self) -> BTreeSet<String> {
        let caveats = self.core().caveats.iter().filter(|caveat| caveat.code == "caveat.suppressible");
        let rules = caveats.filter_map(|caveat| match caveat.args.get("rules") {
            Some(Argument::List(rules)) => Some(rules.clone()),
            _ => None,
        });
        rules.flatten().collect()
    }

    /// Does it say that?
    #[must_use]
    pub fn says(&self, code: &str) -> bool {
        self.core().caveats.iter().any(|caveat| caveat.code == code)
    }
}

/// Reads the answers of a verdict.
#[must_use]
pub fn answers(verdict: &Verdict) -> Answers {
    let mut answers = Answers::new();
    for (rule, classes) in &verdict.details().met {
        for support in classes.values().flatten() {
            answers.insert((rule.clone(), support.node.clone()), Value::Proven);
        }
    }
    for unmet in &verdict.core().unmet {
        let answer = answers.entry((unmet.rule.clone(), unmet.node.clone())).or_insert(unmet.result);
        *answer = (*answer).min(unmet.result);
    }
    answers
}

/// A file with these bytes.
#[must_use]
pub fn file(path: &str, place: Place, bytes: &[u8]) -> File {
    let content = decode::document(bytes, &Limits::MAX);
    let is_document = !matches!(content, Content::Ordinary);
    let digests = Digests::of(bytes, &Algorithm::ALL);
    let bytes_kept = is_document.then(|| bytes.to_vec().into());
    File { path: path.to_owned(), size: bytes.len() as u64, digests, place, content, bytes: bytes_kept }
}

/// An item as a file.
#[must_use]
pub fn evidence(item: &Item) -> File {
    let bytes = match item.logged {
        None => item.statement.envelope_bytes(&[key(item.by)]),
        Some(at) => witnesses::logged(&item.statement, key(item.by), at),
    };
    file(&format!("{}.json", item.id()), Place::Evidence, &bytes)
}

impl Case {
    /// The world under its policy, which must be loadable.
    ///
    /// # Errors
    /// What the loader says.
    pub fn of(world: &World) -> Result<Self, String> {
        let policy = world.terms.load(&world.parties)?;
        let at = AT.parse().map_err(|_| "the instant of verdicts".to_owned())?;
        let product =
            world.requested.then(|| Product::parse_request(PRODUCT)).transpose().map_err(|e| e.to_string())?;
        Ok(Self {
            policy,
            base: base(world),
            evidence: world.items.iter().map(evidence).collect(),
            status: None,
            request: Request { at, product, recipient: None },
        })
    }

    /// The delivery with those pieces of evidence that `keep` keeps, by number.
    #[must_use]
    pub fn delivery(&self, keep: impl Fn(usize) -> bool) -> Delivery {
        with(&self.base, self.evidence.iter().enumerate().filter(|(at, _)| keep(*at)).map(|(_, file)| file))
    }

    /// Judges everything.
    #[must_use]
    pub fn judge(&self) -> Judged {
        self.judge_with(&self.delivery(|_| true), &self.policy)
    }

    /// Judges what is kept.
    #[must_use]
    pub fn judge_some(&self, keep: impl Fn(usize) -> bool) -> Judged {
        self.judge_with(&self.delivery(keep), &self.policy)
    }

    /// Judges another delivery under another policy.
    #[must_use]
    pub fn judge_with(&self, delivery: &Delivery, policy: &Policy) -> Judged {
        let knowledge = Knowledge { status: self.status.as_ref(), ..Knowledge::default() };
        let verdict = judge_knowing(delivery, policy, knowledge, &self.request).verdict;
        Judged { answers: answers(&verdict), verdict }
    }
}

/// The files of `base`, and evidence beside them.
#[must_use]
pub fn with<'a>(base: &Delivery, evidence: impl Iterator<Item = &'a File>) -> Delivery {
    // Members come last.
    let tops = base.files.iter().filter(|file| file.place == Place::Delivered).count();
    let mut delivery = base.clone();
    let members = delivery.files.split_off(tops);
    delivery.files.extend(evidence.cloned());
    let moved = delivery.files.len() - tops;
    delivery.files.extend(members);
    for member in delivery.opened.iter_mut().flat_map(|opened| &mut opened.members) {
        member.file = member.file.map(|file| file + moved);
    }
    delivery
}

fn base(world: &World) -> Delivery {
    let mut delivery = Delivery::default();
    for (path, bytes) in world.tops() {
        delivery.files.push(file(&path, Place::Delivered, &bytes));
    }
    let mut members = Vec::new();
    for (name, bytes) in world.members() {
        members.push(Member { name: Some(name.clone().into_bytes()), file: Some(delivery.files.len()), link: None });
        delivery.files.push(file(&format!("core.tar!/{name}"), Place::Member, &bytes));
    }
    delivery.opened.push(Opened { file: 0, format: Format::Tar, members, opaque: None });
    delivery
}

/// An issue of the status list that lists these: (kind, target).
#[must_use]
pub fn issue(number: u64, hours: i64, entries: &[(&str, String)]) -> File {
    let hour = |hours: i64| {
        let at: Option<Time> = AT.parse().ok();
        at.and_then(|at| Time::from_second(at.second() + hours * 3600)).map(|time| time.to_string())
    };
    let entry = |(kind, target): &(&str, String)| {
        let state = if *kind == "key" { "compromised" } else { "withdrawn" };
        json!({"kind": kind, "since": "2020-01-01T00:00:00Z", "state": state, "target": target})
    };
    let mut predicate = json!({
        "entries": entries.iter().map(entry).collect::<Vec<Json>>(),
        "list": "urn:status:deny",
        "nextUpdate": hour(hours + 48),
        "number": number,
        "scope": ["digest", "key", "attestation"],
        "thisUpdate": hour(hours),
    });
    if number > 1 {
        predicate["previous"] = json!({"sha256": Digest::sha256(&number.to_be_bytes()).hex()});
    }
    let issue = Statement::new("urn:vidimus:attestation:status-list:v0.1", predicate);
    let issue = issue.subject("urn:status:deny", b"urn:status:deny");
    file(&format!("{number}.json"), Place::Delivered, &issue.envelope_bytes(&[key(OPERATOR)]))
}

/// A folder of status lists with these issues.
#[must_use]
pub fn lists(issues: Vec<File>) -> Delivery {
    Delivery { files: issues, ..Delivery::default() }
}
