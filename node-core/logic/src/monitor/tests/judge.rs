//! Each rule of measures, from the measures to the breach and back.

use crate::{
    ids::{Name, NodeId},
    monitor::{AgentVitals, Breach, Judge, Rule, Subject, Vitals},
    settings::Values,
    time::{Instant, Now, Wall},
};

const ME: NodeId = NodeId([1; 32]);

#[test]
fn busy_processors_raise_and_clear() {
    let (high, low) = (|| node(|v| v.cpu = Some(97.0)), || node(|v| v.cpu = Some(20.0)));

    assert_eq!(spans(Rule::Cpu, high, low), (30, 30));
}

#[test]
fn taken_memory_raises_and_clears() {
    let (high, low) = (|| node(|v| v.memory = Some(95.0)), || node(|v| v.memory = Some(50.0)));

    assert_eq!(spans(Rule::Memory, high, low), (30, 30));
}

#[test]
fn taken_disk_raises_and_clears() {
    let (high, low) = (|| node(|v| v.disk = Some(99.0)), || node(|v| v.disk = Some(10.0)));

    assert_eq!(spans(Rule::Disk, high, low), (30, 30));
}

#[test]
fn clock_off_either_way_raises_and_clears() {
    for off in [5_000.0, -5_000.0] {
        let high = || node(|v| v.clock_offset = Some(off));
        let low = || node(|v| v.clock_offset = Some(3.0));

        assert_eq!(spans(Rule::ClockSkew, high, low), (30, 30), "{off}");
    }
}

#[test]
fn full_mailbox_raises_and_clears() {
    let high = || agent(|a| a.mailbox = (60, 64));
    let low = || agent(|a| a.mailbox = (1, 64));

    assert_eq!(spans(Rule::Mailbox, high, low), (30, 30));
}

#[test]
fn failing_calls_raise_and_clear() {
    let mut judge = Judge::new(ME);
    let mut calls = (0, 0);
    let mut fails = |second: u64, failed: u64| {
        calls = (calls.0 + 10, calls.1 + failed);
        let found = judge.judge(at(second), &agent(|a| a.calls = calls), &Values::default());
        found.iter().any(|breach| breach.rule == Rule::Errors)
    };

    let raised = (0..200).find(|second| fails(*second, 5));
    let cleared = (32..300).find(|second| !fails(*second, 0));

    // Ten calls are there after a second, and half of them failed from then on.
    assert_eq!(raised, Some(31));
    // Below nine of a hundred once 49 s of the window have no failure, and then for 30 s.
    assert!(cleared.is_some_and(|second| (108..=114).contains(&second)), "{cleared:?}");
}

#[test]
fn few_calls_raise_nothing_whatever_fails() {
    let mut judge = Judge::new(ME);
    for second in 0..300 {
        let calls = (second / 10, second / 10);
        let found = judge.judge(at(second), &agent(|a| a.calls = calls), &Values::default());
        assert_eq!(found, [], "{second}");
    }
}

#[test]
fn ends_again_and_again_raise_and_clear() {
    let mut judge = Judge::new(ME);
    let mut found = |second: u64, ended: u64| {
        let vitals = agent(|a| a.ended = ended);
        judge.judge(at(second), &vitals, &Values::default())
    };
    assert_eq!(found(0, 7), [], "what ended before is not counted");

    assert_eq!(found(10, 9), []);
    let raised = found(20, 10);
    assert_eq!(raised, [breach(Rule::Restarts, adder(), 20, 3)]);
    assert_eq!(found(21, 10), raised, "it is the same breach");

    let cleared = (22..1_000).find(|second| found(*second, 10).is_empty());
    // The last end was at 20 s: five minutes, and half a minute.
    assert_eq!(cleared, Some(20 + 301 + 30));
}

#[test]
fn an_agent_between_two_lives_still_flaps() {
    let mut judge = Judge::new(ME);
    let values = Values::default();
    judge.judge(at(0), &agent(|a| a.ended = 0), &values);
    judge.judge(at(1), &agent(|a| a.ended = 3), &values);

    let found = judge.judge(at(2), &Vitals::default(), &values);

    assert_eq!(found.len(), 1);
}

#[test]
fn what_moved_away_is_found_no_more() {
    let mut judge = Judge::new(ME);
    let values = Values::default();
    for second in 0..60 {
        judge.judge(at(second), &agent(|a| a.mailbox = (64, 64)), &values);
    }

    let gone =
        (60..200).find(|second| judge.judge(at(*second), &Vitals::default(), &values).is_empty());

    assert_eq!(gone, Some(90));
}

#[test]
fn a_rule_that_is_switched_off_finds_nothing_more() {
    let mut judge = Judge::new(ME);
    let mut values = Values::default();
    for second in 0..60 {
        judge.judge(at(second), &node(|v| v.cpu = Some(99.0)), &values);
    }
    values.alert_cpu = 0;

    assert_eq!(judge.judge(at(60), &node(|v| v.cpu = Some(99.0)), &values), []);
}

/// After how many seconds of each the rule raised and cleared.
fn spans(rule: Rule, high: impl Fn() -> Vitals, low: impl Fn() -> Vitals) -> (u64, u64) {
    let mut judge = Judge::new(ME);
    let values = Values::default();
    let is = |found: &[Breach]| found.iter().any(|breach| breach.rule == rule);
    let raised = (0..300).find(|second| is(&judge.judge(at(*second), &high(), &values)));
    let begin = raised.unwrap() + 1;
    let cleared =
        (begin..begin + 300).find(|second| !is(&judge.judge(at(*second), &low(), &values)));
    (raised.unwrap(), cleared.unwrap() - begin)
}

fn node(change: impl FnOnce(&mut Vitals)) -> Vitals {
    let mut vitals = Vitals::default();
    change(&mut vitals);
    vitals
}

fn agent(change: impl FnOnce(&mut AgentVitals)) -> Vitals {
    let mut agent = AgentVitals {
        name: Name::new("adder").unwrap(),
        mailbox: (0, 64),
        calls: (0, 0),
        ended: 0,
    };
    change(&mut agent);
    node(|vitals| vitals.agents.push(agent))
}

fn adder() -> Subject {
    Subject::Agent(Name::new("adder").unwrap())
}

fn breach(rule: Rule, subject: Subject, second: u64, value: i64) -> Breach {
    Breach { rule, subject, since: at(second).wall, value }
}

fn at(second: u64) -> Now {
    Now { at: Instant(second * 1_000_000), wall: Wall(1_700_000_000_000 + second * 1_000) }
}
