//! A breaker and a bulkhead for each agent that is called from here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use covey_logic::{
    Instant, Name, NodeId,
    guard::{Breaker, Bulkhead, BulkheadRule},
};
use tokio::sync::oneshot;

use crate::sharded::{NameMap, Sharded};

/// The guards of one agent.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) breaker: Breaker,
    pub(super) bulkhead: Bulkhead<oneshot::Sender<()>>,
    /// Calls that the breaker refused.
    pub(super) broken: u64,
    /// Calls that the bulkhead refused.
    pub(super) crowded: u64,
}

/// A gate that calls share.
#[derive(Clone, Debug)]
pub(super) struct SharedGate(Arc<Mutex<Gate>>);

/// The gates of all agents.
#[derive(Debug)]
pub(super) struct Gates {
    me: NodeId,
    shards: Sharded<RwLock<NameMap<SharedGate>>>,
}

/// Gates in a shard before those are forgotten that nothing is known by: some kilobytes each, and
/// together as many as agents a node is made for.
const SHARD_CAPACITY: usize = 1_024;

impl SharedGate {
    pub(super) fn lock(&self) -> MutexGuard<'_, Gate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_idle(&self, now: Instant) -> bool {
        let unused = Arc::strong_count(&self.0) == 1;
        let gate = self.lock();
        unused && gate.breaker.is_idle(now) && gate.bulkhead.counts() == (0, 0)
    }
}

impl Gate {
    /// Lets those in line go on for whom there are places.
    pub(super) fn advance(&mut self, rule: &BulkheadRule) {
        while let Some(waiter) = self.bulkhead.advance(rule) {
            // Who gave up meanwhile finds that it is not in line, and leaves.
            let _gone = waiter.send(()).is_err();
        }
    }
}

impl Gates {
    pub(super) fn new(me: NodeId) -> Self {
        Self { me, shards: Sharded::default() }
    }

    /// The gate of `name`, if anything is known of it.
    pub(super) fn get(&self, name: &Name) -> Option<SharedGate> {
        self.shards.of(name).read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The gate of `name`.
    pub(super) fn open(&self, name: &Name, now: Instant) -> SharedGate {
        if let Some(gate) = self.get(name) {
            return gate;
        }
        let gate = || {
            SharedGate(Arc::new(Mutex::new(Gate {
                breaker: Breaker::new(self.me),
                bulkhead: Bulkhead::default(),
                broken: 0,
                crowded: 0,
            })))
        };
        let mut shard = self.shards.of(name).write().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= SHARD_CAPACITY {
            shard.retain(|_, gate| !gate.is_idle(now));
        }
        shard.entry(name.clone()).or_insert_with(gate).clone()
    }

    /// Whether another node may have one opened for `name`: what others say of agents that are not
    /// called here takes no more room than calls do.
    pub(super) fn has_room(&self, name: &Name) -> bool {
        let shard = self.shards.of(name).read().unwrap_or_else(PoisonError::into_inner);
        shard.len() < SHARD_CAPACITY || shard.contains_key(name)
    }

    /// All gates, by name.
    pub(super) fn all(&self) -> Vec<(Name, SharedGate)> {
        let mut gates: Vec<_> = self
            .shards
            .iter()
            .flat_map(|shard| {
                let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
                shard.iter().map(|(name, gate)| (name.clone(), gate.clone())).collect::<Vec<_>>()
            })
            .collect();
        gates.sort_by(|(one, _), (other, _)| one.cmp(other));
        gates
    }
}
