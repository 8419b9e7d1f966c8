//! The transitions of pairing: what a node is told, and in which half of pairing it ends up.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use crate::{
    certificate::Certificate,
    ids::{ClusterId, NodeId, Ticket},
    node::{CommandError, Outcome},
    time::{Instant, Now},
};

use super::{
    Found, FoundBy, Hello, LobbyAnswer, LobbyFailure, LobbyRequest, Nonce, PairingOutput,
    PairingSettings, PairingView, Referral, Refusal, Standing, asking::Asking, door::Door,
    invite::Invites, nearby::Nearby, nearby::tidy_addresses, secret::Secret,
};

/// How one node pairs: as a host of strangers and as a stranger itself.
#[derive(Debug)]
pub struct Pairing {
    pub(super) me: NodeId,
    pub(super) join_key: Option<Secret>,
    pub(super) ask_by_itself: bool,
    pub(super) rng: ChaCha20Rng,
    pub(super) standing: Option<Standing>,
    pub(super) hello: Option<Hello>,
    pub(super) nearby: Nearby,
    pub(super) door: Door,
    pub(super) invites: Invites,
    pub(super) asking: Option<Asking>,
    /// The certificate with which this node enters another cluster, until its standing says so.
    pub(super) entering: Option<Certificate>,
    /// When the first node of another cluster was heard of while this one is in its cluster.
    pub(super) first_sighting: Option<Instant>,
    /// Hosts that answered when this node asked by itself.
    pub(super) asked: BTreeSet<NodeId>,
    /// Whether this node no longer asks by itself: a person took over, or a host said no.
    pub(super) courted: bool,
    pub(super) started: Instant,
    pending: BTreeMap<Ticket, Errand>,
    tickets: u64,
    outputs: VecDeque<PairingOutput>,
}

/// A request in the lobby whose answer is awaited.
#[derive(Clone, Copy, Debug)]
struct Errand {
    to: NodeId,
    kind: ErrandKind,
    sent: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrandKind {
    Greet(FoundBy),
    Prove,
    Join,
    Withdraw,
}

impl Pairing {
    /// How long a request waits for a person.
    pub const REQUEST_TIMEOUT: Duration = Duration::from_mins(2);
    /// How long a lone node looks around before it acts by itself.
    pub const SETTLE_TIMEOUT: Duration = Duration::from_secs(2);
    /// How long after its start a lone node admits nobody by join key: longer than the three seconds
    /// in which nodes on one LAN find each other, so that the eldest of those that start together is
    /// known to the others by then.
    pub const HOST_SETTLE_TIMEOUT: Duration = Duration::from_secs(4);
    /// The least time between two proofs of membership to one node.
    const PROVE_INTERVAL: Duration = Duration::from_secs(5);
    /// The least time between two greetings that discovery causes.
    const GREET_PAUSE: Duration = Duration::from_secs(5);
    /// Requests in the lobby under way; beyond, what discovery finds waits to be found again.
    const PENDING_CAPACITY: usize = 256;
    /// After this an answer is no longer awaited; the lobby reports a failure long before.
    const PENDING_TIMEOUT: Duration = Duration::from_secs(60);

    /// A node that pairs with nobody until [`Self::set_standing`] says who it is. `seed` must come
    /// from the operating system and be used for nothing else; `settings` have passed
    /// [`PairingSettings::check`].
    #[must_use]
    pub fn new(now: Now, me: NodeId, settings: &PairingSettings, seed: [u8; 32]) -> Self {
        Self {
            me,
            join_key: settings.secret(),
            ask_by_itself: settings.ask_by_itself,
            rng: ChaCha20Rng::from_seed(seed),
            standing: None,
            hello: None,
            nearby: Nearby::default(),
            door: Door::default(),
            invites: Invites::default(),
            asking: None,
            entering: None,
            first_sighting: None,
            asked: BTreeSet::new(),
            courted: false,
            started: now.at,
            pending: BTreeMap::new(),
            tickets: 0,
            outputs: VecDeque::new(),
        }
    }

    /// Whether this node asks a cluster nearby by itself, while it is alone.
    pub fn set_ask_by_itself(&mut self, now: Now, on: bool) {
        self.ask_by_itself = on;
        self.go_on(now);
    }

    /// Membership, the names or the addresses changed. A change of cluster ends every request,
    /// invite and ask of the cluster before.
    pub fn set_standing(&mut self, now: Now, standing: Standing) {
        if self.entering.as_ref() == Some(&standing.certificate) {
            self.entering = None;
        }
        let moved = self.cluster().is_some_and(|cluster| cluster != standing.cluster());
        if moved {
            self.leave_old_cluster();
        }
        let hello = standing.hello(self.join_key.as_ref().map(Secret::id));
        if self.hello.as_ref() != Some(&hello) {
            self.outputs.push_back(PairingOutput::SetHello(hello.clone()));
        }
        self.hello = Some(hello);
        self.standing = Some(standing);
        let neighbours: Vec<NodeId> = self.nearby.iter().map(|(node, _)| node).collect();
        for node in neighbours {
            self.meet(now, node);
        }
        self.go_on(now);
    }

    /// Discovery came across a node.
    pub fn on_found(&mut self, now: Now, found: Found) {
        if found.node != self.me {
            self.nearby.find(found.node, found.by);
            let known = self.nearby.get(found.node);
            let member = known.is_some_and(|known| Some(known.hello.cluster) == self.cluster());
            let fresh = known.is_some_and(|known| now.at < known.greeted + Self::GREET_PAUSE);
            if member {
                self.prove(now, found.node);
            } else if !fresh {
                self.greet(now, found.node, found.by);
            }
        }
        self.go_on(now);
    }

    /// Someone in the lobby asks; exactly one [`PairingOutput::Answer`] follows. `admins` tells who
    /// else may admit, for an asker that this node may not let in.
    pub fn on_asked(
        &mut self,
        now: Now,
        from: NodeId,
        (ticket, request): (Ticket, LobbyRequest),
        admins: Vec<Referral>,
    ) {
        self.sweep(now);
        let mut answer = self.answer(now, from, request);
        if answer == LobbyAnswer::Refused(Refusal::CannotAdmit) && !admins.is_empty() {
            answer = LobbyAnswer::Referred(admins);
        }
        self.outputs.push_back(PairingOutput::Answer { ticket, answer });
        self.go_on(now);
    }

    /// A [`PairingOutput::Request`] ended.
    pub fn on_answered(
        &mut self,
        now: Now,
        ticket: Ticket,
        result: Result<LobbyAnswer, LobbyFailure>,
    ) {
        self.sweep(now);
        if let Some(errand) = self.pending.remove(&ticket) {
            match errand.kind {
                ErrandKind::Greet(by) => self.on_greeted(now, (errand.to, by), result),
                ErrandKind::Prove => self.on_proven(now, errand.to, result),
                ErrandKind::Join => self.on_ask_answered(now, ticket, result),
                ErrandKind::Withdraw => {}
            }
        }
        self.go_on(now);
    }

    /// Time passed.
    pub fn on_timeout(&mut self, now: Now) {
        self.go_on(now);
    }

    /// When [`Self::on_timeout`] is wanted at the latest.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        let pending = self.pending.values().map(|errand| errand.sent + Self::PENDING_TIMEOUT).min();
        let nearby = self.nearby.next_timeout(self.cluster());
        let asking = self.asking.as_ref().and_then(Asking::next_timeout);
        let candidate = self.candidate(Instant::default()).map(|candidate| candidate.due);
        [pending, nearby, asking, candidate, self.door.next_timeout(), self.invites.next_timeout()]
            .into_iter()
            .flatten()
            .min()
    }

    /// What is wanted, in order.
    pub fn take_output(&mut self) -> Option<PairingOutput> {
        self.outputs.pop_front()
    }

    /// What people see.
    #[must_use]
    pub fn view(&self) -> PairingView {
        PairingView {
            nearby: self.nearby.view(self.standing.as_ref(), self.join_key_id()),
            requests: self.door.view(),
            ask: self.asking.as_ref().map(Asking::view),
            invites: self.invites.view(),
        }
    }

    pub(super) fn cluster(&self) -> Option<ClusterId> {
        self.standing.as_ref().map(Standing::cluster)
    }

    /// Whether this node is the only member of its cluster and lets nobody in at the moment.
    pub(super) fn is_alone(&self) -> bool {
        self.hello.as_ref().is_some_and(|hello| hello.members < 2) && !self.door.admitted_lately()
    }

    pub(super) fn push(&mut self, output: PairingOutput) {
        self.outputs.push_back(output);
    }

    pub(super) fn reply(&mut self, ticket: Ticket, result: Result<Outcome, CommandError>) {
        self.outputs.push_back(PairingOutput::Reply { ticket, result });
    }

    pub(super) fn nonce(&mut self) -> Nonce {
        let mut bytes = [0; 32];
        self.rng.fill_bytes(&mut bytes);
        Nonce(bytes)
    }

    /// Sends a request. Its ticket lies in the upper half, where no other service's lie.
    pub(super) fn send(
        &mut self,
        now: Now,
        to: NodeId,
        (kind, request): (ErrandKind, LobbyRequest),
    ) -> Ticket {
        let ticket = Ticket(1 << 63 | self.tickets);
        self.tickets += 1;
        self.pending.insert(ticket, Errand { to, kind, sent: now.at });
        self.outputs.push_back(PairingOutput::Request { ticket, to, request });
        ticket
    }

    /// Takes a hello in and, if it comes from the own cluster, goes to meet the member.
    pub(super) fn hear(&mut self, now: Now, node: NodeId, (by, hello): (FoundBy, Hello)) {
        let Some(cluster) = self.cluster() else { return };
        if node == self.me {
            return;
        }
        if hello.cluster != cluster {
            self.first_sighting.get_or_insert(now.at);
        }
        self.nearby.hear(now, node, by, hello);
        self.meet(now, node);
    }

    fn leave_old_cluster(&mut self) {
        self.door.clear();
        self.invites.clear();
        self.asking = None;
        self.first_sighting = None;
    }

    fn meet(&mut self, now: Now, node: NodeId) {
        let cluster = self.cluster();
        if self.nearby.get(node).is_some_and(|known| Some(known.hello.cluster) == cluster) {
            self.prove(now, node);
        }
    }

    /// Greets those that another node said may admit this one: whoever answers is nearby then.
    pub(super) fn follow(&mut self, now: Now, referrals: Vec<Referral>) {
        for Referral { node, addresses } in referrals.into_iter().take(Referral::MAX) {
            if node != self.me {
                let addresses = tidy_addresses(addresses);
                self.push(PairingOutput::Located { node, addresses });
                self.greet(now, node, FoundBy::Referred);
            }
        }
    }

    fn greet(&mut self, now: Now, node: NodeId, by: FoundBy) {
        let Some(hello) = self.hello.clone() else { return };
        if let Some(known) = self.nearby.get_mut(node) {
            known.greeted = now.at;
        }
        let under_way = self
            .pending
            .values()
            .any(|errand| errand.to == node && matches!(errand.kind, ErrandKind::Greet(_)));
        if under_way || self.pending.len() >= Self::PENDING_CAPACITY {
            return;
        }
        self.send(now, node, (ErrandKind::Greet(by), LobbyRequest::Hello(hello)));
    }

    fn on_greeted(
        &mut self,
        now: Now,
        (from, by): (NodeId, FoundBy),
        result: Result<LobbyAnswer, LobbyFailure>,
    ) {
        if let Ok(LobbyAnswer::Hello(hello)) = result {
            self.hear(now, from, (by, hello));
        }
    }

    /// Proves to a nearby node of the own cluster that this node is a member.
    fn prove(&mut self, now: Now, node: NodeId) {
        let Some(standing) = &self.standing else { return };
        let Some(known) = self.nearby.get_mut(node) else { return };
        let early = known.proven.is_some_and(|proven| now.at < proven + Self::PROVE_INTERVAL);
        if early || self.pending.len() >= Self::PENDING_CAPACITY {
            return;
        }
        known.proven = Some(now.at);
        let certificate = standing.certificate.clone();
        let request = LobbyRequest::Admit { certificate, addresses: standing.addresses.clone() };
        self.send(now, node, (ErrandKind::Prove, request));
    }

    fn on_proven(&mut self, now: Now, from: NodeId, result: Result<LobbyAnswer, LobbyFailure>) {
        let Some(standing) = &self.standing else { return };
        match result {
            Ok(LobbyAnswer::Admitted { certificate, addresses }) => {
                if standing.check_member(now.wall, from, &certificate).is_ok() {
                    self.met(now, from, (certificate, addresses));
                }
            }
            // It is in another cluster by now, or this node is not wanted: hear what it is.
            Ok(_) => self.greet(now, from, FoundBy::Knocked),
            Err(_) => {}
        }
    }

    pub(super) fn met(
        &mut self,
        now: Now,
        node: NodeId,
        (certificate, addresses): (Certificate, Vec<String>),
    ) {
        if let Some(known) = self.nearby.get_mut(node) {
            known.proven = Some(now.at);
        }
        let addresses = tidy_addresses(addresses);
        self.push(PairingOutput::MemberMet { node, certificate, addresses });
    }

    fn sweep(&mut self, now: Now) {
        self.nearby.sweep(now.at);
        self.door.sweep(now.at);
        self.invites.sweep(now.at);
        self.pending.retain(|_, errand| errand.sent + Self::PENDING_TIMEOUT > now.at);
    }

    /// Does what is due; the last act of every input.
    pub(super) fn go_on(&mut self, now: Now) {
        self.sweep(now);
        if let Some(cluster) = self.cluster() {
            for (node, by) in self.nearby.due(now.at, cluster) {
                self.greet(now, node, by);
            }
        }
        self.go_on_asking(now);
    }
}
