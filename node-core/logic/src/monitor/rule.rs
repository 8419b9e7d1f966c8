//! What is worth an alert.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Band, Of, point::narrow};
use crate::settings::Values;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[ts(rename = "AlertSeverity")]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Someone should look before it becomes worse.
    Warning,
    /// Someone should look at once: something is lost already.
    Critical,
}

/// A rule; its thresholds are settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[ts(rename = "AlertRule")]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A member is down that did not say goodbye.
    NodeLost,
    /// The processors of a machine are busy.
    Cpu,
    /// The memory of a machine is taken.
    Memory,
    /// The volume of the data folder is taken.
    Disk,
    /// An agent fails calls.
    Errors,
    /// An agent ends again and again.
    Restarts,
    /// The mailbox of an agent fills up.
    Mailbox,
    /// The clock of a node is off the others'.
    ClockSkew,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 8] = [
        Self::NodeLost,
        Self::Cpu,
        Self::Memory,
        Self::Disk,
        Self::Errors,
        Self::Restarts,
        Self::Mailbox,
        Self::ClockSkew,
    ];
    /// How far back the calls of an agent count for [`Self::Errors`].
    pub const ERROR_WINDOW: Duration = Duration::from_mins(1);
    /// As many calls there must be in it: of two, one that fails says nothing.
    pub const LEAST_CALLS: u64 = 10;
    /// How far back the ends of an agent count for [`Self::Restarts`].
    pub const RESTART_WINDOW: Duration = Duration::from_mins(5);

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NodeLost => "node_lost",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::Errors => "errors",
            Self::Restarts => "restarts",
            Self::Mailbox => "mailbox",
            Self::ClockSkew => "clock_skew",
        }
    }

    /// What its alerts are of.
    #[must_use]
    pub fn of(self) -> Of {
        match self {
            Self::NodeLost | Self::Cpu | Self::Memory | Self::Disk | Self::ClockSkew => Of::Node,
            Self::Errors | Self::Restarts | Self::Mailbox => Of::Agent,
        }
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::NodeLost | Self::Disk | Self::Restarts => Severity::Critical,
            Self::Cpu | Self::Memory | Self::Errors | Self::Mailbox | Self::ClockSkew => {
                Severity::Warning
            }
        }
    }

    /// Where it raises and where it clears; nothing if the settings switch it off, or if it goes by
    /// no measure. In percent, but for restarts, which are counted, and clocks, in milliseconds.
    #[must_use]
    pub fn band(self, values: &Values) -> Option<Band> {
        let percent = |limit: u32| (limit > 0).then(|| f64::from(limit));
        let limit = match self {
            Self::NodeLost => None,
            Self::Cpu => percent(values.alert_cpu),
            Self::Memory => percent(values.alert_memory),
            Self::Disk => percent(values.alert_disk),
            Self::Errors => percent(values.alert_errors),
            Self::Restarts => percent(values.alert_restarts),
            Self::Mailbox => percent(values.alert_mailbox),
            Self::ClockSkew => Some(values.alert_clock_skew.as_secs_f64() * 1_000.0),
        }?;
        let margin = f64::from(values.alert_margin) / 100.0;
        // Ends are counted over minutes: there are some at once, and none once those have passed.
        let counted = self == Self::Restarts;
        Some(Band {
            raise: narrow(limit),
            raise_after: if counted { Duration::ZERO } else { values.alert_after },
            clear: if counted { 1.0 } else { narrow(limit * (1.0 - margin)) },
            clear_after: values.alert_clear_after,
        })
    }
}

impl std::str::FromStr for Rule {
    type Err = UnknownRule;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|rule| rule.name() == name);
        found.ok_or_else(|| UnknownRule { name: name.to_owned() })
    }
}

/// There is no rule of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no rule {name}; those there are: node_lost, cpu, memory, disk, errors, restarts, \
         mailbox, clock_skew"
)]
pub struct UnknownRule {
    /// What was asked for.
    pub name: String,
}
