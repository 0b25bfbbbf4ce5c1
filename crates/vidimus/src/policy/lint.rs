//! What is legal in a policy and doubtful. A lint never stops anything; it says where the policy may not mean what it seems to.

use std::collections::BTreeSet;

use super::{
    Check, Grant, Identity, IdentityKind, LogKey, Need, Party, PartyRef, Policy, ProvenanceCheck, RepositoryMatch,
    Role, SbomCheck, SbomCompletenessCheck,
};
use crate::authenticate::keys::PublicKey;
use crate::authenticate::sigstore::Root;
use crate::reason::{Reason, ReasonInfo};

crate::reasons! {
    EVERY_PRODUCT = "lint.grant-without-products", Unproven, Operator, ["grant"],
        says "{grant} is about every product",
        why "Its identities are believed whatever the delivery claims to be; every verdict carries the caveat.",
        fix "Add `products`, or keep it for a party that may speak about everything.";
    NO_WINDOW = "lint.identity-without-window", Unproven, Operator, ["identity"],
        says "{identity} counts for ever",
        why "A key without `valid` or `compromised_from` is believed whenever it signed, also after it was retired.",
        fix "Add `valid` with an `instance` that proves the time of signing, and raise the policy's version when the key changes.";
    TIME_NEVER_PROVEN = "lint.time-never-proven", Unproven, Operator, ["identity"],
        says "nothing can prove when {identity} signed, so none of its signatures counts",
        why "A window is compared with proven signing time alone; without an instance, whose logs and timestamp authorities prove it, there is none.",
        fix "Name an `instance`, or remove `valid`, `compromised_from` and the algorithm's `sunset`.";
    NO_GRANT = "lint.identity-without-grant", Unproven, Operator, ["identity"],
        says "{identity} may say nothing",
        why "No grant names it, so its signatures are never believed.",
        fix "Grant it something, or remove it.";
    NO_IDENTITY = "lint.party-without-identity", Unproven, Operator, ["party"],
        says "{party} has no identity and owns or hosts nobody",
        why "It appears in the policy and can have no influence.",
        fix "Add its key or certificate identity, or remove it.";
    UNUSED_GRANT = "lint.grant-not-needed", Unproven, Operator, ["grant"],
        says "no rule needs what {grant} lets its identities say",
        why "Trust that nothing needs can only do harm.",
        fix "Remove the grant, or add the rule that was meant.";
    LAYOUT_OR_FILE = "lint.layout-by-file-signature", Unproven, Operator, ["identity"],
        says "{identity} may sign layouts of in-toto and plain files, with one key",
        why "A metablock is signed over the JSON of its layout and nothing else. A signature over a file with these bytes is one over the layout, so whoever gets a file signed can get a layout signed.",
        fix "Sign layouts with a key of their own, and grant `layout` to that key alone.";
    IDLE_BUILDERS = "lint.builders-without-provenance", Unproven, Operator, ["grant"],
        says "{grant} names builders and does not allow `provenance`",
        why "Builders and build types mean something in provenance alone.",
        fix "Add `provenance` to `may`, or remove `builders` and `build_types`.";
    UNUSED_CLASS = "lint.class-not-used", Unproven, Operator, ["class"],
        says "no rule can use the class {class}",
        why "It holds components, or another class takes every file before it; nothing is asked of it.",
        fix "Remove the class, or give it a role and products by which it holds files.";
    UNUSED_INSTANCE = "lint.instance-not-used", Unproven, Operator, ["instance"],
        says "no identity uses the instance {instance}",
        why "A trusted root that nobody needs is one more to keep current.",
        fix "Remove it, or name it in the identities that need it.";
    NO_CERTIFICATE_LOG = "lint.root-without-certificate-log", Unproven, Operator, ["instance"],
        says "the trusted root of {instance} lists no certificate transparency log",
        why "Certificates need no SCT then; nobody would notice one that was issued to somebody else.",
        fix "If the instance runs such a log, use a trusted root that lists it.";
    NO_LOG = "lint.root-without-log", Unproven, Operator, ["instance"],
        says "the trusted root of {instance} lists no transparency log",
        why "Signatures are then proven by timestamps alone, and nobody else can see what was signed.",
        fix "If the instance runs a log, use a trusted root that lists it.";
    SKIPPED = "lint.root-entries-skipped", Unproven, Operator, ["entries", "instance"],
        says "{entries} entries of the trusted root of {instance} have a key type that is not supported",
        why "Nothing verifies against them; evidence that needs them is not believed.",
        fix "Nothing, unless a delivery is refused for it.";
    OPEN_WORLD = "lint.open-world", Unproven, Operator, [],
        says "no rule asks that every file is accounted for",
        why "A file that no statement mentions could be added to a delivery (T1); only the other rules stand against it.",
        fix "Add a rule with `check = \"inventory\"` and `closed_world = true`.";
    NO_SOURCE = "lint.provenance-without-source", Unproven, Operator, ["rule"],
        says "{rule} accepts builds of any repository",
        why "Builder and signer are checked, and not what was built: a build of other source would do (T5).",
        fix "Add `repository`, or parameters that name the source.";
    SEVERAL_DELIVERERS = "lint.several-deliverers", Unproven, Operator, ["parties"],
        says "several parties may say what a whole delivery is: {parties}",
        why "The delivery statement with the highest sequence counts, whichever of them signed it; a supplier could outbid the vendor.",
        fix "Grant `delivery` to one party for each product, or give the grants products that do not overlap.";
    ANY_STATEMENT = "lint.release-by-any-statement", Unproven, Operator, ["kinds", "rule"],
        says "{rule} is met by every kind of accepted statement, also by {kinds}",
        why "A test result or a vulnerability report about a file is no word for it; it may even say that the file failed.",
        fix "Add `accept` with the kinds that release a file.";
    IDLE_VERIFIERS = "lint.verifiers-without-summary", Unproven, Operator, ["grant"],
        says "{grant} names verifiers and allows neither `vsa` nor `svr`",
        why "Verifiers mean something in summaries of verification alone.",
        fix "Add `vsa` or `svr` to `may`, or remove `verifiers`.";
    UNASKED_LIST = "lint.status-list-not-asked", Unproven, Operator, ["list"],
        says "no rule asks for the status list {list}",
        why "What it lists counts when it is there. That it is missing or old, nobody would notice (T30).",
        fix "Name it in a rule with `check = \"status\"`, or remove it.";
    ONE_APPROVAL = "lint.waiver-one-approval", Unproven, Operator, [],
        says "one approval is enough for a waiver",
        why "Whoever wants a delivery to pass can then let it pass alone (T37).",
        fix "Set `waiver_rules.approvals.threshold` to two or more.";
    IDLE_WAIVER = "lint.waiver-outside-window", Unproven, Operator, ["waiver"],
        says "{waiver} is never in force while the policy is",
        why "A waiver that does nothing today does something the day that somebody changes the policy's window.",
        fix "Remove the waiver.";
    OWN_SUPPLIER = "lint.delegate-owns-supplier", Unproven, Operator, ["delegation", "party"],
        says "{delegation} lets a party vouch for {party}, with which it shares an owner",
        why "Whoever vouches for its own subsidiary vouches for itself.",
        fix "Ask for evidence of the supplier's own, or accept it knowingly.";
    UNUSED_DELEGATION = "lint.delegation-not-used", Unproven, Operator, ["delegation"],
        says "no rule asks for {delegation}",
        why "A delegation that no rule uses lets nobody say anything; it may be that a rule was meant to.",
        fix "Add a rule with `check = \"delegated\"`, or remove the delegation.";
    IDLE_EQUIVALENCE = "lint.equivalence-outside-window", Unproven, Operator, ["property"],
        says "an equivalence that leads to {property} is never in force while the policy is",
        why "What was reviewed for another time counts for nothing, and looks as if it did.",
        fix "Review it again and state its new time, or remove it.";
    OWN_CERTIFIER = "lint.certifier-of-vendor", Unproven, Operator, ["maker", "party", "rule"],
        says "{rule} takes certificates of {party}, or evaluated by it, and it shares an owner with {maker}",
        why "A certificate counts whoever owns its body or its laboratory. A vendor whose group has one certifies itself (T22).",
        fix "Name bodies in `by` and laboratories in `laboratories` that belong to nobody who is certified, or accept it knowingly.";
    WIDE_REPOSITORY = "lint.repository-prefix-wide", Unproven, Operator, ["rule"],
        says "{rule} accepts every repository of a whole host",
        why "On a public host that is everybody's code.",
        fix "Add the owner to the prefix, unless the host is the vendor's own.";
}

/// One doubtful thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lint {
    /// Code and arguments; `sentence()` says it, `info()` says why and what to do.
    pub reason: Reason,
}

impl Lint {
    /// Its code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.reason.code()
    }

    /// It in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.reason.sentence()
    }
}

/// Everything doubtful in `policy`, sorted by code and argument.
#[must_use]
pub fn lint(policy: &Policy) -> Vec<Lint> {
    let mut found = Vec::new();
    grants(policy, &mut found);
    identities(policy, &mut found);
    instances(policy, &mut found);
    rules(policy, &mut found);
    releases(policy, &mut found);
    waivers(policy, &mut found);
    lists(policy, &mut found);
    delegations(policy, &mut found);
    equivalences(policy, &mut found);
    certifiers(policy, &mut found);
    let mut lints: Vec<Lint> = found.into_iter().map(|reason| Lint { reason }).collect();
    lints.sort();
    lints.dedup();
    lints
}

fn named(info: &'static ReasonInfo, arg: &'static str, name: &str) -> Reason {
    Reason::new(info).name(arg, name)
}

fn grants(policy: &Policy, found: &mut Vec<Reason>) {
    for grant in &policy.grants {
        if grant.products.is_none() {
            found.push(named(&EVERY_PRODUCT, "grant", &grant.id));
        }
        if !policy.rules.iter().any(|rule| needs(policy, &rule.check, grant)) {
            found.push(named(&UNUSED_GRANT, "grant", &grant.id));
        }
        let has_builders = !grant.builders.is_empty() || !grant.build_types.is_empty();
        if has_builders && !says(policy, grant, "provenance") {
            found.push(named(&IDLE_BUILDERS, "grant", &grant.id));
        }
        if !grant.verifiers.is_empty() && !["vsa", "svr"].iter().any(|alias| says(policy, grant, alias)) {
            found.push(named(&IDLE_VERIFIERS, "grant", &grant.id));
        }
    }
}

/// Does the grant allow a statement of that alias?
fn says(policy: &Policy, grant: &Grant, alias: &str) -> bool {
    policy.predicates.get(alias).is_some_and(|types| types.iter().any(|t| grant.predicate_types.contains(t)))
}

/// Could the check be met by something that the grant allows?
fn needs(policy: &Policy, check: &Check, grant: &Grant) -> bool {
    let says = |alias: &str| says(policy, grant, alias);
    let by = |by: &[PartyRef]| {
        let parties = policy.identities.iter().filter(|identity| grant.identities.contains(&identity.id));
        let mut parties = parties.filter_map(|identity| policy.parties.get(&identity.party));
        by.is_empty() || parties.any(|party| by.iter().any(|reference| reference.is(party)))
    };
    match check {
        Check::Inventory(inventory) => inventory.closed_world || says("delivery"),
        Check::Release(release) => {
            let kind = release.accept.is_empty()
                || (release.file && grant.file)
                || grant.predicate_types.iter().any(|t| release.predicate_types.contains(t));
            kind && by(&release.by)
        }
        Check::Vsa(vsa) if certifies(policy, grant, &vsa.properties) => true,
        Check::Vsa(vsa) => grant.predicate_types.iter().any(|t| vsa.predicate_types.contains(t)) && by(&vsa.by),
        Check::Vulns(vulns) => says("vulns") && by(&vulns.by) || (grant.vex || says("vex")) && by(&vulns.triage_by),
        Check::Provenance(provenance) => says("provenance") && by(&provenance.by),
        Check::Sbom(SbomCheck { by: parties, .. })
        | Check::SbomCompleteness(SbomCompletenessCheck { by: parties, .. }) => {
            (grant.sbom || says("sbom") || says("delivery")) && by(parties)
        }
        Check::Status(check) => {
            let by =
                |name: &String| policy.status_lists.get(name).is_some_and(|list| grant.identities.contains(&list.by));
            says("status") && check.lists.iter().any(by)
        }
        Check::NoRollback(_) => says("delivery"),
        Check::Certification(check) => {
            says("certification") && check.any_of.iter().any(|accepted| by(&accepted.by))
                || check.impact_analysis && says("scai")
        }
        Check::Origin(check) => says("origin") && by(&check.by) || check.or_rebuilt && says("provenance"),
        Check::ComponentIdentity(parties) => (says("release") || says("publish")) && by(parties),
        Check::Layout(check) => grant.layout && by(&check.by),
        Check::Source(_) => says("vsa") || says("provenance"),
        Check::Delegated(id) => policy.delegation(id).is_some_and(|delegation| {
            grant.predicate_types.iter().any(|t| delegation.predicate_types.contains(t))
                && by(&[PartyRef::Id(delegation.to.clone())])
        }),
        Check::Quorum(check) => match &check.need {
            Need::Summary(vsa) if certifies(policy, grant, &vsa.properties) => true,
            Need::Summary(vsa) => grant.predicate_types.iter().any(|t| vsa.predicate_types.contains(t)) && by(&vsa.by),
            Need::Rebuild { provenance, .. } => (says("provenance") || says("rebuild-cmp")) && by(&provenance.by),
        },
        // Components are found through SBOMs, as parts of what they are about.
        Check::Components(_) => says("sbom") || grant.sbom,
        // They ask how something is signed that another rule asks for.
        Check::TrustedTime(_) | Check::Transparency(_) => false,
        Check::AnyOf(branches) => branches.iter().any(|branch| needs(policy, branch, grant)),
    }
}

/// Does the grant let somebody certify what the operator takes for one of these properties?
fn certifies(policy: &Policy, grant: &Grant, properties: &[String]) -> bool {
    let own = |party: &String| {
        policy.identities.iter().any(|identity| identity.party == *party && grant.identities.contains(&identity.id))
    };
    says(policy, grant, "certification")
        && policy.equivalences.iter().any(|e| properties.contains(&e.to) && own(&e.party))
}

fn equivalences(policy: &Policy, found: &mut Vec<Reason>) {
    let idle = |equivalence: &&super::Equivalence| {
        let ended = policy.window.from.zip(equivalence.valid.until).is_some_and(|(from, until)| until < from);
        ended || policy.window.until.zip(equivalence.valid.from).is_some_and(|(until, from)| until < from)
    };
    found.extend(policy.equivalences.iter().filter(idle).map(|e| named(&IDLE_EQUIVALENCE, "property", &e.to)));
}

/// Bodies and laboratories that belong to a vendor or supplier, or own one.
fn certifiers(policy: &Policy, found: &mut Vec<Reason>) {
    let makers = || policy.parties.values().filter(|party| matches!(party.kind.as_str(), "vendor" | "supplier"));
    for rule in &policy.rules {
        let leaves = rule.check.leaves();
        let accepted =
            leaves.filter_map(|check| if let Check::Certification(c) = check { Some(&c.any_of) } else { None });
        for accepted in accepted.flatten() {
            let certifies = |party: &&Party| {
                let own = |grant: &Grant| {
                    policy.identities.iter().any(|i| i.party == party.id && grant.identities.contains(&i.id))
                };
                (accepted.by.is_empty() || accepted.by.iter().any(|by| by.is(party)))
                    && policy.grants.iter().any(|grant| says(policy, grant, "certification") && own(grant))
            };
            let evaluates = |party: &&Party| match accepted.laboratories.as_slice() {
                [] => party.kind == "laboratory" && party.accreditation.is_some(),
                listed => listed.contains(&party.id),
            };
            for party in policy.parties.values().filter(|party| certifies(party) || evaluates(party)) {
                let roots = policy.roots(&party.id);
                for maker in makers().filter(|maker| !policy.roots(&maker.id).is_disjoint(&roots)) {
                    found.push(
                        named(&OWN_CERTIFIER, "rule", &rule.id).name("party", &party.id).name("maker", &maker.id),
                    );
                }
            }
        }
    }
}

fn delegations(policy: &Policy, found: &mut Vec<Reason>) {
    for delegation in &policy.delegations {
        let owners = policy.roots(&delegation.to);
        for party in delegation.about_suppliers.iter().filter(|party| !policy.roots(party).is_disjoint(&owners)) {
            found.push(named(&OWN_SUPPLIER, "delegation", &delegation.id).name("party", party));
        }
        let asks = |check: &Check| matches!(check, Check::Delegated(id) if *id == delegation.id);
        let used = |check: &Check| asks(check) || matches!(check, Check::AnyOf(branches) if branches.iter().any(asks));
        if !policy.rules.iter().any(|rule| used(&rule.check)) {
            found.push(named(&UNUSED_DELEGATION, "delegation", &delegation.id));
        }
    }
}

fn identities(policy: &Policy, found: &mut Vec<Reason>) {
    for identity in &policy.identities {
        let id = &identity.id;
        let own = || policy.grants.iter().filter(|grant| grant.identities.contains(id));
        if own().next().is_none() {
            found.push(named(&NO_GRANT, "identity", id));
        }
        let is_key = matches!(identity.kind, IdentityKind::Key { .. });
        if is_key && own().any(|grant| grant.layout) && own().any(|grant| grant.file) {
            found.push(named(&LAYOUT_OR_FILE, "identity", id));
        }
        let windowed = identity.valid.is_some() || identity.compromised_from.is_some();
        let keys = identity.kind.public_keys();
        if !keys.is_empty() {
            let ends = |key: &PublicKey| policy.algorithms.sunset.iter().any(|(a, _)| a.admits(key.algorithm()));
            let sunset = keys.iter().all(ends);
            // A certificate of OpenPGP can have an end of its own.
            if !windowed && !matches!(&identity.kind, IdentityKind::OpenPgp(certificate) if certificate.end().is_some())
            {
                found.push(named(&NO_WINDOW, "identity", id));
            }
            let by_key = !policy.authorities.is_empty()
                || policy.logs.values().any(|log| matches!(log.key, LogKey::Key(_)) && log.witnesses.is_some());
            // Nothing that proves a time comes with a signature of OpenPGP.
            let by_key = by_key && !matches!(identity.kind, IdentityKind::OpenPgp(_));
            if (windowed || sunset) && identity.kind.instance().is_none() && !by_key {
                found.push(named(&TIME_NEVER_PROVEN, "identity", id));
            }
        }
    }
    let signs: BTreeSet<&str> = policy.identities.iter().map(|identity| identity.party.as_str()).collect();
    let above: BTreeSet<&str> =
        policy.parties.values().flat_map(|p| p.controlled_by.iter().chain(&p.hosted_by)).map(String::as_str).collect();
    let serves = |id: &str| {
        policy.authorities.contains_key(id)
            || policy.witnesses.contains_key(id)
            || policy.logs.values().any(|log| log.operator == id)
    };
    for party in
        policy.parties.keys().filter(|id| !serves(id) && !signs.contains(id.as_str()) && !above.contains(id.as_str()))
    {
        found.push(named(&NO_IDENTITY, "party", party));
    }
}

fn instances(policy: &Policy, found: &mut Vec<Reason>) {
    let uses = |identity: &Identity, name: &str| identity.kind.instance() == Some(name);
    for (name, instance) in &policy.instances {
        if !policy.identities.iter().any(|identity| uses(identity, name)) {
            found.push(named(&UNUSED_INSTANCE, "instance", name));
        }
        let Ok(root) = Root::parse(&instance.trusted_root) else { continue };
        if !root.has_certificate_log() {
            found.push(named(&NO_CERTIFICATE_LOG, "instance", name));
        }
        if !root.has_log() {
            found.push(named(&NO_LOG, "instance", name));
        }
        if !root.skipped().is_empty() {
            let entries = i64::try_from(root.skipped().len()).unwrap_or(i64::MAX);
            found.push(named(&SKIPPED, "instance", name).int("entries", entries));
        }
    }
}

/// Kinds of statements that can be about a file without standing up for it.
const REPORTS: [&str; 4] = ["svr", "test-result", "vsa", "vulns"];

fn releases(policy: &Policy, found: &mut Vec<Reason>) {
    let says = |grant: &Grant, alias: &str| says(policy, grant, alias);
    let party = |id: &String| policy.identities.iter().find(|identity| identity.id == *id).map(|i| i.party.as_str());
    let deliver = policy.grants.iter().filter(|grant| says(grant, "delivery"));
    let parties: BTreeSet<&str> = deliver.flat_map(|grant| grant.identities.iter().filter_map(party)).collect();
    if parties.len() > 1 {
        found.push(Reason::new(&SEVERAL_DELIVERERS).list("parties", parties));
    }
    let kinds: Vec<&str> =
        REPORTS.into_iter().filter(|kind| policy.grants.iter().any(|grant| says(grant, kind))).collect();
    let by_any = policy.rules.iter().filter(|rule| {
        branches(&rule.check).iter().any(|check| matches!(check, Check::Release(r) if r.accept.is_empty()))
    });
    for rule in by_any.filter(|_| !kinds.is_empty()) {
        found.push(Reason::new(&ANY_STATEMENT).name("rule", &rule.id).list("kinds", &kinds));
    }
}

fn rules(policy: &Policy, found: &mut Vec<Reason>) {
    let closed = |check: &Check| matches!(check, Check::Inventory(inventory) if inventory.closed_world);
    if !policy.rules.iter().any(|rule| closed(&rule.check)) {
        found.push(Reason::new(&OPEN_WORLD));
    }
    for rule in &policy.rules {
        for check in branches(&rule.check) {
            if let Check::Provenance(provenance) = check {
                found.extend(source(provenance).map(|info| named(info, "rule", &rule.id)));
            }
        }
    }
    let mut taken = false;
    for class in policy.classes.iter().filter(|class| class.role == Role::TopLevel || !policy.has_components()) {
        let unreachable = class.role == Role::Component || (taken && !class.default);
        if unreachable {
            found.push(named(&UNUSED_CLASS, "class", &class.id));
        }
        taken |= !class.default && class.role != Role::Component && class.products.is_empty();
    }
    if taken && !policy.has_components() {
        let default = policy.classes.iter().filter(|class| class.default);
        found.extend(default.map(|class| named(&UNUSED_CLASS, "class", &class.id)));
    }
}

/// The checks of which one must be met.
fn branches(check: &Check) -> &[Check] {
    match check {
        Check::AnyOf(branches) => branches.as_slice(),
        check => std::slice::from_ref(check),
    }
}

fn lists(policy: &Policy, found: &mut Vec<Reason>) {
    for name in policy.status_lists.keys() {
        let asks = |check: &Check| matches!(check, Check::Status(status) if status.lists.contains(name));
        if !policy.rules.iter().any(|rule| asks(&rule.check)) {
            found.push(named(&UNASKED_LIST, "list", name));
        }
    }
}

fn waivers(policy: &Policy, found: &mut Vec<Reason>) {
    if policy.waiver_rules.threshold < 2 {
        found.push(Reason::new(&ONE_APPROVAL));
    }
    let idle = |waiver: &&super::Waiver| {
        policy.window.until.is_some_and(|until| until < waiver.from)
            || policy.window.from.is_some_and(|from| waiver.until <= from)
    };
    found.extend(policy.waivers.iter().filter(idle).map(|waiver| named(&IDLE_WAIVER, "waiver", &waiver.id)));
}

fn source(check: &ProvenanceCheck) -> Option<&'static ReasonInfo> {
    match &check.repository {
        None if check.parameters.is_empty() => Some(&NO_SOURCE),
        Some(RepositoryMatch::Prefix(prefix)) => {
            let rest = prefix.split_once("://").map_or(prefix.as_str(), |(_, rest)| rest);
            (rest.matches('/').count() < 2).then_some(&WIDE_REPOSITORY)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::policy::load::tests::{load_text, twin};
    use crate::policy::template::tests::loaded;

    fn codes(policy: &Policy) -> Vec<String> {
        let arg = |lint: &Lint| lint.reason.args().values().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        lint(policy).iter().map(|lint| format!("{} {}", lint.code(), arg(lint)).trim_end().to_owned()).collect()
    }

    /// What the twin has, and each change adds or takes away.
    const TWIN: [&str; 11] = [
        "lint.class-not-used parts",
        "lint.grant-without-products grant-2",
        "lint.grant-without-products grant-3",
        "lint.grant-without-products grant-4",
        "lint.identity-without-window acme-release",
        "lint.identity-without-window lab-key",
        "lint.release-by-any-statement svr, vsa either",
        "lint.release-by-any-statement svr, vsa rest-released",
        "lint.time-never-proven acme-release",
        "lint.time-never-proven lab-key",
        "lint.time-never-proven sub-key",
    ];

    #[test]
    fn one_change_one_lint() {
        let expected = TWIN;
        assert_eq!(codes(&load_text(&twin()).unwrap()), expected);
        let party = "[party.idle]\nname = \"x\"\nkind = \"witness\"\njurisdictions = [\"NO\"]\n\n[party.lab]";
        let identity = "[[identity]]\nid = \"idle\"\nparty = \"lab\"\nkey = \"keys/c.pub\"\nvalid = { from = 2026-01-01T00:00:00Z }\ninstance = \"public-good\"\n\n[[grant]]\nidentities = [\"acme-ci\"]";
        let grant = "[[grant]]\nidentities = [\"lab-key\"]\nmay = [\"vulns\"]\nproducts = [\"pkg:generic/x\"]\n\n[[class]] # routers";
        for (from, to, lint) in [
            ("[party.lab]", party, "lint.party-without-identity idle"),
            ("[[grant]]\nidentities = [\"acme-ci\"]", identity, "lint.identity-without-grant idle"),
            (
                "check = \"inventory\"\nclosed_world = true",
                "check = \"inventory\"\nclosed_world = false",
                "lint.open-world",
            ),
            (
                "\"https://github.com/acme/router\"",
                "{ prefix = \"https://github.com/\" }",
                "lint.repository-prefix-wide built",
            ),
            ("may = [\"release\"]", "may = [\"release\", \"delivery\"]", "lint.several-deliverers acme, lab"),
            (
                "may = [\"release\"]",
                "may = [\"release\", \"file\", \"layout\"]",
                "lint.layout-by-file-signature lab-key",
            ),
            (
                "may = [\"release\"]",
                "may = [\"release\"]\nbuild_types = [\"x:y\"]",
                "lint.builders-without-provenance grant-4",
            ),
            (
                "may = [\"release\"]",
                "may = [\"release\"]\nverifiers = [ { identity = \"lab-key\", id = \"https://lab.example/v1\" } ]",
                "lint.verifiers-without-summary grant-4",
            ),
        ] {
            let changed = twin().replace(from, to);
            assert_ne!(changed, twin(), "{from}");
            let found = codes(&load_text(&changed).unwrap_or_else(|e| panic!("{e}")));
            let new: Vec<&String> = found.iter().filter(|code| !expected.contains(&code.as_str())).collect();
            assert_eq!(new, [lint], "{from}");
        }
        // Under a closed world every statement is needed, so this needs two changes.
        let open = twin().replace("closed_world = true", "closed_world = false").replace("[[class]] # routers", grant);
        let open = open.replace(
            "classes = [\"rest\"]\ncheck = \"release\"",
            "classes = [\"rest\"]\ncheck = \"release\"\naccept = [\"release\"]",
        );
        let open = open.replace("by = [\"laboratory\"]", "accept = [\"release\"], by = [\"laboratory\"]");
        let found = codes(&load_text(&open).unwrap_or_else(|e| panic!("{e}")));
        assert!(found.contains(&"lint.grant-not-needed grant-6".to_owned()), "{found:?}");
    }

    #[test]
    fn roots() {
        let github = codes(&loaded("github-release", "github"));
        assert!(github.contains(&"lint.root-without-log github".to_owned()), "{github:?}");
        let public = codes(&loaded("github-release", "public-good"));
        assert_eq!(public, ["lint.open-world"]);
    }

    /// A body of the vendor's group certifies the vendor.
    #[test]
    fn certifiers_of_vendors() {
        let more = |owner: &str| {
            format!(
                r#"
[party.cb]
name = "Certifier"
kind = "certification-body"
jurisdictions = ["DE"]
{owner}

[[identity]]
id = "cb-key"
party = "cb"
key = "keys/c.pub"

[[grant]]
identities = ["cb-key"]
may = ["certification"]

[[rule]]
id = "certified"
check = "certification"
status = "not-published"
any_of = [ {{ scheme = "nesas", by = ["cb"] }} ]
"#
            )
        };
        let found = |owner: &str| {
            let policy = load_text(&format!("{}{}", twin(), more(owner))).unwrap();
            codes(&policy).into_iter().filter(|code| code.starts_with("lint.certifier")).collect::<Vec<_>>()
        };
        assert_eq!(found(""), Vec::<String>::new());
        assert_eq!(
            found("controlled_by = [\"acme\"]"),
            ["lint.certifier-of-vendor acme cb certified", "lint.certifier-of-vendor sub cb certified"]
        );
    }
}
