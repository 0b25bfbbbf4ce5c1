//! The page in a browser: it says nothing on the console, asks for nothing, is usable by keyboard, and nothing that is put into it
//! runs. How long it takes is printed and not judged: machines differ.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use vidimus::render::{self, VerdictFile};

use crate::oracle::Oracle;
use crate::renderings::{cases, poisoned, rendered};

/// Opens a page, holds against it what holds for every page, and gives what the browser said.
fn looked(browser: &mut Oracle, what: &str, page: &Path) -> Json {
    let said = browser.ask(&json!({ "ask": "looked", "page": page }));
    for (list, name) in [(&said["console"], "console"), (&said["errors"], "errors"), (&said["requests"], "requests")] {
        assert_eq!(*list, json!([]), "{what}: {name}");
    }
    assert_eq!((&said["executed"], &said["foreign"]), (&json!(false), &json!(0)), "{what}: {said:#}");
    let keyboard = &said["keyboard"];
    assert_eq!(keyboard["wanted"], keyboard["met"], "{what}: not everything is reached by Tab");
    assert!(keyboard["outlined"].as_u64() >= keyboard["wanted"].as_u64(), "{what}: {keyboard}");
    let number = |name: &str| said["filter"][name].as_u64().unwrap();
    assert_eq!((number("all"), number("none")), (said["rows"].as_u64().unwrap(), 0), "{what}");
    assert!(number("words") >= 1 && number("rule") >= 1, "{what}: {said:#}");
    assert!(number("rule") <= number("result") && number("result") <= number("all"), "{what}: {said:#}");
    assert_eq!(number("cleared"), number("all"), "{what}");
    assert_eq!(said["filter"]["said"], format!("{0} of {0} checks", number("all")), "{what}");
    let injected = &said["injected"];
    for name in ["executed", "asked", "hidden"] {
        assert_eq!(injected[name], false, "{what}: {name}");
    }
    for directive in ["connect-src", "img-src", "script-src-attr", "script-src-elem", "style-src-elem"] {
        assert!(injected["blocked"].as_array().unwrap().contains(&json!(directive)), "{what}: {injected}");
    }
    println!("{what}: interactive after {} ms, filtered after {} ms", said["interactive"], said["filter"]["typed"]);
    said
}

/// Nothing sticks out at either width, and nobody is kept out by colours or structure.
fn seen(browser: &mut Oracle, what: &str, page: &Path, axe: bool) {
    for width in ["desktop", "phone"] {
        for scheme in ["light", "dark"] {
            let said =
                browser.ask(&json!({ "ask": "seen", "page": page, "width": width, "scheme": scheme, "axe": axe }));
            assert_eq!(said["overflow"], 0, "{what} on a {width}, {scheme}");
            assert!(!axe || said["axe"] == json!([]), "{what} on a {width}, {scheme}: {said:#}");
        }
    }
    let said =
        browser.ask(&json!({ "ask": "seen", "page": page, "width": "desktop", "scheme": "dark", "print": true }));
    assert_eq!(said["overflow"], 0, "{what} on paper");
}

fn read(folder: &Path) -> Json {
    serde_json::from_slice(&fs::read(folder.join("json")).unwrap()).unwrap()
}

#[test]
fn the_page_in_a_browser() {
    let Some(mut browser) = Oracle::browser() else { return };
    for (fixture, product, _) in cases() {
        let made = tempfile::tempdir().unwrap();
        rendered(made.path(), fixture, product);
        let page = made.path().join("page.html");
        fs::copy(made.path().join("html"), &page).unwrap();
        let said = looked(&mut browser, fixture, &page);
        let file: VerdictFile = serde_json::from_value(read(made.path())).unwrap();
        let met: u64 = file.core.met.iter().map(|met| met.count).sum();
        assert_eq!(said["rows"], met + file.core.unmet.len() as u64, "{fixture}");
        seen(&mut browser, fixture, &page, true);
        fs::write(&page, render::html(&poisoned(read(made.path())), None)).unwrap();
        let hostile = looked(&mut browser, &format!("{fixture} with markup in every string"), &page);
        assert_eq!(said["rows"], hostile["rows"], "{fixture}");
        seen(&mut browser, fixture, &page, false);
    }
}

/// A verdict about 5,000 components, of which one in five is not met, each with a way to it.
fn large(mut file: Json) -> VerdictFile {
    let id = |number: usize| format!("sha256:{number:064x}");
    let unmet =
        file["core"]["unmet"].as_array().unwrap().iter().find(|unmet| unmet["path"] == json!([])).unwrap().clone();
    for number in 0..5000 {
        if number % 5 > 0 {
            let list = file["details"]["met"]["known"].as_object_mut().unwrap().values_mut().next().unwrap();
            let support = list[0]["support"].clone();
            list.as_array_mut().unwrap().push(json!({ "node": id(number), "support": support }));
            continue;
        }
        let mut more = unmet.clone();
        let steps = more["via"].as_array_mut().unwrap();
        steps.last_mut().unwrap()["node"] = json!(id(number));
        more["node"] = json!(id(number));
        // Some share their reasons, some have reasons of their own.
        more["reasons"][0]["args"]["identity"] = json!(format!("signer-{}", number % 700));
        file["core"]["unmet"].as_array_mut().unwrap().push(more);
        file["details"]["components"][id(number)] =
            json!({ "names": [format!("pkg:generic/dunite/part-{number}@1.{number}")] });
    }
    serde_json::from_value(file).unwrap()
}

#[test]
fn five_thousand_components_in_a_browser() {
    let made = tempfile::tempdir().unwrap();
    rendered(made.path(), "fixtures/chain/another-builder", "pkg:generic/aurora/5gc@8.2.1");
    let file = large(read(made.path()));
    let html = render::html(&file, None);
    // Folded: as many boxes and open cards as a person can look at; the table has everything.
    assert!(html.matches("<rect").count() < 60, "{}", html.matches("<rect").count());
    assert!(html.contains("more components") && html.contains("There is more, in the table of"), "it is folded");
    assert_eq!(html.matches("<tr data-result=").count(), 5019);
    let page = made.path().join("page.html");
    fs::write(&page, html).unwrap();
    let Some(mut browser) = Oracle::browser() else { return };
    let said = looked(&mut browser, "5,000 components", &page);
    assert_eq!(said["rows"], 5019);
    seen(&mut browser, "5,000 components", &page, false);
}
