//! `vidimus sign`: a signature over one file.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use vidimus::digest::{Digest, Hasher};
use vidimus::limits::Limits;
use vidimus::render::escape;
use vidimus_sign::{Mode, Signer, envelope, in_toto, message, write_new};

use crate::args::{SignArgs, SignatureForm};
use crate::failure::Failure;
use crate::run::Exit;
use crate::terminal;
use crate::{inspect, keys};

/// Ed25519 signs the bytes, not a digest; a verifier keeps no more of a file.
const MAX_KEPT: u64 = 64 * 1024 * 1024;

pub(crate) fn run(args: &SignArgs) -> Result<Exit, Failure> {
    let out = args.out.clone().unwrap_or_else(|| beside(&args.file, args.form));
    if out.symlink_metadata().is_ok() {
        return Err(vidimus_sign::Error::Exists { path: out }.into());
    }
    let signer = keys::open(&args.key)?;
    let bytes = match args.form {
        SignatureForm::Bundle => {
            let (sha256, signature) = signed(&args.file, &signer)?;
            envelope::message(signer.public_key(), &sha256, &signature)?
        }
        SignatureForm::Detached => signed(&args.file, &signer)?.1,
        SignatureForm::Base64 => envelope::base64(&signed(&args.file, &signer)?.1).into_bytes(),
        SignatureForm::InToto => document(&args.file, &signer)?,
    };
    write_new(&[(&out, &bytes, Mode::Usual)])?;
    terminal::results(format!("wrote {}\n", escape(&out.display().to_string())).as_bytes())?;
    Ok(Exit::Pass)
}

fn beside(file: &Path, form: SignatureForm) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(match form {
        SignatureForm::Bundle => ".sigstore.json",
        SignatureForm::Detached | SignatureForm::Base64 => ".sig",
        SignatureForm::InToto => ".dsse.json",
    });
    PathBuf::from(path)
}

/// What is signed is what was read: it is in the envelope.
fn document(path: &Path, signer: &dyn Signer) -> Result<Vec<u8>, Failure> {
    let limit = Limits::MAX.evidence_item_bytes;
    let (bytes, _) = inspect::start(path, limit)?;
    if bytes.len() as u64 > limit {
        return Err(Failure::new(format!("{}: larger than evidence can be", path.display())));
    }
    in_toto::signed(signer, &bytes).map_err(|e| {
        let failure = Failure::new(format!("{}: {e}", path.display()));
        e.hint().into_iter().fold(failure, Failure::hint)
    })
}

/// The sha256 of the file, and the signature over it.
fn signed(path: &Path, signer: &dyn Signer) -> Result<(Digest, Vec<u8>), Failure> {
    let failed = |e: std::io::Error| Failure::new(format!("{}: {e}", path.display()));
    let before = path.symlink_metadata().map_err(failed)?;
    if !before.is_file() {
        return Err(Failure::new(format!("{}: not a regular file", path.display()))
            .hint("a folder is signed with `vidimus attest` or `vidimus pack`"));
    }
    let wanted = message::wanted(signer.public_key().algorithm());
    if wanted.is_none() && before.len() > MAX_KEPT {
        return Err(Failure::new(format!(
            "{}: larger than 64 MiB, and Ed25519 signs the bytes themselves",
            path.display()
        ))
        .hint("sign with ECDSA, or sign a statement about it with `vidimus attest`"));
    }
    let mut file = File::open(path).map_err(failed)?;
    let (mut hasher, mut kept, mut read) = (Hasher::new(wanted.as_slice()), Vec::new(), 0_u64);
    let mut buffer = vec![0_u8; 1 << 20];
    loop {
        let count = file.read(&mut buffer).map_err(failed)?;
        let Some(chunk) = buffer.get(..count).filter(|chunk| !chunk.is_empty()) else { break };
        hasher.update(chunk);
        read += count as u64;
        if wanted.is_none() {
            kept.extend_from_slice(chunk);
        }
    }
    let after = path.symlink_metadata().map_err(failed)?;
    if read != before.len() || after.len() != before.len() || after.modified().ok() != before.modified().ok() {
        return Err(vidimus_sign::Error::Changed { path: path.to_path_buf() }.into());
    }
    let digests = hasher.finish();
    let signature = match wanted.and_then(|algorithm| digests.get(algorithm)) {
        Some(digest) => message::by_digest(signer, digest)?,
        None => message::by_bytes(signer, &kept)?,
    };
    Ok((digests.sha256().clone(), signature))
}
