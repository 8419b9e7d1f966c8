//! What the loss of a node does to its agents, on three nodes: to a builtin one and a Python
//! program, and to thousands.

mod crowd;
mod pause;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use covey_cluster::{Lan, builtin, pupil};
use futures::future::try_join_all;
use rustix::process::Signal;
use serde_json::{Value, json};

use super::RUNS;
use crate::{
    error::BenchError,
    figure::Report,
    machine::ms,
    node::{Node, Place},
    site::{Company, Site},
    wait::{PATIENCE, until},
};

/// The agents, and what each is asked.
const AGENTS: [(&str, &str); 2] = [("echo", "echo"), ("pupil", "where")];
/// Kills that count.
const ROUNDS: usize = 10;
/// How long agents rest where they were moved before their node is lost.
const SETTLE: Duration = Duration::from_secs(1);

/// How a node is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    Kill,
    Freeze,
    /// Its cable is cut; it runs on.
    Cable,
}

pub(super) async fn measure(report: &mut Report, private: bool) -> Result<(), BenchError> {
    on_loopback(report).await?;
    if let Some(lan) = if private { Lan::new(3) } else { None } {
        on_cables(report, &lan).await?;
    } else {
        report.absent("cable_failover", "cables take a network in namespaces");
    }
    crowd::measure(report).await?;
    pause::measure(report).await
}

async fn on_loopback(report: &mut Report) -> Result<(), BenchError> {
    let site = Site::new()?;
    let mut nodes = cluster(&site, |_| (Company::Keyed, Place::Here)).await?;
    let mut both = Vec::new();
    let mut each = [Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        let times = lose(&mut nodes, round % 3, Loss::Kill).await?;
        if round > 0 {
            both.push(times.iter().copied().fold(0.0, f64::max));
            for (samples, time) in each.iter_mut().zip(times) {
                samples.push(time);
            }
        }
    }
    let [echo, pupil] = each;
    report.median("kill_one_p50", "ms", &both);
    report.median("kill_one_builtin", "ms", &echo);
    report.median("kill_one_process", "ms", &pupil);
    let mut frozen = Vec::new();
    for round in 0..=RUNS {
        let times = lose(&mut nodes, round % 3, Loss::Freeze).await?;
        frozen.extend((round > 0).then(|| times.iter().copied().fold(0.0, f64::max)));
    }
    report.median("freeze_one", "ms", &frozen);
    Ok(())
}

async fn on_cables(report: &mut Report, lan: &Arc<Lan>) -> Result<(), BenchError> {
    let site = Site::new()?;
    let place = |host| (Company::KeyedMulticast, Place::Host(Arc::clone(lan), host));
    let mut nodes = cluster(&site, place).await?;
    let mut cut = Vec::new();
    for round in 0..=RUNS {
        let times = lose(&mut nodes, round % 3, Loss::Cable).await?;
        cut.extend((round > 0).then(|| times.iter().copied().fold(0.0, f64::max)));
    }
    report.median("cable_failover", "ms", &cut);
    Ok(())
}

/// Three nodes that agree, with the agents on them; `place` says how and where each of them lives.
async fn cluster(
    site: &Site,
    place: impl Fn(u8) -> (Company, Place),
) -> Result<Vec<Node>, BenchError> {
    let mut nodes = Vec::new();
    for (name, host) in ["a", "b", "c"].into_iter().zip(1..) {
        let (company, place) = place(host);
        let mut node = Node::new(site, name, company, place)?;
        node.start().await?;
        nodes.push(node);
    }
    together(&nodes).await?;
    for spec in [builtin("echo", "echo"), pupil("pupil", &[])] {
        ordered(nodes.iter(), "agent.start", &json!({ "spec": spec, "pin": null })).await?;
    }
    Ok(nodes)
}

async fn together(nodes: &[Node]) -> Result<(), BenchError> {
    let size = u64::try_from(nodes.len()).unwrap_or_default();
    until("all are members and agree", PATIENCE, async || {
        for node in nodes {
            let (alive, converged) = node.alive().await?;
            if (alive, converged) != (size, size) {
                return Err(format!("{} sees {alive} alive, {converged} agree", node.id()));
            }
        }
        Ok(())
    })
    .await
}

/// Loses the node at `place` with the agents on it; tells for each agent when it had answered
/// every survivor from elsewhere, in milliseconds. All is as before when this returns.
async fn lose(nodes: &mut [Node], place: usize, loss: Loss) -> Result<Vec<f64>, BenchError> {
    nodes.rotate_left(place);
    let Some((victim, survivors)) = nodes.split_first_mut() else { return Ok(Vec::new()) };
    gather(victim, survivors).await?;
    let begun = Instant::now();
    match loss {
        Loss::Kill => victim.kill()?,
        Loss::Freeze => victim.signal(Signal::STOP)?,
        Loss::Cable => victim.unplug(),
    }
    let lost = victim.id();
    let answers = AGENTS.map(|agent| {
        let heard = survivors.iter().map(move |node| answered_elsewhere(node, agent, lost));
        async move {
            try_join_all(heard).await?;
            Ok::<_, BenchError>(ms(begun.elapsed()))
        }
    });
    let times = try_join_all(answers).await?;
    match loss {
        Loss::Kill => victim.start().await?,
        Loss::Freeze => victim.signal(Signal::CONT)?,
        Loss::Cable => victim.plug(),
    }
    together(nodes).await?;
    nodes.rotate_right(place);
    Ok(times)
}

/// Moves every agent to `node`, and leaves it free to move again.
async fn gather(node: &Node, others: &[Node]) -> Result<(), BenchError> {
    for (agent, method) in AGENTS {
        let all = || others.iter().chain([node]);
        ordered(all(), "agent.move", &json!({ "name": agent, "to": node.id() })).await?;
        for node_that_calls in all() {
            until(format!("{agent} answers where it should"), PATIENCE, async || {
                let from = node_that_calls.call(agent, method).await;
                let from = from.map_err(|error| error.to_string())?;
                if from == node.id() { Ok(()) } else { Err(from) }
            })
            .await?;
        }
        ordered(all(), "agent.move", &json!({ "name": agent, "to": null })).await?;
    }
    tokio::time::sleep(SETTLE).await;
    for (agent, method) in AGENTS {
        let from = node.call(agent, method).await?;
        if from != node.id() {
            let what = format!("{agent} stays where it was moved");
            return Err(BenchError::Late { what, within: SETTLE, state: from });
        }
    }
    Ok(())
}

/// Gives an order to a node whose role allows it: a join key admits workers alone, so that only the
/// founder may.
async fn ordered(
    nodes: impl Iterator<Item = &Node>,
    command: &str,
    arguments: &Value,
) -> Result<(), BenchError> {
    let mut refused = Ok(());
    for node in nodes {
        match node.ask(command, arguments).await {
            Ok(_) => return Ok(()),
            Err(error) => refused = Err(error),
        }
    }
    refused
}

async fn answered_elsewhere(
    node: &Node,
    (agent, method): (&str, &str),
    lost: &str,
) -> Result<(), BenchError> {
    until(format!("{agent} answers elsewhere"), PATIENCE, async || {
        let from = node.call(agent, method).await.map_err(|error| error.to_string())?;
        if from == lost { Err("the lost node answered".to_owned()) } else { Ok(()) }
    })
    .await
}
