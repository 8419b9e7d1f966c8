//! Verbs about this node and the members.

use std::{path::Path, time::Duration};

use covey_logic::{
    NodeId,
    agent::Programs,
    node::{NodeView, RefugeView, StatusView},
};

use crate::{
    clock,
    control::{
        GetStatus, LabelNode, ListNodes, RenameNode, RevokeMember, SetPrograms, StopNode,
        WhatIfLost, endpoint::Endpoint,
    },
};

use super::{
    CliError,
    client::Client,
    find,
    out::{Out, table},
    words::{self, Names},
};

/// How long a node may take to say goodbye and stop its agents.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
/// Between two looks whether it has.
const STOP_LOOK: Duration = Duration::from_millis(50);

pub(super) async fn status(client: &Client, out: &Out) -> Result<(), CliError> {
    let status = client.ask(&GetStatus {}).await?;
    out.result(&status, || status_text(&status));
    Ok(())
}

pub(super) fn status_text(status: &StatusView) -> String {
    let StatusView { node, name, cluster, cluster_name, role, version, .. } = status;
    let mut lines = vec![
        format!("node      {name}  {}  {}, version {version}", node.short(), words::role(*role)),
        format!("cluster   {cluster_name}  {}", cluster.short()),
        format!("nodes     {} of {} alive", status.nodes_alive, status.nodes_known),
        format!("agents    {} of {} running", status.agents_running, status.agents_known),
        format!("agree     {} of {} alive", status.converged, status.nodes_alive),
        format!("messages  {} a second", status.messages_per_s),
    ];
    lines.extend(
        status.problems.iter().map(|problem| format!("problem   {}", words::problem(problem))),
    );
    if status.nodes_known == 1 {
        lines.push(
            "hint      alone; `covey nearby` shows whom to ask, `covey invite` makes a link".into(),
        );
    }
    lines.join("\n")
}

pub(super) async fn nodes(client: &Client, out: &Out) -> Result<(), CliError> {
    let nodes = client.ask(&ListNodes {}).await?;
    out.result(&nodes, || node_table(&nodes));
    Ok(())
}

pub(super) fn node_table(nodes: &[NodeView]) -> String {
    let now = clock::wall();
    let row = |node: &NodeView| {
        let labels: Vec<_> =
            node.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        vec![
            if node.this { format!("{} (this)", node.name) } else { node.name.clone() },
            node.id.short(),
            words::node_state(node.state).to_owned(),
            words::ago(now, node.since),
            words::role(node.role).to_owned(),
            node.agents.to_string(),
            format!("{}%", node.cpu_percent),
            format!("{}/{}", node.used_mib, node.memory_mib),
            node.ask.map_or_else(|| "-".to_owned(), |ask| thousandths(u64::from(ask.get()))),
            node.link.map_or_else(
                || "-".to_owned(),
                |link| words::span(Duration::from_micros(link.rtt_us.into())),
            ),
            words::programs(node.programs).to_owned(),
            format!("{}/{}", node.os, node.arch),
            if labels.is_empty() { "-".to_owned() } else { labels.join(",") },
        ]
    };
    let rows: Vec<_> = nodes.iter().map(row).collect();
    table(
        &[
            "NAME", "ID", "STATE", ">SINCE", "ROLE", ">AGENTS", ">CPU", ">MIB", ">ASK/s", ">RTT",
            "PROGRAMS", "SYSTEM", "LABELS",
        ],
        &rows,
    )
}

/// Credits, of thousandths.
pub(super) fn thousandths(some: u64) -> String {
    format!("{}.{:03}", some / 1_000, some % 1_000)
}

/// The members as people name them.
pub(super) fn named(nodes: &[NodeView]) -> Vec<(NodeId, &str)> {
    nodes.iter().map(|node| (node.id, node.name.as_str())).collect()
}

/// The names of all members.
pub(super) async fn names(client: &Client) -> Result<Names, CliError> {
    let nodes = client.ask(&ListNodes {}).await?;
    Ok(Names(nodes.into_iter().map(|node| (node.id, node.name)).collect()))
}

pub(super) async fn rename(client: &Client, out: &Out, name: String) -> Result<(), CliError> {
    client.ask(&RenameNode { name: name.clone() }).await?;
    out.done(&format!("this node is called {name}"));
    Ok(())
}

pub(super) async fn label(
    client: &Client,
    out: &Out,
    labels: Vec<(String, String)>,
) -> Result<(), CliError> {
    client.ask(&LabelNode { labels: labels.into_iter().collect() }).await?;
    out.done("the labels are set");
    Ok(())
}

pub(super) async fn allow(client: &Client, out: &Out, programs: Programs) -> Result<(), CliError> {
    client.ask(&SetPrograms { programs }).await?;
    out.done(match programs {
        Programs::Own => "this node runs only what its own user starts",
        Programs::Cluster => "this node runs what any operator of the cluster starts",
    });
    Ok(())
}

pub(super) async fn revoke(client: &Client, out: &Out, text: &str) -> Result<(), CliError> {
    let nodes = client.ask(&ListNodes {}).await?;
    let node = find::node(text, &named(&nodes))?;
    client.ask(&RevokeMember { node }).await?;
    out.done(&format!("{text} ({}) is put out of the cluster", node.short()));
    Ok(())
}

/// Asks the node to stop and waits until it has.
pub(super) async fn stop(client: &Client, out: &Out, data: &Path) -> Result<(), CliError> {
    client.ask(&StopNode {}).await?;
    let gone = async {
        let mut told = false;
        for look in 1_u32.. {
            if !matches!(Endpoint::find(data), Ok(Some(_))) {
                return;
            }
            if !told && STOP_LOOK * look > Duration::from_secs(1) {
                out.note("waiting: the node says goodbye and stops its agents ...");
                told = true;
            }
            tokio::time::sleep(STOP_LOOK).await;
        }
    };
    let late = |_| CliError::TimedOut("the node was asked to stop and still runs".to_owned());
    tokio::time::timeout(STOP_TIMEOUT, gone).await.map_err(late)?;
    out.done("the node has stopped");
    Ok(())
}

/// Says where the agents of a node would go if the node were lost.
pub(super) async fn what_if(client: &Client, out: &Out, text: &str) -> Result<(), CliError> {
    let nodes = client.ask(&ListNodes {}).await?;
    let node = find::node(text, &named(&nodes))?;
    let refuges = client.ask(&WhatIfLost { node }).await?;
    let names = Names(nodes.into_iter().map(|node| (node.id, node.name)).collect());
    out.result(&refuges, || {
        if refuges.is_empty() {
            return format!("{text} runs no agents");
        }
        let row = |refuge: &RefugeView| {
            let to = refuge.to.map_or_else(|| "-".to_owned(), |node| names.of(node));
            vec![refuge.agent.to_string(), to, refuge.waiting.join("; ")]
        };
        table(&["AGENT", "WOULD RUN ON", "BECAUSE"], &refuges.iter().map(row).collect::<Vec<_>>())
    });
    Ok(())
}
