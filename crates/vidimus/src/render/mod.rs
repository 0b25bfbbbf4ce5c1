//! Render: a verdict as text, JSON, Markdown, JUnit, SARIF or HTML, a reason as text. Renderers decide nothing: they are pure functions of a verdict that
//! is complete without them.

mod answer;
pub(crate) mod checks;
mod component;
mod escape;
mod evidence;
mod html;
mod json;
mod junit;
mod layout;
mod markdown;
mod one;
mod reasons;
mod sarif;
mod statement;
mod text;
mod unmet;
mod waived;

pub use escape::{escape, escape_json, escape_within, sarif_message};
pub use evidence::{evidence_beside, evidence_files};
pub use html::html;
pub use json::{Mode, Replay, Run, VerdictFile, json, verdict_schema};
pub use junit::junit;
pub use layout::wrap;
pub use markdown::markdown;
pub use one::explain_verdict;
pub use reasons::{explain, explain_area, reference, similar};
pub use sarif::sarif;
pub use statement::{Refusal, Verifier, svr, vsa};
pub use text::{TextOptions, text};
