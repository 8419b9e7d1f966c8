//! Ways of finding nodes: what each tried, found and failed at; and questions between strangers.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use covey_logic::pairing::{Found, FoundBy};
use hickory_resolver::proto::{
    op::{Message, MessageType, OpCode, ResponseCode},
    rr::{
        RData, Record, RecordType,
        rdata::{A, SRV},
    },
};
use tokio::net::UdpSocket;

use super::support::{PATIENCE, Peer, config, hello};
use crate::net::{
    Evidence, NetConfig, NetEvent, Reached, SourceKind, SourceReport, SourceState, Twin,
};

/// C1: an SRV record names host and port, and a name is looked up again.
#[tokio::test]
async fn node_is_found_by_the_srv_record_of_a_dns_name() {
    let b = Peer::start(config(2)).await;
    let server = dns_server(b.lobby_port()).await;

    let mut a = Peer::start(by_dns(server, &["nodes.test"])).await;

    let found = a.wait_for(found).await;
    assert_eq!(found, Found { node: b.node(), by: FoundBy::Dns });
    let report = settled(&a, SourceKind::Dns).await;
    assert_eq!((report.target.as_str(), report.state), ("nodes.test", SourceState::Found));
    assert_eq!((report.found, report.error), (1, None));
}

/// C1: without such a record the name stands for its own addresses.
#[tokio::test]
async fn node_is_found_by_the_address_and_port_of_a_dns_name() {
    let b = Peer::start(config(2)).await;
    let server = dns_server(1).await;
    let name = format!("plain.test:{}", b.lobby_port());

    let mut a = Peer::start(by_dns(server, &[&name])).await;

    assert_eq!(a.wait_for(found).await, Found { node: b.node(), by: FoundBy::Dns });
}

/// K6: seeds that cannot be resolved, and settings that are none, are told of; the node runs.
#[tokio::test]
async fn seeds_that_lead_nowhere_are_reported_and_stop_nothing() {
    let server = dns_server(1).await;
    let seeds = NetConfig {
        static_addresses: vec!["no address".to_owned(), "127.0.0.1:1".to_owned()],
        ..by_dns(server, &["missing.test", "10.0.0.1"])
    };

    let a = Peer::start(seeds).await;

    let expected = [
        ("no address", "is no address"),
        ("127.0.0.1:1", "nothing listens at that port"),
        ("missing.test", "is not known to DNS"),
        ("10.0.0.1", "is no DNS name"),
    ];
    for (target, words) in expected {
        let report = until(&a, |evidence| {
            let report = evidence.sources.iter().find(|source| source.target == target)?;
            (report.state == SourceState::Failing).then(|| report.clone())
        })
        .await;
        assert!(report.error.unwrap().contains(words), "{target}");
    }
}

/// A list of peers that is the same on every machine leads back to this one as well.
#[tokio::test]
async fn address_of_this_node_is_no_failure() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let own = NetConfig { lobby_port: port, static_addresses: vec![address], ..config(1) };

    let a = Peer::start(own).await;

    let report = settled(&a, SourceKind::Address).await;
    assert_eq!((report.state, report.error), (SourceState::Itself, None));
}

/// K3: whoever is known and found again by another way is one node with one report each.
#[tokio::test]
async fn node_found_twice_is_told_as_one() {
    let b = Peer::start(config(2)).await;
    let address = format!("127.0.0.1:{}", b.lobby_port());
    let server = dns_server(b.lobby_port()).await;
    let twice = NetConfig { static_addresses: vec![address], ..by_dns(server, &["nodes.test"]) };
    let a = Peer::start(twice).await;

    settled(&a, SourceKind::Address).await;
    settled(&a, SourceKind::Dns).await;

    let evidence = a.net.evidence().await;
    let nodes: Vec<_> = evidence.peers.iter().map(|peer| peer.node).collect();
    assert_eq!(nodes, [b.node()]);
}

#[tokio::test]
async fn stranger_says_whether_it_reaches_our_ports_and_what_time_it_is() {
    let b = Peer::start(config(2)).await;
    let address = format!("127.0.0.1:{}", b.lobby_port());
    let a = Peer::start(NetConfig { static_addresses: vec![address], ..config(1) }).await;
    settled(&a, SourceKind::Address).await;

    // Ports are tried for one address only every half second.
    let answer = until(&a, |evidence| {
        let answer = evidence.peers.first()?.result.clone().ok()?;
        answer.reached.is_some().then_some(answer)
    })
    .await;

    assert_eq!(answer.reached, Some((Reached::Open, Reached::Open)));
    assert_eq!(answer.version, env!("CARGO_PKG_VERSION"));
    assert!(answer.clock_ms.unsigned_abs() < 5_000, "{answer:?}");
}

/// K8: two with one key know each other by a sign of the other, and the later one gives way.
#[tokio::test]
async fn second_node_with_the_same_key_gives_way() {
    let mut first = Peer::start(config(1)).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    let at = format!("127.0.0.1:{}", first.lobby_port());
    // Loopback is shared by both here; an address of its own makes them two machines.
    let elsewhere = NetConfig {
        listen: vec![Ipv4Addr::new(127, 0, 0, 2).into()],
        static_addresses: vec![at.clone()],
        ..config(1)
    };
    let mut second = Peer::start(elsewhere).await;

    second.net.suspect_twin(at.parse().unwrap()).await;
    first.net.suspect_twin(SocketAddr::from(([127, 0, 0, 2], second.lobby_port()))).await;

    let (one, other) = tokio::join!(first.wait_for(twin), second.wait_for(twin));
    assert_ne!(one.later, other.later, "{one:?} {other:?}");
    assert_eq!(other.address, at);
    assert_eq!(first.net.evidence().await.twin, Some(one));
}

#[tokio::test]
async fn node_that_meets_itself_has_no_twin() {
    let a = Peer::start(config(1)).await;
    a.net.set_hello(hello("a")).await;

    a.net.suspect_twin(SocketAddr::from(([127, 0, 0, 1], a.lobby_port()))).await;

    // The question takes milliseconds; the evidence that follows it has none.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(a.net.evidence().await.twin, None);
}

fn by_dns(server: SocketAddr, names: &[&str]) -> NetConfig {
    NetConfig {
        dns_names: names.iter().map(|name| (*name).to_owned()).collect(),
        dns_servers: vec![server],
        ..config(1)
    }
}

/// The report of a source, once it has a result.
async fn settled(peer: &Peer, kind: SourceKind) -> SourceReport {
    until(peer, |evidence| {
        let report = evidence.sources.iter().find(|source| source.kind == kind)?;
        (report.state != SourceState::Searching).then(|| report.clone())
    })
    .await
}

async fn until<T>(peer: &Peer, look: impl Fn(&Evidence) -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        let evidence = peer.net.evidence().await;
        if let Some(found) = look(&evidence) {
            return found;
        }
        assert!(Instant::now() < end, "{evidence:#?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A server that knows `nodes.test` by an SRV record with `port`, and `plain.test` and
/// `host.test` by their address, which is loopback's.
async fn dns_server(port: u16) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let Ok(question) = Message::from_vec(&buffer[..length]) else { continue };
            let answer = answer(&question, port).to_vec().unwrap();
            socket.send_to(&answer, from).await.unwrap();
        }
    });
    address
}

fn answer(question: &Message, port: u16) -> Message {
    let query = question.queries.first().unwrap().clone();
    let (name, kind) = (query.name.clone(), query.query_type);
    let text = name.to_utf8().to_lowercase();
    let data = match (text.as_str(), kind) {
        ("_covey._tcp.nodes.test.", RecordType::SRV) => {
            Some(RData::SRV(SRV::new(1, 1, port, "host.test.".parse().unwrap())))
        }
        ("host.test." | "plain.test.", RecordType::A) => Some(RData::A(A(Ipv4Addr::LOCALHOST))),
        _ => None,
    };
    let known = ["nodes.test.", "host.test.", "plain.test."].contains(&text.as_str());
    let mut answer = Message::new(question.metadata.id, MessageType::Response, OpCode::Query);
    answer.metadata.response_code = match data.is_some() || known {
        true => ResponseCode::NoError,
        false => ResponseCode::NXDomain,
    };
    answer.add_query(query);
    answer.add_answers(data.map(|data| Record::from_rdata(name, 1, data)));
    answer
}

fn found(event: NetEvent) -> Option<Found> {
    match event {
        NetEvent::Found(found) => Some(found),
        _ => None,
    }
}

fn twin(event: NetEvent) -> Option<Twin> {
    match event {
        NetEvent::Twin(twin) => Some(twin),
        _ => None,
    }
}
