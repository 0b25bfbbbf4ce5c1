//! What the operator knows beside policy and delivery: denials, status lists, and what was accepted before.
//!
//! All of it can only lower a verdict or leave it as it is; what a rule asks to know and nobody knows is *not proven*, so that
//! withholding it never helps.

pub mod state;
pub mod status;
pub(crate) mod strike;

use std::collections::BTreeMap;

use crate::authenticate::Authenticated;
use crate::policy::Policy;
use crate::read::Delivery;
use crate::time::Time;

pub use state::{Advance, ReleaseMark, State, StateError, StatusMark};
pub use status::List;

/// What the operator brings beside policy and delivery.
#[derive(Clone, Copy, Debug, Default)]
pub struct Knowledge<'a> {
    /// The folder of signed status lists, read like a delivery; `None` where none was named.
    pub status: Option<&'a Delivery>,
    /// What was accepted before; `None` where nobody keeps it.
    pub state: Option<&'a State>,
}

/// The same in the form that checks ask.
#[derive(Clone, Debug, Default)]
pub struct Known<'a> {
    /// By name in the policy, every status list of the policy.
    pub lists: BTreeMap<&'a str, List<'a>>,
    /// What was accepted before.
    pub state: Option<&'a State>,
}

impl<'a> Known<'a> {
    /// Chooses the lists, and takes from `delivered` what denials and lists strike.
    pub(crate) fn new(
        policy: &'a Policy,
        at: Time,
        state: Option<&'a State>,
        status: &'a Authenticated<'a>,
        delivered: &mut Authenticated<'_>,
    ) -> Self {
        strike::strike(delivered, |fact| strike::denial(policy, at, fact));
        let mut lists = status::choose(policy, at, state, status, delivered);
        status::question(&mut lists, policy, at);
        status::strike(&lists, at, delivered);
        Self { lists, state }
    }
}
