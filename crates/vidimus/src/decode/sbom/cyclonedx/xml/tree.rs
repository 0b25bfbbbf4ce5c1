//! XML as a flat list of elements. Well-formed, with namespaces, bounded; without document type, entities of its own, and every
//! encoding but UTF-8. Nothing here recurses.

use std::collections::BTreeMap;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;

use crate::limits::Limits;
use crate::reason::Reason;

crate::reasons! {
    XML = "parse.xml", Unproven, Vendor, ["offset", "problem"],
        says "not acceptable XML at byte {offset}: {problem}",
        why "What readers could understand in more than one way, and what makes a reader fetch or expand something, is not read at all (T15, T36).",
        fix "Write the document again as plain UTF-8 XML 1.0 with namespaces, without a document type and without entities.";
    LIMIT = "limit.xml", Unproven, Vendor, ["limit", "what"],
        says "XML with more than {limit} {what}",
        why "Input is bounded by counters, so that no document can exhaust the machine, on any machine (T36).",
        fix "Split the document; real evidence stays far below the limit.";
}

/// Elements and attributes of one document. Real ones have one in 20 bytes or more.
const MOST_NODES: usize = 4_000_000;

/// Attributes of one element, and namespaces that it declares.
const MOST_ATTRIBUTES: usize = 256;

/// Bytes in a namespace: it is compared for each element that has it.
const NAMESPACE_BYTES: usize = 1024;

/// How the namespaces of CycloneDX begin; the version follows.
pub(super) const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/";

/// Instances of XML Schema say something about the schema there, and nothing about the document.
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Whose a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// The format's, in the version of the root.
    Own,
    /// Nobody's.
    None,
    /// XML Schema's instance attributes.
    Instance,
    /// Another namespace, by its number in the document.
    Other(u16),
}

/// An attribute.
#[derive(Clone, Copy)]
pub(super) struct Attribute {
    pub(super) space: Space,
    pub(super) name: Name,
    value: Piece,
}

/// A local name, by its number in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name(u32);

/// Text: a piece of the document, or, where entities or several parts were put together, of the buffer beside it.
#[derive(Clone, Copy, Default)]
struct Piece {
    start: u32,
    length: u32,
    own: bool,
}

/// An element, in 44 bytes: real documents have a million.
#[derive(Clone, Copy)]
pub(super) struct Element {
    /// Its index where it stands in nothing.
    parent: u32,
    /// The first element in it, and the next beside it; 0 for none, as the root is neither.
    first: u32,
    next: u32,
    pub(super) space: Space,
    pub(super) name: Name,
    /// Its number among those of its name in its parent, from 1; 0 where it is the only one.
    pub(super) number: u32,
    attributes: (u32, u16),
    /// Is there text behind an element in it? Of such text only that is known.
    more: bool,
    text: Piece,
}

/// A document.
pub(super) struct Tree<'a> {
    /// In document order; the first is the root.
    elements: Vec<Element>,
    attributes: Vec<Attribute>,
    /// What follows [`NAMESPACE`] in the root's namespace.
    pub(super) version: String,
    names: Vec<Box<str>>,
    whole: &'a str,
    own: String,
}

/// What the places of elements need: less than a third of the tree.
pub(super) struct Outline {
    steps: Vec<Step>,
    names: Vec<Box<str>>,
}

/// Of an element its parent, its name and its number.
struct Step(u32, Name, u32);

impl Outline {
    /// The path to an element.
    pub(super) fn place(&self, index: usize) -> String {
        path(index, |index| {
            let Step(parent, name, number) = self.steps.get(index)?;
            let name = self.names.get(name.0 as usize).map_or("", AsRef::as_ref);
            Some((name, *number, (*parent as usize != index).then_some(*parent as usize)))
        })
    }
}

/// The path to an element, from its own step up; `step` has the name, the number and the parent of an element.
pub(super) fn path<'n>(index: usize, step: impl Fn(usize) -> Option<(&'n str, u32, Option<usize>)>) -> String {
    let mut steps = Vec::new();
    let mut next = Some(index);
    while let Some((name, number, parent)) = next.and_then(&step) {
        let name = crate::reason::identifier(name);
        steps.push(if number > 0 { format!("/{name}[{number}]") } else { format!("/{name}") });
        next = parent;
    }
    steps.reverse();
    steps.concat()
}

impl<'a> Tree<'a> {
    /// The document.
    pub(super) const fn whole(&self) -> &'a str {
        self.whole
    }

    /// Leaves what places need.
    pub(super) fn into_outline(self) -> Outline {
        let steps = self.elements.iter().map(|element| Step(element.parent, element.name, element.number)).collect();
        Outline { steps, names: self.names }
    }
}

impl Tree<'_> {
    pub(super) fn element(&self, index: usize) -> Option<&Element> {
        self.elements.get(index)
    }

    /// All elements, in document order.
    pub(super) fn elements(&self) -> impl Iterator<Item = (usize, &Element)> {
        self.elements.iter().enumerate()
    }

    /// What an element stands in.
    pub(super) fn parent(&self, index: usize) -> Option<usize> {
        let parent = self.elements.get(index)?.parent as usize;
        (parent != index).then_some(parent)
    }

    pub(super) fn name(&self, name: Name) -> &str {
        self.names.get(name.0 as usize).map_or("", AsRef::as_ref)
    }

    /// All attributes.
    pub(super) fn attributes(&self, element: &Element) -> &[Attribute] {
        let (start, count) = (element.attributes.0 as usize, usize::from(element.attributes.1));
        self.attributes.get(start..start + count).unwrap_or_default()
    }

    pub(super) fn value(&self, attribute: &Attribute) -> &str {
        self.piece(attribute.value)
    }

    /// An attribute without namespace.
    pub(super) fn attribute(&self, element: &Element, name: &str) -> &str {
        let plain = self.attributes(element).iter().filter(|attribute| attribute.space == Space::None);
        let mut named = plain.filter(|attribute| self.name(attribute.name) == name);
        named.next().map_or("", |attribute| self.value(attribute))
    }

    /// The elements directly in it, of any namespace.
    pub(super) fn inside(&self, element: &Element) -> impl Iterator<Item = (usize, &Element)> {
        let mut next = element.first as usize;
        std::iter::from_fn(move || {
            let index = next;
            let element = self.elements.get(index).filter(|_| index > 0)?;
            next = element.next as usize;
            Some((index, element))
        })
    }

    /// Is it the format's own, with that name?
    pub(super) fn is(&self, element: &Element, name: &str) -> bool {
        element.space == Space::Own && self.name(element.name) == name
    }

    /// The text directly in it, up to the first element.
    pub(super) fn text(&self, element: &Element) -> &str {
        self.piece(element.text)
    }

    /// Is there no text in it but white space?
    pub(super) fn is_blank(&self, element: &Element) -> bool {
        !element.more && is_blank(self.text(element))
    }

    fn piece(&self, piece: Piece) -> &str {
        let (start, whole) = (piece.start as usize, if piece.own { self.own.as_str() } else { self.whole });
        whole.get(start..start + piece.length as usize).unwrap_or_default()
    }
}

/// Does the text look like CycloneDX XML: a root `bom` in one of its namespaces? Nothing else is looked at.
pub(super) fn is_cyclonedx(text: &str) -> bool {
    let mut reader = NsReader::from_str(text);
    loop {
        match reader.read_resolved_event() {
            Ok((ResolveResult::Bound(Namespace(space)), Event::Start(start) | Event::Empty(start))) => {
                return start.local_name().into_inner() == "bom" && space.starts_with(NAMESPACE);
            }
            Ok((_, Event::Start(_) | Event::Empty(_) | Event::End(_) | Event::Eof)) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// Reads the document.
pub(super) fn read<'a>(text: &'a str, limits: &Limits) -> Result<Tree<'a>, Reason> {
    if let Some(at) = text.find(|c: char| !is_char(c)) {
        return Err(wrong(at, "a character that XML does not have"));
    }
    let mut reader = NsReader::from_str(text);
    let config = reader.config_mut();
    config.check_comments = true;
    config.expand_empty_elements = true;
    reader.resolver_mut().set_max_namespace_bindings(MOST_ATTRIBUTES);
    let mut builder = Builder {
        limits,
        whole: text,
        own: String::new(),
        elements: Vec::new(),
        attributes: Vec::new(),
        open: Vec::new(),
        spaces: BTreeMap::new(),
        names: BTreeMap::new(),
        nodes: 0,
        root: None,
    };
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader.read_event().map_err(|_| wrong(at, "it is not well-formed"))?;
        match event {
            Event::Eof => break,
            Event::Start(start) => builder.start(&reader, &start, at)?,
            Event::End(_) => {
                builder.open.pop();
            }
            Event::Text(part) => {
                let raw: &str = &part;
                if raw.contains("]]>") {
                    return Err(wrong(at, "`]]>` in a text"));
                }
                builder.text(&part.xml10_content(), at)?;
            }
            Event::CData(part) => builder.text_inside(&part.xml10_content(), at)?,
            Event::GeneralRef(reference) => {
                let known = match reference.resolve_char_ref() {
                    Ok(Some(c)) if is_char(c) => Some(c),
                    Ok(None) => predefined(&reference),
                    _ => None,
                };
                let c = known.ok_or_else(|| wrong(at, "an entity"))?;
                builder.text_inside(c.encode_utf8(&mut [0; 4]), at)?;
            }
            Event::Decl(declaration) => {
                let encoding = declaration.encoding().transpose().map_err(|_| wrong(at, "it is not well-formed"))?;
                let utf8 =
                    encoding.is_none_or(|name| ["utf-8", "us-ascii"].contains(&name.to_ascii_lowercase().as_str()));
                let version = declaration.version().map_err(|_| wrong(at, "it is not well-formed"))?;
                if !utf8 || version != "1.0" {
                    return Err(wrong(at, "another encoding than UTF-8, or another version than 1.0"));
                }
                if !text.get(..at).is_none_or(|before| before.trim_start_matches('\u{feff}').is_empty()) {
                    return Err(wrong(at, "a declaration that is not at the start"));
                }
            }
            Event::DocType(_) => return Err(wrong(at, "a document type")),
            Event::PI(_) | Event::Comment(_) | Event::Empty(_) => {}
        }
    }
    match (builder.root, builder.open.is_empty()) {
        (Some(version), true) => {
            let mut names: Vec<(Box<str>, u32)> = builder.names.into_iter().collect();
            names.sort_by_key(|(_, number)| *number);
            let names = names.into_iter().map(|(name, _)| name).collect();
            let Builder { elements, attributes, own, .. } = builder;
            Ok(Tree { elements, attributes, version, names, whole: text, own })
        }
        _ => Err(wrong(text.len(), "the text ends too early")),
    }
}

/// An element that is open.
struct Open {
    index: usize,
    /// The last element in it so far.
    last: Option<usize>,
    /// Of each name inside: the first of that name, and how many there are.
    inside: BTreeMap<Name, (usize, u32)>,
}

struct Builder<'a, 'l> {
    limits: &'l Limits,
    whole: &'a str,
    own: String,
    elements: Vec<Element>,
    attributes: Vec<Attribute>,
    /// The open elements, outermost first.
    open: Vec<Open>,
    /// Other namespaces, by their number.
    spaces: BTreeMap<String, u16>,
    names: BTreeMap<Box<str>, u32>,
    nodes: usize,
    /// The version in the root's namespace.
    root: Option<String>,
}

impl<'a> Builder<'a, '_> {
    fn start(&mut self, reader: &NsReader<&'a [u8]>, start: &BytesStart<'a>, at: usize) -> Result<(), Reason> {
        if self.open.is_empty() && self.root.is_some() {
            return Err(wrong(at, "something after the root"));
        }
        if self.open.len() >= self.limits.json_depth {
            return Err(limit(self.limits.json_depth, "levels"));
        }
        let (space, local) = reader.resolver().resolve_element(start.name());
        if self.root.is_none() {
            let ResolveResult::Bound(Namespace(space)) = &space else {
                return Err(wrong(at, "a root without namespace"));
            };
            self.root = Some(space.strip_prefix(NAMESPACE).unwrap_or_default().to_owned());
        }
        let name = self.name(start.name().into_inner(), local.into_inner(), at)?;
        let space = self.space(&space, at)?;
        let attributes = self.attributes(reader, start, at)?;
        let index = self.elements.len();
        let low = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        let parent = self.open.last().map_or(index, |parent| parent.index);
        if let Some(open) = self.open.last_mut() {
            // Behind the last one in it, or as the first.
            let (before, is_first) = open.last.replace(index).map_or((open.index, true), |last| (last, false));
            match self.elements.get_mut(before) {
                Some(parent) if is_first => parent.first = low(index),
                Some(before) => before.next = low(index),
                None => {}
            }
        }
        let number = self.number(name, index);
        self.elements.push(Element {
            parent: low(parent),
            first: 0,
            next: 0,
            space,
            name,
            number,
            attributes,
            more: false,
            text: Piece::default(),
        });
        self.open.push(Open { index, last: None, inside: BTreeMap::new() });
        self.count()
    }

    /// Numbers an element among those of its name in the element that is open. The second makes the first the first of several.
    fn number(&mut self, name: Name, index: usize) -> u32 {
        let Some(parent) = self.open.last_mut() else { return 0 };
        let (first, count) = parent.inside.entry(name).or_insert((index, 0));
        *count = count.saturating_add(1);
        if *count == 1 {
            return 0;
        }
        if let Some(first) = self.elements.get_mut(*first) {
            first.number = 1;
        }
        *count
    }

    fn attributes(
        &mut self,
        reader: &NsReader<&'a [u8]>,
        start: &BytesStart<'a>,
        at: usize,
    ) -> Result<(u32, u16), Reason> {
        let first = self.attributes.len();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| wrong(at, "an attribute that is not well-formed, or there twice"))?;
            if attribute.value.contains('<') {
                return Err(wrong(at, "`<` in an attribute"));
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| wrong(at, "an entity"))?;
            let value: &str = &value;
            if value.len() > self.limits.string_bytes {
                return Err(limit(self.limits.string_bytes, "bytes in one text"));
            }
            if value.contains(|c| !is_char(c)) {
                return Err(wrong(at, "a character that XML does not have"));
            }
            self.count()?;
            if attribute.key.as_namespace_binding().is_some() {
                if value.len() > NAMESPACE_BYTES {
                    return Err(limit(NAMESPACE_BYTES, "bytes in one namespace"));
                }
                continue;
            }
            let (space, local) = reader.resolver().resolve_attribute(attribute.key);
            let name = self.name(attribute.key.into_inner(), local.into_inner(), at)?;
            let space = self.space(&space, at)?;
            let found = self.attributes.get(first..).unwrap_or_default();
            if found.len() >= MOST_ATTRIBUTES {
                return Err(limit(MOST_ATTRIBUTES, "attributes of one element"));
            }
            if found.iter().any(|other| other.space == space && other.name == name) {
                return Err(wrong(at, "an attribute that is not well-formed, or there twice"));
            }
            let value = self.piece(value);
            self.attributes.push(Attribute { space, name, value });
        }
        let count = u16::try_from(self.attributes.len() - first).unwrap_or(u16::MAX);
        Ok((u32::try_from(first).unwrap_or(u32::MAX), count))
    }

    /// The number of a local name; `full` is the name with its prefix.
    fn name(&mut self, full: &str, local: &str, at: usize) -> Result<Name, Reason> {
        let prefix = full.strip_suffix(local).and_then(|rest| rest.strip_suffix(':'));
        if !is_name(local) || prefix.is_some_and(|prefix| !is_name(prefix)) {
            return Err(wrong(at, "a name that XML does not have"));
        }
        if let Some(number) = self.names.get(local) {
            return Ok(Name(*number));
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.insert(local.into(), number);
        Ok(Name(number))
    }

    fn space(&mut self, found: &ResolveResult<'_>, at: usize) -> Result<Space, Reason> {
        match found {
            ResolveResult::Unbound => Ok(Space::None),
            ResolveResult::Unknown(_) => Err(wrong(at, "a prefix without namespace")),
            ResolveResult::Bound(Namespace(space)) => {
                if *space == INSTANCE {
                    return Ok(Space::Instance);
                }
                if self.root.as_deref().is_some_and(|version| space.strip_prefix(NAMESPACE) == Some(version)) {
                    return Ok(Space::Own);
                }
                if let Some(number) = self.spaces.get(*space) {
                    return Ok(Space::Other(*number));
                }
                if self.spaces.len() >= MOST_ATTRIBUTES {
                    return Err(limit(MOST_ATTRIBUTES, "namespaces"));
                }
                let number = u16::try_from(self.spaces.len()).unwrap_or(u16::MAX);
                self.spaces.insert((*space).to_owned(), number);
                Ok(Space::Other(number))
            }
        }
    }

    /// Text anywhere: outside of the root there may be white space.
    fn text(&mut self, text: &str, at: usize) -> Result<(), Reason> {
        if self.open.is_empty() && is_blank(text.trim_start_matches('\u{feff}')) {
            return Ok(());
        }
        self.text_inside(text, at)
    }

    fn text_inside(&mut self, text: &str, at: usize) -> Result<(), Reason> {
        let Some(index) = self.open.last().map(|open| open.index) else {
            return Err(wrong(at, "text outside of the root"));
        };
        let Some(element) = self.elements.get(index).copied() else { return Ok(()) };
        if element.first > 0 {
            if let Some(element) = self.elements.get_mut(index) {
                element.more |= !is_blank(text);
            }
            return Ok(());
        }
        let before = element.text;
        if before.length as usize + text.len() > self.limits.string_bytes {
            return Err(limit(self.limits.string_bytes, "bytes in one text"));
        }
        let piece = match (before.length, before.own) {
            (0, _) => self.piece(text),
            // Nothing else is put into the buffer before the first element inside begins.
            (_, true) => self.own_piece(before.start as usize, text),
            (_, false) => {
                let start = self.own.len();
                let (from, length) = (before.start as usize, before.length as usize);
                self.own.push_str(self.whole.get(from..from + length).unwrap_or_default());
                self.own_piece(start, text)
            }
        };
        if let Some(element) = self.elements.get_mut(index) {
            element.text = piece;
        }
        Ok(())
    }

    /// Text that stands in the document as it is, or else in the buffer.
    fn piece(&mut self, text: &str) -> Piece {
        let start = text.as_ptr().addr().wrapping_sub(self.whole.as_ptr().addr());
        let is_there = self.whole.get(start..start.saturating_add(text.len())) == Some(text);
        match (u32::try_from(start), u32::try_from(text.len())) {
            (Ok(start), Ok(length)) if is_there => Piece { start, length, own: false },
            _ => self.own_piece(self.own.len(), text),
        }
    }

    /// What the buffer has from a place on, with text behind it.
    fn own_piece(&mut self, start: usize, text: &str) -> Piece {
        self.own.push_str(text);
        let low = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Piece { start: low(start), length: low(self.own.len() - start), own: true }
    }

    fn count(&mut self) -> Result<(), Reason> {
        self.nodes += 1;
        if self.nodes > MOST_NODES { Err(limit(MOST_NODES, "elements and attributes")) } else { Ok(()) }
    }
}

/// Is it white space of XML, or nothing?
pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
}

/// `Char` of XML 1.0.
fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// `NCName`, with letters and digits of Unicode for the productions of XML 1.0.
fn is_name(name: &str) -> bool {
    let is_start = |c: char| c == '_' || c.is_alphabetic();
    name.chars().next().is_some_and(is_start)
        && name
            .chars()
            .all(|c| is_start(c) || c.is_numeric() || matches!(c, '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}'))
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

pub(super) fn wrong(offset: usize, problem: &str) -> Reason {
    Reason::new(&XML).int("offset", offset).name("problem", problem)
}

fn limit(limit: usize, what: &str) -> Reason {
    Reason::new(&LIMIT).int("limit", limit).name("what", what)
}
