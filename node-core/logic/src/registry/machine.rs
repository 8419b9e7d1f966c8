//! The transitions of the registry.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    agent::{AgentSpec, Phase, Status},
    event::Fact,
    ids::{Epoch, Name, NodeId},
    outbox::{HandOffStep, Happened, Outbox, Owner, Presentness},
    registry::{
        Changes, Groups, Index, MemberView, NameState, Precedence,
        changes::What,
        entry::{Claimant, Claims},
        index::Row,
        waits::{Answer, Waits},
    },
    replica::{Claim, Joined, Offer, Presence, PresenceKey, Replica, Shared, SharedKey},
    time::{Instant, Now, Wall},
};

/// Claims by name, who owns each, and everything by which names are found.
#[derive(Debug)]
pub struct Registry {
    pub(super) me: NodeId,
    /// Who claims each name, present or not.
    pub(super) claims: BTreeMap<Name, Claims>,
    /// What nodes say of their agents, present or not.
    statuses: BTreeMap<Name, BTreeMap<NodeId, Arc<Status>>>,
    pub(super) index: Index,
    pub(super) groups: Groups,
    changes: Changes,
    pub(super) waits: Waits,
    /// Rivals that the watchers were told of.
    conflicts: BTreeMap<Name, BTreeSet<NodeId>>,
    /// Nodes whose claims count.
    pub(super) present: BTreeSet<NodeId>,
    /// Names of agents that were handed to another node, whose claim is to win.
    given: BTreeSet<Name>,
    /// Names of this node that are held for an agent.
    pub(super) held: BTreeMap<Name, BTreeSet<Name>>,
    /// Namespaces whose names this node tells nobody.
    pub(super) local: BTreeSet<String>,
    pub(super) mine: usize,
    /// The greatest revision seen.
    pub(super) revision: u64,
}

impl Registry {
    /// Names one node may claim: a tenth of a mebibyte of memory for every hundred.
    pub const CAPACITY: usize = 200_000;

    /// No names.
    #[must_use]
    pub fn new(me: NodeId) -> Self {
        Self {
            me,
            claims: BTreeMap::new(),
            statuses: BTreeMap::new(),
            index: Index::default(),
            groups: Groups::default(),
            changes: Changes::default(),
            waits: Waits::default(),
            conflicts: BTreeMap::new(),
            present: BTreeSet::from([me]),
            given: BTreeSet::new(),
            held: BTreeMap::new(),
            local: BTreeSet::new(),
            mine: 0,
            revision: 0,
        }
    }

    /// Who owns `name`.
    #[must_use]
    pub fn owner(&self, name: &Name) -> Option<Owner> {
        self.index.row(name)?.owner()
    }

    /// Every name that is owned, in order.
    pub fn owners(&self) -> impl Iterator<Item = (&Name, Owner)> {
        self.index.rows().iter().filter_map(|(name, row)| Some((name, row.owner()?)))
    }

    /// The claim of `node` on `name`.
    #[must_use]
    pub fn claim(&self, name: &Name, node: NodeId) -> Option<&Claim> {
        self.claims.get(name)?.of(node).map(|claim| &**claim)
    }

    /// Every name that is held, for search.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// What changed, for those who watch.
    #[must_use]
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Who is in a group, in order of node and agent.
    #[must_use]
    pub fn members(&self, group: &Name) -> Vec<MemberView> {
        self.groups.members(group, |node| self.present.contains(&node))
    }

    /// Every group that somebody is in, and how many are.
    #[must_use]
    pub fn groups(&self) -> Vec<(Name, u32)> {
        self.groups.sizes(|node| self.present.contains(&node))
    }

    /// What the waits that ended came to.
    pub(crate) fn take_answers(&mut self) -> Vec<Answer> {
        self.waits.take_answers()
    }

    /// Ends the waits whose time is over.
    pub fn on_timeout(&mut self, now: Now) {
        self.waits.on_timeout(now);
    }

    /// When [`Self::on_timeout`] is due.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        self.waits.next_timeout()
    }

    /// Follows what happened elsewhere.
    pub fn on_happened(
        &mut self,
        now: Now,
        happened: &Happened,
        replica: &Replica,
        out: &mut Outbox,
    ) {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "a service follows only what concerns it"
        )]
        match happened {
            Happened::PresenceChanged(origin, key) => self.on_presence(*origin, key, replica, out),
            Happened::LocalSaid(name, claim) => {
                self.put_claim((self.me, name), claim.clone(), replica, out);
            }
            Happened::PeerChanged(node, presentness) => {
                self.on_peer(*node, *presentness, replica, out);
            }
            Happened::SharedChanged(SharedKey::Spec(name)) => self.on_spec(name, replica, out),
            Happened::SharedChanged(SharedKey::Namespace(namespace)) => {
                self.follow_backend(namespace, replica, out);
            }
            Happened::SharedChanged(SharedKey::Cleanup(namespace)) => {
                self.follow_cleanup(namespace, replica, out);
            }
            Happened::AgentRuns(spec, epoch) => {
                self.given.remove(&spec.name);
                self.on_agent_runs(now, spec, *epoch, out);
            }
            Happened::HandOff(name, _, HandOffStep::Sent) => drop(self.given.insert(name.clone())),
            Happened::HandOff(name, ..) => drop(self.given.remove(name)),
            Happened::AgentGone(name, epoch) => self.on_agent_gone(name, *epoch, out),
            _ => {}
        }
    }

    fn on_presence(
        &mut self,
        origin: NodeId,
        key: &PresenceKey,
        replica: &Replica,
        out: &mut Outbox,
    ) {
        let value = replica.presence(origin, key);
        let claim = match value {
            Some(Presence::Claim(claim)) => Some(Arc::clone(claim)),
            Some(_) | None => None,
        };
        match key {
            PresenceKey::Summary
            | PresenceKey::Views
            | PresenceKey::Moved(_)
            | PresenceKey::Kept(_)
            | PresenceKey::Moves => {}
            // What this node keeps to itself is not in its shard.
            PresenceKey::Claim(name)
                if origin == self.me && claim.is_none() && self.keeps(name) => {}
            PresenceKey::Claim(name) => self.put_claim((origin, name), claim, replica, out),
            PresenceKey::Agent(name) => {
                match value {
                    Some(Presence::Agent(status)) => {
                        let statuses = self.statuses.entry(name.clone()).or_default();
                        statuses.insert(origin, Arc::clone(status));
                    }
                    Some(_) | None => {
                        if let Some(statuses) = self.statuses.get_mut(name) {
                            statuses.remove(&origin);
                            if statuses.is_empty() {
                                self.statuses.remove(name);
                            }
                        }
                    }
                }
                self.settle(name, replica, out);
            }
            PresenceKey::Joined(place) => {
                let counts = self.present.contains(&origin);
                let who = (origin, place.agent.clone());
                self.groups.put((&place.group, who), claim, counts, &mut self.changes);
            }
        }
    }

    /// What an agent or its replicas tell may have changed.
    fn on_spec(&mut self, name: &Name, replica: &Replica, out: &mut Outbox) {
        let begins = |(held, _): &(&Name, _)| held.as_str().starts_with(name.as_str());
        let from = self.statuses.range(name.clone()..).take_while(begins);
        let names: Vec<Name> = from.map(|(held, _)| held.clone()).collect();
        for held in names {
            self.settle(&held, replica, out);
        }
    }

    fn on_peer(
        &mut self,
        node: NodeId,
        presentness: Presentness,
        replica: &Replica,
        out: &mut Outbox,
    ) {
        let present = presentness == Presentness::Present;
        let turned = if present { self.present.insert(node) } else { self.present.remove(&node) };
        if turned {
            self.groups.turn(node, present, &mut self.changes);
        }
        for (key, _) in replica.presences(node) {
            if let PresenceKey::Claim(name) | PresenceKey::Agent(name) = key {
                self.settle(name, replica, out);
            }
        }
    }

    fn on_agent_runs(&mut self, now: Now, spec: &AgentSpec, epoch: Epoch, out: &mut Outbox) {
        let since = moment(now, out);
        let claim = Claim {
            epoch,
            revision: self.next_revision(since.0),
            metadata: spec.metadata.clone(),
            offer: Some(offer(spec)),
            ..Claim::bare(since)
        };
        self.write(&spec.name, Some(claim), out);
    }

    /// Gives up the name of an agent that ended, and all that it held (N3).
    fn on_agent_gone(&mut self, agent: &Name, epoch: Epoch, out: &mut Outbox) {
        if self.claim(agent, self.me).is_none_or(|claim| claim.epoch != epoch) {
            return;
        }
        self.write(agent, None, out);
        for name in self.held.get(agent).into_iter().flatten() {
            self.write(name, None, out);
        }
        for (group, member) in self.groups.of(self.me) {
            if member.as_ref() == Some(agent) {
                say_joined(group, Some(agent), None, out);
            }
        }
    }

    fn put_claim(
        &mut self,
        (origin, name): (NodeId, &Name),
        claim: Option<Arc<Claim>>,
        replica: &Replica,
        out: &mut Outbox,
    ) {
        // A revision from a clock that is far ahead is still a number to stay above.
        self.revision = self.revision.max(claim.as_ref().map_or(0, |claim| claim.revision));
        if origin == self.me {
            self.count_mine(name, claim.as_deref());
        }
        let claims = self.claims.entry(name.clone()).or_default();
        claims.put(origin, claim);
        if claims.as_slice().is_empty() {
            self.claims.remove(name);
        }
        self.settle(name, replica, out);
    }

    /// Whether this node holds `name` and tells nobody.
    fn keeps(&self, name: &Name) -> bool {
        self.local.contains(name.namespace())
            && self.claim(name, self.me).is_some_and(|claim| claim.epoch == Epoch(0))
    }

    /// Takes note of what this node holds, and for whom.
    fn count_mine(&mut self, name: &Name, claim: Option<&Claim>) {
        let before = self.claims.get(name).and_then(|claims| claims.of(self.me));
        let old = before.and_then(|claim| claim.holder.clone());
        self.mine = self.mine + usize::from(claim.is_some()) - usize::from(before.is_some());
        let new = claim.and_then(|claim| claim.holder.clone());
        if old == new {
            return;
        }
        if let Some(names) = old.as_ref().and_then(|holder| self.held.get_mut(holder)) {
            names.remove(name);
        }
        self.held.retain(|holder, names| Some(holder) != old.as_ref() || !names.is_empty());
        if let Some(holder) = new {
            self.held.entry(holder).or_default().insert(name.clone());
        }
    }

    /// Works out anew who owns `name` and what is known of it, and tells who wants to know.
    fn settle(&mut self, name: &Name, replica: &Replica, out: &mut Outbox) {
        let none = Claims::None;
        let claims = self.claims.get(name).unwrap_or(&none);
        let owner = claims.owner(|node| self.present.contains(&node)).cloned();
        let mine = claims.of(self.me).cloned();
        if claims.as_slice().len() > 1 || self.conflicts.contains_key(name) {
            self.tell_conflicts(name, owner.as_ref());
        }
        if let (Some(mine), Some(owner)) = (&mine, &owner)
            && owner.0 != self.me
        {
            self.lose(name, mine, owner, out);
        }
        let row = owner.map(|(node, claim)| {
            let agent = claim.epoch != Epoch(0);
            let state = if agent { NameState::Running } else { NameState::Registered };
            Row { node, state, claim }
        });
        let row = row.or_else(|| self.idle_row(name, replica));
        if row.as_ref() == self.index.row(name) {
            return;
        }
        let after = row.clone();
        let before = self.index.put(name, row);
        self.tell(name, (before, after), out);
    }

    /// Tells of a change of the owner of `name`.
    fn tell(&mut self, name: &Name, (before, after): (Option<Row>, Option<Row>), out: &mut Outbox) {
        let live = |row: Option<Row>| row.filter(|row| row.state.is_live());
        let (before, after) = (live(before), live(after));
        let owner = after.as_ref().and_then(Row::owner);
        if owner != before.as_ref().and_then(Row::owner) {
            out.happened(Happened::OwnerChanged(name.clone(), owner));
        }
        if let Some(owner) = owner {
            self.waits.on_owner(name, owner);
        }
        let stays = |before: &Row, after: &Row| {
            (before.node, before.claim.epoch, before.claim.since)
                == (after.node, after.claim.epoch, after.claim.since)
        };
        match (before, after) {
            (Some(before), Some(after)) if stays(&before, &after) => {
                self.changes.push(name, What::Updated((after.node, after.claim)));
            }
            (before, after) => {
                if let Some(Row { node, claim, .. }) = before {
                    self.changes.push(name, What::Removed((node, claim)));
                }
                if let Some(Row { node, claim, .. }) = after {
                    self.changes.push(name, What::Registered((node, claim)));
                }
            }
        }
    }

    /// Tells the watchers of rivals that they were not told of.
    fn tell_conflicts(&mut self, name: &Name, owner: Option<&Claimant>) {
        let claims = self.claims.get(name).map_or(&[][..], Claims::as_slice);
        let told = self.conflicts.remove(name).unwrap_or_default();
        let mut rivals = BTreeSet::new();
        for rival in claims.iter().filter(|(node, _)| self.present.contains(node)) {
            let Some(winner) = owner.filter(|winner| winner.0 != rival.0) else { continue };
            rivals.insert(rival.0);
            if !told.contains(&rival.0) && !told.contains(&winner.0) {
                let (winner, loser) = (winner.clone(), rival.clone());
                self.changes.push(name, What::Conflict { winner, loser });
            }
        }
        if !rivals.is_empty() {
            self.conflicts.insert(name.clone(), rivals);
        }
    }

    /// Withdraws a claim of this node that lost (N2), and says against whom and why.
    fn lose(&self, name: &Name, mine: &Claim, (node, claim): &Claimant, out: &mut Outbox) {
        let winner = *node;
        if !self.given.contains(name) {
            out.fact(Fact::ClaimLost {
                name: name.clone(),
                winner,
                why: Precedence::between(claim, mine),
                lost: mine.metadata.clone(),
                won: claim.metadata.clone(),
            });
        }
        out.happened(Happened::ClaimLost { name: name.clone(), epoch: mine.epoch, winner });
        self.write(name, None, out);
    }

    /// What is known of an agent that a node holds and nobody answers for.
    fn idle_row(&self, name: &Name, replica: &Replica) -> Option<Row> {
        let statuses = self.statuses.get(name)?;
        let active = |phase| {
            matches!(phase, Phase::Starting | Phase::Running | Phase::Migrating | Phase::Stopping)
        };
        let (node, status) = statuses
            .iter()
            .filter(|(node, _)| self.present.contains(node))
            .max_by_key(|(node, status)| (active(status.phase), status.epoch, **node))?;
        let spec = spec_of(replica, name);
        let claim = Claim {
            epoch: status.epoch,
            revision: 0,
            metadata: spec.map(|spec| spec.metadata.clone()).unwrap_or_default(),
            offer: spec.map(|spec| offer(spec)),
            ..Claim::bare((status.since, 0))
        };
        Some(Row { node: *node, state: status.phase.into(), claim: Arc::new(claim) })
    }

    /// A revision greater than every one seen: whoever read an earlier life of a name cannot take
    /// this one for it.
    pub(super) fn next_revision(&mut self, now: Wall) -> u64 {
        self.revision = (self.revision + 1).max(now.0);
        self.revision
    }
}

/// The specification of an agent; a replica, `NAME.1` and so on, has that of all replicas.
fn spec_of<'a>(replica: &'a Replica, name: &Name) -> Option<&'a Arc<AgentSpec>> {
    let exact = |name: Name| match replica.shared().get(&SharedKey::Spec(name))? {
        Shared::Spec(spec) => Some(spec),
        Shared::Member(_)
        | Shared::Revoked
        | Shared::Intent(_)
        | Shared::Assignment(_)
        | Shared::Scheduling(_)
        | Shared::Rebalance(_)
        | Shared::Deleted
        | Shared::Namespace(_)
        | Shared::Tally(_)
        | Shared::Variable(_)
        | Shared::Cleanup(_)
        | Shared::Lineage(_) => None,
    };
    exact(name.clone()).or_else(|| {
        let (base, number) = name.as_str().rsplit_once('.')?;
        number.parse::<u32>().ok().and_then(|_| exact(Name::new(base).ok()?))
    })
}

fn offer(spec: &AgentSpec) -> Arc<Offer> {
    let (kind, capabilities) = (spec.runtime.kind(), spec.capabilities.clone());
    Arc::new(Offer { kind, capabilities })
}

pub(super) fn say_joined(
    group: &Name,
    agent: Option<&Name>,
    claim: Option<Claim>,
    out: &mut Outbox,
) {
    let place = Joined { group: group.clone(), agent: agent.cloned() };
    let key = PresenceKey::Joined(Arc::new(place));
    let value = claim.map(|claim| Presence::Claim(Arc::new(claim)));
    out.happened(Happened::PresenceSaid(key, value));
}

pub(super) fn moment(now: Now, out: &mut Outbox) -> (Wall, u32) {
    let stamp = out.stamp(now);
    (stamp.wall, stamp.counter)
}
