//! Verbs about joining and letting join.

use std::{ops::ControlFlow, time::Duration};

use covey_logic::{
    ClusterId, NodeId,
    certificate::Role,
    node::StatusView,
    pairing::{AskPhase, AskView, PairingView, RequestView},
};

use crate::{
    clock,
    control::{
        Accept, Ask, Dial, GetJoinPlan, GetPairing, GetStatus, Invite, InviteLink, Join, Refuse,
        RevokeInvite, Topic, Withdraw,
    },
};

use super::{
    CliError, archive,
    args::{AskArgs, JoinArgs},
    client::{Client, Table},
    find,
    out::{Out, table},
    wait, words,
};

/// How long a node that opened its door may take to say hello.
const HELLO_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the other node may take to show its half of the code, or to let an invite in.
const CODE_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a person may take: requests end by themselves after two minutes.
const PERSON_TIMEOUT: Duration = Duration::from_secs(125);

pub(super) async fn nearby(client: &Client, out: &Out) -> Result<(), CliError> {
    let pairing = client.ask(&GetPairing {}).await?;
    out.result(&pairing.nearby, || nearby_text(&pairing));
    Ok(())
}

pub(super) fn nearby_text(pairing: &PairingView) -> String {
    if pairing.nearby.is_empty() {
        return "Nobody nearby. Is Covey open on another machine of this network? With its \
                address: covey join 192.168.1.7"
            .to_owned();
    }
    let now = clock::wall();
    let row = |node: &covey_logic::pairing::NearbyView| {
        vec![
            node.name.clone(),
            node.node.short(),
            node.cluster_name.clone(),
            node.members.to_string(),
            node.os.clone(),
            node.version.clone(),
            words::found_by(node.by).to_owned(),
            words::ago(now, node.seen),
        ]
    };
    let rows: Vec<_> = pairing.nearby.iter().map(row).collect();
    table(&["NAME", "ID", "CLUSTER", ">NODES", "OS", "VERSION", "FOUND BY", ">SEEN"], &rows)
}

pub(super) async fn requests(client: &Client, out: &Out) -> Result<(), CliError> {
    let pairing = client.ask(&GetPairing {}).await?;
    let reply = serde_json::json!({ "requests": pairing.requests, "invites": pairing.invites });
    out.result(&reply, || requests_text(&pairing));
    Ok(())
}

pub(super) fn requests_text(pairing: &PairingView) -> String {
    let now = clock::wall();
    let mut parts = Vec::new();
    if pairing.requests.is_empty() {
        parts.push("Nobody asks to join.".to_owned());
    } else {
        let row = |request: &RequestView| {
            vec![
                request.name.clone(),
                request.node.short(),
                code(&request.digits, &request.words),
                words::ago(request.expires, now),
            ]
        };
        let rows: Vec<_> = pairing.requests.iter().map(row).collect();
        parts.push(table(&["NAME", "ID", "CODE", ">LEFT"], &rows));
    }
    if !pairing.invites.is_empty() {
        let row = |invite: &covey_logic::pairing::InviteView| {
            let left = words::ago(invite.expires, now);
            vec![invite.id.clone(), words::role(invite.role).to_owned(), left]
        };
        let rows: Vec<_> = pairing.invites.iter().map(row).collect();
        parts.push(table(&["INVITE", "ROLE", ">LEFT"], &rows));
    }
    parts.join("\n\n")
}

/// The code as both screens show it.
pub(super) fn code(digits: &str, words: &[String]) -> String {
    let (first, last) = digits.split_at_checked(3).unwrap_or((digits, ""));
    format!("{first} {last}  {}", words.join(" "))
}

/// What would come along to another cluster, and what would be archived.
async fn plan(client: &Client, out: &Out) -> Result<(), CliError> {
    let plan = client.ask(&GetJoinPlan {}).await?;
    out.result(&plan, || archive::plan(&plan));
    Ok(())
}

/// Says so before this node asks, if there is anything to lose.
async fn warn(client: &Client, out: &Out) -> Result<(), CliError> {
    let plan = client.ask(&GetJoinPlan {}).await?;
    if archive::matters(&plan) {
        out.note(&archive::plan(&plan));
    }
    Ok(())
}

pub(super) async fn ask(client: &Client, out: &Out, args: AskArgs) -> Result<(), CliError> {
    if args.plan {
        return plan(client, out).await;
    }
    warn(client, out).await?;
    let pairing = client.ask(&GetPairing {}).await?;
    let nearby: Vec<_> =
        pairing.nearby.iter().map(|node| (node.node, node.name.as_str())).collect();
    let node = find::node(&args.node, &nearby)?;
    ask_node(client, out, (node, args.wait)).await
}

/// Waits until a node that opened is among those nearby, which it becomes a moment later; one that
/// does not is not waited for any longer, and asking it says why.
async fn become_nearby(client: &Client, out: &Out, node: NodeId) -> Result<(), CliError> {
    let nearby = |pairing: &Table<PairingView>| {
        let mut seen = pairing.rows.values().flat_map(|pairing| &pairing.nearby);
        if seen.any(|near| near.node == node) {
            ControlFlow::Break(Ok(()))
        } else {
            ControlFlow::Continue("the other node says hello".to_owned())
        }
    };
    match wait::until((client, out), &Topic::Pairing, HELLO_TIMEOUT, nearby).await {
        Ok(()) | Err(CliError::TimedOut(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Asks a node that is nearby, shows the code, and waits for the answer if told to.
async fn ask_node(
    client: &Client,
    out: &Out,
    (node, wait_for_answer): (NodeId, bool),
) -> Result<(), CliError> {
    let before = client.ask(&GetStatus {}).await?.cluster;
    client.ask(&Ask { node }).await?;
    let shows_code = |pairing: &Table<PairingView>| match asked(pairing, node) {
        Some(Ok(AskView { digits: Some(digits), words, name, .. })) => {
            ControlFlow::Break(Ok(Some((name.clone(), digits.clone(), words.clone()))))
        }
        Some(Ok(_)) => ControlFlow::Continue("the other node answers".to_owned()),
        Some(Err(error)) => ControlFlow::Break(Err(error)),
        // Someone there was faster than this look.
        None if !pairing.rows.is_empty() => ControlFlow::Break(Ok(None)),
        None => ControlFlow::Continue("this node asks".to_owned()),
    };
    let shown = wait::until((client, out), &Topic::Pairing, CODE_TIMEOUT, shows_code).await?;
    if let Some((name, digits, words)) = shown {
        let reply = serde_json::json!({ "node": node, "digits": digits, "words": words });
        if !(out.json && wait_for_answer) {
            out.result(&reply, || {
                format!(
                    "{name} shows the same code, if nobody is in between:\n\n  {}\n\nThere, a \
                     person accepts: covey accept {digits}",
                    code(&digits, &words)
                )
            });
        }
    }
    if !wait_for_answer {
        return Ok(());
    }
    entered(client, out, (node, before), PERSON_TIMEOUT).await
}

/// Waits until this node is in another cluster than `before`, or `host` says no.
async fn entered(
    client: &Client,
    out: &Out,
    (host, before): (NodeId, ClusterId),
    limit: Duration,
) -> Result<(), CliError> {
    let member = |rows: &Table<StatusView>| match rows.rows.values().next() {
        Some(status) if status.cluster != before => ControlFlow::Break(Ok(status.clone())),
        Some(_) | None => ControlFlow::Continue("the other side lets this node in".to_owned()),
    };
    let refused = |pairing: &Table<PairingView>| match asked(pairing, host) {
        Some(Err(error)) => ControlFlow::Break(Err(error)),
        Some(Ok(_)) | None => ControlFlow::Continue(String::new()),
    };
    let status = tokio::select! {
        status = wait::until((client, out), &Topic::Status, limit, member) => status,
        refusal = wait::until((client, out), &Topic::Pairing, limit * 2, refused) => refusal,
    }?;
    let role = words::role(status.role);
    out.result(&status, || format!("this node is in {} as {role}", status.cluster_name));
    Ok(())
}

/// What became of asking `node`: how far it got, or why it failed; none if nothing is asked.
fn asked(pairing: &Table<PairingView>, node: NodeId) -> Option<Result<&AskView, CliError>> {
    let ask = pairing.rows.values().next()?.ask.as_ref().filter(|ask| ask.node == node)?;
    Some(match ask.phase {
        AskPhase::Asking | AskPhase::Waiting => Ok(ask),
        AskPhase::Refused { reason } => {
            Err(CliError::Failed(format!("{} refused: {reason}", ask.name)))
        }
        AskPhase::Unreachable => Err(CliError::Failed(format!("{} does not answer", ask.name))),
    })
}

pub(super) async fn withdraw(client: &Client, out: &Out) -> Result<(), CliError> {
    client.ask(&Withdraw {}).await?;
    out.done("this node no longer asks");
    Ok(())
}

pub(super) async fn accept(
    client: &Client,
    out: &Out,
    text: &str,
    role: Role,
) -> Result<(), CliError> {
    let request = request(client, text).await?;
    client.ask(&Accept { node: request.node, role }).await?;
    out.done(&format!("{} is let in as {}", request.name, words::role(role)));
    Ok(())
}

pub(super) async fn refuse(client: &Client, out: &Out, text: &str) -> Result<(), CliError> {
    let request = request(client, text).await?;
    client.ask(&Refuse { node: request.node }).await?;
    out.done(&format!("{} is told no", request.name));
    Ok(())
}

/// The request that `text` names: by its code, or as nodes are named.
async fn request(client: &Client, text: &str) -> Result<RequestView, CliError> {
    let pairing = client.ask(&GetPairing {}).await?;
    find_request(text, &pairing.requests).cloned()
}

pub(super) fn find_request<'a>(
    text: &str,
    requests: &'a [RequestView],
) -> Result<&'a RequestView, CliError> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let by_code = |request: &&RequestView| digits.len() == 6 && request.digits == digits;
    if let Some(request) = requests.iter().find(by_code) {
        return Ok(request);
    }
    if requests.is_empty() {
        return Err(CliError::Failed("nobody asks to join".to_owned()));
    }
    let named: Vec<_> = requests.iter().map(|asks| (asks.node, asks.name.as_str())).collect();
    let node = find::node(text, &named)?;
    let failed = || CliError::Failed(format!("node {} does not ask to join", node.short()));
    requests.iter().find(|request| request.node == node).ok_or_else(failed)
}

pub(super) async fn invite(
    client: &Client,
    out: &Out,
    role: Role,
    ttl: Option<Duration>,
) -> Result<(), CliError> {
    let ttl_ms = ttl.and_then(|ttl| u64::try_from(ttl.as_millis()).ok());
    let made = client.ask(&Invite { role, ttl_ms }).await?;
    out.result(&made, || made.link.clone());
    if !out.json {
        out.note(&format!(
            "admits one node as {} until {}; on the other machine: covey join LINK",
            words::role(role),
            words::at(made.expires)
        ));
    }
    Ok(())
}

pub(super) async fn uninvite(client: &Client, out: &Out, id: String) -> Result<(), CliError> {
    client.ask(&RevokeInvite { id }).await?;
    out.done("the invite is taken back");
    Ok(())
}

pub(super) async fn join(client: &Client, out: &Out, args: JoinArgs) -> Result<(), CliError> {
    let Some(target) = args.target.filter(|_| !args.plan) else {
        return plan(client, out).await;
    };
    warn(client, out).await?;
    if !target.trim().starts_with("covey:") {
        let dialled = client.ask(&Dial { address: target }).await?;
        become_nearby(client, out, dialled.node).await?;
        return ask_node(client, out, (dialled.node, args.wait)).await;
    }
    if args.wait {
        return Err(CliError::Usage("--wait is for an address; an invite needs no person".into()));
    }
    let link: InviteLink = target
        .parse()
        .map_err(|error: crate::control::LinkError| CliError::Usage(error.to_string()))?;
    let before = client.ask(&GetStatus {}).await?.cluster;
    client.ask_within(&Join { link: target }, CODE_TIMEOUT * 2).await?;
    entered(client, out, (link.host, before), CODE_TIMEOUT).await
}
