//! Supply chains of in-toto: limits and costs, with deliveries too large to keep as fixtures.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use vidimus_testkit::dsse;
use vidimus_testkit::encode::sha256_hex;
use vidimus_testkit::in_toto::{Form, Layout, Link, canonical, public};
use vidimus_testkit::{Delivery, Key, PolicyFolder};

use crate::support::{AT, codes, items, unmet, verify};

const UNTIL: &str = "2126-01-01T00:00:00Z";
const APP: &[u8] = b"the application\n";
const FORM: Form = Form::Metablock;

fn owner() -> Key {
    Key::ed25519("layout owner")
}

fn builder() -> Key {
    Key::ed25519("builder")
}

/// Judges files in a folder, `app` alone if there is evidence beside it.
fn judge(delivery: &Delivery, rule: &str, evidence: &[&str]) -> (i32, Json) {
    let folder = tempfile::tempdir().unwrap();
    delivery.write(&folder.path().join("delivery"));
    let policy = PolicyFolder::new(&format!(
        r#"schema = "urn:vidimus:policy:v1"
id = "urn:example:layouts"
version = 1
[party.acme]
name = "ACME"
kind = "vendor"
jurisdictions = ["SE"]
[[identity]]
id = "acme-key"
party = "acme"
key = "keys/acme.pub"
[[grant]]
identities = ["acme-key"]
may = ["layout"]
[[rule]]
id = "chain"
check = "layout"
{rule}
"#
    ));
    let policy = policy.key("acme", &owner()).write(&folder.path().join("policy"));
    let beside: Vec<PathBuf> = evidence.iter().map(|name| folder.path().join("delivery").join(name)).collect();
    let what = folder.path().join(if evidence.is_empty() { "delivery" } else { "delivery/app" });
    let mut args: Vec<&Path> = vec![&what, Path::new("--policy"), &policy, Path::new("--at"), Path::new(AT)];
    args.extend(beside.iter().flat_map(|path| [Path::new("--evidence"), path.as_path()]));
    let (run, verdict) = verify(args);
    (run.code, verdict)
}

fn link() -> Link {
    Link::new("build").product("app", APP)
}

fn app() -> Delivery {
    Delivery::new().file("app", APP)
}

/// Strangers' links of the step use up what is tried before a link that disagrees is looked at. That one was not looked at must not be
/// better than that it was.
#[test]
fn what_was_not_looked_at_supports_nothing() {
    let others: Vec<Key> = (0..400).map(|n| Key::ed25519(&format!("functionary {n}"))).collect();
    let own = builder();
    let keys: Vec<&Key> = others.iter().chain([&own]).collect();
    let layout = Layout::new(UNTIL).step("build", &keys, &[], &[]);
    let stranger = Key::ed25519("stranger");
    let line = |n: usize| {
        let said = Link::new("build").product(&n.to_string(), b"");
        dsse::envelope(dsse::IN_TOTO, said.0.to_string().as_bytes(), &[&stranger]).to_string()
    };
    let junk: Vec<String> = (0..260).map(line).collect();
    let delivery = app()
        .evidence("root.layout", layout.signed(FORM, &[&owner()]))
        .evidence("a.link", link().signed(FORM, &builder()))
        .evidence("m.intoto.jsonl", junk.join("\n"))
        .evidence("z.link", Link::new("build").product("app", b"another").signed(FORM, &builder()));
    for (evidence, expected) in [
        (vec!["root.layout", "a.link"], vec![]),
        (vec!["root.layout", "a.link", "z.link"], vec!["layout.disagree"]),
        (vec!["root.layout", "a.link", "m.intoto.jsonl", "z.link"], vec!["layout.limit"]),
    ] {
        let (_, verdict) = judge(&delivery, "", &evidence);
        assert_eq!(unmet(&verdict), expected, "{evidence:?}");
    }
}

/// Who has a genuine layout can copy it, without any key. Time that grows with the square of the copies, times the files, would be minutes.
#[test]
fn copies_of_a_layout_cost_little() {
    let layout = Layout::new(UNTIL).step("build", &[&builder()], &[], &[]).signed(FORM, &[&owner()]);
    let signed = link().signed(FORM, &builder());
    let mut delivery = app();
    for n in 0..600 {
        delivery = delivery.file(&format!("files/{n}"), APP);
    }
    for n in 0..1200 {
        delivery = delivery.evidence(&format!("{n}/root.layout"), layout.clone());
    }
    delivery = delivery.evidence("7/build.link", signed);
    let start = Instant::now();
    let (code, verdict) = judge(&delivery, "", &[]);
    assert_eq!((code, unmet(&verdict)), (0, vec![]), "one of them has its link beside it");
    assert!(start.elapsed() < Duration::from_secs(90), "{:?}", start.elapsed());
}

/// What a layout lacks is told for every file, so not all of it is.
#[test]
fn not_every_missing_link_is_told_for_every_file() {
    let steps = (0..100).fold(Layout::new(UNTIL), |layout, n| layout.step(&n.to_string(), &[&builder()], &[], &[]));
    let delivery = app().file("other", "x").evidence("root.layout", steps.signed(FORM, &[&owner()]));
    let (_, verdict) = judge(&delivery, "", &[]);
    assert_eq!(unmet(&verdict), ["layout.threshold"]);
    for requirement in items(&verdict["core"]["unmet"]) {
        assert_eq!(items(&requirement["reasons"]).count(), 8, "{requirement}");
    }
    assert_eq!(items(&verdict["core"]["unmet"]).count(), 2);
}

/// Nor of every layout: whoever delivers decides how many old ones come along. Each kind of reason is told.
#[test]
fn not_every_layout_is_told_for_every_file() {
    let mut delivery = app().file("other", "x");
    for n in 0..60 {
        let expired =
            Layout::new(&format!("20{:02}-01-01T00:00:00Z", 10 + n % 10)).step(&n.to_string(), &[&builder()], &[], &[]);
        delivery = delivery.evidence(&format!("{n}/root.layout"), expired.signed(FORM, &[&owner()]));
        let empty = Layout::new(&format!("2126-01-01T00:00:{n:02}Z"));
        delivery = delivery.evidence(&format!("{n}-empty/root.layout"), empty.signed(FORM, &[&owner()]));
    }
    let (_, verdict) = judge(&delivery, "", &[]);
    assert_eq!(unmet(&verdict), ["layout.empty", "layout.expired", "layout.threshold"]);
    for requirement in items(&verdict["core"]["unmet"]) {
        let told = items(&requirement["reasons"]).count();
        assert!((8..12).contains(&told), "{requirement}");
    }
    assert_eq!(items(&verdict["core"]["unmet"]).count(), 2);
}

/// Whoever has a genuine layout can put it into a folder with links that nobody signed. What is tried for it is not taken from another.
#[test]
fn a_copy_of_a_layout_uses_up_nothing_of_another() {
    let others: Vec<Key> = (0..9).map(|n| Key::ed25519(&format!("functionary {n}"))).collect();
    let own = builder();
    let keys: Vec<&Key> = others.iter().chain([&own]).collect();
    let layout = Layout::new(UNTIL).step("build", &keys, &[], &[]).signed(FORM, &[&owner()]);
    let strangers: Vec<Key> = (0..16).map(|n| Key::ed25519(&format!("stranger {n}"))).collect();
    let strangers: Vec<&Key> = strangers.iter().collect();
    let line = |n: usize| {
        let said = Link::new("build").product(&n.to_string(), b"");
        dsse::envelope(dsse::IN_TOTO, said.0.to_string().as_bytes(), &strangers).to_string()
    };
    let junk: Vec<String> = (0..700).map(line).collect();
    let (layout, link, junk) = (&layout, link().signed(FORM, &builder()), junk.join("\n"));
    let genuine = |folder: &str| {
        let delivery = app().evidence(&format!("{folder}/root.layout"), layout.clone());
        delivery.evidence(&format!("{folder}/b.link"), link.clone())
    };
    for (folder, copies) in [("a", vec!["b"]), ("z", vec!["a"]), ("z", vec!["a", "b", "c"])] {
        let with = |delivery: Delivery, copy: &&str| {
            let delivery = delivery.evidence(&format!("{copy}/root.layout"), layout.clone());
            delivery.evidence(&format!("{copy}/j.intoto.jsonl"), junk.clone())
        };
        let delivery = copies.iter().fold(genuine(folder), with);
        let (_, verdict) = judge(&delivery, "", &[]);
        assert_eq!(
            items(&verdict["core"]["unmet"]).filter(|u| u["path"][0] == "app").count(),
            0,
            "{folder} {copies:?}"
        );
        assert!(unmet(&verdict).contains(&"layout.limit".to_owned()), "the junk is judged, and why it is none is told");
    }
}

/// A rule that names its layouts leaves nothing to whoever delivers.
#[test]
fn the_caveat_is_about_rules_that_name_no_layout() {
    let layout = Layout::new(UNTIL).step("build", &[&builder()], &[], &[]);
    let delivery = app()
        .evidence("root.layout", layout.signed(FORM, &[&owner()]))
        .evidence("build.link", link().signed(FORM, &builder()));
    let digest = sha256_hex(canonical(&layout.0).as_bytes());
    for (rule, open) in [(String::new(), true), (format!("layouts = [\"sha256:{digest}\"]"), false)] {
        let (code, verdict) = judge(&delivery, &rule, &[]);
        assert_eq!((code, unmet(&verdict)), (0, vec![]));
        assert_eq!(codes(&verdict, "caveats").contains(&"caveat.any-layout".to_owned()), open, "{rule}");
    }
}

/// `in-toto-record --record-streams` keeps all that a command wrote in one string.
#[test]
fn a_link_with_a_long_string_is_told() {
    let layout = Layout::new(UNTIL).step("build", &[&builder()], &[], &[]);
    for (length, form, expected) in [
        (1000, FORM, vec![]),
        (2 * 1024 * 1024, FORM, vec!["limit.string"]),
        (2 * 1024 * 1024, Form::Dsse, vec!["limit.string"]),
    ] {
        let mut link = link();
        link.0["byproducts"]["stdout"] = "x".repeat(length).into();
        let delivery = app()
            .evidence("root.layout", layout.signed(form, &[&owner()]))
            .evidence("build.link", link.signed(form, &builder()));
        let (_, verdict) = judge(&delivery, "", &[]);
        assert_eq!(codes(&verdict, "rejected"), expected, "{length} {form:?}");
    }
}

/// One key that a layout lists ten thousand times is tried once.
#[test]
fn many_ids_of_one_key_are_one_key() {
    let ids: Vec<String> = (0..5_000).map(|n| format!("id-{n}")).collect();
    let listed = ids.iter().fold(Layout::new(UNTIL), |layout, id| layout.key_as(id, public(&builder())));
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let layout = listed.step_of("build", &ids, &[], &[]);
    let delivery = app()
        .evidence("root.layout", layout.signed(FORM, &[&owner()]))
        .evidence("build.link", link().signed(FORM, &builder()));
    assert_eq!(unmet(&judge(&delivery, "", &[]).1), Vec::<String>::new());
}
