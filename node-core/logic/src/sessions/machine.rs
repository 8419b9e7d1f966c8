//! All sessions, as they follow from the log.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::{
    event::{Excerpt, Fact, SessionFate},
    ids::{Name, NodeId},
    sessions::{
        Act, Done, End, Feedback, History, Outcome, Plan, Problem, Refused, Seat, Session,
        engine::Word,
    },
    time::Wall,
};

/// All sessions: those that run, the last of those that are over, and what is remembered of who took
/// part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sessions {
    running: BTreeMap<u64, Session>,
    over: BTreeMap<u64, Session>,
    /// Those that are over, in the order in which they ended, with their bytes.
    order: VecDeque<(u64, usize)>,
    kept_bytes: usize,
    history: History,
    /// The last wish that changed anything.
    step: u64,
}

/// Which wish it is, whose, and when.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// Its number.
    pub revision: u64,
    /// The node that wishes.
    pub actor: NodeId,
    /// When, by that node's clock.
    pub at: Wall,
    /// When, by the group's clock, in nanoseconds.
    pub clock: u64,
}

impl Sessions {
    /// Sessions that are kept once they are over, the last; of others their events are left.
    pub const KEPT: usize = 1_000;
    /// Bytes that those take, roughly: snapshots carry them.
    pub const KEPT_BYTES: usize = 8 * 1024 * 1024;
    /// The longest reason for a cancellation, in bytes.
    pub const MAX_REASON: usize = 256;

    /// Does what is wished, and what is to be told of it.
    ///
    /// # Errors
    ///
    /// See [`Refused`].
    pub fn apply(&mut self, mark: Mark, act: Act, facts: &mut Vec<Fact>) -> Outcome {
        let done = match act {
            Act::Start(plan) => self.start(mark, *plan, facts)?,
            Act::Say { session, round, agent, epoch, word } => {
                let seat = Seat { node: mark.actor, epoch };
                let word = Word { agent: &agent, seat, word: &word };
                self.running(session)?.say(mark, round, &word)?;
                Done::Heard { taken: 1 }
            }
            Act::Hear { session, round, heard } => {
                Done::Heard { taken: self.running(session)?.hear(mark, round, &heard)? }
            }
            Act::Time { session, round } => {
                self.running(session)?.time(mark, round)?;
                Done::Timed
            }
            Act::Cancel { session, mut reason } => {
                reason.truncate(reason.floor_char_boundary(Self::MAX_REASON));
                self.running(session)?.cancel(mark, reason)?;
                Done::Cancelled
            }
            Act::Assess { session, agent, feedback } => self.assess(session, agent, feedback)?,
        };
        self.step = mark.revision;
        self.file(facts);
        Ok(done)
    }

    /// One, whether it runs or is over.
    #[must_use]
    pub fn get(&self, session: u64) -> Option<&Session> {
        self.running.get(&session).or_else(|| self.over.get(&session))
    }

    /// Those that run, by number.
    pub fn iter_running(&self) -> impl Iterator<Item = &Session> {
        self.running.values()
    }

    /// Those that are over and kept, by number from the last on.
    pub fn iter_over(&self) -> impl Iterator<Item = &Session> {
        self.over.values().rev()
    }

    /// How participants did.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The last wish that changed anything.
    #[must_use]
    pub fn step(&self) -> u64 {
        self.step
    }

    fn start(&mut self, mark: Mark, plan: Plan, facts: &mut Vec<Fact>) -> Outcome {
        let capacity = plan.priority.capacity();
        if self.running.len() >= capacity {
            return Err(Refused::TooManySessions { running: self.running.len(), capacity });
        }
        let session = Session::begin(mark, plan, &self.history)?;
        let id = session.id;
        facts.push(Fact::SessionStarted {
            session: id,
            protocol: session.plan.protocol.clone(),
            participants: u32::try_from(session.places.len()).unwrap_or(u32::MAX),
            subject: Excerpt::of(&session.plan.subject),
        });
        self.running.insert(id, session);
        Ok(Done::Started { session: id })
    }

    fn running(&mut self, session: u64) -> Result<&mut Session, Refused> {
        if self.over.contains_key(&session) {
            return Err(Refused::Over { session });
        }
        self.running.get_mut(&session).ok_or(Refused::UnknownSession { session })
    }

    fn assess(&mut self, session: u64, agent: Name, feedback: Feedback) -> Outcome {
        if self.running.contains_key(&session) {
            return Err(Refused::StillRuns { session });
        }
        let over = self.over.get_mut(&session).ok_or(Refused::UnknownSession { session })?;
        if !over.places.iter().any(|place| place.agent == agent) {
            return Err(Refused::Stranger { agent, session });
        }
        if over.assessed.contains_key(&agent) {
            return Err(Refused::AssessedTwice { agent, session });
        }
        if !feedback.is_sound() {
            let problem = Problem::Outside { least: 0, most: 100 };
            return Err(Refused::Option { option: "feedback".to_owned(), problem });
        }
        self.history.record(&agent, session).assess(&over.plan.domain, feedback);
        over.assessed.insert(agent, feedback);
        Ok(Done::Assessed)
    }

    /// Puts what ended to what is over.
    fn file(&mut self, facts: &mut Vec<Fact>) {
        let ended = self.running.extract_if(.., |_, session| session.end.is_some());
        let ended: Vec<_> = ended.collect();
        for (id, session) in ended {
            self.remember(&session);
            facts.extend(told(&session));
            let weight = session.weight();
            self.kept_bytes += weight;
            self.order.push_back((id, weight));
            self.over.insert(id, session);
        }
        while self.order.len() > Self::KEPT || self.kept_bytes > Self::KEPT_BYTES {
            let Some((oldest, weight)) = self.order.pop_front() else { break };
            self.kept_bytes -= weight;
            self.over.remove(&oldest);
        }
    }

    /// What it says of those who took part, if it went its way.
    fn remember(&mut self, session: &Session) {
        let judged = match &session.end {
            Some(End::Finished { .. }) => true,
            Some(End::NoQuorum { .. } | End::Expired | End::Aborted { .. }) => false,
            Some(End::OverBudget { .. } | End::Cancelled { .. }) | None => return,
        };
        for (index, place) in session.places.iter().enumerate() {
            if place.standing == super::Standing::Awaited {
                continue;
            }
            let record = self.history.record(&place.agent, session.id);
            record.asked += 1;
            record.answered += u64::from(place.answered);
            if judged && let Some(agreed) = session.run.agreed(index) {
                record.judged += 1;
                record.agreed += u64::from(agreed);
            }
        }
    }
}

fn told(session: &Session) -> Option<Fact> {
    let (fate, words) = match session.end.as_ref()? {
        End::Finished { settled: true, words, .. } => (SessionFate::Settled, words.clone()),
        End::Finished { settled: false, words, .. } => (SessionFate::Unsettled, words.clone()),
        End::NoQuorum { have, need } => {
            (SessionFate::NoQuorum, format!("{have} answered, it takes {need}"))
        }
        End::Aborted { agent, .. } => (SessionFate::Aborted, format!("{agent} failed")),
        End::OverBudget { messages } => {
            (SessionFate::OverBudget, format!("it may take {messages} messages"))
        }
        End::Expired => (SessionFate::Expired, String::new()),
        End::Cancelled { reason, .. } => (SessionFate::Cancelled, reason.clone()),
    };
    Some(Fact::SessionEnded {
        session: session.id,
        protocol: session.plan.protocol.clone(),
        fate,
        words: Excerpt::of(&words),
    })
}
