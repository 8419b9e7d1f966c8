//! Agents that pay for where they run, as their node hears of their places.

use super::{Alone, echo};
use crate::{
    agent::{AgentSpec, Phase, SpecError, Strategy},
    credits::Credits,
    economics::rent::Site,
    ids::{Name, NodeId},
    node::{Command, Input},
    settings::Values,
    supervision::Rented,
};

#[test]
fn agent_that_pays_runs_while_it_has_a_place() {
    let mut node = Alone::start();
    let start = Command::StartAgent { spec: Box::new(paying("a", 100)), pin: None, replace: false };
    node.command(start);
    node.run_for_ms(3_000);
    assert_eq!(node.started.len(), 0, "nothing is set aside for it");
    let tenant = node.node.tenants(&[name()].into()).unwrap().agents[&name()].clone();
    let me = node.node.id();
    assert_eq!(tenant.site, Some(Site { node: me, price: credits(100) }), "nobody else asks");

    node.rented(Some(me));
    node.report_started("a");
    assert_eq!(node.phase("a"), Some(Phase::Running));
    assert_eq!(node.node.tenants(&[name()].into()).unwrap().agents[&name()].runs, Some(me));
    assert_eq!(node.node.agent(&name()).unwrap().rent, Some(credits(7)));

    node.rented(Some(NodeId([9; 32])));
    assert_eq!(node.phase("a"), Some(Phase::Running), "its place follows");
    node.rented(None);
    assert_eq!(node.phase("a"), Some(Phase::Stopping));
}

/// A node that starts among others has heard nothing of what they run: it says nothing of it.
#[test]
fn node_that_has_not_heard_the_others_sees_no_tenants() {
    let mut node = Alone::start();
    assert!(node.node.tenants(&[name()].into()).is_some());

    node.input(Input::Suspending);
    node.node.handle(super::now(60_000_000), Input::Rented(Rented::default()));

    assert!(node.node.tenants(&[name()].into()).is_none());
}

#[test]
fn agent_is_not_placed_where_a_minute_is_asked_too_much_for() {
    let mut node = Alone::start();
    let start = Command::StartAgent { spec: Box::new(paying("a", 59)), pin: None, replace: false };
    node.command(start);
    node.run_for_ms(1_000);
    let site = |node: &Alone| node.node.tenants(&[name()].into()).unwrap().agents[&name()].site;
    assert_eq!(site(&node), None, "it asks a credit a second");
    let excluded = &node.node.explain(&name()).unwrap().candidates[0].excluded;
    assert_eq!(excluded[..], ["it asks 60 credits a minute, and 59 are paid at most"]);

    node.input(Input::Settings(Box::new(Values { market_ask: 900, ..Values::default() })));
    node.run_for_ms(2_000);

    assert!(site(&node).is_some());
}

#[test]
fn pay_takes_the_strategy_that_auctions_places() {
    let mut spec = paying("a", 1);
    spec.placement.strategy = Strategy::Spread;

    let refused = spec.check();

    assert!(matches!(refused, Err(SpecError::Needs { field: "placement.pay_per_minute", .. })));
}

impl Alone {
    fn rented(&mut self, node: Option<NodeId>) {
        let site = node.map(|node| Site { node, price: credits(7) });
        let rented: Rented = site.into_iter().map(|site| (name(), site)).collect();
        self.input(Input::Rented(rented));
        self.run_for_ms(1_000);
    }
}

fn paying(name: &str, most: u64) -> AgentSpec {
    let mut spec = echo(name);
    spec.placement.strategy = Strategy::Auction;
    spec.placement.pay_per_minute = credits(most);
    spec
}

fn name() -> Name {
    Name::new("a").unwrap()
}

fn credits(amount: u64) -> Credits {
    Credits::new(amount).unwrap()
}
