//! Stored events that are not as they were written are found.

use super::{A, Folder, event, open, query::report, started};

#[tokio::test]
async fn sound_events_have_no_faults() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    store.append(1, vec![event(A, 1, 1, started()), event(A, 2, 2, report("a.b"))]).await;
    store.said(1).await;

    let check = store.store.check_events().await.unwrap();

    assert_eq!((check.events, check.faults), (2, Vec::new()));
}

#[tokio::test]
async fn every_kind_of_damage_is_named() {
    for (damage, word) in [
        ("DELETE FROM event WHERE seq = 2", "should be there"),
        ("UPDATE event SET fact = '{' WHERE seq = 2", "is not what was written"),
        ("UPDATE event SET fact = '{', sum = NULL WHERE seq = 2", "is no event"),
        ("UPDATE event SET wall = 3 WHERE seq = 2", "is not what was written"),
        ("UPDATE event SET actor = origin WHERE seq = 2", "is not what was written"),
        ("UPDATE event SET kind = 2 WHERE seq = 1", "say otherwise"),
        ("UPDATE event SET correlation = 'x' WHERE seq = 2", "say otherwise"),
        ("UPDATE node SET last = 9", "should be there"),
    ] {
        let folder = Folder::new();
        let (mut store, _) = open(&folder.database()).await;
        let told = vec![
            event(A, 1, 1, report("a.b")),
            event(A, 2, 2, report("a.c")),
            event(A, 3, 3, report("a.b")),
        ];
        store.append(1, told).await;
        store.said(1).await;
        edit_beside(&folder, damage).await;

        let check = store.store.check_events().await.unwrap();

        assert!(check.faults.iter().any(|fault| fault.contains(word)), "{damage}: {check:?}");
    }
}

/// Does it while the store is open, as a disk that rots would.
async fn edit_beside(folder: &Folder, sql: &'static str) {
    use sqlx::ConnectOptions as _;

    let mut connection = crate::store::open::writing(&folder.database()).connect().await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
}
