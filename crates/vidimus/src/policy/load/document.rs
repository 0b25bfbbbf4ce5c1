//! The policy file as a small tree with places: every way that TOML has to write a table or a list looks the same here.

use std::ops::Range;
use std::str::FromStr as _;

use toml_edit::{Array, Document, Item, TableLike, Value};

use super::errors::{Errors, KEY_TWICE, SYNTAX};
use super::grammar;
use crate::time::Time;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) data: Data,
}

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    Text(String),
    Int(i64),
    Bool(bool),
    Time(Time),
    List(Vec<Node>),
    Table(Table),
    /// What a policy never needs, by its name.
    Other(&'static str),
}

/// A table in file order, and where its header or first brace stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) span: Range<usize>,
    pub(crate) entries: Vec<Entry>,
}

/// One key of a table.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) node: Node,
}

impl Data {
    /// Its name in messages.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Int(_) => "an integer",
            Self::Bool(_) => "a boolean",
            Self::Time(_) => "a time",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Other(name) => name,
        }
    }
}

/// A string and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    pub(crate) text: &'a str,
    pub(crate) span: &'a Range<usize>,
}

impl Node {
    pub(crate) fn text(&self) -> Option<Text<'_>> {
        match &self.data {
            Data::Text(text) => Some(Text { text, span: &self.span }),
            _ => None,
        }
    }

    pub(crate) fn table(&self) -> Option<&Table> {
        match &self.data {
            Data::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(crate) fn list(&self) -> &[Self] {
        match &self.data {
            Data::List(list) => list,
            _ => &[],
        }
    }
}

impl Table {
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub(crate) fn node(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    pub(crate) fn text(&self, key: &str) -> Option<Text<'_>> {
        self.node(key)?.text()
    }

    pub(crate) fn string(&self, key: &str) -> Option<String> {
        self.text(key).map(|text| text.text.to_owned())
    }

    pub(crate) fn int(&self, key: &str) -> Option<i64> {
        match self.node(key)?.data {
            Data::Int(int) => Some(int),
            _ => None,
        }
    }

    pub(crate) fn bool(&self, key: &str) -> Option<bool> {
        match self.node(key)?.data {
            Data::Bool(bool) => Some(bool),
            _ => None,
        }
    }

    pub(crate) fn time(&self, key: &str) -> Option<Time> {
        match self.node(key)?.data {
            Data::Time(time) => Some(time),
            _ => None,
        }
    }

    pub(crate) fn table(&self, key: &str) -> Option<&Self> {
        self.node(key)?.table()
    }

    pub(crate) fn list(&self, key: &str) -> &[Node] {
        self.node(key).map_or(&[], Node::list)
    }

    /// The strings of a list.
    pub(crate) fn texts(&self, key: &str) -> impl Iterator<Item = Text<'_>> {
        self.list(key).iter().filter_map(Node::text)
    }

    pub(crate) fn strings(&self, key: &str) -> Vec<String> {
        self.texts(key).map(|text| text.text.to_owned()).collect()
    }

    /// The tables of a list.
    pub(crate) fn tables(&self, key: &str) -> impl Iterator<Item = &Self> {
        self.list(key).iter().filter_map(Node::table)
    }

    /// Where `key` or, without it, the table stands.
    pub(crate) fn span_of(&self, key: &str) -> &Range<usize> {
        self.node(key).map_or(&self.span, |node| &node.span)
    }
}

/// Reads TOML 1.0; `None` and one error if it is not.
pub(in crate::policy) fn parse(source: &str, errors: &mut Errors) -> Option<Table> {
    // The parser panics on some malformed inline tables; a policy with one is refused like any other that is not TOML.
    let Ok(parsed) = std::panic::catch_unwind(|| Document::parse(source)) else {
        errors.add(&SYNTAX, &(0..0), "not TOML 1.0: an inline table is malformed");
        return None;
    };
    let document = match parsed {
        Ok(document) => document,
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            let message = error.message().lines().collect::<Vec<_>>().join("; ");
            if message.contains("duplicate key") {
                let key = source.get(span.clone()).unwrap_or_default();
                errors.add(&KEY_TWICE, &span, format!("`{key}` stands twice in this table"));
            } else {
                errors.add(&SYNTAX, &span, format!("not TOML 1.0: {message}"));
            }
            return None;
        }
    };
    if let Some((span, what)) = grammar::newer_than_1_0(source) {
        errors.add(&SYNTAX, &span, format!("not TOML 1.0: {what}"));
        return None;
    }
    Some(table(document.as_table(), 0..0, source))
}

fn table(from: &dyn TableLike, span: Range<usize>, source: &str) -> Table {
    let entries = from
        .iter()
        .filter_map(|(name, item)| {
            let key_span = from.key(name).and_then(toml_edit::Key::span).unwrap_or_else(|| span.clone());
            let node = item_node(item, &key_span, source)?;
            Some(Entry { key: name.to_owned(), key_span, node })
        })
        .collect();
    Table { span, entries }
}

fn item_node(item: &Item, key_span: &Range<usize>, source: &str) -> Option<Node> {
    let span = item.span().unwrap_or_else(|| key_span.clone());
    Some(match item {
        Item::None => return None,
        Item::Value(value) => value_node(value, key_span, source),
        Item::Table(from) => Node { span: span.clone(), data: Data::Table(table(from, span, source)) },
        Item::ArrayOfTables(array) => {
            let tables = array.iter().map(|from| {
                let span = from.span().unwrap_or_else(|| key_span.clone());
                Node { span: span.clone(), data: Data::Table(table(from, span, source)) }
            });
            Node { span, data: Data::List(tables.collect()) }
        }
    })
}

fn value_node(value: &Value, key_span: &Range<usize>, source: &str) -> Node {
    let span = value.span().unwrap_or_else(|| key_span.clone());
    let data = match value {
        Value::String(text) => Data::Text(text.value().clone()),
        Value::Integer(int) => Data::Int(*int.value()),
        Value::Boolean(bool) => Data::Bool(*bool.value()),
        Value::Float(_) => Data::Other("a float"),
        // Our own reading of the text: no local times, no fractions, never without seconds.
        Value::Datetime(_) => match source.get(span.clone()).and_then(|text| Time::from_str(text).ok()) {
            Some(time) => Data::Time(time),
            None => Data::Other("a time without offset, with a fraction of a second or without `T`"),
        },
        Value::Array(array) => Data::List(list(array, &span, source)),
        Value::InlineTable(from) => Data::Table(table(from, span.clone(), source)),
    };
    Node { span, data }
}

fn list(array: &Array, span: &Range<usize>, source: &str) -> Vec<Node> {
    array.iter().map(|value| value_node(value, span, source)).collect()
}
