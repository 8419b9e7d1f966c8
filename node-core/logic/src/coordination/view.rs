//! Pictures for people.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    coordination::{Counter, Holder, Lock, Variable, Written},
    ids::{Name, NodeId},
};

/// A lock that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LockView {
    /// Which.
    #[ts(type = "string")]
    pub name: Name,
    /// Who holds it.
    pub holder: Holder,
    /// The fencing token of the holding.
    #[ts(type = "number")]
    pub token: u64,
    /// How long a lease lasts without a word.
    #[ts(type = "number")]
    pub lease_ms: u64,
    /// Who waits, first come first.
    pub line: Vec<Holder>,
}

/// A counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CounterView {
    /// Which.
    #[ts(type = "string")]
    pub name: Name,
    /// Its value, in decimal: it may pass what a number of JavaScript holds.
    pub value: String,
    /// The entry that changed it last.
    #[ts(type = "number")]
    pub version: u64,
}

/// A variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VariableView {
    /// Which.
    #[ts(type = "string")]
    pub name: Name,
    /// What it holds.
    pub value: String,
    /// The entry that wrote it.
    #[ts(type = "number")]
    pub version: u64,
    /// The node whose user wrote it.
    #[ts(type = "string")]
    pub by: NodeId,
    /// How many writes before that are remembered.
    pub history: u32,
}

/// A variable in a list: all but what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VariableRow {
    /// Which.
    #[ts(type = "string")]
    pub name: Name,
    /// How long it is.
    pub bytes: u32,
    /// The entry that wrote it.
    #[ts(type = "number")]
    pub version: u64,
    /// The node whose user wrote it.
    #[ts(type = "string")]
    pub by: NodeId,
}

impl LockView {
    /// The picture of a lock.
    #[must_use]
    pub fn new(name: &Name, lock: &Lock) -> Self {
        Self {
            name: name.clone(),
            holder: lock.hold.holder.clone(),
            token: lock.hold.token,
            lease_ms: u64::try_from(lock.hold.lease.as_millis()).unwrap_or(u64::MAX),
            line: lock.line.iter().map(|waiter| waiter.holder.clone()).collect(),
        }
    }
}

impl CounterView {
    /// The picture of a counter.
    #[must_use]
    pub fn new(name: &Name, counter: Counter) -> Self {
        Self { name: name.clone(), value: counter.value.to_string(), version: counter.version }
    }
}

impl VariableRow {
    /// The picture of a variable.
    #[must_use]
    pub fn new(name: &Name, variable: &Variable) -> Self {
        let Written { value, version, by } = &variable.last;
        let bytes = u32::try_from(value.len()).unwrap_or(u32::MAX);
        Self { name: name.clone(), bytes, version: *version, by: *by }
    }
}

impl VariableView {
    /// The picture of a variable.
    #[must_use]
    pub fn new(name: &Name, variable: &Variable) -> Self {
        Self {
            name: name.clone(),
            value: variable.last.value.clone(),
            version: variable.last.version,
            by: variable.last.by,
            history: u32::try_from(variable.before.len()).unwrap_or(u32::MAX),
        }
    }
}
