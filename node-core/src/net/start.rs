//! From a configuration to a running net.

use std::{sync::Arc, time::Instant};

use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::{
    beacon::{self, Beacons},
    book::Book,
    config::NetConfig,
    dns,
    error::{NetError, Network},
    event::{FrameSink, NetEvent},
    fabric::{self, Fabric},
    handle::{Net, Witness},
    lanes::Table,
    limits::{COMMAND_QUEUE, EVENT_QUEUE},
    listen::listen,
    lobby::{self, Lobby, Search},
    same_machine, translate,
    twin::{self, Instance, Met},
};
use crate::entropy;

/// Signs of a twin that wait to be followed: one is enough.
const SIGHTINGS: usize = 8;

/// Starts both networks; they listen when this returns. Needs a Tokio runtime with timers and I/O.
///
/// # Errors
///
/// See [`NetError`]; nothing listens then.
#[expect(clippy::too_many_lines, reason = "puts the parts together, one after the other")]
pub async fn start(
    config: NetConfig,
    frames: Arc<dyn FrameSink>,
) -> Result<(Net, mpsc::Receiver<NetEvent>), NetError> {
    let bad_key = || {
        let source = "the key is no Ed25519 secret".into();
        NetError::Setup { network: Network::Fabric, source }
    };
    let key = translate::keypair(config.key).ok_or_else(bad_key)?;
    let node = translate::node_of(&key.public().to_peer_id()).ok_or_else(bad_key)?;
    let setup = |source| NetError::Setup { network: Network::Fabric, source };
    let mut fabric_swarm = fabric::swarm(key.clone()).map_err(setup)?;
    let (mut lobby_swarm, mdns_error) = lobby::swarm(key, config.mdns)?;
    if let Some(error) = &mdns_error {
        tracing::warn!(%error, "multicast cannot be used: others are looked for without it");
    }
    listen(&mut lobby_swarm, Network::Lobby, &config.listen, config.lobby_port)?;
    listen(&mut fabric_swarm, Network::Fabric, &config.listen, config.fabric_port)?;

    let (events, driver) = mpsc::channel(EVENT_QUEUE);
    let (table, book) = (Table::default(), Book::new(&config.address_book));
    let mut tasks = JoinSet::new();
    let (neighbours_sender, neighbours) = mpsc::channel(1);
    let search = Search::new(&config, node);
    let wanted = (config.lobby_port, config.fabric_port);
    let instance = Instance { number: instance_number()?, started: Instant::now() };
    let (looked_sender, looked) = mpsc::channel(1);
    if !search.names.is_empty() {
        tasks.spawn(dns::run(search.names.clone(), config.dns_servers.clone(), looked_sender));
    }
    let (sightings, seen) = mpsc::channel(SIGHTINGS);
    let (beacons, twins) = (Beacons::default(), Met::default());
    // Held by the lobby: these tasks end when it does.
    let (alive, over) = watch::channel(());
    let follow = twin::run((node, instance), twins.clone(), (seen, events.clone()));
    tasks.spawn(until_over(over.clone(), follow));
    if config.mdns {
        let beacon = beacon::run((node, instance.number), beacons.clone(), sightings.clone());
        tasks.spawn(until_over(over, beacon));
    }
    let same_machine = config.same_machine.is_some();
    let own = config.same_machine.map(|folder| {
        let (own, addresses) = watch::channel(Vec::new());
        tasks.spawn(same_machine::run(folder, node, addresses, neighbours_sender));
        own
    });
    let (fabric, fabric_commands) = mpsc::channel(COMMAND_QUEUE);
    let (lobby, lobby_commands) = mpsc::channel(COMMAND_QUEUE);
    let fabric_task = Fabric::new(fabric::Parts {
        swarm: fabric_swarm,
        node,
        table: table.clone(),
        book: book.clone(),
        events: events.clone(),
        sink: frames,
        same_machine,
    });
    let lobby_task = Lobby::new(lobby::Parts {
        swarm: lobby_swarm,
        node,
        table: table.clone(),
        book: book.clone(),
        events,
        own,
        neighbours,
        search,
        looked,
        instance,
        alive,
        sightings,
        beacons: beacons.clone(),
        mdns_error: mdns_error.map(|error| error.to_string()),
    });
    tasks.spawn(fabric_task.run(fabric_commands));
    tasks.spawn(lobby_task.run(lobby_commands));
    let witness = Witness { beacons: config.mdns.then_some(beacons), twins, wanted };
    Ok((Net::new(node, (table, book), (lobby, fabric), witness, tasks), driver))
}

/// Does `work` until it ends or the lobby does.
async fn until_over(mut over: watch::Receiver<()>, work: impl Future<Output = ()>) {
    tokio::select! {
        // Nothing is ever sent: an end of waiting is an error.
        _ = over.changed() => {}
        () = work => {}
    }
}

/// A number that no other process has.
fn instance_number() -> Result<u64, NetError> {
    let bytes = entropy::bytes()
        .map_err(|error| NetError::Setup { network: Network::Lobby, source: Box::new(error) })?;
    Ok(u64::from_be_bytes(bytes))
}
