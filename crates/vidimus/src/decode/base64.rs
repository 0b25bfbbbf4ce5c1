//! Base64 (RFC 4648), strict: padded, no white space, trailing bits zero. One text has one meaning.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// The standard alphabet.
pub(super) fn standard(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// As text of the standard alphabet.
pub(super) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The standard or the URL-safe alphabet; DSSE requires readers to take either, a text that mixes them is neither.
pub(super) fn either(text: &str) -> Option<Vec<u8>> {
    standard(text).or_else(|| URL_SAFE.decode(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_one_meaning() {
        for (text, by_standard, by_either) in [
            ("", true, true),
            ("Zg==", true, true),
            ("Zm8=", true, true),
            ("Zm9v", true, true),
            ("+/+/", true, true),
            ("-_-_", false, true),
            ("+_+_", false, false),
            ("Zg", false, false),
            ("Zg=", false, false),
            ("Zh==", false, false),
            ("Zm9=", false, false),
            ("Zm9v\n", false, false),
            (" Zm9v", false, false),
            ("Zm9v=", false, false),
            ("Zm9v====", false, false),
        ] {
            assert_eq!(standard(text).is_some(), by_standard, "{text}");
            assert_eq!(either(text).is_some(), by_either, "{text}");
        }
    }
}
