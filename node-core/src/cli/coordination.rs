//! Verbs about what the cluster agrees on.

use std::time::Duration;

use covey_logic::{
    Name,
    coordination::{CounterView, LockView, VariableRow},
};

use crate::{
    consensus::{GroupView, RaftMemberView, Standing},
    control::{
        AcquireLock, AddToCounter, GetCoordination, ReadCounter, ReadVariable, ReleaseLock,
        RemoveVariable, RenewLock, SetVariable,
    },
    handle::CoordinationView,
};

use super::{
    CliError,
    args::{CounterVerb, LockVerb, VariableVerb},
    client::{ANSWER_TIMEOUT, Client},
    node,
    out::{Out, table},
    words::Names,
};

pub(super) async fn show(client: &Client, out: &Out) -> Result<(), CliError> {
    let view = client.ask(&GetCoordination {}).await?;
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(&view, || text(&view, &names));
    Ok(())
}

pub(super) async fn lock(client: &Client, out: &Out, verb: LockVerb) -> Result<(), CliError> {
    match verb {
        LockVerb::Acquire { lock, session, lease, wait } => {
            let (lease_ms, wait_ms) = (Some(millis(lease)), wait.map(millis));
            let asked = AcquireLock { lock, session, lease_ms, wait_ms, key: None };
            let limit = wait.unwrap_or_default().saturating_add(ANSWER_TIMEOUT);
            let held = client.ask_within(&asked, limit).await?;
            out.result(&held, || held.token.to_string());
        }
        LockVerb::Renew { lock, token } => {
            client.ask(&RenewLock { lock, token }).await?;
            out.done("its lease begins anew");
        }
        LockVerb::Release { lock, token } => {
            client.ask(&ReleaseLock { lock, token }).await?;
            out.done("the lock is given up");
        }
    }
    Ok(())
}

pub(super) async fn counter(client: &Client, out: &Out, verb: CounterVerb) -> Result<(), CliError> {
    match verb {
        CounterVerb::Add { counter, by, key } => {
            let counted = client.ask(&AddToCounter { counter, by, key }).await?;
            out.result(&counted, || counted.value.clone());
        }
        CounterVerb::Get { counter } => {
            let view = client.ask(&ReadCounter { counter }).await?;
            out.result(&view, || view.value.clone());
        }
    }
    Ok(())
}

pub(super) async fn variable(
    client: &Client,
    out: &Out,
    verb: VariableVerb,
) -> Result<(), CliError> {
    match verb {
        VariableVerb::Set { variable, value, expect } => {
            let asked = SetVariable { variable, value, expected: expect, key: None };
            let view = client.ask(&asked).await?;
            out.result(&view, || format!("version {}", view.version));
        }
        VariableVerb::Get { variable } => return get(client, out, variable).await,
        VariableVerb::Remove { variable, expect } => {
            client.ask(&RemoveVariable { variable, expected: expect }).await?;
            out.done("the variable is gone");
        }
    }
    Ok(())
}

async fn get(client: &Client, out: &Out, variable: Name) -> Result<(), CliError> {
    let found = client.ask(&ReadVariable { variable: variable.clone() }).await?;
    if let Some(view) = &found {
        out.result(&found, || view.value.clone());
        return Ok(());
    }
    if out.json {
        out.result(&found, String::new);
    }
    Err(CliError::Failed(format!("there is no variable {variable}")))
}

fn text(view: &CoordinationView, names: &Names) -> String {
    let Some(group) = &view.group else {
        return "This node takes no part in a group: its log says why.".to_owned();
    };
    let mut parts = vec![summary(group, names)];
    let members: Vec<_> = group.members.iter().map(|member| row(member, names)).collect();
    parts.push(table(&["MEMBER", "IS", "SEEN", "BEHIND"], &members));
    if !view.locks.is_empty() {
        let row = |lock: &LockView| {
            let holder = format!("{} on {}", lock.holder.session, names.of(lock.holder.node));
            let (token, line) = (lock.token.to_string(), lock.line.len().to_string());
            vec![lock.name.to_string(), holder, token, line]
        };
        let rows: Vec<_> = view.locks.iter().map(row).collect();
        parts.push(table(&["LOCK", "HOLDER", "TOKEN", "IN LINE"], &rows));
    }
    if !view.counters.is_empty() {
        let row = |counter: &CounterView| {
            vec![counter.name.to_string(), counter.value.clone(), counter.version.to_string()]
        };
        let rows: Vec<_> = view.counters.iter().map(row).collect();
        parts.push(table(&["COUNTER", "VALUE", "VERSION"], &rows));
    }
    if !view.variables.is_empty() {
        let row = |variable: &VariableRow| {
            let (bytes, version) = (variable.bytes.to_string(), variable.version.to_string());
            vec![variable.name.to_string(), bytes, version, names.of(variable.by)]
        };
        let rows: Vec<_> = view.variables.iter().map(row).collect();
        parts.push(table(&["VARIABLE", "BYTES", "VERSION", "BY"], &rows));
    }
    parts.join("\n\n")
}

fn summary(group: &GroupView, names: &Names) -> String {
    if let Some(why) = &group.stopped {
        return format!("The group has stopped on this node: {why}");
    }
    let GroupView { voters_seen, voters_needed, term, applied, last, .. } = group;
    let leader = match group.leader {
        Some(leader) => format!("{} leads in term {term}", names.of(leader)),
        None => format!("nobody is known to lead (term {term})"),
    };
    let sight = if voters_seen >= voters_needed {
        format!("{voters_seen} voters in sight, {voters_needed} needed")
    } else {
        format!("NO QUORUM: {voters_seen} voters in sight, {voters_needed} needed")
    };
    format!("{leader}; {sight}; entry {applied} of {last} taken in here")
}

fn row(member: &RaftMemberView, names: &Names) -> Vec<String> {
    let is = match member.standing {
        Standing::Outside => "outside",
        Standing::Learner => "learner",
        Standing::Voter => "voter",
        Standing::Leader => "leader",
    };
    let seen = if member.seen { "yes" } else { "no" };
    let behind = member.behind.map_or_else(|| "–".to_owned(), |behind| behind.to_string());
    vec![names.of(member.node), is.to_owned(), seen.to_owned(), behind]
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
