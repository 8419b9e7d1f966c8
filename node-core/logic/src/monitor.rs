//! What is measured, how it is kept, and what is worth an alert.
//!
//! The shell measures; here it is decided what becomes of a measure. A [`Recorder`] keeps the last
//! fifteen minutes of each series second by second, and gives each minute in short, to be kept for
//! a day. Percentiles come from a [`Histogram`] that merges. A [`Watch`] says when a value went
//! past a [`Band`] for long enough, and when it came back.
//!
//! Who measures a breach says so in its presence. The steward of an alert's rule and subject, which
//! is the present member with the highest score of both, makes an alert of it: a shared value that
//! every node holds. When the steward dies, the next finds the same breaches and the same alerts,
//! and goes on from there.
//!
//! # Invariants
//!
//! - **A1 One.** There is one alert of a rule and a subject, whoever decides and however often.
//! - **A2 Steady.** A value that swings between the two edges of a band neither raises nor clears.
//! - **A3 Absent is absent.** What was not measured is nought nowhere.
//! - **P1 Exact.** A percentile is within one percent of the recorded value of that rank.
//!
//! # Not here
//!
//! How anything is measured, and the file of a day's minutes: `covey_node::monitor`. Who is down:
//! `membership`.

mod alert;
mod histogram;
mod judge;
mod machine;
mod metric;
mod minute;
mod point;
mod recorder;
mod rule;
#[cfg(test)]
mod tests;
mod view;
mod watch;

pub use alert::{Acknowledged, Alert, Breach, Muted, Quiet, Subject};
pub use histogram::{Histogram, bucket_of};
pub use judge::{AgentVitals, Judge, Vitals};
pub use machine::{AlertCommand, Monitor, Scene};
pub use metric::{Kind, Metric, Of, Unit, UnknownMetric};
pub use minute::{Minute, MinuteOf};
pub use point::Point;
pub use recorder::{Read, Recorder, Sample, SeriesOf};
pub use rule::{Rule, Severity, UnknownRule};
pub use view::{AlertState, AlertView};
pub use watch::{Band, Watch};
