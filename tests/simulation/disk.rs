//! Disks that refuse.

use std::time::Duration;

use covey_logic::CommandError;
use covey_sim::{World, workload};

use crate::harness::{name, settle, setup};

#[test]
fn node_with_a_full_disk_refuses_changes_and_says_so() {
    let mut world = World::cluster(setup(1, 3));
    world.disk_mut(1).full = true;

    let first = world.ask(1, workload::start(name("one"), false));
    let second = world.ask(1, workload::start(name("two"), false));

    assert!(matches!(first, Some(Err(CommandError::ReadOnly { .. }))), "{first:?}");
    assert!(matches!(second, Some(Err(CommandError::ReadOnly { .. }))), "{second:?}");
    assert!(!world.node(1).unwrap().status().writable);
    assert!(world.node(0).unwrap().status().writable);
}

#[test]
fn node_with_a_mended_disk_catches_up_after_its_restart() {
    let mut world = World::cluster(setup(1, 3));
    world.disk_mut(1).full = true;
    world.ask(0, workload::start(name("one"), false));
    world.run_for(Duration::from_secs(3));

    world.disk_mut(1).full = false;
    world.kill(1);
    world.boot(1);

    settle(&mut world, Duration::from_secs(15)).unwrap();
}
