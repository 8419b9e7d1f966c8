//! The transitions of the registry.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use crate::{
    agent::{AgentSpec, Status},
    ids::{Epoch, Name, NodeId},
    outbox::{HandOffStep, Happened, Outbox, Owner, Presentness},
    registry::{
        Backend, Changes, Groups, Index, MemberView,
        asking::Asking,
        entry::Claims,
        granted::Grants,
        waits::{Answer, Waits},
    },
    replica::{Claim, Joined, Offer, Presence, PresenceKey, Replica, SharedKey},
    time::{Instant, Now, Wall},
};

/// Claims by name, who owns each, and everything by which names are found.
#[derive(Debug)]
pub struct Registry {
    pub(super) me: NodeId,
    /// Who claims each name, present or not.
    pub(super) claims: BTreeMap<Name, Claims>,
    /// What nodes say of their agents, present or not.
    pub(super) statuses: BTreeMap<Name, BTreeMap<NodeId, Arc<Status>>>,
    pub(super) index: Index,
    pub(super) groups: Groups,
    pub(super) changes: Changes,
    pub(super) waits: Waits,
    /// Rivals that the watchers were told of.
    pub(super) conflicts: BTreeMap<Name, BTreeSet<NodeId>>,
    /// Nodes whose claims count.
    pub(super) present: BTreeSet<NodeId>,
    /// Names of agents that were handed to another node, whose claim is to win.
    pub(super) given: BTreeSet<Name>,
    /// Names of this node that are held for an agent.
    pub(super) held: BTreeMap<Name, BTreeSet<Name>>,
    /// What keeps the names of namespaces that are not replicated.
    pub(super) backends: BTreeMap<String, Backend>,
    /// What the group granted.
    pub(super) grants: Grants,
    /// What the group is asked.
    pub(super) asking: Asking,
    /// Names of this node that the group is to grant, and another backend still keeps.
    pub(super) unmoved: BTreeSet<Name>,
    pub(super) mine: usize,
    /// The greatest revision seen.
    pub(super) revision: u64,
}

impl Registry {
    /// How long before the end of its lease a node lets go of the names that the group granted it.
    pub const LEASE_MARGIN: Duration = Grants::MARGIN;
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
            backends: BTreeMap::new(),
            grants: Grants::new(me),
            asking: Asking::default(),
            unmoved: BTreeSet::new(),
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
        let plain = self.claims.get(name).and_then(|claims| claims.of(node));
        let granted = || self.grants.get(name).filter(|held| held.node == node);
        plain.or_else(|| granted().map(|held| &held.claim)).map(|claim| &**claim)
    }

    /// The claim of this node on `name` in another backend than `consensus`.
    pub(super) fn plain(&self, name: &Name) -> Option<&Arc<Claim>> {
        self.claims.get(name)?.of(self.me)
    }

    /// What keeps the names of a namespace.
    #[must_use]
    pub fn backend(&self, namespace: &str) -> Backend {
        self.backends.get(namespace).copied().unwrap_or_default()
    }

    /// The entry of the group's log as of which this node knows who holds the names in namespaces of
    /// the backend `consensus`.
    #[must_use]
    pub fn agreed_index(&self) -> u64 {
        self.grants.index()
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
        let mut answers = self.waits.take_answers();
        answers.append(&mut self.asking.take_answers());
        answers
    }

    /// Ends the waits whose time is over, and tells the group what it has not heard.
    pub fn on_timeout(&mut self, now: Now, out: &mut Outbox) {
        self.waits.on_timeout(now);
        self.run_errands(now, out);
    }

    /// When [`Self::on_timeout`] is due.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        let due = [self.waits.next_timeout(), self.grants.until(), self.next_errand()];
        due.into_iter().flatten().min()
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
                self.run_errands(now, out);
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
            Happened::AgentGone(name, epoch) => self.on_agent_gone(name, *epoch, (replica, out)),
            Happened::Woke => self.distrust(replica, out),
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
            | PresenceKey::Breaches
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
        let granted = self.grants.iter().filter(|(_, held)| held.node == node);
        for name in granted.map(|(name, _)| name.clone()).collect::<Vec<_>>() {
            self.settle(&name, replica, out);
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
        self.write(&spec.name, claim, out);
    }

    /// Gives up the name of an agent that ended, and all that it held (N3).
    fn on_agent_gone(
        &mut self,
        agent: &Name,
        epoch: Epoch,
        (replica, out): (&Replica, &mut Outbox),
    ) {
        if self.claim(agent, self.me).is_none_or(|claim| claim.epoch != epoch) {
            return;
        }
        let held = self.held.get(agent).into_iter().flatten();
        for name in [agent.clone()].into_iter().chain(held.cloned()).collect::<Vec<_>>() {
            self.give_up(&name, replica, out);
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
        let put = |it: &mut Self| {
            let claims = it.claims.entry(name.clone()).or_default();
            claims.put(origin, claim);
            if claims.as_slice().is_empty() {
                it.claims.remove(name);
            }
        };
        if origin == self.me {
            self.counting(name, put);
            self.note_unmoved(name);
        } else {
            put(self);
        }
        self.settle(name, replica, out);
    }

    /// Whether this node holds `name` and tells nobody.
    fn keeps(&self, name: &Name) -> bool {
        self.backend(name.namespace()) == Backend::Local
            && self.plain(name).is_some_and(|claim| claim.epoch == Epoch(0))
    }

    /// Changes what this node holds of a name, and takes note of whether it does, and for whom.
    pub(super) fn counting(&mut self, name: &Name, change: impl FnOnce(&mut Self)) {
        let before = self.own(name).map(|claim| claim.holder.clone());
        change(self);
        let after = self.own(name).map(|claim| claim.holder.clone());
        self.mine = self.mine + usize::from(after.is_some()) - usize::from(before.is_some());
        let (old, new) = (before.flatten(), after.flatten());
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

    /// What this node claims of a name, or is granted as the log has it.
    fn own(&self, name: &Name) -> Option<&Arc<Claim>> {
        self.plain(name).or_else(|| Some(&self.grants.own(name)?.claim))
    }

    /// A revision greater than every one seen: whoever read an earlier life of a name cannot take
    /// this one for it.
    pub(super) fn next_revision(&mut self, now: Wall) -> u64 {
        self.revision = (self.revision + 1).max(now.0);
        self.revision
    }
}

pub(super) fn offer(spec: &AgentSpec) -> Arc<Offer> {
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
