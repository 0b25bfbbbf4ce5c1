//! Timestamp tokens, made and verified by openssl as a time-stamping authority.

use serde_json::json;
use vidimus_testkit::encode::{base64, unbase64};
use vidimus_testkit::{Key, World};

use crate::differential::{Bench, Said, agreed, flipped};

const EC: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const KINDS: &[(&str, &[&str], &str)] = &[
    ("p256", EC, "sha256"),
    ("p384", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "sha384"),
    ("p384 with sha256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "sha256"),
    ("rsa", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"], "sha256"),
];
/// After the test has run, and before the certificates end.
const LATER: &str = "2060-01-01T00:00:00Z";

const CONFIG: &str = "
[req]
distinguished_name = dn
prompt = no
[dn]
O = Alp
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[stamper]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = own
[own]
serial = serial
default_policy = 1.3.6.1.4.1.99999.1.1
other_policies = 1.3.6.1.4.1.99999.1.2
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500
ess_cert_id_alg = sha256
clock_precision_digits = 3
";

const IDENTITY: &str = r#"key = "signer.pub"
valid = { until = 2059-12-31T00:00:00Z }

[party.alp]
name = "Alp"
kind = "tsa"
jurisdictions = ["CH"]

[tsa]
alp = { anchor = "anchor.pem", policy_oid = "1.3.6.1.4.1.99999.1.1" }"#;

#[test]
fn openssl_ts_agrees() {
    let Some(mut bench) = Bench::of("openssl") else { return };
    bench.write("openssl.cnf", CONFIG);
    bench.write("serial", "01\n");
    let (world, signer) = (World::new("ts"), Key::p256("signer"));
    bench.write("policy/signer.pub", signer.public_pem());
    let bundle = world.managed(&signer).private().timestamp(false).message(b"file").json;
    let signature = unbase64(bundle["messageSignature"]["signature"].as_str().unwrap());
    bench.write("signature", &signature);
    bench.write("other", b"another signature");
    let mut cases = Vec::new();
    for (name, generate, digest) in KINDS {
        for owner in ["alp", "mallory"] {
            authority(&bench, &format!("{name}-{owner}"), generate);
        }
        std::fs::copy(bench.path(&format!("{name}-alp-root.pem")), bench.path("policy/anchor.pem")).unwrap();
        for imprint in ["sha256", "sha512"] {
            let stamp = |owner: &str, data: &str, more: &[&str]| {
                let own = format!("{name}-{owner}");
                let query = ["ts", "-query", "-data", data, &format!("-{imprint}"), "-cert", "-out", "query"];
                bench.must([&query[..], more].concat());
                let (certificate, key) = (format!("{own}.pem"), format!("{own}.key"));
                let reply = ["ts", "-reply", "-config", "openssl.cnf", "-queryfile", "query", "-out", "reply"];
                bench.must([&reply[..], &["-signer", &certificate, "-inkey", &key, &format!("-{digest}")]].concat());
                bench.read("reply")
            };
            let good = stamp("alp", "signature", &[]);
            let last = good.len() - 1;
            // genTime is a GeneralizedTime of this century.
            let dated = good.windows(4).position(|window| window[0] == 0x18 && window[2..] == *b"20").unwrap() + 8;
            for (what, is_good, token) in [
                ("good", true, good.clone()),
                ("again", true, stamp("alp", "signature", &[])),
                ("other data", false, stamp("alp", "other", &[])),
                ("other authority", false, stamp("mallory", "signature", &[])),
                ("other policy", false, stamp("alp", "signature", &["-tspolicy", "1.3.6.1.4.1.99999.1.2"])),
                ("signature changed", false, flipped(&good, last)),
                ("time changed", false, flipped(&good, dated)),
                ("cut off", false, good[..last].to_vec()),
            ] {
                let theirs = accepts(&bench, &format!("{name}-alp"), &token) && what != "other policy";
                let mut signed = bundle.clone();
                signed["verificationMaterial"]["timestampVerificationData"] =
                    json!({"rfc3161Timestamps": [{"signedTimestamp": base64(&token)}]});
                let ours =
                    bench.released_at(LATER, IDENTITY, b"file", "file.sigstore.json", signed.to_string().as_bytes());
                cases.push((format!("{name} {imprint} {what}"), is_good, Said { theirs, ours }));
            }
        }
    }
    agreed("openssl ts", &cases);
}

/// Root and signer of a time-stamping authority.
fn authority(bench: &Bench, own: &str, generate: &[&str]) {
    let (root_key, root) = (format!("{own}-root.key"), format!("{own}-root.pem"));
    bench.must([&["genpkey"][..], EC, &["-out", &root_key]].concat());
    let args = ["req", "-new", "-x509", "-config", "openssl.cnf", "-extensions", "root", "-days", "36500"];
    bench.must([&args[..], &["-subj", &format!("/O={own}/CN=root"), "-key", &root_key, "-out", &root]].concat());
    let [key, csr, pem] = ["key", "csr", "pem"].map(|end| format!("{own}.{end}"));
    bench.must([&["genpkey"][..], generate, &["-out", &key]].concat());
    bench.must([
        "req",
        "-new",
        "-config",
        "openssl.cnf",
        "-subj",
        &format!("/O={own}/CN=stamper"),
        "-key",
        &key,
        "-out",
        &csr,
    ]);
    let args = ["x509", "-req", "-in", &csr, "-CA", &root, "-CAkey", &root_key, "-CAcreateserial", "-days", "36500"];
    bench.must([&args[..], &["-extfile", "openssl.cnf", "-extensions", "stamper", "-out", &pem]].concat());
}

fn accepts(bench: &Bench, own: &str, token: &[u8]) -> bool {
    bench.write("reply", token);
    let root = format!("{own}-root.pem");
    let args = ["ts", "-verify", "-data", "signature", "-in", "reply", "-CAfile", &root];
    bench.run(args, None).status.success()
}
