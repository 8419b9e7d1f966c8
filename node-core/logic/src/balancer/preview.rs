//! How a burst would spread under a strategy, before it is chosen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Able, Chance, Limits, Pool, StrategyKind, Stuck, Tasks, dispatch::worker};
use crate::ids::{Name, NodeId};

/// How a burst of tasks would spread from the loads of now, if none of them ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct PreviewView {
    /// By which strategy.
    pub strategy: StrategyKind,
    /// How many of them each agent would get; those that can do them and would get none with them.
    pub shares: Vec<ShareView>,
    /// How many would get no agent.
    pub left: u32,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stuck: Option<Stuck>,
    /// What the busiest would get beside the mean, in percent; 100 is even.
    pub spread_percent: u32,
}

/// How many tasks an agent would get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ShareView {
    /// Which agent.
    #[ts(type = "string")]
    pub agent: Name,
    /// Where it runs.
    #[ts(type = "string")]
    pub node: NodeId,
    /// Tasks it has.
    pub in_flight: u32,
    /// Tasks of the burst it would get.
    pub tasks: u32,
}

impl Tasks {
    /// The longest burst that is tried.
    pub const MAX_BURST: u32 = 10_000;

    /// How a burst of `burst` tasks of a queue would spread when the group's clock is at `clock`.
    /// What is left to chance follows from one seed, so that two strategies can be compared.
    #[must_use]
    pub fn preview(
        &self,
        (clock, able): (u64, &[Able]),
        strategy: StrategyKind,
        limits: Limits,
        burst: u32,
    ) -> PreviewView {
        let mut pool = Pool::new(strategy, limits);
        for able in able {
            pool.set(&able.agent, worker(self, clock, able));
        }
        let mut chance = Chance::new(u64::from(burst));
        let mut counts: BTreeMap<Name, u32> = BTreeMap::new();
        let (mut given, mut stuck) = (0, None);
        while given < burst {
            match pool.choose(&mut chance) {
                Ok(agent) => *counts.entry(agent).or_default() += 1,
                Err(why) => {
                    stuck = Some(why.into());
                    break;
                }
            }
            given += 1;
        }
        let share = |able: &Able| ShareView {
            agent: able.agent.clone(),
            node: able.node,
            in_flight: self.record(&able.agent).in_flight,
            tasks: counts.get(&able.agent).copied().unwrap_or(0),
        };
        let shares: Vec<ShareView> = able.iter().map(share).collect();
        let most = u64::from(counts.values().copied().max().unwrap_or(0));
        let spread = most * 100 * shares.len() as u64;
        let spread_percent = spread.checked_div(u64::from(given)).unwrap_or(100);
        PreviewView {
            strategy,
            shares,
            left: burst - given,
            stuck,
            spread_percent: u32::try_from(spread_percent).unwrap_or(u32::MAX),
        }
    }
}
