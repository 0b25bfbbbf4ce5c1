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
    if !namespace.text.bytes().all(|b| b.is_ascii_graphic()) {
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
pub(super) fn accepted(
    stated: Text<'_>,
    used: &[SignatureAlgorithm],
    algorithms: &Algorithms,
    errors: &mut Errors,
) -> Option<()> {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    #![allow(clippy::disallowed_methods, reason = "writes policies to read")]

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use crate::policy::load::load;
    use crate::policy::load::tests::{folder, twin};
    use crate::policy::{IdentityKind, Policy};

    /// The keys of `keys/a.pub` and `keys/b.pub`, 32 bytes each.
    fn raw(pem: &str) -> Vec<u8> {
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        STANDARD.decode(body).unwrap().split_off(12)
    }

    fn minisign(raw: &[u8]) -> String {
        STANDARD.encode([&b"Ed12345678"[..], raw].concat())
    }

    fn ssh(name: &str, fields: &[&[u8]]) -> String {
        let field = |f: &&[u8]| [&u32::try_from(f.len()).unwrap().to_be_bytes()[..], f].concat();
        let blob: Vec<u8> = [name.as_bytes()].iter().chain(fields).flat_map(field).collect();
        format!("{name} {} someone@example\n", STANDARD.encode(blob))
    }

    /// The twin with another identity for the laboratory, and these files beside it.
    fn loaded(identity: &str, files: &[(&str, &str)]) -> Result<Policy, String> {
        let folder = folder(&twin().replace("key = \"keys/b.pub\"", identity));
        for (path, text) in files {
            std::fs::write(folder.path().join(path), text).unwrap();
        }
        load(&folder.path().join("policy.toml")).map_err(|errors| {
            let codes: Vec<&str> = errors.errors().iter().map(|e| e.info.code).collect();
            codes.join(" ")
        })
    }

    #[test]
    fn identities() {
        let a = raw(include_str!("tests/keys/a.pub"));
        let b = raw(include_str!("tests/keys/b.pub"));
        let good = minisign(&b);
        let file = format!("untrusted comment: minisign public key 3837363534333231\n{good}\n");
        // y = p + 3: on the curve, of large order, and not in the one encoding.
        let not_canonical = [&[0xf0], &[0xff; 30][..], &[0x7f]].concat();
        let ed25519 = |raw: &[u8]| ssh("ssh-ed25519", &[raw]);
        let rsa = |modulus: &[u8]| ssh("ssh-rsa", &[&[1, 0, 1], modulus]);
        let as_minisign = |key: &str| format!("type = \"minisign\"\nkey = \"{key}\"");
        let as_ssh = "type = \"ssh\"\nkey = \"keys/ssh.pub\"\nnamespace = \"file\"";
        let long = [&[0, 0xc1][..], &[0x55; 254], &[1]].concat();
        for (identity, ssh_file, expected) in [
            (as_minisign(&good), "", "ok"),
            (as_minisign("keys/minisign.pub"), "", "ok"),
            (as_minisign(&minisign(&a)), "", "policy.dup-key"),
            (as_minisign(&minisign(&[0; 32])), "", "policy.weak-key"),
            (as_minisign(&minisign(&not_canonical)), "", "policy.key"),
            (as_minisign("keys/b.pub"), "", "policy.key"),
            (as_minisign("keys/none.pub"), "", "policy.unreadable"),
            (as_minisign(good.trim_end_matches('=').get(2..).unwrap()), "", "policy.unreadable"),
            (format!("{}\nnamespace = \"file\"", as_minisign(&good)), "", "policy.unknown-key"),
            (as_ssh.to_owned(), &ed25519(&b), "ok"),
            (as_ssh.to_owned(), &ed25519(&a), "policy.dup-key"),
            (as_ssh.to_owned(), &ed25519(&[0; 32]), "policy.weak-key"),
            (as_ssh.to_owned(), &ed25519(&not_canonical), "policy.key"),
            (as_ssh.to_owned(), &format!("{}{}", ed25519(&b), ed25519(&a)), "policy.key"),
            (as_ssh.to_owned(), &rsa(&[0x7f; 128]), "policy.weak-key"),
            (as_ssh.to_owned(), &rsa(&long), "policy.algorithm"),
            (as_ssh.to_owned(), &ssh("ssh-dss", &[]), "policy.key"),
            (as_ssh.to_owned(), "", "policy.key"),
            (as_ssh.replace("\"file\"", "\"\""), &ed25519(&b), "policy.bad-value"),
            (as_ssh.replace("\"file\"", "\"a b\""), &ed25519(&b), "policy.bad-value"),
            (as_ssh.replace("namespace = \"file\"", ""), &ed25519(&b), "policy.missing-key"),
            (as_ssh.replace("ssh.pub", "b.pub"), "", "policy.key"),
        ] {
            let found = loaded(&identity, &[("keys/minisign.pub", &file), ("keys/ssh.pub", ssh_file)]);
            assert_eq!(found.as_ref().map_or_else(String::as_str, |_| "ok"), expected, "{identity}\n{ssh_file}");
        }
    }

    #[test]
    fn explained() {
        let b = raw(include_str!("tests/keys/b.pub"));
        let ssh_file = ssh("ssh-ed25519", &[&b]);
        for (identity, words) in [
            (
                format!("type = \"minisign\"\nkey = \"{}\"", minisign(&b)),
                "lab-key is the minisign key 3837363534333231",
            ),
            (
                "type = \"ssh\"\nkey = \"keys/ssh.pub\"\nnamespace = \"file\"".to_owned(),
                "lab-key is the SSH key SHA256:",
            ),
        ] {
            let policy = loaded(&identity, &[("keys/ssh.pub", &ssh_file)]).unwrap();
            assert!(policy.identities.iter().any(|i| !matches!(i.kind, IdentityKind::Key { .. })));
            let text = crate::policy::explain(&policy);
            assert!(text.contains(words), "{text}");
        }
    }
}
