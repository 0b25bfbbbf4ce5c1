//! Raw signatures, made and verified by openssl.

use crate::differential::{Bench, Said, agreed, flipped, messages};

/// (name of keys, how openssl makes one, `algorithm` of the policy, how openssl signs and verifies with it).
type Kind = (&'static str, &'static [&'static str], Option<&'static str>, &'static [&'static str]);

const PSS: &[&str] = &["-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];
const PSS_LONG: &[&str] = &["-sha512", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];
const KINDS: &[Kind] = &[
    ("ed25519", &["-algorithm", "ed25519"], None, &[]),
    ("p256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], None, &["-sha256"]),
    ("p384", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], None, &["-sha384"]),
    ("rsa-a", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], Some("rsa-pkcs1-2048-sha256"), &["-sha256"]),
    ("rsa-b", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"], Some("rsa-pkcs1-2048-sha512"), &["-sha512"]),
    ("pss-a", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], Some("rsa-pss-2048-sha256"), PSS),
    ("pss-b", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"], Some("rsa-pss-2048-sha512"), PSS_LONG),
];

#[test]
fn openssl_agrees() {
    let Some(mut bench) = Bench::of("openssl") else { return };
    let mut cases = Vec::new();
    for (name, generate, algorithm, options) in KINDS {
        for owner in ["ours", "other"] {
            let (key, public) = (format!("{name}-{owner}.pem"), format!("policy/{name}-{owner}.pub"));
            bench.must([&["genpkey"][..], generate, &["-out", &key]].concat());
            bench.must(["pkey", "-in", &key, "-pubout", "-out", &public]);
        }
        let stated = algorithm.map_or_else(String::new, |algorithm| format!("\nalgorithm = \"{algorithm}\""));
        let identity = format!("key = \"{name}-ours.pub\"{stated}");
        for (number, message) in messages().iter().enumerate() {
            let signature = sign(&bench, options, &format!("{name}-ours.pem"), message);
            let other = sign(&bench, options, &format!("{name}-other.pem"), message);
            let last = signature.len() - 1;
            for (what, good, message, signature) in [
                ("good", true, message.clone(), signature.clone()),
                ("message changed", false, flipped(message, 0), signature.clone()),
                ("signature changed", false, message.clone(), flipped(&signature, last)),
                ("other key", false, message.clone(), other),
                ("cut off", false, message.clone(), signature[..last].to_vec()),
                ("byte behind", false, message.clone(), [&signature[..], &[0]].concat()),
            ] {
                let theirs = accepts(&bench, options, &format!("policy/{name}-ours.pub"), &message, &signature);
                let ours = bench.released(&identity, &message, "file.sig", &signature);
                // openssl reads no more bytes of the file than the key's longest signature has, so it never sees this one.
                let theirs = theirs && what != "byte behind";
                cases.push((format!("{name} {number} {what}"), good, Said { theirs, ours }));
            }
        }
    }
    agreed("openssl", &cases);
}

fn sign(bench: &Bench, options: &[&str], key: &str, message: &[u8]) -> Vec<u8> {
    bench.write("message", message);
    if options.is_empty() {
        bench.must(["pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", "message", "-out", "signature"]);
    } else {
        bench.must([&["dgst"], options, &["-sign", key, "-out", "signature", "message"]].concat());
    }
    bench.read("signature")
}

fn accepts(bench: &Bench, options: &[&str], public: &str, message: &[u8], signature: &[u8]) -> bool {
    bench.write("message", message);
    bench.write("signature", signature);
    let args = if options.is_empty() {
        let pure =
            ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", public, "-in", "message", "-sigfile", "signature"];
        pure.to_vec()
    } else {
        [&["dgst"], options, &["-verify", public, "-signature", "signature", "message"]].concat()
    };
    bench.run(args, None).status.success()
}
