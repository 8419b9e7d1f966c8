//! Feeding nodes and doing what they say.

use std::time::Duration;

use covey_logic::{
    Effect, Epoch, Input, Instant, Name, NodeId, Now, Ticket, Wall,
    agent::{Exit, ExitReason},
    node::{DialFailure, Record},
    pairing::{LobbyAnswer, LobbyFailure, LobbyRequest},
    replica::{Kind, Load},
    wire::Publication,
};

use crate::{
    host::count_of,
    network::{ConnectionId, Frame},
    planted::Planted,
    world::{Dial, World, faults::Relief, group::Turn},
};

/// A host was told to start an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// When, in time of the world.
    pub at: Duration,
    /// On which machine.
    pub machine: usize,
    /// Which agent.
    pub name: Name,
    /// Which life of it.
    pub epoch: Epoch,
}

/// A host was given the state of a life that lost to one that runs there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// When, in time of the world.
    pub at: Duration,
    /// On which machine.
    pub machine: usize,
    /// Which agent.
    pub name: Name,
    /// Which life of it runs there.
    pub epoch: Epoch,
    /// What the other life had counted.
    pub count: u64,
}

/// Something that will happen; what concerns one process names the life it is meant for.
#[derive(Debug)]
pub(crate) enum Happening {
    Deliver { machine: usize, life: u64, input: Input },
    Wake { machine: usize, life: u64 },
    Synced { machine: usize, life: u64 },
    Started { machine: usize, life: u64, name: Name, epoch: Epoch },
    Suspended { machine: usize, life: u64, name: Name, epoch: Epoch, nth: u64 },
    Checkpoint { machine: usize, life: u64, name: Name, epoch: Epoch },
    Ended { machine: usize, life: u64, name: Name, epoch: Epoch, reason: ExitReason },
    Arrive { connection: ConnectionId, side: usize, frame: Frame },
    DialKnocks(Dial),
    DialReturns { dial: Dial, result: Result<ConnectionId, DialFailure> },
    Gossip { machine: usize, life: u64, from: NodeId, publication: Publication },
    LobbyKnocks { from: usize, life: u64, ticket: Ticket, to: usize, request: LobbyRequest },
    LobbyReturns { to: usize, life: u64, ticket: Ticket, from: usize, answer: LobbyAnswer },
    LobbyFails { machine: usize, life: u64, ticket: Ticket, failure: LobbyFailure },
    Group(Turn),
    Discover,
    Sample { machine: usize, life: u64 },
    Relief(Relief),
    Fault,
    Want,
}

impl World {
    /// Effects of one step beyond which a node is held to be in an endless loop: the loss of a node
    /// with a hundred thousand names takes as many routes back.
    const MAX_EFFECTS: usize = 250_000;
    /// Timeouts in a row that ask for another one at once, beyond which a timer is held to be stuck.
    const MAX_SPINS: u32 = 50;
    /// How often the host samples its machine.
    const SAMPLE_INTERVAL: u64 = 2_000_000;
    /// How long after its deadline a timer fires at most.
    const TIMER_LATENESS: u64 = 1_000;

    pub(super) fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Deliver { machine, life, input } => self.deliver(machine, life, input),
            Happening::Wake { machine, life } => self.wake(machine, life),
            Happening::Synced { machine, life } => self.synced(machine, life),
            Happening::Started { machine, life, name, epoch } => {
                self.begun((machine, life), name, epoch);
            }
            Happening::Suspended { machine, life, name, epoch, nth } => {
                self.suspended((machine, life), (name, epoch), nth);
            }
            Happening::Checkpoint { machine, life, name, epoch } => {
                self.checkpoint((machine, life), name, epoch);
            }
            Happening::Ended { machine, life, name, epoch, reason } => {
                let host = self.process_mut(machine, life).map(|process| &mut process.host);
                if host.is_some_and(|host| host.ended(&name, epoch)) {
                    let exit = Exit { reason, tail: Vec::new() };
                    self.deliver(machine, life, Input::AgentExited { name, epoch, exit });
                }
            }
            Happening::Arrive { connection, side, frame } => self.arrive(connection, side, frame),
            Happening::DialKnocks(dial) => self.dial_knocks(dial),
            Happening::DialReturns { dial, result } => self.dial_returns(dial, result),
            Happening::Gossip { machine, life, from, publication } => {
                self.deliver(machine, life, Input::Published { from, publication });
            }
            Happening::LobbyKnocks { from, life, ticket, to, request } => {
                self.lobby_knocks((from, life), ticket, to, request);
            }
            Happening::LobbyReturns { to, life, ticket, from, answer } => {
                self.lobby_returns((to, life), ticket, from, answer);
            }
            Happening::LobbyFails { machine, life, ticket, failure } => {
                self.lobby_ends((machine, life), ticket, Err(failure));
            }
            Happening::Group(turn) => self.group_turns(turn),
            Happening::Discover => self.discover(),
            Happening::Sample { machine, life } => self.sample(machine, life),
            Happening::Relief(relief) => self.relieve(relief),
            Happening::Fault => self.strike(),
            Happening::Want => self.want(),
        }
    }

    /// Hands an input to a process, unless it is gone; a frozen one takes it when it thaws.
    pub(super) fn deliver(&mut self, machine: usize, life: u64, input: Input) {
        let Some(process) = self.process_mut(machine, life) else { return };
        match &mut process.parked {
            Some(parked) => parked.push(input),
            None => self.feed(machine, input),
        }
    }

    pub(super) fn feed(&mut self, machine: usize, input: Input) {
        let now = self.moment(machine);
        self.keep_time(machine);
        let mut input = self.decoded(machine, input);
        if let Some(planted) = self.setup.planted {
            if planted.swallows(&input) {
                return;
            }
            planted.twists(&mut input, |origin, kind| self.version(machine, origin, kind));
        }
        self.trace.input(self.now, machine, &input);
        if let Some(process) = &mut self.machine_mut(machine).process {
            process.spins = 0;
            process.node.handle(now, input);
        }
        self.drain(machine);
    }

    pub(super) fn wake(&mut self, machine: usize, life: u64) {
        let now = self.moment(machine);
        let Some(process) = self.process_mut(machine, life) else { return };
        process.wake = None;
        if process.frozen() {
            return;
        }
        self.keep_time(machine);
        let Some(process) = self.process_mut(machine, life) else { return };
        process.node.handle_timeout(now);
        let stuck = process.node.poll_timeout().is_some_and(|at| at <= now.at);
        process.spins = if stuck { process.spins + 1 } else { 0 };
        let spins = process.spins;
        assert!(spins < Self::MAX_SPINS, "shell: the timer of n{machine} is stuck at {now:?}");
        self.drain(machine);
    }

    /// Lets go of names in time, unless that is the bug.
    fn keep_time(&mut self, machine: usize) {
        if self.setup.planted == Some(Planted::EndlessLease) {
            return;
        }
        if let Some(over) = self.let_go_in_time(machine) {
            let now = self.moment(machine);
            self.trace.input(self.now, machine, &over);
            if let Some(process) = &mut self.machine_mut(machine).process {
                process.node.handle(now, over);
            }
        }
    }

    /// Does all effects, then waits for the next deadline.
    pub(super) fn drain(&mut self, machine: usize) {
        let mut effects = Vec::new();
        if let Some(process) = &mut self.machine_mut(machine).process {
            while let Some(effect) = process.node.poll_effect() {
                effects.push(effect);
                assert!(
                    effects.len() < Self::MAX_EFFECTS,
                    "shell: the effects of one step of n{machine} have no end"
                );
            }
        }
        for effect in effects {
            self.trace.effect(self.now, machine, &effect);
            if !self.planted(machine, &effect) {
                self.perform(machine, effect);
            }
        }
        self.arm(machine);
    }

    /// How far the copy of a shard on a machine reaches.
    fn version(&self, machine: usize, origin: NodeId, kind: Kind) -> u64 {
        let digest = self.node(machine).map(covey_logic::Node::digest).unwrap_or_default();
        let held = digest.holdings.into_iter().find(|held| held.origin == origin);
        let place = Kind::ALL.into_iter().position(|other| other == kind);
        let shard = held.zip(place).and_then(|(held, place)| held.shards.get(place).copied());
        shard.map_or(0, |shard| shard.version)
    }

    fn planted(&self, machine: usize, effect: &Effect) -> bool {
        let rivals = |name: &Name| self.copies(name).into_iter().any(|(other, _)| other != machine);
        self.setup.planted.is_some_and(|planted| planted.drops(effect, rivals))
    }

    fn arm(&mut self, machine: usize) {
        let now = self.now;
        let lateness = self.dice.below(Self::TIMER_LATENESS);
        let life = self.machine(machine).life;
        let Some(process) = &mut self.machine_mut(machine).process else { return };
        let deadline = process.node.poll_timeout().map(|at| (process.started + at.0).max(now));
        let armed = process.wake;
        // A wake that comes up to the lateness after the deadline serves it.
        let serves = |(at, _): (u64, u64)| {
            deadline.is_some_and(|deadline| (deadline..deadline + 1_000).contains(&at))
        };
        if armed.is_some_and(serves) || process.frozen() {
            return;
        }
        if let Some(key) = armed {
            self.queue.remove(&key);
        }
        let wake = deadline
            .map(|deadline| self.at(deadline + lateness, Happening::Wake { machine, life }));
        if let Some(process) = &mut self.machine_mut(machine).process {
            process.wake = wake;
        }
    }

    fn perform(&mut self, machine: usize, effect: Effect) {
        let life = self.machine(machine).life;
        match effect {
            Effect::Send { to, message } => self.send(machine, to, message),
            Effect::Publish(publication) => self.publish(machine, &publication),
            Effect::Allow(peers) => self.allow(machine, peers),
            Effect::Dial { peer, .. } => self.dial(machine, peer),
            Effect::Disconnect { peer } => self.disconnect(machine, peer),
            Effect::SetHello(_) | Effect::LobbyLocated { .. } | Effect::Archive(_) => {}
            Effect::LobbyRequest { ticket, to, request } => {
                self.lobby_request(machine, ticket, to, request);
            }
            Effect::LobbyAnswer { ticket, answer } => self.lobby_answer(machine, ticket, answer),
            Effect::Append { ticket, records } => self.append(machine, ticket, records),
            Effect::LoadEvents { ticket, origin, from, limit } => {
                let events = self.machine(machine).disk.load(origin, from, limit);
                let delay = self.dice.micros(100, 3_000);
                let input = Input::EventsLoaded { ticket, events };
                self.after(delay, Happening::Deliver { machine, life, input });
            }
            Effect::DropEvents(expiry) => {
                let (firsts, more) = self.machine_mut(machine).disk.expire(expiry);
                let delay = self.dice.micros(100, 20_000);
                let input = Input::EventsDropped { firsts, more };
                self.after(delay, Happening::Deliver { machine, life, input });
            }
            Effect::Forgotten { last } => assert!(
                self.setup.planted == Some(Planted::EarlyAcknowledgement),
                "E2: others hold events of machine {machine:?} up to {last}, and its disk does not"
            ),
            Effect::Agree { ticket, act } => self.wish(machine, ticket, act),
            Effect::Claim { place, claim, lease } => self.claim((machine, claim), place, lease),
            Effect::Release { claim, .. } => self.give_back((machine, life, claim)),
            Effect::StartAgent { spec, epoch, .. } => self.start_agent(machine, &spec, epoch),
            Effect::RestoreAgent { name, epoch, state } => {
                self.restore_agent(machine, (name, epoch), state);
            }
            Effect::SuspendAgent { name, epoch } => self.suspend_agent(machine, name, epoch),
            Effect::ResumeAgent { name, epoch } => {
                if let Some(process) = &mut self.machine_mut(machine).process {
                    process.host.resume(&name, epoch);
                }
            }
            Effect::MergeAgent { name, epoch, state } => {
                let (at, count) = (self.now(), count_of(&state));
                self.merges.push(Merge { at, machine, name, epoch, count });
            }
            Effect::StopAgent { name, epoch, grace } => {
                self.stop_agent(machine, (name, epoch), grace);
            }
            Effect::Route { name, route } => {
                let Some(process) = &mut self.machine_mut(machine).process else { return };
                match route {
                    Some(route) => process.routes.insert(name, route),
                    None => process.routes.remove(&name),
                };
            }
            Effect::Reply { ticket, result } => {
                let wall = Wall(Self::EPOCH_MS + self.now / 1_000);
                self.oracle.replied(ticket, &result, (&self.machines, wall));
                let again = self.replies.insert(ticket, result);
                assert!(again.is_none(), "shell: n{machine} answers {ticket:?} twice");
            }
        }
    }

    fn append(&mut self, machine: usize, ticket: Ticket, records: Vec<Record>) {
        let now = self.now;
        let life = self.machine(machine).life;
        let delay = self.dice.log_micros(100, self.machine(machine).disk.sync_micros);
        let at = self.machine_mut(machine).disk.append((now, delay), ticket, records);
        self.at(at, Happening::Synced { machine, life });
        if self.setup.planted == Some(Planted::EarlyAcknowledgement) {
            self.after(0, Happening::Deliver { machine, life, input: Input::Appended { ticket } });
        }
    }

    fn synced(&mut self, machine: usize, life: u64) {
        if self.process_mut(machine, life).is_none() {
            return;
        }
        let input = match self.machine_mut(machine).disk.sync() {
            None => return,
            Some(Ok(_)) if self.setup.planted == Some(Planted::EarlyAcknowledgement) => return,
            Some(Ok(ticket)) => Input::Appended { ticket },
            Some(Err(ticket)) => {
                Input::AppendFailed { ticket, reason: "no space left on device".to_owned() }
            }
        };
        self.deliver(machine, life, input);
    }

    fn sample(&mut self, machine: usize, life: u64) {
        if self.process_mut(machine, life).is_none() || self.resting {
            return;
        }
        let percent = |dice: &mut crate::dice::Dice| u32::try_from(dice.below(100)).unwrap_or(0);
        let load = Load {
            cpu_percent: percent(&mut self.dice),
            used_mib: 512 + percent(&mut self.dice),
            messages_per_s: 0,
        };
        self.deliver(machine, life, Input::Sampled(load));
        self.after(Self::SAMPLE_INTERVAL, Happening::Sample { machine, life });
    }

    pub(super) fn moment(&self, machine: usize) -> Now {
        let machine = self.machine(machine);
        let started = machine.process.as_ref().map_or(self.now, |process| process.started);
        Now {
            at: Instant(self.now - started),
            wall: Wall(machine.wall_ms(Self::EPOCH_MS, self.now)),
        }
    }

    /// The process of that life, if it lives.
    pub(super) fn process_mut(&mut self, machine: usize, life: u64) -> Option<&mut super::Process> {
        let machine = self.machine_mut(machine);
        (machine.life == life).then_some(machine.process.as_mut()).flatten()
    }
}
