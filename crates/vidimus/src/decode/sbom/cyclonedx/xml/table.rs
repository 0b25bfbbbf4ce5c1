//! The table of the format's shape in XML, and its notation. The enumerations are those of JSON where they are the same.
//!
//! ```text
//! type NAME                    what an element may have
//!     @ATTRIBUTE TYPE          an attribute; `@ATTRIBUTE!` must be there
//!     @* other                 attributes of other namespaces may be there; `any`: those without namespace too
//!     = TYPE                   text, and no elements
//!     * mixed                  text between the elements
//!     * only-with A E          the element `E` only beside an attribute `A` that is true
//!     ELEMENT TYPE             an element; behind its name `?`, `*` or `+`
//!     ~*                       elements of other namespaces
//!     (,                       a sequence, up to `)`; behind it `?`, `*` or `+`
//!     (|                       a choice
//! ```
//!
//! What stands in a type is a sequence. A type is a form of text (`form.rs`), the name of values or of a type, or `anything`. Lines
//! may have a range of versions (`notation.rs`); that of a group stands where it opens.
//!
//! The elements of a type become an automaton (Glushkov's construction): the format's content is such that the next element
//! alone decides, so nothing is tried twice.

use std::collections::BTreeMap;

use super::form::{self, Form};
use crate::decode::sbom::cyclonedx::notation::{self, Block, blocks};

/// The index of a node in its table.
pub(super) type Id = usize;

/// A node that nothing fits: what stands for a line that cannot be read.
const NOTHING: Id = 0;

/// What an element or an attribute must be.
pub(super) enum Node {
    Nothing,
    Anything,
    Text(Form),
    /// One of these, sorted.
    Values(Vec<&'static str>),
    Type(Type),
}

/// Which attributes there may be besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Others {
    #[default]
    None,
    /// Of other namespaces.
    Other,
    /// Of any, and without.
    Any,
}

#[derive(Default)]
pub(super) struct Type {
    /// By name: what it must be, and whether it must be there.
    pub(super) attributes: BTreeMap<&'static str, (Id, bool)>,
    pub(super) others: Others,
    /// Text instead of elements.
    pub(super) text: Option<Id>,
    pub(super) mixed: bool,
    /// Elements that need an attribute that is true.
    pub(super) only_with: Vec<(&'static str, &'static str)>,
    pub(super) positions: Vec<Position>,
    /// What may come first, and what may come last.
    pub(super) first: Vec<usize>,
    pub(super) last: Vec<usize>,
    /// May there be none at all?
    pub(super) empty: bool,
}

impl Type {
    /// What the element of that name is there.
    pub(super) fn inside(&self, name: &str) -> Option<&Position> {
        self.positions.iter().find(|position| position.name == Some(name))
    }

    /// Is there room for one name alone, any number of times, and no attribute? JSON has a list there.
    pub(super) fn is_list(&self) -> bool {
        let mut names = self.positions.iter().enumerate().filter(|(_, position)| position.name.is_some());
        match (names.next(), names.next()) {
            (Some((at, position)), None) => {
                let first =
                    |next: &usize| *next == at || self.positions.get(*next).is_some_and(|next| next.name.is_none());
                self.attributes.is_empty() && position.follow.iter().any(first)
            }
            _ => false,
        }
    }

    /// Is there nothing but a reference to something?
    pub(super) fn is_reference(&self) -> bool {
        self.text.is_none() && self.positions.is_empty() && self.attributes.keys().eq(["ref"].iter())
    }
}

/// A place in a type's content.
pub(super) struct Position {
    /// The element there; `None` for one of another namespace.
    pub(super) name: Option<&'static str>,
    pub(super) id: Id,
    /// May it be there several times by itself?
    pub(super) many: bool,
    pub(super) follow: Vec<usize>,
}

/// The shape of one version.
pub(super) struct Table {
    nodes: Vec<Node>,
    pub(super) root: Id,
    /// Lines that cannot be read. A test holds that there are none; if there were, no document would fit.
    #[cfg(test)]
    pub(super) problems: Vec<&'static str>,
}

impl Table {
    pub(super) fn node(&self, id: Id) -> &Node {
        self.nodes.get(id).unwrap_or(&Node::Nothing)
    }

    #[cfg(test)]
    pub(super) fn types(&self) -> impl Iterator<Item = &Type> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Type(of) => Some(of),
            _ => None,
        })
    }

    /// Reads the notation for version 1.`minor`; the root is the type `root`. Of `shared` only the values count.
    pub(super) fn read(sources: &[&'static str], shared: &[&'static str], root: &str, minor: u8) -> Self {
        let mut all = blocks(sources);
        all.extend(blocks(shared).into_iter().filter(|block| block.kind == "values"));
        let mut names = BTreeMap::new();
        let mut nodes = vec![Node::Nothing];
        for block in &all {
            names.insert(block.name, nodes.len());
            nodes.push(Node::Nothing);
        }
        let root = names.get(root).copied();
        let problems = if names.len() == all.len() { Vec::new() } else { vec!["a name is there twice"] };
        let mut reader = Reader { minor, names, nodes, problems };
        for (index, block) in all.iter().enumerate() {
            let node = match block.kind {
                "values" => Node::Values(notation::values(block, minor, &mut reader.problems)),
                "type" => Node::Type(reader.read(block)),
                _ => {
                    reader.problems.push(block.kind);
                    Node::Nothing
                }
            };
            if let Some(place) = reader.nodes.get_mut(index + 1) {
                *place = node;
            }
        }
        let root = root.filter(|_| reader.problems.is_empty()).unwrap_or(NOTHING);
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

/// A part of a type's content: what it can begin and end with, and whether it can be nothing.
struct Part {
    empty: bool,
    first: Vec<usize>,
    last: Vec<usize>,
}

impl Part {
    /// What a sequence (nothing yet) or a choice (no row yet) begins as.
    const fn new(sequence: bool) -> Self {
        Self { empty: sequence, first: Vec::new(), last: Vec::new() }
    }
}

/// A group that is open.
struct Group {
    sequence: bool,
    occurrence: &'static str,
    part: Part,
}

impl Reader {
    fn read(&mut self, block: &Block) -> Type {
        let mut of = Type::default();
        let mut open = vec![Group { sequence: true, occurrence: "", part: Part::new(true) }];
        // Groups of other versions that are open.
        let mut skipped = 0_usize;
        for line in &block.lines {
            if skipped > 0 {
                skipped = match line.get(..1) {
                    Some("(") => skipped + 1,
                    Some(")") => skipped - 1,
                    _ => skipped,
                };
                continue;
            }
            let Some(words) = notation::words(line, self.minor, &mut self.problems) else {
                skipped = usize::from(line.starts_with('('));
                continue;
            };
            if self.line(&words, &mut of, &mut open).is_none() {
                self.problems.push(line);
            }
        }
        if let (Some(Group { part, .. }), 1) = (open.pop(), open.len() + 1) {
            (of.empty, of.first, of.last) = (part.empty, part.first, part.last);
        } else {
            self.problems.push(block.name);
        }
        of
    }

    fn line(&mut self, words: &[&'static str], of: &mut Type, open: &mut Vec<Group>) -> Option<()> {
        match words {
            ["@*", "other"] => of.others = Others::Other,
            ["@*", "any"] => of.others = Others::Any,
            ["=", text] => of.text = Some(self.id(text)),
            ["*", "mixed"] => of.mixed = true,
            ["*", "only-with", attribute, element] => of.only_with.push((attribute, element)),
            [")"] => {
                let Group { mut part, occurrence, .. } = open.pop()?;
                repeat(&mut part, occurrence, of);
                add(open.last_mut()?, part, of);
            }
            [group] if group.starts_with("(,") || group.starts_with("(|") => {
                let sequence = group.starts_with("(,");
                open.push(Group { sequence, occurrence: group.get(2..)?, part: Part::new(sequence) });
            }
            [other] if other.starts_with('~') => {
                let part = position(of, None, NOTHING, other.get(1..)?);
                add(open.last_mut()?, part, of);
            }
            [attribute, text] if attribute.starts_with('@') => {
                let name = attribute.get(1..)?;
                let plain = name.trim_end_matches('!');
                let id = self.id(text);
                of.attributes.insert(plain, (id, plain != name));
            }
            [element, kind] => {
                let name = element.trim_end_matches(['?', '*', '+']);
                let id = self.id(kind);
                let part = position(of, Some(name), id, element.get(name.len()..)?);
                add(open.last_mut()?, part, of);
            }
            _ => return None,
        }
        Some(())
    }

    fn id(&mut self, of: &'static str) -> Id {
        if let Some(id) = self.names.get(of) {
            return *id;
        }
        let node = match of {
            "anything" => Some(Node::Anything),
            value if value.starts_with('=') => value.get(1..).map(|value| Node::Values(vec![value])),
            name => form::by_name(name).map(Node::Text),
        };
        let Some(node) = node else {
            self.problems.push(of);
            return NOTHING;
        };
        let id = self.nodes.len();
        self.nodes.push(node);
        self.names.insert(of, id);
        id
    }
}

/// A part of one position.
fn position(of: &mut Type, name: Option<&'static str>, id: Id, occurrence: &str) -> Part {
    let index = of.positions.len();
    of.positions.push(Position { name, id, many: matches!(occurrence, "*" | "+"), follow: Vec::new() });
    let mut part = Part { empty: false, first: vec![index], last: vec![index] };
    repeat(&mut part, occurrence, of);
    part
}

fn repeat(part: &mut Part, occurrence: &str, of: &mut Type) {
    if matches!(occurrence, "*" | "+") {
        follow(of, &part.last, &part.first);
    }
    part.empty |= matches!(occurrence, "?" | "*");
}

/// Adds a part to an open group.
fn add(group: &mut Group, part: Part, of: &mut Type) {
    let whole = &mut group.part;
    if group.sequence {
        follow(of, &whole.last, &part.first);
        if whole.empty {
            whole.first.extend(&part.first);
        }
        if !part.empty {
            whole.last.clear();
        }
        whole.last.extend(&part.last);
        whole.empty &= part.empty;
    } else {
        whole.first.extend(&part.first);
        whole.last.extend(&part.last);
        whole.empty |= part.empty;
    }
}

fn follow(of: &mut Type, from: &[usize], to: &[usize]) {
    for from in from {
        if let Some(position) = of.positions.get_mut(*from) {
            position
                .follow
                .extend(to.iter().filter(|next| !position.follow.contains(next)).copied().collect::<Vec<_>>());
        }
    }
}
