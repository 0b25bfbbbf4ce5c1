//! Components in text: what they are called, and the way that leads to them.

use std::fmt::Write as _;

use super::text::View;
use super::{escape, escape_within};
use crate::conclude::{Details, Step, Unmet};

/// So many hex digits of a digest tell components apart for a reader; the verdict has them whole.
const SHORT: usize = 12;
/// Characters of a way.
const LONGEST: usize = 8192;

/// What a component that is not in the delivery is called, with its id whole, so that it can be searched for.
pub(super) fn title(view: &View<'_>, unmet: &Unmet) -> String {
    match view.details.components.get(&unmet.node) {
        Some(named) if !named.names.is_empty() => {
            let names: Vec<String> = named.names.iter().map(|name| escape(name)).collect();
            format!("component {} ({})", names.join(" or "), escape(&unmet.node))
        }
        _ => format!("component {}", escape(&unmet.node)),
    }
}

/// `5gc.tar > its SBOM > part amf > depends on libdunite`; empty for what was delivered as such.
pub(super) fn way(view: &View<'_>, unmet: &Unmet) -> Option<String> {
    along(&unmet.via, view.details, |node| view.paths_of(node).first().copied()).map(|way| escape_within(&way, LONGEST))
}

/// The same with `path` for what lies in the delivery, not escaped.
pub(super) fn along<'a>(via: &[Step], details: &Details, path: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let name = |step: &Step| {
        let named = || details.components.get(&step.node).and_then(|named| named.names.first()).map(String::as_str);
        path(&step.node).or_else(named).map_or_else(|| short(&step.node), ToOwned::to_owned)
    };
    let (first, rest) = via.split_first()?;
    let mut way = name(first);
    for step in rest {
        way.push_str(" > ");
        if step.skipped > 0 {
            let _ = write!(way, "({} more) > ", step.skipped);
        }
        way.push_str(&match step.edge.as_deref() {
            Some("describes") => "its SBOM".to_owned(),
            Some("contains") => format!("in it {}", name(step)),
            Some("part") => format!("part {}", name(step)),
            Some("depends") => format!("depends on {}", name(step)),
            Some("input") => format!("built from {}", name(step)),
            _ => name(step),
        });
    }
    Some(way)
}

/// As many digits of a node id as tell components apart.
pub(super) fn short(node: &str) -> String {
    match node.rsplit_once(':') {
        Some((algorithm, hex)) => format!("{algorithm}:{}…", hex.chars().take(SHORT).collect::<String>()),
        None => node.chars().take(SHORT).collect(),
    }
}
