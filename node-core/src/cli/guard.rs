//! Verbs about guards.

use std::time::Duration;

use covey_logic::guard::{BreakerPhase, GateView, GuardView, RateView, Reach};

use super::{
    CliError,
    args::GuardVerb,
    client::Client,
    node,
    out::{Out, table},
    words::{self, Names},
};
use crate::control::{GetGuard, ResetGuard, ResetRate};

pub(super) async fn run(
    client: &Client,
    out: &Out,
    verb: Option<GuardVerb>,
) -> Result<(), CliError> {
    match verb {
        None => show(client, out).await,
        Some(GuardVerb::Reset { name, all: _ }) => {
            let reset = client.ask(&ResetGuard { name }).await?;
            out.result(&reset, || match reset.closed.as_slice() {
                [] => "no breaker was open here".to_owned(),
                closed => {
                    let names: Vec<&str> = closed.iter().map(|name| name.as_str()).collect();
                    format!("calls pass again: {}", names.join(", "))
                }
            });
            Ok(())
        }
        Some(GuardVerb::ResetRate { operation, actor }) => {
            client.ask(&ResetRate { operation, actor }).await?;
            out.done("it begins anew on every node");
            Ok(())
        }
    }
}

async fn show(client: &Client, out: &Out) -> Result<(), CliError> {
    let view = client.ask(&GetGuard {}).await?;
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(&view, || text(&view, &names));
    Ok(())
}

fn text(view: &GuardView, names: &Names) -> String {
    let GuardView { at_once, queue, gates, rates } = view;
    let mut parts =
        vec![format!("{at_once} calls of one agent go on from this node at once, {queue} wait.")];
    if gates.is_empty() {
        parts.push("No agent was called of late.".to_owned());
    } else {
        let rows: Vec<_> = gates.iter().map(|gate| gate_row(gate, names)).collect();
        let titles = ["AGENT", "CALLS", "WELL", "FAILED", "GO ON", "WAIT", "REFUSED"];
        parts.push(table(&titles, &rows));
    }
    if !rates.is_empty() {
        let rows: Vec<_> = rates.iter().map(rate_row).collect();
        let titles =
            ["RATE", "WHO", "LEFT HERE", "LEFT IN ALL", "NEXT", "FULL", "PASSED", "REFUSED"];
        parts.push(table(&titles, &rows));
    }
    parts.join("\n\n")
}

fn gate_row(gate: &GateView, names: &Names) -> Vec<String> {
    let span = |ms: u64| words::span(Duration::from_millis(ms));
    let breaker = match gate.breaker {
        BreakerPhase::Closed => "pass".to_owned(),
        BreakerPhase::Open { by, retry_ms, .. } => {
            format!("stopped by {}, tried in {}", names.of(by), span(retry_ms))
        }
        BreakerPhase::HalfOpen { by, .. } => format!("tried, stopped by {}", names.of(by)),
    };
    let GateView { name, passed, failed, running, queued, broken, crowded, .. } = gate;
    let counts = [*passed, *failed, *running, *queued].map(|count| count.to_string());
    [name.to_string(), breaker]
        .into_iter()
        .chain(counts)
        .chain([(broken + crowded).to_string()])
        .collect()
}

fn rate_row(rate: &RateView) -> Vec<String> {
    let who = rate.actor.as_ref().map_or_else(|| "all".to_owned(), ToString::to_string);
    let all = match (rate.reach, rate.alone) {
        (Reach::Cluster(_), true) => "no majority".to_owned(),
        (Reach::Cluster(_), false) => {
            rate.cluster_left.map_or_else(|| "?".to_owned(), |left| left.to_string())
        }
        (Reach::Node, _) => "–".to_owned(),
    };
    vec![
        rate.rule.clone(),
        who,
        rate.left.to_string(),
        all,
        words::span(Duration::from_millis(rate.next_ms)),
        words::span(Duration::from_millis(rate.full_ms)),
        rate.passed.to_string(),
        rate.refused.to_string(),
    ]
}
