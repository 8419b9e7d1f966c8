//! Agents that go past their limits.

use covey_logic::agent::ExitReason;
use covey_node::host::CallError;

use crate::support::{World, is_running, program, python};

#[tokio::test]
async fn agent_over_its_memory_is_killed() {
    let mut world = World::new();
    let mut spec = python("eater");
    spec.limits.memory_mib = 100;
    world.run(&spec).await;

    // It may be killed before it can answer.
    let _either = world.call("eater", "eat", r#"{"mib": 150}"#).await;

    let reason = world.exit().await.reason;
    let ExitReason::OverMemory { used_mib, limit_mib: 100 } = reason else { panic!("{reason:?}") };
    assert!((101..400).contains(&used_mib), "{used_mib}");
}

#[tokio::test]
async fn memory_of_children_counts() {
    let mut world = World::new();
    let child =
        "python3 -c 'import time; hoard = bytearray(b\"1\") * (150 << 20); time.sleep(1000)'";
    let script =
        format!("{child} <&- >&- & read line; echo '{{\"id\":0,\"result\":1}}'; read line");
    let mut spec = program("parent", &["sh", "-c", &script], &[]);
    spec.limits.memory_mib = 100;
    world.run(&spec).await;

    let reason = world.exit().await.reason;

    assert!(matches!(reason, ExitReason::OverMemory { .. }), "{reason:?}");
}

#[tokio::test]
async fn agent_over_its_time_is_killed() {
    let mut world = World::new();
    let mut spec = python("slow");
    spec.limits.handle_ms = 300;
    world.run(&spec).await;
    let pid = world.ask("slow", "pid", "").await.as_u64().unwrap();

    let answer = world.call("slow", "hang", "").await;

    assert_eq!(answer, Err(CallError::Crashed));
    assert_eq!(world.exit().await.reason, ExitReason::OverTime { limit_ms: 300 });
    assert!(!is_running(pid));
}

#[tokio::test]
async fn waiting_behind_others_is_not_the_agents_time() {
    let mut world = World::new();
    let script = "read line; echo '{\"id\":0,\"result\":1}'; n=0\n\
                  while read line; do n=$((n+1)); sleep 0.2; echo '{\"id\":'$n',\"result\":'$n'}'; done";
    let mut spec = program("steady", &["sh", "-c", script], &[]);
    spec.limits.handle_ms = 1_000;
    world.run(&spec).await;

    let calls = (0..10).map(|_| world.call("steady", "work", ""));
    let answers = futures::future::join_all(calls).await;

    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}
