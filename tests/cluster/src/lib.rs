//! Real `covey` processes, each in a network namespace of its own, and the faults of real networks.
//!
//! A [`Lan`] is a switch with hosts on it; a [`Node`] is a process on one of them with a data folder
//! of its own; a [`Cluster`] is some of them, paired. What a test makes is gone when it ends, and
//! what a killed test left behind is swept away by the next one. No packet leaves the machine: no
//! namespace has a way out.
//!
//! All of it needs root, `ip` and `nft`. Without them [`Lan::new`] says why and gives nothing, and
//! the test says that it was skipped; with `COVEY_REQUIRE_NETNS=1`, as in CI, it fails instead.
//!
//! # Not here
//!
//! How nodes are built: `cargo build -p covey-node` makes the `covey` that is found beside the test.
#![expect(
    clippy::panic,
    clippy::print_stderr,
    reason = "a harness fails a test by panicking, and tells people why on standard error"
)]

mod agent;
mod census;
mod cluster;
mod door;
mod ip;
mod lan;
mod memory;
mod node;
mod rights;
mod sweep;
mod tap;
mod volume;
mod wait;

pub use agent::{builtin, bystander, delegate, keeper, messenger, pupil, scribe, worker};
pub use census::{AgentProcess, all_processes, processes_of};
pub use cluster::{Cluster, pair};
pub use door::{Caller, Refused};
pub use lan::Lan;
pub use node::{Answer, Node};
pub use tap::Tap;
pub use volume::Volume;
pub use wait::{eventually, hold, rounds};
