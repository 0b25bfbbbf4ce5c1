//! A certificate (RFC 9580 section 10.1): a primary key, user ids and subkeys, and what the key itself says about them. Which of its
//! keys may sign at an instant is judged by what was said by then.
//!
//! Only self-signatures count; they are verified once, when the certificate is read. What others certify is passed over: the
//! operator confirms a key by its fingerprint.

use super::{
    CERTIFICATE_BYTES, CERTIFICATION_REVOCATION, DIRECT_KEY, Flaw, GENERIC, Issuer, KEY_REVOCATION, Key, Material,
    POSITIVE, PRIMARY_KEY_BINDING, Packet, SUBKEY_BINDING, SUBKEY_REVOCATION, Signature, after, armour, packets,
};
use crate::time::Time;

/// Reasons for a revocation after which older signatures still count (section 5.2.3.31): superseded, retired, user id no longer
/// valid. Every other one, and none, means that the key may have been in other hands all the time.
const SOFT: [u8; 3] = [1, 3, 32];

/// A certificate with its self-signatures verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The primary key first.
    keys: Vec<Component>,
    users: Vec<User>,
}

/// A key, and what the primary key says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Component {
    key: Key,
    /// Of a subkey: what binds it. Of the primary key: direct-key signatures.
    bindings: Vec<Binding>,
    revocations: Vec<Revocation>,
}

/// A user id: for us a place where the primary key says what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct User {
    hashed: Vec<u8>,
    shown: Option<String>,
    bindings: Vec<Binding>,
    revocations: Vec<Revocation>,
}

/// A verified self-signature.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Binding {
    created: Time,
    expires: Option<Time>,
    key_expires: Option<Time>,
    may_sign: Option<bool>,
    is_primary: bool,
    /// Verified signatures of a subkey over its primary key: when made, when they end.
    backed: Vec<(Time, Option<Time>)>,
}

/// A verified revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Revocation {
    created: Time,
    hard: bool,
}

/// Why a key may not sign at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Revoked; since when, if older signatures still count.
    Revoked(Option<Time>),
    /// It was made only then.
    NotYet(Time),
    /// What is missing: then nobody says that it belongs to the certificate.
    Unbound(&'static str),
    /// It ended then.
    Expired(Time),
    /// It is for something else.
    NotForSigning,
}

/// Why a certificate cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not one.
    #[error("not an OpenPGP certificate, armoured or binary: {0} cannot be read")]
    Malformed(&'static str),
    /// A part that is not supported.
    #[error("an OpenPGP certificate with {0}, which is not supported")]
    Unsupported(String),
    /// A secret key.
    #[error(
        "a private key; write the public one, `gpg --export --armor`, and replace this one: it is no longer secret"
    )]
    Private,
    /// More than one.
    #[error("more than one certificate; write each to a file of its own")]
    Several,
    /// A revocation that is not known to be one.
    #[error("has a revocation that cannot be verified, so it is not known what it takes away")]
    Revocation,
    /// Nothing in it may sign.
    #[error("no key in it may sign: {0}")]
    NoSigner(String),
    /// Keys that nobody may use.
    #[error("its keys are too weak: {0}")]
    Weak(&'static str),
}

impl From<Flaw> for CertificateError {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::Private => Self::Private,
            Flaw::Malformed(part) => Self::Malformed(part),
            Flaw::Unsupported(what) | Flaw::Critical(what) => Self::Unsupported(what),
        }
    }
}

impl Certificate {
    /// Reads a certificate, armoured or binary. Several blocks of armour make one: so a revocation can stand behind the key.
    ///
    /// # Errors
    /// See [`CertificateError`].
    pub fn read(bytes: &[u8]) -> Result<Self, CertificateError> {
        let begins = |label: &str| bytes.starts_with(format!("-----BEGIN {label}").as_bytes());
        if begins(armour::PRIVATE_KEY) {
            return Err(CertificateError::Private);
        }
        let is_one = begins(armour::PUBLIC_KEY) || bytes.first().is_some_and(|first| first & 0x80 != 0);
        if !is_one || bytes.len() > CERTIFICATE_BYTES {
            return Err(CertificateError::Malformed("the file"));
        }
        let mut found = Vec::new();
        for block in armour::blocks(bytes, armour::PUBLIC_KEY)? {
            found.extend(packets::certificate(block)?);
        }
        Reader::read(found)
    }

    /// The keys, the primary one first.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().map(|component| &component.key)
    }

    /// The fingerprint of the primary key, which stands for the certificate.
    #[must_use]
    pub fn fingerprint(&self) -> &[u8] {
        self.keys.first().map_or(&[], |primary| &primary.key.fingerprint)
    }

    /// User ids that are text, as they stand there.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.users.iter().filter_map(|user| user.shown.as_deref())
    }

    /// The keys that can ever sign.
    pub fn signers(&self) -> impl Iterator<Item = &Key> {
        let able = |(index, component): &(usize, &Component)| {
            let signs = |binding: &Binding| binding.may_sign == Some(true);
            let backed = |binding: &Binding| signs(binding) && !binding.backed.is_empty();
            let may = match index {
                0 => self.users.iter().flat_map(|user| &user.bindings).chain(&component.bindings).any(signs),
                _ => component.bindings.iter().any(backed),
            };
            may && component.key.public_key().is_some()
        };
        self.keys.iter().enumerate().filter(able).map(|(_, component)| &component.key).collect::<Vec<_>>().into_iter()
    }

    /// When the key at `index` ends by what the certificate says now, if it does.
    #[must_use]
    pub fn ends(&self, index: usize, at: Time) -> Option<Time> {
        self.governing(index, at).into_iter().filter_map(|binding| binding.key_expires).min()
    }

    /// The end of the primary key by the newest that the certificate says of it.
    #[must_use]
    pub fn end(&self) -> Option<Time> {
        let of_users = self.users.iter().flat_map(|user| &user.bindings);
        let all = self.keys.first().into_iter().flat_map(|primary| &primary.bindings).chain(of_users);
        all.max_by_key(|binding| binding.created)?.key_expires
    }

    /// Is the primary key revoked, now or from some time on?
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.keys.first().is_some_and(|primary| !primary.revocations.is_empty())
    }

    /// May the key at `index` sign at `at`?
    ///
    /// # Errors
    /// See [`Unfit`].
    pub fn may_sign(&self, index: usize, at: Time) -> Result<(), Unfit> {
        self.lives(0, at)?;
        if index != 0 {
            self.lives(index, at)?;
        }
        let governing = self.governing(index, at);
        if index != 0 {
            let backed = |binding: &&Binding| binding.backed.iter().any(|(from, until)| is_within(*from, *until, at));
            if !governing.iter().any(backed) {
                return Err(Unfit::Unbound("the signature of the subkey over its primary key"));
            }
        }
        // Of several self-signatures none may say that the key does not sign, and silence is no permission.
        let mut stated = governing.iter().filter_map(|binding| binding.may_sign).peekable();
        if stated.peek().is_some() && stated.all(|may| may) { Ok(()) } else { Err(Unfit::NotForSigning) }
    }

    /// Is the key at `index` bound, in its time and not revoked?
    fn lives(&self, index: usize, at: Time) -> Result<(), Unfit> {
        let Some(component) = self.keys.get(index) else { return Err(Unfit::Unbound("the key")) };
        if let Some(revocation) = revoked(&component.revocations, at) {
            return Err(Unfit::Revoked((!revocation.hard).then_some(revocation.created)));
        }
        if component.key.created > at {
            return Err(Unfit::NotYet(component.key.created));
        }
        if self.governing(index, at).is_empty() {
            return Err(Unfit::Unbound("a signature of the primary key that says what the key is for"));
        }
        match self.ends(index, at).filter(|end| *end <= at) {
            Some(end) => Err(Unfit::Expired(end)),
            None => Ok(()),
        }
    }

    /// The self-signatures that say at `at` what the key at `index` is for: the newest by then. For the primary key, the newest
    /// direct-key signature and the newest over the primary user id; where both say something, both must be kept.
    fn governing(&self, index: usize, at: Time) -> Vec<&Binding> {
        let Some(component) = self.keys.get(index) else { return Vec::new() };
        let own = newest(&component.bindings, at);
        if index != 0 {
            return own.into_iter().collect();
        }
        // A key of version 6 says what it is for in a direct-key signature (section 10.1.1).
        if component.key.version == 6 && own.is_none() {
            return Vec::new();
        }
        let current = self.users.iter().filter_map(|user| {
            let binding = newest(&user.bindings, at)?;
            let revocation = revoked(&user.revocations, at);
            // Who certifies a user id again after it was given up takes it up again.
            let taken_up = |revocation: &Revocation| !revocation.hard && revocation.created < binding.created;
            revocation.is_none_or(|revocation| taken_up(&revocation)).then_some(binding)
        });
        let of_user = current.max_by_key(|binding| (binding.is_primary, binding.created));
        own.into_iter().chain(of_user).collect()
    }
}

fn is_within(from: Time, until: Option<Time>, at: Time) -> bool {
    from <= at && until.is_none_or(|until| at < until)
}

fn newest(bindings: &[Binding], at: Time) -> Option<&Binding> {
    bindings.iter().filter(|binding| is_within(binding.created, binding.expires, at)).max_by_key(|b| b.created)
}

/// The revocation that counts at `at`, a hard one first: such a one counts always.
fn revoked(revocations: &[Revocation], at: Time) -> Option<Revocation> {
    let counts = revocations.iter().filter(|revocation| revocation.hard || revocation.created <= at);
    counts.max_by_key(|revocation| (revocation.hard, revocation.created)).copied()
}

/// What signatures of a certificate are over.
#[derive(Clone, Copy)]
enum Target {
    Primary,
    Subkey,
    User,
}

/// Puts a certificate together.
struct Reader {
    certificate: Certificate,
    target: Target,
    /// Revocations by others, which count if a self-signature lets them.
    foreign_revocations: bool,
    designated: bool,
    /// Why self-signatures do not count.
    flaws: Vec<Flaw>,
}

impl Reader {
    fn read(packets: Vec<Packet>) -> Result<Certificate, CertificateError> {
        let mut packets = packets.into_iter();
        let Some(Packet::Primary(primary)) = packets.next() else {
            return Err(CertificateError::Malformed("the primary key"));
        };
        let component = |key| Component { key, bindings: Vec::new(), revocations: Vec::new() };
        let certificate = Certificate { keys: vec![component(primary)], users: Vec::new() };
        let mut reader = Self {
            certificate,
            target: Target::Primary,
            foreign_revocations: false,
            designated: false,
            flaws: Vec::new(),
        };
        for packet in packets {
            match packet {
                Packet::Primary(_) => return Err(CertificateError::Several),
                Packet::Subkey(key) => {
                    reader.certificate.keys.push(component(key));
                    reader.target = Target::Subkey;
                }
                Packet::User { hashed, shown } => {
                    let user = User { hashed, shown, bindings: Vec::new(), revocations: Vec::new() };
                    reader.certificate.users.push(user);
                    reader.target = Target::User;
                }
                Packet::Signature { kind, issuers, read } => reader.signature(kind, &issuers, *read)?,
            }
        }
        reader.finish()
    }

    fn finish(self) -> Result<Certificate, CertificateError> {
        // A self-signature that cannot be read could name the revoker.
        if self.foreign_revocations && (self.designated || !self.flaws.is_empty()) {
            return Err(CertificateError::Revocation);
        }
        if self.certificate.signers().next().is_some() {
            return Ok(self.certificate);
        }
        let mut materials = self.certificate.keys().map(|key| &key.material);
        if let Some(Material::Weak(why)) = materials.find(|material| matches!(material, Material::Weak(_))) {
            return Err(CertificateError::Weak(why));
        }
        let unsupported = self.certificate.keys().find_map(|key| match &key.material {
            Material::Other(what) => Some(what.clone()),
            _ => None,
        });
        let flawed = self.flaws.into_iter().find_map(|flaw| match flaw {
            Flaw::Unsupported(what) => Some(format!("self-signatures with {what}")),
            Flaw::Critical(what) => Some(format!("self-signatures with the critical {what}")),
            Flaw::Malformed(_) | Flaw::Private => None,
        });
        let none =
            "no self-signature says that one is for signing, with the subkey's own signature where it is a subkey";
        Err(CertificateError::NoSigner(flawed.or(unsupported).unwrap_or_else(|| none.to_owned())))
    }

    fn signature(
        &mut self,
        kind: Option<u8>,
        issuers: &[Issuer],
        read: Result<Signature, Flaw>,
    ) -> Result<(), CertificateError> {
        let Some(primary) = self.certificate.keys.first().map(|component| component.key.clone()) else {
            return Ok(());
        };
        let is_revocation =
            matches!(kind, Some(KEY_REVOCATION | SUBKEY_REVOCATION | CERTIFICATION_REVOCATION)) || kind.is_none();
        if !issuers.iter().all(|issuer| issuer.is(&primary)) {
            self.foreign_revocations |= matches!(kind, Some(KEY_REVOCATION | SUBKEY_REVOCATION));
            return Ok(());
        }
        let signature = match read {
            Ok(signature) => signature,
            // What cannot be verified and might take something away must not be passed over: it takes a user id or a subkey
            // away for good, and without the primary key there is nothing left.
            Err(Flaw::Unsupported(_)) if self.gives_up(kind) => return Ok(()),
            Err(_) if is_revocation => return Err(CertificateError::Revocation),
            Err(flaw) => {
                self.flaws.push(flaw);
                return Ok(());
            }
        };
        let Some(content) = self.content(&primary, signature.kind) else {
            return if is_revocation { Err(CertificateError::Revocation) } else { Ok(()) };
        };
        if signature.verifies(&primary, &content).is_err() {
            return if is_revocation { Err(CertificateError::Revocation) } else { Ok(()) };
        }
        self.designated |= signature.hashed.designates_revoker;
        if is_revocation {
            self.revoke(&signature);
        } else {
            self.bind(&signature, &content);
        }
        Ok(())
    }

    /// What a signature of this type is over at this place; `None` if it has no business there. A revocation of the primary key may
    /// stand anywhere: it is often added at the end.
    fn content(&self, primary: &Key, kind: u8) -> Option<Vec<u8>> {
        let own = &primary.hashed;
        match (kind, self.target) {
            (KEY_REVOCATION, _) | (DIRECT_KEY, Target::Primary) => Some(own.clone()),
            (SUBKEY_BINDING | SUBKEY_REVOCATION, Target::Subkey) => {
                Some([own.as_slice(), &self.certificate.keys.last()?.key.hashed].concat())
            }
            (GENERIC..=POSITIVE | CERTIFICATION_REVOCATION, Target::User) => {
                Some([own.as_slice(), &self.certificate.users.last()?.hashed].concat())
            }
            _ => None,
        }
    }

    fn revoke(&mut self, signature: &Signature) {
        let hard = signature.hashed.reason.is_none_or(|reason| !SOFT.contains(&reason));
        let revocation = Revocation { created: signature.created, hard };
        if let Some(place) = self.revocations(signature.kind) {
            place.push(revocation);
        }
    }

    /// Gives up the user id or subkey that a revocation of this type stands at; `false` if it stands at none.
    fn gives_up(&mut self, kind: Option<u8>) -> bool {
        let ((Some(kind @ SUBKEY_REVOCATION), Target::Subkey) | (Some(kind @ CERTIFICATION_REVOCATION), Target::User)) =
            (kind, self.target)
        else {
            return false;
        };
        let created = self.certificate.keys.first().map(|primary| primary.key.created);
        let (Some(created), Some(place)) = (created, self.revocations(kind)) else { return false };
        place.push(Revocation { created, hard: true });
        true
    }

    /// Where revocations of this type are kept.
    fn revocations(&mut self, kind: u8) -> Option<&mut Vec<Revocation>> {
        let certificate = &mut self.certificate;
        match kind {
            KEY_REVOCATION => certificate.keys.first_mut().map(|component| &mut component.revocations),
            SUBKEY_REVOCATION => certificate.keys.last_mut().map(|component| &mut component.revocations),
            _ => certificate.users.last_mut().map(|user| &mut user.revocations),
        }
    }

    fn bind(&mut self, signature: &Signature, content: &[u8]) {
        let certificate = &mut self.certificate;
        let (key, place) = match self.target {
            Target::User => {
                let key = certificate.keys.first().map(|component| component.key.clone());
                (key, certificate.users.last_mut().map(|user| &mut user.bindings))
            }
            Target::Primary | Target::Subkey => {
                let component = certificate.keys.last_mut();
                let key = component.as_ref().map(|component| component.key.clone());
                (key, component.map(|component| &mut component.bindings))
            }
        };
        let (Some(key), Some(place)) = (key, place) else { return };
        let back = |inner: &&Signature| {
            inner.kind == PRIMARY_KEY_BINDING && inner.names(&key) && inner.verifies(&key, content).is_ok()
        };
        let backed = signature.embedded.iter().filter(back).map(|inner| (inner.created, inner.expires()));
        place.push(Binding {
            created: signature.created,
            expires: signature.expires(),
            key_expires: after(key.created, signature.hashed.key_expires_after),
            may_sign: signature.hashed.may_sign,
            is_primary: signature.hashed.is_primary,
            backed: backed.collect(),
        });
    }
}
