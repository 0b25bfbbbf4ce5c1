#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;

fn origin() -> Value {
    json!({
        "assertedBy": "#vendor", "capacity": "self", "assertedOn": "2026-11-20T10:00:00Z",
        "countryCodes": {"standard": "ISO 3166-1 alpha-2", "snapshot": "2026-11-01"},
        "parties": [{"id": "#vendor", "legalName": "Example Oy", "registeredIn": {"country": "FI"}}],
        "origins": [{"stage": "built", "coverage": "complete", "locations": [{"place": {"country": "FI"}, "performedBy": "#vendor"}]}],
    })
}

fn certification() -> Value {
    json!({
        "scheme": {"id": "nesas-ccs-gi", "version": "2.0"}, "certificate": {"number": "R-1"},
        "issuer": {"name": "Rhein", "jurisdiction": "DE"},
        "scope": {"product": "pkg:generic/a/b@1", "binding": "subject-digest"},
        "validity": {"from": "2026-10-01T00:00:00Z", "until": "2028-09-30T23:59:59Z"},
        "statusList": "urn:status:rhein",
    })
}

fn status_list() -> Value {
    json!({
        "list": "urn:status:deny", "number": 1, "thisUpdate": "2026-11-23T06:00:00Z", "nextUpdate": "2026-11-26T06:00:00Z",
        "scope": ["key"],
        "entries": [{"kind": "key", "target": format!("spki-sha256:{}", "a".repeat(64)), "state": "compromised", "since": "2025-10-02T00:00:00Z"}],
    })
}

fn provenance() -> Value {
    json!({
        "buildDefinition": {"buildType": "urn:x:y", "externalParameters": {}, "resolvedDependencies": [{"uri": "git+https://h/r"}]},
        "runDetails": {"builder": {"id": "https://b.example"}, "metadata": {"startedOn": "2026-01-01T00:00:00Z", "finishedOn": "2026-01-01T00:00:01.5Z"}},
    })
}

fn vsa() -> Value {
    json!({
        "verifier": {"id": "https://v.example"}, "timeVerified": "2026-01-01T00:00:00Z", "resourceUri": "pkg:generic/a@1",
        "policy": {"uri": "urn:p"}, "verificationResult": "PASSED", "verifiedLevels": ["SLSA_BUILD_LEVEL_3"],
    })
}

fn vulns() -> Value {
    json!({
        "scanner": {"uri": "pkg:generic/scan@1", "db": {"lastUpdate": "2026-01-01T00:00:00.25Z"}, "result": [{"id": "CVE-1", "severity": [{"method": "cvss", "score": "5.2"}]}]},
        "metadata": {"scanStartedOn": "2026-01-01T00:00:00Z", "scanFinishedOn": "2026-01-01T00:00:01Z"},
    })
}

/// A kind, a predicate that is taken, and changes of it: a place, a value, and what is said.
type Row = (Kind, Value, Vec<(&'static str, Value, &'static str)>);
/// Each kind with one good predicate, and what must be told of it with one thing changed.
#[test]
fn predicates_are_held_against_their_types() {
    let test = json!({"result": "PASSED", "configuration": [{"digest": {"gitCommit": "ab"}}], "passedTests": ["a"]});
    let delivery = json!({"product": "pkg:generic/a@1", "sequence": 1});
    let refer = reference("urn:a", "https://h/x", &vidimus::digest::Digest::sha256(b""), "application/json");
    let rows: Vec<Row> = vec![
        (
            ORIGIN,
            origin(),
            vec![
                (
                    "/origins/0/locations/0/place/country",
                    json!("fi"),
                    "origins[0].locations[0].place.country: not a country code",
                ),
                ("/origins/0/locations/0/performedBy", json!("#other"), "performedBy: none of the parties"),
                ("/origins/0/locations", json!([]), "coverage is `complete`"),
                ("/origins/0/locations/0/percent", json!(101), "more than 100 per cent"),
                ("/origins/0/stage", json!("custom"), "customStage"),
                ("/capacity", json!("king"), "capacity: unknown variant"),
                ("/colour", json!("red"), "unknown field `colour`"),
                ("/assertedOn", json!("yesterday"), "assertedOn: not a time in UTC"),
                ("/parties", json!([]), "parties: the list is empty"),
            ],
        ),
        (
            CERTIFICATION,
            certification(),
            vec![
                ("/validity/until", json!("2026-09-30T23:59:59Z"), "it ends before it begins"),
                ("/scope/binding", json!("by-name"), "scope.binding: unknown variant"),
                ("/scope/product", json!("router"), "scope.product: not a package URL"),
                ("/scope/coverage", json!("most"), "scope.coverage: unknown variant"),
                ("/scheme/id", json!("Common Criteria"), "scheme.id: not an identifier"),
                ("/certificate/issued", json!("2029-01-01T00:00:00Z"), "after the end"),
                ("/statusList", Value::Null, "statusList"),
                ("/reports", json!([{"uri": "urn:report:7"}]), "reports[0]: missing field `digest`"),
                ("/reports", json!([{"digest": {"sha256": "00"}}]), "not a sha256 digest"),
            ],
        ),
        (
            STATUS_LIST,
            status_list(),
            vec![
                ("/number", json!(0), "number: not an integer from 1"),
                ("/nextUpdate", json!("2026-11-23T06:00:00Z"), "not after thisUpdate"),
                ("/entries/0/target", json!("abc"), "spki-sha256:HEX"),
                ("/entries/0/kind", json!("digest"), "sha256:HEX is its form"),
                ("/scope", json!(["digest"]), "not in the scope"),
                ("/entries/0/effective", json!("2025-10-03T00:00:00Z"), "effective: after since"),
                ("/number", json!(2), "previous: goes with every number but 1"),
            ],
        ),
        (
            PROVENANCE,
            provenance(),
            vec![
                ("/runDetails/builder/id", json!("me"), "runDetails.builder.id: not a URI"),
                ("/runDetails/metadata/startedOn", json!("2027-01-01T00:00:00Z"), "finished before it started"),
                ("/buildDefinition/resolvedDependencies/0", json!({"name": "x"}), "needs a `uri`"),
                ("/buildDefinition/level", json!(3), "unknown field `level`"),
            ],
        ),
        (
            VSA,
            vsa(),
            vec![
                ("/verificationResult", json!("OK"), "unknown variant"),
                ("/verifiedLevels", json!(["FAILED"]), "FAILED beside"),
                ("/verifiedLevels", json!(["SLSA_BUILD_LEVEL_3", "SLSA_BUILD_LEVEL_2"]), "two levels of the track"),
            ],
        ),
        (
            TEST_RESULT,
            test,
            vec![
                ("/failedTests", json!(["b"]), "the result is not FAILED"),
                ("/result", json!("passed"), "unknown variant"),
                ("/configuration", Value::Null, "configuration"),
            ],
        ),
        (
            VULNS,
            vulns(),
            vec![
                ("/metadata/scanFinishedOn", json!("2025-01-01T00:00:00Z"), "finished before it started"),
                ("/scanner/result/0/severity/0/score", json!(5), "score"),
            ],
        ),
        (RELEASE, json!({"purl": "pkg:generic/a@1"}), vec![("/purl", json!("a"), "not a package URL")]),
        (
            REFERENCE,
            refer,
            vec![
                ("/references", json!([]), "the list is empty"),
                ("/references/0/digest", json!({"sha256": "zz"}), "not a sha256 digest"),
            ],
        ),
        (
            DELIVERY,
            delivery,
            vec![
                ("/sequence", json!(0), "begin with 1"),
                ("/closed", json!(false), "a delivery is closed"),
                ("/created", json!("2026-11-20T08:00:00.5Z"), "created"),
                ("/orderRef", json!("  "), "/orderRef: not text: it is empty"),
                ("/recipient", json!("you and me"), "not a URI"),
            ],
        ),
    ];
    assert_eq!(rows.len(), ALL.len(), "every kind has a row");
    for (kind, good, wrong) in rows {
        kind.checked(good.clone()).unwrap_or_else(|e| panic!("{kind:?}: {e}"));
        for (at, value, expected) in wrong {
            let mut changed = good.clone();
            let (parent, name) = at.rsplit_once('/').unwrap();
            match (changed.pointer_mut(parent).unwrap(), value) {
                (Value::Object(map), Value::Null) => drop(map.remove(name)),
                (Value::Object(map), value) => drop(map.insert(name.to_owned(), value)),
                (list, value) => list[name.parse::<usize>().unwrap()] = value,
            }
            let error = kind.checked(changed).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(expected), "{kind:?} {at}: {error}");
        }
        assert!(kind.checked(json!([])).is_err());
    }
    let mut extended = vsa();
    extended["urn:vidimus:verdict-core"] = json!({"basis": "unproven"});
    VSA.checked(extended).unwrap();
}

#[test]
fn files_are_toml_or_json() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p");
    let toml = "at = 2026-11-20T08:00:00Z\nn = 3\nlist = [{ a = true }]\n[x.y]\nz = 'q'\n[[t]]\nk = 1\n";
    for (text, expected) in [
        (
            toml,
            Ok(
                json!({"at": "2026-11-20T08:00:00Z", "n": 3, "list": [{"a": true}], "x": {"y": {"z": "q"}}, "t": [{"k": 1}]}),
            ),
        ),
        (r#" {"a": 1}"#, Ok(json!({"a": 1}))),
        (r#"{"a": 1, "a": 2}"#, Err("appears twice")),
        ("a = 1.5", Err("write it as a string")),
        ("a = 1\nb == 2", Err("line 2: not TOML 1.0")),
        ("a = 1\na = 2", Err("not TOML 1.0")),
    ] {
        std::fs::write(&path, text).unwrap();
        match (read(&path), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(e), Err(part)) => assert!(e.to_string().contains(part) || part == "appears twice", "{e}"),
            (found, _) => panic!("{text}: {found:?}"),
        }
    }
}

#[test]
fn the_command_line_wins() {
    let mut base = json!({"a": {"b": 1, "c": 2}, "d": [1]});
    overlay(&mut base, json!({"a": {"b": 3, "e": {"f": 1}}, "d": [2]}));
    assert_eq!(base, json!({"a": {"b": 3, "c": 2, "e": {"f": 1}}, "d": [2]}));
}

/// Names of variables and values as the systems document them.
fn variables(system: &str) -> BTreeMap<&'static str, &'static str> {
    let sha = "0123456789012345678901234567890123456789";
    let list: &[(&str, &str)] = match system {
        "github" => &[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "acme/app"),
            ("GITHUB_REF", "refs/tags/v1"),
            ("GITHUB_WORKFLOW_REF", "acme/app/.github/workflows/release.yml@refs/tags/v1"),
            ("GITHUB_RUN_ID", "7"),
            ("GITHUB_SHA", sha),
            ("GITHUB_EVENT_NAME", "push"),
            ("RUNNER_ENVIRONMENT", "github-hosted"),
        ],
        "gitlab" => &[
            ("GITLAB_CI", "true"),
            ("CI_PROJECT_URL", "https://gitlab.example/acme/app"),
            ("CI_COMMIT_TAG", "v1"),
            ("CI_COMMIT_SHA", sha),
            ("CI_RUNNER_ID", "4"),
            ("CI_JOB_NAME", "build"),
            ("CI_JOB_URL", "https://gitlab.example/acme/app/-/jobs/1"),
        ],
        "jenkins" => &[
            ("JENKINS_URL", "https://ci.example/"),
            ("GIT_URL", "https://user:secret@git.example/acme/app.git"),
            ("GIT_BRANCH", "origin/main"),
            ("GIT_COMMIT", sha),
            ("JOB_NAME", "app"),
            ("BUILD_URL", "https://ci.example/job/app/1/"),
        ],
        "azure" => &[
            ("TF_BUILD", "True"),
            ("BUILD_REPOSITORY_URI", "https://org@dev.azure.com/org/app/_git/app"),
            ("BUILD_SOURCEBRANCH", "refs/heads/main"),
            ("BUILD_SOURCEVERSION", sha),
            ("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI", "https://dev.azure.com/org/"),
            ("SYSTEM_TEAMPROJECT", "my app"),
            ("BUILD_BUILDID", "9"),
            ("BUILD_DEFINITIONNAME", "release"),
        ],
        "circleci" => &[
            ("CIRCLECI", "true"),
            ("CIRCLE_REPOSITORY_URL", "https://github.com/acme/app"),
            ("CIRCLE_BRANCH", "main"),
            ("CIRCLE_SHA1", sha),
            ("CIRCLE_JOB", "build"),
            ("CIRCLE_BUILD_URL", "https://circleci.com/gh/acme/app/3"),
        ],
        _ => &[
            ("BITBUCKET_BUILD_NUMBER", "5"),
            ("BITBUCKET_GIT_HTTP_ORIGIN", "https://bitbucket.org/acme/app"),
            ("BITBUCKET_TAG", "v1"),
            ("BITBUCKET_COMMIT", sha),
            ("BITBUCKET_STEP_UUID", "{1}"),
        ],
    };
    list.iter().copied().collect()
}

#[test]
fn provenance_of_each_ci_system() {
    for (system, source, builder) in [
        ("github", "git+https://github.com/acme/app@refs/tags/v1", "https://github.com/actions/runner/github-hosted"),
        ("gitlab", "git+https://gitlab.example/acme/app@refs/tags/v1", "https://gitlab.example/acme/app/-/runners/4"),
        ("jenkins", "git+https://git.example/acme/app@refs/heads/main", "https://ci.example/"),
        ("azure", "git+https://dev.azure.com/org/app/_git/app@refs/heads/main", "https://dev.azure.com/org/my%20app"),
        ("circleci", "git+https://github.com/acme/app@refs/heads/main", "https://circleci.com/"),
        ("bitbucket", "git+https://bitbucket.org/acme/app@refs/tags/v1", "https://bitbucket.org/pipelines"),
    ] {
        let set = variables(system);
        let lookup = |name: &str| set.get(name).map(|value| (*value).to_owned());
        let made = ci::provenance("auto", &lookup).unwrap();
        assert_eq!(made.pointer("/buildDefinition/resolvedDependencies/0/uri").unwrap(), source);
        assert_eq!(made.pointer("/runDetails/builder/id").unwrap(), builder);
        assert!(!made.to_string().contains("secret"));
        PROVENANCE.checked(made).unwrap();
        for missing in set.keys().filter(|name| {
            !ci::SYSTEMS
                .iter()
                .any(|s| s.name == system && set.get(*name).is_some_and(|v| *v == "true" || *v == "True"))
        }) {
            let lookup = |name: &str| set.get(name).filter(|_| name != *missing).map(|value| (*value).to_owned());
            // What can be left out is left out; nothing is made up.
            if let Ok(made) = ci::provenance(system, &lookup) {
                PROVENANCE.checked(made).unwrap();
            }
        }
    }
    assert_eq!(ci::SYSTEMS.len(), 6);
    assert!(ci::provenance("auto", &|_| None).unwrap_err().to_string().contains("no job of a CI system"));
    assert!(ci::provenance("make", &|_| None).is_err());
    assert!(ci::provenance("auto", &|_| Some("x".to_owned())).unwrap_err().to_string().contains("several"));
    let error = ci::provenance("github", &|_| None).unwrap_err().to_string();
    assert!(error.contains("GITHUB_SERVER_URL is not set"), "{error}");
}
