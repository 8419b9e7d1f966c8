//! Counters that merge.

use super::{name, site::Site};
use crate::{
    coordination::Refused,
    hlc::Stamp,
    merged::{Merged, MergedCommand, Tally},
    time::Wall,
};

#[test]
fn counter_is_the_sum_of_what_both_sides_did() {
    let (mut one, mut two) = (Site::new(1), Site::new(2));

    one.add(5).unwrap();
    two.add(-7).unwrap();
    two.add(3).unwrap();
    one.sync();
    two.sync();
    one.learn(&two);
    two.learn(&one);

    assert_eq!((one.counter(), two.counter()), (1, 1));
}

#[test]
fn writer_knows_its_own_change_before_it_is_on_disk_and_nobody_else_does() {
    let (mut one, mut two) = (Site::new(1), Site::new(2));

    assert_eq!(one.add(2), Ok(2));
    assert_eq!(one.add(2), Ok(4));
    two.learn(&one);

    assert_eq!((one.counter(), two.counter()), (4, 0));
}

/// C2: others heard nothing that a power cut takes back, so what is counted afterwards is counted
/// once.
#[test]
fn power_cut_takes_only_what_nobody_heard_of() {
    let (mut one, mut two) = (Site::new(1), Site::new(2));
    one.add(10).unwrap();
    one.sync();
    one.add(5).unwrap();
    two.learn(&one);

    one.lose_power();
    one.add(1).unwrap();
    one.sync();
    two.learn(&one);
    one.learn(&two);

    assert_eq!((one.counter(), two.counter()), (11, 11));
}

/// C1.
#[test]
fn node_with_an_empty_disk_counts_beside_what_it_forgot() {
    let (mut one, mut two) = (Site::new(1), Site::new(2));
    one.add(10).unwrap();
    one.sync();
    two.learn(&one);

    let mut anew = Site::on(1, super::site::Disk::default(), one.wall + 1_000);
    anew.add(1).unwrap();
    anew.sync();
    two.learn(&anew);
    anew.learn(&two);
    anew.add(1).unwrap();
    anew.sync();
    two.learn(&anew);

    assert_eq!((anew.counter(), two.counter()), (12, 12));
}

/// C1: also if it comes back within one life, and hears what it said before from the others.
#[test]
fn node_that_left_the_cluster_and_came_back_counts_beside_what_it_forgot() {
    let (mut one, mut two) = (Site::new(1), Site::new(2));
    one.add(10).unwrap();
    one.sync();
    two.learn(&one);

    one.start_over();
    one.sync();
    one.learn(&two);
    one.sync();
    one.lose_power();
    one.add(1).unwrap();
    one.sync();
    two.learn(&one);

    assert_eq!((one.counter(), two.counter()), (11, 11));
}

/// K41's other half: what a node counted while its clock was far ahead nobody took from it, and what
/// the others hold of it is older.
#[test]
fn what_was_counted_under_a_wrong_clock_is_told_when_the_clock_is_right() {
    let (mut one, mut two) = (Site::new(1), Site::new(2));
    one.add(10).unwrap();
    one.sync();
    two.learn(&one);
    let before = one.disk.shared.clone();
    one.wall += 3_600_000;
    one.add(5).unwrap();
    one.sync();
    two.learn(&one);
    assert_eq!(two.counter(), 10);

    let believed = |stamp: &Stamp| stamp.wall <= Wall(100_000);
    let mut disk = one.disk.clone();
    let disbelieved = disk.shared.extract_if(.., |_, (stamp, _)| !believed(stamp));
    let disbelieved =
        disbelieved.map(|(key, (_, value))| (key.clone(), before.get(&key).unwrap().0, value));
    let disbelieved = disbelieved.collect();
    let mut anew = Site::on(1, disk, 2_000);
    let left = anew.rewrite(disbelieved);
    anew.sync();
    two.learn(&anew);
    anew.learn(&two);

    assert_eq!((left, anew.counter(), two.counter()), (0, 15, 15));
}

#[test]
fn counter_that_would_pass_its_bounds_is_refused() {
    let mut one = Site::new(1);
    one.add(i64::MAX).unwrap();

    assert_eq!(one.add(1), Err(Refused::Overflow { counter: name("hits") }));
    assert_eq!(one.add(-1), Ok(i128::from(i64::MAX) - 1));
}

#[test]
fn sides_that_pass_the_bounds_together_are_added_up_all_the_same() {
    let (mut one, mut two) = (Site::new(1), Site::new(2));
    one.add(i64::MAX).unwrap();
    two.add(i64::MAX).unwrap();
    two.sync();

    one.learn(&two);

    assert_eq!(one.counter(), 2 * i128::from(i64::MAX));
    assert!(one.add(1).is_err() && one.add(-1).is_err());
}

#[test]
fn tally_counts_to_the_end_of_64_bits_and_no_further() {
    let full = Tally { added: u64::MAX - 1, ..Tally::default() };

    assert_eq!(full.change(1).map(|tally| tally.added), Some(u64::MAX));
    assert_eq!(full.change(2), None);
    assert_eq!(Tally::default().change(i64::MIN).map(Tally::value), Some(i64::MIN.into()));
}

#[test]
fn another_name_is_refused_where_there_are_as_many_as_may_be() {
    let mut one = Site::new(1);
    let add = |n: usize| MergedCommand::Count { counter: name(&format!("c{n}")), by: 1 };
    assert!((0..Merged::CAPACITY).all(|n| one.ask(add(n)).is_ok()));

    let refused = one.ask(add(Merged::CAPACITY));

    assert_eq!(refused, Err(Refused::Full { capacity: Merged::CAPACITY }));
    assert!(one.ask(add(0)).is_ok());
}
