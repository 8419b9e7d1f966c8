//! Agents that are programs: JSON-RPC 2.0 on their standard input and output, one line a message.
//!
//! A program is started through the [guard](super::guard) in a process group and a folder of its
//! own. It is asked to `initialize` first; from its answer on it takes messages, several at a time
//! if it likes. [`run`] follows it to its end; [`mailbox`] holds the calls it has not answered;
//! [`memory`] watches what the group uses.

mod counter;
mod files;
mod lines;
mod mailbox;
mod memory;
mod message;
mod pipes;
mod programs;
mod run;
mod spawner;

pub(super) use mailbox::{Answer, Mailbox};
pub(super) use programs::{Part, Programs};
