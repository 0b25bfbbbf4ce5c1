//! The verdict as Markdown (CommonMark with tables), for merge requests and tickets.

use super::checks::{self, Row, State};
use super::layout::{counted, size};
use super::text::sentence;
use super::{VerdictFile, escape};
use crate::reason::Accountable;

/// Rows of one table.
const SHOWN: usize = 200;

/// The verdict as Markdown.
#[must_use]
pub fn markdown(file: &VerdictFile) -> String {
    let core = &file.core;
    let rows = checks::rows(file);
    let mut out = format!("# {}\n\n", text(checks::answer(file)));
    let inventory = &core.inputs.inventory;
    let mut facts = vec![
        ("at", code(&core.request.at)),
        ("delivered", format!("{}, {}", counted(inventory.files, "file", "files"), size(inventory.bytes))),
        ("policy", format!("{} version {}", code(&core.inputs.policy.id), core.inputs.policy.version)),
    ];
    facts.extend(core.request.product.iter().map(|product| ("product", code(product))));
    facts.extend(core.request.recipient.iter().map(|recipient| ("recipient", code(recipient))));
    table(&mut out, &["", ""], facts.into_iter().map(|(name, value)| vec![name.to_owned(), value]));
    for (name, accountable) in Accountable::ALL {
        let of: Vec<&Row<'_>> =
            rows.iter().filter(|row| row.accountable == Some(accountable) && row.state < State::Waived).collect();
        if of.is_empty() {
            continue;
        }
        out.push_str(&format!("## The {} must act\n\n", name.replace('-', " ")));
        for row in of.iter().take(SHOWN) {
            out.push_str(&format!("- **{}** {}: {}\n", row.state.name(), code(row.rule), code(&row.place())));
            if let Some(way) = &row.way {
                out.push_str(&format!("  - way: {}\n", code(way)));
            }
            for said in row.sentences() {
                out.push_str(&format!("  - {}\n", text(&said)));
            }
            for fix in row.fixes() {
                out.push_str(&format!("  - fix: {}\n", text(fix)));
            }
        }
        more(&mut out, of.len());
        out.push('\n');
    }
    let waivers = checks::waivers(file);
    if !waivers.is_empty() {
        out.push_str("## Waivers\n\n");
        let rows = waivers.iter().map(|waiver| {
            let days = counted(waiver.days.unsigned_abs(), "day", "days");
            vec![code(waiver.id), code(waiver.rule), code(waiver.owner), code(waiver.until), days]
        });
        table(&mut out, &["waiver", "rule", "owner", "until", "left"], rows);
    }
    out.push_str("## Checks\n\n");
    let shown = rows.iter().take(SHOWN).map(|row| {
        vec![row.state.name().to_owned(), code(row.rule), code(&row.place()), row.support.len().to_string()]
    });
    table(&mut out, &["result", "rule", "on", "evidence"], shown);
    more(&mut out, rows.len());
    let unverified = checks::unverified(file);
    if !(unverified.is_empty() && core.caveats.is_empty() && core.limits_hit.is_empty()) {
        out.push_str("## Not verified, and caveats\n\n");
        for (count, what) in unverified {
            out.push_str(&format!("- {count} × {}\n", text(what)));
        }
        for said in core.limits_hit.iter().chain(&core.caveats) {
            out.push_str(&format!("- {} ({})\n", text(&sentence(&said.code, &said.args)), code(&said.code)));
        }
        out.push('\n');
    }
    if !core.rejected.is_empty() {
        out.push_str("## Rejected evidence\n\n");
        let rejected = core.rejected.iter().take(SHOWN);
        let rows =
            rejected.map(|item| vec![code(&item.evidence), code(&item.code), text(&sentence(&item.code, &item.args))]);
        table(&mut out, &["evidence", "code", "why"], rows);
        more(&mut out, core.rejected.len());
    }
    out.push_str("## Digests\n\n");
    table(
        &mut out,
        &["of", "sha256"],
        checks::digests(file).into_iter().map(|(of, hex)| vec![of.to_owned(), code(&hex)]),
    );
    out
}

fn more(out: &mut String, all: usize) {
    if let more @ 1.. = all.saturating_sub(SHOWN) {
        out.push_str(&format!("\nand {more} more, in the verdict as JSON\n"));
    }
}

fn table(out: &mut String, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    out.push_str(&line(head.iter().map(|cell| (*cell).to_owned()).collect()));
    out.push_str(&line(head.iter().map(|_| "---".to_owned()).collect()));
    rows.for_each(|row| out.push_str(&line(row)));
    out.push('\n');
}

/// Text in which nothing is markup, a link or the end of a table cell. Forges look for people, numbers and addresses in what is
/// left after markup, where a backslash does not help; in code they do not.
fn text(raw: &str) -> String {
    let word = |word: &str| {
        let is_called = word.contains(['@', '#', '!', '$', '%', '~']) || word.contains("://");
        if is_called || word.to_ascii_lowercase().contains("www.") { span(word) } else { plain(word) }
    };
    escape(raw).split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn plain(word: &str) -> String {
    let mut out = String::new();
    for c in word.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn code(raw: &str) -> String {
    span(&escape(raw))
}

/// A code span that ends where it should, of what is escaped already.
fn span(escaped: &str) -> String {
    let raw = escaped.replace('|', "\\|");
    let longest = raw.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if raw.is_empty() || raw.starts_with('`') || raw.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{raw}{space}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        for (raw, shown) in [
            ("a [link](https://evil)", "a `[link](https://evil)`"),
            ("see WWW.evil.example.", "see `WWW.evil.example.`"),
            ("<script>|", "\\<script\\>\\|"),
            ("a@b *x* ~y~", "`a@b` \\*x\\* `~y~`"),
            ("by @all, closes #1: done", "by `@all,` closes `#1:` done"),
            ("x\u{1b}@`", "`` x\\u{1b}@` ``"),
        ] {
            assert_eq!(text(raw), shown);
        }
        for (raw, shown) in [("a", "`a`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("a|b", "`a\\|b`"), ("", "`  `")] {
            assert_eq!(code(raw), shown);
        }
    }
}
