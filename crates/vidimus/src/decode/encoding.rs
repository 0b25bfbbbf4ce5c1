//! Documents are UTF-8. An SBOM in another encoding is recognised and refused by name: a reader that guesses the encoding, and
//! one that does not, see two documents.

use crate::reason::Reason;

crate::reasons! {
    ENCODING = "parse.encoding", Unproven, Vendor, ["found"],
        says "the document is {found}, not plain UTF-8",
        why "Readers that guess the encoding and readers that do not see two documents under one signature (T15; INT-01).",
        fix "Write the document again as UTF-8 without byte order mark.";
}

/// What SBOMs of any format have near their beginning.
const MARKS: [&[u8]; 5] =
    [b"spdxVersion", b"SPDXVersion:", b"\"bomFormat\"", b"cyclonedx.org/schema/bom", b"spdx.org/rdf/"];

/// How much of a document is looked at.
const SNIFF: usize = 4096;

/// Can a file that starts so be in one of these encodings?
pub(super) fn has_mark(prefix: &[u8]) -> bool {
    of(prefix).is_some()
}

/// Why a document in another encoding is refused; `None` for everything else.
pub(super) fn refused(bytes: &[u8]) -> Option<Reason> {
    let found = of(bytes)?;
    let ascii: Vec<u8> = bytes.iter().take(SNIFF).copied().filter(|b| *b != 0).collect();
    let is_sbom = MARKS.iter().any(|mark| ascii.windows(mark.len()).any(|window| window == *mark));
    is_sbom.then(|| Reason::new(&ENCODING).name("found", found))
}

/// UTF-16 and UTF-32, by byte order mark, or by the zero bytes that letters have there.
fn of(bytes: &[u8]) -> Option<&'static str> {
    match *bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] | [0, 0, 0, 1..=255, ..] | [1..=255, 0, 0, 0, ..] => {
            Some("UTF-32")
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=255, 0, 1..=255, ..] | [1..=255, 0, 1..=255, 0, ..] => {
            Some("UTF-16")
        }
        _ => None,
    }
}

/// The text of a document that is no JSON.
pub(super) fn plain(bytes: &[u8]) -> Result<&str, Reason> {
    let wrong = |found: &str| Reason::new(&ENCODING).name("found", found);
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(wrong("UTF-8 with a byte order mark"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| wrong("no valid UTF-8"))?;
    if text.contains('\0') { Err(wrong("text with U+0000")) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_encodings_are_refused_by_name() {
        let wide = |text: &str, unit: usize, little: bool, mark: bool| -> Vec<u8> {
            let all = mark.then_some('\u{feff}').into_iter().chain(text.chars());
            all.flat_map(|c| {
                let bytes = u32::from(c).to_be_bytes();
                let mut unit = bytes.get(4 - unit..).unwrap_or_default().to_vec();
                if little {
                    unit.reverse();
                }
                unit
            })
            .collect()
        };
        for text in [r#"{"spdxVersion": "SPDX-2.3"}"#, r#"{"bomFormat": "CycloneDX"}"#, "SPDXVersion: SPDX-2.3\n"] {
            for (unit, name) in [(2, "UTF-16"), (4, "UTF-32")] {
                for (little, mark) in [(true, true), (true, false), (false, true), (false, false)] {
                    let found = refused(&wide(text, unit, little, mark)).map(|reason| reason.sentence());
                    assert_eq!(found, Some(format!("the document is {name}, not plain UTF-8")), "{text}");
                }
            }
            assert_eq!(refused(text.as_bytes()), None);
        }
        assert_eq!(refused(&wide("anything else", 2, true, true)), None);
        assert_eq!(refused(b"\x7fELF\0\0\0\0spdxVersion"), None);
        for (bytes, ok) in [(&b"a"[..], true), (b"\xef\xbb\xbfa", false), (b"\xff", false), (b"a\0", false)] {
            assert_eq!(plain(bytes).is_ok(), ok);
        }
    }
}
