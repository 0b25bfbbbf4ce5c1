//! The form of `cases.jsonl`, and where a case's files lie.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value as Json;

use crate::{Result, read};

/// What the origin of a case says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Expected {
    Pass,
    Fail,
}

/// One line of a `cases.jsonl`; members that the runner does not need are not read.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) files: Vec<String>,
    pub(crate) artifact: Option<String>,
    pub(crate) artifact_digest: Option<String>,
    pub(crate) trust_root: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) expected: Option<Expected>,
    pub(crate) expected_reason: Option<String>,
    pub(crate) identity: Option<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) source_uri: Option<String>,
    pub(crate) builder_id: Option<String>,
    #[serde(default)]
    pub(crate) args: Json,
    pub(crate) requires_online: Option<bool>,
    /// The suite's folder; not part of the line.
    #[serde(skip)]
    pub(crate) folder: PathBuf,
}

impl Case {
    /// The object under test.
    pub(crate) fn object(&self) -> Result<PathBuf> {
        let first = self.files.first().ok_or_else(|| format!("{}: names no file", self.id))?;
        Ok(self.folder.join(first))
    }

    /// A file that the case names.
    pub(crate) fn bytes(&self, path: &str) -> Result<Vec<u8>> {
        let path = self.folder.join(path);
        std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// A text member of `args`.
    pub(crate) fn arg(&self, name: &str) -> Option<&str> {
        self.args.get(name)?.as_str()
    }
}

/// The cases of a suite's folder, in file order.
pub(crate) fn load(folder: &Path) -> Result<Vec<Case>> {
    let path = folder.join("cases.jsonl");
    let mut cases = Vec::new();
    for (number, line) in read(&path)?.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let mut case: Case =
            serde_json::from_str(line).map_err(|error| format!("{}:{}: {error}", path.display(), number + 1))?;
        folder.clone_into(&mut case.folder);
        cases.push(case);
    }
    Ok(cases)
}
