//! Histories that are known to be linearizable, or not to be.

use super::{
    Call, Counter, CounterOp, Lock, LockOp, LockRet, Unexplained, Variable, VariableOp,
    VariableRet, check, with_ends,
};

#[test]
fn calls_at_the_same_time_come_in_any_order() {
    let history = [
        at(0, 10, CounterOp::Add(1), 3),
        at(0, 10, CounterOp::Add(2), 2),
        at(11, 12, CounterOp::Read, 3),
    ];

    assert_eq!(check::<Counter>(&history), Ok(()));
}

#[test]
fn read_of_what_was_before_is_refused() {
    let history = [at(0, 1, CounterOp::Add(1), 1), at(2, 3, CounterOp::Read, 0)];

    let refused = check::<Counter>(&history);

    assert!(matches!(refused, Err(Unexplained::NoOrder { explained: 1, calls: 2, .. })));
}

#[test]
fn unknown_call_is_done_late_or_never() {
    let unknown = || Call::begun(CounterOp::Add(5), 0);
    let reads = |values: [i64; 2]| {
        [unknown(), at(20, 21, CounterOp::Read, values[0]), at(30, 31, CounterOp::Read, values[1])]
    };

    assert_eq!(check::<Counter>(&reads([0, 0])), Ok(()));
    assert_eq!(check::<Counter>(&reads([0, 5])), Ok(()));
    assert!(check::<Counter>(&reads([5, 0])).is_err(), "what was seen is taken back");
    let before = [at(0, 1, CounterOp::Read, 5), Call::begun(CounterOp::Add(5), 2)];
    assert!(check::<Counter>(&before).is_err(), "what was not asked yet is seen");
}

#[test]
fn version_of_an_unknown_write_is_learned_once() {
    let write = |value, expected| VariableOp::Write { value, expected };
    let history = |second| {
        [
            Call::begun(write(1, None), 0),
            at(10, 11, VariableOp::Read, VariableRet::Was(Some((1, 7)))),
            at(12, 13, write(2, Some(6)), VariableRet::Conflict(7)),
            at(14, 15, write(3, Some(7)), VariableRet::Wrote(second)),
        ]
    };

    assert_eq!(check::<Variable>(&history(9)), Ok(()));
    assert!(check::<Variable>(&history(7)).is_err(), "versions grow");
}

#[test]
fn lock_has_one_holder_until_its_lease_is_over() {
    let take = |begun, holder, token| {
        at(begun, begun + 1, LockOp::Acquire { holder, lease: 100 }, LockRet::Held(token))
    };
    let history = |second| with_ends(vec![take(0, 1, 5), take(second, 2, 6)], false);

    assert_eq!(check::<Lock>(&history(100)), Ok(()));
    assert!(check::<Lock>(&history(50)).is_err());
    let early = with_ends(vec![take(0, 1, 5), take(50, 2, 6)], true);
    assert_eq!(check::<Lock>(&early), Ok(()));
    let shrinking = with_ends(vec![take(0, 1, 5), take(200, 2, 4)], false);
    assert!(check::<Lock>(&shrinking).is_err(), "tokens grow");
}

#[test]
fn token_of_a_lease_that_was_renewed_is_good() {
    let renew = LockOp::Renew { token: 5, lease: 100 };
    let history = |begun, ret| {
        with_ends(
            vec![
                at(0, 1, LockOp::Acquire { holder: 1, lease: 100 }, LockRet::Held(5)),
                at(90, 91, renew.clone(), LockRet::Held(5)),
                at(begun, begun + 1, LockOp::Release { token: 5 }, ret),
            ],
            false,
        )
    };

    assert_eq!(check::<Lock>(&history(150, LockRet::Freed)), Ok(()));
    assert!(check::<Lock>(&history(150, LockRet::Fenced)).is_err());
    assert_eq!(check::<Lock>(&history(190, LockRet::Fenced)), Ok(()));
}

#[test]
fn five_hundred_calls_with_unknown_ones_are_checked_at_once() {
    let mut value = 0;
    let mut history = Vec::new();
    for call in 0..500_u64 {
        let by = i64::try_from(call).unwrap();
        if call % 25 == 7 {
            history.push(Call::begun(CounterOp::Add(by), call * 10));
        } else {
            value += by;
            history.push(at(call * 10, call * 10 + 35, CounterOp::Add(by), value));
        }
    }

    assert_eq!(check::<Counter>(&history), Ok(()));
}

fn at<O, R>(begun: u64, ended: u64, op: O, ret: R) -> Call<O, R> {
    Call { op, begun, ended: Some((ended, ret)) }
}
