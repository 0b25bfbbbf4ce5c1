//! SARIF 2.1.0 (OASIS standard, 27 March 2020): one result for every rule of every profile, for every violation of the format, and
//! for every file that is not listed. Kinds are those of section 3.27.9: `pass`, `fail`, `open` for what is not evaluable,
//! `notApplicable`, `informational` for what every document meets.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value as Json, json};
use vidimus::profile::{Answer, Lacking, Outcome, Profile, Rule, Weight};
use vidimus::reason::{Arg, Reason};
use vidimus::render::{escape, sarif_message};

use super::lines;
use super::report::{Report, counted, named};

/// The log. `text` is the document's own, for the lines of places.
pub(super) fn log(report: &Report<'_>, text: &str) -> Json {
    let places = Places::new(report, text);
    let mut rules = Rules::default();
    let mut results = Vec::new();
    for reason in report.refused {
        results.push(violation(reason, &mut rules, &places, "error"));
    }
    for note in &report.notes {
        results.push(violation(note, &mut rules, &places, "note"));
    }
    for (profile, answers) in report.answers {
        for answer in answers {
            results.push(answered(profile, answer, &mut rules, &places));
        }
    }
    for file in report.files.iter().flat_map(|files| &files.unlisted) {
        let index = rules.index(UNLISTED.0, || described(UNLISTED.0, UNLISTED.1, UNLISTED.2));
        results.push(json!({
            "ruleId": UNLISTED.0, "ruleIndex": index, "kind": "fail", "level": "error",
            "message": message(&format!("The SBOM does not list {} by its digest.", escape(file))),
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(Path::new(file))}}}],
        }));
    }
    for entry in report.files.iter().flat_map(|files| &files.unread) {
        let index = rules.index(UNREAD.0, || described(UNREAD.0, UNREAD.1, UNREAD.2));
        results.push(json!({
            "ruleId": UNREAD.0, "ruleIndex": index, "kind": "fail", "level": "error",
            "message": message(&escape(entry)), "locations": [places.location("", None)],
        }));
    }
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "vidimus", "version": env!("CARGO_PKG_VERSION"), "rules": rules.list}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

const UNLISTED: (&str, &str, &str) = (
    "sbom.unlisted-file",
    "a file that no component of the SBOM means by its digest",
    "Nobody vouches for a file that the SBOM does not list.",
);

const UNREAD: (&str, &str, &str) = (
    "sbom.unread-entry",
    "an entry of the folder that could not be read as a file",
    "What was not read was not compared.",
);

/// Rules in the order of their first use.
#[derive(Default)]
struct Rules {
    list: Vec<Json>,
    known: BTreeMap<String, usize>,
}

impl Rules {
    fn index(&mut self, id: &str, describe: impl FnOnce() -> Json) -> usize {
        if let Some(known) = self.known.get(id) {
            return *known;
        }
        let index = self.list.len();
        self.list.push(describe());
        self.known.insert(id.to_owned(), index);
        index
    }
}

fn described(id: &str, short: &str, full: &str) -> Json {
    json!({"id": id, "shortDescription": message(short), "fullDescription": message(full)})
}

fn message(text: &str) -> Json {
    json!({"text": sarif_message(text)})
}

/// What a reason says, whatever its arguments are.
fn without_arguments(says: &str) -> String {
    let mut parts = says.split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push('…');
        out.push_str(part.split_once('}').map_or(part, |(_, rest)| rest));
    }
    out
}

fn violation(reason: &Reason, rules: &mut Rules, places: &Places<'_>, level: &str) -> Json {
    let info = reason.info();
    let index = rules.index(info.code, || {
        let mut rule = described(info.code, &without_arguments(info.says), info.why);
        if let Some(rule) = rule.as_object_mut() {
            rule.insert("help".to_owned(), message(info.fix));
        }
        rule
    });
    let locations = match reason.args().get("place") {
        Some(Arg::Text(place)) => vec![places.location(place, None)],
        _ => vec![places.location("", None)],
    };
    json!({
        "ruleId": info.code, "ruleIndex": index, "kind": "fail", "level": level,
        "message": message(&escape(&reason.sentence())), "locations": locations,
    })
}

fn answered(profile: &Profile, answer: &Answer<'_>, rules: &mut Rules, places: &Places<'_>) -> Json {
    let rule = answer.rule;
    let index = rules.index(rule.id, || rule_of(profile, rule));
    let mut result = Map::new();
    let mut put = |name: &str, value: Json| drop(result.insert(name.to_owned(), value));
    put("ruleId", rule.id.into());
    put("ruleIndex", index.into());
    let (kind, says, locations) = match &answer.outcome {
        Outcome::Met { .. } if rule.is_given() => {
            ("informational", format!("{}: every document that is read meets this", rule.title), Vec::new())
        }
        Outcome::Met { instead: 0, .. } => ("pass", format!("{}: met", rule.title), Vec::new()),
        Outcome::Met { instead, findings } => (
            "pass",
            format!("{}: met, {instead} times by something else: {}", rule.title, counted(findings)),
            Vec::new(),
        ),
        Outcome::Unmet { asked: 0, .. } => {
            let of = rule.scope.name();
            ("fail", format!("{}: nothing is listed that it could ask of ({of})", rule.title), Vec::new())
        }
        Outcome::Unmet { lacking, asked, first } => {
            let nodes: Vec<String> = first.iter().map(|node| escape(&named(*node))).collect();
            let says = format!(
                "{}: {lacking} of {asked} lack it: {}. Asked: {}",
                rule.title,
                nodes.join(", "),
                rule.ask.words()
            );
            ("fail", says, first.iter().map(|node| places.of(*node)).collect())
        }
        Outcome::NotEvaluable(why) => ("open", format!("{}: not evaluable: {why}", rule.title), Vec::new()),
        Outcome::NotApplicable => {
            ("notApplicable", format!("{}: the document has nothing that this is about", rule.title), Vec::new())
        }
    };
    put("kind", kind.into());
    if kind == "fail" {
        put("level", level(rule).into());
    }
    put("message", message(&says));
    let locations = if locations.is_empty() { vec![places.location("", None)] } else { locations };
    put("locations", locations.into());
    Json::Object(result)
}

const fn level(rule: &Rule) -> &'static str {
    match rule.obligation.weight() {
        Weight::Must => "error",
        Weight::Should => "warning",
        Weight::May => "note",
    }
}

fn rule_of(profile: &Profile, rule: &Rule) -> Json {
    let mut described = described(rule.id, rule.title, &format!("Of {}: {}", rule.scope.name(), rule.ask.words()));
    if let Some(map) = described.as_object_mut() {
        map.insert("defaultConfiguration".to_owned(), json!({"level": level(rule)}));
        map.insert(
            "help".to_owned(),
            message(&format!("{}: {} ({})", profile.edition, rule.clause, rule.obligation.name())),
        );
        let data = profile.sha256().hex().to_owned();
        map.insert(
            "properties".to_owned(),
            json!({
                "profile": profile.id, "edition": profile.edition, "status": profile.status.name(), "dataSha256": data,
                "clause": rule.clause, "obligation": rule.obligation.name(),
            }),
        );
    }
    described
}

/// Where things stand in the document.
struct Places<'a> {
    uri: String,
    lines: BTreeMap<&'a str, usize>,
}

impl<'a> Places<'a> {
    fn new(report: &'a Report<'_>, text: &str) -> Self {
        let answers = report.answers.iter().flat_map(|(_, answers)| answers);
        let lacking = answers.flat_map(|answer| match &answer.outcome {
            Outcome::Unmet { first, .. } => first.as_slice(),
            _ => &[],
        });
        let reasons = report.refused.iter().chain(report.notes.iter().copied()).filter_map(|reason| {
            match reason.args().get("place") {
                Some(Arg::Text(place)) => Some(place.as_str()),
                _ => None,
            }
        });
        let pointers = lacking.map(|node| node.place).chain(reasons).filter(|place| place.starts_with('/'));
        let json = text.trim_start().starts_with('{');
        let lines = if json { lines::of_pointers(text, pointers) } else { BTreeMap::new() };
        Self { uri: uri(report.path), lines }
    }

    fn of(&self, node: Lacking<'_>) -> Json {
        self.location(node.place, Some(node.name).filter(|name| !name.is_empty()))
    }

    /// A place that has a line gets it; every other is the document, with the place as logical location.
    fn location(&self, place: &str, name: Option<&str>) -> Json {
        let line = place
            .strip_prefix("line-")
            .and_then(|number| number.parse().ok())
            .or_else(|| self.lines.get(place).copied());
        let mut physical = json!({"artifactLocation": {"uri": self.uri}});
        if let (Some(line), Some(map)) = (line.filter(|line| *line > 0), physical.as_object_mut()) {
            map.insert("region".to_owned(), json!({"startLine": line}));
        }
        let mut location = json!({"physicalLocation": physical});
        if let (true, Some(map)) = (place.starts_with('/'), location.as_object_mut()) {
            let mut logical = json!({"fullyQualifiedName": place, "kind": "element"});
            if let (Some(name), Some(logical)) = (name, logical.as_object_mut()) {
                logical.insert("name".to_owned(), name.into());
            }
            map.insert("logicalLocations".to_owned(), json!([logical]));
        }
        location
    }
}

/// A relative or absolute path as URI reference: everything beyond plain characters is percent-encoded. Two slashes at the start would
/// make a host of the first part (RFC 3986, section 4.2): one of them does where that is no host.
fn uri(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() };
    let rest = text.trim_start_matches('/');
    let start = match text.len() - rest.len() {
        0 => "",
        2.. if cfg!(windows) => "file://",
        _ => "/",
    };
    let mut out = start.to_owned();
    for byte in rest.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    // A first part with a colon would be read as a scheme, but a colon is encoded.
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_no_hosts() {
        for (path, expected) in [
            ("a/b.json", "a/b.json"),
            ("/tmp/a b.json", "/tmp/a%20b.json"),
            ("c:/x", "c%3A/x"),
            ("./a#b?c", "./a%23b%3Fc"),
        ] {
            assert_eq!(uri(Path::new(path)), expected);
        }
        #[cfg(unix)]
        for (path, expected) in [("//evil.example/x", "/evil.example/x"), ("///x", "/x"), ("a\\b", "a%5Cb")] {
            assert_eq!(uri(Path::new(path)), expected);
        }
    }

    #[test]
    fn what_a_reason_says_without_arguments() {
        assert_eq!(without_arguments("of {lacking} of {asked} at {place}"), "of … of … at …");
    }
}
