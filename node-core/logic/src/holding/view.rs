//! Pictures for people.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    holding::Held,
    ids::{Name, NodeId},
};

/// A name that one node holds at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HoldingView {
    /// Which.
    #[ts(type = "string")]
    pub name: Name,
    /// The node that holds it.
    #[ts(type = "string")]
    pub node: NodeId,
    /// The agent of that node that it is held for; none: the node itself.
    #[ts(type = "string | null")]
    pub holder: Option<Name>,
    /// Its fencing token.
    #[ts(type = "number")]
    pub token: u64,
}

impl HoldingView {
    /// One of them.
    #[must_use]
    pub fn new(name: &Name, held: &Held) -> Self {
        let Held { node, token, claim, .. } = held;
        let (name, holder) = (name.clone(), claim.holder.clone());
        Self { name, node: *node, holder, token: *token }
    }
}
