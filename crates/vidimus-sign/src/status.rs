//! Status lists: what is revoked, numbered and chained, so that a newer list cannot be withheld and an older one not be replayed.

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
    id: Digest,
    entries: Vec<Value>,
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
        let entries = read.get("entries").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(Self { list, number, id: item.id.clone(), entries })
    }
}

impl Issue {
    /// The statement that issues the list. What was on the list before and is not on this one is no longer held against anybody; so
    /// leaving an entry out must be said.
    ///
    /// # Errors
    /// The list breaks its schema, does not follow the one before, or drops entries without `may_drop`.
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
                number
            }
        };
        let entries = self.entries.get("entries").and_then(Value::as_array).cloned().unwrap_or_default();
        let target = |entry: &Value| (entry.get("kind").cloned(), entry.get("target").cloned());
        let dropped = self.previous.iter().flat_map(|previous| &previous.entries);
        if let Some(entry) =
            dropped.into_iter().find(|old| !entries.iter().any(|new| target(new) == target(old))).filter(|_| !may_drop)
        {
            let name = entry.get("target").and_then(Value::as_str).unwrap_or_default();
            return Err(Error::input(format!(
                "{} is on the previous list and not on this one",
                vidimus::render::escape(name)
            ))
            .with_hint("keep the entry; if it shall be lifted, say so with `--drop`"));
        }
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
        // A statement needs a subject; the list is about itself, by its name.
        let subject = Subject { name: self.list.clone(), sha256: Digest::sha256(self.list.as_bytes()) };
        Statement::new(STATUS_LIST.name, &[subject], STATUS_LIST.uri, &STATUS_LIST.checked(predicate)?)
    }
}
