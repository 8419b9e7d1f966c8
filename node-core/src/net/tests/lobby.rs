//! Strangers who behave.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use covey_logic::{
    Ticket,
    pairing::{Found, FoundBy, LobbyAnswer, LobbyFailure, LobbyRequest},
};

use super::support::{PATIENCE, Peer, config, hello};
use crate::net::{
    KnockError, NetConfig, NetError, NetEvent, start,
    translate::{keypair, node_of},
};

#[tokio::test]
async fn hello_makes_the_round_trip_to_a_static_address() {
    let mut b = Peer::start(config(2)).await;
    let address = format!("127.0.0.1:{}", b.lobby_port());
    let mut a = Peer::start(NetConfig { static_addresses: vec![address], ..config(1) }).await;
    let found = a.wait_for(found).await;
    assert_eq!(found, Found { node: b.node(), by: FoundBy::Address });

    a.net.lobby_request(Ticket(7), b.node(), LobbyRequest::Hello(hello("asker"))).await;

    assert_eq!(b.answer_hello().await, a.node());
    assert_eq!(a.wait_for(answer).await, (Ticket(7), Ok(LobbyAnswer::Hello(hello("answerer")))));
}

#[tokio::test]
async fn request_to_nobody_is_unreachable() {
    let (mut a, b) = (Peer::start(config(1)).await, Peer::start(config(2)).await);

    a.net.lobby_request(Ticket(1), b.node(), LobbyRequest::Wait).await;

    assert_eq!(a.wait_for(answer).await, (Ticket(1), Err(LobbyFailure::Unreachable)));
}

#[tokio::test]
async fn unanswered_request_times_out() {
    let (mut a, b) = (Peer::start(config(1)).await, Peer::start(config(2)).await);
    a.net.lobby_dial(&b.lobby[0]).await.unwrap();

    a.net.lobby_request(Ticket(1), b.node(), LobbyRequest::Wait).await;

    assert_eq!(a.wait_for(answer).await, (Ticket(1), Err(LobbyFailure::Timeout)));
}

#[tokio::test]
async fn typed_address_leads_to_the_node() {
    let (mut a, mut b) = (Peer::start(config(1)).await, Peer::start(config(2)).await);
    a.net.set_hello(hello("asker")).await;
    let address = format!("localhost:{}", b.lobby_port());

    let (node, asker) = tokio::join!(a.net.lobby_dial(&address), b.answer_hello());

    assert_eq!((node, asker), (Ok(b.node()), a.node()));
    assert_eq!(a.wait_for(found).await, Found { node: b.node(), by: FoundBy::Address });
}

#[tokio::test]
async fn typed_address_that_leads_nowhere_says_why() {
    let a = Peer::start(config(1)).await;
    a.net.set_hello(hello("asker")).await;
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let fabric = format!("127.0.0.1:{}", Peer::start(config(2)).await.fabric_port());
    let own = format!("127.0.0.1:{}", a.lobby_port());

    assert_eq!(a.net.lobby_dial(&closed.to_string()).await, Err(KnockError::Refused));
    assert_eq!(a.net.lobby_dial(&own).await, Err(KnockError::Itself));
    assert_eq!(
        a.net.lobby_dial("no address").await,
        Err(KnockError::BadAddress("no address".to_owned()))
    );
    assert!(a.net.lobby_dial(&fabric).await.is_err());
}

#[tokio::test]
async fn taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let a = Peer::start(config(1)).await;

    for taken in [port, a.lobby_port()] {
        let config = NetConfig { lobby_port: taken, ..config(2) };
        let error = start(config, a.frames.clone()).await.unwrap_err();
        assert!(matches!(error, NetError::PortTaken { port, .. } if port == taken), "{error}");
    }
}

#[tokio::test]
async fn instances_on_one_machine_find_each_other() {
    let folder = std::env::temp_dir().join(format!("covey-net-{}", std::process::id()));
    let with_folder = |seed| NetConfig { same_machine: Some(folder.clone()), ..config(seed) };
    let stale = stale_note(&folder);
    let mut a = Peer::start(with_folder(1)).await;
    let mut b = Peer::start(with_folder(2)).await;

    let expected = |node| Found { node, by: FoundBy::SameMachine };
    assert_eq!(a.wait_for(found).await, expected(b.node()));
    assert_eq!(b.wait_for(found).await, expected(a.node()));

    let until = Instant::now() + PATIENCE;
    while stale.exists() {
        assert!(Instant::now() < until, "the note of an instance that is gone is removed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(folder.join(format!("{}.json", b.node())).exists());
    b.net.stop().await;
    assert!(!folder.join(format!("{}.json", b.node())).exists());
    a.net.stop().await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn node_that_stays_is_found_again() {
    let b = Peer::start(config(2)).await;
    let address = b.lobby[0].clone();
    let mut a = Peer::start(NetConfig { static_addresses: vec![address], ..config(1) }).await;
    a.wait_for(found).await;
    let first = Instant::now();

    a.wait_for(found).await;

    let pause = first.elapsed();
    assert!(pause > Duration::from_secs(9) && pause < Duration::from_secs(15), "{pause:?}");
}

/// The note of an instance that ended without a word a minute ago.
fn stale_note(folder: &Path) -> PathBuf {
    let gone = keypair([9; 32]).unwrap().public().to_peer_id();
    let file = folder.join(format!("{}.json", node_of(&gone).unwrap()));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let note = format!(r#"{{"pid":1,"lobby":["/ip4/127.0.0.1/tcp/{closed}"]}}"#);
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(&file, note).unwrap();
    let minute_ago = SystemTime::now() - Duration::from_secs(60);
    std::fs::File::options().write(true).open(&file).unwrap().set_modified(minute_ago).unwrap();
    file
}

fn found(event: NetEvent) -> Option<Found> {
    match event {
        NetEvent::Found(found) => Some(found),
        _ => None,
    }
}

fn answer(event: NetEvent) -> Option<(Ticket, Result<LobbyAnswer, LobbyFailure>)> {
    match event {
        NetEvent::LobbyAnswered { ticket, result } => Some((ticket, result)),
        _ => None,
    }
}
