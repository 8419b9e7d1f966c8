//! Verbs about measures and alerts.

use std::time::Duration;

use covey_logic::{
    Name, NodeId, Wall,
    monitor::{AlertState, AlertView, Metric, Of, Subject, Unit},
};

use super::{
    CliError,
    args::{AlertArgs, AlertVerb, MetricsVerb, WindowArgs},
    client::Client,
    find, node,
    out::{Out, table},
    words::{self, Names},
};
use crate::control::{
    AcknowledgeAlert, AlertEpisode, AlertRuleRow, ExportMetrics, GetMetrics, GetMetricsNow,
    ListAlertRules, ListAlerts, ListMetrics, ListNodes, ListPastAlerts, MetricsNow, MetricsRead,
    MuteAlert, UnmuteAlert,
};

pub(super) async fn metrics(client: &Client, out: &Out, verb: MetricsVerb) -> Result<(), CliError> {
    match verb {
        MetricsVerb::List => {
            let rows = client.ask(&ListMetrics {}).await?;
            out.result(&rows, || {
                let row = |row: &crate::control::MetricRow| {
                    vec![row.metric.name().into(), row.unit.symbol().into(), row.help.clone()]
                };
                table(&["METRIC", "UNIT", "WHAT"], &rows.iter().map(row).collect::<Vec<_>>())
            });
        }
        MetricsVerb::Get { node, agent, metrics, window } => {
            let subject = subject(client, node.as_deref(), agent).await?;
            let (span_s, step_s) = seconds(&window);
            let metrics = (!metrics.is_empty()).then_some(metrics);
            let read = client.ask(&GetMetrics { subject, metrics, span_s, step_s }).await?;
            out.result(&read, || series(&read));
        }
        MetricsVerb::Export { format, agents, metrics, window } => {
            let (span_s, step_s) = seconds(&window);
            let of = Some(if agents { Of::Agent } else { Of::Node });
            let metrics = (!metrics.is_empty()).then_some(metrics);
            let asked = ExportMetrics { format: format.into(), of, metrics, span_s, step_s };
            let export = client.ask(&asked).await?;
            if !export.silent.is_empty() {
                out.note(&format!("{} members did not answer", export.silent.len()));
            }
            out.text(export.text.trim_end());
        }
    }
    Ok(())
}

/// The nodes and agents of the cluster, the busiest first.
pub(super) async fn top(client: &Client, out: &Out) -> Result<(), CliError> {
    let rows = client.ask(&GetMetricsNow {}).await?;
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(&rows, || {
        let nodes = [
            Metric::Cpu,
            Metric::MemoryShare,
            Metric::DiskShare,
            Metric::NetworkIn,
            Metric::NetworkOut,
            Metric::Agents,
            Metric::Messages,
            Metric::Errors,
        ];
        let agents = [
            Metric::AgentCpu,
            Metric::AgentMemory,
            Metric::AgentMailbox,
            Metric::AgentMessages,
            Metric::AgentErrors,
            Metric::AgentRestarts,
        ];
        let of_nodes = columns(&rows, &nodes, &names);
        format!("{of_nodes}\n\n{}", columns(&rows, &agents, &names))
    });
    Ok(())
}

fn columns(rows: &[MetricsNow], metrics: &[Metric], names: &Names) -> String {
    let of = metrics.first().map(|metric| metric.of());
    let value = |row: &MetricsNow, metric: Metric| {
        row.values.iter().find(|held| held.metric == metric).map(|held| held.value)
    };
    let mine = |row: &&MetricsNow| {
        of == Some(if row.subject.node().is_some() { Of::Node } else { Of::Agent })
    };
    let mut rows: Vec<&MetricsNow> = rows.iter().filter(mine).collect();
    let busy = |row: &MetricsNow| metrics.first().and_then(|first| value(row, *first));
    rows.sort_by(|a, b| busy(b).unwrap_or(-1.0).total_cmp(&busy(a).unwrap_or(-1.0)));
    let cells = |row: &&MetricsNow| {
        let agent = row.subject.agent().map(ToString::to_string);
        let first = match agent {
            Some(agent) => vec![agent, names.of(row.node)],
            None => vec![names.of(row.node)],
        };
        let values = metrics.iter().map(|metric| amount(*metric, value(row, *metric)));
        first.into_iter().chain(values).collect::<Vec<String>>()
    };
    let titles: Vec<String> = metrics
        .iter()
        .map(|metric| format!(">{}", metric.name().trim_start_matches("agent_").to_uppercase()))
        .collect();
    let first = if of == Some(Of::Agent) { vec!["AGENT", "NODE"] } else { vec!["NODE"] };
    let head: Vec<&str> = first.into_iter().chain(titles.iter().map(String::as_str)).collect();
    table(&head, &rows.iter().map(cells).collect::<Vec<_>>())
}

fn series(read: &MetricsRead) -> String {
    let titles: Vec<String> =
        read.series.iter().map(|series| format!(">{}", series.metric.name())).collect();
    let head: Vec<&str> = ["TIME"].into_iter().chain(titles.iter().map(String::as_str)).collect();
    let steps = read.series.first().map_or(0, |series| series.mean.len());
    let row = |step: usize| {
        let after = u64::try_from(step).unwrap_or(0) * u64::from(read.step_s) * 1_000;
        let values = read
            .series
            .iter()
            .map(|series| amount(series.metric, series.mean.get(step).copied().flatten()));
        [words::at(Wall(read.from.0 + after))].into_iter().chain(values).collect::<Vec<_>>()
    };
    table(&head, &(0..steps).map(row).collect::<Vec<_>>())
}

/// A value with its unit; a dash where nothing was measured.
fn amount(metric: Metric, value: Option<f32>) -> String {
    const STEPS: [(f32, &str); 3] = [(1.074e9, "GiB"), (1.049e6, "MiB"), (1_024.0, "KiB")];
    let Some(value) = value else { return "-".to_owned() };
    let bytes = |after: &str| {
        let step = STEPS.into_iter().find(|(size, _)| value >= *size);
        step.map_or_else(
            || format!("{value:.0} B{after}"),
            |(size, unit)| format!("{:.1} {unit}{after}", value / size),
        )
    };
    match metric.unit() {
        Unit::Percent => format!("{value:.1} %"),
        Unit::Bytes => bytes(""),
        Unit::BytesPerSecond => bytes("/s"),
        Unit::PerSecond => format!("{value:.1}/s"),
        Unit::Count => format!("{value:.0}"),
        Unit::Milliseconds => format!("{value:.3} ms"),
    }
}

pub(super) async fn alert(
    client: &Client,
    out: &Out,
    verb: Option<AlertVerb>,
) -> Result<(), CliError> {
    match verb {
        None => {
            let alerts = client.ask(&ListAlerts {}).await?;
            let names = node::names(client).await?;
            out.result(&alerts, || list(&alerts, &names));
        }
        Some(AlertVerb::Rules) => {
            let rules = client.ask(&ListAlertRules {}).await?;
            out.result(&rules, || rules_text(&rules));
        }
        Some(AlertVerb::History { limit }) => {
            let past = client.ask(&ListPastAlerts { limit }).await?;
            let names = node::names(client).await?;
            out.result(&past, || history(&past, &names));
        }
        Some(AlertVerb::Mute { of, span }) => {
            let rule = of.rule;
            let subject = alert_subject(client, of).await?;
            let for_ms = span.map(|span| u64::try_from(span.as_millis()).unwrap_or(u64::MAX));
            client.ask(&MuteAlert { rule, subject, for_ms }).await?;
            out.done("nobody is told of it");
        }
        Some(AlertVerb::Unmute { of }) => {
            let rule = of.rule;
            let subject = alert_subject(client, of).await?;
            client.ask(&UnmuteAlert { rule, subject }).await?;
            out.done("people are told of it again");
        }
        Some(AlertVerb::Acknowledge { of }) => {
            let rule = of.rule;
            let subject = alert_subject(client, of).await?;
            client.ask(&AcknowledgeAlert { rule, subject }).await?;
            out.done("the others see that you look after it");
        }
    }
    Ok(())
}

async fn alert_subject(client: &Client, of: AlertArgs) -> Result<Subject, CliError> {
    subject(client, of.node.as_deref(), of.agent).await
}

async fn subject(
    client: &Client,
    node: Option<&str>,
    agent: Option<Name>,
) -> Result<Subject, CliError> {
    if let Some(name) = agent {
        return Ok(Subject::Agent(name));
    }
    let nodes = client.ask(&ListNodes {}).await?;
    let known: Vec<(NodeId, &str)> =
        nodes.iter().map(|node| (node.id, node.name.as_str())).collect();
    Ok(Subject::Node(find::node(node.unwrap_or_default(), &known)?))
}

fn seconds(window: &WindowArgs) -> (Option<u32>, Option<u32>) {
    let seconds = |span: Duration| u32::try_from(span.as_secs()).unwrap_or(u32::MAX);
    (window.span.map(seconds), window.step.map(seconds))
}

fn list(alerts: &[AlertView], names: &Names) -> String {
    if alerts.is_empty() {
        return "No alert was ever raised; `covey alert rules` shows what is watched.".to_owned();
    }
    let row = |alert: &AlertView| {
        let state = match alert.state {
            AlertState::Active => "active",
            AlertState::Acknowledged => "acknowledged",
            AlertState::Cleared => "cleared",
        };
        let muted = if alert.muted.is_some() { ", muted" } else { "" };
        vec![
            format!("{state}{muted}"),
            alert.rule.name().to_owned(),
            words::subject(&alert.subject, names),
            alert.value.map_or_else(|| "-".to_owned(), |value| value.to_string()),
            words::at(alert.raised),
        ]
    };
    let rows: Vec<_> = alerts.iter().map(row).collect();
    table(&["STATE", "RULE", "OF", ">VALUE", "RAISED"], &rows)
}

fn history(past: &[AlertEpisode], names: &Names) -> String {
    let row = |alert: &AlertEpisode| {
        vec![
            words::at(alert.raised),
            alert.cleared.map_or_else(|| "-".to_owned(), words::at),
            alert.rule.name().to_owned(),
            words::subject(&alert.subject, names),
            alert.value.map_or_else(|| "-".to_owned(), |value| value.to_string()),
        ]
    };
    let rows: Vec<_> = past.iter().map(row).collect();
    table(&["RAISED", "CLEARED", "RULE", "OF", ">VALUE"], &rows)
}

fn rules_text(rules: &[AlertRuleRow]) -> String {
    let span = |ms: u64| words::span(Duration::from_millis(ms));
    let row = |rule: &AlertRuleRow| {
        let edge = |edge: Option<f32>| edge.map_or_else(|| "-".to_owned(), |it| it.to_string());
        let watched = if rule.watched { "yes" } else { "no" };
        vec![
            rule.rule.name().to_owned(),
            watched.to_owned(),
            edge(rule.raise),
            span(rule.raise_after_ms),
            edge(rule.clear),
            span(rule.clear_after_ms),
            rule.setting.clone(),
        ]
    };
    let rows: Vec<_> = rules.iter().map(row).collect();
    table(&["RULE", "WATCHED", ">RAISES AT", "FOR", ">CLEARS BELOW", "FOR", "SETTING"], &rows)
}
