//! What nodes say to each other about agents that move.

use serde::{Deserialize, Serialize};

use crate::{
    agent::AgentState,
    ids::{Epoch, Name},
    moving::Kept,
    replica::Heard,
};

/// Tells one transfer from all others of its sender: random, so that a restart gives none twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TransferId(pub u64);

/// What nodes say to each other about agents that move. Any of it may be lost with its connection,
/// so each side says what matters again until it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Move {
    /// Will you take this agent over? It runs here in this life, which belongs to this generation.
    Offer {
        /// Names the hand-off from here on.
        id: TransferId,
        /// Which agent.
        name: Name,
        /// Its life at the source.
        epoch: Epoch,
        /// The generation of that life.
        generation: u64,
    },
    /// I start a second life; wait until it is ready.
    Accept {
        /// Which hand-off.
        id: TransferId,
    },
    /// The second life waits for the state.
    Ready {
        /// Which hand-off.
        id: TransferId,
    },
    /// The next bytes of a state.
    Piece {
        /// Which transfer.
        id: TransferId,
        /// How many bytes came before.
        at: u32,
        /// How many there are in all.
        total: u32,
        /// The bytes.
        bytes: AgentState,
    },
    /// I have this many bytes of the state.
    Got {
        /// Which transfer.
        id: TransferId,
        /// How many, from the first on.
        bytes: u32,
    },
    /// I waited for more: what came after these bytes is lost.
    Lacks {
        /// Which transfer.
        id: TransferId,
        /// How many bytes I have, from the first on.
        after: u32,
    },
    /// The second life runs: the agent is here.
    Done {
        /// Which hand-off.
        id: TransferId,
        /// What I said of my agents until then: it is among that.
        said: Heard,
    },
    /// The transfer is over: I do not run the agent and never will by this hand-off; I have no such
    /// copy; I keep none.
    Failed {
        /// Which transfer.
        id: TransferId,
        /// Why, for people.
        reason: String,
    },
    /// What became of it?
    Ask {
        /// Which transfer.
        id: TransferId,
    },
    /// I do not hand this agent over after all; said only before all of its state was sent.
    Cancel {
        /// Which hand-off.
        id: TransferId,
    },
    /// Keep a copy of this agent's state; its pieces follow.
    Keep {
        /// Names the transfer from here on.
        id: TransferId,
        /// Which agent.
        name: Name,
        /// Which copy.
        kept: Kept,
    },
    /// Send me the copy that you keep of this agent's state.
    Fetch {
        /// Names the transfer from here on.
        id: TransferId,
        /// Which agent.
        name: Name,
    },
    /// My life of this agent lost its name to yours: make one of both states if you can; its pieces
    /// follow.
    Merge {
        /// Names the transfer from here on.
        id: TransferId,
        /// Which agent.
        name: Name,
        /// The life that lost.
        epoch: Epoch,
    },
}
