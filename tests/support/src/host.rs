//! A simulated host: which copies of which agents truly run on one machine.

use std::collections::BTreeMap;

use covey_logic::{Epoch, Name};

/// What one life of an agent is doing, in truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It was told to start.
    Starting,
    /// It takes messages.
    Running,
    /// It was told to stop.
    Stopping,
}

/// The agents of one process; they die with it.
#[derive(Clone, Debug, Default)]
pub struct Host {
    lives: BTreeMap<(Name, Epoch), Life>,
    newest: BTreeMap<Name, Epoch>,
}

impl Host {
    /// Begins a life.
    ///
    /// # Panics
    ///
    /// If another life of the agent has not ended here, or had this epoch or a later one.
    pub(crate) fn start(&mut self, name: &Name, epoch: Epoch) {
        let other = self.lives.keys().find(|(other, _)| other == name);
        assert!(other.is_none(), "host: {name} starts as {epoch:?} while {other:?} has not ended");
        let newest = self.newest.insert(name.clone(), epoch);
        assert!(newest < Some(epoch), "host: {name} starts as {epoch:?} after {newest:?}");
        self.lives.insert((name.clone(), epoch), Life::Starting);
    }

    /// The start is done; false if the life ended or was told to stop before.
    pub(crate) fn started(&mut self, name: &Name, epoch: Epoch) -> bool {
        match self.lives.get_mut(&(name.clone(), epoch)) {
            Some(life @ Life::Starting) => {
                *life = Life::Running;
                true
            }
            Some(Life::Running | Life::Stopping) | None => false,
        }
    }

    /// Tells a life to stop; false if there is none, or it was told before.
    pub(crate) fn stop(&mut self, name: &Name, epoch: Epoch) -> bool {
        match self.lives.get_mut(&(name.clone(), epoch)) {
            Some(life @ (Life::Starting | Life::Running)) => {
                *life = Life::Stopping;
                true
            }
            Some(Life::Stopping) | None => false,
        }
    }

    /// A life ended; false if it had before.
    pub(crate) fn ended(&mut self, name: &Name, epoch: Epoch) -> bool {
        self.lives.remove(&(name.clone(), epoch)).is_some()
    }

    /// Every life that has not ended.
    pub fn lives(&self) -> impl Iterator<Item = (&Name, Epoch, Life)> {
        self.lives.iter().map(|((name, epoch), life)| (name, *epoch, *life))
    }
}
