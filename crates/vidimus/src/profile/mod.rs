//! Profiles: what a standard asks of an SBOM, as data in a closed vocabulary, and how a document answers, rule by rule.
//!
//! A profile never says whether an SBOM is true, or bound to anything: that is what signatures and digests are for.

mod cisa;
mod ntia;
mod reference;
mod telco;

use crate::decode::{Completeness, Component, EdgeKind, Element, NodeKind, Sbom, State};
use crate::digest::Digest;
use crate::time::Time;

pub use reference::reference;

/// Every profile, by id.
pub static ALL: &[&Profile] = &[&cisa::CISA_2026, &ntia::NTIA_2021, &telco::OPENCHAIN_TELCO_1_1];

/// The profile of that id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Profile> {
    ALL.iter().copied().find(|profile| profile.id == id)
}

/// What one edition of a standard asks.
#[derive(Debug)]
pub struct Profile {
    /// Its id, edition included.
    pub id: &'static str,
    /// Who published it, and when.
    pub edition: &'static str,
    /// Its rules, in the order of the standard.
    pub rules: &'static [Rule],
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Its id, unique over all profiles.
    pub id: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// Of what it asks.
    pub scope: Scope,
    /// How strongly.
    pub obligation: Obligation,
    /// What may stand in place of a value.
    pub instead: Instead,
    /// What is asked.
    pub ask: Ask,
    /// Where the standard says so.
    pub clause: &'static str,
}

/// Of what a rule asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Of the document.
    Document,
    /// Of each component; files, parts of files and services are none.
    Component,
}

/// How strongly a standard asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obligation {
    /// It lists it among its minimum elements and uses no stronger word; that this is taken as a must is our decision.
    Baseline,
    /// It must be.
    Must,
    /// It must be, if the thing exists, which the document alone cannot show.
    IfExists,
    /// It should be.
    Should,
    /// It is recommended.
    Recommended,
}

impl Obligation {
    /// Does a document that lacks it fail the profile?
    #[must_use]
    pub const fn fails(self) -> bool {
        matches!(self, Self::Baseline | Self::Must)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Must => "must",
            Self::IfExists => "if it exists",
            Self::Should => "should",
            Self::Recommended => "recommended",
        }
    }
}

/// What may stand in place of a value (`standards.md` 1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    /// A value, or the statement that there is none.
    Nothing,
    /// Also the statement that nobody knows.
    Unknown,
    /// Also the statement that it is not disclosed.
    Withheld,
}

impl Instead {
    const fn admits(self, state: State) -> bool {
        match state {
            State::Value | State::None => true,
            State::Unknown => matches!(self, Self::Unknown | Self::Withheld),
            State::Withheld => matches!(self, Self::Withheld),
            State::Absent => false,
        }
    }
}

/// The closed vocabulary of conditions.
#[derive(Debug)]
pub enum Ask {
    /// At least one of these elements.
    AnyOf(&'static [Element]),
    /// Each of these elements.
    AllOf(&'static [Element]),
    /// Exactly this value.
    Equals(Element, &'static str),
    /// A value with one of these words in it, in capitals or not.
    Word(Element, &'static [&'static str]),
    /// A value that is an RFC 3339 time.
    Time(Element),
    /// An identifier of one of these kinds; each kind does if there are none.
    Identifier(&'static [&'static str]),
    /// A hash in hexadecimal digits; if names are given, by one of these algorithms.
    Hash(&'static [&'static str]),
    /// The format begins with one of these.
    Format(&'static [&'static str]),
    /// The document has at least one relationship of each of these kinds.
    Relationships(&'static [EdgeKind]),
    /// What the document is about is there, and what it depends on or consists of is stated, or that it is nothing or not known.
    PrimaryDependencies,
    /// Of each component it is stated how complete its dependencies are, or that there are none, or that nobody knows.
    Completeness,
    /// Nothing in a document can show it; why not.
    NotInDocument(&'static str),
}

/// How a document answers one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The rule.
    pub rule: &'static str,
    /// The answer.
    pub result: Result<'a>,
}

/// The answer to a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Result<'a> {
    /// Met; of so many with a statement in place of a value.
    Met {
        /// Nodes where something else stands for the value.
        instead: usize,
    },
    /// Not met.
    Unmet {
        /// Nodes that lack it.
        lacking: usize,
        /// Nodes that were asked.
        asked: usize,
        /// The first of them: name and place.
        first: Vec<(&'a str, &'a str)>,
    },
    /// The document alone cannot show it.
    NotEvaluable(&'static str),
}

/// So many of those that lack something are named.
const NAMED: usize = 3;

impl Profile {
    /// Answers every rule, in their order.
    #[must_use]
    pub fn answers<'a>(&self, sbom: &'a Sbom) -> Vec<Answer<'a>> {
        self.rules.iter().map(|rule| Answer { rule: rule.id, result: rule.answer(sbom) }).collect()
    }

    /// Does the document lack nothing that fails it?
    #[must_use]
    pub fn is_met(&self, answers: &[Answer<'_>]) -> bool {
        let fails = |(rule, answer): (&Rule, &Answer<'_>)| {
            rule.obligation.fails() && matches!(answer.result, Result::Unmet { .. })
        };
        !self.rules.iter().zip(answers).any(fails)
    }

    /// sha256 of the data as it decides, as the page has it: a changed rule makes another profile.
    #[must_use]
    pub fn sha256(&self) -> Digest {
        Digest::sha256(reference::table(self).as_bytes())
    }
}

impl Rule {
    fn answer<'a>(&self, sbom: &'a Sbom) -> Result<'a> {
        if let Ask::NotInDocument(why) = self.ask {
            return Result::NotEvaluable(why);
        }
        let nodes: Vec<Component<'a>> = match self.scope {
            Scope::Document => vec![sbom.document()],
            Scope::Component => sbom.components().filter(|node| node.kind() == NodeKind::Component).collect(),
        };
        let (mut instead, mut lacking) = (0, Vec::new());
        for node in &nodes {
            match self.state(sbom, *node) {
                State::Value | State::None => {}
                state if self.instead.admits(state) => instead += 1,
                _ => lacking.push((node.name(), node.place())),
            }
        }
        if lacking.is_empty() && !nodes.is_empty() {
            return Result::Met { instead };
        }
        let count = lacking.len();
        lacking.truncate(NAMED);
        Result::Unmet { lacking: count, asked: nodes.len(), first: lacking }
    }

    /// The most that is said about what the rule asks.
    fn state(&self, sbom: &Sbom, node: Component<'_>) -> State {
        let yes = |met: bool| if met { State::Value } else { State::Absent };
        let of = |element: Element, fits: &dyn Fn(&str, &str) -> bool| {
            let said = node.says(element).filter(|said| said.state != State::Value || fits(said.kind, said.text));
            said.map(|said| said.state).max().unwrap_or(State::Absent)
        };
        match &self.ask {
            Ask::AnyOf(elements) => elements.iter().map(|element| node.state(*element)).max().unwrap_or(State::Absent),
            Ask::AllOf(elements) => elements.iter().map(|element| node.state(*element)).min().unwrap_or(State::Absent),
            Ask::Equals(element, value) => of(*element, &|_, text| text == *value),
            Ask::Word(element, words) => of(*element, &|_, text| has_word(text, words)),
            Ask::Time(element) => of(*element, &|_, text| is_time(text)),
            Ask::Identifier(kinds) => of(Element::Identifier, &|kind, _| kinds.is_empty() || kinds.contains(&kind)),
            Ask::Hash(names) => of(Element::Hash, &|kind, text| {
                let hex = !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
                hex && (names.is_empty() || names.contains(&kind))
            }),
            Ask::Format(prefixes) => yes(prefixes.iter().any(|prefix| sbom.format.starts_with(prefix))),
            Ask::Relationships(kinds) => yes(kinds.iter().all(|kind| sbom.edges().any(|edge| edge.kind == *kind))),
            Ask::PrimaryDependencies => sbom.root().map_or(State::Absent, dependencies),
            Ask::Completeness => match node.dependencies() {
                Completeness::Complete | Completeness::Incomplete => State::Value,
                Completeness::Unknown => State::Unknown,
                // An explicit "none" says both what there is and that it is all.
                Completeness::NotStated => node.state(Element::Dependencies),
            },
            Ask::NotInDocument(_) => State::Absent,
        }
    }
}

/// Is stated what it depends on or consists of?
fn dependencies(node: Component<'_>) -> State {
    let named = node.edges().any(|edge| matches!(edge.kind, EdgeKind::DependsOn | EdgeKind::Contains));
    if named { State::Value } else { node.state(Element::Dependencies).max(node.state(Element::Contents)) }
}

/// A whole word, in capitals or not.
fn has_word(text: &str, words: &[&str]) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)))
}

/// RFC 3339, with or without a fraction of a second.
fn is_time(text: &str) -> bool {
    Time::floor(text).is_ok()
}

#[cfg(test)]
mod tests;
