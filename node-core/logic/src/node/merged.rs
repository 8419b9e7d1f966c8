//! Counters and variables that need no agreement, read, and their changes told.

use crate::{
    coordination::{CounterView, Refused, Scope, VariableView},
    event::{Excerpt, Fact},
    ids::{Name, NodeId},
    merged::{MergedCommand, MergedOutcome, Reach},
    node::Node,
    time::Now,
};

impl Node {
    /// Carries out a change, and tells of it.
    pub(super) fn on_merged(
        &mut self,
        (now, actor): (Now, NodeId),
        command: MergedCommand,
    ) -> Result<MergedOutcome, Refused> {
        let concerned = match &command {
            MergedCommand::Count { counter, by } => Concerned::Counter(counter.clone(), *by),
            MergedCommand::Variable { variable, reach, .. } => {
                let there = self.merged_variable(variable, *reach);
                Concerned::Variable(variable.clone(), *reach, there)
            }
        };
        let (merged, replica) = (&mut self.merged, &self.replica);
        let done = merged.on_command((now, actor), command, replica, &mut self.out)?;
        if let Some(told) = self.changed(concerned, done) {
            self.tell(now, Some(actor), told);
        }
        Ok(done)
    }

    /// What came of a change, as a fact of a name.
    fn changed(&self, concerned: Concerned, done: MergedOutcome) -> Option<(Name, Fact)> {
        match (concerned, done) {
            (Concerned::Counter(counter, by), MergedOutcome::Counted { value }) => {
                let value = value.to_string();
                Some((counter.clone(), Fact::CounterChanged { counter, by, value }))
            }
            (Concerned::Variable(variable, reach, there), done) => {
                let removed = done == MergedOutcome::Erased;
                if removed && there.is_none() {
                    return None;
                }
                let scope = match reach {
                    Reach::Local => Scope::Local,
                    Reach::Global => Scope::Global,
                };
                let excerpt = |view: Option<VariableView>| {
                    let value = view?.value.filter(|_| reach == Reach::Global)?;
                    Some(Excerpt::of(&value))
                };
                let new = excerpt(self.merged_variable(&variable, reach));
                let (name, old) = (variable.clone(), excerpt(there));
                Some((name, Fact::VariableWritten { variable, scope, old, new, removed }))
            }
            (Concerned::Counter(..), _) => None,
        }
    }

    /// A counter that merges, as this node knows it; none if nobody ever changed it.
    #[must_use]
    pub fn merged_counter(&self, counter: &Name) -> Option<CounterView> {
        let found = self.merged.find_counter(counter, &self.replica)?;
        Some(found.view(counter))
    }

    /// Every counter that merges, as this node knows it, in the order of their names.
    pub fn merged_counters(&self) -> impl Iterator<Item = CounterView> {
        self.merged.counters().filter_map(|counter| self.merged_counter(counter))
    }

    /// A variable of this node alone, or one that merges, as this node knows it.
    #[must_use]
    pub fn merged_variable(&self, variable: &Name, reach: Reach) -> Option<VariableView> {
        match reach {
            Reach::Local => self.merged.local(variable).map(|found| found.view(variable, self.me)),
            Reach::Global => {
                let (found, version) = self.merged.variable(variable, &self.replica)?;
                found.view(variable, version)
            }
        }
    }

    /// Every variable of this node alone, or every one that merges, in the order of their names.
    #[must_use]
    pub fn merged_variables(&self, reach: Reach, limit: usize) -> Vec<VariableView> {
        let names: Vec<&Name> = match reach {
            Reach::Local => self.merged.locals().map(|(name, _)| name).collect(),
            Reach::Global => self.merged.variables().collect(),
        };
        let found = names.into_iter().filter_map(|name| self.merged_variable(name, reach));
        found.take(limit).collect()
    }
}

/// What a change concerns, as it was before.
enum Concerned {
    Counter(Name, i64),
    Variable(Name, Reach, Option<VariableView>),
}
