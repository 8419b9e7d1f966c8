//! Agents that take their state along: from node to node while they live, and out of copies after a
//! crash.
//!
//! A **hand-off** has two ends. The source offers an agent; the target starts a second life of it,
//! which takes no messages, and says when it is ready. Only then the source suspends the agent:
//! calls in hand finish, new ones are held back. Its state goes over in pieces, the second life
//! takes it, runs, and claims the name with its higher epoch; the source stops the first life, and
//! the calls it held go after the agent. So callers wait for the state to travel, not for a program
//! to start.
//!
//! A **copy** of a changed state is kept by the node that runs the agent and by one more, the next
//! by rendezvous of its name, each on disk; both say so. A life that begins takes the newest copy
//! that a present node keeps.
//!
//! Two lives that a split let run end in one: the state of the one that loses its name is offered to
//! the other.
//!
//! # Invariants
//!
//! - **V1 One runs.** The source takes an agent back only when the target said that it does not run
//!   it and will not, or is down; in the second case epochs decide, as after any split.
//! - **V2 Nothing is lost by failing.** Whatever goes wrong before the target runs the agent, it
//!   goes on at the source with its state.
//! - **V3 Never older.** A life that begins has a state at least as new as the newest that two
//!   nodes kept, if one of them is present.
//! - **V4 Asked first.** Only an agent that hands its state over is moved without a person or a
//!   leaving node.
//! - **V5 Offered once.** The state of a life that lost its name is given to the life that won at
//!   most once, and is on its way before the loser is told to have stopped.
//!
//! - **V6 Known to be elsewhere.** Who hears that an agent left its node, and not yet where it runs,
//!   does not take it for lost: the node that had it says where it went, and says goodbye only when
//!   the others have heard that.
//!
//! `tests/simulation/moving.rs` checks the first five, `tests/simulation/rolling.rs` the last.
//!
//! # Not here
//!
//! How a state is taken from a program: the host in the shell. Where an agent should be:
//! `supervision::placement`.

mod command;
mod copies;
mod evacuation;
mod incoming;
mod machine;
mod message;
mod outgoing;
mod picture;
mod pieces;
mod plan;
mod queue;
mod rivals;
mod sight;
#[cfg(test)]
mod tests;
mod view;

pub use command::Rebalance;
pub use machine::Moving;
pub(crate) use machine::{is_leaving, scheduling_of};
pub use message::{Move, TransferId};
pub use picture::{DrainView, MoveState, PlanView, PlannedMoveView, SchedulingView};
pub(crate) use picture::{plan_view, scheduling_view};
pub use plan::{Plan, PlanPhase, PlannedMove, even_out};
pub use sight::Sight;
pub use view::{Drained, Failure, Kept, Moves, Snapshot};
