//! Which agents name which others, so that a change of one is looked at by those it concerns.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    agent::{AgentSpec, Class},
    ids::Name,
    replica::Replica,
    supervision::{base_of, spec_of},
};

/// What specifications say of each other; without relations it is empty, and costs nothing.
#[derive(Clone, Debug, Default)]
pub struct Relations {
    /// What each agent that has relations says.
    said: BTreeMap<Name, Said>,
    /// Who depends on an agent, or stays near it.
    followers: BTreeMap<Name, BTreeSet<Name>>,
    /// Who keeps apart from an agent.
    apart: BTreeMap<Name, BTreeSet<Name>>,
    groups: BTreeMap<Name, BTreeSet<Name>>,
    /// Who runs on the side of a majority alone.
    majority: BTreeSet<Name>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    follows: BTreeSet<Name>,
    apart: BTreeSet<Name>,
    group: Option<Name>,
}

impl Relations {
    /// Takes note of a specification, or of its end.
    pub fn note(&mut self, name: &Name, spec: Option<&AgentSpec>) {
        if spec.is_some_and(|spec| spec.class == Class::MajorityOnly) {
            self.majority.insert(name.clone());
        } else {
            self.majority.remove(name);
        }
        let said = spec.map(Said::of).filter(|said| !said.is_empty());
        if self.said.get(name) == said.as_ref() {
            return;
        }
        if let Some(old) = self.said.remove(name) {
            old.follows.iter().for_each(|on| remove(&mut self.followers, on, name));
            old.apart.iter().for_each(|from| remove(&mut self.apart, from, name));
            old.group.iter().for_each(|group| remove(&mut self.groups, group, name));
        }
        if let Some(new) = said {
            new.follows.iter().for_each(|on| insert(&mut self.followers, on, name));
            new.apart.iter().for_each(|from| insert(&mut self.apart, from, name));
            new.group.iter().for_each(|group| insert(&mut self.groups, group, name));
            self.said.insert(name.clone(), new);
        }
    }

    /// The specifications whose agents a change of `name` concerns.
    #[must_use]
    pub fn concerned(&self, name: &Name) -> BTreeSet<Name> {
        let followers = self.followers.get(name).into_iter().flatten();
        let group = self.said.get(name).and_then(|said| said.group.as_ref());
        let siblings = group.map(|group| self.members(group));
        followers.chain(siblings.into_iter().flatten()).cloned().collect()
    }

    /// Whether nothing says anything of anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// Whether any agent runs on the side of a majority alone.
    #[must_use]
    pub fn ask_for_majority(&self) -> bool {
        !self.majority.is_empty()
    }

    /// The specifications in a group.
    pub fn members(&self, group: &Name) -> impl Iterator<Item = &Name> {
        self.groups.get(group).into_iter().flatten()
    }

    /// The specifications that keep apart from `name`.
    pub fn apart_from(&self, name: &Name) -> impl Iterator<Item = &Name> {
        self.apart.get(name).into_iter().flatten()
    }
}

impl Said {
    fn of(spec: &AgentSpec) -> Self {
        let depends = spec.depends_on.iter().map(|dependency| &dependency.on);
        Self {
            follows: depends.chain(&spec.placement.near).cloned().collect(),
            apart: spec.placement.apart.iter().cloned().collect(),
            group: spec.group.as_ref().map(|group| group.name.clone()),
        }
    }

    fn is_empty(&self) -> bool {
        self.follows.is_empty() && self.apart.is_empty() && self.group.is_none()
    }
}

fn insert(table: &mut BTreeMap<Name, BTreeSet<Name>>, key: &Name, name: &Name) {
    table.entry(key.clone()).or_default().insert(name.clone());
}

fn remove(table: &mut BTreeMap<Name, BTreeSet<Name>>, key: &Name, name: &Name) {
    if let Some(names) = table.get_mut(key) {
        names.remove(name);
        if names.is_empty() {
            table.remove(key);
        }
    }
}

/// The agents that `spec` would wait for, and they for others, back to itself, if they do: what it
/// depends on, what it stays near, and the siblings that start before it.
#[must_use]
pub(super) fn cycle(
    spec: &AgentSpec,
    relations: &Relations,
    replica: &Replica,
) -> Option<Vec<Name>> {
    let mut seen = BTreeSet::new();
    let mut paths = vec![vec![spec.name.clone()]];
    while let Some(path) = paths.pop() {
        let Some(last) = path.last() else { continue };
        let known =
            if *last == spec.name { Some(spec) } else { spec_of(replica, last).map(|s| &**s) };
        let Some(waiting) = known else { continue };
        for next in awaited(waiting, spec, relations, replica) {
            let path: Vec<Name> = path.iter().cloned().chain([next.clone()]).collect();
            if next == spec.name {
                return Some(path);
            }
            if seen.insert(next) {
                paths.push(path);
            }
        }
    }
    None
}

/// The specifications that `waiting` waits for, once `fresh` stands.
fn awaited(
    waiting: &AgentSpec,
    fresh: &AgentSpec,
    relations: &Relations,
    replica: &Replica,
) -> BTreeSet<Name> {
    let depends = waiting.depends_on.iter().map(|dependency| &dependency.on);
    let named = depends.chain(&waiting.placement.near);
    // A replica stands for all of them.
    let mut found: BTreeSet<Name> = named
        .map(|name| match base_of(name) {
            Some(base) if spec_of(replica, name).is_none() => base,
            Some(_) | None => name.clone(),
        })
        .collect();
    let Some(group) = &waiting.group else { return found };
    let order = |spec: &AgentSpec| {
        let same = spec.group.as_ref().filter(|other| other.name == group.name);
        same.map(|other| other.order)
    };
    let others = relations.members(&group.name).filter(|name| **name != fresh.name);
    let others = others.filter_map(|name| spec_of(replica, name).map(|spec| &**spec));
    let earlier =
        others.chain([fresh]).filter(|other| order(other).is_some_and(|order| order < group.order));
    found.extend(earlier.map(|spec| spec.name.clone()));
    found
}
