//! The agents that people are shown, run as they are.

use covey_logic::agent::{AgentSpec, ExitReason};

use crate::support::{PATIENCE, World};

#[tokio::test]
async fn python_example_greets_counts_and_crashes() {
    let mut world = World::new();
    let mut spec = example("python");
    // What it hands over is tested with the hand-off.
    spec.handoff.state = false;
    world.run(&spec).await;

    assert_eq!(world.ask("greeter", "greet", r#"{"name": "Ada"}"#).await, "Hello, Ada!");
    assert_eq!(world.ask("greeter", "count", r#"{"text": "a rose is a rose"}"#).await, 5);
    let top = world.ask("greeter", "top", r#"{"limit": 1}"#).await;
    assert_eq!(top, serde_json::json!([["a", 2]]));
    assert!(world.call("greeter", "greet", "{}").await.is_err());
    let _crashed = world.call("greeter", "crash", "").await;

    let exit = world.exit().await;
    assert_eq!(exit.reason, ExitReason::Exited { code: 1 });
    assert_eq!(exit.tail.last().unwrap(), "RuntimeError: this agent was asked to crash");
}

#[tokio::test]
async fn shell_example_answers_and_says_goodbye() {
    let mut world = World::new();
    world.run(&example("shell")).await;

    let time = world.ask("clock", "time", r#"{"id": 99}"#).await;
    assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
    assert!(world.ask("clock", "uptime", "").await.is_string());
    assert_eq!(world.ask("clock", "asked", "").await, 3);
    let refused = world.call("clock", "oops", "").await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the agent answered with error -32601: there is no method oops"
    );
    world.stop("clock", PATIENCE);

    assert_eq!(world.exit().await.tail.last().unwrap(), "goodbye after 4 questions");
}

/// The specification of an example, its files read as the command line reads them.
pub(crate) fn example(which: &str) -> AgentSpec {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/agents");
    let folder = folder.join(which);
    let text = std::fs::read_to_string(folder.join("agent.json")).unwrap();
    let mut spec: serde_json::Value = serde_json::from_str(&text).unwrap();
    for file in spec["runtime"]["files"].as_array_mut().unwrap() {
        let path = file.as_str().unwrap();
        let contents = std::fs::read(folder.join(path)).unwrap();
        let contents = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, contents);
        *file = serde_json::json!({ "path": path, "contents": contents });
    }
    let spec: AgentSpec = serde_json::from_value(spec).unwrap();
    spec.check().unwrap();
    spec
}
