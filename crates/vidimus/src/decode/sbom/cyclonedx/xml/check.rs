//! The walk of an XML document along a table, without recursion.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::table::{Id, Node, Others, Table, Type};
use super::tree::{Element, Space, Tree, path};
use crate::decode::sbom::cyclonedx::json::check::TOGETHER;
use crate::decode::sbom::cyclonedx::meaning::DUPLICATE;
use crate::decode::sbom::violations::{MISSING_MEMBER, UNKNOWN_MEMBER, Violations, WRONG_FORM, WRONG_TYPE, WRONG_WORD};
use crate::reason::{Reason, ReasonInfo};

crate::reasons! {
    MISPLACED = "sbom.misplaced", Unproven, Vendor, ["format", "place"],
        says "{format}: {place} stands where the version does not have it: in another order, too often, or beside what excludes it",
        why "The version fixes which elements follow which; a reader that takes any order decides what the document means (INT-02).",
        fix "Produce the document again with a tool that follows the declared version.";
}

/// Violations whose places are worked out; the list of a reason is shorter.
const PLACED: usize = 1_000;

struct Walk<'t, 'a> {
    tree: &'t Tree<'a>,
    table: &'t Table,
    found: Violations,
    count: usize,
}

/// Everything that breaks a rule.
pub(super) fn walk(tree: &Tree<'_>, table: &Table, found: Violations) -> Violations {
    let mut walk = Walk { tree, table, found, count: 0 };
    let mut open: Vec<(usize, Id)> = vec![(0, table.root)];
    while let Some((index, id)) = open.pop() {
        let Some(element) = tree.element(index) else { continue };
        match table.node(id) {
            Node::Anything => {}
            Node::Nothing => walk.say(index, &UNKNOWN_MEMBER, |reason| reason.name("member", "of an unknown type")),
            Node::Type(of) => {
                walk.attributes(index, element, of);
                walk.together(index, element, of);
                walk.content(index, element, of, &mut open);
            }
            node @ (Node::Text(_) | Node::Values(_)) => {
                for attribute in tree.attributes(element).iter().filter(|attribute| attribute.space != Space::Instance)
                {
                    let name = walk.tree.name(attribute.name);
                    walk.say(index, &UNKNOWN_MEMBER, |reason| reason.evidence("member", &format!("@{name}")));
                }
                walk.instance(index, element);
                walk.only_text(index, element, node);
            }
        }
    }
    walk.references();
    walk.found
}

impl Walk<'_, '_> {
    /// Attributes of XML Schema's own: where the schema is may be said, a type of the document's choice may not.
    fn instance(&mut self, index: usize, element: &Element) {
        for attribute in self.tree.attributes(element).iter().filter(|attribute| attribute.space == Space::Instance) {
            let name = self.tree.name(attribute.name);
            if !["schemaLocation", "noNamespaceSchemaLocation"].contains(&name) {
                self.say(index, &UNKNOWN_MEMBER, |reason| reason.evidence("member", &format!("@xsi:{name}")));
            }
        }
    }

    fn attributes(&mut self, index: usize, element: &Element, of: &Type) {
        self.instance(index, element);
        for attribute in self.tree.attributes(element) {
            let name = self.tree.name(attribute.name);
            let known = if attribute.space == Space::None { of.attributes.get(name) } else { None };
            let allowed = match (attribute.space, of.others) {
                (Space::Instance, _) | (_, Others::Any) => true,
                (Space::Other(_), Others::Other) => true,
                (Space::Other(_) | Space::Own | Space::None, _) => false,
            };
            match known {
                Some((id, _)) => self.value(index, self.table.node(*id), self.tree.value(attribute), Some(name)),
                None if allowed => {}
                None => self.say(index, &UNKNOWN_MEMBER, |reason| reason.evidence("member", &format!("@{name}"))),
            }
        }
        for (name, _) in of.attributes.iter().filter(|(_, (_, required))| *required) {
            let mut plain = self.tree.attributes(element).iter().filter(|attribute| attribute.space == Space::None);
            if !plain.any(|attribute| self.tree.name(attribute.name) == *name) {
                self.say(index, &MISSING_MEMBER, |reason| reason.name("member", format_args!("@{name}")));
            }
        }
    }

    /// XML Schema 1.0 has no words for these; the version's pages have.
    fn together(&mut self, index: usize, element: &Element, of: &Type) {
        for (attribute, name) in &of.only_with {
            let is_true = matches!(self.tree.attribute(element, attribute).trim(), "true" | "1");
            if !is_true && self.tree.inside(element).any(|(_, child)| self.tree.is(child, name)) {
                self.say(index, &TOGETHER, |reason| {
                    reason.name("first", format_args!("@{attribute}")).name("second", name)
                });
            }
        }
    }

    fn content(&mut self, index: usize, element: &Element, of: &Type, open: &mut Vec<(usize, Id)>) {
        if let Some(id) = of.text {
            self.only_text(index, element, self.table.node(id));
            return;
        }
        if !of.mixed && !self.tree.is_blank(element) {
            self.say(index, &WRONG_TYPE, |reason| reason.name("expected", "without text"));
        }
        let depth = open.len();
        let mut state: Option<usize> = None;
        let tree = self.tree;
        for (child, inner) in tree.inside(element) {
            let name = self.tree.name(inner.name);
            let fits = |position: &usize| {
                of.positions.get(*position).is_some_and(|position| match (position.name, inner.space) {
                    (Some(expected), Space::Own) => expected == name,
                    (None, Space::Other(_) | Space::Instance) => true,
                    _ => false,
                })
            };
            let next = self.next(of, state).iter().copied().find(|position| fits(position));
            let known = next.or_else(|| (0..of.positions.len()).find(|position| fits(position)));
            match (next, known.and_then(|position| of.positions.get(position))) {
                (_, None) => self.say(index, &UNKNOWN_MEMBER, |reason| reason.evidence("member", name)),
                (None, Some(_)) => self.say(child, &MISPLACED, |reason| reason),
                (Some(_), Some(_)) => state = next,
            }
            if let Some(position) = known.and_then(|position| of.positions.get(position)).filter(|p| p.name.is_some()) {
                open.push((child, position.id));
            }
        }
        // What is inside is looked at in the order of the document.
        if let Some(pushed) = open.get_mut(depth..) {
            pushed.reverse();
        }
        let complete = state.map_or(of.empty, |state| of.last.contains(&state));
        if !complete {
            let next = self.next(of, state).iter().filter_map(|position| of.positions.get(*position)?.name);
            let expected = next.collect::<Vec<&str>>().join(" or ");
            self.say(index, &MISSING_MEMBER, |reason| reason.name("member", expected));
        }
    }

    fn next<'o>(&self, of: &'o Type, state: Option<usize>) -> &'o [usize] {
        match state {
            None => &of.first,
            Some(state) => of.positions.get(state).map_or(&[], |position| &position.follow),
        }
    }

    fn only_text(&mut self, index: usize, element: &Element, node: &Node) {
        let tree = self.tree;
        for (_, child) in tree.inside(element) {
            let name = tree.name(child.name);
            self.say(index, &UNKNOWN_MEMBER, |reason| reason.evidence("member", name));
        }
        self.value(index, node, tree.text(element), None);
    }

    /// The text of an element, or of its attribute.
    fn value(&mut self, index: usize, node: &Node, text: &str, attribute: Option<&str>) {
        match node {
            Node::Text(form) if !form.fits(text) => {
                self.say_of(index, attribute, &WRONG_FORM, |reason| reason.name("expected", form.words));
            }
            Node::Values(values) if values.binary_search(&text).is_err() => {
                self.say_of(index, attribute, &WRONG_WORD, |reason| reason.evidence("found", text));
            }
            _ => {}
        }
    }

    /// `bom-ref` is there once with each value, wherever it stands.
    fn references(&mut self) {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let mut repeated = Vec::new();
        for (index, element) in self.tree.elements().skip(1) {
            let plain = self.tree.attributes(element).iter().filter(|attribute| attribute.space == Space::None);
            for attribute in plain.filter(|attribute| self.tree.name(attribute.name) == "bom-ref") {
                if seen.insert(self.tree.value(attribute), index).is_some() {
                    repeated.push(index);
                }
            }
        }
        for index in repeated {
            let name = self.tree.element(index).map(|element| self.tree.attribute(element, "bom-ref"));
            self.say_of(index, Some("bom-ref"), &DUPLICATE, |r| r.evidence("found", name.unwrap_or_default()));
        }
    }

    fn say(&mut self, index: usize, info: &'static ReasonInfo, args: impl FnOnce(Reason) -> Reason) {
        self.say_of(index, None, info, args);
    }

    fn say_of(
        &mut self,
        index: usize,
        attribute: Option<&str>,
        info: &'static ReasonInfo,
        args: impl FnOnce(Reason) -> Reason,
    ) {
        self.count += 1;
        let mut place = if self.count > PLACED { String::new() } else { place(self.tree, index) };
        if let Some(attribute) = attribute {
            // Writing into a string cannot fail.
            let _ = write!(place, "/@{attribute}");
        }
        self.found.add(info, &place, args);
    }
}

/// The path to an element, with its number among those of its name where there are several (XPath).
pub(super) fn place(tree: &Tree<'_>, index: usize) -> String {
    path(index, |index| {
        let element = tree.element(index)?;
        Some((tree.name(element.name), element.number, tree.parent(index)))
    })
}
