//! The rules of the primitives, entry by entry.

use std::time::Duration;

use super::{Act, Coordination, Done, Holder, Lock, Outcome, Refused, Variable};
use crate::ids::{Name, NodeId};

const LEASE: Duration = Duration::from_secs(10);
const NODE: NodeId = NodeId([1; 32]);

#[test]
fn lock_passes_in_the_order_of_asking_under_growing_tokens() {
    let mut log = Log::default();
    let first = log.token(acquire("a", true));
    let lines = ["b", "c", "d"].map(|who| log.act(acquire(who, true)));

    let mut tokens = vec![first];
    for _ in 0..3 {
        let token = *tokens.last().unwrap();
        assert_eq!(log.act(Act::Release { lock: name("lock"), token }), Ok(Done::Free));
        tokens.push(log.state.lock(&name("lock")).unwrap().hold.token);
    }

    let places = [0, 1, 2].map(|ahead| Ok(Done::Waits { ahead }));
    assert_eq!(lines, places);
    assert!(tokens.is_sorted() && tokens.windows(2).all(|pair| pair[0] < pair[1]), "{tokens:?}");
    assert_eq!(log.state.lock(&name("lock")).unwrap().hold.holder, holder("d"));
    let token = *tokens.last().unwrap();
    assert_eq!(log.act(Act::Release { lock: name("lock"), token }), Ok(Done::Free));
    assert!(log.state.lock(&name("lock")).is_none());
}

#[test]
fn token_of_a_holding_that_is_over_is_refused() {
    let mut log = Log::default();
    let token = log.token(acquire("a", true));
    log.act(acquire("b", true)).unwrap();
    let renewed = log.state.lock(&name("lock")).unwrap().hold.renewed;
    log.act(Act::Expire { lock: name("lock"), token, renewed }).unwrap();

    let fenced = Err(Refused::Fenced { lock: name("lock"), token });
    assert_eq!(log.act(Act::Renew { lock: name("lock"), token }), fenced);
    assert_eq!(log.act(Act::Release { lock: name("lock"), token }), fenced);
    assert_eq!(log.state.lock(&name("lock")).unwrap().hold.holder, holder("b"));
}

#[test]
fn renewal_that_came_first_outlives_the_end_of_the_lease() {
    let mut log = Log::default();
    let token = log.token(acquire("a", true));
    let renewed = log.state.lock(&name("lock")).unwrap().hold.renewed;
    log.act(Act::Renew { lock: name("lock"), token }).unwrap();

    log.act(Act::Expire { lock: name("lock"), token, renewed }).unwrap();

    assert_eq!(log.state.lock(&name("lock")).unwrap().hold.token, token);
}

#[test]
fn who_asks_twice_neither_waits_twice_nor_loses_the_token() {
    let mut log = Log::default();
    let token = log.token(acquire("a", true));
    log.act(acquire("b", true)).unwrap();

    assert_eq!(log.act(acquire("a", false)), Ok(Done::Held { token }));
    assert_eq!(log.act(acquire("b", true)), Ok(Done::Waits { ahead: 0 }));
    let refused = Refused::Held { lock: name("lock"), holder: holder("a") };
    assert_eq!(log.act(acquire("c", false)), Err(refused));
    assert_eq!(log.state.lock(&name("lock")).unwrap().line.len(), 1);
}

#[test]
fn who_steps_back_is_passed_over() {
    let mut log = Log::default();
    let token = log.token(acquire("a", true));
    log.act(acquire("b", true)).unwrap();
    log.act(acquire("c", true)).unwrap();

    log.act(Act::StepBack { lock: name("lock"), holder: holder("b") }).unwrap();
    log.act(Act::Release { lock: name("lock"), token }).unwrap();

    assert_eq!(log.state.lock(&name("lock")).unwrap().hold.holder, holder("c"));
}

#[test]
fn line_and_lease_are_bounded() {
    let mut log = Log::default();
    log.act(acquire("a", true)).unwrap();
    for who in 0..Lock::LINE_CAPACITY {
        log.act(acquire(&format!("w{who}"), true)).unwrap();
    }

    let full = Refused::LineFull { lock: name("lock"), capacity: Lock::LINE_CAPACITY };
    assert_eq!(log.act(acquire("late", true)), Err(full));
    let short = Act::Acquire {
        lock: name("other"),
        holder: holder("a"),
        lease: Duration::from_millis(999),
        wait: false,
    };
    assert!(matches!(log.act(short), Err(Refused::Lease { least_ms: 1_000, .. })));
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

/// The state after a log, and the index of its last entry.
#[derive(Default)]
struct Log {
    state: Coordination,
    index: u64,
}

impl Log {
    fn act(&mut self, act: Act) -> Outcome {
        self.index += 1;
        self.state.apply(self.index, NODE, act)
    }

    fn token(&mut self, act: Act) -> u64 {
        match self.act(act) {
            Ok(Done::Held { token }) => token,
            other => panic!("{other:?}"),
        }
    }

    fn version(&mut self, act: Act) -> u64 {
        match self.act(act) {
            Ok(Done::Wrote { version }) => version,
            other => panic!("{other:?}"),
        }
    }
}

fn acquire(who: &str, wait: bool) -> Act {
    Act::Acquire { lock: name("lock"), holder: holder(who), lease: LEASE, wait }
}

fn write(value: &str, expected: Option<u64>) -> Act {
    Act::Write { variable: name("mode"), value: value.to_owned(), expected }
}

fn holder(who: &str) -> Holder {
    Holder { node: NODE, session: name(who) }
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}
