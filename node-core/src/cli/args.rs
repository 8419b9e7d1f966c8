//! What can be typed.

use std::{net::IpAddr, num::NonZeroU8, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};
use covey_logic::{
    agent::{Builtin, Programs, RestartPolicy},
    certificate::Role,
};

use crate::{Options, options::OptionsError};

use super::words::parse_span;

mod agent;
mod coordination;
mod event;
mod guard;
mod market;
mod message;
mod monitor;
mod name;
mod session;
mod setting;
mod store;
mod task;
pub(super) use agent::{AgentVerb, StartArgs};
pub(super) use coordination::{
    BarrierVerb, CoordinationVerb, CounterVerb, DecisionVerb, ElectionVerb, HoldArgs, LockVerb,
    SemaphoreVerb, VariableVerb,
};
pub(super) use event::{AppendArgs, EventVerb, ExportFormat, FilterArgs, QueryArgs, TailArgs};
pub(super) use guard::GuardVerb;
pub(super) use market::{AuctionVerb, CreateArgs, LedgerFormat, LedgerVerb, credits};
pub(super) use message::{BroadcastArgs, CallArgs, TopicVerb};
pub(super) use monitor::{AlertArgs, AlertVerb, MetricsVerb, WindowArgs};
pub(super) use name::{GroupVerb, NameVerb, NamespaceVerb, TermArgs};
pub(super) use session::{PriorityArg, SessionArgs, SessionVerb};
pub(super) use setting::{ChangeArgs, IfArgs, SettingVerb};
pub(super) use store::StoreVerb;
pub(super) use task::{BalancerVerb, SubmitArgs, TaskVerb, key};

const EXIT_CODES: &str = "\
A cluster in three steps:
  covey node                     on each machine; keep it running
  covey join 192.168.1.7         on the second: asks the first, prints a code
  covey accept 'blue-heron'      on the first: compare the code, then let it in

Exit codes:
  0  done
  1  refused, or it failed; standard error says why
  2  the arguments or settings are wrong
  3  no node runs with this data folder
  4  it did not come about in time";

/// The computers on a LAN as one cluster, with no server to set up.
#[derive(Debug, Parser)]
#[command(name = "covey", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub(super) struct Covey {
    #[command(flatten)]
    pub(super) place: Place,
    /// Print JSON for programs: one document, or one line an event where output goes on
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) verb: Verb,
}

/// Which node of this machine.
#[derive(Clone, Debug, Args)]
pub(super) struct Place {
    /// The instance on this machine; each has its own data folder
    #[arg(long, global = true, value_name = "NAME", default_value = Options::DEFAULT_PROFILE)]
    #[arg(env = "COVEY_PROFILE")]
    profile: String,
    /// The data folder, in place of the profile's
    #[arg(long, global = true, value_name = "DIR", env = "COVEY_DATA")]
    data: Option<PathBuf>,
}

impl Place {
    pub(super) fn options(&self) -> Result<Options, OptionsError> {
        match &self.data {
            Some(folder) => Options::in_folder(folder.clone()),
            None => Options::for_profile(&self.profile),
        }
    }

    pub(super) fn data_folder(&self) -> Result<PathBuf, OptionsError> {
        Ok(self.options()?.data_dir)
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Run a node with no window until Ctrl-C, SIGTERM or `covey stop`; or ask about one
    Node(Box<NodeArgs>),
    /// This node and its cluster in short, and what is wrong
    Status,
    /// Move agents so that every node has its share
    Rebalance {
        #[command(subcommand)]
        verb: RebalanceVerb,
    },
    /// What the cluster agrees on: its group, and the locks, counters, variables and more
    Coordination {
        #[command(subcommand)]
        verb: Option<CoordinationVerb>,
    },
    /// Locks that one holds at a time, on whichever node
    Lock {
        #[command(subcommand)]
        verb: LockVerb,
    },
    /// Elections: one leads, on whichever node
    Election {
        #[command(subcommand)]
        verb: ElectionVerb,
    },
    /// Semaphores that a few hold at a time
    Semaphore {
        #[command(subcommand)]
        verb: SemaphoreVerb,
    },
    /// Barriers at which some wait until all are there
    Barrier {
        #[command(subcommand)]
        verb: BarrierVerb,
    },
    /// Questions that are settled once and for all
    Decision {
        #[command(subcommand)]
        verb: DecisionVerb,
    },
    /// Counters that lose no change
    Counter {
        #[command(subcommand)]
        verb: CounterVerb,
    },
    /// Variables with versions
    Variable {
        #[command(subcommand)]
        verb: VariableVerb,
    },
    /// Settings of the cluster and of its nodes
    Setting {
        #[command(subcommand)]
        verb: SettingVerb,
    },
    /// Sessions: agents vote, negotiate and share by protocols
    Session {
        #[command(subcommand)]
        verb: SessionVerb,
    },
    /// Breakers, bulkheads and rates around calls from this node
    #[command(after_help = "Examples:\n  covey guard\n  covey guard reset adder\n  \
        covey setting set rates.rules='agent.call:* 100/s burst 200 cluster'")]
    Guard {
        #[command(subcommand)]
        verb: Option<GuardVerb>,
    },
    /// What is wrong by the rules, and what was last
    #[command(after_help = "Examples:\n  covey alert\n  covey alert mute cpu kitchen --for 2h\n  \
        covey alert acknowledge mailbox --agent adder\n  covey setting set alerts.cpu=95")]
    Alert {
        #[command(subcommand)]
        verb: Option<AlertVerb>,
    },
    /// What nodes measured of themselves and of their agents
    #[command(after_help = "Examples:\n  covey metrics list\n  covey metrics get kitchen \
        --metric cpu --span 24h\n  covey metrics export --format csv > load.csv")]
    Metrics {
        #[command(subcommand)]
        verb: MetricsVerb,
    },
    /// The nodes and agents of the cluster, the busiest first
    Top,
    /// Why nodes are not found or not reached, and what to do about it
    Doctor,
    /// The members of the cluster
    Nodes,
    /// Nodes nearby that are no members
    Nearby,
    /// Nodes that ask to be let in
    Requests,
    /// Ask a node nearby to be let into its cluster
    Ask(AskArgs),
    /// No longer ask to be let in
    Withdraw,
    /// Let a node in that asked; compare the code on both screens first
    Accept {
        /// Its name, id, first digits of its id, or the six digits of its code
        node: String,
        /// What it may do
        #[arg(long, value_enum, default_value = "operator")]
        role: RoleArg,
    },
    /// Say no to a node that asked
    Refuse {
        /// Its name, id, first digits of its id, or the six digits of its code
        node: String,
    },
    /// Make a link that admits one node, once, without a person
    Invite {
        /// What it admits as
        #[arg(long, value_enum, default_value = "operator")]
        role: RoleArg,
        /// How long it can be used, as `invites.longest` is set at most
        #[arg(long, value_name = "SPAN", value_parser = parse_span)]
        ttl: Option<Duration>,
    },
    /// No longer honour an invite
    Uninvite {
        /// As `covey requests` names it
        id: String,
    },
    /// Join with an invite link, or ask whoever is at an address
    #[command(after_help = "Examples:\n  covey join 'covey://join/…'\n  covey join 192.168.1.7")]
    Join(JoinArgs),
    /// Put a node out of the cluster for good
    Revoke {
        /// Its name, id, or first digits of its id
        node: String,
    },
    /// Say whose programs this node runs
    Allow {
        /// `own`: what this node's user started; `cluster`: what any operator started
        #[arg(long, value_enum)]
        programs: ProgramsArg,
    },
    /// Rename this node
    Rename {
        /// 1 to 40 characters
        name: String,
    },
    /// Replace the labels of this node, which agents can ask for
    Label {
        /// Each as `key=value`
        #[arg(value_parser = pair, required_unless_present = "none")]
        labels: Vec<(String, String)>,
        /// Take all labels away
        #[arg(long, conflicts_with = "labels")]
        none: bool,
    },
    /// Agents: list, start, stop, move, call
    Agent {
        #[command(subcommand)]
        verb: AgentVerb,
    },
    /// Topics: what is published goes to the agents that subscribed
    Topic {
        #[command(subcommand)]
        verb: TopicVerb,
    },
    /// Tasks: work for whichever agents have the capabilities
    #[command(visible_alias = "tasks")]
    Task {
        #[command(subcommand)]
        verb: TaskVerb,
    },
    /// How tasks are spread over agents, and by which strategy
    Balancer {
        #[command(subcommand)]
        verb: Option<BalancerVerb>,
    },
    /// What happened
    #[command(visible_alias = "event")]
    Events {
        #[command(subcommand)]
        verb: EventVerb,
    },
    /// Names without an agent
    Names {
        #[command(subcommand)]
        verb: NameVerb,
    },
    /// Auctions: open, bid, seal, show
    #[command(visible_alias = "auctions")]
    Auction {
        #[command(subcommand)]
        verb: AuctionVerb,
    },
    /// Credits: accounts, statements, transfers, holds
    Ledger {
        #[command(subcommand)]
        verb: LedgerVerb,
    },
    /// The data folder of a node that does not run
    Store {
        #[command(subcommand)]
        verb: StoreVerb,
    },
    /// Stop the node; its agents move to others
    Stop,
    /// Print the control interface in TypeScript
    #[command(hide = true)]
    Bindings,
}

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "What the settings file covey.toml in the data folder says holds unless an \
option says otherwise.\n\nExamples:\n  covey node\n  covey node --profile second\n  \
covey node --name kitchen --label room=kitchen --programs cluster\n  \
covey node drain kitchen --deadline 5m"
)]
pub(super) struct NodeArgs {
    #[command(subcommand)]
    pub(super) verb: Option<NodeVerb>,
    /// What the node is called
    #[arg(long)]
    pub(super) name: Option<String>,
    /// The port strangers knock at; 0: any
    #[arg(long, value_name = "PORT")]
    pub(super) lobby_port: Option<u16>,
    /// The port members connect to; 0: any
    #[arg(long, value_name = "PORT")]
    pub(super) fabric_port: Option<u16>,
    /// An address of this machine to listen on; all, if none is given
    #[arg(long, value_name = "IP")]
    pub(super) listen: Vec<IpAddr>,
    /// The port of the panel on loopback; 0: any
    #[arg(long, value_name = "PORT")]
    pub(super) control_port: Option<u16>,
    /// Do not look for others by multicast
    #[arg(long)]
    pub(super) no_mdns: bool,
    /// Do not look for other instances on this machine
    #[arg(long)]
    pub(super) no_same_machine: bool,
    /// A node to knock at, as `host`, `host:port` or a multiaddress
    #[arg(long, value_name = "ADDR")]
    pub(super) peer: Vec<String>,
    /// A DNS name of nodes, as `name` or `name:port`; SRV records `_covey._tcp.NAME` are followed
    #[arg(long, value_name = "NAME")]
    pub(super) dns: Vec<String>,
    /// A file with the key that admits unattended nodes; or give the key in `COVEY_JOIN_KEY`
    #[arg(long, value_name = "FILE")]
    pub(super) join_key_file: Option<PathBuf>,
    /// Whose programs this node runs
    #[arg(long, value_enum)]
    pub(super) programs: Option<ProgramsArg>,
    /// A label of this node, as `key=value`
    #[arg(long, value_name = "K=V", value_parser = pair)]
    pub(super) label: Vec<(String, String)>,
    /// This node's share of the agents beside the others' weights, which are 10 unless set
    #[arg(long, value_name = "1-255")]
    pub(super) weight: Option<NonZeroU8>,
    /// How many agents this node holds at most
    #[arg(long, value_name = "COUNT")]
    pub(super) max_agents: Option<u32>,
}

#[derive(Debug, Args)]
pub(super) struct AskArgs {
    /// Its name, id, or first digits of its id, as `covey nearby` shows them
    pub(super) node: String,
    /// Wait until a person there has answered
    #[arg(long)]
    pub(super) wait: bool,
    /// Show what would come along and what would be archived, and do not ask
    #[arg(long, conflicts_with = "wait")]
    pub(super) plan: bool,
}

#[derive(Debug, Args)]
pub(super) struct JoinArgs {
    /// An invite link, or `host`, `host:port` or a multiaddress
    #[arg(required_unless_present = "plan")]
    pub(super) target: Option<String>,
    /// Show what would come along and what would be archived, and do not join
    #[arg(long, conflicts_with = "wait")]
    pub(super) plan: bool,
    /// Of an address: wait until a person there has answered
    #[arg(long)]
    pub(super) wait: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum NodeVerb {
    /// Where the agents of a node would go if the node were lost
    WhatIf {
        /// Its name, id, or first digits of its id
        node: String,
    },
    /// Let a node take no agents from here on
    Cordon {
        /// Its name, id, or first digits of its id
        node: String,
    },
    /// Let a node take agents again, which ends its drain
    Uncordon {
        /// Its name, id, or first digits of its id
        node: String,
    },
    /// Have a node hand its agents over, and stop those that are left at the deadline
    Drain {
        /// Its name, id, or first digits of its id
        node: String,
        /// How long it hands agents over; without it, as `drains.deadline` is set
        #[arg(long, value_name = "SPAN", value_parser = parse_span)]
        deadline: Option<Duration>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum RebalanceVerb {
    /// The moves that would even the cluster out
    Preview,
    /// Do these moves, one each interval
    Start {
        /// The time between two moves; without it, as `rebalance.interval` is set
        #[arg(long, value_name = "SPAN", value_parser = parse_span)]
        interval: Option<Duration>,
    },
    /// Begin no further move
    Pause,
    /// Go on where the pause began
    Resume,
    /// Begin no further move, and forget the rest
    Abort,
    /// How far the planned moves are
    Status,
}

/// Spells the values of one of the cluster's own types on the command line.
macro_rules! values {
    ($arg:ident for $meant:ident { $($(#[$doc:meta])* $value:ident),* }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
        pub(super) enum $arg { $($(#[$doc])* $value),* }

        impl From<$arg> for $meant {
            fn from(arg: $arg) -> Self {
                match arg { $($arg::$value => Self::$value),* }
            }
        }
    };
}

values! { RoleArg for Role {
    /// Sees everything, changes nothing, hosts nothing
    Observer,
    /// Hosts agents and calls them
    Worker,
    /// Starts, stops and moves agents
    Operator,
    /// Admits and revokes members
    Admin
} }
values! { ProgramsArg for Programs {
    /// What this node's own user started
    Own,
    /// What any operator or admin of the cluster started
    Cluster
} }
values! { BuiltinArg for Builtin {
    /// Answers `echo` with its parameters
    Echo,
    /// Counts: `add {by}` and `get`
    Counter,
    /// Counts seconds by itself: `get`
    Ticker,
    /// Bids in auctions that ask for bids: `value {lot, credits}`
    Bidder,
    /// Takes part in sessions, and decides by how busy its machine is
    Delegate
} }
values! { RestartArg for RestartPolicy {
    /// Every end
    Permanent,
    /// An end that is not a clean exit
    Transient,
    /// None
    Temporary
} }

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        Some(_) | None => Err("expected key=value".to_owned()),
    }
}

fn json(text: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(text).map_err(|error| format!("expected JSON: {error}"))
}
