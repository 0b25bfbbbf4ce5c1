//! `cargo xtask generate`: files that are derived from the code, and the check that they are current.

mod registry;

use std::path::Path;

use crate::Result;

/// A generated file: path relative to the workspace, and its text.
pub(crate) struct Generated {
    path: &'static str,
    text: String,
}

/// Writes or compares everything; `false` if something is stale in check mode.
pub(crate) fn run(root: &Path, check: bool) -> Result<bool> {
    let mut stale = Vec::new();
    for Generated { path, text } in all(root)? {
        let file = root.join(path);
        if std::fs::read_to_string(&file).is_ok_and(|now| now == text) {
            continue;
        }
        stale.push(path);
        if !check {
            write(&file, &text)?;
        }
    }
    for path in &stale {
        println!("{} {path}", if check { "stale:" } else { "wrote" });
    }
    if check && !stale.is_empty() {
        println!("run `cargo xtask generate` and commit the result");
    }
    Ok(!check || stale.is_empty())
}

fn all(root: &Path) -> Result<Vec<Generated>> {
    Ok(vec![
        registry::generate(root)?,
        Generated { path: "docs/reasons.md", text: vidimus::render::reference() },
        Generated { path: "schemas/verdict.schema.json", text: json(&vidimus::render::verdict_schema())? },
    ])
}

/// JSON for people: indented, with a final newline.
fn json(value: &serde_json::Value) -> Result<String> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(|error| error.to_string())
}

fn write(file: &Path, text: &str) -> Result<()> {
    let done = file.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(file, text));
    done.map_err(|error| format!("{}: {error}", file.display()))
}
