//! Those who can do the tasks of a queue, and the choice among them.

use std::collections::BTreeMap;

use super::{Award, Chance, Limits, Standing, Strategy, StrategyKind, Worker};
use crate::{credits::Credits, ids::Name};

/// The place of an agent in a pool; given to another once it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(pub(super) usize);

/// Why nobody gets a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoChoice {
    /// Start an agent that has the capabilities, or wait for one.
    #[error("no agent that runs has the capabilities")]
    NoSuitableAgent,
    /// Wait until one is less busy, start another, or raise the limits.
    #[error("all {agents} agents that have the capabilities are at their limits")]
    AllOverloaded {
        /// How many have them.
        agents: u32,
    },
    /// Wait until one that is tried has ended its first task, or have nodes take work by auction.
    #[error("none of the {agents} agents that have the capabilities bids")]
    NoBids {
        /// How many have them.
        agents: u32,
    },
    /// Pay more, or wait until one is less busy.
    #[error("the lowest ask is {least} credits, and {most} are paid at most")]
    TooDear {
        /// The lowest ask.
        least: Credits,
        /// What is paid at most.
        most: Credits,
    },
}

/// The agents that can do the tasks of one queue.
#[derive(Debug)]
pub struct Pool {
    kind: StrategyKind,
    strategy: Box<dyn Strategy>,
    limits: Limits,
    places: Vec<Option<Place>>,
    names: BTreeMap<Name, Slot>,
    /// How often it chose.
    turn: u64,
}

#[derive(Debug)]
struct Place {
    name: Name,
    worker: Worker,
    assigned: u64,
    turn: u64,
}

impl Pool {
    /// A pool with nobody in it.
    #[must_use]
    pub fn new(kind: StrategyKind, limits: Limits) -> Self {
        Self {
            kind,
            strategy: kind.build(),
            limits,
            places: Vec::new(),
            names: BTreeMap::new(),
            turn: 0,
        }
    }

    /// Which strategy chooses.
    #[must_use]
    pub fn kind(&self) -> StrategyKind {
        self.kind
    }

    /// Chooses by another strategy, or within other limits, from here on.
    pub fn set_rules(&mut self, kind: StrategyKind, limits: Limits) {
        if (self.kind, self.limits) == (kind, limits) {
            return;
        }
        self.kind = kind;
        self.limits = limits;
        self.strategy = kind.build();
        (0..self.places.len()).for_each(|place| self.show(Slot(place)));
    }

    /// An agent is there, and like this.
    pub fn set(&mut self, name: &Name, worker: Worker) {
        let slot = self.names.get(name).copied().unwrap_or_else(|| self.enter(name));
        let Some(Some(place)) = self.places.get_mut(slot.0) else { return };
        let came = place.turn == 0 && place.assigned == 0;
        if place.worker != worker || came {
            place.worker = worker;
            self.show(slot);
        }
    }

    /// Those agents alone stay of which `stays` is true.
    pub fn retain(&mut self, mut stays: impl FnMut(&Name) -> bool) {
        let gone: Vec<(Name, Slot)> = self
            .names
            .iter()
            .filter(|(name, _)| !stays(name))
            .map(|(name, slot)| (name.clone(), *slot))
            .collect();
        for (name, slot) in gone {
            self.names.remove(&name);
            self.strategy.withdraw(slot);
            if let Some(place) = self.places.get_mut(slot.0) {
                *place = None;
            }
        }
    }

    /// Who takes the next task; it is in flight there from here on (W4).
    ///
    /// # Errors
    ///
    /// See [`NoChoice`].
    pub fn choose(&mut self, chance: &mut Chance) -> Result<Name, NoChoice> {
        let slot = self.strategy.choose(chance).ok_or_else(|| self.nobody())?;
        self.take(slot)
    }

    /// Who takes the next task, for which `most` is paid at most, and at which price.
    ///
    /// # Errors
    ///
    /// See [`NoChoice`].
    pub fn award(&mut self, most: Credits) -> Result<(Name, Credits), NoChoice> {
        match self.strategy.award(most) {
            Award::Won { slot, price } => Ok((self.take(slot)?, price)),
            Award::TooDear { least } => Err(NoChoice::TooDear { least, most }),
            Award::Nobody => Err(self.nobody()),
        }
    }

    /// Why nobody was chosen.
    fn nobody(&self) -> NoChoice {
        let agents = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let free = self.workers().any(|(_, worker)| self.limits.admit(worker));
        let bidders = self.workers().any(|(_, worker)| worker.bid.is_some());
        match (agents, self.kind) {
            (0, _) => NoChoice::NoSuitableAgent,
            (_, StrategyKind::Auction) if free || !bidders => NoChoice::NoBids { agents },
            _ => NoChoice::AllOverloaded { agents },
        }
    }

    fn take(&mut self, slot: Slot) -> Result<Name, NoChoice> {
        self.turn += 1;
        let place = self.places.get_mut(slot.0).and_then(Option::as_mut);
        let place = place.ok_or(NoChoice::NoSuitableAgent)?;
        place.worker.in_flight += 1;
        place.assigned += 1;
        place.turn = self.turn;
        let name = place.name.clone();
        self.show(slot);
        Ok(name)
    }

    /// A task that an agent was chosen for is over.
    pub fn ended(&mut self, name: &Name) {
        let Some(slot) = self.names.get(name).copied() else { return };
        if let Some(Some(place)) = self.places.get_mut(slot.0) {
            place.worker.in_flight = place.worker.in_flight.saturating_sub(1);
            self.show(slot);
        }
    }

    /// Who is in it, and what is known of each.
    pub fn workers(&self) -> impl Iterator<Item = (&Name, &Worker)> {
        self.places.iter().flatten().map(|place| (&place.name, &place.worker))
    }

    fn enter(&mut self, name: &Name) -> Slot {
        let free = self.places.iter().position(Option::is_none);
        let slot = Slot(free.unwrap_or(self.places.len()));
        if slot.0 == self.places.len() {
            self.places.push(None);
        }
        if let Some(place) = self.places.get_mut(slot.0) {
            let worker = Worker::default();
            *place = Some(Place { name: name.clone(), worker, assigned: 0, turn: 0 });
        }
        self.names.insert(name.clone(), slot);
        slot
    }

    /// Tells the strategy how one is.
    fn show(&mut self, slot: Slot) {
        let Some(Some(place)) = self.places.get(slot.0) else { return };
        if self.limits.admit(&place.worker) {
            let Place { name, worker, assigned, turn } = place;
            let standing = Standing { name, worker, assigned: *assigned, turn: *turn };
            self.strategy.offer(slot, standing);
        } else {
            self.strategy.withdraw(slot);
        }
    }
}
