//! What hosts do for nodes: agents that start, stop, count, and hand their counts over.

use std::time::Duration;

use covey_logic::{
    Epoch, Input, Name,
    agent::{AgentSpec, AgentState, ExitReason},
};

use crate::{
    dice::micros,
    host::Begun,
    world::{Start, World, shell::Happening},
};

impl World {
    /// How often a changed count is copied.
    const CHECKPOINT_INTERVAL: u64 = 1_000_000;

    pub(super) fn start_agent(&mut self, machine: usize, spec: &AgentSpec, epoch: Epoch) {
        let life = self.machine(machine).life;
        let (at, name) = (self.now(), spec.name.clone());
        if let Some(process) = &mut self.machine_mut(machine).process {
            process.host.start(&name, epoch, spec.handoff.state);
        }
        self.starts.push(Start { at, machine, name: name.clone(), epoch });
        let usual = self.dice.log_micros(1_000, 30_000);
        let delay = self.slow_starts.get(&name).map_or(usual, |slow| micros(*slow));
        self.after(delay, Happening::Started { machine, life, name: name.clone(), epoch });
        if spec.handoff.state {
            let delay = Self::CHECKPOINT_INTERVAL;
            self.after(delay, Happening::Checkpoint { machine, life, name, epoch });
        }
    }

    /// A start is done; one of three hundred that were given a state cannot take it.
    pub(super) fn begun(&mut self, (machine, life): (usize, u64), name: Name, epoch: Epoch) {
        let host = self.process_mut(machine, life).map(|process| &mut process.host);
        match host.map_or(Begun::Not, |host| host.started(&name, epoch)) {
            Begun::Not => {}
            Begun::Warm => self.deliver(machine, life, Input::AgentWarm { name, epoch }),
            Begun::Running => self.deliver(machine, life, Input::AgentStarted { name, epoch }),
        }
    }

    pub(super) fn restore_agent(
        &mut self,
        machine: usize,
        (name, epoch): (Name, Epoch),
        state: Option<AgentState>,
    ) {
        let life = self.machine(machine).life;
        let given = state.is_some();
        let Some(process) = &mut self.machine_mut(machine).process else { return };
        if !process.host.give(&name, epoch, state) {
            return;
        }
        let delay = self.dice.log_micros(500, 20_000);
        if given && self.dice.chance(self.bad_states) {
            let reason = ExitReason::NotStarted { error: "it cannot read its state".to_owned() };
            self.after(delay, Happening::Ended { machine, life, name, epoch, reason });
        } else {
            self.after(delay, Happening::Started { machine, life, name, epoch });
        }
    }

    pub(super) fn suspend_agent(&mut self, machine: usize, name: Name, epoch: Epoch) {
        let life = self.machine(machine).life;
        let Some(process) = &mut self.machine_mut(machine).process else { return };
        let Some(nth) = process.host.suspend(&name, epoch) else { return };
        let slow = self.slow_calls.get(&name).copied().unwrap_or(Duration::from_millis(50));
        let delay = self.dice.log_micros(500, micros(slow).max(500));
        self.after(delay, Happening::Suspended { machine, life, name, epoch, nth });
    }

    pub(super) fn suspended(
        &mut self,
        (machine, life): (usize, u64),
        (name, epoch): (Name, Epoch),
        nth: u64,
    ) {
        let Some(process) = self.process_mut(machine, life) else { return };
        let Some(state) = process.host.suspended(&name, epoch, nth) else { return };
        let fails = self.dice.chance(self.bad_states);
        let result = if fails { Err("it gave none".to_owned()) } else { Ok(state) };
        self.deliver(machine, life, Input::AgentSuspended { name, epoch, result });
    }

    pub(super) fn checkpoint(&mut self, (machine, life): (usize, u64), name: Name, epoch: Epoch) {
        let Some(process) = self.process_mut(machine, life) else { return };
        if !process.host.lives().any(|(other, at, _)| *other == name && at == epoch) {
            return;
        }
        if let Some(state) = process.host.snapshot(&name, epoch) {
            let name = name.clone();
            self.deliver(machine, life, Input::AgentSnapshot { name, epoch, state });
        }
        let delay = Self::CHECKPOINT_INTERVAL;
        self.after(delay, Happening::Checkpoint { machine, life, name, epoch });
    }

    pub(super) fn stop_agent(
        &mut self,
        machine: usize,
        (name, epoch): (Name, Epoch),
        grace: Duration,
    ) {
        let life = self.machine(machine).life;
        let slow = if self.dice.chance(50) { micros(grace) } else { 50_000 };
        let delay = self.dice.log_micros(500, slow.max(1_000));
        let Some(process) = &mut self.machine_mut(machine).process else { return };
        let (stops, last) = process.host.stop(&name, epoch);
        if let Some(state) = last {
            let input = Input::AgentSnapshot { name: name.clone(), epoch, state };
            self.after(delay / 2, Happening::Deliver { machine, life, input });
        }
        if stops {
            let reason = ExitReason::Stopped;
            self.after(delay, Happening::Ended { machine, life, name, epoch, reason });
        }
    }

    /// Someone on a machine calls an agent, along the route its node gave: the count of the agent if
    /// it handled the call. The call itself takes no time.
    pub fn call(&mut self, index: usize, name: &Name) -> Option<u64> {
        let route = self.route(index, name)?;
        let holder = self.index(route.node)?;
        let reached = holder == index || (self.passes(index, holder) && self.passes(holder, index));
        let process = self
            .machine_mut(holder)
            .process
            .as_mut()
            .filter(|process| reached && !process.frozen())?;
        process.host.call(name, route.epoch)
    }

    /// What the one copy of an agent that runs has counted; none if it runs not once.
    #[must_use]
    pub fn count(&self, name: &Name) -> Option<u64> {
        let mut counts = self.live().filter_map(|(_, process)| process.host.count(name));
        counts.next().filter(|_| counts.next().is_none())
    }
}
