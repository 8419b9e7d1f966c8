//! What the commands about sessions need of a node.

use std::{sync::Arc, time::Duration};

use covey_logic::{
    Name,
    agreed::Key,
    sessions::{Act, Done, Seat, SessionRow, SessionView},
};

use crate::{
    control::{Control, backend::Answer},
    handle::Convener,
};

/// Sessions, as a node has them; see [`Convener`].
pub trait Convenes: Send + Sync + 'static {
    /// Has the cluster agree on a change.
    fn agree(&self, act: Act, key: Option<Key>) -> Answer<'_, Done>;

    /// A session, once it is over or the wait is.
    fn session(&self, id: u64, wait: Duration) -> Answer<'_, Option<SessionView>>;

    /// Those that run, and those that are over and kept.
    fn sessions(&self) -> Answer<'_, Vec<SessionRow>>;

    /// The life of an agent that this node knows of.
    fn seat(&self, agent: &Name) -> Option<Seat>;

    /// The life of an agent that runs on this node.
    fn own_seat(&self, agent: &Name) -> Option<Seat>;

    /// The first of these names that no agent has.
    fn unknown(&self, names: Vec<Name>) -> Answer<'_, Option<Name>>;

    /// The agents that can do all of this.
    fn capable(&self, capabilities: Vec<String>) -> Answer<'_, Vec<Name>>;
}

/// Whoever may begin sessions: a door, or an agent.
pub(crate) trait Calls: Sync {
    /// What begins them.
    fn sessions(&self) -> Arc<dyn Convenes>;
}

impl Calls for Control {
    fn sessions(&self) -> Arc<dyn Convenes> {
        self.backend().sessions()
    }
}

impl Convenes for Convener {
    fn agree(&self, act: Act, key: Option<Key>) -> Answer<'_, Done> {
        Box::pin(async move { Ok(Self::agree(self, act, key).await?) })
    }

    fn session(&self, id: u64, wait: Duration) -> Answer<'_, Option<SessionView>> {
        Box::pin(async move { Ok(Self::session(self, id, wait).await?) })
    }

    fn sessions(&self) -> Answer<'_, Vec<SessionRow>> {
        Box::pin(async move { Ok(Self::sessions(self)?) })
    }

    fn seat(&self, agent: &Name) -> Option<Seat> {
        Self::seat(self, agent)
    }

    fn own_seat(&self, agent: &Name) -> Option<Seat> {
        Self::own_seat(self, agent)
    }

    fn unknown(&self, names: Vec<Name>) -> Answer<'_, Option<Name>> {
        Box::pin(async move { Ok(Self::unknown(self, names).await?) })
    }

    fn capable(&self, capabilities: Vec<String>) -> Answer<'_, Vec<Name>> {
        Box::pin(async move { Ok(self.messages().capable(capabilities).await?) })
    }
}
