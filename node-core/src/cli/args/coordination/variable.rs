//! What can be typed about variables.

use std::ops::RangeInclusive;

use clap::{Args, Subcommand};
use covey_logic::{
    Name,
    coordination::{Rule, Scope, Strategy},
};

use super::{parse_fence, parse_word};
use crate::control::Fence;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum VariableVerb {
    /// Make one that keeps a rule; prints its version
    Register {
        /// Which variable; it must not be there
        variable: Name,
        /// What it holds at first, 64 KiB at most
        value: String,
        /// `local`: this node alone; `global`: all, always possible, and merged; `cluster`: all, agreed
        /// on, the default
        #[arg(long, value_name = "SCOPE", value_parser = parse_word::<Scope>)]
        scope: Option<Scope>,
        /// What becomes of writes made apart, in scope `global`: `last_write_wins`, the default,
        /// `greatest`, `least`, `union` of JSON arrays, or `keep_all`
        #[arg(long, value_name = "STRATEGY", value_parser = parse_word::<Strategy>)]
        strategy: Option<Strategy>,
        #[command(flatten)]
        rule: RuleArgs,
        /// A node whose users may write it, by name or id; all if none is said
        #[arg(long = "writer", value_name = "NODE")]
        writers: Vec<String>,
    },
    /// Write it; prints its version
    Set {
        /// Which variable
        variable: Name,
        /// What it is to hold, 64 KiB at most
        value: String,
        /// Its scope, if it is new or there are several: `local`, `global` or `cluster`
        #[arg(long, value_name = "SCOPE", value_parser = parse_word::<Scope>)]
        scope: Option<Scope>,
        /// Only if it is at this version; 0: only if it is not there
        #[arg(long, value_name = "VERSION")]
        expect: Option<u64>,
        /// Only while this lock is held under this token
        #[arg(long, value_name = "LOCK:TOKEN", value_parser = parse_fence)]
        fence: Option<Fence>,
        /// A key of your own: asked again with it, it is written once
        #[arg(long)]
        key: Option<String>,
    },
    /// Print what it holds
    Get {
        /// Which variable
        variable: Name,
        /// Its scope: `local`, `global` or `cluster`, if there are several
        #[arg(long, value_name = "SCOPE", value_parser = parse_word::<Scope>)]
        scope: Option<Scope>,
        /// As this node has it, which may be old, without asking the others
        #[arg(long)]
        stale: bool,
    },
    /// Print what it held before, and its rule
    History {
        /// Which variable
        variable: Name,
        /// Its scope: `local`, `global` or `cluster`, if there are several
        #[arg(long, value_name = "SCOPE", value_parser = parse_word::<Scope>)]
        scope: Option<Scope>,
    },
    /// Print each write as it is made, until Ctrl-C
    Watch {
        /// Which variable
        variable: Name,
        /// Writes after this version; 0: every one that is remembered
        #[arg(long, value_name = "VERSION", default_value_t = 0)]
        since: u64,
    },
    /// Forget it
    Remove {
        /// Which variable
        variable: Name,
        /// Its scope: `local`, `global` or `cluster`, if there are several
        #[arg(long, value_name = "SCOPE", value_parser = parse_word::<Scope>)]
        scope: Option<Scope>,
        /// Only if it is at this version
        #[arg(long, value_name = "VERSION")]
        expect: Option<u64>,
    },
}

/// What a variable may hold.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(in crate::cli) struct RuleArgs {
    /// A whole number within bounds
    #[arg(long, value_name = "MIN..MAX", value_parser = parse_range, allow_hyphen_values = true)]
    integer: Option<RangeInclusive<i64>>,
    /// One of these values
    #[arg(long, value_name = "VALUE,…", value_delimiter = ',')]
    one_of: Vec<String>,
    /// true or false
    #[arg(long)]
    boolean: bool,
    /// A JSON document
    #[arg(long)]
    json: bool,
}

impl RuleArgs {
    pub(in crate::cli) fn rule(self) -> Rule {
        if let Some(range) = self.integer {
            Rule::Integer { min: *range.start(), max: *range.end() }
        } else if !self.one_of.is_empty() {
            Rule::OneOf { values: self.one_of.into_iter().collect() }
        } else if self.boolean {
            Rule::Boolean
        } else if self.json {
            Rule::Json
        } else {
            Rule::Text
        }
    }
}

/// Two whole numbers.
fn parse_range(text: &str) -> Result<RangeInclusive<i64>, String> {
    let wrong = || "expected two whole numbers, like 1..10".to_owned();
    let (min, max) = text.split_once("..").ok_or_else(wrong)?;
    let number = |text: &str| text.parse::<i64>().ok().ok_or_else(wrong);
    Ok(number(min)?..=number(max)?)
}
