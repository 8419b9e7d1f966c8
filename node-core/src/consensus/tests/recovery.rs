//! Recovery by force, and what one voter owes the other member.

use std::time::Duration;

use tokio::time::Instant;

use super::{CLUSTER, Done, ProposeError, Site, id};
use crate::consensus::{Lineage, RecoveryError};

const NEXT: Lineage = Lineage { number: 77, ..CLUSTER };

/// D3: the voter is lost; the other has every change that was acknowledged while both were there, is
/// refused at once, recovers by force, and the old voter follows when it is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn learner_recovers_everything_and_the_old_voter_follows() {
    let mut site = Site::new();
    site.two().await;
    for round in 1..=20 {
        assert_eq!(site.add(0, 1).await, Ok(Done::Counted { value: round }));
    }
    site.stop(0).await;
    assert_eq!(site.add(1, 1).await, Err(ProposeError::NoQuorum { have: 0, need: 1 }));

    let recovery = site.group(1).recovery().await.unwrap();
    assert_eq!((recovery.lost, recovery.revision), (vec![id(0)], 20));
    let kept = site.group(1).recover(&site.path_in(NEXT, 1)).await.unwrap();
    site.stop(1).await;
    site.start_in(NEXT, 1, 2).await;

    assert_eq!(kept, 20);
    assert_eq!(site.add(1, 1).await, Ok(Done::Counted { value: 21 }));
    // It comes back and has not heard of it: the other does not listen to it.
    site.start(0, 2).await;
    site.until("the old voter has what it had", |site| site.count(0) == 20).await;
    assert_eq!(site.add(1, 1).await, Ok(Done::Counted { value: 22 }));
    assert_eq!(site.count(0), 20);
    // It has heard: the other fills its part of the new group.
    site.stop(0).await;
    site.start_in(NEXT, 0, 2).await;
    site.until("the old voter follows", |site| site.count(0) == 22).await;
    assert_eq!(site.voters(1), [id(1)]);
    assert_eq!(site.add(0, 1).await, Ok(Done::Counted { value: 23 }));
}

/// Where a majority is in sight there is nothing to recover.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn group_that_agrees_is_not_recovered() {
    let mut site = Site::new();
    site.two().await;

    let refused = site.group(1).recover(&site.path_in(NEXT, 1)).await;

    assert!(matches!(refused, Err(RecoveryError::Agrees)), "{refused:?}");
    assert!(!site.path_in(NEXT, 1).exists());
}

/// The one of two survivors that holds less sends people to the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn member_that_holds_less_does_not_recover() {
    let mut site = Site::new();
    site.four().await;
    site.isolate(3);
    assert_eq!(site.add(0, 1).await, Ok(Done::Counted { value: 1 }));
    site.until("all voters have it", |site| (0..3).all(|node| site.count(node) == 1)).await;
    site.stop(0).await;
    site.stop(1).await;
    site.join(3);

    let less = site.group(3).recovery().await;
    let more = site.group(2).recovery().await;

    assert!(matches!(less, Err(RecoveryError::Elsewhere { node }) if node == id(2)), "{less:?}");
    assert_eq!(more.unwrap().lost, [id(0), id(1)]);
}

/// What one voter acknowledges is on the other member's disk; one that does not write is waited for
/// once, and not for each change.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn voter_waits_for_the_member_that_learns() {
    let mut site = Site::new();
    site.two().await;
    for round in 1..=10 {
        assert_eq!(site.add(0, 1).await, Ok(Done::Counted { value: round }));
        let (_, index) = site.group(1).log.last();
        assert_eq!(index, site.view(0).unwrap().last, "round {round}");
    }

    site.mute(1);
    let begun = Instant::now();
    for round in 11..=20 {
        assert_eq!(site.add(0, 1).await, Ok(Done::Counted { value: round }));
    }

    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
