//! `covey doctor`: why nodes are not found or not reached, and what to do.

use crate::{
    control::RunDoctor,
    doctor::{CheckView, DoctorReport, Verdict},
    net::{SourceKind, SourceReport, SourceState},
};

use super::{
    CliError,
    client::Client,
    out::{Out, table},
};

pub(super) async fn doctor(client: &Client, out: &Out) -> Result<(), CliError> {
    out.note("looking at interfaces, multicast, ports, and the way to other nodes …");
    let report = client.ask(&RunDoctor {}).await?;
    out.result(&report, || text(&report));
    Ok(())
}

pub(super) fn text(report: &DoctorReport) -> String {
    let checks = report.checks.iter().map(check);
    let checks: Vec<String> = checks.collect();
    let rows: Vec<Vec<String>> = report.sources.iter().map(source).collect();
    let sources = table(&["way", "looks at", "state", ">found", ">tried"], &rows);
    format!("{}\n\n{sources}", checks.join("\n"))
}

fn check(check: &CheckView) -> String {
    let mut lines = vec![format!("{:<5} {}", mark(check.verdict), check.title)];
    lines.extend(check.evidence.iter().map(|seen| format!("      {seen}")));
    lines.extend(check.fix.iter().map(|fix| format!("      → {fix}")));
    lines.join("\n")
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Unknown => "?",
        Verdict::Ok => "ok",
        Verdict::Warn => "WARN",
        Verdict::Fail => "FAIL",
    }
}

fn source(source: &SourceReport) -> Vec<String> {
    let kind = match source.kind {
        SourceKind::Mdns => "multicast",
        SourceKind::SameMachine => "this machine",
        SourceKind::AddressBook => "address book",
        SourceKind::Address => "address",
        SourceKind::Dns => "DNS",
        SourceKind::Routing => "members",
        SourceKind::JoinKey => "join key",
    };
    let state = match source.state {
        SourceState::Off => "off",
        SourceState::Searching => "searching",
        SourceState::Found => "found",
        SourceState::Nobody => "nobody",
        SourceState::Itself => "this node",
        SourceState::Failing => "failing",
    };
    let error = source.error.as_ref().map_or_else(String::new, |error| format!(": {error}"));
    let tried = source.tried_ms_ago.map_or_else(String::new, |ms| format!("{} s ago", ms / 1_000));
    vec![
        kind.to_owned(),
        source.target.clone(),
        format!("{state}{error}"),
        source.found.to_string(),
        tried,
    ]
}
