//! Commands that read.

use covey_logic::{node::{AgentView, NodeView, StatusView}, pairing::PairingView};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Cause, Control, EventPage, EventQuery, UiError};

macro_rules! without_arguments {
    ($($(#[$doc:meta])* $request:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
        #[serde(deny_unknown_fields)]
        pub struct $request {}
    )*};
}

without_arguments! {
    /// Reads the topic `status` once.
    GetStatus
    /// Reads the topic `nodes` once.
    ListNodes
    /// Reads the topic `agents` once.
    ListAgents
    /// Reads the topic `pairing` once.
    GetPairing
}

impl EventQuery {
    /// Events of a page if nothing is said.
    pub const DEFAULT_LIMIT: u32 = 100;
    /// Events of a page at most: with events of 300 bytes, a reply of 300 KiB.
    pub const MAX_LIMIT: u32 = 1_000;
}

#[expect(clippy::unused_async, reason = "every command has one shape")]
pub(super) async fn status(control: &Control, _: GetStatus) -> Result<StatusView, UiError> {
    Ok(control.views().status.clone())
}

#[expect(clippy::unused_async, reason = "every command has one shape")]
pub(super) async fn nodes(control: &Control, _: ListNodes) -> Result<Vec<NodeView>, UiError> {
    Ok(control.views().nodes.clone())
}

#[expect(clippy::unused_async, reason = "every command has one shape")]
pub(super) async fn agents(control: &Control, _: ListAgents) -> Result<Vec<AgentView>, UiError> {
    Ok(control.views().agents.clone())
}

#[expect(clippy::unused_async, reason = "every command has one shape")]
pub(super) async fn pairing(control: &Control, _: GetPairing) -> Result<PairingView, UiError> {
    Ok(control.views().pairing.clone())
}

pub(super) async fn events(control: &Control, query: EventQuery) -> Result<EventPage, UiError> {
    match query.limit {
        None | Some(1..=EventQuery::MAX_LIMIT) => control.backend().query_events(query).await,
        Some(limit) => {
            Err(Cause::Invalid { field: "limit".into(), value: limit.to_string() }.into())
        }
    }
}
