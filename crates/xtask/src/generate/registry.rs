//! The list of modules that declare reasons, in `reason/registry.rs`. Only the list is generated; a module that is new is
//! found by its `crate::reasons!`.

use std::path::Path;

use super::Generated;
use crate::{Result, read};

const PATH: &str = "crates/vidimus/src/reason/registry.rs";
const SOURCES: &str = "crates/vidimus/src";
const BEGIN: &str = "static MODULES: &[&[&ReasonInfo]] = &[";
const END: &str = "];\n";

pub(super) fn generate(root: &Path) -> Result<Generated> {
    let mut modules = Vec::new();
    collect(&root.join(SOURCES), "crate", &mut modules)?;
    modules.sort();
    let list: String = modules.iter().map(|module| format!("    {module}::REASONS,\n")).collect();
    let text = splice(&read(&root.join(PATH))?, &list)?;
    Ok(Generated::new(PATH, text))
}

/// Puts `list` between the brackets of the list.
fn splice(now: &str, list: &str) -> Result<String> {
    let parts = now.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.ok_or_else(|| format!("{PATH}: no `{BEGIN}`"))?;
    Ok(format!("{before}{BEGIN}\n{list}{END}{after}"))
}

/// Module paths below `folder` whose file declares reasons.
fn collect(folder: &Path, module: &str, found: &mut Vec<String>) -> Result<()> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
        if path.is_dir() {
            collect(&path, &format!("{module}::{stem}"), found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") && declares(&read(&path)?) {
            found.push(if matches!(stem, "mod" | "lib") { module.to_owned() } else { format!("{module}::{stem}") });
        }
    }
    Ok(())
}

/// Does the file call the macro at the start of a line, where a module's items stand?
fn declares(source: &str) -> bool {
    source.lines().any(|line| line.starts_with("crate::reasons!"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn modules_are_found_by_their_declaration() {
        let folder = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| write(&folder.path().join(path), text);
        put("lib.rs", "//! calls crate::reasons! in prose\n");
        put("a/mod.rs", "crate::reasons! {}\n");
        put("a/b.rs", "use x;\n\ncrate::reasons! {\n}\n");
        put("a/c.rs", "fn f() {}\n");
        put("d.rs", "crate::reasons! {}\n");
        put("d/notes.txt", "crate::reasons! {}\n");
        let mut found = Vec::new();
        collect(folder.path(), "crate", &mut found).unwrap();
        found.sort();
        assert_eq!(found, ["crate::a", "crate::a::b", "crate::d"]);
    }

    fn write(path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn only_the_list_changes() {
        let now = format!("head\n{BEGIN}\n    old,\n{END}tail\n");
        assert_eq!(splice(&now, "    new,\n").unwrap(), format!("head\n{BEGIN}\n    new,\n{END}tail\n"));
        assert!(splice("head\n", "").is_err());
    }
}
