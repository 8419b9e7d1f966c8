//! Who watched every change of names since a node started knows what the node knows, and a search
//! finds the same on every node.

use std::collections::BTreeMap;

use covey_logic::{
    Epoch, Name, Node, NodeId,
    agent::Phase,
    registry::{ChangeKind, ChangeView, MemberView, Query},
};

use crate::{invariant::Violation, world::World};

const NAME: &str = "watched";

/// What a watcher knows.
#[derive(Debug, Default)]
struct Watched {
    owners: BTreeMap<Name, (NodeId, Epoch)>,
    members: BTreeMap<Name, Vec<MemberView>>,
}

/// Checks it.
///
/// # Errors
///
/// The first change that cannot follow the ones before it, or the first difference between what was
/// watched and what is, or between what two nodes find.
pub fn check(world: &World) -> Result<(), Violation> {
    let mut first = None;
    for (index, process) in world.live() {
        follow(&process.node)
            .map_err(|found| Violation::new(NAME, format!("on n{index}: {found}")))?;
        let everything = Query { limit: Some(Query::MAX_LIMIT), ..Query::default() };
        let page = process.node.registry().index().search(&everything);
        let (with, expected) = first.get_or_insert_with(|| (index, page.clone()));
        if page != *expected {
            let found = format!("n{with} finds {expected:?} and n{index} {page:?}");
            return Err(Violation::new(NAME, found));
        }
    }
    Ok(())
}

/// Follows every change from the first on.
fn follow(node: &Node) -> Result<(), String> {
    let mut watched = Watched::default();
    let mut after = 0;
    loop {
        let (changes, next) = node.registry().changes().after(after, "");
        if next == after {
            break;
        }
        for change in changes {
            if matches!(change.change, ChangeKind::Gap { .. }) {
                return Ok(());
            }
            watched.take(&change)?;
        }
        after = next;
    }
    let owners: BTreeMap<Name, (NodeId, Epoch)> = node
        .registry()
        .owners()
        .map(|(name, owner)| (name.clone(), (owner.node, owner.epoch)))
        .collect();
    if watched.owners != owners {
        return Err(format!("{:?} watched, {owners:?} there", watched.owners));
    }
    let running = node.agents().into_iter().filter(|agent| agent.phase == Some(Phase::Running));
    for agent in running {
        if !owners.contains_key(&agent.id) {
            return Err(format!("{} runs and has no name", agent.id));
        }
    }
    for (group, members) in watched.members {
        let mut there = node.registry().members(&group);
        there.sort_by_key(|member| (member.node, member.agent.clone()));
        if members != there {
            return Err(format!("{group}: {members:?} watched, {there:?} there"));
        }
    }
    Ok(())
}

impl Watched {
    fn take(&mut self, change: &ChangeView) -> Result<(), String> {
        let wrong = || Err(format!("{change:?} after {self:?}"));
        let Some(name) = &change.name else { return wrong() };
        match &change.change {
            ChangeKind::Registered { owner } => {
                if self.owners.contains_key(name) {
                    return wrong();
                }
                self.owners.insert(name.clone(), (owner.node, owner.epoch));
            }
            ChangeKind::Updated { owner } => {
                if self.owners.get(name) != Some(&(owner.node, owner.epoch)) {
                    return wrong();
                }
            }
            ChangeKind::Removed { owner } => {
                if self.owners.get(name) != Some(&(owner.node, owner.epoch)) {
                    return wrong();
                }
                self.owners.remove(name);
            }
            ChangeKind::Joined { member } => {
                let mut known = self.members.get(name).into_iter().flatten();
                if known.any(|other| who(other) == who(member)) {
                    return wrong();
                }
                let members = self.members.entry(name.clone()).or_default();
                members.push(member.clone());
                members.sort_by_key(|member| (member.node, member.agent.clone()));
            }
            ChangeKind::Left { member } => {
                let members = self.members.entry(name.clone()).or_default();
                let before = members.len();
                members.retain(|other| who(other) != who(member));
                if members.len() == before {
                    return Err(format!("{change:?} of somebody who was not in"));
                }
            }
            ChangeKind::Conflict { .. } | ChangeKind::Gap { .. } => {}
        }
        Ok(())
    }
}

fn who(member: &MemberView) -> (NodeId, Option<&Name>) {
    (member.node, member.agent.as_ref())
}
