//! The walk of a document along a table, without recursion.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::table::{Id, Node, Object, Rule, Table, When};
use crate::decode::json::same;
use crate::decode::json::tree::{Items, Json, List, Map, Members, Number, What};
use crate::decode::sbom::bom_link::BomLink;
use crate::decode::sbom::cyclonedx::notation::Bounds;
use crate::decode::sbom::cyclonedx::text::{Form, is_reference};
use crate::decode::sbom::violations::{
    EXCLUDED, MISSING_MEMBER, REPEATED, UNKNOWN_MEMBER, Violations, WRONG_COUNT, WRONG_FORM, WRONG_TYPE, WRONG_WORD,
};
use crate::reason::{Reason, ReasonInfo};

crate::reasons! {
    TOGETHER = "sbom.together", Unproven, Vendor, ["first", "format", "place", "second"],
        says "{format}: {place} has {second}, which does not stand with this {first}",
        why "The version says which members exclude or need each other; a reader that drops one of them decides what the document means (INT-02).",
        fix "Keep the member that is meant, or state what it needs.";
}

/// One step into a value.
#[derive(Clone, Copy)]
enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

/// A container that is open.
enum Frame<'a, 't> {
    Object { rest: Members<'a>, shape: &'t Object },
    List { rest: std::iter::Enumerate<Items<'a>>, item: Id },
}

struct Walk<'a, 't, 'v> {
    table: &'t Table,
    links: Links<'a>,
    frames: Vec<Frame<'a, 't>>,
    path: Vec<Step<'a>>,
    found: &'v mut Violations,
}

/// What elements are called, and where elements are called so.
#[derive(Default)]
pub(super) struct Links<'a> {
    defined: Vec<&'a str>,
    used: Vec<&'a str>,
    signatures: Vec<String>,
    /// On a second walk: names whose places are wanted, and these places.
    wanted: Option<(Wanted<'a>, Problems)>,
}

/// Names that two elements have, and names that none has.
#[derive(Default)]
struct Wanted<'a> {
    repeated: BTreeSet<&'a str>,
    dangling: BTreeSet<&'a str>,
}

/// Names that are wrong, with their places in document order.
#[derive(Default)]
pub(in crate::decode::sbom::cyclonedx) struct Problems {
    /// A `bom-ref` that an earlier element has.
    pub(in crate::decode::sbom::cyclonedx) repeated: Vec<(String, String)>,
    /// A reference to nothing in the document.
    pub(in crate::decode::sbom::cyclonedx) dangling: Vec<(String, String)>,
    /// Names that begin like a BOM-Link.
    pub(in crate::decode::sbom::cyclonedx) prefixed: Vec<String>,
    /// Places of signatures.
    pub(in crate::decode::sbom::cyclonedx) signatures: Vec<String>,
}

/// Looks for names that are wrong. Nearly always there is none, and no place is worked out.
pub(super) fn problems<'a>(document: Json<'a>, table: &Table, links: Links<'a>) -> Problems {
    let prefixed = links.defined.iter().filter(|name| name.starts_with(BomLink::SCHEME));
    let known = Problems {
        signatures: links.signatures,
        prefixed: prefixed.map(|name| (*name).to_owned()).collect(),
        ..Problems::default()
    };
    let mut wanted = Wanted::default();
    // By a hash first, as names have long beginnings in common; nothing depends on its value.
    let mut defined: Vec<(u64, &str)> = links.defined.iter().map(|name| (same::text(name), *name)).collect();
    defined.sort_unstable();
    wanted.repeated.extend(defined.windows(2).filter_map(|pair| match pair {
        [a, b] if a == b => Some(a.1),
        _ => None,
    }));
    let is_elsewhere = |name: &str| name.is_empty() || name.starts_with(BomLink::SCHEME);
    let resolves = |name: &&&str| is_elsewhere(name) || defined.binary_search(&(same::text(name), **name)).is_ok();
    wanted.dangling.extend(links.used.iter().filter(|name| !resolves(name)).copied());
    if wanted.repeated.is_empty() && wanted.dangling.is_empty() {
        return known;
    }
    let mut ignored = Violations::new("");
    let again = Links { wanted: Some((wanted, known)), ..Links::default() };
    let mut walk = Walk { table, frames: Vec::new(), path: Vec::new(), found: &mut ignored, links: again };
    walk.all(document);
    walk.links.wanted.map(|(_, problems)| problems).unwrap_or_default()
}

/// Notes every violation, in the order of the places.
pub(super) fn walk<'a>(document: Json<'a>, table: &Table, found: &mut Violations) -> Links<'a> {
    let mut walk = Walk { table, frames: Vec::new(), path: Vec::new(), found, links: Links::default() };
    walk.all(document);
    walk.links
}

impl<'a, 't> Walk<'a, 't, '_> {
    fn all(&mut self, document: Json<'a>) {
        self.enter(document, self.table.root);
        while let Some((step, value, id)) = self.next() {
            self.path.push(step);
            if matches!(step, Step::Member("signature")) && value.is_object() && self.links.wanted.is_none() {
                let place = self.place();
                self.links.signatures.push(place);
            }
            if !self.enter(value, id) {
                self.path.pop();
            }
        }
    }

    /// A text that is a name, or refers to one.
    fn link(&mut self, form: &Form, text: &'a str) {
        let is_name = matches!(self.path.last(), Some(Step::Member("bom-ref")));
        if !is_name && !is_reference(form) {
            return;
        }
        if self.links.wanted.is_none() {
            let list = if is_name { &mut self.links.defined } else { &mut self.links.used };
            return list.push(text);
        }
        let place = self.place();
        let Some((wanted, problems)) = &mut self.links.wanted else { return };
        if is_name && wanted.repeated.contains(text) {
            problems.repeated.push((place, text.to_owned()));
        } else if !is_name && wanted.dangling.contains(text) {
            problems.dangling.push((place, text.to_owned()));
        }
    }

    /// The next value inside what is open, and what it must be.
    fn next(&mut self) -> Option<(Step<'a>, Json<'a>, Id)> {
        loop {
            match self.frames.last_mut()? {
                Frame::List { rest, item } => {
                    if let Some((index, value)) = rest.next() {
                        return Some((Step::Item(index), value, *item));
                    }
                }
                Frame::Object { rest, shape } => {
                    if let Some((name, value)) = rest.next() {
                        match shape.member(name) {
                            Some(id) => return Some((Step::Member(name), value, id)),
                            None if shape.open => {}
                            None => self.say(&UNKNOWN_MEMBER, |reason| reason.evidence("member", name)),
                        }
                        continue;
                    }
                }
            }
            self.frames.pop();
            self.path.pop();
        }
    }

    /// Notes a violation at the current place (a JSON Pointer, RFC 6901). Only members that the version defines are walked
    /// into, so nothing in it is free text of the document.
    fn say(&mut self, info: &'static ReasonInfo, args: impl FnOnce(Reason) -> Reason) {
        let place = self.place();
        self.found.add(info, &place, args);
    }

    fn place(&self) -> String {
        let mut place = String::new();
        for step in &self.path {
            // Writing into a string cannot fail.
            let _ = match step {
                Step::Member(name) => write!(place, "/{name}"),
                Step::Item(index) => write!(place, "/{index}"),
            };
        }
        place
    }

    fn expected(&mut self, info: &'static ReasonInfo, words: impl std::fmt::Display) {
        self.say(info, |reason| reason.name("expected", words));
    }

    /// Looks at a value; is it a container that is open now?
    fn enter(&mut self, value: Json<'a>, id: Id) -> bool {
        let table = self.table;
        let node = match table.node(id) {
            Node::Choice(rows) => table.node(chosen(rows, value)),
            node => node,
        };
        match (node, value.what()) {
            (Node::Any, _) | (Node::Bool, What::Bool(_)) => {}
            (Node::Object(shape), What::Object(map)) => {
                self.object(shape, map);
                self.frames.push(Frame::Object { rest: map.iter(), shape });
                return true;
            }
            (Node::List { item, unique, least, most }, What::Array(list)) => {
                self.list(list, *unique, *least, *most);
                self.frames.push(Frame::List { rest: list.iter().enumerate(), item: *item });
                return true;
            }
            (Node::Text(form), What::String(text)) => {
                if !(form.fits)(text) {
                    self.expected(&WRONG_FORM, form.words);
                }
                self.link(form, text);
            }
            (Node::Values(values), What::String(text)) => {
                if values.binary_search(&text).is_err() {
                    self.say(&WRONG_WORD, |reason| reason.evidence("found", text));
                }
            }
            (Node::Int(bounds), What::Number(number)) if number.is_whole() => self.number(number, *bounds),
            (Node::Number(bounds), What::Number(number)) => self.number(number, *bounds),
            (node, _) => self.expected(&WRONG_TYPE, expected(node)),
        }
        false
    }

    fn object(&mut self, shape: &Object, map: Map<'_>) {
        let has = |name: &&str| map.contains_key(name);
        for name in shape.required.iter().filter(|name| !has(name)) {
            self.say(&MISSING_MEMBER, |reason| reason.name("member", name));
        }
        for rule in &shape.rules {
            match rule {
                Rule::One(groups) => {
                    if groups.iter().filter(|group| group.iter().all(has)).count() != 1 {
                        let groups = groups.iter().map(|group| group.join(" with "));
                        self.say(&EXCLUDED, |reason| reason.list("members", groups));
                    }
                }
                Rule::Some(members) => {
                    if !members.iter().any(has) {
                        self.say(&MISSING_MEMBER, |reason| reason.name("member", members.join(" or ")));
                    }
                }
                Rule::NotBoth(first, second) if has(first) && has(second) => self.together(first, second),
                Rule::OnlyWith(flag, member)
                    if has(member) && map.get(flag).is_none_or(|flag| flag.as_bool() == Some(false)) =>
                {
                    self.together(flag, member);
                }
                Rule::NotBoth(..) | Rule::OnlyWith(..) => {}
            }
        }
    }

    fn together(&mut self, first: &str, second: &str) {
        self.say(&TOGETHER, |reason| reason.name("first", first).name("second", second));
    }

    fn list(&mut self, list: List<'a>, unique: bool, least: usize, most: usize) {
        if list.len() < least {
            self.expected(&WRONG_COUNT, "at least one item");
        }
        if list.len() > most {
            self.expected(&WRONG_COUNT, "one item alone");
        }
        if unique {
            for index in same::repeated(list) {
                self.path.push(Step::Item(index));
                self.say(&REPEATED, |reason| reason);
                self.path.pop();
            }
        }
    }

    fn number(&mut self, number: Number<'_>, bounds: Bounds) {
        if !bounds.hold(number.as_f64()) {
            self.expected(&WRONG_FORM, bounds);
        }
    }
}

/// The type of the first row that fits.
fn chosen(rows: &[(When, Id)], value: Json<'_>) -> Id {
    let has = |value: Json<'_>, name: &str| value.get(name).is_some();
    let fits = |when: When| match when {
        When::List => value.is_array(),
        When::Object => value.is_object(),
        When::Text => value.is_string(),
        When::Has(name) => has(value, name),
        When::Is(name, text) => value.get(name).and_then(Json::as_str) == Some(text),
        When::ListWith(name) => value.as_array().unwrap_or_default().iter().any(|item| has(item, name)),
        When::ListOfText => value.as_array().unwrap_or_default().iter().any(Json::is_string),
        When::Else => true,
    };
    rows.iter().find(|(when, _)| fits(*when)).map_or(super::table::NOTHING, |(_, id)| *id)
}

/// What a node is in a sentence.
fn expected(node: &Node) -> &'static str {
    match node {
        Node::Object(_) => "an object",
        Node::List { .. } => "a list",
        Node::Text(_) | Node::Values(_) => "text",
        Node::Int(_) => "a whole number",
        Node::Number(_) => "a number",
        Node::Bool => "true or false",
        Node::Nothing | Node::Any | Node::Choice(_) => "one of its alternatives and no other",
    }
}
