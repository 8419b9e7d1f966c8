//! The text format of Prometheus, version 0.0.4.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use covey_logic::{
    Name, NodeId,
    monitor::{Histogram, Kind, Metric, Of, Subject, Unit},
};

use crate::host::AgentMeasure;

/// The upper edges of what is told of times, in milliseconds: from a call inside the process to one
/// that is given up.
const EDGES_MS: [f64; 14] =
    [0.01, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1_000.0, 5_000.0, 30_000.0];

/// A counter: its name, what it is, and where it is counted.
type Counter = (&'static str, &'static str, fn(&AgentMeasure) -> u64);

/// What was measured last, and what was counted since the node started.
pub(super) fn text(
    me: NodeId,
    latest: &[(Subject, Vec<(Metric, f32)>)],
    agents: &[AgentMeasure],
    latency: &BTreeMap<Name, Histogram>,
) -> String {
    let mut text = Text::default();
    text.head("covey_build_info", "The version of Covey, and its node.", "gauge");
    let node = me.to_string();
    let build = [("version", env!("CARGO_PKG_VERSION")), ("node", &node)];
    text.line("covey_build_info", &build, 1.0);
    for metric in Metric::ALL.iter().copied().filter(|metric| metric.kind() == Kind::Value) {
        let (name, scale) = name_of(metric);
        let values: Vec<(&Subject, f32)> = latest
            .iter()
            .flat_map(|(of, values)| values.iter().map(move |(held, value)| (of, *held, *value)))
            .filter(|(_, held, _)| *held == metric)
            .map(|(of, _, value)| (of, value))
            .collect();
        if values.is_empty() {
            continue;
        }
        text.head(&name, metric.doc(), "gauge");
        for (subject, value) in values {
            let agent = subject.agent().map(|name| ("agent", name.as_str()));
            let labels: Vec<(&str, &str)> = agent.into_iter().collect();
            text.line(&name, &labels, f64::from(value) * scale);
        }
    }
    let counters: [Counter; 3] = [
        ("covey_agent_messages_total", "Messages of this life of the agent.", |it| it.calls),
        ("covey_agent_failures_total", "Those of them that failed.", |it| it.failed),
        ("covey_agent_ends_total", "How often the agent ended unasked here.", |it| it.ended),
    ];
    for (name, doc, of) in counters {
        if !agents.is_empty() {
            text.head(name, doc, "counter");
        }
        for agent in agents {
            text.line(name, &[("agent", agent.name.as_str())], float(of(agent)));
        }
    }
    text.times(latency);
    text.0
}

/// As Prometheus names it, in base units.
fn name_of(metric: Metric) -> (String, f64) {
    let (unit, scale) = match metric.unit() {
        Unit::Percent => ("_ratio", 0.01),
        Unit::Bytes => ("_bytes", 1.0),
        Unit::BytesPerSecond => ("_bytes_per_second", 1.0),
        Unit::PerSecond => ("_per_second", 1.0),
        Unit::Count => ("", 1.0),
        Unit::Milliseconds => ("_seconds", 0.001),
    };
    let of = match metric.of() {
        Of::Node => "node_",
        Of::Agent => "",
    };
    (format!("covey_{of}{}{unit}", metric.name()), scale)
}

#[derive(Debug, Default)]
struct Text(String);

impl Text {
    fn head(&mut self, name: &str, doc: &str, kind: &str) {
        self.write(format_args!("# HELP {name} {}\n# TYPE {name} {kind}\n", escaped(doc, false)));
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        self.write(format_args!("{name}"));
        for (place, (label, said)) in labels.iter().enumerate() {
            let open = if place == 0 { '{' } else { ',' };
            self.write(format_args!("{open}{label}=\"{}\"", escaped(said, true)));
        }
        let close = if labels.is_empty() { "" } else { "}" };
        self.write(format_args!("{close} {value}\n"));
    }

    fn times(&mut self, latency: &BTreeMap<Name, Histogram>) {
        const NAME: &str = "covey_agent_answer_seconds";
        if latency.is_empty() {
            return;
        }
        self.head(
            NAME,
            "How long answers of the agent took, from when it was handed the message.",
            "histogram",
        );
        for (agent, histogram) in latency {
            let agent = agent.as_str();
            let bucket = format!("{NAME}_bucket");
            for edge in EDGES_MS {
                let below = histogram.at_most(nanos(edge));
                let edge = (edge / 1_000.0).to_string();
                self.line(&bucket, &[("agent", agent), ("le", &edge)], float(below));
            }
            self.line(&bucket, &[("agent", agent), ("le", "+Inf")], float(histogram.count()));
            let sum = float(histogram.sum()) / 1e9;
            self.line(&format!("{NAME}_sum"), &[("agent", agent)], sum);
            self.line(&format!("{NAME}_count"), &[("agent", agent)], float(histogram.count()));
        }
    }

    fn write(&mut self, what: fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _written = self.0.write_fmt(what);
    }
}

fn escaped(text: &str, quotes: bool) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    if quotes { text.replace('"', "\\\"") } else { text }
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus counts in floats")]
fn float(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "half a minute in nanoseconds fits"
)]
fn nanos(ms: f64) -> u64 {
    (ms * 1e6) as u64
}
