//! What the commands about agreement need of whoever agrees.

use std::{sync::Arc, time::Duration};

use covey_logic::{
    Name,
    agreed::Key,
    coordination::{
        Act, Counter, CounterView, Done, Fate, Place, Scope, Seats, Variable, VariableView, Written,
    },
    holding::Held,
    merged::{MergedCommand, MergedOutcome, Reach},
};

use crate::{
    consensus::{Beginning, Recovery},
    control::{Control, backend::Answer},
    handle::{Acquire, Arrive, CoordinationView, Freshness, Named, Primitives, TenureView, Writes},
};

/// The primitives, as a node has them; the double of the tests has them too.
pub trait Agrees: Send + Sync {
    /// The primitives of every scope, as this node has them.
    fn coordination(&self) -> Answer<'_, CoordinationView>;

    /// What a recovery of the group by force would keep and lose.
    fn recovery(&self) -> Answer<'_, Recovery>;

    /// Writes the beginning of another group: its number, and how many changes it holds.
    fn recover(&self) -> Answer<'_, (u64, u64)>;

    /// Writes the beginning of a group in the place of one whose store is damaged.
    fn set_aside(&self) -> Answer<'_, Beginning>;

    /// Has the cluster agree on a change.
    fn agree(&self, act: Act, key: Option<Key>) -> Answer<'_, Done>;

    /// The scopes in which a name is there, as far as this node knows.
    fn scopes(&self, named: Named, name: Name) -> Answer<'_, Vec<Scope>>;

    /// Carries out a change that needs nobody else.
    fn change(&self, command: MergedCommand) -> Answer<'_, MergedOutcome>;

    /// Reads a counter that merges.
    fn merged_counter(&self, counter: Name) -> Answer<'_, Option<CounterView>>;

    /// Reads a variable that merges, or one of this node alone.
    fn merged_variable(&self, variable: Name, reach: Reach) -> Answer<'_, Option<VariableView>>;

    /// Who was granted an exclusive agent.
    fn tenure(&self, name: Name) -> Answer<'_, Option<TenureView>>;

    /// Takes a lock, an election or a permit; its fencing token.
    fn acquire(&self, asked: Acquire) -> Answer<'_, u64>;

    /// Waits at a barrier; the generation, and how it ended.
    fn arrive(&self, asked: Arrive) -> Answer<'_, (u64, Fate)>;

    /// Waits until a place is held otherwise than by the holding that is known.
    fn watch_place(
        &self,
        place: Place,
        known: Option<u64>,
        wait: Duration,
    ) -> Answer<'_, (Option<Seats>, u64)>;

    /// Reads a counter.
    fn counter(&self, counter: Name, freshness: Freshness) -> Answer<'_, (Counter, u64)>;

    /// Reads a variable.
    fn variable(&self, variable: Name, freshness: Freshness)
    -> Answer<'_, (Option<Variable>, u64)>;

    /// Waits for writes of a variable after the version that is known.
    fn watch_variable(
        &self,
        variable: Name,
        known: u64,
        wait: Duration,
    ) -> Answer<'_, Option<Writes>>;

    /// Reads what a question was settled to.
    fn decision(&self, question: Name, freshness: Freshness) -> Answer<'_, (Option<Written>, u64)>;

    /// Reads who holds a name of a namespace in the backend `consensus`.
    fn holding(&self, name: Name, freshness: Freshness) -> Answer<'_, (Option<Held>, u64)>;
}

/// Whoever may ask for the primitives: a door, or an agent.
pub(crate) trait Asks: Sync {
    /// The primitives.
    fn primitives(&self) -> Arc<dyn Agrees>;

    /// How long a lease lasts if nothing is said.
    fn lease(&self) -> Duration;
}

impl Asks for Control {
    fn primitives(&self) -> Arc<dyn Agrees> {
        self.backend().primitives()
    }

    fn lease(&self) -> Duration {
        self.backend().values().lock_lease
    }
}

impl Agrees for Primitives {
    fn coordination(&self) -> Answer<'_, CoordinationView> {
        Box::pin(async move { Ok(self.whole_view().await?) })
    }

    fn scopes(&self, named: Named, name: Name) -> Answer<'_, Vec<Scope>> {
        Box::pin(async move { Ok(Self::scopes(self, named, name).await?) })
    }

    fn change(&self, command: MergedCommand) -> Answer<'_, MergedOutcome> {
        Box::pin(async move { Ok(Self::change(self, command).await?) })
    }

    fn merged_counter(&self, counter: Name) -> Answer<'_, Option<CounterView>> {
        Box::pin(async move { Ok(Self::merged_counter(self, counter).await?) })
    }

    fn merged_variable(&self, variable: Name, reach: Reach) -> Answer<'_, Option<VariableView>> {
        Box::pin(async move { Ok(Self::merged_variable(self, variable, reach).await?) })
    }

    fn tenure(&self, name: Name) -> Answer<'_, Option<TenureView>> {
        Box::pin(async move { Ok(Self::tenure(self, &name)) })
    }

    fn recovery(&self) -> Answer<'_, Recovery> {
        Box::pin(async move { Ok(Self::recovery(self).await?) })
    }

    fn recover(&self) -> Answer<'_, (u64, u64)> {
        Box::pin(async move { Ok(Self::recover(self).await?) })
    }

    fn set_aside(&self) -> Answer<'_, Beginning> {
        Box::pin(async move { Ok(Self::set_aside(self).await?) })
    }

    fn agree(&self, act: Act, key: Option<Key>) -> Answer<'_, Done> {
        Box::pin(async move { Ok(Self::agree(self, act, key).await?) })
    }

    fn acquire(&self, asked: Acquire) -> Answer<'_, u64> {
        Box::pin(async move { Ok(Self::acquire(self, asked).await?) })
    }

    fn arrive(&self, asked: Arrive) -> Answer<'_, (u64, Fate)> {
        Box::pin(async move { Ok(Self::arrive(self, asked).await?) })
    }

    fn watch_place(
        &self,
        place: Place,
        known: Option<u64>,
        wait: Duration,
    ) -> Answer<'_, (Option<Seats>, u64)> {
        Box::pin(async move { Ok(Self::watch_place(self, &place, known, wait).await?) })
    }

    fn counter(&self, counter: Name, freshness: Freshness) -> Answer<'_, (Counter, u64)> {
        Box::pin(async move { Ok(Self::counter(self, &counter, freshness).await?) })
    }

    fn variable(
        &self,
        variable: Name,
        freshness: Freshness,
    ) -> Answer<'_, (Option<Variable>, u64)> {
        Box::pin(async move { Ok(Self::variable(self, &variable, freshness).await?) })
    }

    fn watch_variable(
        &self,
        variable: Name,
        known: u64,
        wait: Duration,
    ) -> Answer<'_, Option<Writes>> {
        Box::pin(async move { Ok(Self::watch_variable(self, &variable, known, wait).await?) })
    }

    fn decision(&self, question: Name, freshness: Freshness) -> Answer<'_, (Option<Written>, u64)> {
        Box::pin(async move { Ok(Self::decision(self, &question, freshness).await?) })
    }

    fn holding(&self, name: Name, freshness: Freshness) -> Answer<'_, (Option<Held>, u64)> {
        Box::pin(async move { Ok(Self::holding(self, &name, freshness).await?) })
    }
}
