#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;
use crate::decode::json::document;
use crate::limits::Limits;

/// The value as maps again.
fn back(value: Json<'_>) -> Value {
    match value.what() {
        What::Null => Value::Null,
        What::Bool(truth) => truth.into(),
        What::Number(number) => number.0.parse::<serde_json::Number>().unwrap().into(),
        What::String(text) => text.into(),
        What::Array(list) => list.iter().map(back).collect(),
        What::Object(map) => map.iter().map(|(name, value)| (name.to_owned(), back(value))).collect(),
    }
}

#[test]
fn a_document_is_what_it_says() {
    let text =
        r#" {"a": [1, -0.5e3, true, false, null, "x\n\u00e9", []], "b\u0041": {"c": {}, "d": "\ud83d\ude00é"}} "#;
    let tree = document(text.as_bytes(), &Limits::MAX).unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    assert_eq!(back(tree.root()), value);
    assert_eq!(back(Tree::of(&value).root()), value);
    let root = tree.root().as_object().unwrap();
    assert_eq!((root.len(), root.get("a").unwrap().as_array().unwrap().len()), (2, 7));
    assert_eq!(root.get("bA").unwrap().get("d").unwrap().as_str(), Some("😀é"));
    assert!(root.get("b").is_none() && root.get("c").is_none() && !root.contains_key("bB"));
    assert_eq!(root.keys().collect::<Vec<_>>(), ["a", "bA"]);
    assert!(List::default().is_empty() && List::default().iter().next().is_none());
}

#[test]
fn numbers_are_what_they_are_however_they_are_written() {
    let rows: [(&str, Option<i128>, bool); 8] = [
        ("1", Some(1), true),
        ("1.0", Some(1), true),
        ("1e2", Some(100), true),
        ("-0", Some(0), true),
        ("18446744073709551615", Some(18_446_744_073_709_551_615), true),
        ("9007199254740993", Some(9_007_199_254_740_993), true),
        ("0.5", None, false),
        ("1e300", None, true),
    ];
    for (text, whole, is_whole) in rows {
        let tree = document(text.as_bytes(), &Limits::MAX).unwrap();
        let number = tree.root().as_number().unwrap();
        assert_eq!((number.whole(), number.is_whole()), (whole, is_whole), "{text}");
    }
}

#[test]
fn wide_objects_are_what_they_say() {
    for count in [WIDE - 1, WIDE, WIDE + 1, 3 * WIDE] {
        let members = (0..count).rev().map(|number| format!("\"\\u006e{number}\": {{\"x{number}\": {number}}}"));
        let text = format!("[{{{}}}, 1]", members.collect::<Vec<_>>().join(","));
        let tree = document(text.as_bytes(), &Limits::MAX).unwrap();
        assert_eq!(back(tree.root()), serde_json::from_str::<Value>(&text).unwrap());
        let map = tree.root().as_array().unwrap().iter().next().unwrap().as_object().unwrap();
        assert_eq!(tree.wide.len(), usize::from(count > WIDE));
        for number in 0..count {
            let inner = map.get(&format!("n{number}")).unwrap().get(&format!("x{number}")).unwrap();
            assert_eq!(inner.as_u64(), u64::try_from(number).ok());
        }
        assert!(map.get(&format!("n{count}")).is_none() && map.get("").is_none() && map.get("x1").is_none());
        assert_eq!(map.keys().next(), Some(format!("n{}", count - 1).as_str()));
    }
    // Of a name that is there twice, as XML may have it, the first counts.
    let mut growing = Growing::default();
    growing.open(true);
    for number in 0..2 * WIDE {
        growing.name("same");
        growing.own_number(&number.to_string());
    }
    growing.close();
    assert_eq!(growing.tree("").root().get("same").and_then(Json::as_u64), Some(0));
}

#[test]
fn it_takes_less_room_than_the_text() {
    let text = json!({"components": vec![json!({"type": "library", "name": "abcdefgh", "version": "1.2.3"}); 1000]});
    let text = text.to_string();
    let tree = document(text.as_bytes(), &Limits::MAX).unwrap();
    assert!(tree.memory() < text.len() * 11 / 10, "{} of {}", tree.memory(), text.len());
}

proptest::proptest! {
    #[test]
    fn the_same_as_a_lenient_reader_has(text in r#"\{("[a-c\\u00e9]{0,4}":(\[(1|"x\\n"|\{\})(,-1\.5)?\]|null|true|"é")(,"[d-f]":[0-9]{1,2})?)?\}"#) {
        if let Ok(tree) = document(text.as_bytes(), &Limits::MAX) {
            proptest::prop_assert_eq!(back(tree.root()), serde_json::from_str::<Value>(&text).unwrap());
        }
    }
}
