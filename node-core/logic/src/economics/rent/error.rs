//! Why a change of rents was refused.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    credits::Credits,
    economics::ledger,
    ids::{Name, NodeId},
};

/// Why a change of rents was refused, alike on every node. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "RentRefused")]
pub enum Refused {
    /// By the ledger.
    #[error(transparent)]
    Ledger(#[from] ledger::Refused),
    /// Start the agent again, with pay.
    #[error("nobody said to pay for where {agent} runs")]
    NoOrder {
        /// Which agent.
        #[ts(type = "string")]
        agent: Name,
    },
    /// Offer more, or wait for a lower ask.
    #[error("{agent} pays {most} credits a minute at most, not {price}")]
    TooDear {
        /// Which agent.
        #[ts(type = "string")]
        agent: Name,
        /// What its owner pays at most.
        most: Credits,
        /// What a minute would cost.
        price: Credits,
    },
    /// Settle the minute that stands first.
    #[error("{agent} has its place on another award")]
    Placed {
        /// Which agent.
        #[ts(type = "string")]
        agent: Name,
        /// Where.
        #[ts(type = "string")]
        node: NodeId,
    },
    /// It was settled already.
    #[error("hold {hold} is of no minute of {agent} that is to be settled")]
    NoMinute {
        /// Which agent.
        #[ts(type = "string")]
        agent: Name,
        /// Which hold.
        #[ts(type = "number")]
        hold: u64,
    },
    /// Cancel some first.
    #[error("there are {capacity} of the kind already")]
    Full {
        /// The bound.
        capacity: usize,
    },
}
