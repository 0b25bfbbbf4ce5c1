//! The runner on a small suite of its own, where every outcome occurs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

use super::*;

const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/corpus/synthetic");

const LISTED: &str = r#"
{"id": "synthetic/excepted", "category": "format-out-of-scope", "reason": "to see one"}
{"id": "synthetic/excepted-and-agrees", "category": "online-only", "reason": "to see one"}
{"id": "synthetic/excepted-and-not-run", "category": "online-only", "reason": "to see one"}
"#;

#[test]
fn every_outcome() {
    let cases = case::load(Path::new(SUITE)).unwrap();
    let mut report = Vec::new();
    let tally = tally(&cases, &Exceptions::parse(LISTED).unwrap(), &mut report).unwrap();
    assert_eq!((tally.stated, tally.agree, tally.excepted), (17, 9, 1), "{tally:#?}");
    assert_eq!(tally.not_run.values().sum::<usize>(), 1);
    let surprises: Vec<&str> = tally.surprises.iter().map(String::as_str).collect();
    assert_eq!(
        surprises,
        [
            "synthetic/other-reason: fails for evidence.missing signature.unknown-key, not for log.entry-mismatch \
             (log entry does not match)",
            "synthetic/unread-reason: fails for evidence.missing signature.unknown-key; no row of corpus/families.rs \
             reads: because",
            "synthetic/found-pass: expected fail (signed by another key), found pass",
            "synthetic/found-fail: expected pass, found evidence.missing signature.unknown-key",
            "synthetic/excepted-and-agrees: is listed as an exception, and agrees",
            "synthetic/excepted-and-not-run: is listed as an exception, and is not run",
        ]
    );
    assert_eq!(report.iter().filter(|byte| **byte == b'\n').count(), cases.len());
}

#[test]
fn an_online_pass_agrees_only_where_time_alone_is_missing() {
    let mut case = case::load(Path::new(SUITE)).unwrap().remove(0);
    case.requires_online = Some(true);
    for (codes, same) in [
        (&["evidence.missing", "time.unproven"][..], true),
        (&["evidence.missing"], false),
        (&["signature.invalid", "time.unproven"], false),
    ] {
        let decision = Decision::Fail(codes.iter().map(|code| (*code).to_owned()).collect());
        assert_eq!(difference(&case, Expected::Pass, &decision).is_none(), same, "{codes:?}");
    }
}

#[test]
fn an_online_fail_counts_only_for_the_origins_reason() {
    let mut case = case::load(Path::new(SUITE)).unwrap().remove(0);
    case.expected = Some(Expected::Fail);
    case.expected_reason = Some("ErrorMismatchSource".to_owned());
    let outcome = |case: &Case, codes: &[&str]| {
        let decision = Decision::Fail(codes.iter().map(|code| (*code).to_owned()).collect());
        match compare(case, &decision, &Exceptions::default()) {
            Outcome::Agree => "agree",
            Outcome::NotRun(_) => "not run",
            Outcome::Excepted => "excepted",
            Outcome::Surprise(_) => "surprise",
        }
    };
    for (online, codes, expected) in [
        (true, &["provenance.source"][..], "agree"),
        (true, &["evidence.missing", "time.unproven"], "not run"),
        (true, &["signature.invalid"], "surprise"),
        (false, &["evidence.missing", "time.unproven"], "surprise"),
    ] {
        case.requires_online = Some(online);
        assert_eq!(outcome(&case, codes), expected, "{codes:?}");
    }
}

#[test]
fn unknown_and_empty_suites_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let options = |suites: &[&str]| Options {
        dir: Some(dir.path().to_owned()),
        suites: suites.iter().map(|suite| (*suite).to_owned()).collect(),
        report: None,
    };
    let run = |suites: &[&str]| run(dir.path(), &options(suites));
    assert!(run(&[]).is_err(), "nothing to run");
    assert!(run(&["no-such"]).is_err());
    for (folder, cases) in [("dsse", ""), ("jcs", "")] {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
        std::fs::write(dir.path().join(folder).join("cases.jsonl"), cases).unwrap();
    }
    assert_eq!(run(&["dsse"]), Ok(false), "empty");
    assert_eq!(run(&["jcs"]), Ok(false), "not decided");
    std::fs::create_dir(dir.path().join("no-such")).unwrap();
    assert!(run(&[]).is_err(), "a folder that no table knows");
}
