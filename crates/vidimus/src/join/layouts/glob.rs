//! Patterns of artifact rules: `*`, `?` and `[…]` as the reference implementation reads them, which is Python's `fnmatch` (section 4.3.3
//! has them "bash-style"). `*` and `?` also take `/`. A pattern is matched in time of its length times that of the path.

/// A pattern, taken apart.
pub(super) struct Glob(Vec<Part>);

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
    pub(super) fn new(pattern: &str) -> Self {
        let chars: Vec<char> = pattern.chars().collect();
        let mut parts: Vec<Part> = Vec::new();
        let mut at = 0;
        while let Some(&char) = chars.get(at) {
            at += 1;
            let part = match char {
                '*' if matches!(parts.last(), Some(Part::Many)) => continue,
                '*' => Part::Many,
                '?' => Part::Any,
                '[' => match set(chars.get(at..).unwrap_or_default()) {
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
        Self(parts)
    }

    /// Does it take the path? Each step costs one of `work`, which is `None` once it is spent; then the answer means nothing.
    pub(super) fn matches(&self, path: &str, work: &mut Option<u64>) -> bool {
        spend(work, path.len() as u64 + 1);
        let text: Vec<char> = path.chars().collect();
        let (mut at, mut part) = (0, 0);
        // The last `*`: where it stands, and how much it has taken. An earlier one need not take more.
        let mut many: Option<(usize, usize)> = None;
        while let Some(&char) = text.get(at).filter(|_| work.is_some()) {
            spend(work, 1);
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

fn spend(work: &mut Option<u64>, cost: u64) {
    *work = work.and_then(|left| left.checked_sub(cost));
}

impl Part {
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
            // One that ends before it begins takes nothing.
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
            ("[c-a]", "b", false),
            ("[!c-a]", "b", true),
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
            assert_eq!(Glob::new(pattern).matches(path, &mut Some(1000)), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn no_pattern_takes_exponential_time() {
        let (pattern, path) = ("*a".repeat(200), "a".repeat(5000) + "b");
        let mut work = Some(100_000);
        assert!(!Glob::new(&pattern).matches(&path, &mut work));
        assert!(work.is_some());
        let mut little = Some(5010);
        Glob::new(&pattern).matches(&path, &mut little);
        assert_eq!(little, None);
    }
}
