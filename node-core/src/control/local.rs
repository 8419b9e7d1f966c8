//! The door of the window: the same commands and frames, without a socket.

use serde_json::Value;
use tokio::{runtime::Handle, task::AbortHandle};

use super::{Cause, Control, Frame, UiError};

/// The control interface for code in the same process; cheap to clone.
#[derive(Clone, Debug)]
pub struct Local {
    control: Control,
    runtime: Handle,
}

/// A subscription that ends when it is dropped.
#[derive(Debug)]
#[must_use = "dropping it ends the subscription"]
pub struct Watching(AbortHandle);

impl Local {
    /// A door to `control`, whose work is done on `runtime`; callers may be on another.
    #[must_use]
    pub fn new(control: Control, runtime: Handle) -> Self {
        Self { control, runtime }
    }

    /// As [`Control::call`].
    ///
    /// # Errors
    ///
    /// As [`Control::call`], and [`Cause::Stopping`] when the runtime has stopped.
    pub async fn call(&self, command: String, arguments: Value) -> Result<Value, UiError> {
        let control = self.control.clone();
        self.runtime
            .spawn(async move { control.call(&command, arguments).await })
            .await
            .unwrap_or_else(|_: tokio::task::JoinError| Err(Cause::Stopping.into()))
    }

    /// Gives `sink` every frame of a topic until it says false, or what is returned is dropped.
    ///
    /// # Errors
    ///
    /// As [`Control::subscribe`].
    pub fn subscribe(
        &self,
        id: u64,
        topic: &str,
        params: Value,
        mut sink: impl FnMut(Frame) -> bool + Send + 'static,
    ) -> Result<Watching, UiError> {
        let _on_runtime = self.runtime.enter();
        let mut subscription = self.control.subscribe(id, topic, params)?;
        let reading = self.runtime.spawn(async move {
            while let Some(frame) = subscription.next().await {
                if !sink(frame) {
                    break;
                }
            }
        });
        Ok(Watching(reading.abort_handle()))
    }

    /// As [`Control::stop_asked`].
    pub async fn stop_asked(&self) {
        self.control.stop_asked().await;
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}
