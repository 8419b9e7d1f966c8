//! Commands about what nodes measured.

mod export;

use covey_logic::{
    NodeId, Wall,
    monitor::{Metric, Of, Point, Read, SeriesOf, Subject, Unit},
    node::NodeState,
};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use export::{ExportFormat, ExportMetrics, MetricsExport};

use super::{Cause, Control, UiError};
use crate::monitor::{Answer, Question, Which};

pub(super) use export::export;

/// Reads which metrics there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListMetrics {}

/// A metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MetricRow {
    /// Which.
    pub metric: Metric,
    /// What it is of.
    pub of: Of,
    /// The unit of its values.
    pub unit: Unit,
    /// What it is, in a sentence.
    pub help: String,
}

/// Reads series of a node or an agent. Those of an agent come from every node that held it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct GetMetrics {
    /// Of what.
    pub subject: Subject,
    /// Which metrics; all of its kind if nothing is said.
    pub metrics: Option<Vec<Metric>>,
    /// How far back, in seconds: 900 if nothing is said, 86,400 at most.
    pub span_s: Option<u32>,
    /// How many seconds one point is of; as many as make some 180 points if nothing is said. Beyond
    /// 900 seconds back they are whole minutes.
    pub step_s: Option<u32>,
}

/// Series, as they were read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct MetricsRead {
    /// When the first step begins.
    #[ts(type = "number")]
    pub from: Wall,
    /// Seconds of a step.
    pub step_s: u32,
    /// Each metric that was asked for.
    pub series: Vec<SeriesView>,
    /// Nodes that were asked and did not answer.
    #[ts(type = "string[]")]
    pub silent: Vec<NodeId>,
}

/// A series: a value for each step, or none where nothing was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SeriesView {
    /// Of which metric.
    pub metric: Metric,
    /// The least of each step.
    pub min: Vec<Option<f32>>,
    /// The mean.
    pub mean: Vec<Option<f32>>,
    /// The greatest.
    pub max: Vec<Option<f32>>,
}

/// Reads one metric of every node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct GetHeat {
    /// Which; one of nodes.
    pub metric: Metric,
    /// As of [`GetMetrics::span_s`].
    pub span_s: Option<u32>,
    /// As of [`GetMetrics::step_s`].
    pub step_s: Option<u32>,
}

/// One metric of every member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct HeatView {
    /// Which.
    pub metric: Metric,
    /// When the first step begins.
    #[ts(type = "number")]
    pub from: Wall,
    /// Seconds of a step.
    pub step_s: u32,
    /// How many steps.
    pub steps: u32,
    /// Each member, by name.
    pub rows: Vec<HeatRow>,
}

/// One member's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct HeatRow {
    /// Which member.
    #[ts(type = "string")]
    pub node: NodeId,
    /// What people call it.
    pub name: String,
    /// Whether it answered; one that is down does not.
    pub answered: bool,
    /// The mean of each step, or none where nothing was measured; nothing at all of one that did
    /// not answer.
    pub values: Vec<Option<f32>>,
}

/// Reads the last value of every metric of every node and agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GetMetricsNow {}

/// The last values that a node measured of a subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct MetricsNow {
    /// Which node.
    #[ts(type = "string")]
    pub node: NodeId,
    /// Of what.
    pub subject: Subject,
    /// The values; what was not measured is left out.
    pub values: Vec<MetricValue>,
}

/// A value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct MetricValue {
    /// Of which metric.
    pub metric: Metric,
    /// How much.
    pub value: f32,
}

/// Which steps are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    from: u64,
    step: u32,
    count: u32,
}

impl Window {
    /// The longest: what is kept.
    const MAX_SPAN: u32 = 86_400;
    const DEFAULT_SPAN: u32 = 900;
    /// Steps that a picture shows well.
    const STEPS: u32 = 180;
    const MINUTE: u32 = 60;

    fn new(now: Wall, span: Option<u32>, step: Option<u32>) -> Result<Self, UiError> {
        let invalid = |field: &str, value: u32| {
            UiError::from(Cause::Invalid { field: field.to_owned(), value: value.to_string() })
        };
        let span = span.unwrap_or(Self::DEFAULT_SPAN);
        if !(1..=Self::MAX_SPAN).contains(&span) {
            return Err(invalid("span_s", span));
        }
        let live = span <= Self::DEFAULT_SPAN;
        let fitting = span.div_ceil(Self::STEPS);
        let fitting = if live { fitting } else { fitting.next_multiple_of(Self::MINUTE) };
        let step = step.unwrap_or(fitting);
        let whole = live || step.is_multiple_of(Self::MINUTE);
        if step == 0 || step > span || !whole {
            return Err(invalid("step_s", step));
        }
        let count = span / step;
        let until = now.0 / 1_000 / u64::from(step) * u64::from(step);
        Ok(Self { from: until.saturating_sub(u64::from(step) * u64::from(count)), step, count })
    }

    fn read(self, metrics: Vec<Metric>) -> Read {
        Read { from: self.from, step: self.step, count: self.count, metrics }
    }

    fn begin(self) -> Wall {
        Wall(self.from.saturating_mul(1_000))
    }
}

pub(super) async fn list(_: &Control, _: ListMetrics) -> Result<Vec<MetricRow>, UiError> {
    let row = |metric: &Metric| MetricRow {
        metric: *metric,
        of: metric.of(),
        unit: metric.unit(),
        help: metric.doc().to_owned(),
    };
    Ok(Metric::ALL.iter().map(row).collect())
}

pub(super) async fn get(control: &Control, request: GetMetrics) -> Result<MetricsRead, UiError> {
    let GetMetrics { subject, metrics, span_s, step_s } = request;
    let window = Window::new(control.backend().now(), span_s, step_s)?;
    let of = if subject.node().is_some() { Of::Node } else { Of::Agent };
    let all = || Metric::ALL.iter().copied().filter(|metric| metric.of() == of).collect();
    let metrics: Vec<Metric> = metrics.unwrap_or_else(all);
    if let Some(other) = metrics.iter().find(|metric| metric.of() != of) {
        let value = other.name().to_owned();
        return Err(Cause::Invalid { field: "metrics".to_owned(), value }.into());
    }
    let (nodes, which) = match &subject {
        Subject::Node(node) => (vec![*node], Which::Node),
        Subject::Agent(name) => {
            let nodes = present(control).await?.into_iter().map(|(node, _)| node).collect();
            (nodes, Which::Agent(name.clone()))
        }
    };
    let question = Question::Series(which, window.read(metrics.clone()));
    let answers = ask(control, &nodes, &question).await?;
    let silent = answers.iter().filter(|(_, answer)| answer.is_none());
    let silent = silent.map(|(node, _)| *node).collect();
    let series = answers.into_iter().filter_map(|(_, answer)| answer).flat_map(series_in);
    let merged = merge(series, &metrics, window.count);
    let series = merged.iter().map(|(metric, points)| SeriesView {
        metric: *metric,
        min: each(points, |point| point.min),
        mean: each(points, |point| point.mean),
        max: each(points, |point| point.max),
    });
    let series = series.collect();
    Ok(MetricsRead { from: window.begin(), step_s: window.step, series, silent })
}

pub(super) async fn heat(control: &Control, request: GetHeat) -> Result<HeatView, UiError> {
    let GetHeat { metric, span_s, step_s } = request;
    if metric.of() != Of::Node {
        let value = metric.name().to_owned();
        return Err(Cause::Invalid { field: "metric".to_owned(), value }.into());
    }
    let window = Window::new(control.backend().now(), span_s, step_s)?;
    let question = Question::Series(Which::Node, window.read(vec![metric]));
    let views = control.view_now().await?;
    let nodes: Vec<NodeId> = views.nodes.iter().map(|node| node.id).collect();
    let answers = ask(control, &nodes, &question).await?;
    let row = |(node, answer): (NodeId, Option<Answer>)| {
        let name = views.nodes.iter().find(|view| view.id == node);
        let answered = answer.is_some();
        let points = merge(answer.into_iter().flat_map(series_in), &[metric], window.count);
        let points = points.first().map(|(_, points)| each(points, |point| point.mean));
        let values = points.filter(|_| answered).unwrap_or_default();
        let name = name.map_or_else(|| node.short(), |view| view.name.clone());
        HeatRow { node, name, answered, values }
    };
    let mut rows: Vec<HeatRow> = answers.into_iter().map(row).collect();
    rows.sort_by(|a, b| (&a.name, a.node).cmp(&(&b.name, b.node)));
    let (from, step_s, steps) = (window.begin(), window.step, window.count);
    Ok(HeatView { metric, from, step_s, steps, rows })
}

pub(super) async fn now(control: &Control, _: GetMetricsNow) -> Result<Vec<MetricsNow>, UiError> {
    let nodes: Vec<NodeId> = present(control).await?.into_iter().map(|(node, _)| node).collect();
    let answers = ask(control, &nodes, &Question::Latest).await?;
    let rows = answers.into_iter().flat_map(|(node, answer)| {
        let Some(Answer::Latest(latest)) = answer else { return Vec::new() };
        let value = |(metric, value)| MetricValue { metric, value };
        let row = |(subject, values): (Subject, Vec<(Metric, f32)>)| MetricsNow {
            node,
            subject,
            values: values.into_iter().map(value).collect(),
        };
        latest.into_iter().map(row).collect()
    });
    Ok(rows.collect())
}

/// Members that are up, and what people call them.
async fn present(control: &Control) -> Result<Vec<(NodeId, String)>, UiError> {
    let views = control.view_now().await?;
    let up = views.nodes.iter().filter(|node| {
        matches!(node.state, NodeState::Alive | NodeState::Suspect | NodeState::Waking)
    });
    Ok(up.map(|node| (node.id, node.name.clone())).collect())
}

/// Asks all at once; who does not answer in time is none.
///
/// # Errors
///
/// [`Cause::TooManyPoints`] if one says so.
async fn ask(
    control: &Control,
    nodes: &[NodeId],
    question: &Question,
) -> Result<Vec<(NodeId, Option<Answer>)>, UiError> {
    let asked = nodes.iter().map(|node| async {
        (*node, control.backend().measured(*node, question.clone()).await.ok().flatten())
    });
    let answers = join_all(asked).await;
    for (_, answer) in &answers {
        if let Some(Answer::TooMuch { points, most }) = answer {
            return Err(Cause::TooManyPoints { points: *points, most: *most }.into());
        }
    }
    Ok(answers)
}

fn series_in(answer: Answer) -> Vec<SeriesOf> {
    if let Answer::Series(series) = answer { series } else { Vec::new() }
}

/// One series for each metric: of several nodes that measured one step, the first counts.
fn merge(
    series: impl IntoIterator<Item = SeriesOf>,
    metrics: &[Metric],
    count: u32,
) -> Vec<(Metric, Vec<Option<Point>>)> {
    let empty = vec![None; usize::try_from(count).unwrap_or_default()];
    let mut merged: Vec<(Metric, Vec<Option<Point>>)> =
        metrics.iter().map(|metric| (*metric, empty.clone())).collect();
    for (metric, points) in series.into_iter().flat_map(|of| of.series) {
        let Some((_, held)) = merged.iter_mut().find(|(held, _)| *held == metric) else { continue };
        for (held, point) in held.iter_mut().zip(points) {
            *held = held.or(point);
        }
    }
    merged
}

fn each(points: &[Option<Point>], of: impl Fn(&Point) -> f32) -> Vec<Option<f32>> {
    points.iter().map(|point| point.as_ref().map(&of)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_an_hour_is_read_in_steps_of_five_seconds() {
        let window = Window::new(Wall(1_700_000_003_999), None, None).unwrap();

        assert_eq!(window, Window { from: 1_699_999_100, step: 5, count: 180 });
    }

    #[test]
    fn a_day_is_read_in_whole_minutes() {
        let window = Window::new(Wall(1_700_000_003_999), Some(86_400), None).unwrap();

        assert_eq!((window.step, window.count), (480, 180));
        assert_eq!(window.from % 60, 0);
        assert!(Window::new(Wall(0), Some(86_400), Some(30)).is_err(), "half a minute is not kept");
    }

    #[test]
    fn gaps_of_one_node_are_filled_by_the_other() {
        let of = |points: Vec<Option<f32>>| SeriesOf {
            subject: Subject::Agent("adder".parse().unwrap()),
            series: vec![(
                Metric::AgentCpu,
                points.into_iter().map(|value| value.map(Point::of)).collect(),
            )],
        };
        let before = of(vec![Some(1.0), Some(2.0), None, None]);
        let after = of(vec![None, Some(9.0), Some(3.0), None]);

        let merged = merge([before, after], &[Metric::AgentCpu], 4);

        let means = each(&merged[0].1, |point| point.mean);
        assert_eq!(means, [Some(1.0), Some(2.0), Some(3.0), None]);
    }
}
