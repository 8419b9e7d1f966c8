//! Asks the participants of sessions, for those whose steward this node is.
//!
//! What a session is and comes to follows from the log (`covey_logic::sessions`); here are the calls
//! that its steward makes, and the entries that it proposes: what came back, and that a time is up.
//! Nothing here is kept. Who is steward next asks those whose word is not in the log, under the same
//! keys, so that an agent that answered before answers the same without being asked twice.

mod conduct;
mod follow;

pub(crate) use follow::follow;
