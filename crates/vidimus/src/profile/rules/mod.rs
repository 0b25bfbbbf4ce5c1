//! The standards, one file each. The wording is ours; the standards are cited by place, and no sentence of them is here.

/// Rows of rules: id, obligation, of what it is asked, what may stand instead of a value, what it is about, the condition, the clause.
macro_rules! rules {
    ($($id:literal $obligation:ident $scope:ident $instead:ident, $title:literal, $ask:expr, $clause:literal;)+) => {
        &[$(crate::profile::Rule {
            id: $id,
            title: $title,
            scope: crate::profile::Scope::$scope,
            obligation: crate::profile::Obligation::$obligation,
            instead: crate::profile::Instead::$instead,
            ask: $ask,
            clause: $clause,
        }),+]
    };
}

mod bsi20;
mod bsi21;
mod certin;
mod cisa;
mod cra;
mod fsct;
mod ntia;
pub(super) mod own;
mod telco;

use super::{Ask, Profile};
use crate::decode::Element;

/// Every profile, by id.
pub(super) static ALL: &[&Profile] = &[
    &bsi20::PROFILE,
    &bsi21::PROFILE,
    &certin::PROFILE,
    &cisa::PROFILE,
    &cra::PROFILE,
    &fsct::PROFILE,
    &ntia::PROFILE,
    &telco::PROFILE,
];

/// A licence, whoever states it: what the document's author concluded goes before what nobody stands for, and that before what the
/// component's author declares.
const LICENSES: &[Element] = &[Element::LicenseConcluded, Element::License, Element::LicenseDeclared];

/// Words that tell where in the life of the software a document was made.
const CONTEXTS: &[&str] =
    &["design", "source", "build", "analyzed", "deployed", "runtime", "operations", "discovery", "decommission"];

/// Who made it; who published it stands in.
const PRODUCER: Ask = Ask::Fallback(
    &Ask::Present(&[Element::Producer]),
    &Ask::Present(&[Element::Publisher]),
    "the publisher stands for the producer",
);

/// Who supplies it; who made or published it stands in.
const SUPPLIER: Ask = Ask::Fallback(
    &Ask::Present(&[Element::Supplier]),
    &Ask::Fallback(
        &Ask::Present(&[Element::Producer]),
        &Ask::Present(&[Element::Publisher]),
        "the publisher stands for the supplier",
    ),
    "the producer stands for the supplier",
);

/// Who made the document, other than a tool.
const AUTHORS: &[Element] = &[Element::AuthorOrganization, Element::AuthorPerson];

/// The formats that every standard here admits.
const ANY_FORMAT: &[&str] = &["cyclonedx-", "spdx-"];
