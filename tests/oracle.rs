//! Programs of others that tests ask, beside the build: a line of JSON in, a line of JSON out. `.ci/run` installs them.

use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::support::{not_asked, root};

/// A program that answers.
pub struct Oracle {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

/// Where libraries of others lie.
fn beside(what: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join(what)
}

fn skipped(why: &str) -> Option<Oracle> {
    not_asked(why);
    None
}

impl Oracle {
    /// A script of `tests/python` with the libraries that it imports and the schema that it reads.
    pub fn python(script: &str, libraries: &str) -> Option<Self> {
        let (program, schemas) = (beside("python/bin/python"), beside("python/schemas"));
        let there = Command::new(&program).args(["-c", &format!("import {libraries}")]).stderr(Stdio::null()).status();
        if !there.is_ok_and(|status| status.success()) {
            return skipped(&format!("Python's {libraries} are not installed"));
        }
        let mut command = Command::new(program);
        command.arg(root().join("tests/python").join(script)).arg(schemas);
        Some(Self::started(command))
    }

    /// A script of `tests/node` with a package that it loads.
    pub fn node(script: &str, package: &str, more: &[&str]) -> Option<Self> {
        let libraries = beside("node");
        if !libraries.join("node_modules").join(package).is_dir()
            || Command::new("node").arg("--version").output().is_err()
        {
            return skipped(&format!("node and {package} are not installed"));
        }
        let mut command = Command::new("node");
        command.arg(root().join("tests/node").join(script)).arg(libraries).args(more);
        Some(Self::started(command))
    }

    /// The browser, driven by its script.
    pub fn browser() -> Option<Self> {
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
        let found = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
        match found.into_iter().find(|path| path.is_file()) {
            Some(program) => Self::node("page.js", "playwright-core", &[program.to_str()?]),
            None => skipped("no chromium is installed"),
        }
    }

    fn started(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, stdin, stdout }
    }

    pub fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.stdin, "{request}").unwrap();
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{request}: {line}: {e}"));
        assert!(answer["failed"].is_null(), "{request}: {answer}");
        answer
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
