//! A beacon on the LAN's multicast group: does multicast pass here, and is there a second of us?
//!
//! The announcements of discovery tell neither: the library leaves out what it said itself, and
//! whatever bears this node's own id. The beacon is a question to the group of multicast DNS for a
//! name that nobody holds, so that other programs stay silent; every interface has a name of its
//! own, and the node listens for all of them.

mod packet;
mod socket;

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use covey_logic::NodeId;
use tokio::{
    net::UdpSocket,
    sync::{Notify, mpsc},
};

use self::packet::Beacon;
use super::{interfaces, report::MulticastCheck};

/// How often an interface's beacon is sent: as often as discovery asks.
const INTERVAL: Duration = Duration::from_secs(30);
/// How often interfaces are looked for.
const LOOK: Duration = Duration::from_secs(5);
/// The least time between two beacons on one interface.
const PAUSE: Duration = Duration::from_millis(500);
/// A beacon that was sent again so soon after another is for a listener that starts at the same
/// moment.
const SECOND: Duration = Duration::from_secs(1);
/// How long a check waits for what it said itself.
const ECHO: Duration = Duration::from_millis(400);
/// Interfaces that are looked after.
const MAX_INTERFACES: usize = 32;

/// Where another machine with our identity seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sighting {
    /// Its lobby.
    pub(super) lobby: SocketAddr,
}

/// What the beacon knows, shared with whoever asks.
#[derive(Clone, Debug, Default)]
pub(super) struct Beacons(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Someone wants to know at once.
    wanted: Notify,
}

#[derive(Debug, Default)]
struct State {
    port: u16,
    deaf: Option<String>,
    links: BTreeMap<Ipv4Addr, Link>,
}

#[derive(Debug)]
struct Link {
    interface: String,
    sent: Option<Instant>,
    again: bool,
    heard: Option<Instant>,
    error: Option<String>,
}

impl Beacons {
    /// Says on which port the lobby listens. A beacon that was sent before could not say where this
    /// node is, so another goes at once.
    pub(super) fn set_port(&self, port: u16) {
        let changed = self.with(|state| {
            let changed = std::mem::replace(&mut state.port, port) != port;
            if changed {
                state.links.values_mut().for_each(|link| link.sent = None);
            }
            changed
        });
        if changed {
            self.0.wanted.notify_one();
        }
    }

    /// Sends a beacon on every interface, and says which of them were heard; or why nothing can be.
    pub(super) async fn check(&self) -> (Vec<MulticastCheck>, Option<String>) {
        let begun = Instant::now();
        self.0.wanted.notify_one();
        tokio::time::sleep(ECHO).await;
        self.with(|state| {
            let heard = |link: &Link| link.heard.is_some_and(|at| at + PAUSE >= begun);
            let checks = state.links.iter().map(|(ip, link)| MulticastCheck {
                interface: link.interface.clone(),
                ip: *ip,
                heard: heard(link),
                error: link.error.clone(),
            });
            (checks.collect(), state.deaf.clone())
        })
    }

    fn with<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        act(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes over which interfaces there are.
    fn set_links(&self, found: Vec<(String, Ipv4Addr)>) {
        self.with(|state| {
            state.links.retain(|ip, _| found.iter().any(|(_, there)| there == ip));
            for (interface, ip) in found.into_iter().take(MAX_INTERFACES) {
                state.links.entry(ip).or_insert(Link {
                    interface,
                    sent: None,
                    again: true,
                    heard: None,
                    error: None,
                });
            }
        });
    }

    /// The interfaces on which a beacon is due; `pause` is the least time since the last.
    fn due(&self, pause: Duration) -> (u16, Vec<Ipv4Addr>) {
        self.with(|state| {
            let now = Instant::now();
            let mut due = Vec::new();
            for (ip, link) in &mut state.links {
                let pause = if link.again { pause.min(SECOND) } else { pause };
                if link.sent.is_none_or(|sent| now >= sent + pause) {
                    link.again = link.sent.is_none();
                    link.sent = Some(now);
                    due.push(*ip);
                }
            }
            (state.port, due)
        })
    }

    fn sent(&self, ip: Ipv4Addr, error: Option<String>) {
        self.with(|state| {
            if let Some(link) = state.links.get_mut(&ip) {
                link.error = error;
            }
        });
    }

    fn heard(&self, ip: Ipv4Addr) {
        self.with(|state| {
            if let Some(link) = state.links.get_mut(&ip) {
                link.heard = Some(Instant::now());
            }
        });
    }
}

/// Sends beacons and listens for them, for ever. Cancel safe.
pub(super) async fn run(
    (node, instance): (NodeId, u64),
    beacons: Beacons,
    sightings: mpsc::Sender<Sighting>,
) {
    let mut tick = tokio::time::interval(SECOND);
    let mut looked: Option<Instant> = None;
    let mut ear: Option<UdpSocket> = None;
    let mut buffer = [0; packet::MAX_LEN];
    loop {
        if looked.is_none_or(|at| at.elapsed() >= LOOK) {
            looked = Some(Instant::now());
            listen(&beacons, &mut ear);
        }
        let pause = tokio::select! {
            _ = tick.tick() => INTERVAL,
            () = beacons.0.wanted.notified() => PAUSE,
            came = hear(ear.as_ref(), &mut buffer) => {
                let Some((length, from)) = came else {
                    ear = None;
                    continue;
                };
                let beacon = Beacon::read(buffer.get(..length).unwrap_or_default());
                let Some(beacon) = beacon.filter(|beacon| beacon.is_of(node)) else { continue };
                if beacon.instance == instance {
                    beacons.heard(beacon.interface);
                    continue;
                }
                if beacon.port != 0 {
                    let lobby = SocketAddr::new(from.ip(), beacon.port);
                    // A full queue holds the same sighting.
                    let _full = sightings.try_send(Sighting { lobby });
                }
                // It shall hear of us as soon as we heard of it.
                PAUSE
            }
        };
        let (port, due) = beacons.due(pause);
        for ip in due {
            let beacon = Beacon::new(node, instance, port, ip);
            beacons
                .sent(ip, socket::send(ip, &beacon.write()).err().map(|error| error.to_string()));
        }
    }
}

/// Opens the ear if it is closed, and lets it hear every interface.
fn listen(beacons: &Beacons, ear: &mut Option<UdpSocket>) {
    let found = interfaces::for_multicast().unwrap_or_else(|error| {
        tracing::debug!(%error, "interfaces cannot be listed");
        Vec::new()
    });
    let known: Vec<Ipv4Addr> = beacons.with(|state| state.links.keys().copied().collect());
    let changed = found.len() != known.len() || found.iter().any(|(_, ip)| !known.contains(ip));
    if ear.is_some() && !changed {
        return;
    }
    beacons.set_links(found);
    let ips: Vec<Ipv4Addr> = beacons.with(|state| state.links.keys().copied().collect());
    // Opened afresh: a group that was joined on an address that is gone stays joined for nothing.
    let opened = socket::open(&ips);
    let deaf = opened.as_ref().err().map(ToString::to_string);
    if let Some(error) = &deaf {
        tracing::debug!(error, "multicast cannot be listened to");
    }
    beacons.with(|state| state.deaf = deaf);
    *ear = opened.ok();
}

/// The next datagram; nothing if the socket broke; forever pending without one.
async fn hear(ear: Option<&UdpSocket>, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
    match ear {
        Some(ear) => ear.recv_from(buffer).await.ok(),
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beacon_that_could_not_name_the_port_is_sent_again_once_it_can() {
        let beacons = Beacons::default();
        beacons.set_links(vec![("eth0".to_owned(), Ipv4Addr::new(10, 0, 0, 1))]);
        assert_eq!(beacons.due(INTERVAL).0, 0);
        assert!(beacons.due(INTERVAL).1.is_empty());

        beacons.set_port(4_100);

        assert_eq!(beacons.due(INTERVAL), (4_100, vec![Ipv4Addr::new(10, 0, 0, 1)]));
        beacons.set_port(4_100);
        assert!(beacons.due(INTERVAL).1.is_empty());
    }
}
