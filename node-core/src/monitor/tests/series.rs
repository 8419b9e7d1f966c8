//! What is asked of a node: seconds from memory, minutes from disk, and no more than a frame holds.

use covey_logic::{
    NodeId,
    monitor::{Metric, Read, Sample, Subject},
};

use crate::monitor::{Answer, Monitor, Question, Which};

const ME: NodeId = NodeId([1; 32]);
/// Begins a minute.
const START: u64 = 1_700_000_040;

#[tokio::test]
async fn the_whole_last_quarter_of_an_hour_is_read_by_the_second() {
    let (monitor, _folder) = measured(1_200);

    let steps = known(&monitor, Which::Node, read(START + 300, 5, 180)).await;

    assert_eq!(steps, 180);
}

#[tokio::test]
async fn minutes_come_from_disk_also_after_a_restart() {
    let (monitor, folder) = measured(600);
    assert_eq!(known(&monitor, Which::Node, read(START, 60, 9)).await, 9);

    let restarted = Monitor::new(ME, folder.path().to_owned());

    assert_eq!(known(&restarted, Which::Node, read(START, 60, 9)).await, 9);
    assert_eq!(known(&restarted, Which::Node, read(START, 5, 9)).await, 0, "memory is empty");
}

#[tokio::test]
async fn agents_that_are_gone_are_found_in_the_minutes() {
    let (monitor, folder) = measured(180);
    drop(monitor);
    let restarted = Monitor::new(ME, folder.path().to_owned());
    let asked = Read { metrics: vec![Metric::AgentMailbox], ..read(START, 60, 2) };

    assert_eq!(known(&restarted, Which::Agents, asked.clone()).await, 2);
    assert_eq!(known(&restarted, Which::Agent("adder".parse().unwrap()), asked).await, 2);
}

#[tokio::test]
async fn more_than_a_frame_holds_is_refused() {
    let (monitor, _folder) = measured(2);
    let asked = Question::Series(Which::Node, read(START, 1, 60_000));

    let answer = monitor.answer(asked).await.unwrap();

    assert_eq!(answer, Answer::TooMuch { points: 60_000, most: Answer::MAX_POINTS });
}

fn measured(seconds: u64) -> (Monitor, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::new(ME, folder.path().to_owned());
    for second in START..START + seconds {
        let node = (Subject::Node(ME), vec![(Metric::Cpu, 12.0)]);
        let agent = (Subject::Agent("adder".parse().unwrap()), vec![(Metric::AgentMailbox, 3.0)]);
        let sample = |(subject, values)| Sample { subject, values, latency: None };
        monitor.record(second, [node, agent].map(sample).into());
    }
    (monitor, folder)
}

/// How many steps have a point.
async fn known(monitor: &Monitor, which: Which, read: Read) -> usize {
    let answer = monitor.answer(Question::Series(which, read)).await.unwrap();
    let Answer::Series(series) = answer else { panic!("{answer:?}") };
    series.iter().flat_map(|of| &of.series).flat_map(|(_, points)| points).flatten().count()
}

fn read(from: u64, step: u32, count: u32) -> Read {
    Read { from, step, count, metrics: vec![Metric::Cpu] }
}
