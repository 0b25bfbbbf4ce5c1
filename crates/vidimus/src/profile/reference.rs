//! Profiles in words: the pages of `docs/profiles/`, and the bytes that a profile's digest is over.

use super::fields::{self, Fields};
use super::{ALL, Ask, Form, Instead, Profile, Rule, Status};
use crate::decode::{EdgeKind, Element};

/// Every page, by file name.
#[must_use]
pub fn pages() -> Vec<(String, String)> {
    let mut pages = vec![("README.md".to_owned(), index())];
    pages.extend(ALL.iter().map(|profile| (format!("{}.md", profile.id), page(profile))));
    pages
}

fn index() -> String {
    let mut out = String::from(
        "# Profiles\n\nGenerated from the data. What a standard asks of an SBOM, rule by rule, with the clause, and where each format has it.\n\n\
         `vidimus sbom check SBOM --profile ID` answers every rule of a profile; a rule `sbom` of a policy takes `profile` and `profiles`, and `verify` then holds the SBOM that counts against it.\n\n\
         | profile | edition | status | musts | others |\n|---|---|---|---|---|\n",
    );
    for profile in ALL {
        let musts = profile.rules.iter().filter(|rule| rule.obligation.fails()).count();
        let others = profile.rules.len() - musts;
        let (id, edition, status) = (profile.id, profile.edition, profile.status.name());
        out.push_str(&format!("| [{id}]({id}.md) | {edition} | {status} | {musts} | {others} |\n"));
    }
    out.push_str(HOW_TO_READ);
    out
}

const HOW_TO_READ: &str = "
## How to read the pages

*Strength*: **must** is the standard's own word. **baseline** is our decision: the standard lists the element among its minimum elements and uses no stronger word; we
fail a document that lacks it. **if it exists**, **should** and **recommended** are warnings, because a document cannot show what does not exist. **may** and **advice** are
for information; advice is not asked for by the standard at all.

*Instead of a value*: a value always does. The statement that there is none (`NONE`, an empty `dependsOn`) does only where the rule says so, because there can be none. Some rules are also met by the statement
that it is unknown, or withheld; that is met and reported, also in a verdict. Saying nothing never does. Texts such as `unknown`, `n/a` and `NOASSERTION` are read as unknown in every format, `none` as none, and blank
texts, characters that show nothing, and words such as `TODO`, `TBD`, `null`, `-` or `?` as nothing; a package whose package URL has such a name, and a file, may be called so. Package URLs, CPEs, SWHIDs, gitoids, hashes, licence
expressions and places to download from count if they can be read as such.

*Answers*: **met**, **unmet**, **not evaluable** (the format has no place for it, or it stands outside of the document: a signature, the delivery, the scope of delivery) and
**not applicable** (the document has nothing that the rule is about). Not evaluable is never a silent pass: `sbom check` prints it, and a policy must say where it is shown. A rule that every document
meets which is read at all is not counted.

*Data*: the digest is over the rows of the page's first table. A changed rule is another profile; the digest is in every verdict that used it.

A profile says nothing about truth. Who vouches for an SBOM, and what it is bound to, `verify` tells.

## Our own words

Where a format has no word for something, these do; in CycloneDX as property of the component or of `metadata`, in SPDX as annotation with a blank between name and value.

| name | value | means |
|---|---|---|
| `urn:vidimus:unknown` | element, such as `comp.hash` | the author states that it is not known |
| `urn:vidimus:withheld` | element | the author states that it is not disclosed |
| `urn:vidimus:comp.originClass`, `urn:vidimus:comp.criticality`, `urn:vidimus:comp.patchStatus`, `urn:vidimus:comp.usageRestrictions` | the value | the element itself |
";

fn page(profile: &Profile) -> String {
    let mut out =
        format!("# {}\n\nGenerated from the data; [how to read it](README.md).\n\n{}. ", profile.id, profile.edition);
    let status = profile.status.note();
    out.push_str(&match profile.status {
        Status::Current(_) => format!("Current: {status}.\n\n"),
        Status::Replaced(_) => format!("Replaced: {status}.\n\n"),
        Status::Provisional(_) => format!(
            "**Provisional**: {status}. A policy takes it under `provisional_profiles` alone, and every output marks it.\n\n"
        ),
    });
    out.push_str(&format!("Data `{}`.\n\n## Rules\n\n{}", profile.sha256(), table(profile)));
    out.push_str("\n## Our readings\n\n");
    profile.readings.iter().for_each(|reading| out.push_str(&format!("- {reading}\n")));
    out.push_str("\n## Where it stands in the formats\n\n`component.` is `metadata.component` and every component. A number is the version that the place exists since.\n\n");
    out.push_str("| element | rules | CycloneDX | SPDX 2 JSON | SPDX 2 tags | SPDX 3 |\n|---|---|---|---|---|---|\n");
    for fields in fields::ALL {
        let rules = profile.rules.iter().filter(|rule| rule.elements().contains(&fields.element));
        let rules: Vec<&str> = rules.map(|rule| rule.id).collect();
        if !rules.is_empty() {
            out.push_str(&places(fields, &rules));
        }
    }
    out
}

fn places(fields: &Fields, rules: &[&str]) -> String {
    let cyclonedx = fields.cyclonedx.iter().map(|(place, since)| match since {
        0..=2 => format!("`{place}`"),
        since => format!("`{place}` (1.{since})"),
    });
    let cyclonedx = listed(cyclonedx.collect());
    let quoted = |places: &[&str]| listed(places.iter().map(|place| format!("`{place}`")).collect());
    let tags = if fields.tags.is_empty() { "–".to_owned() } else { format!("`{}`", fields.tags) };
    let (spdx2, spdx3) = (quoted(fields.spdx2), quoted(fields.spdx3));
    format!("| `{}` | {} | {cyclonedx} | {spdx2} | {tags} | {spdx3} |\n", fields.element.id(), rules.join(", "))
}

fn listed(places: Vec<String>) -> String {
    if places.is_empty() { "–".to_owned() } else { places.join(", ") }
}

/// What a profile's digest is over: which it is, and all that decides.
pub(super) fn data(profile: &Profile) -> String {
    format!("{}\n{}\n{}", profile.id, profile.edition, table(profile))
}

fn table(profile: &Profile) -> String {
    let mut out = String::from(
        "| rule | about | asked of | what | strength | instead of a value | where |\n|---|---|---|---|---|---|---|\n",
    );
    profile.rules.iter().for_each(|rule| out.push_str(&row(rule)));
    out
}

pub(super) fn row(rule: &Rule) -> String {
    let instead = match (&rule.ask, rule.instead) {
        (Ask::NotInDocument(_), _) | (_, Instead::Nothing) => "–",
        (_, Instead::Unknown) => "unknown",
        (_, Instead::Withheld) => "unknown, withheld",
    };
    let (id, title, strength, clause) = (rule.id, rule.title, rule.obligation.name(), rule.clause);
    format!("| {id} | {title} | {} | {} | {strength} | {instead} | {clause} |\n", rule.scope.name(), rule.ask.words())
}

impl Ask {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Present(list) => names(list, " or "),
            Self::Stated(list) => format!("{}, or that there is none", names(list, " or ")),
            Self::Licenses(list, form, addresses) => {
                let or = if *addresses { ", or has an http(s) address" } else { "" };
                format!("each {} is {}{or}", names(list, ", failing that each "), form.words())
            }
            Self::Matches(list, Form::Exactly(text)) => format!("{} is `{text}`", names(list, " or ")),
            Self::Matches(list, form) => format!("{} is {}", names(list, " or "), form.words()),
            Self::Kind(element, kinds) => format!("{} of the kind {}", names(&[*element], ""), quoted(kinds)),
            Self::Hash(list, []) => {
                format!("{}, all of them hexadecimal digits of the right number", names(list, " or "))
            }
            Self::Hash(list, algorithms) => {
                format!(
                    "{} by {}, all of these hexadecimal digits of the right number",
                    names(list, " or "),
                    quoted(algorithms)
                )
            }
            Self::Once(element, words) => format!("{} once, and {}", names(&[*element], ""), quoted(words)),
            Self::One(element, kinds) => {
                let kinds: Vec<&str> = kinds.iter().copied().filter(|kind| !kind.is_empty()).collect();
                format!("exactly one {}, an {}", names(&[*element], ""), kinds.join(" or "))
            }
            Self::No(list, "") => format!("no {} inside", names(list, " or ")),
            Self::No(list, kind) => format!("no {} that is only a {kind}", names(list, " or ")),
            Self::OneFile => "no two hashes by one algorithm, and no two file names".to_owned(),
            Self::All(asks) => joined(asks, "; and "),
            Self::Any(asks) => joined(asks, "; or "),
            Self::Fallback(first, second, finding) => {
                format!("{}; failing that, {} ({finding})", first.words(), second.words())
            }
            Self::Somewhere(ask) => format!("some component: {}", ask.words()),
            Self::Format(formats) => format!("the format is, or begins with, {}", quoted(formats)),
            Self::Relationship(kind, []) => format!("a relationship: {}", kind_name(*kind)),
            Self::Relationship(kind, words) => format!("a relationship: {}, as {}", kind_name(*kind), quoted(words)),
            Self::Graph => "what depends on or consists of what, or that something depends on nothing".to_owned(),
            Self::Root => "what it is about".to_owned(),
            Self::RootDependencies => {
                "what it is about, and what that depends on or consists of, or that it is nothing".to_owned()
            }
            Self::RootElsewhere => {
                "what it is about refers to another SBOM, which says what that depends on or consists of".to_owned()
            }
            Self::Dependencies => "what it depends on, or that it is nothing".to_owned(),
            Self::Resolves => "what it refers to in other documents, these it names".to_owned(),
            Self::Completeness => "how complete its dependencies are, or that there are none".to_owned(),
            Self::Complete => "that its dependencies are complete, or that there are none".to_owned(),
            Self::Signed { by_author: true } => "a signature that counts, by an author of the document".to_owned(),
            Self::Signed { by_author: false } => "a signature that counts".to_owned(),
            Self::Delivered => "the document is in the delivery that holds what it describes".to_owned(),
            Self::NotInDocument(why) => format!("not evaluable: {why}"),
        }
    }
}

fn names(list: &[Element], word: &str) -> String {
    list.iter().map(|element| format!("`{}`", element.id())).collect::<Vec<_>>().join(word)
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn joined(asks: &[Ask], word: &str) -> String {
    asks.iter().map(Ask::words).collect::<Vec<_>>().join(word)
}

const fn kind_name(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Describes => "describes",
        EdgeKind::DependsOn => "depends on",
        EdgeKind::Contains => "contains",
        EdgeKind::Provides => "provides",
        EdgeKind::Other => "another",
    }
}
