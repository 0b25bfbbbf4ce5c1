//! Lists of digests as `sha256sum` writes them (`SHA256SUMS`), GNU and BSD form. Unsigned they mean nothing; a signature over
//! the list is one over each file that it names by digest.

use std::collections::BTreeMap;

use super::MALFORMED;
use crate::digest::{Algorithm, DigestSet};
use crate::limits::Limits;
use crate::reason::Reason;

crate::reasons! {
    LINES = "limit.checksums", Unproven, Vendor, ["limit"],
        says "a list of checksums with more than {limit} files",
        why "Input is bounded by counters, so that no document can exhaust the machine, on any machine (T36).",
        fix "Split the list, or have the operator raise `limits.max_components` up to the ceiling.";
}

/// A list of checksums: digests by file name. Names never bind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksums {
    /// What is known of each name; two lines of one name must belong to the same bytes.
    pub files: BTreeMap<String, DigestSet>,
}

/// Can a file that starts so be a list?
pub(super) fn has_mark(prefix: &[u8]) -> bool {
    let start = prefix.get(..64).unwrap_or_default();
    !start.is_empty() && start.iter().all(u8::is_ascii_hexdigit) || bsd_name(prefix).is_some()
}

/// The list, or why it is none; `None` where the first line is no line of such a list.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Option<Result<Checksums, Reason>> {
    let first = bytes.split(|b| *b == b'\n').next().and_then(|line| std::str::from_utf8(line).ok())?;
    line(first.trim_end_matches('\r'))?;
    Some(all(bytes, limits))
}

fn all(bytes: &[u8], limits: &Limits) -> Result<Checksums, Reason> {
    let wrong = |member| Reason::new(&MALFORMED).name("format", "list of checksums").name("member", member);
    let text = std::str::from_utf8(bytes).map_err(|_| wrong("text"))?;
    let mut files: BTreeMap<String, DigestSet> = BTreeMap::new();
    for listed in text.lines() {
        let (algorithm, hex, name) = line(listed).ok_or_else(|| wrong("a line that is not `DIGEST  NAME`"))?;
        let set = files.entry(name.to_owned()).or_default();
        let hex = hex.to_ascii_lowercase();
        set.insert(algorithm.name(), &hex).map_err(|_| wrong("one name with two digests"))?;
        if files.len() as u64 > limits.components {
            return Err(Reason::new(&LINES).int("limit", limits.components));
        }
    }
    Ok(Checksums { files })
}

/// One line: which digest, of what name. GNU's form with a backslash before the line, for names with line ends, is none.
fn line(line: &str) -> Option<(Algorithm, &str, &str)> {
    let (algorithm, hex, name) = match bsd_name(line.as_bytes()) {
        Some(algorithm) => {
            let (name, hex) = line.split_once(" (")?.1.rsplit_once(") = ")?;
            (algorithm, hex, name)
        }
        None => {
            let (hex, name) = line.split_once(' ')?;
            let algorithm = Algorithm::ALL.into_iter().find(|algorithm| algorithm.len() * 2 == hex.len())?;
            (algorithm, hex, name.strip_prefix([' ', '*'])?)
        }
    };
    let name = name.strip_prefix("./").unwrap_or(name);
    let fits = hex.len() == algorithm.len() * 2 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    (fits && !name.is_empty() && !name.chars().any(char::is_control)).then_some((algorithm, hex, name))
}

/// The algorithm that a line of the BSD form begins with.
fn bsd_name(line: &[u8]) -> Option<Algorithm> {
    let is = |algorithm: &Algorithm| {
        let name = algorithm.name().to_ascii_uppercase();
        line.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b" ("))
    };
    Algorithm::ALL.into_iter().find(is)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lists() {
        let (a, b, long) = ("a".repeat(64), "B".repeat(64), "c".repeat(128));
        for (text, expected) in [
            (format!("{a}  tool\n"), "tool"),
            (format!("{a}  tool"), "tool"),
            (format!("{a} *tool\n{b}  lib/x y\n"), "lib/x y,tool"),
            (format!("{a}  ./tool\r\n{b}  b\r\n"), "b,tool"),
            (format!("SHA256 (tool (1)) = {a}\nSHA512 (tool (1)) = {long}\n"), "tool (1)"),
            (format!("{a}  tool\n{long}  tool\n"), "tool"),
            (format!("{a}  tool\n{a}  tool\n"), "tool"),
            (format!("{a}  tool\n{b}  tool\n"), "parse.malformed"),
            (format!("{a}  tool\n\n{b}  b\n"), "parse.malformed"),
            (format!("{a}  tool\nrm -rf /\n"), "parse.malformed"),
            (format!("{a}  tool\n# comment\n"), "parse.malformed"),
            (format!("{a}  tool\n{}  md5\n", "d".repeat(32)), "parse.malformed"),
            (format!("{a}  tool\n\\{b}  a\\nb\n"), "parse.malformed"),
            (format!("{a}  tool\nSHA256 (x) = {long}\n"), "parse.malformed"),
            (format!("{a}  a\n{b}  b\n{b}  c\n"), "limit.checksums"),
            (format!("{a}  \n"), "none"),
            (format!("{a} tool\n"), "none"),
            (format!("{}  tool\n", "d".repeat(40)), "none"),
            (format!("{}  tool\n", "g".repeat(64)), "none"),
            ("SHA256 (tool) = 00\n".to_owned(), "none"),
            (String::new(), "none"),
        ] {
            let limits = Limits { components: 2, ..Limits::MAX };
            let found = match read(text.as_bytes(), &limits) {
                None => "none".to_owned(),
                Some(Err(reason)) => reason.code().to_owned(),
                Some(Ok(list)) => list.files.keys().cloned().collect::<Vec<_>>().join(","),
            };
            assert_eq!(found, expected, "{text}");
            assert!(found == "none" || has_mark(text.get(..64).unwrap_or(&text).as_bytes()), "{text}");
        }
    }
}
