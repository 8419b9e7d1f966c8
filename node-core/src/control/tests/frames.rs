//! Snapshots and patches.

use std::time::Duration;

use covey_logic::{NodeId, node::NodeState};
use serde_json::json;
use tokio::time::{Instant, timeout};

use super::double::{Double, agent, event, line, node};
use crate::{
    Views,
    control::{Frame, Picture, Rows, Subscription, rows},
};

/// What a reader sees: the rows by id, as the frames say.
#[derive(Debug, Default, PartialEq)]
struct Reader {
    picture: Picture,
    seq: u64,
}

impl Reader {
    fn apply(&mut self, frame: Frame) {
        let (Frame::Snapshot(rows) | Frame::Patch(rows)) = &frame else { panic!("{frame:?}") };
        assert_eq!(rows.seq, self.seq + 1, "a gap");
        self.seq = rows.seq;
        let unknown = |id: &&String| !self.picture.0.contains_key(*id);
        assert_eq!(rows.removed.iter().find(unknown), None, "removed twice");
        self.picture.apply(frame).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn snapshot_and_patches_converge_under_random_changes() {
    for seed in 1..=20_u64 {
        for topic in ["status", "nodes", "agents", "pairing", "traffic"] {
            let double = Double::new();
            let mut subscription = double.control().subscribe(1, topic, json!({})).unwrap();
            let mut reader = Reader::default();
            let mut random = seed;

            for _ in 0..60 {
                let draw = next(&mut random);
                double.change(|views| scramble(views, draw));
                // Some changes pass unseen, as they do for a slow reader.
                if draw.is_multiple_of(3) {
                    while let Ok(frame) = timeout(MOMENT, subscription.next()).await {
                        reader.apply(frame.unwrap());
                    }
                }
            }
            while let Ok(frame) = timeout(MOMENT, subscription.next()).await {
                reader.apply(frame.unwrap());
            }

            let mut fresh = Reader::default();
            let mut other = double.control().subscribe(2, topic, json!({})).unwrap();
            fresh.apply(other.next().await.unwrap());
            assert_eq!(reader.picture, fresh.picture, "seed {seed}, {topic}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn patch_after_a_pause_goes_at_once_and_the_next_waits() {
    let double = Double::new();
    let mut subscription = started(&double, "status").await;
    tokio::time::sleep(Duration::from_secs(1)).await;

    let start = Instant::now();
    double.change(|views| views.status.nodes_alive = 2);
    patch(&mut subscription).await;
    let first = start.elapsed();
    double.change(|views| views.status.nodes_alive = 3);
    patch(&mut subscription).await;
    let second = start.elapsed();

    assert!(first <= Duration::from_millis(20), "{first:?}");
    assert!(second >= Subscription::FRAME_INTERVAL, "{second:?}");
}

#[tokio::test(start_paused = true)]
async fn slow_reader_gets_one_patch_of_what_a_thousand_changes_came_to() {
    let double = Double::new();
    let mut subscription = started(&double, "agents").await;

    for i in 0..1_000 {
        double.change(|views| views.agents[0].restarts = i);
    }
    let rows = patch(&mut subscription).await;

    assert_eq!(rows.rows.len(), 1);
    assert_eq!(rows.rows[0]["restarts"], 999);
    let more = timeout(Duration::from_secs(1), subscription.next()).await;
    assert!(more.is_err(), "{more:?}");
}

/// A thousand agents that change each second cost a reader what changed of them, and no more.
#[tokio::test(start_paused = true)]
async fn changed_row_comes_with_what_changed_and_whole_if_a_field_went() {
    let double = Double::new();
    let mut subscription = started(&double, "agents").await;
    double.change(|views| views.agents[0].restarts = 7);

    let changed = patch(&mut subscription).await;
    double.change(|views| views.agents[0].moving_to = Some(NodeId([9; 32])));
    let moving = patch(&mut subscription).await;
    double.change(|views| views.agents[0].moving_to = None);
    let moved = patch(&mut subscription).await;

    let id = double.control().backend().views().borrow().agents[0].id.to_string();
    assert_eq!(changed.rows, [json!({ "id": id, "restarts": 7 })]);
    assert_eq!(moving.rows, [json!({ "id": id, "moving_to": NodeId([9; 32]) })]);
    assert_eq!((moved.removed, moved.rows.len()), (vec![id], 1));
    assert_eq!(moved.rows[0]["restarts"], 7);
}

#[tokio::test(start_paused = true)]
async fn change_of_another_topic_is_not_said() {
    let double = Double::new();
    let mut subscription = started(&double, "nodes").await;

    double.change(|views| views.agents.clear());

    let said = timeout(Duration::from_secs(1), subscription.next()).await;
    assert!(said.is_err(), "{said:?}");
}

#[tokio::test(start_paused = true)]
async fn silence_is_broken_by_an_empty_patch() {
    let double = Double::new();
    let mut subscription = started(&double, "nodes").await;
    let start = Instant::now();

    let rows = patch(&mut subscription).await;

    assert_eq!(start.elapsed(), Subscription::SILENCE_TIMEOUT);
    assert!(rows.rows.is_empty() && rows.removed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn events_are_added_and_never_taken_away() {
    let double = Double::new();
    let mut subscription = started(&double, "events").await;

    double.change(|views| views.events = vec![event(2), event(3)]);

    let rows = patch(&mut subscription).await;
    assert_eq!(rows.rows.len(), 1);
    assert_eq!(rows.rows[0]["seq"], 3);
    assert!(rows.removed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn events_that_may_have_been_missed_make_a_snapshot() {
    let double = Double::new();
    let mut subscription = started(&double, "events").await;

    double.change(|views| views.events = vec![event(700), event(701)]);

    assert!(matches!(subscription.next().await, Some(Frame::Snapshot(_))));
}

#[tokio::test(start_paused = true)]
async fn log_goes_on_after_its_last_line() {
    let double = Double::new();
    let control = double.control();
    let mut subscription = control.subscribe(1, "logs", json!({ "name": "adder" })).unwrap();
    let Some(Frame::Snapshot(first)) = subscription.next().await else { panic!("no snapshot") };
    assert_eq!(first.rows.len(), 2);

    double.lines.lock().unwrap().push(line(3));

    let rows = patch(&mut subscription).await;
    assert_eq!(rows.rows, [rows::row(&line(3))]);
}

#[tokio::test(start_paused = true)]
async fn log_of_another_life_makes_a_snapshot() {
    let double = Double::new();
    let control = double.control();
    let mut subscription = control.subscribe(1, "logs", json!({ "name": "adder" })).unwrap();
    subscription.next().await.unwrap();

    *double.lines.lock().unwrap() = vec![line(90)];

    let Some(Frame::Snapshot(rows)) = subscription.next().await else { panic!("no snapshot") };
    assert_eq!(rows.rows.len(), 1);
}

/// C16: who watches names is told from the moment of the snapshot on, and of a gap by a snapshot.
#[tokio::test(start_paused = true)]
async fn watcher_of_names_is_told_of_a_gap() {
    let double = Double::new();
    let mut subscription = double.control().subscribe(1, "names", json!({})).unwrap();
    let Some(Frame::Snapshot(first)) = subscription.next().await else { panic!("no snapshot") };
    assert_eq!(first.rows.len(), 0);

    double.head.send_replace(8);

    let Some(Frame::Snapshot(gap)) = subscription.next().await else { panic!("no gap") };
    assert_eq!(gap.rows[0]["change"], json!({ "kind": "gap", "missed": 5 }));
    assert_eq!(gap.rows[0]["id"], "8");
    let Some(Frame::Patch(silence)) = subscription.next().await else { panic!("no silence") };
    assert_eq!(silence.rows.len(), 0);
}

/// C41: every version once and in order, after coming back too.
#[tokio::test(start_paused = true)]
async fn watcher_of_settings_misses_no_version() {
    let double = Double::new();
    let control = double.control();
    let set = async |value: &str| {
        let changes = json!([{ "key": "locks.lease", "value": value }]);
        control.call("setting.change", json!({ "changes": changes })).await.unwrap();
    };
    let versions = |rows: &Rows| -> Vec<u64> {
        rows.rows.iter().map(|row| row["version"].as_u64().unwrap()).collect()
    };
    set("1m").await;
    let mut subscription = started(&double, "settings").await;

    set("2m").await;
    set("3m").await;

    assert_eq!(versions(&patch(&mut subscription).await), [2, 3]);
    drop(subscription);
    set("4m").await;
    let mut again = control.subscribe(2, "settings", json!({ "after": 3 })).unwrap();
    let Some(Frame::Snapshot(missed)) = again.next().await else { panic!("no snapshot") };
    assert_eq!(versions(&missed), [4]);
    assert!(patch(&mut again).await.rows.is_empty(), "silence");
}

#[tokio::test]
async fn topic_that_is_not_there_is_refused() {
    let control = Double::new().control();

    for (topic, params) in [
        ("weather", json!({})),
        ("nodes", json!({ "name": "x" })),
        ("logs", json!({})),
        ("logs", json!({ "name": "No Name" })),
        ("names", json!({ "prefixes": "x" })),
        ("settings", json!({ "before": 3 })),
    ] {
        assert!(control.subscribe(1, topic, params).is_err(), "{topic}");
    }
}

const MOMENT: Duration = Duration::from_millis(250);

async fn started(double: &std::sync::Arc<Double>, topic: &str) -> Subscription {
    let mut subscription = double.control().subscribe(1, topic, json!({})).unwrap();
    let first = subscription.next().await;
    assert!(matches!(first, Some(Frame::Snapshot(_))), "{first:?}");
    subscription
}

async fn patch(subscription: &mut Subscription) -> Rows {
    match subscription.next().await {
        Some(Frame::Patch(rows)) => rows,
        other => panic!("{other:?} is no patch"),
    }
}

/// A xorshift generator (Marsaglia, *Xorshift RNGs*, 2003).
fn next(random: &mut u64) -> u64 {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    *random
}

fn scramble(views: &mut Views, draw: u64) {
    let pick = draw / 8 % 5;
    let id = NodeId([u8::try_from(pick).unwrap() + 10; 32]);
    match draw % 8 {
        0 => views.agents.push(agent(&format!("agent-{draw}"))),
        1 if !views.agents.is_empty() => {
            views.agents.remove(usize::try_from(pick).unwrap() % views.agents.len());
        }
        2 => views.agents.iter_mut().for_each(|agent| agent.restarts += 1),
        3 if views.nodes.iter().all(|node| node.id != id) => views.nodes.push(node(id, "x")),
        4 => views.nodes.retain(|node| node.id != id),
        5 => views.nodes.iter_mut().for_each(|node| node.state = NodeState::Suspect),
        6 if pick > 2 => views.agents.iter_mut().for_each(|agent| {
            // A field that comes and goes.
            agent.moving_to = if agent.moving_to.is_some() { None } else { Some(id) };
        }),
        6 => views.status.messages_per_s += 1,
        _ => views.pairing.nearby.clear(),
    }
}
