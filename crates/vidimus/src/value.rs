//! The three values every requirement is answered with, and how they combine.
//!
//! `F` refuted < `I` not proven < `P` proven. `all` is the minimum, `any` the maximum, `k of n` as in
//! [`Value::threshold`]. There is no negation, so strong-Kleene evaluation is exact: a value is `P` (or `F`) exactly when
//! it is so under every way the open questions could still be answered.

use serde::{Deserialize, Serialize};

/// The answer to a requirement. The order is the truth order: `Refuted < Unproven < Proven`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// F: the opposite was shown, by bytes in hand, the policy, a status list, state or a signed statement.
    Refuted,
    /// I: nothing decides it. Absence, errors, limits and unknown types end here.
    Unproven,
    /// P: accepted facts show it.
    Proven,
}

impl Value {
    /// The conjunction of `values`. An empty conjunction proves nothing: `None`, so that a caller cannot pass on nothing.
    #[must_use]
    pub fn all(values: impl IntoIterator<Item = Self>) -> Option<Self> {
        values.into_iter().min()
    }

    /// The disjunction of `values`; `None` when there are none.
    #[must_use]
    pub fn any(values: impl IntoIterator<Item = Self>) -> Option<Self> {
        values.into_iter().max()
    }

    /// At least `k` of `values`: `P` when `k` are `P`, `F` when fewer than `k` are not `F`, else `I`.
    /// `k = 0` asks for nothing and is `None`.
    #[must_use]
    pub fn threshold(k: usize, values: impl IntoIterator<Item = Self>) -> Option<Self> {
        if k == 0 {
            return None;
        }
        let (mut proven, mut possible) = (0_usize, 0_usize);
        for value in values {
            proven += usize::from(value == Self::Proven);
            possible += usize::from(value != Self::Refuted);
        }
        Some(if proven >= k {
            Self::Proven
        } else if possible < k {
            Self::Refuted
        } else {
            Self::Unproven
        })
    }
}
