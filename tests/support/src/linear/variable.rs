//! What a variable with versions does.

use super::Model;

/// A variable that is not there at first.
#[derive(Debug)]
pub struct Variable;

/// What a variable is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableOp {
    /// To hold a value, if it is at the version expected.
    Write {
        /// Which value.
        value: u64,
        /// Nought: if it is not there. Nothing: whatever it is.
        expected: Option<u64>,
    },
    /// To be removed, if it is at the version expected.
    Erase {
        /// As above.
        expected: Option<u64>,
    },
    /// To be read.
    Read,
}

/// What a variable answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableRet {
    /// It was written, and has this version.
    Wrote(u64),
    /// It is not there any more.
    Erased,
    /// It is at this version instead.
    Conflict(u64),
    /// Its value and version.
    Was(Option<(u64, u64)>),
}

/// What a variable is between two calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct VariableState {
    /// The value, and its version if that is known: nobody learned it if the writer did not.
    there: Option<(u64, Option<u64>)>,
    /// Every later version is greater.
    floor: u64,
}

impl VariableState {
    /// The same, if it may be at `version`.
    fn at(&self, version: u64) -> Option<Self> {
        match self.there {
            None => (version == 0).then(|| self.clone()),
            Some((_, Some(known))) => (version == known).then(|| self.clone()),
            Some((value, None)) => (version > self.floor)
                .then_some(Self { there: Some((value, Some(version))), floor: version }),
        }
    }

    fn written(&self, value: u64, version: Option<u64>) -> Option<Self> {
        let grows = version.is_none_or(|version| version > self.floor);
        let floor = version.unwrap_or(self.floor);
        grows.then_some(Self { there: Some((value, version)), floor })
    }

    fn expected(&self, version: Option<u64>) -> Option<Self> {
        version.map_or_else(|| Some(self.clone()), |version| self.at(version))
    }
}

impl Model for Variable {
    type State = VariableState;
    type Op = VariableOp;
    type Ret = VariableRet;

    fn step(
        state: &VariableState,
        (_, op): (usize, &VariableOp),
        ret: Option<&VariableRet>,
    ) -> Vec<VariableState> {
        let after = match (op, ret) {
            (VariableOp::Write { value, expected }, None) => {
                state.expected(*expected).and_then(|held| held.written(*value, None))
            }
            (VariableOp::Write { value, expected }, Some(VariableRet::Wrote(version))) => {
                state.expected(*expected).and_then(|held| held.written(*value, Some(*version)))
            }
            (VariableOp::Erase { expected }, None | Some(VariableRet::Erased)) => {
                state.expected(*expected).map(|held| VariableState { there: None, ..held })
            }
            (
                VariableOp::Write { expected: Some(expected), .. }
                | VariableOp::Erase { expected: Some(expected) },
                Some(VariableRet::Conflict(version)),
            ) if expected != version => state.at(*version),
            (VariableOp::Read, Some(VariableRet::Was(None))) => {
                state.there.is_none().then(|| state.clone())
            }
            (VariableOp::Read, Some(VariableRet::Was(Some((value, version))))) => {
                let same = state.there.is_some_and(|(there, _)| there == *value);
                same.then(|| state.at(*version)).flatten()
            }
            _ => None,
        };
        after.into_iter().collect()
    }
}
