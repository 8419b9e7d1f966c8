//! A database of an earlier format is taken over whole.

use std::sync::Arc;

use covey_logic::{event::EventRecord, event_store::Extent, node::Record, wire};
use sqlx::ConnectOptions as _;
use tokio::sync::mpsc;

use super::{A, B, Folder, event, open, started};
use crate::store::{EventQuery, Store, StoreError, open::writing};

#[tokio::test]
async fn events_of_format_2_are_there_in_format_3() {
    let folder = Folder::new();
    let told = vec![
        event(A, 1, 10, started()),
        event(B, 1, 15, covey_logic::event::Fact::AgentStarted { name: super::name("greeter") }),
        event(A, 2, 20, started()),
    ];
    let told: Vec<Arc<EventRecord>> = told.into_iter().map(event_in).collect();
    write_format_2(&folder, &told).await;

    let (store, loaded) = open(&folder.database()).await;

    assert_eq!(loaded.events, told);
    let extents = [(A, Extent::up_to(2)), (B, Extent::up_to(1))];
    assert_eq!(loaded.event_extents, extents.into());
    let query =
        EventQuery { agent: Some(super::name("greeter")), limit: 5, ..EventQuery::default() };
    assert_eq!(store.store.query_events(&query).await.unwrap().events, [Arc::clone(&told[1])]);
    let check = store.store.check_events().await.unwrap();
    assert_eq!((check.events, check.faults), (3, Vec::new()));
}

#[tokio::test]
async fn event_of_format_2_that_does_not_read_counts_as_damage() {
    let folder = Folder::new();
    write_format_2(&folder, &[event_in(event(A, 1, 10, started()))]).await;
    super::edit(&folder.database(), "UPDATE event SET body = x'ff'").await;

    let refused = Store::open(&folder.database(), A, mpsc::channel(1).0).await.unwrap_err();

    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused:?}");
}

async fn write_format_2(folder: &Folder, events: &[Arc<EventRecord>]) {
    let mut connection = writing(&folder.database()).connect().await.unwrap();
    for step in [
        include_str!("../../../migrations/0001_first.sql"),
        include_str!("../../../migrations/0002_snapshot.sql"),
        "PRAGMA user_version = 2",
    ] {
        sqlx::raw_sql(step).execute(&mut connection).await.unwrap();
    }
    for event in events {
        sqlx::query(
            "INSERT INTO event (origin, seq, wall, counter, kind, agent, words, body) \
             VALUES (?, ?, ?, 0, 'x', NULL, '', ?)",
        )
        .bind(event.origin.0.to_vec())
        .bind(i64::try_from(event.seq).unwrap())
        .bind(i64::try_from(event.stamp.wall.0).unwrap())
        .bind(wire::encode(event.as_ref()))
        .execute(&mut connection)
        .await
        .unwrap();
    }
    sqlx::Connection::close(connection).await.unwrap();
}

fn event_in(record: Record) -> Arc<EventRecord> {
    if let Record::Event(event) = record { event } else { panic!("{record:?} is no event") }
}
