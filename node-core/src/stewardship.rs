//! What falls to this node of the work that one member does for all.
//!
//! The state of such work is what the group agreed on; the steward of its key proposes what has to
//! happen in time, and is whoever has the highest score of the members that are up. Two may hold
//! themselves for it at once, and none for a while: what they propose is decided by the log alone.

use std::{future::pending, sync::Arc, time::Duration};

use covey_logic::{
    ClusterId, Input, NodeId,
    agreed::{Agreed, Granted, Key, Wish},
};
use tokio::sync::{mpsc, watch};

use crate::consensus::{Agreement, Group, ProposeError, Surroundings};

/// What a task that does such work follows.
#[derive(Debug)]
pub(crate) struct Stewardship {
    me: NodeId,
    agreement: Agreement,
    opened: watch::Receiver<()>,
    around: watch::Receiver<Option<(ClusterId, Surroundings)>>,
    group: Option<(Arc<Group>, watch::Receiver<u64>)>,
    /// Inputs of the node, which end with it.
    inputs: mpsc::Sender<Input>,
}

impl Stewardship {
    /// How long a proposal may take.
    const AGREE_TIMEOUT: Duration = Duration::from_secs(5);

    pub(crate) fn new(me: NodeId, agreement: Agreement, inputs: mpsc::Sender<Input>) -> Self {
        let (opened, around) = (agreement.opened(), agreement.surroundings());
        let mut new = Self { me, agreement, opened, around, group: None, inputs };
        new.find_group();
        new
    }

    /// Whether what `key` names falls to this node.
    pub(crate) fn is_mine(&self, key: &str) -> bool {
        let around = self.around.borrow();
        around.as_ref().is_some_and(|(_, around)| around.is_steward(self.me, key))
    }

    /// Looks at what the group agreed on, as far as this node took it in; nothing without a group.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Agreed) -> T) -> Option<T> {
        self.group.as_ref().map(|(group, _)| group.look_here(look).0)
    }

    /// The group, for tasks of their own; none while there is none.
    pub(crate) fn group(&self) -> Option<Arc<Group>> {
        self.group.as_ref().map(|(group, _)| Arc::clone(group))
    }

    /// Where the clock of the group is at least, in nanoseconds; 0 without a group.
    pub(crate) fn clock(&self) -> u64 {
        self.group.as_ref().map_or(0, |(group, _)| group.clock_here())
    }

    /// Has the group agree; under the same key it is done once, whoever proposes it.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub(crate) async fn agree(
        &self,
        wish: impl Into<Wish>,
        key: Option<Key>,
    ) -> Result<Granted, ProposeError> {
        let (group, _) = self.group.as_ref().ok_or(ProposeError::NoLeader)?;
        group.propose(wish, key, Self::AGREE_TIMEOUT).await
    }

    /// Returns when something was agreed on, another group was opened, or other members are up, since
    /// it was last called; whether the node still runs.
    pub(crate) async fn changed(&mut self) -> bool {
        let Self { opened, around, group, inputs, .. } = self;
        let agreed = async {
            if let Some((_, revision)) = group
                && revision.changed().await.is_ok()
            {
                return;
            }
            // The group was closed: the next is told of.
            pending::<()>().await;
        };
        let runs = tokio::select! {
            () = inputs.closed() => false,
            () = agreed => true,
            changed = around.changed() => changed.is_ok(),
            changed = opened.changed() => changed.is_ok(),
        };
        self.find_group();
        runs
    }

    fn find_group(&mut self) {
        let current = self.agreement.group();
        let known = self.group.as_ref().map(|(group, _)| Arc::as_ptr(group));
        if current.as_ref().map(Arc::as_ptr) != known {
            self.group = current.map(|group| {
                let revision = group.revision();
                (group, revision)
            });
        }
    }
}
