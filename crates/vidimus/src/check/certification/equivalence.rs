//! Certificates that the policy takes for what rules ask of verification summaries (`verification.md` 2.9).

use std::collections::{BTreeMap, BTreeSet};

use super::{Candidate, EQUIVALENCE, STALE, UNMAPPED, about, certification, issued, judge};
use crate::authenticate::Fact;
use crate::check::Asked;
use crate::decode::{Certification, Predicate};
use crate::digest::DigestSet;
use crate::join::{Binding, Joined, statement_of};
use crate::policy::{AcceptedScheme, CertificationBind, CertificationCheck, Equivalence, Party, VsaCheck};
use crate::reason::Reason;

/// Does an equivalence of the policy take the certificate for everything that `need` asks of a summary? `None` where it is no certificate, or
/// none that the policy takes for anything: it is dropped then, as if it were not there. Otherwise what it lacks.
pub(crate) fn as_properties(
    joined: &Joined<'_>,
    need: &VsaCheck,
    file: usize,
    binding: &Binding<'_>,
) -> Option<Vec<Reason>> {
    let (fact, found) = (binding.fact, certification(binding.fact)?);
    if !is_open_to_certificates(need) {
        return None;
    }
    let equal: Vec<&Equivalence> =
        need.properties.iter().map(|property| equivalent(joined, fact, found, property)).collect::<Option<_>>()?;
    let candidate = Candidate { fact, grants: binding.grants.clone(), found, is_bound: true };
    let at = joined.request.at;
    let mut reasons: Vec<Reason> = equal
        .iter()
        .filter(|equivalence| !equivalence.valid.contains(at))
        .map(|equivalence| candidate.reason(&EQUIVALENCE).name("property", &equivalence.to))
        .collect();
    let accepted = AcceptedScheme {
        scheme: found.scheme.clone(),
        editions: Vec::new(),
        levels: found.level.iter().cloned().collect(),
        standards: Vec::new(),
        by: Vec::new(),
        accreditation: None,
        laboratories: Vec::new(),
    };
    let check = CertificationCheck {
        any_of: vec![accepted],
        bind: CertificationBind::Digest,
        at_release: false,
        at_verification: true,
        status: true,
        parts: false,
        configuration: Vec::new(),
        reports: need.inputs_present,
        impact_analysis: false,
        conformance: None,
    };
    reasons.extend(judge(joined, &check, Asked::of(file), &candidate, false));
    let issued = candidate.issued(at);
    if let Some(limit) = need.max_age_days.map(i64::from)
        && at.second().saturating_sub(issued.second()) > limit.saturating_mul(86_400)
    {
        reasons.push(candidate.reason(&STALE).time("found", issued).int("limit", limit));
    }
    Some(reasons)
}

/// Certificates about the file that would count if the policy took them for what is asked: for the reader, where nothing else counts.
pub(crate) fn unmapped<'b, 'a: 'b>(
    joined: &Joined<'_>,
    need: &VsaCheck,
    bindings: impl Iterator<Item = &'b Binding<'a>>,
) -> Vec<Reason> {
    let certificates = bindings.filter_map(|binding| Some((binding.fact, certification(binding.fact)?)));
    let certificates = certificates.filter(|_| is_open_to_certificates(need));
    certificates
        .filter_map(|(fact, found)| {
            let lacking = need.properties.iter().filter(|property| equivalent(joined, fact, found, property).is_none());
            let lacking: Vec<&String> = lacking.collect();
            let reason = about(&UNMAPPED, fact, found).evidence("level", found.level.as_deref().unwrap_or("none"));
            (!lacking.is_empty()).then(|| reason.list("property", lacking))
        })
        .collect()
}

/// Who evaluated what a certificate is about, as the policy knows it by the number of its accreditation, which must have been in force when
/// the certificate was issued (CERT-06). Numbers of two lists can be the same; then it is each of them.
pub(crate) fn evaluators<'a>(joined: &Joined<'a>, fact: &Fact<'_>) -> Vec<&'a Party> {
    let Some(found) = certification(fact) else { return Vec::new() };
    let issued = issued(fact, found, joined.request.at);
    let is_it = |party: &&Party| {
        let known = party.accreditation.as_ref().filter(|known| known.window.contains(issued));
        known.is_some_and(|known| found.laboratory.as_ref() == Some(&known.number))
    };
    joined.policy.parties.values().filter(is_it).collect()
}

/// What certificates about one node can rest on, found once for all by the same owners.
#[derive(Default)]
pub(crate) struct Grounds<'a, 'b>(BTreeMap<BTreeSet<&'a str>, Ground<'b>>);

/// What certificates of some owners can rest on.
struct Ground<'b> {
    /// Digests of what is said about the bytes.
    about: BTreeSet<&'b str>,
    /// Whose signed documents are one, whatever they are about.
    signers: BTreeSet<&'b str>,
}

impl<'a, 'b> Grounds<'a, 'b> {
    /// Does the certificate rest on more than what others judged (T24)? Every report must be there, so that leaving one out changes nothing, and
    /// one must be believed: said about these bytes by a maker, by whoever issued the certificate or evaluated for it, or signed as it stands by
    /// one of the last two; what a maker signed about something else shows nothing. A summary is a judgement, not what it rests on.
    pub(crate) fn hold(
        &mut self,
        joined: &'b Joined<'a>,
        asked: Asked<'_>,
        fact: &Fact<'a>,
        evaluators: &[&'a Party],
    ) -> bool {
        let Some(found) = certification(fact) else { return false };
        let own = evaluators.iter().flat_map(|party| joined.policy.roots(&party.id));
        let own: BTreeSet<&'a str> = own.chain(joined.policy.roots(&fact.party.id)).collect();
        let ground = self.0.entry(own).or_insert_with_key(|own| Ground::of(joined, asked, own));
        let is_cited = |report: &DigestSet| {
            let digests = report.computable().filter_map(|algorithm| report.by(algorithm));
            digests.into_iter().any(|digest| {
                ground.about.contains(digest.hex())
                    || ground.signers.iter().any(|party| joined.has_signed(party, digest.hex()))
            })
        };
        found.reports.iter().all(|report| joined.holds_evidence(report)) && found.reports.iter().any(is_cited)
    }
}

impl<'b> Ground<'b> {
    fn of<'a>(joined: &'b Joined<'a>, asked: Asked<'_>, own: &BTreeSet<&'a str>) -> Self {
        let is_own = |by: &Party| !joined.policy.roots(&by.id).is_disjoint(own);
        let signers = joined.policy.parties.values().filter(|party| is_own(party)).map(|party| party.id.as_str());
        let signers: BTreeSet<&str> = signers.collect();
        let is_ground = |by: &Party| matches!(by.kind.as_str(), "vendor" | "supplier") || signers.contains(&*by.id);
        let mut about: BTreeSet<&str> = BTreeSet::new();
        for fact in asked.heard(joined).map(|binding| binding.fact).filter(|fact| is_ground(fact.party)) {
            let judges = statement_of(fact).is_none_or(|statement| {
                matches!(
                    statement.predicate,
                    Predicate::Summary(_) | Predicate::Certification(_) | Predicate::Delivery(_)
                )
            });
            if !judges {
                about.insert(fact.id.hex());
                let carrier = joined.delivery.files.get(fact.file).filter(|_| joined.is_only_evidence(fact.file));
                about.extend(carrier.iter().flat_map(|file| file.digests.iter()).map(|digest| digest.hex()));
            }
        }
        // A signed document is about the node where it is an SBOM of it.
        let documents = joined.sboms_of(joined.plain(asked.node)).map(|(sbom, _)| sbom);
        let documents =
            documents.filter(|sbom| is_ground(sbom.party) && sbom.is_covered(|grants| asked.is_heard(grants)));
        let documents = documents.filter_map(|sbom| joined.delivery.files.get(joined.file_of(&sbom.id)?));
        about.extend(documents.flat_map(|file| file.digests.iter()).map(|digest| digest.hex()));
        Self { about, signers }
    }
}

/// Could a certificate be taken for what is asked? It names neither a resource nor a policy.
fn is_open_to_certificates(need: &VsaCheck) -> bool {
    need.resource.is_none() && need.policies.is_empty() && !need.properties.is_empty()
}

fn equivalent<'a>(
    joined: &Joined<'a>,
    fact: &Fact<'_>,
    found: &Certification,
    property: &str,
) -> Option<&'a Equivalence> {
    joined.policy.equivalences.iter().find(|e| {
        e.party == fact.party.id
            && e.scheme == found.scheme
            && Some(&e.statement) == found.level.as_ref()
            && e.to == *property
    })
}
