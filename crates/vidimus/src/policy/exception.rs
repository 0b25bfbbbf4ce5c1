//! Exceptions in both directions: waivers, which lift what is not proven for a while, and denials, which nothing lifts
//! (`verification.md` 3.7, 3.6).

use crate::digest::Digest;
use crate::time::Time;

/// `[waiver_rules]`: how far waivers of this policy may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaiverRules {
    /// The longest window of a waiver, in days, 1 to 366.
    pub max_days: u32,
    /// So many approvals each waiver needs, 1 to 16.
    pub threshold: usize,
    /// The roles whose approvals count; empty counts each.
    pub roles: Vec<String>,
    /// Rules that no waiver may be for.
    pub never: Vec<String>,
}

impl Default for WaiverRules {
    fn default() -> Self {
        Self { max_days: 90, threshold: 2, roles: Vec::new(), never: Vec::new() }
    }
}

/// `[[waiver]]`: somebody answers for what is not proven, about one file under one rule, until a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Its id.
    pub id: String,
    /// The one rule.
    pub rule: String,
    /// The one file, by the sha256 of its bytes.
    pub subject: Digest,
    /// Who answers for it: an identifier of 1 to 512 visible ASCII characters.
    pub owner: String,
    /// Who approved it, each once.
    pub approved_by: Vec<String>,
    /// Why, for people.
    pub reason: String,
    /// What is done instead, for people.
    pub compensating: Option<String>,
    /// Its first instant.
    pub from: Time,
    /// The first instant at which it does nothing any more.
    pub until: Time,
}

impl Waiver {
    /// Does it do anything at `at`?
    #[must_use]
    pub fn is_in_force(&self, at: Time) -> bool {
        self.from <= at && at < self.until
    }

    /// Whole days from `at` to its end; 0 when it ended.
    #[must_use]
    pub fn days_left(&self, at: Time) -> i64 {
        (self.until.second().saturating_sub(at.second()) / 86_400).max(0)
    }
}

/// `[[deny]]`: what counts for nothing, whoever vouches for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deny {
    /// What is denied.
    pub what: Denied,
    /// Why, for people.
    pub reason: String,
    /// Verdicts about earlier instants do not know of it.
    pub since: Option<Time>,
}

/// What a denial is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// A file with this sha256, wherever it is found.
    File(Digest),
    /// Signatures by the key whose SubjectPublicKeyInfo has this sha256.
    Key(Digest),
    /// The statement with this evidence id.
    Attestation(Digest),
}

impl Denied {
    /// The digest.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        match self {
            Self::File(digest) | Self::Key(digest) | Self::Attestation(digest) => digest,
        }
    }
}

impl Deny {
    /// Does it count at `at`?
    #[must_use]
    pub fn is_in_force(&self, at: Time) -> bool {
        self.since.is_none_or(|since| since <= at)
    }
}
