//! Pictures for people.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    coordination::{
        Barrier, Counter, Fate, Holder, Place, Scope, Seats, Strategy, Terms, Variable, Written,
    },
    ids::{Name, NodeId},
    time::Wall,
};

/// A lock, an election or a semaphore that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlaceView {
    /// Which.
    pub place: Place,
    /// How many may hold it at once.
    pub permits: u32,
    /// Who does, the first first.
    pub holds: Vec<HoldView>,
    /// Who waits, first come first.
    pub line: Vec<Holder>,
}

/// One holding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HoldView {
    /// Whose.
    pub holder: Holder,
    /// Its fencing token; of an election, the term.
    #[ts(type = "number")]
    pub token: u64,
    /// How long a lease lasts without a word.
    #[ts(type = "number")]
    pub lease_ms: u64,
}

/// A barrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BarrierView {
    /// Which.
    #[ts(type = "string")]
    pub name: Name,
    /// How many it takes to open.
    pub parties: u32,
    /// Which generation gathers; nought while nobody is there.
    #[ts(type = "number")]
    pub generation: u64,
    /// Who is there.
    pub arrived: Vec<Holder>,
    /// How the last generation ended, if one did that is remembered.
    pub last: Option<Fate>,
}

/// A counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CounterView {
    /// Which.
    #[ts(type = "string")]
    pub name: Name,
    /// Which nodes have a part in it: all by a majority, or each by itself.
    pub scope: Scope,
    /// Its value, in decimal: it may pass what a number of JavaScript holds.
    pub value: String,
    /// The entry that changed it last; in scope `global`, how many changes are known.
    #[ts(type = "number")]
    pub version: u64,
}

/// A variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VariableView {
    /// Which.
    #[ts(type = "string")]
    pub name: Name,
    /// Which nodes have it.
    pub scope: Scope,
    /// What it holds; none while several writes stand beside each other.
    pub value: Option<String>,
    /// The entry that wrote it; in scope `global`, how many writes are known here.
    #[ts(type = "number")]
    pub version: u64,
    /// The node whose user wrote it, last if it is made of several writes.
    #[ts(type = "string")]
    pub by: NodeId,
    /// What it may hold, and who may write it.
    pub terms: Terms,
    /// What becomes of writes that knew nothing of each other; none in scope `local`, where there
    /// are none.
    pub strategy: Option<Strategy>,
    /// The writes that it is made of, if they are several, the last one last.
    pub conflict: Vec<ConflictView>,
    /// What it held before, the latest last, as far as it is remembered.
    pub history: Vec<WrittenView>,
}

/// One write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WrittenView {
    /// What was written.
    pub value: String,
    /// The entry that wrote it.
    #[ts(type = "number")]
    pub version: u64,
    /// The node whose user wrote it.
    #[ts(type = "string")]
    pub by: NodeId,
}

/// One of several writes that knew nothing of each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConflictView {
    /// What was written.
    pub value: String,
    /// The node whose user wrote it.
    #[ts(type = "string")]
    pub by: NodeId,
    /// When, by the hybrid clock of that node.
    #[ts(type = "number")]
    pub at: Wall,
}

/// A variable in a list: all but what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VariableRow {
    /// Which.
    #[ts(type = "string")]
    pub name: Name,
    /// Which nodes have it.
    pub scope: Scope,
    /// How long it is; of several writes beside each other, all.
    pub bytes: u32,
    /// The entry that wrote it; in scope `global`, how many writes are known here.
    #[ts(type = "number")]
    pub version: u64,
    /// The node whose user wrote it.
    #[ts(type = "string")]
    pub by: NodeId,
    /// What becomes of writes that knew nothing of each other; none in scope `local`.
    pub strategy: Option<Strategy>,
    /// How many writes it is made of: more than one is a conflict.
    pub writes: u32,
}

/// A question that is settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DecisionView {
    /// Which.
    #[ts(type = "string")]
    pub question: Name,
    /// What to.
    pub value: String,
    /// The entry that settled it.
    #[ts(type = "number")]
    pub version: u64,
    /// The node whose user proposed it.
    #[ts(type = "string")]
    pub by: NodeId,
}

impl PlaceView {
    /// The picture of a place.
    #[must_use]
    pub fn new(place: &Place, seats: &Seats) -> Self {
        let ms = |span: std::time::Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let holds = seats.holds.iter().map(|hold| HoldView {
            holder: hold.holder.clone(),
            token: hold.token,
            lease_ms: ms(hold.lease),
        });
        Self {
            place: place.clone(),
            permits: seats.permits,
            holds: holds.collect(),
            line: seats.line.iter().map(|waiter| waiter.holder.clone()).collect(),
        }
    }
}

impl BarrierView {
    /// The picture of a barrier.
    #[must_use]
    pub fn new(name: &Name, barrier: &Barrier) -> Self {
        Self {
            name: name.clone(),
            parties: barrier.parties,
            generation: barrier.generation,
            arrived: barrier.arrived.keys().cloned().collect(),
            last: barrier.ended.back().map(|(_, fate)| fate.clone()),
        }
    }
}

impl CounterView {
    /// The picture of a counter.
    #[must_use]
    pub fn new(name: &Name, counter: Counter) -> Self {
        let scope = Scope::Cluster;
        let value = counter.value.to_string();
        Self { name: name.clone(), scope, value, version: counter.version }
    }
}

impl VariableRow {
    /// The picture of a variable.
    #[must_use]
    pub fn new(name: &Name, variable: &Variable) -> Self {
        let Written { value, version, by } = &variable.last;
        let bytes = u32::try_from(value.len()).unwrap_or(u32::MAX);
        Self {
            name: name.clone(),
            scope: Scope::Cluster,
            bytes,
            version: *version,
            by: *by,
            strategy: Some(Strategy::Consensus),
            writes: 1,
        }
    }
}

impl VariableView {
    /// The picture of a variable.
    #[must_use]
    pub fn new(name: &Name, variable: &Variable) -> Self {
        Self {
            name: name.clone(),
            scope: Scope::Cluster,
            value: Some(variable.last.value.clone()),
            version: variable.last.version,
            by: variable.last.by,
            terms: variable.terms.clone(),
            strategy: Some(Strategy::Consensus),
            conflict: Vec::new(),
            history: variable.before.iter().map(WrittenView::new).collect(),
        }
    }
}

impl WrittenView {
    /// The picture of a write.
    #[must_use]
    pub fn new(written: &Written) -> Self {
        Self { value: written.value.clone(), version: written.version, by: written.by }
    }
}

impl DecisionView {
    /// The picture of a settled question.
    #[must_use]
    pub fn new(question: &Name, settled: &Written) -> Self {
        let Written { value, version, by } = settled;
        Self { question: question.clone(), value: value.clone(), version: *version, by: *by }
    }
}
