//! The rules of the primitives, entry by entry.

use std::time::Duration;

use super::{
    Absence, Act, Barrier, Coordination, Done, Fate, Hold, Holder, Outcome, Place, Refused, Rule,
    Seats, Terms, Variable,
};
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
        assert_eq!(log.act(Act::Release { place: lock(), token }), Ok(Done::Free));
        tokens.push(log.hold().token);
    }

    let places = [0, 1, 2].map(|ahead| Ok(Done::Waits { ahead }));
    assert_eq!(lines, places);
    assert!(tokens.is_sorted() && tokens.windows(2).all(|pair| pair[0] < pair[1]), "{tokens:?}");
    assert_eq!(log.hold().holder, holder("d"));
    let token = *tokens.last().unwrap();
    assert_eq!(log.act(Act::Release { place: lock(), token }), Ok(Done::Free));
    assert!(log.state.place(&lock()).is_none());
}

#[test]
fn token_of_a_holding_that_is_over_is_refused() {
    let mut log = Log::default();
    let token = log.token(acquire("a", true));
    log.act(acquire("b", true)).unwrap();
    let renewed = log.hold().renewed;
    log.act(Act::Expire { place: lock(), token, renewed }).unwrap();

    let fenced = Err(Refused::Fenced { place: lock(), token });
    assert_eq!(log.act(Act::Renew { place: lock(), token }), fenced);
    assert_eq!(log.act(Act::Release { place: lock(), token }), fenced);
    assert_eq!(log.hold().holder, holder("b"));
}

#[test]
fn renewal_that_came_first_outlives_the_end_of_the_lease() {
    let mut log = Log::default();
    let token = log.token(acquire("a", true));
    let renewed = log.hold().renewed;
    log.act(Act::Renew { place: lock(), token }).unwrap();

    log.act(Act::Expire { place: lock(), token, renewed }).unwrap();

    assert_eq!(log.hold().token, token);
}

#[test]
fn who_asks_twice_neither_waits_twice_nor_loses_the_token() {
    let mut log = Log::default();
    let token = log.token(acquire("a", true));
    log.act(acquire("b", true)).unwrap();

    assert_eq!(log.act(acquire("a", false)), Ok(Done::Held { token }));
    assert_eq!(log.act(acquire("b", true)), Ok(Done::Waits { ahead: 0 }));
    let refused = Refused::Held { place: lock(), holder: holder("a") };
    assert_eq!(log.act(acquire("c", false)), Err(refused));
    assert_eq!(log.state.place(&lock()).unwrap().line.len(), 1);
}

#[test]
fn who_steps_back_is_passed_over() {
    let mut log = Log::default();
    let token = log.token(acquire("a", true));
    log.act(acquire("b", true)).unwrap();
    log.act(acquire("c", true)).unwrap();

    log.act(Act::StepBack { place: lock(), holder: holder("b") }).unwrap();
    log.act(Act::Release { place: lock(), token }).unwrap();

    assert_eq!(log.hold().holder, holder("c"));
}

#[test]
fn line_and_lease_are_bounded() {
    let mut log = Log::default();
    log.act(acquire("a", true)).unwrap();
    for who in 0..Seats::LINE_CAPACITY {
        log.act(acquire(&format!("w{who}"), true)).unwrap();
    }

    let full = Refused::LineFull { place: lock(), capacity: Seats::LINE_CAPACITY };
    assert_eq!(log.act(acquire("late", true)), Err(full));
    let short = Act::Acquire {
        place: Place::lock(name("other")),
        holder: holder("a"),
        permits: 1,
        lease: Duration::from_millis(999),
        wait: false,
    };
    assert!(matches!(log.act(short), Err(Refused::Lease { least_ms: 1_000, .. })));
}

#[test]
fn semaphore_has_as_many_holders_as_permits() {
    let mut log = Log::default();
    let pool = || Place::semaphore(name("pool"));
    let [first, second] = ["a", "b"].map(|who| log.token(take(pool(), who, 2, true)));
    assert_eq!(log.act(take(pool(), "c", 2, true)), Ok(Done::Waits { ahead: 0 }));
    assert_eq!(log.act(take(pool(), "d", 2, true)), Ok(Done::Waits { ahead: 1 }));
    let other = Refused::Permits { place: pool(), permits: 2 };
    assert_eq!(log.act(take(pool(), "e", 3, true)), Err(other));

    log.act(Act::Release { place: pool(), token: first }).unwrap();

    let seats = log.state.place(&pool()).unwrap();
    let holders: Vec<_> = seats.holds.iter().map(|hold| hold.holder.clone()).collect();
    assert_eq!(holders, [holder("b"), holder("c")]);
    assert!(seats.holds[1].token > second);
    let much = log.act(take(Place::semaphore(name("huge")), "a", Seats::MAX_PERMITS + 1, true));
    assert!(matches!(much, Err(Refused::Permits { .. })));
    assert!(matches!(log.act(take(lock(), "a", 2, true)), Err(Refused::Permits { .. })));
}

#[test]
fn leader_that_resigns_is_followed_under_a_later_term() {
    let mut log = Log::default();
    let election = || Place::election(name("lead"));
    let term = log.token(take(election(), "a", 1, true));
    log.act(take(election(), "b", 1, true)).unwrap();
    assert!(log.state.place(&Place::lock(name("lead"))).is_none(), "names are of a kind");

    log.act(Act::Release { place: election(), token: term }).unwrap();

    let next = &log.state.place(&election()).unwrap().holds[0];
    assert!(next.holder == holder("b") && next.token > term);
}

#[test]
fn who_waits_on_a_node_that_is_gone_waits_no_more() {
    let mut log = Log::default();
    log.act(acquire("a", true)).unwrap();
    log.act(acquire("b", true)).unwrap();
    let before = log.index;
    log.act(acquire("c", true)).unwrap();

    log.act(Act::Depart { node: NODE, before }).unwrap();

    let line = &log.state.place(&lock()).unwrap().line;
    assert_eq!(line.iter().map(|waiter| &waiter.holder).collect::<Vec<_>>(), [&holder("c")]);
    assert_eq!(log.hold().holder, holder("a"), "what is held ends with its lease");
}

#[test]
fn barrier_opens_when_all_are_there_and_serves_again() {
    let mut log = Log::default();
    let first = log.generation(arrive("a", 3));
    assert_eq!(log.generation(arrive("a", 3)), first, "who comes twice is there once");
    assert_eq!(log.act(arrive("b", 3)), Ok(Done::Arrived { generation: first, missing: 1 }));
    let other = Refused::Parties { barrier: name("gate"), parties: 3 };
    assert_eq!(log.act(arrive("c", 2)), Err(other));
    assert_eq!(log.fate(first), None);

    assert_eq!(log.act(arrive("c", 3)), Ok(Done::Arrived { generation: first, missing: 0 }));

    assert_eq!(log.fate(first), Some(&Fate::Opened));
    assert!(log.generation(arrive("a", 2)) > first, "another number may meet the next time");
}

#[test]
fn barrier_breaks_for_all_with_who_left() {
    let mut log = Log::default();
    let generation = log.generation(arrive("a", 3));
    log.act(arrive("b", 3)).unwrap();
    let leave = |generation, who, cause| Act::Leave {
        barrier: name("gate"),
        generation,
        party: holder(who),
        cause,
    };
    log.act(leave(generation, "stranger", Absence::Left)).unwrap();
    assert_eq!(log.fate(generation), None, "who was not there cannot go");

    log.act(leave(generation, "b", Absence::TimedOut)).unwrap();

    let broken = Fate::Broken { by: holder("b"), cause: Absence::TimedOut };
    assert_eq!(log.fate(generation), Some(&broken));
    let next = log.generation(arrive("a", 3));
    log.act(leave(generation, "a", Absence::Left)).unwrap();
    assert_eq!(log.fate(next), None, "the generation before is over");
    log.act(Act::Depart { node: NODE, before: log.index }).unwrap();
    let lost = Fate::Broken { by: holder("a"), cause: Absence::NodeLost };
    assert_eq!(log.fate(next), Some(&lost));
}

#[test]
fn ends_of_the_last_generations_are_remembered() {
    let mut log = Log::default();
    let generations: Vec<_> =
        (0..=Barrier::REMEMBERED).map(|_| log.generation(arrive("a", 1))).collect();

    assert_eq!(log.fate(generations[0]), None);
    assert!(generations[1..].iter().all(|ended| log.fate(*ended) == Some(&Fate::Opened)));
}

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
fn fenced_act_is_done_only_while_the_lease_runs() {
    let mut log = Log::default();
    let token = log.token(acquire("a", true));
    let fenced = |act| Act::Fenced { place: lock(), token, act: Box::new(act) };
    assert!(matches!(log.act(fenced(write("mine", None))), Ok(Done::Wrote { .. })));
    assert_eq!(log.act(fenced(fenced(write("mine", None)))), Err(Refused::FencedTwice));
    let renewed = log.hold().renewed;
    log.act(Act::Expire { place: lock(), token, renewed }).unwrap();

    let late = log.act(fenced(write("still mine", None)));

    assert_eq!(late, Err(Refused::Fenced { place: lock(), token }));
    assert_eq!(log.state.variable(&name("mode")).unwrap().last.value, "mine");
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
    (0..most).for_each(|number| drop(log.act(set(number)).unwrap()));

    let full = Refused::OutOfSpace { capacity: Coordination::MAX_BYTES };
    assert_eq!(log.act(set(most)), Err(full));
    log.act(Act::Erase { variable: name("v0"), expected: None }).unwrap();
    assert!(matches!(log.act(set(most)), Ok(Done::Wrote { .. })));
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

    fn as_node(&mut self, node: NodeId, act: Act) -> Outcome {
        self.index += 1;
        self.state.apply(self.index, node, act)
    }

    fn hold(&self) -> &Hold {
        &self.state.place(&lock()).unwrap().holds[0]
    }

    fn generation(&mut self, act: Act) -> u64 {
        match self.act(act) {
            Ok(Done::Arrived { generation, .. }) => generation,
            other => panic!("{other:?}"),
        }
    }

    fn fate(&self, generation: u64) -> Option<&Fate> {
        self.state.barrier(&name("gate")).unwrap().fate(generation)
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
    take(lock(), who, 1, wait)
}

fn take(place: Place, who: &str, permits: u32, wait: bool) -> Act {
    Act::Acquire { place, holder: holder(who), permits, lease: LEASE, wait }
}

fn arrive(who: &str, parties: u32) -> Act {
    Act::Arrive { barrier: name("gate"), party: holder(who), parties }
}

fn register(value: &str, rule: Rule, writers: &[NodeId]) -> Act {
    let terms = Terms { rule, writers: writers.iter().copied().collect() };
    Act::Register { variable: name("mode"), value: value.to_owned(), terms }
}

fn lock() -> Place {
    Place::lock(name("lock"))
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
