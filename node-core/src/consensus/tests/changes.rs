//! Changes of primitives, as every node comes to tell them.

use covey_logic::{
    coordination::Act,
    event::{EventRecord, Fact},
};

use super::{Site, holder, id, name};

/// C45: each change has one number everywhere, whoever leads, and none is told twice or left out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_told_alike_by_all_through_a_change_of_leader_and_a_restart() {
    let mut site = Site::new();
    site.three().await;
    let leader = site.leader().unwrap();
    let other = (leader + 1) % 3;
    for number in 0..5 {
        site.act(leader, write(number)).await.unwrap();
    }

    site.isolate(leader);
    site.until("the others lead themselves", |site| {
        site.view(other).is_some_and(|view| view.leader.is_some_and(|led| led != id(leader)))
    })
    .await;
    for number in 5..10 {
        site.act(other, write(number)).await.unwrap();
    }
    site.join(leader);
    site.act(other, Act::Discard { counter: name("none") }).await.unwrap();
    site.until("all have it", |site| (0..3).all(|node| told(site, node).len() == 10)).await;
    site.stop(other).await;
    site.start(other, 3).await;
    site.until("it has it again", |site| told(site, other).len() == 10).await;

    let by_all: Vec<_> = (0..3).map(|node| told(&site, node)).collect();
    assert!(by_all.iter().all(|told| *told == by_all[0]));
    let versions = by_all[0].iter().map(|event| {
        let Fact::VariableChanged { was, version, .. } = event.fact else { panic!("{event:?}") };
        (was, version)
    });
    let versions: Vec<_> = versions.collect();
    assert!(versions.windows(2).all(|pair| pair[0].1 == pair[1].0), "{versions:?}");
    let actors: Vec<_> = by_all[0].iter().map(|event| event.actor).collect();
    assert_eq!(actors[..5], [Some(holder(leader).node); 5]);
    assert_eq!(actors[5..], [Some(holder(other).node); 5]);
}

fn write(number: u32) -> Act {
    Act::Write { variable: name("mode"), value: number.to_string(), expected: None }
}

fn told(site: &Site, node: usize) -> Vec<EventRecord> {
    site.group(node).changes_after(0)
}
