#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::io::{Cursor, Write as _};

use proptest::prelude::*;
use vidimus_testkit::archive::{CpioEntry, TarEntry, ZipEntry, ar, cpio, deb, gzip, rpm, tar, tar_of, zip, zip_with};
use vidimus_testkit::mutate::mutations;

use super::*;
use crate::digest::{Algorithm, Digest};

struct Sha256;

impl Watch for Sha256 {
    fn hasher(&mut self, _at: &At<'_>) -> Hasher {
        Hasher::new(&[])
    }
}

fn opened(bytes: &[u8]) -> Contents {
    opened_within(bytes, &Limits::MAX)
}

fn opened_within(bytes: &[u8], limits: &Limits) -> Contents {
    let format = recognise(&bytes[..bytes.len().min(SNIFF)]).expect("a container");
    let options = Options { limits, size: bytes.len() as u64, depth: 1 };
    open(format, Box::new(Cursor::new(bytes)), &options, &mut Sha256)
}

/// One line for each layer: where it is, its format, and its members or the code of what is wrong.
fn shown(contents: &Contents) -> String {
    let name = |name: &Option<Vec<u8>>| {
        name.as_ref().map_or_else(|| "*".to_owned(), |name| String::from_utf8_lossy(name).into_owned())
    };
    let layer = |layer: &Layer| {
        let entries = layer.entries.iter().map(|entry| match &entry.link {
            Some(target) => format!("{}->{}", name(&entry.name), String::from_utf8_lossy(target)),
            None => format!("{}:{}", name(&entry.name), entry.size),
        });
        let inside = match &layer.opaque {
            Some(reason) => format!("!{}", reason.code()),
            None => entries.collect::<Vec<_>>().join(" "),
        };
        let of = layer.of.map_or_else(String::new, |(layer, entry)| format!("{layer}/{entry} "));
        format!("{of}{}: {inside}", layer.format.name())
    };
    contents.layers.iter().map(layer).collect::<Vec<_>>().join("\n")
}

fn check(what: &str, bytes: &[u8], expected: &str) {
    let contents = opened(bytes);
    assert_eq!(shown(&contents), expected, "{what}");
    for entry in contents.layers.iter().flat_map(|layer| &layer.entries) {
        assert!(entry.digests.is_some() || entry.link.is_some(), "{what}");
    }
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn lzma(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::LzmaOptions::with_preset(1);
    let mut writer = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

type Compress = fn(&[u8]) -> Vec<u8>;
const STREAMS: [(&str, Compress); 5] = [("gzip", gzip), ("xz", xz), ("zstd", zstd), ("bzip2", bzip2), ("lzma", lzma)];

#[test]
fn compressed_streams() {
    let long: Vec<u8> = (0..300_000_u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
    for (format, compress) in STREAMS {
        for content in [b"".as_slice(), b"x", &long] {
            let packed = compress(content);
            let contents = opened(&packed);
            assert_eq!(shown(&contents), format!("{format}: *:{}", content.len()));
            let digests = contents.layers[0].entries[0].digests.as_ref().unwrap();
            assert_eq!(*digests.sha256(), Digest::sha256(content), "{format}");
        }
        let packed = compress(&long);
        for length in (1..packed.len()).step_by(packed.len() / 40).filter(|length| *length > 20) {
            let code = match opened(&packed[..length]).layers[0].opaque.as_ref().map(Reason::code) {
                Some("archive.truncated" | "archive.corrupt") => "cut",
                other => other.unwrap_or("none"),
            };
            assert_eq!(code, "cut", "{format} after {length}");
        }
        if format != "lzma" {
            let twice = [packed.clone(), compress(b"second")].concat();
            check(format, &twice, &format!("{format}: !archive.concatenated"));
        }
        check(format, &[&packed[..], b"more"].concat(), &format!("{format}: !archive.extra-bytes"));
        check(format, &[&packed[..], &[0; 512]].concat(), &format!("{format}: !archive.extra-bytes"));
    }
    // The checksum of the content is compared where the format has one.
    for (format, compress, from_end) in [("gzip", gzip as Compress, 8), ("xz", xz, 40), ("bzip2", bzip2, 4)] {
        let mut packed = compress(&long);
        let at = packed.len() - from_end;
        packed[at] ^= 1;
        check(format, &packed, &format!("{format}: !archive.corrupt"));
    }
}

#[test]
fn tars() {
    let file = |name: &str| TarEntry::file(name, "content");
    let long = format!("{}/{}", "d".repeat(90), "f".repeat(90));
    let gnu = |kind, text: &str| TarEntry { magic: *b"ustar  \0", ..TarEntry::new(kind, "././@LongLink", text) };
    let pax = |records: &[(&str, &str)]| TarEntry::pax(b'x', records);
    let prefixed = TarEntry { magic: [0; 8], ..file("old") };
    for (what, entries, expected) in [
        ("files", vec![file("./a"), TarEntry::new(b'5', "d/", ""), file("d/b")], "a:7 d/b:7"),
        ("the old format", vec![prefixed.clone(), TarEntry { kind: 0, ..prefixed }.clone()], "!archive.duplicate"),
        ("a folder by its name", vec![TarEntry { kind: 0, ..TarEntry::new(0, "d/", "") }, file("d/x")], "d/x:7"),
        (
            "links",
            vec![file("a"), TarEntry::link(b'2', "l", "/etc"), TarEntry::link(b'1', "h", "./a")],
            "a:7 l->/etc h->./a",
        ),
        ("a long pax name", vec![pax(&[("path", &long), ("mtime", "1.5")]), file("d")], &format!("{long}:7")),
        ("a pax name beyond ASCII", vec![pax(&[("path", "caf\u{e9}")]), file("caf?")], "caf\u{e9}:7"),
        ("a pax size that agrees", vec![pax(&[("size", "7")]), file("a")], "a:7"),
        ("a global comment", vec![TarEntry::pax(b'g', &[("comment", "abc")]), file("a")], "a:7"),
        (
            "a long GNU name",
            vec![gnu(b'L', &format!("{long}\0")), TarEntry { magic: *b"ustar  \0", ..file("d") }],
            &format!("{long}:7"),
        ),
        ("a long GNU link", vec![gnu(b'K', "target\0"), TarEntry::link(b'2', "l", "t")], "l->target"),
        ("traversal", vec![file("../a")], "!archive.path"),
        ("an absolute path", vec![file("/a")], "!archive.path"),
        ("traversal in pax", vec![pax(&[("path", "\u{e9}/../../a")]), file("a")], "!archive.path"),
        ("the same path twice", vec![file("a"), file("./a")], "!archive.duplicate"),
        ("through a link", vec![TarEntry::link(b'2', "l", "/etc"), file("l/passwd")], "!archive.link"),
        ("a hard link to nothing", vec![TarEntry::link(b'1', "h", "../etc/passwd")], "!archive.link"),
        ("a hard link to what comes later", vec![TarEntry::link(b'1', "h", "a"), file("a")], "!archive.link"),
        ("a device", vec![TarEntry::new(b'3', "dev", "")], "!archive.device"),
        ("a pipe", vec![TarEntry::new(b'6', "pipe", "")], "!archive.device"),
        ("sparse", vec![TarEntry::new(b'S', "s", "")], "!archive.unsupported"),
        ("sparse in pax", vec![pax(&[("GNU.sparse.major", "1")]), file("a")], "!archive.unsupported"),
        ("a volume label", vec![TarEntry::new(b'V', "v", "")], "!archive.unsupported"),
        ("a pax size that hides a member", vec![pax(&[("size", "0")]), file("a")], "!archive.headers"),
        (
            "a pax size that swallows a member",
            vec![pax(&[("size", "2048")]), TarEntry::file("a", "").stating(0), file("b")],
            "!archive.headers",
        ),
        ("another pax name", vec![pax(&[("path", "b")]), file("a")], "!archive.headers"),
        ("two pax names", vec![pax(&[("path", "\u{e9}"), ("path", "\u{e8}")]), file("a")], "!archive.headers"),
        ("two pax headers", vec![pax(&[("path", "\u{e9}")]), pax(&[("mtime", "1")]), file("a")], "!archive.headers"),
        ("pax against GNU", vec![gnu(b'L', &long), pax(&[("path", &long)]), file("a")], "!archive.headers"),
        ("a global path", vec![TarEntry::pax(b'g', &[("path", "b")]), file("a")], "!archive.headers"),
        ("a folder with content", vec![TarEntry::new(b'5', "d/", "content")], "!archive.headers"),
        ("a link with content", vec![TarEntry { kind: b'2', ..file("l") }], "!archive.headers"),
        ("a pax header for nothing", vec![pax(&[("path", "\u{e9}")])], "!archive.corrupt"),
        ("a pax record without an end", vec![TarEntry::new(b'x', "x", "9 path=ab"), file("a")], "!archive.corrupt"),
        ("a content shorter than stated", vec![TarEntry::file("a", "x").stating(9999)], "!archive.truncated"),
    ] {
        check(what, &tar(&entries), &format!("tar: {expected}"));
    }
    let good = tar_of(&[("a", b"content")]);
    for (what, bytes, expected) in [
        ("no end", good[..1024].to_vec(), "!archive.truncated"),
        ("half an end", good[..1536].to_vec(), "!archive.truncated"),
        ("zeros after the end", [&good[..], &[0; 8192]].concat(), "a:7"),
        ("another tar after the end", [&good[..], &good].concat(), "!archive.extra-bytes"),
        ("something in the padding", [&good[..600], b"hidden", &good[606..]].concat(), "!archive.extra-bytes"),
        ("a block of zeros between", [&good[..1024], &[0; 512], &good].concat(), "!archive.extra-bytes"),
        (
            "a wrong checksum",
            [&good[..1024], &tar_of(&[("b", b"")]).iter().map(|b| b | 1).collect::<Vec<_>>()].concat(),
            "!archive.corrupt",
        ),
    ] {
        check(what, &bytes, &format!("tar: {expected}"));
    }
}

#[test]
fn zips() {
    let (stored, deflated) = (ZipEntry::stored("a", b"content"), ZipEntry::deflated("d/b", b"content content content"));
    let folder = ZipEntry::stored("d/", b"");
    let unicode_name = [b"\x75\x70\x06\x00\x01\0\0\0\0b".as_slice()].concat();
    for (what, entries, expected) in [
        ("nothing", vec![], ""),
        ("stored and deflated", vec![stored.clone(), folder, deflated.clone()], "a:7 d/b:23"),
        ("sizes after the content", vec![deflated.clone().later(), stored.clone()], "d/b:23 a:7"),
        ("a link", vec![ZipEntry { mode: 0o120_777 << 16, ..stored.clone() }], "a->"),
        ("traversal", vec![ZipEntry::stored("../a", b"")], "!archive.path"),
        ("traversal elsewhere", vec![ZipEntry::stored("..\\a", b"")], "!archive.path"),
        ("the same path twice", vec![stored.clone(), stored.clone()], "!archive.duplicate"),
        ("a device", vec![ZipEntry { mode: 0o020_644 << 16, ..stored.clone() }], "!archive.device"),
        ("encryption", vec![ZipEntry { flags: 1, ..stored.clone() }], "!archive.encrypted"),
        ("another method", vec![ZipEntry { method: 12, ..stored.clone() }], "!archive.unsupported"),
        ("stored without a length", vec![stored.clone().later()], "!archive.unsupported"),
        (
            "another name in the directory",
            vec![ZipEntry { central_name: b"b".to_vec(), ..stored.clone() }],
            "!archive.headers",
        ),
        ("another size in the directory", vec![ZipEntry { central_size: 6, ..stored.clone() }], "!archive.headers"),
        (
            "another name in an extra field",
            vec![ZipEntry { extra: unicode_name, ..stored.clone() }],
            "!archive.headers",
        ),
        ("a wrong checksum", vec![ZipEntry { crc: 7, ..stored.clone() }], "!archive.corrupt"),
        (
            "a wrong checksum after the content",
            vec![ZipEntry { crc: 7, ..deflated.clone().later() }],
            "!archive.headers",
        ),
        ("more stored than stated", vec![ZipEntry { size: 6, ..stored.clone() }], "!archive.headers"),
        (
            "less deflated than stated",
            vec![ZipEntry { size: 99, central_size: 99, ..deflated.clone() }],
            "!archive.headers",
        ),
    ] {
        check(what, &zip(&entries), &format!("zip: {expected}"));
    }
    let entries = [stored, deflated];
    let good = zip(&entries);
    let member = ZipEntry::stored("hidden", b"hidden");
    let hidden = zip(std::slice::from_ref(&member));
    let local = &hidden[..hidden.windows(4).position(|w| w == b"PK\x01\x02").unwrap()];
    for (what, bytes, expected) in [
        ("a comment", zip_with(&entries, &[], b"hello"), "a:7 d/b:23"),
        ("another end in the comment", zip_with(&entries, &[], &zip(&[])), "!archive.extra-bytes"),
        ("something before the directory", zip_with(&entries, b"APK Sig", &[]), "!archive.extra-bytes"),
        ("a member that the directory lacks", zip_with(&entries, local, &[]), "!archive.headers"),
        ("something after the end", [&good[..], b"x"].concat(), "!archive.extra-bytes"),
        ("another zip after the end", [&good[..], &good].concat(), "!archive.extra-bytes"),
        ("no directory", good[..60].to_vec(), "!archive.truncated"),
        ("no end", good[..good.len() - 22].to_vec(), "!archive.truncated"),
    ] {
        check(what, &bytes, &format!("zip: {expected}"));
    }
    // A record of the directory for a place inside another member, so that two members overlap.
    let mut overlapping = good.clone();
    let last = overlapping.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    overlapping[last + 42] = 0;
    check("overlapping members", &overlapping, "zip: !archive.headers");
}

#[test]
fn debian_packages() {
    let (version, control, data) =
        (b"2.0\n".as_slice(), gzip(&tar_of(&[("./control", b"x")])), xz(&tar_of(&[("./a", b"y")])));
    let good = [("debian-binary", version), ("control.tar.gz", &*control), ("data.tar.xz", &*data)];
    let inside = format!(
        "deb: debian-binary:4 control.tar.gz:{} data.tar.xz:{}\n0/1 gzip: *:2048\n1/0 tar: control:1\n0/2 xz: *:2048\n3/0 tar: a:1",
        control.len(),
        data.len()
    );
    check("a package", &ar(&good), &inside);
    let signed = [&good[..], &[("_gpgorigin", b"sig".as_slice())]].concat();
    assert!(shown(&opened(&ar(&signed))).starts_with("deb: debian-binary:4 control"));
    let [binary, control, data] = good;
    for (what, members, expected) in [
        ("no data", vec![binary, control], "!archive.truncated"),
        ("two controls", vec![binary, control, control, data], "!archive.duplicate"),
        ("two kinds of data", vec![binary, control, data, ("data.tar.gz", data.1)], "!archive.duplicate"),
        ("another order", vec![binary, data, control], "!archive.corrupt"),
        ("something else", vec![binary, control, data, ("more", data.1)], "!archive.corrupt"),
    ] {
        check(what, &ar(&members), &format!("deb: {expected}"));
    }
    let good = ar(&good);
    check("cut", &good[..good.len() - 9], "deb: !archive.truncated");
    check("cut in a header", &good[..90], "deb: !archive.truncated");
    let mut padding = ar(&[binary, ("control.tar", b"odd"), data]);
    let at = 8 + 60 + 4 + 60 + 3;
    padding[at] = b'x';
    check("another padding", &padding, "deb: !archive.extra-bytes");
    padding[8 + 58] = b' ';
    check("a header without its end", &padding, "deb: !archive.corrupt");
    assert_eq!(recognise(&ar(&[("object.o/", b"x")])), None, "a library is an ordinary file");
}

#[test]
fn cpio_and_rpm_packages() {
    let file = |name: &str, inode, content: &str| CpioEntry::file(name, inode, content);
    let linked = |name: &str, content: &str| CpioEntry { links: 2, ..file(name, 7, content) };
    let of = |mode, content: &str| CpioEntry { mode, ..file("a", 1, content) };
    for (what, entries, expected) in [
        ("files", vec![file("./a", 1, "12345"), file("d/b", 2, "")], "a:5 d/b:0"),
        (
            "a folder and a link",
            vec![CpioEntry { mode: 0o040_755, ..file("d", 3, "") }, of(0o120_777, "/etc")],
            "a->/etc",
        ),
        ("two names of a file", vec![linked("a", ""), linked("b", "same")], "a:4 b:4"),
        ("sums", vec![file("a", 1, "12345").summed()], "a:5"),
        ("a wrong sum", vec![CpioEntry { sum: Some(7), ..file("a", 1, "12345") }], "!archive.corrupt"),
        ("two contents of a file", vec![linked("a", "x"), linked("b", "y")], "!archive.headers"),
        ("a folder with content", vec![of(0o040_755, "x")], "!archive.headers"),
        ("a device", vec![of(0o020_644, "")], "!archive.device"),
        ("traversal", vec![file("../a", 1, "")], "!archive.path"),
        ("the same path twice", vec![file("a", 1, ""), file("a", 2, "")], "!archive.duplicate"),
        ("a name with a NUL", vec![file("a\0b", 1, "")], "!archive.corrupt"),
    ] {
        check(what, &cpio(&entries), &format!("cpio: {expected}"));
    }
    let good = cpio(&[file("a", 1, "12345")]);
    check("something after the end", &[&good[..], b"x"].concat(), "cpio: !archive.extra-bytes");
    check("cut", &good[..120], "cpio: !archive.truncated");
    for (format, compress) in STREAMS {
        let payload = compress(&good);
        let expected = format!("rpm: header:40 payload:{}\n0/1 {format}: *:512\n1/0 cpio: a:5", payload.len());
        check(format, &rpm(&payload), &expected);
    }
    let package = rpm(&good);
    check("a payload that is not compressed", &package, "rpm: header:40 payload:512\n0/1 cpio: a:5");
    check("no payload", &package[..180], "rpm: !archive.truncated");
    let mut damaged = package.clone();
    damaged[96] = 0;
    check("no header", &damaged, "rpm: !archive.corrupt");
    check(
        "a payload of another cpio",
        &rpm(b"07070X00000000"),
        "rpm: header:40 payload:14\n0/1 rpm-cpio: !archive.unsupported",
    );
}

#[test]
fn image_layouts() {
    let (layer, config) = (gzip(&tar_of(&[("etc/motd", b"hello")])), b"{}".as_slice());
    let blob = |bytes: &[u8]| format!("blobs/sha256/{}", Digest::sha256(bytes).hex());
    let index = br#"{"schemaVersion":2,"manifests":[]}"#.as_slice();
    let layout = |blobs: &[(&str, &[u8])]| {
        let marks: [(&str, &[u8]); 2] = [("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#), ("index.json", index)];
        tar_of(&[&marks[..], blobs].concat())
    };
    let (layer_name, config_name) = (blob(&layer), blob(config));
    let good = opened(&layout(&[(&layer_name, &layer), (&config_name, config)]));
    assert_eq!(good.layers.len(), 3, "{}", shown(&good));
    assert_eq!(seen(&good, 2), [(b"etc/motd".to_vec(), Digest::sha256(b"hello"))]);
    let upper = format!("blobs/sha256/{}", Digest::sha256(config).hex().to_uppercase());
    for (what, name) in
        [("other bytes", layer_name.as_str()), ("no digest", "blobs/sha256/latest"), ("another spelling", &upper)]
    {
        check(what, &layout(&[(name, config)]), "tar: !archive.layout");
    }
    let long = format!("blobs/sha512/{}", Algorithm::Sha512.digest(b"other").hex());
    let marks = ["oci-layout", "index.json"].map(|name| TarEntry::file(name, "{}"));
    let sha512 =
        tar(&[&marks[..], &[TarEntry::pax(b'x', &[("path", &long)]), TarEntry::file("blob", config)]].concat());
    assert_eq!(opened(&sha512).layers[0].opaque, None, "an algorithm that nothing asked for is not computed");
}

#[test]
fn containers_in_containers() {
    let inner = zip(&[ZipEntry::stored("class", b"x")]);
    let bad = tar_of(&[("../x", b"")]);
    let whole = gzip(&tar(&[
        TarEntry::file("lib.jar", &inner),
        TarEntry::file("bad.tar", &bad),
        TarEntry::file("notes.gz", gzip(b"text")),
        TarEntry::file("last", "7"),
    ]));
    let size = 6144;
    let expected = format!(
        "gzip: *:{size}\n0/0 tar: lib.jar:{} bad.tar:{} notes.gz:24 last:1\n1/0 zip: class:1\n1/1 tar: !archive.path\n1/2 gzip: *:4",
        inner.len(),
        bad.len()
    );
    check("nested", &whole, &expected);
    // What is wrong with the outer one takes everything with it.
    let cut = &whole[..whole.len() - 4];
    check("cut", cut, "gzip: !archive.truncated");
    check("known and not opened", b"7z\xbc\xaf\x27\x1c\0\x04", "7z: !archive.unsupported");
}

#[test]
fn limits_stop_what_would_not_end() {
    let limits = |change: fn(&mut Limits)| {
        let mut limits = Limits::MAX;
        change(&mut limits);
        limits
    };
    let many: Vec<TarEntry> = (0..10).map(|n| TarEntry::file(format!("f{n}"), "x")).collect();
    let bomb = gzip(&vec![0; 64 * 1024 * 1024]);
    let nested = (0..8).fold(tar_of(&[("x", b"")]), |inner, _| tar_of(&[("inner", &inner)]));
    let six = "tar: inner:12288\n0/0 tar: inner:10752\n";
    for (what, bytes, limits, expected) in [
        ("members", tar(&many), limits(|l| l.archive_members = 9), "tar: !limit.archive-members"),
        ("bytes", tar(&many), limits(|l| l.archive_bytes = 9), "tar: !limit.archive-bytes"),
        ("ratio", bomb.clone(), Limits::MAX, "gzip: !limit.archive-ratio"),
        ("ratio inside", tar_of(&[("bomb", &bomb)]), Limits::MAX, "tar: !limit.archive-ratio"),
        (
            "a tar in a gzip is one level",
            gzip(&tar(&many[..1])),
            limits(|l| l.archive_depth = 1),
            "gzip: *:2048\n0/0 tar: f0:1",
        ),
        (
            "a gzip in a gzip is two",
            gzip(&gzip(b"x")),
            limits(|l| l.archive_depth = 1),
            "gzip: *:21\n0/0 gzip: !limit.archive-depth",
        ),
        ("two levels", nested.clone(), limits(|l| l.archive_depth = 2), &format!("{six}1/0 tar: !limit.archive-depth")),
    ] {
        let contents = opened_within(&bytes, &limits);
        assert_eq!(shown(&contents), expected, "{what}");
        assert!(contents.spent.members <= limits.archive_members + 1, "{what}");
        assert!(contents.spent.bytes <= 200 * bytes.len() as u64 + (1 << 20) + (1 << 17), "{what}");
    }
    let deepest = opened(&nested);
    assert_eq!(deepest.layers.len(), 7);
    assert_eq!(deepest.layers[6].opaque.as_ref().unwrap().code(), "limit.archive-depth");
}

/// The streams that the delivery itself is packed in take no level from the archives in it, and are bounded as well.
#[test]
fn what_packs_the_delivery_takes_no_level() {
    let archive = (0..6).fold(tar_of(&[("x", b"")]), |inner, _| tar_of(&[("inner", &inner)]));
    let packed = |layers| (0..layers).fold(archive.clone(), |inner, _| gzip(&inner));
    for layers in 0..10 {
        let bytes = packed(layers);
        let format = recognise(&bytes[..bytes.len().min(SNIFF)]).expect("a container");
        let options = Options { limits: &Limits::MAX, size: bytes.len() as u64, depth: 0 };
        let contents = open(format, Box::new(Cursor::new(&bytes)), &options, &mut Sha256);
        let opaque = contents.layers.iter().position(|layer| layer.opaque.is_some());
        assert_eq!(opaque, (layers > 6).then_some(6), "{layers} streams: {}", shown(&contents));
        assert_eq!(contents.layers.len(), if layers > 6 { 7 } else { layers + 7 }, "{layers} streams");
    }
    // One archive more is too deep, packed or not.
    let deeper = tar_of(&[("inner", &archive)]);
    for bytes in [deeper.clone(), gzip(&deeper), gzip(&gzip(&deeper))] {
        let format = recognise(&bytes[..bytes.len().min(SNIFF)]).expect("a container");
        let options = Options { limits: &Limits::MAX, size: bytes.len() as u64, depth: 0 };
        let contents = open(format, Box::new(Cursor::new(&bytes)), &options, &mut Sha256);
        let last = contents.layers.last().unwrap();
        assert_eq!(last.opaque.as_ref().map(Reason::code), Some("limit.archive-depth"), "{}", shown(&contents));
    }
}

/// Names that are one path each and no folder of another, with contents.
fn members() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let content = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..2000),
        (any::<u8>(), 0_usize..5000).prop_map(|(byte, length)| vec![byte; length]),
    ];
    proptest::collection::vec(("[a-z]{1,12}(/[a-z0-9]{1,60}){0,3}", content), 0..8).prop_map(|members| {
        members.into_iter().enumerate().map(|(n, (name, content))| (format!("{n}/{name}"), content)).collect()
    })
}

fn listed(members: &[(String, Vec<u8>)]) -> Vec<(Vec<u8>, Digest)> {
    members.iter().map(|(name, content)| (name.clone().into_bytes(), Digest::sha256(content))).collect()
}

fn seen(contents: &Contents, layer: usize) -> Vec<(Vec<u8>, Digest)> {
    let layer = &contents.layers[layer];
    assert_eq!(layer.opaque, None);
    let entry = |entry: &Entry| (entry.name.clone().unwrap(), entry.digests.as_ref().unwrap().sha256().clone());
    layer.entries.iter().map(entry).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What somebody else's program packs is what is listed.
    #[test]
    fn packed_members_are_listed(members in members(), format in 0..5_usize) {
        let mut builder = ::tar::Builder::new(Vec::new());
        let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in &members {
            let mut header = ::tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, content.as_slice()).unwrap();
            writer.start_file(name, ::zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        let tar = builder.into_inner().unwrap();
        let zip = writer.finish().unwrap().into_inner();
        if !members.is_empty() {
            prop_assert_eq!(seen(&opened(&tar), 0), listed(&members));
            prop_assert_eq!(seen(&opened(&STREAMS[format].1(&tar)), 1), listed(&members));
        }
        prop_assert_eq!(seen(&opened(&zip), 0), listed(&members));
    }
}

#[test]
fn damage_never_panics_and_never_exceeds_a_budget() {
    let files: [(&str, &[u8]); 3] = [("a", b"content"), ("d/b", &[7; 3000]), ("c.gz", &gzip(b"inner"))];
    let zipped =
        [ZipEntry::stored("a", b"x"), ZipEntry::deflated("b", &[7; 3000]), ZipEntry::deflated("c", b"y").later()];
    let payload = gzip(&cpio(&[CpioEntry::file("a", 1, "x"), CpioEntry::file("b", 2, [7; 3000]).summed()]));
    let mut originals =
        vec![("tar", tar_of(&files)), ("zip", zip(&zipped)), ("deb", deb(&files)), ("rpm", rpm(&payload))];
    originals.extend(STREAMS.map(|(name, compress)| (name, compress(&tar_of(&files)))));
    for (name, original) in originals {
        for bytes in mutations(&format!("container/{name}"), &original).take(400) {
            let Some(format) = recognise(&bytes[..bytes.len().min(SNIFF)]) else { continue };
            let options = Options { limits: &Limits::MAX, size: bytes.len() as u64, depth: 1 };
            let contents = open(format, Box::new(Cursor::new(&bytes)), &options, &mut Sha256);
            assert!(contents.spent.bytes <= RATIO_FROM.max(200 * options.size) + 64 * 1024, "{name}");
            for layer in &contents.layers {
                assert!(layer.opaque.is_none() || layer.entries.is_empty(), "{name}");
            }
        }
    }
}
