//! Another machine that runs with this node's identity: a data folder was copied.
//!
//! Two machines with one key look like one node that is in two places: each takes the other's
//! messages, and both write one history. They cannot connect to each other as themselves, because
//! a peer with the own key is taken for oneself. So whoever sees a sign of a twin asks under a key
//! made for the question, and the handshake proves that the answer is signed by the own one.
//!
//! The one that has been running for less time gives way and stops; if that is too close to tell,
//! the one with the greater instance number does. Both decide alike, each for itself.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use covey_logic::{NodeId, wire};
use futures::StreamExt as _;
use libp2p::{
    PeerId,
    request_response::{Event, Message},
    swarm::{SwarmEvent, dial_opts::DialOpts},
};
use tokio::{sync::mpsc, time::timeout};

use super::{
    address,
    beacon::Sighting,
    event::NetEvent,
    lobby::{self, BehaviourEvent, Question, Reply},
    report::Twin,
    translate::{keypair, peer_of},
};
use crate::entropy;

/// How long the question may take: a dial and an answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How often one address is asked.
const PAUSE: Duration = Duration::from_secs(5);
/// Addresses that are remembered as asked.
const MAX_ASKED: usize = 256;
/// Running times that are closer than this cannot be told apart: longer than a question takes.
const TIE: Duration = Duration::from_secs(6);
/// How long one that gives way still answers: a question takes some hundred milliseconds at most.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long a twin that was met is told of.
const REMEMBERED: Duration = Duration::from_mins(5);

/// Which process this is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance {
    /// A number that no other process has.
    pub(super) number: u64,
    /// When it started.
    pub(super) started: Instant,
}

impl Instance {
    /// How long it has been running.
    pub(super) fn up(&self) -> Duration {
        self.started.elapsed()
    }

    /// Whether this process gives way to a twin.
    fn gives_way(&self, twin: u64, twin_up: Duration) -> bool {
        let up = self.up();
        if up.abs_diff(twin_up) < TIE { self.number > twin } else { up < twin_up }
    }
}

/// The twin that was met last, shared with whoever asks.
#[derive(Clone, Debug, Default)]
pub(super) struct Met(Arc<Mutex<Option<(Twin, Instant)>>>);

impl Met {
    /// The twin, if it was met lately.
    pub(super) fn get(&self) -> Option<Twin> {
        let met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        met.as_ref().filter(|(_, at)| at.elapsed() < REMEMBERED).map(|(twin, _)| twin.clone())
    }

    fn set(&self, twin: Twin) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((twin, Instant::now()));
    }
}

/// Follows signs of a twin, and tells the driver of one that is real. Cancel safe.
pub(super) async fn run(
    (node, instance): (NodeId, Instance),
    met: Met,
    (mut sightings, events): (mpsc::Receiver<Sighting>, mpsc::Sender<NetEvent>),
) {
    let Some(peer) = peer_of(node) else { return };
    let mut asked: BTreeMap<SocketAddr, Instant> = BTreeMap::new();
    while let Some(Sighting { lobby }) = sightings.recv().await {
        asked.retain(|_, at| at.elapsed() < PAUSE);
        if asked.contains_key(&lobby) || asked.len() >= MAX_ASKED {
            continue;
        }
        asked.insert(lobby, Instant::now());
        let Ok(Some(reply)) = timeout(TIMEOUT, ask(peer, instance, lobby)).await else { continue };
        // A router may lead an outside address back to this node.
        if reply.instance == instance.number {
            continue;
        }
        let up = Duration::from_millis(reply.up_ms);
        let later = instance.gives_way(reply.instance, up);
        let twin = Twin { address: lobby.to_string(), up_ms: reply.up_ms, later };
        tracing::warn!(address = %lobby, later, "another machine runs with this identity");
        met.set(twin.clone());
        if later {
            // The other one asks, too, and shall have its answer before this one is gone.
            tokio::time::sleep(LAST_WORDS).await;
        }
        if events.send(NetEvent::Twin(twin)).await.is_err() {
            return;
        }
    }
}

/// Asks who is at `lobby`, as nobody in particular; nothing unless it proves to be `peer`.
async fn ask(peer: PeerId, instance: Instance, lobby: SocketAddr) -> Option<Reply> {
    let key = keypair(entropy::bytes().ok()?)?;
    let mut swarm = lobby::swarm(key, false).ok()?.0;
    let at = address::tcp(lobby.ip(), lobby.port());
    swarm.dial(DialOpts::peer_id(peer).addresses(vec![at]).build()).ok()?;
    loop {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "one connection with one question: nothing else matters here"
        )]
        match swarm.select_next_some().await {
            SwarmEvent::ConnectionEstablished { .. } => {
                let question = Question::who_are_you(instance);
                let checks = &mut swarm.behaviour_mut().checks;
                let _id = checks.send_request(&peer, wire::encode(&question));
            }
            SwarmEvent::OutgoingConnectionError { error, .. } => {
                tracing::debug!(%lobby, %error, "twin not reached");
                return None;
            }
            SwarmEvent::ConnectionClosed { cause, .. } => {
                tracing::debug!(%lobby, ?cause, "twin hung up");
                return None;
            }
            SwarmEvent::Behaviour(BehaviourEvent::Checks(Event::Message {
                message: Message::Response { response, .. },
                ..
            })) => return wire::decode(&response).ok(),
            SwarmEvent::Behaviour(BehaviourEvent::Checks(Event::OutboundFailure { .. })) => {
                return None;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(number: u64, up_s: u64) -> Instance {
        let started = Instant::now().checked_sub(Duration::from_secs(up_s)).unwrap();
        Instance { number, started }
    }

    #[test]
    fn later_of_two_gives_way_and_one_of_two_that_started_together() {
        let minute = Duration::from_mins(1);

        assert!(instance(1, 0).gives_way(2, minute));
        assert!(!instance(2, 60).gives_way(1, Duration::ZERO));
        for up_s in [0, 2, 4] {
            let up = Duration::from_secs(up_s);
            assert!(instance(2, 2).gives_way(1, up));
            assert!(!instance(1, up_s).gives_way(2, Duration::from_secs(2)));
        }
    }
}
