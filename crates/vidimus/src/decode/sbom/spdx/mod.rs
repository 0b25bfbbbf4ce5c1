//! SPDX. 2.2 and 2.3 as JSON and as tag-value have one meaning and one reader (`v2.rs`).

pub(crate) mod check;
mod fill;
mod schema;
pub(crate) mod tag_value;
mod v2;
pub(crate) mod v3;
pub(crate) mod verification_code;

use super::violations::Lines;
use super::{Invalid, Sbom};
use crate::decode::json::tree::Json;
use crate::decode::shape::Shape;
use crate::limits::Limits;

crate::reasons! {
    SPELLING = "spdx.spelling", Unproven, Vendor, ["expected", "found"],
        says "the document says {found} where the specification has {expected}",
        why "Maintenance releases change no version; the spelling is understood and noted.",
        fix "Write the version as the specification has it.";
}

const SHAPE: Shape = Shape("SPDX document");

/// Reads a document in JSON: 3 has a context where 2 has a version.
pub(super) fn read(value: Json<'_>, limits: &Limits) -> Result<Sbom, Invalid> {
    if value.get("@context").is_some() && value.get("spdxVersion").is_none() {
        return v3::read(value, limits);
    }
    v2::read(value, Lines::Json, None, limits)
}

#[cfg(test)]
mod tests;
