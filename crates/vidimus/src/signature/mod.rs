//! Detached signatures: a file that signs another one. One scheme, one file of this module.
//!
//! [`read`] tells a signature by its content; raw signatures have no marks, so for them the name of the file must lead to the
//! file that is signed. Names choose what a signature is tried against and never bind: what binds is that the signature
//! verifies over bytes that we hashed. Everything here is a pure function; *read* provides what [`Scheme::needs`] asks for.

pub mod cms;
pub mod minisign;
pub mod openpgp;
mod raw;
pub mod sshsig;

use std::collections::BTreeSet;

use crate::authenticate::keys::SignatureAlgorithm;
use crate::authenticate::openpgp::marks;
use crate::authenticate::proof::Stamping;
use crate::authenticate::{Proof, ProvenTime};
use crate::digest::{Algorithm, Digest, Frame};
use crate::policy::{Identity, Policy};
use crate::read::File;
use crate::reason::Reason;
use crate::time::Time;

pub use self::cms::CmsSignature;
pub use self::minisign::Minisign;
pub use self::openpgp::OpenPgp;
pub use self::raw::Raw;
pub use self::sshsig::SshSig;

crate::reasons! {
    MALFORMED = "signature.malformed", Unproven, Vendor, ["bytes"],
        says "named as the signature of a delivered file, and its {bytes} bytes are no signature of any format that is read",
        why "A signature that is cut off, or has anything before or after it, proves nothing.",
        fix "Deliver the signature as the signing tool wrote it: binary, base64 or hexadecimal, with nothing else in the file.";
    UNSUPPORTED = "signature.unsupported-algorithm", Unproven, Signer, ["algorithm", "format"],
        says "the {format} is made with {algorithm}, which is not supported",
        why "What cannot be verified is not believed, and must not look as if nobody had signed.",
        fix "Sign with Ed25519, ECDSA on P-256 or P-384, or RSA with at least 2048 bits and SHA-256 or longer.";
    NO_FILE = "signature.no-file", Unproven, Vendor, ["format"],
        says "a {format}, and no file has the name that it is for",
        why "A detached signature does not say which file it signs; its name does (FILE.sig, FILE.asc, FILE.minisig, …), and the signature decides.",
        fix "Name the signature after the file that it signs.";
    SIGNED_BYTES = "limit.signed-bytes", Unproven, Vendor, ["limit"],
        says "the signature is over the bytes of a file, not over a digest, and the file is larger than the {limit} bytes that are kept, or there are too many such files",
        why "Counters stop input that would exhaust the verifier, at the same place on every machine (T36).",
        fix "Sign large files with a scheme that signs a digest: ECDSA, RSA, minisign's default, SSH signatures, or a statement in an envelope.";
}

/// What is appended to a file's name to name a signature over it.
pub const SUFFIXES: [&str; 12] =
    [".sig", ".asc", ".minisig", ".p7s", ".sign", ".signature", ".sshsig", ".gpg", ".pgp", ".p7", ".cms", ".p7m"];

/// A raw signature, binary or as text, has at most so many bytes.
pub const RAW_BYTES: u64 = 8 * 1024;

/// A detached signature as read; nothing of it is verified.
#[derive(Clone, Debug)]
pub struct Detached {
    /// How it is made.
    pub scheme: Scheme,
    /// sha256 of the files that it is tried against, sorted; *read* fills it in.
    pub tried: Vec<Digest>,
}

/// The scheme of a detached signature. A new one is a file of this module and an arm in each function below.
#[derive(Clone, Debug)]
pub enum Scheme {
    /// Nothing but the signature's bytes.
    Raw(Raw),
    /// minisign.
    Minisign(Minisign),
    /// An SSH signature.
    SshSig(SshSig),
    /// CMS, with certificates.
    Cms(Box<CmsSignature>),
    /// OpenPGP.
    OpenPgp(Box<OpenPgp>),
}

/// A file that is a signature.
#[derive(Clone, Debug)]
pub struct Found {
    /// The signature, or why it cannot be read.
    pub scheme: Result<Scheme, Reason>,
    /// Has the file text that the signature does not cover and that could mean something to another program? Then it is
    /// judged like any other file (`docs/decisions/0004-what-is-evidence.md`).
    pub foreign: bool,
    /// sha256 of it alone, where it is one of several in the file.
    pub part: Option<Digest>,
}

impl Found {
    fn only(scheme: Result<Scheme, Reason>, foreign: bool) -> Vec<Self> {
        vec![Self { scheme, foreign, part: None }]
    }
}

/// What *read* must know about a file for a signature over it to be verified. sha256 is always known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Digests.
    pub digests: BTreeSet<Algorithm>,
    /// BLAKE2b with 64 bytes, for minisign. It identifies nothing.
    pub blake2b: bool,
    /// Digests of the file between other bytes.
    pub frames: BTreeSet<Frame>,
    /// The bytes themselves.
    pub bytes: bool,
}

/// The file that a signature is tried against: every delivered file with the same bytes.
#[derive(Clone, Copy)]
pub(crate) struct Message<'a>(pub(crate) &'a [&'a File]);

impl<'a> Message<'a> {
    /// Its digest, if it was computed.
    pub(crate) fn digest(self, algorithm: Algorithm) -> Option<&'a Digest> {
        self.0.iter().find_map(|file| file.digests.get(algorithm))
    }

    /// Its bytes, if they were kept.
    pub(crate) fn bytes(self) -> Option<&'a [u8]> {
        self.0.iter().find_map(|file| file.bytes.as_deref())
    }

    /// Its digest in `frame`, if it was computed.
    pub(crate) fn framed(self, frame: &Frame) -> Option<&'a Digest> {
        self.0.iter().find_map(|file| file.digests.framed(frame))
    }

    /// Its BLAKE2b, if it was computed.
    pub(crate) fn blake2b(self) -> Option<&'a [u8]> {
        self.0.iter().find_map(|file| file.digests.blake2b()).map(<[u8; 64]>::as_slice)
    }
}

/// What else decides.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The instant of the verdict.
    pub(crate) at: Time,
    /// What timestamp tokens over the file with the signature prove.
    pub(crate) beside: &'a Proof,
    /// The time-stamping authorities of the policy, and revocation lists that were delivered.
    pub(crate) stamping: &'a Stamping<'a>,
    /// The policy, for who is independent of whom.
    pub(crate) policy: &'a Policy,
}

impl Context<'_> {
    /// The instant before which the signature is proven to have existed, with as many liars among the sources as the policy
    /// reckons with.
    pub(crate) fn effective(&self, times: &[ProvenTime]) -> Option<Time> {
        crate::authenticate::proof::effective(self.policy, times)
    }
}

/// What one identity has to do with one signature over one file.
#[derive(Clone, Debug)]
pub(crate) enum Attempt {
    /// It did not sign, as far as anybody can tell.
    NotTheirs,
    /// It signed.
    Signed(Signed),
    /// The signature names it, and does not count.
    Refused(Reason),
}

/// A signature that verifies.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    /// With what.
    pub(crate) algorithm: SignatureAlgorithm,
    /// Keys of the certificates that lead to an anchor of the policy, each as sha256 of its SubjectPublicKeyInfo.
    pub(crate) certified: BTreeSet<Digest>,
    /// What beside it proves when.
    pub(crate) proof: Proof,
}

impl Signed {
    /// By a key that the policy names itself, with nothing beside it.
    pub(crate) fn plainly(algorithm: SignatureAlgorithm) -> Self {
        Self { algorithm, certified: BTreeSet::new(), proof: Proof::default() }
    }
}

/// The signatures that a file is, by its content alone; with `named`, also a raw one, and then something that is none is a
/// reason. Empty if it is none.
#[must_use]
pub fn read(bytes: &[u8], named: bool) -> Vec<Found> {
    if bytes.starts_with(minisign::MARK) {
        // Public keys begin like signatures; they are files like any other.
        if std::str::from_utf8(bytes).is_ok_and(|text| minisign::public_key(text).is_some()) {
            return Vec::new();
        }
        return Found::only(Minisign::read(bytes).map(Scheme::Minisign), Minisign::is_foreign(bytes));
    }
    if bytes.starts_with(sshsig::MARK) {
        return Found::only(SshSig::read(bytes).map(Scheme::SshSig), false);
    }
    if cms::has_mark(bytes) {
        let read = CmsSignature::read(bytes);
        let foreign = read.as_ref().is_ok_and(CmsSignature::is_foreign);
        return Found::only(read.map(|signature| Scheme::Cms(Box::new(signature))), foreign);
    }
    if let Some(found) = openpgp::read(bytes) {
        return found;
    }
    if !named {
        return Vec::new();
    }
    let scheme = Raw::read(bytes).map(Scheme::Raw);
    let none = || Reason::new(&MALFORMED).int("bytes", bytes.len() as u64);
    Found::only(scheme.ok_or_else(none), false)
}

/// Can a file that starts with these bytes be a signature with marks?
#[must_use]
pub fn has_mark(prefix: &[u8]) -> bool {
    [minisign::MARK, sshsig::MARK].iter().any(|mark| prefix.starts_with(mark))
        || cms::has_mark(prefix)
        || marks(prefix).is_some()
}

impl Scheme {
    /// What it is, in words.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Raw(_) => "raw signature",
            Self::Minisign(_) => "minisign signature",
            Self::SshSig(_) => "SSH signature",
            Self::Cms(_) => "CMS signature",
            Self::OpenPgp(_) => "OpenPGP signature",
        }
    }

    /// (label, value) for a person who wonders.
    #[must_use]
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Raw(raw) => raw.facts(),
            Self::Minisign(minisign) => minisign.facts(),
            Self::SshSig(signature) => signature.facts(),
            Self::Cms(signature) => signature.facts(),
            Self::OpenPgp(signature) => signature.facts(),
        }
    }

    /// What must be known about the file that it signs.
    #[must_use]
    pub fn needs(&self) -> Needs {
        match self {
            Self::Raw(raw) => raw.needs(),
            Self::Minisign(minisign) => minisign.needs(),
            Self::SshSig(signature) => signature.needs(),
            Self::Cms(signature) => signature.needs(),
            Self::OpenPgp(signature) => signature.needs(),
        }
    }

    /// Did `identity` sign the file?
    pub(crate) fn verify(&self, identity: &Identity, message: Message<'_>, context: Context<'_>) -> Attempt {
        match self {
            Self::Raw(raw) => raw.verify(identity, message),
            Self::Minisign(minisign) => minisign.verify(identity, message),
            Self::SshSig(signature) => signature.verify(identity, message),
            Self::Cms(signature) => signature.verify(identity, message, context),
            Self::OpenPgp(signature) => signature.verify(identity, message, context),
        }
    }
}

/// The reason for a part of a signature that is not as its format has it.
fn malformed(format: &'static str, member: &'static str) -> Reason {
    Reason::new(&crate::decode::MALFORMED).name("format", format).name("member", member)
}

/// The reason for a signature that cannot be verified.
fn unsupported(format: &'static str, algorithm: impl std::fmt::Display) -> Reason {
    Reason::new(&UNSUPPORTED).name("format", format).name("algorithm", algorithm)
}
