//! `type = "x509"`: the holder of a certificate, for CMS signatures.

use std::collections::BTreeMap;

use der::asn1::ObjectIdentifier;

use super::document::Table;
use super::errors::{BAD_VALUE, Errors, KEY, VACUOUS};
use super::files::Folder;
use super::identity::KEY_BYTES;
use crate::authenticate::crl::Crl;
use crate::authenticate::x509;
use crate::policy::{IdentityKind, X509Identity};

const LIST_BYTES: u64 = 16 * 1024 * 1024;

/// Extended key usages with a name (RFC 5280 section 4.2.1.12).
const USAGES: &[(&str, &str)] = &[("code-signing", "1.3.6.1.5.5.7.3.3"), ("email-protection", "1.3.6.1.5.5.7.3.4")];

pub(super) fn identity(table: &Table, folder: &mut Folder, errors: &mut Errors) -> Option<IdentityKind> {
    let path = table.text("anchors")?;
    let bytes = folder.read(path, KEY_BYTES, errors)?;
    let Some(anchors) = x509::from_pem(&bytes) else {
        errors.add(&KEY, path.span, format!("`{}`: not a PEM file with certificates", path.text));
        return None;
    };
    let stated = table.table("subject");
    let subject: BTreeMap<String, String> = stated
        .into_iter()
        .flat_map(|subject| &subject.entries)
        .filter_map(|entry| Some((entry.key.clone(), entry.node.text()?.text.to_owned())))
        .collect();
    let san = table.string("san");
    if subject.is_empty() && san.is_none() {
        let message = "an identity names its holder by `subject` or `san`; with neither it would be everybody whom the authority certifies";
        errors.add(&VACUOUS, table.span_of("subject"), message);
        return None;
    }
    let usage = usage(table, errors)?;
    let revocation = table.text("revocation").is_none_or(|stated| stated.text == "required");
    let lists = lists(table, folder, errors);
    if !revocation && !lists.is_empty() {
        errors.add(&BAD_VALUE, table.span_of("revocation"), "`crls` names lists, so the authority publishes them");
    }
    Some(IdentityKind::X509(Box::new(X509Identity { anchors, subject, san, usage, revocation, lists })))
}

/// The revocation lists that `crls` names.
pub(super) fn lists(table: &Table, folder: &mut Folder, errors: &mut Errors) -> Vec<Crl> {
    let mut lists = Vec::new();
    for path in table.texts("crls") {
        let Some(bytes) = folder.read(path, LIST_BYTES, errors) else { continue };
        match Crl::read(&bytes) {
            Some(list) => lists.push(list),
            None => {
                errors.add(&KEY, path.span, format!("`{}`: not a certificate revocation list, DER or PEM", path.text))
            }
        }
    }
    lists
}

fn usage(table: &Table, errors: &mut Errors) -> Option<ObjectIdentifier> {
    let stated = table.text("usage");
    let name = stated.map_or("code-signing", |stated| stated.text);
    let oid = USAGES.iter().find(|(known, _)| *known == name).map_or(name, |(_, oid)| *oid);
    let parsed = ObjectIdentifier::new(oid).ok();
    if let (None, Some(stated)) = (parsed, stated) {
        let message =
            "`usage` is `code-signing`, `email-protection` or an object identifier such as `1.3.6.1.5.5.7.3.3`";
        errors.add(&BAD_VALUE, stated.span, message);
    }
    parsed
}
