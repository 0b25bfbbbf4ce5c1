//! `type = "openpgp"`: the certificate of an OpenPGP key, with its subkeys.

use super::document::Table;
use super::errors::{BAD_VALUE, DIGEST, Errors, KEY, WEAK_KEY};
use super::files::Folder;
use super::signer::accepted;
use super::structure::shown;
use crate::authenticate::openpgp::{self, CERTIFICATE_BYTES, Certificate, CertificateError};
use crate::policy::{Algorithms, IdentityKind};

pub(super) fn identity(
    table: &Table,
    algorithms: &Algorithms,
    folder: &mut Folder,
    errors: &mut Errors,
) -> Option<IdentityKind> {
    let path = table.text("key")?;
    let bytes = folder.read(path, CERTIFICATE_BYTES as u64, errors)?;
    let certificate = match Certificate::read(&bytes) {
        Ok(certificate) => certificate,
        Err(why) => {
            let info = if matches!(why, CertificateError::Weak(_)) { &WEAK_KEY } else { &KEY };
            errors.add(info, path.span, format!("`{}`: {why}", shown(path.text)));
            return None;
        }
    };
    if let Some(pin) = table.text("fingerprint") {
        let digits: String = pin.text.chars().filter(|c| *c != ' ').collect();
        let pinned = hex::decode(&digits).ok().filter(|pinned| matches!(pinned.len(), 20 | 32));
        let Some(pinned) = pinned else {
            errors.add(
                &BAD_VALUE,
                pin.span,
                "`fingerprint` must be 40 or 64 hex digits, as `gpg --fingerprint` shows them",
            );
            return None;
        };
        if pinned != certificate.fingerprint() {
            let found = openpgp::shown(certificate.fingerprint());
            let message = format!("`{}` is not the pinned certificate: its primary key is {found}", shown(path.text));
            errors.add(&DIGEST, pin.span, message);
            return None;
        }
    }
    let used: Vec<_> = certificate.signers().flat_map(openpgp::Key::algorithms).collect();
    accepted(path, &used, algorithms, errors)?;
    Some(IdentityKind::OpenPgp(Box::new(certificate)))
}
