//! Status lists: what is revoked, numbered and chained, so that a newer list cannot be withheld and an older one not be replayed.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde_json::{Value, json};
use vidimus::decode::{self, Content, Envelope};
use vidimus::digest::Digest;
use vidimus::limits::Limits;
use vidimus::time::Time;

use crate::error::Error;
use crate::predicate::{self, STATUS_LIST};
use crate::statement::Statement;
use crate::subject::Subject;

/// A list to be issued.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Its name, a URI.
    pub list: String,
    /// At least 1, and greater than that of the list before; left out, the next.
    pub number: Option<u64>,
    /// From when it holds.
    pub this_update: Time,
    /// When the next one comes at the latest.
    pub next_update: Time,
    /// What it is about: `digest`, `key`, `attestation`, `certificate`.
    pub scope: Vec<String>,
    /// `{"entries": […]}` of a file; entries as the predicate has them.
    pub entries: Value,
    /// The list before.
    pub previous: Option<Previous>,
}

/// A list that was issued before.
#[derive(Clone, Debug)]
pub struct Previous {
    list: String,
    number: u64,
    this_update: Time,
    id: Digest,
    entries: Vec<Said>,
}

/// What a list says of one thing.
#[derive(Clone, Debug)]
struct Said {
    kind: String,
    target: String,
    state: String,
    since: Time,
    effective: Time,
}

impl Said {
    /// What the predicate says. Nothing is left out that the list says: an entry that is not understood is an error.
    fn of(predicate: &Value) -> Result<Vec<Self>, Error> {
        let entries = predicate.get("entries").and_then(Value::as_array);
        entries.into_iter().flatten().map(|entry| Self::entry(entry).ok_or_else(unread)).collect()
    }

    fn entry(entry: &Value) -> Option<Self> {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let since: Time = text("since")?.parse().ok()?;
        // Since when it is so: where nothing else is said, since it is said.
        let effective = text("effective").map_or(Some(since), |text| text.parse().ok())?;
        let [kind, target, state] = ["kind", "target", "state"].map(|name| text(name).map(ToOwned::to_owned));
        Some(Self { kind: kind?, target: target?, state: state?, since, effective })
    }

    /// Whoever reads this one instead of `before` lets more pass, at some instant.
    fn is_softer_than(&self, before: &Self) -> bool {
        let suspended = |said: &Self| said.state == "suspended";
        suspended(self) && !suspended(before) || self.since > before.since || self.effective > before.effective
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} since {}", self.state, self.since)?;
        if self.effective == self.since { Ok(()) } else { write!(f, ", in effect since {}", self.effective) }
    }
}

fn unread() -> Error {
    Error::predicate(STATUS_LIST.name, "an entry whose state or times cannot be read")
}

impl Previous {
    /// Reads a list that was issued before. Its signature is not verified: it is the issuer's own.
    ///
    /// # Errors
    /// It cannot be read, or is no status list.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = predicate::bounded(path, Limits::MAX.evidence_item_bytes)?;
        let no = || Error::input(format!("{}: not a status list in a bundle or envelope", path.display()));
        let Content::Signed(items) = decode::document(&bytes, &Limits::MAX) else { return Err(no()) };
        let [item] = items.as_slice() else { return Err(no()) };
        let dsse = item.envelope.as_ref().ok().and_then(Envelope::dsse).ok_or_else(no)?;
        let statement = decode::json(&dsse.payload).map_err(|_| no())?;
        if statement.get("predicateType").and_then(Value::as_str) != Some(STATUS_LIST.uri) {
            return Err(no());
        }
        let read = STATUS_LIST.checked(statement.get("predicate").cloned().unwrap_or_default())?;
        let list = read.get("list").and_then(Value::as_str).ok_or_else(no)?.to_owned();
        let number = read.get("number").and_then(Value::as_u64).ok_or_else(no)?;
        let this_update = read.get("thisUpdate").and_then(Value::as_str).and_then(|text| text.parse().ok());
        let this_update = this_update.ok_or_else(no)?;
        Ok(Self { list, number, this_update, id: item.id.clone(), entries: Said::of(&read)? })
    }
}

impl Issue {
    /// The statement that issues the list. What was on the list before and is not on this one is no longer held against anybody, and
    /// what is only suspended, or holds from a later instant, is held against less; so an entry that is left out or softened must be
    /// meant.
    ///
    /// # Errors
    /// The list breaks its schema, does not follow the one before in number and time, or drops or softens entries without `may_drop`.
    pub fn statement(&self, may_drop: bool) -> Result<Statement, Error> {
        let number = match (&self.previous, self.number) {
            (None, Some(1)) => 1,
            (None, Some(_)) => {
                return Err(Error::input("a list after the first names the one before")
                    .with_hint("name it with `--previous`; readers follow the chain back"));
            }
            (None, None) => {
                return Err(Error::input("there is neither a number nor a previous list")
                    .with_hint("the first list has `--number 1`; each later one names `--previous`"));
            }
            (Some(previous), number) => {
                if previous.list != self.list {
                    let before = vidimus::render::escape(&previous.list);
                    return Err(Error::input(format!("the previous list is {before}, another one")));
                }
                let number = number.unwrap_or_else(|| previous.number.saturating_add(1));
                if number <= previous.number {
                    return Err(Error::Sequence { given: number, previous: previous.number });
                }
                if self.this_update <= previous.this_update {
                    let (given, before) = (self.this_update, previous.this_update);
                    return Err(Error::input(format!(
                        "thisUpdate {given} is not later than {before}, that of the list before"
                    ))
                    .with_hint(
                        "say when this list is true; where two lists disagree, readers must know which is the later",
                    ));
                }
                number
            }
        };
        let entries = self.entries.get("entries").and_then(Value::as_array).cloned().unwrap_or_default();
        let previous = self.previous.as_ref().map(|previous| json!({"sha256": previous.id.hex()}));
        let predicate = predicate::object([
            ("list", Some(json!(self.list))),
            ("number", Some(json!(number))),
            ("thisUpdate", Some(json!(self.this_update.to_string()))),
            ("nextUpdate", Some(json!(self.next_update.to_string()))),
            ("previous", previous),
            ("scope", predicate::text_list(&self.scope)),
            ("entries", Some(Value::Array(entries))),
        ]);
        let predicate = STATUS_LIST.checked(predicate)?;
        if !may_drop {
            self.keeps(&Said::of(&predicate)?)?;
        }
        // A statement needs a subject; the list is about itself, by its name.
        let subject = Subject { name: self.list.clone(), sha256: Digest::sha256(self.list.as_bytes()) };
        Statement::new(STATUS_LIST.name, &[subject], STATUS_LIST.uri, &predicate)
    }

    /// Is everything that the list before says still said, and no softer?
    fn keeps(&self, entries: &[Said]) -> Result<(), Error> {
        let by_thing: BTreeMap<(&str, &str), &Said> =
            entries.iter().map(|said| ((said.kind.as_str(), said.target.as_str()), said)).collect();
        for before in self.previous.iter().flat_map(|previous| &previous.entries) {
            let name = vidimus::render::escape(&before.target);
            match by_thing.get(&(before.kind.as_str(), before.target.as_str())) {
                None => {
                    return Err(Error::input(format!("{name} is on the previous list and not on this one"))
                        .with_hint("keep the entry; if it shall be lifted, say so with `--drop`"));
                }
                Some(now) if now.is_softer_than(before) => {
                    return Err(Error::input(format!(
                        "{name} is {before} on the previous list, and only {now} on this one"
                    ))
                    .with_hint("keep what the entry says; if it shall be softened, say so with `--drop`"));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}
