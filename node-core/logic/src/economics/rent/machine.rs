//! Orders and rentals, and how acts change them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Act, Done, Refused, Site};
use crate::{
    credits::Credits,
    economics::{
        Account, Ledger, Wished,
        ledger::{Hold, HoldEnd, Why},
    },
    event::{Excerpt, Fact},
    ids::{Name, NodeId},
    supervision::base_of,
};

/// What agents pay for where they run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rents {
    /// By the names of specifications.
    orders: BTreeMap<Name, Order>,
    /// By the names that agents run under.
    rentals: BTreeMap<Name, Rental>,
}

/// Somebody's word to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The node whose owner pays.
    pub by: NodeId,
    /// The most for a minute.
    pub most: Credits,
    /// When it was given, by the group's clock in nanoseconds.
    pub since: u64,
}

/// A minute of an agent in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rental {
    /// By whose order.
    pub order: Name,
    /// Where, for how much.
    pub site: Site,
    /// What is set aside for this minute.
    pub hold: u64,
    /// When it began, by the group's clock in nanoseconds.
    pub since: u64,
}

impl Rental {
    /// A minute, in nanoseconds.
    pub const MINUTE: u64 = 60_000_000_000;

    /// When the minute is over, by the group's clock.
    #[must_use]
    pub fn ends(&self) -> u64 {
        self.since.saturating_add(Self::MINUTE)
    }

    /// What is paid for as much of the minute as is over at `clock`.
    fn earned(&self, clock: u64) -> Credits {
        let run = clock.saturating_sub(self.since).min(Self::MINUTE);
        let share = u128::from(self.site.price.get()).saturating_mul(u128::from(run));
        let whole = share.checked_div(u128::from(Self::MINUTE)).unwrap_or_default();
        u64::try_from(whole).ok().and_then(|some| Credits::new(some).ok()).unwrap_or_default()
    }
}

impl Rents {
    /// Orders at a time.
    pub const ORDERS: usize = 10_000;

    /// Carries out an act; what is to be told of it goes to `facts`.
    ///
    /// # Errors
    ///
    /// See [`Refused`].
    pub(in crate::economics) fn apply(
        &mut self,
        ledger: &mut Ledger,
        wished: &Wished,
        act: Act,
        facts: &mut Vec<Fact>,
    ) -> Result<Done, Refused> {
        match act {
            Act::Order { agent, most } => {
                // Who cannot pay one minute would wait for ever.
                ledger.may_hold(&Account::Owner(wished.by), most)?;
                if self.orders.len() >= Self::ORDERS && !self.orders.contains_key(&agent) {
                    return Err(Refused::Full { capacity: Self::ORDERS });
                }
                self.orders.insert(agent, Order { by: wished.by, most, since: wished.clock });
                Ok(Done::Ordered)
            }
            Act::Cancel { agent } => {
                self.orders.remove(&agent).ok_or(Refused::NoOrder { agent })?;
                Ok(Done::Ordered)
            }
            Act::Award { agent, order, site } => {
                if let Some(Rental { site: Site { node, .. }, .. }) = self.rentals.get(&agent) {
                    return Err(Refused::Placed { agent, node: *node });
                }
                let hold = self.set_aside(ledger, wished, (&agent, &order), site)?;
                Ok(Done::Awarded { hold })
            }
            Act::Settle { agent, hold, ran, next } => {
                if self.rentals.get(&agent).is_none_or(|rental| rental.hold != hold) {
                    return Err(Refused::NoMinute { agent, hold });
                }
                let Some(rental) = self.rentals.remove(&agent) else {
                    return Err(Refused::NoMinute { agent, hold });
                };
                let earned = if ran { rental.earned(wished.clock) } else { Credits::ZERO };
                let to = Account::Owner(rental.site.node);
                let paid = ledger.capture(wished, (hold, Why::Captured), to, earned);
                let Some(site) = next else { return Ok(Done::Settled { paid, hold: None }) };
                let hold = match self.set_aside(ledger, wished, (&agent, &rental.order), site) {
                    Ok(hold) => Some(hold),
                    Err(refused) => {
                        let why = Excerpt::of(&refused.to_string());
                        facts.push(Fact::AgentUnpaid { name: agent, why });
                        None
                    }
                };
                Ok(Done::Settled { paid, hold })
            }
        }
    }

    /// The orders, by the names of specifications.
    #[must_use]
    pub fn orders(&self) -> &BTreeMap<Name, Order> {
        &self.orders
    }

    /// The rentals, by the names that agents run under.
    #[must_use]
    pub fn rentals(&self) -> &BTreeMap<Name, Rental> {
        &self.rentals
    }

    /// Sets a minute aside; the number of the hold.
    fn set_aside(
        &mut self,
        ledger: &mut Ledger,
        wished: &Wished,
        (agent, order): (&Name, &Name),
        site: Site,
    ) -> Result<u64, Refused> {
        let is_of = order == agent || base_of(agent).is_some_and(|base| base == *order);
        let Some(Order { by, most, .. }) = self.orders.get(order).filter(|_| is_of).copied() else {
            return Err(Refused::NoOrder { agent: agent.clone() });
        };
        if site.price > most {
            let (agent, price) = (agent.clone(), site.price);
            return Err(Refused::TooDear { agent, most, price });
        }
        let from = Account::Owner(by);
        ledger.may_hold(&from, site.price)?;
        // Who is to be paid has an account by then.
        ledger.open(&Account::Owner(site.node))?;
        let end = HoldEnd::Rent(agent.clone());
        let hold = ledger.hold_back(wished, Hold { from, amount: site.price, end });
        let rental = Rental { order: order.clone(), site, hold, since: wished.clock };
        self.rentals.insert(agent.clone(), rental);
        Ok(hold)
    }
}
