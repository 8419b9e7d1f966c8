//! Events for other programs.

use covey_logic::event::{EventRecord, Fact};

use crate::{
    cli::{
        CliError,
        args::{ExportFormat, FilterArgs},
        client::Client,
        out::Out,
        words,
    },
    control::{EventOrder, EventQuery},
};

const HEAD: &str = "origin,seq,time,wall_ms,counter,actor,kind,type,correlation,parent,fact";

pub(super) async fn run(
    client: &Client,
    out: &Out,
    format: ExportFormat,
    filter: FilterArgs,
) -> Result<(), CliError> {
    let (order, limit) = (Some(EventOrder::Oldest), Some(EventQuery::MAX_LIMIT));
    let mut query = EventQuery { order, limit, ..super::read(client, filter).await? };
    if format == ExportFormat::Csv {
        out.text(HEAD);
    }
    while !out.closed() {
        let page = client.ask(&query).await?;
        for event in &page.events {
            match format {
                ExportFormat::Ndjson => out.json_line(event),
                ExportFormat::Csv => out.text(&row(event)),
            }
        }
        if page.next.is_none() {
            break;
        }
        query.after = page.next;
    }
    Ok(())
}

/// An event as a row of [`HEAD`], as RFC 4180 has it.
fn row(event: &EventRecord) -> String {
    let fact = crate::control::to_json(&event.fact);
    let report = if let Fact::Reported(report) = &event.fact { Some(report) } else { None };
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let cells = [
        event.origin.to_string(),
        event.seq.to_string(),
        words::at(event.stamp.wall),
        event.stamp.wall.0.to_string(),
        event.stamp.counter.to_string(),
        event.actor.map(|actor| actor.to_string()).unwrap_or_default(),
        text(fact.get("kind").and_then(serde_json::Value::as_str)),
        text(report.map(|report| report.kind.as_str())),
        text(report.and_then(|report| report.correlation.as_deref())),
        report.and_then(|it| it.parent).map(|parent| parent.to_string()).unwrap_or_default(),
        fact.to_string(),
    ];
    cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",")
}

/// A cell, in quotes if it holds what ends one. One that a spreadsheet would run as a formula is
/// marked as text.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_hold_separators_are_quoted() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted(r#"{"a":1}"#), r#""{""a"":1}""#);
        assert_eq!(quoted("a,b"), "\"a,b\"");
    }

    #[test]
    fn cell_that_a_spreadsheet_would_run_is_text() {
        assert_eq!(quoted("=cmd()"), "'=cmd()");
    }
}
