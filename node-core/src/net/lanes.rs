//! Long-lived streams between members: one for each lane and direction.
//!
//! Whoever opens a stream writes on it; the other side reads. Each side opens one stream a lane on
//! each connection at once, so that moving to another connection costs no round trip. A message is
//! its length in four bytes, big-endian, and its bytes.
//!
//! # Invariants
//!
//! - **L1 Newest first.** What is sent goes over the newest connection, because an older one may be
//!   dead without a word, as TCP is for minutes after a cable is cut.
//! - **L2 Never twice.** A message is written whole on one stream at most; a stream that is left in
//!   the middle of one ends there, and the message starts afresh on the next.
//! - **L3 Bounded.** Each queue has a bound in messages and in bytes, each message a bound in bytes.
//!
//! `libp2p-stream` is not used, because it opens a stream on any connection to the peer, and L1
//! needs to say on which.

mod behaviour;
mod handler;
mod reader;
mod table;
mod writer;

pub(super) use behaviour::{Behaviour, Event};
pub(super) use reader::{ReadError, Reader, read_frames, read_messages};
pub(super) use table::{Peer, Table};
pub(super) use writer::{Broken, Writer};

use covey_logic::wire;
use libp2p::StreamProtocol;

use super::limits::{MAX_DETECT, MAX_FRAME};

/// What a stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    /// Messages of the failure detector.
    Detect,
    /// Messages of anti-entropy.
    Repair,
    /// Agents that move, and copies of their states.
    Move,
    /// What the members of the Raft group say to each other.
    Group,
    /// Frames of agent messages.
    Frames,
}

impl Lane {
    /// Every lane.
    pub(super) const ALL: [Self; Self::COUNT] =
        [Self::Detect, Self::Repair, Self::Move, Self::Group, Self::Frames];
    /// How many there are.
    pub(super) const COUNT: usize = 5;

    /// The protocol that opens a stream of this lane.
    pub(super) fn protocol(self) -> StreamProtocol {
        StreamProtocol::new(match self {
            Self::Detect => "/covey/detect/1",
            Self::Repair => "/covey/repair/1",
            Self::Move => "/covey/move/1",
            Self::Group => "/covey/group/1",
            Self::Frames => "/covey/frames/1",
        })
    }

    /// The longest message on it.
    pub(super) fn max_len(self) -> usize {
        match self {
            Self::Detect => MAX_DETECT,
            Self::Repair | Self::Move | Self::Group | Self::Frames => MAX_FRAME,
        }
    }

    /// Its place in [`Self::ALL`] and in arrays by lane.
    pub(super) fn index(self) -> usize {
        match self {
            Self::Detect => 0,
            Self::Repair => 1,
            Self::Move => 2,
            Self::Group => 3,
            Self::Frames => 4,
        }
    }
}

impl From<wire::Lane> for Lane {
    fn from(lane: wire::Lane) -> Self {
        match lane {
            wire::Lane::Detect => Self::Detect,
            wire::Lane::Repair => Self::Repair,
            wire::Lane::Move => Self::Move,
        }
    }
}
