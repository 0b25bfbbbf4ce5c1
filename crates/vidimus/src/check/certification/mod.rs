//! `certification`: an accepted certificate of an accepted scheme is about this file, valid then, and not taken back (CERT-01 to
//! CERT-12 of the project's facts about standards).

mod asked;
mod equivalence;
mod reports;

use std::collections::BTreeSet;

use super::{Answer, Asked, is_by, missing, some_names};
use crate::authenticate::{Claim, Fact};
use crate::decode::{Attribute, Certification, Content, Predicate, Statement};
use crate::digest::{Digest, DigestSet, Match};
use crate::join::{Joined, compare, statement_of};
use crate::policy::{AcceptedScheme, CertificationBind, CertificationCheck, Grant, Product};
use crate::reason::{Reason, ReasonInfo};
use crate::time::Time;

pub(super) use equivalence::{Grounds, as_properties, evaluators, unmapped};

crate::reasons! {
    SCHEME = "certification.scheme", Unproven, CertificationBody, ["accepted", "certificate", "found", "party"],
        says "{certificate} of {party}: certified under {found}; accepted are {accepted}",
        why "Schemes and their editions ask for different things; one does not stand for another unless the operator says so (CERT-05).",
        fix "Have the product certified under an accepted scheme and edition, or have the operator accept this one.";
    LEVEL = "certification.level", Unproven, CertificationBody, ["accepted", "certificate", "found", "party"],
        says "{certificate} of {party}: certified at the level {found}; accepted are {accepted}",
        why "Levels are the scheme's own; which of them are enough is the operator's word (CERT-05).",
        fix "Have the product certified at an accepted level.";
    STANDARD = "certification.standard", Unproven, CertificationBody, ["certificate", "found", "lacking", "party"],
        says "{certificate} of {party}: held against {found}, and not against {lacking}",
        why "A certificate speaks of the standards and editions that it lists and of no others (CERT-05).",
        fix "Have the product evaluated against the standards that the rule lists.";
    SCOPE = "certification.scope", Unproven, Vendor, ["certificate", "found", "party", "required"],
        says "{certificate} of {party}: it is bound by {found}; the rule asks for {required}",
        why "A certificate of a vendor's process, or of a range of versions, says nothing about these bytes (CERT-02, CERT-11, T31).",
        fix "Deliver the certificate of the build, with these bytes as its subject.";
    PRODUCT = "certification.product", Unproven, Vendor, ["certificate", "expected", "found", "party"],
        says "{certificate} of {party}: it is about {found}; the file is {expected}",
        why "A certificate covers the product that it names (CERT-03, T31).",
        fix "Deliver the certificate of this product.";
    BASELINE = "certification.baseline", Unproven, Vendor, ["certificate", "certified", "delivered", "party"],
        says "{certificate} of {party}: certified is version {certified}; delivered is {delivered}",
        why "Every change after the evaluation was not evaluated, however small (CERT-12).",
        fix "Have the delivered version certified, or covered by a maintenance report that the certificate lists; where the rule takes it, deliver the vendor's signed analysis of what has changed, with its report.";
    PART = "certification.part", Unproven, CertificationBody, ["certificate", "party"],
        says "{certificate} of {party}: only a part of the product was looked at",
        why "Of the rest nothing is known (CERT-04).",
        fix "Have the whole product certified, or have the operator accept parts with `parts = \"allow\"`.";
    CONFIGURATION = "certification.configuration", Unproven, Operator, ["certificate", "lacking", "party"],
        says "{certificate} of {party}: it does not list the configuration {lacking}",
        why "What was evaluated in one environment can fail in another (CERT-04).",
        fix "Use the evaluated configuration, or have this one certified.";
    ISSUER = "certification.issuer", Unproven, CertificationBody, ["certificate", "found", "party"],
        says "{certificate} of {party}: it names {found} as its issuer's jurisdiction, which is none of that party's",
        why "Who signed is known; if the certificate says somebody else issued it, one of the two is wrong (CERT-01).",
        fix "Have the body that issued the certificate sign it.";
    ACCREDITATION = "certification.accreditation", Unproven, CertificationBody, ["certificate", "issued", "party", "required"],
        says "{certificate} of {party}: the party was not known to be accredited ({required}) when it was issued, {issued}",
        why "A certificate is worth what its issuer was recognised to be able to do at that time (CERT-06).",
        fix "Have the operator record the accreditation of the issuer with its dates, after confirming it at its source.";
    LABORATORY = "certification.laboratory", Unproven, Laboratory, ["certificate", "found", "issued", "party"],
        says "{certificate} of {party}: evaluated by the laboratory with the accreditation {found}, which is none that the rule accepts for {issued}",
        why "Who evaluated, and whether it was accredited then, is what a certificate rests on (CERT-06).",
        fix "Have the product evaluated by an accepted laboratory.";
    NOT_YET = "certification.not-yet", Unproven, CertificationBody, ["certificate", "from", "instant", "party"],
        says "{certificate} of {party}: it is valid from {from}; asked is for {instant}",
        why "Before its first day a certificate says nothing (CERT-07, T29).",
        fix "Have the product certified for that time.";
    EXPIRED = "certification.expired", Unproven, CertificationBody, ["certificate", "instant", "party", "until"],
        says "{certificate} of {party}: it was valid until {until}; asked is for {instant}",
        why "After its last day nobody answers for it (CERT-07, T29).",
        fix "Have the certificate renewed.";
    LIST = "certification.status-unknown", Unproven, CertificationBody, ["certificate", "list", "party"],
        says "{certificate} of {party}: it would be taken back on the status list {list}, and the policy has no list of certificates with that name from its issuer",
        why "A certificate whose status nobody can look up could have been withdrawn yesterday (CERT-07, T30).",
        fix "Have the operator add the list of this issuer to the policy.";
    SUSPENDED = "certification.suspended", Unproven, CertificationBody, ["certificate", "list", "party"],
        says "{certificate} of {party}: the status list {list} says that it is suspended",
        why "A suspended certificate is still valid and does not count until its issuer says so (CERT-07).",
        fix "Wait until the issuer has decided.";
    REVOKED = "certification.revoked", Refuted, CertificationBody, ["certificate", "list", "party", "state"],
        says "{certificate} of {party}: the status list {list} says that it is {state}",
        why "Its issuer took it back (CERT-07, T30).",
        fix "Have the product certified anew.";
    REPORT = "certification.report-absent", Unproven, Vendor, ["absent", "certificate", "cited", "party"],
        says "{certificate} of {party}: of the {cited} reports that it cites these are not in the delivery: {absent}",
        why "The rule asks that everything the certificate rests on can be read (CERT-08), or that it conforms in full, and what is not there could say that it does not (CERT-09).",
        fix "Deliver the reports, exactly as the certificate names them.";
    NO_REPORT = "certification.no-report", Unproven, CertificationBody, ["certificate", "party"],
        says "{certificate} of {party}: it cites no report",
        why "The rule asks for what the certificate rests on (CERT-08, CERT-09).",
        fix "Have the certificate cite its reports, by digest.";
    UNREADABLE = "certification.report-unreadable", Unproven, Laboratory, ["certificate", "party", "report"],
        says "{certificate} of {party}: the report {report} is made for machines and cannot be read",
        why "A report that nobody reads could say that something does not conform. Declarations are read from CycloneDX in JSON, where each member is there once and has the type that the format gives it (CERT-09).",
        fix "Have the report issued as valid CycloneDX in JSON, and cite that.";
    CONFORMANCE = "certification.conformance", Unproven, Vendor, ["below", "certificate", "countered", "expired", "party", "unclaimed"],
        says "{certificate} of {party}: of what the reports map, {below} do not conform in full, {countered} have something held against them, {unclaimed} rest on no claim, and {expired} pieces of evidence had expired",
        why "A certificate can rest on a report that says \"not quite\" (CERT-09).",
        fix "Have what is open closed and the report issued anew.";
    UNRESOLVED = "certification.unresolved", Unproven, Laboratory, ["certificate", "count", "party"],
        says "{certificate} of {party}: {count} references in the reports lead nowhere",
        why "Evidence that cannot be found is no evidence (CERT-10).",
        fix "Have the report issued with everything that it refers to.";
    OWN_WORD = "certification.own-word", Unproven, Laboratory, ["certificate", "count", "party"],
        says "{certificate} of {party}: {count} attestations in the reports are not by a third party",
        why "The rule asks for somebody else's word than the vendor's (CERT-09).",
        fix "Have a third party assess.";
    EQUIVALENCE = "certification.equivalence", Unproven, Operator, ["certificate", "party", "property"],
        says "{certificate} of {party}: that such a certificate is taken for {property} is not in force at the time of the verdict",
        why "Foreign schemes change; what they are taken for was reviewed for a time (`verification.md` 2.9).",
        fix "Have the operator review the equivalence, and state its new time.";
    STALE = "certification.stale", Unproven, CertificationBody, ["certificate", "found", "limit", "party"],
        says "{certificate} of {party}: issued at {found}; at most {limit} days before the verdict are accepted",
        why "How old a word may be that stands for a laboratory's summary is the reader's rule.",
        fix "Have the product certified anew.";
    UNMAPPED = "certification.unmapped", Unproven, Operator, ["certificate", "level", "party", "property"],
        says "{certificate} of {party}: it is about the file, and no equivalence of the policy takes its level {level} for {property}",
        why "What a foreign certificate is worth is the operator's word; what is not mapped counts for nothing (`verification.md` 2.9).",
        fix "Get the summary that is asked for, or have the operator review what such a certificate is worth and add an `[[equivalence]]`.";
    ISSUED = "certification.issued-later", Unproven, CertificationBody, ["certificate", "instant", "issued", "party"],
        says "{certificate} of {party}: it says that it was issued at {issued}; it is there at {instant} already",
        why "What a document says of its own time must not be later than what is known of it; a date in the future would lie within any accreditation and never grow old (T12).",
        fix "Have the certificate signed with its true date of issue.";
    OTHER_BYTES = "certification.other-bytes", Unproven, Vendor, ["certificate", "party"],
        says "{certificate} of {party}: it is bound by digest, and to other bytes than these",
        why "A certificate that says which bytes it is about says nothing about others that are called the same (CERT-02, T31).",
        fix "Deliver the certificate of the build, or one that is issued for versions.";
    NO_DECLARATIONS = "certification.no-declarations", Unproven, Laboratory, ["certificate", "party"],
        says "{certificate} of {party}: no report has CycloneDX declarations, or one that has them maps no requirement",
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

impl Candidate<'_, '_> {
    /// A reason that says which certificate it is about.
    fn reason(&self, info: &'static ReasonInfo) -> Reason {
        about(info, self.fact, self.found)
    }

    fn issued(&self, at: Time) -> Time {
        issued(self.fact, self.found, at)
    }
}

pub(super) fn file(joined: &Joined<'_>, check: &CertificationCheck, asked: Asked<'_>) -> Answer {
    let (mut met, mut reasons) = (Vec::new(), Vec::new());
    let candidates = candidates(joined, check, asked);
    for candidate in &candidates {
        let analysis = analysis(joined, check, asked, candidate);
        let mut found = judge(joined, check, asked, candidate, analysis.is_some());
        if found.is_empty() {
            // Of him who signed, not of the document: others may have signed the same.
            found.extend(asked.lacks_certificate(candidate.fact, &candidate.fact.grants));
        }
        if found.is_empty() {
            met.extend(std::iter::once(candidate.fact).chain(analysis));
        }
        reasons.extend(found);
    }
    if !met.is_empty() {
        return Answer::met(met);
    }
    if candidates.is_empty() {
        reasons.extend(joined.near(asked.node).cloned());
        reasons.push(missing("certification", &[]));
    }
    Answer::not_met(reasons, missing("certification", &[]))
}

/// Is a rule that is met by this evidence met only by certificates of other builds with an analysis of what has changed?
pub(crate) fn is_by_analysis(joined: &Joined<'_>, check: &CertificationCheck, file: usize, by: &[Digest]) -> bool {
    let asked = Asked::of(file);
    let alone = |with: bool| {
        candidates(joined, check, asked).iter().filter(|candidate| by.contains(&candidate.fact.id)).any(|candidate| {
            let analysed = with && analysis(joined, check, asked, candidate).is_some();
            judge(joined, check, asked, candidate, analysed).is_empty()
        })
    };
    check.impact_analysis && !alone(false) && alone(true)
}

/// Certificates of these bytes, and, where the rule takes less, of other bytes by somebody who may certify the product.
fn candidates<'a, 'b>(joined: &'b Joined<'a>, check: &CertificationCheck, asked: Asked<'_>) -> Vec<Candidate<'a, 'b>> {
    let file = asked.node;
    // Whoever may certify one thing that a component is called is not heard about the others.
    let bound = joined.bindings(file).filter(|binding| asked.covers_all(joined, &binding.grants));
    let bound = bound.filter_map(|binding| {
        // Who is not heard at all is told why by `Asked::lacks_certificate`.
        let heard = asked.narrowed(&binding.grants);
        let grants = if heard.is_empty() { binding.grants.clone() } else { heard };
        let fact = binding.fact;
        Some(Candidate { fact, grants, found: certification(fact)?, is_bound: true })
    });
    let mut candidates: Vec<Candidate<'a, 'b>> = bound.collect();
    if check.bind == CertificationBind::Digest && !check.impact_analysis {
        return candidates;
    }
    let known: BTreeSet<&Digest> = candidates.iter().map(|candidate| &candidate.fact.id).collect();
    // What only an SBOM calls a component is a name, and no name shows what the bytes are (T21).
    let products: Vec<Product> = joined.proven_products(file).cloned().collect();
    let others = joined.certificates_of(&products).filter(|fact| !known.contains(&fact.id));
    let others = others.filter_map(|fact| {
        let grants: Vec<&Grant> = fact.covering(&products).collect();
        let heard = !grants.is_empty() && asked.covers_all(joined, &grants);
        heard.then_some(Candidate { fact, grants, found: certification(fact)?, is_bound: false })
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

/// When a certificate was issued at the latest: as it says, and not after what is known of it (T12).
fn issued(fact: &Fact<'_>, found: &Certification, at: Time) -> Time {
    let stated = found.issued.unwrap_or(found.from);
    fact.not_later_than.map_or(stated, |proven| stated.min(proven)).min(at)
}

/// Why a certificate is of none of `names`, if it is not; none at all asks for nothing.
pub(crate) fn of_another(fact: &Fact<'_>, names: &[&Product]) -> Option<Reason> {
    let found = certification(fact)?;
    let certified = Product::parse_claim(&found.scope.product);
    let is_one = names.is_empty() || certified.is_some_and(|certified| names.iter().any(|n| n.same_line(&certified)));
    (!is_one).then(|| {
        about(&PRODUCT, fact, found)
            .evidence("found", &found.scope.product)
            .list("expected", some_names(names.iter().copied()))
    })
}

/// Those of the grants that are for certificates of this one's scheme.
pub(crate) fn of_scheme<'a>(fact: &Fact<'_>, grants: &[&'a Grant]) -> Vec<&'a Grant> {
    let Some(found) = certification(fact) else { return grants.to_vec() };
    let is_for = |grant: &&&Grant| grant.schemes.is_empty() || grant.schemes.contains(&found.scheme);
    grants.iter().filter(is_for).copied().collect()
}

fn about(info: &'static ReasonInfo, fact: &Fact<'_>, found: &Certification) -> Reason {
    Reason::new(info).evidence("certificate", &found.name()).name("party", &fact.party.id)
}

/// The vendor's analysis of what has changed between the certified build and this one, with its report in the delivery (CERT-12).
fn analysis<'a, 'b>(
    joined: &'b Joined<'a>,
    check: &CertificationCheck,
    asked: Asked<'_>,
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
        attribute.name == MAINTAINED
            && of_certified(&attribute.target)
            && is_analysis(joined, candidate.found, &attribute.evidence)
    };
    asked.heard(joined).map(|binding| binding.fact).find(|fact| {
        let statement = statement_of(fact).map(|statement| &statement.predicate);
        matches!(statement, Some(Predicate::Attributes(attributes)) if attributes.iter().any(says))
            && is_maker(joined, asked, fact)
    })
}

/// Is it a document in the delivery that somebody could have written about the change: nothing that is signed for another end, and
/// nothing that the certificate rested on before?
fn is_analysis(joined: &Joined<'_>, certificate: &Certification, evidence: &DigestSet) -> bool {
    let accepted = &joined.policy.algorithms.digest_bind;
    joined.evidence_files(evidence).any(|file| {
        let is_document = matches!(
            file.content,
            Content::Ordinary | Content::Refused(_) | Content::Sbom(_) | Content::InvalidSbom(_) | Content::Vex(_)
        );
        let is_report = |report: &DigestSet| report.matches(&file.digests, accepted) == Match::Same;
        is_document && file.size > 0 && !certificate.reports.iter().any(is_report)
    })
}

/// Does the signer answer for the bytes: a vendor or supplier whose product it is, or who released them? Another supplier's word about
/// them is none (CERT-12).
fn is_maker(joined: &Joined<'_>, asked: Asked<'_>, fact: &Fact<'_>) -> bool {
    let party = fact.party;
    if !matches!(party.kind.as_str(), "vendor" | "supplier") {
        return false;
    }
    let roots = joined.policy.roots(&party.id);
    let releases =
        |other: &Fact<'_>| asked::releases(other) && !joined.policy.roots(&other.party.id).is_disjoint(&roots);
    party.owns(joined.proven_products(asked.node)) || asked.heard(joined).any(|binding| releases(binding.fact))
}

/// Everything that one certificate lacks. `analysed`: what has changed since the certified build was analysed.
fn judge(
    joined: &Joined<'_>,
    check: &CertificationCheck,
    node: Asked<'_>,
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
        let mut reasons = asked::how(check, accepted, candidate);
        reasons.extend(asked::who(joined, accepted, candidate));
        reasons
    });
    let Some(mut reasons) = each.min_by_key(Vec::len) else {
        return vec![other_scheme(check, candidate)];
    };
    reasons.extend(asked::what(joined, check, node, candidate, analysed));
    reasons.extend(asked::when(joined, check, node, candidate));
    reasons.extend(asked::status(joined, check, candidate));
    reasons.extend(reports::reports(joined, check, candidate));
    reasons
}

fn other_scheme(check: &CertificationCheck, candidate: &Candidate<'_, '_>) -> Reason {
    let shown = |scheme: &str, edition: Option<&str>| edition.map_or(scheme.to_owned(), |e| format!("{scheme}:{e}"));
    let accepted = check.any_of.iter().flat_map(|accepted| match accepted.editions.as_slice() {
        [] => vec![shown(&accepted.scheme, None)],
        editions => editions.iter().map(|edition| shown(&accepted.scheme, Some(edition))).collect(),
    });
    let found = candidate.found;
    let reason = candidate.reason(&SCHEME).evidence("found", &shown(&found.scheme, found.edition.as_deref()));
    reason.list("accepted", accepted)
}
