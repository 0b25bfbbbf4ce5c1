//! Profiles: what a standard asks of an SBOM, as data in a closed vocabulary, and how a document answers, rule by rule.
//!
//! A profile never says whether an SBOM is true, or bound to anything: that is what signatures and digests are for. The data is in
//! `rules`, one file per standard; what a condition means in `ask` and `form`; of what it is asked in `scope`; where an element stands in each
//! format in `fields`. The pages in `docs/profiles/` are made of these and of nothing else.

mod ask;
mod conflict;
mod fields;
mod form;
mod own;
mod reference;
mod rules;
mod scope;
mod value;

use crate::decode::{Component, Element, SBOM_FORMATS, Sbom};
use crate::digest::Digest;

pub use ask::{Ask, Context, Elsewhere};
pub(crate) use ask::{NOT_DISCLOSED, NOT_KNOWN};
pub use conflict::conflicts;
pub(crate) use conflict::formats;
pub use form::Form;
pub use own::{Demand, OwnProfile};
pub use reference::pages;
pub use scope::Scope;

use ask::{Asked, Seen};

/// Every profile, by id.
pub static ALL: &[&Profile] = rules::ALL;

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
    /// Whether it is in force, and what a reader must know who relies on it.
    pub status: Status,
    /// What we decided where the text leaves something open, or is wrong; one paragraph each.
    pub readings: &'static [&'static str],
    /// Its rules, in the order of the standard.
    pub rules: &'static [Rule],
}

/// Whether a profile is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The edition that its publisher names today.
    Current(&'static str),
    /// A later edition took its place; it is kept for what was delivered under it.
    Replaced(&'static str),
    /// Its clauses were read second-hand: nobody should rely on it who has not read them.
    Provisional(&'static str),
}

impl Status {
    /// What a reader must know.
    #[must_use]
    pub const fn note(self) -> &'static str {
        match self {
            Self::Current(note) | Self::Replaced(note) | Self::Provisional(note) => note,
        }
    }

    /// One word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Current(_) => "current",
            Self::Replaced(_) => "replaced",
            Self::Provisional(_) => "provisional",
        }
    }
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
    /// It may be.
    May,
    /// The standard does not ask for it; it helps with something that the standard asks for elsewhere.
    Advice,
}

/// How much weight a rule has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A document that lacks it fails the profile.
    Must,
    /// What is missing is a warning.
    Should,
    /// What is missing is worth knowing.
    May,
}

impl Weight {
    /// Every weight, the heaviest first.
    pub const ALL: [Self; 3] = [Self::Must, Self::Should, Self::May];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
        }
    }
}

impl Obligation {
    /// How much it weighs.
    #[must_use]
    pub const fn weight(self) -> Weight {
        match self {
            Self::Baseline | Self::Must => Weight::Must,
            Self::IfExists | Self::Should | Self::Recommended => Weight::Should,
            Self::May | Self::Advice => Weight::May,
        }
    }

    /// Does a document that lacks it fail the profile?
    #[must_use]
    pub const fn fails(self) -> bool {
        matches!(self.weight(), Weight::Must)
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
            Self::May => "may",
            Self::Advice => "advice",
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

/// How a document answers one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The rule.
    pub rule: &'static Rule,
    /// The answer.
    pub outcome: Outcome<'a>,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl Eq for Rule {}

/// The answer to a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// Met.
    Met {
        /// Of so many nodes something else stands for the value.
        instead: usize,
        /// What stands there, and how many times.
        findings: Vec<(&'static str, usize)>,
    },
    /// Not met.
    Unmet {
        /// Nodes that lack it.
        lacking: usize,
        /// Nodes that were asked.
        asked: usize,
        /// The first of them, at most [`NAMED`].
        first: Vec<Lacking<'a>>,
    },
    /// Neither: the document, or the format, or what the caller supplied cannot show it.
    NotEvaluable(&'static str),
    /// The document has nothing that the rule is about.
    NotApplicable,
}

impl Outcome<'_> {
    /// Its name: `met`, `unmet`, `not evaluable`, `not applicable`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Met { .. } => "met",
            Self::Unmet { .. } => "unmet",
            Self::NotEvaluable(_) => "not evaluable",
            Self::NotApplicable => "not applicable",
        }
    }
}

/// Something that lacks what a rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lacking<'a> {
    /// Its name in the document; empty for the document itself.
    pub name: &'a str,
    /// Its place: a JSON Pointer, an XML path, or `line-12`; empty for the document itself.
    pub place: &'a str,
}

/// So many of those that lack something are named.
pub const NAMED: usize = 10;

impl Answer<'_> {
    /// Not met, and strong enough to fail the profile.
    #[must_use]
    pub const fn fails(&self) -> bool {
        self.rule.obligation.fails() && matches!(self.outcome, Outcome::Unmet { .. })
    }

    /// `pass`, `fail`, `warn` (for what only should or may be), `not-evaluable`, `not-applicable`.
    #[must_use]
    pub const fn result(&self) -> &'static str {
        match self.outcome {
            Outcome::Met { .. } => "pass",
            Outcome::Unmet { .. } if self.fails() => "fail",
            Outcome::Unmet { .. } => "warn",
            Outcome::NotEvaluable(_) => "not-evaluable",
            Outcome::NotApplicable => "not-applicable",
        }
    }
}

impl Profile {
    /// Answers every rule, in their order.
    #[must_use]
    pub fn answers<'a>(&self, sbom: &'a Sbom, context: &Context<'_>) -> Vec<Answer<'a>> {
        self.rules.iter().map(|rule| Answer { rule, outcome: rule.answer(sbom, context) }).collect()
    }

    /// Must it be named as provisional?
    #[must_use]
    pub const fn is_provisional(&self) -> bool {
        matches!(self.status, Status::Provisional(_))
    }

    /// The rule of that id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&'static Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// sha256 of the data as it decides: the rows of its page. A changed rule makes another profile.
    #[must_use]
    pub fn sha256(&self) -> Digest {
        Digest::sha256(reference::data(self).as_bytes())
    }
}

/// Does the document lack nothing that fails the profile? What is not evaluable is neither.
#[must_use]
pub fn is_met(answers: &[Answer<'_>]) -> bool {
    !answers.iter().any(Answer::fails)
}

impl Rule {
    /// Elements that it asks for.
    #[must_use]
    pub fn elements(&self) -> Vec<Element> {
        let mut elements = Vec::new();
        self.ask.elements(&mut elements);
        elements
    }

    fn answer<'a>(&self, sbom: &'a Sbom, context: &Context<'_>) -> Outcome<'a> {
        self.answer_by(&[self], sbom, context)
    }

    /// … where for each of what it asks of one of these, which ask of the same, does.
    fn answer_by<'a>(&self, any: &[&Self], sbom: &'a Sbom, context: &Context<'_>) -> Outcome<'a> {
        let nodes: Vec<Component<'a>> = self.scope.nodes(sbom).collect();
        let lists_any = sbom.components().next().is_some();
        if nodes.is_empty() && (self.ask.is_prohibition() || self.scope.may_be_empty() && lists_any) {
            return Outcome::NotApplicable;
        }
        if let Ask::NotInDocument(why) = self.ask {
            return Outcome::NotEvaluable(why);
        }
        let asked = Asked::new(sbom, self.instead, context).with_strays(&self.ask);
        let expressible = asked.has_place(&self.elements());
        let roots = scope::roots(sbom);
        let (mut instead, mut findings, mut open, mut lacking) = (0, Vec::new(), None, Vec::new());
        for node in &nodes {
            let seen = match see(&asked, any, *node) {
                found @ (Seen::Lacking | Seen::Open(_))
                    if self.scope.looks_elsewhere() && !roots.contains(&node.id) =>
                {
                    self.elsewhere(any, sbom, context, *node).unwrap_or(found)
                }
                found => found,
            };
            match seen {
                Seen::Met => {}
                Seen::Instead(finding) => {
                    instead += 1;
                    count(&mut findings, finding);
                }
                Seen::Open(why) => open = open.or(Some(why)),
                Seen::Lacking if !expressible => open = open.or(Some(NO_PLACE)),
                Seen::Lacking => match self.scope.open(*node) {
                    Some(why) => open = open.or(Some(why)),
                    None => lacking.push(*node),
                },
            }
        }
        if !lacking.is_empty() || nodes.is_empty() {
            let named = lacking.iter().take(NAMED).map(|node| Lacking { name: node.name(), place: node.place() });
            return Outcome::Unmet { lacking: lacking.len(), asked: nodes.len(), first: named.collect() };
        }
        open.map_or(Outcome::Met { instead, findings }, Outcome::NotEvaluable)
    }

    /// What the SBOM says that a component refers to; `None` if it refers to none.
    fn elsewhere(&self, any: &[&Self], sbom: &Sbom, context: &Context<'_>, node: Component<'_>) -> Option<Seen> {
        match context.elsewhere(node.id) {
            Some(other) => {
                let asked = Asked::new(other.sbom, self.instead, context).with_strays(&self.ask);
                Some(see(&asked, any, other.component))
            }
            None => scope::refers(sbom, node).then_some(Seen::Open(ask::REFERENCED)),
        }
    }

    /// Is the answer the same for every document that is read? Then it says nothing about any.
    #[must_use]
    pub fn is_given(&self) -> bool {
        matches!(self.ask, Ask::Format(known) if SBOM_FORMATS.iter().all(|format| ask::is_format(known, format)))
    }
}

/// The most that one of these is met.
fn see<'a>(asked: &Asked<'a, '_>, any: &[&Rule], node: Component<'a>) -> Seen {
    any.iter().map(|rule| asked.see(&rule.ask, node)).max().unwrap_or(Seen::Lacking)
}

/// Counts a finding, in the order in which they are first met.
fn count(findings: &mut Vec<(&'static str, usize)>, finding: &'static str) {
    match findings.iter_mut().find(|(known, _)| *known == finding) {
        Some((_, count)) => *count += 1,
        None => findings.push((finding, 1)),
    }
}

const NO_PLACE: &str = "this version of the format has no place for it";

#[cfg(test)]
mod tests;
