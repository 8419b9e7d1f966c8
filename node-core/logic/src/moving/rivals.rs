//! States of lives that lost their name to another: each is offered once to the life that won.
//!
//! After a split both sides have run the agent, and one life stops. Only the agent can tell whether
//! two states can be made one, so the winner is given the loser's as it was, and does with it what it
//! can.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use crate::{
    agent::{AgentState, Phase},
    ids::{Epoch, Name, NodeId},
    moving::{
        Move, TransferId,
        pieces::{Receiving, Sending, Taken, send, transfer},
    },
    node::Effect,
    outbox::Outbox,
    supervision::{Tables, status_of},
    time::{Instant, Now},
};

/// Every such state that is about to go, on its way out, or on its way in.
#[derive(Debug)]
pub(super) struct Rivals {
    me: NodeId,
    /// Lives here that lost and have not given their last state yet.
    lost: BTreeMap<(Name, Epoch), Lost>,
    offers: BTreeMap<(Name, Epoch), Offer>,
    coming: BTreeMap<(NodeId, TransferId), (Name, Epoch, Receiving)>,
    /// Lives whose states were taken in here, the oldest first.
    taken: VecDeque<(Name, Epoch)>,
}

#[derive(Debug)]
struct Lost {
    winner: NodeId,
    /// Its state if it gives no later one.
    state: Option<AgentState>,
}

#[derive(Debug)]
struct Offer {
    id: TransferId,
    state: AgentState,
    sending: Sending,
    /// How much the winner had when it was last looked.
    before: usize,
    tries: u32,
    again_at: Instant,
}

impl Rivals {
    /// How long the winner may say nothing before it is offered the state again: what was sent is
    /// lost with its connection.
    const SILENCE: Duration = Duration::from_millis(1_000);
    /// How often it is offered before it is given up: the time in which a winner that is down is held
    /// to be, and its next life runs.
    const MAX_TRIES: u32 = 15;
    /// Lives remembered: a winner that is offered one again says that it has it.
    const TAKEN_CAPACITY: usize = 4_096;

    pub(super) fn new(me: NodeId) -> Self {
        Self {
            me,
            lost: BTreeMap::new(),
            offers: BTreeMap::new(),
            coming: BTreeMap::new(),
            taken: VecDeque::new(),
        }
    }

    /// A life here lost its name and is being stopped; `state` is its newest copy, if there is one.
    pub(super) fn on_lost(
        &mut self,
        (name, epoch): (&Name, Epoch),
        winner: NodeId,
        state: Option<AgentState>,
    ) {
        self.lost.insert((name.clone(), epoch), Lost { winner, state });
    }

    /// A life gave its state: if it lost, it is the last one.
    pub(super) fn on_snapshot(
        &mut self,
        (name, epoch): (&Name, Epoch),
        state: &AgentState,
        tables: Tables<'_>,
        out: &mut Outbox,
    ) {
        if let Some(lost) = self.lost.remove(&(name.clone(), epoch)) {
            self.offer((name, epoch), (lost.winner, state.clone()), tables.now, out);
        }
    }

    /// A life was told to stop, or has ended: then no other state of it comes.
    pub(super) fn on_gone(
        &mut self,
        (name, epoch): (&Name, Epoch),
        tables: Tables<'_>,
        out: &mut Outbox,
    ) {
        let stopped = status_of(tables.replica, self.me, name)
            .is_some_and(|status| status.epoch == epoch && status.phase == Phase::Stopping);
        if stopped
            && let Some(Lost { winner, state: Some(state) }) =
                self.lost.remove(&(name.clone(), epoch))
        {
            self.offer((name, epoch), (winner, state), tables.now, out);
        }
    }

    fn offer(
        &mut self,
        (name, epoch): (&Name, Epoch),
        (to, state): (NodeId, AgentState),
        now: Now,
        out: &mut Outbox,
    ) {
        let id = transfer(out);
        let sending = begin(to, (id, name, epoch), &state, out);
        let again_at = now.at + Self::SILENCE;
        let offer = Offer { id, state, sending, before: 0, tries: 1, again_at };
        self.offers.insert((name.clone(), epoch), offer);
    }

    /// The winner has this much of a state.
    pub(super) fn on_got(
        &mut self,
        (from, id): (NodeId, TransferId),
        bytes: u32,
        out: &mut Outbox,
    ) {
        let is_it = |offer: &Offer| offer.id == id && offer.sending.to == from;
        for offer in self.offers.values_mut().filter(|offer| is_it(offer)) {
            offer.sending.on_got(bytes, out);
        }
        self.offers.retain(|_, it| !is_it(it) || it.sending.confirmed() < it.state.len());
    }

    /// Someone offers the state of a life that lost to the one here; without one here, it is left to
    /// be offered to whoever has it by then.
    pub(super) fn on_offer(
        &mut self,
        (from, id): (NodeId, TransferId),
        (name, epoch): (Name, Epoch),
        tables: Tables<'_>,
    ) {
        if self.winner(&name, epoch, tables).is_some() {
            self.coming.retain(|(node, _), (other, _, _)| *node != from || *other != name);
            self.coming.insert((from, id), (name, epoch, Receiving::default()));
        }
    }

    /// The life here that won against `epoch`.
    fn winner(&self, name: &Name, epoch: Epoch, tables: Tables<'_>) -> Option<Epoch> {
        let status = status_of(tables.replica, self.me, name)?;
        (status.phase == Phase::Running && status.epoch > epoch).then_some(status.epoch)
    }

    /// The next bytes of a state that is offered.
    pub(super) fn on_piece(
        &mut self,
        (from, id): (NodeId, TransferId),
        (at, total, bytes): (u32, u32, &AgentState),
        tables: Tables<'_>,
        out: &mut Outbox,
    ) {
        let Some((name, epoch, receiving)) = self.coming.get_mut(&(from, id)) else { return };
        match receiving.take(at, total, &bytes.0) {
            Taken::Part(bytes) => send(from, Move::Got { id, bytes }, out),
            Taken::TooLong => drop(self.coming.remove(&(from, id))),
            Taken::Whole(state) => {
                let lost = (name.clone(), *epoch);
                self.coming.remove(&(from, id));
                if self.take_in(lost, state, tables, out) {
                    send(from, Move::Got { id, bytes: total }, out);
                }
            }
        }
    }

    /// Gives the life here the state of one that lost, unless it was given before; whether it has it.
    fn take_in(
        &mut self,
        lost: (Name, Epoch),
        state: AgentState,
        tables: Tables<'_>,
        out: &mut Outbox,
    ) -> bool {
        if self.taken.contains(&lost) {
            return true;
        }
        let Some(epoch) = self.winner(&lost.0, lost.1, tables) else { return false };
        out.effect(Effect::MergeAgent { name: lost.0.clone(), epoch, state });
        self.taken.push_back(lost);
        if self.taken.len() > Self::TAKEN_CAPACITY {
            self.taken.pop_front();
        }
        true
    }

    /// A node is down: what it offered and did not give whole does not come.
    pub(super) fn on_absent(&mut self, node: NodeId) {
        self.coming.retain(|(from, _), _| *from != node);
    }

    /// Offers again what the winner says nothing of, to the life that runs by now.
    pub(super) fn on_timeout(&mut self, tables: Tables<'_>, out: &mut Outbox) {
        let now = tables.now.at;
        let due = self.offers.extract_if(.., |_, offer| offer.again_at <= now);
        let due: Vec<_> = due.collect();
        for ((name, epoch), mut offer) in due {
            offer.again_at = now + Self::SILENCE;
            let confirmed = offer.sending.confirmed();
            if std::mem::replace(&mut offer.before, confirmed) == confirmed {
                offer.tries += 1;
                offer.before = 0;
                let to = runner(&name, tables).unwrap_or(offer.sending.to);
                if to == self.me {
                    self.take_in((name, epoch), offer.state, tables, out);
                    continue;
                }
                offer.sending = begin(to, (offer.id, &name, epoch), &offer.state, out);
            }
            if offer.tries <= Self::MAX_TRIES {
                self.offers.insert((name, epoch), offer);
            }
        }
    }

    /// When [`Self::on_timeout`] is due.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        self.offers.values().map(|offer| offer.again_at).min()
    }

    /// This node enters another cluster: nobody there has anything to do with these.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.me);
    }
}

fn begin(
    to: NodeId,
    (id, name, epoch): (TransferId, &Name, Epoch),
    state: &AgentState,
    out: &mut Outbox,
) -> Sending {
    send(to, Move::Merge { id, name: name.clone(), epoch }, out);
    let mut sending = Sending::new(to, id, state.clone());
    sending.go_on(out);
    sending
}

/// The present node that runs the latest life of an agent.
fn runner(name: &Name, tables: Tables<'_>) -> Option<NodeId> {
    let runs = |(node, _)| {
        let status = status_of(tables.replica, node, name)?;
        let counts = status.phase == Phase::Running && tables.membership.is_present(node);
        counts.then_some((status.epoch, node))
    };
    tables.roster.iter().filter_map(runs).max().map(|(_, node)| node)
}
