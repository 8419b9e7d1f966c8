//! Rules of how often somebody may ask for something, and how they are written.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::guard::Quota;

/// How often somebody may ask for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateRule {
    /// What is asked for: a command, or `agent.call:` with an agent, a colon and a method; a star
    /// at the end stands for any rest.
    pub operation: String,
    /// How often.
    pub quota: Quota,
    /// Counted where.
    pub reach: Reach,
    /// Counted for whom.
    pub share: Share,
}

/// Where a rate is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "RateReach")]
pub enum Reach {
    /// On each node for itself.
    Node,
    /// On all nodes together.
    Cluster(Without),
}

/// What a rate of the cluster does without a majority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "RateWithout")]
pub enum Without {
    /// Each node lets its equal part through.
    Open,
    /// Nothing is let through.
    Closed,
}

/// For whom a rate is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "RateShare")]
pub enum Share {
    /// For each who asks.
    Each,
    /// For all who ask together.
    Together,
}

/// All rules; each that fits must let a call through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateRules(Vec<RateRule>);

/// A text is no list of rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is rules like \"agent.call:* 100/s burst 200; variable.set 10/m cluster\"")]
pub struct NotARule;

impl RateRules {
    /// No rules.
    pub const NONE: Self = Self(Vec::new());

    /// The rules that an operation must pass.
    pub fn of(&self, operation: &str) -> impl Iterator<Item = &RateRule> {
        self.0.iter().filter(move |rule| rule.fits(operation))
    }

    /// All of them, in the order in which they are written.
    pub fn iter(&self) -> impl Iterator<Item = &RateRule> {
        self.0.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl RateRule {
    fn fits(&self, operation: &str) -> bool {
        match self.operation.strip_suffix('*') {
            Some(start) => operation.starts_with(start),
            None => self.operation == operation,
        }
    }
}

/// The spans that a rate may be for, by their letters.
const SPANS: [(&str, Duration); 4] = [
    ("s", Duration::from_secs(1)),
    ("m", Duration::from_mins(1)),
    ("h", Duration::from_hours(1)),
    ("d", Duration::from_hours(24)),
];

/// The most a rule allows at once, or within its span: the interval of a rate is nanoseconds, and
/// a node carries some hundred thousand calls a second.
const MOST: u32 = 1_000_000;

/// Bytes of what a rule is for.
const MAX_OPERATION: usize = 128;

/// Rules are told apart by a semicolon; each is an operation, a rate, and words in any order:
/// `burst` with a number, `cluster`, `open` (as `cluster`, and it goes on without a majority),
/// `together`.
impl FromStr for RateRules {
    type Err = NotARule;

    fn from_str(text: &str) -> Result<Self, NotARule> {
        let rules = text.split(';').filter(|rule| !rule.trim().is_empty());
        let rules: Result<Vec<RateRule>, NotARule> = rules.map(str::parse).collect();
        let rules = rules?;
        let twice = rules.iter().enumerate().any(|(place, rule)| {
            rules.iter().take(place).any(|before| before.operation == rule.operation)
        });
        if twice { Err(NotARule) } else { Ok(Self(rules)) }
    }
}

impl FromStr for RateRule {
    type Err = NotARule;

    fn from_str(text: &str) -> Result<Self, NotARule> {
        let mut words = text.split_whitespace();
        let operation = words.next().ok_or(NotARule)?.to_owned();
        if operation.len() > MAX_OPERATION {
            return Err(NotARule);
        }
        let rate = words.next().and_then(|rate| rate.split_once('/')).ok_or(NotARule)?;
        let (count, (_, per)) =
            (number(rate.0)?, SPANS.iter().find(|(unit, _)| *unit == rate.1).ok_or(NotARule)?);
        let (mut burst, mut reach, mut share) = (count, Reach::Node, Share::Each);
        while let Some(word) = words.next() {
            match word {
                "burst" => burst = number(words.next().ok_or(NotARule)?)?,
                "cluster" if reach == Reach::Node => reach = Reach::Cluster(Without::Closed),
                "open" => reach = Reach::Cluster(Without::Open),
                "together" => share = Share::Together,
                _ => return Err(NotARule),
            }
        }
        Ok(Self { operation, quota: Quota { count, per: *per, burst }, reach, share })
    }
}

fn number(text: &str) -> Result<u32, NotARule> {
    let number = text.replace('_', "").parse().ok().ok_or(NotARule)?;
    if (1..=MOST).contains(&number) { Ok(number) } else { Err(NotARule) }
}

/// As it is read.
impl fmt::Display for RateRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&rules.join("; "))
    }
}

impl fmt::Display for RateRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Quota { count, per, burst } = self.quota;
        let unit = SPANS.iter().find(|(_, span)| *span == per).map_or("", |(unit, _)| *unit);
        write!(f, "{} {count}/{unit}", self.operation)?;
        if burst != count {
            write!(f, " burst {burst}")?;
        }
        match self.reach {
            Reach::Node => {}
            Reach::Cluster(Without::Closed) => f.write_str(" cluster")?,
            Reach::Cluster(Without::Open) => f.write_str(" cluster open")?,
        }
        if self.share == Share::Together { f.write_str(" together") } else { Ok(()) }
    }
}
