//! Which OpenPGP certificates a policy takes, and what it says of the others.

use vidimus_testkit::openpgp::{
    BINARY, CERTIFY, Certificate, DIRECT_KEY, Draft, ENCRYPT, FLAGS, KEY_REVOCATION, POSITIVE, PgpKey, REASON, SIGN,
    SUBKEY_BINDING, armor,
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

#[test]
fn explained_and_linted() {
    let primary = PgpKey::new(&Key::ed25519("acme"), MADE);
    let folder = tempfile::tempdir().unwrap();
    let policy = PolicyFolder::new(POLICY)
        .key("acme", &Key::p384("acme"))
        .file("keys/acme.asc", Certificate::usual(&primary, "ACME", CERTIFY | SIGN).armored());
    let policy = vidimus::policy::load(&policy.write(folder.path())).unwrap_or_else(|e| panic!("{e}"));
    let text = vidimus::policy::explain(&policy).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(&format!("acme-pgp is the OpenPGP certificate {}", primary.name())), "{text}");
    let lints = vidimus::policy::lint(&policy);
    let endless = lints.iter().filter(|lint| lint.code() == "lint.identity-without-window").count();
    assert_eq!(endless, 2, "{lints:?}");
}
