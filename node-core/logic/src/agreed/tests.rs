//! Wishes that are repeated, and what is kept of them.

mod chronicle;

use super::{Agreed, Entry, Granted, Key, Outcome};
use crate::{
    coordination::{Act, Done},
    ids::{Name, NodeId},
    time::Wall,
};

#[test]
fn repeated_wish_is_answered_alike_and_done_once() {
    let mut log = Log::default();

    let answers = [log.add("one", 5), log.add("one", 5), log.add("two", 5)];

    assert_eq!(answers, [5, 5, 10].map(counted));
}

#[test]
fn oldest_answer_is_forgotten_when_too_many_are_remembered() {
    let mut log = Log::default();
    for number in 0..=Agreed::ANSWERS {
        log.add(&number.to_string(), 1).unwrap();
    }
    let count = i64::try_from(Agreed::ANSWERS).unwrap() + 1;

    assert_eq!(log.add("1", 1), counted(2), "still remembered");
    assert_eq!(log.add("0", 1), counted(count + 1));
}

#[test]
fn value_and_entries_survive_their_encoding() {
    let mut log = Log::default();
    log.add("one", -1).unwrap();

    let bytes = postcard::to_allocvec(&log.value).unwrap();
    assert_eq!(postcard::from_bytes::<Agreed>(&bytes).unwrap(), log.value);
    let bytes = postcard::to_allocvec(&entry("k", 3)).unwrap();
    assert_eq!(postcard::from_bytes::<Entry>(&bytes).unwrap(), entry("k", 3));
}

/// The value after a log.
#[derive(Default)]
struct Log {
    value: Agreed,
}

impl Log {
    fn add(&mut self, key: &str, by: i64) -> Outcome {
        self.value.apply(entry(key, by))
    }
}

fn entry(key: &str, by: i64) -> Entry {
    let act = Act::Add { counter: Name::new("hits").unwrap(), by };
    Entry { actor: NodeId([1; 32]), at: Wall(7), key: Key::new(key), clock: 0, wish: act.into() }
}

#[expect(clippy::unnecessary_wraps, reason = "an outcome to compare with")]
fn counted(value: i64) -> Outcome {
    Ok(Granted::Coordination(Done::Counted { value }))
}
