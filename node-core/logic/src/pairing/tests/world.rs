//! A few nodes in one lobby, on virtual time, with messages that take their time.

use std::{collections::BTreeMap, time::Duration};

use ed25519_dalek::SigningKey;
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use crate::{
    certificate::{Certificate, Role},
    event::Fact,
    ids::{ClusterId, NodeId, Ticket},
    node::{CommandError, Outcome},
    pairing::{
        Found, FoundBy, LobbyAnswer, LobbyFailure, LobbyRequest, Nonce, Pairing, PairingOutput,
        PairingSettings, Referral, SecretId, Standing,
    },
    time::{Instant, Now, Wall},
};

/// A join key that is long enough.
pub(super) const KEY: &str = "correct horse battery";
/// The wall clock when a world begins.
const BEGIN: Wall = Wall(1_700_000_000_000);

pub(super) struct World {
    pub(super) now: Now,
    pub(super) nodes: Vec<TestNode>,
    pub(super) rng: ChaCha20Rng,
    /// How long a message may take.
    pub(super) latency: Duration,
    /// Of a hundred messages, how many are lost.
    pub(super) loss: u64,
    /// Someone who plays a host by rules of its own.
    pub(super) liar: Option<Liar>,
    wire: BTreeMap<(Instant, u64), (usize, Delivery)>,
    asked: BTreeMap<Ticket, (usize, Ticket)>,
    count: u64,
}

pub(super) struct TestNode {
    pub(super) id: NodeId,
    pub(super) pairing: Pairing,
    pub(super) standing: Standing,
    pub(super) facts: Vec<Fact>,
    pub(super) replies: Vec<Result<Outcome, CommandError>>,
    pub(super) met: Vec<NodeId>,
    pub(super) joins: usize,
    pub(super) asked: Vec<NodeId>,
    pub(super) refusals: Vec<LobbyAnswer>,
    pub(super) located: Vec<(NodeId, Vec<String>)>,
    pub(super) reachable: bool,
}

enum Delivery {
    Found(Found),
    Request { from: NodeId, ticket: Ticket, request: LobbyRequest },
    Answer { ticket: Ticket, result: Result<LobbyAnswer, LobbyFailure> },
}

impl World {
    /// `count` lone nodes; each is older than the next.
    pub(super) fn new(seed: u64, count: u8, settings: &PairingSettings) -> Self {
        let now = Now { at: Instant(0), wall: BEGIN };
        let mut world = Self {
            now,
            nodes: Vec::new(),
            rng: ChaCha20Rng::seed_from_u64(seed),
            latency: Duration::from_millis(20),
            loss: 0,
            liar: None,
            wire: BTreeMap::new(),
            asked: BTreeMap::new(),
            count: 0,
        };
        for number in 0..count {
            world.add(number, settings);
        }
        world
    }

    pub(super) fn add(&mut self, number: u8, settings: &PairingSettings) -> usize {
        let key = key(number);
        let id = NodeId(key.verifying_key().to_bytes());
        let mut seed = [number; 32];
        self.rng.fill_bytes(&mut seed);
        let mut pairing = Pairing::new(self.now, id, settings, seed);
        let standing = lone(number, Wall(BEGIN.0 + u64::from(number)));
        pairing.set_standing(self.now, standing.clone());
        self.nodes.push(TestNode {
            id,
            pairing,
            standing,
            facts: Vec::new(),
            replies: Vec::new(),
            met: Vec::new(),
            joins: 0,
            asked: Vec::new(),
            refusals: Vec::new(),
            located: Vec::new(),
            reachable: true,
        });
        self.nodes.len() - 1
    }

    /// Each node finds each other one, within `within`.
    pub(super) fn all_find_all(&mut self, within: Duration) {
        let ids: Vec<NodeId> = self.nodes.iter().map(|node| node.id).collect();
        for to in 0..ids.len() {
            for node in ids.iter().filter(|node| **node != ids[to]) {
                let found = Delivery::Found(Found { node: *node, by: FoundBy::Mdns });
                self.post(to, found, within);
            }
        }
    }

    /// One node finds one other, and is not found by it.
    pub(super) fn found_by(&mut self, finder: usize, found: usize) {
        let node = self.nodes[found].id;
        self.post(finder, Delivery::Found(Found { node, by: FoundBy::Address }), SECOND);
    }

    /// One node finds every other, and is found by none.
    pub(super) fn find_only(&mut self, finder: usize) {
        let ids: Vec<NodeId> = self.nodes.iter().map(|node| node.id).collect();
        for node in ids.iter().filter(|node| **node != ids[finder]) {
            let found = Delivery::Found(Found { node: *node, by: FoundBy::Mdns });
            self.post(finder, found, SECOND);
        }
    }

    pub(super) fn find_liar(&mut self) {
        let node = id(self.liar.as_ref().unwrap().number);
        for to in 0..self.nodes.len() {
            self.post(to, Delivery::Found(Found { node, by: FoundBy::Mdns }), SECOND);
        }
    }

    pub(super) fn act<T>(&mut self, node: usize, act: impl FnOnce(&mut Pairing, Now) -> T) -> T {
        let result = act(&mut self.nodes[node].pairing, self.now);
        self.drain(node);
        result
    }

    /// Puts a request to a node as if it came from anyone, and gives its one answer.
    pub(super) fn put(&mut self, to: usize, from: NodeId, request: LobbyRequest) -> LobbyAnswer {
        let ticket = self.ticket();
        let admins = self.admins_beside(to);
        let node = &mut self.nodes[to];
        node.pairing.on_asked(self.now, from, (ticket, request), admins);
        let mut answers = Vec::new();
        let mut others = Vec::new();
        while let Some(output) = node.pairing.take_output() {
            if let PairingOutput::Answer { ticket: of, answer } = output {
                answers.push((of, answer));
            } else {
                others.push(output);
            }
        }
        for output in others {
            self.obey(to, output);
        }
        assert_eq!(answers.len(), 1, "one answer to one request");
        let (of, answer) = answers.remove(0);
        assert_eq!(of, ticket);
        answer
    }

    /// The other admins that a node knows, as its cluster would tell it.
    fn admins_beside(&self, node: usize) -> Vec<Referral> {
        let cluster = self.nodes[node].standing.certificate.cluster;
        let others = self.nodes.iter().filter(|other| other.id != self.nodes[node].id);
        others
            .filter(|other| other.standing.certificate.cluster == cluster)
            .filter(|other| other.standing.certificate.role() == Some(Role::Admin))
            .map(|other| Referral { node: other.id, addresses: other.standing.addresses.clone() })
            .collect()
    }

    pub(super) fn run(&mut self, span: Duration) {
        let end = self.now.at + span;
        for _ in 0..1_000_000 {
            let wire = self.wire.keys().next().map(|(at, _)| *at);
            let timeouts = self.nodes.iter().filter_map(|node| node.pairing.next_timeout());
            let next = timeouts.chain(wire).min().filter(|next| *next <= end);
            let Some(next) = next else {
                self.set_time(end);
                return;
            };
            self.set_time(next.max(self.now.at));
            self.step();
        }
        panic!("the world does not come to rest");
    }

    fn step(&mut self) {
        if let Some(first) = self.wire.first_entry()
            && first.key().0 <= self.now.at
        {
            let (to, delivery) = first.remove();
            self.deliver(to, delivery);
            return;
        }
        for node in 0..self.nodes.len() {
            if self.nodes[node].pairing.next_timeout().is_some_and(|at| at <= self.now.at) {
                self.act(node, Pairing::on_timeout);
            }
        }
    }

    fn deliver(&mut self, to: usize, delivery: Delivery) {
        match delivery {
            Delivery::Found(found) => self.act(to, |pairing, now| pairing.on_found(now, found)),
            Delivery::Answer { ticket, result } => {
                if let Ok(answer @ LobbyAnswer::Refused(_)) = &result {
                    self.nodes[to].refusals.push(answer.clone());
                }
                self.act(to, |pairing, now| pairing.on_answered(now, ticket, result));
            }
            Delivery::Request { from, ticket, request } => {
                if matches!(request, LobbyRequest::Ask { .. }) {
                    self.nodes[to].asked.push(from);
                }
                let answer = self.put(to, from, request);
                let (asker, ticket) = self.asked.remove(&ticket).unwrap();
                if self.is_lost() {
                    return self.post_timeout(asker, ticket);
                }
                self.post(asker, Delivery::Answer { ticket, result: Ok(answer) }, self.latency);
            }
        }
    }

    fn drain(&mut self, node: usize) {
        while let Some(output) = self.nodes[node].pairing.take_output() {
            self.obey(node, output);
        }
    }

    fn obey(&mut self, node: usize, output: PairingOutput) {
        match output {
            PairingOutput::Request { ticket, to, request } => {
                let from = self.nodes[node].id;
                if let Some(liar) = self.liar.as_mut().filter(|liar| id(liar.number) == to) {
                    let result = Ok(liar.answer(from, &request));
                    return self.post(node, Delivery::Answer { ticket, result }, self.latency);
                }
                let host = self.nodes.iter().position(|host| host.id == to && host.reachable);
                let Some(host) = host else {
                    let result = Err(LobbyFailure::Unreachable);
                    return self.post(node, Delivery::Answer { ticket, result }, self.latency);
                };
                if self.is_lost() {
                    return self.post_timeout(node, ticket);
                }
                let own = self.ticket();
                self.asked.insert(own, (node, ticket));
                self.post(host, Delivery::Request { from, ticket: own, request }, self.latency);
            }
            PairingOutput::Answer { .. } => panic!("an answer to nothing"),
            PairingOutput::SetHello(_) => {}
            PairingOutput::Located { node: other, addresses } => {
                self.nodes[node].located.push((other, addresses));
            }
            PairingOutput::Joined { certificate, host, host_id, cluster_name, founded, .. } => {
                let me = self.nodes[node].id;
                let standing = &mut self.nodes[node].standing;
                assert!(host.verify(certificate.cluster, self.now.wall).is_ok());
                standing.members = [me, host_id].into();
                standing.revoked.clear();
                (standing.certificate, standing.founded) = (certificate, founded);
                standing.cluster_name = cluster_name;
                self.nodes[node].joins += 1;
                self.tell_standing(node);
            }
            PairingOutput::Admitted { node: joiner, .. } => {
                self.nodes[node].standing.members.insert(joiner);
                self.tell_standing(node);
            }
            PairingOutput::MemberMet { node: member, .. } => self.nodes[node].met.push(member),
            PairingOutput::Fact(fact) => self.nodes[node].facts.push(fact),
            PairingOutput::Reply { result, .. } => self.nodes[node].replies.push(result),
        }
    }

    pub(super) fn tell_standing(&mut self, node: usize) {
        let standing = self.nodes[node].standing.clone();
        self.act(node, |pairing, now| pairing.set_standing(now, standing));
    }

    fn post(&mut self, to: usize, delivery: Delivery, within: Duration) {
        let spread = u64::try_from(within.as_micros()).unwrap();
        let at = self.now.at + Duration::from_micros(self.rng.next_u64() % (spread + 1));
        self.count += 1;
        self.wire.insert((at, self.count), (to, delivery));
    }

    fn is_lost(&mut self) -> bool {
        self.rng.next_u64() % 100 < self.loss
    }

    fn post_timeout(&mut self, to: usize, ticket: Ticket) {
        let result = Err(LobbyFailure::Timeout);
        self.post(to, Delivery::Answer { ticket, result }, SECOND);
    }

    pub(super) fn ticket(&mut self) -> Ticket {
        self.count += 1;
        Ticket(self.count)
    }

    fn set_time(&mut self, at: Instant) {
        let wall = Wall(BEGIN.0 + at.0 / 1000);
        self.now = Now { at, wall };
    }

    /// How many clusters there are.
    pub(super) fn clusters(&self) -> Vec<ClusterId> {
        let mut clusters: Vec<ClusterId> =
            self.nodes.iter().map(|node| node.standing.certificate.cluster).collect();
        clusters.sort();
        clusters.dedup();
        clusters
    }

    pub(super) fn ask(&mut self, joiner: usize, host: usize) {
        let (ticket, peer) = (self.ticket(), self.nodes[host].id);
        self.act(joiner, |pairing, now| pairing.ask(now, ticket, peer));
    }

    pub(super) fn accept(&mut self, host: usize, joiner: usize, role: Role) {
        let (ticket, node) = (self.ticket(), self.nodes[joiner].id);
        self.act(host, |pairing, now| pairing.accept(now, ticket, node, role));
    }

    pub(super) fn refuse(&mut self, host: usize, joiner: usize) {
        let (ticket, node) = (self.ticket(), self.nodes[joiner].id);
        self.act(host, |pairing, now| pairing.refuse(now, ticket, node));
    }

    pub(super) fn invite(&mut self, host: usize, role: Role, ttl: Duration) -> [u8; 16] {
        let ticket = self.ticket();
        self.act(host, |pairing, now| pairing.invite(now, ticket, role, ttl));
        let outcome = self.nodes[host].replies.pop().unwrap().unwrap();
        let Outcome::Invite { secret, .. } = outcome else { panic!("{outcome:?}") };
        secret
    }

    pub(super) fn use_invite(&mut self, joiner: usize, host: usize, secret: [u8; 16]) {
        let (ticket, host) = (self.ticket(), self.nodes[host].id);
        self.act(joiner, |pairing, now| pairing.use_invite(now, ticket, host, secret));
    }

    /// How the ask of a node stands.
    pub(super) fn phase(&self, node: usize) -> Option<crate::pairing::AskPhase> {
        self.nodes[node].pairing.view().ask.map(|ask| ask.phase)
    }

    /// The role that a node's certificate gives.
    pub(super) fn role(&self, node: usize) -> Role {
        self.nodes[node].standing.certificate.role().unwrap()
    }
}

/// A host that lets everyone in, and says that its cluster is the oldest of all.
pub(super) struct Liar {
    number: u8,
    join_key: Option<SecretId>,
    /// Whose cluster it says to be of, and whose nonce it passes on, rather than let anyone in.
    relay: Option<(ClusterId, Nonce)>,
    pub(super) asks: usize,
}

impl Liar {
    pub(super) fn new(number: u8, join_key: Option<SecretId>) -> Self {
        Self { number, join_key, relay: None, asks: 0 }
    }

    pub(super) fn relaying(self, cluster: ClusterId, nonce: Nonce) -> Self {
        Self { relay: Some((cluster, nonce)), ..self }
    }

    fn answer(&mut self, from: NodeId, request: &LobbyRequest) -> LobbyAnswer {
        let standing = lone(self.number, Wall(1));
        let mut hello = standing.hello(self.join_key);
        let own = (hello.cluster, Nonce([1; 32]));
        let (cluster, nonce) = self.relay.unwrap_or(own);
        hello.cluster = cluster;
        match request {
            LobbyRequest::Hello(_) => LobbyAnswer::Hello(hello),
            LobbyRequest::Ask { .. } => {
                self.asks += 1;
                LobbyAnswer::Asked { hello, nonce }
            }
            LobbyRequest::Reveal { .. } | LobbyRequest::Wait if self.relay.is_some() => {
                LobbyAnswer::Pending
            }
            LobbyRequest::Reveal { proof, .. } => {
                let issue = (7, Wall(2), None);
                LobbyAnswer::Accepted {
                    certificate: standing.certificate.issue(
                        &standing.key,
                        (from, Role::Worker),
                        issue,
                    ),
                    host: standing.certificate,
                    cluster_name: standing.cluster_name,
                    founded: standing.founded,
                    proof: *proof,
                    addresses: Vec::new(),
                }
            }
            LobbyRequest::Wait | LobbyRequest::Withdraw | LobbyRequest::Admit { .. } => {
                LobbyAnswer::Done
            }
        }
    }
}

/// A second, in which every message of an exchange arrives.
pub(super) const SECOND: Duration = Duration::from_secs(1);

pub(super) fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number + 1; 32])
}

pub(super) fn id(number: u8) -> NodeId {
    NodeId(key(number).verifying_key().to_bytes())
}

/// The standing of a node that founded a cluster of its own.
pub(super) fn lone(number: u8, founded: Wall) -> Standing {
    let cluster_key = SigningKey::from_bytes(&[number + 101; 32]);
    Standing {
        name: format!("node {number}"),
        cluster_name: format!("cluster {number}"),
        founded,
        version: String::from("0.1.0"),
        os: String::from("linux"),
        certificate: Certificate::found(&cluster_key, id(number), founded),
        key: key(number),
        addresses: vec![format!("/memory/{number}")],
        members: [id(number)].into(),
        revoked: [].into(),
    }
}

/// Settings with a join key.
pub(super) fn with_key(key: &str) -> PairingSettings {
    PairingSettings { join_key: Some(key.to_owned()), ask_by_itself: false }
}
