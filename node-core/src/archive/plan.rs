//! What would come along to another cluster, and what would be archived.

use covey_logic::node::Belongings;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ArchivedGroup;

/// What becomes of what this node has when it enters another cluster. What that has under the same
/// names is known only there: it stands, and each conflict is told as an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JoinPlan {
    /// The cluster that would be left.
    pub cluster_name: String,
    /// How many other members that has: it goes on without this node.
    pub others: u32,
    /// Agents that this node's user started; they come along if it is let in as an operator or
    /// more, and are archived if not.
    pub agents: Listed,
    /// Variables of this node alone, which come along.
    pub locals: Listed,
    /// Events of this node, which come along.
    #[ts(type = "number")]
    pub events: u64,
    /// Agents that others started, which stay behind.
    pub foreign_agents: Listed,
    /// Settings, which are archived.
    pub settings: Listed,
    /// Locks, elections, semaphores and exclusive agents that are held, which are archived.
    pub places: Listed,
    /// Barriers, which are archived.
    pub barriers: Listed,
    /// Counters, which are archived.
    pub counters: Listed,
    /// Variables, which are archived.
    pub variables: Listed,
    /// Settled questions, which are archived.
    pub decisions: Listed,
}

/// How many of something there are, and what they are called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Listed {
    /// How many.
    pub count: u32,
    /// Their names, [`Listed::NAMES`] at most.
    pub names: Vec<String>,
}

impl Listed {
    /// Names that are listed of each kind: what fits a screen.
    pub const NAMES: usize = 50;

    fn of(names: impl Iterator<Item = String>) -> Self {
        let mut listed = Self::default();
        for name in names {
            listed.count = listed.count.saturating_add(1);
            if listed.names.len() < Self::NAMES {
                listed.names.push(name);
            }
        }
        listed
    }
}

impl JoinPlan {
    /// The plan of a node with these belongings, whose part of the group holds `group`.
    #[must_use]
    pub fn new(belongings: &Belongings, group: &ArchivedGroup) -> Self {
        let counters = group.counters.iter().chain(&belongings.counters);
        let variables = group.variables.iter().chain(&belongings.variables);
        let texts = |names: &[covey_logic::Name]| Listed::of(names.iter().map(ToString::to_string));
        Self {
            cluster_name: belongings.cluster_name.clone(),
            others: belongings.others,
            agents: Listed::of(belongings.agents.iter().map(|spec| spec.name.to_string())),
            locals: texts(&belongings.locals),
            events: belongings.events,
            foreign_agents: texts(&belongings.foreign_agents),
            settings: Listed::of(group.settings.iter().map(|change| change.key.to_string())),
            places: Listed::of(group.places.iter().map(|held| held.place.to_string())),
            barriers: Listed::of(group.barriers.iter().map(|barrier| barrier.name.to_string())),
            counters: Listed::of(counters.map(|counter| counter.name.to_string())),
            variables: Listed::of(variables.map(|variable| variable.name.to_string())),
            decisions: Listed::of(group.decisions.iter().map(|it| it.question.to_string())),
        }
    }
}
