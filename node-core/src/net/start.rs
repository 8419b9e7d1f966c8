//! From a configuration to a running net.

use std::sync::Arc;

use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::{
    book::Book,
    config::NetConfig,
    error::{NetError, Network},
    event::{FrameSink, NetEvent},
    fabric::{self, Fabric},
    handle::Net,
    lanes::Table,
    limits::{COMMAND_QUEUE, EVENT_QUEUE},
    listen::listen,
    lobby::{self, Lobby, Search},
    same_machine, translate,
};

/// Starts both networks; they listen when this returns. Needs a Tokio runtime with timers and I/O.
///
/// # Errors
///
/// See [`NetError`]; nothing listens then.
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
    let mut lobby_swarm = lobby::swarm(key, config.mdns)?;
    listen(&mut lobby_swarm, Network::Lobby, &config.listen, config.lobby_port)?;
    listen(&mut fabric_swarm, Network::Fabric, &config.listen, config.fabric_port)?;

    let (events, driver) = mpsc::channel(EVENT_QUEUE);
    let (table, book) = (Table::default(), Book::new(&config.address_book));
    let mut tasks = JoinSet::new();
    let (neighbours_sender, neighbours) = mpsc::channel(1);
    let search = Search::new(&config, node);
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
    });
    tasks.spawn(fabric_task.run(fabric_commands));
    tasks.spawn(lobby_task.run(lobby_commands));
    Ok((Net::new(node, (table, book), lobby, fabric, tasks), driver))
}
