//! What no other tool notices about the project's own settings.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use toml_edit::DocumentMut;

/// Paths that a `clippy.toml` disallows under `list`.
fn disallowed(file: &str, list: &str) -> BTreeSet<String> {
    let text = crate::read(&crate::root().join(file)).unwrap();
    let document: DocumentMut = text.parse().unwrap();
    let entries = document[list].as_array().unwrap().iter();
    entries.map(|entry| entry.as_inline_table().unwrap()["path"].as_str().unwrap().to_owned()).collect()
}

/// The nearest `clippy.toml` replaces the one above it, so the library's must repeat it.
#[test]
fn the_librarys_lints_include_the_workspaces() {
    let (workspace, library) = ("clippy.toml", "crates/vidimus/clippy.toml");
    let missing: Vec<String> = disallowed(workspace, "disallowed-types")
        .difference(&disallowed(library, "disallowed-types"))
        .cloned()
        .collect();
    assert_eq!(missing, Vec::<String>::new(), "disallowed in {workspace}, allowed in {library}");
    assert!(disallowed(library, "disallowed-methods").contains("std::time::SystemTime::now"));
}

/// Nobody reads a longer one from front to back; it is split by what its parts mean.
#[test]
fn no_file_of_code_is_too_long() {
    const LINES: usize = 600;
    let root = crate::root();
    let folders = ["crates", "tests"].iter();
    let files = folders.flat_map(|folder| crate::generate::files(&root, folder).unwrap());
    let code = files.filter(|path| path.ends_with(".rs"));
    let lines = |path: &String| crate::read(&root.join(path)).unwrap().lines().count();
    let long: Vec<String> = code
        .map(|path| (lines(&path), path))
        .filter(|(lines, _)| *lines >= LINES)
        .map(|(n, path)| format!("{path}: {n}"))
        .collect();
    assert_eq!(long, Vec::<String>::new(), "files of {LINES} lines or more");
}

/// A page that the index does not name is read by nobody.
#[test]
fn every_decision_has_its_row() {
    let folder = "docs/decisions/";
    let root = crate::root();
    let files = crate::generate::files(&root, folder.trim_end_matches('/')).unwrap();
    let pages: Vec<&str> =
        files.iter().filter_map(|path| path.strip_prefix(folder)).filter(|name| *name != "README.md").collect();
    let index = crate::read(&root.join(folder).join("README.md")).unwrap();
    let rows: Vec<&str> = index
        .lines()
        .filter_map(|line| line.strip_prefix("| [")?.split_once("](")?.1.split_once(')'))
        .map(|(page, _)| page)
        .collect();
    assert_eq!(rows, pages, "the rows of the index, and the pages in order");
}
