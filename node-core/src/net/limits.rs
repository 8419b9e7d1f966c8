//! Every capacity, interval and timeout of the networks, with its reason.

use std::time::Duration;

/// The longest frame, and the longest message of anti-entropy, in bytes: four times the largest
/// specification with its files (1 MiB), so that nothing a member may hold cannot be sent.
pub const MAX_FRAME: usize = 4 * 1024 * 1024;

/// The longest message of the failure detector: they are below 100 bytes.
pub(super) const MAX_DETECT: usize = 4 * 1024;

/// The longest lobby message: a certificate chain of eight links takes about 1.5 KiB.
pub(super) const MAX_LOBBY_MESSAGE: usize = 16 * 1024;

/// The longest gossip message, as gossipsub has it by default.
pub(super) const MAX_PUBLICATION: usize = 64 * 1024;

/// Bytes that a writer gathers before it writes: one Noise message.
pub(super) const BATCH_BYTES: usize = 64 * 1024;

/// Messages that wait for one member's detector stream: five seconds of its talk.
pub(super) const DETECT_QUEUE: usize = 64;
/// Messages that wait for one member's repair stream.
pub(super) const REPAIR_QUEUE: usize = 256;
/// Messages that wait for one member's stream of moves: a copy takes two, and a thousand agents may
/// each send one at once.
pub(super) const MOVE_QUEUE: usize = 4 * 1024;
/// Messages of the group that wait for one member: the wishes of as many callers at once, each with
/// an answer.
pub(super) const GROUP_QUEUE: usize = 8 * 1024;
/// Frames that wait for one member: a fifteenth of a second at full speed.
pub(super) const FRAME_QUEUE: usize = 16 * 1024;
/// Bytes that wait for one member on one stream: four of the longest frames.
pub(super) const QUEUE_BYTES: usize = 4 * MAX_FRAME;

/// Events that wait for the driver.
pub(super) const EVENT_QUEUE: usize = 4096;
/// Commands that wait for a network.
pub(super) const COMMAND_QUEUE: usize = 1024;

/// How long a dial may take, handshake and all: a LAN answers in milliseconds, and the failure
/// detector waits for the word.
pub(super) const DIAL_TIMEOUT: Duration = Duration::from_secs(2);
/// Addresses tried in one dial, all at once, so that a dial takes [`DIAL_TIMEOUT`] at most.
pub(super) const MAX_DIAL_ADDRESSES: usize = 8;
/// How long opening a stream to a member may take.
pub(super) const STREAM_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a spare connection is kept after a newer one stands: longer than a batch in flight.
pub(super) const SPARE_GRACE: Duration = Duration::from_secs(2);
/// How often a network looks after what is due: half of the shortest back-off.
pub(super) const TICK_INTERVAL: Duration = Duration::from_millis(500);
/// How long the reader of a new stream waits for the old stream's end, so that frames keep their
/// order when a member moves to another connection.
pub(super) const READER_HANDOVER: Duration = Duration::from_millis(200);

/// QUIC notices a cut cable after this long.
pub(super) const QUIC_IDLE_MS: u32 = 2_000;
/// Four chances to be heard within [`QUIC_IDLE_MS`].
pub(super) const QUIC_KEEP_ALIVE: Duration = Duration::from_millis(500);

/// Lobby connections that strangers may hold.
pub(super) const LOBBY_CONNECTIONS: u32 = 128;
/// Connections in their handshake that a network holds for strangers.
pub(super) const PENDING_CONNECTIONS: u32 = 256;
/// The same, from one address: a machine that opens connections and says nothing keeps no other
/// machine out.
pub(super) const PENDING_PER_ADDRESS: usize = 32;
/// Lobby connections from one address; fifty instances on one machine find each other slowly.
pub(super) const LOBBY_PER_ADDRESS: usize = 32;
/// Lobby connections of one peer.
pub(super) const LOBBY_PER_PEER: u32 = 4;
/// Fabric connections of one member: one, a fresh one beside it, a crossing dial, and some that a
/// dead network has not given back yet.
pub(super) const FABRIC_PER_PEER: u32 = 8;
/// Streams on one lobby connection, of both sides: with yamux's window of 256 KiB, 2 MiB at most.
pub(super) const LOBBY_STREAMS: usize = 8;
/// Lobby requests in flight on one connection.
pub(super) const LOBBY_REQUESTS: usize = 4;
/// The lobby takes no connection while the process holds more memory than this.
pub(super) const LOBBY_MEMORY: usize = 1024 * 1024 * 1024;
/// How long a lobby connection without a request is kept: a pairing polls each second.
pub(super) const LOBBY_IDLE: Duration = Duration::from_secs(10);
/// How long a lobby request may take.
pub(super) const LOBBY_TIMEOUT: Duration = Duration::from_secs(5);
/// Lobby requests that wait for the driver's answer.
pub(super) const LOBBY_UNANSWERED: usize = 64;
/// Lobby requests of this node in flight.
pub(super) const LOBBY_OUTSTANDING: usize = 256;

/// Lobby requests from one address: at once, and each second after.
pub(super) const REQUESTS_PER_ADDRESS: (u32, u32) = (40, 20);
/// Lobby requests from everyone: at once, and each second after.
pub(super) const REQUESTS_IN_TOTAL: (u32, u32) = (400, 200);
/// Addresses whose request rate is remembered.
pub(super) const RATED_ADDRESSES: usize = 1024;

/// How often mDNS asks, and how long an answer holds.
pub(super) const MDNS_QUERY_INTERVAL: Duration = Duration::from_secs(30);
/// Three lost queries.
pub(super) const MDNS_TTL: Duration = Duration::from_secs(90);
/// How often a node that is still there is told as found.
pub(super) const FOUND_INTERVAL: Duration = Duration::from_secs(10);
/// The first pause after a failed knock; it doubles.
pub(super) const KNOCK_BACKOFF_MIN: Duration = Duration::from_secs(1);
/// The longest pause between knocks.
pub(super) const KNOCK_BACKOFF_MAX: Duration = Duration::from_secs(30);
/// Nodes whose addresses are remembered.
pub(super) const KNOWN_NODES: usize = 1024;
/// Addresses remembered of one node, for each network.
pub(super) const KNOWN_ADDRESSES: usize = 8;
/// How often the folder of this machine's instances is read.
pub(super) const SAME_MACHINE_INTERVAL: Duration = Duration::from_secs(1);
/// Instances of this machine that are looked at.
pub(super) const SAME_MACHINE_INSTANCES: usize = 64;
/// Knocks at a time.
pub(super) const MAX_KNOCKS: usize = 32;

const _: () = assert!(MAX_DETECT < MAX_PUBLICATION && MAX_PUBLICATION <= MAX_FRAME);
const _: () = assert!(QUIC_KEEP_ALIVE.as_millis() * 3 < QUIC_IDLE_MS as u128);
const _: () = assert!(TICK_INTERVAL.as_millis() * 2 <= KNOCK_BACKOFF_MIN.as_millis());
const _: () = assert!(LOBBY_REQUESTS * 2 <= LOBBY_STREAMS);
