//! Commands about agents.

use std::time::Duration;

use covey_logic::{
    Command, Name, NodeId,
    agent::AgentSpec,
    certificate::Role,
    economics::rent,
    node::{AgentView, PlacementView},
};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep_until};
use ts_rs::TS;

use crate::{
    comms::{LogLine, MAX_LOG_LINES},
    handle::TenureView,
};

use super::{Cause, Control, UiError};

/// Runs an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct StartAgent {
    /// What to run.
    #[ts(type = "SpecDraft")]
    pub spec: AgentSpec,
    /// The node it runs on while that is up.
    #[ts(optional, type = "string")]
    pub pin: Option<NodeId>,
    /// Whether an agent of this name may be replaced; no, if nothing is said.
    pub replace: Option<bool>,
    /// How long to wait for a majority of the voters if the agent is exclusive and none is in sight,
    /// in milliseconds: not at all if nothing is said, 600,000 at most.
    #[ts(optional, type = "number")]
    pub wait_for_quorum_ms: Option<u64>,
}

impl StartAgent {
    /// The longest wait for a majority: past it, a person has long given up.
    pub const MAX_WAIT: Duration = Duration::from_mins(10);
    /// Between two tries meanwhile: a node looks at the voters as often.
    const TRY_INTERVAL: Duration = Duration::from_millis(100);
}

macro_rules! about_one_agent {
    ($($(#[$doc:meta])* $request:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
        #[serde(deny_unknown_fields)]
        pub struct $request {
            /// Which agent.
            #[ts(type = "string")]
            pub name: Name,
        }
    )*};
}

about_one_agent! {
    /// Stops an agent and keeps its specification.
    StopAgent
    /// Starts an agent afresh.
    RestartAgent
    /// Stops an agent and forgets it.
    RemoveAgent
    /// Asks why an agent is where it is.
    ExplainAgent
    /// Reads under which token an exclusive agent runs, and how long its lease lasts.
    GetTenure
}

/// Runs an agent elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MoveAgent {
    /// Which agent.
    #[ts(type = "string")]
    pub name: Name,
    /// The node it runs on while that is up; none: wherever it may.
    #[ts(type = "string | null")]
    pub to: Option<NodeId>,
}

/// Reads what an agent wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct AgentLogs {
    /// Which agent.
    #[ts(type = "string")]
    pub name: Name,
    /// How many lines: 200 if nothing is said, [`MAX_LOG_LINES`] at most.
    pub lines: Option<u32>,
}

impl AgentLogs {
    /// Lines for a reader that states nothing: a few screens.
    pub const DEFAULT_LINES: u32 = 200;
}

/// Lines of an agent, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogPage {
    /// The lines.
    pub lines: Vec<LogLine>,
}

pub(super) async fn start(control: &Control, request: StartAgent) -> Result<(), UiError> {
    let StartAgent { spec, pin, replace, wait_for_quorum_ms } = request;
    spec.check()?;
    let replace = replace.unwrap_or(false);
    let wait = Duration::from_millis(wait_for_quorum_ms.unwrap_or(0));
    if wait > StartAgent::MAX_WAIT {
        let value = wait.as_millis().to_string();
        return Err(Cause::Invalid { field: "wait_for_quorum_ms".into(), value }.into());
    }
    let deadline = Instant::now() + wait;
    order(control, &spec, replace).await?;
    let command = Command::StartAgent { spec: Box::new(spec), pin, replace };
    loop {
        let done = control.done(command.clone()).await;
        let lacks = matches!(&done, Err(error) if matches!(error.cause, Cause::NoQuorum { .. }));
        if !lacks || Instant::now() >= deadline {
            return done;
        }
        sleep_until(deadline.min(Instant::now() + StartAgent::TRY_INTERVAL)).await;
    }
}

/// Has the cluster agree that this node's owner pays for where an agent runs, if that is to be paid.
/// Nobody pays for an agent that is there and is not replaced.
async fn order(control: &Control, spec: &AgentSpec, replace: bool) -> Result<(), UiError> {
    let most = spec.pays();
    if most.is_zero() {
        return Ok(());
    }
    control.authorise(Role::Operator).await?;
    let views = control.view_now().await?;
    let of = |agent: &AgentView| agent.replica_of.as_ref().unwrap_or(&agent.id) == &spec.name;
    if replace || !views.agents.iter().any(of) {
        let act = rent::Act::Order { agent: spec.name.clone(), most };
        control.backend().market().agree(act.into(), None).await?;
    }
    Ok(())
}

pub(super) async fn stop(control: &Control, request: StopAgent) -> Result<(), UiError> {
    control.done(Command::StopAgent { name: request.name }).await
}

pub(super) async fn restart(control: &Control, request: RestartAgent) -> Result<(), UiError> {
    control.done(Command::RestartAgent { name: request.name }).await
}

pub(super) async fn remove(control: &Control, request: RemoveAgent) -> Result<(), UiError> {
    control.done(Command::RemoveAgent { name: request.name }).await
}

pub(super) async fn relocate(control: &Control, request: MoveAgent) -> Result<(), UiError> {
    control.done(Command::MoveAgent { name: request.name, to: request.to }).await
}

pub(super) async fn logs(control: &Control, request: AgentLogs) -> Result<LogPage, UiError> {
    let lines = match request.lines.unwrap_or(AgentLogs::DEFAULT_LINES) {
        lines @ 1..=MAX_LOG_LINES => lines,
        other => {
            let value = other.to_string();
            return Err(Cause::Invalid { field: "lines".into(), value }.into());
        }
    };
    Ok(LogPage { lines: control.backend().logs(request.name, lines).await? })
}

pub(super) async fn explain(
    control: &Control,
    request: ExplainAgent,
) -> Result<PlacementView, UiError> {
    control.backend().explain(request.name).await
}

pub(super) async fn tenure(
    control: &Control,
    request: GetTenure,
) -> Result<Option<TenureView>, UiError> {
    control.backend().primitives().tenure(request.name).await
}
