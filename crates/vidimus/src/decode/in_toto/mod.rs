//! Layouts and links of in-toto 1.0 (`in-toto/specification`, `in-toto-spec.md`): as a metablock, whose signatures are over canonical JSON
//! (section 4.1), or as the payload of a DSSE envelope. A layout says which steps there are, who may carry them out, and how what goes in
//! and out of them hangs together; a link is what one of these people says that it did.

mod canonical;
mod rule;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::dsse;
use super::shape::Shape;
use super::statement::digest_set;
use crate::authenticate::keys::{KeyError, PublicKey, SignatureAlgorithm};
use crate::digest::{Algorithm, Digest, DigestSet};
use crate::limits::Limits;
use crate::reason::Reason;
use crate::time::Time;

pub use self::rule::{Match, Rule};

crate::reasons! {
    OPENPGP = "layout.openpgp", Unproven, Signer, [],
        says "a layout or link of in-toto that is signed with OpenPGP alone",
        why "Signatures of OpenPGP in metablocks have a form of their own, which is not read; what cannot be verified is not believed.",
        fix "Sign with an Ed25519, ECDSA or RSA key, as in-toto's specification has it.";
}

const LAYOUT: Shape = Shape("in-toto layout");
const LINK: Shape = Shape("in-toto link");
const METABLOCK: Shape = Shape("in-toto metablock");

/// A layout or a link.
#[derive(Clone, Debug)]
pub enum Document {
    /// `_type` is `layout`.
    Layout(Layout),
    /// `_type` is `link`.
    Link(Link),
}

/// A layout (section 4.3).
#[derive(Clone, Debug)]
pub struct Layout {
    /// sha256 of what is signed: the canonical JSON of a metablock, or the payload of an envelope.
    pub sha256: Digest,
    /// `expires`: after this instant it is not trusted.
    pub expires: Time,
    /// `keys`, by the id that steps use. An id decides nothing else.
    pub keys: BTreeMap<String, Result<PublicKey, Unusable>>,
    /// `steps`, in their order; names are unique.
    pub steps: Vec<Step>,
    /// Names of what is in `inspect`: commands that a verifier is asked to run.
    pub inspections: Vec<String>,
}

/// A step of a layout (section 4.3.1). `expected_command` is left out: it is no security check.
#[derive(Clone, Debug)]
pub struct Step {
    /// `name`.
    pub name: String,
    /// `threshold`, from 1.
    pub threshold: u64,
    /// `pubkeys`: ids of those who may sign its link.
    pub keys: Vec<String>,
    /// `expected_materials`.
    pub materials: Vec<Rule>,
    /// `expected_products`.
    pub products: Vec<Rule>,
}

/// A link (section 4.4).
#[derive(Clone, Debug)]
pub struct Link {
    /// `name`: of the step that was carried out.
    pub name: String,
    /// `materials`.
    pub materials: Artifacts,
    /// `products`.
    pub products: Artifacts,
}

/// Files by path.
pub type Artifacts = BTreeMap<String, DigestSet>;

/// Why a key of a layout cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Of OpenPGP.
    #[error("an OpenPGP key")]
    OpenPgp,
    /// Another kind of key, or another scheme.
    #[error("of a kind or scheme that is not supported")]
    Kind,
    /// Not a key of its kind.
    #[error("{0}")]
    Key(KeyError),
}

/// A document with signatures over its canonical JSON.
#[derive(Clone, Debug)]
pub struct Metablock {
    /// The bytes that are signed.
    pub signed: Vec<u8>,
    /// Signatures, at least one. `keyid` is never used for a decision, so it is not kept.
    pub signatures: Vec<Vec<u8>>,
    /// What is signed.
    pub document: Box<Document>,
}

/// Does `_type` say that it is one of the two?
pub(super) fn is_document(value: &Json) -> bool {
    matches!(value.get("_type").and_then(Json::as_str), Some("layout" | "link"))
}

/// Is it a metablock with one of the two in it? Other formats have the same two members.
pub(super) fn is_metablock(value: &Json) -> bool {
    value.get("signed").is_some_and(is_document)
}

/// Reads a metablock.
pub(super) fn metablock(value: &Json, limits: &Limits) -> Result<Metablock, Reason> {
    let block = METABLOCK.object(value, "signed")?;
    let signed = METABLOCK.need(block, "signed")?;
    let listed = METABLOCK.list(block, "signatures")?;
    if listed.is_empty() {
        return Err(dsse::count(0, "at least 1"));
    }
    dsse::at_most(listed.len(), limits)?;
    let mut signatures = Vec::with_capacity(listed.len());
    for entry in listed {
        let entry = METABLOCK.object(entry, "signatures")?;
        if entry.contains_key("other_headers") && !entry.contains_key("sig") {
            continue;
        }
        let text = METABLOCK.need_text(entry, "sig")?;
        signatures.push(hex::decode(text).map_err(|_| METABLOCK.wrong("sig"))?);
    }
    if signatures.is_empty() {
        return Err(Reason::new(&OPENPGP));
    }
    let bytes = canonical::json(signed).ok_or_else(|| METABLOCK.wrong("signed"))?;
    let document = Box::new(document(signed, &bytes)?);
    Ok(Metablock { signed: bytes, signatures, document })
}

/// Reads a layout or a link; `signed` are the bytes that are signed.
pub(super) fn document(value: &Json, signed: &[u8]) -> Result<Document, Reason> {
    let map = METABLOCK.object(value, "_type")?;
    match METABLOCK.need_text(map, "_type")? {
        "layout" => layout(map, signed).map(Document::Layout),
        "link" => link(map).map(Document::Link),
        _ => Err(METABLOCK.wrong("_type")),
    }
}

/// Every algorithm that its digests use.
pub(super) fn algorithms(document: &Document) -> BTreeSet<Algorithm> {
    match document {
        Document::Layout(_) => BTreeSet::new(),
        Document::Link(link) => link.products.values().flat_map(DigestSet::computable).collect(),
    }
}

fn layout(map: &Map<String, Json>, signed: &[u8]) -> Result<Layout, Reason> {
    let expires = LAYOUT.need_text(map, "expires")?.parse().map_err(|_| LAYOUT.wrong("expires"))?;
    let mut keys = BTreeMap::new();
    for (id, value) in LAYOUT.need_map(map, "keys")? {
        keys.insert(id.clone(), key(LAYOUT.object(value, "keys")?));
    }
    let steps = LAYOUT.list(map, "steps")?.iter().map(step).collect::<Result<Vec<Step>, _>>()?;
    let inspections = LAYOUT.list(map, "inspect")?.iter().map(inspection).collect::<Result<Vec<String>, _>>()?;
    let mut names = BTreeSet::new();
    if !steps.iter().map(|step| &step.name).chain(&inspections).all(|name| names.insert(name)) {
        return Err(LAYOUT.wrong("name"));
    }
    Ok(Layout { sha256: Digest::sha256(signed), expires, keys, steps, inspections })
}

fn step(value: &Json) -> Result<Step, Reason> {
    let step = LAYOUT.object(value, "steps")?;
    let threshold = match Shape::get(step, "threshold") {
        None => 1,
        Some(stated) => stated.as_u64().filter(|least| *least > 0).ok_or_else(|| LAYOUT.wrong("threshold"))?,
    };
    let keys = LAYOUT.list(step, "pubkeys")?.iter();
    let keys = keys.map(|id| id.as_str().map(ToOwned::to_owned).ok_or_else(|| LAYOUT.wrong("pubkeys")));
    Ok(Step {
        name: LAYOUT.need_text(step, "name")?.to_owned(),
        threshold,
        keys: keys.collect::<Result<_, _>>()?,
        materials: rules(step, "expected_materials")?,
        products: rules(step, "expected_products")?,
    })
}

/// Its rules are about what the command leaves, which is never run; but they must be rules.
fn inspection(value: &Json) -> Result<String, Reason> {
    let inspection = LAYOUT.object(value, "inspect")?;
    rules(inspection, "expected_materials")?;
    rules(inspection, "expected_products")?;
    Ok(LAYOUT.need_text(inspection, "name")?.to_owned())
}

fn rules(map: &Map<String, Json>, member: &'static str) -> Result<Vec<Rule>, Reason> {
    let rule = |value: &Json| {
        let words: Option<Vec<&str>> = value.as_array()?.iter().map(Json::as_str).collect();
        Rule::read(&words?)
    };
    LAYOUT.list(map, member)?.iter().map(|value| rule(value).ok_or_else(|| LAYOUT.wrong(member))).collect()
}

fn link(map: &Map<String, Json>) -> Result<Link, Reason> {
    let artifacts = |member: &'static str| -> Result<Artifacts, Reason> {
        let one = |(path, hashes): (&String, &Json)| {
            // In lower case: digests of two links are the same if their bytes are, however each of them is written.
            Ok((path.clone(), digest_set(LINK, LINK.object(hashes, member)?)?.folded()))
        };
        LINK.need_map(map, member)?.iter().map(one).collect()
    };
    Ok(Link {
        name: LINK.need_text(map, "name")?.to_owned(),
        materials: artifacts("materials")?,
        products: artifacts("products")?,
    })
}

/// A public key (section 4.2.1), and those that the reference implementation writes beside it. What is no key that can be used takes
/// nothing away from the others.
fn key(map: &Map<String, Json>) -> Result<PublicKey, Unusable> {
    let text = |name: &str| map.get(name).and_then(Json::as_str).unwrap_or_default();
    let public = map.get("keyval").and_then(|value| value.get("public")).and_then(Json::as_str).unwrap_or_default();
    if text("method").starts_with("pgp") {
        return Err(Unusable::OpenPgp);
    }
    let pem = |algorithm| PublicKey::from_pem(public, Some(algorithm)).map_err(Unusable::Key);
    let hash = |name: &str| Algorithm::from_name(name).ok_or(Unusable::Kind);
    match (text("keytype"), text("scheme")) {
        ("ed25519", "ed25519") => {
            let raw = hex::decode(public).map_err(|_| Unusable::Key(KeyError::Spki))?;
            PublicKey::from_ed25519(&raw).map_err(Unusable::Key)
        }
        ("ecdsa" | "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256") => pem(SignatureAlgorithm::EcdsaP256Sha256),
        ("ecdsa" | "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384") => pem(SignatureAlgorithm::EcdsaP384Sha384),
        ("rsa", scheme) => match (scheme.strip_prefix("rsassa-pss-"), scheme.strip_prefix("rsa-pkcs1v15-")) {
            (Some(name), _) => pem(SignatureAlgorithm::RsaPss { bits: 2048, hash: hash(name)? }),
            (_, Some(name)) => pem(SignatureAlgorithm::RsaPkcs1 { bits: 2048, hash: hash(name)? }),
            _ => Err(Unusable::Kind),
        },
        _ => Err(Unusable::Kind),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use serde_json::json;

    use super::*;

    fn with(document: &Json, pointer: &str, value: Json) -> Json {
        let mut changed = document.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match changed.pointer_mut(parent).unwrap() {
            Json::Object(map) => drop(map.insert(name.to_owned(), value)),
            Json::Array(list) => *list.get_mut(name.parse::<usize>().unwrap()).unwrap() = value,
            _ => panic!("{pointer}"),
        }
        changed
    }

    fn code(read: Result<Document, Reason>) -> &'static str {
        read.map_or_else(|reason| reason.info().code, |_| "ok")
    }

    #[test]
    fn layouts() {
        let step = json!({
            "_type": "step", "name": "build", "threshold": 1, "pubkeys": ["k"], "expected_command": ["make"],
            "expected_materials": [["MATCH", "*", "WITH", "PRODUCTS", "FROM", "fetch"]],
            "expected_products": [["CREATE", "app"], ["DISALLOW", "*"]],
        });
        let inspection = json!({"_type": "inspection", "name": "look", "run": ["ls"], "expected_materials": []});
        let good = json!({
            "_type": "layout", "expires": "2027-01-01T00:00:00Z", "readme": "", "keys": {"k": {}}, "steps": [step],
            "inspect": [inspection],
        });
        for (document, expected) in [
            (good.clone(), "ok"),
            (with(&good, "/keys", json!({})), "ok"),
            (with(&good, "/steps", json!([])), "ok"),
            (with(&good, "/steps/0/threshold", Json::Null), "ok"),
            (with(&good, "/expires", json!("2027-01-01")), "parse.malformed"),
            (with(&good, "/expires", Json::Null), "parse.malformed"),
            (with(&good, "/keys", json!([])), "parse.malformed"),
            (with(&good, "/keys/k", json!("key")), "parse.malformed"),
            (with(&good, "/steps/0/name", json!("")), "parse.malformed"),
            (with(&good, "/steps/0/name", json!("look")), "parse.malformed"),
            (with(&good, "/steps", json!([step, step])), "parse.malformed"),
            (with(&good, "/steps/0/threshold", json!(0)), "parse.malformed"),
            (with(&good, "/steps/0/threshold", json!(-1)), "parse.malformed"),
            (with(&good, "/steps/0/threshold", json!("1")), "parse.malformed"),
            (with(&good, "/steps/0/pubkeys", json!([1])), "parse.malformed"),
            (with(&good, "/steps/0/expected_products", json!([["CREATE"]])), "parse.malformed"),
            (with(&good, "/steps/0/expected_materials", json!([["create", 1]])), "parse.malformed"),
            (with(&good, "/inspect/0/expected_materials", json!([["NONE", "*"]])), "parse.malformed"),
            (with(&good, "/_type", json!("Layout")), "parse.malformed"),
        ] {
            assert_eq!(code(super::document(&document, b"")), expected, "{document}");
        }
    }

    #[test]
    fn links() {
        let good = json!({
            "_type": "link", "name": "build", "command": [], "materials": {},
            "products": {"app": {"sha256": "00", "sha512": "11"}}, "byproducts": {"stdout": "x"}, "environment": {},
        });
        for (document, expected) in [
            (good.clone(), "ok"),
            (with(&good, "/products", json!({})), "ok"),
            (with(&good, "/name", json!("")), "parse.malformed"),
            (with(&good, "/materials", Json::Null), "parse.malformed"),
            (with(&good, "/products", json!([])), "parse.malformed"),
            (with(&good, "/products/app", json!({})), "parse.malformed"),
            (with(&good, "/products/app", json!("00")), "parse.malformed"),
        ] {
            assert_eq!(code(super::document(&document, b"")), expected, "{document}");
        }
        let block = json!({"signed": good, "signatures": [{"keyid": "k", "sig": "00"}]});
        let code = |block: &Json| metablock(block, &Limits::MAX).map_or_else(|r| r.info().code, |_| "ok");
        for (block, expected) in [
            (block.clone(), "ok"),
            (with(&block, "/signatures", json!([])), "signature.count"),
            (with(&block, "/signatures", json!(vec![json!({"sig": "00"}); 17])), "limit.signatures"),
            (
                with(&block, "/signatures/0", json!({"keyid": "k", "other_headers": "04", "signature": "00"})),
                "layout.openpgp",
            ),
            (with(&block, "/signatures/0/other_headers", json!("04")), "ok"),
            (with(&block, "/signatures/0/sig", json!("xx")), "parse.malformed"),
            (with(&block, "/signatures/0/sig", json!("")), "parse.malformed"),
            (with(&block, "/signed/byproducts", json!({"load": 1.5})), "parse.malformed"),
        ] {
            assert_eq!(code(&block), expected, "{block}");
        }
    }

    #[test]
    fn keys() {
        const PEM: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n";
        const RAW: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let read = |kind: &str, scheme: &str, public: &str| {
            let value = json!({"keytype": kind, "scheme": scheme, "keyval": {"public": public, "private": ""}});
            key(value.as_object().unwrap()).map(|key| key.algorithm().to_string()).map_err(|why| why.to_string())
        };
        assert_eq!(read("ed25519", "ed25519", RAW).as_deref(), Ok("ed25519"));
        for (kind, scheme, public, expected) in [
            ("ed25519", "ed25519", PEM, Unusable::Key(KeyError::Spki)),
            ("ed25519", "ed25519", &"0".repeat(64), Unusable::Key(KeyError::Weak)),
            ("ed25519", "ecdsa-sha2-nistp256", RAW, Unusable::Kind),
            (
                "ecdsa",
                "ecdsa-sha2-nistp256",
                PEM,
                Unusable::Key(KeyError::Disagrees { key: SignatureAlgorithm::Ed25519 }),
            ),
            ("ecdsa", "ecdsa-sha2-nistp521", PEM, Unusable::Kind),
            ("rsa", "rsassa-pss-md5", PEM, Unusable::Kind),
            ("rsa", "rsassa-pss-sha256", "", Unusable::Key(KeyError::Pem)),
            ("sphincs", "sphincs-shake-128s", RAW, Unusable::Kind),
        ] {
            assert_eq!(read(kind, scheme, public), Err(expected.to_string()), "{kind} {scheme}");
        }
        let pgp =
            json!({"type": "rsa", "method": "pgp+rsa-pkcsv1.5", "hashes": ["pgp+SHA2"], "keyval": {"public": {}}});
        assert_eq!(key(pgp.as_object().unwrap()), Err(Unusable::OpenPgp));
    }
}
