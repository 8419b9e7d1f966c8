//! A simulated host: which copies of which agents truly run on one machine, and what they counted.

use std::collections::BTreeMap;

use covey_logic::{Epoch, Name, agent::AgentState};

/// What one life of an agent is doing, in truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It was told to start.
    Starting,
    /// It was started and waits for its state.
    Warm,
    /// It takes messages.
    Running,
    /// It holds messages back.
    Suspended,
    /// It was told to stop.
    Stopping,
}

/// One life of an agent.
#[derive(Clone, Debug)]
struct Agent {
    life: Life,
    /// Whether it takes no messages before it is given its state.
    waits: bool,
    /// What it was given before it was ready for it.
    given: Option<Option<AgentState>>,
    /// The messages it handled, those of the lives before it that it knows of among them.
    count: u64,
    /// The count of the last snapshot.
    told: u64,
    /// How often it was suspended.
    suspensions: u64,
}

/// The agents of one process; they die with it.
#[derive(Clone, Debug, Default)]
pub struct Host {
    lives: BTreeMap<(Name, Epoch), Agent>,
    newest: BTreeMap<Name, Epoch>,
}

/// What became of a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begun {
    /// It ended or was told to stop before.
    Not,
    /// It waits for its state.
    Warm,
    /// It takes messages.
    Running,
}

impl Host {
    /// Begins a life.
    ///
    /// # Panics
    ///
    /// If another life of the agent has not ended here, or had this epoch or a later one.
    pub(crate) fn start(&mut self, name: &Name, epoch: Epoch, waits: bool) {
        let other = self.lives.keys().find(|(other, _)| other == name);
        assert!(other.is_none(), "host: {name} starts as {epoch:?} while {other:?} has not ended");
        let newest = self.newest.insert(name.clone(), epoch);
        assert!(newest < Some(epoch), "host: {name} starts as {epoch:?} after {newest:?}");
        let life = Life::Starting;
        let agent = Agent { life, waits, given: None, count: 0, told: 0, suspensions: 0 };
        self.lives.insert((name.clone(), epoch), agent);
    }

    /// The start is done.
    pub(crate) fn started(&mut self, name: &Name, epoch: Epoch) -> Begun {
        let Some(agent) = self.agent(name, epoch).filter(|agent| agent.life == Life::Starting)
        else {
            return Begun::Not;
        };
        if agent.waits && agent.given.is_none() {
            agent.life = Life::Warm;
            return Begun::Warm;
        }
        agent.life = Life::Running;
        let count = agent.given.take().flatten().map_or(0, |state| count_of(&state));
        (agent.count, agent.told) = (count, count);
        Begun::Running
    }

    /// A life is given its state, or none; whether it was ready for it.
    pub(crate) fn give(&mut self, name: &Name, epoch: Epoch, state: Option<AgentState>) -> bool {
        let Some(agent) = self.agent(name, epoch) else { return false };
        agent.given = Some(state);
        let ready = agent.life == Life::Warm;
        if ready {
            agent.life = Life::Starting;
        }
        ready
    }

    /// Tells a life to hold messages back; gives the number of the suspension.
    pub(crate) fn suspend(&mut self, name: &Name, epoch: Epoch) -> Option<u64> {
        let agent = self.agent(name, epoch).filter(|agent| agent.life == Life::Running)?;
        agent.life = Life::Suspended;
        agent.suspensions += 1;
        Some(agent.suspensions)
    }

    /// The state of a life that is still in this suspension.
    pub(crate) fn suspended(&mut self, name: &Name, epoch: Epoch, nth: u64) -> Option<AgentState> {
        let agent = self.agent(name, epoch)?;
        let still = agent.life == Life::Suspended && agent.suspensions == nth;
        still.then(|| state_of(agent.count))
    }

    /// Lets a suspended life go on.
    pub(crate) fn resume(&mut self, name: &Name, epoch: Epoch) {
        if let Some(agent) = self.agent(name, epoch).filter(|agent| agent.life == Life::Suspended) {
            agent.life = Life::Running;
        }
    }

    /// The state of a life that takes messages, if it handled any since it was last asked.
    pub(crate) fn snapshot(&mut self, name: &Name, epoch: Epoch) -> Option<AgentState> {
        let agent = self.agent(name, epoch).filter(|agent| agent.waits)?;
        let changed = agent.life == Life::Running && agent.count != agent.told;
        agent.told = agent.count;
        changed.then(|| state_of(agent.count))
    }

    /// A life handles a message, if it takes any; gives its count.
    pub(crate) fn call(&mut self, name: &Name, epoch: Epoch) -> Option<u64> {
        let agent = self.agent(name, epoch).filter(|agent| agent.life == Life::Running)?;
        agent.count += 1;
        Some(agent.count)
    }

    /// Tells a life to stop; false if there is none, or it was told before. A life that hands its
    /// state over gives it once more.
    pub(crate) fn stop(&mut self, name: &Name, epoch: Epoch) -> (bool, Option<AgentState>) {
        let runs = |agent: &&mut Agent| agent.waits && agent.life == Life::Running;
        let last = self.agent(name, epoch).filter(runs).map(|agent| state_of(agent.count));
        match self.agent(name, epoch) {
            Some(agent) if agent.life != Life::Stopping => {
                agent.life = Life::Stopping;
                (true, last)
            }
            Some(_) | None => (false, None),
        }
    }

    /// A life ended; false if it had before.
    pub(crate) fn ended(&mut self, name: &Name, epoch: Epoch) -> bool {
        self.lives.remove(&(name.clone(), epoch)).is_some()
    }

    /// Every life that has not ended.
    pub fn lives(&self) -> impl Iterator<Item = (&Name, Epoch, Life)> {
        self.lives.iter().map(|((name, epoch), agent)| (name, *epoch, agent.life))
    }

    /// The messages that the life of an agent that runs here handled.
    #[must_use]
    pub fn count(&self, name: &Name) -> Option<u64> {
        let runs = |agent: &Agent| matches!(agent.life, Life::Running | Life::Suspended);
        let mut lives = self.lives.iter().filter(|((other, _), _)| other == name);
        lives.find(|(_, agent)| runs(agent)).map(|(_, agent)| agent.count)
    }

    fn agent(&mut self, name: &Name, epoch: Epoch) -> Option<&mut Agent> {
        self.lives.get_mut(&(name.clone(), epoch))
    }
}

fn state_of(count: u64) -> AgentState {
    count.to_string().into_bytes().into()
}

/// The count in a state.
///
/// # Panics
///
/// If it is none.
#[must_use]
#[expect(clippy::panic, reason = "H1: the host of the simulator writes counts only")]
pub fn count_of(state: &AgentState) -> u64 {
    let text = std::str::from_utf8(&state.0).ok().and_then(|text| text.parse().ok());
    text.unwrap_or_else(|| panic!("host: {state:?} is no count"))
}
