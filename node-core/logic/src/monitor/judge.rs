//! What a node finds past its bounds, of itself and of its agents.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use super::{Band, Breach, Rule, Subject, Watch};
use crate::{
    ids::{Name, NodeId},
    settings::Values,
    time::{Instant, Now},
};

/// What was measured of a node and its agents in a second; what could not be is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vitals {
    /// Busy processors, in percent of all.
    pub cpu: Option<f32>,
    /// Memory in use, in percent.
    pub memory: Option<f32>,
    /// What is taken of the volume of the data folder, in percent.
    pub disk: Option<f32>,
    /// How far the others' clocks are ahead, in milliseconds.
    pub clock_offset: Option<f32>,
    /// Every agent that the node holds.
    pub agents: Vec<AgentVitals>,
}

/// What was measured of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentVitals {
    /// Which.
    pub name: Name,
    /// Messages that wait, and as many there may be.
    pub mailbox: (u32, u32),
    /// Calls since its life began, and those of them that failed.
    pub calls: (u64, u64),
    /// How often it ended unasked since the node started.
    pub ended: u64,
}

/// Judges what is measured, second by second.
#[derive(Clone, Debug)]
pub struct Judge {
    me: NodeId,
    watches: BTreeMap<(Rule, Subject), (Watch, Option<Breach>)>,
    agents: BTreeMap<Name, Past>,
}

/// What an agent did a while ago.
#[derive(Clone, Debug, Default)]
struct Past {
    /// Its calls, second by second.
    calls: VecDeque<(Instant, (u64, u64))>,
    /// When it ended, as often.
    ends: VecDeque<Instant>,
    ended: Option<u64>,
}

impl Judge {
    /// Ends that are remembered of an agent: more than any threshold asks for.
    const MAX_ENDS: usize = 1_024;

    /// One that has seen nothing yet.
    #[must_use]
    pub fn new(me: NodeId) -> Self {
        Self { me, watches: BTreeMap::new(), agents: BTreeMap::new() }
    }

    /// What is past its bounds by now.
    pub fn judge(&mut self, now: Now, vitals: &Vitals, values: &Values) -> Vec<Breach> {
        let node = || Subject::Node(self.me);
        let mut readings = vec![
            (Rule::Cpu, node(), vitals.cpu),
            (Rule::Memory, node(), vitals.memory),
            (Rule::Disk, node(), vitals.disk),
            (Rule::ClockSkew, node(), vitals.clock_offset.map(f32::abs)),
        ];
        for agent in &vitals.agents {
            let past = self.agents.entry(agent.name.clone()).or_default();
            past.note(now.at, agent);
            let subject = || Subject::Agent(agent.name.clone());
            readings.push((Rule::Mailbox, subject(), share(agent.mailbox)));
            readings.push((Rule::Errors, subject(), past.errors()));
            readings.push((Rule::Restarts, subject(), Some(past.ends())));
        }
        // One that ended may be about to start again: its ends count on, and nothing else of it.
        self.agents.retain(|name, past| {
            let here = past.calls.back().is_some_and(|(at, _)| *at == now.at);
            if !here {
                past.calls.clear();
                past.forget(now.at);
                readings.push((Rule::Restarts, Subject::Agent(name.clone()), Some(past.ends())));
            }
            here || !past.ends.is_empty()
        });
        self.watch(now, readings, values)
    }

    fn watch(
        &mut self,
        now: Now,
        readings: Vec<(Rule, Subject, Option<f32>)>,
        values: &Values,
    ) -> Vec<Breach> {
        let mut readings: BTreeMap<(Rule, Subject), Option<f32>> =
            readings.into_iter().map(|(rule, of, value)| ((rule, of), value)).collect();
        // What was watched and is not there any more is not measured.
        for key in self.watches.keys() {
            readings.entry(key.clone()).or_insert(None);
        }
        for ((rule, subject), value) in readings {
            let Some(band) = rule.band(values) else {
                self.watches.remove(&(rule, subject));
                continue;
            };
            self.look(now, (rule, subject), (value, &band));
        }
        self.watches.values().filter_map(|(_, breach)| breach.clone()).collect()
    }

    fn look(&mut self, now: Now, key: (Rule, Subject), (value, band): (Option<f32>, &Band)) {
        let (mut watch, mut breach) = self.watches.remove(&key).unwrap_or_default();
        let raised = watch.judge(now.at, value, band);
        let (rule, subject) = key.clone();
        if !raised {
            breach = None;
        } else if breach.is_none() {
            let value = value.map_or(0, whole);
            breach = Some(Breach { rule, subject, since: now.wall, value });
        }
        // One that is at rest, and not measured, is not worth remembering.
        if raised || value.is_some() {
            self.watches.insert(key, (watch, breach));
        }
    }
}

impl Past {
    fn note(&mut self, at: Instant, agent: &AgentVitals) {
        // Another life counts from nought.
        if self.calls.back().is_some_and(|(_, (calls, _))| *calls > agent.calls.0) {
            self.calls.clear();
        }
        self.calls.push_back((at, agent.calls));
        while self.calls.front().is_some_and(|(from, _)| at.since(*from) > Rule::ERROR_WINDOW) {
            self.calls.pop_front();
        }
        let fresh = self.ended.map_or(0, |before| agent.ended.saturating_sub(before));
        self.ended = Some(agent.ended);
        let fresh = usize::try_from(fresh).unwrap_or(Judge::MAX_ENDS).min(Judge::MAX_ENDS);
        self.ends.extend(std::iter::repeat_n(at, fresh));
        self.forget(at);
    }

    fn forget(&mut self, at: Instant) {
        let old = |then: &Instant, window: Duration| at.since(*then) > window;
        while self.ends.len() > Judge::MAX_ENDS
            || self.ends.front().is_some_and(|then| old(then, Rule::RESTART_WINDOW))
        {
            self.ends.pop_front();
        }
    }

    /// How many of a hundred calls of the last minute failed; nothing of too few.
    fn errors(&self) -> Option<f32> {
        let (_, first) = self.calls.front()?;
        let (_, last) = self.calls.back()?;
        let calls = last.0.saturating_sub(first.0);
        let failed = last.1.saturating_sub(first.1);
        if calls < Rule::LEAST_CALLS { None } else { share64(failed, calls) }
    }

    fn ends(&self) -> f32 {
        u16::try_from(self.ends.len()).map_or(f32::INFINITY, f32::from)
    }
}

fn share((part, all): (u32, u32)) -> Option<f32> {
    share64(part.into(), all.into())
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no more than seven digits")]
fn share64(part: u64, all: u64) -> Option<f32> {
    (all > 0).then(|| part as f32 / all as f32 * 100.0)
}

#[expect(clippy::cast_possible_truncation, reason = "whole units of what is shown")]
fn whole(value: f32) -> i64 {
    value.round() as i64
}
