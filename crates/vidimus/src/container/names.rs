//! Names of members: raw bytes that must not collide, escape or lead through a link (T18, DESIGN ruling 8).

use std::collections::BTreeMap;

use super::fault::{DUPLICATE, Fault, LINK, PATH};

/// Longest name, bytes.
pub(super) const LONGEST: usize = 4096;

/// What has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    File,
    Folder,
    Link,
}

/// The names of one archive so far.
#[derive(Default)]
pub(super) struct Names(BTreeMap<Box<[u8]>, What>);

impl Names {
    /// Takes `raw` and gives it back as it is listed: without `.` and empty segments, which mean nothing.
    pub(super) fn admit(&mut self, raw: &[u8], what: What) -> Result<Vec<u8>, Fault> {
        let escapes = raw.starts_with(b"/") || raw.contains(&0) || raw.len() > LONGEST;
        let segments = || raw.split(|byte| *byte == b'/').filter(|segment| !matches!(*segment, b"" | b"."));
        if escapes || segments().any(|segment| segment == b"..") {
            return Err(Fault::at(&PATH, raw));
        }
        let name = segments().collect::<Vec<_>>().join(&b'/');
        if name.is_empty() {
            return if what == What::Folder { Ok(name) } else { Err(Fault::at(&PATH, raw)) };
        }
        self.open_folders(&name)?;
        match self.0.get(name.as_slice()) {
            None => {}
            Some(What::Folder) if what == What::Folder => return Ok(name),
            Some(_) => return Err(Fault::at(&DUPLICATE, &name)),
        }
        self.0.insert(name.clone().into_boxed_slice(), what);
        Ok(name)
    }

    /// Every folder on the way is a folder, stated or not.
    fn open_folders(&mut self, name: &[u8]) -> Result<(), Fault> {
        let slashes = name.iter().enumerate().rev().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        for folder in slashes.filter_map(|at| name.get(..at)) {
            match self.0.get(folder) {
                // Those above it were entered with it.
                Some(What::Folder) => break,
                Some(What::Link) => return Err(Fault::at(&LINK, name)),
                Some(What::File) => return Err(Fault::at(&DUPLICATE, name)),
                None => self.0.insert(folder.into(), What::Folder),
            };
        }
        Ok(())
    }

    /// A hard link means a file that came before it.
    pub(super) fn hard_link(&self, name: &[u8], target: &[u8]) -> Result<(), Fault> {
        let segments = target.split(|byte| *byte == b'/').filter(|segment| !matches!(*segment, b"" | b"."));
        let target = segments.collect::<Vec<_>>().join(&b'/');
        match self.0.get(target.as_slice()) {
            Some(What::File | What::Link) if target != name => Ok(()),
            _ => Err(Fault::at(&LINK, name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_one_place_and_only_that() {
        use What::{File, Folder, Link};
        let codes = |members: &[(&str, What)]| {
            let mut names = Names::default();
            let all: Result<Vec<_>, _> =
                members.iter().map(|(name, what)| names.admit(name.as_bytes(), *what)).collect();
            match all {
                Ok(names) => String::from_utf8_lossy(&names.join(&b' ')).into_owned(),
                Err(fault) => fault.reason(super::super::Format::Tar).code().to_owned(),
            }
        };
        let long = "x".repeat(LONGEST + 1);
        for (members, expected) in [
            (&[("a", File), ("./b", File), ("c//./d", File)][..], "a b c/d"),
            (&[("./", Folder), ("a/", Folder), ("a", Folder), ("a/b", File)], " a a a/b"),
            (&[("A", File), ("a", File)], "A a"),
            (&[("caf\u{e9}", File), ("x\\y", File)], "caf\u{e9} x\\y"),
            (&[("l", Link), ("lx", File)], "l lx"),
            (&[("/etc/passwd", File)], "archive.path"),
            (&[("../x", File)], "archive.path"),
            (&[("a/../../x", File)], "archive.path"),
            (&[("a/..", Folder)], "archive.path"),
            (&[("", File)], "archive.path"),
            (&[(".", File)], "archive.path"),
            (&[("a\0b", File)], "archive.path"),
            (&[(long.as_str(), File)], "archive.path"),
            (&[("a", File), ("a", File)], "archive.duplicate"),
            (&[("a", File), ("./a", File)], "archive.duplicate"),
            (&[("a", File), ("a/b", File)], "archive.duplicate"),
            (&[("a/b", File), ("a", File)], "archive.duplicate"),
            (&[("a/b", File), ("a", Link)], "archive.duplicate"),
            (&[("a", Folder), ("a", Link)], "archive.duplicate"),
            (&[("a", Link), ("a/b", File)], "archive.link"),
            (&[("a/l", Link), ("a/l/b/c", File)], "archive.link"),
        ] {
            assert_eq!(codes(members), expected, "{members:?}");
        }
    }
}
