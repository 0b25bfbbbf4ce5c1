//! Render: a verdict as text or JSON, a reason as text. Renderers decide nothing: they are pure functions of a verdict that
//! is complete without them.

mod answer;
mod component;
mod escape;
mod evidence;
mod json;
mod layout;
mod reasons;
mod text;
mod unmet;
mod waived;

pub use escape::{escape, escape_within};
pub use evidence::evidence_files;
pub use json::{Mode, Run, VerdictFile, json, verdict_schema};
pub use layout::wrap;
pub use reasons::{explain, explain_area, reference, similar};
pub use text::{TextOptions, text};
