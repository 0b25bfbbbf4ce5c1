//! The anchor in an archive: it and the signatures over the policy, held against the policy again.

use std::collections::BTreeMap;

use super::ArchiveError;
use super::layout::AnchorIndex;
use crate::conclude::VerdictCore;
use crate::policy::anchor::{self, Bundle, in_force};
use crate::policy::{Anchored, LoadErrors, Policy};
use crate::time::Time;

/// Signatures of one archive together have at most so many bytes.
const SIGNATURES_BYTES: u64 = 128 * 1024 * 1024;

/// The bytes of an anchor and of the signatures beside a policy. The list that they sign follows from the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorFiles {
    /// The anchor.
    pub anchor: Vec<u8>,
    /// Signatures by file name.
    pub signatures: BTreeMap<String, Vec<u8>>,
}

impl AnchorFiles {
    /// Reads them; `blob` reads one of at most so many bytes.
    pub(super) fn of(
        index: &AnchorIndex,
        core: &VerdictCore,
        blob: impl Fn(&str, u64) -> Result<Vec<u8>, ArchiveError>,
    ) -> Result<Self, ArchiveError> {
        if core.inputs.anchor.as_ref().is_none_or(|named| named.sha256 != index.main) {
            return Err(ArchiveError::corrupt("contents", "not with the anchor that the core names"));
        }
        let (mut signatures, mut left) = (BTreeMap::new(), SIGNATURES_BYTES);
        for (name, hex) in &index.signatures {
            let bytes = blob(hex, left)?;
            left = left.saturating_sub(bytes.len() as u64);
            signatures.insert(name.clone(), bytes);
        }
        Ok(Self { anchor: blob(&index.main, anchor::load::ANCHOR_BYTES)?, signatures })
    }

    /// Holds the anchor against the policy.
    pub(super) fn anchored(&self, policy: &Policy, at: Time) -> Result<Anchored, ArchiveError> {
        let wrong = |errors: LoadErrors| {
            let said: Vec<&str> = errors.errors().iter().map(|error| error.message.as_str()).collect();
            ArchiveError::corrupt("anchor", said.join("; "))
        };
        let anchor = anchor::read("anchor", &self.anchor).map_err(wrong)?;
        let bundle = Bundle::archived(policy, self.signatures.clone());
        let bundle = bundle.map_err(|what| ArchiveError::corrupt("anchor", what))?;
        let anchored = anchor.check("policy", policy, &bundle).map_err(wrong)?;
        in_force(policy, at).map_err(|reason| ArchiveError::corrupt("anchor", reason.sentence()))?;
        Ok(anchored)
    }
}
