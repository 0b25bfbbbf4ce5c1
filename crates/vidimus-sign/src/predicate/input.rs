//! Predicates from files: JSON, or TOML for people.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde_json::{Map, Number, Value};
use toml_edit::{DocumentMut, Item, TableLike};

use crate::error::Error;

/// A predicate written by hand or by a scanner.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Reads a predicate from a file: strict JSON where it begins with `{`, else TOML 1.0.
///
/// # Errors
/// It cannot be read, or is neither.
pub fn read(path: &Path) -> Result<Value, Error> {
    let bytes = bounded(path, MAX_BYTES)?;
    if bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{') {
        return vidimus::decode::json(&bytes).map_err(|reason| Error::refused(path, &reason));
    }
    let wrong = |why: String| Error::input(format!("{}: {why}", path.display()));
    let text = String::from_utf8(bytes).map_err(|_| wrong("not UTF-8".to_owned()))?;
    let document: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| {
        let line = e.span().map_or(1, |span| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1);
        wrong(format!("line {line}: not TOML 1.0: {}", e.message()))
    })?;
    table(document.as_table()).map_err(|why| wrong(why.to_owned()))
}

/// Reads a file of the vendor's own, at most so many bytes.
pub(crate) fn bounded(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let file = File::open(path).map_err(Error::io(path))?;
    if !file.metadata().map_err(Error::io(path))?.is_file() {
        return Err(Error::input(format!("{}: not a regular file", path.display())));
    }
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(Error::io(path))?;
    if bytes.len() as u64 > limit {
        return Err(Error::input(format!("{}: larger than {limit} bytes", path.display())));
    }
    Ok(bytes)
}

// The parser bounds the depth of its own recursion, so this is bounded too.
fn table(table: &dyn TableLike) -> Result<Value, &'static str> {
    let mut map = Map::new();
    for (key, item) in table.iter() {
        map.insert(key.to_owned(), of_item(item)?);
    }
    Ok(Value::Object(map))
}

fn of_item(item: &Item) -> Result<Value, &'static str> {
    match item {
        Item::None => Err("a key without a value"),
        Item::Value(value) => of_value(value),
        Item::Table(found) => table(found),
        Item::ArrayOfTables(tables) => tables.iter().map(|found| table(found)).collect(),
    }
}

fn of_value(value: &toml_edit::Value) -> Result<Value, &'static str> {
    Ok(match value {
        toml_edit::Value::String(text) => Value::String(text.value().clone()),
        toml_edit::Value::Integer(n) => Value::Number(Number::from(*n.value())),
        toml_edit::Value::Boolean(b) => Value::Bool(*b.value()),
        // Canonical form: what is signed in UTC is read in UTC.
        toml_edit::Value::Datetime(time) => Value::String(time.value().to_string()),
        toml_edit::Value::Float(_) => return Err("a number with a fraction: write it as a string"),
        toml_edit::Value::Array(items) => items.iter().map(of_value).collect::<Result<_, _>>()?,
        toml_edit::Value::InlineTable(found) => table(found)?,
    })
}
