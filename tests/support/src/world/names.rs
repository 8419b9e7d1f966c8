//! What machines wish of names that the group grants, and how far each has taken the log in.

use std::collections::BTreeMap;

use covey_logic::{
    Input, NodeId, Ticket,
    agreed::{Denied, Granted, Key, Undone},
    holding::{self, Holdings},
};

use crate::world::{World, group::Turn, shell::Happening};

/// Which wish: of which machine, in which of its lives.
type Which = (usize, u64, Ticket);

/// Wishes under way, and what machines took in.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// What is wished, and until when it is tried.
    wishes: BTreeMap<Which, (holding::Act, u64)>,
    /// The entry as of which each machine was told, in which of its lives.
    told: BTreeMap<(usize, u64), u64>,
}

impl World {
    const WISH_TIMEOUT: u64 = 5_000_000;
    const WISH_PAUSE: u64 = 100_000;
    /// How many of a thousand answers get lost, so that the wish comes again.
    const LOST_ANSWERS: u32 = 100;

    /// Who holds names, as the group agreed.
    #[must_use]
    pub fn holdings(&self) -> &Holdings {
        self.group.agreed.holdings()
    }

    pub(super) fn wish(&mut self, machine: usize, ticket: Ticket, act: holding::Act) {
        let which = (machine, self.machine(machine).life, ticket);
        let until = self.now + Self::WISH_TIMEOUT;
        self.group.names.wishes.insert(which, (act, until));
        let delay = self.dice.log_micros(200, 200_000);
        self.after(delay, Happening::Group(Turn::Wish(machine, which.1, ticket)));
    }

    #[expect(clippy::panic, reason = "a wish for names is answered as one")]
    pub(super) fn wish_arrives(&mut self, which @ (machine, life, ticket): Which) {
        let Some((act, until)) = self.group.names.wishes.get(&which).cloned() else { return };
        if self.process_mut(machine, life).is_none() {
            self.group.names.wishes.remove(&which);
            return;
        }
        let result = if self.reaches_group(machine) {
            self.end_leases();
            let key = Key::new(&format!("{machine}-{life}-{}", ticket.0));
            match self.agree(self.machine(machine).id, key, act.into()) {
                Ok(Granted::Names(done)) => Ok(done),
                Err(Denied::Names(refused)) => Err(Undone::Refused(refused)),
                other => panic!("group: {other:?}"),
            }
        } else {
            Err(Undone::Unknown)
        };
        let lost = result.is_err() && !matches!(result, Err(Undone::Refused(_)))
            || self.dice.chance(Self::LOST_ANSWERS);
        if lost && self.now < until {
            self.after(Self::WISH_PAUSE, Happening::Group(Turn::Wish(machine, life, ticket)));
            return;
        }
        self.group.names.wishes.remove(&which);
        let result = if lost { Err(Undone::Unknown) } else { result };
        let delay = self.dice.log_micros(200, 200_000);
        let input = Input::NamesAgreed { ticket, result };
        self.after(delay, Happening::Deliver { machine, life, input });
    }

    /// A machine takes in what was agreed, and a while later what was agreed then.
    pub(super) fn follow_names(&mut self, machine: usize) {
        let life = self.machine(machine).life;
        let delay = self.dice.log_micros(1_000, 300_000);
        let runs = self.process_mut(machine, life).is_some_and(|process| !process.frozen());
        if runs && self.reaches_group(machine) {
            self.end_leases();
            self.end_earlier(machine);
            if let Some(input) = self.news((machine, life)) {
                self.after(delay, Happening::Deliver { machine, life, input });
            }
        }
        // Later than what is on its way, so that everything comes in order.
        self.after(delay + 1, Happening::Group(Turn::Follow(machine)));
    }

    fn news(&mut self, who: (usize, u64)) -> Option<Input> {
        let told = self.group.names.told.get(&who).copied();
        let holdings = self.group.agreed.holdings();
        let index = holdings.changed();
        let known = told.and_then(|told| holdings.changed_after(told));
        let (whole, names) = match known {
            Some(_) if told == Some(index) => return None,
            Some(names) => {
                let current =
                    |name: &covey_logic::Name| (name.clone(), holdings.get(name).cloned());
                (false, names.map(current).collect())
            }
            None => {
                let all = holdings.iter().map(|(name, held)| (name.clone(), Some(held.clone())));
                (true, all.collect())
            }
        };
        self.group.names.told.insert(who, index);
        Some(Input::NamesHeld { index, whole, names })
    }

    /// Under which token the node of a machine says that it alone holds a name, if somebody can ask
    /// it: it answers once it has done what its timers are due for.
    #[must_use]
    pub fn believes(&self, machine: usize, name: &covey_logic::Name) -> Option<u64> {
        let process = self.machine(machine).process.as_ref()?;
        let due = process.node.poll_timeout().is_some_and(|at| at <= self.moment(machine).at);
        let me: NodeId = self.machine(machine).id;
        let owner = process.node.registry().owner(name).filter(|owner| owner.node == me)?;
        owner.token.filter(|_| !process.frozen() && !due)
    }
}
