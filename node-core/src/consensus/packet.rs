//! What the members of a group say to each other, as bytes: a version, then postcard.

use bytes::Bytes;
use covey_logic::agreed::{Entry, Granted};
use openraft::{
    error::{InstallSnapshotError, RaftError},
    raft::{
        AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest,
        InstallSnapshotResponse, VoteRequest, VoteResponse,
    },
};
use serde::{Deserialize, Serialize};

use super::{
    error::ProposeError,
    types::{Lineage, RaftId, Types},
};

/// The version of what follows it.
const VERSION: u8 = 2;

/// A question or its answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Packet {
    Ask {
        /// Ties the answer to it.
        id: u64,
        /// Of which group it is.
        of: Lineage,
        /// The member that it is for, if it must be that one.
        to: Option<RaftId>,
        question: Question,
    },
    Answer {
        id: u64,
        answer: Answer,
    },
    /// What a leader tells a follower that has acknowledged entries lately: how far the log is agreed
    /// on. It is not answered, so that the next entry need not wait for the answer.
    Tell {
        of: Lineage,
        to: RaftId,
        append: AppendEntriesRequest<Types>,
    },
}

/// What one member asks another.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Question {
    Append(AppendEntriesRequest<Types>),
    Vote(VoteRequest<RaftId>),
    Install(InstallSnapshotRequest<Types>),
    /// Which number it has, and whether its group was founded.
    Who,
    /// To the leader: carry this out.
    Propose(Entry),
    /// To the leader: an index that is no older than this question.
    Index,
    /// To the leader: the asker leaves; have a spare vote instead.
    Leave,
    /// From one that led: stand for election.
    Stand,
}

/// What it says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    Append(Result<AppendEntriesResponse<RaftId>, RaftError<RaftId>>),
    Vote(Result<VoteResponse<RaftId>, RaftError<RaftId>>),
    Install(Result<InstallSnapshotResponse<RaftId>, RaftError<RaftId, InstallSnapshotError>>),
    Who {
        id: RaftId,
        founded: bool,
        /// The term and the index of its last entry.
        last: (u64, u64),
    },
    Proposed(Result<Granted, ProposeError>),
    Index(Result<u64, ProposeError>),
    /// It is in no such group, or has another number in it.
    Elsewhere,
    /// It does not lead.
    NotLeader,
    /// A spare votes instead, if there is one.
    Left,
    /// It stands.
    Stands,
}

impl Packet {
    pub(super) fn encode(&self) -> Option<Bytes> {
        postcard::to_extend(self, vec![VERSION]).ok().map(Bytes::from)
    }

    /// Nothing if the bytes are of another version or no packet.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        (*version == VERSION).then(|| postcard::from_bytes(rest).ok()).flatten()
    }
}
