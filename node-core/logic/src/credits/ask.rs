//! What work costs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Credits;

/// What a node asks for a second of one agent's work, in thousandths of a credit; never nought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[ts(rename = "NodeAsk", type = "number")]
pub struct Ask(u32);

/// What is asked for some work, in billionths of a credit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cost(u64);

impl Ask {
    /// So many thousandths a second; nothing if that is nought.
    #[must_use]
    pub fn new(thousandths: u32) -> Option<Self> {
        (thousandths > 0).then_some(Self(thousandths))
    }

    /// How many thousandths of a credit a second.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// What so many microseconds cost.
    #[must_use]
    pub fn over(self, us: u64) -> Cost {
        Cost(us.saturating_mul(u64::from(self.0)))
    }
}

impl Cost {
    /// In whole credits, rounded up.
    #[must_use]
    pub fn whole(self) -> Credits {
        Credits::new(self.0.div_ceil(1_000_000_000)).unwrap_or(Credits::MAX)
    }

    /// In thousandths of a credit, rounded up.
    #[must_use]
    pub fn thousandths(self) -> u64 {
        self.0.div_ceil(1_000_000)
    }
}
