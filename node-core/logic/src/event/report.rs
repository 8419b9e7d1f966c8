//! What people and programs tell of: events of their own making.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

use super::{EventId, EventType};

/// What a person or a program told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Report {
    /// What kind of thing it was.
    #[serde(rename = "type")]
    #[ts(type = "string")]
    pub kind: EventType,
    /// What there is to say about it.
    #[ts(type = "Record<string, unknown>")]
    pub body: Map<String, Value>,
    /// What it belongs to: an order, a request, a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub correlation: Option<String>,
    /// The event it follows from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub parent: Option<EventId>,
    /// What had to hold before it was acknowledged.
    #[serde(default, skip_serializing_if = "Class::is_local")]
    #[ts(as = "Option<Class>", optional)]
    pub class: Class,
    /// Its place among those that were told together, if there were others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub batch: Option<BatchPlace>,
}

/// What must hold before an event is acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "EventClass")]
pub enum Class {
    /// It is on the disk of the node that took it.
    #[default]
    Local,
    /// It is on the disk of one more member too, if another member is up.
    Replicated,
}

/// The place of an event among those that were told together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BatchPlace {
    /// How many come before it.
    pub index: u32,
    /// How many there are.
    pub of: u32,
}

/// Why events cannot be taken. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// Tell of something.
    #[error("there is no event to take")]
    Nothing,
    /// Tell of fewer at once.
    #[error("{count} events are more than the {max} that are taken at once")]
    TooMany {
        /// How many were told.
        count: usize,
        /// How many are taken.
        max: usize,
    },
    /// Say less, or keep it elsewhere and say where.
    #[error("the body of event {index} takes {len} bytes, and {max} are allowed")]
    TooLarge {
        /// Which, from 0.
        index: usize,
        /// Bytes of its body as JSON.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Tell of fewer at once.
    #[error("the bodies take {len} bytes together, and {max} are allowed")]
    AllTooLarge {
        /// Bytes of all bodies as JSON.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Nest less.
    #[error("the body of event {index} nests deeper than {max} levels")]
    TooDeep {
        /// Which, from 0.
        index: usize,
        /// Levels allowed.
        max: usize,
    },
    /// Use a shorter id, without control characters.
    #[error("the correlation of event {index} is not 1 to {max} bytes of plain text")]
    Correlation {
        /// Which, from 0.
        index: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Tell of the parent first, or wait until this node has heard of it.
    #[error("the parent {parent} is not known here")]
    UnknownParent {
        /// Which event.
        parent: EventId,
    },
}

impl Report {
    /// The longest body, in bytes of JSON: a page of text, where files do not belong.
    pub const MAX_BODY_LEN: usize = 64 * 1024;
    /// Events that are told at once.
    pub const MAX_BATCH: usize = 1_000;
    /// Bytes of their bodies: together they go to other nodes in one message of 4 MiB at most.
    pub const MAX_BATCH_LEN: usize = 1024 * 1024;
    /// Levels of a body: readers of JSON stop at 128, and an event wraps its body.
    pub const MAX_DEPTH: usize = 64;
    /// The longest correlation, in bytes.
    pub const MAX_CORRELATION_LEN: usize = 128;

    /// Refuses what no node takes; whether the parents are there is another question.
    ///
    /// # Errors
    ///
    /// See [`ReportError`].
    pub fn check(batch: &[Self]) -> Result<(), ReportError> {
        if batch.is_empty() {
            return Err(ReportError::Nothing);
        }
        if batch.len() > Self::MAX_BATCH {
            return Err(ReportError::TooMany { count: batch.len(), max: Self::MAX_BATCH });
        }
        let mut total = 0;
        for (index, report) in batch.iter().enumerate() {
            if report.body.values().any(|value| nests(value, Self::MAX_DEPTH)) {
                return Err(ReportError::TooDeep { index, max: Self::MAX_DEPTH });
            }
            let len = report.body_len();
            if len > Self::MAX_BODY_LEN {
                return Err(ReportError::TooLarge { index, len, max: Self::MAX_BODY_LEN });
            }
            total += len;
            let plain = |text: &String| {
                (1..=Self::MAX_CORRELATION_LEN).contains(&text.len())
                    && !text.chars().any(char::is_control)
            };
            if !report.correlation.as_ref().is_none_or(plain) {
                return Err(ReportError::Correlation { index, max: Self::MAX_CORRELATION_LEN });
            }
        }
        if total > Self::MAX_BATCH_LEN {
            return Err(ReportError::AllTooLarge { len: total, max: Self::MAX_BATCH_LEN });
        }
        Ok(())
    }

    /// Bytes of the body as JSON.
    fn body_len(&self) -> usize {
        let mut counter = Counter(0);
        // Counting takes every byte, and a map with text for keys is expressible.
        let _counted = serde_json::to_writer(&mut counter, &self.body);
        counter.0
    }

    /// Bytes of the whole, roughly, for cutting messages.
    #[must_use]
    pub fn weight(&self) -> usize {
        let values: usize =
            self.body.iter().map(|(key, value)| key.len() + 4 + weight(value)).sum();
        let correlation = self.correlation.as_ref().map_or(0, String::len);
        self.kind.as_str().len() + correlation + values + 128
    }
}

/// Counts what is written.
struct Counter(usize);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Whether a value has more than `levels` within it.
fn nests(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(values) => levels == 0 || values.iter().any(|one| nests(one, levels - 1)),
        Value::Object(fields) => levels == 0 || fields.values().any(|one| nests(one, levels - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 12,
        // Line breaks and quotes take two bytes, which few texts have many of.
        Value::String(text) => text.len() + text.len() / 8 + 3,
        Value::Array(values) => values.iter().map(|one| weight(one) + 1).sum::<usize>() + 2,
        Value::Object(fields) => {
            fields.iter().map(|(key, one)| key.len() + 4 + weight(one)).sum::<usize>() + 2
        }
    }
}

impl Class {
    fn is_local(&self) -> bool {
        *self == Self::Local
    }
}

impl BatchPlace {
    /// Whether no other comes after it.
    #[must_use]
    pub fn is_last(self) -> bool {
        self.index.saturating_add(1) >= self.of
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(body: Value) -> Report {
        let Value::Object(body) = body else { panic!("a body is an object") };
        let kind = EventType::new("shop.order").unwrap();
        let (correlation, parent, batch) = (None, None, None);
        Report { kind, body, correlation, parent, class: Class::Local, batch }
    }

    #[test]
    fn body_at_the_limit_is_taken_and_one_byte_more_is_not() {
        let text = |len| report(serde_json::json!({ "t": "x".repeat(len) }));
        let frame = r#"{"t":""}"#.len();

        assert_eq!(Report::check(&[text(Report::MAX_BODY_LEN - frame)]), Ok(()));
        let refused = Report::check(&[text(Report::MAX_BODY_LEN - frame + 1)]);
        let len = Report::MAX_BODY_LEN + 1;
        assert_eq!(refused, Err(ReportError::TooLarge { index: 0, len, max: len - 1 }));
    }

    #[test]
    fn body_too_deep_to_be_read_back_is_refused() {
        let mut value = serde_json::json!(1);
        for _ in 0..=Report::MAX_DEPTH {
            value = serde_json::json!([value]);
        }

        let refused = Report::check(&[report(serde_json::json!({ "deep": value }))]);

        assert_eq!(refused, Err(ReportError::TooDeep { index: 0, max: Report::MAX_DEPTH }));
    }

    #[test]
    fn batch_is_refused_as_a_whole() {
        let many = vec![report(serde_json::json!({})); Report::MAX_BATCH + 1];
        let large = vec![report(serde_json::json!({ "t": "x".repeat(60_000) })); 20];

        assert_eq!(Report::check(&[]), Err(ReportError::Nothing));
        assert!(matches!(Report::check(&many), Err(ReportError::TooMany { count: 1_001, .. })));
        assert!(matches!(Report::check(&large), Err(ReportError::AllTooLarge { .. })));
    }
}
