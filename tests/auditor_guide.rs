//! `docs/auditor-guide.md` is a transcript: an operator's archives of a 5G core of parties in seven countries, judged under two versions
//! of a policy, and what an auditor sees of them. With `UPDATE_README=1` this test writes the page; otherwise it compares.

use std::fs;

use crate::support::{copy, root};
use crate::vendor::Shop;

/// Said before every command's output, so that they can be told apart.
const MARK: &str = "\u{1}";

/// The folder that the guide starts from: a delivery, one with another byte, the policy and its next version.
fn folder() -> Shop {
    let shop = Shop { folder: tempfile::tempdir().unwrap() };
    let fixture = root().join("fixtures/chain/5gc");
    for name in ["delivery", "other"] {
        copy(&fixture.join("delivery"), &shop.path(name));
    }
    let other = shop.path("other/5gc.tar");
    let mut bytes = fs::read(&other).unwrap();
    let at = bytes.windows(4).position(|window| window == b"amf ").unwrap_or(600);
    bytes[at] ^= 0x20;
    fs::write(&other, bytes).unwrap();
    for name in ["intake", "next"] {
        copy(&fixture.join("policy"), &shop.path(name));
    }
    let policy = fs::read_to_string(shop.path("next/policy.toml")).unwrap();
    let next = policy.replacen("version = 1", "version = 2", 1).replacen(
        "min_groups = 2\ntolerate",
        "min_groups = 3\ntolerate",
        1,
    );
    assert_eq!(policy.lines().zip(next.lines()).filter(|(old, new)| old != new).count(), 2);
    shop.write("next/policy.toml", next);
    shop
}

/// What a block of commands prints, in one shell.
fn block(shop: &Shop, body: &str) -> String {
    // A command goes on where a line ends with a backslash, and in lines that are indented; everything else was printed.
    let mut commands: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in body.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push(command.to_owned()),
            (None, Some(last)) if goes_on => last.push_str(&format!("\n{line}")),
            _ => {}
        }
        goes_on = line.ends_with('\\');
    }
    let script: String = commands
        .iter()
        .map(|command| format!("(exit $s)\n{command}\ns=$?\nprintf '{MARK}'\n"))
        .collect::<Vec<_>>()
        .join("");
    let run = shop.shell(&format!("exec 2>&1\ns=0\n{script}"));
    let said: Vec<&str> = run.stdout.split(MARK).collect();
    commands.iter().zip(said).map(|(command, said)| format!("$ {command}\n{said}")).collect()
}

/// The page with what its commands print now, one block after another in one folder.
pub fn printed(shop: &Shop, page: &str) -> String {
    let (mut now, mut rest) = (String::new(), page);
    while let Some((before, after)) = rest.split_once("```console\n") {
        let (body, after) = after.split_once("```").unwrap();
        now.push_str(&format!("{before}```console\n{}```", block(shop, body)));
        rest = after;
    }
    now + rest
}

#[test]
fn the_auditors_guide_shows_what_is_printed() {
    let path = root().join("docs/auditor-guide.md");
    let page = fs::read_to_string(&path).unwrap();
    let shop = folder();
    let now = printed(&shop, &page);
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(&path, &now).unwrap();
        return;
    }
    assert_eq!(now, page, "run this test with UPDATE_README=1 and read the difference");
    // A member with another byte is the same member, and what became of evidence is no input.
    assert!(page.contains("covered on 5gc.tar!/bin/amf: met → not proven") && !page.contains("support →"), "{page}");
    for said in [
        "REPRODUCED (L1: ",
        "REPRODUCED (L2: ",
        "DIFFERS (L2)",
        "JUDGED ANEW (L4)",
        "because of the policy",
        "because of the inventory",
    ] {
        assert!(page.contains(said), "{said}");
    }
}
