//! What can be typed about what the cluster agrees on.

mod variable;

use std::time::Duration;

use clap::{Args, Subcommand};
use covey_logic::{
    Name,
    coordination::{Place, Scope},
};
use serde::de::DeserializeOwned;

use super::parse_span;
use crate::control::Fence;

pub(in crate::cli) use variable::VariableVerb;

/// How something is held.
#[derive(Debug, Args)]
pub(in crate::cli) struct HoldArgs {
    /// Who takes it, as this node tells them apart
    #[arg(long, value_name = "NAME")]
    pub session: Option<Name>,
    /// How long it is held without a word, from a second to twelve hours; without it, as
    /// `locks.lease` is set
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub lease: Option<Duration>,
    /// How long to stand in line for it, an hour at most
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub wait: Option<Duration>,
    /// A key of your own: asked again with it, it is done once
    #[arg(long)]
    pub key: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CoordinationVerb {
    /// Show what a recovery by force on this node would keep, and what it may lose
    Recovery,
    /// Have the group go on with what this node holds, without the voters that are lost for good;
    /// look at `recovery` first
    Recover,
    /// What this node left behind when it entered another cluster: its archives, or one of them
    Archive {
        /// Which, as the list names it
        id: Option<u64>,
    },
    /// Make here what an archive holds and this cluster has not, and list what differs
    Replay {
        /// Which archive
        id: u64,
    },
    /// Go on without what this node's damaged store of the group held; only where no other node can
    /// fill it again
    SetAside,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LockVerb {
    /// Take a lock; prints its fencing token
    Acquire {
        /// Which lock
        name: Name,
        #[command(flatten)]
        hold: HoldArgs,
    },
    /// Begin its lease anew
    Renew {
        /// Which lock
        name: Name,
        /// The fencing token that it was given under
        token: u64,
    },
    /// Give it up
    Release {
        /// Which lock
        name: Name,
        /// The fencing token that it was given under
        token: u64,
    },
    /// Take it from its holder, as an operator: its token is fenced, and the next in line follows
    Revoke {
        /// Which lock
        name: Name,
        /// The token of the holder that is meant; `covey coordination` shows it
        token: u64,
    },
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ElectionVerb {
    /// Stand for it; prints the term once elected
    Campaign {
        /// Which election
        name: Name,
        #[command(flatten)]
        hold: HoldArgs,
    },
    /// Begin the lease of the term anew
    Renew {
        /// Which election
        name: Name,
        /// The term
        term: u64,
    },
    /// Lead no more; who stands next follows
    Resign {
        /// Which election
        name: Name,
        /// The term
        term: u64,
    },
    /// Have its leader lead no more, as an operator: the term is fenced, and who stands next follows
    Depose {
        /// Which election
        name: Name,
        /// The term that is meant; `covey coordination` shows it
        term: u64,
    },
    /// Print who leads, and each who follows, until Ctrl-C
    Observe {
        /// Which election
        name: Name,
        /// Print who leads, and end
        #[arg(long)]
        once: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SemaphoreVerb {
    /// Take a permit; prints its fencing token
    Acquire {
        /// Which semaphore
        name: Name,
        /// How many may hold it at once, the same for all who come
        permits: u32,
        #[command(flatten)]
        hold: HoldArgs,
    },
    /// Begin the lease of a permit anew
    Renew {
        /// Which semaphore
        name: Name,
        /// The fencing token that it was given under
        token: u64,
    },
    /// Give a permit up
    Release {
        /// Which semaphore
        name: Name,
        /// The fencing token that it was given under
        token: u64,
    },
    /// Take a permit from its holder, as an operator: its token is fenced, and the next in line follows
    Revoke {
        /// Which semaphore
        name: Name,
        /// The token of the holder that is meant; `covey coordination` shows it
        token: u64,
    },
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BarrierVerb {
    /// Wait until as many are there as it takes; fails if it is broken
    Wait {
        /// Which barrier
        name: Name,
        /// How many it takes, this one counted
        parties: u32,
        /// Who waits, as this node tells them apart [default: pid-PID]
        #[arg(long, value_name = "NAME")]
        session: Option<Name>,
        /// How long to wait, an hour at most; then it is broken for all
        #[arg(long, value_name = "SPAN", default_value = "1m", value_parser = parse_span)]
        wait: Duration,
    },
    /// End the waiting of all who are there, as an operator; each is told
    Break {
        /// Which barrier
        name: Name,
    },
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CounterVerb {
    /// Add to it; prints its value after
    Add {
        /// Which counter
        counter: Name,
        /// How much; less than nought takes away
        #[arg(default_value_t = 1, allow_negative_numbers = true)]
        by: i64,
        /// `global`: always possible, and added up later; `cluster`: agreed on, the default of a new one
        #[arg(long, value_name = "SCOPE", value_parser = parse_word::<Scope>)]
        scope: Option<Scope>,
        /// Only while this lock is held under this token
        #[arg(long, value_name = "LOCK:TOKEN", value_parser = parse_fence)]
        fence: Option<Fence>,
        /// A key of your own: asked again with it, the counter is changed once
        #[arg(long)]
        key: Option<String>,
    },
    /// Print its value
    Get {
        /// Which counter
        counter: Name,
        /// `global` or `cluster`, if there are both
        #[arg(long, value_name = "SCOPE", value_parser = parse_word::<Scope>)]
        scope: Option<Scope>,
        /// As this node has it, which may be old, without asking the others
        #[arg(long)]
        stale: bool,
    },
    /// Remove one that is agreed on; it begins at nought again
    Remove {
        /// Which counter
        counter: Name,
    },
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DecisionVerb {
    /// Propose an answer; prints the one that stands
    Propose {
        /// Which question
        question: Name,
        /// The answer, 64 KiB at most
        value: String,
    },
    /// Print what it was settled to
    Get {
        /// Which question
        question: Name,
        /// As this node has it, which may be old, without asking the others
        #[arg(long)]
        stale: bool,
    },
    /// Forget the answer, so that it may be settled anew
    Reopen {
        /// Which question
        question: Name,
    },
}

/// A word as the control interface spells it.
fn parse_word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|error| error.to_string())
}

/// A lock and its token.
fn parse_fence(text: &str) -> Result<Fence, String> {
    let wrong = || "expected a lock and its token, like backup:17".to_owned();
    let (lock, token) = text.rsplit_once(':').ok_or_else(wrong)?;
    let lock = Name::new(lock).map_err(|error| error.to_string())?;
    let token = token.parse().ok().ok_or_else(wrong)?;
    Ok(Fence { place: Place::lock(lock), token })
}
