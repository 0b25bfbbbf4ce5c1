//! Conclude: the answers become the verdict core. Only this stage makes a [`Verdict`].

pub(crate) mod caveats;
pub(crate) mod chain;
mod core;
mod details;
mod sboms;
pub(crate) mod waive;

use std::collections::BTreeMap;

use serde::Serialize;

pub use self::core::{
    AnchorInput, Answer, Argument, Basis, Chain, Coded, CoreRequest, EvidenceInput, Inputs, InventoryInput, Met,
    PolicyInput, ProfileInput, Rejected, SCHEMA, SEMANTICS, StateInput, StatusInput, Step, Subject, Unmet, Unverified,
    VerdictCore,
};
pub use details::{
    Accepted, Container, ContainerMember, Details, Evidence, Inventory, InventoryFile, Named, PolicyFile, Refused,
    Support,
};
pub use sboms::SbomDetails;

use crate::authenticate::{Authenticated, Fact, authenticate};
use crate::check::{self, Answers, Node, Outcome};
use crate::decode::StatusList;
use crate::digest::Digest;
use crate::join::{DeliveryStatement, Joined, Request, claimed_about};
use crate::knowledge::{Advance, Knowledge, Known, StatusMark};
use crate::policy::{Check, Policy};
use crate::read::Delivery;
use crate::reason::{Arg, Reason};
use crate::time::Time;
use crate::value::Value;

/// A core with its details. The members are private: a verdict is made by [`judge`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    core: VerdictCore,
    core_json: Vec<u8>,
    details: Details,
    decision_sha256: Digest,
}

impl Verdict {
    /// The record.
    #[must_use]
    pub const fn core(&self) -> &VerdictCore {
        &self.core
    }

    /// The record as RFC 8785 bytes.
    #[must_use]
    pub fn core_json(&self) -> &[u8] {
        &self.core_json
    }

    /// sha256 of the record's bytes: what people quote.
    #[must_use]
    pub fn core_sha256(&self) -> Digest {
        Digest::sha256(&self.core_json)
    }

    /// Equal for two parties that judged the same bytes under the same policy, whatever other evidence they had.
    #[must_use]
    pub const fn decision_sha256(&self) -> &Digest {
        &self.decision_sha256
    }

    /// The full lists.
    #[must_use]
    pub const fn details(&self) -> &Details {
        &self.details
    }

    /// Is it a pass?
    #[must_use]
    pub fn passes(&self) -> bool {
        self.core.verdict == Answer::Pass
    }
}

/// A verdict and what the caller must know to stand by it.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// If any of these instants is after the machine's clock, the clock is wrong and the verdict must not be used: a library may
    /// have refused evidence for that reason alone (DESIGN ruling 4).
    pub clock_must_be_past: Vec<Time>,
    /// What accepting the verdict adds to the operator's state. Only a pass may be accepted.
    pub advance: Advance,
    /// Words of libraries about rejected evidence, for the run part.
    pub notes: Vec<String>,
}

/// Judges `delivery` under `policy` where the operator knows nothing beside: a pure, total function of its arguments.
#[must_use]
pub fn judge(delivery: &Delivery, policy: &Policy, request: &Request) -> Judgement {
    judge_knowing(delivery, policy, Knowledge::default(), request)
}

/// Judges `delivery` under `policy` with what the operator knows: a pure, total function of its arguments.
#[must_use]
pub fn judge_knowing(delivery: &Delivery, policy: &Policy, knowledge: Knowledge<'_>, request: &Request) -> Judgement {
    let mut authenticated = authenticate(delivery, policy, request.at);
    let mut status = knowledge.status.map(|lists| authenticate(lists, policy, request.at)).unwrap_or_default();
    authenticated.clock_must_be_past.append(&mut status.clock_must_be_past);
    authenticated.notes.append(&mut status.notes);
    let mut known = Known::new(policy, request.at, knowledge, &status, &mut authenticated);
    let clock_must_be_past = std::mem::take(&mut authenticated.clock_must_be_past);
    let notes = std::mem::take(&mut authenticated.notes);
    let mut joined = Joined::new(delivery, policy, request, &authenticated);
    let sboms = joined.before().map_or(&joined.sboms, |before| &before.sboms);
    known.look_at_parts(sboms);
    joined.know(known);
    let answers = check::answer_knowing(&joined);
    let verdict = conclude(&joined, &authenticated, &answers);
    Judgement { advance: advance(&joined), verdict, clock_must_be_past, notes }
}

/// What the state remembers of this delivery and of the lists that were used.
fn advance(joined: &Joined<'_>) -> Advance {
    let lists = joined.known.lists.values().filter_map(|list| {
        let (fact, issue) = list.issues.last()?;
        Some(StatusMark { list: issue.list.clone(), number: issue.number, sha256: fact.id.clone() })
    });
    let mut lists: Vec<StatusMark> = lists.collect();
    lists.sort_by(|a, b| a.list.cmp(&b.list));
    Advance { release: joined.statement.as_ref().map(DeliveryStatement::mark), lists }
}

fn conclude(joined: &Joined<'_>, authenticated: &Authenticated<'_>, answers: &Answers<'_, '_>) -> Verdict {
    let (outcomes, found) = (answers.left.as_slice(), answers.found.as_ref());
    let others = answers.others.iter().map(|(other, outcomes)| (*other, outcomes.as_slice()));
    let all: Vec<(&Joined<'_>, &[Outcome<'_>])> = std::iter::once((joined, outcomes)).chain(others).collect();
    let mut unmet = unmet(&all);
    let waived = waive::apply(joined.policy, joined.request.at, &mut unmet);
    let lifts = unmet.iter().any(|unmet| unmet.waiver.is_some());
    let open = unmet.iter().filter(|unmet| unmet.waiver.is_none()).map(|unmet| unmet.result).min();
    let value = open.unwrap_or(Value::Proven);
    // A policy always has a rule; if it applied to nothing, nothing was proven.
    let asked = all.iter().flat_map(|(_, outcomes)| *outcomes).any(|outcome| outcome.rule.is_some());
    let (verdict, basis) = match value {
        Value::Proven if asked && lifts => (Answer::Pass, Basis::ProvenWithWaivers),
        Value::Proven if asked => (Answer::Pass, Basis::Proven),
        Value::Proven | Value::Unproven => (Answer::Fail, Basis::Unproven),
        Value::Refuted => (Answer::Fail, Basis::Refuted),
    };
    let details = Details {
        policy: details::policy(joined.policy),
        inventory: details::inventory(joined.delivery),
        evidence: details::evidence(authenticated, outcomes),
        met: met(joined, outcomes),
        sboms: sboms::all(joined),
        accepted: details::accepted(authenticated, joined),
        claimed_about: claimed_about(joined.delivery, authenticated)
            .into_iter()
            .map(|(id, paths)| (id.to_string(), paths))
            .collect(),
        components: all.iter().flat_map(|(joined, outcomes)| chain::names(joined, outcomes)).collect(),
    };
    let unverified = chain::unverified(joined, found);
    let mut limits_hit = joined.delivery.limits_hit.clone();
    limits_hit.extend(all.iter().flat_map(|(joined, _)| joined.limits_hit.iter().cloned()));
    let core = VerdictCore {
        schema: SCHEMA.to_owned(),
        semantics: SEMANTICS,
        verdict,
        basis,
        request: request(joined.request),
        inputs: inputs(joined, &details),
        subjects: subjects(joined),
        chain: chain::chain(joined, found, &unverified),
        unmet,
        met: counted(&details.met),
        rejected: rejected(authenticated),
        caveats: coded(&[caveats::all(joined, outcomes, found), waived].concat()),
        limits_hit: coded(&limits_hit),
        unverified,
    };
    let decision_sha256 = decision(&core, &details);
    let core_json = canonical(&core);
    Verdict { core, core_json, details, decision_sha256 }
}

/// RFC 8785 bytes. Our types hold no floats, no non-string keys and no failing serializers.
fn canonical(value: &impl Serialize) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value).unwrap_or_default()
}

/// sha256 (hex) of the canonical JSON of an index.
fn index_sha256(value: &impl Serialize) -> String {
    Digest::sha256(&canonical(value)).hex().to_owned()
}

fn request(request: &Request) -> CoreRequest {
    CoreRequest {
        at: request.at.to_string(),
        product: request.product.as_ref().map(ToString::to_string),
        recipient: request.recipient.clone(),
    }
}

fn inputs(joined: &Joined<'_>, details: &Details) -> Inputs {
    let files = &details.inventory.files;
    Inputs {
        policy: PolicyInput {
            id: joined.policy.id.clone(),
            version: joined.policy.version,
            sha256: joined.policy.sha256.hex().to_owned(),
        },
        anchor: joined.known.anchor.map(|anchor| AnchorInput { sha256: anchor.sha256().hex().to_owned() }),
        inventory: InventoryInput {
            sha256: index_sha256(&details.inventory),
            files: files.len() as u64,
            bytes: files.iter().map(|file| file.size).sum(),
            archive: joined.delivery.archive.as_ref().map(|digest| digest.hex().to_owned()),
        },
        evidence: EvidenceInput { sha256: index_sha256(&details.evidence), items: details.evidence.len() as u64 },
        profiles: profiles(joined.policy),
        status: status(joined),
        state: state(joined),
    }
}

/// Of standards, then of the policy.
fn profiles(policy: &Policy) -> Vec<ProfileInput> {
    let input = |id: &str, edition: String, sha256: &Digest| ProfileInput {
        id: id.to_owned(),
        edition,
        sha256: sha256.hex().to_owned(),
    };
    let standards = policy.profiles().into_iter().map(|p| input(p.id, p.edition.to_owned(), &p.sha256()));
    standards.chain(policy.own_profiles().into_iter().map(|p| input(&p.name, p.edition(), &p.sha256()))).collect()
}

/// The issues of status lists that counted, by name in the policy.
fn status(joined: &Joined<'_>) -> Vec<StatusInput> {
    let issues = joined.known.lists.iter().flat_map(|(name, list)| list.issues.iter().map(move |issue| (*name, issue)));
    let input = |(name, (fact, issue)): (&str, &(&Fact<'_>, &StatusList))| StatusInput {
        list: name.to_owned(),
        number: issue.number,
        sha256: fact.id.hex().to_owned(),
    };
    issues.map(input).collect()
}

/// The entry of the state that a rule asked for.
fn state(joined: &Joined<'_>) -> Option<StateInput> {
    let asks = joined.policy.rules.iter().any(|rule| matches!(rule.check, Check::NoRollback(_)));
    let state = joined.known.state.filter(|_| asks)?;
    let mark = joined.statement.as_ref()?.mark();
    let held = state.release(&mark.vendor, &mark.product);
    Some(StateInput {
        vendor: mark.vendor,
        product: mark.product,
        sequence: held.map(|held| held.sequence),
        sha256: held.map(|held| held.sha256.hex().to_owned()),
    })
}

fn subjects(joined: &Joined<'_>) -> Vec<Subject> {
    let mut subjects: Vec<Subject> = joined
        .artifacts()
        .map(|(index, file)| Subject {
            path: file.path.clone(),
            sha256: file.digests.sha256().hex().to_owned(),
            class: check::class_of(joined.policy, joined, index).map(|class| class.id.clone()),
        })
        .collect();
    subjects.sort();
    subjects
}

/// Not met, by (rule, node). Files with the same bytes are one node with several paths.
fn unmet(all: &[(&Joined<'_>, &[Outcome<'_>])]) -> Vec<Unmet> {
    let mut merged: BTreeMap<(String, String), Unmet> = BTreeMap::new();
    for (joined, outcome) in all.iter().flat_map(|(joined, outcomes)| outcomes.iter().map(move |one| (joined, one))) {
        let check::Answer::NotMet(value, reasons) = &outcome.answer else { continue };
        let (rule, node) = (outcome.rule_id().to_owned(), outcome.node.id(joined));
        let path = match outcome.node {
            Node::Delivery => None,
            Node::File(index) => joined.delivery.files.get(index).map(|file| file.path.clone()),
        };
        let entry = merged.entry((rule.clone(), node.clone())).or_insert_with(|| Unmet {
            rule,
            node,
            result: *value,
            reasons: Vec::new(),
            accountable: outcome.accountable(),
            path: Vec::new(),
            waiver: None,
            via: chain::way(joined, outcome.node),
        });
        entry.result = entry.result.min(*value);
        entry.accountable = entry.accountable.min(outcome.accountable());
        entry.reasons.extend(coded(reasons));
        entry.path.extend(path);
    }
    let mut all: Vec<Unmet> = merged.into_values().collect();
    for unmet in &mut all {
        unmet.reasons.sort();
        unmet.reasons.dedup();
        unmet.path.sort();
        unmet.path.dedup();
    }
    all
}

fn met(joined: &Joined<'_>, outcomes: &[Outcome<'_>]) -> BTreeMap<String, BTreeMap<String, Vec<Support>>> {
    let mut met: BTreeMap<String, BTreeMap<String, Vec<Support>>> = BTreeMap::new();
    for outcome in outcomes {
        let check::Answer::Met(support) = &outcome.answer else { continue };
        let entry = met.entry(outcome.rule_id().to_owned()).or_default().entry(outcome.class.to_owned()).or_default();
        entry.push(Support {
            node: outcome.node.id(joined),
            support: support.iter().map(ToString::to_string).collect(),
        });
    }
    for list in met.values_mut().flat_map(BTreeMap::values_mut) {
        list.sort();
        list.dedup();
    }
    met
}

fn counted(met: &BTreeMap<String, BTreeMap<String, Vec<Support>>>) -> Vec<Met> {
    let lists = met.iter().flat_map(|(rule, classes)| classes.iter().map(move |(class, list)| (rule, class, list)));
    lists
        .map(|(rule, class, list)| Met {
            rule: rule.clone(),
            class: class.clone(),
            count: list.len() as u64,
            sha256: index_sha256(list),
        })
        .collect()
}

fn rejected(authenticated: &Authenticated<'_>) -> Vec<Rejected> {
    let all = authenticated.rejected.iter();
    let mut list: Vec<Rejected> = all
        .map(|(id, reason)| Rejected {
            evidence: id.to_string(),
            code: reason.code().to_owned(),
            args: arguments(reason),
        })
        .collect();
    list.sort();
    list.dedup();
    list
}

fn coded(reasons: &[Reason]) -> Vec<Coded> {
    let mut list: Vec<Coded> =
        reasons.iter().map(|reason| Coded { code: reason.code().to_owned(), args: arguments(reason) }).collect();
    list.sort();
    list.dedup();
    list
}

fn arguments(reason: &Reason) -> BTreeMap<String, Argument> {
    let argument = |arg: &Arg| match arg {
        Arg::Int(int) => Argument::Int(*int),
        Arg::Text(text) => Argument::Text(text.clone()),
        Arg::List(list) => Argument::List(list.clone()),
    };
    reason.args().iter().map(|(name, arg)| ((*name).to_owned(), argument(arg))).collect()
}

/// What a core commits to in its details: what it is, the digest that the core states, and the digest of what is there.
pub(crate) fn commitments(core: &VerdictCore, details: &Details) -> Vec<(String, String, String)> {
    let closure = details.policy.iter().map(|file| serde_json::json!({ "path": file.path, "sha256": file.sha256 }));
    let closure =
        serde_json::json!({ "files": closure.collect::<Vec<_>>(), "schema": "urn:vidimus:policy-closure:v1" });
    let stated = |what: &str, stated: &str, found: String| (what.to_owned(), stated.to_owned(), found);
    let mut all = vec![
        stated("details.policy", &core.inputs.policy.sha256, index_sha256(&closure)),
        stated("details.inventory", &core.inputs.inventory.sha256, index_sha256(&details.inventory)),
        stated("details.evidence", &core.inputs.evidence.sha256, index_sha256(&details.evidence)),
    ];
    let (listed, counted) = (counted(&details.met), core.met.iter());
    for (at, met) in counted.enumerate() {
        let what = format!("details.met of {} in {}", met.rule, met.class);
        let found = listed.get(at).filter(|found| *found == met).map_or(String::new(), |found| found.sha256.clone());
        all.push((what, met.sha256.clone(), found));
    }
    if listed.len() != core.met.len() {
        all.push((String::from("details.met"), core.met.len().to_string(), listed.len().to_string()));
    }
    all
}

/// sha256 over semantics, policy digest, product, inventory digest, verdict, basis, and (rule, node, result) alone.
pub(crate) fn decision(core: &VerdictCore, details: &Details) -> Digest {
    #[derive(Serialize)]
    struct Decision<'a> {
        semantics: u64,
        policy: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        product: Option<&'a str>,
        inventory: &'a str,
        verdict: Answer,
        basis: Basis,
        results: Vec<(&'a str, &'a str, Value)>,
    }
    let mut results: Vec<(&str, &str, Value)> =
        core.unmet.iter().map(|unmet| (unmet.rule.as_str(), unmet.node.as_str(), unmet.result)).collect();
    for (rule, classes) in &details.met {
        results.extend(classes.values().flatten().map(|s| (rule.as_str(), s.node.as_str(), Value::Proven)));
    }
    results.sort();
    results.dedup();
    Digest::sha256(&canonical(&Decision {
        semantics: core.semantics,
        policy: &core.inputs.policy.sha256,
        product: core.request.product.as_deref(),
        inventory: &core.inputs.inventory.sha256,
        verdict: core.verdict,
        basis: core.basis,
        results,
    }))
}
