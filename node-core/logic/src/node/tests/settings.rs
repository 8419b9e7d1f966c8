//! What a node does otherwise once a setting is changed: it needs no new start.

use std::time::Duration;

use super::{Alone, echo};
use crate::{
    certificate::Role,
    credits::Ask,
    event::Fact,
    ids::Ticket,
    node::{Command, CommandError, Input, Outcome, Record},
    replica::{Load, Summary},
    settings::{Layer, Values},
};

#[test]
fn invite_lasts_no_longer_than_the_setting() {
    let mut node = Alone::start();
    let invite = Command::Invite { role: Role::Worker, ttl: Duration::from_hours(2) };
    node.command(invite.clone());
    node.sync();
    let longest_invite = Duration::from_hours(1);

    node.set(Values { longest_invite, ..Values::default() });
    node.command(invite);
    node.sync();

    let [(_, before), (_, after)] = &node.replies[..] else { panic!("{:?}", node.replies) };
    assert!(matches!(before, Ok(Outcome::Invite { .. })), "{before:?}");
    let value = "7200 s".to_owned();
    assert_eq!(*after, Err(CommandError::Invalid { field: "ttl", value }));
}

#[test]
fn load_is_told_as_often_as_the_setting_says() {
    let told = |loads_per_s| {
        let mut node = Alone::start();
        node.set(Values { loads_per_s, ..Values::default() });
        let mut told = Vec::new();
        for cpu_percent in [100, 200, 300, 400] {
            node.run_for_ms(400);
            node.input(Input::Sampled(Load { cpu_percent, ..Load::default() }));
            told.push(node.summary().load.cpu_percent);
        }
        told
    };

    assert_eq!(told(50), [100, 200, 300, 400]);
    assert_eq!(told(1), [100, 100, 100, 400]);
}

#[test]
fn share_of_agents_is_told_when_it_changes() {
    let mut node = Alone::start();
    let weight_before = node.summary().weight;

    node.set(Values { weight: 200, max_agents: 0, ..Values::default() });

    assert_eq!(weight_before, Summary::DEFAULT_WEIGHT);
    let summary = node.summary();
    assert_eq!((summary.weight, summary.max_agents), (200, 0));
}

#[test]
fn ask_follows_the_setting_and_the_load() {
    let mut node = Alone::start();
    let asks = |node: &Alone| node.summary().ask.map(Ask::get);
    assert_eq!(asks(&node), Some(1_000));

    node.set(Values { market_ask: 400, ..Values::default() });
    assert_eq!(asks(&node), Some(400));
    node.run_for_ms(1_000);
    let cpu_percent = 100 * u32::from(node.summary().cpus.max(1));
    node.input(Input::Sampled(Load { cpu_percent, ..Load::default() }));
    assert_eq!(asks(&node), Some(800));

    node.set(Values { market_ask: 0, ..Values::default() });
    assert_eq!(asks(&node), None);
}

#[test]
fn node_that_may_hold_no_agents_takes_them_once_it_may() {
    let mut node = Alone::start();
    node.set(Values { max_agents: 0, ..Values::default() });
    node.command(Command::StartAgent { spec: Box::new(echo("a")), pin: None, replace: false });
    assert_eq!(node.phase("a"), None);

    node.set(Values::default());

    node.run_for_ms(1_000);
    assert_eq!(node.started.len(), 1);
}

#[test]
fn change_of_a_setting_is_an_event_before_it_is_answered() {
    let mut node = Alone::start();
    node.sync();
    let fact = Fact::SettingChanged {
        key: "locks.lease".parse().unwrap(),
        layer: Layer::Cluster,
        node: None,
        old: None,
        new: Some("1m".to_owned()),
        version: Some(7),
    };

    node.command(Command::NoteSettings { facts: vec![fact.clone()] });

    assert!(node.replies.is_empty());
    node.sync();
    assert_eq!(node.replies, [(Ticket(900), Ok(Outcome::Done))]);
    let kept = |record: &Record| matches!(record, Record::Event(event) if event.fact == fact && event.actor == Some(event.origin));
    assert!(node.disk.iter().any(kept));
}

impl Alone {
    fn set(&mut self, values: Values) {
        self.input(Input::Settings(Box::new(values)));
    }

    fn summary(&self) -> Summary {
        crate::supervision::summary_of(&self.node.replica, self.node.id()).unwrap().clone()
    }
}
