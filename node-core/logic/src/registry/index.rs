//! Every name that is held, and the sets by which names are found.

use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    sync::Arc,
};

use crate::{
    agent::RuntimeKind,
    ids::{Epoch, Name, NodeId},
    outbox::Owner,
    registry::{NameState, NameView, NodeNames},
    replica::Claim,
};

/// What is known of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The node that holds it.
    pub(super) node: NodeId,
    /// What is behind it.
    pub(super) state: NameState,
    /// The claim that won; of an agent that does not run, what its claim would say.
    pub(super) claim: Arc<Claim>,
    /// The fencing token, if the group granted it.
    pub(super) token: Option<u64>,
}

/// Something that names have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Facet {
    Namespace(String),
    Node(NodeId),
    State(NameState),
    Kind(RuntimeKind),
    Capability(String),
    Holder(Name),
    /// It has the field, whatever its values.
    Field(String),
    /// One of the values of the field is this one.
    Value(String, String),
}

/// Every name that a present node holds, with a set of names for each thing they have in common
/// (N4).
///
/// A change of a name costs one step down a tree for each of its facets that changed.
#[derive(Debug, Default)]
pub struct Index {
    rows: BTreeMap<Name, Row>,
    sets: BTreeMap<Facet, BTreeSet<Name>>,
    /// Live names of each namespace on each node: names without and with an agent.
    counts: BTreeMap<String, BTreeMap<NodeId, (u32, u32)>>,
    /// The same over all namespaces.
    nodes: BTreeMap<NodeId, (u32, u32)>,
}

impl Row {
    pub(super) fn owner(&self) -> Option<Owner> {
        let (node, epoch, token) = (self.node, self.claim.epoch, self.token);
        self.state.is_live().then_some(Owner { node, epoch, token })
    }

    pub(super) fn view(&self, name: &Name) -> NameView {
        let Claim { epoch, since, revision, metadata, holder, offer } = &*self.claim;
        NameView {
            id: name.clone(),
            node: self.node,
            state: self.state,
            epoch: *epoch,
            holder: holder.clone(),
            kind: offer.as_ref().map(|offer| offer.kind),
            capabilities: offer.as_ref().map_or_else(Vec::new, |offer| offer.capabilities.clone()),
            metadata: metadata.clone(),
            revision: *revision,
            since: since.0,
            token: self.token,
        }
    }

    /// What the name has in common with others, in order and once each.
    fn facets(&self, name: &Name) -> Vec<Facet> {
        let Claim { metadata, holder, offer, .. } = &*self.claim;
        let offered = offer.iter().flat_map(|offer| {
            let can = offer.capabilities.iter().cloned().map(Facet::Capability);
            can.chain([Facet::Kind(offer.kind)])
        });
        let told = metadata.iter().flat_map(|(field, values)| {
            let items = values.0.iter().map(|value| Facet::Value(field.clone(), value.clone()));
            items.chain([Facet::Field(field.clone())])
        });
        let place = [
            Facet::Namespace(name.namespace().to_owned()),
            Facet::Node(self.node),
            Facet::State(self.state),
        ];
        let holder = holder.iter().cloned().map(Facet::Holder);
        let mut facets: Vec<Facet> =
            place.into_iter().chain(holder).chain(offered).chain(told).collect();
        facets.sort_unstable();
        facets.dedup();
        facets
    }
}

impl Index {
    /// The name as it is known.
    pub(super) fn row(&self, name: &Name) -> Option<&Row> {
        self.rows.get(name)
    }

    pub(super) fn rows(&self) -> &BTreeMap<Name, Row> {
        &self.rows
    }

    pub(super) fn set(&self, facet: &Facet) -> Option<&BTreeSet<Name>> {
        self.sets.get(facet)
    }

    /// Names in the index, live or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no node holds any name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Sets of names kept: what the memory of the index grows with, beside its names.
    #[must_use]
    pub fn sets(&self) -> usize {
        self.sets.len()
    }

    /// Agents that run on a node.
    #[must_use]
    pub fn agents_on(&self, node: NodeId) -> u32 {
        self.nodes.get(&node).map_or(0, |(_, agents)| *agents)
    }

    /// Every namespace with a live name, and each node's part in it.
    pub(super) fn namespaces(&self) -> impl Iterator<Item = (&String, Vec<NodeNames>)> {
        self.counts.iter().map(|(namespace, nodes)| {
            let part = |(node, (names, agents)): (&NodeId, &(u32, u32))| NodeNames {
                node: *node,
                names: *names,
                agents: *agents,
            };
            (namespace, nodes.iter().map(part).collect())
        })
    }

    /// Puts what is known of `name` in place of what was known before, and gives that.
    pub(super) fn put(&mut self, name: &Name, row: Option<Row>) -> Option<Row> {
        let new = row.as_ref().map_or_else(Vec::new, |row| row.facets(name));
        self.tally(name, row.as_ref(), Turn::Comes);
        let old = match row {
            Some(row) => self.rows.insert(name.clone(), row),
            None => self.rows.remove(name),
        };
        self.tally(name, old.as_ref(), Turn::Goes);
        let before = old.as_ref().map_or_else(Vec::new, |row| row.facets(name));
        for facet in before.iter().filter(|facet| new.binary_search(facet).is_err()) {
            if let Some(set) = self.sets.get_mut(facet) {
                set.remove(name);
                if set.is_empty() {
                    self.sets.remove(facet);
                }
            }
        }
        for facet in new.into_iter().filter(|facet| before.binary_search(facet).is_err()) {
            self.sets.entry(facet).or_default().insert(name.clone());
        }
        old
    }

    fn tally(&mut self, name: &Name, row: Option<&Row>, turn: Turn) {
        let Some(row) = row.filter(|row| row.state.is_live()) else { return };
        let namespace = name.namespace();
        if !self.counts.contains_key(namespace) {
            self.counts.insert(namespace.to_owned(), BTreeMap::new());
        }
        if let Some(nodes) = self.counts.get_mut(namespace) {
            step(nodes, row, turn);
            if nodes.is_empty() {
                self.counts.remove(namespace);
            }
        }
        step(&mut self.nodes, row, turn);
    }
}

/// Whether a name is counted in or out.
#[derive(Clone, Copy)]
enum Turn {
    Comes,
    Goes,
}

/// Counts a name in or out; a node without any is left out.
fn step(nodes: &mut BTreeMap<NodeId, (u32, u32)>, row: &Row, turn: Turn) {
    let mut entry = match nodes.entry(row.node) {
        Entry::Occupied(entry) => entry,
        Entry::Vacant(entry) => entry.insert_entry((0, 0)),
    };
    let (names, agents) = entry.get_mut();
    let count = if row.claim.epoch == Epoch(0) { names } else { agents };
    *count = match turn {
        Turn::Comes => *count + 1,
        Turn::Goes => count.saturating_sub(1),
    };
    if *entry.get() == (0, 0) {
        entry.remove();
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}
