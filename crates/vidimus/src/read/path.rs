//! The portable-path profile: names that mean the same file on every system (`verification.md` 1.4, T17).

/// Longest segment, bytes.
const SEGMENT: usize = 255;
/// Longest path, bytes.
const PATH: usize = 1024;
/// Names that Windows gives to devices, whatever extension follows.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Checks one segment: 1 to 255 bytes of `[A-Za-z0-9._+@=,~-]` and inner spaces, not `.` or `..`, not ending in `.` or a
/// space, no Windows device name.
#[must_use]
pub fn is_portable_segment(segment: &[u8]) -> bool {
    let allowed =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'+' | b'@' | b'=' | b',' | b'~' | b'-' | b' ');
    (1..=SEGMENT).contains(&segment.len())
        && segment.iter().all(allowed)
        && !matches!(segment.first(), Some(b' '))
        && !matches!(segment.last(), Some(b'.' | b' '))
        && !is_device(segment)
}

/// Checks a whole `/`-separated path of 1 to `segments` segments and at most 1024 bytes.
#[must_use]
pub fn is_portable(path: &[u8], segments: usize) -> bool {
    path.len() <= PATH
        && path.split(|b| *b == b'/').count() <= segments
        && path.split(|b| *b == b'/').all(is_portable_segment)
}

fn is_device(segment: &[u8]) -> bool {
    let stem = segment.split(|b| *b == b'.').next().unwrap_or_default().to_ascii_lowercase();
    let stem = stem.trim_ascii_end();
    let numbered = |prefix: &[u8]| matches!(stem.strip_prefix(prefix), Some([b'0'..=b'9']));
    DEVICES.iter().any(|device| stem == device.as_bytes()) || numbered(b"com") || numbered(b"lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portable_paths() {
        let long = "x".repeat(256);
        let deep = vec!["d"; 33].join("/");
        let wide = vec!["x".repeat(250); 5].join("/");
        for (path, portable) in [
            ("a", true),
            ("bin/tool-1.2+b@x=y,z~1.tar.gz", true),
            ("with space/inner file.txt", true),
            (".hidden", true),
            ("console.txt", true),
            ("com10", true),
            ("", false),
            ("/abs", false),
            ("a//b", false),
            ("a/", false),
            (".", false),
            ("a/../b", false),
            ("a/..", false),
            ("trailing.", false),
            ("trailing ", false),
            (" leading", false),
            ("CON", false),
            ("nul.txt", false),
            ("aux .log", false),
            ("dir/Com1.dat", false),
            ("lpt9", false),
            ("a:b", false),
            ("a\\b", false),
            ("a*b", false),
            ("line\nbreak", false),
            ("caf\u{e9}", false),
            ("\u{202e}gpj.exe", false),
            (long.as_str(), false),
            (deep.as_str(), false),
            (wide.as_str(), false),
        ] {
            assert_eq!(is_portable(path.as_bytes(), 32), portable, "{path:?}");
        }
    }
}
