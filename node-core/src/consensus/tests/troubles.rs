//! What nodes do whose stores are damaged.

use std::{fs, path::Path, sync::Arc};

use tempfile::TempDir;

use super::{
    CLUSTER, Done, ProposeError, Site, Standing, Surroundings, hits, id, name,
    storage::{contents, journal},
};
use crate::consensus::{Agreement, Carrier, Lineage, SetAsideError, Trouble};
use bytes::Bytes;
use covey_logic::{NodeId, agreed::Granted, certificate::Role, coordination::Act};

/// Two of three voters lost what they held: they are up and decide nothing, and the third says so at
/// once, and keeps what it has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn voters_that_lost_their_disks_count_for_no_majority() {
    let mut site = Site::new();
    site.three().await;
    assert_eq!(site.add(0, 1).await, Ok(Done::Counted { value: 1 }));
    site.until("all have it", |site| (0..3).all(|node| site.count(node) == 1)).await;
    for node in [1, 2] {
        site.stop(node).await;
        site.lose(node);
    }
    for node in [1, 2] {
        site.start(node, 3).await;
    }

    site.until("it sees itself alone", |site| {
        let view = site.view(0).unwrap();
        (view.voters_seen, view.voters_needed) == (1, 2)
    })
    .await;

    assert_eq!(site.add(0, 1).await, Err(ProposeError::NoQuorum { have: 1, need: 2 }));
    assert_eq!(site.count(0), 1);
    assert_eq!(site.group(0).recovery().await.unwrap().lost, [id(1), id(2)]);
}

/// Nobody could fill another: nothing is set aside until an admin says so.
#[tokio::test]
async fn damaged_store_of_a_node_alone_is_set_aside_by_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let node = open(&folder, 1);
    assert_eq!(add(&node).await, 1);
    node.close().await;
    spoil(&folder.path().join(CLUSTER.to_string()));

    // Its founder is gone.
    let node = start(&folder);
    look_around(&node, CLUSTER, (1, false));

    let mut trouble = node.trouble();
    let damaged = |trouble: &Option<Trouble>| matches!(trouble, Some(Trouble::Damaged { .. }));
    trouble.wait_for(damaged).await.unwrap();
    assert!(node.group().is_none());
    let begun = node.set_aside().await.unwrap();
    assert!(begun.aside.join("keyspaces").exists(), "{begun:?}");
    let next = Lineage { number: begun.lineage, ..CLUSTER };
    look_around(&node, next, (1, false));
    assert_eq!(add(&node).await, 1);
    trouble.wait_for(Option::is_none).await.unwrap();
    assert_eq!(node.group().unwrap().of(), next);
    assert!(matches!(node.set_aside().await, Err(SetAsideError::Whole)));
    node.close().await;
    let node = start(&folder);
    look_around(&node, next, (1, false));
    until_open(&node).await;
    let counted = || node.group().unwrap().look_here(|agreed| hits(agreed.coordination())).0;
    while counted() != 1 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    node.close().await;
}

/// Others can fill another: it is set aside unasked, two of them are kept, and the number is another.
#[tokio::test]
async fn damaged_store_of_a_member_is_set_aside_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(CLUSTER.to_string());
    let mut numbers = std::collections::BTreeSet::new();

    for _ in 0..4 {
        let node = open(&folder, 2);
        until_open(&node).await;
        numbers.insert(node.group().unwrap().id);
        node.close().await;
        spoil(&path);
    }

    assert_eq!(numbers.len(), 4);
    let aside = fs::read_dir(folder.path()).unwrap().filter(|entry| {
        entry.as_ref().unwrap().file_name().to_string_lossy().contains("-damaged-")
    });
    assert_eq!(aside.count(), 2);
}

/// A node whose store is lost is started anew while the others fill it: it is filled all the same, and
/// votes under the number that it has by then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restart_while_a_store_is_filled_changes_nothing() {
    let mut site = Site::new();
    site.three().await;
    for value in 1..=100 {
        assert_eq!(site.add(0, 1).await, Ok(Done::Counted { value }));
    }
    let lost = (site.leader().unwrap() + 1) % 3;
    site.stop(lost).await;
    site.lose(lost);

    for _ in 0..3 {
        site.start(lost, 3).await;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        site.stop(lost).await;
    }
    site.start(lost, 3).await;

    site.until("it has everything", |site| site.count(lost) == 100).await;
    site.until("it votes", |site| {
        let view = site.view(lost).unwrap();
        view.standing == Standing::Voter && view.members.len() == 3
    })
    .await;
    assert_eq!(site.add(lost, 1).await, Ok(Done::Counted { value: 101 }));
}

#[derive(Debug)]
struct Nobody;

impl Carrier for Nobody {
    fn carry(&self, _: NodeId, _: Bytes) -> bool {
        false
    }
}

fn open(folder: &TempDir, members: usize) -> Agreement {
    let node = start(folder);
    look_around(&node, CLUSTER, (members, true));
    node
}

fn start(folder: &TempDir) -> Agreement {
    Agreement::start(folder.path().to_owned(), id(0), Arc::new(Nobody))
}

fn look_around(node: &Agreement, of: Lineage, (members, founder): (usize, bool)) {
    let members = (0..members).map(|node| (id(node), Role::Admin)).collect();
    let lineage = of.number;
    node.look_around(of.cluster, Surroundings { members, founder, lineage, ..Default::default() });
}

async fn until_open(node: &Agreement) {
    let mut opened = node.opened();
    while node.group().is_none() {
        opened.changed().await.unwrap();
    }
}

async fn add(node: &Agreement) -> i64 {
    until_open(node).await;
    let act = Act::Add { counter: name("hits"), by: 1 };
    let granted = node.group().unwrap().propose(act, None, super::PATIENCE).await;
    assert_eq!(granted, Ok(Granted::Coordination(Done::Counted { value: 1 })));
    node.group().unwrap().look_here(|agreed| hits(agreed.coordination())).0
}

/// Flips a bit of a commit in the middle of the journal.
fn spoil(path: &Path) {
    let journal = journal(path);
    let mut bytes = contents(&journal);
    let middle = bytes.windows(4).position(|there| there == b"FJL\x03").unwrap();
    bytes[middle - 1] ^= 1;
    fs::write(journal, bytes).unwrap();
}
