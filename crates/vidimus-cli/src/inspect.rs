//! `vidimus inspect`: what files are, by their own word. Nothing is verified, nothing is judged.

mod identity;

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use serde_json::json;
use vidimus::decode::{Description, Signer, describe};
use vidimus::digest::Hasher;
use vidimus::limits::Limits;
use vidimus::render::{escape, escape_json, wrap};

use crate::args::{InspectArgs, InspectFormat};
use crate::failure::Failure;
use crate::run::Exit;
use crate::terminal;

pub(crate) fn run(args: &InspectArgs) -> Result<Exit, Failure> {
    let mut found = Vec::new();
    for path in &args.files {
        found.push((path.display().to_string(), look(path)?));
    }
    let shown = match args.output {
        InspectFormat::Text => found.iter().map(|(path, what)| text(path, what)).collect::<Vec<_>>().join("\n"),
        InspectFormat::Json => {
            let files: Vec<_> = found.iter().map(|(path, what)| json!({"file": path, "is": what})).collect();
            escape_json(&format!("{:#}\n", json!(files)))
        }
    };
    terminal::results(shown.as_bytes())?;
    Ok(Exit::Pass)
}

/// The first bytes of a regular file, one more than `limit` if there are that many, and the file where they end.
///
/// # Errors
/// It is a folder, a device or a pipe, or it cannot be read.
pub(crate) fn start(path: &Path, limit: u64) -> Result<(Vec<u8>, File), Failure> {
    let failed = |e: io::Error| Failure::new(format!("{}: {e}", path.display()));
    let metadata = fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(Failure::new(format!("{}: this is a folder", path.display()))
            .hint("name the files in it, such as `vidimus inspect FOLDER/*.json`"));
    }
    if !metadata.is_file() {
        return Err(Failure::new(format!("{}: not a regular file", path.display())));
    }
    let mut file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.by_ref().take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok((bytes, file))
}

/// Describes the file; one that is too large to be evidence is only hashed.
fn look(path: &Path) -> Result<Description, Failure> {
    let limits = Limits::MAX;
    let (bytes, file) = start(path, limits.evidence_item_bytes)?;
    if bytes.len() as u64 <= limits.evidence_item_bytes {
        return Ok(describe(&bytes, &limits));
    }
    large(&bytes, file).map_err(|e| Failure::new(format!("{}: {e}", path.display())))
}

fn large(start: &[u8], mut rest: File) -> io::Result<Description> {
    let mut hasher = Hasher::new(&[]);
    hasher.update(start);
    let mut size = start.len() as u64;
    let mut buffer = vec![0; 1024 * 1024];
    loop {
        let count = rest.read(&mut buffer)?;
        let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else { break };
        hasher.update(read);
        size += count as u64;
    }
    let facts = [("sha256", hasher.finish().sha256().hex().to_owned()), ("bytes", size.to_string())];
    Ok(Description {
        kind: "file, too large to be evidence".to_owned(),
        facts: facts.map(|(label, value)| (label.to_owned(), value)).to_vec(),
        ..Description::default()
    })
}

fn text(path: &str, what: &Description) -> String {
    let mut out = format!("{}: {}\n", escape(path), escape(&what.kind));
    let mut signers = Vec::new();
    body(&mut out, what, 2, &mut signers);
    // One signer often signed several items of a file.
    let mut seen: Vec<&Signer> = Vec::new();
    for signer in signers {
        if !seen.contains(&signer) {
            seen.push(signer);
            if let Some(block) = identity::block(signer, path) {
                out.push('\n');
                out.push_str(&block);
            }
        }
    }
    out
}

/// Facts, signers and contents, each level indented further. The nesting is ours: a list, an envelope, a statement, an SBOM.
fn body<'a>(out: &mut String, what: &'a Description, indent: usize, signers: &mut Vec<&'a Signer>) {
    let mut line = |label: &str, value: &str| {
        let rest = indent + label.chars().count() + 2;
        out.push_str(&wrap(&format!("{label}: {value}"), indent, rest));
        out.push('\n');
    };
    for (label, value) in &what.facts {
        line(&escape(label), &escape(value));
    }
    for signer in &what.signers {
        line("signer", &identity::sentence(signer));
        signers.push(signer);
    }
    if let Some(problem) = &what.problem {
        line(&escape(&problem.code), &escape(&problem.says));
    }
    for item in &what.items {
        out.push_str(&format!("{}- {}\n", " ".repeat(indent), escape(&item.kind)));
        body(out, item, indent + 2, signers);
    }
}
