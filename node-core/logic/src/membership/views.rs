//! What this node tells the others of how it sees them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::{
    ids::NodeId,
    membership::{Membership, PeerState},
    outbox::{Happened, Outbox},
    replica::{Presence, PresenceKey},
    time::{Instant, Now},
};

/// Members that a node does not hold alive, and how it sees them: nothing on a quiet day.
pub type Views = BTreeMap<NodeId, PeerState>;

/// What was told last, and when.
#[derive(Debug, Default)]
pub(super) struct Told {
    views: Views,
    at: Instant,
}

impl Membership {
    /// How often views are told at most: people read them, and nothing is decided by them.
    const TELL_INTERVAL: Duration = Duration::from_millis(1_000);

    /// How this node sees the members that it does not hold alive; one that has not had the time to
    /// connect is not judged yet.
    #[must_use]
    pub fn views(&self, now: Now) -> Views {
        let judged = |node: &NodeId| {
            let state = self.state(*node);
            (state != PeerState::Alive && !self.is_awaited(now, *node)).then_some((*node, state))
        };
        self.peers.keys().filter_map(judged).collect()
    }

    /// Tells the others how this node sees them, if that changed.
    pub(super) fn tell_views(&mut self, now: Now, out: &mut Outbox) {
        if now.at.since(self.told.at) < Self::TELL_INTERVAL || !self.may_accuse() {
            return;
        }
        let views = self.views(now);
        if views == self.told.views {
            return;
        }
        let value = (!views.is_empty()).then(|| Presence::Views(Arc::new(views.clone())));
        self.told = Told { views, at: now.at };
        out.happened(Happened::PresenceSaid(PresenceKey::Views, value));
    }
}
