//! How participants did in earlier sessions: what weights follow from.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::Name;

/// How well a participant did, in a person's or a program's word, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "SessionFeedback")]
pub struct Feedback {
    /// How right it was, 0 to 100.
    pub accuracy: u8,
    /// How little it took, 0 to 100.
    pub efficiency: u8,
}

/// What the log has of all agents that took part in sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    records: BTreeMap<Name, Record>,
}

/// What the log has of one agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Sessions that asked it.
    pub asked: u64,
    /// Of these, in how many it answered in time.
    pub answered: u64,
    /// Sessions that ended so that an answer of its own agreed with the result or not.
    pub judged: u64,
    /// Of these, in how many it agreed.
    pub agreed: u64,
    /// What was said of it last, in any domain, oldest first.
    pub feedback: VecDeque<Feedback>,
    /// How right it was said to be last, in each domain.
    pub domains: BTreeMap<Name, VecDeque<u8>>,
    /// The last session that changed it.
    pub last: u64,
}

impl Feedback {
    /// Whether both are percents.
    #[must_use]
    pub fn is_sound(self) -> bool {
        self.accuracy <= 100 && self.efficiency <= 100
    }
}

impl History {
    /// Agents that are remembered; the one whose last session is longest ago is forgotten first.
    pub const AGENTS: usize = 1_000;

    /// What the log has of an agent; nothing: an empty record.
    #[must_use]
    pub fn of(&self, agent: &Name) -> Record {
        self.records.get(agent).cloned().unwrap_or_default()
    }

    /// Everyone that is remembered.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Record)> {
        self.records.iter()
    }

    pub(super) fn record(&mut self, agent: &Name, session: u64) -> &mut Record {
        if self.records.len() >= Self::AGENTS
            && !self.records.contains_key(agent)
            && let Some(oldest) =
                self.records.iter().min_by_key(|(_, record)| record.last).map(|(name, _)| name)
        {
            let oldest = oldest.clone();
            self.records.remove(&oldest);
        }
        let record = self.records.entry(agent.clone()).or_default();
        record.last = session;
        record
    }
}

impl Record {
    /// Assessments that count for past performance.
    pub const FEEDBACK: usize = 5;
    /// Assessments that count in each domain.
    pub const IN_DOMAIN: usize = 10;
    /// Domains that are remembered of one agent.
    pub const DOMAINS: usize = 16;
    /// What stands for a share that nothing is known of yet, in thousandths.
    const UNKNOWN: u64 = 500;

    pub(super) fn assess(&mut self, domain: &Name, feedback: Feedback) {
        push(&mut self.feedback, feedback, Self::FEEDBACK);
        if self.domains.len() < Self::DOMAINS || self.domains.contains_key(domain) {
            let known = self.domains.entry(domain.clone()).or_default();
            push(known, feedback.accuracy, Self::IN_DOMAIN);
        }
    }

    /// In how many of its answers it agreed with what came out, in thousandths.
    #[must_use]
    pub fn accuracy(&self) -> u64 {
        share(self.agreed, self.judged)
    }

    /// How often it answered in time, in thousandths.
    #[must_use]
    pub fn consistency(&self) -> u64 {
        share(self.answered, self.asked)
    }

    /// How right it was said to be in a domain, in thousandths.
    #[must_use]
    pub fn in_domain(&self, domain: &Name) -> u64 {
        let known = self.domains.get(domain).map(|known| known.iter().map(|&it| u64::from(it)));
        known.map_or(Self::UNKNOWN, |known| mean(known, 10))
    }

    /// The mean of accuracy and efficiency that were last said of it, in thousandths.
    #[must_use]
    pub fn performance(&self) -> u64 {
        let both = |it: &Feedback| u64::from(it.accuracy) + u64::from(it.efficiency);
        mean(self.feedback.iter().map(both), 5)
    }
}

fn share(part: u64, whole: u64) -> u64 {
    part.saturating_mul(1_000).checked_div(whole).unwrap_or(Record::UNKNOWN)
}

fn mean(values: impl Iterator<Item = u64>, scale: u64) -> u64 {
    let (sum, count) = values.fold((0, 0), |(sum, count), value| (sum + value, count + 1));
    (sum * scale).checked_div(count).unwrap_or(Record::UNKNOWN)
}

fn push<T>(queue: &mut VecDeque<T>, value: T, most: usize) {
    if queue.len() == most {
        queue.pop_front();
    }
    queue.push_back(value);
}
