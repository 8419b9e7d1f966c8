//! Groups: what the end of one member means for its siblings, on whatever nodes they run.
//!
//! No one coordinates a group. Each status carries the moment of the agent's last unasked end
//! ([`Status::fell`](crate::agent::Status::fell)), between the epochs of the lives before and after.
//! A member whose life is older than such an end of a sibling that matters to it is started afresh,
//! and its new life is not: so the rule comes to rest, whoever applies it and in whatever order.

use crate::{
    agent::{Group, GroupStrategy, Phase, Status},
    ids::{Epoch, Name},
    supervision::{Wanted, asked, scene::Scene},
};

/// A sibling of an agent.
struct Sibling<'a> {
    name: Name,
    order: u32,
    status: Option<&'a Status>,
}

impl<'a> Scene<'a> {
    /// Whether a sibling ended unasked since the life `epoch` began, and that ends this agent too.
    pub(super) fn sibling_fell(&self, wanted: &Wanted<'_>, epoch: Epoch) -> bool {
        self.relevant(wanted).any(|sibling| sibling.status.is_some_and(|s| s.fell > epoch))
    }

    /// A sibling that used up its restarts, and thereby keeps this agent from running.
    pub(super) fn failed_sibling(&self, wanted: &Wanted<'_>) -> Option<Name> {
        let failed = |status: &Status| status.phase == Phase::Failed;
        self.relevant(wanted)
            .find(|sibling| sibling.status.is_some_and(failed))
            .map(|sibling| sibling.name)
    }

    /// A sibling of lower order that has to run before this agent is started.
    pub(super) fn earlier_sibling(&self, wanted: &Wanted<'_>) -> Option<Name> {
        let group = wanted.spec.group.as_ref()?;
        let settled = |status: &Status| {
            matches!(status.phase, Phase::Running | Phase::Finished | Phase::Failed)
        };
        self.siblings(wanted, group)
            .find(|sibling| sibling.order < group.order && !sibling.status.is_some_and(settled))
            .map(|sibling| sibling.name)
    }

    /// The siblings whose ends end this agent too.
    fn relevant(&self, wanted: &Wanted<'_>) -> impl Iterator<Item = Sibling<'a>> {
        let group = wanted.spec.group.as_ref();
        let siblings = group.into_iter().flat_map(|group| self.siblings(wanted, group));
        let rule = group.map(|group| (group.strategy, group.order));
        siblings.filter(move |sibling| match rule {
            Some((GroupStrategy::OneForAll, _)) => true,
            Some((GroupStrategy::RestForOne, order)) => sibling.order < order,
            Some((GroupStrategy::OneForOne, _)) | None => false,
        })
    }

    /// The other agents of the group that should run.
    fn siblings(&self, wanted: &Wanted<'_>, group: &Group) -> impl Iterator<Item = Sibling<'a>> {
        let scene = *self;
        let own = wanted.name.clone();
        let members: Vec<&'a Name> = self.relations.members(&group.name).collect();
        members
            .into_iter()
            .filter_map(move |member| asked(scene.tables.replica, member))
            .flat_map(|(spec, _)| {
                let order = spec.group.as_ref().map_or(0, |group| group.order);
                spec.instances().map(move |name| (name, order))
            })
            .filter(move |(name, _)| *name != own)
            .filter(move |(name, _)| scene.wanted(name).is_some_and(|wanted| wanted.intent.run))
            .map(move |(name, order)| {
                let status = scene.holder(&name).map(|(_, status)| status);
                Sibling { name, order, status }
            })
    }
}
