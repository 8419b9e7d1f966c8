//! What can go wrong with a machine or the network, one primitive each, and how it ends.

use std::time::Duration;

use covey_logic::{
    Epoch, Incarnation, Input, Name, Node, Restore, agent::ExitReason,
    node::Machine as MachineFacts,
};

use crate::{
    dice::micros,
    disk::Disk,
    network::Weather,
    planted::Planted,
    world::{Process, World, shell::Happening},
};

/// The end of a fault; it does nothing if the fault ended before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relief {
    Boot(usize),
    /// A fresh process and a disk with room.
    Restart(usize),
    Thaw(usize),
    /// With a monotonic clock that stood still meanwhile, or went on.
    Wake(usize, bool),
    Mend(u64),
    Weather(Weather),
    Disk(usize),
    /// Every route to a machine is forgotten by the others: a planted bug.
    Sweep(usize),
}

impl World {
    /// Starts the process of a machine, unless one lives.
    pub fn boot(&mut self, index: usize) {
        if self.machine(index).process.is_some() {
            return;
        }
        self.power_on(index);
        let restore = self.restore(index);
        self.machine_mut(index).life += 1;
        let life = self.machine(index).life;
        self.trace.note(self.now, index, &"boot");
        let node = Node::new(self.moment(index), restore);
        self.machine_mut(index).process = Some(Process::new(node, self.now));
        self.drain(index);
        let addresses = vec![format!("/ip4/10.0.0.{index}/tcp/4001")];
        let input = Input::Listening { addresses };
        self.after(500, Happening::Deliver { machine: index, life, input });
        self.after(1_000, Happening::Sample { machine: index, life });
        self.introduce(index);
    }

    fn restore(&mut self, index: usize) -> Restore {
        let seed = self.dice.bytes();
        let pairing = self.setup.pairing.clone();
        let retention = self.setup.retention;
        let usual = MachineFacts::default();
        let share = self.setup.shares.get(&index).copied();
        let (weight, max_agents) = share.unwrap_or((usual.weight, usual.max_agents));
        let machine = self.machine_mut(index);
        machine.disk.incarnation = Incarnation(machine.disk.incarnation.0 + 1);
        let disk = &machine.disk;
        let shared = disk.shared.iter();
        Restore {
            key: machine.key.clone(),
            seed,
            incarnation: disk.incarnation,
            profile: disk.profile.clone(),
            default_name: format!("machine {index}"),
            shared: shared
                .map(|(key, (stamp, value))| (key.clone(), *stamp, value.clone()))
                .collect(),
            snapshots: disk.snapshots.clone().into_iter().collect(),
            writes_since: disk.writes_since,
            locals: disk.locals.clone().into_iter().collect(),
            event_extents: disk.event_extents.clone(),
            events_from: 1,
            events: disk.recent(),
            retention,
            machine: MachineFacts {
                version: "0.1.0".to_owned(),
                os: "linux".to_owned(),
                arch: "x86_64".to_owned(),
                cpus: 4,
                memory_mib: 8_192,
                weight,
                max_agents,
                ..MachineFacts::default()
            },
            pairing,
        }
    }

    /// Discovery works in both directions once a process listens.
    fn introduce(&mut self, index: usize) {
        if self.setup.measured {
            return;
        }
        for other in 0..self.setup.machines {
            if other == index {
                self.announce(other);
            } else if self.machine(other).process.as_ref().is_some_and(|p| !p.frozen())
                && self.passes(other, index)
            {
                let node = self.id(other);
                let life = self.machine(index).life;
                let delay = self.network.latency(other, index);
                let by = covey_logic::pairing::FoundBy::Mdns;
                let input = Input::Found(covey_logic::pairing::Found { node, by });
                self.after(delay, Happening::Deliver { machine: index, life, input });
            }
        }
    }

    /// Kills the process of a machine; its kernel goes on, and closes its connections.
    pub fn kill(&mut self, index: usize) {
        self.kill_with(index, drop);
    }

    /// Kills the process of a machine, and hands over what is left of it.
    pub fn kill_with(&mut self, index: usize, bury: impl FnOnce(Process)) {
        self.trace.note(self.now, index, &"kill");
        if let Some(process) = self.machine_mut(index).process.take() {
            if let Some(key) = process.wake {
                self.queue.remove(&key);
            }
            bury(process);
        }
        let kept = self.dice.index(self.machine(index).disk.in_flight() + 1);
        self.machine_mut(index).disk.crash(kept);
        self.hang_up(index);
        if self.setup.planted == Some(Planted::StaleCleanup) {
            self.relieve_after(Duration::from_secs(2), Relief::Sweep(index));
        }
    }

    fn sweep(&mut self, index: usize) {
        let id = self.id(index);
        for other in (0..self.setup.machines).filter(|other| *other != index) {
            if let Some(process) = &mut self.machine_mut(other).process {
                process.routes.retain(|_, route| route.node != id);
            }
        }
    }

    /// Takes the power from a machine: it says nothing to anyone.
    pub fn power_off(&mut self, index: usize) {
        if self.machine(index).powered {
            self.machine_mut(index).powered = false;
            self.machine_mut(index).unpowered_since = self.now;
        }
        self.kill(index);
    }

    /// Starts the kernel of a machine, without a process.
    pub fn power_on(&mut self, index: usize) {
        if self.machine(index).powered {
            return;
        }
        let outage = self.now - self.machine(index).unpowered_since;
        self.machine_mut(index).powered = true;
        for other in (0..self.setup.machines).filter(|other| *other != index) {
            if self.passes(other, index) {
                self.flush(other, index, outage);
            }
        }
    }

    /// Stops the process of a machine from doing anything; its connections stand.
    pub fn freeze(&mut self, index: usize) {
        self.trace.note(self.now, index, &"freeze");
        if let Some(process) = &mut self.machine_mut(index).process {
            process.parked.get_or_insert_default();
        }
    }

    /// Lets a frozen process go on: it hears all at once, and its timers are late.
    pub fn thaw(&mut self, index: usize) {
        if self.is_asleep(index) {
            return;
        }
        let life = self.machine(index).life;
        let process = self.machine_mut(index).process.as_mut();
        let Some(parked) = process.and_then(|process| process.parked.take()) else { return };
        self.trace.note(self.now, index, &"thaw");
        if self.dice.chance(500) {
            self.wake(index, life);
        }
        for input in parked {
            self.deliver(index, life, input);
        }
        self.drain(index);
    }

    /// Puts a machine to sleep: it does nothing and says nothing. With `told`, its operating system
    /// warned its node a moment before.
    pub fn sleep(&mut self, index: usize, told: bool) {
        if self.machine(index).process.is_none() {
            return;
        }
        if told {
            self.tell(index, Input::Suspending);
        }
        self.trace.note(self.now, index, &"sleep");
        self.freeze(index);
        if self.machine(index).powered {
            self.machine_mut(index).powered = false;
            self.machine_mut(index).unpowered_since = self.now;
        }
    }

    /// Wakes a machine that sleeps; its monotonic clock stood still meanwhile if `stood`, as on
    /// Linux, or went on, as on Windows.
    pub fn wake_up(&mut self, index: usize, stood: bool) {
        if !self.is_asleep(index) {
            return;
        }
        self.trace.note(self.now, index, &("wake", stood));
        let slept = self.now - self.machine(index).unpowered_since;
        self.power_on(index);
        // What its kernel had yet to send, it sends now.
        for other in (0..self.setup.machines).filter(|other| *other != index) {
            if self.passes(index, other) {
                self.flush(index, other, slept);
            }
        }
        if stood && let Some(process) = &mut self.machine_mut(index).process {
            process.started += slept;
        }
        self.thaw(index);
    }

    /// A machine that sleeps keeps its process, and has no power to run it.
    fn is_asleep(&self, index: usize) -> bool {
        let machine = self.machine(index);
        !machine.powered && machine.process.is_some()
    }

    /// Cuts directions between machines, and gives the name of the cut.
    pub fn cut(&mut self, directions: Vec<(usize, usize)>) -> u64 {
        self.trace.note(self.now, 0, &("cut", &directions));
        for (from, to) in &directions {
            self.network.cut(self.now, *from, *to);
        }
        self.order += 1;
        self.cuts.insert(self.order, directions);
        self.order
    }

    /// Cuts both directions between each machine of `side` and each other.
    pub fn isolate(&mut self, side: &[usize]) -> u64 {
        let others = (0..self.setup.machines).filter(|other| !side.contains(other));
        let pairs = others.flat_map(|other| {
            side.iter().flat_map(move |inside| [(*inside, other), (other, *inside)])
        });
        let pairs = pairs.collect();
        self.cut(pairs)
    }

    /// Takes a cut back.
    pub fn mend(&mut self, cut: u64) {
        let Some(directions) = self.cuts.remove(&cut) else { return };
        self.trace.note(self.now, 0, &("mend", &directions));
        for (from, to) in directions {
            if let Some(outage) = self.network.mend(self.now, from, to)
                && self.passes(from, to)
            {
                self.flush(from, to, outage);
            }
        }
    }

    /// Ends one agent on a machine as a crash would; false if none of that name runs there.
    pub fn crash_agent(&mut self, index: usize, name: &Name) -> bool {
        let life = self.machine(index).life;
        let lives = self.machine(index).process.iter().flat_map(|process| process.host.lives());
        let found: Option<Epoch> =
            lives.filter(|(other, _, _)| *other == name).map(|(_, epoch, _)| epoch).next();
        let Some(epoch) = found else { return false };
        let (name, reason) = (name.clone(), ExitReason::Exited { code: 1 });
        self.after(0, Happening::Ended { machine: index, life, name, epoch, reason });
        true
    }

    /// Sets the wall clock of a machine forward or back.
    pub fn jump_clock(&mut self, index: usize, ms: i64) {
        self.trace.note(self.now, index, &("clock", ms));
        self.machine_mut(index).clock_offset_ms += ms;
    }

    /// Ends every fault: machines run, cables hold, disks take writes, the weather is as set up.
    pub fn heal(&mut self) {
        self.faults = None;
        self.network.weather = self.setup.weather;
        for cut in self.cuts.keys().copied().collect::<Vec<_>>() {
            self.mend(cut);
        }
        for index in 0..self.setup.machines {
            self.relieve(Relief::Disk(index));
            if self.restarts.contains(&index) {
                self.relieve(Relief::Restart(index));
            }
            self.wake_up(index, true);
            self.thaw(index);
            self.boot(index);
        }
    }

    /// Ends a fault after `span`.
    pub(crate) fn relieve_after(&mut self, span: Duration, relief: Relief) {
        if let Relief::Restart(index) = relief {
            self.restarts.insert(index);
        }
        self.after(micros(span), Happening::Relief(relief));
    }

    pub(super) fn relieve(&mut self, relief: Relief) {
        // What healed before its time needs no second relief.
        if let Relief::Restart(index) = relief
            && !self.restarts.contains(&index)
        {
            return;
        }
        match relief {
            Relief::Boot(index) => self.boot(index),
            Relief::Restart(index) => {
                self.disk_mut(index).full = false;
                self.kill(index);
                self.boot(index);
                self.restarts.remove(&index);
            }
            Relief::Thaw(index) => self.thaw(index),
            Relief::Wake(index, stood) => self.wake_up(index, stood),
            Relief::Mend(cut) => self.mend(cut),
            Relief::Weather(weather) => self.network.weather = weather,
            Relief::Disk(index) => {
                self.disk_mut(index).sync_micros = Disk::CALM_SYNC_MICROS;
            }
            Relief::Sweep(index) => self.sweep(index),
        }
    }

    /// Begins to let faults strike.
    pub fn let_faults_strike(&mut self, faults: crate::fault::Faults) {
        self.faults = Some(faults);
        self.after(0, Happening::Fault);
    }

    /// Begins to want things.
    pub fn let_people_want(&mut self, workload: crate::workload::Workload) {
        self.workload = Some(workload);
        self.after(0, Happening::Want);
    }

    pub(super) fn strike(&mut self) {
        let Some(mut faults) = self.faults.take() else { return };
        let pause = faults.strike(self);
        self.faults = Some(faults);
        self.after(micros(pause), Happening::Fault);
    }

    pub(super) fn want(&mut self) {
        let Some(mut workload) = self.workload.take() else { return };
        let pause = workload.want(self);
        self.workload = Some(workload);
        self.after(micros(pause), Happening::Want);
    }
}
