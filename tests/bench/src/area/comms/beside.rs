//! What callers of one agent notice of another that sleeps over each of its calls.
//!
//! The callers never stop. Short windows with and without the sleeper take turns, first one and
//! then the other going first, so that whatever else the machine does falls on both alike.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use covey_node::{NodeHandle, comms::Call};
use tokio::task::{JoinHandle, JoinSet};

use super::{super::RUNS, LOCAL_CALLERS};
use crate::{error::BenchError, machine::float};

/// How long a window counts: some sleeps long.
const WINDOW: Duration = Duration::from_millis(250);
/// Pairs of windows in a run.
const PAIRS: usize = 10;

/// The rate of callers beside the sleeper to their rate without it, of each run that counts.
pub(super) async fn ratios(
    node: &NodeHandle,
    (near, slow): (&Call, &Call),
) -> Result<Vec<f64>, BenchError> {
    let callers = Callers::start(node, near);
    let mut ratios = Vec::new();
    for run in 0..=RUNS {
        let (mut without, mut with) = (0.0, 0.0);
        for pair in 0..PAIRS {
            if pair % 2 == 0 {
                without += callers.rate().await;
            }
            let sleeper = Sleeper::start(node, slow);
            with += callers.rate().await;
            sleeper.end().await?;
            if pair % 2 == 1 {
                without += callers.rate().await;
            }
        }
        ratios.extend((run > 0).then_some(with / without));
    }
    callers.end().await?;
    Ok(ratios)
}

/// Callers that each call again as soon as they have an answer.
struct Callers {
    tasks: JoinSet<Result<(), BenchError>>,
    answered: Vec<Arc<AtomicU32>>,
    ending: Arc<AtomicBool>,
}

impl Callers {
    fn start(node: &NodeHandle, call: &Call) -> Self {
        let ending = Arc::new(AtomicBool::new(false));
        let answered: Vec<Arc<AtomicU32>> = (0..LOCAL_CALLERS).map(|_| Arc::default()).collect();
        let mut tasks = JoinSet::new();
        for answered in &answered {
            let (node, call) = (node.clone(), call.clone());
            let (answered, ending) = (Arc::clone(answered), Arc::clone(&ending));
            tasks.spawn(async move {
                while !ending.load(Ordering::Relaxed) {
                    node.call(call.clone()).await?;
                    answered.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            });
        }
        Self { tasks, answered, ending }
    }

    /// Answers a second during a window.
    async fn rate(&self) -> f64 {
        let (begun, before) = (Instant::now(), self.count());
        tokio::time::sleep(WINDOW).await;
        float(self.count().wrapping_sub(before)) / begun.elapsed().as_secs_f64()
    }

    fn count(&self) -> u32 {
        let counts = self.answered.iter().map(|count| count.load(Ordering::Relaxed));
        counts.fold(0, u32::wrapping_add)
    }

    async fn end(mut self) -> Result<(), BenchError> {
        self.ending.store(true, Ordering::Relaxed);
        while let Some(caller) = self.tasks.join_next().await {
            caller.ok().ok_or_else(ended)??;
        }
        Ok(())
    }
}

/// A caller of the agent that sleeps.
struct Sleeper {
    task: JoinHandle<Result<(), BenchError>>,
    ending: Arc<AtomicBool>,
}

impl Sleeper {
    fn start(node: &NodeHandle, slow: &Call) -> Self {
        let ending = Arc::new(AtomicBool::new(false));
        let (node, slow, end) = (node.clone(), slow.clone(), Arc::clone(&ending));
        let task = tokio::spawn(async move {
            while !end.load(Ordering::Relaxed) {
                node.call(slow.clone()).await?;
            }
            Ok(())
        });
        Self { task, ending }
    }

    /// Waits for the last sleep, so that it is over before anything else is counted.
    async fn end(self) -> Result<(), BenchError> {
        self.ending.store(true, Ordering::Relaxed);
        self.task.await.ok().ok_or_else(ended)?
    }
}

fn ended() -> BenchError {
    BenchError::Ended { node: "a caller".to_owned() }
}
