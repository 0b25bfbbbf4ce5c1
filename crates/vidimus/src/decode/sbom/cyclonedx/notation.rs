//! What the tables of JSON and XML have in common: blocks of lines, ranges of versions, lists of values, bounds.
//!
//! A block begins at the margin with its kind and name; its lines are indented. Every line may end in a range of versions, which
//! begins a line of values: `@1.4` (since), `@-1.3` (until), `@=1.5`, `@1.3-1.5`.

use std::fmt;
use std::sync::OnceLock;

/// The tables of 1.2 to 1.7, each read when it is first needed.
pub(super) struct Tables<T> {
    read: fn(u8) -> T,
    read_already: [OnceLock<T>; 6],
}

impl<T> Tables<T> {
    /// `read` reads the table of version 1.`minor`.
    pub(super) const fn new(read: fn(u8) -> T) -> Self {
        Self { read, read_already: [const { OnceLock::new() }; 6] }
    }

    /// The table of the `version`-th version that is read.
    pub(super) fn get(&self, version: usize) -> Option<&T> {
        let minor = u8::try_from(version).ok()?.checked_add(2)?;
        Some(self.read_already.get(version)?.get_or_init(|| (self.read)(minor)))
    }
}

/// Least and greatest number.
#[derive(Clone, Copy)]
pub(super) struct Bounds(pub(super) Option<f64>, pub(super) Option<f64>);

impl Bounds {
    /// Does it lie between them?
    pub(super) fn hold(self, value: f64) -> bool {
        self.0.is_none_or(|least| value >= least) && self.1.is_none_or(|most| value <= most)
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (Some(least), Some(most)) => write!(f, "a number from {least} to {most}"),
            (Some(least), None) => write!(f, "a number of at least {least}"),
            (None, Some(most)) => write!(f, "a number of at most {most}"),
            (None, None) => f.write_str("a number"),
        }
    }
}

pub(super) struct Block {
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    pub(super) lines: Vec<&'static str>,
}

/// A block begins at the margin; its lines are indented.
pub(super) fn blocks(sources: &[&'static str]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for line in sources.iter().flat_map(|source| source.lines()) {
        match (line.trim(), blocks.last_mut()) {
            (text, _) if text.is_empty() || text.starts_with('#') => {}
            (text, Some(block)) if line.starts_with(' ') => block.lines.push(text),
            (text, _) => {
                let (kind, name) = text.split_once(' ').unwrap_or((text, ""));
                blocks.push(Block { kind, name, lines: Vec::new() });
            }
        }
    }
    blocks
}

/// The words of a line without its range; `None` for one of other versions than 1.`minor`. A range that cannot be read is a
/// problem.
pub(super) fn words(line: &'static str, minor: u8, problems: &mut Vec<&'static str>) -> Option<Vec<&'static str>> {
    let mut words: Vec<&'static str> = line.split_whitespace().collect();
    // A line of one word that begins so is an attribute of XML.
    let Some(range) = words.pop_if(|word| word.starts_with("@1.") || word.starts_with("@-") || word.starts_with("@="))
    else {
        return Some(words);
    };
    within(range, minor, problems).then_some(words)
}

fn within(range: &'static str, minor: u8, problems: &mut Vec<&'static str>) -> bool {
    match versions(range) {
        Some((since, until)) => (since..=until).contains(&minor),
        None => {
            problems.push(range);
            false
        }
    }
}

/// The values of a block, sorted.
pub(super) fn values(block: &Block, minor: u8, problems: &mut Vec<&'static str>) -> Vec<&'static str> {
    let mut values = Vec::new();
    for line in &block.lines {
        let text = match line.split_once(' ') {
            Some((range, text)) if range.starts_with('@') => {
                if !within(range, minor, problems) {
                    continue;
                }
                text
            }
            _ => line,
        };
        // What is between quotation marks has odd numbers.
        for (number, part) in text.split('"').enumerate() {
            if number % 2 == 1 {
                values.push(part);
            } else {
                values.extend(part.split_whitespace());
            }
        }
    }
    values.sort_unstable();
    values
}

/// Minor versions, first and last, of `@1.4`, `@-1.3`, `@=1.5` or `@1.3-1.5`.
fn versions(range: &str) -> Option<(u8, u8)> {
    let minor = |text: &str| text.strip_prefix("1.")?.parse::<u8>().ok();
    let range = range.strip_prefix('@')?;
    if let Some(only) = range.strip_prefix('=') {
        let only = minor(only)?;
        return Some((only, only));
    }
    match range.split_once('-') {
        None => Some((minor(range)?, u8::MAX)),
        Some(("", until)) => Some((0, minor(until)?)),
        Some((since, until)) => Some((minor(since)?, minor(until)?)),
    }
}

/// `0..6)`; nothing is no bounds.
pub(super) fn bounds(text: &str) -> Option<Bounds> {
    if text.is_empty() {
        return Some(Bounds(None, None));
    }
    let (least, most) = text.strip_suffix(')')?.split_once("..")?;
    let bound = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    Some(Bounds(bound(least)?, bound(most)?))
}
