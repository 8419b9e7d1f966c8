//! Locks, elections and semaphores: their holders, their lines, and what a token fences.

use std::time::Duration;

use super::{Log, NODE, acquire, holder, lock, name, take, write};
use crate::{
    coordination::{Act, Done, Place, Refused, Seats},
    ids::NodeId,
};

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
fn what_is_taken_away_is_fenced_and_passes_to_the_next() {
    let mut log = Log::default();
    let token = log.token(acquire("a", true));
    log.act(acquire("b", true)).unwrap();

    assert_eq!(log.as_node(NodeId([2; 32]), Act::Revoke { place: lock(), token }), Ok(Done::Free));

    let fenced = Err(Refused::Fenced { place: lock(), token });
    let act = Box::new(write("late", None));
    assert_eq!(log.act(Act::Fenced { place: lock(), token, act }), fenced);
    assert_eq!(
        log.act(Act::Revoke { place: lock(), token }),
        fenced,
        "b keeps what it came to hold"
    );
    assert_eq!(log.hold().holder, holder("b"));
    assert!(log.hold().token > token);
}

#[test]
fn no_member_takes_an_exclusive_agent_away() {
    let place = Place::agent(name("greeter"));
    let (revoke, member) = (Act::Revoke { place, token: 1 }, NodeId([2; 32]));

    assert!(!revoke.is_open_to(member));
    assert!(revoke.is_of_nodes());
    assert!(Act::Revoke { place: lock(), token: 1 }.is_open_to(member));
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
