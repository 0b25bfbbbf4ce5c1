//! How bad a vulnerability is: one scale for the words and numbers of scanners. No floating point is involved.

use std::fmt;

/// Qualitative severity (CVSS v3.1 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// None at all.
    None,
    /// 0.1 to 3.9.
    Low,
    /// 4.0 to 6.9.
    Medium,
    /// 7.0 to 8.9.
    High,
    /// 9.0 to 10.0.
    Critical,
}

impl Severity {
    /// Every severity with its word in policies.
    pub const ALL: [(&'static str, Self); 5] = [
        ("none", Self::None),
        ("low", Self::Low),
        ("medium", Self::Medium),
        ("high", Self::High),
        ("critical", Self::Critical),
    ];

    /// By a word, in capitals or not, or a score from 0 to 10. `None` for what is neither: nobody says how bad it is.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.trim().to_ascii_lowercase();
        let named = Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, severity)| *severity);
        named.or(match word.as_str() {
            "info" | "informational" | "negligible" => Some(Self::Low),
            "moderate" => Some(Self::Medium),
            "important" => Some(Self::High),
            number => tenths(number).map(Self::of_tenths),
        })
    }

    /// The worst of several; `None` if there is none, or if one of them cannot be read: it may be worse.
    #[must_use]
    pub(super) fn worst(all: impl IntoIterator<Item = Option<Self>>) -> Option<Self> {
        let all: Option<Vec<Self>> = all.into_iter().collect();
        all?.into_iter().max()
    }

    const fn of_tenths(tenths: u32) -> Self {
        match tenths {
            0 => Self::None,
            1..40 => Self::Low,
            40..70 => Self::Medium,
            70..90 => Self::High,
            _ => Self::Critical,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL.iter().find(|(_, severity)| severity == self).map_or("none", |(name, _)| name))
    }
}

/// `7`, `7.5` and `7.50` in tenths, rounded up; at most 10.
fn tenths(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.len() <= 6 && part.bytes().all(|b| b.is_ascii_digit());
    (digits(whole) && digits(fraction)).then_some(())?;
    let (first, rest) = fraction.split_at_checked(1)?;
    let up = u32::from(rest.bytes().any(|b| b != b'0'));
    let tenths = whole.parse::<u32>().ok()?.checked_mul(10)? + first.parse::<u32>().ok()? + up;
    (tenths <= 100).then_some(tenths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers() {
        for (text, expected) in [
            ("medium", Some("medium")),
            ("HIGH", Some("high")),
            ("Moderate", Some("medium")),
            ("5.2", Some("medium")),
            ("3.9", Some("low")),
            ("3.91", Some("medium")),
            ("6.95", Some("high")),
            ("9", Some("critical")),
            ("10.0", Some("critical")),
            ("0.0", Some("none")),
            ("10.1", None),
            ("99", None),
            ("-1", None),
            ("7,5", None),
            ("unknown", None),
            ("CVSS:3.1/AV:N", None),
            ("", None),
            ("5.", None),
        ] {
            assert_eq!(Severity::parse(text).map(|s| s.to_string()).as_deref(), expected, "{text}");
        }
    }
}
