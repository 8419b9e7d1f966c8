//! The group of whichever cluster this node is in.

use std::{fmt, path::PathBuf, sync::Arc};

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use covey_logic::{ClusterId, NodeId};
use tokio::{sync::watch, task::JoinHandle};

use super::{Carrier, Group, Surroundings, Thresholds};

/// What a node knows of its cluster, and which it is.
type Around = Option<(ClusterId, Surroundings)>;

/// The group of whichever cluster this node is in; cheap to clone. A cluster that was left keeps its
/// file, and its group is closed.
#[derive(Clone)]
pub struct Agreement {
    current: Arc<ArcSwapOption<Group>>,
    opened: watch::Sender<()>,
    around: watch::Sender<Around>,
    thresholds: watch::Sender<Thresholds>,
    task: Arc<tokio::sync::Mutex<Option<JoinHandle<()>>>>,
}

impl Agreement {
    /// Follows what [`Self::look_around`] is told; the files lie in `folder`.
    #[must_use]
    pub fn start(folder: PathBuf, me: NodeId, carrier: Arc<dyn Carrier>) -> Self {
        let current = Arc::default();
        let (around, changes) = watch::channel(None);
        let (opened, thresholds) = <(watch::Sender<()>, watch::Sender<_>)>::default();
        let follow = Follow {
            folder,
            me,
            carrier,
            current: Arc::clone(&current),
            opened: opened.clone(),
            thresholds: thresholds.subscribe(),
        };
        let task = Arc::new(tokio::sync::Mutex::new(Some(tokio::spawn(follow.run(changes)))));
        Self { current, opened, around, thresholds, task }
    }

    /// What the node knows of its cluster from here on.
    pub fn look_around(&self, cluster: ClusterId, surroundings: Surroundings) {
        self.around.send_if_modified(|around| {
            let next = Some((cluster, surroundings));
            let differs = *around != next;
            *around = next;
            differs
        });
    }

    /// The group; none while it is being opened, or if its file cannot be used.
    #[must_use]
    pub fn group(&self) -> Option<Arc<Group>> {
        self.current.load_full()
    }

    /// Marked as changed whenever [`Self::group`] gives another.
    #[must_use]
    pub fn opened(&self) -> watch::Receiver<()> {
        self.opened.subscribe()
    }

    /// How long one must have been there, or away, for the voters to change from here on.
    pub fn set_thresholds(&self, thresholds: Thresholds) {
        self.thresholds.send_replace(thresholds);
    }

    /// Takes messages of another member in.
    pub fn arrived(&self, from: NodeId, messages: &[Bytes]) {
        if let Some(group) = self.group() {
            messages.iter().for_each(|message| group.arrived(from, message));
        }
    }

    /// Closes the group; it is opened no more.
    pub async fn close(&self) {
        if let Some(task) = self.task.lock().await.take() {
            task.abort();
            // It was aborted.
            drop(task.await);
        }
        if let Some(group) = self.current.swap(None) {
            group.close().await;
        }
    }
}

impl fmt::Debug for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agreement").field("group", &self.group()).finish_non_exhaustive()
    }
}

/// The task that opens and closes groups.
struct Follow {
    folder: PathBuf,
    me: NodeId,
    carrier: Arc<dyn Carrier>,
    current: Arc<ArcSwapOption<Group>>,
    opened: watch::Sender<()>,
    thresholds: watch::Receiver<Thresholds>,
}

impl Follow {
    async fn run(self, mut changes: watch::Receiver<Around>) {
        let mut open: Option<(ClusterId, watch::Sender<Surroundings>)> = None;
        while changes.changed().await.is_ok() {
            let Some((cluster, surroundings)) = changes.borrow_and_update().clone() else {
                continue;
            };
            if let Some((of, around)) = &open
                && *of == cluster
            {
                around.send_replace(surroundings);
                continue;
            }
            if let Some(group) = self.current.swap(None) {
                tracing::info!(cluster = ?group.cluster(), "group left");
                self.opened.send_replace(());
                group.close().await;
            }
            let (sender, around) = watch::channel(surroundings);
            open = Some((cluster, sender));
            let path = self.folder.join(format!("{cluster}.db"));
            let carrier = Arc::clone(&self.carrier);
            let watched = (around, self.thresholds.clone());
            match Group::open(&path, (cluster, self.me), carrier, watched).await {
                Ok(group) => {
                    self.current.store(Some(group));
                    self.opened.send_replace(());
                }
                Err(error) => tracing::warn!(%error, "this node takes no part in its group"),
            }
        }
    }
}
