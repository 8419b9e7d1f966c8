//! Commands that read.

use covey_logic::{
    event::Fact,
    node::{AgentView, NodeView, StatusView},
    pairing::PairingView,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{doctor::DoctorReport, store};

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
    /// Looks for what may keep nodes from finding and reaching each other; takes some seconds.
    RunDoctor
}

impl EventQuery {
    /// Events of a page if nothing is said.
    pub const DEFAULT_LIMIT: u32 = 100;
    /// Events of a page at most.
    pub const MAX_LIMIT: u32 = store::EventQuery::MAX_LIMIT;
}

pub(super) async fn status(control: &Control, _: GetStatus) -> Result<StatusView, UiError> {
    Ok(control.view_now().await?.status.clone())
}

pub(super) async fn nodes(control: &Control, _: ListNodes) -> Result<Vec<NodeView>, UiError> {
    Ok(control.view_now().await?.nodes.clone())
}

pub(super) async fn agents(control: &Control, _: ListAgents) -> Result<Vec<AgentView>, UiError> {
    Ok(control.view_now().await?.agents.clone())
}

pub(super) async fn doctor(control: &Control, _: RunDoctor) -> Result<DoctorReport, UiError> {
    control.backend().doctor().await
}

pub(super) async fn pairing(control: &Control, _: GetPairing) -> Result<PairingView, UiError> {
    Ok(control.view_now().await?.pairing.clone())
}

pub(super) async fn events(control: &Control, query: EventQuery) -> Result<EventPage, UiError> {
    if let Some(limit) = query.limit
        && !(1..=EventQuery::MAX_LIMIT).contains(&limit)
    {
        return Err(Cause::Invalid { field: "limit".into(), value: limit.to_string() }.into());
    }
    query.kinds.iter().flatten().try_for_each(|kind| check_kind(kind))?;
    control.backend().query_events(query).await
}

/// Refuses a kind that no fact has, with the list of those that are.
fn check_kind(kind: &str) -> Result<(), UiError> {
    match serde_json::from_value::<Fact>(serde_json::json!({ "kind": kind })) {
        Err(error) if error.to_string().starts_with("unknown variant") => {
            Err(Cause::BadArguments { reason: error.to_string() }.into())
        }
        // The kind is known; only the fields of the fact are missing.
        Ok(_) | Err(_) => Ok(()),
    }
}
