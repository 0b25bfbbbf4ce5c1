//! The top of a policy: version, window, limits, algorithms, formats, predicate aliases.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::document::{Table, Text};
use super::errors::{BAD_VALUE, Errors, LIMIT, SCHEMA as WRONG_SCHEMA, UNKNOWN_REFERENCE, WINDOW};
use super::spec::SCHEMA;
use super::structure::{did_you_mean, listed, shown};
use crate::authenticate::keys::SignatureAlgorithm;
use crate::digest::Algorithm;
use crate::limits::Limits;
use crate::policy::{Algorithms, Formats, Window, default_predicates};

/// The word in `may` and `accept` for plain signatures over a file.
pub(super) const FILE: &str = "file";
/// What grants call layouts of in-toto, which are no statements.
pub(super) const LAYOUT: &str = "layout";

/// Is the document written for this version of the language?
pub(super) fn check_version(document: &Table, errors: &mut Errors) {
    if let Some(schema) = document.text("schema").filter(|schema| schema.text != SCHEMA) {
        let message = format!("`schema` is `{}`; this version reads `{SCHEMA}`", shown(schema.text));
        errors.add(&WRONG_SCHEMA, schema.span, message);
    }
    if let Some(semantics) = document.int("semantics").filter(|n| *n != 1) {
        let message = format!("`semantics` is {semantics}; this version evaluates 1");
        errors.add(&WRONG_SCHEMA, document.span_of("semantics"), message);
    }
    if let Some(id) = document.text("id").filter(|id| !is_urn(id.text)) {
        errors.add(&BAD_VALUE, id.span, "`id` must be a URN such as `urn:example:intake`");
    }
}

/// RFC 8141, without the optional parts behind `?` and `#`.
pub(in crate::policy) fn is_urn(id: &str) -> bool {
    let Some((nid, nss)) = id.strip_prefix("urn:").and_then(|rest| rest.split_once(':')) else { return false };
    let letter = |b: u8| b.is_ascii_alphanumeric();
    let outer = nid.bytes().next().is_some_and(letter) && nid.bytes().next_back().is_some_and(letter);
    let nss_grammar = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&()*+,;=:@/%".contains(&b);
    (2..=32).contains(&nid.len())
        && outer
        && nid.bytes().all(|b| letter(b) || b == b'-')
        && (1..=256).contains(&nss.len())
        && nss.bytes().all(nss_grammar)
        && !nss.starts_with('/')
}

/// A window by two keys of `table`.
pub(super) fn window(table: &Table, from: &str, until: &str, errors: &mut Errors) -> Window {
    let window = Window { from: table.time(from), until: table.time(until) };
    if let (Some(start), Some(end)) = (window.from, window.until)
        && start > end
    {
        errors.add(&WINDOW, table.span_of(until), format!("`{until}` ({end}) is before `{from}` ({start})"));
    }
    window
}

/// `[limits]`.
pub(super) fn limits(document: &Table, errors: &mut Errors) -> Limits {
    let mut limits = Limits::MAX;
    let Some(table) = document.table("limits") else { return limits };
    for entry in &table.entries {
        let Some(value) = table.int(&entry.key) else { continue };
        let span = &entry.node.span;
        match entry.key.as_str() {
            "max_delivery_bytes" => lower(&mut limits.delivery_bytes, value, span, errors),
            "max_files" => lower(&mut limits.files, value, span, errors),
            "max_evidence_item_bytes" => lower(&mut limits.evidence_item_bytes, value, span, errors),
            "max_evidence_bytes" => lower(&mut limits.evidence_bytes, value, span, errors),
            "max_evidence_items" => lower(&mut limits.evidence_items, value, span, errors),
            "max_components" => lower(&mut limits.components, value, span, errors),
            "max_edges" => lower(&mut limits.edges, value, span, errors),
            "max_depth_chain" => lower(&mut limits.chain_depth, value, span, errors),
            "max_signatures" => lower(&mut limits.signatures, value, span, errors),
            "max_json_depth" => lower(&mut limits.json_depth, value, span, errors),
            "max_string_bytes" => lower(&mut limits.string_bytes, value, span, errors),
            "max_certificates" => lower(&mut limits.certificates, value, span, errors),
            "max_inclusion_path" => lower(&mut limits.inclusion_path, value, span, errors),
            "max_cosignatures" => lower(&mut limits.cosignatures, value, span, errors),
            "max_archive_members" => lower(&mut limits.archive_members, value, span, errors),
            "max_archive_bytes" => lower(&mut limits.archive_bytes, value, span, errors),
            "max_depth_archive" => lower(&mut limits.archive_depth, value, span, errors),
            "max_expansion_ratio" => lower(&mut limits.archive_ratio, value, span, errors),
            "max_path_segments" => lower(&mut limits.path_segments, value, span, errors),
            _ => {}
        }
    }
    limits
}

fn lower<T>(limit: &mut T, value: i64, span: &Range<usize>, errors: &mut Errors)
where
    T: TryFrom<i64> + PartialOrd + From<u8> + Copy + std::fmt::Display,
{
    match T::try_from(value) {
        Ok(value) if value >= T::from(1) && value <= *limit => *limit = value,
        _ => errors.add(&LIMIT, span, format!("{value} is not from 1 to {limit}; a policy can only lower limits")),
    }
}

/// `[algorithms]`.
pub(super) fn algorithms(document: &Table, errors: &mut Errors) -> Algorithms {
    let empty = Table::default();
    let table = document.table("algorithms").unwrap_or(&empty);
    let mut digest_bind: Vec<Algorithm> =
        table.texts("digest_bind").filter_map(|name| Algorithm::from_name(name.text)).collect();
    let mut signature: Vec<SignatureAlgorithm> =
        table.texts("signature").filter_map(|name| algorithm(name, errors)).collect();
    if table.node("digest_bind").is_none() {
        digest_bind = Algorithm::ALL.to_vec();
    }
    if table.node("signature").is_none() {
        signature = SignatureAlgorithm::DEFAULT.to_vec();
    }
    let mut sunset = Vec::new();
    let mut seen = BTreeSet::new();
    for entry in table.tables("sunset") {
        let Some(name) = entry.text("alg") else { continue };
        let Some(alg) = algorithm(name, errors) else { continue };
        if !seen.insert(alg) {
            errors.add(&BAD_VALUE, name.span, format!("`{alg}` has two sunsets"));
        }
        sunset.extend(entry.time("after").map(|after| (alg, after)));
    }
    Algorithms { digest_bind, signature, sunset }
}

/// A signature algorithm by name.
pub(super) fn algorithm(name: Text<'_>, errors: &mut Errors) -> Option<SignatureAlgorithm> {
    const NAMES: &[&str] =
        &["ecdsa-p256-sha256", "ecdsa-p384-sha384", "ed25519", "rsa-pss-3072-sha256", "rsa-pkcs1-2048-sha256"];
    let found = SignatureAlgorithm::from_name(name.text);
    if found.is_none() {
        let hint = match did_you_mean(name.text, NAMES) {
            hint if hint.is_empty() => format!("; known are {} and their like for RSA", listed(NAMES)),
            hint => hint,
        };
        errors.add(&BAD_VALUE, name.span, format!("`{}` is no signature algorithm{hint}", shown(name.text)));
    }
    found
}

/// `[formats]`.
pub(super) fn formats(document: &Table) -> Formats {
    let empty = Table::default();
    let table = document.table("formats").unwrap_or(&empty);
    let minor = table.text("sigstore_bundle_min").and_then(|version| version.text.strip_prefix("0.")?.parse().ok());
    Formats {
        sigstore_bundle_min: minor,
        statement_types: table.strings("statement_types"),
        sbom: table.strings("sbom"),
        sbom_tolerate: table.strings("sbom_tolerate").into_iter().collect(),
    }
}

/// The built-in aliases, with what `[predicates]` says instead.
pub(super) fn predicates(document: &Table, errors: &mut Errors) -> BTreeMap<String, Vec<String>> {
    let mut aliases = default_predicates();
    for entry in document.table("predicates").into_iter().flat_map(|table| &table.entries) {
        let alias = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if [FILE, LAYOUT].contains(&entry.key.as_str()) {
            let message = "`file` is a plain signature over a file, and `layout` a layout of in-toto; they have no predicate types";
            errors.add(&BAD_VALUE, &entry.key_span, message);
        } else if !entry.key.bytes().all(alias) || entry.key.is_empty() || entry.key.len() > 64 {
            errors.add(&BAD_VALUE, &entry.key_span, "an alias has 1 to 64 characters of `[a-z0-9-]`");
        }
        let mut types = Vec::new();
        for text in entry.node.list().iter().filter_map(super::document::Node::text) {
            if is_type_uri(text.text) {
                types.push(text.text.to_owned());
            } else {
                errors.add(&BAD_VALUE, text.span, format!("`{}` is no predicate type URI", shown(text.text)));
            }
        }
        aliases.insert(entry.key.clone(), types);
    }
    aliases
}

/// What a list of aliases, predicate type URIs and `file` means.
#[derive(Debug, Default)]
pub(super) struct Meaning {
    pub(super) predicate_types: BTreeSet<String>,
    pub(super) file: bool,
    pub(super) sbom: bool,
    pub(super) vex: bool,
    pub(super) layout: bool,
}

/// Resolves `accept`: kinds of statements about files.
pub(super) fn resolve<'t>(
    words: impl Iterator<Item = Text<'t>>,
    aliases: &BTreeMap<String, Vec<String>>,
    errors: &mut Errors,
) -> Meaning {
    let refuse = |word: &Text<'t>| (word.text == LAYOUT).then(|| word.span.clone());
    let words: Vec<Text<'t>> = words.collect();
    for span in words.iter().filter_map(refuse) {
        errors.add(
            &BAD_VALUE,
            &span,
            "a layout is about no file by itself; a rule with `check = \"layout\"` asks for one",
        );
    }
    may(words.into_iter(), aliases, errors)
}

/// Resolves `may`.
pub(super) fn may<'t>(
    words: impl Iterator<Item = Text<'t>>,
    aliases: &BTreeMap<String, Vec<String>>,
    errors: &mut Errors,
) -> Meaning {
    let mut meaning = Meaning::default();
    let mut seen = BTreeSet::new();
    for word in words {
        if !seen.insert(word.text) {
            errors.add(&BAD_VALUE, word.span, format!("`{}` stands twice in the list", shown(word.text)));
        }
        meaning.sbom |= word.text == "sbom";
        meaning.vex |= word.text == "vex";
        if word.text == FILE {
            meaning.file = true;
        } else if word.text == LAYOUT {
            meaning.layout = true;
        } else if let Some(types) = aliases.get(word.text) {
            meaning.predicate_types.extend(types.iter().cloned());
        } else if is_type_uri(word.text) {
            meaning.predicate_types.insert(word.text.to_owned());
        } else {
            let known: Vec<&str> = aliases.keys().map(String::as_str).chain([FILE, LAYOUT]).collect();
            let hint = match did_you_mean(word.text, &known) {
                hint if hint.is_empty() => format!("; known are {} and full URIs", listed(&known)),
                hint => hint,
            };
            errors.add(&UNKNOWN_REFERENCE, word.span, format!("there is no predicate `{}`{hint}", shown(word.text)));
        }
    }
    meaning
}

/// A predicate type is compared byte for byte, so anything with a scheme and visible ASCII will do.
pub(in crate::policy) fn is_type_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let scheme_grammar = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    scheme.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && scheme.bytes().all(scheme_grammar)
        && !rest.is_empty()
        && text.len() <= 512
        && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'*' | b'\\' | b'"' | b'<' | b'>'))
}
