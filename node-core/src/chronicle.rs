//! The task that has the node keep what the cluster agreed to change, as events.
//!
//! It begins with all that the group keeps whenever it begins: the node knows what it has.

use std::sync::Arc;

use covey_logic::Input;
use tokio::sync::mpsc;

use crate::consensus::{Agreement, Group};

/// Goes on until the node or the agreement ends.
pub(crate) async fn follow(agreement: Agreement, inputs: mpsc::Sender<Input>) {
    let mut opened = agreement.opened();
    loop {
        opened.mark_unchanged();
        let group = agreement.group();
        tokio::select! {
            () = tell(group, &inputs) => {}
            () = inputs.closed() => return,
            changed = opened.changed() => if changed.is_err() { return },
        }
    }
}

/// Tells what one group changes, for as long as it is there.
async fn tell(group: Option<Arc<Group>>, inputs: &mpsc::Sender<Input>) {
    let Some(group) = group else { return std::future::pending().await };
    let mut revision = group.revision();
    let mut told = 0;
    loop {
        revision.mark_unchanged();
        let events = group.changes_after(told);
        if let Some(last) = events.last() {
            told = last.seq;
            let events = events.into_iter().map(Arc::new).collect();
            if inputs.send(Input::Agreed(events)).await.is_err() {
                return;
            }
        }
        if revision.changed().await.is_err() {
            // The group is closed; the next is told of.
            return std::future::pending().await;
        }
    }
}
