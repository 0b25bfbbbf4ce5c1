//! `check = "origin"`.

use super::document::Table;
use super::errors::{BAD_VALUE, COUNTRY, Errors, MISSING_KEY, UNSATISFIABLE, VACUOUS};
use super::rule::{Known, by};
use super::structure::shown;
use crate::country;
use crate::decode::Stage;
use crate::policy::{Axis, OriginCheck, Region, Strength};

/// The check.
pub(super) fn check(table: &Table, known: &Known<'_>, errors: &mut Errors) -> OriginCheck {
    let axis = match table.text("axis").map(|axis| axis.text) {
        Some("where") => Axis::Where,
        Some("who") => Axis::Who,
        // One that is misspelt is reported already; of this one least else can be wrong.
        _ => Axis::Control,
    };
    let named = table.text("stage").into_iter().chain(table.texts("stages"));
    let stage = |name: &str| Stage::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, stage)| stage);
    let stages: Vec<Stage> = named.filter_map(|name| stage(name.text)).collect();
    let (has_one, has_many) = (table.node("stage").is_some(), table.node("stages").is_some());
    if has_one && has_many {
        errors.add(&BAD_VALUE, table.span_of("stages"), "one of `stage` and `stages`");
    }
    if axis == Axis::Where && !has_one && !has_many {
        let message = "where the work was done is asked of stages: name them";
        errors.add(&MISSING_KEY, &table.span, message);
    }
    let (allow, deny) = (regions(table, "allow", errors), regions(table, "deny", errors));
    if table.node("allow").is_none() && table.node("deny").is_none() {
        errors.add(&VACUOUS, &table.span, "without `allow` and `deny` every country would do");
    }
    if let Some(both) = allow.iter().find(|region| deny.contains(region)) {
        errors.add(&BAD_VALUE, table.span_of("deny"), format!("`{both}` is allowed and denied"));
    }
    let min_strength = match table.text("min_strength").map(|strength| strength.text) {
        Some("implied") => Strength::Implied,
        Some("reproduced-elsewhere") => Strength::Reproduced,
        Some("attested") => Strength::Attested,
        _ => Strength::Declared,
    };
    let check = OriginCheck {
        axis,
        stages,
        allow,
        deny,
        min_strength,
        or_rebuilt: table.node("or_strength").is_some() || min_strength == Strength::Reproduced,
        by: by(table, known, errors),
        max_age_days: table.int("max_age_days").and_then(|days| u32::try_from(days).ok()),
    };
    if min_strength == Strength::Implied && !check.axis_is_implied() {
        let message = "the party table tells who builds and supplies and who controls them; it tells nothing of other stages, nor where work is done";
        errors.add(&UNSATISFIABLE, table.span_of("min_strength"), message);
    }
    if check.or_rebuilt && !check.is_answered_by_rebuild() {
        let key = if min_strength == Strength::Reproduced { "min_strength" } else { "or_strength" };
        let message = match check.stages.is_empty() {
            true => {
                "without `stages` the rule is about everybody who had a part, and a rebuild shows who could have built it alone"
            }
            false => "a rebuild shows who could have built it, and nothing of other stages",
        };
        errors.add(&UNSATISFIABLE, table.span_of(key), message);
    }
    if min_strength == Strength::Reproduced && table.node("or_strength").is_some() {
        errors.add(&BAD_VALUE, table.span_of("or_strength"), "`min_strength` asks for it already");
    }
    check
}

fn regions(table: &Table, key: &str, errors: &mut Errors) -> Vec<Region> {
    let mut regions = Vec::new();
    for text in table.texts(key) {
        let (country, part) = text.text.split_once('-').map_or((text.text, None), |(c, part)| (c, Some(part)));
        if !country::is_known(country) || part.is_some() && country::level(text.text).is_none() {
            let hint = country::instead_of(country).map_or_else(String::new, |code| format!("; write `{code}`"));
            let message =
                format!("`{}` is no ISO 3166-1 alpha-2 or ISO 3166-2 code in upper case{hint}", shown(text.text));
            errors.add(&COUNTRY, text.span, message);
            continue;
        }
        regions.push(Region { country: country.to_owned(), subdivision: part.map(|_| text.text.to_owned()) });
    }
    regions
}
