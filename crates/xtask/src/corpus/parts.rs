//! Parts of evidence on their own, decided by the functions that `authenticate` uses for them: proofs, checkpoints, timestamp
//! tokens, certificates and revocation lists.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use vidimus::authenticate::crl::Crl;
use vidimus::authenticate::merkle::{self, Hash};
use vidimus::authenticate::note::{Checkpoint, Note};
use vidimus::authenticate::{rfc3161, x509};
use vidimus::decode::{self, Content};
use vidimus::limits::Limits;
use vidimus::policy::TimeAuthority;
use vidimus::profile::{self, Context};

use super::case::{Case, Expected};
use super::decide::{Decision, of_codes};
use crate::{Result, read};

const fn of(right: bool) -> Decision {
    if right { Decision::Pass } else { Decision::Wrong }
}

/// RFC 6962 proofs. Proofs of subtrees are of a draft that nothing carries yet.
pub(super) fn proof(case: &Case) -> Result<Decision> {
    let path = case.object()?;
    let text = read(&path)?;
    let proof: Json = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let number = |name: &str| proof.get(name).and_then(Json::as_u64);
    let hash = |name: &str| proof.get(name).and_then(Json::as_str).and_then(decoded);
    let list = proof.get("proof").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let hashes: Option<Vec<Hash>> = list.iter().map(|hash| hash.as_str().and_then(decoded)).collect();
    let Some(hashes) = hashes else { return Ok(Decision::Wrong) };
    Ok(match case.arg("proof") {
        Some("inclusion") => of(match (hash("leafHash"), number("leafIdx"), number("treeSize"), hash("root")) {
            (Some(leaf), Some(index), Some(size), Some(root)) => merkle::includes(&leaf, index, size, &hashes, &root),
            _ => false,
        }),
        Some("consistency") => of(match (number("size1"), hash("root1"), number("size2"), hash("root2")) {
            (Some(old), Some(old_root), Some(new), Some(new_root)) => {
                merkle::extends(old, &old_root, new, &new_root, &hashes)
            }
            _ => false,
        }),
        _ => Decision::NotRun("proofs of subtrees are of a draft; no evidence carries them"),
    })
}

/// A signed note with the text of a checkpoint. Whose signatures they are is not asked.
pub(super) fn checkpoint(case: &Case) -> Result<Decision> {
    let bytes = std::fs::read(case.object()?).map_err(|error| error.to_string())?;
    let note = std::str::from_utf8(&bytes).ok().and_then(|text| Note::read(text).ok());
    Ok(of(note.is_some_and(|note| Checkpoint::read(note.text()).is_ok())))
}

/// A token by an authority of the trusted root over the artifact; where the origin names neither, one that is well formed.
pub(super) fn token(case: &Case) -> Result<Decision> {
    let token = std::fs::read(case.object()?).map_err(|error| error.to_string())?;
    let (Some(root), Some(artifact)) = (&case.trust_root, &case.artifact) else {
        return Ok(of(rfc3161::stated(&token).is_some()));
    };
    let signed = case.bytes(artifact)?;
    let root: Json = serde_json::from_slice(&case.bytes(root)?).map_err(|error| format!("{}: {error}", case.id))?;
    let authorities = root.get("timestampAuthorities").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let right = authorities.iter().any(|authority| {
        let chain = authority.pointer("/certChain/certificates").and_then(Json::as_array);
        let raw = chain.into_iter().flatten().filter_map(|one| one.get("rawBytes")?.as_str());
        let anchors = raw.filter_map(bytes).collect();
        let authority = TimeAuthority {
            party: "authority".to_owned(),
            anchors,
            policy_oid: None,
            revocation: false,
            lists: Vec::new(),
        };
        rfc3161::verify(&token, &signed, &authority).is_ok()
    });
    Ok(of(right))
}

/// A certificate or list that parses. What else an origin may ask of one alone depends on the path that it would stand in.
pub(super) fn certificate(case: &Case) -> Result<Decision> {
    const PATH: &str = "what a certificate may be is judged in the path that it stands in";
    if !case.expected_reason.as_deref().unwrap_or_default().contains("parses") && case.expected == Some(Expected::Pass)
    {
        return Ok(Decision::NotRun(PATH));
    }
    if case.expected == Some(Expected::Fail) {
        return Ok(Decision::NotRun(PATH));
    }
    let bytes = std::fs::read(case.object()?).map_err(|error| error.to_string())?;
    Ok(of(x509::from_pem(&bytes).is_some() || x509::is_certificate(&bytes) || Crl::read(&bytes).is_some()))
}

/// An SBOM document that is read; what is no document to vidimus is said so.
pub(super) fn sbom(case: &Case) -> Result<Decision> {
    let bytes = std::fs::read(case.object()?).map_err(|error| error.to_string())?;
    Ok(match decode::document(&bytes, &Limits::MAX) {
        Content::Sbom(_) => Decision::Pass,
        Content::Refused(reason) => of_codes([reason.code().to_owned()].into()),
        Content::InvalidSbom(invalid) => of_codes(invalid.reasons.iter().map(|r| r.code().to_owned()).collect()),
        _ => {
            let object = case.object()?;
            let extension = object.extension().and_then(|name| name.to_str()).unwrap_or_default();
            FOREIGN
                .iter()
                .find(|(known, _)| *known == extension)
                .map_or(Decision::Wrong, |(_, why)| Decision::NotRun(why))
        }
    })
}

/// A document with the least that a standard asks for, or without: what it breaks of its own format, and the musts of the profile that
/// it does not meet, by their ids.
pub(super) fn minimum(case: &Case) -> Result<Decision> {
    let standard = match case.arg("standard") {
        Some("fsct3-min") => "fsct-3",
        _ => "ntia-2021",
    };
    let bytes = std::fs::read(case.object()?).map_err(|error| error.to_string())?;
    let (document, mut codes) = match decode::document(&bytes, &Limits::MAX) {
        Content::Sbom(document) => (document, Vec::new()),
        Content::InvalidSbom(invalid) => match invalid.sbom {
            Some(document) => (document, invalid.reasons.iter().map(|r| r.code().to_owned()).collect()),
            None => return sbom(case),
        },
        _ => return sbom(case),
    };
    let profile = profile::by_id(standard).ok_or_else(|| format!("{}: {standard}", case.id))?;
    let answers = profile.answers(&document, &Context::default());
    codes.extend(answers.iter().filter(|answer| answer.fails()).map(|answer| answer.rule.id.to_owned()));
    Ok(of_codes(codes.into_iter().collect()))
}

/// Encodings of SBOMs that no reader is there for, by extension.
const FOREIGN: &[(&str, &str)] = &[
    ("textproto", PROTOBUF),
    ("xml", "SPDX in XML is not read"),
    ("rdf", "SPDX in RDF is not read"),
    ("yaml", "SPDX in YAML is not read"),
    ("yml", "SPDX in YAML is not read"),
];

const PROTOBUF: &str = "the text form of protocol buffers is no document that anybody delivers";

fn decoded(base64: &str) -> Option<Hash> {
    bytes(base64)?.try_into().ok()
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
