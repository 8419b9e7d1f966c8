//! Choices of agents for tasks, and what a slow agent does to tasks.
//!
//! The choices are the rule alone, on one core. The tasks go through the log of a node inside the
//! bench, whose ten agents are programs, one of them ten times slower. What is auctioned goes
//! through five nodes, each with one agent.

mod auction;

use std::{
    collections::VecDeque,
    hint::black_box,
    time::{Duration, Instant},
};

use covey_cluster::worker;
use covey_logic::{
    Command, Name, NodeId,
    agent::AgentSpec,
    balancer::{
        Bid, Chance, Limits, NewTask, NoQueue, Pool, Priority, StrategyKind, TaskPhase, Worker,
    },
    credits::Ask,
};
use covey_node::NodeHandle;
use tokio::time::sleep;

use super::RUNS;
use crate::{
    error::BenchError,
    figure::Report,
    machine::float,
    site::{Company, Site},
    wait::{PATIENCE, until},
    worker::{embed, name},
};

/// Agents that are chosen from, and choices of a run.
const AGENTS: usize = 1_000;
const CHOICES: usize = 500_000;
/// Agents and tasks of the spread.
const SPREAD: (usize, u32) = (50, 1_000);
/// Agents that do tasks, how long the fast ones take, and how long the first.
const WORKERS: usize = 10;
const FAST: f64 = 0.01;
const SLOW: f64 = 0.1;
/// Tasks of a run, and the time between two: four in ten of what the slow agent could do if each
/// had the same share.
const TASKS: usize = 500;
const PACE: Duration = Duration::from_millis(25);

pub(super) async fn measure(report: &mut Report) -> Result<(), BenchError> {
    for kind in StrategyKind::ALL {
        let mut rates = Vec::new();
        for run in 0..=RUNS {
            let rate = decide(*kind);
            rates.extend((run > 0).then_some(rate));
        }
        // The names are few, and live as long as the report.
        report.median(format!("decide_{kind}").leak(), "1/s", &rates);
        let spreads: Vec<f64> = (1..).take(RUNS).map(|seed| spread(*kind, seed)).collect();
        report.median(format!("spread_{kind}").leak(), "ratio", &spreads);
    }
    let site = Site::new()?;
    let node = embed(site.data("steward", Company::Keyed)?).await?;
    for number in 0..WORKERS {
        let takes = if number == 0 { SLOW } else { FAST };
        start(&node, name("worker", number)?, (&site, takes)).await?;
    }
    let (mut even, mut better, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let one = slowest(&node, StrategyKind::RoundRobin).await?;
        let other = slowest(&node, StrategyKind::PowerOfTwo).await?;
        if run > 0 {
            even.push(one);
            better.push(other);
            ratios.push(other / one.max(1.0));
        }
    }
    report.median("p99_round_robin", "ms", &even);
    report.median("p99_power_of_two", "ms", &better);
    report.median("p99_ratio", "ratio", &ratios);
    node.kill().await;
    auction::measure(report).await
}

/// Choices a second, each with the end of the task that was chosen for 500 choices before.
fn decide(kind: StrategyKind) -> f64 {
    let mut pool = pool(kind, AGENTS);
    let mut chance = Chance::new(1);
    let mut going = VecDeque::<Name>::with_capacity(501);
    let begun = Instant::now();
    for _ in 0..CHOICES {
        if let Ok(agent) = pool.choose(&mut chance) {
            going.push_back(agent);
        }
        if going.len() > 500
            && let Some(agent) = going.pop_front()
        {
            pool.ended(&agent);
        }
    }
    black_box(&pool);
    float(CHOICES) / begun.elapsed().as_secs_f64()
}

/// What the busiest got beside the mean.
fn spread(kind: StrategyKind, seed: u64) -> f64 {
    let (agents, tasks) = SPREAD;
    let mut pool = pool(kind, agents);
    let mut chance = Chance::new(seed);
    for _ in 0..tasks {
        drop(pool.choose(&mut chance));
    }
    let most = pool.workers().map(|(_, worker)| worker.in_flight).max().unwrap_or(0);
    f64::from(most) * float(agents) / f64::from(tasks)
}

fn pool(kind: StrategyKind, agents: usize) -> Pool {
    let limits = Limits { in_flight: u32::MAX, ..Limits::default() };
    let mut pool = Pool::new(kind, limits);
    let (speed, node) = (Some(10_000), NodeId([1; 32]));
    let bid = Ask::new(1_000).map(|ask| Bid { node, ask });
    let known = Worker { latency_us: speed, pace_us: speed, bid, ..Worker::default() };
    for number in 0..agents {
        if let Ok(name) = name("agent", number) {
            pool.set(&name, known);
        }
    }
    pool
}

/// Starts a worker and waits until tasks find it.
async fn start(
    node: &NodeHandle,
    name: Name,
    (site, takes): (&Site, f64),
) -> Result<(), BenchError> {
    let spec = worker(name.as_str(), &site.path().join("effects"), takes);
    let spec: AgentSpec =
        serde_json::from_value(spec).map_err(|error| refused("agent.start", &error))?;
    let start = Command::StartAgent { spec: Box::new(spec), pin: None, replace: false };
    node.command(node.id(), start).await?;
    until(format!("{name} runs"), PATIENCE, async || {
        node.lookup(&name).map(drop).ok_or_else(|| "it has no route".to_owned())
    })
    .await
}

/// How long the slowest but one of a hundred tasks take, from acceptance to end, in milliseconds.
async fn slowest(node: &NodeHandle, kind: StrategyKind) -> Result<f64, BenchError> {
    let workload = node.workload();
    let chosen = workload.choose(None, Some(kind)).await;
    chosen.map_err(|error| refused("balancer.set", &error))?;
    let mut ids = Vec::new();
    for _ in 0..TASKS {
        let next = Instant::now() + PACE;
        let accepted = workload.submit(vec![task()?]).await;
        ids.extend(accepted.map_err(|error| refused("task.submit", &error))?);
        sleep(next.saturating_duration_since(Instant::now())).await;
    }
    let ended = workload.wait(ids, PATIENCE).await;
    let ended = ended.map_err(|error| refused("task.wait", &error))?;
    let done = ended.iter().filter(|task| task.state == TaskPhase::Done);
    let mut ages: Vec<u64> = done.map(|task| task.age_ms).collect();
    ages.sort_unstable();
    let place = (ages.len() * 99).div_ceil(100).saturating_sub(1);
    let slow = ages.get(place).copied().unwrap_or(u64::MAX);
    Ok(Duration::from_millis(slow).as_secs_f64() * 1_000.0)
}

fn task_of(queue: &str) -> Result<NewTask, BenchError> {
    let queue = queue.parse().map_err(|error: NoQueue| refused("task.submit", &error))?;
    Ok(NewTask { queue, ..task()? })
}

fn task() -> Result<NewTask, BenchError> {
    let queue = "work".parse().map_err(|error: NoQueue| refused("task.submit", &error))?;
    Ok(NewTask {
        queue,
        method: "work".to_owned(),
        params: "1".to_owned(),
        priority: Priority::Normal,
        expires_ms: None,
        timeout_ms: NewTask::TIMEOUT_MS,
        attempts: NewTask::ATTEMPTS,
        key: None,
        session: None,
        pay: None,
        check: None,
    })
}

fn refused(command: &str, error: &impl ToString) -> BenchError {
    BenchError::Refused { command: command.to_owned(), answer: error.to_string() }
}
