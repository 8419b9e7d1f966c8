//! Views as rows with an `id`, and what changed between two of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    slice::from_ref,
    sync::Arc,
};

use covey_logic::{
    Name, NodeId,
    event::EventRecord,
    node::{AgentView, NodeView, StatusView},
    pairing::PairingView,
    registry::ChangeView,
    settings::VersionView,
};
use serde::Serialize;
use serde_json::Value;

use crate::{Views, comms::LogLine, handle::TrafficView};

use super::{Topic, command};

/// What must be said so that a reader of the old view sees the new one.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Changes {
    pub(super) rows: Vec<Value>,
    pub(super) removed: Vec<String>,
    /// Whether the rows are all there are, and the reader must forget the others.
    pub(super) whole: bool,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        !self.whole && self.rows.is_empty() && self.removed.is_empty()
    }
}

/// What changed of `topic` since `before`; everything if that is none.
pub(super) fn changes(topic: &Topic, before: Option<&Views>, now: &Views) -> Changes {
    match topic {
        Topic::Status => table(before.map(|views| from_ref(&views.status)), from_ref(&now.status)),
        Topic::Pairing => {
            table(before.map(|views| from_ref(&views.pairing)), from_ref(&now.pairing))
        }
        Topic::Nodes => table(before.map(|views| &*views.nodes), &now.nodes),
        Topic::Agents => table(before.map(|views| &*views.agents), &now.agents),
        Topic::Traffic => table(before.map(|views| &*views.traffic), &now.traffic),
        Topic::Events => stream(before.map(|views| &*views.events), &now.events),
        Topic::Logs { .. } | Topic::Names { .. } | Topic::Settings { .. } => Changes::default(),
    }
}

/// A view that is a row.
pub(super) trait Row: Serialize + PartialEq {
    type Key: Ord + Display;

    fn key(&self) -> Self::Key;
}

/// The row as JSON with its `id`.
pub(super) fn row<R: Row>(row: &R) -> Value {
    let mut value = command::write(row);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("id".to_owned(), Value::String(row.key().to_string()));
    }
    value
}

/// Rows that come, change and go.
fn table<R: Row>(before: Option<&[R]>, now: &[R]) -> Changes {
    let Some(before) = before else {
        return Changes { rows: now.iter().map(row).collect(), removed: Vec::new(), whole: true };
    };
    let mut gone: BTreeMap<R::Key, &R> = before.iter().map(|old| (old.key(), old)).collect();
    let (mut rows, mut removed) = (Vec::new(), Vec::new());
    for new in now {
        match gone.remove(&new.key()) {
            None => rows.push(row(new)),
            Some(old) if old == new => {}
            Some(old) => match fields(&row(old), row(new)) {
                Ok(changed) => rows.push(changed),
                Err(whole) => {
                    removed.push(new.key().to_string());
                    rows.push(whole);
                }
            },
        }
    }
    removed.extend(gone.into_keys().map(|key| key.to_string()));
    Changes { rows, removed, whole: false }
}

/// The `id` of a row and what changed of it; the whole row if a field of `old` is no more.
fn fields(old: &Value, mut new: Value) -> Result<Value, Value> {
    let (Some(before), Some(now)) = (old.as_object(), new.as_object_mut()) else {
        return Err(new);
    };
    if before.keys().any(|field| !now.contains_key(field)) {
        return Err(new);
    }
    now.retain(|field, value| field == "id" || before.get(field) != Some(value));
    Ok(new)
}

/// Rows that come and never change; those that went out of the window are not taken away.
fn stream<R: Row>(before: Option<&[R]>, now: &[R]) -> Changes {
    let Some(before) = before else { return table(None, now) };
    let old: BTreeSet<R::Key> = before.iter().map(Row::key).collect();
    let fresh: Vec<&R> = now.iter().filter(|new| !old.contains(&new.key())).collect();
    // Without an overlap some may have come and gone unseen: the reader starts afresh.
    let whole = !old.is_empty() && fresh.len() == now.len() && !now.is_empty();
    Changes { rows: fresh.into_iter().map(row).collect(), removed: Vec::new(), whole }
}

impl Row for StatusView {
    type Key = &'static str;

    fn key(&self) -> &'static str {
        "status"
    }
}

impl Row for PairingView {
    type Key = &'static str;

    fn key(&self) -> &'static str {
        "pairing"
    }
}

impl Row for NodeView {
    type Key = NodeId;

    fn key(&self) -> NodeId {
        self.id
    }
}

impl Row for AgentView {
    type Key = Name;

    fn key(&self) -> Name {
        self.id.clone()
    }
}

impl Row for TrafficView {
    type Key = NodeId;

    fn key(&self) -> NodeId {
        self.id
    }
}

/// An event is named by who saw it and its place there.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EventKey(NodeId, u64);

impl Display for EventKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.0, self.1)
    }
}

impl Row for Arc<EventRecord> {
    type Key = EventKey;

    fn key(&self) -> EventKey {
        EventKey(self.origin, self.seq)
    }
}

impl Row for ChangeView {
    type Key = u64;

    fn key(&self) -> u64 {
        self.seq
    }
}

impl Row for VersionView {
    type Key = u64;

    fn key(&self) -> u64 {
        self.version
    }
}

impl Row for LogLine {
    type Key = u64;

    fn key(&self) -> u64 {
        self.seq
    }
}
