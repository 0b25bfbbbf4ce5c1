//! In which line everything stands that a JSON Pointer leads to.

/// Lines by list, item, member and item of the member. Of what is in the document itself the list is empty.
#[derive(Debug, Default)]
pub(in crate::decode::sbom) struct TagLines(Vec<(&'static str, u32, &'static str, u32, u32)>);

impl TagLines {
    /// A member (or, with an empty member, the element) stands in a line.
    pub(super) fn add(&mut self, list: &'static str, index: usize, member: &'static str, item: usize, line: u32) {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.0.push((list, number(index), member, number(item), line));
    }

    /// All is there.
    pub(super) fn sort(&mut self) {
        self.0.sort_unstable();
    }

    /// The line of what is nearest to a pointer.
    pub(in crate::decode::sbom) fn of(&self, pointer: &str) -> u32 {
        let mut steps = pointer.split('/').skip(1);
        let first = steps.next().unwrap_or_default();
        let second = steps.next();
        let (list, index, member) = match second.map(str::parse::<u32>) {
            Some(Ok(index)) => (first, index, steps.next().unwrap_or_default()),
            Some(Err(_)) => (first, 0, second.unwrap_or_default()),
            None => ("", 0, first),
        };
        let item = steps.next().and_then(|item| item.parse::<u32>().ok()).unwrap_or(0);
        [(member, item), (member, 0), ("", 0)]
            .into_iter()
            .find_map(|(member, item)| self.exact(list, index, member, item))
            .unwrap_or(1)
    }

    fn exact(&self, list: &str, index: u32, member: &str, item: u32) -> Option<u32> {
        let key = (list, index, member, item);
        let at = self.0.partition_point(|(list, index, member, item, _)| (*list, *index, *member, *item) < key);
        let (list, index, member, item, line) = *self.0.get(at)?;
        ((list, index, member, item) == key).then_some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_lead_to_lines() {
        let mut lines = TagLines::default();
        for (list, index, member, item, line) in [
            ("packages", 0, "", 0, 10),
            ("packages", 0, "checksums", 0, 12),
            ("packages", 0, "checksums", 1, 13),
            ("packages", 1, "", 0, 20),
            ("", 0, "SPDXID", 0, 3),
            ("creationInfo", 0, "creators", 1, 5),
        ] {
            lines.add(list, index, member, item, line);
        }
        lines.sort();
        for (pointer, expected) in [
            ("/packages/0/checksums/1/checksumValue", 13),
            ("/packages/0/checksums/7", 12),
            ("/packages/0/name", 10),
            ("/packages/1", 20),
            ("/SPDXID", 3),
            ("/creationInfo/creators/1", 5),
            ("/creationInfo/created", 1),
            ("", 1),
        ] {
            assert_eq!(lines.of(pointer), expected, "{pointer}");
        }
    }
}
