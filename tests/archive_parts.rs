//! What an evidence archive is made of, taken apart and put together again: as an attacker would who knows the format.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

/// Files of a folder, sorted.
pub fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Name and size of the member at `at`.
pub fn header(bytes: &[u8], at: usize) -> Option<(String, usize)> {
    let block = bytes.get(at..at + 512)?;
    let name: Vec<u8> = block.iter().copied().take_while(|byte| *byte != 0).collect();
    let size = std::str::from_utf8(&block[124..135]).ok().and_then(|octal| usize::from_str_radix(octal, 8).ok())?;
    (!name.is_empty()).then(|| (String::from_utf8(name).unwrap(), size))
}

/// A tar of these members, in this order, as our archives have them.
pub fn tar(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in members {
        let mut block = vec![0_u8; 512];
        let mut put = |at: usize, text: &str| block[at..at + text.len()].copy_from_slice(text.as_bytes());
        put(0, name);
        put(100, "0000644\u{0}0000000\u{0}0000000\u{0}");
        put(124, &format!("{:011o}\u{0}00000000000\u{0}        0", bytes.len()));
        put(257, "ustar\u{0}00");
        put(329, "0000000\u{0}0000000\u{0}");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend(block);
        out.extend(bytes);
        out.resize(out.len().div_ceil(512) * 512, 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

/// The members of an archive by name.
#[derive(Clone)]
pub struct Members(pub BTreeMap<String, Vec<u8>>);

impl Members {
    pub fn of(bytes: &[u8]) -> Self {
        let (mut members, mut at) = (BTreeMap::new(), 0);
        while let Some((name, size)) = header(bytes, at) {
            members.insert(name, bytes[at + 512..at + 512 + size].to_vec());
            at += 512 + size.div_ceil(512) * 512;
        }
        Self(members)
    }

    pub fn list(&self) -> Vec<(String, Vec<u8>)> {
        self.0.iter().map(|(name, bytes)| (name.clone(), bytes.clone())).collect()
    }

    pub fn document(&self, hex: &str) -> Json {
        serde_json::from_slice(&self.0[&format!("blobs/sha256/{hex}")]).unwrap()
    }

    pub fn manifest(&self) -> (String, Json) {
        let index: Json = serde_json::from_slice(&self.0["index.json"]).unwrap();
        let hex = index["manifests"][0]["digest"].as_str().unwrap()[7..].to_owned();
        let manifest = self.document(&hex);
        (hex, manifest)
    }

    pub fn contents(&self) -> Json {
        self.document(&self.manifest().1["config"]["digest"].as_str().unwrap()[7..])
    }

    pub fn role(&self, role: &str) -> String {
        self.contents()[role].as_str().unwrap().to_owned()
    }

    /// Changes the document of a role, and makes every digest right again.
    pub fn change(&mut self, role: &str, change: impl FnOnce(&mut Json)) {
        let old = self.role(role);
        let mut document = self.document(&old);
        change(&mut document);
        // Sorted members are canonical where there are only plain names and integers.
        self.replace(&old, serde_json::to_vec(&document).unwrap());
    }

    /// Puts other bytes in the place of a blob, and makes every digest right again: in what was read, and in the contents.
    pub fn replace(&mut self, old: &str, bytes: Vec<u8>) {
        let new = digest(&bytes);
        self.0.remove(&format!("blobs/sha256/{old}")).unwrap();
        self.0.insert(format!("blobs/sha256/{new}"), bytes);
        let reading = self.role("reading");
        if reading != old
            && let Some(text) = self.0.get(&format!("blobs/sha256/{reading}"))
        {
            let text = String::from_utf8(text.clone()).unwrap();
            if text.contains(old) {
                let bytes = text.replace(old, &new).into_bytes();
                self.0.remove(&format!("blobs/sha256/{reading}"));
                let other = digest(&bytes);
                self.0.insert(format!("blobs/sha256/{other}"), bytes);
                return self.seal(|contents| *contents = contents.replace(old, &new).replace(&reading, &other));
            }
        }
        self.seal(|contents| *contents = contents.replace(old, &new));
    }

    /// Makes contents, manifest and index again.
    pub fn seal(&mut self, change: impl FnOnce(&mut String)) {
        let (old, mut manifest) = self.manifest();
        let config = manifest["config"]["digest"].as_str().unwrap()[7..].to_owned();
        let mut contents = String::from_utf8(self.0.remove(&format!("blobs/sha256/{config}")).unwrap()).unwrap();
        self.0.remove(&format!("blobs/sha256/{old}"));
        change(&mut contents);
        let mut contents: Json = serde_json::from_str(&contents).unwrap();
        if let Some(list) = contents["evidence"].as_array_mut() {
            list.sort_by_key(|hex| hex.as_str().unwrap().to_owned());
        }
        let types: BTreeMap<String, Json> = manifest["layers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|layer| (layer["digest"].to_string(), layer["mediaType"].clone()))
            .collect();
        let roles = [
            ("core", "verdict-core.v1+json"),
            ("details", "verdict-details.v1+json"),
            ("run", "run.v1+json"),
            ("reading", "reading.v1+json"),
        ];
        let policy: Vec<&Json> = contents["policy"]["files"].as_object().unwrap().values().collect();
        let layers: Vec<Json> = self
            .0
            .iter()
            .filter_map(|(name, bytes)| {
                let hex = name.strip_prefix("blobs/sha256/")?;
                let role = roles.iter().find(|(role, _)| contents[*role] == hex).map(|(_, name)| *name);
                let anchor = &contents["anchor"];
                let signatures = anchor["signatures"].as_object().into_iter().flat_map(|of| of.values());
                let of_anchor = (anchor["main"] == hex).then_some("anchor");
                let of_anchor = of_anchor.or(signatures.into_iter().any(|of| *of == hex).then_some("policy-signature"));
                let role = role.or(of_anchor);
                let role = role.unwrap_or(if policy.iter().any(|of| **of == hex) { "policy-file" } else { "evidence" });
                let digest = format!("sha256:{hex}");
                let kind = types
                    .get(&json!(digest).to_string())
                    .cloned()
                    .unwrap_or(json!(format!("application/vnd.vidimus.{role}")));
                Some(json!({"digest": digest, "mediaType": kind, "size": bytes.len()}))
            })
            .collect();
        let contents = serde_json::to_vec(&contents).unwrap();
        manifest["layers"] = json!(layers);
        manifest["config"]["digest"] = json!(format!("sha256:{}", digest(&contents)));
        manifest["config"]["size"] = json!(contents.len());
        self.0.insert(format!("blobs/sha256/{}", digest(&contents)), contents);
        let manifest = serde_json::to_vec(&manifest).unwrap();
        let mut index: Json = serde_json::from_slice(&self.0["index.json"]).unwrap();
        index["manifests"][0]["digest"] = json!(format!("sha256:{}", digest(&manifest)));
        index["manifests"][0]["size"] = json!(manifest.len());
        self.0.insert(format!("blobs/sha256/{}", digest(&manifest)), manifest);
        self.0.insert("index.json".to_owned(), serde_json::to_vec(&index).unwrap());
    }
}
