//! Variables of this node alone, on its disk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    coordination::{Refused, Terms, Variable},
    ids::{Name, NodeId},
    merged::{Merged, VariableAct},
};

/// A variable of this node alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalVariable {
    /// What it holds.
    pub value: String,
    /// Greater with every write, from the wall clock: a variable that was removed and made again
    /// never has a version that somebody may still hold.
    pub version: u64,
    /// What it may hold, and who may write it.
    pub terms: Terms,
}

/// Every variable of this node alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Locals {
    variables: BTreeMap<Name, LocalVariable>,
    bytes: usize,
}

impl Locals {
    pub(super) fn new(kept: Vec<(Name, LocalVariable)>) -> Self {
        let variables: BTreeMap<_, _> = kept.into_iter().collect();
        let bytes = variables.values().map(|there| there.value.len()).sum();
        Self { variables, bytes }
    }

    pub(super) fn get(&self, variable: &Name) -> Option<&LocalVariable> {
        self.variables.get(variable)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Name, &LocalVariable)> {
        self.variables.iter()
    }

    /// What the variable is from here on; none: it is removed.
    pub(super) fn change(
        &mut self,
        (wall, actor): (u64, NodeId),
        variable: &Name,
        act: VariableAct,
    ) -> Result<Option<&LocalVariable>, Refused> {
        let there = self.variables.get(variable);
        let version = there.map_or(0, |there| there.version);
        act.expects(variable, version)?;
        let terms = there.map(|there| there.terms.clone());
        let (value, terms) = match act {
            VariableAct::Register { value, merge } => (Some(value), merge.terms),
            VariableAct::Write { value, .. } => (Some(value), terms.unwrap_or_default()),
            VariableAct::Erase { .. } => (None, terms.unwrap_or_default()),
        };
        if !terms.are_sound() {
            return Err(Refused::Terms);
        }
        if !terms.admits(actor) {
            return Err(Refused::NotWriter { variable: variable.clone() });
        }
        let freed = there.map_or(0, |there| there.value.len());
        let Some(value) = value else {
            self.variables.remove(variable);
            self.bytes -= freed;
            return Ok(None);
        };
        if !terms.rule.allows(&value) {
            return Err(Refused::Unfit { variable: variable.clone() });
        }
        fits(value.len(), self.bytes - freed)?;
        if version == 0 && self.variables.len() >= Merged::CAPACITY {
            return Err(Refused::Full { capacity: Merged::CAPACITY });
        }
        self.bytes = self.bytes - freed + value.len();
        let next = LocalVariable { value, version: wall.max(version.saturating_add(1)), terms };
        self.variables.insert(variable.clone(), next);
        Ok(self.variables.get(variable))
    }
}

/// Whether there is room for a value beside what is there.
pub(super) fn fits(bytes: usize, there: usize) -> Result<(), Refused> {
    let capacity = Variable::MAX_LEN;
    if bytes > capacity {
        return Err(Refused::TooLarge { bytes, capacity });
    }
    let capacity = Merged::MAX_BYTES;
    if there.saturating_add(bytes) > capacity {
        return Err(Refused::OutOfSpace { capacity });
    }
    Ok(())
}
