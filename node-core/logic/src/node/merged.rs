//! Counters and variables that need no agreement, read.

use crate::{
    coordination::{CounterView, VariableView},
    ids::Name,
    merged::Reach,
    node::Node,
};

impl Node {
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
