//! Trusted roots that a case changes before use.

use serde_json::{Value as Json, json};

use super::case::Case;
use crate::Result;

/// The root's bytes with what the case's `args` change; unchanged bytes where they change nothing.
pub(super) fn changed(case: &Case, bytes: Vec<u8>) -> Result<Vec<u8>> {
    let drop = case.args.get("drop_timestamp_authorities") == Some(&Json::Bool(true));
    let other = case.arg("timestamp_authority");
    if !drop && other.is_none() {
        return Ok(bytes);
    }
    let bad = |error: serde_json::Error| format!("{}: {error}", case.id);
    let mut root: Json = serde_json::from_slice(&bytes).map_err(bad)?;
    let mut authorities = Vec::new();
    if let Some(path) = other {
        let mut authority: Json = serde_json::from_slice(&case.bytes(path)?).map_err(bad)?;
        if let (Some(until), Some(object)) = (case.arg("timestamp_authority_valid_until"), authority.as_object_mut()) {
            let window = object.entry("validFor").or_insert_with(|| json!({}));
            if let Some(window) = window.as_object_mut() {
                window.insert("end".to_owned(), json!(until));
            }
        }
        authorities.push(authority);
    }
    let object = root.as_object_mut().ok_or_else(|| format!("{}: the trusted root is no object", case.id))?;
    object.insert("timestampAuthorities".to_owned(), Json::Array(authorities));
    serde_json::to_vec(&root).map_err(bad)
}
