//! Who waits for a name to be registered.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    ids::{Name, Ticket},
    node::{CommandError, Outcome},
    outbox::Owner,
    registry::{NameError, NameOutcome},
    time::{Instant, Now},
};

/// What a wait came to.
pub(super) type Answer = (Ticket, Result<Outcome, CommandError>);

/// Everyone who waits.
#[derive(Debug, Default)]
pub(super) struct Waits {
    names: BTreeMap<Name, BTreeMap<Ticket, Instant>>,
    ends: BTreeSet<(Instant, Ticket, Name)>,
    answers: Vec<Answer>,
}

impl Waits {
    /// Waits at once: some 2 MiB.
    const CAPACITY: usize = 10_000;
    /// The longest wait.
    pub(super) const MAX_TIMEOUT: Duration = Duration::from_hours(1);

    /// Answers `ticket` once `name` is registered, or after `timeout`.
    pub(super) fn wait(
        &mut self,
        now: Now,
        (ticket, name): (Ticket, Name),
        timeout: Duration,
    ) -> Result<(), CommandError> {
        if timeout > Self::MAX_TIMEOUT {
            let value = format!("{} s", timeout.as_secs());
            return Err(CommandError::Invalid { field: "timeout", value });
        }
        if self.ends.len() >= Self::CAPACITY {
            return Err(NameError::TooManyWait { capacity: Self::CAPACITY }.into());
        }
        let end = now.at + timeout;
        self.names.entry(name.clone()).or_default().insert(ticket, end);
        self.ends.insert((end, ticket, name));
        Ok(())
    }

    /// `name` has an owner.
    pub(super) fn on_owner(&mut self, name: &Name, owner: Owner) {
        for (ticket, end) in self.names.remove(name).into_iter().flatten() {
            self.ends.remove(&(end, ticket, name.clone()));
            self.answers.push((ticket, Ok(Outcome::Name(NameOutcome::Owner(owner)))));
        }
    }

    /// Ends the waits whose time is over.
    pub(super) fn on_timeout(&mut self, now: Now) {
        while let Some((end, ..)) = self.ends.first()
            && *end <= now.at
        {
            let Some((_, ticket, name)) = self.ends.pop_first() else { return };
            if let Some(waits) = self.names.get_mut(&name) {
                waits.remove(&ticket);
                if waits.is_empty() {
                    self.names.remove(&name);
                }
            }
            self.answers.push((ticket, Err(NameError::TimedOut { name }.into())));
        }
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        self.ends.first().map(|(end, ..)| *end)
    }

    pub(super) fn take_answers(&mut self) -> Vec<Answer> {
        std::mem::take(&mut self.answers)
    }
}
