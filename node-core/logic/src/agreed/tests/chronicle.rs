//! Changes of primitives, as they are told.

use std::time::Duration;

use super::{Agreed, Entry, Wall};
use crate::{
    agreed::{Chronicle, Key, Outcome},
    coordination::{Absence, Act, Fate, Holder, Place},
    event::{EventRecord, Excerpt, Fact, Minute, Parting},
    ids::{ClusterId, Name, NodeId},
};

const ONE: NodeId = NodeId([1; 32]);
const OTHER: NodeId = NodeId([2; 32]);
const SECOND: u64 = 1_000_000_000;

#[test]
fn lock_tells_who_got_it_and_how_each_came_to_hold_it_no_more() {
    let mut log = Log::default();
    for who in ["a", "b", "c"] {
        log.act(acquire(who)).unwrap();
    }
    log.act(Act::Release { place: lock(), token: 1 }).unwrap();
    log.act(Act::Renew { place: lock(), token: 4 }).unwrap();
    log.act(Act::Expire { place: lock(), token: 4, renewed: 4 }).unwrap();
    log.act(Act::Expire { place: lock(), token: 4, renewed: 5 }).unwrap();
    log.by(OTHER, Act::Revoke { place: lock(), token: 7 }).unwrap();
    log.act(Act::Revoke { place: lock(), token: 7 }).unwrap_err();

    let taken = |who, token| Fact::PlaceTaken { place: lock(), holder: holder(who), token };
    let left = |who, token, how| Fact::PlaceLeft { place: lock(), holder: holder(who), token, how };
    let told = [
        taken("a", 1),
        left("a", 1, Parting::Released),
        taken("b", 4),
        left("b", 4, Parting::Expired),
        taken("c", 7),
        left("c", 7, Parting::Revoked),
    ];
    assert_eq!(log.facts(), told);
    let last = log.told().pop().unwrap();
    assert_eq!((last.actor, last.correlation().as_deref()), (Some(OTHER), Some("lock")));
}

#[test]
fn variable_tells_what_it_was_and_is_within_bounds() {
    let mut log = Log::default();
    let write = |value: &str, expected| {
        let variable = name("mode");
        Act::Write { variable, value: value.to_owned(), expected }
    };
    let long = "ä".repeat(4_000);
    log.act(write("fast", None)).unwrap();
    log.act(write("slow", Some(9))).unwrap_err();
    let act = Box::new(write(&long, Some(1)));
    log.act(acquire("a")).unwrap();
    log.act(Act::Fenced { place: lock(), token: 3, act }).unwrap();
    log.act(Act::Erase { variable: name("mode"), expected: None }).unwrap();

    let changed = |old: Option<&str>, new: Option<&str>, was, version| {
        let (old, new) = (old.map(Excerpt::of), new.map(Excerpt::of));
        Fact::VariableChanged { variable: name("mode"), old, new, was, version }
    };
    let facts = log.facts();
    assert_eq!(facts[0], changed(None, Some("fast"), 0, 1));
    assert_eq!(facts[2], changed(Some("fast"), Some(&long), 1, 4));
    assert_eq!(facts[3], changed(Some(&long), None, 4, 5));
    let cut = Excerpt::of(&long);
    assert!(cut.as_str().len() <= Excerpt::MAX_LEN && cut.as_str().ends_with('…'));
}

#[test]
fn counters_questions_and_barriers_tell_when_they_begin_and_end() {
    let mut log = Log::default();
    let add = || Act::Add { counter: name("hits"), by: 2 };
    log.act(add()).unwrap();
    log.act(add()).unwrap();
    log.act(Act::Discard { counter: name("hits") }).unwrap();
    let decide = |value: &str| Act::Decide { question: name("who"), value: value.to_owned() };
    log.act(decide("me")).unwrap();
    log.act(decide("you")).unwrap();
    log.act(Act::Reopen { question: name("who") }).unwrap();
    let arrive = |who, parties| Act::Arrive { barrier: name("gate"), party: holder(who), parties };
    log.act(arrive("a", 2)).unwrap();
    log.act(arrive("b", 2)).unwrap();
    log.act(arrive("a", 2)).unwrap();
    log.act(Act::Depart { node: ONE, before: 9 }).unwrap();

    let ended = |generation, fate| {
        let barrier = name("gate");
        Fact::BarrierEnded { barrier, generation, parties: 2, fate }
    };
    let lost = Fate::Broken { by: holder("a"), cause: Absence::NodeLost };
    let told = [
        Fact::CounterMade { counter: name("hits") },
        Fact::CounterRemoved { counter: name("hits"), value: "4".to_owned() },
        Fact::QuestionSettled { question: name("who"), answer: Excerpt::of("me") },
        Fact::QuestionReopened { question: name("who"), answer: Excerpt::of("me") },
        ended(7, Fate::Opened),
        ended(9, lost),
    ];
    assert_eq!(log.facts(), told);
}

#[test]
fn repeated_wish_is_told_once() {
    let mut log = Log::default();
    let act = || Act::Write { variable: name("mode"), value: "a".to_owned(), expected: None };

    let answers = [log.keyed("key", act()), log.keyed("key", act())];

    assert_eq!(answers[0], answers[1]);
    assert_eq!(log.facts().len(), 1);
}

#[test]
fn flood_of_one_name_is_cut_and_counted_and_hides_no_other() {
    let mut log = Log::default();
    let most = u64::from(Minute::MOST_OF_ONE);
    for number in 0..most + 40 {
        log.write("busy", number);
    }
    log.write("calm", 1);
    let told = log.facts();
    assert_eq!(told.len() as u64, most + 2);
    assert_eq!(told[told.len() - 2], omitted(Some("busy"), None));
    assert!(
        matches!(&told[told.len() - 1], Fact::VariableChanged { variable, .. } if *variable == name("calm"))
    );

    log.clock += 60 * SECOND;
    log.write("busy", 1_000);

    let told = log.facts();
    assert_eq!(told[told.len() - 2], omitted(Some("busy"), Some(40)));
    assert!(matches!(told[told.len() - 1], Fact::VariableChanged { .. }), "a minute later");
}

#[test]
fn flood_of_many_names_is_cut_and_counted() {
    let mut log = Log::default();
    let most = u64::from(Minute::MOST);
    for number in 0..most + 7 {
        log.write(&format!("v{number}"), number);
    }
    log.clock += 60 * SECOND;
    log.act(Act::Renew { place: lock(), token: 1 }).unwrap_err();

    let told = log.facts();
    assert_eq!(told.len(), Chronicle::KEPT, "the oldest are forgotten");
    assert_eq!(told[told.len() - 2..], [omitted(None, None), omitted(None, Some(7))]);
    assert_eq!(log.told().pop().unwrap().seq, most + 2);
}

#[test]
fn changes_go_on_where_a_reader_was_and_their_stamps_rise() {
    let mut log = Log::default();
    for number in 0..5 {
        log.write("mode", number);
        log.at = if number == 2 { 1 } else { log.at + 3 };
    }
    let all = log.told();

    let later = log.value.chronicle().after(3, ONE);

    assert_eq!(later, all[3..]);
    assert!(log.value.chronicle().after(5, ONE).is_empty());
    assert!(log.value.chronicle().after(9, ONE).is_empty());
    assert!(all.windows(2).all(|pair| pair[0].stamp < pair[1].stamp));
    assert_eq!(all.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
}

#[test]
fn changes_survive_their_encoding_and_a_lineage_has_its_own() {
    let mut log = Log::default();
    log.write("mode", 1);
    let bytes = postcard::to_allocvec(&log.value).unwrap();
    assert_eq!(postcard::from_bytes::<Agreed>(&bytes).unwrap(), log.value);

    log.value.begin_lineage();
    log.write("mode", 2);

    assert_eq!(log.told().iter().map(|event| event.seq).collect::<Vec<_>>(), [1]);
    let origins = [(1, 0), (1, 1), (2, 0)]
        .map(|(cluster, lineage)| Chronicle::origin(ClusterId([cluster; 32]), lineage));
    assert!(origins[0] != origins[1] && origins[0] != origins[2]);
}

/// The value after a log, a millisecond an entry.
struct Log {
    value: Agreed,
    clock: u64,
    at: u64,
}

impl Default for Log {
    fn default() -> Self {
        Self { value: Agreed::default(), clock: SECOND, at: 1_000 }
    }
}

impl Log {
    fn act(&mut self, act: Act) -> Outcome {
        self.by(ONE, act)
    }

    fn by(&mut self, actor: NodeId, act: Act) -> Outcome {
        let at = Wall(self.at);
        self.value.apply(Entry { actor, at, key: None, clock: self.clock, wish: act.into() })
    }

    fn keyed(&mut self, key: &str, act: Act) -> Outcome {
        let (at, key) = (Wall(self.at), Key::new(key));
        self.value.apply(Entry { actor: ONE, at, key, clock: self.clock, wish: act.into() })
    }

    fn write(&mut self, variable: &str, value: u64) {
        let (variable, value) = (name(variable), value.to_string());
        self.act(Act::Write { variable, value, expected: None }).unwrap();
    }

    fn told(&self) -> Vec<EventRecord> {
        self.value.chronicle().after(0, ONE)
    }

    fn facts(&self) -> Vec<Fact> {
        self.told().into_iter().map(|event| event.fact).collect()
    }
}

fn omitted(of: Option<&str>, count: Option<u64>) -> Fact {
    Fact::ChangesOmitted { name: of.map(name), count }
}

fn acquire(who: &str) -> Act {
    let lease = Duration::from_secs(10);
    Act::Acquire { place: lock(), holder: holder(who), permits: 1, lease, wait: true }
}

fn lock() -> Place {
    Place::lock(name("lock"))
}

fn holder(who: &str) -> Holder {
    Holder { node: ONE, session: name(who) }
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}
