//! Programs of exclusive agents, which run no longer than their leases.

use std::{sync::Arc, time::Duration};

use covey_logic::{Epoch, agent::ExitReason};
use covey_node::{clock, host::HostEvent};

use crate::support::{World, name, python};

/// Longer than a program takes to start here.
const LEASE: Duration = Duration::from_secs(4);

#[tokio::test]
async fn program_is_killed_at_the_end_of_its_lease() {
    let mut world = World::new();
    let agent = name("keeper");
    world.host.prolong(&agent, clock::uptime() + LEASE).await;
    world.host.start_exclusive(Arc::new(python("keeper")), Epoch(1), 7);
    assert_eq!(world.event().await, HostEvent::Started { name: agent.clone(), epoch: Epoch(1) });
    let end = clock::uptime() + LEASE;
    world.host.prolong(&agent, end).await;

    let exit = world.exit().await;

    assert_eq!(exit.reason, ExitReason::Killed { signal: 9 });
    let late = clock::uptime().checked_sub(end).expect("it ended before its lease did");
    assert!(late < Duration::from_millis(500), "{late:?}");
}

#[tokio::test]
async fn program_is_not_started_after_the_end_of_its_lease() {
    let mut world = World::new();
    world.host.prolong(&name("keeper"), clock::uptime()).await;

    world.host.start_exclusive(Arc::new(python("keeper")), Epoch(1), 7);

    let error = "the lease on it is over".to_owned();
    assert_eq!(world.exit().await.reason, ExitReason::NotStarted { error });
}
