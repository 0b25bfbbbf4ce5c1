//! The anchor: the one file that says whose policy counts (`verification.md` 3.2, T32). A policy cannot say who may sign it, so that
//! stands here: on the verifying machine, part of no delivery. Its digest is in the verdict.

pub mod bundle;
pub(crate) mod check;
pub(crate) mod load;
pub(in crate::policy) mod spec;

use std::collections::BTreeSet;

pub use bundle::Bundle;
pub use check::{Anchored, in_force};
pub use load::{load, read};

use crate::digest::Digest;

/// A loaded anchor (`schema = "urn:vidimus:anchor:v1"`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// sha256 of its bytes: what a verdict quotes.
    pub sha256: Digest,
    /// Evaluation semantics that are accepted; that of this program is one of them.
    pub semantics: Vec<u64>,
    /// The one policy that counts, by its `id`.
    pub id: String,
    /// No version below this one counts.
    pub min_version: u64,
    /// The one policy digest that counts, where it is pinned.
    pub digest: Option<Digest>,
    /// So many distinct roles must have signed; from 1 to the number of roles.
    pub threshold: usize,
    /// Whose signatures count; no key stands twice.
    pub signers: Vec<Signer>,
    /// A verdict is live if its instant is so many seconds from the clock at most.
    pub live_skew_seconds: u64,
    /// May there be verdicts as of another time?
    pub as_of_allowed: bool,
    /// `verifier.id` of signed summaries.
    pub verifier: Option<String>,
    /// Where the state is kept, absolute or relative to the folder of the anchor.
    pub state: Option<String>,
}

/// A key that signs policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// For which role it signs. Several keys may sign for one role, which counts once.
    pub role: String,
    /// sha256 of its SubjectPublicKeyInfo. The key itself comes with the signature.
    pub spki_sha256: Digest,
}

impl Anchor {
    /// The roles that can sign, each once.
    #[must_use]
    pub fn roles(&self) -> BTreeSet<&str> {
        self.signers.iter().map(|signer| signer.role.as_str()).collect()
    }

    /// What it asks of a policy, as sentences.
    #[must_use]
    pub fn explain(&self) -> Vec<String> {
        let roles: Vec<&str> = self.roles().into_iter().collect();
        let keys = match self.signers.len() {
            1 => "1 key".to_owned(),
            many => format!("{many} keys"),
        };
        let mut said = vec![
            format!("The anchor {} says whose policy counts.", self.sha256),
            format!("It takes the policy {} from version {} on, and no other.", self.id, self.min_version),
            format!(
                "Of the roles {}, {} must have signed it; their {keys} are pinned.",
                roles.join(", "),
                self.threshold
            ),
        ];
        said.extend(self.digest.as_ref().map(|digest| format!("It takes no other digest than {digest}.")));
        said.push(match self.as_of_allowed {
            true => format!(
                "A verdict is live within {} seconds of the clock; verdicts as of another time are allowed, and none is signed.",
                self.live_skew_seconds
            ),
            false => format!("No verdict is given that is not within {} seconds of the clock.", self.live_skew_seconds),
        });
        said.extend(self.verifier.as_ref().map(|id| format!("Signed summaries are by the verifier {id}.")));
        said
    }
}
