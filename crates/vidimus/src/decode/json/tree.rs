//! A JSON document as one flat list: eight bytes for each value and each name, in the order of the document.
//!
//! A large SBOM has millions of values. As a tree of maps they take ten times the room of the text and most of the time of
//! reading it; here text stays where it is, and what has escapes stands unescaped in one buffer beside it. The scanner
//! ([`super::scan`]) builds the list while it looks at the bytes, so nothing here sees a document that is not strict.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// What a node is. In the upper four bits of its head; below stands where its text begins, or how many items it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Null,
    False,
    True,
    /// A number in the text of the document.
    Number,
    /// … in the buffer.
    OwnNumber,
    /// A string or a name in the text of the document.
    Text,
    /// … in the buffer.
    OwnText,
    Array,
    Object,
}

const KINDS: [Kind; 9] = [
    Kind::Null,
    Kind::False,
    Kind::True,
    Kind::Number,
    Kind::OwnNumber,
    Kind::Text,
    Kind::OwnText,
    Kind::Array,
    Kind::Object,
];

/// Bits of the head that are no kind.
const BITS: u32 = 28;

/// Bytes of the largest text that a node can point into.
pub(super) const MOST_BYTES: usize = (1 << BITS) - 1;

#[derive(Clone, Copy)]
struct Node {
    head: u32,
    /// Of text and numbers the length; of objects and lists the index of what follows them.
    tail: u32,
}

impl Node {
    fn kind(self) -> Kind {
        KINDS.get((self.head >> BITS) as usize).copied().unwrap_or(Kind::Null)
    }

    /// Where its text begins, or how many items it has.
    const fn low(self) -> usize {
        (self.head & ((1 << BITS) - 1)) as usize
    }
}

/// An object with more members than this has an index: nobody makes many look-ups in one cost more than the document is long.
const WIDE: usize = 32;

/// A document.
pub(in crate::decode) struct Tree<'a> {
    text: &'a str,
    own: String,
    nodes: Vec<Node>,
    /// Wide objects by where they stand, with their names: by what they are, then by where they stand.
    wide: BTreeMap<usize, Box<[u32]>>,
}

impl<'a> Tree<'a> {
    /// The value of the whole document.
    pub(in crate::decode) fn root(&self) -> Json<'_> {
        Json { tree: self, at: 0 }
    }

    /// A value that was read into maps.
    pub(in crate::decode) fn of(value: &Value) -> Self {
        enum Step<'v> {
            Value(&'v Value),
            Member(&'v str, &'v Value),
            Close,
        }
        let mut growing = Growing::default();
        let mut open = vec![Step::Value(value)];
        while let Some(step) = open.pop() {
            let value = match step {
                Step::Close => {
                    growing.close();
                    continue;
                }
                Step::Value(value) => value,
                Step::Member(name, value) => {
                    growing.name(name);
                    value
                }
            };
            match value {
                Value::Null => growing.null(),
                Value::Bool(truth) => growing.truth(*truth),
                Value::Number(number) => growing.own_number(&number.to_string()),
                Value::String(text) => growing.own_text(text),
                Value::Array(list) => {
                    growing.open(false);
                    open.push(Step::Close);
                    open.extend(list.iter().rev().map(Step::Value));
                }
                Value::Object(map) => {
                    growing.open(true);
                    open.push(Step::Close);
                    open.extend(map.iter().rev().map(|(name, value)| Step::Member(name, value)));
                }
            }
        }
        growing.tree("")
    }

    fn node(&self, at: usize) -> Node {
        self.nodes.get(at).copied().unwrap_or(Node { head: 0, tail: 0 })
    }

    /// The index of what follows a value or a name.
    fn after(&self, at: usize) -> usize {
        let node = self.node(at);
        // Nothing ends before it begins; a list that does would be walked for ever.
        if matches!(node.kind(), Kind::Array | Kind::Object) { (node.tail as usize).max(at + 1) } else { at + 1 }
    }

    /// Makes the index of each wide object.
    fn index(&mut self) {
        let is_wide = |node: &Node| node.kind() == Kind::Object && node.low() > WIDE;
        let wide = self.nodes.iter().enumerate().filter(|(_, node)| is_wide(node)).map(|(at, _)| at);
        let index = |at: usize| {
            let members = Members(Items { tree: self, at: at + 1, end: self.after(at) });
            let mut names: Vec<(&str, u32)> = members
                .filter_map(|(name, value)| Some((name, u32::try_from(value.at.checked_sub(1)?).ok()?)))
                .collect();
            names.sort_unstable();
            (at, names.into_iter().map(|(_, at)| at).collect())
        };
        self.wide = wide.map(index).collect();
    }

    fn text(&self, node: Node) -> &str {
        let whole = match node.kind() {
            Kind::Number | Kind::Text => self.text,
            Kind::OwnNumber | Kind::OwnText => self.own.as_str(),
            _ => return "",
        };
        whole.get(node.low()..node.low() + node.tail as usize).unwrap_or_default()
    }

    /// The same, for comparison alone.
    fn bytes(&self, node: Node) -> &[u8] {
        let whole = if node.kind() == Kind::Text { self.text } else { self.own.as_str() };
        whole.as_bytes().get(node.low()..node.low() + node.tail as usize).unwrap_or_default()
    }

    /// Bytes of memory beside the text.
    #[cfg(test)]
    pub(in crate::decode) fn memory(&self) -> usize {
        self.own.capacity() + self.nodes.capacity() * size_of::<Node>()
    }
}

impl fmt::Debug for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("nodes", &self.nodes.len()).finish_non_exhaustive()
    }
}

/// A document in the making. Whoever makes it closes what it opens, and writes a name before each value of an object.
#[derive(Default)]
pub(in crate::decode) struct Growing {
    nodes: Vec<Node>,
    open: Vec<usize>,
    /// Text that does not stand in the document as it is.
    pub(super) own: String,
}

impl Growing {
    fn push(&mut self, kind: Kind, low: usize, tail: usize) {
        let head = u32::try_from(low.min(MOST_BYTES)).unwrap_or_default() | ((kind as u32) << BITS);
        self.nodes.push(Node { head, tail: u32::try_from(tail).unwrap_or(u32::MAX) });
    }

    /// One item more in what is open.
    fn count(&mut self) {
        if let Some(node) = self.open.last().and_then(|at| self.nodes.get_mut(*at)) {
            node.head += 1;
        }
    }

    pub(super) fn null(&mut self) {
        self.count();
        self.push(Kind::Null, 0, 0);
    }

    pub(in crate::decode) fn truth(&mut self, truth: bool) {
        self.count();
        self.push(if truth { Kind::True } else { Kind::False }, 0, 0);
    }

    pub(super) fn number(&mut self, start: usize, length: usize) {
        self.count();
        self.push(Kind::Number, start, length);
    }

    /// A number that stands nowhere in the document's text.
    pub(in crate::decode) fn own_number(&mut self, text: &str) {
        self.count();
        self.push(Kind::OwnNumber, self.own.len(), text.len());
        self.own.push_str(text);
    }

    /// A string: a piece of the document, or of the buffer if it is `own`.
    pub(super) fn string(&mut self, start: usize, length: usize, own: bool) {
        self.count();
        self.label(start, length, own);
    }

    /// A name: the same.
    pub(in crate::decode) fn label(&mut self, start: usize, length: usize, own: bool) {
        self.push(if own { Kind::OwnText } else { Kind::Text }, start, length);
    }

    /// A string that is a piece of `whole`, which is given to [`Self::tree`] in the end; or any other.
    pub(in crate::decode) fn piece_of(&mut self, whole: &str, text: &str) {
        let start = text.as_ptr().addr().checked_sub(whole.as_ptr().addr());
        match start.filter(|start| start + text.len() <= whole.len() && *start <= MOST_BYTES) {
            Some(start) => self.string(start, text.len(), false),
            None => self.own_text(text),
        }
    }

    /// A string that stands nowhere in the document's text.
    pub(in crate::decode) fn own_text(&mut self, text: &str) {
        self.count();
        self.name(text);
    }

    /// A name that stands nowhere in the document's text. Where it stands now, for [`Self::label`].
    pub(in crate::decode) fn name(&mut self, name: &str) -> usize {
        let start = self.own.len();
        self.label(start, name.len(), true);
        self.own.push_str(name);
        start
    }

    pub(in crate::decode) fn open(&mut self, object: bool) {
        self.count();
        self.open.push(self.nodes.len());
        self.push(if object { Kind::Object } else { Kind::Array }, 0, 0);
    }

    pub(in crate::decode) fn close(&mut self) {
        let after = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        if let Some(node) = self.open.pop().and_then(|at| self.nodes.get_mut(at)) {
            node.tail = after;
        }
    }

    /// The index that the next value or name will have.
    pub(in crate::decode) const fn next(&self) -> usize {
        self.nodes.len()
    }

    /// All is there.
    pub(in crate::decode) fn tree(mut self, text: &str) -> Tree<'_> {
        while !self.open.is_empty() {
            self.close();
        }
        self.nodes.shrink_to_fit();
        let mut tree = Tree { text, own: self.own, nodes: self.nodes, wide: BTreeMap::new() };
        tree.index();
        tree
    }
}

/// A value.
#[derive(Clone, Copy)]
pub(in crate::decode) struct Json<'t> {
    tree: &'t Tree<'t>,
    at: usize,
}

/// A value by what it is.
pub(in crate::decode) enum What<'t> {
    Null,
    Bool(bool),
    Number(Number<'t>),
    String(&'t str),
    Array(List<'t>),
    Object(Map<'t>),
}

impl<'t> Json<'t> {
    pub(in crate::decode) fn what(self) -> What<'t> {
        let node = self.tree.node(self.at);
        match node.kind() {
            Kind::Null => What::Null,
            Kind::False => What::Bool(false),
            Kind::True => What::Bool(true),
            Kind::Number | Kind::OwnNumber => What::Number(Number(self.tree.text(node))),
            Kind::Text | Kind::OwnText => What::String(self.tree.text(node)),
            Kind::Array => What::Array(List(Some(self))),
            Kind::Object => What::Object(Map(self)),
        }
    }

    fn kind(self) -> Kind {
        self.tree.node(self.at).kind()
    }

    pub(in crate::decode) fn as_object(self) -> Option<Map<'t>> {
        (self.kind() == Kind::Object).then_some(Map(self))
    }

    pub(in crate::decode) fn as_array(self) -> Option<List<'t>> {
        (self.kind() == Kind::Array).then_some(List(Some(self)))
    }

    pub(in crate::decode) fn as_str(self) -> Option<&'t str> {
        let node = self.tree.node(self.at);
        matches!(node.kind(), Kind::Text | Kind::OwnText).then(|| self.tree.text(node))
    }

    pub(in crate::decode) fn as_bool(self) -> Option<bool> {
        match self.kind() {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    pub(in crate::decode) fn as_number(self) -> Option<Number<'t>> {
        let node = self.tree.node(self.at);
        matches!(node.kind(), Kind::Number | Kind::OwnNumber).then(|| Number(self.tree.text(node)))
    }

    pub(in crate::decode) fn as_u64(self) -> Option<u64> {
        self.as_number()?.0.parse().ok()
    }

    pub(in crate::decode) fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    pub(in crate::decode) fn is_string(self) -> bool {
        matches!(self.kind(), Kind::Text | Kind::OwnText)
    }

    pub(in crate::decode) fn is_object(self) -> bool {
        self.kind() == Kind::Object
    }

    pub(in crate::decode) fn is_array(self) -> bool {
        self.kind() == Kind::Array
    }

    /// Its place in the document's list of values and names.
    pub(in crate::decode) const fn index(self) -> usize {
        self.at
    }

    /// A member, if this is an object that has it.
    pub(in crate::decode) fn get(self, name: &str) -> Option<Self> {
        self.as_object()?.get(name)
    }
}

/// A number as it is written.
#[derive(Clone, Copy, Debug)]
pub(in crate::decode) struct Number<'t>(&'t str);

impl<'t> Number<'t> {
    /// As it stands in the document.
    pub(in crate::decode) const fn text(self) -> &'t str {
        self.0
    }

    pub(in crate::decode) fn as_f64(self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    pub(in crate::decode) fn as_i64(self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// A whole number in the sense of JSON Schema: `1.0` is one.
    pub(in crate::decode) fn is_whole(self) -> bool {
        self.as_i64().is_some() || self.as_f64().fract() == 0.0
    }

    /// The number as an integer, if it is one, however it is written. Beyond 64 bits it is what a double makes of it.
    #[allow(clippy::cast_possible_truncation, reason = "within ±2^100 every float without a fraction is exact as i128")]
    pub(in crate::decode) fn whole(self) -> Option<i128> {
        const EXACT: f64 = 1e30;
        let exact = self.as_i64().map(i128::from).or_else(|| self.0.parse::<u64>().ok().map(i128::from));
        exact.or_else(|| {
            let value = self.as_f64();
            (value.fract() == 0.0 && value.abs() <= EXACT).then_some(value as i128)
        })
    }
}

/// An object; one that is not there is empty.
#[derive(Clone, Copy)]
pub(in crate::decode) struct Map<'t>(Json<'t>);

impl Default for Map<'_> {
    fn default() -> Self {
        Self(Json { tree: EMPTY, at: 0 })
    }
}

impl<'t> Map<'t> {
    /// Its place in the document's list of values and names.
    pub(in crate::decode) const fn index(self) -> usize {
        self.0.at
    }

    pub(in crate::decode) fn len(self) -> usize {
        self.0.tree.node(self.0.at).low()
    }

    pub(in crate::decode) fn get(self, name: &str) -> Option<Json<'t>> {
        let tree = self.0.tree;
        if self.len() > WIDE
            && let Some(names) = tree.wide.get(&self.0.at)
        {
            let text = |at: u32| tree.text(tree.node(at as usize));
            let at = *names.get(names.partition_point(|at| text(*at) < name))?;
            return (text(at) == name).then_some(Json { tree, at: at as usize + 1 });
        }
        let end = tree.after(self.0.at);
        let mut at = self.0.at + 1;
        while at < end {
            let node = tree.node(at);
            if node.tail as usize == name.len() && tree.bytes(node) == name.as_bytes() {
                return Some(Json { tree, at: at + 1 });
            }
            at = tree.after(at + 1);
        }
        None
    }

    pub(in crate::decode) fn contains_key(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Names and values, in the order of the document.
    pub(in crate::decode) fn iter(self) -> Members<'t> {
        Members(Items { tree: self.0.tree, at: self.0.at + 1, end: self.0.tree.after(self.0.at) })
    }

    pub(in crate::decode) fn keys(self) -> impl Iterator<Item = &'t str> {
        self.iter().map(|(name, _)| name)
    }
}

/// A list; one that is not there is empty.
#[derive(Clone, Copy, Default)]
pub(in crate::decode) struct List<'t>(Option<Json<'t>>);

impl<'t> List<'t> {
    pub(in crate::decode) fn len(self) -> usize {
        self.0.map_or(0, |list| list.tree.node(list.at).low())
    }

    pub(in crate::decode) fn is_empty(self) -> bool {
        self.len() == 0
    }

    pub(in crate::decode) fn iter(self) -> Items<'t> {
        match self.0 {
            Some(list) => Items { tree: list.tree, at: list.at + 1, end: list.tree.after(list.at) },
            None => Items { tree: EMPTY, at: 0, end: 0 },
        }
    }
}

static EMPTY: &Tree<'static> = &Tree { text: "", own: String::new(), nodes: Vec::new(), wide: BTreeMap::new() };

/// The items of a list, in order.
#[derive(Clone)]
pub(in crate::decode) struct Items<'t> {
    tree: &'t Tree<'t>,
    at: usize,
    end: usize,
}

impl<'t> Iterator for Items<'t> {
    type Item = Json<'t>;

    fn next(&mut self) -> Option<Json<'t>> {
        let at = self.at;
        if at >= self.end {
            return None;
        }
        self.at = self.tree.after(at);
        Some(Json { tree: self.tree, at })
    }
}

impl<'t> IntoIterator for List<'t> {
    type Item = Json<'t>;
    type IntoIter = Items<'t>;

    fn into_iter(self) -> Items<'t> {
        self.iter()
    }
}

/// The members of an object, in the order of the document.
#[derive(Clone)]
pub(in crate::decode) struct Members<'t>(Items<'t>);

impl<'t> Iterator for Members<'t> {
    type Item = (&'t str, Json<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        let name = self.0.next()?.as_str()?;
        Some((name, self.0.next()?))
    }
}

#[cfg(test)]
mod tests;
