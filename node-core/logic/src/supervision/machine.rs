//! The transitions of supervision: what is wanted against what runs.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use crate::{
    agent::{AgentSpec, Class, Exit, Phase, Status},
    agreed::{Tidings, Voters},
    coordination::Place,
    event::{Fact, PlacedFor},
    ids::{Epoch, Name, NodeId},
    limits::{SETTLE_LONGEST, SETTLE_TIMEOUT},
    membership::{Membership, PeerState, Roster},
    moving::is_leaving,
    node::Effect,
    outbox::{HandOffStep, Happened, HostReport, Outbox},
    replica::{Assignment, Presence, PresenceKey, Replica, Shared, SharedKey, Summary},
    supervision::{
        Holders, Life, Losses, Passage, Relations, Rented, Restarts, Scene, Side, Tally, Tenures,
        Verdict, base_of,
        decision::Decision,
        placement::{Candidate, Sight},
        spec_of, status_of,
    },
    time::{Instant, Now},
};

/// What supervision reads: the copies, the members, and who is up.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a> {
    /// The moment.
    pub now: Now,
    /// The copies.
    pub replica: &'a Replica,
    /// The members.
    pub roster: &'a Roster,
    /// Who is up.
    pub membership: &'a Membership,
}

/// The agents of this node, and those it may have to start.
#[derive(Debug)]
pub struct Supervision {
    me: NodeId,
    lives: BTreeMap<Name, Life>,
    /// Agents whose state or intent changed since they were last looked at.
    dirty: BTreeSet<Name>,
    /// Wanted agents that no present node holds, though this node should not start them either.
    waiting: BTreeSet<Name>,
    holders: Holders,
    pub(super) relations: Relations,
    losses: Losses,
    tally: Tally,
    tenures: Tenures,
    rented: Rented,
    /// No placement before then (S3).
    settles_at: Option<Instant>,
    /// Since when.
    unsettled: Instant,
    /// Members whose digests were compared since then.
    synced: BTreeSet<NodeId>,
    /// When agents that back off start again.
    due: BTreeSet<(Instant, Name)>,
    sweep_at: Instant,
    /// Whether the machine slept and notes are still compared: nothing starts meanwhile.
    waking: bool,
    leaving: bool,
}

impl Supervision {
    /// How often agents that wait are looked at though nothing is known to have changed.
    const SWEEP_INTERVAL: Duration = Duration::from_millis(1_000);

    /// Holds nothing; waits for others first if there are any.
    #[must_use]
    pub fn new(now: Now, me: NodeId, alone: bool) -> Self {
        Self {
            me,
            lives: BTreeMap::new(),
            dirty: BTreeSet::new(),
            waiting: BTreeSet::new(),
            holders: Holders::default(),
            relations: Relations::default(),
            losses: Losses::new(now),
            tally: Tally::default(),
            tenures: Tenures::default(),
            rented: Rented::default(),
            settles_at: (!alone).then(|| now.at + SETTLE_TIMEOUT),
            unsettled: now.at,
            synced: BTreeSet::new(),
            due: BTreeSet::new(),
            sweep_at: now.at + Self::SWEEP_INTERVAL,
            waking: false,
            leaving: false,
        }
    }

    /// The agents of this node.
    #[must_use]
    pub fn lives(&self) -> &BTreeMap<Name, Life> {
        &self.lives
    }

    /// The present node that holds `name` and what it says of it; of several the one that is active,
    /// then the latest life.
    #[must_use]
    pub fn holder<'a>(&self, name: &Name, tables: Tables<'a>) -> Option<(NodeId, &'a Status)> {
        self.holders.holder(name, tables)
    }

    /// The present node that makes itself ready for the state of `name`.
    #[must_use]
    pub fn arrives_at(&self, name: &Name, tables: Tables<'_>) -> Option<NodeId> {
        self.holders.arrives_at(name, tables)
    }

    /// Whether this node has heard the others, or waited long enough to start agents again (S3).
    pub(crate) fn is_settled(&self) -> bool {
        self.settles_at.is_none() && !self.waking
    }

    /// Whether this node takes hold of agents: it is settled, and no split is healing (S7).
    #[must_use]
    pub fn places(&self, tables: Tables<'_>) -> bool {
        self.is_settled() && !self.losses.heals(tables)
    }

    /// Whether a person has this life replaced by one that begins afresh: its state ends with it.
    #[must_use]
    pub fn is_renewed(&self, name: &Name, epoch: Epoch) -> bool {
        let life = self.lives.get(name).filter(|life| life.status.epoch == epoch);
        life.is_some_and(|life| life.again == Some(PlacedFor::Asked))
    }

    /// Every member as a place for agents.
    #[must_use]
    pub fn candidates<'a>(&self, tables: Tables<'a>) -> Vec<Candidate<'a>> {
        let candidate = |(node, role)| {
            let mine = node == self.me;
            Candidate {
                node,
                role,
                sight: sight(tables, node),
                cordoned: is_cordoned(tables.replica, node) || is_leaving(tables, node),
                agents: if mine { count(self.lives.len()) } else { self.holders.count(node) },
                summary: summary_of(tables.replica, node),
            }
        };
        tables.roster.iter().map(candidate).collect()
    }

    /// All that decisions are made from.
    #[must_use]
    pub fn scene<'a>(&'a self, tables: Tables<'a>, candidates: &'a [Candidate<'a>]) -> Scene<'a> {
        let Self { me, holders, relations, losses, tally, tenures, rented, .. } = self;
        Scene { me: *me, tables, candidates, holders, relations, losses, tally, tenures, rented }
    }

    /// The voters of the group in sight.
    #[must_use]
    pub fn voters(&self) -> Voters {
        self.tenures.voters()
    }

    /// Whether this node is about to go.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.leaving
    }

    /// Every agent has to be looked at: the copies changed under our feet.
    pub fn look_at_all(&mut self, replica: &Replica) {
        self.relations = Relations::default();
        for (key, value) in replica.shared().iter() {
            if let (SharedKey::Spec(name), Shared::Spec(spec)) = (key, value) {
                self.relations.note(name, Some(spec));
                self.dirty.extend(spec.instances());
            }
            if let SharedKey::Assignment(name) = key {
                self.dirty.insert(name.clone());
            }
        }
        self.dirty.extend(self.lives.keys().cloned());
    }

    /// Places nothing until the others were heard, or had time enough to be (S3).
    pub fn unsettle(&mut self, now: Now) {
        self.settles_at = Some(now.at + SETTLE_TIMEOUT);
        self.unsettled = now.at;
        self.synced.clear();
    }

    fn settle_if_heard(&mut self, tables: Tables<'_>) {
        // What a member said counts only once it is taken to be up.
        let up = |node: &NodeId| tables.membership.state(*node) != PeerState::Unseen;
        if tables.membership.accounts_for_all(&self.synced) && self.synced.iter().all(up) {
            self.settles_at = None;
            self.synced.clear();
            self.look_at_all(tables.replica);
        }
    }

    /// Those who are not up are waited for no longer; one who is up will say what it holds.
    fn settle_in_time(&mut self, tables: Tables<'_>) {
        let now = tables.now.at;
        let unheard = |node: NodeId| {
            node != self.me && tables.membership.is_present(node) && !self.synced.contains(&node)
        };
        let waits = tables.roster.iter().any(|(node, _)| unheard(node));
        if waits && now.since(self.unsettled) < SETTLE_LONGEST {
            self.settles_at = Some(now + Self::SWEEP_INTERVAL);
            return;
        }
        self.settles_at = None;
        self.synced.clear();
        self.look_at_all(tables.replica);
    }

    /// Follows what happened elsewhere.
    pub fn on_happened(
        &mut self,
        now: Now,
        happened: &Happened,
        tables: Tables<'_>,
        out: &mut Outbox,
    ) {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "a service follows only what concerns it"
        )]
        match happened {
            Happened::PresenceChanged(origin, key) => self.on_presence(*origin, key, tables),
            Happened::SharedChanged(SharedKey::Scheduling(_)) => {
                self.dirty.append(&mut self.waiting);
            }
            Happened::MembersChanged => self.look_at_sides(now, tables),
            Happened::SharedChanged(SharedKey::Spec(name)) => {
                let spec = spec_of(tables.replica, name);
                self.relations.note(name, spec.map(|spec| &**spec));
                self.look_at(name, tables.replica);
                self.note_side(now, tables, true);
            }
            Happened::SharedChanged(SharedKey::Intent(name)) => {
                self.look_at(name, tables.replica);
            }
            Happened::SharedChanged(SharedKey::Assignment(name)) => {
                self.dirty.insert(name.clone());
            }
            Happened::PeerChanged(node, presentness) => {
                self.losses.note(*node, *presentness, tables);
                let held = tables.replica.presences(*node).filter_map(|(key, _)| agent_name(key));
                let held: Vec<Name> = held.collect();
                for name in held {
                    self.look_at_concerned(&name, tables.replica);
                    self.dirty.insert(name);
                }
                self.look_at_sides(now, tables);
                if self.settles_at.is_some() {
                    self.settle_if_heard(tables);
                }
            }
            Happened::Synced(node) if self.settles_at.is_some() => {
                self.synced.insert(*node);
                self.settle_if_heard(tables);
            }
            Happened::Stalled => self.unsettle(now),
            Happened::Woke => {
                self.waking = true;
                self.tenures.distrust();
                self.end_lapsed(now, out);
            }
            Happened::Awake => {
                self.waking = false;
                self.look_at_all(tables.replica);
            }
            Happened::ClaimLost { name, epoch, .. } | Happened::Unneeded(name, epoch) => {
                self.on_claim_lost(now, name, *epoch, out);
            }
            Happened::HandOff(name, epoch, step) => {
                self.on_hand_off(now, (name, *epoch), *step, out);
            }
            Happened::Arrives(name, epoch, generation) => {
                self.on_arrives(now, (name, *epoch, *generation), tables, out);
            }
            Happened::Arrived(name, epoch) => {
                let life = self.lives.get_mut(name).filter(|life| life.status.epoch == *epoch);
                if let Some(life) = life.filter(|life| life.status.phase == Phase::Arriving) {
                    set_phase(now, life, Phase::Starting, out);
                }
            }
            Happened::GivenUp(name) => self.stop(now, name, None, out),
            _ => {}
        }
    }

    fn on_presence(&mut self, origin: NodeId, key: &PresenceKey, tables: Tables<'_>) {
        match key {
            PresenceKey::Agent(name) => self.on_status(origin, name, tables),
            PresenceKey::Moved(name) => self.holders.note_moved(origin, name, tables),
            PresenceKey::Summary => {
                self.tally.sampled(origin);
                self.dirty.append(&mut self.waiting);
            }
            PresenceKey::Claim(_)
            | PresenceKey::Kept(_)
            | PresenceKey::Moves
            | PresenceKey::Joined(_)
            | PresenceKey::Views
            | PresenceKey::Breaches => {}
        }
    }

    /// A node said something of an agent, or took it back.
    fn on_status(&mut self, origin: NodeId, name: &Name, tables: Tables<'_>) {
        let holds = status_of(tables.replica, origin, name).is_some();
        let (before, after) = self.holders.note(origin, name, holds);
        if holds {
            self.tally.settle(name);
        }
        let most = summary_of(tables.replica, origin).map_or(0, |summary| summary.max_agents);
        if (before >= most) != (after >= most) {
            self.dirty.append(&mut self.waiting);
        }
        self.look_at_concerned(name, tables.replica);
        self.dirty.insert(name.clone());
    }

    /// What is wanted under a name changed: it is looked at, and so are its replicas.
    fn look_at(&mut self, name: &Name, replica: &Replica) {
        if let Some(spec) = spec_of(replica, name) {
            self.dirty.extend(spec.instances());
        }
        // Those that a smaller number of replicas leaves over; the name with a dot after it sorts
        // before all of them.
        if let Ok(first) = Name::new(&format!("{name}.")) {
            let replicas = self.lives.range(first.clone()..).map(|(name, _)| name);
            let replicas = replicas.take_while(|life| life.as_str().starts_with(first.as_str()));
            self.dirty.extend(replicas.cloned());
        }
        self.look_at_concerned(name, replica);
        self.dirty.insert(name.clone());
    }

    /// Looks at the agents that name this one.
    fn look_at_concerned(&mut self, name: &Name, replica: &Replica) {
        if self.relations.is_empty() {
            return;
        }
        for known in [Some(name.clone()), base_of(name)].into_iter().flatten() {
            for spec in self.relations.concerned(&known) {
                if let Some(spec) = spec_of(replica, &spec) {
                    self.dirty.extend(spec.instances());
                }
            }
        }
    }

    /// Who is in sight changed: what waits may be placed, and what runs for a majority may have to
    /// stop.
    fn look_at_sides(&mut self, now: Now, tables: Tables<'_>) {
        self.dirty.append(&mut self.waiting);
        self.note_side(now, tables, false);
        if self.relations.ask_for_majority() {
            let majority = |life: &&Life| life.spec.class == Class::MajorityOnly;
            let lives = self.lives.values().filter(majority);
            self.dirty.extend(lives.map(|life| life.spec.name.clone()));
        }
    }

    fn note_side(&mut self, now: Now, tables: Tables<'_>, first: bool) {
        if self.relations.ask_for_majority() {
            let members = tables.roster.iter().map(|(node, _)| sight(tables, node));
            self.losses.note_side(now, Side::of(members), first);
        }
    }

    /// The host told of an agent.
    pub fn on_host(
        &mut self,
        now: Now,
        (name, epoch): (&Name, Epoch),
        report: HostReport,
        out: &mut Outbox,
    ) {
        let Some(life) = self.lives.get_mut(name) else { return };
        if life.status.epoch != epoch {
            return;
        }
        match report {
            HostReport::Started if life.status.phase == Phase::Starting => {
                life.passage = Passage::None;
                set_phase(now, life, Phase::Running, out);
                out.happened(Happened::AgentRuns(Arc::clone(&life.spec), epoch));
                out.fact(Fact::AgentStarted { name: name.clone() });
            }
            HostReport::Started => {}
            HostReport::Exited(exit) => self.on_exit(now, name, exit, out),
        }
        self.dirty.insert(name.clone());
    }

    fn on_exit(&mut self, now: Now, name: &Name, exit: Exit, out: &mut Outbox) {
        let Some(life) = self.lives.get_mut(name) else { return };
        let epoch = life.status.epoch;
        if life.passage == Passage::Arriving {
            let reason = format!("it did not start there: {:?}", exit.reason);
            out.happened(Happened::ArrivalFailed(name.clone(), epoch, reason));
        }
        out.happened(Happened::AgentGone(name.clone(), epoch));
        if life.passage != Passage::None {
            self.forget(name, out);
            return self.report_all_stopped(out);
        }
        if life.status.phase == Phase::Stopping {
            let fact = Fact::AgentExited {
                name: name.clone(),
                reason: exit.reason,
                next: Phase::Stopping,
            };
            out.fact(fact);
            if let Some(reason) = life.again
                && !self.leaving
            {
                self.begin(now, name, reason, out);
            } else {
                self.forget(name, out);
            }
            self.report_all_stopped(out);
            return;
        }
        let verdict = life.restarts.on_exit(now.at, &life.spec.restart, &exit.reason);
        let next = match verdict {
            Verdict::Restart(wait) => {
                // A quarter more or less, so that agents that fell together do not rise together.
                let micros = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
                let jitter = out.random_below(micros / 2 + 1);
                let wait = Duration::from_micros((micros - micros / 4).saturating_add(jitter));
                self.due.insert((now.at + wait, name.clone()));
                life.status.restarts += 1;
                Phase::BackingOff
            }
            Verdict::Finish => Phase::Finished,
            Verdict::Park => Phase::Failed,
        };
        out.fact(Fact::AgentExited { name: name.clone(), reason: exit.reason.clone(), next });
        if verdict != Verdict::Finish {
            life.status.fell = out.epoch(now);
        }
        life.status.last_exit = Some(exit);
        set_phase(now, life, next, out);
    }

    fn on_claim_lost(&mut self, now: Now, name: &Name, epoch: Epoch, out: &mut Outbox) {
        if self.lives.get(name).is_some_and(|life| life.status.epoch == epoch) {
            self.stop(now, name, None, out);
        }
    }

    /// Looks at what changed, and starts again what has waited long enough.
    pub fn on_timeout(&mut self, now: Now, tables: Tables<'_>, out: &mut Outbox) {
        if self.settles_at.is_some_and(|at| at <= now.at) {
            self.settle_in_time(tables);
        }
        if self.sweep_at <= now.at {
            self.sweep_at = now.at + Self::SWEEP_INTERVAL;
            self.holders.sweep(tables);
            self.dirty.append(&mut self.waiting);
        }
        self.end_lapsed(now, out);
        while let Some((at, _)) = self.due.first()
            && *at <= now.at
            && self.is_settled()
        {
            if let Some((_, name)) = self.due.pop_first()
                && self.lives.get(&name).is_some_and(|life| life.status.phase == Phase::BackingOff)
            {
                self.begin(now, &name, PlacedFor::Restart, out);
            }
        }
        self.reconcile(now, tables, out);
    }

    /// When [`Self::on_timeout`] is due.
    #[must_use]
    pub fn next_timeout(&self, now: Now) -> Instant {
        let lapse = self.tenures.next_lapse(now.at);
        let restart = self.due.first().map(|(at, _)| *at).filter(|_| self.is_settled());
        restart.into_iter().chain(lapse).chain(self.settles_at).fold(self.sweep_at, Instant::min)
    }

    /// Brings what runs here closer to what is wanted, for every agent that changed.
    pub fn reconcile(&mut self, now: Now, tables: Tables<'_>, out: &mut Outbox) {
        if self.leaving || self.dirty.is_empty() {
            return;
        }
        let mut candidates = self.candidates(tables);
        let mine = candidates.iter().position(|candidate| candidate.node == self.me);
        let places = self.places(tables);
        for name in std::mem::take(&mut self.dirty) {
            let scene = self.scene(tables, &candidates);
            let decision = scene.decide(&name, self.lives.get(&name), places);
            self.act(now, &name, decision, out);
            if self.tenures.was_granted(&name) && !self.lives.contains_key(&name) {
                self.release(&name, out);
            }
            // A node counts its own agents exactly, also within one step.
            if let Some(own) = mine.and_then(|place| candidates.get_mut(place)) {
                own.agents = count(self.lives.len());
            }
        }
    }

    fn act(&mut self, now: Now, name: &Name, decision: Decision, out: &mut Outbox) {
        match decision {
            Decision::Nothing => self.tally.settle(name),
            Decision::Wait => {
                self.waiting.insert(name.clone());
            }
            Decision::Stop => self.stop(now, name, None, out),
            Decision::Afresh => {
                let Some(grace) = self.lives.get(name).map(|life| life.spec.stop_grace()) else {
                    return;
                };
                self.end(now, name, (Some(PlacedFor::Relation), grace), out);
            }
            Decision::Renew(fresh) => self.stop(now, name, fresh, out),
            Decision::Finish(intent) => {
                let done = Shared::Intent(Arc::new(intent));
                out.happened(Happened::SharedSaid(SharedKey::Intent(name.clone()), done));
            }
            Decision::Start { spec, generation, reason } => {
                self.start(now, (spec, generation), reason, out);
            }
            Decision::Claim(spec) => {
                self.waiting.insert(name.clone());
                if !self.tenures.is_asked(name) {
                    let (claim, lease) = (out.epoch(now), Tenures::lease(&spec));
                    self.tenures.ask(&spec, claim);
                    let place = Place::agent(name.clone());
                    out.effect(Effect::Claim { place, claim, lease });
                }
            }
            Decision::Assign { nodes, generation } => {
                let pick = usize::try_from(out.random_below(nodes.len() as u64)).unwrap_or(0);
                let Some(node) = nodes.get(pick).copied() else { return };
                self.tally.assign(name, node);
                let value = Shared::Assignment(Arc::new(Assignment { node, generation }));
                out.happened(Happened::SharedSaid(SharedKey::Assignment(name.clone()), value));
                self.waiting.insert(name.clone());
            }
            Decision::Unassign => {
                let key = SharedKey::Assignment(name.clone());
                out.happened(Happened::SharedSaid(key, Shared::Deleted));
            }
        }
    }

    /// Takes hold of an agent.
    fn start(
        &mut self,
        now: Now,
        (spec, generation): (Arc<AgentSpec>, u64),
        reason: PlacedFor,
        out: &mut Outbox,
    ) {
        // The loss of its node was an end of the life it had.
        let fell = if reason == PlacedFor::NodeDown { out.epoch(now) } else { Epoch(0) };
        let status = Status {
            epoch: Epoch(0),
            generation,
            phase: Phase::Starting,
            since: now.wall,
            restarts: 0,
            fell,
            last_exit: None,
        };
        let name = spec.name.clone();
        let (restarts, passage) = (Restarts::default(), Passage::None);
        let life = Life { spec, status, restarts, again: None, passage };
        self.lives.insert(name.clone(), life);
        self.begin(now, &name, reason, out);
    }

    /// Begins the next life of an agent that is held.
    fn begin(&mut self, now: Now, name: &Name, reason: PlacedFor, out: &mut Outbox) {
        let token = self.tenures.token(name, now.at);
        let Some(life) = self.lives.get_mut(name) else { return };
        if life.spec.class == Class::Exclusive && token.is_none() {
            return self.forget(name, out);
        }
        life.again = None;
        life.status.epoch = out.epoch(now);
        out.fact(Fact::AgentPlaced { name: name.clone(), reason });
        let epoch = life.status.epoch;
        out.effect(Effect::StartAgent { spec: Arc::clone(&life.spec), epoch, token });
        set_phase(now, life, Phase::Starting, out);
        if life.spec.handoff.state {
            out.happened(Happened::AgentBegins(name.clone(), epoch));
        }
    }

    /// Stops an agent of this node; with `fresh`, a life of that specification and generation
    /// follows here.
    fn stop(
        &mut self,
        now: Now,
        name: &Name,
        fresh: Option<(Arc<AgentSpec>, u64)>,
        out: &mut Outbox,
    ) {
        let Some(life) = self.lives.get_mut(name) else { return };
        let again = fresh.is_some().then_some(PlacedFor::Asked);
        let grace = life.spec.stop_grace();
        if let Some((spec, generation)) = fresh {
            life.spec = spec;
            life.status.generation = generation;
            life.status.restarts = 0;
            life.restarts = Restarts::default();
        }
        self.end(now, name, (again, grace), out);
    }

    /// Ends the life of an agent of this node; with `again`, the next one follows here for this
    /// reason.
    fn end(
        &mut self,
        now: Now,
        name: &Name,
        (again, grace): (Option<PlacedFor>, Duration),
        out: &mut Outbox,
    ) {
        let Some(life) = self.lives.get_mut(name) else { return };
        life.again = again;
        match (life.status.phase, again) {
            (Phase::Arriving, _) => {
                let epoch = life.status.epoch;
                out.happened(Happened::AgentGone(name.clone(), epoch));
                out.effect(Effect::StopAgent { name: name.clone(), epoch, grace });
            }
            (Phase::Starting | Phase::Running | Phase::Migrating, _) => {
                let epoch = life.status.epoch;
                out.happened(Happened::AgentGone(name.clone(), epoch));
                out.effect(Effect::StopAgent { name: name.clone(), epoch, grace });
                set_phase(now, life, Phase::Stopping, out);
            }
            (Phase::Stopping, _) => {}
            (Phase::BackingOff | Phase::Finished | Phase::Failed, Some(reason)) => {
                self.begin(now, name, reason, out);
            }
            (Phase::BackingOff | Phase::Finished | Phase::Failed, None) => {
                self.forget(name, out);
                self.report_all_stopped(out);
            }
        }
    }

    /// The voters in sight changed: what waits for them may be placed.
    pub(crate) fn on_voters(&mut self, voters: Voters) {
        self.tenures.see(voters);
        self.dirty.append(&mut self.waiting);
    }

    /// Agents that pay have these places from here on.
    pub(crate) fn on_rented(&mut self, rented: Rented) {
        let before = std::mem::replace(&mut self.rented, rented);
        let changed = |(name, site): &(&Name, _), other: &Rented| other.get(*name) != Some(*site);
        let new = self.rented.iter().filter(|of| changed(of, &before));
        let gone = before.iter().filter(|of| changed(of, &self.rented));
        self.dirty.extend(new.chain(gone).map(|(name, _)| name.clone()));
    }

    /// What became of a claim of this node on an exclusive agent.
    pub(crate) fn on_tidings(
        &mut self,
        now: Now,
        (name, claim): (&Name, Epoch),
        tidings: Tidings,
        out: &mut Outbox,
    ) {
        if !self.tenures.on_tidings(name, claim, tidings) {
            return;
        }
        match tidings {
            Tidings::Over { .. } if self.lives.contains_key(name) => {
                self.end_without_tenure(now, name, out);
            }
            Tidings::Granted { .. } if self.leaving && !self.lives.contains_key(name) => {
                self.release(name, out);
            }
            // Asked for again with the next sweep, not at once.
            Tidings::Over { .. } => {}
            Tidings::Granted { .. } => {
                self.dirty.insert(name.clone());
            }
        }
    }

    /// Ends the agents whose leases are about to end (S8).
    fn end_lapsed(&mut self, now: Now, out: &mut Outbox) {
        for name in self.tenures.lapsed(now.at).cloned().collect::<Vec<_>>() {
            self.end_without_tenure(now, &name, out);
        }
    }

    fn end_without_tenure(&mut self, now: Now, name: &Name, out: &mut Outbox) {
        let runs = [Phase::Starting, Phase::Running, Phase::Migrating, Phase::BackingOff];
        if self.lives.get(name).is_some_and(|life| runs.contains(&life.status.phase)) {
            self.stop(now, name, None, out);
        }
        self.dirty.insert(name.clone());
    }

    /// Nothing of a life is left.
    fn forget(&mut self, name: &Name, out: &mut Outbox) {
        self.lives.remove(name);
        self.dirty.insert(name.clone());
        say(name, None, out);
        self.release(name, out);
    }

    /// Gives an exclusive agent back, so that another node may run it.
    fn release(&mut self, name: &Name, out: &mut Outbox) {
        if let Some(claim) = self.tenures.release(name) {
            out.effect(Effect::Release { place: Place::agent(name.clone()), claim });
        }
    }

    /// Starts no agent from here on, and tells when none is left.
    pub fn leave(&mut self, out: &mut Outbox) {
        self.leaving = true;
        self.report_all_stopped(out);
    }

    /// An agent of this node goes to another.
    fn on_hand_off(
        &mut self,
        now: Now,
        (name, epoch): (&Name, Epoch),
        step: HandOffStep,
        out: &mut Outbox,
    ) {
        let Some(life) = self.lives.get_mut(name) else { return };
        if life.status.epoch != epoch {
            return;
        }
        match (step, life.status.phase) {
            (HandOffStep::Begins, Phase::Running) => set_phase(now, life, Phase::Migrating, out),
            (HandOffStep::Sent, Phase::Migrating) => life.passage = Passage::Sent,
            (HandOffStep::Fails, Phase::Migrating) => {
                life.passage = Passage::None;
                set_phase(now, life, Phase::Running, out);
            }
            (HandOffStep::Done, _) => self.stop(now, name, None, out),
            (HandOffStep::Begins | HandOffStep::Sent | HandOffStep::Fails, _) => {}
        }
    }

    /// An agent is about to come from another node.
    fn on_arrives(
        &mut self,
        now: Now,
        (name, epoch, generation): (&Name, Epoch, u64),
        tables: Tables<'_>,
        out: &mut Outbox,
    ) {
        let wanted = crate::supervision::wanted(tables.replica, name);
        let (Some(wanted), false) = (wanted, self.lives.contains_key(name)) else {
            out.happened(Happened::AgentGone(name.clone(), epoch));
            return;
        };
        let spec = wanted.own_spec();
        let status = Status {
            epoch,
            generation,
            phase: Phase::Arriving,
            since: now.wall,
            restarts: 0,
            fell: Epoch(0),
            last_exit: None,
        };
        out.effect(Effect::StartAgent { spec: Arc::clone(&spec), epoch, token: None });
        let (restarts, passage) = (Restarts::default(), Passage::Arriving);
        let life = Life { spec, status, restarts, again: None, passage };
        say(name, Some(&life.status), out);
        self.lives.insert(name.clone(), life);
    }

    fn report_all_stopped(&self, out: &mut Outbox) {
        if self.leaving && self.lives.is_empty() {
            out.happened(Happened::AllStopped);
        }
    }
}

/// What a node says of itself.
#[must_use]
pub fn summary_of(replica: &Replica, node: NodeId) -> Option<&Summary> {
    match replica.presence(node, &PresenceKey::Summary)? {
        Presence::Summary(summary) => Some(summary),
        Presence::Agent(_)
        | Presence::Claim(_)
        | Presence::Views(_)
        | Presence::Breaches(_)
        | Presence::Moved(_)
        | Presence::Kept(_)
        | Presence::Moves(_) => None,
    }
}

/// Whether a member is up.
fn sight(tables: Tables<'_>, node: NodeId) -> Sight {
    let membership = tables.membership;
    if membership.is_present(node) {
        return if membership.is_waking(node) { Sight::Waking } else { Sight::Present };
    }
    if membership.state(node) == PeerState::Left {
        Sight::Left
    } else if membership.is_awaited(tables.now, node) {
        Sight::Awaited
    } else {
        Sight::Away
    }
}

/// Whether an operator keeps new agents off a node.
fn is_cordoned(replica: &Replica, node: NodeId) -> bool {
    let value = replica.shared().get(&SharedKey::Scheduling(node));
    matches!(value, Some(Shared::Scheduling(scheduling)) if scheduling.cordoned)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn agent_name(key: &PresenceKey) -> Option<Name> {
    if let PresenceKey::Agent(name) = key { Some(name.clone()) } else { None }
}

fn set_phase(now: Now, life: &mut Life, phase: Phase, out: &mut Outbox) {
    life.status.phase = phase;
    life.status.since = now.wall;
    say(&life.spec.name, Some(&life.status), out);
}

fn say(name: &Name, status: Option<&Status>, out: &mut Outbox) {
    let value = status.map(|status| Presence::Agent(Arc::new(status.clone())));
    out.happened(Happened::PresenceSaid(PresenceKey::Agent(name.clone()), value));
}
