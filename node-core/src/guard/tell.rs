//! The task that has the node keep what became of breakers, as events.

use covey_logic::{Command, NodeId};
use tokio::sync::{mpsc, oneshot};

use super::Guard;
use crate::driver::Request;

/// Goes on until the node ends.
pub(crate) async fn tell(guard: Guard, me: NodeId, requests: mpsc::WeakSender<Request>) {
    loop {
        let facts = guard.untold().await;
        let Some(requests) = requests.upgrade() else { return };
        let (reply, answer) = oneshot::channel();
        let command = Command::NoteGuard { facts };
        if requests.send(Request::Command { actor: me, command, reply }).await.is_err() {
            return;
        }
        drop(requests);
        // Where the disk takes nothing, the node keeps them until it does.
        drop(answer.await);
    }
}
