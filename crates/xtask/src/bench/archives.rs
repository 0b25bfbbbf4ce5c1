//! Archives: opening and hashing what is in them, against what other programs need to list or test it.

use std::path::Path;
use std::process::Command;

use vidimus_testkit::Seed;
use vidimus_testkit::archive::{ZipEntry, gzip, tar_of, zip};

use super::{AT, Row, best, put, ratio, shown};
use crate::Result;

/// Large members, and bytes of each: text of few words, which compresses about as well as programs do.
const MEMBERS: usize = 4;
const BYTES: usize = 32 * 1024 * 1024;

pub(super) fn rows(binary: &Path, folder: &Path) -> Result<Vec<Row>> {
    let mut seed = Seed::new("bench/archives");
    let words: Vec<Vec<u8>> = (0..4096).map(|_| seed.bytes(8)).collect();
    let mut content = || {
        let mut bytes = Vec::with_capacity(BYTES);
        while bytes.len() < BYTES {
            bytes.extend(words.get(seed.below(words.len())).into_iter().flatten());
        }
        bytes
    };
    let members: Vec<(String, Vec<u8>)> = (0..MEMBERS).map(|n| (format!("member-{n}"), content())).collect();
    let files: Vec<(&str, &[u8])> = members.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let zipped = || zip(&files.iter().map(|(name, bytes)| ZipEntry::deflated(name, bytes)).collect::<Vec<_>>());
    let (tar, zipped) = (gzip(&tar_of(&files)), zipped());
    Ok(vec![
        row(binary, folder, "tar.gz", &tar, ("tar", &["-tzf"]))?,
        row(binary, folder, "zip", &zipped, ("python3", &["-m", "zipfile", "-t"]))?,
    ])
}

fn row(binary: &Path, folder: &Path, kind: &str, bytes: &[u8], (program, args): (&str, &[&str])) -> Result<Row> {
    let delivery = folder.join(format!("archive-{kind}"));
    std::fs::create_dir_all(&delivery).map_err(|error| error.to_string())?;
    let archive = delivery.join(format!("large.{kind}"));
    put(&archive, bytes)?;
    let verify = || {
        let mut command = Command::new(binary);
        command.arg("verify").arg(&delivery).arg("--policy").arg(folder.join("policy.toml")).args(["--at", AT]);
        command
    };
    let theirs = || {
        let mut command = Command::new(program);
        command.args(args).arg(&archive);
        command
    };
    let ours = best(&verify)?;
    let measured = match best(&theirs) {
        Ok(theirs) => format!("{:.2} ({} against {})", ratio(ours, theirs), shown(ours), shown(theirs)),
        Err(why) => format!("{} alone; {why}", shown(ours)),
    };
    let what = format!("open a {kind} with large members, as ratio to `{program} {}`", args.join(" "));
    Ok(Row { what, target: "", measured })
}
