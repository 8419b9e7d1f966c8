//! Which values a setting takes.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    guard::RateRules,
    settings::{Names, Problem, parse_span, write_span},
};

/// Which values a setting takes, and which it has if nobody sets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// On or off.
    Toggle {
        /// If nobody sets it.
        default: bool,
    },
    /// A whole number.
    Count {
        /// If nobody sets it.
        default: u32,
        /// The least.
        least: u32,
        /// The most.
        most: u32,
        /// Of what.
        unit: &'static str,
    },
    /// A time.
    Span {
        /// If nobody sets it.
        default: Duration,
        /// The shortest.
        least: Duration,
        /// The longest.
        most: Duration,
    },
    /// How much is logged.
    Level {
        /// If nobody sets it.
        default: Level,
    },
    /// How often somebody may ask for something.
    Rates {
        /// If nobody sets it.
        default: RateRules,
    },
    /// Some of all names.
    Names {
        /// If nobody sets it.
        default: Names,
    },
}

/// What a setting is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// On or off.
    Toggle(bool),
    /// A whole number.
    Count(u32),
    /// A time.
    Span(Duration),
    /// How much is logged.
    Level(Level),
    /// How often somebody may ask for something.
    Rates(RateRules),
    /// Some of all names.
    Names(Names),
}

/// How much is logged: each level with those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// An invariant or durability is broken.
    Error,
    /// Degraded, still correct.
    Warn,
    /// What an operator would tell a colleague.
    Info,
    /// Decisions and why.
    Debug,
    /// Each input and effect.
    Trace,
}

impl Level {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl Kind {
    /// The value if nobody sets it.
    #[must_use]
    pub fn default(&self) -> Value {
        match self {
            Self::Toggle { default } => Value::Toggle(*default),
            Self::Count { default, .. } => Value::Count(*default),
            Self::Span { default, .. } => Value::Span(*default),
            Self::Level { default } => Value::Level(*default),
            Self::Rates { default } => Value::Rates(default.clone()),
            Self::Names { default } => Value::Names(default.clone()),
        }
    }

    /// The value that `text` says.
    ///
    /// # Errors
    ///
    /// See [`Problem`].
    pub fn parse(&self, text: &str) -> Result<Value, Problem> {
        let text = text.trim();
        match self {
            Self::Toggle { .. } => match text {
                "true" | "on" => Ok(Value::Toggle(true)),
                "false" | "off" => Ok(Value::Toggle(false)),
                _ => Err(Problem::NoToggle),
            },
            Self::Count { least, most, .. } => {
                let count = text.replace('_', "").parse().ok().ok_or(Problem::NoCount)?;
                if (least..=most).contains(&&count) {
                    return Ok(Value::Count(count));
                }
                Err(Problem::outside(least, most))
            }
            Self::Span { least, most, .. } => {
                let span = parse_span(text).ok_or(Problem::NoSpan)?;
                if (least..=most).contains(&&span) {
                    return Ok(Value::Span(span));
                }
                Err(Problem::outside(&write_span(*least), &write_span(*most)))
            }
            Self::Level { .. } => {
                let level = Level::ALL.into_iter().find(|level| level.word() == text);
                level.map(Value::Level).ok_or(Problem::NoLevel)
            }
            Self::Rates { .. } => text.parse().map(Value::Rates).map_err(|_not| Problem::NoRates),
            Self::Names { .. } => text.parse().map(Value::Names).map_err(|_not| Problem::NoNames),
        }
    }
}

/// As [`Kind::parse`] reads it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Toggle(on) => on.fmt(f),
            Self::Count(count) => count.fmt(f),
            Self::Span(span) => f.write_str(&write_span(*span)),
            Self::Level(level) => f.write_str(level.word()),
            Self::Rates(rules) => rules.fmt(f),
            Self::Names(names) => names.fmt(f),
        }
    }
}
