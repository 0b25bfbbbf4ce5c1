//! Who a keyless signer is: subject alternative name, issuer, and Fulcio's claims about the build.

use std::collections::BTreeMap;

use crate::asn1::{context, oid, seq, tlv, utf8};
use crate::certificate::extension;
use crate::statement::Provenance;

/// The issuer of GitHub Actions' tokens.
pub const GITHUB_ACTIONS: &str = "https://token.actions.githubusercontent.com";

const FULCIO: &str = "1.3.6.1.4.1.57264.1";

/// The identity that a signing certificate states.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Subject alternative name.
    pub san: San,
    /// OIDC issuer, written as .1.1 and .1.8; left out when empty.
    pub issuer: String,
    /// Further names in the same extension; Fulcio writes one alone.
    pub more: Vec<San>,
    /// Further extensions, DER.
    pub extra: Vec<Vec<u8>>,
    /// Further Fulcio extensions by their last arc: .2 to .6 are raw text, the others DER UTF8String.
    pub claims: BTreeMap<u8, String>,
}

/// A subject alternative name.
#[derive(Clone, Debug)]
pub enum San {
    /// A workload.
    Uri(String),
    /// A person.
    Email(String),
    /// Fulcio's otherName for user names (`name!domain`).
    Other(String),
}

impl Identity {
    /// A person with an email address.
    #[must_use]
    pub fn email(email: &str, issuer: &str) -> Self {
        Self::new(San::Email(email.to_owned()), issuer)
    }

    /// A workload with a URI.
    #[must_use]
    pub fn uri(uri: &str, issuer: &str) -> Self {
        Self::new(San::Uri(uri.to_owned()), issuer)
    }

    /// A user name.
    #[must_use]
    pub fn other(name: &str, issuer: &str) -> Self {
        Self::new(San::Other(name.to_owned()), issuer)
    }

    fn new(san: San, issuer: &str) -> Self {
        Self { san, issuer: issuer.to_owned(), more: Vec::new(), extra: Vec::new(), claims: BTreeMap::new() }
    }

    /// The identity that GitHub Actions and Fulcio give to that build, with claims .2 to .6 and .9 to .22.
    #[must_use]
    pub fn github(build: &Provenance) -> Self {
        let workflow = build.workflow_uri();
        let repository = build.repository.trim_start_matches("https://github.com/");
        let owner = repository.split('/').next().unwrap();
        let owner_uri = format!("https://github.com/{owner}");
        let run = format!("{}/actions/runs/1/attempts/1", build.repository);
        let mut identity = Self::uri(&workflow, GITHUB_ACTIONS);
        for (arc, value) in [
            (2, build.trigger.as_str()),
            (3, &build.commit),
            (4, "Release"),
            (5, repository),
            (6, &build.reference),
            (9, &workflow),
            (10, &build.commit),
            (11, "github-hosted"),
            (12, &build.repository),
            (13, &build.commit),
            (14, &build.reference),
            (15, "1000"),
            (16, &owner_uri),
            (17, "10"),
            (18, &workflow),
            (19, &build.commit),
            (20, &build.trigger),
            (21, &run),
            (22, "public"),
        ] {
            identity = identity.claim(arc, value);
        }
        identity
    }

    /// Sets the Fulcio extension with that last arc; an empty value takes it away.
    #[must_use]
    pub fn claim(mut self, arc: u8, value: &str) -> Self {
        if value.is_empty() {
            self.claims.remove(&arc);
        } else {
            self.claims.insert(arc, value.to_owned());
        }
        self
    }

    /// The extensions, in Fulcio's order.
    #[must_use]
    pub fn extensions(&self) -> Vec<Vec<u8>> {
        let mut out = vec![names(std::iter::once(&self.san).chain(&self.more))];
        out.extend(self.extra.iter().cloned());
        let mut add = |arc: u8, value: &[u8]| out.push(extension(&format!("{FULCIO}.{arc}"), false, value));
        if !self.issuer.is_empty() {
            add(1, self.issuer.as_bytes());
        }
        for (arc, value) in self.claims.range(..8) {
            add(*arc, value.as_bytes());
        }
        if !self.issuer.is_empty() {
            add(8, &utf8(&self.issuer));
        }
        for (arc, value) in self.claims.range(8..) {
            add(*arc, &utf8(value));
        }
        out
    }
}

/// The extension with these names; critical, because Fulcio leaves the subject empty (RFC 5280 4.2.1.6).
pub fn names<'a>(names: impl IntoIterator<Item = &'a San>) -> Vec<u8> {
    let names = names.into_iter().map(|name| match name {
        San::Uri(uri) => tlv(0x86, uri.as_bytes()),
        San::Email(email) => tlv(0x81, email.as_bytes()),
        San::Other(name) => context(0, &[oid(&format!("{FULCIO}.7")), context(0, &utf8(name))].concat()),
    });
    extension("2.5.29.17", true, &seq(&names.collect::<Vec<_>>()))
}
