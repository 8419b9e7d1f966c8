//! Dials that the driver asked for, and how they fail.

use std::{
    collections::BTreeMap,
    error::Error,
    io,
    time::{Duration, Instant},
};

use covey_logic::{NodeId, node::DialFailure};
use libp2p::{
    kad::QueryId,
    swarm::{ConnectionId, DialError},
};

/// Dials under way, and lookups of addresses for them.
#[derive(Debug, Default)]
pub(super) struct Dials {
    dialling: BTreeMap<ConnectionId, (NodeId, Instant)>,
    looking_up: Vec<(QueryId, NodeId)>,
}

impl Dials {
    /// Dials to one member at a time: the path may open and close again while one is in its
    /// handshake, and then that one hangs.
    const AT_A_TIME: usize = 2;
    /// The least time between two of them.
    const INTERVAL: Duration = Duration::from_millis(1_000);

    /// Whether enough dials to a member are under way.
    pub(super) fn enough_to(&self, node: NodeId, now: Instant) -> bool {
        let begun = || self.dialling.values().filter(|(to, _)| *to == node).map(|(_, at)| *at);
        let recent = |at: Instant| now.saturating_duration_since(at) < Self::INTERVAL;
        begun().count() >= Self::AT_A_TIME
            || begun().any(recent)
            || self.looking_up.iter().any(|(_, to)| *to == node)
    }

    /// Notes a dial.
    pub(super) fn dial(&mut self, id: ConnectionId, to: NodeId, now: Instant) {
        self.dialling.insert(id, (to, now));
    }

    /// Notes a lookup.
    pub(super) fn look_up(&mut self, query: QueryId, of: NodeId) {
        self.looking_up.push((query, of));
    }

    /// Ends a dial; whose it was, if the driver asked for it.
    pub(super) fn end_dial(&mut self, id: ConnectionId) -> Option<NodeId> {
        self.dialling.remove(&id).map(|(to, _)| to)
    }

    /// Ends a lookup; whose it was, if it was ours.
    pub(super) fn end_lookup(&mut self, query: QueryId) -> Option<NodeId> {
        let at = self.looking_up.iter().position(|(id, _)| *id == query)?;
        Some(self.looking_up.swap_remove(at).1)
    }
}

/// What a failed dial says of the member: that its process is gone, only if every address said so.
pub(in crate::net) fn failure_of(error: &DialError) -> DialFailure {
    match error {
        DialError::Transport(errors) => {
            let refused = errors.iter().all(|(_, error)| refuses(error));
            if refused && !errors.is_empty() {
                DialFailure::Refused
            } else {
                DialFailure::Unreachable
            }
        }
        DialError::LocalPeerId { .. }
        | DialError::WrongPeerId { .. }
        | DialError::Denied { .. } => DialFailure::Denied,
        DialError::NoAddresses | DialError::Aborted | DialError::DialPeerConditionFalse(_) => {
            DialFailure::Unreachable
        }
    }
}

/// Whether the cause of an error, however wrapped, is that the port is closed.
fn refuses(error: &(dyn Error + 'static)) -> bool {
    let inner = error.downcast_ref::<io::Error>();
    if inner.is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused) {
        return true;
    }
    // An `io::Error` names the source of what it wraps as its own, and skips what it wraps.
    let wrapped =
        inner.and_then(io::Error::get_ref).map(|wrapped| wrapped as &(dyn Error + 'static));
    wrapped.or_else(|| error.source()).is_some_and(refuses)
}

#[cfg(test)]
mod tests {
    use libp2p::{Multiaddr, TransportError};

    use super::*;

    fn transport(kinds: &[io::ErrorKind]) -> DialError {
        let error = |kind: &io::ErrorKind| {
            let wrapped = io::Error::other(io::Error::other(io::Error::from(*kind)));
            (Multiaddr::empty(), TransportError::Other(wrapped))
        };
        DialError::Transport(kinds.iter().map(error).collect())
    }

    #[test]
    fn dials_to_one_member_are_spaced_and_few() {
        let node = NodeId([1; 32]);
        let mut dials = Dials::default();
        let mut now = Instant::now();

        for number in 0..Dials::AT_A_TIME {
            assert!(!dials.enough_to(node, now));
            dials.dial(ConnectionId::new_unchecked(number), node, now);
            assert!(dials.enough_to(node, now));
            now += Dials::INTERVAL;
        }

        assert!(dials.enough_to(node, now));
        assert_eq!(dials.end_dial(ConnectionId::new_unchecked(0)), Some(node));
        assert!(!dials.enough_to(node, now));
    }

    #[test]
    fn refused_only_when_every_address_refused() {
        use io::ErrorKind::{ConnectionRefused, TimedOut};

        assert_eq!(failure_of(&transport(&[ConnectionRefused; 2])), DialFailure::Refused);
        assert_eq!(
            failure_of(&transport(&[ConnectionRefused, TimedOut])),
            DialFailure::Unreachable
        );
        assert_eq!(failure_of(&transport(&[])), DialFailure::Unreachable);
    }
}
