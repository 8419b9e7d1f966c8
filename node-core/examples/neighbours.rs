//! Prints the nodes that the lobby finds on this machine's networks, and who asks it what.
//!
//! `cargo run --example neighbours -- [--seconds N] [ADDRESS …]` looks by multicast, and at the
//! addresses given. It has a key of its own for as long as it runs, and joins nothing.

#![expect(clippy::print_stdout, reason = "an example that prints")]

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher as _,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use covey_logic::NodeId;
use covey_node::net::{self, Flow, FrameSink, NetConfig, NetEvent};

struct Nothing;

impl FrameSink for Nothing {
    fn deliver(&self, _: Flow, _: NodeId, _: Vec<Bytes>) {}
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let mut seconds = 10;
    if arguments.next_if_eq("--seconds").is_some() {
        seconds = arguments.next().ok_or("--seconds takes a number")?.parse()?;
    }
    let config = NetConfig { static_addresses: arguments.collect(), ..NetConfig::new(any_key()) };
    let start = Instant::now();
    let (net, mut events) = net::start(config, Arc::new(Nothing)).await?;
    println!("this is {}", net.node());
    let until = tokio::time::Instant::now() + Duration::from_secs(seconds);
    while let Ok(Some(event)) = tokio::time::timeout_at(until, events.recv()).await {
        let at = start.elapsed().as_millis();
        if let NetEvent::Found(found) = &event {
            println!("{at:>6} ms  found {} by {:?}", found.node, found.by);
        } else {
            println!("{at:>6} ms  {event:?}");
        }
    }
    net.stop().await;
    Ok(())
}

/// A key that is no other process's; it guards nothing.
fn any_key() -> [u8; 32] {
    let mut key = [0; 32];
    for (part, chunk) in key.chunks_exact_mut(8).enumerate() {
        chunk.copy_from_slice(&RandomState::new().hash_one(part).to_le_bytes());
    }
    key
}
