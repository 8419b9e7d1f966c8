//! Why an entry was refused.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::{Name, NodeId};

/// Why a wish of a session was refused, alike on every node. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "SessionRefused")]
pub enum Refused {
    /// Look at the list of protocols.
    #[error("there is no protocol {protocol:?}")]
    UnknownProtocol {
        /// What was asked for.
        protocol: String,
    },
    /// It never was, or is over for so long that only its events are left.
    #[error("there is no session {session}")]
    UnknownSession {
        /// Which.
        #[ts(type = "number")]
        session: u64,
    },
    /// What it ended with stays.
    #[error("session {session} is over")]
    Over {
        /// Which.
        #[ts(type = "number")]
        session: u64,
    },
    /// Wait until one ends, or begin it with a higher priority.
    #[error("{running} sessions run; at this priority {capacity} may")]
    TooManySessions {
        /// How many run.
        running: usize,
        /// How many may.
        capacity: usize,
    },
    /// Name more.
    #[error("{have} participants are fewer than the {least} that the protocol takes")]
    TooFewParticipants {
        /// How many there were.
        have: usize,
        /// How many it takes.
        least: usize,
    },
    /// Name fewer.
    #[error("{have} participants are more than the {most} that may take part")]
    TooManyParticipants {
        /// How many there were.
        have: usize,
        /// How many may.
        most: usize,
    },
    /// Name each once.
    #[error("{agent} is named twice")]
    NamedTwice {
        /// Who.
        #[ts(type = "string")]
        agent: Name,
    },
    /// Say less in subject, options or tags.
    #[error("the subject, the options or the tags are too long")]
    TooLong,
    /// Choose times within the bounds, and no more for an answer than for all.
    #[error("answers and all of it take {least_ms} ms to {most_ms} ms, and an answer no longer")]
    Times {
        /// The shortest.
        #[ts(type = "number")]
        least_ms: u64,
        /// The longest.
        #[ts(type = "number")]
        most_ms: u64,
    },
    /// Choose another value; the protocol's options say which.
    #[error("the option {option} cannot be so: {problem}")]
    Option {
        /// Which.
        option: String,
        /// What is wrong.
        problem: Problem,
    },
    /// Only who was invited may speak.
    #[error("{agent} does not take part in session {session}")]
    Stranger {
        /// Who spoke.
        #[ts(type = "string")]
        agent: Name,
        /// Where.
        #[ts(type = "number")]
        session: u64,
    },
    /// The first word counts.
    #[error("{agent} has answered in this round already")]
    SaidTwice {
        /// Who.
        #[ts(type = "string")]
        agent: Name,
    },
    /// The word is of a round that is not, or no more: look at what is asked.
    #[error("round {round} is over or not begun: the session is in round {current}")]
    WrongRound {
        /// Which was meant.
        round: u32,
        /// Where the session is.
        current: u32,
    },
    /// Wait until it is asked.
    #[error("{agent} is not asked in this round")]
    NotAsked {
        /// Who.
        #[ts(type = "string")]
        agent: Name,
    },
    /// The round's deadline has passed.
    #[error("the answer of {agent} came after the deadline")]
    Late {
        /// Who.
        #[ts(type = "string")]
        agent: Name,
    },
    /// It failed before, and the session went on without it.
    #[error("the session went on without {agent}")]
    GivenUp {
        /// Who.
        #[ts(type = "string")]
        agent: Name,
    },
    /// Only the node that runs an agent speaks for it.
    #[error("{agent} runs on another node, which alone speaks for it")]
    NotYours {
        /// For whom was spoken.
        #[ts(type = "string")]
        agent: Name,
        /// Where the log last heard of it.
        #[ts(type = "string")]
        node: NodeId,
    },
    /// A later life of the agent has been heard of.
    #[error("the word is of an older life of {agent}")]
    OldLife {
        /// Who.
        #[ts(type = "string")]
        agent: Name,
    },
    /// Answer in the form that was asked for.
    #[error("{agent} answered what the protocol cannot take: {problem}")]
    Malformed {
        /// Who.
        #[ts(type = "string")]
        agent: Name,
        /// What is wrong.
        problem: Problem,
    },
    /// Ask again in a while.
    #[error("the time of the round is not up")]
    TooEarly,
    /// Assess it once it is over.
    #[error("session {session} still runs")]
    StillRuns {
        /// Which.
        #[ts(type = "number")]
        session: u64,
    },
    /// Whoever took part is assessed once.
    #[error("{agent} was assessed for session {session} already")]
    AssessedTwice {
        /// Who.
        #[ts(type = "string")]
        agent: Name,
        /// For what.
        #[ts(type = "number")]
        session: u64,
    },
}

/// What is wrong with an option or an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "SessionProblem")]
pub enum Problem {
    /// There is none of that name.
    Unknown,
    /// It is none of these.
    NoChoice {
        /// Which there are.
        choices: Vec<String>,
    },
    /// It is no whole number from nought up.
    NotWhole,
    /// It is out of bounds.
    Outside {
        /// The least.
        #[ts(type = "number")]
        least: u64,
        /// The most.
        #[ts(type = "number")]
        most: u64,
    },
    /// So many parts are too few or too many.
    Parts {
        /// The fewest.
        least: usize,
        /// The most.
        most: usize,
    },
    /// It is not of the form `name=amount`.
    NoAmount,
    /// Something is named twice.
    Twice,
    /// It has no effect beside the other options.
    Pointless,
    /// It is needed.
    Missing,
    /// It is too long.
    Long {
        /// The most bytes.
        most: usize,
    },
    /// It is not the JSON that was asked for.
    Form {
        /// What the reader said.
        why: String,
    },
}

impl Problem {
    pub(super) fn form(error: &serde_json::Error) -> Self {
        Self::Form { why: error.to_string() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("there is none of that name"),
            Self::NoChoice { choices } => write!(f, "it is one of {}", choices.join(", ")),
            Self::NotWhole => f.write_str("it is a whole number from 0 up"),
            Self::Outside { least, most } => write!(f, "it is from {least} to {most}"),
            Self::Parts { least, most } => write!(f, "it has {least} to {most} parts"),
            Self::NoAmount => f.write_str("it is a list like cpu=8, memory=64"),
            Self::Twice => f.write_str("something is named twice"),
            Self::Pointless => f.write_str("it has no effect beside the other options"),
            Self::Missing => f.write_str("it is needed"),
            Self::Long { most } => write!(f, "it has {most} bytes at most"),
            Self::Form { why } => write!(f, "{why}"),
        }
    }
}
