//! A minute of every series of a node, in short, as it is kept for a day.

use serde::{Deserialize, Serialize};

use super::{Histogram, Metric, Point, Subject, point::narrow};

/// A minute of one node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Minute {
    /// Which, in minutes since the Unix epoch.
    pub at: u64,
    /// What was measured, of each subject.
    pub of: Vec<MinuteOf>,
}

/// A minute of one subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MinuteOf {
    /// Of what.
    pub subject: Subject,
    /// What was measured.
    points: Vec<(Metric, Kept)>,
    /// Times in which messages were answered, in nanoseconds, if any was.
    pub latency: Option<Histogram>,
}

/// A point as it is written: most series of most minutes stand still.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Kept {
    Still(f32),
    Moved([f32; 4]),
}

impl MinuteOf {
    /// Seconds of a minute.
    pub const SECONDS: u64 = 60;

    /// Of points and times.
    #[must_use]
    pub fn new(
        subject: Subject,
        points: impl IntoIterator<Item = (Metric, Point)>,
        latency: Option<Histogram>,
    ) -> Self {
        let kept = |(metric, point): (Metric, Point)| {
            let Point { min, mean, max, last } = point;
            // Equal bits: a mean of equal values may be off by its last digit.
            let still = min.to_bits() == max.to_bits();
            (metric, if still { Kept::Still(last) } else { Kept::Moved([min, mean, max, last]) })
        };
        Self { subject, points: points.into_iter().map(kept).collect(), latency }
    }

    /// What was measured of a metric, if it was.
    #[must_use]
    pub fn point(&self, metric: Metric) -> Option<Point> {
        let (_, kept) = self.points.iter().find(|(held, _)| *held == metric)?;
        Some(match *kept {
            Kept::Still(value) => Point::of(value),
            Kept::Moved([min, mean, max, last]) => Point { min, mean, max, last },
        })
    }
}

/// What a percentile of times is as a point: a histogram tells neither when nor in between.
pub(super) fn quantile(histogram: &Histogram, parts: u32) -> Option<Point> {
    histogram.quantile(parts).map(|ns| Point::of(millis(ns)))
}

#[expect(clippy::cast_precision_loss, reason = "73 minutes in nanoseconds fit 52 binary digits")]
fn millis(ns: u64) -> f32 {
    narrow(ns as f64 / 1e6)
}
