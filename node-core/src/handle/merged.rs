//! Counters and variables that need no majority, asked of this node.

use std::sync::Arc;

use covey_logic::{
    Command, Name, Node, Outcome,
    coordination::{CounterView, Scope, VariableRow, VariableView},
    merged::{MergedCommand, MergedOutcome, Reach},
};

use super::{AskError, CoordinationView, Primitives};
use crate::consensus::Group;

/// What may have one name in several scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A counter.
    Counter,
    /// A variable.
    Variable,
}

impl Primitives {
    /// Carries out a change that needs nobody else; it is on this node's disk when this returns,
    /// and the others hear of it.
    ///
    /// Dropped, the change may be made all the same.
    ///
    /// # Errors
    ///
    /// See [`AskError`].
    pub async fn change(&self, command: MergedCommand) -> Result<MergedOutcome, AskError> {
        let answer = self.asking.command(self.me, Command::Merged(command)).await?;
        let Outcome::Merged(done) = answer else { return Err(AskError::TimedOut) };
        Ok(done)
    }

    /// A counter of scope `global`, as this node knows it; none if nobody ever changed it.
    ///
    /// # Errors
    ///
    /// [`AskError::Stopped`].
    pub async fn merged_counter(&self, counter: Name) -> Result<Option<CounterView>, AskError> {
        self.asking.look(move |node| node.merged_counter(&counter)).await
    }

    /// A variable of scope `global`, as this node knows it, or one of this node alone.
    ///
    /// # Errors
    ///
    /// [`AskError::Stopped`].
    pub async fn merged_variable(
        &self,
        variable: Name,
        reach: Reach,
    ) -> Result<Option<VariableView>, AskError> {
        self.asking.look(move |node| node.merged_variable(&variable, reach)).await
    }

    /// The scopes in which a name is there, as far as this node knows: one, unless two sides of a
    /// split gave it to different things.
    ///
    /// # Errors
    ///
    /// [`AskError::Stopped`].
    pub async fn scopes(&self, named: Named, name: Name) -> Result<Vec<Scope>, AskError> {
        let agreed = self.group().is_ok_and(|group| is_agreed(&group, named, &name));
        let mut scopes = self.asking.look(move |node| scopes(node, named, &name)).await?;
        if agreed {
            scopes.push(Scope::Cluster);
        }
        Ok(scopes)
    }

    /// The primitives of every scope, as this node has them.
    ///
    /// # Errors
    ///
    /// [`AskError::Stopped`].
    pub async fn whole_view(&self) -> Result<CoordinationView, AskError> {
        const MOST: usize = Primitives::LISTED;
        let look = |node: &Node| {
            let counters: Vec<_> = node.merged_counters().take(MOST).collect();
            let variables = |reach| node.merged_variables(reach, MOST);
            (counters, [variables(Reach::Global), variables(Reach::Local)].concat())
        };
        let (counters, variables) = self.asking.look(look).await?;
        let mut view = self.view();
        view.counters.extend(counters);
        view.variables.extend(variables.iter().map(VariableRow::of));
        view.counters.sort_by(|one, other| one.name.cmp(&other.name));
        view.variables.sort_by(|one, other| one.name.cmp(&other.name));
        view.counters.truncate(MOST);
        view.variables.truncate(MOST);
        Ok(view)
    }
}

fn is_agreed(group: &Arc<Group>, named: Named, name: &Name) -> bool {
    let (there, _) = group.look_here(|agreed| {
        let state = agreed.coordination();
        match named {
            Named::Counter => state.counter(name).version > 0,
            Named::Variable => state.variable(name).is_some(),
        }
    });
    there
}

fn scopes(node: &Node, named: Named, name: &Name) -> Vec<Scope> {
    let variable = |reach| node.merged_variable(name, reach).is_some();
    let (global, local) = match named {
        Named::Counter => (node.merged_counter(name).is_some(), false),
        Named::Variable => (variable(Reach::Global), variable(Reach::Local)),
    };
    let found = [(global, Scope::Global), (local, Scope::Local)];
    found.into_iter().filter_map(|(there, scope)| there.then_some(scope)).collect()
}
