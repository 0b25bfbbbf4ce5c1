//! What the policy says of logs, witnesses and time-stamping authorities.

use super::Policy;
use crate::authenticate::crl::Crl;
use crate::authenticate::note::NoteKey;

/// A time-stamping authority: anchors that its certificates lead to.
#[derive(Clone, Debug)]
pub struct TimeAuthority {
    /// The party that runs it.
    pub party: String,
    /// Certificates, DER; at least one.
    pub anchors: Vec<Vec<u8>>,
    /// The only policy under which its tokens count, dotted; `None` takes each.
    pub policy_oid: Option<String>,
    /// Must it be shown that no certificate of a token's path is revoked?
    pub revocation: bool,
    /// Revocation lists beside the policy.
    pub lists: Vec<Crl>,
}

/// A transparency log.
#[derive(Clone, Debug)]
pub struct Log {
    /// Its name in the policy.
    pub name: String,
    /// The party that runs it.
    pub operator: String,
    /// The origin of its checkpoints; of Rekor v1, without the number of the tree.
    pub origin: String,
    /// Where its key stands.
    pub key: LogKey,
    /// The quorum of witnesses that must have cosigned its checkpoints, by name.
    pub witnesses: Option<String>,
}

/// Where the key of a log stands.
#[derive(Clone, Debug)]
pub enum LogKey {
    /// In the trusted root of that instance.
    Instance(String),
    /// In the policy.
    Key(Box<NoteKey>),
}

/// How many, and how independent.
#[derive(Clone, Debug)]
pub struct Quorum {
    /// Its name in the policy.
    pub name: String,
    /// Party ids, at least one, each once.
    pub candidates: Vec<String>,
    /// Groups that must count, at least 1.
    pub min_groups: usize,
    /// Of what.
    pub kind: QuorumKind,
    /// Whose groups do not count; of judges alone.
    pub exclude: Vec<super::Exclude>,
    /// A summary that cites nothing but summaries, or nothing at all, does not count; of judges alone.
    pub forbid_sole_basis: bool,
}

/// What a quorum is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuorumKind {
    /// Witnesses of a log.
    Witness {
        /// Countries that may compel everybody under their law together.
        tolerate_jurisdictions: u8,
        /// Groups that must be left then.
        remaining: usize,
    },
    /// Sources of time.
    Time {
        /// So many of them may lie.
        tolerate_liars: usize,
        /// How far a source's clock may be off at most, in seconds.
        max_accuracy_seconds: Option<u64>,
    },
    /// Parties that judge: laboratories, rebuilders.
    Judges {
        /// Of verification or of rebuilding.
        rebuild: bool,
        /// Countries that may compel everybody under their law together.
        tolerate_jurisdictions: u8,
        /// Groups that must be left then.
        remaining: usize,
    },
}

impl QuorumKind {
    /// Its name in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Witness { .. } => "witness",
            Self::Time { .. } => "time",
            Self::Judges { rebuild: false, .. } => "verification",
            Self::Judges { rebuild: true, .. } => "rebuild",
        }
    }
}

/// Which facts a rule about proof looks at.
#[derive(Clone, Debug)]
pub struct AppliesTo {
    /// As written: aliases or predicate type URIs; empty means every kind.
    pub kinds: Vec<String>,
    /// The predicate types that they mean.
    pub predicate_types: std::collections::BTreeSet<String>,
    /// Plain signatures over a file.
    pub file: bool,
}

impl AppliesTo {
    /// Is a fact with that predicate type (`None` for a plain signature) meant?
    #[must_use]
    pub fn includes(&self, predicate_type: Option<&str>) -> bool {
        self.kinds.is_empty() || predicate_type.map_or(self.file, |t| self.predicate_types.contains(t))
    }
}

/// `check = "trusted-time"`.
#[derive(Clone, Debug)]
pub struct TrustedTimeCheck {
    /// The time quorum.
    pub quorum: String,
    /// Whose signing time.
    pub applies_to: AppliesTo,
}

/// `check = "transparency"`.
#[derive(Clone, Debug)]
pub struct TransparencyCheck {
    /// The logs that count, by name.
    pub logs: Vec<String>,
    /// So many of them by distinct groups, at least 1.
    pub distinct_operators: usize,
    /// Whose entry.
    pub applies_to: AppliesTo,
}

impl Policy {
    /// So many sources of time may lie at once: the most that any time quorum of the policy reckons with.
    #[must_use]
    pub fn liars(&self) -> usize {
        let liars = self.quorums.values().filter_map(|quorum| match quorum.kind {
            QuorumKind::Time { tolerate_liars, .. } => Some(tolerate_liars),
            QuorumKind::Witness { .. } | QuorumKind::Judges { .. } => None,
        });
        liars.max().unwrap_or(0)
    }
}
