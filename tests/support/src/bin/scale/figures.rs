//! The figures of one cluster, and how they are told.

/// The figures of one cluster.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) nodes: usize,
    pub(crate) names: usize,
    /// From the acceptance of a change until a node has it, over tries and nodes.
    pub(crate) change_p50_ms: f64,
    /// The slowest node of all tries.
    pub(crate) change_max_ms: f64,
    /// Messages of one change, over all nodes.
    pub(crate) change_messages: u64,
    /// Bytes of one change, over all nodes.
    pub(crate) change_bytes: u64,
    /// What a node says a second while nothing happens: who is up.
    pub(crate) idle_detect_bytes: u64,
    /// And what one lacks.
    pub(crate) idle_repair_bytes: u64,
    /// What a node weighs.
    pub(crate) node_kib: u64,
    /// From the start of a node until it holds what the others hold.
    pub(crate) join_ms: f64,
    /// What all nodes say meanwhile beside heartbeats.
    pub(crate) join_bytes: u64,
    /// Under churn: what a node says a second in the worst second, heartbeats left out.
    pub(crate) churn_bytes: u64,
    /// Under churn: the slowest node of all tries.
    pub(crate) churn_change_max_ms: f64,
}

const HEAD: &str = "\
| nodes × names | change p50 / max, ms | messages, bytes a change | idle bytes/s a node: heartbeats + \
repair | KiB a node | join, ms / bytes | churn of 1 %/min: bytes/s a node, change max, ms |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |";

/// All of them as a table in Markdown.
pub(crate) fn table(rows: &[Figures]) -> String {
    let lines = rows.iter().map(|row| {
        format!(
            "| {} × {} | {:.1} / {:.1} | {}, {} | {} + {} | {} | {:.0} / {} | {}, {:.1} |",
            row.nodes,
            grouped(u64::try_from(row.names).unwrap_or(u64::MAX)),
            row.change_p50_ms,
            row.change_max_ms,
            grouped(row.change_messages),
            grouped(row.change_bytes),
            grouped(row.idle_detect_bytes),
            grouped(row.idle_repair_bytes),
            grouped(row.node_kib),
            row.join_ms,
            grouped(row.join_bytes),
            grouped(row.churn_bytes),
            row.churn_change_max_ms,
        )
    });
    std::iter::once(HEAD.to_owned()).chain(lines).collect::<Vec<_>>().join("\n")
}

impl Figures {
    /// One JSON object a figure, as the other areas of the bench have it.
    pub(crate) fn lines(&self) -> Vec<String> {
        let whole = |figure: u64| figure.to_string();
        let tenths = |figure: f64| format!("{figure:.1}");
        [
            ("change_p50", "ms", tenths(self.change_p50_ms)),
            ("change_max", "ms", tenths(self.change_max_ms)),
            ("change_messages", "count", whole(self.change_messages)),
            ("change_bytes", "bytes", whole(self.change_bytes)),
            ("idle_detect", "B/s", whole(self.idle_detect_bytes)),
            ("idle_repair", "B/s", whole(self.idle_repair_bytes)),
            ("node", "KiB", whole(self.node_kib)),
            ("join", "ms", tenths(self.join_ms)),
            ("join_bytes", "bytes", whole(self.join_bytes)),
            ("churn", "B/s", whole(self.churn_bytes)),
            ("churn_change_max", "ms", tenths(self.churn_change_max_ms)),
        ]
        .map(|(name, unit, value)| {
            let Self { nodes, names, .. } = self;
            format!(
                "{{\"area\":\"scale\",\"name\":\"{name}_{nodes}x{names}\",\"value\":{value},\
                 \"unit\":\"{unit}\",\"n\":1,\"min\":{value},\"max\":{value}}}"
            )
        })
        .into()
    }
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
