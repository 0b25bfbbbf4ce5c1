//! Layouts and links of in-toto.

use std::path::Path;

use vidimus::authenticate::keys::PublicKey;
use vidimus::decode::{self, Content, Document};
use vidimus::limits::Limits;
use vidimus::read::{self, Delivery, Options, Silent};

use super::case::Case;
use super::decide::{Decision, of_codes};
use super::policy::{Ask, Identity};
use super::{judge, keys};
use crate::Result;

/// A layout with its links, about the final product that lies beside them. Commands that origins run are left out: the policy says so.
pub(super) fn layout(case: &Case) -> Result<Decision> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let delivery = delivery(case, folder.path())?;
    let ask = Ask { identities: keys::of(case)?, layout: true, ..Ask::default() };
    Ok(match ask.load(folder.path())? {
        Ok((policy, _)) => {
            let at = case.arg("verification_time").unwrap_or(judge::AT);
            of_codes(judge::codes(&delivery, &policy, at)?)
        }
        Err(codes) => of_codes(codes.into_iter().collect()),
    })
}

/// Is the link signed by the key of the case, as far as steps of a layout ask it?
pub(super) fn link(case: &Case) -> Result<Decision> {
    let bytes = std::fs::read(case.object()?).map_err(|error| error.to_string())?;
    let fail = |code: &str| Ok(Decision::Fail(vec![code.to_owned()]));
    let Content::Signed(items) = decode::document(&bytes, &Limits::MAX) else { return fail("parse.malformed") };
    let [item] = items.as_slice() else { return fail("parse.malformed") };
    let envelope = match &item.envelope {
        Ok(envelope) if matches!(envelope.in_toto(), Some(Document::Link(_))) => envelope,
        Ok(_) => return fail("evidence.type"),
        Err(reason) => return fail(reason.code()),
    };
    let signed = keys::of(case)?.iter().any(|identity| {
        let Identity::Key { pem, algorithm } = identity else { return false };
        let algorithm = algorithm.as_deref().and_then(vidimus::authenticate::keys::SignatureAlgorithm::from_name);
        let key = std::str::from_utf8(pem).ok().and_then(|pem| PublicKey::from_pem(pem, algorithm).ok());
        key.is_some_and(|key| envelope.is_signed_by(&key))
    });
    if signed { Ok(Decision::Pass) } else { fail("layout.functionary") }
}

/// The final product is delivered; layout and links are evidence beside it.
fn delivery(case: &Case, folder: &Path) -> Result<Delivery> {
    let place = folder.join("delivery");
    std::fs::create_dir(&place).map_err(|error| format!("{}: {error}", place.display()))?;
    let is_evidence = |path: &str| path.ends_with(".link") || Some(path) == case.files.first().map(String::as_str);
    for path in case.files.iter().filter(|path| !is_evidence(path) && Some(*path) != case.key.as_ref()) {
        let name = path.rsplit('/').next().unwrap_or(path);
        std::fs::write(place.join(name), case.bytes(path)?).map_err(|error| format!("{path}: {error}"))?;
    }
    let options = Options {
        as_delivery: false,
        evidence: case.files.iter().filter(|path| is_evidence(path)).map(|path| case.folder.join(path)).collect(),
        limits: Limits::default(),
        policy_files: Vec::new(),
        outputs: Vec::new(),
        progress: &Silent,
    };
    Ok(read::delivery(&[place], &options).map_err(|error| format!("{}: {error}", case.id))?.delivery)
}
