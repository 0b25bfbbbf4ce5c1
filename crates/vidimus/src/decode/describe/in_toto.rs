//! Layouts and links of in-toto, in a few facts.

use super::{Description, digests};
use crate::decode::{Document, Metablock};

pub(super) fn metablock(block: &Metablock) -> Description {
    let mut description = Description::new("in-toto metablock");
    description.fact("signatures", block.signatures.len());
    description.items.push(document(&block.document));
    description
}

pub(super) fn document(document: &Document) -> Description {
    match document {
        Document::Layout(layout) => {
            let mut description = Description::new("in-toto layout");
            description.fact("sha256 of what is signed", layout.sha256.hex());
            description.fact("expires", layout.expires);
            for step in &layout.steps {
                let by = format!("{} by {} of: {}", step.name, step.threshold, step.keys.join(", "));
                description.fact("step", by);
            }
            description.each("inspection, never run", layout.inspections.iter().cloned());
            let keys = layout.keys.iter().map(|(id, key)| match key {
                Ok(key) => format!("{id} {} SubjectPublicKeyInfo {}", key.algorithm(), key.spki_sha256()),
                Err(why) => format!("{id} cannot be used: {why}"),
            });
            description.each("key", keys);
            description
        }
        Document::Link(link) => {
            let mut description = Description::new("in-toto link");
            description.fact("step", &link.name);
            description.fact("materials", link.materials.len());
            description.each("product", link.products.iter().map(|(path, set)| format!("{path} {}", digests(set))));
            description
        }
    }
}
