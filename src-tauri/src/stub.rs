//! Stands in for the control interface until it is merged.
#![expect(missing_docs, unreachable_pub, reason = "stands in")]
use serde_json::Value;
#[derive(Clone, Debug, serde::Serialize)]
pub struct UiError(pub String);
impl std::fmt::Display for UiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
#[derive(Clone, Debug, serde::Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Frame {
    Snapshot(Rows),
    Patch(Rows),
    Error { id: u64, error: UiError },
}
#[derive(Clone, Debug, serde::Serialize)]
pub struct Rows {
    pub id: u64,
    pub topic: String,
    pub seq: u64,
    pub at: u64,
    pub rows: Vec<Value>,
    pub removed: Vec<String>,
}
#[derive(Debug)]
pub struct Watching(tokio::task::AbortHandle);
impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}
#[derive(Clone, Debug)]
pub struct Local(pub tokio::runtime::Handle);
impl Local {
    pub async fn call(&self, command: String, arguments: Value) -> Result<Value, UiError> {
        if command == "fault" {
            self.0.spawn(async { panic!("asked to") });
        }
        Ok(serde_json::json!({ "command": command, "arguments": arguments }))
    }
    pub fn subscribe(
        &self,
        id: u64,
        topic: &str,
        _: Value,
        mut sink: impl FnMut(Frame) -> bool + Send + 'static,
    ) -> Result<Watching, UiError> {
        let topic = topic.to_owned();
        Ok(Watching(self.0.spawn(async move {
            for seq in 1.. {
                let row = serde_json::json!({"id": "status", "name": "wren", "cluster_name": "home", "nodes_alive": seq, "nodes_known": 9, "problems": [], "requests": []});
                if !sink(Frame::Snapshot(Rows { id, topic: topic.clone(), seq, at: 0, rows: vec![row], removed: vec![] })) { break; }
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
        }).abort_handle()))
    }
}
