//! What can be typed about measures and alerts.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use covey_logic::{
    Name,
    monitor::{Metric, Rule},
};

use crate::{cli::words, control};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MetricsVerb {
    /// Which metrics there are
    #[command(visible_alias = "ls")]
    List,
    /// Series of a node or an agent, one line for each step
    Get {
        /// Which node
        #[arg(required_unless_present = "agent")]
        node: Option<String>,
        /// An agent instead, on every node that held it
        #[arg(long, conflicts_with = "node")]
        agent: Option<Name>,
        /// Only these metrics
        #[arg(long = "metric", value_name = "METRIC")]
        metrics: Vec<Metric>,
        #[command(flatten)]
        window: WindowArgs,
    },
    /// What every node that is up measured, for other programs
    Export {
        /// How
        #[arg(long, value_enum, default_value_t = Format::Csv)]
        format: Format,
        /// Of agents, not of nodes
        #[arg(long)]
        agents: bool,
        /// Only these metrics
        #[arg(long = "metric", value_name = "METRIC")]
        metrics: Vec<Metric>,
        #[command(flatten)]
        window: WindowArgs,
    },
}

#[derive(Args, Debug)]
pub(in crate::cli) struct WindowArgs {
    /// How far back: `15m` if nothing is said, `24h` at most
    #[arg(long, value_parser = words::parse_span)]
    pub(in crate::cli) span: Option<Duration>,
    /// How long each step is; beyond a quarter of an hour back, whole minutes
    #[arg(long, value_parser = words::parse_span)]
    pub(in crate::cli) step: Option<Duration>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum Format {
    /// As RFC 4180 has it
    Csv,
    /// One object
    Json,
}

impl From<Format> for control::ExportFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Csv => Self::Csv,
            Format::Json => Self::Json,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AlertVerb {
    /// What is watched for, and when it is too much
    Rules,
    /// Alerts of the past, the latest first
    History {
        /// How many at most
        #[arg(long)]
        limit: Option<u32>,
    },
    /// Have nobody told of the alerts of a rule and a subject
    Mute {
        #[command(flatten)]
        of: AlertArgs,
        /// For how long; without it, until `covey alert unmute`
        #[arg(long = "for", value_name = "SPAN", value_parser = words::parse_span)]
        span: Option<Duration>,
    },
    /// Have people told of them again
    Unmute {
        #[command(flatten)]
        of: AlertArgs,
    },
    /// Say that you look after an alert
    Acknowledge {
        #[command(flatten)]
        of: AlertArgs,
    },
}

#[derive(Args, Debug)]
pub(in crate::cli) struct AlertArgs {
    /// Which rule: `cpu`, `node_lost`, ...
    pub(in crate::cli) rule: Rule,
    /// Which node
    #[arg(required_unless_present = "agent")]
    pub(in crate::cli) node: Option<String>,
    /// An agent instead
    #[arg(long, conflicts_with = "node")]
    pub(in crate::cli) agent: Option<Name>,
}
