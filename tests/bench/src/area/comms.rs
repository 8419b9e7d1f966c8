//! Calls of agents, here and on another node.
//!
//! The caller is a node inside the bench; the other is a process of its own. Bodies are JSON
//! strings of 64 bytes.

mod beside;
mod broadcast;

use std::time::{Duration, Instant};

use bytes::Bytes;
use covey_logic::{
    Command, Name, NodeId,
    agent::{AgentSpec, Builtin, Runtime},
};
use covey_node::{NodeHandle, comms::Call};

use super::{RUNS, consensus::refused, registry::together};
use crate::{
    error::BenchError,
    figure::Report,
    machine::float,
    node::{Node, Place},
    site::{Company, Site},
    wait::{PATIENCE, until},
    worker::{embed, name},
};

/// How long a run counts.
const RUN: Duration = Duration::from_secs(2);
/// Calls of a run that are timed one by one.
const TIMED: usize = 2_000;
/// Callers of an agent on another node, and of one here.
const REMOTE_CALLERS: usize = 64;
const LOCAL_CALLERS: usize = 8;
/// How long the slow agent sleeps.
const SLEEP: &str = r#"{"ms":100}"#;

pub(super) async fn measure(report: &mut Report) -> Result<(), BenchError> {
    let site = Site::new()?;
    let node = embed(site.data("caller", Company::Keyed)?).await?;
    let mut other = Node::new(&site, "other", Company::Keyed, Place::Here)?;
    other.start().await?;
    together(&node, 2).await?;
    let there = other.id().parse().ok();
    for (number, place) in [(0, there), (1, Some(node.id())), (2, Some(node.id()))] {
        echo(&node, name("echo", number)?, place).await?;
    }
    let body = Bytes::from(format!("{:?}", "x".repeat(62)));
    let call = |number, method: &str, params| {
        let name = name("echo", number)?;
        Ok::<_, BenchError>(Call::new(name, method, params, Duration::from_secs(10)))
    };
    let (far, near) = (call(0, "echo", body.clone())?, call(1, "echo", body)?);
    let slow = call(2, "sleep", Bytes::from_static(SLEEP.as_bytes()))?;

    let rates = rates(&node, &far, REMOTE_CALLERS).await?;
    report.median("remote_rate_64", "1/s", &rates);
    let mut medians = Vec::new();
    for run in 0..=RUNS {
        let median = round_trip(&node, &far).await?;
        medians.extend((run > 0).then_some(median));
    }
    report.median("remote_p50_1", "µs", &medians);
    let local = self::rates(&node, &near, LOCAL_CALLERS).await?;
    report.median("local_rate", "1/s", &local);
    report.median("beside_slow", "ratio", &beside::ratios(&node, (&near, &slow)).await?);
    let mut third = Node::new(&site, "third", Company::Keyed, Place::Here)?;
    third.start().await?;
    together(&node, 3).await?;
    let nodes = [Some(node.id()), there, third.id().parse().ok()];
    report.median("broadcast_1k", "ms", &broadcast::times(&node, nodes).await?);
    node.kill().await;
    Ok(())
}

/// Starts an echo on one node and waits until it answers.
async fn echo(node: &NodeHandle, name: Name, pin: Option<NodeId>) -> Result<(), BenchError> {
    let spec = AgentSpec::new(name.clone(), Runtime::Builtin { agent: Builtin::Echo });
    let start = Command::StartAgent { spec: Box::new(spec), pin, replace: false };
    node.command(node.id(), start).await?;
    until(format!("{name} answers"), PATIENCE, async || {
        let (name, params) = (name.clone(), Bytes::from_static(b"null"));
        let call = Call::new(name, "echo", params, Duration::from_secs(5));
        let reply = node.call(call).await.map_err(|error| error.to_string())?;
        let placed = pin.is_none_or(|pin| pin == reply.node);
        if placed { Ok(()) } else { Err("it answers from elsewhere".to_owned()) }
    })
    .await
}

async fn rates(node: &NodeHandle, call: &Call, callers: usize) -> Result<Vec<f64>, BenchError> {
    let mut rates = Vec::new();
    for run in 0..=RUNS {
        let rate = rate(node, call, callers).await?;
        rates.extend((run > 0).then_some(rate));
    }
    Ok(rates)
}

/// Calls a second of so many callers, each of which waits for its answer before it calls again, and
/// has a request of its own.
async fn rate(node: &NodeHandle, call: &Call, callers: usize) -> Result<f64, BenchError> {
    let begun = Instant::now();
    let requests: Vec<Call> = (0..callers).map(|_| own(call)).collect::<Result<_, _>>()?;
    let callers: Vec<_> = requests
        .into_iter()
        .map(|call| {
            let node = node.clone();
            tokio::spawn(async move {
                let mut answered = 0_u32;
                while begun.elapsed() < RUN {
                    node.call(call.clone()).await?;
                    answered += 1;
                }
                Ok::<_, BenchError>(answered)
            })
        })
        .collect();
    let mut answered = 0;
    for caller in callers {
        let ended = |_| BenchError::Ended { node: "a caller".to_owned() };
        answered += caller.await.map_err(ended)??;
    }
    Ok(float(answered) / begun.elapsed().as_secs_f64())
}

/// The same request, in memory that nobody else counts references to.
fn own(call: &Call) -> Result<Call, BenchError> {
    let name = Name::new(call.name.as_str()).map_err(|error| refused("a name", &error))?;
    Ok(Call::new(name, &*call.method, Bytes::copy_from_slice(&call.params), call.timeout))
}

/// The median time of a call, in microseconds, one after another.
async fn round_trip(node: &NodeHandle, call: &Call) -> Result<f64, BenchError> {
    let mut times = Vec::new();
    for _ in 0..TIMED {
        let begun = Instant::now();
        node.call(call.clone()).await?;
        times.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    Ok(times.get(TIMED / 2).copied().unwrap_or_default())
}
