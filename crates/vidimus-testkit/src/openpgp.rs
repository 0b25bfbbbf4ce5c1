//! OpenPGP packets (RFC 9580), byte by byte: certificates and signatures of every shape, also of those that nobody should make.

use sha1::{Digest as _, Sha1};

use crate::detached::der_integers;
use crate::encode::{base64, digest_hex};
use crate::key::{Hash, Key};
use crate::rng::Seed;

/// Types of signatures.
pub const BINARY: u8 = 0x00;
/// Over text with any line ends.
pub const TEXT: u8 = 0x01;
/// Over a user id, by its own key.
pub const POSITIVE: u8 = 0x13;
/// Over a subkey.
pub const SUBKEY_BINDING: u8 = 0x18;
/// By a subkey, over its primary key.
pub const PRIMARY_KEY_BINDING: u8 = 0x19;
/// Over a key alone.
pub const DIRECT_KEY: u8 = 0x1f;
/// Revokes the primary key.
pub const KEY_REVOCATION: u8 = 0x20;
/// Revokes a subkey.
pub const SUBKEY_REVOCATION: u8 = 0x28;
/// Revokes a user id.
pub const CERTIFICATION_REVOCATION: u8 = 0x30;

/// Types of subpackets.
pub const EXPIRES: u8 = 3;
/// Seconds from the key's creation to its end.
pub const KEY_EXPIRES: u8 = 9;
/// A name and a value.
pub const NOTATION: u8 = 20;
/// This user id is the main one.
pub const PRIMARY_USER: u8 = 25;
/// What a key is for.
pub const FLAGS: u8 = 27;
/// Why a key is revoked.
pub const REASON: u8 = 29;
/// A signature in a signature.
pub const EMBEDDED: u8 = 32;

/// Flags of keys.
pub const CERTIFY: u8 = 1;
/// For signing.
pub const SIGN: u8 = 2;
/// For encryption.
pub const ENCRYPT: u8 = 12;

/// A key with the second in which it was made, which belongs to its fingerprint.
#[derive(Clone, Debug)]
pub struct PgpKey {
    key: Key,
    created: u32,
    version: u8,
}

impl PgpKey {
    /// Version 4.
    #[must_use]
    pub fn new(key: &Key, created: u32) -> Self {
        Self { key: key.clone(), created, version: 4 }
    }

    /// Version 6.
    #[must_use]
    pub fn v6(mut self) -> Self {
        self.version = 6;
        self
    }

    fn algorithm(&self) -> u8 {
        match (self.key.is_ed25519(), self.key.raw_public().len(), self.version) {
            (true, _, 4) => 22,
            (true, ..) => 27,
            (false, 0, _) => 1,
            _ => 19,
        }
    }

    fn body(&self) -> Vec<u8> {
        let raw = self.key.raw_public();
        let material = match (self.algorithm(), raw.len()) {
            (22, _) => [b"\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01".to_vec(), mpi(&[&[0x40], raw].concat())].concat(),
            (27, _) => raw.to_vec(),
            (19, 65) => [b"\x08\x2a\x86\x48\xce\x3d\x03\x01\x07".to_vec(), mpi(raw)].concat(),
            (19, _) => [b"\x05\x2b\x81\x04\x00\x22".to_vec(), mpi(raw)].concat(),
            _ => {
                let (modulus, exponent) = self.key.rsa_parts();
                [mpi(&modulus), mpi(&exponent)].concat()
            }
        };
        let head = [&[self.version][..], &self.created.to_be_bytes(), &[self.algorithm()]].concat();
        let length = if self.version == 6 { long(material.len()).to_vec() } else { Vec::new() };
        [head, length, material].concat()
    }

    /// As signatures over it have it.
    fn hashed(&self) -> Vec<u8> {
        let body = self.body();
        let head = match self.version {
            6 => [&[0x9b][..], &long(body.len())].concat(),
            _ => [&[0x99][..], &short(body.len())].concat(),
        };
        [head, body].concat()
    }

    /// Its fingerprint.
    #[must_use]
    pub fn fingerprint(&self) -> Vec<u8> {
        match self.version {
            6 => crate::encode::sha256(&self.hashed()).to_vec(),
            _ => Sha1::digest(self.hashed()).to_vec(),
        }
    }

    /// Its fingerprint as a policy has it.
    #[must_use]
    pub fn name(&self) -> String {
        hex::encode_upper(self.fingerprint())
    }
}

/// A signature to be made.
#[derive(Clone, Debug)]
pub struct Draft {
    kind: u8,
    hash: Option<&'static str>,
    created: u32,
    hashed: Vec<u8>,
    beside: Vec<u8>,
    critical: u8,
    left: [u8; 2],
}

impl Draft {
    /// With the hash that goes with the key.
    #[must_use]
    pub const fn new(kind: u8, created: u32) -> Self {
        Self { kind, hash: None, created, hashed: Vec::new(), beside: Vec::new(), critical: 0, left: [0; 2] }
    }

    /// With another hash: `sha1`, `sha384`, `sha512`.
    #[must_use]
    pub const fn hash(mut self, hash: &'static str) -> Self {
        self.hash = Some(hash);
        self
    }

    /// The next subpacket is critical.
    #[must_use]
    pub const fn critical(mut self) -> Self {
        self.critical = 0x80;
        self
    }

    /// A subpacket that is signed.
    #[must_use]
    pub fn with(mut self, kind: u8, value: &[u8]) -> Self {
        self.hashed.extend(subpacket(kind | self.critical, value));
        self.critical = 0;
        self
    }

    /// A number of seconds that is signed.
    #[must_use]
    pub fn seconds(self, kind: u8, seconds: u32) -> Self {
        self.with(kind, &seconds.to_be_bytes())
    }

    /// A notation that is signed.
    #[must_use]
    pub fn notation(self, name: &str, value: &str) -> Self {
        let body = [&[0x80, 0, 0, 0][..], &short(name.len()), &short(value.len()), name.as_bytes(), value.as_bytes()];
        self.with(NOTATION, &body.concat())
    }

    /// A subpacket that nobody signs.
    #[must_use]
    pub fn beside(mut self, kind: u8, value: &[u8]) -> Self {
        self.beside.extend(subpacket(kind, value));
        self
    }

    /// Other first bytes of the digest than it has.
    #[must_use]
    pub const fn left(mut self, change: [u8; 2]) -> Self {
        self.left = change;
        self
    }

    /// The packet's body, signed by `signer` over `content`.
    #[must_use]
    pub fn body(&self, signer: &PgpKey, content: &[u8]) -> Vec<u8> {
        let version = signer.version;
        let hash_name = self.hash.unwrap_or(signer.key.hash_name());
        let (hash, salt) = match hash_name {
            "sha1" => (2, 0),
            "sha384" => (9, 24),
            "sha512" => (10, 32),
            _ => (8, 16),
        };
        let fingerprint = [&[version][..], &signer.fingerprint()].concat();
        let created = subpacket(2, &self.created.to_be_bytes());
        let area = [subpacket(33, &fingerprint), created, self.hashed.clone()].concat();
        let sized = |area: &[u8]| match version {
            6 => [&long(area.len())[..], area].concat(),
            _ => [&short(area.len())[..], area].concat(),
        };
        let fields = [&[version, self.kind, signer.algorithm(), hash][..], &sized(&area)].concat();
        let salt = match version {
            6 => Seed::new(&format!("salt/{}/{}", self.kind, self.created)).bytes(salt),
            _ => Vec::new(),
        };
        let trailer = [&[version, 0xff][..], &long(fields.len())].concat();
        let signed = [&salt, content, &fields, &trailer].concat();
        let digest = match hash_name {
            "sha1" => Sha1::digest(&signed).to_vec(),
            hash => hex::decode(digest_hex(hash, &signed)).unwrap(),
        };
        let left = [digest[0] ^ self.left[0], digest[1] ^ self.left[1]];
        let salt = if version == 6 { [&[salt.len() as u8][..], &salt].concat() } else { salt };
        let id = signer.fingerprint();
        let id = if version == 6 { &id[..8] } else { &id[12..] };
        let beside = [subpacket(16, id), self.beside.clone()].concat();
        [fields, sized(&beside), left.to_vec(), salt, numbers(signer, hash_name, &digest)].concat()
    }

    /// The packet, signed by `signer` over `content`.
    #[must_use]
    pub fn by(&self, signer: &PgpKey, content: &[u8]) -> Vec<u8> {
        packet(2, &self.body(signer, content))
    }
}

/// A certificate that grows packet by packet.
#[derive(Clone, Debug)]
pub struct Certificate {
    primary: PgpKey,
    bytes: Vec<u8>,
    /// What the last signatures are over.
    content: Vec<u8>,
}

impl Certificate {
    /// A primary key and nothing else.
    #[must_use]
    pub fn new(primary: &PgpKey) -> Self {
        Self { primary: primary.clone(), bytes: packet(6, &primary.body()), content: primary.hashed() }
    }

    /// A key as tools make it: one user id that says what it is for.
    #[must_use]
    pub fn usual(primary: &PgpKey, user: &str, flags: u8) -> Self {
        if primary.version == 6 {
            return Self::new(primary)
                .signed(&Draft::new(DIRECT_KEY, primary.created).with(FLAGS, &[flags]))
                .user(user);
        }
        Self::new(primary).user(user).signed(&Draft::new(POSITIVE, primary.created).with(FLAGS, &[flags]))
    }

    /// A user id; its signatures follow.
    #[must_use]
    pub fn user(mut self, user: &str) -> Self {
        self.bytes.extend(packet(13, user.as_bytes()));
        self.content = [&self.primary.hashed()[..], &[0xb4], &long(user.len()), user.as_bytes()].concat();
        self
    }

    /// A subkey; its signatures follow.
    #[must_use]
    pub fn subkey(mut self, subkey: &PgpKey) -> Self {
        self.bytes.extend(packet(14, &subkey.body()));
        self.content = [self.primary.hashed(), subkey.hashed()].concat();
        self
    }

    /// A subkey for signing with both signatures.
    #[must_use]
    pub fn signing_subkey(self, subkey: &PgpKey) -> Self {
        let made = subkey.created;
        self.subkey(subkey).backed(subkey, &Draft::new(SUBKEY_BINDING, made).with(FLAGS, &[SIGN]))
    }

    /// A signature of the primary key over what stands last.
    #[must_use]
    pub fn signed(self, draft: &Draft) -> Self {
        let primary = self.primary.clone();
        self.signed_by(&primary, draft)
    }

    /// A signature of another key over what stands last.
    #[must_use]
    pub fn signed_by(mut self, signer: &PgpKey, draft: &Draft) -> Self {
        let content = if draft.kind == KEY_REVOCATION { self.primary.hashed() } else { self.content.clone() };
        self.bytes.extend(draft.by(signer, &content));
        self
    }

    /// A signature of the primary key over the last subkey, with that key's own in it.
    #[must_use]
    pub fn backed(self, subkey: &PgpKey, draft: &Draft) -> Self {
        self.backed_by(subkey, draft, |back| back)
    }

    /// The same with something else in that key's own.
    #[must_use]
    pub fn backed_by(self, subkey: &PgpKey, draft: &Draft, change: impl FnOnce(Draft) -> Draft) -> Self {
        let back = change(Draft::new(PRIMARY_KEY_BINDING, draft.created)).body(subkey, &self.content);
        self.signed(&draft.clone().with(EMBEDDED, &back))
    }

    /// The packets.
    #[must_use]
    pub fn binary(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// In armour.
    #[must_use]
    pub fn armored(&self) -> String {
        armor("PGP PUBLIC KEY BLOCK", &self.bytes)
    }
}

/// Armour with its checksum.
#[must_use]
pub fn armor(label: &str, bytes: &[u8]) -> String {
    let text = base64(bytes);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let sum = base64(&crc24(bytes).to_be_bytes()[1..]);
    format!("-----BEGIN {label}-----\n\n{}\n={sum}\n-----END {label}-----\n", lines.join("\n"))
}

/// A detached signature in armour.
#[must_use]
pub fn armored(packets: &[u8]) -> String {
    armor("PGP SIGNATURE", packets)
}

/// A packet, with the short headers of GnuPG where they exist.
#[must_use]
pub fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let head = match body.len() {
        length @ ..256 => vec![0x80 | tag << 2, u8::try_from(length).unwrap()],
        length => [&[0x81 | tag << 2][..], &short(length)].concat(),
    };
    [&head, body].concat()
}

fn subpacket(kind: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len() + 1;
    let head = match length {
        ..192 => vec![u8::try_from(length).unwrap()],
        _ => {
            let rest = length - 192;
            vec![u8::try_from(rest / 256 + 192).unwrap(), u8::try_from(rest % 256).unwrap()]
        }
    };
    [&head, &[kind][..], value].concat()
}

fn numbers(signer: &PgpKey, hash: &str, digest: &[u8]) -> Vec<u8> {
    let key = &signer.key;
    match signer.algorithm() {
        22 => {
            let signature = key.sign(digest);
            [mpi(&signature[..32]), mpi(&signature[32..])].concat()
        }
        27 => key.sign(digest),
        1 => {
            let hash = match hash {
                "sha384" => Hash::Sha384,
                "sha512" => Hash::Sha512,
                _ => Hash::Sha256,
            };
            mpi(&key.clone().hash(hash).sign_prehash(digest))
        }
        _ => {
            let signature = key.sign_prehash(digest);
            der_integers(&signature).into_iter().flat_map(mpi).collect()
        }
    }
}

/// A multiprecision integer in its one form.
fn mpi(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
    let bytes = &bytes[start..];
    let bits = bytes.first().map_or(0, |first| bytes.len() * 8 - first.leading_zeros() as usize);
    [&short(bits)[..], bytes].concat()
}

fn short(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap().to_be_bytes()
}

fn long(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap().to_be_bytes()
}

/// RFC 9580 section 6.1.1.
fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00b7_04ce, |sum, byte| {
        (0..8).fold(sum ^ (u32::from(*byte) << 16), |sum, _| {
            let next = sum << 1;
            if next & 0x0100_0000 == 0 { next } else { next ^ 0x0186_4cfb }
        })
    })
}
