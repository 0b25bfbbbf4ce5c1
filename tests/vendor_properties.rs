//! Whatever is packed passes, and no change of it does (acceptance 3 of the vendor's side).

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use vidimus::Request;
use vidimus::policy::{Policy, Product, load};
use vidimus::read::{self, Options, Silent};
use vidimus_sign::Signer as _;
use vidimus_sign::key::{KeyPair, Scheme};
use vidimus_sign::pack::{About, Delivery, Packing, STATEMENT, pack};

use crate::support::AT;
use crate::vendor::PRODUCT;

const POLICY: &str = r#"schema  = "urn:vidimus:policy:v1"
id      = "urn:example:intake"
version = 1
[party.acme]
name = "ACME"
kind = "vendor"
jurisdictions = ["SE"]
[[identity]]
id    = "acme"
party = "acme"
key   = "acme.pub"
[[grant]]
identities = ["acme"]
may        = ["delivery"]
[[rule]]
id    = "covered"
check = "inventory"
closed_world = true
"#;

fn passes(folder: &Path, policy: &Policy, recipient: Option<&str>) -> bool {
    let options = Options {
        as_delivery: false,
        evidence: vec![],
        limits: policy.limits,
        policy_files: vec![],
        outputs: vec![],
        progress: &Silent,
    };
    let delivery = read::delivery(&[folder.to_owned()], &options).unwrap().delivery;
    let product = Some(Product::parse_request(PRODUCT).unwrap());
    let request = Request { at: AT.parse().unwrap(), product, recipient: recipient.map(ToOwned::to_owned) };
    vidimus::judge(&delivery, policy, &request).verdict.passes()
}

/// What can be done to one file.
#[derive(Clone, Debug)]
enum Change {
    Flip(prop::sample::Index, u8),
    Append(u8),
    Cut(prop::sample::Index),
    Remove,
    Rename,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (any::<prop::sample::Index>(), 0_u8..8).prop_map(|(at, bit)| Change::Flip(at, 1 << bit)),
        1 => any::<u8>().prop_map(Change::Append),
        1 => any::<prop::sample::Index>().prop_map(Change::Cut),
        1 => Just(Change::Remove),
        1 => Just(Change::Rename),
    ]
}

/// Is the change in what Sigstore's format leaves unsigned: the hint by which clients find the key, or white space at the end?
fn is_unsigned(before: &[u8], change: &Change) -> bool {
    let text = std::str::from_utf8(before).unwrap();
    let hint = text.find("\"hint\":\"").map(|at| at + 8).unwrap();
    let hint = hint..hint + text[hint..].find('"').unwrap();
    match change {
        Change::Flip(at, _) => hint.contains(&at.index(before.len())) || at.index(before.len()) == before.len() - 1,
        Change::Append(byte) => byte.is_ascii_whitespace(),
        Change::Cut(at) => at.index(before.len()) == before.len() - 1,
        // The statement says where it lies as little as who signs it: what it lists is what is held.
        Change::Rename => true,
        Change::Remove => false,
    }
}

#[test]
fn what_is_packed_passes_and_no_change_of_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (pair, stranger) = (KeyPair::generate(Scheme::P256).unwrap(), KeyPair::generate(Scheme::P256).unwrap());
    assert_ne!(pair.public_key().spki(), stranger.public_key().spki());
    fs::create_dir(at("policy")).unwrap();
    fs::write(at("policy/acme.pub"), pair.public_pem()).unwrap();
    fs::write(at("policy/policy.toml"), POLICY).unwrap();
    let policy = load(&at("policy/policy.toml")).unwrap();
    let name = prop::sample::select(vec!["app", "lib/x.so", "doc/a b.txt", "data.bin", "x/y/z"]);
    let files = prop::collection::btree_map(name, prop::collection::vec(any::<u8>(), 0..200), 1..5);
    let reports = prop::collection::vec(prop::collection::vec(any::<u8>(), 1..60), 0..2);
    let changes = prop::collection::vec((any::<prop::sample::Index>(), change()), 4);
    let recipient = prop::option::of(Just("urn:example:nordlys"));
    let (changed, cases) = (Cell::new(0), Cell::new(0));
    let strategy = (files, reports, 1_u64..1_000_000, recipient, changes);
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    runner
        .run(&strategy, |(files, reports, sequence, recipient, changes)| {
            let case = cases.get() + 1;
            cases.set(case);
            let (build, evidence, out) = (at(&format!("b{case}")), at(&format!("e{case}")), at(&format!("d{case}")));
            fs::create_dir_all(&evidence).unwrap();
            for (path, bytes) in &files {
                fs::create_dir_all(build.join(path).parent().unwrap()).unwrap();
                fs::write(build.join(path), bytes).unwrap();
            }
            for (number, bytes) in reports.iter().enumerate() {
                // A mark of our own in front, so that chance makes no evidence that is refused.
                fs::write(evidence.join(format!("report-{number}.txt")), [b"report ", bytes.as_slice()].concat())
                    .unwrap();
            }
            let about = About {
                product: PRODUCT.to_owned(),
                sequence: Some(sequence),
                recipient: recipient.map(ToOwned::to_owned),
                order: None,
                created: None,
                previous: None,
            };
            let delivery = Delivery { files: build, evidence: vec![evidence], private: vec![], about };
            pack(&delivery, Packing::Folder, &out, &pair, &Ok).unwrap();
            prop_assert!(passes(&out, &policy, recipient));
            let mut paths: Vec<PathBuf> = files.keys().map(|path| out.join("files").join(path)).collect();
            paths.extend((0..reports.len()).map(|n| out.join(format!("evidence/reports/report-{n}.txt"))));
            paths.push(out.join(STATEMENT));
            for (which, change) in &changes {
                let path = which.get(&paths);
                let before = fs::read(path).unwrap();
                if path.ends_with(STATEMENT) && is_unsigned(&before, change) {
                    continue;
                }
                let moved = path.with_extension("moved");
                match change {
                    Change::Flip(..) | Change::Cut(_) if before.is_empty() => continue,
                    Change::Flip(at, bit) => {
                        let mut bytes = before.clone();
                        bytes[at.index(before.len())] ^= bit;
                        fs::write(path, bytes).unwrap();
                    }
                    Change::Append(byte) => fs::write(path, [before.as_slice(), &[*byte]].concat()).unwrap(),
                    Change::Cut(at) => fs::write(path, &before[..at.index(before.len())]).unwrap(),
                    Change::Remove => fs::remove_file(path).unwrap(),
                    // Evidence is listed by digest, and its name says nothing.
                    Change::Rename if !path.starts_with(out.join("files")) => continue,
                    Change::Rename => fs::rename(path, &moved).unwrap(),
                }
                changed.set(changed.get() + 1);
                prop_assert!(!passes(&out, &policy, recipient), "{change:?} of {}", path.display());
                let _ = fs::remove_file(&moved);
                fs::write(path, &before).unwrap();
            }
            prop_assert!(passes(&out, &policy, recipient), "restored");
            Ok(())
        })
        .unwrap();
    let (cases, changed) = (cases.get(), changed.get());
    assert!(cases >= 200 && changed >= 500, "{cases} cases, {changed} changes");
    println!("{cases} deliveries, {changed} changes");
}
