//! Equality of JSON values as JSON Schema has it: members in any order, `1` and `1.0` the same number. Without recursion.

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::{Number, Value as Json};

/// Indices of the items that are equal to an earlier one, ascending.
pub(in crate::decode) fn repeated(list: &[Json]) -> Vec<usize> {
    let mut found = Vec::new();
    if list.len() < 2 {
        return found;
    }
    // The hash only brings together what must be compared; nothing depends on its value.
    let mut order: Vec<(u64, usize)> = list.iter().map(hash).zip(0..).collect();
    order.sort_unstable();
    for run in order.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        let mut different: Vec<&Json> = Vec::new();
        for (_, index) in run {
            let Some(item) = list.get(*index) else { continue };
            if different.iter().any(|other| equal(other, item)) {
                found.push(*index);
            } else {
                different.push(item);
            }
        }
    }
    found.sort_unstable();
    found
}

/// Are they the same value?
fn equal(first: &Json, second: &Json) -> bool {
    let mut open = vec![(first, second)];
    while let Some(pair) = open.pop() {
        let same = match pair {
            (Json::Number(a), Json::Number(b)) => compare(a, b) == Some(Ordering::Equal),
            (Json::Array(a), Json::Array(b)) => {
                open.extend(a.iter().zip(b));
                a.len() == b.len()
            }
            (Json::Object(a), Json::Object(b)) => {
                a.len() == b.len()
                    && a.iter().all(|(name, value)| match b.get(name) {
                        Some(other) => {
                            open.push((value, other));
                            true
                        }
                        None => false,
                    })
            }
            (Json::Array(_) | Json::Object(_) | Json::Number(_), _) => false,
            (a, b) => a == b,
        };
        if !same {
            return false;
        }
    }
    true
}

fn compare(a: &Number, b: &Number) -> Option<Ordering> {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        (None, None) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        _ => None,
    }
}

/// A number as an integer, if it is one, however it is written.
#[allow(clippy::cast_possible_truncation, reason = "within ±2^100 every float without a fraction is exact as i128")]
fn whole(number: &Number) -> Option<i128> {
    const EXACT: f64 = 1e30;
    number.as_i128().or_else(|| {
        let value = number.as_f64()?;
        (value.fract() == 0.0 && value.abs() <= EXACT).then_some(value as i128)
    })
}

fn hash(value: &Json) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Json::Null => 0_u8.hash(&mut hasher),
            Json::Bool(flag) => flag.hash(&mut hasher),
            Json::Number(number) => match whole(number) {
                Some(whole) => whole.hash(&mut hasher),
                None => number.as_f64().unwrap_or_default().to_bits().hash(&mut hasher),
            },
            Json::String(text) => text.hash(&mut hasher),
            Json::Array(list) => {
                list.len().hash(&mut hasher);
                open.extend(list);
            }
            Json::Object(map) => {
                // Members come in the order of their names, as `serde_json` keeps them.
                map.len().hash(&mut hasher);
                for (name, value) in map {
                    name.hash(&mut hasher);
                    open.push(value);
                }
            }
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_in_another_order() {
        for (list, expected) in [
            (json!([]), vec![]),
            (json!([1]), vec![]),
            (json!([1, 1.0, 2, 1e0, -0.0, 0]), vec![1, 3, 5]),
            (json!([0.5, 0.5, 0.25]), vec![1]),
            (json!([true, 1, "1", null, false, 0, [], {}]), vec![]),
            (json!([{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}, {"a": 1, "b": [2, 2]}, {"a": 1}]), vec![1]),
            (json!([[1, 2], [2, 1], [1, 2]]), vec![2]),
            (json!([{"a": {"b": 1}}, {"a": {"c": 1}}, {"a": {"b": {}}}]), vec![]),
            (json!(["a", "b", "a", "a"]), vec![2, 3]),
            (json!([9_007_199_254_740_993_u64, 9_007_199_254_740_992_u64, 9.007_199_254_740_992e15]), vec![2]),
        ] {
            assert_eq!(repeated(list.as_array().map_or(&[], Vec::as_slice)), expected, "{list}");
        }
    }

    #[test]
    fn equal_hashes_are_compared() {
        assert!(!equal(&json!({"a": 1}), &json!({"b": 1})));
        assert!(!equal(&json!([1]), &json!([1, 2])));
        assert!(!equal(&json!(1), &json!(1.5)));
        assert!(!equal(&json!("1"), &json!(1)));
    }
}
