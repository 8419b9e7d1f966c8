//! Verbs about events.

mod export;
mod tail;
mod tell;

use std::time::Duration;

use covey_logic::{
    Wall,
    event::{EventId, EventRecord},
};

use crate::{
    clock,
    control::{
        CheckEvents, EventOrder, EventQuery, GetEvent, GetEventStatistics, ListNodes, TraceEvents,
    },
};

use super::{
    CliError,
    args::{EventVerb, FilterArgs, QueryArgs},
    client::Client,
    find, node,
    out::{Out, table},
    words::{self, Names},
};

/// How long every stored event takes to be read: a million takes some seconds.
const CHECK_TIMEOUT: Duration = Duration::from_mins(10);

pub(super) async fn run(client: &Client, out: &Out, verb: EventVerb) -> Result<(), CliError> {
    match verb {
        EventVerb::Append(args) => tell::append(client, out, args).await,
        EventVerb::Tail(args) => tail::run(client, out, args).await,
        EventVerb::Query(args) => query(client, out, args).await,
        EventVerb::Show { event } => show(client, out, event).await,
        EventVerb::Trace { correlation } => trace(client, out, correlation).await,
        EventVerb::Stats => stats(client, out).await,
        EventVerb::Check => check(client, out).await,
        EventVerb::Export { format, filter } => export::run(client, out, format, filter).await,
    }
}

async fn query(client: &Client, out: &Out, args: QueryArgs) -> Result<(), CliError> {
    let QueryArgs { filter, oldest, after, limit } = args;
    let order = Some(if oldest { EventOrder::Oldest } else { EventOrder::Newest });
    let query = EventQuery { order, after, limit: Some(limit), ..read(client, filter).await? };
    let page = client.ask(&query).await?;
    let names = names(client, out).await?;
    out.result(&page, || {
        let lines: Vec<_> = page.events.iter().map(|event| line(event, &names)).collect();
        if lines.is_empty() { "Nothing like that happened.".to_owned() } else { lines.join("\n") }
    });
    if let (false, Some(next)) = (out.json, page.next) {
        out.note(&format!("there is more: --after {next}"));
    }
    Ok(())
}

/// The question that filters ask.
async fn read(client: &Client, filter: FilterArgs) -> Result<EventQuery, CliError> {
    let FilterArgs { kind, node, name, correlation, parent, text, since, until } = filter;
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
    let (since, until) = (since.map(back), until.map(back));
    let (order, after, limit) = (None, None, None);
    Ok(EventQuery {
        kinds,
        origin,
        name,
        correlation,
        parent,
        text,
        since,
        until,
        order,
        after,
        limit,
    })
}

async fn show(client: &Client, out: &Out, event: EventId) -> Result<(), CliError> {
    let found = client.ask(&GetEvent { event }).await?;
    let found = found.ok_or_else(|| CliError::Failed(format!("event {event} is not held here")))?;
    let names = names(client, out).await?;
    out.result(&*found, || line(&found, &names));
    Ok(())
}

async fn trace(client: &Client, out: &Out, correlation: String) -> Result<(), CliError> {
    let trace = client.ask(&TraceEvents { correlation }).await?;
    let names = names(client, out).await?;
    out.result(&trace, || {
        let lines: Vec<_> = trace.events.iter().map(|event| line(event, &names)).collect();
        if lines.is_empty() { "Nothing belongs to that.".to_owned() } else { lines.join("\n") }
    });
    if let (false, true) = (out.json, trace.more) {
        out.note("there is more: search with --correlation and --oldest");
    }
    Ok(())
}

async fn stats(client: &Client, out: &Out) -> Result<(), CliError> {
    let stats = client.ask(&GetEventStatistics {}).await?;
    let names = names(client, out).await?;
    out.result(&stats, || {
        let mib = |bytes: u64| format!("{}.{} MiB", bytes >> 20, (bytes >> 10) % 1_024 / 103);
        let lag = |node| {
            let lag = stats.lags.iter().find(|lag| lag.node == node);
            lag.map_or_else(String::new, |lag| lag.events.to_string())
        };
        let when = |at: Option<Wall>| at.map_or_else(String::new, words::at);
        let row = |origin: &crate::control::EventOrigin| {
            vec![
                names.of(origin.node),
                (origin.last + 1).saturating_sub(origin.first).to_string(),
                origin.first.to_string(),
                origin.last.to_string(),
                when(origin.oldest),
                when(origin.newest),
                lag(origin.node),
            ]
        };
        let rows: Vec<_> = stats.origins.iter().map(row).collect();
        let head = ["NODE", ">EVENTS", ">FIRST", ">LAST", "OLDEST", "NEWEST", ">LACKS OF OURS"];
        let days = stats.max_age_ms / 86_400_000;
        format!(
            "{} events take {} of {}, for {days} days; the database takes {}\n{}",
            stats.events,
            mib(stats.bytes),
            mib(stats.max_bytes),
            mib(stats.file_bytes),
            table(&head, &rows)
        )
    });
    Ok(())
}

async fn check(client: &Client, out: &Out) -> Result<(), CliError> {
    let check = client.ask_within(&CheckEvents {}, CHECK_TIMEOUT).await?;
    out.result(&check, || {
        let sound = format!("{} events are as they were written", check.events);
        if check.faults.is_empty() { sound } else { check.faults.join("\n") }
    });
    match check.faults.len() {
        0 => Ok(()),
        count => Err(CliError::Failed(format!("{count} things are wrong with the stored events"))),
    }
}

async fn names(client: &Client, out: &Out) -> Result<Names, CliError> {
    if out.json { Ok(Names::default()) } else { node::names(client).await }
}

fn line(event: &EventRecord, names: &Names) -> String {
    let at = words::at(event.stamp.wall);
    format!("{at}  {}  {}", words::seen_by(event, names), words::event(event, names))
}
