//! Which OpenPGP certificates a policy takes, and what it says of the others.

use vidimus_testkit::openpgp::{
    BINARY, CERTIFY, Certificate, DIRECT_KEY, Draft, ENCRYPT, EXPIRES, FLAGS, KEY_EXPIRES, KEY_REVOCATION, POSITIVE,
    PgpKey, REASON, SIGN, SUBKEY_BINDING, SUBKEY_REVOCATION, armor,
};
use vidimus_testkit::{Key, PolicyFolder};

const POLICY: &str = r#"schema  = "urn:vidimus:policy:v1"
id      = "urn:example:openpgp"
version = 1

[party.acme]
name = "ACME"
kind = "vendor"
jurisdictions = ["SE"]

[[identity]]
id    = "acme-key"
party = "acme"
key   = "keys/acme.pub"

[[identity]]
id    = "acme-pgp"
party = "acme"
type  = "openpgp"
key   = "keys/acme.asc"

[[grant]]
identities = ["acme-pgp", "acme-key"]
may        = ["file"]

[[rule]]
id    = "released"
check = "release"
"#;

const MADE: u32 = 1_704_067_200;

/// The codes for which the policy is refused; `ok` if it is not.
fn codes(certificate: &[u8], pin: &str) -> String {
    let text = POLICY.replace("key   = \"keys/acme.asc\"", &format!("key   = \"keys/acme.asc\"\n{pin}"));
    let folder = tempfile::tempdir().unwrap();
    let policy = PolicyFolder::new(&text).key("acme", &Key::p384("acme")).file("keys/acme.asc", certificate);
    match vidimus::policy::load(&policy.write(folder.path())) {
        Ok(_) => "ok".to_owned(),
        Err(errors) => errors.errors().iter().map(|error| error.info.code).collect::<Vec<_>>().join(" "),
    }
}

#[test]
fn certificates() {
    let primary = PgpKey::new(&Key::ed25519("acme"), MADE);
    let subkey = PgpKey::new(&Key::p256("acme"), MADE);
    let flags = CERTIFY | SIGN;
    let usual = Certificate::usual(&primary, "ACME", flags);
    let certifying = || Certificate::usual(&primary, "ACME", CERTIFY);
    let other = Certificate::usual(&subkey, "ACME", flags);
    let v6 = primary.clone().v6();
    let of = |key: &PgpKey| Certificate::usual(key, "ACME", flags);
    let revocation = Draft::new(KEY_REVOCATION, MADE + 1).with(REASON, &[1]);
    let damaged = {
        let mut bytes = usual.clone().signed(&revocation).binary();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        bytes
    };
    let name = primary.name();
    let spaced: Vec<&str> = name.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap()).collect();
    let pin = |text: &str| format!("fingerprint = \"{text}\"");
    let separate = [usual.armored(), armor("PGP PUBLIC KEY BLOCK", &revocation_of(&usual, &revocation))].concat();
    for (what, certificate, pin, expected) in [
        ("armoured", usual.armored().into_bytes(), String::new(), "ok"),
        ("binary", usual.binary(), String::new(), "ok"),
        ("pinned", usual.binary(), pin(&name), "ok"),
        ("pinned, as it is shown", usual.binary(), pin(&spaced.join(" ")), "ok"),
        ("pinned, version 6", of(&v6).binary(), pin(&v6.name()), "ok"),
        ("another is pinned", usual.binary(), pin(&subkey.name()), "policy.digest"),
        ("a key id is pinned", usual.binary(), pin(&name[24..]), "policy.bad-value"),
        ("with a signing subkey", certifying().signing_subkey(&subkey).binary(), String::new(), "ok"),
        ("a revocation behind it", separate.into_bytes(), String::new(), "ok"),
        ("two certificates", [usual.binary(), other.binary()].concat(), String::new(), "policy.key"),
        ("for certifying alone", certifying().binary(), String::new(), "policy.key"),
        ("no self-signature", Certificate::new(&primary).user("ACME").binary(), String::new(), "policy.key"),
        (
            "for whatever",
            { Certificate::new(&primary).user("ACME").signed(&Draft::new(POSITIVE, MADE)).binary() },
            String::new(),
            "policy.key",
        ),
        (
            "a self-signature by another",
            {
                Certificate::new(&primary)
                    .user("ACME")
                    .signed_by(&subkey, &Draft::new(POSITIVE, MADE).with(FLAGS, &[flags]))
                    .binary()
            },
            String::new(),
            "policy.key",
        ),
        (
            "version 6 without a direct-key signature has no date",
            { Certificate::new(&v6).signed(&Draft::new(DIRECT_KEY, MADE).with(FLAGS, &[ENCRYPT])).binary() },
            String::new(),
            "policy.key",
        ),
        (
            "self-signatures with SHA-1",
            {
                Certificate::new(&primary)
                    .user("ACME")
                    .signed(&Draft::new(POSITIVE, MADE).hash("sha1").with(FLAGS, &[flags]))
                    .binary()
            },
            String::new(),
            "policy.key",
        ),
        (
            "a subkey without back signature",
            { certifying().subkey(&subkey).signed(&Draft::new(SUBKEY_BINDING, MADE).with(FLAGS, &[SIGN])).binary() },
            String::new(),
            "policy.key",
        ),
        (
            "a revocation with SHA-1",
            usual.clone().signed(&revocation.clone().hash("sha1")).binary(),
            String::new(),
            "policy.key",
        ),
        ("a revocation that does not verify", damaged, String::new(), "policy.key"),
        ("short RSA", of(&PgpKey::new(&Key::rsa("acme", 1024), MADE)).binary(), String::new(), "policy.weak-key"),
        (
            "a short RSA subkey for encryption",
            usual
                .clone()
                .subkey(&PgpKey::new(&Key::rsa("acme", 1024), MADE))
                .signed(&Draft::new(SUBKEY_BINDING, MADE).with(FLAGS, &[ENCRYPT]))
                .binary(),
            String::new(),
            "ok",
        ),
        (
            "RSA that nobody asked for",
            of(&PgpKey::new(&Key::rsa("acme", 2048), MADE)).binary(),
            String::new(),
            "policy.algorithm",
        ),
        (
            "the key of another identity",
            of(&PgpKey::new(&Key::p384("acme"), MADE)).binary(),
            String::new(),
            "policy.dup-key",
        ),
        ("a private key", armor("PGP PRIVATE KEY BLOCK", &usual.binary()).into_bytes(), String::new(), "policy.key"),
        ("a signature", Draft::new(BINARY, MADE).by(&primary, b""), String::new(), "policy.key"),
        (
            "cut off",
            {
                let bytes = usual.binary();
                bytes[..bytes.len() - 1].to_vec()
            },
            String::new(),
            "policy.key",
        ),
        ("text", b"ACME".to_vec(), String::new(), "policy.key"),
        ("nothing", Vec::new(), String::new(), "policy.key"),
    ] {
        assert_eq!(codes(&certificate, &pin), expected, "{what}");
    }
}

/// The packet of a revocation alone, as GnuPG writes it to a file of its own.
fn revocation_of(certificate: &Certificate, draft: &Draft) -> Vec<u8> {
    let both = certificate.clone().signed(draft).binary();
    both[certificate.binary().len()..].to_vec()
}

fn at(second: u32) -> vidimus::time::Time {
    vidimus::time::Time::from_second(i64::from(second)).unwrap()
}

/// Which key may sign at which instant: the instant is proven time, or the time of a verdict.
#[test]
fn a_key_at_an_instant() {
    const DAY: u32 = 86_400;
    let primary = PgpKey::new(&Key::ed25519("acme"), MADE);
    let subkey = PgpKey::new(&Key::p256("acme"), MADE + DAY);
    let flags = |kind, time, flags| Draft::new(kind, time).with(FLAGS, &[flags]);
    let certifying = Certificate::usual(&primary, "ACME", CERTIFY);
    let both = Certificate::usual(&primary, "ACME", CERTIFY | SIGN);
    let revoked = |reason| both.clone().signed(&Draft::new(KEY_REVOCATION, MADE + 9 * DAY).with(REASON, &[reason]));
    let ends = |draft: Draft, day: u32| draft.seconds(KEY_EXPIRES, day * DAY);
    let short = Certificate::new(&primary).user("ACME").signed(&ends(flags(POSITIVE, MADE, CERTIFY | SIGN), 9));
    let back_ends = {
        let binding = flags(SUBKEY_BINDING, MADE + DAY, SIGN);
        certifying.clone().subkey(&subkey).backed_by(&subkey, &binding, |back| back.seconds(EXPIRES, 8 * DAY))
    };
    for (what, certificate, index, day, expected) in [
        ("made", &both, 0, 0, "ok"),
        ("for certifying", &certifying.clone().signing_subkey(&subkey), 0, 5, "NotForSigning"),
        ("superseded, before", &revoked(1), 0, 8, "ok"),
        ("superseded, at once", &revoked(1), 0, 9, "Revoked"),
        ("no reason, before", &revoked(0), 0, 8, "Revoked"),
        ("compromised, before", &revoked(2), 0, 0, "Revoked"),
        ("retired, before", &revoked(3), 0, 8, "ok"),
        ("a reason of its own, before", &revoked(100), 0, 8, "Revoked"),
        ("before its end", &short, 0, 8, "ok"),
        ("at its end", &short, 0, 9, "Expired"),
        ("extended", &short.clone().signed(&flags(POSITIVE, MADE + 8 * DAY, CERTIFY | SIGN)), 0, 30, "ok"),
        ("extended too late to know", &short.clone().signed(&flags(POSITIVE, MADE + 20 * DAY, SIGN)), 0, 15, "Expired"),
        (
            "no longer for signing",
            &both.clone().signed(&flags(POSITIVE, MADE + 8 * DAY, CERTIFY)),
            0,
            9,
            "NotForSigning",
        ),
        (
            "a self-signature that ended",
            &{ both.clone().signed(&flags(POSITIVE, MADE + 2 * DAY, CERTIFY).seconds(EXPIRES, DAY)) },
            0,
            9,
            "ok",
        ),
        ("a subkey before it was made", &certifying.clone().signing_subkey(&subkey), 1, 0, "NotYet"),
        ("a subkey", &certifying.clone().signing_subkey(&subkey), 1, 1, "ok"),
        ("a back signature that goes on", &back_ends, 1, 8, "ok"),
        ("a back signature that ended", &back_ends, 1, 9, "Unbound"),
        ("a subkey of an ended key", &short.clone().signing_subkey(&subkey), 1, 9, "Expired"),
        ("a subkey of a revoked key", &revoked(2).signing_subkey(&subkey), 1, 8, "Revoked"),
        (
            "a subkey revoked with SHA-1",
            &{
                certifying
                    .clone()
                    .signing_subkey(&subkey)
                    .signed(&Draft::new(SUBKEY_REVOCATION, MADE + 9 * DAY).hash("sha1"))
                    .signing_subkey(&PgpKey::new(&Key::p256("second"), MADE))
            },
            1,
            8,
            "Revoked",
        ),
        ("no such key", &both, 1, 8, "Unbound"),
    ] {
        let read = vidimus::authenticate::openpgp::Certificate::read(&certificate.binary()).unwrap();
        let found = match read.may_sign(index, at(MADE + day * DAY)) {
            Ok(()) => "ok".to_owned(),
            Err(unfit) => format!("{unfit:?}").split('(').next().unwrap().to_owned(),
        };
        assert_eq!(found, expected, "{what}");
    }
}

/// What a file is, and the identity that it stands for.
#[test]
fn inspected() {
    let fixture = crate::support::root().join("fixtures/openpgp/subkey");
    let pin = PgpKey::new(&Key::ed25519("acme openpgp"), MADE).name();
    for (file, words) in [
        (
            "policy/keys/acme.asc",
            vec!["OpenPGP certificate", "user id: ACME Networks", "type     = \"openpgp\"", pin.as_str()],
        ),
        ("delivery/routerd.asc", vec!["OpenPGP signature", "algorithm: ECDSA", "key      = \"keys/signer.asc\""]),
    ] {
        let shown = crate::support::run(["inspect".as_ref(), fixture.join(file).as_os_str()]);
        assert_eq!(shown.code, 0, "{}", shown.stderr);
        for words in words {
            assert!(shown.stdout.contains(words), "{words}: {}", shown.stdout);
        }
    }
}

#[test]
fn explained_and_linted() {
    let primary = PgpKey::new(&Key::ed25519("acme"), MADE);
    let usual = Certificate::usual(&primary, "ACME", CERTIFY | SIGN);
    let ends = Draft::new(POSITIVE, MADE + 1).with(FLAGS, &[CERTIFY | SIGN]).seconds(KEY_EXPIRES, 366 * 86_400);
    let revoked = Draft::new(KEY_REVOCATION, MADE + 1).with(REASON, &[1]);
    for (certificate, says, endless) in [
        (usual.clone(), "it states no end.", 2),
        (usual.clone().signed(&ends), "it ends 2025-01-01T00:00:00Z.", 1),
        (usual.signed(&revoked), "it states no end, and it is revoked.", 2),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let policy = PolicyFolder::new(POLICY).key("acme", &Key::p384("acme"));
        let policy = policy.file("keys/acme.asc", certificate.armored());
        let policy = vidimus::policy::load(&policy.write(folder.path())).unwrap_or_else(|e| panic!("{e}"));
        let text = vidimus::policy::explain(&policy).split_whitespace().collect::<Vec<_>>().join(" ");
        let name = primary.name();
        let sentence = format!("acme-pgp is the OpenPGP certificate {name}, which signs with {name}; {says}");
        assert!(text.contains(&sentence), "{text}");
        let lints = vidimus::policy::lint(&policy);
        let found = lints.iter().filter(|lint| lint.code() == "lint.identity-without-window").count();
        assert_eq!(found, endless, "{says}: {lints:?}");
    }
}
