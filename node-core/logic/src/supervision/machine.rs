//! The transitions of supervision: what is wanted against what runs.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use crate::{
    agent::{AgentSpec, Exit, Intent, Phase, Status},
    event::{Fact, PlacedFor},
    ids::{Epoch, Name, NodeId},
    limits::SETTLE_TIMEOUT,
    membership::{Membership, Roster},
    moving::{is_leaving, scheduling_of},
    node::Effect,
    outbox::{HandOffStep, Happened, HostReport, Outbox, Presentness},
    replica::{Presence, PresenceKey, Replica, Shared, SharedKey, Summary},
    supervision::{
        Life, Passage, Restarts, Verdict,
        placement::{self, Candidate},
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
    /// Which nodes hold each agent, present or not.
    holders: BTreeMap<Name, BTreeSet<NodeId>>,
    /// No placement before then (S3).
    settles_at: Option<Instant>,
    /// Members whose digests were compared since then.
    synced: BTreeSet<NodeId>,
    /// When agents that back off start again.
    due: BTreeSet<(Instant, Name)>,
    sweep_at: Instant,
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
            holders: BTreeMap::new(),
            settles_at: (!alone).then(|| now.at + SETTLE_TIMEOUT),
            synced: BTreeSet::new(),
            due: BTreeSet::new(),
            sweep_at: now.at + Self::SWEEP_INTERVAL,
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
        self.holders
            .get(name)?
            .iter()
            .filter(|node| tables.membership.is_present(**node))
            .filter_map(|node| Some((*node, status_of(tables.replica, *node, name)?)))
            .max_by_key(|(node, status)| (is_active(status.phase), status.epoch, *node))
    }

    /// The present node that makes itself ready for the state of `name`.
    #[must_use]
    pub fn arrives_at(&self, name: &Name, tables: Tables<'_>) -> Option<NodeId> {
        let arrives = |node: &&NodeId| {
            tables.membership.is_present(**node)
                && status_of(tables.replica, **node, name)
                    .is_some_and(|status| status.phase == Phase::Arriving)
        };
        self.holders.get(name)?.iter().find(arrives).copied()
    }

    /// Every agent has to be looked at: the copies changed under our feet.
    pub fn look_at_all(&mut self, replica: &Replica) {
        for (key, _) in replica.shared().iter() {
            if let SharedKey::Spec(name) | SharedKey::Intent(name) = key {
                self.dirty.insert(name.clone());
            }
        }
        self.dirty.extend(self.lives.keys().cloned());
    }

    /// Places nothing until the others were heard, or had time enough to be (S3).
    pub fn unsettle(&mut self, now: Now) {
        self.settles_at = Some(now.at + SETTLE_TIMEOUT);
        self.synced.clear();
    }

    fn settle_if_heard(&mut self, tables: Tables<'_>) {
        if tables.membership.accounts_for_all(&self.synced) {
            self.settles_at = None;
            self.synced.clear();
            self.look_at_all(tables.replica);
        }
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
            Happened::PresenceChanged(origin, PresenceKey::Agent(name)) => {
                if status_of(tables.replica, *origin, name).is_some() {
                    self.holders.entry(name.clone()).or_default().insert(*origin);
                } else if let Some(nodes) = self.holders.get_mut(name) {
                    nodes.remove(origin);
                    if nodes.is_empty() {
                        self.holders.remove(name);
                    }
                }
                self.dirty.insert(name.clone());
            }
            Happened::PresenceChanged(_, PresenceKey::Summary) | Happened::MembersChanged => {
                self.dirty.append(&mut self.waiting);
            }
            Happened::SharedChanged(SharedKey::Spec(name) | SharedKey::Intent(name)) => {
                self.dirty.insert(name.clone());
            }
            Happened::PeerChanged(node, presentness) => {
                let held = tables.replica.presences(*node).filter_map(|(key, _)| agent_name(key));
                self.dirty.extend(held);
                if *presentness == Presentness::Present {
                    self.dirty.append(&mut self.waiting);
                }
                if self.settles_at.is_some() {
                    self.settle_if_heard(tables);
                }
            }
            Happened::Synced(node) if self.settles_at.is_some() => {
                self.synced.insert(*node);
                self.settle_if_heard(tables);
            }
            Happened::Stalled => self.unsettle(now),
            Happened::ClaimLost { name, epoch, .. } => self.on_claim_lost(now, name, *epoch, out),
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
            Happened::Unneeded(name, epoch) => self.on_claim_lost(now, name, *epoch, out),
            Happened::GivenUp(name) => self.stop(now, name, None, out),
            _ => {}
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
                out.happened(Happened::AgentRuns(name.clone(), epoch));
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
        if life.passage != Passage::None {
            if life.passage == Passage::Arriving {
                let reason = format!("it did not start there: {:?}", exit.reason);
                out.happened(Happened::ArrivalFailed(name.clone(), epoch, reason));
            }
            out.happened(Happened::AgentGone(name.clone(), epoch));
            self.lives.remove(name);
            say(name, None, out);
            return self.report_all_stopped(out);
        }
        out.happened(Happened::AgentGone(name.clone(), epoch));
        if life.status.phase == Phase::Stopping {
            let fact = Fact::AgentExited {
                name: name.clone(),
                reason: exit.reason,
                next: Phase::Stopping,
            };
            out.fact(fact);
            if life.again && !self.leaving {
                self.begin(now, name, PlacedFor::Asked, out);
            } else {
                self.lives.remove(name);
                say(name, None, out);
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
            self.settles_at = None;
            self.look_at_all(tables.replica);
        }
        if self.sweep_at <= now.at {
            self.sweep_at = now.at + Self::SWEEP_INTERVAL;
            self.dirty.append(&mut self.waiting);
        }
        while let Some((at, _)) = self.due.first()
            && *at <= now.at
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
    pub fn next_timeout(&self) -> Instant {
        let restart = self.due.first().map(|(at, _)| *at);
        restart.into_iter().chain(self.settles_at).fold(self.sweep_at, Instant::min)
    }

    /// Brings what runs here closer to what is wanted, for every agent that changed.
    pub fn reconcile(&mut self, now: Now, tables: Tables<'_>, out: &mut Outbox) {
        if self.leaving || self.dirty.is_empty() {
            return;
        }
        let candidates = candidates(tables);
        for name in std::mem::take(&mut self.dirty) {
            self.reconcile_one(now, &name, (tables, &candidates), out);
        }
    }

    fn reconcile_one(
        &mut self,
        now: Now,
        name: &Name,
        (tables, candidates): (Tables<'_>, &[Candidate<'_>]),
        out: &mut Outbox,
    ) {
        let wanted = wanted(tables.replica, name);
        if !self.is_mine_to_hold(name, tables) {
            self.stop(now, name, None, out);
        }
        let phase = self.lives.get(name).map(|life| life.status.phase);
        let Some((spec, intent)) = wanted.filter(|(_, intent)| intent.run) else {
            // What finished stays on show until it is removed or started again.
            if wanted.is_none() || phase != Some(Phase::Finished) {
                self.stop(now, name, None, out);
            }
            return;
        };
        if let Some(life) = self.lives.get(name) {
            if life.passage == Passage::Arriving {
                if life.status.generation < intent.generation {
                    self.stop(now, name, None, out);
                }
            } else if life.status.generation < intent.generation {
                self.renew(now, (spec, intent), candidates, out);
            } else if phase == Some(Phase::Finished) {
                let done = Intent { run: false, ..Intent::clone(intent) };
                let done = Shared::Intent(Arc::new(done));
                out.happened(Happened::SharedSaid(SharedKey::Intent(name.clone()), done));
            }
            return;
        }
        if self.holder(name, tables).is_some() {
            return;
        }
        let settled = self.settles_at.is_none();
        if settled && placement::choose(spec, intent, candidates) == Some(self.me) {
            let orphaned = self.holders.contains_key(name);
            let reason = if orphaned { PlacedFor::NodeDown } else { PlacedFor::Unplaced };
            self.start(now, (spec, intent), reason, out);
        } else {
            self.waiting.insert(name.clone());
        }
    }

    /// Whether no other present node holds the agent with more right: a copy that is parked gives
    /// way to one that runs. Two that run are told apart by their claims.
    fn is_mine_to_hold(&self, name: &Name, tables: Tables<'_>) -> bool {
        let Some(life) = self.lives.get(name) else { return true };
        is_active(life.status.phase)
            || life.passage == Passage::Arriving
            || self.holder(name, tables).is_none_or(|(node, _)| node == self.me)
    }

    /// A person asked for a fresh life, here or on the node they chose.
    fn renew(
        &mut self,
        now: Now,
        (spec, intent): (&Arc<AgentSpec>, &Intent),
        candidates: &[Candidate<'_>],
        out: &mut Outbox,
    ) {
        let elsewhere = candidates.iter().any(|candidate| {
            intent.pin == Some(candidate.node)
                && candidate.node != self.me
                && placement::exclusions(spec, intent, candidate).is_empty()
        });
        let fresh = (!elsewhere).then(|| (Arc::clone(spec), intent.generation));
        self.stop(now, &spec.name, fresh, out);
    }

    /// Takes hold of an agent.
    fn start(
        &mut self,
        now: Now,
        (spec, intent): (&Arc<AgentSpec>, &Intent),
        reason: PlacedFor,
        out: &mut Outbox,
    ) {
        let status = Status {
            epoch: Epoch(0),
            generation: intent.generation,
            phase: Phase::Starting,
            since: now.wall,
            restarts: 0,
            last_exit: None,
        };
        let spec = Arc::clone(spec);
        let name = spec.name.clone();
        let life = Life {
            spec,
            status,
            restarts: Restarts::default(),
            again: false,
            passage: Passage::None,
        };
        self.lives.insert(name.clone(), life);
        self.begin(now, &name, reason, out);
    }

    /// Begins the next life of an agent that is held.
    fn begin(&mut self, now: Now, name: &Name, reason: PlacedFor, out: &mut Outbox) {
        let Some(life) = self.lives.get_mut(name) else { return };
        life.again = false;
        life.status.epoch = out.epoch(now);
        out.fact(Fact::AgentPlaced { name: name.clone(), reason });
        let epoch = life.status.epoch;
        out.effect(Effect::StartAgent { spec: Arc::clone(&life.spec), epoch });
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
        life.again = fresh.is_some();
        let grace = life.spec.stop_grace();
        if let Some((spec, generation)) = fresh {
            life.spec = spec;
            life.status.generation = generation;
            life.status.restarts = 0;
            life.restarts = Restarts::default();
        }
        match life.status.phase {
            Phase::Starting | Phase::Running | Phase::Migrating => {
                let epoch = life.status.epoch;
                out.happened(Happened::AgentGone(name.clone(), epoch));
                out.effect(Effect::StopAgent { name: name.clone(), epoch, grace });
                set_phase(now, life, Phase::Stopping, out);
            }
            Phase::Arriving => {
                let epoch = life.status.epoch;
                out.happened(Happened::AgentGone(name.clone(), epoch));
                out.effect(Effect::StopAgent { name: name.clone(), epoch, grace });
            }
            Phase::Stopping => {}
            Phase::BackingOff | Phase::Finished | Phase::Failed if life.again => {
                self.begin(now, name, PlacedFor::Asked, out);
            }
            Phase::BackingOff | Phase::Finished | Phase::Failed => {
                self.lives.remove(name);
                say(name, None, out);
                self.report_all_stopped(out);
            }
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
        let spec = wanted(tables.replica, name).map(|(spec, _)| Arc::clone(spec));
        let (Some(spec), false) = (spec, self.lives.contains_key(name)) else {
            out.happened(Happened::AgentGone(name.clone(), epoch));
            return;
        };
        let status = Status {
            epoch,
            generation,
            phase: Phase::Arriving,
            since: now.wall,
            restarts: 0,
            last_exit: None,
        };
        out.effect(Effect::StartAgent { spec: Arc::clone(&spec), epoch });
        let (restarts, passage) = (Restarts::default(), Passage::Arriving);
        let life = Life { spec, status, restarts, again: false, passage };
        say(name, Some(&life.status), out);
        self.lives.insert(name.clone(), life);
    }

    fn report_all_stopped(&self, out: &mut Outbox) {
        if self.leaving && self.lives.is_empty() {
            out.happened(Happened::AllStopped);
        }
    }
}

/// Every member as a place for agents.
#[must_use]
pub fn candidates(tables: Tables<'_>) -> Vec<Candidate<'_>> {
    let candidate = |(node, role)| Candidate {
        node,
        role,
        present: tables.membership.is_present(node),
        awaited: tables.membership.is_awaited(tables.now, node),
        cordoned: scheduling_of(tables, node).cordoned || is_leaving(tables, node),
        summary: summary_of(tables.replica, node),
    };
    tables.roster.iter().map(candidate).collect()
}

/// What is wanted of an agent: both its specification and its intent.
#[must_use]
pub fn wanted<'a>(
    replica: &'a Replica,
    name: &Name,
) -> Option<(&'a Arc<AgentSpec>, &'a Arc<Intent>)> {
    let shared = replica.shared();
    match (
        shared.get(&SharedKey::Spec(name.clone()))?,
        shared.get(&SharedKey::Intent(name.clone()))?,
    ) {
        (Shared::Spec(spec), Shared::Intent(intent)) => Some((spec, intent)),
        _ => None,
    }
}

/// What a node says of itself.
#[must_use]
pub fn summary_of(replica: &Replica, node: NodeId) -> Option<&Summary> {
    match replica.presence(node, &PresenceKey::Summary)? {
        Presence::Summary(summary) => Some(summary),
        Presence::Agent(_) | Presence::Claim(_) | Presence::Kept(_) | Presence::Moves(_) => None,
    }
}

/// What a node says of an agent it holds.
#[must_use]
pub fn status_of<'a>(replica: &'a Replica, node: NodeId, name: &Name) -> Option<&'a Status> {
    match replica.presence(node, &PresenceKey::Agent(name.clone()))? {
        Presence::Agent(status) => Some(status),
        Presence::Summary(_) | Presence::Claim(_) | Presence::Kept(_) | Presence::Moves(_) => None,
    }
}

fn is_active(phase: Phase) -> bool {
    matches!(phase, Phase::Starting | Phase::Running | Phase::Migrating | Phase::Stopping)
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
