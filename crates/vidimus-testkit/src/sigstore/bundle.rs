//! A finished bundle, and changes to it.

use serde_json::Value;

use crate::encode::{json as text, set, unbase64};

/// A Sigstore bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The document.
    pub json: Value,
}

impl Bundle {
    /// As text.
    #[must_use]
    pub fn text(&self) -> String {
        text(&self.json)
    }

    /// As a file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.text().into_bytes()
    }

    /// Changes the document at a JSON Pointer (see [`encode::set`](crate::encode::set)).
    #[must_use]
    pub fn with(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        set(&mut self.json, pointer, value.into());
        self
    }

    /// Flips one bit in the middle of the base64 text at a JSON Pointer.
    #[must_use]
    pub fn flipped(self, pointer: &str) -> Self {
        let mut bytes = self.decoded(pointer);
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        self.with(pointer, crate::encode::base64(&bytes))
    }

    /// Carries the log entries of `other` in place of its own (T10).
    #[must_use]
    pub fn with_entries_of(self, other: &Self) -> Self {
        self.with("/verificationMaterial/tlogEntries", other.json["verificationMaterial"]["tlogEntries"].clone())
    }

    /// Carries the timestamps of `other` in place of its own.
    #[must_use]
    pub fn with_timestamps_of(self, other: &Self) -> Self {
        let timestamps = other.json["verificationMaterial"]["timestampVerificationData"].clone();
        self.with("/verificationMaterial/timestampVerificationData", timestamps)
    }

    /// The leaf certificate, DER.
    #[must_use]
    pub fn certificate(&self) -> Option<Vec<u8>> {
        let material = &self.json["verificationMaterial"];
        let leaf = [&material["certificate"], &material["x509CertificateChain"]["certificates"][0]];
        leaf.iter().find_map(|certificate| certificate["rawBytes"].as_str()).map(unbase64)
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> Vec<u8> {
        if self.json.get("messageSignature").is_some() {
            self.decoded("/messageSignature/signature")
        } else {
            self.decoded("/dsseEnvelope/signatures/0/sig")
        }
    }

    fn decoded(&self, pointer: &str) -> Vec<u8> {
        let text = self.json.pointer(pointer).and_then(Value::as_str);
        unbase64(text.unwrap_or_else(|| panic!("no text at {pointer}")))
    }
}
