//! Agents that come with Covey.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use covey_logic::{
    Epoch,
    agent::{Builtin, ExitReason},
};
use covey_node::host::{Call, CallError, HostEvent};
use tokio::{task::JoinSet, time::Instant};

use crate::support::{World, builtin, call, name, request};

#[tokio::test]
async fn echo_answers_with_its_parameters() {
    let mut world = World::new();
    world.run(&builtin("echo", Builtin::Echo)).await;

    assert_eq!(world.call("echo", "echo", r#"{"a": [1, 2]}"#).await.unwrap(), r#"{"a": [1, 2]}"#);
    assert_eq!(world.call("echo", "echo", "").await.unwrap(), "null");
    assert_eq!(world.host.handled(), 2);
}

#[tokio::test]
async fn counter_counts() {
    let mut world = World::new();
    world.run(&builtin("counter", Builtin::Counter)).await;

    assert_eq!(world.call("counter", "add", r#"{"by": 5}"#).await.unwrap(), "5");
    assert_eq!(world.call("counter", "add", r#"{"by": -7}"#).await.unwrap(), "-2");
    assert_eq!(world.call("counter", "get", "").await.unwrap(), "-2");
    let most = format!(r#"{{"by": {}}}"#, i64::MIN);
    assert_eq!(code(world.call("counter", "add", &most).await), -32_602);
    assert_eq!(code(world.call("counter", "add", "[]").await), -32_602);
}

#[tokio::test]
async fn ticker_counts_seconds_by_itself() {
    let mut world = World::new();
    world.run(&builtin("ticker", Builtin::Ticker)).await;

    let deadline = Instant::now() + crate::support::PATIENCE;
    while world.call("ticker", "get", "").await.unwrap() == "0" {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn calls_that_reach_no_agent_say_why() {
    let mut world = World::new();
    world.run(&builtin("echo", Builtin::Echo)).await;
    let at = |epoch| {
        let world = &world;
        async move { world.host.call(&name("echo"), Epoch(epoch), ping()).await }
    };

    assert_eq!(at(0).await, Err(CallError::StaleEpoch));
    assert_eq!(at(2).await, Err(CallError::StaleEpoch));
    assert_eq!(world.call("nobody", "echo", "").await, Err(CallError::Unknown));
    assert_eq!(code(world.call("echo", "nonsense", "").await), -32_601);
    assert_eq!(world.call("echo", "echo", "{not json").await, Err(CallError::NotJson));
    let long = Call { params: Bytes::from(vec![b'1'; Call::MAX_SIZE + 1]), ..ping() };
    let refused = world.host.call(&name("echo"), Epoch(1), long).await;
    let (size, max) = (Call::MAX_SIZE + 1, Call::MAX_SIZE);
    assert_eq!(refused, Err(CallError::TooBig { size, max }));
}

#[tokio::test]
async fn stopped_agent_is_gone_and_says_so_once() {
    let mut world = World::new();
    world.run(&builtin("echo", Builtin::Echo)).await;

    world.stop("echo", Duration::ZERO);
    world.stop("echo", Duration::ZERO);

    assert_eq!(world.exit().await.reason, ExitReason::Stopped);
    assert_eq!(world.call("echo", "echo", "").await, Err(CallError::Unknown));
    assert!(world.events.try_recv().is_err());
}

#[tokio::test]
async fn later_life_is_found_beside_an_earlier_one_and_never_the_other_way() {
    let mut world = World::new();
    let spec = Arc::new(builtin("counter", Builtin::Counter));
    world.run(&spec).await;

    world.host.start_agent(Arc::clone(&spec), Epoch(3));
    assert!(matches!(world.event().await, HostEvent::Started { epoch: Epoch(3), .. }));
    world.host.start_agent(spec, Epoch(2));

    let HostEvent::Exited { epoch: Epoch(2), exit, .. } = world.event().await else { panic!() };
    assert!(matches!(exit.reason, ExitReason::NotStarted { .. }));
    world.stop("counter", Duration::ZERO);
    assert!(matches!(world.event().await, HostEvent::Exited { epoch: Epoch(1), .. }));
    let get = request("get", "", crate::support::PATIENCE);
    assert!(world.host.call(&name("counter"), Epoch(3), get).await.is_ok());
}

#[tokio::test]
async fn waiting_calls_delay_no_others_until_the_mailbox_is_full() {
    let mut world = World::new();
    let mut spec = builtin("echo", Builtin::Echo);
    spec.limits.mailbox = 2;
    world.run(&spec).await;
    let mut first = Box::pin(world.call("echo", "sleep", r#"{"ms": 50000}"#));
    let mut second = Box::pin(world.call("echo", "sleep", r#"{"ms": 50000}"#));
    assert!(futures::poll!(&mut first).is_pending());
    assert!(futures::poll!(&mut second).is_pending());

    assert_eq!(world.call("echo", "sleep", r#"{"ms": 0}"#).await, Err(CallError::Busy));
    assert!(world.call("echo", "echo", "").await.is_ok());
    drop(first);
    assert_eq!(world.call("echo", "sleep", r#"{"ms": 0}"#).await.unwrap(), "0");
}

#[tokio::test]
async fn message_over_its_time_ends_a_builtin_agent_too() {
    let mut world = World::new();
    let mut spec = builtin("echo", Builtin::Echo);
    spec.limits.handle_ms = 20;
    world.run(&spec).await;

    let answer = world.call("echo", "sleep", r#"{"ms": 1000}"#).await;

    assert_eq!(answer, Err(CallError::Crashed));
    assert_eq!(world.exit().await.reason, ExitReason::OverTime { limit_ms: 20 });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_agents_start_answer_and_stop() {
    let mut world = World::new();
    for i in 0..10_000 {
        let spec = builtin(&format!("many/counter-{i}"), Builtin::Counter);
        world.host.start_agent(Arc::new(spec), Epoch(1));
    }
    for _ in 0..10_000 {
        assert!(matches!(world.event().await, HostEvent::Started { .. }));
    }
    assert_eq!(world.host.count(), 10_000);

    for i in (0..10_000).step_by(97) {
        let agent = format!("many/counter-{i}");
        assert_eq!(world.call(&agent, "add", r#"{"by": 1}"#).await.unwrap(), "1");
    }

    // Nobody reads the events meanwhile.
    world.host.stop_all(Instant::now() + Duration::from_secs(30)).await;
    assert_eq!(world.host.count(), 0);
    for _ in 0..10_000 {
        assert_eq!(world.exit().await.reason, ExitReason::Stopped);
    }
    world.host.start_agent(Arc::new(builtin("late", Builtin::Echo)), Epoch(1));
    assert!(matches!(world.exit().await.reason, ExitReason::NotStarted { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_each_caller_are_handled_in_order() {
    let mut world = World::new();
    world.run(&builtin("counter", Builtin::Counter)).await;
    let mut callers = JoinSet::new();
    for _ in 0..8 {
        let host = world.host.clone();
        callers.spawn(async move {
            let mut last = 0;
            for _ in 0..1_000 {
                let count = call(&host, "counter", "add", r#"{"by": 1}"#).await.unwrap();
                let count: i64 = count.parse().unwrap();
                assert!(count > last);
                last = count;
            }
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller.unwrap();
    }

    assert_eq!(world.call("counter", "get", "").await.unwrap(), "8000");
}

fn ping() -> Call {
    request("echo", "", crate::support::PATIENCE)
}

fn code(answer: crate::support::Answer) -> i64 {
    match answer {
        Err(CallError::Agent { code, .. }) => code,
        answer => panic!("{answer:?}"),
    }
}
