//! A store whose disk takes no writes for a while.

use std::time::Duration;

use covey_logic::{Ticket, event_store::Extent};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::mpsc;

use super::{A, Folder, Store, StoreEvent, Told, appended, event, open, started, writing};

/// Another process holds the database: what is appended fails, and is written in its order and
/// acknowledged once it lets go.
#[tokio::test]
async fn what_was_refused_is_written_once_the_disk_takes_it() {
    let folder = Folder::new();
    let options = writing(&folder.database()).busy_timeout(Duration::from_millis(10));
    let (events, said) = mpsc::channel(16);
    let (store, _) = Store::open_with((&folder.database(), A), events, options).await.unwrap();
    let mut store = Told { store, said };
    let mut other = writing(&folder.database()).connect().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();

    store.append(1, vec![event(A, 1, 1, started())]).await;
    store.append(2, vec![event(A, 2, 2, started())]).await;
    for (ticket, said) in [1, 2].into_iter().zip(store.said(2).await) {
        assert!(matches!(&said, StoreEvent::Failed { ticket: of, .. } if *of == Ticket(ticket)));
    }
    assert!(store.store.trouble().is_some());
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    other.close().await.unwrap();

    assert_eq!(store.said(3).await, [appended(1), appended(2), StoreEvent::Mended]);
    assert!(store.store.trouble().is_none());
    store.append(3, vec![event(A, 3, 3, started())]).await;
    assert_eq!(store.said(1).await, [appended(3)]);
    store.close().await;
    let (_store, loaded) = open(&folder.database()).await;
    assert_eq!(loaded.event_extents.get(&A), Some(&Extent::up_to(3)));
}

/// As many events wait as may, and one more is said to be too much; none of them is lost by that.
#[tokio::test]
async fn what_waits_for_the_disk_is_bounded() {
    const MOST: u64 = 200_000;
    let folder = Folder::new();
    let options = writing(&folder.database()).busy_timeout(Duration::from_millis(10));
    let (events, said) = mpsc::channel(16);
    let (store, _) = Store::open_with((&folder.database(), A), events, options).await.unwrap();
    let mut store = Told { store, said };
    let mut other = writing(&folder.database()).connect().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();

    store.append(1, (1..=MOST).map(|seq| event(A, seq, seq, started())).collect()).await;
    assert!(matches!(store.said(1).await[..], [StoreEvent::Failed { .. }]));
    store.append(2, vec![event(A, MOST + 1, 1, started())]).await;

    let said = store.said(2).await;
    assert!(matches!(said[..], [StoreEvent::Failed { .. }, StoreEvent::Overrun]), "{said:?}");
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    assert_eq!(store.said(3).await, [appended(1), appended(2), StoreEvent::Mended]);
    store.close().await;
    let (_store, loaded) = open(&folder.database()).await;
    assert_eq!(loaded.event_extents.get(&A), Some(&Extent::up_to(MOST + 1)));
}
