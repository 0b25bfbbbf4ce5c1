//! What VEX documents and scans say, in lines.

use super::Description;
use crate::decode::{Scan, Vex};

/// A VEX document.
pub(super) fn document(vex: &Vex) -> Description {
    let mut description = Description::new("VEX document");
    claims(&mut description, vex);
    description
}

/// What a VEX document says.
pub(super) fn claims(description: &mut Description, vex: &Vex) {
    description.fact("format", &vex.format);
    description.fact("document", &vex.id);
    description.fact("author, as stated", &vex.author);
    description.optional("written", vex.at.map(|time| time.to_string()).as_ref());
    let says = vex.claims.iter().map(|claim| {
        let purls = claim.targets.iter().flat_map(|target| &target.purls).cloned().collect::<Vec<_>>().join(", ");
        let status = claim.status.map_or("named", crate::decode::Status::name);
        format!("{} {status} {purls}", claim.names.first().map(String::as_str).unwrap_or_default())
            .trim_end()
            .to_owned()
    });
    description.each("says", says);
}

/// What a scanner found.
pub(super) fn scan(description: &mut Description, scan: &Scan) {
    description.fact("scanner", &scan.scanner);
    description.fact("scan finished", scan.finished);
    description.fact("database of", scan.database);
    description.fact("vulnerabilities", scan.found.len());
    let found = scan
        .found
        .iter()
        .map(|(name, severity)| severity.map_or_else(|| name.clone(), |severity| format!("{name} {severity}")));
    description.each("found", found);
}
