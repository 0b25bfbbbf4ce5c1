//! Whole deliveries and policy folders, in memory and on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::encode::{digest_set, json as text, sha256_hex};
use crate::key::Key;
use crate::sigstore::Signing;
use crate::statement::Statement;

/// `predicateType` of delivery statements.
pub const DELIVERY: &str = "urn:vidimus:attestation:delivery:v0.1";

/// The files of a delivery by path.
#[derive(Clone, Debug, Default)]
pub struct Delivery {
    /// Path → bytes.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Paths that a delivery statement lists as evidence and not as its subjects.
    pub evidence: BTreeSet<String>,
}

impl Delivery {
    /// An empty delivery.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a file.
    #[must_use]
    pub fn file(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), bytes.into());
        self.evidence.remove(path);
        self
    }

    /// Adds or replaces a file that is evidence.
    #[must_use]
    pub fn evidence(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), bytes.into());
        self.evidence.insert(path.to_owned());
        self
    }

    /// Adds a JSON document as evidence.
    #[must_use]
    pub fn evidence_json(self, path: &str, document: &Value) -> Self {
        self.evidence(path, text(document))
    }

    /// Takes a file away.
    #[must_use]
    pub fn without(mut self, path: &str) -> Self {
        self.files.remove(path).unwrap_or_else(|| panic!("no file {path}"));
        self.evidence.remove(path);
        self
    }

    /// Changes the bytes of a file.
    #[must_use]
    pub fn edit(mut self, path: &str, change: impl FnOnce(&mut Vec<u8>)) -> Self {
        change(self.files.get_mut(path).unwrap_or_else(|| panic!("no file {path}")));
        self
    }

    /// The bytes of a file.
    #[must_use]
    pub fn bytes(&self, path: &str) -> &[u8] {
        self.files.get(path).unwrap_or_else(|| panic!("no file {path}"))
    }

    /// A delivery statement over the current files: those marked as evidence in the predicate, the others as subjects.
    #[must_use]
    pub fn statement(&self, product: &str, sequence: u64) -> Statement {
        let set = |bytes: &[u8]| digest_set(&["sha256"], bytes);
        let evidence: Vec<Value> =
            self.evidence.iter().map(|path| json!({"digest": set(self.bytes(path)), "path": path})).collect();
        let predicate = json!({"evidence": evidence, "product": product, "sequence": sequence});
        let subjects = self.files.iter().filter(|(path, _)| !self.evidence.contains(*path));
        subjects.fold(Statement::new(DELIVERY, predicate), |statement, (path, bytes)| statement.subject(path, bytes))
    }

    /// Adds `delivery.dsse.json`: a delivery statement over the current files, signed by each key.
    #[must_use]
    pub fn signed(self, product: &str, sequence: u64, keys: &[&Key]) -> Self {
        let envelope = self.statement(product, sequence).envelope(keys);
        self.evidence_json("delivery.dsse.json", &envelope)
    }

    /// Adds `delivery.sigstore.json`: a delivery statement over the current files in a bundle.
    #[must_use]
    pub fn signed_with(self, product: &str, sequence: u64, signing: &Signing<'_>) -> Self {
        let bundle = signing.statement(&self.statement(product, sequence));
        self.evidence("delivery.sigstore.json", bundle.bytes())
    }

    /// Adds a statement in an envelope as evidence, signed by each key.
    #[must_use]
    pub fn attest(self, path: &str, statement: &Statement, keys: &[&Key]) -> Self {
        self.evidence(path, statement.envelope_bytes(keys))
    }

    /// Writes the files below `folder`, which is made if it does not exist.
    pub fn write(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        write(folder, &self.files);
    }
}

/// A policy and the files beside it.
#[derive(Clone, Debug, Default)]
pub struct PolicyFolder {
    /// The text of `policy.toml`. `{sha256:PATH}` stands for the digest of the file at that path beside it.
    pub text: String,
    /// The other files by path.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl PolicyFolder {
    /// A policy of that text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), files: BTreeMap::new() }
    }

    /// Adds the public key at `keys/NAME.pub`.
    #[must_use]
    pub fn key(self, name: &str, key: &Key) -> Self {
        self.file(&format!("keys/{name}.pub"), key.public_pem())
    }

    /// Adds a trusted root at `trust/NAME.json`.
    #[must_use]
    pub fn trust(self, name: &str, trusted_root: &Value) -> Self {
        self.file(&format!("trust/{name}.json"), text(trusted_root))
    }

    /// Adds any file.
    #[must_use]
    pub fn file(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), bytes.into());
        self
    }

    /// The text with its digests filled in.
    #[must_use]
    pub fn policy(&self) -> String {
        let mut out = self.text.clone();
        for (path, bytes) in &self.files {
            out = out.replace(&format!("{{sha256:{path}}}"), &sha256_hex(bytes));
        }
        assert!(!out.contains("{sha256:"), "a digest of a file that is not there: {out}");
        out
    }

    /// Writes all below `folder`, which is made if it does not exist, and returns the path of `policy.toml`.
    #[must_use]
    pub fn write(&self, folder: &Path) -> PathBuf {
        fs::create_dir_all(folder).unwrap();
        write(folder, &self.files);
        let path = folder.join("policy.toml");
        fs::write(&path, self.policy()).unwrap();
        path
    }
}

fn write(folder: &Path, files: &BTreeMap<String, Vec<u8>>) {
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_covers_files_and_lists_evidence() {
        let delivery = Delivery::new().file("bin/widget", "w").evidence("sbom.cdx.json", "{}").file("a", "a");
        let statement = delivery.statement("pkg:generic/widget@1", 7).json();
        let names: Vec<&str> =
            statement["subject"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["a", "bin/widget"]);
        assert_eq!(statement["subject"][1]["digest"]["sha256"], sha256_hex(b"w"));
        assert_eq!(
            statement["predicate"],
            json!({
                "evidence": [{"digest": {"sha256": sha256_hex(b"{}")}, "path": "sbom.cdx.json"}],
                "product": "pkg:generic/widget@1",
                "sequence": 7,
            })
        );
    }

    #[test]
    fn folders_are_written() {
        let folder = tempfile::tempdir().unwrap();
        Delivery::new()
            .file("bin/widget", "w")
            .signed("pkg:generic/widget@1", 1, &[&Key::ed25519("a")])
            .write(&folder.path().join("delivery"));
        assert_eq!(fs::read(folder.path().join("delivery/bin/widget")).unwrap(), b"w");
        assert!(folder.path().join("delivery/delivery.dsse.json").is_file());

        let root = json!({"root": 1});
        let policy = PolicyFolder::new("sha256 = \"{sha256:trust/world.json}\"\n")
            .key("acme", &Key::ed25519("a"))
            .trust("world", &root)
            .write(folder.path());
        let expected = format!("sha256 = \"{}\"\n", sha256_hex(br#"{"root":1}"#));
        assert_eq!(fs::read_to_string(policy).unwrap(), expected);
        assert!(folder.path().join("keys/acme.pub").is_file());
    }
}
