//! Package URLs, as policies and requests read them.

use serde_json::Value as Json;
use vidimus::policy::Product;

use super::case::{Case, Expected};
use super::decide::Decision;
use crate::{Result, read};

/// `parse` reads the text; `validate` reads it and its canonical form, which must be the same product; `build` starts from
/// parts, of which we only ever read the result.
pub(super) fn decide(case: &Case) -> Result<Decision> {
    let path = case.object()?;
    let document: Json = serde_json::from_str(&read(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
    let index = case.args.get("index").and_then(Json::as_u64).and_then(|index| usize::try_from(index).ok());
    let test = index.and_then(|index| document.get("tests")?.get(index));
    let test = test.ok_or_else(|| format!("{}: no such test in {}", case.id, path.display()))?;
    let text = |name: &str| test.get(name).and_then(Json::as_str).unwrap_or_default();
    let right = match case.arg("test_type") {
        Some("parse") => Product::parse_claim(text("input")).is_some_and(|found| {
            let part = |name: &str| test.get("expected_output").and_then(|parts| parts.get(name)?.as_str());
            case.expected == Some(Expected::Fail)
                || (Some(found.name()) == part("name") && found.version() == part("version"))
        }),
        Some("validate") => {
            let (found, canonical) =
                (Product::parse_claim(text("input")), Product::parse_claim(text("expected_output")));
            found.is_some() && found == canonical
        }
        Some("build") if case.expected == Some(Expected::Fail) => {
            return Ok(Decision::NotRun("vidimus reads package URLs and builds none"));
        }
        Some("build") => Product::parse_claim(text("expected_output")).is_some(),
        _ => return Ok(Decision::NotRun("a kind of test that the runner does not know")),
    };
    Ok(if right { Decision::Pass } else { Decision::Wrong })
}
