//! The fabric as openraft sees it.

use std::{io, sync::Arc, time::Duration};

use openraft::{
    error::{InstallSnapshotError, NetworkError, RPCError, RaftError, RemoteError, Unreachable},
    network::{Backoff, RPCOption, RaftNetwork, RaftNetworkFactory},
    raft::{
        AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest,
        InstallSnapshotResponse, VoteRequest, VoteResponse,
    },
};
use tokio::time::{Instant, timeout};

use super::{
    calls::{CallError, Calls},
    disk::Disk,
    packet::{Answer, Question},
    types::{LogId, Peer, RaftId, Types},
};

/// How long openraft leaves a member alone that cannot be reached: half a heartbeat.
const BACKOFF: Duration = Duration::from_millis(100);

/// A member that acknowledged entries so short a time ago is told how far the log is agreed on, and
/// not asked whether it heard it. So a leader may hold itself to be heard for so much longer than it
/// is, which is what [`Group::ACK_TIMEOUT`](super::Group) leaves for it.
pub(super) const HEARD: Duration = Duration::from_millis(100);

/// Makes links to members.
#[derive(Clone, Debug)]
pub(super) struct Links {
    pub(super) calls: Arc<Calls>,
    pub(super) disk: Disk,
}

/// The way to one member.
#[derive(Debug)]
pub(super) struct Link {
    calls: Arc<Calls>,
    disk: Disk,
    target: RaftId,
    peer: Peer,
    /// When it was asked to append entries that it then acknowledged, last.
    heard: Option<Instant>,
    /// How far the log is agreed on, as it was told.
    told: Option<LogId>,
}

type RpcError<E> = RPCError<RaftId, Peer, E>;

impl RaftNetworkFactory<Types> for Links {
    type Network = Link;

    async fn new_client(&mut self, target: RaftId, peer: &Peer) -> Link {
        let (calls, disk) = (Arc::clone(&self.calls), self.disk.clone());
        Link { calls, disk, target, peer: *peer, heard: None, told: None }
    }
}

impl Link {
    async fn ask<E: std::error::Error>(
        &self,
        question: Question,
        option: &RPCOption,
    ) -> Result<Answer, RpcError<E>> {
        let to = (self.peer.node(), Some(self.target));
        self.calls.ask(to, question, option.hard_ttl()).await.map_err(|error| match error {
            CallError::NotConnected | CallError::Elsewhere => {
                RPCError::Unreachable(Unreachable::new(&error))
            }
            CallError::TimedOut => RPCError::Network(NetworkError::new(&error)),
        })
    }

    #[expect(clippy::result_large_err, reason = "the error is openraft's")]
    fn remote<T, E: std::error::Error>(&self, result: Result<T, E>) -> Result<T, RpcError<E>> {
        result.map_err(|error| {
            RPCError::RemoteError(RemoteError::new_with_node(self.target, self.peer, error))
        })
    }
}

/// An answer to another question: the member does not keep to what was agreed.
fn odd<E: std::error::Error>() -> RpcError<E> {
    let error = io::Error::other("the answer is to another question");
    RPCError::Network(NetworkError::new(&error))
}

impl RaftNetwork<Types> for Link {
    async fn append_entries(
        &mut self,
        rpc: AppendEntriesRequest<Types>,
        option: RPCOption,
    ) -> Result<AppendEntriesResponse<RaftId>, RpcError<RaftError<RaftId>>> {
        if let Some(commit) = rpc.leader_commit {
            // Others may have it before this disk does; it is agreed on once this one has it, too.
            let lasts = timeout(option.hard_ttl(), self.disk.lasts_upto(commit.index)).await;
            let lasts = lasts.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
            lasts.map_err(|error| RPCError::Network(NetworkError::new(&error)))?;
        }
        let commit = rpc.leader_commit;
        let heard = self.heard.is_some_and(|heard| heard.elapsed() < HEARD);
        if rpc.entries.is_empty() && commit > self.told && heard {
            self.calls.tell(self.peer.node(), self.target, rpc);
            self.told = commit;
            return Ok(AppendEntriesResponse::Success);
        }
        let asked = Instant::now();
        let answer = self.ask(Question::Append(rpc), &option).await?;
        let Answer::Append(result) = answer else { return Err(odd()) };
        if matches!(result, Ok(AppendEntriesResponse::Success)) {
            (self.heard, self.told) = (Some(asked), commit);
        }
        self.remote(result)
    }

    async fn install_snapshot(
        &mut self,
        rpc: InstallSnapshotRequest<Types>,
        option: RPCOption,
    ) -> Result<InstallSnapshotResponse<RaftId>, RpcError<RaftError<RaftId, InstallSnapshotError>>>
    {
        let answer = self.ask(Question::Install(rpc), &option).await?;
        let Answer::Install(result) = answer else { return Err(odd()) };
        self.remote(result)
    }

    async fn vote(
        &mut self,
        rpc: VoteRequest<RaftId>,
        option: RPCOption,
    ) -> Result<VoteResponse<RaftId>, RpcError<RaftError<RaftId>>> {
        let answer = self.ask(Question::Vote(rpc), &option).await?;
        let Answer::Vote(result) = answer else { return Err(odd()) };
        self.remote(result)
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(std::iter::repeat(BACKOFF))
    }
}
