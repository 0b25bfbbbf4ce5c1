//! Rejected evidence, by the files that it claims to be about.

use std::collections::{BTreeMap, BTreeSet};

use super::bind::about;
use super::index::Index;
use crate::authenticate::{Authenticated, Claim};
use crate::decode::{BundleContent, Content, Envelope};
use crate::digest::Digest;
use crate::read::{Delivery, Place};

/// Evidence that was rejected, by the files it claims to be about: for the reader's eyes, never for a decision.
#[must_use]
pub fn claimed_about(delivery: &Delivery, authenticated: &Authenticated<'_>) -> BTreeMap<Digest, Vec<String>> {
    let rejected: BTreeSet<&Digest> = authenticated.rejected.iter().map(|(id, _)| id).collect();
    let mut about_files: BTreeMap<Digest, BTreeSet<usize>> = BTreeMap::new();
    let index = Index::new(delivery, &crate::digest::Algorithm::ALL);
    let items = delivery.files.iter().flat_map(|file| match &file.content {
        Content::Signed(items) => items.as_slice(),
        _ => &[],
    });
    for item in items.filter(|item| rejected.contains(&item.id)) {
        let mut claims: Vec<Claim<'_>> = Vec::new();
        let claim = match &item.envelope {
            Ok(Envelope::Dsse(dsse)) => dsse.statement.as_ref().ok().map(|s| Claim::Statement(s)),
            Ok(Envelope::Bundle(bundle)) => match &bundle.content {
                BundleContent::Dsse(dsse) => dsse.statement.as_ref().ok().map(|s| Claim::Statement(s)),
                BundleContent::Message { digest, .. } => Some(Claim::File(digest.clone())),
            },
            Ok(Envelope::Detached(signature)) => {
                claims.extend(signature.tried.iter().cloned().map(Claim::File));
                None
            }
            Ok(Envelope::Metablock(_)) | Err(_) => None,
        };
        claims.extend(claim);
        for (_, digests) in claims.iter().flat_map(about) {
            let named: Vec<usize> = index.same(&digests).collect();
            if !named.is_empty() {
                about_files.entry(item.id.clone()).or_default().extend(named);
            }
        }
    }
    let mut copies: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (file, first) in delivery.files.iter().zip(index.firsts()).filter(|(file, _)| file.place == Place::Delivered) {
        copies.entry(first).or_default().push(&file.path);
    }
    let paths = |firsts: BTreeSet<usize>| {
        let all = firsts.iter().filter_map(|first| copies.get(first)).flatten();
        let all: BTreeSet<String> = all.map(|path| (*path).to_owned()).collect();
        all.into_iter().collect::<Vec<String>>()
    };
    let named = about_files.into_iter().map(|(id, firsts)| (id, paths(firsts)));
    named.filter(|(_, paths)| !paths.is_empty()).collect()
}
