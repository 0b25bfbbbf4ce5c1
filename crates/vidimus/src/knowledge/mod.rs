//! What the operator knows beside policy and delivery: denials, status lists, what was accepted before, and whose policy counts.
//!
//! All of it can only lower a verdict or leave it as it is; what a rule asks to know and nobody knows is *not proven*, so that
//! withholding it never helps.

pub(crate) mod folder;
pub mod state;
pub mod status;
pub(crate) mod strike;

use std::collections::BTreeMap;

use crate::authenticate::Authenticated;
use crate::join::BoundSbom;
use crate::policy::{Anchored, Policy};
use crate::read::Delivery;
use crate::reason::Reason;
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
    /// The anchor that vouches for the policy; `None` where the policy is its own root of trust.
    pub anchor: Option<&'a Anchored>,
}

/// The same in the form that checks ask.
#[derive(Clone, Debug, Default)]
pub struct Known<'a> {
    /// By name in the policy, every status list of the policy.
    pub lists: BTreeMap<&'a str, List<'a>>,
    /// What was accepted before.
    pub state: Option<&'a State>,
    /// The anchor that vouches for this policy.
    pub anchor: Option<&'a Anchored>,
    /// The caveat about what of the folder of status lists is of no use.
    pub unusable: Option<Reason>,
}

impl<'a> Known<'a> {
    /// Chooses the lists, and takes from `delivered` what denials and lists strike.
    pub(crate) fn new(
        policy: &'a Policy,
        at: Time,
        knowledge: Knowledge<'a>,
        status: &'a Authenticated<'a>,
        delivered: &mut Authenticated<'_>,
    ) -> Self {
        strike::denied(policy, at, delivered);
        let folder = folder::Folder::new(knowledge.status.filter(|_| !policy.status_lists.is_empty()), status);
        let lists = status::choose(policy, at, (&folder, knowledge.state), status, delivered);
        status::strike(&lists, delivered);
        let unusable = folder.caveat(status);
        let anchor = knowledge.anchor.filter(|anchored| anchored.is_about(policy));
        Self { lists, state: knowledge.state, anchor, unusable }
    }

    /// Looks for what the lists take away among the parts that bound SBOMs name.
    pub(crate) fn look_at_parts(&mut self, sboms: &[BoundSbom<'_>]) {
        for list in self.lists.values_mut() {
            list.look_at_parts(sboms);
        }
    }
}
