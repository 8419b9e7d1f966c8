//! The transitions of the service: whose moment has come to move, and what others say of it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::{
    agent::{AgentState, Phase},
    event::Fact,
    ids::{Epoch, Name, NodeId, Ticket},
    membership::Membership,
    moving::{
        Kept, Move, Moves, Sight, Snapshot,
        copies::{Copies, newest},
        evacuation::{Evacuation, Until},
        incoming::Incomings,
        outgoing::{Cause, Outgoings},
        queue::{Planned, Shares},
        rivals::Rivals,
    },
    outbox::{Happened, Outbox, Presentness},
    replica::{Moved, Presence, PresenceKey, Replica, Scheduling, Shared, SharedKey},
    supervision::{Tables, status_of, wanted},
    time::{Instant, Now},
};

/// Every move of agents and of copies of their states that this node has a part in.
#[derive(Debug)]
pub struct Moving {
    me: NodeId,
    outgoing: Outgoings,
    incoming: Incomings,
    copies: Copies,
    rivals: Rivals,
    /// Agents here that a person wants on another node.
    asked: BTreeMap<Name, NodeId>,
    evacuation: Option<Evacuation>,
    shares: Shares,
    planned: Planned,
    /// What the others were told last.
    said: Moves,
    /// Whether something changed since it was last looked at what to do.
    dirty: bool,
}

impl Moving {
    /// How long a goodbye hands agents over before it stops those that are left.
    pub const LEAVE_TIMEOUT: Duration = Duration::from_secs(10);
    /// The longest a drain may take: a week.
    pub const MAX_DRAIN: Duration = Duration::from_hours(7 * 24);

    /// Nothing moves; these copies are on disk.
    #[must_use]
    pub fn new(now: Now, me: NodeId, kept: Vec<(Name, Snapshot)>) -> Self {
        Self {
            me,
            outgoing: Outgoings::new(me),
            incoming: Incomings::new(me),
            copies: Copies::new(now, me, kept),
            rivals: Rivals::new(me),
            asked: BTreeMap::new(),
            evacuation: None,
            shares: Shares::default(),
            planned: Planned::default(),
            said: Moves::default(),
            dirty: true,
        }
    }

    /// Tells the others which copies the disk kept, and goes on with a drain.
    pub fn begin(&mut self, now: Now, tables: Tables<'_>, out: &mut Outbox) {
        self.copies.say_all(out);
        self.on_scheduling(now, self.me, tables, out);
    }

    /// The copy of an agent's state that is kept here.
    #[must_use]
    pub fn copy(&self, name: &Name) -> Option<Kept> {
        self.copies.get(name).map(|snapshot| snapshot.kept)
    }

    /// Whether the node is about to stop, or hands its agents over.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.evacuation.is_some()
    }

    /// Whether an agent went from here since this node began to give its agents up, or is about to:
    /// one that runs elsewhere is gone from here before its new node has said so itself.
    #[must_use]
    pub fn gave_any_up(&self) -> bool {
        self.outgoing.len() > 0 || self.evacuation.as_ref().is_some_and(Evacuation::moved_any)
    }

    /// Whether every present node to which an agent went a moment ago was heard to have it.
    #[must_use]
    pub fn heard_from_all(&self, replica: &Replica, membership: &Membership) -> bool {
        let open = self.outgoing.len() > 0;
        !open
            && replica.presences(self.me).all(|(_, value)| {
                let Presence::Moved(Moved { to, said }) = value else { return true };
                !membership.is_present(*to) || replica.heard(*to) >= Some(*said)
            })
    }

    /// Follows what happened elsewhere.
    pub fn on_happened(
        &mut self,
        now: Now,
        happened: &Happened,
        tables: Tables<'_>,
        out: &mut Outbox,
    ) {
        self.dirty = true;
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "a service follows only what concerns it"
        )]
        match happened {
            Happened::AgentBegins(name, epoch) => {
                self.copies.on_begins(name, *epoch, tables, out);
            }
            Happened::AgentRuns(spec, epoch) => {
                let said = tables.replica.heard(self.me);
                self.incoming.on_runs(&spec.name, *epoch, said, out);
            }
            Happened::ArrivalFailed(name, epoch, reason) => {
                self.incoming.on_failed(name, *epoch, reason, out);
            }
            Happened::AgentGone(name, epoch) => {
                self.outgoing.on_gone(name, *epoch, out);
                self.copies.on_gone(name, *epoch);
                self.incoming.on_failed(name, *epoch, "it stopped before it ran", out);
                self.rivals.on_gone((name, *epoch), tables, out);
            }
            Happened::ClaimLost { name, epoch, winner } => {
                self.on_claim_lost((name, *epoch), *winner, tables);
                self.outgoing.on_overtaken(name, tables, out);
            }
            Happened::PresenceChanged(node, PresenceKey::Agent(name)) if *node != self.me => {
                self.look_whether_overtaken((*node, name), tables, out);
            }
            Happened::PeerChanged(node, Presentness::Present) => self.shares.on_open(now, *node),
            Happened::PeerChanged(node, Presentness::Absent) => {
                self.on_absent(*node, tables, out);
            }
            Happened::SharedChanged(SharedKey::Intent(name)) => self.on_intent(name, tables),
            Happened::SharedChanged(SharedKey::Scheduling(node)) => {
                self.on_scheduling(now, *node, tables, out);
            }
            _ => {}
        }
    }

    /// Another life won against the one here, which has a state of its own unless that was handed over.
    fn on_claim_lost(&mut self, (name, epoch): (&Name, Epoch), winner: NodeId, tables: Tables<'_>) {
        let own = status_of(tables.replica, self.me, name).is_some_and(|it| it.epoch == epoch);
        let hands_over =
            wanted(tables.replica, name).is_some_and(|wanted| wanted.spec.handoff.state);
        if own && hands_over && !self.outgoing.is_given(name) {
            let newest = self.copies.get(name).filter(|snapshot| snapshot.kept.epoch == epoch);
            let state = newest.map(|snapshot| snapshot.state.clone());
            self.rivals.on_lost((name, epoch), winner, state);
        }
    }

    /// The other node runs a later life than the one that was handed to it: its word was lost.
    fn look_whether_overtaken(
        &mut self,
        (node, name): (NodeId, &Name),
        tables: Tables<'_>,
        out: &mut Outbox,
    ) {
        if self.outgoing.get(name).is_some_and(|outgoing| outgoing.to == node)
            && status_of(tables.replica, node, name)
                .is_some_and(|status| status.phase == Phase::Running)
        {
            self.outgoing.on_overtaken(name, tables, out);
        }
    }

    fn on_absent(&mut self, node: NodeId, tables: Tables<'_>, out: &mut Outbox) {
        self.shares.on_absent(node);
        self.copies.on_absent(node);
        self.rivals.on_absent(node);
        self.incoming.on_absent(node, out);
        let newer = |name: &Name, epoch: Epoch| {
            newest(name, tables).is_some_and(|(kept, _)| kept.epoch > epoch)
        };
        self.outgoing.on_absent((tables.now, node), newer, out);
    }

    /// Something else is wanted of an agent: perhaps that one that runs here goes to another node.
    fn on_intent(&mut self, name: &Name, tables: Tables<'_>) {
        let status = status_of(tables.replica, self.me, name);
        let (Some(status), Some(wanted)) = (status, wanted(tables.replica, name)) else {
            self.asked.remove(name);
            return;
        };
        let (spec, intent) = (wanted.spec, &wanted.intent);
        match intent.pin.filter(|pin| *pin != self.me) {
            Some(to)
                if spec.handoff.state && intent.run && status.generation == intent.generation =>
            {
                self.asked.insert(name.clone(), to);
            }
            Some(_) | None => drop(self.asked.remove(name)),
        }
    }

    fn on_scheduling(&mut self, now: Now, node: NodeId, tables: Tables<'_>, out: &mut Outbox) {
        let Scheduling { cordoned, drain_until } = scheduling_of(tables, node);
        if node != self.me {
            if !cordoned && tables.membership.is_present(node) {
                self.shares.on_open(now, node);
            }
            return;
        }
        let until = drain_until.filter(|_| cordoned).map(Until::Drain);
        let before = self.evacuation.as_ref().map(Evacuation::until);
        if matches!(before, Some(Until::Leave(_))) || before == until {
            return;
        }
        self.evacuation = until.map(Evacuation::new);
        if until.is_some() {
            self.incoming.close(out);
        }
    }

    /// Hands over what it can within [`Self::LEAVE_TIMEOUT`], and stops the rest.
    pub fn leave(&mut self, now: Now, out: &mut Outbox) {
        self.evacuation = Some(Evacuation::new(Until::Leave(now.at + Self::LEAVE_TIMEOUT)));
        self.incoming.close(out);
        self.dirty = true;
    }

    /// A member said something about an agent that moves.
    pub fn on_move(
        &mut self,
        now: Now,
        (from, said): (NodeId, Move),
        sight: Sight<'_>,
        out: &mut Outbox,
    ) {
        let tables = sight.tables;
        self.dirty = true;
        if self.outgoing.on_move(now, from, &said, out) {
            return;
        }
        match said {
            Move::Offer { id, name, epoch, generation } => {
                let closed = (self.is_closed(), sight);
                self.incoming.on_offer(from, (id, name, (epoch, generation)), closed, out);
            }
            Move::Piece { id, at, total, bytes } => {
                let piece = (at, total, &bytes);
                let (mine, arrival) = self.incoming.on_piece(now, (from, id), piece, out);
                if !mine {
                    self.copies.on_piece(now, (from, id), piece, out);
                    self.rivals.on_piece((from, id), piece, tables, out);
                }
                if let Some(arrival) = arrival {
                    let life = (arrival.epoch, arrival.generation);
                    self.copies.keep_own((&arrival.name, life), arrival.state, tables, out);
                }
            }
            Move::Ask { id } => self.incoming.on_ask(now, from, id, out),
            Move::Cancel { id } => self.incoming.on_cancel(from, id, out),
            Move::Keep { id, name, kept } => self.copies.on_keep((from, id), name, kept, out),
            Move::Fetch { id, name } => self.copies.on_fetch((from, id), &name, out),
            Move::Got { id, bytes } => {
                self.copies.on_got((from, id), bytes, out);
                self.rivals.on_got((from, id), bytes, out);
            }
            Move::Merge { id, name, epoch } => {
                self.rivals.on_offer((from, id), (name, epoch), tables);
            }
            Move::Failed { id, .. } => self.copies.on_failed(now, (from, id), out),
            // It is made ready for a hand-off that was given up.
            Move::Accept { id } | Move::Ready { id } => {
                crate::moving::pieces::send(from, Move::Cancel { id }, out);
            }
            Move::Lacks { .. } | Move::Done { .. } => {}
        }
    }

    /// The host has an agent ready for its state.
    pub fn on_warm(&mut self, name: &Name, epoch: Epoch, out: &mut Outbox) {
        self.incoming.on_warm(name, epoch, out);
    }

    /// The host suspended an agent, or could not.
    pub fn on_suspended(
        &mut self,
        now: Now,
        life: (&Name, Epoch),
        result: Result<AgentState, String>,
        out: &mut Outbox,
    ) {
        self.dirty = true;
        self.outgoing.on_suspended(now, life, result, out);
    }

    /// A running agent gave its state.
    pub fn on_snapshot(
        &mut self,
        life: (&Name, Epoch),
        state: AgentState,
        tables: Tables<'_>,
        out: &mut Outbox,
    ) {
        self.rivals.on_snapshot(life, &state, tables, out);
        self.copies.on_snapshot(life, state, tables, out);
    }

    /// The records of the step are being written under `ticket`.
    pub fn on_append(&mut self, ticket: Ticket) {
        self.copies.on_append(ticket);
    }

    /// Records are on disk.
    pub fn on_appended(&mut self, ticket: Ticket, out: &mut Outbox) {
        self.copies.on_appended(ticket, out);
    }

    /// This node enters another cluster: what it keeps for the old one is forgotten.
    pub fn start_over(&mut self, out: &mut Outbox) {
        self.copies.clear(out);
        self.rivals.clear();
        self.asked.clear();
    }

    /// Does what is due.
    pub fn on_timeout(&mut self, now: Now, sight: Sight<'_>, out: &mut Outbox) {
        let tables = sight.tables;
        self.outgoing.on_timeout(now, tables, out);
        self.incoming.on_timeout(now, out);
        self.copies.on_timeout(now, tables, out);
        self.rivals.on_timeout(tables, out);
        self.dirty = true;
        self.go_on(now, sight, out);
    }

    /// When [`Self::on_timeout`] is due.
    #[must_use]
    pub fn next_timeout(&self, tables: Tables<'_>) -> Instant {
        let own = match &self.evacuation {
            Some(evacuation) => [evacuation.next_timeout(tables.now), None],
            None => [self.shares.next_timeout(), self.planned.next_timeout(&self.outgoing, tables)],
        };
        let others = [
            self.outgoing.next_timeout(),
            self.incoming.next_timeout(),
            self.rivals.next_timeout(),
        ];
        own.into_iter().chain(others).flatten().fold(self.copies.next_timeout(), Instant::min)
    }

    /// Begins every move whose moment has come, and tells how far they are.
    pub fn go_on(&mut self, now: Now, sight: Sight<'_>, out: &mut Outbox) {
        let tables = sight.tables;
        if !std::mem::take(&mut self.dirty) {
            return;
        }
        for ended in self.outgoing.take_ended() {
            match (ended.cause, ended.failure.clone()) {
                (Cause::Evacuated, _) => {
                    if let Some(evacuation) = &mut self.evacuation {
                        evacuation.on_ended(now, ended);
                    }
                }
                (Cause::Planned, Some(reason)) => self.planned.on_failed(ended.name, reason),
                (Cause::Planned | Cause::Asked | Cause::Joined, _) => {}
            }
        }
        self.move_asked(now, tables, out);
        if let Some(evacuation) = &mut self.evacuation {
            evacuation.go_on(now, (self.me, &mut self.outgoing), sight, out);
        } else {
            self.shares.go_on(now, (self.me, &mut self.outgoing), sight, out);
            self.planned.go_on(now, (self.me, &mut self.outgoing), tables, out);
        }
        self.say(out);
    }

    fn move_asked(&mut self, now: Now, tables: Tables<'_>, out: &mut Outbox) {
        let ready = self.asked.extract_if(.., |name, _| {
            let status = status_of(tables.replica, self.me, name);
            // What starts is waited for; what ended is placed anew, on the node that was chosen.
            status.is_none_or(|status| status.phase == Phase::Running)
        });
        for (name, to) in ready {
            let here = status_of(tables.replica, self.me, &name).is_some();
            let asked = (&name, to, Cause::Asked);
            if here && !self.outgoing.begin(now, asked, tables, out) {
                let reason = "the other node is not up".to_owned();
                out.fact(Fact::HandOverFailed { name, to, reason });
            }
        }
    }

    fn say(&mut self, out: &mut Outbox) {
        let evacuation = self.evacuation.as_ref();
        let leaving = evacuation.is_some_and(|it| matches!(it.until(), Until::Leave(_)));
        let drained = evacuation.and_then(Evacuation::progress);
        let moves = Moves { leaving, drained, plan: self.planned.progress() };
        if moves != self.said {
            self.said = moves.clone();
            let value = (moves != Moves::default()).then(|| Presence::Moves(Arc::new(moves)));
            out.happened(Happened::PresenceSaid(PresenceKey::Moves, value));
        }
    }
}

/// What an operator said of a node.
#[must_use]
pub(crate) fn scheduling_of(tables: Tables<'_>, node: NodeId) -> Scheduling {
    match tables.replica.shared().get(&SharedKey::Scheduling(node)) {
        Some(Shared::Scheduling(scheduling)) => **scheduling,
        Some(_) | None => Scheduling::default(),
    }
}

/// Whether a node is about to stop, as it says itself.
#[must_use]
pub(crate) fn is_leaving(tables: Tables<'_>, node: NodeId) -> bool {
    let said = tables.replica.presence(node, &PresenceKey::Moves);
    matches!(said, Some(Presence::Moves(moves)) if moves.leaving)
}
