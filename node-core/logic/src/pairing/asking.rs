//! The joiner's half: how this node asks another to let it in.

use std::time::Duration;

use crate::{
    certificate::{Certificate, Role},
    ids::{NodeId, Ticket},
    node::{CommandError, Outcome},
    time::{Instant, Now, Wall},
};

use super::{
    AskPhase, AskView, Code, Commitment, LobbyAnswer, LobbyFailure, LobbyRequest, Nonce, Pairing,
    PairingOutput, Proof, Refusal, Transcript,
    machine::ErrandKind,
    nearby::{tidy, tidy_addresses},
    secret::{Secret, Side},
};

/// What this node asks of a host.
#[derive(Debug)]
pub(super) struct Asking {
    host: NodeId,
    name: String,
    cluster_name: String,
    pub(super) cause: Cause,
    secret: Option<Secret>,
    nonce: Nonce,
    step: Step,
    code: Option<Code>,
    /// The request whose answer is awaited.
    in_flight: Option<Ticket>,
    /// When to send the next one, if none is under way.
    next: Instant,
    /// When the host last answered.
    heard: Instant,
    /// When this node gives up by itself.
    deadline: Instant,
}

/// Who wants this node to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// A person.
    Person,
    /// The join key: this node and the host were started with the same.
    JoinKey,
    /// The node itself, as it is set to.
    Itself,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Asking,
    Revealing(Transcript),
    Waiting(Transcript),
    Ended(AskPhase),
}

/// What a host says when it lets this node in.
struct Acceptance {
    certificate: Certificate,
    host: Certificate,
    cluster_name: String,
    founded: Wall,
    proof: Option<Proof>,
    addresses: Vec<String>,
}

impl Asking {
    /// How often a joiner asks whether a person has answered.
    const WAIT_INTERVAL: Duration = Duration::from_millis(300);
    /// How long after a failure the same is sent again.
    const RETRY_INTERVAL: Duration = Duration::from_secs(1);
    /// A host that does not answer for so long is held to be gone.
    const SILENCE_TIMEOUT: Duration = Duration::from_secs(10);
    /// The same once both screens show the code: a person may have said yes, so five answers that
    /// are lost in a row (each is awaited for five seconds) end nothing.
    const WAITING_SILENCE_TIMEOUT: Duration = Duration::from_secs(30);
    /// A host that lets this node hang before the code is shown is given up.
    const OPENING_TIMEOUT: Duration = Duration::from_secs(30);
    /// What the host's own deadline takes to be heard of here.
    const GRACE: Duration = Duration::from_secs(5);

    pub(super) const fn host(&self) -> NodeId {
        self.host
    }

    /// Whether an answer may still come.
    pub(super) const fn is_live(&self) -> bool {
        !matches!(self.step, Step::Ended(_))
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let next = if self.in_flight.is_none() { self.next } else { self.deadline };
        self.is_live().then_some(next.min(self.deadline))
    }

    pub(super) fn view(&self) -> AskView {
        let code = self.code.clone();
        let (digits, words) = code.map_or((None, Vec::new()), |c| (Some(c.digits), c.words));
        AskView {
            node: self.host,
            name: self.name.clone(),
            cluster_name: self.cluster_name.clone(),
            digits,
            words,
            phase: match self.step {
                Step::Asking | Step::Revealing(_) => AskPhase::Asking,
                Step::Waiting(_) => AskPhase::Waiting,
                Step::Ended(phase) => phase,
            },
        }
    }

    fn request(&self, me: NodeId, hello: super::Hello) -> Option<LobbyRequest> {
        Some(match &self.step {
            Step::Asking => {
                LobbyRequest::Ask { hello, commitment: Commitment::seal(me, self.nonce) }
            }
            Step::Revealing(transcript) => LobbyRequest::Reveal {
                nonce: self.nonce,
                proof: self.secret.as_ref().map(|s| s.prove(Side::Joiner, transcript)),
            },
            Step::Waiting(_) => LobbyRequest::Wait,
            Step::Ended(_) => return None,
        })
    }

    /// Whether `acceptance` is what it must be: both certificates hold, the host's leads to this
    /// node's, and a host that was shown a proof shows its own.
    fn check(&self, me: NodeId, wall: Wall, acceptance: &Acceptance) -> Result<(), Refusal> {
        let (Step::Revealing(transcript) | Step::Waiting(transcript)) = &self.step else {
            return Err(Refusal::NoRequest);
        };
        let Acceptance { certificate, host, proof, .. } = acceptance;
        let mine = certificate.verify(transcript.cluster, wall).is_ok_and(|(node, _)| node == me);
        let theirs = host.verify(transcript.cluster, wall) == Ok((self.host, Role::Admin));
        let chained = certificate.links.split_last().is_some_and(|(_, chain)| chain == host.links);
        if !(mine && theirs && chained) {
            return Err(Refusal::BadCertificate);
        }
        let proven = self.secret.as_ref().is_none_or(|secret| {
            proof.as_ref().is_some_and(|proof| secret.confirms(Side::Host, transcript, proof))
        });
        if proven { Ok(()) } else { Err(Refusal::BadProof) }
    }
}

impl Pairing {
    /// Asks a nearby node to let this one into its cluster; the view shows how it goes. An ask
    /// under way is withdrawn. Where both nodes have the same join key, it is proven.
    pub fn ask(&mut self, now: Now, ticket: Ticket, peer: NodeId) {
        self.go_on(now);
        let result = self.ask_nearby(now, peer);
        self.reply(ticket, result.map(|()| Outcome::Done));
        self.go_on(now);
    }

    fn ask_nearby(&mut self, now: Now, peer: NodeId) -> Result<(), CommandError> {
        let known = self.nearby.get(peer).ok_or(CommandError::NoNode { node: peer })?;
        if Some(known.hello.cluster) == self.cluster() {
            return Err(CommandError::Invalid { field: "peer", value: peer.to_string() });
        }
        let shares_key =
            known.hello.join_key.is_some() && known.hello.join_key == self.join_key_id();
        if self.asking.as_ref().is_some_and(|ask| ask.is_live() && ask.host == peer) {
            return Ok(());
        }
        let secret = self.join_key.clone().filter(|_| shares_key);
        self.start_ask(now, peer, (Cause::Person, secret)).map_err(CommandError::Pairing)
    }

    /// Asks the node that made an invite; nobody there needs to answer.
    pub fn use_invite(&mut self, now: Now, ticket: Ticket, host: NodeId, secret: [u8; 16]) {
        self.go_on(now);
        let result = if host == self.me {
            Err(CommandError::Invalid { field: "host", value: host.to_string() })
        } else {
            let secret = Some(Secret::of_invite(secret));
            self.start_ask(now, host, (Cause::Person, secret)).map_err(CommandError::Pairing)
        };
        self.reply(ticket, result.map(|()| Outcome::Done));
        self.go_on(now);
    }

    /// No longer asks, nor shows how the last ask ended.
    pub fn withdraw(&mut self, now: Now, ticket: Ticket) {
        self.courted = true;
        self.drop_ask(now);
        self.reply(ticket, Ok(Outcome::Done));
        self.go_on(now);
    }

    pub(super) fn drop_ask(&mut self, now: Now) {
        if let Some(ask) = self.asking.take().filter(Asking::is_live) {
            self.send(now, ask.host, (ErrandKind::Withdraw, LobbyRequest::Withdraw));
        }
    }

    pub(super) fn start_ask(
        &mut self,
        now: Now,
        host: NodeId,
        (cause, secret): (Cause, Option<Secret>),
    ) -> Result<(), Refusal> {
        if self.standing.is_none() || self.entering.is_some() {
            return Err(Refusal::Busy);
        }
        self.courted |= cause == Cause::Person;
        self.drop_ask(now);
        let hello = self.nearby.get(host).map(|known| &known.hello);
        let (name, cluster_name) =
            hello.map_or_else(Default::default, |h| (h.name.clone(), h.cluster_name.clone()));
        self.asking = Some(Asking {
            host,
            name,
            cluster_name,
            cause,
            secret,
            nonce: self.nonce(),
            step: Step::Asking,
            code: None,
            in_flight: None,
            next: now.at,
            heard: now.at,
            deadline: now.at + Asking::OPENING_TIMEOUT,
        });
        Ok(())
    }

    pub(super) fn on_ask_answered(
        &mut self,
        now: Now,
        ticket: Ticket,
        result: Result<LobbyAnswer, LobbyFailure>,
    ) {
        let Some(ask) = self.asking.as_mut().filter(|ask| ask.in_flight == Some(ticket)) else {
            return;
        };
        ask.in_flight = None;
        match (result, ask.step) {
            (Ok(LobbyAnswer::Asked { hello, nonce }), Step::Asking) => {
                self.on_nonce(now, (hello, nonce));
            }
            (Ok(LobbyAnswer::Pending), Step::Revealing(transcript)) => {
                ask.code = Some(transcript.code());
                ask.step = Step::Waiting(transcript);
                ask.heard = now.at;
                ask.deadline = now.at + Self::REQUEST_TIMEOUT + Asking::GRACE;
                ask.next = now.at + Asking::WAIT_INTERVAL;
            }
            (Ok(LobbyAnswer::Pending), Step::Waiting(_)) => {
                ask.heard = now.at;
                ask.next = now.at + Asking::WAIT_INTERVAL;
            }
            (
                Ok(LobbyAnswer::Accepted {
                    certificate,
                    host,
                    cluster_name,
                    founded,
                    proof,
                    addresses,
                }),
                _,
            ) => {
                let acceptance =
                    Acceptance { certificate, host, cluster_name, founded, proof, addresses };
                self.on_accepted(now, acceptance);
            }
            (Ok(LobbyAnswer::Refused(reason)), _) => {
                self.end_ask(now, AskPhase::Refused { reason });
            }
            (Ok(LobbyAnswer::Referred(admins)), _) => {
                self.end_ask(now, AskPhase::Refused { reason: Refusal::CannotAdmit });
                self.follow(now, admins);
            }
            (Ok(_) | Err(_), _) => self.on_ask_failed(now),
        }
    }

    fn on_nonce(&mut self, now: Now, (hello, host_nonce): (super::Hello, Nonce)) {
        let me = self.me;
        let Some(ask) = &mut self.asking else { return };
        let hello = hello.tidied();
        let transcript = Transcript {
            joiner: me,
            host: ask.host,
            cluster: hello.cluster,
            joiner_nonce: ask.nonce,
            host_nonce,
        };
        ask.step = Step::Revealing(transcript);
        (ask.name, ask.cluster_name) = (hello.name, hello.cluster_name);
        (ask.heard, ask.next) = (now.at, now.at);
    }

    fn on_accepted(&mut self, now: Now, acceptance: Acceptance) {
        let Some(ask) = &self.asking else { return };
        if let Err(reason) = ask.check(self.me, now.wall, &acceptance) {
            self.end_ask(now, AskPhase::Refused { reason });
            return;
        }
        let host_id = ask.host;
        let Acceptance { certificate, host, cluster_name, founded, addresses, proof: _ } =
            acceptance;
        self.asking = None;
        self.door.clear();
        self.invites.clear();
        self.entering = Some(certificate.clone());
        self.push(PairingOutput::Joined {
            certificate,
            host,
            host_id,
            cluster_name: tidy(&cluster_name, super::Hello::MAX_NAME_LEN),
            founded,
            addresses: tidy_addresses(addresses),
        });
    }

    fn on_ask_failed(&mut self, now: Now) {
        let Some(ask) = &mut self.asking else { return };
        let patience = match ask.step {
            Step::Waiting(_) => Asking::WAITING_SILENCE_TIMEOUT,
            Step::Asking | Step::Revealing(_) | Step::Ended(_) => Asking::SILENCE_TIMEOUT,
        };
        if now.at.since(ask.heard) >= patience {
            self.end_ask(now, AskPhase::Unreachable);
        } else {
            ask.next = now.at + Asking::RETRY_INTERVAL;
        }
    }

    fn end_ask(&mut self, now: Now, phase: AskPhase) {
        let Some(ask) = &mut self.asking else { return };
        ask.step = Step::Ended(phase);
        let (host, cause) = (ask.host, ask.cause);
        self.remember_ending(now.at, (host, cause), phase);
    }

    /// Sends what is due of an ask under way, or starts one that this node makes by itself.
    pub(super) fn go_on_asking(&mut self, now: Now) {
        self.start_by_itself(now);
        let (me, hello) = (self.me, self.hello.clone());
        let Some(ask) = self.asking.as_ref().filter(|ask| ask.is_live()) else { return };
        if ask.deadline <= now.at {
            let phase = match ask.step {
                Step::Waiting(_) => AskPhase::Refused { reason: Refusal::Expired },
                Step::Asking | Step::Revealing(_) | Step::Ended(_) => AskPhase::Unreachable,
            };
            self.end_ask(now, phase);
            return;
        }
        if ask.in_flight.is_some() || ask.next > now.at {
            return;
        }
        let host = ask.host;
        let Some(request) = hello.and_then(|hello| ask.request(me, hello)) else { return };
        let ticket = self.send(now, host, (ErrandKind::Join, request));
        if let Some(ask) = &mut self.asking {
            ask.in_flight = Some(ticket);
        }
    }
}
