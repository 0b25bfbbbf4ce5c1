//! BOM-Links: `urn:cdx:SERIAL/VERSION`, and `#REF` for an element in it (CycloneDX 1.5, `bomLinkDocumentType` and
//! `bomLinkElementType`; registered as a URN namespace since 1.4).

use std::borrow::Cow;

/// A reference to another CycloneDX document, or to an element of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BomLink<'a> {
    /// The serial number, as a UUID in lower case.
    pub serial: &'a str,
    /// The version of the document, from 1.
    pub version: u64,
    /// The `bom-ref` of the element, still percent-encoded as it stands in the link; `None` for the document.
    pub element: Option<&'a str>,
}

impl<'a> BomLink<'a> {
    /// How every BOM-Link begins.
    pub(super) const SCHEME: &'static str = "urn:cdx:";

    /// Reads one; `None` if it is not written as the specification has it.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (document, element) = match text.strip_prefix(Self::SCHEME)?.split_once('#') {
            Some((_, "")) => return None,
            Some((document, element)) => (document, Some(element)),
            None => (text.strip_prefix(Self::SCHEME)?, None),
        };
        let (serial, version) = document.split_once('/')?;
        let groups: Vec<&str> = serial.split('-').collect();
        let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        let is_uuid = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
            && groups.iter().all(|group| group.bytes().all(hex));
        let canonical = !version.starts_with('0') && version.bytes().all(|b| b.is_ascii_digit());
        (is_uuid && canonical).then_some(())?;
        Some(Self { serial, version: version.parse().ok()?, element })
    }

    /// Does the link's element have this `bom-ref`, as it stands or percent-decoded?
    #[must_use]
    pub fn names(&self, reference: &str) -> bool {
        self.references().any(|name| name == reference)
    }

    /// The names that the element may have: as it stands in the link, and percent-decoded.
    pub fn references(&self) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        let plain = self.element.map(Cow::Borrowed);
        let decoded = self.element.filter(|element| element.contains('%')).and_then(decoded).map(Cow::Owned);
        plain.into_iter().chain(decoded)
    }
}

/// `%2F` is `/`; `None` if it is not percent-encoded text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16));
        let (high, low) = (digit()?, digit()?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn links() {
        let uuid = "3e671687-395b-41f5-a30f-a58921a69b79";
        for (text, expected) in [
            (format!("urn:cdx:{uuid}/1"), Some((1, None))),
            (format!("urn:cdx:{uuid}/12#a%2Fb"), Some((12, Some("a%2Fb")))),
            (format!("urn:cdx:{uuid}/0"), None),
            (format!("urn:cdx:{uuid}/01"), None),
            (format!("urn:cdx:{uuid}/"), None),
            (format!("urn:cdx:{uuid}"), None),
            (format!("urn:cdx:{uuid}/1#"), None),
            (format!("urn:cdx:{}/1", uuid.to_uppercase()), None),
            (format!("urn:cdx:{}/1", uuid.replace('-', "")), None),
            (format!("urn:uuid:{uuid}"), None),
            (format!("urn:cdx:{uuid}/99999999999999999999"), None),
        ] {
            let found = BomLink::parse(&text);
            assert_eq!(found.map(|link| (link.version, link.element)), expected, "{text}");
        }
        let link = format!("urn:cdx:{uuid}/1#pkg:a%2Fb%40c");
        let link = BomLink::parse(&link).unwrap();
        assert!(link.names("pkg:a/b@c") && link.names("pkg:a%2Fb%40c") && !link.names("pkg:a/b"));
        assert_eq!(decoded("%4"), None);
        assert_eq!(decoded("%zz"), None);
    }
}
