//! The settings of guards: each is changed, and its effect is observed.

use serde_json::{Value, json};

use super::{Alone, effects::echo, eventually};
use crate::control::{Cause, UiError};

/// Changes a setting of guards and sees what differs; whether it is one.
pub(super) async fn observe(node: &Alone, key: &str) -> bool {
    if !["breakers.", "calls.at_once", "calls.queue", "rates."]
        .iter()
        .any(|start| key.starts_with(start))
    {
        return false;
    }
    let agent = &key.replace(['.', '_'], "-");
    node.ask("agent.start", echo(agent)).await.unwrap();
    let case = Case { node, agent };
    case.well().await.unwrap();
    let changed = match key {
        "breakers.failures" => case.failures().await,
        "breakers.percent" => case.percent().await,
        "breakers.probes" => case.probes().await,
        "breakers.recovery" => case.recovery().await,
        "breakers.successes" => case.successes().await,
        "breakers.window" => case.window().await,
        "calls.at_once" => case.at_once().await,
        "calls.queue" => case.queue().await,
        "calls.queue_wait" => case.queue_wait().await,
        "rates.rules" => case.rates().await,
        other => panic!("no test shows what {other} does"),
    };
    let unset: Vec<_> = changed.iter().map(|key| json!({ "key": key, "value": null })).collect();
    node.change(json!(unset)).await;
    true
}

/// What a case changed.
type Changed = &'static [&'static str];

/// An agent that answers well, late, or never, as it is asked.
struct Case<'a> {
    node: &'a Alone,
    agent: &'a str,
}

impl Case<'_> {
    async fn failures(&self) -> Changed {
        for _ in 0..3 {
            self.fail().await;
        }
        self.node.set("breakers.failures", "4").await;

        self.fail().await;

        assert_eq!(self.refused().await, "breaker");
        &["breakers.failures"]
    }

    /// Half of two calls failed, which is not all of them.
    async fn percent(&self) -> Changed {
        self.node.set("breakers.failures", "1").await;
        self.node.set("breakers.percent", "100").await;
        self.fail().await;
        self.well().await.unwrap();

        self.node.set("breakers.percent", "50").await;
        self.fail().await;

        assert_eq!(self.refused().await, "breaker");
        &["breakers.failures", "breakers.percent"]
    }

    async fn window(&self) -> Changed {
        self.node.set("breakers.failures", "2").await;
        self.node.set("breakers.window", "1s").await;
        self.fail().await;

        // A gate of which nothing is known is not listed.
        let forgotten =
            async || (self.gate().await["failed"].as_u64().unwrap_or(0) == 0).then_some(());
        eventually("the failure is out of the window", forgotten).await;
        self.fail().await;

        self.well().await.unwrap();
        &["breakers.failures", "breakers.window"]
    }

    async fn recovery(&self) -> Changed {
        self.node.set("breakers.failures", "1").await;
        self.node.set("breakers.recovery", "1h").await;

        self.fail().await;

        let gate = self.gate().await;
        let retry = gate["breaker"]["retry_ms"].as_u64().unwrap();
        assert!((3_500_000..=3_600_000).contains(&retry), "{gate}");
        &["breakers.failures", "breakers.recovery"]
    }

    async fn probes(&self) -> Changed {
        self.trial().await;
        self.node.set("breakers.probes", "2").await;

        let slow = || self.sleep(600_000, 10_000);
        let look = async {
            let both = async || (self.gate().await["running"] == 2).then_some(());
            eventually("two probes go on", both).await;
            self.refused().await
        };
        let refused = tokio::select! {
            _ = futures::future::join(slow(), slow()) => panic!("they sleep"),
            refused = look => refused,
        };

        assert_eq!(refused, "breaker");
        &["breakers.failures", "breakers.recovery", "breakers.probes"]
    }

    async fn successes(&self) -> Changed {
        self.trial().await;
        self.node.set("breakers.successes", "3").await;

        let mut phases = Vec::new();
        for _ in 0..3 {
            self.well().await.unwrap();
            // What is closed, and has counted nothing since, is not listed.
            let phase = self.gate().await["breaker"]["phase"].clone();
            phases.push(phase.as_str().unwrap_or("closed").to_owned());
        }

        assert_eq!(phases, ["half_open", "half_open", "closed"]);
        &["breakers.failures", "breakers.recovery", "breakers.successes"]
    }

    async fn at_once(&self) -> Changed {
        self.node.set("calls.queue", "0").await;
        self.node.set("calls.at_once", "1").await;

        assert_eq!(self.beside_one(self.refused()).await, "bulkhead");
        &["calls.queue", "calls.at_once"]
    }

    /// One waits, and the next is refused.
    async fn queue(&self) -> Changed {
        self.node.set("calls.at_once", "1").await;
        self.node.set("calls.queue", "1").await;

        let refused = self.beside_one(async {
            let look = async {
                let waits = async || (self.gate().await["queued"] == 1).then_some(());
                eventually("one waits", waits).await;
                self.refused().await
            };
            tokio::select! {
                _ = self.sleep(600_000, 10_000) => panic!("it waits"),
                refused = look => refused,
            }
        });

        assert_eq!(refused.await, "bulkhead");
        &["calls.at_once", "calls.queue"]
    }

    async fn queue_wait(&self) -> Changed {
        self.node.set("calls.at_once", "1").await;
        self.node.set("calls.queue_wait", "120ms").await;

        let refused = self.beside_one(self.well()).await.unwrap_err();

        let reason = json!(refused)["reason"].clone();
        let waited = reason["waited_ms"].as_u64().unwrap();
        assert!((120..5_000).contains(&waited), "{reason}");
        &["calls.at_once", "calls.queue_wait"]
    }

    async fn rates(&self) -> Changed {
        self.node.set("rates.rules", "agent.call:* 1/h").await;

        self.well().await.unwrap();

        assert_eq!(self.refused().await, "rate");
        &["rates.rules"]
    }

    /// Has the breaker open and let probes through.
    async fn trial(&self) {
        self.node.set("breakers.failures", "1").await;
        self.node.set("breakers.recovery", "100ms").await;
        self.fail().await;
        let half = async || (self.gate().await["breaker"]["phase"] == "half_open").then_some(());
        eventually("its time is over", half).await;
    }

    /// Does something while one call goes on.
    async fn beside_one<T>(&self, what: impl Future<Output = T>) -> T {
        let look = async {
            let runs = async || (self.gate().await["running"] == 1).then_some(());
            eventually("one goes on", runs).await;
            what.await
        };
        tokio::select! {
            _ = self.sleep(600_000, 10_000) => panic!("it sleeps"),
            seen = look => seen,
        }
    }

    async fn well(&self) -> Result<Value, UiError> {
        let call = json!({ "name": self.agent, "method": "echo" });
        self.node.ask("agent.call", call).await
    }

    /// A call that is not answered in time.
    async fn fail(&self) {
        assert_eq!(self.sleep(600_000, 20).await.unwrap_err().cause, Cause::NoAnswer);
    }

    async fn sleep(&self, ms: u64, timeout_ms: u64) -> Result<Value, UiError> {
        let params = json!({ "ms": ms });
        let call = json!({
            "name": self.agent, "method": "sleep", "params": params, "timeout_ms": timeout_ms,
        });
        self.node.ask("agent.call", call).await
    }

    /// The guard that refuses a call.
    async fn refused(&self) -> String {
        let refused = json!(self.well().await.unwrap_err());
        refused["reason"]["guard"].as_str().unwrap_or_else(|| panic!("{refused}")).to_owned()
    }

    /// What is known of the agent.
    async fn gate(&self) -> Value {
        let view = self.node.ask("guard.get", json!({})).await.unwrap();
        let gates = view["gates"].as_array().unwrap();
        gates.iter().find(|gate| gate["name"] == self.agent).cloned().unwrap_or_default()
    }
}
