//! One node's event store, and what the others make of what it says.

mod agreed;
mod regain;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{EventStore, EventTalk, Expiry, Extent, Piece, Receipt, Retention, Standing};
use crate::{
    event::{BatchPlace, Class, EventId, EventRecord, EventType, Fact, Report, ReportError},
    hlc::{Clock, Stamp},
    ids::{NodeId, Ticket},
    node::{CommandError, Effect, Outcome, Record},
    outbox::Outbox,
    replica::Repair,
    time::{Instant, Now, Wall},
    wire::{Message, Publication},
};

const ME: NodeId = NodeId([1; 32]);
const OTHER: NodeId = NodeId([2; 32]);
const THIRD: NodeId = NodeId([3; 32]);
const ASKED: Ticket = Ticket(900);

#[test]
fn local_events_are_answered_without_another_node() {
    let mut store = Store::new();

    let receipt = store.report(vec![report(), report()], Class::Local);

    assert_eq!(receipt, Ok(Some(Receipt { origin: ME, first: 1, count: 2, copies: 1 })));
}

#[test]
fn replicated_events_wait_until_another_disk_has_them() {
    let mut store = Store::new();
    assert_eq!(store.report(vec![report(), report()], Class::Replicated), Ok(None));
    store.sync();
    assert_eq!(store.settle(Standing::Accompanied), []);

    store.hear_kept(OTHER, 1);
    assert_eq!(store.settle(Standing::Accompanied), []);
    store.hear_kept(OTHER, 2);

    let receipt = Receipt { origin: ME, first: 1, count: 2, copies: 2 };
    assert_eq!(store.settle(Standing::Accompanied), [Ok(Outcome::Reported(receipt))]);
}

#[test]
fn replicated_events_of_a_lone_node_say_that_there_is_one_copy() {
    for standing in [Standing::Single, Standing::Lonely] {
        let mut store = Store::new();
        assert_eq!(store.report(vec![report()], Class::Replicated), Ok(None));
        assert_eq!(store.settle(standing), []);

        store.sync();

        let receipt = Receipt { origin: ME, first: 1, count: 1, copies: 1 };
        assert_eq!(store.settle(standing), [Ok(Outcome::Reported(receipt))]);
    }
}

#[test]
fn copy_that_does_not_come_about_is_said_in_time() {
    let mut store = Store::new();
    store.report(vec![report()], Class::Replicated).unwrap();
    store.sync();

    store.pass(Duration::from_millis(4_999));
    assert_eq!(store.settle(Standing::Accompanied), []);
    store.pass(Duration::from_millis(1));

    let refused = Err(CommandError::Unconfirmed { first: 1, count: 1 });
    assert_eq!(store.settle(Standing::Accompanied), [refused]);
}

#[test]
fn disk_that_fails_answers_who_waits_for_a_copy() {
    let mut store = Store::new();
    store.report(vec![report()], Class::Replicated).unwrap();

    store.events.on_append_failed("full", &mut store.out);

    let refused = Err(CommandError::ReadOnly { reason: "full".to_owned() });
    assert_eq!(store.settle(Standing::Accompanied), [refused]);
}

#[test]
fn parent_must_be_known() {
    let mut store = Store::new();
    store.report(vec![report()], Class::Local).unwrap();
    let child = |origin, seq| vec![Report { parent: Some(EventId { origin, seq }), ..report() }];

    assert!(store.report(child(ME, 1), Class::Local).is_ok());
    for (origin, seq) in [(ME, 0), (ME, 3), (OTHER, 1)] {
        let parent = EventId { origin, seq };
        let refused = store.report(child(origin, seq), Class::Local);
        assert_eq!(refused, Err(ReportError::UnknownParent { parent }));
    }
    assert_eq!(store.events.extents()[&ME], Extent::up_to(2));
}

#[test]
fn origin_hears_what_is_on_disk_and_not_before() {
    let mut store = Store::new();

    store.hear(vec![event(OTHER, 1, None)]);
    assert_eq!(store.settle(Standing::Accompanied), []);
    assert!(store.sent().is_empty());
    store.sync();
    store.settle(Standing::Accompanied);

    assert_eq!(store.sent(), [(OTHER, Message::Events(EventTalk::Kept(1)))]);
}

#[test]
fn origin_hears_of_many_commits_at_once() {
    let mut store = Store::new();
    store.hear(vec![event(OTHER, 1, None)]);
    store.sync();
    store.settle(Standing::Accompanied);
    store.sent();

    for seq in 2..10 {
        store.hear(vec![event(OTHER, seq, None)]);
        store.sync();
        store.settle(Standing::Accompanied);
    }
    assert!(store.sent().is_empty());
    store.pass(Duration::from_millis(10));
    store.settle(Standing::Accompanied);

    assert_eq!(store.sent(), [(OTHER, Message::Events(EventTalk::Kept(9)))]);
}

#[test]
fn origin_that_comes_back_hears_again_what_is_on_disk() {
    let mut store = Store::new();
    store.hear(vec![event(OTHER, 1, None)]);
    store.sync();
    store.settle(Standing::Accompanied);
    store.sent();

    store.events.on_connected(OTHER);
    store.settle(Standing::Accompanied);

    assert_eq!(store.sent(), [(OTHER, Message::Events(EventTalk::Kept(1)))]);
}

#[test]
fn part_of_a_batch_is_not_taken() {
    let mut store = Store::new();
    let part = |index| event(OTHER, 2 + u64::from(index), place(index, 3));
    let batch: Vec<_> = (0..3).map(part).collect();
    let pushed = [vec![event(OTHER, 1, None)], batch.clone()].concat();

    store.hear(pushed[..3].to_vec());
    assert_eq!(store.events.extents()[&OTHER], Extent::up_to(1));
    store.hear(batch);

    assert_eq!(store.events.extents()[&OTHER], Extent::up_to(4));
}

#[test]
fn batch_is_told_in_one_message_however_large() {
    let mut store = Store::new();
    let large = |_| {
        let body = serde_json::json!({ "text": "x".repeat(10_000) });
        Report { body: body.as_object().cloned().unwrap(), ..report() }
    };
    store.report((0..50).map(large).collect(), Class::Local).unwrap();
    let written = store.sync();

    store.events.on_want(OTHER, ME, 1, &mut store.out);

    let held = Extent::up_to(50);
    let piece = Piece { origin: ME, held, events: written };
    assert_eq!(store.sent(), [(OTHER, Message::Repair(Repair::Events(piece)))]);
}

#[test]
fn what_is_no_more_among_the_newest_is_read_from_disk() {
    let mut store = Store::new();
    store.report(vec![report(); 9], Class::Local).unwrap();
    let written = store.sync();
    for _ in 0..EventStore::RECENT_CAPACITY / 1_000 {
        store.report(vec![report(); 1_000], Class::Local).unwrap();
    }
    store.sync();

    store.events.on_want(OTHER, ME, 1, &mut store.out);

    let Some(Effect::LoadEvents { ticket, from: 1, .. }) = store.out.poll_effect() else {
        panic!("nothing is read")
    };
    store.events.on_loaded(ticket, written.clone(), &mut store.out);
    let held = Extent::up_to(2_009);
    let piece = Piece { origin: ME, held, events: written };
    assert_eq!(store.sent(), [(OTHER, Message::Repair(Repair::Events(piece)))]);
}

/// E2: a number that others heard of would be given again after a crash.
#[test]
fn what_is_not_on_disk_is_given_to_nobody() {
    let mut store = Store::new();
    store.report(vec![report()], Class::Local).unwrap();
    store.sync();
    store.report(vec![report(); 2], Class::Local).unwrap();

    store.events.on_want(OTHER, ME, 1, &mut store.out);
    store.events.on_want(THIRD, ME, 2, &mut store.out);

    let Some(Effect::Send { message: Message::Repair(Repair::Events(piece)), .. }) =
        store.out.poll_effect()
    else {
        panic!("nothing is sent")
    };
    assert_eq!(piece.events.len(), 1);
    let read = store.out.poll_effect();
    assert!(matches!(read, Some(Effect::LoadEvents { from: 2, .. })), "{read:?}");
}

#[test]
fn burst_is_told_of_and_not_pushed() {
    let mut store = Store::new();
    for _ in 0..10 {
        store.report(vec![report(); 100], Class::Local).unwrap();
    }
    store.sync();

    store.pass(Duration::from_millis(20));
    store.events.on_timeout(store.now, &mut store.out);

    let published = store.published();
    assert!(matches!(published[..], [Publication::EventNews(1_000)]), "{published:?}");
}

#[test]
fn news_of_what_is_lacking_has_it_asked_for() {
    let mut store = Store::new();

    store.events.on_news(store.now, OTHER, 7, &mut store.out);

    let want = Repair::WantEvents { origin: OTHER, from: 1 };
    assert_eq!(store.sent(), [(OTHER, Message::Repair(want))]);
}

#[test]
fn who_holds_more_is_asked_on_at_once() {
    let mut store = Store::new();
    let held = Extent::up_to(5);
    let piece = Piece { origin: OTHER, held, events: vec![event(OTHER, 1, None)] };

    store.events.on_piece(store.now, THIRD, piece, &mut store.out);

    let want = Repair::WantEvents { origin: OTHER, from: 2 };
    assert_eq!(store.sent(), [(THIRD, Message::Repair(want))]);
}

#[test]
fn who_asks_for_what_is_gone_hears_what_is_left() {
    let mut store = Store::new();
    store.report(vec![report(); 9], Class::Local).unwrap();
    store.sync();
    store.events.on_dropped(store.now, &[(ME, 5)], false);

    store.events.on_want(OTHER, ME, 2, &mut store.out);

    let held = Extent { first: 5, last: 9 };
    let piece = Piece { origin: ME, held, events: Vec::new() };
    assert_eq!(store.sent(), [(OTHER, Message::Repair(Repair::Events(piece)))]);
}

#[test]
fn gap_is_given_up_when_nobody_fills_it() {
    let mut store = Store::new();
    store.hear(vec![event(OTHER, 1, None)]);
    let gone = Piece { origin: OTHER, held: Extent { first: 5, last: 9 }, events: Vec::new() };

    store.events.on_piece(store.now, OTHER, gone.clone(), &mut store.out);
    assert_eq!(store.events.extents()[&OTHER], Extent::up_to(1));
    store.pass(Duration::from_secs(3));
    store.out.take_records();
    store.events.on_piece(store.now, OTHER, gone, &mut store.out);

    assert_eq!(store.events.extents()[&OTHER], Extent { first: 5, last: 4 });
    assert_eq!(store.out.take_records(), [Record::EventsFrom { origin: OTHER, first: 5 }]);
    let want = Repair::WantEvents { origin: OTHER, from: 5 };
    assert_eq!(store.sent(), [(OTHER, Message::Repair(want))]);
}

#[test]
fn gap_that_another_fills_is_none() {
    let mut store = Store::new();
    let gone = Piece { origin: OTHER, held: Extent { first: 2, last: 2 }, events: Vec::new() };
    store.events.on_piece(store.now, THIRD, gone.clone(), &mut store.out);
    store.pass(Duration::from_secs(2));

    store.hear(vec![event(OTHER, 1, None)]);
    store.pass(Duration::from_secs(2));
    store.events.on_piece(store.now, THIRD, gone, &mut store.out);

    assert_eq!(store.events.extents()[&OTHER], Extent::up_to(1));
}

#[test]
fn retention_takes_of_its_own_what_another_has() {
    for (standing, own) in
        [(Standing::Lonely, 3), (Standing::Accompanied, 3), (Standing::Single, 5)]
    {
        let mut store = Store::new();
        store.report(vec![report(); 5], Class::Local).unwrap();
        store.sync();
        store.hear_kept(OTHER, 3);

        store.pass(Duration::from_secs(60));
        store.settle(standing);

        let expiry = store.dropped().unwrap();
        assert_eq!(expiry.own, (ME, own), "{standing:?}");
        assert_eq!(expiry.bytes, Retention::default().bytes);
    }
}

#[test]
fn retention_that_is_set_holds_at_once() {
    let mut store = Store::new();
    let (age, bytes) = (Duration::from_secs(5), 1_000);

    store.events.on_retention(store.now, Retention { age, bytes });
    store.settle(Standing::Single);

    let before = Wall(store.now.wall.0 - 5_000);
    assert_eq!(store.dropped(), Some(Expiry { before, bytes, own: (ME, 0) }));
    store.settle(Standing::Single);
    assert_eq!(store.dropped(), None, "the disk is at it");
}

#[test]
fn member_that_was_put_out_has_no_copies() {
    let mut store = Store::new();
    store.report(vec![report()], Class::Local).unwrap();
    store.sync();
    store.hear_kept(OTHER, 1);

    store.events.on_members(|node| node == ME);

    assert_eq!(store.events.lags([ME, OTHER].into_iter())[0].events, 1);
}

struct Store {
    events: EventStore,
    out: Outbox,
    now: Now,
    effects: Vec<Effect>,
    tickets: u64,
}

impl Store {
    fn new() -> Self {
        let now = Now { at: Instant(1_000_000), wall: Wall(1_700_000_000_000) };
        let kept = (BTreeMap::new(), Vec::new());
        Self {
            events: EventStore::new(now, ME, kept, Retention::default()),
            out: Outbox::new(Clock::new(ME, Wall(0)), [1; 32]),
            now,
            effects: Vec::new(),
            tickets: 0,
        }
    }

    fn report(
        &mut self,
        reports: Vec<Report>,
        class: Class,
    ) -> Result<Option<Receipt>, ReportError> {
        self.events.report(self.now, (ASKED, ME), (reports, class), &mut self.out)
    }

    fn hear(&mut self, events: Vec<Arc<EventRecord>>) {
        let origin = events[0].origin;
        self.events.on_events(self.now, origin, events, &mut self.out);
    }

    fn hear_kept(&mut self, from: NodeId, last: u64) {
        self.events.on_talk(from, &EventTalk::Kept(last), &mut self.out);
    }

    /// Writes what is to be written; gives the events among it.
    fn sync(&mut self) -> Vec<Arc<EventRecord>> {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.events.on_append(ticket);
        self.events.on_appended(self.now, ticket);
        let event = |record| if let Record::Event(event) = record { Some(event) } else { None };
        self.out.take_records().into_iter().filter_map(event).collect()
    }

    fn pass(&mut self, span: Duration) {
        self.now.at = self.now.at + span;
    }

    /// Ends a step; gives what was answered.
    fn settle(&mut self, standing: Standing) -> Vec<Result<Outcome, CommandError>> {
        self.events.settle(self.now, || standing, &mut self.out);
        self.collect();
        let is_reply = |effect: &mut Effect| matches!(effect, Effect::Reply { .. });
        let replies: Vec<_> = self.effects.extract_if(.., is_reply).collect();
        let answer = |effect| {
            let Effect::Reply { ticket, result } = effect else { return None };
            assert_eq!(ticket, ASKED);
            Some(result)
        };
        replies.into_iter().filter_map(answer).collect()
    }

    fn collect(&mut self) {
        while let Some(effect) = self.out.poll_effect() {
            self.effects.push(effect);
        }
    }

    fn sent(&mut self) -> Vec<(NodeId, Message)> {
        self.collect();
        let sent = |effect| {
            if let Effect::Send { to, message } = effect { Some((to, message)) } else { None }
        };
        std::mem::take(&mut self.effects).into_iter().filter_map(sent).collect()
    }

    fn published(&mut self) -> Vec<Publication> {
        self.collect();
        let said = |effect| if let Effect::Publish(said) = effect { Some(said) } else { None };
        std::mem::take(&mut self.effects).into_iter().filter_map(said).collect()
    }

    fn dropped(&mut self) -> Option<Expiry> {
        self.collect();
        let asked =
            |effect| if let Effect::DropEvents(expiry) = effect { Some(expiry) } else { None };
        std::mem::take(&mut self.effects).into_iter().find_map(asked)
    }
}

fn report() -> Report {
    let kind = EventType::new("shop.order").unwrap();
    let (body, correlation, parent) = (serde_json::Map::new(), None, None);
    Report { kind, body, correlation, parent, class: Class::Local, batch: None }
}

fn place(index: u32, of: u32) -> Option<BatchPlace> {
    Some(BatchPlace { index, of })
}

fn event(origin: NodeId, seq: u64, batch: Option<BatchPlace>) -> Arc<EventRecord> {
    let stamp = Stamp { wall: Wall(seq), counter: 0, node: origin };
    let fact = Fact::Reported(Report { batch, ..report() });
    Arc::new(EventRecord { origin, seq, stamp, actor: None, fact })
}
