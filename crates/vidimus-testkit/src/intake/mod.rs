//! The intake of network software by a made-up mobile operator: its policy, who signs what and how. The fixtures in `fixtures/intake` are
//! a small delivery of it; [`Large`] is one of hundreds of files from many countries, which is made when it is needed and never kept.

mod functions;
mod large;
mod packages;
mod seal;
pub(crate) mod statements;

pub use functions::Plan;
pub use large::{COMPONENTS, FILES, Large, PRODUCT, Part, RECIPIENT};
pub use seal::{SIGNED, Seal, policy, signed, signed_as};
