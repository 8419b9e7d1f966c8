//! Events as rows, and rows as events.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use covey_logic::{
    Name, NodeId, Wall,
    event::{EventRecord, Fact, Report},
    hlc::Stamp,
};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use super::{error::BadRow, rows};

/// What [`event_of`] reads, for `e`, `n` and `a` as [`JOINS`] has them.
pub(super) const COLUMNS: &str = "n.node, e.seq, e.wall, e.counter, a.node, e.fact, e.sum";
/// The tables that events are read from.
pub(super) const JOINS: &str =
    "event e JOIN node n ON n.id = e.origin LEFT JOIN node a ON a.id = e.actor";

/// The numbers that nodes and kinds have in this database.
#[derive(Debug, Default)]
pub(super) struct Ids {
    nodes: HashMap<NodeId, i64>,
    kinds: HashMap<String, i64>,
}

impl Ids {
    /// What a database has.
    pub(super) async fn load(from: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        let nodes: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT id, node FROM node").fetch_all(&mut *from).await?;
        let kinds: Vec<(i64, String)> =
            sqlx::query_as("SELECT id, name FROM kind").fetch_all(from).await?;
        let node = |(id, node): (i64, Vec<u8>)| Some((rows::node_of(&node, "node").ok()?, id));
        Ok(Self {
            nodes: nodes.into_iter().filter_map(node).collect(),
            kinds: kinds.into_iter().map(|(id, name)| (name, id)).collect(),
        })
    }

    /// The number of a node, which it is given if it has none.
    pub(super) async fn node(
        &mut self,
        node: NodeId,
        to: &mut SqliteConnection,
    ) -> Result<i64, sqlx::Error> {
        if let Some(id) = self.nodes.get(&node) {
            return Ok(*id);
        }
        let id = sqlx::query_scalar("INSERT INTO node (node) VALUES (?) RETURNING id")
            .bind(node.0.to_vec())
            .fetch_one(to)
            .await?;
        self.nodes.insert(node, id);
        Ok(id)
    }

    async fn kind(&mut self, kind: &str, to: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
        if let Some(id) = self.kinds.get(kind) {
            return Ok(*id);
        }
        let id = sqlx::query_scalar("INSERT INTO kind (name) VALUES (?) RETURNING id")
            .bind(kind.to_owned())
            .fetch_one(to)
            .await?;
        self.kinds.insert(kind.to_owned(), id);
        Ok(id)
    }
}

/// An event as the columns of its row.
#[derive(Debug)]
pub(super) struct EventRow {
    pub(super) origin: i64,
    pub(super) seq: i64,
    pub(super) wall: i64,
    pub(super) counter: i64,
    pub(super) kind: i64,
    pub(super) actor: Option<i64>,
    pub(super) agent: Option<String>,
    pub(super) correlation: Option<String>,
    pub(super) parent: Option<(i64, i64)>,
    pub(super) fact: String,
    pub(super) sum: i64,
}

impl EventRow {
    /// The row of an event; what it names gets its number in `to`.
    pub(super) async fn new(
        event: &EventRecord,
        ids: &mut Ids,
        to: &mut SqliteConnection,
    ) -> Result<Self, sqlx::Error> {
        let fact = serde_json::to_string(&event.fact)
            .map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        let actor = match event.actor {
            Some(actor) => Some(ids.node(actor, to).await?),
            None => None,
        };
        let parent = match event.report().and_then(|report| report.parent) {
            Some(parent) => Some((ids.node(parent.origin, to).await?, rows::column(parent.seq))),
            None => None,
        };
        let (seq, wall) = (rows::column(event.seq), rows::column(event.stamp.wall.0));
        let counter = i64::from(event.stamp.counter);
        let names = (event.origin.0.as_slice(), event.actor.as_ref().map(|it| it.0.as_slice()));
        Ok(Self {
            origin: ids.node(event.origin, to).await?,
            seq,
            wall,
            counter,
            kind: ids.kind(kind_of(&event.fact, &fact), to).await?,
            actor,
            agent: agent_of(&event.fact).map(|name| name.as_str().to_owned()),
            correlation: event.correlation().map(Cow::into_owned),
            parent,
            sum: sum_of(names, [seq, wall, counter], &fact),
            fact,
        })
    }
}

/// The CRC-32 of what an event says: its origin and actor, its numbers, and its fact. There are
/// thousands in a second, and what is looked for is a disk that errs.
fn sum_of((origin, actor): (&[u8], Option<&[u8]>), numbers: [i64; 3], fact: &str) -> i64 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(origin);
    hasher.update(actor.unwrap_or_default());
    hasher.update(numbers.map(i64::to_be_bytes).as_flattened());
    hasher.update(fact.as_bytes());
    i64::from(hasher.finalize())
}

/// The event of a row of [`COLUMNS`].
pub(super) fn event_of(row: &SqliteRow) -> Result<Arc<EventRecord>, BadRow> {
    let event = read(row).filter(|_| is_whole(row) == Some(true));
    event.map(Arc::new).ok_or(BadRow("event"))
}

/// Whether a row of [`COLUMNS`] is what was written, as far as a sum tells; none if it is no row of
/// an event.
pub(super) fn is_whole(row: &SqliteRow) -> Option<bool> {
    let Some(sum) = row.try_get::<Option<i64>, _>(6).ok()? else { return Some(true) };
    let names = (row.try_get(0).ok()?, row.try_get(4).ok()?);
    let number = |index: usize| row.try_get::<i64, _>(index).ok();
    Some(sum == sum_of(names, [number(1)?, number(2)?, number(3)?], row.try_get(5).ok()?))
}

fn read(row: &SqliteRow) -> Option<EventRecord> {
    let node = |index: usize| row.try_get::<&[u8], _>(index).ok()?.try_into().ok().map(NodeId);
    let number = |index: usize| u64::try_from(row.try_get::<i64, _>(index).ok()?).ok();
    let origin = node(0)?;
    let actor = match row.try_get::<Option<&[u8]>, _>(4).ok()? {
        Some(_) => Some(node(4)?),
        None => None,
    };
    let fact = serde_json::from_str(row.try_get::<&str, _>(5).ok()?).ok()?;
    let (wall, counter) = (Wall(number(2)?), u32::try_from(number(3)?).ok()?);
    let stamp = Stamp { wall, counter, node: origin };
    Some(EventRecord { origin, seq: number(1)?, stamp, actor, fact })
}

/// The kind of a fact whose JSON is known: an application's own, or that of Covey.
pub(super) fn kind_of<'a>(fact: &'a Fact, json: &'a str) -> &'a str {
    if let Fact::Reported(Report { kind, .. }) = fact {
        return kind.as_str();
    }
    // The tag of a fact is its first field.
    json.strip_prefix(r#"{"kind":""#).and_then(|rest| rest.split('"').next()).unwrap_or_default()
}

/// The agent or name that a fact is about.
#[expect(clippy::too_many_lines, reason = "a line for each kind")]
pub(super) fn agent_of(fact: &Fact) -> Option<&Name> {
    match fact {
        Fact::AgentWanted { name }
        | Fact::AgentUnwanted { name }
        | Fact::AgentRestartAsked { name }
        | Fact::AgentMoveAsked { name, .. }
        | Fact::AgentRemoved { name }
        | Fact::AgentPlaced { name, .. }
        | Fact::AgentStarted { name }
        | Fact::AgentExited { name, .. }
        | Fact::AgentHandedOver { name, .. }
        | Fact::HandOverFailed { name, .. }
        | Fact::StateRestored { name, .. }
        | Fact::StateLost { name, .. }
        | Fact::AgentConflicted { name }
        | Fact::BreakerTurned { name, .. }
        | Fact::AgentUnpaid { name, .. }
        | Fact::ClaimLost { name, .. } => Some(name),
        Fact::AlertRaised { subject, .. }
        | Fact::AlertCleared { subject, .. }
        | Fact::AlertMuted { subject, .. }
        | Fact::AlertUnmuted { subject, .. }
        | Fact::AlertAcknowledged { subject, .. } => subject.agent(),
        Fact::NodeStarted { .. }
        | Fact::SessionStarted { .. }
        | Fact::SessionEnded { .. }
        | Fact::CreditsIssued { .. }
        | Fact::AuctionOpened { .. }
        | Fact::AuctionClosed { .. }
        | Fact::AuctionCancelled { .. }
        | Fact::ClusterEntered { .. }
        | Fact::RateReset { .. }
        | Fact::CounterChanged { .. }
        | Fact::VariableWritten { .. }
        | Fact::EventsOmitted { .. }
        | Fact::SettingChanged { .. }
        | Fact::SettingsQueued { .. }
        | Fact::SettingsDropped { .. }
        | Fact::GroupRecovered { .. }
        | Fact::StoreSetAside { .. }
        | Fact::EventsLost { .. }
        | Fact::PlaceTaken { .. }
        | Fact::PlaceLeft { .. }
        | Fact::BarrierEnded { .. }
        | Fact::CounterMade { .. }
        | Fact::CounterRemoved { .. }
        | Fact::VariableChanged { .. }
        | Fact::QuestionSettled { .. }
        | Fact::QuestionReopened { .. }
        | Fact::ChangesOmitted { .. }
        | Fact::NodeRenamed { .. }
        | Fact::ProgramsAllowed { .. }
        | Fact::LabelsSet { .. }
        | Fact::MemberAdmitted { .. }
        | Fact::MemberRevoked { .. }
        | Fact::MemberUp { .. }
        | Fact::MemberSuspected { .. }
        | Fact::MemberDown { .. }
        | Fact::MemberLeft { .. }
        | Fact::MemberSleeps { .. }
        | Fact::JoinAsked { .. }
        | Fact::JoinRefused { .. }
        | Fact::InviteMade { .. }
        | Fact::NodeCordoned { .. }
        | Fact::DrainAsked { .. }
        | Fact::Drained { .. }
        | Fact::RebalanceSet { .. }
        | Fact::NamespaceSet { .. }
        | Fact::NamespaceCleaned { .. }
        | Fact::ClockAhead { .. }
        | Fact::Reported(_) => None,
    }
}
