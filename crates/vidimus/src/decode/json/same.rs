//! Equality of JSON values as JSON Schema has it: members in any order, `1` and `1.0` the same number. Without recursion.

use std::collections::BTreeSet;
use std::hash::{Hash as _, Hasher};

use super::tree::{Items, Json, List, Members, Number, What};

/// Indices of the items that are equal to an earlier one, ascending.
pub(in crate::decode) fn repeated(list: List<'_>) -> Vec<usize> {
    let mut found = Vec::new();
    if list.len() < 2 {
        return found;
    }
    // The hash only brings together what must be compared; nothing depends on its value.
    let mut order: Vec<(u64, usize, Json<'_>)> =
        list.iter().enumerate().map(|(at, item)| (hash(item), at, item)).collect();
    order.sort_unstable_by_key(|(hash, at, _)| (*hash, *at));
    for run in order.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        if run.len() <= FEW {
            among(run, &mut found);
        } else {
            among_many(run, &mut found);
        }
    }
    found.sort_unstable();
    found
}

/// The hash of a text, to bring together what must be compared.
pub(in crate::decode) fn text(text: &str) -> u64 {
    let mut hash = Quick::default();
    hash.write(text.as_bytes());
    hash.finish()
}

/// So many items of one hash are compared each with each.
const FEW: usize = 8;

/// Notes the items that are equal to one before them, of those with one hash.
fn among(run: &[(u64, usize, Json<'_>)], found: &mut Vec<usize>) {
    let mut different: Vec<Json<'_>> = Vec::new();
    for (_, index, item) in run {
        if different.iter().any(|other| equal(*other, *item)) {
            found.push(*index);
        } else {
            different.push(*item);
        }
    }
}

/// The same of many: equal items, or somebody's work against the hash. They are brought into an order, so that no work helps.
fn among_many(run: &[(u64, usize, Json<'_>)], found: &mut Vec<usize>) {
    let mut known: BTreeSet<Vec<Token<'_>>> = BTreeSet::new();
    for (_, index, item) in run {
        if !known.insert(tokens(*item)) {
            found.push(*index);
        }
    }
}

/// Are they the same value?
pub(in crate::decode) fn equal(first: Json<'_>, second: Json<'_>) -> bool {
    let mut open = vec![(first, second)];
    while let Some((first, second)) = open.pop() {
        let same = match (first.what(), second.what()) {
            (What::Number(a), What::Number(b)) => exact(a) == exact(b),
            (What::Array(a), What::Array(b)) => {
                a.len() == b.len() && {
                    open.extend(a.iter().zip(b.iter()));
                    true
                }
            }
            (What::Object(a), What::Object(b)) => {
                a.len() == b.len()
                    && a.iter().all(|(name, value)| match b.get(name) {
                        Some(other) => {
                            open.push((value, other));
                            true
                        }
                        None => false,
                    })
            }
            (What::String(a), What::String(b)) => a == b,
            (What::Bool(a), What::Bool(b)) => a == b,
            (What::Null, What::Null) => true,
            _ => false,
        };
        if !same {
            return false;
        }
    }
    true
}

/// What a number is, however it is written: an integer, or else the bits of a double.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Exact {
    Whole([u8; 16]),
    Double([u8; 8]),
}

fn exact(number: Number<'_>) -> Exact {
    let double = || Exact::Double(number.as_f64().to_bits().to_be_bytes());
    number.whole().map_or_else(double, |whole| Exact::Whole(whole.to_be_bytes()))
}

/// A piece of a value. Values are equal if and only if the lists of their pieces are.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Token<'t> {
    Null,
    Bool(bool),
    Number(Exact),
    Text(&'t str),
    List(usize),
    Object(usize),
}

/// The pieces of a value: of an object each name before its value, by name.
fn tokens(item: Json<'_>) -> Vec<Token<'_>> {
    enum Step<'t> {
        Value(Json<'t>),
        Member(&'t str, Json<'t>),
    }
    let mut tokens = Vec::new();
    let mut open = vec![Step::Value(item)];
    while let Some(step) = open.pop() {
        let value = match step {
            Step::Value(value) => value,
            Step::Member(name, value) => {
                tokens.push(Token::Text(name));
                value
            }
        };
        tokens.push(match value.what() {
            What::Null => Token::Null,
            What::Bool(truth) => Token::Bool(truth),
            What::Number(number) => Token::Number(exact(number)),
            What::String(text) => Token::Text(text),
            What::Array(list) => {
                let before = open.len();
                open.extend(list.iter().map(Step::Value));
                open.get_mut(before..).unwrap_or_default().reverse();
                Token::List(list.len())
            }
            What::Object(map) => {
                let mut members: Vec<(&str, Json<'_>)> = map.iter().collect();
                members.sort_by(|a, b| b.0.cmp(a.0));
                open.extend(members.into_iter().map(|(name, value)| Step::Member(name, value)));
                Token::Object(map.len())
            }
        });
    }
    tokens
}

/// A hash for short texts that costs little: multiplication of 64 bits, with both halves of the product.
#[derive(Clone, Default)]
struct Quick(u64);

impl Quick {
    fn add(&mut self, word: u64) {
        const ODD: (u64, u64) = (0x9e37_79b9_7f4a_7c15, 0xf39c_c060_5ced_c835);
        let product = u128::from(self.0 ^ word ^ ODD.0) * u128::from(ODD.1);
        #[allow(clippy::cast_possible_truncation, reason = "both halves are used")]
        let (low, high) = (product as u64, (product >> 64) as u64);
        self.0 = (low ^ high).rotate_left(29);
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_first_chunk() {
            self.add(u64::from_le_bytes(*first));
            rest = after;
        }
        let last = rest.iter().fold(1, |word, byte| word << 8 | u64::from(*byte));
        self.add(last);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// What is hashed of a container that is open: the hash of each name or place, with that of its value, in any order.
struct Level<'t> {
    rest: Rest<'t>,
    /// What the values of this container begin with.
    path: Quick,
    at: usize,
}

enum Rest<'t> {
    List(Items<'t>),
    Object(Members<'t>),
}

/// Equal values have the same hash: the sum over everything in it of the hash of its path and of itself.
fn hash(item: Json<'_>) -> u64 {
    let mut sum: u64 = 0;
    let mut open: Vec<Level<'_>> = Vec::new();
    let mut next = Some((item, Quick::default()));
    while let Some((item, mut path)) = next.take() {
        let rest = match item.what() {
            What::Array(list) => Some(Rest::List(list.iter())),
            What::Object(map) => Some(Rest::Object(map.iter())),
            What::Null => None,
            What::Bool(truth) => {
                path.write_u8(u8::from(truth));
                None
            }
            What::Number(number) => {
                exact(number).hash(&mut path);
                None
            }
            What::String(text) => {
                path.write(text.as_bytes());
                None
            }
        };
        sum = sum.wrapping_add(path.finish());
        if let Some(rest) = rest {
            open.push(Level { rest, path, at: 0 });
        }
        while let Some(level) = open.last_mut() {
            let mut path = level.path.clone();
            level.at += 1;
            next = match &mut level.rest {
                Rest::List(items) => items.next().map(|item| {
                    path.write_usize(level.at);
                    (item, path)
                }),
                Rest::Object(members) => members.next().map(|(name, value)| {
                    path.write(name.as_bytes());
                    (value, path)
                }),
            };
            if next.is_some() {
                break;
            }
            open.pop();
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::decode::json::Tree;

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
            assert_eq!(repeated(Tree::of(&list).root().as_array().unwrap_or_default()), expected, "{list}");
        }
    }

    #[test]
    fn equal_hashes_are_compared() {
        for (a, b) in [
            (json!({"a": 1}), json!({"b": 1})),
            (json!([1]), json!([1, 2])),
            (json!(1), json!(1.5)),
            (json!("1"), json!(1)),
        ] {
            assert!(!equal(Tree::of(&a).root(), Tree::of(&b).root()), "{a} {b}");
        }
    }

    #[test]
    fn pieces_tell_what_is_equal() {
        let values = [
            json!(null),
            json!(true),
            json!(false),
            json!(0),
            json!(0.0),
            json!(-0.0),
            json!(0.5),
            json!(1e300),
            json!("0"),
            json!(""),
            json!([]),
            json!({}),
            json!([[]]),
            json!([{}]),
            json!([[], []]),
            json!([0]),
            json!(["0"]),
            json!({"a": 0}),
            json!({"a": 0.0}),
            json!({"a": {}}),
            json!({"a": []}),
            json!({"b": 1, "a": 2}),
            json!({"a": 2, "b": 1}),
            json!({"a": 1, "b": 2}),
            json!(["a", 1]),
            json!([["a"], 1]),
            json!([["a", 1]]),
            json!({"a": "b"}),
            json!({"a": {"b": null}}),
            json!(9_007_199_254_740_993_u64),
        ];
        for a in &values {
            for b in &values {
                let (x, y) = (Tree::of(a), Tree::of(b));
                assert_eq!(tokens(x.root()) == tokens(y.root()), equal(x.root(), y.root()), "{a} {b}");
                assert!(!equal(x.root(), y.root()) || hash(x.root()) == hash(y.root()), "{a} {b}");
            }
        }
    }

    /// Looking each of a million names up by walking the others takes hours.
    #[test]
    fn wide_objects_cost_no_more_than_they_are_long() {
        let wide = |last: u32| -> serde_json::Map<String, serde_json::Value> {
            (0..400_000).map(|number| (format!("{number:06}"), if number == 7 { last } else { 0 }.into())).collect()
        };
        let tree = Tree::of(&json!([wide(1), wide(2), wide(1)]));
        assert_eq!(repeated(tree.root().as_array().unwrap_or_default()), [2]);
    }

    #[test]
    fn many_of_one_hash_cost_no_more() {
        let mut list: Vec<serde_json::Value> = vec![json!({"a": 1}); 20_000];
        list.push(json!({"a": 2}));
        let tree = Tree::of(&list.into());
        assert_eq!(repeated(tree.root().as_array().unwrap_or_default()).len(), 19_999);
        // Different items that are said to have one hash.
        let list: Vec<serde_json::Value> = (0..40_000).map(|number| json!({"a": [number / 2]})).collect();
        let tree = Tree::of(&list.into());
        let items = tree.root().as_array().unwrap_or_default();
        let run: Vec<(u64, usize, Json<'_>)> = items.iter().enumerate().map(|(at, item)| (0, at, item)).collect();
        let mut found = Vec::new();
        among_many(&run, &mut found);
        assert!(found.iter().copied().eq((0..20_000).map(|number| 2 * number + 1)));
    }
}
