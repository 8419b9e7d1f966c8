//! Barriers that open, break, and serve again.

use super::{Log, NODE, arrive, holder, name};
use crate::coordination::{Absence, Act, Barrier, Done, Fate, Refused};

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
fn operator_breaks_the_generation_that_was_seen_and_no_later_one() {
    let mut log = Log::default();
    let generation = log.generation(arrive("a", 3));
    let stop =
        |generation| Act::Break { barrier: name("gate"), generation, by: holder("operator") };

    assert_eq!(log.act(stop(generation)), Ok(Done::Free));

    let broken = Fate::Broken { by: holder("operator"), cause: Absence::Interrupted };
    assert_eq!(log.fate(generation), Some(&broken));
    let over = Refused::Over { barrier: name("gate"), generation };
    assert_eq!(log.act(stop(generation)), Err(over));
    let next = log.generation(arrive("a", 3));
    assert!(log.act(stop(generation)).is_err());
    assert_eq!(log.fate(next), None);
    assert!(log.act(stop(0)).is_err(), "nobody is there in generation nought");
}
