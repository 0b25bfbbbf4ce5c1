//! Archives made by other programs, and packages of other people: the members that we list are those that `tar`, `dpkg-deb`,
//! `cpio` and Python list, digest for digest.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;
use vidimus_testkit::archive::{CpioEntry, cpio, gzip, rpm};
use vidimus_testkit::{Seed, fixtures};

use crate::support::{AT, items, not_asked, text, verify};

/// Lists a zip or a tar, the latter from standard input too, with nothing but Python's own library.
const LIST: &str = r#"
import hashlib, json, sys, tarfile, zipfile
kind, path = sys.argv[1:3]
clean = lambda name: "/".join(part for part in name.split("/") if part not in ("", "."))
files, links = {}, []
if kind == "zip":
    archive = zipfile.ZipFile(path)
    for member in archive.infolist():
        if not member.is_dir():
            files[clean(member.filename)] = hashlib.sha256(archive.read(member)).hexdigest()
else:
    for member in (archive := tarfile.open(path, mode="r|*")):
        if member.isreg():
            files[clean(member.name)] = hashlib.sha256(archive.extractfile(member).read()).hexdigest()
        elif member.issym() or member.islnk():
            links.append(clean(member.name))
print(json.dumps({"files": files, "links": sorted(links)}))
"#;

/// Makes zips: stored, deflated, and written to a pipe, so that sizes come later.
const ZIP: &str = r#"
import os, sys, zipfile
kind, path, folder = sys.argv[1:4]
class Pipe:
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def flush(self): self.file.flush()
with open(path, "wb") as out:
    method = zipfile.ZIP_STORED if kind == "stored" else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(Pipe(out) if kind == "piped" else out, "w", method) as archive:
        for root, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                full = os.path.join(root, name)
                if not os.path.islink(full):
                    archive.write(full, os.path.relpath(full, folder))
"#;

/// Files by name with sha256, and names of links.
#[derive(Debug, Default, PartialEq, Eq)]
struct Listing {
    files: BTreeMap<String, String>,
    links: Vec<String>,
}

struct Bench {
    folder: TempDir,
    compared: usize,
}

fn is_there(program: &str) -> bool {
    let there = Command::new(program).arg("--version").stdin(Stdio::null()).output().is_ok();
    match program {
        _ if there => {}
        // Tools of one family of systems.
        "apt-get" | "dpkg-deb" => println!("skipped: {program} is not installed"),
        _ => not_asked(&format!("{program} is not installed")),
    }
    there
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let all = fixtures::all();
        let fixture = all.iter().find(|fixture| fixture.name == "containers/covered").unwrap();
        for (path, bytes) in fixture.files().into_iter().filter(|(path, _)| path.starts_with("policy/")) {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        Self { folder, compared: 0 }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a program in the folder; its output, or `None` if it failed.
    fn run<S: AsRef<OsStr>>(&self, program: &str, args: impl IntoIterator<Item = S>) -> Option<Vec<u8>> {
        let mut command = Command::new(program);
        let output = command.args(args).current_dir(self.folder.path()).stdin(Stdio::null()).output().unwrap();
        output.status.success().then_some(output.stdout)
    }

    /// What Python lists.
    fn theirs(&self, kind: &str, path: &Path) -> Listing {
        let args = [OsStr::new("-c"), LIST.as_ref(), kind.as_ref(), path.as_os_str()];
        let listed: Json = serde_json::from_slice(&self.run("python3", args).unwrap()).unwrap();
        let files = listed["files"].as_object().unwrap();
        Listing {
            files: files.iter().map(|(name, digest)| (name.clone(), text(digest))).collect(),
            links: items(&listed["links"]).map(text).collect(),
        }
    }

    /// What the inventory of a verdict lists in the archive at `inside` in the file (`!` for a compressed one).
    fn ours(&self, path: &Path, inside: &str) -> Listing {
        let policy = self.path("policy/policy.toml");
        let args = [path.as_os_str(), "--policy".as_ref(), policy.as_ref(), "--at".as_ref(), AT.as_ref()];
        let (run, verdict) = verify(args.into_iter().chain(["--product".as_ref(), "pkg:generic/acme/x@1".as_ref()]));
        let containers: Vec<&Json> = items(&verdict["details"]["inventory"]["containers"]).collect();
        let wanted = format!("{}{inside}", path.file_name().unwrap().to_string_lossy());
        let found = containers.iter().find(|container| text(&container["path"]) == wanted);
        let found = found.unwrap_or_else(|| panic!("{wanted}: {containers:#?} {}", run.stderr));
        assert!(found["opaque"].is_null(), "{wanted}: {}", found["opaque"]);
        let mut listing = Listing::default();
        for member in items(&found["members"]) {
            let name = match member["name_hex"].as_str() {
                Some(hex) => String::from_utf8(unhex(hex)).unwrap(),
                None => text(&member["name"]),
            };
            if member["link_hex"].is_null() {
                listing.files.insert(name, text(&member["sha256"]));
            } else {
                listing.links.push(name);
            }
        }
        listing.links.sort();
        listing
    }

    fn compare(&mut self, what: &str, path: &Path, inside: &str, theirs: &Listing) {
        assert!(!theirs.files.is_empty(), "{what}: {}", path.display());
        assert_eq!(self.ours(path, inside), *theirs, "{what}: {}", path.display());
        self.compared += 1;
    }

    /// The same in the shape that the file name promises.
    fn compare_tar(&mut self, what: &str, path: &Path, inside: &str) {
        let theirs = self.theirs("tar", path);
        self.compare(what, path, inside, &theirs);
    }

    fn compare_zip(&mut self, what: &str, path: &Path) {
        let theirs = self.theirs("zip", path);
        self.compare(what, path, "", &theirs);
    }

    fn compare_deb(&mut self, what: &str, path: &Path) {
        let ar = self.run("python3", [OsStr::new("-c"), AR.as_ref(), path.as_os_str()]).unwrap();
        for (option, member) in [("--ctrl-tarfile", "control.tar"), ("--fsys-tarfile", "data.tar")] {
            let tar = self.run("dpkg-deb", [OsStr::new(option), path.as_os_str()]).unwrap();
            let unpacked = self.path("unpacked.tar");
            fs::write(&unpacked, tar).unwrap();
            let theirs = self.theirs("tar", &unpacked);
            let names = String::from_utf8(ar.clone()).unwrap();
            let name = names.lines().find(|name| name.starts_with(member)).unwrap();
            let inside = if name == member { format!("!/{name}") } else { format!("!/{name}!") };
            if !theirs.files.is_empty() {
                self.compare(what, path, &inside, &theirs);
            }
        }
    }
}

/// Prints the names in an `ar` archive.
const AR: &str = r"
import sys
data = open(sys.argv[1], 'rb').read()
at = 8
while at < len(data):
    print(data[at:at + 16].decode().rstrip().rstrip('/'))
    size = int(data[at + 48:at + 58])
    at += 60 + size + size % 2
";

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
}

/// A folder with everything that archives describe in more than one way.
fn tree(folder: &Path) {
    let mut seed = Seed::new("containers");
    let long = "l".repeat(120);
    for (path, length) in [
        ("a", 0),
        ("bin/tool", 70_000),
        ("bin/exact", 512),
        ("deep/er/and/deep/er/file.txt", 513),
        ("with space/and.dot", 100),
        (&format!("long/{long}/{long}"), 10),
        ("caf\u{e9}/na\u{ef}ve.txt", 33),
    ] {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, seed.bytes(length)).unwrap();
    }
    fs::write(folder.join("zeros"), vec![0; 300_000]).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../../etc/passwd", folder.join("link")).unwrap();
        fs::hard_link(folder.join("bin/tool"), folder.join("bin/tool-too")).unwrap();
    }
}

#[test]
fn generated_archives_agree() {
    if !is_there("python3") {
        return;
    }
    let mut bench = Bench::new();
    tree(&bench.path("tree"));
    if is_there("tar") {
        for format in ["ustar", "pax", "gnu"] {
            for (compression, inside) in [("--no-auto-compress", ""), ("-z", "!"), ("-j", "!"), ("-J", "!")] {
                let archive = bench.path("made.tar");
                let args = ["-c", compression, "--format", format, "-f", "made.tar", "-C", "tree", "."];
                if bench.run("tar", args).is_some() {
                    bench.compare_tar(&format!("{format} {compression}"), &archive, inside);
                } else {
                    println!("skipped: tar cannot make {format} {compression}");
                }
            }
        }
        if is_there("zstd") {
            let args = ["-c", "--format", "pax", "-f", "made.tar", "-C", "tree", "."];
            assert!(bench.run("tar", args).is_some());
            let theirs = bench.theirs("tar", &bench.path("made.tar"));
            for level in ["-1", "-19"] {
                assert!(bench.run("zstd", ["-q", "-f", level, "made.tar", "-o", "made.tar.zst"]).is_some());
                bench.compare(level, &bench.path("made.tar.zst"), "!", &theirs);
            }
        }
    }
    for kind in ["stored", "deflated", "piped"] {
        assert!(bench.run("python3", ["-c", ZIP, kind, "made.zip", "tree"]).is_some());
        bench.compare_zip(kind, &bench.path("made.zip"));
    }
    if is_there("dpkg-deb") {
        fs::create_dir_all(bench.path("tree/DEBIAN")).unwrap();
        let control = "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.com>\nDescription: x\n";
        fs::write(bench.path("tree/DEBIAN/control"), control).unwrap();
        for compression in ["-Zgzip", "-Zxz", "-Zzstd", "-Znone"] {
            if bench.run("dpkg-deb", ["--root-owner-group", compression, "-b", "tree", "made.deb"]).is_some() {
                bench.compare_deb(compression, &bench.path("made.deb"));
            } else {
                println!("skipped: dpkg-deb cannot make {compression}");
            }
        }
    }
    println!("{} archives compared, no disagreement", bench.compared);
}

#[test]
fn cpio_agrees() {
    if !is_there("cpio") {
        return;
    }
    let mut bench = Bench::new();
    let mut seed = Seed::new("cpio");
    let entry = |(number, name): (usize, &&str)| CpioEntry::file(name, 1 + number as u32, seed.bytes(number * 999));
    let entries: Vec<CpioEntry> = ["./a", "./b/c", "./d"].iter().enumerate().map(entry).collect();
    fs::write(bench.path("made.cpio"), cpio(&entries)).unwrap();
    fs::write(bench.path("made.rpm"), rpm(&gzip(&cpio(&entries)))).unwrap();
    let extract = |archive: &str, folder: &str| {
        let args = ["-i", "-d", "--quiet", "-D", folder, "-F", archive];
        fs::create_dir_all(bench.path(folder)).unwrap();
        bench.run("cpio", args).map(|_| {
            let files = ["a", "b/c", "d"].map(|name| {
                let bytes = fs::read(bench.path(folder).join(name)).unwrap();
                (name.to_owned(), vidimus_testkit::encode::sha256_hex(&bytes))
            });
            Listing { files: files.into(), links: Vec::new() }
        })
    };
    let theirs = extract("made.cpio", "one").expect("cpio takes it");
    bench.compare("cpio", &bench.path("made.cpio"), "", &theirs);
    if is_there("rpm2cpio") {
        match bench.run("rpm2cpio", ["made.rpm"]) {
            Some(payload) if !payload.is_empty() => {
                assert!(payload.starts_with(b"0707"), "what rpm2cpio gives is what is in the payload");
            }
            _ => println!("skipped: this rpm2cpio wants more of a package than its payload"),
        }
    }
    bench.compare("rpm", &bench.path("made.rpm"), "!/payload!", &theirs);
}

/// Packages through the ordinary clients: how many of each kind are compared at least where all are asked for.
const PACKAGES: [(&str, usize); 4] = [("deb", 3), ("wheel", 3), ("npm", 2), ("crate", 2)];

/// Where there is no client or no network, a kind is skipped; `VIDIMUS_PACKAGES=all`, which `.ci/run` sets, makes that a failure.
#[test]
fn real_packages_agree() {
    let mut bench = Bench::new();
    let all = std::env::var_os("VIDIMUS_PACKAGES").is_some_and(|asked| asked == "all");
    assert!(is_there("python3") || !all, "python3 lists what our reader is held against");
    if !is_there("python3") {
        return;
    }
    for (kind, wanted) in PACKAGES {
        let found = match kind {
            "deb" => bench.debian_packages(),
            "wheel" => bench.wheels(),
            "npm" => bench.npm_packages(),
            _ => bench.crates(),
        };
        println!("{kind}: {found} packages compared, no disagreement");
        assert!(found >= wanted || !all, "{kind}: {found} of {wanted} packages could be had");
    }
}

impl Bench {
    fn debian_packages(&mut self) -> usize {
        if !(is_there("dpkg-deb") && is_there("apt-get")) {
            return 0;
        }
        self.fetch("apt-get", &["download", "-q", "hello", "bzip2", "gzip"]);
        self.each(".deb", |bench, path| bench.compare_deb("deb", path))
    }

    fn wheels(&mut self) -> usize {
        let only = ["--no-deps", "--only-binary", ":all:", "-d", "."];
        let pip = [&["-m", "pip", "download", "-q"], &only[..], &["six", "idna", "packaging"]].concat();
        self.fetch("python3", &pip);
        self.each(".whl", |bench, path| bench.compare_zip("wheel", path))
    }

    fn npm_packages(&mut self) -> usize {
        if !is_there("npm") {
            return 0;
        }
        self.fetch("npm", &["pack", "--silent", "left-pad", "ms"]);
        self.each(".tgz", |bench, path| {
            bench.compare_tar("npm", path, "!");
            bench.compare_unpacked("npm", path);
        })
    }

    fn crates(&mut self) -> usize {
        let crates: Vec<PathBuf> = crates().into_iter().take(2).collect();
        for path in &crates {
            self.compare_tar("crate", path, "!");
            self.compare_unpacked("crate", path);
        }
        crates.len()
    }

    /// Asks a client, again if it fails: networks do.
    fn fetch(&self, program: &str, args: &[&str]) {
        if !(0..3).any(|_| self.run(program, args).is_some()) {
            println!("skipped: {program} {} gets nothing here", args.join(" "));
        }
    }

    /// Compares each file in the folder whose name ends so; how many there are.
    fn each(&mut self, suffix: &str, mut compare: impl FnMut(&mut Self, &Path)) -> usize {
        let files = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let found: Vec<PathBuf> = files.filter(|path| path.to_string_lossy().ends_with(suffix)).collect();
        found.iter().for_each(|path| compare(self, path));
        found.len()
    }

    /// The same by what `tar` itself makes of the archive on disk.
    fn compare_unpacked(&mut self, what: &str, path: &Path) {
        if !is_there("tar") {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let args = ["-x".as_ref(), "-f".as_ref(), path.as_os_str(), "-C".as_ref(), folder.path().as_os_str()];
        assert!(self.run("tar", args).is_some(), "{what}: tar takes {}", path.display());
        let (mut theirs, mut open) = (Listing::default(), vec![folder.path().to_owned()]);
        while let Some(below) = open.pop() {
            for entry in fs::read_dir(&below).unwrap().map(Result::unwrap) {
                let (kind, path) = (entry.file_type().unwrap(), entry.path());
                let name = path.strip_prefix(folder.path()).unwrap().to_str().unwrap().to_owned();
                if kind.is_dir() {
                    open.push(path);
                } else if kind.is_symlink() {
                    theirs.links.push(name);
                } else {
                    theirs.files.insert(name, vidimus_testkit::encode::sha256_hex(&fs::read(path).unwrap()));
                }
            }
        }
        theirs.links.sort();
        self.compare(what, path, "!", &theirs);
    }
}

/// Crates that cargo has fetched for this very build, the smallest first.
fn crates() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    let folders = home.into_iter().flat_map(|home| fs::read_dir(home.join("registry/cache")).into_iter().flatten());
    let files = folders.flatten().flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten()).flatten();
    let mut crates: Vec<PathBuf> =
        files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|e| e == "crate")).collect();
    crates.sort_by_key(|path| (fs::metadata(path).map_or(u64::MAX, |m| m.len()), path.clone()));
    if crates.is_empty() {
        println!("skipped: cargo keeps no crates here");
    }
    crates
}
