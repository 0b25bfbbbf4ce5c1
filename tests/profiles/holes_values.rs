//! Values that are none: blanks, words that stand for nothing, what cannot be read, and one good value beside a bad one.

use serde_json::{Value as Json, json};
use vidimus_testkit::profile::{cyclonedx, spdx};

use super::holes::{BSI20, BSI21, hold, outcome, part, property};

#[test]
fn blank_texts_are_no_values() {
    for blank in [" ", "\t", "\u{200b}", "\u{2060}\u{ad}", "\u{a0}\u{3164}", "\u{7f}"] {
        let mut value = cyclonedx();
        part(&mut value)["name"] = json!(blank);
        part(&mut value)["version"] = json!(blank);
        property(part(&mut value), "bsi:component:filename", blank);
        for (profile, rule) in [
            (BSI21, "BSI21-06"),
            (BSI21, "BSI21-07"),
            (BSI21, "BSI21-08"),
            (BSI20, "BSI20-05"),
            (BSI20, "BSI20-06"),
            (BSI20, "BSI20-07"),
            ("ntia-2021", "NTIA-02"),
            ("cisa-2026", "CISA26-C08"),
        ] {
            assert_eq!(outcome(profile, &value, rule), "unmet", "{blank:?} {rule}");
        }
    }
    hold(&[
        (
            "a supplier of one blank",
            cyclonedx,
            |d| {
                part(d)["supplier"]["name"] = json!(" ");
                part(d)["manufacturer"]["name"] = json!("\u{200b}");
            },
            &[("ntia-2021", "NTIA-01", "unmet"), ("cisa-2026", "CISA26-C01", "unmet")],
        ),
        (
            "an organisation of nothing",
            spdx,
            |d| d["creationInfo"]["creators"][0] = json!("Organization: \u{200b} (x@acme.example)"),
            &[("openchain-telco-1.1", "OCT11-05", "unmet")],
        ),
        (
            "a blank identifier",
            cyclonedx,
            |d| {
                part(d).as_object_mut().unwrap().remove("purl");
                part(d)["swid"] = json!({"tagId": " ", "name": "x"});
            },
            &[("cisa-2026", "CISA26-C05", "unmet"), ("ntia-2021", "NTIA-04", "unmet")],
        ),
        (
            "a vulnerability without a name",
            cyclonedx,
            |d| d["vulnerabilities"] = json!([{"id": ""}]),
            &[(BSI21, "BSI21-02", "unmet")],
        ),
    ]);
}

#[test]
fn words_that_stand_for_nothing_are_no_values() {
    // What nobody wrote down yet, and what says nothing at all: not even that nobody knows.
    for word in ["TODO", "TBD", " tbd ", "-", "?", "--", "null", "Null.", "undefined", "to be determined", "FIXME"] {
        let mut value = cyclonedx();
        part(&mut value)["supplier"]["name"] = json!(word);
        part(&mut value).as_object_mut().unwrap().remove("manufacturer");
        part(&mut value)["version"] = json!(word);
        value["metadata"]["tools"]["components"][0]["version"] = json!(word);
        for (profile, rule) in [
            ("ntia-2021", "NTIA-01"),
            ("ntia-2021", "NTIA-03"),
            ("cisa-2026", "CISA26-C08"),
            ("cisa-2026", "CISA26-M08"),
            (BSI21, "BSI21-07"),
        ] {
            assert_eq!(outcome(profile, &value, rule), "unmet", "{word:?} {rule}");
        }
    }
    // That it is not known, however it is written.
    for word in [
        "unknown ",
        "Unknown.",
        "(unknown)",
        "NA",
        "N/A",
        "n.a.",
        "not specified",
        "Not_Available",
        "unkn\u{43e}wn",
        "\u{ff35}\u{ff2e}\u{ff2b}\u{ff2e}\u{ff2f}\u{ff37}\u{ff2e}",
        "un\u{ad}known",
        "NoAssertion",
    ] {
        let mut value = cyclonedx();
        part(&mut value)["version"] = json!(word);
        assert_eq!(outcome("ntia-2021", &value, "NTIA-03"), "met by something else", "{word:?}");
        assert_eq!(outcome(BSI21, &value, "BSI21-07"), "unmet", "{word:?}");
    }
    // What only looks so is one.
    for word in ["unknown-horizons", "0", "n", "latest", "Nathan", "none-such", "C++", "1.0-TODO.2"] {
        let mut value = cyclonedx();
        part(&mut value)["name"] = json!(word);
        part(&mut value)["version"] = json!(word);
        assert_eq!(outcome(BSI21, &value, "BSI21-06"), "met", "{word:?}");
        assert_eq!(outcome(BSI21, &value, "BSI21-07"), "met", "{word:?}");
    }
    // A package and a file may be called so.
    let mut value = cyclonedx();
    part(&mut value)["name"] = json!("none");
    part(&mut value)["purl"] = json!("pkg:npm/none@3.0");
    assert_eq!(outcome(BSI21, &value, "BSI21-06"), "met");
    part(&mut value)["purl"] = json!("pkg:npm/other@3.0");
    assert_eq!(outcome(BSI21, &value, "BSI21-06"), "unmet");
    part(&mut value)["type"] = json!("file");
    part(&mut value)["name"] = json!("TODO");
    property(part(&mut value), "bsi:component:filename", "TODO");
    assert_eq!(outcome(BSI21, &value, "BSI21-06"), "met");
    assert_eq!(outcome(BSI21, &value, "BSI21-08"), "met");
}

#[test]
fn an_identifier_is_one_that_can_be_read() {
    for (member, text, answer) in [
        ("purl", json!("TODO"), "unmet"),
        ("purl", json!("acme/tls@3.0"), "unmet"),
        ("purl", json!("pkg:generic/acme/tls@3.0"), "met"),
        ("cpe", json!("cpe:2.3:a:acme:tls:3.0:*:*:*:*:*:*:*"), "met"),
        ("cpe", json!("cpe:2.3:a:acme:tls\\:x:3.0:*:*:*:*:*:*:*"), "met"),
        ("cpe", json!("cpe:2.3:a:acme"), "unmet"),
        ("cpe", json!("cpe:2.3:a:*:*:*:*:*:*:*:*:*:*"), "unmet"),
        ("cpe", json!("cpe:/a:acme:tls:3.0"), "met"),
        ("cpe", json!("cpe:/"), "unmet"),
        ("swhid", json!(["swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2"]), "met"),
        ("swhid", json!(["swh:1:cnt:none"]), "unmet"),
        ("omniborId", json!([format!("gitoid:blob:sha256:{}", "0".repeat(64))]), "met"),
        ("omniborId", json!(["gitoid:blob:sha1:x"]), "unmet"),
        ("swid", json!({"tagId": "acme-tls-3.0", "name": "tls"}), "met"),
        ("swid", json!({"tagId": "n/a", "name": "tls"}), "met by something else"),
    ] {
        let mut value = cyclonedx();
        part(&mut value).as_object_mut().unwrap().remove("purl");
        part(&mut value)[member] = text.clone();
        for (profile, rule) in [("cisa-2026", "CISA26-C05"), ("fsct-3", "FSCT-08"), ("cert-in-2.0", "CERTIN-21")] {
            assert_eq!(outcome(profile, &value, rule), answer, "{member} {text} {rule}");
        }
    }
}

#[test]
fn that_there_is_none_answers_where_there_can_be_none() {
    hold(&[
        (
            "version and concluded licence NONE",
            cyclonedx,
            |d| {
                part(d)["version"] = json!("NONE");
                part(d)["licenses"] = json!([{"license": {"name": "NONE", "acknowledgement": "concluded"}}]);
            },
            &[
                (BSI21, "BSI21-07", "unmet"),
                (BSI21, "BSI21-11", "unmet"),
                (BSI20, "BSI20-06", "unmet"),
                (BSI20, "BSI20-09", "unmet"),
                ("cisa-2026", "CISA26-C06", "unmet"),
                ("ntia-2021", "NTIA-03", "unmet"),
            ],
        ),
        (
            "supplier NONE",
            cyclonedx,
            |d| {
                part(d)["supplier"]["name"] = json!("NONE");
                part(d)["manufacturer"]["name"] = json!("none");
            },
            &[("ntia-2021", "NTIA-01", "unmet"), ("cisa-2026", "CISA26-C01", "unmet")],
        ),
        (
            "supplier and version NONE",
            spdx,
            |d| {
                d["packages"][1]["supplier"] = json!("NONE");
                d["packages"][1]["versionInfo"] = json!("NONE");
            },
            &[("openchain-telco-1.1", "OCT11-11", "unmet"), ("openchain-telco-1.1", "OCT11-10", "unmet")],
        ),
        (
            "what there can be none of",
            spdx,
            |d| {
                for member in ["licenseConcluded", "licenseDeclared", "copyrightText", "downloadLocation"] {
                    for index in 0..3 {
                        d["packages"][index][member] = json!("NONE");
                    }
                }
            },
            &[
                ("openchain-telco-1.1", "OCT11-12", "met"),
                ("openchain-telco-1.1", "OCT11-13", "met"),
                ("openchain-telco-1.1", "OCT11-14", "met"),
                ("openchain-telco-1.1", "OCT11-15", "met"),
                ("fsct-3", "FSCT-13", "met"),
                ("fsct-3", "FSCT-12", "unmet"),
                ("cert-in-2.0", "CERTIN-05", "unmet"),
            ],
        ),
        (
            "no restrictions, no patches",
            cyclonedx,
            |d| {
                property(part(d), "urn:vidimus:comp.patchStatus", "none");
                part(d)["licenses"] = json!([{"license": {"id": "MIT"}}]);
                let more = json!({"name": "urn:vidimus:comp.usageRestrictions", "value": "none"});
                part(d)["properties"].as_array_mut().unwrap().push(more);
            },
            &[("cert-in-2.0", "CERTIN-09", "met"), ("cert-in-2.0", "CERTIN-13", "met")],
        ),
    ]);
}

#[test]
fn one_good_value_does_not_hide_a_bad_one() {
    hold(&[
        (
            "one of two concluded licences is only a name",
            cyclonedx,
            |d| {
                let more = json!({"license": {"name": "Totally proprietary", "acknowledgement": "concluded"}});
                part(d)["licenses"].as_array_mut().unwrap().push(more);
            },
            &[(BSI21, "BSI21-11", "unmet"), (BSI20, "BSI20-09", "unmet"), ("cisa-2026", "CISA26-C06", "unmet")],
        ),
        (
            "the declared licence is only a name, the concluded one is listed",
            cyclonedx,
            |d| part(d)["licenses"][1] = json!({"license": {"name": "The Licence", "acknowledgement": "declared"}}),
            &[
                (BSI21, "BSI21-11", "met"),
                (BSI21, "BSI21-20", "unmet"),
                (BSI20, "BSI20-09", "met"),
                ("cisa-2026", "CISA26-C06", "met"),
            ],
        ),
        (
            "licences with addresses",
            cyclonedx,
            |d| {
                part(d)["licenses"] = json!([
                    {"license": {"id": "MIT", "url": "https://acme.example/mit", "acknowledgement": "concluded"}},
                    {"license": {"name": "Ours", "url": "https://acme.example/eula", "acknowledgement": "concluded"}},
                ]);
            },
            &[("cisa-2026", "CISA26-C06", "met"), (BSI21, "BSI21-11", "unmet")],
        ),
        (
            "one address, two names",
            cyclonedx,
            |d| {
                part(d)["licenses"] = json!([
                    {"license": {"name": "Theirs", "acknowledgement": "concluded"}},
                    {"license": {"name": "Ours", "url": "https://acme.example/eula", "acknowledgement": "concluded"}},
                ]);
            },
            &[("cisa-2026", "CISA26-C06", "unmet")],
        ),
        (
            "a listed licence with its address",
            cyclonedx,
            |d| part(d)["licenses"][0]["license"]["url"] = json!("https://acme.example/mit"),
            &[(BSI21, "BSI21-11", "met"), (BSI20, "BSI20-09", "met")],
        ),
        (
            "one of two hashes has the wrong length",
            cyclonedx,
            |d| {
                let more = json!({"alg": "SHA-1", "content": "00".repeat(32)});
                part(d)["hashes"].as_array_mut().unwrap().push(more);
            },
            &[("cisa-2026", "CISA26-C03", "unmet"), ("fsct-3", "FSCT-09", "unmet"), (BSI21, "BSI21-12", "met")],
        ),
        (
            "a second hash by an algorithm that IANA has no name for",
            cyclonedx,
            |d| {
                let more = json!({"alg": "SHA3-256", "content": "00".repeat(32)});
                part(d)["hashes"].as_array_mut().unwrap().push(more);
            },
            &[("cisa-2026", "CISA26-C03", "met"), ("cisa-2026", "CISA26-C04", "met")],
        ),
    ]);
}

#[test]
fn words_that_a_standard_has_a_list_of() {
    for (value, answer) in [
        ("Sweden", "unmet"),
        ("SE", "unmet"),
        ("proprietary", "met"),
        ("Open Source", "met"),
        ("open-source", "met"),
        ("third party", "met"),
        ("unknown", "met by something else"),
    ] {
        let mut document = cyclonedx();
        property(part(&mut document), "urn:vidimus:comp.originClass", value);
        assert_eq!(outcome("cert-in-2.0", &document, "CERTIN-06"), answer, "{value}");
    }
    hold(&[
        (
            "a comment that is about something else",
            spdx,
            |d| d["creationInfo"]["comment"] = json!("hello"),
            &[("ntia-2021", "NTIA-R2", "unmet"), ("fsct-3", "FSCT-03", "unmet"), ("cisa-2026", "CISA26-M05", "unmet")],
        ),
        (
            "a phase without a name yet",
            cyclonedx,
            |d| d["metadata"]["lifecycles"] = json!([{"name": "TODO"}]),
            &[("ntia-2021", "NTIA-R2", "unmet"), ("fsct-3", "FSCT-03", "unmet"), ("cisa-2026", "CISA26-M05", "unmet")],
        ),
        (
            "a phase of their own, by its name",
            cyclonedx,
            |d| d["metadata"]["lifecycles"] = json!([{"name": "nightly build"}]),
            &[("ntia-2021", "NTIA-R2", "met"), ("fsct-3", "FSCT-03", "met"), ("cisa-2026", "CISA26-M05", "met")],
        ),
        (
            "a phase of the format",
            cyclonedx,
            |d| d["metadata"]["lifecycles"] = json!([{"phase": "pre-build"}]),
            &[("ntia-2021", "NTIA-R2", "met"), ("cisa-2026", "CISA26-M05", "met")],
        ),
    ]);
}

#[test]
fn a_publisher_stands_in_and_is_named_as_such() {
    let publisher = |d: &mut Json| {
        let map = part(d).as_object_mut().unwrap();
        map.remove("supplier");
        map.remove("manufacturer");
        map.insert("publisher".to_owned(), json!("Acme Corp"));
    };
    let mut value = cyclonedx();
    publisher(&mut value);
    for (profile, rule) in
        [("ntia-2021", "NTIA-01"), ("fsct-3", "FSCT-07"), ("cert-in-2.0", "CERTIN-04"), ("cisa-2026", "CISA26-C01")]
    {
        assert_eq!(outcome(profile, &value, rule), "met by something else", "{rule}");
    }
    // An address is asked of the maker; a publisher has none.
    assert_eq!(outcome(BSI21, &value, "BSI21-05"), "unmet");
}
