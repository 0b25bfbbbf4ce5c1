//! What certificates and origin statements say, in a few facts.

use super::Description;
use crate::decode::{Certification, Origin};

pub(super) fn certification(description: &mut Description, found: &Certification) {
    description.fact("certificate", found.name());
    description.optional("edition", found.edition.as_ref());
    description.optional("level", found.level.as_ref());
    description.fact("product", &found.scope.product);
    description.fact("bound by", found.scope.binding.name());
    description.each("standard", found.scope.standards.iter().cloned());
    description.fact("valid", format_args!("{} to {}", found.from, found.until));
    description.fact("status list", &found.status_list);
}

pub(super) fn origin(description: &mut Description, origin: &Origin) {
    for claim in &origin.stages {
        let places: Vec<String> =
            claim.locations.iter().filter_map(|(place, _)| place.as_ref()).map(ToString::to_string).collect();
        let rest = if claim.lacking.is_none() { "" } else { " (not everything is stated)" };
        description.fact(claim.stage.name(), format_args!("{}{rest}", places.join(", ")));
    }
}
