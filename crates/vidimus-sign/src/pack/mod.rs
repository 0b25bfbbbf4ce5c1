//! A delivery: files, evidence about them, and one signed statement that this is all of it (`verification.md` 5.1, 5.2).
//!
//! Everything is copied beside the place where it will lie, hashed there, signed, and moved into place when it is complete. The
//! same inputs give the same bytes: no clock, no order of the file system, no owners, modes or times of files.

mod evidence;
mod oci;
mod private;
mod tar;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use vidimus::decode::{self, Content, Envelope, Predicate};
use vidimus::digest::{Digest, Hasher};
use vidimus::limits::Limits;
use vidimus::policy::Product;
use vidimus::time::Time;

use crate::envelope::{self, Form};
use crate::error::Error;
use crate::output::{NewFolder, refuse_existing};
use crate::predicate::{self, DELIVERY};
use crate::signer::Signer;
use crate::statement::Statement;
use crate::subject::{Held, Subject, files, held, read_all};

pub(crate) use self::evidence::Item;
use self::private::Private;

/// Where the delivery statement lies in a folder or a tar.
pub const STATEMENT: &str = "evidence/delivery.sigstore.json";

/// What a delivery is packed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// A folder.
    Folder,
    /// A POSIX tar, sorted, with times, owners and modes that say nothing.
    Tar,
    /// An OCI image layout with the evidence as referrers.
    Oci,
}

/// What to pack.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The folder with what is delivered, or a single file.
    pub files: PathBuf,
    /// Evidence: bundles, envelopes, SBOMs, reports; folders with such files.
    pub evidence: Vec<PathBuf>,
    /// Files that must stay with the vendor: the private key that signs, where it is a file. Neither they nor other private keys
    /// are packed.
    pub private: Vec<PathBuf>,
    /// What it says of itself.
    pub about: About,
}

/// What the delivery statement says beside its files.
#[derive(Clone, Debug)]
pub struct About {
    /// Package URL with a version.
    pub product: String,
    /// At least 1, and greater than that of the previous delivery; left out, the next.
    pub sequence: Option<u64>,
    /// For whom, as a URI.
    pub recipient: Option<String>,
    /// Whose order it answers.
    pub order: Option<String>,
    /// When it was made, by its maker's word.
    pub created: Option<Time>,
    /// The delivery statement of the delivery before.
    pub previous: Option<Previous>,
}

/// A delivery statement that was signed before.
#[derive(Clone, Debug)]
pub struct Previous {
    product: String,
    sequence: u64,
    id: Digest,
}

impl Previous {
    /// Reads the delivery statement of the delivery before: a bundle or envelope, as it was delivered. Its signature is not
    /// verified: it is the vendor's own.
    ///
    /// # Errors
    /// It cannot be read, or is no delivery statement.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = predicate::bounded(path, Limits::MAX.evidence_item_bytes)?;
        let no = || {
            Error::input(format!("{}: not a delivery statement in a bundle or envelope", path.display()))
                .with_hint(format!("name the {STATEMENT} of the delivery before"))
        };
        let Content::Signed(items) = decode::document(&bytes, &Limits::MAX) else { return Err(no()) };
        let [item] = items.as_slice() else { return Err(no()) };
        let dsse = item.envelope.as_ref().ok().and_then(Envelope::dsse).ok_or_else(no)?;
        let statement = dsse.statement.as_ref().map_err(|_| no())?;
        let Predicate::Delivery(delivery) = &statement.predicate else { return Err(no()) };
        Ok(Self { product: delivery.product.clone(), sequence: delivery.sequence, id: item.id.clone() })
    }
}

/// What was packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Files that are delivered.
    pub files: usize,
    /// Files of evidence, the delivery statement with them.
    pub evidence: usize,
    /// The sequence that the statement states.
    pub sequence: u64,
    /// sha256 of the delivery statement's signed encoding, by which verdicts name it.
    pub statement: Digest,
}

/// Packs a delivery to `place`, where nothing may be. `finished` may change the bytes of the signed delivery statement before
/// they are written (timestamps are attached there).
///
/// # Errors
/// Anything that our own verifier would refuse; private keys; inputs that change while they are read; the disk.
pub fn pack(
    delivery: &Delivery,
    packing: Packing,
    place: &Path,
    signer: &dyn Signer,
    finished: &dyn Fn(Vec<u8>) -> Result<Vec<u8>, Error>,
) -> Result<Packed, Error> {
    refuse_existing(place)?;
    let sequence = delivery.about.check()?;
    // Before anything is written, also to a folder that would be removed again.
    let private = Private::read(&delivery.private)?;
    let found = read_all(&delivery.files)?;
    private.refuse(&delivery.files, &found)?;
    let items = evidence::collect(&delivery.evidence, &private)?;
    let staged = NewFolder::begin(place)?;
    copy_files(&delivery.files, held(&found), &staged)?;
    let layout = match packing {
        Packing::Folder | Packing::Tar => in_folder(&staged, &items)?,
        Packing::Oci => oci::lay_out(&staged, &items, &delivery.about)?,
    };
    let statement = delivery.about.statement(sequence, &layout)?;
    let signed = envelope::statement(signer, &statement, Form::Bundle)?;
    staged.add(&layout.statement, &finished(signed)?)?;
    let packed = Packed {
        files: layout.files.len(),
        evidence: layout.evidence.len() + 1,
        sequence,
        statement: Digest::sha256(&decode::pae(envelope::STATEMENT, &statement.bytes)),
    };
    match packing {
        Packing::Folder | Packing::Oci => staged.finish()?,
        Packing::Tar => tar::write(&staged, place)?,
    }
    Ok(packed)
}

/// Where everything lies.
struct Layout {
    /// The statement's subjects.
    files: Vec<Subject>,
    /// What it lists as evidence.
    evidence: Vec<Subject>,
    /// Its own path.
    statement: String,
}

/// Folder and tar: `files/` and `evidence/`.
fn in_folder(staged: &NewFolder, items: &[Item]) -> Result<Layout, Error> {
    for (path, bytes) in evidence::placed(items)? {
        staged.add(&path, &bytes)?;
    }
    let (mut delivered, mut evidence) = (Vec::new(), Vec::new());
    for (path, held) in files(staged.path())? {
        let list = if path.starts_with("files/") { &mut delivered } else { &mut evidence };
        list.push(Subject { name: path, sha256: held.sha256 });
    }
    Ok(Layout { files: delivered, evidence, statement: STATEMENT.to_owned() })
}

impl About {
    /// The sequence, if all of it can be said.
    fn check(&self) -> Result<u64, Error> {
        let shown = vidimus::render::escape(&self.product);
        let product =
            Product::parse_request(&self.product).map_err(|e| Error::input(format!("the product {shown}: {e}")))?;
        if product.version().is_none() {
            return Err(Error::input(format!("the product {shown} has no version"))
                .with_hint("a delivery is one version: pkg:generic/acme/app@1.0"));
        }
        let Some(previous) = &self.previous else {
            return self.sequence.ok_or_else(|| {
                Error::input("there is neither a sequence nor a previous delivery")
                    .with_hint("the first delivery of a product has `--sequence 1`; each later one names `--previous`")
            });
        };
        let same = Product::parse_claim(&previous.product).is_some_and(|before| before.same_package(&product));
        if !same {
            let before = vidimus::render::escape(&previous.product);
            return Err(Error::input(format!("the previous delivery is of {before}, and this one of {shown}")));
        }
        let sequence = self.sequence.unwrap_or_else(|| previous.sequence.saturating_add(1));
        if sequence <= previous.sequence {
            return Err(Error::Sequence { given: sequence, previous: previous.sequence });
        }
        Ok(sequence)
    }

    fn statement(&self, sequence: u64, layout: &Layout) -> Result<Statement, Error> {
        let listed = |subject: &Subject| json!({"digest": {"sha256": subject.sha256.hex()}, "path": subject.name});
        let text = |text: &Option<String>| text.clone().map(Value::String);
        let predicate = predicate::object([
            ("product", Some(Value::String(self.product.clone()))),
            ("sequence", Some(json!(sequence))),
            ("recipient", text(&self.recipient)),
            ("orderRef", text(&self.order)),
            ("created", self.created.map(|time| Value::String(time.to_string()))),
            ("closed", Some(json!(true))),
            ("previous", self.previous.as_ref().map(|previous| json!({"digest": {"sha256": previous.id.hex()}}))),
            ("evidence", Some(layout.evidence.iter().map(listed).collect())),
        ]);
        if layout.files.is_empty() {
            return Err(Error::input("there is nothing to deliver: the folder holds no file"));
        }
        Statement::new(DELIVERY.name, &layout.files, DELIVERY.uri, &DELIVERY.checked(predicate)?)
    }
}

/// Copies what is delivered into `files/`, and holds the copies against the originals.
fn copy_files(from: &Path, files: Staged, staged: &NewFolder) -> Result<(), Error> {
    let single = !from.is_dir();
    for (path, held) in files {
        let source = if single { from.to_path_buf() } else { from.join(&path) };
        let copied = copy(&source, &staged.path().join("files").join(&path))?;
        if copied != held.sha256 {
            return Err(Error::Changed { path: source });
        }
    }
    Ok(())
}

/// Copies a file and returns the digest of what was copied.
fn copy(from: &Path, to: &Path) -> Result<Digest, Error> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(Error::io(folder))?;
    }
    let mut source = File::open(from).map_err(Error::io(from))?;
    let mut target = File::create_new(to).map_err(Error::io(to))?;
    let (mut hasher, mut buffer) = (Hasher::new(&[]), vec![0_u8; 1 << 20]);
    loop {
        let read = match source.read(&mut buffer) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            read => read.map_err(Error::io(from))?,
        };
        let Some(chunk) = buffer.get(..read).filter(|chunk| !chunk.is_empty()) else { break };
        hasher.update(chunk);
        target.write_all(chunk).map_err(Error::io(to))?;
    }
    target.sync_all().map_err(Error::io(to))?;
    Ok(hasher.finish().sha256().clone())
}

/// The digest of each file by path.
type Staged = BTreeMap<String, Held>;
