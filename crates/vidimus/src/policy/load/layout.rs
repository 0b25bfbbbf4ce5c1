//! `check = "layout"`.

use std::collections::BTreeMap;

use super::document::{Data, Table};
use super::errors::{BAD_VALUE, Errors};
use super::rule::{Known, by, digests};
use super::structure::shown;
use crate::join::is_parameter;
use crate::policy::LayoutCheck;

pub(super) fn check(table: &Table, known: &Known<'_>, errors: &mut Errors) -> LayoutCheck {
    let mut parameters = BTreeMap::new();
    for entry in table.table("parameters").into_iter().flat_map(|table| &table.entries) {
        if !is_parameter(&entry.key) {
            let message = format!("`{}` is no name of a parameter: letters, digits, `_` and `-`", shown(&entry.key));
            errors.add(&BAD_VALUE, &entry.key_span, message);
        }
        if let Data::Text(value) = &entry.node.data {
            parameters.insert(entry.key.clone(), value.clone());
        }
    }
    LayoutCheck {
        by: by(table, known, errors),
        layouts: digests(table, "layouts", errors).into_iter().collect(),
        threshold: table.int("threshold").and_then(|least| u64::try_from(least).ok()).unwrap_or(1),
        parameters,
        inspections_not_run: table.text("inspections").is_some_and(|stated| stated.text == "not-run"),
    }
}
