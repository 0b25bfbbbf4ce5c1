//! Folders on a real disk: what is a file, what is a reason, what is an error.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::fs;
use std::sync::Mutex;

use super::*;
use crate::digest::Digest;

struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (path, bytes) in files {
            folder.write(path, bytes);
        }
        folder
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let full = self.at(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, bytes).unwrap();
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }
}

fn options() -> Options<'static> {
    Options {
        as_delivery: false,
        evidence: Vec::new(),
        limits: Limits::MAX,
        policy_files: Vec::new(),
        outputs: Vec::new(),
        progress: &Silent,
    }
}

fn read(folder: &Folder, limits: Limits) -> Delivery {
    delivery(&[folder.0.path().to_path_buf()], &Options { limits, ..options() }).unwrap().delivery
}

fn codes(delivery: &Delivery) -> Vec<&'static str> {
    let refused = delivery.refused.iter().map(|entry| entry.reason.code());
    refused.chain(delivery.limits_hit.iter().map(Reason::code)).collect()
}

#[test]
fn files_are_sorted_by_path_bytes_and_hashed() {
    let folder = Folder::with(&[("b", b"two"), ("a/z", b"one"), ("B2", b""), ("a.txt", b"three")]);
    let delivery = read(&folder, Limits::MAX);
    let paths: Vec<&str> = delivery.files.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(paths, ["B2", "a.txt", "a/z", "b"]);
    for file in &delivery.files {
        assert_eq!(file.digests.sha256(), &Digest::sha256(&fs::read(folder.at(&file.path)).unwrap()));
    }
}

#[test]
fn limits_stop_at_the_same_place() {
    let folder = Folder::with(&[("a", b"12345"), ("b", b"12345"), ("c", b"")]);
    for (limits, expected, files) in [
        (Limits { files: 3, delivery_bytes: 10, ..Limits::MAX }, vec![], 3),
        (Limits { files: 2, ..Limits::MAX }, vec!["limit.files"], 0),
        (Limits { delivery_bytes: 9, ..Limits::MAX }, vec!["limit.delivery-bytes"], 0),
    ] {
        let delivery = read(&folder, limits);
        assert_eq!((codes(&delivery), delivery.files.len()), (expected, files));
    }
}

#[test]
fn an_ad_hoc_delivery_takes_the_evidence_beside_a_single_file() {
    let folder = Folder::with(&[("tool", b"x"), ("tool.sigstore.json", b"{}"), ("tool.txt", b"y"), ("more.sig", b"s")]);
    let read = delivery(&[folder.at("tool")], &options()).unwrap();
    assert_eq!(read.taken, ["tool.sigstore.json"]);
    let places: Vec<(&str, Place)> = read.delivery.files.iter().map(|f| (f.path.as_str(), f.place)).collect();
    assert_eq!(places, [("tool", Place::Delivered), ("tool.sigstore.json", Place::Evidence)]);

    let evidence = vec![folder.at("more.sig"), folder.at("tool.sigstore.json"), folder.at("more.sig")];
    let read = delivery(&[folder.at("tool"), folder.at("tool.txt")], &Options { evidence, ..options() }).unwrap();
    assert!(read.taken.is_empty());
    let paths: Vec<&str> = read.delivery.files.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(paths, ["tool", "tool.txt", "more.sig", "tool.sigstore.json"]);
}

#[test]
fn the_text_of_an_envelope_is_refused_in_an_archive_as_it_is_beside_one() {
    let text = b"DSSEv1 1 t 1 x";
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in [("d/plain", b"DSSEv2 1 t 1 x".as_slice()), ("d/text", text)] {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, bytes).unwrap();
    }
    let folder = Folder::with(&[("a.tar", &tar.into_inner().unwrap()), ("text", text)]);
    let delivery = read(&folder, Limits::MAX);
    let refused: Vec<(&str, bool)> =
        delivery.files.iter().map(|f| (f.path.as_str(), crate::decode::is_signed_encoding(&f.content))).collect();
    assert_eq!(refused, [("a.tar", false), ("text", true), ("a.tar!/d/plain", false), ("a.tar!/d/text", true)]);
}

#[test]
fn operator_mistakes_are_errors_that_name_the_file() {
    let folder = Folder::with(&[("d/a", b"x"), ("e/a", b"x"), ("policy.toml", b"")]);
    let root = || folder.0.path().to_path_buf();
    for (paths, policy_files, outputs, expected) in [
        (vec![], vec![], vec![], "nothing to read"),
        (vec![folder.at("absent")], vec![], vec![], "absent: No such file"),
        (vec![folder.at("d"), folder.at("e/a")], vec![], vec![], "name one folder"),
        (vec![folder.at("d/a"), folder.at("e/a")], vec![], vec![], "same name"),
        (vec![root()], vec![folder.at("policy.toml")], vec![], "inside the delivery"),
        (vec![folder.at("d")], vec![], vec![folder.at("d/new.json")], "inside the delivery"),
        (vec![folder.at("d/a")], vec![], vec![folder.at("d/a")], "replaces a file"),
        (vec![folder.at("d")], vec![folder.at("policy.toml")], vec![folder.at("policy.toml")], "replaces a file"),
        (vec![folder.at("d")], vec![], vec![folder.at("no/such/out.json")], "No such file"),
    ] {
        let error = delivery(&paths, &Options { policy_files, outputs, ..options() }).unwrap_err().to_string();
        assert!(error.contains(expected), "{error} lacks {expected:?}");
    }
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn what_is_not_a_portable_regular_file_is_a_reason() {
        let outside = Folder::with(&[("secret", b"s")]);
        let folder = Folder::with(&[("ok", b"x"), ("Same", b"1"), ("same", b"2"), ("con.txt", b""), ("sp /x", b"")]);
        symlink(outside.at("secret"), folder.at("to-file")).unwrap();
        symlink(outside.0.path(), folder.at("to-folder")).unwrap();
        symlink("ok", folder.at("inner")).unwrap();
        fs::write(folder.0.path().join(OsStr::from_bytes(b"bad\xff")), b"").unwrap();
        let _listener = UnixListener::bind(folder.at("socket")).unwrap();
        let fifo = std::process::Command::new("mkfifo").arg(folder.at("fifo")).status().unwrap();
        assert!(fifo.success());

        let delivery = read(&folder, Limits::MAX);
        let paths: Vec<&str> = delivery.files.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(paths, ["ok"]);
        let refused: Vec<(String, &str)> = delivery
            .refused
            .iter()
            .map(|entry| (String::from_utf8_lossy(&entry.raw_path).into_owned(), entry.reason.code()))
            .collect();
        let expected = [
            ("Same", "input.path-collision"),
            ("bad\u{fffd}", "input.path"),
            ("con.txt", "input.path"),
            ("fifo", "input.special"),
            ("inner", "input.link"),
            ("same", "input.path-collision"),
            ("socket", "input.special"),
            ("sp ", "input.path"),
            ("to-file", "input.link"),
            ("to-folder", "input.link"),
        ];
        assert_eq!(refused, expected.map(|(path, code)| (path.to_owned(), code)));
    }

    #[test]
    fn a_device_cannot_be_named() {
        let error = delivery(&[PathBuf::from("/dev/zero")], &options()).unwrap_err();
        assert!(matches!(error, ReadError::NotAFile { .. }), "{error}");
    }

    #[test]
    fn an_unreadable_file_is_an_error() {
        let folder = Folder::with(&[("a", b"x"), ("b", b"x")]);
        fs::set_permissions(folder.at("b"), fs::Permissions::from_mode(0o000)).unwrap();
        if fs::read(folder.at("b")).is_ok() {
            println!("skipped: this user can read every file");
            return;
        }
        let error = delivery(&[folder.0.path().to_path_buf()], &options()).unwrap_err();
        assert!(matches!(&error, ReadError::Io { path, .. } if path.ends_with("b")), "{error}");
    }

    /// Runs `change` once, when the first bytes were hashed.
    struct Meanwhile<F: FnMut() + Send>(Mutex<Option<F>>);
    impl<F: FnMut() + Send> Progress for Meanwhile<F> {
        fn advance(&self, _bytes: u64) {
            if let Some(mut change) = self.0.lock().unwrap().take() {
                change();
            }
        }
    }

    #[test]
    fn a_file_that_changes_while_it_is_hashed_is_an_error() {
        let big = vec![7_u8; 3 * 1024 * 1024];
        type Change = fn(&Path);
        let changes: [(&str, Change); 3] = [
            ("grows", |p| {
                fs::OpenOptions::new()
                    .append(true)
                    .open(p)
                    .map(|mut f| std::io::Write::write_all(&mut f, b"x"))
                    .unwrap()
                    .unwrap()
            }),
            ("shrinks", |p| fs::OpenOptions::new().write(true).open(p).unwrap().set_len(5).unwrap()),
            ("same size", |p| {
                let mut f = fs::OpenOptions::new().write(true).open(p).unwrap();
                std::io::Write::write_all(&mut f, b"y").unwrap();
            }),
        ];
        for (name, change) in changes {
            let folder = Folder::with(&[("big", &big)]);
            std::thread::sleep(std::time::Duration::from_millis(20));
            let path = folder.at("big");
            let progress = Meanwhile(Mutex::new(Some(|| change(&path))));
            let root = [folder.0.path().to_path_buf()];
            let error = delivery(&root, &Options { progress: &progress, ..options() }).unwrap_err();
            assert!(matches!(error, ReadError::Changed { .. }), "{name}: {error}");
        }
    }

    #[test]
    fn a_file_swapped_for_another_between_listing_and_reading_is_an_error() {
        let folder = Folder::with(&[("a", b"first"), ("b", b"other")]);
        let found = walk::tree(folder.0.path(), &Limits::MAX).unwrap();
        fs::remove_file(folder.at("a")).unwrap();
        symlink("b", folder.at("a")).unwrap();
        let entry = &found.files[0];
        let error = disk::stream(&entry.on_disk, entry.identity, |_| {}).unwrap_err();
        assert!(matches!(error, ReadError::Io { .. }), "a link is not opened: {error}");
        fs::remove_file(folder.at("a")).unwrap();
        fs::rename(folder.at("b"), folder.at("a")).unwrap();
        let error = disk::stream(&entry.on_disk, entry.identity, |_| {}).unwrap_err();
        assert!(matches!(error, ReadError::Changed { .. }), "{error}");
    }
}
