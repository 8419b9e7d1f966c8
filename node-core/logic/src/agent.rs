//! What an agent is: its specification, what is wanted of it, and what one life of it is doing.

mod blob;
mod placement;
mod relation;
mod restart;
mod runtime;
mod spec;
mod state;
mod status;

use serde::{Deserialize, Serialize};

pub use placement::{Placement, Programs, Strategy};
pub use relation::{Class, Dependency, Group, GroupStrategy, Handoff, OnLoss};
pub use restart::{RestartPolicy, RestartRule};
pub use runtime::{Builtin, Runtime, RuntimeKind, SpecFile};
pub use spec::{AgentSpec, Limits, SpecError};
pub use state::AgentState;
pub use status::{Exit, ExitReason, Phase, Status};

use crate::ids::NodeId;

/// What the cluster wants of an agent; replaced as a whole, so that a stop does not send the files
/// again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Whether it should run.
    pub run: bool,
    /// Goes up when a running agent must be started afresh.
    pub generation: u64,
    /// The node it runs on while that is up, if a person chose one.
    pub pin: Option<NodeId>,
    /// The node whose user started it.
    pub owner: NodeId,
}
