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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values() -> impl Strategy<Value = Vec<Value>> {
        let value = prop_oneof![Just(Value::Refuted), Just(Value::Unproven), Just(Value::Proven)];
        proptest::collection::vec(value, 1..8)
    }

    /// What a two-valued reader would say under each way to settle the open questions: always yes, always no, or it depends.
    fn by_completion(values: &[Value], yes: impl Fn(usize) -> bool) -> Value {
        let proven = values.iter().filter(|v| **v == Value::Proven).count();
        let open = values.iter().filter(|v| **v == Value::Unproven).count();
        let answers: Vec<bool> = (0..=open).map(|settled| yes(proven + settled)).collect();
        match (answers.iter().all(|a| *a), answers.iter().any(|a| *a)) {
            (true, _) => Value::Proven,
            (_, false) => Value::Refuted,
            _ => Value::Unproven,
        }
    }

    proptest! {
        /// Strong-Kleene evaluation is exact without negation.
        #[test]
        fn values_combine_as_under_every_completion(values in values(), k in 1_usize..9) {
            let all = values.len();
            prop_assert_eq!(Value::all(values.clone()), Some(by_completion(&values, |yes| yes == all)));
            prop_assert_eq!(Value::any(values.clone()), Some(by_completion(&values, |yes| yes >= 1)));
            prop_assert_eq!(Value::threshold(k, values.clone()), Some(by_completion(&values, |yes| yes >= k)));
        }

        /// Raising one answer never lowers the whole.
        #[test]
        fn values_combine_monotonically(values in values(), at in 0_usize..8, k in 1_usize..9) {
            let mut raised = values.clone();
            let index = at % values.len();
            if let Some(value) = raised.get_mut(index) {
                *value = Value::Proven;
            }
            prop_assert!(Value::all(raised.clone()) >= Value::all(values.clone()));
            prop_assert!(Value::any(raised.clone()) >= Value::any(values.clone()));
            prop_assert!(Value::threshold(k, raised) >= Value::threshold(k, values));
        }
    }

    #[test]
    fn nothing_proves_nothing() {
        assert_eq!(Value::all([]), None);
        assert_eq!(Value::any([]), None);
        assert_eq!(Value::threshold(0, [Value::Proven]), None);
        assert_eq!(Value::threshold(1, []), Some(Value::Refuted));
    }
}
