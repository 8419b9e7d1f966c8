//! Discovery, and what strangers say to each other.

use covey_logic::{
    Input, NodeId, Ticket,
    pairing::{Found, FoundBy, LobbyAnswer, LobbyFailure, LobbyRequest},
};

use crate::world::{World, shell::Happening};

impl World {
    /// How long a node waits for an answer in the lobby, in microseconds.
    const LOBBY_TIMEOUT: u64 = 5_000_000;

    /// Tells every node of every other that multicast reaches.
    pub(super) fn discover(&mut self) {
        if self.setup.measured {
            return;
        }
        for machine in 0..self.setup.machines {
            self.announce(machine);
        }
        self.after(Self::DISCOVERY_INTERVAL, Happening::Discover);
    }

    /// Tells every node that multicast reaches of this one.
    pub(super) fn announce(&mut self, from: usize) {
        let frozen = self.machine(from).process.as_ref().is_none_or(super::Process::frozen);
        if frozen || !self.discovers {
            return;
        }
        let found = Found { node: self.id(from), by: FoundBy::Mdns };
        for to in (0..self.setup.machines).filter(|to| *to != from) {
            if self.machine(to).process.is_some() && self.passes(from, to) {
                let life = self.machine(to).life;
                let delay = self.network.latency(from, to);
                let input = Input::Found(found);
                self.after(delay, Happening::Deliver { machine: to, life, input });
            }
        }
    }

    pub(super) fn lobby_request(
        &mut self,
        from: usize,
        ticket: Ticket,
        to: NodeId,
        request: LobbyRequest,
    ) {
        let life = self.machine(from).life;
        let fresh = self.asking.insert((from, life, ticket));
        assert!(fresh, "lobby: n{from} uses {ticket:?} twice");
        let failure = LobbyFailure::Timeout;
        let fails = Happening::LobbyFails { machine: from, life, ticket, failure };
        self.after(Self::LOBBY_TIMEOUT, fails);
        let Some(to) = self.index(to) else { return };
        let latency = self.network.stream_latency(from, to);
        let lost = self.network.weather.loss / 4;
        if !self.network.dice().chance(lost) {
            self.after(latency, Happening::LobbyKnocks { from, life, ticket, to, request });
        }
    }

    pub(super) fn lobby_knocks(
        &mut self,
        (from, life): (usize, u64),
        ticket: Ticket,
        to: usize,
        request: LobbyRequest,
    ) {
        if !self.passes(from, to) || !self.passes(to, from) {
            return;
        }
        let Some(process) = &self.machine(to).process else {
            let failure = LobbyFailure::Unreachable;
            self.after(1_000, Happening::LobbyFails { machine: from, life, ticket, failure });
            return;
        };
        if process.frozen() {
            let again = Happening::LobbyKnocks { from, life, ticket, to, request };
            self.after(50_000, again);
            return;
        }
        self.tickets += 1;
        let question = Ticket(self.tickets);
        self.answering = Some((question, from, life, ticket));
        let input = Input::LobbyAsked { from: self.id(from), ticket: question, request };
        self.feed(to, input);
        assert!(self.answering.is_none(), "lobby: n{to} owes an answer to n{from}");
    }

    pub(super) fn lobby_answer(&mut self, machine: usize, ticket: Ticket, answer: LobbyAnswer) {
        let Some((_, to, life, ticket)) =
            self.answering.take_if(|(question, ..)| *question == ticket)
        else {
            assert!(self.machine(machine).process.is_none(), "lobby: nobody asked {ticket:?}");
            return;
        };
        let latency = self.network.stream_latency(machine, to);
        self.after(latency, Happening::LobbyReturns { to, life, ticket, from: machine, answer });
    }

    pub(super) fn lobby_returns(
        &mut self,
        (to, life): (usize, u64),
        ticket: Ticket,
        from: usize,
        answer: LobbyAnswer,
    ) {
        if self.passes(from, to) {
            self.lobby_ends((to, life), ticket, Ok(answer));
        }
    }

    pub(super) fn lobby_ends(
        &mut self,
        (machine, life): (usize, u64),
        ticket: Ticket,
        result: Result<LobbyAnswer, LobbyFailure>,
    ) {
        if self.asking.remove(&(machine, life, ticket)) {
            self.deliver(machine, life, Input::LobbyAnswered { ticket, result });
        }
    }
}
