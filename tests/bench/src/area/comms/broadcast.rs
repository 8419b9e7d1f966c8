//! One message to a thousand agents on three nodes, until the last outcome is in.

use std::time::{Duration, Instant};

use bytes::Bytes;
use covey_logic::{
    Command, Name, NodeId,
    agent::{AgentSpec, Builtin, Runtime},
};
use covey_node::{NodeHandle, comms::Call};
use futures::future::try_join_all;

use super::super::RUNS;
use crate::{
    error::BenchError,
    wait::{PATIENCE, until},
    worker::name,
};

const AGENTS: usize = 1_000;
/// Bytes of the body, which is a string of JSON.
const BODY: usize = 1_024;

/// Milliseconds of each run that counts.
pub(super) async fn times(
    node: &NodeHandle,
    nodes: [Option<NodeId>; 3],
) -> Result<Vec<f64>, BenchError> {
    let names: Vec<Name> =
        (0..AGENTS).map(|number| name("many", number)).collect::<Result<_, _>>()?;
    let places = nodes.iter().cycle();
    let starts = names.iter().zip(places).map(|(name, pin)| {
        let runtime = Runtime::Builtin { agent: Builtin::Echo };
        let spec = Box::new(AgentSpec::new(name.clone(), runtime));
        node.command(node.id(), Command::StartAgent { spec, pin: *pin, replace: false })
    });
    try_join_all(starts).await?;
    let body = Bytes::from(format!("{:?}", "x".repeat(BODY - 2)));
    let calls = || {
        let call = |name: &Name| Call::new(name.clone(), "echo", body.clone(), PATIENCE);
        names.iter().map(call).collect::<Vec<_>>()
    };
    let messages = node.messages();
    until("all answer", PATIENCE, async || {
        let failed = messages.call_all(calls()).await.into_iter().filter(Result::is_err).count();
        if failed == 0 { Ok(()) } else { Err(format!("{failed} do not")) }
    })
    .await?;
    let mut times = Vec::new();
    for run in 0..=RUNS {
        let calls = calls();
        let begun = Instant::now();
        let outcomes = messages.call_all(calls).await;
        let took = begun.elapsed();
        outcomes.into_iter().collect::<Result<Vec<_>, _>>()?;
        times.extend((run > 0).then_some(took.as_secs_f64() * 1e3));
        // What one run leaves behind is not the next one's.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(times)
}
