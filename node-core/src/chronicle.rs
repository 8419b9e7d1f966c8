//! The task that has the node keep what the cluster agreed to change, as events.
//!
//! It begins with all that the group keeps whenever it begins: the node knows what it has.

use std::{sync::Arc, time::Duration};

use covey_logic::Input;
use tokio::{sync::mpsc, time::sleep};

use crate::consensus::{Agreement, Group};

/// What changes so soon after a change is told with the next one: a commit of the store for each would
/// slow the group down that agrees on them.
const GATHER: Duration = Duration::from_millis(50);
/// Wishes after which nothing more is gathered: the group keeps some changes of each, and no more
/// than a thousand.
const GATHERED: u64 = 250;

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
        let seen = *revision.borrow_and_update();
        let events = group.changes_after(told);
        if let Some(last) = events.last() {
            told = last.seq;
            let events = events.into_iter().map(Arc::new).collect();
            if inputs.send(Input::Agreed(events)).await.is_err() {
                return;
            }
        }
        if revision.wait_for(|now| *now > seen).await.is_err() {
            // The group is closed; the next is told of.
            return std::future::pending().await;
        }
        tokio::select! {
            () = sleep(GATHER) => {}
            _many = revision.wait_for(|now| *now >= seen + GATHERED) => {}
        }
    }
}
