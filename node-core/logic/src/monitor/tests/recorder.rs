//! Series: kept by the second, given by the minute, read at any step.

use crate::{
    ids::NodeId,
    monitor::{Histogram, Metric, Minute, Point, Read, Recorder, Sample, Subject},
};

const NODE: Subject = Subject::Node(NodeId([1; 32]));
/// Begins a minute.
const START: u64 = 1_700_000_040;

#[test]
fn steps_show_least_mean_greatest_and_last_of_their_seconds() {
    let mut recorder = Recorder::default();
    for second in 0..20_u16 {
        recorder.record(START + u64::from(second), vec![cpu(f32::from(second))]);
    }

    let series = recorder.read(&NODE, &read(START, 10, 2)).unwrap();

    let first = Point { min: 0.0, mean: 4.5, max: 9.0, last: 9.0 };
    let second = Point { min: 10.0, mean: 14.5, max: 19.0, last: 19.0 };
    assert_eq!(series.series, [(Metric::Cpu, vec![Some(first), Some(second)])]);
}

#[test]
fn seconds_without_a_measure_are_absent_and_not_nought() {
    let mut recorder = Recorder::default();
    recorder.record(START, vec![cpu(50.0)]);
    recorder.record(START + 1, Vec::new());
    recorder.record(START + 5, vec![cpu(70.0)]);

    let series = recorder.read(&NODE, &read(START, 1, 6)).unwrap();

    let known: Vec<Option<f32>> =
        series.series[0].1.iter().map(|point| point.map(|point| point.last)).collect();
    assert_eq!(known, [Some(50.0), None, None, None, None, Some(70.0)]);
    assert_eq!(recorder.latest(&NODE, Metric::Memory), None);
}

#[test]
fn what_is_older_than_a_quarter_of_an_hour_is_forgotten() {
    let mut recorder = Recorder::default();
    recorder.record(START, vec![cpu(1.0)]);
    recorder.record(START + Recorder::LIVE_SECONDS - 1, Vec::new());
    assert_eq!(recorder.subjects().count(), 1);

    recorder.record(START + Recorder::LIVE_SECONDS, Vec::new());

    assert_eq!(recorder.subjects().count(), 0);
}

#[test]
fn a_minute_is_given_once_it_is_over() {
    let mut recorder = Recorder::default();
    let minutes: Vec<Minute> = (0..130_u16)
        .filter_map(|second| {
            recorder.record(START + u64::from(second), vec![cpu(f32::from(second))])
        })
        .collect();

    assert_eq!(
        minutes.iter().map(|minute| minute.at).collect::<Vec<_>>(),
        [START / 60, START / 60 + 1]
    );
    let point = minutes[0].of[0].point(Metric::Cpu).unwrap();
    assert_eq!(point, Point { min: 0.0, mean: 29.5, max: 59.0, last: 59.0 });
}

#[test]
fn minutes_tell_what_the_seconds_did() {
    let mut recorder = Recorder::default();
    let minutes: Vec<Minute> = (0..600_u16)
        .filter_map(|second| {
            let mut sample = cpu(f32::from(second % 37));
            sample.latency = Some(times(u64::from(second) * 1_000_000));
            recorder.record(START + u64::from(second), vec![sample])
        })
        .collect();
    let mut asked = read(START, 120, 4);
    asked.metrics.push(Metric::LatencyP95);

    let live = recorder.read(&NODE, &asked).unwrap();
    let kept = asked.from_minutes(&NODE, &minutes).unwrap();

    let within = |a: Option<Point>, b: Option<Point>| {
        let (a, b) = (a.unwrap(), b.unwrap());
        (a.mean - b.mean).abs() < 1e-3 && a.min.to_bits() == b.min.to_bits()
    };
    for ((_, live), (_, kept)) in live.series.into_iter().zip(kept.series) {
        assert!(live.into_iter().zip(kept).all(|(live, kept)| within(live, kept)));
    }
}

#[test]
fn a_clock_that_is_set_back_repeats_no_second() {
    let mut recorder = Recorder::default();
    recorder.record(START + 10, vec![cpu(1.0)]);

    recorder.record(START + 5, vec![cpu(9.0)]);

    let series = recorder.read(&NODE, &read(START, 1, 11)).unwrap();
    assert_eq!(series.series[0].1.iter().flatten().count(), 1);
}

#[test]
fn a_clock_that_is_set_back_far_begins_anew() {
    let mut recorder = Recorder::default();
    recorder.record(START + 10_000, vec![cpu(1.0)]);

    recorder.record(START, vec![cpu(9.0)]);

    assert_eq!(recorder.latest(&NODE, Metric::Cpu), Some(9.0));
}

#[test]
fn a_still_minute_is_written_shorter() {
    let minute = |moves: bool| {
        let mut recorder = Recorder::default();
        let value = |second: u16| if moves { f32::from(second) } else { 3.0 };
        let over = (0..61_u16).find_map(|second| {
            recorder.record(START + u64::from(second), vec![cpu(value(second))])
        });
        let minute = over.unwrap();
        let bytes = postcard::to_allocvec(&minute).unwrap();
        assert_eq!(postcard::from_bytes::<Minute>(&bytes).unwrap(), minute);
        bytes.len()
    };

    assert_eq!(minute(true) - minute(false), 12);
}

fn cpu(value: f32) -> Sample {
    Sample { subject: NODE, values: vec![(Metric::Cpu, value)], latency: None }
}

fn times(ns: u64) -> Histogram {
    let mut histogram = Histogram::default();
    histogram.record(ns);
    histogram
}

fn read(from: u64, step: u32, count: u32) -> Read {
    Read { from, step, count, metrics: vec![Metric::Cpu] }
}
