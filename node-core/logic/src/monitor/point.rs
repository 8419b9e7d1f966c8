//! What a span of time is worth: its least, its mean, its greatest and its last value.

use serde::{Deserialize, Serialize};

/// Values of a span, in short.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The least.
    pub min: f32,
    /// The mean of all, each alike.
    pub mean: f32,
    /// The greatest.
    pub max: f32,
    /// The last.
    pub last: f32,
}

impl Point {
    /// Of one value.
    #[must_use]
    pub fn of(value: f32) -> Self {
        Self { min: value, mean: value, max: value, last: value }
    }

    /// Of several that follow one another; nothing of nothing. Each weighs alike.
    #[must_use]
    pub fn across(points: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut points = points.into_iter();
        let first = points.next()?;
        let mut sum = f64::from(first.mean);
        let mut count = 1_u32;
        let mut all = first;
        for point in points {
            all.min = all.min.min(point.min);
            all.max = all.max.max(point.max);
            all.last = point.last;
            sum += f64::from(point.mean);
            count += 1;
        }
        all.mean = narrow(sum / f64::from(count));
        Some(all)
    }
}

/// The nearest value that a series keeps: seven digits.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "seven digits are kept of every measure")]
pub(super) fn narrow(value: f64) -> f32 {
    value as f32
}
