//! The value: inputs in, services in their order, effects out.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::SigningKey;

use crate::{
    agent::AgentState,
    certificate::{Certificate, Role},
    comms::Comms,
    event::{Fact, Minute},
    event_store::{EventStore, Standing},
    hlc::Clock,
    ids::{ClusterId, Epoch, Incarnation, Name, NodeId, Ticket},
    membership::{Membership, Roster},
    merged::Merged,
    monitor::Monitor,
    moving::Moving,
    node::{
        Command, CommandError, Effect, Input, Machine, Outcome, Profile, Record, Restore,
        farewell::Farewell, joining::Brought,
    },
    outbox::{Happened, HostReport, Outbox},
    pairing::Pairing,
    registry::Registry,
    replica::{DiskState, Load, Repair, Replica, Shared, SharedKey},
    settings::Values,
    supervision::Supervision,
    time::{Instant, Now, Wall},
    wire::{Message, Publication},
};

/// The tables of a node, beside whose borrow its other fields stay free.
macro_rules! tables {
    ($node:expr) => {
        crate::supervision::Tables {
            now: $node.now,
            replica: &$node.replica,
            roster: &$node.roster,
            membership: &$node.membership,
        }
    };
}
pub(super) use tables;

/// What alerts are decided from, beside whose borrow the node's other fields stay free.
macro_rules! alert_scene {
    ($node:expr, $now:expr) => {
        crate::monitor::Scene {
            now: $now,
            replica: &$node.replica,
            roster: &$node.roster,
            membership: &$node.membership,
        }
    };
}
pub(super) use alert_scene;

/// What moves are decided from, beside whose borrow the node's other fields stay free.
macro_rules! sight {
    ($node:expr) => {
        crate::moving::Sight { tables: tables!($node), supervision: &$node.supervision }
    };
}

/// What came of the command that the ticket names.
type Reply = (Ticket, Result<Outcome, CommandError>);

/// One Covey instance.
pub struct Node {
    pub(super) me: NodeId,
    pub(super) key: SigningKey,
    pub(super) incarnation: Incarnation,
    pub(super) machine: Machine,
    pub(super) profile: Profile,
    pub(super) settings: Values,
    pub(super) started: Wall,
    pub(super) load: Load,
    pub(super) disk: DiskState,
    /// No load is told before then.
    load_due: Instant,
    pub(super) addresses: Vec<String>,
    /// Where strangers reach it.
    pub(super) lobby: Vec<String>,
    pub(super) replica: Replica,
    pub(super) roster: Roster,
    pub(super) membership: Membership,
    pub(super) pairing: Pairing,
    pub(super) registry: Registry,
    pub(super) supervision: Supervision,
    pub(super) moving: Moving,
    pub(super) merged: Merged,
    pub(super) monitor: Monitor,
    pub(super) events: EventStore,
    pub(super) out: Outbox,
    pub(super) now: Now,
    /// The peers that were last let into the fabric.
    pub(super) allowed: BTreeSet<NodeId>,
    /// Where members said in the lobby that they are.
    pub(super) met: BTreeMap<NodeId, Vec<String>>,
    /// What was told of what there may be much of.
    pub(super) minute: Minute,
    /// Agents that came along from another cluster.
    pub(super) brought: Brought,
    /// Writers whose clocks run too far ahead.
    pub(super) ahead: BTreeSet<NodeId>,
    /// What the store said when it failed.
    pub(super) read_only: Option<String>,
    /// Replies of this step.
    pub(super) replies: Vec<Reply>,
    /// Replies that wait for their records to be on disk.
    unsynced: BTreeMap<Ticket, Vec<Reply>>,
    /// Who asked this node to leave.
    pub(super) leaving: Option<Ticket>,
    pub(super) farewell: Option<Farewell>,
    /// Claims that wait until this node is awake, and who wants them.
    pub(super) waiting: Vec<(Ticket, NodeId, Command)>,
}

impl Node {
    /// Things that may happen within one step: a hundred thousand names in one command make some
    /// four each.
    const MAX_STEP: u32 = 1 << 22;
    /// A load this close to the one told last is not told again: in percent of a processor, and in
    /// MiB.
    const LOAD_GRAIN: (u32, u32) = (10, 64);
    /// A node as the disk left it; at its first start it founds a cluster of its own.
    #[must_use]
    pub fn new(now: Now, mut restore: Restore) -> Self {
        let me = NodeId(restore.key.verifying_key().to_bytes());
        let believable = restore.believable(me, now.wall);
        let heard = restore.heard(believable);
        let disbelieved = restore.take_disbelieved(me, believable);
        let mut out = Outbox::new(Clock::new(me, heard), restore.seed);
        let first_start = restore.profile.is_none();
        let profile = restore.profile.unwrap_or_else(|| {
            let certificate =
                Certificate::found(&SigningKey::from_bytes(&out.seed()), me, now.wall);
            Profile::founded(restore.default_name, certificate, now.wall)
        });
        let replica = Replica::new(now, (me, restore.incarnation), restore.shared);
        let roster = Roster::new(&profile.certificate, replica.shared(), now.wall);
        let alone = roster.iter().all(|(node, _)| node == me);
        let seed = out.seed();
        let mut node = Self {
            me,
            key: restore.key,
            incarnation: restore.incarnation,
            machine: restore.machine,
            profile,
            settings: Values::default(),
            started: now.wall,
            load: Load::default(),
            disk: DiskState::Sound,
            load_due: now.at,
            addresses: Vec::new(),
            lobby: Vec::new(),
            replica,
            roster,
            membership: Membership::new(now, me, restore.incarnation),
            pairing: Pairing::new(now, me, &restore.pairing, seed),
            registry: Registry::new(me),
            supervision: Supervision::new(now, me, alone),
            moving: Moving::new(now, me, restore.snapshots),
            merged: Merged::new(me, restore.writes_since, restore.locals),
            monitor: Monitor::new(me),
            events: EventStore::new(
                now,
                me,
                (restore.event_extents, restore.events),
                restore.retention,
            )
            .numbered_from(now, restore.events_from),
            out,
            now,
            allowed: BTreeSet::new(),
            met: BTreeMap::new(),
            minute: Minute::default(),
            brought: Brought::new(),
            ahead: BTreeSet::new(),
            read_only: None,
            replies: Vec::new(),
            unsynced: BTreeMap::new(),
            leaving: None,
            farewell: None,
            waiting: Vec::new(),
        };
        for entry in node.merged.rewrite(now, disbelieved, &mut node.out) {
            node.replica.adopt(now, entry, &mut node.out);
        }
        node.begin(now, first_start);
        node
    }

    fn begin(&mut self, now: Now, first_start: bool) {
        if first_start {
            self.out.record(Record::Profile(self.profile.clone()));
        }
        if self.replica.shared().get(&SharedKey::Member(self.me)).is_none() {
            self.share_own_certificate(now);
        }
        self.out.fact(Fact::NodeStarted { version: self.machine.version.clone() });
        self.supervision.look_at_all(&self.replica);
        self.registry.look_at_all(&self.replica, &mut self.out);
        self.merged.look_at_all(&self.replica);
        self.on_roster(now);
        self.say_summary();
        let tables = tables!(self);
        self.moving.begin(now, tables, &mut self.out);
        self.finish(now);
    }

    pub(super) fn share_own_certificate(&mut self, now: Now) {
        let certificate = Shared::Member(std::sync::Arc::new(self.profile.certificate.clone()));
        self.replica.share(now, SharedKey::Member(self.me), certificate, &mut self.out);
    }

    /// This node.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.me
    }

    /// The cluster it is in.
    #[must_use]
    pub fn cluster(&self) -> ClusterId {
        self.roster.cluster()
    }

    /// The life it is in.
    #[must_use]
    pub fn incarnation(&self) -> Incarnation {
        self.incarnation
    }

    /// The role of a member of its cluster.
    #[must_use]
    pub fn role_of(&self, node: NodeId) -> Option<Role> {
        self.roster.role(node)
    }

    /// Takes one input in.
    pub fn handle(&mut self, now: Now, input: Input) {
        self.now = now;
        self.membership.notice(now, &mut self.out);
        self.registry.notice(now, &self.replica, &mut self.out);
        match input {
            Input::Command { ticket, actor, command } => {
                self.on_command(now, ticket, actor, command);
            }
            Input::Settings(values) => self.on_settings(now, *values),
            Input::Agreed(events) => self.events.on_agreed(now, events, &mut self.out),
            Input::Message { from, message } => self.on_message(now, from, message),
            Input::Published { from, publication } => self.on_published(now, from, publication),
            Input::Connected { peer } => self.on_connected(now, peer),
            Input::Renewed { peer } => self.membership.on_renewed(now, peer, &mut self.out),
            Input::Disconnected { peer } => self.on_disconnected(now, peer),
            Input::DialFailed { peer, failure } => {
                self.membership.on_dial_failed(now, peer, failure, &mut self.out);
            }
            Input::Found(found) => self.pairing.on_found(now, found),
            Input::LobbyAsked { from, ticket, request } => {
                let admins = self.other_admins();
                self.pairing.on_asked(now, from, (ticket, request), admins);
            }
            Input::LobbyAnswered { ticket, result } => {
                self.pairing.on_answered(now, ticket, result);
            }
            Input::Appended { ticket } => self.on_appended(now, ticket),
            Input::AppendFailed { ticket, reason } => self.on_append_failed(ticket, reason),
            Input::StoreMended => self.read_only = None,
            Input::EventsLoaded { ticket, events } => {
                self.events.on_loaded(ticket, events, &mut self.out);
            }
            Input::EventsDropped { firsts, more } => self.events.on_dropped(now, &firsts, more),
            Input::EventsGrown => self.events.on_grown(now),
            Input::AgentStarted { name, epoch } => {
                self.supervision.on_host(now, (&name, epoch), HostReport::Started, &mut self.out);
            }
            Input::AgentWarm { name, epoch } => self.moving.on_warm(&name, epoch, &mut self.out),
            Input::AgentSuspended { name, epoch, result } => {
                self.moving.on_suspended(now, (&name, epoch), result, &mut self.out);
            }
            Input::AgentSnapshot { name, epoch, state } => {
                self.on_snapshot((&name, epoch), state);
            }
            Input::AgentExited { name, epoch, exit } => {
                let report = HostReport::Exited(exit);
                self.supervision.on_host(now, (&name, epoch), report, &mut self.out);
            }
            Input::Tenure { place, claim, tidings } => {
                self.on_tenure(now, &place, (claim, tidings));
            }
            Input::NamesHeld { index, whole, names } => self.on_held(now, (index, whole), names),
            Input::NamesAgreed { ticket, result } => self.on_agreed(now, (ticket, result)),
            Input::Rented(rented) => self.supervision.on_rented(rented),
            Input::Voters(voters) => self.on_voters(now, voters),
            Input::Suspending => self.membership.suspend(now, &mut self.out),
            Input::Sampled(load) => self.on_sample(load),
            Input::Measured(found) => self.on_measured(now, found),
            Input::Disk(disk) => self.on_disk(disk),
            Input::Listening { addresses } => {
                self.addresses = addresses;
                self.tell_pairing(now);
                self.say_summary();
            }
            Input::LobbyListening { addresses } => {
                self.lobby = addresses;
                self.say_summary();
            }
        }
        self.finish(now);
    }

    fn on_snapshot(&mut self, (name, epoch): (&Name, Epoch), state: AgentState) {
        if !self.supervision.is_renewed(name, epoch) {
            let tables = tables!(self);
            self.moving.on_snapshot((name, epoch), state, tables, &mut self.out);
        }
    }

    fn on_connected(&mut self, now: Now, peer: NodeId) {
        if self.roster.role(peer).is_some() {
            self.membership.on_connected(now, peer, &mut self.out);
            self.events.on_connected(peer);
            self.replica.on_connected(now, peer, self.events.extents(), &mut self.out);
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Now) {
        self.now = now;
        self.membership.notice(now, &mut self.out);
        self.registry.notice(now, &self.replica, &mut self.out);
        self.membership.on_timeout(now, &mut self.out);
        let peers: Vec<NodeId> = self.membership.connected();
        self.replica.on_timeout(now, &peers, self.events.extents(), &mut self.out);
        self.events.on_timeout(now, &mut self.out);
        self.pairing.on_timeout(now);
        self.tell_omitted(now);
        self.registry.on_timeout(now, &mut self.out);
        self.settle(now);
        let tables = tables!(self);
        self.supervision.on_timeout(now, tables, &mut self.out);
        let sight = sight!(self);
        self.moving.on_timeout(now, sight, &mut self.out);
        self.say_goodbye_if_heard(now);
        self.finish(now);
    }

    /// The next thing to do.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        let mut effect = self.out.poll_effect()?;
        if let Effect::Dial { peer, addresses } = &mut effect {
            *addresses = self.addresses_of(*peer);
        }
        Some(effect)
    }

    /// When [`Self::handle_timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let due = [
            self.membership.next_timeout(),
            self.replica.next_timeout(),
            self.supervision.next_timeout(self.now),
            self.moving.next_timeout(self.tables()),
        ];
        let farewell = self.farewell.as_ref().map(Farewell::until);
        let due = due.into_iter().chain(self.registry.next_timeout()).chain(farewell);
        let due = due.chain(self.omitted_due());
        due.chain(self.events.next_timeout()).chain(self.pairing.next_timeout()).min()
    }

    fn on_disconnected(&mut self, now: Now, peer: NodeId) {
        self.membership.on_disconnected(now, peer, &mut self.out);
        self.replica.on_disconnected(now, peer, self.events.extents(), &mut self.out);
    }

    fn on_message(&mut self, now: Now, from: NodeId, message: Message) {
        if self.roster.role(from).is_none() {
            return;
        }
        match message {
            Message::Detect(detect) => {
                if let Some((node, life)) = detect.life(from) {
                    self.replica.begin_life(node, life, &mut self.out);
                }
                self.membership.on_detect(now, from, detect, &mut self.out);
            }
            Message::Move(said) => {
                let sight = sight!(self);
                self.moving.on_move(now, (from, said), sight, &mut self.out);
            }
            Message::Repair(Repair::Changes(delta)) => self.on_delta(now, from, delta),
            Message::Events(talk) => self.events.on_talk(from, &talk, &mut self.out),
            Message::Repair(Repair::Events(piece)) => {
                self.events.on_piece(now, from, piece, &mut self.out);
            }
            Message::Repair(Repair::WantEvents { origin, from: first }) => {
                self.events.on_want(from, origin, first, &mut self.out);
            }
            Message::Repair(repair) => {
                if let Repair::Compare { digest, .. } | Repair::Lack(digest) = &repair {
                    self.events.on_digest(now, from, digest, &mut self.out);
                }
                let extents = self.events.extents();
                self.replica.on_repair(now, (from, repair), extents, &mut self.out);
            }
        }
    }

    fn on_published(&mut self, now: Now, from: NodeId, publication: Publication) {
        if self.roster.role(from).is_none() {
            return;
        }
        match publication {
            Publication::Delta(delta) => self.on_delta(now, from, delta),
            Publication::Events(events) => self.events.on_events(now, from, events, &mut self.out),
            Publication::EventNews(last) => self.events.on_news(now, from, last, &mut self.out),
        }
    }

    fn on_sample(&mut self, load: Load) {
        let (percent, mib) = Self::LOAD_GRAIN;
        let near = load.cpu_percent.abs_diff(self.load.cpu_percent) < percent
            && load.used_mib.abs_diff(self.load.used_mib) < mib
            && load.messages_per_s == self.load.messages_per_s;
        let members = u32::try_from(self.roster.iter().count()).unwrap_or(u32::MAX);
        if !near && self.load_due <= self.now.at {
            self.load_due = self.now.at + self.load_turn() * members;
            self.load = load;
            self.say_summary();
        }
    }

    fn on_disk(&mut self, disk: DiskState) {
        self.disk = disk;
        self.say_summary();
    }

    fn on_appended(&mut self, now: Now, ticket: Ticket) {
        self.events.on_appended(now, ticket);
        self.moving.on_appended(ticket, &mut self.out);
        for entry in self.merged.on_appended(ticket) {
            self.replica.reveal(now, entry, &mut self.out);
        }
        for (ticket, result) in self.unsynced.remove(&ticket).unwrap_or_default() {
            self.out.effect(Effect::Reply { ticket, result });
        }
    }

    fn on_append_failed(&mut self, ticket: Ticket, reason: String) {
        for (ticket, result) in self.unsynced.remove(&ticket).unwrap_or_default() {
            let result = result.and(Err(CommandError::ReadOnly { reason: reason.clone() }));
            self.out.effect(Effect::Reply { ticket, result });
        }
        self.events.on_append_failed(&reason, &mut self.out);
        self.read_only = Some(reason);
    }

    /// Ends a step: everything that happened is offered to everyone, and what has to be kept is
    /// written before anyone is told that it is done.
    fn finish(&mut self, now: Now) {
        self.settle(now);
        self.registry.ask_group(&mut self.out);
        // A wait changes nothing, so its answer waits for no disk.
        for (ticket, result) in self.registry.take_answers() {
            self.out.effect(Effect::Reply { ticket, result });
        }
        self.settle_events(now);
        let records = self.out.take_records();
        let replies = std::mem::take(&mut self.replies);
        if records.is_empty() {
            for (ticket, result) in replies {
                self.out.effect(Effect::Reply { ticket, result });
            }
            return;
        }
        let ticket = self.out.ticket();
        self.events.on_append(ticket);
        self.moving.on_append(ticket);
        self.merged.on_append(ticket);
        self.unsynced.insert(ticket, replies);
        self.out.effect(Effect::Append { ticket, records });
    }

    /// Answers who waits for copies of events, and has the oldest dropped.
    fn settle_events(&mut self, now: Now) {
        let (me, roster, membership) = (self.me, &self.roster, &self.membership);
        let standing = || {
            let mut others = roster.iter().filter(|(node, _)| *node != me).peekable();
            if others.peek().is_none() {
                Standing::Single
            } else if others.any(|(node, _)| membership.state(node).is_present()) {
                Standing::Accompanied
            } else {
                Standing::Lonely
            }
        };
        self.events.settle(now, standing, &mut self.out);
    }

    fn settle(&mut self, now: Now) {
        let mut left = Self::MAX_STEP;
        loop {
            while let Some(happened) = self.out.poll_happened() {
                left = left.saturating_sub(1);
                assert!(left > 0, "a step does not end");
                self.offer(now, happened);
            }
            self.take_pairing_outputs(now);
            let tables = tables!(self);
            self.supervision.reconcile(now, tables, &mut self.out);
            let sight = sight!(self);
            self.moving.go_on(now, sight, &mut self.out);
            if self.out.is_settled() {
                return;
            }
        }
    }

    /// Offers what happened to every service, in the order the module states.
    fn offer(&mut self, now: Now, happened: Happened) {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "a service follows only what concerns it"
        )]
        match &happened {
            Happened::PresenceSaid(..) | Happened::SharedSaid(..) => {
                return self.write(now, happened);
            }
            Happened::Fact(None, fact) if !self.is_witness_of(fact) => return,
            Happened::Fact(actor, fact) => {
                return self.events.append(now, *actor, fact.clone(), &mut self.out);
            }
            Happened::SharedChanged(SharedKey::Member(_) | SharedKey::Revoked(_)) => {
                self.on_roster(now);
            }
            Happened::SharedChanged(key) => self.on_brought(now, key),
            Happened::AllStopped => self.on_all_stopped(now),
            Happened::LifeHeard(node, life) => self.replica.outlive(*node, *life, &mut self.out),
            Happened::Synced(node) => {
                self.brought.clear();
                self.membership.on_synced();
                self.hears_farewell(now, *node);
            }
            Happened::Outdated(peer) => {
                self.replica.compare_with(now, *peer, self.events.extents(), &mut self.out);
            }
            Happened::PeerChanged(node, presentness) => {
                self.note_farewell(now, *node, *presentness);
            }
            Happened::Woke => self.compare_notes(now),
            Happened::Awake => self.carry_on(now),
            _ => {}
        }
        self.registry.on_happened(now, &happened, &self.replica, &mut self.out);
        let tables = tables!(self);
        self.supervision.on_happened(now, &happened, tables, &mut self.out);
        self.moving.on_happened(now, &happened, tables, &mut self.out);
        self.merged.on_happened(now, &happened, &self.replica, &mut self.out);
        Comms::on_happened(&happened, &mut self.out);
    }

    fn write(&mut self, now: Now, happened: Happened) {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "a service follows only what concerns it"
        )]
        match happened {
            Happened::PresenceSaid(key, value) => self.replica.say(now, key, value, &mut self.out),
            Happened::SharedSaid(key, value) => self.replica.share(now, key, value, &mut self.out),
            _ => {}
        }
    }

    /// After a sleep: asks everyone what changed meanwhile.
    fn compare_notes(&mut self, now: Now) {
        for peer in self.membership.connected() {
            self.replica.on_connected(now, peer, self.events.extents(), &mut self.out);
        }
    }

    /// Awake: does what had to wait for it.
    fn carry_on(&mut self, now: Now) {
        for (ticket, actor, command) in std::mem::take(&mut self.waiting) {
            self.on_command(now, ticket, actor, command);
        }
    }
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node")
            .field("me", &self.me)
            .field("incarnation", &self.incarnation)
            .field("cluster", &self.roster.cluster())
            .finish_non_exhaustive()
    }
}

impl Profile {
    fn founded(name: String, certificate: Certificate, founded: Wall) -> Self {
        Self {
            cluster_name: name.clone(),
            name,
            labels: BTreeMap::new(),
            programs: crate::agent::Programs::Own,
            certificate,
            founded,
        }
    }
}
