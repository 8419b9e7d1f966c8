//! Copies of states: kept by the node that runs the agent and by one more, and found again when a
//! life begins.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    agent::AgentState,
    certificate::Role,
    event::Fact,
    ids::{Epoch, Name, NodeId, Ticket},
    moving::{
        Kept, Move, Snapshot, TransferId,
        pieces::{Receiving, Sending, Taken, send, transfer},
    },
    node::{Effect, Record},
    outbox::{Happened, Outbox},
    replica::{Presence, PresenceKey, Replica, Summary},
    supervision::{Tables, placement, status_of, wanted},
    time::{Instant, Now},
};

/// Every copy that this node keeps, sends, takes or looks for.
#[derive(Debug)]
pub(super) struct Copies {
    me: NodeId,
    kept: BTreeMap<Name, Snapshot>,
    bytes: usize,
    /// Copies of this step, and of steps whose records are not on disk yet: told when they are.
    fresh: Vec<(Name, Kept)>,
    unsynced: BTreeMap<Ticket, Vec<(Name, Kept)>>,
    /// Copies on their way to their second keeper.
    out: BTreeMap<Name, Copying>,
    /// Copies that someone fetches.
    serving: BTreeMap<(NodeId, TransferId), Sending>,
    /// Copies on their way in.
    coming: BTreeMap<(NodeId, TransferId), (Name, Kept, Receiving)>,
    /// Lives that wait for their state.
    fetching: BTreeMap<Name, Fetching>,
    sweep_at: Instant,
}

/// A copy on its way to its second keeper.
#[derive(Debug)]
struct Copying {
    id: TransferId,
    kept: Kept,
    sending: Sending,
    /// How much the keeper had at the last sweep.
    before: Option<usize>,
}

/// A life that waits for its state.
#[derive(Debug)]
struct Fetching {
    epoch: Epoch,
    from: NodeId,
    id: TransferId,
    state: Receiving,
    heard: Instant,
    /// Keepers that did not give it.
    failed: BTreeSet<NodeId>,
    /// How often keepers said nothing.
    silences: u32,
}

impl Copies {
    /// Bytes of copies that a node keeps for others and itself: eight of the longest.
    const CAPACITY: usize = 8 * AgentState::MAX_LEN;
    /// How often it is looked at which copies lack a second keeper, and which nobody needs.
    const SWEEP_INTERVAL: Duration = Duration::from_millis(1_000);
    /// How long a keeper may say nothing before it is asked again: a question is lost with its
    /// connection.
    const SILENCE: Duration = Duration::from_millis(1_000);
    /// How often keepers may say nothing before the silent one is given up.
    const MAX_SILENCES: u32 = 8;

    /// What the disk kept.
    pub(super) fn new(now: Now, me: NodeId, kept: Vec<(Name, Snapshot)>) -> Self {
        let bytes = kept.iter().map(|(_, snapshot)| snapshot.state.len()).sum();
        Self {
            me,
            kept: kept.into_iter().collect(),
            bytes,
            fresh: Vec::new(),
            unsynced: BTreeMap::new(),
            out: BTreeMap::new(),
            serving: BTreeMap::new(),
            coming: BTreeMap::new(),
            fetching: BTreeMap::new(),
            sweep_at: now.at + Self::SWEEP_INTERVAL,
        }
    }

    /// Says what the disk kept.
    pub(super) fn say_all(&self, out: &mut Outbox) {
        for (name, snapshot) in &self.kept {
            say(name, Some(snapshot.kept), out);
        }
    }

    /// The copy of `name` that is kept here.
    pub(super) fn get(&self, name: &Name) -> Option<&Snapshot> {
        self.kept.get(name)
    }

    /// A running agent of this node gave its state.
    pub(super) fn on_snapshot(
        &mut self,
        (name, epoch): (&Name, Epoch),
        state: AgentState,
        tables: Tables<'_>,
        out: &mut Outbox,
    ) {
        let Some(status) = status_of(tables.replica, self.me, name) else { return };
        let hands_over =
            wanted(tables.replica, name).is_some_and(|wanted| wanted.spec.handoff.state);
        if status.epoch == epoch && hands_over {
            let life = (epoch, status.generation);
            self.keep_own((name, life), state, tables, out);
        }
    }

    /// Keeps the next copy of the state of a life on this node, and sends it to the second keeper.
    pub(super) fn keep_own(
        &mut self,
        (name, (epoch, generation)): (&Name, (Epoch, u64)),
        state: AgentState,
        tables: Tables<'_>,
        out: &mut Outbox,
    ) {
        let last = self.kept.get(name).map(|snapshot| snapshot.kept);
        let last = last.filter(|kept| kept.epoch == epoch && kept.generation == generation);
        let kept = Kept { generation, epoch, seq: last.map_or(1, |kept| kept.seq + 1) };
        self.keep(name, Snapshot { kept, state }, out);
        self.send_copy(name, tables, out);
    }

    /// Keeps a copy unless a later one is kept; says whether it did.
    fn keep(&mut self, name: &Name, snapshot: Snapshot, out: &mut Outbox) -> bool {
        let before = self.kept.get(name);
        let freed = before.map_or(0, |before| before.state.len());
        let later = before.is_some_and(|before| before.kept >= snapshot.kept);
        let size = snapshot.state.len();
        if later || size > AgentState::MAX_LEN || self.bytes - freed + size > Self::CAPACITY {
            return later;
        }
        self.bytes = self.bytes - freed + size;
        self.fresh.push((name.clone(), snapshot.kept));
        out.record(Record::Snapshot(name.clone(), Some(snapshot.clone())));
        self.kept.insert(name.clone(), snapshot);
        true
    }

    fn drop_copy(&mut self, name: &Name, out: &mut Outbox) {
        if let Some(snapshot) = self.kept.remove(name) {
            self.bytes -= snapshot.state.len();
            self.out.remove(name);
            out.record(Record::Snapshot(name.clone(), None));
            say(name, None, out);
        }
    }

    /// Forgets everything: this node enters another cluster.
    pub(super) fn clear(&mut self, out: &mut Outbox) {
        let names: Vec<Name> = self.kept.keys().cloned().collect();
        names.iter().for_each(|name| self.drop_copy(name, out));
    }

    /// The records of the step are being written under `ticket`.
    pub(super) fn on_append(&mut self, ticket: Ticket) {
        if !self.fresh.is_empty() {
            self.unsynced.insert(ticket, std::mem::take(&mut self.fresh));
        }
    }

    /// Records are on disk: the copies in them may be counted on.
    pub(super) fn on_appended(&mut self, ticket: Ticket, out: &mut Outbox) {
        for (name, kept) in self.unsynced.remove(&ticket).unwrap_or_default() {
            if self.kept.get(&name).is_some_and(|snapshot| snapshot.kept >= kept) {
                say(&name, Some(kept), out);
            }
        }
    }

    /// Sends the copy that is kept here to the second keeper, unless that has it or gets it.
    fn send_copy(&mut self, name: &Name, tables: Tables<'_>, out: &mut Outbox) {
        let Some(snapshot) = self.kept.get(name) else { return };
        let Some(keeper) = second_keeper(name, self.me, tables) else { return };
        if kept_by(tables.replica, keeper, name) >= Some(snapshot.kept) {
            return;
        }
        let under_way = |copy: &Copying| copy.kept == snapshot.kept && copy.sending.to == keeper;
        if self.out.get(name).is_some_and(under_way) {
            return;
        }
        let id = transfer(out);
        let mut sending = Sending::new(keeper, id, snapshot.state.clone());
        send(keeper, Move::Keep { id, name: name.clone(), kept: snapshot.kept }, out);
        sending.go_on(out);
        let copying = Copying { id, kept: snapshot.kept, sending, before: None };
        self.out.insert(name.clone(), copying);
    }

    /// Someone wants a copy kept.
    pub(super) fn on_keep(
        &mut self,
        (from, id): (NodeId, TransferId),
        name: Name,
        kept: Kept,
        out: &mut Outbox,
    ) {
        self.coming.retain(|(node, _), (other, _, _)| *node != from || *other != name);
        if self.kept.get(&name).is_some_and(|snapshot| snapshot.kept >= kept) {
            let reason = "a later copy is kept here".to_owned();
            return send(from, Move::Failed { id, reason }, out);
        }
        self.coming.insert((from, id), (name, kept, Receiving::default()));
    }

    /// Someone wants the copy that is kept here.
    pub(super) fn on_fetch(
        &mut self,
        (from, id): (NodeId, TransferId),
        name: &Name,
        out: &mut Outbox,
    ) {
        let Some(snapshot) = self.kept.get(name) else {
            let reason = "no copy is kept here".to_owned();
            return send(from, Move::Failed { id, reason }, out);
        };
        let mut sending = Sending::new(from, id, snapshot.state.clone());
        sending.go_on(out);
        self.serving.insert((from, id), sending);
    }

    /// The next bytes of a copy that comes to be kept, or of the state that a life waits for.
    pub(super) fn on_piece(
        &mut self,
        now: Now,
        (from, id): (NodeId, TransferId),
        (at, total, bytes): (u32, u32, &AgentState),
        out: &mut Outbox,
    ) {
        if let Some((name, kept, receiving)) = self.coming.get_mut(&(from, id)) {
            match receiving.take(at, total, &bytes.0) {
                Taken::Part(bytes) => send(from, Move::Got { id, bytes }, out),
                Taken::TooLong => drop(self.coming.remove(&(from, id))),
                Taken::Whole(state) => {
                    let (name, kept) = (name.clone(), *kept);
                    self.coming.remove(&(from, id));
                    send(from, Move::Got { id, bytes: total }, out);
                    // Whether it is kept is seen from what this node says of itself.
                    let _kept = self.keep(&name, Snapshot { kept, state }, out);
                }
            }
            return;
        }
        let waits = |fetching: &Fetching| fetching.from == from && fetching.id == id;
        let Some((name, fetching)) = self.fetching.iter_mut().find(|(_, fetching)| waits(fetching))
        else {
            return;
        };
        fetching.heard = now.at;
        match fetching.state.take(at, total, &bytes.0) {
            Taken::Part(bytes) => send(from, Move::Got { id, bytes }, out),
            Taken::TooLong => {
                fetching.failed.insert(from);
                fetching.heard = Instant(0);
            }
            Taken::Whole(state) => {
                let (name, epoch) = (name.clone(), fetching.epoch);
                self.fetching.remove(&name);
                restore((&name, epoch), (from, state), out);
            }
        }
    }

    /// The receiver of a copy has this much of it.
    pub(super) fn on_got(
        &mut self,
        (from, id): (NodeId, TransferId),
        bytes: u32,
        out: &mut Outbox,
    ) {
        let going = self.out.values_mut().find(|copy| copy.id == id).map(|copy| &mut copy.sending);
        if let Some(sending) = going.or_else(|| self.serving.get_mut(&(from, id))) {
            sending.on_got(bytes, out);
        }
    }

    /// The other side of a transfer has ended it.
    pub(super) fn on_failed(
        &mut self,
        now: Now,
        (from, id): (NodeId, TransferId),
        out: &mut Outbox,
    ) {
        if self.out.extract_if(.., |_, copy| copy.id == id).next().is_some() {
            // It keeps what is not known here: the word of it was lost.
            out.happened(Happened::Outdated(from));
        }
        self.serving.remove(&(from, id));
        for fetching in self.fetching.values_mut().filter(|fetching| fetching.id == id) {
            fetching.failed.insert(from);
            fetching.heard = Instant(now.at.0.saturating_sub(micros(Self::SILENCE)));
        }
    }

    /// A life was begun that goes on from the newest copy there is.
    pub(super) fn on_begins(
        &mut self,
        name: &Name,
        epoch: Epoch,
        tables: Tables<'_>,
        out: &mut Outbox,
    ) {
        self.fetching.remove(name);
        self.look_for((name, epoch), (BTreeSet::new(), 0), tables, out);
    }

    fn look_for(
        &mut self,
        (name, epoch): (&Name, Epoch),
        (failed, silences): (BTreeSet<NodeId>, u32),
        tables: Tables<'_>,
        out: &mut Outbox,
    ) {
        let now = tables.now;
        let generation = status_of(tables.replica, self.me, name).map(|status| status.generation);
        let fits = |kept: &Kept| Some(kept.generation) == generation;
        let known: Vec<(Kept, NodeId)> = keepers(name, tables)
            .into_iter()
            .filter(|(kept, node)| fits(kept) && !failed.contains(node) && *node != self.me)
            .collect();
        let own = self.kept.get(name).filter(|own| fits(&own.kept));
        let present = known.iter().filter(|(_, node)| tables.membership.is_present(*node));
        let best = present.max().copied();
        if let Some(own) = own
            && best.is_none_or(|(kept, _)| kept <= own.kept)
        {
            return restore((name, epoch), (self.me, own.state.clone()), out);
        }
        let Some((_, from)) = best else {
            if let Some((_, keeper)) = known.iter().max() {
                out.fact(Fact::StateLost { name: name.clone(), keeper: *keeper });
            } else if let Some(keeper) = failed.first() {
                out.fact(Fact::StateLost { name: name.clone(), keeper: *keeper });
            }
            return out.effect(Effect::RestoreAgent { name: name.clone(), epoch, state: None });
        };
        let id = transfer(out);
        send(from, Move::Fetch { id, name: name.clone() }, out);
        let state = Receiving::default();
        let fetching = Fetching { epoch, from, id, state, heard: now.at, failed, silences };
        self.fetching.insert(name.clone(), fetching);
    }

    /// A life takes no more messages: it waits for no state.
    pub(super) fn on_gone(&mut self, name: &Name, epoch: Epoch) {
        if self.fetching.get(name).is_some_and(|fetching| fetching.epoch == epoch) {
            self.fetching.remove(name);
        }
    }

    /// A node is down: what it was to give comes from another.
    pub(super) fn on_absent(&mut self, node: NodeId) {
        self.out.retain(|_, copy| copy.sending.to != node);
        self.serving.retain(|(to, _), _| *to != node);
        self.coming.retain(|(from, _), _| *from != node);
        for fetching in self.fetching.values_mut().filter(|fetching| fetching.from == node) {
            fetching.heard = Instant(0);
        }
    }

    /// Turns to the next keeper where one is silent, and looks after the copies now and then.
    pub(super) fn on_timeout(&mut self, now: Now, tables: Tables<'_>, out: &mut Outbox) {
        let silent = |fetching: &Fetching| now.at.since(fetching.heard) >= Self::SILENCE;
        let late = self.fetching.extract_if(.., |_, fetching| silent(fetching));
        let late: Vec<(Name, Fetching)> = late.collect();
        for (name, mut fetching) in late {
            fetching.silences += 1;
            if fetching.silences > Self::MAX_SILENCES {
                fetching.failed.insert(fetching.from);
            }
            let tried = (fetching.failed, fetching.silences);
            self.look_for((&name, fetching.epoch), tried, tables, out);
        }
        if self.sweep_at <= now.at {
            self.sweep_at = now.at + Self::SWEEP_INTERVAL;
            self.sweep(tables, out);
        }
    }

    /// When [`Self::on_timeout`] is due.
    pub(super) fn next_timeout(&self) -> Instant {
        let waiting = self.fetching.values().map(|fetching| fetching.heard + Self::SILENCE);
        waiting.fold(self.sweep_at, Instant::min)
    }

    fn sweep(&mut self, tables: Tables<'_>, out: &mut Outbox) {
        let names: Vec<(Name, Kept)> =
            self.kept.iter().map(|(name, snapshot)| (name.clone(), snapshot.kept)).collect();
        for (name, kept) in names {
            let wanted = wanted(tables.replica, &name);
            let current = wanted.is_some_and(|wanted| {
                wanted.spec.handoff.state && kept.generation >= wanted.intent.generation
            });
            let mine = status_of(tables.replica, self.me, &name)
                .is_some_and(|status| status.epoch == kept.epoch);
            if !current || (!mine && self.is_spare(&name, kept, tables)) {
                self.drop_copy(&name, out);
            } else if mine {
                if let Some(copy) = self.out.get_mut(&name) {
                    let confirmed = Some(copy.sending.confirmed());
                    // Nothing more arrived within a sweep: it is lost, or was refused.
                    if std::mem::replace(&mut copy.before, confirmed) == confirmed {
                        self.out.remove(&name);
                    }
                }
                self.send_copy(&name, tables, out);
            }
        }
    }

    /// Whether two other present nodes keep a copy as new as this, and this node is not the one that
    /// should.
    fn is_spare(&self, name: &Name, kept: Kept, tables: Tables<'_>) -> bool {
        let holds = |(node, _): &(NodeId, Role)| {
            tables.membership.is_present(*node)
                && status_of(tables.replica, *node, name)
                    .is_some_and(|status| status.epoch == kept.epoch)
        };
        let holder = tables.roster.iter().find(holds).map(|(node, _)| node);
        if holder.and_then(|holder| second_keeper(name, holder, tables)) == Some(self.me) {
            return false;
        }
        let others = keepers(name, tables).into_iter().filter(|(other, node)| {
            *other >= kept && *node != self.me && tables.membership.is_present(*node)
        });
        others.count() >= 2
    }
}

/// The newest copy of `name` that a present node keeps on disk, and that node.
pub(super) fn newest(name: &Name, tables: Tables<'_>) -> Option<(Kept, NodeId)> {
    let mut all = keepers(name, tables);
    all.retain(|(_, node)| tables.membership.is_present(*node));
    all.into_iter().max()
}

/// Every member that says that it keeps a copy, present or not.
fn keepers(name: &Name, tables: Tables<'_>) -> Vec<(Kept, NodeId)> {
    let kept = |(node, _)| Some((kept_by(tables.replica, node, name)?, node));
    tables.roster.iter().filter_map(kept).collect()
}

fn kept_by(replica: &Replica, node: NodeId, name: &Name) -> Option<Kept> {
    match replica.presence(node, &PresenceKey::Kept(name.clone()))? {
        Presence::Kept(kept) => Some(*kept),
        Presence::Summary(_)
        | Presence::Agent(_)
        | Presence::Claim(_)
        | Presence::Views(_)
        | Presence::Breaches(_)
        | Presence::Moved(_)
        | Presence::Moves(_) => None,
    }
}

/// The node that keeps the second copy of what `holder` runs: the next by rendezvous of the name.
fn second_keeper(name: &Name, holder: NodeId, tables: Tables<'_>) -> Option<NodeId> {
    let may = |(node, role): &(NodeId, Role)| {
        *node != holder && *role != Role::Observer && tables.membership.is_present(*node)
    };
    let present = tables.roster.iter().filter(may).map(|(node, _)| node);
    present
        .max_by_key(|node| (placement::score(name.as_str(), *node, Summary::DEFAULT_WEIGHT), *node))
}

fn restore((name, epoch): (&Name, Epoch), (keeper, state): (NodeId, AgentState), out: &mut Outbox) {
    out.fact(Fact::StateRestored { name: name.clone(), keeper });
    out.effect(Effect::RestoreAgent { name: name.clone(), epoch, state: Some(state) });
}

fn say(name: &Name, kept: Option<Kept>, out: &mut Outbox) {
    let value = kept.map(Presence::Kept);
    out.happened(Happened::PresenceSaid(PresenceKey::Kept(name.clone()), value));
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
