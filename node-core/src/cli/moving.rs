//! Verbs about agents that move: cordon, drain and planned moves.

use std::time::Duration;

use covey_logic::moving::{MoveState, PlanPhase, PlanView, PlannedMove};

use crate::control::{
    CordonNode, DrainNode, GetRebalance, ListNodes, PreviewRebalance, RebalanceStep,
    StartRebalance, SteerRebalance,
};

use super::{
    CliError,
    args::{NodeVerb, RebalanceVerb},
    client::Client,
    find, node,
    out::{Out, table},
    words::Names,
};

pub(super) async fn node(client: &Client, out: &Out, verb: NodeVerb) -> Result<(), CliError> {
    let (NodeVerb::WhatIf { node: text }
    | NodeVerb::Cordon { node: text }
    | NodeVerb::Uncordon { node: text }
    | NodeVerb::Drain { node: text, .. }) = &verb;
    let nodes = client.ask(&ListNodes {}).await?;
    let node = find::node(text, &node::named(&nodes))?;
    let done = match verb {
        NodeVerb::WhatIf { node: text } => return node::what_if(client, out, &text).await,
        NodeVerb::Cordon { node: text } => {
            client.ask(&CordonNode { node, on: true }).await?;
            format!("{text} takes no agents from here on")
        }
        NodeVerb::Uncordon { node: text } => {
            client.ask(&CordonNode { node, on: false }).await?;
            format!("{text} takes agents again")
        }
        NodeVerb::Drain { node: text, deadline } => {
            let deadline_ms = deadline.map(millis);
            client.ask(&DrainNode { node, deadline_ms }).await?;
            format!("{text} hands its agents over; `covey nodes` shows how far it is")
        }
    };
    out.done(&done);
    Ok(())
}

pub(super) async fn rebalance(
    client: &Client,
    out: &Out,
    verb: RebalanceVerb,
) -> Result<(), CliError> {
    let step = match verb {
        RebalanceVerb::Preview => return preview(client, out).await,
        RebalanceVerb::Start { interval } => return start(client, out, interval).await,
        RebalanceVerb::Status => return status(client, out).await,
        RebalanceVerb::Pause => RebalanceStep::Pause,
        RebalanceVerb::Resume => RebalanceStep::Resume,
        RebalanceVerb::Abort => RebalanceStep::Abort,
    };
    client.ask(&SteerRebalance { step }).await?;
    out.done(match step {
        RebalanceStep::Pause => "no planned move is begun until you resume",
        RebalanceStep::Resume => "the planned moves go on",
        RebalanceStep::Abort => "no planned move is begun any more",
    });
    Ok(())
}

async fn preview(client: &Client, out: &Out) -> Result<(), CliError> {
    let preview = client.ask(&PreviewRebalance {}).await?;
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(&preview, || {
        if preview.moves.is_empty() {
            return "Nothing to move: the agents lie as evenly as they may.".to_owned();
        }
        let rows: Vec<_> = preview.moves.iter().map(|planned| row(planned, &names)).collect();
        table(&["AGENT", "FROM", "TO", "WHY"], &rows)
    });
    Ok(())
}

async fn start(client: &Client, out: &Out, interval: Option<Duration>) -> Result<(), CliError> {
    let moves = client.ask(&PreviewRebalance {}).await?.moves;
    if moves.is_empty() {
        out.done("nothing to move: the agents lie as evenly as they may");
        return Ok(());
    }
    let count = moves.len();
    client.ask(&StartRebalance { moves, interval_ms: interval.map(millis) }).await?;
    out.done(&format!(
        "{count} moves are planned; `covey rebalance status` shows how far they are"
    ));
    Ok(())
}

async fn status(client: &Client, out: &Out) -> Result<(), CliError> {
    let plan = client.ask(&GetRebalance {}).await?;
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(&plan, || {
        let Some(plan) = &plan else { return "No moves were planned yet.".to_owned() };
        plan_text(plan, &names)
    });
    Ok(())
}

fn plan_text(plan: &PlanView, names: &Names) -> String {
    let phase = match plan.phase {
        PlanPhase::Running => "running",
        PlanPhase::Paused => "paused",
        PlanPhase::Aborted => "ended",
    };
    let rows: Vec<_> = plan
        .moves
        .iter()
        .map(|step| {
            let state = match step.state {
                MoveState::Waiting => "waiting",
                MoveState::Moving => "moving",
                MoveState::Done => "done",
                MoveState::Failed => "failed",
                MoveState::Overtaken => "overtaken",
            };
            let mut row = row(&step.planned, names);
            row.truncate(3);
            row.extend([state.to_owned(), step.reason.clone().unwrap_or_else(|| "-".to_owned())]);
            row
        })
        .collect();
    format!("plan      {phase}\n{}", table(&["AGENT", "FROM", "TO", "STATE", "REASON"], &rows))
}

fn row(planned: &PlannedMove, names: &Names) -> Vec<String> {
    let PlannedMove { name, from, to, why } = planned;
    vec![name.to_string(), names.of(*from), names.of(*to), why.clone()]
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
