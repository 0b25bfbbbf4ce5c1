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
//! Lines may have a range of versions (`notation.rs`).

use std::collections::BTreeMap;

use crate::decode::sbom::cyclonedx::notation::{self, Block, Bounds, blocks, bounds};
use crate::decode::sbom::cyclonedx::text::{self, Form};

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

#[derive(Default)]
pub(super) struct Object {
    /// By length, then by name.
    members: Vec<(&'static str, Id)>,
    pub(super) required: Vec<&'static str>,
    pub(super) rules: Vec<Rule>,
    pub(super) open: bool,
}

impl Object {
    /// What a member must be.
    pub(super) fn member(&self, name: &str) -> Option<Id> {
        // Most lengths have one name or none, and a name of another length is told without looking at it.
        let from = self.members.partition_point(|(known, _)| known.len() < name.len());
        let same = self.members.get(from..)?.iter().take_while(|(known, _)| known.len() == name.len());
        same.copied().find(|(known, _)| *known == name).map(|(_, id)| id)
    }
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
            "values" => Node::Values(notation::values(block, self.minor, &mut self.problems)),
            "choice" => self.choice(block),
            _ => {
                self.problems.push(block.kind);
                Node::Nothing
            }
        }
    }

    /// The words of a line without its range; `None` for one of other versions.
    fn words(&mut self, line: &'static str) -> Option<Vec<&'static str>> {
        notation::words(line, self.minor, &mut self.problems)
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
                    let new = object.member(member).is_none();
                    object.members.push((member, id));
                    object.members.sort_unstable_by_key(|(name, _)| (name.len(), *name));
                    new
                }
                _ => false,
            };
            if !fine {
                self.problems.push(line);
            }
        }
        Node::Object(object)
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

fn rule_of(words: &[&'static str]) -> Option<Rule> {
    match words {
        ["one", groups @ ..] => Some(Rule::One(groups.iter().map(|group| group.split('+').collect()).collect())),
        ["some", members @ ..] => Some(Rule::Some(members.to_vec())),
        ["not-both", first, second] => Some(Rule::NotBoth(first, second)),
        ["only-with", flag, member] => Some(Rule::OnlyWith(flag, member)),
        _ => None,
    }
}
