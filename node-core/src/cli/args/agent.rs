//! What can be typed about agents.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand};
use covey_logic::Name;

use super::{BroadcastArgs, BuiltinArg, CallArgs, RestartArg, pair};
use crate::{
    cli::{place::PlaceArgs, words::parse_span},
    comms::Handle,
};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AgentVerb {
    /// List agents
    Ls,
    /// One agent: how it is, and if it is exclusive, its token and its lease
    Show {
        /// Which agent
        name: Name,
    },
    /// Start an agent, and wait until it runs
    Start(Box<StartArgs>),
    /// Stop an agent and keep its specification
    Stop {
        /// Which agent
        name: Name,
    },
    /// Start an agent afresh, or one that stopped or failed
    Restart {
        /// Which agent
        name: Name,
    },
    /// Run an agent on one node, or again wherever it may
    Move {
        /// Which agent
        name: Name,
        /// The node's name, id, or first digits of its id
        #[arg(required_unless_present = "anywhere")]
        node: Option<String>,
        /// Wherever it may
        #[arg(long, conflicts_with = "node")]
        anywhere: bool,
    },
    /// Stop an agent and forget it
    Rm {
        /// Which agent
        name: Name,
    },
    /// Send an agent a message and print its answer
    Call(CallArgs),
    /// Send one message to many agents at once, and print what became of each
    Broadcast(BroadcastArgs),
    /// The answer to a call that was made with `--later`
    Result {
        /// What that printed
        handle: Handle,
        /// How long to wait for it, ten minutes at most
        #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = parse_span)]
        wait: Duration,
    },
    /// What an agent wrote on its standard error
    Logs {
        /// Which agent
        name: Name,
        /// How many lines, 1,000 at most
        #[arg(long, short = 'n', default_value_t = 50)]
        lines: u32,
        /// Go on with lines as they are written
        #[arg(long, short, conflicts_with = "lines")]
        follow: bool,
    },
    /// Why an agent is where it is
    Why {
        /// Which agent
        name: Name,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  covey agent start adder --builtin counter
  covey agent start greeter --file greeter.py -- python3 greeter.py
  covey agent start sorter --spec sorter.json --on kitchen
A program speaks JSON-RPC 2.0 on its standard input and output, one line a message.")]
pub(in crate::cli) struct StartArgs {
    /// What it is called by; a specification may say it
    #[arg(required_unless_present = "spec")]
    pub(in crate::cli) name: Option<Name>,
    /// One of the agents that come with Covey
    #[arg(long, value_enum, group = "what")]
    pub(in crate::cli) builtin: Option<BuiltinArg>,
    /// A specification as JSON; its files may be paths beside it
    #[arg(long, value_name = "FILE", group = "what")]
    pub(in crate::cli) spec: Option<PathBuf>,
    /// A program and its arguments
    #[arg(last = true, value_name = "PROGRAM", group = "what", required_unless_present_any = ["builtin", "spec"])]
    pub(in crate::cli) command: Vec<String>,
    /// A file that travels with the agent into its folder; `FROM=NAME` renames it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["builtin", "spec"])]
    pub(in crate::cli) file: Vec<String>,
    /// An environment variable of the program
    #[arg(long, value_name = "K=V", value_parser = pair, conflicts_with_all = ["builtin", "spec"])]
    pub(in crate::cli) env: Vec<(String, String)>,
    /// Something it can do
    #[arg(long, value_name = "CAPABILITY")]
    pub(in crate::cli) cap: Vec<String>,
    /// The node it runs on while that is up
    #[arg(long, value_name = "NODE")]
    pub(in crate::cli) on: Option<String>,
    /// A label its node must have
    #[arg(long, value_name = "K=V", value_parser = pair)]
    pub(in crate::cli) label: Vec<(String, String)>,
    /// An operating system it can run on: linux, macos, windows
    #[arg(long)]
    pub(in crate::cli) os: Vec<String>,
    /// An architecture it can run on: `x86_64`, aarch64
    #[arg(long)]
    pub(in crate::cli) arch: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) place: PlaceArgs,
    /// After which ends it is started again
    #[arg(long, value_enum)]
    pub(in crate::cli) restart: Option<RestartArg>,
    /// Replace an agent of this name
    #[arg(long)]
    pub(in crate::cli) replace: bool,
    /// How long to wait for a majority of the voters, if it is exclusive and none is in sight
    #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = parse_span)]
    pub(in crate::cli) wait_for_quorum: Duration,
    /// How long to wait until it runs; 0s: not at all
    #[arg(long, value_name = "SPAN", default_value = "30s", value_parser = parse_span)]
    pub(in crate::cli) wait: Duration,
}
