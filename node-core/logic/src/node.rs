//! One Covey instance as a value.
//!
//! The contract, in the order of quinn-proto: getters; [`Node::handle`] and
//! [`Node::handle_timeout`]; the polls [`Node::poll_effect`] and [`Node::poll_timeout`]. After each
//! `handle*`, drain `poll_effect` until `None`, then sleep until `poll_timeout`. `now` never goes
//! back.
//!
//! Services never call each other. Each says what happened ([`crate::outbox::Happened`]) and the
//! node offers that to the others in the order `replica`, `membership`, `pairing`, `registry`,
//! `supervision`, `moving`, `merged`, `comms`, `event_store`, until nothing new happens.

mod able;
mod authority;
mod bidder;
mod cluster;
mod command;
mod effect;
mod farewell;
mod input;
mod joining;
mod machine;
mod merged;
mod monitor;
mod names;
mod picture;
mod restore;
mod settings;
mod telling;
#[cfg(test)]
mod tests;
mod view;

pub use command::{Command, CommandError, Outcome};
pub use effect::{Effect, Record};
pub use input::{DialFailure, Input};
pub use joining::Belongings;
pub use machine::Node;
pub use restore::{Machine, Profile, Restore};
pub use view::{
    AgentView, CandidateView, LinkView, NodeState, NodeView, PlacementView, ProblemView,
    RefugeView, SeenView, StatusView,
};
