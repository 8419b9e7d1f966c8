//! Agents that hand their state over: nothing that was answered is missing in it.

use std::{sync::Arc, time::Duration};

use covey_logic::{
    Epoch,
    agent::{AgentSpec, AgentState, Builtin, ExitReason, Handoff},
};
use covey_node::host::{CallError, HostEvent};
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{PATIENCE, World, builtin, call, name, program, request};

#[tokio::test]
async fn counter_takes_no_call_before_it_has_its_state() {
    let mut world = World::new();
    let spec = stateful(builtin("counter", Builtin::Counter));
    world.host.start_agent(Arc::new(spec), Epoch(1));
    assert_eq!(world.event().await, HostEvent::Warm { name: name("counter"), epoch: Epoch(1) });
    let host = world.host.clone();
    let early = tokio::spawn(async move { call(&host, "counter", "add", r#"{"by": 1}"#).await });

    world.host.restore_agent(&name("counter"), Epoch(1), Some(state("41")));

    assert_eq!(world.event().await, HostEvent::Started { name: name("counter"), epoch: Epoch(1) });
    assert_eq!(early.await.unwrap().unwrap(), "42");
}

/// C120: of calls from many sides at once, each is either in the state or not handled.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn suspended_counter_has_exactly_what_it_answered() {
    let mut world = World::new();
    begin(&mut world, stateful(builtin("counter", Builtin::Counter)), None).await;
    let mut callers = JoinSet::new();
    for _ in 0..8 {
        let host = world.host.clone();
        callers.spawn(async move {
            let mut answered = 0_u64;
            let add = || request("add", r#"{"by": 1}"#, PATIENCE);
            while host.call(&name("counter"), Epoch(1), add()).await.is_ok() {
                answered += 1;
                tokio::task::yield_now().await;
            }
            answered
        });
    }
    tokio::time::sleep(Duration::from_millis(20)).await;

    world.host.suspend_agent(&name("counter"), Epoch(1));

    let taken = suspended(&mut world).await.unwrap();
    world.stop("counter", PATIENCE);
    let answered: u64 = callers.join_all().await.iter().sum();
    assert!(answered > 0);
    assert_eq!(String::from_utf8(taken.0.to_vec()).unwrap(), answered.to_string());
}

#[tokio::test]
async fn call_that_was_held_back_is_answered_after_the_agent_goes_on() {
    let mut world = World::new();
    begin(&mut world, stateful(builtin("counter", Builtin::Counter)), Some(state("7"))).await;
    world.host.suspend_agent(&name("counter"), Epoch(1));
    assert_eq!(suspended(&mut world).await, Ok(state("7")));
    let host = world.host.clone();
    let held = tokio::spawn(async move { call(&host, "counter", "get", "").await });

    world.host.resume_agent(&name("counter"), Epoch(1));

    assert_eq!(held.await.unwrap().unwrap(), "7");
}

#[tokio::test]
async fn call_that_was_held_back_goes_elsewhere_when_the_agent_stops() {
    let mut world = World::new();
    begin(&mut world, stateful(builtin("counter", Builtin::Counter)), None).await;
    world.host.suspend_agent(&name("counter"), Epoch(1));
    suspended(&mut world).await.unwrap();
    let host = world.host.clone();
    let held = tokio::spawn(async move { call(&host, "counter", "get", "").await });

    world.stop("counter", PATIENCE);

    let told = held.await.unwrap().unwrap_err();
    assert!(matches!(told, CallError::Stopping | CallError::Unknown), "{told:?}");
}

/// C121: what was answered before a stop is in the last copy.
#[tokio::test]
async fn stopped_agent_gives_its_state_once_more() {
    let mut world = World::new();
    begin(&mut world, stateful(builtin("counter", Builtin::Counter)), None).await;
    world.ask("counter", "add", r#"{"by": 3}"#).await;

    world.stop("counter", PATIENCE);

    let copy = world.event().await;
    let (name, epoch) = (name("counter"), Epoch(1));
    assert_eq!(copy, HostEvent::Snapshot { name, epoch, state: state("3") });
    assert_eq!(world.exit().await.reason, ExitReason::Stopped);
}

#[tokio::test]
async fn changed_state_is_copied_by_itself() {
    let mut world = World::new();
    let mut spec = stateful(builtin("counter", Builtin::Counter));
    spec.handoff.checkpoint_ms = 100;
    begin(&mut world, spec, None).await;

    world.ask("counter", "add", r#"{"by": 3}"#).await;

    let HostEvent::Snapshot { state: copy, .. } = world.event().await else { panic!() };
    assert_eq!(copy, state("3"));
}

#[tokio::test]
async fn python_example_goes_on_in_another_life() {
    let mut world = World::new();
    let spec = crate::examples::example("python");
    begin(&mut world, spec.clone(), None).await;
    world.ask("greeter", "greet", r#"{"name": "Ada"}"#).await;
    world.ask("greeter", "count", r#"{"text": "a rose is a rose"}"#).await;
    world.host.suspend_agent(&name("greeter"), Epoch(1));
    let taken = suspended(&mut world).await.unwrap();
    world.stop("greeter", PATIENCE);
    world.exit().await;

    let mut other = World::new();
    begin(&mut other, spec, Some(taken)).await;

    let again = other.ask("greeter", "greet", r#"{"name": "Ada"}"#).await;
    assert_eq!(again, "Hello again, Ada! That makes 2.");
    assert_eq!(other.ask("greeter", "top", r#"{"limit": 1}"#).await, json!([["a", 2]]));
}

/// K81: an agent without the methods stays where it is.
#[tokio::test]
async fn program_without_a_state_says_so_and_goes_on() {
    let mut world = World::new();
    let text = include_str!("agent.py");
    let spec = stateful(program("plain", &["python3", "agent.py"], &[("agent.py", text)]));
    begin(&mut world, spec, None).await;

    world.host.suspend_agent(&name("plain"), Epoch(1));

    let told = suspended(&mut world).await.unwrap_err();
    assert!(told.contains("-32601"), "{told}");
    world.host.resume_agent(&name("plain"), Epoch(1));
    assert!(world.call("plain", "echo", "1").await.is_ok());
}

#[tokio::test]
async fn state_that_cannot_be_restored_ends_the_life() {
    let mut world = World::new();
    let spec = stateful(builtin("counter", Builtin::Counter));
    world.host.start_agent(Arc::new(spec), Epoch(1));
    assert!(matches!(world.event().await, HostEvent::Warm { .. }));

    world.host.restore_agent(&name("counter"), Epoch(1), Some(state("rose")));

    let exit = world.exit().await;
    assert!(matches!(exit.reason, ExitReason::NotStarted { .. }), "{exit:?}");
}

fn stateful(spec: AgentSpec) -> AgentSpec {
    AgentSpec { handoff: Handoff { state: true, checkpoint_ms: 3_600_000 }, ..spec }
}

fn state(text: &str) -> AgentState {
    text.as_bytes().to_vec().into()
}

/// Starts an agent with a state and waits until it takes calls.
async fn begin(world: &mut World, spec: AgentSpec, state: Option<AgentState>) {
    let agent = spec.name.clone();
    world.host.start_agent(Arc::new(spec), Epoch(1));
    world.host.restore_agent(&agent, Epoch(1), state);
    assert!(matches!(world.event().await, HostEvent::Warm { .. }));
    assert!(matches!(world.event().await, HostEvent::Started { .. }));
}

async fn suspended(world: &mut World) -> Result<AgentState, String> {
    loop {
        if let HostEvent::Suspended { result, .. } = world.event().await {
            return result;
        }
    }
}
