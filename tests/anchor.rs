//! Whose policy counts (T32): a policy under an anchor that it does not meet has no verdict, and each test changes one thing of
//! `fixtures/anchor/signed`, which passes.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value as Json;
use vidimus_testkit::Key;
use vidimus_testkit::anchor::{PAYLOAD_TYPE, bundle, signature};
use vidimus_testkit::encode::sha256_hex;
use vidimus_testkit::fixtures::anchor::role;

use crate::archive_parts::{Members, digest, tar};
use crate::support::{AT, Run, copy, root, vidimus};

const PRODUCT: &str = "pkg:generic/acme/router@4.2.0";
/// What the anchor begins its `[time]` with.
const TIME: &str = "as_of_allowed     = true";

/// An operator's folder: `anchor.toml`, `policy/`, `delivery/`.
struct Intake {
    folder: tempfile::TempDir,
}

impl Intake {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join("fixtures/anchor/signed"), folder.path());
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{name}: {from}");
        self.write(name, text.replace(from, to));
    }

    /// Lists the files of the policy anew, as they are.
    fn list(&self) -> Vec<u8> {
        let read = |name: &str| (name.to_owned(), fs::read(self.path(&format!("policy/{name}"))).unwrap());
        let bytes = bundle(&BTreeMap::from(["policy.toml", "keys/acme.pub"].map(read)));
        self.write("policy/bundle.json", &bytes);
        bytes
    }

    /// Puts a signature over `bundle.json` in the place of that of a role.
    fn sign(&self, name: &str, payload_type: &str, keys: &[&Key]) {
        let list = fs::read(self.path("policy/bundle.json")).unwrap();
        self.write(&format!("policy/bundle.{name}.dsse.json"), signature(payload_type, &list, keys));
    }

    /// Both roles sign what is there now.
    fn sign_again(&self) {
        self.list();
        for name in ["security-board", "procurement"] {
            self.sign(name, PAYLOAD_TYPE, &[&role(name)]);
        }
    }

    fn run(&self, args: &[&str]) -> Run {
        vidimus().current_dir(self.folder.path()).args(args).output().unwrap().into()
    }

    fn verify(&self, more: &[&str]) -> Run {
        let args =
            ["verify", "delivery", "--policy", "policy/policy.toml", "--anchor", "anchor.toml", "--product", PRODUCT];
        self.run(&[&args, more].concat())
    }

    /// No verdict, for exactly these codes, and nothing that an earlier run wrote is left.
    #[track_caller]
    fn refused(&self, codes: &[&str]) -> Run {
        self.refused_with(&["--at", AT], codes)
    }

    #[track_caller]
    fn refused_with(&self, more: &[&str], codes: &[&str]) -> Run {
        self.write("verdict.json", "an earlier verdict");
        let run = self.verify(&[more, &["--output", "json=verdict.json"]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert!(!self.path("verdict.json").exists(), "an output of an earlier run is left");
        assert_eq!(said(&run.stderr), codes, "{}", run.stderr);
        run
    }
}

/// The codes of the errors, in order.
fn said(stderr: &str) -> Vec<&str> {
    let codes = stderr.lines().filter_map(|line| line.strip_prefix("error[")?.split_once(']'));
    codes.map(|(code, _)| code).collect()
}

#[test]
fn the_policy_that_roles_signed_counts() {
    let intake = Intake::new();
    let run = intake.verify(&["--at", AT, "--output", "json=verdict.json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.is_empty() && !run.stdout.contains("caveat.policy-unanchored"), "{}{}", run.stdout, run.stderr);
    let anchor = sha256_hex(&fs::read(intake.path("anchor.toml")).unwrap());
    assert!(run.stdout.contains("signed as the anchor asks"), "{}", run.stdout);
    let verdict: Json = serde_json::from_slice(&fs::read(intake.path("verdict.json")).unwrap()).unwrap();
    assert_eq!(verdict["core"]["inputs"]["anchor"], serde_json::json!({ "sha256": anchor }));
    // The same policy given directly is its own root, and the verdict says so. The decision is the same.
    let direct = ["verify", "delivery", "--policy", "policy/policy.toml", "--product", PRODUCT, "--at", AT];
    let run = intake.run(&[&direct[..], &["--output", "json=direct.json"]].concat());
    assert!(run.code == 0 && run.stdout.contains("caveat.policy-unanchored"), "{}", run.stdout);
    let direct: Json = serde_json::from_slice(&fs::read(intake.path("direct.json")).unwrap()).unwrap();
    assert_eq!(direct["decision_sha256"], verdict["decision_sha256"]);
    assert!(direct["core_sha256"] != verdict["core_sha256"] && direct["core"]["inputs"]["anchor"].is_null());
    let run = intake.run(&["diff", "direct.json", "verdict.json"]);
    assert!(
        run.code == 3 && run.stdout.contains(&format!("anchor: (none) → {{\"sha256\":\"{anchor}\"}}")),
        "{}",
        run.stdout
    );
}

#[test]
fn a_file_of_the_policy_was_changed() {
    let intake = Intake::new();
    intake.edit("policy/policy.toml", "closed_world = true", "closed_world = true\nrequire_statement = true");
    let run = intake.refused(&["policy.bundle-differs"]);
    assert!(run.stderr.contains("policy.toml was changed"), "{}", run.stderr);
    let intake = Intake::new();
    intake.write("policy/keys/acme.pub", Key::ed25519("mallory").public_pem());
    let run = intake.refused(&["policy.bundle-differs"]);
    assert!(run.stderr.contains("keys/acme.pub was changed"), "{}", run.stderr);
}

#[test]
fn a_file_that_nobody_signed_was_added() {
    let intake = Intake::new();
    let other = "[[identity]]\nid = \"other\"\nparty = \"acme\"\nkey = \"keys/other.pub\"\n\n[[grant]]\nidentities = [\"other\", \"acme-release\"]";
    intake.edit("policy/policy.toml", "[[grant]]\nidentities = [\"acme-release\"]", other);
    intake.write("policy/keys/other.pub", Key::ed25519("mallory").public_pem());
    let run = intake.refused(&["policy.bundle-differs"]);
    assert!(run.stderr.contains("keys/other.pub is not listed in bundle.json"), "{}", run.stderr);
}

#[test]
fn one_signature_too_few() {
    let intake = Intake::new();
    fs::remove_file(intake.path("policy/bundle.procurement.dsse.json")).unwrap();
    let run = intake.refused(&["policy.signatures"]);
    assert!(
        run.stderr.contains("so far did: security-board; could sign, too: internal-audit, procurement"),
        "{}",
        run.stderr
    );
    // A third role is as good.
    intake.sign("internal-audit", PAYLOAD_TYPE, &[&role("internal-audit")]);
    assert_eq!(intake.verify(&["--at", AT]).code, 0);
}

#[test]
fn a_signature_by_another_key() {
    let intake = Intake::new();
    let stranger = role("stranger");
    intake.sign("procurement", PAYLOAD_TYPE, &[&stranger]);
    let run = intake.refused(&["policy.signatures"]);
    let key = sha256_hex(&stranger.spki_der());
    assert!(
        run.stderr.contains(&format!(
            "note: bundle.procurement.dsse.json does not count: the anchor does not name its key, sha256:{key}"
        )),
        "{}",
        run.stderr
    );
    // The right key beside a signature of another: it does not verify.
    let list = fs::read(intake.path("policy/bundle.json")).unwrap();
    let mut forged: Json = serde_json::from_slice(&signature(PAYLOAD_TYPE, &list, &[&role("procurement")])).unwrap();
    let other: Json = serde_json::from_slice(&signature(PAYLOAD_TYPE, &list, &[&Key::p256("mallory")])).unwrap();
    forged["signatures"][0]["sig"] = other["signatures"][0]["sig"].clone();
    intake.write("policy/bundle.procurement.dsse.json", serde_json::to_vec(&forged).unwrap());
    let run = intake.refused(&["policy.signatures"]);
    assert!(run.stderr.contains("does not verify under the key of the role procurement"), "{}", run.stderr);
    // A signature that hides its key.
    forged["signatures"][0].as_object_mut().unwrap().remove("spki");
    intake.write("policy/bundle.procurement.dsse.json", serde_json::to_vec(&forged).unwrap());
    assert!(intake.refused(&["policy.signatures"]).stderr.contains("does not carry the key"));
}

#[test]
fn one_key_in_two_roles() {
    // The files are called after two roles; the key has the one that the anchor gives it.
    let intake = Intake::new();
    let board = role("security-board");
    for name in ["procurement", "internal-audit"] {
        intake.sign(name, PAYLOAD_TYPE, &[&board, &board]);
    }
    let run = intake.refused(&["policy.signatures"]);
    assert!(run.stderr.contains("the role security-board counts once"), "{}", run.stderr);
    // An anchor that gives one key two roles is refused.
    let intake = Intake::new();
    let digests = ["security-board", "procurement"].map(|name| sha256_hex(&role(name).spki_der()));
    intake.edit("anchor.toml", &digests[1], &digests[0]);
    let run = intake.refused(&["policy.dup-key"]);
    assert!(run.stderr.contains("one key for the roles `security-board` and `procurement`"), "{}", run.stderr);
}

#[test]
fn two_keys_of_one_role() {
    let intake = Intake::new();
    fs::remove_file(intake.path("policy/bundle.procurement.dsse.json")).unwrap();
    let second = Key::ed25519("a second member of the board");
    let more = format!(
        "[[policy.signatures.signer]]\nrole = \"security-board\"\nspki_sha256 = \"{}\"\n\n[time]",
        sha256_hex(&second.spki_der())
    );
    intake.edit("anchor.toml", "[time]", &more);
    intake.sign("second", PAYLOAD_TYPE, &[&second]);
    intake.refused(&["policy.signatures"]);
    // Either of them is the role.
    fs::remove_file(intake.path("policy/bundle.security-board.dsse.json")).unwrap();
    intake.sign("procurement", PAYLOAD_TYPE, &[&role("procurement")]);
    assert_eq!(intake.verify(&["--at", AT]).code, 0);
}

#[test]
fn an_older_version_that_was_signed_as_well() {
    let intake = Intake::new();
    intake.edit("policy/policy.toml", "version = 8", "version = 6");
    intake.sign_again();
    let run = intake.refused(&["policy.rollback"]);
    assert!(run.stderr.contains("the policy is version 6, and the anchor takes none below 7"), "{}", run.stderr);
    intake.edit("policy/policy.toml", "version = 6", "version = 7");
    intake.sign_again();
    assert_eq!(intake.verify(&["--at", AT]).code, 0, "the floor itself counts");
}

#[test]
fn another_policy_of_the_same_roles() {
    let intake = Intake::new();
    intake.edit("policy/policy.toml", "urn:example:nordlys:intake", "urn:example:nordlys:laboratory");
    intake.sign_again();
    intake.refused(&["policy.other-id"]);
}

#[test]
fn another_digest_than_the_pinned_one() {
    let intake = Intake::new();
    fs::copy(root().join("fixtures/anchor/pinned/anchor.toml"), intake.path("anchor.toml")).unwrap();
    assert_eq!(intake.verify(&["--at", AT]).code, 0);
    intake.edit("policy/policy.toml", "version = 8", "version = 9");
    intake.sign_again();
    intake.refused(&["policy.other-digest"]);
}

#[test]
fn a_policy_out_of_its_time() {
    let intake = Intake::new();
    for (at, code) in [("2026-12-31T23:59:59Z", 0), ("2026-01-01T00:00:00Z", 0)] {
        assert_eq!(intake.verify(&["--at", at]).code, code, "{at}");
    }
    for at in ["2027-01-01T00:00:00Z", "2025-12-31T23:59:59Z"] {
        intake.refused_with(&["--at", at], &["policy.not-in-force"]);
    }
}

#[test]
fn a_list_in_another_form() {
    let intake = Intake::new();
    let list = fs::read_to_string(intake.path("policy/bundle.json")).unwrap();
    for other in [
        format!("{list}\n"),
        list.replacen(':', ": ", 1),
        list.replace("closure:v1", "closure:v2"),
        "{}".into(),
        String::new(),
    ] {
        intake.write("policy/bundle.json", other);
        for name in ["security-board", "procurement"] {
            intake.sign(name, PAYLOAD_TYPE, &[&role(name)]);
        }
        intake.refused(&["policy.bundle-form"]);
    }
    let intake = Intake::new();
    fs::remove_file(intake.path("policy/bundle.json")).unwrap();
    intake.refused(&["policy.bundle-missing"]);
    intake.write("policy/bundle.json", vec![b' '; 1024 * 1024 + 1]);
    intake.refused(&["policy.bundle-unreadable"]);
}

#[test]
fn a_signature_of_another_payload_type() {
    let intake = Intake::new();
    intake.sign("procurement", "application/vnd.in-toto+json", &[&role("procurement")]);
    let run = intake.refused(&["policy.signatures"]);
    assert!(run.stderr.contains("its payload type is not that of policy bundles"), "{}", run.stderr);
    // Relabelled, it does not verify: the type is signed.
    intake.edit("policy/bundle.procurement.dsse.json", "application/vnd.in-toto+json", PAYLOAD_TYPE);
    intake.refused(&["policy.signatures"]);
    // Over another list.
    let other = signature(PAYLOAD_TYPE, b"{}", &[&role("procurement")]);
    intake.write("policy/bundle.procurement.dsse.json", other);
    assert!(intake.refused(&["policy.signatures"]).stderr.contains("it is over something other than this bundle.json"));
    for (bytes, why) in [("{", "it is not strict JSON"), ("{}", "it is no DSSE envelope")] {
        intake.write("policy/bundle.procurement.dsse.json", bytes);
        assert!(intake.refused(&["policy.signatures"]).stderr.contains(why));
    }
}

#[test]
fn a_verdict_as_of_another_time() {
    let intake = Intake::new();
    intake.edit("anchor.toml", TIME, "as_of_allowed     = false");
    let run = intake.refused(&["policy.as-of"]);
    assert!(run.stderr.contains("allows no verdict more than 300 seconds from it"), "{}", run.stderr);
    intake.edit("policy/policy.toml", "not_after  = 2026-12-31T23:59:59Z\n", "");
    intake.edit("policy/policy.toml", "not_before = 2026-01-01T00:00:00Z\n", "");
    intake.sign_again();
    let now = jiff::Timestamp::now();
    let near = |seconds: i64| jiff::Timestamp::from_second(now.as_second() + seconds).unwrap().to_string();
    for at in [near(-60), near(0)] {
        let run = intake.verify(&["--at", &at, "--output", "vsa=vsa.json"]);
        assert_eq!(run.code, 0, "near the clock is live: {}", run.stderr);
        let vsa: Json = serde_json::from_slice(&fs::read(intake.path("vsa.json")).unwrap()).unwrap();
        assert_eq!(vsa["predicate"]["verifier"]["id"], "https://intake.nordlys.example/verifier/v1");
    }
    intake.refused_with(&["--at", &near(-400)], &["policy.as-of"]);
    intake.refused_with(&["--at", &near(400)], &["policy.as-of"]);
    // Nobody else is promised one either.
    fs::create_dir(intake.path("verdicts")).unwrap();
    for verb in [&["preflight", "delivery"][..], &["quorum", "verdicts", "--min-groups", "2"]] {
        let under = ["--policy", "policy/policy.toml", "--anchor", "anchor.toml", "--at", &near(-400)];
        let run = intake.run(&[verb, &under].concat());
        assert_eq!((run.code, said(&run.stderr)), (2, vec!["policy.as-of"]), "{}{}", run.stdout, run.stderr);
    }
    // What the anchor says of the verifier is not overruled.
    let run = intake.verify(&["--verifier-id", "https://other.example", "--output", "vsa=vsa.json"]);
    assert!(run.code == 2 && run.stderr.contains("the anchor says that the verifier is"), "{}", run.stderr);
    // Where other times are allowed, a verdict as of one is no live one.
    intake.edit("anchor.toml", "as_of_allowed     = false", TIME);
    let run = intake.verify(&["--at", &near(-400), "--output", "vsa=vsa.json"]);
    assert!(run.code == 2 && run.stderr.contains("only a live verdict is signed"), "{}", run.stderr);
}

#[test]
fn the_anchor_says_where_the_state_is() {
    let intake = Intake::new();
    intake.edit(
        "policy/policy.toml",
        "[[rule]]",
        "[[rule]]\nid = \"newer\"\ncheck = \"no-rollback\"\nstate = \"intake\"\n\n[[rule]]",
    );
    intake.sign_again();
    intake.edit("anchor.toml", "[time]", "[state]\npath = \"kept/state.json\"\n\n[time]");
    fs::create_dir(intake.path("kept")).unwrap();
    let run = intake.verify(&["--at", AT]);
    assert!(run.code == 2 && run.stderr.contains("there is no state file"), "{}", run.stderr);
    assert_eq!(intake.verify(&["--at", AT, "--accept"]).code, 0);
    assert!(intake.path("kept/state.json").is_file());
    assert_eq!(intake.verify(&["--at", AT, "--state", "kept/state.json"]).code, 0, "the same file");
    let run = intake.verify(&["--at", AT, "--state", "other.json", "--accept"]);
    assert!(run.code == 2 && run.stderr.contains("the anchor says that the state is kept in"), "{}", run.stderr);
    let before = fs::read(intake.path("kept/state.json")).unwrap();
    assert_eq!(intake.verify(&["--at", AT, "--archive", "evidence.tar", "-q"]).code, 0);
    let kept = |args: &[&str], said: &str| {
        let run = intake.run(&[args, &["--output", "json=kept/state.json"]].concat());
        assert!(run.code == 2 && run.stderr.contains(said), "{}{}", run.stdout, run.stderr);
        assert_eq!(fs::read(intake.path("kept/state.json")).unwrap(), before, "what was accepted is forgotten");
    };
    let under = ["--policy", "policy/policy.toml", "--anchor", "anchor.toml"];
    let verify = [&["verify", "delivery", "--product", PRODUCT, "--at", AT][..], &under].concat();
    kept(&verify, "would change what is read");
    kept(&[&["replay", "evidence.tar"][..], &under].concat(), "would change what is read");
    // Also where the policy does not count, or the anchor cannot be loaded.
    let signature = "policy/bundle.procurement.dsse.json";
    fs::rename(intake.path(signature), intake.path("aside")).unwrap();
    kept(&verify, "would change what is read");
    fs::rename(intake.path("aside"), intake.path(signature)).unwrap();
    intake.edit("anchor.toml", "threshold = 2", "threshold = 0");
    kept(&verify, "would change what is read");
    // Without either there is nothing to accept into.
    let run = Intake::new().verify(&["--at", AT, "--accept"]);
    assert!(run.code == 2 && run.stderr.contains("no state is named"), "{}", run.stderr);
}

#[test]
fn a_sender_does_not_choose_the_anchor() {
    let intake = Intake::new();
    fs::rename(intake.path("anchor.toml"), intake.path("delivery/anchor.toml")).unwrap();
    let args = [
        "verify",
        "delivery",
        "--policy",
        "policy/policy.toml",
        "--anchor",
        "delivery/anchor.toml",
        "--product",
        PRODUCT,
        "--at",
        AT,
    ];
    let run = intake.run(&args);
    assert!(run.code == 2 && run.stderr.contains("lies inside the delivery"), "{}", run.stderr);
    let run = Intake::new().verify(&["--at", AT, "--output", "json=policy/bundle.json"]);
    assert!(run.code == 2 && run.stderr.contains("would change what is read"), "{}", run.stderr);
}

#[test]
fn every_verb_with_a_policy_takes_an_anchor() {
    let intake = Intake::new();
    let check = ["policy", "check", "policy/policy.toml", "--anchor", "anchor.toml"];
    let run = intake.run(&check);
    assert!(
        run.code == 0
            && run.stdout.contains("signed as procurement and security-board; the anchor asks for 2 of 3 roles"),
        "{}",
        run.stdout
    );
    let run = intake.run(&["policy", "explain", "policy/policy.toml", "--anchor", "anchor.toml"]);
    assert!(run.code == 0 && run.stdout.contains("from version 7 on, and no other."), "{}", run.stdout);
    let preflight = ["preflight", "delivery", "--policy", "policy/policy.toml", "--anchor", "anchor.toml", "--at", AT];
    assert_eq!(intake.run(&preflight).code, 0);
    intake.edit("policy/policy.toml", "closed_world = true", "closed_world = true\nrequire_statement = true");
    for args in [
        &check[..],
        &["policy", "explain", "policy/policy.toml", "--anchor", "anchor.toml"],
        &preflight,
        &["quorum", "delivery/bin/routerd", "--policy", "policy/policy.toml", "--anchor", "anchor.toml"],
    ] {
        let run = intake.run(args);
        assert_eq!((run.code, said(&run.stderr)), (2, vec!["policy.bundle-differs"]), "{args:?}: {}", run.stderr);
    }
}

/// The anchor and the signatures are in the archive, and a replay holds them against the policy again.
#[test]
fn a_replay_holds_the_policy_against_its_anchor() {
    let intake = Intake::new();
    let run = intake.verify(&["--at", AT, "--archive", "evidence.tar", "-q"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let good = Members::of(&fs::read(intake.path("evidence.tar")).unwrap());
    let ask = |members: &Members| {
        intake.write("resealed.tar", tar(&members.list()));
        intake.run(&["replay", "resealed.tar"])
    };
    let run = ask(&good);
    assert!(run.code == 0 && run.stdout.contains("REPRODUCED"), "{}{}", run.stdout, run.stderr);
    let signatures = good.contents()["anchor"]["signatures"].as_object().unwrap().clone();
    let hex = |name: &str| signatures[name].as_str().unwrap().to_owned();
    let (board, procurement) = (hex("bundle.security-board.dsse.json"), hex("bundle.procurement.dsse.json"));
    let member = |hex: &str| good.0[&format!("blobs/sha256/{hex}")].clone();
    // A signature is changed, or stands twice.
    let mut flipped = member(&procurement);
    let text = String::from_utf8(flipped.clone()).unwrap();
    let at = text.find("\"sig\":\"").unwrap() + 20;
    flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
    for (bytes, said) in [
        (flipped, "so far did: security-board"),
        (member(&board), "so far did: security-board"),
        (b"{}".to_vec(), "so far did: security-board"),
    ] {
        let mut members = good.clone();
        members.replace(&procurement, bytes);
        let run = ask(&members);
        assert!(run.code == 2 && run.stderr.contains(said) && run.stdout.is_empty(), "{}{}", run.stdout, run.stderr);
    }
    // A signature is left out.
    let mut members = good.clone();
    members.0.remove(&format!("blobs/sha256/{procurement}"));
    members.seal(|contents| {
        *contents = contents.replace(&format!("\"bundle.procurement.dsse.json\":\"{procurement}\","), "");
    });
    let run = ask(&members);
    assert!(run.code == 2 && run.stderr.contains("so far did: security-board"), "{}{}", run.stdout, run.stderr);
    // An easier anchor: it is not the one that the core names. With a core that names it, it is another verdict.
    let anchor = good.contents()["anchor"]["main"].as_str().unwrap().to_owned();
    let easier = String::from_utf8(member(&anchor)).unwrap().replace("threshold = 2", "threshold = 1").into_bytes();
    let mut members = good.clone();
    members.replace(&anchor, easier.clone());
    let run = ask(&members);
    assert!(
        run.code == 2 && run.stderr.contains("not with the anchor that the core names"),
        "{}{}",
        run.stdout,
        run.stderr
    );
    let named = digest(&easier);
    members.change("core", |core| core["inputs"]["anchor"]["sha256"] = named.clone().into());
    let first = good.role("core");
    let run = ask(&members);
    assert!(run.code == 0 && !run.stdout.contains(&first), "{}{}", run.stdout, run.stderr);
    // Without the anchor that the core names.
    let mut members = good.clone();
    for hex in [&anchor, &board, &procurement] {
        members.0.remove(&format!("blobs/sha256/{hex}"));
    }
    let index = good.contents()["anchor"].to_string();
    members.seal(|contents| *contents = contents.replace(&format!("\"anchor\":{index},"), ""));
    let run = ask(&members);
    assert!(run.code == 2 && run.stderr.contains("without the anchor that the core names"), "{}", run.stderr);
    // Judged anew under another policy, that policy is its own root, unless an anchor vouches for it.
    let anew = |more: &[&str]| {
        let run = intake.run(&[&["replay", "evidence.tar", "--policy", "policy/policy.toml"], more].concat());
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        run.stdout.contains("caveat.policy-unanchored")
    };
    assert!(anew(&[]) && !anew(&["--anchor", "anchor.toml"]));
    let run = intake.run(&["replay", "evidence.tar", "--at", "2026-11-24T12:00:00Z"]);
    assert!(run.code == 0 && !run.stdout.contains("caveat.policy-unanchored"), "{}", run.stdout);
}

#[test]
fn what_lies_beside_the_policy_is_bounded_and_stays_there() {
    let intake = Intake::new();
    let good = fs::read_to_string(intake.path("policy/bundle.procurement.dsse.json")).unwrap();
    let envelope: Json = serde_json::from_str(&good).unwrap();
    let list = |value: &Json| value.as_object().unwrap().values().cloned().collect::<Vec<_>>();
    let mut signature = envelope.clone();
    signature["signatures"][0] = list(&envelope["signatures"][0]).into();
    let mut many = envelope.clone();
    many["signatures"] = vec![envelope["signatures"][0].clone(); 17].into();
    let mut wide = envelope.clone();
    wide["more"] = vec![0; 40_000].into();
    for (changed, why) in [
        (Json::from(list(&envelope)).to_string(), "it is no DSSE envelope"),
        (signature.to_string(), "it is no DSSE envelope"),
        (many.to_string(), "it has more than 16 signatures"),
        (wide.to_string(), "it is larger than a signature over this bundle.json"),
    ] {
        intake.write("policy/bundle.procurement.dsse.json", changed);
        let run = intake.refused(&["policy.signatures"]);
        assert!(run.stderr.contains(why), "{why}: {}", run.stderr);
    }
    intake.write("policy/bundle.procurement.dsse.json", &good);
    for number in 0..62 {
        intake.write(&format!("policy/bundle.more-{number}.dsse.json"), &good);
    }
    let run = intake.verify(&["--at", AT]);
    assert!(run.code == 0 && run.stderr.contains("the role procurement counts once"), "{}", run.stderr);
    intake.write("policy/bundle.more-62.dsse.json", &good);
    intake.refused(&["policy.bundle-signatures"]);
    // And none of them is an output.
    let output = "json=policy/bundle.procurement.dsse.json";
    assert_eq!(intake.verify(&["--at", AT, "--output", output]).code, 2);
    assert_eq!(fs::read_to_string(intake.path("policy/bundle.procurement.dsse.json")).unwrap(), good);
}

/// What is read beside a policy goes into archives: nothing from elsewhere may.
#[cfg(unix)]
#[test]
fn links_do_not_lead_out_of_the_policys_folder() {
    let intake = Intake::new();
    intake.write("secret.txt", "the secret");
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, intake.path(name)).unwrap();
    link("../secret.txt", "policy/bundle.x.dsse.json");
    link("nowhere", "policy/bundle.y.dsse.json");
    link("bundle.procurement.dsse.json", "policy/bundle.z.dsse.json");
    let run = intake.verify(&["--at", AT, "--archive", "evidence.tar"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for note in ["it is a link that leaves the policy's folder", "it does not exist", "counts once"] {
        assert!(run.stderr.contains(note), "{note}: {}", run.stderr);
    }
    let archive = fs::read(intake.path("evidence.tar")).unwrap();
    assert!(!archive.windows(10).any(|bytes| bytes == b"the secret"), "a file from elsewhere is in the archive");
    fs::rename(intake.path("policy/bundle.json"), intake.path("elsewhere.json")).unwrap();
    link("../elsewhere.json", "policy/bundle.json");
    let run = intake.refused(&["policy.bundle-unreadable"]);
    assert!(run.stderr.contains("leaves the policy's folder"), "{}", run.stderr);
}

/// An output never takes the place of a file of the policy, which a replay reads as well.
#[test]
fn a_replay_does_not_replace_the_policy() {
    let intake = Intake::new();
    assert_eq!(intake.verify(&["--at", AT, "--archive", "evidence.tar", "-q"]).code, 0);
    let before = fs::read(intake.path("policy/keys/acme.pub")).unwrap();
    let run = ["replay", "evidence.tar", "--policy", "policy/policy.toml", "--output", "json=policy/keys/acme.pub"];
    let run = intake.run(&run);
    assert!(run.code == 2 && run.stderr.contains("would change what is read"), "{}{}", run.stdout, run.stderr);
    assert_eq!(fs::read(intake.path("policy/keys/acme.pub")).unwrap(), before);
}
