//! Status lists as they are issued, and `preflight` with what the operator knows: lists, and what was accepted before.

use std::fs;

use serde_json::Value;
use vidimus_testkit::encode::sha256_hex;

use crate::support::{AT, Run};
use crate::vendor::{PRODUCT, Shop};

const KEY: &str =
    "kind = 'key'\ntarget = 'spki-sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'\n";

/// Issues a list about keys at an instant of the 23rd of November.
fn issue(shop: &Shop, out: &str, at: &str, more: &[&str]) -> Run {
    let at = format!("2026-11-23T{at}Z");
    let args = ["status-list", "issue", "--list", "urn:example:acme:status", "--scope", "key", "--this-update", &at];
    let place = ["--next-update", "2026-11-26T06:00:00Z", "--key", "acme.key", "--out", out];
    shop.run(&[&args[..], &place, more].concat())
}

fn payload(shop: &Shop, path: &str) -> Vec<u8> {
    let bundle: Value = serde_json::from_slice(&shop.read(path)).unwrap();
    vidimus_testkit::encode::unbase64(bundle["dsseEnvelope"]["payload"].as_str().unwrap())
}

#[test]
fn lists_are_numbered_and_chained() {
    let shop = Shop::new();
    shop.write("entries.toml", format!("[[entries]]\n{KEY}state = 'compromised'\nsince = 2025-10-02T00:00:00Z\n"));
    let run = issue(&shop, "one", "06:00:00", &["--number", "1", "--entries", "entries.toml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = issue(&shop, "two", "07:00:00", &["--previous", "one", "--entries", "entries.toml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let statement: Value = serde_json::from_slice(&payload(&shop, "two")).unwrap();
    assert_eq!(statement["predicate"]["number"], 2);
    let id = sha256_hex(&vidimus_testkit::dsse::pae("application/vnd.in-toto+json", &payload(&shop, "one")));
    assert_eq!(statement["predicate"]["previous"]["sha256"], id);
    for (more, expected) in [
        (&["--previous", "one", "--number", "1", "--entries", "entries.toml"][..], "not greater than 1"),
        (&["--previous", "one"], "on the previous list and not on this one"),
        (&["--entries", "entries.toml"], "neither a number"),
        (&["--number", "5", "--entries", "entries.toml"], "names the one before"),
        (&["--number", "1", "--entries", "acme.pub"], "not TOML"),
    ] {
        let run = issue(&shop, "three", "07:00:00", more);
        assert!(run.code == 2 && run.stderr.contains(expected), "{more:?}: {}", run.stderr);
        assert!(!shop.path("three").exists());
    }
    assert_eq!(issue(&shop, "three", "07:00:00", &["--previous", "one", "--drop"]).code, 0);
}

/// What holds is not softened by oversight: neither a milder word, nor a later instant.
#[test]
fn entries_are_softened_only_on_purpose() {
    let shop = Shop::new();
    let list = |name: &str, entry: &str| {
        shop.write(name, format!("[[entries]]\n{KEY}{entry}"));
    };
    let (day, next) = ("2025-10-02T00:00:00Z", "2025-10-03T00:00:00Z");
    let entry = |state: &str, since: &str, effective: &str| {
        let effective = if effective.is_empty() { String::new() } else { format!("effective = {effective}\n") };
        format!("state = '{state}'\nsince = {since}\n{effective}")
    };
    let old = "2025-09-14T00:00:00Z";
    for (number, (before, after, is_softer)) in [
        (entry("revoked", day, ""), entry("revoked", day, ""), false),
        (entry("revoked", day, ""), entry("suspended", day, ""), true),
        (entry("compromised", day, ""), entry("suspended", day, ""), true),
        (entry("withdrawn", day, ""), entry("suspended", day, ""), true),
        (entry("suspended", day, ""), entry("revoked", day, ""), false),
        (entry("compromised", day, ""), entry("revoked", day, ""), false),
        (entry("revoked", day, ""), entry("suspended", "2099-01-01T00:00:00Z", ""), true),
        (entry("revoked", day, ""), entry("revoked", next, ""), true),
        (entry("revoked", next, ""), entry("revoked", day, ""), false),
        (entry("compromised", day, old), entry("compromised", day, old), false),
        (entry("compromised", day, old), entry("compromised", day, ""), true),
        (entry("compromised", day, old), entry("compromised", day, "2025-09-15T00:00:00Z"), true),
        (entry("compromised", day, old), entry("compromised", day, "2025-09-13T00:00:00Z"), false),
        (entry("compromised", day, ""), entry("compromised", day, old), false),
        // Known later, so that verdicts about the time between would change; in force since the same instant.
        (entry("compromised", day, old), entry("compromised", next, old), true),
    ]
    .into_iter()
    .enumerate()
    {
        list("before.toml", &before);
        list("after.toml", &after);
        let (first, second) = (format!("{number}-1"), format!("{number}-2"));
        let run = issue(&shop, &first, "06:00:00", &["--number", "1", "--entries", "before.toml"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let follows = ["--previous", &first, "--entries", "after.toml"];
        let run = issue(&shop, &second, "07:00:00", &follows);
        assert_eq!(run.code, if is_softer { 2 } else { 0 }, "{before}\n{after}: {}", run.stderr);
        if is_softer {
            assert!(run.stderr.contains("spki-sha256:aaaa") && run.stderr.contains("`--drop`"), "{}", run.stderr);
            assert!(!shop.path(&second).exists());
            let run = issue(&shop, &second, "07:00:00", &[&follows[..], &["--drop"]].concat());
            assert_eq!(run.code, 0, "{before}\n{after}: {}", run.stderr);
        }
    }
}

/// A later list is true at a later time, also where entries may be dropped.
#[test]
fn later_lists_are_of_later() {
    let shop = Shop::new();
    assert_eq!(issue(&shop, "one", "06:00:00", &["--number", "1"]).code, 0);
    for at in ["05:59:59", "06:00:00"] {
        for more in
            [&["--previous", "one"][..], &["--previous", "one", "--drop"], &["--previous", "one", "--number", "9"]]
        {
            let run = issue(&shop, "two", at, more);
            assert_eq!(run.code, 2, "{at} {more:?}: {}", run.stdout);
            assert!(run.stderr.contains("is not later than 2026-11-23T06:00:00Z"), "{}", run.stderr);
            assert!(!shop.path("two").exists());
        }
    }
    assert_eq!(issue(&shop, "two", "06:00:01", &["--previous", "one"]).code, 0);
}

/// What the help says of `--previous` is what happens: entries are given again, not taken over.
#[test]
fn help_says_what_becomes_of_entries() {
    let shop = Shop::new();
    let help = shop.must(&["status-list", "issue", "--help"]);
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(!words.contains("keeps its entries"), "{help}");
    assert!(
        words.contains("--previous <FILE> The list before: this one is chained to it. Nothing is taken over"),
        "{help}"
    );
    shop.write("entries.toml", format!("[[entries]]\n{KEY}state = 'revoked'\nsince = 2025-10-02T00:00:00Z\n"));
    assert_eq!(issue(&shop, "one", "06:00:00", &["--number", "1", "--entries", "entries.toml"]).code, 0);
    assert_eq!(issue(&shop, "two", "07:00:00", &["--previous", "one"]).code, 2);
    assert_eq!(issue(&shop, "two", "07:00:00", &["--previous", "one", "--entries", "entries.toml"]).code, 0);
    let statement: Value = serde_json::from_slice(&payload(&shop, "two")).unwrap();
    assert_eq!(statement["predicate"]["entries"].as_array().unwrap().len(), 1);
}

const KNOWING: &str = r#"
[party.nordlys]
name = "Nordlys"
kind = "operator"
jurisdictions = ["NO"]

[[identity]]
id    = "psirt"
party = "nordlys"
key   = "keys/psirt.pub"

[[grant]]
identities = ["psirt"]
may        = ["status"]

[status_list.deny]
by            = "psirt"
scope         = ["digest"]
max_age_hours = 72

[[rule]]
id    = "not-withdrawn"
check = "status"
lists = ["deny"]

[[rule]]
id    = "not-older"
check = "no-rollback"
"#;

/// A policy that asks for lists and for what was accepted before can be met before shipping, and gives the verdict that the operator gives.
#[test]
fn preflight_takes_what_the_operator_knows() {
    let shop = Shop::new();
    shop.must(&["keygen", "psirt", "--unencrypted"]);
    shop.write("knowing/keys/psirt.pub", shop.read("psirt.pub"));
    shop.policy("knowing", r#"may = ["delivery"]"#, KNOWING);
    fs::create_dir(shop.path("lists")).unwrap();
    let list = |out: &str, at: &str, more: &[&str]| {
        let args = ["status-list", "issue", "--list", "urn:status:deny", "--scope", "digest", "--this-update", at];
        let place = ["--next-update", "2026-11-26T06:00:00Z", "--key", "psirt.key", "--out", out];
        shop.must(&[&args[..], &place, more].concat());
    };
    list("lists/1.sigstore.json", "2026-11-23T06:00:00Z", &["--number", "1"]);
    for (out, sequence) in [("older", "6"), ("delivery", "7")] {
        assert_eq!(shop.pack(out, &["--sequence", sequence]).code, 0);
    }
    let policy = ["--policy", "knowing/policy.toml", "--at", AT];
    let preflight = |delivery: &str, more: &[&str]| shop.run(&[&["preflight", delivery][..], &policy, more].concat());
    let known = ["--status", "lists", "--state", "state.json"];
    let run = preflight("delivery", &[]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    for code in ["status.list-missing", "release.no-state"] {
        assert!(run.stdout.contains(code), "{code}: {}", run.stdout);
    }
    // It only reads: a state that is not there is not made.
    let before = shop.names();
    let run = preflight("delivery", &known);
    assert_eq!(run.code, 2, "{}", run.stdout);
    assert!(run.stderr.contains("state.json: there is no state file"), "{}", run.stderr);
    assert_eq!(shop.names(), before);
    assert_eq!(preflight("delivery", &["--accept"]).code, 2, "only the operator accepts");

    let accepted = shop.verify("delivery", "knowing", &[&known[..], &["--accept", "-q"]].concat());
    assert_eq!(accepted.code, 0, "{}", accepted.stderr);
    let (before, state) = (shop.names(), shop.read("state.json"));
    let run = preflight("delivery", &known);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.starts_with("READY"), "{}", run.stdout);
    // Older than what was accepted.
    let run = preflight("older", &known);
    assert!(run.code == 1 && run.stdout.contains("release.rollback"), "{}", run.stdout);
    // On a list.
    let app = sha256_hex(b"the application\n");
    let entry = format!(
        "[[entries]]\nkind = 'digest'\ntarget = 'sha256:{app}'\nstate = 'revoked'\nsince = 2026-11-23T07:00:00Z\n"
    );
    shop.write("entries.toml", entry);
    fs::create_dir(shop.path("newer")).unwrap();
    let more = ["--previous", "lists/1.sigstore.json", "--entries", "entries.toml"];
    list("newer/2.sigstore.json", "2026-11-23T07:00:00Z", &more);
    let run = preflight("delivery", &["--status", "newer", "--state", "state.json"]);
    assert!(run.code == 1 && run.stdout.contains("status.withdrawn"), "{}", run.stdout);
    assert_eq!(shop.read("state.json"), state, "it is only read");
    assert!(
        before.iter().all(|name| shop.names().contains(name))
            && !shop.names().contains(&"state.json.lock.lock".to_owned())
    );

    // Each time the operator's verdict, to the byte.
    for (delivery, lists) in [("delivery", "lists"), ("older", "lists"), ("delivery", "newer"), ("older", "newer")] {
        let known = ["--status", lists, "--state", "state.json"];
        let verdict = shop.verify(delivery, "knowing", &[&known[..], &["--output", "json=-"]].concat());
        let core: Value = serde_json::from_str(&verdict.stdout).unwrap();
        let run = preflight(delivery, &known);
        assert_eq!(run.code, verdict.code, "{delivery} {lists}");
        assert!(run.stdout.contains(core["core_sha256"].as_str().unwrap()), "{delivery} {lists}: {}", run.stdout);
    }

    // The same care as `verify` has: neither comes from whoever packed, and both exist.
    fs::copy(shop.path("state.json"), shop.path("delivery/state.json")).unwrap();
    for (more, expected) in [
        (["--status", "delivery"], "inside the delivery"),
        (["--state", "delivery/state.json"], "inside the delivery"),
        (["--status", "state.json"], "not a folder"),
        (["--status", "nowhere"], "not a folder"),
        (["--state", "entries.toml"], "the state cannot be used"),
    ] {
        let run = preflight("delivery", &more);
        assert!(run.code == 2 && run.stderr.contains(expected), "{more:?}: {}{}", run.stdout, run.stderr);
    }
    let help = shop.must(&["preflight", "--help"]);
    assert!(help.contains("--status <DIR>") && help.contains("--state <FILE>"), "{help}");
    assert_eq!(PRODUCT, "pkg:generic/acme/app@1.0");
}
