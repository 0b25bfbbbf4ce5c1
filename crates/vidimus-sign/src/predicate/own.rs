//! Predicates of our own: delivery, origin, certification, status-list (`docs/predicates/`). The verifier's own reader says what a format
//! is; here stands only what is asked beside it of what is signed.
#![allow(dead_code, reason = "members are read to be held against their types")]

use serde::Deserialize;
use serde_json::Value;

use super::types::{Digests, Purl, Resource, Uri};
use super::{CERTIFICATION, DELIVERY, Kind, ORIGIN, STATUS_LIST, Shape, shape};

pub(super) fn delivery(value: &Value) -> Result<(), String> {
    held::<Delivery>(DELIVERY, value)
}

pub(super) fn origin(value: &Value) -> Result<(), String> {
    held::<Origin>(ORIGIN, value)
}

pub(super) fn certification(value: &Value) -> Result<(), String> {
    held::<Certification>(CERTIFICATION, value)
}

pub(super) fn status_list(value: &Value) -> Result<(), String> {
    held::<StatusList>(STATUS_LIST, value)
}

/// A predicate that every reader takes, in which nothing is blank, and that is what its type asks for here.
fn held<T: Shape>(kind: Kind, value: &Value) -> Result<(), String> {
    vidimus::decode::check_predicate(kind.uri, value)?;
    says_something(value)?;
    shape::<T>(value)
}

/// A text of blanks is a member that looks as if it were stated.
fn says_something(value: &Value) -> Result<(), String> {
    let mut open = vec![(String::new(), value)];
    while let Some((at, value)) = open.pop() {
        match value {
            // A JSON Pointer to the whole is empty.
            Value::String(text)
                if text.trim().is_empty() && !at.starts_with("/unknown") && !at.starts_with("/withheld") =>
            {
                return Err(format!("{at}: not text: it is empty"));
            }
            Value::Array(items) => open.extend(items.iter().enumerate().map(|(n, item)| (format!("{at}/{n}"), item))),
            Value::Object(members) => open.extend(members.iter().map(|(name, item)| (format!("{at}/{name}"), item))),
            _ => {}
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Delivery {
    product: Purl,
    sequence: u64,
    recipient: Option<Uri>,
    previous: Option<Resource>,
    supersedes: Option<Vec<Resource>>,
    evidence: Option<Vec<Document>>,
}

impl Shape for Delivery {
    fn whole(&self) -> Result<(), String> {
        if self.sequence == 0 { Err("sequence: sequences begin with 1".to_owned()) } else { Ok(()) }
    }
}

/// Something by its digests, with an address where it has one.
#[derive(Deserialize)]
struct Document {
    digest: Digests,
    uri: Option<Uri>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Origin {
    // Both are of the form by which they sort.
    valid_from: Option<String>,
    valid_until: Option<String>,
    supersedes: Option<Vec<Digests>>,
    origins: Vec<Stage>,
    components: Option<Vec<Component>>,
    statements: Option<Vec<RegimeClaim>>,
}

#[derive(Deserialize)]
struct Stage {
    coverage: String,
    locations: Vec<Location>,
    evidence: Option<Vec<Document>>,
}

#[derive(Deserialize)]
struct Location {
    percent: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Component {
    digest: Digests,
    purl: Option<Purl>,
    bom_link: Option<Uri>,
    origins: Option<Vec<Stage>>,
}

#[derive(Deserialize)]
struct RegimeClaim {
    evidence: Option<Vec<Document>>,
}

impl Shape for Origin {
    fn whole(&self) -> Result<(), String> {
        let of_parts = self.components.iter().flatten().flat_map(|part| part.origins.iter().flatten());
        for stage in self.origins.iter().chain(of_parts) {
            if stage.coverage == "complete" && stage.locations.is_empty() {
                return Err("origins: coverage is `complete`, and no location is listed".to_owned());
            }
            if stage.locations.iter().filter_map(|at| at.percent).sum::<u32>() > 100 {
                return Err("origins: the locations of a stage are more than 100 per cent together".to_owned());
            }
        }
        match (&self.valid_from, &self.valid_until) {
            (Some(from), Some(until)) if from >= until => Err("validUntil: not after validFrom".to_owned()),
            _ => Ok(()),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Certification {
    scope: Scope,
    validity: Validity,
    reports: Option<Vec<Document>>,
    status_list: Uri,
}

#[derive(Deserialize)]
struct Scope {
    product: Purl,
}

#[derive(Deserialize)]
struct Validity {
    from: String,
    until: String,
}

impl Shape for Certification {
    fn whole(&self) -> Result<(), String> {
        if self.validity.from == self.validity.until {
            return Err("validity: it ends when it begins".to_owned());
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct StatusList {
    list: Uri,
    previous: Option<Digests>,
}

impl Shape for StatusList {}
