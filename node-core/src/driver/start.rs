//! From options to a running node.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    thread,
};

use bytes::Bytes;
use covey_logic::{
    Command, Incarnation, Input, Node, NodeId, Restore,
    node::{Machine, Profile},
    pairing::PairingSettings,
    settings::Values,
};
use ed25519_dalek::SigningKey;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use super::{
    NodeComms, Parts, Request, Tenancy, adapters,
    event_loop::Driver,
    friendly,
    identity::{self, IdentityError},
    inlets::Inlets,
    lock::{Lock, LockFailure},
    pictures::Pictures,
    supervise::{Remains, supervise},
};
use crate::{
    NodeHandle, Options,
    archive::Archives,
    balancer, chronicle,
    clock::{self, Clock},
    comms::Comms,
    consensus::Agreement,
    control::AgentDesk,
    doctor::Asked,
    entropy::{self, EntropyError},
    guard::{self, Guard, Rules},
    handle::{Convener, Messages, Primitives, Workload},
    host::{Desk, GuardProgram, Host, HostConfig, SampleError, Sampler},
    market::{self, Market, Vault},
    monitor::{self, Monitor},
    net::{self, Flow, FrameSink, Net, NetConfig, NetError},
    options, sessions,
    settings::{File, Follower, NodeSettings, Reach},
    stewardship::Stewardship,
    store::{Loaded, Store, StoreError},
};

/// Why a node did not start. Nothing runs and nothing listens; the data folder is as it was, or
/// holds a first identity and an empty store more.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Stop the other instance, or use another profile.
    #[error("the data folder {} is used by another instance{}", path.display(), with_pid(*pid))]
    Locked {
        /// Which folder.
        path: PathBuf,
        /// The process of the other instance, if it says.
        pid: Option<u32>,
    },
    /// Mend the folder's permissions, or choose another.
    #[error("the folder {} cannot be used", path.display())]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// See its cause.
    #[error("there is no identity to start with")]
    Identity(#[from] IdentityError),
    /// See its cause.
    #[error("the store cannot be used")]
    Store(#[from] StoreError),
    /// See its cause.
    #[error("the networks did not start")]
    Net(#[from] NetError),
    /// This system is not supported.
    #[error(transparent)]
    Sample(#[from] SampleError),
    /// The system does not say where this program lies.
    #[error("this program cannot find its own file")]
    Guard(#[source] io::Error),
    /// See its cause.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The machine has no room for another thread.
    #[error("no thread could be started for the node")]
    Thread(#[source] io::Error),
}

fn with_pid(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (process {pid})"))
}

/// The database, in the data folder.
pub(super) const DATABASE: &str = "covey.db";
/// The identity.
pub(super) const IDENTITY: &str = "identity";
/// Inputs that may wait for the loop, from each side: a burst of a second.
const QUEUE: usize = 1_024;

/// Starts a node on the runtime it is called in.
///
/// # Errors
///
/// See [`StartError`].
pub async fn start(options: Options) -> Result<NodeHandle, StartError> {
    let lock = open_folder(&options)?;
    let key = identity::load_or_create(&options.path(IDENTITY))?;
    let id = NodeId(key.verifying_key().to_bytes());
    let (store_events, from_store) = mpsc::channel(QUEUE);
    let (store, loaded) = Store::open(&options.path(DATABASE), id, store_events).await?;
    let program = guard_of(&options)?;
    let pipe = Arc::new(Pipe::default());
    let config = net_config(&options, key.to_bytes(), &loaded);
    let (net, from_net) = net::start(config, Arc::clone(&pipe) as Arc<dyn FrameSink>).await?;
    let incarnation = store.next_incarnation().await?;

    let agreement = agreement_of(&options, id, &net)?;
    let settings = settings_of(&options, id)?;
    let calls = guard_calls(id, &settings, &agreement);
    let (requests, from_handles) = mpsc::channel(QUEUE);
    let market = market_of(&options, (id, &agreement, &requests))?;
    let desk = desk_of((id, &settings), &agreement, (&calls, &requests), &market);
    let (host, from_host) = Host::start(host_config(&options, id, program, &desk));
    let (seek, seeks) = mpsc::channel(QUEUE);
    let comms = Comms::new(id, (host.clone(), net.clone()), (seek, calls));
    // Nothing else sets the pipe.
    drop(pipe.0.set((comms.clone(), agreement.clone())));
    let messages = Messages::new(id, comms.clone(), requests.downgrade());
    let workload = Workload::new(id, agreement.clone(), (messages.clone(), settings.clone()));
    desk.open(Convener::new(agreement.clone(), messages.clone()), workload);
    let archives = Archives::new(options.path("archive"));
    let monitor = Monitor::new(id, options.path("measures"));
    comms.set_questions(Arc::new(monitor.clone()));
    let (tenancy, vault) = (Tenancy::default(), market.vault().clone());
    let parts = Parts { net, store, host, comms, agreement, archives, tenancy, vault, monitor };
    let (found, from_tasks) = mpsc::channel(QUEUE);
    let follower = follow((id, &settings), &parts, (&found, &requests));
    take_up((id, &settings), &parts, (&found, &messages, market));
    let inlets = Inlets {
        net: from_net,
        store: from_store,
        host: from_host,
        requests: Some(from_handles),
        seeks,
        found: from_tasks,
    };
    let asked = Asked { join_key: options.join_key.is_some(), unusable: options.unusable.clone() };
    let wishes = wishes(&options, loaded.profile.as_ref());
    let (sampler, machine) = Sampler::new()?;
    let measuring = measure(&options, &parts, (sampler, settings.changes()));
    let events = loaded.events.clone();
    let found_here = (key, incarnation, machine);
    let (clock, node) = node_of(&options, loaded, found_here, &settings.values())?;
    let pictures = Pictures::new(&node, &events);
    let (stopped, has_stopped) = watch::channel(None);
    let (lobby, lobby_addresses) = watch::channel(Vec::new());
    let handle = NodeHandle {
        id,
        requests,
        parts: parts.clone(),
        views: pictures.views().clone(),
        names: pictures.names(),
        lobby: lobby_addresses,
        settings,
        messages,
        asked: Arc::new(asked),
        stopped: has_stopped,
    };
    let driver = Driver::new(node, clock, parts.clone(), (pictures, lobby), found);
    let tasks = [follower, measuring];
    let remains = Remains { parts, tasks, lock, stopped };
    drop(tokio::spawn(supervise(driver, (inlets, wishes), remains)));
    tracing::info!(node = ?id, ?incarnation, "node started");
    Ok(handle)
}

/// What is not on disk in the store.
struct Restored {
    key: SigningKey,
    seed: [u8; 32],
    incarnation: Incarnation,
    machine: Machine,
    ask_by_itself: bool,
}

/// What is set on this node, as it was when it last stopped.
fn settings_of(options: &Options, id: NodeId) -> Result<NodeSettings, StartError> {
    let path = options.path("settings");
    let opened = File::open(path.clone());
    let opened = opened.map_err(|source| StartError::Folder { path, source })?;
    Ok(NodeSettings::new(id, options.stated(), opened))
}

/// The group of whichever cluster this node is in, with a file of its own for each.
fn agreement_of(options: &Options, id: NodeId, net: &Net) -> Result<Agreement, StartError> {
    let folder = options.path("group");
    options::create_private(&folder)
        .map_err(|source| StartError::Folder { path: folder.clone(), source })?;
    Ok(Agreement::start(folder, id, Arc::new(net.clone())))
}

fn market_of(
    options: &Options,
    (id, agreement, requests): (NodeId, &Agreement, &mpsc::Sender<Request>),
) -> Result<Market, StartError> {
    let primitives = Primitives::new(id, agreement.clone(), requests.downgrade());
    Ok(Market::new(primitives, vault_of(options)?))
}

fn host_config(
    options: &Options,
    node: NodeId,
    guard: GuardProgram,
    desk: &Arc<AgentDesk>,
) -> HostConfig {
    let desk: Arc<dyn Desk> = Arc::clone(desk) as _;
    HostConfig { work_dir: options.path("agents"), guard, node, desk, wall: clock::wall }
}

/// Where agents ask.
fn desk_of(
    (id, settings): (NodeId, &NodeSettings),
    agreement: &Agreement,
    (calls, requests): (&Guard, &mpsc::Sender<Request>),
    market: &Market,
) -> Arc<AgentDesk> {
    let primitives = Primitives::new(id, agreement.clone(), requests.downgrade());
    Arc::new(AgentDesk::new(primitives, market.clone(), settings.clone(), calls.clone()))
}

/// What calls from here and commands pass.
fn guard_calls(id: NodeId, settings: &NodeSettings, agreement: &Agreement) -> Guard {
    Guard::new(id, Rules::from(&*settings.values()), Arc::new(agreement.clone()))
}

/// Where sealed bids of this node's user lie until they are opened.
fn vault_of(options: &Options) -> Result<Vault, StartError> {
    let path = options.path("market");
    Vault::open(path.clone()).map_err(|source| StartError::Folder { path, source })
}

fn guard_of(options: &Options) -> Result<GuardProgram, StartError> {
    let stated = options.guard.clone().map(GuardProgram::at);
    stated.map_or_else(|| GuardProgram::this_executable().map_err(StartError::Guard), Ok)
}

/// The machine with the share of the agents that is set for it.
fn with_share(machine: Machine, values: &Values) -> Machine {
    let weight = u8::try_from(values.weight).unwrap_or(u8::MAX);
    Machine { weight, max_agents: values.max_agents, ask: values.market_ask, ..machine }
}

/// Has this node measured until the task is aborted.
fn measure(
    options: &Options,
    parts: &Parts,
    (sampler, values): (Sampler, watch::Receiver<Arc<Values>>),
) -> JoinHandle<()> {
    let folder = options.data_dir.clone();
    let of = (parts.host.clone(), parts.comms.clone(), folder);
    tokio::spawn(monitor::run(parts.monitor.clone(), sampler, of, values))
}

/// Has the parts of the node follow the settings.
fn follow(
    (me, settings): (NodeId, &NodeSettings),
    parts: &Parts,
    (inputs, requests): (&mpsc::Sender<Input>, &mpsc::Sender<Request>),
) -> JoinHandle<()> {
    let reach = Reach {
        me,
        agreement: parts.agreement.clone(),
        host: parts.host.clone(),
        guard: parts.comms.guard().clone(),
        inputs: inputs.clone(),
        requests: requests.downgrade(),
    };
    drop(tokio::spawn(chronicle::follow(parts.agreement.clone(), inputs.clone())));
    drop(tokio::spawn(guard::tell(parts.comms.guard().clone(), me, requests.downgrade())));
    tokio::spawn(Follower::new(settings.clone(), reach).run())
}

/// Has the node do what falls to it of the work that one member does for all.
fn take_up(
    (me, settings): (NodeId, &NodeSettings),
    parts: &Parts,
    (inputs, messages, market): (&mpsc::Sender<Input>, &Messages, Market),
) {
    let stewardship = || Stewardship::new(me, parts.agreement.clone(), inputs.clone());
    let landlord = market::let_places(stewardship(), messages.asking().clone(), inputs.clone());
    drop(tokio::spawn(landlord));
    drop(tokio::spawn(market::run(stewardship(), market, parts.host.clone())));
    drop(tokio::spawn(sessions::follow(stewardship(), parts.comms.clone())));
    let tasks = balancer::Reach {
        stewardship: stewardship(),
        agreement: parts.agreement.clone(),
        messages: messages.clone(),
        settings: settings.clone(),
    };
    drop(tokio::spawn(balancer::follow(tasks)));
}

/// The node as it was when it last stopped, and its clock.
fn node_of(
    options: &Options,
    loaded: Loaded,
    (key, incarnation, machine): (SigningKey, Incarnation, Machine),
    values: &Values,
) -> Result<(Clock, Node), StartError> {
    let (seed, machine) = (entropy::bytes()?, with_share(machine, values));
    let rest = Restored { key, seed, incarnation, machine, ask_by_itself: values.ask_by_itself };
    let restore = restore(options, loaded, rest);
    let clock = Clock::start();
    let node = Node::new(clock.now(), restore);
    Ok((clock, node))
}

fn restore(options: &Options, loaded: Loaded, rest: Restored) -> Restore {
    let id = NodeId(rest.key.verifying_key().to_bytes());
    Restore {
        key: rest.key,
        seed: rest.seed,
        incarnation: rest.incarnation,
        machine: rest.machine,
        default_name: options.name.clone().unwrap_or_else(|| friendly::name_of(id)),
        profile: loaded.profile,
        shared: loaded.shared,
        snapshots: loaded.snapshots,
        writes_since: loaded.writes_since,
        locals: loaded.locals,
        event_extents: loaded.event_extents,
        events_from: loaded.events_from,
        events: loaded.events,
        retention: options.retention(),
        pairing: PairingSettings {
            join_key: options.join_key.as_ref().map(|key| key.0.clone()),
            ask_by_itself: rest.ask_by_itself,
        },
    }
}

/// Starts a node on a runtime of its own, in a thread of its own, which ends when the node has
/// stopped; for callers that have no runtime.
///
/// # Errors
///
/// See [`StartError`].
pub fn start_in_thread(options: Options) -> Result<NodeHandle, StartError> {
    let (sender, started) = std::sync::mpsc::sync_channel(1);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .thread_name("covey")
        .enable_all()
        .build()
        .map_err(StartError::Thread)?;
    let run = move || {
        runtime.block_on(async {
            let result = start(options).await;
            let node = result.as_ref().ok().map(|handle| handle.stopped.clone());
            // The caller waits for exactly this.
            drop(sender.send(result));
            if let Some(mut stopped) = node {
                drop(stopped.wait_for(Option::is_some).await);
            }
        });
    };
    drop(
        thread::Builder::new()
            .name("covey-node".to_owned())
            .spawn(run)
            .map_err(StartError::Thread)?,
    );
    let gone = |_| StartError::Thread(io::Error::other("the thread ended before the node started"));
    started.recv().map_err(gone)?
}

/// Makes the folders that are missing and locks the data folder.
pub(super) fn open_folder(options: &Options) -> Result<Lock, StartError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| StartError::Folder { path, source }
    };
    let path = &options.data_dir;
    options::create_private(path).map_err(at(path))?;
    let lock = Lock::take(&options.path("lock")).map_err(|failure| match failure {
        LockFailure::Held(pid) => StartError::Locked { path: path.clone(), pid },
        LockFailure::Io(source) => at(path)(source),
    })?;
    if let Some(dir) = &options.same_machine {
        options::create_private(dir).map_err(at(dir))?;
        options::check_private(dir).map_err(at(dir))?;
    }
    Ok(lock)
}

fn net_config(options: &Options, key: [u8; 32], loaded: &Loaded) -> NetConfig {
    NetConfig {
        key,
        lobby_port: options.lobby_port,
        fabric_port: options.fabric_port,
        listen: options.listen.clone(),
        mdns: options.mdns,
        same_machine: options.same_machine.clone(),
        static_addresses: options.peers.clone(),
        dns_names: options.dns.clone(),
        dns_servers: options.dns_servers.clone(),
        address_book: adapters::from_store(&loaded.addresses),
    }
}

/// What the settings say that differs from what the node last was: carried out as the owner's
/// commands, so that it is kept and told like any other change.
fn wishes(options: &Options, last: Option<&Profile>) -> Vec<Command> {
    let name = options.name.clone().filter(|name| last.is_some_and(|last| last.name != *name));
    let labels = options
        .labels
        .clone()
        .filter(|labels| last.map_or(!labels.is_empty(), |last| last.labels != *labels));
    let programs = options
        .programs
        .filter(|programs| *programs != last.map(|last| last.programs).unwrap_or_default());
    [
        name.map(|name| Command::Rename { name }),
        labels.map(|labels| Command::SetLabels { labels }),
        programs.map(|programs| Command::SetPrograms { programs }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Frames of members on their way to what is made after the networks that carry them; nobody is
/// let into the fabric before.
#[derive(Debug, Default)]
struct Pipe(OnceLock<(NodeComms, Agreement)>);

impl FrameSink for Pipe {
    fn deliver(&self, flow: Flow, from: NodeId, frames: Vec<Bytes>) {
        let Some((comms, agreement)) = self.0.get() else { return };
        match flow {
            Flow::Agents => comms.deliver(from, frames),
            Flow::Group => agreement.arrived(from, &frames),
        }
    }
}
