//! Which side of a split this node is on, and how long after a loss the other side may still run
//! something.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    agent::AgentSpec,
    ids::NodeId,
    limits::{DETECT_INTERVAL, HEARTBEAT_INTERVAL, SILENCE_TIMEOUT, STALL},
    membership::{Peer, PeerState},
    outbox::Presentness,
    supervision::{
        Tables,
        placement::{Candidate, Sight},
        scene::Scene,
    },
    time::{Instant, Now},
};

/// When this node stopped hearing each member that it does not hear.
#[derive(Clone, Debug)]
pub struct Losses {
    /// One that was never heard counts as lost since then.
    started: Instant,
    since: BTreeMap<NodeId, Loss>,
    /// When a member that had fallen silent was last heard again.
    healed: Option<Instant>,
    standing: Standing,
}

/// How a member was lost.
#[derive(Clone, Copy, Debug)]
struct Loss {
    at: Instant,
    /// Whether it may run on out of sight: its process is not known to be gone, nor did it say so.
    silent: bool,
}

/// Since when this node is on the side of a majority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It is not.
    Minority,
    /// Since then.
    Majority(Instant),
    /// It saw every member when it first heard of an agent that asks for a majority: there was no
    /// other side where one could run.
    Whole,
}

impl Losses {
    /// What the host takes from the end of the grace to the end of the agent: a second from SIGTERM
    /// to SIGKILL, and one for an end that is told late.
    pub(super) const KILL: Duration = Duration::from_millis(2_000);
    /// How long a member may be connected before its second heartbeat makes it present.
    const RETURN: Duration = HEARTBEAT_INTERVAL.saturating_mul(2);
    /// How long after one side of a split came back another may: the longest wait between dials, and
    /// two heartbeats.
    const HEAL: Duration = Peer::BACKOFF.1.saturating_add(Self::RETURN);

    /// Nobody was heard yet.
    #[must_use]
    pub fn new(now: Now) -> Self {
        Self { started: now.at, since: BTreeMap::new(), healed: None, standing: Standing::Minority }
    }

    /// A member became present or absent.
    pub fn note(&mut self, node: NodeId, presentness: Presentness, tables: Tables<'_>) {
        let at = tables.now.at;
        match presentness {
            Presentness::Present => {
                if self.since.remove(&node).is_some_and(|loss| loss.silent) {
                    self.healed = Some(at);
                }
            }
            Presentness::Absent => {
                let silent = |peer: &Peer| peer.state == PeerState::Down && peer.refused.is_none();
                let silent = tables.membership.peer(node).is_some_and(silent);
                self.since.insert(node, Loss { at, silent });
            }
        }
    }

    /// Whether a split is healing: members that may have run on out of sight come back one by one, and
    /// what none of those that are back runs may run on the next (S7).
    #[must_use]
    pub fn heals(&self, tables: Tables<'_>) -> bool {
        let now = tables.now.at;
        let mut silent = self.since.iter().filter(|(_, loss)| loss.silent).map(|(node, _)| *node);
        let returns = |node| {
            let fresh = |peer: &Peer| peer.connected && peer.phi.silence(now) < Self::RETURN;
            tables.membership.peer(node).is_some_and(fresh)
        };
        let recent = self.healed.is_some_and(|at| now.since(at) < Self::HEAL);
        silent.any(|node| recent || returns(node))
    }

    /// This node sees a majority, or no longer; `first`: it hears for the first time of an agent that
    /// asks for one.
    pub fn note_side(&mut self, now: Now, side: Side, first: bool) {
        self.standing = match self.standing {
            _ if !side.is_majority() => Standing::Minority,
            Standing::Minority if first && side.seen == side.members => Standing::Whole,
            Standing::Minority => Standing::Majority(now.at),
            stands @ (Standing::Majority(_) | Standing::Whole) => stands,
        };
    }

    /// When `node` was lost, if it is.
    pub(super) fn since(&self, node: NodeId) -> Option<Instant> {
        self.since.get(&node).map(|loss| loss.at)
    }

    fn of(&self, node: NodeId) -> Instant {
        self.since.get(&node).map_or(self.started, |loss| loss.at)
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
    /// Counts members.
    #[must_use]
    pub fn of(members: impl Iterator<Item = Sight>) -> Self {
        let stay = members.filter(|sight| *sight != Sight::Left);
        stay.fold(Self { seen: 0, members: 0 }, |side, sight| Self {
            seen: side.seen + usize::from(matches!(sight, Sight::Present | Sight::Waking)),
            members: side.members + 1,
        })
    }

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
        Side::of(self.candidates.iter().map(|place| place.sight))
    }

    /// How long something that only a majority may run may still run out of sight; none if it cannot.
    ///
    /// One that is not heard runs it until it has noticed and stopped. A majority counts once it
    /// lasts: those whom it was seen with may be out of reach again and belong to another, or have
    /// not said yet what they run.
    #[must_use]
    pub fn margin(&self, spec: &AgentSpec) -> Option<Duration> {
        let now = self.tables.now.at;
        let gained = match self.losses.standing {
            Standing::Minority => Some(now),
            Standing::Majority(since) => Some(since),
            Standing::Whole => None,
        };
        let silent = self.candidates.iter().filter(|place| self.may_run_on(place));
        let lost = silent.map(|place| self.losses.of(place.node)).max();
        let until = lost.max(gained)? + Losses::margin(spec);
        let left = until.since(now);
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
        matches!(place.sight, Sight::Awaited | Sight::Away) && !gone
    }
}
