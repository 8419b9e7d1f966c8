//! The machines, what goes wrong with them, and what must hold at the end.

use std::{collections::BTreeMap, hash::Hasher as _, time::Duration};

use covey_logic::{ClusterId, NodeId, certificate::Role};
use covey_sim::{dice::Dice, linear::History};

use super::{
    detector::{Detector, Reach},
    fault::Fault,
    machine::{Frozen, Machine, Site},
    network::Network,
    planted::Planted,
    rules::{Rules, Shared},
};
use crate::consensus::{GroupView, Lineage, Notes, Standing, Surroundings, keeper::voters_for};

pub(super) const CLUSTER: Lineage = Lineage { cluster: ClusterId([9; 32]), number: 0 };
/// Machines run one after the other for so long: the shortest time that a message takes.
pub(super) const STEP: u64 = 5_000;

/// A group and its clients.
pub(in crate::consensus::tests) struct World {
    now: u64,
    machines: Vec<Machine>,
    site: Site,
    detector: Detector,
    faults: Dice,
    /// When which machine has power again.
    power: BTreeMap<usize, u64>,
    /// Until when which disk takes no writes, where some do.
    refusing: BTreeMap<usize, u64>,
    disks: Disks,
    /// Whether the monotonic clocks did not all go alike.
    early: bool,
    told: bool,
}

/// Whether disks take no writes for a while, besides what goes wrong otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Disks {
    #[default]
    Good,
    Bad,
}

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::consensus::tests) struct Report {
    /// A hash of all that happened.
    pub(in crate::consensus::tests) trace: u64,
    /// Calls that were answered.
    pub(in crate::consensus::tests) answered: usize,
    /// Calls that were not done, as the callers were told.
    pub(in crate::consensus::tests) undone: usize,
}

impl World {
    /// How long things go wrong.
    const TROUBLE: u64 = 20_000_000;
    /// How long a group may take until it serves once all is well: a detector's longest word, a
    /// node that wakes, and some elections.
    const PATIENCE: u64 = 40_000_000;
    const JUDGE_INTERVAL: u64 = 50_000;

    /// Runs one seed: what failed, or what there was.
    pub(in crate::consensus::tests) fn run(
        seed: u64,
        planted: Option<Planted>,
    ) -> Result<Report, String> {
        Self::new(seed, planted).live()
    }

    /// The same, and disks take no writes for a while besides.
    pub(in crate::consensus::tests) fn run_on_bad_disks(seed: u64) -> Result<Report, String> {
        Self { disks: Disks::Bad, ..Self::new(seed, None) }.live()
    }

    fn live(mut self) -> Result<Report, String> {
        self.form()?;
        self.trouble()?;
        self.recover()
    }

    fn new(seed: u64, planted: Option<Planted>) -> Self {
        let told = std::env::var_os("COVEY_TRACE").is_some();
        let mut faults = Dice::new(seed, 1);
        let count = [3, 3, 4, 5][faults.index(4)];
        let site = Site {
            seed,
            network: Shared::new(Network::new(Dice::new(seed, 2))),
            rules: Shared::new(Rules::new(told)),
            history: Shared::new(History::default()),
            planted,
        };
        let machines = (0..count).map(|number| Machine::new(number, site.clone())).collect();
        let detector = Detector::new(Dice::new(seed, 3));
        let (now, power, refusing, disks, early) = Default::default();
        Self { now, machines, site, detector, faults, power, refusing, disks, early, told }
    }

    /// Until as many vote as should.
    fn form(&mut self) -> Result<(), String> {
        for machine in 0..self.machines.len() {
            self.start(machine);
        }
        let voters = voters_for(self.machines.len());
        self.until("the group is formed", |world| {
            world.views().all(|view| view.is_some_and(|view| votes(&view) == voters))
        })
    }

    /// Things go wrong while clients want things.
    fn trouble(&mut self) -> Result<(), String> {
        for machine in &mut self.machines {
            machine.run_client(1);
        }
        self.site.network.lock().loss = Network::LOSS;
        let end = self.now + Self::TROUBLE;
        let mut next = self.now;
        while self.now < end {
            if next <= self.now {
                let count = self.machines.len();
                let fault = if self.disks == Disks::Bad && self.faults.chance(400) {
                    let leader = self.leader();
                    Fault::of_a_disk(&mut self.faults, (count, leader))
                } else {
                    Fault::draw(&mut self.faults, count)
                };
                self.strike(fault);
                next = self.now + self.faults.log_micros(50_000, 3_000_000);
            }
            self.step()?;
        }
        Ok(())
    }

    /// All is well again: the group serves, and everybody has the same.
    fn recover(mut self) -> Result<Report, String> {
        self.strike(Fault::Heal);
        self.site.network.lock().loss = 0;
        let now = self.now;
        self.power.values_mut().for_each(|at| *at = now);
        self.refusing.values_mut().for_each(|at| *at = now);
        for machine in 0..self.machines.len() {
            self.machines[machine].drive.slow_by(Duration::ZERO);
            if let Some(frozen) = &mut self.machines[machine].frozen {
                frozen.until = now;
            }
        }
        let voters = voters_for(self.machines.len());
        self.until("the group is whole", |world| {
            let led = |view: &GroupView| view.leader.is_some() && votes(view) == voters;
            world.views().all(|view| view.is_some_and(|view| led(&view)))
        })?;
        let answered = self.site.history.lock().answered();
        let enough = 10 * self.machines.len();
        self.until("clients are answered", |world| {
            world.site.history.lock().answered() >= answered + enough
        })?;
        for machine in &mut self.machines {
            machine.read_all(2);
        }
        let rest = self.now + 3_000_000;
        while self.now < rest {
            self.step()?;
        }
        let history = self.site.history.lock();
        history.check(self.early)?;
        let mut trace = self.site.rules.lock().trace.clone();
        history.add_to(&mut trace);
        let (answered, undone) = (history.answered(), history.undone());
        Ok(Report { trace: trace.finish(), answered, undone })
    }

    fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) -> Result<(), String> {
        let end = self.now + Self::PATIENCE;
        while !holds(self) {
            if end <= self.now {
                let views: Vec<_> = self.views().collect();
                return Err(format!("not in time: {what}: {views:#?}"));
            }
            for _ in 0..10 {
                self.step()?;
            }
        }
        Ok(())
    }

    /// All machines, for as long as no message needs less.
    fn step(&mut self) -> Result<(), String> {
        let now = self.now;
        let due: Vec<usize> =
            self.power.iter().filter(|(_, at)| **at <= now).map(|(machine, _)| *machine).collect();
        for machine in due {
            self.power.remove(&machine);
            self.start(machine);
            self.machines[machine].run_client(1);
        }
        self.mend_disks();
        if now.is_multiple_of(20 * STEP) {
            self.look_around();
        }
        for machine in &mut self.machines {
            if machine.frozen.is_some_and(|frozen| frozen.until <= now) {
                machine.thaw(now);
            }
            machine.run(now, Duration::from_micros(STEP));
            if now.is_multiple_of(Self::JUDGE_INTERVAL) {
                machine.judge();
            }
        }
        self.now += STEP;
        match self.site.rules.lock().broken.take() {
            Some(broken) => Err(broken),
            None => Ok(()),
        }
    }

    /// Disks take writes again; a part of the group that had stopped is opened anew, as the node does.
    fn mend_disks(&mut self) {
        let now = self.now;
        for (number, _) in self.refusing.extract_if(.., |_, at| *at <= now) {
            self.machines[number].drive.refuse(false);
        }
        for number in 0..self.machines.len() {
            let machine = &mut self.machines[number];
            if !self.refusing.contains_key(&number)
                && machine.running.as_ref().is_some_and(|running| running.group.has_stopped())
            {
                machine.cut(self.now);
                machine.start(self.now);
                machine.run_client(1);
                self.look_around();
            }
        }
    }

    fn leader(&self) -> Option<usize> {
        self.views().position(|view| view.is_some_and(|view| view.standing == Standing::Leader))
    }

    fn start(&mut self, machine: usize) {
        self.site.network.lock().power(machine, true);
        self.machines[machine].start(self.now);
        self.look_around();
    }

    fn strike(&mut self, fault: Fault) {
        if self.told {
            println!("{:>7} ms {fault:?}", self.now / 1_000);
        }
        let (now, count) = (self.now, self.machines.len());
        self.early |= fault.parts_clocks();
        let on = |machine: &Machine| machine.running.is_some() && machine.frozen.is_none();
        let freeze = |span: Duration, clock_runs| {
            let until = now + u64::try_from(span.as_micros()).unwrap();
            Some(Frozen { since: now, until, clock_runs })
        };
        match fault {
            Fault::PowerCut { machine, off } => self.cut(machine, off),
            Fault::PowerCutOfAll => {
                for machine in 0..count {
                    let off = self.faults.duration(Duration::ZERO, Duration::from_secs(2));
                    self.cut(machine, off);
                }
            }
            Fault::Stop { machine, span } if on(&self.machines[machine]) => {
                self.machines[machine].frozen = freeze(span, true);
            }
            Fault::Sleep { machine, span } if on(&self.machines[machine]) => {
                self.machines[machine].frozen = freeze(span, false);
            }
            Fault::Leap { machine, ahead } if on(&self.machines[machine]) => {
                self.machines[machine].leap(now, ahead);
            }
            Fault::Stop { .. } | Fault::Sleep { .. } | Fault::Leap { .. } => {}
            Fault::Isolate { machine } => {
                self.part(|from, to| (from == machine) != (to == machine));
            }
            Fault::OneWay { from, to } => self.part(|one, other| (one, other) == (from, to)),
            Fault::Split { at } => self.part(|from, to| (from < at) != (to < at)),
            Fault::Loss { permille } => self.site.network.lock().loss = permille,
            Fault::Slow { machine, by } => self.machines[machine].drive.slow_by(by),
            Fault::Refuse { machine, span } => {
                self.machines[machine].drive.refuse(true);
                self.refusing.insert(machine, now + u64::try_from(span.as_micros()).unwrap());
            }
            Fault::Heal => self.site.network.lock().heal(),
        }
    }

    fn cut(&mut self, machine: usize, off: Duration) {
        if self.machines[machine].running.is_none() {
            return;
        }
        self.machines[machine].cut(self.now);
        self.site.network.lock().power(machine, false);
        self.detector.forget(machine);
        let off = u64::try_from(off.as_micros()).unwrap();
        self.power.insert(machine, self.now + off);
    }

    fn part(&self, cut: impl Fn(usize, usize) -> bool) {
        let mut network = self.site.network.lock();
        for from in 0..self.machines.len() {
            for to in (0..self.machines.len()).filter(|to| cut(from, *to)) {
                network.cut(from, to);
            }
        }
    }

    /// What the detector of each says.
    fn look_around(&mut self) {
        let now = self.now;
        for one in 0..self.machines.len() {
            for other in (0..self.machines.len()).filter(|other| *other != one) {
                let reach = if !self.site.network.lock().joins(one, other) {
                    Reach::Silent
                } else if self.machines[other].running.is_none() {
                    Reach::Refused
                } else if self.machines[other].frozen.is_some() {
                    Reach::Silent
                } else {
                    Reach::Whole
                };
                self.detector.look(now, (one, other), reach);
            }
            let machine = &self.machines[one];
            let (Some(running), None) = (&machine.running, machine.frozen) else { continue };
            let members = (0..self.machines.len()).map(|node| (id(node), Role::Worker)).collect();
            let alive = self.detector.alive(one).into_iter().map(id).collect();
            let waking = now < machine.waking_until;
            let next = Surroundings {
                members,
                alive,
                founder: one == 0,
                notes: if waking { Notes::Waking } else { Notes::Compared },
                lineage: 0,
            };
            running.around.send_if_modified(|around| {
                let differs = *around != next;
                *around = next;
                differs
            });
        }
    }

    fn views(&self) -> impl Iterator<Item = Option<GroupView>> {
        self.machines
            .iter()
            .map(|machine| machine.running.as_ref().map(|running| running.group.view()))
    }
}

fn votes(view: &GroupView) -> usize {
    let votes = |standing| matches!(standing, Standing::Voter | Standing::Leader);
    view.members.iter().filter(|member| votes(member.standing)).count()
}

pub(super) fn id(machine: usize) -> NodeId {
    NodeId([u8::try_from(machine + 1).unwrap(); 32])
}

pub(super) fn number(id: NodeId) -> usize {
    usize::from(id.0[0]) - 1
}
