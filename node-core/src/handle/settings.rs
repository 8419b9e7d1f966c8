//! Settings, asked of this node.

use covey_logic::{
    agreed::{Granted, Key},
    settings::{Act, Refused, Settings},
};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use ts_rs::TS;

use super::{NodeHandle, Primitives};
use crate::{
    consensus::ProposeError,
    settings::{HereError, NodeSettings, PendingView},
};

/// A change of settings that the cluster is to agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingWish {
    /// What is wished.
    pub act: Act,
    /// Ties a repeated wish to its first answer.
    pub key: Option<Key>,
    /// Whether it waits at this node if no majority is there.
    pub queue: bool,
}

/// What became of a change of settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[ts(rename = "SettingsChanged")]
pub enum Changed {
    /// The cluster agreed.
    Agreed {
        /// The version from here on.
        #[ts(type = "number")]
        version: u64,
        /// How many settings changed.
        changed: u32,
    },
    /// It waits at this node for a majority.
    Waits {
        /// As it is listed.
        pending: PendingView,
    },
}

/// Why a change of settings was not made, nor waits.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// See its text.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// See its text.
    #[error(transparent)]
    Propose(#[from] ProposeError),
    /// See its text.
    #[error(transparent)]
    Here(#[from] HereError),
}

impl NodeHandle {
    /// What is set on this node.
    #[must_use]
    pub fn settings(&self) -> &NodeSettings {
        &self.settings
    }

    /// Has the cluster agree on a change of settings, or, if that is wished, has the change wait
    /// until it can. When it was agreed, this node has taken it in when this returns.
    ///
    /// Dropped, the change may be made all the same.
    ///
    /// # Errors
    ///
    /// See [`ChangeError`].
    pub async fn change_settings(&self, wish: SettingWish) -> Result<Changed, ChangeError> {
        let SettingWish { act, key, queue } = wish;
        if let Act::Change { changes, .. } = &act {
            Settings::check(changes)?;
        }
        // One that may wait does not overtake those that do.
        if queue && !self.settings.view().pending.is_empty() {
            return Ok(Changed::Waits { pending: self.settings.queue(act).await? });
        }
        let proposed = match self.primitives().group() {
            Ok(group) => group.propose(act.clone(), key, Primitives::AGREE_TIMEOUT).await,
            Err(error) => Err(error),
        };
        let done = match proposed {
            Ok(Granted::Settings(done)) => done,
            // Another wish was answered under this key.
            Ok(_) => return Err(ProposeError::Unknown.into()),
            Err(ProposeError::NoQuorum { .. } | ProposeError::NoLeader) if queue => {
                return Ok(Changed::Waits { pending: self.settings.queue(act).await? });
            }
            Err(error) => return Err(error.into()),
        };
        let mut here = self.settings.version();
        // It comes here by itself, if late: the change is made whatever this wait says.
        drop(timeout(Primitives::AGREE_TIMEOUT, here.wait_for(|at| *at >= done.version)).await);
        Ok(Changed::Agreed { version: done.version, changed: done.changed })
    }
}
