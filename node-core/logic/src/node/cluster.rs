//! The cluster as it changes under a node: members met, admitted and put out.

use std::{collections::BTreeSet, sync::Arc};

use super::bidder;
use crate::{
    balancer::Strain,
    certificate::{Certificate, Role},
    event::Fact,
    ids::{NodeId, Ticket},
    membership::PeerState,
    node::{Command, CommandError, Effect, Node},
    outbox::Happened,
    pairing::{PairingOutput, Referral, Standing},
    replica::{Delta, Presence, PresenceKey, Shared, SharedKey, Summary, mix, words},
    supervision::summary_of,
    time::Now,
};

impl Node {
    /// Members that keep it when another comes or goes: enough that one of them survives whatever
    /// the other did not, and everyone in a cluster that fits a table.
    const WITNESSES: usize = 8;

    /// Members may have changed: works out who is in, and tells everyone who needs to know.
    pub(super) fn on_roster(&mut self, now: Now) {
        let before = self.roster.clone();
        self.roster = self.roster.next(&self.profile.certificate, self.replica.shared(), now.wall);
        self.membership.on_roster(now, &self.roster, &mut self.out);
        let members = self.roster.members();
        for node in before.members().difference(&members) {
            self.replica.forget(*node, &mut self.out);
            self.met.remove(node);
        }
        self.events.on_members(|node| members.contains(&node));
        let allowed: BTreeSet<NodeId> =
            members.iter().copied().filter(|node| *node != self.me).collect();
        if allowed != self.allowed {
            self.allowed.clone_from(&allowed);
            self.out.effect(Effect::Allow(allowed));
        }
        self.tell_pairing(now);
        if !before.iter().eq(self.roster.iter()) {
            self.out.happened(Happened::MembersChanged);
        }
    }

    /// Whether this node keeps a fact that everyone finds out for itself: who came and who went.
    ///
    /// The members by whom a node is witnessed are those whose id, hashed with its, comes first (as
    /// rendezvous hashing has it; Thaler and Ravishankar, 1998), those that are gone left out. If
    /// all members kept what they found, the loss of one in a thousand would be told a million
    /// times.
    pub(super) fn is_witness_of(&self, fact: &Fact) -> bool {
        #[expect(clippy::wildcard_enum_match_arm, reason = "every other fact is this node's own")]
        let node = match fact {
            Fact::MemberUp { node }
            | Fact::MemberSuspected { node }
            | Fact::MemberDown { node, .. }
            | Fact::MemberLeft { node } => *node,
            _ => return true,
        };
        let rank = |witness: NodeId| (rendezvous(node, witness), witness);
        let mine = rank(self.me);
        let gone = |node| matches!(self.membership.state(node), PeerState::Down | PeerState::Left);
        let before =
            |witness: &NodeId| *witness != node && rank(*witness) < mine && !gone(*witness);
        let members = self.roster.iter().map(|(member, _)| member);
        members.filter(before).take(Self::WITNESSES).count() < Self::WITNESSES
    }

    pub(super) fn tell_pairing(&mut self, now: Now) {
        let standing = Standing {
            name: self.profile.name.clone(),
            cluster_name: self.profile.cluster_name.clone(),
            founded: self.profile.founded,
            version: self.machine.version.clone(),
            os: self.machine.os.clone(),
            certificate: self.profile.certificate.clone(),
            key: self.key.clone(),
            addresses: self.addresses.clone(),
            members: self.roster.members(),
            revoked: self.roster.revoked().clone(),
        };
        self.pairing.set_standing(now, standing);
    }

    pub(super) fn say_summary(&mut self) {
        let capacity = (self.machine.cpus, self.machine.memory_mib);
        let summary = Summary {
            name: self.profile.name.clone(),
            version: self.machine.version.clone(),
            os: self.machine.os.clone(),
            arch: self.machine.arch.clone(),
            cpus: self.machine.cpus,
            memory_mib: self.machine.memory_mib,
            labels: self.profile.labels.clone(),
            programs: self.profile.programs,
            weight: self.machine.weight,
            max_agents: self.machine.max_agents,
            addresses: self.addresses.clone(),
            lobby: self.lobby.clone(),
            started: self.started,
            load: self.load,
            disk: self.disk,
            ask: bidder::ask(self.machine.ask, Strain::of(self.load, capacity)),
        };
        let value = Presence::Summary(Arc::new(summary));
        self.out.happened(Happened::PresenceSaid(PresenceKey::Summary, Some(value)));
    }

    /// Other admins that are up, and where strangers reach them: some, for who asks this node.
    pub(super) fn other_admins(&self) -> Vec<Referral> {
        let is_up = |node| node != self.me && self.membership.state(node) == PeerState::Alive;
        let admins = self.roster.iter().filter(|(node, role)| *role == Role::Admin && is_up(*node));
        let referral = |(node, _)| Referral::new(node, &summary_of(&self.replica, node)?.lobby);
        admins.filter_map(referral).take(Referral::MAX).collect()
    }

    /// Where a member may be reached, as far as this node was told.
    pub(super) fn addresses_of(&self, node: NodeId) -> Vec<String> {
        let said = summary_of(&self.replica, node).map(|summary| summary.addresses.as_slice());
        let met = self.met.get(&node).map(Vec::as_slice);
        let known: BTreeSet<&String> = said.into_iter().chain(met).flatten().collect();
        known.into_iter().cloned().collect()
    }

    /// Takes changes over, from those whose role allows them.
    pub(super) fn on_delta(&mut self, now: Now, from: NodeId, delta: Delta) {
        let delta = match delta {
            Delta::Shared(entries) => {
                // Certificates first: they may give the others' writers their roles.
                let (proofs, rest): (Vec<_>, Vec<_>) =
                    entries.into_iter().partition(|(key, ..)| {
                        matches!(key, SharedKey::Member(_) | SharedKey::Revoked(_))
                    });
                if !proofs.is_empty() {
                    self.take_delta(now, from, Delta::Shared(proofs));
                    self.settle_members(now);
                }
                Delta::Shared(rest)
            }
            other @ (Delta::Shard(_) | Delta::SharedHints(_)) => other,
        };
        self.take_delta(now, from, delta);
    }

    fn take_delta(&mut self, now: Now, from: NodeId, mut delta: Delta) {
        if let Delta::Shared(entries) = &mut delta {
            entries.retain(|(key, stamp, _)| self.roster.may_write(stamp.node, key));
        }
        let roster = &self.roster;
        let member = |node: NodeId| roster.role(node).is_some();
        let ahead = self.replica.on_delta(now, (from, delta), &member, &mut self.out);
        for node in ahead {
            if self.ahead.insert(node) {
                self.out.fact(Fact::ClockAhead { node });
            }
        }
    }

    fn settle_members(&mut self, now: Now) {
        let fresh = self.roster.next(&self.profile.certificate, self.replica.shared(), now.wall);
        if fresh.members() != self.roster.members() {
            self.on_roster(now);
        }
    }

    /// Hands a command on to pairing, which replies.
    pub(super) fn pair(
        &mut self,
        now: Now,
        ticket: Ticket,
        command: Command,
    ) -> Result<(), CommandError> {
        #[expect(clippy::wildcard_enum_match_arm, reason = "only pairing's commands come here")]
        match command {
            Command::Ask { peer } => self.pairing.ask(now, ticket, peer),
            Command::Withdraw => self.pairing.withdraw(now, ticket),
            Command::Accept { node, role } => self.pairing.accept(now, ticket, node, role),
            Command::Refuse { node } => self.pairing.refuse(now, ticket, node),
            Command::Invite { role, ttl } => {
                if ttl.is_zero() || ttl > self.settings.longest_invite {
                    let value = format!("{} s", ttl.as_secs());
                    return Err(CommandError::Invalid { field: "ttl", value });
                }
                self.pairing.invite(now, ticket, role, ttl);
            }
            Command::Uninvite { id } => self.pairing.uninvite(now, ticket, &id),
            Command::UseInvite { host, secret } => {
                self.pairing.use_invite(now, ticket, host, secret);
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn take_pairing_outputs(&mut self, now: Now) {
        while let Some(output) = self.pairing.take_output() {
            match output {
                PairingOutput::Request { ticket, to, request } => {
                    self.out.effect(Effect::LobbyRequest { ticket, to, request });
                }
                PairingOutput::Located { node, addresses } => {
                    self.out.effect(Effect::LobbyLocated { node, addresses });
                }
                PairingOutput::Answer { ticket, answer } => {
                    self.out.effect(Effect::LobbyAnswer { ticket, answer });
                }
                PairingOutput::SetHello(hello) => self.out.effect(Effect::SetHello(hello)),
                PairingOutput::Joined {
                    certificate,
                    host,
                    host_id,
                    cluster_name,
                    founded,
                    addresses,
                } => {
                    self.enter(now, certificate, (cluster_name, founded));
                    self.meet(now, host_id, host, addresses);
                }
                PairingOutput::Admitted { node, name, certificate } => {
                    let role = certificate.role().unwrap_or(Role::Observer);
                    let value = Shared::Member(Arc::new(certificate));
                    self.replica.share(now, SharedKey::Member(node), value, &mut self.out);
                    let fact = Fact::MemberAdmitted { node, name, role };
                    self.out.happened(Happened::Fact(Some(self.me), fact));
                }
                PairingOutput::MemberMet { node, certificate, addresses } => {
                    self.meet(now, node, certificate, addresses);
                }
                PairingOutput::Fact(fact) => self.out.happened(Happened::Fact(None, fact)),
                PairingOutput::Reply { ticket, result } => self.replies.push((ticket, result)),
            }
        }
    }

    /// A member proved itself: its certificate is kept, and it is dialled unless it will dial us.
    fn meet(&mut self, now: Now, node: NodeId, certificate: Certificate, addresses: Vec<String>) {
        let issued = |certificate: &Certificate| certificate.links.last().map(|link| link.issued);
        let known = match self.replica.shared().get(&SharedKey::Member(node)) {
            Some(Shared::Member(known)) => issued(known),
            Some(_) | None => None,
        };
        if known < issued(&certificate) {
            let value = Shared::Member(Arc::new(certificate));
            self.replica.share(now, SharedKey::Member(node), value, &mut self.out);
            self.settle_members(now);
        }
        self.met.insert(node, addresses);
        self.membership.on_met(now, node);
    }
}

fn rendezvous(node: NodeId, witness: NodeId) -> u64 {
    mix(words(&node.0).chain(words(&witness.0)))
}
