//! A store on a real file: what it keeps, what it refuses, what it says when it fails.

mod aside;
mod check;
mod follow;
mod format;
mod query;
mod refused;
mod retention;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use covey_logic::{
    Name, NodeId, Ticket, Wall,
    agent::{ExitReason, Phase},
    coordination::Terms,
    event::{EventRecord, Fact},
    event_store::Extent,
    hlc::Stamp,
    merged::LocalVariable,
    node::Record,
    replica::{Shared, SharedKey},
};
use tokio::sync::mpsc;

use super::{Loaded, Store, StoreError, StoreEvent, open::writing};

const A: NodeId = NodeId([1; 32]);
const B: NodeId = NodeId([2; 32]);

#[tokio::test]
async fn what_was_appended_is_there_after_reopening() {
    let folder = Folder::new();
    let (mut store, loaded) = open(&folder.database()).await;
    assert!(loaded.shared.is_empty() && loaded.events.is_empty() && loaded.profile.is_none());

    let addresses = vec![(B, vec!["/ip4/10.0.0.2/tcp/1".to_owned()], vec![])];
    store.save_addresses(addresses.clone()).await;
    store.append(1, vec![revoked(A, 5), event(A, 1, 10, started())]).await;
    store.append(2, vec![event(A, 2, 20, started()), event(B, 1, 15, started())]).await;
    assert_eq!(store.said(2).await, [appended(1), appended(2)]);
    store.close().await;

    let (_store, loaded) = open(&folder.database()).await;
    assert_eq!(loaded.shared, [(SharedKey::Revoked(A), stamp(A, 5), Shared::Revoked)]);
    assert_eq!(loaded.event_extents, [(A, Extent::up_to(2)), (B, Extent::up_to(1))].into());
    let order: Vec<_> = loaded.events.iter().map(|event| (event.origin, event.seq)).collect();
    assert_eq!(order, [(A, 1), (B, 1), (A, 2)]);
    assert_eq!(loaded.addresses, addresses);
}

#[tokio::test]
async fn acknowledged_records_outlive_a_crash() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    store.append(1, vec![event(A, 1, 10, started())]).await;
    assert_eq!(store.said(1).await, [appended(1)]);

    // What the disk holds at this moment, with nothing closed.
    let crashed = Folder::new();
    for end in ["", "-wal"] {
        let name = |path: PathBuf| PathBuf::from(format!("{}{end}", path.display()));
        std::fs::copy(name(folder.database()), name(crashed.database())).unwrap();
    }

    let (_store, loaded) = open(&crashed.database()).await;
    assert_eq!(loaded.event_extents.get(&A), Some(&Extent::up_to(1)));
}

#[tokio::test]
async fn closed_store_is_one_file_though_handles_remain() {
    let folder = Folder::new();
    let (store, _) = open(&folder.database()).await;
    let handle = store.store.clone();
    store.append(1, vec![event(A, 1, 10, started())]).await;

    store.close().await;

    let log = PathBuf::from(format!("{}-wal", folder.database().display()));
    assert!(!log.exists());
    assert!(handle.next_incarnation().await.is_err());
}

#[tokio::test]
async fn later_value_of_a_key_stands() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;

    store.append(1, vec![revoked(A, 1), revoked(B, 2)]).await;
    store.append(2, vec![deleted(A, 3)]).await;
    store.said(2).await;
    store.append(3, vec![deleted(B, 4), revoked(B, 5)]).await;
    store.said(1).await;
    store.close().await;

    let (_store, mut loaded) = open(&folder.database()).await;
    loaded.shared.sort_by_key(|(key, ..)| key.clone());
    assert_eq!(
        loaded.shared,
        [
            (SharedKey::Revoked(A), stamp(A, 3), Shared::Deleted),
            (SharedKey::Revoked(B), stamp(B, 5), Shared::Revoked),
        ]
    );
}

#[tokio::test]
async fn clearing_forgets_shared_values_before_it_alone() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;

    store.append(1, vec![revoked(A, 1), event(A, 1, 1, started())]).await;
    store.append(2, vec![revoked(A, 2), Record::ClearShared, revoked(B, 3)]).await;
    store.said(2).await;
    store.close().await;

    let (_store, loaded) = open(&folder.database()).await;
    assert_eq!(loaded.shared, [(SharedKey::Revoked(B), stamp(B, 3), Shared::Revoked)]);
    assert_eq!(loaded.event_extents.get(&A), Some(&Extent::up_to(1)));
}

/// C1: who enters another cluster begins as another writer there, with its own variables.
#[tokio::test]
async fn clearing_forgets_the_writer_and_keeps_the_variables_of_this_node() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    let name = |text| Name::new(text).unwrap();
    let own = LocalVariable { value: "a".to_owned(), version: 3, terms: Terms::default() };
    let since = |wall| Record::WritesSince((Wall(wall), 7));
    let local = |text, own: Option<&LocalVariable>| Record::Local(name(text), own.cloned());

    store.append(1, vec![since(1), local("kept", Some(&own)), local("gone", Some(&own))]).await;
    store.said(1).await;
    store.append(2, vec![local("gone", None)]).await;
    store.said(1).await;
    store.close().await;
    let (mut store, loaded) = open(&folder.database()).await;
    assert_eq!(loaded.writes_since, Some((Wall(1), 7)));
    store.append(3, vec![Record::ClearShared]).await;
    store.said(1).await;
    store.close().await;

    let (_store, loaded) = open(&folder.database()).await;
    assert_eq!((loaded.writes_since, loaded.locals), (None, vec![(name("kept"), own)]));
}

/// K40: versions count within an incarnation, and an incarnation never repeats.
#[tokio::test]
async fn incarnation_counts_up_over_restarts() {
    let folder = Folder::new();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let (store, _) = open(&folder.database()).await;
        seen.push(store.next_incarnation().await.unwrap().0);
        seen.push(store.next_incarnation().await.unwrap().0);
        store.close().await;
    }

    assert_eq!(seen, [1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn full_disk_fails_this_append_whole_and_every_later_one() {
    let folder = Folder::new();
    let (events, said) = mpsc::channel(16);
    let options = writing(&folder.database()).pragma("max_page_count", "60");
    let (store, _) = Store::open_with((&folder.database(), A), events, options).await.unwrap();
    let mut store = Told { store, said };

    store.append(1, vec![event(A, 1, 1, started())]).await;
    assert_eq!(store.said(1).await, [appended(1)]);
    let many = (2..5_000).map(|seq| event(A, seq, seq, started())).collect();
    store.append(2, many).await;
    store.append(3, vec![event(A, 5_000, 5_000, started())]).await;

    for (ticket, said) in [2, 3].into_iter().zip(store.said(2).await) {
        let StoreEvent::Failed { ticket: of, reason } = said else { panic!("{said:?}") };
        assert_eq!(of, Ticket(ticket));
        assert!(reason.contains("full"), "{reason}");
    }
    store.close().await;
    let (_store, loaded) = open(&folder.database()).await;
    assert_eq!(loaded.event_extents.get(&A), Some(&Extent::up_to(1)));
}

#[tokio::test]
async fn file_that_is_no_database_is_refused_and_left_alone() {
    let folder = Folder::new();
    let garbage = b"this is not a database; ".repeat(1_000);
    std::fs::write(folder.database(), &garbage).unwrap();

    let refused = Store::open(&folder.database(), A, mpsc::channel(1).0).await.unwrap_err();

    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused:?}");
    assert_eq!(std::fs::read(folder.database()).unwrap(), garbage);
}

#[tokio::test]
async fn damaged_page_is_refused_and_left_alone() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    store.append(1, (1..500).map(|seq| event(A, seq, seq, started())).collect()).await;
    store.said(1).await;
    store.close().await;
    closed(&folder.database()).await;
    let mut bytes = std::fs::read(folder.database()).unwrap();
    bytes[4_096..].fill(0x5a);
    std::fs::write(folder.database(), &bytes).unwrap();

    let refused = Store::open(&folder.database(), A, mpsc::channel(1).0).await.unwrap_err();

    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused:?}");
    assert_eq!(std::fs::read(folder.database()).unwrap(), bytes);
}

#[tokio::test]
async fn row_that_does_not_decode_counts_as_damage() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    store.append(1, vec![revoked(A, 1)]).await;
    store.said(1).await;
    store.close().await;
    edit(&folder.database(), "UPDATE shared SET value = x'ff'").await;

    let refused = Store::open(&folder.database(), A, mpsc::channel(1).0).await.unwrap_err();

    assert_eq!(
        refused.to_string(),
        format!(
            "the database {} is damaged; `covey store set-aside` lets an empty one begin, which the \
             other members fill",
            folder.database().display()
        )
    );
}

#[tokio::test]
async fn database_of_a_later_covey_is_refused_and_left_alone() {
    let folder = Folder::new();
    let (store, _) = open(&folder.database()).await;
    store.close().await;
    edit(&folder.database(), "PRAGMA user_version = 99").await;
    let before = std::fs::read(folder.database()).unwrap();

    let refused = Store::open(&folder.database(), A, mpsc::channel(1).0).await.unwrap_err();

    assert!(matches!(refused, StoreError::TooNew { found: 99, known: 6, .. }), "{refused:?}");
    assert_eq!(std::fs::read(folder.database()).unwrap(), before);
}

#[tokio::test]
async fn unread_acknowledgements_do_not_stop_appends() {
    let folder = Folder::new();
    let (events, said) = mpsc::channel(1);
    let (store, _) = Store::open(&folder.database(), A, events).await.unwrap();
    let mut store = Told { store, said };

    for ticket in 0..10_000 {
        store.append(ticket, vec![event(A, ticket + 1, ticket, started())]).await;
    }

    let expected: Vec<_> = (0..10_000).map(appended).collect();
    assert_eq!(store.said(10_000).await, expected);
}

/// A folder that goes away with the test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn database(&self) -> PathBuf {
        self.0.path().join("covey.db")
    }
}

/// A store and what it says.
struct Told {
    store: Store,
    said: mpsc::Receiver<StoreEvent>,
}

impl Told {
    async fn append(&self, ticket: u64, records: Vec<Record>) {
        self.store.append(Ticket(ticket), records).await;
    }

    async fn save_addresses(&self, addresses: Vec<super::KnownAddresses>) {
        self.store.save_addresses(addresses).await;
    }

    async fn next_incarnation(&self) -> Result<covey_logic::Incarnation, StoreError> {
        self.store.next_incarnation().await
    }

    async fn said(&mut self, count: usize) -> Vec<StoreEvent> {
        let mut said = Vec::new();
        while said.len() < count {
            said.push(self.said.recv().await.unwrap());
        }
        said
    }

    async fn close(self) {
        self.store.close().await;
    }
}

async fn open(path: &Path) -> (Told, Loaded) {
    let (events, said) = mpsc::channel(16);
    let (store, loaded) = Store::open(path, A, events).await.unwrap();
    (Told { store, said }, loaded)
}

/// Events at 10 to 50, of both nodes and of three kinds.
async fn with_history(folder: &Folder) -> Told {
    let (mut store, _) = open(&folder.database()).await;
    let error = "No such file: 100 percent".to_owned();
    let exited = Fact::AgentExited {
        name: name("greeter"),
        reason: ExitReason::NotStarted { error },
        next: Phase::Failed,
    };
    let records = vec![
        event(A, 1, 10, started()),
        event(A, 2, 20, Fact::AgentStarted { name: name("greeter") }),
        event(B, 1, 30, Fact::AgentStarted { name: name("other") }),
        event(A, 3, 40, exited),
        event(B, 2, 50, started()),
    ];
    store.append(1, records).await;
    store.said(1).await;
    store
}

/// Waits until nobody holds the database, which SQLite shows by removing its log.
async fn closed(path: &Path) {
    let log = PathBuf::from(format!("{}-wal", path.display()));
    while log.exists() {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

async fn edit(path: &Path, sql: &'static str) {
    use sqlx::ConnectOptions as _;

    closed(path).await;
    let mut connection = writing(path).connect().await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
}

async fn plan(path: &Path, sql: &str) -> String {
    use sqlx::ConnectOptions as _;

    let mut connection = writing(path).connect().await.unwrap();
    let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
    let rows: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(sql).fetch_all(&mut connection).await.unwrap();
    rows.into_iter().map(|(.., detail)| detail).collect::<Vec<_>>().join("; ")
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn started() -> Fact {
    Fact::NodeStarted { version: "0.1.0".to_owned() }
}

fn stamp(node: NodeId, wall: u64) -> Stamp {
    Stamp { wall: Wall(wall), counter: 0, node }
}

fn event(origin: NodeId, seq: u64, wall: u64, fact: Fact) -> Record {
    let stamp = stamp(origin, wall);
    Record::Event(Arc::new(EventRecord { origin, seq, stamp, actor: None, fact }))
}

fn revoked(node: NodeId, wall: u64) -> Record {
    let key = SharedKey::Revoked(node);
    Record::Shared { key, stamp: stamp(node, wall), value: Shared::Revoked }
}

fn deleted(node: NodeId, wall: u64) -> Record {
    let key = SharedKey::Revoked(node);
    Record::Shared { key, stamp: stamp(node, wall), value: Shared::Deleted }
}

fn appended(ticket: u64) -> StoreEvent {
    StoreEvent::Appended { ticket: Ticket(ticket) }
}
