//! What is wished of sessions, and what comes of it.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{Epoch, Name, NodeId},
    sessions::{Failure, Feedback, Plan, Refused},
};

/// A wish of sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Begin one.
    Start(Box<Plan>),
    /// An agent says something, through the node that runs it.
    Say {
        /// In which session.
        session: u64,
        /// In which round; none: in the one that the session is in.
        round: Option<u32>,
        /// Who.
        agent: Name,
        /// In which life.
        epoch: Epoch,
        /// What, as JSON.
        word: String,
    },
    /// What came of asking participants, as the steward heard it. What no longer fits is left out.
    Hear {
        /// In which session.
        session: u64,
        /// In which round.
        round: u32,
        /// What.
        heard: Vec<Heard>,
    },
    /// The time of a round is up.
    Time {
        /// Of which session.
        session: u64,
        /// Of which round.
        round: u32,
    },
    /// End it without a result.
    Cancel {
        /// Which.
        session: u64,
        /// Why, for people.
        reason: String,
    },
    /// Say how well a participant did in a session that is over.
    Assess {
        /// Which.
        session: u64,
        /// Who.
        agent: Name,
        /// How well.
        feedback: Feedback,
    },
}

impl Act {
    /// Whether it ends or judges what others do.
    #[must_use]
    pub const fn is_forced(&self) -> bool {
        matches!(self, Self::Cancel { .. } | Self::Assess { .. })
    }
}

/// What came of asking one participant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Whom.
    pub agent: Name,
    /// What came.
    pub said: Said,
}

/// An answer, or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Said {
    /// It answered.
    Word {
        /// In which life.
        epoch: Epoch,
        /// Where it ran.
        node: NodeId,
        /// What, as JSON.
        word: String,
    },
    /// It will not.
    Nothing(Failure),
}

/// What a wish did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Done {
    /// A session began.
    Started {
        /// Its number.
        session: u64,
    },
    /// So many words or failures were taken in.
    Heard {
        /// How many.
        taken: u32,
    },
    /// The round ended.
    Timed,
    /// The session was cancelled.
    Cancelled,
    /// It is remembered.
    Assessed,
}

/// What became of a wish; a refused one changed nothing.
pub type Outcome = Result<Done, Refused>;
