//! Changes of names as they happen.

use covey_logic::registry::{ChangeKind, ChangeView, HeldView, MemberView, Precedence};

use crate::{
    cli::{CliError, client::Client, node, out::Out, words::Names},
    control::{Frame, Topic},
};

use super::fields;

pub(super) async fn run(client: &Client, out: &Out, prefix: String) -> Result<(), CliError> {
    let names = node::names(client).await?;
    let mut feed = client.watch(&Topic::Names { prefix }).await?;
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
            let change: ChangeView = serde_json::from_value(row).ok().ok_or(CliError::Garbled)?;
            out.line(&line(&change, &names));
        }
    }
    if out.closed() { Ok(()) } else { Err(CliError::Failed("the node stopped".to_owned())) }
}

fn line(change: &ChangeView, names: &Names) -> String {
    let name = change.name.as_ref().map_or("", |name| name.as_str());
    let on = |held: &HeldView| names.of(held.node);
    match &change.change {
        ChangeKind::Registered { owner } => {
            format!("{name}  registered on {}  {}", on(owner), fields(&owner.metadata))
        }
        ChangeKind::Updated { owner } => format!("{name}  told  {}", fields(&owner.metadata)),
        ChangeKind::Removed { owner } => format!("{name}  gone from {}", on(owner)),
        ChangeKind::Conflict { winner, loser, why } => {
            let why = match why {
                Precedence::Epoch => "its agent is the later life",
                Precedence::Earlier => "it claimed the name first",
                Precedence::SmallerId => "both claimed it at once, and its id is smaller",
            };
            format!("{name}  {} wins against {}: {why}", on(winner), on(loser))
        }
        ChangeKind::Joined { member } => format!("{name}  joined by {}", who(member, names)),
        ChangeKind::Left { member } => format!("{name}  left by {}", who(member, names)),
        ChangeKind::Gap { missed } => format!("missed {missed} changes"),
    }
}

pub(super) fn who(member: &MemberView, names: &Names) -> String {
    let node = names.of(member.node);
    member.agent.as_ref().map_or_else(|| node.clone(), |agent| format!("{agent} on {node}"))
}
