//! Components in text: what they are called, and the way that leads to them.

use std::fmt::Write as _;

use super::escape;
use super::text::View;
use crate::conclude::{Step, Unmet};

/// So many hex digits of a digest tell components apart for a reader; the verdict has them whole.
const SHORT: usize = 12;

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
    let (first, rest) = unmet.via.split_first()?;
    let mut way = name(view, first);
    for step in rest {
        way.push_str(" > ");
        if step.skipped > 0 {
            let _ = write!(way, "({} more) > ", step.skipped);
        }
        way.push_str(&match step.edge.as_deref() {
            Some("describes") => "its SBOM".to_owned(),
            Some("contains") => format!("in it {}", name(view, step)),
            Some("part") => format!("part {}", name(view, step)),
            Some("depends") => format!("depends on {}", name(view, step)),
            Some("input") => format!("built from {}", name(view, step)),
            _ => name(view, step),
        });
    }
    Some(way)
}

fn name(view: &View<'_>, step: &Step) -> String {
    if let Some(path) = view.paths_of(&step.node).first() {
        return escape(path);
    }
    match view.details.components.get(&step.node).and_then(|named| named.names.first()) {
        Some(name) => escape(name),
        None => {
            let (algorithm, hex) = step.node.rsplit_once(':').unwrap_or(("", &step.node));
            let short: String = hex.chars().take(SHORT).collect();
            if algorithm.is_empty() { escape(&short) } else { format!("{}:{}…", escape(algorithm), escape(&short)) }
        }
    }
}
