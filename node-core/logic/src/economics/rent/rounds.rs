//! What a steward of rents says at a moment.

use std::collections::{BTreeMap, BTreeSet};

use super::{Act, Rents, Site};
use crate::{
    credits::Credits,
    economics::{Account, Ledger},
    ids::{Name, NodeId},
};

/// What the node of a steward sees of one agent that pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The name of its specification.
    pub spec: Name,
    /// Where it is, or is to be, and what a minute there costs as asks stand; none: nowhere.
    pub site: Option<Site>,
    /// The node that says that it runs there.
    pub runs: Option<NodeId>,
}

/// What the node of a steward sees of agents that pay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tenants {
    /// Those that are wanted, by the names that they run under.
    pub agents: BTreeMap<Name, Tenant>,
    /// The specifications that say to pay.
    pub specs: BTreeSet<Name>,
    /// The nodes that are up.
    pub present: BTreeSet<NodeId>,
}

impl Rents {
    /// How long an order may be there before its specification is.
    const EARLY: u64 = 30_000_000_000;

    /// What is to be said at `clock` of the agents that are the steward's, by what its node sees now
    /// and saw at the last look.
    #[must_use]
    pub fn round(
        &self,
        ledger: &Ledger,
        clock: u64,
        (now, before): (&Tenants, &Tenants),
        is_mine: impl Fn(&Name) -> bool,
    ) -> Vec<Act> {
        let mut acts = Vec::new();
        let runs = |seen: &Tenants, agent| seen.agents.get(agent).and_then(|tenant| tenant.runs);
        for (agent, rental) in self.rentals().iter().filter(|(agent, _)| is_mine(agent)) {
            let node = rental.site.node;
            let site = now.agents.get(agent).and_then(|tenant| tenant.site);
            let stays = site.is_some_and(|site| site.node == node);
            // One that was stopped a moment ago ran until then, if its node is there to say so.
            let ran = runs(now, agent) == Some(node)
                || !stays && runs(before, agent) == Some(node) && now.present.contains(&node);
            let order = self.orders().get(&rental.order);
            let keeps = stays && order.is_some_and(|order| rental.site.price <= order.most);
            let next = if keeps { Some(rental.site) } else { site };
            if !stays || rental.ends() <= clock {
                acts.push(Act::Settle { agent: agent.clone(), hold: rental.hold, ran, next });
            }
        }
        for (agent, tenant) in now.agents.iter().filter(|(agent, _)| is_mine(agent)) {
            if let (Some(site), None) = (tenant.site, self.rentals().get(agent))
                && self.can_pay(ledger, &tenant.spec, site.price)
            {
                let (agent, order) = (agent.clone(), tenant.spec.clone());
                acts.push(Act::Award { agent, order, site });
            }
        }
        let stale = self.orders().iter().filter(|(agent, order)| {
            is_mine(agent)
                && !now.specs.contains::<Name>(agent)
                && order.since.saturating_add(Self::EARLY) <= clock
        });
        acts.extend(stale.map(|(agent, _)| Act::Cancel { agent: agent.clone() }));
        acts
    }

    /// Whether an order stands, and there is enough for a minute at that price.
    fn can_pay(&self, ledger: &Ledger, order: &Name, price: Credits) -> bool {
        self.orders().get(order).is_some_and(|order| {
            let has = ledger.balance(&Account::Owner(order.by));
            price <= order.most && price.signed() <= has
        })
    }
}
