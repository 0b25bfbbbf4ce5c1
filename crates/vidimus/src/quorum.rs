//! Do independent parties come to the same decision? Their signed verdicts (`--output vsa`, signed) are believed as the policy
//! says, compared by the decision digest, and counted by groups of common control and by countries.

use std::collections::{BTreeMap, BTreeSet};

use crate::authenticate::{Authenticated, Claim, authenticate};
use crate::check::vsa;
use crate::decode::{Content, Envelope, Predicate};
use crate::digest::{Algorithm, Digest};
use crate::policy::{Grant, Policy, Product};
use crate::read::Delivery;
use crate::reason::Reason;
use crate::time::Time;

/// The member of a verification summary that holds the digests of a verdict.
pub const EXTENSION: &str = "urn:vidimus:verdict-core";

/// One signed verdict that is believed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Voice {
    /// `decision_sha256`.
    pub decision: Digest,
    /// `verificationResult` is `PASSED`.
    pub passed: bool,
    /// Party id.
    pub party: String,
    /// Identity id.
    pub identity: String,
    /// The file that it stands in.
    pub file: String,
}

/// What came of it.
#[derive(Debug)]
pub struct Quorum {
    /// Believed verdicts, by decision.
    pub voices: Vec<Voice>,
    /// Files that count for nothing, with the reason, or nothing where there is no verdict in them.
    pub silent: Vec<(String, Vec<Reason>)>,
    /// Groups of common control that stand behind the one decision; 0 if there are several.
    pub groups: usize,
    /// Countries whose law can compel a party of these.
    pub countries: BTreeSet<String>,
    /// Groups that are left whichever countries compel everybody under their law.
    pub remaining: usize,
    /// Is there one decision, by enough groups, whatever the countries do?
    pub agrees: bool,
    /// If any of these is after the machine's clock, the answer must not be used (DESIGN ruling 4).
    pub clock_must_be_past: Vec<Time>,
}

/// What is asked of the parties together.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Groups that must say the same.
    pub min_groups: usize,
    /// Countries that may compel everybody under their law together, at most 2.
    pub tolerate_jurisdictions: u8,
}

/// Counts the signed verdicts among the files of `delivery`.
#[must_use]
pub fn quorum(delivery: &Delivery, policy: &Policy, at: Time, asked: Asked) -> Quorum {
    let mut authenticated = authenticate(delivery, policy, at);
    let clock_must_be_past = std::mem::take(&mut authenticated.clock_must_be_past);
    let mut voices = Vec::new();
    let mut heard = BTreeSet::new();
    let mut refused: BTreeMap<usize, Vec<Reason>> = BTreeMap::new();
    for fact in &authenticated.facts {
        let Some(file) = delivery.files.get(fact.file) else { continue };
        let Claim::Statement(statement) = &fact.claim else { continue };
        let Predicate::Summary(summary) = &statement.predicate else { continue };
        let Some(decision) = decision(&file.content, &fact.id) else { continue };
        // A key may be another verifier's, or trusted for other products: then its owner does not speak here.
        let about: Vec<Product> = summary.resource.as_deref().and_then(Product::parse_claim).into_iter().collect();
        let grants: Vec<&Grant> = fact.covering(&about).collect();
        if vsa::speaking_of(&grants, fact, summary).is_empty() {
            let reason = Reason::new(&vsa::PAIR).name("identity", &fact.identity.id);
            refused.entry(fact.file).or_default().push(reason.evidence("verifier", &summary.verifier_id));
            continue;
        }
        heard.insert(fact.file);
        voices.push(Voice {
            decision,
            passed: summary.passed,
            party: fact.party.id.clone(),
            identity: fact.identity.id.clone(),
            file: file.path.clone(),
        });
    }
    voices.sort();
    voices.dedup();
    let silent = delivery.files.iter().enumerate().filter(|(index, _)| !heard.contains(index));
    let silent = silent.map(|(index, file)| {
        let mut why = reasons(&authenticated, &file.content);
        why.extend(refused.remove(&index).into_iter().flatten());
        (file.path.clone(), why)
    });
    let silent = silent.collect();
    let decisions: BTreeSet<(&Digest, bool)> = voices.iter().map(|voice| (&voice.decision, voice.passed)).collect();
    let parties: BTreeSet<&str> = voices.iter().map(|voice| voice.party.as_str()).collect();
    let parties: Vec<&str> = parties.into_iter().collect();
    let one = decisions.len() == 1;
    // As in rules: one voice more never makes fewer of the others, not even one of a joint venture of two of them.
    let groups = if one { policy.independent(parties.iter().copied()) } else { 0 };
    let remaining = if one { policy.independent_left(&parties, asked.tolerate_jurisdictions) } else { 0 };
    let countries = parties.iter().flat_map(|party| policy.jurisdictions(party)).map(ToOwned::to_owned).collect();
    // A quorum of nobody is none.
    let agrees = one && groups >= asked.min_groups.max(1) && remaining >= asked.min_groups.max(1);
    Quorum { voices, silent, groups, countries, remaining, agrees, clock_must_be_past }
}

/// The decision digest that the evidence states beside its summary.
fn decision(content: &Content, id: &Digest) -> Option<Digest> {
    let Content::Signed(items) = content else { return None };
    let item = items.iter().find(|item| item.id == *id)?;
    let dsse = item.envelope.as_ref().ok().and_then(Envelope::dsse)?;
    let statement = crate::decode::strict_json(&dsse.payload)?;
    let stated = statement.get("predicate")?.get(EXTENSION)?.get("decision")?.get("sha256")?.as_str()?;
    Digest::parse(Algorithm::Sha256, stated)
}

fn reasons(authenticated: &Authenticated<'_>, content: &Content) -> Vec<Reason> {
    let Content::Signed(items) = content else {
        return match content {
            Content::Refused(reason) => vec![reason.clone()],
            _ => Vec::new(),
        };
    };
    let ids: BTreeMap<&Digest, ()> = items.iter().map(|item| (&item.id, ())).collect();
    let rejected = authenticated.rejected.iter().filter(|(id, _)| ids.contains_key(id));
    rejected.map(|(_, reason)| reason.clone()).collect()
}
