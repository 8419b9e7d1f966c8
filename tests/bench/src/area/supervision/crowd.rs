//! Thousands of builtin agents: how fast they start, and what the loss of a node does to them.
//!
//! Three nodes: one inside the bench, which gives the orders and looks on, and two workers, one of
//! which is killed. An agent runs again when the view of the first says so, and its name resolves
//! when both survivors find it elsewhere.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use covey_logic::{
    Command, Name, NodeId,
    agent::{AgentSpec, Builtin, Phase, Runtime},
    node::AgentView,
};
use covey_node::NodeHandle;
use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    super::{RUNS, registry},
    Loss,
};
use crate::{
    error::BenchError,
    figure::Report,
    machine::{float, ms, shared_now},
    site::{Company, Site},
    wait::PATIENCE,
    worker::{Worker, embed, names, resolve},
};

/// Orders on their way at a time.
const ORDERS: usize = 64;
/// Between two looks at all agents, and how many times as long as the look that is at least: what
/// it costs comes out of the time of the node that is measured.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);
const LOOK_SHARE: u32 = 20;
const LONGEST_LOOK_INTERVAL: Duration = Duration::from_millis(100);
/// How long the agents rest before their node is lost.
const SETTLE: Duration = Duration::from_secs(3);
const PREFIX: &str = "agent";

/// What one crowd went through, in milliseconds, and how unevenly it was spread.
struct Times {
    started: f64,
    /// By how many of a hundred the node that is furthest from the mean differs from it.
    uneven: f64,
    run: f64,
    named: f64,
}

pub(super) async fn measure(report: &mut Report) -> Result<(), BenchError> {
    let times = runs(10_000, Loss::Kill).await?;
    let each = |of: fn(&Times) -> f64| times.iter().map(of).collect::<Vec<_>>();
    report.median("start_10k", "1/s", &each(|times| 10_000.0 * 1_000.0 / times.started));
    report.median("start_10k_spread", "%", &each(|times| times.uneven));
    report.median("kill_running", "ms", &each(|times| times.run));
    report.median("kill_named", "ms", &each(|times| times.named));
    let named = |times: Vec<Times>| times.iter().map(|times| times.named).collect::<Vec<_>>();
    report.median("kill_1k_named", "ms", &named(runs(1_000, Loss::Kill).await?));
    let frozen = runs(10_000, Loss::Freeze).await?;
    let later = |times: &Times| times.run.max(times.named);
    report.median("freeze_failover", "ms", &frozen.iter().map(later).collect::<Vec<_>>());
    Ok(())
}

async fn runs(agents: usize, loss: Loss) -> Result<Vec<Times>, BenchError> {
    let mut runs = Vec::new();
    for run in 0..=RUNS {
        let times = live(&names(PREFIX, agents)?, loss).await?;
        runs.extend((run > 0).then_some(times));
    }
    Ok(runs)
}

/// Starts agents on three nodes, and loses one of them.
async fn live(agents: &[Name], loss: Loss) -> Result<Times, BenchError> {
    let site = Site::new()?;
    let node = embed(site.data("orders", Company::Keyed)?).await?;
    let mut other = Worker::start(&site.data("stays", Company::Keyed)?).await?;
    let mut lost = Worker::start(&site.data("lost", Company::Keyed)?).await?;
    registry::together(&node, 3).await?;

    let begun = shared_now();
    start(&node, agents).await?;
    // Whose name resolves runs, and a look at a name costs the node nothing.
    found(&node, agents, None).await?;
    running(&node, agents.len(), None).await?;
    let started = ms(shared_now().saturating_sub(begun));
    registry::together(&node, 3).await?;
    tokio::time::sleep(SETTLE).await;

    let views = node.view_now().await?;
    let uneven = uneven(&views.agents);
    let victim = views.nodes.iter().find(|node| node.name == "lost").map(|node| node.id);
    let victim = victim.ok_or_else(|| BenchError::Ended { node: "lost".to_owned() })?;
    other.resolve(PREFIX, agents.len(), victim).await?;
    let here = found(&node, agents, Some(victim));
    let begun = shared_now();
    match loss {
        Loss::Freeze => lost.freeze()?,
        Loss::Kill | Loss::Cable => lost.kill().await?,
    }
    running(&node, agents.len(), Some(victim)).await?;
    let run = ms(shared_now().saturating_sub(begun));
    let named = ms(other.answer().await?.max(here.await?).saturating_sub(begun));
    node.kill().await;
    Ok(Times { started, uneven, run, named })
}

/// By how many of a hundred the count of the node that is furthest from the mean differs from it.
fn uneven(agents: &[AgentView]) -> f64 {
    let mut counts: BTreeMap<NodeId, usize> = BTreeMap::new();
    for node in agents.iter().filter_map(|agent| agent.node) {
        *counts.entry(node).or_default() += 1;
    }
    let mean = float(agents.len()) / 3.0;
    let missing = (counts.len() < 3).then_some(0);
    let differs = |count: usize| 100.0 * (float(count) - mean).abs() / mean;
    counts.into_values().chain(missing).map(differs).fold(0.0, f64::max)
}

/// Looks until every name leads to a node, other than `lost`; tells when that was.
fn found(
    node: &NodeHandle,
    agents: &[Name],
    lost: Option<NodeId>,
) -> impl Future<Output = Result<Duration, BenchError>> + use<> {
    let (node, agents) = (node.clone(), agents.to_vec());
    let looks = tokio::task::spawn_blocking(move || resolve(&node, &agents, lost));
    async { looks.await.ok().ok_or_else(|| BenchError::Ended { node: "a look".to_owned() })? }
}

/// Orders all of them, so many at a time.
async fn start(node: &NodeHandle, agents: &[Name]) -> Result<(), BenchError> {
    let orders = agents.iter().map(|name| {
        let spec = AgentSpec::new(name.clone(), Runtime::Builtin { agent: Builtin::Echo });
        let start = Command::StartAgent { spec: Box::new(spec), pin: None, replace: false };
        node.command(node.id(), start)
    });
    stream::iter(orders).buffer_unordered(ORDERS).try_for_each(|_| async { Ok(()) }).await?;
    Ok(())
}

/// Waits until so many agents run, none of them on `lost`.
async fn running(node: &NodeHandle, agents: usize, lost: Option<NodeId>) -> Result<(), BenchError> {
    let end = shared_now() + PATIENCE;
    loop {
        let begun = Instant::now();
        let views = node.view_now().await?;
        let cost = begun.elapsed();
        let runs = views
            .agents
            .iter()
            .filter(|agent| agent.phase == Some(Phase::Running) && agent.node != lost)
            .count();
        if runs == agents {
            return Ok(());
        }
        if shared_now() > end {
            let state = format!("{runs} of {agents} run");
            let what = "all agents run".to_owned();
            return Err(BenchError::Late { what, within: PATIENCE, state });
        }
        tokio::time::sleep(LOOK_INTERVAL.max((cost * LOOK_SHARE).min(LONGEST_LOOK_INTERVAL))).await;
    }
}
