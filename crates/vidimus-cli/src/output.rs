//! Where verdicts are written. A file is complete or absent, and none of an earlier run outlives a run without a verdict.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use vidimus::read::SIBLINGS;

use crate::args::VerifyArgs;
use crate::failure::Failure;
use crate::{policy, state};

/// How a verdict is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
    Markdown,
    Junit,
    Sarif,
    Html,
    Vsa,
    Svr,
}

/// The formats by name.
const FORMATS: [(&str, Format); 8] = [
    ("text", Format::Text),
    ("json", Format::Json),
    ("markdown", Format::Markdown),
    ("junit", Format::Junit),
    ("sarif", Format::Sarif),
    ("html", Format::Html),
    ("vsa", Format::Vsa),
    ("svr", Format::Svr),
];

/// Where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Stdout,
    File(PathBuf),
}

/// One `--output`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) format: Format,
    pub(crate) target: Target,
}

/// The `--output` arguments, and what earlier runs left at these places.
#[derive(Debug)]
pub(crate) struct Outputs {
    /// In the order of the arguments.
    pub(crate) list: Vec<Output>,
    /// Every file that will be written.
    pub(crate) files: Vec<PathBuf>,
    stale: Vec<PathBuf>,
}

/// Reads the `--output` arguments and refuses what would change what is read. Nothing is removed yet. `archive` is written, too.
pub(crate) fn prepare(requested: &[String], archive: Option<&Path>, read: &Read) -> Result<Outputs, Failure> {
    let list = requested.iter().map(|text| parse(text)).collect::<Result<Vec<_>, _>>()?;
    if list.iter().filter(|output| output.target == Target::Stdout).count() > 1 {
        return Err(Failure::new("two outputs go to standard output, where nobody could tell them apart")
            .hint("give one of them a file: `--output json=verdict.json`"));
    }
    let files: Vec<PathBuf> = files(&list).chain(archive).map(PathBuf::from).collect();
    let mut places = BTreeSet::new();
    for path in &files {
        let place = place(path)?;
        if read.places.iter().any(|read| place.starts_with(read)) {
            return Err(would_change(path));
        }
        is_replaceable(path)?;
        if !places.insert(place) {
            return Err(Failure::new(format!("{}: two outputs go to this file", path.display()))
                .hint("give each output a file of its own"));
        }
    }
    Ok(Outputs { list, files, stale: places.into_iter().collect() })
}

impl Outputs {
    /// Removes what earlier runs left, unless it is one of the files that the policy names.
    pub(crate) fn remove_stale(&mut self, policy_files: &[PathBuf]) -> Result<(), Failure> {
        // What does not exist may be made by this run, as a state is.
        let real = |path: &PathBuf| path.canonicalize().ok().or_else(|| place(path).ok());
        let read: Vec<PathBuf> = policy_files.iter().filter_map(real).collect();
        let stale = std::mem::take(&mut self.stale);
        if let Some(path) = stale.iter().find(|path| read.contains(path)) {
            return Err(would_change(path));
        }
        for path in &stale {
            match fs::remove_file(path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    let what = format!("{}: the output of an earlier run cannot be removed: {e}", path.display());
                    return Err(Failure::new(what));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Drop for Outputs {
    /// Also a run that ends before it knows its policy leaves no output of an earlier one.
    fn drop(&mut self) {
        for path in &self.stale {
            let _ = fs::remove_file(path);
        }
    }
}

fn would_change(path: &Path) -> Failure {
    Failure::new(format!("{}: this output would change what is read", path.display()))
        .hint("write outputs outside the delivery, and not over the policy, its files or evidence")
}

/// The files among `outputs`.
fn files(outputs: &[Output]) -> impl Iterator<Item = &Path> {
    outputs.iter().filter_map(|output| match &output.target {
        Target::Stdout => None,
        Target::File(path) => Some(path.as_path()),
    })
}

/// What is written to a file.
pub(crate) enum Content<'a> {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What this writes; larger than memory, perhaps.
    Streamed(&'a dyn Fn(&mut dyn io::Write) -> Result<(), Failure>),
}

/// Files that were put in place. They are removed again unless the run ends well.
#[derive(Debug, Default)]
pub(crate) struct Placed {
    paths: Vec<PathBuf>,
    keep: bool,
}

impl Placed {
    /// Writes every file beside its place, then moves them there.
    pub(crate) fn write(files: &[(&Path, Content<'_>)]) -> Result<Self, Failure> {
        let failed =
            |path: &Path, e: &io::Error| Failure::new(format!("{}: the output cannot be written: {e}", path.display()));
        let mut written = Vec::new();
        for (path, content) in files {
            let mut file = temporary(path).map_err(|e| failed(path, &e))?;
            match content {
                Content::Bytes(bytes) => file.write_all(bytes).map_err(|e| failed(path, &e))?,
                Content::Streamed(write) => {
                    let mut buffered = io::BufWriter::with_capacity(1024 * 1024, file.as_file_mut());
                    write(&mut buffered)?;
                    buffered.flush().map_err(|e| failed(path, &e))?;
                }
            }
            file.as_file().sync_all().map_err(|e| failed(path, &e))?;
            written.push((*path, file));
        }
        let mut placed = Self::default();
        for (path, file) in written {
            file.persist(path).map_err(|e| failed(path, &e.error))?;
            placed.paths.push(path.to_path_buf());
        }
        Ok(placed)
    }

    /// The run ended well: the files stay.
    pub(crate) fn keep(mut self) {
        self.keep = true;
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        if !self.keep {
            for path in &self.paths {
                let _ = fs::remove_file(path);
            }
        }
    }
}

fn temporary(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".vidimus-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any new file: the umask takes its part.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder(path))
}

fn parse(text: &str) -> Result<Output, Failure> {
    let names: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
    let known =
        format!("`--output` takes FORMAT=PATH, such as `--output json=verdict.json`; formats are {}", names.join(", "));
    let refused = |found: &str| {
        Failure::new(format!("`--output {}`: {found}", vidimus::render::escape(text))).hint(known.as_str())
    };
    let (format, path) = text.split_once('=').ok_or_else(|| refused("there is no `=` between format and path"))?;
    let format = FORMATS.iter().find(|(name, _)| *name == format).map(|(_, format)| *format);
    let format = format.ok_or_else(|| refused("the format is not known"))?;
    let target = match path {
        "" => return Err(refused("there is no path")),
        "-" => Target::Stdout,
        path => Target::File(PathBuf::from(path)),
    };
    Ok(Output { format, target })
}

/// What this run reads, as far as it exists: no output may replace any of it.
pub(crate) struct Read {
    places: Vec<PathBuf>,
}

impl Read {
    /// Of `verify`.
    pub(crate) fn of(args: &VerifyArgs) -> Self {
        let mut paths: Vec<PathBuf> = args.paths.clone();
        if let [single] = args.paths.as_slice() {
            let name = single.file_name().unwrap_or_default();
            paths.extend(SIBLINGS.iter().map(|suffix| {
                let mut sibling = name.to_os_string();
                sibling.push(suffix);
                single.with_file_name(sibling)
            }));
        }
        paths.push(args.policy.clone());
        paths.extend(policy::anchor_files(&args.policy, args.anchor.as_deref()));
        paths.extend(args.evidence.iter().cloned());
        paths.extend(args.status.iter().cloned());
        let mut read = Self::these(&paths);
        // The state is made if it is missing.
        read.places.extend(args.state.iter().flat_map(|path| state::places(path)));
        read
    }

    /// Of these files and folders.
    pub(crate) fn these(paths: &[PathBuf]) -> Self {
        // What does not exist cannot be replaced; that it is missing is said later.
        Self { places: paths.iter().filter_map(|path| path.canonicalize().ok()).collect() }
    }
}

/// Where the file will lie, links of folders resolved.
pub(crate) fn place(path: &Path) -> Result<PathBuf, Failure> {
    let folder = folder(path);
    let real = folder.canonicalize().map_err(|e| {
        Failure::new(format!("{}: the folder of this output cannot be used: {e}", path.display()))
            .hint(format!("make the folder {} first", folder.display()))
    })?;
    match path.file_name() {
        Some(name) => Ok(real.join(name)),
        None => Err(Failure::new(format!("{}: this output is not a file", path.display()))
            .hint("name a file, such as `--output json=verdict.json`")),
    }
}

/// Only what does not exist or is a regular file may be replaced, and no state: what was accepted before is in no other place, and which
/// file it is may stand in an anchor that nobody can load.
fn is_replaceable(path: &Path) -> Result<(), Failure> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => Err(Failure::new(format!(
            "{}: there is something here that is not a regular file; it is not replaced",
            path.display()
        ))
        .hint("name another file, or `-` for standard output")),
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            Err(Failure::new(format!("{}: the output cannot be written: {e}", path.display())))
        }
        Ok(_) if state::is_one(path) => Err(would_change(path)),
        _ => Ok(()),
    }
}

/// The folder in which the file lies.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn outputs_are_format_and_path() {
        let file = |format, path: &str| Some(Output { format, target: Target::File(PathBuf::from(path)) });
        for (text, expected) in [
            ("json=verdict.json", file(Format::Json, "verdict.json")),
            ("text=out/a=b.txt", file(Format::Text, "out/a=b.txt")),
            ("json=-", Some(Output { format: Format::Json, target: Target::Stdout })),
            ("json", None),
            ("json=", None),
            ("=x", None),
            ("JSON=x", None),
            ("sarif=x", file(Format::Sarif, "x")),
            ("pdf=x", None),
        ] {
            assert_eq!(parse(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn files_are_kept_only_when_the_run_ends_well() {
        let folder = tempfile::tempdir().unwrap();
        for (keep, exists) in [(false, false), (true, true)] {
            let path = folder.path().join("verdict.json");
            let placed = Placed::write(&[(&path, Content::Bytes(b"bytes".to_vec()))]).unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"bytes");
            if keep {
                placed.keep();
            } else {
                drop(placed);
            }
            assert_eq!(path.exists(), exists);
        }
    }

    #[test]
    fn one_file_that_cannot_be_written_leaves_none() {
        let folder = tempfile::tempdir().unwrap();
        let (good, bad) = (folder.path().join("good"), folder.path().join("bad"));
        fs::create_dir(&bad).unwrap();
        assert!(Placed::write(&[(&good, Content::Bytes(Vec::new())), (&bad, Content::Bytes(Vec::new()))]).is_err());
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["bad"]);
    }
}
