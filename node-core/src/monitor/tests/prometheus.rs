//! The text format of Prometheus, read back by a parser of its grammar.

use std::collections::{BTreeMap, BTreeSet};

use covey_logic::{
    Epoch, NodeId,
    monitor::{Histogram, Metric, Subject},
};

use crate::{host::AgentMeasure, monitor::prometheus::text};

#[test]
fn text_is_of_the_grammar_and_every_metric_is_said_once() {
    let page = parse(&page());

    assert_eq!(page.kinds["covey_node_cpu_ratio"], "gauge");
    assert_eq!(page.kinds["covey_agent_messages_total"], "counter");
    assert_eq!(page.kinds["covey_agent_answer_seconds"], "histogram");
    assert!((page.value("covey_node_cpu_ratio", &[]) - 0.425).abs() < 1e-6);
    let adder = [("agent", "adder")];
    assert!((page.value("covey_agent_messages_total", &adder) - 7.0).abs() < 1e-9);
    assert!((page.value("covey_agent_memory_bytes", &adder) - 4_096.0).abs() < 1e-9);
}

#[test]
fn buckets_grow_and_end_with_the_count() {
    let page = parse(&page());

    let counts: Vec<f64> = page
        .samples
        .iter()
        .filter(|(name, _, _)| name == "covey_agent_answer_seconds_bucket")
        .map(|(_, _, value)| *value)
        .collect();

    assert!(counts.is_sorted(), "{counts:?}");
    let adder = [("agent", "adder")];
    let count = page.value("covey_agent_answer_seconds_count", &adder);
    assert!((counts.last().unwrap() - count).abs() < 1e-9);
    assert!((page.value("covey_agent_answer_seconds_sum", &adder) - 0.302).abs() < 1e-9);
}

#[test]
fn what_was_not_measured_is_not_said() {
    let page = parse(&page());

    assert!(!page.kinds.contains_key("covey_node_disk_read_bytes_per_second"));
}

/// Every name that can be told is in the guide.
#[test]
fn names_are_documented() {
    let guide = include_str!("../../../../docs/monitor.md");
    let every: Vec<(Subject, Vec<(Metric, f32)>)> = vec![(
        Subject::Node(NodeId([1; 32])),
        Metric::ALL.iter().map(|metric| (*metric, 1.0)).collect(),
    )];
    let text = text(NodeId([1; 32]), &every, &[agent()], &latency());

    for name in parse(&text).kinds.keys() {
        assert!(guide.contains(&format!("`{name}`")), "{name}");
    }
}

fn page() -> String {
    let latest = [
        (Subject::Node(NodeId([1; 32])), vec![(Metric::Cpu, 42.5)]),
        (Subject::Agent("adder".parse().unwrap()), vec![(Metric::AgentMemory, 4_096.0)]),
    ];
    text(NodeId([1; 32]), &latest, &[agent()], &latency())
}

fn agent() -> AgentMeasure {
    AgentMeasure {
        name: "adder".parse().unwrap(),
        epoch: Epoch(1),
        mailbox: (1, 64),
        calls: 7,
        failed: 1,
        ended: 0,
        cpu_ms: None,
        memory_kib: Some(4),
        latency: None,
    }
}

fn latency() -> BTreeMap<covey_logic::Name, Histogram> {
    let mut histogram = Histogram::default();
    for ms in [2, 300] {
        histogram.record(ms * 1_000_000);
    }
    [("adder".parse().unwrap(), histogram)].into()
}

#[derive(Debug, Default)]
struct Page {
    kinds: BTreeMap<String, String>,
    samples: Vec<(String, BTreeMap<String, String>, f64)>,
}

impl Page {
    fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let wanted: BTreeMap<String, String> =
            labels.iter().map(|(label, value)| ((*label).into(), (*value).into())).collect();
        let found = self.samples.iter().find(|(held, of, _)| held == name && *of == wanted);
        found.unwrap_or_else(|| panic!("{name} {labels:?}")).2
    }
}

/// Reads the text format, and refuses what is not of it.
fn parse(text: &str) -> Page {
    assert!(text.ends_with('\n'));
    let (mut page, mut seen) = (Page::default(), BTreeSet::new());
    for line in text.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let (kind, rest) = comment.split_once(' ').unwrap();
            let (name, said) = rest.split_once(' ').unwrap();
            assert!(is_name(name) && !said.is_empty(), "{line}");
            if kind == "TYPE" {
                let known = ["gauge", "counter", "histogram"].contains(&said);
                let first = page.kinds.insert(name.to_owned(), said.to_owned()).is_none();
                assert!(known && first, "{line}");
            } else {
                assert_eq!(kind, "HELP");
            }
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series
            .split_once('{')
            .map_or((series, ""), |(name, labels)| (name, labels.strip_suffix('}').unwrap()));
        let labels = labels_of(labels);
        let family = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end).filter(|it| page.kinds.contains_key(*it)));
        assert!(page.kinds.contains_key(family.unwrap_or(name)), "no type: {line}");
        assert!(is_name(name) && seen.insert((name.to_owned(), labels.clone())), "{line}");
        page.samples.push((name.to_owned(), labels, value.parse().unwrap()));
    }
    page
}

fn labels_of(mut text: &str) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    while !text.is_empty() {
        let (label, rest) = text.split_once("=\"").unwrap();
        let mut value = String::new();
        let mut chars = rest.char_indices();
        let end = loop {
            match chars.next().unwrap() {
                (at, '"') => break at,
                (_, '\\') => value.push(chars.next().unwrap().1),
                (_, other) => value.push(other),
            }
        };
        assert!(is_name(label) && labels.insert(label.to_owned(), value).is_none());
        text = rest[end + 1..].trim_start_matches(',');
    }
    labels
}

fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    let first = |c: char| c.is_ascii_alphabetic() || c == '_' || c == ':';
    chars.next().is_some_and(first) && chars.all(|c| first(c) || c.is_ascii_digit())
}
