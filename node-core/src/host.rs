//! Runs agents: those that come with Covey inside the node, all others as programs of their own.
//!
//! A **life** is one run of an agent, named by its epoch. The host starts lives and stops them,
//! passes calls to them, keeps what they write, and ends those that go past their limits. It
//! decides nothing: which agent runs here, and whether an ended one starts again, is the node's.
//!
//! # Invariants
//!
//! - **H1 One end.** Each start is followed by exactly one [`HostEvent::Exited`], after which
//!   nothing of that life is left: no process of its group, no file, no unanswered call.
//! - **H2 In order.** Calls of one caller reach an agent in the order they were made.
//! - **H3 Apart.** An agent that is slow, full or dead delays no call to another.
//! - **H4 No orphans.** When the node itself dies, however it dies, its agents die with it.
//!
//! # Not here
//!
//! Where a name is: `comms`. When to restart: `covey_logic::supervision`.

mod agents;
mod builtin;
mod call;
mod desk;
mod guard;
mod handoff;
mod life;
mod log;
mod measure;
mod meter;
#[cfg(unix)]
mod process;
mod sampler;
mod table;

pub use agents::{Host, HostConfig, HostEvent};
pub use call::{Call, CallError};
pub use desk::{Asked, Asker, Declined, Desk};
pub use guard::{GuardProgram, guard_main};
pub use log::{LogLine, Stream};
pub use measure::AgentMeasure;
pub use sampler::{MachineMeasure, SampleError, Sampler};
