//! Callers that wait for a route.

use std::collections::BTreeMap;

use covey_logic::{Epoch, Name, NodeId, agent::Phase, comms::Route, node::AgentView};

use crate::comms::{NoRoute, Seek, SeekAfter};

/// Callers that wait for a route, by the name they look for.
#[derive(Debug, Default)]
pub(super) struct Seekers {
    waiting: BTreeMap<Name, Vec<Seek>>,
    len: usize,
}

impl Seekers {
    /// Callers that may wait: each holds a few hundred bytes.
    const CAPACITY: usize = 65_536;

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The names that are looked for.
    pub(super) fn names(&self) -> Vec<Name> {
        self.waiting.keys().cloned().collect()
    }

    /// Keeps a caller until there is news for it.
    pub(super) fn push(&mut self, seek: Seek) {
        if self.len >= Self::CAPACITY {
            self.prune();
        }
        if self.len >= Self::CAPACITY {
            return seek.answer(Err(NoRoute::Busy));
        }
        self.len += 1;
        self.waiting.entry(seek.name.clone()).or_default().push(seek);
    }

    /// `name` leads to `route` from here on: whom that helps is told.
    pub(super) fn routed(&mut self, name: &Name, route: Route, reachable: bool) {
        let Some(seeks) = self.waiting.remove(name) else { return };
        self.len -= seeks.len();
        for seek in seeks {
            if helps(route, seek.after, reachable) {
                seek.answer(Ok(route));
            } else {
                self.push(seek);
            }
        }
    }

    /// `name` will lead nowhere: everyone who looks for it is told.
    pub(super) fn fail(&mut self, name: &Name, why: NoRoute) {
        let seeks = self.waiting.remove(name).unwrap_or_default();
        self.len -= seeks.len();
        for seek in seeks {
            seek.answer(Err(why));
        }
    }

    /// `peer` is connected: whoever waited for that may try again.
    pub(super) fn connected(&mut self, peer: NodeId) {
        for seeks in self.waiting.values_mut() {
            let before = seeks.len();
            let (again, keep) = std::mem::take(seeks).into_iter().partition(
                |seek| matches!(seek.after, SeekAfter::NotConnected(r) if r.node == peer),
            );
            *seeks = keep;
            self.len -= before - seeks.len();
            let again: Vec<Seek> = again;
            for seek in again {
                if let SeekAfter::NotConnected(route) = seek.after {
                    seek.answer(Ok(route));
                }
            }
        }
        self.waiting.retain(|_, seeks| !seeks.is_empty());
    }

    /// Forgets callers that gave up.
    pub(super) fn prune(&mut self) {
        for seeks in self.waiting.values_mut() {
            seeks.retain(|seek| !seek.reply.is_closed());
        }
        self.waiting.retain(|_, seeks| !seeks.is_empty());
        self.len = self.waiting.values().map(Vec::len).sum();
    }
}

/// Whether `route` is worth a try after what the caller tried; `reachable` says whether its node is
/// connected, or is this one.
pub(super) fn helps(route: Route, after: SeekAfter, reachable: bool) -> bool {
    route.epoch != Epoch(0)
        && match after {
            SeekAfter::Nothing => true,
            SeekAfter::NotHere(tried) => route != tried,
            SeekAfter::NotConnected(tried) => route != tried || reachable,
        }
}

/// Whether an agent is meant to take calls, now or after a restart.
pub(super) fn may_run(agent: &AgentView) -> bool {
    agent.wanted && !matches!(agent.phase, Some(Phase::Finished | Phase::Failed))
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    const A: NodeId = NodeId([1; 32]);
    const B: NodeId = NodeId([2; 32]);

    #[test]
    fn caller_hears_of_a_route_other_than_the_one_it_tried() {
        let mut seekers = Seekers::default();
        let mut answer = seek(&mut seekers, SeekAfter::NotHere(route(A, 1)));

        seekers.routed(&name(), route(A, 1), true);
        assert!(answer.try_recv().is_err());
        seekers.routed(&name(), route(B, 2), true);

        assert_eq!(answer.try_recv(), Ok(Ok(route(B, 2))));
        assert!(seekers.is_empty());
    }

    #[test]
    fn caller_tries_again_when_its_peer_is_connected() {
        let mut seekers = Seekers::default();
        let mut answer = seek(&mut seekers, SeekAfter::NotConnected(route(A, 1)));

        seekers.connected(B);
        assert!(answer.try_recv().is_err());
        seekers.connected(A);

        assert_eq!(answer.try_recv(), Ok(Ok(route(A, 1))));
        assert!(seekers.is_empty());
    }

    #[test]
    fn name_that_no_agent_holds_helps_nobody() {
        assert!(!helps(route(A, 0), SeekAfter::Nothing, true));
    }

    #[test]
    fn caller_that_gave_up_takes_no_room() {
        let mut seekers = Seekers::default();
        drop(seek(&mut seekers, SeekAfter::Nothing));

        seekers.prune();

        assert!(seekers.is_empty());
    }

    fn seek(seekers: &mut Seekers, after: SeekAfter) -> oneshot::Receiver<Result<Route, NoRoute>> {
        let (reply, answer) = oneshot::channel();
        seekers.push(Seek { name: name(), after, reply });
        answer
    }

    fn name() -> Name {
        Name::new("echo").unwrap()
    }

    fn route(node: NodeId, epoch: u64) -> Route {
        Route { node, epoch: Epoch(epoch), token: None }
    }
}
