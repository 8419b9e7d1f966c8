//! One session: who takes part, where it stands, what was said, how it ended.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    ids::{Epoch, Name, NodeId},
    sessions::{Feedback, Plan, Problem, Run},
    time::Wall,
};

/// One session, as it follows from the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its number: that of the wish that began it.
    pub id: u64,
    /// What it was begun with, the options with those that nobody gave.
    pub plan: Plan,
    /// The version of the protocol.
    pub version: u32,
    /// The node that began it.
    pub by: NodeId,
    /// When, by that node's clock.
    pub at: Wall,
    /// When, by the group's clock, in nanoseconds.
    pub began: u64,
    /// When it ends at the latest, by the group's clock.
    pub deadline: u64,
    /// Which round it is in, from 1.
    pub round: u32,
    /// What the round is for.
    pub phase: String,
    /// When the round ends at the latest, by the group's clock.
    pub round_deadline: u64,
    /// The same by the clock of who began the round, to tell the participants.
    pub answer_by: Wall,
    /// The participants.
    pub places: Vec<Place>,
    /// Spares that have no place yet.
    pub spares: VecDeque<Name>,
    /// Messages that were sent and taken.
    pub messages: u32,
    /// The wish that changed it last.
    pub step: u64,
    /// What happened, in order.
    pub journal: Vec<Note>,
    /// How it ended; none: it runs.
    pub end: Option<End>,
    /// Who of it was assessed.
    pub assessed: BTreeMap<Name, Feedback>,
    pub(super) run: Run,
}

/// One participant's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Who has it.
    pub agent: Name,
    /// The life of that agent which the log heard of last.
    pub seat: Option<Seat>,
    /// Where it stands in this round.
    pub standing: Standing,
    /// Whether it answered in any round.
    pub answered: bool,
}

/// One life of an agent on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Where.
    pub node: NodeId,
    /// Which life.
    pub epoch: Epoch,
}

/// Where a participant stands in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "ParticipantStanding")]
pub enum Standing {
    /// It is not asked.
    Idle,
    /// Its answer is awaited.
    Awaited,
    /// It answered.
    Spoke,
    /// It failed; the session goes on without it.
    Failed,
}

/// Why a participant has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "ParticipantFailure")]
pub enum Failure {
    /// No answer came in time.
    Silent,
    /// No agent has the name, or it was stopped.
    Gone,
    /// It answered with an error.
    Declined {
        /// What it said.
        message: String,
    },
    /// It answered what the protocol cannot take.
    Malformed {
        /// What is wrong with it.
        problem: Problem,
    },
}

/// Something that happened in a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When, by the clock of the node that proposed it.
    pub at: Wall,
    /// When, by the group's clock, in nanoseconds.
    pub clock: u64,
    /// In which round.
    pub round: u32,
    /// What.
    pub what: Noted,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Noted {
    /// A round began.
    Asked {
        /// What it is for.
        phase: String,
        /// Who is asked.
        whom: Vec<Name>,
    },
    /// A participant said something, as JSON.
    Said {
        /// Who.
        agent: Name,
        /// In which life, where.
        seat: Seat,
        /// The node that handed it in: the steward, or the agent's own.
        relayed: NodeId,
        /// What.
        word: String,
    },
    /// A participant failed.
    Failed {
        /// Who.
        agent: Name,
        /// Why.
        failure: Failure,
    },
    /// A spare took a participant's place.
    Replaced {
        /// Whose.
        agent: Name,
        /// Who took it.
        by: Name,
    },
    /// The session ended.
    Ended,
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[ts(rename = "SessionEnd")]
pub enum End {
    /// The protocol came to a result.
    Finished {
        /// Whether that settled what it was about.
        settled: bool,
        /// In a sentence.
        words: String,
        /// For programs, as JSON.
        result: String,
    },
    /// Too few answered.
    NoQuorum {
        /// How many.
        have: u32,
        /// How many it takes.
        need: u32,
    },
    /// A participant failed, and it was to end then.
    Aborted {
        /// Who.
        #[ts(type = "string")]
        agent: Name,
        /// Why.
        failure: Failure,
    },
    /// It would have taken more messages than it may.
    OverBudget {
        /// How many it may.
        messages: u32,
    },
    /// Its time was up before it came to a result.
    Expired,
    /// Somebody ended it.
    Cancelled {
        /// The node whose user did.
        #[ts(type = "string")]
        by: NodeId,
        /// Why.
        reason: String,
    },
}

impl Session {
    /// Participants of one session.
    pub const MAX_PLACES: usize = 50;
    /// The longest answer, in bytes.
    pub const MAX_WORD: usize = 1_024;

    /// The key by which its steward is found.
    #[must_use]
    pub fn steward_key(id: u64) -> String {
        format!("session/{id}")
    }

    /// Bytes it takes, roughly.
    #[must_use]
    pub fn weight(&self) -> usize {
        let notes = self.journal.iter().map(|note| match &note.what {
            Noted::Said { word, .. } => 200 + word.len(),
            Noted::Asked { whom, .. } => 100 + whom.len() * 40,
            Noted::Failed { .. } | Noted::Replaced { .. } | Noted::Ended => 100,
        });
        2_000 + self.plan.subject.len() + self.places.len() * 300 + notes.sum::<usize>()
    }
}
