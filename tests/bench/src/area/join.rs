//! How long a newcomer takes to be seen and to be a member.

use std::time::Instant;

use covey_cluster::Lan;
use serde_json::{Value, json};

use super::RUNS;
use crate::{
    error::BenchError,
    figure::Report,
    machine,
    node::{Node, Place},
    site::{Company, Site},
    wait::{PATIENCE, until},
};

pub(super) async fn measure(report: &mut Report, private: bool) -> Result<(), BenchError> {
    let lan = if private { Lan::new(2) } else { None };
    if let Some(lan) = lan {
        let mut discovered = Vec::new();
        for run in 0..=RUNS {
            let took = discover(&lan).await?;
            discovered.extend((run > 0).then_some(took));
        }
        report.median("discovered", "ms", &discovered);
    } else {
        report.absent("discovered", "multicast takes a network in namespaces");
    }
    let mut member = Vec::new();
    for run in 0..=RUNS {
        let took = become_member().await?;
        member.extend((run > 0).then_some(took));
    }
    report.median("member", "ms", &member);
    Ok(())
}

/// From the start of a second node until the first sees it.
async fn discover(lan: &std::sync::Arc<Lan>) -> Result<f64, BenchError> {
    let site = Site::new()?;
    let node = |name, host| {
        Node::new(&site, name, Company::Multicast, Place::Host(std::sync::Arc::clone(lan), host))
    };
    let (mut first, mut second) = (node("first", 1)?, node("second", 2)?);
    first.start().await?;
    let begun = second.launch()?;
    let seen = until("the first sees the second", PATIENCE, async || {
        let pairing = pairing(&first).await?;
        rows(&pairing, "nearby").first().map(drop).ok_or_else(|| pairing.to_string())
    });
    seen.await?;
    Ok(machine::ms(begun.elapsed()))
}

/// From the acceptance until both see both alive.
async fn become_member() -> Result<f64, BenchError> {
    let site = Site::new()?;
    let node = |name| Node::new(&site, name, Company::Asking, Place::Here);
    let (mut host, mut joiner) = (node("host")?, node("joiner")?);
    host.start().await?;
    joiner.start().await?;
    let nearby = until("the joiner sees the host", PATIENCE, async || {
        let pairing = pairing(&joiner).await?;
        let near = rows(&pairing, "nearby").iter().any(|row| is(row, host.id()));
        if near { Ok(()) } else { Err(pairing.to_string()) }
    });
    nearby.await?;
    joiner.ask("pairing.ask", &json!({ "node": host.id() })).await?;
    let shown = until("both show the code", PATIENCE, async || {
        let (asked, asks) = (pairing(&host).await?, pairing(&joiner).await?);
        let requested = rows(&asked, "requests").iter().any(|row| is(row, joiner.id()));
        let waits = asks.pointer("/ask/phase/kind").is_some_and(|phase| phase == "waiting");
        if requested && waits { Ok(()) } else { Err(format!("{asked}; {asks}")) }
    });
    shown.await?;
    let begun = Instant::now();
    host.ask("pairing.accept", &json!({ "node": joiner.id() })).await?;
    let members = until("both are members", PATIENCE, async || {
        let alive = (host.alive().await?.0, joiner.alive().await?.0);
        if alive == (2, 2) { Ok(()) } else { Err(format!("{alive:?}")) }
    });
    members.await?;
    Ok(machine::ms(begun.elapsed()))
}

async fn pairing(node: &Node) -> Result<Value, String> {
    node.ask("pairing.get", &json!({})).await.map_err(|error| error.to_string())
}

fn rows<'a>(pairing: &'a Value, list: &str) -> &'a [Value] {
    pairing.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn is(row: &Value, id: &str) -> bool {
    row.get("node").and_then(Value::as_str) == Some(id)
}
