//! Why a container is opaque. A refusal is a reason on the file that holds it, never an error.

use std::io;

use super::Format;
use crate::reason::{Reason, ReasonInfo};

crate::reasons! {
    PATH = "archive.path", Unproven, Vendor, ["format", "member"],
        says "this {format} archive has a member ({member}) with an absolute path, a `..`, or a name that no system can hold",
        why "Unpacked, it would be written outside the folder that it belongs to (T18, zip slip). Nothing in the archive counts as seen.",
        fix "Pack the archive again with relative paths below one folder.";
    DUPLICATE = "archive.duplicate", Unproven, Vendor, ["format", "member"],
        says "this {format} archive has two members for one path ({member})",
        why "One program takes the first, another the last: what was judged is not what gets unpacked (T18). Nothing in the archive counts as seen.",
        fix "Pack the archive again, each path once.";
    LINK = "archive.link", Unproven, Vendor, ["format", "member"],
        says "this {format} archive has a member ({member}) that leads through a link, or is a hard link to nothing in the archive before it",
        why "Unpacked, it would be written to, or read from, wherever the link points (T18). Links alone are listed and never followed.",
        fix "Pack the archive again so that no path leads through a link.";
    DEVICE = "archive.device", Unproven, Vendor, ["format", "member"],
        says "this {format} archive has a member ({member}) that is a device, a pipe or a socket",
        why "It has no bytes that could be hashed, and unpacking it could give access to the machine (T18). Nothing in the archive counts as seen.",
        fix "Pack the archive again with files, folders and links only.";
    HEADERS = "archive.headers", Unproven, Vendor, ["format"],
        says "this {format} archive describes a member twice, and the descriptions differ",
        why "Programs differ in which description they believe, so they would unpack other bytes than were judged (T18).",
        fix "Pack the archive again with a current program; if it was changed on the way, get the original.";
    EXTRA = "archive.extra-bytes", Unproven, Vendor, ["format"],
        says "this {format} archive has bytes that belong to no member",
        why "What one program skips another takes for the archive: a file that is two archives at once shows each reader something else (T18).",
        fix "Pack the archive again with nothing before, between or after its members.";
    CONCATENATED = "archive.concatenated", Unproven, Vendor, ["format"],
        says "this file holds several {format} streams one after the other",
        why "Some programs read the first alone, others all of them (T18).",
        fix "Compress it again as one stream.";
    LAYOUT = "archive.layout", Unproven, Vendor, ["format", "member"],
        says "this {format} archive is an OCI image layout, and {member} is not the blob that its name says",
        why "Whoever reads the layout asks for a blob by its digest; one that finds it by name gets other bytes (T18).",
        fix "Make the layout again, or get the original.";
    ENCRYPTED = "archive.encrypted", Unproven, Vendor, ["format"],
        says "this {format} archive has an encrypted member",
        why "What cannot be read cannot be judged, and could be anything (T18).",
        fix "Deliver it without encryption; confidentiality belongs to the transport.";
    TRUNCATED = "archive.truncated", Unproven, Vendor, ["format"],
        says "this {format} archive ends before its end",
        why "Part of it is missing, so nobody knows what it was to hold.",
        fix "Transfer it again and compare its digest with the sender's.";
    CORRUPT = "archive.corrupt", Unproven, Vendor, ["format"],
        says "this {format} archive is damaged: a header, a checksum or the compressed data is wrong",
        why "Programs repair or skip damage in different ways, so they would see different members.",
        fix "Transfer it again and compare its digest with the sender's, or pack it again.";
    UNSUPPORTED = "archive.unsupported", Unproven, Vendor, ["format"],
        says "this is a {format} archive, or uses a feature of that format, that is not opened",
        why "Its members were not seen, so nothing can be said about them.",
        fix "Deliver it as tar (uncompressed, gzip, zstd, xz or bzip2) or as zip with deflate.";
    DEPTH = "limit.archive-depth", Unproven, Vendor, ["limit"],
        says "an archive inside more than {limit} others is not opened",
        why "Counters stop input that would exhaust the verifier, at the same place on every machine (T36). An archive can contain itself.",
        fix "Pack with less nesting.";
    MEMBERS = "limit.archive-members", Unproven, Vendor, ["limit"],
        says "the archives have more than {limit} members; from this one by path on, nothing of them counts as seen",
        why "Counters stop input that would exhaust the verifier, at the same place on every machine (T36).",
        fix "Split the delivery.";
    BYTES = "limit.archive-bytes", Unproven, Vendor, ["limit"],
        says "the archives have more than {limit} bytes when opened; from this one by path on, nothing of them counts as seen",
        why "Counters stop input that would exhaust the verifier, at the same place on every machine (T36).",
        fix "Split the delivery.";
    RATIO = "limit.archive-ratio", Unproven, Vendor, ["limit"],
        says "this archive grows to more than {limit} times its size",
        why "A small file that becomes an enormous one exhausts whoever opens it (T36).",
        fix "Compress less, or deliver the content as it is.";
}

/// Does the reason mean that two programs could see two things, so that the archive itself is a contradiction?
pub(crate) fn is_ambiguous(reason: &Reason) -> bool {
    let ambiguous = [&PATH, &DUPLICATE, &LINK, &DEVICE, &HEADERS, &EXTRA, &CONCATENATED, &LAYOUT];
    ambiguous.iter().any(|info| info.code == reason.code())
}

/// Why reading a container ends early.
#[derive(Debug)]
pub(super) struct Fault {
    info: &'static ReasonInfo,
    member: Option<Vec<u8>>,
}

impl Fault {
    pub(super) const fn new(info: &'static ReasonInfo) -> Self {
        Self { info, member: None }
    }

    /// The same, at a member.
    pub(super) fn at(info: &'static ReasonInfo, member: &[u8]) -> Self {
        Self { info, member: Some(member.to_vec()) }
    }

    pub(super) fn reason(&self, format: Format) -> Reason {
        let reason = Reason::new(self.info).name("format", format.name());
        match self.member.as_deref() {
            // A name that is not text becomes its digest by not passing the grammar.
            Some(member) => match std::str::from_utf8(member) {
                Ok(text) => reason.evidence("member", text),
                Err(_) => reason.digest("member", &crate::digest::Digest::sha256(member)),
            },
            None => reason,
        }
    }
}

/// What a library or the stream below says: the words are theirs, the code is ours. If the stream below ended early for a
/// reason of its own, that reason is the one which is told.
impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::new(if error.kind() == io::ErrorKind::UnexpectedEof { &TRUNCATED } else { &CORRUPT })
    }
}
