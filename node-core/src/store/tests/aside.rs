//! Databases that are damaged, cut off or gone: found when they are opened, set aside, begun anew.

use std::{fs, path::Path};

use covey_logic::{Wall, certificate::Certificate, event_store::EventStore, node::Profile};
use ed25519_dalek::SigningKey;

use super::{
    A, B, Extent, Folder, Loaded, Record, Shared, SharedKey, Store, StoreError, StoreEvent, Told,
    appended, closed, edit, event, mpsc, open, query::report, revoked, stamp, started,
};
use crate::store::{Damage, SetAsideError, StoreTrouble, set_aside};

/// When databases are set aside.
const NOW: Wall = Wall(1_700_000_000_000);

/// What the node needs to come back is there, and no number was given before.
#[tokio::test]
async fn empty_database_begins_with_what_the_keepsake_holds() {
    let folder = Folder::new();
    let before = filled(&folder).await;
    spoil(&folder);

    let done = set_aside(&folder.database(), A, NOW).await.unwrap();

    assert!(done.knows_cluster);
    assert!(done.path.is_some_and(|path| path.exists()));
    let (mut store, loaded) = open(&folder.database()).await;
    assert_eq!(loaded.profile, Some(profile()));
    let member = (SharedKey::Revoked(B), stamp(A, 7), Shared::Revoked);
    assert_eq!(loaded.shared, [member], "specifications and the like come from the others");
    assert_eq!(loaded.addresses, [(B, vec!["/ip4/10.0.0.2/tcp/1".to_owned()], vec![])]);
    assert!(loaded.event_extents.is_empty());
    assert!((4..100).contains(&loaded.events_from), "{}", loaded.events_from);
    assert!(store.next_incarnation().await.unwrap() > before);
    store.append(1, vec![event(A, 1, 1, started())]).await;
    assert_eq!(store.said(1).await, [appended(1)]);
    store.close().await;

    let (_store, again) = open(&folder.database()).await;
    assert_eq!(again.events_from, loaded.events_from, "until it told of more");
}

#[tokio::test]
async fn whole_database_is_not_set_aside() {
    let folder = Folder::new();
    filled(&folder).await;

    let refused = set_aside(&folder.database(), A, NOW).await;

    assert!(matches!(refused, Err(SetAsideError::Whole)), "{refused:?}");
    let (_store, loaded) = open(&folder.database()).await;
    assert_eq!(loaded.event_extents[&A], Extent::up_to(3));
}

/// The clock stands in for what is lost.
#[tokio::test]
async fn without_a_keepsake_numbers_come_from_the_clock() {
    for spoilt in [None, Some("garbage")] {
        let folder = Folder::new();
        filled(&folder).await;
        spoil(&folder);
        let keepsake = folder.database().with_file_name("keepsake");
        match spoilt {
            None => fs::remove_file(keepsake).unwrap(),
            Some(garbage) => fs::write(keepsake, garbage).unwrap(),
        }

        let done = set_aside(&folder.database(), A, NOW).await.unwrap();

        assert!(!done.knows_cluster);
        let (store, loaded) = open(&folder.database()).await;
        assert_eq!(loaded.events_from, NOW.0 * 1_000 + 1);
        assert_eq!(store.next_incarnation().await.unwrap().0, NOW.0 + 1);
        assert!(loaded.profile.is_none());
    }
}

#[tokio::test]
async fn two_that_were_set_aside_are_kept() {
    let folder = Folder::new();
    for time in 0..4 {
        filled(&folder).await;
        spoil(&folder);
        set_aside(&folder.database(), A, Wall(NOW.0 + time)).await.unwrap();
    }

    let aside = fs::read_dir(folder.0.path()).unwrap();
    let names = aside.map(|it| it.unwrap().file_name().into_string().unwrap());
    let aside = names.filter(|name| name.contains("-damaged-") && !name.ends_with("-wal"));
    assert_eq!(aside.filter(|name| !name.ends_with("-shm")).count(), 2);
}

/// A database that is not there is no first start, unless it was set aside.
#[tokio::test]
async fn database_that_is_gone_or_empty_is_refused() {
    for cut in [None, Some(0)] {
        let folder = Folder::new();
        filled(&folder).await;
        match cut {
            None => fs::remove_file(folder.database()).unwrap(),
            Some(length) => cut_off(&folder.database(), length),
        }

        assert!(matches!(refused(&folder).await, Damage::Gone), "{cut:?}");
        set_aside(&folder.database(), A, NOW).await.unwrap();
        let (_store, loaded) = open(&folder.database()).await;
        assert_eq!(loaded.profile, Some(profile()));
    }
}

/// An older copy would give numbers twice.
#[tokio::test]
async fn older_copy_of_a_database_is_refused() {
    let folder = Folder::new();
    filled(&folder).await;
    let older = fs::read(folder.database()).unwrap();
    let (store, _) = open(&folder.database()).await;
    store.next_incarnation().await.unwrap();
    store.close().await;
    closed(&folder.database()).await;

    fs::write(folder.database(), older).unwrap();

    assert!(matches!(refused(&folder).await, Damage::Older));
}

/// What was written since the start lies in a log beside the database; without it, the database is
/// an older one.
#[tokio::test]
async fn log_that_is_cut_off_is_an_older_database() {
    let folder = Folder::new();
    filled(&folder).await;
    let (mut store, _) = open(&folder.database()).await;
    store.next_incarnation().await.unwrap();
    store.append(1, vec![event(A, 4, 4, started())]).await;
    store.said(1).await;
    let crashed = Folder::new();
    for file in ["covey.db", "covey.db-wal", "keepsake"] {
        fs::copy(folder.0.path().join(file), crashed.0.path().join(file)).unwrap();
    }

    cut_off(&crashed.0.path().join("covey.db-wal"), 100);

    assert!(matches!(refused(&crashed).await, Damage::Older));
}

/// Others were told of events only once they were here, so a database without them lost its end.
#[tokio::test]
async fn database_that_lacks_own_events_of_others_is_refused_from_then_on() {
    let folder = Folder::new();
    filled(&folder).await;
    let (mut store, _) = open(&folder.database()).await;

    store.store.forgot(5).await;

    until_damaged(&store).await;
    let Some(StoreTrouble::Damaged { reason }) = store.store.trouble() else { panic!("sound") };
    assert!(reason.contains("number 5") && reason.contains("up to 3"), "{reason}");
    store.append(1, vec![event(A, 4, 4, started())]).await;
    assert!(matches!(&store.said(1).await[0], StoreEvent::Failed { .. }));
    store.close().await;
    closed(&folder.database()).await;
    assert!(matches!(refused(&folder).await, Damage::Older));
    set_aside(&folder.database(), A, NOW).await.unwrap();
    let (_store, loaded) = open(&folder.database()).await;
    assert!(loaded.events_from > 5, "{}", loaded.events_from);
}

/// A bit of an event that leaves it readable.
#[tokio::test]
async fn event_that_says_something_else_is_found() {
    let folder = Folder::new();
    filled(&folder).await;
    let (mut store, _) = open(&folder.database()).await;
    let many = 8 + EventStore::RECENT_CAPACITY as u64;
    store.append(1, (4..many).map(|seq| event(A, seq, seq, report("a.b"))).collect()).await;
    store.said(1).await;
    assert_eq!(store.store.fault_in_events().await, None);
    store.close().await;
    closed(&folder.database()).await;

    let change = "UPDATE event SET fact = replace(fact, 'a.b', 'a.c') WHERE seq = 5";
    edit(&folder.database(), change).await;
    let (store, _) = open(&folder.database()).await;
    let fault = store.store.fault_in_events().await.unwrap();
    assert!(fault.contains("not what was written"), "{fault}");
    assert!(store.store.load_events(A, 1, 20).await.is_err());
    until_damaged(&store).await;
    store.close().await;
    closed(&folder.database()).await;

    set_aside(&folder.database(), A, NOW).await.unwrap();
}

/// A bit in the middle of each page, and at its head: found, or of no matter to what is read.
#[tokio::test]
async fn database_with_a_flipped_bit_or_cut_off_is_refused_or_whole() {
    let folder = Folder::new();
    filled(&folder).await;
    let (_store, whole) = open(&folder.database()).await;
    let bytes = fs::read(folder.database()).unwrap();
    let mut found = 0;

    for place in (0..bytes.len()).step_by(1_021) {
        let mut spoilt = bytes.clone();
        spoilt[place] ^= 0x10;
        let copy = copy_of(&folder, &spoilt);
        match Store::open(&copy.database(), A, mpsc::channel(1).0).await {
            Ok((_, loaded)) => {
                assert_eq!(loaded.profile, whole.profile, "byte {place}");
                assert_eq!(loaded.shared, whole.shared, "byte {place}");
                let extents =
                    |loaded: &Loaded| loaded.event_extents.values().copied().collect::<Vec<_>>();
                assert_eq!(extents(&loaded), extents(&whole), "byte {place}");
            }
            Err(error) => {
                assert!(matches!(error, StoreError::Damaged { .. }), "byte {place}: {error:?}");
                found += 1;
            }
        }
    }
    assert!(found > 0, "no bit is of matter");

    let cut = copy_of(&folder, &bytes[..bytes.len() / 2]);
    let refused = Store::open(&cut.database(), A, mpsc::channel(1).0).await;
    assert!(matches!(refused, Err(StoreError::Damaged { .. })), "{refused:?}");
}

/// Damage that is found while the node runs: it says so, and writes no more.
#[tokio::test]
async fn damage_found_while_reading_ends_all_writing() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    store.append(1, (1..2_000).map(|seq| event(A, seq, seq, report("a.b"))).collect()).await;
    store.said(1).await;
    store.close().await;
    closed(&folder.database()).await;
    let (mut store, _) = open(&folder.database()).await;
    let mut bytes = fs::read(folder.database()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0x5a);
    fs::write(folder.database(), bytes).unwrap();

    let read = store.store.check_events().await;
    assert!(store.store.load_events(A, 1, 1_999).await.is_err(), "{read:?}");
    until_damaged(&store).await;
    store.append(2, vec![event(A, 2_000, 1, started())]).await;

    let said = store.said(1).await;
    let StoreEvent::Failed { reason, .. } = &said[0] else { panic!("{said:?}") };
    assert!(reason.contains("damaged"), "{reason}");
}

async fn until_damaged(store: &Told) {
    for _ in 0..1_000 {
        if matches!(store.store.trouble(), Some(StoreTrouble::Damaged { .. })) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("{:?}", store.store.trouble());
}

/// A database of a node that lived and told of three events; the last life.
async fn filled(folder: &Folder) -> covey_logic::Incarnation {
    let (mut store, loaded) = open(&folder.database()).await;
    let incarnation = store.next_incarnation().await.unwrap();
    let next = loaded.event_extents.get(&A).map_or(1, Extent::next);
    let mut records = vec![Record::Profile(profile()), revoked_by_a(), spec()];
    records.extend((next..next + 3).map(|seq| event(A, seq, seq, started())));
    store.save_addresses(vec![(B, vec!["/ip4/10.0.0.2/tcp/1".to_owned()], vec![])]).await;
    store.append(1, records).await;
    assert_eq!(store.said(1).await, [appended(1)]);
    store.close().await;
    closed(&folder.database()).await;
    incarnation
}

fn profile() -> Profile {
    Profile {
        name: "amber-otter".to_owned(),
        labels: [("rack".to_owned(), "1".to_owned())].into(),
        programs: covey_logic::agent::Programs::Own,
        certificate: Certificate::found(&SigningKey::from_bytes(&[3; 32]), A, Wall(5)),
        cluster_name: "otters".to_owned(),
        founded: Wall(5),
    }
}

fn revoked_by_a() -> Record {
    let Record::Shared { value, .. } = revoked(B, 7) else { panic!("no shared value") };
    Record::Shared { key: SharedKey::Revoked(B), stamp: stamp(A, 7), value }
}

fn spec() -> Record {
    let key = SharedKey::Cleanup("lab".to_owned());
    Record::Shared { key, stamp: stamp(A, 8), value: Shared::Deleted }
}

fn spoil(folder: &Folder) {
    let mut bytes = fs::read(folder.database()).unwrap();
    bytes[4_096..].fill(0x5a);
    fs::write(folder.database(), bytes).unwrap();
}

fn cut_off(path: &Path, length: u64) {
    fs::OpenOptions::new().write(true).open(path).unwrap().set_len(length).unwrap();
}

fn copy_of(folder: &Folder, bytes: &[u8]) -> Folder {
    let copy = Folder::new();
    fs::write(copy.database(), bytes).unwrap();
    fs::copy(folder.0.path().join("keepsake"), copy.0.path().join("keepsake")).unwrap();
    copy
}

async fn refused(folder: &Folder) -> Damage {
    let before = fs::read(folder.database()).ok();
    let refused = Store::open(&folder.database(), A, mpsc::channel(1).0).await;
    let Err(StoreError::Damaged { source, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(fs::read(folder.database()).ok(), before, "it is left alone");
    source
}
