//! Agent messages: from any caller to any agent by name, past the node, which only says where
//! names lead.
//!
//! A call looks its name up in [`Routes`], runs the agent here or sends a frame to the node that
//! does, and waits for the answer. If that node turns out not to run this life of the agent, or is
//! not connected, the call was surely not carried out: it waits, within its deadline, until the
//! node knows better (`Seek`), and goes there. So a caller sees a failover as a pause.
//!
//! # Invariants
//!
//! - **C1 Once.** A call is handed to an agent at most once: it is sent again only when nobody took
//!   it.
//! - **C2 Bounded.** A peer has at most [`MAX_SERVED_CALLS`] calls and [`MAX_SERVED_LEN`] bytes in
//!   hand here, and we at most [`MAX_AWAITED_CALLS`] there; one more is refused as busy.
//! - **C3 Ends.** Every call ends by its deadline, here and on the node that carries it out.
//! - **C4 Once by key.** A call that is repeated under its key, while the node that runs the agent
//!   remembers it, is answered as it was the first time and not done again.
//! - **C5 Ordered.** What one caller sends one agent over a live link is handed over in the order in
//!   which it was sent.
//!
//! # Not here
//!
//! Who owns a name: the registry in `covey_logic`. How frames travel: `net`. How agents take
//! messages: `host`.

mod call;
mod error;
mod frame;
mod later;
mod link;
mod machine;
mod ports;
mod routes;
mod serve;
#[cfg(test)]
mod tests;
mod window;

pub use call::{Call, CallReply, LogLine, LogStream};
pub use error::CallError;
pub(crate) use error::Fault;
pub(crate) use later::Later;
pub use later::{Ending, Handle, KEPT_FOR, MAX_LATER, NoHandle};
pub use link::{MAX_AWAITED_CALLS, MAX_SERVED_CALLS, MAX_SERVED_LEN};
pub(crate) use machine::{Comms, Counts};
pub(crate) use ports::{Agents, Message, NoRoute, Questions, Seek, SeekAfter, Unsent, Wire};
pub use routes::Routes;

/// The longest parameters or value of one call, in bytes: the same here as across nodes.
pub const MAX_BODY_LEN: usize = 1 << 20;

/// The most lines of an agent's output that one request gives.
pub const MAX_LOG_LINES: u32 = 1_000;
