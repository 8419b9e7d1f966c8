//! Agents that pay for where they run: whether they have a place, and what one costs.
//!
//! The group agrees on who has which place ([`crate::economics::rent`]); this node hears of it, starts
//! such an agent only in its place, and ends it when it has none any more.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    agent::{AgentSpec, Phase, Strategy},
    credits::{Ask, Credits},
    economics::rent::{Site, Tenant, Tenants},
    ids::{Name, NodeId},
    supervision::{Choice, Wanted, asked, scene::Scene},
};

/// The places of agents that pay, as far as this node heard.
pub type Rented = BTreeMap<Name, Site>;

/// A minute, in microseconds.
const MINUTE_US: u64 = 60_000_000;

/// What a minute of an agent costs at a node that asks so much.
#[must_use]
pub fn minute(ask: Ask) -> Credits {
    ask.over(MINUTE_US).whole()
}

fn pays(spec: &AgentSpec) -> bool {
    !spec.pays().is_zero()
}

impl Scene<'_> {
    /// Whether an agent pays, and has its place elsewhere or nowhere.
    pub(super) fn lacks_place(&self, wanted: &Wanted<'_>, node: NodeId) -> bool {
        let has = self.rented.get(&wanted.name).is_some_and(|site| site.node == node);
        pays(wanted.spec) && !has
    }

    /// Whether an agent pays, and has no place at all. One that was moved goes on while its place
    /// follows.
    pub(super) fn is_unpaid(&self, wanted: &Wanted<'_>) -> bool {
        pays(wanted.spec) && !self.rented.contains_key(&wanted.name)
    }

    /// What a node asks for a minute of an agent that is placed by that.
    #[must_use]
    pub fn asks(&self, wanted: &Wanted<'_>, node: NodeId) -> Option<Credits> {
        let auctioned = wanted.spec.placement.strategy == Strategy::Auction;
        self.candidate(node).filter(|_| auctioned)?.summary?.ask.map(minute)
    }

    /// What the steward of rents sees of the agents that these orders are for.
    #[must_use]
    pub fn tenants(&self, orders: &BTreeSet<Name>) -> Tenants {
        let present = self.candidates.iter().filter(|candidate| candidate.present());
        let mut tenants =
            Tenants { present: present.map(|it| it.node).collect(), ..Tenants::default() };
        let asked = |order: &Name| asked(self.tables.replica, order);
        for (spec, _) in orders.iter().filter_map(asked).filter(|(spec, _)| pays(spec)) {
            tenants.specs.insert(spec.name.clone());
            for name in spec.instances() {
                let wanted = self.wanted(&name).filter(|wanted| wanted.intent.run);
                if let Some(wanted) = wanted {
                    tenants.agents.insert(name, self.tenant(&wanted));
                }
            }
        }
        tenants
    }

    fn tenant(&self, wanted: &Wanted<'_>) -> Tenant {
        let holder = self.holder(&wanted.name).map(|(node, status)| (node, status.phase));
        let node = match holder {
            Some((
                node,
                Phase::Starting
                | Phase::Running
                | Phase::BackingOff
                | Phase::Migrating
                | Phase::Arriving,
            )) => Some(node),
            Some((_, Phase::Stopping | Phase::Finished | Phase::Failed)) => None,
            None if !self.holds(wanted).is_empty() => None,
            None => match self.choose(wanted, false) {
                Choice::Node(node) => Some(node),
                Choice::Assign(_) | Choice::Nowhere(_) => None,
            },
        };
        let runs = holder.filter(|(_, phase)| matches!(phase, Phase::Running | Phase::Migrating));
        Tenant {
            spec: wanted.spec.name.clone(),
            site: node.map(|node| Site { node, price: self.price(wanted, node) }),
            runs: runs.map(|(node, _)| node),
        }
    }

    /// What a minute of an agent costs at `node`: what the next of the nodes that may run it asks, no
    /// less than the node itself asks, and no more than the agent pays.
    fn price(&self, wanted: &Wanted<'_>, node: NodeId) -> Credits {
        let own = self.asks(wanted, node).unwrap_or_default();
        let places = self.places(wanted).into_iter();
        let others = places.filter(|place| place.node != node && place.excluded.is_empty());
        let next = others.filter_map(|place| self.asks(wanted, place.node)).min();
        next.map_or(Credits::MAX, |next| next.max(own)).min(wanted.spec.pays())
    }
}
