//! Sessions, asked of this node.

use std::{sync::Arc, time::Duration};

use covey_logic::{
    Name,
    agreed::{Granted, Key},
    sessions::{Act, Done, Seat, Session, SessionRow, SessionView, Sessions},
};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{AskError, Messages, NodeHandle};
use crate::consensus::{Agreement, Group, ProposeError};

/// Sessions, to be begun and looked at from this node; cheap to clone, and it keeps no node running.
#[derive(Clone, Debug)]
pub struct Convener {
    agreement: Agreement,
    messages: Messages,
}

/// Between two looks of one that waits: many may wait while entries come in thousands a second.
const LOOK_PAUSE: Duration = Duration::from_millis(1);

impl NodeHandle {
    /// Sessions.
    #[must_use]
    pub fn convener(&self) -> Convener {
        Convener::new(self.parts.agreement.clone(), self.messages())
    }
}

impl Convener {
    /// How long an agreement may take.
    pub const AGREE_TIMEOUT: Duration = Duration::from_secs(5);
    /// How long this node may take to hear of a session that another began.
    const FOLLOW_TIMEOUT: Duration = Duration::from_secs(2);

    pub(crate) fn new(agreement: Agreement, messages: Messages) -> Self {
        Self { agreement, messages }
    }

    /// Messages to agents.
    pub(crate) fn messages(&self) -> &Messages {
        &self.messages
    }

    /// Has the cluster agree on a change; it is on the disks of a majority when this returns.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn agree(&self, act: Act, key: Option<Key>) -> Result<Done, ProposeError> {
        let granted = self.group()?.propose(act, key, Self::AGREE_TIMEOUT).await?;
        // Else another wish was answered under this key.
        if let Granted::Sessions(done) = granted { Ok(done) } else { Err(ProposeError::Unknown) }
    }

    /// A session, once it is over or `wait` is; nothing if there is none of this number, or only its
    /// events are left. As this node has it, which waits for what others began before it was asked.
    ///
    /// # Errors
    ///
    /// [`ProposeError::NoLeader`] if this node has no group.
    pub async fn session(
        &self,
        id: u64,
        wait: Duration,
    ) -> Result<Option<SessionView>, ProposeError> {
        let group = self.group()?;
        let began = Instant::now();
        let is_over = |sessions: &Sessions| sessions.get(id).map(|session| session.end.is_some());
        let mut revision = group.revision();
        loop {
            // Marked first, so that no change is missed between the look and the wait.
            revision.mark_unchanged();
            let (over, at) = group.look_here(|agreed| is_over(agreed.sessions()));
            let wait = match over {
                Some(true) => Duration::ZERO,
                Some(false) => wait,
                None if at < id => wait.max(Self::FOLLOW_TIMEOUT),
                None => return Ok(None),
            };
            let deadline = began + wait;
            if Instant::now() >= deadline
                || !matches!(timeout_at(deadline, revision.changed()).await, Ok(Ok(())))
            {
                let clock = group.clock_here();
                let view = |session: &Session| session.view(clock);
                return Ok(group.look_here(|agreed| agreed.sessions().get(id).map(view)).0);
            }
            if group.look_here(|agreed| is_over(agreed.sessions())).0 == Some(true) {
                continue;
            }
            sleep_until(deadline.min(Instant::now() + LOOK_PAUSE)).await;
        }
    }

    /// Those that run, and then those that are over and kept, the last first.
    ///
    /// # Errors
    ///
    /// [`ProposeError::NoLeader`] if this node has no group.
    pub fn sessions(&self) -> Result<Vec<SessionRow>, ProposeError> {
        let group = self.group()?;
        let clock = group.clock_here();
        let rows = |sessions: &Sessions| {
            let all = sessions.iter_running().chain(sessions.iter_over());
            all.map(|session| session.row(clock)).collect()
        };
        Ok(group.look_here(|agreed| rows(agreed.sessions())).0)
    }

    /// The life of an agent that this node knows of.
    #[must_use]
    pub fn seat(&self, agent: &Name) -> Option<Seat> {
        let route = self.messages.comms.routes().get(agent)?;
        Some(Seat { node: route.node, epoch: route.epoch })
    }

    /// The life of an agent that runs on this node.
    #[must_use]
    pub fn own_seat(&self, agent: &Name) -> Option<Seat> {
        self.seat(agent).filter(|seat| seat.node == self.messages.me)
    }

    /// The first of these names that no agent has.
    ///
    /// # Errors
    ///
    /// See [`AskError`].
    pub async fn unknown(&self, names: Vec<Name>) -> Result<Option<Name>, AskError> {
        let absent: Vec<Name> =
            names.into_iter().filter(|name| self.seat(name).is_none()).collect();
        if absent.is_empty() {
            return Ok(None);
        }
        let unknown =
            |node: &covey_logic::Node| absent.into_iter().find(|name| node.explain(name).is_none());
        self.messages.asking.look(unknown).await
    }

    fn group(&self) -> Result<Arc<Group>, ProposeError> {
        self.agreement.group().ok_or(ProposeError::NoLeader)
    }
}
