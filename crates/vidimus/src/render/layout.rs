//! Lines: indentation, wrapping, numbers with their nouns, styles.

use anstyle::{AnsiColor, Style};

/// Columns that a line should not exceed; words longer than that stay whole, so that they can be copied.
const COLUMNS: usize = 100;

/// `text` broken at spaces into lines of at most 100 columns. The first line is indented by `first`, the others by `rest`.
#[must_use]
pub fn wrap(text: &str, first: usize, rest: usize) -> String {
    let mut out = " ".repeat(first);
    let mut column = first;
    let mut empty = true;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let width = word.chars().count();
        if !empty && column + 1 + width > COLUMNS {
            out.push('\n');
            out.push_str(&" ".repeat(rest));
            column = rest;
            empty = true;
        }
        if !empty {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
        empty = false;
    }
    out
}

/// Text that grows by lines, with or without styles.
pub(super) struct Page {
    out: String,
    color: bool,
}

impl Page {
    pub(super) const fn new(color: bool) -> Self {
        Self { out: String::new(), color }
    }

    pub(super) fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    pub(super) fn blank(&mut self) {
        self.out.push('\n');
    }

    /// A wrapped paragraph; further lines are indented as the first.
    pub(super) fn paragraph(&mut self, indent: usize, text: &str) {
        self.line(&wrap(text, indent, indent));
    }

    /// A wrapped paragraph with a label; further lines stand under the text after it.
    pub(super) fn labelled(&mut self, indent: usize, label: &str, text: &str) {
        let rest = indent + label.chars().count() + 1;
        self.line(&wrap(&format!("{label} {text}"), indent, rest));
    }

    /// A wrapped paragraph; further lines are indented by four more, so that what follows it can be by two.
    pub(super) fn hanging(&mut self, indent: usize, text: &str) {
        self.line(&wrap(text, indent, indent + 4));
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.blank();
        let styled = self.paint(Style::new().bold(), text);
        self.line(&styled);
    }

    pub(super) fn bold(&self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    pub(super) fn good(&self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default().bold(), text)
    }

    pub(super) fn bad(&self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// `1 file`, `2 files`.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A size for people: exact below 1 KiB, else rounded down to a tenth.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 4] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    UNITS.iter().find(|(_, unit)| bytes >= *unit).map_or_else(
        || counted(bytes, "byte", "bytes"),
        |(name, unit)| format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_nouns() {
        for (bytes, shown) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (1_834_226_176, "1.7 GiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }

    #[test]
    fn lines_break_at_spaces_only() {
        let word = "x".repeat(120);
        for (text, first, rest, lines) in [
            ("a b", 2, 4, vec!["  a b".to_owned()]),
            ("", 2, 2, vec!["  ".to_owned()]),
            (word.as_str(), 2, 2, vec![format!("  {word}")]),
            (&format!("a {word} b"), 0, 2, vec!["a".to_owned(), format!("  {word}"), "  b".to_owned()]),
            (
                &format!("{} c", "b ".repeat(50).trim_end()),
                0,
                1,
                vec!["b ".repeat(50).trim_end().to_owned(), " c".to_owned()],
            ),
        ] {
            assert_eq!(wrap(text, first, rest).lines().collect::<Vec<_>>(), lines);
        }
    }
}
