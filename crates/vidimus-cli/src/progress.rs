//! Progress on standard error, when somebody watches and there is something to wait for.

use std::sync::OnceLock;

use indicatif::{ProgressBar, ProgressStyle};
use vidimus::read::Progress;

use crate::terminal;

/// Fewer bytes are hashed before a bar could be read.
const LONG: u64 = 64 * 1024 * 1024;

/// A bar, if it is wanted and worth it.
pub(crate) struct Bar {
    wanted: bool,
    bar: OnceLock<ProgressBar>,
}

impl Bar {
    /// No bar when `quiet`, and none where nobody watches.
    pub(crate) fn new(quiet: bool) -> Self {
        Self { wanted: !quiet && terminal::is_watched(), bar: OnceLock::new() }
    }
}

impl Progress for Bar {
    fn start(&self, files: u64, bytes: u64) {
        if !self.wanted || bytes <= LONG {
            return;
        }
        let bar = ProgressBar::new(bytes);
        let template = "hashing {msg}  [{wide_bar}] {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(if files == 1 { "1 file".to_owned() } else { format!("{files} files") });
        // A second start has no bar of its own; that costs nothing but looks.
        let _ = self.bar.set(bar);
    }

    fn advance(&self, bytes: u64) {
        if let Some(bar) = self.bar.get() {
            bar.inc(bytes);
        }
    }

    fn finish(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
