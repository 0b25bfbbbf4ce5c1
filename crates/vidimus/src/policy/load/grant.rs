//! `[[grant]]` and `[[class]]`: what identities may say about which products, and which files belong together.

use std::collections::{BTreeMap, BTreeSet};

use super::chain;
use super::document::{Data, Node, Table};
use super::errors::{BAD_VALUE, Errors, ID_TWICE, UNKNOWN_REFERENCE, VACUOUS};
use super::files::Folder;
use super::names::Names;
use super::settings;
use super::structure::shown;
use crate::policy::{BuilderGrant, Class, Grant, ProductPattern, Role, TrackCap, VerifierGrant};

/// Reads every grant.
pub(super) fn grants(
    document: &Table,
    identities: &Names,
    aliases: &BTreeMap<String, Vec<String>>,
    errors: &mut Errors,
) -> Vec<Grant> {
    let mut grants = Vec::new();
    let mut ids = Names::new("grant");
    for (index, table) in document.tables("grant").enumerate() {
        let id = match table.text("id") {
            Some(id) => {
                ids.take(id.text, id.span, errors);
                id.text.to_owned()
            }
            None => {
                let id = format!("grant-{}", index + 1);
                ids.take(&id, &table.span, errors);
                id
            }
        };
        let mut seen = BTreeSet::new();
        for identity in table.texts("identities") {
            identities.check(identity, errors);
            if !seen.insert(identity.text) {
                errors.add(&BAD_VALUE, identity.span, format!("`{}` stands twice in the list", shown(identity.text)));
            }
        }
        let meaning = settings::may(table.texts("may"), aliases, errors);
        grants.push(Grant {
            id,
            identities: table.strings("identities"),
            may: table.strings("may"),
            predicate_types: meaning.predicate_types,
            file: meaning.file,
            sbom: meaning.sbom,
            vex: meaning.vex,
            layout: meaning.layout,
            products: about(table, errors),
            repositories: chain::repositories(table, errors),
            builders: builders(table, errors),
            build_types: table.strings("build_types"),
            verifiers: verifiers(table, errors),
            schemes: table.strings("schemes"),
            track_caps: track_caps(table),
        });
    }
    grants
}

/// `products` of a grant. `"*"` is the same as leaving it out, so that the verdict's caveat cannot be avoided.
fn about(table: &Table, errors: &mut Errors) -> Option<Vec<ProductPattern>> {
    table.node("products")?;
    let patterns = patterns(table, errors);
    if !patterns.contains(&ProductPattern::Any) {
        return Some(patterns);
    }
    if table.list("products").len() > 1 {
        errors.add(&BAD_VALUE, table.span_of("products"), "`\"*\"` is every product; nothing stands beside it");
    }
    None
}

pub(super) fn patterns(table: &Table, errors: &mut Errors) -> Vec<ProductPattern> {
    let one = |node: &Node| {
        let (text, parsed) = match &node.data {
            Data::Text(text) => (text.as_str(), ProductPattern::parse(text)),
            Data::Table(table) => {
                let prefix = table.text("name_prefix")?;
                (prefix.text, ProductPattern::parse_name_prefix(prefix.text))
            }
            _ => return None,
        };
        parsed.map_err(|why| errors.add(&BAD_VALUE, &node.span, format!("`{}`: {why}", shown(text)))).ok()
    };
    table.list("products").iter().filter_map(one).collect()
}

fn builders(table: &Table, errors: &mut Errors) -> Vec<BuilderGrant> {
    let mut builders: Vec<BuilderGrant> = Vec::new();
    let allowed = table.strings("identities");
    for builder in table.tables("builders") {
        let (Some(id), Some(level)) = (builder.text("id"), builder.int("max_level")) else { continue };
        let identity = of_grant(builder, &allowed, errors);
        if builders.iter().any(|other| other.id == id.text && other.identity == identity) {
            errors.add(&ID_TWICE, id.span, format!("the builder `{}` stands twice in this grant", shown(id.text)));
        }
        builders.push(BuilderGrant { id: id.text.to_owned(), identity, max_level: u8::try_from(level).unwrap_or(0) });
    }
    builders
}

fn verifiers(table: &Table, errors: &mut Errors) -> Vec<VerifierGrant> {
    let mut verifiers: Vec<VerifierGrant> = Vec::new();
    let allowed = table.strings("identities");
    for verifier in table.tables("verifiers") {
        let Some(id) = verifier.text("id") else { continue };
        let pair = VerifierGrant { id: id.text.to_owned(), identity: of_grant(verifier, &allowed, errors) };
        if verifiers.contains(&pair) {
            errors.add(&ID_TWICE, id.span, format!("the verifier `{}` stands twice in this grant", shown(id.text)));
        }
        verifiers.push(pair);
    }
    verifiers
}

/// The one identity that a pair is for; it must be one of the grant.
fn of_grant(pair: &Table, allowed: &[String], errors: &mut Errors) -> Option<String> {
    let identity = pair.text("identity")?;
    if !allowed.iter().any(|other| other == identity.text) {
        let message = format!("`{}` is no identity of this grant", shown(identity.text));
        errors.add(&UNKNOWN_REFERENCE, identity.span, message);
    }
    Some(identity.text.to_owned())
}

fn track_caps(table: &Table) -> Vec<TrackCap> {
    let Some(levels) = table.table("max_level") else { return Vec::new() };
    let tracks = [("slsa-build", "BUILD"), ("slsa-source", "SOURCE")];
    let caps = tracks.iter().filter_map(|(key, track)| Some((*track, levels.int(key)?)));
    caps.map(|(track, level)| TrackCap { track: track.to_owned(), level: u8::try_from(level).unwrap_or(0) }).collect()
}

/// Reads every class.
pub(super) fn classes(document: &Table, folder: &mut Folder, errors: &mut Errors) -> Vec<Class> {
    let mut classes: Vec<Class> = Vec::new();
    for table in document.tables("class") {
        let (Some(id), Some(role)) = (table.string("id"), table.text("role")) else { continue };
        let default = table.bool("default").unwrap_or(false);
        if default && classes.iter().any(|class| class.default) {
            errors.add(&BAD_VALUE, table.span_of("default"), "a second default class");
        }
        if default && role.text != "any" {
            errors.add(&BAD_VALUE, role.span, "the default class takes what no other holds; its role is `any`");
        }
        if default && table.node("products").is_some() {
            errors.add(&BAD_VALUE, table.span_of("products"), "the default class holds every product");
        }
        let role = match role.text {
            "top-level" => Role::TopLevel,
            "component" => Role::Component,
            _ => Role::Any,
        };
        let (raise_if, lenient) = (chain::raise(table), chain::lenient(table, folder, errors));
        chain::check_class(role, default, table, errors);
        classes.push(Class { id, role, products: patterns(table, errors), default, raise_if, lenient });
    }
    if !classes.is_empty() && !classes.iter().any(|class| class.default) {
        let message = "no class has `default = true`; files that match none would be in no class";
        errors.add(&VACUOUS, document.span_of("class"), message);
    }
    classes
}
