//! Who exists, how each is recognised, and what each may say.

use super::{and, certification, or, page::Page, window, with_article};
use crate::authenticate::openpgp;
use crate::policy::{Grant, Identity, IdentityKind, Party, Policy, San, SanKind, SanMatch};
use crate::signature::{minisign, sshsig};

pub(super) fn party(policy: &Policy, party: &Party, page: &mut Page) {
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

pub(super) fn grant(policy: &Policy, grant: &Grant, page: &mut Page) {
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
