//! Every variable and every settled question, within one bound of bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    coordination::{Coordination, Done, Outcome, Refused, Terms, Variable, Written, machine::room},
    ids::{Name, NodeId},
};

/// Every variable and every settled question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Variables {
    variables: BTreeMap<Name, Variable>,
    decisions: BTreeMap<Name, Written>,
    /// Of all values, those before the last with them.
    bytes: usize,
}

impl Variables {
    pub(super) fn variables(&self) -> &BTreeMap<Name, Variable> {
        &self.variables
    }

    pub(super) fn decisions(&self) -> &BTreeMap<Name, Written> {
        &self.decisions
    }

    pub(super) fn register(&mut self, name: Name, written: Written, terms: Terms) -> Outcome {
        if !terms.are_sound() {
            return Err(Refused::Terms);
        }
        self.expect(&name, Some(0))?;
        self.make(name, written, terms)
    }

    pub(super) fn write(&mut self, name: Name, written: Written, expected: Option<u64>) -> Outcome {
        self.expect(&name, expected)?;
        let Some(there) = self.variables.get(&name) else {
            return self.make(name, written, Terms::default());
        };
        may_write(&name, &there.terms, &written)?;
        self.space_for(&written)?;
        let version = written.version;
        if let Some(there) = self.variables.get_mut(&name) {
            let before = there.bytes();
            there.write(written);
            self.bytes = self.bytes - before + there.bytes();
        }
        Ok(Done::Wrote { version })
    }

    pub(super) fn erase(&mut self, name: &Name, by: NodeId, expected: Option<u64>) -> Outcome {
        self.expect(name, expected)?;
        if self.variables.get(name).is_some_and(|there| !there.terms.admits(by)) {
            return Err(Refused::NotWriter { variable: name.clone() });
        }
        if let Some(gone) = self.variables.remove(name) {
            self.bytes -= gone.bytes();
        }
        Ok(Done::Erased)
    }

    pub(super) fn decide(&mut self, question: Name, proposed: Written) -> Outcome {
        if let Some(settled) = self.decisions.get(&question) {
            return Ok(Done::Decided { version: settled.version, first: false });
        }
        room(self.decisions.len())?;
        self.space_for(&proposed)?;
        let version = proposed.version;
        self.bytes += proposed.value.len();
        self.decisions.insert(question, proposed);
        Ok(Done::Decided { version, first: true })
    }

    pub(super) fn reopen(&mut self, question: &Name) -> Done {
        if let Some(gone) = self.decisions.remove(question) {
            self.bytes -= gone.value.len();
        }
        Done::Erased
    }

    fn make(&mut self, name: Name, written: Written, terms: Terms) -> Outcome {
        may_write(&name, &terms, &written)?;
        room(self.variables.len())?;
        self.space_for(&written)?;
        let version = written.version;
        self.bytes += written.value.len();
        self.variables.insert(name, Variable::new(written, terms));
        Ok(Done::Wrote { version })
    }

    fn expect(&self, variable: &Name, expected: Option<u64>) -> Result<(), Refused> {
        let version = self.variables.get(variable).map_or(0, |there| there.last.version);
        if expected.is_none_or(|expected| expected == version) {
            Ok(())
        } else {
            Err(Refused::Conflict { variable: variable.clone(), version })
        }
    }

    fn space_for(&self, written: &Written) -> Result<(), Refused> {
        let (bytes, capacity) = (written.value.len(), Variable::MAX_LEN);
        if bytes > capacity {
            return Err(Refused::TooLarge { bytes, capacity });
        }
        let capacity = Coordination::MAX_BYTES;
        if self.bytes + bytes > capacity {
            return Err(Refused::OutOfSpace { capacity });
        }
        Ok(())
    }
}

fn may_write(variable: &Name, terms: &Terms, written: &Written) -> Result<(), Refused> {
    if !terms.admits(written.by) {
        return Err(Refused::NotWriter { variable: variable.clone() });
    }
    if !terms.rule.allows(&written.value) {
        return Err(Refused::Unfit { variable: variable.clone() });
    }
    Ok(())
}
