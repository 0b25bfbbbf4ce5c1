//! The table of the format's shape, one for all versions, and its notation.
//!
//! ```text
//! object NAME                  a closed object
//!     MEMBER TYPE              a member; `MEMBER!` must be there
//!     * one A B+C              exactly one of `A`, or of `B` and `C`, is there
//!     * some A B               at least one is there
//!     * not-both A B
//!     * only-with A B          `B` only beside an `A` that is not false
//!     * open                   members that are not listed are allowed
//! values NAME                  an enumeration
//!     VALUE "TWO WORDS" …
//! choice NAME                  the first row that fits decides the type
//!     list TYPE                it is a list; also `object`, `text`
//!     has A TYPE               it is an object with the member `A`
//!     is A VALUE TYPE          … whose member `A` is that text
//!     list-with A TYPE         a list with an object that has the member `A`
//!     list-of-text TYPE        a list with a text
//!     else TYPE
//! ```
//!
//! A type is a form of text (`text.rs`), `=VALUE` (that text alone), `bool`, `int`, `number`, both also with bounds `int(0..6)`,
//! `any`, `ambiguous` (fits nothing), the name of an object, of values or of a choice, `[TYPE]` (list), `{TYPE}` (list without
//! repetition); behind a list `+` (at least one) and `=1` (exactly one).
//!
//! Every line may end in a range of versions, which begins a line of values: `@1.4` (since), `@-1.3` (until), `@=1.5`, `@1.3-1.5`.

use std::collections::BTreeMap;

use super::super::text::{self, Form};

/// The index of a node in its table.
pub(super) type Id = usize;

/// A node that nothing fits: what stands for a line that cannot be read.
pub(super) const NOTHING: Id = 0;

/// What a value must be.
pub(super) enum Node {
    Nothing,
    Any,
    Bool,
    Text(&'static Form),
    /// One of these, sorted.
    Values(Vec<&'static str>),
    Int(Bounds),
    Number(Bounds),
    List {
        item: Id,
        unique: bool,
        least: usize,
        most: usize,
    },
    Object(Object),
    Choice(Vec<(When, Id)>),
}

/// Least and greatest number.
#[derive(Clone, Copy)]
pub(super) struct Bounds(pub(super) Option<f64>, pub(super) Option<f64>);

#[derive(Default)]
pub(super) struct Object {
    pub(super) members: BTreeMap<&'static str, Id>,
    pub(super) required: Vec<&'static str>,
    pub(super) rules: Vec<Rule>,
    pub(super) open: bool,
}

/// A rule on which members stand together.
pub(super) enum Rule {
    /// Exactly one of these groups is complete.
    One(Vec<Vec<&'static str>>),
    /// At least one of them is there.
    Some(Vec<&'static str>),
    NotBoth(&'static str, &'static str),
    OnlyWith(&'static str, &'static str),
}

/// Which value a row of a choice is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    List,
    Object,
    Text,
    Has(&'static str),
    Is(&'static str, &'static str),
    ListWith(&'static str),
    ListOfText,
    Else,
}

/// The shape of one version.
pub(super) struct Table {
    pub(super) nodes: Vec<Node>,
    pub(super) root: Id,
    /// Lines that cannot be read. A test holds that there are none; if there were, no document would fit.
    #[cfg(test)]
    pub(super) problems: Vec<&'static str>,
}

impl Table {
    pub(super) fn node(&self, id: Id) -> &Node {
        self.nodes.get(id).unwrap_or(&Node::Nothing)
    }

    /// Reads the notation for version 1.`minor`; the root is the object `root`.
    pub(super) fn read(sources: &[&'static str], root: &str, minor: u8) -> Self {
        let blocks = blocks(sources);
        let mut names = BTreeMap::new();
        let mut nodes = vec![Node::Nothing];
        for block in &blocks {
            names.insert(block.name, nodes.len());
            nodes.push(Node::Nothing);
        }
        let found = names.get(root).copied();
        let mut reader = Reader { minor, names, nodes, problems: Vec::new() };
        for (index, block) in blocks.iter().enumerate() {
            let node = reader.block(block);
            if let Some(place) = reader.nodes.get_mut(index + 1) {
                *place = node;
            }
        }
        let root = found.filter(|_| reader.problems.is_empty()).unwrap_or(NOTHING);
        Self {
            nodes: reader.nodes,
            root,
            #[cfg(test)]
            problems: reader.problems,
        }
    }
}

struct Block {
    kind: &'static str,
    name: &'static str,
    lines: Vec<&'static str>,
}

/// A block begins at the margin; its lines are indented.
fn blocks(sources: &[&'static str]) -> Vec<Block> {
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

struct Reader {
    minor: u8,
    names: BTreeMap<&'static str, Id>,
    nodes: Vec<Node>,
    problems: Vec<&'static str>,
}

impl Reader {
    fn block(&mut self, block: &Block) -> Node {
        match block.kind {
            "object" => self.object(block),
            "values" => self.values(block),
            "choice" => self.choice(block),
            _ => {
                self.problems.push(block.kind);
                Node::Nothing
            }
        }
    }

    /// The words of a line without its range; `None` for one of other versions.
    fn words(&mut self, line: &'static str) -> Option<Vec<&'static str>> {
        let mut words: Vec<&'static str> = line.split_whitespace().collect();
        let Some(range) = words.pop_if(|word| word.starts_with('@')) else { return Some(words) };
        self.within(range).then_some(words)
    }

    fn within(&mut self, range: &'static str) -> bool {
        match versions(range) {
            Some((since, until)) => (since..=until).contains(&self.minor),
            None => {
                self.problems.push(range);
                false
            }
        }
    }

    fn object(&mut self, block: &Block) -> Node {
        let mut object = Object::default();
        for line in &block.lines {
            let Some(words) = self.words(line) else { continue };
            let fine = match words.as_slice() {
                ["*", "open"] => {
                    object.open = true;
                    true
                }
                ["*", rule @ ..] => rule_of(rule).map(|rule| object.rules.push(rule)).is_some(),
                [name, of] => {
                    let member = name.strip_suffix('!').unwrap_or(name);
                    if member != *name {
                        object.required.push(member);
                    }
                    let id = self.id(of);
                    object.members.insert(member, id).is_none()
                }
                _ => false,
            };
            if !fine {
                self.problems.push(line);
            }
        }
        Node::Object(object)
    }

    fn values(&mut self, block: &Block) -> Node {
        let mut values = Vec::new();
        for line in &block.lines {
            let text = match line.split_once(' ') {
                Some((range, text)) if range.starts_with('@') => {
                    if !self.within(range) {
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
        Node::Values(values)
    }

    fn choice(&mut self, block: &Block) -> Node {
        let mut rows = Vec::new();
        for line in &block.lines {
            let Some(words) = self.words(line) else { continue };
            let row = match words.as_slice() {
                ["list", of] => Some((When::List, of)),
                ["object", of] => Some((When::Object, of)),
                ["text", of] => Some((When::Text, of)),
                ["has", member, of] => Some((When::Has(member), of)),
                ["is", member, value, of] => Some((When::Is(member, value), of)),
                ["list-with", member, of] => Some((When::ListWith(member), of)),
                ["list-of-text", of] => Some((When::ListOfText, of)),
                ["else", of] => Some((When::Else, of)),
                _ => None,
            };
            match row {
                Some((when, of)) => {
                    let id = self.id(of);
                    rows.push((when, id));
                }
                None => self.problems.push(line),
            }
        }
        Node::Choice(rows)
    }

    fn id(&mut self, of: &'static str) -> Id {
        if let Some(id) = self.names.get(of) {
            return *id;
        }
        let Some(node) = self.node(of) else {
            self.problems.push(of);
            return NOTHING;
        };
        let id = self.nodes.len();
        self.nodes.push(node);
        self.names.insert(of, id);
        id
    }

    fn node(&mut self, of: &'static str) -> Option<Node> {
        let list = match (of.get(..1), of.rfind([']', '}'])) {
            (Some("["), Some(end)) => Some((false, end)),
            (Some("{"), Some(end)) => Some((true, end)),
            _ => None,
        };
        if let Some((unique, end)) = list {
            let (least, most) = match of.get(end + 1..)? {
                "" => (0, usize::MAX),
                "+" => (1, usize::MAX),
                "=1" => (1, 1),
                _ => return None,
            };
            let item = self.id(of.get(1..end)?);
            return Some(Node::List { item, unique, least, most });
        }
        if let Some(value) = of.strip_prefix('=') {
            return Some(Node::Values(vec![value]));
        }
        match of.split_once('(').unwrap_or((of, "")) {
            ("int", range) => Some(Node::Int(bounds(range)?)),
            ("number", range) => Some(Node::Number(bounds(range)?)),
            ("bool", "") => Some(Node::Bool),
            ("any", "") => Some(Node::Any),
            ("ambiguous", "") => Some(Node::Nothing),
            (name, "") => text::by_name(name).map(Node::Text),
            _ => None,
        }
    }
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
fn bounds(text: &str) -> Option<Bounds> {
    if text.is_empty() {
        return Some(Bounds(None, None));
    }
    let (least, most) = text.strip_suffix(')')?.split_once("..")?;
    let bound = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    Some(Bounds(bound(least)?, bound(most)?))
}

fn rule_of(words: &[&'static str]) -> Option<Rule> {
    match words {
        ["one", groups @ ..] => Some(Rule::One(groups.iter().map(|group| group.split('+').collect()).collect())),
        ["some", members @ ..] => Some(Rule::Some(members.to_vec())),
        ["not-both", first, second] => Some(Rule::NotBoth(first, second)),
        ["only-with", flag, member] => Some(Rule::OnlyWith(flag, member)),
        _ => None,
    }
}
