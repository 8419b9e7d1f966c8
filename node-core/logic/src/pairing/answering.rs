//! The host's half: what strangers and members are answered, and what a person decides.

use std::time::Duration;

use rand_chacha::rand_core::Rng as _;

use crate::{
    certificate::{Certificate, Role},
    event::Fact,
    ids::{NodeId, Ticket},
    node::{CommandError, Outcome},
    time::Now,
};

use super::{
    Commitment, FoundBy, Hello, LobbyAnswer, LobbyRequest, Nonce, Pairing, PairingOutput, Proof,
    Refusal, Standing, Transcript,
    asking::Asking,
    door::{Issued, Request, Stage},
    invite::Invites,
    secret::{Secret, Side},
};

/// A secret of this node that a stranger proved, and what it admits as.
struct Proven {
    secret: Secret,
    role: Role,
}

impl Pairing {
    /// What the join key admits as: the least role that hosts agents.
    const JOIN_KEY_ROLE: Role = Role::Worker;

    pub(super) fn answer(&mut self, now: Now, from: NodeId, request: LobbyRequest) -> LobbyAnswer {
        let Some(hello) = self.hello.clone() else { return LobbyAnswer::Refused(Refusal::Busy) };
        let answer = match request {
            LobbyRequest::Hello(theirs) => {
                self.hear(now, from, (FoundBy::Knocked, theirs));
                Ok(LobbyAnswer::Hello(hello))
            }
            LobbyRequest::Ask { hello: theirs, commitment } => self
                .answer_ask(now, from, (theirs, commitment))
                .map(|nonce| LobbyAnswer::Asked { hello, nonce }),
            LobbyRequest::Reveal { nonce, proof } => self.answer_reveal(now, from, (nonce, proof)),
            LobbyRequest::Wait => self.answer_wait(from),
            LobbyRequest::Withdraw => {
                self.door.close(from);
                Ok(LobbyAnswer::Done)
            }
            LobbyRequest::Admit { certificate, addresses } => {
                self.answer_admit(now, from, (certificate, addresses))
            }
        };
        answer.unwrap_or_else(LobbyAnswer::Refused)
    }

    fn answer_ask(
        &mut self,
        now: Now,
        from: NodeId,
        (theirs, commitment): (Hello, Commitment),
    ) -> Result<Nonce, Refusal> {
        self.hear(now, from, (FoundBy::Knocked, theirs.clone()));
        self.check_may_admit(now, from)?;
        self.give_way(now, from, &theirs)?;
        let shares_key = theirs.join_key.is_some() && theirs.join_key == self.join_key_id();
        if shares_key && self.is_alone() && (!self.has_settled(now.at) || self.defers()) {
            return Err(Refusal::Busy);
        }
        let nonce = self.nonce();
        self.door.open(now, from, theirs.tidied(), (commitment, nonce))?;
        Ok(nonce)
    }

    fn check_may_admit(&self, now: Now, stranger: NodeId) -> Result<&Standing, Refusal> {
        let standing = self.standing.as_ref().ok_or(Refusal::Busy)?;
        if standing.revoked.contains(&stranger) {
            return Err(Refusal::Revoked);
        }
        if !standing.may_admit(now.wall) {
            return Err(Refusal::CannotAdmit);
        }
        if self.entering.is_some() { Err(Refusal::Busy) } else { Ok(standing) }
    }

    /// A node that waits to be let in lets nobody in, or three could wait for each other. Of two
    /// that ask each other, the senior becomes the host.
    fn give_way(&mut self, now: Now, from: NodeId, theirs: &Hello) -> Result<(), Refusal> {
        let Some(host) = self.asking.as_ref().filter(|ask| ask.is_live()).map(Asking::host) else {
            return Ok(());
        };
        let senior = self.hello.as_ref().is_some_and(|mine| mine.seniority() < theirs.seniority());
        if host == from && senior {
            self.drop_ask(now);
            return Ok(());
        }
        if host == from || self.is_alone() { Err(Refusal::Busy) } else { Ok(()) }
    }

    fn answer_reveal(
        &mut self,
        now: Now,
        from: NodeId,
        (nonce, proof): (Nonce, Option<Proof>),
    ) -> Result<LobbyAnswer, Refusal> {
        let Some(request) = self.door.request(from).cloned() else {
            return self.answer_wait(from);
        };
        let holds = match &request.stage {
            Stage::Shown(shown, _) if *shown == nonce => return Ok(LobbyAnswer::Pending),
            Stage::Shown(..) => false,
            Stage::Sealed(seal) => *seal == Commitment::seal(from, nonce),
        };
        if !holds {
            self.door.refuse(now.at, from, Refusal::BadReveal);
            return Err(Refusal::BadReveal);
        }
        let cluster = self.cluster().ok_or(Refusal::Busy)?;
        let transcript = Transcript {
            joiner: from,
            host: self.me,
            cluster,
            joiner_nonce: nonce,
            host_nonce: request.host_nonce,
        };
        match proof {
            Some(proof) => self.admit_proven(now, from, (&request, &transcript, &proof)),
            None => Ok(self.show(now, from, (&request, &transcript))),
        }
    }

    fn admit_proven(
        &mut self,
        now: Now,
        from: NodeId,
        (request, transcript, proof): (&Request, &Transcript, &Proof),
    ) -> Result<LobbyAnswer, Refusal> {
        let proven = self
            .secret_of(proof)
            .filter(|proven| proven.secret.confirms(Side::Joiner, transcript, proof));
        let Some(proven) = proven else {
            self.door.refuse(now.at, from, Refusal::BadProof);
            return Err(Refusal::BadProof);
        };
        let counter_proof = proven.secret.prove(Side::Host, transcript);
        self.issue(now, from, (&request.hello.name, proven.role, Some(counter_proof)))?;
        self.invites.spend(proof.secret);
        self.answer_wait(from)
    }

    fn secret_of(&self, proof: &Proof) -> Option<Proven> {
        if let Some((secret, role)) = self.invites.get(proof.secret) {
            return Some(Proven { secret: secret.clone(), role });
        }
        let key = self.join_key.as_ref().filter(|key| key.id() == proof.secret)?;
        Some(Proven { secret: key.clone(), role: Self::JOIN_KEY_ROLE })
    }

    fn show(
        &mut self,
        now: Now,
        from: NodeId,
        (request, transcript): (&Request, &Transcript),
    ) -> LobbyAnswer {
        let code = transcript.code();
        self.courted = true;
        self.push(PairingOutput::Fact(Fact::JoinAsked {
            node: from,
            name: request.hello.name.clone(),
            code: code.digits.clone(),
        }));
        self.door.show(now, from, transcript.joiner_nonce, code);
        LobbyAnswer::Pending
    }

    fn answer_wait(&self, from: NodeId) -> Result<LobbyAnswer, Refusal> {
        match self.door.request(from).map(|request| &request.stage) {
            Some(Stage::Shown(..)) => return Ok(LobbyAnswer::Pending),
            Some(Stage::Sealed(_)) => return Err(Refusal::NoRequest),
            None => {}
        }
        let issued = self.door.issued(from).ok_or_else(|| self.door.ending(from))?;
        let standing = self.standing.as_ref().ok_or(Refusal::Busy)?;
        if standing.revoked.contains(&from) {
            return Err(Refusal::Revoked);
        }
        Ok(accepted(standing, issued))
    }

    fn answer_admit(
        &mut self,
        now: Now,
        from: NodeId,
        (certificate, addresses): (Certificate, Vec<String>),
    ) -> Result<LobbyAnswer, Refusal> {
        let standing = self.standing.as_ref().ok_or(Refusal::Busy)?;
        standing.check_member(now.wall, from, &certificate)?;
        let answer = LobbyAnswer::Admitted {
            certificate: standing.certificate.clone(),
            addresses: standing.addresses.clone(),
        };
        self.met(now, from, (certificate, addresses));
        Ok(answer)
    }

    fn issue(
        &mut self,
        now: Now,
        node: NodeId,
        (name, role, proof): (&str, Role, Option<Proof>),
    ) -> Result<(), Refusal> {
        let serial = self.rng.next_u64();
        let standing = self.check_may_admit(now, node)?;
        let certificate =
            standing.certificate.issue(&standing.key, (node, role), (serial, now.wall, None));
        self.door.issue(now.at, node, (certificate.clone(), proof));
        self.push(PairingOutput::Admitted { node, name: name.to_owned(), certificate });
        Ok(())
    }

    /// Lets a stranger in whose code a person compared; replies once the certificate is issued.
    pub fn accept(&mut self, now: Now, ticket: Ticket, node: NodeId, role: Role) {
        self.go_on(now);
        let result = self.accept_shown(now, node, role);
        self.reply(ticket, result.map(|()| Outcome::Done).map_err(CommandError::Pairing));
        self.go_on(now);
    }

    fn accept_shown(&mut self, now: Now, node: NodeId, role: Role) -> Result<(), Refusal> {
        let request = self.shown(node)?.clone();
        self.courted = true;
        self.issue(now, node, (&request.hello.name, role, None))
    }

    fn shown(&self, node: NodeId) -> Result<&Request, Refusal> {
        self.door
            .request(node)
            .filter(|request| matches!(request.stage, Stage::Shown(..)))
            .ok_or(Refusal::NoRequest)
    }

    /// Says no to a stranger; it waits before it asks again, each time twice as long.
    pub fn refuse(&mut self, now: Now, ticket: Ticket, node: NodeId) {
        self.go_on(now);
        let result = self.shown(node).map(|_| ()).map_err(CommandError::Pairing);
        if result.is_ok() {
            self.door.refuse(now.at, node, Refusal::Refused);
            self.push(PairingOutput::Fact(Fact::JoinRefused { node }));
        }
        self.reply(ticket, result.map(|()| Outcome::Done));
        self.go_on(now);
    }

    /// Makes an invite that admits one node as `role` within `ttl`. It lives in memory: a restart
    /// of this node ends it.
    pub fn invite(&mut self, now: Now, ticket: Ticket, role: Role, ttl: Duration) {
        self.go_on(now);
        let result = self.add_invite(now, role, ttl);
        self.reply(ticket, result);
        self.go_on(now);
    }

    fn add_invite(&mut self, now: Now, role: Role, ttl: Duration) -> Result<Outcome, CommandError> {
        self.check_may_admit(now, self.me)?;
        if ttl.is_zero() || ttl > Invites::MAX_TTL {
            return Err(CommandError::Invalid { field: "ttl", value: format!("{ttl:?}") });
        }
        if self.invites.is_full() {
            return Err(CommandError::Pairing(Refusal::Busy));
        }
        let mut secret = [0; 16];
        self.rng.fill_bytes(&mut secret);
        let id = self.invites.add(now, secret, (role, ttl));
        self.courted = true;
        self.push(PairingOutput::Fact(Fact::InviteMade { role }));
        Ok(Outcome::Invite { secret, id })
    }

    /// No longer honours an invite.
    pub fn uninvite(&mut self, now: Now, ticket: Ticket, id: &str) {
        self.go_on(now);
        let result = if self.invites.remove_named(id) {
            Ok(Outcome::Done)
        } else {
            Err(CommandError::Invalid { field: "id", value: id.to_owned() })
        };
        self.reply(ticket, result);
    }
}

fn accepted(standing: &Standing, issued: &Issued) -> LobbyAnswer {
    let certificate = issued.certificate.clone();
    let mut host = certificate.clone();
    host.links.pop();
    LobbyAnswer::Accepted {
        certificate,
        host,
        cluster_name: standing.cluster_name.clone(),
        founded: standing.founded,
        proof: issued.proof,
        addresses: standing.addresses.clone(),
    }
}
