//! What can be typed to send messages to agents.

use std::time::Duration;

use clap::{Args, Subcommand};
use covey_logic::Name;

use super::json;
use crate::cli::words::parse_span;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  covey agent call adder add '{\"by\": 2}'
  covey agent call greeter hello '\"world\"' --timeout 5s
  covey agent call mailer send '{\"to\": \"ada\"}' --key order-17
  covey agent call sorter sort --later")]
pub(in crate::cli) struct CallArgs {
    /// Which agent
    pub(in crate::cli) name: Name,
    /// What is asked of it
    pub(in crate::cli) method: String,
    /// Its parameters, as JSON
    #[arg(default_value = "null", value_parser = json)]
    pub(in crate::cli) params: serde_json::Value,
    /// How long to wait, ten minutes at most; without it, as `calls.timeout` is set
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(in crate::cli) timeout: Option<Duration>,
    /// On whose behalf, for the rates that are counted for each who asks
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) session: Option<Name>,
    /// Names the call: made again under it, it is answered alike and not done twice
    #[arg(long)]
    pub(in crate::cli) key: Option<String>,
    /// Have no answer: it is done once the agent's mailbox has the message
    #[arg(long, conflicts_with = "later")]
    pub(in crate::cli) notice: bool,
    /// Print a handle for `covey agent result`, and do not wait
    #[arg(long)]
    pub(in crate::cli) later: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  covey agent broadcast status --cap worker
  covey agent broadcast reload --to web,api --notice")]
pub(in crate::cli) struct BroadcastArgs {
    /// What is asked of them
    pub(in crate::cli) method: String,
    /// Its parameters, as JSON
    #[arg(default_value = "null", value_parser = json)]
    pub(in crate::cli) params: serde_json::Value,
    /// Which agents
    #[arg(long, value_name = "NAMES", value_delimiter = ',', required_unless_present = "cap")]
    pub(in crate::cli) to: Option<Vec<Name>>,
    /// Those that can do this; given several times, all of it
    #[arg(long, value_name = "CAPABILITY", conflicts_with = "to")]
    pub(in crate::cli) cap: Option<Vec<String>>,
    /// How long to wait for all, ten minutes at most; without it, as `calls.timeout` is set
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(in crate::cli) timeout: Option<Duration>,
    /// Have no answers: each is done with once its mailbox has the message
    #[arg(long)]
    pub(in crate::cli) notice: bool,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TopicVerb {
    /// Send a message to every agent that subscribed
    Publish {
        /// The topic, a name without a namespace
        topic: Name,
        /// The message, as JSON
        #[arg(value_parser = json)]
        body: serde_json::Value,
    },
    /// Have an agent of this node hear what is published, until it ends
    Subscribe {
        /// The topic
        topic: Name,
        /// Which agent
        agent: Name,
    },
    /// Have an agent of this node hear no more of it
    Unsubscribe {
        /// The topic
        topic: Name,
        /// Which agent
        agent: Name,
    },
    /// Who hears what is published
    Subscribers {
        /// The topic
        topic: Name,
    },
}
