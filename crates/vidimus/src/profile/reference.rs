//! Profiles in words: `docs/profiles.md`, and the bytes that a profile's digest is over.

use super::{ALL, Ask, Instead, Profile, Rule, Scope};
use crate::decode::{EdgeKind, Element};

/// Every profile as a page.
#[must_use]
pub fn reference() -> String {
    let mut page = String::from(
        "# Profiles\n\nGenerated from the data; `vidimus sbom check SBOM --profile ID` answers every rule. A value always does; what may stand in its place is in the last column but one.\n*baseline*: the standard lists it among its minimum elements and uses no stronger word; that a missing one fails is our decision.\nThe wording is ours; the standards are cited by place.\n",
    );
    for profile in ALL {
        page.push_str(&format!("\n## {}\n\n{}. Data `{}`.\n\n", profile.id, profile.edition, profile.sha256()));
        page.push_str(&table(profile));
    }
    page
}

/// The table of a profile: all that decides, and nothing else.
pub(super) fn table(profile: &Profile) -> String {
    let mut out = String::from(
        "| rule | about | asked of | what | strength | instead of a value | where |\n|---|---|---|---|---|---|---|\n",
    );
    profile.rules.iter().for_each(|rule| out.push_str(&row(rule)));
    out
}

fn row(rule: &Rule) -> String {
    let scope = match rule.scope {
        Scope::Document => "the document",
        Scope::Component => "each component",
    };
    let instead = match (&rule.ask, rule.instead) {
        (Ask::NotInDocument(_), _) | (_, Instead::Nothing) => "–",
        (_, Instead::Unknown) => "unknown",
        (_, Instead::Withheld) => "unknown, withheld",
    };
    let (id, title, strength, clause) = (rule.id, rule.title, rule.obligation.name(), rule.clause);
    format!("| {id} | {title} | {scope} | {} | {strength} | {instead} | {clause} |\n", what(&rule.ask))
}

fn what(ask: &Ask) -> String {
    let elements = |list: &[Element]| list.iter().map(|e| format!("`{}`", e.id())).collect::<Vec<_>>();
    let words = |list: &[&str]| list.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    match ask {
        Ask::AnyOf(list) => elements(list).join(" or "),
        Ask::AllOf(list) => elements(list).join(" and "),
        Ask::Equals(element, value) => format!("`{}` is `{value}`", element.id()),
        Ask::Word(element, list) => format!("`{}` has one of the words {}", element.id(), words(list)),
        Ask::Time(element) => format!("`{}` is an RFC 3339 time", element.id()),
        Ask::Identifier([]) => "an identifier of any kind".to_owned(),
        Ask::Identifier(kinds) => format!("an identifier of the kinds {}", words(kinds)),
        Ask::Hash([]) => "a hash in hexadecimal digits".to_owned(),
        Ask::Hash(names) => format!("a hash by one of {}", words(names)),
        Ask::Format(prefixes) => format!("the format begins with one of {}", words(prefixes)),
        Ask::Relationships(kinds) => {
            let names = kinds.iter().map(|kind| match kind {
                EdgeKind::Describes => "describes",
                EdgeKind::DependsOn => "depends on",
                EdgeKind::Contains => "contains",
                EdgeKind::Provides => "provides",
                EdgeKind::Other => "another",
            });
            format!("a relationship of each kind: {}", names.collect::<Vec<_>>().join(", "))
        }
        Ask::PrimaryDependencies => {
            "it says what it is about, and what that depends on or consists of, or that it is nothing".to_owned()
        }
        Ask::Completeness => "how complete its dependencies are, or that there are none".to_owned(),
        Ask::NotInDocument(why) => format!("not evaluable: {why}"),
    }
}
