//! On which line of a JSON text something stands.

use std::collections::BTreeMap;

/// The first line of each value that one of the pointers leads to. The text was read before, so it is JSON; of any other text the
/// answer is empty or of no use, and never a panic.
pub(super) fn of_pointers<'a>(text: &str, pointers: impl IntoIterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let wanted: BTreeMap<&str, ()> = pointers.into_iter().map(|pointer| (pointer, ())).collect();
    let mut found = BTreeMap::new();
    let mut walk = Walk { open: Vec::new(), path: String::new() };
    let (mut line, mut bytes) = (1, text.bytes().enumerate());
    let mut key: Option<&str> = None;
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\n' => line += 1,
            b'"' => {
                let mut escaped = false;
                let end = bytes.find(|(_, byte)| {
                    let ends = *byte == b'"' && !escaped;
                    escaped = *byte == b'\\' && !escaped;
                    ends
                });
                let content = end.and_then(|(end, _)| text.get(at + 1..end)).unwrap_or_default();
                if walk.expects_key() { key = Some(content) } else { walk.value(&mut found, &wanted, line) }
            }
            b':' => walk.member(key.take().unwrap_or_default()),
            b',' => walk.next(),
            b'{' | b'[' => {
                walk.value(&mut found, &wanted, line);
                walk.enter(byte == b'{');
            }
            b'}' | b']' => walk.leave(),
            byte if byte.is_ascii_whitespace() => {}
            // A number or a word: only its first byte matters, and a second look changes nothing.
            _ => walk.value(&mut found, &wanted, line),
        }
    }
    found
}

/// Where the walk is.
struct Walk {
    open: Vec<Level>,
    /// The pointer to the current value.
    path: String,
}

struct Level {
    object: bool,
    /// Length of the pointer to the object or array itself.
    length: usize,
    /// Number of the current element.
    index: usize,
    /// Between a name and the end of its value?
    in_value: bool,
}

impl Walk {
    fn expects_key(&self) -> bool {
        self.open.last().is_some_and(|level| level.object && !level.in_value)
    }

    fn value<'a>(&self, found: &mut BTreeMap<&'a str, usize>, wanted: &BTreeMap<&'a str, ()>, line: usize) {
        if let Some((pointer, ())) = wanted.get_key_value(self.path.as_str()) {
            found.entry(pointer).or_insert(line);
        }
    }

    fn enter(&mut self, object: bool) {
        self.open.push(Level { object, length: self.path.len(), index: 0, in_value: !object });
        if !object {
            self.path.push_str("/0");
        }
    }

    fn member(&mut self, key: &str) {
        if let Some(level) = self.open.last_mut().filter(|level| level.object) {
            level.in_value = true;
            self.path.truncate(level.length);
            self.path.push('/');
            self.path.push_str(&key.replace('~', "~0").replace('/', "~1"));
        }
    }

    fn next(&mut self) {
        if let Some(level) = self.open.last_mut() {
            self.path.truncate(level.length);
            if level.object {
                level.in_value = false;
            } else {
                level.index += 1;
                self.path.push_str(&format!("/{}", level.index));
            }
        }
    }

    fn leave(&mut self) {
        if let Some(level) = self.open.pop() {
            self.path.truncate(level.length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_values() {
        let text = "{\n \"a\": {\"b/c\": [1,\n  {\"d\": \"x\\\"{[\"},\n  true]},\n \"e\":\n \"f\" }\n";
        for (pointer, line) in [
            ("", Some(1)),
            ("/a", Some(2)),
            ("/a/b~1c", Some(2)),
            ("/a/b~1c/0", Some(2)),
            ("/a/b~1c/1", Some(3)),
            ("/a/b~1c/1/d", Some(3)),
            ("/a/b~1c/2", Some(4)),
            ("/e", Some(6)),
            ("/e/0", None),
            ("/a/b~1c/3", None),
        ] {
            assert_eq!(of_pointers(text, [pointer]).get(pointer).copied(), line, "{pointer}");
        }
        for text in ["", "]", "}{", "\"", "[[[", ":,:", "\u{feff}{\"é\":1}"] {
            let _ = of_pointers(text, ["/a"]);
        }
    }
}
