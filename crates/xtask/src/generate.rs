//! `cargo xtask generate`: files that are derived from the code, and the check that they are current.

mod cli;
mod fixtures;
mod registry;
mod threats;

use std::collections::BTreeSet;
use std::path::Path;

use crate::Result;

/// A generated file: path relative to the workspace, and its bytes.
pub(crate) struct Generated {
    path: String,
    bytes: Vec<u8>,
}

impl Generated {
    fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), bytes: bytes.into() }
    }
}

/// Folders that hold generated files alone; any other file in them is stale.
const OWNED: [&str; 3] = ["docs/profiles", "examples/telecom", "fixtures"];

/// Writes or compares everything; `false` if something is stale in check mode.
pub(crate) fn run(root: &Path, check: bool) -> Result<bool> {
    let all = all(root)?;
    let mut stale = Vec::new();
    for Generated { path, bytes } in &all {
        let file = root.join(path);
        if std::fs::read(&file).is_ok_and(|now| now == *bytes) {
            continue;
        }
        stale.push(path.clone());
        if !check {
            write(&file, bytes)?;
        }
    }
    let generated: BTreeSet<&str> = all.iter().map(|file| file.path.as_str()).collect();
    for path in OWNED.iter().map(|folder| files(root, folder)).collect::<Result<Vec<_>>>()?.into_iter().flatten() {
        if !generated.contains(path.as_str()) {
            if !check {
                std::fs::remove_file(root.join(&path)).map_err(|error| format!("{path}: {error}"))?;
            }
            stale.push(path);
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
    let mut all = vec![
        registry::generate(root)?,
        Generated::new("docs/cli.md", cli::reference(vidimus_cli::command())),
        Generated::new("docs/reasons.md", vidimus::render::reference()),
        Generated::new("schemas/anchor.schema.json", json(&vidimus::policy::anchor_schema())?),
        Generated::new("schemas/policy.schema.json", json(&vidimus::policy::schema())?),
        Generated::new("schemas/verdict.schema.json", json(&vidimus::render::verdict_schema())?),
    ];
    let pages = vidimus::profile::pages().into_iter();
    all.extend(pages.map(|(name, page)| Generated::new(format!("docs/profiles/{name}"), page)));
    for (name, schema) in vidimus::decode::predicate_schemas() {
        all.push(Generated::new(format!("schemas/{name}.schema.json"), json(&schema)?));
    }
    all.extend(fixtures::generate(root)?);
    Ok(all)
}

/// JSON for people: indented, with a final newline.
fn json(value: &serde_json::Value) -> Result<String> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(|error| error.to_string())
}

fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    let done = file.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(file, bytes));
    done.map_err(|error| format!("{}: {error}", file.display()))
}

/// Every file below a folder, as paths relative to the workspace.
pub(crate) fn files(root: &Path, folder: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(root.join(&folder)) else { continue };
        for entry in entries {
            let entry = entry.map_err(|error| format!("{folder}: {error}"))?;
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}
