//! Instants to the second, UTC. Time is always an input; nothing here reads a clock.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// An instant in whole seconds since 1970-01-01T00:00:00Z. Written `YYYY-MM-DDTHH:MM:SSZ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// From seconds since the epoch; `None` outside the years 0001 to 9999.
    #[must_use]
    pub fn from_second(second: i64) -> Option<Self> {
        let year = Timestamp::from_second(second).ok()?.to_zoned(jiff::tz::TimeZone::UTC).year();
        (1..=9999).contains(&year).then_some(Self(second))
    }

    /// An upper bound of `t`: a fraction of a second counts as the whole one, so a proven "not later than" stays true.
    #[must_use]
    pub fn ceil(t: Timestamp) -> Option<Self> {
        Self::from_second(t.as_second() + i64::from(t.subsec_nanosecond() > 0))
    }

    /// An RFC 3339 time whose fraction of a second, if it has one, is cut off.
    ///
    /// # Errors
    /// [`InvalidTime`], also for a fraction without digits.
    pub fn floor(text: &str) -> Result<Self, InvalidTime> {
        let Some((whole, rest)) = text.split_once('.') else { return text.parse() };
        let zone = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_zone = zone.len() < rest.len() && zone.starts_with(['Z', 'z', '+', '-']);
        if is_zone { format!("{whole}{zone}").parse() } else { Err(InvalidTime) }
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn second(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.0) {
            Ok(t) => write!(f, "{}", t.strftime("%Y-%m-%dT%H:%M:%SZ")),
            Err(_) => write!(f, "@{}", self.0),
        }
    }
}

impl FromStr for Time {
    type Err = InvalidTime;

    /// RFC 3339 with `Z` or a numeric offset; fractions of a second are refused.
    fn from_str(s: &str) -> Result<Self, InvalidTime> {
        // The parser takes more than RFC 3339: blanks, weeks, annotations such as `[Europe/Oslo]`.
        let is_zone = |zone: &[u8]| matches!(zone, b"Z" | b"z" | [b'+' | b'-', _, _, b':', _, _]);
        let shape = s.is_ascii()
            && matches!(s.as_bytes().get(10), Some(b'T' | b't'))
            && s.as_bytes().split_at_checked(19).is_some_and(|(_, zone)| is_zone(zone));
        if !shape {
            return Err(InvalidTime);
        }
        let t: Timestamp = s.parse().map_err(|_| InvalidTime)?;
        Self::from_second(t.as_second()).ok_or(InvalidTime)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Not an RFC 3339 instant in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time in whole seconds, such as 2026-11-23T12:00:00Z")]
pub struct InvalidTime;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read() {
        for (text, shown) in [
            ("2026-11-23T12:00:00Z", Some("2026-11-23T12:00:00Z")),
            ("2026-11-23T13:00:00+01:00", Some("2026-11-23T12:00:00Z")),
            ("1969-12-31T23:59:59Z", Some("1969-12-31T23:59:59Z")),
            ("2026-11-23", None),
            ("2026-11-23 12:00:00Z", None),
            ("2026-11-23T12:00:00", None),
            ("2026-11-23t13:00:00-01:00", Some("2026-11-23T14:00:00Z")),
            ("2026-11-23T12:00:00.5Z", None),
            ("2026-11-23T12:00:00.0Z", None),
            ("2026-11-23T12:00:00+01", None),
            ("2026-11-23T12:00:00+0100", None),
            ("2026-11-23T12:00Z", None),
            ("2026-11-23T12:00:00Z[Europe/Oslo]", None),
            ("now", None),
        ] {
            let got = text.parse::<Time>().ok().map(|t| t.to_string());
            assert_eq!(got.as_deref(), shown, "{text}");
        }
    }

    #[test]
    fn a_fraction_is_cut_off_where_that_is_asked_for() {
        for (text, shown) in [
            ("2026-11-23T12:00:00Z", Some("2026-11-23T12:00:00Z")),
            ("2026-11-23T12:00:00.999999999Z", Some("2026-11-23T12:00:00Z")),
            ("2026-11-23T12:00:00.5+01:00", Some("2026-11-23T11:00:00Z")),
            ("1969-12-31T23:59:59.9z", Some("1969-12-31T23:59:59Z")),
            ("2026-11-23T12:00:00.Z", None),
            ("2026-11-23T12:00:00.5", None),
            ("2026-11-23T12:00:00.5.5Z", None),
            ("2026-11-23T12:00:.5:00Z", None),
            ("2026-11-23T12.500:00:00Z", None),
            ("2026-11-23T12:00:00,5Z", None),
        ] {
            let got = Time::floor(text).ok().map(|t| t.to_string());
            assert_eq!(got.as_deref(), shown, "{text}");
        }
    }
}
