//! Verbs about what the cluster agrees on.

mod lease;
mod picture;
mod variable;

use std::time::Duration;

use covey_logic::{
    Name,
    coordination::{Absence, Fate},
};

use super::{
    CliError, archive,
    args::{BarrierVerb, CoordinationVerb, CounterVerb, DecisionVerb},
    client::{ANSWER_TIMEOUT, Client},
    node,
    out::Out,
    words::Names,
};
use crate::control::{
    AddToCounter, BreakBarrier, GetCoordination, GetRecovery, ProposeDecision, ReadCounter,
    ReadDecision, RecoverGroup, RemoveCounter, ReopenDecision, SetGroupAside, WaitAtBarrier,
};

pub(super) use lease::{election, lock, semaphore};
pub(super) use variable::variable;

pub(super) async fn coordination(
    client: &Client,
    out: &Out,
    verb: Option<CoordinationVerb>,
) -> Result<(), CliError> {
    match verb {
        None => show(client, out).await,
        Some(CoordinationVerb::Recovery) => {
            let recovery = client.ask(&GetRecovery {}).await?;
            let names = if out.json { Names::default() } else { node::names(client).await? };
            out.result(&recovery, || picture::recovery(&recovery, &names));
            Ok(())
        }
        Some(CoordinationVerb::SetAside) => {
            let done = client.ask(&SetGroupAside {}).await?;
            out.result(&done, || format!("the damaged store is in {}", done.aside));
            Ok(())
        }
        Some(CoordinationVerb::Archive { id: None }) => archive::list(client, out).await,
        Some(CoordinationVerb::Archive { id: Some(id) }) => archive::show(client, out, id).await,
        Some(CoordinationVerb::Replay { id }) => archive::replay(client, out, id).await,
        Some(CoordinationVerb::Recover) => {
            let recovered = client.ask(&RecoverGroup {}).await?;
            out.result(&recovered, || {
                format!("the group goes on with {} changes", recovered.revision)
            });
            Ok(())
        }
    }
}

async fn show(client: &Client, out: &Out) -> Result<(), CliError> {
    let view = client.ask(&GetCoordination {}).await?;
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(&view, || picture::text(&view, &names));
    Ok(())
}

pub(super) async fn barrier(client: &Client, out: &Out, verb: BarrierVerb) -> Result<(), CliError> {
    match verb {
        BarrierVerb::Wait { name, parties, session, wait } => {
            wait_at(client, out, (name, parties), session, wait).await
        }
        BarrierVerb::Break { name } => break_barrier(client, out, name).await,
    }
}

async fn break_barrier(client: &Client, out: &Out, barrier: Name) -> Result<(), CliError> {
    let view = client.ask(&GetCoordination {}).await?;
    let there = view.barriers.iter().find(|there| there.name == barrier);
    let Some(there) = there.filter(|there| there.generation > 0) else {
        return Err(CliError::Failed(format!("nobody waits at {barrier}")));
    };
    let told = there.arrived.len();
    client.ask(&BreakBarrier { generation: there.generation, barrier }).await?;
    out.done(&format!("it is broken for the {told} who were there"));
    Ok(())
}

async fn wait_at(
    client: &Client,
    out: &Out,
    (name, parties): (Name, u32),
    session: Option<Name>,
    wait: Duration,
) -> Result<(), CliError> {
    let own = || Name::new(&format!("pid-{}", std::process::id()));
    let session = match session {
        Some(session) => session,
        None => own().map_err(|error| CliError::Failed(error.to_string()))?,
    };
    let wait_ms = lease::millis(wait);
    let asked = WaitAtBarrier {
        barrier: name.clone(),
        session: Some(session),
        parties,
        wait_ms,
        key: None,
    };
    let passed = client.ask_within(&asked, wait.saturating_add(ANSWER_TIMEOUT)).await?;
    if out.json {
        out.result(&passed, String::new);
    }
    match passed.fate {
        Fate::Opened => {
            if !out.json {
                out.done(&format!("{name} opened for {parties}"));
            }
            Ok(())
        }
        Fate::Broken { by, cause } => {
            let why = match cause {
                Absence::TimedOut => "waited no longer",
                Absence::Left => "gave up",
                Absence::NodeLost => "was lost with its node",
                Absence::Interrupted => "ended it",
            };
            let node = node::names(client).await?.of(by.node);
            Err(CliError::Failed(format!("{name} is broken: {} on {node} {why}", by.session)))
        }
    }
}

pub(super) async fn counter(client: &Client, out: &Out, verb: CounterVerb) -> Result<(), CliError> {
    match verb {
        CounterVerb::Add { counter, by, scope, fence, key } => {
            let counted = client.ask(&AddToCounter { counter, by, scope, fence, key }).await?;
            out.result(&counted, || counted.value.clone());
        }
        CounterVerb::Remove { counter } => {
            client.ask(&RemoveCounter { counter }).await?;
            out.done("it is not there any more");
        }
        CounterVerb::Get { counter, scope, stale } => {
            let read = client.ask(&ReadCounter { counter, scope, stale }).await?;
            out.result(&read, || read.found.value.clone());
        }
    }
    Ok(())
}

pub(super) async fn decision(
    client: &Client,
    out: &Out,
    verb: DecisionVerb,
) -> Result<(), CliError> {
    match verb {
        DecisionVerb::Propose { question, value } => {
            let settled = client.ask(&ProposeDecision { question, value, key: None }).await?;
            let answer = settled.decision.as_ref().map(|decision| decision.value.clone());
            out.result(&settled, || answer.unwrap_or_default());
        }
        DecisionVerb::Get { question, stale } => {
            let read = client.ask(&ReadDecision { question: question.clone(), stale }).await?;
            let missing = || CliError::Failed(format!("{question} is not settled"));
            found(out, &read, read.found.as_ref().map(|found| found.value.clone()), missing)?;
        }
        DecisionVerb::Reopen { question } => {
            client.ask(&ReopenDecision { question }).await?;
            out.done("it may be settled anew");
        }
    }
    Ok(())
}

/// A value that was read, or its absence: the first for people and programs, the second for both.
fn found<T: serde::Serialize>(
    out: &Out,
    read: &T,
    value: Option<String>,
    missing: impl FnOnce() -> CliError,
) -> Result<(), CliError> {
    let there = value.is_some();
    if out.json || there {
        out.result(read, || value.unwrap_or_default());
    }
    if there { Ok(()) } else { Err(missing()) }
}
