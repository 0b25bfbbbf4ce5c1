//! Patterns of artifact rules: `*`, `?` and `[…]` as the reference implementation reads them, which is Python's `fnmatch` (section 4.3.3
//! has them "bash-style"). `*` and `?` also take `/`. A pattern is matched in time of its length times that of the path.
//!
//! A set with a range that ends before it begins is not read. Python drops the range and understands what is left anew, in some versions
//! as the opposite.

use crate::reason::Reason;

crate::reasons! {
    PATTERN = "layout.pattern", Unproven, Signer, ["pattern"],
        says "the layout has a pattern with a range that ends before it begins: {pattern}",
        why "Programs differ in what such a range means; one takes what another leaves.",
        fix "Have the owner of the layout write the range the other way round, and sign again.";
}

/// A pattern, taken apart.
#[derive(Debug)]
pub(super) struct Glob(Vec<Part>);

#[derive(Debug)]
enum Part {
    /// This character.
    One(char),
    /// Any character.
    Any,
    /// Any number of characters.
    Many,
    /// One of a set, or none of it: ranges, both ends included.
    Set(bool, Vec<(char, char)>),
}

impl Glob {
    /// # Errors
    /// A set with a range that ends before it begins.
    pub(super) fn new(pattern: &str) -> Result<Self, Reason> {
        let chars: Vec<char> = pattern.chars().collect();
        // Whether a set is closed is looked for only where one can be.
        let closed = chars.iter().rposition(|char| *char == ']');
        let mut parts: Vec<Part> = Vec::new();
        let mut at = 0;
        while let Some(&char) = chars.get(at) {
            at += 1;
            let part = match char {
                '*' if matches!(parts.last(), Some(Part::Many)) => continue,
                '*' => Part::Many,
                '?' => Part::Any,
                '[' if closed.is_some_and(|closed| at < closed) => match set(chars.get(at..).unwrap_or_default()) {
                    Some((Part::Set(_, ranges), _)) if ranges.iter().any(|(first, last)| first > last) => {
                        return Err(Reason::new(&PATTERN).evidence("pattern", pattern));
                    }
                    Some((part, length)) => {
                        at += length;
                        part
                    }
                    None => Part::One('['),
                },
                char => Part::One(char),
            };
            parts.push(part);
        }
        Ok(Self(parts))
    }

    /// Does it take the path? Each step costs one of `work`, which is `None` once it is spent; then the answer means nothing.
    pub(super) fn matches(&self, path: &str, work: &mut Option<u64>) -> bool {
        spend(work, path.len() as u64 + 1);
        let text: Vec<char> = path.chars().collect();
        let (mut at, mut part) = (0, 0);
        // The last `*`: where it stands, and how much it has taken. An earlier one need not take more.
        let mut many: Option<(usize, usize)> = None;
        while let Some(&char) = text.get(at).filter(|_| work.is_some()) {
            spend(work, self.0.get(part).map_or(1, Part::cost));
            match self.0.get(part) {
                Some(Part::Many) => {
                    many = Some((part, at));
                    part += 1;
                }
                Some(one) if one.takes(char) => {
                    part += 1;
                    at += 1;
                }
                _ => {
                    let Some((star, taken)) = many else { return false };
                    many = Some((star, taken + 1));
                    (part, at) = (star + 1, taken + 1);
                }
            }
        }
        self.0.get(part..).unwrap_or_default().iter().all(|part| matches!(part, Part::Many))
    }
}

pub(super) fn spend(work: &mut Option<u64>, cost: u64) {
    *work = work.and_then(|left| left.checked_sub(cost));
}

impl Part {
    /// What it costs to hold it against a character.
    const fn cost(&self) -> u64 {
        match self {
            Self::Set(_, ranges) => ranges.len() as u64 + 1,
            Self::One(_) | Self::Any | Self::Many => 1,
        }
    }

    fn takes(&self, char: char) -> bool {
        match self {
            Self::One(own) => *own == char,
            Self::Any => true,
            Self::Many => false,
            Self::Set(inverted, ranges) => {
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&char)) != *inverted
            }
        }
    }
}

/// What follows a `[`, and its length with the `]`; `None` if it is never closed, and the `[` means itself. A `]` that comes first
/// means itself.
fn set(chars: &[char]) -> Option<(Part, usize)> {
    let inverted = chars.first() == Some(&'!');
    let start = usize::from(inverted);
    let end = start + 1 + chars.get(start + 1..)?.iter().position(|char| *char == ']')?;
    let content = chars.get(start..end)?;
    let mut ranges = Vec::new();
    let mut at = 0;
    while let Some(&first) = content.get(at) {
        match (content.get(at + 1), content.get(at + 2)) {
            (Some('-'), Some(&last)) => {
                ranges.push((first, last));
                at += 3;
            }
            _ => {
                ranges.push((first, first));
                at += 1;
            }
        }
    }
    Some((Part::Set(inverted, ranges), end + 1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, path, expected) in [
            ("foo", "foo", true),
            ("foo", "foo.py", false),
            ("foo", "a/foo", false),
            ("*", "", true),
            ("*", "a/b/c", true),
            ("", "", true),
            ("", "a", false),
            ("foo*", "foo", true),
            ("foo*", "foo/bar", true),
            ("*.py", "a/foo.py", true),
            ("*.py", "foo.pyc", false),
            ("a*b*c", "aXXbYYc", true),
            ("a*b*c", "aXXbYY", false),
            ("a*ab", "aab", true),
            ("**a**", "xxaxx", true),
            ("f?o", "foo", true),
            ("f?o", "f/o", true),
            ("f?o", "fo", false),
            ("f?o", "f\u{1f600}o", true),
            ("[ab]c", "bc", true),
            ("[ab]c", "cc", false),
            ("[a-c]", "b", true),
            ("[a-c]", "-", false),
            ("[!a-c]", "b", false),
            ("[!a-c]", "d", true),
            ("[^a]", "^", true),
            ("[]]", "]", true),
            ("[!]]", "]", false),
            ("[!]]", "a", true),
            ("[]a]", "a", true),
            ("[a-]", "-", true),
            ("[-a]", "-", true),
            ("[a-c-e]", "-", true),
            ("[a-c-e]", "d", false),
            ("[", "[", true),
            ("[a", "[a", true),
            ("[a", "a", false),
            ("[!", "[!", true),
            ("[]", "[]", true),
            ("[!]", "[!]", true),
            ("\\*", "\\x", true),
            ("\\*", "*", false),
            ("A", "a", false),
        ] {
            let glob = Glob::new(pattern).unwrap();
            assert_eq!(glob.matches(path, &mut Some(1000)), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn ranges_that_end_before_they_begin_are_not_read() {
        for (pattern, read) in [
            ("[c-a]", false),
            ("[!c-a]", false),
            ("[.-*!x]", false),
            ("[b--!ba^]", false),
            ("x[a-c]y[c-a]", false),
            ("[a-a]", true),
            ("[c-a", true),
            ("[]-a]", true),
        ] {
            let code = Glob::new(pattern).map_or_else(|reason| reason.code(), |_| "read");
            assert_eq!(code, if read { "read" } else { "layout.pattern" }, "{pattern}");
        }
    }

    #[test]
    fn a_set_costs_as_much_as_it_is_long() {
        let (short, long) = (Glob::new("[ab]*").unwrap(), Glob::new(&format!("[{}b]*", "a".repeat(10_000))).unwrap());
        let spent = |glob: &Glob| {
            let mut work = Some(1_000_000);
            assert!(glob.matches("b", &mut work));
            1_000_000 - work.unwrap()
        };
        assert!(spent(&short) < 10);
        assert!(spent(&long) > 10_000);
        let mut little = Some(5_000);
        long.matches("b", &mut little);
        assert_eq!(little, None);
    }

    /// Quadratic time would be 10^13 steps.
    #[test]
    fn sets_that_are_never_closed_are_read_in_one_pass() {
        for pattern in ["[".repeat(3_000_000), format!("]{}", "[".repeat(3_000_000)), "[]".repeat(1_500_000)] {
            assert!(Glob::new(&pattern).is_ok());
        }
    }

    #[test]
    fn no_pattern_takes_exponential_time() {
        let (pattern, path) = ("*a".repeat(200), "a".repeat(5000) + "b");
        let mut work = Some(100_000);
        let glob = Glob::new(&pattern).unwrap();
        assert!(!glob.matches(&path, &mut work));
        assert!(work.is_some());
        let mut little = Some(5010);
        glob.matches(&path, &mut little);
        assert_eq!(little, None);
    }
}
