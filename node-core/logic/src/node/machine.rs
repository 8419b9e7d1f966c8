//! The value.

use crate::{
    Effect, Input, Instant, Now, Restore,
    certificate::Role,
    ids::{ClusterId, Name, NodeId},
    node::{AgentView, CandidateView, NodeView, StatusView},
    pairing::PairingView,
};

/// One Covey instance.
#[derive(Debug)]
pub struct Node;

#[expect(
    clippy::all,
    unused_variables,
    clippy::todo,
    missing_docs,
    clippy::missing_panics_doc,
    clippy::needless_pass_by_value,
    clippy::unused_self,
    reason = "stub"
)]
impl Node {
    pub fn new(now: Now, restore: Restore) -> Self {
        todo!()
    }
    pub fn handle(&mut self, now: Now, input: Input) {
        todo!()
    }
    pub fn handle_timeout(&mut self, now: Now) {
        todo!()
    }
    pub fn poll_effect(&mut self) -> Option<Effect> {
        todo!()
    }
    pub fn poll_timeout(&self) -> Option<Instant> {
        todo!()
    }
    pub fn id(&self) -> NodeId {
        todo!()
    }
    pub fn cluster(&self) -> ClusterId {
        todo!()
    }
    pub fn role_of(&self, node: NodeId) -> Option<Role> {
        todo!()
    }
    pub fn status(&self) -> StatusView {
        todo!()
    }
    pub fn nodes(&self) -> Vec<NodeView> {
        todo!()
    }
    pub fn agents(&self) -> Vec<AgentView> {
        todo!()
    }
    pub fn pairing(&self) -> PairingView {
        todo!()
    }
    pub fn explain(&self, name: &Name) -> Option<Vec<CandidateView>> {
        todo!()
    }
}
