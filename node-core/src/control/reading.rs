//! Commands that read.

use covey_logic::{
    node::{AgentView, NodeView, StatusView},
    pairing::PairingView,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::doctor::DoctorReport;

use super::{Control, UiError};

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
