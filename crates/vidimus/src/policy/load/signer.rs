//! `type = "minisign"` and `type = "ssh"`: keys in the files of the tools that sign with them.

use super::document::{Table, Text};
use super::errors::{ALGORITHM, BAD_VALUE, Errors, KEY, WEAK_KEY};
use super::files::Folder;
use super::identity::KEY_BYTES;
use super::structure::shown;
use crate::authenticate::keys::{KeyError, SignatureAlgorithm};
use crate::digest::Algorithm;
use crate::policy::{Algorithms, IdentityKind};
use crate::signature::{minisign, sshsig};

/// `key` is the key itself or the path of its file.
pub(super) fn minisign(
    table: &Table,
    algorithms: &Algorithms,
    folder: &mut Folder,
    errors: &mut Errors,
) -> Option<IdentityKind> {
    let stated = table.text("key")?;
    let read = match minisign::public_key(stated.text) {
        Some(key) => Some(key),
        None => minisign::public_key(&text(stated, folder, errors)?),
    };
    let (key, key_id) = usable(read, "a minisign public key", stated, errors)?;
    accepted(stated, &[key.algorithm()], algorithms, errors)?;
    Some(IdentityKind::Minisign { key, key_id })
}

pub(super) fn ssh(
    table: &Table,
    algorithms: &Algorithms,
    folder: &mut Folder,
    errors: &mut Errors,
) -> Option<IdentityKind> {
    let (stated, namespace) = (table.text("key")?, table.text("namespace")?);
    let read = sshsig::public_key(&text(stated, folder, errors)?);
    let (key, blob) = usable(read, "an OpenSSH public key (one line: type, base64, comment)", stated, errors)?;
    let used = match key.algorithm() {
        SignatureAlgorithm::RsaPkcs1 { bits, .. } => {
            [Algorithm::Sha256, Algorithm::Sha512].map(|hash| SignatureAlgorithm::RsaPkcs1 { bits, hash }).to_vec()
        }
        one => vec![one],
    };
    accepted(stated, &used, algorithms, errors)?;
    if namespace.text.is_empty() || !namespace.text.bytes().all(|b| b.is_ascii_graphic()) {
        errors.add(
            &BAD_VALUE,
            namespace.span,
            "`namespace` is compared exactly; write it as in `ssh-keygen -Y sign -n`",
        );
        return None;
    }
    Some(IdentityKind::Ssh { key, blob, namespace: namespace.text.to_owned() })
}

/// The file as text; what is no text becomes one that no key has.
fn text(path: Text<'_>, folder: &mut Folder, errors: &mut Errors) -> Option<String> {
    Some(String::from_utf8(folder.read(path, KEY_BYTES, errors)?).unwrap_or_default())
}

fn usable<T>(read: Option<Result<T, KeyError>>, what: &str, stated: Text<'_>, errors: &mut Errors) -> Option<T> {
    let (info, why) = match read {
        Some(Ok(key)) => return Some(key),
        Some(Err(why @ (KeyError::Weak | KeyError::RsaLength))) => (&WEAK_KEY, why.to_string()),
        Some(Err(why)) => (&KEY, why.to_string()),
        None => (&KEY, format!("not {what}")),
    };
    errors.add(info, stated.span, format!("`{}`: {why}", shown(stated.text)));
    None
}

/// Is one of the algorithms that the key can be used with accepted by the policy?
fn accepted(stated: Text<'_>, used: &[SignatureAlgorithm], algorithms: &Algorithms, errors: &mut Errors) -> Option<()> {
    if used.iter().any(|used| algorithms.signature.iter().any(|listed| listed.admits(*used))) {
        return Some(());
    }
    let quoted = |list: &[SignatureAlgorithm], between: &str| {
        list.iter().map(|a| format!("`{a}`")).collect::<Vec<_>>().join(between)
    };
    let (used, accepted) = (quoted(used, " or "), quoted(&algorithms.signature, ", "));
    errors.add(&ALGORITHM, stated.span, format!("the key is used with {used}, and the policy accepts only {accepted}"));
    None
}
