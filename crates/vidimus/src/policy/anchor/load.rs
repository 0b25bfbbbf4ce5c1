//! Loading an anchor: every key is honoured or refused, every error at once, each with its place.

use std::collections::BTreeSet;
use std::path::Path;

use super::spec::{ANCHOR, SCHEMA};
use super::{Anchor, Signer};
use crate::conclude::SEMANTICS;
use crate::digest::{Algorithm, Digest};
use crate::policy::load::document::{self, Data, Table, Text};
use crate::policy::load::errors::{BAD_VALUE, DUP_KEY, Errors, ID_TWICE, LoadErrors, SYNTAX, TOO_LARGE, UNREADABLE};
use crate::policy::load::structure::{self, shown};
use crate::policy::load::{exception, files, settings};

crate::reasons! {
    OTHER_SCHEMA = "policy.anchor-schema", Unproven, Operator, [],
        says "the anchor is written for another version, or accepts other evaluation semantics than those of this program",
        why "Another version can mean something else by the same words, and a site that accepts other semantics alone must not get a verdict of these (T32).",
        fix "Use `schema = \"urn:vidimus:anchor:v1\"` and list 1 in `semantics`, or run the program that the anchor is for.";
    ROLES = "policy.anchor-roles", Unproven, Operator, [],
        says "the anchor asks for more roles than it names",
        why "No policy could ever be signed so, and sooner or later somebody lowers the threshold in a hurry.",
        fix "Name more roles, each with a key of its own, or lower the threshold.";
}

/// An anchor has at most so many bytes.
pub(crate) const ANCHOR_BYTES: u64 = 64 * 1024;

/// Loads the anchor at `path`; with it, its bytes.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(path: &Path) -> Result<(Anchor, Vec<u8>), LoadErrors> {
    let shown = path.display().to_string();
    let failed = |info, what: String| {
        let mut errors = Errors::default();
        errors.add_without_place(info, what);
        errors.finish_as("anchor", &shown, "")
    };
    match files::read_bounded(path, ANCHOR_BYTES) {
        Ok(Some(bytes)) => read(&shown, &bytes).map(|anchor| (anchor, bytes)),
        Ok(None) => Err(failed(&TOO_LARGE, format!("the anchor is larger than {ANCHOR_BYTES} bytes"))),
        Err(e) => Err(failed(&UNREADABLE, format!("the anchor {}", files::kind(&e)))),
    }
}

/// Loads an anchor from its bytes; `shown` is what it is called in errors.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(shown: &str, bytes: &[u8]) -> Result<Anchor, LoadErrors> {
    let mut errors = Errors::default();
    let text = std::str::from_utf8(bytes).ok().filter(|_| bytes.len() as u64 <= ANCHOR_BYTES);
    let Some(source) = text else {
        errors.add_without_place(&SYNTAX, "not TOML 1.0: the file is not UTF-8, or too large");
        return Err(errors.finish_as("anchor", shown, ""));
    };
    match parse(source, &mut errors) {
        Some(anchor) if errors.is_empty() => Ok(Anchor { sha256: Digest::sha256(bytes), ..anchor }),
        _ => Err(errors.finish_as("anchor", shown, source)),
    }
}

fn parse(source: &str, errors: &mut Errors) -> Option<Anchor> {
    let document = document::parse(source, errors)?;
    if let Some(schema) = document.text("schema").filter(|schema| schema.text != SCHEMA) {
        let message = format!("`schema` is `{}`; this version reads `{SCHEMA}`", shown(schema.text));
        errors.add(&OTHER_SCHEMA, schema.span, message);
        // Another version has other keys; complaints about them would mislead.
        return None;
    }
    structure::table(&document, &ANCHOR, errors);
    let (empty, semantics) = (Table::default(), semantics(&document, errors));
    let policy = document.table("policy").unwrap_or(&empty);
    if let Some(id) = policy.text("id").filter(|id| !settings::is_urn(id.text)) {
        errors.add(&BAD_VALUE, id.span, "`id` must be a URN such as `urn:example:intake`");
    }
    let digest = policy.text("digest").and_then(|text| pin(text, errors));
    let signatures = policy.table("signatures").unwrap_or(&empty);
    let signers = signers(signatures, errors);
    let threshold = threshold(signatures, errors);
    let time = document.table("time").unwrap_or(&empty);
    let number = |table: &Table, key: &str| table.int(key).and_then(|n| u64::try_from(n).ok()).unwrap_or_default();
    let verifier = document.table("verifier").and_then(|table| table.text("id"));
    if let Some(id) = verifier.filter(|id| !settings::is_type_uri(id.text)) {
        errors.add(&BAD_VALUE, id.span, "`id` must be a URI such as `https://intake.example/verifier/v1`");
    }
    Some(Anchor {
        sha256: Digest::sha256(b""),
        semantics,
        id: policy.string("id")?,
        min_version: number(policy, "min_version"),
        digest,
        threshold,
        signers,
        live_skew_seconds: number(time, "live_skew_seconds"),
        as_of_allowed: time.bool("as_of_allowed")?,
        verifier: verifier.map(|id| id.text.to_owned()),
        state: document.table("state").and_then(|table| table.string("path")),
    })
}

fn semantics(document: &Table, errors: &mut Errors) -> Vec<u64> {
    let list = document.list("semantics");
    let mut accepted = Vec::new();
    for node in list {
        let Data::Int(number) = node.data else { continue };
        let Ok(number) = u64::try_from(number) else { continue };
        if accepted.contains(&number) {
            errors.add(&BAD_VALUE, &node.span, format!("`{number}` stands twice in the list"));
        }
        accepted.push(number);
    }
    if !accepted.is_empty() && !accepted.contains(&SEMANTICS) {
        let message = format!("`semantics` does not list {SEMANTICS}, by which this program evaluates");
        errors.add(&OTHER_SCHEMA, document.span_of("semantics"), message);
    }
    accepted
}

fn pin(text: Text<'_>, errors: &mut Errors) -> Option<Digest> {
    let digest = text.text.strip_prefix("sha256:").and_then(|hex| Digest::parse(Algorithm::Sha256, hex));
    if digest.is_none() {
        let message = format!("`{}` is no digest: `sha256:` and 64 lower-case hexadecimal digits", shown(text.text));
        errors.add(&BAD_VALUE, text.span, message);
    }
    digest
}

fn signers(signatures: &Table, errors: &mut Errors) -> Vec<Signer> {
    let mut signers: Vec<Signer> = Vec::new();
    for table in signatures.tables("signer") {
        let (Some(role), Some(key)) = (table.text("role"), table.text("spki_sha256")) else { continue };
        let named = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if role.text.is_empty() || role.text.len() > 64 || !role.text.bytes().all(named) {
            errors.add(&BAD_VALUE, role.span, "a role has 1 to 64 small letters, digits and `-`");
        }
        let Some(spki_sha256) = exception::sha256(key, errors) else { continue };
        match signers.iter().find(|signer| signer.spki_sha256 == spki_sha256) {
            Some(other) if other.role == role.text => {
                errors.add(&ID_TWICE, key.span, format!("this key stands twice for the role `{}`", shown(role.text)));
            }
            Some(other) => {
                let (one, two) = (shown(&other.role), shown(role.text));
                errors.add(&DUP_KEY, key.span, format!("one key for the roles `{one}` and `{two}`"));
            }
            None => {}
        }
        signers.push(Signer { role: role.text.to_owned(), spki_sha256 });
    }
    signers
}

fn threshold(signatures: &Table, errors: &mut Errors) -> usize {
    let threshold = signatures.int("threshold").and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
    // Also of signers that have other errors, so that one mistake is reported once.
    let roles: BTreeSet<&str> =
        signatures.tables("signer").filter_map(|signer| signer.text("role")).map(|role| role.text).collect();
    if !roles.is_empty() && threshold > roles.len() {
        let message = match roles.len() {
            1 => format!("{threshold} roles are asked for, and 1 is named"),
            many => format!("{threshold} roles are asked for, and {many} are named"),
        };
        errors.add(&ROLES, signatures.span_of("threshold"), message);
    }
    threshold
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const GOOD: &str = r#"schema = "urn:vidimus:anchor:v1"
semantics = [1]

[policy]
id = "urn:example:intake"
min_version = 7
digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000"

[policy.signatures]
threshold = 2
distinct = "role"
[[policy.signatures.signer]]
role = "security-board"
spki_sha256 = "1111111111111111111111111111111111111111111111111111111111111111"
[[policy.signatures.signer]]
role = "procurement"
spki_sha256 = "2222222222222222222222222222222222222222222222222222222222222222"

[time]
live_skew_seconds = 300
as_of_allowed = true

[verifier]
id = "https://intake.example/verifier/v1"
[state]
path = "/var/lib/vidimus/intake-state.json"
"#;

    #[test]
    fn every_key_of_the_design_is_read() {
        let anchor = read("anchor.toml", GOOD.as_bytes()).unwrap();
        assert_eq!((anchor.id.as_str(), anchor.min_version, anchor.threshold), ("urn:example:intake", 7, 2));
        assert_eq!(anchor.digest.as_ref().unwrap().hex(), "0".repeat(64));
        assert_eq!(anchor.roles().into_iter().collect::<Vec<_>>(), ["procurement", "security-board"]);
        assert_eq!((anchor.live_skew_seconds, anchor.as_of_allowed), (300, true));
        assert_eq!(anchor.verifier.as_deref(), Some("https://intake.example/verifier/v1"));
        assert_eq!(anchor.state.as_deref(), Some("/var/lib/vidimus/intake-state.json"));
        assert_eq!(anchor.sha256, Digest::sha256(GOOD.as_bytes()));
        assert_eq!(anchor.explain().len(), 6);
    }

    #[test]
    fn what_may_be_left_out() {
        let short = GOOD.replace("digest = \"sha256", "#").split("[verifier]").next().unwrap().to_owned();
        let anchor = read("anchor.toml", short.as_bytes()).unwrap();
        assert_eq!((anchor.digest, anchor.verifier, anchor.state), (None, None, None));
        // A role with two keys is one role.
        let two = GOOD
            .replace("role = \"procurement\"", "role = \"security-board\"")
            .replace("threshold = 2", "threshold = 1");
        assert_eq!(read("anchor.toml", two.as_bytes()).unwrap().roles().len(), 1);
    }

    #[test]
    fn what_is_wrong_has_a_code_and_a_place() {
        let one = "1111111111111111111111111111111111111111111111111111111111111111";
        let two = "2222222222222222222222222222222222222222222222222222222222222222";
        for (from, to, code, line) in [
            ("anchor:v1", "anchor:v2", "policy.anchor-schema", 1),
            ("semantics = [1]", "semantics = [2]", "policy.anchor-schema", 2),
            ("semantics = [1]", "semantics = [1, 1]", "policy.bad-value", 2),
            ("semantics = [1]", "semantics = []", "policy.vacuous", 2),
            ("semantics = [1]", "semantics = 1", "policy.type", 2),
            ("semantics = [1]\n", "", "policy.missing-key", 1),
            ("min_version = 7", "min_version = 0", "policy.bad-value", 6),
            ("urn:example:intake", "intake", "policy.bad-value", 5),
            ("\"sha256:0", "\"0", "policy.bad-value", 7),
            ("threshold = 2", "threshold = 0", "policy.bad-value", 10),
            ("threshold = 2", "threshold = 3", "policy.anchor-roles", 10),
            ("role = \"procurement\"", "role = \"security-board\"", "policy.anchor-roles", 10),
            ("\"role\"", "\"key\"", "policy.bad-value", 11),
            ("role = \"procurement\"", "role = \"Procurement\"", "policy.bad-value", 16),
            (two, one, "policy.dup-key", 17),
            (two, "22", "policy.bad-value", 17),
            ("threshold", "treshold", "policy.missing-key", 9),
            ("live_skew_seconds = 300", "live_skew_seconds = 301", "policy.bad-value", 20),
            ("as_of_allowed = true", "as_of_allowed = \"true\"", "policy.type", 21),
            ("as_of_allowed = true\n", "", "policy.missing-key", 19),
            ("https://intake", "intake", "policy.bad-value", 24),
            ("path =", "file =", "policy.missing-key", 25),
            ("[state]", "[states]", "policy.unknown-key", 25),
            ("as_of_allowed = true", "as_of_allowed = tru", "policy.syntax", 21),
        ] {
            let changed = GOOD.replacen(from, to, 1);
            assert_ne!(changed, GOOD, "{from}");
            let errors = read("anchor.toml", changed.as_bytes()).unwrap_err();
            let first = errors.errors().first().unwrap();
            assert_eq!((first.info.code, first.line), (code, Some(line)), "{from} → {to}: {errors}");
            assert!(errors.to_string().contains("the anchor is not used"), "{errors}");
        }
        let same = GOOD.replace("role = \"procurement\"", "role = \"security-board\"").replace(two, one);
        let errors = read("anchor.toml", same.replace("threshold = 2", "threshold = 1").as_bytes()).unwrap_err();
        assert_eq!(errors.errors().first().unwrap().info.code, "policy.id-twice");
    }

    /// Whatever happens to the file, it is refused or means the same as another anchor would; it never ends in a panic.
    #[test]
    fn damaged_anchors_are_refused_or_read() {
        for at in 0..GOOD.len() {
            let (before, after) = GOOD.as_bytes().split_at(at);
            let _ = read("anchor.toml", before);
            for byte in [b'"', b'[', b'}', b'\n', b'=', 0xff] {
                let _ = read("anchor.toml", &[before, &[byte], after.get(1..).unwrap_or_default()].concat());
            }
        }
    }

    #[test]
    fn what_is_no_anchor_is_an_error() {
        for bytes in [&b"\xff"[..], b"", b"schema = 1", b"policy = []", &vec![b'#'; 64 * 1024 + 1]] {
            assert!(read("anchor.toml", bytes).is_err());
        }
        assert_eq!(
            load(Path::new("/does/not/exist")).unwrap_err().errors().first().unwrap().info.code,
            "policy.unreadable"
        );
    }
}
