//! A planned move of an agent that takes its state along, as one who calls it all the time sees it.

use std::time::{Duration, Instant};

use bytes::Bytes;
use covey_logic::{
    Command, Name, NodeId,
    agent::{AgentSpec, Builtin, Handoff, Runtime},
};
use covey_node::{NodeHandle, comms::Call};

use super::super::registry;
use crate::{
    error::BenchError,
    figure::Report,
    machine::ms,
    node::{Node, Place},
    site::{Company, Site},
    wait::PATIENCE,
    worker::{embed, name},
};

/// Moves that count, and those before them that do not.
const MOVES: usize = 100;
const WARM_UP: usize = 5;
/// How long the caller goes on after the first answer from the other node.
const AFTER: Duration = Duration::from_millis(100);
/// How long one call may wait for the state to travel.
const CALL: Duration = Duration::from_secs(10);

pub(super) async fn measure(report: &mut Report) -> Result<(), BenchError> {
    let site = Site::new()?;
    let node = embed(site.data("caller", Company::Keyed)?).await?;
    let mut holders = Vec::new();
    for name in ["one", "two"] {
        let mut holder = Node::new(&site, name, Company::Keyed, Place::Here)?;
        holder.start().await?;
        holders.push(holder);
    }
    registry::together(&node, 3).await?;
    let ids: Vec<NodeId> = holders.iter().filter_map(|holder| holder.id().parse().ok()).collect();
    let counter = name("counter", 0)?;
    start(&node, &counter, ids.first().copied()).await?;

    let mut caller = Caller { node: &node, counter: counter.clone(), count: 0 };
    caller.until_answered_by(ids.first().copied()).await?;
    let mut gaps = Vec::new();
    for (turn, to) in ids.iter().cycle().skip(1).take(WARM_UP + MOVES).enumerate() {
        let order = Command::MoveAgent { name: counter.clone(), to: Some(*to) };
        node.command(node.id(), order).await?;
        let gap = caller.until_answered_by(Some(*to)).await?;
        gaps.extend((turn >= WARM_UP).then(|| ms(gap)));
    }
    report.median("handoff_pause_p50", "ms", &gaps);
    report.quantile(("handoff_pause_p99", "ms"), &gaps, 99);
    node.kill().await;
    Ok(())
}

async fn start(node: &NodeHandle, name: &Name, pin: Option<NodeId>) -> Result<(), BenchError> {
    let spec = AgentSpec::new(name.clone(), Runtime::Builtin { agent: Builtin::Counter });
    let handoff = Handoff { state: true, ..Handoff::default() };
    let spec = Box::new(AgentSpec { handoff, ..spec });
    node.command(node.id(), Command::StartAgent { spec, pin, replace: false }).await?;
    Ok(())
}

/// One who adds one to a counter, and knows what it should answer.
struct Caller<'a> {
    node: &'a NodeHandle,
    counter: Name,
    count: u64,
}

impl Caller<'_> {
    /// Calls without a pause until `holder` has answered for a while; the longest time without an
    /// answer. A count that was lost or doubled ends the measurement.
    async fn until_answered_by(&mut self, holder: Option<NodeId>) -> Result<Duration, BenchError> {
        let begun = Instant::now();
        let (mut longest, mut last, mut moved) = (Duration::ZERO, begun, None);
        loop {
            let params = Bytes::from_static(br#"{"by":1}"#);
            let answer = self.node.call(Call::new(self.counter.clone(), "add", params, CALL)).await;
            let now = Instant::now();
            if let Ok(reply) = answer {
                self.count += 1;
                let count = std::str::from_utf8(&reply.value).ok().and_then(|it| it.parse().ok());
                if count != Some(self.count) {
                    let answer = format!("{:?} instead of {}", reply.value, self.count);
                    return Err(BenchError::Refused { command: "add".to_owned(), answer });
                }
                longest = longest.max(now - last);
                last = now;
                if holder == Some(reply.node) {
                    moved = moved.or(Some(now));
                }
            } else if self.count > 0 {
                let answer = format!("{answer:?}");
                return Err(BenchError::Refused { command: "add".to_owned(), answer });
            }
            if moved.is_some_and(|moved| now - moved > AFTER) {
                return Ok(longest);
            }
            if now - begun > PATIENCE {
                let (what, state) = ("it moves".to_owned(), format!("{} answers", self.count));
                return Err(BenchError::Late { what, within: PATIENCE, state });
            }
        }
    }
}
