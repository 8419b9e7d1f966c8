//! Strangers who do not behave: what they reach, and what they cost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use covey_logic::wire;
use futures::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _};
use libp2p::{
    Multiaddr, PeerId, StreamProtocol, Swarm, SwarmBuilder, gossipsub, identify, kad, noise,
    swarm::{DialError, NetworkBehaviour, SwarmEvent, dial_opts::DialOpts},
    tcp, yamux,
};
use tokio::net::TcpStream;

use super::support::{PATIENCE, connected_pair, heartbeat};
use crate::net::translate::peer_of;

/// How much the process may grow under attack: a quarter of what the lobby states as its worst
/// case. It holds the attackers, too.
const GROWTH_BOUND: usize = 64 * 1024 * 1024;

/// Messages that an attacker sends.
const FLOOD: usize = 10_000;

#[derive(NetworkBehaviour)]
struct Stranger {
    gossip: gossipsub::Behaviour,
    routing: kad::Behaviour<kad::store::MemoryStore>,
    identify: identify::Behaviour,
    streams: libp2p_stream::Behaviour,
}

#[tokio::test]
async fn stranger_reaches_no_protocol_of_the_fabric() {
    let (_a, b) = connected_pair().await;
    let mut stranger = stranger();
    let member = peer_of(b.node()).unwrap();
    let address: Multiaddr = over_tcp(b.fabric_port());
    stranger.behaviour_mut().routing.add_address(&member, address.clone());
    let mut control = stranger.behaviour().streams.new_control();
    stranger.dial(DialOpts::peer_id(member).addresses(vec![address]).build()).unwrap();
    let streams = tokio::spawn(async move {
        let mut opened = 0;
        for protocol in ["/covey/detect/1", "/covey/repair/1", "/covey/frames/1", "/covey/lobby/1"]
        {
            let protocol = StreamProtocol::new(protocol);
            opened += usize::from(control.open_stream(member, protocol).await.is_ok());
        }
        opened
    });

    // Everything it hears until its connection is closed, and a while after.
    let (mut reached, mut closed) = (false, false);
    let until = tokio::time::Instant::now() + Duration::from_secs(3);
    while let Ok(event) = tokio::time::timeout_at(until, stranger.select_next_some()).await {
        match event {
            SwarmEvent::Behaviour(StrangerEvent::Gossip(gossipsub::Event::Subscribed {
                ..
            })) => panic!("it heard of a topic"),
            SwarmEvent::Behaviour(StrangerEvent::Identify(identify::Event::Received {
                ..
            })) => panic!("it was told who we are"),
            SwarmEvent::Behaviour(StrangerEvent::Routing(
                kad::Event::OutboundQueryProgressed { stats, .. },
            )) => assert_eq!(stats.num_successes(), 0, "it was told of members"),
            SwarmEvent::ConnectionClosed { .. } => closed = true,
            SwarmEvent::OutgoingConnectionError { error, .. } => {
                // Closed in the middle of the handshake, or dialled anew by a protocol.
                assert!(
                    matches!(error, DialError::Transport(_) | DialError::NoAddresses),
                    "{error}"
                );
            }
            SwarmEvent::ConnectionEstablished { .. } => {
                reached = true;
                let own = *stranger.local_peer_id();
                stranger.behaviour_mut().routing.get_closest_peers(own);
            }
            _ => {}
        }
    }

    assert!(reached && closed, "it was answered, and its connection closed");
    assert_eq!(stranger.network_info().connection_counters().num_established(), 0);
    drop(stranger);
    assert_eq!(streams.await.unwrap(), 0, "it opened a stream");
}

#[tokio::test]
async fn garbage_leaves_memory_bounded_and_members_unaffected() {
    let (a, mut b) = connected_pair().await;
    let member = peer_of(b.node()).unwrap();
    let address: Multiaddr = over_tcp(b.lobby_port());
    let mut attacker = stranger();
    let control = attacker.behaviour().streams.new_control();
    let dial = move || DialOpts::peer_id(member).addresses(vec![address.clone()]).build();
    attacker.dial(dial()).unwrap();
    let before = resident_bytes();
    // The lobby closes a connection with too many streams; the attacker opens another.
    let swarm = tokio::spawn(async move {
        loop {
            let event = attacker.select_next_some().await;
            if let SwarmEvent::ConnectionClosed { .. } | SwarmEvent::OutgoingConnectionError { .. } =
                event
                && let Err(error) = attacker.dial(dial())
            {
                assert!(matches!(error, DialError::DialPeerConditionFalse(_)), "{error}");
            }
        }
    });

    let taken = Arc::new(AtomicUsize::new(0));
    let floods: Vec<_> =
        (0..3).map(|_| tokio::spawn(flood(control.clone(), member, Arc::clone(&taken)))).collect();
    let mut beats = 0;
    let until = Instant::now() + 6 * PATIENCE;
    while taken.load(Ordering::Relaxed) < FLOOD {
        assert!(Instant::now() < until, "{taken:?} messages were taken");
        a.net.send(b.node(), &heartbeat(beats));
        let sent = Instant::now();
        assert_eq!(b.heartbeat().await, beats);
        assert!(sent.elapsed() < Duration::from_secs(2), "members are heard in time");
        beats += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    for flood in floods {
        flood.await.unwrap();
    }
    assert!(beats > 0);
    let growth = resident_bytes().saturating_sub(before);
    assert!(growth < GROWTH_BOUND, "grew by {growth}");
    swarm.abort();
}

#[tokio::test]
async fn half_open_connections_leave_memory_bounded_and_members_unaffected() {
    let (mut a, mut b) = connected_pair().await;
    let before = resident_bytes();
    let mut held = Vec::new();

    for n in 0..1_000 {
        let port = if n % 2 == 0 { b.lobby_port() } else { b.fabric_port() };
        if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)).await {
            held.push(stream);
        }
    }
    a.net.send(b.node(), &heartbeat(1));
    assert_eq!(b.heartbeat().await, 1);
    let growth = resident_bytes().saturating_sub(before);

    assert!(held.len() >= 900, "{} were open", held.len());
    assert!(growth < GROWTH_BOUND, "grew by {growth}");
    // What says nothing is let go of after two seconds, so that a member from the same address
    // comes in again.
    a.net.disconnect(b.node()).await;
    a.disconnected().await;
    let until = Instant::now() + PATIENCE;
    loop {
        a.net.dial(b.node(), b.fabric.clone()).await;
        match a.next().await {
            crate::net::NetEvent::Connected { .. } => break,
            _ => assert!(Instant::now() < until, "the member comes back"),
        }
    }
}

/// Sends garbage and oversized requests by turns, each on a stream that the lobby took, until
/// [`FLOOD`] were.
async fn flood(mut control: libp2p_stream::Control, to: PeerId, taken: Arc<AtomicUsize>) {
    let (garbage, oversized) = (vec![wire::VERSION; 200], vec![wire::VERSION; 64 * 1024]);
    while taken.load(Ordering::Relaxed) < FLOOD {
        let protocol = StreamProtocol::new("/covey/lobby/1");
        let Ok(mut stream) = control.open_stream(to, protocol).await else {
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        };
        let nth = taken.fetch_add(1, Ordering::Relaxed);
        let message = if nth.is_multiple_of(2) { &garbage } else { &oversized };
        // The lobby closes the stream when it has read enough, or lets too many go unread.
        if stream.write_all(message).await.is_ok() && stream.close().await.is_ok() {
            let mut answer = Vec::new();
            let read = stream.read_to_end(&mut answer);
            drop(tokio::time::timeout(Duration::from_secs(5), read).await);
            assert!(answer.is_empty(), "garbage was answered");
        }
    }
}

fn over_tcp(port: u16) -> Multiaddr {
    format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap()
}

fn stranger() -> Swarm<Stranger> {
    SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|key| {
            let peer = key.public().to_peer_id();
            let routing = kad::Config::new(StreamProtocol::new("/covey/kad/1"));
            let mut gossip = gossipsub::Behaviour::new(
                gossipsub::MessageAuthenticity::Signed(key.clone()),
                gossipsub::Config::default(),
            )
            .unwrap();
            gossip.subscribe(&gossipsub::IdentTopic::new("covey/replica/1")).unwrap();
            Stranger {
                gossip,
                routing: kad::Behaviour::with_config(
                    peer,
                    kad::store::MemoryStore::new(peer),
                    routing,
                ),
                identify: identify::Behaviour::new(identify::Config::new(
                    "covey/1".to_owned(),
                    key.public(),
                )),
                streams: libp2p_stream::Behaviour::new(),
            }
        })
        .unwrap()
        .build()
}

/// What the process holds in memory, as `/proc/self/statm` says in pages of 4 KiB.
fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split_whitespace().nth(1).unwrap().parse().unwrap();
    pages * 4096
}
