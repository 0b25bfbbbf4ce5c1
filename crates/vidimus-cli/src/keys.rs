//! Opening private keys: the passphrase comes from the terminal or a file descriptor, never from an argument or the environment.

use std::fs::File;
use std::io::Read;

use vidimus::render::escape;
use vidimus_sign::key::{KeyFile, KeyPair};
use zeroize::Zeroizing;

use crate::args::KeyArgs;
use crate::failure::Failure;

/// Nobody types more.
const MAX_PASSPHRASE: u64 = 1024;

pub(crate) type Passphrase = Zeroizing<String>;

/// Opens the key that the arguments name.
pub(crate) fn open(args: &KeyArgs) -> Result<KeyPair, Failure> {
    let file = KeyFile::read(&args.key)?;
    let passphrase = match (file.is_encrypted(), args.passphrase_fd) {
        (false, _) => None,
        (true, Some(fd)) => Some(from_descriptor(fd)?),
        // Without a terminal there is nobody to ask: the file then says that it is locked.
        (true, None) => ask(&format!("Passphrase of {}: ", escape(&args.key.display().to_string()))).ok(),
    };
    Ok(file.open(passphrase.as_ref().map(|text| text.as_bytes()))?)
}

/// A new passphrase, typed twice.
pub(crate) fn new_passphrase(descriptor: Option<u32>) -> Result<Passphrase, Failure> {
    let passphrase = match descriptor {
        Some(fd) => from_descriptor(fd)?,
        None => {
            let first = ask("New passphrase: ")?;
            if *ask("The same again: ")? != *first {
                return Err(Failure::new("the two passphrases differ; nothing was written"));
            }
            first
        }
    };
    if passphrase.is_empty() {
        return Err(Failure::new("the passphrase is empty; nothing was written")
            .hint("a key that anybody can use is made with `--unencrypted`"));
    }
    Ok(passphrase)
}

fn ask(prompt: &str) -> Result<Passphrase, Failure> {
    rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|_| {
        Failure::new("there is no terminal to ask for a passphrase")
            .hint("pass a file descriptor: --passphrase-fd 3 3<FILE")
    })
}

/// The first line of what the descriptor gives.
fn from_descriptor(fd: u32) -> Result<Passphrase, Failure> {
    let failed = |e: &dyn std::fmt::Display| {
        Failure::new(format!("the passphrase cannot be read from file descriptor {fd}: {e}"))
            .hint("open it in the shell: --passphrase-fd 3 3<FILE")
    };
    let mut source: Box<dyn Read> = match fd {
        0 => Box::new(std::io::stdin()),
        _ => Box::new(File::open(format!("/dev/fd/{fd}")).map_err(|e| failed(&e))?),
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_PASSPHRASE as usize + 1));
    source.by_ref().take(MAX_PASSPHRASE + 1).read_to_end(&mut bytes).map_err(|e| failed(&e))?;
    let line = bytes.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
    if line.len() as u64 > MAX_PASSPHRASE {
        return Err(failed(&"it is longer than 1024 bytes"));
    }
    std::str::from_utf8(line).map(|text| Zeroizing::new(text.to_owned())).map_err(|_| failed(&"it is not UTF-8"))
}
