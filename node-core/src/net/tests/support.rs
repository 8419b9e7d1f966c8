//! Nets on loopback and what they are told.

use std::{
    collections::BTreeSet,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use covey_logic::{
    ClusterId, Incarnation, NodeId, Wall,
    membership::{Detect, Lifesign},
    pairing::{Hello, LobbyAnswer, LobbyRequest},
    wire::Message,
};
use tokio::sync::{Notify, mpsc};

use crate::net::{Flow, FrameSink, Net, NetConfig, NetEvent, start};

/// Longer than anything here may take on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// A net and everything that it told.
pub(super) struct Peer {
    pub(super) net: Net,
    pub(super) events: mpsc::Receiver<NetEvent>,
    pub(super) frames: Arc<Frames>,
    pub(super) fabric: Vec<String>,
    pub(super) lobby: Vec<String>,
}

/// Frames as they came.
#[derive(Default)]
pub(super) struct Frames {
    all: Mutex<Vec<Bytes>>,
    came: Notify,
}

impl FrameSink for Frames {
    fn deliver(&self, _: Flow, _: NodeId, frames: Vec<Bytes>) {
        self.all.lock().unwrap().extend(frames);
        self.came.notify_one();
    }
}

impl Frames {
    /// Waits until `count` frames came in all.
    pub(super) async fn wait_for(&self, count: usize) -> Vec<Bytes> {
        let enough = async {
            while self.all.lock().unwrap().len() < count {
                self.came.notified().await;
            }
        };
        tokio::time::timeout(PATIENCE, enough).await.expect("frames come");
        std::mem::take(&mut *self.all.lock().unwrap())
    }
}

/// A net on loopback, on any ports.
pub(super) fn config(seed: u8) -> NetConfig {
    NetConfig {
        lobby_port: 0,
        fabric_port: 0,
        listen: vec![Ipv4Addr::LOCALHOST.into()],
        mdns: false,
        ..NetConfig::new([seed; 32])
    }
}

impl Peer {
    pub(super) async fn start(config: NetConfig) -> Self {
        let frames = Arc::new(Frames::default());
        let (net, events) = start(config, Arc::clone(&frames) as _).await.unwrap();
        let mut peer = Self { net, events, frames, fabric: vec![], lobby: vec![] };
        while peer.fabric.len() < 2 || peer.lobby.len() < 2 {
            match peer.next().await {
                NetEvent::Listening { addresses } => peer.fabric = addresses,
                NetEvent::LobbyListening { addresses } => peer.lobby = addresses,
                event => panic!("{event:?} before listening"),
            }
        }
        peer
    }

    pub(super) fn node(&self) -> NodeId {
        self.net.node()
    }

    pub(super) fn lobby_port(&self) -> u16 {
        port_of(&self.lobby)
    }

    pub(super) fn fabric_port(&self) -> u16 {
        port_of(&self.fabric)
    }

    pub(super) async fn next(&mut self) -> NetEvent {
        let event = tokio::time::timeout(PATIENCE, self.events.recv()).await;
        event.expect("an event comes").expect("the net runs")
    }

    /// The first event that `wanted` takes; others are passed over.
    pub(super) async fn wait_for<T>(&mut self, wanted: impl Fn(NetEvent) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(self.next().await) {
                return found;
            }
        }
    }

    pub(super) async fn allow(&self, members: &[NodeId]) {
        self.net.allow(members.iter().copied().collect::<BTreeSet<_>>()).await;
    }

    pub(super) async fn connected(&mut self) -> NodeId {
        self.wait_for(|event| match event {
            NetEvent::Connected { peer } => Some(peer),
            NetEvent::DialFailed { failure, .. } => panic!("dial failed: {failure:?}"),
            _ => None,
        })
        .await
    }

    pub(super) async fn disconnected(&mut self) -> NodeId {
        self.wait_for(|event| match event {
            NetEvent::Disconnected { peer } => Some(peer),
            _ => None,
        })
        .await
    }

    /// The number of the next heartbeat from a member.
    pub(super) async fn heartbeat(&mut self) -> u64 {
        self.wait_for(|event| match event {
            NetEvent::Message {
                message: Message::Detect(Detect::Heartbeat { seq, .. }), ..
            } => Some(seq),
            _ => None,
        })
        .await
    }

    /// Answers the next stranger's hello.
    pub(super) async fn answer_hello(&mut self) -> NodeId {
        let (from, ticket) = self
            .wait_for(|event| match event {
                NetEvent::LobbyAsked { from, ticket, request: LobbyRequest::Hello(_) } => {
                    Some((from, ticket))
                }
                _ => None,
            })
            .await;
        self.net.lobby_answer(ticket, LobbyAnswer::Hello(hello("answerer"))).await;
        from
    }
}

/// Two members that are connected; the first dialled.
pub(super) async fn connected_pair() -> (Peer, Peer) {
    let (mut a, mut b) = (Peer::start(config(1)).await, Peer::start(config(2)).await);
    a.allow(&[b.node()]).await;
    b.allow(&[a.node()]).await;
    a.net.dial(b.node(), b.fabric.clone()).await;
    assert_eq!(a.connected().await, b.node());
    assert_eq!(b.connected().await, a.node());
    (a, b)
}

pub(super) fn heartbeat(seq: u64) -> Message {
    let sign = Lifesign { incarnation: Incarnation(1), refuted: 0 };
    Message::Detect(Detect::Heartbeat { sign, seq, waking: false })
}

pub(super) fn hello(name: &str) -> Hello {
    Hello {
        name: name.to_owned(),
        cluster: ClusterId([3; 32]),
        cluster_name: "test".to_owned(),
        founded: Wall(1),
        members: 1,
        version: "0.1.0".to_owned(),
        os: "linux".to_owned(),
        join_key: None,
    }
}

fn port_of(addresses: &[String]) -> u16 {
    let tcp = addresses.iter().find_map(|address| address.split("/tcp/").nth(1));
    tcp.unwrap().parse().unwrap()
}
