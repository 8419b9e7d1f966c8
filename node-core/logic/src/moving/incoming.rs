//! The target of hand-offs.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use crate::{
    agent::AgentState,
    ids::{Epoch, Name, NodeId},
    moving::{
        Move, Sight, TransferId,
        pieces::{Receiving, Taken, send},
    },
    node::Effect,
    outbox::{Happened, Outbox},
    replica::Heard,
    supervision::{placement, status_of, wanted},
    time::{Instant, Now},
};

/// One agent on its way in.
#[derive(Debug)]
struct Incoming {
    from: NodeId,
    name: Name,
    /// The life here.
    epoch: Epoch,
    generation: u64,
    stage: Stage,
    /// When the source was last heard.
    heard: Instant,
}

#[derive(Debug)]
enum Stage {
    /// The host starts the life.
    Warming,
    /// It waits for the state.
    Warm(Receiving),
    /// It has the state, and is about to run.
    Restoring,
}

/// A state that is here whole, for the life named.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) name: Name,
    pub(super) epoch: Epoch,
    pub(super) generation: u64,
    pub(super) state: AgentState,
}

/// Every agent on its way in, and how the last ones ended.
#[derive(Debug)]
pub(super) struct Incomings {
    me: NodeId,
    all: BTreeMap<(NodeId, TransferId), Incoming>,
    /// What the source is told again if it asks again; the oldest first.
    ended: VecDeque<((NodeId, TransferId), Move)>,
}

impl Incomings {
    /// How long a source may say nothing while the life here waits for its state; it asks every half
    /// second.
    const SILENCE: Duration = Duration::from_secs(5);
    /// Ends remembered: a source asks twice a second until it knows, so few are asked for at all.
    const ENDED_CAPACITY: usize = 4_096;
    /// Agents on their way in at a time: one more is refused, and comes later.
    const CAPACITY: usize = 64;

    pub(super) fn new(me: NodeId) -> Self {
        Self { me, all: BTreeMap::new(), ended: VecDeque::new() }
    }

    /// Why this node does not take an agent over; nothing if it does.
    fn refusal(
        &self,
        name: &Name,
        generation: u64,
        (closed, sight): (bool, Sight<'_>),
    ) -> Option<String> {
        let tables = sight.tables;
        let Some(wanted) = wanted(tables.replica, name) else {
            return Some("it does not know the agent".to_owned());
        };
        if closed {
            return Some("it is about to stop".to_owned());
        }
        let (spec, intent) = (wanted.spec, &wanted.intent);
        if !intent.run || intent.generation > generation || !spec.handoff.state {
            return Some("something else is wanted of the agent by now".to_owned());
        }
        if self.all.len() >= Self::CAPACITY {
            return Some("too many agents are on their way to it".to_owned());
        }
        let here = self.all.values().any(|incoming| incoming.name == *name);
        if here || status_of(tables.replica, self.me, name).is_some() {
            return Some("it holds the agent already".to_owned());
        }
        let places = sight.places();
        let me = places.iter().find(|place| place.node == self.me)?;
        let reasons = placement::exclusions(spec, intent, me);
        let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    /// Someone offers an agent.
    pub(super) fn on_offer(
        &mut self,
        from: NodeId,
        (id, name, (epoch, generation)): (TransferId, Name, (Epoch, u64)),
        (closed, sight): (bool, Sight<'_>),
        out: &mut Outbox,
    ) {
        let now = sight.tables.now;
        if self.all.contains_key(&(from, id)) || self.ended(from, id).is_some() {
            return self.on_ask(now, from, id, out);
        }
        if let Some(reason) = self.refusal(&name, generation, (closed, sight)) {
            return self.end((from, id), Move::Failed { id, reason }, out);
        }
        out.observe_epoch(now, epoch, from);
        let epoch = out.epoch(now);
        out.happened(Happened::Arrives(name.clone(), epoch, generation));
        let stage = Stage::Warming;
        let incoming = Incoming { from, name, epoch, generation, stage, heard: now.at };
        self.all.insert((from, id), incoming);
        send(from, Move::Accept { id }, out);
    }

    /// Someone asks what became of a hand-off.
    pub(super) fn on_ask(&mut self, now: Now, from: NodeId, id: TransferId, out: &mut Outbox) {
        if let Some(incoming) = self.all.get_mut(&(from, id)) {
            incoming.heard = now.at;
            let answer = match &incoming.stage {
                Stage::Warming => Move::Accept { id },
                Stage::Warm(state) if state.got() > 0 => Move::Lacks { id, after: state.got() },
                Stage::Warm(_) => Move::Ready { id },
                // It is told as soon as it is known.
                Stage::Restoring => return,
            };
            return send(from, answer, out);
        }
        let answer = self.ended(from, id).cloned().unwrap_or_else(|| Move::Failed {
            id,
            reason: "it started afresh since, and knows nothing of it".to_owned(),
        });
        send(from, answer, out);
    }

    /// The next bytes of a state; gives the state if it is whole. False if they belong to no agent on
    /// its way in.
    pub(super) fn on_piece(
        &mut self,
        now: Now,
        (from, id): (NodeId, TransferId),
        (at, total, bytes): (u32, u32, &AgentState),
        out: &mut Outbox,
    ) -> (bool, Option<Arrival>) {
        let Some(incoming) = self.all.get_mut(&(from, id)) else { return (false, None) };
        incoming.heard = now.at;
        let Stage::Warm(receiving) = &mut incoming.stage else { return (true, None) };
        match receiving.take(at, total, &bytes.0) {
            Taken::Part(bytes) => {
                send(from, Move::Got { id, bytes }, out);
                (true, None)
            }
            Taken::TooLong => {
                self.discard((from, id), "its state is too long", out);
                (true, None)
            }
            Taken::Whole(state) => {
                incoming.stage = Stage::Restoring;
                let Incoming { name, epoch, generation, .. } = &*incoming;
                let (name, epoch, generation) = (name.clone(), *epoch, *generation);
                out.happened(Happened::Arrived(name.clone(), epoch));
                out.effect(Effect::RestoreAgent {
                    name: name.clone(),
                    epoch,
                    state: Some(state.clone()),
                });
                (true, Some(Arrival { name, epoch, generation, state }))
            }
        }
    }

    /// The host has a life ready for its state.
    pub(super) fn on_warm(&mut self, name: &Name, epoch: Epoch, out: &mut Outbox) {
        if let Some(((from, id), incoming)) = self.find(name, epoch)
            && matches!(incoming.stage, Stage::Warming)
        {
            incoming.stage = Stage::Warm(Receiving::default());
            send(from, Move::Ready { id }, out);
        }
    }

    /// The life here runs.
    pub(super) fn on_runs(
        &mut self,
        name: &Name,
        epoch: Epoch,
        said: Option<Heard>,
        out: &mut Outbox,
    ) {
        if let (Some(((from, id), _)), Some(said)) = (self.find(name, epoch), said) {
            self.all.remove(&(from, id));
            self.end((from, id), Move::Done { id, said }, out);
        }
    }

    /// The life here ended, or was told to, before it ran.
    pub(super) fn on_failed(&mut self, name: &Name, epoch: Epoch, reason: &str, out: &mut Outbox) {
        if let Some(((from, id), _)) = self.find(name, epoch) {
            self.all.remove(&(from, id));
            self.end((from, id), Move::Failed { id, reason: reason.to_owned() }, out);
        }
    }

    /// The source does not give the agent after all.
    pub(super) fn on_cancel(&mut self, from: NodeId, id: TransferId, out: &mut Outbox) {
        self.discard((from, id), "it was taken back", out);
    }

    /// A node is down: what it did not give whole does not come.
    pub(super) fn on_absent(&mut self, node: NodeId, out: &mut Outbox) {
        self.discard_where(|incoming| incoming.from == node, "its node went down", out);
    }

    /// Takes nothing in any more that is not here whole.
    pub(super) fn close(&mut self, out: &mut Outbox) {
        self.discard_where(|_| true, "it is about to stop", out);
    }

    /// Gives up what waits for a source that says nothing.
    pub(super) fn on_timeout(&mut self, now: Now, out: &mut Outbox) {
        let silent = |incoming: &Incoming| now.at.since(incoming.heard) >= Self::SILENCE;
        self.discard_where(silent, "nothing was heard of its state", out);
    }

    /// When [`Self::on_timeout`] is due.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let waiting =
            self.all.values().filter(|incoming| !matches!(incoming.stage, Stage::Restoring));
        waiting.map(|incoming| incoming.heard + Self::SILENCE).min()
    }

    fn discard_where(&mut self, which: impl Fn(&Incoming) -> bool, why: &str, out: &mut Outbox) {
        let found = self.all.iter().filter(|(_, incoming)| which(incoming));
        let found: Vec<_> = found.map(|(key, _)| *key).collect();
        for key in found {
            self.discard(key, why, out);
        }
    }

    /// Ends the life here, unless it has its state already: then nothing takes it back.
    fn discard(&mut self, key: (NodeId, TransferId), why: &str, out: &mut Outbox) {
        let waits = |incoming: &&Incoming| !matches!(incoming.stage, Stage::Restoring);
        let Some(incoming) = self.all.get(&key).filter(waits) else { return };
        out.happened(Happened::Unneeded(incoming.name.clone(), incoming.epoch));
        self.all.remove(&key);
        self.end(key, Move::Failed { id: key.1, reason: why.to_owned() }, out);
    }

    fn end(&mut self, key: (NodeId, TransferId), how: Move, out: &mut Outbox) {
        send(key.0, how.clone(), out);
        self.ended.push_back((key, how));
        if self.ended.len() > Self::ENDED_CAPACITY {
            self.ended.pop_front();
        }
    }

    fn ended(&self, from: NodeId, id: TransferId) -> Option<&Move> {
        self.ended.iter().rev().find(|(key, _)| *key == (from, id)).map(|(_, how)| how)
    }

    fn find(&mut self, name: &Name, epoch: Epoch) -> Option<((NodeId, TransferId), &mut Incoming)> {
        let is_it = |incoming: &Incoming| incoming.name == *name && incoming.epoch == epoch;
        let found = self.all.iter_mut().find(|(_, incoming)| is_it(incoming))?;
        Some((*found.0, found.1))
    }
}
