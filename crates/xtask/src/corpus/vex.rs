//! VEX documents: read as what they are, and about what they say they are about.

use std::collections::BTreeMap;

use vidimus::decode::{self, Content, VexClaim, name_of_vulnerability};
use vidimus::limits::Limits;
use vidimus::policy::Product;

use super::case::Case;
use super::decide::{Decision, of_codes};
use crate::Result;

/// A case of OpenVEX (`format` "openvex") or CSAF ("csaf"); another format than the case asks for is no such document.
pub(super) fn decide(case: &Case, format: &str) -> Result<Decision> {
    let bytes = std::fs::read(case.object()?).map_err(|error| error.to_string())?;
    Ok(match decode::document(&bytes, &Limits::MAX) {
        Content::Vex(vex) if !vex.format.starts_with(format) => Decision::Wrong,
        Content::Vex(vex) => decide_claims(case, &vex.claims),
        Content::Refused(reason) => of_codes([reason.code().to_owned()].into()),
        _ => Decision::Wrong,
    })
}

/// Where the case names a product and vulnerabilities, each must be spoken of with it.
fn decide_claims(case: &Case, claims: &[VexClaim]) -> Decision {
    let Some(product) = case.arg("product").and_then(Product::parse_claim) else { return latest(case, claims) };
    let about = |claim: &&VexClaim| {
        let purls = claim.targets.iter().flat_map(|target| &target.purls);
        purls.filter_map(|purl| Product::parse_claim(purl)).any(|named| named == product)
    };
    let wanted = case.args.get("vulnerabilities").and_then(|list| list.as_array()).cloned().unwrap_or_default();
    let spoken = wanted
        .iter()
        .filter_map(|name| name.as_str())
        .map(name_of_vulnerability)
        .all(|name| claims.iter().filter(about).any(|claim| claim.names.contains(&name)));
    if spoken && !wanted.is_empty() { Decision::Pass } else { Decision::Wrong }
}

/// Of several statements about one vulnerability each has a time, so that the latest can be told.
fn latest(case: &Case, claims: &[VexClaim]) -> Decision {
    let mut times: BTreeMap<&str, Vec<Option<vidimus::time::Time>>> = BTreeMap::new();
    for claim in claims {
        times.entry(claim.names.first().map_or("", String::as_str)).or_default().push(claim.at);
    }
    let told = times.values().all(|all| all.iter().all(Option::is_some));
    let history = case.id.ends_with("history");
    let several = times.values().any(|all| all.len() > 1 && all.iter().max() != all.iter().min());
    if told && (!history || several) { Decision::Pass } else { Decision::Wrong }
}
