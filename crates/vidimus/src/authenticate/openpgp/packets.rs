//! Packets, taken apart by rPGP: the only file that names it. Its errors become flaws of ours; its own verifier is not used.

use std::io::Read as _;

use pgp::armor::{BlockType, Dearmor, DearmorOptions};
use pgp::packet::{self, PacketParser, SignatureVersionSpecific, Subpacket, SubpacketData};
use pgp::ser::Serialize;
use pgp::types::{KeyDetails, KeyVersion, PublicParams, SignatureBytes};

use super::armour::Block;
use super::{
    CERTIFICATE_BYTES, Flaw, Hashed, Issuer, Key, MAX_PACKETS, Material, Packet, Read, Signature, Value,
    algorithm_name, hash, padded,
};
use crate::authenticate::keys::{KeyError, PublicKey, ecdsa_der};
use crate::digest::{Digest, Frame};
use crate::time::Time;

/// The curves of ECDSA, as key packets name them (RFC 9580 section 9.2).
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
/// Ed25519 with algorithm 22.
const ED25519_LEGACY: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];

/// Signature packets and nothing else; the digest is of the packet.
pub(super) fn signatures(block: Block<'_>) -> Result<Vec<Read>, Flaw> {
    let bytes = binary(block, BlockType::Signature)?;
    let read = |one: One<'_>| match one.packet {
        Some(packet::Packet::Signature(read)) => Ok((Digest::sha256(one.raw), signature(&read))),
        Some(_) => Err(Flaw::Malformed("packets")),
        None => Ok((Digest::sha256(one.raw), Err(Flaw::Malformed("packet")))),
    };
    split(&bytes)?.into_iter().map(read).collect()
}

/// The packets of a certificate (section 10.1).
pub(super) fn certificate(block: Block<'_>) -> Result<Vec<Packet>, Flaw> {
    let bytes = binary(block, BlockType::PublicKey)?;
    let mut found = Vec::new();
    for one in split(&bytes)? {
        found.push(match one.packet {
            Some(packet::Packet::PublicKey(read)) => Packet::Primary(key(&read, one.body)?),
            Some(packet::Packet::PublicSubkey(read)) => Packet::Subkey(key(&read, one.body)?),
            Some(packet::Packet::UserId(read)) => {
                let shown = read.as_str().map(ToOwned::to_owned);
                Packet::User { hashed: prefixed(0xb4, one.body), shown }
            }
            Some(packet::Packet::UserAttribute(_)) => Packet::User { hashed: prefixed(0xd1, one.body), shown: None },
            Some(packet::Packet::Signature(read)) => Packet::Signature {
                kind: read.typ().map(u8::from),
                issuers: named(&read),
                read: Box::new(signature(&read)),
            },
            // What GnuPG keeps for itself, and what must be ignored (sections 5.8, 5.10, 5.14).
            Some(packet::Packet::Trust(_) | packet::Packet::Marker(_) | packet::Packet::Padding(_)) => continue,
            Some(packet::Packet::SecretKey(_) | packet::Packet::SecretSubkey(_)) => {
                return Err(Flaw::Private);
            }
            Some(_) => return Err(Flaw::Malformed("packets")),
            None => return Err(Flaw::Malformed("packet")),
        });
    }
    Ok(found)
}

/// The bytes of packets. A checksum of armour is not looked at (section 6.1).
fn binary(block: Block<'_>, expected: BlockType) -> Result<Vec<u8>, Flaw> {
    let text = match block {
        Block::Binary(bytes) => return Ok(bytes.to_vec()),
        Block::Armour(text) => text,
    };
    let mut armour = Dearmor::with_options(text.as_bytes(), DearmorOptions::new().set_limit(CERTIFICATE_BYTES));
    let mut bytes = Vec::new();
    let read = armour.read_to_end(&mut bytes);
    if read.is_ok() && armour.typ == Some(expected) { Ok(bytes) } else { Err(Flaw::Malformed("armour")) }
}

/// One packet.
struct One<'a> {
    /// With its header.
    raw: &'a [u8],
    body: &'a [u8],
    /// `None` if it cannot be read, or could be written in another way.
    packet: Option<packet::Packet>,
}

fn split(bytes: &[u8]) -> Result<Vec<One<'_>>, Flaw> {
    let mut rest = bytes;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let start = rest;
        let read = PacketParser::new(&mut rest).next();
        let raw = start.get(..start.len().saturating_sub(rest.len())).filter(|raw| !raw.is_empty());
        let (Some(read), Some(raw)) = (read, raw) else { return Err(Flaw::Malformed("packet")) };
        let body = body(raw).ok_or(Flaw::Malformed("packet"))?;
        let packet = read.ok().filter(|packet| written(packet).as_deref() == Some(body));
        found.push(One { raw, body, packet });
        if found.len() > MAX_PACKETS {
            return Err(Flaw::Malformed("number of packets"));
        }
    }
    Ok(found)
}

/// A packet without its header (section 4.2). Partial and open lengths are for data, not for what is read here.
fn body(raw: &[u8]) -> Option<&[u8]> {
    let (length, body) = match raw {
        [first, rest @ ..] if first & 0xc0 == 0x80 => match (first & 3, rest) {
            (0, [a, body @ ..]) => (u32::from(*a), body),
            (1, [a, b, body @ ..]) => (u32::from_be_bytes([0, 0, *a, *b]), body),
            (2, [a, b, c, d, body @ ..]) => (u32::from_be_bytes([*a, *b, *c, *d]), body),
            _ => return None,
        },
        [_, a @ ..=191, body @ ..] => (u32::from(*a), body),
        [_, a @ 192..=223, b, body @ ..] => ((u32::from(*a) - 192) * 256 + u32::from(*b) + 192, body),
        [_, 255, a, b, c, d, body @ ..] => (u32::from_be_bytes([*a, *b, *c, *d]), body),
        _ => return None,
    };
    (u32::try_from(body.len()) == Ok(length)).then_some(body)
}

/// The body as the library writes it. If that is not what was read, the packet is not in its one form.
fn written(packet: &packet::Packet) -> Option<Vec<u8>> {
    match packet {
        packet::Packet::Signature(read) => read.to_bytes().ok(),
        packet::Packet::PublicKey(read) => read.to_bytes().ok(),
        packet::Packet::PublicSubkey(read) => read.to_bytes().ok(),
        packet::Packet::UserId(read) => read.to_bytes().ok(),
        packet::Packet::UserAttribute(read) => read.to_bytes().ok(),
        packet::Packet::Trust(read) => read.to_bytes().ok(),
        packet::Packet::Marker(read) => read.to_bytes().ok(),
        packet::Packet::Padding(read) => read.to_bytes().ok(),
        packet::Packet::SecretKey(read) => read.to_bytes().ok(),
        packet::Packet::SecretSubkey(read) => read.to_bytes().ok(),
        _ => None,
    }
}

fn signature(read: &packet::Signature) -> Result<Signature, Flaw> {
    let version = u8::from(read.version());
    let config = read.config().filter(|_| matches!(version, 4 | 6));
    let config = config.ok_or_else(|| Flaw::Unsupported(format!("version-{version}")))?;
    let algorithm = hash(config.hash_alg.into())?;
    let key_algorithm = u8::from(config.pub_alg);
    let numbers = read.signature().ok_or(Flaw::Malformed("signature"))?;
    let value = value(key_algorithm, numbers)?;
    let before = match &config.version_specific {
        SignatureVersionSpecific::V6 { salt } => salt.clone(),
        _ => Vec::new(),
    };
    let area = area(config.hashed_subpackets())?;
    let kind = u8::from(config.typ());
    let after = after(&[version, kind, key_algorithm, u8::from(config.hash_alg)], &area)?;
    let (created, hashed) = hashed(config.hashed_subpackets())?;
    let both = || config.hashed_subpackets().chain(config.unhashed_subpackets());
    let issuers = issuers(both());
    let embedded = both().filter_map(|subpacket| match &subpacket.data {
        SubpacketData::EmbeddedSignature(inner) => signature(inner).ok(),
        _ => None,
    });
    let embedded = embedded.collect();
    let foreign = config.unhashed_subpackets().any(|subpacket| subpacket.is_critical || issuer(subpacket).is_none());
    let left = read.signed_hash_value().ok_or(Flaw::Malformed("digest"))?;
    let frame = Frame { algorithm, before, after };
    Ok(Signature { version, kind, key_algorithm, frame, created, left, value, hashed, issuers, embedded, foreign })
}

/// The hashed subpackets of real signatures take some hundred bytes. They are kept once for each file that is hashed with them, so
/// this bounds memory (T36).
const AREA: usize = 8 * 1024;

/// The hashed subpackets, as they are written.
fn area<'a>(subpackets: impl Iterator<Item = &'a Subpacket>) -> Result<Vec<u8>, Flaw> {
    let mut area = Vec::new();
    for subpacket in subpackets {
        subpacket.to_writer(&mut area).map_err(|_| Flaw::Malformed("subpackets"))?;
        if area.len() > AREA {
            return Err(Flaw::Malformed("subpackets"));
        }
    }
    Ok(area)
}

/// What follows the signed bytes (section 5.2.4): the fields of the signature up to the hashed subpackets, and their length.
fn after(fields: &[u8; 4], area: &[u8]) -> Result<Vec<u8>, Flaw> {
    let long = |_| Flaw::Malformed("subpackets");
    let mut out = fields.to_vec();
    let version = fields[0];
    match version {
        4 => out.extend(u16::try_from(area.len()).map_err(long)?.to_be_bytes()),
        _ => out.extend(u32::try_from(area.len()).map_err(long)?.to_be_bytes()),
    }
    out.extend(area);
    let length = u32::try_from(out.len()).map_err(long)?;
    out.extend([version, 0xff]);
    out.extend(length.to_be_bytes());
    Ok(out)
}

/// What the hashed subpackets say; and that none of them must be understood and is not (section 5.2.3.7).
fn hashed<'a>(subpackets: impl Iterator<Item = &'a Subpacket>) -> Result<(Time, Hashed), Flaw> {
    let mut created = None;
    let (mut expires, mut key_expires, mut flags, mut primary, mut reason) = (None, None, None, None, None);
    let mut designates_revoker = false;
    for subpacket in subpackets {
        match &subpacket.data {
            SubpacketData::SignatureCreationTime(time) => once(&mut created, i64::from(time.as_secs()))?,
            SubpacketData::SignatureExpirationTime(after) => once(&mut expires, after.as_secs())?,
            SubpacketData::KeyExpirationTime(after) => once(&mut key_expires, after.as_secs())?,
            SubpacketData::KeyFlags(stated) => once(&mut flags, stated.sign())?,
            SubpacketData::IsPrimary(stated) => once(&mut primary, *stated)?,
            SubpacketData::RevocationReason(code, _) => once(&mut reason, u8::from(*code))?,
            SubpacketData::RevocationKey(_) => designates_revoker = true,
            SubpacketData::Notation(notation) if subpacket.is_critical => {
                let name = String::from_utf8_lossy(&notation.name);
                return Err(Flaw::Critical(format!("notation {}", crate::reason::identifier(&name))));
            }
            SubpacketData::Experimental(number, _) | SubpacketData::Other(number, _) if subpacket.is_critical => {
                return Err(Flaw::Critical(format!("subpacket-{number}")));
            }
            _ => {}
        }
    }
    let created = created.and_then(Time::from_second).ok_or(Flaw::Malformed("creation time"))?;
    let is_primary = primary.unwrap_or_default();
    let (expires_after, key_expires_after) = (expires, key_expires);
    Ok((created, Hashed { expires_after, key_expires_after, may_sign: flags, is_primary, reason, designates_revoker }))
}

/// Of two that say different things, programs take the first or the last: nobody knows what was meant.
fn once<T>(slot: &mut Option<T>, value: T) -> Result<(), Flaw> {
    if slot.replace(value).is_some() { Err(Flaw::Malformed("subpackets, of which one stands twice")) } else { Ok(()) }
}

/// Whose any signature says it is, also one of an older version.
fn named(read: &packet::Signature) -> Vec<Issuer> {
    let ids = read.issuer_key_id().into_iter().filter_map(|id| Some(Issuer::KeyId(id.as_ref().try_into().ok()?)));
    let fingerprints = read.issuer_fingerprint().into_iter();
    ids.chain(fingerprints.map(|fingerprint| Issuer::Fingerprint(fingerprint.as_bytes().to_vec()))).collect()
}

fn issuers<'a>(subpackets: impl Iterator<Item = &'a Subpacket>) -> Vec<Issuer> {
    let mut issuers: Vec<Issuer> = subpackets.filter_map(issuer).collect();
    issuers.sort();
    issuers.dedup();
    issuers
}

fn issuer(subpacket: &Subpacket) -> Option<Issuer> {
    match &subpacket.data {
        SubpacketData::IssuerFingerprint(fingerprint) => Some(Issuer::Fingerprint(fingerprint.as_bytes().to_vec())),
        SubpacketData::IssuerKeyId(id) => Some(Issuer::KeyId(id.as_ref().try_into().ok()?)),
        _ => None,
    }
}

/// The numbers of a signature (section 5.2.3), by the public-key algorithm.
fn value(algorithm: u8, numbers: &SignatureBytes) -> Result<Value, Flaw> {
    let wrong = || Flaw::Malformed("signature");
    let mpis: &[_] = match numbers {
        SignatureBytes::Mpis(mpis) => mpis,
        SignatureBytes::Native(_) => &[],
    };
    match (algorithm, numbers, mpis) {
        (1 | 3, _, [number]) => Ok(Value::Rsa(number.as_ref().to_vec())),
        (19, _, [r, s]) => ecdsa_der(r.as_ref(), s.as_ref()).map(Value::Ecdsa).ok_or_else(wrong),
        (22, _, [r, s]) => {
            let half = |number: &[u8]| padded(number, 32).ok_or_else(wrong);
            let both = [half(r.as_ref())?, half(s.as_ref())?].concat();
            both.try_into().map(Value::Ed25519).map_err(|_| wrong())
        }
        (27, SignatureBytes::Native(bytes), _) => bytes.as_ref().try_into().map(Value::Ed25519).map_err(|_| wrong()),
        (1 | 3 | 19 | 22 | 27, ..) => Err(wrong()),
        (other, ..) => Err(Flaw::Unsupported(algorithm_name(other))),
    }
}

trait PublicPacket: KeyDetails {
    fn params(&self) -> &PublicParams;
}

impl PublicPacket for packet::PublicKey {
    fn params(&self) -> &PublicParams {
        self.public_params()
    }
}

impl PublicPacket for packet::PublicSubkey {
    fn params(&self) -> &PublicParams {
        self.public_params()
    }
}

fn key(read: &impl PublicPacket, body: &[u8]) -> Result<Key, Flaw> {
    let (version, hashed) = match read.version() {
        KeyVersion::V4 => {
            let length = u16::try_from(body.len()).map_err(|_| Flaw::Malformed("key"))?;
            (4, [&[0x99][..], &length.to_be_bytes(), body].concat())
        }
        KeyVersion::V6 => (6, prefixed(0x9b, body)),
        other => return Err(Flaw::Unsupported(format!("key-version-{}", u8::from(other)))),
    };
    let created = Time::from_second(i64::from(read.created_at().as_secs())).ok_or(Flaw::Malformed("creation time"))?;
    let algorithm = u8::from(read.algorithm());
    let material = material(algorithm, read.params())?;
    Ok(Key { version, created, algorithm, fingerprint: read.fingerprint().as_bytes().to_vec(), hashed, material })
}

/// The numbers of a key (section 5.5.5), from the form in which its packet has them.
fn material(algorithm: u8, params: &PublicParams) -> Result<Material, Flaw> {
    let wrong = || Flaw::Malformed("key");
    let bytes = params.to_bytes().map_err(|_| wrong())?;
    let read = match algorithm {
        1 | 3 => {
            let (modulus, rest) = mpi(&bytes).ok_or_else(wrong)?;
            let (exponent, _) = mpi(rest).ok_or_else(wrong)?;
            let (modulus, exponent) = (modulus.to_vec(), exponent.to_vec());
            return Ok(match modulus.len() {
                ..256 => Material::Weak("RSA-with-less-than-2048-bits"),
                _ => Material::Rsa { modulus, exponent },
            });
        }
        19 => match curve(&bytes) {
            Some((P256 | P384, rest)) => mpi(rest).map(|(point, _)| PublicKey::from_point(point)),
            _ => None,
        },
        22 => match curve(&bytes) {
            Some((ED25519_LEGACY, rest)) => {
                mpi(rest).and_then(|(point, _)| Some(PublicKey::from_ed25519(point.strip_prefix(&[0x40])?)))
            }
            _ => None,
        },
        27 => Some(PublicKey::from_ed25519(&bytes)),
        _ => None,
    };
    Ok(match read {
        Some(Ok(key)) => Material::Fixed(key),
        Some(Err(KeyError::Weak)) => Material::Weak("Ed25519-with-a-small-order-key"),
        Some(Err(_)) => Material::Other(format!("{}-with-this-key", algorithm_name(algorithm))),
        None => match algorithm {
            19 | 22 => Material::Other(format!("{}-on-this-curve", algorithm_name(algorithm))),
            _ => Material::Other(algorithm_name(algorithm)),
        },
    })
}

/// A multiprecision integer (section 3.2) and what follows.
fn mpi(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (bits, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*bits)).div_ceil(8))
}

/// The name of a curve (section 9.2) and what follows.
fn curve(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first()?;
    rest.split_at_checked(usize::from(*length))
}

/// As signatures over it have a packet: a mark, four bytes of length, the body (section 5.2.4).
fn prefixed(mark: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    [&[mark][..], &length.to_be_bytes(), body].concat()
}
