//! A policy as sentences for an auditor: who exists, who may say what, what must be shown, what is accepted.

mod certification;
mod exceptions;
mod origin;

use super::explain_chain as chain;
use super::{
    AppliesTo, Check, Class, Expect, Grant, Identity, IdentityKind, LogKey, Parameters, Party, PartyRef, Policy,
    ProvenanceCheck, QuorumKind, RepositoryMatch, ResourceMatch, Role, Rule, San, SanKind, SanMatch, SbomCheck, Scalar,
    VsaCheck, VulnsCheck, Window,
};
use crate::authenticate::keys::SignatureAlgorithm;
use crate::authenticate::openpgp;
use crate::limits::Limits;
use crate::policy::independence::countries;
use crate::signature::{minisign, sshsig};

const WIDTH: usize = 100;

/// The policy in plain text of at most 100 columns, the same bytes for the same policy.
#[must_use]
pub fn explain(policy: &Policy) -> String {
    let mut page = Page::default();
    head(policy, &mut page);
    page.heading("Who exists");
    policy.parties.values().for_each(|p| party(policy, p, &mut page));
    page.heading("Who may say what");
    page.line("Nothing is believed that is not listed here.");
    policy.grants.iter().for_each(|g| grant(policy, g, &mut page));
    if !(policy.authorities.is_empty() && policy.logs.is_empty() && policy.quorums.is_empty()) {
        page.heading("Who proves time and publication");
        services(policy, &mut page);
    }
    if !policy.classes.is_empty() {
        page.heading("Which files belong together");
        page.line("The first class that holds a file counts, by the requested product and by accepted release statements. Classes to which only an SBOM leads add their rules and take none away.");
        for class in &policy.classes {
            page.item(&self::class(class));
            chain::class(class).iter().for_each(|sentence| page.sub(sentence));
        }
    }
    if !policy.delegations.is_empty() {
        page.heading("Who may vouch for components of others");
        policy.delegations.iter().for_each(|delegation| {
            let (first, rest) = chain::delegation(delegation);
            page.item(&first);
            rest.iter().for_each(|sentence| page.sub(sentence));
        });
    }
    if !policy.equivalences.is_empty() {
        page.heading("What foreign certificates are taken for");
        page.line("What is not listed here counts for nothing but itself.");
        policy.equivalences.iter().for_each(|e| page.item(&certification::equivalence(e)));
    }
    page.heading("What must be shown");
    page.line("Everything below must be proven; what is missing or unclear is a failure.");
    page.item("Always: nothing in the delivery is unreadable, beyond the limits, or contradicted by a signed delivery statement, and there is at least one file to judge.");
    policy.rules.iter().for_each(|r| rule(r, &mut page));
    exceptions::all(policy, &mut page);
    page.heading("What is accepted");
    accepted(policy, &mut page);
    page.heading("Files of this policy");
    for (path, digest) in &policy.closure {
        page.item(&format!("{path}: {digest}"));
    }
    page.text
}

fn head(policy: &Policy, page: &mut Page) {
    page.line(&format!("Policy {}, version {}", policy.id, policy.version));
    if let Some(title) = &policy.title {
        page.line(title);
    }
    page.line(&format!("Digest {}", policy.sha256));
    page.line(&match (policy.window.from, policy.window.until) {
        (None, None) => "It may be used for any time.".to_owned(),
        _ => format!("It may be used for verdicts {}.", window(policy.window)),
    });
}

fn party(policy: &Policy, party: &Party, page: &mut Page) {
    let mut text = format!(
        "{} ({}), {}, under the law of {}",
        party.id,
        party.name,
        with_article(&party.kind),
        and(&party.jurisdictions)
    );
    if !party.controlled_by.is_empty() {
        text.push_str(&format!("; controlled by {}", and(&party.controlled_by)));
    }
    if !party.hosted_by.is_empty() {
        text.push_str(&format!("; its keys are held by {}", and(&party.hosted_by)));
    }
    if !party.products.is_empty() {
        text.push_str(&format!("; its own are {}", and(&party.products)));
    }
    page.item(&format!("{text}."));
    party.accreditation.iter().for_each(|known| page.sub(&certification::accreditation(known)));
    for identity in policy.identities.iter().filter(|identity| identity.party == party.id) {
        page.sub(&self::identity(policy, identity));
    }
}

fn identity(policy: &Policy, identity: &Identity) -> String {
    let mut text = match &identity.kind {
        IdentityKind::Key { key, instance } => {
            let mut text = format!(
                "{} is the {} key with SubjectPublicKeyInfo {}",
                identity.id,
                key.algorithm(),
                key.spki_sha256()
            );
            if let Some(instance) = instance {
                text.push_str(&format!("; the instance {instance} proves when it signed"));
            }
            text
        }
        IdentityKind::Minisign { key, key_id } => format!(
            "{} is the minisign key {} with SubjectPublicKeyInfo {}",
            identity.id,
            minisign::shown(key_id),
            key.spki_sha256()
        ),
        IdentityKind::Ssh { key, blob, namespace } => format!(
            "{} is the SSH key {} with SubjectPublicKeyInfo {}, for signatures in the namespace {namespace}",
            identity.id,
            sshsig::fingerprint(blob),
            key.spki_sha256()
        ),
        IdentityKind::OpenPgp(certificate) => {
            let keys: Vec<String> = certificate.signers().map(|key| openpgp::shown(&key.fingerprint)).collect();
            let end = certificate.end().map_or_else(|| "it states no end".to_owned(), |end| format!("it ends {end}"));
            let revoked = if certificate.is_revoked() { ", and it is revoked" } else { "" };
            format!(
                "{} is the OpenPGP certificate {}, which signs with {}; {end}{revoked}",
                identity.id,
                openpgp::shown(certificate.fingerprint()),
                and(&keys)
            )
        }
        IdentityKind::X509(holder) => {
            let subject = holder.subject.iter().map(|(label, value)| format!("{label}={value}"));
            let names: Vec<String> = subject.chain(holder.san.iter().map(|san| format!("the name {san}"))).collect();
            let revocation = match holder.revocation {
                true => "; that it is not revoked must be shown by its authority's list",
                false => "; its authority publishes no revocation list",
            };
            format!(
                "{} is the holder of a certificate for {} that leads to one of {} anchors, for the usage {}{revocation}",
                identity.id,
                and(&names),
                holder.anchors.len(),
                holder.usage
            )
        }
        IdentityKind::Sigstore { instance, issuer, san } => format!(
            "{} is whoever holds a certificate of {} ({}) from {} for {}",
            identity.id,
            instance,
            policy.instances.get(instance).map_or_else(String::new, |i| i.sha256.to_string()),
            issuer.as_ref().map_or_else(|| "no issuer".to_owned(), |issuer| format!("the issuer {issuer}")),
            self::san(san)
        ),
    };
    if let Some(valid) = identity.valid {
        text.push_str(&format!("; signatures count {}", window(valid)));
    }
    if let Some(from) = identity.compromised_from {
        text.push_str(&format!("; compromised: only signatures proven before {from} count"));
    }
    let is_key = identity.kind.key().is_some();
    if is_key && identity.valid.is_none() && identity.compromised_from.is_none() {
        text.push_str("; no limit in time");
    }
    text + "."
}

fn san(san: &San) -> String {
    let kind = match san.kind {
        None => "the name",
        Some(SanKind::Uri) => "the URI",
        Some(SanKind::Email) => "the e-mail address",
        Some(SanKind::Other) => "the other name",
    };
    match &san.value {
        SanMatch::Exact(exact) => format!("{kind} {exact}"),
        SanMatch::Prefix(prefix) => format!("{kind} {prefix} with 1 to 64 characters of [0-9A-Za-z.+_-] behind it"),
    }
}

fn grant(policy: &Policy, grant: &Grant, page: &mut Page) {
    let party = |id: &String| policy.identities.iter().find(|i| i.id == *id).map_or("", |i| i.party.as_str());
    let who: Vec<String> = grant.identities.iter().map(|id| format!("{id} of {}", party(id))).collect();
    let about = match &grant.products {
        None => "about every product (a caveat in each verdict)".to_owned(),
        Some(products) => format!("about {}", and(products)),
    };
    page.item(&format!("{}: {} may say {} {about}.", grant.id, and(&who), and(&grant.may)));
    if !grant.repositories.is_empty() {
        page.sub(&format!("About revisions of {}.", and(&grant.repositories)));
    }
    for builder in &grant.builders {
        let who = builder.identity.as_ref().map_or_else(|| "May speak".to_owned(), |id| format!("{id} may speak"));
        page.sub(&format!("{who} for the builder {}, trusted to build level {}.", builder.id, builder.max_level));
    }
    for verifier in &grant.verifiers {
        let who = verifier.identity.as_ref().map_or_else(|| "May speak".to_owned(), |id| format!("{id} may speak"));
        page.sub(&format!("{who} for the verifier {}.", verifier.id));
    }
    if !grant.schemes.is_empty() {
        page.sub(&format!("May certify under {} alone.", or(&grant.schemes)));
    }
    for cap in &grant.track_caps {
        let track = cap.track.to_ascii_lowercase();
        page.sub(&format!("What it says of the SLSA {track} track counts up to level {}.", cap.level));
    }
    if !grant.build_types.is_empty() {
        page.sub(&format!("Only builds of the type {}.", or(&grant.build_types)));
    }
}

fn class(class: &Class) -> String {
    if class.default {
        return format!("{}: every other file.", class.id);
    }
    let what = match class.role {
        Role::TopLevel => "files of the delivery",
        Role::Component => "archive members and SBOM components",
        Role::Any => "files and components",
    };
    match class.products.as_slice() {
        [] => format!("{}: all {what}.", class.id),
        products => format!("{}: {what} that are {}.", class.id, or(products)),
    }
}

fn rule(rule: &Rule, page: &mut Page) {
    let files = match &rule.classes {
        None => "each file".to_owned(),
        Some(classes) => format!("each file of {}", or(classes)),
    };
    page.item(&format!("{}: {}.", rule.id, check(&rule.check, &files)));
    if let Check::AnyOf(branches) = &rule.check {
        for branch in branches {
            page.sub(&format!("{}.", capital(&check(branch, "the file"))));
        }
    }
    if let Check::Provenance(provenance) = &rule.check {
        parameters(provenance, page);
    }
    if let Some(title) = &rule.title {
        page.sub(&format!("Meant is: {title}."));
    }
    if let Some(accountable) = rule.accountable {
        page.sub(&format!("If it is not met, the {} must act.", accountable.name()));
    }
    let mut sources: Vec<String> = rule.refs.clone();
    sources.extend(rule.mandated_by.iter().map(|by| format!("required by {by}")));
    sources.extend(rule.specified_by.iter().map(|by| format!("specified by {by}")));
    if !sources.is_empty() {
        page.sub(&format!("From: {}.", sources.join("; ")));
    }
}

fn check(check: &Check, files: &str) -> String {
    match check {
        Check::Inventory(inventory) => {
            let mut parts = Vec::new();
            if inventory.closed_world {
                let by = "is accounted for by an accepted statement, a bound SBOM or a signature";
                parts.push(format!("{files} {by}"));
            }
            if inventory.each_member {
                parts.push("so is each member of an archive, at any depth".to_owned());
            }
            if inventory.deny_opaque {
                parts.push("every archive can be seen through".to_owned());
            }
            if inventory.require_statement {
                parts.push(
                    "there is an accepted delivery statement, and all evidence that it lists is there".to_owned(),
                );
            }
            parts.join("; ")
        }
        Check::Release(release) => {
            let kind = if release.accept.is_empty() { "anything".to_owned() } else { or(&release.accept) };
            let sets: Vec<String> = release
                .algorithm_sets
                .iter()
                .map(|set| or(&set.iter().map(ToString::to_string).collect::<Vec<_>>()))
                .collect();
            let sets = if sets.is_empty() {
                String::new()
            } else {
                format!(", with a signature over the same payload by each of: {}", sets.join("; "))
            };
            let more = exceptions::release(release);
            format!("{} signed exactly the bytes of {files}, saying {kind}{sets}{more}", by(&release.by))
        }
        Check::Provenance(provenance) => {
            let source = match &provenance.repository {
                None => String::new(),
                Some(RepositoryMatch::Exact(uri)) => format!(" from {uri}"),
                Some(RepositoryMatch::Prefix(prefix)) => format!(" from a repository below {prefix}"),
            };
            let level = provenance.min_level;
            format!("{} says that {files} was built{source} on a builder of at least level {level}", by(&provenance.by))
        }
        Check::Sbom(sbom) => {
            let refuse: Vec<&str> = sbom.refuse.iter().map(String::as_str).collect();
            let without =
                if refuse.is_empty() { String::new() } else { format!(", without findings {}", refuse.join(", ")) };
            format!("{} signed an SBOM that is bound to {files} by digest{without}{}", by(&sbom.by), profiles(sbom))
        }
        Check::SbomCompleteness(check) => {
            let allowed: Vec<String> = check.allow_known_unknowns.iter().cloned().collect();
            let unless = if allowed.is_empty() { String::new() } else { format!(", or says {}", or(&allowed)) };
            let says = "and says of each component that the list of its dependencies is complete";
            format!("{} signed an SBOM that is bound to {files} by digest {says}{unless}", by(&check.by))
        }
        Check::Vsa(check) => vsa(check, files),
        Check::Vulns(check) => vulns(check, files),
        Check::TrustedTime(check) => format!(
            "when {} about {files} was signed is proven by the quorum {}",
            about(&check.applies_to),
            check.quorum
        ),
        Check::Transparency(check) => format!(
            "{} about {files} is in the logs {}, of {} independent {}",
            about(&check.applies_to),
            and(&check.logs),
            check.distinct_operators,
            if check.distinct_operators == 1 { "operator" } else { "operators" }
        ),
        Check::Status(check) => {
            format!("{files} is on none of the status lists {}, each of which is at hand and fresh", and(&check.lists))
        }
        Check::Certification(check) => certification::check(check, files),
        Check::Origin(check) => origin::check(check, files),
        Check::NoRollback(check) => exceptions::rollback(check),
        Check::Components(check) => chain::components(check, files),
        Check::ComponentIdentity(parties) => chain::identity(&by(parties), files),
        Check::Source(check) => chain::source(check, files),
        Check::Delegated(id) => format!("{files} is vouched for under the delegation {id}"),
        Check::Quorum(check) => chain::quorum(check, files),
        Check::AnyOf(branches) => format!("for {files}, at least one of these {} is shown", branches.len()),
    }
}

fn vulns(check: &VulnsCheck, files: &str) -> String {
    let mut text = format!("{} scanned {files} for vulnerabilities", by(&check.by));
    if let Some(days) = check.max_scan_age_days {
        text.push_str(&format!(" at most {days} days before the verdict"));
    }
    if let Some(days) = check.max_database_age_days {
        text.push_str(&format!(", with knowledge at most {days} days old"));
    }
    text.push_str(", and for each that was found");
    if let Some(severity) = check.ignore_below {
        text.push_str(&format!(" and that is not called less than {severity} by every scanner"));
    }
    text.push_str(&format!(" {} says that it does no harm or is fixed", by(&check.triage_by)));
    if check.affected_with_action {
        text.push_str(", or that it does harm and what to do");
    }
    text
}

fn profiles(check: &SbomCheck) -> String {
    if check.profiles.is_empty() && check.own.is_empty() {
        return String::new();
    }
    let mut ids: Vec<String> = check
        .profiles
        .iter()
        .map(
            |profile| {
                if profile.is_provisional() { format!("{} (provisional)", profile.id) } else { profile.id.to_owned() }
            },
        )
        .collect();
    ids.extend(check.own.iter().map(|own| format!("{} ({})", own.name, own.edition())));
    let elsewhere: Vec<String> = check.shown_elsewhere.iter().map(|id| (*id).to_owned()).collect();
    let but = if elsewhere.is_empty() {
        String::new()
    } else {
        format!("; {} the operator sees met by other means", and(&elsewhere))
    };
    format!(" and lacks nothing that {} demands{but}", and(&ids))
}

pub(super) fn vsa(check: &VsaCheck, files: &str) -> String {
    let resource = match &check.resource {
        None => "the product that is asked for".to_owned(),
        Some(ResourceMatch::Exact(uri)) => uri.clone(),
        Some(ResourceMatch::Prefix(prefix)) => format!("a resource below {prefix}"),
    };
    let mut text = format!("{} verified {files} as {resource} and found {}", by(&check.by), and(&check.properties));
    if !check.policies.is_empty() {
        let digests: Vec<String> = check.policies.iter().map(ToString::to_string).collect();
        text.push_str(&format!(", under the policy {}", or(&digests)));
    }
    if let Some(days) = check.max_age_days {
        text.push_str(&format!(", at most {days} days before the verdict"));
    }
    if check.inputs_present {
        text.push_str(", with everything that it rests on in the delivery");
    }
    text.push_str(if check.failed_wins {
        "; a summary that says FAILED wins"
    } else {
        "; a summary that says FAILED is passed over"
    });
    text
}

fn about(applies_to: &AppliesTo) -> String {
    if applies_to.kinds.is_empty() { "a statement or signature".to_owned() } else { or(&applies_to.kinds) }
}

/// Logs, witnesses, time-stamping authorities and quorums.
fn services(policy: &Policy, page: &mut Page) {
    for (party, authority) in &policy.authorities {
        let only =
            authority.policy_oid.as_ref().map_or_else(String::new, |oid| format!(", under the policy {oid} alone"));
        let lists = if authority.revocation { "; none of its certificates may be revoked" } else { "" };
        page.item(&format!("{party} stamps time{only}{lists}."));
    }
    for (name, log) in &policy.logs {
        let key = match &log.key {
            LogKey::Instance(instance) => format!("with the key that {instance} lists"),
            LogKey::Key(key) => format!("with the key {}", key.key().spki_sha256()),
        };
        let witnesses = match &log.witnesses {
            None => "; its checkpoints need no witness".to_owned(),
            Some(quorum) => format!("; its checkpoints need the witnesses of {quorum}"),
        };
        page.item(&format!(
            "The log {name} of {} signs checkpoints for {} {key}{witnesses}.",
            log.operator, log.origin
        ));
    }
    for (name, quorum) in &policy.quorums {
        let candidates: Vec<&str> = quorum.candidates.iter().map(String::as_str).collect();
        let groups = match quorum.kind {
            QuorumKind::Judges { .. } => policy.independent(candidates.iter().copied()),
            QuorumKind::Witness { .. } | QuorumKind::Time { .. } => policy.groups(candidates.iter().copied()),
        };
        let what = match quorum.kind {
            QuorumKind::Witness { tolerate_jurisdictions, remaining } => format!(
                "witnesses; if {} can compel everybody under its law (at most {} of the groups), {remaining} must be left",
                countries(tolerate_jurisdictions),
                policy.compellable(&candidates, tolerate_jurisdictions)
            ),
            QuorumKind::Judges { .. } => chain::judges(policy, quorum),
            QuorumKind::Time { tolerate_liars, max_accuracy_seconds } => format!(
                "sources of time; {tolerate_liars} of them may lie{}",
                max_accuracy_seconds.map_or_else(String::new, |s| format!("; clocks to {s} seconds"))
            ),
        };
        page.item(&format!("{name}: {} of the {groups} groups {} as {what}.", quorum.min_groups, and(&candidates)));
    }
}

fn parameters(check: &ProvenanceCheck, page: &mut Page) {
    for Parameters { builder, allow } in &check.parameters {
        let of = builder.as_ref().map_or_else(|| "every builder".to_owned(), |b| format!("the builder {b}"));
        let expected: Vec<String> =
            allow.iter().map(|(pointer, expect)| format!("{pointer} is {}", self::expect(expect))).collect();
        page.sub(&format!("Parameters with {of}: {}.", and(&expected)));
    }
    if check.unknown_parameters_fail {
        page.sub("A parameter that is not listed is a failure.");
    }
}

fn expect(expect: &Expect) -> String {
    let scalar = |scalar: &Scalar| match scalar {
        Scalar::Text(text) => format!("`{text}`"),
        Scalar::Int(int) => int.to_string(),
        Scalar::Bool(bool) => bool.to_string(),
    };
    match expect {
        Expect::Eq(value) => scalar(value),
        Expect::Prefix(prefix) => format!("`{prefix}` and what follows"),
        Expect::In(values) => or(&values.iter().map(scalar).collect::<Vec<_>>()),
        Expect::Any => "anything or absent".to_owned(),
    }
}

fn accepted(policy: &Policy, page: &mut Page) {
    let digests: Vec<&str> = policy.algorithms.digest_bind.iter().map(|a| a.name()).collect();
    page.item(&format!("Digests that bind a statement to bytes: {}.", and(&digests)));
    page.item(&format!("Signatures: {}.", and(&policy.algorithms.signature)));
    for (algorithm, after) in &policy.algorithms.sunset {
        page.item(&format!("{algorithm} only for signatures proven no later than {after}."));
    }
    if policy
        .algorithms
        .signature
        .iter()
        .any(|a| matches!(a, SignatureAlgorithm::RsaPkcs1 { .. } | SignatureAlgorithm::RsaPss { .. }))
    {
        page.item("An RSA key may be longer than the length in the name of its algorithm.");
    }
    let formats = &policy.formats;
    page.item(&match formats.sigstore_bundle_min {
        None => "Sigstore bundles of every version.".to_owned(),
        Some(minor) => format!("Sigstore bundles from version 0.{minor} on."),
    });
    if !formats.statement_types.is_empty() {
        page.item(&format!("Statements of the type {}.", or(&formats.statement_types)));
    }
    if !formats.sbom.is_empty() {
        page.item(&format!("SBOMs in the format {}.", or(&formats.sbom)));
    }
    if !formats.sbom_tolerate.is_empty() {
        let codes: Vec<&str> = formats.sbom_tolerate.iter().map(String::as_str).collect();
        page.item(&format!("SBOMs that break rules of their own format, if by no more than {}.", codes.join(", ")));
    }
    for (name, instance) in &policy.instances {
        page.item(&format!("Authorities and logs of {name}: {} ({}).", instance.path, instance.sha256));
    }
    if policy.limits != Limits::MAX {
        page.item("Limits are lower than the built-in ones.");
    }
}

pub(super) fn by(by: &[PartyRef]) -> String {
    match by {
        [] => "a granted party".to_owned(),
        parties => or(&parties
            .iter()
            .map(|party| match party {
                PartyRef::Id(id) => id.clone(),
                PartyRef::Kind(kind) => with_article(kind),
            })
            .collect::<Vec<_>>()),
    }
}

fn window(window: Window) -> String {
    match (window.from, window.until) {
        (Some(from), Some(until)) => format!("from {from} until {until}"),
        (Some(from), None) => format!("from {from} on"),
        (None, Some(until)) => format!("until {until}"),
        (None, None) => "at any time".to_owned(),
    }
}

fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {}", kind.replace('-', " "))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

pub(super) fn and<T: ToString>(items: &[T]) -> String {
    joined(items, "and")
}

pub(super) fn or<T: ToString>(items: &[T]) -> String {
    joined(items, "or")
}

fn joined<T: ToString>(items: &[T], word: &str) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} {word} {last}", rest.join(", ")),
    }
}

/// Text in progress, wrapped.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn heading(&mut self, heading: &str) {
        self.text.push('\n');
        self.wrap(heading, "", "");
        self.wrap(&"-".repeat(heading.len()), "", "");
    }

    fn line(&mut self, line: &str) {
        self.wrap(line, "", "");
    }

    fn item(&mut self, line: &str) {
        self.wrap(line, "- ", "  ");
    }

    fn sub(&mut self, line: &str) {
        self.wrap(line, "  - ", "    ");
    }

    /// Breaks between words; a word that is longer than a line is broken where the line ends.
    fn wrap(&mut self, text: &str, first: &str, next: &str) {
        let mut line = first.to_owned();
        let mut empty = true;
        for word in text.split_whitespace() {
            let mut word = word.to_owned();
            if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
                self.push(&line);
                next.clone_into(&mut line);
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            while line.chars().count() + word.chars().count() > WIDTH {
                let room = WIDTH - line.chars().count();
                let tail: String = word.chars().skip(room).collect();
                line.extend(word.chars().take(room));
                self.push(&line);
                next.clone_into(&mut line);
                word = tail;
            }
            line.push_str(&word);
            empty = false;
        }
        self.push(&line);
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::policy::load::tests::{load_text, twin};
    use crate::policy::template::{INSTANCES, templates, tests::loaded};

    #[test]
    fn the_twin_in_sentences() {
        assert_eq!(explain(&load_text(&twin()).unwrap()), include_str!("load/tests/explained.txt"));
    }

    #[test]
    fn narrow_and_complete() {
        for template in templates() {
            for instance in INSTANCES {
                let policy = loaded(template.name, instance);
                let text = explain(&policy);
                assert!(text.lines().all(|line| line.chars().count() <= WIDTH && line.trim_end() == line), "{text}");
                let named = policy.rules.iter().map(|r| &r.id).chain(policy.grants.iter().map(|g| &g.id));
                for id in named.chain(policy.identities.iter().map(|i| &i.id)).chain(policy.parties.keys()) {
                    assert!(text.contains(id.as_str()), "{id} is missing");
                }
            }
        }
    }

    #[test]
    fn long_words_are_broken() {
        let mut page = Page::default();
        page.item(&format!("a {}", "x".repeat(250)));
        assert!(page.text.lines().all(|line| line.len() <= WIDTH));
        assert_eq!(page.text.matches('x').count(), 250);
    }
}
