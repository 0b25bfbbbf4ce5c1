//! Certification paths (RFC 5280 section 6), one clause a line, on certificates of the testkit.

use vidimus::authenticate::x509::{self, PathError, Wanted};
use vidimus_testkit::certificate::{
    CODE_SIGNING, Certificate, authority, authority_usage, extended_usage, extension, name, serial, signer_usage,
};
use vidimus_testkit::encode::pem;
use vidimus_testkit::pki::emails;
use vidimus_testkit::{Key, asn1};

use crate::differential::flipped;

const FROM: i64 = 1_700_000_000;
const TO: i64 = 1_800_000_000;
const AT: i64 = 1_750_000_000;
const CRITICAL: &str = "1.3.6.1.4.1.99999.7";

/// Certificates from the anchor to the signer, each signed with the key before it; the anchor with its own.
struct Chain {
    keys: Vec<Key>,
    /// Signs the third certificate instead.
    forger: Option<Key>,
    certificates: Vec<Certificate>,
}

/// What is changed in a chain of anchor, intermediate and signer that is valid.
type Change = fn(&mut Chain);

/// (clause, change, outcome).
const CASES: &[(&str, Change, Result<(), PathError>)] = &[
    ("valid", |_| {}, Ok(())),
    ("valid to the last second", |chain| chain.certificates[2].not_after = AT, Ok(())),
    ("valid from the first second", |chain| chain.certificates[2].not_before = AT, Ok(())),
    ("expired", |chain| chain.certificates[2].not_after = AT - 1, Err(PathError::Validity)),
    ("not yet valid", |chain| chain.certificates[2].not_before = AT + 1, Err(PathError::Validity)),
    ("intermediate expired", |chain| chain.certificates[1].not_after = AT - 1, Err(PathError::Validity)),
    // RFC 5280 section 6.1.1 (d): of an anchor, name and key count.
    ("anchor expired", |chain| chain.certificates[0].not_after = AT - 1, Ok(())),
    ("other issuer name", |chain| chain.certificates[2].issuer = name("x", "y"), Err(PathError::Untrusted)),
    ("other issuer key", |chain| chain.forger = Some(Key::p256("paths/other")), Err(PathError::Untrusted)),
    ("issuer is no authority", |chain| chain.certificates[1].extensions.remove(1).clear(), Err(PathError::Constraint)),
    ("issuer may not sign", |chain| chain.certificates[1].extensions[0] = signer_usage(), Err(PathError::Purpose)),
    ("issuer for other usages", |chain| issuer(chain, extended_usage(WEB_SERVER, false)), Err(PathError::Purpose)),
    ("issuer for this usage", |chain| issuer(chain, extended_usage(CODE_SIGNING, false)), Ok(())),
    ("issuer has an unknown extension", |chain| issuer(chain, extension(CRITICAL, false, &[5, 0])), Ok(())),
    (
        "issuer has an unknown critical extension",
        |chain| issuer(chain, extension(CRITICAL, true, &[5, 0])),
        Err(PathError::Constraint),
    ),
    ("no usage", |chain| chain.certificates[2].extensions.truncate(1), Err(PathError::Purpose)),
    (
        "any usage is not this one",
        |chain| chain.certificates[2].extensions[1] = extended_usage("2.5.29.37.0", false),
        Err(PathError::Purpose),
    ),
    (
        "usage stands twice",
        |chain| chain.certificates[2].extensions.push(extended_usage(CODE_SIGNING, false)),
        Err(PathError::Malformed),
    ),
    ("an authority signs", |chain| chain.certificates[2].extensions.push(authority(0)), Err(PathError::Authority)),
    // RFC 5280 section 4.2.1.10. Constraints on addresses and directory names are not computed, so they refuse.
    (
        "names that are not constrained",
        |chain| {
            chain.certificates[2].extensions.push(emails(&["a@acme.example"]));
            issuer(chain, permitted(&asn1::tlv(0x82, b"acme.example")));
        },
        Ok(()),
    ),
    (
        "a host outside",
        |chain| {
            let host = asn1::seq(&[asn1::tlv(0x82, b"mallory.example")]);
            chain.certificates[2].extensions.push(extension("2.5.29.17", false, &host));
            issuer(chain, permitted(&asn1::tlv(0x82, b"acme.example")));
        },
        Err(PathError::Constraint),
    ),
    (
        "addresses are constrained",
        |chain| {
            chain.certificates[2].extensions.push(emails(&["a@mallory.example"]));
            issuer(chain, permitted(&asn1::tlv(0x81, b"acme.example")));
        },
        Err(PathError::Constraint),
    ),
    (
        "directory names are constrained",
        |chain| issuer(chain, permitted(&asn1::tlv(0xa4, &name("other", "other")))),
        Err(PathError::Constraint),
    ),
    ("five authorities between", |chain| longer(chain, 4), Ok(())),
    ("six authorities between", |chain| longer(chain, 5), Err(PathError::Constraint)),
    (
        "one below its path length",
        |chain| {
            longer(chain, 1);
            chain.certificates[1].extensions[1] = authority(0);
        },
        Err(PathError::Constraint),
    ),
    ("a key of 1024 bits", |chain| chain.keys[1] = Key::rsa("paths/short", 1024), Err(PathError::Untrusted)),
    ("a key of 2048 bits", |chain| chain.keys[1] = Key::rsa("paths/long", 2048), Ok(())),
    ("Ed25519", |chain| chain.keys[1] = Key::ed25519("paths/edwards"), Ok(())),
];

const WEB_SERVER: &str = "1.3.6.1.5.5.7.3.1";

fn issuer(chain: &mut Chain, extension: Vec<u8>) {
    chain.certificates[1].extensions.push(extension);
}

fn permitted(base: &[u8]) -> Vec<u8> {
    let subtrees = asn1::tlv(0xa0, &asn1::seq(&[base.to_vec()]));
    extension("2.5.29.30", true, &asn1::seq(&[subtrees]))
}

/// More authorities between the anchor and the signer, each below the one before.
fn longer(chain: &mut Chain, more: usize) {
    for number in 0..more {
        let above = chain.certificates[chain.certificates.len() - 2].subject.clone();
        let subject = name("acme", &format!("below {number}"));
        let at = chain.certificates.len() - 1;
        chain.certificates[at].issuer.clone_from(&subject);
        chain.certificates.insert(at, Certificate { issuer: above, subject, ..chain.certificates[1].clone() });
        chain.keys.insert(at, Key::p256(&format!("paths/{number}")));
    }
}

fn chain() -> Chain {
    let of = |subject: &str, issuer: &str, extensions: Vec<Vec<u8>>| Certificate {
        serial: serial(subject),
        issuer: name("acme", issuer),
        subject: name("acme", subject),
        not_before: FROM,
        not_after: TO,
        spki: Vec::new(),
        extensions,
    };
    let ca = || vec![authority_usage(), authority(9)];
    let signer = vec![signer_usage(), extended_usage(CODE_SIGNING, false)];
    Chain {
        keys: ["root", "middle", "signer"].map(|label| Key::p256(&format!("paths/{label}"))).to_vec(),
        forger: None,
        certificates: vec![of("root", "root", ca()), of("middle", "root", ca()), of("signer", "middle", signer)],
    }
}

impl Chain {
    /// Certificates in DER, the anchor first.
    fn sign(&self) -> Vec<Vec<u8>> {
        let signed = self.certificates.iter().enumerate().map(|(at, certificate)| {
            let issuer = self.forger.as_ref().filter(|_| at == 2).unwrap_or(&self.keys[at.saturating_sub(1)]);
            Certificate { spki: self.keys[at].spki_der(), ..certificate.clone() }.sign(issuer)
        });
        signed.collect()
    }
}

fn path(certificates: &[Vec<u8>]) -> Result<usize, PathError> {
    let usage = CODE_SIGNING.parse().unwrap();
    let at = asn1::rfc3339(AT).parse().unwrap();
    let wanted = Wanted { at, usage: &usage, usage_alone: false };
    let [anchor, others @ .., leaf] = certificates else { panic!("too short") };
    x509::path(leaf, others, std::slice::from_ref(anchor), wanted).map(|path| path.certificates.len())
}

#[test]
fn each_clause_has_its_outcome() {
    for (what, change, expected) in CASES {
        let mut chain = chain();
        change(&mut chain);
        assert_eq!(path(&chain.sign()).map(|_| ()), *expected, "{what}");
    }
}

#[test]
fn order_and_strangers_change_nothing() {
    let mut chain = chain();
    longer(&mut chain, 3);
    let certificates = chain.sign();
    let last = certificates.len() - 1;
    let stranger = Chain { keys: vec![Key::p256("paths/mallory"); 3], ..self::chain() }.sign();
    let mut others = [&certificates[1..last], &stranger].concat();
    for _ in 0..others.len() {
        others.rotate_left(1);
        let all = [&certificates[..1], &others, &certificates[last..]].concat();
        assert_eq!(path(&all), Ok(last));
    }
}

#[test]
fn no_bit_of_a_certificate_is_free() {
    let certificates = chain().sign();
    for at in 1..certificates.len() {
        for place in 0..certificates[at].len() {
            let mut changed = certificates.clone();
            changed[at] = flipped(&changed[at], place);
            assert!(path(&changed).is_err(), "byte {place} of certificate {at}");
        }
    }
}

/// What no path could lead to is told when the policy is loaded.
#[test]
fn anchors_are_usable_or_refused() {
    let good = pem("CERTIFICATE", &chain().sign()[0]);
    let mut twice = chain();
    twice.certificates[0].extensions.push(authority(9));
    let twice = pem("CERTIFICATE", &twice.sign()[0]);
    for (what, text, count) in [
        ("one", good.clone(), Some(1)),
        ("two", good.repeat(2), Some(2)),
        ("none", String::new(), None),
        ("line ends", "\r\n\n".to_owned(), None),
        ("an extension stands twice", twice.clone(), None),
        ("one of two is not usable", good.clone() + &twice, None),
        ("a key", Key::p256("paths/root").public_pem(), None),
        ("cut off", good[..good.len() / 2].to_owned(), None),
    ] {
        assert_eq!(x509::from_pem(text.as_bytes()).map(|anchors| anchors.len()), count, "{what}");
    }
}
