//! What a certificate is asked for itself: about what, under which scheme, by whom, for when, and not taken back.

use super::{
    ACCREDITATION, BASELINE, CONFIGURATION, Candidate, EXPIRED, ISSUED, ISSUER, LABORATORY, LEVEL, LIST, NOT_YET,
    OTHER_BYTES, PART, PRODUCT, REVOKED, SCOPE, STANDARD, SUSPENDED,
};
use crate::authenticate::{Claim, Fact, sigstore};
use crate::check::{Asked, some, some_names};
use crate::decode::{Certification, EntryKind, EntryState, Predicate, ScopeBinding};
use crate::join::Joined;
use crate::policy::{AcceptedScheme, CertificationBind, CertificationCheck, Product, Purl};
use crate::reason::{Reason, identifier};
use crate::time::Time;

/// So much later than what is known of it may a document date itself, in seconds: clocks differ.
const SKEW: i64 = 300;

/// Is it about this file (CERT-02, CERT-03, CERT-11, CERT-12)?
pub(super) fn what(
    joined: &Joined<'_>,
    check: &CertificationCheck,
    asked: Asked<'_>,
    candidate: &Candidate<'_, '_>,
    analysed: bool,
) -> Option<Reason> {
    let scope = &candidate.found.scope;
    let products = named(joined, check, asked, candidate);
    let certified = Purl::parse(&scope.product);
    // Qualifiers tell apart what is of one version; a certificate of the one is none of the other.
    let plain = certified.as_ref().filter(|certified| !certified.is_qualified());
    let same: Vec<&Product> =
        plain.iter().flat_map(|c| products.iter().copied().filter(|product| product.same_line(&c.product))).collect();
    let (Some(certified), false) = (plain, same.is_empty()) else {
        let reason = candidate.reason(&PRODUCT).evidence("found", &scope.product);
        return Some(reason.list("expected", some_names(asked.resources(joined).into_iter())));
    };
    if certified.is_part() && !check.parts {
        return Some(candidate.reason(&PART));
    }
    let is_of_bytes = candidate.is_bound && scope.binding == ScopeBinding::SubjectDigest;
    let version = |product: &Product| product.version().unwrap_or("none").to_owned();
    let baseline = || {
        let reason = candidate.reason(&BASELINE).evidence("certified", &version(&certified.product));
        reason.list("delivered", some(same.iter(), |product| identifier(&version(product))))
    };
    let fits = match check.bind {
        CertificationBind::Digest => is_of_bytes || analysed,
        CertificationBind::Version => is_of_bytes || analysed || scope.binding == ScopeBinding::VersionRange,
        CertificationBind::Process => true,
    };
    if !fits {
        // Of other bytes that it names, it is a certificate of another build; else it is of none.
        let of_others = !candidate.is_bound && scope.binding == ScopeBinding::SubjectDigest;
        return Some(match check.bind {
            _ if of_others && check.impact_analysis => baseline(),
            CertificationBind::Version if of_others => candidate.reason(&OTHER_BYTES),
            bind => candidate.reason(&SCOPE).name("found", scope.binding.name()).name("required", bind.name()),
        });
    }
    if check.bind == CertificationBind::Process
        || analysed
        || covers(candidate.found, &certified.product, &same, is_of_bytes)
    {
        return None;
    }
    Some(baseline())
}

/// By what the certificate may be found. Where it is not bound to the bytes, a name alone leads to it: a component's must then be shown by a
/// release, and nothing may call it a product of another line, under whose name other rules would be met.
fn named<'b>(
    joined: &'b Joined<'_>,
    check: &CertificationCheck,
    asked: Asked<'_>,
    candidate: &Candidate<'_, '_>,
) -> Vec<&'b Product> {
    let file = asked.node;
    if check.bind == CertificationBind::Digest || candidate.is_bound {
        return asked.resources(joined);
    }
    let known_as = asked.resources(joined);
    let proven: Vec<&Product> = joined.proven_products(file).filter(|product| known_as.contains(product)).collect();
    let of_one_line =
        |first: &&Product| joined.resources(file).all(|product| product.same_line(first)) || joined.is_artifact(file);
    if proven.first().is_some_and(of_one_line) { proven } else { Vec::new() }
}

/// Does it cover a version of what is delivered?
fn covers(found: &Certification, certified: &Product, delivered: &[&Product], is_of_bytes: bool) -> bool {
    let Some(version) = certified.version() else { return is_of_bytes }; // the whole line was meant
    let mut versions = delivered.iter().filter_map(|product| product.version()).peekable();
    // Where nobody states a version, the digest binds more closely than any.
    if versions.peek().is_none() {
        return is_of_bytes;
    }
    versions.any(|delivered| delivered == version || found.scope.versions.contains(delivered))
}

/// Is it the certificate that the scheme would have to give (CERT-04, CERT-05)?
pub(super) fn how(check: &CertificationCheck, accepted: &AcceptedScheme, candidate: &Candidate<'_, '_>) -> Vec<Reason> {
    let found = candidate.found;
    let mut reasons = Vec::new();
    let level = found.level.as_deref().unwrap_or("none");
    if !accepted.levels.is_empty() && !accepted.levels.iter().any(|known| known == level) {
        reasons.push(candidate.reason(&LEVEL).evidence("found", level).list("accepted", &accepted.levels));
    }
    let lacking: Vec<&String> = accepted.standards.iter().filter(|s| !found.scope.standards.contains(*s)).collect();
    if !lacking.is_empty() {
        let held = found.scope.standards.iter().map(|standard| identifier(standard));
        reasons.push(candidate.reason(&STANDARD).list("found", held).list("lacking", lacking));
    }
    if found.scope.part && !check.parts {
        reasons.push(candidate.reason(&PART));
    }
    let lacking: Vec<&String> =
        check.configuration.iter().filter(|wanted| !found.scope.configuration.contains(*wanted)).collect();
    if !lacking.is_empty() {
        reasons.push(candidate.reason(&CONFIGURATION).list("lacking", lacking));
    }
    reasons
}

/// Did somebody issue and evaluate it who was recognised then (CERT-01, CERT-06)?
pub(super) fn who(joined: &Joined<'_>, accepted: &AcceptedScheme, candidate: &Candidate<'_, '_>) -> Vec<Reason> {
    let (fact, found) = (candidate.fact, candidate.found);
    let issued = candidate.issued(joined.request.at);
    let mut reasons = Vec::new();
    if !fact.party.jurisdictions.contains(&found.jurisdiction) {
        reasons.push(candidate.reason(&ISSUER).evidence("found", &found.jurisdiction));
    }
    let accredited = fact.party.accreditation.as_ref();
    if let Some(required) = &accepted.accreditation
        && !accredited.is_some_and(|known| known.standard == *required && known.window.contains(issued))
    {
        reasons.push(candidate.reason(&ACCREDITATION).name("required", required).time("issued", issued));
    }
    if !accepted.laboratories.is_empty() {
        let known = accepted.laboratories.iter().filter_map(|id| joined.policy.parties.get(id)?.accreditation.as_ref());
        let fits =
            |number: &String| known.clone().any(|known| known.number == *number && known.window.contains(issued));
        if !found.laboratory.as_ref().is_some_and(fits) {
            let stated = found.laboratory.as_deref().unwrap_or("none");
            reasons.push(candidate.reason(&LABORATORY).evidence("found", stated).time("issued", issued));
        }
    }
    reasons
}

/// Was it valid at the instants that the rule names (CERT-07), and is it no later than what is known of it (T12)?
pub(super) fn when(
    joined: &Joined<'_>,
    check: &CertificationCheck,
    asked: Asked<'_>,
    candidate: &Candidate<'_, '_>,
) -> Vec<Reason> {
    let found = candidate.found;
    let (mut instants, mut reasons) = (Vec::new(), Vec::new());
    let known = candidate.fact.not_later_than.map_or(joined.request.at, |proven| proven.min(joined.request.at));
    if let Some(issued) = found.issued.filter(|issued| issued.second() > known.second().saturating_add(SKEW)) {
        reasons.push(candidate.reason(&ISSUED).time("issued", issued).time("instant", known));
    }
    if check.at_verification {
        instants.push(joined.request.at);
    }
    if check.at_release {
        match released(joined, asked) {
            Some(time) => instants.push(time),
            None => reasons.push(sigstore::unproven()),
        }
    }
    for instant in instants {
        if instant < found.from {
            reasons.push(candidate.reason(&NOT_YET).time("from", found.from).time("instant", instant));
        } else if instant > found.until {
            reasons.push(candidate.reason(&EXPIRED).time("until", found.until).time("instant", instant));
        }
    }
    reasons
}

/// When the file was released at the latest: the earliest proven time at which somebody released it.
fn released(joined: &Joined<'_>, asked: Asked<'_>) -> Option<Time> {
    let heard = asked.heard(joined).map(|binding| binding.fact);
    heard.filter(|fact| fact.claim.vouches()).filter(|fact| releases(fact)).filter_map(|fact| fact.not_later_than).min()
}

/// Does it release what it is about? A signature over the bytes alone does where it is their maker's: a laboratory signs what it has
/// looked at, long before anybody releases it.
pub(super) fn releases(fact: &Fact<'_>) -> bool {
    match &fact.claim {
        Claim::Statement(statement) => {
            matches!(statement.predicate, Predicate::Delivery(_) | Predicate::Release(_))
        }
        Claim::File(_) | Claim::Checksums(_) => matches!(fact.party.kind.as_str(), "vendor" | "supplier"),
        Claim::Layout(_) => false,
    }
}

/// Is it known that it was not taken back (CERT-07)?
pub(super) fn status(joined: &Joined<'_>, check: &CertificationCheck, candidate: &Candidate<'_, '_>) -> Vec<Reason> {
    let (fact, found) = (candidate.fact, candidate.found);
    // Any list of the policy can take a certificate away, and only its issuer's shows that nobody did.
    let mut reasons: Vec<Reason> = Vec::new();
    for (name, list) in &joined.known.lists {
        let about = |info| candidate.reason(info).name("list", name);
        reasons.extend(list.certificate(&found.name()).map(|entry| match entry.state {
            EntryState::Suspended => about(&SUSPENDED),
            state => about(&REVOKED).name("state", state.name()),
        }));
    }
    if check.status {
        let of_issuer = |by: &String| joined.policy.identities.iter().any(|i| i.id == *by && i.party == fact.party.id);
        let mut lists = joined.known.lists.values().map(|list| (list, list.policy));
        // A list that lists no certificates shows of none that it was not taken back.
        let shows = lists.find(|(_, policy)| {
            policy.list == found.status_list && of_issuer(&policy.by) && policy.scope.contains(&EntryKind::Certificate)
        });
        match shows {
            Some((list, _)) => reasons.extend(list.reasons.iter().cloned()),
            None => reasons.push(candidate.reason(&LIST).evidence("list", &found.status_list)),
        }
    }
    reasons
}
