//! Changes, versions, and the way back.

use super::{A, B, Log, change, changes, key};
use crate::settings::{Act, Done, Edit, How, Place, Problem, Refused, Settings};

#[test]
fn value_is_kept_as_the_schema_writes_it_with_who_set_it() {
    let mut log = Log::default();

    let done = log.set("locks.lease", " 120s").unwrap();

    assert_eq!(done, Done { version: 1, changed: 1 });
    let held = log.settings.value(Place::Cluster, &key("locks.lease")).unwrap();
    assert_eq!((held.value.as_str(), held.mark.by, held.mark.at.0), ("2m", A, 1_000));
}

#[test]
fn one_bad_change_of_several_leaves_everything_as_it_was() {
    let mut log = Log::default();
    log.set("locks.lease", "1m").unwrap();
    let before = log.settings.clone();

    let refused = log.add(changes(vec![
        change(Place::Cluster, "locks.lease", Some("2m")),
        change(Place::Node(B), "log.level", Some("loud")),
    ]));

    let (value, problem) = ("loud".to_owned(), Problem::NoLevel);
    assert_eq!(refused, Err(Refused::Invalid { key: key("log.level"), value, problem }));
    assert_eq!(log.settings, before);
}

#[test]
fn what_concerns_all_is_not_set_for_one() {
    let change = change(Place::Node(B), "voters.absence", Some("2m"));

    let refused = Log::default().add(changes(vec![change]));

    assert_eq!(refused, Err(Refused::NotHere { key: key("voters.absence") }));
}

#[test]
fn key_is_changed_once_in_an_act_and_something_is_changed() {
    let lease = || change(Place::Cluster, "locks.lease", Some("2m"));
    let mut log = Log::default();

    let twice = log.add(changes(vec![lease(), lease()]));
    let nothing = log.add(changes(Vec::new()));
    let many = log.add(changes(vec![lease(); Settings::CHANGES + 1]));

    assert_eq!(twice, Err(Refused::Twice { key: key("locks.lease") }));
    assert_eq!(nothing, Err(Refused::Nothing));
    assert_eq!(many, Err(Refused::Full { capacity: Settings::CHANGES }));
}

/// A newer node set it: this one keeps it, and knows nothing of its kind.
#[test]
fn unknown_key_is_refused_where_it_is_made_and_kept_where_it_comes_in() {
    let unknown = change(Place::Node(B), "market.fee", Some("3 %"));
    let mut log = Log::default();

    assert_eq!(
        Settings::check(std::slice::from_ref(&unknown)),
        Err(Refused::Unknown { key: key("market.fee") })
    );
    log.add(changes(vec![unknown])).unwrap();
    assert_eq!(log.text(Place::Node(B), "market.fee"), Some("3 %"));
    let long = change(Place::Cluster, "market.fee", Some(&"é".repeat(Settings::MAX_LEN)));
    assert!(matches!(log.add(changes(vec![long])), Err(Refused::Invalid { .. })));
}

#[test]
fn change_that_expects_another_version_is_refused() {
    let mut log = Log::default();
    log.set("locks.lease", "1m").unwrap();

    let late = log.add(Act::Reset { expected: Some(0) });
    let right = log.add(Act::Reset { expected: Some(1) });

    assert_eq!(late, Err(Refused::Conflict { version: 1 }));
    assert_eq!(right, Ok(Done { version: 3, changed: 1 }));
}

#[test]
fn change_that_changes_nothing_makes_no_version() {
    let mut log = Log::default();
    log.set("locks.lease", "1m").unwrap();

    let same = log.set("locks.lease", "60s").unwrap();

    assert_eq!(same, Done { version: 1, changed: 0 });
    assert_eq!(log.settings.versions().count(), 1);
}

#[test]
fn roll_back_is_one_step_and_can_be_taken_back() {
    let mut log = Log::default();
    log.set("locks.lease", "1m").unwrap();
    log.set("locks.lease", "2m").unwrap();
    log.set("log.level", "debug").unwrap();

    let back = log.add(Act::RollBack { to: 1, expected: None }).unwrap();

    assert_eq!(back, Done { version: 4, changed: 2 });
    assert_eq!(log.text(Place::Cluster, "locks.lease"), Some("1m"));
    assert_eq!(log.text(Place::Cluster, "log.level"), None);
    assert_eq!(log.settings.versions().last().unwrap().how, How::RolledBack { to: 1 });
    log.add(Act::RollBack { to: 3, expected: None }).unwrap();
    assert_eq!(log.text(Place::Cluster, "locks.lease"), Some("2m"));
    assert_eq!(log.text(Place::Cluster, "log.level"), Some("debug"));
}

#[test]
fn reset_is_one_version_and_rolls_back_to_before_the_first() {
    let mut log = Log::default();
    log.set("locks.lease", "1m").unwrap();
    log.set("log.level", "warn").unwrap();

    let reset = log.add(Act::Reset { expected: None }).unwrap();

    assert_eq!(reset, Done { version: 3, changed: 2 });
    assert_eq!(log.settings.values().count(), 0);
    assert_eq!(log.settings.diff(0, 3), Ok(Vec::new()));
    log.add(Act::RollBack { to: 2, expected: None }).unwrap();
    assert_eq!(log.settings.diff(2, 4), Ok(Vec::new()));
}

#[test]
fn diff_of_two_versions_is_what_lies_between() {
    let mut log = Log::default();
    log.set("locks.lease", "1m").unwrap();
    log.set("locks.lease", "2m").unwrap();
    log.set("locks.lease", "3m").unwrap();
    let edit = |old: &str, new: &str| Edit {
        place: Place::Cluster,
        key: key("locks.lease"),
        old: Some(old.to_owned()),
        new: Some(new.to_owned()),
    };

    assert_eq!(log.settings.diff(1, 3), Ok(vec![edit("1m", "3m")]));
    assert_eq!(log.settings.diff(3, 1), Ok(vec![edit("3m", "1m")]));
    assert_eq!(log.settings.diff(1, 9), Err(Refused::NoVersion { version: 9 }));
}

#[test]
fn history_is_bounded_and_what_it_forgot_cannot_be_returned_to() {
    let mut log = Log::default();
    let versions = u64::try_from(Settings::HISTORY).unwrap() + 5;
    for number in 1..=versions {
        log.set("logs.lines", &(10 + number).to_string()).unwrap();
    }

    assert_eq!(log.settings.versions().count(), Settings::HISTORY);
    assert_eq!(
        log.add(Act::RollBack { to: 4, expected: None }),
        Err(Refused::NoVersion { version: 4 })
    );
    log.add(Act::RollBack { to: 5, expected: None }).unwrap();
    assert_eq!(log.text(Place::Cluster, "logs.lines"), Some("15"));
}

#[test]
fn values_are_bounded_and_large_versions_leave_few_of_them() {
    let mut log = Log::default();
    let batch = |from: usize, value: &str| {
        let keys = (from..from + Settings::CHANGES).map(|number| format!("new.k{number}"));
        changes(keys.map(|key| change(Place::Cluster, &key, Some(value))).collect())
    };
    for from in (0..Settings::CAPACITY).step_by(Settings::CHANGES) {
        log.add(batch(from, "1")).unwrap();
    }

    let full = log.set("locks.lease", "1m");
    for _ in 0..3 {
        let to = log.settings.version();
        log.add(Act::Reset { expected: None }).unwrap();
        log.add(Act::RollBack { to, expected: None }).unwrap();
    }

    assert_eq!(full, Err(Refused::Full { capacity: Settings::CAPACITY }));
    let edits: usize = log.settings.versions().map(|version| version.edits.len()).sum();
    assert!(edits <= Settings::EDITS, "{edits}");
}

#[test]
fn settings_and_acts_survive_their_encoding() {
    let mut log = Log::default();
    log.add(changes(vec![change(Place::Node(B), "log.level", Some("warn"))])).unwrap();
    log.set("locks.lease", "1m").unwrap();

    let bytes = postcard::to_allocvec(&log.settings).unwrap();
    assert_eq!(postcard::from_bytes::<Settings>(&bytes).unwrap(), log.settings);
    let act = Act::RollBack { to: 7, expected: Some(9) };
    let bytes = postcard::to_allocvec(&act).unwrap();
    assert_eq!(postcard::from_bytes::<Act>(&bytes).unwrap(), act);
}
