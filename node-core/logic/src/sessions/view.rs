//! Sessions as people and programs see them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    ids::{Epoch, Name, NodeId},
    sessions::{
        End, Failing, Failure, Feedback, FieldKind, Note, Noted, Priority, Session, Standing,
        Tally, protocol::Described,
    },
    time::Wall,
};

/// Whether a session runs, or how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// It runs.
    Running,
    /// It settled what it was about.
    Settled,
    /// It came to no result that settles it.
    Unsettled,
    /// Too few answered.
    NoQuorum,
    /// A participant failed.
    Aborted,
    /// It took too many messages.
    OverBudget,
    /// Its time was up.
    Expired,
    /// Somebody ended it.
    Cancelled,
}

/// One session in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SessionRow {
    /// Its number.
    #[ts(type = "number")]
    pub id: u64,
    /// By which protocol.
    pub protocol: String,
    /// What it is about.
    pub subject: String,
    /// Whether it runs, or how it ended.
    pub state: SessionState,
    /// What the round it is in is for.
    pub phase: String,
    /// How many take part.
    pub participants: u32,
    /// How many answered.
    pub answered: u32,
    /// The node that began it.
    #[ts(type = "string")]
    pub by: NodeId,
    /// When, in milliseconds since the Unix epoch, by that node's clock.
    #[ts(type = "number")]
    pub at: Wall,
    /// How long it took, or has taken until now, in milliseconds.
    #[ts(type = "number")]
    pub took_ms: u64,
    /// How long until it ends at the latest, in milliseconds; 0 once it is over.
    #[ts(type = "number")]
    pub left_ms: u64,
    /// What came out, in a sentence; empty while it runs.
    pub words: String,
    /// Words to find it by.
    pub tags: Vec<String>,
}

/// One session with everything that the log has of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SessionView {
    /// What stands in the list.
    pub row: SessionRow,
    /// The version of the protocol.
    pub version: u32,
    /// The options, with those that nobody gave.
    pub options: BTreeMap<String, String>,
    /// Which round it is in, from 1.
    pub round: u32,
    /// How long until the round ends at the latest, in milliseconds; 0 once it is over.
    #[ts(type = "number")]
    pub round_left_ms: u64,
    /// How many must answer for a result.
    pub quorum: u32,
    /// What happens when a participant fails.
    pub failing: Failing,
    /// Who may yet take a place.
    #[ts(type = "string[]")]
    pub spares: Vec<Name>,
    /// Messages that were sent and taken.
    pub messages: u32,
    /// How many there may be; none: as many as it takes.
    pub budget: Option<u32>,
    /// Which of the places for sessions it takes.
    pub priority: Priority,
    /// On whose behalf, beside the node that began it.
    #[ts(type = "string | null")]
    pub requester: Option<Name>,
    /// The field of knowledge that it is about.
    #[ts(type = "string")]
    pub domain: Name,
    /// Who takes part.
    pub participants: Vec<ParticipantView>,
    /// Where it stands.
    pub tally: Tally,
    /// What happened, in order.
    pub journal: Vec<NoteView>,
    /// How it ended; none: it runs.
    pub end: Option<End>,
}

/// One participant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ParticipantView {
    /// Who.
    #[ts(type = "string")]
    pub agent: Name,
    /// Where it runs, as the log last heard.
    #[ts(type = "string | null")]
    pub node: Option<NodeId>,
    /// Where it stands in this round.
    pub standing: Standing,
    /// What the protocol says of it.
    pub remark: String,
    /// How it was assessed.
    pub assessed: Option<Feedback>,
}

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteView {
    /// When, in milliseconds since the Unix epoch, by the clock of the node that proposed it.
    #[ts(type = "number")]
    pub at: Wall,
    /// How long after the session began, in microseconds, by the group's clock.
    #[ts(type = "number")]
    pub after_us: u64,
    /// In which round.
    pub round: u32,
    /// What.
    pub kind: NoteKind,
    /// Of which participant, if of one.
    #[ts(type = "string | null")]
    pub agent: Option<Name>,
    /// On which node that ran.
    #[ts(type = "string | null")]
    pub node: Option<NodeId>,
    /// In which life.
    #[ts(type = "string | null")]
    pub epoch: Option<Epoch>,
    /// Which node handed it in.
    #[ts(type = "string | null")]
    pub relayed: Option<NodeId>,
    /// What was said, the phase, or why it failed.
    pub text: String,
    /// Who was asked.
    #[ts(type = "string[]")]
    pub whom: Vec<Name>,
}

/// What a line of the journal is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "SessionNoteKind")]
pub enum NoteKind {
    /// Participants were asked.
    Asked,
    /// One said something.
    Said,
    /// One failed.
    Failed,
    /// One was replaced.
    Replaced,
    /// The end.
    Ended,
}

/// A protocol, as a form can be made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProtocolView {
    /// What it is called.
    pub name: String,
    /// Which version of it.
    pub version: u32,
    /// What it does.
    pub doc: String,
    /// How few may take part.
    pub least: u32,
    /// How many may.
    pub most: u32,
    /// How many of a hundred must answer if nobody says.
    pub quorum_percent: u8,
    /// Its options.
    pub options: Vec<FieldView>,
}

/// An option of a protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "ProtocolOption")]
pub struct FieldView {
    /// What it is called.
    pub name: String,
    /// What it does.
    pub doc: String,
    /// Its value if nobody says; empty: none.
    pub default: String,
    /// Which values it takes: `choice`, `whole`, `texts` or `amounts`.
    pub kind: String,
    /// Of a choice, which there are.
    pub choices: Vec<String>,
    /// Of what a number is.
    pub unit: String,
}

impl Session {
    /// Whether it runs, or how it ended.
    #[must_use]
    pub fn state(&self) -> SessionState {
        match &self.end {
            None => SessionState::Running,
            Some(End::Finished { settled: true, .. }) => SessionState::Settled,
            Some(End::Finished { settled: false, .. }) => SessionState::Unsettled,
            Some(End::NoQuorum { .. }) => SessionState::NoQuorum,
            Some(End::Aborted { .. }) => SessionState::Aborted,
            Some(End::OverBudget { .. }) => SessionState::OverBudget,
            Some(End::Expired) => SessionState::Expired,
            Some(End::Cancelled { .. }) => SessionState::Cancelled,
        }
    }

    /// As it stands in a list while the group's clock is at `clock`.
    #[must_use]
    pub fn row(&self, clock: u64) -> SessionRow {
        let ended = self.end.as_ref().and_then(|_| self.journal.last()).map(|note| note.clock);
        let until = ended.unwrap_or(clock);
        let left = if ended.is_some() { 0 } else { self.deadline.saturating_sub(clock) };
        SessionRow {
            id: self.id,
            protocol: self.plan.protocol.clone(),
            subject: self.plan.subject.clone(),
            state: self.state(),
            phase: self.phase.clone(),
            participants: count(self.places.len()),
            answered: count(self.answered()),
            by: self.by,
            at: self.at,
            took_ms: until.saturating_sub(self.began) / 1_000_000,
            left_ms: left / 1_000_000,
            words: self.words(),
            tags: self.plan.tags.clone(),
        }
    }

    /// With everything, while the group's clock is at `clock`.
    #[must_use]
    pub fn view(&self, clock: u64) -> SessionView {
        let round_left = match self.end {
            Some(_) => 0,
            None => self.round_deadline.saturating_sub(clock) / 1_000_000,
        };
        let participants = self.places.iter().enumerate().map(|(index, place)| ParticipantView {
            agent: place.agent.clone(),
            node: place.seat.map(|seat| seat.node),
            standing: place.standing,
            remark: self.run.remark(index),
            assessed: self.assessed.get(&place.agent).copied(),
        });
        SessionView {
            row: self.row(clock),
            version: self.version,
            options: self.plan.options.clone(),
            round: self.round,
            round_left_ms: round_left,
            quorum: count(self.quorum()),
            failing: self.plan.failing,
            spares: self.spares.iter().cloned().collect(),
            messages: self.messages,
            budget: self.plan.messages,
            priority: self.plan.priority,
            requester: self.plan.requester.clone(),
            domain: self.plan.domain.clone(),
            participants: participants.collect(),
            tally: self.run.tally(),
            journal: self.journal.iter().map(|note| self.note_view(note)).collect(),
            end: self.end.clone(),
        }
    }

    fn note_view(&self, note: &Note) -> NoteView {
        let mut view = NoteView {
            at: note.at,
            after_us: note.clock.saturating_sub(self.began) / 1_000,
            round: note.round,
            kind: NoteKind::Ended,
            agent: None,
            node: None,
            epoch: None,
            relayed: None,
            text: String::new(),
            whom: Vec::new(),
        };
        match &note.what {
            Noted::Asked { phase, whom } => {
                (view.kind, view.text, view.whom) = (NoteKind::Asked, phase.clone(), whom.clone());
            }
            Noted::Said { agent, seat, relayed, word } => {
                (view.kind, view.text) = (NoteKind::Said, word.clone());
                (view.agent, view.node) = (Some(agent.clone()), Some(seat.node));
                (view.epoch, view.relayed) = (Some(seat.epoch), Some(*relayed));
            }
            Noted::Failed { agent, failure } => {
                (view.kind, view.agent) = (NoteKind::Failed, Some(agent.clone()));
                view.text = failure.to_string();
            }
            Noted::Replaced { agent, by } => {
                (view.kind, view.agent) = (NoteKind::Replaced, Some(agent.clone()));
                view.text = by.to_string();
            }
            Noted::Ended => view.text = self.words(),
        }
        view
    }

    /// What came out, in a sentence; empty while it runs.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.end {
            None => String::new(),
            Some(End::Finished { words, .. }) => words.clone(),
            Some(End::NoQuorum { have, need }) => {
                format!("no quorum: {have} answered, it takes {need}")
            }
            Some(End::Aborted { agent, failure }) => format!("aborted: {agent} {failure}"),
            Some(End::OverBudget { messages }) => {
                format!("stopped: it would have taken more than {messages} messages")
            }
            Some(End::Expired) => "expired before it came to a result".to_owned(),
            Some(End::Cancelled { reason, .. }) if reason.is_empty() => "cancelled".to_owned(),
            Some(End::Cancelled { reason, .. }) => format!("cancelled: {reason}"),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Silent => f.write_str("did not answer in time"),
            Self::Gone => f.write_str("does not run"),
            Self::Declined { message } => write!(f, "answered with an error: {message}"),
            Self::Malformed { problem } => {
                write!(f, "answered what the protocol cannot take: {problem}")
            }
        }
    }
}

impl From<&Described> for ProtocolView {
    fn from(described: &Described) -> Self {
        let option = |field: &super::Field| {
            let (kind, choices, unit) = match field.kind {
                FieldKind::Choice(choices) => ("choice", choices, ""),
                FieldKind::Whole { unit, .. } => ("whole", [].as_slice(), unit),
                FieldKind::Texts { .. } => ("texts", [].as_slice(), ""),
                FieldKind::Amounts { .. } => ("amounts", [].as_slice(), ""),
            };
            FieldView {
                name: field.name.to_owned(),
                doc: field.doc.to_owned(),
                default: field.default.to_owned(),
                kind: kind.to_owned(),
                choices: choices.iter().map(|&choice| choice.to_owned()).collect(),
                unit: unit.to_owned(),
            }
        };
        Self {
            name: described.name.to_owned(),
            version: described.version,
            doc: described.doc.to_owned(),
            least: count(described.places.0),
            most: count(described.places.1),
            quorum_percent: described.quorum,
            options: described.options.iter().map(option).collect(),
        }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
