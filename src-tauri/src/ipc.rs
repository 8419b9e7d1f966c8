//! What the panel may ask of the shell: the control interface, and nothing else.

#![expect(
    clippy::needless_pass_by_value,
    clippy::let_underscore_must_use,
    reason = "Tauri's macro calls a command by value, and drops what it has sent"
)]

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use covey_node::control::{Frame, UiError, Watching};
use serde_json::Value;
use tauri::{State, ipc::Channel};

use crate::core::Core;

/// The panel's subscriptions; they end with the page that made them.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    last: AtomicU64,
    open: Mutex<BTreeMap<u64, Watching>>,
}

impl Subscriptions {
    /// Ends them all: the page that made them is gone.
    pub(crate) fn end_all(&self) {
        self.open().clear();
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<u64, Watching>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Carries out a command of the control interface.
#[tauri::command]
pub(crate) async fn call(
    core: State<'_, Core>,
    command: String,
    args: Value,
) -> Result<Value, Box<UiError>> {
    Ok(core.local().call(command, args).await?)
}

/// Sends the frames of a topic to the page, until it goes away or unsubscribes.
#[tauri::command]
pub(crate) fn subscribe(
    core: State<'_, Core>,
    subscriptions: State<'_, Subscriptions>,
    topic: &str,
    params: Value,
    channel: Channel<Frame>,
) -> Result<u64, Box<UiError>> {
    let id = subscriptions.last.fetch_add(1, Ordering::Relaxed) + 1;
    let sink = move |frame| channel.send(frame).is_ok();
    let watching = core.local().subscribe(id, topic, params, sink)?;
    subscriptions.open().insert(id, watching);
    Ok(id)
}

/// Ends a subscription; one that has ended already is no error.
#[tauri::command]
pub(crate) fn unsubscribe(subscriptions: State<'_, Subscriptions>, id: u64) {
    drop(subscriptions.open().remove(&id));
}
