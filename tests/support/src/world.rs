//! A whole cluster in one thread: one queue of happenings, one clock, one seed.
//!
//! The world is the shell of every node: it feeds inputs, does effects, and decides by the seed how
//! long each thing takes and whether it fails. Whatever a node could observe follows from the seed,
//! so the [`Trace`] of a run is the same each time.

mod agents;
mod bootstrap;
mod fabric;
mod faults;
mod gossip;
mod group;
mod lobby;
mod meter;
mod names;
mod process;
mod shell;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use covey_logic::{
    Command, CommandError, Epoch, Name, Node, NodeId, Outcome, Ticket,
    comms::Route,
    event_store::Retention,
    node::{AgentView, NodeView},
    pairing::PairingSettings,
};

pub(crate) use self::faults::Relief;
pub use self::{
    process::Process,
    shell::{Merge, Start},
};
use crate::{
    dice::{Dice, micros},
    disk::Disk,
    fault::Faults,
    machine::Machine,
    network::{Network, Weather},
    oracle::Oracle,
    planted::Planted,
    trace::Trace,
    workload::Workload,
    world::{fabric::Dial, shell::Happening},
};

/// What world to make.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Decides everything.
    pub seed: u64,
    /// How many machines.
    pub machines: usize,
    /// How nodes pair.
    pub pairing: PairingSettings,
    /// What the network does.
    pub weather: Weather,
    /// Whether to write the trace to standard error.
    pub told: bool,
    /// A bug at the boundary, to be found.
    pub planted: Option<Planted>,
    /// Whether bytes are counted and take their time on gigabit links. Such a world keeps no trace,
    /// and its nodes know of each other from their disks alone.
    pub measured: bool,
    /// A machine that shares no memory with others: what it hears is decoded from bytes.
    pub decoding: Option<usize>,
    /// How long every node keeps events.
    pub retention: Retention,
    /// The weight of a machine and the most agents it takes, where its owner set them.
    pub shares: BTreeMap<usize, (u8, u32)>,
}

impl Setup {
    /// A quiet world.
    #[must_use]
    pub fn new(seed: u64, machines: usize) -> Self {
        Self {
            seed,
            machines,
            pairing: PairingSettings::default(),
            weather: Weather::CALM,
            told: false,
            planted: None,
            measured: false,
            decoding: None,
            retention: Retention::default(),
            shares: BTreeMap::new(),
        }
    }
}

/// The world.
pub struct World {
    /// Every input and effect so far.
    pub trace: Trace,
    /// Links and connections.
    pub network: Network,
    /// Every start of an agent that a host was told of, in order.
    pub starts: Vec<Start>,
    /// Every state of a life that lost which the winner's host was given, in order.
    pub merges: Vec<Merge>,
    /// Faults to come, if there are any.
    pub faults: Option<Faults>,
    /// What people want of the cluster, if anything.
    pub workload: Option<Workload>,
    /// What people were promised.
    pub oracle: Oracle,
    /// How long the calls of an agent take at most, where that is not some milliseconds.
    pub slow_calls: BTreeMap<Name, Duration>,
    /// How long an agent takes to start, where that is not some milliseconds.
    pub slow_starts: BTreeMap<Name, Duration>,
    /// How many of a thousand states are not given, or cannot be taken.
    pub bad_states: u32,
    /// Messages sent on streams so far.
    pub sent: u64,
    setup: Setup,
    now: u64,
    order: u64,
    queue: BTreeMap<(u64, u64), Happening>,
    machines: Vec<Machine>,
    ids: BTreeMap<NodeId, usize>,
    dice: Dice,
    tickets: u64,
    replies: BTreeMap<Ticket, Result<Outcome, CommandError>>,
    cuts: BTreeMap<u64, Vec<(usize, usize)>>,
    /// Machines whose process must be started afresh for a fault to end.
    restarts: BTreeSet<usize>,
    /// Questions in the lobby that wait for an answer.
    asking: BTreeSet<(usize, u64, Ticket)>,
    /// The question in the lobby that a node handles at this moment: here, and there.
    answering: Option<(Ticket, usize, u64, Ticket)>,
    /// Whether discovery finds anyone.
    discovers: bool,
    /// Whether people want nothing and the load of machines stays as it is.
    resting: bool,
    /// What stands in for the group that agrees.
    group: group::Group,
    /// What each machine sent, in a world that is measured.
    meters: Vec<meter::Meter>,
}

impl World {
    /// Wall time when the world begins, in milliseconds.
    pub const EPOCH_MS: u64 = 1_750_000_000_000;
    /// How often [`Self::run_until`] asks.
    const POLL_INTERVAL: Duration = Duration::from_millis(10);
    /// How often discovery tells of every reachable node again.
    const DISCOVERY_INTERVAL: u64 = 10_000_000;

    /// A world whose machines are all off.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let mut dice = Dice::new(setup.seed, 0);
        let machines: Vec<_> =
            (0..setup.machines).map(|index| Machine::new(index, &mut dice)).collect();
        let ids = machines.iter().map(|machine| (machine.id, machine.index)).collect();
        let network = Network::new(setup.machines, Dice::new(setup.seed, 1), setup.weather);
        let mut world = Self {
            trace: if setup.measured { Trace::none() } else { Trace::new(setup.told) },
            meters: vec![meter::Meter::default(); if setup.measured { setup.machines } else { 0 }],
            network,
            starts: Vec::new(),
            merges: Vec::new(),
            faults: None,
            workload: None,
            oracle: Oracle::default(),
            slow_calls: BTreeMap::new(),
            slow_starts: BTreeMap::new(),
            bad_states: 0,
            sent: 0,
            setup,
            now: 0,
            order: 0,
            queue: BTreeMap::new(),
            machines,
            ids,
            dice,
            tickets: 0,
            replies: BTreeMap::new(),
            cuts: BTreeMap::new(),
            restarts: BTreeSet::new(),
            asking: BTreeSet::new(),
            answering: None,
            discovers: true,
            resting: false,
            group: group::Group::default(),
        };
        world.after(Self::DISCOVERY_INTERVAL, Happening::Discover);
        world
    }

    /// The seed of the world.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.setup.seed
    }

    /// Time since the world began.
    #[must_use]
    pub fn now(&self) -> Duration {
        Duration::from_micros(self.now)
    }

    /// Every machine, on or off.
    #[must_use]
    pub fn machines(&self) -> &[Machine] {
        &self.machines
    }

    /// The machine numbered `index`.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "machines are numbered by the test that made them")]
    pub fn machine(&self, index: usize) -> &Machine {
        &self.machines[index]
    }

    #[expect(clippy::indexing_slicing, reason = "machines are numbered by the test that made them")]
    pub(crate) fn machine_mut(&mut self, index: usize) -> &mut Machine {
        &mut self.machines[index]
    }

    /// The disk of a machine.
    pub fn disk_mut(&mut self, index: usize) -> &mut Disk {
        &mut self.machine_mut(index).disk
    }

    /// The id of the node on a machine.
    #[must_use]
    pub fn id(&self, index: usize) -> NodeId {
        self.machine(index).id
    }

    /// The machine of a node.
    #[must_use]
    pub fn index(&self, id: NodeId) -> Option<usize> {
        self.ids.get(&id).copied()
    }

    /// The node on a machine, if its process lives.
    #[must_use]
    pub fn node(&self, index: usize) -> Option<&Node> {
        self.machine(index).process.as_ref().map(|process| &process.node)
    }

    /// Every machine whose process lives.
    pub fn live(&self) -> impl Iterator<Item = (usize, &Process)> {
        let process = |machine: &'_ Machine| machine.process.is_some();
        self.machines
            .iter()
            .filter(move |machine| process(machine))
            .filter_map(|machine| machine.process.as_ref().map(|process| (machine.index, process)))
    }

    /// Connections that are open on a machine to another.
    #[must_use]
    pub fn connections(&self, index: usize, other: usize) -> usize {
        self.network.open(index, other).len()
    }

    /// How the node on a machine sees another.
    #[must_use]
    pub fn sees(&self, index: usize, other: usize) -> Option<NodeView> {
        let id = self.id(other);
        self.node(index)?.nodes().into_iter().find(|view| view.id == id)
    }

    /// How the node on a machine sees an agent.
    #[must_use]
    pub fn agent(&self, index: usize, name: &Name) -> Option<AgentView> {
        self.node(index)?.agent(name)
    }

    /// Where messages for `name` go, as the node on a machine says.
    #[must_use]
    pub fn route(&self, index: usize, name: &Name) -> Option<Route> {
        self.machine(index).process.as_ref()?.routes.get(name).copied()
    }

    /// Where copies of an agent truly run, starting and stopping ones counted.
    #[must_use]
    pub fn copies(&self, name: &Name) -> Vec<(usize, Epoch)> {
        let of = |index: usize, process: &Process| {
            let lives = process.host.lives().filter(|(other, _, _)| *other == name);
            lives.map(|(_, epoch, _)| (index, epoch)).collect::<Vec<_>>()
        };
        self.live().flat_map(|(index, process)| of(index, process)).collect()
    }

    /// Every name of which a copy runs somewhere.
    #[must_use]
    pub fn running(&self) -> BTreeSet<Name> {
        self.live()
            .flat_map(|(_, process)| process.host.lives().map(|(name, _, _)| name.clone()))
            .collect()
    }

    /// What came of a command, once it is known; told once.
    pub fn reply(&mut self, ticket: Ticket) -> Option<Result<Outcome, CommandError>> {
        self.replies.remove(&ticket)
    }

    /// From here on nobody wants anything and no load changes: what is left to change is what the
    /// nodes themselves have not settled.
    pub fn rest(&mut self) {
        self.resting = true;
        self.workload = None;
    }

    /// Plants a bug from here on.
    pub fn plant(&mut self, planted: Planted) {
        self.setup.planted = Some(planted);
    }

    /// Tells the node of a machine something, at once.
    pub fn tell(&mut self, index: usize, input: covey_logic::Input) {
        let life = self.machine(index).life;
        self.deliver(index, life, input);
    }

    /// Silences discovery from here on: nobody is found any more, and nobody is told so.
    pub fn silence_discovery(&mut self) {
        self.discovers = false;
    }

    /// Has the user of a machine want something of its node.
    pub fn command(&mut self, index: usize, command: Command) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let life = self.machine(index).life;
        let actor = self.id(index);
        self.oracle.asked(ticket, (index, life), command.clone());
        let input = covey_logic::Input::Command { ticket, actor, command };
        self.after(0, Happening::Deliver { machine: index, life, input });
        ticket
    }

    /// Has the user of a machine want something, and waits up to ten seconds for the reply.
    pub fn ask(&mut self, index: usize, command: Command) -> Option<Result<Outcome, CommandError>> {
        let ticket = self.command(index, command);
        self.run_until(Duration::from_secs(10), |world| world.replies.contains_key(&ticket));
        self.reply(ticket)
    }

    /// Runs for `span`.
    pub fn run_for(&mut self, span: Duration) {
        let end = self.now + micros(span);
        while self.queue.first_key_value().is_some_and(|((at, _), _)| *at <= end) {
            self.step();
        }
        self.now = end;
    }

    /// Runs until `done`, asked each ten milliseconds, for `limit` at most; tells whether it was.
    pub fn run_until(&mut self, limit: Duration, mut done: impl FnMut(&Self) -> bool) -> bool {
        let end = self.now + micros(limit);
        while !done(self) {
            if self.now >= end {
                return false;
            }
            self.run_for(Self::POLL_INTERVAL);
        }
        true
    }

    /// Lets the next thing happen.
    pub fn step(&mut self) {
        let Some(((at, _), happening)) = self.queue.pop_first() else { return };
        self.now = at;
        self.happen(happening);
    }

    fn at(&mut self, at: u64, happening: Happening) -> (u64, u64) {
        self.order += 1;
        let key = (at.max(self.now), self.order);
        self.queue.insert(key, happening);
        key
    }

    fn after(&mut self, delay: u64, happening: Happening) -> (u64, u64) {
        self.at(self.now + delay, happening)
    }

    fn passes(&self, from: usize, to: usize) -> bool {
        self.machine(from).powered && self.machine(to).powered && self.network.passes(from, to)
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("seed", &self.setup.seed)
            .field("now", &self.now())
            .finish_non_exhaustive()
    }
}
