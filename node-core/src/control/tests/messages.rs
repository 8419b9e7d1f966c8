//! Messages to many agents, on topics, and answers that are asked for later.

use serde_json::json;

use super::double::Double;
use crate::control::Cause;

#[tokio::test]
async fn each_of_many_agents_has_an_outcome_of_its_own() {
    let asked = json!({ "names": ["late", "adder", "adder"], "method": "add", "params": 7 });

    let outcomes = Double::new().control().call("agent.broadcast", asked).await.unwrap();

    let outcomes = outcomes.as_array().unwrap();
    assert_eq!(outcomes.len(), 2, "each once");
    assert_eq!(
        (&outcomes[0]["name"], &outcomes[0]["answer"]["value"]),
        (&json!("adder"), &json!(7))
    );
    assert_eq!(outcomes[1]["name"], "late");
    assert_eq!(outcomes[1]["error"]["code"], "no_answer");
}

#[tokio::test]
async fn agents_are_named_or_said_by_what_they_can_do() {
    let control = Double::new().control();

    for extra in [json!({}), json!({ "names": ["a"], "capabilities": ["b"] })] {
        let mut asked = extra;
        asked["method"] = json!("add");
        let refusal = control.call("agent.broadcast", asked).await.unwrap_err();
        assert!(matches!(refusal.cause, Cause::BadArguments { .. }), "{refusal}");
    }
}

#[tokio::test]
async fn more_agents_than_one_message_goes_to_are_refused() {
    let names: Vec<_> = (0..=10_000).map(|number| format!("a{number}")).collect();
    let asked = json!({ "names": names, "method": "add" });

    let refusal = Double::new().control().call("agent.broadcast", asked).await.unwrap_err();

    assert!(matches!(refusal.cause, Cause::TooMuch { .. }), "{refusal}");
}

#[tokio::test]
async fn who_has_not_what_was_published_is_told() {
    let asked = json!({ "topic": "news", "body": 1 });

    let published = Double::new().control().call("topic.publish", asked).await.unwrap();

    assert_eq!(published["delivered"], 1);
    assert_eq!(published["failed"][0]["name"], "late");
}

#[tokio::test]
async fn topic_with_a_namespace_is_refused() {
    let asked = json!({ "topic": "a/b", "agent": "adder" });

    let refusal = Double::new().control().call("topic.subscribe", asked).await.unwrap_err();

    assert!(matches!(refusal.cause, Cause::Invalid { .. }), "{refusal}");
}

#[tokio::test]
async fn answer_is_asked_for_later() {
    let control = Double::new().control();
    let result = async |handle: &str, wait_ms: u64| {
        control.call("agent.result", json!({ "handle": handle, "wait_ms": wait_ms })).await
    };

    let call = json!({ "name": "adder", "method": "add" });
    let submitted = control.call("agent.submit", json!({ "call": call })).await.unwrap();
    let handle = submitted["handle"].as_str().unwrap();

    assert_eq!(result(handle, 0).await.unwrap(), json!({ "pending": true }));
    assert_eq!(result(handle, 10).await.unwrap()["answer"]["value"], 7);
    let unknown = result("0000000000000000", 0).await.unwrap_err();
    assert!(matches!(unknown.cause, Cause::NoCall { .. }), "{unknown}");
}
