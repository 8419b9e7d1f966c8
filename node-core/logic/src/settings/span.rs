//! Spans as people type them.

use std::time::Duration;

/// The units, the greatest first, in milliseconds.
const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// A span as people type it: `30s`, `10m`, `2h`, `1d`, `500ms`; nothing if `text` is none.
#[must_use]
pub fn parse_span(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.get(digits.len()..)?;
    let (_, ms) = UNITS.iter().find(|(name, _)| *name == unit)?;
    digits.parse::<u64>().ok()?.checked_mul(*ms).map(Duration::from_millis)
}

/// The span in the greatest unit that leaves no rest, to the millisecond.
#[must_use]
pub fn write_span(span: Duration) -> String {
    let ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let whole = |(_, unit): &&(&str, u64)| ms >= *unit && ms.is_multiple_of(*unit);
    let (name, unit) = UNITS.iter().find(whole).unwrap_or(&("ms", 1));
    format!("{}{name}", ms / unit)
}
