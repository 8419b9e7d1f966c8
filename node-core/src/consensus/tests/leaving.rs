//! Nodes that leave in good order.

use super::{Done, PATIENCE, Site, id};

/// K94: the leader leaves; another leads before it is gone, and everything is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leader_that_leaves_is_followed_before_it_is_gone() {
    let mut site = Site::new();
    site.three().await;
    let leader = site.leader().unwrap();
    let other = (leader + 1) % 3;
    assert_eq!(site.add(leader, 5).await, Ok(Done::Counted { value: 5 }));

    site.group(leader).leave(PATIENCE).await;

    let follows = site.view(leader).unwrap().leader;
    assert!(follows.is_some_and(|next| next != id(leader)), "{follows:?}");
    site.stop(leader).await;
    assert_eq!(site.add(other, 1).await, Ok(Done::Counted { value: 6 }));
}

/// D3: of two, the one that votes leaves; the other goes on alone, with everything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_the_voter_may_leave() {
    let mut site = Site::new();
    site.two().await;
    assert_eq!(site.add(1, 5).await, Ok(Done::Counted { value: 5 }));

    site.group(0).leave(PATIENCE).await;
    site.stop(0).await;

    assert_eq!(site.add(1, 1).await, Ok(Done::Counted { value: 6 }));
    site.start(0, 2).await;
    site.until("the first learns what was written", |site| site.count(0) == 6).await;
    assert_eq!(site.voters(1), [id(1)]);
}

/// A voter of three of four leaves: the fourth votes instead, at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spare_votes_for_one_that_leaves() {
    let mut site = Site::new();
    site.four().await;
    let leader = site.leader().unwrap();
    let leaver = (leader + 1) % 3;

    site.group(leaver).leave(PATIENCE).await;

    site.until("the spare votes", |site| {
        let voters = site.voters(leader);
        voters.contains(&id(3)) && !voters.contains(&id(leaver))
    })
    .await;
}

/// One that lost the majority waits for nobody when it leaves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn voter_without_a_majority_leaves_at_once() {
    let mut site = Site::new();
    site.three().await;
    site.stop(1).await;
    site.stop(2).await;

    let left = tokio::time::timeout(PATIENCE, site.group(0).leave(PATIENCE * 10)).await;

    assert_eq!(left, Ok(()), "it waited for a majority");
}
