//! Old events go, and no others.

use covey_logic::{
    Wall,
    event::{Fact, Report},
    event_store::{Expiry, Extent},
    node::Record,
};

use super::{A, B, Folder, Told, event, follow::drop_before, open, query::report, started};
use crate::store::StoreEvent;

#[tokio::test]
async fn too_old_events_go_from_the_first_on() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    // The fourth of A was stamped by a clock that was behind.
    let told =
        [1, 2, 9, 3, 10].into_iter().zip(1..).map(|(wall, seq)| event(A, seq, wall, started()));
    store.append(1, told.chain([event(B, 1, 20, started())]).collect()).await;
    store.said(1).await;

    let expiry = Expiry { before: Wall(5), bytes: u64::MAX, own: (B, 0) };
    store.store.drop_events(expiry).await;

    let firsts = vec![(A, 3)];
    assert_eq!(store.said(1).await, [StoreEvent::Dropped { firsts, more: true }]);
    store.close().await;
    let (_store, loaded) = open(&folder.database()).await;
    let extents = [(A, Extent { first: 3, last: 5 }), (B, Extent::up_to(1))];
    assert_eq!(loaded.event_extents, extents.into());
}

#[tokio::test]
async fn numbers_are_not_given_again_when_all_events_went() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    store.append(1, (1..=3).map(|seq| event(A, seq, seq, started())).collect()).await;
    store.said(1).await;
    drop_before(&mut store, 100).await;
    store.close().await;

    let (_store, loaded) = open(&folder.database()).await;

    assert_eq!(loaded.event_extents, [(A, Extent { first: 4, last: 3 })].into());
    assert!(loaded.events.is_empty());
}

#[tokio::test]
async fn own_events_that_nobody_else_has_stay_whatever_they_take() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    store.append(1, (1..=9).map(|seq| event(A, seq, seq, started())).collect()).await;
    store.said(1).await;

    let dropped = shrink(&mut store, Expiry { before: Wall(99), bytes: 0, own: (A, 4) }).await;

    assert_eq!(dropped.last(), Some(&(A, 5)));
    assert_eq!(store.store.event_statistics().await.unwrap().origins[0].first, 5);
}

#[tokio::test]
async fn events_take_what_they_may_and_the_file_shrinks_with_them() {
    const LIMIT: u64 = 4 << 20;
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    for batch in 0..30_u64 {
        let told = (1..=1_000).map(|i| event(A, batch * 1_000 + i, batch * 1_000 + i, large()));
        store.append(batch, told.collect()).await;
    }
    store.said(30).await;
    assert!(store.store.event_statistics().await.unwrap().bytes > 2 * LIMIT);

    let expiry = Expiry { before: Wall(0), bytes: LIMIT, own: (A, u64::MAX) };
    let dropped = shrink(&mut store, expiry).await;

    let kept = store.store.event_statistics().await.unwrap();
    assert!(kept.bytes <= LIMIT, "{kept:?}");
    assert!(kept.bytes >= LIMIT - LIMIT / 10, "{kept:?}");
    assert_eq!(kept.origins[0].last, 30_000);
    assert_eq!(Some(&(A, kept.origins[0].first)), dropped.last());
    store.close().await;
    let file = std::fs::metadata(folder.database()).unwrap().len();
    assert!(file <= LIMIT + LIMIT / 10, "{file}");
    let (store, _) = open(&folder.database()).await;
    assert_eq!(store.store.check_events().await.unwrap().faults, Vec::<String>::new());
}

#[tokio::test]
async fn growth_is_told_once_until_old_events_were_looked_at() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    let expiry = Expiry { before: Wall(0), bytes: 1 << 20, own: (A, 0) };
    store.store.drop_events(expiry).await;
    store.said(1).await;

    for seq in 1..=1_000 {
        store.append(seq, vec![event(A, seq, seq, large())]).await;
    }

    let said = store.said(1_001).await;
    assert_eq!(said.iter().filter(|said| **said == StoreEvent::Grown).count(), 1);
}

#[tokio::test]
async fn events_that_are_gone_everywhere_leave_no_gap() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    store.append(1, (1..=3).map(|seq| event(B, seq, seq, started())).collect()).await;
    let start = Record::EventsFrom { origin: B, first: 8 };
    store.append(2, vec![start, event(B, 8, 8, started())]).await;
    store.said(2).await;

    assert_eq!(store.store.check_events().await.unwrap().faults, Vec::<String>::new());
    store.close().await;
    let (_store, loaded) = open(&folder.database()).await;
    assert_eq!(loaded.event_extents, [(B, Extent { first: 8, last: 8 })].into());
}

/// Drops until there is no more to drop; gives the firsts that were told.
async fn shrink(store: &mut Told, expiry: Expiry) -> Vec<(covey_logic::NodeId, u64)> {
    let mut all = Vec::new();
    loop {
        store.store.drop_events(expiry).await;
        for said in store.said(1).await {
            match said {
                StoreEvent::Dropped { firsts, more } => {
                    all.extend(firsts);
                    if !more {
                        return all;
                    }
                }
                StoreEvent::Grown => {}
                StoreEvent::Appended { .. }
                | StoreEvent::Failed { .. }
                | StoreEvent::Mended
                | StoreEvent::Overrun => panic!("{said:?}"),
            }
        }
    }
}

fn large() -> Fact {
    let Fact::Reported(report) = report("shop.order") else { panic!("not told") };
    let body = serde_json::json!({ "text": "x".repeat(200) });
    Fact::Reported(Report { body: body.as_object().cloned().unwrap(), ..report })
}
