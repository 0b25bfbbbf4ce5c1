//! What a file is, for a person who wonders: format, claims, signers. Nothing here is verified and nothing judges.
//!
//! Texts are as the file has them. Whoever prints them must escape them.

mod claims;
mod in_toto;
#[cfg(test)]
mod tests;
mod vex;

use der::Decode as _;
use serde::Serialize;
use serde_json::Value as Json;

use super::{
    Bundle, BundleContent, Checksums, Content, Dsse, Envelope, Invalid, Material, Predicate, RebuildResult, Sbom,
    SignedItem, Statement, document, json,
};
use crate::authenticate::keys::{KeyError, PublicKey, SignatureAlgorithm};
use crate::authenticate::openpgp::{self, Certificate, CertificateError};
use crate::authenticate::{certificate, rfc3161, x509};
use crate::digest::{Algorithm, Digest, DigestSet};
use crate::limits::Limits;
use crate::policy::SanKind;
use crate::reason::Reason;
use crate::signature::Scheme;

/// Facts of one label that are shown; the rest is counted.
const SHOWN: usize = 20;

/// What a file, or an item in it, is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Description {
    /// `Sigstore bundle v0.3`, `DSSE envelope`, `in-toto statement v1`, `CycloneDX 1.6 JSON`, `file`, …
    pub kind: String,
    /// (label, value) in the order to show them.
    pub facts: Vec<(String, String)>,
    /// Who signed it, by its own word.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<Signer>,
    /// Why it, or its payload, cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// What is in it: items of a list, the payload of an envelope, the SBOM of a statement.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Self>,
}

/// A signer as a document names it: the raw material of an `[[identity]]`, once confirmed out of band.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Signer {
    /// A certificate of a Sigstore instance.
    Certificate {
        /// Kind of the subject alternative name as policies write it: `uri`, `email` or `other`.
        san_kind: &'static str,
        /// Its value.
        san: String,
        /// The OIDC issuer, if stated.
        #[serde(skip_serializing_if = "Option::is_none")]
        issuer: Option<String>,
    },
    /// The holder of a certificate, in a CMS signature.
    Holder {
        /// Attributes of the subject that stand there once: (short name, value).
        subject: Vec<(String, String)>,
        /// The issuer's name.
        issuer: String,
    },
    /// An OpenPGP key.
    #[serde(rename = "openpgp")]
    OpenPgp {
        /// Fingerprint, or in old signatures only the key id; in a signature, of the very key that signed, which can be a subkey.
        key: String,
        /// Is this the certificate?
        certificate: bool,
    },
    /// A public key; only a key file says which.
    Key {
        /// `algorithm` as policies write it; for RSA the padding is a choice, so there it is one proposal.
        #[serde(skip_serializing_if = "Option::is_none")]
        algorithm: Option<String>,
        /// sha256 of its SubjectPublicKeyInfo.
        #[serde(skip_serializing_if = "Option::is_none")]
        spki_sha256: Option<String>,
    },
}

/// Why something cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The reason's code.
    pub code: String,
    /// Its sentence.
    pub says: String,
}

impl From<&Reason> for Problem {
    fn from(reason: &Reason) -> Self {
        Self { code: reason.code().to_owned(), says: reason.sentence() }
    }
}

impl Description {
    fn new(kind: impl Into<String>) -> Self {
        Self { kind: kind.into(), ..Self::default() }
    }

    fn fact(&mut self, label: &str, value: impl ToString) {
        self.facts.push((label.to_owned(), value.to_string()));
    }

    fn optional(&mut self, label: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.fact(label, value);
        }
    }

    /// One fact per value, up to [`SHOWN`], then how many more there are.
    fn each(&mut self, label: &str, values: impl Iterator<Item = String>) {
        let mut more = 0_usize;
        for (index, value) in values.enumerate() {
            if index < SHOWN { self.fact(label, value) } else { more += 1 }
        }
        if more > 0 {
            self.fact(label, format_args!("and {more} more"));
        }
    }

    fn problem(mut self, reason: &Reason) -> Self {
        self.problem = Some(reason.into());
        self
    }
}

/// Describes a file by its bytes.
#[must_use]
pub fn describe(bytes: &[u8], limits: &Limits) -> Description {
    let mut description = match document(bytes, limits) {
        Content::Ordinary => {
            pem(bytes).or_else(|| openpgp_certificate(bytes)).unwrap_or_else(|| Description::new("file"))
        }
        Content::Refused(reason) => Description::new("document that cannot be read").problem(&reason),
        Content::Sbom(document) => sbom(&document),
        Content::InvalidSbom(invalid) => invalid_sbom(&invalid),
        Content::Vex(document) => vex::document(&document),
        Content::Checksums(list) => checksums(&list),
        Content::UnsignedStatement(unsigned) => {
            let mut description = statement(&unsigned);
            description.kind.push_str(", not signed");
            description
        }
        Content::TrustedRoot => trusted_root(bytes),
        Content::RevocationList(list) => {
            let mut description = Description::new("certificate revocation list");
            description.fact("issuer", list.issuer());
            description.optional("next update", list.next_update().map(|time| time.to_string()).as_ref());
            description.fact("revoked certificates", list.entries());
            description
        }
        Content::Timestamp => {
            let mut description = Description::new("timestamp token (RFC 3161)");
            description.optional("over", rfc3161::imprint(bytes).map(|digest| digest.to_string()).as_ref());
            let bound = rfc3161::stated(bytes).map(|(_, bound)| bound.to_string());
            description.optional("states that it existed by", bound.as_ref());
            description
        }
        Content::Signed(items) => match items.as_slice() {
            [only] => item(only),
            many => {
                let mut description = Description::new("list of signed items");
                description.fact("items", many.len());
                description.items = many.iter().map(item).collect();
                description
            }
        },
    };
    description.facts.insert(0, ("sha256".to_owned(), Digest::sha256(bytes).hex().to_owned()));
    description.facts.insert(1, ("bytes".to_owned(), bytes.len().to_string()));
    description
}

fn item(item: &SignedItem) -> Description {
    let mut description = match &item.envelope {
        Ok(Envelope::Dsse(envelope)) => {
            let mut description = Description::new("DSSE envelope");
            dsse(&mut description, envelope);
            description
        }
        Ok(Envelope::Bundle(sealed)) => bundle(sealed),
        Ok(Envelope::Metablock(block)) => in_toto::metablock(block),
        Ok(Envelope::Detached(signature)) => detached(&signature.scheme),
        Err(reason) => Description::new("signed item that cannot be read").problem(reason),
    };
    description.facts.insert(0, ("evidence".to_owned(), item.id.to_string()));
    description
}

fn checksums(list: &Checksums) -> Description {
    let mut description = Description::new("list of checksums");
    description.fact("files", list.files.len());
    description.each("lists", list.files.iter().map(|(name, set)| format!("{name} {}", digests(set))));
    description
}

fn detached(scheme: &Scheme) -> Description {
    let mut description = Description::new(scheme.name());
    for (label, value) in scheme.facts() {
        description.fact(label, value);
    }
    match scheme {
        Scheme::Cms(signature) => description.signers.extend(signature.signers().filter_map(|der| holder(der))),
        Scheme::OpenPgp(signature) => {
            let signer = |key| Signer::OpenPgp { key, certificate: false };
            description.signers.extend(signature.issuer().map(signer));
        }
        Scheme::Raw(_) | Scheme::Minisign(_) | Scheme::SshSig(_) => {}
    }
    description
}

/// A file with the certificate of an OpenPGP key.
fn openpgp_certificate(bytes: &[u8]) -> Option<Description> {
    let certificate = match Certificate::read(bytes) {
        Ok(certificate) => certificate,
        Err(CertificateError::Private) => return Some(Description::new("private key: never deliver it")),
        Err(CertificateError::Malformed(_)) => return None,
        Err(why) => {
            let mut description = Description::new("OpenPGP certificate");
            description.fact("not usable", why);
            return Some(description);
        }
    };
    let mut description = Description::new("OpenPGP certificate");
    let fingerprint = openpgp::shown(certificate.fingerprint());
    description.fact("fingerprint", &fingerprint);
    description.each("user id", certificate.users().map(ToOwned::to_owned));
    description.each("signs with", certificate.signers().map(|key| openpgp::shown(&key.fingerprint)));
    let made = certificate.keys().next().map(|key| key.created.to_string());
    description.optional("made", made.as_ref());
    description.signers.push(Signer::OpenPgp { key: fingerprint, certificate: true });
    Some(description)
}

/// Who holds a certificate, by the attributes that a policy can name.
fn holder(der: &[u8]) -> Option<Signer> {
    let tbs = x509_cert::Certificate::from_der(der).ok()?.tbs_certificate;
    let named = x509::ATTRIBUTES.iter().filter_map(|(label, oid)| match x509::values(&tbs.subject, oid).as_slice() {
        [Some(value)] => Some(((*label).to_owned(), value.clone())),
        _ => None,
    });
    Some(Signer::Holder { subject: named.collect(), issuer: x509::shown(&tbs.issuer) })
}

fn bundle(bundle: &Bundle) -> Description {
    let mut description = Description::new(format!("Sigstore bundle v0.{}", bundle.version));
    match &bundle.material {
        Material::Certificate(der) => {
            description.fact("signed with", "certificate");
            description.signers.extend(certificate_signer(der));
        }
        Material::PublicKey => {
            description.fact("signed with", "managed key");
            description.signers.push(Signer::Key { algorithm: None, spki_sha256: None });
        }
    }
    let value = json::value(bundle.json.as_bytes()).unwrap_or_default();
    let list = |pointer: &str| value.pointer(pointer).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    description.each("log entry", list("/verificationMaterial/tlogEntries").iter().map(log_entry));
    let timestamps = list("/verificationMaterial/timestampVerificationData/rfc3161Timestamps").len();
    if timestamps > 0 {
        description.fact("RFC 3161 timestamps", timestamps);
    }
    match &bundle.content {
        BundleContent::Dsse(envelope) => dsse(&mut description, envelope),
        BundleContent::Message { digest, .. } => description.fact("signs the file", digest),
    }
    description
}

fn log_entry(entry: &Json) -> String {
    let text = |pointer: &str| match entry.pointer(pointer) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        _ => "not stated".to_owned(),
    };
    let mut shown =
        format!("{} {}, index {}", text("/kindVersion/kind"), text("/kindVersion/version"), text("/logIndex"));
    for (member, words) in [("inclusionProof", "inclusion proof"), ("inclusionPromise", "inclusion promise")] {
        if entry.get(member).is_some_and(|m| !m.is_null()) {
            shown.push_str(", ");
            shown.push_str(words);
        }
    }
    shown
}

fn dsse(description: &mut Description, envelope: &Dsse) {
    description.fact("payload type", &envelope.payload_type);
    description.fact("payload bytes", envelope.payload.len());
    description.fact("signatures", envelope.signatures.len());
    match (&envelope.document, &envelope.statement) {
        (Some(document), _) => description.items.push(in_toto::document(document)),
        (None, Ok(signed)) => description.items.push(statement(signed)),
        (None, Err(reason)) => description.problem = Some(reason.into()),
    }
}

fn statement(statement: &Statement) -> Description {
    let version = statement.statement_type.rsplit('/').next().unwrap_or_default();
    let mut description = Description::new(format!("in-toto statement {version}"));
    description.fact("predicate type", &statement.predicate_type);
    let subjects = statement.subjects.iter().map(|s| match s.name.as_str() {
        "" => digests(&s.digest),
        name => format!("{name} {}", digests(&s.digest)),
    });
    description.each("subject", subjects);
    match &statement.predicate {
        Predicate::Provenance(provenance) => {
            description.fact("builder", &provenance.builder_id);
            description.fact("build type", &provenance.build_type);
            for source in &provenance.sources {
                let parts = [Some(&source.repository), source.reference.as_ref(), source.commit.as_ref()];
                let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
                description.fact("source", parts.join(" "));
            }
            description.optional("trigger", provenance.trigger.as_ref());
        }
        Predicate::Delivery(delivery) => {
            description.fact("product", &delivery.product);
            description.fact("sequence", delivery.sequence);
            description.optional("recipient", delivery.recipient.as_ref());
            let evidence = delivery.evidence.iter().map(|(path, set)| format!("{path} {}", digests(set)));
            description.each("evidence", evidence);
        }
        Predicate::Release(release) => description.fact("package", &release.purl),
        Predicate::Model(files) => {
            let files = files.iter().map(|file| format!("{} {}", file.name, digests(&file.digest)));
            description.each("file", files);
        }
        Predicate::Rebuild(comparison) => {
            description.fact("original", digests(&comparison.original));
            description.fact("rebuilt", digests(&comparison.rebuilt));
            description.fact("provenance", digests(&comparison.provenance));
            description.fact(
                "result",
                match &comparison.result {
                    RebuildResult::Identical => "identical".to_owned(),
                    RebuildResult::AfterNormalisation { method, .. } => format!("identical after {method}"),
                    RebuildResult::Different => "different".to_owned(),
                },
            );
        }
        Predicate::Summary(summary) => {
            description.fact("verifier", &summary.verifier_id);
            description.optional("resource", summary.resource.as_ref());
            description.fact("result", if summary.passed { "PASSED" } else { "FAILED" });
            description.each("verified", summary.levels.iter().cloned());
            description.optional("verified at", summary.verified.map(|time| time.to_string()).as_ref());
            description.each("policy", summary.policies.iter().map(digests));
            description.each("input", summary.inputs.iter().flatten().map(digests));
        }
        Predicate::Certification(found) => claims::certification(&mut description, found),
        Predicate::Origin(origin) => claims::origin(&mut description, origin),
        Predicate::Attributes(attributes) => {
            description.each("attribute", attributes.iter().map(|attribute| attribute.name.clone()));
        }
        Predicate::Status(list) => {
            description.fact("list", &list.list);
            description.fact("number", list.number);
            description.fact("this update", list.this_update);
            description.fact("next update", list.next_update);
            description.each("scope", list.scope.iter().map(|kind| kind.name().to_owned()));
            description.fact("entries", list.entries.len());
        }
        Predicate::Sbom(document) => description.items.push(sbom(document)),
        Predicate::Opaque => description.fact("predicate", "of a type that no check reads"),
        Predicate::Refused(reason) => description.problem = Some(reason.into()),
        Predicate::InvalidSbom(invalid) => description.items.push(invalid_sbom(invalid)),
        Predicate::Vex(document) => vex::claims(&mut description, document),
        Predicate::Scan(scan) => vex::scan(&mut description, scan),
    }
    description
}

fn digests(set: &DigestSet) -> String {
    set.iter().map(|(name, value)| format!("{name}:{value}")).collect::<Vec<_>>().join(" ")
}

fn sbom(sbom: &Sbom) -> Description {
    let name = sbom
        .format
        .replace("cyclonedx-", "CycloneDX ")
        .replace("spdx-", "SPDX ")
        .replace("+json", " JSON")
        .replace("+xml", " XML");
    let mut description = Description::new(name);
    if let Some(root) = sbom.root() {
        let named = [Some(root.name()), root.version()];
        description.fact("about", named.into_iter().flatten().collect::<Vec<_>>().join(" "));
        description.optional("package", root.purl());
        description.optional("supplier", root.supplier());
        if !root.digests().is_empty() {
            description.fact("digests", digests(&root.digests()));
        }
    }
    let count = |keep: fn(super::Component<'_>) -> bool| sbom.others().filter(|c| keep(*c)).count();
    description.fact("components", sbom.others().count());
    description.fact("with a digest that binds", count(|c| c.digests().strongest().is_some()));
    description.fact("with a package URL", count(|c| c.purl().is_some()));
    description.fact("relationships", sbom.edges().len());
    description
}

/// What an SBOM that is refused would say, and all that is wrong with it.
fn invalid_sbom(invalid: &Invalid) -> Description {
    let mut description = match &invalid.sbom {
        Some(document) => sbom(document),
        None => Description::new("document that cannot be read"),
    };
    if invalid.sbom.is_some() {
        description.kind.push_str(", not valid");
    }
    let more = invalid.reasons.get(1..).unwrap_or_default();
    description.each("violation", more.iter().map(|r| format!("{}: {}", r.code(), r.sentence())));
    match invalid.reasons.first() {
        Some(reason) => description.problem(reason),
        None => description,
    }
}

fn trusted_root(bytes: &[u8]) -> Description {
    let mut description = Description::new("Sigstore trusted root");
    let value = json::value(bytes).unwrap_or_default();
    for (member, label) in [
        ("certificateAuthorities", "certificate authorities"),
        ("ctlogs", "certificate transparency logs"),
        ("tlogs", "transparency logs"),
        ("timestampAuthorities", "timestamp authorities"),
    ] {
        description.fact(label, value.get(member).and_then(Json::as_array).map_or(0, Vec::len));
    }
    let uris = ["certificateAuthorities", "tlogs", "timestampAuthorities"].into_iter();
    let uris = uris.filter_map(|member| value.get(member)?.as_array()).flatten();
    let uris = uris.filter_map(|entry| entry.get("uri").or_else(|| entry.get("baseUrl"))?.as_str());
    description.each("of", uris.map(ToOwned::to_owned));
    description
}

/// A PEM file with one public key or certificate.
fn pem(bytes: &[u8]) -> Option<Description> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.trim_start().starts_with("-----BEGIN "))?;
    let (label, der) = der::pem::decode_vec(text.trim().as_bytes()).ok()?;
    match label {
        "PUBLIC KEY" => Some(public_key(&der)),
        "CERTIFICATE" => {
            let mut description = Description::new("X.509 certificate");
            description.signers.extend(certificate_signer(&der));
            Some(description)
        }
        other if other.ends_with("PRIVATE KEY") => Some(Description::new("private key: never deliver it")),
        _ => None,
    }
}

fn public_key(der: &[u8]) -> Description {
    let mut description = Description::new("public key");
    let proposal = SignatureAlgorithm::RsaPss { bits: 2048, hash: Algorithm::Sha256 };
    let key = match PublicKey::from_spki(der, None) {
        Err(KeyError::RsaAlgorithm) => PublicKey::from_spki(der, Some(proposal)),
        other => other,
    };
    match key {
        Ok(key) => {
            description.fact("algorithm", key.algorithm());
            description.fact("sha256 of the key", key.spki_sha256().hex());
            let algorithm = Some(key.algorithm().to_string());
            description.signers.push(Signer::Key { algorithm, spki_sha256: Some(key.spki_sha256().hex().to_owned()) });
        }
        Err(error) => description.fact("not usable", error),
    }
    description
}

fn certificate_signer(der: &[u8]) -> Option<Signer> {
    let (kind, san) = certificate::san(der)?;
    let san_kind = match kind {
        SanKind::Uri => "uri",
        SanKind::Email => "email",
        SanKind::Other => "other",
    };
    Some(Signer::Certificate { san_kind, san, issuer: certificate::stated_issuer(der) })
}
