//! Who can do a task.

use crate::{
    balancer::{Able, Queue, Strain},
    ids::NodeId,
    node::Node,
    registry::{NameState, NameView, Query, Term},
    supervision::summary_of,
};

impl Node {
    /// The agents that run and can do the tasks of a queue, [`Query::MAX_LIMIT`] times ten at most.
    #[must_use]
    pub fn able(&self, queue: &Queue) -> Vec<Able> {
        let all: Vec<String> = queue.capabilities().map(str::to_owned).collect();
        let taken = all.len();
        let terms = vec![Term::Capabilities { all }];
        let mut query = Query { terms, after: None, limit: Some(Query::MAX_LIMIT) };
        let mut able = Vec::new();
        for _ in 0..10 {
            let Ok(page) = self.registry().index().search(&query) else { break };
            let running = page.names.into_iter().filter(|name| name.state == NameState::Running);
            able.extend(running.map(|name| self.one_able(name, taken)));
            let Some(next) = page.next else { break };
            query.after = Some(next);
        }
        able
    }

    fn one_able(&self, name: NameView, taken: usize) -> Able {
        let extra = name.capabilities.len().saturating_sub(taken);
        Able {
            agent: name.id,
            node: name.node,
            extra: u32::try_from(extra).unwrap_or(u32::MAX),
            strain: self.strain(name.node),
            ask: summary_of(&self.replica, name.node).and_then(|summary| summary.ask),
        }
    }

    /// How busy a node is, as it last said; none if it said nothing.
    fn strain(&self, node: NodeId) -> Option<Strain> {
        let summary = summary_of(&self.replica, node)?;
        Some(Strain::of(summary.load, (summary.cpus, summary.memory_mib)))
    }
}
