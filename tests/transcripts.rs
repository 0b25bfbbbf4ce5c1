//! What a person sees where time and publication are proven, or the policy for that cannot hold: `docs/transcripts.md` is made of real
//! runs. With `VIDIMUS_BLESS=1` this test writes the page; otherwise it compares.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::support::{AT, Run, copy, root, vidimus};

/// A title, a fixture, what is changed in its policy, and whether a verdict is asked for or the policy is checked.
type Scene = (&'static str, &'static str, &'static [(&'static str, &'static str)], Ask);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ask {
    Verdict,
    Policy,
}

const SAME_OPERATOR: (&str, &str) = ("[party.wit-br]", "[party.wit-br]\ncontrolled_by = [\"kanto\"]");

const SCENES: &[Scene] = &[
    ("Two time-stamping authorities", "time/two-authorities", &[], Ask::Verdict),
    ("Three authorities, of which one lies", "time/early-liar", &[], Ask::Verdict),
    ("Only one of the two authorities", "time/one-authority", &[], Ask::Verdict),
    ("Three of four witnesses in four countries", "witness/three-of-four", &[], Ask::Verdict),
    ("Two of the four", "witness/two-of-four", &[], Ask::Verdict),
    (
        "A policy that asks for two of four is refused",
        "witness/three-of-four",
        &[("min_groups = 3", "min_groups = 2")],
        Ask::Policy,
    ),
    (
        "Two witnesses with one key are refused",
        "witness/three-of-four",
        &[("trust/wit-de.vkey", "trust/wit-br.vkey")],
        Ask::Policy,
    ),
    (
        "Two identities with one key are refused",
        "time/two-authorities",
        &[(
            "[[grant]]",
            "[[identity]]\nid    = \"acme-again\"\nparty = \"acme\"\nkey   = \"keys/acme.pub\"\n\n[[grant]]",
        )],
        Ask::Policy,
    ),
    (
        "One operator behind two witnesses is one group",
        "witness/three-of-four",
        &[
            SAME_OPERATOR,
            ("[party.wit-de]", "[party.wit-de]\ncontrolled_by = [\"kanto\"]"),
            ("min_groups = 3", "min_groups = 4"),
        ],
        Ask::Policy,
    ),
];

fn play(fixture: &str, edits: &[(&str, &str)], ask: Ask, folder: &Path) -> (String, Run) {
    let from = root().join("fixtures").join(fixture);
    copy(&from, folder);
    let path = folder.join("policy/policy.toml");
    let mut policy = fs::read_to_string(&path).unwrap();
    for (old, new) in edits {
        assert_eq!(policy.matches(old).count(), 1, "{fixture}: {old}");
        policy = policy.replace(old, new);
    }
    fs::write(&path, policy).unwrap();
    let args: Vec<&str> = match ask {
        Ask::Verdict => {
            vec![
                "verify",
                "delivery",
                "--policy",
                "policy/policy.toml",
                "--product",
                "pkg:generic/acme/router@4.2.0",
                "--at",
                AT,
            ]
        }
        Ask::Policy => vec!["policy", "check", "policy/policy.toml"],
    };
    let run = vidimus().current_dir(folder).args(&args).output().unwrap().into();
    (args.join(" "), run)
}

/// Digests are in the fixtures; here they would only be noise.
fn without_digests(text: &str) -> String {
    let mut parts = text.split("sha256:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |said, part| {
        let end = part.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(part.len());
        said + "sha256:…" + &part[end..]
    })
}

#[test]
fn the_page_of_transcripts_is_what_is_seen() {
    let mut page = String::from(
        "# Transcripts: proven time and publication\n\n\
         Real runs over the committed fixtures, with what is changed in their policies. Digests are left out.\n",
    );
    for (title, fixture, edits, ask) in SCENES {
        let folder = tempfile::tempdir().unwrap();
        let (command, run) = play(fixture, edits, *ask, folder.path());
        write!(page, "\n## {title}\n\n`fixtures/{fixture}`").unwrap();
        let changed: Vec<String> = edits.iter().map(|(_, new)| format!("```toml\n{new}\n```")).collect();
        if !changed.is_empty() {
            write!(page, ", and in its policy\n\n{}", changed.join("\n\n")).unwrap();
        }
        let said = without_digests(&format!("{}{}", run.stdout, run.stderr));
        write!(page, "\n\n```text\n$ vidimus {command}\n{}\n$ echo $?\n{}\n```\n", said.trim_end(), run.code).unwrap();
    }
    let path = root().join("docs/transcripts.md");
    if std::env::var_os("VIDIMUS_BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), page, "docs/transcripts.md is not what is seen");
}
