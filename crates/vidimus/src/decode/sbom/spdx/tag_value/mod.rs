//! SPDX 2 as tag-value: one `Tag: value` a line, `<text>…</text>` over several, `#` for comments (SPDX 2.3 clauses 4 and 6 to 12).
//!
//! The text is given the shape that the same document has in JSON, with the line of everything, so that one reader judges both.
//! A section begins with the tag that names its element; tags of one element after another has begun are out of order.

mod lines;
mod tags;

use serde_json::{Map, Value as Json, json};

pub(in crate::decode::sbom) use self::lines::TagLines;
use self::tags::{How, Section, TAGS, Tag};
use super::check::{self, DANGLING, DOCUMENT};
use super::v2;
use crate::decode::json::Tree;
use crate::decode::sbom::violations::{Lines, Violations};
use crate::decode::sbom::{Invalid, Sbom};
use crate::limits::Limits;
use crate::reason::{Reason, ReasonInfo};

crate::reasons! {
    UNKNOWN_TAG = "spdx.tag-unknown", Unproven, Vendor, ["found", "place"],
        says "{place}: the specification has no tag {found}",
        why "What one reader skips another may read, so there are no other tags than those of the specification (SPDX 2.3 clauses 6 to 12).",
        fix "Correct the tag's spelling and letter case, or put the text into a comment field.";
    TAG_ORDER = "spdx.tag-order", Unproven, Vendor, ["found", "place"],
        says "{place}: {found} belongs to a section that is not open here",
        why "A tag says something about the element whose section it stands in; elsewhere it would be about the wrong one, or none (SPDX 2.3 clauses 6 to 12).",
        fix "Move the line into the section of its element.";
    TAG_REPEATED = "spdx.tag-repeated", Unproven, Vendor, ["found", "place"],
        says "{place}: {found} stands twice in one section",
        why "Of two values for one field readers choose differently (T15; SPDX 2.3 clauses 6 to 12, cardinality one).",
        fix "Keep the line that is meant.";
    TAG_LINE = "spdx.tag-line", Unproven, Vendor, ["place"],
        says "{place} is neither a tag with a value, nor a comment, nor empty",
        why "Text that stands outside of any field is read by nobody, or by some (SPDX 2.3 clause 4).",
        fix "Put values of several lines between <text> and </text>.";
    TAG_VALUE = "spdx.tag-value", Unproven, Vendor, ["expected", "found", "place"],
        says "{place}: the value of {found} is not {expected}",
        why "The specification fixes how the parts of the value are written (SPDX 2.3 clauses 6 to 12).",
        fix "Write the value in the form that the specification gives.";
    LONG = "limit.tag-value", Unproven, Vendor, ["limit"],
        says "a value of more than {limit} bytes in a tag-value document",
        why "Input is bounded by counters, so that no document can exhaust the machine, on any machine (T36).",
        fix "Deliver large content as a file of its own and refer to it by digest.";
    OPEN_TEXT = "spdx.text-open", Unproven, Vendor, ["place"],
        says "{place}: <text> is not closed where it must be",
        why "Without its end nobody knows where the value stops and the next field begins.",
        fix "Close the text with </text> at the end of its last line.";
}

/// How a document begins, after comments and empty lines.
const MARK: &[u8] = b"SPDXVersion:";

/// Is a text that begins so a tag-value document?
pub(in crate::decode) fn has_mark(prefix: &[u8]) -> bool {
    let mut rest = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix).trim_ascii_start();
    // Only comments are looked at to their ends: a document of another format may have one line alone.
    while rest.starts_with(b"#") {
        let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        rest = rest.get(end..).unwrap_or_default().trim_ascii_start();
    }
    rest.starts_with(MARK)
}

/// Can a file that starts so be one? Where the beginning is nothing but comments, nobody knows yet.
pub(in crate::decode) fn may_have_mark(prefix: &[u8]) -> bool {
    let mut lines = prefix.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with(b"#"));
    has_mark(prefix) || prefix.len() >= CUT && first.is_none_or(|line| MARK.starts_with(line))
}

/// A beginning of that many bytes may have been cut.
const CUT: usize = 64;

fn too_long(limits: &Limits) -> Reason {
    Reason::new(&LONG).int("limit", limits.string_bytes as u64)
}

/// Reads a document.
pub(in crate::decode) fn read(text: &str, limits: &Limits) -> Result<Sbom, Invalid> {
    let mut reader = Reader::default();
    let mut rest = text.split('\n').enumerate();
    while let Some((index, line)) = rest.next() {
        reader.line = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((tag, value)) = line.split_once(':').filter(|(tag, _)| is_tag(tag)) else {
            reader.wrong(&TAG_LINE);
            continue;
        };
        let value = match value.trim().strip_prefix("<text>") {
            None => value.trim().to_owned(),
            Some(first) => match quoted(first, rest.by_ref().map(|(_, line)| line), limits)? {
                Some(text) => text,
                None => {
                    reader.wrong(&OPEN_TEXT);
                    continue;
                }
            },
        };
        if value.len() > limits.string_bytes {
            return Err(too_long(limits).into());
        }
        reader.field(tag, &value);
    }
    let (document, lines, found) = reader.finish();
    v2::read(Tree::of(&document).root(), Lines::TagValue(Box::new(lines)), Some(found), limits)
}

fn is_tag(tag: &str) -> bool {
    !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The text from behind `<text>` to `</text>`, which must end its line; `None` if it does not.
fn quoted<'a>(
    first: &'a str,
    mut more: impl Iterator<Item = &'a str>,
    limits: &Limits,
) -> Result<Option<String>, Reason> {
    let (mut text, mut line) = (String::new(), first);
    loop {
        if let Some((inside, after)) = line.split_once("</text>") {
            text.push_str(inside);
            return Ok(after.trim().is_empty().then_some(text));
        }
        text.push_str(line.trim_end_matches('\r'));
        text.push('\n');
        if text.len() > limits.string_bytes {
            return Err(too_long(limits));
        }
        let Some(next) = more.next() else { return Ok(None) };
        line = next;
    }
}

type Object = Map<String, Json>;

/// What has been read.
struct Reader {
    document: Object,
    creation: Object,
    packages: Vec<Object>,
    files: Vec<Object>,
    snippets: Vec<Object>,
    licenses: Vec<Object>,
    reviews: Vec<Object>,
    relationships: Vec<Object>,
    externals: Vec<Object>,
    annotations: Vec<(Object, u32)>,
    lines: TagLines,
    found: Violations,
    /// The element that is open.
    section: Section,
    /// The last annotation or relationship began after the element, so that its tags are in order too.
    aside: Option<Section>,
    line: u32,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            document: Object::new(),
            creation: Object::new(),
            packages: Vec::new(),
            files: Vec::new(),
            snippets: Vec::new(),
            licenses: Vec::new(),
            reviews: Vec::new(),
            relationships: Vec::new(),
            externals: Vec::new(),
            annotations: Vec::new(),
            lines: TagLines::default(),
            found: Violations::new("SPDX tag-value"),
            section: Section::Document,
            aside: None,
            line: 0,
        }
    }
}

impl Reader {
    fn wrong(&mut self, info: &'static ReasonInfo) {
        self.found.add(info, &self.place(), |reason| reason);
    }

    fn wrong_tag(&mut self, info: &'static ReasonInfo, tag: &str) {
        self.found.add(info, &self.place(), |reason| reason.evidence("found", tag));
    }

    fn bad(&mut self, tag: &Tag, expected: &str) {
        let tell = |reason: Reason| reason.name("found", tag.name).name("expected", expected);
        self.found.add(&TAG_VALUE, &self.place(), tell);
    }

    fn place(&self) -> String {
        format!("line-{}", self.line)
    }

    fn field(&mut self, name: &str, value: &str) {
        if name == "SPDXID" {
            return match self.section {
                Section::Document | Section::Package | Section::File => {
                    self.value(&Tag { name: "SPDXID", section: self.section, member: "SPDXID", how: How::One }, value);
                }
                _ => self.wrong_tag(&TAG_ORDER, name),
            };
        }
        let Some(tag) = TAGS.iter().find(|tag| tag.name == name) else {
            return self.wrong_tag(&UNKNOWN_TAG, name);
        };
        let is_aside = matches!(tag.section, Section::Annotation | Section::Relationship);
        if tag.how == How::Begin || tag.how == How::Relationship {
            if is_aside {
                self.aside = Some(tag.section)
            } else {
                (self.section, self.aside) = (tag.section, None)
            }
            return self.begin(tag, value);
        }
        let open = if is_aside { self.aside == Some(tag.section) } else { self.section == tag.section };
        if open { self.value(tag, value) } else { self.wrong_tag(&TAG_ORDER, name) }
    }

    /// Begins an element.
    fn begin(&mut self, tag: &Tag, value: &str) {
        let mut element = Object::new();
        if tag.how == How::Relationship {
            let mut parts = value.split_ascii_whitespace();
            let (Some(from), Some(kind), Some(to), None) = (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                return self.bad(tag, "an identifier, a kind and an identifier");
            };
            for (member, part) in [("spdxElementId", from), ("relationshipType", kind), ("relatedSpdxElement", to)] {
                element.insert(member.to_owned(), part.into());
            }
        } else {
            element.insert(tag.member.to_owned(), value.into());
        }
        let line = self.line;
        match tag.section {
            Section::Snippet => {
                // JSON requires the name, which is optional here.
                element.insert("name".to_owned(), "".into());
                element.insert("ranges".to_owned(), json!([]));
            }
            Section::Annotation => {
                self.annotations.push((element, line));
                return;
            }
            _ => {}
        }
        let list = list_of(tag.section);
        if let Some(elements) = self.elements(tag.section) {
            let index = elements.len();
            elements.push(element);
            self.lines.add(list, index, "", 0, line);
            self.lines.add(list, index, tag.member, 0, line);
        }
    }

    fn elements(&mut self, section: Section) -> Option<&mut Vec<Object>> {
        match section {
            Section::Package => Some(&mut self.packages),
            Section::File => Some(&mut self.files),
            Section::Snippet => Some(&mut self.snippets),
            Section::License => Some(&mut self.licenses),
            Section::Review => Some(&mut self.reviews),
            Section::Relationship => Some(&mut self.relationships),
            Section::Document | Section::Annotation => None,
        }
    }

    /// What the tag's section is about, with its place in its list.
    fn open(&mut self, tag: &Tag) -> Option<(&mut Object, &'static str, usize)> {
        match (tag.section, tag.how) {
            (Section::Document, How::Creation | How::Creations) => Some((&mut self.creation, "creationInfo", 0)),
            (Section::Document, _) => Some((&mut self.document, "", 0)),
            (Section::Annotation, _) => {
                self.annotations.last_mut().map(|(annotation, _)| (annotation, "annotations", 0))
            }
            (section, _) => {
                let elements = self.elements(section)?;
                let index = elements.len().saturating_sub(1);
                Some((elements.last_mut()?, list_of(section), index))
            }
        }
    }

    /// A value of the element that is open.
    fn value(&mut self, tag: &Tag, value: &str) {
        match tag.how {
            How::One | How::Creation => self.once(tag, value.into()),
            How::Truth => match value {
                "true" | "false" => self.once(tag, Json::Bool(value == "true")),
                _ => self.bad(tag, "true or false"),
            },
            How::Many | How::Creations => self.more(tag, value.into()),
            How::Checksum => match checksum(value) {
                Some(sum) => self.more(tag, sum),
                None => self.bad(tag, "an algorithm, a colon and a value"),
            },
            How::VerificationCode => self.once(tag, verification_code(value)),
            How::ExternalReference => {
                let mut parts = value.splitn(3, |c: char| c.is_ascii_whitespace()).map(str::trim);
                match (parts.next(), parts.next(), parts.next()) {
                    (Some(category), Some(kind), Some(locator)) if !locator.is_empty() => self.more(
                        tag,
                        json!({"referenceCategory": category, "referenceType": kind, "referenceLocator": locator}),
                    ),
                    _ => self.bad(tag, "a category, a type and a locator"),
                }
            }
            How::ExternalComment => self.external_comment(tag, value),
            How::ExternalDocument => {
                let mut parts = value.splitn(3, |c: char| c.is_ascii_whitespace()).map(str::trim);
                match (parts.next(), parts.next(), parts.next().and_then(checksum)) {
                    (Some(name), Some(uri), Some(sum)) => {
                        self.lines.add("externalDocumentRefs", self.externals.len(), "", 0, self.line);
                        let reference = json!({"externalDocumentId": name, "spdxDocument": uri, "checksum": sum});
                        self.externals.extend(reference.as_object().cloned());
                    }
                    _ => self.bad(tag, "a name, a URI and a checksum"),
                }
            }
            How::Bytes | How::LineRange => self.range(tag, value),
            How::Over | How::Begin | How::Relationship => {}
        }
    }

    fn once(&mut self, tag: &Tag, value: Json) {
        let line = self.line;
        let Some((map, list, index)) = self.open(tag) else { return };
        // The empty name of a snippet is ours.
        if map.get(tag.member).is_some_and(|old| old != "") {
            return self.wrong_tag(&TAG_REPEATED, tag.name);
        }
        map.insert(tag.member.to_owned(), value);
        self.lines.add(list, index, tag.member, 0, line);
    }

    fn more(&mut self, tag: &Tag, value: Json) {
        let line = self.line;
        let Some((map, list, index)) = self.open(tag) else { return };
        let item = match map.entry(tag.member).or_insert_with(|| json!([])) {
            Json::Array(items) => {
                items.push(value);
                items.len() - 1
            }
            _ => return,
        };
        self.lines.add(list, index, tag.member, item, line);
    }

    fn external_comment(&mut self, tag: &Tag, value: &str) {
        let last = self.packages.last_mut().and_then(|package| package.get_mut("externalRefs"));
        match last.and_then(Json::as_array_mut).and_then(|all| all.last_mut()).and_then(Json::as_object_mut) {
            Some(reference) if !reference.contains_key("comment") => {
                reference.insert("comment".to_owned(), value.into());
            }
            Some(_) => self.wrong_tag(&TAG_REPEATED, tag.name),
            None => self.wrong_tag(&TAG_ORDER, tag.name),
        }
    }

    fn range(&mut self, tag: &Tag, value: &str) {
        let ends = value.split_once(':').and_then(|(a, b)| Some((a.parse::<u64>().ok()?, b.parse::<u64>().ok()?)));
        let Some((start, end)) = ends.filter(|(start, end)| start <= end) else {
            return self.bad(tag, "two numbers with a colon between them");
        };
        let member = if tag.how == How::Bytes { "offset" } else { "lineNumber" };
        // What the range is of is stated by another tag of the section.
        self.more(tag, json!({"startPointer": {member: start}, "endPointer": {member: end}}));
    }

    /// The shape of the document in JSON, and where everything stands.
    fn finish(mut self) -> (Json, TagLines, Violations) {
        for snippet in &mut self.snippets {
            let file = snippet.get("snippetFromFile").cloned().unwrap_or_else(|| "".into());
            for range in snippet.get_mut("ranges").and_then(Json::as_array_mut).into_iter().flatten() {
                for end in range.as_object_mut().into_iter().flat_map(|range| range.values_mut()) {
                    end.as_object_mut().map(|end| end.insert("reference".to_owned(), file.clone()));
                }
            }
        }
        self.annotate();
        if !self.creation.is_empty() {
            self.document.insert("creationInfo".to_owned(), Json::Object(self.creation));
        }
        for (member, elements) in [
            ("packages", self.packages),
            ("files", self.files),
            ("snippets", self.snippets),
            ("hasExtractedLicensingInfos", self.licenses),
            ("revieweds", self.reviews),
            ("relationships", self.relationships),
            ("externalDocumentRefs", self.externals),
        ] {
            if !elements.is_empty() {
                self.document.insert(member.to_owned(), elements.into_iter().map(Json::Object).collect());
            }
        }
        self.lines.sort();
        (Json::Object(self.document), self.lines, self.found)
    }

    /// Annotations say by identifier what they are about; JSON has them inside of it.
    fn annotate(&mut self) {
        let mut places = std::collections::BTreeMap::new();
        for (list, elements) in [("packages", &self.packages), ("files", &self.files), ("snippets", &self.snippets)] {
            for (index, element) in elements.iter().enumerate() {
                let id = element.get("SPDXID").and_then(Json::as_str).unwrap_or_default();
                places.entry(id.to_owned()).or_insert((list, index));
            }
        }
        for (mut annotation, line) in std::mem::take(&mut self.annotations) {
            let about = annotation.remove("SPDXREF");
            let about = about.as_ref().and_then(Json::as_str).unwrap_or_default();
            let place = places.get(about).copied();
            let (list, index) = place.unwrap_or(("", 0));
            let element = match list {
                "packages" => self.packages.get_mut(index),
                "files" => self.files.get_mut(index),
                "snippets" => self.snippets.get_mut(index),
                _ => Some(&mut self.document),
            };
            if place.is_none() && about != DOCUMENT {
                check::wrong(&mut self.found, &DANGLING, &format!("line-{line}"), about);
            }
            if let Some(Json::Array(all)) = element.map(|e| e.entry("annotations").or_insert_with(|| json!([]))) {
                self.lines.add(list, index, "annotations", all.len(), line);
                all.push(Json::Object(annotation));
            }
        }
    }
}

/// The list that JSON has for the elements of a section.
const fn list_of(section: Section) -> &'static str {
    match section {
        Section::Package => "packages",
        Section::File => "files",
        Section::Snippet => "snippets",
        Section::License => "hasExtractedLicensingInfos",
        Section::Review => "revieweds",
        Section::Relationship => "relationships",
        Section::Annotation => "annotations",
        Section::Document => "",
    }
}

/// `SHA1: value`.
fn checksum(value: &str) -> Option<Json> {
    let (algorithm, value) = value.split_once(':')?;
    Some(json!({"algorithm": algorithm.trim(), "checksumValue": value.trim()}))
}

/// `value`, `value (excludes: a, b)` or `value (a)`.
fn verification_code(value: &str) -> Json {
    let (code, excluded) = match value.split_once('(') {
        Some((code, rest)) => (code.trim(), rest.trim_end().trim_end_matches(')')),
        None => (value.trim(), ""),
    };
    let excluded = excluded.trim().trim_start_matches("excludes:");
    let names: Vec<&str> = excluded.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let mut out = json!({"packageVerificationCodeValue": code});
    if let (false, Some(map)) = (names.is_empty(), out.as_object_mut()) {
        map.insert("packageVerificationCodeExcludedFiles".to_owned(), names.into());
    }
    out
}

#[cfg(test)]
mod tests;
