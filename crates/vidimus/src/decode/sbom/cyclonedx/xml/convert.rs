//! An XML document in the shape that the same document has in JSON, so that one reader fills the model from both.
//!
//! The table says what becomes what. An element whose type has room for one name alone is a list; one that may be there several
//! times by itself is a list of its name; what has elements or attributes is an object; all else is text, a number or a truth. The few
//! places where the two notations differ by more than that are named here. White space around the text of an element is taken
//! away: XML is laid out for people.

use std::collections::BTreeMap;

use super::form::Scalar;
use super::table::{Id, Node, Table, Type};
use super::tree::{Element, Outline, Space, Tree};
use crate::decode::json;
use crate::decode::json::tree::Growing;

/// Which elements the objects and lists of the document were.
pub(in crate::decode::sbom) struct Paths {
    outline: Outline,
    elements: Containers,
}

/// Of objects and lists the index in the list of values, and of the element.
type Containers = Vec<(u32, u32)>;

impl Paths {
    pub(super) const fn new(outline: Outline, elements: Containers) -> Self {
        Self { outline, elements }
    }

    /// The path to the element that a value was.
    pub(in crate::decode::sbom) fn of(&self, value: usize) -> String {
        let found = u32::try_from(value).ok();
        let found = found.and_then(|value| self.elements.binary_search_by_key(&value, |(value, _)| *value).ok());
        let element = found.and_then(|at| self.elements.get(at)).map_or(0, |(_, element)| *element);
        self.outline.place(element as usize)
    }
}

/// What is to be written next.
enum Job<'x> {
    /// An element as a value of its type.
    Value(usize, Id),
    /// A licence, or an expression of some, in a list of them.
    License(usize, Id),
    Name(&'x str),
    Scalar(Scalar, &'x str),
    Open(bool),
    Close,
}

/// Elements that older versions let be there several times and JSON does not; the first counts.
const SINGLE: [&str; 4] = ["email", "phone", "manufacture", "supplier"];

struct Convert<'x> {
    tree: &'x Tree<'x>,
    table: &'x Table,
    jobs: Vec<Job<'x>>,
}

/// Converts a document. Text stays where it is, and each name is written once.
pub(super) fn convert<'a>(tree: &Tree<'a>, table: &Table) -> (json::Tree<'a>, Containers) {
    let mut growing = Growing::default();
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut elements = Vec::new();
    let mut convert = Convert { tree, table, jobs: vec![Job::Value(0, table.root)] };
    while let Some(job) = convert.jobs.pop() {
        match job {
            Job::Name(name) => match names.get(name) {
                Some(start) => growing.label(*start, name.len(), true),
                None => {
                    names.insert(name, growing.name(name));
                }
            },
            Job::Scalar(of, text) => scalar(&mut growing, tree.whole(), of, text),
            Job::Open(object) => growing.open(object),
            Job::Close => growing.close(),
            Job::License(index, id) => convert.license(index, id),
            Job::Value(index, id) => {
                let Some(element) = tree.element(index) else { continue };
                let node = table.node(id);
                if let Some(of) = container(node) {
                    // Both are of far fewer than 2^32 nodes: the reader of XML counts them.
                    let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
                    elements.push((number(growing.next()), number(index)));
                    convert.container(index, element, of);
                } else {
                    scalar(&mut growing, tree.whole(), scalar_of(table, node), tree.text(element));
                }
            }
        }
    }
    (growing.tree(tree.whole()), elements)
}

/// The type of what is an object or a list.
fn container(node: &Node) -> Option<&Type> {
    match node {
        Node::Type(of) if of.text.is_none() || !of.attributes.is_empty() => Some(of),
        _ => None,
    }
}

fn scalar_of(table: &Table, node: &Node) -> Scalar {
    match node {
        Node::Type(of) => of.text.map_or(Scalar::Text, |text| scalar_of_text(table.node(text))),
        node => scalar_of_text(node),
    }
}

fn scalar_of_text(node: &Node) -> Scalar {
    match node {
        Node::Text(form) => form.scalar(),
        _ => Scalar::Text,
    }
}

/// What is not written as its type wants it stays text.
fn scalar(growing: &mut Growing, whole: &str, of: Scalar, text: &str) {
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    match (of, text) {
        (Scalar::Truth, "true" | "1") => growing.truth(true),
        (Scalar::Truth, "false" | "0") => growing.truth(false),
        (Scalar::Number, _) if text.parse().is_ok_and(f64::is_finite) => growing.own_number(text),
        _ => growing.piece_of(whole, text),
    }
}

impl<'x> Convert<'x> {
    /// Plans what an element becomes; what is planned is written in the order in which it stands here.
    fn container(&mut self, index: usize, element: &'x Element, of: &'x Type) {
        let before = self.jobs.len();
        let (tree, name) = (self.tree, self.tree.name(element.name));
        let is_list_of_tools = || tree.inside(element).all(|(_, child)| tree.is(child, "tool"));
        if of.is_reference() {
            self.jobs.push(Job::Scalar(Scalar::Text, tree.attribute(element, "ref")));
        } else if name == "licenses" {
            self.list(element, of, Job::License);
        } else if of.is_list() || name == "tools" && is_list_of_tools() {
            self.list(element, of, Job::Value);
        } else {
            self.jobs.push(Job::Open(true));
            if index == 0 {
                self.member("bomFormat", "CycloneDX");
                self.member("specVersion", &tree.version);
            }
            self.attributes(element, of);
            if name == "dependency" {
                self.references(element, "dependency", "dependsOn");
                self.references(element, "provides", "provides");
            } else if of.text.is_some() {
                let text = tree.text(element).trim_matches([' ', '\t', '\n', '\r']);
                self.member(content(of), text);
            } else {
                self.elements(element, of);
            }
            self.jobs.push(Job::Close);
        }
        self.jobs.get_mut(before..).unwrap_or_default().reverse();
    }

    fn list(&mut self, element: &'x Element, of: &'x Type, job: fn(usize, Id) -> Job<'x>) {
        self.jobs.push(Job::Open(false));
        for (index, child) in self.tree.inside(element).filter(|(_, child)| child.space == Space::Own) {
            let position = of.inside(self.tree.name(child.name));
            self.jobs.extend(position.map(|position| job(index, position.id)));
        }
        self.jobs.push(Job::Close);
    }

    fn member(&mut self, name: &'x str, text: &'x str) {
        self.jobs.extend([Job::Name(name), Job::Scalar(Scalar::Text, text)]);
    }

    fn attributes(&mut self, element: &'x Element, of: &'x Type) {
        for attribute in self.tree.attributes(element).iter().filter(|attribute| attribute.space == Space::None) {
            let name = self.tree.name(attribute.name);
            let Some((id, _)) = of.attributes.get(name) else { continue };
            let name = match name {
                "content-type" => "contentType",
                "license-identifier" => "licenseIdentifier",
                name => name,
            };
            let of = scalar_of_text(self.table.node(*id));
            self.jobs.extend([Job::Name(name), Job::Scalar(of, self.tree.value(attribute))]);
        }
    }

    fn references(&mut self, element: &'x Element, name: &str, member: &'x str) {
        let mut any = false;
        for (_, child) in self.tree.inside(element).filter(|(_, child)| self.tree.is(child, name)) {
            if !std::mem::replace(&mut any, true) {
                self.jobs.extend([Job::Name(member), Job::Open(false)]);
            }
            self.jobs.push(Job::Scalar(Scalar::Text, self.tree.attribute(child, "ref")));
        }
        if any {
            self.jobs.push(Job::Close);
        }
    }

    fn elements(&mut self, element: &'x Element, of: &'x Type) {
        let mut listed: Vec<&str> = Vec::new();
        for (index, child) in self.tree.inside(element).filter(|(_, child)| child.space == Space::Own) {
            let name = self.tree.name(child.name);
            let Some(position) = of.inside(name) else { continue };
            if !position.many || SINGLE.contains(&name) {
                self.jobs.extend([
                    Job::Name(if name == "responses" { "response" } else { name }),
                    Job::Value(index, position.id),
                ]);
            } else if !listed.contains(&name) {
                listed.push(name);
                self.jobs.extend([Job::Name(name), Job::Open(false)]);
                let same = self.tree.inside(element).filter(|(_, child)| self.tree.is(child, name));
                self.jobs.extend(same.map(|(index, _)| Job::Value(index, position.id)));
                self.jobs.push(Job::Close);
            }
        }
    }

    /// `<license>` is the licence of an item, `<expression>` is an item with its text, `<expression-detailed>` has its own.
    fn license(&mut self, index: usize, id: Id) {
        let Some(element) = self.tree.element(index) else { return };
        let before = self.jobs.len();
        self.jobs.push(Job::Open(true));
        match self.tree.name(element.name) {
            "license" => self.jobs.extend([Job::Name("license"), Job::Value(index, id)]),
            "expression" => {
                self.member("expression", self.tree.text(element).trim());
                for name in ["acknowledgement", "bom-ref"] {
                    let value = self.tree.attribute(element, name);
                    if !value.is_empty() {
                        self.member(name, value);
                    }
                }
            }
            _ => {
                if let Node::Type(of) = self.table.node(id) {
                    self.attributes(element, of);
                    self.elements(element, of);
                }
            }
        }
        self.jobs.push(Job::Close);
        self.jobs.get_mut(before..).unwrap_or_default().reverse();
    }
}

/// The member that JSON has for the text of an element with attributes.
fn content(of: &Type) -> &'static str {
    let has = |name: &str| of.attributes.contains_key(name);
    if has("alg") {
        "content"
    } else if has("name") {
        "value"
    } else if has("flow") {
        "classification"
    } else {
        "content"
    }
}
