//! Which bytes of a file are OpenPGP: the whole of a binary one, or the blocks of armour (RFC 9580 section 6.2), one or several.

use super::Flaw;

/// Labels of armour.
pub(super) const SIGNATURE: &str = "PGP SIGNATURE";
pub(super) const PUBLIC_KEY: &str = "PGP PUBLIC KEY BLOCK";
pub(super) const PRIVATE_KEY: &str = "PGP PRIVATE KEY BLOCK";

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// One run of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block<'a> {
    /// As they are.
    Binary(&'a [u8]),
    /// From the first to the last line of armour.
    Armour(&'a str),
}

/// What a file that starts so can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Detached signatures.
    Signature,
    /// Text with a signature over it (RFC 9580 section 7).
    Cleartext,
    /// A message that holds what it signs.
    Message,
}

/// What a file with these first bytes can be; `None` if it is none of OpenPGP's signatures.
#[must_use]
pub fn marks(prefix: &[u8]) -> Option<Mark> {
    let is = |label: &str| {
        prefix
            .strip_prefix(BEGIN.as_bytes())
            .and_then(|rest| rest.strip_prefix(label.as_bytes()))
            .is_some_and(|rest| rest.starts_with(DASHES.as_bytes()))
    };
    if is(SIGNATURE) || binary_signature(prefix).is_some() {
        Some(Mark::Signature)
    } else if is("PGP SIGNED MESSAGE") {
        Some(Mark::Cleartext)
    } else if is("PGP MESSAGE") {
        Some(Mark::Message)
    } else {
        None
    }
}

/// The header of a signature packet (section 4.2) and the first fields of one (section 5.2), as no other file has them.
fn binary_signature(prefix: &[u8]) -> Option<()> {
    let (first, rest) = prefix.split_first()?;
    let ((0x88, [_, body @ ..])
    | (0x89, [_, _, body @ ..])
    | (0x8a, [0, 0, _, _, body @ ..])
    | (0xc2, [..=191, body @ ..] | [192..=223, _, body @ ..] | [255, 0, 0, _, _, body @ ..])) = (first, rest)
    else {
        return None;
    };
    match body {
        [2 | 3, 5, ..] => Some(()),
        [4..=6, kind, algorithm, hash, ..] => {
            let kind = matches!(kind, 0..=3 | 0x10..=0x13 | 0x18 | 0x19 | 0x1f | 0x20 | 0x28 | 0x30 | 0x40 | 0x50);
            (kind && (1..=40).contains(algorithm) && (1..=14).contains(hash)).then_some(())
        }
        _ => None,
    }
}

/// The blocks of a file. Around and between those of armour there is nothing but white space.
pub(super) fn blocks<'a>(bytes: &'a [u8], label: &str) -> Result<Vec<Block<'a>>, Flaw> {
    if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        return Ok(vec![Block::Binary(bytes)]);
    }
    let wrong = || Flaw::Malformed("armour");
    let (begin, end) = (format!("{BEGIN}{label}{DASHES}"), format!("-----END {label}{DASHES}"));
    let mut rest = std::str::from_utf8(bytes).map_err(|_| wrong())?;
    let mut blocks = Vec::new();
    while !rest.trim_ascii().is_empty() {
        let block = rest.trim_ascii_start();
        if !block.starts_with(&begin) {
            return Err(wrong());
        }
        let length = block.find(&end).ok_or_else(wrong)? + end.len();
        let (block, after) = block.split_at_checked(length).ok_or_else(wrong)?;
        blocks.push(Block::Armour(block));
        rest = after;
    }
    Ok(blocks)
}

/// Headers of armour (RFC 9580 section 6.2.2).
const HEADERS: [&[u8]; 5] = [b"Charset: ", b"Comment: ", b"Hash: ", b"MessageID: ", b"Version: "];

/// Nobody signs the headers of armour. If there is more than the known ones, with words, a shell could make something of it.
#[must_use]
pub fn is_foreign(bytes: &[u8]) -> bool {
    is_text(bytes) && !bytes.split(|b| *b == b'\n').all(is_plain)
}

/// Is it armour? There, everything but the headers is base64.
#[must_use]
pub fn is_text(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| first & 0x80 == 0)
}

fn is_plain(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match HEADERS.iter().find_map(|name| line.strip_prefix(*name)) {
        Some(value) => has_words(value),
        None if line.starts_with(DASHES.as_bytes()) => has_words(line),
        None => line.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b)),
    }
}

/// Words and addresses; and the name of a system in parentheses, as old versions of GnuPG write it.
fn has_words(text: &[u8]) -> bool {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b" .,:_+@/=-".contains(b);
    let Some(open) = text.iter().position(|b| *b == b'(') else { return text.iter().all(plain) };
    let (before, rest) = text.split_at_checked(open).unwrap_or_default();
    let word = rest.get(1..).and_then(|rest| rest.strip_suffix(b")")).unwrap_or(b" ");
    before.iter().all(plain) && word.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn marks_of_signatures() {
        for (prefix, expected) in [
            (&b"-----BEGIN PGP SIGNATURE-----\n"[..], Some(Mark::Signature)),
            (b"-----BEGIN PGP SIGNATURE-----\r\n", Some(Mark::Signature)),
            (b"-----BEGIN PGP SIGNED MESSAGE-----\n", Some(Mark::Cleartext)),
            (b"-----BEGIN PGP MESSAGE-----\n", Some(Mark::Message)),
            (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", None),
            (b"-----BEGIN PGP SIGNATURES-----\n", None),
            (b" -----BEGIN PGP SIGNATURE-----\n", None),
            (b"\x88\x75\x04\x00\x16\x08\x00", Some(Mark::Signature)),
            (b"\x89\x01\x33\x04\x00\x01\x0a\x00", Some(Mark::Signature)),
            (b"\xc2\x75\x04\x00\x16\x08\x00", Some(Mark::Signature)),
            (b"\xc2\xc0\x75\x06\x00\x1b\x08\x00", Some(Mark::Signature)),
            (b"\x89\x00\x95\x03\x05\x00", Some(Mark::Signature)),
            (b"\x88\x75\x04\x04\x16\x08\x00", None),
            (b"\x88\x75\x04\x00\x16\x63\x00", None),
            (b"\x89PNG\r\n\x1a\n\x00\x00", None),
            (b"\x99\x01\x0d\x04", None),
            (b"", None),
        ] {
            assert_eq!(marks(prefix), expected, "{prefix:?}");
        }
    }

    #[test]
    fn blocks_and_nothing_around_them() {
        let one = "-----BEGIN PGP SIGNATURE-----\n\niA==\n-----END PGP SIGNATURE-----";
        for (text, expected) in [
            (one.to_owned(), Some(1)),
            (format!("{one}\n"), Some(1)),
            (format!("{one}\n\n{one}\r\n"), Some(2)),
            (format!("{one}more"), None),
            (format!("{one}\nrm -rf /\n"), None),
            (format!("text\n{one}"), None),
            (format!("{one}\n-----BEGIN PGP SIGNATURE-----\n"), None),
            (one.replace("END PGP SIGNATURE", "END PGP MESSAGE"), None),
            (String::new(), Some(0)),
        ] {
            let found = blocks(text.as_bytes(), SIGNATURE).ok().map(|blocks| blocks.len());
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn headers_that_are_words() {
        for (header, expected) in [
            ("Version: GnuPG v2", false),
            ("Version: GnuPG v1.4.11 (GNU/Linux)", false),
            ("Comment: https://example.com/key", false),
            ("Comment: $(curl example.com)", true),
            ("Comment: (curl example.com)", true),
            ("Comment: x; rm -rf /", true),
            ("Comment: `id`", true),
            ("Comment: caf\u{e9}", true),
            ("Comment: (a) b", true),
            ("rm -rf /tmp: x", true),
            ("reboot now", true),
        ] {
            let text = format!("-----BEGIN PGP SIGNATURE-----\r\n{header}\r\n\r\niA==\r\n");
            assert_eq!(is_foreign(text.as_bytes()), expected, "{header}");
        }
        assert!(!is_foreign(b"\x88$(id)"));
    }
}
