//! The group of whichever cluster this node is in.

use std::{fmt, path::PathBuf, sync::Arc};

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use covey_logic::{ClusterId, NodeId};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

use super::{
    Carrier, ConsensusError, Group, Lineage, RecoveryError, SetAsideError, Surroundings,
    Thresholds, Trouble,
    follow::{Around, Beginning, Follow, Order},
};
use crate::entropy;

/// People who wait for a store to be set aside.
const ORDERS: usize = 4;

/// The group of whichever cluster this node is in; cheap to clone. A cluster that was left keeps its
/// file, and its group is closed.
#[derive(Clone)]
pub struct Agreement {
    current: Arc<ArcSwapOption<Group>>,
    opened: watch::Sender<()>,
    around: watch::Sender<Around>,
    folder: PathBuf,
    thresholds: watch::Sender<Thresholds>,
    trouble: watch::Receiver<Option<Trouble>>,
    orders: mpsc::Sender<Order>,
    task: Arc<tokio::sync::Mutex<Option<JoinHandle<()>>>>,
}

impl Agreement {
    /// Follows what [`Self::look_around`] is told; the files lie in `folder`.
    #[must_use]
    pub fn start(folder: PathBuf, me: NodeId, carrier: Arc<dyn Carrier>) -> Self {
        let current = Arc::default();
        let (around, changes) = watch::channel(None);
        let (opened, thresholds) = <(watch::Sender<()>, watch::Sender<_>)>::default();
        let (saying, trouble) = watch::channel(None);
        let (orders, queue) = mpsc::channel(ORDERS);
        let follow = Follow {
            folder: folder.clone(),
            me,
            carrier,
            current: Arc::clone(&current),
            opened: opened.clone(),
            thresholds: thresholds.subscribe(),
            trouble: saying,
            open: None,
        };
        let task = tokio::spawn(follow.run(changes, queue));
        let task = Arc::new(tokio::sync::Mutex::new(Some(task)));
        Self { current, opened, around, folder, thresholds, trouble, orders, task }
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

    /// What the node knows of its cluster, as it changes; none before it says so.
    #[must_use]
    pub fn surroundings(&self) -> watch::Receiver<Option<(ClusterId, Surroundings)>> {
        self.around.subscribe()
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

    /// Writes the beginning of another group, with what this node holds of the one whose majority is
    /// lost; its number, and how many wishes it begins with. It is opened once the cluster is told
    /// that it is its group.
    ///
    /// # Errors
    ///
    /// See [`RecoveryError`].
    pub async fn recover(&self) -> Result<(u64, u64), RecoveryError> {
        let group = self.group().ok_or(RecoveryError::Outside)?;
        let bytes = entropy::bytes().map_err(ConsensusError::from)?;
        let number = u64::from_be_bytes(bytes).max(1);
        let of = Lineage { cluster: group.cluster(), number };
        let revision = group.recover(&self.folder.join(of.to_string())).await?;
        Ok((number, revision))
    }

    /// What is wrong with the store of the group, if anything is.
    #[must_use]
    pub fn trouble(&self) -> watch::Receiver<Option<Trouble>> {
        self.trouble.clone()
    }

    /// Leaves the damaged store of the group as it is, and writes the beginning of another group with
    /// nothing in it. It is opened once the cluster is told that it is its group.
    ///
    /// # Errors
    ///
    /// See [`SetAsideError`].
    pub async fn set_aside(&self) -> Result<Beginning, SetAsideError> {
        let (reply, answer) = oneshot::channel();
        // Who is closed has nothing to set aside, either.
        drop(self.orders.send(reply).await);
        answer.await.unwrap_or(Err(SetAsideError::Whole))
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
