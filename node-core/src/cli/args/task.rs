//! What can be typed about tasks.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use covey_logic::{
    Credits, Name,
    agreed::Key,
    balancer::{Priority, Queue, StrategyKind, TaskPhase},
};

use super::{json, market::credits};
use crate::cli::words::parse_span;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TaskVerb {
    /// Have a task done by whichever agent has the capabilities
    Submit(SubmitArgs),
    /// How far a task is, and what came of it
    Show {
        /// Its number
        task: u64,
    },
    /// The open tasks and the last that are over, the newest first
    #[command(visible_alias = "ls")]
    List {
        /// Of one queue: its capabilities joined by '+'
        #[arg(long)]
        queue: Option<Queue>,
        /// So far
        #[arg(long, value_enum)]
        state: Option<PhaseArg>,
        /// How many at most, 1,000 at most
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Wait until tasks are over; exit code 1 if one was not done
    Wait {
        /// Their numbers
        #[arg(required = true)]
        tasks: Vec<u64>,
        /// How long, ten minutes at most
        #[arg(long, value_name = "SPAN", value_parser = parse_span, default_value = "10m")]
        timeout: Duration,
    },
    /// Have tasks that are open not be done any more
    Cancel {
        /// Their numbers
        #[arg(required = true)]
        tasks: Vec<u64>,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  covey task submit --cap ocr read '{\"page\": 7}'
  covey task submit --cap ocr --cap gpu read --times 100 --wait
  covey task submit --cap ocr read --pay 10 --check '{\"type\": \"string\"}'
  covey task submit --cap mail send '\"ada\"' --key order-17 --expires 1h --priority high")]
pub(in crate::cli) struct SubmitArgs {
    /// What the agent is asked to do
    pub(in crate::cli) method: String,
    /// With which parameters, as JSON
    #[arg(default_value = "null", value_parser = json)]
    pub(in crate::cli) params: serde_json::Value,
    /// What the agent must be able to do; given several times, all of it
    #[arg(long, value_name = "CAPABILITY", required = true)]
    pub(in crate::cli) cap: Vec<String>,
    /// What comes first
    #[arg(long, value_enum, default_value = "normal")]
    pub(in crate::cli) priority: PriorityArg,
    /// In how long it expires if it is not done; never without it
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(in crate::cli) expires: Option<Duration>,
    /// How long one attempt may take: a minute if nothing is said, a day at most
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(in crate::cli) timeout: Option<Duration>,
    /// How many attempts may end with their agent, or without an answer: five if nothing is said
    #[arg(long)]
    pub(in crate::cli) attempts: Option<u32>,
    /// Names the task: submitted again under it, it is the same task
    #[arg(long, conflicts_with = "times")]
    pub(in crate::cli) key: Option<String>,
    /// What is paid for it at most, in credits; its queue takes the strategy 'auction'
    #[arg(long, value_name = "CREDITS", value_parser = credits)]
    pub(in crate::cli) pay: Option<Credits>,
    /// What the answer has to fit to be one, a JSON Schema
    #[arg(long, value_name = "SCHEMA", value_parser = json)]
    pub(in crate::cli) check: Option<serde_json::Value>,
    /// Submit so many tasks alike, 1,000 at most
    #[arg(long, default_value_t = 1)]
    pub(in crate::cli) times: u32,
    /// Wait until all are over, ten minutes at most
    #[arg(long)]
    pub(in crate::cli) wait: bool,
    /// On whose behalf
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) session: Option<Name>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BalancerVerb {
    /// How a burst of tasks would spread from the loads of now, beside the strategy that is
    Preview {
        /// The strategy to try
        #[arg(value_parser = strategy)]
        strategy: StrategyKind,
        /// What the tasks take; given several times, all of it
        #[arg(long, value_name = "CAPABILITY", required = true)]
        cap: Vec<String>,
        /// How many tasks
        #[arg(long)]
        burst: Option<u32>,
    },
    /// Choose how agents are chosen
    Set {
        /// The strategy: one of those that `covey balancer` lists
        #[arg(value_parser = strategy)]
        strategy: StrategyKind,
        /// For one queue, its capabilities joined by '+'; without it, for all that have none of
        /// their own
        #[arg(long)]
        queue: Option<Queue>,
    },
    /// Have a queue follow the strategy of all again
    Unset {
        /// Which: its capabilities joined by '+'
        queue: Queue,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum PriorityArg {
    Low,
    Normal,
    High,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum PhaseArg {
    Queued,
    Running,
    Done,
    Failed,
    Expired,
    Cancelled,
}

impl From<PriorityArg> for Priority {
    fn from(said: PriorityArg) -> Self {
        match said {
            PriorityArg::Low => Self::Low,
            PriorityArg::Normal => Self::Normal,
            PriorityArg::High => Self::High,
        }
    }
}

impl From<PhaseArg> for TaskPhase {
    fn from(said: PhaseArg) -> Self {
        match said {
            PhaseArg::Queued => Self::Queued,
            PhaseArg::Running => Self::Running,
            PhaseArg::Done => Self::Done,
            PhaseArg::Failed => Self::Failed,
            PhaseArg::Expired => Self::Expired,
            PhaseArg::Cancelled => Self::Cancelled,
        }
    }
}

/// A key of a task.
pub(in crate::cli) fn key(text: &str) -> Option<Key> {
    Key::new(text)
}

fn strategy(text: &str) -> Result<StrategyKind, String> {
    let words = || StrategyKind::ALL.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ");
    StrategyKind::named(text).ok_or_else(|| format!("one of {}", words()))
}
