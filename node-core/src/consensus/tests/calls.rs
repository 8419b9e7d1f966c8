//! Questions, and answers that come late.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use covey_logic::NodeId;

use super::{CLUSTER, id};
use crate::consensus::{
    Carrier,
    calls::{CallError, Calls},
    packet::{Answer, Packet, Question},
};

/// What a node answers after the asker was started anew is not taken for an answer to what the new
/// process asks.
#[tokio::test(start_paused = true)]
async fn answer_to_an_earlier_process_is_for_nobody() {
    let line = Arc::new(Line::default());
    let carrier = || Arc::clone(&line) as Arc<dyn Carrier>;
    let processes = [(); 2].map(|()| Calls::new(carrier(), CLUSTER).unwrap());
    let timeout = Duration::from_secs(1);
    let early = processes[0].ask((id(1), None), Question::Index, timeout).await;
    assert!(matches!(early, Err(CallError::TimedOut)), "{early:?}");

    let late = async {
        tokio::task::yield_now().await;
        let asked = line.asked.lock().unwrap()[0];
        processes[1].answered(asked, Answer::Index(Ok(7)));
    };
    let (answer, ()) =
        tokio::join!(processes[1].ask((id(1), None), Question::Index, timeout), late);

    assert!(matches!(answer, Err(CallError::TimedOut)), "{answer:?}");
}

/// The numbers of the questions that were sent; nobody answers.
#[derive(Debug, Default)]
struct Line {
    asked: Mutex<Vec<u64>>,
}

impl Carrier for Line {
    fn carry(&self, _: NodeId, message: Bytes) -> bool {
        if let Some(Packet::Ask { id, .. }) = Packet::decode(&message) {
            self.asked.lock().unwrap().push(id);
        }
        true
    }
}
