//! A case as a delivery: the artifact is what is delivered, the object under test is the evidence beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use vidimus::Request;
use vidimus::authenticate::sigstore::Root;
use vidimus::authenticate::x509;
use vidimus::decode::{Bundle, BundleContent, Content, Dsse, Envelope, Material, Predicate, SignedItem, Statement};
use vidimus::digest::{Algorithm, Digest, DigestSet, Digests};
use vidimus::limits::Limits;
use vidimus::policy::Policy;
use vidimus::read::{self, Delivery, File, Options, Place, Silent};

use super::case::Case;
use super::decide::{Decision, of_codes};
use super::policy::{Ask, Identity, Provenance, Text};
use super::{keys, root};
use crate::Result;

/// The instant of every verdict: the state of the corpus.
pub(super) const AT: &str = "2026-11-23T12:00:00Z";
/// The origin of the OpenPGP cases does not look at the end of keys; their key had two years from 2020-11-12.
const AT_OPENPGP: &str = "2021-01-01T00:00:00Z";

/// Judges a signed case. Where the case gives both the artifact and its digest, both must come to the same answer; the
/// answer by digest stands where they do not.
pub(super) fn judge(case: &Case) -> Result<Decision> {
    let whole = judge_once(case)?;
    if case.artifact.is_none() || case.artifact_digest.is_none() {
        return Ok(whole);
    }
    let by_digest = judge_once(&Case { artifact: None, ..case.clone() })?;
    Ok(if (whole == Decision::Pass) == (by_digest == Decision::Pass) { whole } else { by_digest })
}

fn judge_once(case: &Case) -> Result<Decision> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let delivery = delivery(case, folder.path())?;
    let ask = ask(case, &delivery)?;
    Ok(match ask.load(folder.path())? {
        Ok((policy, _)) => of_codes(codes(&delivery, &policy, if case.kind == "pgp" { AT_OPENPGP } else { AT })?),
        Err(codes) => of_codes(codes.into_iter().collect()),
    })
}

/// An unsigned statement must be read, which shows in the reason that nobody signed it. It is never believed.
pub(super) fn statement(case: &Case) -> Result<Decision> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let delivery = delivery(case, folder.path())?;
    let ask = Ask { identities: vec![Identity::nobody()], ..Ask::default() };
    let loaded = ask.load(folder.path())?;
    let (policy, _) = loaded.map_err(|codes| format!("{}: {}", case.id, codes.join(" ")))?;
    let codes = codes(&delivery, &policy, AT)?;
    let read = codes.contains("signature.missing") && !codes.iter().any(|code| code.starts_with("parse."));
    Ok(if read { Decision::Pass } else { of_codes(codes) })
}

/// Codes of everything that stands against a delivery: unmet rules and rejected evidence. None for a pass.
pub(super) fn codes(delivery: &Delivery, policy: &Policy, at: &str) -> Result<BTreeSet<String>> {
    let at = at.parse().map_err(|error| format!("{at}: {error}"))?;
    let judgement = vidimus::judge(delivery, policy, &Request { at, product: None, recipient: None });
    if judgement.verdict.passes() {
        return Ok(BTreeSet::new());
    }
    let core = judgement.verdict.core();
    let unmet = core.unmet.iter().flat_map(|unmet| &unmet.reasons).map(|reason| reason.code.clone());
    Ok(unmet.chain(core.rejected.iter().map(|rejected| rejected.code.clone())).collect())
}

/// Reads the artifact as a delivery of one file, and the object as evidence beside it.
fn delivery(case: &Case, folder: &Path) -> Result<Delivery> {
    let place = folder.join("delivery");
    std::fs::create_dir(&place).map_err(|error| format!("{}: {error}", place.display()))?;
    if let Some(artifact) = &case.artifact {
        let name = case.arg("artifact_name").or_else(|| artifact.rsplit('/').next()).unwrap_or("artifact");
        let path = place.join(name);
        std::fs::write(&path, case.bytes(artifact)?).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let options = Options {
        as_delivery: false,
        evidence: vec![evidence(case, folder)?],
        limits: Limits::default(),
        policy_files: Vec::new(),
        outputs: Vec::new(),
        progress: &Silent,
    };
    let mut delivery = read::delivery(&[place], &options).map_err(|error| format!("{}: {error}", case.id))?.delivery;
    if case.artifact.is_none() {
        let digests = stated(case, &delivery)?;
        let file = File {
            path: artifact_name(case),
            size: 0,
            digests,
            place: Place::Delivered,
            content: Content::Ordinary,
            bytes: None,
        };
        delivery.files.insert(0, file);
    }
    Ok(delivery)
}

/// Kinds of signatures in files of their own: their name leads to the file that they sign.
const DETACHED: &[&str] = &["detached-signature", "minisign", "pgp"];

/// The object under test; a detached signature under the name that tools give it beside the artifact.
fn evidence(case: &Case, folder: &Path) -> Result<PathBuf> {
    let object = case.object()?;
    if !DETACHED.contains(&case.kind.as_str()) {
        return Ok(object);
    }
    let artifact = case.artifact.as_deref().and_then(|artifact| artifact.rsplit('/').next()).unwrap_or("artifact");
    let beside = folder.join(format!("{artifact}.sig"));
    std::fs::copy(&object, &beside).map_err(|error| format!("{}: {error}", object.display()))?;
    Ok(beside)
}

fn artifact_name(case: &Case) -> String {
    let first = case.args.get("artifact_names").and_then(|names| names.get(0)?.as_str());
    case.arg("artifact_name").or(first).unwrap_or("artifact").to_owned()
}

/// Digests of an artifact that the corpus does not hold: as the case states them, else as the evidence itself does, where the
/// origin verifies it without an artifact.
fn stated(case: &Case, delivery: &Delivery) -> Result<Digests> {
    let mut named: Vec<Digest> = match &case.artifact_digest {
        Some(text) => {
            let parsed = text.split_once(':').and_then(|(name, hex)| Digest::parse(Algorithm::from_name(name)?, hex));
            vec![parsed.ok_or_else(|| format!("{}: artifact_digest {text}", case.id))?]
        }
        None => items(delivery).find_map(subject).map(|set| of(&set)).unwrap_or_default(),
    };
    // Where only a longer digest is stated, the sha256 that identifies the node is one that no evidence can name.
    let sha256 = named.iter().find(|digest| digest.algorithm() == Algorithm::Sha256).cloned();
    let sha256 = sha256.unwrap_or_else(|| Digest::sha256(case.id.as_bytes()));
    named.retain(|digest| digest.algorithm() != Algorithm::Sha256);
    Digests::stated(sha256, named).ok_or_else(|| format!("{}: no sha256", case.id))
}

fn of(set: &DigestSet) -> Vec<Digest> {
    set.computable().filter_map(|algorithm| set.by(algorithm)).collect()
}

/// Every signed item of the evidence.
fn items(delivery: &Delivery) -> impl Iterator<Item = &SignedItem> {
    delivery.files.iter().filter(|file| file.place == Place::Evidence).flat_map(|file| match &file.content {
        Content::Signed(items) => items.as_slice(),
        _ => &[],
    })
}

fn statement_of(item: &SignedItem) -> Option<&Statement> {
    let dsse: &Dsse = match item.envelope.as_ref().ok()? {
        Envelope::Dsse(dsse) => dsse,
        Envelope::Bundle(Bundle { content: BundleContent::Dsse(dsse), .. }) => dsse,
        Envelope::Bundle(_) | Envelope::Metablock(_) | Envelope::Detached(_) => return None,
    };
    dsse.statement.as_deref().ok()
}

/// What the item is first about.
fn subject(item: &SignedItem) -> Option<DigestSet> {
    if let Ok(Envelope::Bundle(Bundle { content: BundleContent::Message { digest, .. }, .. })) = &item.envelope {
        return Some([digest.clone()].into_iter().collect());
    }
    // Releases of GitHub name a commit first, by a digest that is none of ours.
    let subjects = &statement_of(item)?.subjects;
    let named = subjects.iter().find(|subject| subject.digest.computable().next().is_some());
    Some(named.or(subjects.first())?.digest.clone())
}

fn ask(case: &Case, delivery: &Delivery) -> Result<Ask> {
    let root = match &case.trust_root {
        Some(path) => Some(root::changed(case, case.bytes(path)?)?),
        None => None,
    };
    // An authority of the signer's own is named by its certificate.
    if let Some(anchors) = root.clone().filter(|bytes| x509::from_pem(bytes).is_some()) {
        let subject = items(delivery).find_map(common_name).unwrap_or_else(|| NOBODY.to_owned());
        let predicate_types = items(delivery).filter_map(statement_of).map(|one| one.predicate_type.clone()).collect();
        let identities = vec![Identity::Holder { anchors, subject }];
        return Ok(Ask { identities, predicate_types, ..Ask::default() });
    }
    let mut ask = Ask { root, ..Ask::default() };
    for item in items(delivery) {
        if let Ok(Envelope::Dsse(dsse)) = &item.envelope {
            for (_, der) in &dsse.certificates {
                let seen = seen(der);
                add(&mut ask.identities, signer(case, seen.0, Some(seen.1)));
            }
        }
        // A policy takes URIs alone.
        let predicate_type = statement_of(item).map(|statement| statement.predicate_type.clone());
        ask.predicate_types.extend(predicate_type.filter(|predicate_type| predicate_type.contains(':')));
        if let Ok(Envelope::Bundle(bundle)) = &item.envelope
            && matches!(bundle.material, Material::Certificate(_))
        {
            let identity = certificate(case, ask.root.as_deref(), bundle, delivery);
            add(&mut ask.identities, identity);
        }
    }
    ask.predicate_types.sort();
    ask.predicate_types.dedup();
    ask.identities.extend(keys::of(case)?);
    if ask.identities.is_empty() {
        // Nothing in the evidence could be read; somebody must be believed all the same.
        ask.identities.push(Identity::nobody());
    }
    if case.source_uri.is_some() {
        ask.provenance = Some(provenance(case, delivery));
    }
    Ok(ask)
}

/// The common name that the certificate of a bundle states.
fn common_name(item: &SignedItem) -> Option<String> {
    let Ok(Envelope::Bundle(Bundle { material: Material::Certificate(der), .. })) = &item.envelope else { return None };
    vidimus::authenticate::certificate::common_name(der)
}

/// Adds a certificate identity that is not there yet.
fn add(identities: &mut Vec<Identity>, identity: Identity) {
    let Identity::Certificate { issuer, san } = &identity else { return };
    let same =
        |other: &Identity| matches!(other, Identity::Certificate { issuer: i, san: s } if i == issuer && s == san);
    if !identities.iter().any(same) {
        identities.push(identity);
    }
}

/// (name, issuer) that a certificate states, verified or not.
fn seen(der: &[u8]) -> (Option<String>, Option<String>) {
    let san = vidimus::authenticate::certificate::san(der).map(|(_, san)| san);
    (san, vidimus::authenticate::certificate::stated_issuer(der))
}

const NOBODY: &str = "https://nobody.example";

/// Who must have signed: the case's identity; a reusable workflow is its own builder; where the origin asks for nobody in
/// particular, whoever did sign.
fn certificate(case: &Case, root: Option<&[u8]>, bundle: &Bundle, delivery: &Delivery) -> Identity {
    let verified = root.and_then(|bytes| Root::parse(bytes).ok()).and_then(|root| {
        let blob = match &bundle.content {
            BundleContent::Message { digest, .. } => blob(delivery, digest),
            BundleContent::Dsse(_) => None,
        };
        root.verify_certificate(bundle, blob, &vidimus::authenticate::sigstore::nobody).ok()?.certificate
    });
    let seen = verified.as_ref().map(|certificate| certificate.san().1.to_owned());
    signer(case, seen, verified.map(|certificate| certificate.issuer().map(str::to_owned)))
}

/// The identity that a case expects of a certificate with that name and issuer, if it could be read.
fn signer(case: &Case, seen: Option<String>, stated: Option<Option<String>>) -> Identity {
    let circleci = seen.as_deref().is_some_and(|san| san.starts_with(CIRCLECI));
    // A delegating workflow signs for the builders that it calls; it is trusted as they are.
    let delegated = seen.as_deref().is_some_and(|san| san.starts_with(DELEGATOR));
    let workflow = builder(case).filter(|builder| builder.contains("/.github/workflows/") && !delegated);
    let san = match &case.identity {
        Some(identity) => Some(identity.clone()),
        None if circleci => Some(format!(
            "{CIRCLECI}{}/pipeline-definitions/{}",
            case.arg("circleci_project_id").unwrap_or_default(),
            case.arg("circleci_pipeline_definition_id").unwrap_or_default()
        )),
        None => workflow.or(seen),
    };
    let issuer = case.issuer.clone().map(Some).or(stated);
    Identity::Certificate {
        issuer: issuer.unwrap_or_else(|| Some(NOBODY.to_owned())),
        san: san.unwrap_or_else(|| NOBODY.to_owned()),
    }
}

/// Certificates of CircleCI name project and pipeline below this address.
const CIRCLECI: &str = "https://circleci.com/api/v2/projects/";

/// Workflows of the SLSA generators that sign for other builders begin so.
const DELEGATOR: &str = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/delegator_";

fn blob<'a>(delivery: &'a Delivery, digest: &Digest) -> Option<&'a [u8]> {
    let file = delivery.files.iter().find(|file| file.digests.get(digest.algorithm()) == Some(digest))?;
    file.bytes.as_deref()
}

/// The builder that the case names, in the form that provenance and certificates write: with a whole ref.
fn builder(case: &Case) -> Option<String> {
    let forms = case.args.get("builder_id_forms").and_then(Json::as_array);
    let whole = forms.and_then(|forms| {
        forms.iter().filter_map(Json::as_str).find(|form| form.contains("@refs/")).map(str::to_owned)
    });
    let named = case.builder_id.clone().or(whole)?;
    Some(match named.split_once("@v") {
        Some((path, version)) if path.contains("/.github/workflows/") => format!("{path}@refs/tags/v{version}"),
        _ => named,
    })
}

/// What a case of build provenance asks: builder, source, and where it was built from.
fn provenance(case: &Case, delivery: &Delivery) -> Provenance {
    let stated = items(delivery).filter_map(statement_of).find_map(|statement| match &statement.predicate {
        Predicate::Provenance(provenance) => Some((statement.predicate_type.as_str(), provenance)),
        _ => None,
    });
    let repository = case.source_uri.as_deref().map(|uri| format!("https://{}", uri.trim_start_matches("https://")));
    let old = stated.is_some_and(|(predicate_type, _)| predicate_type.ends_with("/v0.2"));
    let mut parameters = Vec::new();
    if let Some(reference) = reference(case) {
        let (pointer, before) = match &repository {
            Some(source) if old => ("/configSource/uri", format!("git+{source}@")),
            _ => ("/workflow/ref", String::new()),
        };
        let expected = match reference {
            Text::Exact(reference) => Text::Exact(before + &reference),
            Text::Prefix(reference) => Text::Prefix(before + &reference),
        };
        parameters.push((pointer.to_owned(), expected));
    }
    let inputs = case.args.get("workflow_inputs").and_then(Json::as_object);
    for (name, value) in inputs.into_iter().flatten() {
        let place = if old { "/parameters/event_inputs" } else { "/inputs" };
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        parameters.push((format!("{place}/{name}"), Text::Exact(value)));
    }
    let builder = builder(case).or_else(|| stated.map(|(_, provenance)| provenance.builder_id.clone()));
    Provenance { builder: builder.unwrap_or_else(|| NOBODY.to_owned()), repository, parameters }
}

/// The ref that a case expects. A versioned tag of one or two numbers means every version that begins with them.
fn reference(case: &Case) -> Option<Text> {
    if let Some(tag) = case.arg("source_tag") {
        return Some(Text::Exact(format!("refs/tags/{tag}")));
    }
    if let Some(tag) = case.arg("source_versioned_tag") {
        let whole = tag.matches('.').count() >= 2;
        return Some(if whole {
            Text::Exact(format!("refs/tags/{tag}"))
        } else {
            Text::Prefix(format!("refs/tags/{tag}."))
        });
    }
    case.arg("source_branch").map(|branch| Text::Exact(format!("refs/heads/{branch}")))
}
