//! Variables, counters and questions: versions, rules, bounds.

use super::{Log, NODE, acquire, name, register, write};
use crate::coordination::{Act, Coordination, Done, Refused, Rule, Variable};
use crate::ids::NodeId;

#[test]
fn variable_keeps_its_rule_and_its_writers() {
    let other = NodeId([2; 32]);
    let mut log = Log::default();
    let unfit = Err(Refused::Unfit { variable: name("mode") });
    let rule = || Rule::Integer { min: 1, max: 9 };
    assert_eq!(log.act(register("10", rule(), &[])), unfit);
    assert_eq!(log.act(register("5", Rule::Integer { min: 2, max: 1 }, &[])), Err(Refused::Terms));
    log.act(register("5", rule(), &[NODE])).unwrap();

    assert!(matches!(log.act(register("6", rule(), &[])), Err(Refused::Conflict { .. })));
    assert_eq!(log.act(write("ten", None)), unfit);
    let stranger = Err(Refused::NotWriter { variable: name("mode") });
    assert_eq!(log.as_node(other, write("6", None)), stranger);
    let erase = Act::Erase { variable: name("mode"), expected: None };
    assert_eq!(log.as_node(other, erase), stranger);
    assert!(matches!(log.act(write("9", None)), Ok(Done::Wrote { .. })));
}

#[test]
fn rules_allow_what_they_say() {
    let one_of = Rule::OneOf { values: ["red".to_owned(), "green".to_owned()].into() };
    let allowed = [(Rule::Boolean, "true"), (one_of.clone(), "red"), (Rule::Json, "{\"a\":[1]}")];
    let refused = [(Rule::Boolean, "yes"), (one_of, "blue"), (Rule::Json, "{a}")];

    assert!(allowed.iter().all(|(rule, value)| rule.allows(value)));
    assert!(refused.iter().all(|(rule, value)| !rule.allows(value)));
}

#[test]
fn watcher_is_told_every_write_or_that_some_are_missing() {
    let mut log = Log::default();
    let made = log.version(write("0", None));
    let versions: Vec<_> = (1..=Variable::HISTORY)
        .map(|number| log.version(write(&number.to_string(), None)))
        .collect();
    let since = |log: &Log, version| {
        let (writes, whole) = log.state.variable(&name("mode")).unwrap().since(version);
        (writes.len(), whole)
    };

    assert_eq!(since(&log, made), (Variable::HISTORY, true));
    assert_eq!(since(&log, *versions.last().unwrap()), (0, true));
    log.act(write("late", None)).unwrap();
    assert_eq!(since(&log, made), (Variable::HISTORY + 1, true));
    log.act(write("later", None)).unwrap();
    assert_eq!(since(&log, made), (Variable::HISTORY + 1, false), "the first after it is gone");
    log.act(Act::Erase { variable: name("mode"), expected: None }).unwrap();
    let anew = log.version(write("anew", None));
    assert_eq!(since(&log, versions[0]), (1, false), "it was away meanwhile");
    assert_eq!(since(&log, anew), (0, true));
}

#[test]
fn question_is_settled_by_the_first_proposal() {
    let mut log = Log::default();
    let decide = |value: &str| Act::Decide { question: name("leader"), value: value.to_owned() };
    let Ok(Done::Decided { version, first: true }) = log.act(decide("a")) else { panic!() };

    assert_eq!(log.act(decide("b")), Ok(Done::Decided { version, first: false }));
    assert_eq!(log.state.decision(&name("leader")).unwrap().value, "a");
    log.act(Act::Reopen { question: name("leader") }).unwrap();
    assert!(matches!(log.act(decide("b")), Ok(Done::Decided { first: true, .. })));
}

#[test]
fn values_of_all_variables_share_one_bound() {
    let mut log = Log::default();
    let long = "x".repeat(Variable::MAX_LEN);
    let set = |number: usize| Act::Write {
        variable: name(&format!("v{number}")),
        value: long.clone(),
        expected: None,
    };
    let most = Coordination::MAX_BYTES / Variable::MAX_LEN;
    for number in 0..most {
        log.act(set(number)).unwrap();
    }

    let full = Refused::OutOfSpace { capacity: Coordination::MAX_BYTES };
    assert_eq!(log.act(set(most)), Err(full));
    log.act(Act::Erase { variable: name("v0"), expected: None }).unwrap();
    assert!(matches!(log.act(set(most)), Ok(Done::Wrote { .. })));
}

#[test]
fn removed_counter_begins_at_nought() {
    let mut log = Log::default();
    log.act(Act::Add { counter: name("hits"), by: 5 }).unwrap();

    assert_eq!(log.act(Act::Discard { counter: name("hits") }), Ok(Done::Erased));

    assert_eq!(log.state.counters().count(), 0);
    let again = log.act(Act::Add { counter: name("hits"), by: 1 });
    assert_eq!(again, Ok(Done::Counted { value: 1 }));
}

#[test]
fn counter_stops_at_its_bounds() {
    let mut log = Log::default();
    log.act(Act::Add { counter: name("hits"), by: i64::MAX }).unwrap();

    let over = log.act(Act::Add { counter: name("hits"), by: 1 });

    assert_eq!(over, Err(Refused::Overflow { counter: name("hits") }));
    assert_eq!(log.state.counter(&name("hits")).value, i64::MAX);
}

#[test]
fn variable_is_written_only_at_the_version_expected() {
    let mut log = Log::default();
    let made = log.version(write("one", Some(0)));
    assert!(matches!(log.act(write("two", Some(0))), Err(Refused::Conflict { version, .. })
        if version == made));
    let next = log.version(write("two", Some(made)));
    let old = Act::Erase { variable: name("mode"), expected: Some(made) };

    assert!(matches!(log.act(old), Err(Refused::Conflict { version, .. }) if version == next));
    let gone = Act::Erase { variable: name("mode"), expected: Some(next) };
    assert_eq!(log.act(gone), Ok(Done::Erased));
    assert!(log.version(write("three", Some(0))) > next, "a version never comes again");
}

#[test]
fn variable_remembers_what_it_was() {
    let mut log = Log::default();
    for number in 0..=Variable::HISTORY + 1 {
        log.act(write(&number.to_string(), None)).unwrap();
    }

    let variable = log.state.variable(&name("mode")).unwrap();
    let before: Vec<_> = variable.before.iter().map(|written| written.value.clone()).collect();
    let expected: Vec<_> = (1..=Variable::HISTORY).map(|number| number.to_string()).collect();
    assert_eq!((before, variable.last.value.as_str()), (expected, "11"));
    let long = log.act(write(&"x".repeat(Variable::MAX_LEN + 1), None));
    assert!(matches!(long, Err(Refused::TooLarge { .. })));
}

#[test]
fn state_survives_its_encoding() {
    let mut log = Log::default();
    log.act(acquire("a", true)).unwrap();
    log.act(acquire("b", true)).unwrap();
    log.act(Act::Add { counter: name("hits"), by: -1 }).unwrap();
    log.act(write("one", None)).unwrap();

    let bytes = postcard::to_allocvec(&log.state).unwrap();
    assert_eq!(postcard::from_bytes::<Coordination>(&bytes).unwrap(), log.state);
}
