//! Settings of whole nodes, each alone: what is changed has an effect, and nothing is forgotten.

mod effects;
mod guards;
mod pending;

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use covey_logic::event::Fact;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::{
    NodeHandle, Options,
    control::{Control, UiError},
    driver,
    store::EventQuery,
};

/// How long anything may take; most takes milliseconds, and the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// A node alone, and its data folder.
struct Alone {
    folder: TempDir,
    node: NodeHandle,
    control: Control,
}

impl Alone {
    async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    async fn start_with(set: impl FnOnce(&mut Options)) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), set).await
    }

    async fn start_in(folder: TempDir, set: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options {
            data_dir: folder.path().join("node"),
            listen: vec![Ipv4Addr::LOCALHOST.into()],
            mdns: false,
            same_machine: None,
            ..Options::default()
        };
        set(&mut options);
        let node = driver::start(options).await.unwrap();
        let control = Control::new(Arc::new(node.clone()));
        Self { folder, node, control }
    }

    async fn restart(self) -> Self {
        self.node.stop("test").await;
        let Self { folder, node, control } = self;
        drop((node, control));
        Self::start_in(folder, |_| {}).await
    }

    async fn ask(&self, command: &str, arguments: Value) -> Result<Value, UiError> {
        self.control.call(command, arguments).await
    }

    /// Once the group of one agrees, which takes a moment after the start.
    async fn change(&self, changes: Value) -> Value {
        let change = json!({ "changes": changes });
        eventually("the group agrees", async || {
            self.ask("setting.change", change.clone()).await.ok()
        })
        .await
    }

    async fn set(&self, key: &str, value: &str) -> Value {
        self.change(json!([{ "key": key, "value": value }])).await
    }

    async fn setting(&self, key: &str) -> Value {
        let list = self.ask("setting.list", json!({})).await.unwrap();
        let settings = list["settings"].as_array().unwrap();
        settings.iter().find(|there| there["key"] == key).unwrap().clone()
    }

    /// The events about settings, the oldest first.
    async fn facts(&self) -> Vec<Fact> {
        let kinds = ["setting_changed", "settings_queued", "settings_dropped"];
        let kinds = kinds.map(str::to_owned).into();
        let query = EventQuery { kinds, limit: 100, ..EventQuery::default() };
        let page = self.node.query_events(&query).await.unwrap();
        page.events.iter().rev().map(|event| event.fact.clone()).collect()
    }
}

/// Asks again until there is an answer, or nobody would wait longer.
async fn eventually<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let found = timeout(PATIENCE, async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            sleep(Duration::from_millis(20)).await;
        }
    });
    found.await.unwrap_or_else(|_| panic!("not in time: {what}"))
}
