//! XML as a flat list of elements. Well-formed, with namespaces, bounded; without document type, entities of its own, and every
//! encoding but UTF-8. Nothing here recurses.

use std::borrow::Cow;
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
    Other(usize),
}

pub(super) struct Attribute {
    pub(super) space: Space,
    pub(super) name: Name,
    pub(super) value: Box<str>,
}

/// A local name, by its number in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name(usize);

pub(super) struct Element<'a> {
    pub(super) parent: Option<usize>,
    pub(super) space: Space,
    pub(super) name: Name,
    /// Its number among the siblings of its name, from 1; 0 where it has none.
    pub(super) number: usize,
    pub(super) attributes: Vec<Attribute>,
    /// All text directly in it.
    pub(super) text: Cow<'a, str>,
    pub(super) children: Vec<usize>,
}

pub(super) struct Tree<'a> {
    /// In document order; the first is the root.
    pub(super) elements: Vec<Element<'a>>,
    /// What follows [`NAMESPACE`] in the root's namespace.
    pub(super) version: String,
    names: Vec<Box<str>>,
}

impl<'a> Tree<'a> {
    pub(super) fn element(&self, index: usize) -> Option<&Element<'a>> {
        self.elements.get(index)
    }

    pub(super) fn name(&self, name: Name) -> &str {
        self.names.get(name.0).map_or("", AsRef::as_ref)
    }

    /// An attribute without namespace.
    pub(super) fn attribute<'t>(&'t self, element: &'t Element<'a>, name: &str) -> &'t str {
        let plain = element.attributes.iter().filter(|attribute| attribute.space == Space::None);
        let mut named = plain.filter(|attribute| self.name(attribute.name) == name);
        named.next().map_or("", |attribute| attribute.value.as_ref())
    }

    /// Children of the format's namespace with that name.
    pub(super) fn children<'t>(&'t self, element: &'t Element<'a>, name: &'t str) -> impl Iterator<Item = usize> + 't {
        element.children.iter().copied().filter(move |child| {
            self.element(*child).is_some_and(|child| child.space == Space::Own && self.name(child.name) == name)
        })
    }

    /// The text of the first such child, without blanks around it.
    pub(super) fn text_of<'t>(&'t self, element: &'t Element<'a>, name: &'t str) -> &'t str {
        let first = self.children(element, name).next();
        first.and_then(|child| self.element(child)).map_or("", |child| child.text.trim_matches([' ', '\t', '\n', '\r']))
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
        elements: Vec::new(),
        open: Vec::new(),
        spaces: Vec::new(),
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
                builder.text(part.xml10_content(), at)?;
            }
            Event::CData(part) => builder.text_inside(part.xml10_content(), at)?,
            Event::GeneralRef(reference) => {
                let known = match reference.resolve_char_ref() {
                    Ok(Some(c)) if is_char(c) => Some(c),
                    Ok(None) => predefined(&reference),
                    _ => None,
                };
                let c = known.ok_or_else(|| wrong(at, "an entity"))?;
                builder.text_inside(c.to_string().into(), at)?;
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
            let mut names: Vec<(Box<str>, usize)> = builder.names.into_iter().collect();
            names.sort_by_key(|(_, number)| *number);
            let names = names.into_iter().map(|(name, _)| name).collect();
            Ok(Tree { elements: builder.elements, version, names })
        }
        _ => Err(wrong(text.len(), "the text ends too early")),
    }
}

/// An element whose end has not come.
struct Open {
    index: usize,
    /// How many elements of each name are in it so far, and the first of them.
    counts: BTreeMap<Name, (usize, usize)>,
}

struct Builder<'a, 'l> {
    limits: &'l Limits,
    elements: Vec<Element<'a>>,
    /// The open elements, outermost first.
    open: Vec<Open>,
    /// Other namespaces.
    spaces: Vec<String>,
    names: BTreeMap<Box<str>, usize>,
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
        let parent = self.open.last().map(|open| open.index);
        let number = self.number(name, index);
        if let Some(parent) = parent.and_then(|parent| self.elements.get_mut(parent)) {
            parent.children.push(index);
        }
        let text = Cow::Borrowed("");
        self.elements.push(Element { parent, space, name, number, attributes, text, children: Vec::new() });
        self.open.push(Open { index, counts: BTreeMap::new() });
        self.count()
    }

    /// The number of the next element inside the open one. The first is given its own when there is a second.
    fn number(&mut self, name: Name, index: usize) -> usize {
        let Some(open) = self.open.last_mut() else { return 0 };
        let (count, first) = open.counts.entry(name).or_insert((0, index));
        *count += 1;
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
    ) -> Result<Vec<Attribute>, Reason> {
        let mut found: Vec<Attribute> = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| wrong(at, "an attribute that is not well-formed, or there twice"))?;
            if attribute.value.contains('<') {
                return Err(wrong(at, "`<` in an attribute"));
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| wrong(at, "an entity"))?;
            if value.len() > self.limits.string_bytes {
                return Err(limit(self.limits.string_bytes, "bytes in one text"));
            }
            if value.contains(|c| !is_char(c)) {
                return Err(wrong(at, "a character that XML does not have"));
            }
            self.count()?;
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let (space, local) = reader.resolver().resolve_attribute(attribute.key);
            let name = self.name(attribute.key.into_inner(), local.into_inner(), at)?;
            let space = self.space(&space, at)?;
            if found.len() >= MOST_ATTRIBUTES {
                return Err(limit(MOST_ATTRIBUTES, "attributes of one element"));
            }
            if found.iter().any(|other| other.space == space && other.name == name) {
                return Err(wrong(at, "an attribute that is not well-formed, or there twice"));
            }
            found.push(Attribute { space, name, value: value.into() });
        }
        Ok(found)
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
        let number = self.names.len();
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
                let known = self.spaces.iter().position(|known| known == space);
                let number = known.unwrap_or_else(|| {
                    self.spaces.push((*space).to_owned());
                    self.spaces.len() - 1
                });
                if number >= MOST_ATTRIBUTES {
                    return Err(limit(MOST_ATTRIBUTES, "namespaces"));
                }
                Ok(Space::Other(number))
            }
        }
    }

    /// Text anywhere: outside of the root there may be white space.
    fn text(&mut self, text: Cow<'a, str>, at: usize) -> Result<(), Reason> {
        if self.open.is_empty() && is_blank(text.trim_start_matches('\u{feff}')) {
            return Ok(());
        }
        self.text_inside(text, at)
    }

    fn text_inside(&mut self, text: Cow<'a, str>, at: usize) -> Result<(), Reason> {
        let Some(element) = self.open.last().and_then(|open| self.elements.get_mut(open.index)) else {
            return Err(wrong(at, "text outside of the root"));
        };
        if element.text.is_empty() {
            element.text = text;
        } else {
            element.text.to_mut().push_str(&text);
        }
        if element.text.len() > self.limits.string_bytes {
            return Err(limit(self.limits.string_bytes, "bytes in one text"));
        }
        Ok(())
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
