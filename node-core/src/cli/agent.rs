//! Verbs about agents.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use covey_logic::{
    Name, NodeId, Wall,
    agent::Phase,
    node::{AgentView, CandidateView},
};

use crate::{
    clock,
    comms::{LogLine, LogStream},
    control::{
        AgentLogs, ExplainAgent, Frame, GetTenure, ListAgents, ListNodes, MoveAgent, RemoveAgent,
        RestartAgent, StartAgent, StopAgent, Topic,
    },
    handle::TenureView,
};

use super::{
    CliError,
    args::{AgentVerb, StartArgs},
    client::{ANSWER_TIMEOUT, Client, Table},
    find, message, node,
    out::{Out, table},
    spec, wait,
    words::{self, Names},
};

pub(super) async fn run(client: &Client, out: &Out, verb: AgentVerb) -> Result<(), CliError> {
    match verb {
        AgentVerb::Ls => list(client, out).await,
        AgentVerb::Show { name } => show(client, out, name).await,
        AgentVerb::Start(args) => start(client, out, &args).await,
        AgentVerb::Stop { name } => {
            client.ask(&StopAgent { name: name.clone() }).await?;
            out.done(&format!("{name} is told to stop"));
            Ok(())
        }
        AgentVerb::Restart { name } => {
            client.ask(&RestartAgent { name: name.clone() }).await?;
            out.done(&format!("{name} is started afresh"));
            Ok(())
        }
        AgentVerb::Move { name, node, anywhere: _ } => relocate(client, out, name, node).await,
        AgentVerb::Rm { name } => {
            client.ask(&RemoveAgent { name: name.clone() }).await?;
            out.done(&format!("{name} is removed"));
            Ok(())
        }
        AgentVerb::Call(args) => message::call(client, out, args).await,
        AgentVerb::Broadcast(args) => message::broadcast(client, out, args).await,
        AgentVerb::Result { handle, wait } => message::result(client, out, handle, wait).await,
        AgentVerb::Logs { name, follow: true, .. } => follow(client, out, name).await,
        AgentVerb::Logs { name, lines, follow: false } => logs(client, out, name, lines).await,
        AgentVerb::Why { name } => why(client, out, name).await,
    }
}

async fn list(client: &Client, out: &Out) -> Result<(), CliError> {
    let agents = client.ask(&ListAgents {}).await?;
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(&agents, || agent_table(&agents, &names, clock::wall()));
    Ok(())
}

async fn show(client: &Client, out: &Out, name: Name) -> Result<(), CliError> {
    let agents = client.ask(&ListAgents {}).await?;
    let agent = agents.iter().find(|agent| agent.id == name);
    let agent = agent.ok_or_else(|| CliError::Failed(format!("there is no agent {name}")))?;
    let tenure = client.ask(&GetTenure { name }).await?;
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(&serde_json::json!({ "agent": agent, "tenure": tenure }), || {
        let mut lines = vec![agent_table(std::slice::from_ref(agent), &names, clock::wall())];
        lines.extend(tenure.map(|tenure| tenure_line(&tenure, &names)));
        lines.extend(agent.rent.map(|rent| format!("Its owner pays {rent} credits a minute.")));
        lines.join("\n\n")
    });
    Ok(())
}

fn tenure_line(tenure: &TenureView, names: &Names) -> String {
    let span = |ms: u64| words::span(Duration::from_millis(ms));
    let TenureView { node, token, lease_ms, left_ms } = tenure;
    let until = left_ms.map_or_else(String::new, |left| {
        let ends = Wall(clock::wall().0.saturating_add(left));
        format!(", which ends at {} unless it is renewed", words::at(ends))
    });
    format!(
        "{} was granted it under token {token}, on a lease of {}{until}.",
        names.of(*node),
        span(*lease_ms)
    )
}

pub(super) fn agent_table(agents: &[AgentView], names: &Names, now: Wall) -> String {
    if agents.is_empty() {
        return "No agents yet. Start one: covey agent start adder --builtin counter".to_owned();
    }
    let row = |agent: &AgentView| {
        vec![
            agent.id.to_string(),
            words::agent_state(agent).to_owned(),
            agent.node.map_or_else(|| "-".to_owned(), |node| names.of(node)),
            agent.pin.map_or_else(|| "-".to_owned(), |node| names.of(node)),
            agent.restarts.to_string(),
            agent.since.map_or_else(|| "-".to_owned(), |since| words::ago(now, since)),
            agent
                .last_exit
                .as_ref()
                .map_or_else(|| "-".to_owned(), |exit| words::exit_reason(&exit.reason)),
        ]
    };
    let rows: Vec<_> = agents.iter().map(row).collect();
    table(&["NAME", "STATE", "NODE", "PINNED", ">RESTARTS", ">SINCE", "LAST END"], &rows)
}

async fn start(client: &Client, out: &Out, args: &StartArgs) -> Result<(), CliError> {
    let spec = spec::of(args)?;
    let wanted = spec.name.clone();
    let pin = match &args.on {
        Some(text) => Some(member(client, text).await?),
        None => None,
    };
    let agents = client.ask(&ListAgents {}).await?;
    // What runs under these names before is not what is waited for.
    let names: Vec<Name> = spec.instances().collect();
    let before = |name: &Name| agents.iter().find(|agent| agent.id == *name);
    let replace = Some(args.replace);
    let wait_for_quorum_ms = u64::try_from(args.wait_for_quorum.as_millis()).ok();
    let order = StartAgent { spec, pin, replace, wait_for_quorum_ms };
    client.ask_within(&order, ANSWER_TIMEOUT + args.wait_for_quorum).await?;
    if args.wait.is_zero() {
        out.done(&format!("{wanted} is wanted"));
        return Ok(());
    }
    let end = Instant::now() + args.wait;
    for name in &names {
        let left = end.saturating_duration_since(Instant::now());
        let agent = runs(client, out, (name, before(name)), left).await?;
        let node = agent.node.unwrap_or(agent.owner);
        let titles = node::names(client).await?;
        let reply = serde_json::json!({ "name": agent.id, "node": node });
        if names.len() > 1 && out.json {
            out.json_line(&reply);
        } else {
            out.result(&reply, || format!("{} runs on {}", agent.id, titles.of(node)));
        }
    }
    Ok(())
}

/// Waits until an agent runs in a life that is not the one `before`.
async fn runs(
    client: &Client,
    out: &Out,
    (name, before): (&Name, Option<&AgentView>),
    limit: Duration,
) -> Result<AgentView, CliError> {
    let check = |agents: &Table<AgentView>| {
        let Some(agent) = agents.rows.get(name.as_str()) else {
            return ControlFlow::Continue(format!("{name} is not known yet"));
        };
        let life = |agent: &AgentView| (agent.node, agent.since);
        let afresh = before.is_none_or(|before| life(before) != life(agent));
        match agent.phase {
            Some(Phase::Running) if afresh => ControlFlow::Break(Ok(agent.clone())),
            Some(Phase::Failed | Phase::Finished) if afresh => {
                let end = agent.last_exit.as_ref();
                let end = end.map_or_else(String::new, |exit| words::exit_reason(&exit.reason));
                let state = words::agent_state(agent);
                ControlFlow::Break(Err(CliError::Failed(format!("{name} is {state}: {end}"))))
            }
            None => ControlFlow::Continue(format!(
                "{name} has no node yet: {}",
                agent.waiting.join("; ")
            )),
            Some(_) => ControlFlow::Continue(format!("{name} is {}", words::agent_state(agent))),
        }
    };
    wait::until((client, out), &Topic::Agents, limit, check).await
}

async fn relocate(
    client: &Client,
    out: &Out,
    name: Name,
    node: Option<String>,
) -> Result<(), CliError> {
    let to = match &node {
        Some(text) => Some(member(client, text).await?),
        None => None,
    };
    client.ask(&MoveAgent { name: name.clone(), to }).await?;
    out.done(&match node {
        Some(node) => format!("{name} is to run on {node}"),
        None => format!("{name} is to run wherever it may"),
    });
    Ok(())
}

async fn logs(client: &Client, out: &Out, name: Name, lines: u32) -> Result<(), CliError> {
    let page = client.ask(&AgentLogs { name, lines: Some(lines) }).await?;
    let text = || page.lines.iter().map(log_line).collect::<Vec<_>>().join("\n");
    out.result(&page, text);
    Ok(())
}

async fn follow(client: &Client, out: &Out, name: Name) -> Result<(), CliError> {
    let mut feed = client.watch(&Topic::Logs { name }).await?;
    while let (false, Some(frame)) = (out.closed(), feed.next().await?) {
        let rows = match frame {
            Frame::Snapshot(rows) | Frame::Patch(rows) => rows.rows,
            Frame::Error { error, .. } => return Err(error.into()),
        };
        for row in rows {
            if out.json {
                out.json_line(&row);
                continue;
            }
            let line: LogLine = serde_json::from_value(row).ok().ok_or(CliError::Garbled)?;
            out.line(&log_line(&line));
        }
    }
    if out.closed() { Ok(()) } else { Err(CliError::Failed("the node stopped".to_owned())) }
}

fn log_line(line: &LogLine) -> String {
    let mark = match line.stream {
        LogStream::Stderr | LogStream::Log => "",
        LogStream::Host => "covey: ",
    };
    format!("{}  {mark}{}", words::at(line.at), line.text)
}

async fn why(client: &Client, out: &Out, name: Name) -> Result<(), CliError> {
    let reply = client.ask(&ExplainAgent { name }).await?;
    out.result(&reply, || {
        let row = |place: &CandidateView| {
            vec![
                place.name.clone(),
                if place.holds { "here" } else { "-" }.to_owned(),
                place.beside.to_string(),
                merit(place),
                if place.excluded.is_empty() { "-".to_owned() } else { place.excluded.join("; ") },
            ]
        };
        let rows: Vec<_> = reply.candidates.iter().map(row).collect();
        let places = table(&["NODE", "AGENT", ">COPIES", ">SCORE", "EXCLUDED BECAUSE"], &rows);
        let waiting = reply.waiting.iter().map(|why| format!("{why}\n"));
        format!("{}{places}", waiting.collect::<String>())
    });
    Ok(())
}

/// What the strategy goes by: the score, or what the node asks.
fn merit(place: &CandidateView) -> String {
    match (place.score, place.asks) {
        (None, _) => "-".to_owned(),
        (Some(_), Some(asks)) => format!("asks {asks} a minute"),
        (Some(score), None) => score.to_string(),
    }
}

async fn member(client: &Client, text: &str) -> Result<NodeId, CliError> {
    let nodes = client.ask(&ListNodes {}).await?;
    find::node(text, &node::named(&nodes))
}
