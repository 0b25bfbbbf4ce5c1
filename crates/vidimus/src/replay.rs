//! Replay: the verdict of an archive, computed again from the archive alone, and held against the one that is in it.
//!
//! Nothing here reads a clock: the instant of the verdict is in the archive.

use std::path::Path;

use serde::Serialize;
use serde_json::Value as Json;

use crate::archive::{Archive, ArchiveError, Reading};
use crate::conclude::{Judgement, judge_knowing};
use crate::join::Request;
use crate::knowledge::Knowledge;
use crate::policy::{Anchored, Policy, Product};
use crate::read::{Delivery, Progress};

/// How far a replay reaches (`verification.md` 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The core follows from the record of what was read, and the evidence.
    Decision,
    /// And that record follows from the artifacts.
    Full,
}

impl Level {
    /// Its number.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decision => "L1",
            Self::Full => "L2",
        }
    }
}

/// The first place where two documents differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which document: `reading`, `core`, `details`, `decision_sha256`.
    pub document: &'static str,
    /// JSON pointer (RFC 6901) into it.
    pub pointer: String,
    /// What the archive has there.
    pub archived: Option<Json>,
    /// What came of the replay.
    pub replayed: Option<Json>,
}

/// What came of a replay.
#[derive(Debug)]
pub struct Replayed {
    /// How far it reached.
    pub level: Level,
    /// The judgement.
    pub judgement: Judgement,
    /// The delivery that it was about.
    pub delivery: Delivery,
    /// The policy.
    pub policy: Policy,
    /// The anchor that vouches for it, where one was named.
    pub anchored: Option<Anchored>,
    /// Where it differs from the archive; nothing if it is reproduced byte for byte.
    pub difference: Option<Difference>,
}

/// The request of an archive.
///
/// # Errors
/// It is not one that can be asked.
pub fn request(archive: &Archive) -> Result<Request, ArchiveError> {
    let asked = &archive.contents().request;
    let wrong = |what: &str| ArchiveError::corrupt("contents", format!("the {what} of the request is not usable"));
    let product = asked.product.as_deref().map(Product::parse_request).transpose().map_err(|_| wrong("product"))?;
    let recipient = asked.recipient.clone();
    if recipient.as_ref().is_some_and(|id| crate::reason::identifier(id) != *id) {
        return Err(wrong("recipient"));
    }
    Ok(Request { at: asked.at.parse().map_err(|_| wrong("time"))?, product, recipient })
}

/// Judges again what is in `archive`. The artifacts are read again from `artifacts`, or from the archive if it has them;
/// otherwise the record of the first reading stands for them.
///
/// # Errors
/// The archive contradicts itself, or the artifacts cannot be read.
pub fn replay(archive: &Archive, artifacts: Option<&Path>, progress: &dyn Progress) -> Result<Replayed, ArchiveError> {
    let policy = archive.policy()?;
    let request = request(archive)?;
    let level = if artifacts.is_some() || archive.has_artifacts() { Level::Full } else { Level::Decision };
    let delivery = match level {
        Level::Full => archive.read_again(artifacts, &policy.limits, progress)?,
        Level::Decision => archive.delivery(&policy.limits)?,
    };
    let status = archive.status(&policy.limits)?;
    // The signatures once more; how far `at` was from the clock of then is no question to a replay.
    let anchored = archive.anchored(&policy, request.at)?;
    let knowledge = Knowledge { status: status.as_ref(), state: archive.state(), anchor: anchored.as_ref() };
    let judgement = judge_knowing(&delivery, &policy, knowledge, &request);
    let verdict = &judgement.verdict;
    let reading = Reading::of(&delivery, archive.reading().shape);
    let differs = first(archive.reading(), &reading, "reading")
        .or_else(|| first(archive.core(), verdict.core(), "core"))
        .or_else(|| first(archive.details(), verdict.details(), "details"))
        .or_else(|| first(&archive.contents().decision_sha256, &verdict.decision_sha256().hex(), "decision_sha256"));
    Ok(Replayed { level, difference: differs, judgement, delivery, policy, anchored })
}

/// The first difference of two documents of one kind.
pub fn first<A: Serialize, B: Serialize>(archived: &A, replayed: &B, document: &'static str) -> Option<Difference> {
    let json = |value: Result<Json, serde_json::Error>| value.unwrap_or(Json::Null);
    let (archived, replayed) = (json(serde_json::to_value(archived)), json(serde_json::to_value(replayed)));
    let (pointer, archived, replayed) = difference(&archived, &replayed)?;
    Some(Difference { document, pointer, archived, replayed })
}

type Found = (String, Option<Json>, Option<Json>);

/// The first difference: members in the order of their names, items in theirs.
fn difference(a: &Json, b: &Json) -> Option<Found> {
    let mut pointer = String::new();
    let (mut a, mut b) = (a, b);
    // Down to the first place where they differ and one of them goes no deeper.
    'down: loop {
        if a == b {
            return None;
        }
        let step = |name: &str| format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        match (a, b) {
            (Json::Object(left), Json::Object(right)) => {
                let mut names: Vec<&String> = left.keys().chain(right.keys()).collect();
                names.sort_unstable();
                names.dedup();
                for name in names {
                    match (left.get(name), right.get(name)) {
                        (Some(x), Some(y)) if x == y => {}
                        (Some(x), Some(y)) => {
                            pointer.push_str(&step(name));
                            (a, b) = (x, y);
                            continue 'down;
                        }
                        (x, y) => return Some((pointer + &step(name), x.cloned(), y.cloned())),
                    }
                }
            }
            (Json::Array(left), Json::Array(right)) => {
                for at in 0..left.len().max(right.len()) {
                    match (left.get(at), right.get(at)) {
                        (Some(x), Some(y)) if x == y => {}
                        (Some(x), Some(y)) => {
                            pointer.push_str(&step(&at.to_string()));
                            (a, b) = (x, y);
                            continue 'down;
                        }
                        (x, y) => return Some((pointer + &step(&at.to_string()), x.cloned(), y.cloned())),
                    }
                }
            }
            _ => {}
        }
        return Some((pointer, Some(a.clone()), Some(b.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_difference_and_where_it_is() {
        for (a, b, expected) in [
            (json!({"a": 1}), json!({"a": 1}), None),
            (json!({"a": 1, "b": 1}), json!({"a": 2, "b": 2}), Some(("/a", Some(json!(1)), Some(json!(2))))),
            (
                json!({"x": [1, {"y/~": 1}]}),
                json!({"x": [1, {"y/~": 2}]}),
                Some(("/x/1/y~1~0", Some(json!(1)), Some(json!(2)))),
            ),
            (json!([1, 2]), json!([1]), Some(("/1", Some(json!(2)), None))),
            (json!({}), json!({"n": null}), Some(("/n", None, Some(json!(null))))),
            (json!([]), json!({}), Some(("", Some(json!([])), Some(json!({}))))),
        ] {
            let expected = expected.map(|(pointer, x, y)| (pointer.to_owned(), x, y));
            assert_eq!(difference(&a, &b), expected, "{a} {b}");
        }
    }
}
