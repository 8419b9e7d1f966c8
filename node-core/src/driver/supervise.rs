//! What stands around the loop, and cleans up however it ends.

use std::{any::Any, sync::Arc, time::Duration};

use covey_logic::Command;
use futures::FutureExt as _;
use tokio::{sync::watch, task::JoinHandle, time::Instant};

use super::{
    Parts, adapters,
    event_loop::Driver,
    inlets::{Inlets, Part},
    lock::Lock,
};
/// Why a node stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StopCause {
    /// It was asked to, and said goodbye.
    #[error("it was asked to stop: {reason}")]
    Asked {
        /// Why.
        reason: String,
    },
    /// Another machine has been running with this node's identity for longer: give this one a data
    /// folder of its own, or stop the other.
    #[error(
        "the machine at {address} runs with the same identity: the data folder was copied, and \
        only one of the two can run. Start this one with a data folder of its own, or stop that one"
    )]
    Twin {
        /// Where the other is.
        address: String,
    },
    /// It was ended without a word.
    #[error("it was killed")]
    Killed,
    /// Its disk took no writes for so long that what waits for it is too much to be kept: make room,
    /// and start it again.
    #[error(
        "its disk took no writes for too long: make room, or mend it, and start the node again"
    )]
    Disk,
    /// A part of it ended by itself: restart it.
    #[error("its {part} ended by itself")]
    Ended {
        /// Which part.
        part: Part,
    },
    /// A rule that must hold did not: restart it, and report what it said.
    #[error("it found itself broken: {message}")]
    Broken {
        /// What it said.
        message: String,
    },
}

/// What outlives the loop, to be closed after it.
#[derive(Debug)]
pub(super) struct Remains {
    pub(super) parts: Parts,
    pub(super) tasks: [JoinHandle<()>; 2],
    pub(super) lock: Lock,
    pub(super) stopped: watch::Sender<Option<Arc<StopCause>>>,
}

/// How long agents that a goodbye has not ended may take to end.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// Runs the loop to its end and cleans up after it.
pub(super) async fn supervise(
    driver: Driver,
    (inlets, wishes): (Inlets, Vec<Command>),
    remains: Remains,
) {
    let run = Box::pin(driver.run(inlets, wishes));
    let ran = std::panic::AssertUnwindSafe(run).catch_unwind().await;
    let cause = ran.unwrap_or_else(|panic| StopCause::Broken { message: message_of(&*panic) });
    let Remains { parts, tasks, lock, stopped } = remains;
    let Parts { net, store, host, comms, agreement, .. } = parts;
    match &cause {
        StopCause::Broken { message } => tracing::error!(message, "node is broken"),
        StopCause::Ended { part } => tracing::error!(%part, "part of the node ended by itself"),
        StopCause::Disk => tracing::error!("the disk took no writes for too long"),
        StopCause::Asked { .. } | StopCause::Twin { .. } | StopCause::Killed => {}
    }
    let book = net.address_book();
    if cause == StopCause::Killed {
        net.stop().await;
        host.stop_all(Instant::now()).await;
    } else {
        host.stop_all(Instant::now() + STOP_TIMEOUT).await;
        net.stop().await;
    }
    for task in tasks {
        task.abort();
        // It was aborted.
        drop(task.await);
    }
    agreement.close().await;
    comms.lose_all();
    if cause != StopCause::Killed {
        store.save_addresses(adapters::to_store(book)).await;
    }
    store.close().await;
    drop(lock);
    tracing::info!(%cause, "node stopped");
    drop(stopped.send_replace(Some(Arc::new(cause))));
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned())
}
