//! A small public key infrastructure: root, intermediate, holders of certificates, revocation lists, and the CMS signatures that
//! the holders make (RFC 5280, RFC 5652).

use crate::asn1::{context, generalized_time, integer, null, octets, oid, seq, set_of, small, tlv, utc_time, utf8};
use crate::certificate::{
    CODE_SIGNING, Certificate, authority, authority_key_id, authority_usage, extended_usage, extension, name, serial,
    signer_usage, subject_key_id,
};
use crate::encode::{digest_hex, sha256};
use crate::key::Key;
use crate::sigstore::{FROM, TO, Tsa};

const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const DATA: &str = "1.2.840.113549.1.7.1";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
const TIME_STAMP_TOKEN: &str = "1.2.840.113549.1.9.16.2.14";

/// An authority with an intermediate that issues to holders.
#[derive(Clone, Debug)]
pub struct Pki {
    /// The label that everything in it is made from.
    pub label: String,
    /// Root certificate, DER.
    pub root: Vec<u8>,
    /// Intermediate certificate, DER.
    pub intermediate: Vec<u8>,
    root_key: Key,
    intermediate_key: Key,
}

/// Who holds a certificate, and what it says.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The holder's key.
    pub key: Key,
    /// The certificate before it is signed.
    pub certificate: Certificate,
}

/// A CMS signature to be.
#[derive(Clone, Debug)]
pub struct CmsSigning {
    /// The signer.
    pub key: Key,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// Certificates that come with the signature, the signer's among them.
    pub certificates: Vec<Vec<u8>>,
    /// Revocation lists that come with it.
    pub lists: Vec<Vec<u8>>,
    /// What the signer says of the time.
    pub claimed: Option<i64>,
    /// Are there signed attributes?
    pub attributes: bool,
    /// The content itself, for a signature that is not detached.
    pub attached: Option<Vec<u8>>,
    /// Attributes that stand there besides, DER.
    pub more: Vec<Vec<u8>>,
    /// Unsigned attributes, DER.
    pub beside: Vec<Vec<u8>>,
    /// Left out.
    pub without: Vec<&'static str>,
    /// Who stamps the signature, and when.
    pub stamp: Option<(Tsa, i64)>,
    /// Is the timestamp one of another signature?
    pub stamps_other: bool,
}

impl Pki {
    /// The authority of that label.
    #[must_use]
    pub fn new(label: &str) -> Self {
        let root_key = Key::p384(&format!("{label}/pki/root"));
        let intermediate_key = Key::p256(&format!("{label}/pki/intermediate"));
        let organization = format!("{label} authority");
        let issuer = name(&organization, "root");
        let root = Certificate {
            serial: serial(&format!("{label}/pki/root")),
            issuer: issuer.clone(),
            subject: issuer.clone(),
            not_before: FROM,
            not_after: TO,
            spki: root_key.spki_der(),
            extensions: vec![authority_usage(), authority(1), subject_key_id(&root_key.spki_der())],
        };
        let intermediate = Certificate {
            serial: serial(&format!("{label}/pki/intermediate")),
            issuer,
            subject: name(&organization, "intermediate"),
            not_before: FROM,
            not_after: TO,
            spki: intermediate_key.spki_der(),
            extensions: vec![
                authority_usage(),
                authority(0),
                subject_key_id(&intermediate_key.spki_der()),
                authority_key_id(&root_key.spki_der()),
            ],
        };
        Self {
            label: label.to_owned(),
            root: root.sign(&root_key),
            intermediate: intermediate.sign(&root_key),
            root_key,
            intermediate_key,
        }
    }

    /// A holder with that common name in that organisation, certified for code signing.
    #[must_use]
    pub fn holder(&self, organization: &str, common_name: &str, key: &Key) -> Holder {
        let certificate = Certificate {
            serial: serial(&format!("{}/{common_name}", self.label)),
            issuer: name(&format!("{} authority", self.label), "intermediate"),
            subject: name(organization, common_name),
            not_before: FROM,
            not_after: TO,
            spki: key.spki_der(),
            extensions: vec![
                signer_usage(),
                extended_usage(CODE_SIGNING, false),
                subject_key_id(&key.spki_der()),
                authority_key_id(&self.intermediate_key.spki_der()),
            ],
        };
        Holder { key: key.clone(), certificate }
    }

    /// The holder's certificate, signed by the intermediate.
    #[must_use]
    pub fn issue(&self, holder: &Holder) -> Vec<u8> {
        holder.certificate.sign(&self.intermediate_key)
    }

    /// A certificate of the holder that says that it is signed with ECDSA and SHA-1 (RFC 3279 section 2.2.3).
    #[must_use]
    pub fn issue_with_sha1(&self, holder: &Holder) -> Vec<u8> {
        let algorithm = seq(&[oid("1.2.840.10045.4.1")]);
        let tbs = holder.certificate.tbs(&self.intermediate_key);
        let (fields, _) = inside(&tbs);
        let (before, after) = {
            let (_version, rest) = element(fields);
            let (_serial, rest) = element(rest);
            let (_algorithm, after) = element(rest);
            (&fields[..fields.len() - rest.len()], after)
        };
        let tbs = seq(&[before.to_vec(), algorithm.clone(), after.to_vec()]);
        let signature = crate::asn1::bits(&self.intermediate_key.sign(&tbs));
        seq(&[tbs, algorithm, signature])
    }

    /// A signature to be, with everything that it needs.
    #[must_use]
    pub fn signing(&self, holder: &Holder) -> CmsSigning {
        let certificate = self.issue(holder);
        CmsSigning {
            key: holder.key.clone(),
            certificates: vec![certificate.clone(), self.intermediate.clone()],
            certificate,
            lists: Vec::new(),
            claimed: None,
            attributes: true,
            attached: None,
            more: Vec::new(),
            beside: Vec::new(),
            without: Vec::new(),
            stamp: None,
            stamps_other: false,
        }
    }

    /// The intermediate's revocation list: (serial number, since when, reason) of each certificate.
    #[must_use]
    pub fn list(&self, revoked: &[(Vec<u8>, i64, u8)], this_update: i64, next_update: i64) -> Vec<u8> {
        let issuer = name(&format!("{} authority", self.label), "intermediate");
        crl(issuer, &self.intermediate_key, revoked, (this_update, next_update), &[])
    }

    /// The root's.
    #[must_use]
    pub fn root_list(&self, revoked: &[(Vec<u8>, i64, u8)], this_update: i64, next_update: i64) -> Vec<u8> {
        let issuer = name(&format!("{} authority", self.label), "root");
        crl(issuer, &self.root_key, revoked, (this_update, next_update), &[])
    }

    /// The intermediate's, with one more extension.
    #[must_use]
    pub fn list_with(&self, extension: Vec<u8>, this_update: i64, next_update: i64) -> Vec<u8> {
        let issuer = name(&format!("{} authority", self.label), "intermediate");
        crl(issuer, &self.intermediate_key, &[], (this_update, next_update), &[extension])
    }
}

/// A revocation list of version 2.
pub(crate) fn crl(
    issuer: Vec<u8>,
    key: &Key,
    revoked: &[(Vec<u8>, i64, u8)],
    update: (i64, i64),
    more: &[Vec<u8>],
) -> Vec<u8> {
    let entry = |(serial, since, reason): &(Vec<u8>, i64, u8)| {
        let reason = extension("2.5.29.21", false, &tlv(0x0a, &[*reason]));
        seq(&[integer(serial), utc_time(*since), seq(&[reason])])
    };
    let entries: Vec<Vec<u8>> = revoked.iter().map(entry).collect();
    let number = extension("2.5.29.20", false, &small(7));
    let extensions = [vec![authority_key_id(&key.spki_der()), number], more.to_vec()].concat();
    let mut parts = vec![small(1), key.signature_algorithm(), issuer, utc_time(update.0), utc_time(update.1)];
    if !entries.is_empty() {
        parts.push(seq(&entries));
    }
    parts.push(context(0, &seq(&extensions)));
    let tbs = seq(&parts);
    let signature = crate::asn1::bits(&key.sign(&tbs));
    seq(&[tbs, key.signature_algorithm(), signature])
}

impl CmsSigning {
    /// The SignedData over `content`, DER.
    #[must_use]
    pub fn sign(&self, content: &[u8]) -> Vec<u8> {
        let hash = self.key.cms_hash();
        let digest = hex::decode(digest_hex(hash, content)).unwrap();
        let algorithm = seq(&[oid(hash_oid(hash)), null()]);
        let attributes = self.signed_attributes(&digest);
        let signature = if self.attributes { self.key.sign(&attributes) } else { self.key.sign(content) };
        let (issuer, serial) = issuer_and_serial(&self.certificate);
        let mut signer = vec![small(1), seq(&[issuer, serial]), algorithm.clone()];
        if self.attributes {
            let mut tagged = attributes;
            tagged[0] = 0xa0;
            signer.push(tagged);
        }
        signer.extend([self.key.signature_algorithm(), octets(&signature)]);
        let token = self.stamp.as_ref().map(|(tsa, at)| {
            let stamped: &[u8] = if self.stamps_other { b"other" } else { &signature };
            seq(&[oid(TIME_STAMP_TOKEN), set_of(vec![tsa.token(stamped, *at)])])
        });
        let unsigned: Vec<Vec<u8>> = token.into_iter().chain(self.beside.iter().cloned()).collect();
        if !unsigned.is_empty() {
            let mut tagged = set_of(unsigned);
            tagged[0] = 0xa1;
            signer.push(tagged);
        }
        let mut content_info = vec![oid(DATA)];
        if let Some(attached) = &self.attached {
            content_info.push(context(0, &octets(attached)));
        }
        let mut data = vec![small(1), set_of(vec![algorithm]), seq(&content_info)];
        let mut implicit = |n: u8, parts: &[Vec<u8>]| {
            if !parts.is_empty() {
                let mut set = set_of(parts.to_vec());
                set[0] = 0xa0 | n;
                data.push(set);
            }
        };
        implicit(0, &self.certificates);
        implicit(1, &self.lists);
        data.push(set_of(vec![seq(&signer)]));
        seq(&[oid(SIGNED_DATA), context(0, &seq(&data))])
    }

    fn signed_attributes(&self, digest: &[u8]) -> Vec<u8> {
        let attribute = |id: &str, value: Vec<u8>| seq(&[oid(id), set_of(vec![value])]);
        let named = seq(&[seq(&[seq(&[octets(&sha256(&self.certificate))])])]);
        let mut all = vec![
            (CONTENT_TYPE, attribute(CONTENT_TYPE, oid(DATA))),
            (MESSAGE_DIGEST, attribute(MESSAGE_DIGEST, octets(digest))),
            (SIGNING_CERTIFICATE_V2, attribute(SIGNING_CERTIFICATE_V2, named)),
        ];
        if let Some(at) = self.claimed {
            all.push((SIGNING_TIME, attribute(SIGNING_TIME, utc_time(at))));
        }
        let kept = all.into_iter().filter(|(id, _)| !self.without.contains(id)).map(|(_, attribute)| attribute);
        set_of(kept.chain(self.more.iter().cloned()).collect())
    }
}

/// An attribute of nobody's with a script in it.
#[must_use]
pub fn script() -> Vec<u8> {
    holding("1.3.6.1.4.1.99999.1")
}

/// The same under the name of time-stamp tokens.
#[must_use]
pub fn script_for_token() -> Vec<u8> {
    holding(TIME_STAMP_TOKEN)
}

fn holding(id: &str) -> Vec<u8> {
    seq(&[oid(id), set_of(vec![octets(b"\n#!perl\nexec '/sbin/reboot';\n__END__\n")])])
}

/// The signed attribute message-digest, for [`CmsSigning::without`].
pub const WITHOUT_DIGEST: &str = MESSAGE_DIGEST;

/// A message-digest attribute over something else.
#[must_use]
pub fn other_digest() -> Vec<u8> {
    seq(&[oid(MESSAGE_DIGEST), set_of(vec![octets(&sha256(b"something else"))])])
}

/// An ESSCertIDv2 attribute that names another certificate.
#[must_use]
pub fn other_certificate() -> Vec<u8> {
    let named = seq(&[seq(&[seq(&[octets(&sha256(b"another certificate"))])])]);
    seq(&[oid(SIGNING_CERTIFICATE_V2), set_of(vec![named])])
}

/// The signed attribute that names the certificate, for [`CmsSigning::without`].
pub const WITHOUT_CERTIFICATE: &str = SIGNING_CERTIFICATE_V2;

/// A subject with these attributes (type, value), in order.
#[must_use]
pub fn subject(attributes: &[(&str, &str)]) -> Vec<u8> {
    let attribute = |(kind, value): &(&str, &str)| set_of(vec![seq(&[oid(kind), utf8(value)])]);
    seq(&attributes.iter().map(attribute).collect::<Vec<_>>())
}

/// A subject alternative name extension of e-mail addresses.
#[must_use]
pub fn emails(addresses: &[&str]) -> Vec<u8> {
    let names: Vec<Vec<u8>> = addresses.iter().map(|address| tlv(0x81, address.as_bytes())).collect();
    extension("2.5.29.17", false, &seq(&names))
}

/// An invalidityDate entry extension.
#[must_use]
pub fn invalidity(at: i64) -> Vec<u8> {
    extension("2.5.29.24", false, &generalized_time(at))
}

fn hash_oid(hash: &str) -> &'static str {
    match hash {
        "sha256" => "2.16.840.1.101.3.4.2.1",
        "sha384" => "2.16.840.1.101.3.4.2.2",
        _ => "2.16.840.1.101.3.4.2.3",
    }
}

/// Issuer and serial number of a certificate, DER, read back from it.
fn issuer_and_serial(certificate: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (tbs, _) = inside(certificate);
    let (fields, _) = inside(tbs);
    let (_version, rest) = element(fields);
    let (serial, rest) = element(rest);
    let (_algorithm, rest) = element(rest);
    let (issuer, _) = element(rest);
    (issuer.to_vec(), serial.to_vec())
}

/// The content of the first element, and what stands behind it.
fn inside(der: &[u8]) -> (&[u8], &[u8]) {
    let (element, rest) = element(der);
    let header = if element[1] < 0x80 { 2 } else { 2 + usize::from(element[1] & 0x0f) };
    (&element[header..], rest)
}

/// The first element with its header, and what stands behind it.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let (header, length) = match der[1] {
        short @ 0..=0x7f => (2, usize::from(short)),
        long => {
            let count = usize::from(long & 0x0f);
            let length = der[2..2 + count].iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            (2 + count, length)
        }
    };
    der.split_at(header + length)
}
