//! Commands about events: telling, searching, following and checking them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use covey_logic::{
    Command, Name, NodeId, Outcome, Wall,
    event::{Class, EventId, EventNameError, EventRecord, EventType, Fact, Report},
    event_store::Lag,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

use super::{Cause, Control, UiError, core::unexpected};
use crate::store;

/// Tells of events of one's own making, all or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AppendEvents {
    /// The events: 1,000 at most, with 1 MiB of bodies together.
    pub events: Vec<NewEvent>,
    /// What must hold before they are acknowledged; being on this node's disk if nothing is said.
    #[serde(default)]
    #[ts(as = "Option<Class>", optional)]
    pub class: Class,
}

/// An event to be told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct NewEvent {
    /// What kind of thing it was: words with dots between them, as in `shop.order.paid`.
    #[serde(rename = "type")]
    #[ts(type = "string")]
    pub kind: EventType,
    /// What there is to say about it; 64 KiB at most.
    #[serde(default)]
    #[ts(type = "Record<string, unknown>")]
    pub body: Map<String, Value>,
    /// What it belongs to.
    #[serde(default)]
    #[ts(optional)]
    pub correlation: Option<String>,
    /// The event it follows from.
    #[serde(default)]
    #[ts(optional, type = "string")]
    pub parent: Option<EventId>,
}

/// Events that were taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EventsAppended {
    /// The first of them; the others are numbered on from there.
    #[ts(type = "string")]
    pub first: EventId,
    /// How many.
    pub count: u32,
    /// On how many disks they are, as far as this node was told.
    pub copies: u32,
}

/// Which stored events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields)]
pub struct EventQuery {
    /// Only of these kinds, as [`Fact`] is tagged, or of types that begin so: `shop.order`, `shop.`.
    pub kinds: Option<Vec<String>>,
    /// Only those this node saw.
    #[ts(optional, type = "string")]
    pub origin: Option<NodeId>,
    /// Only those of this agent or name.
    #[ts(optional, type = "string")]
    pub name: Option<Name>,
    /// Only those that belong to this.
    pub correlation: Option<String>,
    /// Only those that follow from this event.
    #[ts(optional, type = "string")]
    pub parent: Option<EventId>,
    /// Only those whose JSON has this text in it; A to Z are as a to z.
    pub text: Option<String>,
    /// Only from this moment on.
    #[ts(optional, type = "number")]
    pub since: Option<Wall>,
    /// Only before this moment.
    #[ts(optional, type = "number")]
    pub until: Option<Wall>,
    /// Which come first; the newest if nothing is said.
    #[ts(optional)]
    pub order: Option<EventOrder>,
    /// Only those after this place in that order, as [`EventPage::next`] gave it.
    pub after: Option<String>,
    /// How many at most; 100 if none is said, 1,000 at most.
    pub limit: Option<u32>,
}

/// Which events come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EventOrder {
    /// The newest.
    Newest,
    /// The oldest.
    Oldest,
}

/// Stored events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EventPage {
    /// The events, in the order that was asked for.
    pub events: Vec<Arc<EventRecord>>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// Reads one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GetEvent {
    /// Which, `origin/seq`.
    #[ts(type = "string")]
    pub event: EventId,
}

/// Reads the oldest events that belong together, in causal order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TraceEvents {
    /// What they belong to.
    pub correlation: String,
}

/// Events that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EventTrace {
    /// The events: each after its parent, and otherwise by their stamps; 1,000 at most.
    pub events: Vec<Arc<EventRecord>>,
    /// Whether there are more.
    pub more: bool,
}

/// Waits for events after a position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FollowEvents {
    /// A position that a reply gave, `oldest`, or `newest`.
    pub position: String,
    /// How many at most; 100 if none is said, 1,000 at most.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
    /// How long to wait if there is none, 30 s at most; at `newest` the reply comes at once.
    #[serde(default)]
    #[ts(as = "Option<u32>", optional)]
    pub wait_ms: u32,
}

/// What comes after a position.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EventsFollowed {
    /// The events: those of each node in their order, each once.
    pub events: Vec<Arc<EventRecord>>,
    /// What is missing before or between them, because it is kept no more.
    pub gaps: Vec<EventGap>,
    /// Where to go on, on whichever node.
    pub position: String,
    /// Whether there is more already.
    pub more: bool,
}

/// Events that are kept no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EventGap {
    /// Whose.
    #[ts(type = "string")]
    pub origin: NodeId,
    /// The number of the first that is missing.
    #[ts(type = "number")]
    pub from: u64,
    /// The number of the last.
    #[ts(type = "number")]
    pub to: u64,
}

/// Reads how many events there are and what they take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GetEventStatistics {}

/// How many events there are on this node, and what they take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EventStatistics {
    /// How many.
    #[ts(type = "number")]
    pub events: u64,
    /// Bytes that they take.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Bytes of the whole database.
    #[ts(type = "number")]
    pub file_bytes: u64,
    /// Bytes that events may take.
    #[ts(type = "number")]
    pub max_bytes: u64,
    /// How old they may grow, in milliseconds.
    #[ts(type = "number")]
    pub max_age_ms: u64,
    /// For each node of which there are any.
    pub origins: Vec<EventOrigin>,
    /// How far other members are behind this node's events.
    pub lags: Vec<Lag>,
}

/// How many events of a node there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EventOrigin {
    /// Whose.
    #[ts(type = "string")]
    pub node: NodeId,
    /// The number of the first that is held; one more than the last if none is.
    #[ts(type = "number")]
    pub first: u64,
    /// The number of the last.
    #[ts(type = "number")]
    pub last: u64,
    /// When the first was seen.
    #[ts(type = "number | null")]
    pub oldest: Option<Wall>,
    /// When the last was.
    #[ts(type = "number | null")]
    pub newest: Option<Wall>,
}

/// Reads every stored event and says what is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CheckEvents {}

/// What is wrong with stored events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EventCheck {
    /// How many were read.
    #[ts(type = "number")]
    pub events: u64,
    /// What is wrong, in words; nothing if they are as they were written.
    pub faults: Vec<String>,
}

impl EventQuery {
    /// Events of a page if nothing is said.
    pub const DEFAULT_LIMIT: u32 = 100;
    /// Events of a page at most.
    pub const MAX_LIMIT: u32 = store::EventQuery::MAX_LIMIT;
}

impl FollowEvents {
    /// The longest wait.
    pub const MAX_WAIT: Duration = Duration::from_secs(30);
    /// Everything that is held.
    pub const OLDEST: &str = "oldest";
    /// Only what comes from here on.
    pub const NEWEST: &str = "newest";
}

pub(super) async fn append(
    control: &Control,
    request: AppendEvents,
) -> Result<EventsAppended, UiError> {
    let report = |new: NewEvent| {
        let NewEvent { kind, body, correlation, parent } = new;
        Report { kind, body, correlation, parent, class: Class::Local, batch: None }
    };
    let reports = request.events.into_iter().map(report).collect();
    match control.command(Command::Report { reports, class: request.class }).await? {
        Outcome::Reported(receipt) => Ok(EventsAppended {
            first: EventId { origin: receipt.origin, seq: receipt.first },
            count: receipt.count,
            copies: receipt.copies,
        }),
        other @ (Outcome::Done
        | Outcome::Invite { .. }
        | Outcome::Names(_)
        | Outcome::Name(_)
        | Outcome::Merged(_)) => Err(unexpected(&other)),
    }
}

pub(super) async fn query(control: &Control, query: EventQuery) -> Result<EventPage, UiError> {
    check_limit(query.limit)?;
    query.kinds.iter().flatten().try_for_each(|kind| check_kind(kind))?;
    control.backend().query_events(query).await
}

pub(super) async fn get(
    control: &Control,
    request: GetEvent,
) -> Result<Option<Arc<EventRecord>>, UiError> {
    control.backend().event(request.event).await
}

pub(super) async fn trace(control: &Control, request: TraceEvents) -> Result<EventTrace, UiError> {
    let query = EventQuery {
        correlation: Some(request.correlation),
        order: Some(EventOrder::Oldest),
        limit: Some(EventQuery::MAX_LIMIT),
        ..EventQuery::default()
    };
    let page = control.backend().query_events(query).await?;
    Ok(EventTrace { events: causal(page.events), more: page.next.is_some() })
}

pub(super) async fn follow(
    control: &Control,
    request: FollowEvents,
) -> Result<EventsFollowed, UiError> {
    check_limit(request.limit)?;
    if Duration::from_millis(request.wait_ms.into()) > FollowEvents::MAX_WAIT {
        let (field, value) = ("wait_ms".to_owned(), request.wait_ms.to_string());
        return Err(Cause::Invalid { field, value }.into());
    }
    control.backend().follow_events(request).await
}

pub(super) async fn statistics(
    control: &Control,
    _: GetEventStatistics,
) -> Result<EventStatistics, UiError> {
    control.backend().event_statistics().await
}

pub(super) async fn check(control: &Control, _: CheckEvents) -> Result<EventCheck, UiError> {
    control.backend().check_events().await
}

fn check_limit(limit: Option<u32>) -> Result<(), UiError> {
    match limit {
        Some(limit) if !(1..=EventQuery::MAX_LIMIT).contains(&limit) => {
            Err(Cause::Invalid { field: "limit".into(), value: limit.to_string() }.into())
        }
        Some(_) | None => Ok(()),
    }
}

/// Refuses a kind that no fact has, with the list of those that are, and the beginning of a type
/// that no type has.
fn check_kind(kind: &str) -> Result<(), UiError> {
    if kind.contains('.') {
        let whole = kind.strip_suffix('.').map_or_else(|| kind.to_owned(), |it| format!("{it}.x"));
        let refusal = |error: EventNameError| Cause::BadArguments { reason: error.to_string() };
        return EventType::new(&whole).map(drop).map_err(|error| refusal(error).into());
    }
    match serde_json::from_value::<Fact>(serde_json::json!({ "kind": kind })) {
        Err(error) if error.to_string().starts_with("unknown variant") => {
            Err(Cause::BadArguments { reason: error.to_string() }.into())
        }
        // The kind is known; only the fields of the fact are missing.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Puts each event after its parent, where the stamps do not: a clock that was far ahead stamps a
/// parent later than a child that another node saw.
fn causal(events: Vec<Arc<EventRecord>>) -> Vec<Arc<EventRecord>> {
    let parent = |event: &EventRecord| event.report().and_then(|report| report.parent);
    let mut waiting: BTreeMap<EventId, Vec<Arc<EventRecord>>> = BTreeMap::new();
    let mut missing: std::collections::BTreeSet<EventId> =
        events.iter().map(|event| event.id()).collect();
    let mut ordered = Vec::with_capacity(events.len());
    for event in events {
        match parent(&event).filter(|parent| missing.contains(parent)) {
            Some(parent) => waiting.entry(parent).or_default().push(event),
            None => {
                let mut ready = vec![event];
                while let Some(event) = ready.pop() {
                    missing.remove(&event.id());
                    // The first of those that waited comes first.
                    ready.extend(waiting.remove(&event.id()).into_iter().flatten().rev());
                    ordered.push(event);
                }
            }
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use covey_logic::hlc::Stamp;

    use super::*;

    #[test]
    fn child_whose_clock_was_behind_comes_after_its_parent() {
        let order =
            causal(vec![event(3, Some(5)), event(4, Some(3)), event(5, None), event(6, None)]);

        assert_eq!(order.iter().map(|event| event.seq).collect::<Vec<_>>(), [5, 3, 4, 6]);
    }

    #[test]
    fn parent_that_is_not_among_them_keeps_nobody_back() {
        let order = causal(vec![event(3, Some(1)), event(4, None)]);

        assert_eq!(order.iter().map(|event| event.seq).collect::<Vec<_>>(), [3, 4]);
    }

    fn event(seq: u64, parent: Option<u64>) -> Arc<EventRecord> {
        let origin = NodeId([1; 32]);
        let report = Report {
            kind: EventType::new("shop.order").unwrap(),
            body: Map::new(),
            correlation: None,
            parent: parent.map(|seq| EventId { origin, seq }),
            class: Class::Local,
            batch: None,
        };
        let stamp = Stamp { wall: Wall(seq), counter: 0, node: origin };
        Arc::new(EventRecord { origin, seq, stamp, actor: None, fact: Fact::Reported(report) })
    }
}
