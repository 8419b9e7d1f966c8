//! What can be typed about events.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand, ValueEnum};
use covey_logic::{
    Name,
    event::{EventId, EventType},
};

use super::parse_span;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum EventVerb {
    /// Tell of an event of your own, or of many at once
    Append(AppendArgs),
    /// The newest events, then each as it is learnt; or everything from a position on
    Tail(TailArgs),
    /// Search what happened, newest first
    Query(QueryArgs),
    /// One event
    Show {
        /// Which, ORIGIN/NUMBER
        event: EventId,
    },
    /// Events that belong together, each after what it follows from
    Trace {
        /// What they belong to
        correlation: String,
    },
    /// How many there are, what they take, and who lacks some
    Stats,
    /// Read every stored event and say what is wrong
    Check,
    /// Write every event that fits to standard output, oldest first
    Export {
        /// How
        #[arg(long, value_enum, default_value_t = ExportFormat::Ndjson)]
        format: ExportFormat,
        #[command(flatten)]
        filter: FilterArgs,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ExportFormat {
    /// An event a line, as JSON
    Ndjson,
    /// A row an event, the fact as JSON in its last column
    Csv,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  covey events append shop.order.paid '{\"total\": 12}' --correlation order-7
  covey events append --file events.ndjson --replicated")]
pub(in crate::cli) struct AppendArgs {
    /// What kind of thing it was: words with dots between them
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    pub(in crate::cli) kind: Option<EventType>,
    /// What there is to say about it, a JSON object
    #[arg(default_value = "{}")]
    pub(in crate::cli) body: String,
    /// What it belongs to
    #[arg(long, value_name = "ID", conflicts_with = "file")]
    pub(in crate::cli) correlation: Option<String>,
    /// The event it follows from, ORIGIN/NUMBER
    #[arg(long, value_name = "EVENT", conflicts_with = "file")]
    pub(in crate::cli) parent: Option<EventId>,
    /// Wait until it is on the disk of another member too, if one is up
    #[arg(long)]
    pub(in crate::cli) replicated: bool,
    /// A file of events, one JSON object a line with type, body, correlation and parent; '-' is
    /// standard input. All are kept, or none
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TailArgs {
    /// How many to begin with, 500 at most
    #[arg(long, short = 'n', default_value_t = 20)]
    pub(in crate::cli) lines: usize,
    /// Begin after a position that an earlier run printed, or at 'oldest' or 'newest': every event
    /// once
    #[arg(long, value_name = "POSITION", conflicts_with = "lines")]
    pub(in crate::cli) from: Option<String>,
    /// Stop when there is no more for now, and print the position to go on from
    #[arg(long, requires = "from")]
    pub(in crate::cli) once: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  covey events query --kind agent_exited --since 1h
  covey events query --kind shop. --correlation order-7 --oldest
  covey events query --name greeter --node kitchen")]
pub(in crate::cli) struct QueryArgs {
    #[command(flatten)]
    pub(in crate::cli) filter: FilterArgs,
    /// The oldest first
    #[arg(long)]
    pub(in crate::cli) oldest: bool,
    /// Go on after a page, as it said
    #[arg(long, value_name = "PLACE")]
    pub(in crate::cli) after: Option<String>,
    /// How many, 1,000 at most
    #[arg(long, short = 'n', default_value_t = 100)]
    pub(in crate::cli) limit: u32,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct FilterArgs {
    /// Only of this kind, as `--json` shows them, or of types that begin so ('shop.order', 'shop.');
    /// may be given again
    #[arg(long, value_name = "KIND")]
    pub(in crate::cli) kind: Vec<String>,
    /// Only what this node saw
    #[arg(long)]
    pub(in crate::cli) node: Option<String>,
    /// Only of this agent
    #[arg(long)]
    pub(in crate::cli) name: Option<Name>,
    /// Only what belongs to this
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) correlation: Option<String>,
    /// Only what follows from this event, ORIGIN/NUMBER
    #[arg(long, value_name = "EVENT")]
    pub(in crate::cli) parent: Option<EventId>,
    /// Only with this text in it
    #[arg(long)]
    pub(in crate::cli) text: Option<String>,
    /// Only what happened in this last while
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(in crate::cli) since: Option<Duration>,
    /// Only what happened longer ago than this
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(in crate::cli) until: Option<Duration>,
}
