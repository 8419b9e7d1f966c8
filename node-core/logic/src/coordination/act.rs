//! What is asked of the primitives, and what comes of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    coordination::{Absence, Holder, Place, Refused, Terms},
    ids::{Name, NodeId},
};

/// A change of a primitive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Take a seat, or stand in line for one. Who has one already is granted it once more, with the
    /// same token and a lease that begins anew.
    Acquire {
        /// Where.
        place: Place,
        /// For whom.
        holder: Holder,
        /// How many seats the place has: one but for semaphores; while somebody sits it stays.
        permits: u32,
        /// How long it is held without a word.
        lease: Duration,
        /// Whether to stand in line if none is free.
        wait: bool,
    },
    /// Begin a lease anew.
    Renew {
        /// Where.
        place: Place,
        /// Of which holding.
        token: u64,
    },
    /// Give a seat up.
    Release {
        /// Where.
        place: Place,
        /// Which holding.
        token: u64,
    },
    /// Leave the line.
    StepBack {
        /// Where.
        place: Place,
        /// Who.
        holder: Holder,
    },
    /// A lease ended without a word: the leader says so, by its own monotonic clock.
    Expire {
        /// Where.
        place: Place,
        /// Which holding.
        token: u64,
        /// The renewal that it counted from.
        renewed: u64,
    },
    /// A node is gone: who came from it no later than this entry waits no more. The leader says so,
    /// or the node itself of an earlier life.
    Depart {
        /// Which node.
        node: NodeId,
        /// The entry.
        before: u64,
    },
    /// Be at a barrier.
    Arrive {
        /// Which barrier.
        barrier: Name,
        /// Who.
        party: Holder,
        /// How many it takes; while somebody is there it stays.
        parties: u32,
    },
    /// Wait at a barrier no more.
    Leave {
        /// Which barrier.
        barrier: Name,
        /// Of which generation.
        generation: u64,
        /// Who.
        party: Holder,
        /// Why.
        cause: Absence,
    },
    /// Change a counter by this much, from nought if it is new.
    Add {
        /// Which counter.
        counter: Name,
        /// By how much.
        by: i64,
    },
    /// Make a variable that keeps a rule.
    Register {
        /// Which variable.
        variable: Name,
        /// What it holds at first.
        value: String,
        /// What it may hold, and who may write it.
        terms: Terms,
    },
    /// Write a variable.
    Write {
        /// Which variable.
        variable: Name,
        /// What.
        value: String,
        /// Only if it is at this version; nought: only if it is not there.
        expected: Option<u64>,
    },
    /// Remove a variable.
    Erase {
        /// Which variable.
        variable: Name,
        /// Only if it is at this version.
        expected: Option<u64>,
    },
    /// Settle a question once and for all: the first value stands.
    Decide {
        /// Which question.
        question: Name,
        /// The value that is proposed.
        value: String,
    },
    /// Forget what a question was settled to; it may be settled anew.
    Reopen {
        /// Which question.
        question: Name,
    },
    /// Do something only while a lease runs.
    Fenced {
        /// Where.
        place: Place,
        /// The fencing token of the holding.
        token: u64,
        /// What is done; not another fenced act.
        act: Box<Self>,
    },
    /// Take a seat from who holds it: an operator's word, which needs no token to have been given. It
    /// is named by its token all the same, so that who came to hold it meanwhile keeps it.
    Revoke {
        /// Where.
        place: Place,
        /// Which holding.
        token: u64,
    },
    /// End a generation of a barrier for all who are there: an operator's word.
    Break {
        /// Which barrier.
        barrier: Name,
        /// Which generation.
        generation: u64,
        /// Who says so.
        by: Holder,
    },
    /// Remove a counter; it is at nought from there on.
    Discard {
        /// Which counter.
        counter: Name,
    },
}

/// What an act did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Done {
    /// The seat is held, under this fencing token.
    Held {
        /// Greater than every token of the place before.
        token: u64,
    },
    /// No seat is free; the asker stands in line.
    Waits {
        /// How many stand before it, the holders left out.
        ahead: u32,
    },
    /// The seat is no longer held under the token, or the asker waits no more.
    Free,
    /// The party is at the barrier.
    Arrived {
        /// Of which generation.
        generation: u64,
        /// How many it waits for; with none it opened.
        missing: u32,
    },
    /// The counter after the change.
    Counted {
        /// Its value.
        value: i64,
    },
    /// The variable was written; it is not repeated here, as answers are remembered by their keys.
    Wrote {
        /// Its version.
        version: u64,
    },
    /// The variable or the answer is not there any more.
    Erased,
    /// The question is settled.
    Decided {
        /// By which entry; the value is read there.
        version: u64,
        /// Whether it was this proposal that settled it.
        first: bool,
    },
}

/// What became of an act; a refused one changed nothing.
pub type Outcome = Result<Done, Refused>;

impl Act {
    /// Whether it takes or gives back what nodes alone take and give back: exclusive agents, and the
    /// leases on their names.
    #[must_use]
    pub fn is_of_nodes(&self) -> bool {
        self.place().is_some_and(|place| place.kind.is_of_nodes())
    }

    /// The lock, election or semaphore that it takes or gives back, renews or ends.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Acquire { place, .. }
            | Self::Renew { place, .. }
            | Self::Release { place, .. }
            | Self::Revoke { place, .. }
            | Self::StepBack { place, .. }
            | Self::Expire { place, .. } => Some(place),
            Self::Fenced { act, .. } => act.place(),
            Self::Depart { .. }
            | Self::Arrive { .. }
            | Self::Leave { .. }
            | Self::Break { .. }
            | Self::Add { .. }
            | Self::Discard { .. }
            | Self::Register { .. }
            | Self::Write { .. }
            | Self::Erase { .. }
            | Self::Decide { .. }
            | Self::Reopen { .. } => None,
        }
    }

    /// Whether it takes from others what is theirs: an operator's word.
    #[must_use]
    pub fn is_forced(&self) -> bool {
        match self {
            Self::Fenced { act, .. } => act.is_forced(),
            Self::Revoke { .. } | Self::Break { .. } | Self::Reopen { .. } => true,
            Self::Acquire { .. }
            | Self::Renew { .. }
            | Self::Release { .. }
            | Self::StepBack { .. }
            | Self::Expire { .. }
            | Self::Depart { .. }
            | Self::Arrive { .. }
            | Self::Leave { .. }
            | Self::Add { .. }
            | Self::Discard { .. }
            | Self::Register { .. }
            | Self::Write { .. }
            | Self::Erase { .. }
            | Self::Decide { .. } => false,
        }
    }

    /// Whether a member may ask for it: the end of another's lease is for the group's leader alone
    /// to say.
    #[must_use]
    pub fn is_open_to(&self, member: NodeId) -> bool {
        let names = self.place().and_then(Place::named_node);
        if names.is_some_and(|node| node != member) {
            return false;
        }
        match self {
            Self::Expire { .. } => false,
            Self::Depart { node, .. } => *node == member,
            Self::Fenced { act, .. } => act.is_open_to(member),
            // Its node could not let go of it before another may have it.
            Self::Revoke { place, .. } => !place.kind.is_of_nodes(),
            Self::Acquire { .. }
            | Self::Renew { .. }
            | Self::Release { .. }
            | Self::StepBack { .. }
            | Self::Arrive { .. }
            | Self::Leave { .. }
            | Self::Add { .. }
            | Self::Register { .. }
            | Self::Write { .. }
            | Self::Erase { .. }
            | Self::Decide { .. }
            | Self::Reopen { .. }
            | Self::Break { .. }
            | Self::Discard { .. } => true,
        }
    }
}
