//! Hysteresis: past an edge for long enough, and back past another for long enough.

use std::time::Duration;

use crate::time::Instant;

/// Where an alert begins and where it ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// Raised at this value or more,
    pub raise: f32,
    /// for as long.
    pub raise_after: Duration,
    /// Cleared below this value,
    pub clear: f32,
    /// for as long.
    pub clear_after: Duration,
}

/// Whether one value is past its band.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    raised: bool,
    /// Since when the value is past the edge that turns it.
    since: Option<Instant>,
    /// When it was judged last.
    judged: Option<Instant>,
}

impl Watch {
    /// Longer between two judgements, nothing is known of the time in between: the machine slept.
    const GAP: Duration = Duration::from_secs(10);

    /// Whether the value is past its band by now. What is not measured is past no edge that raises,
    /// and past the one that clears: the agent ended, or what told the value did.
    pub fn judge(&mut self, at: Instant, value: Option<f32>, band: &Band) -> bool {
        if self.judged.replace(at).is_some_and(|last| at.since(last) > Self::GAP) {
            self.since = None;
        }
        let (past, span) = if self.raised {
            (value.is_none_or(|value| value < band.clear), band.clear_after)
        } else {
            (value.is_some_and(|value| value >= band.raise), band.raise_after)
        };
        if past {
            let since = *self.since.get_or_insert(at);
            if at.since(since) >= span {
                self.raised = !self.raised;
                self.since = None;
            }
        } else {
            self.since = None;
        }
        self.raised
    }
}
