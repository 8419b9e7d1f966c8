//! Which side of a split this node is on, and how long after a loss the other side may still run
//! something.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    agent::AgentSpec,
    ids::NodeId,
    limits::{DETECT_INTERVAL, SILENCE_TIMEOUT, STALL},
    membership::PeerState,
    outbox::Presentness,
    supervision::{placement::Candidate, scene::Scene},
    time::{Instant, Now},
};

/// When this node stopped hearing each member that it does not hear.
#[derive(Clone, Debug)]
pub struct Losses {
    /// One that was never heard counts as lost since then.
    started: Instant,
    since: BTreeMap<NodeId, Instant>,
}

impl Losses {
    /// What the host takes from the end of the grace to the end of the agent: a second from SIGTERM
    /// to SIGKILL, and one for an end that is told late.
    const KILL: Duration = Duration::from_millis(2_000);

    /// Nobody was heard yet.
    #[must_use]
    pub fn new(now: Now) -> Self {
        Self { started: now.at, since: BTreeMap::new() }
    }

    /// A member became present or absent.
    pub fn note(&mut self, now: Now, node: NodeId, presentness: Presentness) {
        match presentness {
            Presentness::Present => self.since.remove(&node),
            Presentness::Absent => self.since.insert(node, now.at),
        };
    }

    fn of(&self, node: NodeId) -> Instant {
        self.since.get(&node).copied().unwrap_or(self.started)
    }

    /// How long after this side lost a member the other side may still run a copy of an agent: until
    /// it has noticed too, and its host has stopped the agent.
    #[must_use]
    pub fn margin(spec: &AgentSpec) -> Duration {
        SILENCE_TIMEOUT + DETECT_INTERVAL + STALL + spec.stop_grace() + Self::KILL
    }
}

/// How many members one side sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// Members it sees, this node counted.
    pub seen: usize,
    /// Members that did not say goodbye.
    pub members: usize,
}

impl Side {
    /// Whether no other side can see as many.
    #[must_use]
    pub fn is_majority(self) -> bool {
        self.seen * 2 > self.members
    }
}

impl Scene<'_> {
    /// The side that this node is on.
    #[must_use]
    pub fn side(&self) -> Side {
        let members = self.candidates.iter().filter(|candidate| !candidate.left);
        let seen = members.clone().filter(|candidate| candidate.present).count();
        Side { seen, members: members.count() }
    }

    /// How long a member that fell silent may still run something that only a majority may; none
    /// if there is no such member.
    #[must_use]
    pub fn margin(&self, spec: &AgentSpec) -> Option<Duration> {
        let silent = self.candidates.iter().filter(|place| self.may_run_on(place));
        let last = silent.map(|place| self.losses.of(place.node)).max()?;
        let left = (last + Losses::margin(spec)).since(self.tables.now.at);
        (!left.is_zero()).then_some(left)
    }

    /// Whether a member may run agents that this node does not see: it is not heard, and neither did
    /// it say goodbye nor is its process known to be gone.
    fn may_run_on(&self, place: &Candidate<'_>) -> bool {
        let gone = self
            .tables
            .membership
            .peer(place.node)
            .is_some_and(|peer| peer.state == PeerState::Down && peer.refused.is_some());
        !place.present && !place.left && !gone
    }
}
