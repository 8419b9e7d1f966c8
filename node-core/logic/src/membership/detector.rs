//! Judging one peer by the heartbeats that arrive from it.

use std::{collections::VecDeque, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{limits::HEARTBEAT_INTERVAL, time::Instant};

/// How a peer is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PeerState {
    /// Not heard from since this node started.
    Unseen,
    /// Heard from as expected, directly or through others.
    Alive,
    /// Not heard from lately, neither directly nor through others.
    Suspect,
    /// Gone.
    Down,
    /// It said goodbye.
    Left,
    /// It said that its machine goes to sleep.
    Sleeping,
}

impl PeerState {
    /// Whether what the peer says of itself counts.
    #[must_use]
    pub fn is_present(self) -> bool {
        matches!(self, Self::Alive | Self::Suspect)
    }

    /// Whether the peer was there and is not: nobody need wait for it.
    #[must_use]
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Down | Self::Left | Self::Sleeping)
    }
}

/// The φ accrual estimate: how surprising the present silence is, given the gaps before it.
///
/// Hayashibara et al. (2004), section 4, with the logistic approximation of the normal
/// distribution's tail that Akka uses, which needs no error function.
#[derive(Clone, Debug, Default)]
pub struct Phi {
    last: Option<Instant>,
    gaps: VecDeque<Duration>,
}

impl Phi {
    /// Gaps remembered: half a minute of heartbeats.
    const WINDOW: usize = 60;
    /// A spread below this would make a scheduling hiccup of a busy machine look like a death.
    const MIN_DEVIATION: Duration = Duration::from_millis(200);
    /// Doubt starts here: one false alarm in 10^8 gaps, if they are distributed as assumed.
    pub const THRESHOLD: f64 = 8.0;

    /// Takes note of a heartbeat.
    pub fn heard(&mut self, now: Instant) {
        if let Some(last) = self.last {
            self.gaps.push_back(now.since(last));
            if self.gaps.len() > Self::WINDOW {
                self.gaps.pop_front();
            }
        }
        self.last = Some(now);
    }

    /// Leaves the time from `span` ago until `now` out of account.
    pub fn excuse(&mut self, now: Instant, span: Duration) {
        self.last = self.last.map(|last| (last + span).min(now));
    }

    /// Forgets everything: the peer started anew.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// The silence so far.
    #[must_use]
    pub fn silence(&self, now: Instant) -> Duration {
        self.last.map_or(Duration::ZERO, |last| now.since(last))
    }

    /// φ of a silence: minus the decimal logarithm of the probability that a heartbeat still comes.
    #[must_use]
    pub fn value(&self, silence: Duration) -> f64 {
        let (mean, deviation) = self.distribution();
        let y = (silence.as_secs_f64() - mean) / deviation;
        let tail = (-y * 0.070_566f64.mul_add(y * y, 1.5976)).exp();
        if y > 0.0 { -(tail / (1.0 + tail)).log10() } else { -(1.0 - 1.0 / (1.0 + tail)).log10() }
    }

    /// Whether a silence is beyond [`Self::THRESHOLD`]. A silence that a mean gap would explain
    /// is not, and costs no arithmetic: a node asks this of each peer ten times a second.
    #[must_use]
    pub fn is_suspicious(&self, silence: Duration) -> bool {
        silence > HEARTBEAT_INTERVAL && self.value(silence) > Self::THRESHOLD
    }

    fn distribution(&self) -> (f64, f64) {
        let expected = HEARTBEAT_INTERVAL.as_secs_f64();
        let count = u32::try_from(self.gaps.len()).map_or(1.0, f64::from);
        if self.gaps.is_empty() {
            return (expected, Self::MIN_DEVIATION.as_secs_f64());
        }
        let mean = self.gaps.iter().map(Duration::as_secs_f64).sum::<f64>() / count;
        let square = |gap: &Duration| (gap.as_secs_f64() - mean).powi(2);
        let variance = self.gaps.iter().map(square).sum::<f64>() / count;
        (mean.max(expected), variance.sqrt().max(Self::MIN_DEVIATION.as_secs_f64()))
    }
}
