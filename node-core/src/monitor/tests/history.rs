//! A day on disk: what comes back, what a crash cuts off, and how much it takes.

use std::{fs, path::Path};

use covey_logic::{
    NodeId,
    monitor::{Histogram, Kind, Metric, Minute, MinuteOf, Of, Point, Subject},
};

use crate::monitor::history::History;

const HOUR: u64 = 472_000;

#[test]
fn minutes_come_back_in_order_and_within_their_span() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::new(folder.path().to_owned());
    for at in HOUR * 60 - 3..HOUR * 60 + 3 {
        history.append(&minute(at, 2)).unwrap();
    }

    let read = history.read((HOUR * 60 - 2, HOUR * 60 + 1), |_| true).unwrap();

    let times: Vec<u64> = read.iter().map(|minute| minute.at).collect();
    assert_eq!(times, [HOUR * 60 - 2, HOUR * 60 - 1, HOUR * 60]);
    assert_eq!(read[0], minute(HOUR * 60 - 2, 2));
}

#[test]
fn only_what_is_asked_for_is_kept_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::new(folder.path().to_owned());
    history.append(&minute(HOUR * 60, 20)).unwrap();

    let read = history.read((0, u64::MAX), |subject| subject.node().is_some()).unwrap();

    assert_eq!(read[0].of.len(), 1);
}

#[test]
fn what_a_crash_cut_off_hides_nothing_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::new(folder.path().to_owned());
    history.append(&minute(HOUR * 60, 3)).unwrap();
    history.append(&minute(HOUR * 60 + 1, 3)).unwrap();
    let path = folder.path().join(format!("{HOUR}.hour"));
    let whole = fs::read(&path).unwrap();

    for cut in [1, 9, 200] {
        fs::write(&path, &whole[..whole.len() - cut]).unwrap();
        assert_eq!(history.read((0, u64::MAX), |_| true).unwrap().len(), 1, "{cut}");
    }
    let mut flipped = whole;
    *flipped.last_mut().unwrap() ^= 1;
    fs::write(&path, flipped).unwrap();
    assert_eq!(history.read((0, u64::MAX), |_| true).unwrap().len(), 1);
}

#[test]
fn another_format_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::new(folder.path().to_owned());
    fs::write(folder.path().join(format!("{HOUR}.hour")), b"covey-m9 and more").unwrap();

    assert_eq!(history.read((0, u64::MAX), |_| true).unwrap(), []);
}

#[test]
fn hours_go_after_a_day_and_when_they_are_too_much() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::new(folder.path().to_owned());
    for hour in HOUR..HOUR + 30 {
        history.append(&minute(hour * 60, 20)).unwrap();
    }
    let of_a_day = history.read((0, u64::MAX), |_| true).unwrap();
    assert_eq!(of_a_day.first().unwrap().at, (HOUR + 5) * 60);

    let small = history.with_max_len(4_000);
    small.append(&minute((HOUR + 30) * 60, 20)).unwrap();

    let left = size(folder.path());
    assert!(left <= 4_000 + 4_000, "{left}");
}

/// E8: a day of 50 nodes and 1,000 agents, that is 20 agents a node, with everything moving every
/// minute, as it is on the disk: each node keeps its own.
#[test]
fn a_day_of_50_nodes_and_1_000_busy_agents_stays_within_550_mb() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::new(folder.path().to_owned());

    for at in 0..60 * 24 {
        history.append(&minute(HOUR * 60 + at, 20)).unwrap();
    }

    let of_one = size(folder.path());
    println!("a day takes {of_one} bytes on each node, {} on 50", of_one * 50);
    assert!(of_one * 50 <= 550_000_000, "{of_one}");
}

fn size(folder: &Path) -> u64 {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

/// A minute in which every metric moved, and each agent answered 600 messages of 1 to 3 ms.
fn minute(at: u64, agents: u16) -> Minute {
    let points = |of: Subject| {
        let kind = if of.node().is_some() { Of::Node } else { Of::Agent };
        let metrics = Metric::ALL
            .iter()
            .copied()
            .filter(move |metric| metric.of() == kind && metric.kind() == Kind::Value);
        let points = metrics.enumerate().map(|(place, metric)| {
            let base = f32::from(u16::try_from(place).unwrap());
            (metric, Point { min: base, mean: base + 1.5, max: base + 9.0, last: base + 2.0 })
        });
        let mut latency = Histogram::default();
        (0..600).for_each(|call| latency.record(1_000_000 + call * 3_333));
        MinuteOf::new(of, points, Some(latency))
    };
    let names = (0..agents).map(|agent| format!("shop.order-worker-{agent}").parse().unwrap());
    let of = names.map(Subject::Agent).chain([Subject::Node(NodeId([1; 32]))]);
    Minute { at, of: of.map(points).collect() }
}
