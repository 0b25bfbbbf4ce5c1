//! Deterministic damage to documents.
//!
//! Half of the mutations know nothing of the format; the others know that most evidence is JSON text in lines.

use crate::rng::Seed;

/// An endless stream of damaged copies of `original`, each with one to three changes, none equal to it.
pub fn mutations(label: &str, original: &[u8]) -> impl Iterator<Item = Vec<u8>> + use<> {
    let mut seed = Seed::new(&format!("mutate/{label}"));
    let original = original.to_vec();
    std::iter::repeat_with(move || {
        let mut bytes = original.clone();
        for _ in 0..=seed.below(3) {
            let mutation = MUTATIONS[seed.below(MUTATIONS.len())];
            mutation(&mut seed, &mut bytes);
        }
        while bytes == original {
            insert_bytes(&mut seed, &mut bytes);
        }
        bytes
    })
}

type Mutation = fn(&mut Seed, &mut Vec<u8>);

const MUTATIONS: [Mutation; 14] = [
    flip_bit,
    replace_byte,
    insert_bytes,
    truncate,
    remove_range,
    duplicate_range,
    splice,
    swap_lines,
    duplicate_member,
    nest,
    replace_number,
    replace_string,
    break_utf8,
    grow_string,
];

/// A range within `bytes`, at most 64 long; empty for no bytes.
fn range(seed: &mut Seed, bytes: &[u8]) -> std::ops::Range<usize> {
    if bytes.is_empty() {
        return 0..0;
    }
    let start = seed.below(bytes.len());
    let length = 1 + seed.below(64);
    start..(start + length).min(bytes.len())
}

/// A place to insert at.
const fn place(seed: &mut Seed, bytes: &[u8]) -> usize {
    seed.below(bytes.len() + 1)
}

/// One of the places where `byte` stands.
fn one_of(seed: &mut Seed, bytes: &[u8], byte: u8) -> Option<usize> {
    let places: Vec<usize> = bytes.iter().enumerate().filter(|(_, b)| **b == byte).map(|(i, _)| i).collect();
    if places.is_empty() { None } else { Some(places[seed.below(places.len())]) }
}

#[allow(clippy::ptr_arg, reason = "all mutations are of one type")]
fn flip_bit(seed: &mut Seed, bytes: &mut Vec<u8>) {
    if !bytes.is_empty() {
        let at = seed.below(bytes.len());
        bytes[at] ^= 1 << seed.below(8);
    }
}

#[allow(clippy::ptr_arg, reason = "all mutations are of one type")]
fn replace_byte(seed: &mut Seed, bytes: &mut Vec<u8>) {
    const TELLING: &[u8] = b"\0\n\r\t \"\\{}[]:,0-9eE+/=\x7f\x80\xc0\xff";
    if !bytes.is_empty() {
        let at = seed.below(bytes.len());
        bytes[at] = TELLING[seed.below(TELLING.len())];
    }
}

fn insert_bytes(seed: &mut Seed, bytes: &mut Vec<u8>) {
    let at = place(seed, bytes);
    let count = 1 + seed.below(16);
    bytes.splice(at..at, seed.bytes(count));
}

fn truncate(seed: &mut Seed, bytes: &mut Vec<u8>) {
    let length = place(seed, bytes);
    bytes.truncate(length);
}

fn remove_range(seed: &mut Seed, bytes: &mut Vec<u8>) {
    let range = range(seed, bytes);
    bytes.drain(range);
}

fn duplicate_range(seed: &mut Seed, bytes: &mut Vec<u8>) {
    let copy = bytes[range(seed, bytes)].to_vec();
    let at = place(seed, bytes);
    bytes.splice(at..at, copy);
}

/// One part of the document over another.
fn splice(seed: &mut Seed, bytes: &mut Vec<u8>) {
    let copy = bytes[range(seed, bytes)].to_vec();
    let over = range(seed, bytes);
    bytes.splice(over, copy);
}

fn swap_lines(seed: &mut Seed, bytes: &mut Vec<u8>) {
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
    if lines.len() > 1 {
        let (a, b) = (seed.below(lines.len()), seed.below(lines.len()));
        lines.swap(a, b);
        *bytes = lines.concat();
    }
}

/// A member of an object, or what looks like one, a second time with another value.
fn duplicate_member(seed: &mut Seed, bytes: &mut Vec<u8>) {
    const VALUES: [&str; 5] = ["null", "1", "\"x\"", "{}", "[]"];
    let Some(colon) = one_of(seed, bytes, b':') else { return };
    let before = &bytes[..colon];
    let Some(close) = before.iter().rposition(|b| *b == b'"') else { return };
    let Some(open) = before[..close].iter().rposition(|b| *b == b'"') else { return };
    let name = &bytes[open..=close];
    let member = [name, b":", VALUES[seed.below(VALUES.len())].as_bytes(), b","].concat();
    bytes.splice(open..open, member);
}

fn nest(seed: &mut Seed, bytes: &mut Vec<u8>) {
    const SHAPES: [(&str, &str); 3] = [("[", "]"), ("{\"a\":", "}"), ("<a>", "</a>")];
    let depth = 1 << seed.below(13);
    let (open, close) = SHAPES[seed.below(SHAPES.len())];
    let at = place(seed, bytes);
    let closed = if seed.below(2) == 0 { close.repeat(depth) } else { String::new() };
    bytes.splice(at..at, (open.repeat(depth) + "0" + &closed).into_bytes());
}

fn replace_number(seed: &mut Seed, bytes: &mut Vec<u8>) {
    const NUMBERS: [&str; 10] = [
        "-0",
        "-1",
        "1e400",
        "0.1",
        "00",
        "9007199254740993",
        "9223372036854775808",
        "18446744073709551616",
        "1E-7",
        "4294967296",
    ];
    let digits: Vec<usize> = (0..bytes.len()).filter(|i| bytes[*i].is_ascii_digit()).collect();
    if !digits.is_empty() {
        let start = digits[seed.below(digits.len())];
        let end = start + bytes[start..].iter().take_while(|b| b.is_ascii_digit()).count();
        bytes.splice(start..end, NUMBERS[seed.below(NUMBERS.len())].bytes());
    }
}

/// What stands between two quotes replaced by something that readers stumble over.
fn replace_string(seed: &mut Seed, bytes: &mut Vec<u8>) {
    const STRINGS: [&str; 12] = [
        "",
        "\\u0000",
        "\\ud800",
        "../../etc/passwd",
        "C:\\\\x",
        "a\\u202eb",
        "\\u0061",
        "sha256",
        "2025-02-30T25:61:61Z",
        "pkg:generic/%00@",
        "https://in-toto.io/Statement/v9",
        "====",
    ];
    let Some(open) = one_of(seed, bytes, b'"') else { return };
    let length = bytes[open + 1..].iter().position(|b| *b == b'"').unwrap_or(0);
    let text = STRINGS[seed.below(STRINGS.len())];
    bytes.splice(open + 1..open + 1 + length, text.bytes());
}

fn break_utf8(seed: &mut Seed, bytes: &mut Vec<u8>) {
    const BROKEN: [&[u8]; 5] = [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf"];
    let at = if seed.below(4) == 0 { 0 } else { place(seed, bytes) };
    bytes.splice(at..at, BROKEN[seed.below(BROKEN.len())].iter().copied());
}

fn grow_string(seed: &mut Seed, bytes: &mut Vec<u8>) {
    let Some(quote) = one_of(seed, bytes, b'"') else { return };
    let length = 1 << seed.below(17);
    bytes.splice(quote..quote, vec![b'A'; length]);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::encode::sha256_hex;

    const TEXT: &[u8] = b"{\"a\": \"text\",\n \"b\": [1, 23]}\n{\"c\": null}\n";

    #[test]
    fn a_label_is_a_stream_of_damage() {
        let take = |label| mutations(label, TEXT).take(1_000).collect::<Vec<_>>();
        assert_eq!(take("a"), take("a"));
        assert_ne!(take("a"), take("b"));
        assert_eq!(sha256_hex(&take("a").concat()), "4aba96ae0ea83ba5dac83550b475aef744ec30af21b04d6f14c04a35399c313e");
        assert!(take("a").iter().all(|bytes| bytes != TEXT));
        // Not all: there are only so many ways to cut a short text.
        let distinct: BTreeSet<Vec<u8>> = take("a").into_iter().collect();
        assert!(distinct.len() > 850, "{}", distinct.len());
    }

    #[test]
    fn every_mutation_changes_something_and_no_input_stops_it() {
        for (index, mutation) in MUTATIONS.iter().enumerate() {
            let mut seed = Seed::new("each");
            let mut changed = false;
            for original in [TEXT, b"", b"\"", b":", b"\":"] {
                for _ in 0..100 {
                    let mut bytes = original.to_vec();
                    mutation(&mut seed, &mut bytes);
                    changed |= bytes != original;
                }
            }
            assert!(changed, "mutation {index}");
        }
    }
}
