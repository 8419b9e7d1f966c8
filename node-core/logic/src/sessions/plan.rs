//! What a session is begun with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    ids::Name,
    sessions::{Problem, Refused, Seat, Session},
};

/// What a session is begun with; it stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// By which protocol.
    pub protocol: String,
    /// What it is about, for the participants and for people.
    pub subject: String,
    /// Options of the protocol, as text by the name of each.
    pub options: BTreeMap<String, String>,
    /// Who takes part, in an order that may decide ties, and where each runs as far as is known.
    pub participants: Vec<(Name, Option<Seat>)>,
    /// Who takes the place of a participant that fails, in this order.
    pub spares: Vec<Name>,
    /// How long an answer may take, in milliseconds.
    pub answer_ms: u64,
    /// How long all may take, in milliseconds.
    pub time_ms: u64,
    /// How many of a hundred participants must answer for a result; none: as the protocol has it.
    pub quorum_percent: Option<u8>,
    /// What happens when a participant fails.
    pub failing: Failing,
    /// How many messages may be sent and taken in all; none: as many as the protocol takes.
    pub messages: Option<u32>,
    /// Which of the places for sessions it may take.
    pub priority: Priority,
    /// On whose behalf, beside the node that begins it.
    pub requester: Option<Name>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The field of knowledge that it is about, of which weights may depend.
    pub domain: Name,
}

/// What happens when a participant is lost, silent, or answers what the protocol cannot take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Failing {
    /// The session goes on without it.
    #[default]
    Continue,
    /// The next spare takes its place if it has said nothing yet; without one, the session goes on.
    Replace,
    /// The session ends.
    Abort,
}

/// Of the places for sessions, some are kept free for those that matter more.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS,
)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "SessionPriority")]
pub enum Priority {
    /// Begins only while fewer than 80 run.
    Low,
    /// Begins only while fewer than 90 run.
    #[default]
    Normal,
    /// Begins while fewer than 100 run.
    High,
}

impl Priority {
    /// How many sessions may run for one more to begin.
    #[must_use]
    pub const fn capacity(self) -> usize {
        match self {
            Self::Low => 80,
            Self::Normal => 90,
            Self::High => 100,
        }
    }
}

impl Plan {
    /// The longest subject, in bytes: it goes to every participant.
    pub const MAX_SUBJECT: usize = 1_024;
    /// Spares of one session.
    pub const MAX_SPARES: usize = 10;
    /// Tags of one session, and bytes of one.
    pub const MAX_TAGS: (usize, usize) = (8, 32);
    /// Bytes of all options.
    pub const MAX_OPTIONS: usize = 4_096;
    /// The shortest and the longest time for an answer and for all, in milliseconds.
    pub const TIMES: (u64, u64) = (10, 24 * 60 * 60 * 1_000);
    /// The time for an answer if nobody says, in milliseconds.
    pub const ANSWER_MS: u64 = 10_000;
    /// The time for all if nobody says, in milliseconds.
    pub const TIME_MS: u64 = 60_000;
    /// The domain if nobody says.
    pub const DOMAIN: &str = "general";

    /// A plan of `protocol` with everything else as it is if nobody says.
    ///
    /// # Panics
    ///
    /// Never: the domain is a name.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a constant that a test reads")]
    pub fn new(protocol: &str, participants: Vec<Name>) -> Self {
        Self {
            protocol: protocol.to_owned(),
            subject: String::new(),
            options: BTreeMap::new(),
            participants: participants.into_iter().map(|name| (name, None)).collect(),
            spares: Vec::new(),
            answer_ms: Self::ANSWER_MS,
            time_ms: Self::TIME_MS,
            quorum_percent: None,
            failing: Failing::default(),
            messages: None,
            priority: Priority::default(),
            requester: None,
            tags: Vec::new(),
            domain: Name::new(Self::DOMAIN).expect("the domain is a name"),
        }
    }

    /// What can be said against it, whichever protocol it is of.
    pub(super) fn check(&self, (least, most): (usize, usize)) -> Result<(), Refused> {
        let have = self.participants.len();
        if have < least {
            return Err(Refused::TooFewParticipants { have, least });
        }
        if have > most.min(Session::MAX_PLACES) {
            return Err(Refused::TooManyParticipants { have, most: most.min(Session::MAX_PLACES) });
        }
        if self.spares.len() > Self::MAX_SPARES {
            return Err(Refused::TooManyParticipants {
                have: self.spares.len(),
                most: Self::MAX_SPARES,
            });
        }
        self.check_names()?;
        let long = self.options.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>()
            > Self::MAX_OPTIONS
            || self.subject.len() > Self::MAX_SUBJECT
            || self.tags.len() > Self::MAX_TAGS.0
            || self.tags.iter().any(|tag| tag.is_empty() || tag.len() > Self::MAX_TAGS.1);
        if long {
            return Err(Refused::TooLong);
        }
        let (least, most) = Self::TIMES;
        let fits = |span: u64| (least..=most).contains(&span);
        if !fits(self.answer_ms) || !fits(self.time_ms) || self.answer_ms > self.time_ms {
            return Err(Refused::Times { least_ms: least, most_ms: most });
        }
        if self.quorum_percent.is_some_and(|percent| percent > 100) {
            let problem = Problem::Outside { least: 0, most: 100 };
            return Err(Refused::Option { option: "quorum_percent".to_owned(), problem });
        }
        if self.failing != Failing::Replace && !self.spares.is_empty() {
            let option = "spares".to_owned();
            return Err(Refused::Option { option, problem: Problem::Pointless });
        }
        Ok(())
    }

    fn check_names(&self) -> Result<(), Refused> {
        let mut names: Vec<&Name> = self.participants.iter().map(|(name, _)| name).collect();
        names.extend(&self.spares);
        names.sort_unstable();
        match names.array_windows().find(|[one, next]| one == next) {
            Some([agent, _]) => Err(Refused::NamedTwice { agent: (*agent).clone() }),
            None => Ok(()),
        }
    }
}
