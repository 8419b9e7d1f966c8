//! The agents that people are shown, run as they are.

use covey_logic::{
    agent::{AgentSpec, ExitReason},
    economics::auction::commitment,
};

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

#[tokio::test]
async fn bidding_example_bids_what_it_can_pay_and_opens_what_it_committed() {
    let mut world = World::new();
    world.run(&example("bidder")).await;
    let ask = |kind: &str, asks: u64, balance: u64| {
        serde_json::json!({
            "auction": { "auction": 7, "kind": kind, "lot": "a vase", "asks": asks },
            "you": { "account": "agent/collector", "balance": balance },
        })
        .to_string()
    };
    world.ask("collector", "value", r#"{"lot": "a vase", "credits": 70}"#).await;

    let bid = world.ask("collector", "auction.bid", &ask("english", 70, 500)).await;
    let dear = world.ask("collector", "auction.bid", &ask("english", 71, 500)).await;
    let poor = world.ask("collector", "auction.bid", &ask("dutch", 0, 12)).await;
    let sealed = world.ask("collector", "auction.bid", &ask("vickrey", 0, 500)).await;
    let opened = world.ask("collector", "auction.open", &ask("vickrey", 0, 500)).await;

    assert_eq!(bid, serde_json::json!({ "bid": 70 }));
    assert_eq!(dear, serde_json::json!({ "pass": true }));
    assert_eq!(poor, serde_json::json!({ "accept": 12 }));
    assert_eq!(opened["amount"], 70);
    let nonce = covey_logic::ids::unhex(opened["nonce"].as_str().unwrap()).unwrap();
    let (account, amount) = ("agent/collector".parse().unwrap(), covey_logic::Credits::new(70));
    let said = commitment(7, &account, amount.unwrap(), &nonce);
    assert_eq!(sealed, serde_json::json!({ "commit": covey_logic::ids::hex(&said) }));
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
