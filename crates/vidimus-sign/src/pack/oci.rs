//! An OCI image layout (image-spec v1.1): the delivered files are layers of one artifact, every document of evidence is an artifact of
//! its own that refers to it. Any registry takes it, and keeps the evidence findable.
//!
//! The delivery statement covers every file of the layout, its index included, so it cannot be a blob that the index leads to: it
//! lies beside the index (`docs/decisions`).

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vidimus::digest::Digest;

use super::evidence::{Item, Kind};
use super::{About, Layout, Staged};
use crate::envelope::BUNDLE;
use crate::error::Error;
use crate::output::NewFolder;
use crate::statement::canonical;
use crate::subject::{Subject, files};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
/// What the artifact with the delivered files is.
const DELIVERY: &str = "application/vnd.vidimus.delivery.v1";

/// A blob: its media type, digest and size.
fn descriptor(media_type: &str, digest: &Digest, size: u64) -> Value {
    json!({"digest": digest.to_string(), "mediaType": media_type, "size": size})
}

fn path(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

/// Turns the staged `files/` and the evidence into a layout.
pub(super) fn lay_out(staged: &NewFolder, items: &[Item], about: &About) -> Result<Layout, Error> {
    let delivered: Staged = files(&staged.path().join("files"))?;
    std::fs::create_dir_all(staged.path().join("blobs/sha256")).map_err(Error::io(staged.path()))?;
    let mut layers = Vec::new();
    let mut subjects: BTreeMap<String, Subject> = BTreeMap::new();
    for (name, held) in &delivered {
        let (from, to) = (staged.path().join("files").join(name), staged.path().join(path(&held.sha256)));
        std::fs::rename(&from, &to).map_err(Error::io(&to))?;
        let mut layer = descriptor("application/octet-stream", &held.sha256, held.size);
        super::predicate::overlay(&mut layer, json!({"annotations": {"org.opencontainers.image.title": name}}));
        layers.push(layer);
        let at = path(&held.sha256);
        subjects.insert(at.clone(), Subject { name: at, sha256: held.sha256.clone() });
    }
    std::fs::remove_dir_all(staged.path().join("files")).map_err(Error::io(staged.path()))?;
    let mut blobs = Blobs { staged, listed: BTreeMap::new(), delivered: &subjects };
    let product = json!({"org.opencontainers.image.title": about.product});
    let artifact = blobs.manifest(DELIVERY, layers, json!({"annotations": product}))?;
    let mut index = vec![artifact.clone()];
    for item in items {
        let (media_type, name) = match &item.kind {
            Kind::Bundle(_) => (BUNDLE, None),
            Kind::Envelope => ("application/vnd.in-toto+json", None),
            Kind::Sbom(media_type, _) => (*media_type, None),
            Kind::Other(name) => ("application/octet-stream", Some(name)),
        };
        let mut layer = blobs.add(media_type, &item.bytes)?;
        if let Some(name) = name {
            super::predicate::overlay(&mut layer, json!({"annotations": {"org.opencontainers.image.title": name}}));
        }
        let mut subject = artifact.clone();
        if let Some(members) = subject.as_object_mut() {
            members.remove("artifactType");
        }
        index.push(blobs.manifest(media_type, vec![layer], json!({"subject": subject}))?);
    }
    blobs.file("oci-layout", &canonical(&json!({"imageLayoutVersion": "1.0.0"}))?)?;
    let index = json!({"manifests": index, "mediaType": "application/vnd.oci.image.index.v1+json", "schemaVersion": 2});
    blobs.file("index.json", &canonical(&index)?)?;
    let evidence = blobs.listed.into_values().collect();
    Ok(Layout { files: subjects.into_values().collect(), evidence, statement: "delivery.sigstore.json".to_owned() })
}

struct Blobs<'a> {
    staged: &'a NewFolder,
    /// What is not delivered itself: manifests, evidence, the layout's own files.
    listed: BTreeMap<String, Subject>,
    delivered: &'a BTreeMap<String, Subject>,
}

impl Blobs<'_> {
    fn add(&mut self, media_type: &str, bytes: &[u8]) -> Result<Value, Error> {
        let digest = Digest::sha256(bytes);
        let at = path(&digest);
        // The same bytes are one blob.
        if !self.delivered.contains_key(&at) && !self.listed.contains_key(&at) {
            self.file(&at, bytes)?;
        }
        Ok(descriptor(media_type, &digest, bytes.len() as u64))
    }

    fn file(&mut self, at: &str, bytes: &[u8]) -> Result<(), Error> {
        self.staged.add(at, bytes)?;
        self.listed.insert(at.to_owned(), Subject { name: at.to_owned(), sha256: Digest::sha256(bytes) });
        Ok(())
    }

    fn manifest(&mut self, artifact_type: &str, layers: Vec<Value>, more: Value) -> Result<Value, Error> {
        let config = self.add(EMPTY, b"{}")?;
        let mut manifest = json!({
            "artifactType": artifact_type, "config": config, "layers": layers, "mediaType": MANIFEST, "schemaVersion": 2,
        });
        super::predicate::overlay(&mut manifest, more);
        let mut listed = self.add(MANIFEST, &canonical(&manifest)?)?;
        super::predicate::overlay(&mut listed, json!({"artifactType": artifact_type}));
        Ok(listed)
    }
}
