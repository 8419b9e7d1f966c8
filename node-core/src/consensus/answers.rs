//! What a member answers when another asks it.

use std::sync::Arc;

use covey_logic::{
    NodeId,
    agreed::{Entry, Granted},
};
use openraft::{
    ErrorSubject,
    error::{Fatal, RaftError},
    raft::{AppendEntriesRequest, AppendEntriesResponse},
};

use super::{
    error::ProposeError,
    group::{Group, needs},
    log::failed,
    packet::{Answer, Packet, Question},
    types::{RaftId, Types},
};

type Appended = AppendEntriesResponse<RaftId>;

impl Group {
    /// Takes a message of another member in.
    pub fn arrived(self: &Arc<Self>, from: NodeId, message: &[u8]) {
        match Packet::decode(message) {
            Some(Packet::Answer { id, answer }) => self.calls.answered(id, answer),
            Some(Packet::Ask { id, of, to, question }) => {
                let here = of == self.of() && to.is_none_or(|to| to == self.id);
                if !here {
                    self.calls.answer(from, id, Answer::Elsewhere);
                    return;
                }
                let group = Arc::clone(self);
                drop(tokio::spawn(async move {
                    let answer = group.answer(from, question).await;
                    group.calls.answer(from, id, answer);
                }));
            }
            Some(Packet::Tell { of, to, append }) => {
                if of == self.of() && to == self.id {
                    let raft = self.raft.clone();
                    drop(tokio::spawn(async move {
                        // Who led hears of a later term with its next question.
                        drop(raft.append_entries(append).await);
                    }));
                }
            }
            None => tracing::debug!(peer = ?from, "a message of the group cannot be read"),
        }
    }

    async fn answer(&self, from: NodeId, question: Question) -> Answer {
        match question {
            Question::Append(rpc) => Answer::Append(self.append(rpc).await),
            Question::Vote(rpc) => Answer::Vote(self.raft.vote(rpc).await),
            Question::Install(rpc) => Answer::Install(self.raft.install_snapshot(rpc).await),
            Question::Who => {
                let founded = self.raft.is_initialized().await.unwrap_or(true);
                Answer::Who { id: self.id, founded, last: self.log.last() }
            }
            Question::Propose(entry) => match self.propose_for(from, entry).await {
                Err(ProposeError::NoLeader) => Answer::NotLeader,
                result => Answer::Proposed(result),
            },
            Question::Index => Answer::Index(self.read_index(Self::ACK_TIMEOUT).await),
            Question::Leave => self.let_leave(from).await,
            Question::Stand => match self.raft.trigger().elect().await {
                Ok(()) => Answer::Stands,
                Err(_) => Answer::NotLeader,
            },
        }
    }

    /// Takes entries in; they are on this disk when it is said.
    async fn append(
        &self,
        rpc: AppendEntriesRequest<Types>,
    ) -> Result<Appended, RaftError<RaftId>> {
        let appended = self.raft.append_entries(rpc).await?;
        let lasts = self.disk.lasts().await;
        lasts.map_err(|error| Fatal::from(failed(ErrorSubject::Logs, &error)))?;
        Ok(appended)
    }

    /// A member handed this on, as the wish of its own user.
    async fn propose_for(&self, from: NodeId, entry: Entry) -> Result<Granted, ProposeError> {
        let role = self.around.borrow().members.get(&from).copied();
        let may = role >= Some(needs(&entry.wish)) && entry.wish.is_open_to(from);
        if entry.actor != from || !may {
            return Err(ProposeError::Forbidden);
        }
        let metrics = self.raft.metrics().borrow().clone();
        self.agrees(&metrics)?;
        self.lead(entry, Self::ACK_TIMEOUT * 2).await
    }
}
