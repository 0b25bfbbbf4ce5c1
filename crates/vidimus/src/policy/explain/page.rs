//! Text in progress, wrapped.

/// Columns of a line, at most.
pub(super) const WIDTH: usize = 100;

/// Text in progress, wrapped.
#[derive(Default)]
pub(super) struct Page {
    text: String,
}

impl Page {
    pub(super) fn heading(&mut self, heading: &str) {
        self.text.push('\n');
        self.wrap(heading, "", "");
        self.wrap(&"-".repeat(heading.len()), "", "");
    }

    pub(super) fn line(&mut self, line: &str) {
        self.wrap(line, "", "");
    }

    pub(super) fn item(&mut self, line: &str) {
        self.wrap(line, "- ", "  ");
    }

    pub(super) fn sub(&mut self, line: &str) {
        self.wrap(line, "  - ", "    ");
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Breaks between words; a word that is longer than a line is broken where the line ends.
    fn wrap(&mut self, text: &str, first: &str, next: &str) {
        let mut line = first.to_owned();
        let mut empty = true;
        for word in text.split_whitespace() {
            let mut word = word.to_owned();
            if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
                self.push(&line);
                next.clone_into(&mut line);
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            while line.chars().count() + word.chars().count() > WIDTH {
                let room = WIDTH - line.chars().count();
                let tail: String = word.chars().skip(room).collect();
                line.extend(word.chars().take(room));
                self.push(&line);
                next.clone_into(&mut line);
                word = tail;
            }
            line.push_str(&word);
            empty = false;
        }
        self.push(&line);
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_broken() {
        let mut page = Page::default();
        page.item(&format!("a {}", "x".repeat(250)));
        assert!(page.text.lines().all(|line| line.len() <= WIDTH));
        assert_eq!(page.text.matches('x').count(), 250);
    }
}
