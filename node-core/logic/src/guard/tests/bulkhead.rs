//! Places, and the line for them.

use std::time::Duration;

use super::Dice;
use crate::guard::{Bulkhead, BulkheadRule, Entered, Full};

const RULE: BulkheadRule = BulkheadRule { at_once: 2, queue: 2, wait: Duration::from_secs(1) };

#[test]
fn more_than_places_and_line_hold_are_refused() {
    let mut bulkhead = Bulkhead::default();

    let entered: Vec<_> = (0..5).map(|number| bulkhead.enter(&RULE, || number)).collect();

    assert_eq!(entered[..2], [Ok(Entered::Runs), Ok(Entered::Runs)]);
    assert!(entered[2..4].iter().all(|entered| matches!(entered, Ok(Entered::Waits(_)))));
    assert_eq!(entered[4], Err(Full { running: 2, queued: 2 }));
}

#[test]
fn who_waits_longest_goes_first() {
    let mut bulkhead = filled();

    bulkhead.leave();
    bulkhead.leave();
    let next: Vec<u32> = std::iter::from_fn(|| bulkhead.advance(&RULE)).collect();

    assert_eq!(next, [2, 3]);
    assert_eq!(bulkhead.counts(), (2, 0));
}

#[test]
fn who_gives_up_leaves_the_line() {
    let mut bulkhead = filled();
    bulkhead.give_up(ticket(&mut bulkhead.clone()));
    let Ok(Entered::Waits(ticket)) = bulkhead.enter(&BulkheadRule { queue: 9, ..RULE }, || 9)
    else {
        panic!("it waits")
    };

    assert!(bulkhead.give_up(ticket));
    assert!(!bulkhead.give_up(ticket), "it is gone");

    assert_eq!(bulkhead.counts(), (2, 2));
}

/// One that comes does not overtake those who wait, though a place was added.
#[test]
fn wider_bulkhead_lets_those_in_line_go_first() {
    let wide = BulkheadRule { at_once: 4, ..RULE };
    let mut bulkhead = filled();
    bulkhead.give_up(ticket(&mut bulkhead.clone()));

    assert_eq!(bulkhead.enter(&wide, || 7), Err(Full { running: 2, queued: 2 }));
    assert_eq!((bulkhead.advance(&wide), bulkhead.advance(&wide)), (Some(2), Some(3)));

    assert!(bulkhead.enter(&RULE, || 7).is_ok(), "the line is free again");
}

/// Q4 by a model, whatever comes in whichever order.
#[test]
fn no_more_go_on_than_there_are_places_for_every_seed() {
    for seed in 1..=200 {
        let mut dice = Dice(seed);
        let mut bulkhead = Bulkhead::default();
        let (mut running, mut line, mut number) = (0_u32, Vec::new(), 0_u32);
        for _ in 0..400 {
            match dice.below(3) {
                0 => {
                    number += 1;
                    match bulkhead.enter(&RULE, || number) {
                        Ok(Entered::Runs) => running += 1,
                        Ok(Entered::Waits(ticket)) => line.push((ticket, number)),
                        Err(_) => assert_eq!(line.len(), 2, "seed {seed}"),
                    }
                }
                1 if running > 0 => {
                    bulkhead.leave();
                    running -= 1;
                    while let Some(next) = bulkhead.advance(&RULE) {
                        assert_eq!(line.remove(0).1, next, "seed {seed}: in turn");
                        running += 1;
                    }
                }
                _ if !line.is_empty() => {
                    let place = usize::try_from(dice.below(line.len() as u64)).unwrap();
                    assert!(bulkhead.give_up(line.remove(place).0), "seed {seed}");
                }
                _ => {}
            }
            assert!(running <= 2 && line.len() <= 2, "seed {seed}");
            assert_eq!(bulkhead.counts(), (running, u32::try_from(line.len()).unwrap()));
        }
    }
}

/// Two that go on, and two that wait.
fn filled() -> Bulkhead<u32> {
    let mut bulkhead = Bulkhead::default();
    for number in 0..4 {
        bulkhead.enter(&RULE, || number).unwrap();
    }
    bulkhead
}

/// A ticket that was never in line.
fn ticket(bulkhead: &mut Bulkhead<u32>) -> crate::guard::Ticket {
    match bulkhead.enter(&BulkheadRule { queue: 9, ..RULE }, || 9) {
        Ok(Entered::Waits(ticket)) => ticket,
        other => panic!("{other:?}"),
    }
}
