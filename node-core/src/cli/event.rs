//! Verbs about events.

use std::time::Duration;

use covey_logic::{Wall, event::EventRecord};

use crate::{
    clock,
    control::{EventQuery, Frame, ListNodes, Topic},
};

use super::{
    CliError,
    args::{EventVerb, QueryArgs},
    client::Client,
    find, node,
    out::Out,
    words::{self, Names},
};

pub(super) async fn run(client: &Client, out: &Out, verb: EventVerb) -> Result<(), CliError> {
    match verb {
        EventVerb::Tail { lines } => tail(client, out, lines).await,
        EventVerb::Query(args) => query(client, out, args).await,
    }
}

async fn tail(client: &Client, out: &Out, lines: usize) -> Result<(), CliError> {
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
            if !names.0.contains_key(&event.origin) {
                names = node::names(client).await?;
            }
            out.line(&line(&event, &names));
        }
    }
    if out.closed() { Ok(()) } else { Err(CliError::Failed("the node stopped".to_owned())) }
}

async fn query(client: &Client, out: &Out, args: QueryArgs) -> Result<(), CliError> {
    let QueryArgs { kind, node, name, text, since, until, before, limit } = args;
    let origin = match node {
        Some(text) => {
            let nodes = client.ask(&ListNodes {}).await?;
            Some(find::node(&text, &node::named(&nodes))?)
        }
        None => None,
    };
    let now = clock::wall();
    let back = |span: Duration| {
        Wall(now.0.saturating_sub(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    };
    let kinds = (!kind.is_empty()).then_some(kind);
    let (since, until, limit) = (since.map(back), until.map(back), Some(limit));
    let query = EventQuery { kinds, origin, name, text, since, until, before, limit };
    let page = client.ask(&query).await?;
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(&page, || {
        let lines: Vec<_> = page.events.iter().map(|event| line(event, &names)).collect();
        if lines.is_empty() { "Nothing like that happened.".to_owned() } else { lines.join("\n") }
    });
    if let (false, Some(next)) = (out.json, page.next) {
        out.note(&format!("there is more: --before {next}"));
    }
    Ok(())
}

fn line(event: &EventRecord, names: &Names) -> String {
    let at = words::at(event.stamp.wall);
    format!("{at}  {}  {}", names.of(event.origin), words::event(event, names))
}
