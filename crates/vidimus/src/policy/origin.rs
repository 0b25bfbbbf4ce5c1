//! What a policy asks about where software comes from.

use super::PartyRef;
use crate::decode::Stage;

/// `check = "origin"`.
#[derive(Clone, Debug)]
pub struct OriginCheck {
    /// Where the work was done, who did it, or who controls them.
    pub axis: Axis,
    /// Of which stages; empty, on the other axes than `where`, means everybody who had a part in it.
    pub stages: Vec<Stage>,
    /// Only these; empty where the rule only denies.
    pub allow: Vec<Region>,
    /// None of these.
    pub deny: Vec<Region>,
    /// The weakest source that does.
    pub min_strength: Strength,
    /// An independent rebuild does as well: where it was first built, and by whom, no longer matters then.
    pub or_rebuilt: bool,
    /// Whose statements; empty takes every granted party.
    pub by: Vec<PartyRef>,
    /// What is said about owners may be so many days old.
    pub max_age_days: Option<u32>,
}

impl OriginCheck {
    /// Would an independent rebuild answer it? Of what is built alone: it tells nothing of who wrote it.
    #[must_use]
    pub fn is_answered_by_rebuild(&self) -> bool {
        let is_built = |stage: &Stage| matches!(stage, Stage::Built | Stage::Supplied);
        self.stages.iter().all(is_built)
    }

    /// Does it follow from the party table who is asked for? Who signed is known of what is built and supplied alone.
    #[must_use]
    pub fn axis_is_implied(&self) -> bool {
        let by_signer = |stage: &Stage| matches!(stage, Stage::Built | Stage::Supplied);
        self.axis != Axis::Where && self.stages.iter().all(by_signer)
    }
}

/// The three questions, which are never one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Where the work was done.
    Where,
    /// Under whose law those who did it exist, and where they have their seats.
    Who,
    /// The same of everybody who owns them.
    Control,
}

impl Axis {
    /// Its name in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Where => "where",
            Self::Who => "who",
            Self::Control => "control",
        }
    }
}

/// How much a source is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// The vendor's own word.
    Declared,
    /// The word of a laboratory or certification body outside its group.
    Attested,
    /// It follows from who signed, by the policy's party table.
    Implied,
    /// Independent parties built the same bytes elsewhere.
    Reproduced,
}

impl Strength {
    /// Its name in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Attested => "attested",
            Self::Implied => "implied",
            Self::Reproduced => "reproduced-elsewhere",
        }
    }
}

/// A country or a part of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Region {
    /// Two letters.
    pub country: String,
    /// ISO 3166-2.
    pub subdivision: Option<String>,
}

impl std::fmt::Display for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.subdivision.as_deref().unwrap_or(&self.country))
    }
}
