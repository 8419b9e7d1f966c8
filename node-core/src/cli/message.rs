//! Verbs that send messages to agents.

use std::time::Duration;

use covey_logic::Name;

use super::{
    CliError,
    args::{BroadcastArgs, CallArgs, TopicVerb},
    client::Client,
    node,
    out::{Out, table},
    words::{self, Names},
};
use crate::{
    comms::Handle,
    control::{
        Broadcast, CallAgent, CallAnswer, GetResult, ListMembers, NotifyAgent, Publish, SubmitCall,
        Subscribe, TargetOutcome, Unsubscribe,
    },
};

/// Beyond what a node waits, for its answer to come here.
const SLACK: Duration = Duration::from_secs(5);

pub(super) async fn call(client: &Client, out: &Out, args: CallArgs) -> Result<(), CliError> {
    let CallArgs { name, method, params, timeout, session, key, notice, later } = args;
    let limit = timeout.unwrap_or(CallAgent::MAX_TIMEOUT) + SLACK;
    let timeout_ms = timeout.and_then(millis);
    if notice {
        let request = NotifyAgent { name: name.clone(), method, params, timeout_ms, session, key };
        let told = client.ask_within(&request, limit).await?;
        let took = words::span(Duration::from_micros(told.took_us));
        let text = || format!("{name} on node {} has it after {took}", told.node.short());
        out.result(&told, text);
        return Ok(());
    }
    let call = CallAgent { name, method, params, timeout_ms, session, key };
    if later {
        let handle = client.ask(&SubmitCall { call }).await?;
        out.result(&handle, || handle.handle.to_string());
        return Ok(());
    }
    let answer = client.ask_within(&call, limit).await?;
    show(out, &answer);
    Ok(())
}

pub(super) async fn result(
    client: &Client,
    out: &Out,
    handle: Handle,
    wait: Duration,
) -> Result<(), CliError> {
    let request = GetResult { handle, wait_ms: millis(wait) };
    let state = client.ask_within(&request, wait + SLACK).await?;
    match (&state.answer, state.error.clone()) {
        _ if out.json => out.result(&state, String::new),
        (Some(answer), _) => show(out, answer),
        (None, Some(error)) => return Err(error.into()),
        (None, None) => out.text("it is on its way"),
    }
    Ok(())
}

fn show(out: &Out, answer: &CallAnswer) {
    if out.json {
        out.result(answer, String::new);
        return;
    }
    out.text(&format!("{:#}", answer.value));
    let took = words::span(Duration::from_micros(answer.took_us));
    out.note(&format!("node {} answered in {took}", answer.node.short()));
}

pub(super) async fn broadcast(
    client: &Client,
    out: &Out,
    args: BroadcastArgs,
) -> Result<(), CliError> {
    let BroadcastArgs { method, params, to, cap, timeout, notice } = args;
    let limit = timeout.unwrap_or(CallAgent::MAX_TIMEOUT) + SLACK;
    let request = Broadcast {
        names: to,
        capabilities: cap,
        method,
        params,
        timeout_ms: timeout.and_then(millis),
        session: None,
        notice: Some(notice),
    };
    let outcomes = client.ask_within(&request, limit).await?;
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(&outcomes, || outcome_table(&outcomes, &names));
    Ok(())
}

fn outcome_table(outcomes: &[TargetOutcome], names: &Names) -> String {
    let row = |outcome: &TargetOutcome| {
        let (node, took, said) = match (&outcome.answer, &outcome.error) {
            (Some(answer), _) => {
                let took = words::span(Duration::from_micros(answer.took_us));
                (names.of(answer.node), took, answer.value.to_string())
            }
            (None, Some(error)) => ("-".to_owned(), "-".to_owned(), error.to_string()),
            (None, None) => Default::default(),
        };
        vec![outcome.name.to_string(), node, took, said]
    };
    let rows: Vec<_> = outcomes.iter().map(row).collect();
    let failed = outcomes.iter().filter(|outcome| outcome.error.is_some()).count();
    let sum = format!("{} of {} answered", outcomes.len() - failed, outcomes.len());
    format!("{}\n{sum}", table(&["AGENT", "NODE", ">TOOK", "ANSWER"], &rows))
}

pub(super) async fn topic(client: &Client, out: &Out, verb: TopicVerb) -> Result<(), CliError> {
    match verb {
        TopicVerb::Publish { topic, body } => {
            let request = Publish { topic, body, timeout_ms: None, session: None };
            let done = client.ask_within(&request, CallAgent::MAX_TIMEOUT + SLACK).await?;
            out.result(&done, || {
                let failed = done.failed.iter().filter_map(|outcome| {
                    let error = outcome.error.as_ref()?;
                    Some(format!("\n{}: {error}", outcome.name))
                });
                format!("{} subscribers have it{}", done.delivered, failed.collect::<String>())
            });
        }
        TopicVerb::Subscribe { topic, agent } => {
            let request = Subscribe { topic: topic.clone(), agent: Some(agent.clone()) };
            client.ask(&request).await?;
            out.done(&format!("{agent} hears what is published on {topic}"));
        }
        TopicVerb::Unsubscribe { topic, agent } => {
            let request = Unsubscribe { topic: topic.clone(), agent: Some(agent.clone()) };
            client.ask(&request).await?;
            out.done(&format!("{agent} hears no more of {topic}"));
        }
        TopicVerb::Subscribers { topic } => subscribers(client, out, &topic).await?,
    }
    Ok(())
}

async fn subscribers(client: &Client, out: &Out, topic: &Name) -> Result<(), CliError> {
    let group = format!("topic/{topic}").parse().ok();
    let group = group.ok_or_else(|| CliError::Failed(format!("{topic} is no topic")))?;
    let members = client.ask(&ListMembers { group }).await?;
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(&members, || {
        let row = |agent: &Name, node| vec![agent.to_string(), names.of(node)];
        let agents =
            members.iter().filter_map(|member| Some((member.agent.as_ref()?, member.node)));
        let rows: Vec<_> = agents.map(|(agent, node)| row(agent, node)).collect();
        table(&["AGENT", "NODE"], &rows)
    });
    Ok(())
}

fn millis(span: Duration) -> Option<u64> {
    u64::try_from(span.as_millis()).ok()
}
