//! The task that opens and closes groups, and does what it can about their stores.

use std::{
    error::Error as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwapOption;
use covey_logic::{ClusterId, NodeId, certificate::Role};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::sleep,
};

use super::{
    Carrier, ConsensusError, Group, Lineage, SetAsideError, Surroundings, Thresholds, Trouble,
    disk, recovery::begin_empty,
};
use crate::{entropy, volume};

/// What a node knows of its cluster, and which it is.
pub(super) type Around = Option<(ClusterId, Surroundings)>;

/// The beginning of a group in the place of one whose store is damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// Where the damaged store stays.
    pub aside: PathBuf,
    /// The number of the group that begins; it is opened once the cluster is told that it counts.
    pub lineage: u64,
}

/// A person who wants the damaged store set aside.
pub(super) type Order = oneshot::Sender<Result<Beginning, SetAsideError>>;

/// The task that opens and closes groups.
pub(super) struct Follow {
    pub(super) folder: PathBuf,
    pub(super) me: NodeId,
    pub(super) carrier: Arc<dyn Carrier>,
    pub(super) current: Arc<ArcSwapOption<Group>>,
    pub(super) opened: watch::Sender<()>,
    pub(super) thresholds: watch::Receiver<Thresholds>,
    pub(super) trouble: watch::Sender<Option<Trouble>>,
    /// The group that should be open.
    pub(super) open: Option<(Lineage, watch::Sender<Surroundings>)>,
}

impl Follow {
    /// Between two looks at a store that has trouble, and at whether it has.
    const LOOK_INTERVAL: Duration = Duration::from_secs(1);

    pub(super) async fn run(
        mut self,
        mut changes: watch::Receiver<Around>,
        mut orders: mpsc::Receiver<Order>,
    ) {
        loop {
            tokio::select! {
                changed = changes.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let around = changes.borrow_and_update().clone();
                    if let Some((cluster, surroundings)) = around {
                        self.look_around(cluster, surroundings).await;
                    }
                }
                Some(order) = orders.recv() => {
                    let done = self.set_aside_by_word().await;
                    // Who asked may have given up.
                    drop(order.send(done));
                }
                () = sleep(Self::LOOK_INTERVAL), if self.open.is_some() => self.look_after().await,
            }
        }
    }

    async fn look_around(&mut self, cluster: ClusterId, surroundings: Surroundings) {
        let of = Lineage { cluster, number: surroundings.lineage };
        if let Some((open, around)) = &self.open
            && *open == of
        {
            around.send_replace(surroundings);
            return;
        }
        self.leave().await;
        self.open = Some((of, watch::channel(surroundings).0));
        self.trouble.send_replace(None);
        self.open().await;
    }

    async fn leave(&self) {
        if let Some(group) = self.current.swap(None) {
            tracing::info!(group = %group.of(), "group left");
            self.opened.send_replace(());
            group.close().await;
        }
    }

    /// Opens the store, and if it is damaged and others can fill another, that one.
    async fn open(&self) {
        let Some((of, around)) = &self.open else { return };
        let path = self.folder.join(of.to_string());
        let error = match self.try_open(&path).await {
            Ok(()) => return,
            Err(error) => error,
        };
        let reason = in_words(&error);
        let alone = around.borrow().members.len() < 2;
        if error.is_damage() && !alone {
            tracing::warn!(reason, "the group's store is damaged");
            if let Err(error) = self.begin_anew(&path).await {
                let reason = error.to_string();
                self.say(Trouble::Unusable { path, reason });
            }
        } else if error.is_damage() {
            self.say(Trouble::Damaged { path, reason });
        } else if let Err(refusal) = volume::probe(&self.folder) {
            self.say(Trouble::Stopped { path, refusal });
        } else {
            self.say(Trouble::Unusable { path, reason });
        }
    }

    async fn try_open(&self, path: &Path) -> Result<(), ConsensusError> {
        let Some((of, around)) = &self.open else { return Ok(()) };
        let watched = (around.subscribe(), self.thresholds.clone());
        let carrier = Arc::clone(&self.carrier);
        let group = Group::open(path, (*of, self.me), carrier, watched).await?;
        self.current.store(Some(group));
        self.opened.send_replace(());
        Ok(())
    }

    /// Sets what is damaged aside, and opens an empty store under another number.
    async fn begin_anew(&self, path: &Path) -> std::io::Result<()> {
        let aside = disk::set_aside(path)?;
        self.try_open(path).await.map_err(std::io::Error::other)?;
        self.say(Trouble::Filling { aside });
        Ok(())
    }

    fn say(&self, trouble: Trouble) {
        let trouble = Some(trouble);
        if *self.trouble.borrow() != trouble {
            tracing::warn!(?trouble, "the group's store has trouble");
            self.trouble.send_replace(trouble);
        }
    }

    /// Whether what was wrong has passed.
    async fn look_after(&self) {
        let trouble = self.trouble.borrow().clone();
        let path = self.open.as_ref().map(|(of, _)| self.folder.join(of.to_string()));
        let (Some(path), group) = (path, self.current.load_full()) else { return };
        let stopped = group.as_ref().is_none_or(|group| group.has_stopped());
        match (trouble, group) {
            (Some(Trouble::Damaged { .. }), _) => {
                let alone = |(_, around): &(Lineage, watch::Sender<Surroundings>)| {
                    around.borrow().members.len() < 2
                };
                // Others came who can fill another.
                if !self.open.as_ref().is_some_and(alone) {
                    self.open().await;
                }
            }
            (Some(Trouble::Filling { .. }), Some(group)) if !stopped => {
                if group.is_filled() {
                    self.trouble.send_replace(None);
                }
            }
            (_, Some(_)) if !stopped => {}
            // It is opened anew: what is on the disk is what was acknowledged.
            _ => match volume::probe(&self.folder) {
                Ok(()) => {
                    self.leave().await;
                    self.trouble.send_replace(None);
                    self.open().await;
                }
                Err(refusal) => self.say(Trouble::Stopped { path, refusal }),
            },
        }
    }

    /// Begins another group because a person says so; the damaged store stays as part of the one before,
    /// so that this can be asked again if it comes to nothing. Who founded the cluster is of no matter:
    /// it may be gone.
    async fn set_aside_by_word(&self) -> Result<Beginning, SetAsideError> {
        let damaged = matches!(&*self.trouble.borrow(), Some(Trouble::Damaged { .. }));
        let Some((of, around)) = self.open.as_ref().filter(|_| damaged) else {
            return Err(SetAsideError::Whole);
        };
        if around.borrow().members.get(&self.me) < Some(&Role::Admin) {
            return Err(SetAsideError::Forbidden);
        }
        let bytes = entropy::bytes().map_err(ConsensusError::from)?;
        let next = Lineage { number: u64::from_be_bytes(bytes).max(1), ..*of };
        begin_empty(&self.folder.join(next.to_string()), self.me).await?;
        Ok(Beginning { aside: self.folder.join(of.to_string()), lineage: next.number })
    }
}

/// An error and its causes on one line.
fn in_words(error: &ConsensusError) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
