//! A node that lost its disk: its events come back from others, and no number is given twice.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{
    Class, Effect, EventRecord, EventStore, Extent, Fact, ME, Message, OTHER, Piece, Publication,
    Record, Repair, Retention, Standing, Store, THIRD, event, report,
};
use crate::{ids::NodeId, replica::Digest};

/// The numbers up to 32 may have been given; others hold those up to 3.
#[test]
fn own_events_come_back_and_numbers_go_on_above_all_that_were_given() {
    let mut store = store(33);
    store.append(started());
    assert_eq!(store.sync(), [], "nothing has a number yet");

    store.hear_digest(OTHER, 3);
    let want = Repair::WantEvents { origin: ME, from: 1 };
    assert_eq!(store.sent(), [(OTHER, Message::Repair(want))]);
    store.take_piece(OTHER, (1..=3).map(|seq| event(ME, seq, None)).collect());
    assert_eq!(numbers(&store.sync()), [1, 2, 3]);
    store.wait(Duration::from_secs(3));

    let told = store.sync();
    assert_eq!(numbers(&told), [33, 34]);
    assert_eq!(told[0].fact, Fact::EventsLost { from: 4, to: 32 });
    assert_eq!(told[1].fact, started());
    store.pass(Duration::from_secs(1));
    store.events.on_timeout(store.now, &mut store.out);
    let Some(Publication::Events(pushed)) = store.published().pop() else { panic!("not pushed") };
    assert_eq!(numbers(&pushed), [33, 34], "what came back is not pushed anew");
}

#[test]
fn nobody_heard_of_it_and_it_goes_on_above() {
    for (standing, patience) in [(Standing::Single, 0), (Standing::Lonely, 10)] {
        let mut store = store(33);
        store.append(started());
        store.pass(Duration::from_secs(patience));

        store.settle(standing);

        let records = store.records();
        assert!(records.contains(&Record::EventsFrom { origin: ME, first: 33 }), "{records:?}");
        assert_eq!(store.events.extents()[&ME], Extent { first: 33, last: 34 });
    }
}

#[test]
fn reports_and_numbers_are_as_ever_where_nothing_is_lost() {
    let mut store = store(1);

    store.report(vec![report()], Class::Local).unwrap();

    assert_eq!(numbers(&store.sync()), [1]);
}

/// What others were told was on this disk before, so one that does not hold it lost its end.
#[test]
fn disk_that_lost_the_end_of_what_it_held_is_found_out() {
    let mut store = store(1);
    store.append(started());
    store.sync();
    store.hear_kept(OTHER, 1);
    store.hear_digest(THIRD, 1);
    assert!(store.forgotten().is_empty(), "others hold what it holds");

    store.hear_kept(OTHER, 3);
    store.hear_digest(THIRD, 3);
    store.hear_digest(THIRD, 4);

    assert_eq!(store.forgotten(), [3, 4], "each that is found, once");
}

/// A disk that is known to be lost is no news.
#[test]
fn own_events_that_are_looked_for_are_not_found_missing() {
    let mut store = store(33);

    store.hear_kept(OTHER, 3);
    store.hear_digest(OTHER, 3);

    assert!(store.forgotten().is_empty());
}

/// Whoever holds more than came back keeps it, and whoever holds less fetches that first.
#[test]
fn others_keep_what_they_hold_before_a_loss() {
    for (held, took) in [(5, true), (3, true), (2, false)] {
        let mut store = Store::new();
        store.hear((1..=held).map(|seq| event(OTHER, seq, None)).collect());
        store.sync();

        store.hear(vec![lost(OTHER, 4, 33), event(OTHER, 34, None)]);

        let last = if took { 34 } else { held };
        assert_eq!(store.events.extents()[&OTHER], Extent { first: 1, last }, "{held}");
        let asked = Message::Repair(Repair::WantEvents { origin: OTHER, from: 3 });
        assert_eq!(store.sent().contains(&(OTHER, asked)), !took);
        let records = store.records();
        let given_up = |record: &Record| matches!(record, Record::EventsFrom { .. });
        assert!(!records.iter().any(given_up), "nothing is dropped: {records:?}");
    }
}

#[test]
fn newcomer_begins_at_a_loss_before_which_there_is_nothing() {
    let mut store = Store::new();

    store.hear(vec![lost(THIRD, 1, 33)]);

    assert_eq!(store.events.extents()[&THIRD], Extent { first: 33, last: 33 });
}

fn store(from: u64) -> Store {
    let mut store = Store::new();
    let kept = (BTreeMap::new(), Vec::new());
    let events = EventStore::new(store.now, ME, kept, Retention::default());
    store.events = events.numbered_from(store.now, from);
    store
}

fn lost(origin: NodeId, from: u64, seq: u64) -> Arc<EventRecord> {
    let told = EventRecord::clone(&event(origin, seq, None));
    Arc::new(EventRecord { fact: Fact::EventsLost { from, to: seq - 1 }, ..told })
}

fn started() -> Fact {
    Fact::NodeStarted { version: String::new() }
}

fn numbers(events: &[Arc<EventRecord>]) -> Vec<u64> {
    events.iter().map(|event| event.seq).collect()
}

impl Store {
    fn append(&mut self, fact: Fact) {
        self.events.append(self.now, None, fact, &mut self.out);
    }

    fn hear_digest(&mut self, from: NodeId, last: u64) {
        let digest = Digest { events: [(ME, Extent::up_to(last))].into(), ..Digest::default() };
        self.events.on_digest(self.now, from, &digest, &mut self.out);
    }

    fn take_piece(&mut self, from: NodeId, events: Vec<Arc<EventRecord>>) {
        let held = Extent::up_to(events.last().unwrap().seq);
        let piece = Piece { origin: ME, held, events };
        self.events.on_piece(self.now, from, piece, &mut self.out);
    }

    fn wait(&mut self, span: Duration) {
        self.settle(Standing::Accompanied);
        assert_eq!(self.sync(), [], "it waits for more");
        self.pass(span);
        self.settle(Standing::Accompanied);
    }

    fn forgotten(&mut self) -> Vec<u64> {
        self.collect();
        let last = |effect| if let Effect::Forgotten { last } = effect { Some(last) } else { None };
        std::mem::take(&mut self.effects).into_iter().filter_map(last).collect()
    }

    fn records(&mut self) -> Vec<Record> {
        self.out.take_records()
    }
}
