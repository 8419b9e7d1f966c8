//! Nodes that are paired.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::{Lan, Node, eventually};

/// How long a step of pairing may take on a busy machine; how long it should take has a test of its
/// own.
const PATIENCE: Duration = Duration::from_secs(30);

/// Members of one cluster on one network.
#[derive(Debug)]
pub struct Cluster {
    /// The network.
    pub lan: Arc<Lan>,
    /// The members `a`, `b` and so on, on hosts 1 and up; the first founded the cluster.
    pub nodes: Vec<Node>,
}

impl Cluster {
    /// A cluster of `size` members on a network with `strangers` hosts more; none where namespaces
    /// cannot be made. Every member runs programs of the others.
    #[must_use]
    pub fn new(size: u8, strangers: u8) -> Option<Self> {
        Self::admitted_as("operator", size, strangers)
    }

    /// The same, in which every member may decide who is one.
    #[must_use]
    pub fn of_admins(size: u8) -> Option<Self> {
        Self::admitted_as("admin", size, 0)
    }

    fn admitted_as(role: &str, size: u8, strangers: u8) -> Option<Self> {
        let lan = Lan::new(size + strangers)?;
        let mut nodes: Vec<_> = (1..=size)
            .zip('a'..)
            .map(|(host, name)| Node::new(&lan, host, &name.to_string(), "programs = \"cluster\""))
            .collect();
        nodes.iter_mut().for_each(Node::launch);
        nodes.iter_mut().for_each(Node::await_door);
        if let Some((first, others)) = nodes.split_first() {
            for other in others {
                pair_as(role, other, first);
            }
        }
        let cluster = Self { lan, nodes };
        cluster.await_all();
        Some(cluster)
    }

    /// Waits until every node holds every other to be alive and has its state.
    ///
    /// # Panics
    ///
    /// If that takes longer than a busy machine explains.
    pub fn await_all(&self) {
        let all = u64::try_from(self.nodes.len()).ok();
        // One after the other: what a node says of its load changes each second, so that all are
        // seldom found equal at one moment.
        for node in &self.nodes {
            eventually("it sees all alive and equal", PATIENCE, || {
                let status = node.get("status.get", &json!({}));
                let count = |field| status.get(field).and_then(Value::as_u64);
                if count("nodes_alive") == all && count("converged") == all {
                    Ok(())
                } else {
                    Err(format!("{} says {status}", node.name()))
                }
            });
        }
    }

    /// The place among the nodes of the one with this id.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    pub fn place_of(&self, id: &str) -> usize {
        let place = self.nodes.iter().position(|node| node.id() == id);
        place.unwrap_or_else(|| panic!("{id:?} is none of the nodes"))
    }

    /// Starts an agent from the first node and waits until every node gets an answer from it.
    ///
    /// # Panics
    ///
    /// If it is refused, or does not answer in time.
    pub fn run(&self, spec: &Value, pin: Option<&Node>) {
        let Some(first) = self.nodes.first() else { panic!("there is no node") };
        let pin = pin.map(Node::id);
        drop(first.get("agent.start", &json!({ "spec": spec, "pin": pin })));
        let name = spec.get("name").and_then(Value::as_str).unwrap_or_default();
        for node in &self.nodes {
            eventually(&format!("{} hears {name}", node.name()), PATIENCE, || {
                node.call(name, "where", PATIENCE).map_err(|error| error.text)
            });
        }
    }
}

/// `joiner` asks `host`, the codes are compared, `host` accepts, and both see each other.
///
/// # Panics
///
/// If a step takes too long or the codes differ.
pub fn pair(joiner: &Node, host: &Node) {
    pair_as("operator", joiner, host);
}

/// The same; the joiner is admitted as this.
fn pair_as(role: &str, joiner: &Node, host: &Node) {
    let pairing = |node: &Node| node.get("pairing.get", &json!({}));
    let of = |rows: Option<&Value>, id: &str| {
        let rows = rows.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        rows.iter().find(|row| row.get("node").and_then(Value::as_str) == Some(id)).cloned()
    };
    eventually(&format!("{} sees {} nearby", joiner.name(), host.name()), PATIENCE, || {
        let seen = pairing(joiner);
        of(seen.get("nearby"), host.id()).ok_or(seen.to_string())
    });
    drop(joiner.get("pairing.ask", &json!({ "node": host.id() })));
    let what = format!("{} and {} show one code", joiner.name(), host.name());
    eventually(&what, PATIENCE, || {
        let (asked, asks) = (pairing(host), pairing(joiner));
        let state = || format!("asked: {asked}; asks: {asks}");
        let request = of(asked.get("requests"), joiner.id()).ok_or_else(state)?;
        let shown = asks.pointer("/ask/phase/kind").is_some_and(|phase| phase == "waiting");
        let same = ["/digits", "/words"]
            .into_iter()
            .all(|part| request.pointer(part) == asks.get("ask").and_then(|ask| ask.pointer(part)));
        if shown && same { Ok(()) } else { Err(state()) }
    });
    drop(host.get("pairing.accept", &json!({ "node": joiner.id(), "role": role })));
    for (node, other) in [(joiner, host), (host, joiner)] {
        eventually(&format!("{} sees {} alive", node.name(), other.name()), PATIENCE, || {
            let row = node.member(other.id());
            let alive = row.get("state").is_some_and(|state| state == "alive");
            if alive { Ok(()) } else { Err(row.to_string()) }
        });
    }
}
