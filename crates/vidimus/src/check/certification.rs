//! `certification`: an accepted certificate of an accepted scheme is about this file, valid then, and not taken back (CERT-01 to
//! CERT-12 of the project's facts about standards).

use std::collections::BTreeSet;

use super::{Answer, is_by, missing, vsa};
use crate::authenticate::{Claim, Fact, sigstore};
use crate::decode::{
    Attribute, Certification, EntryState, Predicate, ScopeBinding, Statement, conformance, strict_json,
};
use crate::digest::{Digest, DigestSet, Match};
use crate::join::{Binding, Joined, compare, statement_of};
use crate::policy::{AcceptedScheme, CertificationBind, CertificationCheck, Equivalence, Grant, Product, VsaCheck};
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    SCHEME = "certification.scheme", Unproven, CertificationBody, ["accepted", "found"],
        says "certified under {found}; accepted are {accepted}",
        why "Schemes and their editions ask for different things; one does not stand for another unless the operator says so (CERT-05).",
        fix "Have the product certified under an accepted scheme and edition, or have the operator accept this one.";
    LEVEL = "certification.level", Unproven, CertificationBody, ["accepted", "found"],
        says "certified at the level {found}; accepted are {accepted}",
        why "Levels are the scheme's own; which of them are enough is the operator's word (CERT-05).",
        fix "Have the product certified at an accepted level.";
    STANDARD = "certification.standard", Unproven, CertificationBody, ["found", "lacking"],
        says "held against {found}, and not against {lacking}",
        why "A certificate speaks of the standards and editions that it lists and of no others (CERT-05).",
        fix "Have the product evaluated against the standards that the rule lists.";
    SCOPE = "certification.scope", Unproven, Vendor, ["found", "required"],
        says "the certificate is bound by {found}; the rule asks for {required}",
        why "A certificate of a vendor's process, or of a range of versions, says nothing about these bytes (CERT-02, CERT-11, T31).",
        fix "Deliver the certificate of the build, with these bytes as its subject.";
    PRODUCT = "certification.product", Unproven, Vendor, ["expected", "found"],
        says "the certificate is about {found}; the file is {expected}",
        why "A certificate covers the product that it names (CERT-03, T31).",
        fix "Deliver the certificate of this product.";
    BASELINE = "certification.baseline", Unproven, Vendor, ["certified", "delivered"],
        says "certified is version {certified}; delivered is {delivered}",
        why "Every change after the evaluation was not evaluated, however small (CERT-12).",
        fix "Have the delivered version certified, or covered by a maintenance report that the certificate lists; where the rule takes it, deliver the vendor's signed analysis of what has changed, with its report.";
    PART = "certification.part", Unproven, CertificationBody, [],
        says "only a part of the product was looked at",
        why "Of the rest nothing is known (CERT-04).",
        fix "Have the whole product certified, or have the operator accept parts with `parts = \"allow\"`.";
    CONFIGURATION = "certification.configuration", Unproven, Operator, ["lacking"],
        says "the certificate does not list the configuration {lacking}",
        why "What was evaluated in one environment can fail in another (CERT-04).",
        fix "Use the evaluated configuration, or have this one certified.";
    ISSUER = "certification.issuer", Unproven, CertificationBody, ["found", "party"],
        says "the certificate names {found} as its issuer's jurisdiction, which is none of {party}",
        why "Who signed is known; if the certificate says somebody else issued it, one of the two is wrong (CERT-01).",
        fix "Have the body that issued the certificate sign it.";
    ACCREDITATION = "certification.accreditation", Unproven, CertificationBody, ["issued", "party", "required"],
        says "{party} was not known to be accredited ({required}) when the certificate was issued, {issued}",
        why "A certificate is worth what its issuer was recognised to be able to do at that time (CERT-06).",
        fix "Have the operator record the accreditation of the issuer with its dates, after confirming it at its source.";
    LABORATORY = "certification.laboratory", Unproven, Laboratory, ["found", "issued"],
        says "evaluated by the laboratory with the accreditation {found}, which is none that the rule accepts for {issued}",
        why "Who evaluated, and whether it was accredited then, is what a certificate rests on (CERT-06).",
        fix "Have the product evaluated by an accepted laboratory.";
    NOT_YET = "certification.not-yet", Unproven, CertificationBody, ["from", "instant"],
        says "the certificate is valid from {from}; asked is for {instant}",
        why "Before its first day a certificate says nothing (CERT-07, T29).",
        fix "Have the product certified for that time.";
    EXPIRED = "certification.expired", Unproven, CertificationBody, ["instant", "until"],
        says "the certificate was valid until {until}; asked is for {instant}",
        why "After its last day nobody answers for it (CERT-07, T29).",
        fix "Have the certificate renewed.";
    LIST = "certification.status-unknown", Unproven, CertificationBody, ["list"],
        says "the certificate would be taken back on the status list {list}, which the policy does not have from this issuer",
        why "A certificate whose status nobody can look up could have been withdrawn yesterday (CERT-07, T30).",
        fix "Have the operator add the list of this issuer to the policy.";
    SUSPENDED = "certification.suspended", Unproven, CertificationBody, ["certificate", "list"],
        says "the status list {list} says that {certificate} is suspended",
        why "A suspended certificate is still valid and does not count until its issuer says so (CERT-07).",
        fix "Wait until the issuer has decided.";
    REVOKED = "certification.revoked", Refuted, CertificationBody, ["certificate", "list", "state"],
        says "the status list {list} says that {certificate} is {state}",
        why "Its issuer took it back (CERT-07, T30).",
        fix "Have the product certified anew.";
    REPORT = "certification.report-absent", Unproven, CertificationBody, ["absent", "cited"],
        says "the certificate cites {cited} reports, and {absent} of them are not in the delivery",
        why "The rule asks that everything the certificate rests on can be read (CERT-08).",
        fix "Deliver the reports, exactly as the certificate names them.";
    CONFORMANCE = "certification.conformance", Unproven, Vendor, ["below", "countered", "expired", "unclaimed"],
        says "of what the reports map, {below} do not conform in full, {countered} have something held against them, {unclaimed} rest on no claim, and {expired} pieces of evidence had expired",
        why "A certificate can rest on a report that says \"not quite\" (CERT-09).",
        fix "Have what is open closed and the report issued anew.";
    UNRESOLVED = "certification.unresolved", Unproven, Laboratory, ["count"],
        says "{count} references in the reports lead nowhere",
        why "Evidence that cannot be found is no evidence (CERT-10).",
        fix "Have the report issued with everything that it refers to.";
    OWN_WORD = "certification.own-word", Unproven, Laboratory, ["count"],
        says "{count} attestations in the reports are not by a third party",
        why "The rule asks for somebody else's word than the vendor's (CERT-09).",
        fix "Have a third party assess.";
    EQUIVALENCE = "certification.equivalence", Unproven, Operator, ["party", "property", "scheme"],
        says "that a certificate of {party} under {scheme} is taken for {property} is not in force at the time of the verdict",
        why "Foreign schemes change; what they are taken for was reviewed for a time (`verification.md` 2.9).",
        fix "Have the operator review the equivalence, and state its new time.";
    NO_DECLARATIONS = "certification.no-declarations", Unproven, Laboratory, [],
        says "no report of the certificate that is delivered holds CycloneDX declarations",
        why "The rule asks for conformance requirement by requirement, and there is nothing to read it from (CERT-09).",
        fix "Deliver the report as CycloneDX declarations, cited by digest.";
}

/// What a vendor asserts, in an SCAI attribute report about the delivered build, of the certified one (its `target`): what has changed
/// since does not touch what was certified. Its `evidence` is the analysis.
pub(crate) const MAINTAINED: &str = "CERTIFICATION_MAINTAINED";

/// A certificate that could be about a file.
struct Candidate<'a, 'b> {
    fact: &'b Fact<'a>,
    grants: Vec<&'a Grant>,
    found: &'b Certification,
    /// Is the file a subject of it, by digest?
    is_bound: bool,
}

pub(super) fn file(joined: &Joined<'_>, check: &CertificationCheck, file: usize) -> Answer {
    let (mut met, mut reasons) = (Vec::new(), Vec::new());
    let candidates = candidates(joined, check, file);
    for candidate in &candidates {
        let analysis = analysis(joined, check, file, candidate);
        let found = judge(joined, check, file, candidate, analysis.is_some());
        if found.is_empty() {
            met.extend(std::iter::once(candidate.fact).chain(analysis));
        }
        reasons.extend(found);
    }
    if !met.is_empty() {
        return Answer::met(met);
    }
    if candidates.is_empty() {
        reasons.extend(joined.near(file).cloned());
        reasons.push(missing("certification", &[]));
    }
    Answer::not_met(reasons, missing("certification", &[]))
}

/// Is the rule met, and only by certificates of other builds with an analysis of what has changed?
pub(crate) fn is_by_analysis(joined: &Joined<'_>, check: &CertificationCheck, file: usize) -> bool {
    let alone = |with: bool| {
        candidates(joined, check, file).iter().any(|candidate| {
            let analysed = with && analysis(joined, check, file, candidate).is_some();
            judge(joined, check, file, candidate, analysed).is_empty()
        })
    };
    check.impact_analysis && !alone(false) && alone(true)
}

/// Does an equivalence of the policy take the certificate for everything that `need` asks of a summary? `None` where it is no certificate, or
/// none that the policy takes for anything: it is dropped then, as if it were not there. Otherwise what it lacks.
pub(super) fn as_properties(
    joined: &Joined<'_>,
    need: &VsaCheck,
    file: usize,
    binding: &Binding<'_>,
) -> Option<Vec<Reason>> {
    let (fact, found) = (binding.fact, certification(binding.fact)?);
    if need.resource.is_some() || !need.policies.is_empty() || need.properties.is_empty() {
        return None;
    }
    let equal = |property: &String| {
        let is_it = |e: &&Equivalence| {
            e.party == fact.party.id
                && e.scheme == found.scheme
                && Some(&e.statement) == found.level.as_ref()
                && e.to == *property
        };
        joined.policy.equivalences.iter().find(is_it)
    };
    let equal: Vec<&Equivalence> = need.properties.iter().map(equal).collect::<Option<_>>()?;
    let at = joined.request.at;
    let party = |info| Reason::new(info).name("party", &fact.party.id);
    let mut reasons: Vec<Reason> = equal
        .iter()
        .filter(|equivalence| !equivalence.valid.contains(at))
        .map(|equivalence| party(&EQUIVALENCE).name("scheme", &equivalence.scheme).name("property", &equivalence.to))
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
    let candidate = Candidate { fact, grants: binding.grants.clone(), found, is_bound: true };
    reasons.extend(judge(joined, &check, file, &candidate, false));
    if let Some(limit) = need.max_age_days.map(i64::from)
        && at.second().saturating_sub(found.issued.second()) > limit.saturating_mul(86_400)
    {
        reasons.push(Reason::new(&vsa::STALE).time("found", found.issued).int("limit", limit));
    }
    Some(reasons)
}

/// Certificates of these bytes, and, where the rule takes less, of other bytes by somebody who may certify the product.
fn candidates<'a, 'b>(joined: &'b Joined<'a>, check: &CertificationCheck, file: usize) -> Vec<Candidate<'a, 'b>> {
    let bound = joined.bindings(file).filter_map(|binding| {
        let (fact, grants) = (binding.fact, binding.grants.clone());
        Some(Candidate { fact, grants, found: certification(fact)?, is_bound: true })
    });
    let mut candidates: Vec<Candidate<'a, 'b>> = bound.collect();
    if check.bind == CertificationBind::Digest && !check.impact_analysis {
        return candidates;
    }
    let known: BTreeSet<&Digest> = candidates.iter().map(|candidate| &candidate.fact.id).collect();
    let products: Vec<Product> = joined.resources(file).cloned().collect();
    let others = joined.certifications.iter().copied().filter(|fact| !known.contains(&fact.id));
    let others = others.filter_map(|fact| {
        let grants: Vec<&Grant> = fact.covering(&products).collect();
        (!grants.is_empty()).then_some(Candidate { fact, grants, found: certification(fact)?, is_bound: false })
    });
    let others: Vec<Candidate<'a, 'b>> = others.collect();
    candidates.extend(others);
    candidates
}

/// The certificate that a fact is.
fn certification<'b>(fact: &'b Fact<'_>) -> Option<&'b Certification> {
    match &fact.claim {
        Claim::Statement(Statement { predicate: Predicate::Certification(found), .. }) => Some(found),
        _ => None,
    }
}

/// The vendor's analysis of what has changed between the certified build and this one, with its report in the delivery (CERT-12).
fn analysis<'a, 'b>(
    joined: &'b Joined<'a>,
    check: &CertificationCheck,
    file: usize,
    candidate: &Candidate<'a, 'b>,
) -> Option<&'b Fact<'a>> {
    let Claim::Statement(certificate) = &candidate.fact.claim else { return None };
    if !check.impact_analysis || candidate.is_bound {
        return None;
    }
    let accepted = &joined.policy.algorithms.digest_bind;
    let of_certified = |target: &DigestSet| {
        certificate.subjects.iter().any(|subject| compare(target, &subject.digest, accepted) == Match::Same)
    };
    let says = |attribute: &Attribute| {
        attribute.name == MAINTAINED && of_certified(&attribute.target) && joined.holds_evidence(&attribute.evidence)
    };
    joined.bindings(file).map(|binding| binding.fact).find(|fact| {
        let is_maker = matches!(fact.party.kind.as_str(), "vendor" | "supplier");
        let statement = statement_of(fact).map(|statement| &statement.predicate);
        is_maker && matches!(statement, Some(Predicate::Attributes(attributes)) if attributes.iter().any(says))
    })
}

/// Everything that one certificate lacks. `analysed`: what has changed since the certified build was analysed.
fn judge(
    joined: &Joined<'_>,
    check: &CertificationCheck,
    file: usize,
    candidate: &Candidate<'_, '_>,
    analysed: bool,
) -> Vec<Reason> {
    let (fact, found) = (candidate.fact, candidate.found);
    let of_scheme = |accepted: &&AcceptedScheme| {
        accepted.scheme == found.scheme
            && is_by(&accepted.by, fact)
            && candidate.grants.iter().any(|grant| grant.schemes.is_empty() || grant.schemes.contains(&found.scheme))
            && (accepted.editions.is_empty() || found.edition.as_ref().is_some_and(|e| accepted.editions.contains(e)))
    };
    // Of several entries for one scheme the one under which it lacks least counts.
    let each = check.any_of.iter().filter(of_scheme).map(|accepted| {
        let mut reasons = how(check, accepted, found);
        reasons.extend(who(joined, accepted, fact, found));
        reasons
    });
    let Some(mut reasons) = each.min_by_key(Vec::len) else {
        return vec![other_scheme(check, found)];
    };
    reasons.extend(what(joined, check, file, candidate, analysed));
    reasons.extend(when(joined, check, file, found));
    reasons.extend(status(joined, check, fact, found));
    reasons.extend(reports(joined, check, found));
    reasons
}

fn other_scheme(check: &CertificationCheck, found: &Certification) -> Reason {
    let shown = |scheme: &str, edition: Option<&str>| edition.map_or(scheme.to_owned(), |e| format!("{scheme}:{e}"));
    let accepted = check.any_of.iter().flat_map(|accepted| match accepted.editions.as_slice() {
        [] => vec![shown(&accepted.scheme, None)],
        editions => editions.iter().map(|edition| shown(&accepted.scheme, Some(edition))).collect(),
    });
    let reason = Reason::new(&SCHEME).evidence("found", &shown(&found.scheme, found.edition.as_deref()));
    reason.list("accepted", accepted)
}

/// Is it about this file (CERT-02, CERT-03, CERT-11, CERT-12)?
fn what(
    joined: &Joined<'_>,
    check: &CertificationCheck,
    file: usize,
    candidate: &Candidate<'_, '_>,
    analysed: bool,
) -> Option<Reason> {
    let scope = &candidate.found.scope;
    let products: Vec<&Product> = joined.resources(file).collect();
    let certified = Product::parse_claim(&scope.product);
    let same = certified.as_ref().and_then(|c| products.iter().copied().find(|product| product.same_line(c)));
    let (Some(certified), Some(product)) = (&certified, same) else {
        let shown: Vec<String> = products.iter().map(ToString::to_string).collect();
        let reason = Reason::new(&PRODUCT).evidence("found", &scope.product);
        return Some(reason.list("expected", shown));
    };
    let fits = match check.bind {
        CertificationBind::Digest => (candidate.is_bound && scope.binding == ScopeBinding::SubjectDigest) || analysed,
        CertificationBind::Version => scope.binding != ScopeBinding::ProcessOnly,
        CertificationBind::Process => true,
    };
    let version = |version: Option<&str>| version.unwrap_or("none").to_owned();
    let baseline = || {
        let reason = Reason::new(&BASELINE).evidence("certified", &version(certified.version()));
        reason.evidence("delivered", &version(product.version()))
    };
    if !fits || scope.binding == ScopeBinding::ProcessOnly && check.bind != CertificationBind::Process {
        // Of other bytes that it names, it is a certificate of another build; else it is of none.
        if check.impact_analysis && !candidate.is_bound && scope.binding == ScopeBinding::SubjectDigest {
            return Some(baseline());
        }
        let required = check.bind.name();
        return Some(Reason::new(&SCOPE).name("found", scope.binding.name()).name("required", required));
    }
    if check.bind == CertificationBind::Process || analysed {
        return None;
    }
    let covers = match (certified.version(), product.version()) {
        // The digest binds more closely than any version; the whole line was meant.
        (None, _) => candidate.is_bound && scope.binding == ScopeBinding::SubjectDigest,
        (Some(certified), Some(version)) => certified == version || scope.versions.contains(version),
        (Some(_), None) => false,
    };
    (!covers).then(baseline)
}

/// Is it the certificate that the scheme would have to give (CERT-04, CERT-05)?
fn how(check: &CertificationCheck, accepted: &AcceptedScheme, found: &Certification) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let level = found.level.as_deref().unwrap_or("none");
    if !accepted.levels.is_empty() && !accepted.levels.iter().any(|known| known == level) {
        reasons.push(Reason::new(&LEVEL).evidence("found", level).list("accepted", &accepted.levels));
    }
    let lacking: Vec<&String> = accepted.standards.iter().filter(|s| !found.scope.standards.contains(*s)).collect();
    if !lacking.is_empty() {
        let held = found.scope.standards.iter().map(|standard| crate::reason::identifier(standard));
        reasons.push(Reason::new(&STANDARD).list("found", held).list("lacking", lacking));
    }
    if found.scope.part && !check.parts {
        reasons.push(Reason::new(&PART));
    }
    let lacking: Vec<&String> =
        check.configuration.iter().filter(|wanted| !found.scope.configuration.contains(*wanted)).collect();
    if !lacking.is_empty() {
        reasons.push(Reason::new(&CONFIGURATION).list("lacking", lacking));
    }
    reasons
}

/// Did somebody issue and evaluate it who was recognised then (CERT-01, CERT-06)?
fn who(joined: &Joined<'_>, accepted: &AcceptedScheme, fact: &Fact<'_>, found: &Certification) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if !fact.party.jurisdictions.contains(&found.jurisdiction) {
        let reason = Reason::new(&ISSUER).evidence("found", &found.jurisdiction);
        reasons.push(reason.name("party", &fact.party.id));
    }
    let accredited = fact.party.accreditation.as_ref();
    if let Some(required) = &accepted.accreditation
        && !accredited.is_some_and(|known| known.standard == *required && known.window.contains(found.issued))
    {
        let reason = Reason::new(&ACCREDITATION).name("party", &fact.party.id).name("required", required);
        reasons.push(reason.time("issued", found.issued));
    }
    if !accepted.laboratories.is_empty() {
        let known = accepted.laboratories.iter().filter_map(|id| joined.policy.parties.get(id)?.accreditation.as_ref());
        let fits =
            |number: &String| known.clone().any(|known| known.number == *number && known.window.contains(found.issued));
        if !found.laboratory.as_ref().is_some_and(fits) {
            let stated = found.laboratory.as_deref().unwrap_or("none");
            reasons.push(Reason::new(&LABORATORY).evidence("found", stated).time("issued", found.issued));
        }
    }
    reasons
}

/// Was it valid at the instants that the rule names (CERT-07)?
fn when(joined: &Joined<'_>, check: &CertificationCheck, file: usize, found: &Certification) -> Vec<Reason> {
    let mut instants: Vec<Time> = Vec::new();
    let mut reasons = Vec::new();
    if check.at_verification {
        instants.push(joined.request.at);
    }
    if check.at_release {
        match released(joined, file) {
            Some(time) => instants.push(time),
            None => reasons.push(sigstore::unproven()),
        }
    }
    for instant in instants {
        if instant < found.from {
            reasons.push(Reason::new(&NOT_YET).time("from", found.from).time("instant", instant));
        } else if instant > found.until {
            reasons.push(Reason::new(&EXPIRED).time("until", found.until).time("instant", instant));
        }
    }
    reasons
}

/// When the file was released at the latest: the earliest proven time of a statement that releases it.
fn released(joined: &Joined<'_>, file: usize) -> Option<Time> {
    let releases = |fact: &&Fact<'_>| match &fact.claim {
        Claim::Statement(statement) => {
            matches!(statement.predicate, Predicate::Delivery(_) | Predicate::Release(_))
        }
        Claim::File(_) | Claim::Checksums(_) => true,
        Claim::Layout(_) => false,
    };
    joined.vouching(file).filter(releases).filter_map(|fact| fact.not_later_than).min()
}

/// Is it known that it was not taken back (CERT-07)?
fn status(joined: &Joined<'_>, check: &CertificationCheck, fact: &Fact<'_>, found: &Certification) -> Vec<Reason> {
    // Any list of the policy can take a certificate away, and only its issuer's shows that nobody did.
    let mut reasons: Vec<Reason> = Vec::new();
    for (name, list) in &joined.known.lists {
        let about = |info| Reason::new(info).name("list", name).evidence("certificate", &found.name());
        reasons.extend(list.certificate(&found.name()).map(|entry| match entry.state {
            EntryState::Suspended => about(&SUSPENDED),
            state => about(&REVOKED).name("state", state.name()),
        }));
    }
    if check.status {
        let of_issuer = |by: &String| joined.policy.identities.iter().any(|i| i.id == *by && i.party == fact.party.id);
        let mut lists = joined.known.lists.values();
        match lists.find(|list| list.policy.list == found.status_list && of_issuer(&list.policy.by)) {
            Some(list) => reasons.extend(list.reasons.iter().cloned()),
            None => reasons.push(Reason::new(&LIST).evidence("list", &found.status_list)),
        }
    }
    reasons
}

/// Is what it rests on there, and does it say yes (CERT-08 to CERT-10)?
fn reports(joined: &Joined<'_>, check: &CertificationCheck, found: &Certification) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if check.reports {
        let present = found.reports.iter().filter(|digests| joined.holds_evidence(digests)).count();
        if found.reports.is_empty() || present < found.reports.len() {
            let reason = Reason::new(&REPORT).int("cited", found.reports.len() as u64);
            reasons.push(reason.int("absent", (found.reports.len() - present) as u64));
        }
    }
    let Some(third_party) = check.conformance else { return reasons };
    let read = |digests: &DigestSet| {
        let accepted = &joined.policy.algorithms.digest_bind;
        let mut files = joined.delivery.files.iter();
        let file = files.find(|file| digests.matches(&file.digests, accepted) == Match::Same)?;
        conformance(&strict_json(file.bytes.as_deref()?)?, joined.request.at)
    };
    let all: Vec<_> = found.reports.iter().filter_map(read).collect();
    if all.iter().all(|report| report.mapped == 0) {
        reasons.push(Reason::new(&NO_DECLARATIONS));
    }
    for report in all {
        if report.below + report.countered + report.unclaimed + report.expired > 0 {
            let reason = Reason::new(&CONFORMANCE).int("below", report.below).int("countered", report.countered);
            reasons.push(reason.int("unclaimed", report.unclaimed).int("expired", report.expired));
        }
        if report.unresolved > 0 {
            reasons.push(Reason::new(&UNRESOLVED).int("count", report.unresolved));
        }
        if third_party && report.own_word > 0 {
            reasons.push(Reason::new(&OWN_WORD).int("count", report.own_word));
        }
    }
    reasons
}
