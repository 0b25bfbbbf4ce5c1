//! What is verified once for a delivery is not verified again, and that must never let anything through: each bundle is answered
//! together with others, in any order, as it is alone.

use std::collections::BTreeMap;
use std::path::Path;

use vidimus::authenticate::authenticate;
use vidimus::limits::Limits;
use vidimus::policy::{self, Policy};
use vidimus::read::{self, Options, Silent};
use vidimus_testkit::sigstore::{AT, Tamper};
use vidimus_testkit::{Delivery, Identity, Key, PolicyFolder, World};

const POLICY: &str = r#"schema = "urn:vidimus:policy:v1"
id = "urn:example:memo"
version = 1

[party.acme]
name = "ACME"
kind = "vendor"
jurisdictions = ["SE"]

[instance.ours]
trusted_root = "trust/ours.json"
sha256 = "{sha256:trust/ours.json}"

[[identity]]
id = "dev"
party = "acme"
type = "sigstore"
instance = "ours"
issuer = "https://accounts.example.com"
san = "dev@example.com"

[[grant]]
identities = ["dev"]
may = ["file"]

[[rule]]
id = "signed"
check = "release"
"#;

/// What came of each bundle, by its name: the number of facts, and every reason.
type Answers = BTreeMap<String, (usize, Vec<String>)>;

fn policy(root: &World, folder: &Path) -> Policy {
    let path = PolicyFolder::new(POLICY).trust("ours", &root.trusted_root()).write(folder);
    policy::load(&path).unwrap()
}

fn answers(bundles: &[(String, Vec<u8>)], policy: &Policy, at: &str) -> Answers {
    let folder = tempfile::tempdir().unwrap();
    let delivery = bundles.iter().fold(Delivery::new().file("program", "program"), |delivery, (name, bundle)| {
        delivery.evidence(name, bundle.clone())
    });
    let place = folder.path().join("delivery");
    delivery.write(&place);
    let options = Options {
        as_delivery: false,
        evidence: vec![],
        limits: Limits::MAX,
        policy_files: vec![],
        outputs: vec![],
        progress: &Silent,
    };
    let delivery = read::delivery(&[place], &options).unwrap().delivery;
    let authenticated = authenticate(&delivery, policy, at.parse().unwrap());
    let of = |name: &str| {
        let (index, file) = delivery.files.iter().enumerate().find(|(_, file)| file.path == name).unwrap();
        let facts = authenticated.facts.iter().filter(|fact| fact.file == index).count();
        let id = file.digests.sha256();
        let rejected = authenticated.rejected.iter().filter(|(rejected, _)| rejected == id);
        (facts, rejected.map(|(_, reason)| format!("{reason:?}")).collect())
    };
    bundles.iter().map(|(name, _)| (name.clone(), of(name))).collect()
}

/// Genuine bundles of both logs by the same and by other certificates, and every one that is wrong in one thing.
fn bundles(world: &World) -> Vec<(String, Vec<u8>)> {
    let who = Identity::email("dev@example.com", "https://accounts.example.com");
    let key = |label: &str| Key::p256(&format!("memo {label}"));
    let genuine = [
        ("v1", world.keyless(&who).key(&key("a"))),
        ("v1-again", world.keyless(&who).key(&key("a"))),
        ("v1-other-leaf", world.keyless(&who).key(&key("b"))),
        ("v2", world.keyless(&who).key(&key("a")).v2()),
        ("v2-other-leaf", world.keyless(&who).key(&key("b")).v2()),
        ("longer", world.keyless(&who).key(&Key::p384("memo")).recorded_by("sha384")),
        // The same key and authority, with a certificate that had ended or not begun when it signed.
        ("too-late", world.keyless(&who).key(&key("a")).window(700, -1)),
        ("too-early", world.keyless(&who).key(&key("a")).window(-1, 600)),
        ("ended-for-v2", world.keyless(&who).key(&key("a")).v2().stamped_at(AT + 4_000)),
    ];
    let mut bundles = Vec::new();
    for (name, signing) in &genuine {
        bundles.push((format!("{name}.sigstore.json"), signing.message(b"program").bytes()));
        for tamper in Tamper::ALL.into_iter().filter(|tamper| signing.can(*tamper)) {
            let tampered = signing.clone().tamper(tamper).message(b"program");
            bundles.push((format!("{name}-{tamper:?}.sigstore.json"), tampered.bytes()));
        }
    }
    bundles
}

#[test]
fn together_and_in_any_order_as_alone() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new("memo");
    let policy = policy(&world, folder.path());
    let all = bundles(&world);
    let at = "2026-11-23T12:00:00Z";
    let mut alone = Answers::new();
    for one in &all {
        alone.extend(answers(std::slice::from_ref(one), &policy, at));
    }
    let accepted: Vec<&str> =
        alone.iter().filter(|(_, (facts, _))| *facts > 0).map(|(name, _)| name.as_str()).collect();
    let mut expected = ["longer", "v1", "v1-again", "v1-other-leaf", "v2", "v2-other-leaf"]
        .map(|name| format!("{name}.sigstore.json"));
    expected.sort();
    assert_eq!(accepted, expected);
    assert!(all.len() > 60, "{} bundles", all.len());

    // On one thread the order is that of the names, so that each order puts another bundle's work first.
    let single = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for turn in 0..4 {
        let named = |number: usize| match turn {
            0 => number,
            1 => all.len() - number,
            2 => (number * 7) % 101,
            _ => (number * 31) % 97,
        };
        let renamed: Vec<(String, Vec<u8>)> = all
            .iter()
            .enumerate()
            .map(|(number, (name, bundle))| (format!("{:03}-{number:03}-{name}", named(number)), bundle.clone()))
            .collect();
        let together = if turn % 2 == 0 {
            single.install(|| answers(&renamed, &policy, at))
        } else {
            answers(&renamed, &policy, at)
        };
        let together: Answers = together
            .into_iter()
            .map(|(name, answer)| (name.splitn(3, '-').nth(2).unwrap().to_owned(), answer))
            .collect();
        assert_eq!(together, alone, "turn {turn}");
    }
}

/// A memo is one judgement's: what one root or instant let through is nothing to the next.
#[test]
fn under_another_root_and_at_another_time_everything_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new("memo");
    let (ours, theirs) = (policy(&world, &folder.path().join("a")), policy(&world.foreign(), &folder.path().join("b")));
    let who = Identity::email("dev@example.com", "https://accounts.example.com");
    let good = vec![("good.sigstore.json".to_owned(), world.keyless(&who).message(b"program").bytes())];
    let facts = |policy: &Policy, at: &str| answers(&good, policy, at)["good.sigstore.json"].0;
    for _ in 0..2 {
        assert_eq!(facts(&ours, "2026-11-23T12:00:00Z"), 1);
        assert_eq!(facts(&theirs, "2026-11-23T12:00:00Z"), 0, "another root");
        assert_eq!(facts(&ours, "2025-03-01T11:59:59Z"), 0, "before it was signed");
    }
}
