//! CMS signatures bit by bit: there is none that could be another and the signature still count.

use std::path::Path;

use vidimus::policy::Policy;

use crate::support::{items, released, root, text, verify};

const AT: &str = "2026-11-24T06:00:00Z";
/// The head of the document: versions and digest algorithms, which nobody signs.
const HEAD: usize = 64;

fn passes(policy: &Policy, folder: &Path, signature: &[u8]) -> bool {
    std::fs::write(folder.join("routerd.p7s"), signature).unwrap();
    released(policy, folder, AT)
}

#[test]
fn every_bit_counts() {
    for case in ["detached", "no-attributes", "rsa", "stamped"] {
        let fixture = root().join("fixtures/cms").join(case);
        let policy = vidimus::policy::load(&fixture.join("policy/policy.toml")).unwrap_or_else(|e| panic!("{e}"));
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(fixture.join("delivery/routerd"), folder.path().join("routerd")).unwrap();
        let good = std::fs::read(fixture.join("delivery/routerd.p7s")).unwrap();
        assert!(passes(&policy, folder.path(), &good), "{case}");
        for place in 0..good.len() {
            // All bits of the head, and one of each other byte: each kind of field has many bytes.
            let bits = if place < HEAD { 0..8 } else { place % 8..place % 8 + 1 };
            for bit in bits {
                let mut bad = good.clone();
                bad[place] ^= 1 << bit;
                assert!(!passes(&policy, folder.path(), &bad), "{case}: bit {bit} of byte {place} means nothing");
            }
        }
    }
}

/// That revocation is not asked for is said in every verdict, and only there.
#[test]
fn what_nobody_asks_is_said() {
    for (case, said) in [("detached", false), ("pinned", true)] {
        let fixture = root().join("fixtures/cms").join(case);
        let (policy, delivery) = (fixture.join("policy/policy.toml"), fixture.join("delivery"));
        let product = "pkg:generic/acme/router@4.2.0";
        let args = [delivery.as_os_str(), "--policy".as_ref(), policy.as_os_str()];
        let rest = ["--at", AT, "--product", product].map(AsRef::as_ref);
        let (run, verdict) = verify([&args[..], &rest].concat());
        assert_eq!(run.code, 0, "{case}: {}", run.stderr);
        let caveats: Vec<String> = items(&verdict["core"]["caveats"]).map(|caveat| text(&caveat["code"])).collect();
        assert_eq!(caveats.contains(&"caveat.revocation-not-asked".to_owned()), said, "{case}: {caveats:?}");
    }
}
