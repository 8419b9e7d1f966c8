//! What can be typed about sessions.

use std::time::Duration;

use clap::{Args, Subcommand};
use covey_logic::Name;

use crate::cli::{args::pair, words::parse_span};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SessionVerb {
    /// Have agents come to a result by a protocol
    #[command(after_help = "Examples:
  covey session start vote --about 'deploy 2.4' --with ada,ben,cal,dan,eve --wait 30s
  covey session start vote --cap reviewer -o rule=unanimous
  covey session start contract_net --about 'render scene 7' --cap render -o limit=50
  covey session start allocation --with web,db -o 'resources=cpu=8, memory=64' --wait 1m")]
    Start(Box<SessionArgs>),
    /// Those that run, and the last of those that are over
    #[command(visible_alias = "ls")]
    List,
    /// Who takes part, what was said, and how it stands or ended
    Show {
        /// Its number
        session: u64,
    },
    /// Wait until it is over
    Wait {
        /// Its number
        session: u64,
        /// How long
        #[arg(long, value_name = "SPAN", default_value = "1m", value_parser = parse_span)]
        timeout: Duration,
    },
    /// Have an agent of this node say something
    Say {
        /// The session's number
        session: u64,
        /// Which agent
        agent: Name,
        /// What, as JSON: '{"option": "approve"}'
        #[arg(value_parser = super::json)]
        word: serde_json::Value,
    },
    /// End it without a result
    Cancel {
        /// Its number
        session: u64,
        /// Why, for those who wait
        #[arg(default_value = "")]
        reason: String,
    },
    /// Say how well a participant did: its later weights follow from it
    Assess {
        /// The session's number
        session: u64,
        /// Which agent
        agent: Name,
        /// How right it was, in percent
        #[arg(long)]
        accuracy: u8,
        /// How little it took, in percent
        #[arg(long)]
        efficiency: u8,
    },
    /// By which protocols sessions can be, and their options
    Protocols,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SessionArgs {
    /// By which protocol
    pub(in crate::cli) protocol: String,
    /// What it is about
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(in crate::cli) about: String,
    /// Who takes part
    #[arg(long, value_name = "NAMES", value_delimiter = ',', required_unless_present = "cap")]
    pub(in crate::cli) with: Option<Vec<Name>>,
    /// Those who can do this take part; given several times, all of it
    #[arg(long, value_name = "CAPABILITY", conflicts_with = "with")]
    pub(in crate::cli) cap: Option<Vec<String>>,
    /// An option of the protocol; see `covey session protocols`
    #[arg(short, long = "option", value_name = "NAME=VALUE", value_parser = pair)]
    pub(in crate::cli) options: Vec<(String, String)>,
    /// Who takes the place of one that fails
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(in crate::cli) spares: Vec<Name>,
    /// End it when a participant fails
    #[arg(long, conflicts_with = "spares")]
    pub(in crate::cli) abort: bool,
    /// How long an answer may take
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(in crate::cli) answer: Option<Duration>,
    /// How long all may take
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(in crate::cli) time: Option<Duration>,
    /// How many of a hundred must answer for a result
    #[arg(long, value_name = "PERCENT")]
    pub(in crate::cli) quorum: Option<u8>,
    /// How many messages may be sent and taken
    #[arg(long, value_name = "COUNT")]
    pub(in crate::cli) messages: Option<u32>,
    /// Which of the places for sessions it may take
    #[arg(long, value_enum, default_value = "normal")]
    pub(in crate::cli) priority: PriorityArg,
    /// The field of knowledge that it is about
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) domain: Option<Name>,
    /// A word to find it by
    #[arg(long = "tag", value_name = "WORD")]
    pub(in crate::cli) tags: Vec<String>,
    /// Wait so long for its end
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(in crate::cli) wait: Option<Duration>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(in crate::cli) enum PriorityArg {
    /// While fewer than 80 run
    Low,
    /// While fewer than 90 run
    Normal,
    /// While fewer than 100 run
    High,
}
