//! Measures of one second, from what the host counts.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    time::{Duration, Instant},
};

use covey_logic::{
    Epoch, Name, NodeId,
    monitor::{AgentVitals, Histogram, Metric, Sample, Subject, Vitals},
    replica::Load,
    settings::Names,
};

use crate::host::{AgentMeasure, Host, MachineMeasure, Sampler};

/// Measures, and remembers what it measured last, from which rates follow.
#[derive(Debug)]
pub(super) struct Gatherer {
    me: NodeId,
    sampler: Sampler,
    folder: PathBuf,
    host: Host,
    before: Option<Before>,
    seconds: u64,
}

/// Counters as they were.
#[derive(Debug)]
struct Before {
    at: Instant,
    machine: MachineMeasure,
    agents: BTreeMap<Name, (Epoch, AgentMeasure)>,
}

/// What one second was.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) load: Load,
    pub(super) samples: Vec<Sample>,
    pub(super) vitals: Vitals,
    pub(super) agents: Vec<AgentMeasure>,
}

impl Gatherer {
    /// Seconds between two looks at how long answers took.
    const LATENCY_SECONDS: u64 = 10;

    pub(super) fn new(me: NodeId, sampler: Sampler, folder: PathBuf, host: Host) -> Self {
        Self { me, sampler, folder, host, before: None, seconds: 0 }
    }

    /// Measures all but the agents in `off`, which count for their node alone. Reads files of the
    /// system: some milliseconds, on a thread that may wait.
    pub(super) fn gather(&mut self, clock_offset: Option<i64>, off: &Names) -> Gathered {
        self.seconds += 1;
        let machine = self.sampler.sample(&self.folder);
        let agents = self.host.measure(self.seconds.is_multiple_of(Self::LATENCY_SECONDS));
        let now = Instant::now();
        let before = self.before.take();
        let span = before.as_ref().map(|before| now - before.at);
        let past = before.as_ref().zip(span);

        let mut samples: Vec<Sample> = Vec::with_capacity(agents.len() + 1);
        let mut totals = Totals::default();
        for agent in &agents {
            let held = past.and_then(|(before, span)| {
                let (epoch, held) = before.agents.get(&agent.name)?;
                (*epoch == agent.epoch).then_some((held, span))
            });
            let sample = totals.take(agent, held);
            samples.extend((!off.has(&agent.name)).then_some(sample));
        }
        let mut values = of_machine(&machine, past.map(|(before, span)| (&before.machine, span)));
        values.push((Metric::Agents, count(agents.len() as u64)));
        if span.is_some() {
            values.push((Metric::Messages, totals.messages));
            values.push((Metric::Errors, totals.errors));
        }
        let offset = clock_offset.map(millis);
        values.extend(offset.map(|offset| (Metric::ClockOffset, offset)));
        let of = |wanted: Metric| {
            values.iter().find(|(metric, _)| *metric == wanted).map(|(_, value)| *value)
        };
        let vitals = Vitals {
            cpu: of(Metric::Cpu),
            memory: of(Metric::MemoryShare),
            disk: of(Metric::DiskShare),
            clock_offset: offset,
            agents: agents.iter().filter(|agent| !off.has(&agent.name)).map(vitals_of).collect(),
        };
        let latency = (!totals.latency.is_empty()).then_some(totals.latency);
        samples.push(Sample { subject: Subject::Node(self.me), values, latency });
        let kept = agents.iter().map(|agent| (agent.name.clone(), (agent.epoch, agent.clone())));
        self.before = Some(Before { at: now, machine, agents: kept.collect() });
        let agents = agents.into_iter().filter(|agent| !off.has(&agent.name)).collect();
        Gathered { load: machine.load, samples, vitals, agents }
    }
}

/// What all agents did together.
#[derive(Debug, Default)]
struct Totals {
    messages: f32,
    errors: f32,
    latency: Histogram,
}

impl Totals {
    /// The sample of an agent, given what the same life did a moment before.
    fn take(&mut self, agent: &AgentMeasure, past: Option<(&AgentMeasure, Duration)>) -> Sample {
        let mut values = vec![
            (Metric::AgentMailbox, count(agent.mailbox.0.into())),
            (Metric::AgentRestarts, count(agent.ended)),
        ];
        if let Some(kib) = agent.memory_kib {
            values.push((Metric::AgentMemory, count(kib.saturating_mul(1_024))));
        }
        // A life that is new did all of it since the last second.
        if let Some((held, span)) = past {
            let messages = rate(agent.calls, held.calls, span);
            let errors = rate(agent.failed, held.failed, span);
            values.push((Metric::AgentMessages, messages));
            values.push((Metric::AgentErrors, errors));
            self.messages += messages;
            self.errors += errors;
            if let Some((now, then)) = agent.cpu_ms.zip(held.cpu_ms) {
                values.push((Metric::AgentCpu, rate(now, then, span) / 10.0));
            }
        }
        if let Some(latency) = &agent.latency {
            self.latency.merge(latency);
        }
        let subject = Subject::Agent(agent.name.clone());
        Sample { subject, values, latency: agent.latency.clone() }
    }
}

fn of_machine(
    machine: &MachineMeasure,
    past: Option<(&MachineMeasure, Duration)>,
) -> Vec<(Metric, f32)> {
    let (used, all) = machine.memory;
    let mut values = vec![(Metric::Memory, count(used))];
    values.extend(share(used, all).map(|share| (Metric::MemoryShare, share)));
    if let Some((free, all)) = machine.volume {
        values.push((Metric::DiskFree, count(free)));
        let taken = share(all.saturating_sub(free), all);
        values.extend(taken.map(|share| (Metric::DiskShare, share)));
    }
    if let Some((_, kib)) = machine.own {
        values.push((Metric::ProcessMemory, count(kib.saturating_mul(1_024))));
    }
    let Some((before, span)) = past else { return values };
    // The first look at the processors has nothing to compare with.
    values.push((Metric::Cpu, machine.busy / count(machine.cpus.max(1) as u64)));
    if let Some(((now, _), (then, _))) = machine.own.zip(before.own) {
        let (now, then) = (now.as_millis(), then.as_millis());
        let ms = u64::try_from(now.saturating_sub(then)).unwrap_or(0);
        values.push((Metric::ProcessCpu, rate(ms, 0, span) / 10.0));
    }
    let pairs = [
        (machine.disks.zip(before.disks), [Metric::DiskRead, Metric::DiskWrite]),
        (machine.network.zip(before.network), [Metric::NetworkIn, Metric::NetworkOut]),
    ];
    for (both, [first, second]) in pairs {
        if let Some((now, then)) = both {
            values.push((first, rate(now.0, then.0, span)));
            values.push((second, rate(now.1, then.1, span)));
        }
    }
    values
}

fn vitals_of(agent: &AgentMeasure) -> AgentVitals {
    AgentVitals {
        name: agent.name.clone(),
        mailbox: agent.mailbox,
        calls: (agent.calls, agent.failed),
        ended: agent.ended,
    }
}

/// So many in a second. A counter that went back was begun anew, and tells nothing of before.
fn rate(now: u64, then: u64, span: Duration) -> f32 {
    count(now.saturating_sub(then)) / span.as_secs_f32().max(0.001)
}

fn share(part: u64, all: u64) -> Option<f32> {
    (all > 0).then(|| count(part) / count(all) * 100.0)
}

#[expect(clippy::cast_precision_loss, reason = "seven digits are kept of every measure")]
fn count(value: u64) -> f32 {
    value as f32
}

#[expect(clippy::cast_precision_loss, reason = "seven digits are kept of every measure")]
fn millis(value: i64) -> f32 {
    value as f32
}
