//! What is kept of what was measured, and the task that measures.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use covey_logic::{
    Instant, Name, NodeId, Now,
    monitor::{
        Breach, Histogram, Judge, Metric, Minute, MinuteOf, Read, Recorder, SeriesOf, Subject,
    },
    replica::Load,
    settings::Values,
};
use futures::future::BoxFuture;
use tokio::{
    sync::watch,
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};

use super::{
    Answer, Question, Which, clocks,
    gather::{Gathered, Gatherer},
    history::History,
    prometheus, question,
};
use crate::{
    clock,
    comms::Questions,
    driver::NodeComms,
    host::{Host, Sampler},
};

/// What this node measured; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Monitor(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    me: NodeId,
    history: History,
    /// How far the others' clocks are ahead, in milliseconds; [`UNKNOWN`] if nobody said.
    clock_offset: AtomicI64,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    recorder: Recorder,
    judge: Judge,
    load: Option<Load>,
    breaches: Vec<Breach>,
    /// How long answers took since the node started.
    latency: BTreeMap<Name, Histogram>,
    /// What was measured last of the agents, for counters.
    counted: Vec<crate::host::AgentMeasure>,
}

const UNKNOWN: i64 = i64::MIN;
/// Between two measures.
const INTERVAL: Duration = Duration::from_secs(1);
/// Measures between two looks at the clocks of others.
const CLOCK_TURN: usize = 10;

impl Monitor {
    /// One that keeps its minutes in `folder`.
    pub(crate) fn new(me: NodeId, folder: PathBuf) -> Self {
        let kept = Kept {
            recorder: Recorder::default(),
            judge: Judge::new(me),
            load: None,
            breaches: Vec::new(),
            latency: BTreeMap::new(),
            counted: Vec::new(),
        };
        let (history, clock_offset) = (History::new(folder), AtomicI64::new(UNKNOWN));
        Self(Arc::new(Inner { me, history, clock_offset, kept: Mutex::new(kept) }))
    }

    /// The load as it was measured last, without the messages of its second; none before the first.
    pub(crate) fn load(&self) -> Option<Load> {
        self.kept().load
    }

    /// What is past its bounds by the last measures.
    pub(crate) fn breaches(&self) -> Vec<Breach> {
        self.kept().breaches.clone()
    }

    /// What this node measured, in the text format of Prometheus.
    pub(crate) fn prometheus(&self) -> String {
        let kept = self.kept();
        let latest = latest(&kept.recorder);
        prometheus::text(self.0.me, &latest, &kept.counted, &kept.latency)
    }

    /// Answers a question about what this node measured; the files are read on a thread that may
    /// wait.
    pub(crate) async fn answer(&self, question: Question) -> io::Result<Answer> {
        let monitor = self.clone();
        let found = spawn_blocking(move || match question {
            Question::Clock => Ok(Answer::Clock(clock::wall())),
            Question::Latest => Ok(Answer::Latest(latest(&monitor.kept().recorder))),
            Question::Series(which, read) => monitor.series(&which, &read),
        });
        found.await.map_err(io::Error::other)?
    }

    fn series(&self, which: &Which, read: &Read) -> io::Result<Answer> {
        // Steps of whole minutes are read from minutes, whatever is in memory too.
        let live = !u64::from(read.step).is_multiple_of(MinuteOf::SECONDS);
        let each = u64::from(read.count).saturating_mul(read.metrics.len() as u64);
        let here = self.subjects(&self.kept().recorder, which, &[]).len();
        if let Some(refusal) = refusal(each, here) {
            return Ok(refusal);
        }
        let minutes = if live {
            Vec::new()
        } else {
            let (from, to) =
                (read.from / MinuteOf::SECONDS, read.until().div_ceil(MinuteOf::SECONDS));
            self.0.history.read((from, to), |subject| self.is_of(which, subject))?
        };
        let kept = self.kept();
        let subjects = self.subjects(&kept.recorder, which, &minutes);
        if let Some(refusal) = refusal(each, subjects.len()) {
            return Ok(refusal);
        }
        let of = |subject: &Subject| -> Option<SeriesOf> {
            if live {
                kept.recorder.read(subject, read)
            } else {
                read.from_minutes(subject, &minutes)
            }
        };
        Ok(Answer::Series(subjects.iter().filter_map(of).collect()))
    }

    fn is_of(&self, which: &Which, subject: &Subject) -> bool {
        match which {
            Which::Node => subject.node() == Some(self.0.me),
            Which::Agent(name) => subject.agent() == Some(name),
            Which::Agents => subject.agent().is_some(),
        }
    }

    fn subjects(&self, recorder: &Recorder, which: &Which, minutes: &[Minute]) -> Vec<Subject> {
        match which {
            Which::Node => vec![Subject::Node(self.0.me)],
            Which::Agent(name) => vec![Subject::Agent(name.clone())],
            Which::Agents => {
                let kept = minutes.iter().flat_map(|minute| &minute.of).map(|of| &of.subject);
                let all: BTreeSet<&Subject> = recorder.subjects().chain(kept).collect();
                let agents = all.into_iter().filter(|subject| subject.agent().is_some());
                agents.cloned().collect()
            }
        }
    }

    /// Keeps and judges what a second was.
    fn take(&self, gathered: Gathered, (now, values): (Now, &Values)) {
        let Gathered { load, samples, vitals, agents } = gathered;
        let mut kept = self.kept();
        kept.load = Some(load);
        kept.breaches = kept.judge.judge(now, &vitals, values);
        for agent in &agents {
            if let Some(latency) = &agent.latency {
                kept.latency.entry(agent.name.clone()).or_default().merge(latency);
            }
        }
        let here: BTreeSet<&Name> = agents.iter().map(|agent| &agent.name).collect();
        kept.latency.retain(|name, _| here.contains(name));
        kept.counted = agents;
        let over = kept.recorder.record(now.wall.0 / 1_000, samples);
        drop(kept);
        if let Some(minute) = over
            && let Err(error) = self.0.history.append(&minute)
        {
            tracing::warn!(%error, "a minute of measures is not kept");
        }
    }

    fn clock_offset(&self) -> Option<i64> {
        Some(self.0.clock_offset.load(Ordering::Relaxed)).filter(|offset| *offset != UNKNOWN)
    }

    #[cfg(test)]
    pub(super) fn record(&self, second: u64, samples: Vec<covey_logic::monitor::Sample>) {
        let over = self.kept().recorder.record(second, samples);
        over.map(|minute| self.0.history.append(&minute)).transpose().unwrap();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Questions for Monitor {
    fn answer(&self, asked: Bytes) -> BoxFuture<'_, Option<Bytes>> {
        Box::pin(async move {
            let question = question::decode(&asked)?;
            let answer = Self::answer(self, question).await.ok()?;
            question::encode(&answer).map(Bytes::from)
        })
    }
}

/// Measures once a second, until it is aborted.
pub(crate) async fn run(
    monitor: Monitor,
    sampler: Sampler,
    (host, comms, folder): (Host, NodeComms, PathBuf),
    values: watch::Receiver<Arc<Values>>,
) {
    let began = std::time::Instant::now();
    let mut gatherer = Gatherer::new(monitor.0.me, sampler, folder, host);
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut turn = 0_usize;
    loop {
        ticks.tick().await;
        if turn.is_multiple_of(CLOCK_TURN) {
            drop(tokio::spawn(compare_clocks(monitor.clone(), comms.clone(), turn)));
        }
        turn += 1;
        let values = Arc::clone(&values.borrow());
        let of = monitor.clone();
        let measure = move || {
            let started = std::time::Instant::now();
            let gathered = gatherer.gather(of.clock_offset(), &values.monitor_off);
            let now = Now { at: Instant::default() + began.elapsed(), wall: clock::wall() };
            let agents = gathered.agents.len();
            of.take(gathered, (now, &values));
            tracing::trace!(agents, took_us = started.elapsed().as_micros(), "measured");
            gatherer
        };
        match spawn_blocking(measure).await {
            Ok(returned) => gatherer = returned,
            Err(error) => return tracing::warn!(%error, "nothing is measured any more"),
        }
    }
}

async fn compare_clocks(monitor: Monitor, comms: NodeComms, turn: usize) {
    let offset = clocks::offset(&comms, turn).await.unwrap_or(UNKNOWN);
    monitor.0.clock_offset.store(offset, Ordering::Relaxed);
}

/// Why so many points of so many subjects are not read, if they are too many.
fn refusal(each: u64, subjects: usize) -> Option<Answer> {
    let points = each.saturating_mul(subjects as u64);
    (points > Answer::MAX_POINTS).then_some(Answer::TooMuch { points, most: Answer::MAX_POINTS })
}

fn latest(recorder: &Recorder) -> Vec<(Subject, Vec<(Metric, f32)>)> {
    let of = |subject: &Subject| {
        let values = Metric::ALL.iter().copied();
        let values = values
            .filter_map(|metric| Some((metric, recorder.latest(subject, metric)?)))
            .collect::<Vec<_>>();
        (!values.is_empty()).then(|| (subject.clone(), values))
    };
    recorder.subjects().filter_map(of).collect()
}
