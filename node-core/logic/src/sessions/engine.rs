//! What every session does alike, whatever its protocol: rounds, words, failures, deadlines, ends.

use serde_json::json;

use crate::{
    ids::{Epoch, Name, NodeId},
    sessions::{
        End, Failing, Failure, Heard, Mark, Note, Noted, Options, Place, Plan, Refused, Said, Seat,
        Session, Standing,
        protocol::{self, Finish, Next, Table},
    },
    time::Wall,
};

const MS: u64 = 1_000_000;

/// A word as it was handed in.
pub(super) struct Word<'a> {
    pub(super) agent: &'a Name,
    pub(super) seat: Seat,
    pub(super) word: &'a str,
}

impl Session {
    pub(super) fn begin(
        mark: Mark,
        mut plan: Plan,
        history: &super::History,
    ) -> Result<Self, Refused> {
        let unknown = || Refused::UnknownProtocol { protocol: plan.protocol.clone() };
        let described = protocol::protocol(&plan.protocol).ok_or_else(unknown)?;
        plan.check(described.places)?;
        let options = Options::new(described.options, &plan.options)?;
        let agents: Vec<Name> = plan.participants.iter().map(|(name, _)| name.clone()).collect();
        let table = Table { agents: &agents, history, domain: &plan.domain };
        let run = (described.begin)(&options, &table)?;
        plan.options.clone_from(options.texts());
        plan.quorum_percent = Some(plan.quorum_percent.unwrap_or(described.quorum));
        let places = plan.participants.iter().map(|(agent, seat)| Place {
            agent: agent.clone(),
            seat: *seat,
            standing: Standing::Idle,
            answered: false,
        });
        let mut session = Self {
            id: mark.revision,
            version: described.version,
            by: mark.actor,
            at: mark.at,
            began: mark.clock,
            deadline: mark.clock.saturating_add(plan.time_ms.saturating_mul(MS)),
            round: 0,
            phase: String::new(),
            round_deadline: 0,
            answer_by: Wall::default(),
            places: places.collect(),
            spares: plan.spares.iter().cloned().collect(),
            messages: 0,
            step: mark.revision,
            journal: Vec::new(),
            end: None,
            assessed: std::collections::BTreeMap::new(),
            run,
            plan,
        };
        session.open_round(mark);
        Ok(session)
    }

    /// What a participant is asked now: the method, and its parameters, the same whoever asks.
    #[must_use]
    pub fn question(&self) -> (&'static str, serde_json::Value) {
        let question = self.run.question();
        let params = json!({
            "session": self.id,
            "protocol": self.plan.protocol,
            "version": self.version,
            "subject": self.plan.subject,
            "phase": self.phase,
            "round": self.round,
            "deadline": self.answer_by,
            "body": question.body,
        });
        (question.method, params)
    }

    /// Whose answers are awaited.
    pub fn awaited(&self) -> impl Iterator<Item = &Place> {
        let awaited = |place: &&Place| self.end.is_none() && place.standing == Standing::Awaited;
        self.places.iter().filter(awaited)
    }

    /// How many must answer for a result.
    #[must_use]
    pub fn quorum(&self) -> usize {
        let percent = usize::from(self.plan.quorum_percent.unwrap_or_default());
        (self.places.len() * percent).div_ceil(100)
    }

    /// How many answered.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.places.iter().filter(|place| place.answered).count()
    }

    /// An agent speaks through its node.
    pub(super) fn say(
        &mut self,
        mark: Mark,
        round: Option<u32>,
        word: &Word<'_>,
    ) -> Result<(), Refused> {
        let round = round.unwrap_or(self.round);
        self.take_word(mark, round, word)?;
        self.go_on(mark);
        Ok(())
    }

    /// The steward tells what it heard; how much of it was taken.
    pub(super) fn hear(&mut self, mark: Mark, round: u32, heard: &[Heard]) -> Result<u32, Refused> {
        self.check_runs()?;
        if round != self.round {
            return Err(Refused::WrongRound { round, current: self.round });
        }
        let mut taken = 0;
        for Heard { agent, said } in heard {
            taken += u32::from(self.hear_one(mark, agent, said));
        }
        self.go_on(mark);
        Ok(taken)
    }

    /// The round's time is up, if it is.
    pub(super) fn time(&mut self, mark: Mark, round: u32) -> Result<(), Refused> {
        self.check_runs()?;
        if round != self.round {
            return Err(Refused::WrongRound { round, current: self.round });
        }
        if mark.clock < self.round_deadline {
            return Err(Refused::TooEarly);
        }
        self.step = mark.revision;
        let silent: Vec<Name> = self.awaited().map(|place| place.agent.clone()).collect();
        for agent in silent {
            self.fail(mark, &agent, Failure::Silent);
        }
        self.go_on(mark);
        Ok(())
    }

    pub(super) fn cancel(&mut self, mark: Mark, reason: String) -> Result<(), Refused> {
        self.check_runs()?;
        self.finish(mark, End::Cancelled { by: mark.actor, reason });
        Ok(())
    }

    pub(super) fn check_runs(&self) -> Result<(), Refused> {
        if self.end.is_none() { Ok(()) } else { Err(Refused::Over { session: self.id }) }
    }

    /// Whether what the steward heard of one participant was taken.
    fn hear_one(&mut self, mark: Mark, agent: &Name, said: &Said) -> bool {
        match said {
            Said::Word { epoch, node, word } => {
                let seat = Seat { node: *node, epoch: *epoch };
                match self.take_word(mark, self.round, &Word { agent, seat, word }) {
                    Ok(()) => true,
                    Err(Refused::Malformed { problem, .. }) => {
                        self.fail(mark, agent, Failure::Malformed { problem })
                    }
                    Err(_refused) => false,
                }
            }
            Said::Nothing(failure) => self.fail(mark, agent, failure.clone()),
        }
    }

    /// Takes a word, unless something speaks against it.
    fn take_word(&mut self, mark: Mark, round: u32, word: &Word<'_>) -> Result<(), Refused> {
        self.check_runs()?;
        let agent = || word.agent.clone();
        let stranger = || Refused::Stranger { agent: agent(), session: self.id };
        let (index, place) = self.place(word.agent).ok_or_else(stranger)?;
        check_life(place, word.seat.node, word.seat.epoch)?;
        if round != self.round {
            return Err(Refused::WrongRound { round, current: self.round });
        }
        match place.standing {
            Standing::Awaited => {}
            Standing::Idle => return Err(Refused::NotAsked { agent: agent() }),
            Standing::Spoke => return Err(Refused::SaidTwice { agent: agent() }),
            Standing::Failed => return Err(Refused::GivenUp { agent: agent() }),
        }
        if mark.clock >= self.round_deadline {
            return Err(Refused::Late { agent: agent() });
        }
        if word.word.len() > Self::MAX_WORD {
            let problem = super::Problem::Long { most: Self::MAX_WORD };
            return Err(Refused::Malformed { agent: agent(), problem });
        }
        if self.is_over_budget(1) {
            let messages = self.plan.messages.unwrap_or(u32::MAX);
            self.finish(mark, End::OverBudget { messages });
            return Ok(());
        }
        let taken = self.run.take(index, word.word);
        taken.map_err(|problem| Refused::Malformed { agent: agent(), problem })?;
        self.messages += 1;
        self.step = mark.revision;
        if let Some(place) = self.places.get_mut(index) {
            place.standing = Standing::Spoke;
            place.answered = true;
            place.seat = Some(word.seat);
        }
        let (seat, relayed) = (word.seat, mark.actor);
        self.note(mark, Noted::Said { agent: agent(), seat, relayed, word: word.word.to_owned() });
        Ok(())
    }

    fn place(&self, agent: &Name) -> Option<(usize, &Place)> {
        self.places.iter().enumerate().find(|(_, place)| place.agent == *agent)
    }

    /// A participant that is awaited failed; whether that is news.
    fn fail(&mut self, mark: Mark, agent: &Name, failure: Failure) -> bool {
        let found = self.places.iter_mut().find(|place| place.agent == *agent);
        let Some(place) = found.filter(|place| place.standing == Standing::Awaited) else {
            return false;
        };
        if self.end.is_some() {
            return false;
        }
        self.step = mark.revision;
        let (answered, in_time) = (place.answered, mark.clock < self.deadline);
        let by = (self.plan.failing == Failing::Replace && !answered && in_time)
            .then(|| self.spares.pop_front())
            .flatten();
        match &by {
            Some(by) => (place.agent, place.seat) = (by.clone(), None),
            None => place.standing = Standing::Failed,
        }
        self.note(mark, Noted::Failed { agent: agent.clone(), failure: failure.clone() });
        if let Some(by) = by {
            self.note(mark, Noted::Replaced { agent: agent.clone(), by });
            self.set_round_deadline(mark);
            self.charge(mark, 1);
        } else if self.plan.failing == Failing::Abort {
            self.finish(mark, End::Aborted { agent: agent.clone(), failure });
        }
        true
    }

    /// Goes as far as it comes without another word.
    fn go_on(&mut self, mark: Mark) {
        while self.end.is_none() {
            let places = self.places.iter().enumerate();
            let awaited = places.filter(|(_, place)| place.standing == Standing::Awaited);
            let awaited: Vec<usize> = awaited.map(|(index, _)| index).collect();
            let quorate = self.answered() >= self.quorum();
            if awaited.is_empty() && !quorate {
                let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
                let (have, need) = (count(self.answered()), count(self.quorum()));
                return self.finish(mark, End::NoQuorum { have, need });
            }
            if !quorate {
                return;
            }
            match self.run.next(&awaited) {
                Next::Wait => return,
                Next::Ask if mark.clock >= self.deadline => self.finish(mark, End::Expired),
                Next::Ask => self.open_round(mark),
                Next::End(Finish { settled, words, result }) => {
                    let result = result.to_string();
                    self.finish(mark, End::Finished { settled, words, result });
                }
            }
        }
    }

    fn open_round(&mut self, mark: Mark) {
        let question = self.run.question();
        self.round += 1;
        question.phase.clone_into(&mut self.phase);
        self.set_round_deadline(mark);
        self.step = mark.revision;
        for (index, place) in self.places.iter_mut().enumerate() {
            let asked = question.whom.contains(&index);
            place.standing = if asked { Standing::Awaited } else { Standing::Idle };
        }
        let whom: Vec<Name> = self.awaited().map(|place| place.agent.clone()).collect();
        let sent = u32::try_from(whom.len()).unwrap_or(u32::MAX);
        let phase = question.phase.to_owned();
        if self.charge(mark, sent) {
            self.note(mark, Noted::Asked { phase, whom });
        }
    }

    fn set_round_deadline(&mut self, mark: Mark) {
        let answer = mark.clock.saturating_add(self.plan.answer_ms.saturating_mul(MS));
        self.round_deadline = answer.min(self.deadline);
        let left_ms = self.round_deadline.saturating_sub(mark.clock) / MS;
        self.answer_by = Wall(mark.at.0.saturating_add(left_ms));
    }

    /// Counts messages that are sent; whether they may be.
    fn charge(&mut self, mark: Mark, sent: u32) -> bool {
        if self.is_over_budget(sent) {
            let messages = self.plan.messages.unwrap_or(u32::MAX);
            self.finish(mark, End::OverBudget { messages });
            return false;
        }
        self.messages = self.messages.saturating_add(sent);
        true
    }

    fn is_over_budget(&self, more: u32) -> bool {
        self.plan.messages.is_some_and(|most| self.messages.saturating_add(more) > most)
    }

    fn finish(&mut self, mark: Mark, end: End) {
        self.step = mark.revision;
        self.end = Some(end);
        self.note(mark, Noted::Ended);
    }

    fn note(&mut self, mark: Mark, what: Noted) {
        let round = self.round;
        self.journal.push(Note { at: mark.at, clock: mark.clock, round, what });
    }
}

/// Whether a word may be of that life, as far as the log heard of the agent.
fn check_life(place: &Place, node: NodeId, epoch: Epoch) -> Result<(), Refused> {
    match place.seat {
        Some(known) if epoch < known.epoch => Err(Refused::OldLife { agent: place.agent.clone() }),
        Some(known) if epoch == known.epoch && node != known.node => {
            Err(Refused::NotYours { agent: place.agent.clone(), node: known.node })
        }
        Some(_) | None => Ok(()),
    }
}
