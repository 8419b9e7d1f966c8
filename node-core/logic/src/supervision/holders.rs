//! Which nodes say that they hold an agent, and how many each holds.

use std::collections::BTreeMap;

use crate::{
    agent::{Phase, Status},
    ids::{Name, NodeId},
    replica::{Moved, Presence, PresenceKey, Replica},
    supervision::Tables,
    time::Instant,
};

/// Which nodes say that they hold an agent, present or not.
#[derive(Debug, Default)]
pub struct Holders {
    /// Few agents are held by more than one.
    nodes: BTreeMap<Name, Vec<NodeId>>,
    counts: BTreeMap<NodeId, u32>,
    /// Where agents went, as those said that had them, and when that was heard: their words are gone
    /// once they start again.
    moved: BTreeMap<Name, (Moved, Instant)>,
}

impl Holders {
    /// Takes note of what `node` says of `name`; gives how many agents it holds, before and after.
    pub fn note(&mut self, node: NodeId, name: &Name, holds: bool) -> (u32, u32) {
        let count = self.counts.entry(node).or_default();
        let before = *count;
        match self.nodes.get_mut(name) {
            Some(nodes) => {
                let known = nodes.iter().position(|held| *held == node);
                match known {
                    Some(place) if !holds => {
                        nodes.swap_remove(place);
                        *count = before.saturating_sub(1);
                    }
                    None if holds => {
                        nodes.push(node);
                        *count = before + 1;
                    }
                    Some(_) | None => {}
                }
                if nodes.is_empty() {
                    self.nodes.remove(name);
                }
            }
            None if holds => {
                self.nodes.insert(name.clone(), vec![node]);
                *count = before + 1;
            }
            None => {}
        }
        (before, *count)
    }

    /// Takes note of where an agent went, as the node said that had it.
    pub fn note_moved(&mut self, origin: NodeId, name: &Name, tables: Tables<'_>) {
        let key = PresenceKey::Moved(name.clone());
        if let Some(Presence::Moved(moved)) = tables.replica.presence(origin, &key) {
            self.moved.insert(name.clone(), (*moved, tables.now.at));
        }
    }

    /// Forgets where agents went that are known to have arrived, or should be by now.
    pub fn sweep(&mut self, tables: Tables<'_>) {
        self.moved.retain(|_, moved| is_under_way(*moved, tables));
    }

    /// Whether `name` was handed over to a present node that has not been heard since.
    #[must_use]
    pub fn travels(&self, name: &Name, tables: Tables<'_>) -> bool {
        self.moved.get(name).is_some_and(|moved| is_under_way(*moved, tables))
    }

    /// How many agents `node` holds.
    #[must_use]
    pub fn count(&self, node: NodeId) -> u32 {
        self.counts.get(&node).copied().unwrap_or(0)
    }

    /// Every node that says that it holds `name`, with what it says.
    pub fn all<'a>(
        &self,
        name: &Name,
        replica: &'a Replica,
    ) -> impl Iterator<Item = (NodeId, &'a Status)> {
        let nodes = self.nodes.get(name).map_or(&[][..], Vec::as_slice);
        nodes.iter().filter_map(|node| Some((*node, status_of(replica, *node, name)?)))
    }

    /// The present node that holds `name` and what it says of it; of several the one that is
    /// active, then the latest life.
    #[must_use]
    pub fn holder<'a>(&self, name: &Name, tables: Tables<'a>) -> Option<(NodeId, &'a Status)> {
        self.all(name, tables.replica)
            .filter(|(node, _)| tables.membership.is_present(*node))
            .max_by_key(|(node, status)| (rank(status.phase), status.epoch, *node))
    }

    /// The present node that makes itself ready for the state of `name`.
    #[must_use]
    pub fn arrives_at(&self, name: &Name, tables: Tables<'_>) -> Option<NodeId> {
        let mut all = self.all(name, tables.replica);
        let arrives = |node, status: &Status| {
            status.phase == Phase::Arriving && tables.membership.is_present(node)
        };
        all.find(|(node, status)| arrives(*node, status)).map(|(node, _)| node)
    }
}

fn is_under_way((moved, heard): (Moved, Instant), tables: Tables<'_>) -> bool {
    let Moved { to, said } = moved;
    tables.now.at.since(heard) < Moved::LIFETIME
        && tables.membership.is_present(to)
        && tables.replica.heard(to) < Some(said)
}

/// What a node says of an agent it holds.
#[must_use]
pub fn status_of<'a>(replica: &'a Replica, node: NodeId, name: &Name) -> Option<&'a Status> {
    match replica.presence(node, &PresenceKey::Agent(name.clone()))? {
        Presence::Agent(status) => Some(status),
        Presence::Summary(_)
        | Presence::Views(_)
        | Presence::Breaches(_)
        | Presence::Moved(_)
        | Presence::Claim(_)
        | Presence::Kept(_)
        | Presence::Moves(_) => None,
    }
}

/// Whether a life of it uses the host.
pub(super) fn is_active(phase: Phase) -> bool {
    matches!(phase, Phase::Starting | Phase::Running | Phase::Migrating | Phase::Stopping)
}

/// Whose word counts where two nodes hold an agent: one that is handed over is where it was until
/// it runs where it goes.
fn rank(phase: Phase) -> u8 {
    match phase {
        Phase::Running | Phase::Migrating => 2,
        Phase::Starting | Phase::Stopping => 1,
        Phase::Arriving | Phase::BackingOff | Phase::Finished | Phase::Failed => 0,
    }
}
