//! Planned moves that even the cluster out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    agent::Phase,
    certificate::Role,
    ids::{Name, NodeId},
    moving::Sight,
    replica::{Presence, PresenceKey},
    supervision::{Tables, placement, placement::Candidate, wanted},
    time::Wall,
};

/// Planned moves; each node does those of its own agents, in order, each at its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Tells it from the plans before; a pause leaves it as it is. Never zero.
    pub id: u64,
    /// The moves, in order.
    pub moves: Vec<PlannedMove>,
    /// When the first is due.
    pub started: Wall,
    /// Between two moves, in milliseconds.
    pub interval_ms: u64,
    /// Whether they are done.
    pub phase: PlanPhase,
    /// When it was paused.
    pub paused: Option<Wall>,
}

/// A planned move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlannedMove {
    /// Of which agent.
    #[ts(type = "string")]
    pub name: Name,
    /// Where it runs.
    #[ts(type = "string")]
    pub from: NodeId,
    /// Where it goes.
    #[ts(type = "string")]
    pub to: NodeId,
    /// Why, for people.
    pub why: String,
}

/// Whether a plan's moves are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PlanPhase {
    /// As they come due.
    Running,
    /// Not until a person says so.
    Paused,
    /// No more.
    Aborted,
}

impl Plan {
    /// Moves in one plan: some 150 bytes each, which every node holds.
    pub const MAX_MOVES: usize = 1_000;

    /// When the move at `index` is due.
    #[must_use]
    pub fn due(&self, index: usize) -> Wall {
        let index = u64::try_from(index).unwrap_or(u64::MAX);
        Wall(self.started.0.saturating_add(index.saturating_mul(self.interval_ms)))
    }
}

/// The moves that bring the number of agents on each node in proportion to its weight.
///
/// Of agents that hand their state over and are on no node of anyone's choice, from the fullest node
/// to the emptiest, while that narrows the gap.
#[must_use]
pub fn even_out(sight: Sight<'_>) -> Vec<PlannedMove> {
    let tables = sight.tables;
    let places = sight.places();
    let mut counts = BTreeMap::new();
    let mut movable: BTreeMap<NodeId, BTreeSet<Name>> = BTreeMap::new();
    for place in places.iter().filter(|place| place.present() && place.role != Role::Observer) {
        let (count, names) = agents_of(place.node, tables);
        counts.insert(place.node, count);
        movable.insert(place.node, names);
    }
    let mut moves = Vec::new();
    while moves.len() < Plan::MAX_MOVES {
        let Some(step) = next(&places, &counts, &movable, tables) else { break };
        let (fuller, emptier) = (counts.entry(step.from).or_default(), 1);
        *fuller -= 1;
        *counts.entry(step.to).or_default() += emptier;
        if let Some(names) = movable.get_mut(&step.from) {
            names.remove(&step.name);
        }
        moves.push(step);
    }
    moves
}

/// How many agents a node holds, and which of them can be moved.
fn agents_of(node: NodeId, tables: Tables<'_>) -> (u64, BTreeSet<Name>) {
    let mut count = 0;
    let mut names = BTreeSet::new();
    for (key, value) in tables.replica.presences(node) {
        let (PresenceKey::Agent(name), Presence::Agent(status)) = (key, value) else { continue };
        count += 1;
        let free = wanted(tables.replica, name)
            .is_some_and(|it| it.spec.handoff.state && it.intent.run && it.intent.pin.is_none());
        if free && status.phase == Phase::Running {
            names.insert(name.clone());
        }
    }
    (count, names)
}

/// The move that narrows the widest gap that can be narrowed.
fn next(
    places: &[Candidate<'_>],
    counts: &BTreeMap<NodeId, u64>,
    movable: &BTreeMap<NodeId, BTreeSet<Name>>,
    tables: Tables<'_>,
) -> Option<PlannedMove> {
    let weight =
        |place: &Candidate<'_>| place.summary.map_or(1, |summary| u64::from(summary.weight.max(1)));
    let count = |place: &Candidate<'_>| counts.get(&place.node).copied();
    let mut pairs = Vec::new();
    for from in places {
        for to in places.iter().filter(|to| to.node != from.node) {
            let (Some(full), Some(empty)) = (count(from), count(to)) else { continue };
            // full / weight > (empty + 1) / weight, in whole numbers.
            let (before, after) = (full * weight(to), (empty + 1) * weight(from));
            if before > after {
                pairs.push((before - after, from, to, full, empty));
            }
        }
    }
    pairs.sort_by_key(|(gap, from, to, ..)| (std::cmp::Reverse(*gap), from.node, to.node));
    pairs.into_iter().find_map(|(_, from, to, full, empty)| {
        let able = movable.get(&from.node)?.iter().filter(|name| {
            wanted(tables.replica, name)
                .is_some_and(|it| placement::exclusions(it.spec, &it.intent, to).is_empty())
        });
        let name =
            able.max_by_key(|name| placement::score(name.as_str(), to.node, to.weight()))?.clone();
        let title = |place: &Candidate<'_>| {
            place.summary.map_or_else(|| place.node.short(), |summary| summary.name.clone())
        };
        let why = format!("{} holds {full} agents, {} holds {empty}", title(from), title(to));
        Some(PlannedMove { name, from: from.node, to: to.node, why })
    })
}
