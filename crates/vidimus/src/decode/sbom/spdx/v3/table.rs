//! The classes of SPDX 3.0.1 as a table, and the walk that holds an object against its class.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::decode::json::tree::{Json, Map};
use crate::decode::sbom::form::Place;
use crate::decode::sbom::violations::{
    MISSING_MEMBER, UNKNOWN_MEMBER, Violations, WRONG_COUNT, WRONG_FORM, WRONG_TYPE, WRONG_WORD,
};

/// Facts, in the notation that their first lines explain.
const SHAPE: &str = include_str!("classes.shape");

/// What a property's value must be.
#[derive(Clone, Copy, Debug)]
enum Form {
    Text,
    Uri,
    Time,
    Media,
    Version,
    Truth,
    Whole(u64),
    Number,
    Word(&'static str),
    Of(&'static str),
}

#[derive(Clone, Copy, Debug)]
struct Property {
    form: Form,
    list: bool,
    some: bool,
    needed: bool,
}

#[derive(Debug, Default)]
struct Class {
    kind: &'static str,
    base: &'static str,
    /// Its own and those of its bases.
    properties: BTreeMap<&'static str, Property>,
}

#[derive(Debug, Default)]
pub(super) struct Table {
    classes: BTreeMap<&'static str, Class>,
    words: BTreeMap<&'static str, Vec<&'static str>>,
}

/// The table of this build.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(SHAPE));

/// What stands for nothing, for not knowing, and for the organisation itself, with the class of each.
const INDIVIDUALS: [(&str, &str); 5] = [
    ("NoneElement", "IndividualElement"),
    ("NoAssertionElement", "IndividualElement"),
    ("SpdxOrganization", "Organization"),
    ("expandedlicensing_NoneLicense", "expandedlicensing_IndividualLicensingInfo"),
    ("expandedlicensing_NoAssertionLicense", "expandedlicensing_IndividualLicensingInfo"),
];

impl Table {
    fn read(shape: &'static str) -> Self {
        let mut table = Self::default();
        let mut open = "";
        for line in shape.lines().filter(|line| !line.starts_with('#')) {
            let mut parts = line.split_whitespace();
            match (line.starts_with(' '), parts.next(), parts.next(), parts.next()) {
                (false, Some("words"), Some(name), Some(first)) => {
                    table.words.insert(name, std::iter::once(first).chain(parts).collect());
                }
                (false, Some("class"), Some(name), Some(kind)) => {
                    open = name;
                    let base = parts.next().unwrap_or_default();
                    table.classes.insert(name, Class { kind, base, properties: BTreeMap::new() });
                }
                (true, Some(name), Some(form), flag) => {
                    let flags: Vec<&str> = flag.into_iter().chain(parts).collect();
                    let property = Property {
                        form: form_of(form),
                        list: flags.contains(&"list") || flags.contains(&"some"),
                        some: flags.contains(&"some"),
                        needed: flags.contains(&"needed"),
                    };
                    table.classes.entry(open).or_default().properties.insert(name, property);
                }
                _ => {}
            }
        }
        table.inherit();
        table
    }

    fn inherit(&mut self) {
        let names: Vec<&'static str> = self.classes.keys().copied().collect();
        for name in names {
            let mut all = BTreeMap::new();
            let mut next = Some(name);
            while let Some(class) = next.and_then(|name| self.classes.get(name)) {
                for (property, form) in &class.properties {
                    all.entry(*property).or_insert(*form);
                }
                next = Some(class.base);
            }
            if let Some(class) = self.classes.get_mut(name) {
                class.properties = all;
            }
        }
    }

    /// Is a class that one, or derived from it?
    pub(super) fn is(&self, class: &str, of: &str) -> bool {
        let mut next = class;
        while let Some(class) = self.classes.get(next) {
            if next == of {
                return true;
            }
            next = class.base;
        }
        false
    }

    /// The name of the class of an object, if it is one of the specification.
    pub(super) fn class_of(&self, map: Map<'_>) -> Option<&'static str> {
        let stated = map.get("type")?.as_str()?;
        let (name, class) = self.classes.get_key_value(stated)?;
        (class.kind != "abstract").then_some(*name)
    }

    /// Holds an object against the class that it states, and what is inside of it against what the properties ask for.
    pub(super) fn hold(&self, map: Map<'_>, of: Option<&str>, place: &Place<'_>, found: &mut Violations) {
        let Some(class) = self.class_of(map) else {
            let stated = map.get("type").and_then(Json::as_str).unwrap_or_default();
            // An extension is of a class of its own, about which the specification says nothing. It stands in what it extends: by itself it
            // would be a part of the document that nobody reads.
            if !(is_iri(stated) && of == Some("extension_Extension")) {
                found.add(&WRONG_WORD, &place.member("type").pointer(), |reason| reason.evidence("found", stated));
            }
            return;
        };
        if let Some(of) = of.filter(|of| !self.is(class, of)) {
            found.add(&WRONG_TYPE, &place.pointer(), |reason| reason.name("expected", format!("an object of {of}")));
            return;
        }
        let Some(Class { kind, properties, .. }) = self.classes.get(class) else { return };
        let (id, other) = if *kind == "element" { ("spdxId", "@id") } else { ("@id", "spdxId") };
        match map.get(id).map(Json::as_str) {
            None if *kind == "element" => missing(found, place, id),
            Some(text) if !text.is_some_and(|text| is_iri(text) || *kind == "node" && is_blank(text)) => {
                form(found, &place.member(id), "an IRI");
            }
            _ => {}
        }
        for (name, _) in properties.iter().filter(|(name, property)| property.needed && !map.contains_key(name)) {
            missing(found, place, name);
        }
        for (name, value) in map.iter().filter(|(name, _)| *name != id && *name != "type") {
            // Of a document that is one object, the context stands in it.
            if name == "@context" && place.is_root() {
                continue;
            }
            match properties.get(name).filter(|_| name != other) {
                Some(property) => self.property(*property, value, &place.member(name), found),
                None => found.add(&UNKNOWN_MEMBER, &place.pointer(), |reason| reason.evidence("member", name)),
            }
        }
    }

    fn property(&self, property: Property, value: Json<'_>, place: &Place<'_>, found: &mut Violations) {
        if !property.list {
            return self.value(property.form, value, place, found);
        }
        let Some(items) = value.as_array() else {
            return found.add(&WRONG_TYPE, &place.pointer(), |reason| reason.name("expected", "a list"));
        };
        if items.is_empty() && property.some {
            found.add(&WRONG_COUNT, &place.pointer(), |reason| reason.name("expected", "at least one entry"));
        }
        for (index, item) in items.iter().enumerate() {
            self.value(property.form, item, &place.item(index), found);
        }
    }

    fn value(&self, expected: Form, value: Json<'_>, place: &Place<'_>, found: &mut Violations) {
        let wrong = |found: &mut Violations, what: &str| {
            found.add(&WRONG_TYPE, &place.pointer(), |reason| reason.name("expected", what));
        };
        let text = value.as_str();
        match (expected, text) {
            (Form::Truth, _) if value.as_bool().is_some() => {}
            (Form::Truth, _) => wrong(found, "true or false"),
            (Form::Whole(least), _) => {
                let number = value.as_number().filter(|number| number.is_whole());
                if number.is_none_or(|n| n.as_i64().is_some_and(|n| n < i64::try_from(least).unwrap_or(i64::MAX))) {
                    wrong(found, "a whole number in range");
                }
            }
            (Form::Number, _) if value.as_number().is_some() || text.is_some_and(is_decimal) => {}
            (Form::Number, _) => wrong(found, "a number"),
            (Form::Of(class), None) => match value.as_object() {
                Some(map) => self.hold(map, Some(class), place, found),
                None => wrong(found, "an object or a reference"),
            },
            (Form::Of(class), Some(text)) => {
                let individual = INDIVIDUALS.iter().any(|(name, of)| *name == text && self.is(of, class));
                if !individual && !is_iri(text) && !is_blank(text) {
                    form(found, place, "an IRI");
                }
            }
            (_, None) => wrong(found, "a string"),
            (Form::Word(words), Some(text)) => {
                if !self.words.get(words).is_some_and(|words| words.contains(&text)) {
                    found.add(&WRONG_WORD, &place.pointer(), |reason| reason.evidence("found", text));
                }
            }
            (Form::Time, Some(text)) if !has_time_form(text) => form(found, place, "YYYY-MM-DDThh:mm:ssZ"),
            (Form::Media, Some(text)) if !is_media(text) => form(found, place, "a media type"),
            (Form::Version, Some(text)) if !is_version(text) => form(found, place, "a version of three numbers"),
            (Form::Text | Form::Uri | Form::Time | Form::Media | Form::Version, Some(_)) => {}
        }
    }
}

fn form_of(text: &'static str) -> Form {
    match text {
        "uri" => Form::Uri,
        "time" => Form::Time,
        "media" => Form::Media,
        "version" => Form::Version,
        "truth" => Form::Truth,
        "whole0" => Form::Whole(0),
        "whole1" => Form::Whole(1),
        "number" => Form::Number,
        _ => match text.split_once(':') {
            Some(("word", words)) => Form::Word(words),
            Some(("of", class)) => Form::Of(class),
            _ => Form::Text,
        },
    }
}

fn missing(found: &mut Violations, place: &Place<'_>, name: &str) {
    found.add(&MISSING_MEMBER, &place.pointer(), |reason| reason.evidence("member", name));
}

fn form(found: &mut Violations, place: &Place<'_>, expected: &str) {
    found.add(&WRONG_FORM, &place.pointer(), |reason| reason.name("expected", expected));
}

/// Something, a colon, something, and no blank node.
pub(super) fn is_iri(text: &str) -> bool {
    !is_blank(text) && text.char_indices().any(|(at, c)| c == ':' && at > 0 && at + 1 < text.len())
}

/// `_:` and something.
pub(super) fn is_blank(text: &str) -> bool {
    text.strip_prefix("_:").is_some_and(|name| !name.is_empty())
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
}

fn is_media(text: &str) -> bool {
    text.split_once('/').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty() && !b.contains('/'))
}

/// As the schema has it: digits where digits must be, whatever day that is.
fn has_time_form(text: &str) -> bool {
    text.len() == 20
        && text.bytes().zip("dddd-dd-ddTdd:dd:ddZ".bytes()).all(|(b, form)| match form {
            b'd' => b.is_ascii_digit(),
            form => b == form,
        })
}

/// Three numbers without leading zeros, and what semantic versioning allows behind them.
fn is_version(text: &str) -> bool {
    let (core, build) = text.split_once('+').map_or((text, None), |(core, build)| (core, Some(build)));
    let (numbers, before) = core.split_once('-').map_or((core, None), |(numbers, before)| (numbers, Some(before)));
    let is_number =
        |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) && (n == "0" || !n.starts_with('0'));
    let is_word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let numbers: Vec<&str> = numbers.split('.').collect();
    numbers.len() == 3
        && numbers.into_iter().all(is_number)
        && before.is_none_or(|before| {
            before.split('.').all(|w| is_word(w) && (!w.bytes().all(|b| b.is_ascii_digit()) || is_number(w)))
        })
        && build.is_none_or(|build| build.split('.').all(is_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let table = &*TABLE;
        for class in table.classes.values() {
            assert!(class.base == "-" || table.classes.contains_key(class.base), "{}", class.base);
            for property in class.properties.values() {
                match property.form {
                    Form::Word(words) => assert!(table.words.contains_key(words), "{words}"),
                    Form::Of(class) => assert!(table.classes.contains_key(class), "{class}"),
                    _ => {}
                }
            }
        }
        assert!(table.is("software_Package", "Element") && !table.is("Agent", "software_Package"));
        assert!(table.classes.len() > 50 && table.words.len() > 20);
    }

    #[test]
    fn forms_of_text() {
        for (text, iri, version) in [
            ("a:b", true, false),
            ("a:", false, false),
            (":b", false, false),
            ("_:b", false, false),
            ("3.0.1", false, true),
            ("3.0", false, false),
            ("03.0.1", false, false),
            ("3.0.1-rc.1+b", false, true),
            ("3.0.1-01", false, false),
        ] {
            assert_eq!((is_iri(text), is_version(text)), (iri, version), "{text}");
        }
        assert!(has_time_form("2026-99-99T99:99:99Z") && !has_time_form("2026-01-01T00:00:00z"));
        assert!(is_decimal("-1.") && !is_decimal(".1") && is_media("a/b") && !is_media("a/b/c"));
    }
}
