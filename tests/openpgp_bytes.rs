//! OpenPGP signatures bit by bit: there is none that could be another and the signature still count. And certificates that are
//! damaged: never a panic, and no signature of another key counts.

use std::path::Path;

use vidimus::authenticate::openpgp::{self, Certificate};
use vidimus::policy::Policy;
use vidimus_testkit::mutate::mutations;

use crate::support::{AT, released, root};

fn passes(policy: &Policy, folder: &Path, signature: &[u8]) -> bool {
    std::fs::write(folder.join("routerd.sig"), signature).unwrap();
    released(policy, folder, AT)
}

#[test]
fn every_bit_counts() {
    for (case, name) in
        [("binary", "routerd.sig"), ("rsa", "routerd.gpg"), ("p384", "routerd.sig"), ("version-6", "routerd.pgp")]
    {
        let fixture = root().join("fixtures/openpgp").join(case);
        let policy = vidimus::policy::load(&fixture.join("policy/policy.toml")).unwrap_or_else(|e| panic!("{e}"));
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(fixture.join("delivery/routerd"), folder.path().join("routerd")).unwrap();
        let good = std::fs::read(fixture.join("delivery").join(name)).unwrap();
        assert!(passes(&policy, folder.path(), &good), "{case}");
        for place in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[place] ^= 1 << bit;
                assert!(!passes(&policy, folder.path(), &bad), "{case}: bit {bit} of byte {place} means nothing");
            }
        }
        for length in 0..good.len() {
            assert!(!passes(&policy, folder.path(), &good[..length]), "{case}: {length} bytes are enough");
        }
    }
}

/// A certificate that is damaged cannot be read, or says less: no key in it signs that did not sign before.
#[test]
fn damaged_certificates() {
    for case in ["subkey", "version-6", "rsa", "signing-subkey"] {
        let path = root().join("fixtures/openpgp").join(case).join("policy/keys/acme.asc");
        let armoured = std::fs::read(path).unwrap();
        let text = String::from_utf8(armoured.clone()).unwrap();
        let body: String = text.lines().filter(|line| !line.is_empty() && !line.starts_with(['-', '='])).collect();
        let binary = vidimus_testkit::encode::unbase64(&body);
        let good = Certificate::read(&binary).unwrap();
        assert_eq!(Certificate::read(&armoured).as_ref(), Ok(&good), "{case}");
        let signers: Vec<&[u8]> = good.signers().map(|key| key.fingerprint.as_slice()).collect();
        for bad in mutations(&format!("certificate {case}"), &binary).take(2000) {
            let Ok(read) = Certificate::read(&bad) else { continue };
            assert!(
                read.signers().all(|key| signers.contains(&key.fingerprint.as_slice())),
                "{case}: {}",
                String::from_utf8_lossy(&bad)
            );
        }
        for bad in mutations(&format!("armour {case}"), &armoured).take(500) {
            let _ = Certificate::read(&bad);
        }
    }
}

#[test]
fn damaged_signatures() {
    for (case, name) in [
        ("primary-key", "routerd.asc"),
        ("two-blocks", "routerd.asc"),
        ("version-6", "routerd.pgp"),
        ("notation", "routerd.asc"),
    ] {
        let path = root().join("fixtures/openpgp").join(case).join("delivery").join(name);
        let good = std::fs::read(path).unwrap();
        assert!(openpgp::signatures(&good).is_ok(), "{case}");
        for bad in mutations(&format!("signature {case}"), &good).take(2000) {
            let _ = openpgp::signatures(&bad);
        }
    }
}
