//! What a leader asks a follower, and what it only tells it.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use covey_logic::NodeId;
use openraft::{
    EntryPayload,
    network::{RPCOption, RaftNetwork as _, RaftNetworkFactory as _},
    raft::{AppendEntriesRequest, AppendEntriesResponse},
};

use super::{CLUSTER, id};
use crate::consensus::{
    Carrier,
    calls::Calls,
    disk::{Disk, Job, Loaded, Medium},
    network::{HEARD, Links},
    packet::{Answer, Packet},
    types::{LogEntry, LogId, Peer, Types, Vote},
};

/// Who acknowledged an entry a moment ago is told that it is agreed on; whether it still hears its leader
/// is asked all the same, a heartbeat later.
#[tokio::test(start_paused = true)]
async fn follower_that_answered_lately_is_told_how_far_the_log_is_agreed_on() {
    let line = Arc::new(Line::default());
    let calls = Calls::new(Arc::clone(&line) as Arc<dyn Carrier>, CLUSTER).unwrap();
    let calls = line.calls.get_or_init(|| Arc::new(calls));
    let (entries, snapshot) = (BTreeMap::new(), None);
    let loaded = Loaded { id: 7, vote: None, purged: Some(log_id(9)), entries, snapshot };
    let (disk, serve) = Disk::serve(Nothing, &loaded);
    drop(tokio::spawn(serve));
    let mut links = Links { calls: Arc::clone(calls), disk };
    let mut link = links.new_client(1, &Peer::from(id(1))).await;
    let option = RPCOption::new(Duration::from_secs(1));

    for (request, wait) in [
        (append(1, true, 0), Duration::ZERO),
        (append(1, false, 1), Duration::ZERO),
        (append(1, false, 1), Duration::ZERO),
        (append(2, true, 1), HEARD),
        (append(2, false, 2), Duration::ZERO),
    ] {
        let answer = link.append_entries(request, option.clone()).await.unwrap();
        assert_eq!(answer, AppendEntriesResponse::Success);
        tokio::time::advance(wait).await;
    }

    assert_eq!(*line.sent.lock().unwrap(), ["ask", "tell", "ask", "ask", "ask"]);
}

/// One entry, or none, behind the log up to it.
fn append(index: u64, entry: bool, commit: u64) -> AppendEntriesRequest<Types> {
    let entry = entry.then(|| LogEntry { log_id: log_id(index), payload: EntryPayload::Blank });
    AppendEntriesRequest {
        vote: Vote::new_committed(1, 7),
        prev_log_id: Some(log_id(index - u64::from(entry.is_some()))),
        entries: entry.into_iter().collect(),
        leader_commit: Some(log_id(commit)),
    }
}

/// What was sent; whoever is asked acknowledges.
#[derive(Debug, Default)]
struct Line {
    calls: OnceLock<Arc<Calls>>,
    sent: Mutex<Vec<&'static str>>,
}

impl Carrier for Line {
    fn carry(&self, _: NodeId, message: Bytes) -> bool {
        let kind = match Packet::decode(&message).unwrap() {
            Packet::Ask { id, .. } => {
                let acknowledged = Answer::Append(Ok(AppendEntriesResponse::Success));
                self.calls.get().unwrap().answered(id, acknowledged);
                "ask"
            }
            Packet::Tell { .. } => "tell",
            Packet::Answer { .. } => "answer",
        };
        self.sent.lock().unwrap().push(kind);
        true
    }
}

struct Nothing;

impl Medium for Nothing {
    async fn commit(&mut self, _: &[Job]) -> io::Result<()> {
        Ok(())
    }
}

fn log_id(index: u64) -> LogId {
    LogId::new(openraft::CommittedLeaderId::new(1, 7), index)
}
