//! Profiles that a policy makes: a standard's musts, and what the operator demands beside them, out of the same closed vocabulary.

use super::rules::own::{DIGESTS, FIELDS, ROOT, TYPES};
use super::{ALL, Context, Outcome, Profile, Rule, reference};
use crate::decode::Sbom;
use crate::digest::Digest;

/// `[sbom_profile.NAME]`.
#[derive(Clone, Debug)]
pub struct OwnProfile {
    /// Its name.
    pub name: String,
    /// The standard whose musts it has.
    pub base: Option<&'static Profile>,
    /// What it demands beside these.
    pub demands: Vec<Demand>,
}

/// Something that is demanded: one of these asks is met by each thing that is asked.
#[derive(Clone, Debug)]
pub struct Demand {
    /// How it is called.
    pub rule: &'static Rule,
    any: Vec<&'static Rule>,
}

impl OwnProfile {
    /// sha256 of the data as it decides.
    #[must_use]
    pub fn sha256(&self) -> Digest {
        let base = self.base.map(|base| format!("{} {}\n", base.id, base.sha256())).unwrap_or_default();
        let demands = self.demands.iter().map(|demand| {
            let any: String = demand.any.iter().map(|rule| reference::row(rule)).collect();
            format!("{}\n{any}", demand.rule.id)
        });
        Digest::sha256(format!("{}\n{base}{}", self.name, demands.collect::<String>()).as_bytes())
    }

    /// What it is made of, in words.
    #[must_use]
    pub fn edition(&self) -> String {
        let own = self.demands.iter().map(|demand| demand.rule.id).collect::<Vec<_>>().join(", ");
        match self.base {
            Some(base) if own.is_empty() => format!("of this policy: {}", base.id),
            Some(base) => format!("of this policy: {}, and {own}", base.id),
            None => format!("of this policy: {own}"),
        }
    }
}

impl Demand {
    /// A value of every component, by its name in a policy.
    #[must_use]
    pub fn field(name: &str) -> Option<Self> {
        FIELDS.iter().find(|rule| rule.id.strip_prefix("OWN-") == Some(name)).map(Self::of)
    }

    /// A digest of every component by one of these algorithms.
    #[must_use]
    pub fn digest(algorithms: &[&str]) -> Option<Self> {
        let digest = Self::field("digest")?;
        Some(Self { any: last_in(DIGESTS, algorithms), ..digest })
    }

    /// A digest of what the document is about.
    #[must_use]
    pub fn root() -> Option<Self> {
        ROOT.first().map(Self::of)
    }

    /// One of these words for how the document was made.
    #[must_use]
    pub fn types(words: &[&str]) -> Option<Self> {
        Some(Self { rule: TYPES.first()?, any: last_in(TYPES, words) })
    }

    /// A rule of any standard, as a must.
    #[must_use]
    pub fn rule(id: &str) -> Option<Self> {
        ALL.iter().find_map(|profile| profile.rule(id)).map(Self::of)
    }

    /// How a document answers.
    #[must_use]
    pub fn answer<'a>(&self, sbom: &'a Sbom, context: &Context<'_>) -> Outcome<'a> {
        self.rule.answer_by(&self.any, sbom, context)
    }

    fn of(rule: &'static Rule) -> Self {
        Self { rule, any: vec![rule] }
    }
}

fn last_in(rules: &'static [Rule], names: &[&str]) -> Vec<&'static Rule> {
    let is_named = |rule: &&Rule| rule.id.rsplit_once('.').is_some_and(|(_, last)| names.contains(&last));
    rules.iter().filter(is_named).collect()
}
