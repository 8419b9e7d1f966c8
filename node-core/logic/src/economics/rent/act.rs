//! What is asked of the rents, and what comes of it.

use serde::{Deserialize, Serialize};

use crate::{
    credits::Credits,
    ids::{Name, NodeId},
};

/// A change of what agents pay for where they run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// The owner of the wishing node pays so much for a minute of each of an agent's replicas.
    Order {
        /// The name of the specification.
        agent: Name,
        /// The most a minute.
        most: Credits,
    },
    /// Nobody pays any more; what is set aside is settled by [`Act::Settle`].
    Cancel {
        /// The name of the specification.
        agent: Name,
    },
    /// An agent that has no place gets one, and its first minute is set aside.
    Award {
        /// The name that it runs under.
        agent: Name,
        /// The name of its specification, by whose order it is paid.
        order: Name,
        /// Where, for how much.
        site: Site,
    },
    /// A minute is over, or a place ends before it is.
    Settle {
        /// The name that it runs under.
        agent: Name,
        /// The hold of that minute, so that none is settled twice.
        hold: u64,
        /// Whether it ran there.
        ran: bool,
        /// Where the next minute is; none: nowhere.
        next: Option<Site>,
    },
}

/// A place for an agent, and its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The node.
    pub node: NodeId,
    /// What a minute there costs.
    pub price: Credits,
}

/// What an act did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Done {
    /// An order stands, or no longer.
    Ordered,
    /// A minute is set aside.
    Awarded {
        /// Under this hold.
        hold: u64,
    },
    /// A minute was settled.
    Settled {
        /// How much was paid of it.
        paid: Credits,
        /// The hold of the next; none: the agent has no place from here on.
        hold: Option<u64>,
    },
}
