//! What is found among stored events, and in which order.

use std::sync::Arc;

use covey_logic::{
    Wall,
    event::{Class, EventId, EventRecord, EventType, Fact, Report},
    event_store::Expiry,
};

use super::{A, B, Folder, closed, event, name, open, plan, started, with_history};
use crate::store::{EventQuery, Order, Store, StoreEvent};

#[tokio::test]
async fn events_of_an_origin_load_in_order_up_to_a_gap() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    let sequence = [3, 1, 2, 5].map(|seq| event(A, seq, seq, started()));
    store.append(1, sequence.to_vec()).await;
    store.append(2, vec![event(B, 1, 1, started())]).await;
    store.said(2).await;

    let seqs = |events: Vec<Arc<EventRecord>>| events.iter().map(|e| e.seq).collect::<Vec<_>>();
    assert_eq!(seqs(store.store.load_events(A, 1, 10).await.unwrap()), [1, 2, 3]);
    assert_eq!(seqs(store.store.load_events(A, 2, 1).await.unwrap()), [2]);
    assert!(store.store.load_events(A, 4, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn query_filters_combine() {
    let folder = Folder::new();
    let store = with_history(&folder).await;
    let found = async |query: EventQuery| {
        let query = EventQuery { limit: 100, ..query };
        let page = store.store.query_events(&query).await.unwrap();
        page.events.iter().map(|event| event.stamp.wall.0).collect::<Vec<_>>()
    };
    let kinds = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect();

    assert_eq!(found(EventQuery::default()).await, [50, 40, 30, 20, 10]);
    let query = EventQuery { kinds: kinds(&["agent_started"]), ..EventQuery::default() };
    assert_eq!(found(query).await, [30, 20]);
    let query =
        EventQuery { kinds: kinds(&["agent_exited", "node_started"]), ..EventQuery::default() };
    assert_eq!(found(query).await, [50, 40, 10]);
    let query = EventQuery { origin: Some(B), ..EventQuery::default() };
    assert_eq!(found(query).await, [50, 30]);
    let query = EventQuery { agent: Some(name("greeter")), ..EventQuery::default() };
    assert_eq!(found(query.clone()).await, [40, 20]);
    let query = EventQuery { kinds: kinds(&["agent_exited"]), ..query };
    assert_eq!(found(query).await, [40]);
    let query = EventQuery { text: Some("NO SUCH file".to_owned()), ..EventQuery::default() };
    assert_eq!(found(query).await, [40]);
    let query = EventQuery { text: Some("100%".to_owned()), ..EventQuery::default() };
    assert!(found(query).await.is_empty());
    let (since, until) = (Some(Wall(20)), Some(Wall(40)));
    assert_eq!(found(EventQuery { since, until, ..EventQuery::default() }).await, [30, 20]);
}

#[tokio::test]
async fn pages_follow_each_other_while_events_arrive() {
    let folder = Folder::new();
    let mut store = with_history(&folder).await;
    let mut query = EventQuery { limit: 2, ..EventQuery::default() };
    let mut seen = Vec::new();

    loop {
        let page = store.store.query_events(&query).await.unwrap();
        seen.extend(page.events.iter().map(|event| event.stamp.wall.0));
        store.append(9, vec![event(A, 90 + seen.len() as u64, 999, started())]).await;
        store.said(1).await;
        let Some(next) = page.next else { break };
        assert_eq!(next.to_string().parse(), Ok(next));
        query.after = Some(next);
    }

    assert_eq!(seen, [50, 40, 30, 20, 10]);
}

#[tokio::test]
async fn newest_of_a_kind_are_read_along_an_index() {
    let folder = Folder::new();
    let (store, _) = open(&folder.database()).await;
    store.close().await;
    closed(&folder.database()).await;

    for order in ["DESC", "ASC"] {
        let sql = format!(
            "SELECT e.fact FROM event e JOIN node n ON n.id = e.origin WHERE e.kind = 1 \
             ORDER BY e.wall {order}, e.counter {order}, n.node {order}, e.seq {order} LIMIT 100"
        );
        let plan = plan(&folder.database(), &sql).await;

        assert!(plan.contains("event_by_kind"), "{plan}");
        assert!(plan.contains("LAST 2 TERMS OF ORDER BY"), "{plan}");
    }
}

#[tokio::test]
async fn beginning_of_a_type_finds_every_type_below_it() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    let types = ["shop.order", "shop.order.paid", "shop.orders", "shop.order-2", "shipping.done"];
    let told = (1..).zip(types).map(|(seq, kind)| event(A, seq, seq, report(kind)));
    store.append(1, told.chain([event(A, 6, 6, started())]).collect()).await;
    store.said(1).await;
    let found = async |kind: &str| {
        let kinds = [kind.to_owned()].into();
        seqs(&store.store, EventQuery { kinds, limit: 10, ..EventQuery::default() }).await
    };

    assert_eq!(found("shop.order").await, [2, 1]);
    assert_eq!(found("shop.").await, [4, 3, 2, 1]);
    assert_eq!(found("shop.order.paid").await, [2]);
    assert_eq!(found("reported").await, [5, 4, 3, 2, 1]);
    assert_eq!(found("node_started").await, [6]);
    assert!(found("shop.nothing").await.is_empty());
}

#[tokio::test]
async fn correlation_and_parent_find_what_belongs_to_them() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    let belongs = |correlation: &str, parent| {
        let Fact::Reported(report) = report("shop.order") else { panic!("not told") };
        Fact::Reported(Report { correlation: Some(correlation.to_owned()), parent, ..report })
    };
    let first = Some(EventId { origin: A, seq: 1 });
    let told = vec![
        event(A, 1, 1, belongs("one", None)),
        event(B, 1, 2, belongs("one", first)),
        event(A, 2, 3, belongs("two", first)),
    ];
    store.append(1, told).await;
    store.said(1).await;

    let query = EventQuery { correlation: Some("one".into()), limit: 9, ..EventQuery::default() };
    let page = store.store.query_events(&query).await.unwrap();
    assert_eq!(page.events.iter().map(|event| event.origin).collect::<Vec<_>>(), [B, A]);
    let query = EventQuery { parent: first, limit: 9, ..EventQuery::default() };
    assert_eq!(seqs(&store.store, query).await, [2, 1]);
}

#[tokio::test]
async fn pages_in_both_orders_hold_each_event_of_one_stamp_once() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    // Two nodes, and a clock that gave one of them a stamp twice.
    let told = (1..=5).flat_map(|seq| [event(A, seq, 7, started()), event(B, seq, 7, started())]);
    store.append(1, told.collect()).await;
    store.said(1).await;

    for order in [Order::Newest, Order::Oldest] {
        let mut query = EventQuery { order, limit: 3, ..EventQuery::default() };
        let mut seen = Vec::new();
        loop {
            let page = store.store.query_events(&query).await.unwrap();
            seen.extend(page.events.iter().map(|event| (event.origin, event.seq)));
            let Some(next) = page.next else { break };
            query.after = Some(next);
        }
        let mut expected: Vec<_> =
            [A, B].into_iter().flat_map(|node| (1..=5).map(move |seq| (node, seq))).collect();
        if order == Order::Newest {
            expected.reverse();
        }
        assert_eq!(seen, expected, "{order:?}");
    }
}

async fn seqs(store: &Store, query: EventQuery) -> Vec<u64> {
    let page = store.query_events(&query).await.unwrap();
    page.events.iter().map(|event| event.seq).collect()
}

pub(super) fn report(kind: &str) -> Fact {
    Fact::Reported(Report {
        kind: EventType::new(kind).unwrap(),
        body: serde_json::Map::new(),
        correlation: None,
        parent: None,
        class: Class::Local,
        batch: None,
    })
}

/// E1: what a node lost with its disk is named by its next event, and nothing else is missing.
#[tokio::test]
async fn events_go_on_after_those_that_are_lost() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    let lost = event(B, 33, 33, Fact::EventsLost { from: 3, to: 32 });
    let told = vec![event(B, 1, 1, started()), event(B, 2, 2, started()), lost];
    store.append(1, told).await;
    store.append(2, vec![event(B, 34, 34, started())]).await;
    store.said(2).await;

    for (from, found) in [(1, vec![1, 2, 33, 34]), (3, vec![33, 34]), (20, vec![33, 34])] {
        let events = store.store.load_events(B, from, 10).await.unwrap();
        assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), found);
    }
    let check = store.store.check_events().await.unwrap();
    assert_eq!((check.events, check.faults), (4, Vec::new()));
    let own = (A, 0);
    store.store.drop_events(Expiry { own, before: Wall(3), bytes: u64::MAX }).await;
    let dropped = StoreEvent::Dropped { firsts: vec![(B, 33)], more: true };
    assert_eq!(store.said(1).await, [dropped]);
}
