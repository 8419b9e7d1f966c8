//! What the networks can tell of themselves when someone asks why nodes do not find each other.

use std::net::{IpAddr, Ipv4Addr};

use covey_logic::NodeId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Network;

/// One way of finding nodes, or one place it looks at, and how it fares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SourceReport {
    /// Which way.
    pub kind: SourceKind,
    /// What it looks at: an address, a name, a folder; empty for a way that looks everywhere.
    pub target: String,
    /// How it fares.
    pub state: SourceState,
    /// How long ago it last tried, in milliseconds; none before the first time.
    #[ts(type = "number | null")]
    pub tried_ms_ago: Option<u64>,
    /// Nodes that it shows.
    pub found: u32,
    /// What went wrong the last time, in words.
    pub error: Option<String>,
}

/// The ways of finding nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// Multicast on the LAN.
    Mdns,
    /// A folder in which the instances of one machine leave notes.
    SameMachine,
    /// Where members were reached before.
    AddressBook,
    /// An address from the settings.
    Address,
    /// A DNS name from the settings.
    Dns,
    /// What members know of each other's addresses.
    Routing,
    /// A key that admits whoever is found and holds it, too.
    JoinKey,
}

/// How a way of finding nodes fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// The settings leave it out.
    Off,
    /// It has no result yet.
    Searching,
    /// It shows nodes.
    Found,
    /// It works and shows nobody.
    Nobody,
    /// It leads back to this node.
    Itself,
    /// It does not work; the error says why.
    Failing,
}

/// An address of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceAddress {
    /// What the system calls the interface.
    pub interface: String,
    /// The address.
    pub ip: IpAddr,
    /// Whether the interface is up and its cable plugged in, as far as the system knows.
    pub up: bool,
}

/// Multicast on one interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MulticastCheck {
    /// What the system calls the interface.
    pub interface: String,
    /// Its address.
    pub ip: Ipv4Addr,
    /// Whether what this node said at the check was heard by itself.
    pub heard: bool,
    /// Why nothing could be said, if so.
    pub error: Option<String>,
}

/// A port that one of the networks listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortReport {
    /// Which network.
    pub network: Network,
    /// The port that was wanted; 0: any.
    pub wanted: u16,
    /// The port it has; none while it listens nowhere.
    pub has: Option<u16>,
}

/// Whether one of our ports could be reached from another machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reached {
    /// A connection stood.
    Open,
    /// This machine refused it.
    Refused,
    /// Nothing came back.
    Silent,
}

/// What became of a question to a node found in the lobby.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerCheck {
    /// Which node.
    pub node: NodeId,
    /// Where it was asked.
    pub address: Option<IpAddr>,
    /// Whether multicast shows it.
    pub announced: bool,
    /// What it said.
    pub result: Result<PeerAnswer, CheckFailure>,
}

/// What a node in the lobby says of itself and of the way to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerAnswer {
    /// Its version of Covey.
    pub version: String,
    /// How far its clock is ahead of ours, in milliseconds; exact to half a round trip.
    pub clock_ms: i64,
    /// There and back, in milliseconds.
    pub round_trip_ms: u64,
    /// Whether it could reach our lobby and our fabric, if it had the time to try.
    pub reached: Option<(Reached, Reached)>,
}

/// Why a node in the lobby gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckFailure {
    /// No connection to it can be opened.
    #[error("no connection to it can be opened")]
    Unreachable,
    /// It was connected and said nothing in time.
    #[error("it did not answer in time")]
    Silent,
    /// It speaks a version that is not understood here.
    #[error("it speaks a version that is not understood here")]
    Version,
}

/// Another machine that runs with this node's identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twin {
    /// Where it is.
    pub address: String,
    /// How long it has been running, in milliseconds, when it was asked.
    pub up_ms: u64,
    /// Whether it is this node that gives way.
    pub later: bool,
}

/// Everything that the networks can tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Addresses of this machine, loopback left out.
    pub interfaces: Vec<InterfaceAddress>,
    /// Multicast, by interface; none if it is off.
    pub multicast: Option<Vec<MulticastCheck>>,
    /// Why multicast cannot be heard at all, if so.
    pub multicast_error: Option<String>,
    /// The ports.
    pub ports: Vec<PortReport>,
    /// How each way of finding nodes fares.
    pub sources: Vec<SourceReport>,
    /// What nodes in the lobby said.
    pub peers: Vec<PeerCheck>,
    /// Nodes that spoke a version that is not understood here.
    pub other_versions: Vec<NodeId>,
    /// Another machine with this node's identity, if one was met in the last minutes.
    pub twin: Option<Twin>,
}
