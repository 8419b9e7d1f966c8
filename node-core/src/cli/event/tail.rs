//! Events as they are learnt, and from a position on.

use std::time::Duration;

use covey_logic::event::EventRecord;

use crate::{
    cli::{
        CliError,
        args::TailArgs,
        client::{ANSWER_TIMEOUT, Client},
        node,
        out::Out,
    },
    control::{EventQuery, FollowEvents, Frame, Topic},
};

use super::line;

/// How long one question waits for events.
const WAIT: Duration = Duration::from_secs(20);

pub(super) async fn run(client: &Client, out: &Out, args: TailArgs) -> Result<(), CliError> {
    match args.from {
        Some(from) => follow(client, out, from, args.once).await,
        None => watch(client, out, args.lines).await,
    }
}

/// Every event after a position, each once.
async fn follow(
    client: &Client,
    out: &Out,
    mut position: String,
    once: bool,
) -> Result<(), CliError> {
    let mut names = super::names(client, out).await?;
    while !out.closed() {
        let wait = if once { Duration::ZERO } else { WAIT };
        let request = FollowEvents {
            position,
            limit: Some(EventQuery::MAX_LIMIT),
            wait_ms: u32::try_from(wait.as_millis()).unwrap_or(u32::MAX),
        };
        let followed = client.ask_within(&request, wait + ANSWER_TIMEOUT).await?;
        for gap in &followed.gaps {
            if out.json {
                out.json_line(&serde_json::json!({ "gap": gap }));
            } else {
                let whose = names.of(gap.origin);
                out.line(&format!("events {} to {} of {whose} are kept no more", gap.from, gap.to));
            }
        }
        for event in &followed.events {
            if out.json {
                out.json_line(event);
                continue;
            }
            if !event.fact.is_agreed() && !names.0.contains_key(&event.origin) {
                names = node::names(client).await?;
            }
            out.line(&line(event, &names));
        }
        let idle = followed.events.is_empty() && followed.gaps.is_empty();
        position = followed.position;
        if out.json && !idle {
            out.json_line(&serde_json::json!({ "position": position }));
        }
        if once && !followed.more && request.position != FollowEvents::NEWEST {
            out.note(&format!("go on with --from {position}"));
            return Ok(());
        }
    }
    Ok(())
}

/// The newest events, then those that come.
async fn watch(client: &Client, out: &Out, lines: usize) -> Result<(), CliError> {
    let mut names = node::names(client).await?;
    let mut feed = client.watch(&Topic::Events).await?;
    let mut first = true;
    while let (false, Some(frame)) = (out.closed(), feed.next().await?) {
        let rows = match frame {
            Frame::Snapshot(rows) | Frame::Patch(rows) => rows.rows,
            Frame::Error { error, .. } => return Err(error.into()),
        };
        let skipped = if first { rows.len().saturating_sub(lines) } else { 0 };
        first = false;
        for row in rows.into_iter().skip(skipped) {
            if out.json {
                out.json_line(&row);
                continue;
            }
            let event: EventRecord = serde_json::from_value(row).ok().ok_or(CliError::Garbled)?;
            if !event.fact.is_agreed() && !names.0.contains_key(&event.origin) {
                names = node::names(client).await?;
            }
            out.line(&line(&event, &names));
        }
    }
    if out.closed() { Ok(()) } else { Err(CliError::Failed("the node stopped".to_owned())) }
}
