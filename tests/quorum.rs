//! Signed verdicts of several parties: one decision, by enough that are independent.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use vidimus_testkit::{Key, PolicyFolder, Statement};

use crate::support::{AT, run};

/// Parties with their owner and country. `fjord` and `fjord-labs` are one group.
const PARTIES: [(&str, Option<&str>, &str); 5] = [
    ("fjord", None, "NO"),
    ("fjord-labs", Some("fjord"), "SE"),
    ("borea", None, "FI"),
    ("cumbre", None, "CL"),
    ("sapmi", None, "FI"),
];

fn policy(folder: &Path) -> PathBuf {
    let mut text = "schema = \"urn:vidimus:policy:v1\"\nid = \"urn:example:quorum\"\nversion = 1\n".to_owned();
    for (id, owner, country) in PARTIES {
        text.push_str(&format!(
            "[party.{id}]\nname = \"{id}\"\nkind = \"laboratory\"\njurisdictions = [\"{country}\"]\n"
        ));
        text.extend(owner.map(|owner| format!("controlled_by = [\"{owner}\"]\n")));
    }
    let mut files = Vec::new();
    for (id, ..) in PARTIES {
        text.push_str(&format!("[[identity]]\nid = \"{id}-key\"\nparty = \"{id}\"\nkey = \"keys/{id}.pub\"\n"));
        files.push((format!("keys/{id}.pub"), Key::ed25519(id).public_pem()));
    }
    let identities: Vec<String> = PARTIES.iter().map(|(id, ..)| format!("{id}-key")).collect();
    let verifiers: Vec<String> = PARTIES
        .iter()
        .map(|(id, ..)| format!("{{ identity = \"{id}-key\", id = \"https://{id}.example/verifier\" }}"))
        .collect();
    text.push_str(&format!(
        "[[grant]]\nidentities = {identities:?}\nmay = [\"vsa\"]\nverifiers = [{}]\n[[rule]]\nid = \"seen\"\ncheck = \"vsa\"\nproperties = [\"REVIEWED\"]\n",
        verifiers.join(", ")
    ));
    let folder = folder.join("policy");
    let written = files.into_iter().fold(PolicyFolder::new(&text), |policy, (path, pem)| policy.file(&path, pem));
    written.write(&folder)
}

/// What a party says, as `--output vsa` writes it, signed.
fn voice(folder: &Path, name: &str, party: &str, decision: &str, passed: bool, with_decision: bool) -> String {
    let result = if passed { "PASSED" } else { "FAILED" };
    let mut predicate = json!({
        "verifier": { "id": format!("https://{party}.example/verifier") },
        "timeVerified": AT,
        "resourceUri": "pkg:generic/acme/router@4.2.0",
        "policy": { "uri": "urn:example:intake", "digest": { "sha256": "11".repeat(32) } },
        "inputAttestations": [],
        "verificationResult": result,
        "verifiedLevels": if passed { json!([]) } else { json!(["FAILED"]) },
    });
    if with_decision {
        predicate["urn:vidimus:verdict-core"] =
            json!({ "digest": { "sha256": "22".repeat(32) }, "decision": { "sha256": decision } });
    }
    let statement =
        Statement::new("https://slsa.dev/verification_summary/v1", predicate).subject("routerd", b"routerd");
    let path = folder.join(format!("{name}.dsse.json"));
    fs::write(&path, statement.envelope_bytes(&[&Key::ed25519(party)])).unwrap();
    path.display().to_string()
}

#[test]
fn independent_parties_agree_or_not() {
    let made = tempfile::tempdir().unwrap();
    let folder = made.path();
    let policy = policy(folder).display().to_string();
    let (one, other) = ("aa".repeat(32), "bb".repeat(32));
    let fjord = voice(folder, "fjord", "fjord", &one, true, true);
    let daughter = voice(folder, "daughter", "fjord-labs", &one, true, true);
    let borea = voice(folder, "borea", "borea", &one, true, true);
    let cumbre = voice(folder, "cumbre", "cumbre", &one, true, true);
    let sapmi = voice(folder, "sapmi", "sapmi", &one, true, true);
    let different = voice(folder, "different", "cumbre", &other, true, true);
    let failed = voice(folder, "failed", "cumbre", &one, false, true);
    let stranger = voice(folder, "stranger", "nobody", &one, true, true);
    let mute = voice(folder, "mute", "cumbre", &one, true, false);
    let text = folder.join("text.dsse.json");
    fs::write(&text, "hello").unwrap();
    let text = text.display().to_string();
    let ask = |verdicts: &[&String], more: &[&str]| {
        let verdicts = verdicts.iter().map(|path| path.as_str());
        run(["quorum"].into_iter().chain(verdicts).chain(["--policy", &policy, "--at", AT]).chain(more.iter().copied()))
    };
    for (what, verdicts, more, code, said) in [
        ("two", vec![&fjord, &borea], vec![], 0, "AGREED\n"),
        ("one alone", vec![&fjord], vec![], 3, "independent groups: 1 of 2 asked for"),
        ("one group", vec![&fjord, &daughter], vec![], 3, "independent groups: 1 of 2 asked for"),
        ("more are asked for", vec![&fjord, &borea], vec!["--min-groups", "3"], 3, "independent groups: 2 of 3"),
        ("three", vec![&fjord, &borea, &cumbre], vec!["--min-groups", "3"], 0, "AGREED\n"),
        (
            "one country could compel",
            vec![&borea, &sapmi],
            vec!["--tolerate-jurisdictions", "1"],
            3,
            "1 country of FI compel: 0",
        ),
        ("one country of three", vec![&fjord, &borea, &cumbre], vec!["--tolerate-jurisdictions", "1"], 0, "compel: 2"),
        ("another decision", vec![&fjord, &borea, &different], vec![], 3, "NOT AGREED\n"),
        ("another result", vec![&fjord, &borea, &failed], vec![], 3, "NOT AGREED\n"),
        ("a stranger", vec![&fjord, &stranger], vec![], 3, "not counted: stranger.dsse.json: "),
        ("no decision in it", vec![&fjord, &mute], vec![], 3, "no signed verdict with a decision in it"),
        ("no verdict", vec![&fjord, &text], vec![], 3, "not counted: text.dsse.json"),
    ] {
        let run = ask(&verdicts, &more);
        assert_eq!(run.code, code, "{what}: {}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(said), "{what}: {}", run.stdout);
    }
    // What they agree on may be that it FAILED: that is agreement, and no pass.
    let (no, also) =
        (voice(folder, "no", "fjord", &one, false, true), voice(folder, "also", "borea", &one, false, true));
    let run = ask(&[&no, &also], &[]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    assert!(run.stdout.starts_with("AGREED\n") && run.stdout.contains("FAILED"), "{}", run.stdout);
    // The same verdict of one party twice, signed anew, in another file: one party.
    let again = voice(folder, "again", "fjord", &one, true, true);
    let run = ask(&[&fjord, &again], &[]);
    assert!(run.code == 3 && run.stdout.contains("independent groups: 1 of 2"), "{}", run.stdout);
    assert_eq!(ask(&[&fjord, &borea], &["--min-groups", "1"]).code, 2, "a quorum of one is none");
    assert_eq!(ask(&[&fjord, &fjord], &[]).code, 2, "the same file twice");
}

/// A party speaks through its own key, for its own verifier, about products for which it is believed.
#[test]
fn who_speaks_for_whom() {
    let made = tempfile::tempdir().unwrap();
    let folder = made.path();
    let one = "aa".repeat(32);
    let policy = policy(folder);
    let fjord = voice(folder, "fjord", "fjord", &one, true, true);
    let borea = voice(folder, "borea", "borea", &one, true, true);
    let spoken = |name: &str, key: &str, change: fn(&mut serde_json::Value)| {
        let text = fs::read_to_string(&borea).unwrap();
        let envelope: serde_json::Value = serde_json::from_str(&text).unwrap();
        let payload = vidimus_testkit::encode::unbase64(envelope["payload"].as_str().unwrap());
        let mut statement: serde_json::Value = serde_json::from_slice(&payload).unwrap();
        change(&mut statement["predicate"]);
        let predicate = statement["predicate"].clone();
        let statement =
            Statement::new("https://slsa.dev/verification_summary/v1", predicate).subject("routerd", b"routerd");
        let path = folder.join(format!("{name}.dsse.json"));
        fs::write(&path, statement.envelope_bytes(&[&Key::ed25519(key)])).unwrap();
        path.display().to_string()
    };
    let text = fs::read_to_string(&policy).unwrap();
    let ask = |verdict: &str| run(["quorum", &fjord, verdict, "--policy", policy.to_str().unwrap(), "--at", AT]);
    assert_eq!(ask(&borea).code, 0);
    let same = spoken("same", "borea", |_| {});
    assert_eq!(ask(&same).code, 0);
    // Borea's key under the name of another verifier, its own or not of this policy at all.
    for (name, change) in [
        (
            "fjords-verifier",
            (|p| p["verifier"]["id"] = json!("https://fjord.example/verifier")) as fn(&mut serde_json::Value),
        ),
        ("strange-verifier", |p| p["verifier"]["id"] = json!("https://evil.example/verifier")),
    ] {
        let run = ask(&spoken(name, "borea", change));
        assert_eq!(run.code, 3, "{name}: {}", run.stdout);
        assert!(run.stdout.contains(&format!("not counted: {name}.dsse.json: vsa.verifier: ")), "{}", run.stdout);
    }
    // Unsigned, and a signature that is cut off.
    let whole: serde_json::Value = serde_json::from_str(&fs::read_to_string(&borea).unwrap()).unwrap();
    for (name, signatures) in [("unsigned", json!([])), ("empty", json!([{ "keyid": "", "sig": "" }]))] {
        let mut envelope = whole.clone();
        envelope["signatures"] = signatures;
        let path = folder.join(format!("{name}.dsse.json"));
        fs::write(&path, envelope.to_string()).unwrap();
        let run = ask(path.to_str().unwrap());
        assert!(run.code == 3 && run.stdout.contains(&format!("not counted: {name}")), "{name}: {}", run.stdout);
    }
    let payload = vidimus_testkit::encode::unbase64(whole["payload"].as_str().unwrap());
    let bare = folder.join("bare.json");
    fs::write(&bare, payload).unwrap();
    let run = ask(bare.to_str().unwrap());
    assert!(run.code == 3 && run.stdout.contains("not counted: bare.json"), "{}", run.stdout);
    // Believed about other products alone.
    let limited = text.replace("may = [\"vsa\"]", "may = [\"vsa\"]\nproducts = [\"pkg:generic/other/\"]");
    assert_ne!(limited, text);
    fs::write(&policy, limited).unwrap();
    let run = ask(&borea);
    assert!(run.code == 3 && run.stdout.contains("independent groups: 0 of 2"), "{}", run.stdout);
}
