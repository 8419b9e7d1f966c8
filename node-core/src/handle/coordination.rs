//! What the cluster agrees on, asked of this node.

use std::{sync::Arc, time::Duration};

use covey_logic::{
    Name,
    agreed::{Agreed, Granted, Key},
    coordination::{
        Act, Coordination, Counter, CounterView, Done, Holder, Lock, LockView, Refused, Variable,
        VariableRow,
    },
};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};
use ts_rs::TS;

use super::NodeHandle;
use crate::consensus::{Group, GroupView, ProposeError};

/// What the cluster agrees on, as this node has it: perhaps older than what others have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CoordinationView {
    /// The group that agrees; none while this node opens its file, or if that cannot be used.
    pub group: Option<GroupView>,
    /// The last entry that this node took in: everything below is as of it.
    #[ts(type = "number")]
    pub index: u64,
    /// The locks that are held, [`NodeHandle::LISTED`] at most.
    pub locks: Vec<LockView>,
    /// Counters, as many at most.
    pub counters: Vec<CounterView>,
    /// Variables, as many at most, without what they hold.
    pub variables: Vec<VariableRow>,
}

/// A lock to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acquire {
    /// Which.
    pub lock: Name,
    /// Who takes it, as this node tells them apart.
    pub session: Name,
    /// How long it is held without a word.
    pub lease: Duration,
    /// How long to stand in line for it.
    pub wait: Duration,
    /// Ties a repeated wish to its first answer.
    pub key: Option<Key>,
}

impl NodeHandle {
    /// How long an agreement may take.
    pub const AGREE_TIMEOUT: Duration = Duration::from_secs(5);
    /// Locks, counters and variables that are listed, of each kind.
    pub const LISTED: usize = 1_000;

    /// Has the cluster agree on a change; it is on the disks of a majority when this returns.
    ///
    /// Dropped, the change may be made all the same.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn agree(&self, act: Act, key: Option<Key>) -> Result<Done, ProposeError> {
        let granted = self.group()?.propose(act, key, Self::AGREE_TIMEOUT).await?;
        let Granted::Coordination(done) = granted;
        Ok(done)
    }

    /// Takes a lock, and stands in line for it if another holds it; its fencing token.
    ///
    /// Dropped, who asked may still get the lock, and keeps it until its lease ends.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`]; [`Refused::Held`] if it did not come about in time.
    pub async fn acquire(&self, asked: Acquire) -> Result<u64, ProposeError> {
        let Acquire { lock, session, lease, wait, key } = asked;
        let deadline = Instant::now() + wait;
        let holder = Holder { node: self.id, session };
        let act = Act::Acquire {
            lock: lock.clone(),
            holder: holder.clone(),
            lease,
            wait: !wait.is_zero(),
        };
        if let Done::Held { token } = self.agree(act, key).await? {
            return Ok(token);
        }
        let group = self.group()?;
        let mut index = group.index();
        loop {
            // Marked first, so that no entry is missed between the look and the wait.
            index.mark_unchanged();
            let here = |agreed: &Agreed| held(agreed.coordination().lock(&lock), &holder);
            if let Some(token) = group.look_here(here).0 {
                return Ok(token);
            }
            if !matches!(timeout_at(deadline, index.changed()).await, Ok(Ok(()))) {
                break;
            }
        }
        self.agree(Act::StepBack { lock: lock.clone(), holder: holder.clone() }, None).await?;
        // It may have come at the last moment, before this stepped back.
        let (token, other) = group
            .look(Self::AGREE_TIMEOUT, |agreed| {
                let lock = agreed.coordination().lock(&lock);
                (held(lock, &holder), lock.map(|lock| lock.hold.holder.clone()))
            })
            .await?;
        let other = other.unwrap_or_else(|| holder.clone());
        token.ok_or_else(|| Refused::Held { lock, holder: other }.into())
    }

    /// One counter, no older than this question.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn counter(&self, counter: &Name) -> Result<Counter, ProposeError> {
        self.read(|state| state.counter(counter)).await
    }

    /// One variable, no older than this question.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn variable(&self, variable: &Name) -> Result<Option<Variable>, ProposeError> {
        self.read(|state| state.variable(variable).cloned()).await
    }

    /// What the cluster agrees on, as this node has it.
    #[must_use]
    pub fn coordination(&self) -> CoordinationView {
        let Ok(group) = self.group() else {
            let (locks, counters, variables) = Default::default();
            return CoordinationView { group: None, index: 0, locks, counters, variables };
        };
        let ((locks, counters, variables), index) = group.look_here(|agreed| {
            let state = agreed.coordination();
            let lock = |(name, lock)| LockView::new(name, lock);
            let counter = |(name, counter): (&Name, &Counter)| CounterView::new(name, *counter);
            let variable = |(name, variable)| VariableRow::new(name, variable);
            (
                state.locks().take(Self::LISTED).map(lock).collect(),
                state.counters().take(Self::LISTED).map(counter).collect(),
                state.variables().take(Self::LISTED).map(variable).collect(),
            )
        });
        CoordinationView { group: Some(group.view()), index, locks, counters, variables }
    }

    /// Looks at the primitives, no older than this question.
    async fn read<T>(&self, look: impl FnOnce(&Coordination) -> T) -> Result<T, ProposeError> {
        self.group()?.look(Self::AGREE_TIMEOUT, |agreed| look(agreed.coordination())).await
    }

    fn group(&self) -> Result<Arc<Group>, ProposeError> {
        self.parts.agreement.group().ok_or(ProposeError::NoLeader)
    }
}

/// The token of a lock, if `holder` holds it.
fn held(lock: Option<&Lock>, holder: &Holder) -> Option<u64> {
    lock.filter(|lock| lock.hold.holder == *holder).map(|lock| lock.hold.token)
}
