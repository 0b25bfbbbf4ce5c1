//! `vidimus keygen`: a key pair, and what an operator needs to know it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use vidimus::render::escape;
use vidimus_sign::key::{self, KeyPair, Scheme};
use vidimus_sign::{Mode, Signer as _, write_new};

use crate::args::KeygenArgs;
use crate::failure::Failure;
use crate::keys;
use crate::run::Exit;
use crate::terminal;

pub(crate) fn run(args: &KeygenArgs) -> Result<Exit, Failure> {
    let (private, public) = (with(&args.name, ".key"), with(&args.name, ".pub"));
    // Before anybody types a passphrase.
    for path in [&private, &public] {
        if path.symlink_metadata().is_ok() {
            return Err(vidimus_sign::Error::Exists { path: path.clone() }.into());
        }
    }
    let scheme = Scheme::ALL.into_iter().find(|scheme| scheme.name() == args.algorithm);
    let pair = KeyPair::generate(scheme.unwrap_or(Scheme::P256))?;
    let text = if args.unencrypted {
        key::plain(&pair)?
    } else {
        key::encrypted(&pair, keys::new_passphrase(args.passphrase_fd)?.as_bytes())?
    };
    let pem = pair.public_pem();
    write_new(&[(&private, text.as_bytes(), Mode::Private), (&public, pem.as_bytes(), Mode::Usual)])?;
    terminal::results(told(&pair, &args.name, &private, &public, args.unencrypted).as_bytes())?;
    Ok(Exit::Pass)
}

fn with(name: &Path, suffix: &str) -> PathBuf {
    let mut path = name.as_os_str().to_owned();
    path.push(suffix);
    PathBuf::from(path)
}

fn told(pair: &KeyPair, name: &Path, private: &Path, public: &Path, unencrypted: bool) -> String {
    let shown = |path: &Path| escape(&path.display().to_string());
    let file = public.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let id: String = name
        .file_name()
        .map(|name| name.to_string_lossy().to_ascii_lowercase())
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let (algorithm, digest) = key::described(pair.public_key());
    let mut out = String::new();
    // Writing to a string cannot fail.
    let locked = if unencrypted { "NOT encrypted: whoever reads it can sign" } else { "encrypted" };
    let _ = writeln!(out, "wrote {}  the private key, {locked}", shown(private));
    let _ = writeln!(out, "wrote {}  the public key, {algorithm}", shown(public));
    let _ = writeln!(out, "\nTell the operator, and compare by phone or in person:\n  {digest}\n");
    let _ = writeln!(out, "For the operator's policy, with the public key at keys/{} beside it:\n", escape(&file));
    let _ = writeln!(out, "[party.{id}]\nname = \"CHANGE\"\nkind = \"vendor\"\njurisdictions = [\"CHANGE\"]\n");
    let _ =
        writeln!(out, "[[identity]]\nid    = \"{id}-release\"\nparty = \"{id}\"\nkey   = \"keys/{}\"", escape(&file));
    let _ = writeln!(out, "# sha256 of the key (SubjectPublicKeyInfo): {}\n", digest.hex());
    let _ =
        writeln!(out, "[[grant]]\nidentities = [\"{id}-release\"]\nmay        = [\"delivery\", \"sbom\", \"file\"]");
    let _ = writeln!(out, "products   = [\"pkg:generic/{id}/\"]");
    out
}
