//! Those who wait for something, when their node goes away or begins anew.

use std::time::Duration;

use covey_logic::{
    agreed::Agreed,
    coordination::{Absence, Act, Done, Fate},
};

use super::{ProposeError, Site, door, holder, id, name};

/// K98: one that waits at a barrier dies with its node, and all are told who.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn barrier_breaks_when_the_node_of_a_party_dies() {
    let mut site = Site::new();
    site.three().await;
    let leader = site.leader().unwrap();
    let (dead, other) = ((leader + 1) % 3, (leader + 2) % 3);
    let generation = arrive(&site, dead).await;
    assert_eq!(arrive(&site, other).await, generation);

    site.stop(dead).await;

    site.until("it is broken", |site| fate(site, other, generation).is_some()).await;
    let broken = Fate::Broken { by: holder(dead), cause: Absence::NodeLost };
    assert_eq!(fate(&site, other, generation), Some(broken));
}

/// A process waits for nothing that an earlier one waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_that_begins_anew_waits_for_nothing() {
    let mut site = Site::new();
    site.start(0, 1).await;
    let generation = arrive(&site, 0).await;
    let acquire = |session: &str| Act::Acquire {
        place: door(),
        holder: covey_logic::coordination::Holder { node: id(0), session: name(session) },
        permits: 1,
        lease: Duration::from_hours(1),
        wait: true,
    };
    site.act(0, acquire("first")).await.unwrap();
    assert_eq!(site.act(0, acquire("second")).await, Ok(Done::Waits { ahead: 0 }));

    site.stop(0).await;
    site.start(0, 1).await;

    site.until("the barrier is broken", |site| fate(site, 0, generation).is_some()).await;
    let waits = |agreed: &Agreed| agreed.coordination().waiting().count();
    site.until("nobody waits", |site| site.group(0).look_here(waits).0 == 0).await;
    let held = |agreed: &Agreed| agreed.coordination().place(&door()).is_some();
    assert!(site.group(0).look_here(held).0, "what is held ends with its lease");
}

/// That a lease ended, or another's node is gone, is for the leader to say.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn member_may_not_end_the_waits_and_leases_of_others() {
    let mut site = Site::new();
    site.three().await;
    let other = (site.leader().unwrap() + 1) % 3;
    let victim = (other + 1) % 3;

    let expire = Act::Expire { place: door(), token: 1, renewed: 1 };
    let depart = |node| Act::Depart { node: id(node), before: u64::MAX };

    assert_eq!(site.act(other, expire).await, Err(ProposeError::Forbidden));
    assert_eq!(site.act(other, depart(victim)).await, Err(ProposeError::Forbidden));
    assert_eq!(site.act(other, depart(other)).await, Ok(Done::Free));
}

async fn arrive(site: &Site, node: usize) -> u64 {
    let act = Act::Arrive { barrier: name("gate"), party: holder(node), parties: 3 };
    match site.act(node, act).await {
        Ok(Done::Arrived { generation, .. }) => generation,
        other => panic!("{other:?}"),
    }
}

fn fate(site: &Site, node: usize, generation: u64) -> Option<Fate> {
    let look = |agreed: &Agreed| {
        agreed
            .coordination()
            .barrier(&name("gate"))
            .and_then(|there| there.fate(generation).cloned())
    };
    site.group(node).look_here(look).0
}
