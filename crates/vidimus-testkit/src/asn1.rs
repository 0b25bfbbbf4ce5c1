//! DER, written by hand: so that what is forged does not come from the library that reads it.

/// A value with that tag.
#[must_use]
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let bytes = &bytes[bytes.iter().position(|b| *b != 0).unwrap()..];
        out.push(0x80 | bytes.len() as u8);
        out.extend_from_slice(bytes);
    }
    out.extend_from_slice(content);
    out
}

/// SEQUENCE.
#[must_use]
pub fn seq(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// SET OF, sorted as DER wants it.
#[must_use]
pub fn set_of(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    tlv(0x31, &parts.concat())
}

/// A context-specific constructed value `[n]`.
#[must_use]
pub fn context(n: u8, content: &[u8]) -> Vec<u8> {
    tlv(0xa0 | n, content)
}

/// A non-negative INTEGER from big-endian bytes.
#[must_use]
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
    let mut content = bytes[start..].to_vec();
    if content.first().is_none_or(|b| b & 0x80 != 0) {
        content.insert(0, 0);
    }
    tlv(0x02, &content)
}

/// A small INTEGER.
#[must_use]
pub fn small(n: u8) -> Vec<u8> {
    integer(&[n])
}

/// BOOLEAN TRUE.
#[must_use]
pub fn yes() -> Vec<u8> {
    vec![0x01, 0x01, 0xff]
}

/// NULL.
#[must_use]
pub fn null() -> Vec<u8> {
    vec![0x05, 0x00]
}

/// OBJECT IDENTIFIER from dotted decimals.
#[must_use]
pub fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted.split('.').map(|arc| arc.parse().expect("a dotted OID")).collect();
    let mut content = Vec::new();
    for arc in [&[arcs[0] * 40 + arcs[1]], &arcs[2..]].concat() {
        let mut groups = vec![(arc & 0x7f) as u8];
        let mut rest = arc >> 7;
        while rest > 0 {
            groups.push(0x80 | (rest & 0x7f) as u8);
            rest >>= 7;
        }
        content.extend(groups.iter().rev());
    }
    tlv(0x06, &content)
}

/// OCTET STRING.
#[must_use]
pub fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv(0x04, bytes)
}

/// BIT STRING of whole bytes.
#[must_use]
pub fn bits(bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], bytes].concat())
}

/// UTF8String.
#[must_use]
pub fn utf8(text: &str) -> Vec<u8> {
    tlv(0x0c, text.as_bytes())
}

/// GeneralizedTime of a Unix time, to the second.
#[must_use]
pub fn generalized_time(unix: i64) -> Vec<u8> {
    let (y, mo, d, h, mi, s) = civil(unix);
    tlv(0x18, format!("{y:04}{mo:02}{d:02}{h:02}{mi:02}{s:02}Z").as_bytes())
}

/// UTCTime of a Unix time, which must lie before 2050.
#[must_use]
pub fn utc_time(unix: i64) -> Vec<u8> {
    let (y, mo, d, h, mi, s) = civil(unix);
    assert!((1950..2050).contains(&y), "UTCTime ends in 2049");
    tlv(0x17, format!("{:02}{mo:02}{d:02}{h:02}{mi:02}{s:02}Z", y % 100).as_bytes())
}

/// RFC 3339 text of a Unix time.
#[must_use]
pub fn rfc3339(unix: i64) -> String {
    let (y, mo, d, h, mi, s) = civil(unix);
    format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}Z")
}

/// Year, month, day, hour, minute, second in UTC. Counts days in the 400-year cycle that starts on 0000-03-01, so that the
/// leap day is a year's last.
const fn civil(unix: i64) -> (i64, i64, i64, i64, i64, i64) {
    let (days, second) = (unix.div_euclid(86_400) + 719_468, unix.rem_euclid(86_400));
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year + era * 400 + (month <= 2) as i64;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    (year, month, day, second / 3_600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_der() {
        for (made, expected) in [
            (oid("1.2.840.113549.1.1.11"), "06092a864886f70d01010b"),
            (oid("1.3.6.1.4.1.57264.1.1"), "060a2b0601040183bf300101"),
            (oid("2.5.29.17"), "0603551d11"),
            (integer(&[0x80]), "02020080"),
            (integer(&[0, 0, 1]), "020101"),
            (integer(&[]), "020100"),
            (utc_time(1_740_830_400), "170d3235303330313132303030305a"),
            (generalized_time(951_782_400), "180f32303030303232393030303030305a"),
            (tlv(4, &[0; 200])[..3].to_vec(), "0481c8"),
            (tlv(4, &[0; 300])[..4].to_vec(), "0482012c"),
            (set_of(vec![small(2), small(1)]), "3106020101020102"),
        ] {
            assert_eq!(hex::encode(made), expected);
        }
    }

    #[test]
    fn times_are_civil() {
        for (unix, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_740_830_400, "2025-03-01T12:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(unix), text);
        }
    }
}
