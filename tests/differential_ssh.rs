//! SSH signatures, made and verified by ssh-keygen.

use vidimus_testkit::detached::ssh_armor;
use vidimus_testkit::encode::unbase64;

use crate::differential::{Bench, Said, agreed, flipped, messages};

#[test]
fn ssh_keygen_agrees() {
    let Some(mut bench) = Bench::of("ssh-keygen") else { return };
    let mut cases = Vec::new();
    for (name, kind) in [
        ("ed25519", &["-t", "ed25519"][..]),
        ("p256", &["-t", "ecdsa", "-b", "256"]),
        ("p384", &["-t", "ecdsa", "-b", "384"]),
        ("rsa", &["-t", "rsa", "-b", "2048"]),
    ] {
        for owner in ["ours", "other"] {
            let key = format!("policy/{name}-{owner}");
            bench.must([&["-q", "-N", "", "-C", "someone", "-f", &key], kind].concat());
        }
        let public = String::from_utf8(bench.read(&format!("policy/{name}-ours.pub"))).unwrap();
        bench.write("allowed", format!("someone namespaces=\"file\" {public}"));
        let identity = format!("type = \"ssh\"\nkey = \"{name}-ours.pub\"\nnamespace = \"file\"");
        for hash in ["sha256", "sha512"] {
            let message = &messages()[usize::from(hash == "sha512") * 2];
            let sign = |owner, namespace| sign(&bench, &format!("policy/{name}-{owner}"), namespace, hash, message);
            let good = sign("ours", "file");
            let blob = unbase64(&good.lines().filter(|line| !line.starts_with('-')).collect::<String>());
            let bit = |at: usize| ssh_armor(&flipped(&blob, at));
            let version = |n: u8| [&blob[..9], &[n], &blob[10..]].concat();
            let signed: Vec<(&str, bool, Vec<u8>, String)> = vec![
                ("good", true, message.clone(), good.clone()),
                ("good again", true, message.clone(), sign("ours", "file")),
                ("one long line", true, message.clone(), one_line(&good)),
                ("message changed", false, flipped(message, 0), good.clone()),
                ("other namespace", false, message.clone(), sign("ours", "git")),
                ("other key", false, message.clone(), sign("other", "file")),
                ("version changed", false, message.clone(), ssh_armor(&version(2))),
                ("signature changed", false, message.clone(), bit(blob.len() - 1)),
                ("byte behind", false, message.clone(), ssh_armor(&[&blob[..], &[0]].concat())),
                ("cut off", false, message.clone(), ssh_armor(&blob[..blob.len() - 1])),
            ];
            for (what, is_good, message, text) in signed {
                bench.write("message", &message);
                bench.write("signature", &text);
                let args = ["-Y", "verify", "-f", "allowed", "-I", "someone", "-n", "file", "-s", "signature"];
                let theirs = bench.run(args, Some("message")).status.success();
                let ours = bench.released(&identity, &message, "file.sig", text.as_bytes());
                cases.push((format!("{name} {hash} {what}"), is_good, Said { theirs, ours }));
            }
        }
    }
    agreed("ssh-keygen", &cases);
}

/// The same signature with its base64 in a single line.
fn one_line(armored: &str) -> String {
    let mut lines: Vec<&str> = armored.lines().collect();
    let end = lines.split_off(lines.len() - 1);
    let content = lines.split_off(1).concat();
    [&lines[..], &[&content], &end].concat().join("\n") + "\n"
}

fn sign(bench: &Bench, key: &str, namespace: &str, hash: &str, message: &[u8]) -> String {
    bench.write("message", message);
    let _ = std::fs::remove_file(bench.path("message.sig"));
    let hash = format!("hashalg={hash}");
    bench.must(["-q", "-Y", "sign", "-f", key, "-n", namespace, "-O", &hash, "message"]);
    String::from_utf8(bench.read("message.sig")).unwrap()
}
