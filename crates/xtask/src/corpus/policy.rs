//! A policy made from a case, written out in the policy language and loaded as `vidimus verify` loads it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use vidimus::digest::Digest;
use vidimus::policy::Policy;

use crate::Result;

/// Who is believed.
pub(super) enum Identity {
    /// A certificate identity under the case's trusted root.
    Certificate { issuer: Option<String>, san: String },
    /// The holder of a certificate by an authority of its own, by common name.
    Holder { anchors: Vec<u8>, subject: String },
    /// A minisign key, as the case gives it.
    Minisign(Vec<u8>),
    /// An OpenPGP certificate, as the case gives it.
    OpenPgp(Vec<u8>),
    /// A public key; `pem` is as the case gives it.
    Key { pem: Vec<u8>, algorithm: Option<String> },
}

impl Identity {
    /// Somebody must be named, and nobody of the case is meant: the public key of RFC 8032 section 7.1, test 1.
    pub(super) fn nobody() -> Self {
        const PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
                           MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
                           -----END PUBLIC KEY-----\n";
        Self::Key { pem: PEM.into(), algorithm: None }
    }
}

/// What a case asks.
#[derive(Default)]
pub(super) struct Ask {
    /// The trusted root's bytes.
    pub(super) root: Option<Vec<u8>>,
    pub(super) identities: Vec<Identity>,
    /// Predicate types that the identities may state; plain signatures over files always.
    pub(super) predicate_types: Vec<String>,
    /// A layout is asked, not any signature.
    pub(super) layout: bool,
    /// Build provenance is asked, not any signature.
    pub(super) provenance: Option<Provenance>,
}

/// What is asked of build provenance.
#[derive(Default)]
pub(super) struct Provenance {
    pub(super) builder: String,
    pub(super) repository: Option<String>,
    /// JSON Pointer into the external parameters, and what must stand there.
    pub(super) parameters: Vec<(String, Text)>,
}

/// A text that is expected.
pub(super) enum Text {
    Exact(String),
    Prefix(String),
}

/// The policy, or the codes for which it was refused.
pub(super) type Loaded = std::result::Result<(Policy, Vec<PathBuf>), Vec<String>>;

const ROOT: &str = "trusted_root.json";
const NAME: &str = "policy.toml";

impl Ask {
    /// Writes the policy and its files into `folder`, and loads it.
    pub(super) fn load(&self, folder: &Path) -> Result<Loaded> {
        let put = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            std::fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))
        };
        if let Some(root) = &self.root {
            put(ROOT, root)?;
        }
        for (number, identity) in self.identities.iter().enumerate() {
            match identity {
                Identity::Key { pem, .. } => put(&key_name(number), pem)?,
                Identity::Minisign(key) | Identity::OpenPgp(key) | Identity::Holder { anchors: key, .. } => {
                    put(&key_name(number), key)?;
                }
                Identity::Certificate { .. } => {}
            }
        }
        put(NAME, self.text().as_bytes())?;
        let path = folder.join(NAME);
        Ok(match vidimus::policy::load(&path) {
            Ok(policy) => {
                let files = policy.closure.iter().map(|(name, _)| folder.join(name)).collect();
                Ok((policy, files))
            }
            Err(refused) => Err(refused.errors().iter().map(|error| error.info.code.to_owned()).collect()),
        })
    }

    /// The policy in its own language.
    fn text(&self) -> String {
        let mut out = String::from(
            "schema = \"urn:vidimus:policy:v1\"\nid = \"urn:vidimus:corpus\"\nversion = 1\n\n[algorithms]\n\
             digest_bind = [\"sha256\", \"sha384\", \"sha512\"]\n",
        );
        line(&mut out, "signature", &list(SIGNATURES));
        out.push_str("\n[party.signer]\nname = \"signer\"\nkind = \"vendor\"\njurisdictions = [\"SE\"]\n");
        if let Some(root) = &self.root {
            out.push_str("\n[instance.under-test]\n");
            line(&mut out, "trusted_root", &quoted(ROOT));
            line(&mut out, "sha256", &quoted(Digest::sha256(root).hex()));
        }
        for (number, identity) in self.identities.iter().enumerate() {
            out.push_str("\n[[identity]]\n");
            line(&mut out, "id", &quoted(&identity_name(number)));
            line(&mut out, "party", &quoted("signer"));
            match identity {
                Identity::Certificate { issuer, san } => {
                    line(&mut out, "type", &quoted("sigstore"));
                    line(&mut out, "instance", &quoted("under-test"));
                    let absent = || "{ absent = true }".to_owned();
                    line(&mut out, "issuer", &issuer.as_deref().map_or_else(absent, quoted));
                    line(&mut out, "san", &format!("{{ exact = {} }}", quoted(san)));
                }
                Identity::Holder { subject, .. } => {
                    line(&mut out, "type", &quoted("x509"));
                    line(&mut out, "anchors", &quoted(&key_name(number)));
                    line(&mut out, "subject", &format!("{{ CN = {} }}", quoted(subject)));
                    line(&mut out, "revocation", &quoted("not-published"));
                }
                Identity::Minisign(_) | Identity::OpenPgp(_) => {
                    let kind = if matches!(identity, Identity::Minisign(_)) { "minisign" } else { "openpgp" };
                    line(&mut out, "type", &quoted(kind));
                    line(&mut out, "key", &quoted(&key_name(number)));
                }
                Identity::Key { algorithm, .. } => {
                    line(&mut out, "key", &quoted(&key_name(number)));
                    if let Some(algorithm) = algorithm {
                        line(&mut out, "algorithm", &quoted(algorithm));
                    }
                    if self.root.is_some() {
                        line(&mut out, "instance", &quoted("under-test"));
                    }
                }
            }
        }
        self.grant_and_rule(&mut out);
        out
    }

    fn grant_and_rule(&self, out: &mut String) {
        out.push_str("\n[[grant]]\n");
        let names: Vec<String> = (0..self.identities.len()).map(identity_name).collect();
        line(out, "identities", &list(&names));
        let may: Vec<&str> = [if self.layout { "layout" } else { "file" }]
            .into_iter()
            .chain(self.predicate_types.iter().map(String::as_str))
            .collect();
        line(out, "may", &list(&may));
        if let Some(provenance) = &self.provenance {
            line(out, "builders", &format!("[ {{ id = {}, max_level = 3 }} ]", quoted(&provenance.builder)));
        }
        out.push_str("\n[[rule]]\nid = \"under-test\"\n");
        if self.layout {
            line(out, "check", &quoted("layout"));
            line(out, "inspections", &quoted("not-run"));
            return;
        }
        let Some(provenance) = &self.provenance else {
            line(out, "check", &quoted("release"));
            return;
        };
        line(out, "check", &quoted("provenance"));
        line(out, "min_level", "1");
        line(out, "unknown_parameters", &quoted("ignore"));
        if let Some(repository) = &provenance.repository {
            line(out, "repository", &quoted(repository));
        }
        if !provenance.parameters.is_empty() {
            out.push_str("[[rule.parameters]]\n");
            for (pointer, expected) in &provenance.parameters {
                let expected = match expected {
                    Text::Exact(text) => format!("{{ eq = {} }}", quoted(text)),
                    Text::Prefix(text) => format!("{{ prefix = {} }}", quoted(text)),
                };
                line(out, &format!("allow.{}", quoted(pointer)), &expected);
            }
        }
    }
}

/// Every signature algorithm that policies can name, so that no case fails for a default.
const SIGNATURES: &[&str] = &[
    "ecdsa-p256-sha256",
    "ecdsa-p384-sha384",
    "ed25519",
    "rsa-pss-2048-sha256",
    "rsa-pss-2048-sha384",
    "rsa-pss-2048-sha512",
    "rsa-pkcs1-2048-sha256",
    "rsa-pkcs1-2048-sha384",
    "rsa-pkcs1-2048-sha512",
];

fn identity_name(number: usize) -> String {
    format!("signer-{number}")
}

fn key_name(number: usize) -> String {
    format!("signer-{number}.pub")
}

fn line(out: &mut String, name: &str, value: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{name} = {value}");
}

fn list<S: AsRef<str>>(values: &[S]) -> String {
    let values: Vec<String> = values.iter().map(|value| quoted(value.as_ref())).collect();
    format!("[{}]", values.join(", "))
}

/// A TOML basic string. Its escapes for quotes, backslash and control characters are those of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}
