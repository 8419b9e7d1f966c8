//! What can be typed about names.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use covey_logic::{
    Name,
    agent::RuntimeKind,
    registry::{Backend, NameState},
};

use super::{pair, parse_span};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum NameVerb {
    /// Claim names for this node
    Register {
        /// Which names
        #[arg(required = true)]
        names: Vec<Name>,
        /// What to tell of each, as `key=value`
        #[arg(long, value_name = "K=V", value_parser = pair)]
        meta: Vec<(String, String)>,
        /// The agent of this node that they are held for, and with which they go
        #[arg(long = "for", value_name = "AGENT")]
        holder: Option<Name>,
    },
    /// Give names of this node up
    Deregister {
        /// Which names
        #[arg(required_unless_present = "matching", conflicts_with = "matching")]
        names: Vec<Name>,
        /// Instead, those that fit
        #[arg(long)]
        matching: bool,
        #[command(flatten)]
        terms: TermArgs,
    },
    /// Who holds a name
    Lookup {
        /// Which name
        name: Name,
        /// Ask a majority, so that the answer is no older than the question: where consensus keeps the
        /// names
        #[arg(long)]
        linearizable: bool,
    },
    /// Names that fit, all that is said of them
    Search {
        #[command(flatten)]
        terms: TermArgs,
        /// Only those after this one, as the page before ended
        #[arg(long, value_name = "NAME")]
        after: Option<Name>,
        /// How many at most
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// Count them instead
        #[arg(long, conflicts_with_all = ["after", "limit"])]
        count: bool,
    },
    /// Print every change of names as it happens
    Watch {
        /// How the names begin
        #[arg(default_value = "")]
        prefix: String,
    },
    /// Wait until a name is registered, on whichever node
    Wait {
        /// Which name
        name: Name,
        /// How long at most
        #[arg(long, value_name = "SPAN", default_value = "30s", value_parser = parse_span)]
        timeout: Duration,
    },
    /// Replace what is told of a name of this node
    Set {
        /// Which name
        name: Name,
        /// All that is told of it, as `key=value`
        #[arg(value_parser = pair)]
        meta: Vec<(String, String)>,
        /// Only if it is at this revision
        #[arg(long, value_name = "REVISION")]
        expect: Option<u64>,
    },
    /// Groups: names with several owners
    Group {
        #[command(subcommand)]
        verb: GroupVerb,
    },
    /// Namespaces: their figures, their backends, their end
    Namespace {
        #[command(subcommand)]
        verb: NamespaceVerb,
    },
}

/// What must hold for a name.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct TermArgs {
    /// In this namespace
    #[arg(long)]
    pub(in crate::cli) namespace: Option<String>,
    /// Beginning so
    #[arg(long)]
    pub(in crate::cli) prefix: Option<String>,
    /// Held by this node
    #[arg(long, value_name = "NODE")]
    pub(in crate::cli) on: Option<String>,
    /// Held for this agent
    #[arg(long = "held-for", value_name = "AGENT")]
    pub(in crate::cli) held_for: Option<Name>,
    /// Its agent can do this; may be said again
    #[arg(long, value_name = "WHAT")]
    pub(in crate::cli) capability: Vec<String>,
    /// Its agent is run so
    #[arg(long = "type", value_name = "TYPE")]
    pub(in crate::cli) kind: Option<KindArg>,
    /// In this state; without, names that nobody answers for are left out
    #[arg(long)]
    pub(in crate::cli) state: Option<StateArg>,
    /// A field has this value; may be said again
    #[arg(long = "where", value_name = "K=V", value_parser = pair)]
    pub(in crate::cli) equals: Vec<(String, String)>,
    /// A value of a field begins so; may be said again
    #[arg(long, value_name = "K=V", value_parser = pair)]
    pub(in crate::cli) begins: Vec<(String, String)>,
    /// It has the field; may be said again
    #[arg(long, value_name = "K")]
    pub(in crate::cli) has: Vec<String>,
    /// It does not have the field; may be said again
    #[arg(long, value_name = "K")]
    pub(in crate::cli) lacks: Vec<String>,
    /// A field is a whole number of at least this; may be said again
    #[arg(long, value_name = "K=N", value_parser = bound)]
    pub(in crate::cli) least: Vec<(String, i64)>,
    /// A field is a whole number of at most this; may be said again
    #[arg(long, value_name = "K=N", value_parser = bound)]
    pub(in crate::cli) most: Vec<(String, i64)>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum GroupVerb {
    /// Every group that somebody is in
    List,
    /// Who is in a group
    Members {
        /// Which group
        group: Name,
    },
    /// Join a group
    Join {
        /// Which group
        group: Name,
        /// The agent of this node that joins, instead of the node
        #[arg(long)]
        agent: Option<Name>,
        /// What to tell of the member, as `key=value`
        #[arg(long, value_name = "K=V", value_parser = pair)]
        meta: Vec<(String, String)>,
    },
    /// Leave a group
    Quit {
        /// Which group
        group: Name,
        /// The agent of this node that leaves, instead of the node
        #[arg(long)]
        agent: Option<Name>,
    },
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum NamespaceVerb {
    /// Every namespace, with its names and agents on each node
    List,
    /// Choose what keeps the names of a namespace
    Set {
        /// Which namespace
        namespace: String,
        /// What keeps them
        backend: BackendArg,
    },
    /// Have every name and agent of a namespace go, on every node
    Clean {
        /// Which namespace
        namespace: String,
        /// Do it without asking back
        #[arg(long)]
        yes: bool,
    },
}

/// What runs an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum KindArg {
    /// Code inside the node
    Builtin,
    /// A program
    Process,
}

/// What is behind a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum StateArg {
    /// A node holds it
    Registered,
    /// Its agent takes messages
    Running,
    /// Its agent is being started
    Starting,
    /// Its agent waits for its restart
    BackingOff,
    /// Its agent is being stopped
    Stopping,
    /// Its agent ended as it should
    Finished,
    /// Its agent used up its restarts
    Failed,
}

/// What keeps the names of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum BackendArg {
    /// Each node keeps its own to itself
    Local,
    /// Every node knows all of them
    Replicated,
    /// Never two holders; takes a consensus group
    Consensus,
}

impl From<KindArg> for RuntimeKind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Builtin => Self::Builtin,
            KindArg::Process => Self::Process,
        }
    }
}

impl From<StateArg> for NameState {
    fn from(state: StateArg) -> Self {
        match state {
            StateArg::Registered => Self::Registered,
            StateArg::Running => Self::Running,
            StateArg::Starting => Self::Starting,
            StateArg::BackingOff => Self::BackingOff,
            StateArg::Stopping => Self::Stopping,
            StateArg::Finished => Self::Finished,
            StateArg::Failed => Self::Failed,
        }
    }
}

impl From<BackendArg> for Backend {
    fn from(backend: BackendArg) -> Self {
        match backend {
            BackendArg::Local => Self::Local,
            BackendArg::Replicated => Self::Replicated,
            BackendArg::Consensus => Self::Consensus,
        }
    }
}

fn bound(text: &str) -> Result<(String, i64), String> {
    let (field, number) = pair(text)?;
    let number =
        number.parse().map_err(|error| format!("{number:?} is no whole number: {error}"))?;
    Ok((field, number))
}
