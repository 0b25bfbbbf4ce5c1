//! OpenPGP, made and verified by GnuPG, with a home of its own.

use std::process::Command;

use crate::differential::{Bench, Said, agreed, flipped, messages};

/// When keys and signatures are made, in the notation of GnuPG; verdicts are made later.
const MADE: &str = "20260101T000000!";
const JUDGED: &str = "20261123T120000!";

#[test]
fn gnupg_agrees() {
    let Some(bench) = Bench::of("gpg") else { return };
    let mut pgp = Pgp { bench };
    pgp.bench.must(["--version"]);
    for home in ["gnupg", "verify"] {
        pgp.home(home);
    }
    let owners = [
        ("ed25519", "ed25519", "sign,cert", None),
        ("p256", "nistp256", "sign,cert", None),
        ("rsa", "rsa2048", "sign,cert", None),
        ("subkey", "ed25519", "cert", Some("nistp384/ecdsa")),
        ("other", "ed25519", "sign,cert", None),
    ];
    for (owner, algorithm, usage, subkey) in owners {
        pgp.key(owner, algorithm, usage, "never", subkey);
    }
    let mut cases = pgp.signatures(&["ed25519", "p256", "rsa", "subkey"]);
    cases.extend(pgp.keys());
    // The agents live as long as their homes; nothing of them is left.
    for home in ["gnupg", "verify"] {
        let folder = pgp.bench.path(home);
        let _ = Command::new("gpgconf").arg("--homedir").arg(folder).args(["--kill", "all"]).output();
    }
    agreed("gpg", &cases);
}

type Case = (String, bool, Said);

struct Pgp {
    bench: Bench,
}

impl Pgp {
    fn home(&self, name: &str) {
        let folder = self.bench.path(name);
        std::fs::create_dir(&folder).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
        }
    }

    fn gpg(&self, at: &str, args: &[&str]) {
        let always = ["--homedir", "gnupg", "--batch", "--yes", "--no-tty", "--quiet", "--pinentry-mode", "loopback"];
        let more = ["--passphrase", "", "--faked-system-time", at];
        self.bench.must(always.iter().chain(&more).chain(args));
    }

    /// A key, exported to `policy/OWNER.asc`.
    fn key(&self, owner: &str, algorithm: &str, usage: &str, expires: &str, subkey: Option<&str>) {
        let user = format!("{owner}@example.com");
        self.gpg(MADE, &["--quick-generate-key", &user, algorithm, usage, expires]);
        if let Some(algorithm) = subkey {
            self.gpg(MADE, &["--quick-add-key", &self.fingerprint(&user), algorithm, "sign", "never"]);
        }
        self.export(owner);
    }

    fn export(&self, owner: &str) {
        let path = format!("policy/{owner}.asc");
        self.gpg(MADE, &["--armor", "--output", &path, "--export", &format!("{owner}@example.com")]);
    }

    fn fingerprint(&self, user: &str) -> String {
        let args = ["--homedir", "gnupg", "--batch", "--with-colons", "--list-keys", user];
        let output = self.bench.run(args, None);
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().find_map(|line| Some(line.strip_prefix("fpr:")?.trim_matches(':').to_owned())).unwrap()
    }

    fn sign(&self, owner: &str, message: &[u8], options: &[&str]) -> Vec<u8> {
        self.bench.write("message", message);
        let user = format!("{owner}@example.com");
        let fixed = ["--local-user", &user, "--output", "signature", "--detach-sign", "message"];
        self.gpg(MADE, &[options, &fixed].concat());
        self.bench.read("signature")
    }

    /// What both say of the signature under the certificate `policy/OWNER.asc`.
    fn said(&mut self, owner: &str, message: &[u8], signature: &[u8]) -> Said {
        let home = format!("home-{owner}");
        if !self.bench.path(&home).exists() {
            self.home(&home);
            let certificate = format!("policy/{owner}.asc");
            self.bench.must(["--homedir", &home, "--batch", "--no-tty", "--quiet", "--import", &certificate]);
        }
        self.bench.write("message", message);
        self.bench.write("signature", signature);
        let asked = ["--homedir", &home, "--batch", "--no-tty", "--weak-digest", "SHA1", "--status-fd", "1"];
        let verify = ["--faked-system-time", JUDGED, "--verify", "signature", "message"];
        let output = self.bench.run(asked.iter().chain(&verify), None);
        // Signatures of expired and revoked keys have other words.
        let theirs = String::from_utf8_lossy(&output.stdout).contains("[GNUPG:] GOODSIG ");
        let identity = format!("type = \"openpgp\"\nkey = \"{owner}.asc\"");
        Said { theirs, ours: self.bench.released(&identity, message, "file.asc", signature) }
    }

    fn signatures(&mut self, owners: &[&str]) -> Vec<Case> {
        let mut cases = Vec::new();
        for owner in owners {
            for (number, message) in messages().iter().enumerate() {
                let binary = self.sign(owner, message, &[]);
                let text = String::from_utf8(self.sign(owner, message, &["--armor"])).unwrap();
                let other = self.sign("other", message, &[]);
                // Elliptic curves of NIST do not sign digests that are shorter than they are.
                let weak =
                    ["rsa", "ed25519"].contains(owner).then(|| self.sign(owner, message, &["--digest-algo", "SHA1"]));
                let last = binary.len() - 2;
                let lines: Vec<&str> = text.lines().collect();
                for (what, is_good, message, signature) in [
                    ("binary", true, message.clone(), binary.clone()),
                    ("armoured", true, message.clone(), text.clone().into_bytes()),
                    ("with a comment", true, message.clone(), {
                        text.replacen("\n\n", "\nComment: hello\n\n", 1).into_bytes()
                    }),
                    ("with another's", true, message.clone(), [binary.clone(), other.clone()].concat()),
                    ("message changed", false, flipped(message, 0), binary.clone()),
                    ("message longer", false, [&message[..], b"\n"].concat(), binary.clone()),
                    ("signature changed", false, message.clone(), flipped(&binary, last)),
                    ("time changed", false, message.clone(), flipped(&binary, 33)),
                    ("by another", false, message.clone(), other),
                    ("cut off", false, message.clone(), binary[..last].to_vec()),
                    ("armour cut off", false, message.clone(), lines[..lines.len() - 3].join("\n").into_bytes()),
                ] {
                    cases.push((format!("{owner} {number} {what}"), is_good, self.said(owner, &message, &signature)));
                }
                if let Some(weak) = weak {
                    cases.push((format!("{owner} {number} SHA-1"), false, self.said(owner, message, &weak)));
                }
            }
        }
        cases
    }

    /// Keys that ended, were revoked or replaced, and signatures that end.
    fn keys(&mut self) -> Vec<Case> {
        let message = b"message".to_vec();
        let mut cases = Vec::new();
        for (owner, expires, is_good) in [("short", "30d", false), ("long", "2y", true)] {
            self.key(owner, "ed25519", "sign,cert", expires, None);
            let signature = self.sign(owner, &message, &[]);
            cases.push((format!("key for {expires}"), is_good, self.said(owner, &message, &signature)));
        }
        for (owner, code) in [("no-reason", "0"), ("superseded", "1"), ("compromised", "2"), ("retired", "3")] {
            self.key(owner, "ed25519", "sign,cert", "never", None);
            let signature = self.sign(owner, &message, &[]);
            self.bench.write("answers", format!("y\n{code}\n\ny\n"));
            let (user, file) = (format!("{owner}@example.com"), format!("{owner}.revocation"));
            let fixed =
                ["--homedir", "gnupg", "--no-tty", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""];
            let more = ["--faked-system-time", "20260301T000000!", "--status-fd", "2", "--command-fd", "0", "--armor"];
            let ask = ["--output", &file, "--gen-revoke", &user];
            let output = self.bench.run(fixed.iter().chain(&more).chain(&ask), Some("answers"));
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let certificate = self.bench.read(&format!("policy/{owner}.asc"));
            let both = [certificate, self.bench.read(&file)].concat();
            self.bench.write(&format!("policy/{owner}-revoked.asc"), both);
            cases.push((format!("key before {owner}"), true, self.said(owner, &message, &signature)));
            let revoked = format!("{owner}-revoked");
            cases.push((revoked.clone(), false, self.said(&revoked, &message, &signature)));
        }
        for (days, is_good) in [("30", false), ("700", true)] {
            let signature = self.sign("ed25519", &message, &["--default-sig-expire", &format!("{days}d")]);
            cases.push((format!("signature for {days} days"), is_good, self.said("ed25519", &message, &signature)));
        }
        cases
    }
}
