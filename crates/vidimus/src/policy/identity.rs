//! How the parties of a policy are recognised.

use std::collections::BTreeMap;

use der::asn1::ObjectIdentifier;

use super::Window;
use crate::authenticate::crl::Crl;
use crate::authenticate::keys::PublicKey;
use crate::authenticate::openpgp::Certificate;
use crate::signature::minisign::KeyId;
use crate::time::Time;

/// A key or certificate identity of one party.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its id in the policy.
    pub id: String,
    /// The party it belongs to.
    pub party: String,
    /// When its signatures count, compared with proven signing time.
    pub valid: Option<Window>,
    /// Only signatures proven older than this count.
    pub compromised_from: Option<Time>,
    /// How it is recognised.
    pub kind: IdentityKind,
}

/// How an identity is recognised.
#[derive(Clone, Debug)]
pub enum IdentityKind {
    /// A public key.
    Key {
        /// The key.
        key: PublicKey,
        /// The instance whose logs and time-stamping authorities prove when it signed, if any.
        instance: Option<String>,
    },
    /// A minisign key.
    Minisign {
        /// The key.
        key: PublicKey,
        /// Its name in signatures.
        key_id: KeyId,
    },
    /// A key of SSH, for signatures within one namespace.
    Ssh {
        /// The key; for RSA, whichever hash the signature uses and `[algorithms]` accepts.
        key: PublicKey,
        /// The key as signatures carry it.
        blob: Vec<u8>,
        /// The namespace, exact.
        namespace: String,
    },
    /// The certificate of an OpenPGP key, with its subkeys.
    OpenPgp(Box<Certificate>),
    /// The holder of a certificate that leads to an anchor of the policy, for CMS signatures.
    X509(Box<X509Identity>),
    /// A certificate of a Sigstore instance (DESIGN ruling 6).
    Sigstore {
        /// The instance's name.
        instance: String,
        /// The OIDC issuer, exact; `None` only where the certificate must state none.
        issuer: Option<String>,
        /// The subject alternative name.
        san: San,
    },
}

impl IdentityKind {
    /// The public key, if it is recognised by one.
    #[must_use]
    pub const fn key(&self) -> Option<&PublicKey> {
        match self {
            Self::Key { key, .. } | Self::Minisign { key, .. } | Self::Ssh { key, .. } => Some(key),
            Self::Sigstore { .. } | Self::X509(_) | Self::OpenPgp(_) => None,
        }
    }

    /// Every public key that it is recognised by.
    #[must_use]
    pub fn public_keys(&self) -> Vec<PublicKey> {
        match self {
            Self::OpenPgp(certificate) => certificate.signers().filter_map(|key| key.public_key()).collect(),
            _ => self.key().into_iter().cloned().collect(),
        }
    }

    /// The Sigstore instance that it refers to.
    #[must_use]
    pub fn instance(&self) -> Option<&str> {
        match self {
            Self::Key { instance, .. } => instance.as_deref(),
            Self::Sigstore { instance, .. } => Some(instance),
            Self::Minisign { .. } | Self::Ssh { .. } | Self::X509(_) | Self::OpenPgp(_) => None,
        }
    }
}

/// A certificate's holder.
#[derive(Clone, Debug)]
pub struct X509Identity {
    /// Certificates that its path must lead to, DER; at least one.
    pub anchors: Vec<Vec<u8>>,
    /// Attributes of the subject, by their short names: each must be there once, with this value. Never empty unless `san` is set.
    pub subject: BTreeMap<String, String>,
    /// A subject alternative name that must be there.
    pub san: Option<String>,
    /// The extended key usage that the certificate must state.
    pub usage: ObjectIdentifier,
    /// Must it be shown that no certificate of the path is revoked?
    pub revocation: bool,
    /// Revocation lists of the policy.
    pub lists: Vec<Crl>,
}

/// What the subject alternative name must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct San {
    /// URI, e-mail or Fulcio's otherName; `None` accepts each.
    pub kind: Option<SanKind>,
    /// Its value.
    pub value: SanMatch,
}

/// Kinds of subject alternative names that Fulcio issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SanKind {
    /// uniformResourceIdentifier.
    Uri,
    /// rfc822Name.
    Email,
    /// otherName with Fulcio's type.
    Other,
}

/// Exact, or an anchored prefix. There are no regular expressions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SanMatch {
    /// Equal byte for byte.
    Exact(String),
    /// Starts so; the rest is 1 to 64 characters of `[0-9A-Za-z.+_-]`.
    Prefix(String),
}
