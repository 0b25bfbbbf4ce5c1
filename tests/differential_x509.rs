//! Certification paths and revocation lists: certificates of the testkit's authority, with which openssl signs, and which it
//! judges. Each case differs from a passing one in one thing.

use vidimus_testkit::certificate::{authority, authority_usage, extended_usage, extension, serial};
use vidimus_testkit::encode::pem;
use vidimus_testkit::pki::{Holder, Pki};
use vidimus_testkit::{Key, asn1};

use crate::differential::{Bench, Said, agreed, flipped, messages};

/// The instant of the verdicts, 2040-01-01: later than the clock that openssl writes into its signatures.
const AT: i64 = 2_208_988_800;
const DAY: i64 = 86_400;
const EMAIL: &str = "1.3.6.1.5.5.7.3.4";
const WEB_SERVER: &str = "1.3.6.1.5.5.7.3.1";
/// `openssl cms` knows no purpose for code signing in every version that is in use; so the certificates are for e-mail.
const IDENTITY: &str = r#"type    = "x509"
anchors = "root.pem"
subject = { O = "ACME", CN = "release" }
usage   = "email-protection"
crls    = ["intermediate.crl", "root.crl"]"#;

/// What the signer has, and what both verifiers are given.
struct World {
    holder: Holder,
    /// Who signs the holder's certificate instead of the intermediate.
    issuer: Option<Key>,
    /// Certificates that come with the signature besides the signer's, DER.
    others: Vec<Vec<u8>>,
    /// The anchor, DER.
    anchor: Vec<u8>,
    /// Lists of the intermediate and of the root, DER.
    lists: [Vec<u8>; 2],
}

/// Changes one thing of a world that passes.
type Change = fn(&mut World);

/// (what, does it still pass?, the change).
const CASES: &[(&str, bool, Change)] = &[
    ("nothing", true, |_| {}),
    ("valid for another second", true, |world| world.holder.certificate.not_after = AT + 1),
    ("expired a second ago", false, |world| world.holder.certificate.not_after = AT - 1),
    ("valid from now", true, |world| world.holder.certificate.not_before = AT),
    ("valid in a second", false, |world| world.holder.certificate.not_before = AT + 1),
    ("for web servers", false, |world| usage(world, extended_usage(WEB_SERVER, false))),
    ("for web servers, critical", false, |world| usage(world, extended_usage(WEB_SERVER, true))),
    ("for e-mail, critical", true, |world| usage(world, extended_usage(EMAIL, true))),
    ("key agreement alone", false, |world| world.holder.certificate.extensions[0] = key_usage(3, 0x08)),
    ("non-repudiation alone", true, |world| world.holder.certificate.extensions[0] = key_usage(6, 0x40)),
    ("unknown extension", true, |world| world.holder.certificate.extensions.push(unknown(false))),
    ("unknown critical extension", false, |world| world.holder.certificate.extensions.push(unknown(true))),
    ("no intermediate", false, |world| world.others.clear()),
    ("the root comes along", true, |world| world.others.push(pki().root)),
    ("another anchor", false, |world| world.anchor = Pki::new("mallory").root),
    ("another's intermediate of that name", false, |world| world.issuer = Some(Key::p256("cms/mallory"))),
    ("issued by a holder", false, |world| below(world, |_| {})),
    ("issued by a holder who may sign certificates", false, |world| {
        below(world, |middle| middle.certificate.extensions[0] = authority_usage());
    }),
    ("below the path length", false, |world| {
        below(world, |middle| middle.certificate.extensions = vec![authority_usage(), authority(0)]);
    }),
    ("revoked", false, |world| world.lists[0] = list(&[(world.holder.certificate.serial.clone(), AT - 9 * DAY, 0)])),
    ("revoked, key compromised", false, |world| {
        world.lists[0] = list(&[(world.holder.certificate.serial.clone(), AT - 9 * DAY, 1)]);
    }),
    ("on hold", false, |world| world.lists[0] = list(&[(world.holder.certificate.serial.clone(), AT - 9 * DAY, 6)])),
    ("another is revoked", true, |world| world.lists[0] = list(&[(serial("another"), AT - 9 * DAY, 1)])),
    ("the intermediate is revoked", false, |world| {
        let entry = (serial("differential/pki/intermediate"), AT - 9 * DAY, 2);
        world.lists[1] = pki().root_list(&[entry], AT - DAY, AT + DAY);
    }),
    ("the list ends in a second", true, |world| world.lists[0] = pki().list(&[], AT - DAY, AT + 1)),
    ("the list ended", false, |world| world.lists[0] = pki().list(&[], AT - 9 * DAY, AT - 1)),
    ("the list begins now", true, |world| world.lists[0] = pki().list(&[], AT, AT + DAY)),
    ("the list begins in a second", false, |world| world.lists[0] = pki().list(&[], AT + 1, AT + DAY)),
    ("the root's list ended", false, |world| world.lists[1] = pki().root_list(&[], AT - 9 * DAY, AT - 1)),
    ("no list of the intermediate", false, |world| world.lists[0] = world.lists[1].clone()),
    ("the list's signature changed", false, |world| {
        let last = world.lists[0].len() - 1;
        world.lists[0] = flipped(&world.lists[0], last);
    }),
    // issuingDistributionPoint (RFC 5280 section 5.2.5): attribute certificates alone; reasons other than key compromise.
    ("a list of attribute certificates", false, |world| world.lists[0] = partial(true, &asn1::tlv(0x85, &[0xff]))),
    ("a list of some reasons", false, |world| world.lists[0] = partial(true, &asn1::tlv(0x83, &[0x05, 0x20]))),
    ("a list of one distribution point", false, |world| world.lists[0] = partial(true, &distribution_point())),
    // It must be critical; if it is not, it limits the list all the same.
    ("a list of one distribution point, not critical", false, |world| {
        world.lists[0] = partial(false, &distribution_point());
    }),
    ("a list with an unknown critical extension", false, |world| world.lists[0] = with(unknown(true))),
    ("a list with an unknown extension", true, |world| world.lists[0] = with(unknown(false))),
];

/// (what, what openssl says, what vidimus says, the change): where both differ, and why.
const DIFFERENT: &[(&str, bool, bool, Change)] = &[
    // RFC 5280 section 4.1.2.5: the last instant is part of the validity. openssl leaves it out, of certificates and of lists.
    ("valid until now", false, true, |world| world.holder.certificate.not_after = AT),
    ("the list ends now", false, true, |world| world.lists[0] = pki().list(&[], AT - DAY, AT)),
    // An authority that signs software can sign in anybody's name.
    ("an authority signs", true, false, |world| {
        let extensions = vec![signing_authority(), extended_usage(EMAIL, false), authority(0)];
        world.holder.certificate.extensions = extensions;
    }),
];

fn pki() -> Pki {
    Pki::new("differential")
}

fn world() -> World {
    let mut holder = pki().holder("ACME", "release", &Key::p256("cms/signer"));
    holder.certificate.extensions[1] = extended_usage(EMAIL, false);
    let lists = [list(&[]), pki().root_list(&[], AT - DAY, AT + DAY)];
    World { holder, issuer: None, others: vec![pki().intermediate], anchor: pki().root, lists }
}

fn list(revoked: &[(Vec<u8>, i64, u8)]) -> Vec<u8> {
    pki().list(revoked, AT - DAY, AT + DAY)
}

fn with(extension: Vec<u8>) -> Vec<u8> {
    pki().list_with(extension, AT - DAY, AT + DAY)
}

/// A list with an issuingDistributionPoint of that content.
fn partial(critical: bool, content: &[u8]) -> Vec<u8> {
    with(extension("2.5.29.28", critical, &asn1::tlv(0x30, content)))
}

fn distribution_point() -> Vec<u8> {
    let uri = asn1::tlv(0x86, b"http://lists.example/1");
    asn1::tlv(0xa0, &asn1::tlv(0xa0, &uri))
}

fn unknown(critical: bool) -> Vec<u8> {
    extension("1.3.6.1.4.1.99999.7", critical, &[5, 0])
}

fn usage(world: &mut World, extension: Vec<u8>) {
    world.holder.certificate.extensions[1] = extension;
}

fn key_usage(unused: u8, bits: u8) -> Vec<u8> {
    extension("2.5.29.15", true, &asn1::tlv(3, &[unused, bits]))
}

/// digitalSignature and keyCertSign.
fn signing_authority() -> Vec<u8> {
    key_usage(2, 0x84)
}

/// The holder's certificate is issued by one that the intermediate issued.
fn below(world: &mut World, change: impl Fn(&mut Holder)) {
    let key = Key::p256("cms/middle");
    let mut middle = pki().holder("ACME", "middle", &key);
    change(&mut middle);
    world.holder.certificate.issuer.clone_from(&middle.certificate.subject);
    world.others.push(pki().issue(&middle));
    world.issuer = Some(key);
}

impl World {
    /// Has openssl sign, and asks both.
    fn said(&self, bench: &mut Bench) -> Said {
        let [message, ..] = messages();
        let issued = self.issuer.as_ref().map(|key| self.holder.certificate.sign(key));
        bench.write("signer.pem", pem("CERTIFICATE", &issued.unwrap_or_else(|| pki().issue(&self.holder))));
        bench.write("signer.key", self.holder.key.private_pkcs8_pem());
        bench.write("others.pem", self.others.iter().map(|der| pem("CERTIFICATE", der)).collect::<String>());
        bench.write("message", &message);
        let others: &[&str] = if self.others.is_empty() { &[] } else { &["-certfile", "others.pem"] };
        let sign = ["cms", "-sign", "-binary", "-in", "message", "-signer", "signer.pem", "-inkey", "signer.key"];
        bench.must([&sign[..], others, &["-outform", "DER", "-out", "signature"]].concat());

        let [intermediate, root] = &self.lists;
        bench.write("policy/root.pem", pem("CERTIFICATE", &self.anchor));
        bench.write("policy/intermediate.crl", intermediate);
        bench.write("policy/root.crl", root);
        let trusted = [("CERTIFICATE", &self.anchor), ("X509 CRL", intermediate), ("X509 CRL", root)];
        bench.write("trusted.pem", trusted.map(|(label, der)| pem(label, der)).concat());
        let at = AT.to_string();
        let verify = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-content", "message"];
        let trust = ["-CAfile", "trusted.pem", "-no-CApath", "-no-CAstore", "-purpose", "smimesign"];
        let time = ["-crl_check_all", "-attime", &at, "-out", "content"];
        let theirs = bench.run([&verify[..], &trust, &time].concat(), None).status.success();
        let signature = bench.read("signature");
        let ours = bench.released_at(&asn1::rfc3339(AT), IDENTITY, &message, "file.p7s", &signature);
        Said { theirs, ours }
    }
}

#[test]
fn openssl_agrees_on_paths_and_lists() {
    let Some(mut bench) = Bench::of("openssl") else { return };
    let mut cases = Vec::new();
    for (what, good, change) in CASES {
        let mut world = world();
        change(&mut world);
        cases.push(((*what).to_owned(), *good, world.said(&mut bench)));
    }
    agreed("openssl cms -crl_check_all", &cases);
}

#[test]
fn differences_from_openssl_are_known() {
    let Some(mut bench) = Bench::of("openssl") else { return };
    for (what, theirs, ours, change) in DIFFERENT {
        let mut world = world();
        change(&mut world);
        assert_eq!(world.said(&mut bench), Said { theirs: *theirs, ours: *ours }, "{what}");
    }
}
