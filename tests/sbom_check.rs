//! `sbom check`: what it finds, how it says so, and what text of a document can do to its output.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value as Json, json};
use vidimus_testkit::profile::cyclonedx;

use crate::support::{Run, vidimus};

struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(world.path("program"), "program").unwrap();
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, value: &Json) {
        fs::write(self.path(name), value.to_string()).unwrap();
    }

    fn run(&self, args: &[&str]) -> Run {
        vidimus().current_dir(self.folder.path()).args(args).output().unwrap().into()
    }

    /// With these arguments, as JSON of that kind.
    fn json(&self, kind: &str, args: &[&str]) -> Json {
        let run = self.run(&[&["sbom", "check", "a.json", "-o", kind], args].concat());
        assert!(run.code < 2, "{run:?}");
        serde_json::from_str(&run.stdout).unwrap()
    }

    fn outcome(&self, args: &[&str], rule: &str) -> Json {
        let report = self.json("json", args);
        let mut rules = report["profiles"][0]["rules"].as_array().unwrap().iter();
        rules.find(|answer| answer["id"] == rule).unwrap().clone()
    }
}

#[track_caller]
fn ended(run: &Run, code: i32, stderr: &str) {
    assert_eq!(run.code, code, "{run:?}");
    match stderr {
        "" => assert_eq!(run.stderr, "", "{run:?}"),
        said => assert!(run.stderr.contains(said), "{said:?} is not in {}", run.stderr),
    }
}

#[test]
fn an_sbom_is_held_against_its_format_a_standard_and_the_files() {
    let world = World::new();
    let files = world.path("shipped");
    fs::create_dir(&files).unwrap();
    fs::write(files.join("app"), "program").unwrap();
    let digest = <sha2::Sha256 as sha2::Digest>::digest(b"program");
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let document = |version: &str, digest: &str| {
        let text = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"metadata":{"timestamp":"2026-11-01T08:00:00Z","authors":[{"name":"Astrid"}],
            "component":{"type":"application","bom-ref":"app","name":"app",VERSION"supplier":{"name":"ACME"},"hashes":[{"alg":"SHA-256","content":"DIGEST"}]}},
            "dependencies":[{"ref":"app"}]}"#;
        fs::write(world.path("app.cdx.json"), text.replace("VERSION", version).replace("DIGEST", digest)).unwrap();
    };
    let args = ["sbom", "check", "app.cdx.json", "--profile", "ntia-2021", "--files", "shipped"];
    document("\"version\":\"1\",", &digest);
    let run = world.run(&args);
    ended(&run, 0, "");
    for said in [
        "PASS app.cdx.json: cyclonedx-1.6+json, 1 components\n",
        "The document is valid by the version that it declares.\n",
        "\nntia-2021: nothing is missing that it demands\n",
        "          met   unmet   not evaluable   not applicable\n  must      8       0               0                0\n",
        "  not counted, because every document that is read meets it: NTIA-08\n",
        "  - NTIA-R2 phase of the lifecycle (V, recommended)\n",
        "In short: ntia-2021: 0 musts unmet, 0 not evaluable; 0 files not listed.\n",
        "  1 of 1 files are listed by digest\n",
    ] {
        assert!(run.stdout.contains(said), "{said:?} is not in\n{}", run.stdout);
    }
    document("", &digest);
    let run = world.run(&args);
    ended(&run, 1, "");
    let said = "  Missing, and it must be there:\n  - NTIA-03 version of the component (IV, Data Fields, p. 9, baseline)\n      asked: `comp.version`\n      app at /metadata/component\n";
    assert!(run.stdout.starts_with("FAIL") && run.stdout.contains(said), "{}", run.stdout);
    document("\"version\":\"1\",", &"00".repeat(32));
    let run = world.run(&args);
    ended(&run, 1, "");
    for said in ["  - not listed: app\n", "  - no such file: app at /metadata/component\n"] {
        assert!(run.stdout.contains(said), "{said:?} is not in\n{}", run.stdout);
    }
    document("\"versoin\":\"1\",", &digest);
    let run = world.run(&[&args[..], &["--output", "json"]].concat());
    ended(&run, 1, "");
    let report: Json = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["violations"][0]["code"], "sbom.unknown-member");
    assert_eq!(report["profiles"][0]["met"], false);
    assert_eq!(report["files"]["listed"], 1);
    sarif(&world.run(&[&args[..], &["-o", "sarif", "--profile", "eu-cra"]].concat()));
    // A digest of another algorithm binds as well.
    let digest = <sha2::Sha512 as sha2::Digest>::digest(b"program");
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    document("\"version\":\"1\",", &digest);
    let path = world.path("app.cdx.json");
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("SHA-256", "SHA-512")).unwrap();
    ended(&world.run(&args), 0, "");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("app", files.join("link")).unwrap();
        let run = world.run(&args);
        ended(&run, 1, "");
        assert!(run.stdout.contains("  - not read: link: "), "{}", run.stdout);
        fs::remove_file(files.join("link")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(world.path("pipe")).status().unwrap();
        assert!(made.success());
        ended(&world.run(&["sbom", "check", "pipe"]), 2, "pipe: not a regular file");
    }
    ended(&world.run(&["sbom", "check", "shipped"]), 2, "this is a folder");
    fs::remove_file(files.join("app")).unwrap();
    let run = world.run(&args);
    ended(&run, 1, "");
    assert!(
        run.stdout.contains("  no files are there that could be listed\n"),
        "nothing passes on nothing: {}",
        run.stdout
    );
    ended(&world.run(&["sbom", "check", "program"]), 2, "no SBOM in a format that is read");
    ended(&world.run(&["sbom", "check", "app.cdx.json", "--profile", "ntia"]), 2, "ntia-2021");
}

/// The rules of the schema of SARIF 2.1.0 that concern what we write: members that are there must be known and of their type.
fn sarif(run: &Run) {
    ended(run, 1, "");
    let log: Json = serde_json::from_str(&run.stdout).unwrap();
    let members = |value: &Json, allowed: &[&str], required: &[&str]| {
        let names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(names.iter().all(|name| allowed.contains(name)), "{names:?}");
        assert!(required.iter().all(|name| names.contains(name)), "{names:?}");
    };
    members(&log, &["$schema", "version", "runs"], &["version", "runs"]);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    members(run, &["tool", "columnKind", "results"], &["tool"]);
    let driver = &run["tool"]["driver"];
    members(driver, &["name", "version", "rules"], &["name"]);
    let rules = driver["rules"].as_array().unwrap();
    for rule in rules {
        let allowed = ["id", "shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"];
        members(rule, &allowed, &["id"]);
        for text in ["shortDescription", "fullDescription", "help"] {
            members(&rule[text], &["text"], &["text"]);
        }
    }
    let mut kinds = std::collections::BTreeSet::new();
    for result in run["results"].as_array().unwrap() {
        members(result, &["ruleId", "ruleIndex", "kind", "level", "message", "locations"], &["message"]);
        assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
        let kind = result["kind"].as_str().unwrap();
        assert!(["pass", "fail", "open", "notApplicable", "informational"].contains(&kind), "{kind}");
        kinds.insert(kind);
        match kind {
            "fail" => assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap())),
            _ => assert!(result.get("level").is_none(), "{result}"),
        }
        for location in result["locations"].as_array().unwrap() {
            members(location, &["physicalLocation", "logicalLocations"], &[]);
            let place = &location["physicalLocation"];
            members(place, &["artifactLocation", "region"], &["artifactLocation"]);
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(!uri.is_empty() && !uri.contains([' ', '\\', '%']), "{uri}");
            if let Some(region) = place.get("region") {
                assert!(region["startLine"].as_u64().unwrap() >= 1);
            }
        }
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["fail", "informational", "open", "pass"]);
    let failed = |id: &str| {
        let mut results = run["results"].as_array().unwrap().iter();
        results.find(|result| result["ruleId"] == id && result["kind"] == "fail").unwrap()["locations"][0].clone()
    };
    let place = failed("NTIA-03");
    assert_eq!(place["physicalLocation"]["artifactLocation"]["uri"], "app.cdx.json");
    assert_eq!(place["physicalLocation"]["region"]["startLine"], 2);
    assert_eq!(place["logicalLocations"][0]["fullyQualifiedName"], "/metadata/component");
    assert_eq!(failed("sbom.unknown-member")["physicalLocation"]["region"]["startLine"], 2);
}

/// A name that would steer a terminal, be a link, or be a placeholder, in a document that lacks things.
fn hostile() -> Json {
    let mut value = cyclonedx();
    let part = value["components"][0].as_object_mut().unwrap();
    part.insert("name".to_owned(), json!("[click](https://evil.example) {0} \u{202e}gpj.exe\u{7f}\u{9b}2J"));
    part.remove("version");
    value
}

#[test]
fn text_of_a_document_steers_no_terminal_and_no_viewer() {
    let world = World::new();
    world.write("a.json", &hostile());
    for kind in ["json", "sarif", "text"] {
        let run = world.run(&["sbom", "check", "a.json", "--profile", "ntia-2021", "-o", kind]);
        ended(&run, 1, "");
        let raw = run.stdout.chars().find(|c| matches!(c, '\u{7f}'..='\u{9f}' | '\u{202e}'));
        assert_eq!(raw, None, "{kind}: {}", run.stdout);
    }
    let report = world.json("json", &["--profile", "ntia-2021"]);
    let name = report["profiles"][0]["rules"][2]["detail"]["first"][0]["name"].as_str().unwrap();
    assert_eq!(name, hostile()["components"][0]["name"], "JSON says what the document says");
    let log = world.json("sarif", &["--profile", "ntia-2021"]);
    let mut results = log["runs"][0]["results"].as_array().unwrap().iter();
    let message = results.find(|result| result["ruleId"] == "NTIA-03").unwrap()["message"]["text"].as_str().unwrap();
    for wrong in ["](", " {0} "] {
        assert!(!message.contains(wrong), "{message}");
    }
    assert!(message.contains("[click] (https://evil.example) {{0}} \\u{{202e}}gpj.exe"), "{message}");
}

#[test]
fn rules_of_sarif_are_described_without_placeholders() {
    let world = World::new();
    let mut value = cyclonedx();
    value["components"][0]["nmae"] = json!("x");
    world.write("a.json", &value);
    let log = world.json("sarif", &["--profile", "ntia-2021"]);
    for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap() {
        let text = rule["shortDescription"]["text"].as_str().unwrap();
        assert!(!text.contains(['{', '}']), "{text}");
    }
    let path = format!("/{}", world.path("a.json").display());
    let run = world.run(&["sbom", "check", &path, "-o", "sarif"]);
    let log: Json = serde_json::from_str(&run.stdout).unwrap();
    let uri = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str();
    assert!(uri.is_some_and(|uri| !uri.starts_with("//")), "the first part of {uri:?} is no host");
}

#[test]
fn what_lists_nothing_is_not_counted_in_noughts() {
    let world = World::new();
    world.write("a.json", &json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}));
    for kind in ["text", "sarif"] {
        let run = world.run(&["sbom", "check", "a.json", "--profile", "bsi-tr-03183-2-v2.1", "-o", kind]);
        ended(&run, 1, "");
        assert!(run.stdout.contains("nothing is listed that it could ask of"), "{}", run.stdout);
        assert!(!run.stdout.contains("0 of 0"), "{}", run.stdout);
    }
}

#[test]
fn what_every_document_meets_is_no_merit() {
    let world = World::new();
    world.write("a.json", &cyclonedx());
    assert_eq!(world.outcome(&["--profile", "eu-cra"], "CRA-01")["given"], true);
    assert_eq!(world.outcome(&["--profile", "eu-cra"], "CRA-02")["given"], false);
    let run = world.run(&["sbom", "check", "a.json", "--profile", "cisa-2026"]);
    let said = "  not counted, because every document that is read meets it: CISA26-M03, CISA26-M04\n";
    assert!(run.stdout.contains(said), "{}", run.stdout);
}

#[test]
fn what_another_sbom_describes_is_looked_up_there() {
    const LINK: &str = "urn:cdx:aaaaaaaa-395b-41f5-a30f-a58921a69b79/1";
    let world = World::new();
    let mut own = cyclonedx();
    let part = own["components"][0].as_object_mut().unwrap();
    for member in ["hashes", "licenses", "properties"] {
        part.remove(member);
    }
    part.insert("externalReferences".to_owned(), json!([{"type": "bom", "url": LINK}]));
    world.write("a.json", &own);
    let mut other = cyclonedx();
    other["serialNumber"] = json!("urn:uuid:aaaaaaaa-395b-41f5-a30f-a58921a69b79");
    other["version"] = json!(1);
    other["metadata"]["component"]["name"] = json!("tls");
    other["metadata"]["component"]["version"] = json!("3.0");
    world.write("tls.json", &other);
    let profile = ["--profile", "bsi-tr-03183-2-v2.1"];
    let with = [&profile[..], &["--with", "tls.json"]].concat();
    for rule in ["BSI21-08", "BSI21-11", "BSI21-12"] {
        assert_eq!(world.outcome(&profile, rule)["result"], "not-evaluable", "{rule}");
        assert_eq!(world.outcome(&with, rule)["result"], "pass", "{rule}");
    }
    let codes = |args: &[&str]| {
        let report = world.json("json", args);
        report["notes"].as_array().unwrap().iter().map(|note| note["code"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&profile), ["sbom.link-unresolved"]);
    assert_eq!(codes(&with), [""; 0]);
    // What the other lacks is lacking, and another component of that name is another one.
    for member in ["hashes", "externalReferences"] {
        other["metadata"]["component"].as_object_mut().unwrap().remove(member);
    }
    world.write("tls.json", &other);
    assert_eq!(world.outcome(&with, "BSI21-12")["result"], "fail");
    other["metadata"]["component"]["version"] = json!("2.9");
    world.write("tls.json", &other);
    assert_eq!(world.outcome(&with, "BSI21-11")["result"], "not-evaluable");
    other["versoin"] = json!(1);
    world.write("tls.json", &other);
    let run = world.run(&["sbom", "check", "a.json", "--with", "tls.json"]);
    ended(&run, 2, "tls.json: this SBOM breaks rules of its own format");
}
