//! Sessions: agents come to one result by a protocol, as it follows from the log.
//!
//! A session is one run of a protocol: it asks its participants, takes what they answer, round
//! by round, and ends. Everything that counts is in the log: who takes part under which options, each
//! word with who said it, each participant that was given up, and the end. Whoever asks the agents is
//! no part of it: the session's steward does, and the next goes on from what the log holds.
//!
//! # Invariants
//!
//! - **K1 One end.** Every session ends once, by its deadline at the latest, and what it ended with
//!   stays.
//! - **K2 One word.** Of each participant one word counts in each round: the first that the log has.
//!   It is neither lost nor counted twice, whoever hands it in, and however often.
//! - **K3 Own words.** A word counts for the agent that said it: strangers, lower epochs and other
//!   nodes than the one that the log knows the agent's life on are refused.
//! - **K4 Early only if safe.** A session ends before everyone it asked answered only if nothing that
//!   they may still say can change what it ends with.
//! - **K5 Bounded.** Sessions that run, what is said in them, and what is kept of those that are over
//!   have bounds, and who is refused for one is told.
//! - **K6 Within capacity.** An allocation gives no more of a resource than there is, and is max–min
//!   fair.
//!
//! Checked by `sessions/tests`, simulation `sessions`, and `tests/cluster/sessions.rs`.
//!
//! # What is checked where
//!
//! The log knows which node hands an entry in, and nothing of where agents run but what the entries
//! said: so it refuses strangers, second words, words of another round or past the deadline, a word
//! that a node hands in for an agent of another node, and any life that is older, or elsewhere, than
//! the one it last heard of. That an agent runs on the node that speaks for it is checked by that
//! node. What a steward relays it answers for: nodes do not sign what their agents answer, and the
//! journal says who relayed each word.
//!
//! # Not here
//!
//! Who asks the agents, and when: `covey_node::sessions`.

mod act;
mod engine;
mod error;
mod history;
mod machine;
mod plan;
mod protocol;
mod schema;
mod session;
#[cfg(test)]
mod tests;
mod view;

pub use act::{Act, Done, Heard, Outcome, Said};
pub use error::{Problem, Refused};
pub use history::{Feedback, History, Record};
pub use machine::{Mark, Sessions};
pub use plan::{Failing, Plan, Priority};
use protocol::Run;
pub use protocol::{Described, PROTOCOLS, Tally, TallyRow, Threshold, protocol};
pub use schema::{Field, FieldKind, Options};
pub use session::{End, Failure, Note, Noted, Place, Seat, Session, Standing};
pub use view::{
    FieldView, NoteKind, NoteView, ParticipantView, ProtocolView, SessionRow, SessionState,
    SessionView,
};
