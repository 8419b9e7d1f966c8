//! Members.

use std::time::{Duration, Instant};

use bytes::Bytes;
use covey_logic::{node::DialFailure, replica::Delta, wire::Publication};

use super::support::{PATIENCE, Peer, config, connected_pair, heartbeat};
use crate::net::{MAX_FRAME, NetEvent, SendError};

#[tokio::test]
async fn message_reaches_the_member() {
    let (a, mut b) = connected_pair().await;

    a.net.send(b.node(), &heartbeat(5));

    assert_eq!(b.heartbeat().await, 5);
}

#[tokio::test]
async fn publication_reaches_the_member() {
    let (a, mut b) = connected_pair().await;
    let said = Publication::Delta(Delta::Shared(Vec::new()));
    let until = Instant::now() + PATIENCE;

    // Lost until the member's subscription is known, as gossip may be; the same thing said again
    // would be taken for a duplicate, so that only one of the attempts arrives.
    let heard = loop {
        a.net.publish(said.clone());
        match tokio::time::timeout(Duration::from_millis(100), b.events.recv()).await {
            Ok(Some(NetEvent::Published { from, publication })) => break (from, publication),
            _ => assert!(Instant::now() < until),
        }
    };

    assert_eq!(heard, (a.node(), said));
}

#[tokio::test]
async fn frames_arrive_in_order() {
    const COUNT: u32 = 20_000;
    let (a, b) = connected_pair().await;

    send_numbers(&a, &b, 0..COUNT).await;

    assert_eq!(numbers(&b.frames.wait_for(20_000).await), (0..COUNT).collect::<Vec<_>>());
}

#[tokio::test]
async fn longest_frame_passes_and_a_longer_one_does_not() {
    let (a, b) = connected_pair().await;

    a.net.send_frame(b.node(), vec![7; MAX_FRAME].into()).unwrap();
    let longer = a.net.send_frame(b.node(), vec![7; MAX_FRAME + 1].into());

    assert_eq!(longer, Err(SendError::TooLong(MAX_FRAME + 1)));
    assert_eq!(b.frames.wait_for(1).await[0].len(), MAX_FRAME);
}

#[tokio::test]
async fn frame_to_a_stranger_is_not_connected() {
    let (a, b) = (Peer::start(config(1)).await, Peer::start(config(2)).await);

    let result = a.net.send_frame(b.node(), Bytes::new());

    assert_eq!(result, Err(SendError::NotConnected));
}

#[tokio::test]
async fn gone_process_disconnects_and_refuses() {
    let (mut a, b) = connected_pair().await;
    let (node, addresses) = (b.node(), b.fabric.clone());

    b.net.stop().await;

    assert_eq!(a.disconnected().await, node);
    let asked = Instant::now();
    a.net.dial(node, addresses).await;
    assert_eq!(a.wait_for(failure).await, DialFailure::Refused);
    assert!(asked.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn silent_address_is_unreachable_and_not_refused() {
    let (mut a, b) = (Peer::start(config(1)).await, Peer::start(config(2)).await);
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("/ip4/127.0.0.1/tcp/{}", silent.local_addr().unwrap().port());
    a.allow(&[b.node()]).await;
    let asked = Instant::now();

    a.net.dial(b.node(), vec![address]).await;

    assert_eq!(a.wait_for(failure).await, DialFailure::Unreachable);
    assert!(asked.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn member_that_does_not_know_us_denies() {
    let (mut a, b) = (Peer::start(config(1)).await, Peer::start(config(2)).await);
    a.allow(&[b.node()]).await;

    a.net.dial(b.node(), b.fabric.clone()).await;

    let first = a.next().await;
    assert!(
        matches!(first, NetEvent::DialFailed { failure: DialFailure::Denied, .. }),
        "{first:?}"
    );
}

#[tokio::test]
async fn someone_else_at_the_address_is_denied() {
    let (mut a, b) = (Peer::start(config(1)).await, Peer::start(config(2)).await);
    let c = Peer::start(config(3)).await;
    a.allow(&[b.node()]).await;

    a.net.dial(b.node(), c.fabric.clone()).await;

    assert_eq!(a.wait_for(failure).await, DialFailure::Denied);
}

#[tokio::test]
async fn revoked_member_is_disconnected_at_once() {
    let (mut a, mut b) = connected_pair().await;

    a.allow(&[]).await;

    assert_eq!(a.disconnected().await, b.node());
    assert_eq!(b.disconnected().await, a.node());
    b.net.dial(a.node(), a.fabric.clone()).await;
    assert_eq!(b.wait_for(failure).await, DialFailure::Denied);
}

#[tokio::test]
async fn member_comes_back_after_a_disconnect() {
    let (mut a, mut b) = connected_pair().await;
    a.net.disconnect(b.node()).await;
    assert_eq!(a.disconnected().await, b.node());
    assert_eq!(b.disconnected().await, a.node());

    b.net.dial(a.node(), a.fabric.clone()).await;

    assert_eq!(b.connected().await, a.node());
    assert_eq!(a.connected().await, b.node());
    a.net.send(b.node(), &heartbeat(9));
    assert_eq!(b.heartbeat().await, 9);
}

#[tokio::test]
async fn dial_beside_a_connection_moves_what_is_sent_and_loses_nothing() {
    const HALF: u32 = 5_000;
    let (a, b) = connected_pair().await;
    send_numbers(&a, &b, 0..HALF).await;

    a.net.dial(b.node(), b.fabric.clone()).await;
    let until = Instant::now() + Duration::from_secs(4);
    let mut sent = HALF;
    while Instant::now() < until {
        send_numbers(&a, &b, sent..sent + 100).await;
        b.net.send(a.node(), &heartbeat(1));
        sent += 100;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    let count = usize::try_from(sent).unwrap();
    assert_eq!(numbers(&b.frames.wait_for(count).await), (0..sent).collect::<Vec<_>>());
}

#[tokio::test]
async fn member_without_known_address_is_looked_up() {
    let (mut a, mut b) = connected_pair().await;
    let mut c = Peer::start(config(3)).await;
    let all = [a.node(), b.node(), c.node()];
    for peer in [&a, &b, &c] {
        peer.allow(&all).await;
    }
    c.net.dial(b.node(), b.fabric.clone()).await;
    assert_eq!(c.connected().await, b.node());
    assert_eq!(b.connected().await, c.node());
    let until = Instant::now() + PATIENCE;

    // The routing tables fill when identify has spoken, a moment after the connection.
    loop {
        a.net.dial(c.node(), Vec::new()).await;
        match a.next().await {
            NetEvent::Connected { peer } => break assert_eq!(peer, c.node()),
            _ => assert!(Instant::now() < until),
        }
    }
}

#[tokio::test]
async fn reached_member_is_in_the_address_book() {
    let (a, b) = connected_pair().await;

    let book = a.net.address_book();

    assert_eq!(book.len(), 1);
    assert_eq!(book[0].node, b.node());
    assert!(b.fabric.contains(&book[0].fabric[0]), "{book:?}");
}

async fn send_numbers(from: &Peer, to: &Peer, range: std::ops::Range<u32>) {
    for n in range {
        while from.net.send_frame(to.node(), n.to_be_bytes().to_vec().into()).is_err() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

fn numbers(frames: &[Bytes]) -> Vec<u32> {
    frames.iter().map(|frame| u32::from_be_bytes(frame[..].try_into().unwrap())).collect()
}

fn failure(event: NetEvent) -> Option<DialFailure> {
    match event {
        NetEvent::DialFailed { failure, .. } => Some(failure),
        NetEvent::Connected { peer } => panic!("{peer:?} let us in"),
        _ => None,
    }
}
