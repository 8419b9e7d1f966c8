//! What a machine that is no member can do to those that are.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream, UdpSocket},
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use covey_cluster::{Cluster, Lan, Node, builtin, eventually};
use serde_json::json;

/// How much a node may grow while it is flooded: 256 handshakes and 128 connections that strangers
/// may hold, at the 64 KiB of a Noise buffer each, are 24 MiB. It grows by less than 1 MiB here.
const GROWTH_KIB: u64 = 24 * 1024;
/// The host that is no member.
const STRANGER: u8 = 4;
/// Longest time that a member may wait for an answer of an agent on another while both are flooded.
const CALL_BOUND: Duration = Duration::from_secs(5);
/// How long the rest may take that has no bound of its own.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn garbage_from_a_stranger_leaves_memory_bounded_and_members_unaffected() {
    besieged(|lan, node| {
        lan.inside(STRANGER, || {
            let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
            for number in 0..10_000_u32 {
                let junk = junk(number);
                // A datagram that a full queue drops has done its work.
                let _dropped = socket.send_to(&junk, at(node, Node::LOBBY_PORT));
                if number.is_multiple_of(10) {
                    throw(at(node, either_port(number / 10)), &junk);
                }
            }
        });
    });
}

#[test]
fn oversized_frames_from_a_stranger_leave_memory_bounded_and_members_unaffected() {
    besieged(|lan, node| {
        lan.inside(STRANGER, || {
            for number in 0..200_u32 {
                let port = either_port(number);
                // A greeting, then a length that promises gigabytes, then as much as is taken.
                let mut bytes = b"\x13/multistream/1.0.0\n".to_vec();
                bytes.extend([0xff, 0xff, 0xff, 0xff, 0x0f]);
                bytes.resize(256 * 1024, 0xa5);
                throw(at(node, port), &bytes);
            }
        });
    });
}

#[test]
fn half_open_connections_leave_memory_bounded_and_members_unaffected() {
    besieged(|lan, node| {
        lan.inside(STRANGER, || {
            let connect = |number: u32| {
                let port = either_port(number);
                TcpStream::connect_timeout(&at(node, port), PATIENCE).unwrap()
            };
            // They are open together and say nothing, until the node has let go of each.
            let held: Vec<_> = (0..1_000).map(connect).collect();
            held.iter().for_each(await_end);
        });
    });
}

/// Three members whose agents call each other without a pause while a stranger on the same network
/// does `siege` to one of them.
fn besieged(siege: impl Fn(&Lan, &Node)) {
    let Some(cluster) = Cluster::new(3, 1) else { return };
    let [target, caller, _] = cluster.nodes.as_slice() else { panic!("three nodes") };
    let spec = builtin("echo", "echo");
    drop(target.get("agent.start", &json!({ "spec": spec, "pin": target.id() })));
    // One that has not heard of the agent yet says that there is none.
    for node in &cluster.nodes {
        eventually(&format!("it answers {}", node.name()), PATIENCE, || {
            node.call("echo", "echo", CALL_BOUND).map_err(|error| error.text)
        });
    }
    let before = target.weigh_from_here();
    let (over, calls) = (AtomicBool::new(false), AtomicU32::new(0));

    let slowest = thread::scope(|scope| {
        let calling = scope.spawn(|| {
            let mut slowest = Duration::ZERO;
            while !over.load(Ordering::Relaxed) {
                let start = Instant::now();
                caller.call("echo", "echo", CALL_BOUND).unwrap();
                slowest = slowest.max(start.elapsed());
                calls.fetch_add(1, Ordering::Relaxed);
            }
            slowest
        });
        siege(&cluster.lan, target);
        over.store(true, Ordering::Relaxed);
        calling.join().unwrap()
    });

    let highest = target.most_kib();
    let grown = highest.saturating_sub(before);
    let calls = calls.into_inner();
    println!("grew by {grown} KiB; {calls} calls, the slowest {} ms", slowest.as_millis());
    assert!(grown < GROWTH_KIB, "grew from {before} KiB to {highest} KiB");
    assert!(calls > 0);
    for node in &cluster.nodes {
        let status = node.get("status.get", &json!({}));
        assert_eq!(status["nodes_alive"], 3, "{}: {status}", node.name());
        let events = node.get("event.query", &json!({ "kinds": ["member_suspected"] }));
        assert_eq!(events["events"], json!([]), "{}", node.name());
    }
}

/// One after the other.
fn either_port(number: u32) -> u16 {
    if number.is_multiple_of(2) { Node::LOBBY_PORT } else { Node::FABRIC_PORT }
}

fn at(node: &Node, port: u16) -> SocketAddr {
    SocketAddr::from((Lan::address(node.host()), port))
}

/// Connects, writes as much as is taken, and waits for the end a moment.
fn throw(address: SocketAddr, bytes: &[u8]) {
    let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_secs(2)) else {
        return;
    };
    stream.set_write_timeout(Some(Duration::from_millis(50))).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
    if stream.write_all(bytes).is_ok() {
        let mut answer = [0; 64];
        // Whether and how it ends is the other side's choice.
        let _ended = stream.read(&mut answer);
    }
}

/// Reads until the other side ends the connection, in whatever way.
fn await_end(mut stream: &TcpStream) {
    let start = Instant::now();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    while stream.read(&mut [0; 64]).is_ok_and(|taken| taken > 0) {}
    assert!(start.elapsed() < PATIENCE, "it is held without a word for {PATIENCE:?}");
}

/// Up to 1,200 bytes without sense; some begin as a real peer does.
fn junk(number: u32) -> Vec<u8> {
    // Knuth's multiplicative hash spreads the numbers; the same junk each time.
    let spread = |at: u32| number.wrapping_add(at).wrapping_mul(2_654_435_761).to_be_bytes()[0];
    let start: &[u8] = match number % 3 {
        0 => b"\x13/multistream/1.0.0\n",
        1 => b"\x13/multistream/1.0.0\n\x07/noise\n\x00\x20",
        _ => b"",
    };
    start.iter().copied().chain((0..number % 1_150).map(spread)).collect()
}
