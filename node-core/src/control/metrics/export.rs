//! What nodes measured, as text for other programs.

use covey_logic::{
    NodeId, Wall,
    monitor::{Metric, Of, Point, Subject},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use ts_rs::TS;

use super::{Control, UiError, Window, ask, present, series_in};
use crate::monitor::{Question, Which};

/// Writes what every member that is up measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct ExportMetrics {
    /// How.
    pub format: ExportFormat,
    /// Of nodes or of their agents; of nodes if nothing is said.
    pub of: Option<Of>,
    /// Which metrics; all if nothing is said.
    pub metrics: Option<Vec<Metric>>,
    /// How far back, in seconds: 900 if nothing is said, 86,400 at most.
    pub span_s: Option<u32>,
    /// How many seconds one row is of; beyond 900 seconds back, whole minutes.
    pub step_s: Option<u32>,
}

/// How measures are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// A line for each value, as RFC 4180 has it.
    Csv,
    /// One object with a list of values.
    Json,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MetricsExport {
    /// The version of the columns.
    pub version: u32,
    /// The text.
    pub text: String,
    /// Members that did not answer, of which nothing is in it.
    #[ts(type = "string[]")]
    pub silent: Vec<NodeId>,
}

impl MetricsExport {
    /// The version of the columns; it is raised when one means something else.
    pub const VERSION: u32 = 1;
}

/// A value of a step.
struct Row<'a> {
    at: Wall,
    node: (NodeId, &'a str),
    subject: &'a Subject,
    metric: Metric,
    point: Point,
}

pub(in crate::control) async fn export(
    control: &Control,
    request: ExportMetrics,
) -> Result<MetricsExport, UiError> {
    let ExportMetrics { format, of, metrics, span_s, step_s } = request;
    let window = Window::new(control.backend().now(), span_s, step_s)?;
    let of = of.unwrap_or(Of::Node);
    let which = if of == Of::Node { Which::Node } else { Which::Agents };
    let all = || Metric::ALL.to_vec();
    let metrics = metrics.unwrap_or_else(all).into_iter().filter(|metric| metric.of() == of);
    let names = present(control).await?;
    let nodes: Vec<NodeId> = names.iter().map(|(node, _)| *node).collect();
    let question = Question::Series(which, window.read(metrics.collect()));
    let answers = ask(control, &nodes, &question).await?;
    let silent = answers.iter().filter(|(_, answer)| answer.is_none());
    let silent = silent.map(|(node, _)| *node).collect();
    let mut text = Text::new(format);
    for ((node, answer), (_, name)) in answers.into_iter().zip(&names) {
        for of in answer.into_iter().flat_map(series_in) {
            for (metric, points) in &of.series {
                for (place, point) in (0_u64..).zip(points) {
                    let Some(point) = *point else { continue };
                    let second = window.from + place * u64::from(window.step);
                    let (at, node) = (Wall(second * 1_000), (node, name.as_str()));
                    text.add(&Row { at, node, subject: &of.subject, metric: *metric, point });
                }
            }
        }
    }
    Ok(MetricsExport { version: MetricsExport::VERSION, text: text.finish(window.step), silent })
}

enum Text {
    Csv(String),
    Json(Vec<serde_json::Value>),
}

impl Text {
    const HEADER: &str = "version,time,node,node_name,agent,metric,unit,min,mean,max,last\r\n";

    fn new(format: ExportFormat) -> Self {
        match format {
            ExportFormat::Csv => Self::Csv(Self::HEADER.to_owned()),
            ExportFormat::Json => Self::Json(Vec::new()),
        }
    }

    fn add(&mut self, row: &Row<'_>) {
        let Row { at, node: (node, name), subject, metric, point } = row;
        let agent = subject.agent().map(ToString::to_string);
        let Point { min, mean, max, last } = *point;
        match self {
            Self::Csv(text) => {
                let fields = [
                    MetricsExport::VERSION.to_string(),
                    at.0.to_string(),
                    node.to_string(),
                    (*name).to_owned(),
                    agent.unwrap_or_default(),
                    metric.name().to_owned(),
                    metric.unit().symbol().to_owned(),
                ];
                let values = [min, mean, max, last].map(|value| value.to_string());
                let line: Vec<String> =
                    fields.iter().chain(&values).map(|field| escaped(field)).collect();
                text.push_str(&line.join(","));
                text.push_str("\r\n");
            }
            Self::Json(rows) => rows.push(json!({
                "time": at, "node": node, "node_name": name, "agent": agent,
                "metric": metric, "unit": metric.unit(),
                "min": min, "mean": mean, "max": max, "last": last,
            })),
        }
    }

    fn finish(self, step_s: u32) -> String {
        match self {
            Self::Csv(text) => text,
            Self::Json(rows) => {
                json!({ "version": MetricsExport::VERSION, "step_s": step_s, "values": rows })
                    .to_string()
            }
        }
    }
}

/// A field as RFC 4180, section 2, has it. One that a spreadsheet would take for a formula begins
/// with an apostrophe: names of nodes are what anybody calls them.
fn escaped(field: &str) -> String {
    let number = field.parse::<f64>().is_ok();
    let formula = !number && field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let field = if formula { format!("'{field}") } else { field.to_owned() };
    if field.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_escaped_as_rfc_4180_has_it() {
        assert_eq!(escaped("plain"), "plain");
        assert_eq!(escaped("a,b"), "\"a,b\"");
        assert_eq!(escaped("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(escaped("two\r\nlines"), "\"two\r\nlines\"");
        assert_eq!(escaped("=1+2"), "'=1+2");
        assert_eq!(escaped("-3.5"), "-3.5");
    }

    #[test]
    fn both_formats_say_their_version() {
        let subject = Subject::Node(NodeId([1; 32]));
        let row = Row {
            at: Wall(5_000),
            node: (NodeId([1; 32]), "kitchen, left"),
            subject: &subject,
            metric: Metric::Cpu,
            point: Point::of(12.5),
        };

        let [csv, json] = [ExportFormat::Csv, ExportFormat::Json].map(|format| {
            let mut text = Text::new(format);
            text.add(&row);
            text.finish(5)
        });

        let line = csv.lines().nth(1).unwrap();
        assert!(line.starts_with("1,5000,") && line.contains(",\"kitchen, left\",,cpu,%,12.5,"));
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&read["version"], &read["values"][0]["mean"]), (&json!(1), &json!(12.5)));
    }
}
