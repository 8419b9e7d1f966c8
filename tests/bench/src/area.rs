//! What can be measured.

mod balancer;
mod comms;
mod consensus;
mod economics;
mod events;
mod join;
mod panel;
mod registry;
mod sessions;
mod start;
mod supervision;

use clap::ValueEnum;

use crate::{error::BenchError, figure::Report};

/// Runs that count, after one that does not.
const RUNS: usize = 5;

/// A part of Covey with figures of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Area {
    /// From a start to an answer, and what a node weighs at rest
    Start,
    /// How long a newcomer takes to be seen and to be a member
    Join,
    /// Names: how soon they are seen, what they cost on the wire and in memory
    Registry,
    /// Calls of agents, here and on another node
    Comms,
    /// What the loss of a node does to its agents
    Supervision,
    /// What three voters agree on: how many changes a second, and how soon after a loss
    Consensus,
    /// Events of applications: how fast they are on disk, and how soon they are found
    Events,
    /// Sessions: how long a vote of five agents takes, and how many a second
    Sessions,
    /// Auctions: how many a second from their opening to the payment
    Economics,
    /// What the panel costs its page, and how soon it shows what a node knows
    Panel,
    /// Tasks: how fast agents are chosen, how evenly, and what a slow one does to them
    Balancer,
}

impl Area {
    pub(crate) const ALL: [Self; 11] = [
        Self::Start,
        Self::Join,
        Self::Registry,
        Self::Comms,
        Self::Supervision,
        Self::Consensus,
        Self::Events,
        Self::Sessions,
        Self::Economics,
        Self::Panel,
        Self::Balancer,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Join => "join",
            Self::Registry => "registry",
            Self::Comms => "comms",
            Self::Supervision => "supervision",
            Self::Consensus => "consensus",
            Self::Events => "events",
            Self::Sessions => "sessions",
            Self::Economics => "economics",
            Self::Panel => "panel",
            Self::Balancer => "balancer",
        }
    }

    /// Measures everything of the area; `private` says that loopback is this run's alone.
    pub(crate) async fn measure(
        self,
        report: &mut Report,
        private: bool,
    ) -> Result<(), BenchError> {
        match self {
            Self::Start => start::measure(report).await,
            Self::Join => join::measure(report, private).await,
            Self::Registry => registry::measure(report, private).await,
            Self::Comms => comms::measure(report).await,
            Self::Supervision => supervision::measure(report, private).await,
            Self::Consensus => consensus::measure(report).await,
            Self::Events => events::measure(report).await,
            Self::Sessions => sessions::measure(report).await,
            Self::Economics => economics::measure(report).await,
            Self::Panel => panel::measure(report).await,
            Self::Balancer => balancer::measure(report).await,
        }
    }
}
